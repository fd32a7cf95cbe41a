/* What the desk's lists show, to whom, and what it costs beside a hundred thousand stories. */
#include "writer.h"

#include "base/out.h"
#include "store/account.h"
#include "store/due.h"
#include "store/hold.h"
#include "store/work.h"

enum { MANY = 100000, CHUNK = 5000, ADA = 1, BEN, EVA, PAGE = 50 };
enum { DRAFT = 1, REVIEW, APPROVED, SCHEDULED };

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

/* A site of some years: few stories have something beside the live text. */
static struct work nth(struct arena *a, i64 i)
{
    return (struct work){.key = arena_fmt(a, "story-%lld", (long long)i),
                         .edition = i % 10 == 3 ? STR("ru") : STR("en"),
                         .section = i % 5 == 1      ? STR("sea")
                                    : i % 5000 == 2 ? STR("rare")
                                                    : STR("town"),
                         .headline =
                             arena_fmt(a, "A headline as long as they are, %lld", (long long)i),
                         .state = i % 400 == 0    ? DRAFT
                                  : i % 2000 == 7 ? REVIEW
                                  : i % 2000 == 8 ? APPROVED
                                  : i % 5000 == 9 ? SCHEDULED
                                                  : 0,
                         .public = i % 400 == 0 || i % 5000 == 9 ? 0
                                   : i % 1000 == 5               ? 2
                                                                 : 1,
                         .author = i % 3 == 0 ? ADA + i % 2 : 0,
                         .assignee = i % 400 == 0 ? BEN : 0,
                         .due_ms = i % 5000 == 9 ? 1000 * MANY + i : 0,
                         .deadline_ms = i % 800 == 0 ? 2000 * MANY - i : 0,
                         .touched_ms = 1000 * i,
                         .restricted = i % 97 == 0};
}

static enum status add_chunk(struct tx *tx, void *arg)
{
    i64 *from = arg;
    enum status st = ST_OK;
    for (i64 i = *from; !st && i < *from + CHUNK; i++) {
        char *mark = arena_mark(tx->a);
        struct work w = nth(tx->a, i);
        st = work_write(tx, &w);
        if (!st && i % 1000 == 9)
            st = hold_add(tx, &(struct hold){.work = w.id, .at = i, .reason = STR("Why.")});
        for (int why = DUE_REFUSED; !st && i % 2000 == 9 && why <= DUE_SENT_BACK; why++)
            st =
                due_set(tx, w.id, &(struct due){.why = (enum due_why)why, .at = i, .source = w.id});
        arena_rewind(tx->a, mark);
    }
    return st;
}

static void add_many(struct world *w)
{
    struct err err = {0};
    for (i64 from = 1; from <= MANY; from += CHUNK)
        assert_ok(writer_do(w->w, add_chunk, &from, &err), &err);
}

