/* What every merge rests on, each seen to be noticed when its guard is gone. */
#include "merge_help.h"

static void what_one_alone_changed_is_taken(void **state)
{
    merges_as(*state,
              &(struct merge_case){"one word each", "The storm took forty metres of the wall.",
                                   "The gale took forty metres of the wall.",
                                   "The storm took forty metres of the pier.",
                                   "The gale took forty metres of the pier.", NULL});
}

static void a_moved_paragraph_stays_moved(void **state)
{
    merges_as(*state, &(struct merge_case){
                          "moved by one, begun by the other",
                          "The storm took forty metres of the wall.\n\nNobody was hurt on "
                          "Friday.\n\nThe harbour stays shut until Monday.",
                          "Nobody was hurt on Friday.\n\nThe harbour stays shut until "
                          "Monday.\n\nThe storm took forty metres of the wall.",
                          "Engineers had asked for repairs.\n\nThe storm took forty metres of the "
                          "wall.\n\nNobody was hurt on Friday.\n\nThe harbour stays shut until "
                          "Monday.",
                          "Engineers had asked for repairs.\n\nNobody was hurt on Friday.\n\nThe "
                          "harbour stays shut until Monday.\n\nThe storm took forty metres of the "
                          "wall.",
                          NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(what_one_alone_changed_is_taken),
        with_arena(a_moved_paragraph_stays_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
