#include "app/app.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/parts.h"
#include "base/guard.h"
#include "base/hash.h"
#include "newsroom/find.h"
#include "newsroom/removal.h"
#include "store/event.h"
#include "base/time.h"
#include "store/newsroom.h"
#include "store/schema.h"

/* ---- readers: one connection a thread, made when first needed ---- */

enum status app_reader(struct app *a, struct db **ret, struct err *err)
{
    struct db *db = pthread_getspecific(a->reader_key);
    if (!db) {
        enum status st = db_open(a->site->db, DB_READ, &db, err);
        if (st)
            return st;
        if (pthread_setspecific(a->reader_key, db)) {
            db_close(db);
            return fail(err, ST_NOMEM, "out of memory for a thread's database connection");
        }
    }
    *ret = db;
    return ST_OK;
}

static void reader_end(void *db)
{
    db_close(db);
}

/* ---- theme ---- */

struct theme *app_theme(struct app *a)
{
    pthread_mutex_lock(&a->theme_lock);
    struct theme *t = theme_ref(a->theme);
    pthread_mutex_unlock(&a->theme_lock);
    return t;
}

static enum status locale_check(void *arg, str locale, struct err *why)
{
    struct app *a = arg;
    CLEANUP(theme_cleanup) struct theme *t = app_theme(a);
    return theme_check_locale(t, locale, why);
}

static enum status touch_site(struct tx *tx, void *arg)
{
    (void)arg;
    tx->kind = "theme";
    tx_touch(tx, STR("site"));
    return ST_OK;
}

static enum status language_of(void *arg, str edition, struct arena *a, str *ret, struct err *err)
{
    CLEANUP(view_end) struct view v = {0};
    const struct edition *list = NULL;
    size_t n = 0;
    struct db *db;
    enum status st = app_reader(arg, &db, err);
    st = st ? st : view_begin(&v, db, a, err);
    st = st ? st : editions_read(&v, &list, &n);
    if (st)
        return st;
    *ret = STR_NONE;
    for (size_t i = 0; i < n && !ret->n; i++)
        if (!edition.n || str_eq(list[i].slug, edition))
            *ret = arena_str(a, list[i].locale);
    return a->oom ? ST_NOMEM : ST_OK;
}

/* The messages of every edition, so that none of its pages is the first to find a fault. */
static enum status check_locales(struct app *a, struct theme *t, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = {0};
    CLEANUP(view_end) struct view v = {0};
    const struct edition *list = NULL;
    size_t n = 0;
    struct db *db;
    enum status st = app_reader(a, &db, err);
    st = st ? st : arena_init(&arena, 1 << 20);
    st = st ? st : view_begin(&v, db, &arena, err);
    st = st ? st : editions_read(&v, &list, &n);
    for (size_t i = 0; !st && i < n; i++)
        st = theme_check_locale(t, list[i].locale, err);
    return st;
}

static void settle(void *arg);

enum status app_check_theme(struct app *a, struct err *err)
{
    struct theme *t = app_theme(a);
    enum status st = check_locales(a, t, err);
    theme_release(t);
    return st;
}

enum status app_reload(struct app *a, const struct conf *conf, struct err *err)
{
    struct theme *fresh, *old;
    i64 number = theme_number(a->theme) + 1;
    enum status st = theme_load(a->site->theme, conf->base_url, number, &fresh, err);
    if (st)
        return st;
    st = check_locales(a, fresh, err);
    if (st) {
        theme_release(fresh);
        return st;
    }
    pthread_mutex_lock(&a->theme_lock);
    old = a->theme_before;
    a->theme_before = a->theme;
    a->theme = fresh;
    pthread_mutex_unlock(&a->theme_lock);
    theme_release(old);
    cache_theme(a->cache, number); /* from here on no page of the old one enters */
    if (writer_do(a->writer, touch_site, NULL, err)) {
        log_say(a->log, LOG_WARN, "app", "the change of theme can't be recorded: %s", err->text);
        cache_empty(a->cache); /* so that no page of the old one stands beside a new one */
    }
    settle(a);
    return ST_OK;
}

/* ---- rendering ---- */

static enum status render(struct app *a, str path, str before, struct arena *arena,
                          struct printed *ret, struct err *err)
{
    struct db *db;
    CLEANUP(view_end) struct view v = {0};
    enum status st = app_reader(a, &db, err);
    if (st)
        return st;
    /* theme before snapshot: a page of an older theme is refused by its number */
    CLEANUP(theme_cleanup) struct theme *theme = app_theme(a);
    st = view_begin(&v, db, arena, err);
    if (st)
        return st;
    struct press press = {.theme = theme, .blobs = a->blobs};
    return site_page(&press, &v, path, before, ret, err);
}

struct rendering {
    struct app *a;
    const struct request *r;
    struct arena *arena;
};

static enum status render_key(void *arg, str key, struct printed *ret, struct err *err)
{
    struct rendering *x = arg;
    (void)key;
    return render(x->a, x->r->path, request_query(x->r, STR("before")), x->arena, ret, err);
}

