/* desk/known.h: whose sessions were seen lately, for the edge, which asks before a body has room.
 *
 * Nothing but room rests on it: who is let in is asked of the database. In memory alone; a restart
 * forgets, and the next page that somebody opens is enough. A fixed table, in which a later session
 * may take an earlier one's place. Threads: any; no locks. */
#ifndef DESK_KNOWN_H
#define DESK_KNOWN_H

#include "base/str.h"

struct known;
MUST_USE enum status known_make(struct known **ret);
void known_free(struct known *k); /* NULL is allowed */
void known_note(struct known *k, str secret);
bool known_is(const struct known *k, str secret);

#endif
