/* A request's head: the first line is the target, the others are headers "name: value". */
#include "fuzz.h"

#include "http/client.h"
#include "http/framing.h"
#include "http/negotiate.h"
#include "http/target.h"

static void one(str in, struct arena *a)
{
    str line, name, rest = str_cut(in, '\n', &line);
    struct target t;
    struct head h = {0};
    struct err err = {0};
    const char *why = "";
    i64 from, n;
    enum status st = target_read(line, a, &t, &err);
    if (!st) {
        struct target again;
        struct request r = {0};
        if (target_read(t.canonical, a, &again, &err) || again.redirect)
            abort(); /* a canonical target is canonical */
        st = query_read(t.query, STR("before,q"), a, &r, &err);
    }
    while (rest.p) {
        rest = str_cut(rest, '\n', &line);
        str value = str_trim(str_cut(line, ':', &name));
        head_add(&h, name, value);
        range_read(value, 1000, &from, &n);
        etag_matches(value, STR("\"x\""));
        struct address peer = {{0}};
        client_of(peer, FORWARD_FORWARDED, value, NULL, 0);
        client_of(peer, FORWARD_XFF, value, NULL, 0);
    }
    head_verdict(&h, &why);
    host_known(h.host, NULL, 0, true);
}
