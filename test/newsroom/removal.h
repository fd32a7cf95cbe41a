/* test/newsroom/removal.h: removing words in a newsroom's site, and older databases put back. */
#ifndef TEST_NEWSROOM_REMOVAL_H
#define TEST_NEWSROOM_REMOVAL_H

#include "desk.h"

#include "newsroom/removal.h"

/* The name that has to go, in the forms it can be typed in. */
#define NAME  "M\u00fcllerowitz"
#define NFD   "Mu\u0308llerowitz"
#define UPPER "M\u00dcLLEROWITZ"

static inline struct removal_site site_of(struct world *w)
{
    return (struct removal_site){.writer = app_writer(w->app), .dir = w->site.dir};
}

static inline enum status remove_words(struct world *w, const struct actor *who, const char *key,
                                       const char *words, size_t *times, struct err *err)
{
    struct removal_site site = site_of(w);
    CLEANUP(db_cleanup) struct db *db = NULL;
    assert_ok(db_open(w->site.db, DB_READ, &db, err), err);
    return removal_do(&site, db, who, str_c(key), str_c(words), &w->a, times, err);
}

static inline size_t removed(struct world *w, const char *key, const char *words)
{
    struct err err = {0};
    size_t times = 0;
    assert_ok(remove_words(w, &people[PIA], key, words, &times, &err), &err);
    return times;
}

static inline enum status preview(struct world *w, const struct actor *who, const char *key,
                                  const char *words, struct removal_preview *ret)
{
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    CLEANUP(view_end) struct view v = {0};
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    assert_ok(view_begin(&v, db, &w->a, &err), &err);
    return removal_preview(&v, who, str_c(key), str_c(words), ret);
}

static inline void open_again(struct world *w)
{
    struct err err = {0};
    assert_ok(
        app_open(&(struct app_options){.site = &w->site, .record_names = true}, &w->app, &err),
        &err);
}

/* The database as it is at this moment, to be put back later. */
static inline const char *keep_database(struct world *w)
{
    struct err err = {0};
    const char *to = arena_cstr(&w->a, arena_fmt(&w->a, "%s.kept", w->folder));
    assert_ok(db_backup(w->site.db, to, &err), &err);
    return to;
}

static inline void put_back(struct world *w, const char *kept)
{
    char path[128];
    app_close(w->app);
    snprintf(path, sizeof path, "%s-wal", w->site.db);
    unlink(path);
    snprintf(path, sizeof path, "%s-shm", w->site.db);
    unlink(path);
    assert_int_equal(rename(kept, w->site.db), 0);
    open_again(w);
}

#endif
