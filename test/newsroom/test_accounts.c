/* Accounts: what they are called, links that work once, roles, and passwords. */
#include "people.h"

/* ---- what is typed ---- */

static void emails(void **state)
{
    static const struct {
        const char *text, *want; /* NULL: none */
    } cases[] = {
        {"anna@example.org", "anna@example.org"},
        {"  Anna.B+x@Example.ORG\n", "anna.b+x@example.org"},
        {"анна@пример.рф", "анна@пример.рф"},
        {"a@b", "a@b"},
        {"", NULL},
        {"anna", NULL},
        {"@example.org", NULL},
        {"anna@", NULL},
        {"anna@b@c", NULL},
        {"an na@example.org", NULL},
        {"anna@exam\tple.org", NULL},
        {"anna@exam\x7Fple.org", NULL},
        {"anna@exam\xC2\xA0ple.org", NULL},     /* no-break space */
        {"anna@exam\xE2\x80\x8Bple.org", NULL}, /* zero width */
        {"anna@\xE2\x80\xAEgro.elpmaxe", NULL}, /* right to left */
        {"anna@exam\xFFple.org", NULL},
    };
    struct arena *a = &((struct world *)*state)->a;
    char longest[300];
    memset(longest, 'x', sizeof longest);
    longest[100] = '@';
    struct err err = {0};
    str have = STR("before");
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum status st = email_read(str_c(cases[i].text), a, &have, &err);
        if (st != (cases[i].want ? ST_OK : ST_INVALID))
            test_fail("%s: %s", cases[i].text, status_name(st));
        if (cases[i].want)
            assert_str(have, cases[i].want);
        else
            assert_string_equal(err.text, "desk-error-email");
    }
    assert_int_equal(email_read((str){longest, 254}, a, &have, &err), ST_OK);
    assert_int_equal(email_read((str){longest, 255}, a, &have, &err), ST_INVALID);
}

static void passwords(void **state)
{
    static const struct {
        const char *text, *words; /* NULL: fit */
    } cases[] = {
        {"correct horse battery", NULL},
        {"twelve bytes", NULL},
        {"десять", NULL}, /* twelve bytes */
        {"eleven byte", "desk-error-password-short"},
        {"", "desk-error-password-short"},
        {"Anna.Long@Example.org", "desk-error-password-email"},
        {"Password1234", "desk-error-password-common"},
        {"aaaaaaaaaaaaaaaa", "desk-error-password-common"},
    };
    char longest[PASSWORD_MOST + 1];
    struct err err = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        err = (struct err){0};
        enum status st = password_fit(str_c(cases[i].text), STR("anna.long@example.org"), &err);
        assert_int_equal(st, cases[i].words ? ST_INVALID : ST_OK);
        assert_string_equal(err.text, cases[i].words ? cases[i].words : "");
    }
    memset(longest, 'x', sizeof longest);
    longest[0] = 'y';
    assert_int_equal(password_fit((str){longest, PASSWORD_MOST}, STR_NONE, &err), ST_OK);
    assert_int_equal(password_fit((str){longest, PASSWORD_MOST + 1}, STR_NONE, &err), ST_INVALID);
    assert_string_equal(err.text, "desk-error-password-long");
    assert_string_equal(account_error_words(err.text), "a password has at most 1,024 bytes");
    assert_string_equal(account_error_words("else"), "else");
}

/* ---- links ---- */

static enum status use(struct world *w, struct link_use u, struct signed_in *ret, const char *words)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    enum status st = link_use(db, w->w, &u, &w->a, ret, &err);
    if (words)
        assert_string_equal(err.text, words);
    return st;
}

static enum status look(struct world *w, str secret, i64 now, struct one_time *ret)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, now, &err);
    return link_find(&v, secret, ret);
}

