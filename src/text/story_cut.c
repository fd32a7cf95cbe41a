#include "text/story_cut.h"

#include "text/slug.h"

enum { TEXT_MAX = 1 << 20 };

const char *words_place_name(enum words_place p)
{
    static const char *const names[] = {
#define X(k, name) name,
        WORDS_PLACES(X)
#undef X
    };
    return (size_t)p < COUNT(names) ? names[p] : "";
}

/* What is to be cut out of the next text; counts it. Empty ones are none. */
static enum status asked(struct cutter *c, enum words_place place, str text, struct cut **list,
                         size_t *n)
{
    *n = 0;
    if (!text.n)
        return ST_OK;
    enum status st = c->ask(c->arg, place, c->number++, text, list, n);
    for (size_t i = 0, at = 0; !st && i < *n; at = (*list)[i].from + (*list)[i].n, i++)
        if ((*list)[i].from < at || (*list)[i].from > text.n ||
            (*list)[i].n > text.n - (*list)[i].from)
            return ST_BUG;
    c->changed += !st && *n > 0;
    return st;
}

static bool mark_ends(const struct out *o)
{
    return str_ends(out_view(o), STR(REMOVED_MARK));
}

enum status cut_text(struct cutter *c, enum words_place place, str *text)
{
    struct cut *list = NULL;
    size_t n, at = 0;
    enum status st = asked(c, place, *text, &list, &n);
    if (st || !n)
        return st;
    struct out o = out_make(c->a, text->n + 64, TEXT_MAX);
    for (size_t i = 0; i < n; at = list[i].from + list[i].n, i++) {
        out_str(&o, str_head(str_from(*text, at), list[i].from - at));
        if (!mark_ends(&o))
            out_c(&o, REMOVED_MARK);
    }
    out_str(&o, str_from(*text, at));
    st = out_status(&o);
    if (!st)
        *text = out_view(&o);
    return st;
}

/* What is gone or stays, and nothing between. */
static enum status cut_whole(struct cutter *c, enum words_place place, str text, bool *gone)
{
    struct cut *list = NULL;
    size_t n;
    enum status st = asked(c, place, text, &list, &n);
    *gone = !st && n > 0;
    return st;
}

/* "port-muller-held" to "port-held": an address again, or that of a story without one. */
static enum status cut_slug(struct cutter *c, str *slug)
{
    struct cut *list = NULL;
    size_t n, next = 0;
    enum status st = asked(c, PLACE_SLUG, *slug, &list, &n);
    if (st || !n)
        return st;
    struct out o = out_make(c->a, slug->n + 1, slug->n + 1);
    for (size_t i = 0; i < slug->n; i++) {
        if (next < n && i >= list[next].from + list[next].n)
            next++;
        if (next < n && i >= list[next].from)
            continue;
        bool dash = slug->p[i] == '-';
        if (!dash || (o.n && o.p[o.n - 1] != '-'))
            out_byte(&o, slug->p[i]);
    }
    str left = out_view(&o);
    while (left.n && left.p[left.n - 1] == '-')
        left.n--;
    *slug = left.n ? left : STR("story");
    return out_status(&o);
}

/* ---- the text ---- */

static struct node *text_node(struct cutter *c, str text)
{
    struct node *n = arena_new(c->a, struct node, 1);
    if (n) {
        n->kind = NODE_TEXT;
        n->t.text = text;
    }
    return n;
}

static str whole_text(struct cutter *c, const struct node *parent)
{
    struct out o = out_make(c->a, 512, TEXT_MAX);
    for (const struct node *n = parent->first; n; n = n->next) {
        if (n->kind == NODE_TEXT)
            out_str(&o, n->t.text);
        else
            out_byte(&o, '\n');
    }
    return out_view(&o);
}

struct cutting {
    const struct cut *list;
    size_t n, i; /* i: the first that doesn't end before where we are */
    size_t at;   /* in the block's whole text */
    bool marked; /* the last thing kept was a mark */
};

