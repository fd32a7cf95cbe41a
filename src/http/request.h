/* http/request.h: requests and replies as the rooms above see them. No libmicrohttpd here, so that
 * pages are tested without sockets.
 *
 * This room speaks HTTP: it parses and checks what strangers send, matches routes, holds finished
 * responses, streams files. It is not for what a page says (press) nor who may do what (newsroom).
 *
 * Ownership: a request's strings live in the request's arena; a large body is a file, mapped until
 * the reply is handed in. A reply's finished response carries one reference which whoever sends (or
 * drops) the reply gives back. Threads: a request belongs to one thread at a time. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/arena.h"

enum method { GET, HEAD, POST, PUT, DELETE_, OPTIONS, METHOD_OTHER };

enum { QUERY_MAX = 8 };

/* What remains of a request after the edge has checked it. path is decoded once, canonical, and
 * valid UTF-8 without NUL; query holds only the parameters that the route declares, each at most
 * once (the last wins), decoded. */
struct request {
    enum method method;
    str path;
    struct {
        str name, value;
    } query[QUERY_MAX];
    size_t nquery;
    str client; /* address after trusted proxies, as text */
    /* The rest is filled only for private paths (see server.h) and empty for all others: what
     * readers share can't depend on it. */
    str cookie; /* the Cookie header's value, several joined by "; " */
    str agent;
    bool secure;      /* it came over https, or from a loopback client: a __Host- cookie holds */
    bool same_origin; /* see http/origin.h */
    str content_type, body; /* whole; only where the verdict takes one */
};
/* A cookie by its name (RFC 6265, 4.2.1), compared by bytes; of several the first. Its value as it
 * stands, quotes and all; n == 0 and p == NULL when absent. */
str request_cookie(const struct request *r, str name);
/* The value of a declared parameter; n == 0 and p == NULL when absent. */
str request_query(const struct request *r, str name);

/* What a route says before anything is read. Its zero: no parameter, no body, no secret. */
struct verdict {
    str declared;      /* names of query parameters, comma-separated */
    const char *allow; /* filled with ST_METHOD: "GET, HEAD, OPTIONS" */
    size_t max_body;   /* bytes; on a path that isn't private none is taken */
    size_t shown;      /* bytes of the path that a log may show, where the rest is secret; 0: all */
};

struct finished;

struct header {
    str name, value;
};
enum { REPLY_HEADERS = 8 };

/* What a handler gives back: finished; or status, body and headers, for one client alone; or the
 * status alone, for which the edge has a page. */
struct reply {
    int status;
    struct finished *finished; /* one reference */
    str content_type, body; /* in the request's arena; sent with no-store, compressed or not; "" is
                               a body where there are headers: a 303 has its Location */
    struct header headers[REPLY_HEADERS]; /* values without control characters, or it is a 500; with
                                             their names they may take REPLY_HEADERS_BYTES */
    size_t nheaders;
};
enum { REPLY_HEADERS_BYTES = 4096 };

#endif
