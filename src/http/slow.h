/* http/slow.h: connections that cost more than they ask: who is open, for how long, how slowly.
 *
 * A watch knows every open connection. Its thread shuts down (never closes: the server does that)
 * one whose head isn't complete in time, whose body comes too slowly, that takes its reply too
 * slowly, or that idles too long; when slots run out the longest idle goes.
 * Threads: any. */
#ifndef HTTP_SLOW_H
#define HTTP_SLOW_H

#include "http/client.h"

struct watch;
struct watched;

struct watch_conf {
    size_t most, most_a_client;
    i64 head_ms, idle_ms, grace_ms; /* 10,000, 60,000, 10,000 */
    i64 slowest; /* bytes a second, in each grace_ms anew while bytes of a reply wait, or a body is
                    owed: 1,000 */
    const struct network *trusted; /* proxies are not counted as clients */
    size_t ntrusted;
};
MUST_USE enum status watch_start(const struct watch_conf *conf, struct watch **ret);
void watch_stop(struct watch *w);

/* Whether a new connection from this address may be taken: the slots, the client's own, and the
 * tenth kept for clients that hold none. */
bool watch_admit(struct watch *w, struct address from);
struct watched *watch_opened(struct watch *w, struct address from, int fd);
void watch_closed(struct watch *w, struct watched *c);
/* A request's head is complete; its reply has been sent. */
void watch_request(struct watched *c, i64 now);
void watch_replied(struct watched *c, i64 now);
/* Its client owes a body from now on; 0: no longer. */
void watch_owes(struct watched *c, i64 now);

#endif
