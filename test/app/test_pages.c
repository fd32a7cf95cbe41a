/* Pages without sockets: a site in a temporary folder, story files in, pages out. */
#include "site.h"

#include <pthread.h>

#include "app/parts.h"
#include "jobs/jobs.h"
#include "newsroom/sweep.h"
#include "site/routes.h"

static const char site_yaml[] = "name: {en: The Sound, ru: Пролив}\n"
                                "footer: {en: [{text: About us, story: about}]}\n"
                                "editions: [{slug: en, locale: en-GB, zone: Europe/London}, {slug: "
                                "ru, locale: ru-RU, zone: Europe/Riga}]\n";
static const char sections_yaml[] = "en:\n  - {slug: town, name: Town, description: Streets.}\n"
                                    "  - {slug: sea, name: Sea, description: Water.}\n"
                                    "ru:\n  - {slug: town, name: Город, description: Улицы.}\n";

enum { NOW_DAY = 20 };

/* One render can be held after it has read and before it enters the cache, while others publish. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool wanted, held;
} hold = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};

static void hold_in_mid_air(void *arg, const char *point)
{
    (void)arg;
    (void)point;
    pthread_mutex_lock(&hold.lock);
    if (hold.wanted && !hold.held) {
        hold.held = true;
        pthread_cond_broadcast(&hold.moved);
        while (hold.wanted)
            pthread_cond_wait(&hold.moved, &hold.lock);
    }
    pthread_mutex_unlock(&hold.lock);
}

static void hold_next(bool wanted)
{
    pthread_mutex_lock(&hold.lock);
    hold.wanted = wanted;
    if (wanted)
        hold.held = false;
    pthread_cond_broadcast(&hold.moved);
    pthread_mutex_unlock(&hold.lock);
}

static void a_story_becomes_a_page(void **state)
{
    struct world *w = *state;
    publish(w, HEAD("wall", "standfirst: \"Forty <metres> & more\"\nby: [Ada Quill]\ntopics: "
                            "[Storm Iris]\n") "The *wall* fell.\n");
    assert_shows(w, WALL, "<h1>Headline of wall</h1>");
    assert_shows(w, WALL, "Forty &lt;metres&gt; &amp; more");
    assert_shows(w, WALL, "The <em>wall</em> fell.");
    assert_shows(w, "/", WALL);
    assert_shows(w, "/town/", WALL);
    assert_shows(w, "/topic/storm-iris", WALL);
    assert_shows(w, "/by/ada-quill", WALL);
    assert_shows(w, "/archive/2026/11/20", WALL);
    assert_shows(w, "/feed.xml", "The &lt;em&gt;wall&lt;/em&gt; fell.");
    assert_shows(w, "/sitemap/news.xml", "Headline of wall");
    assert_shows(w, WALL ".txt", "The wall fell.");
    assert_shows(w, WALL ".json", "\"format\":\"broadsheet-story/1\"");
    assert_int_equal(get(w, "/sea/", NULL), 200);
    assert_int_equal(get(w, "/topic/none", NULL), 404);
}

static void publishing_again_is_seen_on_the_next_request(void **state)
{
    struct world *w = *state;
    str line;
    publish(w, HEAD("wall", "") "First words.\n");
    assert_shows(w, WALL, "First words.");
    publish(w, HEAD("wall", "") "Second words.\n");
    assert_shows(w, WALL, "Second words.");
    assert_hides(w, WALL, "First words.");
    assert_shows(w, WALL, "Updated 12:00");
    assert_int_equal(take(w, INTAKE_STORY, HEAD("wall", "") "Second words.\n", &line), ST_OK);
    assert_str(line, "unchanged wall");
}

static void what_a_404_says_ends_when_the_page_comes(void **state)
{
    struct world *w = *state;
    assert_int_equal(get(w, WALL, NULL), 404);
    assert_int_equal(get(w, WALL ".txt", NULL), 404);
    assert_int_equal(get(w, "/topic/storm-iris", NULL), 404);
    publish(w, HEAD("wall", "topics: [Storm Iris]\n") "Words.\n");
    assert_int_equal(get(w, WALL, NULL), 200);
    assert_int_equal(get(w, WALL ".txt", NULL), 200);
    assert_int_equal(get(w, "/topic/storm-iris", NULL), 200);
}

static void a_missing_card_comes(void **state)
{
    struct world *w = *state;
    publish(w,
            HEAD("wall", "") "Words.\n\n[The boat](story:boat)\n\nSee [inline](story:boat) too.\n");
    assert_shows(w, WALL, "<p>The boat</p>");
    assert_shows(w, WALL, "See inline too.");
    publish(w, HEAD("boat", "") "Aground.\n");
    assert_shows(w, WALL,
                 "<p class=\"headline\"><a href=\"/town/2026/11/20/headline-of-boat\">Headline of "
                 "boat</a></p>");
    assert_shows(w, WALL, "See <a href=\"/town/2026/11/20/headline-of-boat\">inline</a> too.");
    assert_hides(w, WALL ".json", "\"nothing\"");
}

struct asking {
    struct world *w;
    const char *path;
    str body;
    struct arena a;
};

static void *ask_in_thread(void *arg)
{
    struct asking *x = arg;
    struct request r = {.method = GET, .path = str_c(x->path)};
    struct reply reply = app_handle(x->w->app, &r, &x->a);
    x->body = arena_str(&x->a, finished_body(reply.finished));
    finished_release(reply.finished);
    return NULL;
}

/* A page with a card that isn't there yet is rendered; the card's story comes before the page has
 * entered. */
