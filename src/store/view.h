/* store/view.h: what one render sees: one read transaction, its snapshot number, one time, and the
 * keys it depends on.
 *
 * Every store function that reads for a page takes a struct view and adds the page keys of what it
 * read, a read that finds nothing included: so a page cannot forget what it depends on. The rule is
 * docs/architecture.md, "Freshness".
 *
 * Ownership: the view lives on the caller's stack; keys live in its arena, which must outlast it.
 * Units: now and until in ms since 1970 UTC; until is MS_NEVER when nothing on the page ends by
 * time alone. Threads: one thread. */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include "store/db.h"
#include "base/time.h"

enum { VIEW_MAX_KEYS = 4096, VIEW_KEY_MAX = 4096 }; /* the longest holds a whole path */

struct view {
    struct db *db;
    struct arena *a;
    i64 snapshot; /* the event clock as this transaction sees it */
    i64 site;     /* and the newest event that changed editions or sections */
    i64 now;      /* the only time a render knows */
    i64 until;    /* the page ceases to be true at this moment */
    str *keys;    /* as text, each once */
    size_t nkeys, cap;
    bool open; /* the transaction is this view's own */
    struct err *err;
};

/* Begins the read transaction; its first statement reads the clock. End it with view_end on every
 * way out: CLEANUP(view_end) struct view v = {0}; ... view_begin(&v, db, arena, err). */
MUST_USE enum status view_begin(struct view *v, struct db *db, struct arena *a, struct err *err);
void view_end(struct view *v); /* ending twice, or a zero view, is harmless */

/* Adds a page key such as "story/12". More than VIEW_MAX_KEYS sets the arena's oom (the page is
 * refused, not wrong). */
void view_key(struct view *v, str key);
void view_keyf(struct view *v, const char *fmt, ...) PRINTF(2, 3);
/* The page is not true at or after ms. */
void view_until(struct view *v, i64 ms);

/* A view for reading inside a write transaction (struct tx) or for a command: it keeps no promise
 * and its keys go nowhere. */
static inline struct view view_plain(struct db *db, struct arena *a, i64 now, struct err *err)
{
    return (struct view){.db = db, .a = a, .now = now, .until = MS_NEVER, .err = err};
}

#endif
