#include "store/picture.h"

#define PICTURE_COLUMNS                                                                            \
    "p.id, p.type, p.width, p.height, p.size, p.added_ms, p.key, p.original, p.served, p.address," \
    " p.added_by, p.shown"
/* A live story shows it; or a background that a live story shows does; or a section in
 * sections.yaml does. */
#define PICTURE_SHOWN                                                                              \
    "(EXISTS (SELECT 1 FROM story_picture sp JOIN story s ON s.id = sp.story WHERE sp.picture = "  \
    "p.id"                                                                                         \
    " AND s.state = 1 AND (s.kind <> 1 OR EXISTS (SELECT 1 FROM story u WHERE u.background = "     \
    "s.key"                                                                                        \
    " AND u.state = 1)))"                                                                          \
    " OR EXISTS (SELECT 1 FROM section c WHERE c.picture = p.id AND c.listed = 1))"

static struct picture picture_row(const struct stmt *q, struct arena *a)
{
    return (struct picture){
        .id = col_int(q, 0),
        .type = col_int(q, 1),
        .width = col_int(q, 2),
        .height = col_int(q, 3),
        .size = col_int(q, 4),
        .added_ms = col_int(q, 5),
        .key = col_str(q, 6, a),
        .original = col_str(q, 7, a),
        .served = col_str(q, 8, a),
        .address = col_str(q, 9, a),
        .added_by = col_int(q, 10),
        .shown = col_int(q, 11) != 0,
    };
}

static enum status picture_one(struct view *v, struct stmt *q, struct picture *ret)
{
    enum status st = stmt_row(q);
    if (st)
        return st;
    struct picture p = picture_row(q, v->a);
    view_keyf(v, "picture/%lld", (long long)p.id);
    if (v->a->oom)
        return ST_NOMEM;
    *ret = p;
    return ST_OK;
}

