/* test/newsroom/desk.h: a newsroom with five people, who each work through newsroom/draft.h. */
#ifndef TEST_NEWSROOM_DESK_H
#define TEST_NEWSROOM_DESK_H

#include "../app/site.h"

#include "app/parts.h"
#include "base/clean.h"
#include "jobs/jobs.h"
#include "newsroom/draft.h"

static const struct world_files files = {
    "name: {en: The Sound, ru: Пролив}\n"
    "editions: [{slug: en, locale: en-GB, zone: Europe/London}, {slug: ru, locale: ru-RU, zone: "
    "Europe/Riga}]\n",
    "en:\n  - {slug: town, name: Town}\n  - {slug: sea, name: Sea}\nru:\n  - {slug: town, name: "
    "Город}\n",
    NULL};

enum { ADA, BEN, EVA, PIA, MOE, PEOPLE };
static const struct actor people[PEOPLE] = {
    [ADA] = {1, ROLE_REPORTER, {"Ada", 3}},  [BEN] = {2, ROLE_REPORTER, {"Ben", 3}},
    [EVA] = {3, ROLE_EDITOR, {"Eva", 3}},    [PIA] = {4, ROLE_PUBLISHER, {"Pia", 3}},
    [MOE] = {5, ROLE_MODERATOR, {"Moe", 3}},
};

static inline enum status make_people(struct tx *tx, void *arg)
{
    enum status st = ST_OK;
    (void)arg;
    for (size_t i = 0; !st && i < PEOPLE; i++) {
        struct account a = {.email = arena_fmt(tx->a, "%zu@example.org", i),
                            .name = people[i].name,
                            .roles = people[i].roles};
        st = account_write(tx, &a);
        assert_int_equal(a.id, people[i].account);
    }
    return st;
}

static inline int desk_setup(void **state)
{
    struct err err = {0};
    int failed = world_setup(state);
    struct world *w = *state;
    assert_ok(writer_do(app_writer(w->app), make_people, NULL, &err), &err);
    return failed;
}
#define with_desk(f)                                                                               \
    cmocka_unit_test_prestate_setup_teardown(f, desk_setup, world_teardown, (void *)&files)

/* ---- one act of one person, in the writer ---- */

enum what { BEGIN, SAVE, STEP, PUBLISH, WITHDRAW, REINSTATE, PLAN, RESTRICT, LIFT, NOTE, DESTROY };
struct act_of {
    enum what what;
    const struct actor *who;
    str key;
    bool four_eyes;
    i64 save;
    enum draft_step step;
    struct draft_save ask;
    struct draft_publish publish;
    struct draft_plan plan;
    str words;
    const i64 *named;
    size_t nnamed;
    /* what came of it */
    struct draft_saved saved;
    struct published published;
    struct err err;
    struct arena *a;
};

static inline enum status act_in_writer(struct tx *tx, void *arg)
{
    struct act_of *c = arg;
    struct published p = {0};
    enum status st;
    str key;
    switch (c->what) {
    case BEGIN:
        st = draft_begin(tx, c->who, STR_NONE, STR("town"), KIND_STORY, &key);
        if (!st)
            c->key = arena_str(c->a, key);
        return st;
    case SAVE:
        return draft_save(tx, c->who, &c->ask, &c->saved);
    case STEP:
        return draft_step(tx, c->who, c->four_eyes, c->key, c->save, c->step);
    case PUBLISH:
        st = draft_publish(tx, c->who, c->four_eyes, &c->publish, &p);
        break;
    case WITHDRAW:
        st = draft_withdraw(tx, c->who, c->key, c->words, &p);
        break;
    case REINSTATE:
        st = draft_reinstate(tx, c->who, c->key, &p);
        break;
    case PLAN:
        return draft_plan(tx, c->who, &c->plan);
    case RESTRICT:
    case LIFT:
        return draft_restrict(tx, c->who, c->key, c->what == RESTRICT, c->named, c->nnamed);
    case NOTE:
        return draft_note(tx, c->who, c->key, c->words);
    default:
        return draft_destroy(tx, c->who, c->key);
    }
    p.path = arena_str(c->a, p.path);
    c->published = p;
    return st;
}

