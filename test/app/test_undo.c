/* An account did harm: what it did is listed, withdrawn, put back. */
#include "desk.h"
#include "jobs/jobs.h"

static const char site_yaml[] =
    "name: {en: The Sound}\neditions: [{slug: en, locale: en-GB, zone: Europe/London}]\n";
static const char sections_yaml[] = "en:\n  - {slug: town, name: Town}\n";

/* A line of the log is known by its moment: each step has one of its own. */
static void later(i64 *now)
{
    *now += 60 * 1000;
    time_set_for_test(*now);
}

static str field(struct browser *b, const char *name)
{
    str mark = arena_fmt(&b->w->a, "name=\"%s\" value=\"", name), value;
    ptrdiff_t at = str_find(b->body, mark);
    assert_true(at >= 0);
    str_cut(str_from(b->body, (size_t)at + mark.n), '"', &value);
    return value;
}

static int press(struct browser *b, const char *key, const char *headline, const char *text,
                 const char *button)
{
    char path[200], parent[64], base[64];
    snprintf(path, sizeof path, "/desk/story/%s", key);
    assert_int_equal(fetch(b, path), 200);
    snprintf(parent, sizeof parent, "%.*s", FMT(field(b, "parent")));
    snprintf(base, sizeof base, "%.*s", FMT(field(b, "base")));
    return send_form(b, path, "parent", parent, "base", base, "headline", headline, "section",
                     "town", "slug", headline, "body", text, "do", button, "reason", "By mistake.",
                     "at", "2026-11-20T13:00");
}

static void make_story(struct browser *b, char key[120], const char *slug, const char *button)
{
    str k;
    assert_int_equal(send_form(b, "/desk/new", "place", "en/town"), 303);
    str_cut(str_from(b->location, sizeof "/desk/story/" - 1), '?', &k);
    snprintf(key, 120, "%.*s", FMT(k));
    assert_int_equal(press(b, key, slug, "Good words.\n", button), 303);
}

enum { CHANGED, NEW, GONE, ELSES, SHUT, MENDED, STOPPED, TIMED, STORIES };
static const char *const slugs[STORIES] = {"changed", "new",    "gone",    "elses",
                                           "shut",    "mended", "stopped", "timed"};

struct scene {
    struct browser good, bad, pia, otto;
    char keys[STORIES][120], path[100];
    i64 now;
};

/* What Bo did, and what others did before and after. */
static void play(struct world *w, struct scene *s)
{
    struct err err = {0};
    i64 next;
    s->now = moment(20, 12);
    staff(w, &s->good, "e@example.org", "Edda", ROLE_EDITOR);
    i64 bo = staff(w, &s->bad, "b@example.org", "Bo", ROLE_EDITOR);
    staff(w, &s->pia, "p@example.org", "Pia", ROLE_PUBLISHER);
    staff(w, &s->otto, "o@example.org", "Otto", ROLE_PUBLISHER);
    snprintf(s->path, sizeof s->path, "/desk/people/%lld/published", (long long)bo);
    for (int i = 0; i < STORIES; i++) {
        bool his = i == NEW || i == SHUT || i == TIMED;
        later(&s->now);
        make_story(his ? &s->bad : &s->good, s->keys[i], slugs[i],
                   i == TIMED ? "schedule" : "publish");
    }
    later(&s->now);
    assert_int_equal(press(&s->bad, s->keys[CHANGED], "changed", "Bad words.\n", "publish"), 303);
    assert_int_equal(press(&s->bad, s->keys[MENDED], "mended", "Bad words.\n", "publish"), 303);
    assert_int_equal(press(&s->bad, s->keys[STOPPED], "stopped", "Bad words.\n", "publish"), 303);
    assert_int_equal(press(&s->bad, s->keys[GONE], "gone", "Good words.\n", "withdraw"), 303);
    later(&s->now);
    assert_int_equal(press(&s->good, s->keys[MENDED], "mended", "Best words.\n", "publish"), 303);
    assert_int_equal(press(&s->good, s->keys[STOPPED], "stopped", "Bad words.\n", "withdraw"), 303);
    assert_int_equal(press(&s->otto, s->keys[SHUT], "shut", "Good words.\n", "restrict"), 303);
    time_set_for_test(s->now = moment(20, 14)); /* when what he scheduled has gone live by itself */
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
}

static int address(struct world *w, int which, str *page)
{
    char path[100];
    snprintf(path, sizeof path, "/town/2026/11/20/%s", slugs[which]);
    return get(w, path, page);
}

