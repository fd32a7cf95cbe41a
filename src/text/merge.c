/* Three documents joined, and two compared (text/merge.h): the tree of parts that a merge is. */
#include "text/merge.h"

#include "base/clean.h"
#include "text/merge_parts.h"

struct merging {
    struct words w;
    struct arena *a;
};

static void merging_end(struct merging *x)
{
    words_close(&x->w);
}

struct parts {
    struct part *first, **end;
};

static enum status add(struct merging *x, struct parts *to, struct part part)
{
    struct part *p = arena_new(x->a, struct part, 1);
    if (!p)
        return ST_NOMEM;
    *p = part;
    *to->end = p;
    to->end = &p->next;
    return ST_OK;
}

/* ---- attributes ---- */

static const struct {
    enum node_kind kind;
    size_t offset;
} texts[] = {
    {NODE_QUOTE, offsetof(struct node, quote.speaker)},
    {NODE_QUOTE, offsetof(struct node, quote.role)},
    {NODE_QUOTE, offsetof(struct node, quote.venue)},
    {NODE_QUOTE, offsetof(struct node, quote.date)},
    {NODE_PICTURE, offsetof(struct node, picture.ref)},
    {NODE_PICTURE, offsetof(struct node, picture.caption)},
    {NODE_PICTURE, offsetof(struct node, picture.credit)},
    {NODE_RELATED, offsetof(struct node, related.key)},
    {NODE_RELATED, offsetof(struct node, related.text)},
    {NODE_CELL, offsetof(struct node, cell.align)},
    {NODE_CODE, offsetof(struct node, code.language)},
    {NODE_LINKCARD, offsetof(struct node, linkcard.href)},
};

static str *text_at(const struct node *n, size_t offset)
{
    return (str *)(void *)((char *)(uintptr_t)n + offset);
}

static enum merge_by both(enum merge_by a, enum merge_by b)
{
    return a == BY_NOBODY || a == b ? b : b == BY_NOBODY ? a : BY_BOTH;
}

/* Of a, b and c the one that changed; *by who changed it, BY_CHOICE (and mine) where both did. */
static str changed_text(str base, str mine, str theirs, enum merge_by *by)
{
    bool me = !str_eq(base, mine), them = !str_eq(base, theirs);
    *by = me && them ? (str_eq(mine, theirs) ? BY_BOTH : BY_CHOICE)
          : me       ? BY_ME
          : them     ? BY_THEM
                     : BY_NOBODY;
    return me ? mine : theirs;
}

/* The shell of a part from three of one kind (a list may be of the other kind of list). Both
 * changed alignment, a list's kind or its first number: mine. */
static enum status merge_attrs(struct merging *x, const struct node *const n[VERSIONS],
                               struct part *p)
{
    struct pick **end = &p->attrs;
    const struct node *kind = n[MINE]->kind == n[BASE]->kind ? n[THEIRS] : n[MINE];
    p->shell = *kind;
    p->shell.first = p->shell.next = NULL;
    if (kind->kind == NODE_NUMBERS && n[MINE]->kind == NODE_NUMBERS &&
        n[BASE]->kind == NODE_NUMBERS && n[MINE]->numbers.start != n[BASE]->numbers.start)
        p->shell.numbers.start = n[MINE]->numbers.start;
    for (size_t i = 0; i < COUNT(texts); i++) {
        enum merge_by by;
        if (texts[i].kind != kind->kind)
            continue;
        size_t at = texts[i].offset;
        const str v[VERSIONS] = {*text_at(n[BASE], at), *text_at(n[MINE], at),
                                 *text_at(n[THEIRS], at)};
        str text = changed_text(v[BASE], v[MINE], v[THEIRS], &by);
        memcpy(text_at(&p->shell, at), &text, sizeof text);
        p->by = both(p->by, by == BY_CHOICE ? BY_BOTH : by);
        if (by != BY_CHOICE || kind->kind == NODE_CELL)
            continue;
        struct pick *pick = arena_new(x->a, struct pick, 1);
        if (!pick)
            return ST_NOMEM;
        *pick = (struct pick){.kind = PICKS_ATTR, .in = kind->kind, .offset = at};
        memcpy(pick->attr, v, sizeof v);
        *end = pick;
        end = &pick->next;
    }
    return ST_OK;
}

/* ---- words ---- */

static enum status nodes_of(struct merging *x, const struct block *b, struct nodes *ret)
{
    size_t n = 0;
    for (const struct block *k = b; k; k = k->next)
        n++;
    struct nodes list = {arena_new(x->a, const struct node *, n), 0};
    if (!list.at)
        return ST_NOMEM;
    for (; b; b = b->next)
        list.at[list.n++] = b->node;
    *ret = list;
    return ST_OK;
}

