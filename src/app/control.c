/* The control socket: commands hand their work to the server, which is the one that writes. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "app/parts.h"
#include "app/wire.h"
#include "base/clean.h"

enum {
    CALLERS = 128,
    SEAT_ARENA = 1 << 30, /* address space: what a message touches goes back after its answer */
    FLIGHT_BYTES = 256 << 20,
    STOP_GRACE_MS = 5000,
    ACCEPT_AGAIN_US = 10000,
};

struct control {
    struct app *app;
    int fd, stop;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t left;
    struct caller *callers;
    int ncallers;
};

/* A message between its arrival and its answer. */
struct seat {
    struct arena arena;
    struct intake_flight *flight;
    size_t bytes;
};

struct caller {
    struct control *control;
    int fd, landed; /* an eventfd: some flight's answer is there */
    struct seat seats[WIRE_FLIGHT];
    size_t from, n, bytes;
    struct caller *next;
};

/* ---- one caller: messages are begun as they come, and answered in that order ---- */

static void landed(void *arg)
{
    const struct caller *c = arg;
    uint64_t one = 1;
    if (write(c->landed, &one, sizeof one) != sizeof one)
        log_say(c->control->app->log, LOG_WARN, "app", "a caller can't be told of its answer");
}

/* The next seat. Without memory for one more, one that has been answered gives its own. */
static struct seat *free_seat(struct caller *c)
{
    struct seat *s = &c->seats[(c->from + c->n) % WIRE_FLIGHT];
    if (s->arena.start || arena_init(&s->arena, SEAT_ARENA) == ST_OK)
        return s;
    for (size_t i = c->n + 1; i < WIRE_FLIGHT; i++) {
        struct seat *other = &c->seats[(c->from + i) % WIRE_FLIGHT];
        if (!other->arena.start)
            continue;
        s->arena = other->arena;
        other->arena = (struct arena){0};
        return s;
    }
    return NULL;
}

static enum status answer_first(struct caller *c, bool send)
{
    struct seat *s = &c->seats[c->from];
    struct intake_answer answer;
    struct err err = {0};
    intake_end(s->flight, &answer);
    enum status st =
        send ? wire_send_answers(c->fd, &answer, 1, WIRE_DEADLINE_MS, &s->arena, &err) : ST_OK;
    if (st)
        log_say(c->control->app->log, LOG_WARN, "app", "a caller misses its answer: %s", err.text);
    c->bytes -= s->bytes;
    s->flight = NULL;
    arena_reset(&s->arena);
    c->n--;
    /* who waits for each answer has one seat, and its memory, all the time */
    c->from = c->n ? (c->from + 1) % WIRE_FLIGHT : 0;
    return st;
}

static enum status answer_all(struct caller *c)
{
    enum status st = ST_OK;
    while (!st && c->n)
        st = answer_first(c, true);
    return st;
}

/* What isn't a single message is done when all before it are answered. */
static enum status do_alone(struct caller *c, const struct wire_request *r, struct arena *a)
{
    const struct intake *in = &c->control->app->intake;
    struct err err = {0};
    size_t n = r->kind == WIRE_BATCH ? r->n : 1;
    struct intake_answer *list = arena_new(a, struct intake_answer, n + 1);
    if (!list)
        return ST_NOMEM;
    switch (r->kind) {
    case WIRE_BATCH:
        intake_take_all(in, r->messages, r->n, a, list);
        break;
    case WIRE_WITHDRAW:
        intake_withdraw(in, r->key, r->note, a, list);
        break;
    case WIRE_REINSTATE:
        intake_reinstate(in, r->key, a, list);
        break;
    case WIRE_ACCOUNT:
        account_order(in->writer, &r->order, a, list);
        break;
    default:
        *list = (struct intake_answer){.st = ST_INVALID, .line = STR("one message is wanted")};
    }
    return wire_send_answers(c->fd, list, n, WIRE_DEADLINE_MS, a, &err);
}

static enum status receive(struct caller *c)
{
    struct wire_request r;
    struct err err = {0};
    struct seat *s;
    enum status st = ST_OK;
    while (!(s = free_seat(c)) && c->n && !st) /* then one that is in use must become free */
        st = answer_first(c, true);
    if (!st)
        st = s ? wire_read_request(c->fd, &s->arena, &r, &err)
               : fail(&err, ST_NOMEM, "out of memory for a message");
    if (st) {
        if (st != ST_NOTFOUND) /* it has said all it had to say */
            log_say(c->control->app->log, LOG_WARN, "app", "a caller is cut off: %s",
                    err_words(&err, st));
        return st;
    }
    if (r.kind == WIRE_TAKE && r.n == 1) {
        s->bytes = (size_t)(s->arena.beg - s->arena.start);
        s->flight = intake_begin(&c->control->app->intake, &r.messages[0], &s->arena, landed, c);
        if (!s->flight)
            return ST_NOMEM;
        c->bytes += s->bytes;
        c->n++;
        return ST_OK;
    }
    st = answer_all(c);
    st = st ? st : do_alone(c, &r, &s->arena);
    arena_reset(&s->arena);
    return st;
}

