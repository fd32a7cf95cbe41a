/* site.conf: each setting as it is written, the defaults, and what a wrong one is told. */
#include "test.h"

#include <unistd.h>

#include "app/conf.h"
#include "base/clean.h"
#include "base/out.h"

static enum status read_text(struct arena *a, const char *text, struct conf *ret, struct err *err)
{
    char path[] = "/tmp/broadsheet-conf-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    enum status st = conf_read(path, a, ret, err);
    unlink(path);
    return st;
}

static void defaults(void **state)
{
    struct arena *a = *state;
    const char *texts[] = {NULL, "", conf_default};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct conf c;
        struct err err = {0};
        if (texts[i])
            assert_ok(read_text(a, texts[i], &c, &err), &err);
        else
            assert_ok(conf_read("/nowhere/site.conf", a, &c, &err), &err);
        assert_str(c.base_url, "http://localhost:8080");
        assert_str(c.listen, "127.0.0.1:8080");
        assert_int_equal(c.nhosts, 1);
        assert_str(c.hosts[0], "localhost");
        assert_int_equal(c.ntrusted, 0);
        assert_int_equal(c.forwarding, 0);
        assert_str(c.access_log, "access.log");
        assert_str(c.error_log, "error.log");
        assert_false(c.log_full_address);
        assert_true(c.cache_mb == 256 && c.connections == 16384 && c.connections_a_client == 256);
        assert_int_equal(c.smtp.n + c.mail_user.n + c.mail_password_file.n, 0);
        assert_str(c.mail_from, "broadsheet@localhost");
    }
}

/* The file that init writes, with each line that is commented out made a setting, is the defaults
 * again: it can't say what isn't so. */
static void the_written_file_is_true(void **state)
{
    struct arena *a = *state;
    struct conf c;
    struct err err = {0};
    str text = arena_str(a, str_c(conf_default));
    char *p = (char *)text.p, *to = p;
    for (size_t i = 0; i < text.n; i++) {
        bool begins = i == 0 || text.p[i - 1] == '\n';
        if (!(begins && text.p[i] == ';' && text.p[i + 1] != ' '))
            *to++ = text.p[i];
    }
    *to = '\0';
    assert_ok(read_text(a, p, &c, &err), &err);
    assert_str(c.base_url, "http://localhost:8080");
    assert_true(c.nhosts == 1 && c.ntrusted == 0 && c.cache_mb == 256);
}

static void every_setting(void **state)
{
    struct arena *a = *state;
    struct conf c;
    struct err err = {0};
    assert_ok(read_text(a,
                        "[site]\nbase_url = https://news.example\nhosts = www.news.example, "
                        "m.news.example\n"
                        "[server]\nlisten = [::1]:8081\ntrusted_proxies = 10.0.0.0/8, ::1\n"
                        "forwarding = x-forwarded-for\nconnections = 100\nconnections_a_client = "
                        "10\ncache_mb = 64\n"
                        "[mail]\nsmtp = smtp://mail.example:587\nfrom = desk@news.example\n"
                        "user = desk\npassword_file = /etc/desk.password\n"
                        "[log]\naccess = -\nerror = e.log\nfull_address = yes\n",
                        &c, &err),
              &err);
    assert_str(c.base_url, "https://news.example");
    assert_int_equal(c.nhosts, 3);
    assert_str(c.hosts[0], "www.news.example");
    assert_str(c.hosts[1], "m.news.example");
    assert_str(c.hosts[2], "news.example");
    assert_str(c.listen, "[::1]:8081");
    assert_int_equal(c.ntrusted, 2);
    assert_int_equal(c.forwarding, 2);
    assert_true(c.connections == 100 && c.connections_a_client == 10 && c.cache_mb == 64);
    assert_str(c.access_log, "-");
    assert_str(c.error_log, "e.log");
    assert_true(c.log_full_address);
    assert_str(c.smtp, "smtp://mail.example:587");
    assert_false(c.smtp_open);
    assert_str(c.mail_from, "desk@news.example");
    assert_str(c.mail_user, "desk");
    assert_str(c.mail_password_file, "/etc/desk.password");
}

