/* base/out.h: bytes being written, growing in an arena up to a stated maximum.
 *
 * Ownership: the bytes live in the arena. Growing copies, so while one out grows, others in the
 * same arena waste a little; start with a good guess. full is sticky: check it (out_status) once,
 * at the end. Threads: one thread at a time. */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include "base/arena.h"

struct out {
    struct arena *arena;
    char *p;
    size_t n, cap, first, max;
    bool full; /* the maximum or the arena was reached; what came after was dropped */
};

/* guess: bytes to start with, at least 512, taken from the arena with the first write; max: more is
 * refused (ST_TOOLARGE at out_status). */
struct out out_make(struct arena *a, size_t guess, size_t max);
void out_str(struct out *o, str s);
void out_c(struct out *o, const char *s);
void out_byte(struct out *o, char c);
void out_i64(struct out *o, i64 v);
void out_cp(struct out *o, u32 cp); /* as UTF-8 */
void out_fmt(struct out *o, const char *fmt, ...) PRINTF(2, 3);
/* What was written; valid until the next append. */
str out_view(const struct out *o);
/* ST_OK, ST_NOMEM when the arena is full, ST_TOOLARGE when the maximum was passed. */
MUST_USE enum status out_status(const struct out *o);

#endif
