/* Passwords hashed by processes of their own. This program is its own worker, as a server is;
 * called by the names of links to it, it is a worker that does wrong. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/hasher_parts.h"
#include "base/time.h"

static const str right = {"correct horse battery", 21}, wrong = {"correct horse batters", 21};
static char known[HASHER_TEXT]; /* of right */

/* ---- workers that do wrong ---- */

/* What it has: its descriptors, and the names of its environment but for a test's own. */
static void look(char *text, size_t cap)
{
    size_t n = 0;
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            n += (size_t)snprintf(text + n, cap - n, "%d ", fd);
    for (char **e = environ; e && *e; e++)
        if (!strstr(*e, "SAN_OPTIONS=") && !str_starts(str_c(*e), STR("BROADSHEET_GUARD_OFF=")))
            n += (size_t)snprintf(text + n, cap - n, "%.20s ", *e);
}

static int do_wrong(const char *how)
{
    struct hasher_ask q;
    while (recv(0, &q, sizeof q, 0) == sizeof q) {
        struct hasher_answer a = {.number = q.number};
        size_t size = sizeof a;
        if (strcmp(how, "dies") == 0)
            _exit(1);
        if (strcmp(how, "says-nothing") == 0)
            continue;
        if (strcmp(how, "looks") == 0)
            look(a.text, sizeof a.text);
        if (strcmp(how, "mumbles") == 0)
            size = 1;
        if (strcmp(how, "answers-another") == 0)
            a.number++;
        if (strcmp(how, "never-ends") == 0)
            memset(a.text, 'x', sizeof a.text);
        if (strcmp(how, "has-its-own-status") == 0)
            a.status = ST_BUG + 1;
        (void)send(0, &a, size, MSG_NOSIGNAL);
    }
    _exit(0);
}

/* ---- what tests do with it ---- */

static struct hasher *start(const struct hasher_options *o)
{
    struct hasher *h;
    assert_int_equal(hasher_make(o, &h), ST_OK);
    return h;
}

static char folder[] = "/tmp/broadsheet-hasher-XXXXXX";

static const char *called(const char *name)
{
    static char path[80];
    char self[512];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(n > 0);
    self[n] = '\0';
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
    assert_int_equal(symlink(self, path), 0);
    return path;
}

struct call {
    pthread_t thread;
    struct hasher *h;
    str password;
    enum status st;
    atomic_bool done;
};

static void *call(void *arg)
{
    struct call *c = arg;
    c->st = hasher_check(c->h, c->password, known);
    atomic_store(&c->done, true);
    return NULL;
}

static void begin(struct call *c, struct hasher *h, str password)
{
    *c = (struct call){.h = h, .password = password};
    assert_int_equal(pthread_create(&c->thread, NULL, call, c), 0);
}

static enum status end(struct call *c)
{
    pthread_join(c->thread, NULL);
    return c->st;
}

static i64 since(i64 t)
{
    return time_monotonic() - t;
}

static bool gone(pid_t pid)
{
    for (int i = 0; i < 500 && kill(pid, 0) == 0; i++)
        usleep(10 * 1000);
    return kill(pid, 0) && errno == ESRCH;
}

static struct hasher *start_works(i64 patience_ms, i64 most_ms)
{
    return start(&(struct hasher_options){
        .program = called("works"), .patience_ms = patience_ms, .most_ms = most_ms});
}

/* ---- tests ---- */

static void it_does_what_is_done_here(void **state)
{
    struct hasher *h = start_works(20000, 0);
    char longest[PASSWORD_MOST + 1], text[HASHER_TEXT], again[HASHER_TEXT];
    (void)state;
    memset(longest, 'x', sizeof longest);
    const str words[] = {right, STR_NONE, {"a\0b", 3}, {longest, PASSWORD_MOST}};
    for (size_t i = 0; i < COUNT(words); i++) {
        assert_int_equal(hasher_hash(h, words[i], text), ST_OK);
        assert_int_equal(argon_check(words[i], text), ST_OK);
        assert_int_equal(hasher_check(h, words[i], text), ST_OK);
        assert_int_equal(hasher_check(h, wrong, text), ST_DENIED);
    }
    assert_int_equal(hasher_hash(h, STR("a\0c"), text), ST_OK);
    assert_int_equal(hasher_hash(h, STR("a\0c"), again), ST_OK);
    assert_string_not_equal(text, again);
    assert_int_equal(hasher_check(h, right, (char[HASHER_TEXT]){"$argon2id$v=19$broken"}),
                     ST_CORRUPT);
    assert_int_equal(hasher_hash(h, (str){longest, sizeof longest}, text), ST_TOOLARGE);
    assert_int_equal(hasher_pid_for_test(h, FIRM), 0); /* nobody had to wait */
    hasher_free(h);
}

