/* The Mustache specification's own cases, where they lie beside the checkout, and what our engine
 * adds to it. */
#include "test.h"

#include <jansson.h>

#include "text/mustache.h"

/* The engine has no switch for the cases: the runner's model hands a value out as text to {{x}} and
 * as html to {{{x}}} and {{&x}}, by looking at which kind of tag the case's templates have. No case
 * has both kinds. */
static struct value from_json(struct arena *a, const json_t *j, bool raw)
{
    if (json_is_object(j)) {
        struct value_map *m = map_make(a);
        const char *key;
        json_t *v;
        json_object_foreach((json_t *)j, key, v) map_set(m, key, from_json(a, v, raw));
        return value_map(m);
    }
    if (json_is_array(j)) {
        struct value_list *l = list_make(a);
        for (size_t i = 0; i < json_array_size(j); i++)
            list_add(l, from_json(a, json_array_get(j, i), raw));
        return value_list(l);
    }
    if (json_is_boolean(j))
        return value_bool(json_is_true(j));
    str s = STR_NONE;
    if (json_is_string(j))
        s = str_c(json_string_value(j));
    else if (json_is_integer(j))
        s = arena_fmt(a, "%lld", (long long)json_integer_value(j));
    else if (json_is_real(j))
        s = arena_fmt(a, "%g", json_real_value(j));
    else
        return (struct value){.kind = VALUE_NONE};
    return raw ? value_html((html){s}) : value_text(s);
}

struct kinds {
    bool raw, escaped;
};

static void see(void *arg, char kind, str key, int line)
{
    struct kinds *k = arg;
    (void)key;
    (void)line;
    k->raw |= kind == '&';
    k->escaped |= kind == '=';
}

static void one_case(const char *file, const json_t *test)
{
    struct arena a;
    struct err err = {0};
    struct mustache *m;
    assert_int_equal(arena_init(&a, 8 << 20), ST_OK);
    assert_int_equal(mustache_make(&m), ST_OK);
    const char *name, *source = json_string_value(json_object_get(test, "template"));
    json_t *partial;
    struct kinds kinds = {0};
    enum status st = mustache_add(m, STR("main"), str_c(source), &err);
    mustache_tags(m, STR("main"), see, &kinds);
    json_object_foreach(json_object_get(test, "partials"), name, partial)
    {
        if (!st)
            st = mustache_add(m, str_c(name), str_c(json_string_value(partial)), &err);
        mustache_tags(m, str_c(name), see, &kinds);
    }
    assert_false(kinds.raw && kinds.escaped);
    struct value model = from_json(&a, json_object_get(test, "data"), kinds.raw);
    html out = html_none();
    if (model.kind != VALUE_MAP) { /* {{.}} on a bare value: the one item of a list */
        struct value_map *top = map_make(&a);
        struct value_list *only = list_make(&a);
        list_add(only, model);
        map_set(top, "top", value_list(only));
        str wrapped = arena_fmt(&a, "{{#top}}%s{{/top}}", source);
        st = st ? st : mustache_add(m, STR("main"), wrapped, &err);
        model = value_map(top);
    }
    st = st ? st : mustache_render(m, STR("main"), model.map, &a, 1 << 20, &out, &err);
    const char *want = json_string_value(json_object_get(test, "expected"));
    if (st || !str_eq(out.s, str_c(want)))
        test_fail("%s, %s: %s\nwant %s|\nhave %.*s|", file,
                  json_string_value(json_object_get(test, "name")), err.text, want, FMT(out.s));
    mustache_free(m);
    arena_free(&a);
}

static void specification(void **state)
{
    (void)state;
    static const char *const files[] = {"comments", "delimiters", "interpolation", "inverted",
                                        "partials", "sections",   "inheritance"};
    size_t run = 0;
    for (size_t f = 0; f < COUNT(files); f++) {
        char path[512];
        snprintf(path, sizeof path, "%s/data/mustache-spec/%s.json", test_shared(), files[f]);
        json_error_t error;
        json_t *root = json_load_file(path, 0, &error);
        if (!root) {
            print_message(
                "skipped: the Mustache specification's cases are not beside the checkout\n");
            skip();
        }
        json_t *tests = json_object_get(root, "tests");
        for (size_t i = 0; i < json_array_size(tests); i++, run++)
            one_case(files[f], json_array_get(tests, i));
        json_decref(root);
    }
    assert_true(run > 100);
}

static html render(struct arena *a, const char *source, struct value_map *model, enum status *st)
{
    struct mustache *m;
    struct err err = {0};
    html out = html_none();
    assert_int_equal(mustache_make(&m), ST_OK);
    assert_int_equal(mustache_add(m, STR("x"), str_c(source), &err), ST_OK);
    *st = mustache_render(m, STR("x"), model, a, 1 << 20, &out, &err);
    out.s = arena_str(a, out.s);
    mustache_free(m);
    return out;
}

static void raw_tag_needs_html(void **state)
{
    struct arena *a = *state;
    enum status st;
    struct value_map *model = map_make(a);
    map_text(model, "x", STR("<b>"));
    render(a, "{{{x}}}", model, &st);
    assert_int_equal(st, ST_BUG);
}

static void text_is_escaped(void **state)
{
    struct arena *a = *state;
    enum status st;
    struct value_map *model = map_make(a);
    map_text(model, "x", STR("<script>\"'&"));
    html out = render(a, "{{x}}", model, &st);
    assert_int_equal(st, ST_OK);
    assert_str(out.s, "&lt;script&gt;&quot;&#39;&amp;");
}

static void errors_name_the_line(void **state)
{
    struct arena *a = *state;
    (void)a;
    static const struct {
        const char *source, *want;
    } cases[] = {
        {"a\n{{#x}}", "x:2: {{#x}} is not closed"},
        {"{{/x}}", "x:1: a section ends that has not begun"},
        {"\n\n{{#x}}{{/y}}", "x:3: {{/y}} ends {{#x}} of line 3"},
        {"{{x", "x:1: a tag is not closed"},
        {"{{ }}", "x:1: a tag has no name"},
        {"{{a..b}}", "x:1: a name has an empty part"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct mustache *m;
        struct err err = {0};
        assert_int_equal(mustache_make(&m), ST_OK);
        assert_int_equal(mustache_add(m, STR("x"), str_c(cases[i].source), &err), ST_INVALID);
        assert_string_equal(err.text, cases[i].want);
        mustache_free(m);
    }
}

static void a_loop_of_partials_ends(void **state)
{
    struct arena *a = *state;
    enum status st;
    render(a, "{{>x}}", map_make(a), &st);
    assert_int_equal(st, ST_TOOLARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(specification),     with_arena(raw_tag_needs_html),
        with_arena(text_is_escaped),         with_arena(errors_name_the_line),
        with_arena(a_loop_of_partials_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
