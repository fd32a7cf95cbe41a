/* The desk without sockets: who may ask for what, a day's work by forms, and what is refused. */
#include "desk.h"

#include "jobs/jobs.h"

static const char site_yaml[] =
    "name: {en: The Sound, ru: Пролив}\neditions: [{slug: en, locale: en-GB, zone: Europe/London}, "
    "{slug: ru, locale: ru-RU, zone: Europe/Riga}]\n";
static const char sections_yaml[] = "en:\n  - {slug: town, name: Town}\n  - {slug: sea, name: "
                                    "Sea}\nru:\n  - {slug: town, name: Город}\n";

/* The key in "/desk/story/KEY?done=..." */
static const char *key_in(str location, char buf[120])
{
    str key;
    assert_true(str_starts(location, STR("/desk/story/")));
    str_cut(str_from(location, 12), '?', &key);
    snprintf(buf, 120, "%.*s", FMT(key));
    return buf;
}

/* The value of a hidden field of the last page. */
static const char *hidden(struct browser *b, const char *name, char buf[64])
{
    str mark = arena_fmt(&b->w->a, "name=\"%s\" value=\"", name), value;
    ptrdiff_t at = str_find(b->body, mark);
    if (at < 0)
        test_fail("no field %s in\n%.*s", name, FMT(b->body));
    str_cut(str_from(b->body, (size_t)at + mark.n), '"', &value);
    snprintf(buf, 64, "%.*s", FMT(value));
    return buf;
}

static const char *story(char buf[200], const char *key, const char *below)
{
    snprintf(buf, 200, "/desk/story/%s%s", key, below);
    return buf;
}

/* Opens it and sends headline and text with a button. */
static int put(struct browser *b, const char *key, const char *headline, const char *text,
               const char *button)
{
    char path[200], parent[64], base[64];
    if (fetch(b, story(path, key, "")) != 200)
        return b->status;
    hidden(b, "parent", parent);
    hidden(b, "base", base);
    return send_form(b, path, "parent", parent, "base", base, "headline", headline, "section",
                     "town", "body", text, "do", button);
}

static const char *begin(struct browser *b, char key[120])
{
    assert_int_equal(send_form(b, "/desk/new", "place", "en/town"), 303);
    return key_in(b->location, key);
}

/* ---- who may ask for which address: the answers are written by hand ---- */

enum { OUT, READER, REPORTER, EDITOR, MODERATOR, PUBLISHER, ASKERS };
static const unsigned asker_roles[ASKERS] = {
    0, 0, ROLE_REPORTER, ROLE_EDITOR, ROLE_MODERATOR, ROLE_PUBLISHER};

struct answered {
    const char *method, *path;
    int answers[ASKERS]; /* nobody, a reader, reporter, editor, moderator, publisher */
};

/* "/desk/story/:key" is "/desk/story/none". */
static bool is_of_pattern(str path, str pattern)
{
    str h, w;
    do {
        path = str_cut(path, '/', &h);
        pattern = str_cut(pattern, '/', &w);
        if (!str_eq(h, w) && !(w.n && w.p[0] == ':'))
            return false;
    } while (path.p && pattern.p);
    return !path.p && !pattern.p;
}

/* Whoever adds an address says here who may ask for it. */
static void no_address_is_left_out(const struct answered *all, size_t n)
{
    enum method m;
    str pattern;
    for (size_t i = 0; desk_route_at(i, &m, &pattern); i++) {
        bool found = false;
        for (size_t k = 0; k < n; k++)
            found |= (strcmp(all[k].method, "POST") == 0) == (m == POST) &&
                     is_of_pattern(str_c(all[k].path), pattern);
        if (!found)
            test_fail("nobody has said who may ask for %s %.*s", m == POST ? "POST" : "GET",
                      FMT(pattern));
    }
}

static void every_address_for_every_role(void **state)
{
    static const struct answered all[] = {
        {"GET", "/desk/sign-in", {200, 303, 303, 303, 303, 303}},
        {"GET", "/desk/code", {303, 303, 303, 303, 303, 303}},
        {"GET", "/desk/second-factor", {303, 200, 200, 200, 200, 200}},
        {"GET", "/desk/forgotten", {200, 200, 200, 200, 200, 200}},
        {"POST", "/desk/forgotten", {400, 400, 400, 400, 400, 400}},
        {"POST", "/desk/code", {303, 303, 303, 303, 303, 303}},
        {"POST", "/desk/second-factor", {303, 400, 400, 400, 400, 400}},
        {"GET", "/desk/link/none", {404, 404, 404, 404, 404, 404}},
        {"POST", "/desk/link/none", {404, 404, 404, 404, 404, 404}},
        {"GET", "/desk/preview/none", {404, 404, 404, 404, 404, 404}},
        {"GET", "/desk/preview/none/picture/x", {404, 404, 404, 404, 404, 404}},
        {"GET", "/desk/", {303, 403, 200, 200, 200, 200}},
        {"GET", "/desk/new", {303, 403, 200, 200, 403, 200}},
        {"POST", "/desk/new", {303, 403, 303, 303, 403, 303}},
        {"POST", "/desk/story/none/saves", {303, 403, 400, 400, 400, 400}},
        {"GET", "/desk/story/none", {303, 403, 404, 404, 404, 404}},
        {"POST", "/desk/story/none", {303, 403, 400, 400, 400, 400}},
        {"POST", "/desk/story/none/turn", {303, 403, 404, 404, 404, 404}},
        {"GET", "/desk/story/none/preview", {303, 403, 404, 404, 404, 404}},
        {"GET", "/desk/story/none/picture/x", {303, 403, 404, 404, 404, 404}},
        {"GET", "/desk/story/none/find", {303, 403, 404, 404, 404, 404}},
        {"GET", "/desk/story/none/here", {303, 403, 404, 404, 404, 404}},
        {"GET", "/desk/story/none/saves", {303, 403, 404, 404, 404, 404}},
        {"GET", "/desk/story/none/saves/1", {303, 403, 404, 404, 404, 404}},
        {"POST", "/desk/story/none/saves/1", {303, 403, 400, 400, 400, 400}},
        {"GET", "/desk/story/none/saves/1/preview", {303, 403, 404, 404, 404, 404}},
        {"GET", "/desk/account", {303, 403, 200, 200, 200, 200}},
        {"POST", "/desk/account", {303, 403, 400, 400, 400, 400}},
        {"POST", "/desk/account/password", {303, 403, 400, 400, 400, 400}},
        {"GET", "/desk/story/none/removal", {303, 403, 404, 404, 404, 404}},
        {"POST", "/desk/story/none/removal", {303, 403, 404, 404, 404, 404}},
        {"GET", "/desk/fronts", {303, 403, 403, 303, 403, 303}},
        {"GET", "/desk/fronts/en", {303, 403, 403, 200, 403, 200}},
        {"POST", "/desk/fronts/en", {303, 403, 403, 400, 403, 400}},
        {"GET", "/desk/site", {303, 403, 403, 403, 403, 303}},
        {"GET", "/desk/site/en", {303, 403, 403, 403, 403, 200}},
        {"POST", "/desk/site/en", {303, 403, 403, 403, 403, 400}},
        {"POST", "/desk/site/en/pages", {303, 403, 403, 403, 403, 303}},
        {"GET", "/desk/people", {303, 403, 403, 403, 403, 200}},
        {"POST", "/desk/people", {303, 403, 403, 403, 403, 400}},
        {"GET", "/desk/people/1", {303, 403, 403, 403, 403, 200}},
        {"POST", "/desk/people/1", {303, 403, 403, 403, 403, 400}},
        {"GET", "/desk/people/1/published", {303, 403, 403, 403, 403, 200}},
        {"POST", "/desk/people/1/published", {303, 403, 403, 403, 403, 400}},
        {"GET", "/desk/log", {303, 403, 403, 403, 403, 200}},
        {"GET", "/desk/nobody-may-ask-for-this", {403, 403, 403, 403, 403, 403}},
        {"POST", "/desk/sign-out", {303, 303, 303, 303, 303, 303}}, /* sessions end */
        {"POST", "/desk/sign-in", {403, 403, 429, 429, 429, 429}},  /* wrong tries slow down */
        {"GET", "/desk/there-is-nothing-here", {404, 404, 404, 404, 404, 404}},
    };
    struct world *w = *state;
    struct browser b[ASKERS];
    no_address_is_left_out(all, COUNT(all));
    b[OUT] = (struct browser){.w = w};
    for (int i = READER; i < ASKERS; i++) {
        char email[40];
        snprintf(email, sizeof email, "a%d@example.org", i);
        /* whoever has no role has a session all the same: roles may go while it lasts */
        struct making_staff m = {.email = email, .name = "Somebody", .roles = asker_roles[i]};
        struct err err = {0};
        assert_ok(writer_do(app_writer(w->app), make_staff, &m, &err), &err);
        b[i] = (struct browser){.w = w};
        snprintf(b[i].cookie, sizeof b[i].cookie, "__Host-desk=%s", m.cookie);
        fetch(&b[i], "/desk/second-factor"); /* for its token */
    }
    for (size_t i = 0; i < COUNT(all); i++)
        for (int who = 0; who < ASKERS; who++) {
            bool post = strcmp(all[i].method, "POST") == 0;
            int have = ask(&b[who], post ? POST : GET, all[i].path,
                           FORM("place", "en/town", "email", "", "do", ""));
            if (have != all[i].answers[who])
                test_fail("%s %s for asker %d: %d, not %d", all[i].method, all[i].path, who, have,
                          all[i].answers[who]);
            arena_reset(&w->a);
        }
}

