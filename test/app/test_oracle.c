/* The oracle: every page of the demo newsroom is printed, one change of each kind is made, and
 * every page is printed again without the cache. Each whose bytes differ was dropped, or printed
 * again where the change was one that every page shows; what the cache still gives is what would be
 * printed now. What is dropped in vain is counted, and what is let pass is listed (known_vain). */
#include "site.h"

#include "app/parts.h"
#include "jobs/jobs.h"
#include "newsroom/fronts.h"

enum { PAGES = 1000, NO_PICTURES = 3 /* demo/make-newsroom */ };
/* Between a change and a look, and before the next change: each change has a minute of its own, so
 * that what says "Updated 12:07" differs with it. */
enum { LOOK = 20 * MS_SECOND, CHANGE = 40 * MS_SECOND };

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
    size_t n, vain, dropped;
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

static void add(struct oracle *o, str path)
{
    for (size_t i = 0; i < o->n; i++)
        if (str_eq(o->pages[i].path, path))
            return;
    assert_true(o->n < PAGES);
    o->pages[o->n++].path = arena_str(&o->w.a, path);
}

/* Every address that a story published or scheduled in this line has, or will have; its day and its
 * section. */
static void add_story(struct oracle *o, str line)
{
    ptrdiff_t at = str_find(line, STR(" /"));
    str path;
    if (at < 0)
        return; /* a background has none */
    str_cut(str_from(line, (size_t)at + 1), ' ', &path);
    str_cut(path, '\n', &path);
    add(o, path);
    add(o, arena_fmt(&o->w.a, "%.*s.txt", FMT(path)));
    add(o, arena_fmt(&o->w.a, "%.*s.json", FMT(path)));
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
    snprintf(command, sizeof command, "demo/make-newsroom %s %lld || exit; ls %s/1/*.md >%s/list",
             o->files, (long long)o->now / 1000, o->files, o->files);
    if (WEXITSTATUS(system(command)) == NO_PICTURES) {
        print_message("skipped: the demo's photographs are not installed\n");
        skip();
    }
    snprintf(command, sizeof command, "%s/list", o->files);
    CLEANUP(file_close) FILE *list = fopen(command, "r");
    assert_non_null(list);
    give(o, "1/site.yaml", NULL, NULL);
    give(o, "1/sections.yaml", NULL, NULL);
    while (fgets(name, sizeof name, list)) {
        name[strcspn(name, "\n")] = '\0';
        add_story(o, give(o, strrchr(name, '/') - 1, NULL, NULL));
    }
    time_set_for_test(o->now + MS_SECOND);
    add_story(o, give(o, "2/harbour-answer.md", NULL, NULL));
}

/* ---- its pages: what links lead to ---- */

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

static struct sha256 sum_of(struct oracle *o, const struct finished *f)
{
    return sha256(arena_fmt(&o->page, "%d %.*s %.*s %.*s", finished_status(f),
                            FMT(finished_etag(f, CODING_IDENTITY)),
                            FMT(finished_header(f, STR("Location"))), FMT(finished_body(f))));
}

static struct sha256 print_page(struct oracle *o, str path)
{
    struct finished *f = NULL;
    struct err err = {0};
    str where, before = str_cut(path, '?', &where);
    assert_ok(app_print(o->w.app, where, before.n > 7 ? str_from(before, 7) : STR_NONE, &o->page,
                        &f, &err),
              &err);
    struct sha256 sum = sum_of(o, f);
    finished_release(f);
    arena_reset(&o->page);
    return sum;
}

