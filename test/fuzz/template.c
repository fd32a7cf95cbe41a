/* Templates, compiled and rendered with a small model. */
#include "fuzz.h"

#include "text/mustache.h"

static void one(str in, struct arena *a)
{
    struct mustache *m;
    struct err err = {0};
    html out;
    if (mustache_make(&m))
        return;
    struct value_map *map = map_make(a), *item = map_make(a);
    struct value_list *list = list_make(a);
    map_set(item, "name", value_text(STR("<x>")));
    list_add(list, value_map(item));
    list_add(list, value_map(item));
    map_set(map, "list", value_list(list));
    map_set(map, "yes", value_bool(true));
    map_set(map, "text", value_text(STR("a & b")));
    if (mustache_add(m, STR("main"), in, &err) == ST_OK) {
        enum status st = mustache_render(m, STR("main"), map, a, 1 << 20, &out, &err);
        (void)st;
    }
    mustache_free(m);
}