/* ---- who may do what with which story ---- */

static int answer_of(struct browser *b, const char *key, const char *button)
{
    char path[200];
    fetch(b, story(path, key, ""));
    return send_form(b, path, "parent", "1", "base", "0", "headline", "A headline", "section",
                     "town", "body", "Words.\n", "do", button, "reason", "Why.");
}

/* own: the reporter's; others': another reporter's; hidden: restricted to the publisher. */
static void every_story_for_every_role(void **state)
{
    struct world *w = *state;
    struct browser reporter, other, editor, moderator, publisher;
    char own[120], others[120], closed[120], path[200];
    staff(w, &reporter, "r@example.org", "Rita", ROLE_REPORTER);
    staff(w, &other, "o@example.org", "Otto", ROLE_REPORTER);
    staff(w, &editor, "e@example.org", "Edda", ROLE_EDITOR);
    staff(w, &moderator, "m@example.org", "Mona", ROLE_MODERATOR);
    staff(w, &publisher, "p@example.org", "Pia", ROLE_PUBLISHER);
    begin(&reporter, own);
    begin(&other, others);
    begin(&publisher, closed);
    assert_int_equal(put(&reporter, own, "Own", "Words.\n", "save"), 303);
    assert_int_equal(put(&other, others, "Others'", "Words.\n", "save"), 303);
    assert_int_equal(put(&publisher, closed, "Closed headline", "Words.\n", "save"), 303);
    assert_int_equal(put(&publisher, closed, "Closed headline", "Words.\n", "restrict"), 303);

    struct browser *who[] = {&reporter, &editor, &moderator, &publisher};
    const struct {
        const char *key, *button; /* "": to read it */
        int answers[4];           /* reporter, editor, moderator, publisher */
    } all[] = {
        {own, "", {200, 200, 404, 200}},           {own, "save", {303, 303, 404, 303}},
        {own, "approve", {403, 400, 404, 400}},    {own, "publish", {403, 303, 404, 400}},
        {others, "", {404, 200, 404, 200}},        {others, "save", {404, 303, 404, 303}},
        {others, "publish", {404, 303, 404, 400}}, {closed, "", {404, 404, 404, 200}},
        {closed, "save", {404, 404, 404, 303}},    {closed, "publish", {404, 404, 404, 303}},
        {own, "withdraw", {403, 303, 404, 400}},
    };
    for (size_t i = 0; i < COUNT(all); i++)
        for (size_t k = 0; k < COUNT(who); k++) {
            int have = all[i].button[0] ? answer_of(who[k], all[i].key, all[i].button)
                                        : fetch(who[k], story(path, all[i].key, ""));
            if (have != all[i].answers[k])
                test_fail("story %zu, \"%s\", asker %zu: %d, not %d\n%.*s", i, all[i].button, k,
                          have, all[i].answers[k], FMT(who[k]->body));
        }
    static const char *const below[] = {"/preview", "/find", "/saves", "/saves/1",
                                        "/saves/1/preview"};
    for (size_t i = 0; i < COUNT(below); i++) {
        assert_int_equal(fetch(&editor, story(path, closed, below[i])), 404);
        assert_int_equal(fetch(&reporter, story(path, others, below[i])), 404);
        assert_int_equal(fetch(&publisher, story(path, closed, below[i])), 200);
    }
    assert_int_equal(fetch(&editor, "/desk/"), 200);
    assert_lacks(editor.body, "Closed headline");
    assert_int_equal(fetch(&reporter, "/desk/"), 200);
    assert_lacks(reporter.body, "Others");
}

/* ---- a day ---- */

