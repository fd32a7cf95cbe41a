#include "store/due.h"

#include <stdlib.h>

#include "base/guard.h"
#include "store/work_parts.h"

const char *due_why_name(enum due_why why)
{
    static const char *const names[] = {
#define X(k, name) name,
        DUE_WHYS(X)
#undef X
    };
    return (size_t)why < COUNT(names) ? names[why] : "";
}

/* ---- rows ---- */

#define DUE_COLUMNS                                                                                \
    "d.id, d.at, d.account, d.owner, d.source, d.revision, d.kind, d.words, f.key, f.headline,"    \
    " g.name, d.why"
#define DUE_JOINS " LEFT JOIN work f ON f.id = d.source LEFT JOIN account g ON g.id = d.account"
/* $1: who looks; shown: whether that makes no difference (no: a guard). */
#define DUE_SOURCE_SEEN(shown)                                                                     \
    " AND (d.source = 0 OR f.restricted = 0 OR " shown " = 1 OR EXISTS (SELECT 1 FROM"             \
    " work_person t WHERE t.work = d.source AND t.kind = 1 AND t.account = $1))"

static struct due due_row(const struct stmt *q, int from, struct arena *a)
{
    return (struct due){.id = col_int(q, from),
                        .at = col_int(q, from + 1),
                        .account = col_int(q, from + 2),
                        .owner = col_int(q, from + 3),
                        .source = col_int(q, from + 4),
                        .revision = col_int(q, from + 5),
                        .kind = col_int(q, from + 6),
                        .words = col_str(q, from + 7, a),
                        .source_key = col_str(q, from + 8, a),
                        .source_headline = col_str(q, from + 9, a),
                        .name = col_str(q, from + 10, a),
                        .why = (enum due_why)col_int(q, from + 11)};
}

struct rows {
    struct due *list;
    size_t n, cap;
};

enum status due_of(struct view *v, i64 work, enum due_why why, i64 viewer, struct due **ret,
                   size_t *n)
{
    SQL(DUE_OF, "iiii",
        "SELECT " DUE_COLUMNS " FROM due d" DUE_JOINS
        " WHERE d.work = $3 AND d.why = $4" DUE_SOURCE_SEEN("$2") " ORDER BY d.id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &DUE_OF, v->err);
    bind_int(&q, 1, viewer);
    bind_int(&q, 2, !GUARD(due_restricted));
    bind_int(&q, 3, work);
    bind_int(&q, 4, (i64)why);
    struct rows r = {0};
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, r.list, r.n, &r.cap))
            return ST_NOMEM;
        r.list[r.n++] = due_row(&q, 0, v->a);
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = r.list;
    *n = r.n;
    return ST_OK;
}

static enum status add(struct tx *tx, i64 work, const struct due *d)
{
    SQL(DUE_ADD, "iiiiiiiit",
        "INSERT INTO due (work, why, at, account, owner, source, revision, kind, words)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &DUE_ADD, tx->err);
    bind_int(&q, 1, work);
    bind_int(&q, 2, (i64)d->why);
    bind_int(&q, 3, d->at);
    bind_int(&q, 4, d->account);
    bind_int(&q, 5, d->owner);
    bind_int(&q, 6, d->source);
    bind_int(&q, 7, d->revision);
    bind_int(&q, 8, d->kind);
    bind_str(&q, 9, d->words);
    return stmt_run(&q, NULL);
}

enum status due_set(struct tx *tx, i64 work, const struct due *d)
{
    enum status st = due_remove(tx, work, d->why);
    return st ? st : add(tx, work, d);
}

enum status due_translation(struct tx *tx, str key, str source, i64 revision, i64 kind)
{
    SQL(DUE_TRANSLATES, "ittiii",
        "INSERT INTO due (work, why, at, account, owner, source, revision, kind, words)"
        " SELECT w.id, $4, $1, 0, 0, f.id, $5, $6, '' FROM work w, work f"
        " WHERE w.key = $2 AND f.key = $3 AND w.public <> 2"); /* 2: withdrawn */
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &DUE_TRANSLATES, tx->err);
    bind_int(&q, 1, tx->now);
    bind_str(&q, 2, key);
    bind_str(&q, 3, source);
    bind_int(&q, 4, DUE_TRANSLATION);
    bind_int(&q, 5, revision);
    bind_int(&q, 6, kind);
    return stmt_run(&q, NULL);
}

