/* Reading JSON: what is taken, what is refused, and where. */
#include "test.h"

#include "text/json.h"

static void values(void **state)
{
    struct arena *a = *state;
    struct err err = {0};
    const struct json *j;
    assert_ok(
        json_read(STR(" {\"a\": [1, -20, true, null, 1.5e3], \"b\": \"x\\n\\u00e9\\ud83d\\ude00\","
                      " \"\": {}}\n"),
                  a, &j, &err),
        &err);
    const struct json *list = json_member(j, STR("a")), *v = list->first;
    assert_int_equal(j->size, 3);
    assert_int_equal(list->size, 5);
    assert_true(v->type == JSON_NUMBER && v->number == 1);
    v = v->next;
    assert_true(v->type == JSON_NUMBER && v->number == -20);
    v = v->next;
    assert_true(v->type == JSON_BOOL && v->number == 1);
    v = v->next;
    assert_true(v->type == JSON_NULL);
    v = v->next;
    assert_true(v->type == JSON_FRACTION);
    assert_str(v->text, "1.5e3");
    assert_str(json_text(json_member(j, STR("b"))), "x\né😀");
    assert_true(json_is(json_member(j, STR("")), JSON_MAP));
    assert_null(json_member(j, STR("none")));
    assert_null(json_member(NULL, STR("none")));
    assert_str(json_text(NULL), "");
}

static void refused(void **state)
{
    static const struct {
        const char *source, *words;
    } cases[] = {
        {"", "nothing"},
        {"{", "line 1"},
        {"{\n\"a\":1,\n}", "line 3: a member without a name"},
        {"[1,]", "no JSON value"},
        {"[1 2]", "a list that never ends"},
        {"{\"a\":1,\"a\":2}", "stands twice"},
        {"\"a", "never ends"},
        {"\"a\\\"", "never ends"},
        {"\"\\u0000\"", "U+0000"},
        {"\"\\ud800\"", "half of a surrogate"},
        {"\"\\ud800\\u0041\"", "half of a surrogate"},
        {"\"\\udc00\"", "no character"},
        {"\"\\x41\"", "escape"},
        {"\"\t\"", "control"},
        {"\"\\n\t\"", "control"},
        {"01", "number"},
        {"-", "number"},
        {"1.", "number"},
        {"1e", "number"},
        {"99999999999999999999", "number"},
        {"nul", "no JSON value"},
        {"1 1", "more after"},
        {"\"\xff\"", "UTF-8"},
    };
    const struct json *j;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {0};
        if (json_read(str_c(cases[i].source), *state, &j, &err) != ST_INVALID ||
            !strstr(err.text, cases[i].words))
            test_fail("%s: %s", cases[i].source, err.text);
    }
}

static void deep_and_wide(void **state)
{
    char deep[1000];
    struct out o = out_make(*state, 1024, 1 << 20);
    const struct json *j;
    struct err err;
    memset(deep, '[', sizeof deep);
    assert_int_equal(json_read((str){deep, sizeof deep}, *state, &j, &err), ST_INVALID);
    out_byte(&o, '{');
    for (int i = 0; i < 3000; i++)
        out_fmt(&o, "%s\"%d\":0", i ? "," : "", i);
    out_byte(&o, '}');
    assert_int_equal(json_read(out_view(&o), *state, &j, &err), ST_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(values),
        with_arena(refused),
        with_arena(deep_and_wide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
