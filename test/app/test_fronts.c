/* Fronts that people arrange: what readers find, what the desk says, and what is refused. */
#include "desk.h"
#include "kinds.h"

#include "jobs/jobs.h"

enum { STORIES = 9 };
#define FRONT "/desk/fronts/en"

/* s1 to s9, a minute apart: the newest is s9. No front is asked for yet. */
static void publish_stories(struct world *w)
{
    for (int i = 1; i <= STORIES; i++) {
        str text = arena_fmt(&w->a,
                             "---\nid: s%d\nsection: town\nheadline: Headline of s%d\nslug: s%d\n"
                             "---\nWords.\n",
                             i, i, i);
        time_set_for_test(moment(20, 12) + i * MS_MINUTE);
        publish(w, arena_cstr(&w->a, text));
    }
}

static void editor(struct world *w, struct browser *b)
{
    staff(w, b, "e@example.org", "Edda", ROLE_EDITOR);
    publish_stories(w);
}

/* What is linked as a headline, in the page's order: "s3 s9 s8 ...". */
static str headlines(struct world *w, str page)
{
    static const str mark = {">Headline of ", 13};
    struct out o = out_make(&w->a, 256, 4096);
    for (ptrdiff_t at; (at = str_find(page, mark)) >= 0;) {
        str one;
        page = str_from(page, (size_t)at + mark.n);
        str_cut(page, '<', &one);
        out_fmt(&o, "%s%.*s", o.n ? " " : "", FMT(one));
    }
    return out_view(&o);
}

/* The front as it would be printed now. */
static str front(struct world *w)
{
    struct finished *f = NULL;
    struct err err = {0};
    assert_ok(app_print(w->app, STR("/"), STR_NONE, &w->a, &f, &err), &err);
    str page = arena_str(&w->a, finished_body(f));
    finished_release(f);
    return page;
}

/* The front as it is given, which may have been printed before. */
static str given(struct world *w)
{
    str page;
    assert_int_equal(get(w, "/", &page), 200);
    return page;
}

/* The value that a hidden field of the last page has. */
static const char *base(struct browser *b)
{
    static const str mark = {"name=\"base\" value=\"", 19};
    str value;
    ptrdiff_t at = str_find(b->body, mark);
    assert_true(at >= 0);
    str_cut(str_from(b->body, (size_t)at + mark.n), '"', &value);
    return arena_cstr(&b->w->a, value);
}

/* Opens the form and sends it with these fields. */
#define arrange(b, ...)                                                                            \
    (assert_int_equal(fetch((b), FRONT), 200), send_form((b), FRONT, "base", base(b), __VA_ARGS__))

/* What stands in the form's places: "s3 s5". */
static str places(struct browser *b)
{
    struct out o = out_make(&b->w->a, 256, 4096);
    for (int i = 0; i < FRONT_SLOTS; i++) {
        str mark = arena_fmt(&b->w->a, "name=\"story-%d\" value=\"", i), value;
        ptrdiff_t at = str_find(b->body, mark);
        assert_true(at >= 0);
        str_cut(str_from(b->body, (size_t)at + mark.n), '"', &value);
        if (value.n)
            out_fmt(&o, "%s%.*s", o.n ? " " : "", FMT(value));
    }
    return out_view(&o);
}

/* ---- what readers find ---- */

static void without_a_hand_it_is_the_newest(void **state)
{
    struct world *w = *state;
    struct browser b;
    editor(w, &b);
    assert_int_equal(fetch(&b, FRONT), 200);
    assert_has(b.body, "Nobody has arranged this front.");
    assert_str(headlines(w, front(w)), "s9 s8 s7 s6 s5 s4 s3 s2 s1");
}

static void what_is_arranged_comes_first_and_once(void **state)
{
    struct world *w = *state;
    struct browser b;
    editor(w, &b);
    assert_int_equal(arrange(&b, "story-0", "s3", "story-1", "s9", "story-2", "s1", "do", "save"),
                     303);
    assert_str(b.location, FRONT "?done=front");
    assert_str(headlines(w, front(w)), "s3 s9 s1 s8 s7 s6 s5 s4 s2");
    assert_int_equal(fetch(&b, FRONT "?done=front"), 200);
    assert_has(b.body, "The front is in force.");
    assert_has(b.body, "data-unsaved hidden");
    assert_has(b.body, " by Edda");
    assert_str(places(&b), "s3 s9 s1");
    assert_int_equal(arrange(&b, "do", "save"), 303); /* and nothing: all by rule again */
    assert_str(headlines(w, front(w)), "s9 s8 s7 s6 s5 s4 s3 s2 s1");
}

