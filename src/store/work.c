#include "store/work.h"

#include <stdlib.h>

#include "base/guard.h"
#include "store/due.h"
#include "store/find.h"
#include "store/hold.h"
#include "store/preview_link.h"
#include "store/waiting.h"
#include "store/work_parts.h"

struct work work_row(const struct stmt *q, struct arena *a)
{
    return (struct work){
        .id = col_int(q, 0),
        .key = col_str(q, 1, a),
        .edition = col_str(q, 2, a),
        .section = col_str(q, 3, a),
        .headline = col_str(q, 4, a),
        .kind = col_int(q, 5),
        .state = col_int(q, 6),
        .public = col_int(q, 7),
        .save = col_int(q, 8),
        .base = col_int(q, 9),
        .author = col_int(q, 10),
        .assignee = col_int(q, 11),
        .deadline_ms = col_int(q, 12),
        .due_ms = col_int(q, 13),
        .words = col_int(q, 14),
        .touched_ms = col_int(q, 15),
        .touched_by = col_int(q, 16),
        .sent_by = col_int(q, 17),
        .approved = col_int(q, 18),
        .approved_by = col_int(q, 19),
        .scheduled = col_int(q, 20),
        .restricted = col_int(q, 21) != 0,
        .author_name = col_str(q, 22, a),
        .assignee_name = col_str(q, 23, a),
        .touched_name = col_str(q, 24, a),
        .saved_by = col_int(q, 25),
        .held_ms = col_int(q, 26),
    };
}

static enum status one_work(struct view *v, struct stmt *q, struct work *ret)
{
    enum status st = stmt_row(q);
    if (st)
        return st;
    struct work w = work_row(q, v->a);
    if (v->a->oom)
        return ST_NOMEM;
    *ret = w;
    return ST_OK;
}

