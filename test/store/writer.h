/* test/store/writer.h: a database with its writer in a temporary folder, and one kind of change. */
#ifndef TEST_STORE_WRITER_H
#define TEST_STORE_WRITER_H

#include "test.h"

#include <pthread.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/time.h"
#include "store/event.h"
#include "store/newsroom.h"
#include "store/schema.h"

struct world {
    char folder[64], path[128];
    struct writer *w;
    pthread_mutex_t lock;
    i64 heard; /* the newest event the listener heard */
    bool in_order;
    bool fail_commit, fail_undo;
    i64 at_commit; /* what had been heard when COMMIT was done */
    struct arena a;
};

struct change {
    int n;
    bool fails;
};

static inline void listen_in(void *arg, const struct event *events, size_t n)
{
    struct world *w = arg;
    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < n; i++) {
        w->in_order &= events[i].id == w->heard + 1;
        w->heard = events[i].id;
    }
    pthread_mutex_unlock(&w->lock);
}

static inline int setup(void **state)
{
    static struct world w;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    w = (struct world){.folder = "/tmp/broadsheet-test-XXXXXX",
                       .lock = PTHREAD_MUTEX_INITIALIZER,
                       .in_order = true};
    assert_int_equal(hash_start(), ST_OK);
    assert_int_equal(arena_init(&w.a, 64 << 20), ST_OK);
    assert_non_null(mkdtemp(w.folder));
    snprintf(w.path, sizeof w.path, "%s/site.db", w.folder);
    assert_ok(db_open(w.path, DB_WRITE, &db, &err), &err);
    assert_ok(schema_open(db, w.path, &err), &err);
    assert_ok(writer_start(w.path, listen_in, &w, NULL, &w.w, &err), &err);
    *state = &w;
    return 0;
}

static inline int teardown(void **state)
{
    struct world *w = *state;
    char command[128];
    writer_stop(w->w);
    arena_free(&w->a);
    time_set_for_test(0);
    snprintf(command, sizeof command, "rm -rf %s", w->folder);
    return system(command);
}

static inline enum status set(struct tx *tx, void *arg)
{
    const struct change *c = arg;
    enum status st = setting_write(tx, arena_fmt(tx->a, "k%d", c->n), arena_fmt(tx->a, "%d", c->n));
    if (st)
        return st;
    tx_touchf(tx, "key/%d", c->n);
    return c->fails ? fail(tx->err, ST_INVALID, "on purpose") : ST_OK;
}

static inline str read_setting(struct world *w, const char *name)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    str value;
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(setting_read(&v, str_c(name), &value), &err);
    return value;
}

static inline i64 clock_now(struct world *w)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    struct clock clock;
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    assert_ok(clock_read(db, &clock, &err), &err);
    return clock.n;
}

#endif
