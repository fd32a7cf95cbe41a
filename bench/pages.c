/* Prints pages of a site over and over and says what each costs:
 *
 *     pages SITE ROUNDS <PATHS
 *
 * PATHS has "KIND PATH" a line; with 0 rounds it has a path a line, and the page's bytes are
 * written. One line of JSON for each path, medians and p99 over the rounds: CPU microseconds of
 * printing to identity bytes, of what follows (both codings, ETag, response) and of gzip 6 of those
 * bytes; SQLite pages touched, full-scan steps and statements of one print. Printing is what
 * app_print takes less what it spends in making the finished response, which the linker's --wrap
 * lets us time. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <zlib.h>

#include "app/parts.h"
#include "base/time.h"

enum { ROUNDS_MAX = 10000 };

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double finishing; /* of the print under way */

enum status __real_finished_make(const struct finished_spec *, struct finished **, struct err *);
enum status __wrap_finished_make(const struct finished_spec *, struct finished **, struct err *);
enum status __wrap_finished_make(const struct finished_spec *s, struct finished **ret,
                                 struct err *err)
{
    double from = cpu_us();
    enum status st = __real_finished_make(s, ret, err);
    finishing += cpu_us() - from;
    return st;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double at(double *list, int n, double q)
{
    qsort(list, (size_t)n, sizeof *list, by_size);
    int i = (int)(q * n);
    return list[i < n ? i : n - 1];
}

static double gzip_us(str body)
{
    uLong cap = compressBound(body.n) + 64;
    u8 *buf = malloc(cap);
    double from = cpu_us();
    z_stream z = {0};
    deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    z.next_in = (u8 *)body.p;
    z.avail_in = (uInt)body.n;
    z.next_out = buf;
    z.avail_out = (uInt)cap;
    deflate(&z, Z_FINISH);
    deflateEnd(&z);
    double took = cpu_us() - from;
    free(buf);
    return took;
}

static void measure(struct app *app, const char *kind, const char *path, int rounds,
                    struct arena *a)
{
    static double print[ROUNDS_MAX], gzip[ROUNDS_MAX], finish[ROUNDS_MAX], all[ROUNDS_MAX];
    struct err err = {0};
    str where, before = str_cut(str_c(path), '?', &where);
    struct db_cost cost = {0};
    size_t bytes = 0;
    int status = 0;
    before = before.n > 7 ? str_from(before, 7) : STR_NONE;
    for (int i = 0; i < rounds; i++) {
        struct finished *f = NULL;
        struct db *db = NULL;
        if (app_reader(app, &db, &err)) {
            fprintf(stderr, "%s: %s\n", path, err.text);
            exit(3);
        }
        db_cost(db);
        finishing = 0;
        double t0 = cpu_us();
        if (app_print(app, where, before, a, &f, &err)) {
            fprintf(stderr, "%s: %s\n", path, err.text);
            exit(3);
        }
        double t1 = cpu_us();
        cost = db_cost(db);
        str body = finished_body(f);
        print[i] = t1 - t0 - finishing;
        all[i] = t1 - t0;
        finish[i] = finishing;
        gzip[i] = gzip_us(body); /* once a round, as printing: a second run knows each branch */
        bytes = body.n;
        status = finished_status(f);
        finished_release(f);
        arena_reset(a);
    }
    printf("{\"kind\":\"%s\",\"path\":\"%s\",\"status\":%d,\"bytes\":%zu,\"print\":%.1f,\"print_p99\":%."
           "1f,\"all\":%.1f,\"all_p99\":%.1f,\"gzip\":%.1f,\"finish\":%.1f,\"pages\":%lld,\"scans\":%lld,"
           "\"statements\":%lld}\n",
           kind, path, status, bytes, at(print, rounds, 0.5), at(print, rounds, 0.99),
           at(all, rounds, 0.5), at(all, rounds, 0.99), at(gzip, rounds, 0.5),
           at(finish, rounds, 0.5), (long long)cost.pages, (long long)cost.scan_steps,
           (long long)cost.statements);
    fflush(stdout);
}

static void show(struct app *app, const char *path, struct arena *a)
{
    struct err err = {0};
    struct finished *f = NULL;
    if (app_print(app, str_c(path), STR_NONE, a, &f, &err)) {
        fprintf(stderr, "%s: %s\n", path, err.text);
        exit(3);
    }
    str body = finished_body(f);
    fwrite(body.p, 1, body.n, stdout);
    finished_release(f);
    arena_reset(a);
}

int main(int argc, char **argv)
{
    struct err err = {0};
    struct site site = {.dir = -1, .lock = -1};
    struct app *app = NULL;
    struct arena a;
    char line[4096];
    i64 wanted = -1;
    if (argc == 3 && str_i64(str_c(argv[2]), &wanted))
        wanted = -1;
    /* zlib's memory stays warm: the yardstick is compressing, not the system's fresh pages */
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    int rounds = wanted >= 0 && wanted <= ROUNDS_MAX ? (int)wanted : -1;
    if (rounds < 0) {
        fputs("pages SITE ROUNDS <PATHS\n", stderr);
        return 2;
    }
    enum status st = arena_init(&a, 64 << 20);
    st = st ? st : site_open(argv[1], &site, &err);
    st = st ? st : site_lock(&site, &err);
    st = st ? st : app_open(&(struct app_options){.site = &site}, &app, &err);
    if (st) {
        fprintf(stderr, "pages: %s\n", err.text);
        return 3;
    }
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (!rounds) {
            show(app, line, &a);
            continue;
        }
        char *path = strchr(line, ' ');
        if (!path)
            continue;
        *path++ = '\0';
        measure(app, line, path, rounds, &a);
    }
    app_close(app);
    site_close(&site);
    arena_free(&a);
    return 0;
}
