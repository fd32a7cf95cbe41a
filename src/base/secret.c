#include "base/secret.h"

#include <errno.h>
#include <sodium.h>
#include <stdatomic.h>

#include "base/guard.h"
#include "base/hasher_parts.h"
#include "base/sha1.h"
#include "base/time.h"

enum {
    TEXT_BYTES = 43,
    MASKED_BYTES = 2 * SECRET_BYTES,
    MASKED_TEXT = 86,
    ARGON_PASSES = 2,
    ARGON_KIB = 64 << 10,
    TOTP_MS = 30 * 1000,
    TOTP_DIGITS = 6,
    RECOVERY_BYTES = 10,
    RECOVERY_LETTERS = 16,
    RECOVERY_GROUP = 4,
};

/* ---- tokens ---- */

static str base64url(const u8 *p, size_t n, struct arena *a)
{
    size_t cap = sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *buf = arena_bytes(a, cap);
    if (!buf)
        return STR_NONE;
    sodium_bin2base64(buf, cap, p, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_c(buf);
}

/* n bytes and no other length; libsodium refuses letters that aren't base64url's, and bits left
 * over that aren't zero: one text for each value. */
static bool base64url_read(str text, size_t letters, u8 *ret, size_t n)
{
    size_t got;
    return text.n == letters &&
           sodium_base642bin(ret, n, text.p, text.n, NULL, &got, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           got == n;
}

str secret_text(const u8 bytes[SECRET_BYTES], struct arena *a)
{
    return base64url(bytes, SECRET_BYTES, a);
}

enum status secret_read(str text, u8 ret[SECRET_BYTES])
{
    u8 bytes[SECRET_BYTES];
    if (!base64url_read(text, TEXT_BYTES, bytes, sizeof bytes))
        return ST_INVALID;
    memcpy(ret, bytes, sizeof bytes);
    return ST_OK;
}

bool secret_equal(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}

/* ---- passwords ---- */

#ifdef BROADSHEET_PROVE
static _Atomic u64 runs;

u64 password_runs_for_test(void)
{
    return atomic_load(&runs);
}

static void count_run(void)
{
    atomic_fetch_add(&runs, 1);
}
#else
static void count_run(void)
{
}
#endif

/* Another's process, or NULL; set before there are threads that ask. */
static struct hasher *elsewhere;

void password_by(struct hasher *h)
{
    elsewhere = h;
}

void secret_wipe(void *p, size_t n)
{
    sodium_memzero(p, n);
}

_Static_assert(HASHER_TEXT >= crypto_pwhash_STRBYTES, "a text holds libsodium's");

enum status argon_hash(str password, char text[HASHER_TEXT])
{
    return crypto_pwhash_str_alg(text, password.n ? password.p : "", password.n, ARGON_PASSES,
                                 (size_t)ARGON_KIB << 10, crypto_pwhash_ALG_ARGON2ID13)
               ? ST_NOMEM
               : ST_OK;
}

enum status argon_check(str password, const char text[HASHER_TEXT])
{
    errno = 0;
    if (crypto_pwhash_str_verify(text, password.n ? password.p : "", password.n) == 0)
        return ST_OK;
    return errno == EINVAL ? ST_DENIED : errno == ENOMEM ? ST_NOMEM : ST_CORRUPT;
}

enum status password_hash(str password, struct arena *a, str *ret)
{
    char *buf = arena_bytes(a, HASHER_TEXT);
    if (!buf)
        return ST_NOMEM;
    if (password.n > PASSWORD_MOST)
        return ST_TOOLARGE;
    count_run();
    enum status st = elsewhere ? hasher_hash(elsewhere, password, buf) : argon_hash(password, buf);
    if (!st)
        *ret = str_c(buf);
    return st;
}

/* Of the same cost as password_hash's by its own text, with a salt and a result that were never
 * anybody's. */
static void dummy(char buf[HASHER_TEXT])
{
    snprintf(buf, HASHER_TEXT,
             "$argon2id$v=19$m=%d,t=%d,p=1$AAAAAAAAAAAAAAAAAAAAAA"
             "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
             ARGON_KIB, ARGON_PASSES);
}

enum status password_check(str password, str hash)
{
    char text[HASHER_TEXT] = {0};
    if (hash.n >= sizeof text)
        return ST_CORRUPT;
    bool wrong = !hash.n || password.n > PASSWORD_MOST; /* the work is done all the same */
    if (hash.n)
        memcpy(text, hash.p, hash.n);
    else
        dummy(text);
    count_run();
    password = str_head(password, PASSWORD_MOST);
    enum status st =
        elsewhere ? hasher_check(elsewhere, password, text) : argon_check(password, text);
    return st ? st : wrong ? ST_DENIED : ST_OK;
}

/* ---- forms ---- */

str form_token(const u8 key[SECRET_BYTES], struct arena *a)
{
    u8 masked[MASKED_BYTES];
    random_bytes(masked, SECRET_BYTES);
    for (size_t i = 0; i < SECRET_BYTES; i++)
        masked[SECRET_BYTES + i] = masked[i] ^ key[i];
    return base64url(masked, sizeof masked, a);
}

bool form_token_matches(const u8 key[SECRET_BYTES], str token)
{
    u8 masked[MASKED_BYTES], bare[SECRET_BYTES];
    if (!base64url_read(token, MASKED_TEXT, masked, sizeof masked))
        return false;
    for (size_t i = 0; i < SECRET_BYTES; i++)
        bare[i] = masked[i] ^ masked[SECRET_BYTES + i];
    return !GUARD(form_token) || secret_equal(bare, key, SECRET_BYTES);
}

/* ---- codes ---- */

i64 totp_step(i64 now_ms)
{
    return now_ms / TOTP_MS;
}

/* RFC 4226, 5.3: four bytes from where the last one's low half points, without the sign. */
str totp_code(const u8 key[TOTP_BYTES], i64 step, char buf[TOTP_DIGITS + 1])
{
    u8 counter[8], mac[SHA1_BYTES];
    for (size_t i = 0; i < sizeof counter; i++)
        counter[i] = (u8)((u64)step >> (8 * (sizeof counter - 1 - i)));
    sha1_hmac((str){(const char *)key, TOTP_BYTES}, (str){(const char *)counter, sizeof counter},
              mac);
    size_t at = mac[SHA1_BYTES - 1] & 0xF;
    u32 v =
        (u32)(mac[at] & 0x7F) << 24 | (u32)mac[at + 1] << 16 | (u32)mac[at + 2] << 8 | mac[at + 3];
    for (size_t i = TOTP_DIGITS; i-- > 0; v /= 10)
        buf[i] = (char)('0' + v % 10);
    buf[TOTP_DIGITS] = '\0';
    return (str){buf, TOTP_DIGITS};
}

bool totp_matches(const u8 key[TOTP_BYTES], str code, i64 now_ms, i64 after, i64 *step)
{
    char digits[TOTP_DIGITS], want[TOTP_DIGITS + 1];
    size_t n = 0;
    i64 now = totp_step(now_ms), found = -1;
    for (size_t i = 0; i < code.n; i++) {
        if (code.p[i] == ' ')
            continue;
        if (code.p[i] < '0' || code.p[i] > '9' || n == TOTP_DIGITS)
            return false;
        digits[n++] = code.p[i];
    }
    if (n != TOTP_DIGITS)
        return false;
    for (i64 s = now - 1; s <= now + 1; s++) /* all of them, so that time tells nothing */
        if (secret_equal(totp_code(key, s, want).p, digits, TOTP_DIGITS) &&
            (s > after || !GUARD(totp_once)))
            found = s;
    if (found < 0)
        return false;
    *step = found;
    return true;
}

/* Five bits a letter, the last padded with zeros; alphabet: 32 letters. */
static str letters_of(const u8 *p, size_t n, const char *alphabet, struct arena *a)
{
    char *buf = arena_bytes(a, (n * 8 + 4) / 5 + 1);
    size_t w = 0;
    u32 bits = 0;
    int have = 0;
    if (!buf)
        return STR_NONE;
    for (size_t i = 0; i < n; i++) {
        bits = (bits << 8 | p[i]) & 0xFFFF;
        have += 8;
        for (; have >= 5; have -= 5)
            buf[w++] = alphabet[bits >> (have - 5) & 31];
    }
    if (have)
        buf[w++] = alphabet[bits << (5 - have) & 31];
    return (str){buf, w};
}

str base32(const void *p, size_t n, struct arena *a)
{
    return letters_of(p, n, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", a);
}

/* ---- recovery codes ---- */

static const char crockford[] = "0123456789abcdefghjkmnpqrstvwxyz";

str recovery_code(struct arena *a)
{
    u8 bytes[RECOVERY_BYTES];
    random_bytes(bytes, sizeof bytes);
    str s = letters_of(bytes, sizeof bytes, crockford, a);
    return arena_fmt(a, "%.*s-%.*s-%.*s-%.*s", FMT(str_head(s, RECOVERY_GROUP)),
                     FMT(str_head(str_from(s, RECOVERY_GROUP), RECOVERY_GROUP)),
                     FMT(str_head(str_from(s, 2 * RECOVERY_GROUP), RECOVERY_GROUP)),
                     FMT(str_from(s, 3 * RECOVERY_GROUP)));
}

static char crockford_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        c = (char)(c - 'A' + 'a');
    if (c == 'o')
        return '0';
    return (char)(c == 'i' || c == 'l' ? '1' : c);
}

str recovery_canonical(str typed, struct arena *a)
{
    char *buf = arena_bytes(a, RECOVERY_LETTERS + 1);
    size_t n = 0;
    for (size_t i = 0; buf && i < typed.n; i++) {
        char c = crockford_of(typed.p[i]);
        if (c == ' ' || c == '-')
            continue;
        if (n == RECOVERY_LETTERS || !c || !strchr(crockford, c))
            return STR_NONE;
        buf[n++] = c;
    }
    return n == RECOVERY_LETTERS ? (str){buf, n} : STR_NONE;
}
