/* Saves: whoever saves when, no word of anybody is lost, and none is taken twice. */
#include "desk.h"

static const char three[] =
    "First paragraph here.\n\nSecond paragraph here.\n\nThird paragraph here.";

static str two_savers(struct world *w)
{
    str key = begin(w, &people[EVA]);
    save(w, &people[EVA], key, 0, "A quiet headline", three);
    return key;
}

static void kept(struct world *w, str key, i64 number, const char *headline, const char *body)
{
    struct draft d = see(w, &people[EVA], key);
    assert_int_equal(d.work.save, number);
    assert_str(d.content.headline, headline);
    assert_str(markdown_of(w, &d.content), body);
    assert_str(d.work.headline, headline);
}

static void two_savers_of_other_words_are_merged(void **state)
{
    struct world *w = *state;
    str key = two_savers(w);
    save(w, &people[PIA], key, 1, "A quiet headline",
         "First and best paragraph here.\n\nSecond paragraph here.\n\nThird paragraph here.");
    struct draft_saved s = save(w, &people[EVA], key, 1, "A loud headline",
                                "First paragraph here.\n\nSecond paragraph here.\n\nThird "
                                "paragraph there.");
    assert_int_equal(s.outcome, DRAFT_MERGED);
    assert_int_equal(s.save, 3);
    assert_str(s.theirs_name, "Pia");
    assert_non_null(s.body);
    assert_non_null(s.fields[DRAFT_FIELD_headline]);
    assert_null(s.fields[DRAFT_FIELD_slug]);
    const char *want = "First and best paragraph here.\n\nSecond paragraph here.\n\nThird "
                       "paragraph there.";
    assert_str(markdown_of(w, &s.content), want);
    kept(w, key, 3, "A loud headline", want);
}

