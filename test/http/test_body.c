/* Bodies through a real socket: whole, refused, too many, too slow. */
#include "http/body.h"
#include "http/toy.h"

#include <signal.h>
#include <sys/resource.h>

/* ---- bodies ---- */

static void bodies_come_whole(void **state)
{
    static const size_t sizes[] = {0,
                                   1,
                                   100,
                                   8191,
                                   8192,
                                   1 << 18,
                                   (1 << 20) - 1,
                                   1 << 20,
                                   (1 << 20) + 1,
                                   (1 << 20) + (1 << 18),
                                   3000001,
                                   MOST_BODY};
    struct world *w = *state;
    char answer[ANSWER];
    for (size_t i = 0; i < COUNT(sizes); i++) {
        str body = body_of(&w->a, sizes[i]);
        if (ask(w->t, post(&w->a, "/desk/note", body), answer) != 200)
            test_fail("%zu bytes: %.200s", sizes[i], answer);
        assert_came(answer, body, &w->a);
        arena_reset(&w->a);
    }
}

/* In pieces of all sizes, on one connection. */
static void bodies_come_in_pieces(void **state)
{
    static const size_t sizes[] = {50, 40000, 1500000};
    struct world *w = *state;
    char answer[ANSWER];
    int fd = dial(w->t);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        str body = body_of(&w->a, sizes[i]), rest = post(&w->a, "/desk/post", body);
        for (size_t n = 1; rest.n; n = n < 60000 ? n * 2 + 1 : n) {
            assert_true(push(fd, str_head(rest, n)));
            rest = str_from(rest, n);
            if (n < 1000)
                usleep(3000);
        }
        assert_int_equal(hear(fd, answer), 200);
        assert_came(answer, body, &w->a);
    }
    close(fd);
}

