/* A lane runs handlers straight through: each thread with its own read connection, each request
 * with its arena. */
#include <stdlib.h>

#include "app/parts.h"

enum { THREADS_MAX = 64 };

struct job {
    struct exchange *x;
    i64 arrived;
};

struct lane {
    struct app *app;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct job *ring;
    size_t cap, from, n;
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

static void handle(struct lane *l, struct job job)
{
    const struct request *r = exchange_request(job.x);
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
    struct reply reply =
        app_ask(l->app, r, exchange_arena(job.x), &w->waiter);
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
        struct job job = l->ring[l->from];
        l->from = (l->from + 1) % l->cap;
        l->n--;
        pthread_mutex_unlock(&l->lock);
        handle(l, job);
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
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
    l->app = a;
    l->cap = queue;
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

enum status lane_take(struct lane *l, struct exchange *x, i64 arrived)
{
    pthread_mutex_lock(&l->lock);
    bool room = l->n < l->cap && !l->stopping;
    if (room) {
        l->ring[(l->from + l->n++) % l->cap] = (struct job){x, arrived};
        pthread_cond_signal(&l->more);
    }
    pthread_mutex_unlock(&l->lock);
    return room ? ST_OK : ST_BUSY;
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
    free(l);
}
