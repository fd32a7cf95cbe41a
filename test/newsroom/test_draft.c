/* A story at the desk, from its first word to its last: who may do what when, what is public, what
 * is gone. */
#include "desk.h"

#include "store/due.h"

static void accounts_for(struct world *w, str key, i64 state, i64 public, i64 save, i64 base)
{
    struct draft d = see(w, &people[PIA], key);
    if (d.work.state != state || d.work.public != public || d.work.save != save ||
        d.work.base != base)
        test_fail("%.*s: state %s, public %lld, save %lld, base %lld", FMT(key),
                  work_state_name(d.work.state), (long long)d.work.public, (long long)d.work.save,
                  (long long)d.work.base);
}

/* ---- the workflow ---- */

/* A story of Ada's in a state. */
static str story_in(struct world *w, enum work_state state)
{
    str key = begin(w, &people[ADA]);
    save(w, &people[ADA], key, 0, "A headline", "Words.");
    if (state == WORK_CLEAN)
        publish_draft(w, key, 0);
    if (state == WORK_SCHEDULED)
        publish_draft(w, key, moment(21, 12));
    if (state == WORK_REVIEW || state == WORK_APPROVED)
        assert_int_equal(step(w, &people[ADA], key, STEP_SEND), ST_OK);
    if (state == WORK_APPROVED)
        assert_int_equal(step(w, &people[EVA], key, STEP_APPROVE), ST_OK);
    assert_int_equal(see(w, &people[EVA], key).work.state, state);
    return key;
}

enum { NOW = STEP_UNSCHEDULE + 1, LATER, NOTHING_ELSE };

static enum status try(struct world *w, const struct actor *who, str key, int s)
{
    struct act_of c = {.what = s >= NOW ? PUBLISH : STEP,
                       .who = who,
                       .key = key,
                       .save = 1,
                       .step = (enum draft_step)s,
                       .publish = {.key = key, .save = 1, .at = s == LATER ? moment(22, 12) : 0}};
    return act(w, &c);
}

/* In the order of the states (clean, draft, review, approved, scheduled): o done, c not from
 * there, d denied, - no such story for them. Ada began it; Ben reports as well. to: where it leads.
 */
static const struct {
    int step;
    const char *name, *want[PEOPLE];
    enum work_state to;
} workflow[] = {
    {STEP_SEND, "send", {"coccc", "-----", "coccc", "coccc", "-----"}, WORK_REVIEW},
    {STEP_TAKE_BACK, "take back", {"ccooc", "-----", "ccooc", "ccooc", "-----"}, WORK_DRAFT},
    {STEP_APPROVE, "approve", {"ddddd", "-----", "ccocc", "ccocc", "-----"}, WORK_APPROVED},
    {STEP_SEND_BACK, "send back", {"ddddd", "-----", "ccooc", "ccooc", "-----"}, WORK_DRAFT},
    {STEP_UNSCHEDULE, "unschedule", {"ddddd", "-----", "cccco", "cccco", "-----"}, WORK_APPROVED},
    {NOW, "publish", {"ddddd", "-----", "coooo", "coooo", "-----"}, WORK_CLEAN},
    {LATER, "schedule", {"ddddd", "-----", "coooo", "coooo", "-----"}, WORK_SCHEDULED},
};

static void nobody_lets_through_their_own(struct world *w)
{
    str key = begin(w, &people[EVA]);
    save(w, &people[EVA], key, 0, "A headline", "Words.");
    assert_int_equal(step(w, &people[EVA], key, STEP_SEND), ST_OK);
    struct act_of c = {.what = STEP,
                       .who = &people[EVA],
                       .four_eyes = true,
                       .key = key,
                       .save = 1,
                       .step = STEP_APPROVE,
                       .publish = {.key = key, .save = 1}};
    assert_int_equal(act(w, &c), ST_DENIED);
    c.what = PUBLISH;
    assert_int_equal(act(w, &c), ST_DENIED);
    c.who = &people[PIA];
    act_well(w, &c);
}

static void only_writers_begin(struct world *w)
{
    for (int p = 0; p < PEOPLE; p++) {
        struct act_of c = {.what = BEGIN, .who = &people[p]};
        assert_int_equal(act(w, &c), p == MOE ? ST_DENIED : ST_OK);
    }
}

