#include "store/deed.h"

#include "base/guard.h"

enum status deed_list(struct view *v, const struct deed_query *ask, struct deed **ret, size_t *n)
{
    SQL(DEEDS, "iiiiiiiiiii",
        "SELECT w.id, w.key, w.edition, w.headline, w.public, MAX(l.at),"
        " MAX(CASE WHEN l.kind = $4 THEN 1 ELSE 0 END),"
        " MAX(CASE WHEN l.kind = $5 THEN 1 ELSE 0 END),"
        " MAX(CASE WHEN l.kind = $6 THEN 1 ELSE 0 END),"
        " MAX(CASE WHEN l.kind = $7 THEN 1 ELSE 0 END)"
        " FROM audit l JOIN work w ON w.key = l.about"
        " WHERE l.account = $1 AND l.at >= $3 AND l.kind IN ($4, $5, $6, $7)"
        " AND ($8 = 1 OR w.restricted = 0 OR EXISTS (SELECT 1 FROM work_person p"
        " WHERE p.work = w.id AND p.kind = 1 AND p.account = $2))"
        " GROUP BY w.id, w.key, w.edition, w.headline, w.public"
        " HAVING MAX(l.at) < $9 OR (MAX(l.at) = $9 AND w.id < $10)"
        " ORDER BY MAX(l.at) DESC, w.id DESC LIMIT $11");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &DEEDS, v->err);
    bind_int(&q, 1, ask->account);
    bind_int(&q, 2, ask->viewer);
    bind_int(&q, 3, ask->since);
    for (int i = 0; i < DEED_KINDS; i++)
        bind_int(&q, 4 + i, ask->kinds[i]);
    bind_int(&q, 8, GUARD(deeds_restricted) ? 0 : 1);
    bind_int(&q, 9, ask->before_ms ? ask->before_ms : INT64_MAX);
    bind_int(&q, 10, ask->before_work);
    bind_int(&q, 11, (i64)ask->limit);
    struct deed *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        struct deed d = {.work = col_int(&q, 0),
                         .key = col_str(&q, 1, v->a),
                         .edition = col_str(&q, 2, v->a),
                         .headline = col_str(&q, 3, v->a),
                         .public = col_int(&q, 4),
                         .at = col_int(&q, 5)};
        for (int i = 0; i < DEED_KINDS; i++)
            d.did[i] = col_int(&q, 6 + i) != 0;
        list[count++] = d;
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status deed_others(struct view *v, const struct deed_others *ask, i64 *ret)
{
    SQL(OTHERS, "iiitiiii",
        "SELECT COALESCE(MAX(r.number), 0) FROM revision r WHERE r.story = $2 AND r.kind < $3"
        " AND NOT EXISTS (SELECT 1 FROM audit l WHERE l.about = $4 AND l.account = $1"
        " AND ((l.kind = $5 AND r.number = 1 AND r.at >= l.at) OR (l.at = r.at AND l.kind IN ($6, "
        "$7, $8))))");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &OTHERS, v->err);
    bind_int(&q, 1, ask->account);
    bind_int(&q, 2, ask->story);
    bind_int(&q, 3, ask->below);
    bind_str(&q, 4, ask->key);
    bind_int(&q, 5, ask->scheduled);
    for (int i = 0; i < 3; i++)
        bind_int(&q, 6 + i, ask->kinds[i]);
    enum status st = stmt_row(&q);
    if (!st)
        *ret = col_int(&q, 0);
    return st;
}
