#include "jobs/jobs.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/time.h"
#include "newsroom/accounts.h"
#include "newsroom/fronts.h"
#include "newsroom/draft.h"
#include "newsroom/publish.h"
#include "newsroom/sweep.h"
#include "store/account.h"
#include "store/job.h"
#include "store/preview_link.h"

enum { CLAIM = 32, LEASE_MS = 60 * 1000, AGAIN_MS = 1000, GIVE_UP_MS = 60 * 1000 };

struct jobs {
    struct writer *writer;
    struct blobs *blobs;
    struct log *log;
    void (*tick)(void *arg);
    void *arg;
    pthread_t thread;
    int timer, stop;
    int slice;              /* the next one to sweep */
    i64 sweep_at, ended_at; /* of time_monotonic */
};

/* ---- the table of jobs ---- */

struct round {
    struct job jobs[CLAIM];
    size_t n;
    char kinds[CLAIM][32], payloads[CLAIM][64];
    i64 next;
};

static enum status run_publish(struct tx *tx, const struct job *job)
{
    i64 story, retry = 0;
    struct published p;
    if (str_i64(job->payload, &story))
        return fail(tx->err, ST_CORRUPT, "a publish job names no story: %.*s", FMT(job->payload));
    enum status st = publish_due(tx, story, &retry, &p);
    if (st == ST_BUSY)
        return job_delay(tx, job->id, retry);
    if (!st && p.outcome == OUTCOME_NOTHING)
        return job_done(tx, job->id);
    return st; /* what went live took its job along; an error is tried again and logged */
}

static enum status run_front(struct tx *tx, const struct job *job)
{
    i64 front;
    if (str_i64(job->payload, &front))
        return fail(tx->err, ST_CORRUPT, "a front's job names none: %.*s", FMT(job->payload));
    return front_due(tx, front); /* takes its job along */
}

static enum status run_waiting(struct tx *tx, const struct job *job)
{
    i64 work, retry = 0;
    struct published p;
    if (str_i64(job->payload, &work))
        return fail(tx->err, ST_CORRUPT, "a waiting job names no work: %.*s", FMT(job->payload));
    enum status st = draft_due(tx, work, &retry, &p); /* takes its job along */
    return st == ST_BUSY ? job_delay(tx, job->id, retry) : st;
}

static enum status again(struct tx *tx, const struct job *job)
{
    i64 wait = AGAIN_MS * job->attempts;
    return job_delay(tx, job->id, tx->now + (wait < GIVE_UP_MS ? wait : GIVE_UP_MS));
}

/* A person has to see what a schedule could not do. */
static enum status publish_refused(struct tx *tx, const struct job *job, enum status why, str words)
{
    i64 story;
    (void)why;
    enum status st = str_i64(job->payload, &story) ? ST_OK : publish_failed(tx, story, words);
    return st ? st : again(tx, job);
}

/* What the door refuses is a person's matter: it is tried no more. */
static enum status waiting_refused(struct tx *tx, const struct job *job, enum status why, str words)
{
    i64 work;
    bool persons =
        why == ST_INVALID || why == ST_CONFLICT || why == ST_TOOLARGE || why == ST_NOTFOUND;
    return persons && !str_i64(job->payload, &work) ? draft_refused(tx, work, words)
                                                    : again(tx, job);
}

/* failed: told what run gave, in words too; NULL: it is tried again. */
static const struct kind {
    const char *name;
    enum status (*run)(struct tx *tx, const struct job *job);
    enum status (*failed)(struct tx *tx, const struct job *job, enum status why, str words);
} kinds[] = {
    {"publish", run_publish, publish_refused},
    {"front", run_front, NULL},
    {"waiting", run_waiting, waiting_refused},
};

static const struct kind *kind_of(const struct job *job)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (str_eq(job->kind, str_c(kinds[i].name)))
            return &kinds[i];
    return NULL;
}

static enum status run_one(struct tx *tx, void *arg)
{
    const struct job *job = arg;
    const struct kind *k = kind_of(job);
    return k ? k->run(tx, job) : fail(tx->err, ST_BUG, "nobody knows the job %.*s", FMT(job->kind));
}

static str copy(char *buf, size_t cap, str s)
{
    size_t n = s.n < cap ? s.n : cap;
    if (n)
        memcpy(buf, s.p, n);
    return (str){buf, n};
}

/* The next due row is read in the writer too: the round needs no connection of its own. */
static enum status claim(struct tx *tx, void *arg)
{
    struct round *r = arg;
    struct job *list = NULL;
    size_t n = 0;
    enum status st = job_claim(tx, JOB_PROMPT, tx->now, LEASE_MS, CLAIM, tx->a, &list, &n);
    r->n = 0;
    for (size_t i = 0; !st && i < n; i++) {
        r->jobs[r->n] = list[i];
        r->jobs[r->n].kind = copy(r->kinds[r->n], sizeof r->kinds[0], list[i].kind);
        r->jobs[r->n].payload = copy(r->payloads[r->n], sizeof r->payloads[0], list[i].payload);
        r->n++;
    }
    return st ? st : job_next(tx->db, JOB_PROMPT, &r->next, tx->err);
}

struct failure {
    const struct job *job;
    enum status why;
    str words;
};

static enum status give_back(struct tx *tx, void *arg)
{
    const struct failure *f = arg;
    const struct kind *k = kind_of(f->job);
    return k && k->failed ? k->failed(tx, f->job, f->why, f->words) : again(tx, f->job);
}

