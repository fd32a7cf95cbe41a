/* http/client.h: who asks: the socket's address, or what trusted proxies say before it.
 *
 * One configured header is looked at; the client is its rightmost hop that isn't a trusted proxy.
 * Addresses are compared as 16 bytes, IPv4 mapped into IPv6. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include <sys/socket.h>

#include "http/request.h"

struct address {
    u8 bytes[16];
};
enum forwarding { FORWARD_NONE, FORWARD_FORWARDED, FORWARD_XFF };

struct network {
    struct address base;
    int bits;
};
MUST_USE enum status network_read(str text, struct network *ret); /* 10.0.0.0/8, ::1, 192.0.2.7 */
bool network_has(const struct network *n, struct address a);
MUST_USE enum status address_read(str text, struct address *ret);
struct address address_of(const struct sockaddr *sa);
bool address_loopback(struct address a);
/* What connections are counted by: an IPv4 address, a /64 of IPv6. */
struct address address_client(struct address a);
/* What belongs to one owner, mostly: a /24 of IPv4, a /48 of IPv6. */
struct address address_network(struct address a);
/* As text; short_: without the last octet (IPv4) or the last 80 bits (IPv6), for logs. */
str address_text(struct address a, bool short_, char buf[64]);

/* header: the value of Forwarded or X-Forwarded-For, all its lines joined by commas. What can't be
 * read ends the walk. */
struct address client_of(struct address peer, enum forwarding kind, str header,
                         const struct network *trusted, size_t n);
/* Whether a trusted proxy says that the client asked over https: by proto= of the client's hop in
 * Forwarded; with X-Forwarded-For by X-Forwarded-Proto, of whose list the peer itself wrote the
 * last. What a peer says that isn't trusted counts for nothing. */
bool client_https(struct address peer, enum forwarding kind, str header, str proto,
                  const struct network *trusted, size_t n);

#endif
