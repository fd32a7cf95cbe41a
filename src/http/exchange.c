/* One request: framing, target, Host, route, body; a hit leaves at once, a miss is set aside. */
#include "http/server_parts.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "base/guard.h"
#include "base/hash.h"
#include "base/time.h"
#include "http/target.h"

enum {
    REQUEST_ARENA = 512 << 20, /* address space, not memory: a save may be merged twice over */
    VIA_MAX = 4096,
    PARAMETERS_MAX = 64, /* routes declare a few */
    ENTRY_BYTES = 64,    /* what libmicrohttpd takes for each header, cookie and parameter */
};

/* ---- arenas: reserving one costs system calls, so a few are kept ---- */

static bool arena_take(struct server *s, struct arena *a)
{
    pthread_mutex_lock(&s->lock);
    bool have = s->narenas > 0;
    if (have)
        *a = s->arenas[--s->narenas];
    pthread_mutex_unlock(&s->lock);
    return have || arena_init(a, REQUEST_ARENA) == ST_OK;
}

static void arena_give(struct server *s, struct arena *a)
{
    if (!a->start)
        return;
    arena_reset(a);
    pthread_mutex_lock(&s->lock);
    bool keep = s->narenas < ARENAS_KEPT;
    if (keep)
        s->arenas[s->narenas++] = *a;
    pthread_mutex_unlock(&s->lock);
    if (!keep)
        arena_free(a);
    *a = (struct arena){0};
}

void exchange_lighten(struct exchange *x)
{
    body_free(&x->body); /* before another has its arena */
    arena_give(x->server, &x->arena);
}

static struct watched *watched_of(const struct exchange *x)
{
    return x->connected ? x->connected->watched : NULL;
}

/* ---- the first call: framing, target, Host, route ---- */

/* Several lines of one list header are one list (RFC 9110, 5.3); when it is too long its beginning,
 * which strangers write, is what goes. */
static void add_via(struct asked *k, str value)
{
    if (!k->via.p) {
        k->via = value;
        return;
    }
    size_t n = k->via.n + 1 + value.n;
    char *both = n <= VIA_MAX ? malloc(n) : NULL;
    if (!both) {
        k->via = value;
        return;
    }
    memcpy(both, k->via.p, k->via.n);
    both[k->via.n] = ',';
    memcpy(both + k->via.n + 1, value.p, value.n);
    free(k->joined);
    k->joined = both;
    k->via = (str){both, n};
}

static void note(struct exchange *x, str name, str value)
{
    struct asked *k = &x->asked;
    enum forwarding via = x->server->conf.forwarding;
    switch (name.n) {
    case 5:
        if (str_eq_fold(name, STR("range")))
            k->range = value;
        break;
    case 8:
        if (str_eq_fold(name, STR("if-range")))
            k->if_range = value;
        break;
    case 9:
        if (via == FORWARD_FORWARDED && str_eq_fold(name, STR("forwarded")))
            add_via(k, value);
        break;
    case 10:
        if (str_eq_fold(name, STR("user-agent")))
            k->agent = value;
        break;
    case 13:
        if (str_eq_fold(name, STR("if-none-match")))
            k->if_none_match = value;
        break;
    case 15:
        if (str_eq_fold(name, STR("accept-encoding")))
            k->accept_encoding = value;
        else if (via == FORWARD_XFF && str_eq_fold(name, STR("x-forwarded-for")))
            add_via(k, value);
        break;
    default:
        break;
    }
}

static enum MHD_Result see_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                  size_t nname, const char *value, size_t nvalue)
{
    struct exchange *x = cls;
    str n = {name, nname}, v = {value ? value : "", nvalue};
    (void)kind;
    x->head_bytes += nname + nvalue + 4 + ENTRY_BYTES;
    if (str_eq_fold(n, STR("cookie"))) { /* it keeps a copy, and an entry of each */
        x->head_bytes += nvalue + ENTRY_BYTES;
        for (size_t i = 0; i < nvalue; i++)
            x->head_bytes += v.p[i] == ';' ? ENTRY_BYTES : 0;
    }
    head_add(&x->head, n, v);
    note(x, n, v);
    return MHD_YES;
}

