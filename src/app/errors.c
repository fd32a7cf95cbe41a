/* Pages of errors that are there before they are needed: app_error hands one out without waiting
 * for anything. Like every page they depend on keys and end at a moment: they are printed again
 * when an event has touched them or that moment has passed, by the jobs' thread within a second;
 * after a change of what every page shows, by who made it, before the answer. */
#include <stdlib.h>

#include "app/parts.h"
#include "base/guard.h"
#include "base/hash.h"
#include "base/time.h"

static const int edge_errors[] = {
#define X(status) status,
    EDGE_ERRORS(X)
#undef X
};

struct finished *app_error(struct app *a, int status)
{
    struct finished *page = NULL;
    pthread_mutex_lock(&a->errors_lock);
    for (size_t i = 0; i < COUNT(edge_errors); i++)
        if (edge_errors[i] == status && a->errors[i].page)
            page = finished_ref(a->errors[i].page);
    pthread_mutex_unlock(&a->errors_lock);
    return page;
}

static bool shows(const struct error_page *p, u64 key)
{
    for (size_t i = 0; i < p->nkeys; i++)
        if (p->keys[i] == key)
            return true;
    return false;
}

void app_errors_hear(struct app *a, const struct event *e)
{
    static const str every = {"site", 4}; /* also where no page could be printed yet */
    pthread_mutex_lock(&a->errors_lock);
    for (size_t k = 0; k < e->nkeys; k++) {
        u64 key = siphash(e->keys[k]);
        bool hit = str_eq(e->keys[k], every);
        for (size_t i = 0; !hit && i < COUNT(edge_errors); i++)
            hit = GUARD(errors_keys) && shows(&a->errors[i], key);
        if (hit)
            atomic_store(&a->errors_old, true);
        if (a->errors_printing && a->nheard < ERRORS_HEARD)
            a->heard[a->nheard] = key;
        a->nheard += a->errors_printing;
    }
    pthread_mutex_unlock(&a->errors_lock);
}

/* Prints one. ret->page is NULL for a site without an edition, which has no language yet. */
static enum status print_error(struct app *a, int status, struct arena *arena,
                               struct error_page *ret, struct err *err)
{
    struct db *db;
    struct printed out;
    CLEANUP(view_end) struct view v = {0};
    enum status st = app_reader(a, &db, err);
    if (st)
        return st;
    CLEANUP(theme_cleanup) struct theme *theme = app_theme(a);
    struct press press = {.theme = theme, .blobs = a->blobs};
    struct page_key k = {.kind = PAGE_ERROR, .status = status};
    st = view_begin(&v, db, arena, err);
    st = st ? st : press_page(&press, &v, &k, &out, err);
    if (st == ST_NOTFOUND) {
        *ret = (struct error_page){.until = MS_NEVER};
        return ST_OK;
    }
    if (st)
        return st;
    struct error_page p = {.page = out.page, .until = out.until, .nkeys = out.nkeys};
    p.keys = malloc((out.nkeys + 1) * sizeof *p.keys);
    if (!p.keys) {
        finished_release(p.page);
        return fail(err, ST_NOMEM, "out of memory for the page of an error");
    }
    for (size_t i = 0; i < out.nkeys; i++)
        p.keys[i] = siphash(out.keys[i]);
    *ret = p;
    return ST_OK;
}

void error_page_free(struct error_page *p)
{
    finished_release(p->page);
    free(p->keys);
    *p = (struct error_page){0};
}

/* An event may have come after the page was read and before its keys were known here. */
static bool heard_meanwhile(const struct app *a, const struct error_page *p)
{
    for (size_t i = 0; i < a->nheard && i < ERRORS_HEARD; i++)
        if (shows(p, a->heard[i]))
            return true;
    return a->nheard > ERRORS_HEARD;
}

static void print_all(struct app *a, struct arena *arena)
{
    i64 until = MS_NEVER;
    for (size_t i = 0; i < COUNT(edge_errors); i++) {
        struct err err = {0};
        struct error_page fresh, old;
        enum status st = print_error(a, edge_errors[i], arena, &fresh, &err);
        arena_reset(arena);
        if (st) {
            log_say(a->log, LOG_WARN, "site", "the page for error %d can't be printed: %s",
                    edge_errors[i], err.text);
            until = time_now() + MS_MINUTE; /* then another try */
            continue;
        }
        if (fresh.until < until)
            until = fresh.until;
        pthread_mutex_lock(&a->errors_lock);
        if (heard_meanwhile(a, &fresh))
            atomic_store(&a->errors_old, true);
        old = a->errors[i];
        a->errors[i] = fresh;
        pthread_mutex_unlock(&a->errors_lock);
        error_page_free(&old);
    }
    atomic_store(&a->errors_until, until);
}

static void note_events(struct app *a, bool on)
{
    pthread_mutex_lock(&a->errors_lock);
    a->errors_printing = on;
    a->nheard = 0;
    pthread_mutex_unlock(&a->errors_lock);
}

void app_errors_print(struct app *a)
{
    struct arena arena;
    atomic_store(&a->errors_wanted, true);
    if (arena_init(&arena, PAGE_ARENA)) {
        atomic_store(&a->errors_until, time_now() + MS_MINUTE);
        return;
    }
    pthread_mutex_lock(&a->errors_print); /* one after the other: an older view never stands last */
    note_events(a, true);
    atomic_store(&a->errors_old, false); /* what comes from now on is noted */
    print_all(a, &arena);
    note_events(a, false);
    pthread_mutex_unlock(&a->errors_print);
    arena_free(&arena);
}

void app_errors_renew(struct app *a)
{
    if (!atomic_load(&a->errors_wanted))
        return;
    if (atomic_load(&a->errors_old) ||
        (GUARD(errors_until) && time_now() >= atomic_load(&a->errors_until)))
        app_errors_print(a);
}
