/* Stories by their words: who finds what, in which order, at what cost, and what is forgotten. */
#include "writer.h"

#include <time.h>

#include "base/out.h"
#include "store/account.h"
#include "store/find.h"

enum { ADA = 1, BEN, EVA, LIMIT = 10, MANY = 100000, CHUNK = 500, QUERIES = 100 };

static enum status make_accounts(struct tx *tx, void *arg)
{
    static const char *const names[] = {"ada", "ben", "eva"};
    enum status st = ST_OK;
    (void)arg;
    for (size_t i = 0; !st && i < COUNT(names); i++) {
        struct account a = {.email = arena_fmt(tx->a, "%s@example.org", names[i]),
                            .name = str_c(names[i]),
                            .roles = 1};
        st = account_write(tx, &a);
        assert_int_equal(a.id, ADA + (i64)i);
    }
    return st;
}

static int setup_accounts(void **state)
{
    struct err err = {0};
    int failed = setup(state);
    struct world *w = *state;
    assert_ok(writer_do(w->w, make_accounts, NULL, &err), &err);
    return failed;
}

/* ---- stories ---- */

struct story_of {
    const char *key, *headline, *words;
    i64 public, author;
    bool restricted;
    const char *edition, *section;
    i64 named, id; /* id: set by add */
    bool fails;
};

static enum status add_story(struct tx *tx, void *arg)
{
    struct story_of *s = arg;
    struct work w = {.key = str_c(s->key),
                     .edition = str_c(s->edition ? s->edition : "en"),
                     .section = str_c(s->section ? s->section : "town"),
                     .public = s->public,
                     .author = s->author,
                     .restricted = s->restricted,
                     .touched_ms = 1};
    enum status st = work_write(tx, &w);
    st = st ? st : find_put(tx, &w, str_c(s->headline), str_c(s->words));
    if (!st && s->named)
        st = work_person_set(tx, w.id, s->restricted ? PERSON_NAMED : PERSON_SHARED, &s->named, 1);
    s->id = w.id;
    return st || !s->fails ? st : fail(tx->err, ST_INVALID, "on purpose");
}

static void add(struct world *w, struct story_of *s, size_t n)
{
    struct err err = {0};
    for (size_t i = 0; i < n; i++)
        assert_ok(writer_do(w->w, add_story, &s[i], &err), &err);
}

/* The keys of what is found, each with a blank behind; partial ones end in "...". */
static str found_by(struct world *w, const struct find_query *q)
{
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct found f = {0};
    struct out o = out_make(&w->a, 512, 1 << 20);
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(find_list(&v, q, &f), &err);
    for (size_t i = 0; i < f.n; i++)
        out_fmt(&o, "%.*s ", FMT(f.list[i].key));
    if (f.partial)
        out_c(&o, "...");
    return out_view(&o);
}

/* ways: parted by '/', items by '&'. */
static struct find_query looks(struct world *w, const char *ways)
{
    struct find_query q = {.rules = {.viewer = EVA, .all = true, .limit = LIMIT}};
    struct find_way *list = arena_new(&w->a, struct find_way, FIND_WAYS);
    str rest = str_c(ways), item, way;
    for (size_t i = 0; rest.n; i++) {
        rest = str_cut(rest, '&', &item);
        while (item.n) {
            item = str_cut(item, '/', &way);
            list[q.n++] = (struct find_way){i, way};
        }
    }
    q.ways = list;
    return q;
}

static void found_well(struct world *w, const char *ways, const char *want)
{
    struct find_query q = looks(w, ways);
    str have = found_by(w, &q);
    if (!str_eq(have, str_c(want)))
        test_fail("%s: want \"%s\", have \"%.*s\"", ways, want, FMT(have));
}

static struct story_of some[] = {
    {.key = "wall", .headline = "wall fall", .words = "the sea took it", .public = 1},
    {.key = "sea", .headline = "sea ris", .words = "the wall hold fast"},
    {.key = "school", .headline = "school open", .words = "fast and wall sea", .public = 2},
    {.key = "стена", .headline = "стен гавани", .words = "упал", .public = 1, .edition = "ru"},
    {.key = "or", .headline = "not or near", .words = "^ headline", .public = 1},
};

static void words_are_found(void **state)
{
    static const struct {
        const char *ways, *want;
    } cases[] = {
        {"wall", "wall school sea "}, /* headlines first, then the newest text */
        {"sea", "sea school wall "},
        {"wall&sea", "school sea wall "},
        {"fall/fast", "wall school sea "},
        {"wall sea", "school "}, /* one after the other */
        {"sea wall", ""},
        {"fall the", "wall "}, /* across to the text */
        {"стен", "стена "},
        {"wall&стен", ""},
        {"nowhere", ""},
        {"", ""},
        {"wall&open/ris", "school sea "},
        {"fast&wall hold/wall sea", "school sea "},
    };
    struct world *w = *state;
    add(w, some, COUNT(some));
    for (size_t i = 0; i < COUNT(cases); i++)
        found_well(w, cases[i].ways, cases[i].want);
}