enum status app_print(struct app *a, str path, str before, struct arena *arena,
                      struct finished **ret, struct err *err)
{
    struct printed out;
    enum status st = render(a, path, before, arena, &out, err);
    if (!st)
        *ret = out.page;
    return st;
}

struct finished *app_hit(struct app *a, const struct request *r)
{
    if (str_starts(r->path, STR("/assets/"))) {
        pthread_mutex_lock(&a->theme_lock);
        struct finished *page = theme_asset_page(a->theme, r->path);
        if (!page && a->theme_before)
            page = theme_asset_page(a->theme_before, r->path);
        pthread_mutex_unlock(&a->theme_lock);
        return page;
    }
    char buf[SITE_KEY_MAX];
    return cache_get(a->cache, site_cache_key(r, buf));
}

static struct reply page_reply(struct finished *page)
{
    return (struct reply){.status = finished_status(page), .finished = page};
}

static struct reply error_reply(struct app *a, const struct request *r, enum status st,
                                const struct err *err)
{
    log_say(a->log, LOG_ERROR, "site", "%.*s: %s", FMT(r->path), err->text);
    int status = status_http(st) == 503 ? 503 : 500;
    return (struct reply){.status = status, .finished = app_error(a, status)};
}

struct reply app_ask(struct app *a, const struct request *r, struct arena *arena,
                     struct cache_waiter *w)
{
    struct err err = {0};
    struct finished *page = NULL;
    char buf[SITE_KEY_MAX];
    struct rendering x = {a, r, arena};
    enum status st = cache_ask(a->cache, site_cache_key(r, buf), w, render_key, &x, &page, &err);
    return st ? error_reply(a, r, st, &err) : page ? page_reply(page) : (struct reply){0};
}

struct reply app_handle(struct app *a, const struct request *r, struct arena *arena)
{
    struct err err = {0};
    if (desk_path(r->path))
        return app_desk(a, r, arena);
    struct finished *page = app_hit(a, r);
    char buf[SITE_KEY_MAX];
    struct rendering x = {a, r, arena};
    enum status st =
        page ? ST_OK : cache_print(a->cache, site_cache_key(r, buf), render_key, &x, &page, &err);
    return st ? error_reply(a, r, st, &err) : page_reply(page);
}

/* ---- after a change that touches every page ---- */

enum { REPRINTED = 512 };

/* What people read is printed again, for at most a second; the rest is dropped. Only the answer to
 * the one who pressed waits for this: it runs on the thread that will answer. */
static void settle(void *arg)
{
    struct app *a = arg;
    struct arena keys, page;
    i64 until = time_monotonic() + CACHE_STALE_MS;
    app_errors_renew(a);
    if (arena_init(&keys, 64 << 20) == ST_OK) {
        str *list = arena_new(&keys, str, REPRINTED);
        size_t n = list ? cache_stale(a->cache, &keys, list, REPRINTED) : 0;
        bool have = n && arena_init(&page, PAGE_ARENA) == ST_OK;
        for (size_t i = 0; have && i < n && time_monotonic() < until; i++) {
            struct err err = {0};
            str path, before = str_cut(list[i], '\n', &path);
            struct request r = {.method = GET, .path = path};
            if (before.n) {
                r.query[0].name = STR("before");
                r.query[0].value = before;
                r.nquery = 1;
            }
            struct rendering x = {a, &r, &page};
            if (cache_reprint(a->cache, list[i], render_key, &x, &err))
                log_say(a->log, LOG_WARN, "site", "%.*s was not printed again: %s", FMT(path),
                        err.text);
            arena_reset(&page);
        }
        if (have)
            arena_free(&page);
        arena_free(&keys);
    }
    cache_settle(a->cache);
}

/* ---- events ---- */

static void apply(struct app *a, const struct event *e)
{
    cache_apply(a->cache, e->id, e->keys, e->nkeys);
    app_errors_hear(a, e);
}

/* Events that this process didn't make, up to the one before `next`, are read from the store. Where
 * that fails, or they are more than the cache remembers, it finds the gap itself and empties. */
static void catch_up(struct app *a, i64 next)
{
    enum { STEP = 256 };
    struct arena arena;
    struct err err = {0};
    i64 missing = next - 1 - cache_applied(a->cache);
    if (missing <= 0 || missing > CACHE_RING || arena_init(&arena, PAGE_ARENA))
        return;
    struct db *db;
    enum status st = app_reader(a, &db, &err);
    for (bool more = true; !st && more;) {
        struct event *list = NULL;
        size_t n = 0;
        arena_reset(&arena);
        i64 applied = cache_applied(a->cache);
        st = event_since(db, applied, STEP, &arena, &list, &n, &err);
        more = !st && n && list[0].id == applied + 1;
        for (size_t i = 0; more && i < n; i++) {
            more = list[i].id < next && list[i].id == applied + 1 + (i64)i;
            if (more)
                apply(a, &list[i]);
        }
    }
    if (st)
        log_say(a->log, LOG_WARN, "app", "missed events can't be read: %s", err.text);
    arena_free(&arena);
}

