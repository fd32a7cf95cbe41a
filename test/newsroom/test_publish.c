/* What the one door lets in, takes back and refuses, and in which words. */
#include "../app/site.h"

#include "app/parts.h"
#include "jobs/jobs.h"
#include "store/due.h"
#include "text/slug.h"

static const char site_yaml[] = "name: {en: The Sound, ru: Пролив}\n"
                                "footer: {en: [{text: About us, story: about}]}\n"
                                "editions: [{slug: en, locale: en-GB, zone: Europe/London}, {slug: "
                                "ru, locale: ru-RU, zone: Europe/Riga}]\n";
static const char sections_yaml[] = "en:\n  - {slug: town, name: Town}\n"
                                    "  - {slug: sea, name: Sea}\n"
                                    "ru:\n  - {slug: town, name: Город}\n";

static struct intake_answer hand_in(struct world *w, const char *text)
{
    struct intake_answer answer;
    struct intake_message m = {.kind = INTAKE_STORY, .name = STR("file"), .bytes = str_c(text)};
    intake_take(app_intake(w->app), &m, &w->a, &answer);
    return answer;
}

static void refused(struct world *w, const char *text, const char *words)
{
    struct intake_answer answer = hand_in(w, text);
    if (!answer.st || str_find(answer.line, str_c(words)) < 0)
        test_fail("want %s\nhave %s: %.*s", words, status_name(answer.st), FMT(answer.line));
}

static void warned(struct world *w, const char *text, const char *words)
{
    struct intake_answer answer = hand_in(w, text);
    if (answer.st)
        test_fail("not published: %.*s", FMT(answer.line));
    for (size_t i = 0; i < answer.nwarnings; i++)
        if (str_find(answer.warnings[i], str_c(words)) >= 0)
            return;
    test_fail("no warning: %s", words);
}

/* ---- embargoes and schedules ---- */

static void an_embargo_holds_for_whom_a_story_joins(void **state)
{
    struct world *w = *state;
    const char *later = "embargo: 2026-11-21T00:00:00Z\npublished: 2026-11-21T06:00:00Z\n";
    publish(w, "---\nid: stena\nedition: ru\nsection: town\nheadline: Стена\n---\nСлова.\n");
    publish(w, HEAD("wall", "translation-of: stena\n") "Words.\n");
    str taina = arena_fmt(&w->a,
                          "---\nid: taina\nedition: ru\nsection: town\nheadline: Тайна\n%s---\n"
                          "Слова.\n",
                          later);
    publish(w, taina.p);
    refused(w, HEAD("wall", "translation-of: taina\n") "Secret words.\n",
            "\"taina\" is under embargo until 2026-11-21T00:00:00Z");
    assert_false(shows(w, WALL, "Secret"));
    assert_true(shows(w, WALL, "Words."));
}

static void a_kept_address_that_was_never_public_is_given_up(void **state)
{
    struct world *w = *state;
    publish(w, HEAD("wall", "slug: first\npublished: 2026-11-21T06:00:00Z\n") "Words.\n");
    refused(w, HEAD("other", "slug: first\npublished: 2026-11-21T06:00:00Z\n") "Words.\n",
            "belongs to the story \"wall\"");
    publish(w, HEAD("wall", "slug: second\npublished: 2026-11-20T06:00:00Z\n") "Words.\n");
    assert_int_equal(get(w, "/town/2026/11/20/second", NULL), 200);
    assert_int_equal(get(w, "/town/2026/11/21/first", NULL), 404);
    publish(w, HEAD("other", "slug: first\npublished: 2026-11-21T06:00:00Z\n") "Words.\n");
}

static enum status remove_town(struct tx *tx, void *arg)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct section s;
    (void)arg;
    enum status st = section_by_slug(&v, 1, STR("town"), &s);
    return st ? st : section_remove(tx, s.id);
}

static void a_due_story_that_cannot_go_live_stays_due(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    i64 next;
    publish(w, HEAD("wall", "published: 2026-11-20T13:00:00Z\n") "Words.\n");
    assert_ok(writer_do(app_writer(w->app), remove_town, NULL, &err), &err);
    time_set_for_test(moment(20, 14));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_int_equal(get(w, WALL, NULL), 404);
    assert_int_equal(take(w, INTAKE_SECTIONS, sections_yaml, NULL), ST_OK);
    time_set_for_test(moment(20, 15));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_int_equal(get(w, WALL, NULL), 200);
}

