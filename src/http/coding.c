#include "http/coding.h"

#include <brotli/encode.h>
#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>

enum {
    GZIP_LEVEL = 6,
    BROTLI_QUALITY = 5,
    LEAST_WINDOW = 16,   /* bits */
    SCRATCH = 128 << 20, /* address space, not memory */
};

/* ---- what a thread keeps ---- */

struct coder {
    struct arena scratch; /* empty between two bodies */
    struct libdeflate_compressor *gzip;
};

static pthread_key_t coder_key;
static pthread_once_t coder_once = PTHREAD_ONCE_INIT;
static bool have_key;

static void coder_end(void *p)
{
    struct coder *c = p;
    libdeflate_free_compressor(c->gzip);
    arena_free(&c->scratch);
    free(c);
}

static void coder_start(void)
{
    have_key = pthread_key_create(&coder_key, coder_end) == 0;
}

/* NULL when memory is short. */
static struct coder *coder(void)
{
    pthread_once(&coder_once, coder_start);
    struct coder *c = have_key ? pthread_getspecific(coder_key) : NULL;
    if (c || !have_key)
        return c;
    c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->gzip = libdeflate_alloc_compressor(GZIP_LEVEL);
    if (c->gzip && arena_init(&c->scratch, SCRATCH) == ST_OK &&
        pthread_setspecific(coder_key, c) == 0)
        return c;
    coder_end(c);
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

str coding_gzip(str body)
{
    struct coder *c = coder();
    if (!c || body.n > CODED_MAX)
        return STR_NONE;
    size_t cap = libdeflate_gzip_compress_bound(c->gzip, body.n);
    u8 *buf = (u8 *)arena_raw(&c->scratch, cap);
    str coded =
        keep(buf, buf ? libdeflate_gzip_compress(c->gzip, body.p, body.n, buf, cap) : 0, body.n);
    arena_reset(&c->scratch);
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
    struct coder *c = coder();
    size_t cap = BrotliEncoderMaxCompressedSize(body.n);
    if (!c || !cap || body.n > CODED_MAX)
        return STR_NONE;
    struct arena *a = &c->scratch;
    u8 *buf = (u8 *)arena_raw(a, cap);
    /* libbrotlienc as Debian builds it ends the process when its allocator has nothing to give */
    bool room = buf && (size_t)(a->end - a->beg) >= needed(body.n);
    str coded = keep(buf, room ? brotli(a, body, buf, cap) : 0, body.n);
    arena_reset(a);
    return coded;
}