static bool same(const struct block *a, const struct block *b)
{
    while (a && b && a->hash == b->hash && node_same(a->node, b->node))
        a = a->next, b = b->next;
    return !a && !b;
}

static enum status merge_flow(struct merging *x, const struct group *g, enum node_kind in,
                              struct part *p)
{
    struct tokens v[VERSIONS];
    enum status st = ST_OK;
    for (int i = BASE; !st && i < VERSIONS; i++)
        st = words_of_blocks(&x->w, g->first[i], &v[i]);
    return st ? st : words_merge(&x->w, v, in, &p->segs);
}

/* Of a cell, or code. */
static enum status merge_inline(struct merging *x, const struct node *const n[VERSIONS],
                                struct part *p)
{
    struct tokens v[VERSIONS];
    enum status st = merge_attrs(x, n, p);
    for (int i = BASE; !st && i < VERSIONS; i++) {
        struct token_list list = {0};
        st = words_of_inline(&x->w, n[i], &list);
        v[i] = token_view(&list);
    }
    p->kind = PART_FLOW;
    return st ? st : words_merge(&x->w, v, n[MINE]->kind, &p->segs);
}

/* ---- blocks ---- */

static enum status merge_children(struct merging *x, const struct node *const n[VERSIONS],
                                  struct part **ret);

static size_t columns(const struct node *n)
{
    size_t count = 0;
    for (const struct node *k = n->kind == NODE_TABLE ? n->first->first : n->first; k; k = k->next)
        count++;
    return count;
}

static enum status merge_cells(struct merging *x, const struct node *const n[VERSIONS],
                               struct part *p)
{
    struct parts to = {.end = &p->first};
    const struct node *c[VERSIONS] = {n[BASE]->first, n[MINE]->first, n[THEIRS]->first};
    enum status st = ST_OK;
    while (!st && c[BASE] && c[MINE] && c[THEIRS]) {
        struct part cell = {0};
        st = merge_inline(x, c, &cell);
        st = st ? st : add(x, &to, cell);
        for (int v = BASE; v < VERSIONS; v++)
            c[v] = c[v]->next;
    }
    return st;
}

/* Whether three blocks have one shape, so that what is in them can be merged. */
static bool mergeable(const struct node *const n[VERSIONS])
{
    char holds = node_holds(n[BASE]->kind);
    if (holds == '-')
        return false;
    if (holds != 'r' && holds != 'c')
        return true;
    return columns(n[BASE]) == columns(n[MINE]) && columns(n[BASE]) == columns(n[THEIRS]);
}

static enum status merge_box(struct merging *x, const struct node *const n[VERSIONS],
                             struct part *p)
{
    if (node_holds(n[BASE]->kind) == 't')
        return merge_inline(x, n, p);
    p->kind = PART_BOX;
    enum status st = merge_attrs(x, n, p);
    if (st)
        return st;
    return n[BASE]->kind == NODE_ROW ? merge_cells(x, n, p) : merge_children(x, n, &p->first);
}

struct place {
    struct merging *x;
    struct parts *to;
    const struct group *g;
    enum node_kind in;
    struct nodes v[VERSIONS];
};

static enum status add_whole(struct place *at, enum version v, enum merge_by by, bool gone)
{
    struct part p = {.kind = PART_WHOLE, .by = by, .gone = gone, .whole = at->v[v]};
    p.moved = gone ? BY_NOBODY : at->g->moved;
    return add(at->x, at->to, p);
}

static enum status add_pick(struct place *at)
{
    struct pick *pick = arena_new(at->x->a, struct pick, 1);
    if (!pick)
        return ST_NOMEM;
    *pick = (struct pick){.kind = PICKS_BLOCKS, .in = at->in};
    memcpy(pick->blocks, at->v, sizeof at->v);
    struct part p = {.kind = PART_PICK, .by = BY_CHOICE, .pick = pick, .moved = at->g->moved};
    return add(at->x, at->to, p);
}

/* Pictures and cards: attribute by attribute, or both to choose from. */
static enum status add_card(struct place *at, const struct node *const n[VERSIONS])
{
    struct part p = {.kind = PART_WHOLE, .moved = at->g->moved};
    struct node *made = arena_new(at->x->a, struct node, 1);
    const struct node **list = arena_new(at->x->a, const struct node *, 1);
    enum status st = made && list ? merge_attrs(at->x, n, &p) : ST_NOMEM;
    if (st || p.attrs)
        return st ? st : add_pick(at);
    *made = p.shell;
    list[0] = made;
    p.whole = (struct nodes){list, 1};
    st = add_whole(at, BASE, BY_BOTH, true);
    return st ? st : add(at->x, at->to, p);
}

