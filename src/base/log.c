#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/time.h"

enum {
    LINE = 1400,
    FULL = 2 << 20, /* of one buffer: what a slow disk may owe */
    WAIT_MS = 100,  /* lines may wait that long, so that they leave together */
    MOMENT = 34,    /* {"time":"2026-11-20T06:45:00.123Z" */
};
enum { STREAM_ERROR, STREAM_ACCESS, STREAMS };

/* One file. Lines are appended to `fill`; the log's thread swaps it with `flush` and writes that.
 */
struct stream {
    pthread_mutex_t lock;
    char *fill, *flush;
    size_t n;
    u64 dropped;
    i64 second; /* of which `moment` says the time */
    char moment[64];
    int fd;
    char *path;
};

struct log {
    struct stream streams[STREAMS];
    pthread_mutex_t lock;
    pthread_cond_t more, written;
    pthread_t thread;
    bool stopping, hurry, held, writing;
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

/* ---- lines in ---- */

/* The moment changes with every line, but all of it but the last digits once a second. */
static void put_moment(struct stream *s, char *to)
{
    i64 now = time_now(), second = now / 1000;
    if (second != s->second) {
        struct civil c = time_civil(now);
        snprintf(s->moment, sizeof s->moment, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.000Z\"",
                 c.year % 10000, c.month, c.day, c.hour, c.minute, c.second);
        s->second = second;
    }
    memcpy(to, s->moment, MOMENT);
    int ms = (int)(now % 1000);
    to[29] = (char)('0' + ms / 100);
    to[30] = (char)('0' + ms / 10 % 10);
    to[31] = (char)('0' + ms % 10);
}

static void put(struct log *log, int stream, const char *line, size_t n)
{
    struct stream *s = &log->streams[stream];
    pthread_mutex_lock(&s->lock);
    bool half = s->n < FULL / 2;
    if (s->n + MOMENT + n > FULL) {
        s->dropped++;
    } else {
        put_moment(s, s->fill + s->n);
        memcpy(s->fill + s->n + MOMENT, line, n);
        s->n += MOMENT + n;
    }
    half = half && s->n >= FULL / 2;
    pthread_mutex_unlock(&s->lock);
    if (!half)
        return;
    pthread_mutex_lock(&log->lock);
    log->hurry = true;
    pthread_cond_signal(&log->more);
    pthread_mutex_unlock(&log->lock);
}

/* ---- lines out ---- */

static u64 flush(struct stream *s)
{
    pthread_mutex_lock(&s->lock);
    char *full = s->fill;
    size_t n = s->n;
    u64 lost = s->dropped;
    s->fill = s->flush;
    s->flush = full;
    s->n = 0;
    s->dropped = 0;
    pthread_mutex_unlock(&s->lock);
    write_all(s->fd, full, n);
    return lost;
}

static void *writer(void *arg)
{
    struct log *log = arg;
    pthread_mutex_lock(&log->lock);
    for (bool last = false; !last;) {
        last = log->stopping;
        log->hurry = false;
        log->writing = !log->held;
        pthread_mutex_unlock(&log->lock);
        for (int i = 0; i < STREAMS && log->writing; i++) {
            u64 lost = flush(&log->streams[i]);
            if (lost)
                log_say(log, LOG_WARN, "log", "%llu lines were dropped: the disk was too slow",
                        (unsigned long long)lost);
        }
        pthread_mutex_lock(&log->lock);
        log->writing = false;
        pthread_cond_broadcast(&log->written);
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += WAIT_MS * 1000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000L;
        }
        if (!log->stopping && !log->hurry)
            pthread_cond_clockwait(&log->more, &log->lock, CLOCK_MONOTONIC, &until);
    }
    pthread_mutex_unlock(&log->lock);
    return NULL;
}

static void log_free(struct log *log)
{
    for (int i = 0; i < STREAMS; i++) {
        struct stream *s = &log->streams[i];
        if (s->fd >= 0)
            close(s->fd);
        free(s->path);
        free(s->fill);
        free(s->flush);
        pthread_mutex_destroy(&s->lock);
    }
    pthread_mutex_destroy(&log->lock);
    pthread_cond_destroy(&log->more);
    pthread_cond_destroy(&log->written);
    free(log);
}

static enum status stream_open(struct stream *s, const char *path, struct err *err)
{
    s->path = strdup(path);
    s->fill = malloc(FULL);
    s->flush = malloc(FULL);
    if (!s->path || !s->fill || !s->flush)
        return fail(err, ST_NOMEM, "out of memory for the log");
    s->fd = open_path(path);
    return s->fd < 0 ? fail(err, ST_IO, "cannot open the log %s: %s", path, strerror(errno))
                     : ST_OK;
}

enum status log_start(const char *access_path, const char *error_path, struct log **ret,
                      struct err *err)
{
    struct log *log = calloc(1, sizeof *log);
    if (!log)
        return fail(err, ST_NOMEM, "out of memory for the log");
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->more, NULL);
    pthread_cond_init(&log->written, NULL);
    for (int i = 0; i < STREAMS; i++) {
        pthread_mutex_init(&log->streams[i].lock, NULL);
        log->streams[i].fd = -1;
    }
    enum status st = stream_open(&log->streams[STREAM_ERROR], error_path, err);
    st = st ? st : stream_open(&log->streams[STREAM_ACCESS], access_path, err);
    if (!st && pthread_create(&log->thread, NULL, writer, log))
        st = fail(err, ST_IO, "cannot start the log's thread");
    if (st) {
        log_free(log);
        return st;
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
    log_free(log);
}