enum status work_by_key(struct view *v, str key, struct work *ret)
{
    SQL(WORK_BY_KEY, "t", WORK_SELECT " WHERE w.key = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &WORK_BY_KEY, v->err);
    bind_str(&q, 1, key);
    return one_work(v, &q, ret);
}

enum status work_by_id(struct view *v, i64 id, struct work *ret)
{
    SQL(WORK_BY_ID, "i", WORK_SELECT " WHERE w.id = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &WORK_BY_ID, v->err);
    bind_int(&q, 1, id);
    return one_work(v, &q, ret);
}

static void bind_work(struct stmt *q, const struct work *w)
{
    bind_str(q, 1, w->key);
    bind_str(q, 2, w->edition);
    bind_str(q, 3, w->section);
    bind_str(q, 4, w->headline);
    bind_int(q, 5, w->kind);
    bind_int(q, 6, w->state);
    bind_int(q, 7, w->public);
    bind_int(q, 8, w->save);
    bind_int(q, 9, w->base);
    bind_int(q, 10, w->author);
    bind_int(q, 11, w->assignee);
    bind_int(q, 12, w->deadline_ms);
    bind_int(q, 13, w->due_ms);
    bind_int(q, 14, w->words);
    bind_int(q, 15, w->touched_ms);
    bind_int(q, 16, w->touched_by);
    bind_int(q, 17, w->sent_by);
    bind_int(q, 18, w->approved);
    bind_int(q, 19, w->approved_by);
    bind_int(q, 20, w->scheduled);
    bind_int(q, 21, w->restricted);
}

enum status work_write(struct tx *tx, struct work *w)
{
    SQL(WORK_INSERT, "ttttiiiiiiiiiiiiiiiii",
        "INSERT INTO work (key, edition, section, headline, kind, state, public, save, base,"
        " author, assignee, deadline_ms, due_ms, words, touched_ms, touched_by, sent_by, approved,"
        " approved_by, scheduled, restricted) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
        " $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) RETURNING id");
    SQL(WORK_UPDATE, "ttttiiiiiiiiiiiiiiiiii",
        "UPDATE work SET key = $1, edition = $2, section = $3, headline = $4, kind = $5, state = "
        "$6, public = $7, save = $8, base = $9, author = $10, assignee = $11, deadline_ms = $12,"
        " due_ms = $13, words = $14, touched_ms = $15, touched_by = $16, sent_by = $17, approved = "
        "$18, approved_by = $19, scheduled = $20, restricted = $21 WHERE id = $22");
    CLEANUP(stmt_reset)
    struct stmt q = db_prepare(tx->db, w->id ? &WORK_UPDATE : &WORK_INSERT, tx->err);
    bind_work(&q, w);
    if (w->id) {
        bind_int(&q, 22, w->id);
        return stmt_run(&q, NULL);
    }
    enum status st = stmt_row(&q);
    if (st)
        return st;
    w->id = col_int(&q, 0);
    return ST_OK;
}

static enum status run_with(struct tx *tx, const struct sql *sql, i64 id)
{
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, sql, tx->err);
    bind_int(&q, 1, id);
    return stmt_run(&q, NULL);
}

enum status work_remove(struct tx *tx, i64 id)
{
    SQL(NOTES_REMOVE, "i", "DELETE FROM work_note WHERE work = $1");
    SQL(PEOPLE_REMOVE, "i", "DELETE FROM work_person WHERE work = $1");
    SQL(PICTURES_REMOVE, "i", "DELETE FROM work_picture WHERE work = $1");
    SQL(SAVES_REMOVE, "i", "DELETE FROM save WHERE work = $1");
    SQL(WORK_REMOVE, "i", "DELETE FROM work WHERE id = $1");
    enum status st = run_with(tx, &NOTES_REMOVE, id);
    st = st ? st : run_with(tx, &PEOPLE_REMOVE, id);
    st = st ? st : preview_link_remove(tx, id, 0);
    st = st ? st : run_with(tx, &PICTURES_REMOVE, id);
    st = st ? st : waiting_remove(tx, id);
    st = st ? st : hold_remove(tx, id);
    st = st ? st : due_forget(tx, id);
    st = st ? st : run_with(tx, &SAVES_REMOVE, id);
    st = st ? st : run_with(tx, &WORK_REMOVE, id);
    st = st ? st : find_remove(tx, id);
    if (!st && GUARD(destroyed_bytes))
        tx_erase(tx);
    return st;
}

/* ---- lists ---- */

#define WORK_PAGE                                                                                  \
    WORK_ASKED " AND (w.touched_ms, w.id) < ($10, $11)"                                            \
               " ORDER BY w.touched_ms DESC, w.id DESC"

SQL(LIST_TOUCHED, "iiiiiittiiii", WORK_SELECT " WHERE w.touched_ms <= $10" WORK_PAGE " LIMIT $12");
SQL(LIST_STATE, "iiiiiittiiii", WORK_SELECT " WHERE w.state = $3 - 1" WORK_PAGE " LIMIT $12");
SQL(LIST_PUBLIC, "iiiiiittiiii", WORK_SELECT " WHERE w.public = $4 - 1" WORK_PAGE " LIMIT $12");
SQL(LIST_AUTHOR, "iiiiiittiiii",
    WORK_SELECT " WHERE w.author = $5 AND w.author > 0" WORK_PAGE " LIMIT $12");
SQL(LIST_ASSIGNEE, "iiiiiittiiii",
    WORK_SELECT " WHERE w.assignee = $6 AND w.assignee > 0" WORK_PAGE " LIMIT $12");
SQL(LIST_SECTION, "iiiiiittiiii",
    WORK_SELECT " WHERE w.edition = $7 AND w.section = $8" WORK_PAGE " LIMIT $12");
SQL(LIST_EDITION, "iiiiiittiiii", WORK_SELECT " WHERE w.edition = $7" WORK_PAGE " LIMIT $12");
SQL(LIST_PAGES, "iiiiiittiiii",
    WORK_SELECT " WHERE w.kind = 2 AND w.edition = $7" WORK_PAGE " LIMIT $12");
SQL(LIST_MINE, "iiiiiittiiii",
    WORK_SELECT " WHERE w.author = $1 AND w.author > 0" WORK_PAGE " LIMIT $12");
SQL(LIST_MINE_TO_DO, "iiiiiittiiii",
    WORK_SELECT " WHERE w.assignee = $1 AND w.assignee > 0 AND w.author <> $1" WORK_PAGE
                " LIMIT $12");
/* CROSS JOIN: from the person to the stories, never along all stories. */
SQL(LIST_SHARED, "iiiiiittiiii",
    "SELECT " WORK_COLUMNS " FROM work_person p CROSS JOIN work w" WORK_JOINS
    " WHERE p.account = $1 AND p.kind = 0 AND w.id = p.work AND w.author <> $1"
    " AND w.assignee <> $1" WORK_PAGE " LIMIT $12");

struct rows {
    struct work *list;
    size_t n, cap;
};

void work_bind_asked(struct stmt *q, const struct work_query *ask)
{
    bind_int(q, 1, ask->viewer);
    bind_int(q, 2, !GUARD(restriction_filter));
    bind_int(q, 3, ask->state);
    bind_int(q, 4, ask->public);
    bind_int(q, 5, ask->author);
    bind_int(q, 6, ask->assignee);
    bind_str(q, 7, ask->edition);
    bind_str(q, 8, ask->section);
    bind_int(q, 9, ask->all);
}

static enum status read_rows(struct view *v, struct stmt *q, struct rows *r)
{
    enum status st;
    while ((st = stmt_row(q)) == ST_OK) {
        if (!arena_grow(v->a, r->list, r->n, &r->cap))
            return ST_NOMEM;
        r->list[r->n++] = work_row(q, v->a);
    }
    return st == ST_NOTFOUND ? ST_OK : st;
}

static enum status list_part(struct view *v, const struct sql *sql, const struct work_query *ask,
                             struct rows *r)
{
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, sql, v->err);
    bool top = ask->before_id == 0;
    work_bind_asked(&q, ask);
    bind_int(&q, 10, top ? INT64_MAX : ask->before_ms);
    bind_int(&q, 11, top ? INT64_MAX : ask->before_id);
    bind_int(&q, 12, (i64)ask->limit);
    return read_rows(v, &q, r);
}

