/* Signing in: limits, sessions, second factors, and what is written of it. */
#include "people.h"

/* ---- signing in ---- */

static void one_signs_in_and_out(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct session s;
    struct account who;
    i64 id = add(w, "anna@example.org", ROLE_EDITOR);
    struct signed_in in = enter(w, " Anna@Example.org");
    assert_int_equal(in.session.step, SIGNED_IN);
    assert_ok(whose(w, in.cookie, time_now(), &s, &who), &err);
    assert_int_equal(who.id, id);
    assert_int_equal(who.signins, 1);
    assert_int_equal(s.id, in.session.id);
    assert_true(str_eq(s.form, in.session.form));
    assert_int_equal(s.form.n, SECRET_BYTES);
    assert_str(s.client, "192.0.2.1");
    assert_str(s.agent, "Firefox");
    struct signed_in again = enter(w, "anna@example.org");
    assert_false(str_eq(in.cookie, again.cookie));
    assert_false(str_eq(in.session.form, again.session.form));
    assert_ok(sign_out(w->w, &in.session, &err), &err);
    assert_false(known(w, in));
    assert_true(known(w, again)); /* the other one stays */
    assert_ok(sign_out(w->w, &in.session, &err), &err);
    assert_str(written(w, 3), "sign-out anna@example.org; sign-in anna@example.org; "
                              "sign-in anna@example.org");
    assert_int_equal(whose(w, STR("x"), time_now(), &s, &who), ST_NOTFOUND);
    assert_int_equal(whose(w, STR_NONE, time_now(), &s, &who), ST_NOTFOUND);
}

static void what_a_browser_calls_itself_is_text(void **state)
{
    struct world *w = *state;
    char longest[300];
    static const struct {
        const char *agent, *want;
    } cases[] = {{"Firefox/1 (é)", "Firefox/1 (é)"},
                 {"a\x01"
                  "b",
                  "a"},
                 {"a\xFF"
                  "b",
                  "a"},
                 {"", ""}};
    struct new_session n;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(session_draw(&w->a, STR_NONE, str_c(cases[i].agent), &n), ST_OK);
        assert_str(n.session.agent, cases[i].want);
    }
    memset(longest, 'x', sizeof longest);
    memcpy(longest + 255, "é", 2); /* cut within a letter */
    assert_int_equal(session_draw(&w->a, STR_NONE, (str){longest, sizeof longest}, &n), ST_OK);
    assert_int_equal(n.session.agent.n, 255);
}

static void a_password_is_the_same_however_it_is_composed(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct signed_in in;
    str of;
    assert_ok(
        password_make(STR("caf\xC3\xA9 caf\xC3\xA9 caf\xC3\xA9"), STR("x@y"), &w->a, &of, &err),
        &err);
    struct step s = {.email = "anna@example.org", .name = "A", .hash = of, .by = command()};
    assert_int_equal(run(w, make, &s, ""), ST_OK);
    assert_int_equal(
        try_as(w, "anna@example.org", "cafe\xCC\x81 cafe\xCC\x81 cafe\xCC\x81", 0, &in), ST_OK);
}

static void nobody_is_as_much_work_as_somebody(void **state)
{
    static const char *const emails[] = {"anna@example.org", "nobody@example.org", "no address",
                                         "none@example.org"};
    struct world *w = *state;
    struct signed_in in;
    add(w, "anna@example.org", ROLE_EDITOR);
    struct step none = {.email = "none@example.org", .name = "N", .by = command()};
    assert_int_equal(run(w, make, &none, ""), ST_OK); /* has no password yet */
    for (size_t i = 0; i < COUNT(emails); i++) {
        u64 before = password_runs_for_test();
        assert_int_equal(try_as(w, emails[i], "wrong horse battery", 0, &in), ST_DENIED);
        assert_int_equal(password_runs_for_test(), before + 1);
    }
    assert_str(written(w, 4), "sign-in-failed none@example.org; sign-in-failed ; sign-in-failed ; "
                              "sign-in-failed anna@example.org");
    assert_int_equal(try_as(w, "none@example.org", "", 0, &in), ST_DENIED);
}

