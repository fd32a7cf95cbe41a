#include "base/arena.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/fmt.h"

enum { ALIGN = 16, KEEP = 2 << 20 };

#ifdef BROADSHEET_PROVE
/* For tests of what happens when memory runs short: BROADSHEET_ARENA_MAX=BYTES. */
static size_t granted(size_t size)
{
    const char *text = getenv("BROADSHEET_ARENA_MAX");
    i64 most;
    return text && str_i64(str_c(text), &most) == ST_OK && most > 0 && (size_t)most < size
               ? (size_t)most
               : size;
}
#else
static size_t granted(size_t size)
{
    return size;
}
#endif

enum status arena_init(struct arena *a, size_t size)
{
    size = (size + 4095) & ~(size_t)4095;
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (p == MAP_FAILED)
        return ST_NOMEM;
    *a = (struct arena){.start = p, .beg = p, .end = p + granted(size), .high = p};
    return ST_OK;
}

void arena_free(struct arena *a)
{
    if (a->start)
        munmap(a->start, (size_t)(a->end - a->start));
    *a = (struct arena){0};
}

void arena_reset(struct arena *a)
{
    char *keep = a->start + KEEP;
    if (a->beg > a->high)
        a->high = a->beg;
    if (a->high > keep) {
        madvise(keep, (size_t)(a->end - keep), MADV_DONTNEED);
        a->high = keep; /* above it all is zero again */
    }
    a->beg = a->start;
    a->oom = false;
}

char *arena_mark(const struct arena *a)
{
    return a->beg;
}

void arena_rewind(struct arena *a, char *mark)
{
    if (a->beg > a->high)
        a->high = a->beg;
    a->beg = mark;
}

static char *take(struct arena *a, size_t n)
{
    size_t pad = (size_t)(-(uintptr_t)a->beg & (ALIGN - 1));
    size_t left = (size_t)(a->end - a->beg);
    if (a->oom || pad > left || n > left - pad) {
        a->oom = true;
        return NULL;
    }
    char *p = a->beg + pad;
    a->beg = p + n;
    return p;
}

static void raise_high(struct arena *a)
{
    if (a->beg > a->high)
        a->high = a->beg;
}

void *arena_bytes(struct arena *a, size_t n)
{
    char *p = take(a, n);
    if (!p)
        return NULL;
    if (p < a->high) { /* only what an earlier use wrote needs zeroing: fresh pages are zero */
        size_t dirty = (size_t)(a->high - p);
        memset(p, 0, dirty < n ? dirty : n);
    }
    raise_high(a);
    return p;
}

char *arena_raw(struct arena *a, size_t n)
{
    char *p = take(a, n);
    if (p)
        raise_high(a);
    return p;
}

void *arena_things(struct arena *a, size_t size, size_t n)
{
    size_t bytes;
    if (__builtin_mul_overflow(size, n, &bytes)) {
        a->oom = true;
        return NULL;
    }
    return arena_bytes(a, bytes);
}

void *arena_more(struct arena *a, void *list, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return list;
    size_t want = *cap ? *cap * 2 : 16;
    void *more = arena_things(a, size, want);
    if (!more)
        return NULL;
    if (count)
        memcpy(more, list, count * size);
    *cap = want;
    return more;
}

str arena_str(struct arena *a, str s)
{
    char *p = s.n < SIZE_MAX ? arena_raw(a, s.n + 1) : NULL;
    if (!p)
        return STR_NONE;
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (str){p, s.n};
}

str arena_join(struct arena *a, const str *parts, size_t n)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += parts[i].n;
    char *p = arena_raw(a, total + 1);
    if (!p)
        return STR_NONE;
    p[total] = '\0';
    char *at = p;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n)
            memcpy(at, parts[i].p, parts[i].n);
        at += parts[i].n;
    }
    return (str){p, total};
}

str arena_fmt(struct arena *a, const char *fmt, ...)
{
    char buf[256]; /* nearly all of them fit */
    va_list ap;
    va_start(ap, fmt);
    size_t n = fmt_put(buf, sizeof buf, fmt, ap);
    char *p = arena_raw(a, n + 1);
    if (p && n < sizeof buf)
        memcpy(p, buf, n + 1);
    else if (p)
        fmt_put(p, n + 1, fmt, ap);
    va_end(ap);
    return p ? (str){p, n} : STR_NONE;
}

const char *arena_cstr(struct arena *a, str s)
{
    str copy = arena_str(a, s);
    return copy.p ? copy.p : "";
}
