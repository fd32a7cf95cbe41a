/* One request and its reply: framing, target, Host, route; a hit leaves at once, a miss is set
 * aside. */
#include "http/server_parts.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "base/guard.h"
#include "base/time.h"
#include "http/negotiate.h"
#include "http/target.h"

enum {
    REQUEST_ARENA = 64 << 20,
    VIA_MAX = 4096,
    PARAMETERS_MAX = 64, /* routes declare a few */
    ENTRY_BYTES = 64,    /* what libmicrohttpd takes for each header, cookie and parameter */
    REPLY_HEAD = 1000,   /* room for the largest of ours but for its Location */
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

static struct watched *watched_of(const struct exchange *x)
{
    return x->connected ? x->connected->watched : NULL;
}

/* ---- replies ---- */

/* Without memory for any other answer: the connection ends, and the client knows when to come
 * again. */
static enum MHD_Result queue_spare(struct exchange *x)
{
    x->status = 503;
    x->phase = ANSWERED;
    return MHD_queue_response(x->connection, 503, x->server->spare);
}

/* Straight to the socket, for when libmicrohttpd has no memory left to write an answer in. What was
 * asked before has been answered whole by then. The caller ends the connection. */
static void answer_raw(struct exchange *x, int status)
{
    char head[160];
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", status,
                     MHD_get_reason_phrase_for((unsigned)status));
    x->status = status;
    x->phase = ANSWERED;
    if (!fd || send(fd->connect_fd, head, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) != n)
        x->status = 0; /* it reads nothing: nothing is logged as answered */
}

/* An error's page, which all its readers share, with the methods that this address allows. */
static enum MHD_Result queue_allow(struct exchange *x, struct finished *f, const char *allow)
{
    str body = finished_body(f);
    struct MHD_Response *r =
        MHD_create_response_from_buffer(body.n, (void *)body.p, MHD_RESPMEM_PERSISTENT);
    x->reply = f;
    if (!r)
        return queue_spare(x);
    x->status = finished_status(f);
    x->phase = ANSWERED;
    x->bytes = (i64)body.n;
    response_headers(r, f, CODING_IDENTITY, false);
    MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, allow);
    enum MHD_Result ok = MHD_queue_response(x->connection, (unsigned)x->status, r);
    MHD_destroy_response(r);
    return ok;
}

/* An error that needs nothing of what lies above: its page when there is one, a line otherwise. */
static enum MHD_Result queue_error(struct exchange *x, int status, const char *allow)
{
    char text[64];
    struct err ignored;
    const struct server_conf *c = &x->server->conf;
    struct finished *f = c->error ? c->error(c->arg, status) : NULL;
    if (f && allow)
        return queue_allow(x, f, allow);
    int n =
        snprintf(text, sizeof text, "%d %s\n", status, MHD_get_reason_phrase_for((unsigned)status));
    struct finished_spec spec = {.status = status,
                                 .content_type = STR("text/plain; charset=utf-8"),
                                 .body = {text, (size_t)n},
                                 .cache_control = STR("no-store")};
    if (allow)
        spec.headers[spec.nheaders++] = (struct header){STR("Allow"), str_c(allow)};
    if (status == 503)
        spec.headers[spec.nheaders++] = (struct header){STR("Retry-After"), STR("2")};
    if (!f && finished_make(&spec, &f, &ignored))
        return queue_spare(x);
    x->reply = f;
    x->status = status;
    x->phase = ANSWERED;
    x->bytes = (i64)finished_body(f).n;
    return MHD_queue_response(x->connection, (unsigned)status,
                              finished_response(f, CODING_IDENTITY));
}

static enum MHD_Result queue_bytes(struct exchange *x, struct finished *f, unsigned status,
                                   i64 from, i64 n, i64 size)
{
    char range[80];
    struct MHD_Response *r = file_response(f, x->server->files, x->connection, from, n);
    if (!r)
        return queue_spare(x);
    response_headers(r, f, CODING_IDENTITY, false);
    if (status == 206) {
        snprintf(range, sizeof range, "bytes %lld-%lld/%lld", (long long)from,
                 (long long)(from + n - 1), (long long)size);
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_RANGE, range);
    }
    x->status = (int)status;
    x->bytes = n;
    enum MHD_Result ok = MHD_queue_response(x->connection, status, r);
    MHD_destroy_response(r);
    return ok;
}

static enum MHD_Result queue_file(struct exchange *x, struct finished *f)
{
    i64 size, from, n;
    finished_fd(f, &size);
    str range = x->asked.range, if_range = x->asked.if_range;
    bool wanted = range.n && (!if_range.n || str_eq(if_range, finished_etag(f, CODING_IDENTITY)));
    switch (wanted ? range_read(range, size, &from, &n) : RANGE_WHOLE) {
    case RANGE_PART:
        return queue_bytes(x, f, 206, from, n, size);
    case RANGE_UNSATISFIABLE: {
        char all[48];
        struct MHD_Response *r =
            MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
        snprintf(all, sizeof all, "bytes */%lld", (long long)size);
        if (!r)
            return queue_spare(x);
        response_headers(r, f, CODING_IDENTITY, false);
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_RANGE, all);
        x->status = 416;
        enum MHD_Result ok = MHD_queue_response(x->connection, 416, r);
        MHD_destroy_response(r);
        return ok;
    }
    default:
        return queue_bytes(x, f, 200, 0, size, size);
    }
}

