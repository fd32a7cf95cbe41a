/* One save, or one picture, that no reader ever saw is destroyed; and a story names the pictures
 * that its writer may see. */
#include "desk.h"

#include "newsroom/sweep.h"

#define SECRET "palimpsest"

struct ending {
    const struct actor *who;
    str key, picture;
    i64 save;
    struct picture gone;
    struct err err;
};

static enum status end_save(struct tx *tx, void *arg)
{
    struct ending *e = arg;
    return draft_destroy_save(tx, e->who, e->key, e->save);
}

static enum status end_picture(struct tx *tx, void *arg)
{
    struct ending *e = arg;
    return draft_destroy_picture(tx, e->who, e->key, e->picture, &e->gone);
}

static enum status destroy_save(struct world *w, const struct actor *who, str key, i64 save)
{
    struct ending e = {.who = who, .key = key, .save = save};
    return writer_do(app_writer(w->app), end_save, &e, &e.err);
}

static enum status destroy_picture(struct world *w, const struct actor *who, str key, str picture)
{
    struct ending e = {.who = who, .key = key, .picture = picture};
    return writer_do(app_writer(w->app), end_picture, &e, &e.err);
}

/* ---- saves ---- */

/* Ada's story of three saves, the second of which has the word. */
static str three_saves(struct world *w)
{
    str key = begin(w, &people[ADA]);
    save(w, &people[ADA], key, 0, "The wall", "One.");
    save(w, &people[ADA], key, 1, "The wall", "One, and a " SECRET ".");
    save(w, &people[ADA], key, 2, "The wall", "One, and no more.");
    return key;
}

static void a_save_is_destroyed_and_leaves_its_place(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct save *list = NULL, s;
    size_t n = 0;
    str key = three_saves(w);
    assert_true(anywhere(w, SECRET));
    assert_int_equal(destroy_save(w, &people[ADA], key, 2), ST_OK);
    assert_false(anywhere(w, SECRET));
    struct draft d = see(w, &people[ADA], key);
    assert_str(markdown_of(w, &d.content), "One, and no more.");
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_int_equal(save_read(&v, d.work.id, 2, &s), ST_NOTFOUND);
    assert_ok(save_near(&v, d.work.id, 2, &s), &err);
    assert_int_equal(s.number, 1);
    assert_ok(save_list(&v, d.work.id, 0, 10, &list, &n), &err);
    assert_int_equal(n, 3);
    assert_int_equal(list[1].destroyed_ms, moment(20, 12));
    assert_str(list[1].destroyed_name, "Ada");
    assert_int_equal(destroy_save(w, &people[ADA], key, 2), ST_NOTFOUND);
    /* whoever had that save open still saves, and is asked where others have written meanwhile */
    struct draft_saved late = save(w, &people[ADA], key, 2, "The wall", "One, and no less.");
    assert_int_equal(late.outcome, DRAFT_CHOICES);
}

static void only_its_writer_and_a_publisher_destroy_a_save(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]);
    save(w, &people[ADA], key, 0, "The wall", "One.");
    save(w, &people[EVA], key, 1, "The wall", "Two.");
    save(w, &people[ADA], key, 2, "The wall", "Three.");
    assert_int_equal(destroy_save(w, &people[BEN], key, 1), ST_NOTFOUND);
    assert_int_equal(destroy_save(w, &people[EVA], key, 1), ST_DENIED);
    assert_int_equal(destroy_save(w, &people[ADA], key, 2), ST_DENIED);
    assert_int_equal(destroy_save(w, &people[EVA], key, 2), ST_OK);
    assert_int_equal(destroy_save(w, &people[PIA], key, 1), ST_OK);
}

static void what_stands_waits_or_was_published_is_not_destroyed(void **state)
{
    struct world *w = *state;
    str key = three_saves(w);
    assert_int_equal(destroy_save(w, &people[ADA], key, 3), ST_CONFLICT);
    publish_draft(w, key, 0);
    save(w, &people[ADA], key, 3, "The wall", "One, and a change.");
    publish_draft(w, key, moment(21, 12));
    save(w, &people[ADA], key, 4, "The wall", "One, and another.");
    assert_int_equal(destroy_save(w, &people[ADA], key, 3), ST_CONFLICT); /* revision 1 */
    assert_int_equal(destroy_save(w, &people[ADA], key, 4), ST_CONFLICT); /* waits */
    assert_int_equal(destroy_save(w, &people[ADA], key, 2), ST_OK);       /* beside a live text */
}

/* ---- pictures ---- */

static const u8 png[] =
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde"
    "\0\0\0\x0cIDATx\x9c\x63\xf8\xcf\xc0\0\0\3\1\1\0\xc9\xfe\x92\xef\0\0\0\0IEND\xae\x42\x60\x82";

struct bringing {
    struct picture row;
    const struct actor *who;
};

static enum status bring_tx(struct tx *tx, void *arg)
{
    struct bringing *b = arg;
    struct picture row = b->row;
    row.added_by = b->who->account;
    return picture_keep(tx, &row);
}

static str bring(struct world *w, const struct actor *who)
{
    struct err err = {0};
    struct bringing b = {.who = who};
    assert_ok(intake_picture(app_intake(w->app), (str){(const char *)png, sizeof png - 1}, &w->a,
                             &b.row, &err),
              &err);
    assert_ok(writer_do(app_writer(w->app), bring_tx, &b, &err), &err);
    return b.row.key;
}

