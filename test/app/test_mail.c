/* Mail without sockets of ours: what is asked for at the desk, what is written or sent, and what is
 * left of it afterwards. */
#include "desk.h"

#include <dirent.h>
#include <sys/stat.h>

#include "../outside/sink.h"
#include "jobs/jobs.h"
#include "jobs/mailer.h"
#include "newsroom/account_parts.h"
#include "newsroom/mail.h"
#include "press/letter.h"

static const struct world_files files = {
    "name: {en: The Sound, ru: Пролив, ar: المضيق}\neditions: [{slug: en, locale: en-GB, zone: "
    "Europe/London}, {slug: ru, locale: ru-RU, zone: Europe/Riga}, {slug: ar, locale: ar-EG, zone: "
    "Africa/Cairo}]\n",
    "en:\n  - {slug: town, name: Town}\nru:\n  - {slug: town, name: Город}\nar:\n  - {slug: town, "
    "name: مدينة}\n",
    NULL};

/* ---- what there is ---- */

static struct mailer *mailer_of(struct world *w)
{
    struct mailer *m = NULL;
    struct err err = {0};
    assert_ok(app_mailer(w->app, &m, &err), &err);
    return m;
}

static struct theme *theme_of(void *arg)
{
    return app_theme(((struct world *)arg)->app);
}

/* With a server, and a log in the site's folder. */
static struct mailer_conf to_server(struct world *w, const struct smtp *smtp, struct log *log)
{
    return (struct mailer_conf){.writer = app_writer(w->app),
                                .log = log,
                                .db = w->site.db,
                                .theme = theme_of,
                                .arg = w,
                                .from = STR("desk@news.example"),
                                .smtp = smtp,
                                .mailbox = w->site.mailbox};
}

static i64 round_of(struct mailer *m)
{
    struct err err = {0};
    i64 next = 0;
    assert_ok(mailer_round(m, &next, &err), &err);
    return next;
}

static void deliver(struct world *w)
{
    struct mailer *m = mailer_of(w);
    round_of(m);
    mailer_free(m);
}

static str contents(struct world *w, const char *path)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return STR_NONE;
    char *buf = arena_bytes(&w->a, 8 << 20);
    size_t n = fread(buf, 1, 8 << 20, f);
    fclose(f);
    return (str){buf, n};
}

/* All messages that lie in the mailbox, one after the other; they are taken out. */
static str mailbox(struct world *w, size_t *count)
{
    str all = STR_NONE;
    char path[512];
    DIR *dir = opendir(w->site.mailbox);
    *count = 0;
    for (const struct dirent *e; dir && (e = readdir(dir));) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", w->site.mailbox, e->d_name);
        all = arena_fmt(&w->a, "%.*s%.*s", FMT(all), FMT(contents(w, path)));
        assert_int_equal(unlink(path), 0);
        (*count)++;
    }
    if (dir)
        closedir(dir);
    return all;
}

/* The only message there; dies with the test. */
static str one_message(struct world *w)
{
    size_t n;
    str all = mailbox(w, &n);
    assert_int_equal(n, 1);
    return all;
}

static const char *link_in(struct world *w, str message)
{
    ptrdiff_t at = str_find(message, STR("http://localhost:8080/desk/link/"));
    if (at < 0)
        test_fail("no link in\n%.*s", FMT(message));
    return arena_cstr(&w->a, str_head(str_from(message, (size_t)at + 21), 11 + 43));
}

static bool in_database(struct world *w, const char *words)
{
    char path[128];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/site.db%s", w->folder, i ? "-wal" : "");
        if (has(contents(w, path), words))
            return true;
    }
    return false;
}

static i64 waiting(struct world *w)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    i64 n = 0;
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(mail_count(&v, &n), &err);
    return n;
}

/* The newest lines, as "name about; ..." */
static str logged(struct world *w, size_t most)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    struct audit_line *list;
    size_t n;
    str text = STR_NONE;
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(audit_list(&v, STR_NONE, 0, 0, most, &list, &n), &err);
    for (size_t i = 0; i < n; i++)
        text = arena_fmt(&w->a, "%.*s%s %.*s; ", FMT(text),
                         audit_name((enum audit_kind)list[i].kind), FMT(list[i].about));
    return text;
}

