/* What waits for a person: translations of what was corrected or withdrawn, and what was sent back.
 */
#include "desk.h"

#include "newsroom/translations.h"

struct call {
    const struct actor *who;
    str key;
    i64 seen;
    struct err err;
};

static enum status nothing_tx(struct tx *tx, void *arg)
{
    struct call *c = arg;
    return translations_need_nothing(tx, c->who, c->key, c->seen);
}

static enum status need_nothing(struct world *w, const struct actor *who, const char *key, i64 seen)
{
    struct call c = {.who = who, .key = str_c(key), .seen = seen};
    return writer_do(app_writer(w->app), nothing_tx, &c, &c.err);
}

/* "KEY<-SOURCE kind revision" of each line, and its why where it is another. */
static str due_to(struct world *w, const struct actor *who)
{
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct out o = out_make(&w->a, 256, 4096);
    struct work_query q = {.viewer = who->account,
                           .all = (who->roles & (ROLE_EDITOR | ROLE_PUBLISHER)) != 0,
                           .limit = 20};
    struct due *list = NULL;
    size_t n = 0;
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, time_now(), &err);
    assert_ok(due_list(&v, &q, moment(30, 0), &list, &n), &err);
    for (size_t i = 0; i < n; i++) {
        const struct due *d = &list[i];
        out_fmt(&o, "%s%.*s", i ? ", " : "", FMT(d->work.key));
        if (d->why != DUE_TRANSLATION)
            out_fmt(&o, " %s", due_why_name(d->why));
        else
            out_fmt(&o, "<-%.*s %s %lld", FMT(d->source_key),
                    revision_kind_name((enum revision_kind)d->kind), (long long)d->revision);
    }
    return out_view(&o);
}
#define EVAS (due_to(w, &people[EVA]))

static void publish_story_file(struct world *w, const char *key, const char *more, const char *body)
{
    bool ru = str_eq(str_c(key), STR("stena"));
    publish(w, arena_cstr(&w->a, arena_fmt(&w->a,
                                           "---\nid: %s\nedition: %s\nsection: town\nslug: "
                                           "%s\nheadline: Headline\n%s%s---\n%s\n",
                                           key, ru ? "ru" : "en", key,
                                           ru ? "translation-of: wall\n" : "", more, body)));
}

#define CORRECTED "change: correction\ncorrection: It was wrong.\n"

static void publish_both(struct world *w)
{
    publish_story_file(w, "wall", "", "Words.");
    publish_story_file(w, "stena", "", "Words.");
    assert_str(EVAS, "");
}

