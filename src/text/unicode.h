/* text/unicode.h: between our UTF-8 views and ICU's UTF-16, inside this room. */
#ifndef TEXT_UNICODE_H
#define TEXT_UNICODE_H

#include <unicode/utypes.h>

#include "base/arena.h"

struct ustr {
    UChar *p;
    int32_t n;
};

/* Broken UTF-8 is ST_INVALID. NUL-ended past n, for ICU calls that want that. */
MUST_USE enum status ustr_from(str s, struct arena *a, struct ustr *ret);
MUST_USE enum status ustr_to(struct ustr u, struct arena *a, str *ret);

#endif
