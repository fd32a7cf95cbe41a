/* Every kind of page: as w3m shows it, against a golden copy that a person has read (test/golden),
 * and with each optional field absent in turn. BROADSHEET_GOLDEN=write writes the copies anew. */
#include "site.h"

#include "press/pages.h"

static const char site_yaml[] =
    "name: {en: The Sound, ru: Пролив}\nmotto: {en: News from both shores}\n"
    "footer: {en: [{text: About us, story: about}]}\n"
    "editions: [{slug: en, locale: en-GB, zone: Europe/London}, {slug: ru, locale: ru-RU, zone: "
    "Europe/Riga}]\n";
static const char sections_yaml[] =
    "en:\n  - {slug: town, name: Town, description: Streets and schools.}\n"
    "  - {slug: sea, name: Sea, description: Water.}\nru:\n  - {slug: town, name: Город, "
    "description: Улицы.}\n";
static const char whole[] =
    "section: town\nheadline: \"Storm takes forty metres\"\n"
    "headlines: {front: \"Forty metres gone\", social: \"What the storm did\"}\nlabel: "
    "analysis\nstandfirst: \"Engineers had asked.\"\n"
    "slug: wall\ndateline: PORT HALLOW\nby: [Ada Quill, {name: Максим Лодкин, lang: ru, role: "
    "photographer}]\ntopics: [Storm Iris, Harbour]\n"
    "background: past\nsource: \"https://example.org/x\"\nlicence: \"CC BY 2.5\"\ntranslation-of: "
    "stena\n"
    "picture: {file: p.png, caption: The gap., credit: {agency: Harbour Post, by: {name: Максим, "
    "lang: ru}}, licence: CC BY 4.0, taken: 1911, alt: Waves.}\n";
static const char body[] =
    "The *wall* fell **hard**, [they say](https://example.org/a).\n\n> It is [the wall] that "
    "fell.\n> — Mara Voss, engineer, town hall, 2026-11-20\n\n"
    "## A crosshead\n\n- one\n- two\n\n| a | b |\n| --- | --: |\n| 1 | 2 |\n\n[The "
    "boat](story:boat)\n\n[The car](story:car)\n\n"
    "![In the body.](p.png \"Museum\")\n\nhttps://example.org/card\n\n```\ncode\n```\n";

static const char png[] = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\x90\x77\x53\xDE"
                          "\0\0\0\x0CIDAT\x08\xD7\x63\xF8\xCF\xC0\0\0\3\1\1\0\x18\xDD\x8D\xB0\0\0\0"
                          "\0IEND\xAE\x42\x60\x82";

static void publish_with_picture(struct world *w, str text)
{
    struct intake_answer answer;
    struct intake_file f = {STR("p.png"), {png, sizeof png - 1}};
    bool pictures = str_find(text, STR("p.png")) >= 0;
    struct intake_message m = {
        .kind = INTAKE_STORY, .name = STR("file"), .bytes = text, .files = &f, .nfiles = pictures};
    intake_take(app_intake(w->app), &m, &w->a, &answer);
    if (answer.st)
        test_fail("not published: %.*s", FMT(answer.line));
}

static int setup(void **state)
{
    static struct world w;
    world_open(&w, site_yaml, sections_yaml, NULL);
    publish(&w, "---\nid: about\nkind: page\nheadline: About\nslug: about\n---\nWe are six.\n");
    publish(&w, "---\nid: past\nkind: background\nheadline: The past\n---\nLong ago.\n");
    publish(&w, "---\nid: boat\nsection: sea\nheadline: The boat\nlabel: reports\n---\nAground.\n");
    publish(
        &w,
        "---\nid: stena\nedition: ru\nsection: town\nheadline: Стена\nslug: stena\n---\nСлова.\n");
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    return world_close(*state);
}

