/* One render per key at a time; others wait, and take its result only if it can't be older than
 * their arrival. */
#include <stdlib.h>

#include "base/guard.h"
#include "base/hash.h"
#include "press/cache_parts.h"

static void pause_at(struct cache *c, const char *point)
{
    if (c->conf.pause)
        c->conf.pause(c->conf.arg, point);
}

static struct print *print_find(struct cache *c, str key)
{
    struct print *p = c->prints;
    while (p && !str_eq(p->key, key))
        p = p->next;
    return p;
}

static void print_free(struct print *p)
{
    finished_release(p->page);
    free((char *)p->key.p);
    free(p->keys);
    free(p->names);
    free(p);
}

static struct print *print_begin(struct cache *c, str key)
{
    struct print *p = calloc(1, sizeof *p);
    char *copy = malloc(key.n + 1);
    if (!p || !copy) {
        free(p);
        free(copy);
        return NULL;
    }
    memcpy(copy, key.n ? key.p : "", key.n);
    p->key = (str){copy, key.n};
    p->next = c->prints;
    c->prints = p;
    return p;
}

/* Keeps what was printed beyond the render's arena. */
static enum status keep(struct cache *c, struct print *p, const struct printed *out)
{
    p->page = out->page;
    p->snapshot = out->snapshot;
    p->until = out->until;
    p->theme = out->theme;
    p->rowless = out->rowless;
    p->keys = calloc(out->nkeys + 1, sizeof *p->keys);
    if (!p->keys)
        return ST_NOMEM;
    p->nkeys = out->nkeys;
    size_t length = 1;
    for (size_t i = 0; i < out->nkeys; i++) {
        p->keys[i] = siphash(out->keys[i]);
        length += out->keys[i].n + 1;
    }
    if (!c->conf.record_names)
        return ST_OK;
    p->names = calloc(1, length);
    char *at = p->names;
    for (size_t i = 0; at && i < out->nkeys; i++) {
        memcpy(at, out->keys[i].p, out->keys[i].n);
        at[out->keys[i].n] = '\n';
        at += out->keys[i].n + 1;
    }
    return ST_OK;
}

/* Whether somebody who arrived when W was the newest event applied may have this. */
static bool may_have(struct cache *c, const struct print *p, i64 arrived)
{
    if (p->st)
        return false;
    if (p->theme != atomic_load(&c->theme) && GUARD(cache_theme_waiter))
        return false;
    if (p->until != MS_NEVER && p->until <= time_now() && GUARD(cache_until_waiter))
        return false;
    pthread_mutex_lock(&c->events);
    bool touched = cache_touched(c, p->snapshot, arrived, p->keys, p->nkeys);
    pthread_mutex_unlock(&c->events);
    if (touched && GUARD(cache_waiter)) {
        atomic_fetch_add(&c->rejected, 1);
        return false;
    }
    return true;
}

/* Renders, enters, answers those who wait, and frees p. *page (may be NULL): a reference for the
 * one whose thread this is. */
static enum status print_run(struct cache *c, struct print *p, render_fn *render, void *arg,
                             struct finished **page, struct err *err)
{
    struct printed out = {0};
    enum status st = render(arg, p->key, &out, &p->err);
    st = st ? st : keep(c, p, &out);
    if (!st) {
        pause_at(c, "rendered");
        cache_enter(c, p->key, p);
    }
    p->st = st;
    pthread_mutex_lock(&c->prints_lock);
    struct print **at = &c->prints;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    struct cache_waiter *next, *w = p->waiters;
    pthread_mutex_unlock(&c->prints_lock);
    if (!st && page)
        *page = finished_ref(p->page);
    if (st && err)
        *err = p->err;
    for (; w; w = next) {
        next = w->next; /* w may be gone once it is answered */
        atomic_fetch_sub(&c->waiting, 1);
        w->answer(w, may_have(c, p, w->arrived) ? finished_ref(p->page) : NULL);
    }
    print_free(p);
    return st;
}

enum status cache_reprint(struct cache *c, str key, render_fn *render, void *arg, struct err *err)
{
    pthread_mutex_lock(&c->prints_lock);
    struct print *p =
        print_find(c, key) ? NULL : print_begin(c, key); /* one that is under way will do */
    pthread_mutex_unlock(&c->prints_lock);
    return p ? print_run(c, p, render, arg, NULL, err) : ST_OK;
}

enum status cache_ask(struct cache *c, str key, struct cache_waiter *w, render_fn *render,
                      void *arg, struct finished **ret, struct err *err)
{
    *ret = cache_get(c, key);
    if (*ret)
        return ST_OK;
    pthread_mutex_lock(&c->prints_lock);
    struct print *p = print_find(c, key);
    if (p) {
        w->next = p->waiters;
        p->waiters = w;
        atomic_fetch_add(&c->waiting, 1);
        pthread_mutex_unlock(&c->prints_lock);
        return ST_OK;
    }
    p = print_begin(c, key);
    pthread_mutex_unlock(&c->prints_lock);
    if (!p)
        return fail(err, ST_NOMEM, "out of memory for a page");
    return print_run(c, p, render, arg, ret, err);
}

/* ---- for a caller that has a thread to wait with ---- */

struct patient {
    struct cache_waiter waiter;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool done;
    struct finished *page;
};

static void wake(struct cache_waiter *w, struct finished *page)
{
    struct patient *me = (struct patient *)w;
    pthread_mutex_lock(&me->lock);
    me->page = page;
    me->done = true;
    pthread_cond_signal(&me->answered);
    pthread_mutex_unlock(&me->lock);
}

enum status cache_print(struct cache *c, str key, render_fn *render, void *arg,
                        struct finished **ret, struct err *err)
{
    struct patient me = {.waiter = {.arrived = cache_applied(c), .answer = wake},
                         .lock = PTHREAD_MUTEX_INITIALIZER,
                         .answered = PTHREAD_COND_INITIALIZER};
    for (;;) {
        struct finished *page = NULL;
        enum status st = cache_ask(c, key, &me.waiter, render, arg, &page, err);
        if (st || page) {
            *ret = page;
            return st;
        }
        pthread_mutex_lock(&me.lock);
        while (!me.done)
            pthread_cond_wait(&me.answered, &me.lock);
        pthread_mutex_unlock(&me.lock);
        me.done = false;
        if (me.page) {
            *ret = me.page;
            return ST_OK;
        }
    }
}
