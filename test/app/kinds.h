/* test/app/kinds.h: a newsroom in which each kind of page has something to show, and an address for
 * each kind: what the tests that go through all kinds share (golden copies, absent fields,
 * embargoes). A kind without an address here fails all of them. */
#ifndef TEST_APP_KINDS_H
#define TEST_APP_KINDS_H

#include "site.h"

#include "app/parts.h"
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
static const char whole_body[] =
    "The *wall* fell **hard**, [they say](https://example.org/a).\n\n> It is [the wall] that "
    "fell.\n> — Mara Voss, engineer, town hall, 2026-11-20\n\n"
    "## A crosshead\n\n- one\n- two\n\n| a | b |\n| --- | --: |\n| 1 | 2 |\n\n[The "
    "boat](story:boat)\n\n[The car](story:car)\n\n"
    "![In the body.](p.png \"Museum\")\n\nhttps://example.org/card\n\n```\ncode\n```\n";

/* Two pictures of one point each. */
static const char png[] = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\x90\x77\x53\xDE"
                          "\0\0\0\x0CIDAT\x08\xD7\x63\xF8\xCF\xC0\0\0\3\1\1\0\x18\xDD\x8D\xB0\0\0\0"
                          "\0IEND\xAE\x42\x60\x82";
static const char other_png[] __attribute__((unused)) =
    "\211\120\116\107\015\012\032\012\000\000\000\015\111\110\104\122\000\000\000\001\000\000\000"
    "\001\010\002\000\000\000\220\167\123\336\000\000\000\017\111\104\101\124\170\001\001\004\000"
    "\373\377\000\022\064\126\000\370\000\235\370\327\144\214\000\000\000\000\111\105\116\104\256"
    "\102\140\202";

#define THE_STORY "/town/2026/11/20/wall"
/* path NULL: the picture's, which its bytes give. */
static const struct {
    enum page_kind kind;
    const char *path;
} kind_pages[] = {
    {PAGE_FRONT, "/"},
    {PAGE_SECTION, "/town/"},
    {PAGE_STORY, THE_STORY},
    {PAGE_STORY_TEXT, THE_STORY ".txt"},
    {PAGE_STORY_JSON, THE_STORY ".json"},
    {PAGE_TOPIC, "/topic/storm-iris"},
    {PAGE_BYLINE, "/by/ada-quill"},
    {PAGE_DAY, "/archive/2026/11/20"},
    {PAGE_PAGE, "/page/about"},
    {PAGE_FEED, "/feed.xml"},
    {PAGE_SECTION_FEED, "/sea/feed.xml"},
    {PAGE_NEWS_MAP, "/sitemap/news.xml"},
    {PAGE_ROBOTS, "/robots.txt"},
    {PAGE_PICTURE, NULL},
    {PAGE_ERROR, "/none"},
};

static inline void every_kind_is_there(void)
{
    bool seen[PAGE_KIND_COUNT] = {false};
    for (size_t i = 0; i < COUNT(kind_pages); i++)
        seen[kind_pages[i].kind] = true;
    for (int k = 0; k < PAGE_KIND_COUNT; k++)
        if (!seen[k])
            test_fail("the page kind %s has no address in test/app/kinds.h", page_kind_names[k]);
}

/* A picture without what is stripped lies under its own hash. */
static inline const char *picture_path(struct world *w, str bytes)
{
    str hex = sha256_hex(sha256(bytes), &w->a);
    return arena_cstr(&w->a, arena_fmt(&w->a, "/picture/%.*s.png", FMT(hex)));
}

static inline const char *kind_path(struct world *w, size_t i)
{
    return kind_pages[i].path ? kind_pages[i].path : picture_path(w, (str){png, sizeof png - 1});
}

static inline void hand_in(struct world *w, enum intake_kind kind, str text, str picture)
{
    struct intake_answer answer;
    struct intake_file f = {STR("p.png"), picture};
    bool pictures = str_find(text, STR("p.png")) >= 0;
    struct intake_message m = {
        .kind = kind, .name = STR("file"), .bytes = text, .files = &f, .nfiles = pictures};
    intake_take(app_intake(w->app), &m, &w->a, &answer);
    if (answer.st)
        test_fail("not published: %.*s", FMT(answer.line));
}

static inline void publish_with_picture(struct world *w, str text)
{
    hand_in(w, INTAKE_STORY, text, (str){png, sizeof png - 1});
}

/* A page as w3m shows it in so many columns. */
static inline str as_read(struct world *w, str page, int columns)
{
    char in[128], command[300];
    snprintf(in, sizeof in, "%s/page", w->folder);
    FILE *f = fopen(in, "w");
    fwrite(page.p, 1, page.n, f);
    fclose(f);
    snprintf(command, sizeof command, "w3m -T text/html -I UTF-8 -O UTF-8 -dump -cols %d %s",
             columns, in);
    FILE *p = popen(command, "r");
    char *buf = arena_bytes(&w->a, 1 << 18);
    size_t n = fread(buf, 1, 1 << 18, p);
    assert_int_equal(pclose(p), 0);
    return (str){buf, n};
}

/* What the story leans on, by id. */
static const struct {
    const char *id, *text;
} others[] = {
    {"about", "---\nid: about\nkind: page\nheadline: About\nslug: about\n---\nWe are six.\n"},
    {"past", "---\nid: past\nkind: background\nheadline: The past\n---\nLong ago.\n"},
    {"boat", "---\nid: boat\nsection: sea\nheadline: The boat\nlabel: reports\n---\nAground.\n"},
    {"stena", "---\nid: stena\nedition: ru\nsection: town\nheadline: Стена\nslug: stena\n---\n"
              "Слова.\n"},
};

/* without: the id of one that isn't there, "" for none. */
static inline void publish_others(struct world *w, const char *without)
{
    for (size_t i = 0; i < COUNT(others); i++)
        if (strcmp(others[i].id, without) != 0)
            publish(w, others[i].text);
}

#endif
