/* The edge: what a request must be, by pure functions and through a real socket. */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/out.h"
#include "base/time.h"
#include "http/framing.h"
#include "http/negotiate.h"
#include "http/server.h"
#include "http/slow.h"
#include "http/target.h"

/* ---- targets ---- */

static void targets(void **state)
{
    struct arena *a = *state;
    static const struct {
        const char *raw, *canonical;
        bool redirect;
    } good[] = {
        {"/", "/", false},
        {"/a/b", "/a/b", false},
        {"//a", "/a", true},
        {"/a/../b", "/b", true},
        {"/../../x", "/x", true},
        {"/a/./b/", "/a/b/", true},
        {"/%61", "/a", true},
        {"/caf%c3%a9", "/caf%C3%A9", true},
        {"/caf%C3%A9", "/caf%C3%A9", false},
        {"/a?b=%00", "/a", false},
    };
    static const char *const bad[] = {"/%", "/%4", "/%zz", "/a b", "/\x01", "/a#b"};
    struct target t;
    struct err err;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_int_equal(target_read(str_c(good[i].raw), a, &t, &err), ST_OK);
        assert_int_equal(t.redirect, good[i].redirect);
        if (t.redirect)
            assert_str(t.canonical, good[i].canonical);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        if (target_read(str_c(bad[i]), a, &t, &err) != ST_INVALID)
            test_fail("taken: %s", bad[i]);
}

static void target_nul_is_refused(void **state)
{
    struct target t;
    struct err err;
    assert_int_equal(target_read(STR("/a%00b"), *state, &t, &err), ST_INVALID);
}

static void target_slash_is_refused(void **state)
{
    struct target t;
    struct err err;
    assert_int_equal(target_read(STR("/a%2fb"), *state, &t, &err), ST_INVALID);
}

static void target_utf8_is_refused(void **state)
{
    struct target t;
    struct err err;
    assert_int_equal(target_read(STR("/a%ff"), *state, &t, &err), ST_INVALID);
}

static void query_keeps_what_is_declared(void **state)
{
    struct request r = {0};
    struct err err;
    assert_int_equal(
        query_read(STR("x=%zz&before=a&before=b%20c&y"), STR("before"), *state, &r, &err), ST_OK);
    assert_int_equal(r.nquery, 1);
    assert_str(request_query(&r, STR("before")), "b c");
    assert_int_equal(query_read(STR("before=%zz"), STR("before"), *state, &r, &err), ST_INVALID);
}

/* ---- who asks ---- */

static void forwarded_clients(void **state)
{
    (void)state;
    static const struct {
        enum forwarding kind;
        const char *header, *want;
    } cases[] = {
        {FORWARD_NONE, "1.2.3.4", "10.0.0.1"},
        {FORWARD_XFF, "1.2.3.4", "1.2.3.4"},
        {FORWARD_XFF, "9.9.9.9, 1.2.3.4, 10.0.0.7", "1.2.3.4"},
        {FORWARD_XFF, "1.2.3.4, nonsense", "10.0.0.1"},
        {FORWARD_XFF, "[2001:db8::1]:443", "2001:db8::1"},
        {FORWARD_FORWARDED, "for=\"[2001:db8::1]:99\";proto=https", "2001:db8::1"},
        {FORWARD_FORWARDED, "for=9.9.9.9, For=1.2.3.4:80", "1.2.3.4"},
        {FORWARD_FORWARDED, "for=unknown", "10.0.0.1"},
    };
    struct network trusted;
    struct address peer;
    char buf[64];
    assert_int_equal(network_read(STR("10.0.0.0/8"), &trusted), ST_OK);
    assert_int_equal(address_read(STR("10.0.0.1"), &peer), ST_OK);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_str(address_text(client_of(peer, cases[i].kind, str_c(cases[i].header), &trusted, 1),
                                false, buf),
                   cases[i].want);
    assert_str(address_text(peer, true, buf), "10.0.0.0");
}

/* ---- codings, ranges ---- */

static void codings(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        enum coding want;
    } cases[] = {{"", CODING_IDENTITY},
                 {"gzip", CODING_GZIP},
                 {"gzip, br", CODING_BROTLI},
                 {"br;q=0, gzip", CODING_GZIP},
                 {"gzip;q=0.5, br;q=0.1", CODING_GZIP},
                 {"identity", CODING_IDENTITY},
                 {"*", CODING_BROTLI},
                 {"br;q=0.000", CODING_IDENTITY}};
    char body[2000];
    struct finished *f;
    struct err err;
    memset(body, 'a', sizeof body);
    assert_int_equal(finished_make(&(struct finished_spec){.content_type = STR("text/html"),
                                                           .body = {body, sizeof body}},
                                   &f, &err),
                     ST_OK);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(coding_for(str_c(cases[i].header), f), cases[i].want);
    assert_true(etag_matches(STR("\"x\", W/\"y\""), STR("\"y\"")));
    assert_true(etag_matches(STR("*"), STR("\"y\"")));
    assert_false(etag_matches(STR("\"x\""), STR("\"y\"")));
    finished_release(f);
}

