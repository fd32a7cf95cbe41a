/* JSON as it is read everywhere. */
#include "fuzz.h"

#include "text/json.h"

static void one(str in, struct arena *a)
{
    const struct json *j;
    struct err err = {0};
    if (json_read(in, a, &j, &err) == ST_OK)
        json_text(json_member(j, STR("a")));
}
