#include "http/finished.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/time.h"
#include "http/coding.h"
#include "http/finished_mhd.h"

enum {
    ETAG = 40,
    SMALLEST_CODED = 200,
    RESPONSE_BYTES = 2000, /* what libmicrohttpd takes for a response with our headers (measured) */
};

struct coded {
    char *bytes;
    size_t n;
    char etag[ETAG];
    struct MHD_Response *response;
};

struct finished {
    atomic_int refs;
    int status;
    bool hidden;
    char *type;
    struct coded coded[CODINGS];
    int fd;
    i64 fd_size;
    struct header headers[REPLY_HEADERS + 2]; /* own copies, with Cache-Control, Last-Modified */
    size_t nheaders;
    size_t bytes;
};

static const char *const coding_names[CODINGS] = {NULL, "gzip", "br"};

static char *copy(str s)
{
    char *p = malloc(s.n + 1);
    if (p) {
        if (s.n)
            memcpy(p, s.p, s.n);
        p[s.n] = '\0';
    }
    return p;
}

/* A strong ETag (RFC 9110, 8.8.3): the coded bytes follow from the page's own, so one digest serves
 * all codings, each with an ending of its own. */
static void make_etags(struct finished *f, str body)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * sizeof(struct digest) + 1] = {0};
    struct digest d = digest_quick(body);
    for (size_t i = 0; i < sizeof d.bytes; i++) {
        text[2 * i] = digits[d.bytes[i] >> 4];
        text[2 * i + 1] = digits[d.bytes[i] & 15];
    }
    for (int i = 0; i < CODINGS; i++)
        snprintf(f->coded[i].etag, ETAG, "\"%s%s%s\"", text, coding_names[i] ? "-" : "",
                 coding_names[i] ? coding_names[i] : "");
}

static bool compressible(str type)
{
    return str_starts(type, STR("text/")) || str_find(type, STR("json")) >= 0 ||
           str_find(type, STR("xml")) >= 0 || str_find(type, STR("javascript")) >= 0 ||
           str_find(type, STR("svg")) >= 0;
}