static void the_first_publisher_comes_by_a_link(void **state)
{
    struct world *w = *state;
    struct signed_in in;
    struct one_time o;
    struct session s;
    struct account who;
    struct err err = {0};
    str one = new_link(w, LINK_FIRST, 0, "", 0), two = new_link(w, LINK_FIRST, 0, "", 0);
    struct link_use u = {
        .secret = one, .email = STR("P@x.org"), .name = STR("Pia"), .password = STR("short")};
    assert_int_equal(look(w, one, time_now(), &o), ST_OK);
    assert_int_equal(look(w, one, time_now(), &o), ST_OK); /* looking uses nothing up */
    assert_int_equal(o.kind, LINK_FIRST);
    assert_int_equal(use(w, u, &in, "desk-error-password-short"), ST_INVALID);
    u.password = STR("correct horse battery");
    u.name = STR("\n");
    assert_int_equal(use(w, u, &in, "desk-error-name"), ST_INVALID);
    u.name = STR("Pia");
    u.email = STR("p");
    assert_int_equal(use(w, u, &in, "desk-error-email"), ST_INVALID);
    u.email = STR("P@x.org");
    assert_int_equal(use(w, u, &in, ""), ST_OK); /* what was wrong left it as it was */
    assert_ok(whose(w, in.cookie, time_now(), &s, &who), &err);
    assert_str(who.email, "p@x.org");
    assert_str(who.name, "Pia");
    assert_int_equal(who.roles, ROLE_PUBLISHER);
    assert_int_equal(who.signins, 1); /* its first: the next one needs a second factor */
    assert_int_equal(use(w, u, &in, NULL), ST_NOTFOUND);
    u.secret = two; /* there is one by now */
    u.email = STR("q@x.org");
    assert_int_equal(use(w, u, &in, "desk-error-publisher-there"), ST_CONFLICT);
    struct step again = {.kind = LINK_FIRST, .by = command()};
    assert_int_equal(run(w, make_link, &again, "desk-error-publisher-there"), ST_CONFLICT);
    assert_str(written(w, 2), "sign-in p@x.org; account p@x.org publisher");
}

static void an_invitation_gives_its_roles(void **state)
{
    struct world *w = *state;
    struct signed_in in;
    struct session s;
    struct account who;
    struct err err = {0};
    add(w, "anna@example.org", ROLE_EDITOR);
    struct step taken = {.kind = LINK_INVITE, .email = "Anna@example.org", .by = command()};
    assert_int_equal(run(w, make_link, &taken, "desk-error-email-taken"), ST_CONFLICT);
    struct link_use u = {.secret = new_link(w, LINK_INVITE, 0, "Bo@x.org", ROLE_EDITOR | 64),
                         .email = STR("other@x.org"),
                         .name = STR("Bo"),
                         .password = STR("correct horse battery")};
    assert_int_equal(use(w, u, &in, ""), ST_OK);
    assert_ok(whose(w, in.cookie, time_now(), &s, &who), &err);
    assert_str(who.email, "bo@x.org"); /* whom it was for */
    assert_int_equal(who.roles, ROLE_EDITOR);
    struct step editor = {.kind = LINK_INVITE,
                          .email = "c@x.org",
                          .roles = ROLE_PUBLISHER,
                          .by = {.account = who.id, .roles = ROLE_EDITOR}};
    assert_int_equal(run(w, make_link, &editor, NULL), ST_DENIED);
    editor.by = (struct actor){0}; /* nobody */
    assert_int_equal(run(w, make_link, &editor, NULL), ST_DENIED);
}

static void a_reset_ends_sessions_and_links(void **state)
{
    struct world *w = *state;
    struct signed_in in, now;
    struct one_time o;
    i64 id = add(w, "anna@example.org", ROLE_EDITOR);
    in = enter(w, "anna@example.org");
    str other = new_link(w, LINK_RESET, id, "", 0);
    struct link_use u = {.secret = new_link(w, LINK_RESET, id, "", 0),
                         .password = STR("another horse battery")};
    assert_int_equal(use(w, u, &now, ""), ST_OK);
    assert_true(known(w, now));
    assert_false(known(w, in));
    assert_int_equal(look(w, other, time_now(), &o), ST_NOTFOUND);
    assert_str(account(w, id).name, "Anna");
    assert_int_equal(try_as(w, "anna@example.org", password, 0, &in), ST_DENIED);
    assert_int_equal(try_as(w, "anna@example.org", "another horse battery", 0, &in), ST_OK);
}

static void a_link_ends(void **state)
{
    const i64 t = 1800000000000;
    struct world *w = *state;
    struct signed_in in;
    struct one_time o;
    time_set_for_test(t);
    i64 id = add(w, "anna@example.org", ROLE_EDITOR);
    str secret = new_link(w, LINK_RESET, id, "", 0);
    assert_int_equal(look(w, secret, t + 48 * MS_HOUR - 1, &o), ST_OK);
    assert_int_equal(look(w, secret, t + 48 * MS_HOUR, &o), ST_NOTFOUND);
    assert_int_equal(look(w, STR("x"), t, &o), ST_NOTFOUND);
    time_set_for_test(t + 48 * MS_HOUR);
    assert_int_equal(
        use(w, (struct link_use){.secret = secret, .password = STR("another horse battery")}, &in,
            NULL),
        ST_NOTFOUND);
}