/* From a client that nobody has counted yet. */
static enum status ask_for(struct world *w, const char *email)
{
    struct sign_in_limits *l = NULL;
    struct err err = {0};
    i64 wait = 0;
    assert_int_equal(sign_in_limits_make(&l), ST_OK);
    enum status st =
        reset_ask(l, app_writer(w->app), str_c(email), STR("192.0.2.9"), &w->a, &wait, &err);
    sign_in_limits_free(l);
    return st;
}

static void change(struct world *w, tx_fn *fn, void *arg)
{
    struct err err = {0};
    assert_ok(writer_do(app_writer(w->app), fn, arg, &err), &err);
}

struct setting {
    i64 account;
    const char *edition;
    str totp;
};

static enum status set_account(struct tx *tx, void *arg)
{
    const struct setting *s = arg;
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct account who;
    enum status st = account_by_id(&v, s->account, &who);
    who.edition = str_c(s->edition);
    who.totp = s->totp;
    return st ? st : account_write(tx, &who);
}

/* ---- a forgotten password ---- */

static const char fresh[] = "a new one, and long";

static void a_password_is_reset_by_mail(void **state)
{
    struct world *w = *state;
    struct browser anna, out = {.w = w};
    staff(w, &anna, "anna@example.org", "Anna", ROLE_EDITOR);
    assert_int_equal(fetch(&out, "/desk/sign-in"), 200);
    assert_has(out.body, "href=\"/desk/forgotten\"");
    assert_int_equal(fetch(&out, "/desk/forgotten"), 200);
    assert_int_equal(send_form(&out, "/desk/forgotten", "email", "Anna@Example.org "), 200);
    assert_has(out.body, "If there is an account");
    deliver(w);
    str message = one_message(w);
    assert_has(message, "To: Anna <anna@example.org>\r\n");
    assert_has(message, "Subject: The Sound: a new password\r\n");
    const char *path = link_in(w, message);
    assert_has(logged(w, 1), "reset-asked anna@example.org");

    /* opening it uses nothing up; its button does */
    for (int i = 0; i < 3; i++)
        assert_int_equal(fetch(&out, path), 200);
    assert_has(out.body, "anna@example.org");
    assert_int_equal(send_form(&out, path, "password", "short", "again", "short"), 400);
    assert_int_equal(fetch(&anna, "/desk/"), 200);
    assert_int_equal(send_form(&out, path, "password", fresh, "again", fresh), 303);
    assert_str(out.location, "/desk/");
    assert_int_equal(fetch(&anna, "/desk/"), 303); /* signed out everywhere else */
    assert_has(logged(w, 2), "reset-used anna@example.org");
    assert_int_equal(fetch(&out, path), 404);
    assert_int_equal(send_form(&out, path, "password", fresh, "again", fresh), 404);
}

static void a_link_ends(void **state)
{
    struct world *w = *state;
    struct browser b, out = {.w = w};
    staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    deliver(w);
    const char *path = link_in(w, one_message(w));
    time_set_for_test(moment(20, 13) - 1);
    assert_int_equal(fetch(&out, path), 200);
    time_set_for_test(moment(20, 13));
    assert_int_equal(fetch(&out, path), 404);
    assert_int_equal(send_form(&out, path, "password", fresh, "again", fresh), 404);
}

static void only_the_newest_link_leads_there(void **state)
{
    struct world *w = *state;
    struct browser b, out = {.w = w};
    staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    deliver(w);
    const char *older = link_in(w, one_message(w));
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    deliver(w);
    const char *newer = link_in(w, one_message(w));
    assert_int_equal(fetch(&out, older), 404);
    assert_int_equal(fetch(&out, newer), 200);
}

static void the_second_step_is_not_skipped(void **state)
{
    struct world *w = *state;
    struct browser b, out = {.w = w};
    struct setting s = {.edition = "en", .totp = STR("12345678901234567890")};
    s.account = staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    change(w, set_account, &s);
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    deliver(w);
    const char *path = link_in(w, one_message(w));
    assert_int_equal(send_form(&out, path, "password", fresh, "again", fresh), 303);
    assert_str(out.location, "/desk/code");
    assert_int_equal(fetch(&out, "/desk/"), 303);
}

