/* docs/desk.md says who may do what: its table is what the program does. */
#include "test.h"

#include <stdio.h>

#include "newsroom/permissions.h"

static const unsigned roles[] = {ROLE_REPORTER, ROLE_EDITOR, ROLE_MODERATOR, ROLE_PUBLISHER};

/* As the table says it: "yes" on any story, "own, shared", "began", or nothing. */
static const char *said(unsigned role, enum act act)
{
    struct actor who = {.account = 1, .roles = role};
    struct standing any = {.began = false}, own = {.own = true}, shared = {.shared = true},
                    began = {.began = true};
    if (permitted(&who, act, &any, false))
        return "yes";
    if (permitted(&who, act, &own, false))
        return permitted(&who, act, &shared, false) ? "own, shared" : "own";
    return permitted(&who, act, &began, false) ? "began" : "";
}

static void the_table_is_true(void **state)
{
    struct arena *a = *state;
    FILE *f = fopen("docs/desk.md", "re");
    assert_non_null(f);
    char *text = arena_bytes(a, 64 << 10);
    size_t n = fread(text, 1, 64 << 10, f);
    fclose(f);
    for (int act = 0; act < ACT_COUNT; act++) {
        str line = arena_fmt(a, "| %s |", act_name((enum act)act));
        for (size_t i = 0; i < COUNT(roles); i++) {
            const char *words = said(roles[i], (enum act)act);
            line = arena_fmt(a, "%.*s %s%s|", FMT(line), words, words[0] ? " " : "");
        }
        if (str_find((str){text, n}, line) < 0)
            test_fail("docs/desk.md lacks the line %.*s", FMT(line));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {with_arena(the_table_is_true)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