static void every_step_from_every_state_by_everybody(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < COUNT(workflow); i++)
        for (int s = WORK_CLEAN; s < WORK_STATE_COUNT; s++) {
            str key = STR_NONE;
            for (int p = 0; p < PEOPLE; p++) {
                char want = workflow[i].want[p][s];
                char *mark = arena_mark(&w->a);
                if (!key.n)
                    key = story_in(w, (enum work_state)s);
                enum status st = try(w, &people[p], key, workflow[i].step);
                char have = st == ST_OK         ? 'o'
                            : st == ST_CONFLICT ? 'c'
                            : st == ST_DENIED   ? 'd'
                            : st == ST_NOTFOUND ? '-'
                                                : '?';
                i64 now = see(w, &people[EVA], key).work.state;
                if (have != want || now != (st ? (i64)s : (i64)workflow[i].to))
                    test_fail("%s from %s by %.*s: want %c, have %s; it is %s", workflow[i].name,
                              work_state_name(s), FMT(people[p].name), want, status_name(st),
                              work_state_name(now));
                if (!st) {
                    key = STR_NONE;
                    arena_rewind(&w->a, mark);
                }
            }
        }
    nobody_lets_through_their_own(w);
    only_writers_begin(w);
}

static void a_step_is_of_what_was_looked_at(void **state)
{
    struct world *w = *state;
    str key = story_in(w, WORK_REVIEW);
    struct act_of c = {
        .what = STEP, .who = &people[EVA], .key = key, .save = 1, .step = STEP_APPROVE};
    save(w, &people[ADA], key, 1, "A headline", "Other words.");
    assert_int_equal(act(w, &c), ST_CONFLICT);
    c.save = 2;
    act_well(w, &c);
}

static void a_save_takes_back_what_was_approved(void **state)
{
    struct world *w = *state;
    str key = story_in(w, WORK_APPROVED);
    assert_int_equal(see(w, &people[EVA], key).work.approved, 1);
    save(w, &people[ADA], key, 1, "A headline", "Other words.");
    struct draft d = see(w, &people[EVA], key);
    assert_int_equal(d.work.state, WORK_REVIEW);
    assert_int_equal(d.work.approved, 0);
    assert_int_equal(save(w, &people[ADA], key, 2, "A headline", "Other words.").outcome,
                     DRAFT_UNCHANGED);
    accounts_for(w, key, WORK_REVIEW, 0, 2, 0);
}

/* ---- publication ---- */

static void what_is_published_is_what_was_seen(void **state)
{
    struct world *w = *state;
    str key = story_in(w, WORK_DRAFT);
    struct act_of c = {
        .what = PUBLISH, .who = &people[EVA], .key = key, .publish = {.key = key, .save = 1}};
    save(w, &people[ADA], key, 1, "A headline", "Unseen.");
    assert_int_equal(act(w, &c), ST_CONFLICT);
    assert_int_equal(get(w, "/town/2026/11/20/a-headline", NULL), 404);
    c.publish.save = 2;
    act_well(w, &c);
    assert_int_equal(c.published.outcome, OUTCOME_NEW);
    assert_str(c.published.path, "/town/2026/11/20/a-headline");
    assert_shows(w, "/town/2026/11/20/a-headline", "Unseen.");
    accounts_for(w, key, WORK_CLEAN, 1, 2, 1);
}

