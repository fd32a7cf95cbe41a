/* Two people's changes to one story joined, and two versions compared: by hand; and the limits. */
#include "merge_help.h"

#include <time.h>

/* ---- by hand ---- */

static void two_reword_a_paragraph_while_one_moves_it(void **state)
{
    merges_as(*state,
              &(struct merge_case){
                  "three changes",
                  "The storm took forty metres of the wall.\n\nNobody was hurt on Friday.\n\nThe "
                  "harbour stays shut until Monday.",
                  "Nobody was hurt on Friday.\n\nThe harbour stays shut until Monday.\n\nThe "
                  "gale took forty metres of the wall.",
                  "The storm took fifty metres of the wall.\n\nNobody was hurt on Friday.\n\nThe "
                  "harbour stays shut until Monday.",
                  "Nobody was hurt on Friday.\n\nThe harbour stays shut until Monday.\n\nThe gale "
                  "took fifty metres of the wall.",
                  NULL});
}

static const struct merge_case cases[] = {
    {"nothing", "", "", "", "", NULL},
    {"begun by both alike", "", "One.", "One.", "One.", NULL},
    {"begun by both", "", "One.", "Two.", "One.\n\nTwo.", NULL},
    {"the same change", "The storm took the wall.", "The gale took the wall.",
     "The gale took the wall.", "The gale took the wall.", NULL},
    {"the same word", "The storm took the wall.", "The gale took the wall.",
     "The wind took the wall.", "The gale wind took the wall.", "storm|gale|wind"},
    {"neighbouring words", "a quick brown fox ran", "a slow brown fox ran", "a quick red fox ran",
     "a slow red fox ran", NULL},
    {"two words against two", "a quick brown fox ran", "a slow red fox ran", "a swift grey fox ran",
     "a slow red swift grey fox ran", "quick brown|slow red|swift grey"},
    {"a phrase rewritten around a word", "At noon the old harbour wall fell down.",
     "At noon a big storm came down.", "At noon the old port wall fell down.",
     "At noon a big storm came the old port wall fell down.",
     "the old harbour wall fell|a big storm came|the old port wall fell"},
    {"put in at one place", "One two.", "One and two.", "One or two.", "One and or two.",
     "|and|or"},
    {"put in alike", "One two.", "One and two.", "One and two.", "One and two.", NULL},
    {"taken out, and changed", "One big dog ran.", "One dog ran.", "One large dog ran.",
     "One large dog ran.", "big||large"},
    {"a sentence each at the end", "One.", "One. Two.", "One. Three.", "One. Two. Three.",
     "|Two.|Three."},
    {"a paragraph each, apart", "One one.\n\nTwo two.\n\nThree three.",
     "New new.\n\nOne one.\n\nTwo two.\n\nThree three.",
     "One one.\n\nTwo two.\n\nThree three.\n\nLast last.",
     "New new.\n\nOne one.\n\nTwo two.\n\nThree three.\n\nLast last.", NULL},
    {"a paragraph each, at one place", "One one.\n\nTwo two.",
     "One one.\n\nMine is here.\n\nTwo two.", "One one.\n\nTheirs stands there.\n\nTwo two.",
     "One one.\n\nMine is here.\n\nTheirs stands there.\n\nTwo two.", NULL},
    {"taken out by one", "One one.\n\nTwo two.\n\nThree three.", "One one.\n\nThree three.",
     "One one.\n\nTwo two.\n\nThree words.", "One one.\n\nThree words.", NULL},
    {"taken out by one, changed by the other", "One one.\n\nTwo of a kind.\n\nThree three.",
     "One one.\n\nThree three.", "One one.\n\nTwo of one kind.\n\nThree three.",
     "One one.\n\nTwo of one kind.\n\nThree three.", "block Two of a kind.||Two of one kind."},
    {"split by one, reworded by the other", "The wall fell. The boats sank in the harbour.",
     "The wall fell.\n\nThe boats sank in the harbour.",
     "The wall broke. The ships sank in the harbour.",
     "The wall broke.\n\nThe ships sank in the harbour.", NULL},
    {"split where the other rewords", "The wall fell. The boats sank in the harbour.",
     "The wall fell.\n\nThe boats sank in the harbour.",
     "The wall fell. All boats sank in the harbour.",
     "The wall fell.\n\nAll boats sank in the harbour.", NULL},
    {"split around a new crosshead", "The wall fell at night. The boats sank in the harbour.",
     "The wall fell at night.\n\n## Boats\n\nThe boats sank in the harbour.",
     "The wall broke at night. The ships sank in the harbour.",
     "The wall broke at night.\n\n## Boats\n\nThe ships sank in the harbour.", NULL},
    {"joined by one, reworded by the other",
     "The wall fell at night.\n\nThe boats sank in the harbour.",
     "The wall fell at night. The boats sank in the harbour.",
     "The wall broke at night.\n\nThe ships sank in the harbour.",
     "The wall broke at night. The ships sank in the harbour.", NULL},
    {"joined by one, one of them moved by the other",
     "The wall fell at night.\n\nThe boats sank in the harbour.\n\nNobody was hurt by it.",
     "The wall fell at night. The boats sank in the harbour.\n\nNobody was hurt by it.",
     "The wall fell at night.\n\nNobody was hurt by it.\n\nThe boats sank in the harbour.",
     "The wall fell at night. The boats sank in the harbour.\n\nNobody was hurt by it.", NULL},
    {"moved by both, to two places", "One one.\n\nTwo two.\n\nThree three.\n\nFour four.",
     "Two two.\n\nThree three.\n\nOne one.\n\nFour four.",
     "Two two.\n\nThree three.\n\nFour four.\n\nOne one.",
     "Two two.\n\nThree three.\n\nOne one.\n\nFour four.", NULL},
    {"two moved, one each", "One one.\n\nTwo two.\n\nThree three.\n\nFour four.\n\nFive five.",
     "Two two.\n\nThree three.\n\nFour four.\n\nFive five.\n\nOne one.",
     "Five five.\n\nOne one.\n\nTwo two.\n\nThree three.\n\nFour four.",
     "Five five.\n\nTwo two.\n\nThree three.\n\nFour four.\n\nOne one.", NULL},
    {"put between what the other moved",
     "Alpha alpha.\n\nBeta beta beta.\n\nGamma gamma.\n\nDelta delta.\n\nEpsilon epsilon.",
     "Gamma gamma.\n\nDelta delta.\n\nEpsilon epsilon.\n\nAlpha alpha.\n\nBeta beta beta.",
     "Alpha alpha.\n\nFresh words.\n\nBeta beta beta.\n\nGamma gamma.\n\nDelta delta.\n\nEpsilon "
     "epsilon.",
     "Gamma gamma.\n\nDelta delta.\n\nEpsilon epsilon.\n\nAlpha alpha.\n\nFresh words.\n\nBeta "
     "beta beta.",
     NULL},
    {"a mark and a word", "The storm took the old wall.", "The storm took the **old** wall.",
     "The gale took the old wall.", "The gale took the **old** wall.", NULL},
    {"a mark on all, a word within", "The storm took the old wall.",
     "**The storm took the old wall.**", "The storm took the new wall.",
     "**The storm took the old** new **wall.**", "old|**old**|new"},
    {"two marks on one word", "The storm took the old wall.", "The storm took the **old** wall.",
     "The storm took the _old_ wall.", "The storm took the **old** _old_ wall.",
     "old|**old**|_old_"},
    {"two addresses", "See [the plan](https://a.example/1) now.",
     "See [the plan](https://a.example/2) now.", "See [the plan](https://a.example/1) today.",
     "See [the plan](<https://a.example/2>) today.", NULL},
    {"a crosshead, reworded", "One one.\n\nThe old wall\n\nTwo two.",
     "One one.\n\n## The old wall\n\nTwo two.", "One one.\n\nThe new wall\n\nTwo two.",
     "One one.\n\n## The new wall\n\nTwo two.", NULL},
    {"a quote's speaker and words", "> We wait here.\n> — Mara Voss, engineer",
     "> We wait here.\n> — Mara Vosse, engineer", "> We wait there.\n> — Mara Voss, engineer",
     "> We wait there.\n> — Mara Vosse, engineer", NULL},
    {"a quote's speaker twice", "> We wait here.\n> — Mara Voss, engineer",
     "> We wait here.\n> — Mara Vosse, engineer", "> We wait here.\n> — M. Voss, engineer",
     "> We wait here.\n> — Mara Vosse, engineer", "Mara Voss|Mara Vosse|M. Voss"},
    {"two pictures for one", "One one.\n\n![](a.jpg)\n\nTwo two.",
     "One one.\n\n![](b.jpg)\n\nTwo two.", "One one.\n\n![](c.jpg)\n\nTwo two.",
     "One one.\n\n![](<b.jpg>)\n\n![](<c.jpg>)\n\nTwo two.",
     "block ![](<a.jpg>)|![](<b.jpg>)|![](<c.jpg>)"},
    {"a related card's words", "[Lifeboat](story:life)", "[Lifeboat saved](story:life)",
     "[Lifeboat](story:boat)", "[Lifeboat saved](story:boat)", NULL},
    {"items of a list", "- one apple\n- two pears\n- three plums",
     "- one apple\n- two pears\n- three plums\n- four figs",
     "- one apple\n- two ripe pears\n- three plums",
     "- one apple\n- two ripe pears\n- three plums\n- four figs", NULL},
    {"an item moved and reworded", "- one red apple\n- two green pears\n- three plums",
     "- two green pears\n- three plums\n- one red apple",
     "- one red apples\n- two green pears\n- three plums",
     "- two green pears\n- three plums\n- one red apples", NULL},
    {"bullets to numbers, and a word", "- one apple\n- two pears", "1. one apple\n2. two pears",
     "- one apple\n- two plums", "1. one apple\n2. two plums", NULL},
    {"cells", "| a | b |\n|---|---|\n| one | two |\n| three | four |",
     "| a | b |\n|---|---|\n| one | 2 |\n| three | four |",
     "| a | b |\n|---|--:|\n| 1 | two |\n| three | four |\n| five | six |",
     "| a | b |\n| --- | --: |\n| 1 | 2 |\n| three | four |\n| five | six |", NULL},
    {"a table of another shape, and a cell", "| a | b |\n|---|---|\n| one | two |",
     "| a | b | c |\n|---|---|---|\n| one | two | three |", "| a | b |\n|---|---|\n| one | 2 |",
     "| a | b | c |\n| --- | --- | --- |\n| one | two | three |\n\n| a | b |\n| --- | --- |\n| one "
     "| 2 |",
     "block | a | b |\n| --- | --- |\n| one | two ||| a | b | c |\n| --- | --- | --- |\n| one | "
     "two "
     "| three ||| a | b |\n| --- | --- |\n| one | 2 |"},
    {"code", "```c\nint a;\nint b;\n```", "```c\nint a;\nlong b;\n```", "```c\nint x;\nint b;\n```",
     "```c\nint x;\nlong b;\n```", NULL},
    {"an insertion's words", "They promised [a written answer] soon.",
     "They promised [a written reply] soon.", "They promised [one written answer] soon.",
     "They promised [one written reply] soon.", NULL},
    {"brackets that nest", "We [had a] word [with them] here.", "We [had a word with them] here.",
     "We [had a] big [or two] word [with them] here.",
     "We \\[had a big [or two] word with them\\] here.", NULL},
    {"an item that loses its paragraphs", "- one first\n\n  two second\n\n  - three inner\n- four",
     "- two second\n\n  - three inner\n- four", "- one first\n\n  - three inner\n- four",
     "- three inner\n- four", NULL},
    {"a list that loses its items", "One one.\n\n- two two\n- three three", "One one.\n\n- two two",
     "One one.\n\n- three three", "One one.", NULL},
    {"a row, and a column's alignment", "| a | b |\n|---|---|\n| one | two |",
     "| a | b |\n|---|---|\n| one | two |\n| three | four |", "| a | b |\n|---|--:|\n| one | two |",
     "| a | b |\n| --- | --: |\n| one | two |\n| three | four |", NULL},
    {"put in alike where it could stand in two places", "Now he said no and left.",
     "Then he said no no and left.", "Now he said no no and went.", "Then he said no no and went.",
     NULL},
    {"a line break and a word", "First line here and second line there",
     "First line here\\\nand second line there", "First line here and third line there",
     "First line here\\\nand third line there", NULL},
    {"a word before a story link", "Go [there](story:x) now", "[there](story:x) now",
     "Go [there](story:x)", "[there](story:x)", NULL},
};

