/* Sign-in is tried by many at once, through sockets: who works here gets in all the same. */
#include "desk.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include "base/hasher.h"

enum { MANY = 48, ANSWER = 4096 };

static const char site_yaml[] =
    "name: {en: The Sound}\neditions: [{slug: en, locale: en-GB, zone: Europe/London}]\n";
static const char sections_yaml[] = "en:\n  - {slug: town, name: Town}\n";

/* ---- a server, and who asks it ---- */

struct serving {
    struct world *w;
    pthread_t thread;
    int fd, port;
    atomic_bool ready;
};

static void is_ready(void *arg)
{
    struct serving *s = arg;
    atomic_store(&s->ready, true);
}

static void *serve(void *arg)
{
    struct serving *s = arg;
    struct err err = {0};
    assert_ok(app_serve(s->w->app, s->fd, s->port, is_ready, s, &err), &err);
    return NULL;
}

static void begin(struct serving *s, struct world *w)
{
    const struct server_conf conf = {.address = "127.0.0.1"};
    struct err err = {0};
    *s = (struct serving){.w = w};
    assert_ok(server_bind(&conf, &s->fd, &s->port, &err), &err);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    while (!atomic_load(&s->ready))
        usleep(1000);
}

static void end(struct serving *s)
{
    kill(getpid(), SIGTERM);
    pthread_join(s->thread, NULL);
}

static enum status make_person(struct tx *tx, void *arg)
{
    struct actor by = actor_of_command();
    struct account who;
    return account_make(tx, STR("anna@example.org"), STR("Anna"), ROLE_EDITOR, *(str *)arg, &by,
                        &who);
}

static void add_person(struct world *w)
{
    struct err err = {0};
    str hash;
    assert_int_equal(password_hash(STR("several unlike words"), &w->a, &hash), ST_OK);
    assert_ok(writer_do(app_writer(w->app), make_person, &hash, &err), &err);
}

/* Sends one try, from an address of this machine; the socket on which its answer comes. */
static int try_from(const struct serving *s, const char *from, const char *email,
                    const char *password, const char *cookie)
{
    struct sockaddr_in here = {.sin_family = AF_INET},
                       there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s->port)};
    char body[256], text[1024];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, from, &here.sin_addr);
    inet_pton(AF_INET, "127.0.0.1", &there.sin_addr);
    assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&there, sizeof there), 0);
    snprintf(body, sizeof body, "email=%s&password=%s", email, password);
    int n = snprintf(text, sizeof text,
                     "POST /desk/sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                     "Sec-Fetch-Site: same-origin\r\nCookie: %s\r\n"
                     "Content-Type: application/x-www-form-urlencoded\r\n"
                     "Content-Length: %zu\r\n\r\n%s",
                     cookie, strlen(body), body);
    assert_int_equal(send(fd, text, (size_t)n, MSG_NOSIGNAL), n);
    return fd;
}

/* The status, once it comes; the whole answer is in text. */
static int answer(int fd, char text[ANSWER])
{
    size_t n = 0;
    for (ssize_t got = 1; got > 0 && n<ANSWER - 1; n += got> 0 ? (size_t)got : 0)
        got = recv(fd, text + n, ANSWER - 1 - n, 0);
    text[n] = '\0';
    close(fd);
    return n > 12 ? (int)strtol(text + 9, NULL, 10) : 0;
}

/* How many have the beginning of an answer that begins so. */
static int answered(const int fds[MANY], const char *beginning)
{
    size_t want = strlen(beginning);
    char head[32];
    int n = 0;
    for (int i = 0; i < MANY; i++)
        n += recv(fds[i], head, want, MSG_PEEK | MSG_DONTWAIT) == (ssize_t)want &&
             memcmp(head, beginning, want) == 0;
    return n;
}

/* Those for whom Argon2 ran. */
static int worked_for(const int fds[MANY])
{
    return answered(fds, "HTTP/1.1 403");
}

/* From addresses of one network, or of as many. Returns when some are refused: all seats are taken.
 */
static void flood(const struct serving *s, bool one_network, int fds[MANY])
{
    char from[32], email[32];
    for (int i = 0; i < MANY; i++) {
        snprintf(from, sizeof from, "127.0.%d.%d", one_network ? 20 : 20 + i, 1 + i);
        snprintf(email, sizeof email, "p%d@example.org", i);
        fds[i] = try_from(s, from, email, "never+was+one", "a=b");
    }
    while (answered(fds, "HTTP/1.1 503") == 0)
        usleep(1000);
}

static void ebb(int fds[MANY], int *refused)
{
    char text[ANSWER];
    for (int i = 0; i < MANY; i++) {
        int status = answer(fds[i], text);
        *refused += status == 503;
        if (status == 503)
            assert_non_null(strstr(text, "Retry-After:"));
        else if (status != 403 && status != 429)
            test_fail("a try of the flood: %d", status);
    }
}