/* Somebody without a role has an account as well. */
static void whoever_has_an_account(void **state)
{
    struct world *w = *state;
    struct making_staff m = {.email = "rita@example.org", .name = "Rita"};
    change(w, make_staff, &m);
    assert_int_equal(ask_for(w, "rita@example.org"), ST_OK);
    deliver(w);
    assert_has(one_message(w), "To: Rita <rita@example.org>\r\n");
}

/* ---- who can tell ---- */

static str row(struct world *w, i64 id)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    struct mail m;
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(mail_read(&v, id, &m), &err);
    assert_int_equal(m.name.n, 32);
    return arena_fmt(&w->a, "%lld %lld %.*s|%.*s|%.*s|%.*s|%.*s %lld %lld", (long long)m.kind,
                     (long long)m.account, FMT(m.person), FMT(m.edition), FMT(m.path), FMT(m.words),
                     FMT(m.client), (long long)m.at, (long long)m.until_ms);
}

/* The same page, and the same row: who it is for is looked for when nobody waits for an answer. */
static void nobody_can_tell_who_has_an_account(void **state)
{
    struct world *w = *state;
    struct browser b, out = {.w = w};
    size_t n;
    staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    assert_int_equal(send_form(&out, "/desk/forgotten", "email", "anna@example.org"), 200);
    str known = out.body;
    assert_int_equal(send_form(&out, "/desk/forgotten", "email", "nobody@example.org"), 200);
    assert_true(str_eq(out.body, known));
    assert_true(str_eq(row(w, 1), row(w, 2)));
    deliver(w);
    assert_int_equal(waiting(w), 0);
    str message = mailbox(w, &n);
    assert_int_equal(n, 1);
    assert_has(message, "anna@example.org");
    assert_lacks(logged(w, 10), "nobody");
}

static void asking_waits_longer_and_longer(void **state)
{
    struct world *w = *state;
    struct browser out = {.w = w};
    for (int i = 0; i < 6; i++)
        assert_int_equal(send_form(&out, "/desk/forgotten", "email", "nobody@example.org"), 200);
    assert_int_equal(send_form(&out, "/desk/forgotten", "email", "nobody@example.org"), 429);
    assert_has(out.body, "Too many tries");
    assert_int_equal(send_form(&out, "/desk/forgotten", "email", "other@example.org"), 429);
    assert_int_equal(send_form(&out, "/desk/forgotten", "email", "no address"), 400);
    assert_has(out.body, "role=\"alert\"");
    assert_int_equal(waiting(w), 6);
}

/* However many clients ask, an account is written to so often an hour. */
static void nobody_floods_an_account(void **state)
{
    struct world *w = *state;
    struct browser b;
    size_t n;
    staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    for (int i = 0; i < RESETS_AN_HOUR + 2; i++) {
        assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
        deliver(w);
    }
    mailbox(w, &n);
    assert_int_equal(n, RESETS_AN_HOUR);
    time_set_for_test(moment(20, 13) + 1);
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    deliver(w);
    one_message(w);
}

static void so_much_waits_at_most(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < MAIL_WAITING_MOST; i++)
        assert_int_equal(ask_for(w, "nobody@example.org"), ST_OK);
    assert_int_equal(ask_for(w, "nobody@example.org"), ST_BUSY);
    deliver(w);
    assert_int_equal(waiting(w), 0);
    assert_int_equal(ask_for(w, "nobody@example.org"), ST_OK);
}

/* ---- what is left ---- */

