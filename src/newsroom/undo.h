/* newsroom/undo.h: when an account did harm: what it did to stories, and how that is undone.
 *
 * Whoever asks needs ACT_ACCOUNTS; each story is opened as newsroom/draft.h's steps open one, and
 * what is restricted to others is not there. What is put back goes through the one door, as a
 * correction. Ownership, units: as store/deed.h and newsroom/draft.h. */
#ifndef NEWSROOM_UNDO_H
#define NEWSROOM_UNDO_H

#include "newsroom/draft.h"
#include "store/deed.h"

/* The order of struct deed's did. */
enum undo_deed { DEED_PUBLISHED, DEED_SCHEDULED, DEED_WITHDREW, DEED_REINSTATED };

/* query: account, since, before_ms, before_work and limit; the rest is filled in. ST_DENIED for
 * whoever may not. Threads: any. */
MUST_USE enum status undo_list(struct view *v, const struct actor *who,
                               const struct deed_query *query, struct deed **ret, size_t *n);

/* Withdraws it; what is scheduled and was never public is taken from the schedule. note: for
 * readers, as withdraw_story's. Threads: the writer. */
MUST_USE enum status undo_withdraw(struct tx *tx, const struct actor *who, str key, str note,
                                   struct published *ret);

/* Publishes what the newest revision says that the account didn't make; a story that the account
 * withdrew is put back before. Where there is none, a live story is withdrawn, and a scheduled one
 * taken from the schedule. note: what readers are told, of the correction or at the address.
 * ST_CONFLICT: what stands there isn't the account's, or nothing is public or scheduled. A draft
 * that stands beside the live text stays, and is merged with it when it is saved next. Threads: the
 * writer. */
MUST_USE enum status undo_put_back(struct tx *tx, const struct actor *who, i64 account, str key,
                                   str note, struct published *ret);

#endif
