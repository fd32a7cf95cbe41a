/* test/http/toy.h: a server with private paths that says what it was told, and a client that sends
 * bytes as they are. */
#ifndef TEST_HTTP_TOY_H
#define TEST_HTTP_TOY_H

#include "test.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/out.h"
#include "base/time.h"
#include "http/server.h"

enum { GRACE_MS = 800, MOST_BODY = 4 << 20, ANSWER = 16 << 10 };

#define H "Host: news.example\r\n"

struct toy {
    struct server *server;
    struct server_conf conf;
    int port;
    struct finished *page, *removed; /* removed: whose address no log may show */
    atomic_int asked;                /* of the cache, for a private path */
    struct log *log;
};

static inline bool toy_private(void *arg, str path)
{
    (void)arg;
    return str_starts(path, STR("/desk/"));
}

static inline bool toy_known(void *arg, str cookie)
{
    (void)arg;
    return !str_eq(cookie, STR("stranger=yes"));
}

static const struct {
    const char *path, *allow;
    size_t max_body;
} routes[] = {
    {"/desk/note", "GET, HEAD, POST, OPTIONS", MOST_BODY},
    {"/desk/post", "POST, OPTIONS", MOST_BODY},
    {"/desk/get", "GET, HEAD, OPTIONS", 0},
    {"/desk/link/", "GET, HEAD, POST, OPTIONS", MOST_BODY},
    {"/greedy", "GET, HEAD, POST, OPTIONS", MOST_BODY},
    {"/", "GET, HEAD, OPTIONS", 0},
};

static inline enum status toy_route(void *arg, enum method m, str path, struct verdict *ret)
{
    size_t i = 0;
    (void)arg;
    while (!str_starts(path, str_c(routes[i].path)))
        i++;
    bool get = m == GET || m == HEAD;
    ret->allow = routes[i].allow;
    ret->declared = STR("q");
    ret->max_body = m == POST ? routes[i].max_body : 0;
    if (str_eq(str_c(routes[i].path), STR("/desk/link/")))
        ret->shown = strlen("/desk/link/");
    return strstr(routes[i].allow, get ? "GET" : m == POST ? "POST" : "none") ? ST_OK : ST_METHOD;
}

/* It has a private page by mistake: nobody may get as far. */
static inline struct finished *toy_hit(void *arg, const struct request *r)
{
    struct toy *t = arg;
    if (str_starts(r->path, STR("/desk/")))
        atomic_fetch_add(&t->asked, 1);
    if (str_starts(r->path, STR("/town/removed-")))
        return finished_ref(t->removed);
    return str_eq(r->path, STR("/any")) || str_eq(r->path, STR("/desk/cached"))
               ? finished_ref(t->page)
               : NULL;
}

/* Says what came. */
static inline str echo(const struct request *r, struct arena *a)
{
    return arena_fmt(a,
                     "method=%d path=%.*s cookie=<%.*s> agent=<%.*s> client=<%.*s> type=<%.*s> "
                     "secure=%d same=%d q=<%.*s> body=%zu/%llu.\n",
                     r->method, FMT(r->path), FMT(r->cookie), FMT(r->agent), FMT(r->client),
                     FMT(r->content_type), r->secure, r->same_origin,
                     FMT(request_query(r, STR("q"))), r->body.n,
                     (unsigned long long)(r->body.n ? siphash(r->body) : 0));
}

static inline struct reply toy_answer(const struct request *r, struct arena *a)
{
    struct reply out = {.status = 200, .content_type = STR("text/plain"), .body = echo(r, a)};
    str want = request_query(r, STR("q"));
    if (str_eq(want, STR("go")))
        out =
            (struct reply){.status = 303,
                           .nheaders = 2,
                           .headers = {{STR("Location"), STR("/desk/note")},
                                       {STR("Set-Cookie"), STR("__Host-desk=x; Secure; Path=/")}}};
    if (str_eq(want, STR("eight")))
        for (; out.nheaders < REPLY_HEADERS; out.nheaders++)
            out.headers[out.nheaders] =
                (struct header){arena_fmt(a, "X-%zu", out.nheaders), STR("yes")};
    if (str_eq(want, STR("split")))
        out.headers[out.nheaders++] = (struct header){STR("Location"), STR("/\r\nSet-Cookie: a=b")};
    if (str_starts(want, STR("long")))
        out.headers[out.nheaders++] = (struct header){STR("X-Long"), arena_fmt(a, "%01500d", 0)};
    if (str_eq(want, STR("page")))
        out.body = arena_fmt(a, "%05000d", 0);
    if (str_eq(want, STR("none")))
        out = (struct reply){.status = 404};
    return out;
}

static inline enum status toy_miss(void *arg, const struct request *r, struct exchange *x)
{
    struct toy *t = arg;
    struct reply out = toy_answer(r, exchange_arena(x));
    if (str_starts(r->path, STR("/town/printed-")))
        out = (struct reply){.status = 410, .finished = finished_ref(t->removed)};
    server_reply(x, out);
    return ST_OK;
}

