/* Known browsers: the mark that an account's sign-in leaves, what it is worth, and how it ends. */
#include "people.h"

static enum status held(struct world *w, str mark, i64 *id)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, time_now(), &err);
    return browser_of(&v, mark, id);
}

static bool holds(struct world *w, struct signed_in in)
{
    i64 id;
    return held(w, in.browser, &id) == ST_OK;
}

static size_t sessions_shown(struct world *w, i64 account)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    struct session *list;
    size_t n;
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, time_now(), &err);
    assert_ok(session_list(&v, account, SIGN_IN_BROWSER, &list, &n), &err);
    return n;
}

static enum status try_marked(struct world *w, const char *email, const char *typed, str mark)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    struct signed_in in;
    i64 wait = 0;
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    const struct sign_in_ask ask = {.email = str_c(email),
                                    .password = str_c(typed),
                                    .client = STR("192.0.2.1"),
                                    .browser = mark};
    return sign_in(limits, db, w->w, &ask, &w->a, &in, &wait, &err);
}

static void signing_in_leaves_a_mark(void **state)
{
    struct world *w = *state;
    struct session s;
    struct account who;
    i64 id = add(w, "anna@example.org", ROLE_EDITOR), of = 0;
    struct signed_in in = enter(w, "anna@example.org");
    assert_int_equal(held(w, in.browser, &of), ST_OK);
    assert_int_equal(of, id);
    assert_false(str_eq(in.browser, in.cookie));
    assert_int_equal(held(w, in.cookie, &of), ST_NOTFOUND); /* a session is none */
    assert_int_equal(held(w, STR_NONE, &of), ST_NOTFOUND);
    assert_int_equal(held(w, STR("x"), &of), ST_NOTFOUND);
    assert_int_equal(whose(w, in.browser, time_now(), &s, &who), ST_NOTFOUND);
    assert_int_equal(sessions_shown(w, id), 1);
}

static void a_mark_waits_for_the_second_step(void **state)
{
    struct world *w = *state;
    struct signed_in in;
    add(w, "pia@example.org", ROLE_PUBLISHER);
    in = enter(w, "pia@example.org");
    assert_int_equal(try_as(w, "pia@example.org", password, ROLE_PUBLISHER, &in), ST_OK);
    assert_int_equal(in.session.step, SIGN_IN_SET_UP);
    assert_int_equal(in.browser.n, 0);
}

static void signing_out_leaves_it(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    add(w, "anna@example.org", ROLE_EDITOR);
    struct signed_in in = enter(w, "anna@example.org");
    assert_ok(sign_out(w->w, &in.session, &err), &err);
    assert_true(holds(w, in));
    time_set_for_test(time_now() + 400 * MS_DAY);
    assert_false(holds(w, in));
    time_set_for_test(0);
}

static void a_new_password_ends_it(void **state)
{
    struct world *w = *state;
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    struct signed_in fresh;
    i64 wait = 0, id = add(w, "anna@example.org", ROLE_EDITOR);
    add(w, "otto@example.org", ROLE_EDITOR);
    struct signed_in one = enter(w, "anna@example.org"), two = enter(w, "anna@example.org");
    struct signed_in other = enter(w, "otto@example.org");
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    assert_ok(account_set_password(limits, db, w->w, &one.session, str_c(password),
                                   STR("another horse battery"), &w->a, &fresh, &wait, &err),
              &err);
    assert_false(holds(w, one));
    assert_false(holds(w, two));
    assert_true(holds(w, fresh));
    assert_true(holds(w, other));
    struct step s = {.id = id, .roles = ROLE_REPORTER, .by = command()};
    assert_int_equal(run(w, set_roles, &s, ""), ST_OK);
    assert_false(holds(w, fresh));
}

static void an_account_has_twenty(void **state)
{
    struct world *w = *state;
    struct signed_in in[BROWSERS_MOST + 1];
    i64 t = time_now();
    add(w, "anna@example.org", ROLE_EDITOR);
    for (int i = 0; i <= BROWSERS_MOST; i++) {
        time_set_for_test(t + i);
        in[i] = enter(w, "anna@example.org");
    }
    assert_false(holds(w, in[0]));
    for (int i = 1; i <= BROWSERS_MOST; i++)
        assert_true(holds(w, in[i]));
    time_set_for_test(0);
}

/* Strangers try an account without pause, also from the address of its owner. */
static void strangers_keep_no_known_browser_waiting(void **state)
{
    struct world *w = *state;
    add(w, "anna@example.org", ROLE_EDITOR);
    add(w, "otto@example.org", ROLE_EDITOR);
    struct signed_in in = enter(w, "anna@example.org");
    struct limit_key k = limit_key_of(STR("password"), STR("anna@example.org"), STR("192.0.2.1"));
    i64 at = time_monotonic(), wait = 0;
    for (int i = 0; i < 20; i++, at += wait) /* as strangers would in an hour */
        limits_take(limits, &k, at, &wait);
    assert_int_equal(try_marked(w, "anna@example.org", password, STR_NONE), ST_BUSY);
    assert_int_equal(try_marked(w, "anna@example.org", password, STR("x")), ST_BUSY);
    assert_int_equal(try_marked(w, "anna@example.org", password, in.browser), ST_OK);
    assert_int_equal(try_marked(w, "otto@example.org", password, in.browser), ST_BUSY);
    /* but its own tries are counted as any */
    for (int i = 0; i < 6; i++)
        assert_int_equal(try_marked(w, "anna@example.org", "wrong horse battery", in.browser),
                         ST_DENIED);
    u64 before = password_runs_for_test();
    assert_int_equal(try_marked(w, "anna@example.org", password, in.browser), ST_BUSY);
    assert_int_equal(password_runs_for_test(), before);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, finish)
    const struct CMUnitTest tests[] = {
        T(signing_in_leaves_a_mark), T(a_mark_waits_for_the_second_step),
        T(signing_out_leaves_it),    T(a_new_password_ends_it),
        T(an_account_has_twenty),    T(strangers_keep_no_known_browser_waiting),
    };
    return cmocka_run_group_tests(tests, start, end);
}
