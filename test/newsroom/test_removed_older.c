/* What was gone already when words were removed has them in older backups. */
#include "bytes.h"

#include "newsroom/hold.h"

struct holding {
    str key;
    bool lift;
};

static enum status hold_or_lift(struct tx *tx, void *arg)
{
    const struct holding *h = arg;
    return h->lift ? hold_lift(tx, &people[PIA], h->key, STR("It is over."))
                   : hold_put(tx, &people[PIA], h->key, STR(NAME " has asked."));
}

static enum status destroy_first(struct tx *tx, void *arg)
{
    const struct holding *h = arg;
    return draft_destroy_save(tx, &people[ADA], h->key, 1);
}

static void do_well(struct world *w, tx_fn *fn, struct holding *h)
{
    struct err err = {0};
    assert_ok(writer_do(app_writer(w->app), fn, h, &err), &err);
}

/* A save that was destroyed, a correction that was taken from the schedule, a hold that was lifted:
 * all of them had the name, and a backup from before has them still. */
static void what_was_gone_already_comes_back_from_no_backup(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    size_t times;
    str key = begin(w, &people[ADA]);
    struct holding h = {.key = key};
    save(w, &people[ADA], key, 0, "The wall", "It was " NAME ".");
    save(w, &people[ADA], key, 1, "The wall", "It was nobody.");
    publish_draft(w, key, 0);
    save(w, &people[ADA], key, 2, "The wall", "It was somebody.");
    struct act_of later = {.what = PUBLISH,
                           .who = &people[EVA],
                           .key = key,
                           .publish = {.key = key,
                                       .save = 3,
                                       .change = CHANGE_CORRECTION,
                                       .correction = STR("It was " NAME "'s neighbour."),
                                       .at = moment(21, 12)}};
    act_well(w, &later);
    do_well(w, hold_or_lift, &h);
    const char *older = keep_database(w);
    h.lift = true;
    do_well(w, hold_or_lift, &h);
    assert_int_equal(step(w, &people[EVA], key, STEP_UNSCHEDULE), ST_OK);
    do_well(w, destroy_first, &h);
    struct removal_site site = {.writer = app_writer(w->app), .dir = w->site.dir};
    {
        CLEANUP(db_cleanup) struct db *db = NULL;
        assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
        assert_ok(
            removal_do(&site, db, &people[PIA], key, STR("m\u00fcllerowitz"), &w->a, &times, &err),
            &err);
    }
    assert_nowhere(w, LEFT);

    put_back(w, older);
    assert_nowhere(w, LEFT);
    struct draft d = see(w, &people[PIA], key);
    assert_true(d.waiting.failed);
    assert_true(d.work.held_ms != 0);
    assert_str(markdown_of(w, &d.content), "It was somebody.");
    assert_shows(w, "/town/2026/11/20/the-wall", "It was nobody.");
    time_set_for_test(moment(21, 13));
    i64 next;
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_shows(w, "/town/2026/11/20/the-wall", "It was nobody.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {with_desk(what_was_gone_already_comes_back_from_no_backup)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
