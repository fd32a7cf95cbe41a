#include "http/server.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/guard.h"
#include "base/hash.h"
#include "base/time.h"
#include "http/finished_mhd.h"
#include "http/framing.h"
#include "http/negotiate.h"
#include "http/slow.h"
#include "http/target.h"

enum {
    HEADERS_MEMORY = 8192, /* 2,048 answers 431 to a real browser's headers (tried) */
    REQUEST_ARENA = 64 << 20,
    ARENAS_KEPT = 64,
    DEFAULT_CONNECTIONS = 16384,
    DEFAULT_A_CLIENT = 256,
    SPARE_DESCRIPTORS = 512,
};

struct exchange {
    struct server *server;
    struct MHD_Connection *connection;
    struct watched *watched;
    char *raw;          /* the target as it came */
    struct arena arena; /* of a miss; from the server's store of arenas */
    struct request request;
    struct finished *reply; /* one reference, given back when the connection is done with it */
    bool active;            /* counted in the server's */
    struct reply ready;     /* what server_reply handed in */
    enum { FRESH, ROUTED, WAITING, ANSWERED } phase;
    i64 started_us;
    i64 bytes;
    int status;
    const char *cache;
    struct address client;
};

/* Names in force; replaced whole. Old ones are kept until the end: an http thread may be reading
 * them, and they are few. */
struct hosts {
    struct hosts *older;
    size_t n;
    str names[];
};

struct server {
    struct server_conf conf;
    _Atomic(struct hosts *) hosts;
    struct MHD_Daemon *daemon;
    struct watch *watch;
    int port;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    size_t active;  /* exchanges begun before the stop and not yet completed */
    size_t waiting; /* exchanges that suspended and are not yet answered */
    bool stopping;
    struct file_lane *files;
    struct arena arenas[ARENAS_KEPT];
    size_t narenas;
};

static i64 micros(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (i64)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

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

/* ---- replies ---- */

/* An error that needs nothing of what lies above: its page when there is one, a line otherwise. */
static enum MHD_Result queue_error(struct exchange *x, int status, const char *allow)
{
    char text[64];
    struct err ignored;
    const struct server_conf *c = &x->server->conf;
    struct finished *f = allow || !c->error ? NULL : c->error(c->arg, status);
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
        return MHD_NO;
    x->reply = f;
    x->status = status;
    x->phase = ANSWERED;
    x->bytes = (i64)finished_body(f).n;
    return MHD_queue_response(x->connection, (unsigned)status,
                              finished_response(f, CODING_IDENTITY));
}

static str header_of(struct exchange *x, const char *name)
{
    return str_c(MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name));
}

static enum MHD_Result queue_bytes(struct exchange *x, struct finished *f, unsigned status,
                                   i64 from, i64 n, i64 size)
{
    char range[80];
    struct MHD_Response *r = file_response(f, x->server->files, x->connection, from, n);
    if (!r)
        return MHD_NO;
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
    str range = header_of(x, "Range"), if_range = header_of(x, "If-Range");
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
            return MHD_NO;
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
    enum coding c = coding_for(header_of(x, "Accept-Encoding"), f);
    unsigned status = (unsigned)finished_status(f);
    if (status == 200 && etag_matches(header_of(x, "If-None-Match"), finished_etag(f, c))) {
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
    arena_give(x->server, &x->arena);
    return queue_finished(x, f);
}

/* ---- the first call: framing, target, Host, route ---- */

static enum MHD_Result see_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                  size_t nname, const char *value, size_t nvalue)
{
    (void)kind;
    head_add(cls, (str){name, nname}, (str){value ? value : "", nvalue});
    return MHD_YES;
}

static enum MHD_Result refuse(struct exchange *x, int status, const char *why)
{
    char who[64];
    log_say(x->server->conf.log, LOG_INFO, "http", "refused with %d from %.*s: %s", status,
            FMT(address_text(x->client, !x->server->conf.log_full_address, who)), why);
    return queue_error(x, status, NULL); /* in the first call this closes the connection too */
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
    str header = c->forwarding == FORWARD_FORWARDED ? header_of(x, "Forwarded")
                 : c->forwarding == FORWARD_XFF     ? header_of(x, "X-Forwarded-For")
                                                    : STR_NONE;
    x->client = client_of(peer, c->forwarding, header, c->trusted, c->ntrusted);
}

