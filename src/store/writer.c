#include "store/writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/fmt.h"
#include "base/guard.h"
#include "base/hash.h"
#include "base/time.h"
#include "store/event.h"
#include "store/find.h"
#include "store/newsroom.h"

enum {
    BATCH = 64,
    QUEUE = 4096,
    TX_KEYS = 1 << 15,
    KEY_INDEX = 1 << 16,
    FEW_KEYS = 64,
    LOG_PAGES = 800,   /* a longer log makes its checkpoint the longest wait of all */
    ARENA = 256 << 20, /* address space, not memory: what a batch touches goes back at its end */
    EVENTS_KEPT = 200000,
    ERASE_AGAIN = 1,    /* second */
    TRIM_EVERY = 10000, /* events between two trims */
};

struct task {
    tx_fn *fn;
    void *arg;
    tx_done *done;
    void *done_arg;
    bool alone;
    enum status st;
    struct err err;
    struct event event; /* id 0: none */
    bool erase;
    struct task *next;
};

struct writer {
    struct db *db;
    struct arena arena;
    event_fn *listener;
    void *listener_arg;
    struct log *log;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct task *first, *last;
    size_t queued;
    bool stopping;
    i64 trimmed_at;
    bool erase;    /* the log, or the file, holds what was removed for good */
    bool erased;   /* it doesn't any more, and a row still says so */
    bool poisoned; /* the open transaction holds what should have been undone */
#ifdef BROADSHEET_PROVE
    struct writer_hook hook;
#endif
};

/* ---- what a closure may do ---- */

/* Where a key is, or would be, in the index. */
static u32 *index_slot(struct tx *tx, str key)
{
    u64 at = siphash(key) % KEY_INDEX;
    while (tx->index[at] && !str_eq(tx->keys[tx->index[at] - 1], key))
        at = (at + 1) % KEY_INDEX;
    return &tx->index[at];
}

static bool touched_already(struct tx *tx, str key)
{
    if (tx->index)
        return *index_slot(tx, key) != 0;
    for (size_t i = 0; i < tx->nkeys; i++)
        if (str_eq(tx->keys[i], key))
            return true;
    return false;
}

/* A story touches a dozen keys; a thousand stories in one change are looked up by hash. */
static void add_to_index(struct tx *tx)
{
    if (tx->nkeys == FEW_KEYS) {
        tx->index = arena_new(tx->a, u32, KEY_INDEX);
        for (size_t i = 0; tx->index && i < tx->nkeys; i++)
            *index_slot(tx, tx->keys[i]) = (u32)i + 1;
    } else if (tx->index) {
        *index_slot(tx, tx->keys[tx->nkeys - 1]) = (u32)tx->nkeys;
    }
}

void tx_touch(struct tx *tx, str key)
{
    if (touched_already(tx, key))
        return;
    if (tx->nkeys == TX_KEYS || !arena_grow(tx->a, tx->keys, tx->nkeys, &tx->cap)) {
        tx->a->oom = true; /* the closure fails rather than forget a page */
        return;
    }
    tx->keys[tx->nkeys++] = arena_str(tx->a, key);
    add_to_index(tx);
}

void tx_touchf(struct tx *tx, const char *fmt, ...)
{
    char buf[2048];
    va_list ap;
    va_start(ap, fmt);
    size_t n = fmt_put(buf, sizeof buf, fmt, ap);
    va_end(ap);
    if (n >= sizeof buf) {
        tx->a->oom = true;
        return;
    }
    tx_touch(tx, (str){buf, n});
}

/* A row keeps it in mind when the program ends before it is done. */
#define ERASE_MARK STR("erase")

void tx_erase(struct tx *tx)
{
    tx->erase = true;
}

/* ---- one batch ---- */

/* Undoes all of the batch. Where even that fails the transaction is still open, holding we don't
 * know what: it is poisoned, and never committed. */
