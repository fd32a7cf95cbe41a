/* test/test.h: what every test file needs. Each file is one program with one cmocka group. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
/* cmocka's fail() would hide ours (base/status.h): tests say test_fail, with words. */
#undef fail
#define test_fail(...)                                                                             \
    do {                                                                                           \
        fprintf(stderr, __VA_ARGS__);                                                              \
        fprintf(stderr, "\n");                                                                     \
        _fail(__FILE__, __LINE__);                                                                 \
    } while (0)

#include "base/arena.h"

/* The folder beside the checkout in which data made by others may lie; tests that need it say when
 * it is absent. */
static inline const char *test_shared(void)
{
    const char *s = getenv("BROADSHEET_SHARED");
    return s ? s : "../shared";
}

static inline int arena_setup(void **state)
{
    static struct arena a;
    *state = &a;
    return (int)arena_init(&a, 64 << 20);
}

static inline int arena_teardown(void **state)
{
    arena_free(*state);
    return 0;
}
#define with_arena(f) cmocka_unit_test_setup_teardown(f, arena_setup, arena_teardown)

#define assert_str(have, want)                                                                     \
    do {                                                                                           \
        str h_ = (have), w_ = str_c(want);                                                         \
        if (!str_eq(h_, w_))                                                                       \
            test_fail("want \"%.*s\"\nhave \"%.*s\"", FMT(w_), FMT(h_));                           \
    } while (0)
#define assert_ok(call, err)                                                                       \
    do {                                                                                           \
        enum status st_ = (call);                                                                  \
        if (st_)                                                                                   \
            test_fail("%s: %s: %s", #call, status_name(st_), (err)->text);                         \
    } while (0)

#endif
