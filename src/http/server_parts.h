/* http/server_parts.h: the inside of the server, for server.c (connections, starting, stopping) and
 * exchange.c (one request and its reply) alone. */
#ifndef HTTP_SERVER_PARTS_H
#define HTTP_SERVER_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

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
    bool active; /* counted in the server's */
    int status;
    char method[16];
    char *raw; /* the target as it came */
    char raw_short[RAW_SHORT];
    struct head head;
    size_t head_bytes; /* about what it takes of libmicrohttpd's memory */
    struct asked asked;
    struct request request;
    struct address client;
    struct finished *hit;   /* found in the first call; a reference */
    struct finished *reply; /* one reference, given back when the connection is done with it */
    struct reply ready;     /* what server_reply handed in */
    struct arena arena;     /* of a miss; from the server's store of arenas */
    i64 started_us, bytes;
    const char *cache;
};

/* Names in force; replaced whole. Old ones are kept until the end: an http thread may be reading
 * them, and they are few. */
struct hosts {
    struct hosts *older;
    size_t n;
    str names[];
};

struct server {
    struct server_conf conf;
    _Atomic(struct hosts *) hosts;
    struct MHD_Daemon *daemon;
    struct watch *watch;
    struct file_lane *files;
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

/* libmicrohttpd's callbacks for a request: its line has come; it is handled; it is done with. cls:
 * the server. */
void *exchange_begin(void *cls, const char *uri, struct MHD_Connection *c);
enum MHD_Result exchange_handle(void *cls, struct MHD_Connection *c, const char *url,
                                const char *method, const char *version, const char *data,
                                size_t *size, void **con);
void exchange_completed(void *cls, struct MHD_Connection *c, void **con,
                        enum MHD_RequestTerminationCode code);

#endif