static enum MHD_Result redirect(struct exchange *x, str to)
{
    struct finished_spec spec = {.status = 301,
                                 .content_type = STR("text/plain; charset=utf-8"),
                                 .nheaders = 1,
                                 .headers = {{STR("Location"), to}}};
    struct finished *f;
    struct err ignored;
    if (finished_make(&spec, &f, &ignored))
        return MHD_NO;
    return queue_finished(x, f);
}

static enum MHD_Result options(struct exchange *x, const char *allow)
{
    struct finished_spec spec = {
        .status = 204, .nheaders = 1, .headers = {{STR("Allow"), str_c(allow)}}};
    struct finished *f;
    struct err ignored;
    if (finished_make(&spec, &f, &ignored))
        return MHD_NO;
    return queue_finished(x, f);
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

static enum MHD_Result first_call(struct exchange *x, const char *method)
{
    struct head head = {0};
    struct target t;
    struct err err = {0};
    const char *why = "";
    who_asks(x);
    MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, see_header, &head);
    int status = head_verdict(&head, &why);
    if (status)
        return refuse(x, status, why);
    enum method m = method_of(method);
    if (m == METHOD_OTHER)
        return queue_error(x, 405, "GET, HEAD, OPTIONS");
    const struct hosts *hosts = atomic_load_explicit(&x->server->hosts, memory_order_acquire);
    if (!host_known(head.host, hosts->names, hosts->n, address_loopback(x->client)))
        return refuse(x, 421, "an unknown Host");
    if (!x->raw || strlen(x->raw) > 2048)
        return refuse(x, 414, "the target is longer than 2,048 bytes");
    if (!arena_take(x->server, &x->arena))
        return queue_error(x, 503, NULL);
    if (target_read(str_c(x->raw), &x->arena, &t, &err))
        return refuse(x, 400, err.text);
    x->phase = ROUTED;
    enum MHD_Result ok = route(x, m, head.content_length > 0, &t);
    if (x->phase == ROUTED && t.redirect && ok == MHD_YES)
        return redirect(x, t.canonical);
    return ok;
}

/* ---- the final call: a hit leaves at once, a miss is set aside ---- */

