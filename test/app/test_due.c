/* Holds, embargoes and what is due, as people meet them on the desk's pages. */
#include "desk.h"

#include "jobs/jobs.h"

static const struct world_files files = {
    "name: {en: The Sound, ru: Пролив}\neditions: [{slug: en, locale: en-GB, zone: Europe/London}, "
    "{slug: ru, locale: ru-RU, zone: Europe/Riga}]\n",
    "en:\n  - {slug: town, name: Town}\nru:\n  - {slug: town, name: Город}\n", NULL};
#define with_pages(f)                                                                              \
    cmocka_unit_test_prestate_setup_teardown(f, world_setup, world_teardown, (void *)&files)

struct staffed {
    struct browser rita, edda, pia;
};

static void come_in(struct world *w, struct staffed *s)
{
    staff(w, &s->rita, "r@example.org", "Rita", ROLE_REPORTER);
    staff(w, &s->edda, "e@example.org", "Edda", ROLE_EDITOR);
    staff(w, &s->pia, "p@example.org", "Pia", ROLE_PUBLISHER);
}

/* The value of a hidden field of the last page. */
static const char *hidden(struct browser *b, const char *name, char buf[64])
{
    str mark = arena_fmt(&b->w->a, "name=\"%s\" value=\"", name), value;
    ptrdiff_t at = str_find(b->body, mark);
    if (at < 0)
        test_fail("no field %s in\n%.*s", name, FMT(b->body));
    str_cut(str_from(b->body, (size_t)at + mark.n), '"', &value);
    snprintf(buf, 64, "%.*s", FMT(value));
    return buf;
}

/* A button of the story's page, with one more field or two; what is written stays. */
static int press(struct browser *b, const char *path, const char *button, const char *name,
                 const char *value, const char *name2, const char *value2)
{
    char parent[64], base[64];
    if (fetch(b, path) != 200)
        return b->status;
    return send_form(b, path, "parent", hidden(b, "parent", parent), "base",
                     hidden(b, "base", base), "headline", "A headline", "section", "town", "body",
                     "Words.\n", "do", button, name, value, name2, value2);
}
#define press_one(b, path, button, name, value) press(b, path, button, name, value, "x", "")

static void begin_at(struct browser *b, char path[160])
{
    str key;
    assert_int_equal(send_form(b, "/desk/new", "place", "en/town"), 303);
    str_cut(str_from(b->location, 12), '?', &key);
    snprintf(path, 160, "/desk/story/%.*s", FMT(key));
}

#define PLACE "/town/2026/11/20/a-headline"

/* ---- holds ---- */

static void a_publisher_holds_a_story(void **state)
{
    struct world *w = *state;
    struct staffed s;
    char path[160];
    come_in(w, &s);
    begin_at(&s.rita, path);
    assert_int_equal(press_one(&s.rita, path, "save", "x", ""), 303);
    assert_int_equal(press_one(&s.edda, path, "publish", "x", ""), 303);
    assert_int_equal(press_one(&s.edda, path, "hold", "hold-reason", "No."), 403);
    assert_int_equal(press_one(&s.rita, path, "hold", "hold-reason", "No."), 403);
    assert_int_equal(press_one(&s.pia, path, "hold", "hold-reason", ""), 400);
    assert_has(s.pia.body, "Give a reason");
    assert_int_equal(press_one(&s.pia, path, "hold", "hold-reason", "A judge says so."), 303);
    fetch(&s.rita, path);
    assert_has(s.rita.body, "On legal hold since");
    assert_has(s.rita.body, "by Pia");
    assert_has(s.rita.body, "A judge says so.");
    fetch(&s.pia, path);
    static const char *const gone[] = {"publish", "withdraw", "hold"};
    for (size_t i = 0; i < COUNT(gone); i++)
        assert_lacks(s.pia.body,
                     arena_cstr(&w->a, arena_fmt(&w->a, "name=\"do\" value=\"%s\"", gone[i])));
    assert_has(s.pia.body, "name=\"do\" value=\"release\"");
    assert_int_equal(press_one(&s.pia, path, "withdraw", "reason", "It was wrong."), 400);
    assert_has(s.pia.body, "on legal hold: nothing of it");
    assert_int_equal(get(w, PLACE, NULL), 200);
    fetch(&s.edda, "/desk/");
    assert_has(s.edda.body, "On legal hold");
    assert_int_equal(press_one(&s.edda, path, "release", "hold-reason", "No."), 403);
    assert_int_equal(press_one(&s.pia, path, "release", "hold-reason", "It is over."), 303);
    fetch(&s.pia, "/desk/log");
    assert_has(s.pia.body, "put on legal hold");
    assert_has(s.pia.body, "lifted a legal hold");
    assert_has(s.pia.body, "It is over.");
    assert_int_equal(press_one(&s.edda, path, "withdraw", "reason", "It was wrong."), 303);
    assert_int_equal(get(w, PLACE, NULL), 410);
}