static bool same(const struct sha256 *a, const struct sha256 *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* As site_cache_key joins them. */
static str cache_key(struct arena *a, str path)
{
    str where, before = str_cut(path, '?', &where);
    return before.n > 7 ? arena_fmt(a, "%.*s\n%.*s", FMT(where), FMT(str_from(before, 7))) : path;
}

enum reach {
    SOME,   /* the change shows on pages; they are dropped */
    ALL,    /* every page may show it: all are dropped or printed again */
    NOWHERE /* nothing public differs */
};

struct step {
    const char *what;
    enum reach reach;
    size_t dropped, vain, differing;
};

/* The pages that a change still drops in vain. */
static const struct {
    const char *what;
    size_t n;
} known_vain[] = {
    /* the news map, for which the story is too old */
    {"a new story", 1},
    {"a story is withdrawn", 1},
    {"a story is reinstated", 1},
    /* its old address, which leads where it led */
    {"a corrections policy is withdrawn", 1},
    {"a corrections policy is reinstated", 1},
};

static size_t vain_known(const char *what)
{
    for (size_t i = 0; i < COUNT(known_vain); i++)
        if (strcmp(known_vain[i].what, what) == 0)
            return known_vain[i].n;
    return 0;
}

/* One page after a change: what the cache gives, if it gives anything, is what would be printed. */
static void compare(struct oracle *o, struct page *p, struct step *s)
{
    str names = STR_NONE;
    struct cache *cache = app_cache(o->w.app);
    struct sha256 now = print_page(o, p->path);
    str key = cache_key(&o->page, p->path);
    bool differs = p->known && !same(&now, &p->sum);
    CLEANUP(finished_cleanup) struct finished *given = cache_get(cache, key);
    if (given) {
        struct sha256 held = sum_of(o, given);
        cache_has(cache, key, &o->page, &names);
        if (p->known && !same(&held, &now))
            test_fail("%s: %.*s differs and was not dropped; its keys:\n%.*s", s->what,
                      FMT(p->path), FMT(names));
    }
    if (p->known && !given) {
        s->dropped++;
        s->vain += !differs;
        if (!differs && s->reach != ALL)
            print_message("in vain: %s: %.*s\n", s->what, FMT(p->path));
    }
    s->differing += differs;
    if (differs && s->reach == NOWHERE)
        test_fail("%s: shows at %.*s", s->what, FMT(p->path));
    p->sum = now;
    p->known = true;
}

static void step(struct oracle *o, const char *what, enum reach reach)
{
    struct step s = {.what = what, .reach = reach};
    time_set_for_test(time_now() + LOOK);
    for (size_t i = 0; i < o->n; i++) {
        compare(o, &o->pages[i], &s);
        visit(o, o->pages[i].path); /* warm again, and new addresses with it */
    }
    print_message("%s: %zu of %zu differ, %zu dropped\n", what, s.differing, o->n, s.dropped);
    if (reach != NOWHERE && s.differing == 0)
        test_fail("%s: nothing differs", what);
    if (reach == ALL)
        return;
    if (s.vain != vain_known(what))
        test_fail("%s: %zu dropped in vain, known_vain says %zu", what, s.vain, vain_known(what));
    o->dropped += s.dropped;
    o->vain += s.vain;
}

/* ---- one change of each kind ---- */

struct a_change {
    const char *what, *file, *from, *to;
    enum reach reach;
};

static const struct a_change of_words[] = {
    {"a story that waits, before its time", "1/ferry-first.md", "headline: \"",
     "headline: \"Soon: ", NOWHERE},
    {"a body", "1/high-path.md", "by a route that", "along a route that", SOME},
    {"a body that many cards lead to", "2/harbour-answer.md", "Not everybody is persuaded.",
     "Not everybody agrees.", SOME},
    {"a headline", "1/high-path.md", "and it has moved", "and has moved", SOME},
    {"a headline for the front", "2/harbour-answer.md", "front: \"Both", "front: \"Now both", SOME},
    {"a headline for elsewhere", "2/harbour-answer.md", "social: \"Two", "social: \"The two", SOME},
    {"a headline that isn't the front's", "2/harbour-answer.md", "harbour master warns",
     "harbour master says", SOME},
    {"a standfirst", "1/last-hay.md", "standfirst: \"", "standfirst: \"At last. ", SOME},
    {"a dateline", "2/harbour-answer.md", "NORTHHAVEN", "EASTNESS", SOME},
    {"a topic", "1/high-path.md", "topics: [Paths, Weather]", "topics: [Paths, Winter]", SOME},
    {"topics in another order", "1/high-path.md", "[Paths, Winter]", "[Winter, Paths]", SOME},
    {"a label", "1/high-path.md", "section: land", "section: land\nlabel: analysis", SOME},
    {"another label", "1/high-path.md", "label: analysis", "label: opinion", SOME},
    {"no label", "1/high-path.md", "label: opinion", "label:", SOME},
    {"a byline", "1/high-path.md", "by: [Ada Quill]", "by: [Jonas Reed]", SOME},
    {"a caption", "1/high-path.md", "where the ground is cracked", "where the ground is open",
     SOME},
    {"a credit", "1/high-path.md", "credit: Aitzol", "credit: A. Aitzol", SOME},
    {"a picture's licence", "1/high-path.md", "licence: CC BY 4.0", "licence: CC BY 3.0", SOME},
    {"when a picture was taken", "1/high-path.md", "taken: 2018", "taken: 2026", SOME},
    {"a caption that no card shows", "1/listening-room.md", "caption: \"",
     "caption: \"Here: ", SOME},
    {"a caption that a card shows", "1/station-clock.md", "caption: \"The clock",
     "caption: \"A clock", SOME},
    {"a credit that a card shows", "1/what-silt-weighs.md", "credit: Aitzol", "credit: A. Aitzol",
     SOME},
    {"an alternative text that a card shows", "1/lifeboat-aground.md", "alt: \"The", "alt: \"A",
     SOME},
    {"an alternative text", "1/high-path.md", "alt: \"A worn", "alt: \"One worn", SOME},
    {"a picture", "1/high-path.md", "picosdeeuropa_by_Aitzol_Berasategi.jpg",
     "Bridge_by_Sander_Klootwijk.jpg", SOME},
    {"a source", "1/high-path.md", "section: land",
     "section: land\nsource: \"https://example.org/\"", SOME},
    {"a licence", "1/high-path.md", "section: land", "section: land\nlicence: CC BY 4.0", SOME},
    {"a correction", "1/high-path.md",
     "topics:", "change: correction\ncorrection: \"The slide was in February.\"\ntopics:", SOME},
    {"a clarification", "1/high-path.md",
     "change: correction\ncorrection: \"The slide was in February.\"",
     "change: clarification\ncorrection: \"The iron pins are of steel.\"", SOME},
    {"a typo", "1/school-paints.md", "\n---\nI was", "\nchange: typo\n---\nThen I was", SOME},
    {"when it was published", "1/high-path.md", "published: 2026-11-19T12:00:00Z",
     "published: 2026-11-20T11:00:00Z", SOME},
    {"an address", "1/high-path.md", "section: land", "section: land\nslug: the-high-path", SOME},
    {"a section", "1/high-path.md", "section: land", "section: towns", SOME},
    {"no background", "2/harbour-answer.md", "background: harbour-history", "background:", SOME},
    {"a background again", "2/harbour-answer.md", "background:", "background: harbour-history",
     SOME},
    {"a background's words", "1/harbour-history.md", "1874", "1873", SOME},
    {"a page", "1/about-en.md", "six people", "seven people", SOME},
    {"a translation's headline", "1/path-ru.md", "headline: \"", "headline: \"И ", SOME},
    {"no translation", "1/path-ru.md", "translation-of: high-path", "translation-of:", SOME},
    {"a translation again", "1/path-ru.md", "translation-of:", "translation-of: high-path", SOME},
    {"a new story", "1/fig-harvest.md", "id: fig-harvest\n", "id: figs-again\n", SOME},
};

static const struct a_change of_the_site[] = {
    {"a section's description", "1/sections.yaml", "Streets, schools, council.",
     "Streets and schools.", SOME},
    {"a section's picture", "1/sections.yaml", "slug: culture,",
     "slug: culture, picture: Bridge_by_Sander_Klootwijk.jpg,", SOME},
    {"another picture of a section", "1/sections.yaml", "picture: Bridge_by_Sander_Klootwijk.jpg,",
     "picture: picosdeeuropa_by_Aitzol_Berasategi.jpg,", SOME},
    {"no picture of a section", "1/sections.yaml",
     "picture: picosdeeuropa_by_Aitzol_Berasategi.jpg,", "", SOME},
    {"a new section", "1/sections.yaml", "\nru:\n",
     "\n  - {slug: sky, name: Sky, description: \"Stars.\"}\nru:\n", ALL},
    {"a section's name", "1/sections.yaml", "name: Sky", "name: Heavens", ALL},
    {"a section leaves the navigation", "1/sections.yaml", "name: Heavens",
     "name: Heavens, navigation: false", ALL},
    {"an empty section is gone", "1/sections.yaml",
     "\n  - {slug: sky, name: Heavens, navigation: false, description: \"Stars.\"}", "", ALL},
    {"a section with stories is gone", "1/sections.yaml",
     "  - {slug: sport, name: Sport, description: \"Games, and the people who mark the lines.\"}\n",
     "", ALL},
    {"the site's name", "1/site.yaml", "en: \"The Sound\"", "en: \"The Strait\"", ALL},
    {"the site's motto", "1/site.yaml", "News from both shores", "News of both shores", ALL},
    {"a footer's words", "1/site.yaml", "\"About us\"", "\"Who we are\"", ALL},
    {"a footer's link is gone", "1/site.yaml",
     "    - {text: \"Corrections policy\", story: corrections-en}\n", "", ALL},
    {"another corrections policy", "1/site.yaml", "ar: corrections-ar}", "ar: about-ar}", ALL},
    {"no corrections policy", "1/site.yaml", ", ru: corrections-ru,", ",", ALL},
    {"the lead", "1/site.yaml", "lead: {en: harbour-answer,", "lead: {en: high-path,", ALL},
    {"a zone", "1/site.yaml", "zone: Europe/London", "zone: Asia/Tokyo", ALL},
    {"the lead of another edition", "1/site.yaml", "ar: harbour-answer-ar}", "ar: hay-ar}", ALL},
};

/* By now no footer leads to it: stories alone name it, where no reader sees it. */
static const struct a_change of_the_policy[] = {
    {"a corrections policy's words", "1/corrections-en.md", "two working days",
     "three working days", SOME},
    {"a corrections policy's address", "1/corrections-en.md", "slug: corrections-policy",
     "slug: how-we-correct", SOME},
};

static void make_changes(struct oracle *o, const struct a_change *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        time_set_for_test(time_now() + CHANGE);
        str line = give(o, list[i].file, list[i].from, list[i].to);
        if (!str_ends(str_c(list[i].file), STR(".yaml")))
            add_story(o, line);
        step(o, list[i].what, list[i].reach);
    }
}

