#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <errno.h>

#include "base/time.h"

enum { SLOTS = 8192, LINE = 1400, BATCH = 1 << 16 };

struct slot {
    u32 length;
    bool access;
    char line[LINE];
};

struct log {
    pthread_mutex_t lock;
    pthread_cond_t more;
    pthread_t thread;
    struct slot *ring;
    u64 head, tail, dropped; /* head: next to write out; tail: next free */
    bool stopping;
    int fd[2]; /* error, access */
    char *path[2];
};

static int open_path(const char *path)
{
    if (strcmp(path, "-") == 0)
        return dup(STDERR_FILENO);
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

static void write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t w = write(fd, p, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return; /* a full disk for logs is not a reason to stop serving */
        p += w;
        n -= (size_t)w;
    }
}

/* Takes what is in the ring and writes it in as few calls as it can. Called with the lock held. */
static void drain(struct log *log, char *buf)
{
    while (log->head < log->tail) {
        bool access = log->ring[log->head % SLOTS].access;
        size_t n = 0;
        while (log->head < log->tail) {
            struct slot *s = &log->ring[log->head % SLOTS];
            if (s->access != access || n + s->length > BATCH)
                break;
            memcpy(buf + n, s->line, s->length);
            n += s->length;
            log->head++;
        }
        int fd = log->fd[access];
        pthread_mutex_unlock(&log->lock);
        write_all(fd, buf, n);
        pthread_mutex_lock(&log->lock);
    }
}

static void put(struct log *log, bool access, const char *line, size_t n)
{
    pthread_mutex_lock(&log->lock);
    if (log->tail - log->head >= SLOTS) {
        log->dropped++;
    } else {
        struct slot *s = &log->ring[log->tail % SLOTS];
        memcpy(s->line, line, n);
        s->length = (u32)n;
        s->access = access;
        log->tail++;
    }
    pthread_mutex_unlock(&log->lock);
}

static void *writer(void *arg)
{
    struct log *log = arg;
    char *buf = malloc(BATCH);
    if (!buf)
        return NULL;
    pthread_mutex_lock(&log->lock);
    for (;;) {
        drain(log, buf);
        if (log->dropped) {
            u64 lost = log->dropped;
            log->dropped = 0;
            pthread_mutex_unlock(&log->lock);
            log_say(log, LOG_WARN, "log", "%llu lines were dropped: the disk was too slow",
                    (unsigned long long)lost);
            pthread_mutex_lock(&log->lock);
            continue;
        }
        if (log->stopping)
            break;
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec +=
            100 * 1000000L; /* lines may wait a tenth of a second, so that they leave together */
        if (until.tv_nsec >= 1000000000L) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000L;
        }
        pthread_cond_timedwait(&log->more, &log->lock, &until);
    }
    pthread_mutex_unlock(&log->lock);
    free(buf);
    return NULL;
}

static void log_free(struct log *log)
{
    for (int i = 0; i < 2; i++) {
        if (log->fd[i] >= 0)
            close(log->fd[i]);
        free(log->path[i]);
    }
    free(log->ring);
    free(log);
}

enum status log_start(const char *access_path, const char *error_path, struct log **ret,
                      struct err *err)
{
    struct log *log = calloc(1, sizeof *log);
    if (!log)
        return fail(err, ST_NOMEM, "out of memory for the log");
    const char *paths[2] = {error_path, access_path};
    log->ring = calloc(SLOTS, sizeof *log->ring);
    for (int i = 0; i < 2; i++) {
        log->path[i] = strdup(paths[i]);
        log->fd[i] = open_path(paths[i]);
        if (log->fd[i] < 0 || !log->path[i] || !log->ring) {
            enum status st =
                fail(err, ST_IO, "cannot open the log %s: %s", paths[i], strerror(errno));
            if (i == 0)
                log->fd[1] = -1;
            log_free(log);
            return st;
        }
    }
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->more, NULL);
    if (pthread_create(&log->thread, NULL, writer, log)) {
        log_free(log);
        return fail(err, ST_IO, "cannot start the log's thread");
    }
    *ret = log;
    return ST_OK;
}