static void a_missing_card_comes_while_its_page_is_in_mid_air(void **state)
{
    struct world *w = *state;
    pthread_t t;
    struct asking x = {.w = w, .path = WALL};
    assert_int_equal(arena_init(&x.a, 64 << 20), ST_OK);
    publish(w, HEAD("wall", "") "Words.\n\n[The boat](story:boat)\n");
    hold_next(true);
    pthread_create(&t, NULL, ask_in_thread, &x);
    pthread_mutex_lock(&hold.lock);
    while (!hold.held)
        pthread_cond_wait(&hold.moved, &hold.lock);
    pthread_mutex_unlock(&hold.lock);
    publish(w, HEAD("boat", "") "Aground.\n");
    hold_next(false);
    pthread_join(t, NULL);
    assert_true(str_find(x.body, STR("<p>The boat</p>")) >= 0); /* it asked before */
    assert_shows(w, WALL, "Headline of boat");
    arena_free(&x.a);
}

static const char png[] =
    "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\x90\x77\x53\xDE"
    "\0\0\0\x0CIDAT\x08\xD7\x63\xF8\xCF\xC0\0\0\3\1\1\0\x18\xDD\x8D\xB0\0\0\0\0IEND\xAE\x42\x60"
    "\x82";

static size_t sweep_all(struct world *w)
{
    size_t all = 0;
    for (int i = 0; i < SWEEP_SLICES; i++) {
        size_t gone;
        struct err err = {0};
        assert_ok(sweep_pictures(app_writer(w->app), w->app->blobs, i, &gone, &err), &err);
        all += gone;
    }
    return all;
}

static enum status with_picture(struct world *w, const char *text)
{
    struct intake_answer answer;
    struct intake_file f = {STR("p.png"), {png, sizeof png - 1}};
    struct intake_message m = {.name = STR("file"), .files = &f, .nfiles = 1, .bytes = str_c(text)};
    intake_take(app_intake(w->app), &m, &w->a, &answer);
    return answer.st;
}

#define REFUSED                                                                                    \
    "---\nid: no\nsection: nowhere\nheadline: No\npicture: {file: p.png, alt: W}\n---\nW.\n"
#define TAKEN HEAD("wall", "picture: {file: p.png, alt: W}\n") "W.\n"

static void pictures_that_nothing_names_are_swept_after_a_day(void **state)
{
    struct world *w = *state;
    assert_int_equal(with_picture(w, REFUSED), ST_INVALID);
    assert_int_equal(sweep_all(w), 0); /* somebody may be about to name it */
    time_set_for_test(time_now() + 25 * MS_HOUR);
    assert_int_equal(sweep_all(w), 2); /* the original and what would be served */
    assert_int_equal(with_picture(w, TAKEN), ST_OK);
    time_set_for_test(time_now() + 25 * MS_HOUR);
    assert_int_equal(sweep_all(w), 0);
}

static void a_picture_kept_again_is_not_swept(void **state)
{
    struct world *w = *state;
    assert_int_equal(with_picture(w, REFUSED), ST_INVALID);
    time_set_for_test(time_now() + 25 * MS_HOUR);
    assert_int_equal(with_picture(w, REFUSED), ST_INVALID); /* on its way to a row, say */
    assert_int_equal(sweep_all(w), 0);
}

static void give_sections(struct world *w, const char *text)
{
    struct intake_answer answer;
    struct intake_file f = {STR("p.png"), {png, sizeof png - 1}};
    struct intake_message m = {.kind = INTAKE_SECTIONS,
                               .name = STR("file"),
                               .files = &f,
                               .nfiles = strstr(text, "p.png") ? 1 : 0,
                               .bytes = str_c(text)};
    intake_take(app_intake(w->app), &m, &w->a, &answer);
    if (answer.st)
        test_fail("not published: %.*s", FMT(answer.line));
}

/* Each state of the file, and on which sections' pages the picture stands; it answers while it
 * stands on any. A section that left the file keeps its page, without the picture. */
