/* What a publisher changes of the site at the desk: what readers find then, what the files may
 * still say, and what is refused. */
#include "desk.h"

#include "newsroom/site_desk.h"
#include "text/site_file.h"

#define SITE "/desk/site/en"

static const char site_yaml[] =
    "name: {en: The Sound, ru: Пролив}\nmotto: {en: From both shores}\ncontact: a@example.org\n"
    "footer: {en: [{text: Imprint, story: imprint}]}\n"
    "editions: [{slug: en, locale: en-GB, zone: Europe/London}, {slug: ru, locale: ru-RU, zone: "
    "Europe/Riga}]\n";
static const char sections_yaml[] =
    "en:\n  - {slug: town, name: Town, description: Streets}\n  - {slug: sea, name: Sea}\n"
    "  - {slug: land, name: Land}\nru:\n  - {slug: town, name: Город}\n";

static void publisher(struct world *w, struct browser *b)
{
    staff(w, b, "p@example.org", "Pia", ROLE_PUBLISHER);
    publish(w, HEAD("wall", "") "Words.\n");
}

/* ---- a form as a browser sends it: what stands on the page, but for the fields named ---- */

struct fields {
    const char *list[1200];
    size_t n;
};

static const char *attribute(struct world *w, str tag, const char *name)
{
    str mark = arena_fmt(&w->a, " %s=\"", name), value;
    ptrdiff_t at = str_find(tag, mark);
    if (at < 0)
        return NULL;
    str_cut(str_from(tag, (size_t)at + mark.n), '"', &value);
    return arena_cstr(&w->a, value);
}

static bool named(const char *const *pairs, const char *name)
{
    for (size_t i = 0; pairs[i]; i += 2)
        if (strcmp(pairs[i], name) == 0)
            return true;
    return false;
}

/* Values here have no entities but those of quotation marks, which these tests don't write. */
static void fill(struct browser *b, const char *const *pairs, struct fields *f)
{
    struct world *w = b->w;
    str rest = b->body, tag;
    ptrdiff_t at;
    f->n = 0;
    for (; pairs[f->n]; f->n++)
        f->list[f->n] = pairs[f->n];
    while ((at = str_find(rest, STR("<input "))) >= 0) {
        rest = str_cut(str_from(rest, (size_t)at), '>', &tag);
        const char *name = attribute(w, tag, "name"), *value = attribute(w, tag, "value");
        bool box = str_find(tag, STR("type=\"checkbox\"")) > 0;
        if (!name || named(pairs, name) || (box && str_find(tag, STR(" checked")) < 0))
            continue;
        assert_true(f->n + 3 < COUNT(f->list));
        f->list[f->n++] = name;
        f->list[f->n++] = value ? value : "";
    }
    f->list[f->n] = NULL;
}

/* Sends the form as it stands, with these fields changed; "-" leaves one out. */
static int save(struct browser *b, const char *const *pairs)
{
    struct fields f, sent = {0};
    assert_int_equal(fetch(b, SITE), 200);
    fill(b, pairs, &f);
    for (size_t i = 0; i < f.n; i += 2)
        if (strcmp(f.list[i + 1], "-") != 0) {
            sent.list[sent.n++] = f.list[i];
            sent.list[sent.n++] = f.list[i + 1];
        }
    return ask(b, POST, SITE, sent.list);
}

static const char *page(struct world *w, const char *path)
{
    str body;
    assert_int_equal(get(w, path, &body), 200);
    return arena_cstr(&w->a, body);
}

/* The words of the links of one part of a page, "Town Sea Land". */
static str links_of(struct world *w, const char *path, const char *begin, const char *end)
{
    str body = str_c(page(w, path)), part, words;
    struct out o = out_make(&w->a, 256, 4096);
    ptrdiff_t at = str_find(body, str_c(begin));
    if (at < 0)
        return STR_NONE;
    part = str_from(body, (size_t)at);
    part = str_head(part, (size_t)str_find(part, str_c(end)));
    while ((at = str_find(part, STR("<li>"))) >= 0) {
        part = str_from(part, (size_t)at + 4);
        if (part.n && part.p[0] == '<')
            part = str_cut(part, '>', &words);
        part = str_cut(part, '<', &words);
        out_fmt(&o, "%s%.*s", o.n ? " " : "", FMT(words));
    }
    return out_view(&o);
}
#define navigation(w, path) links_of((w), (path), "<nav class=\"nav\"", "</nav>")
#define footer(w, path)     links_of((w), (path), "<footer", "</footer>")

