/* A site of an earlier schema is upgraded with a backup beside it; a newer one is left alone. */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "store/event.h"
#include "store/newsroom.h"
#include "store/schema.h"
#include "store/schema_0001.h"
#include "store/schema_0002.h"

struct site_at {
    char folder[64], path[128], backup[160];
};

static int setup(void **state)
{
    static struct site_at s;
    s = (struct site_at){.folder = "/tmp/broadsheet-test-XXXXXX"};
    assert_int_equal(hash_start(), ST_OK);
    assert_non_null(mkdtemp(s.folder));
    snprintf(s.path, sizeof s.path, "%s/site.db", s.folder);
    snprintf(s.backup, sizeof s.backup, "%s.before-2", s.path);
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    struct site_at *s = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", s->folder);
    return system(command);
}

/* As the first program left it, after five events. */
static void make_first(const struct site_at *s, const char *more)
{
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    assert_ok(db_open(s->path, DB_WRITE, &db, &err), &err);
    assert_ok(db_script(db, "CREATE TABLE schema_version (number I64 PRIMARY KEY) STRICT", &err),
              &err);
    assert_ok(db_script(db, schema_0001, &err), &err);
    assert_ok(db_script(db,
                        "INSERT INTO schema_version (number) VALUES (1); UPDATE clock SET n = 5",
                        &err),
              &err);
    if (more)
        assert_ok(db_script(db, more, &err), &err);
}

static void strangers_may_not_read_it(void **state)
{
    static const char *const names[] = {"", "-wal", "-shm"};
    const struct site_at *s = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    char path[160];
    mode_t mask = umask(022);
    assert_ok(db_open(s->path, DB_WRITE, &db, &err), &err);
    assert_ok(db_script(db, "CREATE TABLE secret (number I64 PRIMARY KEY) STRICT", &err), &err);
    umask(mask);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct stat at;
        snprintf(path, sizeof path, "%s%s", s->path, names[i]);
        assert_int_equal(stat(path, &at), 0);
        assert_int_equal(at.st_mode & 07, 0);
    }
}

static void an_earlier_schema_is_upgraded(void **state)
{
    const struct site_at *s = *state;
    struct err err = {0};
    struct clock clock = {0};
    struct arena a;
    assert_int_equal(arena_init(&a, 1 << 20), ST_OK);
    make_first(s, "INSERT INTO edition (slug, locale, zone, position, name, motto, lead)"
                  " VALUES ('en', 'en-GB', 'UTC', 0, 'The Sound', '', 'wall')");
    for (int i = 0; i < 2; i++) { /* the second time there is nothing to do */
        CLEANUP(db_cleanup) struct db *db = NULL;
        assert_ok(db_open(s->path, DB_WRITE, &db, &err), &err);
        if (i == 0)
            assert_int_equal(schema_check(db, s->path, &err), ST_CONFLICT);
        assert_ok(schema_upgrade(db, s->path, &err), &err);
        assert_ok(schema_check(db, s->path, &err), &err);
        assert_ok(db_integrity(db, &err), &err);
        assert_ok(clock_read(db, &clock, &err), &err);
        assert_int_equal(clock.n, 5);
        assert_int_equal(clock.site, 0);
        struct view v = view_plain(db, &a, 0, &err);
        const struct edition *list = NULL;
        size_t n = 0;
        assert_ok(editions_read(&v, &list, &n), &err);
        assert_int_equal(n, 1);
        assert_str(list[0].lead, "wall");
        assert_str(list[0].corrections, "");
        assert_int_equal(access(s->backup, F_OK), i == 0 ? 0 : -1);
        unlink(s->backup);
    }
    arena_free(&a);
}

/* A live story with two revisions in a section, a withdrawn page in none, and one that is scheduled
 * and was never live. */
static const char stories[] =
    "INSERT INTO schema_version (number) VALUES (2);"
    "INSERT INTO edition (slug, locale, zone, position, name, motto, lead) VALUES"
    " ('en', 'en-GB', 'UTC', 0, 'The Sound', '', '');"
    "INSERT INTO section (edition, slug, name, description, picture, navigation, position, listed)"
    " VALUES (1, 'town', 'Town', '', 0, 1, 0, 1);"
    "INSERT INTO story (key, key_fold, edition, section, kind, state, revision, slug, path, "
    "first_ms, published_ms, updated_ms, embargo_ms, headline, front, standfirst, label, kicker, "
    "picture, picture_use, background, translation_of, family, note) VALUES"
    " ('wall', 'wall', 1, 1, 0, 1, 2, 'wall', '/wall', 10, 10, 20, 0, 'The wall', '', '', '', 0, "
    "0, '', '', '', 0, ''),"
    " ('about', 'about', 1, 0, 1, 2, 1, 'about', '/about', 30, 30, 0, 0, 'About', '', '', '', 0, "
    "0, "
    "'', '', '', 0, 'gone'),"
    " ('soon', 'soon', 1, 1, 0, 0, 0, 'soon', '/soon', 0, 0, 0, 0, 'Soon', '', '', '', 0, 0, '', "
    "'', '', 0, '');"
    "INSERT INTO revision (story, number, kind, note, author, at, format, salt, hash, bytes) VALUES"
    " (1, 1, 0, '', '', 11, 1, x'', x'', '{}'), (1, 2, 1, '', '', 21, 1, x'', x'', '{}'),"
    " (2, 1, 0, '', '', 31, 1, x'', x'', '{}');"
    "INSERT INTO scheduled (story, due, base, author, at, bytes) VALUES (3, 900, 0, '', 41, '{}');";