static void the_same_words_are_a_choice(void **state)
{
    struct world *w = *state;
    static const struct {
        enum merge_pick pick;
        const char *headline, *want;
    } cases[] = {
        {PICK_MINE, "A quiet headline", "First green paragraph"},
        {PICK_THEIRS, "A quiet headline", "First red paragraph"},
        {PICK_BOTH, "A quiet headline", "First "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        str key = two_savers(w);
        struct story_content mine = says(w, "A quiet headline", "First green paragraph here.");
        save(w, &people[PIA], key, 1, "A quiet headline", "First red paragraph here.");
        struct act_of c = save_from(w, &people[EVA], key, 1, 0, &mine);
        act_well(w, &c);
        assert_int_equal(c.saved.outcome, DRAFT_CHOICES);
        assert_int_equal(c.saved.save, 2);
        kept(w, key, 2, "A quiet headline", "First red paragraph here.");
        str both = markdown_of(w, &c.saved.content);
        assert_has(both, "green");
        assert_has(both, "red");

        c.ask.picks = &cases[i].pick;
        c.ask.npicks = 1;
        c.ask.seen = 1; /* picks of another merge are not taken for this one's */
        act_well(w, &c);
        assert_int_equal(c.saved.outcome, DRAFT_CHOICES);
        c.ask.seen = c.saved.save;
        act_well(w, &c);
        assert_int_equal(c.saved.outcome, DRAFT_MERGED);
        /* theirs alone is what stands there already */
        assert_int_equal(c.saved.save, cases[i].pick == PICK_THEIRS ? 2 : 3);
        str result = markdown_of(w, &c.saved.content);
        assert_has(result, cases[i].want);
        assert_int_equal(has(result, "green"), cases[i].pick != PICK_THEIRS);
        assert_int_equal(has(result, "red"), cases[i].pick != PICK_MINE);
    }
}

static void three_savers_lose_nothing(void **state)
{
    struct world *w = *state;
    str key = two_savers(w);
    save(w, &people[EVA], key, 1, "A quiet headline",
         "First paragraph, by Eva.\n\nSecond paragraph here.\n\nThird paragraph here.");
    save(w, &people[PIA], key, 1, "A quiet headline",
         "First paragraph here.\n\nSecond paragraph, by Pia.\n\nThird paragraph here.");
    struct act_of plan = {
        .what = PLAN, .who = &people[EVA], .plan = {.key = key, .assignee = people[ADA].account}};
    act_well(w, &plan);
    struct draft_saved s = save(w, &people[ADA], key, 1, "A quiet headline",
                                "First paragraph here.\n\nSecond paragraph here.\n\nThird "
                                "paragraph, by Ada.");
    assert_int_equal(s.outcome, DRAFT_MERGED);
    kept(w, key, 4, "A quiet headline",
         "First paragraph, by Eva.\n\nSecond paragraph, by Pia.\n\nThird paragraph, by Ada.");
    /* who changed nothing is shown what the others wrote, and writes nothing */
    s = save(w, &people[PIA], key, 1, "A quiet headline", three);
    assert_int_equal(s.outcome, DRAFT_MERGED);
    assert_int_equal(s.save, 4);
    assert_has(markdown_of(w, &s.content), "by Ada");
}

/* ---- lists and single values ---- */

static struct story_content with_lists(struct world *w, const char *by, const char *topics)
{
    struct story_content c = says(w, "A quiet headline", three);
    c.by = arena_new(&w->a, struct person_name, STORY_BYLINES);
    c.topics = arena_new(&w->a, str, STORY_TOPICS);
    for (str rest = str_c(by), one; rest.n;) { /* "Ada/reporter, Ben" */
        rest = str_cut(rest, ',', &one);
        c.by[c.nby].role = str_cut(str_trim(one), '/', &c.by[c.nby].name);
        c.nby++;
    }
    for (str rest = str_c(topics), one; rest.n;) {
        rest = str_cut(rest, ',', &one);
        c.topics[c.ntopics++] = str_trim(one);
    }
    return c;
}

static str lists_of_content(struct world *w, const struct story_content *c)
{
    struct out o = out_make(&w->a, 512, 4096);
    for (size_t i = 0; i < c->nby; i++)
        out_fmt(&o, "%s%.*s%s%.*s", i ? ", " : "", FMT(c->by[i].name), c->by[i].role.n ? "/" : "",
                FMT(c->by[i].role));
    out_c(&o, "; ");
    for (size_t i = 0; i < c->ntopics; i++)
        out_fmt(&o, "%s%.*s", i ? ", " : "", FMT(c->topics[i]));
    return out_view(&o);
}

static void lists_merge_item_by_item(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *base[2], *mine[2], *theirs[2], *want;
        bool said;
    } cases[] = {
        {{"A", "x"}, {"A", "x, y"}, {"A, B", "x"}, "A, B; x, y", false},
        {{"A, B", "x, y"}, {"A", "x, y"}, {"A, B", "y"}, "A; y", false},
        {{"A, B", "x"}, {"B, A", "x"}, {"A, B, C", "x"}, "B, A, C; x", false},
        {{"A, B", "x"}, {"A, B, C", "x"}, {"B, A", "x"}, "A, B, C; x", false},
        {{"A, B", "x"}, {"A, B", "x"}, {"B, A", ""}, "B, A; ", false},
        {{"A", ""}, {"A/editor", ""}, {"A, B", ""}, "A/editor, B; ", false},
        {{"A", ""}, {"A", ""}, {"A/editor", ""}, "A/editor; ", false},
        {{"A", ""}, {"A/editor", ""}, {"A/writer", ""}, "A/editor; ", true},
        {{"A, B", ""}, {"A/editor, B", ""}, {"B", ""}, "A/editor, B; ", true},
        {{"A, B", ""}, {"B", ""}, {"A/editor, B", ""}, "A/editor, B; ", true},
        {{"", ""}, {"A", "x"}, {"A", "x"}, "A; x", false},
        {{"A", "x"}, {"", ""}, {"", ""}, "; ", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        str key = begin(w, &people[EVA]);
        struct story_content base = with_lists(w, cases[i].base[0], cases[i].base[1]),
                             mine = with_lists(w, cases[i].mine[0], cases[i].mine[1]),
                             theirs = with_lists(w, cases[i].theirs[0], cases[i].theirs[1]);
        struct act_of first = save_from(w, &people[EVA], key, 0, 0, &base),
                      second = save_from(w, &people[PIA], key, 1, 0, &theirs),
                      third = save_from(w, &people[EVA], key, 1, 0, &mine);
        act_well(w, &first);
        act_well(w, &second);
        act_well(w, &third);
        struct draft d = see(w, &people[EVA], key);
        str have = lists_of_content(w, &d.content);
        if (!str_eq(have, str_c(cases[i].want)) ||
            (third.saved.mine_stands == 1ull << HEAD_BY) != cases[i].said)
            test_fail("case %zu: want %s\nhave %.*s, said %llx", i, cases[i].want, FMT(have),
                      (unsigned long long)third.saved.mine_stands);
    }
}

static void whoever_changed_a_value_wins(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[EVA]);
    struct story_content base = says(w, "A quiet headline", three), mine = base, theirs = base;
    base.source = STR("https://a.example/");
    mine.source = theirs.source = base.source;
    theirs.section = STR("sea");               /* they alone */
    mine.published = moment(19, 8);            /* I alone */
    mine.licence = theirs.licence = STR("CC"); /* both alike */
    mine.source = STR("https://m.example/");   /* both, each in another way */
    theirs.source = STR("https://t.example/");
    theirs.picture = &(struct picture_use){.key = STR("p1"), .alt = STR("Waves")};
    struct act_of first = save_from(w, &people[EVA], key, 0, 0, &base),
                  second = save_from(w, &people[PIA], key, 1, 0, &theirs),
                  third = save_from(w, &people[EVA], key, 1, 0, &mine);
    second.ask.brought = STR("p1");
    act_well(w, &first);
    act_well(w, &second);
    act_well(w, &third);
    assert_int_equal(third.saved.outcome, DRAFT_MERGED);
    assert_int_equal(third.saved.mine_stands, 1ull << HEAD_SOURCE);
    struct draft d = see(w, &people[EVA], key);
    assert_str(d.content.section, "sea");
    assert_int_equal(d.content.published, moment(19, 8));
    assert_str(d.content.licence, "CC");
    assert_str(d.content.source, "https://m.example/");
    assert_non_null(d.content.picture);
    assert_str(d.content.picture->alt, "Waves");
    assert_str(d.work.section, "sea");
}

