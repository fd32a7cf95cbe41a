/* Private paths through a real socket: what they are told, their replies, and what is logged. */
#include "http/toy.h"

/* ---- what is told ---- */

#define PERSON                                                                                     \
    "Cookie: a=1\r\nUser-Agent: somebody\r\nSec-Fetch-Site: same-origin\r\nOrigin: "               \
    "https://news.example\r\nContent-Type: text/x\r\nCookie: b=2\r\n"

static void shared_pages_know_nobody(void **state)
{
    struct world *w = *state;
    char answer[ANSWER];
    assert_int_equal(ask_c(w->t, "GET /miss HTTP/1.1\r\n" H PERSON "\r\n", answer), 200);
    assert_has(answer, "cookie=<> agent=<> client=<> type=<> secure=0 same=0 ");
}

static void private_pages_know_who_asks(void **state)
{
    struct world *w = *state;
    char answer[ANSWER];
    assert_int_equal(ask_c(w->t, "GET /desk/note?q=x&r=y HTTP/1.1\r\n" H PERSON "\r\n", answer),
                     200);
    assert_has(answer, "cookie=<a=1; b=2> agent=<somebody> client=<127.0.0.1> type=<text/x> "
                       "secure=1 same=1 q=<x>");
    assert_int_equal(ask_c(w->t, "GET /desk/note HTTP/1.1\r\n" H "\r\n", answer), 200);
    assert_has(answer, "cookie=<> agent=<> client=<127.0.0.1> type=<> secure=1 same=0 q=<>");
}

static void private_pages_are_never_asked_of_the_cache(void **state)
{
    static const char *const requests[] = {
        "GET /desk/cached HTTP/1.1\r\n" H "\r\n",
        "HEAD /desk/cached HTTP/1.1\r\n" H "\r\n",
        "GET /desk/%63ached?q=a HTTP/1.1\r\n" H "\r\n",
        "GET /desk/cached?q=a HTTP/1.1\r\n" H "\r\n",
        "GET //desk/cached HTTP/1.1\r\n" H "\r\n",
        "POST /desk/cached HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na",
        "POST /desk/cached HTTP/1.1\r\n" H "\r\n",
    };
    struct world *w = *state;
    char answer[ANSWER];
    for (size_t i = 0; i < COUNT(requests); i++) {
        ask_c(w->t, requests[i], answer);
        assert_lacks(answer, "hello");
    }
    assert_int_equal(atomic_load(&w->t->asked), 0);
    assert_int_equal(ask_c(w->t, "GET /any HTTP/1.1\r\n" H "\r\n", answer), 200);
    assert_has(answer, "hello");
}

/* Behind a proxy on another machine's address, which loopback stands for here. */
static void secure_is_https_or_here(void **state)
{
    static const struct {
        bool https;
        const char *head;
        bool want, same;
    } cases[] = {
        {false, "", true, false},
        {false, "X-Forwarded-For: 192.0.2.1\r\n", false, false},
        {false, "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n", true, false},
        {false, "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\n", false, false},
        {true, "X-Forwarded-For: 192.0.2.1\r\n", true, false},
        {true, "X-Forwarded-For: 192.0.2.1\r\nOrigin: http://news.example\r\n", true, false},
        {false, "X-Forwarded-For: 192.0.2.1\r\nOrigin: http://news.example\r\n", false, true},
        {true, "X-Forwarded-For: 192.0.2.1\r\nOrigin: https://news.example\r\n", true, true},
    };
    struct arena *a = *state;
    struct network loopback;
    char answer[ANSWER];
    assert_int_equal(network_read(STR("127.0.0.0/8"), &loopback), ST_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct toy *t = toy_start(&(struct server_conf){.trusted = &loopback,
                                                        .ntrusted = 1,
                                                        .forwarding = FORWARD_XFF,
                                                        .https = cases[i].https});
        ask(t, arena_fmt(a, "GET /desk/get HTTP/1.1\r\n" H "%s\r\n", cases[i].head), answer);
        toy_stop(t);
        str want = arena_fmt(a, "secure=%d same=%d", cases[i].want, cases[i].same);
        assert_has(answer, arena_cstr(a, want));
    }
}

/* ---- replies ---- */