struct racer {
    struct world *w;
    struct arena a;
    struct link_use use;
    struct signed_in in;
    enum status st;
    pthread_t thread;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    r->st = db_open(r->w->path, DB_READ, &db, &err);
    if (!r->st)
        r->st = link_use(db, r->w->w, &r->use, &r->a, &r->in, &err);
    return NULL;
}

/* All look before the first has hashed its password: only the transaction can tell. */
static void a_link_works_once(void **state)
{
    struct world *w = *state;
    struct racer racers[4];
    int won = 0;
    i64 id = add(w, "anna@example.org", ROLE_EDITOR);
    str secret = new_link(w, LINK_RESET, id, "", 0);
    for (size_t i = 0; i < COUNT(racers); i++) {
        racers[i] = (struct racer){
            .w = w, .use = {.secret = secret, .password = STR("another horse battery")}};
        assert_int_equal(arena_init(&racers[i].a, 1 << 20), ST_OK);
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < COUNT(racers); i++) {
        pthread_join(racers[i].thread, NULL);
        won += racers[i].st == ST_OK;
        if (racers[i].st && racers[i].st != ST_NOTFOUND)
            test_fail("%s", status_name(racers[i].st));
        arena_free(&racers[i].a);
    }
    assert_int_equal(won, 1);
}

/* ---- accounts ---- */

static void an_account_is_made_by_whoever_may(void **state)
{
    struct world *w = *state;
    i64 boss = add(w, "boss@example.org", ROLE_PUBLISHER);
    struct step s = {.email = "Bo@x.org",
                     .name = " Bo ",
                     .roles = ROLE_REPORTER,
                     .by = {.account = 7, .roles = ROLE_EDITOR | ROLE_MODERATOR}};
    assert_int_equal(run(w, make, &s, NULL), ST_DENIED);
    s.by = (struct actor){.account = boss, .roles = ROLE_PUBLISHER};
    assert_int_equal(run(w, make, &s, ""), ST_OK);
    assert_str(account(w, s.id).email, "bo@x.org");
    assert_str(account(w, s.id).name, "Bo");
    assert_str(written(w, 1), "account bo@x.org reporter");
    assert_int_equal(run(w, make, &s, "desk-error-email-taken"), ST_CONFLICT);
    s.email = "b o@x.org";
    assert_int_equal(run(w, make, &s, "desk-error-email"), ST_INVALID);
    s.email = "c@x.org";
    s.name = "--";
    assert_int_equal(run(w, make, &s, "desk-error-name"), ST_INVALID);
    s = (struct step){.id = boss, .name = "Böss", .edition = "de"};
    assert_int_equal(run(w, set_name, &s, ""), ST_OK);
    assert_str(account(w, boss).name, "Böss");
    assert_str(account(w, boss).edition, "de");
    s.name = "";
    assert_int_equal(run(w, set_name, &s, "desk-error-name"), ST_INVALID);
}

static void a_change_of_roles_ends_sessions(void **state)
{
    struct world *w = *state;
    i64 anna = add(w, "anna@example.org", ROLE_EDITOR);
    add(w, "bo@example.org", ROLE_EDITOR);
    struct signed_in in = enter(w, "anna@example.org"), theirs = enter(w, "bo@example.org");
    struct step s = {.id = anna, .roles = ROLE_EDITOR, .by = command()};
    assert_int_equal(run(w, set_roles, &s, ""), ST_OK); /* those it has */
    assert_true(known(w, in));
    s.roles = ROLE_EDITOR | ROLE_MODERATOR;
    s.by = (struct actor){.account = anna, .roles = ROLE_EDITOR};
    assert_int_equal(run(w, set_roles, &s, NULL), ST_DENIED);
    s.by = command();
    assert_int_equal(run(w, set_roles, &s, ""), ST_OK);
    assert_int_equal(account(w, anna).roles, ROLE_EDITOR | ROLE_MODERATOR);
    assert_str(written(w, 1), "roles anna@example.org editor, moderator");
    assert_true(known(w, theirs));
    assert_false(known(w, in));
}