static enum method method_of(const char *m)
{
    static const struct {
        const char *name;
        enum method m;
    } all[] = {{"GET", GET}, {"HEAD", HEAD},      {"POST", POST},
               {"PUT", PUT}, {"DELETE", DELETE_}, {"OPTIONS", OPTIONS}};
    for (size_t i = 0; i < COUNT(all); i++)
        if (strcmp(m, all[i].name) == 0)
            return all[i].m;
    return METHOD_OTHER;
}

static void who_asks(struct exchange *x)
{
    const struct server_conf *c = &x->server->conf;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    x->peer = info ? address_of(info->client_addr) : (struct address){{0}};
    x->client = client_of(x->peer, c->forwarding, x->asked.via, c->trusted, c->ntrusted);
}

static enum MHD_Result redirect(struct exchange *x, str to)
{
    struct finished_spec spec = {.status = 301,
                                 .content_type = STR("text/plain; charset=utf-8"),
                                 .nheaders = 1,
                                 .headers = {{STR("Location"), to}}};
    struct finished *f;
    struct err ignored;
    if (!reply_fits(x, to.n))
        return refuse_raw(x, 431, "no room for the head of a redirect beside its own");
    if (finished_make(&spec, &f, &ignored))
        return queue_spare(x);
    x->hit = f; /* sent in the final call: queued here it would close the connection */
    return MHD_YES;
}

static enum MHD_Result options(struct exchange *x, const char *allow)
{
    struct finished_spec spec = {
        .status = 204, .nheaders = 1, .headers = {{STR("Allow"), str_c(allow)}}};
    struct finished *f;
    struct err ignored;
    if (finished_make(&spec, &f, &ignored))
        return queue_spare(x);
    x->hit = f; /* sent in the final call: queued here it would close the connection */
    return MHD_YES;
}

/* A body is read where the route takes one of its size; all others close the connection, so that
 * what was sent of it is never read as a request. */
static enum MHD_Result await_body(struct exchange *x, size_t most)
{
    size_t n = (size_t)x->head.content_length;
    if (n > (x->private ? most : 0) && GUARD(body_cap))
        return refuse(x, 413,
                      most ? "a body larger than its route takes" : "a body where none is taken");
    struct address who = address_client(x->client);
    u64 client = n ? siphash((str){(const char *)who.bytes, sizeof who.bytes}) : 0;
    const struct server_conf *c = &x->server->conf;
    bool known = n && c->known && c->known(c->arg, x->request.cookie);
    enum status st =
        n ? body_begin(&x->server->bodies, client, known, n, &x->arena, &x->body) : ST_OK;
    if (st)
        return refuse(x, 503, "no room for its body");
    watch_owes(watched_of(x), n ? x->started_us / 1000 : 0);
    return MHD_YES;
}

static enum MHD_Result route(struct exchange *x, enum method m, const struct target *t)
{
    const struct server_conf *c = &x->server->conf;
    struct verdict v = {.allow = "GET, HEAD, OPTIONS"};
    struct err err = {0};
    x->private = path_private(x->server, t->path);
    enum status st = c->route(c->arg, m, t->path, &v);
    if (x->private)
        private_shown(x, t->path, v.shown);
    if (st == ST_METHOD && m == OPTIONS && !x->head.content_length)
        return options(x, v.allow);
    if (st == ST_METHOD && m != OPTIONS)
        return queue_error(x, 405, v.allow);
    if (st && st != ST_NOTFOUND && st != ST_METHOD)
        return queue_error(x, status_http(st), NULL);
    if (t->redirect && m != GET && m != HEAD)
        return refuse(x, 400, "neither GET nor HEAD of a path that isn't canonical");
    x->request.method = m;
    x->request.path = t->path;
    if (query_read(t->query, v.declared, &x->arena, &x->request, &err))
        return refuse(x, 400, err.text);
    if ((x->private || !GUARD(shared_knows_nobody)) && private_head(x))
        return queue_error(x, 503, NULL);
    return await_body(x, st ? 0 : v.max_body);
}

/* A target that is its own decoded, canonical path: nearly all are. */
static bool plain(const char *raw)
{
    if (raw[0] != '/')
        return false;
    for (const char *p = raw; *p; p++) {
        char c = *p;
        bool ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                  (c >= 'A' && c <= 'Z') || c == '_';
        if (c == '/' ? p[1] == '/' || p[1] == '.' : !ok)
            return false;
    }
    return true;
}

/* What is in the page cache under a plain path was routed when it was printed. Private paths are
 * told apart before: that no such page ever comes into the cache is the promise of rooms above, and
 * to compare a path's beginning costs a hit nothing; its whole route would. */