enum { ASKS_CLEAN = 0 + 1, ASKS_LIVE = 1 + 1 };

/* Few stories have something beside the live text, or are not live. */
static const struct sql *along_few(const struct work_query *q)
{
    return q->state && q->state != ASKS_CLEAN    ? &LIST_STATE
           : q->public && q->public != ASKS_LIVE ? &LIST_PUBLIC
                                                 : NULL;
}

/* Whoever writes has many, and a section or an edition more. */
static const struct sql *along(const struct work_query *q)
{
    return q->pages       ? &LIST_PAGES
           : q->author    ? &LIST_AUTHOR
           : q->assignee  ? &LIST_ASSIGNEE
           : q->section.n ? &LIST_SECTION
           : q->edition.n ? &LIST_EDITION
           : q->state     ? &LIST_STATE
           : q->public    ? &LIST_PUBLIC
                          : &LIST_TOUCHED;
}

static int newest_first(const void *a, const void *b)
{
    const struct work *x = a, *y = b;
    if (x->touched_ms != y->touched_ms)
        return x->touched_ms > y->touched_ms ? -1 : 1;
    return x->id > y->id ? -1 : x->id < y->id;
}

static enum status rows_end(struct view *v, const struct rows *r, size_t limit, struct work **ret,
                            size_t *n)
{
    if (v->a->oom)
        return ST_NOMEM;
    *ret = r->list;
    *n = r->n < limit ? r->n : limit;
    return ST_OK;
}

enum status work_list(struct view *v, const struct work_query *q, struct work **ret, size_t *n)
{
    struct rows r = {0};
    const struct sql *few = along_few(q);
    enum status st = ST_OK;
    if (q->section.n && !q->edition.n)
        return fail(v->err, ST_INVALID, "a section is looked for in its edition");
    if (q->all || few) {
        st = list_part(v, few ? few : along(q), q, &r);
    } else {
        /* three lists, each newest first: the page's rows are among their first */
        st = list_part(v, &LIST_MINE, q, &r);
        st = st ? st : list_part(v, &LIST_MINE_TO_DO, q, &r);
        st = st ? st : list_part(v, &LIST_SHARED, q, &r);
        if (!st && r.n)
            qsort(r.list, r.n, sizeof *r.list, newest_first);
    }
    return st ? st : rows_end(v, &r, q->limit, ret, n);
}

/* ---- saves ---- */

