/* Replies: errors with their pages, finished responses, files, and what one client alone is told.
 */
#include "http/server_parts.h"

#include <sys/socket.h>

#include "base/guard.h"
#include "http/negotiate.h"

enum { REPLY_HEAD = 1000 }; /* room for the largest of ours but for what a handler adds */

/* Without memory for any other answer: the connection ends, and the client knows when to come
 * again. */
enum MHD_Result queue_spare(struct exchange *x)
{
    x->status = 503;
    x->phase = ANSWERED;
    return MHD_queue_response(x->connection, 503, x->server->spare);
}

/* Straight to the socket, for when libmicrohttpd has no memory left to write an answer in. What was
 * asked before has been answered whole by then. The caller ends the connection. */
static void answer_raw(struct exchange *x, int status)
{
    char head[160];
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", status,
                     MHD_get_reason_phrase_for((unsigned)status));
    x->status = status;
    x->phase = ANSWERED;
    if (!fd || send(fd->connect_fd, head, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) != n)
        x->status = 0; /* it reads nothing: nothing is logged as answered */
}

/* An error's page, which all its readers share, with the methods that this address allows. */
static enum MHD_Result queue_allow(struct exchange *x, struct finished *f, const char *allow)
{
    str body = finished_body(f);
    struct MHD_Response *r =
        MHD_create_response_from_buffer(body.n, (void *)body.p, MHD_RESPMEM_PERSISTENT);
    x->reply = f;
    if (!r)
        return queue_spare(x);
    x->status = finished_status(f);
    x->phase = ANSWERED;
    x->bytes = (i64)body.n;
    response_headers(r, f, CODING_IDENTITY, false);
    MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, allow);
    enum MHD_Result ok = MHD_queue_response(x->connection, (unsigned)x->status, r);
    MHD_destroy_response(r);
    return ok;
}

/* An error that needs nothing of what lies above: its page when there is one, a line otherwise. */
enum MHD_Result queue_error(struct exchange *x, int status, const char *allow)
{
    char text[64];
    struct err ignored;
    const struct server_conf *c = &x->server->conf;
    struct finished *f = c->error ? c->error(c->arg, status) : NULL;
    if (f && allow)
        return queue_allow(x, f, allow);
    int n =
        snprintf(text, sizeof text, "%d %s\n", status, MHD_get_reason_phrase_for((unsigned)status));
    struct finished_spec spec = {.status = status,
                                 .content_type = STR("text/plain; charset=utf-8"),
                                 .body = {text, (size_t)n},
                                 .cache_control = STR("no-store")};
    if (allow)
        spec.headers[spec.nheaders++] = (struct header){STR("Allow"), str_c(allow)};
    if (status == 503)
        spec.headers[spec.nheaders++] = (struct header){STR("Retry-After"), STR("2")};
    if (!f && finished_make(&spec, &f, &ignored))
        return queue_spare(x);
    x->reply = f;
    x->status = status;
    x->phase = ANSWERED;
    x->bytes = (i64)finished_body(f).n;
    return MHD_queue_response(x->connection, (unsigned)status,
                              finished_response(f, CODING_IDENTITY));
}

static enum MHD_Result queue_bytes(struct exchange *x, struct finished *f, unsigned status,
                                   i64 from, i64 n, i64 size)
{
    char range[80];
    struct MHD_Response *r = file_response(f, x->server->files, x->connection, from, n);
    if (!r)
        return queue_spare(x);
    response_headers(r, f, CODING_IDENTITY, false);
    if (status == 206) {
        snprintf(range, sizeof range, "bytes %lld-%lld/%lld", (long long)from,
                 (long long)(from + n - 1), (long long)size);
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_RANGE, range);
    }
    x->status = (int)status;
    x->bytes = n;
    enum MHD_Result ok = MHD_queue_response(x->connection, status, r);
    MHD_destroy_response(r);
    return ok;
}