enum status log_reopen(struct log *log, struct err *err)
{
    enum status st = ST_OK;
    for (int i = 0; i < STREAMS; i++) {
        struct stream *s = &log->streams[i];
        int fd = open_path(s->path);
        /* the number stays and what it means changes, so that the log's thread needs no lock while
         * it writes */
        if (fd < 0 || dup3(fd, s->fd, O_CLOEXEC) < 0)
            st = fail(err, ST_IO, "cannot reopen the log %s: %s", s->path, strerror(errno));
        if (fd >= 0)
            close(fd);
    }
    return st;
}

/* ---- held back, for words to be taken out ---- */

const char *log_file(const struct log *log, int which)
{
    const char *path = log->streams[which == 0 ? STREAM_ACCESS : STREAM_ERROR].path;
    return strcmp(path, "-") == 0 ? "" : path;
}

void log_hold(struct log *log)
{
    pthread_mutex_lock(&log->lock);
    while (log->held || log->writing)
        pthread_cond_wait(&log->written, &log->lock);
    log->held = true;
    pthread_mutex_unlock(&log->lock);
}

static void mask_lines(char *p, size_t n, log_mask_fn *mask, void *arg)
{
    for (size_t from = 0, i = 0; i < n; i++)
        if (p[i] == '\n') {
            mask(arg, p + from, i - from);
            from = i + 1;
        }
}

void log_release(struct log *log, log_mask_fn *mask, void *arg)
{
    for (int i = 0; i < STREAMS; i++) {
        struct stream *s = &log->streams[i];
        pthread_mutex_lock(&s->lock);
        mask_lines(s->fill, s->n, mask, arg);
        pthread_mutex_unlock(&s->lock);
    }
    pthread_mutex_lock(&log->lock);
    log->held = false;
    pthread_cond_broadcast(&log->written);
    pthread_mutex_unlock(&log->lock);
}

/* ---- what a line says ---- */

static size_t broken(str s, size_t i)
{
    /* how many bytes at i are one valid character; 0 when broken */
    for (size_t n = 1; n <= 4 && i + n <= s.n; n++)
        if (utf8_valid((str){s.p + i, n}, NULL))
            return n;
    return 0;
}

static bool safe(u8 c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

size_t log_escape(str s, char *buf, size_t cap)
{
    size_t w = 0;
    for (size_t i = 0; i < s.n;) {
        char one[8];
        size_t run = 0; /* nearly all of it needs nothing */
        while (i + run < s.n && w + run < cap && safe((u8)s.p[i + run]))
            run++;
        memcpy(buf + w, s.p + i, run);
        w += run;
        i += run;
        if (i == s.n || w == cap)
            break;
        u8 c = (u8)s.p[i];
        size_t used = broken(s, i);
        size_t n;
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

/* No more is ever put into a line than LINE: see the fields' bounds. */
static void raw(struct line *l, str s)
{
    memcpy(l->p + l->n, s.p, s.n);
    l->n += s.n;
}

/* name: with what stands before the value, as in ,"host":" */
static void field(struct line *l, str name, str value, size_t most)
{
    raw(l, name);
    l->n += log_escape(value, l->p + l->n, most);
    l->p[l->n++] = '"';
}

static void number(struct line *l, str name, i64 value)
{
    char digits[24], *p = digits + sizeof digits;
    u64 v = value < 0 ? 0 : (u64)value;
    do
        *--p = (char)('0' + v % 10);
    while (v /= 10);
    raw(l, name);
    raw(l, (str){p, (size_t)(digits + sizeof digits - p)});
}

void log_access(struct log *log, const struct log_access *a)
{
    if (!log)
        return;
    struct line l;
    l.n = 0;
    field(&l, STR(",\"client\":\""), a->client, 64);
    field(&l, STR(",\"method\":\""), a->method, 16);
    field(&l, STR(",\"host\":\""), a->host, 128);
    field(&l, STR(",\"target\":\""), a->target, 600);
    number(&l, STR(",\"status\":"), a->status);
    number(&l, STR(",\"bytes\":"), a->bytes);
    number(&l, STR(",\"micros\":"), a->micros);
    field(&l, STR(",\"cache\":\""), a->cache, 16);
    field(&l, STR(",\"agent\":\""), a->agent, 200);
    raw(&l, STR("}\n"));
    put(log, STREAM_ACCESS, l.p, l.n);
}

void log_say(struct log *log, enum log_level level, const char *area, const char *fmt, ...)
{
    static const str names[] = {{"info", 4}, {"warning", 7}, {"error", 5}};
    if (!log)
        return;
    char words[1000];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(words, sizeof words, fmt, ap);
    va_end(ap);
    struct line l;
    l.n = 0;
    field(&l, STR(",\"level\":\""), names[level], 10);
    field(&l, STR(",\"area\":\""), str_c(area), 20);
    field(&l, STR(",\"text\":\""), str_c(words), 1100);
    raw(&l, STR("}\n"));
    put(log, STREAM_ERROR, l.p, l.n);
}
