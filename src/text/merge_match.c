/* Which block of one document is which of another (text/merge_parts.h).
 *
 * First those that are the same, by a hash and then by looking: where several are, neighbours of
 * matched ones before others, in order. Then those that share enough words, best first, of a few
 * candidates each that share the rarer words. Then what stands alone between matched neighbours.
 * Last, an unmatched neighbour of a matched block whose words come from it: then somebody split
 * it, or joined two. */
#include "base/hash.h"
#include "text/merge_parts.h"

enum {
    COMMON = 32,     /* a word in more blocks than this points at none */
    CANDIDATES = 8,  /* looked at for each block */
    LOPSIDED = 32,   /* sizes that differ more are not compared */
    ALIKE = 50,      /* percent of words shared, for blocks anywhere */
    ALIKE_HERE = 25, /* for what stands between matched neighbours */
    TAKEN = 60,      /* percent of a part's words that came out of what was split */
    BETWEEN = 2,     /* blocks put between the parts of one that was split */
    FEW_WORDS = 3
};

struct matching {
    struct words *w;
    const struct blocks *a, *b;
    int32_t *of_a, *of_b; /* who is whose, -1 none */
    int32_t *into_b;      /* the block of b that a's block was joined into, or -1 */
    int32_t *out_of_a;    /* the block of a that b's block was split from, or -1 */
};

/* ---- the same ---- */

bool node_same_attrs(const struct node *a, const struct node *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case NODE_TEXT:
        return a->t.marks == b->t.marks && str_eq(a->t.text, b->t.text) &&
               str_eq(a->t.href, b->t.href);
    case NODE_CROSSHEAD:
        return a->crosshead.level == b->crosshead.level;
    case NODE_QUOTE:
        return str_eq(a->quote.speaker, b->quote.speaker) && str_eq(a->quote.role, b->quote.role) &&
               str_eq(a->quote.venue, b->quote.venue) && str_eq(a->quote.date, b->quote.date);
    case NODE_PICTURE:
        return str_eq(a->picture.ref, b->picture.ref) &&
               str_eq(a->picture.caption, b->picture.caption) &&
               str_eq(a->picture.credit, b->picture.credit);
    case NODE_RELATED:
        return str_eq(a->related.key, b->related.key) && str_eq(a->related.text, b->related.text);
    case NODE_NUMBERS:
        return a->numbers.start == b->numbers.start;
    case NODE_CELL:
        return str_eq(a->cell.align, b->cell.align);
    case NODE_CODE:
        return str_eq(a->code.language, b->code.language);
    case NODE_LINKCARD:
        return str_eq(a->linkcard.href, b->linkcard.href);
    default:
        return true;
    }
}

bool node_same(const struct node *a, const struct node *b)
{
    if (a == b)
        return true;
    if (!node_same_attrs(a, b))
        return false;
    const struct node *x = a->first, *y = b->first;
    while (x && y && node_same(x, y))
        x = x->next, y = y->next;
    return !x && !y;
}

static u64 mix(u64 h, u64 v)
{
    h = (h ^ v) * 0x9E3779B97F4A7C15u;
    return h ^ h >> 29;
}

static void digest(const struct node *n, struct block *ret)
{
    const str none = STR_NONE;
    str s[4] = {none, none, none, none};
    u64 h = mix(ret->hash, (u64)n->kind);
    switch (n->kind) {
    case NODE_TEXT:
        s[0] = n->t.text, s[1] = n->t.href;
        h = mix(h, n->t.marks);
        break;
    case NODE_CROSSHEAD:
        h = mix(h, (u64)n->crosshead.level);
        break;
    case NODE_QUOTE:
        s[0] = n->quote.speaker, s[1] = n->quote.role;
        s[2] = n->quote.venue, s[3] = n->quote.date;
        break;
    case NODE_PICTURE:
        s[0] = n->picture.ref, s[1] = n->picture.caption, s[2] = n->picture.credit;
        break;
    case NODE_RELATED:
        s[0] = n->related.key, s[1] = n->related.text;
        break;
    case NODE_NUMBERS:
        h = mix(h, (u64)n->numbers.start);
        break;
    case NODE_CELL:
        s[0] = n->cell.align;
        break;
    case NODE_CODE:
        s[0] = n->code.language;
        break;
    case NODE_LINKCARD:
        s[0] = n->linkcard.href;
        break;
    default:
        break;
    }
    for (size_t i = 0; i < COUNT(s); i++) {
        h = s[i].n ? mix(h, siphash(s[i]) + i) : h;
        ret->weight += s[i].n;
    }
    ret->hash = h;
    for (const struct node *k = n->first; k; k = k->next)
        digest(k, ret);
    ret->hash = mix(ret->hash, 1); /* the end of its children */
}