static bool find_hit(struct exchange *x, enum method m)
{
    const struct server_conf *c = &x->server->conf;
    if ((m != GET && m != HEAD) || x->head.content_length > 0 || !plain(x->raw) ||
        (path_private(x->server, str_c(x->raw)) && GUARD(private_never_cached)))
        return false;
    x->request.method = m;
    x->request.path = str_c(x->raw);
    x->hit = c->hit(c->arg, &x->request);
    x->cache = x->hit ? "hit" : x->cache;
    return x->hit != NULL;
}

static enum MHD_Result first_call(struct exchange *x, const char *method)
{
    struct target t;
    struct err err = {0};
    const char *why = "";
    MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, see_header, x);
    who_asks(x);
    if (!reply_fits(x, 0))
        return refuse_raw(x, 431, "its head leaves no room for a reply's");
    int status = head_verdict(&x->head, &why);
    if (status)
        return refuse(x, status, why);
    enum method m = method_of(method);
    const struct hosts *hosts = atomic_load_explicit(&x->server->hosts, memory_order_acquire);
    if (!host_known(x->head.host, hosts->names, hosts->n, address_loopback(x->client)))
        return refuse(x, 421, "an unknown Host");
    if (!x->raw)
        return queue_error(x, 503, NULL);
    if (strlen(x->raw) > 2048)
        return refuse(x, 414, "the target is longer than 2,048 bytes");
    x->phase = ROUTED;
    if (find_hit(x, m))
        return MHD_YES;
    if (!arena_take(x->server, &x->arena))
        return queue_error(x, 503, NULL);
    if (target_read(str_c(x->raw), &x->arena, &t, &err))
        return refuse(x, 400, err.text);
    enum MHD_Result ok = route(x, m, &t);
    if (x->phase == ROUTED && t.redirect && !x->hit && ok == MHD_YES)
        return redirect(x, t.canonical);
    return ok;
}

/* ---- the final call: a hit leaves at once, a miss is set aside ---- */

static enum MHD_Result answer(struct exchange *x)
{
    struct server *s = x->server;
    struct finished *hit = x->hit;
    enum method m = x->request.method;
    if (!hit && (m == GET || m == HEAD) && (!x->private || !GUARD(private_never_cached))) {
        hit = s->conf.hit(s->conf.arg, &x->request);
        x->cache = hit ? "hit" : "miss";
    }
    x->hit = NULL;
    if (hit) {
        exchange_lighten(x);
        return queue_finished(x, hit);
    }
    pthread_mutex_lock(&s->lock);
    bool stopping = atomic_load(&s->stopping);
    s->waiting += !stopping;
    pthread_mutex_unlock(&s->lock);
    if (stopping)
        return queue_error(x, 503, NULL);
    x->phase = WAITING;
    MHD_suspend_connection(x->connection);
    enum status st = s->conf.miss(s->conf.arg, &x->request, x);
    if (st)
        server_reply(x, (struct reply){.status = 503});
    return MHD_YES;
}

/* ---- between them: a body ---- */

static void write_body(struct file_job *j)
{
    struct exchange *x =
        (struct exchange *)(void *)((char *)j - offsetof(struct exchange, writing));
    body_write(&x->body);
}

static enum MHD_Result take_body(struct exchange *x, str data)
{
    struct body *b = &x->body;
    if (!body_take(b, data))
        return MHD_NO;
    if (b->got == b->size)
        watch_owes(watched_of(x), 0);
    x->writing = (struct file_job){.run = write_body, .connection = x->connection};
    if (body_must_write(b) && !file_lane_take(x->server->files, &x->writing))
        body_write(b); /* the server stops */
    return MHD_YES;
}

/* All of the request has come. */
static enum MHD_Result final_call(struct exchange *x)
{
    enum status st = x->body.size ? body_whole(&x->body, &x->request.body) : ST_OK;
    return st ? queue_error(x, status_http(st), NULL) : answer(x);
}