enum status save_add(struct tx *tx, const struct save *s)
{
    SQL(SAVE_ADD, "iiiiiit",
        "INSERT INTO save (work, number, parent, merged, account, at, bytes)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &SAVE_ADD, tx->err);
    bind_int(&q, 1, s->work);
    bind_int(&q, 2, s->number);
    bind_int(&q, 3, s->parent);
    bind_int(&q, 4, s->merged);
    bind_int(&q, 5, s->account);
    bind_int(&q, 6, s->at);
    bind_str(&q, 7, s->bytes);
    return stmt_run(&q, NULL);
}

#define SAVE_COLUMNS "s.number, s.parent, s.merged, s.account, s.at, s.destroyed_ms, a.name, b.name"
#define SAVE_JOINS                                                                                 \
    " FROM save s LEFT JOIN account a ON a.id = s.account"                                         \
    " LEFT JOIN account b ON b.id = s.destroyed_by"

static struct save save_row(const struct stmt *q, i64 work, struct arena *a)
{
    return (struct save){.work = work,
                         .number = col_int(q, 0),
                         .parent = col_int(q, 1),
                         .merged = col_int(q, 2),
                         .account = col_int(q, 3),
                         .at = col_int(q, 4),
                         .destroyed_ms = col_int(q, 5),
                         .name = col_str(q, 6, a),
                         .destroyed_name = col_str(q, 7, a)};
}

enum status save_near(struct view *v, i64 work, i64 number, struct save *ret)
{
    SQL(SAVE_NEAR, "ii",
        "SELECT " SAVE_COLUMNS ", s.bytes" SAVE_JOINS " WHERE s.work = $1 AND s.number <= $2"
        " AND s.destroyed_ms = 0 ORDER BY s.number DESC LIMIT 1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &SAVE_NEAR, v->err);
    bind_int(&q, 1, work);
    bind_int(&q, 2, number);
    enum status st = stmt_row(&q);
    if (st)
        return st;
    struct save s = save_row(&q, work, v->a);
    s.bytes = col_str(&q, 8, v->a);
    if (v->a->oom)
        return ST_NOMEM;
    *ret = s;
    return ST_OK;
}

enum status save_read(struct view *v, i64 work, i64 number, struct save *ret)
{
    struct save s;
    enum status st = save_near(v, work, number, &s);
    if (st || s.number != number)
        return st ? st : ST_NOTFOUND;
    *ret = s;
    return ST_OK;
}

enum status save_destroy(struct tx *tx, i64 work, i64 number, i64 account)
{
    SQL(SAVE_DESTROY, "iiii",
        "UPDATE save SET bytes = '', destroyed_ms = $3, destroyed_by = $4"
        " WHERE work = $1 AND number = $2 AND destroyed_ms = 0");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &SAVE_DESTROY, tx->err);
    i64 changed = 0;
    bind_int(&q, 1, work);
    bind_int(&q, 2, number);
    bind_int(&q, 3, tx->now);
    bind_int(&q, 4, account);
    enum status st = stmt_run(&q, &changed);
    if (st || !changed)
        return st ? st : ST_NOTFOUND;
    if (GUARD(destroyed_save_bytes))
        tx_erase(tx);
    return ST_OK;
}

enum status save_list(struct view *v, i64 work, i64 before, size_t limit, struct save **ret,
                      size_t *n)
{
    SQL(SAVE_LIST, "iii",
        "SELECT " SAVE_COLUMNS SAVE_JOINS " WHERE s.work = $1 AND s.number < $2"
        " ORDER BY s.number DESC LIMIT $3");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &SAVE_LIST, v->err);
    bind_int(&q, 1, work);
    bind_int(&q, 2, before ? before : INT64_MAX);
    bind_int(&q, 3, (i64)limit);
    struct save *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = save_row(&q, work, v->a);
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

/* ---- people and notes ---- */

enum status work_person_set(struct tx *tx, i64 work, enum work_person kind, const i64 *accounts,
                            size_t n)
{
    SQL(PERSON_CLEAR, "ii", "DELETE FROM work_person WHERE work = $1 AND kind = $2");
    SQL(PERSON_ADD, "iii",
        "INSERT INTO work_person (work, kind, account) VALUES ($1, $2, $3)"
        " ON CONFLICT (work, kind, account) DO NOTHING");
    enum status st = ST_OK;
    {
        CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &PERSON_CLEAR, tx->err);
        bind_int(&q, 1, work);
        bind_int(&q, 2, (i64)kind);
        st = stmt_run(&q, NULL);
    }
    for (size_t i = 0; !st && i < n; i++) {
        CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &PERSON_ADD, tx->err);
        bind_int(&q, 1, work);
        bind_int(&q, 2, (i64)kind);
        bind_int(&q, 3, accounts[i]);
        st = stmt_run(&q, NULL);
    }
    return st;
}