/* ---- kinds ---- */

static void a_background_is_one_from_both_sides(void **state)
{
    struct world *w = *state;
    publish(w, HEAD("wall", "background: history\n") "Words.\n");
    refused(
        w, HEAD("history", "") "Words.\n",
        "line 2: the story \"wall\" names \"history\" as its background: it has to be of `kind: "
        "background`");
    refused(w, "---\nid: history\nheadline: H\nkind: page\n---\nWords.\n", "line 4: the story");
    publish(w, "---\nid: history\nheadline: H\nkind: background\n---\nLong ago.\n");
    assert_true(shows(w, WALL, "Long ago."));
    warned(w, HEAD("about", "") "Words.\n",
           "\"About us\" leads to this id, which isn't of kind page");
}

static void a_corrections_policy_is_a_page(void **state)
{
    struct world *w = *state;
    struct intake_answer answer;
    struct intake_message m = {.kind = INTAKE_SITE, .name = STR("site.yaml")};
    static const struct {
        const char *policy, *error, *warning;
    } cases[] = {
        {"{en: fair}", "",
         "the page of the corrections policy \"fair\" isn't live: stories name it "},
        {"{en: rules}", "", NULL},
        {"{en: wall}", "site.yaml: line 2: \"wall\" isn't of kind page", NULL},
        {"{fr: rules}", "site.yaml: line 2: there is no edition \"fr\"", NULL},
        {"rules", "site.yaml: line 2: ", NULL},
        {"{en: fair}", "", "\"fair\""},
    };
    publish(w, "---\nid: rules\nkind: page\nheadline: R\n---\nWords.\n");
    publish(w, HEAD("wall", "") "Words.\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        m.bytes = arena_fmt(&w->a,
                            "name: {en: The Sound}\ncorrections-policy: %s\n"
                            "editions: [{slug: en, locale: en-GB, zone: Europe/London}]\n",
                            cases[i].policy);
        intake_take(app_intake(w->app), &m, &w->a, &answer);
        bool refused = cases[i].error[0];
        if ((answer.st != ST_OK) != refused ||
            (refused && !str_starts(answer.line, str_c(cases[i].error))) ||
            answer.nwarnings != (cases[i].warning ? 1 : 0) ||
            (answer.nwarnings && str_find(answer.warnings[0], str_c(cases[i].warning)) < 0))
            test_fail("%s: %.*s", cases[i].policy, FMT(answer.line));
    }
    warned(w, HEAD("fair", "") "Words.\n",
           "site.yaml names this id as the corrections policy of the edition en, and it isn't of "
           "kind page");
}

static void a_kept_kind_is_held_to(void **state)
{
    struct world *w = *state;
    publish(w, "---\nid: terms\nkind: page\nheadline: T\n---\nWords.\n");
    refused(w, "---\nid: terms\nheadline: T\nsection: town\n---\nOthers.\n", "line 4: ");
    publish(w, "---\nid: history\nkind: background\nheadline: H\n---\nWords.\n");
    refused(w, "---\nid: history\nheadline: H\nbackground: older\n---\nOthers.\n",
            "line 4: \"history\" is a background");
    publish(w, "---\nid: history\nheadline: H\n---\nOthers.\n");
}

/* ---- what is taken back ---- */

