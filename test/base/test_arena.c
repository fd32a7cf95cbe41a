/* What an arena and the bytes written into it keep, and give back. */
#include "test.h"

#include "base/out.h"

static void what_was_used_goes_back(void **state)
{
    struct arena a;
    (void)state;
    assert_int_equal(arena_init(&a, 16 << 20), ST_OK);
    char *big = arena_bytes(&a, 8 << 20);
    memset(big, 'x', 8 << 20);
    arena_reset(&a);
    assert_ptr_equal(a.high, a.start + (2 << 20)); /* above it nothing has to be cleared again */
    big = arena_bytes(&a, 8 << 20);
    for (size_t i = 0; i < 8 << 20; i += 511)
        assert_int_equal(big[i], 0);
    arena_free(&a);
}

static void a_guess_is_taken_at_the_first_write(void **state)
{
    struct arena a;
    (void)state;
    assert_int_equal(arena_init(&a, 1 << 20), ST_OK);
    struct out o = out_make(&a, 10000, 20000), other = out_make(&a, 64, 64);
    assert_ptr_equal(a.beg, a.start);
    out_byte(&o, 'a');
    const char *where = out_view(&o).p;
    assert_non_null(arena_raw(&a, 1)); /* from here on it can't grow where it lies */
    for (int i = 0; i < 9999; i++)
        out_byte(&o, 'b');
    assert_ptr_equal(out_view(&o).p, where);
    for (int i = 0; i < 65; i++)
        out_byte(&other, 'c');
    assert_int_equal(out_status(&other), ST_TOOLARGE);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_used_goes_back),
        cmocka_unit_test(a_guess_is_taken_at_the_first_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
