/* Words removed by order are gone to the last byte of the site's folder, and are again when an
 * older database is put back. Alone in its program: whatever is left out fails it. */
#include "bytes.h"

#include "newsroom/fronts.h"

static const char png[] =
    "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\x90\x77\x53\xDE"
    "\0\0\0\x0CIDAT\x08\xD7\x63\xF8\xCF\xC0\0\0\3\1\1\0\x18\xDD\x8D\xB0\0\0\0\0IEND\xAE\x42\x60"
    "\x82";

static void publish_with_picture(struct world *w, const char *text)
{
    struct intake_answer answer;
    struct intake_file f = {STR("p.png"), {png, sizeof png - 1}};
    struct intake_message m = {.name = STR("file"), .bytes = str_c(text), .files = &f, .nfiles = 1};
    intake_take(app_intake(w->app), &m, &w->a, &answer);
    if (answer.st)
        test_fail("not published: %.*s", FMT(answer.line));
}

/* ---- a name in every place that there is ---- */

#define EVERYWHERE                                                                                 \
    "---\nid: everywhere\nsection: town\nheadline: Harbour master " NAME " held\n"                 \
    "headlines: {front: " UPPER " held, social: Held - " NFD ", push: " NAME "}\n"                 \
    "standfirst: Mr " NFD " denies it.\ndateline: PORT " NAME "\n"                                 \
    "slug: mullerowitz-held\n"                                                                     \
    "by: [Ada Quill, {name: Eva " NAME ", role: reporter}]\ntopics: [" NAME ", Harbour]\n"         \
    "source: \"https://example.org/m%C3%BCllerowitz/1\"\n"                                         \
    "licence: Courtesy of " NAME "\n"                                                              \
    "picture: {file: p.png, caption: " NAME " at noon., alt: A man called " NFD ", credit: "       \
    "{agency: " NAME " Press, by: {name: Ben " NAME "}}, licence: " NAME "}\n---\n"                \
    "The master, Karl *Mül*lero**witz**, was held. M\u00fcllero\u00adwitz said\nnothing.\n\n"     \
    "## What " UPPER " did\n\n> I, [" NAME "], did nothing.\n> — " NAME ", brother of " NAME       \
    ", house of " NAME ", 2026-11-20\n\n"                                                          \
    "- " NAME "\n- [a page](https://example.org/mullerowitz)\n\n"                                  \
    "| who | what |\n|---|---|\n| " NAME " | held |\n\n```\nname = " NAME "\n```\n\n"              \
    "https://example.org/people/M%C3%BCllerowitz\n\nThe Müllerowitzes are many.\n"

static const char everywhere[] = EVERYWHERE;

static enum status save_front(struct tx *tx, void *arg)
{
    size_t bad;
    i64 id;
    return front_save(tx, &people[EVA], arg, &id, &bad);
}

/* Enough to be found by that what one story had stays in older segments of the index. */
static void fill_index(struct world *w)
{
    u32 seed = 3;
    for (int i = 0; i < 40; i++) {
        struct out o = out_make(&w->a, 16 << 10, 1 << 20);
        out_fmt(&o, "---\nid: other-%d\nsection: town\nheadline: Other %d\n---\n", i, i);
        for (int n = 0; n < 400; n++) {
            seed = seed * 1664525 + 1013904223;
            out_fmt(&o, "word%u ", seed >> 12);
        }
        out_byte(&o, '\n');
        out_byte(&o, 0);
        publish(w, out_view(&o).p);
    }
}

/* Live in one edition, translated in the other and scheduled there; with saves, notes, a
 * correction, a withdrawal, places on fronts, an old address. */
static void fill(struct world *w)
{
    struct err err = {0};
    str key = STR("everywhere");
    publish(w, "---\nid: everywhere\nsection: town\nheadline: First of " NAME "\n---\n" NAME ".\n");
    publish_with_picture(w, everywhere);
    publish(w, "---\nid: everywhere\nsection: town\nheadline: Harbour master " NAME " held\n"
               "change: correction\ncorrection: We wrote that " NAME " is called Karl.\n---\n"
               "The master, " NAME ", was held.\n");
    publish_with_picture(w, everywhere);
    struct story_content draft = says(w, "Draft about " NAME, "More of " NFD ".\n");
    for (int i = 0; i < 2; i++) { /* the first is an old one then */
        struct draft d = see(w, &people[EVA], key);
        struct act_of c = save_from(w, &people[EVA], key, d.parent, d.base, &draft);
        act_well(w, &c);
        assert_int_equal(c.saved.outcome, DRAFT_SAVED);
        draft = says(w, "Draft about " NAME " again", "Still more.\n");
    }
    struct act_of note = {
        .what = NOTE, .who = &people[EVA], .key = key, .words = STR("Ask " NAME "'s lawyer.")};
    act_well(w, &note);
    publish(w, "---\nid: in-russian\nedition: ru\nsection: town\ntranslation-of: everywhere\n"
               "headline: Мюллер — " NAME "\n---\nЭто " NAME ".\n");
    publish(w, "---\nid: later\nsection: town\nheadline: Later\npublished: 2026-11-25T12:00:00Z\n"
               "---\nAnother story.\n");
    struct front_slot slots[] = {
        {.story = key, .headline = STR(NAME " leads"), .alt = STR_NONE},
        {.rule = SLOT_TOPIC, .about = STR("mullerowitz")}, /* the topic's slug */
    };
    struct front_save ask = {.edition = STR("en"), .slots = slots, .n = COUNT(slots)};
    assert_ok(writer_do(app_writer(w->app), save_front, &ask, &err), &err);
    struct act_of out = {
        .what = WITHDRAW, .who = &people[EVA], .key = key, .words = STR("At " NAME "'s request.")};
    act_well(w, &out);
    struct act_of in = {.what = REINSTATE, .who = &people[EVA], .key = key};
    act_well(w, &in);
}

