#include "store/mail.h"

#include "store/job.h"

static str payload_of(struct tx *tx, i64 id)
{
    return arena_fmt(tx->a, "%lld", (long long)id);
}

enum status mail_add(struct tx *tx, const struct mail *m)
{
    SQL(MAIL_ADD, "tiittttttii",
        "INSERT INTO mail (name, kind, account, email, person, edition, path, words, client, at, "
        "until_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &MAIL_ADD, tx->err);
    bind_str(&q, 1, m->name);
    bind_int(&q, 2, m->kind);
    bind_int(&q, 3, m->account);
    bind_str(&q, 4, m->email);
    bind_str(&q, 5, m->person);
    bind_str(&q, 6, m->edition);
    bind_str(&q, 7, m->path);
    bind_str(&q, 8, m->words);
    bind_str(&q, 9, m->client);
    bind_int(&q, 10, m->at);
    bind_int(&q, 11, m->until_ms);
    enum status st = stmt_row(&q);
    return st ? st : job_add_to(tx, JOB_MAIL, MAIL_JOB, payload_of(tx, col_int(&q, 0)), tx->now);
}

enum status mail_read(struct view *v, i64 id, struct mail *ret)
{
    SQL(MAIL_READ, "i",
        "SELECT name, kind, account, email, person, edition, path, words, client, at, until_ms "
        "FROM mail WHERE id = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &MAIL_READ, v->err);
    bind_int(&q, 1, id);
    enum status st = stmt_row(&q);
    if (st)
        return st;
    struct mail m = {.id = id,
                     .name = col_str(&q, 0, v->a),
                     .kind = col_int(&q, 1),
                     .account = col_int(&q, 2),
                     .email = col_str(&q, 3, v->a),
                     .person = col_str(&q, 4, v->a),
                     .edition = col_str(&q, 5, v->a),
                     .path = col_str(&q, 6, v->a),
                     .words = col_str(&q, 7, v->a),
                     .client = col_str(&q, 8, v->a),
                     .at = col_int(&q, 9),
                     .until_ms = col_int(&q, 10)};
    if (v->a->oom)
        return ST_NOMEM;
    *ret = m;
    return ST_OK;
}

enum status mail_write(struct tx *tx, const struct mail *m)
{
    SQL(MAIL_WRITE, "ittttttii",
        "UPDATE mail SET account = $1, email = $2, person = $3, edition = $4, path = $5, "
        "words = $6, client = $7, until_ms = $8 WHERE id = $9");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &MAIL_WRITE, tx->err);
    bind_int(&q, 1, m->account);
    bind_str(&q, 2, m->email);
    bind_str(&q, 3, m->person);
    bind_str(&q, 4, m->edition);
    bind_str(&q, 5, m->path);
    bind_str(&q, 6, m->words);
    bind_str(&q, 7, m->client);
    bind_int(&q, 8, m->until_ms);
    bind_int(&q, 9, m->id);
    return stmt_run(&q, NULL);
}

enum status mail_remove(struct tx *tx, i64 id)
{
    SQL(MAIL_REMOVE, "i", "DELETE FROM mail WHERE id = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &MAIL_REMOVE, tx->err);
    bind_int(&q, 1, id);
    enum status st = stmt_run(&q, NULL);
    return st ? st : job_remove(tx, MAIL_JOB, payload_of(tx, id));
}

enum status mail_of_nobody(struct view *v, i64 kind, size_t limit, i64 *ids, size_t *n)
{
    SQL(MAIL_OF_NOBODY, "ii",
        "SELECT id FROM mail WHERE kind = $1 AND account = 0 ORDER BY id LIMIT $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &MAIL_OF_NOBODY, v->err);
    bind_int(&q, 1, kind);
    bind_int(&q, 2, (i64)limit);
    size_t count = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK && count < limit)
        ids[count++] = col_int(&q, 0);
    if (st && st != ST_NOTFOUND)
        return st;
    *n = count;
    return ST_OK;
}

enum status mail_count(struct view *v, i64 *ret)
{
    SQL(MAIL_COUNT, "", "SELECT COUNT(*) FROM mail");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &MAIL_COUNT, v->err);
    enum status st = stmt_row(&q);
    if (!st)
        *ret = col_int(&q, 0);
    return st;
}