static enum status blocks_of(struct words *w, const struct node *parent, struct blocks *ret)
{
    size_t n = 0;
    for (const struct node *k = parent ? parent->first : NULL; k; k = k->next)
        n++;
    struct blocks list = {arena_new(w->a, struct block, n), n};
    if (!list.at)
        return ST_NOMEM;
    n = 0;
    for (const struct node *k = parent ? parent->first : NULL; k; k = k->next, n++) {
        list.at[n].node = k;
        digest(k, &list.at[n]);
    }
    *ret = list;
    return ST_OK;
}

static bool same(const struct block *a, const struct block *b)
{
    return a->hash == b->hash && node_same(a->node, b->node);
}

static bool pair_same(struct matching *m, size_t i, size_t k)
{
    if (i >= m->a->n || k >= m->b->n || m->of_a[i] >= 0 || m->of_b[k] >= 0 ||
        !same(&m->a->at[i], &m->b->at[k]))
        return false;
    m->of_a[i] = (int32_t)k;
    m->of_b[k] = (int32_t)i;
    return true;
}

struct keyed {
    u64 hash;
    u32 index;
};

static int by_hash(const void *x, const void *y)
{
    const struct keyed *a = x, *b = y;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static struct keyed *sorted(struct arena *a, const struct blocks *list)
{
    struct keyed *k = arena_new(a, struct keyed, list->n);
    for (size_t i = 0; k && i < list->n; i++)
        k[i] = (struct keyed){list->at[i].hash, (u32)i};
    if (k)
        qsort(k, list->n, sizeof *k, by_hash);
    return k;
}

static void neighbours(struct matching *m)
{
    pair_same(m, 0, 0);
    if (m->a->n && m->b->n)
        pair_same(m, m->a->n - 1, m->b->n - 1);
    for (size_t i = 0; i < m->a->n; i++)
        if (m->of_a[i] >= 0)
            pair_same(m, i + 1, (size_t)m->of_a[i] + 1);
    for (size_t i = m->a->n; i-- > 1;)
        if (m->of_a[i] > 0)
            pair_same(m, i - 1, (size_t)m->of_a[i] - 1);
}

static enum status match_same(struct matching *m)
{
    struct keyed *a = sorted(m->w->a, m->a), *b = sorted(m->w->a, m->b);
    if (!a || !b)
        return ST_NOMEM;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0, k = 0; i < m->a->n && k < m->b->n;) {
            if (a[i].hash != b[k].hash) {
                *(a[i].hash < b[k].hash ? &i : &k) += 1;
                continue;
            }
            size_t i_end = i, k_end = k;
            while (i_end < m->a->n && a[i_end].hash == a[i].hash)
                i_end++;
            while (k_end < m->b->n && b[k_end].hash == b[k].hash)
                k_end++;
            bool once = i_end == i + 1 && k_end == k + 1;
            while ((once || round) && i < i_end && k < k_end) {
                if (m->of_a[a[i].index] >= 0)
                    i++;
                else if (m->of_b[b[k].index] >= 0)
                    k++;
                else
                    pair_same(m, a[i].index, b[k].index), i++, k++;
            }
            i = i_end, k = k_end;
        }
        if (round == 0)
            neighbours(m);
    }
    return ST_OK;
}

/* ---- alike ---- */

static bool flows(enum node_kind k)
{
    return k == NODE_PARAGRAPH || k == NODE_CROSSHEAD;
}

/* Kinds that can become one another. */
static bool comparable(const struct node *a, const struct node *b)
{
    bool lists = (a->kind == NODE_BULLETS || a->kind == NODE_NUMBERS) &&
                 (b->kind == NODE_BULLETS || b->kind == NODE_NUMBERS);
    return a->kind == b->kind || lists || (flows(a->kind) && flows(b->kind));
}

static enum status gather(struct words *w, const struct node *n, struct token_list *list)
{
    char holds = node_holds(n->kind);
    str s = n->kind == NODE_PICTURE    ? n->picture.ref
            : n->kind == NODE_RELATED  ? n->related.key
            : n->kind == NODE_LINKCARD ? n->linkcard.href
                                       : STR_NONE;
    enum status st = words_split(w, s, NULL, list);
    if (st || holds == 'i' || holds == 't')
        return st ? st : words_of_inline(w, n, list);
    for (const struct node *k = n->first; !st && k; k = k->next)
        st = gather(w, k, list);
    return st;
}

