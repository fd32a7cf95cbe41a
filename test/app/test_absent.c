/* Every kind of page with each optional field absent in turn: nothing that a reader would stumble
 * over is left where a field would have been, and what machines read stays well-formed. */
#include "kinds.h"

#include "plain.h"
#include "text/json.h"

static const char whole_site[] =
    "name: {en: The Sound, ru: Пролив}\nmotto: {en: News from both shores}\n"
    "contact: desk@example.org\nlead: {en: wall}\ncorrections-policy: {en: about}\n"
    "footer: {en: [{text: About us, story: about}]}\n"
    "editions: [{slug: en, locale: en-GB, zone: Europe/London}, {slug: ru, locale: ru-RU, zone: "
    "Europe/Riga}]\n";
static const char whole_sections[] =
    "en:\n  - {slug: town, name: Town, description: Streets and schools., picture: p.png}\n"
    "  - {slug: sea, name: Sea, description: Water.}\nru:\n  - {slug: town, name: Город, "
    "description: Улицы.}\n";

/* What a site is made of in one case; the parts are cut out of copies. */
struct facts {
    const char *site, *sections, *head, *text;
    const char *other; /* the id of a story that isn't there */
};
static const struct facts everything = {whole_site, whole_sections, whole, whole_body, ""};

struct looking {
    struct world *w;
    const char *what, *path; /* what is absent, and where we are */
    str keys[400];           /* of messages */
    size_t nkeys;
};

#define stumbled(l, ...)                                                                           \
    do {                                                                                           \
        fprintf(stderr, "without %s, at %s: ", (l)->what, (l)->path);                              \
        test_fail(__VA_ARGS__);                                                                    \
    } while (0)

/* ---- words ---- */

static bool is_key(const struct looking *l, str word)
{
    for (size_t i = 0; i < l->nkeys; i++)
        if (str_eq(l->keys[i], word) && str_find_byte(word, '-') > 0)
            return true;
    return false;
}

static void check_word(struct looking *l, str word)
{
    static const char *const bad[] = {"undefined", "null", "(null)", "[object", "NaN"};
    for (size_t i = 0; i < COUNT(bad); i++)
        if (str_eq(word, str_c(bad[i])))
            stumbled(l, "the word %s", bad[i]);
    if (is_key(l, word))
        stumbled(l, "the message's key %.*s", FMT(word));
    if (str_find_byte(word, '{') >= 0 || str_find_byte(word, '}') >= 0)
        stumbled(l, "a brace: %.*s", FMT(word));
}

/* A line that a reader sees. */
static void check_line(struct looking *l, str line)
{
    static const char *const alone[] = {"·", "By", ",", "—", "-", "©", "/", ":", "()", "[]", "|"};
    static const char *const edge[] = {"·", "©", ",", "/", "|"};
    static const char *const within[] = {" ,",  ",,",   "· ·",  "··",  "() ", "[]", "©  ",
                                         ". .", "By ,", " / /", "— —", ": ,", " ;", "[Picture: ]"};
    line = str_trim(line);
    if (str_eq(line, STR("Allow: /"))) /* in robots.txt */
        return;
    for (size_t i = 0; i < COUNT(alone); i++)
        if (str_eq(line, str_c(alone[i])))
            stumbled(l, "a line says only: %.*s", FMT(line));
    for (size_t i = 0; i < COUNT(edge); i++)
        if ((str_starts(line, str_c(edge[i])) && strcmp(edge[i], "©") != 0) ||
            str_ends(line, str_c(edge[i])))
            stumbled(l, "an orphan separator: %.*s", FMT(line));
    for (size_t i = 0; i < COUNT(within); i++)
        if (str_find(line, str_c(within[i])) >= 0)
            stumbled(l, "\"%s\" in: %.*s", within[i], FMT(line));
    for (str rest = line, word; rest.p;) {
        rest = str_cut(rest, ' ', &word);
        check_word(l, word);
    }
}

static void check_lines(struct looking *l, str text, bool doubled)
{
    for (str rest = text, line; rest.p;) {
        rest = str_cut(rest, '\n', &line);
        check_line(l, line);
        bool columns = str_eq(str_trim(line), STR("a  b")) || str_eq(str_trim(line), STR("1  2"));
        if (doubled && !columns && str_find(str_trim(line), STR("  ")) >= 0)
            stumbled(l, "a doubled blank: %.*s", FMT(line));
    }
}

