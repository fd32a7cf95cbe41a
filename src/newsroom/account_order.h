/* newsroom/account_order.h: what the command line asks of accounts, done by whoever holds the
 * site's lock: the command itself, or the server for it.
 *
 * Passwords come hashed: Argon2 runs in the command, never on the server's account. The socket that
 * an order comes over is its owner's alone (app/control.c). Threads: any but the writer's. */
#ifndef NEWSROOM_ACCOUNT_ORDER_H
#define NEWSROOM_ACCOUNT_ORDER_H

#include "newsroom/intake.h"

enum account_order_kind {
    ORDER_ADD,  /* an account; without a password also a link that gives it one */
    ORDER_LINK, /* for an account's new password; email "": for the first publisher */
    ORDER_KINDS
};
struct account_order {
    enum account_order_kind kind;
    str email, name; /* name "": what stands before the '@' */
    str password;    /* its hash, "" for none */
    unsigned roles;
};
/* The answer's line is the path of a link, or "" where none was made; else what is wrong, in words
 * for a terminal. */
void account_order(struct writer *w, const struct account_order *o, struct arena *a,
                   struct intake_answer *ret);

#endif
