#include "store/newsroom.h"

#include <stdlib.h>

#include "base/guard.h"
#include "store/front.h"
#include "store/story.h"

static enum status read_setting(struct view *v, str name, struct arena *a, str *ret)
{
    SQL(SETTING_READ, "t", "SELECT value FROM setting WHERE name = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &SETTING_READ, v->err);
    bind_str(&q, 1, name);
    enum status st = stmt_row(&q);
    if (st && st != ST_NOTFOUND)
        return st;
    str value = st ? STR_NONE : col_str(&q, 0, a);
    if (a->oom)
        return ST_NOMEM;
    *ret = value;
    return ST_OK;
}

enum status setting_read(struct view *v, str name, str *ret)
{
    view_key(v, STR("site"));
    return read_setting(v, name, v->a, ret);
}

enum status setting_write(struct tx *tx, str name, str value)
{
    SQL(SETTING_WRITE, "tt",
        "INSERT INTO setting (name, value) VALUES ($1, $2)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &SETTING_WRITE, tx->err);
    bind_str(&q, 1, name);
    bind_str(&q, 2, value);
    return stmt_run(&q, NULL);
}

/* ---- what a connection keeps: editions, sections and the contact: every page shows them,
 * and they hardly ever change ---- */

enum { KEPT_ARENA = 16 << 20 };

struct kept_sections {
    i64 edition;
    const struct section *list;
    size_t n;
};
struct kept {
    struct arena a;
    i64 site; /* the clock's, as it was when these were read */
    bool have_editions, have_contact;
    str contact;
    const struct edition *editions;
    size_t neditions;
    struct kept_sections *sections; /* of the editions asked for so far */
    size_t nsections, cap;
};

static void kept_end(void *thing)
{
    struct kept *k = thing;
    arena_free(&k->a);
    free(k);
}

static void kept_clear(struct kept *k, i64 site)
{
    struct arena a = k->a;
    arena_reset(&a);
    *k = (struct kept){.a = a, .site = site};
}

/* What is kept and true in this view; NULL where none can be: inside a write transaction, which
 * sees what no clock tells of yet, or when memory is short. */
static struct kept *kept_of(struct view *v)
{
    struct db_kept *slot = db_kept(v->db);
    struct kept *k = slot->thing;
    if (!v->open)
        return NULL;
    if (!k) {
        k = calloc(1, sizeof *k);
        if (!k || arena_init(&k->a, KEPT_ARENA)) {
            free(k);
            return NULL;
        }
        *slot = (struct db_kept){k, kept_end};
        kept_clear(k, v->site);
    }
    if (k->site != v->site && GUARD(kept_site))
        kept_clear(k, v->site);
    return k;
}

static enum status read_editions(struct view *v, struct arena *a, const struct edition **ret,
                                 size_t *n)
{
    SQL(EDITIONS_READ, "",
        "SELECT id, position, slug, locale, zone, name, motto, lead, corrections FROM "
        "edition WHERE "
        "position >= 0 ORDER BY position, id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &EDITIONS_READ, v->err);
    struct edition *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = (struct edition){
            .id = col_int(&q, 0),
            .position = col_int(&q, 1),
            .slug = col_str(&q, 2, a),
            .locale = col_str(&q, 3, a),
            .zone = col_str(&q, 4, a),
            .name = col_str(&q, 5, a),
            .motto = col_str(&q, 6, a),
            .lead = col_str(&q, 7, a),
            .corrections = col_str(&q, 8, a),
        };
    }
    if (st != ST_NOTFOUND)
        return st;
    if (a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status editions_read(struct view *v, const struct edition **ret, size_t *n)
{
    struct kept *k = kept_of(v);
    view_key(v, STR("site"));
    if (!k)
        return read_editions(v, v->a, ret, n);
    if (!k->have_editions) {
        enum status st = read_editions(v, &k->a, &k->editions, &k->neditions);
        if (st) {
            kept_clear(k, v->site);
            return st;
        }
        k->have_editions = true;
    }
    *ret = k->editions;
    *n = k->neditions;
    return ST_OK;
}

enum status contact_read(struct view *v, str *ret)
{
    struct kept *k = kept_of(v);
    if (!k)
        return setting_read(v, STR("contact"), ret);
    view_key(v, STR("site"));
    if (!k->have_contact) {
        enum status st = read_setting(v, STR("contact"), &k->a, &k->contact);
        if (st) {
            kept_clear(k, v->site);
            return st;
        }
        k->have_contact = true;
    }
    *ret = k->contact;
    return ST_OK;
}

static void bind_edition(struct stmt *q, const struct edition *e)
{
    bind_str(q, 1, e->slug);
    bind_str(q, 2, e->locale);
    bind_str(q, 3, e->zone);
    bind_int(q, 4, e->position);
    bind_str(q, 5, e->name);
    bind_str(q, 6, e->motto);
    bind_str(q, 7, e->lead);
    bind_str(q, 8, e->corrections);
}

enum status edition_write(struct tx *tx, struct edition *e)
{
    SQL(EDITION_INSERT, "tttitttt",
        "INSERT INTO edition (slug, locale, zone, position, name, motto, lead, corrections)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id");
    SQL(EDITION_UPDATE, "tttitttti",
        "UPDATE edition SET slug = $1, locale = $2, zone = $3, position = $4, name = $5, motto = "
        "$6, lead = $7, corrections = $8"
        " WHERE id = $9");
    CLEANUP(stmt_reset)
    struct stmt q = db_prepare(tx->db, e->id ? &EDITION_UPDATE : &EDITION_INSERT, tx->err);
    bind_edition(&q, e);
    if (e->id) {
        bind_int(&q, 9, e->id);
        return stmt_run(&q, NULL);
    }
    enum status st = stmt_row(&q);
    if (st)
        return st;
    e->id = col_int(&q, 0);
    return ST_OK;
}

static enum status run_id(struct tx *tx, const struct sql *sql, i64 id)
{
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, sql, tx->err);
    bind_int(&q, 1, id);
    return stmt_run(&q, NULL);
}

static enum status exists_id(struct view *v, const struct sql *sql, i64 id, bool *ret)
{
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, sql, v->err);
    bind_int(&q, 1, id);
    enum status st = stmt_row(&q);
    if (st && st != ST_NOTFOUND)
        return st;
    *ret = st == ST_OK;
    return ST_OK;
}

enum status edition_remove(struct tx *tx, i64 id)
{
    SQL(EDITION_REMOVE_FOOTER, "i", "DELETE FROM footer WHERE edition = $1");
    SQL(EDITION_REMOVE_NAVIGATION, "i", "DELETE FROM navigation WHERE edition = $1");
    SQL(EDITION_REMOVE_SECTIONS, "i", "DELETE FROM section WHERE edition = $1");
    SQL(EDITION_REMOVE_NAMES, "i", "DELETE FROM name WHERE edition = $1");
    SQL(EDITION_REMOVE, "i", "DELETE FROM edition WHERE id = $1");
    enum status st = fronts_remove(tx, id);
    st = st ? st : run_id(tx, &EDITION_REMOVE_FOOTER, id);
    st = st ? st : run_id(tx, &EDITION_REMOVE_NAVIGATION, id);
    st = st ? st : run_id(tx, &EDITION_REMOVE_SECTIONS, id);
    st = st ? st : run_id(tx, &EDITION_REMOVE_NAMES, id);
    return st ? st : run_id(tx, &EDITION_REMOVE, id);
}

enum status edition_has_stories(struct view *v, i64 id, bool *ret)
{
    SQL(EDITION_HAS_STORIES, "i", "SELECT 1 FROM story WHERE edition = $1 LIMIT 1");
    return exists_id(v, &EDITION_HAS_STORIES, id, ret);
}

#define SECTION_COLUMNS                                                                            \
    "id, edition, position, picture, slug, name, description, navigation, listed"

static struct section section_row(const struct stmt *q, struct arena *a)
{
    return (struct section){
        .id = col_int(q, 0),
        .edition = col_int(q, 1),
        .position = col_int(q, 2),
        .picture = col_int(q, 3),
        .slug = col_str(q, 4, a),
        .name = col_str(q, 5, a),
        .description = col_str(q, 6, a),
        .navigation = col_int(q, 7) != 0,
        .listed = col_int(q, 8) != 0,
    };
}

static enum status read_sections(struct view *v, i64 edition, struct arena *a,
                                 const struct section **ret, size_t *n)
{
    SQL(SECTIONS_READ, "i",
        "SELECT " SECTION_COLUMNS
        " FROM section WHERE edition = $1 ORDER BY listed DESC, position, id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &SECTIONS_READ, v->err);
    bind_int(&q, 1, edition);
    struct section *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = section_row(&q, a);
    }
    if (st != ST_NOTFOUND)
        return st;
    if (a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status sections_read(struct view *v, i64 edition, const struct section **ret, size_t *n)
{
    struct kept *k = kept_of(v);
    struct kept_sections new = {.edition = edition};
    view_key(v, STR("site"));
    if (!k)
        return read_sections(v, edition, v->a, ret, n);
    for (size_t i = 0; i < k->nsections; i++)
        if (k->sections[i].edition == edition) {
            *ret = k->sections[i].list;
            *n = k->sections[i].n;
            return ST_OK;
        }
    enum status st = read_sections(v, edition, &k->a, &new.list, &new.n);
    if (!st && !arena_grow(&k->a, k->sections, k->nsections, &k->cap))
        st = ST_NOMEM;
    if (st) {
        kept_clear(k, v->site);
        return st;
    }
    k->sections[k->nsections++] = new;
    *ret = new.list;
    *n = new.n;
    return ST_OK;
}

enum status section_by_slug(struct view *v, i64 edition, str slug, struct section *ret)
{
    SQL(SECTION_BY_SLUG, "it",
        "SELECT " SECTION_COLUMNS " FROM section WHERE edition = $1 AND slug = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &SECTION_BY_SLUG, v->err);
    bind_int(&q, 1, edition);
    bind_str(&q, 2, slug);
    view_key(v, STR("site")); /* sections come and go only with it */
    enum status st = stmt_row(&q);
    if (st)
        return st;
    struct section s = section_row(&q, v->a);
    view_keyf(v, "section/%lld", (long long)s.id);
    if (v->a->oom)
        return ST_NOMEM;
    *ret = s;
    return ST_OK;
}

enum status section_picture(struct view *v, const struct section *s, struct picture *ret)
{
    view_keyf(v, "section-picture/%lld", (long long)s->id);
    return s->picture && s->listed ? picture_by_id(v, s->picture, ret) : ST_NOTFOUND;
}

enum status section_write(struct tx *tx, struct section *s)
{
    SQL(SECTION_INSERT, "ittiiiit",
        "INSERT INTO section (edition, slug, name, picture, navigation, position, listed, "
        "description)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id");
    SQL(SECTION_UPDATE, "ittiiiiti",
        "UPDATE section SET edition = $1, slug = $2, name = $3, picture = $4, navigation = $5, "
        "position = $6,"
        " listed = $7, description = $8 WHERE id = $9");
    CLEANUP(stmt_reset)
    struct stmt q = db_prepare(tx->db, s->id ? &SECTION_UPDATE : &SECTION_INSERT, tx->err);
    bind_int(&q, 1, s->edition);
    bind_str(&q, 2, s->slug);
    bind_str(&q, 3, s->name);
    bind_int(&q, 4, s->picture);
    bind_int(&q, 5, s->navigation);
    bind_int(&q, 6, s->position);
    bind_int(&q, 7, s->listed);
    bind_str(&q, 8, s->description);
    if (s->id) {
        bind_int(&q, 9, s->id);
        return stmt_run(&q, NULL);
    }
    enum status st = stmt_row(&q);
    if (st)
        return st;
    s->id = col_int(&q, 0);
    return ST_OK;
}

enum status section_remove(struct tx *tx, i64 id)
{
    SQL(SECTION_REMOVE, "i", "DELETE FROM section WHERE id = $1");
    return run_id(tx, &SECTION_REMOVE, id);
}

enum status section_has_stories(struct view *v, i64 id, bool *ret)
{
    SQL(SECTION_HAS_STORIES, "i", "SELECT 1 FROM story WHERE section = $1 LIMIT 1");
    return exists_id(v, &SECTION_HAS_STORIES, id, ret);
}

enum status section_in_use(struct view *v, i64 id, bool *ret)
{
    SQL(SECTION_IN_USE, "ti",
        "SELECT 1 FROM listing WHERE list = $1 AND present = 1"
        " UNION ALL SELECT 1 FROM scheduled c CROSS JOIN story s" /* from the few that wait */
        " WHERE s.id = c.story AND s.section = $2"
        " LIMIT 1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &SECTION_IN_USE, v->err);
    bind_str(&q, 1, arena_fmt(v->a, "section-list/%lld", (long long)id));
    bind_int(&q, 2, id);
    enum status st = stmt_row(&q);
    if (st && st != ST_NOTFOUND)
        return st;
    *ret = st == ST_OK;
    return ST_OK;
}

/* Words, story, address, after; and id, path, state, kind of that story. */
static enum status links(struct view *v, const struct sql *sql, i64 edition, struct site_link **ret,
                         size_t *n)
{
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, sql, v->err);
    bind_int(&q, 1, edition);
    view_key(v, STR("site"));
    struct site_link *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        struct site_link *l = &list[count++];
        *l = (struct site_link){.words = col_str(&q, 0, v->a),
                                .story = col_str(&q, 1, v->a),
                                .address = col_str(&q, 2, v->a),
                                .after = col_int(&q, 3),
                                .kind = col_int(&q, 7)};
        if (!col_null(&q, 4))
            view_keyf(v, "address/%lld", (long long)col_int(&q, 4));
        if ((enum story_state)col_int(&q, 6) == STORY_LIVE && !col_null(&q, 4))
            l->path = col_str(&q, 5, v->a);
        else if (l->story.n)
            view_keyf(v, "story-key/%.*s", FMT(l->story));
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status footers_read(struct view *v, i64 edition, struct site_link **ret, size_t *n)
{
    SQL(FOOTERS_READ, "i",
        "SELECT f.words, f.story, f.address, 0, s.id, s.path, s.state, s.kind FROM footer f"
        " LEFT JOIN story s ON s.key = f.story WHERE f.edition = $1 ORDER BY f.position");
    return links(v, &FOOTERS_READ, edition, ret, n);
}

enum status navigation_read(struct view *v, i64 edition, struct site_link **ret, size_t *n)
{
    SQL(NAVIGATION_READ, "i",
        "SELECT n.words, n.story, n.address, n.after_sections, s.id, s.path, s.state, s.kind"
        " FROM navigation n LEFT JOIN story s ON s.key = n.story WHERE n.edition = $1"
        " ORDER BY n.position");
    return links(v, &NAVIGATION_READ, edition, ret, n);
}

enum status footer_naming(struct view *v, str story, str *words)
{
    SQL(FOOTER_NAMING, "t",
        "SELECT words FROM footer WHERE story = $1"
        " UNION ALL SELECT words FROM navigation WHERE story = $1 LIMIT 1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &FOOTER_NAMING, v->err);
    bind_str(&q, 1, story);
    enum status st = stmt_row(&q);
    if (st)
        return st;
    str found = col_str(&q, 0, v->a);
    if (v->a->oom)
        return ST_NOMEM;
    *words = found;
    return ST_OK;
}

enum status footers_write(struct tx *tx, i64 edition, const struct site_link *l, size_t n)
{
    SQL(FOOTERS_CLEAR, "i", "DELETE FROM footer WHERE edition = $1");
    SQL(FOOTER_INSERT, "iittt",
        "INSERT INTO footer (edition, position, words, story, address)"
        " VALUES ($1, $2, $3, $4, $5)");
    enum status st = run_id(tx, &FOOTERS_CLEAR, edition);
    for (size_t i = 0; !st && i < n; i++) {
        CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &FOOTER_INSERT, tx->err);
        bind_int(&q, 1, edition);
        bind_int(&q, 2, (i64)i);
        bind_str(&q, 3, l[i].words);
        bind_str(&q, 4, l[i].story);
        bind_str(&q, 5, l[i].address);
        st = stmt_run(&q, NULL);
    }
    return st;
}

enum status navigation_write(struct tx *tx, i64 edition, const struct site_link *l, size_t n)
{
    SQL(NAVIGATION_CLEAR, "i", "DELETE FROM navigation WHERE edition = $1");
    SQL(NAVIGATION_INSERT, "iittti",
        "INSERT INTO navigation (edition, position, words, story, address, after_sections)"
        " VALUES ($1, $2, $3, $4, $5, $6)");
    enum status st = run_id(tx, &NAVIGATION_CLEAR, edition);
    for (size_t i = 0; !st && i < n; i++) {
        CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &NAVIGATION_INSERT, tx->err);
        bind_int(&q, 1, edition);
        bind_int(&q, 2, (i64)i);
        bind_str(&q, 3, l[i].words);
        bind_str(&q, 4, l[i].story);
        bind_str(&q, 5, l[i].address);
        bind_int(&q, 6, l[i].after);
        st = stmt_run(&q, NULL);
    }
    return st;
}
