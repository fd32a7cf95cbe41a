#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/parts.h"
#include "base/clean.h"
#include "base/hasher.h"
#include "jobs/jobs.h"
#include "jobs/mailer.h"

enum {
    QUEUE = 4096,
    DESK_QUEUE = 512,
    PASSWORD_QUEUE = 32, /* an Argon2id takes 100 ms and 64 MiB: one at a time */
    PASSWORD_BROWSERS = 16,
    DESK_THREADS = 4,
};

struct serving {
    struct app *app;
    struct lane *pages, *desk, *password;
};

static enum status on_route(void *arg, enum method m, str path, struct verdict *ret)
{
    (void)arg;
    return desk_path(path) ? desk_route(m, path, ret) : site_route(m, path, ret);
}

static struct finished *on_hit(void *arg, const struct request *r)
{
    struct serving *s = arg;
    return app_hit(s->app, r);
}

static enum status on_miss(void *arg, const struct request *r, struct exchange *x)
{
    struct serving *s = arg;
    struct lane *lane = !desk_path(r->path)                                   ? s->pages
                        : desk_lane(r->method, r->path) == DESK_PASSWORD_LANE ? s->password
                                                                              : s->desk;
    return lane_take(lane, x, cache_applied(s->app->cache));
}

static bool on_private(void *arg, str path)
{
    (void)arg;
    return desk_path(path);
}

static bool on_known(void *arg, str cookie)
{
    struct serving *s = arg;
    return desk_knows(s->app->known, cookie);
}

static struct finished *on_error(void *arg, int status)
{
    struct serving *s = arg;
    return app_error(s->app, status);
}

static bool over_https(const struct conf *c)
{
    return str_starts(c->base_url, STR("https://"));
}

/* Logs, theme, and what of site.conf can change while it runs: base_url and hosts. */
static void reload(struct app *a, struct server *server)
{
    CLEANUP(arena_free) struct arena arena = {0};
    struct conf conf;
    struct err err = {0};
    if (a->log && log_reopen(a->log, &err))
        log_say(a->log, LOG_ERROR, "app", "%s", err.text);
    enum status st = arena_init(&arena, 1 << 20);
    st = st ? st : conf_read(a->site->conf_path, &arena, &conf, &err);
    st = st ? st : app_reload(a, &conf, &err);
    st = st ? st : server_hosts(server, conf.hosts, conf.nhosts, over_https(&conf));
    if (st)
        log_say(a->log, LOG_ERROR, "app", "theme and settings stay as they were: %s",
                err_words(&err, st));
    else
        log_say(a->log, LOG_INFO, "app", "theme, settings and logs were opened again");
}

static sigset_t signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

void app_hold_signals(void)
{
    sigset_t set = signals();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void wait_for_signals(struct app *a, struct server *server, const sigset_t *set)
{
    for (;;) {
        int sig = 0;
        if (sigwait(set, &sig))
            return;
        if (sig != SIGHUP)
            return;
        reload(a, server);
    }
}

/* For tests of a lane that is full: one thread, and room for one more. */
static bool narrow(void)
{
#ifdef BROADSHEET_PROVE
    return getenv("BROADSHEET_NARROW") != NULL;
#else
    return false;
#endif
}

/* Renders are short and rarely wait for the disk. */
static int page_threads(void)
{
    if (narrow())
        return 1;
#ifdef BROADSHEET_PROVE
    if (getenv("BROADSHEET_PAUSE_MS")) /* threads that sleep must not keep the rest waiting */
        return 32;
#endif
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? (int)(2 * cores) : 2;
}

static void say_cache(const struct app *a)
{
    struct cache_stats c = cache_stats(a->cache);
    log_say(
        a->log, LOG_INFO, "press",
        "the page cache gave %lld pages and missed %lld; it held %lld in %lld bytes, dropped %lld, "
        "put out %lld for room, refused %lld late ones and rejected %lld waiters",
        (long long)c.hits, (long long)c.misses, (long long)c.entries, (long long)c.bytes,
        (long long)c.dropped, (long long)c.evicted, (long long)c.late_refused,
        (long long)c.waiters_rejected);
}

static void every_second(void *arg)
{
    app_errors_renew(arg);
}

static enum status run(struct app *a, struct serving *s, int fd, int port, void (*ready)(void *),
                       void *arg, struct err *err)
{
    const struct conf *c = &a->site->conf;
    struct server_conf conf = {.connections = (size_t)c->connections,
                               .connections_a_client = (size_t)c->connections_a_client,
                               .hosts = c->hosts,
                               .nhosts = c->nhosts,
                               .trusted = c->trusted,
                               .ntrusted = c->ntrusted,
                               .forwarding = c->forwarding,
                               .log_full_address = c->log_full_address,
                               .log = a->log,
                               .https = over_https(c),
                               .spool = a->site->folder,
                               .arg = s,
                               .private = on_private,
                               .known = on_known,
                               .route = on_route,
                               .hit = on_hit,
                               .miss = on_miss,
                               .error = on_error};
    struct server *server = NULL;
    struct jobs *jobs = NULL;
    struct mailer *mailer = NULL;
    struct control *control = NULL;
    struct hasher *hasher = NULL;
    sigset_t set = signals();
    app_errors_print(a);
    enum status st = app_check_theme(a, err);
    st = st ? st : hasher_make(&(struct hasher_options){.log = a->log}, &hasher);
    password_by(hasher);
    st = st ? st : lane_start(a, page_threads(), narrow() ? 1 : QUEUE, &s->pages, err);
    st = st ? st : lane_start(a, DESK_THREADS, DESK_QUEUE, &s->desk, err);
    st = st ? st : lane_start_fair(a, 1, PASSWORD_QUEUE, PASSWORD_BROWSERS, &s->password, err);
    st = st ? st : control_start(a, &control, err);
    st = st ? st : jobs_start(a->writer, a->blobs, a->log, every_second, a, &jobs, err);
    st = st ? st : app_mailer(a, &mailer, err);
    st = st ? st : mailer_start(mailer, err);
    if (st)
        close(fd);
    else
        st = server_start(&conf, fd, port, &server, err);
    if (!st) {
        log_say(a->log, LOG_INFO, "app", "serving on port %d", port);
        if (app_mailbox(a->site))
            log_say(a->log, LOG_INFO, "mail", "there is no mail server: messages become files");
        ready(arg);
        wait_for_signals(a, server, &set);
        log_say(a->log, LOG_INFO, "app", "stopping");
    }
    server_stop(server);
    say_cache(a);
    control_stop(control);
    mailer_free(mailer);
    jobs_stop(jobs);
    lane_stop(s->pages);
    lane_stop(s->desk);
    lane_stop(s->password);
    password_by(NULL);
    hasher_free(hasher);
    return st;
}

enum status app_serve(struct app *a, int fd, int port, void (*ready)(void *), void *arg,
                      struct err *err)
{
    struct serving s = {.app = a};
    return run(a, &s, fd, port, ready, arg, err);
}
