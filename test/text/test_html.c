/* HTML as its own type: what is text is escaped, what is an address is one of ours or a known kind.
 */
#include "test.h"

#include "text/html.h"

static void text_is_escaped(void **state)
{
    assert_str(html_escaped(*state, STR("<a href=\"x\">'&'</a>")).s,
               "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
}

static void json_in_a_page_ends_no_script(void **state)
{
    assert_str(html_json(*state, STR("{\"a\":\"</script>&\"}")).s,
               "{\"a\":\"\\u003c/script\\u003e\\u0026\"}");
}

static void addresses_of_other_kinds_are_not_written(void **state)
{
    static const struct {
        const char *url, *want;
    } cases[] = {
        {"https://example.org/a", "https://example.org/a"},
        {"/town/", "/town/"},
        {"mailto:a@b.c", "mailto:a@b.c"},
        {"tel:+1", "tel:+1"},
        {"javascript:alert(1)", "#"},
        {"JavaScript:alert(1)", "#"},
        {"data:text/html,x", "#"},
        {"//evil.example", "#"},
        {"\\\\evil", "#"},
        {"https://", "#"},
        {"java\nscript:x", "#"},
        {"", "#"},
        {"story:x", "#"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct html_out h = html_make(*state, 64, 4096);
        html_url(&h, str_c(cases[i].url));
        assert_str(html_view(&h).s, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(text_is_escaped),
        with_arena(json_in_a_page_ends_no_script),
        with_arena(addresses_of_other_kinds_are_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
