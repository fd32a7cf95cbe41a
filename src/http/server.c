#include "http/server_parts.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/guard.h"
#include "base/time.h"

enum {
    DEFAULT_CONNECTIONS = 16384,
    DEFAULT_A_CLIENT = 256,
    SPARE_DESCRIPTORS =
        512 + 4096 + 512,     /* of its own, of pictures in the page cache, of callers */
    UNSENT_BYTES = 128 << 10, /* of a reply that the kernel takes before its client does */
    BODIES_MEMORY = 64 << 20,
    BODIES_FILES = 1 << 30,
};

/* ---- connections come and go ---- */

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
    struct connected *k = *context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (!k)
            return;
        void *x =
            k->exchange; /* where it can't even say that memory is short, it forgets a request */
        exchange_completed(s, c, &x, MHD_REQUEST_TERMINATED_WITH_ERROR);
        watch_closed(s->watch, k->watched);
        free(k);
        *context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *sa =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    k = calloc(1, sizeof *k);
    if (k && sa && fd)
        k->watched = watch_opened(s->watch, address_of(sa->client_addr), fd->connect_fd);
    *context = k;
}

/* libmicrohttpd answers what doesn't fit into its memory, or what it can't read, by itself. When it
 * had the request's line, exchange_completed logs that; this is all there is when it had not. */
__attribute__((format(printf, 2, 0))) static void overhear(void *cls, const char *fmt, va_list ap)
{
    const struct server *s = cls;
    char text[160]; /* the status comes first, and then its page */
    static const str mark = {"HTTP response code is ", 22};
    vsnprintf(text, sizeof text, fmt, ap);
    ptrdiff_t at = str_find(str_c(text), mark);
    if (at >= 0)
        log_say(s->conf.log, LOG_INFO, "http", "refused with %.3s by libmicrohttpd",
                text + at + mark.n);
}

/* ---- starting and stopping ---- */

enum status server_bind(const struct server_conf *conf, int *ret, int *port, struct err *err)
{
    char service[16];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE},
                    *ai;
    snprintf(service, sizeof service, "%d", conf->port);
    if (getaddrinfo(conf->address, service, &hints, &ai))
        return fail(err, ST_INVALID, "%s is no address to listen on", conf->address);
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1,
        unsent = UNSENT_BYTES;
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
                   sizeof one); /* for the pause after a stop; not SO_REUSEPORT */
        /* Connections inherit it. Else the kernel copies megabytes for each client that reads
         * nothing, and giving them back as all are cut holds up those who read. */
        if (GUARD(unsent_is_little))
            setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    }
    struct sockaddr_storage sa;
    socklen_t n = sizeof sa;
    bool ok = fd >= 0 && bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
              getsockname(fd, (struct sockaddr *)&sa, &n) == 0;
    int why = errno;
    freeaddrinfo(ai);
    if (ok) {
        *port = ntohs(sa.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&sa)->sin6_port
                                               : ((struct sockaddr_in *)(void *)&sa)->sin_port);
        *ret = fd;
        return ST_OK;
    }
    if (fd >= 0)
        close(fd);
    if (why == EADDRINUSE)
        return fail(err, ST_CONFLICT, "port %d is in use on %s: is another server running?",
                    conf->port, conf->address);
    return fail(err, ST_IO, "cannot listen on %s port %d: %s", conf->address, conf->port,
                strerror(why));
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

/* Those that this process may use: a second thread on one core only waits for the first. */
static int cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
}

static void defaults(struct server_conf *c)
{
    c->connections = c->connections ? c->connections : DEFAULT_CONNECTIONS;
    c->connections_a_client = c->connections_a_client ? c->connections_a_client : DEFAULT_A_CLIENT;
    c->head_ms = c->head_ms ? c->head_ms : 10 * MS_SECOND;
    c->idle_ms = c->idle_ms ? c->idle_ms : 60 * MS_SECOND;
    c->grace_ms = c->grace_ms ? c->grace_ms : 10 * MS_SECOND;
    c->stop_ms = c->stop_ms ? c->stop_ms : 10 * MS_SECOND;
    c->threads = c->threads ? c->threads : cores();
    c->bodies_memory = c->bodies_memory ? c->bodies_memory : BODIES_MEMORY;
    c->bodies_files = c->bodies_files ? c->bodies_files : BODIES_FILES;
}

enum status server_hosts(struct server *s, const str *names, size_t n, bool https)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += names[i].n;
    struct hosts *h = malloc(sizeof *h + n * sizeof(str) + bytes);
    if (!h)
        return ST_NOMEM;
    char *at = (char *)(h->names + n);
    h->n = n;
    h->https = https;
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

static struct MHD_Response *make_spare(void)
{
    static const char words[] = "503 Service Unavailable\n";
    struct MHD_Response *r =
        MHD_create_response_from_buffer(sizeof words - 1, (void *)words, MHD_RESPMEM_PERSISTENT);
    if (r && (MHD_add_response_header(r, "Retry-After", "2") != MHD_YES ||
              MHD_add_response_header(r, "Content-Type", "text/plain; charset=utf-8") != MHD_YES ||
              MHD_add_response_header(r, "Cache-Control", "no-store") != MHD_YES ||
              MHD_add_response_header(r, "Connection", "close") != MHD_YES)) {
        MHD_destroy_response(r);
        return NULL;
    }
    return r;
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
    s->bodies.folder = conf->spool;
    s->bodies.memory.most = s->conf.bodies_memory;
    s->bodies.files.most = s->conf.bodies_files;
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
    s->spare = make_spare();
    enum status st = s->spare ? ST_OK : fail(err, ST_NOMEM, "out of memory for the server");
    st = st ? st : server_hosts(s, conf->hosts, conf->nhosts, conf->https);
    st = st ? st : watch_start(&wc, &s->watch);
    st = st ? st : file_lane_start(&s->files, err);
    if (!st && listen(fd, 1024))
        st = fail(err, ST_IO, "cannot listen: %s", strerror(errno));
    if (!st)
        s->daemon = MHD_start_daemon(
            MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                MHD_USE_ERROR_LOG,
            (uint16_t)port, admit, s, exchange_handle, s, MHD_OPTION_EXTERNAL_LOGGER, overhear, s,
            MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE,
            (unsigned)(s->conf.threads > 1 ? s->conf.threads : 0), MHD_OPTION_CONNECTION_LIMIT,
            (unsigned)s->conf.connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
            (size_t)HEADERS_MEMORY, MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, s,
            MHD_OPTION_NOTIFY_COMPLETED, exchange_completed, s, MHD_OPTION_NOTIFY_CONNECTION,
            connection_change, s, MHD_OPTION_STRICT_FOR_CLIENT,
            0, /* at 1 it answers by itself what our own checks refuse with a page and a line */
            MHD_OPTION_END);
    if (!st && !s->daemon)
        st = fail(err, ST_IO, "cannot start the HTTP server");
    if (st) {
        watch_stop(s->watch);
        file_lane_free(s->files);
        hosts_free(s->hosts);
        if (s->spare)
            MHD_destroy_response(s->spare);
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
    i64 until = time_monotonic() + s->conf.stop_ms;
    atomic_store(&s->stopping, true);
    while (atomic_load(&s->active) > 0 && time_monotonic() < until)
        nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
    pthread_mutex_lock(&s->lock);
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
    MHD_destroy_response(s->spare);
    hosts_free(s->hosts);
    for (size_t i = 0; i < s->narenas; i++)
        arena_free(&s->arenas[i]);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->idle);
    free(s);
}
