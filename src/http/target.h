/* http/target.h: the raw target of a request line: decoded once, canonical, its query cut to what a
 * route declares.
 *
 * RFC 3986 and docs/architecture.md, "The edge". Pure functions; results in the arena. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "http/request.h"

struct target {
    str path;      /* decoded, UTF-8, no NUL */
    str canonical; /* as it should have been written; differs from what came: redirect there, once
                    */
    bool redirect;
    str query; /* raw, without '?' */
};
/* ST_INVALID with the reason: not beginning with '/', a malformed escape, %00, %2F, broken UTF-8, a
 * blank or a control. */
MUST_USE enum status target_read(str raw, struct arena *a, struct target *ret, struct err *err);
/* Fills r->query with the declared names (comma-separated), the last of each winning. A malformed
 * escape in a declared value is ST_INVALID; what is not declared is never looked at. */
MUST_USE enum status query_read(str raw, str declared, struct arena *a, struct request *r,
                                struct err *err);
/* A path as it stands in a URL: what may not stand there is escaped. */
str path_escape(str path, struct arena *a);
/* One value of a query. */
str query_escape(str value, struct arena *a);

#endif
