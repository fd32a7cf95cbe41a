/* Who is next at the password's lane. */
#include "test.h"

#include "app/turns.h"

enum { SEATS = 8, BROWSERS = 3 };

/* A guest is a letter for the network and a number; "a1". With '*' before: its browser is known. */
struct line {
    struct turns *t;
    char got_up[64], refused[64];
};

static char names[64][4];
static size_t nnames;

static int setup(void **state)
{
    static struct line l;
    l = (struct line){0};
    nnames = 0;
    *state = &l;
    return (int)turns_make(SEATS, BROWSERS, &l.t);
}

static int teardown(void **state)
{
    struct line *l = *state;
    turns_free(l->t);
    return 0;
}

static void add(char *to, const char *name)
{
    size_t n = strlen(to);
    snprintf(to + n, 64 - n, "%s ", name);
}

static void come(struct line *l, const char *who)
{
    struct exchange *out;
    const char *name = who + (*who == '*');
    char *kept = names[nnames++];
    snprintf(kept, sizeof names[0], "%s", name);
    struct queued s = {.x = (struct exchange *)(void *)kept,
                       .who = {.network = (u64)name[0], .browser = *who == '*' ? (u64)name[0] : 0}};
    if (turns_put(l->t, &s, &out))
        add(l->refused, name);
    else if (out)
        add(l->got_up, (const char *)out);
}

static void come_all(struct line *l, const char *list)
{
    char one[8];
    for (str rest = str_c(list), s; rest.n;) {
        rest = str_cut(rest, ' ', &s);
        snprintf(one, sizeof one, "%.*s", FMT(s));
        come(l, one);
    }
}

static void served(struct line *l, size_t n, const char *want)
{
    char have[128] = "";
    struct queued s;
    for (size_t i = 0; i < n && turns_take(l->t, &s); i++)
        add(have, (const char *)s.x);
    assert_string_equal(have, want);
}

static void one_network_may_have_all_that_nobody_wants(void **state)
{
    struct line *l = *state;
    come_all(l, "a1 a2 a3 a4 a5 a6 a7 a8 a9");
    assert_string_equal(l->refused, "a9 ");
    assert_string_equal(l->got_up, "");
    served(l, 9, "a1 a2 a3 a4 a5 a6 a7 a8 ");
}

static void each_networks_first_comes_before_anyones_second(void **state)
{
    struct line *l = *state;
    come_all(l, "a1 a2 a3 b1 b2 c1");
    served(l, 2, "a1 b1 ");
    come_all(l, "d1 a4"); /* d: as if it had come with the first */
    served(l, 9, "c1 d1 a2 b2 a3 a4 ");
}

static void a_flood_pushes_out_itself(void **state)
{
    struct line *l = *state;
    come_all(l, "a1 a2 a3 a4 a5 b1 b2 b3");
    come_all(l, "c1 c2 c3 c4");
    assert_string_equal(l->got_up, "a5 a4 ");
    assert_string_equal(l->refused, "c3 c4 "); /* they would take from their equals */
    come_all(l, "d1");
    assert_string_equal(l->got_up, "a5 a4 b3 "); /* of the networks with three the newest */
}

static void many_networks_are_each_others_equals(void **state)
{
    struct line *l = *state;
    come_all(l, "a1 b1 c1 d1 e1 f1 g1 h1 i1");
    assert_string_equal(l->refused, "i1 ");
    assert_string_equal(l->got_up, "");
}

static void who_was_here_before_has_a_seat(void **state)
{
    struct line *l = *state;
    come_all(l, "a1 b1 c1 d1 e1 f1 g1 h1");
    come_all(l, "*x1 *y1 *x2"); /* one seat for a browser: its second is a stranger's, if any */
    assert_string_equal(l->refused, "x2 ");
    served(l, 4, "x1 a1 y1 b1 "); /* by turns: strangers go on as well */
    come_all(l, "*x3 *y2 *z1 *w1");
    assert_string_equal(l->refused, "x2 "); /* w has a stranger's seat, like anybody */
    served(l, 20, "x3 c1 y2 d1 z1 e1 f1 g1 h1 w1 ");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(one_network_may_have_all_that_nobody_wants),
        T(each_networks_first_comes_before_anyones_second),
        T(a_flood_pushes_out_itself),
        T(many_networks_are_each_others_equals),
        T(who_was_here_before_has_a_seat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