/* ---- against what was published ---- */

/* A live story with a draft of Ada's beside it; then a file changes it. */
static void draft_beside(struct world *w, const char *draft, const char *file)
{
    publish(w, HEAD("wall", "") "Alpha words.\n\nBeta words.\n");
    struct draft d = see(w, &people[EVA], STR("wall"));
    d.content.body = markdown(w, draft);
    struct act_of c = save_from(w, &people[EVA], STR("wall"), d.parent, d.base, &d.content);
    act_well(w, &c);
    assert_int_equal(c.saved.outcome, DRAFT_SAVED);
    publish(w, file);
}

static void what_a_file_changed_is_merged_with_the_next_save(void **state)
{
    struct world *w = *state;
    draft_beside(w, "Alpha words.\n\nBeta words by Eva.",
                 HEAD("wall", "") "Alpha words by file.\n\nBeta words.\n");
    struct draft d = see(w, &people[EVA], STR("wall"));
    assert_int_equal(d.work.base, 1);
    assert_int_equal(d.live, 2);
    struct act_of p = {
        .what = PUBLISH, .who = &people[EVA], .publish = {.key = STR("wall"), .save = 1}};
    assert_int_equal(act(w, &p), ST_CONFLICT);
    assert_shows(w, WALL, "by file");
    struct act_of c = save_from(w, &people[EVA], STR("wall"), d.parent, d.base, &d.content);
    act_well(w, &c); /* nothing changed, but for what stands beside it */
    assert_int_equal(c.saved.outcome, DRAFT_MERGED);
    assert_str(c.saved.theirs_name, "");
    assert_str(markdown_of(w, &c.saved.content), "Alpha words by file.\n\nBeta words by Eva.");
    assert_int_equal(see(w, &people[EVA], STR("wall")).work.base, 2);
    publish_draft(w, STR("wall"), 0);
    assert_shows(w, WALL, "by file");
    assert_shows(w, WALL, "by Eva");
}

static void what_a_file_changed_too_is_a_choice(void **state)
{
    struct world *w = *state;
    static const enum merge_pick theirs = PICK_THEIRS;
    draft_beside(w, "Alpha words.\n\nBeta green words.",
                 HEAD("wall", "") "Alpha words.\n\nBeta red words.\n");
    struct draft d = see(w, &people[EVA], STR("wall"));
    d.content.body = markdown(w, "Alpha words, more.\n\nBeta green words.");
    struct act_of c = save_from(w, &people[EVA], STR("wall"), d.parent, d.base, &d.content);
    act_well(w, &c);
    assert_int_equal(c.saved.outcome, DRAFT_CHOICES);
    assert_int_equal(c.saved.save, 2); /* the draft is kept all the same */
    assert_int_equal(c.saved.live, 2);
    d = see(w, &people[EVA], STR("wall"));
    assert_int_equal(d.work.base, 1);
    assert_str(markdown_of(w, &d.content), "Alpha words, more.\n\nBeta green words.");
    c.ask.picks = &theirs;
    c.ask.npicks = 1;
    c.ask.seen = c.saved.save;
    c.ask.seen_live = 1;
    act_well(w, &c);
    assert_int_equal(c.saved.outcome, DRAFT_CHOICES); /* of another live text */
    c.ask.seen_live = 2;
    act_well(w, &c);
    assert_int_equal(c.saved.outcome, DRAFT_MERGED);
    assert_str(markdown_of(w, &c.saved.content), "Alpha words, more.\n\nBeta red words.");
    assert_int_equal(see(w, &people[EVA], STR("wall")).work.base, 2);
}