static void a_live_story_is_changed_corrected_and_left_alone(void **state)
{
    struct world *w = *state;
    str key = story_in(w, WORK_CLEAN);
    struct draft d = see(w, &people[ADA], key);
    assert_str(d.content.slug, "a-headline"); /* the live text, as the door made it */
    assert_int_equal(d.parent, 0);
    assert_int_equal(d.base, 1);
    struct act_of same = save_from(w, &people[ADA], key, d.parent, d.base, &d.content);
    act_well(w, &same);
    assert_int_equal(same.saved.outcome, DRAFT_UNCHANGED);
    accounts_for(w, key, WORK_CLEAN, 1, 1, 1);

    struct story_content content = d.content;
    content.body = markdown(w, "Better words.");
    struct act_of better = save_from(w, &people[ADA], key, d.parent, d.base, &content);
    act_well(w, &better);
    assert_int_equal(better.saved.outcome, DRAFT_SAVED);
    accounts_for(w, key, WORK_DRAFT, 1, 2, 1);
    assert_hides(w, "/town/2026/11/20/a-headline", "Better words.");
    struct act_of c = {.what = PUBLISH,
                       .who = &people[EVA],
                       .publish = {.key = key,
                                   .save = 2,
                                   .change = CHANGE_CORRECTION,
                                   .correction = STR("The words were: worse.")}};
    act_well(w, &c);
    assert_int_equal(c.published.revision, 2);
    assert_shows(w, "/town/2026/11/20/a-headline", "Better words.");
    assert_shows(w, "/town/2026/11/20/a-headline", "The words were: worse.");
    accounts_for(w, key, WORK_CLEAN, 1, 2, 2);

    /* a correction's words alone */
    c.publish.correction = STR("They were worse still.");
    c.publish.save = 2;
    act_well(w, &c);
    assert_shows(w, "/town/2026/11/20/a-headline", "They were worse still.");
    accounts_for(w, key, WORK_CLEAN, 1, 2, 3);
    c.publish.correction = STR_NONE;
    assert_int_equal(act(w, &c), ST_INVALID);
    assert_true(str_starts(str_c(c.err.text), arena_fmt(&w->a, "line %d:", DRAFT_LINE(CHANGE))));

    /* there and back again */
    d = see(w, &people[ADA], key);
    content.body = markdown(w, "Worse words.");
    struct act_of worse = save_from(w, &people[ADA], key, d.parent, d.base, &content);
    act_well(w, &worse);
    struct act_of back = save_from(w, &people[ADA], key, 3, 0, &d.content);
    act_well(w, &back);
    accounts_for(w, key, WORK_CLEAN, 1, 4, 3);
}

static void a_story_is_scheduled_and_taken_back(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    i64 next;
    str key = story_in(w, WORK_SCHEDULED);
    struct draft d = see(w, &people[ADA], key);
    assert_int_equal(d.work.due_ms, moment(21, 12));
    assert_int_equal(step(w, &people[EVA], key, STEP_UNSCHEDULE), ST_OK);
    accounts_for(w, key, WORK_APPROVED, 0, 1, 0);
    assert_int_equal(see(w, &people[ADA], key).work.due_ms, 0);
    time_set_for_test(moment(21, 13));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_int_equal(get(w, "/town/2026/11/21/a-headline", NULL), 404);
    publish_draft(w, key, moment(22, 12));
    time_set_for_test(moment(22, 13));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_shows(w, "/town/2026/11/22/a-headline", "Words.");
    accounts_for(w, key, WORK_CLEAN, 1, 1, 1);
}

static void a_story_is_withdrawn_and_reinstated(void **state)
{
    struct world *w = *state;
    str key = story_in(w, WORK_CLEAN);
    struct act_of c = {.what = WITHDRAW, .who = &people[EVA], .key = key, .words = STR("Gone.")};
    struct draft d = see(w, &people[ADA], key);
    d.content.standfirst = STR("A draft stands.");
    struct act_of s = save_from(w, &people[ADA], key, d.parent, d.base, &d.content);
    act_well(w, &s);
    act_well(w, &c);
    assert_int_equal(get(w, "/town/2026/11/20/a-headline", NULL), 410);
    accounts_for(w, key, WORK_DRAFT, 2, 2, 2);
    assert_int_equal(act(w, &c), ST_CONFLICT);
    c.what = REINSTATE;
    act_well(w, &c);
    accounts_for(w, key, WORK_DRAFT, 1, 2, 3);
    assert_int_equal(act(w, &c), ST_CONFLICT);
    publish_draft(w, key, 0);
    assert_shows(w, "/town/2026/11/20/a-headline", "A draft stands.");
}