/* ---- limits ---- */

static struct limit_key key(const char *account, const char *client)
{
    return limit_key_of(STR("password"), str_c(account), str_c(client));
}

static i64 take(const char *account, const char *client, i64 now)
{
    struct limit_key k = key(account, client);
    i64 wait = 0;
    return limits_take(limits, &k, now, &wait) ? 0 : wait;
}

static void five_are_free_then_waits_double(void)
{
    static const i64 waits[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300};
    i64 now = 1000000;
    char client[32];
    for (int i = 0; i < 5; i++)
        assert_int_equal(take("a", "192.0.2.1", now), 0);
    assert_int_equal(take("a", "192.0.2.1", now), 0); /* the sixth makes the next one wait */
    for (size_t i = 0; i < COUNT(waits); i++) {
        assert_int_equal(take("a", "192.0.2.1", now + 1), waits[i] * 1000 - 1);
        assert_int_equal(take("b", "192.0.2.1", now + 1), waits[i] * 1000 - 1); /* the client's */
        snprintf(client, sizeof client, "192.0.2.%zu", i + 9);
        assert_int_equal(take("a", client, now + 1), waits[i] * 1000 - 1); /* the account's */
        now += waits[i] * 1000;
        assert_int_equal(take("a", "192.0.2.1", now), 0);
    }
    now += 12 * 60 * 60 * 1000; /* all is forgotten by then */
    for (int i = 0; i < 6; i++)
        assert_int_equal(take("a", "192.0.2.1", now), 0);
    assert_int_equal(take("a", "192.0.2.1", now), 1000);
}

static void a_network_is_one_client(void)
{
    i64 now = 2000000;
    char account[16];
    for (int i = 0; i < 6; i++) {
        snprintf(account, sizeof account, "n%d", i);
        assert_int_equal(take(account, i % 2 ? "2001:db8::1" : "2001:db8::2", now), 0);
    }
    assert_int_equal(take("n9", "2001:db8::3", now), 1000);
    assert_int_equal(take("n9", "2001:db8:0:1::3", now), 0);
}

/* Somebody tries without pause from ever new addresses; the owner waits once. */
static void who_was_told_to_wait_is_heard(void)
{
    i64 now = 3000000;
    char client[32];
    for (int i = 0; i < 40; i++) {
        snprintf(client, sizeof client, "198.51.100.%d", i);
        now += take("owned", client, now) ? 100 : 50;
    }
    i64 wait = take("owned", "203.0.113.5", now);
    assert_true(wait > 0 && wait <= 300000);
    for (int i = 0; i < 100; i++) {
        snprintf(client, sizeof client, "198.51.100.%d", i + 60);
        take("owned", client, now + wait * i / 99);
    }
    assert_true(take("owned", "203.0.113.5", now + wait / 2) > 0); /* not before */
    assert_int_equal(take("owned", "203.0.113.5", now + wait), 0);
    assert_true(take("owned", "203.0.113.5", now + wait) > 0); /* and once */
}

static void what_was_right_is_forgotten(void)
{
    i64 now = 9000000;
    struct limit_key k = key("right", "192.0.2.77");
    for (int i = 0; i < 30; i++) {
        assert_int_equal(take("right", "192.0.2.77", now), 0);
        limits_right(limits, &k, now);
    }
    for (int i = 0; i < 5; i++) /* but not what the client did to others */
        assert_int_equal(take("other", "192.0.2.77", now), 0);
    assert_int_equal(take("right", "192.0.2.77", now), 0);
    limits_right(limits, &k, now);
    assert_int_equal(take("another", "192.0.2.77", now), 0);
    assert_int_equal(take("another", "192.0.2.77", now), 1000);
}

