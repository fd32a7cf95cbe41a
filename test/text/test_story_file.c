/* The story file: what it says is read, and written so that reading it again gives the same. */
#include "test.h"

#include "base/time.h"
#include "text/story_file.h"
#include "text/yaml.h"

static str canonical(struct arena *a, const struct story_content *s)
{
    struct out o = out_make(a, 4096, 1 << 20);
    story_canonical(s, &o);
    assert_int_equal(out_status(&o), ST_OK);
    return out_view(&o);
}

static const char whole[] =
    "---\n"
    "id: harbour-wall-2026\nedition: en\nsection: town\nheadline: \"Storm takes forty metres\"\n"
    "headlines: {front: Gone, social: \"What: it did\", push: \"1911\"}\nlabel: "
    "analysis\nstandfirst: \"Engineers had asked.\"\n"
    "slug: harbour-wall\ndateline: PORT HALLOW\npublished: 2026-11-20T06:45:00+01:00\nembargo: "
    "2026-11-20T05:00:00Z\n"
    "by: [Ada Quill, {name: Максим Лодкин, lang: ru, role: photographer}]\ntopics: [Storm Iris, "
    "\"yes\"]\nbackground: history\n"
    "picture: {key: abc, caption: \"A: b\", credit: {agency: Post, by: {name: Максим, lang: ru}}, "
    "licence: CC BY 4.0, taken: 2026-11, received: 2026-11-20, alt: \"W\"}\n"
    "pictures: [{key: def, credit: Museum, taken: 1911}]\nsource: "
    "\"https://example.org/x\"\nlicence: \"CC BY 2.5, W\"\ntranslation-of: hafenmauer\n"
    "---\n"
    "A *b* **c** [d](https://example.org) [e](story:f).\n\n![](picture:def)\n\n> Q\n> — S, r\n";

static void what_is_written_is_read_again(void **state)
{
    struct arena *a = *state;
    struct story_file f, again;
    struct story_content back;
    struct err err = {0};
    assert_ok(story_file_read(str_c(whole), a, &f, &err), &err);
    assert_int_equal(f.story.published,
                     time_from_civil((struct civil){
                         .year = 2026, .month = 11, .day = 20, .hour = 5, .minute = 45}));
    assert_int_equal(f.story.nby, 2);
    assert_str(f.story.by[1].role, "photographer");
    assert_str(f.story.topics[1], "yes");
    struct out o = out_make(a, 4096, 1 << 20);
    story_file_write(&f.story, 3, &o);
    assert_ok(story_file_read(out_view(&o), a, &again, &err), &err);
    assert_int_equal(again.revision, 3);
    str want = canonical(a, &f.story);
    assert_true(str_eq(canonical(a, &again.story), want));
    assert_ok(story_from_canonical(want, a, &back, &err), &err);
    assert_true(str_eq(canonical(a, &back), want));
}

static void scalars_come_back(void **state)
{
    static const char *const texts[] = {
        "plain",      "yes",          "1911", "null",       "a: b", "# c",       "- d",
        "\"q\"",      "it's",         "{x}",  "[x]",        "@at",  "trailing ", " leading",
        "*s",         "&a",           "!t",   "%d",         "`b",   "a #b",      "~",
        "",           "стена",        "1.5",  "2026-11-20", "\\",   "a\nb",      "a\xE2\x80\xA8z",
        "a\xC2\x85z", "\xEF\xBB\xBFz"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct out o = out_make(*state, 256, 4096);
        struct yaml y;
        struct err err = {0};
        out_c(&o, "k: ");
        yaml_put(&o, str_c(texts[i]));
        out_byte(&o, '\n');
        assert_ok(yaml_read(out_view(&o), 1, *state, &y, &err), &err);
        assert_str(yaml_get(&y, "k")->text, texts[i]);
    }
}