/* ---- embargoes ---- */

static void an_embargo_is_set_by_a_field_and_lifted_by_a_publisher(void **state)
{
    struct world *w = *state;
    struct staffed s;
    char path[160], preview[180];
    come_in(w, &s);
    begin_at(&s.rita, path);
    snprintf(preview, sizeof preview, "%s/preview", path);
    assert_int_equal(press_one(&s.edda, path, "save", "embargo", "2026-11-21T09:00"), 303);
    fetch(&s.edda, path);
    assert_has(s.edda.body, "name=\"embargo\" value=\"2026-11-21T09:00\"");
    assert_has(s.edda.body, "Under embargo until");
    assert_lacks(s.edda.body, "value=\"lift\"");
    fetch(&s.rita, preview);
    assert_has(s.rita.body, "Under embargo until");
    char older[180];
    assert_int_equal(press_one(&s.edda, path, "save", "embargo", "2026-11-21T10:00"), 303);
    snprintf(older, sizeof older, "%s?from=1", path);
    fetch(&s.edda, older); /* an older save, to be taken up again */
    assert_has(s.edda.body, "name=\"embargo\" value=\"2026-11-21T10:00\"");
    assert_int_equal(press_one(&s.edda, path, "save", "embargo", "2026-11-21T11:00"), 303);
    assert_int_equal(press_one(&s.edda, path, "save", "x", ""), 303); /* a form without the field */
    fetch(&s.edda, path);
    assert_has(s.edda.body, "name=\"embargo\" value=\"2026-11-21T11:00\"");

    static const char *const sooner[] = {"", "2026-11-21T10:59"};
    for (size_t i = 0; i < COUNT(sooner); i++) {
        assert_int_equal(press_one(&s.edda, path, "save", "embargo", sooner[i]), 400);
        assert_has(s.edda.body, "can only be made longer here");
        assert_has(s.edda.body, "aria-invalid");
        assert_int_equal(press_one(&s.pia, path, "save", "embargo", sooner[i]), 400);
    }
    assert_int_equal(press_one(&s.edda, path, "save", "embargo", "soon"), 400);
    assert_int_equal(press_one(&s.edda, path, "publish", "embargo", "2026-11-21T11:30"), 400);
    assert_has(s.edda.body, "Under embargo at that time");
    assert_int_equal(get(w, PLACE, NULL), 404);

    assert_int_equal(press_one(&s.edda, path, "lift", "lift-reason", "They said so."), 403);
    assert_int_equal(press_one(&s.pia, path, "lift", "lift-reason", ""), 400);
    assert_int_equal(press(&s.pia, path, "lift", "lift-reason", "They said so.", "lift-until",
                           "2026-11-21T08:00"),
                     303);
    assert_int_equal(press_one(&s.pia, path, "lift", "lift-reason", "At last."), 303);
    fetch(&s.pia, path);
    assert_lacks(s.pia.body, "Under embargo until");
    assert_int_equal(press_one(&s.edda, path, "publish", "x", ""), 303);
    assert_int_equal(get(w, PLACE, NULL), 200);
    fetch(&s.pia, "/desk/log");
    assert_has(s.pia.body, "shortened or lifted an embargo");
    assert_has(s.pia.body, "2026-11-21T08:00:00Z &gt; -: At last.");
}

/* A translation's embargo holds too; its name is for those who may see it. */
static void an_embargo_elsewhere_names_nobody(void **state)
{
    struct world *w = *state;
    struct staffed s;
    char path[160];
    come_in(w, &s);
    begin_at(&s.rita, path);
    assert_int_equal(press_one(&s.rita, path, "save", "x", ""), 303);
    str text = arena_fmt(&w->a,
                         "---\nid: taina\nedition: ru\nsection: town\nheadline: Тайна\n"
                         "translation-of: %s\npublished: 2026-11-22T09:00:00Z\nembargo: "
                         "2026-11-22T09:00:00Z\n---\nСлова.\n",
                         path + strlen("/desk/story/"));
    publish(w, arena_cstr(&w->a, text));
    assert_int_equal(press_one(&s.pia, "/desk/story/taina", "restrict", "x", ""), 303);
    assert_int_equal(press_one(&s.edda, path, "publish", "x", ""), 400);
    assert_has(s.edda.body, "A translation of it is under embargo at that time");
    assert_lacks(s.edda.body, "taina");
    assert_int_equal(get(w, PLACE, NULL), 404);
}