static int by_id(const void *x, const void *y)
{
    const u32 *a = x, *b = y;
    return *a < *b ? -1 : *a > *b;
}

/* The words of a block: of one that has none, its signs. */
static enum status bag(struct words *w, struct block *b)
{
    struct token_list list = {0};
    if (b->bagged)
        return ST_OK;
    enum status st = gather(w, b->node, &list);
    u32 *ids = st ? NULL : arena_new(w->a, u32, list.n);
    size_t n = 0;
    if (!ids)
        return st ? st : ST_NOMEM;
    for (int signs = 0; signs < 2 && n == 0; signs++)
        for (size_t i = 0; i < list.n; i++)
            if (list.at[i].kind == (signs ? TOKEN_SIGN : TOKEN_WORD))
                ids[n++] = list.at[i].id;
    qsort(ids, n, sizeof *ids, by_id);
    b->bag = ids;
    b->nbag = n;
    b->bagged = true;
    return ST_OK;
}

/* How many words two sorted bags have in common. In a much longer one each is looked for. */
static size_t shared(const u32 *a, size_t na, const u32 *b, size_t nb)
{
    enum { MUCH = 8 };
    size_t n = 0;
    if (na > nb)
        return shared(b, nb, a, na);
    for (size_t i = 0, k = 0; i < na && k < nb;) {
        if (nb - k > MUCH * (na - i)) {
            size_t high = nb;
            while (k < high) {
                size_t mid = (k + high) / 2;
                if (b[mid] < a[i])
                    k = mid + 1;
                else
                    high = mid;
            }
        }
        if (k < nb && a[i] == b[k])
            i++, k++, n++;
        else if (k < nb)
            *(a[i] < b[k] ? &i : &k) += 1;
    }
    return n;
}

/* Percent of their words that two blocks share. A part of a block counts as alike when nearly all
 * of it is in the block: it may be what is left of it. */
static unsigned likeness(const struct block *a, const struct block *b)
{
    size_t few = a->nbag < b->nbag ? a->nbag : b->nbag, many = a->nbag + b->nbag - few;
    if (!few || many > few * LOPSIDED)
        return 0;
    size_t n = shared(a->bag, a->nbag, b->bag, b->nbag);
    unsigned both = (unsigned)(200 * n / (few + many)), part = (unsigned)(100 * n / few);
    return part >= 80 && few > FEW_WORDS && both < ALIKE ? ALIKE : both;
}

struct posting {
    u32 block, next;
};
struct candidate {
    unsigned likeness;
    u32 a, b, far; /* how far apart they stand */
};
struct searching {
    struct matching *m;
    struct posting *postings; /* from 1 */
    size_t npostings, cap;
    u32 *score, *touched; /* of a's blocks, for the one looked at */
    struct candidate *list;
    size_t n, ncap;
};

static enum status post(struct searching *s)
{
    struct matching *m = s->m;
    if (!arena_grow(m->w->a, s->postings, 0, &s->cap))
        return ST_NOMEM;
    s->npostings = 1;
    for (size_t i = 0; i < m->a->n; i++) {
        struct block *b = &m->a->at[i];
        enum status st = m->of_a[i] >= 0 ? ST_OK : bag(m->w, b);
        if (st)
            return st;
        for (size_t k = 0; m->of_a[i] < 0 && k < b->nbag; k++) {
            struct word *word = &m->w->word[b->bag[k]];
            if ((k && b->bag[k] == b->bag[k - 1]) || word->count[0]++ >= COMMON)
                continue;
            if (!arena_grow(m->w->a, s->postings, s->npostings, &s->cap))
                return ST_NOMEM;
            s->postings[s->npostings] = (struct posting){(u32)i, word->postings};
            word->postings = (u32)s->npostings++;
        }
    }
    return ST_OK;
}

static void unpost(struct searching *s)
{
    struct matching *m = s->m;
    for (size_t i = 0; i < m->a->n; i++)
        for (size_t k = 0; k < m->a->at[i].nbag; k++) {
            struct word *word = &m->w->word[m->a->at[i].bag[k]];
            word->count[0] = word->postings = 0;
        }
}

