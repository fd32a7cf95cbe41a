/* Tokens, passwords, codes: against the vectors of their specifications. */
#include "test.h"

#include "base/secret.h"
#include "base/sha1.h"

static int start(void **state)
{
    (void)state;
    return (int)hash_start();
}

static str bytes_of(const u8 *p, size_t n)
{
    return (str){(const char *)p, n};
}

/* RFC 3174, 7.3, and FIPS 180-4's one of 896 bits. times: how often the text stands there. */
static const struct {
    const char *name, *text;
    size_t times;
    const char *want;
} hashes[] = {
    {"abc", "abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {"two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
    {"a million", "a", 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"},
    {"multiples of 64", "0123456701234567012345670123456701234567012345670123456701234567", 10,
     "dea356a2cddd90c7a7ecedc5ebb563934f460452"},
    {"896 bits",
     "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnop"
     "qrsmnopqrstnopqrstu",
     1, "a49b2446a02c645bf419f995b67091253a04a259"},
    {"nothing", "", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
};

static void sha1_is_sha1(void **state)
{
    struct arena *a = *state;
    for (size_t i = 0; i < COUNT(hashes); i++) {
        u8 have[SHA1_BYTES];
        size_t n = strlen(hashes[i].text);
        char *text = arena_bytes(a, n * hashes[i].times + 1);
        assert_non_null(text);
        for (size_t k = 0; k < hashes[i].times; k++)
            memcpy(text + k * n, hashes[i].text, n);
        sha1((str){text, n * hashes[i].times}, have);
        assert_str(hex(have, sizeof have, a), hashes[i].want);
    }
}

/* RFC 2202, 3, those whose keys fit into a block. */
static void hmac_is_hmac(void **state)
{
    struct arena *a = *state;
    u8 have[SHA1_BYTES];
    char key[80], text[50];
    memset(key, 0x0b, 20);
    sha1_hmac((str){key, 20}, STR("Hi There"), have);
    assert_str(hex(have, sizeof have, a), "b617318655057264e28bc0b6fb378c8ef146be00");
    sha1_hmac(STR("Jefe"), STR("what do ya want for nothing?"), have);
    assert_str(hex(have, sizeof have, a), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    memset(key, 0xaa, 20);
    memset(text, 0xdd, sizeof text);
    sha1_hmac((str){key, 20}, (str){text, sizeof text}, have);
    assert_str(hex(have, sizeof have, a), "125d7342b9ac11cd91a39af48aa17b4f63f175d3");
}

static const u8 rfc_key[TOTP_BYTES] = "12345678901234567890";

/* RFC 4226, appendix D: the counter's codes, and so the truncation's. */
static void codes_are_those_of_the_counter(void **state)
{
    static const char *const want[] = {"755224", "287082", "359152", "969429", "338314",
                                       "254676", "287922", "162583", "399871", "520489"};
    char buf[7];
    (void)state;
    for (size_t i = 0; i < COUNT(want); i++)
        assert_str(totp_code(rfc_key, (i64)i, buf), want[i]);
}

/* RFC 6238, appendix B: the last six of its eight digits. */
static void codes_are_those_of_the_time(void **state)
{
    static const struct {
        i64 seconds;
        const char *want;
    } codes[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                 {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    char buf[7];
    (void)state;
    for (size_t i = 0; i < COUNT(codes); i++)
        assert_str(totp_code(rfc_key, totp_step(codes[i].seconds * 1000), buf), codes[i].want);
}

static void a_code_holds_for_its_step_and_both_beside_it(void **state)
{
    const i64 at = 1234567890 * (i64)1000, now = totp_step(at);
    char buf[7];
    i64 step = 0;
    (void)state;
    for (i64 by = -2; by <= 2; by++) {
        step = 0;
        bool near = by >= -1 && by <= 1;
        assert_int_equal(totp_matches(rfc_key, totp_code(rfc_key, now + by, buf), at, 0, &step),
                         near);
        assert_int_equal(step, near ? now + by : 0);
    }
    assert_true(totp_matches(rfc_key, STR("005 924"), at, 0, &step));
    static const char *const wrong[] = {"", "005925", "05924", "0059240", "00592a", "5924  "};
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(totp_matches(rfc_key, str_c(wrong[i]), at, 0, &step));
}

static void a_code_works_once(void **state)
{
    const i64 at = 1234567890 * (i64)1000, now = totp_step(at);
    char buf[7];
    i64 step = 0;
    (void)state;
    assert_true(totp_matches(rfc_key, totp_code(rfc_key, now, buf), at, now - 1, &step));
    assert_false(totp_matches(rfc_key, totp_code(rfc_key, now, buf), at, now, &step));
    assert_false(totp_matches(rfc_key, totp_code(rfc_key, now - 1, buf), at, now, &step));
    assert_true(totp_matches(rfc_key, totp_code(rfc_key, now + 1, buf), at, now, &step));
}

/* RFC 4648, 10, without its padding. */
static void base32_is_base32(void **state)
{
    static const char *const cases[][2] = {{"", ""},
                                           {"f", "MY"},
                                           {"fo", "MZXQ"},
                                           {"foo", "MZXW6"},
                                           {"foob", "MZXW6YQ"},
                                           {"fooba", "MZXW6YTB"},
                                           {"foobar", "MZXW6YTBOI"}};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_str(base32(cases[i][0], strlen(cases[i][0]), *state), cases[i][1]);
    assert_str(base32(rfc_key, sizeof rfc_key, *state), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

static void a_secret_has_one_text(void **state)
{
    struct arena *a = *state;
    u8 bytes[SECRET_BYTES], back[SECRET_BYTES] = {0};
    random_bytes(bytes, sizeof bytes);
    str text = secret_text(bytes, a);
    assert_int_equal(text.n, 43);
    assert_int_equal(secret_read(text, back), ST_OK);
    assert_memory_equal(bytes, back, sizeof bytes);
    memset(bytes, 0xFF, sizeof bytes);
    text = secret_text(bytes, a);
    assert_str(text, "__________________________________________8");
    memset(back, 7, sizeof back);
    static const char *const wrong[] = {
        "",
        "_",
        "__________________________________________",
        "___________________________________________", /* bits left over */
        "__________________________________________8_",
        "__________________________________________8=",
        "//////////////////////////////////////////8",
        "_____________________ ____________________8",
    };
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(secret_read(str_c(wrong[i]), back), ST_INVALID);
    assert_int_equal(back[0], 7);
    assert_true(secret_equal("same", "same", 4));
    assert_false(secret_equal("same", "sane", 4));
}

static void a_token_is_of_its_key_alone(void **state)
{
    struct arena *a = *state;
    u8 key[SECRET_BYTES], other[SECRET_BYTES];
    random_bytes(key, sizeof key);
    memcpy(other, key, sizeof key);
    other[SECRET_BYTES - 1] ^= 1;
    str one = form_token(key, a), two = form_token(key, a);
    assert_int_equal(one.n, 86);
    assert_false(str_eq(one, two)); /* masked anew */
    assert_true(form_token_matches(key, one));
    assert_true(form_token_matches(key, two));
    assert_false(form_token_matches(other, one));
    assert_false(form_token_matches(key, str_head(one, 85)));
    assert_false(form_token_matches(key, STR_NONE));
    assert_false(form_token_matches(key, secret_text(key, a)));
}

static void a_password_is_known_by_its_hash(void **state)
{
    struct arena *a = *state;
    str hash, again;
    assert_int_equal(password_hash(STR("correct horse battery"), a, &hash), ST_OK);
    assert_true(str_starts(hash, STR("$argon2id$v=19$m=65536,t=2,p=1$")));
    assert_int_equal(password_hash(STR("correct horse battery"), a, &again), ST_OK);
    assert_false(str_eq(hash, again)); /* salted */
    assert_int_equal(password_check(STR("correct horse battery"), hash), ST_OK);
    assert_int_equal(password_check(STR("correct horse batters"), hash), ST_DENIED);
    assert_int_equal(password_check(STR_NONE, hash), ST_DENIED);
    assert_int_equal(password_check(STR("correct horse battery"), STR("$argon2id$v=19$broken")),
                     ST_CORRUPT);
    char *longest = arena_bytes(a, PASSWORD_MOST + 1);
    assert_non_null(longest);
    memset(longest, 'x', PASSWORD_MOST + 1);
    assert_int_equal(password_hash((str){longest, PASSWORD_MOST + 1}, a, &hash), ST_TOOLARGE);
    assert_int_equal(password_hash((str){longest, PASSWORD_MOST}, a, &hash), ST_OK);
    assert_int_equal(password_check((str){longest, PASSWORD_MOST}, hash), ST_OK);
    assert_int_equal(password_check((str){longest, PASSWORD_MOST + 1}, hash), ST_DENIED);
}

static void no_hash_is_as_much_work_and_denies(void **state)
{
    (void)state;
    u64 before = password_runs_for_test();
    assert_int_equal(password_check(STR("correct horse battery"), STR_NONE), ST_DENIED);
    assert_int_equal(password_runs_for_test(), before + 1);
}

static void a_recovery_code_is_read_as_people_type(void **state)
{
    struct arena *a = *state;
    str code = recovery_code(a);
    assert_int_equal(code.n, 19);
    str plain = recovery_canonical(code, a);
    assert_int_equal(plain.n, 16);
    assert_false(str_eq(code, recovery_code(a)));
    static const char *const alike[] = {"0123-abcd-1110-vwxz", "0123abcd1110vwxz",
                                        "O123 ABCD ilLo VWXZ ", "oi23-abcd-lIl0-vwxz"};
    for (size_t i = 0; i < COUNT(alike); i++)
        assert_str(recovery_canonical(str_c(alike[i]), a), "0123abcd1110vwxz");
    static const char *const wrong[] = {"", "0123-abcd-1110-vwx", "0123-abcd-1110-vwxz1",
                                        "0123-abcd-1110-vwxu", "0123-abcd-1110-vw\xC3\xA9"};
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(recovery_canonical(str_c(wrong[i]), a).n, 0);
    assert_int_equal(recovery_canonical(bytes_of((const u8 *)"0123abcd1110vwx\0", 16), a).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(sha1_is_sha1),
        with_arena(hmac_is_hmac),
        cmocka_unit_test(codes_are_those_of_the_counter),
        cmocka_unit_test(codes_are_those_of_the_time),
        cmocka_unit_test(a_code_holds_for_its_step_and_both_beside_it),
        cmocka_unit_test(a_code_works_once),
        with_arena(base32_is_base32),
        with_arena(a_secret_has_one_text),
        with_arena(a_token_is_of_its_key_alone),
        with_arena(a_password_is_known_by_its_hash),
        cmocka_unit_test(no_hash_is_as_much_work_and_denies),
        with_arena(a_recovery_code_is_read_as_people_type),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
