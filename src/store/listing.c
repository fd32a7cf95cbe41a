/* Membership in lists: the listing table of store/story.h. */
#include "base/guard.h"
#include "store/story.h"

enum status list_place(struct view *v, str list, str key, i64 *first_ms, i64 *id)
{
    SQL(LIST_PLACE, "tt",
        "SELECT l.first_ms, l.story FROM listing l JOIN story s ON s.id = l.story WHERE l.list = "
        "$1 AND s.key = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &LIST_PLACE, v->err);
    bind_str(&q, 1, list);
    bind_str(&q, 2, key);
    enum status st = stmt_row(&q);
    if (st == ST_NOTFOUND) /* it may come: a story that enters this list later has a place in it */
        view_keyf(v, "%.*s", FMT(list));
    if (st)
        return st;
    *first_ms = col_int(&q, 0);
    *id = col_int(&q, 1);
    return ST_OK;
}

static enum status any_row(struct stmt *q, bool *ret)
{
    enum status st = stmt_row(q);
    if (st && st != ST_NOTFOUND)
        return st;
    *ret = st == ST_OK;
    return ST_OK;
}

/* Whether anything stands in the list now. */
static enum status list_any(struct tx *tx, str list, bool *ret)
{
    SQL(LIST_ANY, "t", "SELECT 1 FROM listing WHERE list = $1 AND present = 1 LIMIT 1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &LIST_ANY, tx->err);
    bind_str(&q, 1, list);
    return any_row(&q, ret);
}

/* Whether a page can begin above (first_ms, id): at a story that stands there, or that has left,
 * for list_place finds that one too. */
static enum status list_place_above(struct tx *tx, str list, i64 first_ms, i64 id, bool *ret)
{
    SQL(LIST_PLACE_ABOVE, "tii",
        "SELECT 1 FROM listing WHERE list = $1 AND present IN (0, 1) AND (first_ms, story) > ($2, "
        "$3) LIMIT 1"); /* IN: so that the index is used to its end */
    SQL(LIST_PRESENT_ABOVE, "tii",
        "SELECT 1 FROM listing WHERE list = $1 AND present = 1 AND (first_ms, story) > ($2, $3) "
        "LIMIT 1");
    CLEANUP(stmt_reset)
    struct stmt q = db_prepare(
        tx->db, GUARD(list_left_places) ? &LIST_PLACE_ABOVE : &LIST_PRESENT_ABOVE, tx->err);
    bind_str(&q, 1, list);
    bind_int(&q, 2, first_ms);
    bind_int(&q, 3, id);
    return any_row(&q, ret);
}

/* known: it is there, or was once. */
static enum status list_present(struct tx *tx, str list, i64 story, bool *known, bool *ret)
{
    SQL(LIST_PRESENT, "ti", "SELECT present FROM listing WHERE list = $1 AND story = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &LIST_PRESENT, tx->err);
    bind_str(&q, 1, list);
    bind_int(&q, 2, story);
    enum status st = stmt_row(&q);
    if (st && st != ST_NOTFOUND)
        return st;
    *known = st == ST_OK;
    *ret = *known && col_int(&q, 0) != 0;
    return ST_OK;
}

enum status list_enter(struct tx *tx, str list, i64 story, i64 first_ms, bool *began)
{
    SQL(LIST_ENTER, "tii",
        "INSERT INTO listing (list, story, first_ms, present) VALUES ($1, $2, $3, 1)"
        " ON CONFLICT (list, story) DO UPDATE SET present = 1, first_ms = excluded.first_ms");
    bool known, present, any = true, above = true;
    enum status st = list_present(tx, list, story, &known, &present);
    if (st || present) {
        if (!st)
            *began = false;
        return st;
    }
    st = list_any(tx, list, &any);
    st = st ? st : list_place_above(tx, list, first_ms, story, &above);
    if (st)
        return st;
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &LIST_ENTER, tx->err);
    bind_str(&q, 1, list);
    bind_int(&q, 2, story);
    bind_int(&q, 3, first_ms);
    st = stmt_run(&q, NULL);
    if (st)
        return st;
    tx_touch(tx, list);
    if (above ||
        known) /* what begins below it begins elsewhere if it comes back to another place */
        tx_touchf(tx, "%.*s/tail", FMT(list));
    *began = !any;
    return ST_OK;
}

enum status list_leave(struct tx *tx, str list, i64 story, bool *ended)
{
    SQL(LIST_LEAVE, "ti",
        "UPDATE listing SET present = 0 WHERE list = $1 AND story = $2 AND present = 1");
    i64 changed = 0;
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &LIST_LEAVE, tx->err);
    bind_str(&q, 1, list);
    bind_int(&q, 2, story);
    enum status st = stmt_run(&q, &changed);
    if (st)
        return st;
    bool any = true;
    if (changed) {
        tx_touch(tx, list);
        tx_touchf(tx, "%.*s/tail", FMT(list));
        st = list_any(tx, list, &any);
        if (st)
            return st;
    }
    *ended = !any;
    return ST_OK;
}

enum status lists_of(struct view *v, i64 story, str **ret, size_t *n)
{
    SQL(LISTS_OF, "i", "SELECT list FROM listing WHERE story = $1 AND present = 1 ORDER BY list");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &LISTS_OF, v->err);
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
