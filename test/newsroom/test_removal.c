/* Words removed by order: what stands there instead, who may, and what is done again after an older
 * backup. That no byte of them is left: test_removed_bytes.c. */
#include <fcntl.h>
#include <sys/stat.h>

#include "removal.h"

#include "store/removal.h"

static const struct world_files three = {
    "name: {en: The Sound, ru: Пролив, ar: المضيق}\n"
    "editions: [{slug: en, locale: en-GB, zone: Europe/London}, {slug: ru, locale: ru-RU, zone: "
    "Europe/Riga}, {slug: ar, locale: ar-EG, zone: Africa/Cairo}]\n",
    "en:\n  - {slug: town, name: Town}\nru:\n  - {slug: town, name: Город}\nar:\n  - {slug: town, "
    "name: المدينة}\n",
    NULL};
#define with_three(f)                                                                              \
    cmocka_unit_test_prestate_setup_teardown(f, desk_setup, world_teardown, (void *)&three)

#define STORY(id, more, body) "---\nid: " id "\nsection: town\n" more "---\n" body "\n"

static struct revision revision_of(struct world *w, const char *key, i64 number)
{
    struct err err = {0};
    struct story s;
    struct revision r = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    CLEANUP(view_end) struct view v = {0};
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    assert_ok(view_begin(&v, db, &w->a, &err), &err);
    assert_ok(story_by_key(&v, str_c(key), PART_PAGE, &s), &err);
    assert_ok(revision_read(&v, s.id, number, &r), &err);
    return r;
}

static size_t stands(struct world *w, const char *key, const char *words)
{
    struct removal_preview p = {0};
    assert_int_equal(preview(w, &people[PIA], key, words, &p), ST_OK);
    return p.times;
}

/* ---- what readers see ---- */

static void readers_see_a_mark_in_their_language(void **state)
{
    static const struct {
        const char *edition, *prefix, *words;
    } all[] = {{"en", "", "[removed by order]"},
               {"ru", "/ru", "[удалено по требованию]"},
               {"ar", "/ar", "[حُذف بأمر]"}};
    struct world *w = *state;
    for (size_t i = 0; i < COUNT(all); i++) {
        char id[20], path[80], shown[100], title[100];
        snprintf(id, sizeof id, "in-%s", all[i].edition);
        publish(w, arena_cstr(&w->a,
                              arena_fmt(&w->a,
                                        "---\nid: %s\nedition: %s\nsection: town\nslug: held\n"
                                        "headline: Held - " NAME "\n---\nMr *" NAME "* was held.\n",
                                        id, all[i].edition)));
        assert_int_equal(removed(w, id, NAME), 2);
        snprintf(path, sizeof path, "%s/town/2026/11/20/held", all[i].prefix);
        snprintf(shown, sizeof shown, "Mr <em><span class=\"removed\">%s</span></em> was held.",
                 all[i].words);
        snprintf(title, sizeof title, "<title>Held - %s |", all[i].words);
        assert_shows(w, path, shown);
        assert_shows(w, path, title);
        assert_shows(w, path, "Held - <span class=\"removed\">");
        snprintf(path, sizeof path, "%s/town/2026/11/20/held.txt", all[i].prefix);
        assert_shows(w, path, all[i].words);
        snprintf(path, sizeof path, "%s/town/2026/11/20/held.json", all[i].prefix);
        assert_shows(w, path, all[i].words);
        snprintf(path, sizeof path, "%s/feed.xml", all[i].prefix);
        assert_shows(w, path, all[i].words);
        assert_hides(w, path, "&lt;span class=&quot;removed&quot;");
        snprintf(path, sizeof path, "%s/", all[i].prefix);
        assert_shows(w, path, all[i].words);
    }
}

