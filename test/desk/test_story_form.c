/* A story that is opened in the form and sent back unchanged is the same story, byte for byte. */
#include "test.h"

#include <dirent.h>
#include <stdio.h>

#include "base/out.h"
#include "desk/parts.h"

/* As a browser sends a form: urlencoded, line ends as CR LF (WHATWG URL, 5.2). */
static str encoded(const struct form *f, struct arena *a)
{
    struct out o = out_make(a, 64 << 10, 4 << 20);
    for (size_t i = 0; i < f->n; i++) {
        str both[2] = {f->fields[i].name, f->fields[i].value};
        for (size_t k = 0; k < 2; k++) {
            if (k || i)
                out_byte(&o, k ? '=' : '&');
            for (size_t b = 0; b < both[k].n; b++) {
                u8 c = (u8)both[k].p[b];
                if (c == '\n')
                    out_c(&o, "%0D%0A");
                else if (c == ' ')
                    out_byte(&o, '+');
                else if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
                    out_byte(&o, (char)c);
                else
                    out_fmt(&o, "%%%02X", c);
            }
        }
    }
    assert_ok(out_status(&o), &(struct err){{0}});
    return out_view(&o);
}

static str canonical(const struct story_content *c, struct arena *a)
{
    struct out o = out_make(a, 64 << 10, 4 << 20);
    story_canonical(c, &o);
    assert_ok(out_status(&o), &(struct err){{0}});
    return out_view(&o);
}

/* Without the field: "document" as no script sends it, "body" as a script need not. */
static struct form leaving_out(const struct form *f, const char *name, struct arena *a)
{
    struct form out = {.fields = arena_new(a, struct form_field, f->n)};
    assert_non_null(out.fields);
    for (size_t i = 0; i < f->n; i++)
        if (!str_eq(f->fields[i].name, str_c(name)))
            out.fields[out.n++] = f->fields[i];
    assert_int_equal(out.n, f->n - 1);
    return out;
}

static void comes_back(str file, const char *name, struct arena *a)
{
    static const char *const ways[] = {"document", "body"}; /* what isn't sent */
    struct story_file f;
    struct form form, sent;
    struct err err = {0};
    if (story_file_read(file, a, &f, &err))
        test_fail("%s: %s", name, err.text);
    str was = canonical(&f.story, a);
    assert_ok(story_form_write(&f.story, a, &form), &err);
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct story_content back;
        struct turned turned;
        struct form one = leaving_out(&form, ways[i], a);
        str type = STR("application/x-www-form-urlencoded");
        assert_ok(form_read(type, encoded(&one, a), a, &sent, &err), &err);
        if (story_form_read(&sent, &f.story, a, &back, &err))
            test_fail("%s without %s comes back as: %s", name, ways[i], err.text);
        str is = canonical(&back, a);
        if (!str_eq(was, is))
            test_fail("%s without %s\nwas %.*s\nis  %.*s", name, ways[i], FMT(was), FMT(is));
        assert_ok(story_form_turn(&sent, &f.story, a, &turned, &err), &err);
        assert_int_equal(turned.document, i == 0);
        if (!str_eq(turned.text, form_text(&form, ways[i])))
            test_fail("%s: %s is turned into\n%.*s", name, ways[1 - i], FMT(turned.text));
    }
    arena_reset(a);
}

static str replaced(str text, const char *what, const char *by, struct arena *a)
{
    struct out o = out_make(a, text.n + 256, 4 << 20);
    for (ptrdiff_t at; (at = str_find(text, str_c(what))) >= 0;) {
        out_str(&o, str_head(text, (size_t)at));
        out_c(&o, by);
        text = str_from(text, (size_t)at + strlen(what));
    }
    out_str(&o, text);
    return out_view(&o);
}

/* "@{ago 3h}" and "@{day -1}" of the demo's files as times. */
static str dated(str text, struct arena *a)
{
    struct out o = out_make(a, text.n + 256, 4 << 20);
    for (ptrdiff_t at; (at = str_find(text, STR("@{"))) >= 0;) {
        str rest = str_from(text, (size_t)at), after;
        out_str(&o, str_head(text, (size_t)at));
        out_c(&o, str_starts(rest, STR("@{day")) ? "2026-11-20" : "2026-11-20T06:45:00Z");
        after = str_from(rest, (size_t)str_find_byte(rest, '}') + 1);
        text = after;
    }
    out_str(&o, text);
    return out_view(&o);
}

