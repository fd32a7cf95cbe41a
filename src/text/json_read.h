/* text/json_read.h: jansson's values as our views; inside this room. */
#ifndef TEXT_JSON_READ_H
#define TEXT_JSON_READ_H

#include <jansson.h>

#include "text/document.h"

/* A view of a JSON string, alive as long as the value; "" for anything else. */
static inline str json_str(const json_t *v)
{
    return json_is_string(v) ? (str){json_string_value(v), json_string_length(v)} : STR_NONE;
}

/* json is a json_t of a document. Runs document_check. */
MUST_USE enum status document_from_json(const void *json, struct arena *a, struct node **ret,
                                        struct err *err);

#endif