static void undo_all(struct writer *w)
{
    struct err err = {0};
    enum status st = ST_OK;
#ifdef BROADSHEET_PROVE
    if (w->hook.fail_undo && w->hook.fail_undo(w->hook.arg))
        st = fail(&err, ST_IO, "a rollback failed (test)");
#endif
    st = st ? st : db_rollback(w->db, &err);
    if (st)
        log_say(w->log, LOG_ERROR, "store", "a rollback failed: %s", err.text);
    w->poisoned = db_in_transaction(w->db);
}

static enum status undo_one(struct writer *w)
{
#ifdef BROADSHEET_PROVE
    if (w->hook.fail_undo && w->hook.fail_undo(w->hook.arg))
        return ST_IO;
#endif
    return db_savepoint_rollback(w->db, NULL);
}

static enum status run_one(struct writer *w, struct task *t)
{
    struct tx tx = {
        .db = w->db, .a = &w->arena, .now = time_now(), .err = &t->err, .kind = "change"};
    char *mark = arena_mark(&w->arena);
    t->event = (struct event){0};
    enum status st = GUARD(tx_savepoint) ? db_savepoint(w->db, &t->err) : ST_OK;
    st = st ? st : t->fn(&tx, t->arg);
    if (!st && tx.a->oom)
        st = fail(&t->err, ST_NOMEM, "a change needs more memory than it may have");
    if (!st && tx.nkeys && GUARD(event_recorded))
        st = event_record(&tx, &t->event);
    if (!st && tx.erase)
        st = setting_write(&tx, ERASE_MARK, STR("1"));
    t->erase = tx.erase;
    if (!db_in_transaction(w->db))
        return ST_IO; /* the engine rolled everything back by itself: the batch is lost */
    if (!GUARD(tx_savepoint))
        return st;
    if (st) {
        t->event = (struct event){0};
        w->arena.oom = false;
        arena_rewind(&w->arena, mark);
    }
    /* what can't be undone alone, or not be made sure of, takes the whole batch with it */
    if ((st && undo_one(w)) || db_savepoint_release(w->db, NULL)) {
        undo_all(w);
        return st ? st : ST_IO;
    }
    return st;
}

static void fail_all(struct task **batch, size_t n, enum status st, const struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (batch[i]->st == ST_OK) {
            batch[i]->st = st;
            batch[i]->err = *err;
            batch[i]->event = (struct event){0};
        }
}

static void hear(struct writer *w, struct task **batch, size_t n)
{
    struct event events[BATCH];
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (batch[i]->event.id)
            events[count++] = batch[i]->event;
#ifdef BROADSHEET_PROVE
    if (w->hook.committed)
        w->hook.committed(w->hook.arg);
#endif
    if (count && w->listener)
        w->listener(w->listener_arg, events, count);
}

static enum status commit(struct writer *w, struct err *err)
{
#ifdef BROADSHEET_PROVE
    if (w->hook.fail_commit && w->hook.fail_commit(w->hook.arg))
        return fail(err, ST_IO, "the commit failed (test)");
#endif
    return db_commit(w->db, err);
}

static void release(struct task **batch, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        batch[i]->done(batch[i]->done_arg, batch[i]->st, &batch[i]->err);
        free(batch[i]);
    }
}

static void erase_log(struct writer *w, struct task **batch, size_t n)
{
    for (size_t i = 0; i < n; i++)
        w->erase |= batch[i]->erase && batch[i]->st == ST_OK;
    if (!w->erase || !db_checkpoint_erase(w->db))
        return;
    w->erase = false;
    w->erased = true;
}

/* After the answers: nobody of the batch waits for it. */
static void keep_house(struct writer *w)
{
    if (db_log_pages(w->db) >= LOG_PAGES)
        db_checkpoint(w->db);
}

