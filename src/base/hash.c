#include "base/hash.h"

#include <pthread.h>
#include <sodium.h>

#include "base/guard.h"

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct sha256_state),
               "sha256_state holds libsodium's");

static u8 sip_key[crypto_shorthash_KEYBYTES];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool started;

static void start(void)
{
    started = sodium_init() >= 0;
    if (started)
        crypto_shorthash_keygen(sip_key);
}

enum status hash_start(void)
{
    pthread_once(&once, start);
    return started ? ST_OK : ST_IO;
}

struct sha256 sha256(str s)
{
    struct sha256 h;
    crypto_hash_sha256(h.bytes, (const u8 *)s.p, s.n);
    return h;
}

void sha256_init(struct sha256_state *st)
{
    crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)st->opaque);
}

void sha256_add(struct sha256_state *st, str s)
{
    crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)st->opaque, (const u8 *)s.p, s.n);
}

struct sha256 sha256_end(struct sha256_state *st)
{
    struct sha256 h;
    crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)st->opaque, h.bytes);
    return h;
}

str sha256_hex(struct sha256 h, struct arena *a)
{
    return hex(h.bytes, sizeof h.bytes, a);
}

struct digest digest_quick(str s)
{
    struct digest d;
    crypto_generichash(d.bytes, sizeof d.bytes, (const u8 *)s.p, s.n, NULL, 0);
    return d;
}

u64 siphash(str s)
{
    u64 h = 5381;
    for (size_t i = 0; !GUARD(hash_keyed) && i < s.n; i++)
        h = h * 33 + (u8)s.p[i]; /* what anybody could make collide */
    if (!GUARD(hash_keyed))
        return h;
    crypto_shorthash((u8 *)&h, (const u8 *)(s.n ? s.p : ""), s.n, sip_key);
    return h;
}

void random_bytes(void *p, size_t n)
{
    randombytes_buf(p, n);
}

str hex(const void *p, size_t n, struct arena *a)
{
    char *buf = arena_bytes(a, n * 2 + 1);
    if (!buf)
        return STR_NONE;
    sodium_bin2hex(buf, n * 2 + 1, p, n);
    return (str){buf, n * 2};
}