static void a_key_with_nothing_in_it_takes_back(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *given, *back, *words;
    } cases[] = {
        {"label: opinion\n", "label: \"\"\n", "Opinion"},
        {"standfirst: Standing.\n", "standfirst: null\n", "Standing."},
        {"dateline: PORT HALLOW\n", "dateline:\n", "PORT HALLOW"},
        {"background: history\n", "background: ~\n", "Long ago."},
        {"translation-of: stena\n", "translation-of: \"\"\n", "/ru/town/2026/11/20/stena"},
        {"source: https://source.example/\n", "source: null\n", "source.example"},
        {"licence: CC BY 9.0\nsource: https://a.example/\n", "licence: \"\"\n", "CC BY 9.0"},
        {"topics: [Storm]\n", "topics: []\n", "/topic/storm"},
        {"by: [Ada Quill]\n", "by: null\n", "Ada Quill"},
        {"headlines: {social: Sociable}\n", "headlines: {}\n", "Sociable"},
    };
    publish(w, "---\nid: history\nkind: background\nheadline: H\n---\nLong ago.\n");
    publish(w, "---\nid: stena\nedition: ru\nsection: town\nheadline: Стена\n---\nСлова.\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        str first = arena_fmt(&w->a, HEAD("wall", "%s") "Words.\n", cases[i].given);
        str then = arena_fmt(&w->a, HEAD("wall", "%s") "Words.\n", cases[i].back);
        publish(w, first.p);
        if (!shows(w, WALL, cases[i].words))
            test_fail("%s isn't shown", cases[i].given);
        publish(w, HEAD("wall", "") "Words.\n");
        if (!shows(w, WALL, cases[i].words))
            test_fail("%s isn't kept", cases[i].given);
        publish(w, then.p);
        if (shows(w, WALL, cases[i].words))
            test_fail("%s takes nothing back", cases[i].back);
    }
    publish(w, HEAD("later",
                    "embargo: 2026-11-21T00:00:00Z\npublished: 2026-11-21T00:00:00Z\n") "Words.\n");
    refused(w, HEAD("later", "published: 2026-11-20T11:00:00Z\n") "Words.\n", "under embargo");
    publish(w, HEAD("later", "published: 2026-11-20T11:00:00Z\nembargo: null\n") "Words.\n");
    refused(w, "---\nid: x\nheadline: null\nsection: town\n---\n", "line 3: a story file needs a");
    refused(w, HEAD("x", "published:\n") "W.\n", "line 5: `published` is a moment");
}

static const char png[] =
    "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\x90\x77\x53\xDE"
    "\0\0\0\x0CIDAT\x08\xD7\x63\xF8\xCF\xC0\0\0\3\1\1\0\x18\xDD\x8D\xB0\0\0\0\0IEND\xAE\x42\x60"
    "\x82";

static struct intake_answer with_picture(struct world *w, const char *text)
{
    struct intake_answer answer;
    struct intake_file f = {STR("p.png"), {png, sizeof png - 1}};
    struct intake_message m = {.name = STR("file"), .files = &f, .nfiles = 1, .bytes = str_c(text)};
    intake_take(app_intake(w->app), &m, &w->a, &answer);
    if (answer.st)
        test_fail("not published: %.*s", FMT(answer.line));
    return answer;
}

static void a_lead_picture_is_taken_back(void **state)
{
    struct world *w = *state;
    with_picture(w, HEAD("wall", "picture: {file: p.png, alt: Waves}\n") "Words.\n");
    assert_true(shows(w, WALL, "Waves"));
    publish(w, HEAD("wall", "") "Other words.\n");
    assert_true(shows(w, WALL, "Waves"));
    publish(w, HEAD("wall", "picture: null\n") "Other words.\n");
    assert_false(shows(w, WALL, "Waves"));
}

static void a_listed_picture_that_is_not_shown_is_told_of(void **state)
{
    struct world *w = *state;
    struct intake_answer answer =
        with_picture(w, HEAD("wall", "pictures: [{file: p.png, credit: A}]\n") "Words.\n");
    assert_int_equal(answer.nwarnings, 1);
    assert_str(answer.warnings[0],
               "line 5: the body doesn't show the picture p.png: it is left out");
    answer =
        with_picture(w, HEAD("wall", "pictures: [{file: p.png, credit: A}]\n") "![B](p.png)\n");
    assert_int_equal(answer.nwarnings, 0);
}

/* ---- names ---- */