static void by_hand(void **state)
{
    for (size_t i = 0; i < COUNT(cases); i++)
        merges_as(*state, &cases[i]);
}

/* ---- two versions side by side ---- */

static const char diff_signs[] = {[DIFF_SAME] = '=', [DIFF_GONE] = '-', [DIFF_NEW] = '+'};

static void versions_are_compared(void **state)
{
    struct arena *a = *state;
    static const struct {
        const char *name, *a, *b, *want;
    } list[] = {
        {"a word", "One two three.\n\nFour.", "One zwei three.\n\nFour.",
         "= (=One )(-two)(+zwei)(= three.)\n= (=Four.)\n"},
        {"moved and reworded", "The old wall.\n\nSecond here.\n\nThird there.",
         "Second here.\n\nThird there.\n\nThe new wall.",
         "= (=Second here.)\n= (=Third there.)\n=moved (=The )(-old)(+new)(= wall.)\n"},
        {"gone and new", "First of all.\n\nSecond here.", "Second here.\n\nQuite another thing.",
         "- (-First of all.)\n= (=Second here.)\n+ (+Quite another thing.)\n"},
        {"split", "The wall fell. The boats sank.", "The wall fell.\n\nThe ships sank.",
         "= (=The wall fell.)(- )\n= (=The )(-boats)(+ships)(= sank.)\n"},
        {"split around a crosshead", "The wall fell. The boats sank.",
         "The wall fell.\n\n## Boats\n\nThe boats sank.",
         "= (=The wall fell.)(- )\n+ (+Boats)\n= (=The boats sank.)\n"},
        {"a crosshead", "The wall\n\nSecond.", "## The wall\n\nSecond.",
         "= (=The wall)\n= (=Second.)\n"},
        {"a picture", "One one.\n\n![](a.jpg)\n\nTwo.", "One one.\n\n![](b.jpg)\n\nTwo.",
         "= (=One one.)\n- \n+ \n= (=Two.)\n"},
        {"a speaker", "> Yes we wait.\n> — Ada", "> Yes we wait.\n> — Ida",
         "= (=Yes we wait.\n— )(-Ada)(+Ida)\n"},
    };
    for (size_t i = 0; i < COUNT(list); i++) {
        struct diff_block *d;
        size_t n;
        struct out o = out_make(a, 1024, 1 << 20);
        assert_int_equal(
            diff_documents(read_markdown(a, list[i].a), read_markdown(a, list[i].b), a, &d, &n),
            ST_OK);
        for (size_t k = 0; k < n; k++) {
            out_fmt(&o, "%c%s ", diff_signs[d[k].kind], d[k].moved ? "moved" : "");
            for (size_t x = 0; x < d[k].npieces; x++)
                out_fmt(&o, "(%c%.*s)", diff_signs[d[k].pieces[x].kind], FMT(d[k].pieces[x].text));
            out_byte(&o, '\n');
        }
        if (!str_eq(out_view(&o), str_c(list[i].want)))
            test_fail("%s: want\n%s\nhave\n%.*s", list[i].name, list[i].want, FMT(out_view(&o)));
    }
}

