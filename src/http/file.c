/* Files leave by descriptor. Each piece is read with preadv2(RWF_NOWAIT), so that an http thread
 * never waits for a disk: what isn't in memory is fetched into it by a thread of this file's own,
 * while the connection is suspended. Large bodies are written by it too. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "http/finished_mhd.h"

enum { PIECE = 64 << 10, AHEAD = 1 << 20 };

struct file_reader {
    struct file_job job;
    struct finished *owner; /* a reference */
    struct file_lane *lane;
    int fd;
    i64 offset, n;
    i64 want, fetched; /* where the fetch under way begins, and up to where fetches have read */
};

struct file_lane {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct file_job *first, *last;
    bool stopping;
    _Atomic i64 fetches;
};

static i64 least(i64 a, i64 b)
{
    return a < b ? a : b;
}

/* Reading is what brings it into memory; the bytes themselves are taken from there. */
static void fetch(struct file_job *j)
{
    struct file_reader *r = (struct file_reader *)j;
    char buf[PIECE];
    i64 end = least(r->want + AHEAD, r->n), at = r->want;
    posix_fadvise(r->fd, r->offset + at, end - at, POSIX_FADV_WILLNEED);
    while (at < end) {
        ssize_t got = pread(r->fd, buf, (size_t)least(PIECE, end - at), r->offset + at);
        if (got <= 0)
            break;
        at += got;
    }
    r->fetched = end;
    atomic_fetch_add(&r->lane->fetches, 1);
}

static void *run(void *arg)
{
    struct file_lane *l = arg;
    pthread_mutex_lock(&l->lock);
    for (;;) {
        while (!l->first && !l->stopping)
            pthread_cond_wait(&l->more, &l->lock);
        struct file_job *j = l->first;
        if (!j)
            break;
        l->first = j->next;
        pthread_mutex_unlock(&l->lock);
        j->run(j);
        MHD_resume_connection(j->connection); /* j may be gone from here on */
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

bool file_lane_take(struct file_lane *l, struct file_job *j)
{
    pthread_mutex_lock(&l->lock);
    bool ok = !l->stopping;
    if (ok) {
        j->next = NULL;
        MHD_suspend_connection(j->connection);
        if (l->first)
            l->last->next = j;
        else
            l->first = j;
        l->last = j;
        pthread_cond_signal(&l->more);
    }
    pthread_mutex_unlock(&l->lock);
    return ok;
}

/* false when the lane is stopping: then the http thread reads by itself. */
static bool hand_over(struct file_reader *r, i64 pos)
{
    r->want = pos;
    return file_lane_take(r->lane, &r->job);
}

static ssize_t read_piece(void *cls, uint64_t at, char *buf, size_t max)
{
    struct file_reader *r = cls;
    i64 pos = (i64)at, left = r->n - pos;
    if (left <= 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    struct iovec io = {.iov_base = buf, .iov_len = (size_t)least(left, (i64)max)};
    ssize_t got = preadv2(r->fd, &io, 1, r->offset + pos, RWF_NOWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EOPNOTSUPP)) {
        /* fetched, and dropped again or never told of: it is read as it is, so that it ends */
        if (pos >= r->fetched && hand_over(r, pos))
            return 0;
        got = pread(r->fd, buf, io.iov_len, r->offset + pos);
    }
    return got > 0 ? got : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void reader_free(void *cls)
{
    struct file_reader *r = cls;
    finished_release(r->owner);
    free(r);
}

struct MHD_Response *file_response(struct finished *f, struct file_lane *lane,
                                   struct MHD_Connection *c, i64 offset, i64 n)
{
    i64 size;
    struct file_reader *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    *r = (struct file_reader){.job = {.run = fetch, .connection = c},
                              .owner = finished_ref(f),
                              .lane = lane,
                              .fd = finished_fd(f, &size),
                              .offset = offset,
                              .n = n};
    struct MHD_Response *resp =
        MHD_create_response_from_callback((uint64_t)n, PIECE, read_piece, r, reader_free);
    if (!resp)
        reader_free(r);
    return resp;
}

enum status file_lane_start(struct file_lane **ret, struct err *err)
{
    struct file_lane *l = calloc(1, sizeof *l);
    if (!l)
        return fail(err, ST_NOMEM, "out of memory for the files' lane");
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->more, NULL);
    if (pthread_create(&l->thread, NULL, run, l)) {
        free(l);
        return fail(err, ST_IO, "cannot start the files' lane");
    }
    *ret = l;
    return ST_OK;
}

void file_lane_quiet(struct file_lane *l)
{
    pthread_mutex_lock(&l->lock);
    bool ran = !l->stopping;
    l->stopping = true;
    pthread_cond_broadcast(&l->more);
    pthread_mutex_unlock(&l->lock);
    if (ran)
        pthread_join(l->thread, NULL);
}

void file_lane_free(struct file_lane *l)
{
    if (!l)
        return;
    file_lane_quiet(l);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->more);
    free(l);
}

i64 file_lane_fetches(const struct file_lane *l)
{
    return atomic_load(&l->fetches);
}
