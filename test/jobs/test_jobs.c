/* Jobs: rows that are claimed by lease, run once, come back when nobody finishes them. */
#include "../store/writer.h"

#include "jobs/jobs.h"
#include "newsroom/accounts.h"
#include "store/job.h"

enum { LEASE = 60 * 1000 };

struct step {
    struct world *w;
    i64 now, due, id;
    const char *payload;
    struct job *list;
    size_t n, limit;
    i64 next;
};

static enum status add(struct tx *tx, void *arg)
{
    struct step *s = arg;
    return job_add(tx, STR("test"), str_c(s->payload), s->due);
}

static enum status claim(struct tx *tx, void *arg)
{
    struct step *s = arg;
    enum status st = job_claim(tx, JOB_PROMPT, s->now, LEASE, s->limit, &s->w->a, &s->list, &s->n);
    return st ? st : job_next(tx->db, JOB_PROMPT, &s->next, tx->err);
}

static enum status done(struct tx *tx, void *arg)
{
    struct step *s = arg;
    return job_done(tx, s->id);
}

static enum status delay(struct tx *tx, void *arg)
{
    struct step *s = arg;
    return job_delay(tx, s->id, s->due);
}

static enum status release(struct tx *tx, void *arg)
{
    (void)arg;
    return jobs_release(tx, JOB_PROMPT);
}

static void take(struct world *w, enum status (*what)(struct tx *tx, void *arg), struct step *s)
{
    struct err err = {0};
    s->w = w;
    assert_ok(writer_do(w->w, what, s, &err), &err);
}

static void put(struct world *w, const char *payload, i64 due)
{
    take(w, add, &(struct step){.payload = payload, .due = due});
}

static struct step claimed(struct world *w, i64 now, size_t limit)
{
    struct step s = {.now = now, .limit = limit};
    take(w, claim, &s);
    return s;
}

static void the_earliest_come_first(void **state)
{
    struct world *w = *state;
    put(w, "late", 300);
    put(w, "early", 100);
    put(w, "later", 900);
    put(w, "middle", 200);
    struct step s = claimed(w, 99, 10);
    assert_int_equal(s.n, 0); /* nothing is due */
    assert_int_equal(s.next, 100);
    s = claimed(w, 500, 2);
    assert_int_equal(s.n, 2);
    bool early = str_eq(s.list[0].payload, STR("early")) || str_eq(s.list[1].payload, STR("early"));
    bool middle =
        str_eq(s.list[0].payload, STR("middle")) || str_eq(s.list[1].payload, STR("middle"));
    assert_true(early && middle);
    assert_int_equal(s.list[0].attempts, 1);
    s = claimed(w, 500, 10);
    assert_int_equal(s.n, 1);
    assert_str(s.list[0].payload, "late");
    assert_str(s.list[0].kind, "test");
}

static void a_lease_keeps_others_away_until_it_ends(void **state)
{
    struct world *w = *state;
    put(w, "one", 100);
    struct step s = claimed(w, 200, 10);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.next, 200 + LEASE);
    assert_int_equal(claimed(w, 200, 10).n, 0);
    assert_int_equal(claimed(w, 200 + LEASE - 1, 10).n, 0);
    s = claimed(w, 200 + LEASE, 10); /* whoever had it is gone */
    assert_int_equal(s.n, 1);
    assert_int_equal(s.list[0].attempts, 2);
    s.id = s.list[0].id;
    take(w, done, &s);
    assert_int_equal(claimed(w, 10 * LEASE, 10).n, 0);
    assert_int_equal(claimed(w, 10 * LEASE, 10).next, MS_NEVER);
}

static void a_delay_gives_the_lease_back(void **state)
{
    struct world *w = *state;
    put(w, "one", 100);
    struct step s = claimed(w, 200, 10);
    s.id = s.list[0].id;
    s.due = 5000;
    take(w, delay, &s);
    assert_int_equal(claimed(w, 4999, 10).n, 0);
    s = claimed(w, 5000, 10);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.list[0].attempts, 2);
}

static void what_a_dead_process_held_is_given_back(void **state)
{
    struct world *w = *state;
    put(w, "one", 100);
    assert_int_equal(claimed(w, 200, 10).n, 1);
    assert_int_equal(claimed(w, 201, 10).n, 0);
    take(w, release, &(struct step){0});
    assert_int_equal(claimed(w, 201, 10).n, 1);
}

static void the_same_job_twice_is_one_with_the_newer_time(void **state)
{
    struct world *w = *state;
    put(w, "one", 100);
    assert_int_equal(claimed(w, 200, 10).n, 1);
    put(w, "one", 700); /* a story's time was changed while its job was held */
    assert_int_equal(claimed(w, 600, 10).n, 0);
    struct step s = claimed(w, 700, 10);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.list[0].attempts, 1);
}

/* Nobody knows the kind "test": each try is later than the one before, for a minute at the most,
 * and what comes after it in the queue runs all the same. */
static void a_job_that_fails_is_tried_again_later(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    i64 next, now = 1000000;
    put(w, "one", now);
    for (i64 try = 1; try <= 70; try++) {
        i64 wait = try * 1000 < 60000 ? try * 1000 : 60000;
        time_set_for_test(now);
        assert_ok(jobs_run(w->w, NULL, &next, &err), &err);
        assert_true(next <= now + 1000);
        assert_int_equal(claimed(w, now + wait - 1, 10).n, 0);
        assert_int_equal(claimed(w, 0, 10).next, now + wait);
        now += wait;
    }
}