static void ranges(void **state)
{
    (void)state;
    i64 from, n;
    assert_int_equal(range_read(STR("bytes=0-9"), 100, &from, &n), RANGE_PART);
    assert_true(from == 0 && n == 10);
    assert_int_equal(range_read(STR("bytes=90-"), 100, &from, &n), RANGE_PART);
    assert_true(from == 90 && n == 10);
    assert_int_equal(range_read(STR("bytes=-5"), 100, &from, &n), RANGE_PART);
    assert_true(from == 95 && n == 5);
    assert_int_equal(range_read(STR("bytes=100-"), 100, &from, &n), RANGE_UNSATISFIABLE);
    assert_int_equal(range_read(STR("bytes=5-1"), 100, &from, &n), RANGE_WHOLE);
    assert_int_equal(range_read(STR("bytes=0-1,3-4"), 100, &from, &n), RANGE_WHOLE);
    assert_int_equal(range_read(STR("lines=1-2"), 100, &from, &n), RANGE_WHOLE);
}

/* ---- through a socket ---- */

enum { GRACE_MS = 800 };

struct toy {
    struct server *server;
    int port;
    struct finished *page, *file;
    struct exchange *held;
    bool hold;
    struct log *log; /* NULL but in tests of it */
};

static enum status toy_route(void *arg, enum method m, str path, struct verdict *ret)
{
    (void)arg;
    (void)path;
    ret->allow = "GET, HEAD, OPTIONS";
    return m != GET && m != HEAD ? ST_METHOD : ST_OK;
}

static struct finished *toy_hit(void *arg, const struct request *r)
{
    struct toy *t = arg;
    if (t->file && str_eq(r->path, STR("/file")))
        return finished_ref(t->file);
    return str_eq(r->path, STR("/hit")) ? finished_ref(t->page) : NULL;
}

static enum status toy_miss(void *arg, const struct request *r, struct exchange *x)
{
    struct toy *t = arg;
    if (str_eq(r->path, STR("/busy")))
        return ST_BUSY;
    if (t->hold) {
        t->held = x;
        return ST_OK;
    }
    server_reply(
        x, (struct reply){.status = 404, .content_type = STR("text/plain"), .body = STR("none\n")});
    return ST_OK;
}

static struct toy *toy_start(struct log *log)
{
    static struct toy t;
    static str hosts[] = {{"news.example", 12}};
    struct err err = {0};
    int fd;
    t = (struct toy){.log = log};
    struct server_conf c = {.address = "127.0.0.1",
                            .hosts = hosts,
                            .nhosts = 1,
                            .log = log,
                            .arg = &t,
                            .route = toy_route,
                            .hit = toy_hit,
                            .miss = toy_miss,
                            .threads = 2,
                            .head_ms = 600,
                            .idle_ms = 3000,
                            .grace_ms = GRACE_MS,
                            .stop_ms = 2000};
    assert_int_equal(hash_start(), ST_OK);
    assert_ok(finished_make(&(struct finished_spec){.content_type = STR("text/plain"),
                                                    .body = STR("hello\n")},
                            &t.page, &err),
              &err);
    assert_ok(server_bind(&c, &fd, &t.port, &err), &err);
    assert_ok(server_start(&c, fd, t.port, &t.server, &err), &err);
    return &t;
}

static int toy_setup(void **state)
{
    *state = toy_start(NULL);
    return 0;
}

static void toy_stop(struct toy *t)
{
    server_stop(t->server);
    finished_release(t->page);
    finished_release(t->file);
    log_stop(t->log);
}

static int toy_teardown(void **state)
{
    toy_stop(*state);
    return 0;
}

static int dial_with(const struct toy *t, int receive_buffer)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)t->port)};
    struct timeval limit = {.tv_sec = 5};
    inet_pton(AF_INET, "127.0.0.1", &sa.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (receive_buffer)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
    return fd;
}

static int dial(const struct toy *t)
{
    return dial_with(t, 0);
}

/* Sends bytes as they are and reads until the end, or until something was said and 200 ms are
 * quiet. */
