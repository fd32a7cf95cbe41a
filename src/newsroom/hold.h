/* newsroom/hold.h: legal holds: while one stands, nothing that readers have of a story changes.
 *
 * The door asks hold_check before it publishes, schedules, withdraws, reinstates or takes back, so
 * that no way in leads around it: the desk, files, the command line, a schedule whose time comes.
 * What stands beside the live text goes on: saves, notes, reviews; but nothing of it is destroyed.
 * A scheduled story stays scheduled; when the hold is lifted after its time, it goes live within a
 * minute. Units: ms since 1970 UTC. */
#ifndef NEWSROOM_HOLD_H
#define NEWSROOM_HOLD_H

#include "newsroom/draft.h"
#include "store/hold.h"

/* With ACT_HOLD; the reason goes into the audit log, and stands on the story's page while the hold
 * does. ST_INVALID: no reason; ST_CONFLICT: it is on hold already, or isn't; with a message
 * key. Threads: the writer. */
MUST_USE enum status hold_put(struct tx *tx, const struct actor *who, str key, str reason);
MUST_USE enum status hold_lift(struct tx *tx, const struct actor *who, str key, str reason);

/* ST_CONFLICT where the story of this key is on hold. line: "" or "line N: ", for the error to
 * begin with. */
MUST_USE enum status hold_check(struct view *v, str key, const char *line);

#endif
