#include "app/wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/out.h"
#include "base/time.h"

/* ---- bytes ---- */

/* wait_ms: how long the other side may take nothing; -1: as long as it likes. */
static enum status send_all(int fd, str s, int wait_ms, struct err *err)
{
    while (s.n) {
        ssize_t w = send(fd, s.p, s.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0 && errno == EAGAIN) {
            struct pollfd f = {.fd = fd, .events = POLLOUT};
            int ready = poll(&f, 1, wait_ms);
            if (ready == 0)
                return fail(err, ST_IO, "the other side took nothing for %d ms", wait_ms);
            if (ready > 0 || errno == EINTR)
                continue;
        }
        if (w <= 0)
            return fail(err, ST_IO, "the other side went away: %s", strerror(errno));
        s = str_from(s, (size_t)w);
    }
    return ST_OK;
}

/* Every read has a deadline: whoever stops half way doesn't hold the other for ever. idle: none
 * before the first byte. */
static enum status read_all(int fd, char *p, size_t n, bool idle, struct err *err)
{
    for (size_t got = 0; got < n;) {
        struct pollfd f = {.fd = fd, .events = POLLIN};
        int ready = poll(&f, 1, idle && got == 0 ? -1 : WIRE_DEADLINE_MS);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return fail(err, ST_IO, "no answer within %d seconds", WIRE_DEADLINE_MS / 1000);
        ssize_t r = recv(fd, p + got, n - got, 0);
        if (r == 0 && got == 0)
            return ST_NOTFOUND;
        if (r <= 0)
            return fail(err, ST_IO, "the other side went away");
        got += (size_t)r;
    }
    return ST_OK;
}

static void put_u32(struct out *o, u32 v)
{
    for (int i = 3; i >= 0; i--)
        out_byte(o, (char)(v >> (8 * i)));
}

static void put_str(struct out *o, str s)
{
    put_u32(o, (u32)s.n);
    out_str(o, s);
}

struct cursor {
    str rest;
    bool bad;
};

static u32 get_u32(struct cursor *c)
{
    u32 v = 0;
    if (c->rest.n < 4) {
        c->bad = true;
        return 0;
    }
    for (size_t i = 0; i < 4; i++)
        v = v << 8 | (u8)c->rest.p[i];
    c->rest = str_from(c->rest, 4);
    return v;
}

static str get_str(struct cursor *c)
{
    u32 n = get_u32(c);
    if (c->bad || n > c->rest.n) {
        c->bad = true;
        return STR_NONE;
    }
    str s = str_head(c->rest, n);
    c->rest = str_from(c->rest, n);
    return s;
}

static enum status send_frame(int fd, struct out *o, int wait_ms, struct err *err)
{
    enum status st = out_status(o);
    if (st)
        return fail(err, st, "a message is too large");
    u32 n = (u32)o->n - 4;
    for (int i = 0; i < 4; i++)
        o->p[i] = (char)(n >> (8 * (3 - i)));
    return send_all(fd, out_view(o), wait_ms, err);
}

static enum status read_frame(int fd, bool idle, struct arena *a, struct cursor *ret,
                              struct err *err)
{
    char head[4];
    enum status st = read_all(fd, head, sizeof head, idle, err);
    if (st)
        return st;
    struct cursor c = {.rest = {head, 4}};
    u32 n = get_u32(&c);
    char *p = n <= WIRE_MAX ? arena_bytes(a, n + 1) : NULL;
    if (!p)
        return fail(err, ST_TOOLARGE, "a message is larger than it may be");
    st = read_all(fd, p, n, false, err);
    if (!st)
        *ret = (struct cursor){.rest = {p, n}};
    return st == ST_NOTFOUND ? fail(err, ST_IO, "the other side went away") : st;
}

/* ---- requests ---- */

static struct out frame(struct arena *a)
{
    struct out o = out_make(a, 64 << 10, WIRE_MAX);
    put_u32(&o, 0);
    return o;
}

static void put_order(struct out *o, const struct account_order *order)
{
    put_u32(o, (u32)order->kind);
    put_str(o, order->email);
    put_str(o, order->name);
    put_str(o, order->password);
    put_u32(o, order->roles);
}

enum status wire_send_request(int fd, const struct wire_request *r, struct arena *a,
                              struct err *err)
{
    struct out o = frame(a);
    out_byte(&o, (char)r->kind);
    put_str(&o, r->key);
    put_str(&o, r->note);
    put_u32(&o, (u32)r->n);
    for (size_t i = 0; i < r->n; i++) {
        const struct intake_message *m = &r->messages[i];
        put_u32(&o, (u32)m->kind);
        put_u32(&o, m->replace);
        put_str(&o, m->name);
        put_str(&o, m->bytes);
        put_u32(&o, (u32)m->nfiles);
        for (size_t k = 0; k < m->nfiles; k++) {
            put_str(&o, m->files[k].name);
            put_str(&o, m->files[k].bytes);
        }
    }
    if (r->kind == WIRE_ACCOUNT)
        put_order(&o, &r->order);
    return send_frame(fd, &o, -1, err); /* a server at work takes it when it comes to it */
}

