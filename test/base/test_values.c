/* Numbers, text, time, memory and formatting: the values everything else is written in. */
#include "test.h"

#include "base/fmt.h"
#include "base/log.h"
#include "base/time.h"

/* ---- numbers ---- */

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        enum status want;
        i64 value;
    } cases[] = {
        {"0", ST_OK, 0},
        {"-0", ST_OK, 0},
        {"007", ST_OK, 7},
        {"9223372036854775807", ST_OK, INT64_MAX},
        {"-9223372036854775808", ST_OK, INT64_MIN},
        {"9223372036854775808", ST_INVALID, 0},
        {"-9223372036854775809", ST_INVALID, 0},
        {"99999999999999999999999", ST_INVALID, 0},
        {"", ST_INVALID, 0},
        {"-", ST_INVALID, 0},
        {"+1", ST_INVALID, 0},
        {" 1", ST_INVALID, 0},
        {"1 ", ST_INVALID, 0},
        {"1.0", ST_INVALID, 0},
        {"0x1", ST_INVALID, 0},
        {"--1", ST_INVALID, 0},
        {"1-", ST_INVALID, 0},
        {"١", ST_INVALID, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        i64 v = 42;
        enum status st = str_i64(str_c(cases[i].in), &v);
        if (st != cases[i].want || v != (st ? 42 : cases[i].value))
            test_fail("\"%s\": %s, %lld", cases[i].in, status_name(st), (long long)v);
    }
}

/* ---- text ---- */

static void utf8(void **state)
{
    (void)state;
    static const struct {
        str in;
        ptrdiff_t bad; /* -1: valid */
    } cases[] = {
        {{"", 0}, -1},
        {{"a\0b", 3}, -1},
        {{"\xD0\xA1", 2}, -1},
        {{"\xEF\xBF\xBF", 3}, -1},
        {{"\xF0\x90\x80\x80", 4}, -1},
        {{"\xF4\x8F\xBF\xBF", 4}, -1},
        {{"ab\xC0\x80", 4}, 2},       /* overlong */
        {{"\xC1\xBF", 2}, 0},         /* overlong */
        {{"\xE0\x9F\xBF", 3}, 0},     /* overlong */
        {{"\xF0\x8F\xBF\xBF", 4}, 0}, /* overlong */
        {{"\xED\xA0\x80", 3}, 0},     /* a surrogate */
        {{"\xED\xBF\xBF", 3}, 0},     /* a surrogate */
        {{"\xF4\x90\x80\x80", 4}, 0}, /* beyond U+10FFFF */
        {{"\xF5\x80\x80\x80", 4}, 0}, /* beyond */
        {{"a\x80", 2}, 1},            /* continues nothing */
        {{"a\xD0", 2}, 1},            /* cut off */
        {{"\xD0 ", 2}, 0},            /* not continued */
        {{"\xE2\x82", 2}, 0},         /* cut off */
        {{"\xFF", 1}, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t bad = 99;
        bool ok = utf8_valid(cases[i].in, &bad);
        if (ok != (cases[i].bad < 0) || (!ok && bad != (size_t)cases[i].bad))
            test_fail("case %zu: %s, bad at %zu", i, ok ? "valid" : "invalid", bad);
    }
}

static void every_character_comes_back(void **state)
{
    (void)state;
    for (u32 cp = 1; cp <= 0x10FFFF; cp += cp < 0x3000 ? 1 : 61) {
        char buf[4];
        size_t i = 0, bad;
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        size_t n = utf8_put(cp, buf);
        assert_true(utf8_valid((str){buf, n}, &bad));
        assert_int_equal(utf8_next((str){buf, n}, &i), cp);
        assert_int_equal(i, n);
    }
}

static void views(void **state)
{
    (void)state;
    str head, rest = str_cut(STR("a,b,"), ',', &head);
    assert_str(head, "a");
    rest = str_cut(rest, ',', &head);
    assert_str(head, "b");
    assert_non_null(rest.p); /* an empty rest is not none */
    rest = str_cut(rest, ',', &head);
    assert_true(head.n == 0 && !rest.p);
    assert_int_equal(str_find(STR("aab"), STR("ab")), 1);
    assert_int_equal(str_find(STR("ab"), STR("abc")), -1);
    assert_int_equal(str_find(STR_NONE, STR("")), 0);
    assert_str(str_trim(STR("\r\n\t a b \n")), "a b");
    assert_str(str_trim(STR(" \t ")), "");
    assert_true(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("b"), STR("ab")) > 0);
    assert_true(str_cmp(STR("\x80"), STR("a")) > 0); /* bytes have no sign */
    assert_true(str_eq_fold(STR("HoSt"), STR("hOsT")) && !str_eq_fold(STR("["), STR("{")));
    assert_str(str_from(STR("abc"), 9), "");
    assert_str(str_head(STR("abc"), 9), "abc");
}

/* ---- time ---- */