/* Pages of any size give what one page gives, in its order, and then end. */
static void pages_go_on_where_they_ended(void **state)
{
    static const char *const ways[] = {"wall", "sea", "wall&sea", "fall/fast", "or/the/wall"};
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    add(w, some, COUNT(some));
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    for (size_t i = 0; i < COUNT(ways); i++)
        for (size_t size = 1; size <= 4; size++) {
            struct find_query q = looks(w, ways[i]);
            struct out o = out_make(&w->a, 512, 1 << 16);
            struct found f = {.next = {.id = 1}};
            str whole = found_by(w, &q);
            q.rules.limit = size;
            for (int page = 0; f.next.id && page < 9; page++, q.from = f.next) {
                assert_ok(find_list(&v, &q, &f), &err);
                assert_true(f.n == size || !f.next.id); /* no page but the last is short */
                for (size_t k = 0; k < f.n; k++)
                    out_fmt(&o, "%.*s ", FMT(f.list[k].key));
            }
            assert_str(out_view(&o), arena_cstr(&w->a, whole));
        }
}

static void nothing_typed_is_syntax(void **state)
{
    static const struct {
        const char *ways, *want;
    } cases[] = {
        {"wall OR open", ""},
        {"wall NOT fall", ""},
        {"wal*", ""},
        {"headline:wall", ""},
        {"headline : wall", ""},
        {"wall\" OR \"open", ""},
        {"(wall)", ""},
        {"\"", ""},
        {"NEAR(wall sea)", ""},
        {"not or near", "or "},
        {"^ headline", "or "},
        {"-wall", ""},
        {"'", ""},
        {"wall;", ""},
        {"or", "or "},
        {"{wall}", ""},
    };
    struct world *w = *state;
    add(w, some, COUNT(some));
    for (size_t i = 0; i < COUNT(cases); i++)
        found_well(w, cases[i].ways, cases[i].want);
}

static void who_finds_what_they_see(void **state)
{
    static struct story_of list[] = {
        {.key = "open", .headline = "palimpsest", .words = "a", .public = 1},
        {.key = "ada", .headline = "palimpsest", .words = "b", .author = ADA},
        {.key = "shared", .headline = "palimpsest", .words = "c", .named = ADA},
        {.key = "secret", .headline = "palimpsest", .words = "d", .restricted = true},
        {.key = "named", .headline = "palimpsest", .words = "e", .restricted = true, .named = BEN},
        {.key = "sea", .headline = "palimpsest", .words = "f", .section = "sea", .public = 2},
    };
    static const struct {
        struct work_query rules;
        const char *want;
    } cases[] = {
        {{.viewer = EVA, .all = true}, "sea shared ada open "},
        {{.viewer = BEN, .all = true}, "sea named shared ada open "},
        {{.viewer = ADA}, "shared ada "},
        {{.viewer = BEN}, ""},
        {{.viewer = EVA, .all = true, .public = 1}, "shared ada "},
        {{.viewer = EVA, .all = true, .author = ADA}, "ada "},
        {{.viewer = EVA, .all = true, .edition = {"en", 2}, .section = {"sea", 3}}, "sea "},
        {{.viewer = EVA, .all = true, .edition = {"ru", 2}}, ""},
    };
    struct world *w = *state;
    add(w, list, COUNT(list));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct find_query q = looks(w, "palimpsest");
        q.rules = cases[i].rules;
        q.rules.limit = LIMIT;
        assert_str(found_by(w, &q), cases[i].want);
    }
}

/* ---- changes ---- */

struct change_of {
    const struct story_of *s;
    enum { REWRITE, GOES_PUBLIC, REMOVE, BOTH } what;
    const char *headline, *words;
};

static enum status change_story(struct tx *tx, void *arg)
{
    const struct change_of *c = arg;
    struct view v = view_plain(tx->db, tx->a, 0, tx->err);
    struct work w;
    enum status st = work_by_key(&v, str_c(c->s->key), &w);
    if (st || c->what == REMOVE)
        return st ? st : work_remove(tx, w.id);
    w.public = c->what == REWRITE ? w.public : 1;
    st = work_write(tx, &w);
    if (!st && c->what != GOES_PUBLIC)
        st = find_put(tx, &w, str_c(c->headline), str_c(c->words));
    return st || c->what == REWRITE ? st : find_keep(tx, &w);
}