/* A crowd of strangers pushes out neither who tries hardest nor who waits for their turn. */
static void the_table_keeps_who_tries_most(void)
{
    i64 now = 20000000;
    char name[32];
    for (int i = 0; i < 8; i++)
        take("hard", "192.0.2.200", now + i * 10000);
    assert_true(take("hard", "192.0.2.201", now + 70001) > 0); /* both have a turn then */
    assert_true(take("hard", "192.0.2.202", now + 70001) > 0);
    for (int i = 0; i < 300000; i++) {
        snprintf(name, sizeof name, "s%d", i);
        take(name, name, now + 70000);
    }
    assert_true(take("hard", "192.0.2.203", now + 70002) > 0);
    assert_int_equal(take("hard", "192.0.2.201", now + 74000), 0);
    assert_true(take("hard", "192.0.2.204", now + 74001) > 0);
    assert_int_equal(take("hard", "192.0.2.202", now + 74001), 0);
}

static void tries_of_codes_are_counted_apart(struct world *w)
{
    struct err err = {0};
    struct signed_in in, never;
    i64 wait = 0;
    in = enter(w, "anna@example.org");
    in.session.step = SIGN_IN_CODE; /* which it isn't: no code is right */
    for (int i = 0; i < 6; i++)
        assert_int_equal(
            sign_in_code(limits, w->w, &in.session, STR("000000"), &w->a, &never, &wait, &err),
            ST_DENIED);
    enter_from(w, "anna@example.org", "192.0.2.99"); /* a right password is one all the same */
    assert_int_equal(
        sign_in_code(limits, w->w, &in.session, STR("000000"), &w->a, &never, &wait, &err),
        ST_BUSY);
    assert_true(wait > 0 && wait <= 1000);
}

static void tries_wait_longer_and_longer(void **state)
{
    struct world *w = *state;
    struct signed_in in;
    five_are_free_then_waits_double();
    a_network_is_one_client();
    who_was_told_to_wait_is_heard();
    what_was_right_is_forgotten();
    the_table_keeps_who_tries_most();
    sign_in_limits_free(limits);
    assert_int_equal(sign_in_limits_make(&limits), ST_OK);
    add(w, "anna@example.org", ROLE_EDITOR);
    for (int i = 0; i < 6; i++)
        assert_int_equal(try_as(w, "anna@example.org", "wrong horse battery", 0, &in), ST_DENIED);
    u64 before = password_runs_for_test();
    assert_int_equal(try_as(w, "anna@example.org", password, 0, &in), ST_BUSY);
    assert_int_equal(password_runs_for_test(), before); /* asked before Argon2 */
    usleep(1050 * 1000);
    assert_int_equal(try_as(w, "anna@example.org", password, 0, &in), ST_OK);
    sign_in_limits_free(limits);
    assert_int_equal(sign_in_limits_make(&limits), ST_OK);
    tries_of_codes_are_counted_apart(w);
}

/* ---- sessions ---- */

static void a_session_ends(void **state)
{
    const i64 t = 1800000000000;
    struct world *w = *state;
    struct err err = {0};
    struct session s;
    struct account who;
    time_set_for_test(t);
    add(w, "anna@example.org", ROLE_EDITOR);
    struct signed_in in = enter(w, "anna@example.org");
    assert_ok(whose(w, in.cookie, t + 30 * MS_DAY - 1, &s, &who), &err);
    assert_int_equal(whose(w, in.cookie, t + 30 * MS_DAY, &s, &who), ST_NOTFOUND);
    time_set_for_test(t + 59999); /* within a minute nothing is written */
    assert_ok(session_seen(w->w, &s, &err), &err);
    assert_ok(whose(w, in.cookie, t, &s, &who), &err);
    assert_int_equal(s.seen_ms, t);
    for (i64 day = 20; day <= 80; day += 20) {
        time_set_for_test(t + day * MS_DAY);
        assert_ok(session_seen(w->w, &s, &err), &err);
        assert_ok(whose(w, in.cookie, t + (day + 9) * MS_DAY, &s, &who), &err);
        assert_int_equal(s.seen_ms, t + day * MS_DAY);
    }
    assert_int_equal(whose(w, in.cookie, t + 90 * MS_DAY, &s, &who), ST_NOTFOUND); /* at most */
    time_set_for_test(t);
    struct signed_in first;
    assert_int_equal(try_as(w, "anna@example.org", password, ROLE_EDITOR, &first), ST_OK);
    assert_int_equal(first.session.step, SIGN_IN_SET_UP);
    assert_ok(whose(w, first.cookie, t + 10 * MS_MINUTE - 1, &s, &who), &err);
    assert_int_equal(whose(w, first.cookie, t + 10 * MS_MINUTE, &s, &who), ST_NOTFOUND);
    time_set_for_test(t + 5 * MS_MINUTE); /* being seen doesn't make it longer */
    assert_ok(session_seen(w->w, &first.session, &err), &err);
    assert_int_equal(whose(w, first.cookie, t + 10 * MS_MINUTE, &s, &who), ST_NOTFOUND);
}

