/* The field for words on the desk's list. */
#include "desk.h"

static const struct world_files files = {
    "name: {en: The Sound, ru: Пролив}\neditions: [{slug: en, locale: en-GB, zone: Europe/London}, "
    "{slug: ru, locale: ru-RU, zone: Europe/Riga}]\n",
    "en:\n  - {slug: town, name: Town}\n  - {slug: sea, name: Sea}\nru:\n  - {slug: town, name: "
    "Город}\n",
    NULL};

static void publish_some(struct world *w)
{
    publish(w, "---\nid: a\nsection: town\nheadline: The harbour wall\n---\nIt fell.\n");
    publish(w, "---\nid: b\nsection: sea\nheadline: Ferries\n---\nBeside the walls.\n");
    publish(w, "---\nid: c\nedition: ru\nsection: town\nheadline: Стены гавани\n---\nУпали.\n");
}

static void the_list_shows_what_has_the_words(void **state)
{
    struct world *w = *state;
    struct browser b;
    publish_some(w);
    staff(w, &b, "e@example.org", "Edda", ROLE_EDITOR);
    assert_int_equal(fetch(&b, "/desk/?find=wall"), 200);
    assert_has(b.body, "The harbour wall");
    assert_has(b.body, "Ferries");
    assert_lacks(b.body, "Стены");
    assert_has(b.body, "name=\"find\" value=\"wall\"");
    ptrdiff_t first = str_find(b.body, STR("The harbour wall"));
    assert_true(first < str_find(b.body, STR("Ferries"))); /* headlines before texts */
    fetch(&b, "/desk/?find=wall&edition=en&section=sea");
    assert_has(b.body, "Ferries");
    assert_lacks(b.body, "The harbour wall");
    fetch(&b, "/desk/?find=стеной");
    assert_has(b.body, "Стены гавани");
    fetch(&b, "/desk/?find=wall&state=draft");
    assert_has(b.body, "No story has all of these words.");
    fetch(&b, "/desk/?find=+");
    assert_has(b.body, "No story has all of these words.");
    fetch(&b, "/desk/?find=");
    assert_has(b.body, "Стены гавани"); /* the list */
    assert_lacks(b.body, "class=\"quiet\">These are");
}

static void what_is_typed_is_text(void **state)
{
    static const char typed[] =
        "/desk/?find=\"><script>alert(1)</script>\" {{t.older}} * NEAR(a b)";
    struct world *w = *state;
    struct browser b;
    publish_some(w);
    staff(w, &b, "e@example.org", "Edda", ROLE_EDITOR);
    assert_int_equal(fetch(&b, typed), 200);
    assert_lacks(b.body, "<script>alert");
    assert_has(b.body, "{{t.older}}");
    char long_one[400] = "/desk/?find=";
    memset(long_one + 12, 'a', 301);
    assert_int_equal(fetch(&b, long_one), 413);
}

static void what_is_more_than_a_page_goes_on(void **state)
{
    struct world *w = *state;
    struct browser b;
    char next[200];
    str address, place;
    for (int i = 0; i < 41; i++)
        publish(w, arena_cstr(&w->a, arena_fmt(&w->a,
                                               "---\nid: s%d\nsection: town\nheadline: A "
                                               "story, %d\n---\nWords and more.\n",
                                               i, i)));
    staff(w, &b, "e@example.org", "Edda", ROLE_EDITOR);
    fetch(&b, "/desk/?find=words \"and more\"&state=live");
    assert_has(b.body, "A story, 1<");
    assert_lacks(b.body, "A story, 0<");
    str mark = STR("<p class=\"pager\"><a href=\"/desk/?before=");
    ptrdiff_t at = str_find(b.body, mark);
    assert_true(at > 0);
    str_cut(str_from(b.body, (size_t)at + mark.n), '"', &address);
    assert_has(address, "find=words%20%22and%20more%22");
    str_cut(address, '&', &place);
    snprintf(next, sizeof next, "/desk/?find=words&state=live&before=%.*s", FMT(place));
    assert_int_equal(fetch(&b, next), 200);
    assert_has(b.body, "A story, 0<");
    assert_lacks(b.body, "A story, 1<");
    assert_lacks(b.body, "class=\"pager\"");
    assert_int_equal(fetch(&b, "/desk/?find=words&before=12.5"), 400);
    assert_int_equal(fetch(&b, "/desk/?find=words&before=texts.0"), 400);
    assert_int_equal(fetch(&b, "/desk/?before=texts.7"), 400);
}

