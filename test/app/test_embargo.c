/* A story that waits, for each kind of page: before its time no page of any kind, no error, no
 * address shows a word of it, its address or its picture's; afterwards each shows what it should.
 */
#include "kinds.h"

#include "jobs/jobs.h"

/* Everything that only the waiting stories say has this in it. */
static const str secret = {"quux", 4};

static const char waiting_story[] =
    "---\nid: later\nsection: town\nheadline: Quuxline\n"
    "headlines: {front: Quuxfront, social: Quuxsocial, push: Quuxpush}\nstandfirst: Quuxstand.\n"
    "slug: quuxslug\ndateline: QUUXTOWN\npublished: 2026-11-20T13:00:00Z\nembargo: "
    "2026-11-20T13:00:00Z\nby: [{name: Quuxauthor, role: quuxrole}]\ntopics: [Quuxtopic, Storm "
    "Iris]\nbackground: past\nsource: \"https://quux.example/\"\nlicence: Quuxlicence\n"
    "picture: {file: p.png, caption: Quuxcaption, credit: Quuxcredit, alt: Quuxalt}\n---\n"
    "Quuxword, and [the wall](story:wall).\n\n[The boat](story:boat)\n\n> Quuxquote.\n> — "
    "Quuxspeaker\n";
static const char waiting_page[] =
    "---\nid: terms\nkind: page\nheadline: Quuxterms\nslug: quuxterms\npublished: "
    "2026-11-20T13:00:00Z\n---\nQuuxclause.\n";
static const char waiting_translation[] =
    "---\nid: pozzhe\nedition: ru\nsection: town\nheadline: Quuxперевод\nslug: quuxru\npublished: "
    "2026-11-20T13:00:00Z\ntranslation-of: later\n---\nQuuxслово.\n";
static const char waiting_background[] =
    "---\nid: deep\nkind: background\nheadline: Quuxpast\npublished: 2026-11-20T13:00:00Z\n---\n"
    "Quuxago.\n";
/* Live, and leaning on all of them. */
static const char leaning[] =
    "---\nid: leaning\nsection: sea\nheadline: Leaning\nslug: leaning\nbackground: deep\n---\nSee "
    "[there](story:later).\n\n[A card](story:later)\n";
static const char site_with_terms[] =
    "name: {en: The Sound, ru: Пролив}\nmotto: {en: News from both shores}\nlead: {en: later}\n"
    "footer: {en: [{text: Terms, story: terms}]}\n"
    "editions: [{slug: en, locale: en-GB, zone: Europe/London}, {slug: ru, locale: ru-RU, zone: "
    "Europe/Riga}]\n";

#define LATER "/town/2026/11/20/quuxslug"

/* Where the story comes for each kind, and what of it; words NULL: an answer is enough; path NULL:
 * its picture's. Kinds that never show a story have no words that are theirs: path "". */
static const struct {
    enum page_kind kind;
    const char *path, *words;
} places[] = {
    {PAGE_FRONT, "/", "Quuxfront"},
    {PAGE_FRONT, "/ru/", "Quuxперевод"},
    {PAGE_SECTION, "/town/", "Quuxfront"},
    {PAGE_STORY, LATER, "Quuxword"},
    {PAGE_STORY, "/ru/town/2026/11/20/quuxru", LATER},
    {PAGE_STORY, "/sea/2026/11/20/leaning", "Quuxline"},
    {PAGE_STORY, "/sea/2026/11/20/leaning", "Quuxago"},
    {PAGE_STORY_TEXT, LATER ".txt", "Quuxquote"},
    {PAGE_STORY_TEXT, "/sea/2026/11/20/leaning.txt", "Quuxline"},
    {PAGE_STORY_JSON, LATER ".json", "Quuxspeaker"},
    {PAGE_STORY_JSON, "/sea/2026/11/20/leaning.json", LATER},
    {PAGE_TOPIC, "/topic/quuxtopic", "Quuxfront"},
    {PAGE_TOPIC, "/topic/storm-iris", "Quuxfront"},
    {PAGE_BYLINE, "/by/quuxauthor", "Quuxfront"},
    {PAGE_DAY, "/archive/2026/11/20", "Quuxfront"},
    {PAGE_PAGE, "/page/quuxterms", "Quuxclause"},
    {PAGE_FEED, "/feed.xml", "Quuxword"},
    {PAGE_SECTION_FEED, "/town/feed.xml", "Quuxword"},
    {PAGE_NEWS_MAP, "/sitemap/news.xml", "Quuxline"},
    {PAGE_PICTURE, NULL, NULL},
    {PAGE_ROBOTS, "", NULL},
    {PAGE_ERROR, "", NULL},
};

static const char *place(struct world *w, size_t i)
{
    return places[i].path ? places[i].path
                          : picture_path(w, (str){other_png, sizeof other_png - 1});
}

/* ---- looking ---- */

static bool says(str bytes, str words)
{
    for (size_t i = 0; i + words.n <= bytes.n; i++)
        if (str_eq_fold((str){bytes.p + i, words.n}, words))
            return true;
    return false;
}

static void keeps_quiet(struct world *w, const char *path, str body)
{
    const char *picture = picture_path(w, (str){other_png, sizeof other_png - 1});
    if (says(body, secret))
        test_fail("%s tells of a story that waits:\n%.*s", path, FMT(body));
    if (says(body, str_c(picture)))
        test_fail("%s tells of the picture of a story that waits:\n%.*s", path, FMT(body));
}