static void sessions_are_ended_by_their_owner_or_a_publisher(void **state)
{
    struct world *w = *state;
    i64 anna = add(w, "anna@example.org", ROLE_EDITOR);
    i64 boss = add(w, "boss@example.org", ROLE_PUBLISHER);
    struct signed_in one = enter(w, "anna@example.org"), two = enter(w, "anna@example.org");
    struct signed_in theirs = enter(w, "boss@example.org");
    struct step s = {
        .id = boss, .session = theirs.session.id, .by = {.account = anna, .roles = ROLE_EDITOR}};
    assert_int_equal(run(w, end_session, &s, NULL), ST_DENIED);
    s = (struct step){.id = anna, .session = theirs.session.id, .by = s.by}; /* isn't theirs */
    assert_int_equal(run(w, end_session, &s, NULL), ST_NOTFOUND);
    s.session = one.session.id;
    assert_int_equal(run(w, end_session, &s, ""), ST_OK);
    assert_false(known(w, one));
    assert_true(known(w, two));
    assert_true(known(w, theirs));
    s = (struct step){.id = anna, .by = {.account = boss, .roles = ROLE_PUBLISHER}};
    assert_int_equal(run(w, end_session, &s, ""), ST_OK);
    assert_false(known(w, two));
    assert_str(written(w, 2), "session-end anna@example.org; session-end anna@example.org");
}

/* ---- second factor ---- */

static const u8 totp_key[TOTP_BYTES] = "12345678901234567890";

static enum status turn_on(struct world *w, const struct session *s, i64 step, str codes[10],
                           struct signed_in *ret, struct err *err)
{
    char buf[7];
    return second_factor_on(w->w, s, totp_key, totp_code(totp_key, step, buf), &w->a, codes, ret,
                            err);
}

static enum status code(struct world *w, const struct session *s, str typed, struct signed_in *ret)
{
    struct err err = {0};
    i64 wait;
    return sign_in_code(limits, w->w, s, typed, &w->a, ret, &wait, &err);
}

static str code_of(struct world *w, i64 step)
{
    char buf[7];
    return arena_str(&w->a, totp_code(totp_key, step, buf));
}

static void codes_are_asked_for(struct world *w, i64 now, const str codes[10])
{
    struct signed_in half, in, again;
    assert_int_equal(try_as(w, "anna@example.org", password, 0, &half), ST_OK);
    assert_int_equal(half.session.step, SIGN_IN_CODE);
    assert_int_equal(code(w, &half.session, code_of(w, now), &in), ST_DENIED); /* used to turn on */
    assert_int_equal(code(w, &half.session, STR("000000"), &in), ST_DENIED);
    assert_int_equal(code(w, &half.session, code_of(w, now + 1), &in), ST_OK);
    assert_int_equal(in.session.step, SIGNED_IN);
    assert_true(known(w, in));
    assert_false(known(w, half)); /* a new session */
    assert_int_equal(code(w, &half.session, codes[0], &again), ST_DENIED);
    assert_int_equal(code(w, &in.session, codes[0], &again), ST_DENIED); /* of the wrong step */
    assert_int_equal(try_as(w, "anna@example.org", password, 0, &half), ST_OK);
    assert_int_equal(code(w, &half.session, code_of(w, now + 1), &in), ST_DENIED); /* once */
    assert_int_equal(code(w, &half.session, codes[3], &in), ST_OK);
    assert_int_equal(try_as(w, "anna@example.org", password, 0, &half), ST_OK);
    assert_int_equal(code(w, &half.session, codes[3], &in), ST_DENIED); /* once too */
    assert_int_equal(code(w, &half.session, codes[9], &in), ST_OK);
}

