/* A load generator: one thread, many keep-alive connections, closed or open loop.
 *
 *     load --port 8080 [--connections 64] [--seconds 5] [--rate R] [--paths FILE | PATH...]
 *          [--from 127.0.0.2] [--gzip] [--warm SECONDS] [--random] [--drain]
 *
 * Closed loop (no --rate): each connection asks again as soon as it is answered. Open loop: requests
 * are due R times a second whatever the answers do, and latency counts from the moment a request was
 * due, so that a server that stalls can't hide it; what has no answer at the end counts as late, and
 * among the latencies with the time it has waited. --drain: at the end nothing more is asked, but what
 * is under way is waited for, counted, and part of the seconds: the server has worked for it. Prints
 * one line of JSON. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUF = 64 << 10, SAMPLES = 1 << 23, DRAIN_S = 30 };

struct connection {
    int fd;
    bool busy, connected;
    int64_t due; /* when its request should have left, in ns */
    size_t have, body, left;
    bool in_body, chunked;
    char tail[7]; /* of a chunked body, which ends in "\r\n0\r\n\r\n" */
    int status;
    char head[8192];
};

static struct {
    int port, connections;
    double seconds, warm, rate;
    const char *from, *host;
    bool gzip, random, drain;
    char **paths;
    size_t npaths;
} o = {.connections = 64, .seconds = 5, .host = "localhost"};

static struct {
    uint64_t requests, bytes, errors, statuses[6];
    uint32_t *samples; /* microseconds */
    size_t nsamples;
} seen;

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint64_t next_random(void)
{
    static uint64_t x = 88172645463325252u;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}

static void dial(struct connection *c, int ep)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)o.port)};
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (o.from) {
        struct sockaddr_in me = {.sin_family = AF_INET};
        inet_pton(AF_INET, o.from, &me.sin_addr);
        if (bind(c->fd, (struct sockaddr *)&me, sizeof me))
            perror("bind");
    }
    inet_pton(AF_INET, "127.0.0.1", &sa.sin_addr);
    if (connect(c->fd, (struct sockaddr *)&sa, sizeof sa) && errno != EINPROGRESS)
        seen.errors++;
    c->busy = c->in_body = false;
    c->have = 0;
    c->connected = true;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
}

static void again(struct connection *c, int ep)
{
    close(c->fd);
    dial(c, ep);
}

static bool send_request(struct connection *c, int64_t due)
{
    static size_t turn;
    char buf[4096];
    const char *path = o.paths[(o.random ? next_random() : turn++) % o.npaths];
    int n = snprintf(buf, sizeof buf, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", path, o.host,
                     o.gzip ? "Accept-Encoding: gzip\r\n" : "");
    c->due = due;
    c->busy = true;
    c->have = 0;
    c->in_body = false;
    ssize_t w = send(c->fd, buf, (size_t)n, MSG_NOSIGNAL);
    if (w != n) {
        c->busy = errno == EAGAIN || errno == ENOTCONN; /* still connecting: tried again */
        return false;
    }
    return true;
}

static void note_tail(struct connection *c, const char *p, size_t n)
{
    size_t most = sizeof c->tail, keep = n < most ? most - n : 0;
    memmove(c->tail, c->tail + most - keep, keep);
    memcpy(c->tail + keep, p + n - (most - keep), most - keep);
}

/* Nothing is pipelined: what ends like the last chunk is the last chunk. */
static bool chunks_end(const struct connection *c)
{
    return memcmp(c->tail, "\r\n0\r\n\r\n", sizeof c->tail) == 0;
}

/* The head's end; what the body's length is. */
static bool read_head(struct connection *c)
{
    c->head[c->have] = '\0';
    char *end = strstr(c->head, "\r\n\r\n");
    if (!end)
        return false;
    c->status = atoi(c->head + 9);
    char *length = strcasestr(c->head, "\r\nContent-Length:");
    c->body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
    if (c->status == 304)
        c->body = 0;
    size_t after = c->have - (size_t)(end + 4 - c->head);
    c->left = c->body > after ? c->body - after : 0;
    char *chunked = strcasestr(c->head, "\r\nTransfer-Encoding: chunked");
    c->chunked = chunked && chunked < end;
    if (c->chunked) {
        memset(c->tail, 0, sizeof c->tail);
        note_tail(c, c->head, c->have);
        c->left = after && chunks_end(c) ? 0 : BUF;
    }
    c->in_body = true;
    return true;
}

static void answered(struct connection *c, int64_t now, bool count)
{
    c->busy = false;
    if (!count)
        return;
    seen.requests++;
    if (c->status >= 0 && c->status < 600)
        seen.statuses[c->status / 100]++;
    if (seen.nsamples < SAMPLES)
        seen.samples[seen.nsamples++] = (uint32_t)((now - c->due) / 1000);
}

/* false when the connection is gone. */
static bool receive(struct connection *c, bool count)
{
    static char sink[BUF];
    for (;;) {
        ssize_t n = c->in_body ? recv(c->fd, sink, c->left < BUF ? c->left : BUF, 0)
                               : recv(c->fd, c->head + c->have, sizeof c->head - 1 - c->have, 0);
        if (n < 0)
            return errno == EAGAIN;
        if (n == 0)
            return false;
        if (count)
            seen.bytes += (uint64_t)n;
        if (c->in_body && c->chunked) {
            note_tail(c, sink, (size_t)n);
            c->left = chunks_end(c) ? 0 : BUF;
        } else if (c->in_body) {
            c->left -= (size_t)n;
        } else {
            c->have += (size_t)n;
            if (!read_head(c)) {
                if (c->have == sizeof c->head - 1)
                    return false;
                continue;
            }
        }
        if (c->left == 0) {
            answered(c, now_ns(), count);
            return true;
        }
    }
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static uint32_t percentile(double p)
{
    if (!seen.nsamples)
        return 0;
    size_t i = (size_t)(p * (double)seen.nsamples);
    return seen.samples[i < seen.nsamples ? i : seen.nsamples - 1];
}

static void add_path(char *path)
{
    if ((o.npaths & (o.npaths - 1)) == 0)
        o.paths = realloc(o.paths, (o.npaths ? 2 * o.npaths : 1) * sizeof *o.paths);
    o.paths[o.npaths++] = path;
}

static void read_paths(const char *file)
{
    char line[4096];
    FILE *f = fopen(file, "r");
    if (!f) {
        perror(file);
        exit(2);
    }
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        add_path(strdup(line));
    }
    fclose(f);
}