static enum status add_candidate(struct searching *s, size_t a, size_t b, unsigned least)
{
    struct matching *m = s->m;
    const struct block *x = &m->a->at[a], *y = &m->b->at[b];
    if (!comparable(x->node, y->node))
        return ST_OK;
    unsigned like = likeness(x, y);
    if (like < least)
        return ST_OK;
    if (!arena_grow(m->w->a, s->list, s->n, &s->ncap))
        return ST_NOMEM;
    s->list[s->n++] = (struct candidate){like, (u32)a, (u32)b, (u32)(a > b ? a - b : b - a)};
    return ST_OK;
}

/* Keeps the few of a's blocks with the highest scores, the highest first. */
static void keep_best(const u32 *score, u32 *best, size_t *n, u32 a)
{
    size_t at = *n < CANDIDATES ? (*n)++ : CANDIDATES - 1;
    if (at == *n - 1 && *n == CANDIDATES && best[at] != a && score[best[at]] >= score[a])
        return;
    for (; at > 0 && score[best[at - 1]] < score[a]; at--)
        best[at] = best[at - 1];
    best[at] = a;
}

/* The few blocks of a that share most of the rarer words with b's k. */
static enum status candidates(struct searching *s, size_t k)
{
    struct matching *m = s->m;
    struct block *b = &m->b->at[k];
    u32 best[CANDIDATES + 1] = {0};
    size_t n = 0, touched = 0;
    enum status st = bag(m->w, b);
    for (size_t i = 0; !st && i < b->nbag; i++) {
        const struct word *word = &m->w->word[b->bag[i]];
        if ((i && b->bag[i] == b->bag[i - 1]) || word->count[0] > COMMON)
            continue;
        for (u32 at = word->postings; at; at = s->postings[at].next)
            if (s->score[s->postings[at].block]++ == 0)
                s->touched[touched++] = s->postings[at].block;
    }
    for (size_t i = 0; i < touched; i++)
        keep_best(s->score, best, &n, s->touched[i]);
    for (size_t i = 0; i < touched; i++)
        s->score[s->touched[i]] = 0;
    for (size_t i = 0; !st && i < n; i++)
        st = add_candidate(s, best[i], k, ALIKE);
    return st;
}

static int best_first(const void *x, const void *y)
{
    const struct candidate *a = x, *b = y;
    if (a->likeness != b->likeness)
        return a->likeness > b->likeness ? -1 : 1;
    if (a->far != b->far)
        return a->far < b->far ? -1 : 1;
    return a->b != b->b ? (a->b < b->b ? -1 : 1) : (a->a < b->a ? -1 : a->a > b->a);
}

static void take_best(struct searching *s)
{
    struct matching *m = s->m;
    if (s->n)
        qsort(s->list, s->n, sizeof *s->list, best_first);
    for (size_t i = 0; i < s->n; i++) {
        const struct candidate *c = &s->list[i];
        if (m->of_a[c->a] < 0 && m->of_b[c->b] < 0) {
            m->of_a[c->a] = (int32_t)c->b;
            m->of_b[c->b] = (int32_t)c->a;
        }
    }
    s->n = 0;
}

static enum status match_alike(struct matching *m)
{
    struct searching s = {.m = m};
    enum status st = post(&s);
    s.score = arena_new(m->w->a, u32, m->a->n);
    s.touched = arena_new(m->w->a, u32, m->a->n);
    if (!s.score || !s.touched)
        st = ST_NOMEM;
    for (size_t k = 0; !st && k < m->b->n; k++)
        st = m->of_b[k] >= 0 ? ST_OK : candidates(&s, k);
    unpost(&s);
    if (!st)
        take_best(&s);
    return st;
}

/* Blocks at one place between matched neighbours: i in a, k in b, each the only one there or
 * sharing some of its words. */
static enum status match_here(struct matching *m, size_t i, size_t k)
{
    struct block *x = &m->a->at[i], *y = &m->b->at[k];
    if (m->of_a[i] >= 0 || m->of_b[k] >= 0 || !comparable(x->node, y->node))
        return ST_OK;
    enum status st = bag(m->w, x);
    st = st ? st : bag(m->w, y);
    bool alone =
        i + 1 == m->a->n ? k + 1 == m->b->n : k + 1 < m->b->n && m->of_a[i + 1] == (int32_t)k + 1;
    bool short_or_sign =
        x->nbag <= FEW_WORDS || y->nbag <= FEW_WORDS || node_holds(x->node->kind) != 'i';
    if (!st && (likeness(x, y) >= ALIKE_HERE || (alone && short_or_sign))) {
        m->of_a[i] = (int32_t)k;
        m->of_b[k] = (int32_t)i;
    }
    return st;
}

