/* newsroom/unschedule.h: taking back what was scheduled and was never live.
 *
 * Nobody has seen it, so nothing is kept: its row, its address and its id are free again. Runs
 * inside one write transaction, like publish.h. */
#ifndef NEWSROOM_UNSCHEDULE_H
#define NEWSROOM_UNSCHEDULE_H

#include "newsroom/publish.h"

/* *done: whether key was such a story; if not, nothing has happened. */
MUST_USE enum status unschedule_story(struct tx *tx, str key, bool *done, struct published *ret);

#endif
