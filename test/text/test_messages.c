/* Messages, plurals, dates, lists and slugs. */
#include "test.h"

#include "text/messages.h"
#include "text/slug.h"
#include "text/wrap.h"

static const char en[] =
    "{\"_meta\":{\"name\":\"English\",\"dir\":\"ltr\",\"dates\":{\"time\":\"d MMMM y, HH:mm\"}},"
    "\"plain\":\"It''s {plain}\",\"fixed\":\"Words\",\"n\":\"{n, plural, =0 {none} one {# story} "
    "other {# stories}}\","
    "\"s\":\"{x, select, yes {Y {y}} other {N}}\",\"quoted\":\"'{'{y}'}'\"}";

static struct locale *load(const char *tag, const char *json)
{
    struct locale *l = NULL;
    struct err err = {0};
    assert_ok(locale_load(str_c(tag), str_c(json), &l, &err), &err);
    return l;
}

static str say(struct locale *l, struct arena *a, const char *key, struct arg x, struct arg y)
{
    str s = STR_NONE;
    struct err err = {0};
    assert_ok(message(l, key, (struct arg[]){x, y}, 2, a, &s, &err), &err);
    return s;
}

static void messages(void **state)
{
    struct arena *a = *state;
    struct locale *l = load("en-GB", en);
    struct arg none = A_TEXT("unused", STR_NONE);
    struct value fixed;
    assert_str(say(l, a, "plain", A_TEXT("plain", STR("<x>")), none), "It's <x>");
    assert_str(say(l, a, "n", A_NUM("n", 0), none), "none");
    assert_str(say(l, a, "n", A_NUM("n", 1), none), "1 story");
    assert_str(say(l, a, "n", A_NUM("n", 1234), none), "1,234 stories");
    assert_str(say(l, a, "s", A_TEXT("x", STR("yes")), A_TEXT("y", STR("!"))), "Y !");
    assert_str(say(l, a, "s", A_TEXT("x", STR("what")), A_TEXT("y", STR("!"))), "N");
    assert_str(say(l, a, "quoted", A_TEXT("y", STR("!")), none), "{!}");
    assert_true(map_get(locale_static(l), STR("fixed"), &fixed));
    assert_false(map_get(locale_static(l), STR("plain"), &fixed));
    locale_free(l);
}

static void html_goes_in_as_it_is_and_text_does_not(void **state)
{
    struct arena *a = *state;
    struct locale *l = load("en-GB", en);
    struct err err = {0};
    html h;
    assert_ok(message_html(l, "plain", (struct arg[]){A_TEXT("plain", STR("<x>"))}, 1, a, &h, &err),
              &err);
    assert_str(h.s, "It&#39;s &lt;x&gt;");
    assert_ok(message_html(l, "plain", (struct arg[]){A_HTML("plain", html_escaped(a, STR("a&b")))},
                           1, a, &h, &err),
              &err);
    assert_str(h.s, "It&#39;s a&amp;b");
    assert_int_equal(message_html(l, "plain", NULL, 0, a, &h, &err), ST_BUG);
    locale_free(l);
}

static void a_missing_message_is_a_fault(void **state)
{
    struct arena *a = *state;
    struct locale *l = load("en-GB", en);
    struct err err = {0};
    str s;
    assert_int_equal(message(l, "nowhere", NULL, 0, a, &s, &err), ST_BUG);
    locale_free(l);
}

static void an_argument_of_another_kind_is_a_fault(void **state)
{
    static const char json[] =
        "{\"_meta\":{\"name\":\"English\",\"dir\":\"ltr\"},\"n\":\"{x, number}\","
        "\"p\":\"{x, plural, one {#} other {#}}\",\"s\":\"{x, select, yes {a} other {b}}\","
        "\"o\":\"{x, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}\"}";
    static const char *const keys[] = {"n", "p", "o", "s"};
    struct arena *a = *state;
    struct locale *l = load("en-GB", json);
    str s;
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct err err = {0};
        bool wants_text = i == 3;
        struct arg right = wants_text ? A_TEXT("x", STR("yes")) : A_NUM("x", 2);
        struct arg wrong = wants_text ? A_NUM("x", 2) : A_TEXT("x", STR("2"));
        struct arg markup = A_HTML("x", html_escaped(a, STR("2")));
        assert_ok(message(l, keys[i], &right, 1, a, &s, &err), &err);
        assert_int_equal(message(l, keys[i], &wrong, 1, a, &s, &err), ST_BUG);
        assert_true(strstr(err.text, "{x} has to be a") != NULL);
        assert_int_equal(message(l, keys[i], &markup, 1, a, &s, &err), ST_BUG);
    }
    locale_free(l);
}

