/* base/hash.h: hashes and secrets, over libsodium, which only base names.
 *
 * hash_start must run once before anything else here; it also makes the process's SipHash key.
 * Threads: after hash_start, all functions may be called from any thread. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/arena.h"

struct sha256 {
    u8 bytes[32];
};
struct sha256_state { /* opaque; large enough for libsodium's */
    _Alignas(16) u8 opaque[128];
};

/* ST_IO when the system gives no randomness. Calling it again is harmless. */
MUST_USE enum status hash_start(void);

struct sha256 sha256(str s);
void sha256_init(struct sha256_state *st);
void sha256_add(struct sha256_state *st, str s);
struct sha256 sha256_end(struct sha256_state *st);
/* 64 lower-case hex digits in the arena. */
str sha256_hex(struct sha256 h, struct arena *a);

/* BLAKE2b to 128 bits, several times as quick as SHA-256: for telling two versions of a page apart.
 * Never kept: what is kept by its hash has SHA-256. */
struct digest {
    u8 bytes[16];
};
struct digest digest_quick(str s);

/* SipHash-2-4 under a key drawn at start: for tables that strangers fill. Differs between runs,
 * never kept. */
u64 siphash(str s);

void random_bytes(void *p, size_t n);
str hex(const void *p, size_t n, struct arena *a);

#endif
