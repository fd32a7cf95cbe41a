/* How long a publication takes, from the request to its acknowledgement:
 *
 *     publish SITE CONNECTIONS SECONDS RATE     RATE 0: each connection as fast as it is answered
 *     publish SITE sync SECONDS RATE            the disk alone: 4 kB written and fdatasync'ed
 *
 * Speaks to the server over SITE/control.sock as the command does; every story is a new one. With a
 * rate, requests are due at their moments whatever the answers do, and one fdatasync is for all
 * that were due before it. The clock starts when every connection has had an answer. One line of
 * JSON, in microseconds; for the disk, "call" is what each fdatasync took: a disk that stops for
 * 200 ms once in a second has a small p99 there, and a large one for those who wait. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "app/wire.h"
#include "base/time.h"

enum { MOST = 1 << 20, CONNECTIONS_MAX = 128 };

static struct {
    const char *site;
    int connections;
    double rate;
    i64 seconds, run;
    i64 from, until; /* microseconds */
    pthread_barrier_t connected, begun;
    _Atomic i64 next;
    _Atomic size_t n;
    _Atomic int failed;
    u32 *took;
    u32 *calls;
    size_t ncalls;
} o;

static int dial(void)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int dir = open(o.site, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    snprintf(sa.sun_path, sizeof sa.sun_path, "/proc/self/fd/%d/control.sock", dir);
    if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof sa)) {
        perror("control.sock");
        exit(3);
    }
    close(dir);
    return fd;
}

static void sample(i64 took)
{
    size_t at = atomic_fetch_add(&o.n, 1);
    if (at < MOST)
        o.took[at] = (u32)took;
}

static enum status one(int fd, i64 number, struct arena *a)
{
    struct err err = {0};
    struct intake_answer *answers;
    size_t n;
    arena_reset(a);
    struct intake_message m = {
        .kind = INTAKE_STORY,
        .name = STR("bench"),
        .bytes = arena_fmt(
            a,
            "---\nid: bench-%lld-%lld\nsection: news\nheadline: Measured %lld of %lld\n"
            "topics: [Topic %lld]\nby: [Writer %lld]\n---\nA story of few words, for measuring "
            "how long it takes until it is safe.\n",
            (long long)o.run, (long long)number, (long long)number, (long long)o.run,
            (long long)number % 50, (long long)number % 20)};
    struct wire_request r = {.kind = WIRE_TAKE, .messages = &m, .n = 1};
    enum status st = wire_send_request(fd, &r, a, &err);
    st = st ? st : wire_read_answers(fd, a, &answers, &n, &err);
    st = st ? st : answers[0].st;
    if (st)
        fprintf(stderr, "publish: %s\n", err.text);
    return st;
}

static void *run(void *arg)
{
    struct arena a;
    int fd = dial();
    if (arena_init(&a, 8 << 20))
        exit(3);
    if (one(fd, (i64)(intptr_t)arg, &a))
        atomic_fetch_add(&o.failed, 1);
    pthread_barrier_wait(&o.connected);
    pthread_barrier_wait(&o.begun);
    for (;;) {
        i64 number = atomic_fetch_add(&o.next, 1);
        i64 due = o.rate > 0 ? o.from + (i64)((double)number * 1e6 / o.rate) : time_micros();
        i64 now = time_micros();
        if (due >= o.until)
            break;
        if (due > now)
            usleep((useconds_t)(due - now));
        if (one(fd, o.connections + number, &a)) {
            atomic_fetch_add(&o.failed, 1);
            break;
        }
        sample(time_micros() - due);
    }
    close(fd);
    arena_free(&a);
    return NULL;
}

static void begin(void)
{
    o.from = time_micros();
    o.until = o.from + o.seconds * 1000000;
}

/* Everybody who was due before the last sync began. */
static void serve_due(i64 began, i64 ended, i64 *number)
{
    for (;; ++*number) {
        i64 due = o.from + (i64)((double)*number * 1e6 / o.rate);
        if (o.rate <= 0 || due > began)
            return;
        sample(ended - due);
    }
}

static void syncs(void)
{
    char path[4096], block[4096] = {1};
    snprintf(path, sizeof path, "%s/.sync-bench", o.site);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        exit(3);
    unlink(path);
    i64 number = 0;
    for (off_t at = 0; time_micros() < o.until; at += (off_t)sizeof block) {
        i64 from = time_micros();
        if (pwrite(fd, block, sizeof block, at) != sizeof block || fdatasync(fd))
            exit(3);
        i64 now = time_micros();
        if (o.ncalls < MOST)
            o.calls[o.ncalls++] = (u32)(now - from);
        serve_due(from, now, &number);
    }
    close(fd);
}

static int by_size(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;
    return x < y ? -1 : x > y;
}

static void figures(u32 *took, size_t n, double seconds)
{
    qsort(took, n, sizeof *took, by_size);
    printf("\"n\":%zu,\"per_second\":%.1f,\"p50\":%u,\"p90\":%u,\"p99\":%u,\"max\":%u", n,
           (double)n / seconds, n ? took[n / 2] : 0, n ? took[n * 9 / 10] : 0,
           n ? took[n * 99 / 100] : 0, n ? took[n - 1] : 0);
}

int main(int argc, char **argv)
{
    pthread_t threads[CONNECTIONS_MAX];
    i64 connections = 0, rate = 0;
    bool sync = argc == 5 && strcmp(argv[2], "sync") == 0;
    o.took = calloc(MOST, sizeof *o.took);
    o.calls = calloc(MOST, sizeof *o.calls);
    if (!o.took || !o.calls || argc != 5 || str_i64(str_c(argv[3]), &o.seconds) ||
        str_i64(str_c(argv[4]), &rate) ||
        (!sync && (str_i64(str_c(argv[2]), &connections) || connections < 1 ||
                   connections > CONNECTIONS_MAX))) {
        fputs("publish SITE CONNECTIONS|sync SECONDS RATE\n", stderr);
        return 2;
    }
    o.site = argv[1];
    o.rate = (double)rate;
    o.run = time_micros();
    o.connections = (int)connections;
    begin();
    if (sync)
        syncs();
    pthread_barrier_init(&o.connected, NULL, (unsigned)connections + 1);
    pthread_barrier_init(&o.begun, NULL, (unsigned)connections + 1);
    for (i64 i = 0; i < connections; i++)
        if (pthread_create(&threads[i], NULL, run, (void *)(intptr_t)i))
            return 3;
    if (!sync) {
        pthread_barrier_wait(&o.connected);
        begin();
        pthread_barrier_wait(&o.begun);
    }
    for (i64 i = 0; i < connections; i++)
        pthread_join(threads[i], NULL);
    printf("{");
    figures(o.took, o.n < MOST ? o.n : MOST, (double)o.seconds);
    if (sync) {
        printf(",\"call\":{");
        figures(o.calls, o.ncalls, (double)o.seconds);
        printf("}");
    }
    printf(",\"failed\":%d}\n", o.failed);
    return o.failed != 0;
}
