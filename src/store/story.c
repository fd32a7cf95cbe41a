#include "store/story.h"

/* One row shape for pages, lists and cards, so that a card never needs a second query. */
#define STORY_COLUMNS                                                                              \
    "s.id, s.edition, s.section, s.kind, s.revision, s.state, s.key, s.slug, s.path, s.first_ms,"  \
    " s.published_ms, s.updated_ms, s.embargo_ms, s.headline, s.front, s.standfirst, s.label,"     \
    " s.kicker, s.picture, s.picture_use, s.background, s.translation_of, s.family, s.note,"       \
    " e.slug, c.slug, c.name, n.slug, n.name, p.address, p.width, p.height"
#define STORY_JOINS                                                                                \
    " JOIN edition e ON e.id = s.edition LEFT JOIN section c ON c.id = s.section"                  \
    " LEFT JOIN name n ON n.id = s.kicker LEFT JOIN picture p ON p.id = s.picture"

static struct story story_row(const struct stmt *q, struct arena *a)
{
    return (struct story){
        .id = col_int(q, 0),
        .edition = col_int(q, 1),
        .section = col_int(q, 2),
        .kind = col_int(q, 3),
        .revision = col_int(q, 4),
        .state = (enum story_state)col_int(q, 5),
        .key = col_str(q, 6, a),
        .slug = col_str(q, 7, a),
        .path = col_str(q, 8, a),
        .first_ms = col_int(q, 9),
        .published_ms = col_int(q, 10),
        .updated_ms = col_int(q, 11),
        .embargo_ms = col_int(q, 12),
        .headline = col_str(q, 13, a),
        .front = col_str(q, 14, a),
        .standfirst = col_str(q, 15, a),
        .label = col_str(q, 16, a),
        .kicker = col_int(q, 17),
        .picture = col_int(q, 18),
        .picture_use = col_str(q, 19, a),
        .background = col_str(q, 20, a),
        .translation_of = col_str(q, 21, a),
        .family = col_int(q, 22),
        .note = col_str(q, 23, a),
        .edition_slug = col_str(q, 24, a),
        .section_slug = col_str(q, 25, a),
        .section_name = col_str(q, 26, a),
        .kicker_slug = col_str(q, 27, a),
        .kicker_name = col_str(q, 28, a),
        .picture_address = col_str(q, 29, a),
        .picture_width = col_int(q, 30),
        .picture_height = col_int(q, 31),
    };
}

static const char *const part_names[] = {[PART_ADDRESS] = "address",
                                         [PART_HEADLINE] = "headline",
                                         [PART_CARD] = "card",
                                         [PART_RELATED] = "related",
                                         [PART_PAGE] = "story"};

static void story_keys(struct view *v, const struct story *s, enum story_part part)
{
    view_keyf(v, "%s/%lld", part_names[part], (long long)s->id);
    if (part >= PART_CARD && s->picture)
        view_keyf(v, "picture/%lld", (long long)s->picture);
    if (s->state != STORY_LIVE)
        view_keyf(v, "story-key/%.*s", FMT(s->key));
}

static enum status story_one(struct view *v, struct stmt *q, enum story_part part,
                             struct story *ret)
{
    enum status st = stmt_row(q);
    if (st)
        return st;
    struct story s = story_row(q, v->a);
    story_keys(v, &s, part);
    if (v->a->oom)
        return ST_NOMEM;
    *ret = s;
    return ST_OK;
}