/* ---- what a person sees ---- */

static void pieces_say_who(void **state)
{
    struct arena *a = *state;
    static const char *const who[] = {[BY_NOBODY] = "",
                                      [BY_ME] = "me ",
                                      [BY_THEM] = "them ",
                                      [BY_BOTH] = "both ",
                                      [BY_CHOICE] = "choice "};
    struct node *base = read_markdown(a, "The old wall fell.\n\nSecond here.\n\nThird there.");
    struct node *mine = read_markdown(a, "Second here.\n\nThird there.\n\nThe **old** wall sank.");
    struct node *theirs =
        read_markdown(a, "The old pier broke.\n\nSecond here.\n\nThird there.\n\n## New");
    struct merge *m;
    const struct merge_piece *p;
    struct out o = out_make(a, 1024, 1 << 16);
    assert_int_equal(merge_documents(base, mine, theirs, a, &m), ST_OK);
    for (size_t i = 0, n = merge_pieces(m, &p); i < n; i++)
        out_fmt(&o, "%s%s%s%s(%s%s%.*s)", p[i].begins ? "\n" : "",
                p[i].begins ? node_name(p[i].kind) : "", p[i].moved ? " moved by " : "",
                p[i].moved ? who[p[i].moved] : "", who[p[i].by], p[i].gone ? "gone " : "",
                FMT(p[i].text));
    assert_str(out_view(&o),
               "\nparagraph(Second here.)\nparagraph(Third there.)\n"
               "paragraph moved by me (The )(me gone old)(me old)( )(them gone wall)(them pier)( )"
               "(choice sank broke)(.)\ncrosshead(them New)");
}

