/* What the door says, in every language of the theme. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/out.h"
#include "desk/refusal.h"
#include "press/theme.h"

static const char *const languages[] = {"en-GB", "ru-RU", "ar"};

/* A sentence of the table as the door would say it. */
static str example_of(const char *pattern, struct arena *a)
{
    static const char *const slots[][2] = {{"{field}", "standfirst"},
                                           {"{words}", "§ 7 §"},
                                           {"{n}", "7"},
                                           {"{most}", "9"},
                                           {"{}", "§"}};
    struct out o = out_make(a, 512, 4096);
    for (str rest = str_c(pattern); rest.n;) {
        size_t k = 0;
        while (k < COUNT(slots) && !str_starts(rest, str_c(slots[k][0])))
            k++;
        if (k == COUNT(slots)) {
            out_byte(&o, rest.p[0]);
            rest = str_from(rest, 1);
            continue;
        }
        out_c(&o, slots[k][1]);
        rest = str_from(rest, strlen(slots[k][0]));
    }
    return out_view(&o);
}

/* Two Latin letters side by side that are no name of a format. */
static bool has_latin(str s)
{
    static const char *const names[] = {"JPEG", "PNG", "WebP", "https", "http"};
    size_t run = 0;
    for (size_t i = 0; i <= s.n; i++) {
        bool letter =
            i < s.n && ((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z'));
        if (letter) {
            run++;
            continue;
        }
        bool name = false;
        str word = str_head(str_from(s, i - run), run);
        for (size_t k = 0; k < COUNT(names); k++)
            name |= str_eq(word, str_c(names[k]));
        if (run > 1 && !name)
            return true;
        run = 0;
    }
    return false;
}

static struct theme *built_in(void)
{
    struct theme *t = NULL;
    struct err err = {0};
    assert_ok(theme_load(NULL, STR_NONE, 1, &t, &err), &err);
    return t;
}

static void says(struct theme *t, const char *pattern, const struct refusal *r, struct arena *a)
{
    for (size_t i = 0; i < COUNT(languages); i++) {
        const struct locale *l = theme_locale(t, str_c(languages[i]));
        struct arg args[REFUSAL_SLOTS];
        struct err err = {0};
        str words;
        if (!locale_has(l, r->key))
            test_fail("%s has no %s", languages[i], r->key);
        for (size_t k = 0; k < r->n; k++)
            args[k] = A_TEXT(arena_cstr(a, r->slots[k].name), STR("§"));
        for (size_t k = 0; k < r->n; k++)
            if (str_eq(r->slots[k].name, STR("n")) || str_eq(r->slots[k].name, STR("most")))
                args[k] = A_NUM(arena_cstr(a, r->slots[k].name), 7);
        /* a message that wants what its sentence doesn't have is a fault of the table */
        assert_ok(message(l, r->key, args, r->n, a, &words, &err), &err);
        if (i > 0 && has_latin(words))
            test_fail("%s says of \"%s\": %.*s", languages[i], pattern, FMT(words));
    }
}

static void every_refusal_is_said(void **state)
{
    struct arena *a = *state;
    struct theme *t = built_in();
    const char *pattern, *key;
    size_t i = 0;
    for (; refusal_at(i, &pattern, &key); i++) {
        str said = example_of(pattern, a);
        str as[] = {said, arena_fmt(a, " body/3/1: %.*s", FMT(said)),
                    arena_fmt(a, "%.*s (body/3)", FMT(said))};
        for (size_t k = 0; k < COUNT(as); k++) {
            struct refusal r;
            if (!refusal_read(as[k], &r) || strcmp(r.key, key) != 0)
                test_fail("\"%.*s\" is %s, not %s", FMT(as[k]), r.key, key);
            says(t, pattern, &r, a);
        }
    }
    assert_true(i > 150);
    theme_release(t);
}

static void what_changes_is_told(void **state)
{
    struct refusal r;
    (void)state;
    assert_true(refusal_read(STR("`standfirst` is longer than 1200 bytes"), &r));
    assert_int_equal(r.n, 2);
    assert_str(r.slots[0].name, "field");
    assert_str(r.slots[0].text, "standfirst");
    assert_str(r.slots[1].name, "n");
    assert_str(r.slots[1].text, "1200");
    assert_true(refusal_read(STR("there is no section \"a\"b\"; there are: town, sea"), &r));
    assert_int_equal(r.n, 1);
    assert_true(refusal_read(STR("there is no section \"port\""), &r));
    assert_str(r.slots[0].text, "port");
    /* nothing is said by half */
    assert_false(refusal_read(STR("an empty table, and more"), &r));
    assert_string_equal(r.key, "desk-error-other");
    assert_false(refusal_read(STR(""), &r));
    assert_false(refusal_read(STR("the story is"), &r));
}

static void every_field_has_a_name(void **state)
{
    static const char *const names[] = {"headline",  "standfirst", "body",  "topics",
                                        "by-0-name", "caption",    "taken", "picture-1-caption",
                                        "source",    "background"};
    struct theme *t = built_in();
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        for (size_t k = 0; k < COUNT(languages); k++)
            assert_true(
                locale_has(theme_locale(t, str_c(languages[k])), refusal_field(str_c(names[i]))));
    assert_string_equal(refusal_field(STR("embargo")), "");
    theme_release(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(every_refusal_is_said),
        with_arena(what_changes_is_told),
        cmocka_unit_test(every_field_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
