/* The oracle: every page of the demo newsroom is printed, one change of each kind is made, and
 * every page is printed again without the cache. Each whose bytes differ was dropped; those dropped
 * in vain are few and are listed. */
#include "site.h"

#include "app/parts.h"
#include "jobs/jobs.h"

enum { PAGES = 1000, STEP = 60 };

struct page {
    str path;
    struct sha256 sum;
    bool known;
};

struct oracle {
    struct world w;
    struct arena page; /* emptied after each */
    char files[64];
    struct page pages[PAGES];
    size_t n, vain, dropped, printed;
    i64 now;
};

/* ---- the newsroom ---- */

static str file_bytes(struct arena *a, const char *path)
{
    CLEANUP(file_close) FILE *f = fopen(path, "r");
    if (!f)
        test_fail("cannot read %s", path);
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    rewind(f);
    char *p = arena_bytes(a, (size_t)n + 1);
    assert_true(p && fread(p, 1, (size_t)n, f) == (size_t)n);
    return (str){p, (size_t)n};
}

/* Publishes a file of the demo, with one passage of it replaced (all of it kept when from is NULL).
 * What came of it, in words. */
static str give(struct oracle *o, const char *name, const char *from, const char *to)
{
    struct arena *a = &o->page;
    str names[INTAKE_FILES + SITE_SECTIONS];
    struct intake_answer answer;
    const char *path = arena_cstr(a, arena_fmt(a, "%s/%s", o->files, name));
    str bytes = file_bytes(a, path);
    if (from) {
        ptrdiff_t at = str_find(bytes, str_c(from));
        if (at < 0)
            test_fail("%s has no \"%s\"", name, from);
        str rest = str_from(bytes, (size_t)at + strlen(from));
        bytes = arena_fmt(a, "%.*s%s%.*s", (int)at, bytes.p, to, FMT(rest));
        CLEANUP(file_close) FILE *f = fopen(path, "w"); /* the next change builds on this one */
        assert_true(f && fwrite(bytes.p, 1, bytes.n, f) == bytes.n);
    }
    struct intake_message m = {.name = str_c(name), .bytes = bytes};
    m.kind = str_ends(m.name, STR("site.yaml"))       ? INTAKE_SITE
             : str_ends(m.name, STR("sections.yaml")) ? INTAKE_SECTIONS
                                                      : INTAKE_STORY;
    size_t n = intake_picture_names(m.kind, bytes, a, names, COUNT(names));
    m.files = arena_new(a, struct intake_file, n + 1);
    for (size_t i = 0; i < n; i++) {
        path = arena_cstr(a, arena_fmt(a, "%s/1/%.*s", o->files, FMT(names[i])));
        m.files[m.nfiles++] = (struct intake_file){names[i], file_bytes(a, path)};
    }
    intake_take(app_intake(o->w.app), &m, a, &answer);
    if (answer.st)
        test_fail("%.*s", FMT(answer.line));
    if (from && str_starts(answer.line, STR("unchanged")))
        test_fail("%s: the change changes nothing", name);
    str line = arena_str(&o->w.a, answer.line);
    arena_reset(a);
    return line;
}

static void make_newsroom(struct oracle *o)
{
    static const char site_yaml[] =
        "name: {en: X}\neditions: [{slug: en, locale: en-GB, zone: Europe/London}]\n";
    static const char sections_yaml[] = "en:\n  - {slug: x, name: X, description: X.}\n";
    char command[256], name[256];
    world_open(&o->w, site_yaml, sections_yaml, NULL);
    assert_int_equal(arena_init(&o->page, 512 << 20), ST_OK);
    o->now = time_now();
    snprintf(o->files, sizeof o->files, "%s/files", o->w.folder);
    snprintf(command, sizeof command, "demo/make-newsroom %s %lld && ls %s/1/*.md >%s/list",
             o->files, (long long)o->now / 1000, o->files, o->files);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "%s/list", o->files);
    CLEANUP(file_close) FILE *list = fopen(command, "r");
    assert_non_null(list);
    give(o, "1/site.yaml", NULL, NULL);
    give(o, "1/sections.yaml", NULL, NULL);
    while (fgets(name, sizeof name, list)) {
        name[strcspn(name, "\n")] = '\0';
        give(o, strrchr(name, '/') - 1, NULL, NULL);
    }
    time_set_for_test(o->now + MS_HOUR / 100);
    give(o, "2/harbour-answer.md", NULL, NULL);
}

