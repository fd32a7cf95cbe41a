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

/* With prints_lock held. */
static void print_leave(struct print *p)
{
    if (--p->users)
        return;
    finished_release(p->page);
    pthread_cond_destroy(&p->done);
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
    p->users = 1;
    pthread_cond_init(&p->done, NULL);
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
    p->theme = out->edition_of_theme;
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

static enum status print_run(struct cache *c, struct print *p, render_fn *render, void *arg)
{
    struct printed out = {0};
    enum status st = render(arg, p->key, &out, &p->err);
    st = st ? st : keep(c, p, &out);
    if (!st) {
        pause_at(c, "rendered");
        cache_enter(c, p->key, p);
    }
    pthread_mutex_lock(&c->prints_lock);
    p->st = st;
    p->ready = true;
    struct print **at = &c->prints;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    pthread_cond_broadcast(&p->done);
    pthread_mutex_unlock(&c->prints_lock);
    return st;
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

enum status cache_reprint(struct cache *c, str key, render_fn *render, void *arg, struct err *err)
{
    pthread_mutex_lock(&c->prints_lock);
    struct print *p =
        print_find(c, key) ? NULL : print_begin(c, key); /* one that is under way will do */
    pthread_mutex_unlock(&c->prints_lock);
    if (!p)
        return ST_OK;
    enum status st = print_run(c, p, render, arg);
    if (st && err)
        *err = p->err;
    pthread_mutex_lock(&c->prints_lock);
    print_leave(p);
    pthread_mutex_unlock(&c->prints_lock);
    return st;
}

enum status cache_print(struct cache *c, str key, render_fn *render, void *arg,
                        struct finished **ret, struct err *err)
{
    i64 arrived = atomic_load(&c->applied);
    for (;;) {
        struct finished *hit = cache_get(c, key);
        if (hit) {
            *ret = hit;
            return ST_OK;
        }
        pthread_mutex_lock(&c->prints_lock);
        struct print *p = print_find(c, key);
        if (p) {
            p->users++;
            atomic_fetch_add(&c->waiting, 1);
            while (!p->ready)
                pthread_cond_wait(&p->done, &c->prints_lock);
            atomic_fetch_sub(&c->waiting, 1);
            pthread_mutex_unlock(&c->prints_lock);
            bool mine = may_have(c, p, arrived);
            struct finished *page = mine ? finished_ref(p->page) : NULL;
            pthread_mutex_lock(&c->prints_lock);
            print_leave(p);
            pthread_mutex_unlock(&c->prints_lock);
            if (!mine)
                continue;
            *ret = page;
            return ST_OK;
        }
        p = print_begin(c, key);
        pthread_mutex_unlock(&c->prints_lock);
        if (!p)
            return fail(err, ST_NOMEM, "out of memory for a page");
        enum status st = print_run(c, p, render, arg);
        if (!st)
            *ret = finished_ref(p->page);
        else if (err)
            *err = p->err;
        pthread_mutex_lock(&c->prints_lock);
        print_leave(p);
        pthread_mutex_unlock(&c->prints_lock);
        return st;
    }
}
