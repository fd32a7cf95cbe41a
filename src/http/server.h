/* http/server.h: the listening server: framing checks, limits, the hand-off to lanes, stopping.
 *
 * The rules and where they come from: docs/architecture.md, "The edge". libmicrohttpd lies behind
 * this header alone. Threads: server_* from the program's main thread; on_hit and on_miss run on
 * the http threads and never wait for a disk or a database; server_reply from any thread. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/log.h"
#include "http/client.h"
#include "http/finished.h"

struct server;
struct exchange; /* one request on its way, suspended between on_miss and server_reply */

struct server_conf {
    const char *address;         /* "127.0.0.1" or "::1" */
    int port;                    /* 0: any free one, for tests; see server_port */
    int threads;                 /* 0: one per core */
    size_t connections;          /* default 16,384 */
    size_t connections_a_client; /* default 256 */
    const str *hosts; /* known host names without port, copied; loopback names are known to loopback
                         clients */
    size_t nhosts;
    const struct network *trusted; /* proxies */
    size_t ntrusted;
    enum forwarding forwarding;
    bool log_full_address; /* else the last octet (IPv4) or the last 80 bits (IPv6) are cut in logs
                            */
    struct log *log;
    i64 head_ms, idle_ms, grace_ms, stop_ms; /* 0: 10 s, 60 s, 10 s, 10 s */
    bool https; /* the site's own address is https: all who come through a proxy came over it */
    const char *spool; /* a folder for bodies over 1 MiB, in files without a name; NULL: 503. Lives
                          as long as the server */
    size_t bodies_memory, bodies_files; /* bytes that all bodies in flight take, one client's a
                                           quarter; 0: 64 MiB, 1 GiB; beyond it 503 */

    /* What the room above answers. All get arg first. */
    void *arg;
    /* Whether a path (decoded, canonical) is private: what is there is for one person. Asked first
     * of every request, so it must be cheap. The page cache is never asked for such a path, and
     * only for such a path a request's cookie and the like are filled and a body is taken. NULL:
     * none is.
     */
    bool (*private)(void *arg, str path);
    /* Whether the Cookie header of a request with a body is that of somebody known: strangers share
     * a quarter of the room that bodies have. No more than that rests on it. Never waits. NULL:
     * nobody is. */
    bool (*known)(void *arg, str cookie);
    /* The route's verdict before anything is read: ST_OK, ST_NOTFOUND (the miss makes its page),
     * ST_DENIED; ST_METHOD with allow filled. OPTIONS and what isn't in enum method are methods
     * that no route has: their answer is allow. Where ret isn't filled it holds zeros. */
    enum status (*route)(void *arg, enum method m, str path, struct verdict *ret);
    /* A page cache hit: a reference, or NULL. Called on an http thread, for GET and HEAD of paths
     * that aren't private; takes one short lock at most. */
    struct finished *(*hit)(void *arg, const struct request *r);
    /* A miss: takes the exchange and answers it later with server_reply. ST_BUSY: the lane is full
     * (503, Retry-After). */
    enum status (*miss)(void *arg, const struct request *r, struct exchange *x);
    /* The page for an error that the edge itself makes (400, 405, 411, 413, 414, 421, 503, ...):
     * may be NULL for a plain text. A head that leaves no room for a reply's, and more than 64
     * parameters, get a bare 431 or 414; one that doesn't fit into 8 kB, or has no shape, never
     * gets as far: libmicrohttpd answers 414, 431, 400, 413 or 505 in its own words. All are
     * logged. */
    struct finished *(*error)(void *arg, int status);
};

/* Binds conf's address and port, without listening yet: so that it can be done before privileges
 * are dropped. ST_CONFLICT with clear words when the port is in use. */
MUST_USE enum status server_bind(const struct server_conf *conf, int *fd, int *port,
                                 struct err *err);
/* Listens on fd, which it takes over, and serves. */
MUST_USE enum status server_start(const struct server_conf *conf, int fd, int port,
                                  struct server **ret, struct err *err);
/* Answers to other host names from now on; https: see server_conf. */
MUST_USE enum status server_hosts(struct server *s, const str *hosts, size_t n, bool https);
int server_port(const struct server *s);
/* How often a file's bytes had to be fetched from disk before they could leave. */
i64 server_fetches(const struct server *s);
/* Quiesces, answers what runs with Connection: close, waits at most 10 s, then stops. */
void server_stop(struct server *s);

/* The request of an exchange (its strings live until server_reply) and its arena for the handler.
 */
const struct request *exchange_request(const struct exchange *x);
struct arena *exchange_arena(struct exchange *x);
/* Answers. Takes the reply's reference. */
void server_reply(struct exchange *x, struct reply reply);

#endif