static void a_name_in_any_script_has_an_address(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *name, *slug;
    } cases[] = {
        {"ខ្មែរ", "u1781-17d2-1798-17c2-179a"},
        {"ລາວ", "uea5-eb2-ea7"},
        {"ⵜⵉⴼ", "u2d5c-2d49-2d3c"},
        {"Ꭰꭱ", "u13a0-13a1"},
        {"ខ FC", "u1781-66-63"},
        {"Ленин", "lenin"},
        {"محمد", "mhmd"},
        {"O’Neill", "oneill"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        str slug, again;
        assert_int_equal(slug_of_name(str_c(cases[i].name), &w->a, &slug), ST_OK);
        assert_str(slug, cases[i].slug);
        assert_true(slug_valid(slug));
        assert_int_equal(slug_of_name(str_c(cases[i].name), &w->a, &again), ST_OK);
        assert_true(str_eq(slug, again));
    }
    str one, other;
    const char *lengthy = "ខ្មែរខ្មែរខ្មែរខ្មែរខ្មែរខ្មែរ", *longer = "ខ្មែរខ្មែរខ្មែរខ្មែរខ្មែរខ្មែរខ";
    assert_int_equal(slug_of_name(str_c(lengthy), &w->a, &one), ST_OK);
    assert_int_equal(slug_of_name(str_c(longer), &w->a, &other), ST_OK);
    assert_true(slug_valid(one) && slug_valid(other) && !str_eq(one, other));
    assert_int_equal(slug_of_name(STR("—!—"), &w->a, &one), ST_INVALID);
    publish(w, HEAD("wall", "topics: [ខ្មែរ]\nby: [ລາວ]\n") "Words.\n");
    assert_true(shows(w, "/topic/u1781-17d2-1798-17c2-179a", "Headline of wall"));
    assert_true(shows(w, "/by/uea5-eb2-ea7", "Headline of wall"));
    refused(w, HEAD("x", "topics: [Storm, \"—\"]\n") "W.\n", "line 5: a name needs a letter");
}

/* ---- words for a person ---- */

