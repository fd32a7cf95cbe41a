/* store/event.h: the event clock: what changed, in commit order (docs/architecture.md,
 * "Freshness").
 *
 * One row clock(n, site). A transaction that changes anything a reader can see moves it as its last
 * statements and inserts its event with that id; the row's lock makes ids follow commit order. site
 * is the newest event that changed editions or sections (its keys hold "site" or a section's). */
#ifndef STORE_EVENT_H
#define STORE_EVENT_H

#include "store/writer.h"

struct clock {
    i64 n, site;
};
MUST_USE enum status clock_read(struct db *db, struct clock *ret, struct err *err);
/* Moves the clock and inserts the event with tx's keys; called by the writer, once, when tx->nkeys
 * > 0. */
MUST_USE enum status event_record(struct tx *tx, struct event *ret);
/* Events with id > after, in id order, at most limit, in the arena. */
MUST_USE enum status event_since(struct db *db, i64 after, size_t limit, struct arena *a,
                                 struct event **ret, size_t *n, struct err *err);
/* Removes events older than the newest keep ones. */
MUST_USE enum status event_trim(struct tx *tx, i64 keep);

#endif
