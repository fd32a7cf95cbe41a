#include "jobs/mailer.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "base/guard.h"
#include "newsroom/mail.h"
#include "outside/mailbox.h"
#include "outside/message.h"
#include "press/letter.h"
#include "store/job.h"

enum {
    MAIL_ARENA = 1 << 20,     /* of one message, three times over */
    LEASE_MS = 5 * 60 * 1000, /* longer than a server may take */
    FIRST_PAUSE_MS = 30 * 1000,
    LONGEST_PAUSE_MS = 60 * 60 * 1000,
    REST_MS = 30 * 1000,
    BETWEEN_MS = 1000, /* erasing costs the writer (store/writer.h): so often at most */
};

struct mailer {
    struct mailer_conf conf;
    struct smtp smtp;
    struct db *db;
    struct arena a; /* one message's */
    i64 rest_until; /* of time_monotonic */
    char taken[40]; /* the name of a message that was taken, and whose row may not have gone */
    bool running;
    pthread_t thread;
    int stop;
};

/* One job on its way. */
struct sending {
    struct mailer *m;
    i64 id, job, tries, due;
    struct mail mail;
    bool there; /* its row, with all that it needs */
    bool rest;  /* nothing is sent now */
};

static bool stopped(void *arg)
{
    const struct mailer *m = arg;
    struct pollfd p = {.fd = m->stop, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

/* Returns early when it is told to stop. */
static void wait_for(struct mailer *m, int ms)
{
    struct pollfd p = {.fd = m->stop, .events = POLLIN};
    poll(&p, 1, ms);
}

/* ---- in the writer ---- */

/* Looks for whoever asked, and takes the next message. */
static enum status claim(struct tx *tx, void *arg)
{
    struct sending *x = arg;
    struct job *list = NULL;
    size_t n = 0;
    x->job = 0;
    enum status st = reset_prepare(tx);
    if (st || x->rest)
        return st;
    st = job_claim(tx, JOB_MAIL, tx->now, LEASE_MS, 1, tx->a, &list, &n);
    if (st || !n)
        return st;
    if (str_i64(list[0].payload, &x->id))
        return fail(tx->err, ST_CORRUPT, "a mail's job names none: %.*s", FMT(list[0].payload));
    x->job = list[0].id;
    x->tries = list[0].attempts;
    return ST_OK;
}

static enum status release(struct tx *tx, void *arg)
{
    (void)arg;
    return jobs_release(tx, JOB_MAIL);
}

static enum status delay(struct tx *tx, void *arg)
{
    const struct sending *x = arg;
    return job_delay(tx, x->job, x->due);
}

static enum status done(struct tx *tx, void *arg)
{
    return mail_done(tx, ((struct sending *)arg)->id);
}

static enum status give_up(struct tx *tx, void *arg)
{
    return mail_give_up(tx, ((struct sending *)arg)->id);
}

static enum status in_writer(struct sending *x, tx_fn *fn, struct err *err)
{
    return writer_do(x->m->conf.writer, fn, x, err);
}

/* ---- one message ---- */

static enum status fetch(struct sending *x, struct err *err)
{
    CLEANUP(view_end) struct view v = {0};
    enum status st = view_begin(&v, x->m->db, &x->m->a, err);
    st = st ? st : mail_read(&v, x->id, &x->mail);
    x->there = st == ST_OK;
    return st == ST_NOTFOUND ? ST_OK : st;
}

static void theme_cleanup(struct theme **t)
{
    theme_release(*t);
}

/* The read transaction ends here: what is secret is erased only where nobody reads. */
static enum status compose(struct sending *x, bool *holds, str *message, struct err *err)
{
    struct mailer *m = x->m;
    struct letter l;
    CLEANUP(theme_cleanup) struct theme *theme = m->conf.theme(m->conf.arg);
    CLEANUP(view_end) struct view v = {0};
    enum status st = view_begin(&v, m->db, &m->a, err);
    st = st ? st : mail_holds(&v, &x->mail, holds);
    if (st || !*holds)
        return st;
    st = letter_write(&v, theme, &x->mail, &l);
    if (st)
        return st == ST_INVALID ? ST_CONFLICT : st; /* a fault of the theme: it can be mended */
    return message_make(&(struct message){.from = m->conf.from,
                                          .from_name = l.from_name,
                                          .to = x->mail.email,
                                          .to_name = x->mail.person,
                                          .subject = l.subject,
                                          .text = l.text,
                                          .id = x->mail.name,
                                          .at = x->mail.at},
                        &m->a, message, err);
}

static enum status deliver(struct sending *x, str message, struct err *err)
{
    struct mailer *m = x->m;
    if (m->conf.smtp)
        return smtp_send(&m->smtp, m->conf.from, x->mail.email, message, &m->a, err);
    return mailbox_put(m->conf.mailbox, x->mail.name, message, &m->a, err);
}

/* A disk that is full keeps its row from going: it is taken again and again until it can. */
static bool was_taken(const struct sending *x)
{
    return str_eq(x->mail.name, str_c(x->m->taken));
}

static enum status send_it(struct sending *x, struct err *err)
{
    str message = STR_NONE;
    bool holds = false;
    if (was_taken(x) && GUARD(mail_taken))
        return ST_OK;
    enum status st = compose(x, &holds, &message, err);
    if (st || !holds) /* its link was used meanwhile, or there is a newer one */
        return st;
    st = deliver(x, message, err);
    if (!st)
        snprintf(x->m->taken, sizeof x->m->taken, "%.*s", FMT(x->mail.name));
#ifdef BROADSHEET_PROVE
    if (!st && x->m->conf.sent)
        x->m->conf.sent(x->m->conf.arg);
#endif
    return st;
}

/* ---- what becomes of it ---- */

static i64 pause_of(i64 tries)
{
    i64 pause = FIRST_PAUSE_MS;
    for (i64 i = 1; i < tries && pause < LONGEST_PAUSE_MS; i++)
        pause *= 2;
    return pause < LONGEST_PAUSE_MS ? pause : LONGEST_PAUSE_MS;
}

/* What is known of a message without saying whose it is. */
static void say(const struct sending *x, enum log_level level, const char *what, const char *why)
{
    log_say(x->m->conf.log, level, "mail", "message %lld (%s), try %lld: %s: %s", (long long)x->id,
            mail_name(x->mail.kind), (long long)x->tries, what, why);
}

static enum status settle(struct sending *x, enum status st, const char *why, struct err *err)
{
    i64 now = time_now();
    if (!st)
        return in_writer(x, done, err);
    if (st == ST_INVALID || now >= x->mail.until_ms) {
        say(x, LOG_ERROR, "given up", why);
        return in_writer(x, give_up, err);
    }
    say(x, LOG_WARN, "will be tried again", why);
    if (st == ST_IO)
        x->m->rest_until = time_monotonic() + REST_MS;
    x->due = now + pause_of(x->tries);
    return in_writer(x, delay, err);
}

static enum status one(struct sending *x, struct err *err)
{
    struct err why = {0};
    enum status st = fetch(x, err);
    if (st)
        return st;
    if (!x->there)
        return in_writer(x, done, err);
    if (mail_unprepared(&x->mail)) { /* one of more than are looked for at once */
        x->due = time_now();
        return in_writer(x, delay, err);
    }
    if (time_now() >= x->mail.until_ms && GUARD(mail_over))
        return settle(x, ST_INVALID, "nobody took it in time", err);
    st = send_it(x, &why);
    return settle(x, st, err_words(&why, st), err);
}

/* ---- rounds ---- */

static enum status next_due(struct mailer *m, i64 *ret, struct err *err)
{
    CLEANUP(view_end) struct view v = {0};
    arena_reset(&m->a);
    enum status st = view_begin(&v, m->db, &m->a, err);
    return st ? st : job_next(m->db, JOB_MAIL, ret, err);
}

enum status mailer_round(struct mailer *m, i64 *next, struct err *err)
{
    for (;;) {
        i64 rest = m->rest_until - time_monotonic();
        struct sending x = {.m = m, .rest = rest > 0};
        enum status st = next_due(m, next, err);
        if (st || *next > time_now() || stopped(m))
            return st;
        st = in_writer(&x, claim, err);
        if (x.rest)
            *next = time_now() + rest;
        if (st || !x.job)
            return st;
        st = one(&x, err);
        if (st)
            return st; /* its lease brings it back */
        if (m->running)
            wait_for(m, BETWEEN_MS);
    }
}

static void *thread(void *arg)
{
    struct mailer *m = arg;
    struct err why = {0};
    if (writer_do(m->conf.writer, release, NULL, &why))
        log_say(m->conf.log, LOG_ERROR, "mail", "cannot give back old claims: %s", why.text);
    while (!stopped(m)) {
        struct err err = {0};
        i64 next = 0;
        enum status st = mailer_round(m, &next, &err);
        if (st)
            log_say(m->conf.log, LOG_ERROR, "mail", "cannot look for mail: %s",
                    err_words(&err, st));
        wait_for(m, BETWEEN_MS);
    }
    return NULL;
}

enum status mailer_start(struct mailer *m, struct err *err)
{
    m->running = true;
    if (pthread_create(&m->thread, NULL, thread, m) == 0)
        return ST_OK;
    m->running = false;
    return fail(err, ST_IO, "cannot start the mailer's thread");
}

enum status mailer_make(const struct mailer_conf *conf, struct mailer **ret, struct err *err)
{
    struct mailer *m = calloc(1, sizeof *m);
    if (!m)
        return fail(err, ST_NOMEM, "out of memory for the mailer");
    m->conf = *conf;
    if (conf->smtp)
        m->smtp = *conf->smtp;
    m->smtp.stop = stopped;
    m->smtp.arg = m;
    m->stop = eventfd(0, EFD_CLOEXEC);
    enum status st = m->stop < 0 ? fail(err, ST_IO, "cannot make the mailer") : outside_start(err);
    st = st ? st : arena_init(&m->a, MAIL_ARENA);
    st = st ? st : db_open(conf->db, DB_READ, &m->db, err);
    if (st) {
        mailer_free(m);
        return st;
    }
    *ret = m;
    return ST_OK;
}

void mailer_free(struct mailer *m)
{
    if (!m)
        return;
    uint64_t more = 1;
    if (m->running && write(m->stop, &more, sizeof more) < 0)
        log_say(m->conf.log, LOG_WARN, "mail", "the mailer's thread can't be told to stop");
    if (m->running)
        pthread_join(m->thread, NULL);
    if (m->stop >= 0)
        close(m->stop);
    db_close(m->db);
    arena_free(&m->a);
    free(m);
}
