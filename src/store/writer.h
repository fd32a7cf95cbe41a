/* store/writer.h: the one writer thread and its group commit.
 *
 * Writers hand in closures; the thread takes up to 64, runs each in a SAVEPOINT (one that fails
 * rolls back alone), commits once, hands the batch's events to the listener in id order, and only
 * then releases the callers. So when writer_do returns ST_OK the change is on disk and no cache
 * holds an older view. If COMMIT fails, or the engine ended the transaction by itself, all of the
 * batch fail and say so. A closure may run more than once: it has no effect outside the database
 * and the tx's arena.
 *
 * Threads: writer_do from any thread but the writer's own. The listener runs on the writer's
 * thread. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "store/db.h"
#include "base/log.h"

struct writer;

/* A write transaction as a closure sees it. now: the time read once for this closure. */
struct tx {
    struct db *db;
    struct arena *a; /* emptied after the batch */
    i64 now;
    struct err *err;
    str *keys; /* touched so far */
    size_t nkeys, cap;
    u32 *index; /* of keys, by hash, once they are many */
    bool erase; /* tx_erase was called */
    const char
        *kind; /* the event's kind, "story", "site", ...; the first tx_touch sets it if NULL */
};

/* The event of this transaction touches key: every cached page that carries it will be dropped.
 * When at least one key was touched, the last statements before the SAVEPOINT's end move the clock
 * and insert the event. */
void tx_touch(struct tx *tx, str key);
void tx_touchf(struct tx *tx, const char *fmt, ...) PRINTF(2, 3);

/* What this transaction removes is to be gone to the last byte: once it is durable, and before its
 * caller is released, the log is brought into the database and cut to nothing, and the database's
 * unused places are overwritten (db_checkpoint_erase; 0.2 s a GB). Where somebody reads meanwhile,
 * that is tried again after every batch and every second, and by the next process if this one ends.
 */
void tx_erase(struct tx *tx);

/* One event as the cache hears of it. keys is valid during the call only. */
struct event {
    i64 id;
    const str *keys;
    size_t nkeys;
};
typedef void event_fn(void *arg, const struct event *events, size_t n);

typedef enum status tx_fn(struct tx *tx, void *arg);

/* path: the database, opened for writing here, schema already made. listener may be NULL (a command
 * working alone). */
MUST_USE enum status writer_start(const char *path, event_fn *listener, void *arg, struct log *log,
                                  struct writer **ret, struct err *err);
/* Finishes what is queued, then ends. NULL is allowed. */
void writer_stop(struct writer *w);

/* Runs fn in the writer's next batch and waits until it is durable and heard of. Returns fn's
 * status, or what the commit said. ST_BUSY when the queue (4,096 closures) is full or the writer is
 * stopping. */
MUST_USE enum status writer_do(struct writer *w, tx_fn *fn, void *arg, struct err *err);
/* The same in a batch of its own: nothing else commits with it. */
MUST_USE enum status writer_do_alone(struct writer *w, tx_fn *fn, void *arg, struct err *err);
/* Without waiting: done is called on the writer's thread with fn's status after the batch is
 * durable and heard of (or has failed). */
typedef void tx_done(void *arg, enum status st, const struct err *err);
MUST_USE enum status writer_send(struct writer *w, tx_fn *fn, void *arg, tx_done *done,
                                 void *done_arg, bool alone, struct err *err);

#ifdef BROADSHEET_PROVE
/* For tests: fail_commit makes a commit fail when it returns true, fail_undo a rollback, of one
 * change or of all; committed stands between COMMIT and the listener. */
struct writer_hook {
    bool (*fail_commit)(void *arg), (*fail_undo)(void *arg);
    void (*committed)(void *arg);
    void *arg;
};
void writer_test_hook(struct writer *w, struct writer_hook hook);
#endif

#endif