static void a_story_from_its_first_word_to_its_correction(void **state)
{
    struct world *w = *state;
    struct browser reporter, editor;
    char key[120], path[200];
    str page;
    staff(w, &reporter, "r@example.org", "Rita", ROLE_REPORTER);
    staff(w, &editor, "e@example.org", "Edda", ROLE_EDITOR);
    begin(&reporter, key);
    assert_int_equal(put(&reporter, key, "The wall is gone", "It *fell*.\n", "save"), 303);
    assert_has(reporter.location, "done=saved");
    fetch(&reporter, story(path, key, "/preview"));
    assert_has(reporter.body, "<h1>The wall is gone</h1>");
    assert_has(reporter.body, "It <em>fell</em>.");
    assert_has(reporter.body, "content=\"noindex\"");
    assert_lacks(reporter.body, "rel=\"canonical\"");
    assert_int_equal(put(&reporter, key, "The wall is gone", "It *fell*.\n", "send"), 303);
    assert_int_equal(get(w, "/town/2026/11/20/the-wall-is-gone", NULL), 404);

    assert_int_equal(fetch(&editor, "/desk/?state=review"), 200);
    assert_has(editor.body, "The wall is gone");
    assert_int_equal(put(&editor, key, "The wall is gone", "It *fell*.\n", "approve"), 303);
    assert_int_equal(put(&editor, key, "The wall is gone", "It *fell*.\n", "publish"), 303);
    assert_has(editor.location, "done=published");
    assert_int_equal(get(w, "/town/2026/11/20/the-wall-is-gone", &page), 200);
    assert_has(page, "It <em>fell</em>.");
    assert_shows(w, "/", "The wall is gone");

    char parent[64], base[64];
    fetch(&editor, story(path, key, ""));
    assert_int_equal(send_form(&editor, path, "parent", hidden(&editor, "parent", parent), "base",
                               hidden(&editor, "base", base), "headline", "The wall is gone",
                               "section", "town", "slug", "the-wall-is-gone", "body",
                               "It *leans*.\n", "do", "publish", "change", "correction",
                               "correction", "It leans."),
                     303);
    assert_int_equal(get(w, "/town/2026/11/20/the-wall-is-gone", &page), 200);
    assert_has(page, "It <em>leans</em>.");
    assert_has(page, "It leans.");
    fetch(&editor, story(path, key, "/saves"));
    assert_has(editor.body, "Rita");
    fetch(&editor, story(path, key, "/saves/1"));
    assert_has(editor.body, "<ins>");
    fetch(&editor, story(path, key, "?from=1"));
    assert_has(editor.body, "It _fell_.");
}

/* ---- two at once ---- */

static void what_two_write_is_joined(void **state)
{
    struct world *w = *state;
    struct browser a, b;
    char key[120], path[200], parent[64], base[64];
    staff(w, &a, "a@example.org", "Ada", ROLE_EDITOR);
    staff(w, &b, "b@example.org", "Bo", ROLE_EDITOR);
    begin(&a, key);
    assert_int_equal(put(&a, key, "One", "The first words.\n\nThe last words.\n", "save"), 303);
    fetch(&b, story(path, key, ""));
    hidden(&b, "parent", parent);
    hidden(&b, "base", base);
    assert_int_equal(put(&a, key, "One", "The very first words.\n\nThe last words.\n", "save"),
                     303);
    assert_int_equal(send_form(&b, path, "parent", parent, "base", base, "headline", "One",
                               "section", "town", "body",
                               "The first words.\n\nThe very last words.\n", "do", "save"),
                     303);
    assert_has(b.location, "done=merged");
    fetch(&b, path);
    assert_has(b.body, "The very first words.");
    assert_has(b.body, "The very last words.");

    /* the same words: a choice, and nothing is written until it is made */
    fetch(&b, path);
    hidden(&b, "parent", parent);
    assert_int_equal(put(&a, key, "One", "The red words.\n\nThe very last words.\n", "save"), 303);
    assert_int_equal(send_form(&b, path, "parent", parent, "base", base, "headline", "One",
                               "section", "town", "body",
                               "The blue words.\n\nThe very last words.\n", "do", "save"),
                     409);
    assert_has(b.body, "red");
    assert_has(b.body, "blue");
    assert_has(b.body, "name=\"pick-0\"");
    char seen[64];
    hidden(&b, "seen", seen);
    assert_int_equal(send_form(&b, path, "parent", parent, "base", base, "seen", seen, "headline",
                               "One", "section", "town", "body",
                               "The blue words.\n\nThe very last words.\n", "do", "save", "pick-0",
                               "theirs"),
                     303);
    fetch(&b, path);
    assert_has(b.body, "red");
    assert_lacks(b.body, "blue");
}

/* ---- signing in ---- */

static enum status make_first_link(struct tx *tx, void *path)
{
    struct actor by = actor_of_command();
    str link;
    enum status st = link_make(tx, LINK_FIRST, 0, STR_NONE, ROLE_PUBLISHER, &by, &link);
    if (!st)
        snprintf(path, 128, "%.*s", FMT(link));
    return st;
}

static void the_first_publisher_comes_by_a_link(void **state)
{
    struct world *w = *state;
    struct browser b = {.w = w};
    char path[128];
    struct err err = {0};
    assert_ok(writer_do(app_writer(w->app), make_first_link, path, &err), &err);
    assert_int_equal(fetch(&b, path), 200);
    assert_int_equal(send_form(&b, path, "email", "pia@example.org", "name", "Pia", "password",
                               "short", "again", "short"),
                     400);
    assert_has(b.body, "too short");
    assert_int_equal(send_form(&b, path, "email", "pia@example.org", "name", "Pia", "password",
                               "several unlike words", "again", "other words"),
                     400);
    assert_int_equal(send_form(&b, path, "email", "pia@example.org", "name", "Pia", "password",
                               "several unlike words", "again", "several unlike words"),
                     303);
    assert_str(b.location, "/desk/");
    assert_int_equal(fetch(&b, "/desk/"), 200);
    assert_has(b.body, "Pia");
    struct browser late = {.w = w};
    assert_int_equal(fetch(&late, path), 404);

    struct browser again = {.w = w};
    assert_int_equal(fetch(&again, "/desk/people"), 303);
    assert_str(again.location, "/desk/sign-in?return=/desk/people");
    assert_int_equal(send_form(&again, "/desk/sign-in?return=/desk/people", "email",
                               "pia@example.org", "password", "another password"),
                     403);
    assert_int_equal(send_form(&again, "/desk/sign-in?return=//elsewhere.example", "email",
                               "Pia@Example.org", "password", "several unlike words"),
                     303);
    /* a publisher's second sign-in wants a second step set up */
    assert_str(again.location, "/desk/second-factor");
    assert_int_equal(fetch(&again, "/desk/"), 303);
    assert_str(again.location, "/desk/second-factor");
    assert_int_equal(fetch(&again, "/desk/second-factor"), 200);
    assert_int_equal(send_form(&again, "/desk/sign-out", "a", "b"), 303);
    assert_int_equal(fetch(&again, "/desk/"), 303);
}

static void return_to_our_own_pages_alone(void **state)
{
    static const char *const wrong[] = {"//elsewhere.example",
                                        "https://elsewhere.example",
                                        "/desk/\\elsewhere",
                                        "/desk//elsewhere.example",
                                        "/town/",
                                        "/desk/../town/",
                                        "/desk/\rx"};
    struct world *w = *state;
    struct browser b = {.w = w};
    char target[200];
    for (size_t i = 0; i < COUNT(wrong); i++) {
        snprintf(target, sizeof target, "/desk/sign-in?return=%s", wrong[i]);
        assert_int_equal(fetch(&b, target), 200);
        assert_has(b.body, "action=\"/desk/sign-in\"");
    }
    assert_int_equal(fetch(&b, "/desk/sign-in?return=/desk/people"), 200);
    assert_has(b.body, "action=\"/desk/sign-in?return=/desk/people\"");
}