/* As sign-in has it, through base/secret.h. */
static void passwords_go_by_it(void **state)
{
    struct hasher *h = start_works(20000, 0),
                  *none = start(&(struct hasher_options){.program = "/nothing/here"});
    str text;
    password_by(h);
    assert_int_equal(hasher_pid_for_test(h, GENTLE), 0);
    assert_int_equal(password_hash(right, *state, &text), ST_OK);
    assert_true(hasher_pid_for_test(h, GENTLE) > 0);
    assert_int_equal(password_check(right, text), ST_OK);
    assert_int_equal(password_check(wrong, text), ST_DENIED);
    assert_int_equal(password_check(right, STR_NONE), ST_DENIED);
    kill(hasher_pid_for_test(h, GENTLE), SIGKILL);
    assert_int_equal(password_check(right, text), ST_OK);
    password_by(none);
    assert_int_equal(password_check(right, text), ST_NOMEM);
    assert_int_equal(password_hash(right, *state, &text), ST_NOMEM);
    password_by(NULL);
    assert_int_equal(password_check(right, text), ST_OK);
    hasher_free(h);
    hasher_free(none);
}

/* It is held, so that it is surely at work when it is killed. */
static void one_that_is_killed_at_work_is_started_again(void **state)
{
    struct hasher *h = start_works(20000, 0);
    struct call c;
    (void)state;
    assert_int_equal(hasher_check(h, right, known), ST_OK);
    pid_t first = hasher_pid_for_test(h, GENTLE);
    kill(first, SIGSTOP);
    begin(&c, h, right);
    usleep(200 * 1000);
    assert_false(atomic_load(&c.done));
    kill(first, SIGKILL);
    assert_int_equal(end(&c), ST_OK);
    assert_int_not_equal(hasher_pid_for_test(h, GENTLE), first);
    assert_int_equal(hasher_pid_for_test(h, FIRM), 0);
    kill(hasher_pid_for_test(h, GENTLE), SIGKILL); /* and while it waits for work */
    assert_int_equal(hasher_check(h, wrong, known), ST_DENIED);
    hasher_free(h);
}

static void what_is_no_answer_is_an_error(void **state)
{
    static const char *const names[] = {"dies", "mumbles", "answers-another", "never-ends",
                                        "has-its-own-status"};
    char text[HASHER_TEXT];
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct hasher *h = start(&(struct hasher_options){.program = called(names[i])});
        assert_int_equal(hasher_check(h, right, known), ST_NOMEM);
        assert_int_equal(hasher_hash(h, right, text), ST_NOMEM);
        hasher_free(h);
    }
}

/* The other end of a worker's socket, without what the server's side makes sure of. */
static pid_t bare_worker(int *fd)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 0);
        close(2);
        execl("/proc/self/exe", "broadsheet", HASHER_COMMAND, "gentle", NULL);
        _exit(127);
    }
    close(ends[1]);
    *fd = ends[0];
    return pid;
}