static int ask(const struct toy *t, const char *bytes, char *answer, size_t cap)
{
    int fd = dial(t), status = 0;
    size_t got = 0;
    struct timeval limit = {.tv_usec = 300 * 1000};
    if (send(fd, bytes, strlen(bytes), MSG_NOSIGNAL) < 0)
        return -1;
    for (ssize_t n; got < cap - 1 && (n = recv(fd, answer + got, cap - 1 - got, 0)) > 0;) {
        got += (size_t)n;
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    answer[got] = '\0';
    close(fd);
    if (got > 12)
        status = (answer[9] - '0') * 100 + (answer[10] - '0') * 10 + answer[11] - '0';
    return status;
}

static void framing(void **state)
{
    static const struct {
        const char *name, *bytes;
        int want;
    } cases[] = {
        {"sound", "GET /hit HTTP/1.1\r\nHost: news.example\r\n\r\n", 200},
        {"loopback name", "GET /hit HTTP/1.1\r\nHost: localhost:8080\r\n\r\n", 200},
        {"miss", "GET /none HTTP/1.1\r\nHost: news.example\r\n\r\n", 404},
        {"full lane", "GET /busy HTTP/1.1\r\nHost: news.example\r\n\r\n", 503},
        {"a body", "GET /hit HTTP/1.1\r\nHost: news.example\r\nContent-Length: 3\r\n\r\nabc", 413},
        {"POST", "POST /hit HTTP/1.1\r\nHost: news.example\r\nContent-Length: 0\r\n\r\n", 405},
        {"OPTIONS", "OPTIONS /hit HTTP/1.1\r\nHost: news.example\r\n\r\n", 204},
        {"redirect", "GET //hit HTTP/1.1\r\nHost: news.example\r\n\r\n", 301},
        {"an address", "GET /hit HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200},
        {"escape", "GET /%zz HTTP/1.1\r\nHost: news.example\r\n\r\n", 400},
    };
    char answer[8192];
    for (size_t i = 0; i < COUNT(cases); i++) {
        int have = ask(*state, cases[i].bytes, answer, sizeof answer);
        if (have != cases[i].want)
            test_fail("%s: want %d, have %d: %.80s", cases[i].name, cases[i].want, have, answer);
    }
}

/* One refusal each, so that each guard has a test of its own. */
#define REFUSAL(fn, bytes, want)                                                                   \
    static void fn(void **state)                                                                   \
    {                                                                                              \
        char answer[4096];                                                                         \
        assert_int_equal(ask(*state, bytes, answer, sizeof answer), want);                         \
    }
REFUSAL(both_lengths,
        "GET /hit HTTP/1.1\r\nHost: news.example\r\nContent-Length: 1\r\nTransfer-Encoding: "
        "chunked\r\n\r\n",
        400)
REFUSAL(two_lengths,
        "GET /hit HTTP/1.1\r\nHost: news.example\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
        400)
REFUSAL(token_names, "GET /hit HTTP/1.1\r\nHost: news.example\r\nX(y): 1\r\n\r\n", 400)
static void near_names(void **state)
{
    static const char *const heads[] = {"Content-Length-X: 1", "Transfer-Encoding : chunked",
                                        "Transfer-Encoding:\r\n chunked"};
    char answer[4096], request[200];
    for (size_t i = 0; i < COUNT(heads); i++) {
        snprintf(request, sizeof request, "GET /hit HTTP/1.1\r\nHost: news.example\r\n%s\r\n\r\n",
                 heads[i]);
        assert_int_equal(ask(*state, request, answer, sizeof answer), 400);
    }
}
REFUSAL(control_values, "GET /hit HTTP/1.1\r\nHost: news.example\r\nX: a\rb\r\n\r\n", 400)
static void hosts(void **state)
{
    char answer[4096];
    assert_int_equal(ask(*state,
                         "GET /hit HTTP/1.1\r\nHost: news.example\r\nHost: "
                         "news.example\r\n\r\n",
                         answer, sizeof answer),
                     400);
    assert_int_equal(ask(*state, "GET /hit HTTP/1.1\r\n\r\n", answer, sizeof answer), 400);
    assert_non_null(strstr(answer, "Content-Security-Policy: ")); /* ours */
}
REFUSAL(te_refused,
        "GET /hit HTTP/1.1\r\nHost: news.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        411)
REFUSAL(absolute_target, "GET http://news.example/hit HTTP/1.1\r\nHost: news.example\r\n\r\n", 400)
static void unknown_host(void **state)
{
    static const char *const names[] = {"other.example", "localhost:x", "[::1]x"};
    char answer[4096], request[200];
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(request, sizeof request, "GET /hit HTTP/1.1\r\nHost: %s\r\n\r\n", names[i]);
        assert_int_equal(ask(*state, request, answer, sizeof answer), 421);
    }
}

static void a_hit_says_what_it_should(void **state)
{
    struct toy *t = *state;
    char answer[8192], request[300];
    assert_int_equal(
        ask(t, "GET /hit HTTP/1.1\r\nHost: news.example\r\n\r\n", answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "Content-Security-Policy: default-src 'none'"));
    assert_non_null(strstr(answer, "Cache-Control: no-cache"));
    assert_non_null(strstr(answer, "X-Content-Type-Options: nosniff"));
    assert_non_null(strstr(answer, "\r\n\r\nhello\n"));
    assert_int_equal(
        ask(t, "HEAD /hit HTTP/1.1\r\nHost: news.example\r\n\r\n", answer, sizeof answer), 200);
    assert_null(strstr(answer, "hello"));
    str etag = finished_etag(t->page, CODING_IDENTITY);
    snprintf(request, sizeof request,
             "GET /hit HTTP/1.1\r\nHost: news.example\r\nIf-None-Match: %.*s\r\n\r\n", FMT(etag));
    assert_int_equal(ask(t, request, answer, sizeof answer), 304);
    assert_non_null(strstr(answer, "ETag: "));
    assert_null(strstr(answer, "hello"));
}

/* ---- files ---- */

enum { FILE_BYTES = 3000001 };

static char file_byte(size_t i)
{
    return (char)(i * 2654435761u >> 13);
}

static int make_file(struct toy *t)
{
    char name[] = "/var/tmp/broadsheet-XXXXXX";
    char *bytes = malloc(FILE_BYTES);
    struct err err;
    int fd = mkstemp(name);
    assert_true(fd >= 0 && bytes);
    unlink(name);
    for (size_t i = 0; i < FILE_BYTES; i++)
        bytes[i] = file_byte(i);
    assert_true(write(fd, bytes, FILE_BYTES) == FILE_BYTES && fsync(fd) == 0);
    free(bytes);
    assert_ok(finished_make(&(struct finished_spec){.content_type = STR("image/png"),
                                                    .fd = fd,
                                                    .fd_size = FILE_BYTES,
                                                    .fd_etag = STR("00112233445566778899aabbccddee"
                                                                   "ff")},
                            &t->file, &err),
              &err);
    return fd;
}

static void whole_file(const struct toy *t)
{
    char buf[1 << 16];
    const char *request = "GET /file HTTP/1.1\r\nHost: news.example\r\nConnection: close\r\n\r\n";
    size_t at = 0, body = 0;
    bool head = true;
    int fd = dial(t);
    assert_true(send(fd, request, strlen(request), MSG_NOSIGNAL) > 0);
    for (ssize_t n; (n = recv(fd, buf + at, sizeof buf - 1 - at, 0)) > 0;) {
        char *from = buf;
        size_t have = at + (size_t)n;
        if (head) {
            buf[have] = '\0';
            char *end = strstr(buf, "\r\n\r\n");
            at = end ? 0 : have;
            if (!end)
                continue;
            from = end + 4;
            head = false;
        }
        for (; from < buf + have; from++)
            if (*from != file_byte(body++))
                test_fail("byte %zu is another", body - 1);
    }
    close(fd);
    assert_int_equal(body, FILE_BYTES);
}

static void a_file_that_is_not_in_memory_is_fetched_by_another_thread(void **state)
{
    struct toy *t = *state;
    char one;
    int fd = make_file(t);
    struct iovec io = {&one, 1};
    whole_file(t);
    assert_int_equal(server_fetches(t->server), 0);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    if (preadv2(fd, &io, 1, 2000000, RWF_NOWAIT) >= 0 || errno != EAGAIN) {
        fprintf(stderr, "skipped: the file system under /var/tmp keeps every file in memory\n");
        return;
    }
    whole_file(t);
    assert_true(server_fetches(t->server) > 0);
}

static void a_file_has_head_and_ranges(void **state)
{
    struct toy *t = *state;
    char answer[8192];
    make_file(t);
    assert_int_equal(
        ask(t, "HEAD /file HTTP/1.1\r\nHost: news.example\r\n\r\n", answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "Content-Length: 3000001"));
    assert_int_equal(ask(t,
                         "GET /file HTTP/1.1\r\nHost: news.example\r\nIf-None-Match: "
                         "\"00112233445566778899aabbccddeeff\"\r\n\r\n",
                         answer, sizeof answer),
                     304);
    assert_int_equal(ask(t, "GET /file HTTP/1.1\r\nHost: news.example\r\nRange: bytes=7-10\r\n\r\n",
                         answer, sizeof answer),
                     206);
    assert_non_null(strstr(answer, "Content-Range: bytes 7-10/3000001"));
    char *body = strstr(answer, "\r\n\r\n") + 4;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(body[i], file_byte(7 + i));
}

static void two_requests_on_one_line(void **state)
{
    char answer[8192];
    ask(*state,
        "GET /hit HTTP/1.1\r\nHost: news.example\r\n\r\nGET /none HTTP/1.1\r\nHost: "
        "news.example\r\n\r\n",
        answer, sizeof answer);
    char *second = strstr(answer, "hello\nHTTP/1.1 404");
    assert_non_null(second);
}

static void a_connection_may_idle_after_a_reply(void **state)
{
    struct toy *t = *state;
    char answer[8192];
    const char *bytes = "GET /hit HTTP/1.1\r\nHost: news.example\r\n\r\n";
    int fd = dial(t);
    for (int i = 0; i < 2; i++) {
        assert_true(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL) > 0);
        assert_true(recv(fd, answer, sizeof answer, 0) > 0);
        usleep(1600 * 1000); /* longer than a head may take (600 ms), shorter than it may idle */
    }
    close(fd);
}

static void a_head_that_never_ends_is_cut_off(void **state)
{
    struct toy *t = *state;
    char answer[100];
    int fd = dial(t);
    assert_true(send(fd, "GET /hit HT", 11, MSG_NOSIGNAL) == 11);
    assert_true(recv(fd, answer, sizeof answer, 0) <=
                0); /* well before the test's own five seconds */
    close(fd);
    assert_int_equal(
        ask(t, "GET /hit HTTP/1.1\r\nHost: news.example\r\n\r\n", answer, sizeof answer), 200);
}

/* Asks for the file and takes some of it at once: then the caller goes on as slowly as it likes. */
static int take_fast(struct toy *t, size_t bytes, size_t *got)
{
    static char buf[1 << 16];
    const char *request = "GET /file HTTP/1.1\r\nHost: news.example\r\n\r\n";
    make_file(t);
    int fd = dial_with(t, 1 << 14);
    assert_true(send(fd, request, strlen(request), MSG_NOSIGNAL) > 0);
    for (*got = 0; *got < bytes;) {
        ssize_t n = recv(fd, buf, sizeof buf, 0);
        assert_true(n > 0);
        *got += (size_t)n;
    }
    return fd;
}

/* What was taken fast earns no pause: at 1 kB/s on the average this one could stall for 1,000 s. */
static void a_fast_beginning_earns_no_pause(void **state)
{
    static char buf[1 << 16];
    size_t got;
    ssize_t n = 1;
    int fd = take_fast(*state, 500000, &got);
    usleep(GRACE_MS * 3 / 4 * 1000); /* until it has been looked at */
    for (; n > 0 && got<1500000; got += n> 0 ? (size_t)n : 0)
        n = recv(fd, buf, sizeof buf, 0);
    assert_true(n > 0);
    usleep(3 * GRACE_MS * 1000);
    const char *again = "GET /hit HTTP/1.1\r\nHost: news.example\r\n\r\n";
    (void)!send(fd, again, strlen(again), MSG_NOSIGNAL);
    bool answered = false; /* on a connection that was cut off nothing more is asked */
    while ((n = recv(fd, buf, sizeof buf, 0)) > 0)
        answered = n > 6 && memcmp(buf + n - 6, "hello\n", 6) == 0;
    assert_false(answered);
    close(fd);
}

/* Nobody is cut off who takes enough, not even when all of the reply has long been handed to the
 * kernel and the connection would have idled for too long by then. */
static void a_steady_reader_is_left_alone(void **state)
{
    char buf[1 << 13];
    size_t got;
    int fd = take_fast(*state, 1000000, &got);
    for (ssize_t n; got < FILE_BYTES; got += (size_t)n) {
        n = recv(fd, buf, sizeof buf, 0);
        if (n <= 0)
            test_fail("cut off after %zu bytes", got);
        usleep(20 * 1000); /* 5 s for the rest */
    }
    close(fd);
}

/* The server's end of a connection, found by its other end's address. */
static int other_end(int fd)
{
    struct sockaddr_in mine, theirs;
    socklen_t n = sizeof mine;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&mine, &n), 0);
    for (int i = 3; i < 1024; i++) {
        n = sizeof theirs;
        if (getpeername(i, (struct sockaddr *)&theirs, &n) == 0 && theirs.sin_port == mine.sin_port)
            return i;
    }
    return -1;
}