static void what_no_route_takes_is_refused(void **state)
{
    static const struct {
        const char *head;
        int want;
    } cases[] = {
        {"POST /desk/note HTTP/1.1\r\n" H "Content-Length: 4194305\r\n\r\n", 413},
        {"POST /desk/note HTTP/1.1\r\n" H "Content-Length: 9223372036854775807\r\n\r\n", 413},
        {"POST /desk/note HTTP/1.1\r\n" H "Content-Length: 4194305\r\nExpect: 100-continue\r\n\r\n",
         413},
        {"GET /desk/note HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nGET /any HTTP/1.1\r\n" H "\r\n",
         413},
        {"OPTIONS /desk/note HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nGET /any HTTP/1.1\r\n" H
         "\r\n",
         413},
        {"POST /greedy HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nGET /any HTTP/1.1\r\n" H "\r\n",
         413},
        {"POST /desk/get HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na", 405},
        {"POST /any HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na", 405},
        {"POST /desk/note HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
         411},
        {"POST /desk/note HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400},
        {"POST /desk/note HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
        {"POST //desk/note HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na", 400},
        {"POST /desk/note HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1\r\n\r\na", 421},
    };
    struct world *w = *state;
    char answer[ANSWER];
    for (size_t i = 0; i < COUNT(cases); i++) {
        int have = ask_c(w->t, cases[i].head, answer);
        if (have != cases[i].want || answers(answer) != 1)
            test_fail("%s: %d\n%s", cases[i].head, have, answer);
        assert_has(answer, "Connection: close");
    }
}

/* libmicrohttpd refuses these by itself. */
static void lengths_that_are_none(void **state)
{
    static const char *const lengths[] = {"1, 1", "+1", "-1", "1 1",
                                          "0x1",  "",   "1;", "99999999999999999999999"};
    struct world *w = *state;
    char answer[ANSWER];
    for (size_t i = 0; i < COUNT(lengths); i++) {
        str request = arena_fmt(
            &w->a, "POST /desk/note HTTP/1.1\r\n" H "Content-Length: %s\r\n\r\na", lengths[i]);
        int have = ask(w->t, request, answer);
        if (have != 400 && have != 413)
            test_fail("%s: %d\n%s", lengths[i], have, answer);
        assert_lacks(answer, "body=");
    }
}

/* Whatever is refused, what was sent with it is never taken for a request. */
static void a_refused_body_is_no_request(void **state)
{
    static const char *const lines[] = {"POST /any", "POST /desk/get", "POST //desk/note",
                                        "PUT /desk/note", "PATCH /desk/note"};
    struct world *w = *state;
    char answer[ANSWER];
    for (size_t i = 0; i < COUNT(lines); i++) {
        str request = arena_fmt(&w->a,
                                "%s HTTP/1.1\r\n" H "Content-Length: 42\r\n\r\nGET /any "
                                "HTTP/1.1\r\n" H "\r\n\r\n\r\n",
                                lines[i]);
        ask(w->t, request, answer);
        if (answers(answer) != 1)
            test_fail("%s: %s", lines[i], answer);
        assert_lacks(answer, "hello");
    }
}

/* A body that is taken ends where it said; what comes after is the next request. */
static void requests_follow_a_body(void **state)
{
    struct world *w = *state;
    char answer[ANSWER];
    str body = STR("GET /any HTTP/1.1\r\n" H "\r\n");
    str first = post(&w->a, "/desk/note", body), then = STR("GET /any HTTP/1.1\r\n" H "\r\n");
    ask(w->t, arena_join(&w->a, (str[]){first, then, first}, 3), answer);
    assert_int_equal(answers(answer), 3);
    assert_came(answer, body, &w->a);
    char *second = strstr(answer, "hello\n");
    assert_non_null(second);
    assert_came(second, body, &w->a);
    str more = STR("POST /desk/note HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nabcdef\r\n\r\n");
    ask(w->t, more, answer); /* the rest is no request */
    assert_has(answer, "body=1/");
    assert_lacks(answer + 12, "HTTP/1.1 200");
}

static void expecting_to_go_on(void **state)
{
    struct world *w = *state;
    char answer[ANSWER];
    int fd = dial(w->t);
    assert_true(push(fd, STR("POST /desk/note HTTP/1.1\r\n" H
                             "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")));
    assert_int_equal(hear(fd, answer), 100);
    assert_true(push(fd, STR("hello")));
    assert_int_equal(hear(fd, answer), 200);
    assert_came(answer, STR("hello"), &w->a);
    close(fd);
}

/* ---- limits ---- */

static int begin(struct toy *t, struct arena *a, unsigned host, size_t said, size_t sent)
{
    int fd = dial_from(t, host);
    str head = arena_fmt(a, "POST /desk/note HTTP/1.1\r\n" H "Content-Length: %zu\r\n\r\n", said);
    assert_true(push(fd, arena_join(a, (str[]){head, body_of(a, sent)}, 2)));
    usleep(50 * 1000);
    return fd;
}

static void assert_no_room(struct toy *t, struct arena *a, size_t bytes)
{
    char answer[ANSWER];
    assert_int_equal(ask(t, post(a, "/desk/note", body_of(a, bytes)), answer), 503);
    assert_has(answer, "Retry-After: ");
    assert_has(answer, "Connection: close");
}

/* At once, or when the server has seen that others left. */
static void assert_room(struct toy *t, struct arena *a, size_t bytes)
{
    char answer[ANSWER];
    str request = post(a, "/desk/note", body_of(a, bytes));
    i64 until = time_monotonic() + 5 * MS_SECOND;
    int status;
    while ((status = ask(t, request, answer)) == 503 && time_monotonic() < until)
        usleep(10 * 1000);
    if (status != 200)
        test_fail("%zu bytes: %s", bytes, answer);
}

/* Addresses whose bodies are counted apart from each other's and from those of 127.0.0.1. */
static void clients_apart(unsigned *hosts, size_t n)
{
    bool taken[BODY_CLIENTS] = {false};
    size_t have = 0;
    for (unsigned host = 1; have <= n; host++) {
        char text[32];
        struct address client;
        snprintf(text, sizeof text, "127.0.0.%u", host);
        assert_int_equal(address_read(str_c(text), &client), ST_OK);
        bool *slot =
            &taken[siphash((str){(const char *)client.bytes, sizeof client.bytes}) % BODY_CLIENTS];
        if (!*slot && have++)
            hosts[have - 2] = host;
        *slot = true;
    }
}

static void bodies_share_their_room(void **state)
{
    enum { MEMORY = 100000, FILES = 8000000, CLIENTS = 4 };
    struct arena *a = *state;
    struct toy *t = toy_start(&(struct server_conf){.bodies_memory = MEMORY, .grace_ms = 60000});
    unsigned hosts[CLIENTS];
    int fds[CLIENTS];
    clients_apart(hosts, CLIENTS);
    for (unsigned i = 0; i < CLIENTS; i++)
        fds[i] = begin(t, a, hosts[i], i ? MEMORY / 4 : MEMORY / 4 - 9, 10);
    assert_no_room(t, a, 10);
    assert_room(t, a, 9);
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    for (int i = 0; i < 20; i++) { /* who leaves early gives all back */
        close(begin(t, a, 1, MEMORY / 4, MEMORY / 4 - 1));
        assert_room(t, a, MEMORY / 4);
    }
    toy_stop(t);
    t = toy_start(
        &(struct server_conf){.spool = "/var/tmp", .bodies_files = FILES, .grace_ms = 60000});
    for (unsigned i = 0; i < CLIENTS; i++)
        fds[i] = begin(t, a, hosts[i], 1900000, 1800000);
    assert_no_room(t, a, 1900000);
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    usleep(100 * 1000);
    assert_room(t, a, 1900000);
    toy_stop(t);
}

static void a_client_has_a_quarter_of_the_room(void **state)
{
    struct arena *a = *state;
    struct toy *t = toy_start(&(struct server_conf){
        .spool = "/var/tmp", .bodies_memory = 4 << 20, .bodies_files = 8000000, .grace_ms = 60000});
    unsigned host;
    clients_apart(&host, 1);
    assert_no_room(t, a, 2100000);
    assert_room(t, a, 1900000);
    int fd = begin(t, a, 1, 1 << 19, 10), other = begin(t, a, host, 1 << 19, 10);
    assert_no_room(t, a, (1 << 19) + 1);
    assert_room(t, a, 1 << 19);
    close(fd);
    close(other);
    toy_stop(t);
}

/* However many come, those who aren't known leave three quarters to those who are. */
static void strangers_leave_room(void **state)
{
    struct arena *a = *state;
    struct toy *t = toy_start(&(struct server_conf){.bodies_memory = 1 << 20, .grace_ms = 60000});
    unsigned hosts[2];
    char answer[ANSWER];
    clients_apart(hosts, 2);
    int fds[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = dial_from(t, hosts[i]);
        assert_true(push(fds[i], arena_fmt(a, "POST /desk/note HTTP/1.1\r\n" H
                                              "Cookie: stranger=yes\r\nContent-Length: %d\r\n\r\n",
                                           1 << 17)));
    }
    usleep(50 * 1000);
    assert_int_equal(ask(t,
                         STR("POST /desk/note HTTP/1.1\r\n" H
                             "Cookie: stranger=yes\r\nContent-Length: 5\r\n\r\nwords"),
                         answer),
                     503);
    assert_room(t, a, 1 << 17);
    for (int i = 0; i < 2; i++)
        close(fds[i]);
    toy_stop(t);
}

static void a_large_body_needs_a_folder(void **state)
{
    static const char *const folders[] = {NULL, "/nowhere/at/all"};
    struct arena *a = *state;
    char answer[ANSWER];
    for (size_t i = 0; i < COUNT(folders); i++) {
        struct toy *t = toy_start(&(struct server_conf){.spool = folders[i]});
        assert_int_equal(ask(t, post(a, "/desk/note", body_of(a, 2 << 20)), answer), 503);
        assert_has(answer, "Retry-After: ");
        assert_int_equal(ask(t, post(a, "/desk/note", body_of(a, 1 << 20)), answer), 200);
        toy_stop(t);
    }
}

/* A limit on files stands for a full disk. */
static void a_full_disk_is_said(void **state)
{
    struct world *w = *state;
    struct rlimit before, less;
    char answer[ANSWER];
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    less = (struct rlimit){.rlim_cur = 1500000, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
    str body = body_of(&w->a, 3000000);
    int have = ask(w->t, post(&w->a, "/desk/note", body), answer);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(have, 503);
    assert_has(answer, "Retry-After: ");
    assert_int_equal(ask(w->t, post(&w->a, "/desk/note", body), answer), 200);
    assert_came(answer, body, &w->a);
}

static void a_thousand_at_once(void **state)
{
    enum { MANY = 1000, BYTES = 30000 };
    struct arena *a = *state;
    struct toy *t = toy_start(&(struct server_conf){.bodies_memory = 4 * MANY * BYTES});
    static int fds[MANY];
    char answer[ANSWER];
    str body = body_of(a, BYTES), all = post(a, "/desk/note", body);
    for (int i = 0; i < MANY; i++) {
        fds[i] = dial(t);
        assert_true(push(fds[i], str_head(all, 20000)));
    }
    for (int i = 0; i < MANY; i++)
        assert_true(push(fds[i], str_from(all, 20000)));
    for (int i = 0; i < MANY; i++) {
        ssize_t n = recv(fds[i], answer, ANSWER - 1, 0);
        assert_true(n > 0);
        answer[n] = '\0';
        assert_int_equal(status_of(answer), 200);
        assert_came(answer, body, a);
        close(fds[i]);
    }
    toy_stop(t);
}

/* Bodies that are on their way hold a stop up no longer than other requests. */
static void stopping_with_bodies_on_their_way(void **state)
{
    struct arena *a = *state;
    struct toy *t = toy_start(NULL);
    int fds[] = {begin(t, a, 1, 1000, 10), begin(t, a, 1, 3000000, 2000000),
                 begin(t, a, 1, 3000000, 0)};
    i64 start = time_monotonic();
    toy_stop(t);
    assert_in_range(time_monotonic() - start, 0, 2000);
    for (size_t i = 0; i < COUNT(fds); i++)
        close(fds[i]);
}

/* ---- slow bodies ---- */

/* Sends bytes now and then; how long until the connection was cut off, 0 when it wasn't. */
static i64 dribble(struct toy *t, struct arena *a, size_t said, size_t bytes, int times)
{
    int fd = begin(t, a, 1, said, 10);
    i64 start = time_monotonic(), cut = 0;
    char answer[ANSWER];
    str some = body_of(a, bytes);
    for (int i = 0; i < times && !cut; i++) {
        usleep(100 * 1000);
        if (!push(fd, some))
            cut = time_monotonic() - start;
    }
    if (!cut && 10 + bytes * (size_t)times == said)
        assert_int_equal(hear(fd, answer), 200);
    close(fd);
    return cut;
}

static void a_slow_body_is_cut_off(void **state)
{
    struct world *w = *state;
    char answer[ANSWER];
    i64 cut = dribble(w->t, &w->a, 100000, 20, 40); /* 200 a second */
    assert_in_range(cut, GRACE_MS, 3 * GRACE_MS);
    int fd = begin(w->t, &w->a, 1, 1000000, 500000); /* what came fast earns no pause */
    i64 start = time_monotonic();
    assert_int_equal(hear(fd, answer), 0);
    assert_in_range(time_monotonic() - start, GRACE_MS / 2, 3 * GRACE_MS);
    close(fd);
}

static void a_steady_body_is_left_alone(void **state)
{
    struct world *w = *state;
    assert_int_equal(dribble(w->t, &w->a, 10 + 300 * 40, 300, 40), 0); /* 3,000 a second, for 4 s */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        W(bodies_come_whole),
        W(bodies_come_in_pieces),
        W(what_no_route_takes_is_refused),
        W(lengths_that_are_none),
        W(a_refused_body_is_no_request),
        W(requests_follow_a_body),
        W(expecting_to_go_on),
        with_arena(bodies_share_their_room),
        with_arena(a_client_has_a_quarter_of_the_room),
        with_arena(strangers_leave_room),
        with_arena(a_large_body_needs_a_folder),
        W(a_full_disk_is_said),
        with_arena(a_thousand_at_once),
        with_arena(stopping_with_bodies_on_their_way),
        W(a_slow_body_is_cut_off),
        W(a_steady_body_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