/* A block that all three have. */
static enum status add_changed(struct place *at)
{
    const struct group *g = at->g;
    const struct node *const n[VERSIONS] = {g->first[BASE]->node, g->first[MINE]->node,
                                            g->first[THEIRS]->node};
    bool me = !same(g->first[BASE], g->first[MINE]);
    bool them = !same(g->first[BASE], g->first[THEIRS]);
    bool alike = same(g->first[MINE], g->first[THEIRS]);
    enum merge_by by = alike ? (me ? BY_BOTH : BY_NOBODY) : !them ? BY_ME : BY_THEM;
    enum version v = by == BY_THEM ? THEIRS : MINE;
    bool one = alike || !me || !them;
    if (by == BY_NOBODY)
        return add_whole(at, v, by, false);
    struct part p = {.kind = PART_FLOW, .moved = g->moved};
    enum status st;
    if (node_holds(n[BASE]->kind) == 'i') {
        st = merge_flow(at->x, g, at->in, &p);
    } else if (mergeable(n)) {
        st = merge_box(at->x, n, &p);
    } else if (one) {
        st = add_whole(at, BASE, by, true);
        return st ? st : add_whole(at, v, by, false);
    } else {
        return node_holds(n[BASE]->kind) == '-' ? add_card(at, n) : add_pick(at);
    }
    if (one)
        p.whole = at->v[v];
    return st ? st : add(at->x, at->to, p);
}

static enum status add_group(struct place *at)
{
    const struct group *g = at->g;
    bool me = g->first[MINE], them = g->first[THEIRS];
    enum status st = ST_OK;
    for (int v = BASE; !st && v < VERSIONS; v++)
        st = nodes_of(at->x, g->first[v], &at->v[v]);
    if (st)
        return st;
    if (!g->first[BASE])
        return add_whole(at, me ? MINE : THEIRS,
                         me && them ? BY_BOTH
                         : me       ? BY_ME
                                    : BY_THEM,
                         false);
    if (!me && !them)
        return add_whole(at, BASE, BY_BOTH, true);
    if (me && them)
        return add_changed(at);
    if (same(g->first[BASE], g->first[me ? MINE : THEIRS]))
        return add_whole(at, BASE, me ? BY_THEM : BY_ME, true);
    return add_pick(at);
}

static enum status merge_children(struct merging *x, const struct node *const n[VERSIONS],
                                  struct part **ret)
{
    struct grouping g;
    struct part *first = NULL;
    struct parts to = {.end = &first};
    enum status st = blocks_group(&x->w, n[BASE], n[MINE], n[THEIRS], &g);
    for (const struct group *one = st ? NULL : g.first; !st && one; one = one->after) {
        struct place at = {.x = x, .to = &to, .g = one, .in = n[MINE]->kind};
        st = add_group(&at);
    }
    if (!st)
        *ret = first;
    return st;
}

enum status merge_documents(const struct node *base, const struct node *mine,
                            const struct node *theirs, struct arena *a, struct merge **ret)
{
    CLEANUP(merging_end) struct merging x = {.a = a};
    const struct node *const n[VERSIONS] = {base, mine, theirs};
    struct merge *m = arena_new(a, struct merge, 1);
    enum status st = m ? words_open(a, &x.w) : ST_NOMEM;
    if (st)
        return st;
    m->a = a;
    st = merge_children(&x, n, &m->parts);
    st = st ? st : merge_show(m);
    if (!st)
        *ret = m;
    return st;
}

enum status merge_texts(str base, str mine, str theirs, struct arena *a, struct merge **ret)
{
    CLEANUP(merging_end) struct merging x = {.a = a};
    const str text[VERSIONS] = {base, mine, theirs};
    struct tokens v[VERSIONS];
    struct merge *m = arena_new(a, struct merge, 1);
    struct part *p = arena_new(a, struct part, 1);
    enum status st = m && p ? words_open(a, &x.w) : ST_NOMEM;
    for (int i = BASE; !st && i < VERSIONS; i++) {
        struct token_list list = {0};
        st = words_split(&x.w, text[i], NULL, &list);
        v[i] = token_view(&list);
    }
    if (st)
        return st;
    *p = (struct part){.kind = PART_FLOW, .shell = {.kind = NODE_CODE}};
    *m = (struct merge){.a = a, .plain = true, .parts = p};
    st = words_merge(&x.w, v, NODE_CODE, &p->segs);
    st = st ? st : merge_show(m);
    if (!st)
        *ret = m;
    return st;
}

size_t merge_choices(const struct merge *m, const struct merge_choice **ret)
{
    *ret = m->choices;
    return m->nchoices;
}

size_t merge_pieces(const struct merge *m, const struct merge_piece **ret)
{
    *ret = m->pieces;
    return m->npieces;
}
