/* That check sees where the desk and what readers have don't agree. */
#include "../newsroom/desk.h"

#include "command/command.h"

struct damage {
    const char *name;
    bool remove;
    i64 public, base, state; /* of the row */
    int want;
};

static enum status damage(struct tx *tx, void *arg)
{
    const struct damage *d = arg;
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct work w;
    enum status st = work_by_key(&v, STR("wall"), &w);
    if (st == ST_NOTFOUND) { /* the one before has removed it */
        w = (struct work){.key = STR("wall"), .edition = STR("en"), .section = STR("town")};
        st = ST_OK;
    }
    w.public = d->public;
    w.base = d->base;
    w.state = d->state;
    st = st ? st : work_write(tx, &w);
    return !st && d->remove ? work_remove(tx, w.id) : st;
}

static void the_desk_agrees_with_what_readers_have(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    static const struct damage cases[] = {
        {"whole", false, STORY_LIVE, 2, WORK_CLEAN, EXIT_DONE},
        {"missing", true, STORY_LIVE, 2, WORK_CLEAN, EXIT_SYSTEM},
        {"not live", false, STORY_UNPUBLISHED, 2, WORK_CLEAN, EXIT_SYSTEM},
        {"withdrawn", false, STORY_WITHDRAWN, 2, WORK_CLEAN, EXIT_SYSTEM},
        {"behind", false, STORY_LIVE, 1, WORK_CLEAN, EXIT_SYSTEM},
        {"a draft behind", false, STORY_LIVE, 1, WORK_DRAFT, EXIT_DONE},
        {"ahead", false, STORY_LIVE, 3, WORK_DRAFT, EXIT_SYSTEM},
        {"whole again", false, STORY_LIVE, 2, WORK_CLEAN, EXIT_DONE},
    };
    publish(w, HEAD("wall", "") "Words.\n");
    publish(w, HEAD("wall", "") "Other words.\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        char name[] = "check", *argv[] = {name, w->folder, NULL};
        assert_ok(writer_do(app_writer(w->app), damage, (void *)&cases[i], &err), &err);
        int have = command_check(2, argv);
        if (have != cases[i].want)
            test_fail("%s: %d", cases[i].name, have);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_desk(the_desk_agrees_with_what_readers_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