/* The field shows minutes; what a file said to the second stays. */
static void a_field_that_shows_less_changes_nothing(void **state)
{
    struct world *w = *state;
    struct staffed s;
    come_in(w, &s);
    publish(w, "---\nid: wall\nsection: town\nheadline: A headline\npublished: "
               "2026-11-22T09:00:00Z\nembargo: 2026-11-21T09:00:30Z\n---\nWords.\n");
    assert_int_equal(press_one(&s.edda, "/desk/story/wall", "save", "embargo", "2026-11-21T08:59"),
                     400);
    assert_int_equal(press_one(&s.edda, "/desk/story/wall", "save", "embargo", "2026-11-21T09:00"),
                     303); /* and is no 30 seconds sooner, which nobody could save */
}

static void a_link_shows_nothing_under_embargo(void **state)
{
    struct world *w = *state;
    struct staffed s;
    struct browser anybody = {.w = w};
    char path[160], saves[180], link[160];
    str rest, found;
    come_in(w, &s);
    begin_at(&s.rita, path);
    assert_int_equal(press_one(&s.rita, path, "save", "x", ""), 303);
    snprintf(saves, sizeof saves, "%s/saves/1", path);
    assert_int_equal(send_form(&s.rita, saves, "do", "share"), 200);
    ptrdiff_t at = str_find(s.rita.body, STR("/desk/preview/"));
    assert_true(at >= 0);
    rest = str_from(s.rita.body, (size_t)at);
    str_cut(rest, '<', &found);
    snprintf(link, sizeof link, "%.*s", FMT(found));
    assert_int_equal(fetch(&anybody, link), 200);
    assert_has(anybody.body, "Words.");

    /* the save that it shows had none yet */
    assert_int_equal(press_one(&s.rita, path, "save", "embargo", "2026-11-21T09:00"), 303);
    fetch(&s.rita, saves);
    assert_has(s.rita.body, "While the story is under embargo");
    assert_int_equal(fetch(&anybody, link), 403);
    assert_has(anybody.body, "Under embargo");
    assert_lacks(anybody.body, "Words.");
    assert_lacks(anybody.body, "A headline");
    assert_int_equal(fetch(&s.edda, link), 200);
    assert_has(s.edda.body, "Under embargo until");
    assert_int_equal(press_one(&s.pia, path, "lift", "lift-reason", "They said so."), 303);
    assert_int_equal(fetch(&anybody, link), 200);
}

/* ---- what is due ---- */

static void publish_two(struct world *w)
{
    publish(w, "---\nid: wall\nsection: town\nheadline: The wall leans\n---\nWords.\n");
    publish(w, "---\nid: stena\nedition: ru\nsection: town\nheadline: Стена\ntranslation-of: "
               "wall\n---\nСлова.\n");
}

static void a_due_translation_is_answered(void **state)
{
    struct world *w = *state;
    struct staffed s;
    char last[64];
    come_in(w, &s);
    publish_two(w);
    fetch(&s.edda, "/desk/");
    assert_lacks(s.edda.body, "id=\"due\"");
    publish(w, "---\nid: wall\nsection: town\nheadline: The wall leans\nchange: "
               "correction\ncorrection: It was wrong.\n---\nOther words.\n");
    fetch(&s.edda, "/desk/");
    assert_has(s.edda.body, "id=\"due\"");
    assert_has(s.edda.body, "A linked translation was corrected");
    fetch(&s.rita, "/desk/");
    assert_lacks(s.rita.body, "A linked translation");
    fetch(&s.edda, "/desk/story/stena");
    assert_has(s.edda.body, "A linked translation was corrected");
    assert_has(s.edda.body, "href=\"/desk/story/wall\"");
    hidden(&s.edda, "told-last", last);
    assert_int_equal(press_one(&s.edda, "/desk/story/stena", "needs-nothing", "told-last", "0"),
                     400);
    assert_has(s.edda.body, "Nothing waits for an answer here");
    assert_int_equal(send_form(&s.edda, "/desk/story/stena", "parent", "0", "base", "1", "do",
                               "needs-nothing", "told-last", last, "headline", "Стена", "section",
                               "town", "body", "Слова.\n"),
                     303);
    assert_has(s.edda.location, "done=answered");
    fetch(&s.edda, "/desk/");
    assert_lacks(s.edda.body, "A linked translation");
    fetch(&s.pia, "/desk/log");
    assert_has(s.pia.body, "said that a translation needs nothing");
}

