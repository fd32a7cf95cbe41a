/* A commit that fails fails all of its batch, and nobody hears of it. */
#include "writer.h"

static bool refuse(void *arg)
{
    return ((struct world *)arg)->fail_commit;
}

static void committed(void *arg)
{
    struct world *w = arg;
    w->at_commit = w->heard;
}

static void a_commit_that_fails_fails_all(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    writer_test_hook(w->w,
                     (struct writer_hook){.fail_commit = refuse, .committed = committed, .arg = w});
    w->fail_commit = true;
    assert_int_equal(writer_do(w->w, set, &(struct change){.n = 1}, &err), ST_IO);
    assert_int_equal(w->heard, 0);
    assert_str(read_setting(w, "k1"), "");
    w->fail_commit = false;
    assert_ok(writer_do(w->w, set, &(struct change){.n = 1}, &err), &err);
    assert_str(read_setting(w, "k1"), "1");
    assert_int_equal(w->heard, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_commit_that_fails_fails_all, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