/* ---- marks ---- */

static bool may_be_empty(str name)
{
    return str_eq(name, STR("script")) || str_eq(name, STR("td")) || str_eq(name, STR("th"));
}

static void check_attributes(struct looking *l, str tag)
{
    bool picture = str_eq(plain_tag_name(tag), STR("img"));
    for (size_t i = 0; i + 3 < tag.n; i++) {
        if (tag.p[i] != '=' || tag.p[i + 1] != '"')
            continue;
        bool alt = picture && i > 4 && memcmp(tag.p + i - 4, " alt", 4) == 0;
        if (tag.p[i + 2] == ' ' || (tag.p[i + 2] == '"' && !alt))
            stumbled(l, "an empty attribute: %.*s", FMT(tag));
    }
    if (str_find(tag, STR("{")) >= 0)
        stumbled(l, "a brace in: %.*s", FMT(tag));
}

/* The words before an element's end: what led to something that isn't there. */
static void check_end(struct looking *l, str words)
{
    static const char *const ends[] = {"By", "·", "©", ",", " /", "—", "("};
    words = str_trim(words);
    for (size_t i = 0; i < COUNT(ends); i++)
        if (str_ends(words, str_c(ends[i])))
            stumbled(l, "an element ends in: %.*s", FMT(words));
}

/* Elements that end without a word in them; in XML also ends without a beginning. */
static void check_elements(struct looking *l, str page, bool xml)
{
    static const char *const singles[] = {"meta", "link", "img", "br", "hr", "input", "wbr"};
    str open[64];
    size_t depth = 0, last = 0, words = 0; /* last: where the newest tag that opened ends */
    for (size_t i = 0; i < page.n; i++) {
        if (page.p[i] != '<')
            continue;
        str tag = str_head(str_from(page, i), plain_tag(str_from(page, i)));
        str name = plain_tag_name(tag);
        bool single = tag.p[1] == '!' || tag.p[1] == '?' || str_ends(tag, STR("/>"));
        for (size_t k = 0; !xml && k < COUNT(singles); k++)
            single |= str_eq(name, str_c(singles[k]));
        check_attributes(l, tag);
        if (single) {
            last = 0;
        } else if (tag.p[1] != '/') {
            assert_true(depth < COUNT(open));
            open[depth++] = name;
            last = i + tag.n;
        } else {
            if (!depth || !str_eq(open[depth - 1], str_from(name, 1)))
                stumbled(l, "%.*s ends what it didn't begin", FMT(tag));
            depth--;
            if (!xml)
                check_end(l, (str){page.p + words, i - words});
            if (last && !str_trim((str){page.p + last, i - last}).n && !may_be_empty(open[depth]))
                stumbled(l, "an empty %.*s", FMT(open[depth]));
            last = 0;
        }
        words = i + tag.n;
        i = words - 1;
        if (!xml && str_eq(name, STR("script"))) /* what is in it isn't marks */
            i += (size_t)str_find(str_from(page, i), STR("</script")) - 1;
    }
    if (depth)
        stumbled(l, "%.*s doesn't end", FMT(open[depth - 1]));
}

/* ---- kinds of bytes ---- */

static void check_values(struct looking *l, const struct json *j)
{
    if (j->type == JSON_NULL || (j->type == JSON_TEXT && !str_trim(j->text).n) ||
        ((j->type == JSON_MAP || j->type == JSON_LIST) && !j->first))
        stumbled(l, "the value of %.*s is empty", FMT(j->name));
    for (const struct json *c = j->first; c; c = c->next)
        check_values(l, c);
}

static void check_json(struct looking *l, str text)
{
    struct err err = {0};
    const struct json *j = NULL;
    if (json_read(text, &l->w->a, &j, &err))
        stumbled(l, "%s: %.*s", err.text, FMT(text));
    check_values(l, j);
}