enum status work_people(struct view *v, i64 work, enum work_person kind, i64 **ret, size_t *n)
{
    SQL(PEOPLE, "ii",
        "SELECT account FROM work_person WHERE work = $1 AND kind = $2 ORDER BY account");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &PEOPLE, v->err);
    bind_int(&q, 1, work);
    bind_int(&q, 2, (i64)kind);
    i64 *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = col_int(&q, 0);
    }
    if (st != ST_NOTFOUND)
        return st;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status work_note_add(struct tx *tx, i64 work, i64 account, str words)
{
    SQL(NOTE_ADD, "iiit",
        "INSERT INTO work_note (work, account, at, words) VALUES ($1, $2, $3, $4)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &NOTE_ADD, tx->err);
    bind_int(&q, 1, work);
    bind_int(&q, 2, account);
    bind_int(&q, 3, tx->now);
    bind_str(&q, 4, words);
    return stmt_run(&q, NULL);
}

enum status work_note_count(struct view *v, i64 work, i64 *ret)
{
    SQL(NOTE_COUNT, "i", "SELECT COUNT(*) FROM work_note WHERE work = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &NOTE_COUNT, v->err);
    bind_int(&q, 1, work);
    enum status st = stmt_row(&q);
    if (!st)
        *ret = col_int(&q, 0);
    return st;
}

enum status work_notes(struct view *v, i64 work, struct work_note **ret, size_t *n)
{
    SQL(NOTES, "i",
        "SELECT n.id, n.account, n.at, n.words, a.name FROM work_note n"
        " LEFT JOIN account a ON a.id = n.account WHERE n.work = $1 ORDER BY n.id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &NOTES, v->err);
    bind_int(&q, 1, work);
    struct work_note *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = (struct work_note){.id = col_int(&q, 0),
                                           .account = col_int(&q, 1),
                                           .at = col_int(&q, 2),
                                           .words = col_str(&q, 3, v->a),
                                           .name = col_str(&q, 4, v->a)};
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

/* ---- pictures ---- */

static enum status run_pair(struct tx *tx, const struct sql *sql, i64 a, i64 b)
{
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, sql, tx->err);
    bind_int(&q, 1, a);
    bind_int(&q, 2, b);
    return stmt_run(&q, NULL);
}

enum status work_picture_add(struct tx *tx, i64 work, i64 picture)
{
    SQL(WORK_PICTURE_ADD, "ii",
        "INSERT INTO work_picture (work, picture) VALUES ($1, $2)"
        " ON CONFLICT (work, picture) DO NOTHING");
    return run_pair(tx, &WORK_PICTURE_ADD, work, picture);
}

enum status work_picture_remove(struct tx *tx, i64 work, i64 picture)
{
    SQL(WORK_PICTURE_REMOVE, "ii", "DELETE FROM work_picture WHERE work = $1 AND picture = $2");
    return run_pair(tx, &WORK_PICTURE_REMOVE, work, picture);
}

enum status work_picture_has(struct view *v, i64 work, i64 picture, bool *ret)
{
    SQL(WORK_PICTURE_HAS, "ii", "SELECT 1 FROM work_picture WHERE work = $1 AND picture = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &WORK_PICTURE_HAS, v->err);
    bind_int(&q, 1, work);
    bind_int(&q, 2, picture);
    enum status st = stmt_row(&q);
    if (st && st != ST_NOTFOUND)
        return st;
    *ret = st == ST_OK;
    return ST_OK;
}

static enum status read_ids(struct view *v, const struct sql *sql, i64 of, size_t limit, i64 **ret,
                            size_t *n)
{
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, sql, v->err);
    i64 *list = arena_new(v->a, i64, limit + 1);
    size_t count = 0;
    enum status st = list ? ST_OK : ST_NOMEM;
    bind_int(&q, 1, of);
    bind_int(&q, 2, (i64)limit);
    while (!st && (st = stmt_row(&q)) == ST_OK)
        list[count++] = col_int(&q, 0);
    if (st != ST_NOTFOUND)
        return st;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status work_pictures(struct view *v, i64 work, size_t limit, i64 **ret, size_t *n)
{
    SQL(WORK_PICTURES, "ii",
        "SELECT picture FROM work_picture WHERE work = $1 ORDER BY picture DESC LIMIT $2");
    return read_ids(v, &WORK_PICTURES, work, limit, ret, n);
}

enum status picture_works(struct view *v, i64 picture, size_t limit, i64 **ret, size_t *n)
{
    SQL(PICTURE_WORKS, "ii",
        "SELECT work FROM work_picture WHERE picture = $1 ORDER BY work LIMIT $2");
    return read_ids(v, &PICTURE_WORKS, picture, limit, ret, n);
}
