/* Three versions of a run of words (text/merge_parts.h).
 *
 * Words that both have kept are fixed points; between two of them stands what one changed, or both
 * alike, or a choice. Blanks, line breaks and beginnings of blocks are one kind of token, so that a
 * paragraph which one splits and the other rewords has all its words for fixed points but those. */
#include "base/guard.h"
#include "text/merge_parts.h"

struct weaving {
    struct words *w;
    struct tokens v[VERSIONS];
    int32_t *to[VERSIONS]; /* of base's tokens */
    enum node_kind in;
    struct seg *first, **end;
    struct seg *open;      /* the last choice, */
    bool words_since;      /* and whether words that are no choice came after it */
    size_t from[VERSIONS]; /* where it begins */
};

static enum status add(struct weaving *x, enum merge_by by, bool gone, struct tokens t)
{
    if (!t.n)
        return ST_OK;
    struct seg *seg = arena_new(x->w->a, struct seg, 1);
    if (!seg)
        return ST_NOMEM;
    *seg = (struct seg){.by = by, .gone = gone, .words = t};
    *x->end = seg;
    x->end = &seg->next;
    return ST_OK;
}

/* Base against one version, from its tokens i and k on, n and m of them: what stays, what went,
 * what is new. */
static enum status one_side(struct weaving *x, enum version v, enum merge_by by, const size_t at[],
                            const size_t len[])
{
    struct tokens old = x->v[BASE], now = x->v[v];
    const int32_t *to = x->to[v];
    size_t i = at[BASE], k = at[v], i_end = i + len[BASE], k_end = k + len[v];
    enum status st = ST_OK;
    while (!st && (i < i_end || k < k_end)) {
        size_t n = 0;
        while (i + n < i_end && to[i + n] < 0)
            n++;
        size_t upto = i + n < i_end ? (size_t)to[i + n] : k_end;
        st = add(x, by, true, token_cut(old, i, n));
        st = st ? st : add(x, by, false, token_cut(now, k, upto - k));
        i += n, k = upto, n = 0;
        while (i + n < i_end && to[i + n] == (int32_t)(k + n) &&
               token_same(&old.at[i + n], &now.at[k + n]))
            n++;
        st = st ? st : add(x, BY_NOBODY, false, token_cut(now, k, n));
        i += n, k += n, n = 0;
        while (i + n < i_end && to[i + n] == (int32_t)(k + n) &&
               !token_same(&old.at[i + n], &now.at[k + n]))
            n++;
        st = st ? st : add(x, by, true, token_cut(old, i, n)); /* another mark, or another blank */
        st = st ? st : add(x, by, false, token_cut(now, k, n));
        i += n, k += n;
    }
    return st;
}

/* A choice of what stands in each version from at on. One that follows another with no word of
 * anybody's between is the same choice. */
static enum status choice(struct weaving *x, const size_t at[], const size_t len[])
{
    if (!x->open || x->words_since) {
        struct seg *seg = arena_new(x->w->a, struct seg, 1);
        struct pick *pick = arena_new(x->w->a, struct pick, 1);
        if (!seg || !pick)
            return ST_NOMEM;
        *pick = (struct pick){.kind = PICKS_WORDS, .in = x->in};
        *seg = (struct seg){.by = BY_CHOICE, .pick = pick};
        *x->end = x->open = seg;
        memcpy(x->from, at, sizeof x->from);
    }
    for (int v = BASE; v < VERSIONS; v++)
        x->open->pick->words[v] = token_cut(x->v[v], x->from[v], at[v] + len[v] - x->from[v]);
    x->open->next = NULL; /* what stood between belongs to it now */
    x->end = &x->open->next;
    x->words_since = false;
    return ST_OK;
}

/* What stands in each version between two fixed points. */
static enum status between(struct weaving *x, const size_t at[], const size_t len[])
{
    struct tokens part[VERSIONS];
    for (int v = BASE; v < VERSIONS; v++)
        part[v] = token_cut(x->v[v], at[v], len[v]);
    if (!len[BASE] && !len[MINE] && !len[THEIRS])
        return ST_OK;
    bool one = tokens_same(part[BASE], part[MINE]) || tokens_same(part[BASE], part[THEIRS]);
    if (!(GUARD(merge_base) && one) && !tokens_same(part[MINE], part[THEIRS]))
        return choice(x, at, len);
    x->words_since = true;
    if (tokens_same(part[MINE], part[THEIRS]))
        return one_side(x, MINE, BY_BOTH, at, len);
    return tokens_same(part[BASE], part[MINE]) ? one_side(x, THEIRS, BY_THEM, at, len)
                                               : one_side(x, MINE, BY_ME, at, len);
}