static inline struct toy *toy_start(const struct server_conf *with)
{
    static struct toy t;
    static str hosts[] = {{"news.example", 12}};
    struct err err = {0};
    int fd;
    t = (struct toy){.conf = with ? *with : (struct server_conf){.spool = "/var/tmp"}};
    struct server_conf *c = &t.conf;
    c->address = "127.0.0.1";
    c->hosts = hosts;
    c->nhosts = 1;
    c->arg = &t;
    c->private = toy_private;
    c->known = toy_known;
    c->route = toy_route;
    c->hit = toy_hit;
    c->miss = toy_miss;
    c->threads = 2;
    c->connections_a_client = 4000;
    c->head_ms = 600;
    c->idle_ms = 10000;
    c->grace_ms = c->grace_ms ? c->grace_ms : GRACE_MS;
    c->stop_ms = 500;
    assert_int_equal(hash_start(), ST_OK);
    assert_ok(finished_make(&(struct finished_spec){.content_type = STR("text/plain"),
                                                    .body = STR("hello\n")},
                            &t.page, &err),
              &err);
    assert_ok(finished_make(&(struct finished_spec){.status = 410,
                                                    .content_type = STR("text/plain"),
                                                    .body = STR("gone\n"),
                                                    .hidden = true},
                            &t.removed, &err),
              &err);
    assert_ok(server_bind(c, &fd, &t.port, &err), &err);
    assert_ok(server_start(c, fd, t.port, &t.server, &err), &err);
    return &t;
}

static inline void toy_stop(struct toy *t)
{
    server_stop(t->server);
    finished_release(t->page);
    finished_release(t->removed);
}

/* A server that runs, and an arena to write requests in. */
struct world {
    struct toy *t;
    struct arena a;
};

static inline int world_setup(void **state)
{
    static struct world w;
    w.t = toy_start(NULL);
    *state = &w;
    return (int)arena_init(&w.a, 256 << 20);
}

static inline int world_teardown(void **state)
{
    struct world *w = *state;
    toy_stop(w->t);
    arena_free(&w->a);
    return 0;
}

/* host: the last number of its own address. */
static inline int dial_from(const struct toy *t, unsigned host)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)t->port)},
                       from = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host)};
    struct timeval limit = {.tv_sec = 10};
    inet_pton(AF_INET, "127.0.0.1", &sa.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
    return fd;
}

static inline int dial(const struct toy *t)
{
    return dial_from(t, 1);
}

static inline bool push(int fd, str bytes)
{
    while (bytes.n) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes = str_from(bytes, (size_t)n);
    }
    return true;
}

static inline int status_of(const char *answer)
{
    return strncmp(answer, "HTTP/1.1 ", 9) ? 0 : (int)strtol(answer + 9, NULL, 10);
}

/* Reads until the end, or until something was said and 300 ms are quiet. */
static inline int hear(int fd, char answer[ANSWER])
{
    size_t got = 0;
    struct timeval limit = {.tv_usec = 300 * 1000};
    for (ssize_t n; got < ANSWER - 1 && (n = recv(fd, answer + got, ANSWER - 1 - got, 0)) > 0;) {
        got += (size_t)n;
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    answer[got] = '\0';
    return status_of(answer);
}

static inline int ask(const struct toy *t, str bytes, char answer[ANSWER])
{
    int fd = dial(t);
    push(fd, bytes);
    int status = hear(fd, answer);
    close(fd);
    return status;
}

static inline int ask_c(const struct toy *t, const char *bytes, char answer[ANSWER])
{
    return ask(t, str_c(bytes), answer);
}

static inline str body_of(struct arena *a, size_t n)
{
    char *p = arena_raw(a, n + 1);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)(i * 2654435761u >> 11);
    return (str){p, n};
}

static inline str post(struct arena *a, const char *path, str body)
{
    str head = arena_fmt(a, "POST %s HTTP/1.1\r\n" H "Content-Length: %zu\r\n\r\n", path, body.n);
    return arena_join(a, (str[]){head, body}, 2);
}

static inline void assert_has(const char *answer, const char *what)
{
    if (!strstr(answer, what))
        test_fail("not there: %s\n%.2000s", what, answer);
}

static inline void assert_lacks(const char *answer, const char *what)
{
    if (strstr(answer, what))
        test_fail("there: %s\n%.2000s", what, answer);
}

/* Whether all of a body came. */
static inline void assert_came(const char *answer, str body, struct arena *a)
{
    str want =
        arena_fmt(a, "body=%zu/%llu.", body.n, (unsigned long long)(body.n ? siphash(body) : 0));
    assert_has(answer, arena_cstr(a, want));
}

static inline size_t answers(const char *text)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, "HTTP/1.1 ")); at++)
        n++;
    return n;
}

#define W(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

#endif