static void picks_are_taken(void **state)
{
    struct arena *a = *state;
    static const struct {
        enum merge_pick first, second;
        const char *want;
    } list[] = {
        {PICK_NONE, PICK_NONE, "The gale wind took it.\n\nTwo of one kind.\n"},
        {PICK_BOTH, PICK_BOTH, "The gale wind took it.\n\nTwo of one kind.\n"},
        {PICK_MINE, PICK_MINE, "The gale took it.\n"},
        {PICK_THEIRS, PICK_THEIRS, "The wind took it.\n\nTwo of one kind.\n"},
        {PICK_THEIRS, PICK_MINE, "The wind took it.\n"},
    };
    struct merge *m;
    struct node *doc;
    assert_int_equal(merge_documents(read_markdown(a, "The storm took it.\n\nTwo of a kind."),
                                     read_markdown(a, "The gale took it."),
                                     read_markdown(a, "The wind took it.\n\nTwo of one kind."), a,
                                     &m),
                     ST_OK);
    for (size_t i = 0; i < COUNT(list); i++) {
        const enum merge_pick picks[] = {list[i].first, list[i].second};
        assert_int_equal(merge_document(m, picks, 2, a, &doc), ST_OK);
        assert_str(markdown_of(a, doc), list[i].want);
    }
}