static void an_old_address_is_gone_and_the_story_has_another(void **state)
{
    struct world *w = *state;
    str body;
    publish(w, STORY("a", "headline: One\nslug: mullerowitz\n", "Words."));
    publish(w, STORY("a", "headline: One\nslug: port-mullerowitz-held\n", "Words."));
    publish(w, STORY("b", "headline: Other\nslug: port-held\n", "Words."));
    assert_int_equal(get(w, "/town/2026/11/20/mullerowitz", NULL), 301);
    removed(w, "a", NAME);
    static const char *const gone[] = {
        "/town/2026/11/20/mullerowitz", "/town/2026/11/20/mullerowitz.txt",
        "/town/2026/11/20/port-mullerowitz-held", "/town/2026/11/20/port-mullerowitz-held.json"};
    for (size_t i = 0; i < COUNT(gone); i++) {
        assert_int_equal(get(w, gone[i], &body), 410);
        assert_has(body, "removed by order");
    }
    assert_int_equal(get(w, "/town/2026/11/20/port-held-2", &body), 200);
    assert_int_equal(get(w, "/town/2026/11/20/port-held", &body), 200);
    assert_has(body, "Other");
    assert_int_equal(get(w, "/town/2026/11/20/never-there", NULL), 404);
    /* and it is published on as ever */
    publish(w, STORY("a", "headline: Two\n", "Other words."));
    assert_shows(w, "/town/2026/11/20/port-held-2", "Other words.");
}

static void nobody_takes_an_address_that_was_removed(void **state)
{
    struct world *w = *state;
    str line;
    publish(w, STORY("a", "headline: Mullerowitz\n", "Words."));
    removed(w, "a", "Mullerowitz");
    publish(w, STORY("b", "headline: Mullerowitz\n", "Words."));
    assert_int_not_equal(get(w, "/town/2026/11/20/mullerowitz", NULL), 200);
    assert_int_equal(get(w, "/town/2026/11/20/mullerowitz-2", NULL), 200);
    assert_int_equal(
        take(w, INTAKE_STORY, STORY("c", "headline: One\nslug: mullerowitz\n", "Words."), &line),
        ST_CONFLICT);
    assert_has(line, "was removed by order");
}

static void a_revision_keeps_its_hash_and_loses_its_salt(void **state)
{
    struct world *w = *state;
    publish(w, STORY("a", "headline: One\n", "Mr " NAME "."));
    publish(w, STORY("a", "headline: Two\n", "Nobody."));
    struct revision was = revision_of(w, "a", 1), other = revision_of(w, "a", 2);
    time_set_for_test(moment(21, 9));
    removed(w, "a", NAME);
    struct revision is = revision_of(w, "a", 1), still = revision_of(w, "a", 2);
    assert_int_equal(is.removed_ms, moment(21, 9));
    assert_true(str_eq(is.hash, was.hash));
    assert_has(is.bytes, "Mr " REMOVED_MARK ".");
    assert_int_equal(is.salt.n, 0);
    assert_int_equal(still.removed_ms, 0);
    assert_true(str_eq(still.salt, other.salt) && str_eq(still.bytes, other.bytes));
}

static void a_name_goes_whole_and_others_keep_theirs(void **state)
{
    struct world *w = *state;
    publish(w,
            STORY("a", "headline: One\nby: [Ada Quill, Bo " NAME "]\ntopics: [" NAME ", Harbour]\n",
                  "Words."));
    publish(w, STORY("b", "headline: Two\nby: [Bo " NAME "]\n", "Words."));
    removed(w, "a", NAME);
    assert_hides(w, "/town/2026/11/20/one", "Bo ");
    assert_shows(w, "/town/2026/11/20/one", "Ada Quill");
    assert_shows(w, "/town/2026/11/20/one", "Harbour");
    assert_int_equal(get(w, "/topic/mullerowitz", NULL), 404);
    assert_shows(w, "/by/bo-mullerowitz", "Two");
    assert_hides(w, "/by/bo-mullerowitz", "One");
}

/* ---- who may ---- */

