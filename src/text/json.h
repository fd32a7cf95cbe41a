/* text/json.h: reading and writing JSON, over jansson, which only this room names.
 *
 * Writing is canonical (RFC 8785): no white space, keys in the order the caller writes them, which
 * must be that of their UTF-16 code units; strings escaped the one way; integers only. */
#ifndef TEXT_JSON_H
#define TEXT_JSON_H

#include "base/out.h"

void json_put(struct out *o, str s);
/* Writes ,"key": (without the comma when *first, which it clears). */
void json_put_key(struct out *o, bool *first, const char *key);
/* A key with a text, left out when it is empty. */
void json_put_text(struct out *o, bool *first, const char *key, str value);
void json_put_int(struct out *o, bool *first, const char *key, i64 value);

#endif
