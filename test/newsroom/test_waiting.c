/* A change of a live story that waits for its time: it goes live then, joined with what was
 * published meanwhile, or it stands on somebody's list; never neither. */
#include "desk.h"

#include "newsroom/hold.h"
#include "newsroom/undo.h"
#include "store/due.h"

#define PAGE "/town/2026/11/20/the-wall"
static const char three[] =
    "First paragraph here.\n\nSecond paragraph here.\n\nThird paragraph here.";
static const char first_changed[] =
    "First and best paragraph here.\n\nSecond paragraph here.\n\nThird paragraph here.";

static void run_jobs(struct world *w)
{
    struct err err = {0};
    i64 next;
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
}

static void at_its_time(struct world *w)
{
    time_set_for_test(moment(21, 13));
    run_jobs(w);
}

static void publish_as(struct world *w, str key, enum change_kind change, const char *words, i64 at,
                       enum status want)
{
    struct act_of c = {.what = PUBLISH,
                       .who = &people[EVA],
                       .key = key,
                       .publish = {.key = key,
                                   .save = see(w, &people[EVA], key).work.save,
                                   .change = change,
                                   .correction = str_c(words),
                                   .at = at}};
    enum status st = act(w, &c);
    if (st != want)
        test_fail("publishing: %s (%s)", status_name(st), c.err.text);
}

/* Live with three paragraphs; a change of the first waits for the 21st, 12:00. */
static str waiting_story(struct world *w)
{
    str key = begin(w, &people[ADA]);
    save(w, &people[ADA], key, 0, "The wall", three);
    publish_draft(w, key, 0);
    save(w, &people[ADA], key, 1, "The wall", first_changed);
    publish_as(w, key, CHANGE_UPDATE, "", moment(21, 12), ST_OK);
    struct draft d = see(w, &people[ADA], key);
    assert_int_equal(d.work.state, WORK_SCHEDULED);
    assert_int_equal(d.work.due_ms, moment(21, 12));
    assert_int_equal(d.waiting.save, 2);
    return key;
}

/* Somebody's file, or another's publication at the desk, in between. */
static void published_meanwhile(struct world *w, str key, const char *body)
{
    str line;
    struct out o = out_make(&w->a, 512, 1 << 16);
    out_fmt(&o, "---\nid: %.*s\nsection: town\nheadline: The wall\n---\n%s\n", FMT(key), body);
    if (take(w, INTAKE_STORY, arena_cstr(&w->a, out_view(&o)), &line))
        test_fail("%.*s", FMT(line));
}

/* It stands on "Due" with why, and the change is a draft again. */
static str failed(struct world *w, str key, enum due_refusal kind)
{
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct due *list = NULL;
    size_t n = 0;
    struct draft d = see(w, &people[EVA], key);
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(due_of(&v, d.work.id, DUE_REFUSED, people[EVA].account, &list, &n), &err);
    assert_int_equal(n, 1);
    assert_int_equal(list[0].kind, kind);
    assert_int_equal(list[0].at, moment(21, 12));
    assert_true(d.waiting.failed);
    assert_int_equal(d.work.state, WORK_DRAFT);
    return list[0].words;
}

static void done(struct world *w, str key, i64 base)
{
    struct draft d = see(w, &people[EVA], key);
    assert_int_equal(d.work.state, WORK_CLEAN);
    assert_int_equal(d.work.base, base);
    assert_int_equal(d.work.due_ms, 0);
    assert_int_equal(d.waiting.work, 0);
}

/* ---- it goes live ---- */

static void it_goes_live_at_its_time(void **state)
{
    struct world *w = *state;
    str key = waiting_story(w);
    run_jobs(w);
    assert_shows(w, PAGE, "First paragraph here.");
    at_its_time(w);
    assert_shows(w, PAGE, "First and best paragraph here.");
    done(w, key, 2);
    run_jobs(w);
    done(w, key, 2);
}

