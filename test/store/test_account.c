/* Rows of accounts, sessions, links and the audit log. */
#include "writer.h"

#include "store/account.h"

struct step {
    struct account *account;
    struct session *session;
    struct one_time *link;
    struct audit_line *line;
    struct sha256 hash;
    const struct sha256 *hashes;
    size_t n;
    i64 id, other, now, ends;
};

static enum status write_account(struct tx *tx, void *arg)
{
    struct step *s = arg;
    return account_write(tx, s->account);
}

static enum status add_session(struct tx *tx, void *arg)
{
    struct step *s = arg;
    return session_add(tx, s->session);
}

static enum status move_seen(struct tx *tx, void *arg)
{
    const struct step *s = arg;
    return session_move_seen(tx, &s->hash, s->now, s->ends);
}

static enum status remove_session(struct tx *tx, void *arg)
{
    const struct step *s = arg;
    return s->other ? session_remove(tx, s->id, s->other) : session_remove_all(tx, s->id);
}

static enum status add_link(struct tx *tx, void *arg)
{
    const struct step *s = arg;
    return one_time_add(tx, &s->hash, s->link);
}

static enum status remove_link(struct tx *tx, void *arg)
{
    const struct step *s = arg;
    return s->id ? one_time_remove_all(tx, s->id) : one_time_remove(tx, &s->hash);
}

static enum status remove_ended(struct tx *tx, void *arg)
{
    const struct step *s = arg;
    return ended_remove(tx, s->now);
}

static enum status write_recovery(struct tx *tx, void *arg)
{
    const struct step *s = arg;
    return recovery_write(tx, s->id, s->hashes, s->n);
}

static enum status take_recovery(struct tx *tx, void *arg)
{
    const struct step *s = arg;
    return recovery_take(tx, s->id, &s->hash);
}

static enum status write_line(struct tx *tx, void *arg)
{
    const struct step *s = arg;
    return audit_write(tx, s->line);
}

static enum status run(struct world *w, tx_fn *fn, struct step s)
{
    struct err err = {0};
    return writer_do(w->w, fn, &s, &err);
}

static struct view view_of(struct world *w, struct db **db, struct err *err)
{
    assert_ok(db_open(w->path, DB_READ, db, err), err);
    return view_plain(*db, &w->a, 1000, err);
}

static struct account make(struct world *w, const char *email, const char *name, unsigned roles)
{
    struct account who = {.email = str_c(email),
                          .name = str_c(name),
                          .roles = roles,
                          .password = STR("hash"),
                          .totp = STR("\x01\x00\xFF"),
                          .totp_step = 5,
                          .signins = 6,
                          .edition = STR("en"),
                          .created_ms = 7};
    assert_int_equal(run(w, write_account, (struct step){.account = &who}), ST_OK);
    assert_true(who.id > 0);
    return who;
}

static void an_account_comes_back_as_it_was_written(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct account who = make(w, "b@example.org", "Bea", 3), have, *list;
    struct view v = view_of(w, &db, &err);
    size_t n = 0;
    i64 count = -1;
    assert_ok(account_by_email(&v, STR("b@example.org"), &have), &err);
    assert_int_equal(have.id, who.id);
    assert_str(have.name, "Bea");
    assert_int_equal(have.roles, 3);
    assert_str(have.password, "hash");
    assert_int_equal(have.totp.n, 3);
    assert_memory_equal(have.totp.p, "\x01\x00\xFF", 3);
    assert_int_equal(have.totp_step, 5);
    assert_int_equal(have.signins, 6);
    assert_str(have.edition, "en");
    assert_int_equal(have.created_ms, 7);
    who.roles = 10;
    who.email = STR("bea@example.org");
    assert_int_equal(run(w, write_account, (struct step){.account = &who}), ST_OK);
    assert_ok(account_by_id(&v, who.id, &have), &err);
    assert_int_equal(have.roles, 10);
    assert_str(have.email, "bea@example.org");
    assert_int_equal(account_by_email(&v, STR("b@example.org"), &have), ST_NOTFOUND);
    make(w, "a@example.org", "Al", 2);
    assert_ok(account_list(&v, &list, &n), &err);
    assert_int_equal(n, 2);
    assert_str(list[0].name, "Al");
    assert_ok(account_count(&v, 2, &count), &err);
    assert_int_equal(count, 2);
    assert_ok(account_count(&v, 10, &count), &err);
    assert_int_equal(count, 1);
    assert_ok(account_count(&v, 4, &count), &err);
    assert_int_equal(count, 0);
    assert_int_equal(w->heard, 0); /* no reader's page shows any of it */
}

static void one_email_is_one_account(void **state)
{
    struct world *w = *state;
    struct account one = make(w, "a@example.org", "A", 1), two = make(w, "b@example.org", "B", 1);
    struct account again = {.email = STR("a@example.org"), .name = STR("C")};
    assert_int_equal(run(w, write_account, (struct step){.account = &again}), ST_CONFLICT);
    two.email = one.email;
    assert_int_equal(run(w, write_account, (struct step){.account = &two}), ST_CONFLICT);
    one.id = 99;
    one.email = STR("c@example.org");
    assert_int_equal(run(w, write_account, (struct step){.account = &one}), ST_NOTFOUND);
}

