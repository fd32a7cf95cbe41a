/* Two persons' changes to one content, joined: its text by text/merge.h, its lists item by item,
 * its single values by who changed them (newsroom/draft_parts.h). */
#include "newsroom/draft_parts.h"

/* The three sides of one part of a content. */
struct sides {
    str base, mine, theirs;
};

static bool all_alike(const struct sides *s)
{
    return str_eq(s->base, s->mine) && str_eq(s->base, s->theirs);
}

/* Whose it is where no two have to be joined. */
enum whose { MINE, THEIRS, BOTH };
static enum whose whose(const struct sides *s)
{
    if (str_eq(s->mine, s->base))
        return THEIRS;
    return str_eq(s->theirs, s->base) || str_eq(s->mine, s->theirs) ? MINE : BOTH;
}

struct joining {
    const struct merging *m;
    struct arena *a;
    struct draft_saved *out;
    size_t choices; /* so far */
    size_t open;    /* of them without a pick */
};

/* The picks of this merge: those that are left. */
static void count_choices(struct joining *j, const struct merge *m, const enum merge_pick **picks,
                          size_t *n)
{
    const struct merge_choice *list;
    size_t choices = merge_choices(m, &list);
    size_t left = j->m->npicks > j->choices ? j->m->npicks - j->choices : 0;
    *n = left < choices ? left : choices;
    *picks = *n ? j->m->picks + j->choices : NULL;
    for (size_t i = 0; i < choices; i++)
        j->open += i >= *n || (*picks)[i] == PICK_NONE;
    j->choices += choices;
}

/* ---- texts ---- */

static enum status join_field(struct joining *j, const struct sides *s, struct merge **how,
                              str *ret)
{
    const enum merge_pick *picks;
    size_t n;
    *how = NULL;
    *ret = s->mine;
    if (all_alike(s))
        return ST_OK;
    enum status st = merge_texts(s->base, s->mine, s->theirs, j->a, how);
    if (st)
        return st;
    enum whose who = whose(s);
    if (who != BOTH) {
        *ret = who == THEIRS ? s->theirs : s->mine;
        return ST_OK;
    }
    count_choices(j, *how, &picks, &n);
    return merge_text(*how, picks, n, j->a, ret);
}

