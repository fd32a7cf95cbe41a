#include "store/waiting.h"

enum status waiting_read(struct view *v, i64 work, struct waiting *ret)
{
    SQL(WAITING_READ, "i",
        "SELECT save, base, change, correction, account, at, failed FROM waiting"
        " WHERE work = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &WAITING_READ, v->err);
    bind_int(&q, 1, work);
    enum status st = stmt_row(&q);
    if (st)
        return st;
    struct waiting w = {.work = work,
                        .save = col_int(&q, 0),
                        .base = col_int(&q, 1),
                        .change = col_int(&q, 2),
                        .correction = col_str(&q, 3, v->a),
                        .account = col_int(&q, 4),
                        .at = col_int(&q, 5),
                        .failed = col_int(&q, 6) != 0};
    if (v->a->oom)
        return ST_NOMEM;
    *ret = w;
    return ST_OK;
}

enum status waiting_write(struct tx *tx, const struct waiting *w)
{
    SQL(WAITING_WRITE, "iiiitiii",
        "INSERT INTO waiting (work, save, base, change, correction, account, at, failed)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (work) DO UPDATE SET"
        " save = excluded.save, base = excluded.base, change = excluded.change,"
        " correction = excluded.correction, account = excluded.account, at = excluded.at,"
        " failed = excluded.failed");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &WAITING_WRITE, tx->err);
    bind_int(&q, 1, w->work);
    bind_int(&q, 2, w->save);
    bind_int(&q, 3, w->base);
    bind_int(&q, 4, w->change);
    bind_str(&q, 5, w->correction);
    bind_int(&q, 6, w->account);
    bind_int(&q, 7, w->at);
    bind_int(&q, 8, w->failed);
    return stmt_run(&q, NULL);
}

enum status waiting_remove(struct tx *tx, i64 work)
{
    SQL(WAITING_REMOVE, "i", "DELETE FROM waiting WHERE work = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &WAITING_REMOVE, tx->err);
    bind_int(&q, 1, work);
    return stmt_run(&q, NULL);
}
