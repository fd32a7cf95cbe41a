/* What a reader, a search engine and a feed reader make of pages: links that lead somewhere, data
 * that can be read, addresses that stay on this site. */
#include "site.h"

#include "press/cache.h"
#include "app/parts.h"
#include "text/json.h"
#include "text/wrap.h"

static const char site_yaml[] =
    "name: {en: The Sound, ru: Пролив}\nfooter: {en: [{text: About us, story: about}]}\n"
    "editions: [{slug: en, locale: en-GB, zone: Europe/London}, {slug: ru, locale: ru-RU, zone: "
    "Europe/Riga}]\n";
static const char sections_yaml[] = "en:\n  - {slug: town, name: Town}\nru:\n  - {slug: town, "
                                    "name: Город}\n";

static const struct json *linked_data(struct world *w, str page)
{
    static const str begin = {"<script type=\"application/ld+json\">", 35};
    struct err err = {0};
    const struct json *j = NULL;
    ptrdiff_t at = str_find(page, begin);
    assert_true(at >= 0);
    str rest = str_from(page, (size_t)at + begin.n);
    ptrdiff_t end = str_find(rest, STR("</script>"));
    assert_true(end > 0);
    assert_ok(json_read(str_head(rest, (size_t)end), &w->a, &j, &err), &err);
    return j;
}

static void linked_data_can_be_read(void **state)
{
    struct world *w = *state;
    str page;
    publish(w, "---\nid: wall\nsection: town\nslug: wall\nheadline: The \"wall\" & <sea>\nby: [Ada "
               "Quill]\n---\nIt fell.\n");
    assert_int_equal(get(w, "/town/2026/11/20/wall", &page), 200);
    const struct json *graph = json_member(linked_data(w, page), STR("@graph"));
    assert_int_equal(graph->size, 2);
    const struct json *steps = json_member(graph->first->next, STR("itemListElement"));
    assert_int_equal(steps->size, 3);
    assert_str(json_text(json_member(steps->first->next->next, STR("name"))),
               "The \"wall\" & <sea>");
    const struct json *publisher = json_member(graph->first, STR("publisher"));
    assert_has(json_text(json_member(publisher, STR("logo"))), "/assets/");
}