static enum status add_links(struct tx *tx, void *arg)
{
    struct sha256 *hashes = arg;
    enum status st = ST_OK;
    for (int i = 0; !st && i < 2; i++) {
        hashes[i] = sha256((str){(const char *)&i, sizeof i});
        st = one_time_add(tx, &hashes[i], &(struct one_time){.ends_ms = tx->now + i * 60000});
    }
    return st;
}

static void what_has_ended_goes(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct jobs *jobs = NULL;
    struct blobs *blobs = NULL;
    struct one_time o;
    struct sha256 hashes[2];
    char media[160];
    CLEANUP(db_cleanup) struct db *db = NULL;
    snprintf(media, sizeof media, "%s/media", w->folder);
    time_set_for_test(1000000);
    assert_ok(writer_do(w->w, add_links, hashes, &err), &err);
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(one_time_read(&v, &hashes[0], &o), &err);
    assert_ok(blobs_open(media, &blobs, &err), &err);
    assert_ok(jobs_start(w->w, blobs, NULL, NULL, NULL, &jobs, &err), &err);
    for (int i = 0; i < 500 && one_time_read(&v, &hashes[0], &o) == ST_OK; i++)
        usleep(10 * 1000);
    jobs_stop(jobs);
    blobs_close(blobs);
    assert_int_equal(one_time_read(&v, &hashes[0], &o), ST_NOTFOUND);
    assert_ok(one_time_read(&v, &hashes[1], &o), &err); /* lives for a minute more */
}

static enum status add_audit_lines(struct tx *tx, void *arg)
{
    static const struct {
        enum audit_kind kind;
        i64 days;
    } lines[] = {{AUDIT_SIGN_IN_FAILED, AUDIT_FAILED_DAYS + 1},
                 {AUDIT_SIGN_IN_FAILED, AUDIT_FAILED_DAYS - 1},
                 {AUDIT_RESET_ASKED, AUDIT_FAILED_DAYS + 1},
                 {AUDIT_SIGN_IN, AUDIT_FAILED_DAYS + 1}};
    enum status st = ST_OK;
    (void)arg;
    for (size_t i = 0; !st && i < COUNT(lines); i++)
        st = audit_write(tx, &(struct audit_line){.at = tx->now - lines[i].days * MS_DAY,
                                                  .kind = (i64)lines[i].kind});
    return st;
}

/* And new passwords that were asked for: anybody can add to those lines. */
static void old_sign_ins_that_failed_go(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct jobs *jobs = NULL;
    struct blobs *blobs = NULL;
    struct audit_line *list = NULL;
    size_t n = 0;
    char media[160];
    CLEANUP(db_cleanup) struct db *db = NULL;
    snprintf(media, sizeof media, "%s/media", w->folder);
    time_set_for_test(400 * MS_DAY);
    assert_ok(writer_do(w->w, add_audit_lines, NULL, &err), &err);
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(audit_list(&v, STR_NONE, 0, 0, 9, &list, &n), &err);
    assert_int_equal(n, 4);
    assert_ok(blobs_open(media, &blobs, &err), &err);
    assert_ok(jobs_start(w->w, blobs, NULL, NULL, NULL, &jobs, &err), &err);
    for (int i = 0; i < 500 && n == 4; i++) {
        usleep(10 * 1000);
        assert_ok(audit_list(&v, STR_NONE, 0, 0, 9, &list, &n), &err);
    }
    jobs_stop(jobs);
    blobs_close(blobs);
    assert_int_equal(n, 2);
    assert_int_equal(list[0].kind, AUDIT_SIGN_IN);
    assert_int_equal(list[1].kind, AUDIT_SIGN_IN_FAILED);
    assert_int_equal(list[1].at, (400 - AUDIT_FAILED_DAYS + 1) * MS_DAY);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static enum status add_mail(struct tx *tx, void *arg)
{
    struct step *s = arg;
    return job_add_to(tx, JOB_MAIL, STR("test"), str_c(s->payload), s->due);
}

static enum status claim_mail(struct tx *tx, void *arg)
{
    struct step *s = arg;
    return job_claim(tx, JOB_MAIL, s->now, LEASE, s->limit, &s->w->a, &s->list, &s->n);
}

/* Or what waits for a network would be between what is due at its minute and its thread. */
static void a_queue_gives_only_its_own(void **state)
{
    struct world *w = *state;
    struct step mail = {.payload = "letter", .due = 100, .now = 200, .limit = 10};
    put(w, "story", 150);
    take(w, add_mail, &mail);
    take(w, claim_mail, &mail);
    assert_int_equal(mail.n, 1);
    assert_str(mail.list[0].payload, "letter");
    take(w, release, &(struct step){0}); /* of the other queue: the lease stays */
    take(w, claim_mail, &mail);
    assert_int_equal(mail.n, 0);
    struct step prompt = claimed(w, 200, 10);
    assert_int_equal(prompt.n, 1);
    assert_str(prompt.list[0].payload, "story");
    assert_int_equal(prompt.next, 200 + LEASE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_earliest_come_first),
        T(a_lease_keeps_others_away_until_it_ends),
        T(a_delay_gives_the_lease_back),
        T(what_a_dead_process_held_is_given_back),
        T(the_same_job_twice_is_one_with_the_newer_time),
        T(a_job_that_fails_is_tried_again_later),
        T(what_has_ended_goes),
        T(old_sign_ins_that_failed_go),
        T(a_queue_gives_only_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