/* Of what a client doesn't take the kernel is handed little: it would copy megabytes for each. */
static void little_of_a_reply_waits_in_the_kernel(void **state)
{
    size_t got;
    int waits = 0, fd = take_fast(*state, 1000, &got), end = other_end(fd);
    assert_true(end >= 0);
    usleep(100 * 1000);
    assert_int_equal(ioctl(end, SIOCOUTQNSD, &waits), 0);
    assert_in_range(waits, 64 << 10, 256 << 10);
    close(fd);
}

/* Two ends of one connection; the nearer one doesn't wait. */
static void pair(int ends[2])
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof sa;
    struct timeval limit = {.tv_sec = 5};
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listening, (struct sockaddr *)&sa, n) | listen(listening, 1), 0);
    assert_int_equal(getsockname(listening, (struct sockaddr *)&sa, &n), 0);
    ends[1] = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(ends[1], (struct sockaddr *)&sa, n), 0);
    ends[0] = accept4(listening, NULL, NULL, SOCK_NONBLOCK);
    assert_true(ends[0] >= 0);
    close(listening);
}

/* Cut off, and the kernel holds nothing more for it. */
static void a_reply_that_is_not_taken_is_thrown_away(void **state)
{
    static char bytes[64 << 10];
    struct watch_conf conf = {.most = 10,
                              .most_a_client = 10,
                              .head_ms = 60000,
                              .idle_ms = 60000,
                              .grace_ms = 300,
                              .slowest = 1 << 20};
    struct address from = {{1}};
    struct watch *w;
    int ends[2];
    size_t sent = 0, taken = 0;
    (void)state;
    assert_int_equal(hash_start(), ST_OK);
    assert_int_equal(watch_start(&conf, &w), ST_OK);
    pair(ends);
    struct watched *c = watch_opened(w, from, ends[0]);
    watch_request(c, time_monotonic());
    ssize_t n;
    while ((n = send(ends[0], bytes, sizeof bytes, MSG_NOSIGNAL)) > 0)
        sent += (size_t)n;
    i64 until = time_monotonic() + 5000;
    while (((n = send(ends[0], bytes, 1, MSG_NOSIGNAL)) > 0 || errno == EAGAIN) &&
           time_monotonic() < until)
        usleep(10000);
    assert_int_equal(errno, EPIPE); /* it was cut off */
    watch_closed(w, c);
    close(ends[0]);
    while ((n = recv(ends[1], bytes, sizeof bytes, 0)) > 0)
        taken += (size_t)n;
    assert_true(n < 0 && taken < sent);
    close(ends[1]);
    watch_stop(w);
}

