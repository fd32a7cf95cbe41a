/* Legal holds and embargoes: what stands in the way of readers, whichever way somebody takes. */
#include "desk.h"

#include "newsroom/embargo.h"
#include "newsroom/hold.h"
#include "newsroom/preview_link.h"
#include "newsroom/undo.h"
#include "store/due.h"

/* ---- one closure in the writer ---- */

struct call {
    const struct actor *who;
    str key, words;
    i64 save, until;
    bool back;
    struct err err;
};

static enum status run(struct world *w, tx_fn *fn, struct call *c)
{
    c->err = (struct err){0};
    return writer_do(app_writer(w->app), fn, c, &c->err);
}

static enum status put_tx(struct tx *tx, void *arg)
{
    struct call *c = arg;
    return c->back ? hold_lift(tx, c->who, c->key, c->words)
                   : hold_put(tx, c->who, c->key, c->words);
}

static void hold(struct world *w, str key, bool back)
{
    struct call c = {
        .who = &people[PIA], .key = key, .words = STR("A judge says so."), .back = back};
    assert_ok(run(w, put_tx, &c), &c.err);
}

static enum status lift_tx(struct tx *tx, void *arg)
{
    struct call *c = arg;
    struct embargo_lift l = {.key = c->key, .save = c->save, .until = c->until, .reason = c->words};
    return embargo_lift(tx, c->who, &l);
}

static str audited(struct world *w, str about, enum audit_kind kind)
{
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct audit_line *list = NULL;
    struct out o = out_make(&w->a, 256, 4096);
    size_t n = 0;
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(audit_list(&v, about, 0, people[PIA].account, 50, &list, &n), &err);
    for (size_t i = 0; i < n; i++)
        if (list[i].kind == (i64)kind)
            out_fmt(&o, "%s%.*s:%.*s", o.n ? " | " : "", FMT(list[i].name), FMT(list[i].words));
    return out_view(&o);
}

static str due(struct world *w, const struct actor *who)
{
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct out o = out_make(&w->a, 256, 4096);
    struct work_query q = {.viewer = who->account, .all = true, .limit = 20};
    struct due *list = NULL;
    size_t n = 0;
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, time_now(), &err);
    assert_ok(due_list(&v, &q, moment(30, 0), &list, &n), &err);
    for (size_t i = 0; i < n; i++)
        out_fmt(&o, "%s%.*s %s%.0lld", i ? ", " : "", FMT(list[i].work.key),
                due_why_name(list[i].why),
                list[i].why == DUE_REFUSED ? (long long)list[i].kind : 0);
    return out_view(&o);
}

static void run_jobs(struct world *w)
{
    struct err err = {0};
    i64 next;
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
}

static void publish_wall(struct world *w, const char *headline)
{
    publish(w, arena_cstr(&w->a, arena_fmt(&w->a,
                                           "---\nid: wall\nsection: town\nslug: wall\nheadline: "
                                           "%s\n---\nWords.\n",
                                           headline)));
}

#define HELD "/town/2026/11/20/wall"

static enum status take_wall(struct world *w, const char *head, str *line)
{
    return take(
        w, INTAKE_STORY,
        arena_cstr(&w->a, arena_fmt(&w->a, "---\nid: wall\nsection: town\n%s---\nOthers.\n", head)),
        line);
}

static struct act_of embargoed(struct world *w, const struct actor *who, str key, i64 parent,
                               i64 until)
{
    struct story_content *c = arena_new(&w->a, struct story_content, 1);
    *c = says(w, "A headline", "Words.");
    c->embargo = until;
    return save_from(w, who, key, parent, 0, c);
}

/* ---- holds ---- */

/* Its minute comes, and it stays. */
static void a_held_schedule_waits(struct world *w)
{
    str key = begin(w, &people[ADA]);
    save(w, &people[ADA], key, 0, "A headline", "Words.");
    publish_draft(w, key, moment(20, 13));
    hold(w, key, false);
    assert_str(due(w, &people[EVA]), arena_cstr(&w->a, arena_fmt(&w->a, "%.*s held", FMT(key))));
    assert_int_equal(step(w, &people[EVA], key, STEP_UNSCHEDULE), ST_CONFLICT);
    struct act_of gone = {.what = DESTROY, .who = &people[PIA], .key = key};
    assert_int_equal(act(w, &gone), ST_CONFLICT);
    struct intake_answer answer;
    intake_withdraw(app_intake(w->app), key, STR_NONE, &w->a, &answer);
    assert_int_equal(answer.st, ST_CONFLICT);
    time_set_for_test(moment(20, 13) + MS_SECOND);
    run_jobs(w);
    assert_int_equal(get(w, "/town/2026/11/20/a-headline", NULL), 404);
    assert_str(due(w, &people[EVA]),
               arena_cstr(&w->a, arena_fmt(&w->a, "%.*s refused1, %.*s held", FMT(key), FMT(key))));
    hold(w, key, true);
    time_set_for_test(moment(20, 13) + 2 * MS_MINUTE);
    run_jobs(w);
    assert_int_equal(get(w, "/town/2026/11/20/a-headline", NULL), 200);
    assert_str(due(w, &people[EVA]), "");
}