static void moments(void **state)
{
    struct arena *a = *state;
    static const struct {
        const char *in, *want; /* want NULL: refused */
    } cases[] = {
        {"2026-11-20T06:45:00Z", "2026-11-20T06:45:00Z"},
        {"2026-11-20t06:45:00z", "2026-11-20T06:45:00Z"},
        {"2026-11-20T06:45:00+02:00", "2026-11-20T04:45:00Z"},
        {"2026-11-20T23:45:00-05:30", "2026-11-21T05:15:00Z"},
        {"2026-01-01T00:00:00+00:01", "2025-12-31T23:59:00Z"},
        {"2026-11-20T06:45:00.5Z", "2026-11-20T06:45:00.500Z"},
        {"2026-11-20T06:45:00.123999Z", "2026-11-20T06:45:00.123Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
        {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
        {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
        {"2026-02-29T00:00:00Z", NULL},
        {"1900-02-29T00:00:00Z", NULL},
        {"2026-13-01T00:00:00Z", NULL},
        {"2026-00-01T00:00:00Z", NULL},
        {"2026-04-31T00:00:00Z", NULL},
        {"2026-11-20T24:00:00Z", NULL},
        {"2026-11-20T06:60:00Z", NULL},
        {"2026-12-31T23:59:60Z", NULL}, /* a leap second */
        {"2026-11-20T06:45:00", NULL},  /* no zone */
        {"2026-11-20T06:45Z", NULL},
        {"2026-11-20", NULL},
        {"2026-11-20T06:45:00.Z", NULL},
        {"2026-11-20T06:45:00+2:00", NULL},
        {"2026-11-20T06:45:00+0200", NULL},
        {"2026-11-20T06:45:00+24:00", NULL},
        {"2026-11-20T06:45:00Z ", NULL},
        {" 2026-11-20T06:45:00Z", NULL},
        {"0000-01-01T00:00:00Z", NULL},
        {"12026-11-20T06:45:00Z", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        i64 ms = 42;
        enum status st = time_parse(str_c(cases[i].in), &ms);
        if ((st == ST_OK) != (cases[i].want != NULL) || (st && ms != 42))
            test_fail("\"%s\": %s", cases[i].in, status_name(st));
        if (!st)
            assert_str(time_rfc3339(ms, a), cases[i].want);
    }
}

/* Each day from 1600 to 2400, and a moment in it, there and back. */
static void days(void **state)
{
    (void)state;
    int year = 1600, month = 1, day = 1;
    for (i64 at = time_from_civil((struct civil){.year = 1600, .month = 1, .day = 1}); year < 2400;
         at += MS_DAY) {
        struct civil c = time_civil(at + 86399999);
        if (c.year != year || c.month != month || c.day != day || c.hour != 23 || c.ms != 999)
            test_fail("%04d-%02d-%02d", c.year, c.month, c.day);
        assert_int_equal(time_from_civil(c), at + 86399999);
        if (civil_date_valid(year, month, day + 1)) {
            day++;
            continue;
        }
        day = 1;
        year += month == 12;
        month = month == 12 ? 1 : month + 1;
    }
}

static void http_dates(void **state)
{
    (void)state;
    static const struct {
        i64 ms;
        const char *want;
    } cases[] = {
        {784111777000, "Sun, 06 Nov 1994 08:49:37 GMT"}, /* RFC 9110, 5.6.7 */
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {-1000, "Wed, 31 Dec 1969 23:59:59 GMT"},
        {951782400000, "Tue, 29 Feb 2000 00:00:00 GMT"},
    };
    char buf[32];
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_str(time_http(cases[i].ms, buf), cases[i].want);
}

/* ---- formatting ---- */

static size_t PRINTF(3, 4) ours(char *buf, size_t cap, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t n = fmt_put(buf, cap, fmt, ap);
    va_end(ap);
    return n;
}

/* Both write into cap bytes between marks; nothing beyond them is touched. */
#define SAME_AS_PRINTF(cap_, ...)                                                                  \
    do {                                                                                           \
        char a_[64], b_[64];                                                                       \
        memset(a_, '#', sizeof a_);                                                                \
        memset(b_, '#', sizeof b_);                                                                \
        size_t n_ = ours(a_, (cap_), __VA_ARGS__);                                                 \
        int m_ = snprintf(b_, (cap_), __VA_ARGS__);                                                \
        if (n_ != (size_t)m_ || memcmp(a_, b_, sizeof a_) != 0)                                    \
            test_fail("%s in %zu: \"%.40s\" (%zu), not \"%.40s\" (%d)", #__VA_ARGS__,              \
                      (size_t)(cap_), a_, n_, b_, m_);                                             \
    } while (0)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-truncation"
static void formats_as_printf_does(void **state)
{
    (void)state;
    for (volatile size_t cap = 0; cap <= 40; cap++) {
        SAME_AS_PRINTF(cap, "plain");
        SAME_AS_PRINTF(cap, "%%");
        SAME_AS_PRINTF(cap, "a%sb", "words");
        SAME_AS_PRINTF(cap, "%s", "");
        SAME_AS_PRINTF(cap, "%.*s|", 3, "words");
        SAME_AS_PRINTF(cap, "%.*s|", 9, "words");
        SAME_AS_PRINTF(cap, "%.*s|", 0, "words");
        SAME_AS_PRINTF(cap, "%c%c", 'a', 'z');
        SAME_AS_PRINTF(cap, "%d %d %d", 0, INT32_MAX, INT32_MIN);
        SAME_AS_PRINTF(cap, "%zu", SIZE_MAX);
        SAME_AS_PRINTF(cap, "%lld", (long long)INT64_MIN);
        SAME_AS_PRINTF(cap, "%llu", (unsigned long long)UINT64_MAX);
        SAME_AS_PRINTF(cap, "%04d|%-5s|%x|%5.2f", 7, "a", 255, 1.5); /* left to printf */
        SAME_AS_PRINTF(cap, "%s %zu%% of %lld", "x", (size_t)5, 9LL);
    }
}
#pragma GCC diagnostic pop

/* ---- arenas ---- */

static void a_full_arena_stays_full(void **state)
{
    struct arena a;
    (void)state;
    assert_int_equal(arena_init(&a, 64 << 10), ST_OK);
    assert_null(arena_bytes(&a, (64 << 10) + 1));
    assert_true(a.oom);
    assert_null(arena_bytes(&a, 1)); /* though there would be room */
    assert_true(arena_str(&a, STR("x")).p == NULL && arena_fmt(&a, "%d", 1).p == NULL);
    assert_string_equal(arena_cstr(&a, STR("x")), "");
    arena_reset(&a);
    assert_false(a.oom);
    assert_null(arena_new(&a, i64, SIZE_MAX / 2)); /* the product is checked */
    arena_reset(&a);
    char *mark = arena_mark(&a);
    assert_null(arena_bytes(&a, 1 << 20));
    arena_rewind(&a, mark);
    assert_true(a.oom); /* a rewind forgets nothing */
    arena_free(&a);
}

static void what_an_arena_gives_is_empty_and_aligned(void **state)
{
    struct arena a;
    (void)state;
    assert_int_equal(arena_init(&a, 1 << 20), ST_OK);
    for (int round = 0; round < 3; round++) {
        for (size_t n = 0; n < 200; n++) {
            char *p = arena_bytes(&a, n);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % 16, 0);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xAA, n);
        }
        arena_reset(&a);
    }
    arena_free(&a);
}

static void a_list_grows_until_the_arena_is_full(void **state)
{
    struct arena a;
    int *list = NULL;
    size_t n = 0, cap = 0;
    (void)state;
    assert_int_equal(arena_init(&a, 64 << 10), ST_OK);
    while (arena_grow(&a, list, n, &cap)) {
        list[n] = (int)n;
        n++;
    }
    assert_true(n >= 4096 && a.oom); /* the copies left behind cost at most as much again */
    for (size_t i = 0; i < n; i++)
        assert_int_equal(list[i], i);
    arena_free(&a);
}

/* ---- the log's escaping ---- */

static void log_escapes(void **state)
{
    (void)state;
    static const struct {
        str in;
        const char *want;
    } cases[] = {
        {{"plain", 5}, "plain"},
        {{"a\"b\\c", 5}, "a\\\"b\\\\c"},
        {{"\n\x1b[31m\x7f", 7}, "\\u000a\\u001b[31m\\u007f"},
        {{"a\0b", 3}, "a\\u0000b"},
        {{"\xD0\xA1\xF0\x9F\x98\x80", 6}, "\xD0\xA1\xF0\x9F\x98\x80"},
        {{"\xFF\xD0", 2}, "\\\\xff\\\\xd0"},
        {{"\xED\xA0\x80", 3}, "\\\\xed\\\\xa0\\\\x80"},
        {{"", 0}, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char buf[64];
        size_t n = log_escape(cases[i].in, buf, sizeof buf);
        assert_str(((str){buf, n}), cases[i].want);
    }
}

/* A value that doesn't fit is cut at a character, an escape never. */
static void log_escapes_are_whole(void **state)
{
    (void)state;
    str all = STR("ab\"\n\xD0\xA1\xFF\xF0\x9F\x98\x80z");
    char whole[64], buf[64];
    size_t most = log_escape(all, whole, sizeof whole);
    for (size_t cap = 0; cap <= most; cap++) {
        size_t bad;
        memset(buf, '#', sizeof buf);
        size_t n = log_escape(all, buf, cap);
        assert_true(n <= cap && buf[n] == '#' && memcmp(buf, whole, n) == 0);
        assert_true(utf8_valid((str){buf, n}, &bad));
        assert_true(n == most || memchr("ab\\\xD0\xF0z", whole[n], 7) != NULL);
        assert_false(n && buf[n - 1] == '\\' && (n < 2 || buf[n - 2] != '\\'));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(utf8),
        cmocka_unit_test(every_character_comes_back),
        cmocka_unit_test(views),
        with_arena(moments),
        cmocka_unit_test(days),
        cmocka_unit_test(http_dates),
        cmocka_unit_test(formats_as_printf_does),
        cmocka_unit_test(a_full_arena_stays_full),
        cmocka_unit_test(what_an_arena_gives_is_empty_and_aligned),
        cmocka_unit_test(a_list_grows_until_the_arena_is_full),
        cmocka_unit_test(log_escapes),
        cmocka_unit_test(log_escapes_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