static void replies_to_one_person(void **state)
{
    struct world *w = *state;
    char answer[ANSWER];
    assert_int_equal(ask_c(w->t, "POST /desk/note?q=go HTTP/1.1\r\n" H "\r\n", answer), 303);
    assert_has(answer, "Location: /desk/note\r\n");
    assert_has(answer, "Set-Cookie: __Host-desk=x; Secure; Path=/\r\n");
    assert_has(answer, "Cache-Control: no-store\r\n");
    assert_has(answer, "Content-Length: 0\r\n");
    assert_int_equal(ask_c(w->t, "GET /desk/note?q=eight HTTP/1.1\r\n" H "\r\n", answer), 200);
    assert_has(answer, "X-0: yes\r\n");
    assert_has(answer, "X-7: yes\r\n");
    assert_has(answer, "Content-Security-Policy: ");
    assert_lacks(answer, "ETag: ");
    assert_int_equal(ask_c(w->t, "HEAD /desk/note HTTP/1.1\r\n" H "\r\n", answer), 200);
    assert_has(answer, "Cache-Control: no-store\r\n");
    assert_lacks(answer, "method=");
    assert_int_equal(ask_c(w->t, "GET /desk/note?q=none HTTP/1.1\r\n" H "\r\n", answer), 404);
    assert_int_equal(
        ask_c(w->t, "GET /desk/note?q=page HTTP/1.1\r\n" H "Accept-Encoding: br, gzip\r\n\r\n",
              answer),
        200);
    assert_has(answer, "Content-Encoding: gzip\r\n");
    assert_has(answer, "Vary: Accept-Encoding\r\n");
    assert_int_equal(ask_c(w->t, "GET /desk/note?q=page HTTP/1.1\r\n" H "\r\n", answer), 200);
    assert_lacks(answer, "Content-Encoding");
}

static void a_header_is_one_line(void **state)
{
    struct world *w = *state;
    char answer[ANSWER];
    assert_int_equal(ask_c(w->t, "GET /desk/note?q=split HTTP/1.1\r\n" H "\r\n", answer), 500);
    assert_lacks(answer, "Set-Cookie");
}

static void methods_that_an_address_has(void **state)
{
    static const struct {
        const char *line;
        int want;
        const char *allow;
    } cases[] = {
        {"POST /desk/get", 405, "GET, HEAD, OPTIONS"},
        {"PUT /desk/note", 405, "GET, HEAD, POST, OPTIONS"},
        {"PATCH /desk/note", 405, "GET, HEAD, POST, OPTIONS"},
        {"GET /desk/post", 405, "POST, OPTIONS"},
        {"HEAD /desk/post", 405, "POST, OPTIONS"},
        {"DELETE /any", 405, "GET, HEAD, OPTIONS"},
        {"OPTIONS /desk/post", 204, "POST, OPTIONS"},
        {"OPTIONS /desk/note", 204, "GET, HEAD, POST, OPTIONS"},
        {"OPTIONS /any", 204, "GET, HEAD, OPTIONS"},
    };
    struct world *w = *state;
    char answer[ANSWER];
    for (size_t i = 0; i < COUNT(cases); i++) {
        int have = ask(w->t, arena_fmt(&w->a, "%s HTTP/1.1\r\n" H "\r\n", cases[i].line), answer);
        if (have != cases[i].want)
            test_fail("%s: %d", cases[i].line, have);
        str allow = arena_fmt(&w->a, "Allow: %s\r\n", cases[i].allow);
        assert_has(answer, arena_cstr(&w->a, allow));
    }
}

/* A long head, a body, and a reply with a long head: always an answer. */
static void every_post_has_an_answer(void **state)
{
    struct world *w = *state;
    char answer[ANSWER];
    static const size_t bodies[] = {0, 100, 20000};
    for (size_t b = 0; b < COUNT(bodies); b++)
        for (int n = 100, before = 200; n < 7600; n += 60) {
            str body = body_of(&w->a, bodies[b]);
            str head = arena_fmt(&w->a,
                                 "POST /desk/note?q=long HTTP/1.1\r\n" H
                                 "Connection: close\r\nContent-Length: %zu\r\nX: %0*d\r\n\r\n",
                                 body.n, n, 0);
            int have = ask(w->t, arena_join(&w->a, (str[]){head, body}, 2), answer);
            if ((have != 200 && have != 431) || have < before)
                test_fail("%d bytes of head, %zu of body: %d", n, body.n, have);
            before = have;
            arena_reset(&w->a);
        }
}

/* ---- what is logged ---- */

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