/* Only what never leaves the machine goes without TLS. */
static void mail_goes_open_to_this_machine_alone(void **state)
{
    static const struct {
        const char *server;
        bool open;
    } all[] = {{"smtp://localhost:25", true},          {"smtp://127.0.0.1:25", true},
               {"smtp://127.8.8.8:25", true},          {"smtp://[::1]:25", true},
               {"smtps://localhost:465", false},       {"smtp://mail.example:25", false},
               {"smtp://localhost.example:25", false}, {"smtp://127.0.0.1.example:25", false},
               {"smtp://128.0.0.1:25", false},         {"smtp://[2001:db8::1]:25", false}};
    struct arena *a = *state;
    for (size_t i = 0; i < COUNT(all); i++) {
        struct conf c;
        struct err err = {0};
        str text = arena_fmt(a, "[mail]\nsmtp = %s\nfrom = a@b.example\n", all[i].server);
        assert_ok(read_text(a, arena_cstr(a, text), &c, &err), &err);
        if (c.smtp_open != all[i].open)
            test_fail("%s", all[i].server);
    }
}

/* What no line alone has wrong. */
static void mail_is_set_as_a_whole(void **state)
{
    static const struct {
        const char *text, *want;
    } all[] = {{"[mail]\nsmtp = smtp://localhost:25\n", "`mail.from` is wanted"},
               {"[mail]\nuser = desk\n", "are wanted together"},
               {"[mail]\npassword_file = /x\n", "are wanted together"}};
    for (size_t i = 0; i < COUNT(all); i++) {
        struct conf c;
        struct err err = {0};
        assert_int_equal(read_text(*state, all[i].text, &c, &err), ST_INVALID);
        if (!strstr(err.text, all[i].want))
            test_fail("%s", err.text);
    }
}

