/* Revisions, scheduled changes and addresses of store/story.h. */
#include "store/story.h"

const char *revision_kind_name(enum revision_kind k)
{
    static const char *const names[] = {
#define X(kind, name) name,
        REVISION_KINDS(X)
#undef X
    };
    return names[k];
}

enum status revision_add(struct tx *tx, const struct revision *r)
{
    SQL(REVISION_ADD, "iiittiibbt",
        "INSERT INTO revision (story, number, kind, note, author, at, format, salt, hash, bytes)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &REVISION_ADD, tx->err);
    bind_int(&q, 1, r->story);
    bind_int(&q, 2, r->number);
    bind_int(&q, 3, (i64)r->kind);
    bind_str(&q, 4, r->note);
    bind_str(&q, 5, r->author);
    bind_int(&q, 6, r->at);
    bind_int(&q, 7, r->format);
    bind_bytes(&q, 8, r->salt);
    bind_bytes(&q, 9, r->hash);
    bind_str(&q, 10, r->bytes);
    return stmt_run(&q, NULL);
}

enum status revision_read(struct view *v, i64 story, i64 number, struct revision *ret)
{
    SQL(REVISION_READ, "ii",
        "SELECT kind, note, author, at, format, salt, hash, bytes, removed_ms FROM revision WHERE "
        "story = $1 "
        "AND number = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &REVISION_READ, v->err);
    bind_int(&q, 1, story);
    bind_int(&q, 2, number);
    view_keyf(v, "story/%lld", (long long)story);
    enum status st = stmt_row(&q);
    if (st)
        return st;
    struct revision r = {
        .story = story,
        .number = number,
        .kind = (enum revision_kind)col_int(&q, 0),
        .note = col_str(&q, 1, v->a),
        .author = col_str(&q, 2, v->a),
        .at = col_int(&q, 3),
        .format = col_int(&q, 4),
        .salt = col_str(&q, 5, v->a),
        .hash = col_str(&q, 6, v->a),
        .bytes = col_str(&q, 7, v->a),
        .removed_ms = col_int(&q, 8),
    };
    if (v->a->oom)
        return ST_NOMEM;
    *ret = r;
    return ST_OK;
}

enum status revision_list(struct view *v, i64 story, struct revision **ret, size_t *n)
{
    SQL(REVISION_LIST, "i",
        "SELECT number, kind, note, author, at, format, removed_ms FROM revision WHERE story = $1 "
        "ORDER BY "
        "number DESC");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &REVISION_LIST, v->err);
    bind_int(&q, 1, story);
    view_keyf(v, "story/%lld", (long long)story);
    struct revision *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = (struct revision){
            .story = story,
            .number = col_int(&q, 0),
            .kind = (enum revision_kind)col_int(&q, 1),
            .note = col_str(&q, 2, v->a),
            .author = col_str(&q, 3, v->a),
            .at = col_int(&q, 4),
            .format = col_int(&q, 5),
            .removed_ms = col_int(&q, 6),
        };
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status scheduled_write(struct tx *tx, const struct scheduled *s)
{
    SQL(SCHEDULED_WRITE, "iiitit",
        "INSERT INTO scheduled (story, due, base, author, at, bytes) VALUES ($1, $2, $3, $4, $5, "
        "$6)"
        " ON CONFLICT (story) DO UPDATE SET due = excluded.due, base = excluded.base, author = "
        "excluded.author,"
        " at = excluded.at, bytes = excluded.bytes");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &SCHEDULED_WRITE, tx->err);
    bind_int(&q, 1, s->story);
    bind_int(&q, 2, s->due);
    bind_int(&q, 3, s->base);
    bind_str(&q, 4, s->author);
    bind_int(&q, 5, s->at);
    bind_str(&q, 6, s->bytes);
    return stmt_run(&q, NULL);
}

enum status scheduled_read(struct view *v, i64 story, struct scheduled *ret)
{
    SQL(SCHEDULED_READ, "i", "SELECT due, base, author, at, bytes FROM scheduled WHERE story = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &SCHEDULED_READ, v->err);
    bind_int(&q, 1, story);
    enum status st = stmt_row(&q);
    if (st)
        return st;
    struct scheduled s = {
        .story = story,
        .due = col_int(&q, 0),
        .base = col_int(&q, 1),
        .author = col_str(&q, 2, v->a),
        .at = col_int(&q, 3),
        .bytes = col_str(&q, 4, v->a),
    };
    if (v->a->oom)
        return ST_NOMEM;
    *ret = s;
    return ST_OK;
}

enum status scheduled_remove(struct tx *tx, i64 story)
{
    SQL(SCHEDULED_REMOVE, "i", "DELETE FROM scheduled WHERE story = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &SCHEDULED_REMOVE, tx->err);
    bind_int(&q, 1, story);
    return stmt_run(&q, NULL);
}

enum status address_find(struct view *v, str path, i64 *story)
{
    SQL(ADDRESS_FIND, "t", "SELECT story FROM address WHERE path = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &ADDRESS_FIND, v->err);
    bind_str(&q, 1, path);
    enum status st = stmt_row(&q);
    if (st == ST_NOTFOUND)
        view_keyf(v, "url%.*s", FMT(path));
    if (st)
        return st;
    *story = col_int(&q, 0);
    return ST_OK;
}

enum status address_list(struct view *v, i64 story, str **ret, size_t *n)
{
    SQL(ADDRESS_LIST, "i", "SELECT path FROM address WHERE story = $1 ORDER BY path");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &ADDRESS_LIST, v->err);
    bind_int(&q, 1, story);
    str *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = col_str(&q, 0, v->a);
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status address_take(struct tx *tx, str path, i64 story)
{
    SQL(ADDRESS_TAKE, "ti",
        "INSERT INTO address (path, story) VALUES ($1, $2) ON CONFLICT (path) DO UPDATE SET story "
        "= excluded.story"
        " WHERE address.story = excluded.story RETURNING story");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &ADDRESS_TAKE, tx->err);
    bind_str(&q, 1, path);
    bind_int(&q, 2, story);
    enum status st = stmt_row(&q);
    return st == ST_NOTFOUND ? ST_CONFLICT : st;
}

enum status address_release(struct tx *tx, str path, i64 story)
{
    SQL(ADDRESS_RELEASE, "ti", "DELETE FROM address WHERE path = $1 AND story = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &ADDRESS_RELEASE, tx->err);
    bind_str(&q, 1, path);
    bind_int(&q, 2, story);
    return stmt_run(&q, NULL);
}
