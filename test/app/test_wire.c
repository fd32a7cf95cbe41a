/* What commands and server say to each other, and how long they wait. */
#include "test.h"

#include <sys/socket.h>

#include "app/wire.h"
#include "base/clean.h"

static void a_caller_that_takes_nothing_is_given_up(void **state)
{
    struct arena a;
    struct err err = {0};
    int fd[2];
    (void)state;
    assert_int_equal(arena_init(&a, 64 << 20), ST_OK);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    struct intake_answer answer = {.line = {arena_bytes(&a, 8 << 20), 8 << 20}};
    assert_int_equal(wire_send_answers(fd[0], &answer, 1, 50, &a, &err), ST_IO);
    assert_string_equal(err.text, "the other side took nothing for 50 ms");
    close(fd[0]);
    close(fd[1]);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_caller_that_takes_nothing_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
