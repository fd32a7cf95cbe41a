/* newsroom/translations.h: what a correction of a story leaves to do in those that translate it.
 *
 * When a correction, a clarification or a withdrawal goes live, by whichever way in, each other
 * story of its family that isn't withdrawn waits for a person: on its page and on "Due". It waits
 * until somebody publishes a change of it or withdraws it, or says that it needs nothing. What goes
 * live at its minute by itself is nobody's answer. Putting a withdrawn story back takes away what
 * its withdrawal left to do. Threads: the writer. */
#ifndef NEWSROOM_TRANSLATIONS_H
#define NEWSROOM_TRANSLATIONS_H

#include "newsroom/change.h"
#include "newsroom/draft.h"
#include "store/due.h"

/* After a revision of c's story: tells its translations, where its kind calls for that. */
MUST_USE enum status translations_tell(struct change *c, enum revision_kind kind);
/* Somebody has acted on c's story: it waits for nothing more. */
MUST_USE enum status translations_answered(struct change *c);
/* It needs nothing of what the actor sees, up to the row `seen`: with ACT_PUBLISH, and a line in
 * the audit log for each. ST_CONFLICT: nothing of that waits. */
MUST_USE enum status translations_need_nothing(struct tx *tx, const struct actor *who, str key,
                                               i64 seen);

#endif