/* Sent, given up, or for nobody: nothing of it is in the database's files, nor in a log. */
static void what_was_sent_is_gone(void **state)
{
    struct world *w = *state;
    struct browser b, pia;
    char log_file[128];
    struct log *log = NULL;
    struct err err = {0};
    struct mailer *m = NULL;
    static struct sink sink;
    staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    snprintf(log_file, sizeof log_file, "%s/error.log", w->folder);
    assert_ok(log_start(log_file, log_file, &log, &err), &err);
    sink_open(&sink, SINK_LATER);
    const struct smtp smtp = {.url = sink.url, .open = true};
    const struct mailer_conf conf = to_server(w, &smtp, log);
    assert_ok(mailer_make(&conf, &m, &err), &err);
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    round_of(m);
    assert_true(in_database(w, "/desk/link/")); /* or there would be nothing to send */
    sink.way = SINK_TAKES;
    time_set_for_test(moment(20, 12) + MS_MINUTE);
    round_of(m);
    assert_int_equal(sink.taken, 1);
    const char *path = link_in(w, sink_said(&sink));
    assert_false(in_database(w, path));
    assert_false(in_database(w, "/desk/link/"));

    staff(w, &pia, "pia@example.org", "Pia", ROLE_PUBLISHER);
    assert_int_equal(send_form(&pia, "/desk/people", "email", "new@example.org", "role", "editor"),
                     200);
    assert_int_equal(ask_for(w, "nobody@example.org"), ST_OK);
    assert_true(in_database(w, "/desk/link/") && in_database(w, "nobody@example.org"));
    sink.way = SINK_NEVER;
    round_of(m);
    assert_int_equal(waiting(w), 0);
    assert_false(in_database(w, "/desk/link/"));
    assert_false(in_database(w, "nobody@example.org"));
    mailer_free(m);
    log_stop(log);
    str lines = contents(w, log_file);
    assert_has(lines, "message 1 (reset), try 1: will be tried again");
    assert_has(lines, "(invite), try 1: given up");
    assert_lacks(lines, "/desk/link/");
    assert_lacks(lines, "example.org");
    sink_close(&sink);
}

/* ---- servers ---- */

static void pauses_grow(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct err err = {0};
    struct mailer *m = NULL;
    static struct sink sink;
    i64 now = moment(20, 12);
    staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    sink_open(&sink, SINK_LATER);
    const struct smtp smtp = {.url = sink.url, .open = true};
    const struct mailer_conf conf = to_server(w, &smtp, NULL);
    assert_ok(mailer_make(&conf, &m, &err), &err);
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    for (i64 pause = 30; pause <= 480; pause *= 2) {
        i64 next = round_of(m);
        assert_int_equal(next - now, pause * MS_SECOND);
        time_set_for_test(now = next);
    }
    sink.way = SINK_TAKES;
    round_of(m);
    assert_int_equal(sink.taken, 1);
    assert_int_equal(waiting(w), 0);
    mailer_free(m);
    sink_close(&sink);
}

static void what_nobody_takes_is_given_up(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct err err = {0};
    struct mailer *m = NULL;
    static struct sink sink;
    staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    sink_open(&sink, SINK_LATER);
    const struct smtp smtp = {.url = sink.url, .open = true};
    const struct mailer_conf conf = to_server(w, &smtp, NULL);
    assert_ok(mailer_make(&conf, &m, &err), &err);
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    round_of(m);
    time_set_for_test(moment(20, 13));
    sink.way = SINK_TAKES; /* too late: its link has ended */
    round_of(m);
    assert_int_equal(sink.taken, 0);
    assert_int_equal(waiting(w), 0);
    assert_str(logged(w, 1), "mail-given-up anna@example.org; ");
    mailer_free(m);
    sink_close(&sink);
}

static void what_a_server_never_takes_is_given_up(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct err err = {0};
    struct mailer *m = NULL;
    static struct sink sink;
    staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    sink_open(&sink, SINK_NEVER);
    const struct smtp smtp = {.url = sink.url, .open = true};
    const struct mailer_conf conf = to_server(w, &smtp, NULL);
    assert_ok(mailer_make(&conf, &m, &err), &err);
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    round_of(m);
    assert_int_equal(waiting(w), 0);
    assert_str(logged(w, 1), "mail-given-up anna@example.org; ");
    mailer_free(m);
    sink_close(&sink);
}

/* Where there is no server the rest isn't tried either, for a while. */
static void a_server_that_is_gone_is_left_alone(void **state)
{
    struct world *w = *state;
    struct browser b, c;
    struct err err = {0};
    struct mailer *m = NULL;
    static struct sink sink;
    staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    staff(w, &c, "ben@example.org", "Ben", ROLE_EDITOR);
    sink_open(&sink, SINK_NO_SERVICE);
    const struct smtp smtp = {.url = sink.url, .open = true};
    const struct mailer_conf conf = to_server(w, &smtp, NULL);
    assert_ok(mailer_make(&conf, &m, &err), &err);
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    assert_int_equal(ask_for(w, "ben@example.org"), ST_OK);
    i64 next = round_of(m);
    assert_true(next > moment(20, 12) + 25 * MS_SECOND && next <= moment(20, 12) + 30 * MS_SECOND);
    round_of(m);
    assert_int_equal(sink.connections, 1);
    assert_int_equal(waiting(w), 2);
    mailer_free(m);
    sink_close(&sink);
}

