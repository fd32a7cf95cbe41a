#include "base/sha1.h"

struct sha1 {
    u32 h[5];
    u64 n; /* bytes taken */
    u8 block[SHA1_BLOCK];
};

static u32 rotate(u32 v, int by)
{
    return v << by | v >> (32 - by);
}

/* RFC 3174, 5: f and K of each twenty steps. */
static u32 mix(int t, u32 b, u32 c, u32 d)
{
    if (t < 20)
        return ((b & c) | (~b & d)) + 0x5A827999;
    if (t < 40)
        return (b ^ c ^ d) + 0x6ED9EBA1;
    if (t < 60)
        return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
    return (b ^ c ^ d) + 0xCA62C1D6;
}

static void take_block(struct sha1 *s)
{
    u32 w[80], v[5];
    for (size_t t = 0; t < 16; t++)
        w[t] = (u32)s->block[4 * t] << 24 | (u32)s->block[4 * t + 1] << 16 |
               (u32)s->block[4 * t + 2] << 8 | s->block[4 * t + 3];
    for (size_t t = 16; t < 80; t++)
        w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    memcpy(v, s->h, sizeof v);
    for (int t = 0; t < 80; t++) {
        u32 next = rotate(v[0], 5) + mix(t, v[1], v[2], v[3]) + v[4] + w[t];
        v[4] = v[3];
        v[3] = v[2];
        v[2] = rotate(v[1], 30);
        v[1] = v[0];
        v[0] = next;
    }
    for (int i = 0; i < 5; i++)
        s->h[i] += v[i];
}

static struct sha1 begin(void)
{
    return (struct sha1){.h = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0}};
}

static void add(struct sha1 *s, str more)
{
    for (size_t i = 0; i < more.n; i++) {
        s->block[s->n++ % SHA1_BLOCK] = (u8)more.p[i];
        if (s->n % SHA1_BLOCK == 0)
            take_block(s);
    }
}

static void end(struct sha1 *s, u8 ret[SHA1_BYTES])
{
    u64 bits = s->n * 8;
    char length[8];
    add(s, STR("\x80"));
    while (s->n % SHA1_BLOCK != SHA1_BLOCK - sizeof length)
        add(s, (str){"\0", 1});
    for (size_t i = 0; i < sizeof length; i++)
        length[i] = (char)(bits >> (8 * (sizeof length - 1 - i)));
    add(s, (str){length, sizeof length});
    for (size_t i = 0; i < SHA1_BYTES; i++)
        ret[i] = (u8)(s->h[i / 4] >> (8 * (3 - i % 4)));
}

void sha1(str s, u8 ret[SHA1_BYTES])
{
    struct sha1 state = begin();
    add(&state, s);
    end(&state, ret);
}

static void keyed(str key, u8 pad, str s, u8 ret[SHA1_BYTES])
{
    struct sha1 state = begin();
    char block[SHA1_BLOCK];
    for (size_t i = 0; i < SHA1_BLOCK; i++)
        block[i] = (char)((i < key.n ? (u8)key.p[i] : 0) ^ pad);
    add(&state, (str){block, sizeof block});
    add(&state, s);
    end(&state, ret);
}

void sha1_hmac(str key, str s, u8 ret[SHA1_BYTES])
{
    u8 inner[SHA1_BYTES];
    keyed(key, 0x36, s, inner);
    keyed(key, 0x5c, (str){(const char *)inner, sizeof inner}, ret);
}
