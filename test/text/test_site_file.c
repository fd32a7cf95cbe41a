/* site.yaml and sections.yaml: what is read is written back so that it reads the same, and what is
 * wrong is told by its line. */
#include "test.h"

#include "text/site_file.h"

static struct arena a;

static int setup(void **state)
{
    (void)state;
    return arena_init(&a, 8 << 20) != ST_OK;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&a);
    return 0;
}

static void links_are_written_as_they_were_read(void **state)
{
    static const char text[] = "name:\n  en: N\nfooter:\n  en:\n    - text: Imprint\n      story: "
                               "imprint\n    - text: Words\n    - text: Press\n      link: "
                               "\"https://press.example/a?b=c\"\nnavigation:\n  en:\n    - text: "
                               "About\n      story: about\n      after: 2\n    - text: Shop\n      "
                               "link: \"http://shop.example\"\neditions:\n  - slug: en\n    locale: "
                               "en-GB\n    zone: Europe/London\n";
    struct site_file f;
    struct err err = {0};
    struct out o = out_make(&a, 1024, 1 << 16);
    (void)state;
    assert_ok(site_file_read(str_c(text), &a, &f, &err), &err);
    assert_int_equal(f.nfooter, 3);
    assert_int_equal(f.nnavigation, 2);
    assert_int_equal(f.navigation[0].after, 2);
    assert_int_equal(f.navigation[1].after, SITE_SECTIONS);
    site_file_write(&f, &o);
    assert_str(out_view(&o), text);
}

static void a_wrong_link_is_told_by_its_line(void **state)
{
    static const struct {
        const char *text, *words;
    } bad[] = {
        {"footer: {en: [{story: imprint}]}", "line 1: a link needs a `text`"},
        {"footer: {en: [{text: A, story: a, link: \"https://a.example\"}]}",
         "line 1: a link needs"},
        {"footer: {en: [{text: A, link: \"javascript:x\"}]}", "begins with http:// or https://"},
        {"footer: {en: [{text: A, link: /town/}]}", "begins with http:// or https://"},
        {"footer: {en: [{text: A, after: 1}]}", "line 1: the key `after` isn't known"},
        {"\nnavigation: {en: [{text: A}]}", "line 2: a link needs"},
        {"navigation: {en: [{text: A, story: a, after: -1}]}", "line 1: `after` is how many"},
        {"navigation: {en: [{text: A, story: a, after: 201}]}", "line 1: `after` is how many"},
        {"navigation: {en: [{text: A, story: \"a b\"}]}", "line 1: a link needs"},
        {"navigation: [a]", "line 1: `navigation` has a list for each edition"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct site_file f;
        struct err err = {0};
        if (site_file_read(str_c(bad[i].text), &a, &f, &err) != ST_INVALID)
            test_fail("%s was read", bad[i].text);
        if (str_find(str_c(err.text), str_c(bad[i].words)) < 0)
            test_fail("%s: %s", bad[i].text, err.text);
    }
}

static void there_are_so_many_links(void **state)
{
    struct out o = out_make(&a, 1024, 1 << 16);
    struct site_file f;
    struct err err = {0};
    (void)state;
    out_c(&o, "navigation:\n  en:\n");
    for (int i = 0; i < SITE_LINKS; i++)
        out_fmt(&o, "    - {text: A%d, story: a}\n", i);
    assert_ok(site_file_read(out_view(&o), &a, &f, &err), &err);
    out_c(&o, "    - {text: One more, story: a}\n");
    assert_int_equal(site_file_read(out_view(&o), &a, &f, &err), ST_TOOLARGE);
    assert_string_equal(err.text, "line 43: more than 40 links in `navigation`");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(links_are_written_as_they_were_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_link_is_told_by_its_line, setup, teardown),
        cmocka_unit_test_setup_teardown(there_are_so_many_links, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
