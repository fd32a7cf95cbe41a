/* A lane runs handlers straight through: each thread with its own read connection, each request
 * with its arena. Its queue is a ring, or, where what is asked for is dear and few are served,
 * turns. */
#include <stdlib.h>

#include "app/parts.h"

enum { THREADS_MAX = 64 };

struct job {
    struct exchange *x;
    i64 arrived;
    bool reserved; /* it had a known browser's seat */
};

struct lane {
    struct app *app;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct job *ring;
    size_t cap, from, n; /* n: in turns as well */
    struct turns *turns; /* NULL: the ring */
    bool stopping;
    pthread_t threads[THREADS_MAX];
    int nthreads;
};

/* One that waits for a page that another thread is rendering. It lives in its request's arena. */
struct waiting {
    struct cache_waiter waiter;
    struct lane *lane;
    struct exchange *x;
};

static void answered(struct cache_waiter *w, struct finished *page)
{
    struct waiting *me = (struct waiting *)w;
    struct exchange *x = me->x;
    if (page)
        server_reply(x, (struct reply){.status = finished_status(page), .finished = page});
    else if (lane_take(me->lane, x, w->arrived))
        server_reply(x, (struct reply){.status = 503});
}

static enum status take(struct lane *l, struct exchange *x, i64 arrived, struct guest who)
{
    struct queued s = {x, arrived, who};
    struct exchange *out = NULL;
    pthread_mutex_lock(&l->lock);
    enum status st = l->stopping ? ST_BUSY : ST_OK;
    if (!st && l->turns)
        st = turns_put(l->turns, &s, &out);
    else if (!st && l->n == l->cap)
        st = ST_BUSY;
    else if (!st)
        l->ring[(l->from + l->n) % l->cap] = (struct job){.x = x, .arrived = arrived};
    l->n += !st && !out;
    if (!st)
        pthread_cond_signal(&l->more);
    pthread_mutex_unlock(&l->lock);
    if (out)
        server_reply(out, (struct reply){.status = 503});
    return st;
}

enum status lane_take(struct lane *l, struct exchange *x, i64 arrived)
{
    struct guest who = {0};
    if (l->turns)
        who = app_guest(l->app, exchange_request(x));
    return take(l, x, arrived, who);
}

/* With the lock held, and something there. */
static struct job next(struct lane *l)
{
    struct job job = {0};
    struct queued s;
    if (!l->turns) {
        job = l->ring[l->from];
        l->from = (l->from + 1) % l->cap;
    } else if (turns_take(l->turns, &s)) {
        job = (struct job){s.x, s.arrived, s.who.browser != 0};
    }
    l->n--;
    return job;
}

/* Who had a known browser's seat and is none any more goes to the strangers. */
static bool sent_back(struct lane *l, struct job job)
{
    const struct request *r = exchange_request(job.x);
    if (!job.reserved || app_guest_holds(l->app, r, exchange_arena(job.x)))
        return false;
    struct guest who = app_guest(l->app, r);
    who.browser = 0;
    if (take(l, job.x, job.arrived, who))
        server_reply(job.x, (struct reply){.status = 503});
    return true;
}

static void handle(struct lane *l, struct job job)
{
    const struct request *r = exchange_request(job.x);
    if (sent_back(l, job))
        return;
    if (desk_path(r->path)) {
        server_reply(job.x, app_desk(l->app, r, exchange_arena(job.x)));
        return;
    }
    struct waiting *w = arena_new(exchange_arena(job.x), struct waiting, 1);
    if (!w) {
        server_reply(job.x, (struct reply){.status = 503});
        return;
    }
    *w = (struct waiting){{.arrived = job.arrived, .answer = answered}, l, job.x};
    struct reply reply = app_ask(l->app, r, exchange_arena(job.x), &w->waiter);
    if (reply.status) /* otherwise the exchange is the waiter's, and may be answered already */
        server_reply(job.x, reply);
}

static void *run(void *arg)
{
    struct lane *l = arg;
    pthread_mutex_lock(&l->lock);
    for (;;) {
        while (!l->n && !l->stopping)
            pthread_cond_wait(&l->more, &l->lock);
        if (!l->n)
            break;
        struct job job = next(l);
        pthread_mutex_unlock(&l->lock);
        handle(l, job);
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

static enum status start(struct lane *l, struct app *a, int threads, struct lane **ret,
                         struct err *err)
{
    l->app = a;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->more, NULL);
    for (int i = 0; i < threads && i < THREADS_MAX; i++)
        if (pthread_create(&l->threads[l->nthreads], NULL, run, l) == 0)
            l->nthreads++;
    if (!l->nthreads) {
        lane_stop(l);
        return fail(err, ST_IO, "cannot start the threads of a lane");
    }
    *ret = l;
    return ST_OK;
}

enum status lane_start(struct app *a, int threads, size_t queue, struct lane **ret, struct err *err)
{
    struct lane *l = calloc(1, sizeof *l);
    if (l)
        l->ring = calloc(queue, sizeof(struct job));
    if (!l || !l->ring) {
        free(l);
        return fail(err, ST_NOMEM, "out of memory for a lane");
    }
    l->cap = queue;
    return start(l, a, threads, ret, err);
}

enum status lane_start_fair(struct app *a, int threads, size_t strangers, size_t browsers,
                            struct lane **ret, struct err *err)
{
    struct lane *l = calloc(1, sizeof *l);
    if (!l || turns_make(strangers, browsers, &l->turns)) {
        free(l);
        return fail(err, ST_NOMEM, "out of memory for a lane");
    }
    return start(l, a, threads, ret, err);
}

void lane_stop(struct lane *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    pthread_cond_broadcast(&l->more);
    pthread_mutex_unlock(&l->lock);
    for (int i = 0; i < l->nthreads; i++)
        pthread_join(l->threads[i], NULL);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->more);
    free(l->ring);
    turns_free(l->turns);
    free(l);
}
