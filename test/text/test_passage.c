/* Words found however they were typed, and what is left of a text without them. */
#include "test.h"

#include "text/story_cut.h"

static struct passage passage_of(struct arena *a, const char *words)
{
    struct passage p;
    if (passage_make(str_c(words), a, &p))
        test_fail("\"%s\" is no passage", words);
    return p;
}

struct finding {
    struct passage passage;
    struct arena *a;
};

static enum status find_words(void *arg, enum words_place place, size_t number, str text,
                              struct cut **ret, size_t *n)
{
    const struct finding *f = arg;
    bool has = false;
    (void)number;
    if (place == PLACE_SLUG)
        return passage_find_slug(&f->passage, text, f->a, ret, n);
    if (place != PLACE_LINK)
        return passage_find(&f->passage, text, f->a, ret, n);
    *ret = arena_new(f->a, struct cut, 1);
    **ret = (struct cut){0, text.n};
    enum status st = passage_in_address(&f->passage, text, f->a, &has);
    *n = has;
    return st;
}

/* in with REMOVED_MARK where words were. */
static str without(struct arena *a, const char *words, const char *in)
{
    struct finding f = {passage_of(a, words), a};
    struct cutter c = {.ask = find_words, .arg = &f, .a = a};
    str text = str_c(in);
    assert_int_equal(cut_text(&c, PLACE_HEADLINE, &text), ST_OK);
    return text;
}

#define M REMOVED_MARK

static void words_are_found_as_they_were_typed(void **state)
{
    static const struct {
        const char *words, *in, *want;
    } all[] = {
        {"Müller", "Frau Müller kam.", "Frau " M " kam."},
        {"Müller", "Frau Mu\u0308ller kam.", "Frau " M " kam."},
        {"Mu\u0308ller", "Frau Müller kam.", "Frau " M " kam."},
        {"müller", "MÜLLER", M},
        {"Müller", "Mül\u00adler", M},
        {"Müller", "Müllers Haus, Obermüller", M "s Haus, Ober" M},
        {"Müller", "Muller and Mueller", "Muller and Mueller"},
        {"Muller", "Müller", "Müller"}, /* a mark is part of its letter */
        {"strasse", "Die Straße 5", "Die " M " 5"},
        {"stras", "Die Straße 5", "Die " M "e 5"}, /* whole characters */
        {"Anna Müller", "Anna  \u00a0 Müller", M},
        {"Anna Müller", "Anna\nMüller", M},
        {"ΣΊΣΥΦΟΣ", "ο Σίσυφος", "ο " M},
        {"Иванов", "ИВАНОВА", M "А"},
        {"محمد", "قال محمد ذلك", "قال " M " ذلك"},
        {"fish", "a \ufb01sh", "a " M},
        {"aa", "aaaaa", M "a"}, /* what touches is one mark */
        {"ab", "ab ab", M " " M},
    };
    struct arena *a = *state;
    for (size_t i = 0; i < COUNT(all); i++) {
        str have = without(a, all[i].words, all[i].in);
        if (!str_eq(have, str_c(all[i].want)))
            test_fail("\"%s\" without \"%s\": \"%.*s\", not \"%s\"", all[i].in, all[i].words,
                      FMT(have), all[i].want);
    }
}

static void what_is_no_passage_is_refused(void **state)
{
    static const char *const wrong[] = {"", " ", "a", "--", "\xff\xfe", "a\x01z"};
    struct arena *a = *state;
    struct passage p;
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(passage_make(str_c(wrong[i]), a, &p), ST_INVALID);
    char *much = arena_bytes(a, PASSAGE_BYTES + 1);
    memset(much, 'a', PASSAGE_BYTES + 1);
    assert_int_equal(passage_make((str){much, PASSAGE_BYTES + 1}, a, &p), ST_TOOLARGE);
}