static void nothing_held_changes_by_any_way(void **state)
{
    struct world *w = *state;
    struct intake_answer answer;
    str line = STR_NONE;
    publish_wall(w, "The wall");
    hold(w, STR("wall"), false);
    static const char *const heads[] = {
        "slug: wall\nheadline: The wall\n",
        "slug: gate\nheadline: The wall\n",
        "slug: wall\nheadline: The gate\n",
        "slug: wall\nheadline: The wall\nchange: correction\ncorrection: It was wrong.\n",
        "slug: wall\nheadline: The wall\npublished: 2026-11-19T00:00:00Z\n",
    };
    for (size_t i = 0; i < COUNT(heads); i++) {
        assert_int_equal(take_wall(w, heads[i], &line), ST_CONFLICT);
        assert_has(line, "on legal hold");
    }
    publish_wall(w, "The wall"); /* what changes nothing is no change */
    intake_withdraw(app_intake(w->app), STR("wall"), STR("It was wrong."), &w->a, &answer);
    assert_int_equal(answer.st, ST_CONFLICT);
    assert_has(answer.line, "on legal hold");
    assert_shows(w, HELD, "Words.");

    hold(w, STR("wall"), true);
    intake_withdraw(app_intake(w->app), STR("wall"), STR("It was wrong."), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    hold(w, STR("wall"), false);
    intake_reinstate(app_intake(w->app), STR("wall"), &w->a, &answer);
    assert_int_equal(answer.st, ST_CONFLICT);
    assert_int_equal(get(w, HELD, NULL), 410);
    a_held_schedule_waits(w);
}

static enum status undo_tx(struct tx *tx, void *arg)
{
    struct call *c = arg;
    struct published out;
    return c->back ? undo_put_back(tx, c->who, people[EVA].account, c->key, c->words, &out)
                   : undo_withdraw(tx, c->who, c->key, c->words, &out);
}

/* The desk's own ways say it in words for the person. */
static void at_the_desk_neither(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]);
    save(w, &people[ADA], key, 0, "A headline", "Words.");
    publish_draft(w, key, 0);
    struct draft live = see(w, &people[EVA], key);
    hold(w, key, false);
    struct story_content next = says(w, "A headline", "More words.");
    struct act_of kept = save_from(w, &people[ADA], key, 0, live.live, &next);
    act_well(w, &kept); /* beside the live text it goes on */
    struct act_of ways[] = {
        {.what = PUBLISH, .publish = {.key = key, .save = kept.saved.save}},
        {.what = WITHDRAW, .words = STR("It was wrong.")},
        {.what = PUBLISH,
         .publish = {.key = key,
                     .save = kept.saved.save,
                     .change = CHANGE_CORRECTION,
                     .correction = STR("It was wrong.")}},
    };
    for (size_t i = 0; i < COUNT(ways); i++) {
        ways[i].who = &people[PIA];
        ways[i].key = key;
        assert_int_equal(act(w, &ways[i]), ST_CONFLICT);
        assert_string_equal(ways[i].err.text, "desk-error-held");
    }
    struct call undo = {.who = &people[PIA], .key = key, .words = STR("It was wrong.")};
    for (int back = 0; back < 2; back++) {
        undo.back = back;
        assert_int_equal(run(w, undo_tx, &undo), ST_CONFLICT);
        assert_string_equal(undo.err.text, "desk-error-held");
    }
    hold(w, key, true);
    ways[0].err = (struct err){0};
    act_well(w, &ways[0]);
    assert_str(audited(w, key, AUDIT_HOLD), "Pia:A judge says so.");
    assert_str(audited(w, key, AUDIT_HOLD_LIFTED), "Pia:A judge says so.");
}

static void what_is_held_is_not_destroyed(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]);
    save(w, &people[ADA], key, 0, "A headline", "Words.");
    hold(w, key, false);
    struct act_of c = {.what = DESTROY, .who = &people[PIA], .key = key};
    assert_int_equal(act(w, &c), ST_CONFLICT);
    assert_str(see(w, &people[ADA], key).content.headline, "A headline");
    hold(w, key, true);
    act_well(w, &c);
}

