/* site/routes.h: what readers reach: the table of addresses, and which page a path asks for.
 *
 * This room knows addresses and methods. It is not for what a page says (press).
 * Below an edition's prefix the addresses are the same; which first segments are editions is known
 * only to the rows, so the shape of a path is matched first (no database) and the edition is
 * settled in the render. Threads: any. */
#ifndef SITE_ROUTES_H
#define SITE_ROUTES_H

#include "press/pages.h"

enum role { NOBODY, ANYONE }; /* a route that forgets its role is NOBODY's */
enum lane_kind { LANE_PAGES };

struct route {
    enum method method;
    const char *pattern; /* ":name" stands for one segment */
    enum role role;
    enum page_kind kind;
    const char *query; /* declared parameters, comma-separated */
    bool root;         /* stands at the site's root only, below no edition */
    enum lane_kind lane;
};
extern const struct route routes[];
size_t routes_count(void);

/* Before anything is read: ST_OK, ST_METHOD, ST_DENIED; ST_NOTFOUND when no route has this shape (the
 * page for it is still made by site_page, so that it can be kept and dropped like others). No route
 * here takes a body. */
MUST_USE enum status site_route(enum method m, str path, struct verdict *ret);
/* The page cache's key for a request: its path, and the declared parameters that are there, in buf
 * when they have to be joined. Both together are never longer than a target may be. */
enum { SITE_KEY_MAX = 4096 };
str site_cache_key(const struct request *r, char buf[SITE_KEY_MAX]);
/* Renders what a path asks for. Redirects (an edition's first prefix, a missing slash) are pages
 * too. */
MUST_USE enum status site_page(const struct press *p, struct view *v, str path, str before,
                               struct printed *ret, struct err *err);

#endif