static void a_page_of_any_filter_touches_few_pages(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    static const struct {
        const char *name;
        struct work_query q;
        size_t least;
    } cases[] = {
        {"all", {.all = true}, PAGE},
        {"in draft", {.all = true, .state = DRAFT + 1}, PAGE},
        {"in review", {.all = true, .state = REVIEW + 1}, PAGE - 5},
        {"clean", {.all = true, .state = 1}, PAGE},
        {"never live", {.all = true, .public = 1}, PAGE},
        {"live", {.all = true, .public = 2}, PAGE},
        {"withdrawn", {.all = true, .public = 3}, PAGE},
        {"an author's", {.all = true, .author = ADA}, PAGE},
        {"an author's drafts", {.all = true, .author = ADA, .state = DRAFT + 1}, PAGE},
        {"somebody's to do", {.all = true, .assignee = BEN}, PAGE},
        {"an edition", {.all = true, .edition = {"ru", 2}}, PAGE},
        {"one without stories", {.all = true, .edition = {"ar", 2}}, 0},
        {"a section", {.all = true, .edition = {"en", 2}, .section = {"sea", 3}}, PAGE},
        {"a small one", {.all = true, .edition = {"en", 2}, .section = {"rare", 4}}, 18},
        {"one of another edition", {.all = true, .edition = {"ar", 2}, .section = {"sea", 3}}, 0},
        {"far back", {.all = true, .before_ms = 1000000, .before_id = 1000}, PAGE},
        {"mine", {0}, PAGE},
        {"mine in draft", {.state = DRAFT + 1}, PAGE},
        {"everything",
         {.all = true,
          .state = DRAFT + 1,
          .public = 1,
          .author = ADA,
          .assignee = BEN,
          .edition = {"en", 2},
          .section = {"town", 4}},
         PAGE},
    };
    add_many(w);
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct view v = view_plain(db, &w->a, 0, &err);
        struct work_query q = cases[i].q;
        struct work *list = NULL;
        size_t n = 0;
        q.viewer = ADA;
        q.limit = PAGE;
        db_cost(db);
        assert_ok(work_list(&v, &q, &list, &n), &err);
        struct db_cost cost = db_cost(db);
        if (cost.pages > 500 || cost.scan_steps || n < cases[i].least)
            test_fail("%s: %zu rows, %lld pages, %lld steps of a scan", cases[i].name, n,
                      (long long)cost.pages, (long long)cost.scan_steps);
        for (size_t k = 1; k < n; k++)
            assert_true(list[k - 1].touched_ms > list[k].touched_ms);
        struct due *dues = NULL;
        assert_ok(due_list(&v, &q, 3000 * (i64)MANY, &dues, &n), &err);
        cost = db_cost(db);
        if (cost.pages > 7 * PAGE * 5 || cost.scan_steps) /* seven lists of a page each */
            test_fail("due, %s: %lld pages, %lld steps of a scan", cases[i].name,
                      (long long)cost.pages, (long long)cost.scan_steps);
        arena_reset(&w->a);
    }
}

/* ---- what a filter shows ---- */

struct some {
    struct work *list;
    size_t n;
};

static enum status add_some(struct tx *tx, void *arg)
{
    const struct some *s = arg;
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < s->n; i++) {
        struct work w = s->list[i];
        w.touched_ms = 1000 - (i64)i; /* in the order given */
        st = work_write(tx, &w);
        if (!st && str_starts(w.key, STR("shared")))
            st = work_person_set(tx, w.id, PERSON_SHARED, (i64[]){ADA, BEN}, 2);
        if (!st && str_starts(w.key, STR("named")))
            st = work_person_set(tx, w.id, PERSON_NAMED, (i64[]){ADA, ADA}, 2);
    }
    return st;
}

static str names(struct world *w, const struct work_query *q, bool due)
{
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct out o = out_make(&w->a, 512, 4096);
    struct work *list = NULL;
    struct due *dues = NULL;
    size_t n = 0;
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    enum status st = due ? due_list(&v, q, 500, &dues, &n) : work_list(&v, q, &list, &n);
    assert_ok(st, &err);
    for (size_t i = 0; i < n; i++)
        out_fmt(&o, "%s%.*s", i ? " " : "", FMT((due ? dues[i].work : list[i]).key));
    assert_int_equal(v.nkeys, 0); /* no page of a reader depends on it */
    return out_view(&o);
}

static const struct work some[] = {
    {.key = {"mine", 4}, .author = ADA, .state = DRAFT},
    {.key = {"todo", 4}, .author = BEN, .assignee = ADA, .state = REVIEW, .deadline_ms = 400},
    {.key = {"shared", 6}, .author = BEN, .state = APPROVED},
    {.key = {"other", 5}, .author = BEN, .public = 1, .edition = {"en", 2}},
    {.key = {"file", 4}, .public = 1, .edition = {"ru", 2}, .section = {"sea", 3}},
    {.key = {"soon", 4}, .state = SCHEDULED, .due_ms = 300, .deadline_ms = 200},
    {.key = {"late", 4}, .author = ADA, .state = DRAFT, .deadline_ms = 100},
    {.key = {"later", 5}, .author = ADA, .state = DRAFT, .deadline_ms = 600},
    {.key = {"gone", 4}, .public = 2},
};

