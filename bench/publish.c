/* How long a publication takes, from the request to its acknowledgement:
 *
 *     publish SITE CONNECTIONS SECONDS RATE     RATE 0: each connection as fast as it is answered
 *     publish SITE sync SECONDS                 4 kB written and fdatasync'ed, for comparison
 *
 * Speaks to the server over SITE/control.sock as the command does; every story is a new one. With a
 * rate, requests are due at their moments whatever the answers do. One line of JSON. */
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
    i64 from, until; /* microseconds */
    _Atomic i64 next;
    _Atomic size_t n;
    _Atomic int failed;
    u32 *took;
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
        .bytes = arena_fmt(a,
                           "---\nid: bench-%lld-%lld\nsection: news\nheadline: Measured %lld\ntopics: "
                           "[Topic %lld]\nby: [Writer %lld]\n---\nA story of few words, for measuring "
                           "how long it takes until it is safe.\n",
                           (long long)o.from, (long long)number, (long long)number,
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
    (void)arg;
    if (arena_init(&a, 8 << 20))
        return NULL;
    for (;;) {
        i64 number = atomic_fetch_add(&o.next, 1);
        i64 due = o.rate > 0 ? o.from + (i64)((double)number * 1e6 / o.rate) : time_micros();
        i64 now = time_micros();
        if (due >= o.until)
            break;
        if (due > now)
            usleep((useconds_t)(due - now));
        if (one(fd, number, &a)) {
            atomic_fetch_add(&o.failed, 1);
            break;
        }
        sample(time_micros() - due);
    }
    close(fd);
    arena_free(&a);
    return NULL;
}

static void syncs(void)
{
    char path[4096], block[4096] = {1};
    snprintf(path, sizeof path, "%s/.sync-bench", o.site);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        exit(3);
    unlink(path);
    for (off_t at = 0; time_micros() < o.until; at += (off_t)sizeof block) {
        i64 from = time_micros();
        if (pwrite(fd, block, sizeof block, at) != sizeof block || fdatasync(fd))
            exit(3);
        sample(time_micros() - from);
    }
    close(fd);
}

static int by_size(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    pthread_t threads[CONNECTIONS_MAX];
    i64 seconds = 0, connections = 0, rate = 0;
    bool sync = argc == 4 && strcmp(argv[2], "sync") == 0;
    o.took = calloc(MOST, sizeof *o.took);
    if (!o.took || argc < 4 || str_i64(str_c(argv[3]), &seconds) ||
        (!sync && (argc != 5 || str_i64(str_c(argv[2]), &connections) ||
                   str_i64(str_c(argv[4]), &rate) || connections < 1 ||
                   connections > CONNECTIONS_MAX))) {
        fputs("publish SITE CONNECTIONS SECONDS RATE\n", stderr);
        return 2;
    }
    o.site = argv[1];
    o.rate = (double)rate;
    o.from = time_micros();
    o.until = o.from + seconds * 1000000;
    if (sync)
        syncs();
    for (i64 i = 0; i < connections; i++)
        if (pthread_create(&threads[i], NULL, run, NULL))
            return 3;
    for (i64 i = 0; i < connections; i++)
        pthread_join(threads[i], NULL);
    size_t n = o.n < MOST ? o.n : MOST;
    qsort(o.took, n, sizeof *o.took, by_size);
    printf("{\"n\":%zu,\"per_second\":%.1f,\"p50\":%u,\"p90\":%u,\"p99\":%u,\"max\":%u,\"failed\":%d}\n", n,
           (double)n / (double)seconds, n ? o.took[n / 2] : 0, n ? o.took[n * 9 / 10] : 0,
           n ? o.took[n * 99 / 100] : 0, n ? o.took[n - 1] : 0, o.failed);
    return o.failed != 0;
}
