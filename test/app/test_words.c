/* Every block of a story, whole and in order, on its page, in its .txt and in its .json: with one
 * story that holds each kind of block, and with real ones that others wrote. */
#include "site.h"

#include "plain.h"
#include "text/story_file.h"

static const char site_yaml[] = "name: {en: The Sound, ru: Пролив}\n"
                                "footer: {en: [{text: About us, story: about}]}\n"
                                "editions: [{slug: en, locale: en-GB, zone: Europe/London}, {slug: "
                                "ru, locale: ru-RU, zone: Europe/Riga}]\n";
static const char sections_yaml[] = "en:\n  - {slug: town, name: Town, description: Streets.}\n"
                                    "  - {slug: sea, name: Sea, description: Water.}\n"
                                    "ru:\n  - {slug: town, name: Город, description: Улицы.}\n";

/* A story's three forms as words; each block of its file has to come in them, whole and in order.
 */
struct forms {
    struct arena *a;
    const char *file;
    str page, plain, json;
    size_t kinds[NODE_KINDS];
};

static void next_block(struct forms *f, const char *where, str *rest, str words)
{
    ptrdiff_t at = str_find(*rest, words);
    if (at < 0)
        test_fail("%s: not found in %s: %.*s\nin what is left: %.*s", f->file, where, FMT(words),
                  FMT(str_head(*rest, 1000)));
    *rest = str_from(*rest, (size_t)at + words.n);
}

static bool find_block(void *arg, const struct node *n)
{
    struct forms *f = arg;
    if (node_holds(n->kind) != 'i' && node_holds(n->kind) != 't')
        return true;
    struct out o = out_make(f->a, 1024, DOCUMENT_BYTES);
    document_plain(n, &o);
    str words = plain_blanks(f->a, out_view(&o));
    f->kinds[n->kind]++;
    next_block(f, "the page", &f->page, words);
    next_block(f, ".txt", &f->plain, plain_unspaced(f->a, words));
    next_block(f, ".json", &f->json, words);
    return true;
}

static void holds_every_block(struct world *w, struct forms *f, str file, str address)
{
    struct story_file story;
    struct err err = {0};
    const struct json *json = NULL;
    str body;
    assert_ok(story_file_read(file, &w->a, &story, &err), &err);
    get(w, arena_cstr(&w->a, address), &body);
    f->page = plain_html(&w->a, body);
    get(w, arena_cstr(&w->a, arena_fmt(&w->a, "%.*s.txt", FMT(address))), &body);
    f->plain = plain_txt(&w->a, body);
    get(w, arena_cstr(&w->a, arena_fmt(&w->a, "%.*s.json", FMT(address))), &body);
    assert_ok(json_read(body, &w->a, &json, &err), &err);
    f->json = plain_json(&w->a, json_member(json, STR("body")));
    document_walk(story.story.body, find_block, f);
}

/* Each kind of block, with what the three forms do differently: links, breaks, long lines, marks.
 */
static void every_block_is_in_every_form(void **state)
{
    struct world *w = *state;
    struct forms f = {.a = &w->a, .file = "the file"};
    static const char text[] = HEAD(
        "wall",
        "") "The *wall* & the \\<quay> “fell” **hard**, [they say](https://example.org/a), and\nso "
            "did "
            "[what stood](https://example.org/b) on it, for forty metres and two more after those, "
            "which is a long line.\n\nBroken\\\nhere.\n\n## A *cross*head\n\n### A smaller "
            "[one]\n\n"
            "> It is [the wall] that fell, and it took with it the lamps, the bench and the rope "
            "that "
            "lay on the bench.\n>\n> Twice.\n> — Mara Voss, engineer\n\n- one\n- two, which goes "
            "on "
            "for so long that it has to be broken somewhere in the middle of it\n    1. deeper\n\n"
            "| a | b |\n| --- | --: |\n| [one](https://example.org/c) | 2 |\n\n"
            "```\nint  code(void);\n```\n\n"
            "| wide |\n| --- |\n| a cell so wide that no terminal shows it in one line, which is "
            "why it is broken |\n";
    static const enum node_kind kinds[] = {NODE_PARAGRAPH, NODE_CROSSHEAD, NODE_CELL, NODE_CODE};
    publish(w, text);
    holds_every_block(w, &f, str_c(text), STR(WALL));
    for (size_t i = 0; i < COUNT(kinds); i++)
        assert_true(f.kinds[kinds[i]] > 0);
    assert_int_equal(f.kinds[NODE_PARAGRAPH], 7);
    assert_int_equal(f.kinds[NODE_CELL], 6);
}

static str wikinews_file(struct world *w, const char *name, struct intake_answer *ret)
{
    char path[400];
    snprintf(path, sizeof path, "%s/data/wikinews/%s", test_shared(), name);
    CLEANUP(file_close) FILE *f = fopen(path, "r");
    if (!f) {
        print_message("skipped: no real stories lie beside the checkout\n");
        skip();
    }
    char *text = arena_bytes(&w->a, 1 << 20);
    str bytes = {text, fread(text, 1, (1 << 20) - 1, f)};
    struct intake_message m = {.kind = strstr(name, ".md") ? INTAKE_STORY : INTAKE_SECTIONS,
                               .name = str_c(name),
                               .bytes = bytes};
    intake_take(app_intake(w->app), &m, &w->a, ret);
    if (ret->st)
        test_fail("%.*s", FMT(ret->line));
    return bytes;
}

static void wikinews(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"ants.md",     "asylum.md",   "crane.md",  "election.md",
                                        "hackers.md",  "herrick.md",  "ie9.md",    "iodine.md",
                                        "lanterns.md", "mckenzie.md", "nasa.md",   "peres.md",
                                        "soccer.md",   "warming.md",  "worship.md"};
    struct intake_answer answer;
    size_t paragraphs = 0;
    wikinews_file(w, "sections.yaml", &answer);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct forms f = {.a = &w->a, .file = names[i]};
        str bytes = wikinews_file(w, names[i], &answer);
        holds_every_block(w, &f, bytes, str_from(answer.line, strlen("published ")));
        paragraphs += f.kinds[NODE_PARAGRAPH];
    }
    assert_true(paragraphs > 100);
}

static const struct world_files files = {site_yaml, sections_yaml, NULL};

#define T(f) with_world(f, &files)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(every_block_is_in_every_form),
        T(wikinews),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