/* ---- its pages: what links lead to ---- */

static void add(struct oracle *o, str path)
{
    for (size_t i = 0; i < o->n; i++)
        if (str_eq(o->pages[i].path, path))
            return;
    assert_true(o->n < PAGES);
    o->pages[o->n++].path = arena_str(&o->w.a, path);
}

static void add_links(struct oracle *o, str body, const char *mark)
{
    for (ptrdiff_t at; (at = str_find(body, str_c(mark))) >= 0;) {
        size_t n = 0;
        body = str_from(body, (size_t)at + strlen(mark));
        while (n < body.n && body.p[n] != '"' && body.p[n] != '#')
            n++;
        str path = str_head(body, n);
        if (path.n && path.p[0] == '/' && !str_starts(path, STR("/assets/")))
            add(o, path);
    }
}

static void visit(struct oracle *o, str path)
{
    str body;
    get(&o->w, arena_cstr(&o->page, path), &body);
    add_links(o, body, "href=\"");
    add_links(o, body, "src=\"");
    if (str_find(body, STR("\"@type\":\"NewsArticle\"")) >= 0) {
        add(o, arena_fmt(&o->page, "%.*s.txt", FMT(path)));
        add(o, arena_fmt(&o->page, "%.*s.json", FMT(path)));
    }
    arena_reset(&o->page);
}

static void find_pages(struct oracle *o)
{
    static const char *const seeds[] = {"/",           "/sitemap/news.xml",
                                        "/robots.txt", "/harbour/2020/01/01/none",
                                        "/topic/none", "/by/none"};
    for (size_t i = 0; i < COUNT(seeds); i++)
        add(o, str_c(seeds[i]));
    for (size_t i = 0; i < o->n; i++)
        visit(o, o->pages[i].path);
}

/* ---- a step ---- */

static struct sha256 print_page(struct oracle *o, str path)
{
    struct finished *f = NULL;
    struct err err = {0};
    str where, before = str_cut(path, '?', &where);
    assert_ok(app_print(o->w.app, where, before.n > 7 ? str_from(before, 7) : STR_NONE, &o->page,
                        &f, &err),
              &err);
    struct sha256 sum = sha256(arena_fmt(
        &o->page, "%d %.*s %.*s %.*s", finished_status(f), FMT(finished_etag(f, CODING_IDENTITY)),
        FMT(finished_header(f, STR("Location"))), FMT(finished_body(f))));
    finished_release(f);
    arena_reset(&o->page);
    o->printed++;
    return sum;
}

/* As site_cache_key joins them. */
static str cache_key(struct arena *a, str path)
{
    str where, before = str_cut(path, '?', &where);
    return before.n > 7 ? arena_fmt(a, "%.*s\n%.*s", FMT(where), FMT(str_from(before, 7))) : path;
}