struct a_withdrawal {
    const char *what, *key;
    enum reach reach;
};

static const struct a_withdrawal of_stories[] = {
    {"a story", "lifeboat-aground", SOME},     {"the lead", "harbour-answer", SOME},
    {"a translation", "path-ru", SOME},        {"a background", "harbour-history", SOME},
    {"a page of the footer", "about-en", ALL},
};

static const struct a_withdrawal of_a_policy[] = {{"a corrections policy", "corrections-en", SOME}};

static void withdraw_and_reinstate(struct oracle *o, const struct a_withdrawal *stories, size_t n)
{
    for (size_t i = 0; i < 2 * n; i++) {
        struct intake_answer answer;
        char what[80];
        bool back = i % 2;
        str key = str_c(stories[i / 2].key);
        snprintf(what, sizeof what, "%s is %s", stories[i / 2].what,
                 back ? "reinstated" : "withdrawn");
        time_set_for_test(time_now() + CHANGE);
        if (back)
            intake_reinstate(app_intake(o->w.app), key, &o->w.a, &answer);
        else
            intake_withdraw(app_intake(o->w.app), key, STR("It was wrong."), &o->w.a, &answer);
        assert_int_equal(answer.st, ST_OK);
        step(o, what, stories[i / 2].reach);
    }
}