static void the_last_publisher_stays_one(void **state)
{
    struct world *w = *state;
    i64 one = add(w, "one@example.org", ROLE_PUBLISHER | ROLE_EDITOR);
    i64 two = add(w, "two@example.org", ROLE_PUBLISHER);
    struct step s = {.id = two, .by = {.account = one, .roles = ROLE_PUBLISHER}};
    assert_int_equal(run(w, set_roles, &s, ""), ST_OK);
    s = (struct step){.id = one, .roles = ROLE_PUBLISHER, .by = s.by};
    assert_int_equal(run(w, set_roles, &s, ""), ST_OK); /* it may lose others */
    s.roles = ROLE_EDITOR;
    assert_int_equal(run(w, set_roles, &s, NULL), ST_INVALID);
    assert_int_equal(account(w, one).roles, ROLE_PUBLISHER);
}

static struct sign_in_limits *tries;
static i64 told_to_wait;

static enum status new_password(struct world *w, const struct session *s, const char *old,
                                const char *fresh, struct signed_in *ret, struct err *err)
{
    told_to_wait = 0;
    CLEANUP(db_cleanup) struct db *db = NULL;
    assert_ok(db_open(w->path, DB_READ, &db, err), err);
    return account_set_password(tries, db, w->w, s, str_c(old), str_c(fresh), &w->a, ret,
                                &told_to_wait, err);
}

static void a_new_password_needs_the_old_one(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct one_time o;
    i64 id = add(w, "anna@example.org", ROLE_EDITOR);
    struct signed_in in = enter(w, "anna@example.org"), other = enter(w, "anna@example.org"), now;
    assert_int_equal(sign_in_limits_make(&tries), ST_OK);
    str secret = new_link(w, LINK_RESET, id, "", 0);
    assert_int_equal(new_password(w, &in.session, "wrong", "another horse battery", &now, &err),
                     ST_INVALID);
    assert_string_equal(err.text, "desk-error-password-old");
    assert_int_equal(new_password(w, &in.session, password, "short", &now, &err), ST_INVALID);
    assert_string_equal(err.text, "desk-error-password-short");
    assert_true(known(w, in) && known(w, other));
    assert_ok(new_password(w, &in.session, password, "another horse battery", &now, &err), &err);
    assert_true(known(w, now));
    assert_false(known(w, in) || known(w, other));
    assert_int_equal(look(w, secret, time_now(), &o), ST_NOTFOUND);
    assert_int_equal(new_password(w, &in.session, "another horse battery", password, &now, &err),
                     ST_DENIED); /* its session has ended */
    assert_str(written(w, 1), "password anna@example.org");
    sign_in_limits_free(tries);
}

/* Whoever found a browser open may not look for the password with it. */
static void an_old_password_is_not_found_by_trying(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    struct signed_in now;
    add(w, "anna@example.org", ROLE_EDITOR);
    struct signed_in in = enter(w, "anna@example.org");
    enum status st = ST_INVALID;
    int n = 0;
    assert_int_equal(sign_in_limits_make(&tries), ST_OK);
    for (; st == ST_INVALID && n < 20; n++)
        st = new_password(w, &in.session, "wrong", "another horse battery", &now, &err);
    assert_int_equal(st, ST_BUSY);
    assert_int_equal(n, 7);
    assert_true(told_to_wait > 0 && told_to_wait <= 1000);
    assert_int_equal(new_password(w, &in.session, password, "another horse battery", &now, &err),
                     ST_BUSY); /* also with the right one */
    assert_true(known(w, in));
    sign_in_limits_free(tries);
}

static void kinds_have_names(void **state)
{
    (void)state;
    for (int i = 0; i < AUDIT_KINDS; i++)
        assert_true(strlen(audit_name((enum audit_kind)i)) > 0);
    assert_string_equal(audit_name(AUDIT_ROLES), "roles");
    assert_string_equal(audit_name(AUDIT_KINDS), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(emails),
        T(passwords),
        T(the_first_publisher_comes_by_a_link),
        T(an_invitation_gives_its_roles),
        T(a_reset_ends_sessions_and_links),
        T(a_link_ends),
        T(a_link_works_once),
        T(an_account_is_made_by_whoever_may),
        T(a_change_of_roles_ends_sessions),
        T(the_last_publisher_stays_one),
        T(a_new_password_needs_the_old_one),
        T(an_old_password_is_not_found_by_trying),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, start, end);
}
