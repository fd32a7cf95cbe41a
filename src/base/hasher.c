/* The server's side: who of the two workers is asked, how long they are waited for, and what is
 * done when one dies. */
#include "base/hasher.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/guard.h"
#include "base/hasher_parts.h"
#include "base/time.h"

enum { PATIENCE_MS = 1000, MOST_MS = 30 * 1000, REAP_MS = 1000, DEATHS = 2 };

/* pid 0: not started. at: the number it works on, 0 for none. */
struct worker {
    pid_t pid;
    int fd;
    u64 at;
    int deaths; /* since this password came */
};

struct hasher {
    struct hasher_options o;
    pthread_mutex_t lock;
    struct worker workers[WORKERS];
    u64 number;
};

enum status hasher_make(const struct hasher_options *o, struct hasher **ret)
{
    struct hasher *h = calloc(1, sizeof *h);
    if (!h)
        return ST_NOMEM;
    h->o = *o;
    h->o.program = o->program ? o->program : "/proc/self/exe";
    h->o.patience_ms = o->patience_ms ? o->patience_ms : PATIENCE_MS;
    h->o.most_ms = o->most_ms ? o->most_ms : MOST_MS;
    pthread_mutex_init(&h->lock, NULL);
    signal(SIGCHLD, SIG_DFL); /* a process whose parent doesn't want to know can't be waited for */
    *ret = h;
    return ST_OK;
}

/* ---- one worker ---- */

enum { VARIABLES = 8 };

/* Of the environment a worker gets what finds its libraries, and nothing that is ours. */
static void environment(char *ret[VARIABLES + 1])
{
    static const char *const names[] = {
        "LD_LIBRARY_PATH=",
#ifdef BROADSHEET_PROVE
        "BROADSHEET_GUARD_OFF=",
        "ASAN_OPTIONS=",
        "UBSAN_OPTIONS=",
#endif
    };
    size_t n = 0;
    for (size_t i = 0; i < COUNT(names); i++)
        for (char **e = environ; e && *e; e++)
            if (n < VARIABLES && str_starts(str_c(*e), str_c(names[i])))
                ret[n++] = *e;
    ret[n] = NULL;
}

/* 0, or an errno. Descriptor 0 is its socket; 1 and 2 lead nowhere, for whatever a library may say.
 * The session stays the server's: the kernel shares its time out by sessions first. */
static int spawn(const char *program, const char *manner, int fd, pid_t *pid)
{
    char *const argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)HASHER_COMMAND,
                          (char *)(uintptr_t)manner, NULL};
    char *env[VARIABLES + 1];
    sigset_t none, all;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigemptyset(&none);
    sigfillset(&all);
    environment(env);
    int rc = posix_spawn_file_actions_init(&files);
    if (rc)
        return rc;
    rc = posix_spawnattr_init(&attr);
    if (rc) {
        posix_spawn_file_actions_destroy(&files);
        return rc;
    }
    rc = posix_spawn_file_actions_adddup2(&files, fd, 0);
    rc = rc ? rc : posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, 1, 2);
    if (!rc && GUARD(hasher_descriptors))
        rc = posix_spawn_file_actions_addclosefrom_np(&files, 3);
    rc = rc ? rc : posix_spawnattr_setsigmask(&attr, &none);
    rc = rc ? rc : posix_spawnattr_setsigdefault(&attr, &all);
    rc = rc ? rc : posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    rc = rc ? rc : posix_spawn(pid, program, &files, &attr, argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return rc;
}

static bool worker_start(struct hasher *h, struct worker *w)
{
    int ends[2];
    if (w->pid)
        return true;
    int rc = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) ? errno : 0;
    if (!rc) {
        bool gentle = w == &h->workers[GENTLE];
        rc = spawn(h->o.program, gentle ? "gentle" : "firm", ends[1], &w->pid);
        close(ends[1]);
        if (rc)
            close(ends[0]);
    }
    if (rc) {
        w->pid = 0;
        log_say(h->o.log, LOG_ERROR, "base", "the process that hashes passwords can't start: %s",
                strerror(rc));
        return false;
    }
    w->fd = ends[0];
    return true;
}

/* One that is killed while others have all of the machine may take long to be gone: after a second
 * it is left to whoever takes in orphans. False: it isn't known how it ended. */
static bool reap(pid_t pid, int *how)
{
    for (int i = 0; i < REAP_MS; i++) {
        pid_t got = waitpid(pid, how, WNOHANG);
        if (got)
            return got == pid;
        usleep(1000);
    }
    return false;
}

static void worker_end(struct worker *w, int *how)
{
    if (!w->pid)
        return;
    close(w->fd);
    kill(w->pid, SIGKILL);
    if (!reap(w->pid, how))
        *how = 0;
    w->pid = 0;
    w->at = 0;
}

