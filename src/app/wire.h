/* app/wire.h: what a command and the server say to each other over SITE/control.sock.
 *
 * A frame is a length (4 bytes, big-endian, at most WIRE_MAX) and its body. The client sends one
 * frame for each piece of work and reads one answer for each, in order; at most WIRE_FLIGHT are on
 * their way. Threads: one a connection. */
#ifndef APP_WIRE_H
#define APP_WIRE_H

#include "newsroom/account_order.h"
#include "newsroom/intake.h"

enum { WIRE_MAX = 512 << 20, WIRE_FLIGHT = 128, WIRE_DEADLINE_MS = 30 * 1000 };
enum wire_kind { WIRE_TAKE = 1, WIRE_BATCH, WIRE_WITHDRAW, WIRE_REINSTATE, WIRE_ACCOUNT };

struct wire_request {
    enum wire_kind kind;
    struct intake_message *messages; /* one for WIRE_TAKE, all for WIRE_BATCH */
    size_t n;
    str key, note;              /* WIRE_WITHDRAW, WIRE_REINSTATE */
    struct account_order order; /* WIRE_ACCOUNT */
};

MUST_USE enum status wire_send_request(int fd, const struct wire_request *r, struct arena *a,
                                       struct err *err);
/* ST_NOTFOUND at the connection's end. */
MUST_USE enum status wire_read_request(int fd, struct arena *a, struct wire_request *ret,
                                       struct err *err);
/* wait_ms: how long the caller may take nothing (WIRE_DEADLINE_MS), so that one that has stopped
 * doesn't hold its thread for ever. */
MUST_USE enum status wire_send_answers(int fd, const struct intake_answer *list, size_t n,
                                       int wait_ms, struct arena *a, struct err *err);
MUST_USE enum status wire_read_answers(int fd, struct arena *a, struct intake_answer **ret,
                                       size_t *n, struct err *err);

#endif
