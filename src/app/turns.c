#include "app/turns.h"

#include <stdlib.h>

#include "base/guard.h"

/* turn: of all with the lowest, who came first is next. */
struct place {
    struct queued seat;
    u64 turn, came;
};

struct row {
    struct place *places;
    size_t n, cap;
};

struct turns {
    struct row strangers, browsers;
    u64 now, came; /* the turn that is served; how many have come */
    bool stranger_next;
};

enum status turns_make(size_t strangers, size_t browsers, struct turns **ret)
{
    struct turns *t = calloc(1, sizeof *t);
    if (t) {
        t->strangers = (struct row){calloc(strangers, sizeof(struct place)), 0, strangers};
        t->browsers = (struct row){calloc(browsers, sizeof(struct place)), 0, browsers};
    }
    if (!t || !t->strangers.places || !t->browsers.places) {
        turns_free(t);
        return ST_NOMEM;
    }
    *ret = t;
    return ST_OK;
}

void turns_free(struct turns *t)
{
    if (!t)
        return;
    free(t->strangers.places);
    free(t->browsers.places);
    free(t);
}

static struct queued leave(struct row *r, size_t at)
{
    struct queued s = r->places[at].seat;
    r->places[at] = r->places[--r->n];
    return s;
}

static size_t count(const struct row *r, u64 network)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += r->places[i].seat.who.network == network;
    return n;
}

/* The newest of the network that has most. */
static size_t of_most(const struct row *r, size_t *most)
{
    size_t at = 0;
    *most = 0;
    for (size_t i = 0; i < r->n; i++) {
        size_t n = count(r, r->places[i].seat.who.network);
        if (n > *most || (n == *most && r->places[i].came > r->places[at].came)) {
            *most = n;
            at = i;
        }
    }
    return at;
}

static u64 turn_of(const struct turns *t, u64 network)
{
    u64 turn = t->now;
    for (size_t i = 0; i < t->strangers.n; i++) {
        const struct place *p = &t->strangers.places[i];
        if (p->seat.who.network == network && p->turn >= turn)
            turn = p->turn + 1;
    }
    return turn;
}

static enum status put_stranger(struct turns *t, const struct queued *s, struct exchange **out)
{
    struct row *r = &t->strangers;
    if (r->n == r->cap) {
        size_t most, at = of_most(r, &most);
        if (most < count(r, s->who.network) + 2 || !GUARD(turns_pushed_out))
            return ST_BUSY;
        *out = leave(r, at).x;
    }
    u64 turn = GUARD(turns_by_network) ? turn_of(t, s->who.network) : t->now;
    r->places[r->n] = (struct place){*s, turn, t->came++};
    r->places[r->n++].seat.who.browser = 0;
    return ST_OK;
}

static bool sits(const struct row *r, u64 browser)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->places[i].seat.who.browser == browser)
            return true;
    return false;
}

enum status turns_put(struct turns *t, const struct queued *s, struct exchange **out)
{
    struct row *r = &t->browsers;
    *out = NULL;
    if (!s->who.browser || r->n == r->cap || sits(r, s->who.browser) || !GUARD(turns_reserved))
        return put_stranger(t, s, out);
    r->places[r->n++] = (struct place){*s, 0, t->came++};
    return ST_OK;
}

static size_t first(const struct row *r)
{
    size_t at = 0;
    for (size_t i = 1; i < r->n; i++) {
        const struct place *a = &r->places[i], *b = &r->places[at];
        if (a->turn < b->turn || (a->turn == b->turn && a->came < b->came))
            at = i;
    }
    return at;
}

bool turns_take(struct turns *t, struct queued *ret)
{
    bool stranger = t->strangers.n && (t->stranger_next || !t->browsers.n);
    if (!stranger && !t->browsers.n)
        return false;
    struct row *r = stranger ? &t->strangers : &t->browsers;
    size_t at = first(r);
    if (stranger)
        t->now = r->places[at].turn;
    t->stranger_next = !stranger;
    *ret = leave(r, at);
    return true;
}
