#include "http/coding.h"

#include <brotli/encode.h>
#include <pthread.h>
#include <stdlib.h>
#include <zlib.h>

enum {
    GZIP_LEVEL = 6,
    BROTLI_QUALITY = 5,
    LEAST_WINDOW = 16,   /* bits */
    SCRATCH = 128 << 20, /* address space, not memory */
};

/* ---- the thread's arena ---- */

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;
static bool have_key;

static void scratch_end(void *p)
{
    arena_free(p);
    free(p);
}

static void scratch_start(void)
{
    have_key = pthread_key_create(&scratch_key, scratch_end) == 0;
}

/* Empty; NULL when memory is short. */
static struct arena *scratch(void)
{
    pthread_once(&scratch_once, scratch_start);
    struct arena *a = have_key ? pthread_getspecific(scratch_key) : NULL;
    if (a || !have_key)
        return a;
    a = calloc(1, sizeof *a);
    if (a && arena_init(a, SCRATCH) == ST_OK && pthread_setspecific(scratch_key, a) == 0)
        return a;
    if (a)
        scratch_end(a);
    return NULL;
}

/* What came out, at its exact size. */
static str keep(const u8 *bytes, size_t n, size_t identity)
{
    char *p = n && n < identity ? malloc(n) : NULL;
    if (!p)
        return STR_NONE;
    memcpy(p, bytes, n);
    return (str){p, n};
}

/* ---- gzip ---- */

static voidpf zlib_take(voidpf arena, uInt items, uInt size)
{
    return arena_raw(arena, (size_t)items * size);
}

static void zlib_give(voidpf arena, voidpf p)
{
    (void)arena;
    (void)p;
}

str coding_gzip(str body)
{
    struct arena *a = scratch();
    z_stream z = {.zalloc = zlib_take, .zfree = zlib_give, .opaque = a};
    if (!a || body.n > CODED_MAX ||
        deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        if (a)
            arena_reset(a);
        return STR_NONE;
    }
    uLong cap = deflateBound(&z, body.n);
    u8 *buf = (u8 *)arena_raw(a, cap);
    z.next_in = (u8 *)body.p;
    z.avail_in = (uInt)body.n;
    z.next_out = buf;
    z.avail_out = (uInt)cap;
    bool ok = buf && deflate(&z, Z_FINISH) == Z_STREAM_END;
    str coded = keep(buf, ok ? z.total_out : 0, body.n);
    deflateEnd(&z);
    arena_reset(a);
    return coded;
}

/* ---- brotli ---- */

static void *brotli_take(void *arena, size_t n)
{
    return arena_raw(arena, n);
}

static void brotli_give(void *arena, void *p)
{
    (void)arena;
    (void)p;
}

/* As many bits as a body needs: a window of more costs megabytes to lay out and brings nothing. A
 * quarter of a body is enough for text (measured on feeds: no byte more). */
static u32 window(size_t n)
{
    u32 bits = LEAST_WINDOW;
    while (bits < BROTLI_DEFAULT_WINDOW && ((size_t)4 << bits) < n)
        bits++;
    return bits;
}

/* At least what an encoder asks for: its tables, a ring of the window, and commands and output that
 * double as they grow (measured to CODED_MAX, of noise, text and repeats). */
static size_t needed(size_t n)
{
    return ((size_t)2 << 20) + ((size_t)4 << window(n)) + 24 * n;
}

static size_t brotli(struct arena *a, str body, u8 *out, size_t cap)
{
    BrotliEncoderState *b = BrotliEncoderCreateInstance(brotli_take, brotli_give, a);
    const u8 *in = (const u8 *)body.p;
    size_t left = body.n, room = cap;
    if (!b)
        return 0;
    bool ok =
        BrotliEncoderSetParameter(b, BROTLI_PARAM_QUALITY, BROTLI_QUALITY) &&
        BrotliEncoderSetParameter(b, BROTLI_PARAM_LGWIN, window(body.n)) &&
        BrotliEncoderSetParameter(b, BROTLI_PARAM_MODE, BROTLI_MODE_TEXT) &&
        BrotliEncoderSetParameter(b, BROTLI_PARAM_SIZE_HINT, (u32)body.n) &&
        BrotliEncoderCompressStream(b, BROTLI_OPERATION_FINISH, &left, &in, &room, &out, NULL) &&
        BrotliEncoderIsFinished(b);
    BrotliEncoderDestroyInstance(b);
    return ok ? cap - room : 0;
}

str coding_brotli(str body)
{
    struct arena *a = scratch();
    size_t cap = BrotliEncoderMaxCompressedSize(body.n);
    u8 *buf = a && cap && body.n <= CODED_MAX ? (u8 *)arena_raw(a, cap) : NULL;
    /* libbrotlienc as Debian builds it ends the process when its allocator has nothing to give */
    bool room = buf && (size_t)(a->end - a->beg) >= needed(body.n);
    str coded = keep(buf, room ? brotli(a, body, buf, cap) : 0, body.n);
    if (a)
        arena_reset(a);
    return coded;
}
