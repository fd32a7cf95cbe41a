#include "store/name.h"

str name_list_key(const struct name *n, struct arena *a)
{
    return arena_fmt(a, "%s/%lld", n->kind == NAME_TOPIC ? "topic-list" : "byline-list",
                     (long long)n->id);
}

enum status name_by_slug(struct view *v, enum name_kind kind, i64 edition, str slug,
                         struct name *ret)
{
    SQL(NAME_BY_SLUG, "iit",
        "SELECT id, name, lang FROM name WHERE kind = $1 AND edition = $2 AND slug = $3");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &NAME_BY_SLUG, v->err);
    bind_int(&q, 1, (i64)kind);
    bind_int(&q, 2, edition);
    bind_str(&q, 3, slug);
    enum status st = stmt_row(&q);
    if (st)
        return st;
    struct name n = {
        .id = col_int(&q, 0),
        .edition = edition,
        .kind = kind,
        .slug = arena_str(v->a, slug),
        .name = col_str(&q, 1, v->a),
        .lang = col_str(&q, 2, v->a),
    };
    if (v->a->oom)
        return ST_NOMEM;
    *ret = n;
    return ST_OK;
}

enum status name_by_id(struct view *v, i64 id, struct name *ret)
{
    SQL(NAME_BY_ID, "i", "SELECT kind, edition, slug, name, lang FROM name WHERE id = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &NAME_BY_ID, v->err);
    bind_int(&q, 1, id);
    enum status st = stmt_row(&q);
    if (st)
        return st;
    struct name n = {
        .id = id,
        .kind = (enum name_kind)col_int(&q, 0),
        .edition = col_int(&q, 1),
        .slug = col_str(&q, 2, v->a),
        .name = col_str(&q, 3, v->a),
        .lang = col_str(&q, 4, v->a),
    };
    if (v->a->oom)
        return ST_NOMEM;
    *ret = n;
    return ST_OK;
}

enum status name_keep(struct tx *tx, struct name *n)
{
    SQL(NAME_KEEP, "iittt",
        "INSERT INTO name (kind, edition, slug, name, lang) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (kind, edition, slug) DO UPDATE SET slug = excluded.slug RETURNING id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &NAME_KEEP, tx->err);
    bind_int(&q, 1, (i64)n->kind);
    bind_int(&q, 2, n->edition);
    bind_str(&q, 3, n->slug);
    bind_str(&q, 4, n->name);
    bind_str(&q, 5, n->lang);
    enum status st = stmt_row(&q);
    if (st)
        return st;
    n->id = col_int(&q, 0);
    return ST_OK;
}

enum status names_of(struct view *v, i64 story, struct name **ret, size_t *n)
{
    SQL(NAMES_OF, "i",
        "SELECT n.id, n.edition, n.slug, n.name, n.lang, sn.role, sn.kind FROM story_name sn JOIN "
        "name n ON n.id = sn.name WHERE sn.story = $1 ORDER BY sn.kind, sn.position");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &NAMES_OF, v->err);
    bind_int(&q, 1, story);
    view_keyf(v, "story/%lld", (long long)story);
    struct name *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = (struct name){
            .id = col_int(&q, 0),
            .edition = col_int(&q, 1),
            .kind = (enum name_kind)col_int(&q, 6),
            .slug = col_str(&q, 2, v->a),
            .name = col_str(&q, 3, v->a),
            .lang = col_str(&q, 4, v->a),
            .role = col_str(&q, 5, v->a),
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

enum status names_write(struct tx *tx, i64 story, enum name_kind kind, const struct name *list,
                        size_t n)
{
    SQL(NAMES_CLEAR, "ii", "DELETE FROM story_name WHERE story = $1 AND kind = $2");
    SQL(NAMES_ADD, "iiiit",
        "INSERT INTO story_name (story, kind, position, name, role) VALUES ($1, $2, $3, $4, $5)");
    CLEANUP(stmt_reset) struct stmt clear = db_prepare(tx->db, &NAMES_CLEAR, tx->err);
    bind_int(&clear, 1, story);
    bind_int(&clear, 2, (i64)kind);
    enum status st = stmt_run(&clear, NULL);
    for (size_t i = 0; !st && i < n; i++) {
        CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &NAMES_ADD, tx->err);
        bind_int(&q, 1, story);
        bind_int(&q, 2, (i64)kind);
        bind_int(&q, 3, (i64)i);
        bind_int(&q, 4, list[i].id);
        bind_str(&q, 5, list[i].role);
        st = stmt_run(&q, NULL);
    }
    return st;
}
