/* What can't be undone takes its whole batch with it. */
#include "writer.h"

static bool refuse_undo(void *arg)
{
    return ((struct world *)arg)->fail_undo;
}

/* The savepoint's rollback fails, then that of the whole: nothing of it may be committed. */
static void what_cannot_be_undone_is_not_committed(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    writer_test_hook(w->w, (struct writer_hook){.fail_undo = refuse_undo, .arg = w});
    w->fail_undo = true;
    assert_int_equal(writer_do(w->w, set, &(struct change){.n = 1, .fails = true}, &err),
                     ST_INVALID);
    assert_str(read_setting(w, "k1"), "");
    assert_int_equal(writer_do(w->w, set, &(struct change){.n = 2}, &err), ST_IO);
    w->fail_undo = false;
    assert_ok(writer_do(w->w, set, &(struct change){.n = 3}, &err), &err);
    assert_str(read_setting(w, "k1"), "");
    assert_str(read_setting(w, "k2"), "");
    assert_str(read_setting(w, "k3"), "3");
    assert_int_equal(w->heard, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_cannot_be_undone_is_not_committed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
