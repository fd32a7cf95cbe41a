/* The writer thread, the event clock, snapshots and jobs. */
#include "writer.h"

#include <sys/stat.h>

#include "store/job.h"
#include "store/view.h"

static void *write_many(void *arg)
{
    struct world *w = arg;
    struct err err;
    static _Atomic int next;
    for (int i = 0; i < 100; i++) {
        int n = next++;
        struct change c = {.n = n, .fails = n % 5 == 0};
        enum status st = writer_do(w->w, set, &c, &err);
        if ((st != ST_OK) != c.fails)
            return w;
    }
    return NULL;
}

static void many_writers_one_order(void **state)
{
    struct world *w = *state;
    pthread_t t[8];
    void *bad;
    for (size_t i = 0; i < COUNT(t); i++)
        pthread_create(&t[i], NULL, write_many, w);
    for (size_t i = 0; i < COUNT(t); i++) {
        pthread_join(t[i], &bad);
        assert_null(bad);
    }
    assert_true(w->in_order);
    assert_int_equal(w->heard, 640); /* 800 less those that failed */
    assert_int_equal(clock_now(w), 640);
}

static void a_closure_that_fails_leaves_nothing(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    assert_int_equal(writer_do(w->w, set, &(struct change){.n = 1, .fails = true}, &err),
                     ST_INVALID);
    assert_string_equal(err.text, "on purpose");
    assert_str(read_setting(w, "k1"), "");
    assert_int_equal(clock_now(w), 0);
}

static void a_view_sees_one_moment(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct view v = {0};
    str value;
    assert_ok(writer_do(w->w, set, &(struct change){.n = 1}, &err), &err);
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    assert_ok(view_begin(&v, db, &w->a, &err), &err);
    assert_int_equal(v.snapshot, 1);
    assert_ok(writer_do(w->w, set, &(struct change){.n = 2}, &err), &err);
    assert_ok(setting_read(&v, STR("k2"), &value), &err);
    assert_str(value, ""); /* as of the clock it read first */
    view_end(&v);
    assert_ok(view_begin(&v, db, &w->a, &err), &err);
    assert_int_equal(v.snapshot, 2);
    assert_ok(setting_read(&v, STR("k2"), &value), &err);
    assert_str(value, "2");
    view_end(&v);
}

static enum status nul(struct tx *tx, void *arg)
{
    (void)arg;
    return setting_write(tx, STR("x"), STR("a\0b"));
}

static void text_has_no_nul(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    assert_int_equal(writer_do(w->w, nul, NULL, &err), ST_INVALID);
}

static enum status add_job(struct tx *tx, void *arg)
{
    (void)arg;
    return job_add(tx, STR("publish"), STR("7"), 1000);
}

struct claimed {
    size_t n;
    i64 id, attempts;
};

static enum status claim(struct tx *tx, void *arg)
{
    struct claimed *c = arg;
    struct job *list;
    enum status st = job_claim(tx, JOB_PROMPT, tx->now, 500, 10, tx->a, &list, &c->n);
    if (!st && c->n) {
        c->id = list[0].id;
        c->attempts = list[0].attempts;
    }
    return st;
}

static enum status done(struct tx *tx, void *arg)
{
    return job_done(tx, *(i64 *)arg);
}

static void a_job_is_claimed_once_and_again_after_its_lease(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct claimed c = {0};
    time_set_for_test(999);
    assert_ok(writer_do(w->w, add_job, NULL, &err), &err);
    assert_ok(writer_do(w->w, add_job, NULL, &err), &err); /* the same job is one row */
    assert_ok(writer_do(w->w, claim, &c, &err), &err);
    assert_int_equal(c.n, 0);
    time_set_for_test(1000);
    assert_ok(writer_do(w->w, claim, &c, &err), &err);
    assert_int_equal(c.n, 1);
    assert_ok(writer_do(w->w, claim, &c, &err), &err);
    assert_int_equal(c.n, 0);
    time_set_for_test(1500);
    assert_ok(writer_do(w->w, claim, &c, &err), &err);
    assert_int_equal(c.n, 1);
    assert_int_equal(c.attempts, 2);
    assert_ok(writer_do(w->w, done, &c.id, &err), &err);
    time_set_for_test(9000);
    assert_ok(writer_do(w->w, claim, &c, &err), &err);
    assert_int_equal(c.n, 0);
}