enum status picture_by_key(struct view *v, str key, struct picture *ret)
{
    SQL(PICTURE_BY_KEY, "t", "SELECT " PICTURE_COLUMNS " FROM picture p WHERE p.key = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &PICTURE_BY_KEY, v->err);
    bind_str(&q, 1, key);
    return picture_one(v, &q, ret);
}

enum status picture_by_id(struct view *v, i64 id, struct picture *ret)
{
    SQL(PICTURE_BY_ID, "i", "SELECT " PICTURE_COLUMNS " FROM picture p WHERE p.id = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &PICTURE_BY_ID, v->err);
    bind_int(&q, 1, id);
    return picture_one(v, &q, ret);
}

enum status picture_public(struct view *v, str address, struct picture *ret)
{
    SQL(PICTURE_PUBLIC, "t",
        "SELECT " PICTURE_COLUMNS " FROM picture p WHERE p.address = $1 AND " PICTURE_SHOWN
        " ORDER BY p.id LIMIT 1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &PICTURE_PUBLIC, v->err);
    bind_str(&q, 1, address);
    view_keyf(v, "url%.*s", FMT(address)); /* touched whenever it begins or ceases to be shown */
    return picture_one(v, &q, ret);
}

enum status picture_is_public(struct view *v, str address, bool *ret)
{
    SQL(PICTURE_IS_PUBLIC, "t",
        "SELECT 1 FROM picture p WHERE p.address = $1 AND " PICTURE_SHOWN " LIMIT 1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &PICTURE_IS_PUBLIC, v->err);
    bind_str(&q, 1, address);
    enum status st = stmt_row(&q);
    if (st && st != ST_NOTFOUND)
        return st;
    *ret = st == ST_OK;
    return ST_OK;
}

enum status picture_keep(struct tx *tx, struct picture *p)
{
    SQL(PICTURE_KEEP, "tbbtiiiiii",
        "INSERT INTO picture (key, original, served, address, type, width, height, size, added_ms,"
        " added_by, shown) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0) ON CONFLICT (key) "
        "DO UPDATE SET key = "
        "excluded.key"
        " RETURNING id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &PICTURE_KEEP, tx->err);
    bind_str(&q, 1, p->key);
    bind_bytes(&q, 2, p->original);
    bind_bytes(&q, 3, p->served);
    bind_str(&q, 4, p->address);
    bind_int(&q, 5, p->type);
    bind_int(&q, 6, p->width);
    bind_int(&q, 7, p->height);
    bind_int(&q, 8, p->size);
    bind_int(&q, 9, p->added_ms);
    bind_int(&q, 10, p->added_by);
    enum status st = stmt_row(&q);
    if (st)
        return st;
    p->id = col_int(&q, 0);
    return ST_OK;
}

enum status pictures_shown(struct tx *tx, const i64 *pictures, size_t n)
{
    SQL(PICTURE_SHOWS, "i", "UPDATE picture SET shown = 1 WHERE id = $1 AND shown = 0");
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < n; i++) {
        CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &PICTURE_SHOWS, tx->err);
        bind_int(&q, 1, pictures[i]);
        st = stmt_run(&q, NULL);
    }
    return st;
}

enum status picture_remove(struct tx *tx, i64 picture)
{
    SQL(PICTURE_REMOVE, "i",
        "DELETE FROM picture WHERE id = $1"
        " AND NOT EXISTS (SELECT 1 FROM story_picture s WHERE s.picture = $1)"
        " AND NOT EXISTS (SELECT 1 FROM section c WHERE c.picture = $1)"
        " AND NOT EXISTS (SELECT 1 FROM work_picture w WHERE w.picture = $1)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &PICTURE_REMOVE, tx->err);
    i64 changed = 0;
    bind_int(&q, 1, picture);
    enum status st = stmt_run(&q, &changed);
    return !st && !changed ? ST_CONFLICT : st;
}

enum status story_pictures_write(struct tx *tx, i64 story, const i64 *pictures, size_t n)
{
    SQL(STORY_PICTURES_CLEAR, "i", "DELETE FROM story_picture WHERE story = $1");
    SQL(STORY_PICTURES_ADD, "ii",
        "INSERT INTO story_picture (story, picture) VALUES ($1, $2) ON CONFLICT (story, picture) "
        "DO NOTHING");
    CLEANUP(stmt_reset) struct stmt clear = db_prepare(tx->db, &STORY_PICTURES_CLEAR, tx->err);
    bind_int(&clear, 1, story);
    enum status st = stmt_run(&clear, NULL);
    for (size_t i = 0; !st && i < n; i++) {
        CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &STORY_PICTURES_ADD, tx->err);
        bind_int(&q, 1, story);
        bind_int(&q, 2, pictures[i]);
        st = stmt_run(&q, NULL);
    }
    return st;
}

static enum status picture_rows(struct view *v, struct stmt *q, struct picture **ret, size_t *n)
{
    struct picture *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = picture_row(q, v->a);
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status story_pictures(struct view *v, i64 story, struct picture **ret, size_t *n)
{
    SQL(STORY_PICTURES, "i",
        "SELECT " PICTURE_COLUMNS " FROM story_picture sp JOIN picture p ON p.id = sp.picture"
        " WHERE sp.story = $1 ORDER BY p.id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &STORY_PICTURES, v->err);
    bind_int(&q, 1, story);
    view_keyf(v, "story/%lld", (long long)story);
    return picture_rows(v, &q, ret, n);
}

static enum status found(struct stmt *q, bool *ret)
{
    enum status st = stmt_row(q);
    if (st && st != ST_NOTFOUND)
        return st;
    *ret = st == ST_OK;
    return ST_OK;
}

enum status picture_names_original(struct db *db, str hash_hex, bool *ret, struct err *err)
{
    SQL(PICTURE_NAMES_ORIGINAL, "t", "SELECT 1 FROM picture WHERE key = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &PICTURE_NAMES_ORIGINAL, err);
    bind_str(&q, 1, str_head(hash_hex, 32));
    return found(&q, ret);
}

enum status picture_names_address(struct db *db, str address, bool *ret, struct err *err)
{
    SQL(PICTURE_NAMES_ADDRESS, "t", "SELECT 1 FROM picture WHERE address = $1 LIMIT 1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &PICTURE_NAMES_ADDRESS, err);
    bind_str(&q, 1, address);
    return found(&q, ret);
}

enum status picture_list(struct view *v, i64 after, size_t limit, struct picture **ret, size_t *n)
{
    SQL(PICTURE_LIST, "ii",
        "SELECT " PICTURE_COLUMNS " FROM picture p WHERE p.id > $1 ORDER BY p.id LIMIT $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &PICTURE_LIST, v->err);
    bind_int(&q, 1, after);
    bind_int(&q, 2, (i64)limit);
    return picture_rows(v, &q, ret, n);
}
