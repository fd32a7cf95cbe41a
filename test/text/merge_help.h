/* What the tests of text/merge.h share: random numbers, a pair of edits, and what must hold for
 * every one. BROADSHEET_MERGE_PAIRS=N asks for N pairs in place of the few that make test has time
 * for. */
#ifndef MERGE_HELP_H
#define MERGE_HELP_H

#include "test.h"

#include "base/hash.h"
#include "text/merge.h"

static unsigned seed = 1;

static inline unsigned rnd(unsigned n) /* xorshift: the same sequence everywhere */
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return n ? seed % n : 0;
}

static inline size_t pairs(size_t few)
{
    const char *more = getenv("BROADSHEET_MERGE_PAIRS");
    i64 n;
    return more && str_i64(str_c(more), &n) == ST_OK && n > 0 ? (size_t)n : few;
}

static inline str json_of(struct arena *a, const struct node *doc)
{
    struct out o = out_make(a, 4096, 1 << 23);
    document_write(doc, &o);
    assert_int_equal(out_status(&o), ST_OK);
    return out_view(&o);
}

static inline str markdown_of(struct arena *a, const struct node *doc)
{
    struct out o = out_make(a, 4096, 1 << 23);
    document_to_markdown(doc, &o);
    assert_int_equal(out_status(&o), ST_OK);
    return out_view(&o);
}

static inline struct node *read_markdown(struct arena *a, const char *text)
{
    struct node *doc;
    struct err err = {0};
    assert_ok(document_from_markdown(str_c(text), 1, a, &doc, &err), &err);
    return doc;
}

/* "base|mine|theirs" for each choice, a line each. */
static inline str choices_of(struct arena *a, const struct merge *m)
{
    const struct merge_choice *c;
    struct out o = out_make(a, 512, 1 << 20);
    size_t n = merge_choices(m, &c);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(c[i].number, i);
        out_fmt(&o, "%s%s%.*s|%.*s|%.*s", i ? "\n" : "", c[i].block ? "block " : "", FMT(c[i].base),
                FMT(c[i].mine), FMT(c[i].theirs));
    }
    return out_view(&o);
}

static inline struct node *copy(struct arena *a, const struct node *n)
{
    struct node *c = arena_new(a, struct node, 1), **end = &c->first;
    *c = *n;
    c->first = c->next = NULL;
    for (const struct node *k = n->first; k; k = k->next) {
        *end = copy(a, k);
        end = &(*end)->next;
    }
    return c;
}

/* ---- a pair of edits ---- */

struct pair {
    struct arena *a;
    const struct node *base, *mine, *theirs;
    unsigned from;           /* the seed */
    bool parted, parted_too; /* mine, theirs: split or joined a block */
};

static inline void explain(const struct pair *p, const struct merge *m, const char *what, str word)
{
    struct node *doc = NULL;
    struct arena *a = p->a;
    str choices = m ? choices_of(a, m) : STR_NONE;
    if (m && merge_document(m, NULL, 0, a, &doc))
        doc = NULL;
    test_fail("seed %u: %s: \"%.*s\"\nBASE\n%.*s\nMINE\n%.*s\nTHEIRS\n%.*s\nRESULT\n%.*s\nCHOICES\n"
              "%.*s",
              p->from, what, FMT(word), FMT(markdown_of(a, p->base)), FMT(markdown_of(a, p->mine)),
              FMT(markdown_of(a, p->theirs)), FMT(doc ? markdown_of(a, doc) : STR("none")),
              FMT(choices));
}

static inline struct merge *merged(const struct pair *p, const struct node *base,
                                   const struct node *mine, const struct node *theirs,
                                   struct node **doc)
{
    struct merge *m;
    assert_int_equal(merge_documents(base, mine, theirs, p->a, &m), ST_OK);
    if (merge_document(m, NULL, 0, p->a, doc))
        explain(p, m, "no document comes of it", STR_NONE);
    return m;
}

static inline void alone_is_exact(const struct pair *p)
{
    const struct node *const sets[][3] = {
        {p->base, p->mine, p->base},
        {p->base, p->base, p->mine},
        {p->base, p->mine, p->mine},
    };
    str want = json_of(p->a, p->mine);
    for (size_t i = 0; i < COUNT(sets); i++) {
        struct node *doc;
        const struct merge_choice *c;
        struct pair q = {.a = p->a,
                         .base = sets[i][0],
                         .mine = sets[i][1],
                         .theirs = sets[i][2],
                         .from = p->from};
        struct merge *m = merged(&q, q.base, q.mine, q.theirs, &doc);
        if (!str_eq(json_of(p->a, doc), want) || merge_choices(m, &c))
            explain(&q, m, "what one alone changed isn't taken as it is", STR_NONE);
    }
}

static inline int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

static inline str sorted_choices(struct arena *a, const struct merge *m, bool swapped)
{
    const struct merge_choice *c;
    size_t n = merge_choices(m, &c);
    str *list = arena_new(a, str, n);
    for (size_t i = 0; i < n; i++)
        list[i] = arena_fmt(a, "%d|%.*s|%.*s|%.*s\n", c[i].block, FMT(c[i].base),
                            FMT(swapped ? c[i].theirs : c[i].mine),
                            FMT(swapped ? c[i].mine : c[i].theirs));
    if (n)
        qsort(list, n, sizeof *list, by_bytes);
    return arena_join(a, list, n);
}

static inline void swapping_swaps(const struct pair *p, const struct merge *m)
{
    struct node *doc;
    struct merge *other = merged(p, p->base, p->theirs, p->mine, &doc);
    str one = sorted_choices(p->a, m, false), two = sorted_choices(p->a, other, true);
    if (!str_eq(one, two))
        explain(p, m, "swapped, the choices are others", two);
}

static inline void any_pick_will_do(const struct pair *p, const struct merge *m)
{
    const struct merge_choice *c;
    enum merge_pick picks[200];
    size_t n = merge_choices(m, &c);
    struct node *doc;
    for (size_t i = 0; i < COUNT(picks); i++)
        picks[i] = (enum merge_pick)rnd(4);
    if (n && merge_document(m, picks, rnd((unsigned)n) + 1, p->a, &doc))
        explain(p, m, "no document comes of some picks", STR_NONE);
}

struct merge_case {
    const char *name, *base, *mine, *theirs, *want, *choices;
};

static inline void merges_as(struct arena *a, const struct merge_case *c)
{
    struct merge *m;
    struct node *doc;
    assert_int_equal(merge_documents(read_markdown(a, c->base), read_markdown(a, c->mine),
                                     read_markdown(a, c->theirs), a, &m),
                     ST_OK);
    assert_int_equal(merge_document(m, NULL, 0, a, &doc), ST_OK);
    str have = markdown_of(a, doc), choices = choices_of(a, m);
    if (!str_eq(str_trim(have), str_c(c->want)))
        test_fail("%s: want\n%s\nhave\n%.*s\nchoices\n%.*s", c->name, c->want, FMT(have),
                  FMT(choices));
    if (!str_eq(choices, str_c(c->choices ? c->choices : "")))
        test_fail("%s: want choices\n%s\nhave\n%.*s", c->name, c->choices, FMT(choices));
}

#endif