/* ---- what readers find ---- */

static void a_saved_change_is_seen_on_the_next_request(void **state)
{
    struct world *w = *state;
    struct browser b;
    publisher(w, &b);
    assert_str(navigation(w, "/"), "Town Sea Land");
    assert_str(navigation(w, WALL), "Town Sea Land"); /* both are warm */
    assert_int_equal(save(&b, FORM("name", "The Strait", "motto", "North and south", "contact",
                                   "Ring us", "name-0", "Streets")),
                     303);
    assert_str(b.location, SITE "?done=site");
    for (int i = 0; i < 2; i++) {
        const char *path = i ? WALL : "/";
        assert_shows(w, path, "The Strait");
        assert_shows(w, path, "North and south");
        assert_shows(w, path, "<span>Ring us</span>");
        assert_str(navigation(w, path), "Streets Sea Land");
    }
    assert_shows(w, "/ru/", "Ring us");
    assert_shows(w, "/ru/", "Пролив");
    assert_int_equal(fetch(&b, SITE "?done=site"), 200);
    assert_has(b.body, "Saved: readers see it now.");
    assert_int_equal(save(&b, FORM("do", "save")), 303);
    assert_str(b.location, SITE "?done=site-same");
}

static void sections_are_ordered_hidden_and_described(void **state)
{
    struct world *w = *state;
    struct browser b;
    publisher(w, &b);
    assert_str(navigation(w, "/"), "Town Sea Land");
    assert_int_equal(save(&b, FORM("number-2", "1", "shown-1", "-", "description-0", "Of streets")),
                     303);
    assert_str(navigation(w, "/"), "Land Town");
    assert_shows(w, "/town/", "Of streets");
    assert_int_equal(get(w, "/sea/", NULL), 200); /* its address answers */
    assert_int_equal(save(&b, FORM("shown-2", "1", "number-2", "2")), 303);
    assert_str(navigation(w, "/"), "Land Sea Town");
    assert_str(navigation(w, "/ru/"), "Город");
}

static void a_section_is_begun_and_named_for_ever(void **state)
{
    struct world *w = *state;
    struct browser b;
    publisher(w, &b);
    assert_int_equal(get(w, "/harbour-and-quay/", NULL), 404); /* warm, too */
    assert_int_equal(save(&b, FORM("name-3", "Harbour and Quay")), 303);
    assert_str(navigation(w, "/"), "Town Sea Land Harbour and Quay");
    assert_int_equal(get(w, "/harbour-and-quay/", NULL), 200);
    publish(w, "---\nid: q\nsection: harbour-and-quay\nheadline: Q\n---\nW.\n");
    /* another name, the same address */
    assert_int_equal(save(&b, FORM("name-3", "Quay")), 303);
    assert_str(navigation(w, "/"), "Town Sea Land Quay");
    assert_int_equal(get(w, "/harbour-and-quay/2026/11/20/q", NULL), 200);
    assert_int_equal(save(&b, FORM("name-4", "Рыба", "slug-4", "fish", "number-4", "1")), 303);
    assert_str(navigation(w, "/"), "Рыба Town Sea Land Quay");
    assert_int_equal(get(w, "/fish/", NULL), 200);
    assert_int_equal(fetch(&b, "/desk/log"), 200);
    assert_has(b.body, "began a section");
    assert_has(b.body, "en/fish");
    assert_has(b.body, "changed the site");
}