static void withdraw(struct world *w, const char *key)
{
    struct intake_answer answer;
    intake_withdraw(app_intake(w->app), str_c(key), STR("It was wrong."), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
}

/* ---- translations ---- */

static void a_correction_waits_in_each_translation(void **state)
{
    struct world *w = *state;
    publish_both(w);
    publish_story_file(w, "wall", "", "An update.");
    publish_story_file(w, "wall", "change: typo\n", "An updatr.");
    assert_str(EVAS, "");
    publish_story_file(w, "wall", CORRECTED, "Other words.");
    assert_str(EVAS, "stena<-wall correction 4");
    assert_str(due_to(w, &people[ADA]), ""); /* hers it isn't */
    publish_story_file(w, "wall", "change: clarification\ncorrection: It was unclear.\n", "More.");
    assert_str(EVAS, "stena<-wall correction 4, stena<-wall clarification 5");
    publish_story_file(w, "stena", "", "Words."); /* changes nothing, and is no answer */
    assert_str(EVAS, "stena<-wall correction 4, stena<-wall clarification 5");
    publish_story_file(w, "stena", "", "Other words.");
    assert_str(EVAS, "");
}

static void the_other_way_too(void **state)
{
    struct world *w = *state;
    publish_both(w);
    publish_story_file(w, "stena", CORRECTED, "Other words.");
    assert_str(EVAS, "wall<-stena correction 2");
    withdraw(w, "wall"); /* that is an answer, and says something itself */
    assert_str(EVAS, "stena<-wall withdrawal 2");
    withdraw(w, "stena");
    assert_str(EVAS, ""); /* what is withdrawn itself waits for nothing */
}

static void what_is_put_back_was_not_withdrawn(void **state)
{
    struct world *w = *state;
    struct intake_answer answer;
    publish_both(w);
    publish_story_file(w, "wall", CORRECTED, "Other words.");
    withdraw(w, "wall");
    assert_str(EVAS, "stena<-wall correction 2, stena<-wall withdrawal 3");
    intake_reinstate(app_intake(w->app), STR("wall"), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    assert_str(EVAS, "stena<-wall correction 2");
}

/* From the desk as well; and who answers for it is in the log. */
static void a_person_says_that_it_needs_nothing(void **state)
{
    struct world *w = *state;
    publish_both(w);
    struct draft d = see(w, &people[EVA], STR("wall"));
    struct story_content next = d.content;
    next.body = markdown(w, "Other words.");
    struct act_of c = save_from(w, &people[EVA], STR("wall"), 0, d.live, &next);
    act_well(w, &c);
    struct act_of p = {.what = PUBLISH,
                       .who = &people[EVA],
                       .key = STR("wall"),
                       .publish = {.key = STR("wall"),
                                   .save = c.saved.save,
                                   .change = CHANGE_CORRECTION,
                                   .correction = STR("It was wrong.")}};
    act_well(w, &p);
    assert_str(EVAS, "stena<-wall correction 2");
    assert_int_equal(need_nothing(w, &people[ADA], "stena", 1), ST_NOTFOUND);
    assert_int_equal(need_nothing(w, &people[MOE], "stena", 1), ST_NOTFOUND);
    assert_int_equal(need_nothing(w, &people[EVA], "wall", 1), ST_CONFLICT);
    assert_int_equal(need_nothing(w, &people[EVA], "stena", 0), ST_CONFLICT); /* not seen yet */
    assert_int_equal(need_nothing(w, &people[EVA], "stena", 1), ST_OK);
    assert_str(EVAS, "");
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct audit_line *list = NULL;
    size_t n = 0;
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(audit_list(&v, STR("stena"), 0, 0, 9, &list, &n), &err);
    assert_int_equal(n, 1);
    assert_int_equal(list[0].kind, AUDIT_NEEDS_NOTHING);
    assert_str(list[0].name, "Eva");
    assert_str(list[0].words, "correction, revision 2");
}

/* Its minute alone is nobody's answer. */
static void a_schedule_is_no_answer(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    i64 next;
    publish_story_file(w, "wall", "", "Words.");
    publish_story_file(w, "stena", "published: 2026-11-20T13:00:00Z\n", "Words.");
    publish_story_file(w, "wall", CORRECTED, "Other words.");
    assert_str(EVAS, "stena<-wall correction 2, stena scheduled");
    time_set_for_test(moment(20, 13));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_str(EVAS, "stena<-wall correction 2");
}

static void what_is_restricted_tells_nobody_else(void **state)
{
    struct world *w = *state;
    publish_both(w);
    struct act_of c = {.what = RESTRICT, .who = &people[PIA], .key = STR("wall")};
    act_well(w, &c);
    publish_story_file(w, "wall", CORRECTED, "Other words.");
    assert_str(EVAS, "");
    assert_str(due_to(w, &people[PIA]), "stena<-wall correction 2");
    assert_int_equal(need_nothing(w, &people[EVA], "stena", 99), ST_CONFLICT);
    struct act_of both = {.what = RESTRICT, .who = &people[PIA], .key = STR("stena")};
    act_well(w, &both);
    c.what = LIFT;
    act_well(w, &c);
    assert_str(EVAS, ""); /* the translation isn't there for her */
    assert_int_equal(need_nothing(w, &people[EVA], "stena", 99), ST_NOTFOUND);
    assert_int_equal(need_nothing(w, &people[PIA], "stena", 99), ST_OK);
}

static void what_is_removed_waits_for_nobody(void **state)
{
    struct world *w = *state;
    publish_story_file(w, "wall", "", "Words.");
    publish_story_file(w, "stena", "published: 2026-11-20T13:00:00Z\n", "Words.");
    publish_story_file(w, "wall", CORRECTED, "Other words.");
    struct intake_answer answer;
    intake_withdraw(app_intake(w->app), STR("stena"), STR_NONE, &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    assert_str(EVAS, "");
}

/* ---- sent back ---- */

static void what_is_sent_back_is_there_for_its_people(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]);
    const char *k = arena_cstr(&w->a, key);
    save(w, &people[ADA], key, 0, "A headline", "Words.");
    assert_int_equal(step(w, &people[ADA], key, STEP_SEND), ST_OK);
    assert_str(EVAS, arena_cstr(&w->a, arena_fmt(&w->a, "%s review", k)));
    assert_int_equal(step(w, &people[EVA], key, STEP_SEND_BACK), ST_OK);
    assert_str(due_to(w, &people[ADA]), arena_cstr(&w->a, arena_fmt(&w->a, "%s sent-back", k)));
    assert_str(EVAS, ""); /* it doesn't wait for her */
    assert_int_equal(step(w, &people[ADA], key, STEP_SEND), ST_OK);
    assert_str(due_to(w, &people[ADA]), arena_cstr(&w->a, arena_fmt(&w->a, "%s review", k)));
    assert_int_equal(step(w, &people[EVA], key, STEP_SEND_BACK), ST_OK);
    publish_draft(w, key, 0);
    assert_str(due_to(w, &people[ADA]), "");
}

/* ---- what couldn't go live for another reason ---- */

static enum status spoil(struct tx *tx, void *arg)
{
    (void)arg;
    return db_script(tx->db, "UPDATE scheduled SET bytes = '{'", tx->err);
}

static void a_failure_says_why(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    i64 next;
    publish_story_file(w, "wall", "published: 2026-11-20T13:00:00Z\n", "Words.");
    assert_ok(writer_do(app_writer(w->app), spoil, NULL, &err), &err);
    time_set_for_test(moment(20, 13));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_str(EVAS, "wall refused, wall scheduled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_desk(a_correction_waits_in_each_translation),
        with_desk(the_other_way_too),
        with_desk(what_is_put_back_was_not_withdrawn),
        with_desk(a_person_says_that_it_needs_nothing),
        with_desk(a_schedule_is_no_answer),
        with_desk(what_is_restricted_tells_nobody_else),
        with_desk(what_is_removed_waits_for_nobody),
        with_desk(what_is_sent_back_is_there_for_its_people),
        with_desk(a_failure_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
