#include "store/find.h"

#include <stdlib.h>

#include "base/guard.h"
#include "base/out.h"
#include "store/story.h"
#include "store/work_parts.h"

enum {
    MARK = '^', /* before each term of a headline, in its column */
    SLICE = 32, /* pages of older segments that are merged with a batch */
};

/* ---- the queue ---- */

enum act { ACT_PUT, ACT_KEEP, ACT_REMOVE, ACT_FORGET /* of no story: all that is left over */ };

enum status find_start(struct db *db, struct err *err)
{
    return db_script(db,
                     "CREATE TEMP TABLE find_queue (work I64 PRIMARY KEY, act I64 NOT NULL, unseen "
                     "I64 NOT NULL, headline TEXT NOT NULL, words TEXT NOT NULL)",
                     err);
}

static str marked(str terms, struct arena *a)
{
    struct out o = out_make(a, terms.n * 2 + 512, terms.n * 2 + 512);
    str rest = terms, term;
    while (rest.n) {
        rest = str_cut(rest, ' ', &term);
        if (o.n)
            out_byte(&o, ' ');
        out_byte(&o, MARK);
        out_str(&o, term);
    }
    if (out_status(&o))
        a->oom = true;
    return out_view(&o);
}

enum status find_put(struct tx *tx, const struct work *w, str headline, str words)
{
    SQL(QUEUE_PUT, "iitt",
        "INSERT INTO find_queue (work, act, unseen, headline, words) VALUES ($1, 0, $2, $3, $4)"
        " ON CONFLICT (work) DO UPDATE SET act = 0, unseen = excluded.unseen,"
        " headline = excluded.headline, words = excluded.words");
    char *mark = arena_mark(tx->a);
    const str both[] = {headline, headline.n && words.n ? STR(" ") : STR_NONE, words};
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &QUEUE_PUT, tx->err);
    bind_int(&q, 1, w->id);
    bind_int(&q, 2, w->public == STORY_UNPUBLISHED);
    bind_str(&q, 3, marked(headline, tx->a));
    bind_str(&q, 4, arena_join(tx->a, both, COUNT(both)));
    enum status st = tx->a->oom ? ST_NOMEM : stmt_run(&q, NULL);
    arena_rewind(tx->a, mark);
    return st;
}

enum status find_keep(struct tx *tx, const struct work *w)
{
    SQL(QUEUE_KEEP, "ii",
        "INSERT INTO find_queue (work, act, unseen, headline, words) VALUES ($1, 1, $2, '', '')"
        " ON CONFLICT (work) DO UPDATE SET unseen = excluded.unseen");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &QUEUE_KEEP, tx->err);
    bind_int(&q, 1, w->id);
    bind_int(&q, 2, w->public == STORY_UNPUBLISHED);
    return stmt_run(&q, NULL);
}

enum status find_remove(struct tx *tx, i64 work)
{
    SQL(QUEUE_REMOVE, "i",
        "INSERT INTO find_queue (work, act, unseen, headline, words) VALUES ($1, 2, 0, '', '')"
        " ON CONFLICT (work) DO UPDATE SET act = 2, headline = '', words = ''");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &QUEUE_REMOVE, tx->err);
    bind_int(&q, 1, work);
    return stmt_run(&q, NULL);
}

enum status find_forget(struct tx *tx)
{
    SQL(QUEUE_FORGET, "",
        "INSERT INTO find_queue (work, act, unseen, headline, words) VALUES (0, 3, 0, '', '')"
        " ON CONFLICT (work) DO NOTHING");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &QUEUE_FORGET, tx->err);
    return stmt_run(&q, NULL);
}

/* ---- from the queue into the index ---- */

/* id: of the row that the index has, 0 for none; was: in which of the two. */
struct queued {
    i64 work, unseen, id, was;
    enum act act;
};

static enum status read_queue(struct db *db, struct arena *a, struct queued **ret, size_t *n,
                              struct err *err)
{
    /* by id: FTS5 writes a segment whenever a row comes that is before the last one */
    SQL(QUEUE_READ, "",
        "SELECT q.work, q.act, q.unseen, COALESCE(f.id, 0), COALESCE(f.unseen, 0) FROM find_queue q"
        " LEFT JOIN found f ON f.work = q.work ORDER BY COALESCE(f.id, 0), q.work");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &QUEUE_READ, err);
    struct queued *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = (struct queued){.work = col_int(&q, 0),
                                        .act = (enum act)col_int(&q, 1),
                                        .unseen = col_int(&q, 2),
                                        .id = col_int(&q, 3),
                                        .was = col_int(&q, 4)};
    }
    if (st != ST_NOTFOUND)
        return st;
    *ret = list;
    *n = count;
    return ST_OK;
}