static void a_reason_is_given(void **state)
{
    struct world *w = *state;
    static const str bad[] = {{"", 0}, {"  ", 2}, {"Two\nlines", 9}};
    publish_wall(w, "The wall");
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct call c = {.who = &people[PIA], .key = STR("wall"), .words = bad[i]};
        assert_int_equal(run(w, put_tx, &c), ST_INVALID);
        assert_string_equal(c.err.text, "desk-error-reason");
    }
    str key = begin(w, &people[ADA]);
    struct act_of late = embargoed(w, &people[ADA], key, 0, moment(21, 9));
    act_well(w, &late);
    struct call silent = {.who = &people[PIA], .key = key, .save = 1};
    assert_int_equal(run(w, lift_tx, &silent), ST_INVALID);
    hold(w, STR("wall"), false);
    struct call twice = {.who = &people[PIA], .key = STR("wall"), .words = STR("Again.")};
    assert_int_equal(run(w, put_tx, &twice), ST_CONFLICT);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct call c = {.who = &people[i], .key = STR("wall"), .words = STR("No."), .back = true};
        enum status want = i == PIA ? ST_OK : i == EVA ? ST_DENIED : ST_NOTFOUND;
        if (i != PIA)
            assert_int_equal(run(w, put_tx, &c), want);
    }
    hold(w, STR("wall"), true);
    struct call none = {.who = &people[PIA], .key = STR("wall"), .words = STR("No."), .back = true};
    assert_int_equal(run(w, put_tx, &none), ST_CONFLICT);
}

/* ---- embargoes ---- */

static void no_save_shortens_an_embargo(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]);
    struct act_of c = embargoed(w, &people[ADA], key, 0, moment(21, 9));
    act_well(w, &c);
    const i64 sooner[] = {0, moment(21, 8), moment(20, 13)};
    for (size_t i = 0; i < COUNT(sooner); i++)
        for (size_t k = EVA; k <= PIA; k++) {
            struct act_of s = embargoed(w, &people[k], key, 1, sooner[i]);
            assert_int_equal(act(w, &s), ST_INVALID);
            assert_has(str_c(s.err.text), "desk-error-embargo");
        }
    struct act_of longer = embargoed(w, &people[EVA], key, 1, moment(22, 9));
    act_well(w, &longer);
    struct act_of stale = embargoed(w, &people[EVA], key, 1, moment(21, 9));
    act_well(w, &stale); /* what it was made from says so: theirs stands */
    assert_int_equal(see(w, &people[EVA], key).content.embargo, moment(22, 9));
    publish_draft(w, key, moment(22, 11)); /* neither beside a schedule nor taken from there */
    for (int i = 0; i < 2; i++) {
        struct act_of s = embargoed(w, &people[PIA], key, 2, moment(22, 8));
        assert_int_equal(act(w, &s), ST_INVALID);
        if (i == 0)
            assert_int_equal(step(w, &people[EVA], key, STEP_UNSCHEDULE), ST_OK);
    }
    time_set_for_test(moment(22, 10)); /* over: anybody may tidy it away */
    struct act_of past = embargoed(w, &people[EVA], key, 2, 0);
    act_well(w, &past);
    assert_int_equal(see(w, &people[EVA], key).content.embargo, 0);
}

static void a_publisher_lifts_it_with_a_reason(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]);
    struct act_of c = embargoed(w, &people[ADA], key, 0, moment(21, 9));
    act_well(w, &c);
    struct act_of early = {
        .what = PUBLISH, .who = &people[PIA], .key = key, .publish = {.key = key, .save = 1}};
    assert_int_equal(act(w, &early), ST_CONFLICT);
    assert_has(str_c(early.err.text), "desk-error-under-embargo");
    static const struct {
        int who;
        const char *reason;
        i64 save, hours; /* from midnight of the 21st; 0: lifted */
        enum status want;
    } tries[] = {
        {EVA, "They said so.", 1, 0, ST_DENIED},   {MOE, "They said so.", 1, 0, ST_NOTFOUND},
        {PIA, "They said so.", 7, 0, ST_CONFLICT}, {PIA, "They said so.", 1, 9, ST_INVALID},
        {PIA, "They said so.", 1, 8, ST_OK},       {PIA, "At last.", 2, 0, ST_OK},
        {PIA, "At last.", 3, 0, ST_CONFLICT},
    };
    for (size_t i = 0; i < COUNT(tries); i++) {
        struct call l = {.who = &people[tries[i].who],
                         .key = key,
                         .words = str_c(tries[i].reason),
                         .save = tries[i].save,
                         .until = tries[i].hours ? moment(21, (int)tries[i].hours) : 0};
        if (run(w, lift_tx, &l) != tries[i].want)
            test_fail("try %zu: %s", i, l.err.text);
    }
    assert_str(audited(w, key, AUDIT_EMBARGO),
               "Pia:2026-11-21T08:00:00Z > -: At last. | Pia:2026-11-21T09:00:00Z > "
               "2026-11-21T08:00:00Z: They said so.");
    publish_draft(w, key, 0);
    assert_shows(w, "/town/2026/11/20/a-headline", "Words.");
}