static void faults_are_found_when_it_is_loaded(void **state)
{
    (void)state;
#define META "\"_meta\":{\"name\":\"x\",\"dir\":\"ltr\"},"
    static const struct {
        const char *tag, *json, *want;
    } cases[] = {
        {"ru", "{" META "\"n\":\"{n, plural, one {#} other {#}}\"}", "the plural form"},
        {"en", "{" META "\"n\":\"{n, plural, one {#}}\"}", "no choice `other`"},
        {"en", "{" META "\"n\":\"{n, selectordinal, one {#st} two {#nd} other {#th}}\"}",
         "the plural form `few`"},
        {"en", "{" META "\"n\":\"{n\"}", "not closed"},
        {"en", "{" META "\"n\":\"{n, date}\"}", "only number, plural"},
        {"en", "{" META "\"n\":\"\"}", "n is not a text"},
        {"en", "{\"a\":\"b\"}", "_meta needs a name"},
        {"en", "{", "line 1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct locale *l;
        struct err err = {0};
        assert_int_equal(locale_load(str_c(cases[i].tag), str_c(cases[i].json), &l, &err),
                         ST_INVALID);
        if (!strstr(err.text, cases[i].want))
            test_fail("want %s, have %s", cases[i].want, err.text);
    }
}

static void days_begin_when_they_begin(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int year, month, day;
        const char *want; /* UTC */
    } cases[] = {
        {"Europe/London", 2026, 11, 24, "2026-11-24T00:00:00Z"},
        {"Europe/London", 2026, 7, 1, "2026-06-30T23:00:00Z"},
        {"America/Sao_Paulo", 2018, 11, 4,
         "2018-11-04T03:00:00Z"}, /* midnight was skipped: the day began at one */
        {"Africa/Cairo", 2026, 4, 24, "2026-04-23T22:00:00Z"},
        {"Pacific/Apia", 2011, 12, 31,
         "2011-12-30T10:00:00Z"}, /* the thirtieth was skipped whole */
    };
    struct arena *a = *state;
    struct err err = {0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        i64 at;
        assert_ok(date_day_start(str_c(cases[i].zone), cases[i].year, cases[i].month, cases[i].day,
                                 &at, &err),
                  &err);
        assert_str(time_rfc3339(at, a), cases[i].want);
    }
    assert_true(zone_valid(STR("Asia/Beirut")));
    assert_false(zone_valid(STR("Mars/Olympus")));
}

static void dates_and_lists(void **state)
{
    struct arena *a = *state;
    struct locale *l = load("en-GB", en);
    struct err err = {0};
    str s;
    html h,
        names[] = {html_escaped(a, STR("A")), html_escaped(a, STR("B")), html_escaped(a, STR("C"))};
    i64 at = time_from_civil(
        (struct civil){.year = 2026, .month = 11, .day = 23, .hour = 13, .minute = 20});
    assert_ok(date_format(l, STR("Europe/London"), at, DATE_TIME, a, &s, &err), &err);
    assert_str(s, "23 November 2026, 13:20");
    assert_ok(date_format(l, STR("Asia/Tokyo"), at, DATE_WEEKDAY, a, &s, &err), &err);
    assert_str(s, "Monday");
    assert_ok(message_list(l, names, 3, a, &h, &err), &err);
    assert_str(h.s, "A, B and C");
    locale_free(l);
}

/* After a reload there is another locale of the same tag. */
static void a_locale_keeps_its_own_dates(void **state)
{
    struct arena *a = *state;
    struct err err = {0};
    str s;
    i64 at = time_from_civil((struct civil){.year = 2026, .month = 11, .day = 23, .hour = 13});
    struct locale *before = load("en-GB", en);
    struct locale *after = load("en-GB", "{\"_meta\":{\"name\":\"English\",\"dir\":\"ltr\","
                                         "\"dates\":{\"time\":\"HH:mm y\"}},\"a\":\"b\"}");
    assert_ok(date_format(before, STR("Europe/London"), at, DATE_TIME, a, &s, &err), &err);
    assert_str(s, "23 November 2026, 13:00");
    assert_ok(date_format(after, STR("Europe/London"), at, DATE_TIME, a, &s, &err), &err);
    assert_str(s, "13:00 2026");
    locale_free(before);
    locale_free(after);
}

static void slugs(void **state)
{
    static const struct {
        const char *in, *want;
    } cases[] = {
        {"Storm takes forty metres of the harbour wall",
         "storm-takes-forty-metres-of-the-harbour-wall"},
        {"Стена гавани", "stena-gavani"},
        {"Don’t stop", "dont-stop"},
        {"  A -- b  ", "a-b"},
        {"Größe", "grosse"},
        {"漢字", "han-zi"},
        {"!!!", NULL},
        {"", NULL},
        {"a very long headline that goes on and on until the address would be longer than anybody "
         "wants",
         "a-very-long-headline-that-goes-on-and-on-until-the-address-would-be-longer-than"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        str s = STR_NONE;
        enum status st = slug_make(str_c(cases[i].in), *state, &s);
        if (!cases[i].want) {
            assert_int_equal(st, ST_INVALID);
            continue;
        }
        assert_str(s, cases[i].want);
        assert_true(slug_valid(s));
    }
    assert_true(slug_reserved(STR("topic")));
    assert_false(slug_reserved(STR("town")));
    assert_true(key_valid(STR("a_B.c-1")));
    assert_false(key_valid(STR("-a")));
}

static void lines_break_by_width(void **state)
{
    struct out o = out_make(*state, 256, 4096);
    assert_int_equal(text_wrap(&o, STR("one two three"), 8, STR("> "), STR("> ")), ST_OK);
    assert_str(out_view(&o), "> one\n> two\n> three\n");
    assert_int_equal(text_width(STR("漢字")), 4);
    assert_int_equal(text_width(STR("e\xCC\x81")), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(messages),
        with_arena(html_goes_in_as_it_is_and_text_does_not),
        with_arena(a_missing_message_is_a_fault),
        with_arena(an_argument_of_another_kind_is_a_fault),
        with_arena(faults_are_found_when_it_is_loaded),
        with_arena(days_begin_when_they_begin),
        with_arena(dates_and_lists),
        with_arena(a_locale_keeps_its_own_dates),
        with_arena(slugs),
        with_arena(lines_break_by_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