static enum status step(struct caller *c)
{
    bool room = c->n < WIRE_FLIGHT && c->bytes < FLIGHT_BYTES;
    uint64_t count;
    struct pollfd p[] = {{.fd = room ? c->fd : -1, .events = POLLIN},
                         {.fd = c->landed, .events = POLLIN},
                         {.fd = c->control->stop, .events = POLLIN}};
    enum status st = ST_OK;
    if (poll(p, 3, -1) < 0)
        return errno == EINTR ? ST_OK : ST_IO;
    if (p[2].revents) {
        st = answer_all(c);
        return st ? st : ST_NOTFOUND;
    }
    if (p[1].revents && read(c->landed, &count, sizeof count) < 0 && errno != EAGAIN)
        return ST_IO;
    while (!st && c->n && intake_done(c->seats[c->from].flight))
        st = answer_first(c, true);
    if (!st && room && p[0].revents)
        st = receive(c);
    return st;
}

static void caller_free(struct caller *c)
{
    while (c->n) /* the writer has them in hand */
        answer_first(c, false);
    for (size_t i = 0; i < WIRE_FLIGHT; i++)
        arena_free(&c->seats[i].arena);
    if (c->landed >= 0)
        close(c->landed);
    close(c->fd);
    free(c);
}

static void *serve_caller(void *arg)
{
    struct caller *c = arg;
    struct control *control = c->control;
    while (step(c) == ST_OK)
        ;
    pthread_mutex_lock(&control->lock);
    struct caller **at = &control->callers;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    pthread_mutex_unlock(&control->lock);
    caller_free(c);
    pthread_mutex_lock(&control->lock);
    control->ncallers--;
    pthread_cond_broadcast(&control->left);
    pthread_mutex_unlock(&control->lock);
    return NULL;
}

static bool same_user(int fd)
{
    struct ucred u;
    socklen_t n = sizeof u;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, &n) == 0 &&
           (u.uid == geteuid() || u.uid == 0);
}

static void welcome(struct control *c, int fd)
{
    pthread_t t;
    struct caller *caller = same_user(fd) ? calloc(1, sizeof *caller) : NULL;
    if (!caller) {
        close(fd);
        return;
    }
    caller->control = c;
    caller->fd = fd;
    caller->landed = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_lock(&c->lock);
    bool ok = caller->landed >= 0 && c->ncallers < CALLERS &&
              arena_init(&caller->seats[0].arena, SEAT_ARENA) == ST_OK; /* one it has for sure */
    if (ok) {
        caller->next = c->callers;
        ok = pthread_create(&t, NULL, serve_caller, caller) == 0;
    }
    if (ok) {
        c->callers = caller;
        c->ncallers++;
        pthread_detach(t);
    }
    pthread_mutex_unlock(&c->lock);
    if (!ok)
        caller_free(caller);
}

static void *listen_thread(void *arg)
{
    struct control *c = arg;
    struct pollfd p[] = {{.fd = c->fd, .events = POLLIN}, {.fd = c->stop, .events = POLLIN}};
    while (poll(p, 2, -1) >= 0 || errno == EINTR) {
        if (p[1].revents)
            break;
        int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            welcome(c, fd);
        else
            usleep(ACCEPT_AGAIN_US); /* no descriptor is left: poll would say so without end */
    }
    return NULL;
}

enum status control_start(struct app *a, struct control **ret, struct err *err)
{
    struct control *c = calloc(1, sizeof *c);
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    if (!c)
        return fail(err, ST_NOMEM, "out of memory for the control socket");
    c->app = a;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->left, NULL);
    c->stop = eventfd(0, EFD_CLOEXEC);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* sun_path holds 108 bytes: the folder is named by its descriptor */
    snprintf(sa.sun_path, sizeof sa.sun_path, "/proc/self/fd/%d/control.sock", a->site->dir);
    unlinkat(a->site->dir, "control.sock", 0); /* we hold the lock: it is nobody's */
    mode_t mask = umask(0177);
    int rc = c->fd < 0 ? -1 : bind(c->fd, (struct sockaddr *)&sa, sizeof sa);
    umask(mask);
    if (rc || listen(c->fd, CALLERS) || pthread_create(&c->thread, NULL, listen_thread, c)) {
        enum status st = fail(err, ST_IO, "cannot open the control socket in %s: %s",
                              a->site->folder, strerror(errno));
        close(c->fd);
        close(c->stop);
        free(c);
        return st;
    }
    *ret = c;
    return ST_OK;
}

/* Callers end with the message they are at; who is silent in the middle of one is cut off. */
static void wait_for_callers(struct control *c)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += STOP_GRACE_MS / 1000;
    pthread_mutex_lock(&c->lock);
    while (c->ncallers && pthread_cond_clockwait(&c->left, &c->lock, CLOCK_MONOTONIC, &until) == 0)
        ;
    for (struct caller *x = c->callers; x; x = x->next)
        shutdown(x->fd, SHUT_RDWR);
    while (c->ncallers)
        pthread_cond_wait(&c->left, &c->lock);
    pthread_mutex_unlock(&c->lock);
}

void control_stop(struct control *c)
{
    if (!c)
        return;
    uint64_t one = 1;
    if (write(c->stop, &one, sizeof one) != sizeof one)
        log_say(c->app->log, LOG_WARN, "app", "the control socket can't be told to stop");
    pthread_join(c->thread, NULL);
    wait_for_callers(c);
    unlinkat(c->app->site->dir, "control.sock", 0);
    close(c->fd);
    close(c->stop);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->left);
    free(c);
}