static void no_secret_is_logged(void **state)
{
    static const char *const requests[] = {
        "GET /desk/link/SECRET HTTP/1.1\r\n" H "Cookie: a=SECRET\r\n\r\n",
        "GET /desk/link/SECRET?q=SECRET HTTP/1.1\r\n" H "\r\n",
        "GET /desk/link/SECRET/ HTTP/1.1\r\n" H "\r\n",
        "GET //desk/link/SECRET HTTP/1.1\r\n" H "\r\n",
        "GET /desk/link/%53ECRET HTTP/1.1\r\n" H "\r\n",
        "GET /desk/link/SECRET HTTP/1.1\r\nHost: other.example\r\n\r\n",
        "GET /desk/link/SECRET HTTP/1.1\r\n\r\n",
        "PUT /desk/link/SECRET HTTP/1.1\r\n" H "\r\n",
        "GET /desk/note?q=SECRET HTTP/1.1\r\n" H "\r\n",
        "POST /desk/link/SECRET HTTP/1.1\r\n" H "Content-Length: 6\r\n\r\nSECRET",
        "POST /desk/link/SECRET HTTP/1.1\r\n" H "Content-Length: 99999999\r\n\r\nSECRET",
        "POST /desk/note?q=split HTTP/1.1\r\n" H "Content-Length: 6\r\n\r\nSECRET",
    };
    struct arena *a = *state;
    char access[] = "/tmp/broadsheet-access-XXXXXX", error[] = "/tmp/broadsheet-error-XXXXXX";
    char answer[ANSWER];
    struct log *log;
    struct err err = {0};
    close(mkstemp(access));
    close(mkstemp(error));
    assert_ok(log_start(access, error, &log, &err), &err);
    struct toy *t = toy_start(&(struct server_conf){.log = log});
    for (size_t i = 0; i < COUNT(requests); i++)
        assert_true(ask_c(t, requests[i], answer) > 0);
    assert_int_equal(ask_c(t, "GET /any?q=shown HTTP/1.1\r\n" H "\r\n", answer), 200);
    toy_stop(t);
    log_stop(log);
    str lines = read_all(a, access), errors = read_all(a, error);
    if (str_find(lines, STR("ECRET")) >= 0 || str_find(errors, STR("ECRET")) >= 0)
        test_fail("%.*s\n%.*s", FMT(lines), FMT(errors));
    assert_true(str_find(lines, STR("\"/desk/link/[...]\"")) >= 0);
    assert_true(str_find(lines, STR("\"/desk/note\"")) >= 0);
    assert_true(str_find(lines, STR("\"/desk/[...]\"")) >= 0); /* before its route was known */
    assert_true(str_find(lines, STR("\"/any?q=shown\"")) >= 0);
    unlink(access);
    unlink(error);
}

/* Of an address that held words which were removed by order the log has what stands before its last
 * segment, whoever asks and however. */
static void no_removed_address_is_logged(void **state)
{
    static const char *const requests[] = {
        "GET /town/removed-WORDS HTTP/1.1\r\n" H "\r\n",
        "HEAD /town/removed-WORDS?q=WORDS HTTP/1.1\r\n" H "\r\n",
        "GET /town/printed-WORDS HTTP/1.1\r\n" H "\r\n",
    };
    struct arena *a = *state;
    char access[] = "/tmp/broadsheet-access-XXXXXX", error[] = "/tmp/broadsheet-error-XXXXXX";
    char answer[ANSWER];
    struct log *log;
    struct err err = {0};
    close(mkstemp(access));
    close(mkstemp(error));
    assert_ok(log_start(access, error, &log, &err), &err);
    struct toy *t = toy_start(&(struct server_conf){.log = log});
    for (size_t i = 0; i < COUNT(requests); i++)
        assert_int_equal(ask_c(t, requests[i], answer), 410);
    toy_stop(t);
    log_stop(log);
    str text = read_all(a, access);
    assert_true(str_find(text, STR("ORDS")) < 0);
    assert_true(str_find(text, STR("\"target\":\"/town/[...]\"")) >= 0);
    unlink(access);
    unlink(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        W(shared_pages_know_nobody),
        W(private_pages_know_who_asks),
        W(private_pages_are_never_asked_of_the_cache),
        with_arena(secure_is_https_or_here),
        W(replies_to_one_person),
        W(a_header_is_one_line),
        W(methods_that_an_address_has),
        W(every_post_has_an_answer),
        with_arena(no_secret_is_logged),
        with_arena(no_removed_address_is_logged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
