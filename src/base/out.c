#include "base/out.h"

#include "base/fmt.h"

struct out out_make(struct arena *a, size_t guess, size_t max)
{
    return (struct out){.arena = a, .first = guess, .max = max, .full = guess > max};
}

enum { FIRST = 512 };

static bool room(struct out *o, size_t more)
{
    if (o->full || more > o->max - o->n) {
        o->full = true;
        return false;
    }
    if (o->n + more <= o->cap)
        return true;
    size_t want = o->cap ? o->cap * 2 : o->first > FIRST ? o->first : FIRST;
    while (want < o->n + more)
        want *= 2;
    if (want > o->max)
        want = o->max;
    /* the last thing in the arena grows where it lies */
    if (o->p && o->p + o->cap == o->arena->beg &&
        want - o->cap <= (size_t)(o->arena->end - o->arena->beg)) {
        o->arena->beg = o->p + want;
        if (o->arena->beg > o->arena->high)
            o->arena->high = o->arena->beg;
        o->cap = want;
        return true;
    }
    char *p = arena_raw(o->arena, want);
    if (!p) {
        o->full = true;
        return false;
    }
    if (o->n)
        memcpy(p, o->p, o->n);
    o->p = p;
    o->cap = want;
    return true;
}

void out_str(struct out *o, str s)
{
    if (s.n && (s.n <= o->cap - o->n || room(o, s.n))) {
        memcpy(o->p + o->n, s.p, s.n);
        o->n += s.n;
    }
}

void out_c(struct out *o, const char *s)
{
    out_str(o, str_c(s));
}

void out_byte(struct out *o, char c)
{
    if (o->n < o->cap || room(o, 1))
        o->p[o->n++] = c;
}

void out_i64(struct out *o, i64 v)
{
    out_fmt(o, "%lld", (long long)v);
}

void out_cp(struct out *o, u32 cp)
{
    char buf[4];
    out_str(o, (str){buf, utf8_put(cp, buf)});
}

void out_fmt(struct out *o, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t left = o->cap - o->n, n = fmt_put(o->p ? o->p + o->n : NULL, o->p ? left : 0, fmt, ap);
    if (n >= left && room(o, n + 1))
        fmt_put(o->p + o->n, n + 1, fmt, ap);
    va_end(ap);
    if (!o->full)
        o->n += n;
}

str out_view(const struct out *o)
{
    return (str){o->p, o->n};
}

enum status out_status(const struct out *o)
{
    return o->arena->oom ? ST_NOMEM : o->full ? ST_TOOLARGE : ST_OK;
}