static enum status run_with(struct db *db, const struct sql *sql, const i64 *values,
                            struct err *err)
{
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, sql, err);
    for (int i = 0; sql->params[i]; i++)
        bind_int(&q, i + 1, values[i]);
    return stmt_run(&q, NULL);
}

/* What keeps its words, and goes from one index to the other: they are read before they go. */
static enum status take_words(struct db *db, struct queued *x, struct err *err)
{
    SQL(UNSEEN_WORDS, "ii",
        "UPDATE find_queue SET headline = i.headline, words = i.words FROM find_unseen i"
        " WHERE find_queue.work = $1 AND i.rowid = $2");
    SQL(SEEN_WORDS, "ii",
        "UPDATE find_queue SET headline = i.headline, words = i.words FROM find_seen i"
        " WHERE find_queue.work = $1 AND i.rowid = $2");
    if (x->act != ACT_KEEP || !x->id || x->was == x->unseen)
        return ST_OK;
    x->act = ACT_PUT;
    return run_with(db, x->was ? &UNSEEN_WORDS : &SEEN_WORDS, (i64[]){x->work, x->id}, err);
}

static enum status take_out(struct db *db, const struct queued *x, struct err *err)
{
    SQL(UNSEEN_OUT, "i", "DELETE FROM find_unseen WHERE rowid = $1");
    SQL(SEEN_OUT, "i", "DELETE FROM find_seen WHERE rowid = $1");
    SQL(FOUND_OUT, "i", "DELETE FROM found WHERE id = $1");
    if (!x->id || x->act == ACT_KEEP)
        return ST_OK;
    enum status st = run_with(db, x->was ? &UNSEEN_OUT : &SEEN_OUT, &x->id, err);
    return st ? st : run_with(db, &FOUND_OUT, &x->id, err);
}

static enum status put_in(struct db *db, const struct queued *x, struct err *err)
{
    SQL(FOUND_IN, "ii", "INSERT INTO found (work, unseen) VALUES ($1, $2) RETURNING id");
    SQL(UNSEEN_IN, "ii",
        "INSERT INTO find_unseen (rowid, headline, words)"
        " SELECT $1, headline, words FROM find_queue WHERE work = $2");
    SQL(SEEN_IN, "ii",
        "INSERT INTO find_seen (rowid, headline, words)"
        " SELECT $1, headline, words FROM find_queue WHERE work = $2");
    i64 id;
    if (x->act != ACT_PUT)
        return ST_OK;
    {
        CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &FOUND_IN, err);
        bind_int(&q, 1, x->work);
        bind_int(&q, 2, x->unseen);
        enum status st = stmt_row(&q);
        if (st)
            return st;
        id = col_int(&q, 0);
    }
    return run_with(db, x->unseen ? &UNSEEN_IN : &SEEN_IN, (i64[]){id, x->work}, err);
}

/* A removed row is a mark in a newer segment; its terms go when all segments are made one. */
static enum status forget(struct db *db, const struct queued *list, size_t n, struct err *err)
{
    SQL(UNSEEN_ONE, "", "INSERT INTO find_unseen (find_unseen) VALUES ('optimize')");
    SQL(SEEN_ONE, "", "INSERT INTO find_seen (find_seen) VALUES ('optimize')");
    bool unseen = false, seen = false;
    for (size_t i = 0; i < n; i++)
        if (list[i].act == ACT_REMOVE && list[i].id && GUARD(find_forgets)) {
            unseen |= list[i].was;
            seen |= !list[i].was;
        } else if (list[i].act == ACT_FORGET && GUARD(removal_terms)) {
            unseen = seen = true;
        }
    enum status st = unseen ? run_with(db, &UNSEEN_ONE, NULL, err) : ST_OK;
    return st || !seen ? st : run_with(db, &SEEN_ONE, NULL, err);
}

/* A slice for each index that grew, in the batch's own transaction: a commit of its own cost as
 * much as the slice. A page for each story and some more keep up: a batch of many writes few pages.
 */
static enum status merge(struct db *db, const struct queued *list, size_t n, struct err *err)
{
    SQL(UNSEEN_MERGE, "i", "INSERT INTO find_unseen (find_unseen, rank) VALUES ('merge', $1)");
    SQL(SEEN_MERGE, "i", "INSERT INTO find_seen (find_seen, rank) VALUES ('merge', $1)");
    i64 unseen = SLICE, seen = SLICE;
    for (size_t i = 0; i < n; i++)
        if (list[i].act == ACT_PUT)
            ++*(list[i].unseen ? &unseen : &seen);
    enum status st = unseen > SLICE ? run_with(db, &UNSEEN_MERGE, &unseen, err) : ST_OK;
    return st || seen == SLICE ? st : run_with(db, &SEEN_MERGE, &seen, err);
}