static str dump(struct world *w, str page, const char *type)
{
    char in[128], command[300];
    snprintf(in, sizeof in, "%s/page", w->folder);
    FILE *f = fopen(in, "w");
    fwrite(page.p, 1, page.n, f);
    fclose(f);
    snprintf(command, sizeof command, "w3m -T %s -I UTF-8 -O UTF-8 -dump -cols 72 %s", type, in);
    FILE *p = popen(command, "r");
    char *buf = arena_bytes(&w->a, 1 << 18);
    size_t n = fread(buf, 1, 1 << 18, p);
    assert_int_equal(pclose(p), 0);
    return (str){buf, n};
}

static void golden(void **state)
{
    struct world *w = *state;
    static const struct {
        enum page_kind kind;
        const char *path;
    } pages[] = {
        {PAGE_FRONT, "/"},
        {PAGE_SECTION, "/town/"},
        {PAGE_STORY, "/town/2026/11/20/wall"},
        {PAGE_STORY_TEXT, "/town/2026/11/20/wall.txt"},
        {PAGE_STORY_JSON, "/town/2026/11/20/wall.json"},
        {PAGE_TOPIC, "/topic/storm-iris"},
        {PAGE_BYLINE, "/by/ada-quill"},
        {PAGE_DAY, "/archive/2026/11/20"},
        {PAGE_PAGE, "/page/about"},
        {PAGE_FEED, "/feed.xml"},
        {PAGE_SECTION_FEED, "/sea/feed.xml"},
        {PAGE_NEWS_MAP, "/sitemap/news.xml"},
        {PAGE_ROBOTS, "/robots.txt"},
        {PAGE_ERROR, "/none"},
    };
    bool write = getenv("BROADSHEET_GOLDEN") != NULL,
         seen[PAGE_KIND_COUNT] = {[PAGE_PICTURE] = true}; /* no words in it */
    publish_with_picture(w, arena_fmt(&w->a, "---\nid: wall\n%s---\n%s", whole, body));
    publish_with_picture(
        w,
        arena_fmt(&w->a,
                  "---\nid: wall\nchange: correction\ncorrection: The year was wrong.\n%s---\n%s",
                  whole, body));
    for (size_t i = 0; i < COUNT(pages); i++) {
        str page;
        char path[200];
        get(w, pages[i].path, &page);
        bool is_html = page.n && str_starts(page, STR("<!doctype html"));
        str have = is_html ? dump(w, page, "text/html") : page;
        seen[pages[i].kind] = true;
        snprintf(path, sizeof path, "test/golden/%s.txt", page_kind_names[pages[i].kind]);
        CLEANUP(file_close) FILE *f = fopen(path, write ? "w" : "r");
        if (!f)
            test_fail("%s is missing: a person has to read and keep it", path);
        if (write) {
            fwrite(have.p, 1, have.n, f);
            continue;
        }
        char *buf = arena_bytes(&w->a, 1 << 18);
        str want = {buf, fread(buf, 1, 1 << 18, f)};
        if (!str_eq(have, want))
            test_fail("%s differs; it is now:\n%.*s", path, FMT(have));
    }
    for (int k = 0; k < PAGE_KIND_COUNT; k++)
        if (!seen[k])
            test_fail("the page kind %s has no golden copy", page_kind_names[k]);
}

/* What a reader would stumble over: an empty element, an orphan separator, a bare "By", a doubled
 * blank. */
