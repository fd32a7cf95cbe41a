#include "store/preview_link.h"

static str bytes_of(const struct sha256 *hash)
{
    return (str){(const char *)hash->bytes, sizeof hash->bytes};
}

enum status preview_link_add(struct tx *tx, const struct sha256 *hash, const struct preview_link *l)
{
    SQL(LINK_ADD, "biiii",
        "INSERT INTO preview_link (hash, work, save, account, ends_ms) VALUES ($1, $2, $3, $4, "
        "$5)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &LINK_ADD, tx->err);
    bind_bytes(&q, 1, bytes_of(hash));
    bind_int(&q, 2, l->work);
    bind_int(&q, 3, l->save);
    bind_int(&q, 4, l->account);
    bind_int(&q, 5, l->ends_ms);
    return stmt_run(&q, NULL);
}

enum status preview_link_read(struct view *v, const struct sha256 *hash, struct preview_link *ret)
{
    SQL(LINK_READ, "b", "SELECT work, save, account, ends_ms FROM preview_link WHERE hash = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &LINK_READ, v->err);
    bind_bytes(&q, 1, bytes_of(hash));
    enum status st = stmt_row(&q);
    if (!st)
        *ret = (struct preview_link){.work = col_int(&q, 0),
                                     .save = col_int(&q, 1),
                                     .account = col_int(&q, 2),
                                     .ends_ms = col_int(&q, 3)};
    return st;
}

enum status preview_link_last(struct view *v, i64 work, i64 save, i64 *ret)
{
    SQL(LINK_LAST, "iii",
        "SELECT ends_ms FROM preview_link WHERE work = $1 AND save = $2 AND ends_ms > $3"
        " ORDER BY ends_ms DESC LIMIT 1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &LINK_LAST, v->err);
    bind_int(&q, 1, work);
    bind_int(&q, 2, save);
    bind_int(&q, 3, v->now);
    enum status st = stmt_row(&q);
    if (!st)
        *ret = col_int(&q, 0);
    return st;
}

enum status preview_link_remove(struct tx *tx, i64 work, i64 save)
{
    SQL(LINK_REMOVE, "ii", "DELETE FROM preview_link WHERE work = $1 AND ($2 = 0 OR save = $2)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &LINK_REMOVE, tx->err);
    bind_int(&q, 1, work);
    bind_int(&q, 2, save);
    return stmt_run(&q, NULL);
}

enum status preview_link_remove_ended(struct tx *tx, i64 now)
{
    SQL(LINKS_ENDED, "i", "DELETE FROM preview_link WHERE ends_ms <= $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &LINKS_ENDED, tx->err);
    bind_int(&q, 1, now);
    return stmt_run(&q, NULL);
}