enum status due_remove(struct tx *tx, i64 work, enum due_why why)
{
    SQL(DUE_REMOVE, "ii", "DELETE FROM due WHERE work = $1 AND why = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &DUE_REMOVE, tx->err);
    bind_int(&q, 1, work);
    bind_int(&q, 2, (i64)why);
    return stmt_run(&q, NULL);
}

enum status due_remove_key(struct tx *tx, str key, enum due_why why)
{
    SQL(DUE_REMOVE_KEY, "ti",
        "DELETE FROM due WHERE work = (SELECT id FROM work WHERE key = $1) AND why = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &DUE_REMOVE_KEY, tx->err);
    bind_str(&q, 1, key);
    bind_int(&q, 2, (i64)why);
    return stmt_run(&q, NULL);
}

enum status due_remove_id(struct tx *tx, i64 id)
{
    SQL(DUE_REMOVE_ID, "i", "DELETE FROM due WHERE id = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &DUE_REMOVE_ID, tx->err);
    bind_int(&q, 1, id);
    return stmt_run(&q, NULL);
}

enum status due_remove_source(struct tx *tx, i64 source, i64 kind)
{
    SQL(DUE_REMOVE_SOURCE, "ii", "DELETE FROM due WHERE source = $1 AND source > 0 AND kind = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &DUE_REMOVE_SOURCE, tx->err);
    bind_int(&q, 1, source);
    bind_int(&q, 2, kind);
    return stmt_run(&q, NULL);
}

enum status due_forget(struct tx *tx, i64 work)
{
    SQL(DUE_FORGET, "i", "DELETE FROM due WHERE work = $1 OR (source = $1 AND source > 0)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &DUE_FORGET, tx->err);
    bind_int(&q, 1, work);
    return stmt_run(&q, NULL);
}

/* ---- the list ---- */

/* CROSS JOIN: from what waits to its story, never along all stories. 2: DUE_SENT_BACK */
SQL(DUE_ROWS, "iiiiiittiiiii",
    "SELECT " WORK_COLUMNS ", " DUE_COLUMNS " FROM due d CROSS JOIN work w" WORK_JOINS DUE_JOINS
    " WHERE d.why = $12 AND w.id = d.work AND d.at <= $11" WORK_ASKED DUE_SOURCE_SEEN(
        "$13") " AND (d.why <> 2 OR w.author = $1 OR w.assignee = $1 OR d.owner = $1)"
               " ORDER BY d.at, d.id LIMIT $10");
SQL(DUE_HELD_ROWS, "iiiiiittii",
    "SELECT " WORK_COLUMNS " FROM hold h CROSS JOIN work w" WORK_JOINS
    " WHERE h.at > 0 AND w.id = h.work AND w.due_ms > 0" WORK_ASKED
    " ORDER BY h.at, h.work LIMIT $10");
SQL(DUE_SCHEDULED_ROWS, "iiiiiittii",
    WORK_SELECT " WHERE w.due_ms > 0" WORK_ASKED
                " AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.work = w.id)"
                " ORDER BY w.due_ms, w.id LIMIT $10");
SQL(DUE_DEADLINE_ROWS, "iiiiiittiii",
    WORK_SELECT " WHERE w.deadline_ms > 0 AND w.deadline_ms < $11 AND w.due_ms = 0" WORK_ASKED
                " ORDER BY w.deadline_ms, w.id LIMIT $10");
/* 2 and 3: newsroom/draft.h's in review and approved */
SQL(DUE_STATE_ROWS, "iiiiiittiii",
    WORK_SELECT " WHERE w.state IN (2, 3) AND w.due_ms = 0"
                " AND (w.deadline_ms = 0 OR w.deadline_ms >= $11)" WORK_ASKED
                " ORDER BY w.touched_ms, w.id LIMIT $10");

/* Why a story's own row says that it is due. What is in review or approved waits since it was
 * touched last, unless its deadline is sooner. */
static struct due of_row(struct work w, i64 now)
{
    bool waits = w.state == 2 || w.state == 3;
    struct due d = {.work = w, .why = DUE_DEADLINE, .at = w.deadline_ms};
    if (w.due_ms) {
        d.why = w.held_ms ? DUE_HELD : DUE_SCHEDULED;
        d.at = w.due_ms;
    } else if (w.deadline_ms && w.deadline_ms < now) {
        d.why = DUE_LATE;
    } else if (waits) {
        d.why = w.state == 3 ? DUE_APPROVED : DUE_REVIEW;
        d.at = w.deadline_ms && w.deadline_ms < w.touched_ms ? w.deadline_ms : w.touched_ms;
    }
    return d;
}

struct listing_due {
    struct view *v;
    const struct work_query *ask;
    i64 until;
    struct rows r;
};

/* why: of rows of their own; ignored elsewhere. */
static enum status part(struct listing_due *l, const struct sql *sql, enum due_why why)
{
    struct view *v = l->v;
    struct rows *r = &l->r;
    bool own = sql == &DUE_ROWS;
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, sql, v->err);
    work_bind_asked(&q, l->ask);
    bind_int(&q, 10, (i64)l->ask->limit);
    if (sql->params[10])
        bind_int(&q, 11, l->until);
    if (own) {
        bind_int(&q, 12, (i64)why);
        bind_int(&q, 13, !GUARD(due_restricted));
    }
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, r->list, r->n, &r->cap))
            return ST_NOMEM;
        struct work w = work_row(&q, v->a);
        struct due d = own ? due_row(&q, WORK_ROW_COLUMNS, v->a) : of_row(w, v->now);
        d.work = w;
        r->list[r->n++] = d;
    }
    return st == ST_NOTFOUND ? ST_OK : st;
}

static bool stands_in_the_way(const struct due *d)
{
    return d->why == DUE_REFUSED || d->why == DUE_HELD;
}

static int in_order(const void *a, const void *b)
{
    const struct due *x = a, *y = b;
    if (stands_in_the_way(x) != stands_in_the_way(y))
        return stands_in_the_way(x) ? -1 : 1;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->work.id != y->work.id ? (x->work.id < y->work.id ? -1 : 1)
                                    : (int)x->why - (int)y->why;
}

enum status due_list(struct view *v, const struct work_query *q, i64 until, struct due **ret,
                     size_t *n)
{
    struct listing_due l = {.v = v, .ask = q, .until = until};
    enum status st = part(&l, &DUE_ROWS, DUE_REFUSED);
    st = st ? st : part(&l, &DUE_ROWS, DUE_TRANSLATION);
    st = st ? st : part(&l, &DUE_ROWS, DUE_SENT_BACK);
    static const struct sql *const of_work[] = {&DUE_HELD_ROWS, &DUE_SCHEDULED_ROWS,
                                                &DUE_DEADLINE_ROWS, &DUE_STATE_ROWS};
    for (size_t i = 0; !st && i < COUNT(of_work); i++)
        st = part(&l, of_work[i], 0);
    if (st)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    if (l.r.n)
        qsort(l.r.list, l.r.n, sizeof *l.r.list, in_order);
    *ret = l.r.list;
    *n = l.r.n < q->limit ? l.r.n : q->limit;
    return ST_OK;
}