static enum status join_fields(struct joining *j)
{
    const struct story_content *b = &j->m->base->content, *m = &j->m->mine->content,
                               *t = &j->m->theirs->content;
    enum status st = ST_OK;
#define X(field)                                                                                   \
    st = st ? st                                                                                   \
            : join_field(j, &(struct sides){b->field, m->field, t->field},                         \
                         &j->out->fields[DRAFT_FIELD_##field], &j->out->content.field);
    DRAFT_FIELDS(X)
#undef X
    return st;
}

static enum status join_body(struct joining *j)
{
    const struct node *b = j->m->base->content.body, *m = j->m->mine->content.body,
                      *t = j->m->theirs->content.body;
    const enum merge_pick *picks;
    struct sides s;
    size_t n;
    const struct story_content bodies[3] = {
        {.body = (struct node *)b}, {.body = (struct node *)m}, {.body = (struct node *)t}};
    j->out->body = NULL;
    enum status st = text_bytes(&bodies[0], j->a, &s.base);
    st = st ? st : text_bytes(&bodies[1], j->a, &s.mine);
    st = st ? st : text_bytes(&bodies[2], j->a, &s.theirs);
    if (st || all_alike(&s))
        return st;
    st = merge_documents(b, m, t, j->a, &j->out->body);
    if (st)
        return st;
    enum whose who = whose(&s);
    if (who != BOTH) {
        j->out->content.body = (struct node *)(who == THEIRS ? t : m);
        return ST_OK;
    }
    count_choices(j, j->out->body, &picks, &n);
    return merge_document(j->out->body, picks, n, j->a, &j->out->content.body);
}

/* ---- lists, item by item ---- */

struct item {
    str id, bytes; /* who it is, and all that is said of it */
    const void *at;
};
struct items {
    struct item *list;
    size_t n;
};

static const struct item *find(const struct items *in, str id)
{
    for (size_t i = 0; i < in->n; i++)
        if (str_eq(in->list[i].id, id))
            return &in->list[i];
    return NULL;
}

static bool same_order(const struct items *a, const struct items *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!str_eq(a->list[i].id, b->list[i].id))
            return false;
    return true;
}

/* What becomes of an item that at least one of us has; NULL: it goes. Who takes out what the other
 * has changed loses nothing of the other's: it stays. */
static const struct item *settle(const struct item *b, const struct item *m, const struct item *t,
                                 bool *both)
{
    if (m && t) {
        bool i_did = !b || !str_eq(m->bytes, b->bytes),
             they_did = !b || !str_eq(t->bytes, b->bytes);
        *both |= i_did && they_did && !str_eq(m->bytes, t->bytes);
        return i_did ? m : t;
    }
    const struct item *left = m ? m : t;
    if (!b)
        return left;
    bool changed = !str_eq(left->bytes, b->bytes);
    *both |= changed;
    return changed ? left : NULL;
}

/* Where an item of `from` goes in a list that has others of them: before the next that it has. */
static size_t place_in(const struct items *r, const struct items *from, size_t i)
{
    for (i++; i < from->n; i++) {
        const struct item *next = find(r, from->list[i].id);
        if (next)
            return (size_t)(next - r->list);
    }
    return r->n;
}

static void insert(struct items *r, size_t at, const struct item *one)
{
    memmove(&r->list[at + 1], &r->list[at], (r->n - at) * sizeof *r->list);
    r->list[at] = *one;
    r->n++;
}

/* In my order, or in theirs where I left it as it was; what only the other has goes between. */
static enum status join_items(struct arena *a, const struct items side[3], struct items *ret,
                              bool *both)
{
    const struct items *b = &side[0], *m = &side[1], *t = &side[2];
    const struct items *order[2] = {same_order(b, m) ? t : m, same_order(b, m) ? m : t};
    struct items r = {.list = arena_new(a, struct item, m->n + t->n + 1)};
    if (!r.list)
        return ST_NOMEM;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < order[pass]->n; i++) {
            str id = order[pass]->list[i].id;
            if (find(&r, id) || (pass && find(order[0], id)))
                continue;
            const struct item *one = settle(find(b, id), find(m, id), find(t, id), both);
            if (one)
                insert(&r, pass ? place_in(&r, order[1], i) : r.n, one);
        }
    *ret = r;
    return ST_OK;
}

static enum status add_item(struct arena *a, struct items *to, str id, const void *at,
                            const struct story_content *only)
{
    struct item *i = &to->list[to->n++];
    *i = (struct item){.id = id, .at = at};
    return text_bytes(only, a, &i->bytes);
}

static enum status by_items(struct arena *a, const struct story_content *c, struct items *ret)
{
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < c->nby; i++)
        st = add_item(a, ret, c->by[i].name, &c->by[i],
                      &(struct story_content){.by = &c->by[i], .nby = 1});
    return st;
}

static enum status topic_items(struct arena *a, const struct story_content *c, struct items *ret)
{
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < c->ntopics; i++)
        st = add_item(a, ret, c->topics[i], &c->topics[i], &(struct story_content){0});
    return st;
}

static enum status picture_items(struct arena *a, const struct story_content *c, struct items *ret)
{
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < c->npictures; i++)
        st = add_item(a, ret, c->pictures[i].key, &c->pictures[i],
                      &(struct story_content){.picture = &c->pictures[i]});
    return st;
}

static void take_by(struct story_content *c, void *list, size_t n)
{
    c->by = list;
    c->nby = n;
}

static void take_topics(struct story_content *c, void *list, size_t n)
{
    c->topics = list;
    c->ntopics = n;
}

static void take_pictures(struct story_content *c, void *list, size_t n)
{
    c->pictures = list;
    c->npictures = n;
}

static const struct {
    enum head_key key;
    size_t size;
    enum status (*items)(struct arena *a, const struct story_content *c, struct items *ret);
    void (*take)(struct story_content *c, void *list, size_t n);
} lists[] = {
    {HEAD_BY, sizeof(struct person_name), by_items, take_by},
    {HEAD_TOPICS, sizeof(str), topic_items, take_topics},
    {HEAD_PICTURES, sizeof(struct picture_use), picture_items, take_pictures},
};

