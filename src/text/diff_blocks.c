/* Two documents compared block by block (text/merge.h). */
#include "base/clean.h"
#include "text/merge_parts.h"

struct listing {
    struct words *w;
    struct arena *a;
    struct diff_block *at;
    size_t n, cap;
};

static enum status add(struct listing *l, enum diff_kind kind, bool moved, const struct node *block)
{
    if (!arena_grow(l->a, l->at, l->n, &l->cap))
        return ST_NOMEM;
    l->at[l->n++] = (struct diff_block){.kind = kind, .moved = moved, .block = block};
    return ST_OK;
}

static enum status plain(struct listing *l, const struct node *n, str *ret)
{
    struct out o = out_make(l->a, 1024, 4 * DOCUMENT_BYTES);
    document_plain(n, &o);
    if (n->kind == NODE_QUOTE) {
        out_byte(&o, '\n');
        out_str(&o, quote_attribution(n, l->a));
    }
    enum status st = out_status(&o);
    if (!st)
        *ret = str_trim(out_view(&o));
    return st;
}

/* Blocks of one version alone. */
static enum status add_all(struct listing *l, enum diff_kind kind, const struct block *b)
{
    enum status st = ST_OK;
    for (; !st && b; b = b->next) {
        str text = STR_NONE;
        st = add(l, kind, false, b->node);
        st = st ? st : plain(l, b->node, &text);
        if (st || !text.n)
            continue;
        struct diff_block *last = &l->at[l->n - 1];
        last->pieces = arena_new(l->a, struct diff_piece, 1);
        if (!last->pieces)
            return ST_NOMEM;
        last->pieces[0] = (struct diff_piece){kind, text};
        last->npieces = 1;
    }
    return st;
}

struct piecing {
    struct diff_piece *at;
    size_t n, cap;
};

static enum status add_piece(struct listing *l, struct piecing *list, enum diff_kind kind,
                             struct tokens t)
{
    struct diff_piece piece = {.kind = kind};
    if (!t.n)
        return ST_OK;
    if (!arena_grow(l->a, list->at, list->n, &list->cap))
        return ST_NOMEM;
    enum status st = tokens_text(l->a, t, &piece.text);
    list->at[list->n++] = piece;
    return st;
}

static void close_block(struct listing *l, struct piecing *list)
{
    struct diff_block *last = &l->at[l->n - 1];
    last->pieces = list->at;
    last->npieces = list->n;
    if (list->n == 1 && list->at[0].kind == DIFF_NEW) /* put between the halves of another */
        last->kind = DIFF_NEW;
    *list = (struct piecing){0};
}

/* Paragraphs and crossheads: the words of all of a group, cut where a block of b begins. */
static enum status add_words(struct listing *l, const struct group *g)
{
    struct tokens a, b;
    struct seg *seg = NULL;
    struct piecing list = {0};
    size_t before = l->n;
    enum status st = words_of_blocks(l->w, g->first[BASE], &a);
    st = st ? st : words_of_blocks(l->w, g->first[MINE], &b);
    st = st ? st : words_compare(l->w, a, b, BY_ME, &seg);
    for (; !st && seg; seg = seg->next) {
        enum diff_kind kind = seg->gone ? DIFF_GONE : seg->by == BY_NOBODY ? DIFF_SAME : DIFF_NEW;
        struct tokens t = seg->words;
        for (size_t i = 0, from = 0; !st && i <= t.n; i++) {
            bool begins = i < t.n && t.at[i].kind == TOKEN_BLOCK && kind != DIFF_GONE;
            if (i < t.n && !begins)
                continue;
            if (l->n > before) /* not the beginning of a first block that became another kind */
                st = add_piece(l, &list, kind, token_cut(t, from, i - from));
            from = i + 1;
            if (!begins)
                continue;
            if (l->n > before)
                close_block(l, &list);
            st = st ? st : add(l, DIFF_SAME, g->moved != BY_NOBODY, t.at[i].from);
        }
    }
    if (!st && l->n > before)
        close_block(l, &list);
    return st;
}

static enum status add_group(struct listing *l, const struct group *g)
{
    if (!g->first[BASE])
        return add_all(l, DIFF_NEW, g->first[MINE]);
    if (!g->first[MINE])
        return add_all(l, DIFF_GONE, g->first[BASE]);
    const struct node *a = g->first[BASE]->node, *b = g->first[MINE]->node;
    if (node_holds(b->kind) == 'i')
        return add_words(l, g);
    if (node_holds(b->kind) == '-' && !node_same(a, b)) {
        enum status both = add_all(l, DIFF_GONE, g->first[BASE]);
        return both ? both : add_all(l, DIFF_NEW, g->first[MINE]);
    }
    str old = STR_NONE, now = STR_NONE;
    struct token_list x = {0}, y = {0};
    enum status st = add(l, DIFF_SAME, g->moved != BY_NOBODY, b);
    st = st ? st : plain(l, a, &old);
    st = st ? st : plain(l, b, &now);
    st = st ? st : words_split(l->w, old, NULL, &x);
    st = st ? st : words_split(l->w, now, NULL, &y);
    if (st)
        return st;
    struct diff_block *last = &l->at[l->n - 1];
    return tokens_diff(l->w, token_view(&x), token_view(&y), &last->pieces, &last->npieces);
}

enum status diff_documents(const struct node *a, const struct node *b, struct arena *ar,
                           struct diff_block **ret, size_t *n)
{
    CLEANUP(words_close) struct words w = {0};
    struct listing l = {.w = &w, .a = ar};
    struct grouping g;
    enum status st = words_open(ar, &w);
    st = st ? st : blocks_group(&w, a, b, NULL, &g);
    for (const struct group *one = st ? NULL : g.first; !st && one; one = one->after)
        st = add_group(&l, one);
    if (st)
        return st;
    *ret = l.at;
    *n = l.n;
    return ST_OK;
}