static str read_whole(const char *path, struct arena *a)
{
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    char *p = arena_bytes(a, 1 << 20);
    assert_non_null(p);
    size_t n = fread(p, 1, 1 << 20, f);
    fclose(f);
    return (str){p, n};
}

/* Pictures are kept before a story is saved: what a file calls by name stands under a key. */
static size_t all_of(const char *folder, struct arena *a)
{
    size_t n = 0;
    char path[4096];
    DIR *d = opendir(folder);
    if (!d)
        return 0;
    for (struct dirent *e; (e = readdir(d));) {
        if (!str_ends(str_c(e->d_name), STR(".md")))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        str text = dated(read_whole(path, a), a);
        text = replaced(text, "file: ", "key: ", a);
        comes_back(text, e->d_name, a);
        n++;
    }
    closedir(d);
    return n;
}

static void stories_of_the_demo(void **state)
{
    assert_true(all_of("demo/stories", *state) > 25);
}

static void stories_of_others(void **state)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/data/wikinews", test_shared());
    if (all_of(path, *state) == 0)
        print_message("skipped: %s holds no stories\n", path);
}

static void every_field(void **state)
{
    static const char *const bodies[] = {
        "", "One.\n", "\n\n  \nOne\\\nline.\n", "# A\n\n### B\n\n> Said [so].\n> — Ada, , hall\n",
        "- a\n- b\n\n  c\n\n1. d\n", "| a | b |\n|:--|--:|\n| 1 | `xy` |\n",
        "```sql\nSELECT '&<>\"';\n\n\n```\n", "[x](story:other)\n\nhttps://example.org/a\n",
        "![](picture:p-1)\n\n*a* **b** [c](mailto:a@example.org) \\* \\[\n",
        "مرحبا *بالعالم*\n\nПривет, **мир**\n\n\\---\n", "&amp; &lt; \\&amp; <https://example.org>\n"};
    struct arena *a = *state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        str file = arena_fmt(
            a,
            "---\nid: every\nedition: en\nsection: town\nheadline: \"Fifty \\\"percent\\\" & <more>\"\n"
            "headlines: {front: F, social: S, push: P}\nlabel: analysis\nstandfirst: \"A, b: c\"\n"
            "slug: every-one\ndateline: PORT\npublished: 2026-11-20T06:45:00.123Z\n"
            "embargo: 2026-11-20T06:00:00Z\nby: [Ada, {name: Максим, lang: ru, role: \"a, b\"}]\n"
            "topics: [\"Storm, Iris\", Harbour]\nbackground: history\npicture: {key: lead, caption: "
            "C, alt: A, credit: {agency: G, by: {name: N, lang: de, role: R}}, licence: L, taken: "
            "1911, received: 2026-11-20}\npictures: [{key: p-1, caption: Two, credit: One}]\nsource: "
            "\"https://example.org/?a=1&b=2\"\nlicence: CC\ntranslation-of: other\n---\n%s",
            bodies[i]);
        comes_back(file, bodies[i], a);
    }
}

/* What is wrong is said beside the field that it is about. */
static void errors_name_their_field(void **state)
{
    struct arena *a = *state;
    static const struct {
        const char *name, *value, *field;
    } wrong[] = {{"body", "One.\n\n<b>two</b>\n", "body"},
                 {"slug", "Not A Slug", "slug"},
                 {"label", "gossip", "label"},
                 {"source", "javascript:alert(1)", "source"},
                 {"by-0-name", "!!!", "by-0-name"},
                 {"topics", "...", "topics"},
                 {"background", "no key", "background"},
                 {"standfirst", NULL, "standfirst"},
                 {"picture-0-taken", "yesterday", "picture-0-caption"}};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct story_content was = {.id = STR("a"), .edition = STR("en")}, back;
        struct form_field fields[3] = {
            {.name = STR("headline"), .value = STR("A headline")},
            {.name = STR("picture-0-key"), .value = STR("lead")},
            {.name = str_c(wrong[i].name), .value = str_c(wrong[i].value)}};
        struct form f = {.fields = fields, .n = 3};
        struct err err = {0};
        str words;
        if (!wrong[i].value) { /* too long */
            char *p = arena_bytes(a, 5000);
            memset(p, 'x', 5000);
            fields[2].value = (str){p, 5000};
        }
        assert_int_equal(story_form_read(&f, &was, a, &back, &err), ST_INVALID);
        const char *field = story_form_field(str_c(err.text), &words);
        if (strcmp(field, wrong[i].field) != 0)
            test_fail("%s: \"%s\" is said of \"%s\"", wrong[i].name, err.text, field);
        assert_true(words.n > 5);
    }
}