static struct session begin(struct world *w, i64 account, const char *secret, i64 ends)
{
    struct session s = {.hash = sha256(str_c(secret)),
                        .account = account,
                        .form = STR("form"),
                        .step = 1,
                        .created_ms = 1,
                        .seen_ms = 2,
                        .ends_ms = ends,
                        .client = STR("192.0.2.1"),
                        .agent = STR("Firefox")};
    assert_int_equal(run(w, add_session, (struct step){.session = &s}), ST_OK);
    return s;
}

static void sessions_are_found_moved_and_removed(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    i64 who = make(w, "a@example.org", "A", 1).id, other = make(w, "b@example.org", "B", 1).id;
    struct session one = begin(w, who, "one", 5000), two = begin(w, who, "two", 5000), have, *list;
    struct session ended = begin(w, who, "ended", 1000), theirs = begin(w, other, "theirs", 5000);
    struct view v = view_of(w, &db, &err);
    struct sha256 hash = sha256(STR("one")), nobody = sha256(STR("nobody"));
    size_t n = 0;
    assert_ok(session_by_hash(&v, &hash, &have), &err);
    assert_int_equal(have.id, one.id);
    assert_int_equal(have.account, who);
    assert_str(have.form, "form");
    assert_int_equal(have.step, 1);
    assert_int_equal(have.ends_ms, 5000);
    assert_str(have.client, "192.0.2.1");
    assert_str(have.agent, "Firefox");
    assert_int_equal(session_by_hash(&v, &nobody, &have), ST_NOTFOUND);
    assert_int_equal(run(w, move_seen, (struct step){.hash = hash, .now = 9, .ends = 6000}), ST_OK);
    assert_ok(session_list(&v, who, -1, &list, &n), &err);
    assert_int_equal(n, 2); /* without the one that has ended */
    assert_int_equal(list[0].id, one.id);
    assert_int_equal(list[0].seen_ms, 9);
    assert_int_equal(list[0].ends_ms, 6000);
    assert_int_equal(run(w, remove_session, (struct step){.id = who, .other = theirs.id}),
                     ST_NOTFOUND);
    assert_int_equal(run(w, remove_session, (struct step){.id = who, .other = two.id}), ST_OK);
    assert_int_equal(session_by_hash(&v, &two.hash, &have), ST_NOTFOUND);
    assert_int_equal(run(w, remove_session, (struct step){.id = who}), ST_OK);
    assert_int_equal(session_by_hash(&v, &one.hash, &have), ST_NOTFOUND);
    assert_int_equal(session_by_hash(&v, &ended.hash, &have), ST_NOTFOUND);
    assert_ok(session_by_hash(&v, &theirs.hash, &have), &err);
}

static void a_link_is_removed_once(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct one_time link = {.kind = 1, .email = STR("a@b"), .roles = 3, .ends_ms = 50}, have;
    struct one_time reset = {.kind = 2, .account = 4, .ends_ms = 50};
    struct sha256 hash = sha256(STR("x")), mine = sha256(STR("y"));
    struct view v = view_of(w, &db, &err);
    assert_int_equal(run(w, add_link, (struct step){.link = &link, .hash = hash}), ST_OK);
    assert_int_equal(run(w, add_link, (struct step){.link = &reset, .hash = mine}), ST_OK);
    assert_ok(one_time_read(&v, &hash, &have), &err);
    assert_int_equal(have.kind, 1);
    assert_str(have.email, "a@b");
    assert_int_equal(have.roles, 3);
    assert_int_equal(have.ends_ms, 50);
    assert_int_equal(run(w, remove_link, (struct step){.hash = hash}), ST_OK);
    assert_int_equal(run(w, remove_link, (struct step){.hash = hash}), ST_NOTFOUND);
    assert_ok(one_time_read(&v, &mine, &have), &err);
    assert_int_equal(have.account, 4);
    assert_int_equal(run(w, remove_link, (struct step){.id = 4}), ST_OK);
    assert_int_equal(one_time_read(&v, &mine, &have), ST_NOTFOUND);
}

static void what_has_ended_is_removed(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    i64 who = make(w, "a@example.org", "A", 1).id;
    struct session gone = begin(w, who, "gone", 99), at = begin(w, who, "at", 100),
                   stays = begin(w, who, "stays", 101), have;
    struct one_time old = {.ends_ms = 100}, fresh = {.ends_ms = 101}, link;
    struct sha256 a = sha256(STR("a")), b = sha256(STR("b"));
    struct view v = view_of(w, &db, &err);
    assert_int_equal(run(w, add_link, (struct step){.link = &old, .hash = a}), ST_OK);
    assert_int_equal(run(w, add_link, (struct step){.link = &fresh, .hash = b}), ST_OK);
    assert_int_equal(run(w, remove_ended, (struct step){.now = 100}), ST_OK);
    assert_int_equal(session_by_hash(&v, &gone.hash, &have), ST_NOTFOUND);
    assert_int_equal(session_by_hash(&v, &at.hash, &have), ST_NOTFOUND);
    assert_ok(session_by_hash(&v, &stays.hash, &have), &err);
    assert_int_equal(one_time_read(&v, &a, &link), ST_NOTFOUND);
    assert_ok(one_time_read(&v, &b, &link), &err);
}