static void it_wins_over_the_lead_of_the_site(void **state)
{
    static const char with_lead[] =
        "name: {en: The Sound, ru: Пролив}\nlead: {en: s2}\neditions: [{slug: en, locale: en-GB, "
        "zone: Europe/London}, {slug: ru, locale: ru-RU, zone: Europe/Riga}]\n";
    struct world *w = *state;
    struct browser b;
    editor(w, &b);
    assert_int_equal(take(w, INTAKE_SITE, with_lead, NULL), ST_OK);
    assert_str(headlines(w, front(w)), "s2 s9 s8 s7 s6 s5 s4 s3 s1");
    assert_int_equal(arrange(&b, "story-0", "s4", "do", "save"), 303);
    assert_str(headlines(w, front(w)), "s4 s9 s8 s7 s6 s5 s3 s2 s1");
}

static void a_front_that_was_read_is_read_anew(void **state)
{
    struct world *w = *state;
    struct browser b;
    editor(w, &b);
    assert_str(headlines(w, given(w)), "s9 s8 s7 s6 s5 s4 s3 s2 s1");
    assert_int_equal(arrange(&b, "story-0", "s3", "do", "save"), 303);
    assert_str(headlines(w, given(w)), "s3 s9 s8 s7 s6 s5 s4 s2 s1");
    assert_int_equal(fetch(&b, FRONT), 200);
}