/* Runs the first of the batch, all of it unless memory runs short, and gives how many. */
static size_t run_some(struct writer *w, struct task **batch, size_t n)
{
    struct err err = {0};
    if (db_in_transaction(w->db)) /* what the batch before could not undo */
        undo_all(w);
    enum status st = db_begin_write(w->db, &err);
    size_t half = (size_t)(w->arena.end - w->arena.start) / 2;
    for (size_t i = 0; !st && i < n; i++) {
        if (i && (size_t)(w->arena.beg - w->arena.start) > half)
            n = i;
        else
            batch[i]->st = run_one(w, batch[i]);
        if (w->poisoned && GUARD(writer_poisoned))
            st = fail(&err, ST_IO, "a change can't be undone: nothing of its batch is kept");
        else if (!db_in_transaction(w->db))
            st =
                fail(&err, ST_IO,
                     "the database ended the transaction by itself: nothing of it is kept (%.200s)",
                     batch[i]->err.text);
    }
    size_t left = n;
    if (!st && !GUARD(commit_before_release)) {
        hear(w, batch, n);
        release(batch, n);
        left = 0;
    }
    st = st ? st : find_flush(w->db, &w->arena, &err);
    st = st ? st : commit(w, &err);
    if (st) {
        if (db_in_transaction(w->db))
            undo_all(w);
        log_say(w->log, LOG_ERROR, "store", "a batch of %zu changes failed: %s", n, err.text);
        fail_all(batch, left, st, &err);
    } else {
        hear(w, batch, left);
        erase_log(w, batch, left);
    }
    release(batch, left);
    arena_reset(&w->arena);
    keep_house(w);
    return n;
}

static void run_batch(struct writer *w, struct task **batch, size_t n)
{
    for (size_t done = 0; done < n;)
        done += run_some(w, batch + done, n - done);
}

/* ---- the thread ---- */

static size_t take(struct writer *w, struct task **batch)
{
    size_t n = 0;
    while (w->first && n < BATCH) {
        struct task *t = w->first;
        if (t->alone && n)
            break;
        w->first = t->next;
        if (!w->first)
            w->last = NULL;
        w->queued--;
        batch[n++] = t;
        if (t->alone)
            break;
    }
    return n;
}

static enum status trim(struct tx *tx, void *arg)
{
    (void)arg;
    return event_trim(tx, EVENTS_KEPT);
}

static void nobody(void *arg, enum status st, const struct err *err)
{
    (void)arg;
    (void)st;
    (void)err;
}

/* Old events go when nobody waits; a missed one is read from the store only within the ring's
 * length. */
static void trim_when_idle(struct writer *w)
{
    struct clock clock;
    if (clock_read(w->db, &clock, NULL) || clock.n < w->trimmed_at + TRIM_EVERY)
        return;
    struct task *t = calloc(1, sizeof *t);
    if (!t)
        return;
    *t = (struct task){.fn = trim, .done = nobody};
    run_batch(w, &t, 1);
    w->trimmed_at = clock.n;
}

static enum status forget_mark(struct tx *tx, void *arg)
{
    (void)arg;
    return setting_write(tx, ERASE_MARK, STR_NONE);
}

static void erase_when_idle(struct writer *w)
{
    erase_log(w, NULL, 0);
    struct task *t = w->erased ? calloc(1, sizeof *t) : NULL;
    if (!t)
        return;
    *t = (struct task){.fn = forget_mark, .done = nobody};
    w->erased = false;
    run_batch(w, &t, 1);
}

/* What an earlier process left to be erased. */
static enum status read_mark(struct writer *w, struct err *err)
{
    struct view v = view_plain(w->db, &w->arena, 0, err);
    bool there;
    str mark;
    enum status st = db_has_table(w->db, "setting", &there, err);
    if (st || !there)
        return st;
    st = setting_read(&v, ERASE_MARK, &mark);
    w->erase = !st && mark.n;
    arena_reset(&w->arena);
    return st;
}

/* Waits for work; with something left to erase, a second at most. */
static void wait_for_more(struct writer *w)
{
    struct timespec until;
    if (!w->erase) {
        pthread_cond_wait(&w->more, &w->lock);
        return;
    }
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ERASE_AGAIN;
    pthread_cond_timedwait(&w->more, &w->lock, &until);
}