static enum status match_places(struct matching *m)
{
    enum status st = m->a->n && m->b->n ? match_here(m, 0, 0) : ST_OK;
    for (size_t i = 0; !st && i + 1 < m->a->n; i++)
        if (m->of_a[i] >= 0 && (size_t)m->of_a[i] + 1 < m->b->n)
            st = match_here(m, i + 1, (size_t)m->of_a[i] + 1);
    return st;
}

/* ---- split and joined ---- */

/* What of a's words is not in b. */
static size_t without(const struct block *a, const struct block *b, u32 *ret)
{
    size_t n = 0;
    for (size_t i = 0, k = 0; i < a->nbag;)
        if (k < b->nbag && a->bag[i] == b->bag[k])
            i++, k++;
        else if (k < b->nbag && b->bag[k] < a->bag[i])
            k++;
        else
            ret[n++] = a->bag[i++];
    return n;
}

/* Whole was matched with parts' `at`; neighbours of it, on either side, whose words are mostly
 * among those that whole lost are parts too, and so are a crosshead or a paragraph put in between.
 */
static enum status find_parts(struct words *w, struct block *whole, const struct blocks *parts,
                              size_t at, const int32_t *matched, int32_t *of, int32_t is)
{
    enum status st = bag(w, whole);
    st = st ? st : bag(w, &parts->at[at]);
    u32 *lost = st ? NULL : arena_new(w->a, u32, whole->nbag);
    if (!lost)
        return st ? st : ST_NOMEM;
    size_t n = without(whole, &parts->at[at], lost);
    for (int way = -1; !st && n && way <= 1; way += 2) {
        size_t between = 0;
        for (size_t k = at + (size_t)way; !st && k < parts->n; k += (size_t)way) {
            struct block *b = &parts->at[k];
            if (matched[k] >= 0 || of[k] >= 0 || !flows(b->node->kind))
                break;
            st = bag(w, b);
            size_t taken = st ? 0 : shared(lost, n, b->bag, b->nbag);
            bool part = taken && taken * 100 >= b->nbag * TAKEN;
            if (!part && ++between > BETWEEN)
                break;
            for (size_t back = 0; part && back <= between; back++)
                of[k - back * (size_t)way] = is;
            between = part ? 0 : between;
        }
    }
    return st;
}

static bool whole_changed(const struct block *a, const struct block *b)
{
    return flows(a->node->kind) && !same(a, b);
}

static enum status match_parts(struct matching *m)
{
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < m->a->n; i++) {
        int32_t k = m->of_a[i];
        if (k < 0 || !whole_changed(&m->a->at[i], &m->b->at[k]))
            continue;
        st = find_parts(m->w, &m->a->at[i], m->b, (size_t)k, m->of_b, m->out_of_a, (int32_t)i);
        st = st ? st : find_parts(m->w, &m->b->at[k], m->a, i, m->of_a, m->into_b, k);
    }
    return st;
}

static int32_t *none(struct arena *a, size_t n)
{
    int32_t *list = (int32_t *)(void *)arena_raw(a, n * sizeof *list);
    if (list && n)
        memset(list, 0xff, n * sizeof *list);
    return list;
}

static enum status match(struct words *w, const struct blocks *a, const struct blocks *b,
                         struct matching *ret)
{
    struct matching m = {.w = w, .a = a, .b = b};
    m.of_a = none(w->a, a->n), m.into_b = none(w->a, a->n);
    m.of_b = none(w->a, b->n), m.out_of_a = none(w->a, b->n);
    if (w->a->oom)
        return ST_NOMEM;
    enum status st = match_same(&m);
    st = st ? st : match_alike(&m);
    st = st ? st : match_places(&m);
    st = st ? st : match_parts(&m);
    if (!st)
        *ret = m;
    return st;
}

/* ---- their words ---- */

enum status words_of_blocks(struct words *w, const struct block *b, struct tokens *ret)
{
    struct token_list list = {0};
    enum status st = ST_OK;
    for (; !st && b; b = b->next) {
        struct token begin = {.p = "\n", .n = 1, .kind = TOKEN_BLOCK, .from = b->node};
        if (!arena_grow(w->a, list.at, list.n, &list.cap))
            return ST_NOMEM;
        list.at[list.n++] = begin;
        st = words_of_inline(w, b->node, &list);
    }
    if (!st)
        *ret = token_view(&list);
    return st;
}

