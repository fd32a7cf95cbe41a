#include "store/event.h"

#include "base/guard.h"
#include "base/out.h"

enum status clock_read(struct db *db, struct clock *ret, struct err *err)
{
    SQL(CLOCK_READ, "", "SELECT n, site FROM clock");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &CLOCK_READ, err);
    enum status st = stmt_row(&q);
    if (st == ST_NOTFOUND)
        return fail(err, ST_CORRUPT, "the event clock is missing");
    if (st)
        return st;
    *ret = (struct clock){.n = col_int(&q, 0), .site = col_int(&q, 1)};
    return ST_OK;
}

static bool changes_site(const struct tx *tx)
{
    for (size_t i = 0; i < tx->nkeys; i++)
        if (str_eq(tx->keys[i], STR("site")) || str_starts(tx->keys[i], STR("section/")) ||
            str_starts(tx->keys[i], STR("section-picture/")))
            return GUARD(clock_site);
    return false;
}

static enum status clock_move(struct tx *tx, i64 *ret)
{
    SQL(CLOCK_MOVE, "", "UPDATE clock SET n = n + 1 RETURNING n");
    SQL(CLOCK_MOVE_SITE, "", "UPDATE clock SET n = n + 1, site = n + 1 RETURNING n");
    CLEANUP(stmt_reset)
    struct stmt q = db_prepare(tx->db, changes_site(tx) ? &CLOCK_MOVE_SITE : &CLOCK_MOVE, tx->err);
    enum status st = stmt_row(&q);
    if (st == ST_NOTFOUND)
        return fail(tx->err, ST_CORRUPT, "the event clock is missing");
    if (st)
        return st;
    *ret = col_int(&q, 0);
    return ST_OK;
}

enum status event_record(struct tx *tx, struct event *ret)
{
    SQL(EVENT_ADD, "itti", "INSERT INTO event (id, kind, keys, at) VALUES ($1, $2, $3, $4)");
    struct event e = {.keys = tx->keys, .nkeys = tx->nkeys};
    enum status st = clock_move(tx, &e.id);
    if (st)
        return st;
    struct out keys = out_make(tx->a, 256, 8 << 20);
    for (size_t i = 0; i < tx->nkeys; i++) {
        if (i)
            out_byte(&keys, '\n');
        out_str(&keys, tx->keys[i]);
    }
    st = out_status(&keys);
    if (st)
        return st;
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &EVENT_ADD, tx->err);
    bind_int(&q, 1, e.id);
    bind_str(&q, 2, str_c(tx->kind));
    bind_str(&q, 3, out_view(&keys));
    bind_int(&q, 4, tx->now);
    st = stmt_run(&q, NULL);
    if (!st)
        *ret = e;
    return st;
}

static enum status split_keys(str text, struct arena *a, const str **ret, size_t *n)
{
    str *list = NULL, one;
    size_t count = 0, cap = 0;
    for (str rest = text; rest.p;) {
        rest = str_cut(rest, '\n', &one);
        if (!arena_grow(a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = one;
    }
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status event_since(struct db *db, i64 after, size_t limit, struct arena *a, struct event **ret,
                        size_t *n, struct err *err)
{
    SQL(EVENT_SINCE, "ii", "SELECT id, keys FROM event WHERE id > $1 ORDER BY id LIMIT $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &EVENT_SINCE, err);
    bind_int(&q, 1, after);
    bind_int(&q, 2, (i64)limit);
    struct event *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(a, list, count, &cap))
            return ST_NOMEM;
        struct event *e = &list[count++];
        e->id = col_int(&q, 0);
        st = split_keys(col_str(&q, 1, a), a, &e->keys, &e->nkeys);
        if (st)
            return st;
    }
    if (st != ST_NOTFOUND)
        return st;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status event_trim(struct tx *tx, i64 keep)
{
    SQL(EVENT_TRIM, "i", "DELETE FROM event WHERE id <= (SELECT n FROM clock) - $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &EVENT_TRIM, tx->err);
    bind_int(&q, 1, keep);
    return stmt_run(&q, NULL);
}