static void a_section_ends_only_while_it_is_empty(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct intake_answer answer;
    publisher(w, &b);
    publish(w, "---\nid: later\nsection: land\nheadline: Later\nslug: later\npublished: "
               "2026-11-20T13:00:00Z\n---\nW.\n");
    for (int i = 0; i < 2; i++) { /* a live story, and one that is scheduled */
        assert_int_equal(save(&b, FORM(i ? "end-2" : "end-0", "1")), 400);
        assert_has(b.body, "Live or scheduled stories stand in this section");
        assert_has(b.body, "checked aria-invalid=\"true\"");
        assert_str(navigation(w, "/"), "Town Sea Land");
    }
    assert_int_equal(save(&b, FORM("end-1", "1")), 303);
    assert_str(navigation(w, "/"), "Town Land");
    assert_int_equal(get(w, "/sea/", NULL), 404);
    /* what was withdrawn keeps its address, and so does its section */
    intake_withdraw(app_intake(w->app), STR("wall"), STR("Wrong."), &w->a, &answer);
    assert_int_equal(answer.st, ST_OK);
    assert_int_equal(save(&b, FORM("end-0", "1")), 303);
    assert_str(navigation(w, "/"), "Land");
    assert_int_equal(get(w, WALL, NULL), 410);
    assert_int_equal(save(&b, FORM("name-1", "Town", "slug-1", "town")), 303);
    assert_str(navigation(w, "/"), "Land Town");
    assert_int_equal(fetch(&b, "/desk/log"), 200);
    assert_has(b.body, "ended a section");
}

static void links_stand_between_sections(void **state)
{
    struct world *w = *state;
    struct browser b;
    publisher(w, &b);
    assert_str(navigation(w, "/"), "Town Sea Land");
    assert_int_equal(save(&b, FORM("name-4", "Weather", "target-4", "https://weather.example/a?b",
                                   "number-4", "2")),
                     303);
    assert_str(navigation(w, "/"), "Town Weather Sea Land");
    assert_shows(w, "/", "href=\"https://weather.example/a?b\"");
    assert_int_equal(save(&b, FORM("name-5", "About", "target-5", "about")), 303);
    assert_str(navigation(w, "/"), "Town Weather Sea Land"); /* until the page is live */
    assert_int_equal(fetch(&b, SITE), 200);
    assert_has(b.body, "not shown: no page of this key is live");
    publish(w, "---\nid: about\nkind: page\nheadline: About us\n---\nWe.\n");
    assert_str(navigation(w, "/"), "Town Weather Sea Land About");
    /* a section that comes later stands before what was at the end */
    assert_int_equal(save(&b, FORM("name-5", "Sky", "number-5", "5")), 303);
    assert_str(navigation(w, "/"), "Town Weather Sea Land Sky About");
    assert_int_equal(save(&b, FORM("name-1", "", "target-1", "")), 303);
    assert_str(navigation(w, "/"), "Town Sea Land Sky About");
    assert_str(navigation(w, "/ru/"), "Город");
}

static void the_footer_has_pages_links_and_words(void **state)
{
    struct world *w = *state;
    struct browser b;
    publisher(w, &b);
    assert_str(footer(w, "/"), "");
    publish(w, "---\nid: about\nkind: page\nheadline: About us\n---\nWe.\n");
    assert_int_equal(save(&b, FORM("foot-name-1", "About", "foot-target-1", "/page/about-us",
                                   "foot-name-2", "© The Sound", "foot-number-2", "1")),
                     303);
    assert_str(footer(w, "/"), "© The Sound About");
    publish(w, "---\nid: imprint\nkind: page\nheadline: Imprint\n---\nWe.\n");
    assert_str(footer(w, "/"), "© The Sound Imprint About");
    assert_int_equal(save(&b, FORM("foot-name-3", "Press", "foot-target-3", "http://press.example",
                                   "foot-name-0", "", "foot-number-3", "1")),
                     303);
    assert_str(footer(w, WALL), "Press Imprint About");
    assert_shows(w, "/", "href=\"/page/about-us\"");
}

/* ---- pages of the newsroom ---- */

static const char *hidden_field(struct browser *b, const char *name)
{
    str mark = arena_fmt(&b->w->a, "name=\"%s\" value=\"", name), value;
    ptrdiff_t at = str_find(b->body, mark);
    assert_true(at >= 0);
    str_cut(str_from(b->body, (size_t)at + mark.n), '"', &value);
    return arena_cstr(&b->w->a, value);
}