static void a_correction_says_its_words_at_its_time(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]);
    save(w, &people[ADA], key, 0, "The wall", three);
    publish_draft(w, key, 0);
    save(w, &people[ADA], key, 1, "The wall", first_changed);
    publish_as(w, key, CHANGE_CORRECTION, "", moment(21, 12), ST_INVALID);
    publish_as(w, key, CHANGE_CORRECTION, "It was the best one.", moment(21, 12), ST_OK);
    assert_int_equal(see(w, &people[EVA], key).waiting.change, CHANGE_CORRECTION);
    at_its_time(w);
    assert_shows(w, PAGE, "It was the best one.");
    done(w, key, 2);
}

/* What the door would refuse at its time for its own words is refused at once. */
static void what_cannot_go_live_cannot_wait(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]);
    save(w, &people[ADA], key, 0, "The wall", "There were 3 paragraphs.");
    publish_draft(w, key, 0);
    save(w, &people[ADA], key, 1, "The wall", "There were 4 paragraphs.");
    publish_as(w, key, CHANGE_TYPO, "", moment(21, 12), ST_INVALID);
    publish_as(w, key, CHANGE_UPDATE, "", moment(20, 11), ST_INVALID);
    struct draft d = see(w, &people[EVA], key);
    assert_int_equal(d.work.state, WORK_DRAFT);
    assert_int_equal(d.waiting.work, 0);
    publish_as(w, key, CHANGE_UPDATE, "", moment(21, 12), ST_OK);
}

/* ---- what is published in between ---- */

static void it_is_joined_with_what_was_published_meanwhile(void **state)
{
    struct world *w = *state;
    str key = waiting_story(w);
    published_meanwhile(w, key,
                        "First paragraph here.\n\nSecond paragraph here.\n\nThird one there.");
    struct draft d = see(w, &people[EVA], key);
    assert_int_equal(d.work.state, WORK_SCHEDULED);
    assert_int_equal(d.work.due_ms, moment(21, 12));
    at_its_time(w);
    assert_shows(w, PAGE, "First and best paragraph here.");
    assert_shows(w, PAGE, "Third one there.");
    done(w, key, 3);
}

static void the_same_words_leave_the_live_text_and_wait_for_somebody(void **state)
{
    struct world *w = *state;
    struct draft_saved s;
    str key = waiting_story(w);
    published_meanwhile(w, key,
                        "First and only paragraph here.\n\nSecond paragraph here.\n\nThird "
                        "paragraph here.");
    at_its_time(w);
    assert_shows(w, PAGE, "First and only paragraph here.");
    failed(w, key, REFUSED_BY_OVERLAP);
    run_jobs(w);
    failed(w, key, REFUSED_BY_OVERLAP);
    s = save(w, &people[EVA], key, 2, "The wall", first_changed);
    assert_int_equal(s.outcome, DRAFT_CHOICES);
}

static void a_single_value_that_both_changed_waits_as_well(void **state)
{
    struct world *w = *state;
    str line, key = begin(w, &people[ADA]);
    struct story_content c = says(w, "The wall", three);
    save(w, &people[ADA], key, 0, "The wall", three);
    publish_draft(w, key, 0);
    c.source = STR("https://a.example/1");
    struct act_of s = save_from(w, &people[ADA], key, 1, 0, &c);
    act_well(w, &s);
    publish_as(w, key, CHANGE_UPDATE, "", moment(21, 12), ST_OK);
    str file = arena_fmt(&w->a,
                         "---\nid: %.*s\nsection: town\nheadline: The wall\nsource: "
                         "https://b.example/2\n---\n%s\n",
                         FMT(key), three);
    if (take(w, INTAKE_STORY, arena_cstr(&w->a, file), &line))
        test_fail("%.*s", FMT(line));
    at_its_time(w);
    failed(w, key, REFUSED_BY_OVERLAP);
}

static void words_that_are_live_already_end_the_waiting(void **state)
{
    struct world *w = *state;
    str key = waiting_story(w);
    published_meanwhile(w, key, first_changed);
    at_its_time(w);
    done(w, key, 2);
}

static void a_withdrawn_story_stays_withdrawn(void **state)
{
    struct world *w = *state;
    str key = waiting_story(w);
    struct act_of c = {.what = WITHDRAW, .who = &people[EVA], .key = key, .words = STR("Gone.")};
    act_well(w, &c);
    at_its_time(w);
    assert_int_equal(get(w, PAGE, NULL), 410);
    failed(w, key, REFUSED_BY_WITHDRAWAL);
}