/* What every reply says of how it may be used (docs/architecture.md, "The edge"). */
static const struct {
    const char *name, *value;
} security[] = {
    {"Content-Security-Policy",
     "default-src 'none'; img-src 'self'; style-src 'self'; font-src 'self'; script-src 'self';"
     " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "strict-origin-when-cross-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
};

void response_headers(struct MHD_Response *r, const struct finished *f, enum coding c, bool vary)
{
    for (size_t i = 0; i < COUNT(security); i++)
        MHD_add_response_header(r, security[i].name, security[i].value);
    if (f->type)
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, f->type);
    if (f->coded[c].etag[0])
        MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, f->coded[c].etag);
    if (coding_names[c])
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_ENCODING, coding_names[c]);
    if (vary)
        MHD_add_response_header(r, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    if (f->fd >= 0)
        MHD_add_response_header(r, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
    for (size_t i = 0; i < f->nheaders; i++)
        MHD_add_response_header(r, f->headers[i].name.p, f->headers[i].value.p);
}

static bool add_header(struct finished *f, str name, str value)
{
    if (f->nheaders == COUNT(f->headers))
        return false;
    struct header h = {{copy(name), name.n}, {copy(value), value.n}};
    f->headers[f->nheaders++] = h;
    f->bytes += name.n + value.n + 64;
    return h.name.p && h.value.p;
}

static void set_body(struct coded *c, str bytes)
{
    c->bytes = (char *)bytes.p;
    c->n = bytes.n;
}

static bool make_body(struct finished *f, const struct finished_spec *s)
{
    set_body(&f->coded[CODING_IDENTITY], (str){copy(s->body), s->body.n});
    if (!f->coded[CODING_IDENTITY].bytes)
        return false;
    if (compressible(s->content_type) && s->body.n >= SMALLEST_CODED) {
        set_body(&f->coded[CODING_GZIP], coding_gzip(s->body));
        if (!s->once)
            set_body(&f->coded[CODING_BROTLI], coding_brotli(s->body));
    }
    if (f->status == 200 && !s->once)
        make_etags(f, s->body);
    for (int i = 0; i < CODINGS; i++) {
        struct coded *c = &f->coded[i];
        if (!c->bytes)
            continue;
        c->response = MHD_create_response_from_buffer(c->n, c->bytes, MHD_RESPMEM_PERSISTENT);
        if (!c->response)
            return false;
        response_headers(c->response, f, (enum coding)i, compressible(s->content_type));
        f->bytes += c->n + RESPONSE_BYTES;
    }
    return true;
}

/* A file's bytes leave by a response of the connection's own (file.c). */
static ssize_t no_bytes(void *cls, uint64_t pos, char *buf, size_t max)
{
    (void)cls;
    (void)pos;
    (void)buf;
    (void)max;
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

static bool make_file(struct finished *f, const struct finished_spec *s)
{
    struct coded *identity = &f->coded[CODING_IDENTITY];
    snprintf(identity->etag, ETAG, "\"%.32s\"", s->fd_etag.n >= 32 ? s->fd_etag.p : "");
    identity->response =
        MHD_create_response_from_callback((uint64_t)s->fd_size, 1, no_bytes, NULL, NULL);
    if (!identity->response)
        return false;
    response_headers(identity->response, f, CODING_IDENTITY, false);
    return true;
}

enum status finished_make(const struct finished_spec *s, struct finished **ret, struct err *err)
{
    struct finished *f = calloc(1, sizeof *f);
    if (!f) {
        if (s->fd > 0)
            close(s->fd); /* it is the response's from the start, made or not */
        return fail(err, ST_NOMEM, "out of memory for a page");
    }
    char date[32];
    atomic_init(&f->refs, 1);
    f->status = s->status ? s->status : 200;
    f->hidden = s->hidden;
    f->fd = s->fd > 0 ? s->fd : -1;
    f->fd_size = s->fd_size;
    f->bytes = sizeof *f;
    bool ok = add_header(f, STR("Cache-Control"),
                         s->cache_control.n ? s->cache_control : STR("no-cache"));
    if (s->content_type.n)
        ok = ok && (f->type = copy(s->content_type)) != NULL;
    if (s->modified_ms)
        ok = ok && add_header(f, STR("Last-Modified"), time_http(s->modified_ms, date));
    for (size_t i = 0; ok && i < s->nheaders; i++)
        ok = add_header(f, s->headers[i].name, s->headers[i].value);
    ok = ok && (f->fd >= 0 ? make_file(f, s) : make_body(f, s));
    if (!ok) {
        finished_release(f);
        return fail(err, ST_NOMEM, "out of memory for a page");
    }
    *ret = f;
    return ST_OK;
}

struct finished *finished_ref(struct finished *f)
{
    atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
    return f;
}

void finished_release(struct finished *f)
{
    if (!f || atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (int i = 0; i < CODINGS; i++) {
        if (f->coded[i].response)
            MHD_destroy_response(f->coded[i].response);
        free(f->coded[i].bytes);
    }
    for (size_t i = 0; i < f->nheaders; i++) {
        free((char *)f->headers[i].name.p);
        free((char *)f->headers[i].value.p);
    }
    if (f->fd >= 0)
        close(f->fd);
    free(f->type);
    free(f);
}

size_t finished_bytes(const struct finished *f)
{
    return f->bytes;
}

bool finished_is_file(const struct finished *f)
{
    return f->fd >= 0;
}

int finished_status(const struct finished *f)
{
    return f->status;
}

bool finished_hidden(const struct finished *f)
{
    return f->hidden;
}

str finished_body(const struct finished *f)
{
    return (str){f->coded[CODING_IDENTITY].bytes, f->coded[CODING_IDENTITY].n};
}

str finished_header(const struct finished *f, str name)
{
    for (size_t i = 0; i < f->nheaders; i++)
        if (str_eq_fold(f->headers[i].name, name))
            return f->headers[i].value;
    return STR_NONE;
}

str finished_coded(const struct finished *f, enum coding c)
{
    return (str){f->coded[c].bytes, f->coded[c].n};
}

str finished_etag(const struct finished *f, enum coding c)
{
    return str_c(f->coded[c].etag);
}

int finished_fd(const struct finished *f, i64 *size)
{
    *size = f->fd_size;
    return f->fd;
}

struct MHD_Response *finished_response(const struct finished *f, enum coding c)
{
    return f->coded[c].response;
}