static enum MHD_Result queue_file(struct exchange *x, struct finished *f)
{
    i64 size, from, n;
    finished_fd(f, &size);
    str range = x->asked.range, if_range = x->asked.if_range;
    bool wanted = range.n && (!if_range.n || str_eq(if_range, finished_etag(f, CODING_IDENTITY)));
    switch (wanted ? range_read(range, size, &from, &n) : RANGE_WHOLE) {
    case RANGE_PART:
        return queue_bytes(x, f, 206, from, n, size);
    case RANGE_UNSATISFIABLE: {
        char all[48];
        struct MHD_Response *r =
            MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
        snprintf(all, sizeof all, "bytes */%lld", (long long)size);
        if (!r)
            return queue_spare(x);
        response_headers(r, f, CODING_IDENTITY, false);
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_RANGE, all);
        x->status = 416;
        enum MHD_Result ok = MHD_queue_response(x->connection, 416, r);
        MHD_destroy_response(r);
        return ok;
    }
    default:
        return queue_bytes(x, f, 200, 0, size, size);
    }
}

/* Takes the reference. */
enum MHD_Result queue_finished(struct exchange *x, struct finished *f)
{
    i64 size;
    x->reply = f;
    x->phase = ANSWERED;
    enum coding c = coding_for(x->asked.accept_encoding, f);
    unsigned status = (unsigned)finished_status(f);
    if (status == 200 && etag_matches(x->asked.if_none_match, finished_etag(f, c))) {
        x->status = 304;
        return MHD_queue_response(x->connection, 304, finished_response(f, c));
    }
    if (finished_fd(f, &size) >= 0 && x->request.method == GET)
        return queue_file(x, f);
    x->status = (int)status;
    x->bytes = (i64)finished_coded(f, c).n;
    return MHD_queue_response(x->connection, status, finished_response(f, c));
}

bool reply_fits(const struct exchange *x, size_t more)
{
    return x->head_bytes + more + REPLY_HEAD <= HEADERS_MEMORY || !GUARD(reply_fits);
}

static void log_refusal(const struct exchange *x, int status, const char *why)
{
    char who[64];
    log_say(x->server->conf.log, LOG_INFO, "http", "refused with %d from %.*s: %s", status,
            FMT(address_text(x->client, !x->server->conf.log_full_address, who)), why);
}

enum MHD_Result refuse(struct exchange *x, int status, const char *why)
{
    log_refusal(x, status, why);
    return queue_error(x, status, NULL); /* in the first call this closes the connection too */
}

enum MHD_Result refuse_raw(struct exchange *x, int status, const char *why)
{
    log_refusal(x, status, why);
    answer_raw(x, status);
    return MHD_NO; /* ends the connection */
}

/* ---- what a handler handed in ---- */

/* A header that would end early, and the next begin, is a fault of ours. */
static enum status sound(const struct reply *r, size_t *bytes, struct err *err)
{
    *bytes = 0;
    for (size_t i = 0; i < r->nheaders; i++) {
        str v = r->headers[i].value;
        *bytes += r->headers[i].name.n + v.n + 4;
        for (size_t k = 0; k < v.n; k++)
            if (((u8)v.p[k] < 0x20 || v.p[k] == 0x7F) && GUARD(reply_header_sound))
                return fail(err, ST_BUG, "a control character in the header %.*s",
                            FMT(r->headers[i].name));
    }
    return *bytes <= REPLY_HEADERS_BYTES ? ST_OK : fail(err, ST_BUG, "the headers are too long");
}

void reply_finish(struct exchange *x)
{
    struct reply *r = &x->ready;
    struct err err = {0};
    if (r->finished || (!r->body.n && !r->nheaders))
        return;
    struct finished_spec spec = {.status = r->status,
                                 .content_type = r->content_type,
                                 .body = r->body,
                                 .cache_control = STR("no-store"),
                                 .once = true,
                                 .nheaders = r->nheaders};
    memcpy(spec.headers, r->headers, sizeof spec.headers);
    enum status st = sound(r, &x->ready_bytes, &err);
    st = st ? st : finished_make(&spec, &r->finished, &err);
    if (!st)
        return;
    log_say(x->server->conf.log, LOG_ERROR, "http", "a reply can't be sent: %s",
            err_words(&err, st));
    *r = (struct reply){.status = status_http(st)};
}

enum MHD_Result queue_ready(struct exchange *x)
{
    struct finished *f = x->ready.finished;
    if (!f)
        return queue_error(x, x->ready.status, NULL);
    x->ready.finished = NULL; /* its reference moves on */
    exchange_lighten(x);
    if (reply_fits(x, x->ready_bytes))
        return queue_finished(x, f);
    x->reply = f;
    return refuse_raw(x, 431, "its head leaves no room for a reply's");
}