/* Neither line nor headline of a story that is restricted, on any page of somebody else. */
static void due_tells_nothing_of_what_is_restricted(void **state)
{
    struct world *w = *state;
    struct staffed s;
    come_in(w, &s);
    publish_two(w);
    assert_int_equal(send_form(&s.pia, "/desk/story/wall", "parent", "0", "base", "1", "do",
                               "restrict", "headline", "The wall leans", "section", "town", "body",
                               "Words.\n"),
                     303);
    publish(w, "---\nid: wall\nsection: town\nheadline: The wall leans\nchange: "
               "correction\ncorrection: It was wrong.\n---\nOther words.\n");
    static const char *const pages[] = {"/desk/", "/desk/story/stena"};
    for (size_t i = 0; i < COUNT(pages); i++) {
        assert_int_equal(fetch(&s.edda, pages[i]), 200);
        assert_lacks(s.edda.body, "A linked translation");
        assert_lacks(s.edda.body, "The wall leans");
        fetch(&s.pia, pages[i]);
        assert_has(s.pia.body, "A linked translation was corrected");
    }
}

static void every_line_says_why(void **state)
{
    struct world *w = *state;
    struct staffed s;
    char path[160];
    come_in(w, &s);
    begin_at(&s.rita, path);
    assert_int_equal(press_one(&s.rita, path, "send", "x", ""), 303);
    fetch(&s.edda, "/desk/");
    assert_has(s.edda.body, "Waits for your review since");
    fetch(&s.rita, "/desk/");
    assert_has(s.rita.body, "In review since");
    assert_int_equal(press_one(&s.edda, path, "send-back", "x", ""), 303);
    fetch(&s.rita, "/desk/");
    assert_has(s.rita.body, "Edda sent it back");
    assert_int_equal(press_one(&s.edda, path, "plan", "deadline", "2026-11-20T11:00"), 303);
    fetch(&s.edda, "/desk/");
    assert_has(s.edda.body, "Late: its deadline was");
    assert_int_equal(press_one(&s.edda, path, "plan", "deadline", "2026-11-20T21:00"), 303);
    fetch(&s.edda, "/desk/");
    assert_has(s.edda.body, "Deadline");
    assert_int_equal(press_one(&s.edda, path, "schedule", "at", "2026-11-20T22:00"), 303);
    fetch(&s.edda, "/desk/");
    assert_has(s.edda.body, "Goes live");
    assert_int_equal(press_one(&s.pia, path, "hold", "hold-reason", "A judge says so."), 303);
    fetch(&s.edda, "/desk/");
    assert_has(s.edda.body, "but on legal hold");
    assert_lacks(s.edda.body, "Goes live");
    struct err err = {0};
    i64 next;
    time_set_for_test(moment(20, 22) + MS_SECOND);
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    fetch(&s.edda, "/desk/");
    assert_has(s.edda.body, "Could not go live at");
    assert_has(s.edda.body, "it is on legal hold");
    assert_lacks(s.edda.body, "but on legal hold"); /* once is enough */
    assert_int_equal(
        send_form(&s.edda, "/desk/account", "do", "name", "name", "Edda", "language", "ru"), 303);
    fetch(&s.edda, "/desk/");
    assert_has(s.edda.body, "действует юридический запрет");
}

/* A pile of what waits longer hides nothing: it is a page of its own. */
static void all_that_is_due_is_there(void **state)
{
    struct world *w = *state;
    struct staffed s;
    char path[160];
    come_in(w, &s);
    for (int i = 0; i < 13; i++) {
        begin_at(&s.rita, path);
        assert_int_equal(press_one(&s.rita, path, "send", "x", ""), 303);
        arena_reset(&w->a);
    }
    time_set_for_test(moment(20, 13));
    publish_two(w);
    publish(w, "---\nid: wall\nsection: town\nheadline: The wall leans\nchange: "
               "correction\ncorrection: It was wrong.\n---\nOther words.\n");
    fetch(&s.edda, "/desk/");
    assert_lacks(s.edda.body, "A linked translation");
    assert_has(s.edda.body, "href=\"/desk/?due=all\"");
    fetch(&s.edda, "/desk/?due=all");
    assert_has(s.edda.body, "A linked translation was corrected");
    assert_lacks(s.edda.body, "href=\"/desk/?due=all\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_pages(a_publisher_holds_a_story),
        with_pages(an_embargo_is_set_by_a_field_and_lifted_by_a_publisher),
        with_pages(an_embargo_elsewhere_names_nobody),
        with_pages(a_field_that_shows_less_changes_nothing),
        with_pages(a_link_shows_nothing_under_embargo),
        with_pages(a_due_translation_is_answered),
        with_pages(due_tells_nothing_of_what_is_restricted),
        with_pages(every_line_says_why),
        with_pages(all_that_is_due_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