static enum status read_message(struct cursor *c, struct arena *a, struct intake_message *m)
{
    u32 kind = get_u32(c), replace = get_u32(c);
    m->kind = (enum intake_kind)kind;
    m->replace = replace == 1;
    m->name = get_str(c);
    m->bytes = get_str(c);
    u32 n = get_u32(c);
    if (c->bad || kind > INTAKE_SITE || replace > 1 || n > INTAKE_FILES + SITE_SECTIONS)
        return ST_INVALID;
    m->nfiles = n;
    m->files = arena_new(a, struct intake_file, n + 1);
    if (!m->files)
        return ST_NOMEM;
    for (u32 i = 0; i < n; i++) {
        m->files[i].name = get_str(c);
        m->files[i].bytes = get_str(c);
    }
    return c->bad ? ST_INVALID : ST_OK;
}

static enum status read_order(struct cursor *c, struct account_order *o)
{
    u32 kind = get_u32(c);
    o->kind = (enum account_order_kind)kind;
    o->email = get_str(c);
    o->name = get_str(c);
    o->password = get_str(c);
    o->roles = get_u32(c);
    return c->bad || kind >= ORDER_KINDS ? ST_INVALID : ST_OK;
}

enum status wire_read_request(int fd, struct arena *a, struct wire_request *ret, struct err *err)
{
    struct cursor c;
    enum status st = read_frame(fd, true, a, &c, err);
    if (st)
        return st;
    struct wire_request r = {0};
    if (c.rest.n)
        r.kind = (enum wire_kind)c.rest.p[0];
    c.rest = str_from(c.rest, 1);
    r.key = get_str(&c);
    r.note = get_str(&c);
    r.n = get_u32(&c);
    if (c.bad || r.kind < WIRE_TAKE || r.kind > WIRE_ACCOUNT || r.n > INTAKE_BATCH)
        return fail(err, ST_INVALID, "a message that can't be read");
    r.messages = arena_new(a, struct intake_message, r.n + 1);
    for (size_t i = 0; r.messages && i < r.n; i++)
        if (read_message(&c, a, &r.messages[i]))
            return fail(err, ST_INVALID, "a message that can't be read");
    if (!r.messages)
        return ST_NOMEM;
    if (r.kind == WIRE_ACCOUNT && read_order(&c, &r.order))
        return fail(err, ST_INVALID, "a message that can't be read");
    *ret = r;
    return ST_OK;
}

/* ---- answers ---- */

enum status wire_send_answers(int fd, const struct intake_answer *list, size_t n, int wait_ms,
                              struct arena *a, struct err *err)
{
    struct out o = frame(a);
    put_u32(&o, (u32)n);
    for (size_t i = 0; i < n; i++) {
        put_u32(&o, (u32)list[i].st);
        put_str(&o, list[i].line);
        put_u32(&o, (u32)list[i].nwarnings);
        for (size_t k = 0; k < list[i].nwarnings; k++)
            put_str(&o, list[i].warnings[k]);
    }
    return send_frame(fd, &o, wait_ms, err);
}

enum status wire_read_answers(int fd, struct arena *a, struct intake_answer **ret, size_t *n,
                              struct err *err)
{
    struct cursor c;
    enum status st = read_frame(fd, true, a, &c, err);
    if (st)
        return st == ST_NOTFOUND ? fail(err, ST_IO, "the server went away") : st;
    u32 count = get_u32(&c);
    struct intake_answer *list =
        count <= INTAKE_BATCH ? arena_new(a, struct intake_answer, count + 1) : NULL;
    if (!list)
        return fail(err, ST_INVALID, "an answer that can't be read");
    for (u32 i = 0; i < count; i++) {
        list[i].st = (enum status)get_u32(&c);
        list[i].line = get_str(&c);
        list[i].nwarnings = get_u32(&c);
        if (c.bad || list[i].nwarnings > PUBLISH_WARNINGS || list[i].st > ST_BUG)
            return fail(err, ST_INVALID, "an answer that can't be read");
        for (size_t k = 0; k < list[i].nwarnings; k++)
            list[i].warnings[k] = get_str(&c);
    }
    *ret = list;
    *n = count;
    return ST_OK;
}