static void an_error_says_which_field(void **state)
{
    struct world *w = *state;
    const struct {
        struct story_content c;
        const char *body;
        int line;
        bool saves;
    } cases[] = {
        {{.section = {"town", 4}}, "Words.", DRAFT_LINE(HEADLINE), true},
        {{.headline = {"H", 1}}, "Words.", DRAFT_LINE(SECTION), true},
        {{.headline = {"H", 1}, .section = {"nowhere", 7}}, "W.", DRAFT_LINE(SECTION), true},
        {{.headline = {"H", 1}, .section = {"town", 4}, .label = {"loud", 4}},
         "Words.",
         DRAFT_LINE(LABEL),
         true},
        {{.headline = {"H", 1}, .section = {"town", 4}, .slug = {"No Slug", 7}},
         "Words.",
         DRAFT_LINE(SLUG),
         true},
        {{.headline = {"H", 1}, .section = {"town", 4}, .source = {"ftp://x", 7}},
         "Words.",
         DRAFT_LINE(SOURCE),
         true},
        {{.headline = {"H", 1}, .section = {"town", 4}, .topics = (str[]){{"-", 1}}, .ntopics = 1},
         "Words.",
         DRAFT_LINE(TOPICS),
         true},
        {{.headline = {"H", 1}, .standfirst = {"\xEF\xBF\xBE", 3}},
         "Words.",
         DRAFT_LINE(STANDFIRST),
         false},
        {{.picture = (struct picture_use[]){{.file = {"a.png", 5}}}},
         "Words.",
         DRAFT_LINE(PICTURE),
         false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        str key = begin(w, &people[EVA]);
        struct story_content content = cases[i].c;
        content.body = markdown(w, cases[i].body);
        struct act_of s = save_from(w, &people[EVA], key, 0, 0, &content);
        struct act_of c = {
            .what = PUBLISH, .who = &people[EVA], .publish = {.key = key, .save = 1}};
        enum status st = act(w, &s);
        assert_int_equal(st, cases[i].saves ? ST_OK : ST_INVALID);
        st = st ? st : act(w, &c);
        const char *words = cases[i].saves ? c.err.text : s.err.text;
        str want = arena_fmt(&w->a, "line %d: ", cases[i].line);
        if (st != ST_INVALID || !str_starts(str_c(words), want))
            test_fail("case %zu: want %.*s, have %s %s", i, FMT(want), status_name(st), words);
    }
}

static void only_the_door_lifts_an_embargo(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[EVA]);
    struct story_content content = says(w, "A headline", "Words.");
    content.embargo = moment(25, 0);
    struct act_of s = save_from(w, &people[EVA], key, 0, 0, &content);
    act_well(w, &s);
    struct act_of c = {.what = PUBLISH, .who = &people[PIA], .publish = {.key = key, .save = 1}};
    assert_int_not_equal(act(w, &c), ST_OK);
    c.publish.at = moment(25, 1);
    act_well(w, &c);
}

/* ---- what others wrote (all of it: test_save.c) ---- */

static void no_save_undoes_what_another_did(void **state)
{
    struct world *w = *state;
    str key = story_in(w, WORK_DRAFT);
    save(w, &people[EVA], key, 1, "A headline by Eva", "Words.");
    save(w, &people[ADA], key, 1, "A headline", "Words by Ada.");
    struct draft d = see(w, &people[ADA], key);
    assert_str(d.content.headline, "A headline by Eva");
    assert_str(markdown_of(w, &d.content), "Words by Ada.");
}

static void no_save_undoes_what_was_published(void **state)
{
    struct world *w = *state;
    publish(w, HEAD("wall", "") "Words.\n");
    struct draft d = see(w, &people[EVA], STR("wall"));
    d.content.standfirst = STR("By Eva.");
    struct act_of first = save_from(w, &people[EVA], STR("wall"), d.parent, d.base, &d.content);
    act_well(w, &first);
    publish(w, HEAD("wall", "") "Words of a file.\n");
    struct act_of again = save_from(w, &people[EVA], STR("wall"), 1, 0, &d.content);
    act_well(w, &again);
    d = see(w, &people[EVA], STR("wall"));
    assert_str(d.content.standfirst, "By Eva.");
    assert_str(markdown_of(w, &d.content), "Words of a file.");
}

/* ---- what comes as a file ---- */