static void stories_of_the_second_come_to_the_desk(void **state)
{
    static const struct {
        const char *key, *section, *headline;
        i64 kind, state, public, base, due, touched;
    } want[] = {
        {"wall", "town", "The wall", 0, 0, 1, 2, 0, 21},
        {"about", "", "About", 1, 0, 2, 1, 0, 31},
        {"soon", "town", "Soon", 0, 4, 0, 0, 900, 41},
    };
    SQL(WORK, "",
        "SELECT key, section, headline, kind, state, public, base, due_ms, touched_ms, edition, "
        "save FROM work ORDER BY id");
    const struct site_at *s = *state;
    struct err err = {0};
    struct arena a;
    char before[160];
    CLEANUP(db_cleanup) struct db *db = NULL;
    assert_int_equal(arena_init(&a, 1 << 20), ST_OK);
    make_first(s, NULL);
    assert_ok(db_open(s->path, DB_WRITE, &db, &err), &err);
    assert_ok(db_script(db, schema_0002, &err), &err);
    assert_ok(db_script(db, stories, &err), &err);
    assert_ok(schema_upgrade(db, s->path, &err), &err);
    assert_ok(schema_check(db, s->path, &err), &err);
    assert_ok(db_integrity(db, &err), &err);
    snprintf(before, sizeof before, "%s.before-3", s->path);
    assert_int_equal(access(before, F_OK), 0);
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &WORK, &err);
    for (size_t i = 0; i < COUNT(want); i++) {
        assert_ok(stmt_row(&q), &err);
        assert_str(col_str(&q, 0, &a), want[i].key);
        assert_str(col_str(&q, 1, &a), want[i].section);
        assert_str(col_str(&q, 2, &a), want[i].headline);
        assert_int_equal(col_int(&q, 3), want[i].kind);
        assert_int_equal(col_int(&q, 4), want[i].state);
        assert_int_equal(col_int(&q, 5), want[i].public);
        assert_int_equal(col_int(&q, 6), want[i].base);
        assert_int_equal(col_int(&q, 7), want[i].due);
        assert_int_equal(col_int(&q, 8), want[i].touched);
        assert_str(col_str(&q, 9, &a), "en");
        assert_int_equal(col_int(&q, 10), 0);
    }
    assert_int_equal(stmt_row(&q), ST_NOTFOUND);
    arena_free(&a);
}

static void the_backup_is_the_site_as_it_was(void **state)
{
    const struct site_at *s = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL, *before = NULL;
    make_first(s, NULL);
    assert_ok(db_open(s->path, DB_WRITE, &db, &err), &err);
    assert_ok(schema_upgrade(db, s->path, &err), &err);
    assert_ok(db_open(s->backup, DB_WRITE, &before, &err), &err);
    assert_int_equal(schema_check(before, s->backup, &err), ST_CONFLICT); /* of the first schema */
    assert_non_null(strstr(err.text, "schema 1"));
}

static void a_newer_schema_is_left_alone(void **state)
{
    const struct site_at *s = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    make_first(s, "INSERT INTO schema_version (number) VALUES (99)");
    assert_ok(db_open(s->path, DB_WRITE, &db, &err), &err);
    assert_int_equal(schema_upgrade(db, s->path, &err), ST_CONFLICT);
    assert_non_null(strstr(err.text, "newer Broadsheet (schema 99"));
    assert_int_equal(access(s->backup, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(strangers_may_not_read_it, setup, teardown),
        cmocka_unit_test_setup_teardown(an_earlier_schema_is_upgraded, setup, teardown),
        cmocka_unit_test_setup_teardown(stories_of_the_second_come_to_the_desk, setup, teardown),
        cmocka_unit_test_setup_teardown(the_backup_is_the_site_as_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(a_newer_schema_is_left_alone, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