static int write_page(struct browser *b, const char *at, const char *headline, const char *slug,
                      const char *text, const char *button)
{
    if (fetch(b, at) != 200)
        return b->status;
    return send_form(b, at, "parent", hidden_field(b, "parent"), "base", hidden_field(b, "base"),
                     "headline", headline, "slug", slug, "body", text, "do", button);
}

static void a_page_is_written_at_the_desk(void **state)
{
    struct world *w = *state;
    struct browser b;
    publisher(w, &b);
    assert_int_equal(get(w, "/page/privacy", NULL), 404); /* warm */
    assert_int_equal(send_form(&b, SITE "/pages", "do", "begin"), 303);
    const char *at = arena_cstr(&w->a, b.location);
    const char *key = strrchr(at, '/') + 1;
    assert_int_equal(save(&b, FORM("foot-name-1", "Privacy", "foot-target-1", key)), 303);
    assert_str(footer(w, "/"), "");
    /* the same check of what is written as a story's */
    assert_int_equal(write_page(&b, at, "Privacy", "", "<b>No</b>", "save"), 400);
    assert_int_equal(write_page(&b, at, "Privacy", "", "We keep nothing.", "save"), 303);
    assert_int_equal(fetch(&b, arena_cstr(&w->a, arena_fmt(&w->a, "%s/preview", at))), 200);
    assert_has(b.body, "We keep nothing.");
    assert_int_equal(get(w, "/page/privacy", NULL), 404);
    assert_int_equal(write_page(&b, at, "Privacy", "", "We keep nothing.", "publish"), 303);
    assert_shows(w, "/page/privacy", "We keep nothing.");
    assert_str(footer(w, "/"), "Privacy");
    assert_shows(w, "/", "href=\"/page/privacy\"");
    assert_int_equal(write_page(&b, at, "Privacy", "privacy", "We keep little.", "publish"), 303);
    assert_shows(w, "/page/privacy", "We keep little.");
    /* another address: the old one leads there, and so does the footer */
    assert_int_equal(
        write_page(&b, at, "What we keep", "what-we-keep", "We keep little.", "publish"), 303);
    assert_shows(w, "/page/what-we-keep", "We keep little.");
    assert_int_equal(get(w, "/page/privacy", NULL), 301);
    assert_shows(w, "/", "href=\"/page/what-we-keep\"");
    assert_int_equal(fetch(&b, arena_cstr(&w->a, arena_fmt(&w->a, "%s/saves", at))), 200);
    assert_has(b.body, "/saves/1\"");
    assert_has(b.body, "/saves/3\"");
    assert_int_equal(fetch(&b, SITE), 200);
    assert_has(b.body, ">What we keep</a>");
    assert_int_equal(fetch(&b, "/desk/site/ru"), 200);
    assert_lacks(b.body, ">What we keep</a>");
    assert_int_equal(send_form(&b, "/desk/site/none/pages", "do", "begin"), 404);
}

static void pages_are_the_publishers(void **state)
{
    struct world *w = *state;
    struct browser b;
    publish(w, "---\nid: about\nkind: page\nheadline: About us\n---\nWe.\n");
    staff(w, &b, "e@example.org", "Edda", ROLE_EDITOR);
    assert_int_equal(send_form(&b, SITE "/pages", "do", "begin"), 403);
    assert_int_equal(
        write_page(&b, "/desk/story/about", "About us", "about-us", "Others.", "publish"), 403);
    assert_shows(w, "/page/about-us", "We.");
    assert_int_equal(fetch(&b, "/desk/story/about"), 200);
    assert_lacks(b.body, "value=\"save\"");
}

/* ---- one truth ---- */

static void exported(struct world *w, str *site, str *sections)
{
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    CLEANUP(view_end) struct view v = {0};
    struct site_file one;
    struct sections_file two;
    struct out a = out_make(&w->a, 4096, 1 << 20), c = out_make(&w->a, 4096, 1 << 20);
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    assert_ok(view_begin(&v, db, &w->a, &err), &err);
    assert_ok(site_as_files(&v, &one, &two), &err);
    site_file_write(&one, &a);
    sections_file_write(&two, &c);
    *site = out_view(&a);
    *sections = out_view(&c);
}