static void a_recovery_code_is_taken_once(void **state)
{
    struct world *w = *state;
    i64 who = make(w, "a@example.org", "A", 1).id, other = make(w, "b@example.org", "B", 1).id;
    const struct sha256 first[] = {sha256(STR("1")), sha256(STR("2"))}, second = sha256(STR("3"));
    assert_int_equal(run(w, write_recovery, (struct step){.id = who, .hashes = first, .n = 2}),
                     ST_OK);
    assert_int_equal(run(w, take_recovery, (struct step){.id = other, .hash = first[0]}),
                     ST_NOTFOUND);
    assert_int_equal(run(w, take_recovery, (struct step){.id = who, .hash = first[0]}), ST_OK);
    assert_int_equal(run(w, take_recovery, (struct step){.id = who, .hash = first[0]}),
                     ST_NOTFOUND);
    assert_int_equal(run(w, write_recovery, (struct step){.id = who, .hashes = &second, .n = 1}),
                     ST_OK);
    assert_int_equal(run(w, take_recovery, (struct step){.id = who, .hash = first[1]}),
                     ST_NOTFOUND); /* replaced */
    assert_int_equal(run(w, take_recovery, (struct step){.id = who, .hash = second}), ST_OK);
}

static void put_line(struct world *w, i64 account, i64 kind, const char *about)
{
    struct audit_line l = {.at = 100 + kind,
                           .account = account,
                           .kind = kind,
                           .about = str_c(about),
                           .words = STR("words"),
                           .client = STR("192.0.2.1")};
    assert_int_equal(run(w, write_line, (struct step){.line = &l}), ST_OK);
}

static void the_log_is_read_newest_first(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    i64 who = make(w, "a@example.org", "Al", 1).id;
    struct audit_line *list;
    struct view v = view_of(w, &db, &err);
    size_t n = 0;
    for (i64 kind = 1; kind <= 4; kind++)
        put_line(w, kind == 4 ? 0 : who, kind, kind % 2 ? "wall" : "a@example.org");
    assert_ok(audit_list(&v, STR_NONE, 0, 0, 3, &list, &n), &err);
    assert_int_equal(n, 3);
    assert_int_equal(list[0].kind, 4);
    assert_str(list[0].name, "");
    assert_str(list[1].name, "Al");
    assert_str(list[1].about, "wall");
    assert_str(list[1].words, "words");
    assert_str(list[1].client, "192.0.2.1");
    assert_int_equal(list[1].at, 103);
    i64 before = list[2].id;
    assert_ok(audit_list(&v, STR_NONE, before, 0, 3, &list, &n), &err);
    assert_int_equal(n, 1);
    assert_int_equal(list[0].kind, 1);
    assert_ok(audit_list(&v, STR("wall"), 0, 0, 9, &list, &n), &err);
    assert_int_equal(n, 2);
    assert_int_equal(list[0].kind, 3);
    assert_int_equal(list[1].kind, 1);
}

static void lines_about_what_is_restricted_are_left_out(void **state)
{
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL, *direct = NULL;
    i64 who = make(w, "a@example.org", "A", 1).id, other = make(w, "b@example.org", "B", 1).id;
    struct audit_line *list;
    size_t n = 0;
    assert_ok(db_open(w->path, DB_WRITE, &direct, &err), &err);
    assert_ok(db_script(direct,
                        "INSERT INTO work (key, edition, section, headline, kind, state, public, "
                        "save, base, author, assignee, deadline_ms, due_ms, words, touched_ms, "
                        "touched_by, sent_by, approved, approved_by, restricted, scheduled) VALUES"
                        " ('open', 'en', '', 'O', 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),"
                        " ('shut', 'en', '', 'S', 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0);"
                        "INSERT INTO work_person (work, kind, account) VALUES (2, 1, 1), (2, 0, 2)",
                        &err),
              &err);
    put_line(w, who, 1, "open");
    put_line(w, who, 2, "shut");
    struct view v = view_of(w, &db, &err);
    static const struct {
        const char *about;
        i64 viewer;
        size_t want;
    } cases[] = {{"", 1, 2},     {"", 2, 1},     {"", 0, 1},
                 {"shut", 1, 1}, {"shut", 2, 0}, {"open", 2, 1}};
    assert_int_equal(who, 1); /* the one it names; shared with the other names nobody */
    assert_int_equal(other, 2);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_ok(audit_list(&v, str_c(cases[i].about), 0, cases[i].viewer, 9, &list, &n), &err);
        assert_int_equal(n, cases[i].want);
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_account_comes_back_as_it_was_written),
        T(one_email_is_one_account),
        T(sessions_are_found_moved_and_removed),
        T(a_link_is_removed_once),
        T(what_has_ended_is_removed),
        T(a_recovery_code_is_taken_once),
        T(the_log_is_read_newest_first),
        T(lines_about_what_is_restricted_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
