/* base/str.h: borrowed views of bytes.
 *
 * Ownership: a str never owns; it lives as long as what it points into (an arena, a literal, a
 * row). Not NUL-ended. p may be NULL only when n is 0. Comparison is by bytes; what is right for
 * people is in text/. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/status.h"

typedef int64_t i64;
typedef uint64_t u64;
typedef uint32_t u32;
typedef uint8_t u8;

typedef struct {
    const char *p;
    size_t n;
} str;

/* STR("literal") is a constant expression's worth of view; no strlen at run time. */
#define STR(lit) ((str){"" lit, sizeof(lit) - 1})
#define STR_NONE ((str){NULL, 0})
/* For printf: printf("%.*s", FMT(s)). Longer than INT_MAX is cut. */
#define FMT(s)   (int)((s).n > INT32_MAX ? INT32_MAX : (s).n), ((s).n ? (s).p : "")
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static inline str str_c(const char *c) /* view of a NUL-ended string; NULL is empty */
{
    return (str){c, c ? strlen(c) : 0};
}
static inline bool str_eq(str a, str b)
{
    return a.n == b.n && (a.n == 0 || a.p == b.p || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_starts(str s, str with)
{
    return s.n >= with.n && (with.n == 0 || memcmp(s.p, with.p, with.n) == 0);
}
static inline bool str_ends(str s, str with)
{
    return s.n >= with.n && (with.n == 0 || memcmp(s.p + s.n - with.n, with.p, with.n) == 0);
}
/* The rest of s from byte i on; empty when i is at or past the end. */
static inline str str_from(str s, size_t i)
{
    return i >= s.n ? STR_NONE : (str){s.p + i, s.n - i};
}
/* The first n bytes of s, all of it when it is shorter. */
static inline str str_head(str s, size_t n)
{
    return n >= s.n ? s : (str){s.p, n};
}

int str_cmp(str a, str b);      /* <0, 0, >0 in byte order */
bool str_eq_fold(str a, str b); /* equal but for ASCII case */
ptrdiff_t str_find(str s,
                   str needle); /* index of the first occurrence, -1 when none; "" is found at 0 */
ptrdiff_t str_find_byte(str s, char c); /* likewise */
str str_trim(str s);                    /* without blanks, tabs, CR, LF at either end */
/* Cuts at the first sep: *head is what was before, the result what comes after. When there is no
 * sep, *head is all of s and the result has p == NULL (an empty rest after a final sep has p !=
 * NULL). */
str str_cut(str s, char sep, str *head);

/* A decimal number with optional '-', nothing else, within i64. ST_INVALID otherwise. */
MUST_USE enum status str_i64(str s, i64 *ret);

/* Whether s is UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). U+0000 is
 * valid UTF-8 here; callers that keep text refuse it apart (PostgreSQL cannot hold it). *bad gets
 * the first wrong byte's index. */
bool utf8_valid(str s, size_t *bad);
/* Reads the code point at *i (s valid) and moves *i past it. */
u32 utf8_next(str s, size_t *i);
/* Writes cp as UTF-8 to buf, returns its length (1 to 4). */
size_t utf8_put(u32 cp, char buf[4]);

#endif