static size_t longest(const struct story_content *c)
{
    size_t n = c->nby > c->ntopics ? c->nby : c->ntopics;
    return n > c->npictures ? n : c->npictures;
}

static enum status join_list(struct joining *j, size_t k)
{
    const struct story_content *side[3] = {&j->m->base->content, &j->m->mine->content,
                                           &j->m->theirs->content};
    struct items items[3] = {{0}}, all;
    bool both = false;
    enum status st = ST_OK;
    for (int i = 0; !st && i < 3; i++) {
        items[i].list = arena_new(j->a, struct item, longest(side[i]) + 1);
        st = items[i].list ? lists[k].items(j->a, side[i], &items[i]) : ST_NOMEM;
    }
    st = st ? st : join_items(j->a, items, &all, &both);
    if (st)
        return st;
    char *list = arena_things(j->a, lists[k].size, all.n + 1);
    if (!list)
        return ST_NOMEM;
    for (size_t i = 0; i < all.n; i++)
        memcpy(list + i * lists[k].size, all.list[i].at, lists[k].size);
    lists[k].take(&j->out->content, list, all.n);
    if (both)
        j->out->mine_stands |= 1ull << lists[k].key;
    return ST_OK;
}

/* ---- single values ---- */

static enum whose single(struct joining *j, enum head_key key, const struct sides *s)
{
    enum whose who = whose(s);
    if (who == BOTH)
        j->out->mine_stands |= 1ull << key;
    return who == THEIRS ? THEIRS : MINE;
}

static str as_bytes(const i64 *ms)
{
    return (str){(const char *)ms, sizeof *ms};
}

static void join_values(struct joining *j)
{
    const struct story_content *b = &j->m->base->content, *m = &j->m->mine->content,
                               *t = &j->m->theirs->content;
    struct story_content *to = &j->out->content;
#define TEXT(KEY, field)                                                                           \
    if (single(j, HEAD_##KEY, &(struct sides){b->field, m->field, t->field}) == THEIRS)            \
        to->field = t->field;
    TEXT(SECTION, section)
    TEXT(BACKGROUND, background)
    TEXT(SOURCE, source)
    TEXT(LICENCE, licence)
    TEXT(TRANSLATION_OF, translation_of)
#undef TEXT
#define TIME(KEY, field)                                                                           \
    if (single(j, HEAD_##KEY,                                                                      \
               &(struct sides){as_bytes(&b->field), as_bytes(&m->field), as_bytes(&t->field)}) ==  \
        THEIRS)                                                                                    \
        to->field = t->field;
    TIME(PUBLISHED, published)
    TIME(EMBARGO, embargo)
#undef TIME
}

static enum status join_lead(struct joining *j)
{
    struct picture_use *lead[3] = {j->m->base->content.picture, j->m->mine->content.picture,
                                   j->m->theirs->content.picture};
    str bytes[3];
    enum status st = ST_OK;
    for (int i = 0; !st && i < 3; i++)
        st = text_bytes(&(struct story_content){.picture = lead[i]}, j->a, &bytes[i]);
    if (!st && single(j, HEAD_PICTURE, &(struct sides){bytes[0], bytes[1], bytes[2]}) == THEIRS)
        j->out->content.picture = lead[2];
    return st;
}

enum status contents_merge(const struct merging *m, struct arena *a, struct draft_saved *ret,
                           size_t *choices, size_t *open)
{
    struct joining j = {.m = m, .a = a, .out = ret};
    ret->content = m->mine->content;
    ret->mine_stands = 0;
    enum status st = join_fields(&j);
    st = st ? st : join_body(&j);
    for (size_t k = 0; !st && k < COUNT(lists); k++)
        st = join_list(&j, k);
    if (st)
        return st;
    join_values(&j);
    st = join_lead(&j);
    if (st)
        return st;
    *choices = j.choices;
    *open = j.open;
    return ST_OK;
}