void log_stop(struct log *log)
{
    if (!log)
        return;
    pthread_mutex_lock(&log->lock);
    log->stopping = true;
    pthread_cond_signal(&log->more);
    pthread_mutex_unlock(&log->lock);
    pthread_join(log->thread, NULL);
    pthread_mutex_destroy(&log->lock);
    pthread_cond_destroy(&log->more);
    log_free(log);
}

enum status log_reopen(struct log *log, struct err *err)
{
    enum status st = ST_OK;
    for (int i = 0; i < 2; i++) {
        int fd = open_path(log->path[i]);
        if (fd < 0) {
            st = fail(err, ST_IO, "cannot reopen the log %s: %s", log->path[i], strerror(errno));
            continue;
        }
        /* the number stays and what it means changes, so that the log's thread needs no lock while
         * it writes */
        pthread_mutex_lock(&log->lock);
        if (dup3(fd, log->fd[i], O_CLOEXEC) < 0)
            st = fail(err, ST_IO, "cannot reopen the log %s: %s", log->path[i], strerror(errno));
        pthread_mutex_unlock(&log->lock);
        close(fd);
    }
    return st;
}

static size_t broken(str s, size_t i)
{
    /* how many bytes at i are one valid character; 0 when broken */
    for (size_t n = 1; n <= 4 && i + n <= s.n; n++)
        if (utf8_valid((str){s.p + i, n}, NULL))
            return n;
    return 0;
}

size_t log_escape(str s, char *buf, size_t cap)
{
    size_t w = 0;
    for (size_t i = 0; i < s.n;) {
        char one[8];
        size_t used = broken(s, i);
        size_t n;
        u8 c = (u8)s.p[i];
        if (used == 0) {
            n = (size_t)snprintf(one, sizeof one, "\\\\x%02x", c);
            used = 1;
        } else if (c == '"' || c == '\\') {
            n = (size_t)snprintf(one, sizeof one, "\\%c", c);
        } else if (c < 0x20 || c == 0x7F) {
            n = (size_t)snprintf(one, sizeof one, "\\u%04x", c);
        } else {
            memcpy(one, s.p + i, used);
            n = used;
        }
        if (w + n > cap)
            break;
        memcpy(buf + w, one, n);
        w += n;
        i += used;
    }
    return w;
}

struct line {
    char p[LINE];
    size_t n;
};

static void raw(struct line *l, const char *fmt, ...) PRINTF(2, 3);
static void raw(struct line *l, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(l->p + l->n, sizeof l->p - l->n, fmt, ap);
    va_end(ap);
    if (n > 0 && (size_t)n < sizeof l->p - l->n)
        l->n += (size_t)n;
}

static void field(struct line *l, const char *name, str value, size_t most)
{
    raw(l, ",\"%s\":\"", name);
    l->n += log_escape(value, l->p + l->n, most);
    raw(l, "\"");
}

static void open_line(struct line *l)
{
    struct civil c = time_civil(time_now());
    l->n = 0;
    raw(l, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"", c.year, c.month, c.day, c.hour,
        c.minute, c.second, c.ms);
}

void log_access(struct log *log, const struct log_access *a)
{
    if (!log)
        return;
    struct line l;
    open_line(&l);
    field(&l, "client", a->client, 64);
    field(&l, "method", a->method, 16);
    field(&l, "host", a->host, 128);
    field(&l, "target", a->target, 600);
    raw(&l, ",\"status\":%d,\"bytes\":%lld,\"micros\":%lld", a->status, (long long)a->bytes,
        (long long)a->micros);
    field(&l, "cache", a->cache, 16);
    field(&l, "agent", a->agent, 200);
    raw(&l, "}\n");
    put(log, true, l.p, l.n);
}

void log_say(struct log *log, enum log_level level, const char *area, const char *fmt, ...)
{
    static const char *const names[] = {"info", "warning", "error"};
    if (!log)
        return;
    char words[1000];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(words, sizeof words, fmt, ap);
    va_end(ap);
    struct line l;
    open_line(&l);
    raw(&l, ",\"level\":\"%s\",\"area\":\"%s\"", names[level], area);
    field(&l, "text", str_c(words), 1100);
    raw(&l, "}\n");
    put(log, false, l.p, l.n);
}