static void check_html(struct looking *l, str page)
{
    static const str ld = {"<script type=\"application/ld+json\">", 35};
    bool bad = false;
    check_elements(l, page, false);
    check_lines(l, plain_html_lines(&l->w->a, page, &bad), true);
    if (bad)
        stumbled(l, "an ampersand that begins nothing");
    for (str rest = page; str_find(rest, ld) >= 0;) {
        rest = str_from(rest, (size_t)str_find(rest, ld) + ld.n);
        check_json(l, str_head(rest, (size_t)str_find(rest, STR("</script>"))));
    }
}

static void check_xml(struct looking *l, str page)
{
    bool bad = false;
    check_elements(l, page, true);
    str text = plain_html_lines(&l->w->a, page, &bad);
    if (bad)
        stumbled(l, "an ampersand that begins nothing");
    for (str rest = page;
         str_find(rest, STR("<content type=\"html\">")) >= 0;) { /* marks in text */
        rest = str_from(rest, (size_t)str_find(rest, STR("<content type=\"html\">")) + 21);
        str in = str_head(rest, (size_t)str_find(rest, STR("</content>")));
        check_html(l, plain_entities(&l->w->a, in, &bad));
    }
    if (str_find(page, STR("<content")) < 0)
        check_lines(l, text, true);
}

static void check_page(struct looking *l, const char *path, str page)
{
    l->path = path;
    if (str_starts(page, STR("<!doctype html"))) {
        check_html(l, page);
        check_lines(l, as_read(l->w, page, 2000), false);
    } else if (str_starts(page, STR("<?xml"))) {
        check_xml(l, page);
    } else if (str_starts(page, STR("{"))) {
        check_json(l, page);
    } else if (!str_starts(page, STR("\x89PNG"))) {
        check_lines(l, page, true);
    }
}

/* ---- cases ---- */

static void check_pages(struct looking *l)
{
    static const char *const more[] = {"/ru/",  "/ru/town/",      "/ru/feed.xml",
                                       "/sea/", "/town/feed.xml", "/ru/town/2026/11/20/stena"};
    str page;
    for (size_t i = 0; i < COUNT(kind_pages); i++) {
        const char *path = kind_path(l->w, i);
        get(l->w, path, &page);
        check_page(l, path, page);
    }
    for (size_t i = 0; i < COUNT(more); i++) {
        get(l->w, more[i], &page);
        check_page(l, more[i], page);
    }
}

static void check_errors(struct looking *l)
{
    static const int statuses[] = {
#define X(status) status,
        EDGE_ERRORS(X)
#undef X
    };
    char name[32];
    app_errors_print(l->w->app);
    for (size_t i = 0; i < COUNT(statuses); i++) {
        CLEANUP(finished_cleanup) struct finished *f = app_error(l->w->app, statuses[i]);
        assert_non_null(f);
        snprintf(name, sizeof name, "error %d", statuses[i]);
        check_page(l, name, arena_str(&l->w->a, finished_body(f)));
    }
}

static void check_story(struct looking *l, int status)
{
    static const char *const forms[] = {THE_STORY, THE_STORY ".txt", THE_STORY ".json"};
    str page;
    for (size_t i = 0; i < COUNT(forms); i++) {
        assert_int_equal(get(l->w, forms[i], &page), status);
        check_page(l, forms[i], page);
    }
}