static void messages_of_another_shape_end_it(void **state)
{
    static char bytes[64 << 10];
    struct hasher_ask good = {.number = 7, .kind = HASHER_CHECK}, q;
    struct hasher_answer a;
    memcpy(good.text, known, sizeof known);
    const struct {
        const char *name;
        size_t size;
        u32 kind, n;
        bool endless;
    } cases[] = {
        {"one byte", 1, HASHER_HASH, 0, false},
        {"one byte less", sizeof q - 1, HASHER_HASH, 0, false},
        {"one byte more", sizeof q + 1, HASHER_HASH, 0, false},
        {"64 kB", sizeof bytes, HASHER_HASH, 0, false},
        {"no kind", sizeof q, 0, 0, false},
        {"another kind", sizeof q, 3, 0, false},
        {"a length beyond its room", sizeof q, HASHER_HASH, PASSWORD_MOST + 1, false},
        {"a length beyond all", sizeof q, HASHER_HASH, UINT32_MAX, false},
        {"a text without an end", sizeof q, HASHER_CHECK, 0, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(fd_close) int fd = -1;
        int how = 0;
        pid_t pid = bare_worker(&fd);
        assert_int_equal(send(fd, &good, sizeof good, 0), sizeof good);
        assert_int_equal(recv(fd, &a, sizeof a, 0), sizeof a); /* it works */
        assert_int_equal(a.number, 7);
        assert_int_equal(a.status, ST_DENIED);
        q = good;
        q.kind = cases[i].kind;
        q.n = cases[i].n;
        if (cases[i].endless)
            memset(q.text, '$', sizeof q.text);
        memcpy(bytes, &q, sizeof q);
        assert_int_equal(send(fd, bytes, cases[i].size, 0), cases[i].size);
        if (recv(fd, &a, sizeof a, 0) > 0)
            test_fail("%s was answered", cases[i].name);
        assert_int_equal(waitpid(pid, &how, 0), pid);
        if (!WIFEXITED(how) || WEXITSTATUS(how) != 2)
            test_fail("%s: it ended otherwise", cases[i].name);
    }
}

/* However the server's own are opened, and whatever its environment holds. */
static void it_has_nothing_but_its_socket(void **state)
{
    struct hasher *h = start(&(struct hasher_options){.program = called("looks")});
    char text[HASHER_TEXT];
    int open_[20];
    (void)state;
    setenv("SECRET", "of the server", 1);
    for (size_t i = 0; i < COUNT(open_); i++)
        open_[i] = open("/etc/passwd", O_RDONLY); /* without O_CLOEXEC */
    assert_int_equal(fcntl(open_[0], F_DUPFD, 900), 900);
    assert_int_equal(hasher_hash(h, right, text), ST_OK);
    assert_string_equal(text, "0 1 2 ");
    for (size_t i = 0; i < COUNT(open_); i++)
        close(open_[i]);
    close(900);
    hasher_free(h);
}

static void each_has_its_place_and_no_more(void **state)
{
    struct hasher *h = start(&(struct hasher_options){0});
    char path[64], text[4096];
    (void)state;
    assert_int_equal(hasher_check(h, right, known), ST_OK);
    pid_t pid = hasher_pid_for_test(h, GENTLE);
    assert_int_equal(sched_getscheduler(pid), SCHED_IDLE);
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    assert_true(n > 0);
    text[n] = '\0';
    assert_non_null(strstr(text, "\nNoNewPrivs:\t1\n"));
    struct rlimit limit;
    assert_int_equal(prlimit(pid, RLIMIT_CORE, NULL, &limit), 0);
    assert_int_equal(limit.rlim_max, 0);
    assert_int_equal(prlimit(pid, RLIMIT_NOFILE, NULL, &limit), 0);
    assert_int_equal(limit.rlim_max, 3);
    hasher_free(h);
}

static void who_is_held_up_is_helped_out(void **state)
{
    enum { PATIENCE = 2500 };
    struct hasher *h = start_works(PATIENCE, 8000);
    (void)state;
    assert_int_equal(hasher_check(h, right, known), ST_OK);
    pid_t gentle = hasher_pid_for_test(h, GENTLE);
    kill(gentle, SIGSTOP);
    i64 t = time_monotonic();
    assert_int_equal(hasher_check(h, right, known), ST_OK);
    assert_true(since(t) >= PATIENCE);
    t = time_monotonic();
    assert_int_equal(hasher_check(h, wrong, known), ST_DENIED); /* not waited for again */
    assert_true(since(t) < PATIENCE);
    kill(hasher_pid_for_test(h, FIRM), SIGKILL);
    assert_int_equal(hasher_check(h, right, known), ST_OK);
    pid_t firm = hasher_pid_for_test(h, FIRM);
    assert_int_equal(sched_getscheduler(firm), SCHED_OTHER);
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)firm), 5);
    kill(gentle, SIGCONT); /* its answer is of a password that nobody asks about any more */
    sleep(1);
    kill(firm, SIGSTOP);
    assert_int_equal(hasher_check(h, wrong, known), ST_DENIED);
    assert_int_equal(hasher_pid_for_test(h, GENTLE), gentle);
    assert_int_equal(hasher_pid_for_test(h, FIRM), firm);
    hasher_free(h);
}

static void nobody_waits_for_ever(void **state)
{
    struct hasher *h = start(&(struct hasher_options){
        .program = called("says-nothing"), .patience_ms = 300, .most_ms = 1000});
    (void)state;
    i64 t = time_monotonic();
    assert_int_equal(hasher_check(h, right, known), ST_NOMEM);
    assert_in_range(since(t), 1000, 4000);
    pid_t pid = hasher_pid_for_test(h, GENTLE);
    hasher_free(h);
    assert_true(gone(pid));
}

static atomic_bool over;

