/* Who may do what. Every answer here was written by hand from issue 5 and product.md; none is taken
 * from the program's own table. */
#include "test.h"

#include "newsroom/permissions.h"

/* Columns: what the story is to the one who asks. */
enum { OTHER, SHARED, ASSIGNED, BEGUN, OTHER_LIVE, SHARED_LIVE, BEGUN_LIVE, NAMED, STANDINGS };
static const struct standing standings[STANDINGS] = {
    [OTHER] = {0},
    [SHARED] = {.shared = true},
    [ASSIGNED] = {.own = true},
    [BEGUN] = {.own = true, .began = true},
    [OTHER_LIVE] = {.live = true},
    [SHARED_LIVE] = {.shared = true, .live = true},
    [BEGUN_LIVE] = {.own = true, .began = true, .live = true},
    [NAMED] = {.restricted = true, .named = true}, /* another's */
};

/* One letter a column in the order above: y yes, n no. */
static const struct {
    enum act act;
    const char *nobody, *reader, *reporter, *editor, *moderator, *publisher;
} table[] = {
    {ACT_DESK, "nnnnnnnn", "nnnnnnnn", "yyyyyyyy", "yyyyyyyy", "yyyyyyyy", "yyyyyyyy"},
    {ACT_BEGIN, "nnnnnnnn", "nnnnnnnn", "yyyyyyyy", "yyyyyyyy", "nnnnnnnn", "yyyyyyyy"},
    {ACT_SEE, "nnnnnnnn", "nnnnnnnn", "nyyynyyn", "yyyyyyyy", "nnnnnnnn", "yyyyyyyy"},
    {ACT_WRITE, "nnnnnnnn", "nnnnnnnn", "nyyynyyn", "yyyyyyyy", "nnnnnnnn", "yyyyyyyy"},
    {ACT_NOTE, "nnnnnnnn", "nnnnnnnn", "nyyynyyn", "yyyyyyyy", "nnnnnnnn", "yyyyyyyy"},
    {ACT_SEND, "nnnnnnnn", "nnnnnnnn", "nyyynyyn", "yyyyyyyy", "nnnnnnnn", "yyyyyyyy"},
    {ACT_ASSIGN, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "yyyyyyyy", "nnnnnnnn", "yyyyyyyy"},
    {ACT_APPROVE, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "yyyyyyyy", "nnnnnnnn", "yyyyyyyy"},
    {ACT_SCHEDULE, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "yyyyyyyy", "nnnnnnnn", "yyyyyyyy"},
    {ACT_PUBLISH, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "yyyyyyyy", "nnnnnnnn", "yyyyyyyy"},
    {ACT_WITHDRAW, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "yyyyyyyy", "nnnnnnnn", "yyyyyyyy"},
    {ACT_RESTRICT, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "yyyyyyyy"},
    {ACT_DESTROY, "nnnnnnnn", "nnnnnnnn", "nnnynnnn", "nnnynnnn", "nnnnnnnn", "yyyynnny"},
    {ACT_FRONTS, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "yyyyyyyy", "nnnnnnnn", "yyyyyyyy"},
    {ACT_ACCOUNTS, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "yyyyyyyy"},
    {ACT_AUDIT, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "yyyyyyyy"},
    {ACT_HOLD, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "yyyyyyyy"},
    {ACT_EMBARGO, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "yyyyyyyy"},
    {ACT_REMOVE, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "yyyyyyyy"},
    {ACT_SITE, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "yyyyyyyy"},
    {ACT_COUNT, "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn", "nnnnnnnn"},
};

static bool may(unsigned roles, enum act act, const struct standing *s, bool four_eyes)
{
    return permitted(&(struct actor){.account = 7, .roles = roles}, act, s, four_eyes);
}

static void check_row(enum act act, const char *who, struct actor actor, const char *want)
{
    assert_int_equal(strlen(want), STANDINGS);
    for (size_t i = 0; i < STANDINGS; i++)
        if (permitted(&actor, act, &standings[i], false) != (want[i] == 'y'))
            test_fail("%s, \"%s\", standing %zu: want %c", who, act_name(act), i, want[i]);
}

static void the_table(void **state)
{
    (void)state;
    assert_int_equal(COUNT(table), ACT_COUNT + 1); /* every act, and one that is none */
    for (size_t i = 0; i < COUNT(table); i++) {
        assert_int_equal(table[i].act, i);
        check_row(table[i].act, "nobody", (struct actor){.roles = ROLES_ALL}, table[i].nobody);
        check_row(table[i].act, "reader", (struct actor){.account = 7}, table[i].reader);
        check_row(table[i].act, "reporter", (struct actor){7, ROLE_REPORTER, STR_NONE},
                  table[i].reporter);
        check_row(table[i].act, "editor", (struct actor){7, ROLE_EDITOR, STR_NONE},
                  table[i].editor);
        check_row(table[i].act, "moderator", (struct actor){7, ROLE_MODERATOR, STR_NONE},
                  table[i].moderator);
        check_row(table[i].act, "publisher", (struct actor){7, ROLE_PUBLISHER, STR_NONE},
                  table[i].publisher);
    }
}

static void roles_add_up(void **state)
{
    (void)state;
    assert_true(may(ROLE_REPORTER | ROLE_MODERATOR, ACT_WRITE, &standings[SHARED], false));
    assert_true(may(ROLE_MODERATOR | ROLE_EDITOR, ACT_PUBLISH, &standings[OTHER], false));
    assert_true(may(ROLE_REPORTER | ROLE_PUBLISHER, ACT_ACCOUNTS, NULL, false));
}

