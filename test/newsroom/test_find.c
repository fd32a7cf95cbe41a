/* Finding stories by words: what stands at the desk, in every edition's language. */
#include "desk.h"

#include "newsroom/find.h"

enum { MANY = 150 }; /* some chunks of what is made findable at once */

/* The headlines of what a person finds, parted by '/'. */
static str finds_with(struct world *w, const struct work_query *rules, const char *typed)
{
    struct err err = {0};
    struct found f = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    CLEANUP(view_end) struct view v = {0};
    struct out o = out_make(&w->a, 512, 1 << 16);
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    assert_ok(view_begin(&v, db, &w->a, &err), &err);
    assert_ok(find_typed(&v, str_c(typed), rules, NULL, &f), &err);
    assert_false(f.partial);
    for (size_t i = 0; i < f.n; i++)
        out_fmt(&o, "%s%.*s", i ? "/" : "", FMT(f.list[i].headline));
    return out_view(&o);
}

static void finds(struct world *w, const char *typed, const char *want)
{
    struct work_query rules = {.viewer = people[EVA].account, .all = true, .limit = 20};
    str have = finds_with(w, &rules, typed);
    if (!str_eq(have, str_c(want)))
        test_fail("%s: want \"%s\", have \"%.*s\"", typed, want, FMT(have));
}

static void a_save_is_found_by_its_words(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]);
    finds(w, "collapse", "");
    save(w, &people[ADA], key, 0, "Walls", "The sea **collapsed** them.");
    finds(w, "wall", "Walls");
    finds(w, "collapse", "Walls");
    save(w, &people[ADA], key, 1, "Walls", "The sea took them.");
    finds(w, "collapse", ""); /* an older save's words */
    finds(w, "TOOK walls", "Walls");
    struct work_query hers = {.viewer = people[ADA].account, .limit = 20};
    struct work_query his = {.viewer = people[BEN].account, .limit = 20};
    assert_str(finds_with(w, &hers, "wall"), "Walls");
    assert_str(finds_with(w, &his, "wall"), "");
    struct act_of c = {.what = RESTRICT, .who = &people[PIA], .key = key};
    act_well(w, &c);
    finds(w, "wall", "");
    c.what = DESTROY;
    act_well(w, &c);
    assert_str(finds_with(w, &hers, "wall"), "");
}

static void what_is_public_stays_found(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]);
    save(w, &people[ADA], key, 0, "Walls", "The sea took them.");
    publish_draft(w, key, 0);
    finds(w, "sea", "Walls");
    save(w, &people[ADA], key, 1, "Quays", "Ferries come.");
    finds(w, "sea", ""); /* the draft is what stands */
    finds(w, "ferry", "Quays");
    publish_draft(w, key, 0);
    finds(w, "ferry", "Quays");
    struct act_of c = {.what = WITHDRAW, .who = &people[EVA], .key = key, .words = STR("Gone.")};
    act_well(w, &c);
    finds(w, "ferry", "Quays");
    c.what = REINSTATE;
    act_well(w, &c);
    finds(w, "ferry", "Quays");
}

static void what_is_scheduled_is_found(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    i64 next;
    str key = begin(w, &people[ADA]);
    save(w, &people[ADA], key, 0, "Walls", "The sea took them.");
    publish_draft(w, key, moment(21, 12));
    finds(w, "sea", "Walls");
    time_set_for_test(moment(21, 13));
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_int_equal(see(w, &people[EVA], key).work.public, STORY_LIVE);
    finds(w, "sea", "Walls");
}

static const char *const published[] = {
    "---\nid: en-1\nsection: town\nheadline: The harbour's walls\nstandfirst: Councillors met.\n"
    "---\nA crème brûlée at the harbour wall.\n\n> They said it.\n",
    "---\nid: en-2\nsection: town\nheadline: A vote\nheadlines: {front: Naïve councillors}\n"
    "---\nThe wall of the harbour stands. *Or not*.\n",
    "---\nid: ru-1\nedition: ru\nsection: town\nheadline: Стены гавани\n---\nЁлка упала у стены.\n",
};

static void publish_all(struct world *w)
{
    for (size_t i = 0; i < COUNT(published); i++)
        publish(w, published[i]);
}

