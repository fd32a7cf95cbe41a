/* The Mustache specification's own cases, where they lie beside the checkout, and what our engine
 * adds to it. */
#include "test.h"

#include "base/clean.h"
#include "text/json.h"
#include "text/mustache.h"

/* The engine has no switch for the cases: the runner's model hands a value out as text to {{x}} and
 * as html to {{{x}}} and {{&x}}, by looking at which kind of tag the case's templates have. No case
 * has both kinds. */
static struct value from_json(struct arena *a, const struct json *j, bool raw)
{
    str s = STR_NONE;
    struct value_map *m;
    struct value_list *l;
    switch (j->type) {
    case JSON_MAP:
        m = map_make(a);
        for (const struct json *v = j->first; v; v = v->next)
            map_set(m, arena_cstr(a, v->name), from_json(a, v, raw));
        return value_map(m);
    case JSON_LIST:
        l = list_make(a);
        for (const struct json *v = j->first; v; v = v->next)
            list_add(l, from_json(a, v, raw));
        return value_list(l);
    case JSON_BOOL:
        return value_bool(j->number);
    case JSON_NULL:
        return (struct value){.kind = VALUE_NONE};
    case JSON_FRACTION:
        s = arena_fmt(a, "%g", strtod(arena_cstr(a, j->text), NULL));
        break;
    case JSON_NUMBER:
        s = arena_fmt(a, "%lld", (long long)j->number);
        break;
    default:
        s = j->text;
    }
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

static void one_case(const char *file, const struct json *test)
{
    struct arena a;
    struct err err = {0};
    struct mustache *m;
    assert_int_equal(arena_init(&a, 8 << 20), ST_OK);
    assert_int_equal(mustache_make(&m), ST_OK);
    str source = json_text(json_member(test, STR("template")));
    const struct json *partials = json_member(test, STR("partials"));
    struct kinds kinds = {0};
    enum status st = mustache_add(m, STR("main"), source, &err);
    mustache_tags(m, STR("main"), see, &kinds);
    for (const struct json *p = partials ? partials->first : NULL; p; p = p->next) {
        if (!st)
            st = mustache_add(m, p->name, p->text, &err);
        mustache_tags(m, p->name, see, &kinds);
    }
    assert_false(kinds.raw && kinds.escaped);
    struct value model = from_json(&a, json_member(test, STR("data")), kinds.raw);
    html out = html_none();
    if (model.kind != VALUE_MAP) { /* {{.}} on a bare value: the one item of a list */
        struct value_map *top = map_make(&a);
        struct value_list *only = list_make(&a);
        list_add(only, model);
        map_set(top, "top", value_list(only));
        str wrapped = arena_fmt(&a, "{{#top}}%.*s{{/top}}", FMT(source));
        st = st ? st : mustache_add(m, STR("main"), wrapped, &err);
        model = value_map(top);
    }
    st = st ? st : mustache_render(m, STR("main"), model.map, &a, 1 << 20, &out, &err);
    str want = json_text(json_member(test, STR("expected")));
    str name = json_text(json_member(test, STR("name")));
    if (st || !str_eq(out.s, want))
        test_fail("%s, %.*s: %s\nwant %.*s|\nhave %.*s|", file, FMT(name), err.text, FMT(want),
                  FMT(out.s));
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
        CLEANUP(file_close) FILE *in = fopen(path, "r");
        if (!in) {
            print_message(
                "skipped: the Mustache specification's cases are not beside the checkout\n");
            skip();
        }
        struct arena a;
        struct err err = {0};
        const struct json *root;
        assert_int_equal(arena_init(&a, 8 << 20), ST_OK);
        char *text = arena_bytes(&a, 1 << 20);
        size_t n = fread(text, 1, 1 << 20, in);
        assert_ok(json_read((str){text, n}, &a, &root, &err), &err);
        const struct json *tests = json_member(root, STR("tests"));
        for (const struct json *t = tests->first; t; t = t->next, run++)
            one_case(files[f], t);
        arena_free(&a);
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