static inline enum status act(struct world *w, struct act_of *c)
{
    c->a = &w->a;
    return writer_do(app_writer(w->app), act_in_writer, c, &c->err);
}

static inline void act_well(struct world *w, struct act_of *c)
{
    assert_ok(act(w, c), &c->err);
}

static inline str begin(struct world *w, const struct actor *who)
{
    struct act_of c = {.what = BEGIN, .who = who};
    act_well(w, &c);
    return c.key;
}

static inline struct node *markdown(struct world *w, const char *text)
{
    struct node *doc = NULL;
    struct err err = {0};
    assert_ok(document_from_markdown(str_c(text), 1, &w->a, &doc, &err), &err);
    return doc;
}

static inline str markdown_of(struct world *w, const struct story_content *c)
{
    struct out o = out_make(&w->a, 1024, 1 << 20);
    document_to_markdown(c->body, &o);
    return str_trim(out_view(&o));
}

/* A save; of what was made from `parent`, or from the live revision `base`. */
static inline struct act_of save_from(struct world *w, const struct actor *who, str key, i64 parent,
                                      i64 base, const struct story_content *content)
{
    struct act_of c = {
        .what = SAVE,
        .who = who,
        .key = key,
        .ask = {.key = key, .parent = parent, .base = base, .content = content, .a = &w->a}};
    return c;
}

static inline struct story_content says(struct world *w, const char *headline, const char *body)
{
    return (struct story_content){
        .section = STR("town"), .headline = str_c(headline), .body = markdown(w, body)};
}

static inline struct draft_saved save(struct world *w, const struct actor *who, str key, i64 parent,
                                      const char *headline, const char *body)
{
    struct story_content content = says(w, headline, body);
    struct act_of c = save_from(w, who, key, parent, 0, &content);
    act_well(w, &c);
    return c.saved;
}

static inline enum status look(struct world *w, const struct actor *who, str key, struct draft *ret)
{
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    CLEANUP(view_end) struct view v = {0};
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    assert_ok(view_begin(&v, db, &w->a, &err), &err);
    return draft_open(&v, who, false, key, ret);
}

static inline struct draft see(struct world *w, const struct actor *who, str key)
{
    struct draft d = {0};
    enum status st = look(w, who, key, &d);
    if (st)
        test_fail("%.*s can't open %.*s: %s", FMT(who->name), FMT(key), status_name(st));
    return d;
}

static inline enum status step(struct world *w, const struct actor *who, str key, enum draft_step s)
{
    struct draft d = see(w, &people[PIA], key);
    struct act_of c = {.what = STEP, .who = who, .key = key, .save = d.work.save, .step = s};
    return act(w, &c);
}

static inline struct published publish_draft(struct world *w, str key, i64 at)
{
    struct draft d = see(w, &people[EVA], key);
    struct act_of c = {.what = PUBLISH,
                       .who = &people[EVA],
                       .key = key,
                       .publish = {.key = key, .save = d.work.save, .at = at}};
    act_well(w, &c);
    return c.published;
}

/* ---- whether words stand anywhere in the database or its log ---- */

enum { DATABASE_BYTES = 64 << 20 };

static inline bool in_file(struct world *w, const char *tail, const char *words)
{
    char path[160];
    snprintf(path, sizeof path, "%s%s", w->site.db, tail);
    CLEANUP(file_close) FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    char *mark = arena_mark(&w->a), *bytes = arena_bytes(&w->a, DATABASE_BYTES);
    assert_non_null(bytes);
    str all = {bytes, fread(bytes, 1, DATABASE_BYTES, f)};
    assert_true(all.n < DATABASE_BYTES);
    bool there = has(all, words);
    arena_rewind(&w->a, mark);
    return there;
}

static inline bool anywhere(struct world *w, const char *words)
{
    return in_file(w, "", words) || in_file(w, "-wal", words);
}

#endif