enum status find_flush(struct db *db, struct arena *a, struct err *err)
{
    SQL(QUEUE_EMPTY, "", "DELETE FROM find_queue");
    struct queued *list = NULL;
    size_t n = 0;
    enum status st = read_queue(db, a, &list, &n, err);
    for (size_t i = 0; !st && i < n; i++)
        st = take_words(db, &list[i], err);
    for (size_t i = 0; !st && i < n; i++)
        st = take_out(db, &list[i], err);
    for (size_t i = 0; !st && i < n; i++)
        st = put_in(db, &list[i], err);
    st = st ? st : merge(db, list, n, err);
    st = st ? st : forget(db, list, n, err);
    return st || !n ? st : run_with(db, &QUEUE_EMPTY, NULL, err);
}

/* ---- looking ---- */

#define FIND_COLUMNS " CROSS JOIN found f CROSS JOIN work w" WORK_JOINS
#define FIND_RULES   " AND w.id = f.work" WORK_ASKED
SQL(FIND_UNSEEN, "iiiiiittitii",
    "SELECT " WORK_COLUMNS ", f.id FROM find_unseen" FIND_COLUMNS " WHERE find_unseen MATCH $10"
    " AND f.id = find_unseen.rowid AND find_unseen.rowid < $12" FIND_RULES
    " ORDER BY find_unseen.rowid DESC LIMIT $11");
SQL(FIND_SEEN, "iiiiiittitii",
    "SELECT " WORK_COLUMNS ", f.id FROM find_seen" FIND_COLUMNS " WHERE find_seen MATCH $10"
    " AND f.id = find_seen.rowid AND find_seen.rowid < $12" FIND_RULES
    " ORDER BY find_seen.rowid DESC LIMIT $11");

struct row {
    struct work work;
    i64 id;
};
struct rows {
    struct row *list;
    size_t n, cap;
};
/* A list that is one longer than was asked for: whether there are more. */
struct finding {
    struct view *v;
    const struct find_query *q;
    struct rows rows; /* of the pass that is running */
    struct work *list;
    struct find_place *places;
    size_t n, most;
    bool spent, lost; /* lost: nobody knows from where to go on */
};

/* A string of FTS5: nothing in it is syntax but the quotation mark, which is doubled. */
static void quote(struct out *o, str s)
{
    str rest = s, piece;
    out_byte(o, '"');
    while (rest.p) {
        rest = str_cut(rest, '"', &piece);
        out_str(o, piece);
        if (rest.p)
            out_c(o, GUARD(find_quotes) ? "\"\"" : "\"");
    }
    out_byte(o, '"');
}

/* ("wall" OR "walls") AND ("sea level"): terms of one string follow each other. */
static void write_ways(const struct finding *g, bool headline, struct out *o)
{
    for (size_t i = 0; i < g->q->n; i++) {
        const struct find_way *w = &g->q->ways[i];
        bool begins = i == 0 || w->item != w[-1].item;
        out_c(o, !begins ? " OR " : i ? ") AND (" : "(");
        quote(o, headline ? marked(w->terms, g->v->a) : w->terms);
    }
    out_byte(o, ')');
}

/* Texts without those that came by their headline. */
static enum status expression(const struct finding *g, bool texts, str *ret)
{
    struct out o = out_make(g->v->a, 512, 2 * FIND_EXPRESSION);
    if (texts) {
        out_byte(&o, '(');
        write_ways(g, false, &o);
        out_c(&o, ") NOT (");
    }
    write_ways(g, true, &o);
    if (texts)
        out_byte(&o, ')');
    enum status st = out_status(&o);
    if (!st)
        *ret = out_view(&o);
    return st;
}

static enum status look_in(struct finding *g, const struct sql *sql, str match, i64 before)
{
    struct view *v = g->v;
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, sql, v->err);
    work_bind_asked(&q, &g->q->rules);
    bind_int(&q, 2, !GUARD(find_hides));
    bind_str(&q, 10, match);
    bind_int(&q, 11, (i64)(g->most - g->n));
    bind_int(&q, 12, before);
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        struct rows *r = &g->rows;
        if (!arena_grow(v->a, r->list, r->n, &r->cap))
            return ST_NOMEM;
        r->list[r->n++] = (struct row){work_row(&q, v->a), col_int(&q, WORK_ROW_COLUMNS)};
    }
    if (st != ST_NOTFOUND && db_spent(v->db)) {
        g->spent = true;
        return ST_OK;
    }
    return st == ST_NOTFOUND ? ST_OK : st;
}

static int newest_first(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return x->id > y->id ? -1 : x->id < y->id;
}

