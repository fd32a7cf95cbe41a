/* http/finished.h: a finished response: made once, sent as it lies in memory many times (or a file
 * sent by descriptor).
 *
 * Identity, gzip 6 and brotli 5 are made when it is made, once, each with a strong ETag: 128 bits
 * of the SHA-256 of the coded bytes, in quotes. A coding that isn't smaller than identity is left
 * out. Binary types are not coded. Ownership: reference counted; finished_ref and finished_release
 * from any thread. Memory is malloc'd: it outlives requests. Immutable once made. */
#ifndef HTTP_FINISHED_H
#define HTTP_FINISHED_H

#include "http/request.h"

struct finished;

struct finished_spec {
    int status;       /* default 200 */
    str content_type; /* with charset */
    str body;         /* copied */
    int fd; /* > 0: a file's bytes instead of body, owned by the response from now on; supports
               Range */
    i64 fd_size;
    str fd_etag;                          /* the hash of the file's bytes, hex: needs no reading */
    str cache_control;                    /* default "no-cache" */
    i64 modified_ms;                      /* Last-Modified; 0: none */
    struct header headers[REPLY_HEADERS]; /* more, e.g. Location, Link */
    size_t nheaders;
    bool hidden; /* a log may show its address without the last segment */
    bool once;   /* for one client: gzip alone, a tenth of brotli's cost, and no ETag */
};
MUST_USE enum status finished_make(const struct finished_spec *spec, struct finished **ret,
                                   struct err *err);
struct finished *finished_ref(struct finished *f);
void finished_release(struct finished *f); /* NULL is allowed */
static inline void finished_cleanup(struct finished **f)
{
    finished_release(*f);
}

size_t finished_bytes(const struct finished *f); /* memory it holds, all codings */
int finished_status(const struct finished *f);
bool finished_hidden(const struct finished *f);
bool finished_is_file(const struct finished *f); /* it holds a descriptor */
/* The identity bytes (empty for a file) and a header's value: for tests and for printing
 * to a terminal. */
str finished_body(const struct finished *f);
str finished_header(const struct finished *f, str name);
enum coding { CODING_IDENTITY, CODING_GZIP, CODING_BROTLI, CODINGS };
/* The coded bytes and their ETag; n == 0 and p == NULL when that coding was left out. */
str finished_coded(const struct finished *f, enum coding c);
str finished_etag(const struct finished *f, enum coding c);

#endif