static void two_drafts_of_one_live_text_are_merged(void **state)
{
    struct world *w = *state;
    publish(w, HEAD("wall", "") "Alpha words.\n\nBeta words.\n");
    struct draft d = see(w, &people[EVA], STR("wall"));
    struct story_content eva = d.content, pia = d.content;
    eva.body = markdown(w, "Alpha words by Eva.\n\nBeta words.");
    pia.body = markdown(w, "Alpha words.\n\nBeta words by Pia.");
    struct act_of first = save_from(w, &people[EVA], STR("wall"), 0, 1, &eva),
                  second = save_from(w, &people[PIA], STR("wall"), 0, 1, &pia);
    act_well(w, &first);
    act_well(w, &second);
    assert_int_equal(second.saved.outcome, DRAFT_MERGED);
    kept(w, STR("wall"), 2, "Headline of wall", "Alpha words by Eva.\n\nBeta words by Pia.");
    /* and one who began before what is live now */
    publish_draft(w, STR("wall"), 0);
    struct story_content late = d.content;
    late.standfirst = STR("Late.");
    struct act_of third = save_from(w, &people[EVA], STR("wall"), 0, 1, &late);
    act_well(w, &third);
    assert_int_equal(third.saved.outcome, DRAFT_MERGED);
    assert_str(third.saved.content.standfirst, "Late.");
    assert_has(markdown_of(w, &third.saved.content), "by Pia");
    assert_int_equal(see(w, &people[EVA], STR("wall")).work.base, 2);
}

/* ---- beside a schedule ---- */

static void a_draft_beside_a_schedule_outlives_it(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    i64 next;
    publish(w, HEAD("wall", "published: 2026-11-21T12:00:00Z\n") "Alpha words.\n");
    struct draft d = see(w, &people[EVA], STR("wall"));
    assert_int_equal(d.work.state, WORK_SCHEDULED);
    struct story_content eva = d.content, pia = d.content;
    eva.body = markdown(w, "Alpha words by Eva.");
    pia.standfirst = STR("By Pia.");
    struct act_of first = save_from(w, &people[EVA], STR("wall"), d.parent, d.base, &eva),
                  second = save_from(w, &people[PIA], STR("wall"), d.parent, d.base, &pia);
    act_well(w, &first);
    act_well(w, &second);
    d = see(w, &people[EVA], STR("wall"));
    assert_int_equal(d.work.state, WORK_DRAFT);
    assert_int_equal(d.work.due_ms, moment(21, 12));
    assert_int_equal(d.work.save, 3); /* what was scheduled is the first */
    assert_str(d.content.standfirst, "By Pia.");
    time_set_for_test(moment(21, 13));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_shows(w, "/town/2026/11/21/headline-of-wall", "Alpha words.");
    assert_hides(w, "/town/2026/11/21/headline-of-wall", "by Eva");
    d = see(w, &people[EVA], STR("wall"));
    assert_int_equal(d.work.state, WORK_DRAFT);
    assert_int_equal(d.work.due_ms, 0);
    assert_int_equal(d.live, 1);
    struct act_of third = save_from(w, &people[EVA], STR("wall"), d.parent, d.base, &d.content);
    act_well(w, &third);
    publish_draft(w, STR("wall"), 0);
    assert_shows(w, "/town/2026/11/21/headline-of-wall", "by Eva");
    assert_shows(w, "/town/2026/11/21/headline-of-wall", "By Pia.");
}

static void a_break_in_a_line_becomes_a_blank(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[EVA]);
    save(w, &people[EVA], key, 0, " Two\r\nlines\t", "Words.");
    kept(w, key, 1, "Two  lines", "Words.");
    struct story_content c = says(w, "Two  lines", "Words.");
    struct act_of s = save_from(w, &people[EVA], key, 9, 0, &c);
    assert_int_equal(act(w, &s), ST_INVALID);
    s = save_from(w, &people[EVA], key, 0, 9, &c);
    assert_int_equal(act(w, &s), ST_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_desk(two_savers_of_other_words_are_merged),
        with_desk(the_same_words_are_a_choice),
        with_desk(three_savers_lose_nothing),
        with_desk(lists_merge_item_by_item),
        with_desk(whoever_changed_a_value_wins),
        with_desk(what_a_file_changed_is_merged_with_the_next_save),
        with_desk(what_a_file_changed_too_is_a_choice),
        with_desk(two_drafts_of_one_live_text_are_merged),
        with_desk(a_draft_beside_a_schedule_outlives_it),
        with_desk(a_break_in_a_line_becomes_a_blank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
