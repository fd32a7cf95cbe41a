/* desk/desk.h: what staff reach, at /desk/: pages made of forms that work without script.
 *
 * This room turns a request of somebody signed in into one call of newsroom (accounts.h, draft.h)
 * and a page of the theme. It decides nothing: who may do what is newsroom/permissions.h. Nothing
 * of it is ever shared or cached.
 *
 * One table (routes.c) says of every address which methods it has, who may ask, how large a body it
 * takes and in which lane it runs; a route that forgets who may ask denies. Every POST must come
 * from our own pages and, but for those before anybody is signed in, carry the session's token.
 * Threads: a db and an arena each. */
#ifndef DESK_DESK_H
#define DESK_DESK_H

#include "desk/known.h"
#include "desk/presence.h"
#include "http/request.h"
#include "newsroom/accounts.h"
#include "newsroom/intake.h"
#include "newsroom/removal.h"
#include "press/theme.h"

struct desk {
    const struct intake *intake; /* its writer and its blobs */
    const struct removal_site *removals;
    struct sign_in_limits *limits;
    struct presence *presence;
    struct known *known;
    struct theme *theme;
    unsigned second_roles; /* need a second factor, from their second sign-in on */
    bool four_eyes;
};

enum desk_lane { DESK_LANE, DESK_PASSWORD_LANE /* what runs Argon2 */ };

bool desk_path(str path);
/* Whether a Cookie header's session, or its browser, was seen lately (desk/known.h). */
bool desk_knows(const struct known *k, str cookie);
/* The mark of a known browser (newsroom/accounts.h) in a Cookie header, by its hash, if a page of
 * the desk has lately seen it to hold; else 0. Never waits. */
u64 desk_browser(const struct known *k, str cookie);
/* Whether it holds by the database: ST_NOTFOUND when not. */
MUST_USE enum status desk_browser_holds(struct db *db, const struct request *r, struct arena *a,
                                        struct err *err);
/* Before anything is read: see http/server.h. ST_NOTFOUND: no such address (its page is
 * desk_handle's all the same). */
MUST_USE enum status desk_route(enum method m, str path, struct verdict *ret);
/* The i-th line of the table of addresses, for what compares itself with it; false beyond the last.
 */
bool desk_route_at(size_t i, enum method *m, str *pattern);
/* Which lane a request runs in. */
enum desk_lane desk_lane(enum method m, str path);
/* The answer; err has words for the log where its status is 500 or 503, when it has no body. */
struct reply desk_handle(const struct desk *d, struct db *db, const struct request *r,
                         struct arena *a, struct err *err);

#endif