static void a_file_keeps_the_desk_in_step(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct intake_answer answer;
    struct draft d;
    i64 next;
    publish(w, HEAD("wall", "") "Six words and the headline's three.\n");
    accounts_for(w, STR("wall"), WORK_CLEAN, 1, 0, 1);
    d = see(w, &people[EVA], STR("wall"));
    assert_str(d.work.headline, "Headline of wall");
    assert_str(d.work.section, "town");
    assert_str(d.work.edition, "en");
    assert_int_equal(d.work.words, 9);
    assert_int_equal(d.work.touched_ms, moment(20, 12));
    publish(w, HEAD("wall", "") "Others.\n");
    accounts_for(w, STR("wall"), WORK_CLEAN, 1, 0, 2);
    intake_withdraw(app_intake(w->app), STR("wall"), STR("Gone."), &w->a, &answer);
    accounts_for(w, STR("wall"), WORK_CLEAN, 2, 0, 3);
    intake_reinstate(app_intake(w->app), STR("wall"), &w->a, &answer);
    accounts_for(w, STR("wall"), WORK_CLEAN, 1, 0, 4);

    publish(w, HEAD("soon", "published: 2026-11-21T12:00:00Z\n") "Words.\n");
    accounts_for(w, STR("soon"), WORK_SCHEDULED, 0, 0, 0);
    d = see(w, &people[EVA], STR("soon"));
    assert_int_equal(d.work.due_ms, moment(21, 12));
    assert_str(markdown_of(w, &d.content), "Words.");
    publish(w, HEAD("back", "published: 2026-11-21T12:00:00Z\n") "Words.\n");
    intake_withdraw(app_intake(w->app), STR("back"), STR_NONE, &w->a, &answer);
    assert_int_equal(look(w, &people[EVA], STR("back"), &d), ST_NOTFOUND);
    time_set_for_test(moment(21, 13));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    accounts_for(w, STR("soon"), WORK_CLEAN, 1, 0, 1);
    assert_int_equal(see(w, &people[EVA], STR("soon")).work.due_ms, 0);
}

static void what_a_file_scheduled_is_not_lost_at_the_desk(void **state)
{
    struct world *w = *state;
    publish(w, HEAD("soon", "published: 2026-11-21T12:00:00Z\n") "Words.\n");
    assert_int_equal(step(w, &people[EVA], STR("soon"), STEP_UNSCHEDULE), ST_OK);
    accounts_for(w, STR("soon"), WORK_DRAFT, 0, 1, 0);
    struct draft d = see(w, &people[EVA], STR("soon"));
    assert_str(markdown_of(w, &d.content), "Words.");
    publish_draft(w, STR("soon"), 0);
    assert_shows(w, "/town/2026/11/20/headline-of-soon", "Words.");
}

/* ---- who sees it ---- */

static str listed(struct world *w, const struct actor *who, bool due)
{
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct out o = out_make(&w->a, 512, 4096);
    struct work_query q = {.viewer = who->account, .all = true, .limit = 100};
    struct work *list = NULL;
    struct due *dues = NULL;
    size_t n = 0;
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(due ? due_list(&v, &q, moment(30, 0), &dues, &n) : work_list(&v, &q, &list, &n),
              &err);
    for (size_t i = 0; i < n; i++)
        out_fmt(&o, "%s%.*s", i ? " " : "", FMT((due ? dues[i].work : list[i]).headline));
    return out_view(&o);
}

static void what_is_restricted_is_there_for_the_named(void **state)
{
    struct world *w = *state;
    const i64 named[] = {people[ADA].account};
    struct draft d;
    str key = story_in(w, WORK_REVIEW);
    struct act_of c = {
        .what = RESTRICT, .who = &people[PIA], .key = key, .named = named, .nnamed = 1};
    act_well(w, &c);
    assert_int_equal(look(w, &people[ADA], key, &d), ST_OK);
    assert_int_equal(look(w, &people[PIA], key, &d), ST_OK);
    assert_int_equal(look(w, &people[EVA], key, &d), ST_NOTFOUND);
    struct act_of note = {
        .what = NOTE, .who = &people[EVA], .key = key, .words = STR("What is this?")};
    assert_int_equal(act(w, &note), ST_NOTFOUND);
    assert_str(listed(w, &people[EVA], false), "");
    assert_str(listed(w, &people[EVA], true), "");
    assert_str(listed(w, &people[ADA], true), "A headline");
    c.what = LIFT;
    act_well(w, &c);
    assert_str(listed(w, &people[EVA], true), "A headline");
}