/* ---- forms of others ---- */

static void a_form_of_another_site_does_nothing(void **state)
{
    struct world *w = *state;
    struct browser b;
    staff(w, &b, "e@example.org", "Edda", ROLE_EDITOR);
    b.elsewhere = true;
    assert_int_equal(send_form(&b, "/desk/new", "place", "en/town"), 403);
    b.elsewhere = false;
    assert_int_equal(send_form(&b, "/desk/new", "place", "en/town"), 303);
}

static void a_form_without_its_token_does_nothing(void **state)
{
    struct world *w = *state;
    struct browser b, other;
    staff(w, &b, "e@example.org", "Edda", ROLE_EDITOR);
    staff(w, &other, "o@example.org", "Otto", ROLE_EDITOR);
    b.no_token = true;
    assert_int_equal(send_form(&b, "/desk/new", "place", "en/town"), 403);
    assert_int_equal(send_form(&b, "/desk/new", "place", "en/town", "token", other.token), 403);
    assert_int_equal(send_form(&b, "/desk/new", "place", "en/town", "token", b.token), 303);
}

/* Strange words in every field come out as words. */
static void hostile_words_stay_words(void **state)
{
    static const char *const bad[] = {"<script>alert(1)</script>",
                                      "\"><img src=x onerror=alert(1)>",
                                      "{{{t.desk}}}",
                                      "'; DROP TABLE story; --",
                                      "../../../etc/passwd",
                                      "\xE2\x80\xAE reversed",
                                      "</textarea><script>alert(1)</script>"};
    struct world *w = *state;
    struct browser b;
    char key[120], path[200], parent[64], base[64];
    staff(w, &b, "e@example.org", "Edda", ROLE_PUBLISHER);
    begin(&b, key);
    for (size_t i = 0; i < COUNT(bad); i++) {
        fetch(&b, story(path, key, ""));
        hidden(&b, "parent", parent);
        hidden(&b, "base", base);
        int status =
            send_form(&b, path, "parent", parent, "base", base, "headline", bad[i], "standfirst",
                      bad[i], "dateline", bad[i], "topics", bad[i], "by-0-name", bad[i], "section",
                      "town", "slug", bad[i], "body", bad[i], "note", bad[i], "do", "save");
        assert_true(status == 303 || status == 400);
        assert_lacks(b.body, "<script>alert");
        assert_lacks(b.body, "<img src=x");
        send_form(&b, path, "parent", parent, "base", base, "headline", bad[i], "section", "town",
                  "body", "Words.\n", "note", bad[i], "do", "note");
        fetch(&b, path);
        assert_lacks(b.body, "<script>alert");
        assert_lacks(b.body, "<img src=x");
        fetch(&b, "/desk/");
        assert_lacks(b.body, "<script>alert");
    }
}

/* What was saved before its step was refused is nobody else's: going on is no merge. */
static void a_refused_step_is_no_conflict_with_oneself(void **state)
{
    struct world *w = *state;
    struct browser b;
    char key[120], path[200], parent[64], base[64];
    staff(w, &b, "e@example.org", "Edda", ROLE_EDITOR);
    begin(&b, key);
    assert_int_equal(put(&b, key, "One", "First.\n", "publish"), 303);
    fetch(&b, story(path, key, ""));
    hidden(&b, "parent", parent);
    hidden(&b, "base", base);
    assert_int_equal(send_form(&b, path, "parent", parent, "base", base, "headline", "One",
                               "section", "town", "body", "Second.\n", "do", "publish", "change",
                               "correction", "correction", ""),
                     400);
    assert_has(b.body, "Second.");
    hidden(&b, "parent", parent);
    hidden(&b, "base", base);
    assert_int_equal(send_form(&b, path, "parent", parent, "base", base, "headline", "One",
                               "section", "town", "body", "Third.\n", "do", "publish", "change",
                               "correction", "correction", "It was third."),
                     303);
    fetch(&b, path);
    assert_has(b.body, "Third.");
    assert_lacks(b.body, "Second.");
}

/* A correction waits for its time; the page and the list say when it couldn't go live. */
static void a_change_of_a_live_story_waits(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct err err = {0};
    char key[120], path[200], parent[64], base[64];
    i64 next;
    staff(w, &b, "e@example.org", "Edda", ROLE_EDITOR);
    begin(&b, key);
    assert_int_equal(put(&b, key, "One", "First.\n", "publish"), 303);
    fetch(&b, story(path, key, ""));
    assert_has(b.body, "value=\"publish\"");
    assert_lacks(b.body, "name=\"at\""); /* nothing stands beside the live text */
    assert_int_equal(put(&b, key, "One", "Second.\n", "save"), 303);
    assert_int_equal(fetch(&b, path), 200);
    assert_has(b.body, "name=\"at\"");
    assert_int_equal(send_form(&b, path, "parent", hidden(&b, "parent", parent), "base",
                               hidden(&b, "base", base), "headline", "One", "section", "town",
                               "body", "Second.\n", "do", "schedule", "at", "2026-11-20T14:00",
                               "change", "correction", "correction", "It was second."),
                     303);
    assert_has(b.location, "done=scheduled");
    fetch(&b, path);
    assert_has(b.body, "Scheduled");
    assert_has(b.body, "value=\"unschedule\"");
    assert_int_equal(send_form(&b, path, "do", "withdraw", "reason", "Gone."), 303);
    time_set_for_test(moment(20, 15));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    fetch(&b, path);
    assert_has(b.body, "Could not go live at");
    fetch(&b, "/desk/");
    assert_has(b.body, "the story is withdrawn");
    assert_int_equal(send_form(&b, path, "do", "reinstate"), 303);
    assert_int_equal(put(&b, key, "One", "Second.\n", "unschedule"), 303);
    fetch(&b, path);
    assert_lacks(b.body, "Could not go live");
    assert_lacks(b.body, "value=\"unschedule\"");
}

/* ---- the second step ---- */