static void a_section_shows_its_picture_while_it_is_listed(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *text;
        bool town, sea;
    } steps[] = {
        {"en: [{slug: town, name: Town}, {slug: sea, name: Sea}]\n", false, false},
        {"en: [{slug: town, name: Town, picture: p.png}, {slug: sea, name: Sea}]\n", true, false},
        {"en: [{slug: town, name: Town}, {slug: sea, name: Sea, picture: p.png}]\n", false, true},
        {"en: [{slug: town, name: Town, picture: p.png}, {slug: sea, name: Sea, picture: p.png}]\n",
         true, true},
        {"en: [{slug: town, name: Town, picture: p.png}]\n", true, false},
        {"en: [{slug: sea, name: Sea}]\n", false, false},
        {"en: [{slug: sea, name: Sea}, {slug: town, name: Town, picture: p.png}]\n", true, false},
    };
    str hex = sha256_hex(sha256((str){png, sizeof png - 1}), &w->a);
    const char *path = arena_cstr(&w->a, arena_fmt(&w->a, "/picture/%.*s.png", FMT(hex)));
    publish(w, HEAD("wall", "") "Words.\n"); /* town has stories, sea has none */
    for (size_t i = 0; i < COUNT(steps); i++) {
        give_sections(w, steps[i].text);
        bool any = steps[i].town || steps[i].sea;
        if (shows(w, "/town/", path) != steps[i].town || shows(w, "/sea/", path) != steps[i].sea ||
            get(w, path, NULL) != (any ? 200 : 404))
            test_fail("step %zu", i);
    }
}

