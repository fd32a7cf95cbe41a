/* A lane runs handlers straight through: each thread with its own read connection, each request
 * with its arena. */
#include <stdlib.h>

#include "app/parts.h"

enum { THREADS_MAX = 64 };

struct lane {
    struct app *app;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct exchange **ring;
    size_t cap, from, n;
    bool stopping;
    pthread_t threads[THREADS_MAX];
    int nthreads;
};

static void *run(void *arg)
{
    struct lane *l = arg;
    pthread_mutex_lock(&l->lock);
    for (;;) {
        while (!l->n && !l->stopping)
            pthread_cond_wait(&l->more, &l->lock);
        if (!l->n)
            break;
        struct exchange *x = l->ring[l->from];
        l->from = (l->from + 1) % l->cap;
        l->n--;
        pthread_mutex_unlock(&l->lock);
        server_reply(x, app_handle(l->app, exchange_request(x), exchange_arena(x)));
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

enum status lane_start(struct app *a, int threads, size_t queue, struct lane **ret, struct err *err)
{
    struct lane *l = calloc(1, sizeof *l);
    if (l)
        l->ring = calloc(queue, sizeof(struct exchange *));
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

enum status lane_take(struct lane *l, struct exchange *x)
{
    pthread_mutex_lock(&l->lock);
    bool room = l->n < l->cap && !l->stopping;
    if (room) {
        l->ring[(l->from + l->n++) % l->cap] = x;
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