/* ---- fronts ---- */

struct an_arrangement {
    const char *what;
    struct {
        const char *story, *headline, *picture_of; /* picture_of: the story whose lead it is */
    } slots[3];
};

/* The last stays in force while what it shows is withdrawn, put back, and begins. */
static const struct an_arrangement of_the_front[] = {
    {"a front is arranged", {{"last-hay", NULL, NULL}, {"high-path", NULL, NULL}}},
    {"the other way round", {{"high-path", NULL, NULL}, {"last-hay", NULL, NULL}}},
    {"a headline of its own", {{"high-path", "Up there", NULL}, {"last-hay", NULL, NULL}}},
    {"a picture of its own", {{"high-path", "Up there", "lifeboat-aground"}}},
    {"a story that waits, and two",
     {{"ferry-first", NULL, NULL},
      {"last-hay", NULL, "lifeboat-aground"},
      {"harbour-answer", NULL, NULL}}},
};

static enum status lend_picture(struct view *v, const char *key, struct front_slot *s)
{
    struct story story;
    struct picture p;
    enum status st = story_by_key(v, str_c(key), PART_CARD, &story);
    st = st ? st : picture_by_id(v, story.picture, &p);
    s->picture = st ? STR_NONE : p.key;
    s->alt = STR("A boat");
    return st;
}

