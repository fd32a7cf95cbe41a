/* base/time.h: the only clock. Units: milliseconds since 1970 UTC in i64; 0 means "not yet" in
 * rows.
 *
 * SQL never asks for the time and nothing else in the program reads a wall clock. Test builds shift
 * or set it. Threads: all functions may be called from any thread. */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/arena.h"

#define MS_SECOND ((i64)1000)
#define MS_MINUTE (60 * MS_SECOND)
#define MS_HOUR   (60 * MS_MINUTE)
#define MS_DAY    (24 * MS_HOUR)
#define MS_NEVER  INT64_MAX

i64 time_now(void);       /* wall clock (CLOCK_REALTIME), or what a test set */
i64 time_micros(void);    /* of the same clock as time_monotonic */
i64 time_monotonic(void); /* ms that only go forward (CLOCK_MONOTONIC), for waits and durations */

/* For tests: 0 returns to the system's clock. */
void time_set_for_test(i64 now_ms);

/* A civil date in the proleptic Gregorian calendar, UTC. month 1 to 12, day 1 to 31. */
struct civil {
    int year, month, day, hour, minute, second, ms;
};
struct civil time_civil(i64 ms);
i64 time_from_civil(struct civil c);
bool civil_date_valid(int year, int month, int day); /* years 1 to 9999 */

/* RFC 3339 with seconds and an offset ('Z' or ±hh:mm), as in 2026-11-20T06:45:00Z; a fraction is
 * read and kept to ms. A leap second (:60) is refused. ST_INVALID otherwise. */
MUST_USE enum status time_parse(str s, i64 *ret);
/* 2026-11-20T06:45:00Z; with .123 only when ms is not 0. In the arena. */
str time_rfc3339(i64 ms, struct arena *a);
/* Sun, 06 Nov 1994 08:49:37 GMT (RFC 9110, 5.6.7) into buf of 32. */
str time_http(i64 ms, char buf[32]);

#endif
