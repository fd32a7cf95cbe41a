#include "store/job.h"

#include <stdlib.h>

#include "base/guard.h"

enum status job_add(struct tx *tx, str kind, str payload, i64 due)
{
    return job_add_to(tx, JOB_PROMPT, kind, payload, due);
}

enum status job_add_to(struct tx *tx, enum job_queue queue, str kind, str payload, i64 due)
{
    SQL(JOB_ADD, "ttii",
        "INSERT INTO job (kind, payload, due, attempts, leased_until, queue)"
        " VALUES ($1, $2, $3, 0, 0, $4)"
        " ON CONFLICT (kind, payload) DO UPDATE SET due = excluded.due, attempts = 0, leased_until "
        "= 0");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &JOB_ADD, tx->err);
    bind_str(&q, 1, kind);
    bind_str(&q, 2, payload);
    bind_int(&q, 3, due);
    bind_int(&q, 4, queue);
    return stmt_run(&q, NULL);
}

enum status job_remove(struct tx *tx, str kind, str payload)
{
    SQL(JOB_REMOVE, "tt", "DELETE FROM job WHERE kind = $1 AND payload = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &JOB_REMOVE, tx->err);
    bind_str(&q, 1, kind);
    bind_str(&q, 2, payload);
    return stmt_run(&q, NULL);
}

/* RETURNING has no order of its own. */
static int by_due(const void *a, const void *b)
{
    const struct job *x = a, *y = b;
    if (x->due != y->due)
        return x->due < y->due ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

enum status job_claim(struct tx *tx, enum job_queue queue, i64 now, i64 lease_ms, size_t limit,
                      struct arena *a, struct job **ret, size_t *n)
{
    SQL(JOB_CLAIM, "iiiii",
        "UPDATE job SET leased_until = $1, attempts = attempts + 1 WHERE id IN"
        " (SELECT id FROM job WHERE queue = $5 AND due <= $2 AND leased_until <= $3"
        " ORDER BY due, id LIMIT $4 LOCK)"
        " RETURNING id, kind, payload, due, attempts");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &JOB_CLAIM, tx->err);
    bind_int(&q, 1, now + lease_ms);
    bind_int(&q, 2, now);
    bind_int(&q, 3, now);
    bind_int(&q, 4, (i64)limit);
    bind_int(&q, 5, GUARD(job_queue) ? queue : JOB_PROMPT);
    struct job *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = (struct job){.id = col_int(&q, 0),
                                     .kind = col_str(&q, 1, a),
                                     .payload = col_str(&q, 2, a),
                                     .due = col_int(&q, 3),
                                     .attempts = col_int(&q, 4)};
    }
    if (st != ST_NOTFOUND)
        return st;
    if (a->oom)
        return ST_NOMEM;
    if (GUARD(jobs_in_order) && count > 1)
        qsort(list, count, sizeof *list, by_due);
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status job_done(struct tx *tx, i64 id)
{
    SQL(JOB_DONE, "i", "DELETE FROM job WHERE id = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &JOB_DONE, tx->err);
    bind_int(&q, 1, id);
    return stmt_run(&q, NULL);
}

enum status jobs_release(struct tx *tx, enum job_queue queue)
{
    SQL(JOBS_RELEASE, "i", "UPDATE job SET leased_until = 0 WHERE queue = $1 AND leased_until > 0");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &JOBS_RELEASE, tx->err);
    bind_int(&q, 1, queue);
    return stmt_run(&q, NULL);
}

enum status job_delay(struct tx *tx, i64 id, i64 due)
{
    SQL(JOB_DELAY, "ii", "UPDATE job SET due = $1, leased_until = 0 WHERE id = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &JOB_DELAY, tx->err);
    bind_int(&q, 1, due);
    bind_int(&q, 2, id);
    return stmt_run(&q, NULL);
}

enum status job_next(struct db *db, enum job_queue queue, i64 *ret, struct err *err)
{
    SQL(JOB_NEXT, "i",
        "SELECT CASE WHEN leased_until > due THEN leased_until ELSE due END FROM job"
        " WHERE queue = $1 ORDER BY 1 LIMIT 1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &JOB_NEXT, err);
    bind_int(&q, 1, queue);
    enum status st = stmt_row(&q);
    if (st && st != ST_NOTFOUND)
        return st;
    *ret = st ? MS_NEVER : col_int(&q, 0);
    return ST_OK;
}
