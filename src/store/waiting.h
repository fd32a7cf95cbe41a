/* store/waiting.h: changes of live stories that wait for their time: at most one a story. Rules are
 * newsroom/draft.h's; its time is the row of work's due_ms.
 *
 * No reader's page shows any of this: reads add no keys, writes touch none.
 * Ownership: strings in the arena of the view. Units: ms since 1970 UTC, 0 "none". Errors: unless
 * ST_OK, *ret is untouched; ST_NOTFOUND where nothing waits. */
#ifndef STORE_WAITING_H
#define STORE_WAITING_H

#include "store/view.h"
#include "store/writer.h"

struct waiting {
    i64 work, save, base; /* base: the live revision the save was made from */
    i64 change, account, at;
    str correction;
    bool failed; /* its time came, and it couldn't go live: why is a row of store/due.h */
};

MUST_USE enum status waiting_read(struct view *v, i64 work, struct waiting *ret);
/* In place of what waits there. */
MUST_USE enum status waiting_write(struct tx *tx, const struct waiting *w);
MUST_USE enum status waiting_remove(struct tx *tx, i64 work);

#endif
