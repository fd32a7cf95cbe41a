/* base/secret.h: passwords, tokens, one-time codes, over libsodium.
 *
 * Tokens and link secrets are 256 random bits; what is kept of them is their SHA-256. Passwords are
 * kept as libsodium's Argon2id string, which names its own parameters: 64 MiB, two passes, one
 * lane; about 100 ms, so only the password lane asks for that (and commands, of themselves), and a
 * server has it done by another process (password_by). Codes
 * are TOTP (RFC 6238: SHA-1, 30 s, six digits; one step to either side is taken). Errors: what
 * gives a str gives an empty one, with oom set, when the arena is full. Threads: after hash_start,
 * any. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/hash.h"

enum { SECRET_BYTES = 32, TOTP_BYTES = 20, PASSWORD_LEAST = 12, PASSWORD_MOST = 1024 };

/* 43 characters of base64url (RFC 4648, 5) without padding. */
str secret_text(const u8 bytes[SECRET_BYTES], struct arena *a);
/* ST_INVALID unless text is exactly what secret_text writes. */
MUST_USE enum status secret_read(str text, u8 ret[SECRET_BYTES]);
/* In a time that doesn't tell where they differ. */
bool secret_equal(const void *a, const void *b, size_t n);

/* ST_NOMEM without 64 MiB, ST_TOOLARGE beyond PASSWORD_MOST. */
MUST_USE enum status password_hash(str password, struct arena *a, str *ret);
/* ST_OK, or ST_DENIED when it is another; ST_NOMEM without 64 MiB; ST_CORRUPT when hash isn't one.
 * hash "": works as long as for a real one, and denies. */
MUST_USE enum status password_check(str password, str hash);
/* From here on both have h do it (base/hasher.h), which lives until it is taken back with NULL; a
 * server says so before it has threads. Without it they do it themselves, as commands do, for a
 * password or two. */
struct hasher;
void password_by(struct hasher *h);
#ifdef BROADSHEET_PROVE
/* For tests: how often Argon2 was asked for in this process. */
u64 password_runs_for_test(void);
#endif

/* A token for a form, bound to key and masked anew each time, so that compression tells nothing of
 * it (BREACH). */
str form_token(const u8 key[SECRET_BYTES], struct arena *a);
bool form_token_matches(const u8 key[SECRET_BYTES], str token);

/* The step of a moment; the code of a step; whether code (blanks in it are forgiven) is that of
 * `now`'s step or a neighbour and newer than `after`: then *step is which. */
i64 totp_step(i64 now_ms);
str totp_code(const u8 key[TOTP_BYTES], i64 step, char buf[7]);
bool totp_matches(const u8 key[TOTP_BYTES], str code, i64 now_ms, i64 after, i64 *step);
/* RFC 4648 base32 without padding, as authenticator programs take it. */
str base32(const void *p, size_t n, struct arena *a);
/* "abcd-efgh-jkmn-pqrs" of 80 random bits, in Crockford's base 32: no letters that look alike.
 * Reading forgives case, blanks, hyphens, o for 0, i and l for 1, and gives back the canonical
 * text, to be hashed; "" for what is no such code. */
str recovery_code(struct arena *a);
str recovery_canonical(str typed, struct arena *a);

#endif