/* Without a story there is nothing to do to it; what is about none needs none. */
static void an_act_about_a_story_needs_one(void **state)
{
    static const enum act about[] = {
        ACT_SEE,     ACT_WRITE,    ACT_NOTE,     ACT_SEND,    ACT_ASSIGN, ACT_APPROVE, ACT_SCHEDULE,
        ACT_PUBLISH, ACT_WITHDRAW, ACT_RESTRICT, ACT_DESTROY, ACT_HOLD,   ACT_EMBARGO};
    static const enum act alone[] = {ACT_DESK, ACT_BEGIN, ACT_FRONTS, ACT_ACCOUNTS, ACT_AUDIT};
    (void)state;
    for (size_t i = 0; i < COUNT(about); i++)
        assert_false(may(ROLES_ALL, about[i], NULL, false));
    for (size_t i = 0; i < COUNT(alone); i++)
        assert_true(may(ROLES_ALL, alone[i], NULL, false));
}

static void what_is_restricted_is_not_there_for_others(void **state)
{
    (void)state;
    for (size_t act = 0; act <= ACT_COUNT; act++)
        for (unsigned roles = 0; roles <= ROLES_ALL; roles++)
            for (unsigned bits = 0; bits < 16; bits++) {
                struct standing s = {.restricted = true,
                                     .own = bits & 1,
                                     .began = bits & 1,
                                     .shared = bits & 2,
                                     .live = bits & 4,
                                     .sent = bits & 8};
                if (may(roles, (enum act)act, &s, false))
                    test_fail("roles %u may \"%s\"", roles, act_name((enum act)act));
            }
}

static void who_is_named_may_what_they_might_otherwise(void **state)
{
    const struct standing own = {.own = true, .began = true, .restricted = true, .named = true};
    (void)state;
    assert_true(may(ROLE_REPORTER, ACT_WRITE, &own, false));
    assert_true(may(ROLE_REPORTER, ACT_DESTROY, &own, false));
    assert_true(may(ROLE_EDITOR, ACT_PUBLISH, &standings[NAMED], false));
}

static void nobody_approves_what_they_sent(void **state)
{
    static const struct {
        enum act act;
        bool with, without;
    } acts[] = {
        {ACT_APPROVE, false, true}, {ACT_SCHEDULE, false, true}, {ACT_PUBLISH, false, true},
        {ACT_SEE, true, true},      {ACT_WRITE, true, true},     {ACT_SEND, true, true},
        {ACT_ASSIGN, true, true},   {ACT_WITHDRAW, true, true},
    };
    static const unsigned roles[] = {ROLE_EDITOR, ROLE_PUBLISHER, ROLES_ALL};
    const struct standing mine = {.own = true, .sent = true}, theirs = {.own = true};
    (void)state;
    for (size_t i = 0; i < COUNT(acts); i++)
        for (size_t k = 0; k < COUNT(roles); k++) {
            assert_int_equal(may(roles[k], acts[i].act, &mine, true), acts[i].with);
            assert_int_equal(may(roles[k], acts[i].act, &mine, false), acts[i].without);
            assert_true(may(roles[k], acts[i].act, &theirs, true));
        }
}

static void roles_have_names(void **state)
{
    struct arena *a = *state;
    unsigned set = 99;
    assert_int_equal(role_bit(STR("reporter")), ROLE_REPORTER);
    assert_int_equal(role_bit(STR("publisher")), ROLE_PUBLISHER);
    assert_int_equal(role_bit(STR("Publisher")), 0);
    assert_int_equal(role_bit(STR("")), 0);
    assert_int_equal(roles_read(STR("king"), &set), ST_INVALID);
    assert_int_equal(roles_read(STR("editor, king"), &set), ST_INVALID);
    assert_int_equal(roles_read(STR(""), &set), ST_INVALID);
    assert_int_equal(roles_read(STR_NONE, &set), ST_INVALID);
    assert_int_equal(set, 99);
    assert_int_equal(roles_read(STR("editor, moderator,"), &set), ST_OK);
    assert_int_equal(set, ROLE_EDITOR | ROLE_MODERATOR);
    assert_str(roles_text(set, a), "editor, moderator");
    assert_str(roles_text(0, a), "");
    for (int i = 0; i < ACT_COUNT; i++)
        assert_true(strlen(act_name((enum act)i)) > 0);
    assert_string_equal(act_name(ACT_COUNT), "");
}

static void pages_are_changed_by_publishers(void **state)
{
    static const enum act changes[] = {ACT_WRITE,    ACT_SEND,    ACT_ASSIGN,   ACT_APPROVE,
                                       ACT_SCHEDULE, ACT_PUBLISH, ACT_WITHDRAW, ACT_DESTROY};
    const struct standing page = {.page = true, .own = true, .began = true};
    (void)state;
    for (size_t i = 0; i < COUNT(changes); i++) {
        assert_false(may(ROLES_ALL & ~(unsigned)ROLE_PUBLISHER, changes[i], &page, false));
        assert_true(may(ROLE_PUBLISHER, changes[i], &page, false));
    }
    assert_true(may(ROLE_EDITOR, ACT_SEE, &page, false));
    assert_true(may(ROLE_EDITOR, ACT_NOTE, &page, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table),
        cmocka_unit_test(pages_are_changed_by_publishers),
        cmocka_unit_test(roles_add_up),
        cmocka_unit_test(an_act_about_a_story_needs_one),
        cmocka_unit_test(what_is_restricted_is_not_there_for_others),
        cmocka_unit_test(who_is_named_may_what_they_might_otherwise),
        cmocka_unit_test(nobody_approves_what_they_sent),
        with_arena(roles_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