static void *thread(void *arg)
{
    struct writer *w = arg;
    struct task *batch[BATCH];
    pthread_mutex_lock(&w->lock);
    for (;;) {
        size_t n = take(w, batch);
        if (n) {
            pthread_mutex_unlock(&w->lock);
            run_batch(w, batch, n);
            pthread_mutex_lock(&w->lock);
            continue;
        }
        if (w->stopping)
            break;
        pthread_mutex_unlock(&w->lock);
        trim_when_idle(w);
        erase_when_idle(w);
        pthread_mutex_lock(&w->lock);
        if (!w->first && !w->stopping)
            wait_for_more(w);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

enum status writer_start(const char *path, event_fn *listener, void *arg, struct log *log,
                         struct writer **ret, struct err *err)
{
    struct writer *w = calloc(1, sizeof *w);
    if (!w)
        return fail(err, ST_NOMEM, "out of memory for the writer");
    w->listener = listener;
    w->listener_arg = arg;
    w->log = log;
    enum status st = db_open(path, DB_WRITE, &w->db, err);
    st = st ? st : find_start(w->db, err);
    st = st ? st : arena_init(&w->arena, ARENA);
    st = st ? st : read_mark(w, err);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->more, NULL);
    if (!st && pthread_create(&w->thread, NULL, thread, w))
        st = fail(err, ST_IO, "cannot start the writer's thread");
    if (st) {
        db_close(w->db);
        arena_free(&w->arena);
        free(w);
        return st;
    }
    *ret = w;
    return ST_OK;
}

void writer_stop(struct writer *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    db_checkpoint_last(w->db);
    db_close(w->db);
    arena_free(&w->arena);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->more);
    free(w);
}

enum status writer_send(struct writer *w, tx_fn *fn, void *arg, tx_done *done, void *done_arg,
                        bool alone, struct err *err)
{
    struct task *t = calloc(1, sizeof *t);
    if (!t)
        return fail(err, ST_NOMEM, "out of memory for a change");
    *t = (struct task){.fn = fn, .arg = arg, .done = done, .done_arg = done_arg, .alone = alone};
    pthread_mutex_lock(&w->lock);
    bool refused = w->stopping || w->queued >= QUEUE;
    if (!refused) {
        if (w->last)
            w->last->next = t;
        else
            w->first = t;
        w->last = t;
        w->queued++;
        pthread_cond_signal(&w->more);
    }
    pthread_mutex_unlock(&w->lock);
    if (!refused)
        return ST_OK;
    free(t);
    return fail(err, ST_BUSY, "too many changes wait to be written");
}

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool ready;
    enum status st;
    struct err err;
};

static void wake(void *arg, enum status st, const struct err *err)
{
    struct waiting *me = arg;
    pthread_mutex_lock(&me->lock);
    me->st = st;
    me->err = *err;
    me->ready = true;
    pthread_cond_signal(&me->done);
    pthread_mutex_unlock(&me->lock);
}

static enum status do_and_wait(struct writer *w, tx_fn *fn, void *arg, bool alone, struct err *err)
{
    struct waiting me = {.lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
    enum status st = writer_send(w, fn, arg, wake, &me, alone, err);
    if (st)
        return st;
    pthread_mutex_lock(&me.lock);
    while (!me.ready)
        pthread_cond_wait(&me.done, &me.lock);
    pthread_mutex_unlock(&me.lock);
    if (me.st && err)
        *err = me.err;
    return me.st;
}

enum status writer_do(struct writer *w, tx_fn *fn, void *arg, struct err *err)
{
    return do_and_wait(w, fn, arg, false, err);
}

enum status writer_do_alone(struct writer *w, tx_fn *fn, void *arg, struct err *err)
{
    return do_and_wait(w, fn, arg, true, err);
}

#ifdef BROADSHEET_PROVE
void writer_test_hook(struct writer *w, struct writer_hook hook)
{
    pthread_mutex_lock(&w->lock);
    w->hook = hook;
    pthread_mutex_unlock(&w->lock);
}
#endif