enum MHD_Result exchange_handle(void *cls, struct MHD_Connection *c, const char *url,
                                const char *method, const char *version, const char *data,
                                size_t *size, void **con)
{
    struct exchange *x = *con;
    const struct server *s = cls;
    (void)url;
    (void)version;
    if (!x)
        return MHD_queue_response(c, 503, s->spare);
    x->connection = c;
    if (x->phase == ANSWERED)
        return MHD_NO; /* refused as its line came */
    if (x->phase == FRESH) {
        size_t n = strlen(method); /* libmicrohttpd's own is gone later */
        memcpy(x->method, method, n < sizeof x->method ? n : sizeof x->method - 1);
        enum MHD_Result ok = first_call(x, method);
        watch_request(watched_of(x), x->started_us / 1000);
        return ok;
    }
    if (*size) { /* a body that no route takes was refused in the first call */
        str came = {data, *size};
        *size = 0;
        return take_body(x, came);
    }
    if (x->phase == ROUTED)
        return final_call(x);
    if (x->phase == WAITING)
        return queue_ready(x);
    return MHD_YES;
}

const struct request *exchange_request(const struct exchange *x)
{
    return &x->request;
}

struct arena *exchange_arena(struct exchange *x)
{
    return &x->arena;
}

void server_reply(struct exchange *x, struct reply reply)
{
    struct server *s = x->server;
    x->ready = reply;
    reply_finish(x);
    MHD_resume_connection(x->connection);
    pthread_mutex_lock(&s->lock);
    s->waiting--;
    pthread_cond_broadcast(&s->idle);
    pthread_mutex_unlock(&s->lock);
}

/* ---- a request comes and goes ---- */

/* libmicrohttpd gives each parameter memory before it asks us anything, and where that runs out it
 * neither answers nor closes: so the line is answered as it comes, and the connection shut. */
static void refuse_parameters(struct exchange *x)
{
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    who_asks(x);
    (void)refuse_raw(x, 414, "more than 64 parameters");
    if (fd)
        shutdown(fd->connect_fd, SHUT_RDWR);
}

void *exchange_begin(void *cls, const char *uri, struct MHD_Connection *c)
{
    struct server *s = cls;
    struct exchange *x = calloc(1, sizeof *x);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (!x)
        return NULL;
    size_t n = strlen(uri), parameters = 0;
    for (const char *q = strchr(uri, '?'); q; q = strchr(q + 1, '&'))
        parameters++;
    x->server = s;
    x->connection = c;
    x->raw = n < RAW_SHORT ? x->raw_short : malloc(n + 1);
    if (x->raw) /* libmicrohttpd will write over it */
        memcpy(x->raw, uri, n + 1);
    x->cache = "-";
    x->head_bytes = n + 64 + parameters * ENTRY_BYTES;
    x->started_us = time_micros();
    x->connected = info ? info->socket_context : NULL;
    if (x->connected)
        x->connected->exchange = x;
    atomic_fetch_add(&s->active, 1);
    x->active = !atomic_load(&s->stopping);
    if (!x->active)
        atomic_fetch_sub(&s->active, 1);
    if (parameters > PARAMETERS_MAX && GUARD(parameters_few))
        refuse_parameters(x);
    return x;
}

/* A head that was too large, or that it couldn't read, libmicrohttpd has answered by itself. */
static void note_own_answer(struct exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_HTTP_STATUS);
    if (!info)
        return;
    x->status = (int)info->http_status;
    who_asks(x);
}

void exchange_completed(void *cls, struct MHD_Connection *c, void **con,
                        enum MHD_RequestTerminationCode code)
{
    struct server *s = cls;
    struct exchange *x = *con;
    char who[64], target[LOG_SHORT];
    i64 now = time_micros();
    (void)c;
    (void)code;
    if (!x)
        return;
    if (x->connected)
        x->connected->exchange = NULL;
    if (x->phase == FRESH)
        note_own_answer(x);
    struct log_access line = {.method = str_c(x->method),
                              .target = logged_target(x, target),
                              .host = x->head.host,
                              .client = address_text(x->client, !s->conf.log_full_address, who),
                              .agent = x->asked.agent,
                              .cache = str_c(x->cache),
                              .status = x->status,
                              .bytes = x->bytes,
                              .micros = now - x->started_us};
    if (x->status)
        log_access(s->conf.log, &line);
    watch_replied(watched_of(x), now / 1000);
    finished_release(x->hit);
    finished_release(x->reply);
    finished_release(x->ready.finished); /* of a client that left before it could be sent */
    exchange_lighten(x);
    if (x->active)
        atomic_fetch_sub(&s->active, 1);
    free(x->asked.joined);
    free(x->shown);
    if (x->raw != x->raw_short)
        free(x->raw);
    free(x);
    *con = NULL;
}