static const char one_paragraph[] =
    "{\"content\":[{\"content\":[{\"text\":\"%s\",\"type\":\"text\"}],\"type\":\"paragraph\"}],"
    "\"type\":\"doc\"}";

/* The editor's document is the text; the text field below it, which nobody saw, is not. */
static void the_document_goes_before_the_body(void **state)
{
    struct arena *a = *state;
    struct story_content was = {.id = STR("a"), .edition = STR("en")}, back;
    struct form_field fields[] = {
        {.name = STR("body"), .value = STR("Old.\n")},
        {.name = STR("document"), .value = arena_fmt(a, one_paragraph, "New.")}};
    struct form f = {.fields = fields, .n = 2};
    struct err err = {0};
    struct out o = out_make(a, 256, 4096);
    assert_ok(story_form_read(&f, &was, a, &back, &err), &err);
    document_write(back.body, &o);
    assert_str(out_view(&o), "{\"content\":[{\"content\":[{\"text\":\"New.\",\"type\":\"text\"}],"
                             "\"type\":\"paragraph\"}],\"type\":\"doc\"}");
    assert_str(story_form_body(&f, a), "New.\n");
    fields[1].value = STR("{}"); /* what can't be read leaves the text field as it was */
    assert_str(story_form_body(&f, a), "Old.\n");
    fields[1].value = STR_NONE;
    assert_ok(story_form_read(&f, &was, a, &back, &err), &err);
    assert_str(story_form_body(&f, a), "Old.\n");
}

/* What no story can hold is refused, whoever made the document; the words name the place. */
static void documents_are_checked(void **state)
{
    struct arena *a = *state;
    static const struct {
        const char *document, *words;
    } wrong[] = {
        {"x", "not JSON"},
        {"[]", "unknown node"},
        {"{\"type\":\"paragraph\"}", "isn't a document"},
        {"{\"type\":\"doc\",\"content\":[{\"type\":\"script\"}]}", "unknown node \"script\""},
        {"{\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\"}]}", "body, block 1"},
        {"{\"type\":\"doc\",\"content\":[{\"type\":\"crosshead\",\"attrs\":{\"level\":1},\"content\":"
         "[{\"type\":\"text\",\"text\":\"A\"}]}]}",
         "level is 2 or 3"},
        {"{\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":"
         "\"A\",\"marks\":[{\"type\":\"link\",\"attrs\":{\"href\":\"javascript:alert(1)\"}}]}]}]}",
         "a link goes to"},
        {"{\"type\":\"doc\",\"content\":[{\"type\":\"picture\",\"attrs\":{\"ref\":\"\"}}]}",
         "a picture without a key"}};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct story_content was = {.id = STR("a"), .edition = STR("en")}, back;
        struct form_field field = {.name = STR("document"), .value = str_c(wrong[i].document)};
        struct form f = {.fields = &field, .n = 1};
        struct err err = {0};
        str words;
        assert_int_equal(story_form_read(&f, &was, a, &back, &err), ST_INVALID);
        if (strcmp(story_form_field(str_c(err.text), &words), "body") != 0 ||
            str_find(words, str_c(wrong[i].words)) < 0)
            test_fail("%s is refused as \"%s\"", wrong[i].document, err.text);
    }
}

static void a_draft_needs_no_headline(void **state)
{
    struct story_content was = {.id = STR("a"), .edition = STR("en")}, back;
    struct form f = {0};
    struct err err = {0};
    assert_ok(story_form_read(&f, &was, *state, &back, &err), &err);
    assert_int_equal(back.headline.n, 0);
    assert_str(back.id, "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(stories_of_the_demo),     with_arena(stories_of_others),
        with_arena(every_field),             with_arena(errors_name_their_field),
        with_arena(a_draft_needs_no_headline), with_arena(the_document_goes_before_the_body),
        with_arena(documents_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