/* Takes the reference. */
static enum MHD_Result queue_finished(struct exchange *x, struct finished *f)
{
    i64 size;
    x->reply = f;
    x->phase = ANSWERED;
    enum coding c = coding_for(x->asked.accept_encoding, f);
    unsigned status = (unsigned)finished_status(f);
    if (status == 200 && etag_matches(x->asked.if_none_match, finished_etag(f, c))) {
        x->status = 304;
        return MHD_queue_response(x->connection, 304, finished_response(f, c));
    }
    if (finished_fd(f, &size) >= 0 && x->request.method == GET)
        return queue_file(x, f);
    x->status = (int)status;
    x->bytes = (i64)finished_coded(f, c).n;
    return MHD_queue_response(x->connection, status, finished_response(f, c));
}

static enum MHD_Result queue_ready(struct exchange *x)
{
    struct reply *r = &x->ready;
    struct finished *f = r->finished;
    struct err ignored;
    if (!f && !r->body.n)
        return queue_error(x, r->status, NULL);
    if (!f) {
        struct finished_spec spec = {.status = r->status,
                                     .content_type = r->content_type,
                                     .body = r->body,
                                     .cache_control = STR("no-store"),
                                     .nheaders = r->nheaders};
        memcpy(spec.headers, r->headers, sizeof spec.headers);
        if (finished_make(&spec, &f, &ignored))
            return queue_error(x, 503, NULL);
    }
    r->finished = NULL; /* its reference moves on */
    arena_give(x->server, &x->arena);
    return queue_finished(x, f);
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

static void log_refusal(const struct exchange *x, int status, const char *why)
{
    char who[64];
    log_say(x->server->conf.log, LOG_INFO, "http", "refused with %d from %.*s: %s", status,
            FMT(address_text(x->client, !x->server->conf.log_full_address, who)), why);
}

static enum MHD_Result refuse(struct exchange *x, int status, const char *why)
{
    log_refusal(x, status, why);
    return queue_error(x, status, NULL); /* in the first call this closes the connection too */
}

/* Whether a reply's head will fit into what libmicrohttpd has left of its memory, where all of the
 * request's head stands. If not it would close the connection without a word. */
static bool fits(const struct exchange *x, size_t location)
{
    return x->head_bytes + location + REPLY_HEAD <= HEADERS_MEMORY || !GUARD(reply_fits);
}

static enum MHD_Result refuse_raw(struct exchange *x, int status, const char *why)
{
    log_refusal(x, status, why);
    answer_raw(x, status);
    return MHD_NO; /* ends the connection */
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
    struct address peer = info ? address_of(info->client_addr) : (struct address){{0}};
    x->client = client_of(peer, c->forwarding, x->asked.via, c->trusted, c->ntrusted);
}

static enum MHD_Result redirect(struct exchange *x, str to)
{
    struct finished_spec spec = {.status = 301,
                                 .content_type = STR("text/plain; charset=utf-8"),
                                 .nheaders = 1,
                                 .headers = {{STR("Location"), to}}};
    struct finished *f;
    struct err ignored;
    if (!fits(x, to.n))
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

static enum MHD_Result route(struct exchange *x, enum method m, bool has_body,
                             const struct target *t)
{
    const struct server_conf *c = &x->server->conf;
    const char *allow = "GET, HEAD, OPTIONS";
    str declared = STR_NONE;
    struct err err = {0};
    enum status st = c->route(c->arg, m == OPTIONS ? GET : m, t->path, has_body, &declared, &allow);
    if (st == ST_TOOLARGE || (has_body && m == OPTIONS))
        return refuse(x, 413, "a body where none is taken");
    if (st == ST_METHOD)
        return queue_error(x, 405, allow);
    if (m == OPTIONS)
        return options(x, allow);
    if (st && st != ST_NOTFOUND)
        return queue_error(x, status_http(st), NULL);
    if (query_read(t->query, declared, &x->arena, &x->request, &err))
        return refuse(x, 400, err.text);
    x->request.method = m;
    x->request.path = t->path;
    return MHD_YES;
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

/* What is in the page cache under a plain path was routed when it was printed. */
static bool find_hit(struct exchange *x, enum method m)
{
    const struct server_conf *c = &x->server->conf;
    if ((m != GET && m != HEAD) || x->head.content_length > 0 || !plain(x->raw))
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
    if (!fits(x, 0))
        return refuse_raw(x, 431, "its head leaves no room for a reply's");
    int status = head_verdict(&x->head, &why);
    if (status)
        return refuse(x, status, why);
    enum method m = method_of(method);
    if (m == METHOD_OTHER)
        return queue_error(x, 405, "GET, HEAD, OPTIONS");
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
    enum MHD_Result ok = route(x, m, x->head.content_length > 0, &t);
    if (x->phase == ROUTED && t.redirect && ok == MHD_YES)
        return redirect(x, t.canonical);
    return ok;
}

/* ---- the final call: a hit leaves at once, a miss is set aside ---- */

static enum MHD_Result answer(struct exchange *x)
{
    struct server *s = x->server;
    struct finished *hit = x->hit;
    if (!hit) {
        hit = s->conf.hit(s->conf.arg, &x->request);
        x->cache = hit ? "hit" : "miss";
    }
    x->hit = NULL;
    if (hit) {
        arena_give(s, &x->arena);
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

enum MHD_Result exchange_handle(void *cls, struct MHD_Connection *c, const char *url,
                                const char *method, const char *version, const char *data,
                                size_t *size, void **con)
{
    struct exchange *x = *con;
    const struct server *s = cls;
    (void)url;
    (void)version;
    (void)data;
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
        *size = 0;
        return MHD_YES;
    }
    if (x->phase == ROUTED)
        return answer(x);
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
    char who[64];
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
                              .target = str_c(x->raw),
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
    arena_give(s, &x->arena);
    if (x->active)
        atomic_fetch_sub(&s->active, 1);
    free(x->asked.joined);
    if (x->raw != x->raw_short)
        free(x->raw);
    free(x);
    *con = NULL;
}
