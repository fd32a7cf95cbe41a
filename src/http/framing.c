#include "http/framing.h"

#include "base/guard.h"

static bool token(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                  (c >= '0' && c <= '9') || (c && strchr("!#$%&'*+.^_`|~", c));
        if (!ok)
            return false;
    }
    return s.n > 0;
}

void head_add(struct head *h, str name, str value)
{
    static const str framing[] = {{"content-length", 14}, {"transfer-encoding", 17}};
    bool is_length = str_eq_fold(name, framing[0]), is_transfer = str_eq_fold(name, framing[1]);
    h->blank_name |= !token(name);
    for (size_t i = 0; i < COUNT(framing); i++)
        h->near_name |=
            name.n > framing[i].n && str_eq_fold(str_head(name, framing[i].n), framing[i]);
    for (size_t i = 0; i < value.n; i++)
        h->control |= ((u8)value.p[i] < 0x20 && value.p[i] != '\t') || value.p[i] == 0x7F;
    if (is_length) {
        h->content_lengths++;
        h->bad_length |= value.n == 0 || value.p[0] < '0' || value.p[0] > '9' ||
                         str_i64(value, &h->content_length);
    }
    h->transfer_encodings += is_transfer;
    if (str_eq_fold(name, STR("host"))) {
        h->hosts++;
        h->host = value;
    }
}

int head_verdict(const struct head *h, const char **why)
{
    if (h->content_lengths && h->transfer_encodings && GUARD(frame_both_lengths)) {
        *why = "Content-Length beside Transfer-Encoding";
        return 400;
    }
    if ((h->content_lengths > 1 || h->bad_length) && GUARD(frame_two_lengths)) {
        *why = "Content-Length twice, or not a number";
        return 400;
    }
    if (h->blank_name && GUARD(frame_token_names)) {
        *why = "a header's name isn't a token";
        return 400;
    }
    if (h->near_name && GUARD(frame_near_names)) {
        *why = "a header's name begins like a framing header";
        return 400;
    }
    if (h->control && GUARD(frame_control_values)) {
        *why = "a control character in a header";
        return 400;
    }
    if (h->hosts != 1 && GUARD(frame_hosts)) {
        *why = "no Host, or more than one";
        return 400;
    }
    if (h->transfer_encodings && GUARD(frame_te_refused)) {
        *why = "Transfer-Encoding";
        return 411;
    }
    return 0;
}

/* Without its port; empty when what follows the name is none. */
static str without_port(str host)
{
    ptrdiff_t end =
        host.n && host.p[0] == '[' ? str_find_byte(host, ']') + 1 : str_find_byte(host, ':');
    if (end <= 0 || (size_t)end == host.n)
        return end == 0 ? STR_NONE : host;
    for (size_t i = (size_t)end + 1; i < host.n; i++)
        if (host.p[i] < '0' || host.p[i] > '9')
            return STR_NONE;
    return host.p[end] == ':' ? str_head(host, (size_t)end) : STR_NONE;
}

static bool loopback_name(str name)
{
    if (str_eq_fold(name, STR("localhost")) || str_eq(name, STR("[::1]")))
        return true;
    if (!str_starts(name, STR("127.")))
        return false;
    for (size_t i = 4; i < name.n; i++)
        if ((name.p[i] < '0' || name.p[i] > '9') && name.p[i] != '.')
            return false;
    return true;
}

bool host_known(str host, const str *known, size_t n, bool loopback)
{
    if (!GUARD(host_known))
        return true;
    str name = without_port(host);
    for (size_t i = 0; i < n; i++)
        if (str_eq_fold(name, known[i]))
            return true;
    return loopback && loopback_name(name);
}