/* The page that says how an edition corrects is named while it is live, and where it is. */
static void a_publisher_names_its_corrections_policy(void **state)
{
    struct world *w = *state;
    struct intake_answer answer;
    str page;
    static const char with_policy[] =
        "name: {en: The Sound, ru: Пролив}\ncorrections-policy: {en: fair}\n"
        "editions: [{slug: en, locale: en-GB, zone: Europe/London}, {slug: ru, locale: ru-RU, "
        "zone: Europe/Riga}]\n";
    static const struct {
        const char *story; /* published, or NULL: the page is withdrawn */
        const char *path;  /* of the page then; NULL: none is named */
    } steps[] = {
        {"---\nid: other\nsection: town\nheadline: Other\n---\nWords.\n", NULL},
        {"---\nid: fair\nkind: page\nheadline: Fair\nslug: fair\n---\nWords.\n",
         "http://localhost:8080/page/fair"},
        {"---\nid: fair\nkind: page\nheadline: Fair\nslug: just\n---\nWords.\n",
         "http://localhost:8080/page/just"},
        {NULL, NULL},
    };
    publish(w, "---\nid: wall\nsection: town\nslug: wall\nheadline: Wall\n---\nIt fell.\n");
    publish(w, "---\nid: stena\nedition: ru\nsection: town\nslug: stena\nheadline: С\n---\nС.\n");
    assert_int_equal(take(w, INTAKE_SITE, with_policy, NULL), ST_OK);
    for (size_t i = 0; i < COUNT(steps); i++) {
        if (steps[i].story)
            publish(w, steps[i].story);
        else
            intake_withdraw(app_intake(w->app), STR("fair"), STR("No."), &w->a, &answer);
        assert_int_equal(get(w, "/town/2026/11/20/wall", &page), 200);
        const struct json *graph = json_member(linked_data(w, page), STR("@graph"));
        const struct json *publisher = json_member(graph->first, STR("publisher"));
        const struct json *policy = json_member(publisher, STR("correctionsPolicy"));
        if (!steps[i].path != !policy)
            test_fail("step %zu", i);
        if (policy)
            assert_str(json_text(policy), steps[i].path);
        assert_int_equal(get(w, "/ru/town/2026/11/20/stena", &page), 200);
        assert_lacks(page, "correctionsPolicy"); /* that edition has none */
    }
    assert_int_equal(take(w, INTAKE_SITE, site_yaml, NULL), ST_OK);
    intake_reinstate(app_intake(w->app), STR("fair"), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    assert_int_equal(get(w, "/town/2026/11/20/wall", &page), 200);
    assert_lacks(page, "correctionsPolicy");
}

static void a_byline_leads_to_its_own_person(void **state)
{
    struct world *w = *state;
    str page, text;
    publish(w, "---\nid: first\nsection: town\nheadline: First\nby: [Ada Quill]\n---\nWords.\n");
    publish(w, "---\nid: two\nsection: town\nslug: two\nheadline: Two\nby: [ada QUILL, \"ADA "
               "QUILL\", Ben & Co]\n---\nWords.\n");
    assert_int_equal(get(w, "/town/2026/11/20/two", &page), 200);
    assert_has(page, "<a href=\"/by/ada-quill\">Ada Quill</a> and <a href=\"/by/ben-co\">Ben &amp; "
                     "Co</a>");
    assert_lacks(page, "ADA QUILL");
    assert_int_equal(get(w, "/town/2026/11/20/two.txt", &text), 200);
    assert_has(text, "By Ada Quill and Ben & Co\n");
}

/* What a story names may come later, and be of another kind than was meant. */
static void only_a_background_stands_as_one(void **state)
{
    struct world *w = *state;
    str page, line;
    publish(w,
            "---\nid: wall\nsection: town\nslug: wall\nheadline: Wall\nbackground: past\n---\nIt "
            "fell.\n");
    (void)take(w, INTAKE_STORY,
               "---\nid: past\nsection: town\nheadline: Another\n---\nSecret words.\n", &line);
    assert_int_equal(get(w, "/town/2026/11/20/wall", &page), 200);
    assert_lacks(page, "Secret words");
    publish(w, "---\nid: about\nkind: background\nheadline: No page\n---\nWords.\n");
    assert_int_equal(get(w, "/", &page), 200);
    assert_lacks(page, "About us");
}

static void a_page_links_no_topics(void **state)
{
    struct world *w = *state;
    str page;
    publish(w, "---\nid: rules\nkind: page\nheadline: Rules\ntopics: [Dead]\n---\nWords.\n");
    assert_int_equal(get(w, "/page/rules", &page), 200);
    assert_lacks(page, "/topic/");
}

static str location(struct world *w, const char *path, const char *before)
{
    struct request r = {.method = GET, .path = str_c(path)};
    if (before) {
        r.query[0].name = STR("before");
        r.query[0].value = str_c(before);
        r.nquery = 1;
    }
    struct reply reply = app_handle(w->app, &r, &w->a);
    assert_int_equal(reply.status, 301);
    str to = arena_str(&w->a, finished_header(reply.finished, STR("Location")));
    finished_release(reply.finished);
    return to;
}

static void redirects_stay_on_this_site(void **state)
{
    struct world *w = *state;
    assert_str(location(w, "/en/\\evil.example", NULL), "/%5Cevil.example");
    assert_str(location(w, "/en/a?b c", NULL), "/a%3Fb%20c");
    assert_str(location(w, "/en/town/", NULL), "/town/");
}

static void made_up_queries_push_nothing_out(void **state)
{
    struct world *w = *state;
    struct cache_stats before, after;
    char word[32];
    get(w, "/", NULL);
    get(w, "/ru/", NULL);
    before = cache_stats(w->app->cache);
    assert_str(location(w, "/ru/", "x"), "/ru/");
    for (int i = 0; i < 50; i++) {
        snprintf(word, sizeof word, "x%d", i);
        location(w, "/ru/", word);
        snprintf(word, sizeof word, "/en/x%d", i);
        location(w, word, NULL);
    }
    after = cache_stats(w->app->cache);
    assert_int_equal(after.pages, before.pages);
}

static void text_keeps_its_columns(void **state)
{
    struct world *w = *state;
    str text, line;
    publish(
        w,
        "---\nid: wide\nsection: town\nslug: wide\nheadline: Wide\ndateline: A PLACE WITH A NAME "
        "THAT GOES ON AND ON UNTIL NO LINE OF A TERMINAL CAN HOLD ALL OF IT AT ONCE\nlicence: "
        "\"Words of a licence that go on for much longer than a line of seventy-two columns can "
        "hold, and then some more\"\n---\nWords.\n\n```\n"
        "code_that_goes_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_"
        "on\n```\n");
    assert_int_equal(get(w, "/town/2026/11/20/wide.txt", &text), 200);
    for (str rest = text; rest.p;) {
        rest = str_cut(rest, '\n', &line);
        if (text_width(line) > 72)
            test_fail("%zu columns: %.*s", text_width(line), FMT(line));
    }
}

static void a_feed_has_whole_addresses(void **state)
{
    struct world *w = *state;
    str feed;
    publish(w, "---\nid: a\nsection: town\nheadline: A\n---\nWords.\n");
    publish(w, "---\nid: b\nsection: town\nheadline: B\n---\nSee [A](story:a).\n\n[A](story:a)\n");
    assert_int_equal(get(w, "/feed.xml", &feed), 200);
    assert_has(feed, "<author><name>The Sound</name></author>");
    assert_has(feed, "href=&quot;http://localhost:8080/town/2026/11/20/a&quot;");
    assert_lacks(feed, "href=&quot;/");
}

/* A card, a sentence, the same as text, and feeds: its words and address wait as it does. */
static void nothing_refers_to_what_is_under_embargo(void **state)
{
    static const char *const paths[] = {"/town/2026/11/20/b",
                                        "/town/2026/11/20/b.txt",
                                        "/town/2026/11/20/b.json",
                                        "/feed.xml",
                                        "/",
                                        "/town/"};
    struct world *w = *state;
    str page;
    publish(w, "---\nid: a\nsection: town\nslug: quuxslug\nheadline: Quuxline\npublished: "
               "2026-11-22T09:00:00Z\nembargo: 2026-11-21T09:00:00Z\n---\nWords.\n");
    publish(w, "---\nid: b\nsection: town\nslug: b\nheadline: B\n---\nSee [it](story:a).\n\n"
               "[It comes](story:a)\n");
    for (size_t i = 0; i < COUNT(paths); i++) {
        assert_int_equal(get(w, paths[i], &page), 200);
        assert_lacks(page, "Quuxline");
        assert_lacks(page, "quuxslug");
    }
}

static void fronts_name_each_other(void **state)
{
    str page;
    assert_int_equal(get(*state, "/ru/", &page), 200);
    assert_has(page, "hreflang=\"en\" href=\"http://localhost:8080/\"");
    assert_has(page, "hreflang=\"x-default\" href=\"http://localhost:8080/\"");
    assert_has(page, "content=\"ru_RU\"");
}

static void a_long_path_is_no_fault(void **state)
{
    struct world *w = *state;
    char path[2048] = "/";
    memset(path + 1, 'a', sizeof path - 2);
    assert_int_equal(get(w, path, NULL), 404);
}

static const struct world_files files = {site_yaml, sections_yaml, NULL};

#define T(f) with_world(f, &files)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(linked_data_can_be_read),          T(a_publisher_names_its_corrections_policy),
        T(a_byline_leads_to_its_own_person), T(only_a_background_stands_as_one),
        T(a_page_links_no_topics),           T(redirects_stay_on_this_site),
        T(made_up_queries_push_nothing_out), T(text_keeps_its_columns),
        T(a_feed_has_whole_addresses),       T(fronts_name_each_other),
        T(a_long_path_is_no_fault),          T(nothing_refers_to_what_is_under_embargo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