static void a_story_is_planned_shared_and_noted(void **state)
{
    struct world *w = *state;
    const i64 shared[] = {people[BEN].account}, nobody[] = {99};
    struct draft d;
    str key = story_in(w, WORK_DRAFT);
    struct act_of plan = {.what = PLAN,
                          .who = &people[EVA],
                          .plan = {.key = key,
                                   .assignee = people[EVA].account,
                                   .deadline_ms = moment(21, 9),
                                   .shared = shared,
                                   .nshared = 1}};
    assert_int_equal(look(w, &people[BEN], key, &d), ST_NOTFOUND);
    act_well(w, &plan);
    d = see(w, &people[BEN], key);
    assert_true(d.standing.shared);
    assert_str(d.work.assignee_name, "Eva");
    assert_str(listed(w, &people[EVA], true), "A headline");
    plan.plan.shared = nobody;
    assert_int_equal(act(w, &plan), ST_INVALID);
    struct act_of note = {.what = NOTE, .who = &people[BEN], .key = key, .words = STR(" \n ")};
    assert_int_equal(act(w, &note), ST_INVALID);
    note.words = STR("Two lines,\nboth kept.");
    act_well(w, &note);
    publish_draft(w, key, 0);
    assert_str(listed(w, &people[EVA], true), ""); /* its deadline is met */
}

/* ---- what is gone ---- */

enum { DESTROYED = 16, ROUNDS = 6 };

static u32 chance(u32 *seed, u32 below) /* the same ones each time */
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % below;
}

static enum status all_but_one_note(struct tx *tx, void *arg)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct work work;
    enum status st = work_by_key(&v, *(str *)arg, &work);
    for (int i = 1; !st && i < DRAFT_NOTES; i++)
        st = work_note_add(tx, work.id, people[ADA].account, STR("A note."));
    return st;
}

/* The page shows them all: more than it can hold would shut everybody out of the story. */
static void notes_are_no_more_than_a_page_holds(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    str key = begin(w, &people[ADA]);
    struct act_of note = {.what = NOTE, .who = &people[ADA], .key = key, .words = STR("One more.")};
    assert_ok(writer_do(app_writer(w->app), all_but_one_note, &key, &err), &err);
    act_well(w, &note);
    assert_int_equal(act(w, &note), ST_TOOLARGE);
}

static void add_words(struct world *w, str key, int i, i64 number, u32 *seed)
{
    struct out body = out_make(&w->a, 1024, 1 << 20), head = out_make(&w->a, 512, 1 << 20);
    for (u32 n = chance(seed, chance(seed, 5) ? 20 : 300) + 1; n; n--)
        out_fmt(&body, "Palimpsest%02d word %lld.\n\n", i, (long long)chance(seed, 1000000));
    for (u32 n = chance(seed, 12) + 1; n; n--)
        out_fmt(&head, "Palimpsest%02d ", i);
    out_fmt(&head, "%02dpalimpsest", i); /* a term that shares nothing with its neighbours */
    out_byte(&body, 0);
    out_byte(&head, 0);
    save(w, &people[ADA], key, number, out_view(&head).p, out_view(&body).p);
    struct act_of c = {.what = NOTE,
                       .who = &people[ADA],
                       .key = key,
                       .words = arena_fmt(&w->a, "A note on Palimpsest%02d.", i)};
    if (chance(seed, 3) == 0)
        act_well(w, &c);
}

static void what_is_destroyed_leaves_no_byte(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    str keys[DESTROYED];
    i64 saves[DESTROYED] = {0};
    u32 seed = 7;
    for (size_t i = 0; i < DESTROYED; i++)
        keys[i] = begin(w, &people[ADA]);
    for (int n = 0; n < DESTROYED * ROUNDS; n++) {
        u32 i = chance(&seed, DESTROYED);
        add_words(w, keys[i], (int)i, saves[i]++, &seed);
    }
    for (size_t n = 0; n < DESTROYED; n++) {
        size_t i = n * 37 % DESTROYED;
        str word = arena_fmt(&w->a, "Palimpsest%02zu", i),
            term = arena_fmt(&w->a, "%02zupalimpsest", i);
        struct act_of c = {.what = DESTROY, .who = &people[ADA], .key = keys[i]};
        if (saves[i] && n % 8 == 0)
            publish_draft(w, keys[i], moment(21, 12));
        assert_true(!saves[i] || (anywhere(w, word.p) && anywhere(w, term.p)));
        act_well(w, &c);
        if (anywhere(w, term.p))
            test_fail("%.*s can be found", FMT(term));
        if (anywhere(w, word.p))
            test_fail("%.*s is left", FMT(word));
    }
    assert_false(anywhere(w, "palimpsest"));
    CLEANUP(db_cleanup) struct db *db = NULL;
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    assert_ok(db_integrity(db, &err), &err);
}

