/* Where the blocks of a merge stand (text/merge_parts.h).
 *
 * What nobody moved stays in base's order. What a version moved or put in stands behind what it
 * stands behind there: first all that was moved, mine before theirs, then all that was put in. What
 * both moved stands where mine has it. A block of one version's was moved when it is not in the
 * longest run of blocks that kept their order; of runs as long, the one with more text stayed. */
#include "base/guard.h"
#include "text/merge_parts.h"

struct ordering {
    struct arena *a;
    struct group *all;
    size_t n;
    struct group **seq[VERSIONS]; /* each group once, where its first block stands */
    size_t nseq[VERSIONS];
    struct group head; /* before the first */
};

static enum status sequence(struct ordering *o, enum version v, const struct blocks *side)
{
    o->seq[v] = arena_new(o->a, struct group *, side->n);
    if (!o->seq[v])
        return ST_NOMEM;
    for (size_t i = 0; i < side->n; i++) {
        struct group *g = side->at[i].group;
        if (g->first[v] == &side->at[i])
            o->seq[v][o->nseq[v]++] = g;
    }
    return ST_OK;
}

/* A tree of sums (Fenwick) that holds, for each place, the heaviest run that ends at or before it,
 * as an index of what is last in it. */
struct runs {
    u64 *weight;
    int32_t *before, *tree;
    size_t n;
};

static int32_t heaviest(const struct runs *r, size_t upto)
{
    int32_t best = -1;
    for (size_t i = upto; i > 0; i -= i & -i)
        if (r->tree[i] >= 0 && (best < 0 || r->weight[r->tree[i]] > r->weight[best]))
            best = r->tree[i];
    return best;
}

static void add_run(struct runs *r, size_t place, int32_t item)
{
    for (size_t i = place; i <= r->n; i += i & -i)
        if (r->tree[i] < 0 || r->weight[r->tree[i]] < r->weight[item])
            r->tree[i] = item;
}

static enum status find_moved(struct ordering *o, enum version v)
{
    const u64 one = (u64)1 << 32, most = 1 << 19; /* 5,000 times `most` is below one */
    size_t n = o->nseq[v], places = o->nseq[BASE];
    u32 *place = arena_new(o->a, u32, o->n); /* in base, from 1 */
    struct runs r = {arena_new(o->a, u64, n), arena_new(o->a, int32_t, n),
                     arena_new(o->a, int32_t, places + 1), places};
    if (!place || !r.weight || !r.before || !r.tree)
        return ST_NOMEM;
    for (size_t i = 0; i <= places; i++)
        r.tree[i] = -1;
    for (size_t i = 0; i < places; i++)
        place[o->seq[BASE][i] - o->all] = (u32)i + 1;
    for (size_t i = 0; i < n; i++) {
        struct group *g = o->seq[v][i];
        u32 at = place[g - o->all];
        if (!at)
            continue;
        u64 bytes = g->first[BASE]->weight;
        r.before[i] = heaviest(&r, at - 1);
        r.weight[i] = one + (bytes < most ? bytes : most);
        r.weight[i] += r.before[i] < 0 ? 0 : r.weight[r.before[i]];
        g->moved_in[v] = GUARD(merge_moves);
        add_run(&r, at, (int32_t)i);
    }
    for (int32_t i = heaviest(&r, places); i >= 0; i = r.before[i])
        o->seq[v][i]->moved_in[v] = false;
    return ST_OK;
}

static void put_after(struct group *at, struct group *g, enum merge_by by)
{
    g->after = at->after;
    at->after = g;
    g->placed = by;
    g->listed = true;
}

static enum merge_by who(enum version v)
{
    return v == MINE ? BY_ME : BY_THEM;
}

/* What was put in between two blocks that the other moved together goes with them. */
static bool goes_along(const struct ordering *o, enum version v, size_t i, const struct group *last)
{
    enum merge_by other = v == MINE ? BY_THEM : BY_ME;
    if (last->placed != other && last->placed != who(v))
        return false;
    for (i++; i < o->nseq[v]; i++) {
        const struct group *next = o->seq[v][i];
        if (next->listed)
            return next->placed == other && last->after == next;
    }
    return false;
}

/* Puts what version v moved (or, with fresh, put in) behind what it stands behind there. */
static void place(struct ordering *o, enum version v, bool fresh)
{
    enum version other = v == MINE ? THEIRS : MINE;
    struct group *last = &o->head;  /* what stays, or stands where v has it */
    struct group *right = &o->head; /* the one right before, wherever it is */
    for (size_t i = 0; i < o->nseq[v]; i++) {
        struct group *g = o->seq[v][i];
        bool mine = fresh ? !g->first[BASE] : g->moved_in[v];
        if (!g->listed && mine) {
            struct group *at = last;
            if (fresh && goes_along(o, v, i, right))
                at = right;
            else
                while (v == THEIRS && at->after && at->after->placed == BY_ME)
                    at = at->after;
            put_after(at, g, who(v));
        }
        if (!g->listed)
            continue;
        if (!g->moved_in[other] || (g->placed == who(v)))
            last = g;
        right = g;
    }
}

static void mark_moved(struct group *g)
{
    bool me = g->moved_in[MINE], them = g->moved_in[THEIRS];
    g->moved = me && them ? BY_BOTH : me ? BY_ME : them ? BY_THEM : BY_NOBODY;
}

enum status groups_order(struct arena *a, struct group *all, size_t n, struct grouping *g)
{
    struct ordering o = {.a = a, .all = all, .n = n};
    enum status st = ST_OK;
    for (int v = BASE; !st && v < VERSIONS; v++)
        st = sequence(&o, (enum version)v, &g->side[v]);
    st = st ? st : find_moved(&o, MINE);
    st = st ? st : find_moved(&o, THEIRS);
    if (st)
        return st;
    struct group *last = &o.head;
    for (size_t i = 0; i < o.nseq[BASE]; i++) {
        struct group *one = o.seq[BASE][i];
        mark_moved(one);
        if (one->moved != BY_NOBODY)
            continue;
        put_after(last, one, BY_NOBODY);
        last = one;
    }
    for (int fresh = 0; fresh < 2; fresh++)
        for (int v = MINE; v <= THEIRS; v++)
            place(&o, (enum version)v, fresh != 0);
    g->first = o.head.after;
    return ST_OK;
}