static enum status end_links(struct tx *tx, void *arg)
{
    return one_time_remove_all(tx, *(const i64 *)arg);
}

/* The link in a message that still waits has ended: by a newer one, or another new password. */
static void what_leads_nowhere_is_not_sent(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct err err = {0};
    struct mailer *m = NULL;
    static struct sink sink;
    i64 anna = staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    sink_open(&sink, SINK_LATER);
    const struct smtp smtp = {.url = sink.url, .open = true};
    const struct mailer_conf conf = to_server(w, &smtp, NULL);
    assert_ok(mailer_make(&conf, &m, &err), &err);
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    round_of(m);
    change(w, end_links, &anna);
    sink.way = SINK_TAKES;
    time_set_for_test(moment(20, 12) + MS_MINUTE);
    round_of(m);
    assert_int_equal(waiting(w), 0);
    assert_int_equal(sink.taken, 0);
    mailer_free(m);
    sink_close(&sink);
}

static void wait_until(const _Atomic int *what, int least)
{
    for (int i = 0; i < 1000 && *what < least; i++)
        usleep(10 * 1000);
    assert_true(*what >= least);
}

static void a_server_that_hangs_delays_nothing(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct err err = {0};
    struct mailer *m = NULL;
    i64 next;
    static struct sink sink;
    staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    publish(w, "---\nid: wall\nsection: town\nheadline: Headline of wall\nslug: headline-of-wall\n"
               "published: 2026-11-20T12:30:00Z\n---\nWords.\n");
    sink_open(&sink, SINK_HANGS);
    const struct smtp smtp = {.url = sink.url, .open = true};
    const struct mailer_conf conf = to_server(w, &smtp, NULL);
    assert_ok(mailer_make(&conf, &m, &err), &err);
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    assert_ok(mailer_start(m, &err), &err);
    wait_until(&sink.connections, 1);
    i64 began = time_monotonic();
    assert_int_equal(get(w, WALL, NULL), 404);
    time_set_for_test(moment(20, 12) + 30 * MS_MINUTE);
    assert_ok(jobs_run(app_writer(w->app), NULL, &next, &err), &err);
    assert_int_equal(get(w, WALL, NULL), 200);
    assert_int_equal(waiting(w), 1);
    mailer_free(m); /* stops in the middle of it */
    assert_true(time_monotonic() - began < 10 * MS_SECOND);
    sink_close(&sink);
}

/* ---- killed between the server's yes and the row's going ---- */

static bool yes(void *arg)
{
    (void)arg;
    return true;
}

static void no_more_commits(void *arg)
{
    struct world *w = arg;
    writer_test_hook(app_writer(w->app), (struct writer_hook){.fail_commit = yes});
}

/* As after a kill: nothing is written any more, and what starts next finds the row as it was. */
static void one_more_copy_at_most(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct err err = {0};
    struct mailer *m = NULL;
    i64 next;
    static struct sink sink;
    str first, second, rest;
    staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    sink_open(&sink, SINK_TAKES);
    const struct smtp smtp = {.url = sink.url, .open = true};
    struct mailer_conf conf = to_server(w, &smtp, NULL);
    conf.sent = no_more_commits;
    assert_ok(mailer_make(&conf, &m, &err), &err);
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    assert_int_not_equal(mailer_round(m, &next, &err), ST_OK);
    mailer_free(m);
    writer_test_hook(app_writer(w->app), (struct writer_hook){0});
    assert_int_equal(waiting(w), 1);

    conf.sent = NULL;
    assert_ok(mailer_make(&conf, &m, &err), &err);
    assert_ok(mailer_start(m, &err), &err); /* gives back what the other had claimed */
    wait_until(&sink.taken, 2);
    for (int i = 0; i < 500 && waiting(w); i++)
        usleep(10 * 1000);
    mailer_free(m);
    assert_int_equal(waiting(w), 0);
    assert_int_equal(sink.taken, 2);
    ptrdiff_t at = str_find(sink_said(&sink), STR("Message-Id: "));
    rest = str_from(sink_said(&sink), (size_t)at);
    rest = str_cut(rest, '\n', &first);
    rest = str_from(rest, (size_t)str_find(rest, STR("Message-Id: ")));
    str_cut(rest, '\n', &second);
    assert_true(first.n > 40 && str_eq(first, second));
    sink_close(&sink);
}