enum status story_by_key(struct view *v, str key, enum story_part part, struct story *ret)
{
    SQL(STORY_BY_KEY, "t", "SELECT " STORY_COLUMNS " FROM story s" STORY_JOINS " WHERE s.key = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &STORY_BY_KEY, v->err);
    bind_str(&q, 1, key);
    enum status st = story_one(v, &q, part, ret);
    if (st == ST_NOTFOUND)
        view_keyf(v, "story-key/%.*s", FMT(key));
    return st;
}

enum status story_by_id(struct view *v, i64 id, enum story_part part, struct story *ret)
{
    SQL(STORY_BY_ID, "i", "SELECT " STORY_COLUMNS " FROM story s" STORY_JOINS " WHERE s.id = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &STORY_BY_ID, v->err);
    bind_int(&q, 1, id);
    return story_one(v, &q, part, ret);
}

enum status story_by_path(struct view *v, str path, enum story_part part, struct story *ret)
{
    SQL(STORY_BY_PATH, "t",
        "SELECT " STORY_COLUMNS " FROM address a JOIN story s ON s.id = a.story" STORY_JOINS
        " WHERE a.path = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &STORY_BY_PATH, v->err);
    bind_str(&q, 1, path);
    enum status st = story_one(v, &q, part, ret);
    if (st == ST_NOTFOUND)
        view_keyf(v, "url%.*s", FMT(path));
    return st;
}

static str fold_ascii(struct arena *a, str key)
{
    char *p = arena_bytes(a, key.n + 1);
    if (!p)
        return STR_NONE;
    for (size_t i = 0; i < key.n; i++)
        p[i] = (char)(key.p[i] >= 'A' && key.p[i] <= 'Z' ? key.p[i] + 32 : key.p[i]);
    return (str){p, key.n};
}

enum status story_key_taken(struct view *v, str key, str *ret)
{
    SQL(STORY_KEY_TAKEN, "tt", "SELECT key FROM story WHERE key_fold = $1 AND key <> $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &STORY_KEY_TAKEN, v->err);
    bind_str(&q, 1, fold_ascii(v->a, key));
    bind_str(&q, 2, key);
    enum status st = stmt_row(&q);
    if (st)
        return st;
    str held = col_str(&q, 0, v->a);
    if (v->a->oom)
        return ST_NOMEM;
    *ret = held;
    return ST_OK;
}

static void bind_story(struct stmt *q, const struct story *s, struct arena *a)
{
    bind_str(q, 1, s->key);
    bind_str(q, 2, fold_ascii(a, s->key));
    bind_int(q, 3, s->edition);
    bind_int(q, 4, s->section);
    bind_int(q, 5, s->kind);
    bind_int(q, 6, (i64)s->state);
    bind_int(q, 7, s->revision);
    bind_str(q, 8, s->slug);
    bind_str(q, 9, s->path);
    bind_int(q, 10, s->first_ms);
    bind_int(q, 11, s->published_ms);
    bind_int(q, 12, s->updated_ms);
    bind_int(q, 13, s->embargo_ms);
    bind_str(q, 14, s->headline);
    bind_str(q, 15, s->front);
    bind_str(q, 16, s->standfirst);
    bind_str(q, 17, s->label);
    bind_int(q, 18, s->kicker);
    bind_int(q, 19, s->picture);
    bind_str(q, 20, s->picture_use);
    bind_str(q, 21, s->background);
    bind_str(q, 22, s->translation_of);
    bind_int(q, 23, s->family);
    bind_str(q, 24, s->note);
}

enum status story_write(struct tx *tx, struct story *s)
{
    SQL(STORY_INSERT, "ttiiiiittiiiittttiitttit",
        "INSERT INTO story (key, key_fold, edition, section, kind, state, revision, slug, path, "
        "first_ms,"
        " published_ms, updated_ms, embargo_ms, headline, front, standfirst, label, kicker, "
        "picture, picture_use,"
        " background, translation_of, family, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
        "$10, $11, $12,"
        " $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) RETURNING id");
    SQL(STORY_UPDATE, "ttiiiiittiiiittttiitttiti",
        "UPDATE story SET key = $1, key_fold = $2, edition = $3, section = $4, kind = $5, state = "
        "$6,"
        " revision = $7, slug = $8, path = $9, first_ms = $10, published_ms = $11, updated_ms = "
        "$12,"
        " embargo_ms = $13, headline = $14, front = $15, standfirst = $16, label = $17, kicker = "
        "$18,"
        " picture = $19, picture_use = $20, background = $21, translation_of = $22, family = $23, "
        "note = $24"
        " WHERE id = $25");
    CLEANUP(stmt_reset)
    struct stmt q = db_prepare(tx->db, s->id ? &STORY_UPDATE : &STORY_INSERT, tx->err);
    bind_story(&q, s, tx->a);
    if (s->id) {
        bind_int(&q, 25, s->id);
        return stmt_run(&q, NULL);
    }
    enum status st = stmt_row(&q);
    if (st)
        return st;
    s->id = col_int(&q, 0);
    return ST_OK;
}

void story_touch(struct tx *tx, i64 id, enum story_part part)
{
    tx_touchf(tx, "%s/%lld", part_names[part], (long long)id);
}

/* Reads all rows of q as stories; keys for each by part. */
static enum status story_rows(struct view *v, struct stmt *q, enum story_part part,
                              struct story **ret, size_t *n)
{
    struct story *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count] = story_row(q, v->a);
        story_keys(v, &list[count], part);
        count++;
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status story_family(struct view *v, i64 family, bool all, struct story **ret, size_t *n)
{
    SQL(STORY_FAMILY, "ii",
        "SELECT " STORY_COLUMNS " FROM story s" STORY_JOINS
        " WHERE s.family = $1 AND (s.state = 1 OR $2 = 1) ORDER BY e.position, s.id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &STORY_FAMILY, v->err);
    bind_int(&q, 1, family);
    bind_int(&q, 2, all);
    return story_rows(v, &q, PART_ADDRESS, ret, n);
}

enum status story_translations_of(struct view *v, str key, struct story **ret, size_t *n)
{
    SQL(STORY_TRANSLATIONS_OF, "t",
        "SELECT " STORY_COLUMNS " FROM story s" STORY_JOINS
        " WHERE s.translation_of = $1 ORDER BY s.id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &STORY_TRANSLATIONS_OF, v->err);
    bind_str(&q, 1, key);
    return story_rows(v, &q, PART_ADDRESS, ret, n);
}

enum status story_set_family(struct tx *tx, i64 id, i64 family)
{
    SQL(STORY_SET_FAMILY, "ii", "UPDATE story SET family = $1 WHERE id = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &STORY_SET_FAMILY, tx->err);
    bind_int(&q, 1, family);
    bind_int(&q, 2, id);
    return stmt_run(&q, NULL);
}

static enum status ids(struct view *v, struct stmt *q, i64 **ret, size_t *n)
{
    i64 *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = col_int(q, 0);
    }
    if (st != ST_NOTFOUND)
        return st;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status story_naming_background(struct view *v, str key, str *ret)
{
    SQL(STORY_NAMING_BACKGROUND, "t",
        "SELECT key FROM story WHERE background = $1 ORDER BY id LIMIT 1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &STORY_NAMING_BACKGROUND, v->err);
    bind_str(&q, 1, key);
    enum status st = stmt_row(&q);
    if (st)
        return st;
    str who = col_str(&q, 0, v->a);
    if (v->a->oom)
        return ST_NOMEM;
    *ret = who;
    return ST_OK;
}

enum status story_remove(struct tx *tx, i64 id)
{
    SQL(STORY_REMOVE, "i", "DELETE FROM story WHERE id = $1 AND revision = 0");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &STORY_REMOVE, tx->err);
    bind_int(&q, 1, id);
    return stmt_run(&q, NULL);
}

enum status story_ids(struct view *v, i64 after, size_t limit, i64 **ret, size_t *n)
{
    SQL(STORY_IDS, "ii", "SELECT id FROM story WHERE id > $1 ORDER BY id LIMIT $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &STORY_IDS, v->err);
    bind_int(&q, 1, after);
    bind_int(&q, 2, (i64)limit);
    return ids(v, &q, ret, n);
}

enum status story_list_ids(struct view *v, str list, size_t limit, i64 **ret, size_t *n)
{
    SQL(STORY_LIST_IDS, "ti",
        "SELECT story FROM listing WHERE list = $1 AND present = 1"
        " ORDER BY first_ms DESC, story DESC LIMIT $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &STORY_LIST_IDS, v->err);
    bind_str(&q, 1, list);
    bind_int(&q, 2, (i64)limit);
    view_key(v, list);
    return ids(v, &q, ret, n);
}

enum status story_list(struct view *v, const struct story_list_query *ask, struct story **ret,
                       size_t *n)
{
    SQL(STORY_LIST, "tiii",
        "SELECT " STORY_COLUMNS " FROM listing l JOIN story s ON s.id = l.story" STORY_JOINS
        " WHERE l.list = $1 AND l.present = 1 AND (l.first_ms, l.story) < ($2, $3)"
        " ORDER BY l.first_ms DESC, l.story DESC LIMIT $4");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &STORY_LIST, v->err);
    bool top = ask->before_id == 0;
    bind_str(&q, 1, ask->list);
    bind_int(&q, 2, top ? INT64_MAX : ask->before_ms);
    bind_int(&q, 3, top ? INT64_MAX : ask->before_id);
    bind_int(&q, 4, (i64)ask->limit);
    view_keyf(v, top ? "%.*s" : "%.*s/tail", FMT(ask->list));
    return story_rows(v, &q, PART_CARD, ret, n);
}

enum status story_headlines(struct view *v, i64 edition, i64 kind, i64 since_ms, size_t limit,
                            struct story **ret, size_t *n)
{
    SQL(STORY_HEADLINES, "iiiii", /* all of it stands in the index story_news */
        "SELECT id, path, first_ms, published_ms, headline FROM story WHERE edition = $1"
        " AND kind = $2 AND state = $3 AND first_ms > $4 ORDER BY first_ms DESC, id DESC LIMIT $5");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &STORY_HEADLINES, v->err);
    bind_int(&q, 1, edition);
    bind_int(&q, 2, kind);
    bind_int(&q, 3, STORY_LIVE);
    bind_int(&q, 4, since_ms);
    bind_int(&q, 5, (i64)limit);
    view_keyf(v, "edition-list/%lld", (long long)edition);
    struct story *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        struct story *s = &list[count++];
        *s = (struct story){.id = col_int(&q, 0),
                            .edition = edition,
                            .kind = kind,
                            .state = STORY_LIVE,
                            .path = col_str(&q, 1, v->a),
                            .first_ms = col_int(&q, 2),
                            .published_ms = col_int(&q, 3),
                            .headline = col_str(&q, 4, v->a)};
        story_keys(v, s, PART_HEADLINE);
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}
