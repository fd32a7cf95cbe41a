#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/time.h"
#include "command/command.h"

enum { WAIT_MS = 30 * 1000, HAND_ARENA = 2047u << 20 };

int command_fail(enum status st, const struct err *err)
{
    fprintf(stderr, "broadsheet: %s\n", err_words(err, st));
    switch (st) {
    case ST_INVALID:
    case ST_CONFLICT:
    case ST_NOTFOUND:
    case ST_TOOLARGE:
        return EXIT_INPUT;
    default:
        return EXIT_SYSTEM;
    }
}

int command_fail_system(enum status st, const struct err *err)
{
    return command_fail(st == ST_INVALID || st == ST_NOMEM || st == ST_BUSY ? st : ST_IO, err);
}

void command_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(argp, argc, argv, 0, NULL, input))
        exit(EXIT_USAGE);
}

static int connect_to(const struct site *s)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(sa.sun_path, sizeof sa.sun_path, "/proc/self/fd/%d/control.sock", s->dir);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static void tell_findable(size_t n)
{
    fprintf(stderr, "broadsheet: %zu stories can be found by their words by now\n", n);
}

static enum status alone_or_through(struct hand *h, struct err *err)
{
    i64 until = time_monotonic() + WAIT_MS;
    for (bool said = false;; said = true) {
        enum status st = site_lock(&h->site, err);
        if (st == ST_OK)
            return app_open(&(struct app_options){.site = &h->site, .findable = tell_findable},
                            &h->app, err);
        if (st != ST_BUSY)
            return st;
        h->fd = connect_to(&h->site);
        if (h->fd >= 0)
            return ST_OK;
        if (time_monotonic() > until)
            return fail(err, ST_IO, "another Broadsheet holds the site %s and doesn't answer",
                        h->site.folder);
        if (!said)
            fprintf(stderr, "broadsheet: waiting for the Broadsheet that holds the site %s\n",
                    h->site.folder);
        usleep(200 * 1000);
    }
}

enum status hand_open(const char *folder, struct hand *ret, struct err *err)
{
    struct hand h = {.fd = -1, .site = {.dir = -1, .lock = -1}};
    enum status st = hash_start();
    st = st ? st : arena_init(&h.arena, HAND_ARENA);
    st = st ? st : site_open(folder, &h.site, err);
    *ret = h; /* app_open keeps the site's address: it must be the caller's */
    st = st ? st : alone_or_through(ret, err);
    if (st)
        hand_close(ret);
    return st;
}

void hand_close(struct hand *h)
{
    app_close(h->app);
    h->app = NULL;
    if (h->fd >= 0)
        close(h->fd);
    h->fd = -1;
    if (h->site.arena.start)
        site_close(&h->site);
    arena_free(&h->arena);
}

enum status hand_begin(struct hand *h, const struct intake_message *m, struct arena *a,
                       struct handed *ret, struct err *err)
{
    struct handed x = {0};
    if (h->fd < 0) {
        x.flight = intake_begin(app_intake(h->app), m, a, NULL, NULL);
        if (!x.flight)
            return fail(err, ST_NOMEM, "out of memory");
    } else {
        struct intake_message copy = *m;
        struct wire_request r = {.kind = WIRE_TAKE, .messages = &copy, .n = 1};
        enum status st = wire_send_request(h->fd, &r, a, err);
        if (st)
            return st;
    }
    *ret = x;
    return ST_OK;
}

enum status hand_end(struct hand *h, struct handed *x, struct arena *a, struct intake_answer *ret,
                     struct err *err)
{
    struct intake_answer *list = NULL;
    size_t n = 0;
    if (x->flight) {
        intake_end(x->flight, ret);
        return ST_OK;
    }
    enum status st = wire_read_answers(h->fd, a, &list, &n, err);
    if (!st && n != 1)
        st = fail(err, ST_INVALID, "an answer that can't be read");
    if (!st)
        *ret = list[0];
    return st;
}

static void do_alone(struct hand *h, const struct wire_request *r, struct intake_answer *list)
{
    const struct intake *in = app_intake(h->app);
    if (r->kind == WIRE_BATCH)
        intake_take_all(in, r->messages, r->n, &h->arena, list);
    else if (r->kind == WIRE_WITHDRAW)
        intake_withdraw(in, r->key, r->note, &h->arena, list);
    else if (r->kind == WIRE_ACCOUNT)
        account_order(in->writer, &r->order, &h->arena, list);
    else
        intake_reinstate(in, r->key, &h->arena, list);
}

enum status hand_do(struct hand *h, const struct wire_request *r, struct intake_answer **ret,
                    size_t *n, struct err *err)
{
    if (h->fd >= 0) {
        enum status st = wire_send_request(h->fd, r, &h->arena, err);
        return st ? st : wire_read_answers(h->fd, &h->arena, ret, n, err);
    }
    size_t count = r->kind == WIRE_BATCH ? r->n : 1;
    struct intake_answer *list = arena_new(&h->arena, struct intake_answer, count + 1);
    if (!list)
        return fail(err, ST_NOMEM, "out of memory");
    do_alone(h, r, list);
    *ret = list;
    *n = count;
    return ST_OK;
}