/* A token that all three have; its marks may differ, or what kind of blank it is. Of two other
 * kinds the stronger stands: a new block, then a line break. */
static enum status fixed(struct weaving *x, const size_t at[])
{
    static const size_t one[VERSIONS] = {1, 1, 1};
    const struct token *b = &x->v[BASE].at[at[BASE]], *m = &x->v[MINE].at[at[MINE]];
    const struct token *t = &x->v[THEIRS].at[at[THEIRS]];
    bool kept = token_same(b, m), kept_too = token_same(b, t), alike = token_same(m, t);
    enum merge_by by = alike      ? (kept ? BY_NOBODY : BY_BOTH)
                       : kept     ? BY_THEM
                       : kept_too ? BY_ME
                                  : BY_CHOICE;
    if (by == BY_CHOICE && b->id != PARTS_WORDS)
        return choice(x, at, one);
    if (by == BY_CHOICE)
        by = t->kind > m->kind ? BY_THEM : BY_ME;
    if (b->kind == TOKEN_WORD || m->kind == TOKEN_BLOCK || t->kind == TOKEN_BLOCK)
        x->words_since = true;
    enum version v = by == BY_THEM ? THEIRS : MINE;
    enum status st = by == BY_NOBODY ? ST_OK : add(x, by, true, token_cut(x->v[BASE], at[BASE], 1));
    return st ? st : add(x, by, false, token_cut(x->v[v], at[v], 1));
}

/* Neighbours that are one's and lie side by side become one run. */
static void join_segs(struct seg *first)
{
    for (struct seg *s = first; s; s = s->next)
        while (s->next && s->by != BY_CHOICE && s->next->by == s->by && s->next->gone == s->gone &&
               s->words.at + s->words.n == s->next->words.at) {
            s->words.n += s->next->words.n;
            s->next = s->next->next;
        }
}

static enum status align(struct weaving *x, enum version v)
{
    x->to[v] = arena_new(x->w->a, int32_t, x->v[BASE].n);
    return x->to[v] ? tokens_align(x->w, x->v[BASE], x->v[v], x->to[v]) : ST_NOMEM;
}

enum status words_merge(struct words *w, const struct tokens version[VERSIONS], enum node_kind in,
                        struct seg **ret)
{
    struct weaving x = {.w = w, .in = in};
    memcpy(x.v, version, sizeof x.v);
    x.end = &x.first;
    enum status st = align(&x, MINE);
    st = st ? st : align(&x, THEIRS);
    size_t at[VERSIONS] = {0};
    while (!st) {
        size_t i = at[BASE];
        while (i < x.v[BASE].n && (x.to[MINE][i] < 0 || x.to[THEIRS][i] < 0))
            i++;
        bool more = i < x.v[BASE].n;
        const size_t next[VERSIONS] = {i, more ? (size_t)x.to[MINE][i] : x.v[MINE].n,
                                       more ? (size_t)x.to[THEIRS][i] : x.v[THEIRS].n};
        const size_t len[VERSIONS] = {next[BASE] - at[BASE], next[MINE] - at[MINE],
                                      next[THEIRS] - at[THEIRS]};
        st = between(&x, at, len);
        st = st || !more ? st : fixed(&x, next);
        for (int v = BASE; v < VERSIONS; v++)
            at[v] = next[v] + 1;
        if (!more)
            break;
    }
    if (st)
        return st;
    join_segs(x.first);
    *ret = x.first;
    return ST_OK;
}

enum status words_compare(struct words *w, struct tokens old, struct tokens now, enum merge_by by,
                          struct seg **ret)
{
    struct weaving x = {.w = w, .v = {old, now, {NULL, 0}}};
    x.end = &x.first;
    enum status st = align(&x, MINE);
    const size_t at[VERSIONS] = {0}, len[VERSIONS] = {old.n, now.n, 0};
    st = st ? st : one_side(&x, MINE, by, at, len);
    if (st)
        return st;
    join_segs(x.first);
    *ret = x.first;
    return ST_OK;
}
