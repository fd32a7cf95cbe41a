/* Editions and sections stay with a connection, and no view is shown those of another moment. */
#include "writer.h"

struct wanted {
    const char *name; /* of the section */
    const char *key;  /* what the event tells */
};

static str name_in(struct view *v)
{
    const struct edition *e;
    const struct section *s;
    size_t n;
    assert_ok(editions_read(v, &e, &n), v->err);
    assert_int_equal(n, 1);
    assert_ok(sections_read(v, e[0].id, &s, &n), v->err);
    assert_int_equal(n, 1);
    assert_ok(sections_read(v, e[0].id + 1, &s, &n), v->err);
    assert_int_equal(n, 0);
    assert_ok(sections_read(v, e[0].id, &s, &n), v->err);
    return s[0].name;
}

static enum status name_it(struct tx *tx, void *arg)
{
    const struct wanted *w = arg;
    struct edition e = {.locale = STR("en-GB"), .zone = STR("UTC"), .name = STR("The Sound")};
    struct section s = {.slug = STR("land"), .name = str_c(w->name), .listed = true};
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    const struct edition *list;
    size_t n;
    enum status st = editions_read(&v, &list, &n);
    if (!st && n) {
        e = list[0];
        s.id = 1;
    } else if (!st) {
        st = edition_write(tx, &e);
    }
    s.edition = e.id;
    st = st ? st : section_write(tx, &s);
    if (st)
        return st;
    assert_str(name_in(&v), w->name); /* its own change, before any clock tells of it */
    tx_touch(tx, str_c(w->key));
    return ST_OK;
}

static void say(struct world *w, const char *name, const char *key)
{
    struct err err = {0};
    assert_ok(writer_do(w->w, name_it, &(struct wanted){.name = name, .key = key}, &err), &err);
}

static void what_a_connection_keeps_is_read_anew(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    say(w, "Land", "site");
    for (int i = 0; i < 3; i++) {
        CLEANUP(view_end) struct view v = {0};
        assert_ok(view_begin(&v, db, &w->a, &err), &err);
        assert_str(name_in(&v), i == 0 ? "Land" : i == 1 ? "Fields" : "Meadows");
        /* what is said while a view is open is not of its moment */
        say(w, i == 0 ? "Fields" : "Meadows", i == 0 ? "site" : "section/1");
        assert_str(name_in(&v), i == 0 ? "Land" : i == 1 ? "Fields" : "Meadows");
        assert_int_equal(v.nkeys, 1);
        assert_str(v.keys[0], "site");
        arena_reset(&w->a);
    }
}

static void what_is_kept_costs_no_statement(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    say(w, "Land", "site");
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    for (int i = 0; i < 2; i++) {
        CLEANUP(view_end) struct view v = {0};
        assert_ok(view_begin(&v, db, &w->a, &err), &err);
        db_cost(db);
        name_in(&v);
        assert_int_equal(db_cost(db).statements, i == 0 ? 3 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_a_connection_keeps_is_read_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_kept_costs_no_statement, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
