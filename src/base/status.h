/* base/status.h: one list gives the code, the HTTP status and the words.
 *
 * Every function that may fail returns an enum status and is MUST_USE. struct err carries words for
 * the log and for a person at a terminal; a reader gets the error page of the status, in the
 * reader's language. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#define MUST_USE          __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#define STATUS_LIST(X)                                                                             \
    X(ST_OK, 200, "done")                                                                          \
    X(ST_INVALID, 400, "what came in is wrong") /* err says where */                               \
    X(ST_DENIED, 403, "not allowed")                                                               \
    X(ST_NOTFOUND, 404, "not found")                                                               \
    X(ST_METHOD, 405, "not possible with this method")                                             \
    X(ST_CONFLICT, 409, "somebody else was first")                                                 \
    X(ST_GONE, 410, "was public and was withdrawn")                                                \
    X(ST_TOOLARGE, 413, "too large") /* err names the limit */                                     \
    X(ST_BUSY, 503, "busy: try again shortly")                                                     \
    X(ST_NOMEM, 503, "out of memory") /* the arena is full, or the machine */                      \
    X(ST_IO, 500, "a disk, the database or the system reported an error")                          \
    X(ST_CORRUPT, 500, "what is kept contradicts itself")                                          \
    X(ST_BUG, 500, "a promise of the program itself does not hold")

enum status {
#define X(name, http, words) name,
    STATUS_LIST(X)
#undef X
};

/* The HTTP status a reader gets for st, 200 for ST_OK. */
int status_http(enum status st);
/* The name, as "ST_OK", for logs and tests. */
const char *status_name(enum status st);

/* Words about a failure, for the log or the terminal: one line, cut at the array's size. Zero is
 * "no words". */
struct err {
    char text[480];
};

/* Writes the words and returns st, so that "return fail(err, ST_INVALID, ...)" reads as one
 * thought. err may be NULL. */
enum status fail(struct err *err, enum status st, const char *fmt, ...) PRINTF(3, 4);
/* What a person is told: err's words, or the status's own where nobody had more to say. */
const char *err_words(const struct err *err, enum status st);

#endif