/* ---- tests ---- */

/* One who was never here, while one network fills all seats. */
static void a_network_keeps_nobody_else_out(void **state)
{
    struct serving s;
    int fds[MANY], refused = 0;
    char text[ANSWER];
    add_person(*state);
    begin(&s, *state);
    flood(&s, true, fds);
    int before = worked_for(fds);
    int fd = try_from(&s, "127.0.99.1", "anna%40example.org", "several+unlike+words", "a=b");
    int status = answer(fd, text), meanwhile = worked_for(fds) - before;
    ebb(fds, &refused);
    end(&s);
    assert_int_equal(status, 303);
    assert_in_range(meanwhile, 0, 3); /* the one that was at it, and perhaps the next */
    assert_in_range(refused, 1, MANY - 20);
}

static void mark_of(const char *text, char mark[128])
{
    str rest = str_c(strstr(text, "__Host-desk-browser=")), cookie;
    str_cut(rest, ';', &cookie);
    snprintf(mark, 128, "%.*s", FMT(cookie));
}

/* From as many networks as there are tries: then who was here before has a seat. */
static void a_known_browser_gets_in(void **state)
{
    struct serving s;
    int fds[MANY], refused = 0;
    char text[ANSWER], mark[128];
    add_person(*state);
    begin(&s, *state);
    int fd = try_from(&s, "127.0.99.1", "anna%40example.org", "several+unlike+words", "a=b");
    assert_int_equal(answer(fd, text), 303);
    mark_of(text, mark);
    flood(&s, false, fds);
    int before = worked_for(fds);
    fd = try_from(&s, "127.0.99.2", "anna%40example.org", "several+unlike+words", mark);
    int status = answer(fd, text), meanwhile = worked_for(fds) - before;
    ebb(fds, &refused);
    end(&s);
    assert_int_equal(status, 303);
    assert_in_range(meanwhile, 0, 3); /* the one that was at it, and perhaps the next */
    assert_in_range(refused, 1, MANY - 20);
}

/* ---- what a mark is worth ---- */

static struct guest guest_of(struct world *w, const char *client, const struct browser *b)
{
    const struct request r = {.client = str_c(client), .cookie = str_c(b->mark)};
    return app_guest(w->app, &r);
}

static bool holds(struct world *w, const struct browser *b)
{
    const struct request r = {.cookie = str_c(b->mark)};
    return app_guest_holds(w->app, &r, &w->a);
}

static void guests_are_told_apart_by_network(void **state)
{
    static const struct {
        const char *one, *two;
        bool same;
    } cases[] = {
        {"192.0.2.1", "192.0.2.255", true},
        {"192.0.2.1", "192.0.3.1", false},
        {"2001:db8:1:1::1", "2001:db8:1:ffff::2", true},
        {"2001:db8:1::1", "2001:db8:2::1", false},
    };
    const struct browser nobody = {0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guest a = guest_of(*state, cases[i].one, &nobody);
        struct guest b = guest_of(*state, cases[i].two, &nobody);
        assert_int_equal(a.network == b.network, cases[i].same);
        assert_int_equal(a.browser, 0);
    }
}

static void a_mark_that_has_ended_is_worth_nothing(void **state)
{
    struct world *w = *state;
    struct browser b = {.w = w}, other = {.w = w};
    add_person(w);
    assert_int_equal(send_form(&b, "/desk/sign-in", "email", "anna@example.org", "password",
                               "several unlike words"),
                     303);
    assert_true(guest_of(w, "192.0.2.1", &b).browser != 0);
    assert_true(holds(w, &b));
    snprintf(other.mark, sizeof other.mark, "%s", b.mark);
    assert_int_equal(fetch(&b, "/desk/account"), 200);
    assert_int_equal(send_form(&b, "/desk/account/password", "old", "several unlike words",
                               "password", "other unlike words", "again", "other unlike words"),
                     303);
    assert_string_not_equal(b.mark, other.mark);
    assert_true(holds(w, &b));
    assert_false(holds(w, &other));
    /* a session it never was */
    snprintf(other.cookie, sizeof other.cookie, "__Host-desk=%s", strchr(b.mark, '=') + 1);
    other.mark[0] = '\0';
    assert_int_equal(fetch(&other, "/desk/second-factor"), 303);
    assert_str(other.location, "/desk/sign-in?return=/desk/second-factor");
}

static const struct world_files files = {site_yaml, sections_yaml, NULL};

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], HASHER_COMMAND) == 0)
        return hasher_main(argc, argv);
    app_hold_signals();
    const struct CMUnitTest tests[] = {
        with_world(a_network_keeps_nobody_else_out, &files),
        with_world(a_known_browser_gets_in, &files),
        with_world(guests_are_told_apart_by_network, &files),
        with_world(a_mark_that_has_ended_is_worth_nothing, &files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
