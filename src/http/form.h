/* http/form.h: what a browser's form sends: application/x-www-form-urlencoded (WHATWG URL, 5.1) and
 * multipart/form-data (RFC 7578, with names as the WHATWG HTML standard writes them, 4.10.21.8).
 *
 * Ownership: names and values are views of the body where they can be, else in the arena.
 * Errors: ST_INVALID for a shape that no browser sends, and for names and text that aren't UTF-8 or
 * hold U+0000 or control characters but tab and line ends; ST_TOOLARGE beyond FORM_FIELDS fields;
 * ST_NOMEM. Line ends in text become "\n". Threads: any. */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "base/arena.h"

enum { FORM_FIELDS = 2048 };
struct form_field {
    str name, value;
    bool file;     /* came as a file; value is its bytes, whatever they are */
    str file_name; /* as the browser says it; may be "", and may hold slashes */
    str type;      /* of a part, "" when it tells none */
};
struct form {
    struct form_field *fields; /* in the order in which they came */
    size_t n;
};
MUST_USE enum status form_read(str content_type, str body, struct arena *a, struct form *ret,
                               struct err *err);
/* The first field of that name, NULL when there is none; its text, "" (p NULL) when there is none
 * or it is a file. */
const struct form_field *form_field(const struct form *f, str name);
str form_text(const struct form *f, const char *name);

#endif
