/* base/arena.h: one arena per request; its size is the request's memory limit.
 *
 * Ownership: arena_init reserves address space (pages are only taken when touched) and arena_free
 * gives it back; all else points into it and dies at arena_reset. Memory is zeroed. When it is
 * full, oom is set and stays set, and every allocation gives NULL: appends are checked once at the
 * end, single allocations where they are made. Threads: one thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena {
    char *start, *beg, *end; /* start of the block; next free byte; one past the last */
    char *high;              /* bytes below it may be dirty from an earlier use */
    bool oom;
};

/* Reserves size bytes. ST_NOMEM when the system has none. */
MUST_USE enum status arena_init(struct arena *a, size_t size);
void arena_free(struct arena *a);
/* Everything in it is gone, its memory is used again. Pages past 2 MiB go back to the system. */
void arena_reset(struct arena *a);
/* A mark to return to with arena_rewind: what was allocated since is gone. oom is not cleared. */
char *arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, char *mark);

/* n bytes aligned to 16, zeroed; NULL when full. n == 0 gives a valid pointer. */
MUST_USE void *arena_bytes(struct arena *a, size_t n);
/* n bytes as they are, for whoever writes them all at once. */
MUST_USE char *arena_raw(struct arena *a, size_t n);
/* n things of a size, overflow checked. */
MUST_USE void *arena_things(struct arena *a, size_t size, size_t n);
#define arena_new(a, type, n) ((type *)arena_things(a, sizeof(type), n))

/* Room for one more item in a list that grows in an arena: doubles it when count has reached *cap.
 * Gives the list, moved or not; NULL when full (the old one stays). The copies left behind cost at
 * most as much again. */
MUST_USE void *arena_more(struct arena *a, void *list, size_t count, size_t *cap, size_t size);
#define arena_grow(a, list, count, cap)                                                            \
    ({                                                                                             \
        void *more_ = arena_more(a, list, count, cap, sizeof *(list));                             \
        if (more_)                                                                                 \
            (list) = more_;                                                                        \
        more_ != NULL;                                                                             \
    })

/* Copies; empty (and oom set) when full. The copy is NUL-ended one past its length, for libraries
 * that want that. */
str arena_str(struct arena *a, str s);
str arena_join(struct arena *a, const str *parts, size_t n);
/* printf into the arena. */
str arena_fmt(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
/* A NUL-ended copy; "" when full, so that it can be passed on before oom is looked at. */
const char *arena_cstr(struct arena *a, str s);

#endif
