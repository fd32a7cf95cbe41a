/* http/server_parts.h: the inside of the server, for server.c (connections, starting, stopping),
 * exchange.c (one request), private.c (what private paths alone are told) and send.c (replies). */
#ifndef HTTP_SERVER_PARTS_H
#define HTTP_SERVER_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "http/body.h"
#include "http/finished_mhd.h"
#include "http/framing.h"
#include "http/server.h"
#include "http/slow.h"

enum {
    ARENAS_KEPT = 64,
    RAW_SHORT = 160,
    /* 2,048 answers 431 to a real browser's headers (tried). Each connection has all of it, and it
     * is written over after each request: 10,000 that idle take 80 MB. */
    HEADERS_MEMORY = 8192,
};

/* What a reply depends on, gathered in the one walk over the headers. */
struct asked {
    str accept_encoding, if_none_match, range, if_range, agent;
    str via;      /* of the configured forwarding header, its lines joined by commas */
    char *joined; /* its memory when there were several */
};

/* One connection, from its opening to its closing; the context of its socket. */
struct connected {
    struct watched *watched;
    struct exchange *exchange; /* begun and not completed */
};

struct exchange {
    struct server *server;
    struct MHD_Connection *connection;
    struct connected *connected; /* NULL: there was no memory for it */
    enum { FRESH, ROUTED, WAITING, ANSWERED } phase;
    bool active;  /* counted in the server's */
    bool private; /* its path is; known when its target has been read */
    char *shown;  /* what the log shows of a private path; NULL: nothing */
    int status;
    char method[16];
    char *raw; /* the target as it came */
    char raw_short[RAW_SHORT];
    struct head head;
    size_t head_bytes; /* about what it takes of libmicrohttpd's memory */
    struct asked asked;
    struct request request;
    struct address peer, client;
    struct body body;
    struct file_job writing; /* of its body */
    struct finished *hit;    /* found in the first call; a reference */
    struct finished *reply;  /* one reference, given back when the connection is done with it */
    struct reply ready;      /* what server_reply handed in */
    size_t ready_bytes;      /* about what its headers take */
    struct arena arena;      /* of a miss; from the server's store of arenas */
    i64 started_us, bytes;
    const char *cache;
};

/* Names in force; replaced whole. Old ones are kept until the end: an http thread may be reading
 * them, and they are few. */
struct hosts {
    struct hosts *older;
    bool https;
    size_t n;
    str names[];
};

struct server {
    struct server_conf conf;
    _Atomic(struct hosts *) hosts;
    struct MHD_Daemon *daemon;
    struct watch *watch;
    struct file_lane *files;
    struct bodies bodies;
    struct MHD_Response *spare; /* 503, made at start: for when there is no memory to say more */
    int port;
    _Atomic i64 active; /* exchanges begun before the stop and not yet completed */
    atomic_bool stopping;
    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t idle;
    size_t waiting; /* exchanges that suspended and are not yet answered */
    struct arena arenas[ARENAS_KEPT];
    size_t narenas;
};

/* ---- send.c: each queues one reply; the result is libmicrohttpd's ---- */

/* Without memory for any other answer: the connection ends, and the client knows when to come
 * again. */
enum MHD_Result queue_spare(struct exchange *x);
/* An error that needs nothing of what lies above: its page when there is one, a line otherwise.
 * allow: for a 405, else NULL. */
enum MHD_Result queue_error(struct exchange *x, int status, const char *allow);
/* Takes the reference. */
enum MHD_Result queue_finished(struct exchange *x, struct finished *f);
/* What server_reply handed in. */
enum MHD_Result queue_ready(struct exchange *x);
/* Makes of a handed in reply what can be queued: in the handler's thread, for compressing takes
 * long. */
void reply_finish(struct exchange *x);
/* With a line in the log. In the first call it closes the connection, and what was sent after the
 * head is never read. */
enum MHD_Result refuse(struct exchange *x, int status, const char *why);
/* Straight to the socket, where libmicrohttpd has no room for a reply; ends the connection. */
enum MHD_Result refuse_raw(struct exchange *x, int status, const char *why);
/* Whether a reply's head will fit into what libmicrohttpd has left of its memory, where all of the
 * request's head stands. If not it would close the connection without a word. more: what it has
 * beside our own headers. */
bool reply_fits(const struct exchange *x, size_t more);

/* ---- private.c ---- */

bool path_private(const struct server *s, str path);
/* Fills in what a request tells private paths. ST_NOMEM when its arena is full. */
MUST_USE enum status private_head(struct exchange *x);
/* Keeps what the log may show. shown: of the verdict. */
void private_shown(struct exchange *x, str path, size_t shown);
/* The target as the log has it; buf for what isn't kept. */
enum { LOG_SHORT = 64 };
str logged_target(const struct exchange *x, char buf[LOG_SHORT]);

/* ---- exchange.c ---- */

/* Gives back what only its handler needed: the arena, the body. */
void exchange_lighten(struct exchange *x);
/* libmicrohttpd's callbacks for a request: its line has come; it is handled; it is done with. cls:
 * the server. */
void *exchange_begin(void *cls, const char *uri, struct MHD_Connection *c);
enum MHD_Result exchange_handle(void *cls, struct MHD_Connection *c, const char *url,
                                const char *method, const char *version, const char *data,
                                size_t *size, void **con);
void exchange_completed(void *cls, struct MHD_Connection *c, void **con,
                        enum MHD_RequestTerminationCode code);

#endif