static void withdrawn_pictures_answer_404(void **state)
{
    struct world *w = *state;
    struct intake_answer answer;
    struct intake_file f = {STR("p.png"), {png, sizeof png - 1}};
    struct intake_message m = {
        .kind = INTAKE_STORY,
        .name = STR("file"),
        .files = &f,
        .nfiles = 1,
        .bytes = STR(HEAD(
            "wall", "published: 2026-11-20T13:00:00Z\npicture: {file: p.png, alt: W}\n") "W.\n")};
    struct err err = {0};
    i64 next;
    intake_take(app_intake(w->app), &m, &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    str served = STR_NONE, page;
    { /* where it will be: from what a live page would say, which isn't there yet */
        struct sha256 h = sha256((str){png, sizeof png - 1});
        served = arena_fmt(&w->a, "/picture/%.*s.png", FMT(sha256_hex(h, &w->a)));
    }
    const char *path = arena_cstr(&w->a, served);
    assert_int_equal(get(w, path, NULL), 404); /* scheduled */
    time_set_for_test(moment(NOW_DAY, 13));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    get(w, WALL, &page);
    assert_true(str_find(page, served) >= 0);
    assert_int_equal(get(w, path, NULL), 200);
    intake_withdraw(app_intake(w->app), STR("wall"), STR("No."), &w->a, &answer);
    assert_int_equal(get(w, path, NULL), 404);
    intake_reinstate(app_intake(w->app), STR("wall"), &w->a, &answer);
    assert_int_equal(get(w, path, NULL), 200);
}

static void withdrawn_is_gone_everywhere(void **state)
{
    struct world *w = *state;
    struct intake_answer answer;
    publish(w, HEAD("wall", "topics: [Storm Iris]\n") "Secret words.\n");
    publish(w, HEAD("boat", "") "[The wall](story:wall)\n\nMore.\n");
    assert_shows(w, "/town/2026/11/20/headline-of-boat", WALL);
    assert_shows(w, "/", WALL);
    intake_withdraw(app_intake(w->app), STR("wall"), STR("It was not true."), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    assert_int_equal(get(w, WALL, NULL), 410);
    assert_int_equal(get(w, WALL ".txt", NULL), 410);
    assert_int_equal(get(w, WALL ".json", NULL), 410);
    assert_shows(w, WALL, "It was not true.");
    assert_hides(w, WALL, "Secret words.");
    assert_hides(w, WALL, "Headline of wall");
    assert_hides(w, "/", WALL);
    assert_hides(w, "/town/2026/11/20/headline-of-boat", WALL);
    assert_int_equal(get(w, "/topic/storm-iris", NULL), 404);
    assert_int_equal(take(w, INTAKE_STORY, HEAD("wall", "") "New.\n", NULL), ST_CONFLICT);
    intake_reinstate(app_intake(w->app), STR("wall"), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    assert_shows(w, WALL, "Secret words.");
    assert_shows(w, "/", WALL);
}

static void an_old_address_leads_on(void **state)
{
    struct world *w = *state;
    publish(w, HEAD("wall", "slug: one\n") "Words.\n");
    assert_int_equal(get(w, "/town/2026/11/20/one", NULL), 200);
    publish(w, HEAD("wall", "slug: two\n") "Words.\n");
    assert_int_equal(get(w, "/town/2026/11/20/one", NULL), 301);
    assert_int_equal(get(w, "/town/2026/11/20/one.txt", NULL), 301);
    assert_int_equal(get(w, "/town/2026/11/20/two", NULL), 200);
    str line;
    assert_int_equal(take(w, INTAKE_STORY, HEAD("car", "slug: one\n") "Words.\n", &line),
                     ST_CONFLICT);
    publish(w,
            HEAD("wall", "slug: one\n") "Words.\n"); /* taking back an old address of one's own */
    assert_int_equal(get(w, "/town/2026/11/20/one", NULL), 200);
    assert_int_equal(get(w, "/town/2026/11/20/two", NULL), 301);
}

static void a_made_slug_gives_way(void **state)
{
    struct world *w = *state;
    publish(w, "---\nid: a\nsection: town\nheadline: Same\n---\nOne.\n");
    publish(w, "---\nid: b\nsection: town\nheadline: Same\n---\nTwo.\n");
    assert_shows(w, "/town/2026/11/20/same", "One.");
    assert_shows(w, "/town/2026/11/20/same-2", "Two.");
}

static void a_scheduled_story_comes_by_the_job_alone(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    i64 next;
    publish(w, HEAD("wall", "published: 2026-11-20T13:00:00Z\ntopics: [Uniqueword]\n") "Unseen.\n");
    assert_int_equal(get(w, WALL, NULL), 404);
    assert_hides(w, "/", "Headline of wall");
    time_set_for_test(moment(NOW_DAY, 14)); /* its time is past, and nobody has swept */
    assert_int_equal(get(w, WALL, NULL), 404);
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_int_equal(get(w, WALL, NULL), 200);
    assert_shows(w, "/", WALL);
    assert_shows(w, "/topic/uniqueword", WALL);
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err); /* again changes nothing */
    assert_hides(w, WALL, "Updated");
    time_set_for_test(moment(NOW_DAY, 12)); /* a clock set back un-publishes nothing */
    assert_int_equal(get(w, WALL, NULL), 200);
}

/* A page that names it was read while it was there, with another id than it has when it comes
 * again. */
static void an_unscheduled_story_may_come_again(void **state)
{
    struct world *w = *state;
    struct intake_answer answer;
    publish(w, HEAD("later", "published: 2026-11-25T10:00:00Z\n") "Soon.\n");
    publish(w, HEAD("wall", "") "See [what comes](story:later).\n");
    assert_hides(w, WALL, "/town/2026/11/20/headline-of-later");
    intake_withdraw(app_intake(w->app), STR("later"), STR_NONE, &w->a, &answer);
    assert_str(answer.line, "unscheduled later");
    assert_int_equal(answer.st, ST_OK);
    publish(w, HEAD("other", "") "Words.\n"); /* its row's number is taken by another */
    publish(w, HEAD("later", "") "Now.\n");
    assert_shows(w, WALL, "/town/2026/11/20/headline-of-later");
    intake_withdraw(app_intake(w->app), STR("later"), STR_NONE, &w->a, &answer);
    assert_int_equal(answer.st, ST_INVALID); /* it is live: readers are to be told why */
}

/* Two stories are translations of each other only by way of a third that never came. */
static void an_unscheduled_story_joins_nobody(void **state)
{
    struct world *w = *state;
    struct intake_answer answer;
    assert_int_equal(
        take(w, INTAKE_SITE,
             "name: {en: The Sound, ru: Пролив, ar: المضيق}\n"
             "editions: [{slug: en, locale: en-GB, zone: Europe/London}, {slug: ru, locale: ru-RU, "
             "zone: Europe/Riga}, {slug: ar, locale: ar, zone: Africa/Cairo}]\n",
             NULL),
        ST_OK);
    assert_int_equal(take(w, INTAKE_SECTIONS,
                          "en: [{slug: town, name: Town}]\nru: [{slug: town, name: Город}]\n"
                          "ar: [{slug: town, name: المدينة}]\n",
                          NULL),
                     ST_OK);
    publish(w, HEAD("wall", "") "Words.\n");
    publish(w, "---\nid: jidar\nedition: ar\nsection: town\nheadline: جدار\nslug: jidar\n"
               "translation-of: wall\npublished: 2026-11-25T10:00:00Z\n---\nكلمات.\n");
    publish(w, "---\nid: stena\nedition: ru\nsection: town\nheadline: Стена\n"
               "translation-of: jidar\n---\nСлова.\n");
    assert_shows(w, WALL, "/ru/town/2026/11/20/stena");
    assert_shows(w, "/ru/town/2026/11/20/stena", WALL);
    intake_withdraw(app_intake(w->app), STR("jidar"), STR_NONE, &w->a, &answer);
    assert_str(answer.line, "unscheduled jidar");
    assert_hides(w, WALL, "/ru/town/2026/11/20/stena");
    assert_hides(w, "/ru/town/2026/11/20/stena", WALL);
}

static void an_embargo_holds(void **state)
{
    struct world *w = *state;
    str line;
    const char *early = HEAD("wall", "embargo: 2026-11-21T00:00:00Z\n") "Words.\n";
    assert_int_equal(take(w, INTAKE_STORY, early, &line), ST_CONFLICT);
    assert_true(str_find(line, STR("embargo until 2026-11-21T00:00:00Z")) >= 0);
    publish(w, HEAD("wall",
                    "embargo: 2026-11-21T00:00:00Z\npublished: 2026-11-21T06:00:00Z\n") "Words.\n");
    const char *translation = "---\nid: stena\nedition: ru\nsection: town\nheadline: "
                              "Стена\ntranslation-of: wall\n---\nСлова.\n";
    assert_int_equal(take(w, INTAKE_STORY, translation, &line), ST_CONFLICT);
    assert_int_equal(get(w, "/ru/town/2026/11/20/stena", NULL), 404);
}

static void corrections_are_told_once(void **state)
{
    struct world *w = *state;
    publish(w, HEAD("wall", "") "In 1910.\n");
    const char *fixed =
        HEAD("wall", "change: correction\ncorrection: The year was wrong.\n") "In 1911.\n";
    publish(w, fixed);
    assert_shows(w, WALL, "The year was wrong.");
    assert_shows(w, WALL, "Corrected 12:00 · 1 change");
    assert_shows(w, WALL, "CorrectionComment");
    str line;
    assert_int_equal(take(w, INTAKE_STORY, fixed, &line), ST_OK);
    assert_str(line, "unchanged wall");
    assert_int_equal(take(w, INTAKE_STORY, HEAD("wall", "change: typo\n") "In 1912.\n", &line),
                     ST_INVALID);
    assert_true(str_find(line, STR("a number")) >= 0);
    publish(w, HEAD("wall", "change: typo\n") "In the year 1911.\n");
    time_set_for_test(moment(NOW_DAY + 1, 12));
    assert_shows(w, WALL, "Corrected 20 November 2026, 12:00 · 2 changes");
}

static void translations_link_both_ways(void **state)
{
    struct world *w = *state;
    publish(w, HEAD("wall", "") "Words.\n");
    assert_hides(w, WALL, "hreflang");
    publish(w, "---\nid: stena\nedition: ru\nsection: town\nheadline: Стена\ntranslation-of: "
               "wall\n---\nСлова.\n");
    assert_shows(w, WALL, "/ru/town/2026/11/20/stena");
    assert_shows(w, WALL, "hreflang=\"x-default\"");
    assert_shows(w, "/ru/town/2026/11/20/stena", WALL);
    assert_shows(w, "/ru/", "Стена");
    str line;
    const char *second = "---\nid: stena2\nedition: ru\nsection: town\nheadline: "
                         "Две\ntranslation-of: wall\n---\nСлова.\n";
    assert_int_equal(take(w, INTAKE_STORY, second, &line), ST_CONFLICT);
}

static void background_is_shown_as_it_is_now(void **state)
{
    struct world *w = *state;
    publish(w, HEAD("wall", "background: past\n") "Words.\n");
    assert_hides(w, WALL, "Long ago");
    publish(w, "---\nid: past\nkind: background\nheadline: The past\n---\nLong ago.\n");
    assert_shows(w, WALL, "Long ago.");
    publish(w, "---\nid: past\nkind: background\nheadline: The past\n---\nVery long ago.\n");
    assert_shows(w, WALL, "Very long ago.");
    assert_hides(w, "/", "The past");
}

static void lists_page_by_key(void **state)
{
    struct world *w = *state;
    char text[400];
    for (int i = 0; i < 65; i++) {
        snprintf(text, sizeof text,
                 "---\nid: s%02d\nsection: town\nheadline: Story number %02d\npublished: "
                 "2026-11-19T%02d:%02d:00Z\n---\nWords.\n",
                 i, i, i / 60, i % 60);
        publish(w, text);
    }
    assert_shows(w, "/town/", "Story number 64");
    assert_shows(w, "/town/", "Story number 35");
    assert_hides(w, "/town/", "Story number 34");
    assert_shows(w, "/town/", "/town/?before=s35");
    assert_shows(w, "/town/?before=s35", "Story number 34");
    assert_hides(w, "/town/?before=s35", "Story number 35");
    assert_hides(w, "/town/?before=s05", "?before=s00");
    assert_shows(w, "/town/?before=s00", "There are no older stories.");
    assert_shows(w, "/sea/", "There are no stories here yet.");
    assert_int_equal(get(w, "/town/?before=nobody", NULL), 404);
    struct intake_answer answer;
    intake_withdraw(app_intake(w->app), STR("s35"), STR("Gone."), &w->a, &answer);
    assert_shows(w, "/town/?before=s35", "Story number 34"); /* it was in that list */
}

/* A page may begin at a story that has left: one that comes below that place belongs on it. */
static void a_list_page_begins_at_a_story_that_left(void **state)
{
    struct world *w = *state;
    struct intake_answer answer;
    publish(w, HEAD("first", "published: 2026-11-20T08:00:00Z\n") "Words.\n");
    publish(w, HEAD("leaves", "published: 2026-11-20T10:00:00Z\n") "Words.\n");
    intake_withdraw(app_intake(w->app), STR("leaves"), STR("Gone."), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    assert_shows(w, "/town/?before=leaves", "Headline of first");
    publish(w, HEAD("between", "published: 2026-11-20T09:00:00Z\n") "Words.\n");
    assert_shows(w, "/town/?before=leaves", "Headline of between");
}

static void a_question_mark_in_a_path_is_no_query(void **state)
{
    struct world *w = *state;
    publish(w, HEAD("one", "published: 2026-11-19T10:00:00Z\n") "W.\n");
    publish(w, HEAD("two", "") "W.\n");
    struct request strange = {.method = GET, .path = STR("/town/?before=two")};
    struct reply r = app_handle(w->app, &strange, &w->a);
    assert_int_equal(r.status, 404);
    finished_release(r.finished);
    assert_int_equal(get(w, "/town/?before=two", NULL), 200);
}

static void many_stories_at_once(void **state)
{
    struct world *w = *state;
    struct intake_message *m = arena_new(&w->a, struct intake_message, INTAKE_BATCH);
    struct intake_answer *answers = arena_new(&w->a, struct intake_answer, INTAKE_BATCH);
    for (size_t i = 0; i < INTAKE_BATCH; i++)
        m[i] = (struct intake_message){
            .kind = INTAKE_STORY,
            .name = STR("file"),
            .bytes =
                arena_fmt(&w->a,
                          "---\nid: s%zu\nsection: town\nheadline: Number %zu\ntopics: [T%zu]\n"
                          "by: [W%zu]\n---\nWords.\n",
                          i, i, i, i)};
    intake_take_all(app_intake(w->app), m, INTAKE_BATCH, &w->a, answers);
    for (size_t i = 0; i < INTAKE_BATCH; i++)
        if (answers[i].st)
            test_fail("%.*s", FMT(answers[i].line));
    assert_shows(w, "/town/", "Number 999");
}

static void an_edition_with_stories_never_becomes_the_first(void **state)
{
    struct world *w = *state;
    str line;
    publish(w, "---\nid: odin\nedition: ru\nsection: town\nheadline: Один\n---\nС.\n");
    assert_int_equal(take(w, INTAKE_SITE,
                          "name: {ru: Пролив}\neditions: [{slug: ru, locale: ru-RU, zone: "
                          "Europe/Riga}]\n",
                          &line),
                     ST_CONFLICT);
    assert_true(str_find(line, STR("can't become the first edition")) > 0);
}

static void addresses_have_one_form(void **state)
{
    struct world *w = *state;
    publish(w, HEAD("wall", "") "Words.\n");
    assert_int_equal(get(w, "/en" WALL, NULL), 301);
    assert_int_equal(get(w, "/en/", NULL), 301);
    assert_int_equal(get(w, "/ru", NULL), 301);
    assert_int_equal(get(w, "/ru/", NULL), 200);
    assert_int_equal(get(w, "/town", NULL), 301);
    assert_int_equal(get(w, "/robots.txt", NULL), 200);
    assert_int_equal(get(w, "/ru/robots.txt", NULL), 404);
    assert_int_equal(get(w, "/archive/2026/02/31", NULL), 404);
}

static void pages_and_footers(void **state)
{
    struct world *w = *state;
    publish(w, HEAD("wall", "") "Words.\n");
    assert_hides(w, WALL, "About us");
    publish(w, "---\nid: about\nkind: page\nheadline: About\nslug: about\n---\nWe are.\n");
    assert_shows(w, WALL, "<a href=\"/page/about\">About us</a>");
    assert_hides(w, "/", "Headline of about");
}

static void bad_files_say_where_and_change_nothing(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *file, *want;
    } cases[] = {
        {"", "the file is empty"},
        {"no head", "line 1: a story file opens with a head"},
        {"---\nid: x\n", "line 1: the head has no end"},
        {"---\nid: [x\n---\n", "this isn't YAML"},
        {"---\nid: x\nsection: town\nheadlin: A\n---\n",
         "line 4: the key `headlin` isn't known; did you mean `headline`?"},
        {"---\nid: x\nsection: town\nheadline: A\npublished: yesterday\n---\n",
         "line 5: `published` is a moment"},
        {"---\nid: x\nsection: nowhere\nheadline: A\n---\nW.\n",
         "line 3: there is no section \"nowhere\"; there are: town, sea"},
        {"---\nid: x\nsection: town\nheadline: A\n---\nW.\n\n<b>x</b>\n",
         "line 8: HTML can't stand"},
        {"---\nid: x\nsection: town\nheadline: A\n---\n![c](gone.jpg)\n",
         "line 6: the picture gone.jpg was not found"},
        {"---\nid: x\nsection: town\nheadline: A\n---\n![c](../up.jpg)\n",
         "must lie at or below the story file's folder"},
        {"---\nid: x\nsection: town\nheadline: A\nbackground: x\n---\nW.\n",
         "line 5: a story can't be its own background"},
        {"---\nid: x\nsection: town\nheadline: A\ntranslation-of: x\n---\nW.\n",
         "line 5: a story can't be its own translation"},
        {"---\nid: x\nid: y\nsection: town\nheadline: A\n---\nW.\n",
         "line 3: the key \"id\" stands there twice"},
        {"---\nid: &a x\nsection: town\nheadline: A\n---\nW.\n", "line 2: YAML anchors and tags"},
        {"---\nid: x\nsection: town\nheadline: A\nstatements: []\n---\nW.\n",
         "line 5: this version of Broadsheet doesn't keep `statements`"},
        {"---\nid: x\nsection: town\nheadline: \xff\n---\nW.\n", "line 4: this isn't UTF-8"},
        {"---\nid: x\nsection: town\nheadline: A\nchange: correction\ncorrection: B\n---\nW.\n",
         "there is nothing to correct"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        str line = STR_NONE;
        assert_int_not_equal(take(w, INTAKE_STORY, cases[i].file, &line), ST_OK);
        if (str_find(line, str_c(cases[i].want)) < 0)
            test_fail("want %s\nhave %.*s", cases[i].want, FMT(line));
    }
    str line;
    struct intake_answer answer;
    struct intake_message m = {
        .kind = INTAKE_STORY, .name = STR("f"), .bytes = STR("---\nid: x\0y\n---\n")};
    intake_take(app_intake(w->app), &m, &w->a, &answer);
    assert_true(str_find(answer.line, STR("line 2: U+0000 can't stand in a text")) >= 0);
    assert_int_equal(take(w, INTAKE_SECTIONS, "en:\n  - {slug: topic, name: T}\n", &line),
                     ST_INVALID);
    assert_true(str_find(line, STR("line 2: \"topic\" is a reserved word")) >= 0);
    assert_hides(w, "/", "<article");
}

static void an_edition_has_no_reserved_name(void **state)
{
    struct world *w = *state;
    str line;
    const char *yaml = "name: {en: The Sound, ru: Пролив, topic: T}\neditions: [{slug: en, locale: "
                       "en-GB, zone: Europe/London},"
                       " {slug: ru, locale: ru-RU, zone: Europe/Riga}, {slug: topic, locale: ar, "
                       "zone: Asia/Beirut}]\n";
    assert_int_equal(take(w, INTAKE_SITE, yaml, &line), ST_INVALID);
    yaml = "name: {en: A, xx: B}\neditions: [{slug: en, locale: en-GB, zone: Europe/London}, "
           "{slug: xx, locale: xx, zone: Asia/Beirut}]\n";
    assert_int_equal(take(w, INTAKE_SITE, yaml, &line), ST_INVALID);
    assert_true(str_find(line, STR("no complete messages file for the locale xx")) >= 0);
}

static void editions_of_one_language_are_told_apart(void **state)
{
    struct world *w = *state;
    assert_shows(w, "/", ">English<");
    const char *yaml = "name: {en: The Sound, ru: Пролив, us: The Sound US}\n"
                       "editions: [{slug: en, locale: en-GB, zone: Europe/London},"
                       " {slug: ru, locale: ru-RU, zone: Europe/Riga},"
                       " {slug: us, locale: en-US, zone: America/New_York}]\n";
    assert_int_equal(take(w, INTAKE_SITE, yaml, NULL), ST_OK);
    assert_shows(w, "/", ">English (United Kingdom)<");
    assert_shows(w, "/", ">English (United States)<");
    assert_shows(w, "/", ">Русский<");
}

static void a_forgotten_role_denies(void **state)
{
    (void)state;
    struct verdict v;
    assert_int_equal(site_route(GET, STR("/nobody/has/a/role/here/at-all"), &v), ST_DENIED);
    assert_int_equal(site_route(GET, STR("/town/"), &v), ST_OK);
    assert_int_equal(site_route(POST, STR("/town/"), &v), ST_METHOD);
    for (size_t i = 0; i < routes_count(); i++)
        assert_true(routes[i].role == ANYONE ||
                    str_starts(str_c(routes[i].pattern), STR("/nobody/")));
}

/* ---- the site's own words change ---- */

static str error_words(struct world *w, int status)
{
    CLEANUP(finished_cleanup) struct finished *f = app_error(w->app, status);
    assert_non_null(f);
    assert_int_equal(finished_status(f), status);
    return arena_str(&w->a, finished_body(f));
}

static void an_error_of_the_edge_has_its_page(void **state)
{
    struct world *w = *state;
    assert_null(app_error(w->app, 503));
    app_errors_print(w->app);
    assert_true(str_find(error_words(w, 503), STR("Too many readers at once")) > 0);
    assert_true(str_find(error_words(w, 413), STR("can’t be understood")) > 0);
    assert_true(str_find(error_words(w, 421), STR("The Sound")) > 0);
    assert_null(app_error(w->app, 418));
    assert_int_equal(take(w, INTAKE_SITE,
                          "name: {en: The Strait, ru: Пролив}\n"
                          "editions: [{slug: en, locale: en-GB, zone: Europe/London}, {slug: "
                          "ru, locale: ru-RU, zone: Europe/Riga}]\n",
                          NULL),
                     ST_OK);
    assert_true(str_find(error_words(w, 421), STR("The Strait")) > 0);
}

static str style_address(struct world *w)
{
    str body;
    get(w, "/", &body);
    ptrdiff_t at = str_find(body, STR("/assets/"));
    for (; at >= 0; at = str_find(body, STR("/assets/"))) {
        size_t n;
        body = str_from(body, (size_t)at);
        for (n = 0; n < body.n && body.p[n] != '"';)
            n++;
        if (str_ends(str_head(body, n), STR("/style.css")))
            return str_head(body, n);
        body = str_from(body, n);
    }
    test_fail("the front names no stylesheet");
    return STR_NONE;
}

static void a_new_theme_is_seen_and_old_assets_stay(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    publish(w, HEAD("wall", "") "Words.\n");
    str before = style_address(w);
    get(w, WALL, NULL);
    const char *make = arena_cstr(&w->a, arena_fmt(&w->a,
                                                   "mkdir -p %s/theme/assets && echo 'p{color:red}'"
                                                   " >%s/theme/assets/style.css",
                                                   w->folder, w->folder));
    assert_int_equal(system(make), 0);
    struct conf conf = {.base_url = STR("https://other.example")};
    assert_ok(app_reload(w->app, &conf, &err), &err);
    assert_true(cache_has(app_cache(w->app), STR(WALL), &w->a, NULL)); /* printed again already */
    assert_shows(w, WALL, "https://other.example" WALL);
    str after = style_address(w);
    assert_false(str_eq(before, after));
    assert_int_equal(get(w, arena_cstr(&w->a, after), NULL), 200);
    assert_int_equal(get(w, arena_cstr(&w->a, before), NULL), 200);
}

/* ---- events that somebody else made ---- */

static enum status touch_town(struct tx *tx, void *arg)
{
    const str *keys = arg;
    tx->kind = "test";
    tx_touch(tx, keys[0]);
    return ST_OK;
}

static void missed_events_are_read(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct writer *other = NULL;
    publish(w, HEAD("wall", "") "Words.\n");
    get(w, WALL, NULL);
    get(w, "/robots.txt", NULL);
    assert_true(cache_has(app_cache(w->app), STR(WALL), &w->a, NULL));
    assert_ok(writer_start(w->site.db, NULL, NULL, NULL, &other, &err), &err);
    for (int i = 0; i < 300; i++) /* the last one touches the page */
        assert_ok(
            writer_do(other, touch_town, &(str[]){i == 299 ? STR("story/1") : STR("nobody")}, &err),
            &err);
    writer_stop(other);
    assert_ok(writer_do(app_writer(w->app), touch_town, &(str[]){STR("nobody")}, &err), &err);
    assert_false(cache_has(app_cache(w->app), STR(WALL), &w->a, NULL));
    assert_true(cache_has(app_cache(w->app), STR("/robots.txt"), &w->a, NULL)); /* not emptied */
}

static const struct world_files files = {site_yaml, sections_yaml, hold_in_mid_air};

#define T(f) with_world(f, &files)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_story_becomes_a_page),
        T(publishing_again_is_seen_on_the_next_request),
        T(what_a_404_says_ends_when_the_page_comes),
        T(a_missing_card_comes),
        T(a_missing_card_comes_while_its_page_is_in_mid_air),
        T(pictures_that_nothing_names_are_swept_after_a_day),
        T(a_picture_kept_again_is_not_swept),
        T(a_section_shows_its_picture_while_it_is_listed),
        T(withdrawn_pictures_answer_404),
        T(withdrawn_is_gone_everywhere),
        T(an_old_address_leads_on),
        T(a_made_slug_gives_way),
        T(a_scheduled_story_comes_by_the_job_alone),
        T(an_unscheduled_story_may_come_again),
        T(an_unscheduled_story_joins_nobody),
        T(an_embargo_holds),
        T(corrections_are_told_once),
        T(translations_link_both_ways),
        T(background_is_shown_as_it_is_now),
        T(lists_page_by_key),
        T(a_list_page_begins_at_a_story_that_left),
        T(a_question_mark_in_a_path_is_no_query),
        T(many_stories_at_once),
        T(an_edition_with_stories_never_becomes_the_first),
        T(addresses_have_one_form),
        T(pages_and_footers),
        T(bad_files_say_where_and_change_nothing),
        T(an_edition_has_no_reserved_name),
        T(editions_of_one_language_are_told_apart),
        T(a_forgotten_role_denies),
        T(an_error_of_the_edge_has_its_page),
        T(a_new_theme_is_seen_and_old_assets_stay),
        T(missed_events_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