static void shorthand_pictures_are_uses(void **state)
{
    struct story_file f;
    struct err err = {0};
    const char *text = "---\nid: a\nsection: t\nheadline: A\npictures: [{file: two.jpg, caption: "
                       "Said in the head}]\n---\n"
                       "![One](one.jpg \"Museum\")\n\n![Two](two.jpg)\n";
    assert_ok(story_file_read(str_c(text), *state, &f, &err), &err);
    assert_int_equal(f.story.npictures, 2);
    assert_str(f.story.pictures[0].caption, "Said in the head");
    assert_str(f.story.pictures[1].caption, "One");
    assert_str(f.story.pictures[1].credit.text, "Museum");
}

static void typos_keep_facts(void **state)
{
    static const struct {
        const char *old, *now;
        bool touches;
    } cases[] = {
        {"A wal fell.", "A wall fell.", false},
        {"In 1910.", "In 1911.", true},
        {"He said “yes”.", "He said “no”.", true},
        {"He «sed» so", "He «said» so", true},
        {"Ada Quil wrote", "Ada Quill wrote", true},
        {"Fourty men.", "Forty men.", false},
        {"عام ١٩١٠", "عام ١٩١١", true},
        {"১৯১০ সালে", "১৯১১ সালে", true},
        {"½ of it", "¼ of it", true},
        {"He said ‘yes’.", "He said ‘no’.", true},
        {"It’s a wal", "It’s a wall", false},
        {"the boys’ wal’s", "the boys’ wall’s", false},
        {"Han sade ”ja” så", "Han sade ”nej” så", true},
        {"Er sagte »ja« so", "Er sagte »nein« so", true},
        {"Il dit ‹oui› si", "Il dit ‹non› si", true},
        {"Er sagte „ja“ so", "Er sagte „nein“ so", true},
        {"彼は「はい」と", "彼は「いいえ」と", true},
        {"She said \"one", "She said \"two", false},
        {"> A\n> — Mara Voss, x, y, 2026", "> A\n> — Mara Vos, x, y, 2026", true},
        {"> A\n> — Mara Voss, x, 1st hall", "> A\n> — Mara Voss, x, 2nd hall", true},
        {"> A\n> — Mara Voss, x, hal", "> A\n> — Mara Voss, x, hall", false},
        {"> A\n> — M, x, y, 2026-11-20", "> A\n> — M, x, y, 2026-11-21", true},
        {"Mara Vos went\n\n> A\n> — Mara Voss", "Mara Voss went\n\n> A\n> — Mara Voss", true},
        {"![](a.jpg \"Jo Lens\")\n\nJo Lans", "![](a.jpg \"Jo Lens\")\n\nJo Lens", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct story_file a, b;
        struct err err = {0};
        str what;
        const char *head = "---\nid: a\nsection: t\nheadline: A\nby: [Ada Quill]\n---\n";
        assert_ok(
            story_file_read(arena_fmt(*state, "%s%s\n", head, cases[i].old), *state, &a, &err),
            &err);
        assert_ok(
            story_file_read(arena_fmt(*state, "%s%s\n", head, cases[i].now), *state, &b, &err),
            &err);
        if (story_typo_touches_fact(&a.story, &b.story, *state, &what) != cases[i].touches)
            test_fail("%s -> %s", cases[i].old, cases[i].now);
    }
}

static str with_head(struct arena *a, const char *key)
{
    return arena_fmt(a, "---\nid: a\nsection: t\nheadline: A\n%s\n---\nText.\n", key);
}

static void typos_keep_the_facts_of_the_head(void **state)
{
    static const struct {
        const char *old, *now;
        bool touches;
    } cases[] = {
        {"topics: [Storm 1]", "topics: [Storm 2]", true},
        {"topics: [Storn]", "topics: [Storm]", false},
        {"licence: CC 3", "licence: CC 4", true},
        {"picture: {key: a, alt: 2 men}", "picture: {key: a, alt: 3 men}", true},
        {"picture: {key: a, alt: men}", "picture: {key: a, alt: a man}", false},
        {"picture: {key: a, credit: {agency: Pos}}", "picture: {key: a, credit: {agency: Post}}",
         true},
        {"picture: {key: a, credit: {agency: Post}, caption: The Pst}",
         "picture: {key: a, credit: {agency: Post}, caption: The Post}", true},
        {"slug: a", "slug: b", true},
        {"dateline: PORT HALOW", "dateline: PORT HALLOW", false},
    };
    struct story_file a, b;
    struct err err = {0};
    str what;
    for (size_t i = 0; i < COUNT(cases); i++) {
        str old = with_head(*state, cases[i].old), now = with_head(*state, cases[i].now);
        assert_ok(story_file_read(old, *state, &a, &err), &err);
        assert_ok(story_file_read(now, *state, &b, &err), &err);
        if (story_typo_touches_fact(&a.story, &b.story, *state, &what) != cases[i].touches)
            test_fail("%s -> %s", cases[i].old, cases[i].now);
    }
    b.story.section = STR("u");
    assert_true(story_typo_touches_fact(&b.story, &a.story, *state, &what));
}

static void what_is_no_character_is_refused(void **state)
{
    static const struct {
        const char *in, *want;
    } cases[] = {
        {"---\nid: a\nheadline: A\n---\nx\n\ny \xEF\xBF\xBE\n", "line 7: "},
        {"---\nid: a\nheadline: A \xEF\xBF\xBF\n---\nx\n", "line 3: "},
        {"---\nid: a\nheadline: \"A \\uFFFE\"\n---\nx\n", "line 3: "},
        {"---\nid: a\nheadline: A\n---\nx\n\ny &#xFFFF;\n", "line 7: "},
        {"---\nid: a\nheadline: A\n---\n\xEF\xB7\x90\n", "line 5: "},
        {"---\nid: a\nheadline: A\n---\nx\x0C\n", "line 5: "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct story_file f;
        struct err err = {0};
        if (story_file_read(str_c(cases[i].in), *state, &f, &err) != ST_INVALID ||
            !str_starts(str_c(err.text), str_c(cases[i].want)))
            test_fail("%zu: want \"%s\", have \"%s\"", i, cases[i].want, err.text);
    }
}

static void references_in_titles_are_resolved(void **state)
{
    struct story_file f;
    struct err err = {0};
    const char *text = "---\nid: a\nsection: t\nheadline: A\n---\n"
                       "![x](a&amp;b.jpg \"AP &amp; Co\")\n";
    assert_ok(story_file_read(str_c(text), *state, &f, &err), &err);
    assert_str(f.story.pictures[0].credit.text, "AP & Co");
    assert_str(f.story.pictures[0].file, "a&b.jpg");
}

static void deep_and_long_input_is_refused(void **state)
{
    struct arena *a = *state;
    struct story_file f;
    struct err err = {0};
    struct out o = out_make(a, 4096, 2 << 20);
    out_c(&o, "---\nid: a\nsection: t\nheadline: A\n---\n");
    for (int i = 0; i < 3000; i++)
        out_c(&o, "> ");
    out_c(&o, "x\n");
    assert_int_not_equal(story_file_read(out_view(&o), a, &f, &err), ST_OK);
    o.n = 0;
    out_c(&o, "---\nid: a\nsection: t\nheadline: ");
    for (int i = 0; i < 20000; i++)
        out_c(&o, "[");
    out_c(&o, "\n---\nx\n");
    assert_int_not_equal(story_file_read(out_view(&o), a, &f, &err), ST_OK);
    char *zeros = arena_bytes(a, 2 << 20);
    assert_int_equal(story_file_read((str){zeros, 2 << 20}, a, &f, &err), ST_TOOLARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(what_is_written_is_read_again),   with_arena(scalars_come_back),
        with_arena(shorthand_pictures_are_uses),     with_arena(typos_keep_facts),
        with_arena(deep_and_long_input_is_refused),  with_arena(typos_keep_the_facts_of_the_head),
        with_arena(what_is_no_character_is_refused), with_arena(references_in_titles_are_resolved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