static void a_mistyped_code_keeps_the_key(void **state)
{
    struct world *w = *state;
    struct browser b;
    char key[64], again[64], code[7];
    u8 bytes[TOTP_BYTES];
    staff(w, &b, "e@example.org", "Edda", ROLE_EDITOR);
    assert_int_equal(fetch(&b, "/desk/second-factor"), 200);
    hidden(&b, "key", key);
    assert_int_equal(send_form(&b, "/desk/second-factor", "key", key, "code", "000000"), 400);
    assert_str(str_c(hidden(&b, "key", again)), key);
    for (size_t i = 0; i < TOTP_BYTES; i++) {
        char two[3] = {key[2 * i], key[2 * i + 1], '\0'};
        bytes[i] = (u8)strtol(two, NULL, 16);
    }
    str right = totp_code(bytes, totp_step(time_now()), code);
    assert_int_equal(
        send_form(&b, "/desk/second-factor", "key", key, "code", arena_cstr(&w->a, right)), 200);
    assert_has(b.body, "recovery codes");
    /* turning it off ends the session that did it: the password is asked for again */
    assert_int_equal(fetch(&b, "/desk/account"), 200);
    assert_int_equal(send_form(&b, "/desk/account", "do", "second-off"), 303);
    assert_int_equal(fetch(&b, "/desk/account"), 303);
}

/* ---- pictures ---- */

/* One pixel. */
static const char png[] = "\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00"
                          "\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00"
                          "\x0d\x49\x44\x41\x54\x78\xda\x63\x64\x60\xf8\x5f\x0f\x00\x02\x87\x01\x80"
                          "\xeb\x47\xba\x92\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

/* A form with a file, as a browser sends one (RFC 7578). */
static int send_file_to(struct browser *b, const char *path, const char *parent, const char *body,
                        str file, const char *place)
{
    struct out o = out_make(&b->w->a, 4096, 4 << 20);
    const char *const fields[][2] = {{"token", b->token}, {"parent", parent},  {"base", "0"},
                                     {"section", "town"}, {"headline", "One"}, {"body", body},
                                     {"do", "save"},      {"new-place", place}};
    for (size_t i = 0; i < COUNT(fields); i++)
        out_fmt(&o, "--cut\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
                fields[i][0], fields[i][1]);
    out_c(&o, "--cut\r\nContent-Disposition: form-data; name=\"new-picture\"; "
              "filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n");
    out_str(&o, file);
    out_c(&o, "\r\n--cut--\r\n");
    struct request r = {.method = POST,
                        .path = str_c(path),
                        .cookie = str_c(b->cookie),
                        .client = STR("127.0.0.1"),
                        .secure = true,
                        .same_origin = true,
                        .content_type = STR("multipart/form-data; boundary=cut"),
                        .body = out_view(&o)};
    struct reply reply = app_handle(b->w->app, &r, &b->w->a);
    keep_answer(b, &reply);
    return b->status;
}

static int send_file(struct browser *b, const char *path, const char *parent, const char *body,
                     str file)
{
    return send_file_to(b, path, parent, body, file, "");
}

static void a_picture_stands_where_it_was_dropped(void **state)
{
    static const char *const wrong[] = {"-1", "x", "1 ", "99999999999999999999"};
    struct world *w = *state;
    struct browser a;
    char key[120], path[200], parent[64];
    str picture = {png, sizeof png - 1};
    staff(w, &a, "a@example.org", "Ada", ROLE_REPORTER);
    begin(&a, key);
    story(path, key, "");
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(send_file_to(&a, path, "0", "One.\n\nTwo.\n", picture, wrong[i]), 400);
    assert_int_equal(send_file_to(&a, path, "0", "One.\n\nTwo.\n", picture, "1"), 303);
    fetch(&a, path);
    assert_has(a.body, "One.\n\n![](&lt;picture:"); /* in the text, though there is no lead */
    assert_has(a.body, "&gt;)\n\nTwo.\n</textarea>");
    assert_lacks(a.body, "Lead picture");
    hidden(&a, "parent", parent);
    assert_int_equal(send_file_to(&a, path, parent, "One.\n", picture, "0"), 303);

    /* beyond the end is the end; and the same picture isn't taken twice */
    begin(&a, key);
    story(path, key, "");
    assert_int_equal(send_file_to(&a, path, "0", "One.\n", picture, "7"), 303);
    fetch(&a, path);
    assert_has(a.body, "One.\n\n![](&lt;picture:");
}

static void pictures_come_with_the_form(void **state)
{
    struct world *w = *state;
    struct browser a, b;
    char key[120], other[120], path[200], picture[300];
    str page, address = STR_NONE;
    staff(w, &a, "a@example.org", "Ada", ROLE_REPORTER);
    staff(w, &b, "e@example.org", "Edda", ROLE_EDITOR);
    begin(&a, key);
    begin(&b, other);
    assert_int_equal(send_file(&a, story(path, key, ""), "0", "Words.\n", STR("no picture")), 400);
    assert_has(a.body, "Words.");
    assert_int_equal(send_file(&a, path, "0", "Words.\n", (str){png, sizeof png - 1}), 303);
    assert_int_equal(fetch(&a, path), 200);
    const char *mark = "<img src=\"";
    ptrdiff_t at = str_find(a.body, str_c(mark));
    assert_true(at > 0);
    str_cut(str_from(a.body, (size_t)at + strlen(mark)), '"', &address);
    snprintf(picture, sizeof picture, "%.*s", FMT(address));
    assert_true(str_starts(address, STR("/desk/story/")));

    /* for whoever sees the story, and below no other story's address; for readers not at all */
    assert_int_equal(fetch(&a, picture), 200);
    assert_string_equal(a.kept, "no-store"); /* nor does a browser keep it for the next person */
    assert_int_equal(fetch(&b, picture), 200);
    str slash = address;
    while (slash.n && slash.p[slash.n - 1] != '/')
        slash.n--;
    snprintf(picture, sizeof picture, "/desk/story/%s/picture/%.*s", other,
             FMT(str_from(address, slash.n)));
    assert_int_equal(fetch(&b, picture), 404);
    struct browser out = {.w = w};
    assert_int_equal(fetch(&out, arena_cstr(&w->a, address)), 303);

    fetch(&a, story(path, key, "/preview"));
    assert_has(a.body, arena_cstr(&w->a, address));
    assert_int_equal(put(&b, key, "One", "Words.\n", "publish"), 303);
    assert_int_equal(get(w, "/town/2026/11/20/one", &page), 200);
}

/* ---- previews by a link ---- */

/* What stands in the last page after a mark, up to an end. */
static const char *after(struct browser *b, const char *mark, char end, char buf[300])
{
    str found;
    ptrdiff_t at = str_find(b->body, str_c(mark));
    if (at < 0)
        test_fail("no %s in\n%.*s", mark, FMT(b->body));
    str_cut(str_from(b->body, (size_t)at), end, &found);
    snprintf(buf, 300, "%.*s", FMT(found));
    return buf;
}

static const char *share(struct browser *b, const char *key, const char *save, char link[300])
{
    char path[200];
    assert_int_equal(fetch(b, story(path, key, save)), 200);
    assert_int_equal(send_form(b, path, "do", "share"), 200);
    return after(b, "/desk/preview/", '<', link);
}