enum status jobs_run(struct writer *w, struct log *log, i64 *next, struct err *err)
{
    struct round r = {.next = MS_NEVER};
    enum status st = writer_do(w, claim, &r, err);
    if (st)
        return st;
    for (size_t i = 0; i < r.n; i++) {
        struct err why = {0}, unkept = {0};
        st = writer_do(w, run_one, &r.jobs[i], &why);
        if (!st)
            continue;
        log_say(log, LOG_ERROR, "jobs", "%.*s %.*s failed, try %lld: %s", FMT(r.jobs[i].kind),
                FMT(r.jobs[i].payload), (long long)r.jobs[i].attempts, err_words(&why, st));
        struct failure f = {&r.jobs[i], st, str_c(err_words(&why, st))};
        st = writer_do(w, give_back, &f, &unkept);
        if (st)
            log_say(log, LOG_ERROR, "jobs", "cannot give a job back: %s", err_words(&unkept, st));
        r.next = time_now() + AGAIN_MS;
    }
    *next = r.n == CLAIM ? 0 : r.next;
    return ST_OK;
}

/* ---- the thread ---- */

static void sleep_until(struct jobs *j, i64 at)
{
    i64 now = time_now(), most = now + MS_SECOND;
    if (at > most)
        at = most;
    struct itimerspec t = {.it_value = {.tv_sec = at / 1000, .tv_nsec = (at % 1000) * 1000000}};
    if (at <= now ||
        timerfd_settime(j->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &t, NULL))
        return;
    struct pollfd p[] = {{.fd = j->timer, .events = POLLIN}, {.fd = j->stop, .events = POLLIN}};
    poll(p, 2, 1000);
    uint64_t ticks;
    if (p[0].revents && read(j->timer, &ticks, sizeof ticks) < 0 && errno != ECANCELED)
        log_say(j->log, LOG_WARN, "jobs", "the timer can't be read");
}

static bool stopped(const struct jobs *j)
{
    struct pollfd p = {.fd = j->stop, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

static void sweep(struct jobs *j)
{
    struct err err = {0};
    size_t gone;
    if (time_monotonic() < j->sweep_at)
        return;
    if (sweep_pictures(j->writer, j->blobs, j->slice, &gone, &err))
        log_say(j->log, LOG_WARN, "jobs", "cannot sweep pictures: %s", err.text);
    else if (gone)
        log_say(j->log, LOG_INFO, "jobs", "%zu picture files that nothing names were removed",
                gone);
    j->slice = (j->slice + 1) % SWEEP_SLICES;
    j->sweep_at = time_monotonic() + BLOB_ORPHAN_MS / SWEEP_SLICES;
}

static enum status remove_ended(struct tx *tx, void *arg)
{
    (void)arg;
    enum status st = ended_remove(tx, tx->now);
    st = st ? st : preview_link_remove_ended(tx, tx->now);
    st = st ? st : audit_trim(tx, AUDIT_SIGN_IN_FAILED, tx->now - AUDIT_FAILED_DAYS * MS_DAY);
    return st ? st : audit_trim(tx, AUDIT_RESET_ASKED, tx->now - AUDIT_FAILED_DAYS * MS_DAY);
}

/* Sessions and links that have ended hold for nobody, and sign-ins that failed tell nothing for
 * ever; their rows go once a minute. */
static void forget_ended(struct jobs *j)
{
    struct err err = {0};
    if (time_monotonic() < j->ended_at)
        return;
    enum status st = writer_do(j->writer, remove_ended, NULL, &err);
    if (st)
        log_say(j->log, LOG_WARN, "jobs", "cannot remove what has ended: %s", err_words(&err, st));
    j->ended_at = time_monotonic() + MS_MINUTE;
}

static enum status release(struct tx *tx, void *arg)
{
    (void)arg;
    return jobs_release(tx, JOB_PROMPT);
}

static void *thread(void *arg)
{
    struct jobs *j = arg;
    struct err why = {0};
    if (writer_do(j->writer, release, NULL, &why))
        log_say(j->log, LOG_ERROR, "jobs", "cannot give back old claims: %s", why.text);
    while (!stopped(j)) {
        sweep(j);
        forget_ended(j);
        struct err err = {0};
        i64 next = 0;
        if (jobs_run(j->writer, j->log, &next, &err)) {
            log_say(j->log, LOG_ERROR, "jobs", "cannot look for due jobs: %s", err.text);
            next = time_now() + MS_SECOND;
        }
        if (j->tick)
            j->tick(j->arg);
        sleep_until(j, next);
    }
    return NULL;
}

enum status jobs_start(struct writer *w, struct blobs *blobs, struct log *log,
                       void (*tick)(void *arg), void *arg, struct jobs **ret, struct err *err)
{
    u32 any;
    struct jobs *j = calloc(1, sizeof *j);
    if (!j)
        return fail(err, ST_NOMEM, "out of memory for the jobs");
    j->writer = w;
    j->blobs = blobs;
    j->log = log;
    j->tick = tick;
    j->arg = arg;
    random_bytes(&any, sizeof any); /* or short runs would always sweep the same ones */
    j->slice = (int)(any % SWEEP_SLICES);
    j->timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    j->stop = eventfd(0, EFD_CLOEXEC);
    if (j->timer < 0 || j->stop < 0 || pthread_create(&j->thread, NULL, thread, j)) {
        free(j);
        return fail(err, ST_IO, "cannot start the jobs' thread");
    }
    *ret = j;
    return ST_OK;
}

void jobs_stop(struct jobs *j)
{
    if (!j)
        return;
    uint64_t one = 1;
    if (write(j->stop, &one, sizeof one) < 0)
        log_say(j->log, LOG_WARN, "jobs", "the jobs' thread can't be told to stop");
    pthread_join(j->thread, NULL);
    close(j->timer);
    close(j->stop);
    free(j);
}