static enum status name_picture(struct world *w, const struct actor *who, str key, i64 parent,
                                str picture, str brought)
{
    struct picture_use use = {.key = picture, .alt = STR("A wall.")};
    struct story_content c = says(w, "The wall", "Words.");
    c.picture = &use;
    struct act_of s = save_from(w, who, key, parent, 0, &c);
    s.ask.brought = brought;
    return act(w, &s);
}

static void a_story_names_the_pictures_its_writer_may_see(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]), other = begin(w, &people[BEN]), p = bring(w, &people[ADA]);
    /* whoever knows its key has not the picture by that */
    assert_int_equal(name_picture(w, &people[BEN], other, 0, p, STR_NONE), ST_INVALID);
    assert_int_equal(name_picture(w, &people[ADA], key, 0, p, STR_NONE), ST_INVALID);
    assert_int_equal(name_picture(w, &people[ADA], key, 0, p, p), ST_OK);
    assert_int_equal(name_picture(w, &people[ADA], key, 1, p, STR_NONE), ST_OK);
    save(w, &people[ADA], key, see(w, &people[ADA], key).work.save, "The wall", "Without.");
    i64 save_now = see(w, &people[ADA], key).work.save;
    assert_int_equal(name_picture(w, &people[ADA], key, save_now, p, STR_NONE), ST_OK);
    assert_int_equal(name_picture(w, &people[BEN], other, 0, p, STR_NONE), ST_INVALID);
    str evas = begin(w, &people[EVA]); /* who sees Ada's story */
    assert_int_equal(name_picture(w, &people[EVA], evas, 0, p, STR_NONE), ST_OK);
    publish_draft(w, key, 0); /* and now everybody */
    assert_int_equal(name_picture(w, &people[BEN], other, 0, p, STR_NONE), ST_OK);
}

static bool file_there(struct world *w, const struct picture *p)
{
    struct err err = {0};
    struct sha256 hash;
    i64 size;
    int fd = -1;
    memcpy(hash.bytes, p->original.p, sizeof hash.bytes);
    enum status st = blob_open(app_intake(w->app)->blobs, BLOB_ORIGINAL, hash, &fd, &size, &err);
    if (!st)
        close(fd);
    return st == ST_OK;
}

static void a_picture_that_nobody_saw_is_destroyed(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    str key = begin(w, &people[ADA]), p = bring(w, &people[ADA]);
    assert_int_equal(name_picture(w, &people[ADA], key, 0, p, p), ST_OK);
    assert_int_equal(destroy_picture(w, &people[ADA], key, p), ST_CONFLICT); /* it stands there */
    save(w, &people[ADA], key, 1, "The wall", "Without.");
    assert_int_equal(destroy_picture(w, &people[BEN], key, p), ST_NOTFOUND);
    assert_int_equal(destroy_picture(w, &people[EVA], key, p), ST_DENIED);
    str evas = begin(w, &people[EVA]);
    assert_int_equal(name_picture(w, &people[EVA], evas, 0, p, STR_NONE), ST_OK);
    assert_int_equal(destroy_picture(w, &people[ADA], key, p), ST_CONFLICT); /* another has it */
    struct act_of gone = {.what = DESTROY, .who = &people[EVA], .key = evas};
    act_well(w, &gone);
    struct ending e = {.who = &people[ADA], .key = key, .picture = p};
    assert_ok(writer_do(app_writer(w->app), end_picture, &e, &e.err), &e.err);
    struct picture row = {.key = p,
                          .original = arena_str(&w->a, e.gone.original),
                          .served = arena_str(&w->a, e.gone.served)};
    assert_true(file_there(w, &row));
    time_set_for_test((i64)time(NULL) * 1000 + 5000); /* the file is no longer just kept */
    assert_ok(sweep_one(app_writer(w->app), app_intake(w->app)->blobs, &row, &err), &err);
    assert_false(file_there(w, &row));
    assert_int_equal(destroy_picture(w, &people[ADA], key, p), ST_NOTFOUND);
    /* an older save that named it can't bring it back */
    assert_int_equal(name_picture(w, &people[ADA], key, 2, p, STR_NONE), ST_INVALID);
}

static void what_readers_saw_is_not_destroyed(void **state)
{
    struct world *w = *state;
    str key = begin(w, &people[ADA]), p = bring(w, &people[ADA]);
    assert_int_equal(name_picture(w, &people[ADA], key, 0, p, p), ST_OK);
    publish_draft(w, key, 0);
    struct draft d = see(w, &people[ADA], key);
    d.content.picture = NULL;
    struct act_of s = save_from(w, &people[ADA], key, d.parent, d.base, &d.content);
    act_well(w, &s);
    publish_draft(w, key, 0);
    assert_int_equal(destroy_picture(w, &people[PIA], key, p), ST_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_desk(a_save_is_destroyed_and_leaves_its_place),
        with_desk(only_its_writer_and_a_publisher_destroy_a_save),
        with_desk(what_stands_waits_or_was_published_is_not_destroyed),
        with_desk(a_story_names_the_pictures_its_writer_may_see),
        with_desk(a_picture_that_nobody_saw_is_destroyed),
        with_desk(what_readers_saw_is_not_destroyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