/* everything: a change of what every page shows may drop every page. */
static void step(struct oracle *o, const char *what, bool everything)
{
    size_t dropped = 0, vain = 0;
    time_set_for_test(time_now() + STEP * MS_SECOND);
    for (size_t i = 0; i < o->n; i++) {
        struct page *p = &o->pages[i];
        struct sha256 now = print_page(o, p->path);
        str names = STR_NONE;
        bool kept = cache_has(app_cache(o->w.app), cache_key(&o->page, p->path), &o->page, &names);
        bool differs = p->known && memcmp(now.bytes, p->sum.bytes, sizeof now.bytes) != 0;
        if (differs && kept && !everything)
            test_fail("%s: %.*s differs and was not dropped; its keys:\n%.*s", what, FMT(p->path),
                      FMT(names));
        if (p->known && !kept && !everything) {
            dropped++;
            vain += !differs;
            if (!differs)
                print_message("in vain: %s: %.*s\n", what, FMT(p->path));
        }
        p->sum = now;
        p->known = true;
        visit(o, p->path); /* warm again, and new addresses with it */
    }
    print_message("%s: %zu of %zu dropped\n", what, dropped, o->n);
    if (!dropped && !everything)
        test_fail("%s: nothing was dropped", what);
    o->dropped += dropped;
    o->vain += vain;
}

static void jobs(struct oracle *o)
{
    struct err err = {0};
    i64 next = 0;
    assert_ok(jobs_run(app_writer(o->w.app), NULL, &next, &err), &err);
}

static void the_oracle(void **state)
{
    struct oracle *o = *state;
    struct intake_answer answer;
    static const struct {
        const char *what, *file, *from, *to;
    } changes[] = {
        {"a body", "1/high-path.md", "by a route that", "along a route that"},
        {"a body that many cards lead to", "2/harbour-answer.md", "Not everybody is persuaded.",
         "Not everybody agrees."},
        {"a headline", "1/high-path.md", "and it has moved", "and has moved"},
        {"a standfirst", "1/last-hay.md", "standfirst: \"", "standfirst: \"At last. "},
        {"a topic", "1/high-path.md", "topics: [Paths, Weather]", "topics: [Paths, Winter]"},
        {"a byline", "1/high-path.md", "by: [Ada Quill]", "by: [Jonas Reed]"},
        {"a caption", "1/high-path.md", "where the ground is cracked", "where the ground is open"},
        {"a correction", "1/high-path.md",
         "topics:", "change: correction\ncorrection: \"The slide was in February.\"\ntopics:"},
        {"an address", "1/high-path.md", "section: land", "section: land\nslug: the-high-path"},
        {"a section", "1/high-path.md", "section: land", "section: towns"},
        {"a background", "1/harbour-history.md", "1874", "1873"},
        {"a page", "1/about-en.md", "six people", "seven people"},
        {"a translation's headline", "1/path-ru.md", "headline: \"", "headline: \"И "},
        {"a new story", "1/fig-harvest.md", "id: fig-harvest\n", "id: figs-again\n"},
    };
    make_newsroom(o);
    find_pages(o);
    assert_true(o->n > 100);
    step(o, "start", true);
    for (size_t i = 0; i < COUNT(changes); i++) {
        time_set_for_test(time_now() + STEP * MS_SECOND);
        give(o, changes[i].file, changes[i].from, changes[i].to);
        step(o, changes[i].what, false);
    }
    intake_withdraw(app_intake(o->w.app), STR("lifeboat-aground"), STR("Gone."), &o->w.a, &answer);
    assert_int_equal(answer.st, ST_OK);
    step(o, "a withdrawal", false);
    intake_reinstate(app_intake(o->w.app), STR("lifeboat-aground"), &o->w.a, &answer);
    assert_int_equal(answer.st, ST_OK);
    step(o, "reinstated", false);
    time_set_for_test(o->now + MS_HOUR);
    jobs(o);
    step(o, "a scheduled story begins", false);
    give(o, "1/sections.yaml", "Streets, schools, council.", "Streets and schools.");
    step(o, "a section's description", false);
    give(o, "1/site.yaml", "News from both shores", "News of both shores");
    step(o, "the site's motto", true);
    print_message("dropped %zu, of these in vain %zu\n", o->dropped, o->vain);
    assert_true(o->vain * 10 <= o->dropped);
}

static int setup(void **state)
{
    static struct oracle o;
    *state = &o;
    return 0;
}

static int teardown(void **state)
{
    struct oracle *o = *state;
    arena_free(&o->page);
    return world_close(&o->w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_oracle, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
