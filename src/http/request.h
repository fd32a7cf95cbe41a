/* http/request.h: requests and replies as the rooms above see them. No libmicrohttpd here, so that
 * pages are tested without sockets.
 *
 * This room speaks HTTP: it parses and checks what strangers send, matches routes, holds finished
 * responses, streams files. It is not for what a page says (press) nor who may do what (newsroom).
 *
 * Ownership: a request's strings live in the request's arena. A reply's finished response carries
 * one reference which whoever sends (or drops) the reply gives back. Threads: a request belongs to
 * one thread at a time. */
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
    str body;   /* only on routes that declare one */
    str client; /* address after trusted proxies */
};
/* The value of a declared parameter; n == 0 and p == NULL when absent. */
str request_query(const struct request *r, str name);

struct finished;

struct header {
    str name, value;
};
enum { REPLY_HEADERS = 8 };

/* What a handler gives back: finished; or status and body; or the status alone, for which the edge
 * has a page. */
struct reply {
    int status;
    struct finished *finished; /* one reference */
    str content_type, body;    /* in the request's arena; sent as it is, uncached */
    struct header headers[REPLY_HEADERS];
    size_t nheaders;
};

#endif
