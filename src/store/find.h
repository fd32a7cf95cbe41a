/* store/find.h: stories of the desk by the words that are in them.
 *
 * An index of every row of store/work.h: its headline and its text as terms (text/terms.h makes
 * them; this room splits nothing but at blanks). It is SQLite's FTS5; another engine has a file of
 * its own. What a transaction changes here is queued, in the transaction, and the batch writes it
 * to the index once, before its COMMIT: FTS5 writes a segment at every SAVEPOINT. Segments are
 * merged in slices after commits.
 *
 * Reads add no keys, writes touch none. Errors: unless ST_OK, *ret is untouched. */
#ifndef STORE_FIND_H
#define STORE_FIND_H

#include "store/work.h"

enum { FIND_WAYS = 512, FIND_EXPRESSION = 64 << 10 /* bytes of all ways */ };

/* What the story is found by from now on: terms parted by single blanks. */
MUST_USE enum status find_put(struct tx *tx, const struct work *w, str headline, str words);
/* The same words, and w.public may have changed. */
MUST_USE enum status find_keep(struct tx *tx, const struct work *w);
/* It is found no more (work_remove calls this): no term of it stays in the index. That rewrites the
 * index of what was never public: 0.1 s for some thousand stories. */
MUST_USE enum status find_remove(struct tx *tx, i64 work);

/* No term that the index has no row for any more stays in it. That rewrites all of it: some seconds
 * for a hundred thousand stories. */
MUST_USE enum status find_forget(struct tx *tx);

/* A story matches when of every item at least one way is in its headline or text. Ways of one item
 * stand together. terms: one, or several parted by blanks that follow each other. They are never
 * read as syntax. */
struct find_way {
    size_t item;
    str terms;
};
/* Where one page ended and the next goes on: id 0 is the beginning. What is written meanwhile comes
 * before all places that were given out. */
struct find_place {
    bool texts; /* past those whose headline has all of it */
    i64 id;     /* of an index's row */
};
/* rules: as in work_list, limit too; before_ms and before_id are not used. budget_us: what it may
 * take; 0: as long as it takes. A page costs as much wherever it begins. */
struct find_query {
    struct work_query rules;
    const struct find_way *ways;
    size_t n;
    i64 budget_us;
    struct find_place from;
};
struct found {
    struct work *list; /* where the headline has all of it; then the others. Newest text first */
    size_t n;          /* at most rules.limit */
    bool partial;      /* the budget was spent: older ones may match as well */
    struct find_place
        next; /* where older ones begin; id 0: there are none, or nobody knows where */
};
MUST_USE enum status find_list(struct view *v, const struct find_query *q, struct found *ret);

/* Stories that have no row in the index, by id, from the one after `after`: of a database that is
 * older than the index. */
MUST_USE enum status find_missing(struct view *v, i64 after, size_t limit, struct work **ret,
                                  size_t *n);
/* How many segments the index has: what waits to be merged. At 2,000 it takes no more. */
MUST_USE enum status find_segments(struct view *v, i64 *ret);

/* For the writer alone. Makes the queue, on its connection; writes it out, at the end of a batch.
 */
MUST_USE enum status find_start(struct db *db, struct err *err);
MUST_USE enum status find_flush(struct db *db, struct arena *a, struct err *err);

#endif
