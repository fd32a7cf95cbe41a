#include "http/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/guard.h"

static const u8 v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static bool is_v4(struct address a)
{
    return memcmp(a.bytes, v4_prefix, sizeof v4_prefix) == 0;
}

enum status address_read(str text, struct address *ret)
{
    char buf[64];
    struct address a;
    if (text.n == 0 || text.n >= sizeof buf)
        return ST_INVALID;
    memcpy(buf, text.p, text.n);
    buf[text.n] = '\0';
    memcpy(a.bytes, v4_prefix, sizeof v4_prefix);
    if (inet_pton(AF_INET, buf, a.bytes + 12) != 1 && inet_pton(AF_INET6, buf, a.bytes) != 1)
        return ST_INVALID;
    *ret = a;
    return ST_OK;
}

enum status network_read(str text, struct network *ret)
{
    str host, bits = str_cut(text, '/', &host);
    struct network n;
    i64 v = 128;
    enum status st = address_read(host, &n.base);
    if (st)
        return st;
    bool v4 = is_v4(n.base) && str_find_byte(host, ':') < 0;
    if (bits.p && (str_i64(bits, &v) || v < 0 || v > (v4 ? 32 : 128)))
        return ST_INVALID;
    n.bits = bits.p && v4 ? (int)v + 96 : (int)v;
    *ret = n;
    return ST_OK;
}

bool network_has(const struct network *n, struct address a)
{
    for (int i = 0; i < 16; i++) {
        int left = n->bits - i * 8;
        int mask = left >= 8 ? 0xFF : left <= 0 ? 0 : (0xFF << (8 - left)) & 0xFF;
        if ((n->base.bytes[i] ^ a.bytes[i]) & mask)
            return false;
    }
    return true;
}

struct address address_of(const struct sockaddr *sa)
{
    struct address a = {{0}};
    if (sa->sa_family == AF_INET) {
        memcpy(a.bytes, v4_prefix, sizeof v4_prefix);
        memcpy(a.bytes + 12, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
    } else if (sa->sa_family == AF_INET6) {
        memcpy(a.bytes, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
    }
    return a;
}

bool address_loopback(struct address a)
{
    static const u8 one[16] = {[15] = 1};
    return (is_v4(a) && a.bytes[12] == 127) || memcmp(a.bytes, one, 16) == 0;
}

struct address address_client(struct address a)
{
    if (!is_v4(a))
        memset(a.bytes + 8, 0, 8);
    return a;
}

struct address address_network(struct address a)
{
    if (is_v4(a))
        a.bytes[15] = 0;
    else
        memset(a.bytes + 6, 0, 10);
    return a;
}

str address_text(struct address a, bool short_, char buf[64])
{
    if (short_)
        a = address_network(a);
    if (is_v4(a))
        inet_ntop(AF_INET, a.bytes + 12, buf, 64);
    else
        inet_ntop(AF_INET6, a.bytes, buf, 64);
    return str_c(buf);
}

static bool trusts(const struct network *list, size_t n, struct address a)
{
    for (size_t i = 0; i < n; i++)
        if (network_has(&list[i], a))
            return true;
    return false;
}

/* A parameter of a hop of Forwarded (RFC 7239), without its quotes; the last of that name. */
static str hop_parameter(str text, str want)
{
    str found = STR_NONE;
    for (str rest = text, pair; rest.p;) {
        rest = str_cut(rest, ';', &pair);
        str name, value = str_cut(str_trim(pair), '=', &name);
        if (str_eq_fold(str_trim(name), want))
            found = str_trim(value);
    }
    if (found.n >= 2 && found.p[0] == '"' && found.p[found.n - 1] == '"')
        found = (str){found.p + 1, found.n - 2};
    return found;
}

/* One hop's address; brackets and ports set aside. */
static enum status hop(str text, enum forwarding kind, struct address *ret)
{
    text = str_trim(text);
    if (kind == FORWARD_FORWARDED)
        text = hop_parameter(text, STR("for"));
    else if (text.n >= 2 && text.p[0] == '"' && text.p[text.n - 1] == '"')
        text = (str){text.p + 1, text.n - 2};
    if (text.n && text.p[0] == '[') {
        ptrdiff_t end = str_find_byte(text, ']');
        return end < 0 ? ST_INVALID : address_read((str){text.p + 1, (size_t)end - 1}, ret);
    }
    str host, port = str_cut(text, ':', &host);
    bool one_colon = port.p && str_find_byte(port, ':') < 0;
    return address_read(one_colon ? host : text, ret);
}

/* The last of a list. */
static str last_of(str list)
{
    size_t i = list.n;
    while (i && list.p[i - 1] != ',')
        i--;
    return str_from(list, i);
}

/* Walks from hop to hop while who wrote it is trusted. *said: the hop looked at last, which a
 * trusted proxy wrote; p == NULL when none did. */
static struct address walk(struct address peer, enum forwarding kind, str header,
                           const struct network *trusted, size_t n, str *said)
{
    struct address client = peer;
    *said = STR_NONE;
    while (kind != FORWARD_NONE && header.n && trusts(trusted, n, client)) {
        struct address before;
        str last = last_of(header);
        *said = last;
        if (hop(last, kind, &before))
            break;
        client = before;
        header = str_head(header, header.n > last.n ? header.n - last.n - 1 : 0);
    }
    return client;
}

struct address client_of(struct address peer, enum forwarding kind, str header,
                         const struct network *trusted, size_t n)
{
    str said;
    return walk(peer, kind, header, trusted, n, &said);
}

bool client_https(struct address peer, enum forwarding kind, str header, str proto,
                  const struct network *trusted, size_t n)
{
    str said;
    if (!trusts(trusted, n, peer) && GUARD(proto_of_trusted))
        return false;
    if (kind == FORWARD_XFF)
        return str_eq_fold(str_trim(last_of(proto)), STR("https"));
    walk(peer, kind, header, trusted, n, &said);
    return str_eq_fold(hop_parameter(said, STR("proto")), STR("https"));
}
