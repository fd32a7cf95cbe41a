/* A query: only what is declared comes through, sound, and what is not declared changes nothing. */
#include "fuzz.h"

#include "http/target.h"

static void sound(str v)
{
    if (!utf8_valid(v, NULL))
        abort();
    for (size_t k = 0; k < v.n; k++)
        if ((u8)v.p[k] < 0x20 || v.p[k] == 0x7F)
            abort();
}

static void one(str in, struct arena *a)
{
    struct request r = {0}, with = {0};
    struct err err = {0};
    str before = STR("before"), q = STR("q"), declared = STR("before,q");
    enum status st = query_read(in, declared, a, &r, &err);
    for (size_t i = 0; !st && i < r.nquery; i++) {
        if (!str_eq(r.query[i].name, before) && !str_eq(r.query[i].name, q))
            abort();
        sound(r.query[i].value);
    }
    str more = arena_join(a, (str[]){in, STR("&other=%zz%00")}, 2);
    if (a->oom)
        return;
    if (query_read(more, declared, a, &with, &err) != st)
        abort();
    if (!st && (with.nquery != r.nquery || !str_eq(request_query(&with, q), request_query(&r, q)) ||
                !str_eq(request_query(&with, before), request_query(&r, before))))
        abort();
}