static void words_are_typed_as_people_type(void **state)
{
    static const char one[] = "The harbour's walls", two[] = "A vote", ru[] = "Стены гавани",
                      both[] = "The harbour's walls/A vote", other[] = "A vote/The harbour's walls";
    static const struct {
        const char *typed, *want;
    } cases[] = {
        {"walls", both},
        {"  WALL,\tharbour ", both},
        {"councillor", other}, /* one has it in another headline */
        {"creme brulee", one},
        {"стена", ru},
        {"елка СТЕНАМИ", ru},
        {"\"harbour wall\"", one},
        {"“wall of the harbour”", two},
        {"«harbour wall» crème", one},
        {"crème \"harbour wall", one}, /* never closed */
        {"\"wall harbour\"", ""},
        {"wall OR vote", two}, /* words, no more */
        {"wall NOT vote", two},
        {"wal*", ""},
        {"headline:wall", ""},
        {"wall ) (", both},
        {"!!!", ""},
        {"\"\"", ""},
        {"стена wall", ""},
    };
    struct world *w = *state;
    publish_all(w);
    for (size_t i = 0; i < COUNT(cases); i++)
        finds(w, cases[i].typed, cases[i].want);
}

static void what_is_too_much_is_refused(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct found f;
    CLEANUP(db_cleanup) struct db *db = NULL;
    char long_one[FIND_TYPED + 2];
    struct work_query rules = {.limit = 5};
    memset(long_one, 'a', sizeof long_one - 1);
    long_one[FIND_TYPED + 1] = '\0';
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_int_equal(find_typed(&v, str_c(long_one), &rules, NULL, &f), ST_TOOLARGE);
    assert_int_equal(find_typed(&v, STR("wall \xC3("), &rules, NULL, &f), ST_INVALID);
    for (size_t i = 1; i < FIND_TYPED; i += 2) /* as many words as there is room for */
        long_one[i] = ' ';
    assert_ok(find_typed(&v, str_head(str_c(long_one), FIND_TYPED), &rules, NULL, &f), &err);
}

/* ---- a site that is older than the index ---- */

static enum status forget_all(struct tx *tx, void *arg)
{
    (void)arg;
    return db_script(tx->db, "DELETE FROM find_seen; DELETE FROM find_unseen; DELETE FROM found;",
                     tx->err);
}

static enum status break_one(struct tx *tx, void *arg)
{
    (void)arg;
    return db_script(tx->db,
                     "UPDATE revision SET bytes = '{' WHERE story ="
                     " (SELECT id FROM story WHERE key = 'en-1')",
                     tx->err);
}

static void an_older_site_is_made_findable(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct writer *writer = app_writer(w->app);
    publish_all(w);
    for (int i = 0; i < MANY; i++)
        publish(w, arena_cstr(&w->a, arena_fmt(&w->a,
                                               "---\nid: m-%d\nsection: sea\nheadline: "
                                               "Number %d\n---\nTide %d.\n",
                                               i, i, i)));
    str key = begin(w, &people[ADA]);
    save(w, &people[ADA], key, 0, "Draft walls", "Not public.");
    begin(w, &people[ADA]); /* one without a text */
    assert_ok(writer_do(writer, forget_all, NULL, &err), &err);
    finds(w, "wall", "");
    assert_ok(findable_fill(writer, NULL, NULL, &err), &err);
    finds(w, "wall", "Draft walls/The harbour's walls/A vote");
    finds(w, "стена", "Стены гавани");
    for (int i = 0; i < MANY; i++) {
        const char *want = arena_cstr(&w->a, arena_fmt(&w->a, "Number %d", i));
        finds(w, arena_cstr(&w->a, arena_fmt(&w->a, "tide %d", i)), want);
    }
    assert_ok(writer_do(writer, forget_all, NULL, &err), &err);
    assert_ok(writer_do(writer, break_one, NULL, &err), &err);
    assert_ok(findable_fill(writer, NULL, NULL, &err), &err); /* the others are */
    finds(w, "wall", "Draft walls/A vote");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_desk(a_save_is_found_by_its_words), with_desk(what_is_public_stays_found),
        with_desk(what_is_scheduled_is_found),   with_desk(words_are_typed_as_people_type),
        with_desk(what_is_too_much_is_refused),  with_desk(an_older_site_is_made_findable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
