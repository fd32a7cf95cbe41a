/* store/hold.h: rows of stories on legal hold. Rules are newsroom/hold.h's.
 *
 * No page of a reader shows any of this: reads add no keys, writes touch none. Ownership: strings
 * in the arena of the view. Units: ms since 1970 UTC. Errors: unless ST_OK, *ret is untouched;
 * ST_NOTFOUND where nothing is there. */
#ifndef STORE_HOLD_H
#define STORE_HOLD_H

#include "store/view.h"
#include "store/writer.h"

struct hold {
    i64 work, account, at;
    str reason;
    str name; /* the account's; joined; not written */
};
MUST_USE enum status hold_read(struct view *v, i64 work, struct hold *ret);
/* Since when the story of this key is on hold. */
MUST_USE enum status hold_since(struct view *v, str key, i64 *ret);
/* ST_CONFLICT: it is on hold already. */
MUST_USE enum status hold_add(struct tx *tx, const struct hold *h);
/* Its reason anew. */
MUST_USE enum status hold_cut(struct tx *tx, const struct hold *h);
/* None there is fine. */
MUST_USE enum status hold_remove(struct tx *tx, i64 work);

#endif
