/* outside/smtp.h: hands one message to the mail server that site.conf names (RFC 5321).
 *
 * It takes a minute at most (or most_ms), whatever the server does, and stops within about a second of being
 * told to: whoever calls has a thread for it. No proxy, nothing of the environment, no other
 * protocol. Threads: any, after outside_start. */
#ifndef OUTSIDE_SMTP_H
#define OUTSIDE_SMTP_H

#include "base/arena.h"

struct smtp {
    const char *url; /* smtps://host:465 or smtp://host:587 */
    bool open;       /* without TLS: to this machine itself. Else it is TLS or nothing */
    const char *user, *password; /* NULL: the server asks for none */
    i64 most_ms;                 /* 0: a minute */
    /* Asked now and then; true: stop. May be NULL. */
    bool (*stop)(void *arg);
    void *arg;
};

/* from and to: addresses; message: of message_make. ST_INVALID: the server will never take it (5xx
 * to the sender, the address or the message); ST_BUSY: not now (4xx); ST_IO: there was no server,
 * or it did not answer as one, refused who we are, or took too long. err never has a secret in it.
 */
MUST_USE enum status smtp_send(const struct smtp *s, str from, str to, str message, struct arena *a,
                               struct err *err);

#endif