static void a_list_shows_what_was_asked_for(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    static const struct {
        struct work_query q;
        bool due;
        const char *want;
    } cases[] = {
        {{.all = true}, false, "mine todo shared other file soon late later gone"},
        {{.all = true, .limit = 2}, false, "mine todo"},
        {{.all = true, .before_ms = 998, .before_id = 3}, false, "other file soon late later gone"},
        {{0}, false, "mine todo shared late later"},
        {{.limit = 3}, false, "mine todo shared"},
        {{.state = DRAFT + 1}, false, "mine late later"},
        {{.before_ms = 999, .before_id = 2}, false, "shared late later"},
        {{.all = true, .state = 1}, false, "other file gone"},
        {{.all = true, .state = APPROVED + 1}, false, "shared"},
        {{.all = true, .public = 2}, false, "other file"},
        {{.all = true, .public = 3}, false, "gone"},
        {{.all = true, .author = BEN}, false, "todo shared other"},
        {{.all = true, .assignee = ADA}, false, "todo"},
        {{.author = BEN}, false, "todo shared"},
        {{.all = true, .edition = {"ru", 2}}, false, "file"},
        {{.all = true, .edition = {"ru", 2}, .section = {"sea", 3}}, false, "file"},
        {{.all = true, .edition = {"en", 2}, .section = {"sea", 3}}, false, ""},
        {{.all = true}, true, "late soon todo shared"},
        {{.all = true, .limit = 2}, true, "late soon"},
        {{0}, true, "late todo shared"},
        {{.all = true, .author = ADA}, true, "late"},
    };
    assert_ok(writer_do(w->w, add_some, &(struct some){(struct work *)some, COUNT(some)}, &err),
              &err);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct work_query q = cases[i].q;
        q.viewer = ADA;
        q.limit = q.limit ? q.limit : 100;
        str have = names(w, &q, cases[i].due);
        if (!str_eq(have, str_c(cases[i].want)))
            test_fail("case %zu: want %s\nhave %.*s", i, cases[i].want, FMT(have));
    }
    CLEANUP(db_cleanup) struct db *db = NULL;
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    struct work *list = NULL;
    size_t n = 0;
    struct work_query alone = {.viewer = ADA, .all = true, .section = STR("sea"), .limit = 9};
    assert_int_equal(work_list(&v, &alone, &list, &n), ST_INVALID);
}

static void what_is_restricted_is_not_there(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    static const struct work list[] = {
        {.key = {"open", 4}, .state = REVIEW, .author = BEN},
        {.key = {"named", 5}, .state = REVIEW, .author = BEN, .restricted = true},
        {.key = {"due", 3}, .state = SCHEDULED, .due_ms = 9, .restricted = true},
        {.key = {"late", 4}, .state = DRAFT, .deadline_ms = 9, .restricted = true, .author = BEN},
    };
    static const struct {
        i64 viewer;
        bool all, due;
        const char *want;
    } cases[] = {
        {ADA, true, false, "open named"}, {ADA, true, true, "named open"},
        {EVA, true, false, "open"},       {EVA, true, true, "open"},
        {BEN, false, false, "open"},      {BEN, false, true, "open"},
    };
    assert_ok(writer_do(w->w, add_some, &(struct some){(struct work *)list, COUNT(list)}, &err),
              &err);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct work_query q = {.viewer = cases[i].viewer, .all = cases[i].all, .limit = 100};
        str have = names(w, &q, cases[i].due);
        if (!str_eq(have, str_c(cases[i].want)))
            test_fail("case %zu: want %s\nhave %.*s", i, cases[i].want, FMT(have));
    }
}

/* ---- saves, people, notes ---- */