static void a_reset_asks_for_it_too(struct world *w, i64 id)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    struct signed_in half, in;
    str codes[10];
    const struct link_use use = {.secret = new_link(w, LINK_RESET, id, "", 0),
                                 .password = STR("another horse battery")};
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    assert_ok(link_use(db, w->w, &use, &w->a, &half, &err), &err);
    assert_int_equal(half.session.step, SIGN_IN_CODE);
    assert_int_equal(turn_on(w, &half.session, totp_step(time_now()), codes, &in, &err),
                     ST_DENIED); /* nor is it replaced from there */
}

static void a_second_factor_is_asked_for(void **state)
{
    const i64 t = 1800000000000, now = totp_step(t);
    struct world *w = *state;
    struct err err = {0};
    struct signed_in in, on;
    str codes[10];
    time_set_for_test(t);
    i64 id = add(w, "anna@example.org", ROLE_EDITOR);
    struct signed_in other = enter(w, "anna@example.org");
    in = enter(w, "anna@example.org");
    assert_int_equal(turn_on(w, &in.session, now - 2, codes, &on, &err), ST_INVALID);
    assert_string_equal(err.text, "desk-error-code");
    assert_int_equal(account(w, id).totp.n, 0);
    assert_ok(turn_on(w, &in.session, now, codes, &on, &err), &err);
    assert_true(known(w, on));
    assert_false(known(w, in) || known(w, other)); /* those without it end */
    assert_int_equal(codes[0].n, 19);
    assert_str(written(w, 1), "second-on anna@example.org");
    codes_are_asked_for(w, now, codes);
    a_reset_asks_for_it_too(w, id);
    const struct actor self = {.account = id, .roles = ROLE_EDITOR};
    assert_int_equal(second_factor_off(w->w, id, &(struct actor){.account = 99, .roles = 7}, &err),
                     ST_DENIED);
    assert_ok(second_factor_off(w->w, id, &self, &err), &err);
    assert_int_equal(account(w, id).totp.n, 0);
    assert_str(written(w, 1), "second-off anna@example.org");
}

static void roles_that_need_one_set_it_up(void **state)
{
    const i64 t = 1800000000000;
    struct world *w = *state;
    struct err err = {0};
    struct signed_in in, on;
    str codes[10];
    time_set_for_test(t);
    add(w, "anna@example.org", ROLE_EDITOR | ROLE_REPORTER);
    assert_int_equal(try_as(w, "anna@example.org", password, ROLE_EDITOR, &in), ST_OK);
    assert_int_equal(in.session.step, SIGNED_IN); /* the first time */
    assert_int_equal(try_as(w, "anna@example.org", password, ROLE_PUBLISHER, &in), ST_OK);
    assert_int_equal(in.session.step, SIGNED_IN); /* another role's */
    assert_int_equal(try_as(w, "anna@example.org", password, ROLE_EDITOR, &in), ST_OK);
    assert_int_equal(in.session.step, SIGN_IN_SET_UP);
    assert_str(written(w, 1), "sign-in anna@example.org"); /* the second; this isn't one yet */
    assert_ok(turn_on(w, &in.session, totp_step(t), codes, &on, &err), &err);
    assert_int_equal(on.session.step, SIGNED_IN);
    assert_str(written(w, 2), "sign-in anna@example.org; second-on anna@example.org");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(one_signs_in_and_out),
        T(what_a_browser_calls_itself_is_text),
        T(a_password_is_the_same_however_it_is_composed),
        T(nobody_is_as_much_work_as_somebody),
        T(tries_wait_longer_and_longer),
        T(a_session_ends),
        T(sessions_are_ended_by_their_owner_or_a_publisher),
        T(a_second_factor_is_asked_for),
        T(roles_that_need_one_set_it_up),
    };
    return cmocka_run_group_tests(tests, start, end);
}
