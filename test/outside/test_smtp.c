/* A message on its way: to a server that does its part, to those that don't, and into a file. */
#include "test.h"

#include <sys/stat.h>

#include "base/hash.h"
#include "base/time.h"
#include "outside/mailbox.h"
#include "outside/message.h"
#include "outside/smtp.h"
#include "sink.h"

static const char text[] = "Subject: x\r\n\r\nA line.\r\n.A dot first.\r\n";

static bool has(str all, const char *words)
{
    return str_find(all, str_c(words)) >= 0;
}

static enum status send_to(const struct smtp *s, struct arena *a, struct err *err)
{
    return smtp_send(s, STR("desk@news.example"), STR("anna@example.org"), str_c(text), a, err);
}

static void it_is_taken(void **state)
{
    static struct sink sink;
    struct err err = {0};
    sink_open(&sink, SINK_TAKES);
    const struct smtp s = {.url = sink.url, .open = true};
    assert_ok(send_to(&s, *state, &err), &err);
    str said = sink_said(&sink);
    assert_true(has(said, "MAIL FROM:<desk@news.example>"));
    assert_true(has(said, "RCPT TO:<anna@example.org>"));
    assert_true(has(said, "A line.\r\n..A dot first.\r\n.\r\n"));
    assert_int_equal(sink.taken, 1);
    sink_close(&sink);
}

static void what_a_server_says(void **state)
{
    static const struct {
        const char *name;
        enum sink_way way;
        enum status st;
    } all[] = {
        {"not now", SINK_LATER, ST_BUSY},
        {"no such address", SINK_NEVER, ST_INVALID},
        {"no such message", SINK_NEVER_DATA, ST_INVALID},
        {"no service: of us, not of the message", SINK_NO_SERVICE, ST_IO},
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        static struct sink sink;
        struct err err = {0};
        sink_open(&sink, all[i].way);
        const struct smtp s = {.url = sink.url, .open = true};
        enum status st = send_to(&s, *state, &err);
        if (st != all[i].st)
            test_fail("%s: %s: %s", all[i].name, status_name(st), err.text);
        assert_true(has(str_c(err.text), "the mail server: "));
        assert_false(has(str_c(err.text), "anna"));
        assert_int_equal(sink.taken, 0);
        sink_close(&sink);
    }
}

static void no_server(void **state)
{
    static struct sink sink;
    struct err err = {0};
    sink_open(&sink, SINK_TAKES);
    sink_close(&sink);
    const struct smtp s = {.url = sink.url, .open = true};
    assert_int_equal(send_to(&s, *state, &err), ST_IO);
}

static void a_server_that_hangs(void **state)
{
    static struct sink sink;
    struct err err = {0};
    sink_open(&sink, SINK_HANGS);
    const struct smtp s = {.url = sink.url, .open = true, .most_ms = 300};
    i64 began = time_monotonic();
    assert_int_equal(send_to(&s, *state, &err), ST_IO);
    assert_true(time_monotonic() - began < 5000);
    sink_close(&sink);
}

static bool at_once(void *arg)
{
    (void)arg;
    return true;
}

static void told_to_stop(void **state)
{
    static struct sink sink;
    struct err err = {0};
    sink_open(&sink, SINK_HANGS);
    const struct smtp s = {.url = sink.url, .open = true, .stop = at_once};
    i64 began = time_monotonic();
    assert_int_equal(send_to(&s, *state, &err), ST_IO);
    assert_true(time_monotonic() - began < 5000);
    sink_close(&sink);
}

/* A server that offers no TLS is told neither who we are nor what we have. */
static void tls_or_nothing(void **state)
{
    static struct sink sink;
    struct err err = {0};
    sink_open(&sink, SINK_TAKES);
    const struct smtp s = {.url = sink.url, .user = "desk", .password = "a-password-of-the-desk"};
    enum status st = send_to(&s, *state, &err);
    str said = sink_said(&sink);
    assert_int_equal(st, ST_IO);
    assert_int_equal(sink.taken, 0);
    assert_false(has(said, "AUTH") || has(said, "RCPT") || has(said, "MAIL FROM"));
    assert_false(has(str_c(err.text), "a-password"));
    sink_close(&sink);
}

/* ---- as files ---- */

static str file_at(struct arena *a, const char *path)
{
    char buf[4096];
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(buf, 1, sizeof buf, f) : 0;
    if (f)
        fclose(f);
    return arena_str(a, (str){buf, n});
}

static void a_file_a_message(void **state)
{
    struct arena *a = *state;
    struct err err = {0};
    struct stat s;
    char folder[] = "/tmp/broadsheet-test-XXXXXX", box[64], path[96], command[96];
    assert_non_null(mkdtemp(folder));
    snprintf(box, sizeof box, "%s/mailbox", folder);
    snprintf(path, sizeof path, "%s/one.eml", box);
    assert_ok(mailbox_put(box, STR("one"), STR("first"), a, &err), &err);
    assert_ok(mailbox_put(box, STR("one"), STR("again"), a, &err), &err);
    assert_str(file_at(a, path), "again");
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
    assert_int_equal(stat(box, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0700);
    assert_int_equal(s.st_nlink, 2); /* and nothing half written beside it */
    snprintf(path, sizeof path, "%s/.one.part", box);
    assert_int_equal(access(path, F_OK), -1);
    /* one that others can look into, and what is no folder */
    assert_int_equal(chmod(box, 0750), 0);
    assert_int_equal(mailbox_put(box, STR("two"), STR("x"), a, &err), ST_IO);
    assert_true(has(str_c(err.text), "0700"));
    assert_int_equal(mailbox_put("/dev/null", STR("two"), STR("x"), a, &err), ST_IO);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

static int start(void **state)
{
    struct err err = {0};
    (void)state;
    return hash_start() || outside_start(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {with_arena(it_is_taken),     with_arena(what_a_server_says),
                                       with_arena(no_server),       with_arena(a_server_that_hangs),
                                       with_arena(told_to_stop),    with_arena(tls_or_nothing),
                                       with_arena(a_file_a_message)};
    return cmocka_run_group_tests(tests, start, NULL);
}