static void a_preview_is_shared_by_a_link(void **state)
{
    struct world *w = *state;
    struct browser a, b, out = {.w = w};
    char key[120], other[120], path[200], link[300], bare[300], picture[300], wrong[600];
    staff(w, &a, "a@example.org", "Ada", ROLE_REPORTER);
    staff(w, &b, "b@example.org", "Bo", ROLE_REPORTER);
    begin(&a, key);
    begin(&b, other);
    assert_int_equal(
        send_file(&a, story(path, key, ""), "0", "Words.\n", (str){png, sizeof png - 1}), 303);
    assert_int_equal(put(&a, key, "One", "Later words.\n", "save"), 303);
    assert_int_equal(put(&b, other, "Two", "Others' words.\n", "save"), 303);
    share(&a, key, "/saves/1", link);
    fetch(&a, story(path, key, "/saves/1"));
    assert_has(a.body, "A link works until");
    assert_lacks(a.body, link);   /* it was shown once */
    for (int i = 0; i < 2; i++) { /* opening it uses nothing up */
        assert_int_equal(fetch(&out, link), 200);
        assert_has(out.body, "Words.");
        assert_lacks(out.body, "Later words.");
        assert_has(out.body, "content=\"noindex\"");
    }

    /* its pictures come with it, and not with another story's link */
    after(&out, link, '"', picture);
    assert_int_equal(fetch(&out, picture), 200);
    assert_string_equal(out.kept, "no-store");
    share(&b, other, "/saves/1", bare);
    assert_int_equal(fetch(&out, bare), 200);
    snprintf(wrong, sizeof wrong, "%s%s", bare, picture + strlen(link));
    assert_int_equal(fetch(&out, wrong), 404);

    /* whoever may not see the story shares nothing of it; nor is a save shared that isn't there */
    assert_int_equal(send_form(&b, story(path, key, "/saves/1"), "do", "share"), 404);
    assert_int_equal(send_form(&a, story(path, key, "/saves/9"), "do", "share"), 404);
    assert_int_equal(send_form(&a, story(path, key, "/saves/1"), "do", "else"), 400);
}

static void a_shared_preview_ends(void **state)
{
    struct world *w = *state;
    struct browser a, pia, out = {.w = w};
    char key[120], path[200], link[300];
    staff(w, &a, "a@example.org", "Ada", ROLE_REPORTER);
    staff(w, &pia, "p@example.org", "Pia", ROLE_PUBLISHER);
    begin(&a, key);
    assert_int_equal(put(&a, key, "One", "Words.\n", "save"), 303);

    share(&a, key, "/saves/1", link);
    time_set_for_test(moment(27, 11));
    assert_int_equal(fetch(&out, link), 200);
    time_set_for_test(moment(27, 12));
    assert_int_equal(fetch(&out, link), 404); /* after seven days */
    time_set_for_test(moment(20, 12));

    share(&a, key, "/saves/1", link);
    assert_int_equal(send_form(&a, story(path, key, "/saves/1"), "do", "end"), 200);
    assert_lacks(a.body, "A link works until");
    assert_int_equal(fetch(&out, link), 404);

    share(&a, key, "/saves/1", link);
    assert_int_equal(put(&pia, key, "One", "Words.\n", "restrict"), 303);
    assert_int_equal(fetch(&out, link), 404);
    assert_int_equal(send_form(&a, story(path, key, "/saves/1"), "do", "share"), 404);

    share(&pia, key, "/saves/1", link); /* who is named may */
    assert_int_equal(fetch(&out, link), 200);
    assert_int_equal(put(&pia, key, "One", "Words.\n", "destroy"), 303);
    assert_int_equal(fetch(&out, link), 404);
}

/* ---- words removed by order ---- */

static void words_are_removed_by_a_form(void **state)
{
    struct world *w = *state;
    struct browser pia, edda;
    char key[120], path[200];
    staff(w, &pia, "p@example.org", "Pia", ROLE_PUBLISHER);
    staff(w, &edda, "e@example.org", "Edda", ROLE_EDITOR);
    begin(&pia, key);
    assert_int_equal(put(&pia, key, "Zephyr held", "Mr Zephyr was held.\n", "save"), 303);
    fetch(&edda, story(path, key, ""));
    assert_lacks(edda.body, "/removal\"");
    assert_int_equal(fetch(&edda, story(path, key, "/removal")), 403);
    assert_int_equal(send_form(&edda, path, "words", "Zephyr", "do", "remove"), 403);

    fetch(&pia, story(path, key, ""));
    assert_has(pia.body, "/removal\"");
    assert_int_equal(fetch(&pia, story(path, key, "/removal")), 200);
    assert_lacks(pia.body, "value=\"remove\"");
    assert_int_equal(send_form(&pia, path, "words", "zephyr", "do", "look"), 200);
    assert_has(pia.body, "It stands in 2 places.");
    assert_has(pia.body, "Mr <mark>Zephyr</mark> was held.");
    assert_has(pia.body, "value=\"remove\"");
    assert_int_equal(send_form(&pia, path, "words", "nobody", "do", "look"), 200);
    assert_lacks(pia.body, "value=\"remove\"");
    assert_int_equal(send_form(&pia, path, "words", ".", "do", "look"), 400);
    assert_has(pia.body, "This is no name or passage");
    assert_int_equal(send_form(&pia, path, "words", "nobody", "do", "remove"), 400);
    assert_has(pia.body, "These words stand nowhere in this story.");
    assert_int_equal(send_form(&pia, path, "words", "zephyr", "do", "else"), 400);
    assert_int_equal(send_form(&pia, path, "words", "zephyr", "do", "remove"), 303);
    assert_true(str_ends(pia.location, STR("?done=removed")));
    fetch(&pia, story(path, key, "?done=removed"));
    assert_has(pia.body, "The words were removed everywhere.");
    assert_lacks(pia.body, "Zephyr");
    fetch(&pia, "/desk/log");
    assert_has(pia.body, "removed words by order from");
    assert_lacks(pia.body, "ephyr");
}

/* ---- more saves than a page, or a request, has room for ---- */

enum { MANY_SAVES = 450 }; /* of 200 kB: more than an arena */

static enum status keep_many(struct tx *tx, void *arg)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct work work;
    struct save first;
    struct out o = out_make(tx->a, 1 << 10, 1 << 20);
    enum status st = work_by_key(&v, str_c(arg), &work);
    st = st ? st : save_read(&v, work.id, 1, &first);
    if (st)
        return st;
    ptrdiff_t at = str_find(first.bytes, STR("Words"));
    assert_true(at > 0);
    out_str(&o, str_head(first.bytes, (size_t)at));
    for (int i = 0; i < 40000; i++)
        out_c(&o, "word ");
    out_str(&o, str_from(first.bytes, (size_t)at));
    for (i64 i = 2; !st && i <= MANY_SAVES; i++)
        st = save_add(tx,
                      &(struct save){.work = work.id, .number = i, .at = 1, .bytes = out_view(&o)});
    work.save = MANY_SAVES;
    return st ? st : work_write(tx, &work);
}