void hasher_free(struct hasher *h)
{
    int how;
    if (!h)
        return;
    for (int i = 0; i < WORKERS; i++)
        worker_end(&h->workers[i], &how);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

static void worker_died(struct hasher *h, struct worker *w)
{
    int how = 0;
    w->deaths++;
    worker_end(w, &how);
    log_say(h->o.log, LOG_ERROR, "base",
            "the process that hashes passwords ended (%s %d); it is started again when needed",
            WIFSIGNALED(how) ? "signal" : "exit status",
            WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how));
}

/* ---- one password ---- */

struct asking {
    const struct hasher_ask *ask;
    struct hasher_answer answer;
    bool done;
};

static void give(struct hasher *h, struct worker *w, const struct hasher_ask *q)
{
    while (!w->at && w->deaths < DEATHS) {
        if (!worker_start(h, w)) {
            w->deaths++;
        } else if (send(w->fd, q, sizeof *q, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof *q) {
            w->at = q->number;
        } else {
            worker_died(h, w);
        }
    }
}

/* What has come from it, if anything: this password's answer, one that nobody waits for any more,
 * or its end. */
static void take(struct hasher *h, struct worker *w, struct asking *x)
{
    struct hasher_answer a;
    ssize_t n = recv(w->fd, &a, sizeof a, MSG_DONTWAIT | MSG_TRUNC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n != sizeof a || a.number != w->at || !memchr(a.text, '\0', sizeof a.text)) {
        worker_died(h, w);
        return;
    }
    w->at = 0;
    if (a.number == x->ask->number) {
        x->answer = a;
        x->done = true;
    }
}

static void take_all(struct hasher *h, struct asking *x)
{
    for (int i = 0; i < WORKERS; i++)
        if (h->workers[i].at)
            take(h, &h->workers[i], x);
}

static void wait_for(struct hasher *h, i64 ms)
{
    struct pollfd fds[WORKERS];
    nfds_t n = 0;
    for (int i = 0; i < WORKERS; i++)
        if (h->workers[i].at)
            fds[n++] = (struct pollfd){.fd = h->workers[i].fd, .events = POLLIN};
    if (n && ms > 0)
        poll(fds, n, (int)ms);
}

/* Whoever has died twice over it is asked no more; the other is still waited for. */
static bool hopeless(const struct hasher *h)
{
    bool firm = h->workers[FIRM].deaths < DEATHS && GUARD(hasher_firm);
    return !firm && h->workers[GENTLE].deaths >= DEATHS;
}

static void run(struct hasher *h, struct asking *x)
{
    struct worker *gentle = &h->workers[GENTLE], *firm = &h->workers[FIRM];
    i64 began = time_monotonic(), passed = 0;
    u64 number = x->ask->number;
    gentle->deaths = firm->deaths = 0;
    for (; !x->done && passed < h->o.most_ms && !hopeless(h); passed = time_monotonic() - began) {
        take_all(h, x); /* also what came too late for the one before */
        if (x->done)
            break;
        give(h, gentle, x->ask);
        bool held_up = gentle->at != number;
        bool late = held_up || passed >= h->o.patience_ms;
        if (late && GUARD(hasher_firm))
            give(h, firm, x->ask);
        wait_for(h, (late ? h->o.most_ms : h->o.patience_ms) - passed);
    }
}

static enum status ask(struct hasher *h, struct hasher_ask *q, struct hasher_answer *ret)
{
    struct asking x = {.ask = q};
    pthread_mutex_lock(&h->lock);
    q->number = ++h->number;
    run(h, &x);
    pthread_mutex_unlock(&h->lock);
    secret_wipe(q, sizeof *q);
    if (!x.done || x.answer.status > ST_BUG) {
        log_say(h->o.log, LOG_ERROR, "base", "a password could not be hashed");
        return ST_NOMEM;
    }
    *ret = x.answer;
    return (enum status)x.answer.status;
}

enum status hasher_hash(struct hasher *h, str password, char text[HASHER_TEXT])
{
    struct hasher_ask q = {.kind = HASHER_HASH, .n = (u32)password.n};
    struct hasher_answer a;
    if (password.n > sizeof q.password)
        return ST_TOOLARGE;
    if (password.n)
        memcpy(q.password, password.p, password.n);
    enum status st = ask(h, &q, &a);
    if (!st)
        memcpy(text, a.text, HASHER_TEXT);
    return st;
}

enum status hasher_check(struct hasher *h, str password, const char text[HASHER_TEXT])
{
    struct hasher_ask q = {.kind = HASHER_CHECK, .n = (u32)password.n};
    struct hasher_answer a;
    if (password.n > sizeof q.password)
        return ST_TOOLARGE;
    if (password.n)
        memcpy(q.password, password.p, password.n);
    memcpy(q.text, text, HASHER_TEXT);
    return ask(h, &q, &a);
}

#ifdef BROADSHEET_PROVE
pid_t hasher_pid_for_test(struct hasher *h, int which)
{
    pthread_mutex_lock(&h->lock);
    pid_t pid = h->workers[which].pid;
    pthread_mutex_unlock(&h->lock);
    return pid;
}
#endif
