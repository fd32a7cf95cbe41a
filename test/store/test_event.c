/* A change that readers can see is recorded as an event and heard of. */
#include "writer.h"

static void an_event_is_recorded(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct event *list;
    size_t n;
    CLEANUP(db_cleanup) struct db *db = NULL;
    assert_ok(writer_do(w->w, set, &(struct change){.n = 7}, &err), &err);
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    assert_ok(event_since(db, 0, 10, &w->a, &list, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_int_equal(list[0].id, 1);
    assert_str(list[0].keys[0], "key/7");
    assert_int_equal(w->heard, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_event_is_recorded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