static void ask_quietly(struct world *w, const char *path)
{
    struct request r = {.method = GET, .path = str_c(path)};
    struct reply reply = app_handle(w->app, &r, &w->a);
    CLEANUP(finished_cleanup) struct finished *f = reply.finished;
    assert_non_null(f);
    keeps_quiet(w, path, finished_body(f));
    keeps_quiet(w, path, finished_header(f, STR("Location")));
}

static void no_page_tells(struct world *w)
{
    static const int errors[] = {
#define X(status) status,
        EDGE_ERRORS(X)
#undef X
    };
    static const char *const more[] = {"/ru/",        "/ru/town/", "/ru/feed.xml",
                                       "/town",       "/sea/",     "/none",
                                       THE_STORY "x", "/by/none",  "/topic/harbour"};
    for (size_t i = 0; i < COUNT(kind_pages); i++)
        ask_quietly(w, kind_path(w, i));
    for (size_t i = 0; i < COUNT(more); i++)
        ask_quietly(w, more[i]);
    for (size_t i = 0; i < COUNT(places); i++) {
        if (places[i].path && !places[i].path[0])
            continue;
        const char *path = place(w, i);
        ask_quietly(w, path);
        bool own = says(str_c(path), secret) || !places[i].path;
        if (own && get(w, path, NULL) != 404)
            test_fail("%s answers before its time", path);
    }
    for (size_t i = 0; i < COUNT(errors); i++) {
        CLEANUP(finished_cleanup) struct finished *f = app_error(w->app, errors[i]);
        assert_non_null(f);
        keeps_quiet(w, "an error's page", finished_body(f));
    }
}

static void every_page_tells(struct world *w)
{
    for (size_t i = 0; i < COUNT(places); i++) {
        str body;
        if (places[i].path && !places[i].path[0])
            continue;
        if (get(w, place(w, i), &body) != 200)
            test_fail("%s doesn't answer when its time has come", place(w, i));
        if (places[i].words && str_find(body, str_c(places[i].words)) < 0)
            test_fail("%s doesn't say %s:\n%.*s", place(w, i), places[i].words, FMT(body));
    }
}

/* ---- cases ---- */

static int setup(void **state)
{
    static struct world w;
    world_open(&w, site_yaml, sections_yaml, NULL);
    app_errors_print(w.app);
    publish_others(&w, "");
    publish_with_picture(&w, arena_fmt(&w.a, "---\nid: wall\n%s---\n%s", whole, whole_body));
    publish(&w, leaning);
    *state = &w;
    return 0;
}

static void publish_waiting(struct world *w)
{
    hand_in(w, INTAKE_STORY, str_c(waiting_story), (str){other_png, sizeof other_png - 1});
    publish(w, waiting_translation);
    publish(w, waiting_background);
    publish(w, waiting_page);
    assert_int_equal(take(w, INTAKE_SITE, site_with_terms, NULL), ST_OK);
}

static void every_kind_has_its_place(void **state)
{
    bool seen[PAGE_KIND_COUNT] = {false};
    (void)state;
    every_kind_is_there();
    for (size_t i = 0; i < COUNT(places); i++)
        seen[places[i].kind] = true;
    for (int k = 0; k < PAGE_KIND_COUNT; k++)
        if (!seen[k])
            test_fail("nobody says where a story comes on a page of the kind %s",
                      page_kind_names[k]);
}

static void nothing_tells_of_a_story_that_waits(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    i64 next;
    publish_waiting(w);
    no_page_tells(w);
    time_set_for_test(moment(20, 13) - MS_SECOND);
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    no_page_tells(w);
    time_set_for_test(moment(20, 13) + MS_MINUTE); /* past, and nobody has swept */
    no_page_tells(w);
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    every_page_tells(w);
}

/* Pages that are in the cache tell nothing either, and are dropped when it begins. */
static void a_warm_cache_does_not_hold_it_back(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    i64 next;
    no_page_tells(w);
    publish_waiting(w);
    no_page_tells(w);
    no_page_tells(w);
    time_set_for_test(moment(20, 13));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    every_page_tells(w);
}

/* Withdrawn, it is as if it had never been there but for its own address and note. */
static void a_withdrawn_story_is_told_of_nowhere_else(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct intake_answer answer;
    static const char *const forms[] = {LATER, LATER ".txt", LATER ".json"};
    i64 next;
    publish_waiting(w);
    time_set_for_test(moment(20, 13));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    intake_withdraw(app_intake(w->app), STR("later"), STR("It was wrong."), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    for (size_t i = 0; i < COUNT(kind_pages); i++) {
        str page;
        get(w, kind_path(w, i), &page);
        if (says(page, STR("Quuxfront")) || says(page, STR("Quuxline")) ||
            says(page, STR("quuxslug")))
            test_fail("%s tells of a withdrawn story", kind_path(w, i));
    }
    for (size_t i = 0; i < COUNT(forms); i++) {
        str page;
        assert_int_equal(get(w, forms[i], &page), 410);
        assert_true(says(page, STR("It was wrong.")));
        assert_false(says(page, STR("Quuxline")) || says(page, STR("Quuxword")));
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, world_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_its_place),
        T(nothing_tells_of_a_story_that_waits),
        T(a_warm_cache_does_not_hold_it_back),
        T(a_withdrawn_story_is_told_of_nowhere_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
