/* A site of an earlier schema is upgraded with a backup beside it; a newer one is left alone. */
#include "test.h"

#include <unistd.h>

#include "base/hash.h"
#include "store/event.h"
#include "store/newsroom.h"
#include "store/schema.h"
#include "store/schema_0001.h"

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
        cmocka_unit_test_setup_teardown(an_earlier_schema_is_upgraded, setup, teardown),
        cmocka_unit_test_setup_teardown(the_backup_is_the_site_as_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(a_newer_schema_is_left_alone, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