static enum status hand(struct world *w, enum intake_kind kind, str text, bool replace, str *line)
{
    struct intake_answer answer;
    struct intake_message m = {
        .kind = kind, .name = STR("file"), .bytes = text, .replace = replace};
    intake_take(app_intake(w->app), &m, &w->a, &answer);
    *line = answer.line;
    return answer.st;
}

static void what_the_desk_changed_holds_until_a_file_replaces_it(void **state)
{
    struct world *w = *state;
    struct browser b;
    str line, site, sections;
    publisher(w, &b);
    publish(w, "---\nid: about\nkind: page\nheadline: About us\n---\nWe.\n");
    assert_int_equal(hand(w, INTAKE_SITE, str_c(site_yaml), false, &line), ST_OK);
    assert_int_equal(save(&b, FORM("name", "The Strait", "name-0", "Streets", "name-4", "About",
                                   "target-4", "about", "number-4", "2", "foot-name-1", "Words")),
                     303);
    str shown = navigation(w, "/");
    assert_str(shown, "Streets About Sea Land");
    /* the files as they were say otherwise, and are told what to do */
    assert_int_equal(hand(w, INTAKE_SITE, str_c(site_yaml), false, &line), ST_CONFLICT);
    assert_has(line, "--replace");
    assert_int_equal(hand(w, INTAKE_SECTIONS, str_c(sections_yaml), false, &line), ST_CONFLICT);
    assert_has(line, "export SITE --site");
    assert_shows(w, "/", "The Strait");
    assert_str(navigation(w, "/"), "Streets About Sea Land");
    /* what is exported is what holds */
    exported(w, &site, &sections);
    assert_int_equal(hand(w, INTAKE_SITE, site, false, &line), ST_OK);
    assert_str(line, "unchanged file");
    assert_int_equal(hand(w, INTAKE_SECTIONS, sections, false, &line), ST_OK);
    assert_str(line, "unchanged file");
    assert_int_equal(hand(w, INTAKE_SECTIONS, str_c(sections_yaml), true, &line), ST_OK);
    assert_str(navigation(w, "/"), "Town About Sea Land");
    assert_int_equal(hand(w, INTAKE_SITE, str_c(site_yaml), true, &line), ST_OK);
    assert_shows(w, "/", "The Sound");
    assert_str(navigation(w, "/"), "Town Sea Land");
    /* from then on they are the truth again, and the exported ones bring all back */
    assert_int_equal(hand(w, INTAKE_SITE, site, false, &line), ST_OK);
    assert_int_equal(hand(w, INTAKE_SECTIONS, sections, false, &line), ST_OK);
    assert_str(navigation(w, "/"), "Streets About Sea Land");
    assert_str(footer(w, "/"), "Words");
}

/* ---- what is refused ---- */

static void nobody_saves_over_what_they_have_not_seen(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct fields f;
    publisher(w, &b);
    assert_int_equal(fetch(&b, SITE), 200);
    fill(&b, FORM("name-0", "Mine"), &f);
    assert_int_equal(save(&b, FORM("name-1", "Theirs")), 303);
    assert_int_equal(ask(&b, POST, SITE, f.list), 409);
    assert_has(b.body, "Somebody else has changed the site meanwhile.");
    assert_has(b.body, "value=\"Mine\"");
    assert_str(navigation(w, "/"), "Town Theirs Land");
    fill(&b, FORM("do", "save"), &f); /* the form as it came back */
    assert_int_equal(ask(&b, POST, SITE, f.list), 303);
    assert_str(navigation(w, "/"), "Mine Sea Land");
}

