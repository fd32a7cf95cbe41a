#include "store/front.h"

#include "base/guard.h"

/* The columns of a front's head, and its slots beside it: one row each, one at least. */
#define FRONT_COLUMNS "f.id, f.edition, f.account, f.at, f.due_ms, COALESCE(a.name, '')"
#define FRONT_WHOLE                                                                                \
    "SELECT " FRONT_COLUMNS ", COALESCE(s.position, 0), s.story, s.headline, s.picture, s.alt, "   \
    "s.rule, s.about"                                                                              \
    " FROM front f LEFT JOIN account a ON a.id = f.account"                                        \
    " LEFT JOIN front_slot s ON s.front = f.id"

static struct front head(const struct stmt *q, struct arena *a)
{
    return (struct front){.id = col_int(q, 0),
                          .edition = col_int(q, 1),
                          .account = col_int(q, 2),
                          .at = col_int(q, 3),
                          .due = col_int(q, 4),
                          .name = col_str(q, 5, a)};
}

static struct front_slot slot(const struct stmt *q, struct arena *a)
{
    return (struct front_slot){.story = col_str(q, 7, a),
                               .headline = col_str(q, 8, a),
                               .picture = col_str(q, 9, a),
                               .alt = col_str(q, 10, a),
                               .rule = (enum slot_rule)col_int(q, 11),
                               .about = col_str(q, 12, a)};
}

static enum status whole(struct stmt *q, struct arena *a, struct front *ret)
{
    struct front f = {0};
    enum status st;
    while ((st = stmt_row(q)) == ST_OK) {
        if (!f.id)
            f = head(q, a);
        if (col_int(q, 6) == 0)
            continue;
        if (f.n == FRONT_SLOTS)
            return fail(q->err, ST_CORRUPT, "the front %lld has more slots than a front has",
                        (long long)f.id);
        f.slots[f.n++] = slot(q, a);
    }
    if (st != ST_NOTFOUND)
        return st;
    if (a->oom)
        return ST_NOMEM;
    if (!f.id)
        return ST_NOTFOUND;
    *ret = f;
    return ST_OK;
}

enum status front_in_force(struct view *v, i64 edition, struct front *ret)
{
    SQL(FRONT_IN_FORCE, "i",
        FRONT_WHOLE " WHERE f.id = (SELECT MAX(id) FROM front WHERE edition = $1 AND "
                    "due_ms = 0)"
                    " ORDER BY s.position");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &FRONT_IN_FORCE, v->err);
    bind_int(&q, 1, edition);
    view_keyf(v, "front/%lld", (long long)edition);
    enum status st = whole(&q, v->a, ret);
    if (st != ST_NOTFOUND)
        return st;
    *ret = (struct front){.edition = edition};
    return ST_OK;
}

enum status front_read(struct view *v, i64 edition, i64 id, struct front *ret)
{
    SQL(FRONT_READ, "ii", FRONT_WHOLE " WHERE f.id = $1 AND f.edition = $2 ORDER BY s.position");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &FRONT_READ, v->err);
    bind_int(&q, 1, id);
    bind_int(&q, 2, edition);
    return whole(&q, v->a, ret);
}

enum status front_due_read(struct view *v, i64 id, struct front *ret)
{
    SQL(FRONT_DUE_READ, "i", FRONT_WHOLE " WHERE f.id = $1 AND f.due_ms > 0 ORDER BY s.position");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &FRONT_DUE_READ, v->err);
    bind_int(&q, 1, id);
    return whole(&q, v->a, ret);
}

static enum status heads(struct view *v, const struct sql *sql, i64 edition, size_t limit,
                         struct front **ret, size_t *n)
{
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, sql, v->err);
    bind_int(&q, 1, edition);
    bind_int(&q, 2, (i64)limit);
    struct front *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = head(&q, v->a);
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status front_list(struct view *v, i64 edition, size_t limit, struct front **ret, size_t *n)
{
    SQL(FRONT_LIST, "ii",
        "SELECT " FRONT_COLUMNS " FROM front f LEFT JOIN account a ON a.id = f.account"
        " WHERE f.edition = $1 AND f.due_ms = 0 ORDER BY f.id DESC LIMIT $2");
    return heads(v, &FRONT_LIST, edition, limit, ret, n);
}

enum status front_waiting(struct view *v, i64 edition, size_t limit, struct front **ret, size_t *n)
{
    SQL(FRONT_WAITING, "ii",
        "SELECT " FRONT_COLUMNS " FROM front f LEFT JOIN account a ON a.id = f.account"
        " WHERE f.edition = $1 AND f.due_ms > 0 ORDER BY f.due_ms, f.id LIMIT $2");
    return heads(v, &FRONT_WAITING, edition, limit, ret, n);
}

static enum status add_slot(struct tx *tx, i64 front, i64 position, const struct front_slot *s)
{
    SQL(FRONT_SLOT_ADD, "iittttit",
        "INSERT INTO front_slot (front, position, story, headline, picture, alt, rule, about)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &FRONT_SLOT_ADD, tx->err);
    bind_int(&q, 1, front);
    bind_int(&q, 2, position);
    bind_str(&q, 3, s->story);
    bind_str(&q, 4, s->headline);
    bind_str(&q, 5, s->picture);
    bind_str(&q, 6, s->alt);
    bind_int(&q, 7, (i64)s->rule);
    bind_str(&q, 8, s->about);
    return stmt_run(&q, NULL);
}

static enum status add_head(struct tx *tx, const struct front *f, i64 *id)
{
    SQL(FRONT_ADD, "iiii",
        "INSERT INTO front (edition, account, at, due_ms) VALUES ($1, $2, $3, $4) RETURNING id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &FRONT_ADD, tx->err);
    bind_int(&q, 1, f->edition);
    bind_int(&q, 2, f->account);
    bind_int(&q, 3, f->at);
    bind_int(&q, 4, f->due);
    enum status st = stmt_row(&q);
    if (!st)
        *id = col_int(&q, 0);
    return st;
}

enum status front_add(struct tx *tx, struct front *f)
{
    i64 id;
    enum status st = add_head(tx, f, &id);
    for (size_t i = 0; !st && i < f->n; i++)
        st = add_slot(tx, id, (i64)i + 1, &f->slots[i]);
    if (st)
        return st;
    if (!f->due && GUARD(front_key))
        tx_touchf(tx, "front/%lld", (long long)f->edition);
    f->id = id;
    return ST_OK;
}

static enum status run_id(struct tx *tx, const struct sql *sql, i64 id)
{
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, sql, tx->err);
    bind_int(&q, 1, id);
    return stmt_run(&q, NULL);
}

enum status front_remove(struct tx *tx, i64 id)
{
    SQL(FRONT_REMOVE_SLOTS, "i", "DELETE FROM front_slot WHERE front = $1");
    SQL(FRONT_REMOVE, "i", "DELETE FROM front WHERE id = $1 AND due_ms > 0");
    enum status st = run_id(tx, &FRONT_REMOVE_SLOTS, id);
    return st ? st : run_id(tx, &FRONT_REMOVE, id);
}

enum status fronts_remove(struct tx *tx, i64 edition)
{
    SQL(FRONTS_REMOVE_SLOTS, "i",
        "DELETE FROM front_slot WHERE front IN (SELECT id FROM front WHERE edition = $1)");
    SQL(FRONTS_REMOVE, "i", "DELETE FROM front WHERE edition = $1");
    enum status st = run_id(tx, &FRONTS_REMOVE_SLOTS, edition);
    return st ? st : run_id(tx, &FRONTS_REMOVE, edition);
}
