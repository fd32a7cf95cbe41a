/* app/turns.h: who is next where few are served and anybody may come: the password's lane.
 *
 * Strangers take turns by network: each network's first before anyone's second. Where all seats are
 * taken, one who comes gets that of the newest of whichever network has most, if it would still
 * have more than theirs; so a flood pushes out itself, and while there is room nobody is refused.
 *
 * Known browsers have seats of their own, one for each, and take turns with all strangers together:
 * however many those are, one who has been here before waits for few. What is no seat of theirs is
 * a stranger's.
 *
 * Ownership: what sits is the caller's. Threads: the caller's lock. */
#ifndef APP_TURNS_H
#define APP_TURNS_H

#include "base/str.h"

struct guest {
    u64 network;
    u64 browser; /* 0: a stranger's */
};
struct queued {
    struct exchange *x;
    i64 arrived;
    struct guest who; /* browser 0 where it is a stranger's seat */
};

struct turns;
MUST_USE enum status turns_make(size_t strangers, size_t browsers, struct turns **ret);
void turns_free(struct turns *t); /* NULL is allowed */
/* ST_BUSY: there is no seat. *out: who had to get up for it, to be answered so; NULL for nobody. */
MUST_USE enum status turns_put(struct turns *t, const struct queued *s, struct exchange **out);
/* False when nobody waits. */
bool turns_take(struct turns *t, struct queued *ret);

#endif
