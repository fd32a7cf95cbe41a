/* Private paths: what a request tells them and no other, and how little of them a log shows. */
#include "http/server_parts.h"

#include <stdlib.h>

#include "base/guard.h"
#include "http/origin.h"

static const str hidden = {"[...]", 5};

bool path_private(const struct server *s, str path)
{
    return s->conf.private && s->conf.private(s->conf.arg, path);
}

/* Headers that are looked at here alone. */
struct told {
    struct arena *a;
    str cookie, agent, content_type, site, origin, proto;
};

/* A copy: libmicrohttpd's memory is moved about as a body comes. Of several lines one is made
 * (RFC 9110, 5.3; cookies: RFC 9113, 8.2.3). */
static enum MHD_Result see(void *cls, enum MHD_ValueKind kind, const char *name, size_t nname,
                           const char *value, size_t nvalue)
{
    static const struct {
        const char *name;
        size_t at;
        const char *between;
    } fields[] = {{"cookie", offsetof(struct told, cookie), "; "},
                  {"user-agent", offsetof(struct told, agent), " "},
                  {"content-type", offsetof(struct told, content_type), ","},
                  {"sec-fetch-site", offsetof(struct told, site), ","},
                  {"origin", offsetof(struct told, origin), ","},
                  {"x-forwarded-proto", offsetof(struct told, proto), ","}};
    struct told *t = cls;
    (void)kind;
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (!str_eq_fold((str){name, nname}, str_c(fields[i].name)))
            continue;
        str *to = (str *)(void *)((char *)t + fields[i].at), v = {value ? value : "", nvalue};
        *to = to->p ? arena_join(t->a, (str[]){*to, str_c(fields[i].between), v}, 3)
                    : arena_str(t->a, v);
    }
    return MHD_YES;
}

enum status private_head(struct exchange *x)
{
    const struct server *s = x->server;
    const struct server_conf *c = &s->conf;
    struct request *r = &x->request;
    struct told t = {.a = &x->arena};
    char who[64];
    MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, see, &t);
    bool here = address_loopback(x->client);
    bool https = !here && (atomic_load_explicit(&s->hosts, memory_order_acquire)->https ||
                           client_https(x->peer, c->forwarding, x->asked.via, t.proto, c->trusted,
                                        c->ntrusted));
    r->client = arena_str(&x->arena, address_text(x->client, false, who));
    r->cookie = t.cookie;
    r->agent = t.agent;
    r->content_type = t.content_type;
    r->secure = here || https;
    r->same_origin = same_origin(t.site, t.origin, x->head.host, https);
    return x->arena.oom ? ST_NOMEM : ST_OK;
}

void private_shown(struct exchange *x, str path, size_t shown)
{
    bool all = shown == 0 || !GUARD(secrets_not_logged);
    str head = all ? path : str_head(path, shown), tail = all ? STR("") : hidden;
    free(x->shown);
    x->shown = malloc(head.n + tail.n + 1);
    if (!x->shown)
        return;
    memcpy(x->shown, head.p, head.n);
    memcpy(x->shown + head.n, tail.p, tail.n);
    x->shown[head.n + tail.n] = '\0';
}

/* Words that were removed by order may be in the last segment. */
static bool names_removed(const struct exchange *x)
{
    const struct finished *given[] = {x->hit, x->reply, x->ready.finished};
    for (size_t i = 0; i < COUNT(given); i++)
        if (given[i] && finished_hidden(given[i]))
            return GUARD(removal_not_logged);
    return false;
}

static str without_last_segment(str path, char buf[LOG_SHORT])
{
    size_t n = path.n < LOG_SHORT / 2 ? path.n : LOG_SHORT / 2;
    while (n && path.p[n - 1] != '/')
        n--;
    int wrote = snprintf(buf, LOG_SHORT, "%.*s%.*s", (int)n, path.p, FMT(hidden));
    return (str){buf, (size_t)wrote};
}

/* What is refused before its route is known is looked at as it came. */
str logged_target(const struct exchange *x, char buf[LOG_SHORT])
{
    str raw = str_c(x->raw), path;
    if (x->private)
        return x->shown ? str_c(x->shown) : hidden;
    str_cut(raw, '?', &path);
    if (names_removed(x))
        return without_last_segment(path, buf);
    if (!path_private(x->server, path))
        return raw;
    size_t first = (size_t)(str_find_byte(str_from(path, 1), '/') + 2);
    str head = str_head(path, first < LOG_SHORT / 2 ? first : 1); /* "/desk/" */
    int n = snprintf(buf, LOG_SHORT, "%.*s%.*s", FMT(head), FMT(hidden));
    return (str){buf, (size_t)n};
}