static void only_publishers_may(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct removal_preview p;
    size_t times;
    publish(w, STORY("a", "headline: One\n", "Mr " NAME "."));
    assert_int_equal(preview(w, &people[EVA], "a", NAME, &p), ST_DENIED);
    assert_int_equal(remove_words(w, &people[EVA], "a", NAME, &times, &err), ST_DENIED);
    assert_int_equal(remove_words(w, &people[PIA], "none", NAME, &times, &err), ST_NOTFOUND);
    assert_int_equal(stands(w, "a", NAME), 1);
    static const struct {
        const char *words, *why;
    } wrong[] = {{"a", "desk-error-removal-words"},
                 {"...", "desk-error-removal-words"},
                 {"Nowhere", "desk-error-removal-none"}};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        err = (struct err){0};
        assert_int_equal(remove_words(w, &people[PIA], "a", wrong[i].words, &times, &err),
                         ST_INVALID);
        assert_string_equal(err.text, wrong[i].why);
    }
}

static void a_restricted_translation_loses_them_unseen(void **state)
{
    struct world *w = *state;
    struct removal_preview p = {0};
    static const struct actor vic = {4 + 1, ROLE_PUBLISHER, {"Vic", 3}};
    publish(w, STORY("a", "headline: One\n", "Mr " NAME "."));
    publish(w, "---\nid: b\nedition: ru\nsection: town\ntranslation-of: a\nheadline: Два\n---\n"
               "Тайна " NAME ".\n");
    i64 named[] = {vic.account};
    struct act_of hide = {
        .what = RESTRICT, .who = &vic, .key = STR("b"), .named = named, .nnamed = COUNT(named)};
    act_well(w, &hide);
    assert_int_equal(preview(w, &people[PIA], "a", NAME, &p), ST_OK);
    assert_int_equal(p.times, 2);
    for (size_t i = 0; i < p.n; i++)
        assert_false(has(p.list[i].before, "Тайна") || str_eq(p.list[i].story, STR("b")));
    assert_int_equal(removed(w, "a", NAME), 2);
    assert_has(revision_of(w, "b", 1).bytes, "Тайна " REMOVED_MARK ".");
}

/* From whichever of them it is asked for. */
static void drafts_and_originals_lose_them_too(void **state)
{
    struct world *w = *state;
    const char *from[] = {"a", NULL};
    for (size_t i = 0; i < COUNT(from); i++) {
        publish(w, STORY("a", "headline: One\n", "Mr " NAME "."));
        str key = begin(w, &people[PIA]);
        struct story_content content = says(w, "Two", "Frau " NAME ".\n");
        content.translation_of = STR("a");
        struct act_of c = save_from(w, &people[PIA], key, 0, 0, &content);
        act_well(w, &c);
        const char *draft = arena_cstr(&w->a, key);
        assert_int_equal(removed(w, from[i] ? from[i] : draft, NAME), 2);
        assert_int_equal(stands(w, "a", NAME), 0);
        assert_int_equal(stands(w, draft, NAME), 0);
        struct act_of away = {.what = DESTROY, .who = &people[PIA], .key = key};
        act_well(w, &away);
    }
}

/* ---- once more ---- */

static void what_a_database_has_not_had_is_done(void **state)
{
    struct world *w = *state;
    publish(w, STORY("a", "headline: One\n", "Mr " NAME "."));
    const char *older = keep_database(w);
    publish(w, STORY("a", "headline: Two\n", "Mr " NAME " again."));
    removed(w, "a", NAME);
    publish(w, STORY("a", "headline: Three\n", "Words."));
    put_back(w, older); /* also what a crash after the list's entry leaves */
    assert_int_equal(stands(w, "a", NAME), 0);
    assert_hides(w, "/town/2026/11/20/one", NAME);
    assert_has(revision_of(w, "a", 1).bytes, "Mr " REMOVED_MARK ".");
}

static void list_path(struct world *w, char path[128], const char *ending)
{
    snprintf(path, 128, "%s/" REMOVALS_FILE "%s", w->folder, ending);
}

/* A site that was put back and went on has a second revision as well, of which nothing was
 * removed. */