/* One run of text without what is cut; a mark stands where a cut begins. */
static str run_left(struct cutter *c, struct cutting *x, str text)
{
    struct out o = out_make(c->a, text.n + 64, TEXT_MAX);
    for (size_t i = 0; i < text.n; i++) {
        size_t at = x->at + i;
        while (x->i < x->n && at >= x->list[x->i].from + x->list[x->i].n)
            x->i++;
        bool within = x->i < x->n && at >= x->list[x->i].from;
        if (!within) {
            out_byte(&o, text.p[i]);
            x->marked = false;
        } else if (at == x->list[x->i].from && !x->marked) {
            out_c(&o, REMOVED_MARK);
            x->marked = true;
        }
    }
    return out_view(&o);
}

static bool same_run(const struct node *a, const struct node *b)
{
    return a->kind == NODE_TEXT && b->kind == NODE_TEXT && a->t.marks == b->t.marks &&
           str_eq(a->t.href, b->t.href);
}

/* Neighbours with the same marks are one. */
static void join_runs(struct cutter *c, struct node *parent)
{
    for (struct node *n = parent->first; n; n = n->next)
        while (n->next && same_run(n, n->next)) {
            const str both[] = {n->t.text, n->next->t.text};
            n->t.text = arena_join(c->a, both, COUNT(both));
            n->next = n->next->next;
        }
}

/* An insertion has its brackets, or is none. */
static void loosen_insertions(struct node *parent)
{
    for (struct node *n = parent->first; n;) {
        struct node *last = n;
        if (n->kind != NODE_TEXT || !(n->t.marks & MARK_INSERTION)) {
            n = n->next;
            continue;
        }
        while (last->next && last->next->kind == NODE_TEXT &&
               (last->next->t.marks & MARK_INSERTION))
            last = last->next;
        bool whole = str_starts(n->t.text, STR("[")) && str_ends(last->t.text, STR("]"));
        struct node *end = last->next;
        for (; n != end; n = n->next)
            if (!whole)
                n->t.marks &= ~(unsigned)MARK_INSERTION;
    }
}

static enum status cut_inline(struct cutter *c, struct node *parent)
{
    struct cut *list = NULL;
    size_t n;
    str text = whole_text(c, parent);
    enum status st = asked(c, PLACE_TEXT, text, &list, &n);
    if (st || !n)
        return st;
    struct cutting x = {.list = list, .n = n};
    struct node **to = &parent->first;
    for (struct node *k = parent->first; k; k = k->next) {
        size_t size = k->kind == NODE_TEXT ? k->t.text.n : 1;
        str left = k->kind == NODE_TEXT ? run_left(c, &x, k->t.text) : run_left(c, &x, STR("\n"));
        x.at += size;
        if (k->kind == NODE_TEXT)
            k->t.text = left;
        else if (!str_eq(left, STR("\n"))) /* a break within what is cut */
            continue;
        if (!left.n)
            continue;
        *to = k;
        to = &k->next;
    }
    *to = NULL;
    loosen_insertions(parent);
    join_runs(c, parent);
    return c->a->oom ? ST_NOMEM : ST_OK;
}

static enum status cut_links(struct cutter *c, struct node *parent)
{
    enum status st = ST_OK;
    size_t before = c->changed;
    for (struct node *n = parent->first; !st && n; n = n->next) {
        bool gone = false;
        if (n->kind != NODE_TEXT || !(n->t.marks & MARK_LINK) ||
            str_starts(n->t.href, STR("story:")))
            continue;
        st = cut_whole(c, PLACE_LINK, n->t.href, &gone);
        if (gone) {
            n->t.marks &= ~(unsigned)MARK_LINK;
            n->t.href = STR_NONE;
        }
    }
    if (c->changed != before)
        join_runs(c, parent);
    return st;
}

static enum status become_mark(struct cutter *c, struct node *n)
{
    struct node *next = n->next;
    *n = (struct node){.kind = NODE_PARAGRAPH, .first = text_node(c, STR(REMOVED_MARK))};
    n->next = next;
    return n->first ? ST_OK : ST_NOMEM;
}