static enum status arrange_in_writer(struct tx *tx, void *arg)
{
    const struct an_arrangement *want = arg;
    struct actor who = {.account = 1, .roles = ROLE_EDITOR};
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct front_slot slots[3] = {0};
    struct front now;
    struct front_save ask = {.edition = STR("en"), .slots = slots};
    i64 id;
    size_t bad;
    enum status st = front_in_force(&v, 1, &now);
    for (size_t i = 0; !st && i < COUNT(want->slots) && want->slots[i].story; i++) {
        struct front_slot *s = &slots[ask.n++];
        s->story = str_c(want->slots[i].story);
        s->headline = want->slots[i].headline ? str_c(want->slots[i].headline) : STR_NONE;
        if (want->slots[i].picture_of)
            st = lend_picture(&v, want->slots[i].picture_of, s);
    }
    ask.base = now.id;
    return st ? st : front_save(tx, &who, &ask, &id, &bad);
}

static void arrange(struct oracle *o, const struct an_arrangement *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct an_arrangement one = list[i];
        struct err err = {0};
        time_set_for_test(time_now() + CHANGE);
        assert_ok(writer_do(app_writer(o->w.app), arrange_in_writer, &one, &err), &err);
        step(o, one.what, SOME);
    }
}

static void the_oracle(void **state)
{
    struct oracle *o = *state;
    struct err err = {0};
    i64 next = 0;
    make_newsroom(o);
    find_pages(o);
    assert_true(o->n > 150);
    step(o, "nothing", NOWHERE);
    step(o, "nothing again", NOWHERE);
    assert_int_equal(o->dropped, 0);
    make_changes(o, of_words, COUNT(of_words));
    arrange(o, of_the_front, COUNT(of_the_front));
    withdraw_and_reinstate(o, of_stories, COUNT(of_stories));
    time_set_for_test(time_now() + CHANGE);
    assert_ok(jobs_run(app_writer(o->w.app), NULL, &next, &err), &err);
    step(o, "a scheduled story begins", SOME);
    arrange(o, &(struct an_arrangement){.what = "a front by rule again"}, 1);
    make_changes(o, of_the_site, COUNT(of_the_site));
    make_changes(o, of_the_policy, COUNT(of_the_policy));
    withdraw_and_reinstate(o, of_a_policy, COUNT(of_a_policy));
    print_message("dropped %zu, of these in vain %zu\n", o->dropped, o->vain);
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