static void only_what_was_never_public_is_destroyed(void **state)
{
    struct world *w = *state;
    struct draft d;
    str live = story_in(w, WORK_CLEAN), key = story_in(w, WORK_SCHEDULED);
    struct act_of c = {.what = DESTROY, .who = &people[PIA], .key = live};
    assert_int_equal(act(w, &c), ST_CONFLICT);
    c.key = key;
    act_well(w, &c);
    assert_int_equal(look(w, &people[PIA], key, &d), ST_NOTFOUND);
    assert_int_equal(act(w, &c), ST_NOTFOUND);
    publish(w, "---\nid: x\nsection: town\nheadline: A headline\nslug: a-headline\n"
               "published: 2026-11-21T12:00:00Z\n---\nWords.\n"); /* its address is free */
}

/* ---- the record ---- */

static void what_is_done_is_written_down(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct audit_line *list = NULL;
    size_t n = 0;
    static const enum audit_kind want[] = {AUDIT_RESTRICT, AUDIT_REINSTATE,  AUDIT_WITHDRAW,
                                           AUDIT_PUBLISH,  AUDIT_UNSCHEDULE, AUDIT_SCHEDULE};
    str key = story_in(w, WORK_SCHEDULED);
    assert_int_equal(step(w, &people[EVA], key, STEP_UNSCHEDULE), ST_OK);
    publish_draft(w, key, 0);
    struct act_of c = {.what = WITHDRAW, .who = &people[EVA], .key = key, .words = STR("Gone.")};
    act_well(w, &c);
    c.what = REINSTATE;
    act_well(w, &c);
    c.what = RESTRICT;
    c.who = &people[PIA];
    act_well(w, &c);
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(audit_list(&v, key, 0, people[PIA].account, 100, &list, &n), &err);
    assert_int_equal(n, COUNT(want));
    for (size_t i = 0; i < n; i++)
        assert_int_equal(list[i].kind, want[i]);
    assert_str(list[n - 1].name, "Eva");
    assert_str(list[n - 1].words, "2026-11-21T12:00:00Z");
}

static void words_are_counted_in_any_script(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *headline, *body;
        i64 want;
    } cases[] = {
        {"", "", 0},
        {"One, two – three!", "Four\n\n**five** [six](https://a.example/).", 6},
        {"It’s 3.5 km", "", 3},
        {"ذهب الولد إلى المدرسة.", "", 4},
        {"ฉันกินข้าว", "", 3},
        {"Стена гавани", "- раз\n- два", 4},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct story_content c = says(w, cases[i].headline, cases[i].body);
        i64 have = draft_words(&c, &w->a);
        if (have != cases[i].want)
            test_fail("%s %s: %lld", cases[i].headline, cases[i].body, (long long)have);
    }
    assert_false(w->a.oom);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_desk(every_step_from_every_state_by_everybody),
        with_desk(a_step_is_of_what_was_looked_at),
        with_desk(a_save_takes_back_what_was_approved),
        with_desk(what_is_published_is_what_was_seen),
        with_desk(a_live_story_is_changed_corrected_and_left_alone),
        with_desk(a_story_is_scheduled_and_taken_back),
        with_desk(a_story_is_withdrawn_and_reinstated),
        with_desk(an_error_says_which_field),
        with_desk(only_the_door_lifts_an_embargo),
        with_desk(no_save_undoes_what_another_did),
        with_desk(no_save_undoes_what_was_published),
        with_desk(a_file_keeps_the_desk_in_step),
        with_desk(what_a_file_scheduled_is_not_lost_at_the_desk),
        with_desk(what_is_restricted_is_there_for_the_named),
        with_desk(a_story_is_planned_shared_and_noted),
        with_desk(notes_are_no_more_than_a_page_holds),
        with_desk(what_is_destroyed_leaves_no_byte),
        with_desk(only_what_was_never_public_is_destroyed),
        with_desk(what_is_done_is_written_down),
        with_desk(words_are_counted_in_any_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