static void no_stumble(struct world *w, str page, const char *without)
{
    static const char *const bad[] = {"<p></p>",
                                      "<p> </p>",
                                      "<li></li>",
                                      "<span></span>",
                                      "<figcaption class=\"caption\"></figcaption>",
                                      "<h1></h1>",
                                      "<h2></h2>",
                                      "alt=\" ",
                                      " · </",
                                      "class=\"credit\"> ·",
                                      "class=\"credit\">·",
                                      ", </",
                                      ">By </",
                                      "By  ",
                                      "©  ",
                                      "© </",
                                      "<b></b>",
                                      "href=\"\"",
                                      "src=\"\"",
                                      "{{",
                                      "content=\"\""};
    for (size_t i = 0; i < COUNT(bad); i++)
        if (str_find(page, str_c(bad[i])) >= 0)
            test_fail("without %s stands there: %s", without, bad[i]);
    str text = dump(w, page, "text/html");
    for (str rest = text, line; rest.p;) {
        rest = str_cut(rest, '\n', &line);
        line = str_trim(line);
        bool orphan = str_eq(line, STR("·")) || str_eq(line, STR("By")) ||
                      str_starts(line, STR("· ")) || str_ends(line, STR(" ·")) ||
                      str_eq(line, STR(",")) || str_eq(line, STR("—"));
        if (orphan)
            test_fail("without %s a line says: %.*s", without, FMT(line));
    }
}

/* The same story without one thing: its page and the pages that list it. */
static void without(struct world *w, str head, const char *text, const char *what)
{
    static const char *const paths[] = {"/town/2026/11/20/wall", "/", "/town/", "/by/ada-quill",
                                        "/archive/2026/11/20"};
    struct intake_answer answer;
    str page;
    publish_with_picture(w, arena_fmt(&w->a, "---\nid: wall\n%.*s---\n%s", FMT(head), text));
    for (size_t i = 0; i < COUNT(paths); i++)
        if (get(w, paths[i], &page) == 200)
            no_stumble(w, page, what);
    assert_int_equal(get(w, paths[0], NULL), 200);
    intake_withdraw(app_intake(w->app), STR("wall"), STR("Next."), &w->a, &answer);
}

/* text without the first occurrence of part, in memory that outlasts the site. */
static char *cut_out(const char *text, str part)
{
    ptrdiff_t at = str_find(str_c(text), part);
    assert_true(at >= 0);
    char *p = malloc(strlen(text) + 1);
    memcpy(p, text, (size_t)at);
    memcpy(p + at, text + (size_t)at + part.n, strlen(text) - (size_t)at - part.n + 1);
    return p;
}

/* A site of its own for each: a story keeps what a file leaves out. */
static void in_a_new_site(void **state, const char *head, const char *text, const char *what)
{
    teardown(state);
    setup(state);
    without(*state, str_c(head), text, what);
}

static void each_field_absent_in_turn(void **state)
{
    static const char *const inner[] = {
        "caption: The gap., ",
        "credit: {agency: Harbour Post, by: {name: Максим, lang: ru}}, ",
        "agency: Harbour Post, ",
        ", by: {name: Максим, lang: ru}",
        "licence: CC BY 4.0, ",
        "taken: 1911, ",
        ", alt: Waves.",
        "front: \"Forty metres gone\", ",
        ", role: photographer",
        "Ada Quill, ",
        ", Harbour"};
    static const char *const quotes[] = {"> — Mara Voss, engineer, town hall, 2026-11-20\n",
                                         "Mara Voss", ", engineer", ", town hall", ", 2026-11-20"};
    for (str rest = str_c(whole), line; rest.p;) {
        rest = str_cut(rest, '\n', &line);
        str key;
        str_cut(line, ':', &key);
        if (!line.n || str_eq(key, STR("section")) || str_eq(key, STR("headline")) ||
            str_eq(key, STR("slug")))
            continue;
        CLEANUP(mem_free) char *head = cut_out(whole, (str){line.p, line.n + 1});
        in_a_new_site(state, head, body, head);
    }
    for (size_t i = 0; i < COUNT(inner); i++) {
        CLEANUP(mem_free) char *head = cut_out(whole, str_c(inner[i]));
        in_a_new_site(state, head, body, inner[i]);
    }
    for (size_t i = 0; i < COUNT(quotes); i++) {
        CLEANUP(mem_free) char *text = cut_out(body, str_c(quotes[i]));
        in_a_new_site(state, whole, text, quotes[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(golden, setup, teardown),
        cmocka_unit_test_setup_teardown(each_field_absent_in_turn, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