/* The second index ended early: what the first has below that waits for the page that goes on
 * there.
 */
static void keep_reached(struct finding *g, size_t unseen)
{
    struct rows *r = &g->rows;
    size_t kept = 0;
    g->lost = r->n == unseen;
    if (g->lost)
        return;
    i64 reached = r->list[r->n - 1].id;
    for (size_t i = 0; i < r->n; i++)
        if (r->list[i].id >= reached)
            r->list[kept++] = r->list[i];
    r->n = kept;
}

/* Both indexes below a row. */
static enum status look_in_both(struct finding *g, str match, i64 before)
{
    g->rows.n = 0;
    enum status st = look_in(g, &FIND_UNSEEN, match, before);
    if (st)
        return st;
    if (g->spent) {
        g->lost = true;
        return ST_OK;
    }
    size_t unseen = g->rows.n;
    st = look_in(g, &FIND_SEEN, match, before);
    if (!st && g->spent)
        keep_reached(g, unseen);
    return st;
}

/* One pass: for headlines, then for the texts. */
static enum status pass(struct finding *g, bool texts)
{
    const struct find_place *from = &g->q->from;
    str match;
    bool goes_on = from->id && from->texts == texts && GUARD(find_goes_on);
    i64 before = goes_on ? from->id : INT64_MAX;
    enum status st = expression(g, texts, &match);
    st = st ? st : look_in_both(g, match, before);
    if (!st && g->rows.n)
        qsort(g->rows.list, g->rows.n, sizeof *g->rows.list, newest_first);
    for (size_t i = 0; !st && i < g->rows.n && g->n < g->most; i++) {
        g->list[g->n] = g->rows.list[i].work;
        g->places[g->n++] = (struct find_place){texts, g->rows.list[i].id};
    }
    return st;
}

static enum status check(const struct find_query *q, struct err *err)
{
    if (q->rules.section.n && !q->rules.edition.n)
        return fail(err, ST_INVALID, "a section is looked for in its edition");
    if (q->n > FIND_WAYS)
        return fail(err, ST_TOOLARGE, "too many words are looked for at once");
    for (size_t i = 0; i < q->n; i++)
        if (!str_trim(q->ways[i].terms).n)
            return fail(err, ST_BUG, "a word without a letter is looked for");
    return ST_OK;
}

static enum status look(struct finding *g)
{
    const struct find_query *q = g->q;
    enum status st = ST_OK;
    if (q->budget_us && GUARD(find_budget))
        db_budget(g->v->db, q->budget_us);
    if (q->n && !(q->from.id && q->from.texts))
        st = pass(g, false);
    if (!st && q->n && !g->spent && g->n < g->most)
        st = pass(g, true);
    db_budget(g->v->db, 0);
    return st;
}

enum status find_list(struct view *v, const struct find_query *q, struct found *ret)
{
    struct finding *g = arena_new(v->a, struct finding, 1);
    enum status st = g ? check(q, v->err) : ST_NOMEM;
    if (st)
        return st;
    *g = (struct finding){.v = v, .q = q, .most = q->rules.limit + 1};
    g->list = arena_new(v->a, struct work, g->most);
    g->places = arena_new(v->a, struct find_place, g->most);
    if (!g->list || !g->places)
        return ST_NOMEM;
    st = look(g);
    if (!st && v->a->oom)
        st = ST_NOMEM;
    if (st)
        return st;
    struct found out = {.list = g->list, .n = g->n, .partial = g->spent};
    bool more = out.n > q->rules.limit;
    if (more)
        out.n = q->rules.limit;
    if (out.n && !g->lost && (more || g->spent))
        out.next = g->places[out.n - 1];
    *ret = out;
    return ST_OK;
}

/* ---- what isn't there yet, and what waits ---- */

enum status find_missing(struct view *v, i64 after, size_t limit, struct work **ret, size_t *n)
{
    SQL(FIND_MISSING, "ii",
        WORK_SELECT " LEFT JOIN found f ON f.work = w.id WHERE w.id > $1 AND f.id IS NULL"
                    " ORDER BY w.id LIMIT $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &FIND_MISSING, v->err);
    bind_int(&q, 1, after);
    bind_int(&q, 2, (i64)limit);
    struct work *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = work_row(&q, v->a);
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status find_segments(struct view *v, i64 *ret)
{
    SQL(FIND_SEGMENTS, "",
        "SELECT MAX((SELECT COUNT(DISTINCT segid) FROM find_unseen_idx),"
        " (SELECT COUNT(DISTINCT segid) FROM find_seen_idx))");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &FIND_SEGMENTS, v->err);
    enum status st = stmt_row(&q);
    if (!st)
        *ret = col_int(&q, 0);
    return st;
}