static void saves_are_shown_a_page_at_a_time(void **state)
{
    struct world *w = *state;
    struct browser a;
    struct err err = {0};
    char key[120], path[200];
    staff(w, &a, "a@example.org", "Ada", ROLE_EDITOR);
    begin(&a, key);
    assert_int_equal(put(&a, key, "One", "Words.\n", "save"), 303);
    assert_ok(writer_do(app_writer(w->app), keep_many, key, &err), &err);
    assert_int_equal(fetch(&a, story(path, key, "/saves")), 200);
    assert_has(a.body, "/saves/450\"");
    assert_has(a.body, "/saves/251\"");
    assert_lacks(a.body, "/saves/250\"");
    assert_has(a.body, "/saves?before=251\"");
    assert_int_equal(fetch(&a, story(path, key, "/saves?before=51")), 200);
    assert_has(a.body, "/saves/1\"");
    assert_lacks(a.body, "?before=");
    assert_int_equal(fetch(&a, story(path, key, "/saves?before=-1")), 400);
    /* each is looked through for a picture, and none is held while the next is */
    const char *mark = arena_mark(&w->a);
    assert_int_equal(fetch(&a, story(path, key, "/picture/none")), 404);
    assert_true(arena_mark(&w->a) - mark < 16 << 20);
}

/* ---- what the access log may have ---- */

static void links_are_not_logged(void **state)
{
    static const struct {
        enum method m;
        const char *path;
    } cases[] = {
        {GET, "/desk/link/SECRET"},
        {HEAD, "/desk/link/SECRET"},
        {POST, "/desk/link/SECRET"},
        {OPTIONS, "/desk/link/SECRET"},
        {METHOD_OTHER, "/desk/link/SECRET"},
        {GET, "/desk/link/SECRET/"},
        {POST, "/desk/link/SECRET/"},
        {GET, "/desk/link/x/SECRET"},
        {GET, "/desk/link/SECRET/x"},
        {GET, "/desk/preview/SECRET"},
        {GET, "/desk/preview/SECRET/picture/x"},
    };
    struct verdict v = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum status st = desk_route(cases[i].m, str_c(cases[i].path), &v);
        bool preview = str_starts(str_c(cases[i].path), STR("/desk/preview/"));
        if (v.shown != strlen(preview ? "/desk/preview/" : "/desk/link/"))
            test_fail("case %zu (%d): %zu bytes of the path are logged", i, (int)st, v.shown);
    }
    assert_ok(desk_route(GET, STR("/desk/account"), &v), &(struct err){0});
    assert_int_equal(v.shown, 0); /* all of it */
}

/* ---- who else is here ---- */

static void two_in_one_story_see_each_other(void **state)
{
    struct world *w = *state;
    struct browser a, b;
    char key[120], path[200];
    staff(w, &a, "a@example.org", "Ada", ROLE_EDITOR);
    staff(w, &b, "b@example.org", "Bo", ROLE_EDITOR);
    begin(&a, key);
    fetch(&a, story(path, key, ""));
    assert_lacks(a.body, "is here too");
    fetch(&b, path);
    assert_has(b.body, "Ada is here too");
    assert_int_equal(fetch(&a, story(path, key, "/here")), 200);
    assert_str(a.body, "Bo is here too\n");
}

/* ---- what no form of ours sends ---- */

static void what_no_form_sends_is_refused(void **state)
{
    static const struct {
        const char *name, *value, *button;
    } cases[] = {
        {"parent", "x", "save"},   {"parent", "-1", "save"},     {"base", "1 2", "save"},
        {"seen", "0x1", "save"},   {"seen-live", "?", "save"},   {"assignee", "Edda", "plan"},
        {"shared", "all", "plan"}, {"named", "2,3", "restrict"}, {"change", "none", "publish"},
        {"do", "", "publish"},
    };
    static const char *const from[] = {"x", "-1", "0", "1x"};
    struct world *w = *state;
    struct browser b;
    char key[120], path[200], parent[64], now[64];
    staff(w, &b, "p@example.org", "Pia", ROLE_PUBLISHER);
    begin(&b, key);
    assert_int_equal(put(&b, key, "One", "Words.\n", "save"), 303);
    fetch(&b, story(path, key, ""));
    hidden(&b, "parent", parent);
    for (size_t i = 0; i < COUNT(cases); i++) {
        int status = send_form(&b, path, cases[i].name, cases[i].value, "parent", parent, "base",
                               "0", "headline", "Two", "section", "town", "body", "Others.\n", "do",
                               cases[i].button);
        if (status != 400)
            test_fail("%s=%s: %d", cases[i].name, cases[i].value, status);
        fetch(&b, path);
        assert_string_equal(hidden(&b, "parent", now), parent); /* nothing was saved */
        assert_has(b.body, "Words.");
    }
    for (size_t i = 0; i < COUNT(from); i++) {
        char at[300];
        snprintf(at, sizeof at, "%s?from=%s", path, from[i]);
        assert_int_equal(fetch(&b, at), 400);
    }
    assert_int_equal(fetch(&b, story(path, key, "?from=9")), 404);
    assert_int_equal(fetch(&b, story(path, key, "?from=1")), 200);
    assert_int_equal(put(&b, key, "One", "Words.\n", "restrict"), 303);
    fetch(&b, "/desk/log");
    assert_has(b.body, "to named people");
    assert_lacks(b.body, "<td>on</td>");
}

/* ---- in the person's own language ---- */

static const struct world_files three_editions = {
    "name: {en: The Sound, ru: Пролив, ar: المضيق}\neditions: [{slug: en, locale: en-GB, zone: "
    "Europe/London}, {slug: ru, locale: ru-RU, zone: Europe/Riga}, {slug: ar, locale: ar, zone: "
    "Asia/Amman}]\n",
    "en:\n  - {slug: town, name: Town}\nru:\n  - {slug: town, name: Город}\nar:\n  - {slug: town, "
    "name: المدينة}\n",
    NULL};

/* The words on top of the last page. */
static str error_of(struct browser *b)
{
    str rest, words;
    ptrdiff_t at = str_find(b->body, STR("<p class=\"error\" role=\"alert\" id=\"error\">"));
    if (at < 0)
        test_fail("no error in\n%.*s", FMT(b->body));
    rest = str_cut(str_from(b->body, (size_t)at), '>', &words);
    str_cut(rest, '<', &words);
    return words;
}

/* More than one Latin letter side by side, but for formats' names. What is typed has one at most.
 */
static void has_no_latin(str s, const char *what)
{
    for (size_t i = 0, run = 0; i <= s.n; i++) {
        char c = i < s.n ? (char)(s.p[i] | 32) : ' ';
        str word = str_head(str_from(s, i - run), run);
        bool letter = c >= 'a' && c <= 'z';
        if (!letter && run > 1 && !str_eq(word, STR("JPEG")) && !str_eq(word, STR("PNG")) &&
            !str_eq(word, STR("WebP")) && !str_eq(word, STR("http")) &&
            !str_eq(word, STR("https")) && !str_eq(word, STR("quot")) && !str_eq(word, STR("lt")))
            test_fail("%s: %.*s", what, FMT(s));
        run = letter ? run + 1 : 0;
    }
}