static void options(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *a = argv[i], *v = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(a, "--gzip") == 0)
            o.gzip = true;
        else if (strcmp(a, "--random") == 0)
            o.random = true;
        else if (strcmp(a, "--drain") == 0)
            o.drain = true;
        else if (a[0] != '-')
            add_path(a);
        else if (strcmp(a, "--port") == 0)
            o.port = atoi(v), i++;
        else if (strcmp(a, "--connections") == 0)
            o.connections = atoi(v), i++;
        else if (strcmp(a, "--seconds") == 0)
            o.seconds = atof(v), i++;
        else if (strcmp(a, "--warm") == 0)
            o.warm = atof(v), i++;
        else if (strcmp(a, "--rate") == 0)
            o.rate = atof(v), i++;
        else if (strcmp(a, "--from") == 0)
            o.from = v, i++;
        else if (strcmp(a, "--host") == 0)
            o.host = v, i++;
        else if (strcmp(a, "--paths") == 0)
            read_paths(v), i++;
        else
            fprintf(stderr, "load: unknown option %s\n", a), exit(2);
    }
    if (!o.port || !o.npaths)
        fprintf(stderr, "load: --port and a path are wanted\n"), exit(2);
}

/* What was due and has no answer at the end, sent or not: counted with the time it has waited. */
static uint64_t unanswered(const struct connection *list, int64_t end, int64_t due, int64_t step)
{
    uint64_t late = 0;
    for (int i = 0; i < o.connections; i++)
        if (list[i].busy && list[i].due < end) {
            late++;
            if (seen.nsamples < SAMPLES)
                seen.samples[seen.nsamples++] = (uint32_t)((end - list[i].due) / 1000);
        }
    for (; due < end; due += step) {
        late++;
        if (seen.nsamples < SAMPLES)
            seen.samples[seen.nsamples++] = (uint32_t)((end - due) / 1000);
    }
    return late;
}

static bool any_busy(const struct connection *list)
{
    for (int i = 0; i < o.connections; i++)
        if (list[i].busy)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    options(argc, argv);
    int ep = epoll_create1(EPOLL_CLOEXEC);
    struct connection *list = calloc((size_t)o.connections, sizeof *list);
    seen.samples = malloc(SAMPLES * sizeof *seen.samples);
    for (int i = 0; i < o.connections; i++)
        dial(&list[i], ep);
    int64_t start = now_ns(), count_from = start + (int64_t)(o.warm * 1e9);
    int64_t end = count_from + (int64_t)(o.seconds * 1e9), step = o.rate ? (int64_t)(1e9 / o.rate) : 0;
    int64_t due = start;
    size_t next = 0;
    if (!o.rate)
        for (int i = 0; i < o.connections; i++)
            while (!send_request(&list[i], now_ns()))
                usleep(100);
    int64_t last = end + (int64_t)DRAIN_S * 1000000000, now = start;
    for (; now < end || (o.drain && now < last && any_busy(list)); now = now_ns()) {
        bool more = now < end;
        struct epoll_event events[256];
        for (int tries = 0; more && step && due <= now && tries < o.connections; tries++) {
            struct connection *c = &list[next++ % (size_t)o.connections];
            if (c->busy)
                continue;
            if (send_request(c, due))
                due += step;
            else
                c->busy = false;
        }
        int wait = !step ? 100 : due > now ? (int)((due - now) / 1000000) : 1;
        int n = epoll_wait(ep, events, 256, wait);
        bool count = now >= count_from;
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            bool was = c->busy;
            if (!receive(c, count)) {
                seen.errors += was && count;
                again(c, ep);
                if (!step && more)
                    while (!send_request(c, now_ns()))
                        usleep(100);
            } else if (!step && more && was && !c->busy) {
                send_request(c, now_ns());
            }
        }
    }
    double seconds = o.drain ? (double)(now - count_from) / 1e9 : o.seconds;
    uint64_t late = step ? unanswered(list, end, due, step) : 0;
    qsort(seen.samples, seen.nsamples, sizeof *seen.samples, by_size);
    printf("{\"requests\":%llu,\"seconds\":%.3f,\"rps\":%.1f,\"p50\":%u,\"p90\":%u,\"p99\":%u,"
           "\"max\":%u,\"bytes\":%llu,\"errors\":%llu,\"late\":%lld,\"s2\":%llu,\"s3\":%llu,\"s4\":%llu,"
           "\"s5\":%llu}\n",
           (unsigned long long)seen.requests, seconds, (double)seen.requests / seconds,
           percentile(0.5), percentile(0.9), percentile(0.99), percentile(1.0),
           (unsigned long long)seen.bytes, (unsigned long long)seen.errors,
           (long long)late,
           (unsigned long long)seen.statuses[2], (unsigned long long)seen.statuses[3],
           (unsigned long long)seen.statuses[4], (unsigned long long)seen.statuses[5]);
    return 0;
}
