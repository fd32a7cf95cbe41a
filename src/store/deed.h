/* store/deed.h: what one account did to stories, by the audit log.
 *
 * A line of the log and the revision that it tells of are written in one transaction, with the same
 * moment: so they are found by each other, and not by a name that its owner can change.
 *
 * No page of a reader shows any of this: reads add no keys. Ownership: strings in the view's arena.
 * Units: ms since 1970 UTC. Errors: unless ST_OK, *ret is untouched. Threads: any. */
#ifndef STORE_DEED_H
#define STORE_DEED_H

#include "store/view.h"

enum { DEED_KINDS = 4 };

/* A story and the account's newest deed on it. */
struct deed {
    i64 work, at, public;
    str key, edition, headline;
    bool did[DEED_KINDS]; /* of deed_query's kinds, in their order */
};
/* What of these kinds (the audit log's) the account did at `since` or later, a story a line, newest
 * deed first. Stories that are restricted and don't name `viewer` are left out. before_ms and
 * before_work: of the last line of the page before, 0 for the first. Costs as much as the account
 * did since then. */
struct deed_query {
    i64 account, viewer, since, kinds[DEED_KINDS];
    i64 before_ms, before_work;
    size_t limit;
};
MUST_USE enum status deed_list(struct view *v, const struct deed_query *q, struct deed **ret,
                               size_t *n);

/* The newest revision of a story below the kind `below` that the account made by none of its deeds;
 * 0 when there is none. scheduled: the kind that tells of a schedule, whose revision, the story's
 * first, is made later by itself; kinds: the others, made at the moment of their lines. */
struct deed_others {
    i64 account, story, below, scheduled, kinds[3];
    str key;
};
MUST_USE enum status deed_others(struct view *v, const struct deed_others *q, i64 *ret);

#endif