/* What a server and a rotation leave: addresses as they were asked for, and as they are logged. */
static struct log *make_logs(struct world *w)
{
    struct err err = {0};
    struct log *log = NULL;
    const char *access = arena_cstr(&w->a, arena_fmt(&w->a, "%s/access.log", w->folder)),
               *error = arena_cstr(&w->a, arena_fmt(&w->a, "%s/error.log", w->folder)),
               *rotated = arena_cstr(&w->a, arena_fmt(&w->a, "%s/access.log.1", w->folder));
    struct log_access line = {.method = STR("GET"),
                              .target = STR("/town/2026/11/20/mullerowitz-held?q=M%C3%BCllerowitz"),
                              .host = STR("localhost")};
    for (int i = 0; i < 2; i++) {
        assert_ok(log_start(access, error, &log, &err), &err);
        for (int n = 0; n < 3000; n++)
            log_access(log, &line);
        log_say(log, LOG_ERROR, "site", "/town/2026/11/20/mullerowitz-held: " NAME);
        if (i)
            return log; /* some of it in memory yet */
        log_stop(log);
        assert_int_equal(rename(access, rotated), 0);
    }
    return NULL;
}

/* Readers' pages in the cache, and what an upgrade of the schema leaves. */
static void leave_more(struct world *w)
{
    struct err err = {0};
    const char *copy = arena_cstr(&w->a, arena_fmt(&w->a, "%s/site.db.before-9", w->folder));
    assert_ok(db_backup(w->site.db, copy, &err), &err);
    assert_int_equal(get(w, "/town/2026/11/20/mullerowitz-held", NULL), 200);
    assert_int_equal(get(w, "/by/eva-mullerowitz", NULL), 200);
    assert_int_equal(get(w, "/topic/mullerowitz", NULL), 200);
}

static void assert_pages_are_clean(struct world *w)
{
    static const char *const pages[] = {"/",
                                        "/feed.xml",
                                        "/town/",
                                        "/town/feed.xml",
                                        "/ru/",
                                        "/ru/feed.xml",
                                        "/sitemap/news.xml",
                                        "/topic/harbour",
                                        "/by/ada-quill",
                                        "/archive/2026/11/20"};
    for (size_t i = 0; i < COUNT(pages); i++) {
        str body;
        get(w, pages[i], &body);
        if (has_fold(body.p, body.n, LEFT))
            test_fail("%s has it", pages[i]);
    }
    assert_int_equal(get(w, "/by/eva-mullerowitz", NULL), 404);
    assert_int_equal(get(w, "/topic/mullerowitz", NULL), 404);
    assert_int_equal(get(w, "/town/2026/11/20/mullerowitz-held", NULL), 410);
}

static void it_is_gone_from_every_byte(void **state)
{
    struct world *w = *state;
    struct removal_preview p = {0};
    struct err err = {0};
    size_t times;
    fill(w);
    fill_index(w);
    leave_more(w);
    struct log *log = make_logs(w);
    struct removal_site site = {.writer = app_writer(w->app), .dir = w->site.dir, .log = log};
    const char *older = keep_database(w);
    assert_true(file_with(&w->a, w->folder, LEFT).n > 0);
    assert_int_equal(preview(w, &people[PIA], "everywhere", "m\u00fcllerowitz", &p), ST_OK);
    {
        CLEANUP(db_cleanup) struct db *db = NULL;
        assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
        assert_ok(removal_do(&site, db, &people[PIA], STR("everywhere"), STR("m\u00fcllerowitz"),
                             &w->a, &times, &err),
                  &err);
    }
    assert_int_equal(times, p.times);
    log_stop(log);
    assert_nowhere(w, LEFT);
    assert_pages_are_clean(w);
    CLEANUP(db_cleanup) struct db *db = NULL;
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    assert_ok(db_integrity(db, &err), &err);

    put_back(w, older);
    assert_nowhere(w, LEFT);
    assert_pages_are_clean(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {with_desk(it_is_gone_from_every_byte)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