static void change(struct world *w, struct change_of c)
{
    struct err err = {0};
    assert_ok(writer_do(w->w, change_story, &c, &err), &err);
}

static void the_index_follows(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    add(w, some, COUNT(some));
    change(w, (struct change_of){&some[0], REWRITE, "harbour", "quay"});
    found_well(w, "wall", "school sea ");
    found_well(w, "quay", "wall ");
    change(w, (struct change_of){&some[1], GOES_PUBLIC, NULL, NULL});
    found_well(w, "wall", "sea school "); /* its words stay, and it is the newest */
    change(w, (struct change_of){&some[1], BOTH, "tide", "wall"});
    found_well(w, "wall", "sea school ");
    found_well(w, "ris", "");
    change(w, (struct change_of){&some[2], REMOVE, NULL, NULL});
    found_well(w, "wall", "sea ");
    struct story_of lost = {.key = "lost", .headline = "lost", .words = "lost", .fails = true};
    assert_int_equal(writer_do(w->w, add_story, &lost, &err), ST_INVALID);
    found_well(w, "lost", "");
}

static bool refuse(void *arg)
{
    return *(bool *)arg;
}

static void a_batch_that_fails_leaves_nothing(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    bool refused = true;
    struct story_of lost = {.key = "lost", .headline = "lost", .words = "lost"};
    writer_test_hook(w->w, (struct writer_hook){.fail_commit = refuse, .arg = &refused});
    assert_int_equal(writer_do(w->w, add_story, &lost, &err), ST_IO);
    refused = false;
    add(w, some, COUNT(some));
    found_well(w, "lost", "");
    found_well(w, "wall", "wall school sea ");
}

static void as_many_words_as_may_be(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct find_query q = looks(w, "wall");
    struct find_way *ways = arena_new(&w->a, struct find_way, FIND_WAYS + 1);
    add(w, some, COUNT(some));
    for (size_t i = 0; i <= FIND_WAYS; i++)
        ways[i] = (struct find_way){i / 2, i % 2 ? STR("wall") : STR("quay")};
    q.ways = ways;
    q.n = FIND_WAYS;
    assert_str(found_by(w, &q), "wall school sea ");
    q.n++;
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct found f;
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_int_equal(find_list(&v, &q, &f), ST_TOOLARGE);
}

/* ---- what is forgotten ---- */

static bool in_file(struct world *w, const char *tail, str words)
{
    char path[160];
    snprintf(path, sizeof path, "%s%s", w->path, tail);
    CLEANUP(file_close) FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    char *mark = arena_mark(&w->a), *bytes = arena_raw(&w->a, 32 << 20);
    assert_non_null(bytes);
    str all = {bytes, fread(bytes, 1, 32 << 20, f)};
    bool there = str_find(all, words) >= 0;
    arena_rewind(&w->a, mark);
    return there;
}

/* Terms begin apart: FTS5 leaves out what a term shares with the one before it. */
static void no_term_of_what_is_removed_stays(void **state)
{
    struct world *w = *state;
    enum { GONE = 12, ROUNDS = 5 };
    static char keys[GONE][16], words[GONE][400];
    static struct story_of list[GONE];
    for (int i = 0; i < GONE; i++) {
        snprintf(keys[i], sizeof keys[i], "k%02d", i);
        snprintf(words[i], sizeof words[i], "%02dpalimpsest", i);
        list[i] = (struct story_of){.key = keys[i], .headline = words[i], .words = words[i]};
    }
    add(w, list, GONE);
    for (int n = 0; n < ROUNDS * GONE; n++) {
        int i = n * 7 % GONE;
        snprintf(words[i], sizeof words[i], "%02dpalimpsest and other%02d %d", i, i, n);
        change(w, (struct change_of){&list[i], REWRITE, words[i], words[i]});
    }
    for (int n = 0; n < GONE; n++) {
        int i = n * 5 % GONE;
        str term = arena_fmt(&w->a, "%02dpalimpsest", i);
        assert_true(in_file(w, "", term) || in_file(w, "-wal", term));
        change(w, (struct change_of){&list[i], REMOVE, NULL, NULL});
        if (in_file(w, "", term) || in_file(w, "-wal", term))
            test_fail("%.*s is left", FMT(term));
    }
    assert_false(in_file(w, "", STR("palimpsest")) || in_file(w, "-wal", STR("palimpsest")));
}

/* ---- what it costs ---- */

static const char *const vocabulary[] = {"the",  "town", "sea",   "harbour", "council", "wall",
                                         "said", "vote", "storm", "ferry",   "school",  "price"};