static void what_is_refused_is_said_in_the_persons_language(void **state)
{
    static const struct {
        const char *name, *value, *button;
    } cases[] = {
        {"headline", "...", "save"},
        {"slug", "A B", "save"},
        {"source", "gopher:x", "save"},
        {"background", "?", "save"},
        {"translation-of", "?", "save"},
        {"section", "z", "publish"},
        {"label", "z", "save"},
        {"standfirst", NULL, "save"}, /* too long a one */
        {"by-0-name", "!", "save"},
        {"topics", "!", "publish"},
        {"topics", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n", "save"},
        {"body", "<b>x</b>\n", "save"},
        {"body", "&nosuch;\n", "save"},
        {"body", "---\n", "save"},
        {"body", "[a](javascript:x)\n", "save"},
        {"body", "[a](http://x \"t\")\n", "save"},
        {"body", "a ![](picture:x) b\n", "save"},
        {"body", "![](picture:x)\n", "publish"},
        {"body", "[](story:x)\n", "save"},
        {"body", "> a\n> — b, c, d, e, f, g\n", "save"},
        {"document", "{", "save"},
        {"document", "{\"type\":\"doc\",\"content\":[{\"type\":\"x\"}]}", "save"},
        {"document", "{\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\"}]}", "save"},
        {"at", "x", "schedule"},
        {"at", "2001-01-01T00:00", "schedule"},
        {"parent", "7", "save"},
        {"reason", "", "withdraw"},
        {"x", "x", "unschedule"},
        {"x", "x", "reinstate"},
        {"x", "x", "take-back"},
        {"x", "x", "approve"},
        {"note", NULL, "note"},
        {"assignee", "9999", "plan"},
    };
    static const char *const languages[] = {"ru", "ar"};
    struct world *w = *state;
    char *long_one = arena_bytes(&w->a, 9000), path[200];
    memset(long_one, '1', 8999);
    long_one[8999] = '\0';
    for (size_t l = 0; l < COUNT(languages); l++) {
        struct browser b;
        char key[120], email[40];
        snprintf(email, sizeof email, "%s@example.org", languages[l]);
        staff(w, &b, email, "Edda", ROLE_EDITOR);
        assert_int_equal(
            send_form(&b, "/desk/account", "do", "name", "name", "Edda", "language", languages[l]),
            303);
        for (size_t i = 0; i < COUNT(cases); i++) {
            const char *value = cases[i].value ? cases[i].value : long_one;
            char what[100];
            snprintf(what, sizeof what, "%s, case %zu, %s", languages[l], i, cases[i].name);
            begin(&b, key);
            /* the first of a name counts */
            int status = send_form(&b, story(path, key, ""), cases[i].name, value, "parent", "0",
                                   "base", "0", "headline", "1", "section", "town", "body", "1\n",
                                   "do", cases[i].button);
            if (status != 400)
                test_fail("%s: %d\n%.*s", what, status, FMT(str_head(b.body, 200)));
            has_no_latin(error_of(&b), what);
            assert_lacks(error_of(&b), l ? "لا يمكن حفظ هذا كما هو" : "В таком виде это сохранить");
        }
        begin(&b, key);
        assert_int_equal(send_file(&b, story(path, key, ""), "0", "1\n", STR("GIF89a")), 400);
        has_no_latin(error_of(&b), "a GIF");
        assert_int_equal(send_file(&b, path, "0", "1\n", (str){png, 30}), 400);
        has_no_latin(error_of(&b), "half a PNG");
    }
}

/* ---- the text in either way ---- */

static void the_text_is_turned_for_its_writers_alone(void **state)
{
    static const char json[] =
        "{\"content\":[{\"content\":[{\"text\":\"It \",\"type\":\"text\"},{\"marks\":[{\"type\":"
        "\"emphasis\"}],\"text\":\"fell\",\"type\":\"text\"},{\"text\":\".\",\"type\":\"text\"}],"
        "\"type\":\"paragraph\"}],\"type\":\"doc\"}";
    struct world *w = *state;
    struct browser a, other;
    char key[120], path[200];
    staff(w, &a, "a@example.org", "Ada", ROLE_REPORTER);
    staff(w, &other, "o@example.org", "Otto", ROLE_REPORTER);
    begin(&a, key);
    fetch(&a, story(path, key, ""));
    fetch(&other, "/desk/");
    story(path, key, "/turn");
    assert_int_equal(send_form(&a, path, "body", "It *fell*.\n"), 200);
    assert_str(a.body, json);
    assert_int_equal(send_form(&a, path, "body", "Old.\n", "document", json), 200);
    assert_str(a.body, "It _fell_.\n");
    assert_int_equal(send_form(&a, path, "body", "<b>x</b>\n"), 400);
    assert_has(a.body, "HTML");
    assert_int_equal(send_form(&other, path, "body", "It *fell*.\n"), 404);
    /* nothing of it is kept; what is saved as a document stands in the page as both */
    assert_int_equal(send_form(&a, story(path, key, ""), "parent", "0", "base", "0", "headline",
                               "The wall", "section", "town", "body", "Old.\n", "document", json,
                               "do", "save"),
                     303);
    fetch(&a, path);
    assert_has(a.body, "It _fell_.\n</textarea>");
    assert_has(a.body, "&quot;text&quot;:&quot;fell&quot;");
    assert_lacks(a.body, "Old.");
}

static const struct world_files files = {site_yaml, sections_yaml, NULL};

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_world(every_address_for_every_role, &files),
        with_world(every_story_for_every_role, &files),
        with_world(a_story_from_its_first_word_to_its_correction, &files),
        with_world(what_two_write_is_joined, &files),
        with_world(the_first_publisher_comes_by_a_link, &files),
        with_world(return_to_our_own_pages_alone, &files),
        with_world(a_form_of_another_site_does_nothing, &files),
        with_world(a_form_without_its_token_does_nothing, &files),
        with_world(hostile_words_stay_words, &files),
        with_world(a_refused_step_is_no_conflict_with_oneself, &files),
        with_world(a_change_of_a_live_story_waits, &files),
        with_world(a_mistyped_code_keeps_the_key, &files),
        with_world(pictures_come_with_the_form, &files),
        with_world(a_picture_stands_where_it_was_dropped, &files),
        with_world(a_preview_is_shared_by_a_link, &files),
        with_world(a_shared_preview_ends, &files),
        with_world(words_are_removed_by_a_form, &files),
        with_world(saves_are_shown_a_page_at_a_time, &files),
        cmocka_unit_test(links_are_not_logged),
        with_world(two_in_one_story_see_each_other, &files),
        with_world(what_no_form_sends_is_refused, &files),
        with_world(what_is_refused_is_said_in_the_persons_language, &three_editions),
        with_world(the_text_is_turned_for_its_writers_alone, &files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