static void *churn(void *arg)
{
    (void)arg;
    while (!atomic_load(&over)) {
        free(malloc(1 + (size_t)rand() % 100000));
        CLEANUP(fd_close) int fd = open("/dev/null", O_RDONLY);
        usleep(50); /* leaves the machine to those who work */
    }
    return NULL;
}

/* Threads that hold the allocator's locks, and some that start workers and end before them. */
static void any_thread_may_ask(void **state)
{
    struct hasher *h = start_works(20000, 0);
    struct call calls[4];
    pthread_t threads[8];
    (void)state;
    atomic_store(&over, false);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, churn, NULL), 0);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT(calls); i++)
            begin(&calls[i], h, i % 2 ? right : wrong);
        for (size_t i = 0; i < COUNT(calls); i++)
            assert_int_equal(end(&calls[i]), i % 2 ? ST_OK : ST_DENIED);
    }
    atomic_store(&over, true);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    hasher_free(h);
}

static void a_servers_signals_do_not_end_it(void **state)
{
    struct hasher *h = start_works(20000, 0);
    (void)state;
    assert_int_equal(hasher_check(h, right, known), ST_OK);
    pid_t pid = hasher_pid_for_test(h, GENTLE);
    kill(pid, SIGTERM);
    kill(pid, SIGINT);
    kill(pid, SIGHUP);
    usleep(100 * 1000);
    assert_int_equal(hasher_check(h, right, known), ST_OK);
    assert_int_equal(hasher_pid_for_test(h, GENTLE), pid);
    hasher_free(h);
    assert_true(gone(pid));
}

/* A server that is killed, with its workers waiting, or held in the middle of their work. */
static void it_ends_with_its_server(void **state)
{
    const char *works = called("works");
    (void)state;
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* so that orphans are ours to bury */
    for (int held = 0; held < 2; held++) {
        int to_us[2], how;
        pid_t worker = 0;
        assert_int_equal(pipe2(to_us, O_CLOEXEC), 0);
        pid_t server = fork();
        if (server == 0) {
            struct hasher *h;
            struct call c;
            const struct hasher_options o = {.program = works, .patience_ms = 20000};
            if (hasher_make(&o, &h) || hasher_check(h, right, known))
                _exit(1);
            worker = hasher_pid_for_test(h, GENTLE);
            if (held) {
                kill(worker, SIGSTOP);
                c = (struct call){.h = h, .password = right};
                pthread_create(&c.thread, NULL, call, &c);
                usleep(100 * 1000);
            }
            (void)!write(to_us[1], &worker, sizeof worker);
            raise(SIGKILL);
        }
        close(to_us[1]);
        assert_int_equal(read(to_us[0], &worker, sizeof worker), sizeof worker);
        close(to_us[0]);
        assert_int_equal(waitpid(server, &how, 0), server);
        bool ended = false;
        for (int i = 0; !ended && i < 500; i++) {
            ended = waitpid(worker, &how, WNOHANG) == worker;
            usleep(10 * 1000);
        }
        assert_true(ended);
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

static int make_folder(void **state)
{
    (void)state;
    return hash_start() || argon_hash(right, known) || !mkdtemp(folder);
}

static int remove_folder(void **state)
{
    static const char *const names[] = {
        "dies",  "mumbles", "answers-another", "never-ends", "has-its-own-status",
        "looks", "works",   "says-nothing"};
    char path[80];
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

int main(int argc, char **argv)
{
    static const char mark[] = "/broadsheet-hasher-";
    if (argc > 1 && strcmp(argv[1], HASHER_COMMAND) == 0) {
        if (strstr(argv[0], mark) && !strstr(argv[0], "/works"))
            return do_wrong(strrchr(argv[0], '/') + 1);
        /* one that works is never gentle: a machine full of other tests would keep it waiting */
        return hasher_main(strstr(argv[0], mark) ? 2 : argc, argv);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_does_what_is_done_here),
        with_arena(passwords_go_by_it),
        cmocka_unit_test(one_that_is_killed_at_work_is_started_again),
        cmocka_unit_test(what_is_no_answer_is_an_error),
        cmocka_unit_test(messages_of_another_shape_end_it),
        cmocka_unit_test(it_has_nothing_but_its_socket),
        cmocka_unit_test(each_has_its_place_and_no_more),
        cmocka_unit_test(who_is_held_up_is_helped_out),
        cmocka_unit_test(nobody_waits_for_ever),
        cmocka_unit_test(any_thread_may_ask),
        cmocka_unit_test(a_servers_signals_do_not_end_it),
        cmocka_unit_test(it_ends_with_its_server),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