/* All of the reply is in the kernel, and the client takes it for longer than it might idle. */
static void taking_a_reply_is_not_idling(void **state)
{
    static char bytes[64 << 10];
    struct watch_conf conf = {.most = 10,
                              .most_a_client = 10,
                              .head_ms = 1500,
                              .idle_ms = 400,
                              .grace_ms = 60000,
                              .slowest = 1};
    struct address from = {{1}};
    struct watch *w;
    int ends[2];
    size_t sent = 0, taken = 0;
    ssize_t n;
    (void)state;
    assert_int_equal(hash_start(), ST_OK);
    assert_int_equal(watch_start(&conf, &w), ST_OK);
    pair(ends);
    struct watched *c = watch_opened(w, from, ends[0]);
    watch_request(c, time_monotonic());
    while ((n = send(ends[0], bytes, sizeof bytes, MSG_NOSIGNAL)) > 0)
        sent += (size_t)n;
    watch_replied(c, time_monotonic());
    for (i64 until = time_monotonic() + 1500; time_monotonic() < until; usleep(20 * 1000)) {
        n = recv(ends[1], bytes, 4096, 0);
        assert_true(n > 0);
        taken += (size_t)n;
        if (send(ends[0], bytes, 1, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
            test_fail("cut off after %zu bytes of %zu", taken, sent);
    }
    assert_true(taken < sent); /* some of it waited all the time */
    watch_closed(w, c);
    close(ends[0]);
    close(ends[1]);
    watch_stop(w);
}

/* begin, then middle as often as times says, then end; each to be found in the log by its target.
 */
static const struct {
    const char *begin, *middle;
    int times;
    const char *end;
    int want;
    bool ours;          /* with our page and headers, not in libmicrohttpd's words */
    const char *access; /* what the access log has of it; NULL: only the error log, the status */
} heads[] = {
    {"GET /a/", "a", 2100, " HTTP/1.1\r\nHost: news.example\r\n\r\n", 414, true, "/a/aaaa"},
    {"GET /b/", "b", 7000, " HTTP/1.1\r\nHost: news.example\r\n\r\n", 414, true, "/b/bbbb"},
    {"GET /c/", "c", 9000, " HTTP/1.1\r\nHost: news.example\r\n\r\n", 414, false, NULL},
    {"GET /d/", "d", 40000, " HTTP/1.1\r\nHost: news.example\r\n\r\n", 414, false, NULL},
    {"GET /e HTTP/1.1\r\nHost: news.example\r\nX: ", "e", 6000, "\r\n\r\n", 404, true, "/e\""},
    {"GET /f HTTP/1.1\r\nHost: news.example\r\nX: ", "f", 20000, "\r\n\r\n", 431, false, "/f\""},
    {"GET /g HTTP/1.1\r\nHost: news.example\r\nX: ", "g", 100000, "\r\n\r\n", 431, false, "/g\""},
    {"GET /h HTTP/1.1\r\nHost: news.example\r\n", "X: h\r\n", 10000, "\r\n", 431, false, "/h\""},
    {"GET /j k HTTP/1.1\r\nHost: news.example\r\n", "", 0, "\r\n", 400, true, "/j k\""},
    {"GET /k HTTP/1.1\r\nHost: news.example\r\nno colon\r\n", "", 0, "\r\n", 400, false, "/k\""},
    {"GET /l HTTP/1.1\r\nHost: news.example\r\nContent-Length: ", "9", 30, "\r\n\r\n", 413, false,
     "/l\""},
    {"PRI * HTTP/2.0\r\n", "", 0, "\r\n", 505, false, NULL},
};

static str read_all(struct arena *a, const char *path)
{
    enum { MOST = 1 << 18 };
    char *buf = arena_new(a, char, MOST);
    FILE *f = fopen(path, "re");
    assert_true(buf && f);
    str text = {buf, fread(buf, 1, MOST, f)};
    fclose(f);
    return text;
}

/* Whether a line of the access log has a target that begins so, and a status. */
static bool logged(str log, const char *target, int status, struct arena *a)
{
    str want = arena_fmt(a, "\"target\":\"%s", target);
    str with = arena_fmt(a, "\"status\":%d,", status);
    for (str rest = log, line; rest.n;) {
        rest = str_cut(rest, '\n', &line);
        if (str_find(line, want) >= 0 && str_find(line, with) >= 0 &&
            str_find(line, STR("\"client\":\"127.0.0.0\"")) >= 0)
            return true;
    }
    return false;
}

/* Whoever answers, the status is clear and the log has it. */
static void heads_that_are_too_large_or_broken(void **state)
{
    struct arena *a = *state;
    char access[] = "/tmp/broadsheet-access-XXXXXX", error[] = "/tmp/broadsheet-error-XXXXXX";
    char answer[8192];
    struct log *log;
    struct err err = {0};
    close(mkstemp(access));
    close(mkstemp(error));
    assert_ok(log_start(access, error, &log, &err), &err);
    struct toy *t = toy_start(log);
    for (size_t i = 0; i < COUNT(heads); i++) {
        struct out o = out_make(a, 1 << 17, 1 << 18);
        out_c(&o, heads[i].begin);
        for (int k = 0; k < heads[i].times; k++)
            out_c(&o, heads[i].middle);
        out_c(&o, heads[i].end);
        int have = ask(t, arena_cstr(a, out_view(&o)), answer, sizeof answer);
        bool ours = strstr(answer, "Content-Security-Policy: ") != NULL;
        if (have != heads[i].want || ours != heads[i].ours)
            test_fail("%s: want %d, have %d: %.300s", heads[i].begin, heads[i].want, have, answer);
    }
    toy_stop(t);
    str lines = read_all(a, access), errors = read_all(a, error);
    for (size_t i = 0; i < COUNT(heads); i++) {
        str refused = arena_fmt(a, "refused with %d %s", heads[i].want,
                                heads[i].access ? "" : "by libmicrohttpd");
        if (heads[i].access && !logged(lines, heads[i].access, heads[i].want, a))
            test_fail("not in the log: %s %d\n%.*s", heads[i].access, heads[i].want, FMT(lines));
        if (heads[i].want != 404 && str_find(errors, refused) < 0)
            test_fail("not in the log: %.*s\n%.*s", FMT(refused), FMT(errors));
    }
    unlink(access);
    unlink(error);
}

#define TEN(x) x x x x x x x x x x
#define LONG   "X: " TEN(TEN(TEN("xxxxx"))) "\r\n" /* 5,000 */

/* Where a head leaves no room for the reply's, that is said: libmicrohttpd would close the
 * connection without a word, or neither answer nor close. */
static const struct {
    const char *begin, *middle, *end;
    int from, to, step;
    const char *statuses; /* that may come, in this order */
} growing[] = {
    {"GET /hit HTTP/1.1\r\nX: ", "x", "\r\n", 5000, 9000, 60, "200 431"},
    {"GET /none HTTP/1.1\r\nX: ", "x", "\r\n", 6500, 7500, 40, "404 431"},
    {"GET /hit HTTP/1.1\r\nCookie: a=", "x", "\r\n", 2500, 7600, 60, "200 431"},
    {"GET /hit HTTP/1.1\r\nCookie: a=b", "; a=b", "\r\n", 50, 130, 1, "200 431"},
    {"GET /hit HTTP/1.1\r\n", "X: y\r\n", "", 60, 140, 1, "200 431"},
    {"GET /hit?a=b", "&a=b", " HTTP/1.1\r\n", 20, 300, 3, "200 414"},
    {"GET //", "x", " HTTP/1.1\r\n" LONG, 20, 2000, 60, "301 431"},
};

static void every_head_has_an_answer(void **state)
{
    struct arena *a = *state;
    char answer[8192];
    struct toy *t = toy_start(NULL);
    for (size_t i = 0; i < COUNT(growing); i++) {
        const char *may = growing[i].statuses;
        for (int n = growing[i].from; n < growing[i].to; n += growing[i].step) {
            struct out o = out_make(a, 1 << 14, 1 << 16);
            out_c(&o, growing[i].begin);
            for (int k = 0; k < n; k++)
                out_c(&o, growing[i].middle);
            out_c(&o, growing[i].end);
            out_c(&o, "Host: news.example\r\nConnection: close\r\n\r\n");
            int have = ask(t, arena_cstr(a, out_view(&o)), answer, sizeof answer);
            const char *at =
                strstr(may, (char[]){(char)('0' + have / 100), (char)('0' + have / 10 % 10),
                                     (char)('0' + have % 10), '\0'});
            if (have < 100 || !at)
                test_fail("%s, %d times: %d, of %s", growing[i].begin, n, have, may);
            may = at;
            arena_reset(a);
        }
        if (strlen(may) > 3)
            test_fail("%s never came to %s", growing[i].begin, may);
    }
    toy_stop(t);
}

static void stopping_waits_for_what_runs(void **state)
{
    struct toy *t = *state;
    char answer[4096] = "";
    t->hold = true;
    int fd = dial(t);
    const char *bytes = "GET /slow HTTP/1.1\r\nHost: news.example\r\n\r\n";
    assert_true(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL) > 0);
    for (int i = 0; i < 200 && !t->held; i++)
        usleep(10000);
    assert_non_null(t->held);
    server_reply(
        t->held,
        (struct reply){.status = 200, .content_type = STR("text/plain"), .body = STR("late\n")});
    assert_true(recv(fd, answer, sizeof answer - 1, 0) > 0);
    assert_non_null(strstr(answer, "late"));
    close(fd);
}

#define S(f) cmocka_unit_test_setup_teardown(f, toy_setup, toy_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(targets),
        with_arena(target_nul_is_refused),
        with_arena(target_slash_is_refused),
        with_arena(target_utf8_is_refused),
        with_arena(query_keeps_what_is_declared),
        cmocka_unit_test(forwarded_clients),
        cmocka_unit_test(codings),
        cmocka_unit_test(ranges),
        cmocka_unit_test(a_reply_that_is_not_taken_is_thrown_away),
        cmocka_unit_test(taking_a_reply_is_not_idling),
        S(framing),
        S(both_lengths),
        S(two_lengths),
        S(token_names),
        S(near_names),
        S(control_values),
        S(hosts),
        S(te_refused),
        S(absolute_target),
        S(unknown_host),
        S(a_hit_says_what_it_should),
        S(a_file_that_is_not_in_memory_is_fetched_by_another_thread),
        S(a_file_has_head_and_ranges),
        S(two_requests_on_one_line),
        S(a_connection_may_idle_after_a_reply),
        S(a_head_that_never_ends_is_cut_off),
        S(a_fast_beginning_earns_no_pause),
        S(a_steady_reader_is_left_alone),
        S(little_of_a_reply_waits_in_the_kernel),
        with_arena(heads_that_are_too_large_or_broken),
        with_arena(every_head_has_an_answer),
        S(stopping_waits_for_what_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