static void fields_merge(void **state)
{
    struct arena *a = *state;
    static const struct {
        const char *base, *mine, *theirs, *want, *choices;
    } list[] = {
        {"", "", "", "", ""},
        {"Storm takes the wall", "Storm takes the old wall", "Gale takes the wall",
         "Gale takes the old wall", ""},
        {"Storm takes the wall", "Storm takes it", "Storm takes the pier",
         "Storm takes it the pier", "the wall|it|the pier"},
        {"", "Mine", "Theirs", "Mine Theirs", "|Mine|Theirs"},
        {"港の壁が崩れた", "港の壁が倒れた", "町の壁が崩れた", "町の壁が倒れた", ""},
        {"One line\nTwo lines", "One line\nTwo lines\nThree", "A line\nTwo lines",
         "A line\nTwo lines\nThree", ""},
    };
    for (size_t i = 0; i < COUNT(list); i++) {
        struct merge *m;
        str have;
        assert_int_equal(
            merge_texts(str_c(list[i].base), str_c(list[i].mine), str_c(list[i].theirs), a, &m),
            ST_OK);
        assert_int_equal(merge_text(m, NULL, 0, a, &have), ST_OK);
        assert_str(have, list[i].want);
        assert_str(choices_of(a, m), list[i].choices);
    }
}

/* ---- limits ---- */

/* size bytes of a document in which every block has `words` words out of `of`; changed: percent of
 * them replaced. */
static struct node *made_up(struct arena *a, size_t size, size_t words, unsigned of,
                            unsigned changed, const char *who)
{
    struct out o = out_make(a, size + 4096, 1 << 20);
    struct node *doc;
    struct err err = {0};
    unsigned other = 12345 + (unsigned)who[0]; /* drawn from apart, so that the rest is the same */
    seed = 77;
    for (size_t n = 0; out_view(&o).n < size; n++) {
        unsigned word = rnd(of);
        other = other * 1103515245 + 12345;
        if ((other >> 16) % 100 < changed)
            out_fmt(&o, "%s%u", who, other % 1000);
        else
            out_fmt(&o, "w%u", word);
        out_c(&o, n % words == words - 1 ? "\n\n" : " ");
    }
    assert_ok(document_from_markdown(str_trim(out_view(&o)), 1, a, &doc, &err), &err);
    return doc;
}