static enum MHD_Result answer(struct exchange *x)
{
    struct server *s = x->server;
    struct finished *hit = s->conf.hit(s->conf.arg, &x->request);
    if (hit) {
        x->cache = "hit";
        arena_give(s, &x->arena);
        return queue_finished(x, hit);
    }
    x->cache = "miss";
    pthread_mutex_lock(&s->lock);
    bool stopping = s->stopping;
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

static enum MHD_Result handle(void *cls, struct MHD_Connection *c, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **con)
{
    struct exchange *x = *con;
    (void)cls;
    (void)url;
    (void)version;
    (void)data;
    if (!x)
        return MHD_NO;
    x->connection = c;
    if (x->phase == FRESH) {
        enum MHD_Result ok = first_call(x, method);
        watch_request(x->watched);
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

/* ---- connections and requests come and go ---- */

static void *begin(void *cls, const char *uri, struct MHD_Connection *c)
{
    struct server *s = cls;
    struct exchange *x = calloc(1, sizeof *x);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (!x)
        return NULL;
    x->server = s;
    x->connection = c;
    x->raw = strdup(uri);
    x->cache = "-";
    x->started_us = micros();
    x->watched = info ? info->socket_context : NULL;
    pthread_mutex_lock(&s->lock);
    x->active = !s->stopping;
    s->active += x->active;
    pthread_mutex_unlock(&s->lock);
    return x;
}

static void completed(void *cls, struct MHD_Connection *c, void **con,
                      enum MHD_RequestTerminationCode code)
{
    struct server *s = cls;
    struct exchange *x = *con;
    char who[64];
    (void)c;
    (void)code;
    if (!x)
        return;
    struct log_access line = {.method = x->request.method == HEAD ? STR("HEAD") : STR("GET"),
                              .target = str_c(x->raw),
                              .host = header_of(x, "Host"),
                              .client = address_text(x->client, !s->conf.log_full_address, who),
                              .agent = header_of(x, "User-Agent"),
                              .cache = str_c(x->cache),
                              .status = x->status,
                              .bytes = x->bytes,
                              .micros = micros() - x->started_us};
    if (x->status)
        log_access(s->conf.log, &line);
    watch_replied(x->watched);
    finished_release(x->reply);
    arena_give(s, &x->arena);
    pthread_mutex_lock(&s->lock);
    s->active -= x->active;
    if (s->stopping)
        pthread_cond_broadcast(&s->idle);
    pthread_mutex_unlock(&s->lock);
    free(x->raw);
    free(x);
    *con = NULL;
}

static enum MHD_Result admit(void *cls, const struct sockaddr *sa, socklen_t n)
{
    struct server *s = cls;
    (void)n;
    return watch_admit(s->watch, address_of(sa)) ? MHD_YES : MHD_NO;
}

static void connection_change(void *cls, struct MHD_Connection *c, void **context,
                              enum MHD_ConnectionNotificationCode code)
{
    struct server *s = cls;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        watch_closed(s->watch, *context);
        *context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *sa =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    *context =
        sa && fd ? watch_opened(s->watch, address_of(sa->client_addr), fd->connect_fd) : NULL;
}

/* ---- starting and stopping ---- */

static int listen_on(const struct server_conf *conf, int *port, struct err *err)
{
    char service[16];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE},
                    *ai;
    snprintf(service, sizeof service, "%d", conf->port);
    if (getaddrinfo(conf->address, service, &hints, &ai)) {
        fail(err, ST_INVALID, "%s is no address to listen on", conf->address);
        return -1;
    }
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
                   sizeof one); /* for the pause after a stop; not SO_REUSEPORT */
    bool ok = fd >= 0 && bind(fd, ai->ai_addr, ai->ai_addrlen) == 0;
    freeaddrinfo(ai);
    struct sockaddr_storage sa;
    socklen_t n = sizeof sa;
    if (ok && getsockname(fd, (struct sockaddr *)&sa, &n) == 0) {
        *port = ntohs(sa.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&sa)->sin6_port
                                               : ((struct sockaddr_in *)(void *)&sa)->sin_port);
        return fd;
    }
    if (errno == EADDRINUSE)
        fail(err, ST_CONFLICT, "port %d is in use on %s: is another server running?", conf->port,
             conf->address);
    else
        fail(err, ST_IO, "cannot listen on %s port %d: %s", conf->address, conf->port,
             strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

enum status server_bind(const struct server_conf *conf, int *fd, int *port, struct err *err)
{
    *fd = listen_on(conf, port, err);
    return *fd >= 0 ? ST_OK : errno == EADDRINUSE ? ST_CONFLICT : ST_IO;
}

static void descriptors(struct server *s)
{
    struct rlimit r;
    size_t want = s->conf.connections + SPARE_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &r))
        return;
    if (r.rlim_cur < want) {
        r.rlim_cur = r.rlim_max < want ? r.rlim_max : want;
        if (setrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < want)
            s->conf.connections = r.rlim_cur > 2 * SPARE_DESCRIPTORS
                                      ? r.rlim_cur - SPARE_DESCRIPTORS
                                      : r.rlim_cur / 2;
    }
}

static void defaults(struct server_conf *c)
{
    c->connections = c->connections ? c->connections : DEFAULT_CONNECTIONS;
    c->connections_a_client = c->connections_a_client ? c->connections_a_client : DEFAULT_A_CLIENT;
    c->head_ms = c->head_ms ? c->head_ms : 10 * MS_SECOND;
    c->idle_ms = c->idle_ms ? c->idle_ms : 60 * MS_SECOND;
    c->grace_ms = c->grace_ms ? c->grace_ms : 10 * MS_SECOND;
    c->stop_ms = c->stop_ms ? c->stop_ms : 10 * MS_SECOND;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    c->threads = c->threads ? c->threads : cores > 0 ? (int)cores : 1;
}

