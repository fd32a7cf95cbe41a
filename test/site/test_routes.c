/* Addresses: which have a route, which of their parameters count, and what is refused before
 * anything is read. */
#include "test.h"

#include "site/routes.h"

static void addresses(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum status want;
        const char *declared;
    } cases[] = {
        {"/", ST_OK, ""},
        {"/town/", ST_OK, "before"},
        {"/town", ST_NOTFOUND, ""}, /* the render looks whether it lacks its slash */
        {"/town/feed.xml", ST_OK, ""},
        {"/feed.xml", ST_OK, ""},
        {"/robots.txt", ST_OK, ""},
        {"/sitemap/news.xml", ST_OK, ""},
        {"/picture/abc.jpg", ST_OK, ""},
        {"/topic/storm-iris", ST_OK, "before"},
        {"/by/ada-quill", ST_OK, "before"},
        {"/archive/2026/11/20", ST_OK, "before"},
        {"/page/about", ST_OK, ""},
        {"/town/2026/11/20/wall", ST_OK, ""},
        {"/town/2026/11/20/wall.txt", ST_OK, ""},
        {"/town/2026/11/20/wall.json", ST_OK, ""},
        /* below an edition */
        {"/ar/", ST_OK, "before"}, /* or a section: only the rows know */
        {"/ar/town/", ST_OK, "before"},
        {"/ar/feed.xml", ST_OK, ""},
        {"/ar/town/feed.xml", ST_OK, ""},
        {"/ar/topic/x", ST_OK, "before"},
        {"/ar/by/x", ST_OK, "before"},
        {"/ar/archive/2026/11/20", ST_OK, "before"},
        {"/ar/page/about", ST_OK, ""},
        {"/ar/town/2026/11/20/wall.json", ST_OK, ""},
        {"/ar/robots.txt", ST_NOTFOUND, ""}, /* of the site alone */
        {"/ar/sitemap/news.xml", ST_NOTFOUND, ""},
        {"/ar/picture/abc.jpg", ST_NOTFOUND, ""},
        /* no shape that is known */
        {"//", ST_OK, ""},            /* the shape of an edition's front; no edition is called so */
        {"/topic/", ST_OK, "before"}, /* the shape of a section's below an edition */
        {"/topic/a/b", ST_NOTFOUND, ""},
        {"/archive/2026/11", ST_NOTFOUND, ""},
        {"/town/2026/11/20/", ST_NOTFOUND, ""},
        {"/town/2026/11/20/wall/", ST_NOTFOUND, ""},
        {"/ar/ru/town/2026/11/20/wall", ST_NOTFOUND, ""},
        {"/a/b/c/d/e/f/g/h", ST_NOTFOUND, ""},
        {"", ST_NOTFOUND, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct verdict v;
        enum status st = site_route(GET, str_c(cases[i].path), &v);
        if (st != cases[i].want || !str_eq(v.declared, str_c(cases[i].declared)))
            test_fail("%s: %s, \"%.*s\"", cases[i].path, status_name(st), FMT(v.declared));
        assert_int_equal(v.max_body, 0);
        assert_int_equal(site_route(HEAD, str_c(cases[i].path), &v), st);
    }
}

static void what_is_refused(void **state)
{
    (void)state;
    static const char *const paths[] = {"/", "/town/", "/town/2026/11/20/wall", "/none/at/all"};
    static const enum method methods[] = {POST, PUT, DELETE_, OPTIONS, METHOD_OTHER};
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct verdict v;
        for (size_t m = 0; m < COUNT(methods); m++) {
            assert_int_equal(site_route(methods[m], str_c(paths[i]), &v), ST_METHOD);
            assert_string_equal(v.allow, "GET, HEAD, OPTIONS");
        }
    }
}

/* The table itself: each kind that has an address has a route; each parameter that is declared is
 * one that a cache key holds; a root route is no pattern that an edition could hide. */
static void the_table(void **state)
{
    bool seen[PAGE_KIND_COUNT] = {
        [PAGE_STORY_TEXT] = true, [PAGE_STORY_JSON] = true, [PAGE_ERROR] = true};
    (void)state;
    for (size_t i = 0; i < routes_count(); i++) {
        const struct route *r = &routes[i];
        assert_true(r->pattern[0] == '/' && r->kind < PAGE_KIND_COUNT);
        assert_true(!r->query[0] || strcmp(r->query, "before") == 0);
        assert_int_equal(r->method, GET);
        assert_true(!r->root || r->pattern[1] != ':');
        seen[r->kind] = true;
    }
    for (int k = 0; k < PAGE_KIND_COUNT; k++)
        if (!seen[k])
            test_fail("no address leads to the page kind %s", page_kind_names[k]);
}

static void cache_keys(void **state)
{
    struct request plain = {.path = STR("/town/")}, asked = plain, other = plain,
                   strange = {.path = STR("/town/?before=s1")};
    char a[SITE_KEY_MAX], b[SITE_KEY_MAX];
    (void)state;
    asked.query[0].name = STR("before");
    asked.query[0].value = STR("s1");
    asked.nquery = 1;
    other.query[0].name = STR("utm_source");
    other.query[0].value = STR("s1");
    other.nquery = 1;
    assert_str(site_cache_key(&plain, a), "/town/");
    assert_false(str_eq(site_cache_key(&plain, a), site_cache_key(&asked, b)));
    assert_false(str_eq(site_cache_key(&strange, a), site_cache_key(&asked, b)));
    assert_true(str_eq(site_cache_key(&plain, a), site_cache_key(&other, b)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(the_table),
        cmocka_unit_test(cache_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