static enum status keep_all(struct tx *tx, void *arg)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct work w = {.key = STR("wall"), .save = 2, .author = BEN, .touched_by = EVA}, again;
    struct work_note *notes;
    struct save *list, one;
    size_t n;
    i64 *people;
    (void)arg;
    assert_ok(work_write(tx, &w), tx->err);
    for (i64 i = 1; i <= 2; i++)
        assert_ok(save_add(tx, &(struct save){.work = w.id,
                                              .number = i,
                                              .parent = i - 1,
                                              .account = i,
                                              .at = 10 * i,
                                              .bytes = STR("{}")}),
                  tx->err);
    assert_ok(work_by_key(&v, STR("wall"), &again), tx->err);
    assert_int_equal(again.saved_by, BEN);
    assert_str(again.author_name, "ben");
    assert_str(again.touched_name, "eva");
    assert_str(again.assignee_name, "");
    assert_ok(save_list(&v, w.id, 2, 9, &list, &n), tx->err);
    assert_int_equal(n, 1);
    assert_int_equal(list[0].number, 1);
    assert_ok(save_list(&v, w.id, 0, 1, &list, &n), tx->err);
    assert_int_equal(n, 1);
    assert_int_equal(list[0].number, 2);
    assert_ok(save_list(&v, w.id, 0, 9, &list, &n), tx->err);
    assert_int_equal(n, 2);
    assert_int_equal(list[0].number, 2);
    assert_str(list[1].name, "ada");
    assert_str(list[0].bytes, "");
    assert_ok(save_read(&v, w.id, 1, &one), tx->err);
    assert_str(one.bytes, "{}");
    assert_int_equal(save_read(&v, w.id, 3, &one), ST_NOTFOUND);
    assert_ok(work_person_set(tx, w.id, PERSON_SHARED, (i64[]){EVA, ADA}, 2), tx->err);
    assert_ok(work_person_set(tx, w.id, PERSON_SHARED, (i64[]){BEN}, 1), tx->err);
    assert_ok(work_people(&v, w.id, PERSON_SHARED, &people, &n), tx->err);
    assert_int_equal(n, 1);
    assert_int_equal(people[0], BEN);
    assert_ok(work_note_add(tx, w.id, EVA, STR("Call them.")), tx->err);
    assert_ok(work_notes(&v, w.id, &notes, &n), tx->err);
    assert_int_equal(n, 1);
    assert_str(notes[0].words, "Call them.");
    assert_str(notes[0].name, "eva");
    assert_ok(work_remove(tx, w.id), tx->err);
    assert_int_equal(work_by_key(&v, STR("wall"), &again), ST_NOTFOUND);
    assert_ok(work_notes(&v, w.id, &notes, &n), tx->err);
    assert_int_equal(n, 0);
    assert_int_equal(tx->nkeys, 0);
    return ST_OK;
}

static void all_of_a_story_is_kept_and_removed(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    assert_ok(writer_do(w->w, keep_all, NULL, &err), &err);
}

/* ---- what is gone ---- */

enum { GONE = 120, ROUNDS = 14, FILE_MOST = 64 << 20 };

struct growing {
    struct work list[GONE];
    u32 seed;
};

static u32 chance(struct growing *g, u32 below) /* the same ones each time */
{
    g->seed = g->seed * 1664525 + 1013904223;
    return (g->seed >> 8) % below;
}

static str repeated(struct growing *g, struct arena *a, u32 i, u32 n)
{
    struct out o = out_make(a, 1024, 1 << 20);
    for (u32 k = 0; k <= n; k++)
        out_fmt(&o, "Palimpsest%03d, %d. ", (int)i, (int)chance(g, 1000000));
    return out_view(&o);
}

/* Rows that grow, among others, are moved from page to page before they go. */
static enum status grow(struct tx *tx, void *arg)
{
    struct growing *g = arg;
    enum status st = ST_OK;
    for (u32 i = 0; !st && i < GONE; i++) {
        g->list[i] = (struct work){.key = arena_fmt(tx->a, "k%03d", (int)i), .state = DRAFT};
        st = work_write(tx, &g->list[i]);
    }
    for (int n = 0; !st && n < GONE * ROUNDS; n++) {
        u32 i = chance(g, GONE);
        struct work *w = &g->list[i];
        char *mark = arena_mark(tx->a);
        w->key = arena_fmt(tx->a, "k%03d", (int)i);
        w->save++;
        w->headline = repeated(g, tx->a, i, chance(g, 12));
        str bytes = repeated(g, tx->a, i, chance(g, chance(g, 5) ? 20 : 300));
        st = save_add(tx, &(struct save){.work = w->id, .number = w->save, .bytes = bytes});
        st = st ? st : work_write(tx, w);
        if (!st && chance(g, 3) == 0)
            st = work_note_add(tx, w->id, ADA, repeated(g, tx->a, i, 1));
        arena_rewind(tx->a, mark);
    }
    return st;
}