static void what_cannot_be_is_told_where(void **state)
{
    static const struct {
        const char *field, *value, *words, *mark;
    } bad[] = {
        {"name", "…", "The name is one line", "name=\"name\""},
        {"name-1", "", "A section’s name is one line", "name=\"name-1\""},
        {"name-3", "Feed", "This can’t be a section’s address", "name=\"slug-3\""},
        {"name-3", "Ru", "This can’t be a section’s address", "name=\"slug-3\""},
        {"name-3", "Sea", "This can’t be a section’s address", "name=\"slug-3\""},
        {"target-4", "https://x.example", "A link’s words are one line", "name=\"name-3\""},
        {"name-4", "Nowhere", "A link leads to a page", "name=\"target-3\""},
        {"foot-target-1", "javascript:x", "A link’s words are one line", "name=\"foot-name-1\""},
        {"foot-target-0", "javascript:x", "A link leads to a page", "name=\"foot-target-0\""},
        {"foot-target-0", "wall", "A link leads to a page", "name=\"foot-target-0\""},
        {"foot-target-0", "https://x .example", "A link leads to a page", "name=\"foot-target-0\""},
    };
    struct world *w = *state;
    struct browser b;
    publisher(w, &b);
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (save(&b, FORM(bad[i].field, bad[i].value)) != 400)
            test_fail("case %zu: %d", i, b.status);
        assert_has(b.body, bad[i].words);
        ptrdiff_t at = str_find(b.body, str_c(bad[i].mark));
        str field;
        assert_true(at > 0);
        str_cut(str_from(b.body, (size_t)at), '>', &field);
        assert_has(field, "aria-invalid=\"true\"");
    }
    assert_int_equal(save(&b, FORM("rows", "1")), 400); /* no form of ours: sections are missing */
    assert_int_equal(save(&b, FORM("rows", "9999")), 400);
    assert_int_equal(save(&b, FORM("slug-0", "none")), 400);
    assert_int_equal(save(&b, FORM("kind-0", "other")), 400);
    assert_int_equal(fetch(&b, "/desk/site/none"), 404);
    assert_int_equal(fetch(&b, "/desk/site"), 303);
    assert_str(b.location, SITE);
    assert_str(navigation(w, "/"), "Town Sea Land");
}

struct trying {
    struct world *w;
    struct actor who;
    bool changed;
};

static enum status try_to_save(struct tx *tx, void *arg)
{
    struct trying *t = arg;
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct site_save ask = {.edition = STR("en")};
    struct site_bad bad;
    assert_int_equal(site_edit_read(&v, ask.edition, &ask.edit, &ask.base), ST_OK);
    ask.edit.name = STR("Taken");
    return site_edit_save(tx, &t->who, &app_intake(t->w->app)->locales, &ask, &t->changed, &bad);
}

static void only_publishers_change_the_site(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct err err = {0};
    struct trying t = {.w = w, .who = {1, ROLES_ALL & ~ROLE_PUBLISHER, {"Edda", 4}}};
    assert_int_equal(writer_do(app_writer(w->app), try_to_save, &t, &err), ST_DENIED);
    t.who.roles = ROLE_PUBLISHER;
    assert_ok(writer_do(app_writer(w->app), try_to_save, &t, &err), &err);
    assert_true(t.changed);
    staff(w, &b, "e@example.org", "Edda", ROLE_EDITOR);
    assert_int_equal(fetch(&b, SITE), 403);
    assert_int_equal(send_form(&b, SITE, "name", "Mine"), 403);
    assert_int_equal(fetch(&b, "/desk/"), 200);
    assert_lacks(b.body, "/desk/site");
}

static const struct world_files files = {site_yaml, sections_yaml, NULL};

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_world(a_saved_change_is_seen_on_the_next_request, &files),
        with_world(sections_are_ordered_hidden_and_described, &files),
        with_world(a_section_is_begun_and_named_for_ever, &files),
        with_world(a_section_ends_only_while_it_is_empty, &files),
        with_world(links_stand_between_sections, &files),
        with_world(the_footer_has_pages_links_and_words, &files),
        with_world(a_page_is_written_at_the_desk, &files),
        with_world(pages_are_the_publishers, &files),
        with_world(what_the_desk_changed_holds_until_a_file_replaces_it, &files),
        with_world(nobody_saves_over_what_they_have_not_seen, &files),
        with_world(what_cannot_be_is_told_where, &files),
        with_world(only_publishers_change_the_site, &files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