/* However little memory there is, the answer is ST_NOMEM or the merge. */
static void short_memory_is_said(void **state)
{
    struct arena *a = *state, small;
    const struct node *v[3];
    for (size_t i = 0; i < COUNT(v); i++)
        v[i] = made_up(a, 4096, 40, 500, i ? 10 : 0, i == 1 ? "mine" : "theirs");
    size_t refused = 0, made = 0;
    for (size_t size = 4096; made < 3; size += 4096) {
        struct merge *m;
        struct node *doc;
        assert_int_equal(arena_init(&small, size), ST_OK);
        enum status st = merge_documents(v[0], v[1], v[2], &small, &m);
        st = st ? st : merge_document(m, NULL, 0, &small, &doc);
        arena_free(&small);
        assert_true(st == ST_OK || st == ST_NOMEM);
        refused += st == ST_NOMEM;
        made += st == ST_OK;
    }
    assert_true(refused > 10);
}

static void what_is_too_large_is_said(void **state)
{
    struct arena *a = *state;
    struct node *doc[2], *have;
    struct merge *m;
    for (int i = 0; i < 2; i++) {
        struct out o = out_make(a, 1 << 16, 1 << 20);
        for (int k = 0; k < 2000; k++)
            out_fmt(&o, "%c%d\n\n", 'a' + i, k);
        struct err err = {0};
        assert_ok(document_from_markdown(out_view(&o), 1, a, &doc[i], &err), &err);
    }
    assert_int_equal(merge_documents(read_markdown(a, ""), doc[0], doc[1], a, &m), ST_OK);
    assert_int_equal(merge_document(m, NULL, 0, a, &have), ST_TOOLARGE);
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void twice_the_size_is_not_four_times_the_work(void **state)
{
    enum { SIZE = 60 << 10, QUICK = 30 };
    static const struct {
        const char *name;
        size_t words, words_then; /* of a block, in the base and in what became of it */
        unsigned of, changed;
    } list[] = {
        {"ordinary", 40, 40, 5000, 1},
        {"much changed", 40, 40, 5000, 30},
        {"all changed", 40, 40, 5000, 100},
        {"few words", 20, 20, 6, 20},
        {"one word", 20, 20, 1, 5},
        {"one paragraph", 100000, 100000, 5000, 30},
        {"one of few words", 100000, 100000, 6, 40},
        {"one of one word", 100000, 100000, 1, 40},
        {"short blocks", 14, 14, 20, 30},
        {"split in many", 100000, 20, 5000, 5},
        {"joined to one", 20, 100000, 5000, 5},
        {"split, of few words", 100000, 20, 6, 5},
    };
    struct arena a;
    (void)state;
    assert_int_equal(arena_init(&a, (size_t)1 << 30), ST_OK);
    for (size_t i = 0; i < COUNT(list); i++) {
        double times_ = 9, took = 0;
        for (int tries = 0; tries < 5 && times_ > 3; tries++) {
            double ms[2];
            for (int twice = 0; twice < 2; twice++) {
                struct node *v[3];
                struct merge *m;
                arena_reset(&a);
                for (int k = 0; k < 3; k++)
                    v[k] =
                        made_up(&a, twice ? 2 * SIZE : SIZE, k ? list[i].words_then : list[i].words,
                                list[i].of, k ? list[i].changed : 0, k == 1 ? "mine" : "theirs");
                ms[twice] = now_ms();
                assert_int_equal(merge_documents(v[0], v[1], v[2], &a, &m), ST_OK);
                ms[twice] = now_ms() - ms[twice];
            }
            took = ms[1];
            times_ = ms[1] < QUICK ? 1 : ms[1] / ms[0];
        }
        if (times_ > 3)
            test_fail("%s: %.1f times as long, %.1f ms", list[i].name, times_, took);
    }
    arena_free(&a);
}

int main(void)
{
    if (hash_start())
        return 1;
    const struct CMUnitTest tests[] = {
        with_arena(two_reword_a_paragraph_while_one_moves_it),
        with_arena(by_hand),
        with_arena(versions_are_compared),
        with_arena(pieces_say_who),
        with_arena(picks_are_taken),
        with_arena(fields_merge),
        with_arena(short_memory_is_said),
        with_arena(what_is_too_large_is_said),
        cmocka_unit_test(twice_the_size_is_not_four_times_the_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