static enum status remove_one(struct tx *tx, void *arg)
{
    return work_remove(tx, *(const i64 *)arg);
}

static bool in_file(struct world *w, const char *tail, str words)
{
    char path[160];
    snprintf(path, sizeof path, "%s%s", w->path, tail);
    CLEANUP(file_close) FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    char *mark = arena_mark(&w->a), *bytes = arena_raw(&w->a, FILE_MOST / 2);
    assert_non_null(bytes);
    str all = {bytes, fread(bytes, 1, FILE_MOST / 2, f)};
    assert_true(all.n < FILE_MOST / 2);
    bool there = str_find(all, words) >= 0;
    arena_rewind(&w->a, mark);
    return there;
}

static bool anywhere(struct world *w, str word)
{
    return in_file(w, "", word) || in_file(w, "-wal", word);
}

static void what_is_removed_leaves_no_byte(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct growing *g = arena_new(&w->a, struct growing, 1);
    g->seed = 7;
    assert_ok(writer_do(w->w, grow, g, &err), &err);
    for (size_t n = 0; n < GONE; n++) {
        size_t i = n * 37 % GONE;
        str word = arena_fmt(&w->a, "Palimpsest%03zu", i);
        assert_ok(writer_do(w->w, remove_one, &g->list[i].id, &err), &err);
        if (anywhere(w, word))
            test_fail("%.*s is left", FMT(word));
    }
    CLEANUP(db_cleanup) struct db *db = NULL;
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    assert_ok(db_integrity(db, &err), &err);
}

/* Who reads keeps what they read; what was removed is gone once they are done. */
static void a_reader_puts_it_off(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct growing *g = arena_new(&w->a, struct growing, 1);
    str word = STR("Palimpsest000");
    struct save s;
    g->seed = 7;
    assert_ok(writer_do(w->w, grow, g, &err), &err);
    CLEANUP(db_cleanup) struct db *db = NULL;
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = {0};
    assert_ok(view_begin(&v, db, &w->a, &err), &err);
    assert_ok(save_read(&v, g->list[0].id, 1, &s), &err);
    assert_ok(writer_do(w->w, remove_one, &g->list[0].id, &err), &err);
    assert_ok(save_read(&v, g->list[0].id, 1, &s), &err);
    view_end(&v);
    for (int i = 0; i < 100 && anywhere(w, word); i++)
        usleep(100 * 1000);
    assert_false(anywhere(w, word));
}

static void the_next_process_erases_what_is_left(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct growing *g = arena_new(&w->a, struct growing, 1);
    str word = STR("Palimpsest000");
    struct save s;
    g->seed = 7;
    assert_ok(writer_do(w->w, grow, g, &err), &err);
    {
        CLEANUP(db_cleanup) struct db *db = NULL;
        CLEANUP(view_end) struct view v = {0};
        assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
        assert_ok(view_begin(&v, db, &w->a, &err), &err);
        assert_ok(save_read(&v, g->list[0].id, 1, &s), &err);
        assert_ok(writer_do(w->w, remove_one, &g->list[0].id, &err), &err);
        writer_stop(w->w);
        assert_true(anywhere(w, word));
    }
    assert_ok(writer_start(w->path, NULL, NULL, NULL, &w->w, &err), &err);
    for (int i = 0; i < 100 && read_setting(w, "erase").n; i++)
        usleep(100 * 1000);
    assert_false(anywhere(w, word));
    assert_str(read_setting(w, "erase"), "");
}

#define with_accounts(f) cmocka_unit_test_setup_teardown(f, setup_accounts, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_accounts(a_page_of_any_filter_touches_few_pages),
        with_accounts(a_list_shows_what_was_asked_for),
        with_accounts(what_is_restricted_is_not_there),
        with_accounts(all_of_a_story_is_kept_and_removed),
        with_accounts(what_is_removed_leaves_no_byte),
        with_accounts(a_reader_puts_it_off),
        with_accounts(the_next_process_erases_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
