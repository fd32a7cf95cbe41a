#include "text/unicode.h"

#include <unicode/ustring.h>

enum { LONGEST = 1 << 26 };

enum status ustr_from(str s, struct arena *a, struct ustr *ret)
{
    if (s.n > LONGEST)
        return ST_TOOLARGE;
    UChar *buf = arena_new(a, UChar, s.n + 1);
    if (!buf)
        return ST_NOMEM;
    UErrorCode e = U_ZERO_ERROR;
    int32_t n = 0;
    u_strFromUTF8(buf, (int32_t)s.n + 1, &n, s.n ? s.p : "", (int32_t)s.n, &e);
    if (U_FAILURE(e))
        return ST_INVALID;
    *ret = (struct ustr){buf, n};
    return ST_OK;
}

enum status ustr_to(struct ustr u, struct arena *a, str *ret)
{
    size_t cap = (size_t)u.n * 3 + 1;
    char *buf = arena_bytes(a, cap);
    if (!buf)
        return ST_NOMEM;
    UErrorCode e = U_ZERO_ERROR;
    int32_t n = 0;
    u_strToUTF8(buf, (int32_t)cap, &n, u.p, u.n, &e);
    if (U_FAILURE(e))
        return ST_INVALID;
    *ret = (str){buf, (size_t)n};
    return ST_OK;
}
