/* Messages of mail: what a stranger's name or address can't do to them, and what they say. */
#include "test.h"

#include "base/hash.h"
#include "outside/message.h"

static const struct message plain = {.from = {"desk@news.example", 17},
                                     .from_name = {"The Sound", 9},
                                     .to = {"anna@example.org", 16},
                                     .to_name = {"Anna", 4},
                                     .subject = {"A subject", 9},
                                     .text = {"One line.\nAnother.\n", 19},
                                     .id = {"abc", 3},
                                     .at = 1764355200000};

static str made(struct arena *a, struct message m)
{
    struct err err = {0};
    str out = STR_NONE;
    assert_ok(message_make(&m, a, &out, &err), &err);
    return out;
}

static bool has(str text, const char *words)
{
    return str_find(text, str_c(words)) >= 0;
}

#define assert_has(text, words)                                                                    \
    do {                                                                                           \
        if (!has((text), (words)))                                                                 \
            test_fail("\"%s\" isn't in:\n%.*s", (words), FMT(text));                               \
    } while (0)

/* Lines of the head that begin no header of ours, and go none on. */
static void assert_head(str message)
{
    static const char *const known[] = {
        "Date: ",         "From: ",         "To: ",
        "Subject: ",      "Message-Id: ",   "Auto-Submitted: ",
        "MIME-Version: ", "Content-Type: ", "Content-Transfer-Encoding: "};
    str rest = message, line;
    for (size_t n = 0;; n++) {
        rest = str_cut(rest, '\n', &line);
        assert_true(str_ends(line, STR("\r")));
        if (line.n == 1)
            return;
        bool ours = line.p[0] == ' ' || line.p[0] == '\t';
        for (size_t i = 0; !ours && i < COUNT(known); i++)
            ours = str_starts(line, str_c(known[i]));
        if (!ours)
            test_fail("a line of the head: %.*s", FMT(line));
        assert_true(n < 40);
    }
}

static void a_plain_one(void **state)
{
    str m = made(*state, plain);
    assert_head(m);
    assert_has(m, "From: The Sound <desk@news.example>\r\n");
    assert_has(m, "To: Anna <anna@example.org>\r\n");
    assert_has(m, "Subject: A subject\r\n");
    assert_has(m, "Message-Id: <abc@news.example>\r\n");
    assert_has(m, "Date: Fri, 28 Nov 2025 18:40:00 +0000\r\n");
    assert_has(m, "Auto-Submitted: auto-generated\r\n");
    assert_has(m, "Content-Type: text/plain; charset=utf-8\r\n");
    assert_has(m, "\r\n\r\nOne line.\r\nAnother.\r\n");
}

/* Every byte is ASCII, and every line short enough for any server (RFC 5321, 4.5.3.1.6). */
static void in_any_language(void **state)
{
    static const char *const words[] = {
        "Новый пароль для редакции «Пролив», о котором кто-то просил, и ещё слова",
        "كلمة مرور جديدة لهيئة تحرير المضيق", "“Quotes”, 日本語 and 👩🏽‍🚀"};
    for (size_t i = 0; i < COUNT(words); i++) {
        struct message m = plain;
        m.from_name = m.to_name = m.subject = m.text = str_c(words[i]);
        str out = made(*state, m), rest = out, line;
        assert_head(out);
        assert_has(out, "Subject: =?");
        for (size_t n = 0; n < out.n; n++)
            assert_true((u8)out.p[n] < 0x80);
        while (rest.n) {
            rest = str_cut(rest, '\n', &line);
            assert_true(line.n <= 100);
        }
    }
}

/* Outside of what is quoted a header of addresses has one, and nothing that would begin another. */
static void assert_one_address(str message, const char *name)
{
    str head = str_from(message, (size_t)str_find(message, str_c(name)) + 1);
    size_t open = 0;
    bool quoted = false;
    for (size_t i = 0; i < head.n && head.p[i] != '\n'; i++) {
        if (head.p[i] == '\\')
            i++;
        else if (head.p[i] == '"')
            quoted = !quoted;
        else if (!quoted && strchr(",;:", head.p[i]) && i > 5)
            test_fail("more than one address: %.*s", FMT(str_head(head, 80)));
        else if (!quoted)
            open += head.p[i] == '<';
    }
    assert_int_equal(open, 1);
    assert_false(quoted);
}

static void a_name_brings_no_header(void **state)
{
    static const char *const hostile[] = {
        "Anna\r\nBcc: all@example.org",
        "Anna\nBcc: all@example.org\n\nText",
        "Anna\rBcc: all@example.org",
        "Anna\" <all@example.org>, \"",
        "Anna <all@example.org>",
        "=?utf-8?q?Anna=0D=0ABcc:_all@example.org?=",
        "A\x7f\x01nna",
        "Anna\xc2\x85"
        "Bcc: all@example.org",
        "\xe2\x80\xae"
        "anna@example.org\xe2\x80\xac",
        "Anna\xe2\x80\xa8"
        "Bcc: all@example.org",
    };
    for (size_t i = 0; i < COUNT(hostile); i++) {
        struct message m = plain;
        m.from_name = m.to_name = m.subject = str_c(hostile[i]);
        str out = made(*state, m);
        assert_head(out);
        assert_false(has(out, "\nBcc"));
        assert_has(out, "<anna@example.org>\r\n");
        assert_one_address(out, "\nFrom: ");
        assert_one_address(out, "\nTo: ");
        assert_false(has(out, "=?utf-8?q?Anna=0D"));
    }
    /* what turns the text around is no longer there when the name is decoded: nothing but ASCII is
     */
    struct message m = plain;
    m.to_name = STR("\xe2\x80\xae"
                    "Anna\xe2\x81\xa9\n");
    assert_has(made(*state, m), "To: Anna <anna@example.org>\r\n");
}

static void an_address_is_one_address(void **state)
{
    static const struct {
        const char *address;
        bool fit;
    } all[] = {
        {"anna@example.org", true},
        {"anna+desk@example.org", true},
        {"o'neil@example.org", true},
        {"анна@пример.example", true},
        {"", false},
        {"anna", false},
        {"@example.org", false},
        {"anna@", false},
        {"anna@example.org@x", false},
        {"anna@example.org\r\nBcc: x@example.org", false},
        {"anna@example.org,x@example.org", false},
        {"anna@example.org>", false},
        {"<x@example.org", false},
        {"anna@example.org SIZE=1", false},
        {"\"a b\"@example.org", false},
        {"anna@[127.0.0.1]", false},
        {"anna:x@example.org;", false},
        {"anna(x)@example.org", false},
    };
    struct arena *a = *state;
    for (size_t i = 0; i < COUNT(all); i++) {
        struct message m = plain;
        struct err err = {0};
        str out = STR_NONE;
        m.to = str_c(all[i].address);
        enum status st = message_make(&m, a, &out, &err);
        if (st != (all[i].fit ? ST_OK : ST_INVALID))
            test_fail("\"%s\": %s", all[i].address, status_name(st));
        assert_int_equal(address_mailable(m.to), all[i].fit);
    }
}

static int start(void **state)
{
    struct err err = {0};
    (void)state;
    return hash_start() || outside_start(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {with_arena(a_plain_one), with_arena(in_any_language),
                                       with_arena(a_name_brings_no_header),
                                       with_arena(an_address_is_one_address)};
    return cmocka_run_group_tests(tests, start, NULL);
}