static void a_slot_has_words_and_a_picture_of_its_own(void **state)
{
    struct world *w = *state;
    struct browser b;
    const char *first = picture_path(w, (str){png, sizeof png - 1}),
               *second = picture_path(w, (str){other_png, sizeof other_png - 1});
    editor(w, &b);
    hand_in(w, INTAKE_STORY,
            STR("---\nid: own\nsection: town\nheadline: Headline of own\nslug: own\npicture: "
                "{file: p.png, "
                "alt: Its own}\n---\nW.\n"),
            (str){png, sizeof png - 1});
    hand_in(w, INTAKE_STORY,
            STR("---\nid: lender\nsection: sea\nheadline: Headline of lender\npicture: {file: "
                "p.png, alt: A sea}\n---\nW.\n"),
            (str){other_png, sizeof other_png - 1});
    assert_int_equal(arrange(&b, "story-0", "own", "headline-0", "Said <shorter>", "story-1", "s1",
                             "picture-1", second, "alt-1", "A \"calm\" sea", "do", "save"),
                     303);
    str page = front(w);
    assert_has(page, "/own\">Said &lt;shorter&gt;</a>");
    assert_lacks(page, "Headline of own");
    assert_has(page, "alt=\"Its own\"");
    assert_has(page, arena_cstr(&w->a, arena_fmt(&w->a, "src=\"%s\"", first)));
    assert_has(page, "alt=\"A &quot;calm&quot; sea\"");
    assert_int_equal(
        arrange(&b, "story-0", "own", "picture-0", second, "alt-0", "The sea", "do", "save"), 303);
    page = front(w);
    assert_has(page, "alt=\"The sea\"");
    assert_lacks(page, "alt=\"Its own\"");
    assert_has(page, "Headline of own");
    /* once no live story shows it, readers find the story's own again */
    struct intake_answer answer;
    intake_withdraw(app_intake(w->app), STR("lender"), STR("Wrong."), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    page = front(w);
    assert_has(page, "alt=\"Its own\"");
    assert_lacks(page, "alt=\"The sea\"");
}

/* ---- what isn't live ---- */

static void what_is_not_live_is_passed_over(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct err err = {0};
    struct intake_answer answer;
    i64 next = 0;
    editor(w, &b);
    publish(w, "---\nid: later\nsection: town\nheadline: Headline of later\nslug: later\n"
               "published: 2026-11-20T13:00:00Z\nembargo: 2026-11-20T13:00:00Z\n---\nWords.\n");
    assert_int_equal(
        arrange(&b, "story-0", "later", "story-1", "s2", "story-2", "none-such", "do", "save"),
        303);
    assert_str(headlines(w, given(w)), "s2 s9 s8 s7 s6 s5 s4 s3 s1");
    assert_int_equal(fetch(&b, FRONT), 200);
    assert_has(b.body, "not shown: this edition has no live story of this key");
    assert_lacks(b.body, "Headline of later");
    assert_int_equal(arrange(&b, "story-0", "later", "do", "preview"), 200);
    assert_lacks(b.body, "Headline of later");

    time_set_for_test(moment(20, 13) + MS_SECOND);
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_str(headlines(w, given(w)), "later s2 s9 s8 s7 s6 s5 s4 s3 s1");
    publish(w, "---\nid: none-such\nsection: sea\nheadline: Headline of none\n---\nWords.\n");
    assert_str(headlines(w, given(w)), "later s2 none s9 s8 s7 s6 s5 s4 s3");
    intake_withdraw(app_intake(w->app), STR("later"), STR("Wrong."), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    assert_str(headlines(w, given(w)), "s2 none s9 s8 s7 s6 s5 s4 s3 s1");
    assert_int_equal(fetch(&b, FRONT), 200);
    assert_str(places(&b), "later s2 none-such");
}

/* ---- rules ---- */

static void publish_about(struct world *w, const char *id, const char *section, const char *more)
{
    str text = arena_fmt(&w->a,
                         "---\nid: %s\nsection: %s\nheadline: Headline of %s\nslug: %s\n%s---\n"
                         "Words.\n",
                         id, section, id, id, more);
    time_set_for_test(time_now() + MS_MINUTE);
    publish(w, arena_cstr(&w->a, text));
}

static void a_rule_finds_the_newest_of_its_list(void **state)
{
    struct world *w = *state;
    struct browser b;
    editor(w, &b);
    publish_about(w, "wave", "sea", "topics: [Tides, Gulls]\n");
    publish_about(w, "swell", "sea", "");
    hand_in(w, INTAKE_STORY,
            STR("---\nid: seen\nsection: town\nheadline: Headline of seen\npicture: {file: p.png, "
                "alt: A sea}\n---\nW.\n"),
            (str){png, sizeof png - 1});
    publish_about(w, "last", "town", "");
    assert_int_equal(arrange(&b, "rule-0", "section/sea", "rule-1", "topic/tides", "rule-2",
                             "pictured", "story-3", "s3", "rule-4", "newest", "do", "save"),
                     303);
    assert_str(headlines(w, front(w)), "swell wave seen s3 last s9 s8 s7 s6 s5");
    assert_int_equal(fetch(&b, FRONT), 200);
    assert_has(b.body, "value=\"section/sea\" selected>The newest in Sea<");
    assert_has(b.body, "value=\"topic/tides\" selected>The newest on Tides<");
    assert_has(b.body, "value=\"topic/gulls\">The newest on Gulls<");
    assert_has(b.body, ">Headline of swell</a>");
}

static void a_rule_is_read_anew_with_its_list(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct intake_answer answer;
    editor(w, &b);
    publish_about(w, "wave", "sea", "");
    publish_about(w, "gull", "town", "topics: [Gulls]\n");
    assert_int_equal(arrange(&b, "rule-0", "section/sea", "rule-1", "topic/gulls", "do", "save"),
                     303);
    assert_str(headlines(w, given(w)), "wave gull s9 s8 s7 s6 s5 s4 s3 s2");
    publish_about(w, "ebb", "sea", "");
    assert_str(headlines(w, given(w)), "ebb gull wave s9 s8 s7 s6 s5 s4 s3");
    publish_about(w, "tern", "town", "topics: [Gulls]\n");
    assert_str(headlines(w, given(w)), "ebb tern gull wave s9 s8 s7 s6 s5 s4");
    intake_withdraw(app_intake(w->app), STR("ebb"), STR("Wrong."), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    assert_str(headlines(w, given(w)), "wave tern gull s9 s8 s7 s6 s5 s4 s3");
    intake_withdraw(app_intake(w->app), STR("wave"), STR("Wrong."), &w->a, &answer);
    assert_int_equal(fetch(&b, FRONT), 200);
    assert_has(b.body, "not shown: the rule finds no story");
    /* the section is gone: its rule is passed over, and said to be wrong when saved again */
    assert_int_equal(take(w, INTAKE_SECTIONS,
                          "en:\n  - {slug: town, name: Town}\nru:\n  - {slug: town, name: "
                          "Город}\n",
                          NULL),
                     ST_OK);
    assert_str(headlines(w, given(w)), "tern gull s9 s8 s7 s6 s5 s4 s3 s2");
    assert_int_equal(arrange(&b, "rule-0", "section/sea", "do", "save"), 400);
    assert_has(b.body, "There is no such section or topic any more");
    assert_has(b.body, "value=\"section/sea\" selected");
}

static void nothing_stands_there_twice(void **state)
{
    struct world *w = *state;
    struct browser b;
    editor(w, &b);
    assert_int_equal(arrange(&b, "rule-0", "newest", "rule-1", "section/town", "story-2", "s9",
                             "headline-2", "Headline of nine", "rule-3", "newest", "do", "save"),
                     303);
    /* who is named keeps place and words, also below a rule that would have found them */
    assert_str(headlines(w, front(w)), "s8 s7 nine s6 s5 s4 s3 s2 s1");
}

static void a_rule_has_no_words_of_its_own(void **state)
{
    static const struct {
        const char *rule, *field, *value;
        int status;
        const char *words;
    } cases[] = {
        {"newest", "story-0", "s3", 400, "A rule finds its story by itself"},
        {"section/town", "headline-0", "Other", 400, "A rule finds its story by itself"},
        {"topic/none", "number-0", "1", 400, "There is no such section or topic any more"},
        {"section/none", "number-0", "1", 400, "There is no such section or topic any more"},
        {"section", "number-0", "1", 400, ""},
        {"newest/town", "number-0", "1", 400, ""},
        {"oldest", "number-0", "1", 400, ""},
    };
    struct world *w = *state;
    struct browser b;
    editor(w, &b);
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int k = 0; k < 2; k++) {
            if (arrange(&b, "rule-0", cases[i].rule, cases[i].field, cases[i].value, "do",
                        k ? "preview" : "save") != cases[i].status)
                test_fail("%s: %d", cases[i].rule, b.status);
            assert_has(b.body, cases[i].words);
            if (cases[i].words[0])
                assert_has(b.body, "name=\"rule-0\" data-rule aria-invalid=\"true\"");
        }
    assert_str(headlines(w, front(w)), "s9 s8 s7 s6 s5 s4 s3 s2 s1");
}

static void rules_are_previewed_scheduled_and_taken_up_again(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct err err = {0};
    i64 next = 0;
    editor(w, &b);
    publish_about(w, "wave", "sea", "");
    assert_int_equal(arrange(&b, "story-0", "s2", "rule-1", "section/sea", "do", "preview"), 200);
    assert_str(headlines(w, b.body), "s2 wave s9 s8 s7 s6 s5 s4 s3 s1");
    assert_int_equal(arrange(&b, "story-0", "s2", "rule-1", "section/sea", "at", "2026-11-20T13:00",
                             "do", "schedule"),
                     303);
    time_set_for_test(moment(20, 13));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    publish_about(w, "swell", "sea", "");
    assert_str(headlines(w, given(w)), "s2 swell wave s9 s8 s7 s6 s5 s4 s3");
    assert_int_equal(fetch(&b, FRONT), 200);
    const char *first = base(&b);
    assert_int_equal(arrange(&b, "story-0", "s2", "rule-1", "newest", "do", "save"), 303);
    assert_int_equal(fetch(&b, FRONT), 200);
    assert_true(strcmp(base(&b), first) != 0); /* another rule is another front */
    const char *button = arena_cstr(&w->a, arena_fmt(&w->a, "take-%s", first));
    assert_int_equal(arrange(&b, "do", button), 303);
    assert_int_equal(fetch(&b, FRONT), 200);
    assert_has(b.body, "value=\"section/sea\" selected");
}

static void rules_are_moved_without_script(void **state)
{
    struct world *w = *state;
    struct browser b;
    editor(w, &b);
    assert_int_equal(arrange(&b, "rule-0", "section/town", "number-0", "2", "story-1", "s2",
                             "number-1", "1", "do", "save"),
                     303);
    assert_str(headlines(w, front(w)), "s2 s9 s8 s7 s6 s5 s4 s3 s1");
    assert_int_equal(arrange(&b, "rule-0", "section/town", "story-1", "s2", "do", "down-0"), 200);
    assert_str(places(&b), "s2");
    assert_int_equal(arrange(&b, "rule-0", "section/town", "story-1", "s2", "do", "remove-0"), 200);
    assert_lacks(b.body, "value=\"section/town\" selected");
}

/* ---- the form ---- */

static void places_are_changed_without_script(void **state)
{
    static const struct {
        const char *name, *number[3], *button, *want;
    } cases[] = {
        {"up", {"1", "2", "3"}, "up-2", "s1 s3 s2"},
        {"down", {"1", "2", "3"}, "down-0", "s2 s1 s3"},
        {"the first goes no higher", {"1", "2", "3"}, "up-0", "s1 s2 s3"},
        {"the last goes no lower", {"1", "2", "3"}, "down-2", "s1 s2 s3"},
        {"removed", {"1", "2", "3"}, "remove-1", "s1 s3"},
        {"numbers, and none removed", {"3", "1", "2"}, "up-1", "s2 s3 s1"},
        {"moved to the front by its number", {"1", "2", "1"}, "up-2", "s3 s1 s2"},
        {"moved to the end by its number", {"3", "2", "3"}, "down-0", "s2 s3 s1"},
        {"no number is its place", {"", "x", "99"}, "up-0", "s1 s2 s3"},
    };
    struct world *w = *state;
    struct browser b;
    editor(w, &b);
    for (size_t i = 0; i < COUNT(cases); i++) {
        int status = arrange(&b, "story-0", "s1", "number-0", cases[i].number[0], "story-1", "s2",
                             "number-1", cases[i].number[1], "story-2", "s3", "number-2",
                             cases[i].number[2], "headline-2", "Kept words", "do", cases[i].button);
        assert_int_equal(status, 200);
        if (!str_eq(places(&b), str_c(cases[i].want)))
            test_fail("%s: want %s, have %.*s", cases[i].name, cases[i].want, FMT(places(&b)));
        assert_lacks(b.body, "data-unsaved hidden");
        assert_has(b.body, "value=\"Kept words\"");
    }
    assert_str(headlines(w, front(w)), "s9 s8 s7 s6 s5 s4 s3 s2 s1");
    assert_int_equal(arrange(&b, "story-0", "s1", "number-0", "2", "story-1", "s2", "number-1", "1",
                             "do", "save"),
                     303);
    assert_str(headlines(w, front(w)), "s2 s1 s9 s8 s7 s6 s5 s4 s3");
}

static void a_preview_is_what_readers_will_see(void **state)
{
    struct world *w = *state;
    struct browser b;
    editor(w, &b);
    assert_int_equal(arrange(&b, "story-0", "s5", "headline-0", "Headline of five", "story-1", "s2",
                             "do", "preview"),
                     200);
    str preview = b.body;
    assert_str(headlines(w, preview), "five s2 s9 s8 s7 s6 s4 s3 s1");
    assert_has(preview, "content=\"noindex\"");
    assert_lacks(preview, "rel=\"canonical\"");
    assert_str(headlines(w, front(w)), "s9 s8 s7 s6 s5 s4 s3 s2 s1");
    assert_int_equal(arrange(&b, "story-0", "s5", "headline-0", "Headline of five", "story-1", "s2",
                             "do", "save"),
                     303);
    str page = front(w), main = str_from(page, (size_t)str_find(page, STR("<main")));
    ptrdiff_t at = str_find(main, STR("</main>"));
    assert_true(at > 0);
    assert_has(preview, arena_cstr(&w->a, str_head(main, (size_t)at)));
}

static void an_earlier_front_is_taken_up_again(void **state)
{
    struct world *w = *state;
    struct browser b, other;
    editor(w, &b);
    staff(w, &other, "o@example.org", "Otto", ROLE_PUBLISHER);
    assert_int_equal(arrange(&b, "story-0", "s3", "headline-0", "Headline of three", "do", "save"),
                     303);
    assert_int_equal(fetch(&b, FRONT), 200);
    const char *first = base(&b);
    assert_int_equal(arrange(&other, "story-0", "s4", "do", "save"), 303);
    assert_str(headlines(w, front(w)), "s4 s9 s8 s7 s6 s5 s3 s2 s1");
    assert_int_equal(fetch(&b, FRONT), 200);
    assert_has(b.body, "Otto");
    assert_has(b.body, "Edda");

    const char *look = arena_cstr(&w->a, arena_fmt(&w->a, FRONT "?from=%s", first));
    assert_int_equal(fetch(&b, look), 200);
    assert_str(places(&b), "s3");
    assert_has(b.body, "Headline of three");
    assert_lacks(b.body, "data-unsaved hidden");
    const char *button = arena_cstr(&w->a, arena_fmt(&w->a, "take-%s", first));
    assert_int_equal(arrange(&b, "do", button), 303);
    assert_str(b.location, FRONT "?done=front-taken");
    assert_str(headlines(w, front(w)), "three s9 s8 s7 s6 s5 s4 s2 s1");

    staff(w, &other, "l@example.org", "Lena", ROLE_PUBLISHER); /* for whom the log is */
    assert_int_equal(fetch(&other, "/desk/log"), 200);
    assert_has(other.body, "arranged a front");
    /* of another edition's, and of none, nothing can be taken up */
    assert_int_equal(send_form(&b, "/desk/fronts/ru", "base", "0", "do", button), 404);
    assert_int_equal(fetch(&b, FRONT "?from=999"), 404);
    assert_int_equal(fetch(&b, FRONT "?from=x"), 400);
    assert_int_equal(fetch(&b, "/desk/fronts/none"), 404);
}

static void a_front_waits_for_its_time(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct err err = {0};
    i64 next = 0;
    editor(w, &b);
    assert_str(headlines(w, front(w)), "s9 s8 s7 s6 s5 s4 s3 s2 s1");
    assert_int_equal(arrange(&b, "story-0", "s3", "at", "", "do", "schedule"), 400);
    assert_has(b.body, "This is no date and time.");
    assert_has(b.body, "name=\"at\" value=\"\" aria-invalid");
    assert_int_equal(arrange(&b, "story-0", "s3", "at", "2026-11-20T12:00", "do", "schedule"), 400);
    assert_has(b.body, "The time lies in the past.");
    assert_str(places(&b), "s3");
    assert_int_equal(arrange(&b, "story-0", "s3", "at", "2026-11-20T13:00", "do", "schedule"), 303);
    assert_str(b.location, FRONT "?done=front-scheduled");
    assert_int_equal(arrange(&b, "story-0", "s4", "at", "2026-11-20T14:00", "do", "schedule"), 303);
    assert_int_equal(fetch(&b, FRONT), 200);
    assert_has(b.body, "Waiting for their time");
    assert_has(b.body, "2026-11-20T13:00:00Z");
    assert_str(places(&b), "");
    assert_int_equal(arrange(&b, "story-0", "s5", "do", "save"), 303); /* with a greater id */

    time_set_for_test(moment(20, 13) - MS_SECOND);
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_str(headlines(w, front(w)), "s5 s9 s8 s7 s6 s4 s3 s2 s1");
    time_set_for_test(moment(20, 13));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_str(headlines(w, front(w)), "s3 s9 s8 s7 s6 s5 s4 s2 s1");
    assert_int_equal(fetch(&b, FRONT), 200);
    assert_str(places(&b), "s3");

    ptrdiff_t at = str_find(b.body, STR("value=\"drop-"));
    str button;
    assert_true(at > 0);
    str rest = str_cut(str_from(b.body, (size_t)at + 7), '"', &button);
    assert_lacks(rest, "value=\"drop-"); /* one waits no more */
    const char *drop = arena_cstr(&w->a, button);
    assert_int_equal(send_form(&b, "/desk/fronts/ru", "base", "0", "do", drop), 404);
    assert_int_equal(arrange(&b, "do", drop), 303);
    assert_int_equal(arrange(&b, "do", drop), 404);
    time_set_for_test(moment(20, 15));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_str(headlines(w, front(w)), "s3 s9 s8 s7 s6 s5 s4 s2 s1");
    assert_true(next > moment(20, 15));
}

static void nobody_undoes_what_they_have_not_seen(void **state)
{
    struct world *w = *state;
    struct browser a, b;
    editor(w, &a);
    staff(w, &b, "o@example.org", "Otto", ROLE_EDITOR);
    assert_int_equal(fetch(&a, FRONT), 200);
    const char *seen = base(&a);
    assert_int_equal(arrange(&b, "story-0", "s4", "do", "save"), 303);
    assert_int_equal(send_form(&a, FRONT, "base", seen, "story-0", "s3", "do", "save"), 409);
    assert_has(a.body, "Somebody else has arranged this front meanwhile");
    assert_str(places(&a), "s3");
    assert_str(headlines(w, front(w)), "s4 s9 s8 s7 s6 s5 s3 s2 s1");
    const char *theirs = base(&a);
    assert_int_equal(send_form(&a, FRONT, "base", theirs, "story-0", "s3", "do", "save"), 303);
    assert_str(headlines(w, front(w)), "s3 s9 s8 s7 s6 s5 s4 s2 s1");
    /* what couldn't be taken up stands in the form */
    const char *take = arena_cstr(&w->a, arena_fmt(&w->a, "take-%s", theirs));
    assert_int_equal(send_form(&a, FRONT, "base", seen, "do", take), 409);
    assert_str(places(&a), "s4");
}

static void what_cannot_stand_there_is_told(void **state)
{
    static const struct {
        const char *story, *headline, *picture, *alt, *words, *mark;
    } bad[] = {
        {"no key", "", "", "", "by its key or its address", "name=\"story-1\""},
        {"", "Words without a story", "", "", "by its key or its address", "name=\"story-1\""},
        {"s1", "", "", "", "stands there twice", "name=\"story-1\""},
        {"stena", "", "", "", "story of this edition", "name=\"story-1\""},
        {"about", "", "", "", "story of this edition", "name=\"story-1\""},
        {"s2", "", "0123456789abcdef0123456789abcdef", "A sea", "Readers see no such picture",
         "name=\"picture-1\""},
        {"s2", "", "/picture/none.png", "A sea", "Readers see no such picture",
         "name=\"picture-1\""},
        {"s2", "", "", "A sea", "Readers see no such picture", "name=\"picture-1\""},
        {"s2", "Two\nlines", "", "", "A headline is one line", "name=\"headline-1\""},
    };
    struct world *w = *state;
    struct browser b;
    editor(w, &b);
    publish_others(w, "");
    str before = headlines(w, front(w));
    for (size_t i = 0; i < COUNT(bad); i++)
        for (int k = 0; k < 2; k++) {
            int status = arrange(&b, "story-0", "s1", "story-1", bad[i].story, "headline-1",
                                 bad[i].headline, "picture-1", bad[i].picture, "alt-1", bad[i].alt,
                                 "do", k ? "preview" : "save");
            if (status != 400)
                test_fail("case %zu: %d", i, status);
            assert_has(b.body, bad[i].words);
            ptrdiff_t at = str_find(b.body, str_c(bad[i].mark));
            str field;
            str_cut(str_from(b.body, (size_t)at), '>', &field);
            assert_has(field, "aria-invalid=\"true\"");
        }
    assert_int_equal(arrange(&b, "story-0", "s1", "do", "nothing"), 400);
    assert_int_equal(arrange(&b, "story-0", "s1", "do", "up-4"), 400);
    assert_int_equal(arrange(&b, "story-0", "s1", "do", "up--1"), 400);
    assert_str(headlines(w, front(w)), arena_cstr(&w->a, before));
}

static void an_address_names_a_story(void **state)
{
    struct world *w = *state;
    struct browser b;
    editor(w, &b);
    assert_int_equal(arrange(&b, "story-0", "/town/2026/11/20/s4", "story-1",
                             "http://localhost:8080/town/2026/11/20/s2", "do", "up-1"),
                     200);
    assert_str(places(&b), "s2 s4");
    assert_int_equal(arrange(&b, "story-0", "/town/2026/11/20/none", "do", "save"), 400);
    assert_int_equal(fetch(&b, "/desk/fronts"), 303);
    assert_str(b.location, FRONT);
}

static const struct world_files files = {site_yaml, sections_yaml, NULL};

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_world(without_a_hand_it_is_the_newest, &files),
        with_world(what_is_arranged_comes_first_and_once, &files),
        with_world(it_wins_over_the_lead_of_the_site, &files),
        with_world(a_front_that_was_read_is_read_anew, &files),
        with_world(a_slot_has_words_and_a_picture_of_its_own, &files),
        with_world(what_is_not_live_is_passed_over, &files),
        with_world(a_rule_finds_the_newest_of_its_list, &files),
        with_world(a_rule_is_read_anew_with_its_list, &files),
        with_world(nothing_stands_there_twice, &files),
        with_world(a_rule_has_no_words_of_its_own, &files),
        with_world(rules_are_previewed_scheduled_and_taken_up_again, &files),
        with_world(rules_are_moved_without_script, &files),
        with_world(places_are_changed_without_script, &files),
        with_world(a_preview_is_what_readers_will_see, &files),
        with_world(an_earlier_front_is_taken_up_again, &files),
        with_world(a_front_waits_for_its_time, &files),
        with_world(nobody_undoes_what_they_have_not_seen, &files),
        with_world(what_cannot_stand_there_is_told, &files),
        with_world(an_address_names_a_story, &files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