/* ---- groups ---- */

static u32 root(u32 *up, u32 i)
{
    while (up[i] != i)
        i = up[i] = up[up[i]];
    return i;
}

static void append(struct group *g, enum version v, struct block *b)
{
    b->group = g;
    if (g->last[v])
        g->last[v]->next = b;
    else
        g->first[v] = b;
    g->last[v] = b;
}

/* Base blocks that somebody joined are one group. */
static void join_groups(const struct matching *m, u32 *up)
{
    for (size_t i = 0; i < m->a->n; i++)
        if (m->into_b[i] >= 0)
            up[root(up, (u32)i)] = root(up, (u32)m->of_b[m->into_b[i]]);
}

/* The blocks of one version, in the order of what they come from, into base's groups; those that
 * come from nothing into new ones. */
static enum status fill_groups(struct words *w, const struct matching *m, enum version v,
                               struct group *all, size_t *n)
{
    int32_t *head = none(w->a, m->a->n), *next = none(w->a, m->b->n);
    if (w->a->oom)
        return ST_NOMEM;
    for (size_t k = m->b->n; k-- > 0;) {
        int32_t from = m->of_b[k] >= 0 ? m->of_b[k] : m->out_of_a[k];
        if (from >= 0)
            next[k] = head[from], head[from] = (int32_t)k;
    }
    for (size_t i = 0; i < m->a->n; i++)
        for (int32_t k = head[i]; k >= 0; k = next[k])
            append(m->a->at[i].group, v, &m->b->at[k]);
    for (size_t k = 0; k < m->b->n; k++)
        if (!m->b->at[k].group)
            append(&all[(*n)++], v, &m->b->at[k]);
    return ST_OK;
}

/* What both put in alike is put in once. */
static enum status join_new(struct words *w, struct grouping *g)
{
    struct keyed *mine = sorted(w->a, &g->side[MINE]), *theirs = sorted(w->a, &g->side[THEIRS]);
    if (!mine || !theirs)
        return ST_NOMEM;
    for (size_t i = 0, k = 0; i < g->side[MINE].n && k < g->side[THEIRS].n;) {
        struct block *x = &g->side[MINE].at[mine[i].index];
        struct block *y = &g->side[THEIRS].at[theirs[k].index];
        if (x->group->first[BASE] || (mine[i].hash < theirs[k].hash)) {
            i++;
        } else if (y->group->first[BASE] || mine[i].hash > theirs[k].hash) {
            k++;
        } else {
            if (same(x, y)) {
                y->group->first[THEIRS] = y->group->last[THEIRS] = NULL;
                append(x->group, THEIRS, y);
            }
            i++, k++;
        }
    }
    return ST_OK;
}

enum status blocks_group(struct words *w, const struct node *base, const struct node *mine,
                         const struct node *theirs, struct grouping *ret)
{
    struct grouping g = {0};
    struct matching to_mine, to_theirs;
    enum status st = blocks_of(w, base, &g.side[BASE]);
    st = st ? st : blocks_of(w, mine, &g.side[MINE]);
    st = st ? st : blocks_of(w, theirs, &g.side[THEIRS]);
    st = st ? st : match(w, &g.side[BASE], &g.side[MINE], &to_mine);
    st = st ? st : match(w, &g.side[BASE], &g.side[THEIRS], &to_theirs);
    if (st)
        return st;
    size_t nbase = g.side[BASE].n, n = nbase;
    struct group *all = arena_new(w->a, struct group, n + g.side[MINE].n + g.side[THEIRS].n);
    u32 *up = arena_new(w->a, u32, nbase);
    if (!all || !up)
        return ST_NOMEM;
    for (size_t i = 0; i < nbase; i++)
        up[i] = (u32)i;
    join_groups(&to_mine, up);
    join_groups(&to_theirs, up);
    for (size_t i = 0; i < nbase; i++)
        append(&all[root(up, (u32)i)], BASE, &g.side[BASE].at[i]);
    st = fill_groups(w, &to_mine, MINE, all, &n);
    st = st ? st : fill_groups(w, &to_theirs, THEIRS, all, &n);
    st = st ? st : join_new(w, &g);
    st = st ? st : groups_order(w->a, all, n, &g);
    if (!st)
        *ret = g;
    return st;
}