static void add_text(struct out *o, u32 *seed, int n)
{
    for (int i = 0; i < n; i++) {
        *seed = *seed * 1664525 + 1013904223;
        u32 r = *seed >> 8;
        if (i)
            out_byte(o, ' ');
        if (r % 2)
            out_c(o, vocabulary[r / 2 % COUNT(vocabulary)]);
        else
            out_fmt(o, "w%u", (unsigned)(r / 2 % (1 + r / 16 % 20000)));
    }
}

static enum status add_chunk(struct tx *tx, void *arg)
{
    const i64 *from = arg;
    enum status st = ST_OK;
    for (i64 i = *from; !st && i < *from + CHUNK; i++) {
        char *mark = arena_mark(tx->a);
        u32 seed = (u32)i;
        struct out head = out_make(tx->a, 512, 1 << 16), text = out_make(tx->a, 2048, 1 << 16);
        struct work w = {.key = arena_fmt(tx->a, "k%lld", (long long)i),
                         .edition = STR("en"),
                         .section = i % 5000 ? STR("town") : STR("rare"),
                         .public = i % 200 != 0,
                         .author = i % 1000 ? 0 : ADA,
                         .touched_ms = i};
        add_text(&head, &seed, 7);
        add_text(&text, &seed, 40);
        out_c(&text, i % 2 ? " odd" : " even");
        st = work_write(tx, &w);
        st = st ? st : find_put(tx, &w, out_view(&head), out_view(&text));
        arena_rewind(tx->a, mark);
    }
    return st;
}

static int by_time(const void *a, const void *b)
{
    const i64 *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* Of this thread alone: others may be at work on this machine. */
static i64 cpu_micros(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (i64)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static i64 p99_of(struct world *w, struct view *v, const struct find_query *q, struct found *f)
{
    i64 *took = arena_new(&w->a, i64, QUERIES);
    for (int i = 0; i < QUERIES; i++) {
        char *mark = arena_mark(&w->a);
        i64 from = cpu_micros();
        assert_ok(find_list(v, q, f), v->err);
        took[i] = cpu_micros() - from;
        arena_rewind(&w->a, mark);
    }
    qsort(took, QUERIES, sizeof *took, by_time);
    return took[QUERIES - 1 - QUERIES / 100];
}

/* Filters that leave little of much have to be cut short; what is asked of all is quick. */
static void a_budget_is_kept_beside_many(void **state)
{
    static const struct {
        const char *ways;
        struct work_query rules;
    } cases[] = {
        {"the", {.all = true}},
        {"sea&wall&storm", {.all = true}},
        {"sea wall", {.all = true}},
        {"the sea wall", {.all = true}},
        {"w17&the", {.all = true}},
        {"odd&even", {.all = true}}, /* common ones that never meet */
        {"odd even", {.all = true}},
        {"the", {.viewer = ADA}},
        {"the", {.viewer = BEN}},
        {"sea&ferry", {.all = true, .edition = {"en", 2}, .section = {"rare", 4}}},
        {"the/sea/wall&said/vote", {.all = true, .edition = {"ru", 2}}},
    };
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    bool partial = false;
    for (i64 from = 1; from <= MANY; from += CHUNK)
        assert_ok(writer_do(w->w, add_chunk, &from, &err), &err);
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct view v = view_plain(db, &w->a, 0, &err);
        struct find_query q = looks(w, cases[i].ways);
        struct found f;
        q.rules = cases[i].rules;
        q.rules.limit = 41;
        q.budget_us = 20000;
        i64 p99 = p99_of(w, &v, &q, &f);
        printf("%s: %zu%s, p99 %.1f ms\n", cases[i].ways, f.n, f.partial ? " ..." : "",
               (double)p99 / 1000);
        if (p99 > 50000)
            test_fail("\"%s\" takes %lld us", cases[i].ways, (long long)p99);
        partial |= f.partial;
        if (!f.next.id)
            continue;
        q.from = f.next; /* and the next page */
        p99 = p99_of(w, &v, &q, &f);
        if (p99 > 50000)
            test_fail("the next page of \"%s\" takes %lld us", cases[i].ways, (long long)p99);
    }
    assert_true(partial); /* or the budget was tried by nothing */
    i64 segments = 0;
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(find_segments(&v, &segments), &err);
    assert_in_range(segments, 1, 100);
}

#define with_accounts(f) cmocka_unit_test_setup_teardown(f, setup_accounts, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_accounts(words_are_found),
        with_accounts(pages_go_on_where_they_ended),
        with_accounts(nothing_typed_is_syntax),
        with_accounts(who_finds_what_they_see),
        with_accounts(the_index_follows),
        with_accounts(a_batch_that_fails_leaves_nothing),
        with_accounts(as_many_words_as_may_be),
        with_accounts(no_term_of_what_is_removed_stays),
        with_accounts(a_budget_is_kept_beside_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
