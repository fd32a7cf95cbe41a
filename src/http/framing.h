/* http/framing.h: what a request's head must be before anything believes it (RFC 9112;
 * docs/architecture.md, "The edge").
 *
 * libmicrohttpd accepts every one of these; a proxy in front that reads them otherwise would be
 * smuggled through. */
#ifndef HTTP_FRAMING_H
#define HTTP_FRAMING_H

#include "http/request.h"

struct head {
    size_t content_lengths, transfer_encodings, hosts;
    i64 content_length;
    str host;
    bool blank_name; /* a name that isn't a token: "Transfer-Encoding :" */
    bool near_name;  /* begins with Content-Length or Transfer-Encoding and isn't it */
    bool control;    /* a control character in a value: a bare CR arrives as one */
    bool bad_length;
};
/* Takes one header in. */
void head_add(struct head *h, str name, str value);
/* The HTTP status to refuse with, and close: 400 or 411; 0 when the head is sound. *why for the
 * log. */
int head_verdict(const struct head *h, const char **why);

/* Whether this Host may be answered: a known name (port set aside), or, from a client on loopback,
 * a loopback name. */
bool host_known(str host, const str *known, size_t n, bool loopback);

#endif