static void what_is_scheduled_is_taken_from_there_first(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]);
    struct act_of c = embargoed(w, &people[ADA], key, 0, moment(21, 9));
    act_well(w, &c);
    publish_draft(w, key, moment(21, 10));
    struct call l = {.who = &people[PIA], .key = key, .words = STR("Now."), .save = 1};
    assert_int_equal(run(w, lift_tx, &l), ST_CONFLICT);
    assert_string_equal(l.err.text, "desk-error-embargo-scheduled");
    assert_int_equal(step(w, &people[EVA], key, STEP_UNSCHEDULE), ST_OK);
    l.err = (struct err){0};
    assert_ok(run(w, lift_tx, &l), &l.err);
}

static void a_file_that_shortens_is_logged(void **state)
{
    struct world *w = *state;
    static const char waiting[] =
        "---\nid: wall\nsection: town\nslug: wall\nheadline: The wall\npublished: "
        "2026-11-22T09:00:00Z\nembargo: %s\n---\nWords.\n";
    str text = arena_fmt(&w->a, waiting, "2026-11-21T09:00:00Z");
    publish(w, arena_cstr(&w->a, text));
    text = arena_fmt(&w->a, waiting, "2026-11-21T10:00:00Z");
    publish(w, arena_cstr(&w->a, text));
    assert_str(audited(w, STR("wall"), AUDIT_EMBARGO), "");
    publish(w, "---\nid: wall\nsection: town\nslug: wall\nheadline: The wall\npublished: "
               "2026-11-20T09:00:00Z\nembargo:\n---\nWords.\n");
    assert_str(audited(w, STR("wall"), AUDIT_EMBARGO), ":2026-11-21T10:00:00Z > -");
    assert_shows(w, HELD, "Words.");

    str key = begin(w, &people[ADA]); /* one that was only ever at the desk */
    struct act_of c = embargoed(w, &people[ADA], key, 0, moment(21, 9));
    act_well(w, &c);
    text = arena_fmt(&w->a, "---\nid: %.*s\nsection: town\nheadline: A headline\n---\nWords.\n",
                     FMT(key));
    publish(w, arena_cstr(&w->a, text));
    assert_str(audited(w, key, AUDIT_EMBARGO), ":2026-11-21T09:00:00Z > -");
}

/* A translation's embargo holds back what is scheduled; "Due" says so. */
static void an_embargo_in_the_way_stands_on_due(void **state)
{
    struct world *w = *state;
    publish(w, "---\nid: wall\nsection: town\nslug: wall\nheadline: The wall\npublished: "
               "2026-11-20T13:00:00Z\n---\nWords.\n");
    publish(w, "---\nid: stena\nedition: ru\nsection: town\nslug: stena\nheadline: Стена\n"
               "translation-of: wall\npublished: 2026-11-22T09:00:00Z\nembargo: "
               "2026-11-22T09:00:00Z\n---\nСлова.\n");
    time_set_for_test(moment(20, 13) + MS_SECOND);
    run_jobs(w);
    assert_int_equal(get(w, HELD, NULL), 404);
    assert_str(due(w, &people[EVA]), "wall refused2, wall scheduled, stena scheduled");
    time_set_for_test(moment(22, 9) + MS_SECOND);
    run_jobs(w);
    assert_int_equal(get(w, HELD, NULL), 200);
    assert_str(due(w, &people[EVA]), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_desk(nothing_held_changes_by_any_way),
        with_desk(at_the_desk_neither),
        with_desk(what_is_held_is_not_destroyed),
        with_desk(a_reason_is_given),
        with_desk(no_save_shortens_an_embargo),
        with_desk(a_publisher_lifts_it_with_a_reason),
        with_desk(what_is_scheduled_is_taken_from_there_first),
        with_desk(a_file_that_shortens_is_logged),
        with_desk(an_embargo_in_the_way_stands_on_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
