/* A site's own theme is checked like the built-in one before it counts; pages of errors follow what
 * they show. */
#include "site.h"

#include "app/parts.h"

static const char site_yaml[] = "name: {en: The Sound}\n"
                                "footer: {en: [{text: About us, story: about}]}\n"
                                "editions: [{slug: en, locale: en-GB, zone: Europe/London}]\n";
static const char french[] = "name: {en: The Sound, fr: Le Détroit}\n"
                             "editions: [{slug: en, locale: en-GB, zone: Europe/London}, "
                             "{slug: fr, locale: fr-FR, zone: Europe/Paris}]\n";
static const char sections_yaml[] = "en:\n  - {slug: town, name: Town, description: Streets.}\n";

static void put(struct world *w, const char *name, str text)
{
    const char *make =
        arena_cstr(&w->a, arena_fmt(&w->a, "mkdir -p %s/theme/templates %s/theme/locales",
                                    w->folder, w->folder));
    assert_int_equal(system(make), 0);
    const char *path = arena_cstr(&w->a, arena_fmt(&w->a, "%s/theme/%s", w->folder, name));
    CLEANUP(file_close) FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
}

static str built_in(const char *path)
{
    for (const struct theme_file *f = theme_files; f->path; f++)
        if (strcmp(f->path, path) == 0)
            return (str){f->start, (size_t)(f->end - f->start)};
    test_fail("%s isn't built in", path);
    return STR_NONE;
}

static str replaced(struct world *w, str text, const char *what, const char *by)
{
    ptrdiff_t at = str_find(text, str_c(what));
    assert_true(at >= 0);
    return arena_fmt(&w->a, "%.*s%s%.*s", FMT(str_head(text, (size_t)at)), by,
                     FMT(str_from(text, (size_t)at + strlen(what))));
}

static enum status reload(struct world *w, struct err *err)
{
    return app_reload(w->app, &(struct conf){.base_url = STR("http://localhost:8080")}, err);
}

static void a_messages_file_is_complete(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    str line;
    put(w, "locales/fr.json",
        STR("{\"_meta\": {\"name\": \"Français\", \"dir\": \"ltr\"}, \"today\": \"Auj.\"}"));
    assert_ok(reload(w, &err), &err); /* nobody uses it yet */
    assert_int_equal(take(w, INTAKE_SITE, french, &line), ST_INVALID);
    assert_true(str_find(line, STR("no complete messages file for the locale fr-FR: fr.json: ")) >
                0);
    assert_true(str_find(line, STR(" is missing (and ")) > 0);
    put(w, "locales/en.json",
        replaced(w, built_in("locales/en.json"), "\"error-404-title\"", "\"error-404-titel\""));
    assert_int_equal(reload(w, &err), ST_INVALID);
    assert_string_equal(err.text, "en.json: error-404-title is missing (and 1 more)");
}

static void a_template_names_what_is_there(void **state)
{
    static const struct {
        const char *template, *words;
    } cases[] = {
        {"x\n{{>no-such}}", "error.mustache: line 2: there is no template \"no-such\""},
        {"{{<leyout}}{{/leyout}}", "error.mustache: line 1: there is no template \"leyout\""},
        {"{{t.no-such}}", "error.mustache: line 1: there is no message \"t.no-such\""},
    };
    struct world *w = *state;
    str body;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {0};
        put(w, "templates/error.mustache", str_c(cases[i].template));
        assert_int_equal(reload(w, &err), ST_INVALID);
        assert_string_equal(err.text, cases[i].words);
        assert_int_equal(get(w, "/nobody", &body), 404);
        assert_true(str_find(body, STR("</html>")) > 0); /* the old one stays */
    }
}

static str error_words(struct world *w)
{
    struct finished *f = app_error(w->app, 503);
    assert_non_null(f);
    str words = arena_str(&w->a, finished_body(f));
    finished_release(f);
    return words;
}

static void an_error_shows_the_footer_as_it_is(void **state)
{
    struct world *w = *state;
    app_errors_print(w->app);
    assert_true(str_find(error_words(w), STR("About us")) < 0);
    publish(w, "---\nid: about\nkind: page\nheadline: About\n---\nUs.\n");
    app_errors_renew(w->app);
    assert_true(str_find(error_words(w), STR("About us")) > 0);
}

static void an_error_shows_today(void **state)
{
    struct world *w = *state;
    app_errors_print(w->app);
    assert_true(str_find(error_words(w), STR("20 November 2026")) > 0);
    time_set_for_test(moment(21, 1));
    app_errors_renew(w->app);
    assert_true(str_find(error_words(w), STR("21 November 2026")) > 0);
}

static const char png[] =
    "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\x90\x77\x53\xDE"
    "\0\0\0\x0CIDAT\x08\xD7\x63\xF8\xCF\xC0\0\0\3\1\1\0\x18\xDD\x8D\xB0\0\0\0\0IEND\xAE\x42\x60"
    "\x82";

/* A list isn't dropped with a caption, so a theme that asks for one there is given none. */
static void a_card_of_a_list_has_no_caption(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct intake_answer answer;
    struct intake_file f = {STR("p.png"), {png, sizeof png - 1}};
    struct intake_message m = {.name = STR("file"),
                               .files = &f,
                               .nfiles = 1,
                               .bytes =
                                   STR("---\nid: wall\nsection: town\nheadline: Wall\npicture: "
                                       "{file: p.png, caption: The gap., credit: Mara, "
                                       "alt: Waves}\n---\nWords.\n")};
    str body;
    put(w, "templates/card-top.mustache",
        STR("<p>{{#picture}}({{alt}}|{{#captioned}}{{caption}}{{{credit}}}{{/captioned}}|"
            "{{caption}}{{credit}}){{/picture}}</p>\n"));
    assert_ok(reload(w, &err), &err);
    intake_take(app_intake(w->app), &m, &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    assert_int_equal(get(w, "/town/", &body), 200);
    assert_true(str_find(body, STR("<p>(Waves||)</p>")) > 0);
}

static const struct world_files files = {site_yaml, sections_yaml, NULL};

#define T(f) with_world(f, &files)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_messages_file_is_complete),        T(a_template_names_what_is_there),
        T(an_error_shows_the_footer_as_it_is), T(an_error_shows_today),
        T(a_card_of_a_list_has_no_caption),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