static void nobody_finds_what_they_may_not_see(void **state)
{
    struct world *w = *state;
    struct browser editor, publisher, reporter;
    publish_some(w);
    staff(w, &editor, "e@example.org", "Edda", ROLE_EDITOR);
    staff(w, &publisher, "p@example.org", "Pia", ROLE_PUBLISHER);
    staff(w, &reporter, "r@example.org", "Rita", ROLE_REPORTER);
    fetch(&reporter, "/desk/?find=wall");
    assert_lacks(reporter.body, "The harbour wall"); /* neither hers nor shared */
    assert_int_equal(fetch(&publisher, "/desk/story/a"), 200);
    assert_int_equal(send_form(&publisher, "/desk/story/a", "parent", "0", "base", "1", "headline",
                               "The harbour wall", "section", "town", "body", "It fell.\n", "do",
                               "restrict"),
                     303);
    fetch(&editor, "/desk/?find=wall");
    assert_lacks(editor.body, "The harbour wall");
    assert_has(editor.body, "Ferries");
    fetch(&publisher, "/desk/?find=wall");
    assert_has(publisher.body, "The harbour wall");
}

/* What can be pointed to: live, of the story's own edition, not itself, and seen in one's lists. */
static void stories_to_point_to(void **state)
{
    struct world *w = *state;
    struct browser editor, publisher, reporter;
    publish_some(w);
    publish(w, "---\nid: d\nkind: background\nheadline: A wall's history\n---\nWords.\n");
    publish(w, "---\nid: e\nsection: sea\nheadline: Wall of <b>water</b>\n---\nWords.\n");
    staff(w, &editor, "e@example.org", "Edda", ROLE_EDITOR);
    staff(w, &publisher, "p@example.org", "Pia", ROLE_PUBLISHER);
    staff(w, &reporter, "r@example.org", "Rita", ROLE_REPORTER);
    fetch(&editor, "/desk/");
    assert_int_equal(send_form(&editor, "/desk/new", "place", "en/town"), 303);
    assert_int_equal(send_form(&editor, arena_cstr(&w->a, editor.location), "parent", "0", "base",
                               "0", "headline", "A wall begun", "section", "town", "body",
                               "Words.\n", "do", "save"),
                     303);
    assert_int_equal(fetch(&editor, "/desk/story/a/find?find=wall"), 200);
    assert_has(editor.body, "data-key=\"b\"");
    assert_has(editor.body, "[Ferries](story:b)");
    assert_has(editor.body, "data-key=\"d\"");
    assert_has(editor.body, "3 stories found.");
    assert_has(editor.body, "Wall of &lt;b&gt;water");
    assert_lacks(editor.body, "data-key=\"a\""); /* itself */
    assert_lacks(editor.body, "A wall begun");   /* not live */
    assert_lacks(editor.body, "Стены");
    fetch(&editor, "/desk/story/a/find?find=wall&kind=background");
    assert_has(editor.body, "data-key=\"d\"");
    assert_lacks(editor.body, "data-key=\"b\"");
    fetch(&editor, "/desk/story/c/find?find=wall");
    assert_has(editor.body, "No story has all of these words.");
    assert_int_equal(fetch(&editor, "/desk/story/a/find"), 200);
    assert_lacks(editor.body, "data-said");
    assert_int_equal(fetch(&editor, "/desk/story/a/find?find=wall&kind=page"), 400);

    fetch(&publisher, "/desk/story/b");
    assert_int_equal(send_form(&publisher, "/desk/story/b", "parent", "0", "base", "1", "headline",
                               "Ferries", "section", "sea", "body", "Beside the walls.\n", "do",
                               "restrict"),
                     303);
    fetch(&editor, "/desk/story/a/find?find=wall");
    assert_lacks(editor.body, "data-key=\"b\"");
    assert_int_equal(fetch(&reporter, "/desk/story/a/find?find=wall"), 404); /* not hers */
    assert_int_equal(send_form(&reporter, "/desk/new", "place", "en/town"), 303);
    const char *hers =
        arena_cstr(&w->a, arena_fmt(&w->a, "%.*s/find?find=wall", FMT(reporter.location)));
    assert_int_equal(fetch(&reporter, hers), 200);
    assert_lacks(reporter.body, "data-key="); /* others' are in no list of hers */
}

#define with_site(f)                                                                               \
    cmocka_unit_test_prestate_setup_teardown(f, world_setup, world_teardown, (void *)&files)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_site(the_list_shows_what_has_the_words),
        with_site(what_is_typed_is_text),
        with_site(what_is_more_than_a_page_goes_on),
        with_site(nobody_finds_what_they_may_not_see),
        with_site(stories_to_point_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