static void addresses_have_them_too(void **state)
{
    static const struct {
        const char *url;
        bool has;
    } all[] = {{"https://x.org/m%C3%BCller", true},  {"https://x.org/M%c3%9cLLER", true},
               {"https://x.org/mu%CC%88ller", true}, {"https://x.org/muller-1", true},
               {"https://x.org/müller", true},       {"https://x.org/miller%", false},
               {"https://x.org/%FFmuler", false}};
    struct arena *a = *state;
    struct passage p = passage_of(a, "Müller");
    for (size_t i = 0; i < COUNT(all); i++) {
        bool has;
        assert_int_equal(passage_in_address(&p, str_c(all[i].url), a, &has), ST_OK);
        if (has != all[i].has)
            test_fail("%s", all[i].url);
    }
}

/* Whatever is cut, what is left is a document, and reads back the same. */
static void what_is_left_is_a_document(void **state)
{
    static const struct {
        const char *words, *in, *want;
    } all[] = {
        {"Anna Bo", "So **Anna Bo** said.\n", "So **" M "** said.\n"},
        {"Anna Bo", "So An*na **B***o said.\n", "So " M " said.\n"},
        {"Anna Bo", "*Anna Bo*\n", "_" M "_\n"},
        {"Anna", "He said [Anna] did.\n", "He said [" M "] did.\n"},
        {"Anna", "He said [of Anna] here.\n", "He said [of " M "] here.\n"},
        {"Anna", "[Anna](https://x.org/anna)\n", M "\n"},
        {"Anna", "See [it](https://x.org/anna) now.\n", "See it now.\n"},
        {"Anna", "https://x.org/anna\n", M "\n"},
        {"Anna", "- one\n- Anna\n", "- one\n- " M "\n"},
        {"Anna", "| a | b |\n| --- | --- |\n| Anna | x |\n",
         "| a | b |\n| --- | --- |\n| " M " | x |\n"},
        {"Anna", "```\nAnna = 1\n```\n", "```\n" M " = 1\n```\n"},
        {"Anna", "> Yes.\n>\n> — Anna, aunt of Anna\n", "> Yes.\n> — " M ", aunt of " M "\n"},
        {"Anna Bo", "Anna **Bo said**.\n", NULL}, /* a blank at an edge: only that it is one */
        {"Anna Bo", "Anna [Bo and [another] said\n", NULL},
        {"Anna", "## Anna\n", "## " M "\n"},
    };
    struct arena *a = *state;
    for (size_t i = 0; i < COUNT(all); i++) {
        struct err err = {0};
        struct node *doc = NULL;
        struct finding f = {passage_of(a, all[i].words), a};
        struct cutter c = {.ask = find_words, .arg = &f, .a = a};
        assert_ok(document_from_markdown(str_c(all[i].in), 1, a, &doc, &err), &err);
        struct story_content s = {.body = doc};
        assert_int_equal(story_cut(&c, &s), ST_OK);
        if (document_check(doc, &err))
            test_fail("%s: %s", all[i].in, err.text);
        struct out o = out_make(a, 512, 1 << 16), json = out_make(a, 512, 1 << 16);
        document_to_markdown(doc, &o);
        document_write(doc, &json);
        if (str_find(out_view(&json), str_c(all[i].words)) >= 0)
            test_fail("%s: left in %.*s", all[i].in, FMT(out_view(&json)));
        str have = out_view(&o);
        if (all[i].want && !str_eq(str_trim(have), str_trim(str_c(all[i].want))))
            test_fail("%s without %s:\n%.*s", all[i].in, all[i].words, FMT(have));
    }
}

static void a_slug_stays_one(void **state)
{
    static const struct {
        const char *in, *want;
    } all[] = {
        {"muller", "story"},     {"muller-held", "held"},      {"port-muller-held", "port-held"},
        {"held-muller", "held"}, {"mullers-house", "s-house"}, {"port-held", "port-held"}};
    struct arena *a = *state;
    for (size_t i = 0; i < COUNT(all); i++) {
        struct finding f = {passage_of(a, "Müller"), a};
        struct cutter c = {.ask = find_words, .arg = &f, .a = a};
        struct story_content s = {.slug = str_c(all[i].in)};
        assert_int_equal(story_cut(&c, &s), ST_OK);
        if (!str_eq(s.slug, str_c(all[i].want)))
            test_fail("%s: %.*s", all[i].in, FMT(s.slug));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_are_found_as_they_were_typed, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_passage_is_refused, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(addresses_have_them_too, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(what_is_left_is_a_document, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(a_slug_stays_one, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