static enum status add_jobs(struct tx *tx, void *arg)
{
    enum status st = ST_OK;
    (void)arg;
    for (int i = 0; !st && i < 20; i++)
        st = job_add(tx, STR("publish"), arena_fmt(tx->a, "%d", i), 1000 - i);
    return st;
}

static enum status claim_in_order(struct tx *tx, void *arg)
{
    struct job *list;
    size_t n;
    enum status st = job_claim(tx, JOB_PROMPT, tx->now, 500, 30, tx->a, &list, &n);
    bool *ok = arg;
    *ok = !st && n == 20;
    for (size_t i = 1; *ok && i < n; i++)
        *ok = list[i - 1].due < list[i].due;
    return st;
}

static void jobs_come_by_their_time(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    bool ok = false;
    time_set_for_test(2000);
    assert_ok(writer_do(w->w, add_jobs, NULL, &err), &err);
    assert_ok(writer_do(w->w, claim_in_order, &ok, &err), &err);
    assert_true(ok);
}

static enum status break_a_rule(struct tx *tx, void *arg)
{
    SQL(NO_SUCH_STORY, "",
        "INSERT INTO listing (list, story, first_ms, present) VALUES ('x', 999, 1, 1)");
    SQL(NO_KIND, "", "INSERT INTO event (id, kind, keys, at) VALUES (77, NULL, '', 0)");
    SQL(TWICE, "", "INSERT INTO setting (name, value) VALUES ('a', 'b'), ('a', 'b')");
    const struct sql *const all[] = {&NO_SUCH_STORY, &NO_KIND, &TWICE};
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, all[*(int *)arg], tx->err);
    return stmt_run(&q, NULL);
}

static void only_what_is_there_already_is_a_conflict(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    assert_int_equal(writer_do(w->w, break_a_rule, &(int){0}, &err), ST_BUG);
    assert_int_equal(writer_do(w->w, break_a_rule, &(int){1}, &err), ST_BUG);
    assert_int_equal(writer_do(w->w, break_a_rule, &(int){2}, &err), ST_CONFLICT);
}

static void a_database_without_a_log_is_refused(void **state)
{
    struct err err = {0};
    struct db *db = NULL;
    (void)state;
    assert_int_equal(db_open(":memory:", DB_WRITE, &db, &err), ST_IO);
    assert_non_null(strstr(err.text, "can't have a write-ahead log"));
}

static void a_copy_is_its_owners_alone(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    char to[160], elsewhere[160];
    struct stat s;
    snprintf(to, sizeof to, "%s/copy", w->folder);
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", w->folder);
    assert_ok(writer_do(w->w, set, &(struct change){.n = 1}, &err), &err);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(symlink(elsewhere, to), 0);
        if (i == 0) {
            assert_ok(db_backup(w->path, to, &err), &err);
        } else {
            assert_ok(db_open(w->path, DB_WRITE, &db, &err), &err);
            assert_ok(db_copy(db, to, &err), &err);
        }
        assert_int_equal(lstat(to, &s), 0);
        assert_true(S_ISREG(s.st_mode));
        assert_int_equal(s.st_mode & 0777, 0600);
        assert_true(s.st_size > 0);
        assert_int_equal(access(elsewhere, F_OK), -1);
        unlink(to);
    }
}

static void a_corrupt_file_is_said_to_be(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct db *db = NULL;
    char path[160];
    snprintf(path, sizeof path, "%s/bad.db", w->folder);
    CLEANUP(file_close) FILE *f = fopen(path, "w");
    fputs("this is no database, and long enough to be looked at as one by whoever opens it", f);
    fflush(f);
    assert_int_equal(db_open(path, DB_WRITE, &db, &err), ST_CORRUPT);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(many_writers_one_order),
        T(a_closure_that_fails_leaves_nothing),
        T(a_view_sees_one_moment),
        T(text_has_no_nul),
        T(a_job_is_claimed_once_and_again_after_its_lease),
        T(jobs_come_by_their_time),
        T(only_what_is_there_already_is_a_conflict),
        T(a_database_without_a_log_is_refused),
        T(a_copy_is_its_owners_alone),
        T(a_corrupt_file_is_said_to_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