/* The same while the process lives: it knows what was taken. */
static void what_was_taken_is_not_sent_again(void **state)
{
    struct world *w = *state;
    struct browser b;
    struct err err = {0};
    struct mailer *m = NULL;
    i64 next;
    static struct sink sink;
    staff(w, &b, "anna@example.org", "Anna", ROLE_EDITOR);
    sink_open(&sink, SINK_TAKES);
    const struct smtp smtp = {.url = sink.url, .open = true};
    struct mailer_conf conf = to_server(w, &smtp, NULL);
    conf.sent = no_more_commits;
    assert_ok(mailer_make(&conf, &m, &err), &err);
    assert_int_equal(ask_for(w, "anna@example.org"), ST_OK);
    assert_int_not_equal(mailer_round(m, &next, &err), ST_OK);
    writer_test_hook(app_writer(w->app), (struct writer_hook){0});
    assert_int_equal(waiting(w), 1);
    time_set_for_test(moment(20, 12) + 10 * MS_MINUTE); /* its lease has ended */
    enum status st = mailer_round(m, &next, &err);
    writer_test_hook(app_writer(w->app), (struct writer_hook){0});
    assert_int_equal(sink.taken, 1);
    assert_int_equal(st, ST_OK);
    assert_int_equal(waiting(w), 0);
    mailer_free(m);
    sink_close(&sink);
}

/* ---- invitations and notices ---- */

static void an_invitation_is_mailed(void **state)
{
    struct world *w = *state;
    struct browser pia;
    staff(w, &pia, "pia@example.org", "Pia", ROLE_PUBLISHER);
    assert_int_equal(send_form(&pia, "/desk/people", "email", "new@example.org", "role", "editor"),
                     200);
    str shown = pia.body;
    deliver(w);
    str message = one_message(w);
    assert_has(message, "To: new@example.org\r\n");
    assert_has(message, "Pia invites you");
    assert_has(shown, link_in(w, message));
}

static void what_was_done_to_an_account_is_told_to_it(void **state)
{
    struct world *w = *state;
    struct browser pia, ben, out = {.w = w};
    struct setting s = {.edition = "en", .totp = STR("12345678901234567890")};
    char path[64];
    staff(w, &pia, "pia@example.org", "Pia", ROLE_PUBLISHER);
    s.account = staff(w, &ben, "ben@example.org", "Ben", ROLE_REPORTER);
    change(w, set_account, &s);
    snprintf(path, sizeof path, "/desk/people/%lld", (long long)s.account);
    assert_int_equal(send_form(&pia, path, "do", "roles", "role", "editor", "role", "moderator"),
                     303);
    deliver(w);
    str message = one_message(w);
    assert_has(message, "To: Ben <ben@example.org>\r\n");
    assert_has(message, "Subject: The Sound: your roles were changed\r\n");
    assert_has(message, "Editor and Moderator");
    assert_has(message, "http://localhost:8080/desk/forgotten");
    assert_int_equal(send_form(&pia, path, "do", "second-off"), 303);
    deliver(w);
    assert_has(one_message(w), "second step at sign-in was turned off");
    assert_int_equal(send_form(&pia, path, "do", "roles"), 303);
    deliver(w);
    assert_has(one_message(w), "They are now: none.");
    assert_int_equal(send_form(&pia, path, "do", "roles"), 303); /* nothing changed */
    assert_int_equal(waiting(w), 0);
    assert_int_equal(ask_for(w, "ben@example.org"), ST_OK);
    deliver(w);
    assert_int_equal(send_form(&out, link_in(w, one_message(w)), "password", fresh, "again", fresh),
                     303);
    deliver(w);
    assert_has(one_message(w), "Subject: The Sound: your password was changed\r\n");
}

