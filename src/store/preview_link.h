/* store/preview_link.h: rows of links that show one save. Rules are newsroom/preview_link.h's.
 *
 * No page of a reader shows any of this: reads add no keys, writes touch none. Units: ms since 1970
 * UTC. Errors: unless ST_OK, *ret is untouched; ST_NOTFOUND where nothing is there. They go with
 * their story (work_remove). */
#ifndef STORE_PREVIEW_LINK_H
#define STORE_PREVIEW_LINK_H

#include "base/hash.h"
#include "store/view.h"
#include "store/writer.h"

struct preview_link {
    i64 work, save, account, ends_ms;
};
MUST_USE enum status preview_link_add(struct tx *tx, const struct sha256 *hash,
                                      const struct preview_link *l);
MUST_USE enum status preview_link_read(struct view *v, const struct sha256 *hash,
                                       struct preview_link *ret);
/* When the last of a save's ends; ST_NOTFOUND when none lives at v->now. */
MUST_USE enum status preview_link_last(struct view *v, i64 work, i64 save, i64 *ret);
/* All of a save's; with save 0 all of the story's. */
MUST_USE enum status preview_link_remove(struct tx *tx, i64 work, i64 save);
MUST_USE enum status preview_link_remove_ended(struct tx *tx, i64 now);

#endif
