/* The control socket: commands hand their work to the server, which is the one that writes. */
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/parts.h"
#include "app/wire.h"
#include "base/clean.h"

enum { CALLERS = 8, CALLER_ARENA = 1 << 30 };

struct control {
    struct app *app;
    int fd, stop;
    pthread_t thread;
    atomic_int callers;
};

struct caller {
    struct control *control;
    int fd;
};

static void take(struct app *app, const struct wire_request *r, struct arena *a,
                 struct intake_answer *list)
{
    switch (r->kind) {
    case WIRE_TAKE:
        if (r->n == 1)
            intake_take(&app->intake, &r->messages[0], a, list);
        else
            *list = (struct intake_answer){.st = ST_INVALID, .line = STR("one message is wanted")};
        break;
    case WIRE_BATCH:
        intake_take_all(&app->intake, r->messages, r->n, a, list);
        break;
    case WIRE_WITHDRAW:
        intake_withdraw(&app->intake, r->key, r->note, a, list);
        break;
    default:
        intake_reinstate(&app->intake, r->key, a, list);
    }
}

static enum status serve_one(struct app *app, int fd, struct arena *a)
{
    struct wire_request r;
    struct err err = {0};
    arena_reset(a);
    enum status st = wire_read_request(fd, a, &r, &err);
    if (st)
        return st;
    size_t n = r.kind == WIRE_BATCH ? r.n : 1;
    struct intake_answer *list = arena_new(a, struct intake_answer, n + 1);
    if (!list)
        return ST_NOMEM;
    take(app, &r, a, list);
    return wire_send_answers(fd, list, n, a, &err);
}

static void *serve_caller(void *arg)
{
    struct caller *c = arg;
    struct arena a;
    if (arena_init(&a, CALLER_ARENA) == ST_OK) {
        struct pollfd p[] = {{.fd = c->fd, .events = POLLIN},
                             {.fd = c->control->stop, .events = POLLIN}};
        while (poll(p, 2, -1) > 0 && !p[1].revents &&
               serve_one(c->control->app, c->fd, &a) == ST_OK)
            ;
        arena_free(&a);
    }
    close(c->fd);
    atomic_fetch_sub(&c->control->callers, 1);
    free(c);
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
    struct caller *caller =
        same_user(fd) && atomic_load(&c->callers) < CALLERS ? calloc(1, sizeof *caller) : NULL;
    if (!caller) {
        close(fd);
        return;
    }
    *caller = (struct caller){c, fd};
    atomic_fetch_add(&c->callers, 1);
    if (pthread_create(&t, NULL, serve_caller, caller)) {
        atomic_fetch_sub(&c->callers, 1);
        close(fd);
        free(caller);
        return;
    }
    pthread_detach(t);
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

void control_stop(struct control *c)
{
    if (!c)
        return;
    uint64_t one = 1;
    if (write(c->stop, &one, sizeof one) != sizeof one)
        log_say(c->app->log, LOG_WARN, "app", "the control socket can't be told to stop");
    pthread_join(c->thread, NULL);
    for (int i = 0; atomic_load(&c->callers) && i < 1000; i++)
        usleep(10000); /* a caller ends with the piece of work it is at */
    unlinkat(c->app->site->dir, "control.sock", 0);
    close(c->fd);
    close(c->stop);
    free(c);
}