static void errors_name_their_line(void **state)
{
    struct world *w = *state;
    struct intake_answer answer;
    struct intake_file files[] = {{STR("a.jpg"), STR("GIF89a")}};
    static const struct {
        const char *text, *want;
    } cases[] = {
        {HEAD("x", "") "Words.\n\n![c](a.jpg)\n", "file: line 8: the picture a.jpg: this is a GIF"},
        {HEAD("x", "picture: {file: a.jpg}\n") "Words.\n", "file: line 5: the picture a.jpg: "},
        {HEAD("x", "pictures:\n  - key: b\n  - {file: a.jpg}\n") "Words.\n\n![c](a.jpg)\n",
         "file: line 7: the picture a.jpg: "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct intake_message m = {.kind = INTAKE_STORY,
                                   .name = STR("file"),
                                   .bytes = str_c(cases[i].text),
                                   .files = files,
                                   .nfiles = 1};
        intake_take(app_intake(w->app), &m, &w->a, &answer);
        assert_int_equal(answer.st, ST_INVALID);
        if (!str_starts(answer.line, str_c(cases[i].want)))
            test_fail("want %s\nhave %.*s", cases[i].want, FMT(answer.line));
    }
    publish(w, HEAD("wall", "") "Words.\n");
    publish(w,
            "---\nid: stena\nedition: ru\nsection: town\nheadline: С\ntranslation-of: wall\n---\n"
            "С.\n");
    refused(
        w, "---\nid: dve\nedition: ru\nsection: town\nheadline: Д\ntranslation-of: wall\n---\nД.\n",
        "line 6: \"");
}

static void a_body_that_is_gone_empties_nothing(void **state)
{
    struct world *w = *state;
    warned(w, HEAD("brief", ""), "line 5: the story has no text below its head");
    publish(w, HEAD("wall", "") "Words.\n");
    refused(w, HEAD("wall", "label: opinion\n"), "line 6: the file has no text below its head");
    assert_true(shows(w, WALL, "Words."));
}

static void sections_are_not_all_taken_away(void **state)
{
    struct world *w = *state;
    static const char *const empty[] = {"", "en: []\n", "# nothing\n"};
    for (size_t i = 0; i < COUNT(empty); i++) {
        str line;
        assert_int_equal(take(w, INTAKE_SECTIONS, empty[i], &line), ST_INVALID);
        assert_str(str_head(line, 12), "file: line 1");
    }
    assert_true(shows(w, "/", "/town/"));
}

static void a_note_is_words(void **state)
{
    struct world *w = *state;
    struct intake_answer answer;
    struct out many = out_make(&w->a, 4096, 1 << 16);
    for (int i = 0; i < 1001; i++)
        out_c(&many, "я");
    const struct {
        str note;
        const char *want;
    } cases[] = {
        {STR(" "), "a withdrawal needs a note"},
        {STR("a\nb"), "one line of UTF-8 without control characters"},
        {STR("a\x01"), "one line of UTF-8 without control characters"},
        {STR("\xff"), "one line of UTF-8 without control characters"},
        {out_view(&many), "the note has 1001 characters; it may have 1000"},
    };
    publish(w, HEAD("wall", "") "Words.\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        intake_withdraw(app_intake(w->app), STR("wall"), cases[i].note, &w->a, &answer);
        if (!answer.st || str_find(answer.line, str_c(cases[i].want)) < 0)
            test_fail("want %s\nhave %.*s", cases[i].want, FMT(answer.line));
    }
    many.n -= 2;
    intake_withdraw(app_intake(w->app), STR("wall"), out_view(&many), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    publish(w, "---\nid: history\nkind: background\nheadline: H\n---\nWords.\n");
    intake_withdraw(app_intake(w->app), STR("history"), STR("Gone."), &w->a, &answer);
    assert_str(answer.line, "withdrawn history");
    intake_reinstate(app_intake(w->app), STR("history"), &w->a, &answer);
    assert_str(answer.line, "reinstated history");
}

static void all_or_none_says_which(void **state)
{
    struct world *w = *state;
    struct intake_answer answers[3];
    struct intake_message m[3] = {
        {.name = STR("a"), .bytes = STR(HEAD("a", "") "Words.\n")},
        {.name = STR("b"), .bytes = STR(HEAD("b", "background: b\n") "Words.\n")},
        {.name = STR("c"), .bytes = STR(HEAD("c", "") "Words.\n")},
    };
    for (int round = 0; round < 2; round++) {
        intake_take_all(app_intake(w->app), m, 3, &w->a, answers);
        for (size_t i = 0; i < 3; i++) {
            assert_int_not_equal(answers[i].st, ST_OK);
            assert_int_equal(answers[i].line.n > 0, i == 1);
        }
        assert_true(str_starts(answers[1].line, STR("b: line ")));
        m[1].bytes =
            STR(HEAD("b", "slug: headline-of-a\n") "Words.\n"); /* known in the writer only */
    }
    assert_false(shows(w, "/", "Headline of"));
}

static void a_picture_twice_has_one_caption(void **state)
{
    struct world *w = *state;
    refused(
        w, HEAD("x", "") "![One](a.jpg \"A\")\n\nWords.\n\n![Two](a.jpg \"A\")\n",
        "line 10: the picture a.jpg stands in the body twice, in line 6 with another caption or "
        "credit");
    refused(w, HEAD("x", "") "![One](a.jpg \"A\")\n\n![One](a.jpg \"B\")\n", "twice");
    refused(w, HEAD("x", "") "![One](a.jpg \"A\")\n\n![One](a.jpg \"A\")\n", "was not found");
    refused(w, HEAD("x", "") "![One](a.jpg \"A\")\n\n![](a.jpg)\n", "was not found");
}

static void a_correction_tells_its_translations(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct work_query q = {.all = true, .limit = 9};
    struct due *list = NULL;
    size_t n = 0;
    publish(w, HEAD("wall", "") "Words.\n");
    publish(w, "---\nid: stena\nedition: ru\nsection: town\nheadline: Стена\ntranslation-of: "
               "wall\n---\nСлова.\n");
    publish(w, HEAD("wall", "change: correction\ncorrection: It leans.\n") "Other words.\n");
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(due_list(&v, &q, moment(30, 0), &list, &n), &err);
    assert_int_equal(n, 1);
    assert_str(list[0].work.key, "stena");
    assert_str(list[0].source_key, "wall");
    assert_int_equal(list[0].revision, 2);
}

static const struct world_files files = {site_yaml, sections_yaml, NULL};

#define T(f) with_world(f, &files)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_embargo_holds_for_whom_a_story_joins),
        T(a_kept_address_that_was_never_public_is_given_up),
        T(a_due_story_that_cannot_go_live_stays_due),
        T(a_background_is_one_from_both_sides),
        T(a_corrections_policy_is_a_page),
        T(a_kept_kind_is_held_to),
        T(a_key_with_nothing_in_it_takes_back),
        T(a_lead_picture_is_taken_back),
        T(a_listed_picture_that_is_not_shown_is_told_of),
        T(a_name_in_any_script_has_an_address),
        T(errors_name_their_line),
        T(a_body_that_is_gone_empties_nothing),
        T(sections_are_not_all_taken_away),
        T(a_note_is_words),
        T(all_or_none_says_which),
        T(a_picture_twice_has_one_caption),
        T(a_correction_tells_its_translations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
