/* text/json.h: reading and writing JSON (RFC 8259): what documents, stories and messages are kept
 * as.
 *
 * Reading is into an arena, and texts without escapes are views of the source: nothing is allocated
 * one by one.
 * Strict: valid UTF-8, no member twice, no U+0000, at most 128 deep.
 * Writing is canonical (RFC 8785): no white space, keys in the order the caller writes them, which
 * must be that of their UTF-16 code units; strings escaped the one way; integers only. */
#ifndef TEXT_JSON_H
#define TEXT_JSON_H

#include "base/out.h"

enum json_type {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,   /* whole */
    JSON_FRACTION, /* any other, as it stands in the source */
    JSON_TEXT,
    JSON_LIST,
    JSON_MAP
};
struct json {
    enum json_type type;
    str name;           /* as a member of a map */
    str text;           /* JSON_TEXT, JSON_FRACTION */
    i64 number;         /* JSON_NUMBER; JSON_BOOL: 0 or 1 */
    struct json *first; /* of a list's values or a map's members, in their order */
    size_t size;
    struct json *next;
};
/* The source must live as long as the values. ST_INVALID: "line N: what is wrong". */
MUST_USE enum status json_read(str source, struct arena *a, const struct json **ret,
                               struct err *err);
/* All three take NULL for "not there". */
const struct json *json_member(const struct json *map, str name); /* NULL when there is none */
bool json_is(const struct json *j, enum json_type type);
str json_text(const struct json *j); /* "" for anything that isn't a text */

void json_put(struct out *o, str s);
/* Writes ,"key": (without the comma when *first, which it clears). */
void json_put_key(struct out *o, bool *first, const char *key);
/* A key with a text, left out when it is empty. */
void json_put_text(struct out *o, bool *first, const char *key, str value);
void json_put_int(struct out *o, bool *first, const char *key, i64 value);

#endif