static void what_an_account_did_is_listed(void **state)
{
    struct world *w = *state;
    struct scene s;
    char value[200];
    static const bool listed[STORIES] = {[CHANGED] = true, [NEW] = true,     [GONE] = true,
                                         [MENDED] = true,  [STOPPED] = true, [TIMED] = true};
    play(w, &s);
    assert_int_equal(fetch(&s.pia, s.path), 200);
    for (int i = 0; i < STORIES; i++) {
        snprintf(value, sizeof value, "value=\"%s\"", s.keys[i]);
        if (listed[i])
            assert_has(s.pia.body, value);
        else
            assert_lacks(s.pia.body, value);
    }
    /* a moment after all of it */
    snprintf(value, sizeof value, "%s?since=2027-01-01T00:00", s.path);
    assert_int_equal(fetch(&s.pia, value), 200);
    for (int i = 0; i < STORIES; i++)
        assert_lacks(s.pia.body, s.keys[i]);
    snprintf(value, sizeof value, "%s?since=never", s.path);
    assert_int_equal(fetch(&s.pia, value), 400);
    assert_int_equal(fetch(&s.good, s.path), 403);
}

static void what_an_account_did_is_put_back(void **state)
{
    struct world *w = *state;
    struct scene s;
    str page;
    play(w, &s);
    later(&s.now);
    assert_int_equal(fetch(&s.pia, s.path), 200);
    assert_int_equal(send_form(&s.pia, s.path, "story", s.keys[CHANGED], "story", s.keys[NEW],
                               "story", s.keys[GONE], "story", s.keys[ELSES], "story", s.keys[SHUT],
                               "story", s.keys[MENDED], "story", s.keys[STOPPED], "story",
                               s.keys[TIMED], "reason", "It was not ours.", "do", "put-back"),
                     409);
    assert_has(s.pia.body, "4 stories changed.");
    assert_has(s.pia.body, "There is no such story.");
    assert_has(s.pia.body, "What stands there now is not from this account.");
    assert_int_equal(address(w, CHANGED, &page), 200);
    assert_has(page, "Good words.");
    assert_lacks(page, "Bad words.");
    assert_has(page, "It was not ours.");
    assert_int_equal(address(w, NEW, &page), 410);
    assert_has(page, "It was not ours.");
    assert_int_equal(address(w, GONE, &page), 200);
    assert_int_equal(address(w, ELSES, &page), 200);
    assert_int_equal(address(w, SHUT, &page), 200);
    assert_int_equal(address(w, MENDED, &page), 200);
    assert_has(page, "Best words.");
    assert_int_equal(address(w, STOPPED, &page), 410); /* whoever stopped it had looked at it */
    assert_has(page, "By mistake.");
    assert_int_equal(address(w, TIMED, &page), 410);
    assert_int_equal(fetch(&s.pia, "/desk/log"), 200);
    assert_has(s.pia.body, "<td>Pia</td><td class=\"told\">published</td>");
}

static void what_an_account_did_is_withdrawn(void **state)
{
    struct world *w = *state;
    struct scene s;
    str page;
    play(w, &s);
    later(&s.now);
    assert_int_equal(fetch(&s.pia, s.path), 200);
    assert_int_equal(send_form(&s.pia, s.path, "story", s.keys[CHANGED], "do", "withdraw"), 409);
    assert_int_equal(address(w, CHANGED, &page), 200); /* without a word for readers */
    assert_int_equal(send_form(&s.pia, s.path, "story", s.keys[CHANGED], "story", s.keys[NEW],
                               "reason", "It was not ours.", "do", "withdraw"),
                     200);
    assert_int_equal(address(w, CHANGED, &page), 410);
    assert_int_equal(address(w, NEW, &page), 410);
}

/* What would go live by itself does not: with either button. */
static void what_an_account_scheduled_does_not_go_live(void **state)
{
    struct world *w = *state;
    struct scene s;
    struct err err = {0};
    i64 next;
    static const char *const buttons[] = {"withdraw", "put-back"};
    play(w, &s);
    for (size_t i = 0; i < COUNT(buttons); i++) {
        char key[120];
        time_set_for_test(moment(20, 12));
        make_story(&s.bad, key, buttons[i], "schedule");
        assert_int_equal(fetch(&s.pia, s.path), 200);
        assert_has(s.pia.body, key);
        assert_int_equal(
            send_form(&s.pia, s.path, "story", key, "reason", "It was not ours.", "do", buttons[i]),
            200);
        assert_int_equal(
            send_form(&s.pia, s.path, "story", key, "reason", "It was not ours.", "do", buttons[i]),
            409);
        assert_has(s.pia.body, "It is neither public nor scheduled.");
        time_set_for_test(moment(20, 14));
        assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
        char path[100];
        snprintf(path, sizeof path, "/town/2026/11/20/%s", buttons[i]);
        assert_int_equal(get(w, path, NULL), 404);
    }
}

static const struct world_files files = {site_yaml, sections_yaml, NULL};

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_world(what_an_account_did_is_listed, &files),
        with_world(what_an_account_did_is_put_back, &files),
        with_world(what_an_account_did_is_withdrawn, &files),
        with_world(what_an_account_scheduled_does_not_go_live, &files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