/* ---- what a message says ---- */

static void every_kind_in_every_language(void **state)
{
    static const char *const editions[] = {"en", "ru", "ar", "gone"};
    static const char *const sites[] = {"The Sound", "Пролив", "المضيق", "The Sound"};
    struct world *w = *state;
    struct err err = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    assert_ok(db_open(w->site.db, DB_READ, &db, &err), &err);
    CLEANUP(theme_cleanup) struct theme *theme = app_theme(w->app);
    for (size_t e = 0; e < COUNT(editions); e++)
        for (i64 kind = 0; kind < MAIL_KINDS; kind++) {
            CLEANUP(view_end) struct view v = {0};
            struct letter l;
            bool link = kind == MAIL_RESET || kind == MAIL_INVITE;
            const struct mail m = {.kind = kind,
                                   .email = STR("anna@example.org"),
                                   .edition = str_c(editions[e]),
                                   .path = link ? STR("/desk/link/x") : STR_NONE,
                                   .words =
                                       kind == MAIL_ROLES ? STR("editor, publisher") : STR("Pia"),
                                   .at = moment(20, 12),
                                   .until_ms = moment(20, 13)};
            assert_ok(view_begin(&v, db, &w->a, &err), &err);
            assert_ok(letter_write(&v, theme, &m, &l), &err);
            assert_str(l.from_name, sites[e]);
            assert_has(l.subject, sites[e]);
            assert_has(l.text, sites[e]);
            assert_has(l.text, "anna@example.org");
            assert_has(l.text, link ? "\n\nhttp://localhost:8080/desk/link/x\n\n"
                                    : "\n\nhttp://localhost:8080/desk/forgotten\n");
            assert_lacks(l.text, "{");
            assert_false(has(l.text, "editor, publisher"));
        }
}

/* ---- site.conf ---- */

static void a_password_that_others_can_read(void **state)
{
    struct world *w = *state;
    struct mailer *m = NULL;
    struct err err = {0};
    char path[128];
    snprintf(path, sizeof path, "%s/secret", w->folder);
    FILE *f = fopen(path, "we");
    assert_true(f && fputs("a secret of the desk\n", f) >= 0 && fclose(f) == 0);
    w->site.conf.smtp = STR("smtp://127.0.0.1:9");
    w->site.conf.smtp_open = true;
    w->site.conf.mail_user = STR("desk");
    w->site.conf.mail_password_file = str_c(path);
    static const mode_t others[] = {0644, 0640, 0604};
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_int_equal(chmod(path, others[i]), 0);
        enum status st = app_mailer(w->app, &m, &err);
        if (!st)
            mailer_free(m);
        assert_int_equal(st, ST_INVALID);
        assert_has(str_c(err.text), "can be read by others");
        assert_lacks(str_c(err.text), "a secret");
    }
    assert_int_equal(chmod(path, 0600), 0);
    assert_ok(app_mailer(w->app, &m, &err), &err);
    mailer_free(m);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(app_mailer(w->app, &m, &err), ST_IO);
}

int main(void)
{
#define T(f) with_world(f, &files)
    const struct CMUnitTest tests[] = {
        T(a_password_is_reset_by_mail),
        T(a_link_ends),
        T(only_the_newest_link_leads_there),
        T(the_second_step_is_not_skipped),
        T(whoever_has_an_account),
        T(nobody_can_tell_who_has_an_account),
        T(asking_waits_longer_and_longer),
        T(nobody_floods_an_account),
        T(so_much_waits_at_most),
        T(what_was_sent_is_gone),
        T(pauses_grow),
        T(what_nobody_takes_is_given_up),
        T(what_a_server_never_takes_is_given_up),
        T(a_server_that_is_gone_is_left_alone),
        T(what_leads_nowhere_is_not_sent),
        T(a_server_that_hangs_delays_nothing),
        T(one_more_copy_at_most),
        T(what_was_taken_is_not_sent_again),
        T(an_invitation_is_mailed),
        T(what_was_done_to_an_account_is_told_to_it),
        T(every_kind_in_every_language),
        T(a_password_that_others_can_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
