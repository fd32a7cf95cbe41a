/* The worker's side: a message in, Argon2, a message out, until the socket ends. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/guard.h"
#include "base/hasher_parts.h"

enum { SOCKET = 0, ENDED = 0, NOT_UNDERSTOOD = 2, NOT_READY = 3, FIRM_NICE = 5, GENTLE_NICE = 19 };

/* Where a container forbids SCHED_IDLE, nice 19 is what is left of it. */
static void take_place(bool gentle)
{
    const struct sched_param none = {0};
    (void)setpriority(PRIO_PROCESS, 0, gentle ? GENTLE_NICE : FIRM_NICE);
    if (gentle)
        (void)sched_setscheduler(0, SCHED_IDLE, &none);
}

/* A server's signals go to all of its terminal or its service: a worker ends with its socket, when
 * who waits for its answer has it. */
static void outlast_signals(void)
{
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

/* From here on it opens nothing, writes no file and no core, can't be looked into by others of the
 * same account, and gains no privilege. */
static bool give_up_all(void)
{
    const struct rlimit none = {0, 0}, open = {3, 3};
    return !prctl(PR_SET_PDEATHSIG, SIGKILL) && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
           !prctl(PR_SET_DUMPABLE, 0) && !setrlimit(RLIMIT_CORE, &none) &&
           !setrlimit(RLIMIT_FSIZE, &none) && !setrlimit(RLIMIT_NOFILE, &open);
}

static bool understood(const struct hasher_ask *q, ssize_t size)
{
    return size == sizeof *q && (q->kind == HASHER_HASH || q->kind == HASHER_CHECK) &&
           q->n <= sizeof q->password && memchr(q->text, '\0', sizeof q->text);
}

static void work(const struct hasher_ask *q, struct hasher_answer *a)
{
    str password = {q->password, q->n};
    *a = (struct hasher_answer){.number = q->number};
    a->status =
        q->kind == HASHER_HASH ? argon_hash(password, a->text) : argon_check(password, q->text);
}

/* MSG_TRUNC gives a message's own size, also where it is larger than there is room. */
static ssize_t next(struct hasher_ask *q)
{
    ssize_t n;
    do
        n = recv(SOCKET, q, sizeof *q, MSG_TRUNC);
    while (n < 0 && errno == EINTR);
    return n;
}

static int serve(struct hasher_ask *q)
{
    struct hasher_answer a;
    for (;;) {
        ssize_t size = next(q);
        if (size <= 0)
            return ENDED;
        if (!understood(q, size) && GUARD(hasher_frames))
            return NOT_UNDERSTOOD;
        work(q, &a);
        secret_wipe(q, sizeof *q);
        bool sent = send(SOCKET, &a, sizeof a, MSG_NOSIGNAL) == sizeof a;
        secret_wipe(&a, sizeof a);
        if (!sent)
            return ENDED;
    }
}

int hasher_main(int argc, char **argv)
{
    struct hasher_ask q;
    outlast_signals();
    take_place(argc > 2 && strcmp(argv[2], "gentle") == 0);
    if (hash_start() || !give_up_all())
        return NOT_READY;
    int rc = serve(&q);
    secret_wipe(&q, sizeof q);
    _exit(rc); /* nothing was opened that has to be put in order */
}
