/* test/app/site.h: a site in a temporary folder, for page tests without sockets. */
#ifndef TEST_APP_SITE_H
#define TEST_APP_SITE_H

#include <unistd.h>

#include "app/app.h"
#include "base/hash.h"
#include "base/time.h"
#include "http/finished.h"
#include "store/schema.h"
#include "test.h"

struct world {
    char folder[64];
    struct site site;
    struct app *app;
    struct arena a;
};

static inline i64 moment(int day, int hour)
{
    return time_from_civil((struct civil){.year = 2026, .month = 11, .day = day, .hour = hour});
}

static inline enum status take(struct world *w, enum intake_kind kind, const char *text, str *line)
{
    struct intake_answer answer;
    struct intake_message m = {.kind = kind, .name = STR("file"), .bytes = str_c(text)};
    intake_take(app_intake(w->app), &m, &w->a, &answer);
    if (line)
        *line = answer.line;
    return answer.st;
}

static inline void publish(struct world *w, const char *text)
{
    str line = STR_NONE;
    if (take(w, INTAKE_STORY, text, &line))
        test_fail("not published: %.*s", FMT(line));
}

static inline int get(struct world *w, const char *path, str *body)
{
    str p, before = str_cut(str_c(path), '?', &p);
    struct request r = {.method = GET, .path = p};
    if (before.n) {
        r.query[0].name = STR("before");
        r.query[0].value = str_from(before, 7);
        r.nquery = 1;
    }
    struct reply reply = app_handle(w->app, &r, &w->a);
    if (body)
        *body = reply.finished ? arena_str(&w->a, finished_body(reply.finished)) : STR_NONE;
    finished_release(reply.finished);
    return reply.status;
}

static inline bool has(str text, const char *words)
{
    return str_find(text, str_c(words)) >= 0;
}

static inline bool shows(struct world *w, const char *path, const char *words)
{
    str body;
    get(w, path, &body);
    return has(body, words);
}

#define assert_has(text, words)                                                                    \
    do {                                                                                           \
        if (!has((text), (words)))                                                                 \
            test_fail("\"%s\" isn't in:\n%.*s", (words), FMT(text));                               \
    } while (0)
#define assert_lacks(text, words)                                                                  \
    do {                                                                                           \
        if (has((text), (words)))                                                                  \
            test_fail("\"%s\" is in:\n%.*s", (words), FMT(text));                                  \
    } while (0)
#define assert_shows(w, path, words)                                                               \
    do {                                                                                           \
        if (!shows(w, path, words))                                                                \
            test_fail("%s does not show: %s", path, words);                                        \
    } while (0)
#define assert_hides(w, path, words)                                                               \
    do {                                                                                           \
        if (shows(w, path, words))                                                                 \
            test_fail("%s shows: %s", path, words);                                                \
    } while (0)

/* A story of the section town, published at noon of the 20th; and where "wall" is then. */
#define HEAD(id, more) "---\nid: " id "\nsection: town\nheadline: Headline of " id "\n" more "---\n"
#define WALL           "/town/2026/11/20/headline-of-wall"

/* pause: called when a page is rendered and has not entered the cache yet. */
static inline void world_open(struct world *w, const char *site_yaml, const char *sections_yaml,
                              void (*pause)(void *, const char *))
{
    struct err err = {0};
    char path[128];
    CLEANUP(db_cleanup) struct db *db = NULL;
    *w = (struct world){.folder = "/tmp/broadsheet-test-XXXXXX"};
    time_set_for_test(moment(20, 12));
    assert_int_equal(hash_start(), ST_OK);
    assert_int_equal(arena_init(&w->a, 512 << 20), ST_OK);
    assert_non_null(mkdtemp(w->folder));
    snprintf(path, sizeof path, "%s/site.db", w->folder);
    assert_ok(db_open(path, DB_WRITE, &db, &err), &err);
    assert_ok(schema_open(db, path, &err), &err);
    assert_ok(site_open(w->folder, &w->site, &err), &err);
    assert_ok(site_lock(&w->site, &err), &err);
    assert_ok(
        app_open(
            &(struct app_options){.site = &w->site, .record_names = true, .pause = pause, .arg = w},
            &w->app, &err),
        &err);
    assert_int_equal(take(w, INTAKE_SITE, site_yaml, NULL), ST_OK);
    assert_int_equal(take(w, INTAKE_SECTIONS, sections_yaml, NULL), ST_OK);
}

static inline int world_close(struct world *w)
{
    char command[128];
    app_close(w->app);
    site_close(&w->site);
    arena_free(&w->a);
    time_set_for_test(0);
    snprintf(command, sizeof command, "rm -rf %s", w->folder);
    return system(command);
}

/* with_world(test, &files): the test has a site of its own, made of these. */
struct world_files {
    const char *site, *sections;
    void (*pause)(void *, const char *);
};

static inline int world_setup(void **state)
{
    static struct world w;
    const struct world_files *f = *state;
    world_open(&w, f->site, f->sections, f->pause);
    *state = &w;
    return 0;
}

static inline int world_teardown(void **state)
{
    return world_close(*state);
}
#define with_world(f, files)                                                                       \
    cmocka_unit_test_prestate_setup_teardown(f, world_setup, world_teardown, (void *)(files))

#endif