static void what_is_wrong_is_named(void **state)
{
    struct arena *a = *state;
    static const struct {
        const char *text;
        int line;
        const char *want;
    } cases[] = {
        {"[site]\nname = X\n", 2, "`site.name` isn't a setting"},
        {"base_url = https://a.example\n", 1, "`.base_url` isn't a setting"},
        {"[site]\nbase_url\n", 2, "this isn't `name = value`"},
        {"[site]\n\nbase_url https //a\n", 3, "this isn't `name = value`"},
        {"[site]\nbase_url = news.example\n", 2, "`site.base_url` is an address"},
        {"[site]\nbase_url = ftp://news.example\n", 2, "`site.base_url` is an address"},
        {"[site]\nbase_url = https://news.example/\n", 2, "without a slash at its end"},
        {"[site]\nbase_url = https://news.example/sub\n", 2, "`site.base_url` is an address"},
        {"[site]\nbase_url = https://\n", 2, "`site.base_url` is an address"},
        {"[server]\nlisten = nowhere\n", 2, "`server.listen` is no address to listen on"},
        {"[server]\ntrusted_proxies = nobody\n", 2, "addresses or networks such as"},
        {"[server]\ntrusted_proxies = 10.0.0.0/33\n", 2, "addresses or networks such as"},
        {"[server]\nforwarding = via\n", 2, "is none, forwarded or x-forwarded-for"},
        {"[server]\nconnections = 15\n", 2, "is a number from 16 to 1000000"},
        {"[server]\nconnections = many\n", 2, "is a number from 16 to 1000000"},
        {"[server]\nconnections_a_client = 0\n", 2, "is a number from 1 to 60000"},
        {"[server]\ncache_mb = -1\n", 2, "is a number from 1 to 1048576"},
        {"[server]\ncache_mb = 99999999999999999999\n", 2, "is a number from"},
        {"[log]\nfull_address = maybe\n", 2, "is yes or no"},
        {"[mail]\nsmtp = mail.example\n", 2, "is an address such as smtps://"},
        {"[mail]\nsmtp = http://mail.example:25\n", 2, "is an address such as smtps://"},
        {"[mail]\nsmtp = smtp://mail.example\n", 2, "is an address such as smtps://"},
        {"[mail]\nsmtp = smtp://mail.example:0\n", 2, "is an address such as smtps://"},
        {"[mail]\nsmtp = smtp://u:p@mail.example:25\n", 2, "is an address such as smtps://"},
        {"[mail]\nsmtp = smtp://mail.example/x:25\n", 2, "is an address such as smtps://"},
        {"[mail]\nsmtp = smtp://[mail]:25\n", 2, "is an address such as smtps://"},
        {"[mail]\nfrom = The Desk <a@b.example>\n", 2, "is an address of mail"},
        {"[mail]\npassword_file = secret\n", 2, "is a file's whole path"},
        /* blank lines, comments and lines that go on are lines too */
        {"; how\n\n[site]\nhosts = a.example,\n  b.example\n\n[log]\nspeed = 1", 8, "`log.speed`"},
        {"[server]\ntrusted_proxies = ::1,\n  10.0.0.1,\n  nobody,\n  ::2\n", 4, "networks"},
        {"\xEF\xBB\xBF[site]\r\n\r\nspeed = 1\r\n", 3, "`site.speed`"},
        /* the first of several */
        {"[log]\nspeed = 1\nerror\nfull_address = maybe\n", 2, "`log.speed`"},
        {"[log]\nerror\nspeed = 1\n", 2, "this isn't `name = value`"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct conf c = {.cache_mb = 42};
        struct err err = {0};
        assert_int_equal(read_text(a, cases[i].text, &c, &err), ST_INVALID);
        str begin = arena_fmt(a, "site.conf: line %d: ", cases[i].line);
        if (!str_starts(str_c(err.text), begin) || !strstr(err.text, cases[i].want))
            test_fail("want %.*s%s\nhave %s", FMT(begin), cases[i].want, err.text);
        assert_int_equal(c.cache_mb, 42); /* written only on success */
    }
}

static void lists_have_an_end(void **state)
{
    struct arena *a = *state;
    struct conf c;
    struct err err = {0};
    struct out o = out_make(a, 4096, 1 << 16);
    out_c(&o, "[site]\nhosts = h.example");
    for (int i = 1; i < CONF_LIST - 1; i++)
        out_fmt(&o, ",\n  h%d.example", i);
    assert_ok(read_text(a, arena_cstr(a, out_view(&o)), &c, &err), &err);
    assert_int_equal(c.nhosts, CONF_LIST);
    out_c(&o, ",\n  more.example");
    assert_int_equal(read_text(a, arena_cstr(a, out_view(&o)), &c, &err), ST_INVALID);
    assert_non_null(strstr(err.text, "at most 31 names"));
}

/* A line of 198 bytes is the longest, with an end of line or without. */
static void lines_have_an_end(void **state)
{
    struct arena *a = *state;
    for (int n = 197; n <= 200; n++)
        for (int ended = 0; ended <= 1; ended++) {
            struct conf c;
            struct err err = {0};
            str text = arena_fmt(a, "\n[log]\n;%*s%s", n - 1, "x", ended ? "\n" : "");
            enum status st = read_text(a, arena_cstr(a, text), &c, &err);
            assert_int_equal(st, n <= 198 ? ST_OK : ST_INVALID);
            if (st)
                assert_non_null(strstr(err.text, "line 3 is longer than 198 bytes"));
        }
}

/* It is there and can't be read: that is no missing file, which is all defaults. */
static void what_cannot_be_read_is_said(void **state)
{
    struct conf c = {.cache_mb = 42};
    struct err err = {0};
    assert_int_equal(conf_read("/tmp", *state, &c, &err), ST_IO);
    assert_string_equal(err.text, "cannot read /tmp: Is a directory");
    assert_int_equal(c.cache_mb, 42);
}

static void where_to_listen(void **state)
{
    struct arena *a = *state;
    static const struct {
        const char *in, *address;
        int port;
    } cases[] = {
        {"127.0.0.1:8080", "127.0.0.1", 8080},
        {"[::1]:0", "::1", 0},
        {"[::]:65535", "::", 65535},
        {"localhost:80", "127.0.0.1", 80},
        {"127.0.0.1", NULL, 0},
        {":8080", NULL, 0},
        {"127.0.0.1:", NULL, 0},
        {"127.0.0.1:65536", NULL, 0},
        {"127.0.0.1:-1", NULL, 0},
        {"127.0.0.1:http", NULL, 0},
        {"", NULL, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *address = NULL;
        int port = -1;
        struct err err = {0};
        enum status st = conf_listen(str_c(cases[i].in), a, &address, &port, &err);
        if ((st == ST_OK) != (cases[i].address != NULL))
            test_fail("%s: %s %s", cases[i].in, status_name(st), err.text);
        if (!st) {
            assert_string_equal(address, cases[i].address);
            assert_int_equal(port, cases[i].port);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(defaults),
        with_arena(the_written_file_is_true),
        with_arena(every_setting),
        with_arena(mail_goes_open_to_this_machine_alone),
        with_arena(mail_is_set_as_a_whole),
        with_arena(what_is_wrong_is_named),
        with_arena(lists_have_an_end),
        with_arena(lines_have_an_end),
        with_arena(what_cannot_be_read_is_said),
        with_arena(where_to_listen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