static void on_events(void *arg, const struct event *events, size_t n)
{
    struct app *a = arg;
    if (n && GUARD(events_caught_up))
        catch_up(a, events[0].id);
    for (size_t i = 0; i < n; i++)
        apply(a, &events[i]);
}

/* ---- for tests under load: BROADSHEET_PAUSE_MS=20 holds renders and commits for a random while
 * ---- */

#ifdef BROADSHEET_PROVE
static void pause_somewhere(void *arg, const char *point)
{
    u32 any;
    (void)point;
    random_bytes(&any, sizeof any);
    usleep(any % (u32)(*(const i64 *)arg * 1000 + 1));
}

static void pause_after_commit(void *arg)
{
    pause_somewhere(arg, "committed");
}

static i64 *pause_wanted(void)
{
    static i64 ms;
    const char *text = getenv("BROADSHEET_PAUSE_MS");
    return text && str_i64(str_c(text), &ms) == ST_OK && ms > 0 ? &ms : NULL;
}
#endif

/* ---- opening ---- */

static enum status prepare_db(struct app *a, struct clock *clock, struct err *err)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    enum status st = db_open(a->site->db, DB_WRITE, &db, err);
    st = st ? st : schema_upgrade(db, a->site->db, err);
    return st ? st : clock_read(db, clock, err);
}

/* What words were to go and a crash, or a restored backup, has left. Before anybody is served. */
static enum status replay_removals(struct app *a, struct err *err)
{
    struct removal_site site = {.writer = a->writer, .dir = a->site->dir, .log = a->log};
    size_t done = 0;
    enum status st = GUARD(removal_replayed) ? removals_replay(&site, &done, err) : ST_OK;
    if (!st && done)
        log_say(a->log, LOG_INFO, "newsroom", "%zu removals by order were done again", done);
    return st;
}

enum status app_open(const struct app_options *o, struct app **ret, struct err *err)
{
    struct app *a = calloc(1, sizeof *a);
    struct clock clock = {0};
    if (!a)
        return fail(err, ST_NOMEM, "out of memory");
    a->site = o->site;
    a->log = o->log;
    pthread_mutex_init(&a->theme_lock, NULL);
    pthread_mutex_init(&a->errors_lock, NULL);
    pthread_mutex_init(&a->errors_print, NULL);
    pthread_key_create(&a->reader_key, reader_end);
    struct cache_conf conf = {.max_bytes = (size_t)o->site->conf.cache_mb << 20,
                              .record_names = o->record_names,
                              .pause = o->pause,
                              .arg = o->arg};
#ifdef BROADSHEET_PROVE
    i64 *pause_ms = pause_wanted();
    if (pause_ms) {
        conf.pause = pause_somewhere;
        conf.arg = pause_ms;
    }
#endif
    enum status st = hash_start();
    st = st ? st : prepare_db(a, &clock, err);
    st = st ? st : theme_load(o->site->theme, o->site->conf.base_url, 1, &a->theme, err);
    st = st ? st : cache_make(&conf, clock.n, &a->cache, err);
    if (!st)
        cache_theme(a->cache, 1);
    st = st ? st : blobs_open(o->site->media, &a->blobs, err);
    st = st ? st : sign_in_limits_make(&a->limits);
    st = st ? st : presence_make(&a->presence);
    st = st ? st : known_make(&a->known);
    st = st ? st : writer_start(o->site->db, on_events, a, o->log, &a->writer, err);
    st = st ? st : replay_removals(a, err);
    st = st ? st : findable_fill(a->writer, o->log, o->findable, err);
    if (st) {
        app_close(a);
        return st;
    }
#ifdef BROADSHEET_PROVE
    if (pause_ms)
        writer_test_hook(a->writer,
                         (struct writer_hook){.committed = pause_after_commit, .arg = pause_ms});
#endif
    a->intake = (struct intake){.writer = a->writer,
                                .blobs = a->blobs,
                                .locales = {locale_check, a},
                                .settle = settle,
                                .settle_arg = a,
                                .language = language_of,
                                .language_arg = a};
    *ret = a;
    return ST_OK;
}

void app_close(struct app *a)
{
    if (!a)
        return;
    struct db *mine = pthread_getspecific(a->reader_key);
    pthread_setspecific(a->reader_key, NULL);
    db_close(mine);
    writer_stop(a->writer);
    cache_free(a->cache);
    blobs_close(a->blobs);
    sign_in_limits_free(a->limits);
    presence_free(a->presence);
    known_free(a->known);
    theme_release(a->theme);
    theme_release(a->theme_before);
    for (size_t i = 0; i < EDGE_ERROR_COUNT; i++)
        error_page_free(&a->errors[i]);
    pthread_mutex_destroy(&a->errors_lock);
    pthread_mutex_destroy(&a->errors_print);
    pthread_mutex_destroy(&a->theme_lock);
    pthread_key_delete(a->reader_key);
    free(a);
}

const struct intake *app_intake(const struct app *a)
{
    return &a->intake;
}

struct writer *app_writer(const struct app *a)
{
    return a->writer;
}

struct cache *app_cache(const struct app *a)
{
    return a->cache;
}