enum status server_hosts(struct server *s, const str *names, size_t n)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += names[i].n;
    struct hosts *h = malloc(sizeof *h + n * sizeof(str) + bytes);
    if (!h)
        return ST_NOMEM;
    char *at = (char *)(h->names + n);
    h->n = n;
    for (size_t i = 0; i < n; at += names[i].n, i++) {
        memcpy(at, names[i].p, names[i].n);
        h->names[i] = (str){at, names[i].n};
    }
    h->older = atomic_load(&s->hosts);
    atomic_store_explicit(&s->hosts, h, memory_order_release);
    return ST_OK;
}

static void hosts_free(struct hosts *h)
{
    for (struct hosts *older; h; h = older) {
        older = h->older;
        free(h);
    }
}

enum status server_start(const struct server_conf *conf, int fd, int port, struct server **ret,
                         struct err *err)
{
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        return fail(err, ST_NOMEM, "out of memory for the server");
    s->conf = *conf;
    s->port = port;
    defaults(&s->conf);
    descriptors(s);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->idle, NULL);
    struct watch_conf wc = {.most = s->conf.connections,
                            .most_a_client = s->conf.connections_a_client,
                            .head_ms = s->conf.head_ms,
                            .idle_ms = s->conf.idle_ms,
                            .grace_ms = s->conf.grace_ms,
                            .slowest = 1000,
                            .trusted = s->conf.trusted,
                            .ntrusted = s->conf.ntrusted};
    enum status st = server_hosts(s, conf->hosts, conf->nhosts);
    st = st ? st : watch_start(&wc, &s->watch);
    st = st ? st : file_lane_start(&s->files, err);
    if (!st && listen(fd, 1024))
        st = fail(err, ST_IO, "cannot listen: %s", strerror(errno));
    if (!st)
        s->daemon = MHD_start_daemon(
            MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC,
            (uint16_t)port, admit, s, handle, s, MHD_OPTION_LISTEN_SOCKET, fd,
            MHD_OPTION_THREAD_POOL_SIZE, (unsigned)(s->conf.threads > 1 ? s->conf.threads : 0),
            MHD_OPTION_CONNECTION_LIMIT, (unsigned)s->conf.connections,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_MEMORY, MHD_OPTION_URI_LOG_CALLBACK,
            begin, s, MHD_OPTION_NOTIFY_COMPLETED, completed, s, MHD_OPTION_NOTIFY_CONNECTION,
            connection_change, s, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (!st && !s->daemon)
        st = fail(err, ST_IO, "cannot start the HTTP server");
    if (st) {
        watch_stop(s->watch);
        file_lane_free(s->files);
        hosts_free(s->hosts);
        close(fd);
        free(s);
        return st;
    }
    *ret = s;
    return ST_OK;
}

int server_port(const struct server *s)
{
    return s->port;
}

i64 server_fetches(const struct server *s)
{
    return file_lane_fetches(s->files);
}

/* MHD_stop_daemon with a suspended connection aborts the process (tried): so nothing is suspended
 * when it is called. Every handler ends, and is waited for; a slow client has ten seconds. */
void server_stop(struct server *s)
{
    if (!s)
        return;
    int fd = MHD_quiesce_daemon(s->daemon);
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += s->conf.stop_ms / 1000 + 1;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    while (s->active && pthread_cond_timedwait(&s->idle, &s->lock, &until) == 0)
        ;
    while (s->waiting)
        pthread_cond_wait(&s->idle, &s->lock);
    pthread_mutex_unlock(&s->lock);
    file_lane_quiet(s->files);
    struct timespec moment = {.tv_nsec = 50 * 1000 * 1000};
    nanosleep(&moment, NULL); /* what was answered a moment ago is on its way */
    MHD_stop_daemon(s->daemon);
    if (fd >= 0)
        close(fd);
    watch_stop(s->watch);
    file_lane_free(s->files);
    hosts_free(s->hosts);
    for (size_t i = 0; i < s->narenas; i++)
        arena_free(&s->arenas[i]);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->idle);
    free(s);
}
