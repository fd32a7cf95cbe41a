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

static void an_order_comes_over_whole(void **state)
{
    struct arena *a = *state;
    struct err err = {0};
    struct wire_request r;
    int fd[2];
    const struct account_order order = {.kind = ORDER_LINK,
                                        .email = STR("a@x.org"),
                                        .name = STR("Anna"),
                                        .password = STR("$argon2id$x"),
                                        .roles = 9};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    struct wire_request sent = {.kind = WIRE_ACCOUNT, .order = order};
    assert_ok(wire_send_request(fd[0], &sent, a, &err), &err);
    assert_ok(wire_read_request(fd[1], a, &r, &err), &err);
    assert_int_equal(r.kind, WIRE_ACCOUNT);
    assert_int_equal(r.order.kind, ORDER_LINK);
    assert_str(r.order.email, "a@x.org");
    assert_str(r.order.name, "Anna");
    assert_str(r.order.password, "$argon2id$x");
    assert_int_equal(r.order.roles, 9);
    sent.order.kind = ORDER_KINDS; /* none that we know */
    assert_ok(wire_send_request(fd[0], &sent, a, &err), &err);
    assert_int_equal(wire_read_request(fd[1], a, &r, &err), ST_INVALID);
    close(fd[0]);
    close(fd[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_caller_that_takes_nothing_is_given_up),
        with_arena(an_order_comes_over_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
