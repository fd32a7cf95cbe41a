/* outside/message.h: one message of mail as bytes: text/plain in UTF-8, nothing attached.
 *
 * This room speaks with other machines: it makes what they are sent, and alone names libcurl and
 * GMime. What is said and to whom is decided elsewhere.
 *
 * A header can't be injected: an address that is more than an address is refused; of names and
 * subjects, control characters and those that turn the direction of text become blanks, and the
 * rest is encoded (RFC 2047). Lines end in CRLF, and all bytes are ASCII, whatever a server takes.
 * Ownership: results live in the arena given. Threads: any, after outside_start. */
#ifndef OUTSIDE_MESSAGE_H
#define OUTSIDE_MESSAGE_H

#include "base/arena.h"

struct message {
    str from, from_name; /* an address, and what is shown; a name may be "" */
    str to, to_name;
    str subject, text; /* text: lines that end in '\n' */
    str id;            /* for Message-ID, before the '@' and from's domain: a copy has the same */
    i64 at;            /* for Date, ms since 1970 UTC */
};

/* Once, before anything else of this room. */
MUST_USE enum status outside_start(struct err *err);
/* Whether an address can be written to: one '@' with something on both sides, no blanks, no control
 * characters, and none of those that mean something in a header or a command (RFC 5322, 3.2.3). */
bool address_mailable(str address);
/* ST_INVALID: one of the addresses isn't one. */
MUST_USE enum status message_make(const struct message *m, struct arena *a, str *ret,
                                  struct err *err);

#endif