static void another_row_of_the_same_number_stays(void **state)
{
    struct world *w = *state;
    char list[128], away[128];
    publish(w, STORY("a", "headline: One\n", "Mr " NAME "."));
    const char *older = keep_database(w);
    publish(w, STORY("a", "headline: Two\n", "Mr " NAME " again and again."));
    removed(w, "a", NAME);
    list_path(w, list, "");
    list_path(w, away, ".away");
    assert_int_equal(rename(list, away), 0);
    put_back(w, older);
    publish(w, STORY("a", "headline: Six\n", "Nobody is named in this one, however long."));
    struct revision before = revision_of(w, "a", 2);
    app_close(w->app);
    assert_int_equal(rename(away, list), 0);
    open_again(w);
    assert_has(revision_of(w, "a", 1).bytes, REMOVED_MARK);
    assert_true(str_eq(revision_of(w, "a", 2).bytes, before.bytes));
}

static void append(struct world *w, const char *text)
{
    char path[128];
    list_path(w, path, "");
    CLEANUP(fd_close) int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void a_line_that_is_not_whole_is_none(void **state)
{
    struct world *w = *state;
    char path[128];
    struct stat s;
    publish(w, STORY("a", "headline: One\n", "Mr " NAME "."));
    app_close(w->app);
    append(w, "{\"at\":1,\"id\":\"00\",\"stories\":[{\"key\":\"a\",\"rows\":[{\"cuts\":[2,0");
    open_again(w);
    assert_int_equal(stands(w, "a", NAME), 1);
    removed(w, "a", NAME);
    app_close(w->app);
    open_again(w); /* the next one took its place */
    list_path(w, path, "");
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
    /* a whole one that can't be read is no site to serve */
    append(w, "nonsense\n");
    app_close(w->app);
    w->app = NULL;
    struct err err = {0};
    assert_int_equal(app_open(&(struct app_options){.site = &w->site}, &w->app, &err), ST_CORRUPT);
    assert_string_equal(err.text, "line 2 of the list of removals can't be read");
}

static bool always(void *arg)
{
    (void)arg;
    return true;
}

static void what_failed_is_not_done_later(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    size_t times;
    publish(w, STORY("a", "headline: One\n", "Mr " NAME "."));
    writer_test_hook(app_writer(w->app), (struct writer_hook){.fail_commit = always});
    assert_int_not_equal(remove_words(w, &people[PIA], "a", NAME, &times, &err), ST_OK);
    writer_test_hook(app_writer(w->app), (struct writer_hook){0});
    app_close(w->app);
    open_again(w);
    assert_int_equal(stands(w, "a", NAME), 1);
}

/* What is in the list: numbers and the story's key, nothing of the words or by which they could be
 * guessed. */
static void the_list_does_not_tell(void **state)
{
    struct world *w = *state;
    char path[128], bytes[4096] = {0};
    publish(w, STORY("a", "headline: One\n", "Mr " NAME "."));
    str salt = revision_of(w, "a", 1).salt;
    removed(w, "a", NAME);
    list_path(w, path, "");
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, bytes, sizeof bytes - 1);
    str line = {bytes, (size_t)n};
    assert_true(n > 0);
    assert_lacks(line, "llerowitz");
    assert_true(str_find(line, hex(salt.p, salt.n, &w->a)) < 0);
    str left = sha256_hex(sha256(STR(NAME)), &w->a);
    assert_true(str_find(line, left) < 0);
    assert_has(line, "\"cuts\":[3,3,12]"); /* byline and topics are none; "Mr " is three bytes */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_three(readers_see_a_mark_in_their_language),
        with_desk(an_old_address_is_gone_and_the_story_has_another),
        with_desk(nobody_takes_an_address_that_was_removed),
        with_desk(a_revision_keeps_its_hash_and_loses_its_salt),
        with_desk(a_name_goes_whole_and_others_keep_theirs),
        with_desk(only_publishers_may),
        with_desk(a_restricted_translation_loses_them_unseen),
        with_desk(drafts_and_originals_lose_them_too),
        with_desk(what_a_database_has_not_had_is_done),
        with_desk(another_row_of_the_same_number_stays),
        with_desk(a_line_that_is_not_whole_is_none),
        with_desk(what_failed_is_not_done_later),
        with_desk(the_list_does_not_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