static void reinstated_in_time_it_goes_live(void **state)
{
    struct world *w = *state;
    str key = waiting_story(w);
    struct act_of c = {.what = WITHDRAW, .who = &people[EVA], .key = key, .words = STR("Gone.")};
    act_well(w, &c);
    c.what = REINSTATE;
    act_well(w, &c);
    at_its_time(w);
    assert_shows(w, PAGE, "First and best paragraph here.");
    done(w, key, 4);
}

/* What it needs was there when it was scheduled, and is gone at its time. */
static void what_the_door_refuses_then_says_why(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]), line;
    save(w, &people[ADA], key, 0, "The wall", three);
    publish_draft(w, key, 0);
    struct draft d = see(w, &people[ADA], key);
    d.content.slug = STR("the-dam");
    struct act_of s = save_from(w, &people[ADA], key, d.parent, d.base, &d.content);
    act_well(w, &s);
    publish_as(w, key, CHANGE_UPDATE, "", moment(21, 12), ST_OK);
    if (take(w, INTAKE_STORY,
             "---\nid: dam\nsection: town\nheadline: The dam\nslug: the-dam\npublished: "
             "2026-11-20T10:00:00Z\n---\nWords.\n",
             &line))
        test_fail("%.*s", FMT(line));
    at_its_time(w);
    assert_shows(w, PAGE, "First paragraph here.");
    str words = failed(w, key, REFUSED_OTHERWISE);
    if (str_find(words, STR("belongs to the story \"dam\"")) < 0)
        test_fail("%.*s", FMT(words));
}

static enum status hold_in_writer(struct tx *tx, void *arg)
{
    struct act_of *c = arg;
    str reason = STR("A court has asked for it.");
    return c->what == LIFT ? hold_lift(tx, c->who, c->key, reason)
                           : hold_put(tx, c->who, c->key, reason);
}

static void a_story_on_hold_keeps_its_live_text(void **state)
{
    struct world *w = *state;
    str key = waiting_story(w);
    struct act_of c = {.who = &people[PIA], .key = key};
    assert_ok(writer_do(app_writer(w->app), hold_in_writer, &c, &c.err), &c.err);
    at_its_time(w);
    assert_shows(w, PAGE, "First paragraph here.");
    assert_int_equal(see(w, &people[EVA], key).work.state, WORK_SCHEDULED);
    c.what = LIFT;
    assert_ok(writer_do(app_writer(w->app), hold_in_writer, &c, &c.err), &c.err);
    time_set_for_test(moment(21, 14));
    run_jobs(w);
    assert_shows(w, PAGE, "First and best paragraph here.");
    done(w, key, 2);
}

/* One whose end comes first says nothing of the date that the story has had for long. */
static void an_embargo_is_waited_for(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]);
    save(w, &people[ADA], key, 0, "The wall", three);
    publish_draft(w, key, 0);
    struct draft d = see(w, &people[ADA], key);
    d.content.embargo = moment(21, 9);
    d.content.body = markdown(w, first_changed);
    struct act_of s = save_from(w, &people[ADA], key, d.parent, d.base, &d.content);
    act_well(w, &s);
    publish_as(w, key, CHANGE_UPDATE, "", moment(21, 8), ST_CONFLICT);
    publish_as(w, key, CHANGE_UPDATE, "", moment(21, 12), ST_OK);
    at_its_time(w);
    assert_shows(w, PAGE, "First and best paragraph here.");
    done(w, key, 2);
}

/* ---- drafts beside it ---- */

static void a_save_beside_it_leaves_it_as_it_is(void **state)
{
    struct world *w = *state;
    str key = waiting_story(w);
    save(w, &people[ADA], key, 2, "The wall", "First and best paragraph here.\n\nNot yet.");
    struct draft d = see(w, &people[ADA], key);
    assert_int_equal(d.work.state, WORK_DRAFT);
    assert_int_equal(d.work.due_ms, moment(21, 12));
    at_its_time(w);
    assert_shows(w, PAGE, "Third paragraph here.");
    d = see(w, &people[ADA], key);
    assert_int_equal(d.work.state, WORK_DRAFT);
    assert_int_equal(d.work.due_ms, 0);
    assert_str(markdown_of(w, &d.content), "First and best paragraph here.\n\nNot yet.");
    struct draft_saved s =
        save(w, &people[ADA], key, 3, "The wall", "First and best paragraph here.\n\nNow.");
    assert_int_not_equal(s.outcome, DRAFT_CHOICES);
    publish_draft(w, key, 0);
    assert_shows(w, PAGE, "Now.");
}