/* A site of its own for each case: a story keeps what a file leaves out. */
static void without(struct world *w, const struct facts *f, const char *what)
{
    struct looking l = {.w = w, .what = what};
    struct intake_answer answer;
    world_open(w, f->site, sections_yaml, NULL);
    struct theme *theme = app_theme(w->app);
    l.nkeys = locale_keys(theme_locale(theme, STR("en-GB")), l.keys, COUNT(l.keys));
    hand_in(w, INTAKE_SECTIONS, str_c(f->sections), (str){png, sizeof png - 1});
    publish_others(w, f->other);
    publish_with_picture(w, arena_fmt(&w->a, "---\nid: wall\n%s---\n%s", f->head, f->text));
    check_pages(&l);
    check_story(&l, 200);
    check_errors(&l);
    publish_with_picture(w, arena_fmt(&w->a,
                                      "---\nid: wall\nchange: correction\ncorrection: It was "
                                      "wrong.\n%s---\n%s",
                                      f->head, f->text));
    check_story(&l, 200);
    intake_withdraw(app_intake(w->app), STR("wall"), STR("It was wrong."), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    check_story(&l, 410);
    theme_release(theme);
    assert_int_equal(world_close(w), 0);
}

/* text without the first occurrence of part, in memory that outlasts the site. */
static char *cut_out(const char *text, str part)
{
    ptrdiff_t at = str_find(str_c(text), part);
    if (at < 0)
        test_fail("there is no \"%.*s\" to leave out", FMT(part));
    char *p = malloc(strlen(text) + 1);
    memcpy(p, text, (size_t)at);
    memcpy(p + at, text + (size_t)at + part.n, strlen(text) - (size_t)at - part.n + 1);
    return p;
}

static void nothing_is_absent(void **state)
{
    struct world w;
    (void)state;
    every_kind_is_there();
    without(&w, &everything, "nothing");
}

static void each_key_of_a_head(void **state)
{
    (void)state;
    for (str rest = str_c(whole), line; rest.p;) {
        struct world w;
        struct facts f = everything;
        char what[64];
        str key;
        rest = str_cut(rest, '\n', &line);
        str_cut(line, ':', &key);
        if (!line.n || str_eq(key, STR("section")) || str_eq(key, STR("headline")) ||
            str_eq(key, STR("slug")))
            continue;
        CLEANUP(mem_free) char *head = cut_out(whole, (str){line.p, line.n + 1});
        snprintf(what, sizeof what, "`%.*s`", FMT(key));
        f.head = head;
        without(&w, &f, what);
    }
}

#define IN(member) offsetof(struct facts, member)

static void each_part(void **state)
{
    static const struct {
        size_t in;
        const char *part;
    } parts[] = {
        {IN(head), "caption: The gap., "},
        {IN(head), "credit: {agency: Harbour Post, by: {name: Максим, lang: ru}}, "},
        {IN(head), "agency: Harbour Post, "},
        {IN(head), ", by: {name: Максим, lang: ru}"},
        {IN(head), "licence: CC BY 4.0, "},
        {IN(head), "taken: 1911, "},
        {IN(head), ", alt: Waves."},
        {IN(head), "front: \"Forty metres gone\", "},
        {IN(head), ", social: \"What the storm did\""},
        {IN(head), ", role: photographer"},
        {IN(head), ", lang: ru, role: photographer"},
        {IN(head), "Ada Quill, "},
        {IN(head), ", Harbour"},
        {IN(text), "> — Mara Voss, engineer, town hall, 2026-11-20\n"},
        {IN(text), "Mara Voss"},
        {IN(text), ", engineer"},
        {IN(text), ", town hall"},
        {IN(text), ", 2026-11-20"},
        {IN(text), "In the body."},
        {IN(text), " \"Museum\""},
        {IN(site), "motto: {en: News from both shores}\n"},
        {IN(site), "contact: desk@example.org\n"},
        {IN(site), "lead: {en: wall}\n"},
        {IN(site), "corrections-policy: {en: about}\n"},
        {IN(site), "footer: {en: [{text: About us, story: about}]}\n"},
        {IN(sections), ", description: Streets and schools."},
        {IN(sections), ", picture: p.png"},
        {IN(sections), ", description: Water."},
        {IN(sections), ", description: Улицы."},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(parts); i++) {
        struct world w;
        struct facts f = everything;
        const char **member = (const char **)((char *)&f + parts[i].in);
        CLEANUP(mem_free) char *left = cut_out(*member, str_c(parts[i].part));
        *member = left;
        without(&w, &f, parts[i].part);
    }
}

static void each_story_that_is_leant_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        struct world w;
        struct facts f = everything;
        f.other = others[i].id;
        without(&w, &f, others[i].id);
    }
}

static void all_text(void **state)
{
    struct world w;
    struct facts f = everything;
    (void)state;
    f.text = "";
    f.other = "past"; /* the background, which would stand among the text */
    without(&w, &f, "all text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_absent), cmocka_unit_test(each_key_of_a_head),
        cmocka_unit_test(each_part),         cmocka_unit_test(each_story_that_is_leant_on),
        cmocka_unit_test(all_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
