#include "store/hold.h"

enum status hold_read(struct view *v, i64 work, struct hold *ret)
{
    SQL(HOLD_READ, "i",
        "SELECT h.account, h.at, h.reason, a.name FROM hold h"
        " LEFT JOIN account a ON a.id = h.account WHERE h.work = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &HOLD_READ, v->err);
    bind_int(&q, 1, work);
    enum status st = stmt_row(&q);
    if (st)
        return st;
    struct hold h = {.work = work,
                     .account = col_int(&q, 0),
                     .at = col_int(&q, 1),
                     .reason = col_str(&q, 2, v->a),
                     .name = col_str(&q, 3, v->a)};
    if (v->a->oom)
        return ST_NOMEM;
    *ret = h;
    return ST_OK;
}

enum status hold_since(struct view *v, str key, i64 *ret)
{
    SQL(HOLD_SINCE, "t", "SELECT h.at FROM work w JOIN hold h ON h.work = w.id WHERE w.key = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &HOLD_SINCE, v->err);
    bind_str(&q, 1, key);
    enum status st = stmt_row(&q);
    if (!st)
        *ret = col_int(&q, 0);
    return st;
}

enum status hold_add(struct tx *tx, const struct hold *h)
{
    SQL(HOLD_ADD, "iiit",
        "INSERT INTO hold (work, account, at, reason) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (work) DO NOTHING");
    i64 added = 0;
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &HOLD_ADD, tx->err);
    bind_int(&q, 1, h->work);
    bind_int(&q, 2, h->account);
    bind_int(&q, 3, h->at);
    bind_str(&q, 4, h->reason);
    enum status st = stmt_run(&q, &added);
    return st ? st : added ? ST_OK : fail(tx->err, ST_CONFLICT, "it is on hold already");
}

enum status hold_remove(struct tx *tx, i64 work)
{
    SQL(HOLD_REMOVE, "i", "DELETE FROM hold WHERE work = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &HOLD_REMOVE, tx->err);
    bind_int(&q, 1, work);
    return stmt_run(&q, NULL);
}

enum status hold_cut(struct tx *tx, const struct hold *h)
{
    SQL(HOLD_CUT, "it", "UPDATE hold SET reason = $2 WHERE work = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &HOLD_CUT, tx->err);
    bind_int(&q, 1, h->work);
    bind_str(&q, 2, h->reason);
    return stmt_run(&q, NULL);
}
