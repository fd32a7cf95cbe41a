/* newsroom/preview_link.h: a link that shows one save of a story to whoever has it, for a while.
 *
 * The secret is 256 random bits, kept as SHA-256, and opening it uses nothing up. Whoever may write
 * a story may make one; of a story that is restricted those whom it names. Restricting a story ends
 * all of its links, so does destroying it. Units: ms since 1970 UTC. */
#ifndef NEWSROOM_PREVIEW_LINK_H
#define NEWSROOM_PREVIEW_LINK_H

#include "newsroom/draft.h"
#include "store/preview_link.h"

enum { PREVIEW_LINK_DAYS = 7 };

/* *ret_path: "/desk/preview/SECRET", in the tx's arena. ST_NOTFOUND: no such story or save.
 * Threads: the writer, here and below. */
MUST_USE enum status preview_link_make(struct tx *tx, const struct actor *who, str key, i64 save,
                                       str *ret_path);
/* Ends all links of a save. */
MUST_USE enum status preview_link_end(struct tx *tx, const struct actor *who, str key, i64 save);
/* What a link shows; ST_NOTFOUND: none, or it has ended; ST_DENIED: the story, or one that it
 * translates, is under embargo, and who asks has no account here. Threads: any. */
MUST_USE enum status preview_link_open(struct view *v, const struct actor *who, str secret,
                                       struct story_content *ret);

#endif
