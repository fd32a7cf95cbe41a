/* Words removed by order: from everywhere, to the last byte, again after an older backup. */
#include <dirent.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>

#include "desk.h"

#include "newsroom/fronts.h"
#include "newsroom/removal.h"
#include "store/removal.h"
#include "text/slug.h"

/* The name that has to go, in the forms it can be typed in. No other word of the tests has LEFT in
 * it, which all its forms have: also the terms it is found by and the slug that is made of it. */
#define NAME  "M\u00fcllerowitz"
#define NFD   "Mu\u0308llerowitz"
#define UPPER "M\u00dcLLEROWITZ"
#define LEFT  "llerowitz"

static const char png[] =
    "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\x90\x77\x53\xDE"
    "\0\0\0\x0CIDAT\x08\xD7\x63\xF8\xCF\xC0\0\0\3\1\1\0\x18\xDD\x8D\xB0\0\0\0\0IEND\xAE\x42\x60"
    "\x82";

/* ---- every byte of the site ---- */

static bool has_fold(const char *p, size_t n, const char *words)
{
    size_t k = strlen(words);
    for (size_t i = 0; i + k <= n; i++)
        if (strncasecmp(p + i, words, k) == 0)
            return true;
    return false;
}

static bool file_has(const char *path, const char *words)
{
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat s;
    if (fd < 0 || fstat(fd, &s) || !S_ISREG(s.st_mode) || !s.st_size)
        return false;
    CLEANUP(mem_free) char *p = malloc((size_t)s.st_size);
    assert_non_null(p);
    assert_int_equal(read(fd, p, (size_t)s.st_size), s.st_size);
    return has_fold(p, (size_t)s.st_size, words);
}

/* The first file below the folder that has them, "" for none; originals of pictures apart. */
static str file_with(struct arena *a, const char *folder, const char *words)
{
    str found = STR_NONE;
    CLEANUP(dir_close) DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *e; (e = readdir(dir));) {
        const char *path = arena_cstr(a, arena_fmt(a, "%s/%s", folder, e->d_name));
        struct stat s;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || lstat(path, &s))
            continue;
        if (S_ISDIR(s.st_mode) && strcmp(e->d_name, "originals") != 0 && !found.n)
            found = file_with(a, path, words);
        else if (file_has(path, words))
            found = str_c(path);
    }
    return found;
}

static void assert_nowhere(struct world *w, const char *words)
{
    str found = file_with(&w->a, w->folder, words);
    if (found.n)
        test_fail("\"%s\" is in %.*s", words, FMT(found));
}

/* ---- removing ---- */

static struct removal_site site_of(struct world *w)
{
    return (struct removal_site){.writer = app_writer(w->app), .dir = w->site.dir};
}

static enum status remove_words(struct world *w, const struct actor *who, const char *key,
                                const char *words, size_t *times, struct err *err)
{
    struct removal_site site = site_of(w);
    return removal_do(&site, who, str_c(key), str_c(words), &w->a, times, err);
}

static size_t removed(struct world *w, const char *key, const char *words)
{
    struct err err = {0};
    size_t times = 0;
    assert_ok(remove_words(w, &people[PIA], key, words, &times, &err), &err);
    return times;
}

static enum status preview(struct world *w, const struct actor *who, const char *key,
                           const char *words, struct removal_preview *ret)
{
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    CLEANUP(view_end) struct view v = {0};
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    assert_ok(view_begin(&v, db, &w->a, &err), &err);
    return removal_preview(&v, who, str_c(key), str_c(words), ret);
}

static void open_again(struct world *w)
{
    struct err err = {0};
    assert_ok(
        app_open(&(struct app_options){.site = &w->site, .record_names = true}, &w->app, &err),
        &err);
}

/* The database as it is at this moment, to be put back later. */
static const char *keep_database(struct world *w)
{
    struct err err = {0};
    const char *to = arena_cstr(&w->a, arena_fmt(&w->a, "%s.kept", w->folder));
    assert_ok(db_backup(w->site.db, to, &err), &err);
    return to;
}

static void put_back(struct world *w, const char *kept)
{
    char path[128];
    app_close(w->app);
    snprintf(path, sizeof path, "%s-wal", w->site.db);
    unlink(path);
    snprintf(path, sizeof path, "%s-shm", w->site.db);
    unlink(path);
    assert_int_equal(rename(kept, w->site.db), 0);
    open_again(w);
}

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
    save(w, &people[EVA], key, 0, "Draft about " NAME, "More of " NFD ".\n");
    struct act_of note = {
        .what = NOTE, .who = &people[EVA], .key = key, .words = STR("Ask " NAME "'s lawyer.")};
    act_well(w, &note);
    publish(w, "---\nid: in-russian\nedition: ru\nsection: town\ntranslation-of: everywhere\n"
               "headline: Мюллер — " NAME "\n---\nЭто " NAME ".\n");
    publish(w, "---\nid: later\nsection: town\nheadline: Later\npublished: 2026-11-25T12:00:00Z\n"
               "---\nAnother story.\n");
    struct front_slot slot = {.story = key, .headline = STR(NAME " leads"), .alt = STR_NONE};
    struct front_save ask = {.edition = STR("en"), .slots = &slot, .n = 1};
    assert_ok(writer_do(app_writer(w->app), save_front, &ask, &err), &err);
    struct act_of out = {
        .what = WITHDRAW, .who = &people[EVA], .key = key, .words = STR("At " NAME "'s request.")};
    act_well(w, &out);
    struct act_of in = {.what = REINSTATE, .who = &people[EVA], .key = key};
    act_well(w, &in);
}

static void it_is_gone_from_every_byte(void **state)
{
    struct world *w = *state;
    struct removal_preview p = {0};
    fill(w);
    assert_true(file_with(&w->a, w->folder, LEFT).n > 0);
    assert_int_equal(get(w, "/town/2026/11/20/mullerowitz-held", NULL), 200);
    assert_int_equal(preview(w, &people[PIA], "everywhere", "m\u00fcllerowitz", &p), ST_OK);
    assert_int_equal(removed(w, "everywhere", "m\u00fcllerowitz"), p.times);
    assert_nowhere(w, LEFT);
    assert_nowhere(w, "lerowitz");
    assert_int_equal(preview(w, &people[PIA], "everywhere", NAME, &p), ST_OK);
    assert_int_equal(p.times, 0);
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    assert_ok(db_integrity(db, &err), &err);
}

/* A database from before has them still: opened again with the list beside it, it hasn't. */
static void an_older_database_loses_them_again(void **state)
{
    struct world *w = *state;
    fill(w);
    const char *kept = keep_database(w);
    publish(w, "---\nid: everywhere\nsection: town\nheadline: Once more " NAME "\n---\nWords.\n");
    removed(w, "everywhere", NAME);
    assert_nowhere(w, LEFT);
    put_back(w, kept);
    assert_nowhere(w, LEFT);
    assert_int_equal(get(w, "/town/2026/11/20/mullerowitz-held", NULL), 410);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_desk(it_is_gone_from_every_byte),
        with_desk(an_older_database_loses_them_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
