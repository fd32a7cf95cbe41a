/* desk/presence.h: who has which story open just now, so that two people in one story see each
 * other.
 *
 * In memory alone, and forgotten after two minutes without a sign: it is a courtesy, and what two
 * people write at once is joined anyway (newsroom/draft.h). A table of fixed size: where it is full
 * the oldest goes. Threads: any. */
#ifndef DESK_PRESENCE_H
#define DESK_PRESENCE_H

#include "base/arena.h"

struct presence;
enum { PRESENCE_MS = 2 * 60 * 1000, PRESENCE_PEOPLE = 8 };

MUST_USE enum status presence_make(struct presence **ret);
void presence_free(struct presence *p); /* NULL is allowed */
/* account is in story key now (ms, time_monotonic's). */
void presence_note(struct presence *p, str key, i64 account, i64 now);
void presence_leave(struct presence *p, str key, i64 account);
/* Others than account who are there, at most PRESENCE_PEOPLE: how many. */
size_t presence_others(struct presence *p, str key, i64 account, i64 now, i64 ret[PRESENCE_PEOPLE]);

#endif