static enum status cut_node(struct cutter *c, struct node *n)
{
    bool gone = false;
    enum status st = ST_OK;
    switch (node_holds(n->kind)) {
    case 'i':
    case 't':
        st = cut_links(c, n);
        return st ? st : cut_inline(c, n);
    default:
        break;
    }
    if (n->kind == NODE_QUOTE) {
        st = cut_text(c, PLACE_QUOTE, &n->quote.speaker);
        st = st ? st : cut_text(c, PLACE_QUOTE, &n->quote.role);
        st = st ? st : cut_text(c, PLACE_QUOTE, &n->quote.venue);
    } else if (n->kind == NODE_RELATED) {
        st = cut_text(c, PLACE_TEXT, &n->related.text);
    } else if (n->kind == NODE_LINKCARD) {
        st = cut_whole(c, PLACE_LINK, n->linkcard.href, &gone);
        if (gone)
            return st ? st : become_mark(c, n);
    }
    for (struct node *k = n->first; !st && k; k = k->next)
        st = cut_node(c, k);
    return st;
}

/* A block of the text. What it has become may be none that a document can hold (a blank at a mark's
 * edge): then all of it goes, for no check of a text stops a removal. */
static enum status cut_block(struct cutter *c, struct node *n)
{
    size_t before = c->changed;
    struct err why = {0};
    enum status st = cut_node(c, n);
    if (st || c->changed == before)
        return st;
    struct node alone = *n, doc = {.kind = NODE_DOC, .first = &alone};
    alone.next = NULL;
    return document_check(&doc, &why) ? become_mark(c, n) : ST_OK;
}

/* ---- the head ---- */

static enum status cut_person(struct cutter *c, struct person_name *p, enum words_place place)
{
    enum status st = cut_text(c, place, &p->name);
    return st ? st : cut_text(c, place, &p->role);
}

static enum status cut_picture(struct cutter *c, struct picture_use *p)
{
    enum status st = cut_text(c, PLACE_CAPTION, &p->caption);
    st = st ? st : cut_text(c, PLACE_ALT, &p->alt);
    st = st ? st : cut_text(c, PLACE_CREDIT, &p->credit.text);
    st = st ? st : cut_text(c, PLACE_CREDIT, &p->credit.agency);
    st = st ? st : cut_person(c, &p->credit.by, PLACE_CREDIT);
    return st ? st : cut_text(c, PLACE_CREDIT, &p->licence);
}

static enum status cut_names(struct cutter *c, struct story_content *s)
{
    enum status st = ST_OK;
    bool gone;
    size_t kept = 0;
    for (size_t i = 0; !st && i < s->nby; i++) {
        st = cut_whole(c, PLACE_BYLINE, s->by[i].name, &gone);
        st = st ? st : cut_text(c, PLACE_BYLINE, &s->by[i].role);
        if (!gone)
            s->by[kept++] = s->by[i];
    }
    s->nby = st ? s->nby : kept;
    kept = 0;
    for (size_t i = 0; !st && i < s->ntopics; i++) {
        st = cut_whole(c, PLACE_TOPIC, s->topics[i], &gone);
        if (!gone)
            s->topics[kept++] = s->topics[i];
    }
    s->ntopics = st ? s->ntopics : kept;
    return st;
}

enum status story_cut(struct cutter *c, struct story_content *s)
{
    const struct {
        enum words_place place;
        str *text;
    } texts[] = {{PLACE_HEADLINE, &s->headline},     {PLACE_FRONT, &s->front},
                 {PLACE_SOCIAL, &s->social},         {PLACE_PUSH, &s->push},
                 {PLACE_STANDFIRST, &s->standfirst}, {PLACE_DATELINE, &s->dateline},
                 {PLACE_CREDIT, &s->licence}};
    bool gone = false;
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < COUNT(texts); i++)
        st = cut_text(c, texts[i].place, texts[i].text);
    st = st ? st : cut_slug(c, &s->slug);
    st = st ? st : cut_whole(c, PLACE_SOURCE, s->source, &gone);
    if (gone)
        s->source = STR_NONE;
    st = st ? st : cut_names(c, s);
    if (!st && s->picture)
        st = cut_picture(c, s->picture);
    for (size_t i = 0; !st && i < s->npictures; i++)
        st = cut_picture(c, &s->pictures[i]);
    for (struct node *n = s->body ? s->body->first : NULL; !st && n; n = n->next)
        st = cut_block(c, n);
    return st ? st : c->a->oom ? ST_NOMEM : ST_OK;
}
