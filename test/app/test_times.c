/* Times that people type at the desk are in their edition's zone, on the days when the clock is
 * changed too. */
#include "desk.h"

#include "base/clean.h"

#define SITE(zone)                                                                                 \
    "name: {en: The Sound}\neditions: [{slug: en, locale: en-GB, zone: " zone "}]\n",              \
        "en:\n  - {slug: town, name: Town}\n", NULL
static const struct world_files new_york = {SITE("America/New_York")};
static const struct world_files berlin = {SITE("Europe/Berlin")};

static i64 due(struct world *w, str key)
{
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct work work;
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(work_by_key(&v, key, &work), &err);
    return work.due_ms;
}

/* What is typed, and the moment it is, in UTC. */
struct typed {
    const char *local, *utc;
};

static void schedules_at(struct world *w, const struct typed *list, size_t n)
{
    struct browser b;
    str key;
    i64 want, now;
    assert_int_equal(time_parse(STR("2026-01-10T12:00:00Z"), &now), ST_OK);
    time_set_for_test(now);
    staff(w, &b, "e@example.org", "Edda", ROLE_EDITOR);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(send_form(&b, "/desk/new", "place", "en/town"), 303);
        str_cut(str_from(b.location, strlen("/desk/story/")), '?', &key);
        assert_int_equal(send_form(&b, arena_cstr(&w->a, b.location), "parent", "0", "base", "0",
                                   "headline", list[i].utc, "section", "town", "body", "Words.\n",
                                   "do", "schedule", "at", list[i].local),
                         303);
        assert_int_equal(time_parse(str_c(list[i].utc), &want), ST_OK);
        if (due(w, key) != want)
            test_fail("%s is %.*s, not %s", list[i].local, FMT(time_rfc3339(due(w, key), &w->a)),
                      list[i].utc);
    }
}

static void west_of_greenwich(void **state)
{
    static const struct typed list[] = {
        {"2026-02-01T08:00", "2026-02-01T13:00:00Z"},
        {"2026-07-01T08:00", "2026-07-01T12:00:00Z"},
        {"2026-03-08T01:59", "2026-03-08T06:59:00Z"},
        {"2026-03-08T02:30", "2026-03-08T07:30:00Z"}, /* the clock skips it: an hour later */
        {"2026-03-08T03:00", "2026-03-08T07:00:00Z"},
    };
    schedules_at(*state, list, COUNT(list));
}

static void east_of_greenwich(void **state)
{
    static const struct typed list[] = {
        {"2026-02-01T08:00", "2026-02-01T07:00:00Z"},
        {"2026-07-01T08:00", "2026-07-01T06:00:00Z"},
        {"2026-03-29T01:59", "2026-03-29T00:59:00Z"},
        {"2026-03-29T02:30", "2026-03-29T01:30:00Z"}, /* likewise */
        {"2026-03-29T03:00", "2026-03-29T01:00:00Z"},
    };
    schedules_at(*state, list, COUNT(list));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_world(west_of_greenwich, &new_york),
        with_world(east_of_greenwich, &berlin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