static void publishing_now_takes_its_place(void **state)
{
    struct world *w = *state;
    str key = waiting_story(w);
    save(w, &people[ADA], key, 2, "The wall", "All of it is other.");
    publish_draft(w, key, 0);
    done(w, key, 2);
    at_its_time(w);
    assert_shows(w, PAGE, "All of it is other.");
    done(w, key, 2);
}

static void it_is_taken_back_and_moved(void **state)
{
    struct world *w = *state;
    str key = waiting_story(w);
    assert_int_equal(step(w, &people[EVA], key, STEP_UNSCHEDULE), ST_OK);
    struct draft d = see(w, &people[EVA], key);
    assert_int_equal(d.work.state, WORK_APPROVED);
    assert_int_equal(d.work.due_ms, 0);
    at_its_time(w);
    assert_shows(w, PAGE, "First paragraph here.");
    publish_as(w, key, CHANGE_UPDATE, "", moment(22, 12), ST_OK);
    save(w, &people[ADA], key, 2, "The wall", "All of it is other.");
    publish_as(w, key, CHANGE_UPDATE, "", moment(23, 12), ST_OK);
    time_set_for_test(moment(22, 13));
    run_jobs(w);
    assert_shows(w, PAGE, "First paragraph here.");
    time_set_for_test(moment(23, 13));
    run_jobs(w);
    assert_shows(w, PAGE, "All of it is other.");
    done(w, key, 2);
}

/* ---- an account that must not publish any more ---- */

static enum status undo_in_writer(struct tx *tx, void *arg)
{
    struct act_of *c = arg;
    return undo_put_back(tx, c->who, people[EVA].account, c->key, STR("By mistake."),
                         &c->published);
}

static void undoing_an_account_takes_back_what_waits(void **state)
{
    struct world *w = *state;
    str line;
    if (take(w, INTAKE_STORY,
             "---\nid: wall\nsection: town\nheadline: The wall\npublished: "
             "2026-11-20T11:00:00Z\n---\nFirst paragraph here.\n",
             &line))
        test_fail("%.*s", FMT(line));
    str key = STR("wall");
    struct story_content other = says(w, "The wall", "All of it is other.");
    struct act_of s = save_from(w, &people[EVA], key, 0, 1, &other);
    act_well(w, &s);
    time_set_for_test(moment(20, 13));
    publish_as(w, key, CHANGE_UPDATE, "", moment(21, 12), ST_OK);
    struct act_of c = {.who = &people[PIA], .key = key};
    assert_ok(writer_do(app_writer(w->app), undo_in_writer, &c, &c.err), &c.err);
    assert_int_equal(c.published.outcome, OUTCOME_UNSCHEDULED);
    at_its_time(w);
    assert_shows(w, PAGE, "First paragraph here.");
    struct draft d = see(w, &people[PIA], key);
    assert_int_equal(d.work.state, WORK_DRAFT);
    assert_int_equal(d.waiting.work, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_desk(it_goes_live_at_its_time),
        with_desk(a_correction_says_its_words_at_its_time),
        with_desk(what_cannot_go_live_cannot_wait),
        with_desk(it_is_joined_with_what_was_published_meanwhile),
        with_desk(the_same_words_leave_the_live_text_and_wait_for_somebody),
        with_desk(a_single_value_that_both_changed_waits_as_well),
        with_desk(words_that_are_live_already_end_the_waiting),
        with_desk(a_withdrawn_story_stays_withdrawn),
        with_desk(reinstated_in_time_it_goes_live),
        with_desk(what_the_door_refuses_then_says_why),
        with_desk(a_story_on_hold_keeps_its_live_text),
        with_desk(an_embargo_is_waited_for),
        with_desk(a_save_beside_it_leaves_it_as_it_is),
        with_desk(publishing_now_takes_its_place),
        with_desk(it_is_taken_back_and_moved),
        with_desk(undoing_an_account_takes_back_what_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
