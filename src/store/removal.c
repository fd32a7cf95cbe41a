#include "store/removal.h"

#include "base/guard.h"
#include "base/hash.h"
#include "store/front.h"

/* ---- which removals were done ---- */

static enum status there(struct stmt *q, bool *ret)
{
    enum status st = stmt_row(q);
    if (st && st != ST_NOTFOUND)
        return st;
    *ret = st == ST_OK;
    return ST_OK;
}

enum status removal_had(struct view *v, str id, bool *ret)
{
    SQL(REMOVAL_HAD, "t", "SELECT at FROM removal WHERE id = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &REMOVAL_HAD, v->err);
    bind_str(&q, 1, id);
    return there(&q, ret);
}

enum status removal_record(struct tx *tx, str id, i64 at)
{
    SQL(REMOVAL_RECORD, "ti", "INSERT INTO removal (id, at) VALUES ($1, $2)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &REMOVAL_RECORD, tx->err);
    bind_str(&q, 1, id);
    bind_int(&q, 2, at);
    return stmt_run(&q, NULL);
}

/* ---- rows that keep their place and lose words ---- */

enum status revision_cut(struct tx *tx, const struct revision *r)
{
    SQL(REVISION_CUT, "iittbti",
        "UPDATE revision SET note = $3, author = $4, salt = $5, bytes = $6, removed_ms = $7"
        " WHERE story = $1 AND number = $2");
    str salt = GUARD(removal_salt) ? (str){"", 0} : r->salt;
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &REVISION_CUT, tx->err);
    bind_int(&q, 1, r->story);
    bind_int(&q, 2, r->number);
    bind_str(&q, 3, r->note);
    bind_str(&q, 4, r->author);
    bind_bytes(&q, 5, salt);
    bind_str(&q, 6, r->bytes);
    bind_int(&q, 7, r->removed_ms);
    return stmt_run(&q, NULL);
}

enum status save_cut(struct tx *tx, const struct save *s)
{
    SQL(SAVE_CUT, "iit", "UPDATE save SET bytes = $3 WHERE work = $1 AND number = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &SAVE_CUT, tx->err);
    bind_int(&q, 1, s->work);
    bind_int(&q, 2, s->number);
    bind_str(&q, 3, s->bytes);
    return stmt_run(&q, NULL);
}

enum status work_note_cut(struct tx *tx, i64 id, str words)
{
    SQL(NOTE_CUT, "it", "UPDATE work_note SET words = $2 WHERE id = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &NOTE_CUT, tx->err);
    bind_int(&q, 1, id);
    bind_str(&q, 2, words);
    return stmt_run(&q, NULL);
}

enum status slot_list(struct view *v, str story, struct slot_words **ret, size_t *n)
{
    SQL(SLOT_LIST, "t",
        "SELECT s.front, s.position, f.edition, s.headline, s.alt FROM front_slot s"
        " JOIN front f ON f.id = s.front WHERE s.story = $1 ORDER BY s.front, s.position");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &SLOT_LIST, v->err);
    bind_str(&q, 1, story);
    struct slot_words *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = (struct slot_words){.front = col_int(&q, 0),
                                            .position = col_int(&q, 1),
                                            .edition = col_int(&q, 2),
                                            .headline = col_str(&q, 3, v->a),
                                            .alt = col_str(&q, 4, v->a)};
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status slot_cut(struct tx *tx, const struct slot_words *s)
{
    SQL(SLOT_CUT, "iitt",
        "UPDATE front_slot SET headline = $3, alt = $4 WHERE front = $1 AND position = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &SLOT_CUT, tx->err);
    bind_int(&q, 1, s->front);
    bind_int(&q, 2, s->position);
    bind_str(&q, 3, s->headline);
    bind_str(&q, 4, s->alt);
    return stmt_run(&q, NULL);
}

static enum status read_words(struct view *v, struct stmt *q, struct audit_words **ret, size_t *n)
{
    struct audit_words *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = (struct audit_words){col_int(q, 0), col_str(q, 1, v->a)};
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status audit_words_list(struct view *v, str about, struct audit_words **ret, size_t *n)
{
    SQL(AUDIT_WORDS, "t",
        "SELECT id, words FROM audit WHERE about = $1 AND words <> '' ORDER BY id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &AUDIT_WORDS, v->err);
    bind_str(&q, 1, about);
    return read_words(v, &q, ret, n);
}

enum status due_words_list(struct view *v, i64 work, struct audit_words **ret, size_t *n)
{
    SQL(DUE_WORDS, "i", "SELECT id, words FROM due WHERE work = $1 AND words <> '' ORDER BY id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &DUE_WORDS, v->err);
    bind_int(&q, 1, work);
    return read_words(v, &q, ret, n);
}

enum status due_cut(struct tx *tx, const struct audit_words *l)
{
    SQL(DUE_CUT, "it", "UPDATE due SET words = $2 WHERE id = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &DUE_CUT, tx->err);
    bind_int(&q, 1, l->id);
    bind_str(&q, 2, l->words);
    return stmt_run(&q, NULL);
}

enum status audit_cut(struct tx *tx, const struct audit_words *l)
{
    SQL(AUDIT_CUT, "it", "UPDATE audit SET words = $2 WHERE id = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &AUDIT_CUT, tx->err);
    bind_int(&q, 1, l->id);
    bind_str(&q, 2, l->words);
    return stmt_run(&q, NULL);
}

enum status fresh_list(struct view *v, i64 after, size_t limit, struct work **ret, size_t *n)
{
    SQL(FRESH_LIST, "ii",
        "SELECT id, key, save FROM work WHERE public = 0 AND id > $1 ORDER BY id LIMIT $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &FRESH_LIST, v->err);
    bind_int(&q, 1, after);
    bind_int(&q, 2, (i64)limit);
    struct work *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = (struct work){
            .id = col_int(&q, 0), .key = col_str(&q, 1, v->a), .save = col_int(&q, 2)};
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

/* ---- names and addresses ---- */

/* A place on a front that a rule about the topic fills has the newest from now on. */
static enum status rules_forget(struct tx *tx, const struct name *n)
{
    SQL(RULES_FORGET, "iiti",
        "UPDATE front_slot SET rule = $1, about = '' WHERE rule = $2 AND about = $3"
        " AND front IN (SELECT id FROM front WHERE edition = $4)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &RULES_FORGET, tx->err);
    bind_int(&q, 1, SLOT_NEWEST);
    bind_int(&q, 2, SLOT_TOPIC);
    bind_str(&q, 3, n->slug);
    bind_int(&q, 4, n->edition);
    tx_touchf(tx, "front/%lld", (long long)n->edition);
    return stmt_run(&q, NULL);
}

enum status name_forget(struct tx *tx, const struct name *n, str list)
{
    SQL(NAME_USED, "i", "SELECT 1 FROM story_name WHERE name = $1 LIMIT 1");
    SQL(NAME_LIST_FORGET, "t", "DELETE FROM listing WHERE list = $1");
    SQL(NAME_FORGET, "i", "DELETE FROM name WHERE id = $1");
    bool used;
    {
        CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &NAME_USED, tx->err);
        bind_int(&q, 1, n->id);
        enum status st = there(&q, &used);
        if (st || used)
            return st;
    }
    CLEANUP(stmt_reset) struct stmt of = db_prepare(tx->db, &NAME_LIST_FORGET, tx->err);
    bind_str(&of, 1, list);
    enum status st = n->kind == NAME_TOPIC ? rules_forget(tx, n) : ST_OK;
    st = st ? st : stmt_run(&of, NULL);
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &NAME_FORGET, tx->err);
    bind_int(&q, 1, n->id);
    return st ? st : stmt_run(&q, NULL);
}

static str place_of(str path)
{
    size_t n = path.n;
    while (n && path.p[n - 1] != '/')
        n--;
    return str_head(path, n);
}

static struct sha256 salted(str salt, str path)
{
    struct sha256_state s;
    sha256_init(&s);
    sha256_add(&s, salt);
    sha256_add(&s, path);
    return sha256_end(&s);
}

enum status gone_add(struct tx *tx, str path)
{
    SQL(GONE_ADD, "tbb", "INSERT INTO gone (place, salt, hash) VALUES ($1, $2, $3)");
    u8 bytes[16];
    random_bytes(bytes, sizeof bytes);
    str salt = {(const char *)bytes, sizeof bytes};
    struct sha256 h = salted(salt, path);
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &GONE_ADD, tx->err);
    bind_str(&q, 1, place_of(path));
    bind_bytes(&q, 2, salt);
    bind_bytes(&q, 3, (str){(const char *)h.bytes, sizeof h.bytes});
    return stmt_run(&q, NULL);
}

enum status gone_has(struct view *v, str path, bool *ret)
{
    SQL(GONE_AT, "t", "SELECT salt, hash FROM gone WHERE place = $1 ORDER BY id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &GONE_AT, v->err);
    bind_str(&q, 1, place_of(path));
    bool found = false;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        struct sha256 h = salted(col_str(&q, 0, v->a), path);
        found |= str_eq(col_str(&q, 1, v->a), (str){(const char *)h.bytes, sizeof h.bytes});
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = found;
    return ST_OK;
}
