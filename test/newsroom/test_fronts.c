/* Who may put a front in force, and what the store keeps of each. */
#include "desk.h"

#include "newsroom/fronts.h"

struct saving {
    const struct actor *who;
    str edition;
    i64 base, at, from, id;
    bool due; /* the job's act, on id */
    bool drop;
    struct front_slot slots[FRONT_SLOTS + 1];
    size_t n, bad;
    struct err err;
};

static enum status save_in_writer(struct tx *tx, void *arg)
{
    struct saving *s = arg;
    struct front_save ask = {
        .edition = s->edition, .base = s->base, .at = s->at, .slots = s->slots, .n = s->n};
    if (s->due)
        return front_due(tx, s->id);
    if (s->drop)
        return front_unschedule(tx, s->who, s->edition, s->id);
    return s->from ? front_take_up(tx, s->who, s->edition, s->base, s->from, &s->id, &s->bad)
                   : front_save(tx, s->who, &ask, &s->id, &s->bad);
}

static enum status put(struct world *w, struct saving *s)
{
    s->err = (struct err){0};
    return writer_do(app_writer(w->app), save_in_writer, s, &s->err);
}

static struct front in_force(struct world *w, i64 edition)
{
    struct err err = {0};
    struct front f = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    CLEANUP(view_end) struct view v = {0};
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    assert_ok(view_begin(&v, db, &w->a, &err), &err);
    assert_ok(front_in_force(&v, edition, &f), &err);
    assert_int_equal(v.nkeys, 1);
    assert_str(v.keys[0], arena_cstr(&w->a, arena_fmt(&w->a, "front/%lld", (long long)edition)));
    return f;
}

static void only_who_may_curates_a_front(void **state)
{
    static const bool may[PEOPLE] = {[EVA] = true, [PIA] = true};
    static const struct actor nobody = {.roles = ROLES_ALL, .name = {"Nobody", 6}};
    struct world *w = *state;
    i64 base = 0;
    for (size_t i = 0; i <= PEOPLE; i++) {
        struct saving s = {.who = i < PEOPLE ? &people[i] : &nobody,
                           .edition = STR("en"),
                           .base = base,
                           .slots = {{.story = arena_fmt(&w->a, "story-%zu", i)}},
                           .n = 1};
        enum status want = i < PEOPLE && may[i] ? ST_OK : ST_DENIED, st = put(w, &s);
        if (st != want)
            test_fail("person %zu: %s", i, status_name(st));
        if (st)
            continue;
        base = s.id;
        struct front f = in_force(w, 1);
        assert_int_equal(f.id, base);
        assert_int_equal(f.account, people[i].account);
        assert_str(f.name, arena_cstr(&w->a, people[i].name));
    }
    struct saving s = {.who = &people[ADA], .edition = STR("en"), .base = base, .from = 1};
    assert_int_equal(put(w, &s), ST_DENIED);
    s = (struct saving){.who = &people[ADA], .edition = STR("en"), .at = moment(21, 12)};
    assert_int_equal(put(w, &s), ST_DENIED);
    s.who = &people[EVA];
    assert_ok(put(w, &s), &s.err);
    s = (struct saving){.who = &people[ADA], .edition = STR("en"), .id = s.id, .drop = true};
    assert_int_equal(put(w, &s), ST_DENIED);
}

static void each_edition_has_its_own(void **state)
{
    struct world *w = *state;
    struct saving s = {
        .who = &people[EVA],
        .edition = STR("en"),
        .slots = {{.story = STR("wall"), .headline = STR("Gone")}, {.story = STR("sea")}},
        .n = 2};
    assert_ok(put(w, &s), &s.err);
    struct front en = in_force(w, 1), ru = in_force(w, 2);
    assert_int_equal(ru.id, 0);
    assert_int_equal(ru.n, 0);
    assert_int_equal(en.n, 2);
    assert_str(en.slots[0].story, "wall");
    assert_str(en.slots[0].headline, "Gone");
    assert_str(en.slots[1].story, "sea");
    assert_int_equal(en.at, moment(20, 12));

    i64 first = s.id;
    s.base = first; /* the same again is no other front */
    assert_ok(put(w, &s), &s.err);
    assert_int_equal(s.id, first);
    s.n = 0;
    assert_ok(put(w, &s), &s.err);
    assert_true(s.id > first);
    assert_int_equal(in_force(w, 1).n, 0);
    s = (struct saving){.who = &people[EVA], .edition = STR("en"), .base = s.id, .from = first};
    assert_ok(put(w, &s), &s.err);
    assert_int_equal(in_force(w, 1).n, 2);
    s = (struct saving){.who = &people[EVA], .edition = STR("fr")};
    assert_int_equal(put(w, &s), ST_NOTFOUND);
}

static void a_front_comes_at_its_time_and_once(void **state)
{
    struct world *w = *state;
    struct saving s = {.who = &people[EVA],
                       .edition = STR("en"),
                       .at = moment(20, 13),
                       .slots = {{.story = STR("wall")}},
                       .n = 1};
    assert_ok(put(w, &s), &s.err);
    s.due = true;
    assert_ok(put(w, &s), &s.err); /* as after a clock that was set back */
    assert_int_equal(in_force(w, 1).n, 0);
    time_set_for_test(moment(20, 13));
    assert_ok(put(w, &s), &s.err);
    i64 id = in_force(w, 1).id;
    assert_true(id > 0);
    assert_int_equal(in_force(w, 1).account, people[EVA].account);
    assert_int_equal(in_force(w, 1).due, 0);
    s.id = 999;
    assert_ok(put(w, &s), &s.err); /* nothing waits there */
    assert_int_equal(in_force(w, 1).id, id);
}

static void a_front_has_so_many_places(void **state)
{
    struct world *w = *state;
    struct saving s = {.who = &people[EVA], .edition = STR("en"), .n = FRONT_SLOTS + 1};
    for (size_t i = 0; i <= FRONT_SLOTS; i++)
        s.slots[i].story = arena_fmt(&w->a, "story-%zu", i);
    assert_int_equal(put(w, &s), ST_INVALID);
    assert_string_equal(s.err.text, "desk-error-front-full");
    assert_int_equal(s.bad, FRONT_SLOTS + 1);
    s.n = FRONT_SLOTS;
    assert_ok(put(w, &s), &s.err);
    assert_int_equal(in_force(w, 1).n, FRONT_SLOTS);
}

static void an_edition_goes_with_its_fronts(void **state)
{
    static const char without[] =
        "name: {en: The Sound}\neditions: [{slug: en, locale: en-GB, zone: Europe/London}]\n";
    struct world *w = *state;
    struct saving s = {
        .who = &people[EVA], .edition = STR("ru"), .slots = {{.story = STR("stena")}}, .n = 1};
    assert_ok(put(w, &s), &s.err);
    str line = STR_NONE;
    if (take(w, INTAKE_SITE, without, &line))
        test_fail("%.*s", FMT(line));
    assert_int_equal(in_force(w, 2).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_desk(only_who_may_curates_a_front),       with_desk(each_edition_has_its_own),
        with_desk(a_front_comes_at_its_time_and_once), with_desk(a_front_has_so_many_places),
        with_desk(an_edition_goes_with_its_fronts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
