#include "http/target.h"

#include "base/guard.h"
#include "base/out.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes escapes; plus: '+' is a blank. */
static enum status decode(str raw, bool plus, struct arena *a, str *ret, struct err *err)
{
    char *p = arena_bytes(a, raw.n + 1);
    size_t w = 0;
    if (!p)
        return ST_NOMEM;
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        if (c == '%') {
            int high = i + 2 < raw.n ? hex_digit(raw.p[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(raw.p[i + 2]) : -1;
            if (low < 0)
                return fail(err, ST_INVALID, "a malformed escape");
            c = (char)(high * 16 + low);
            if (c == '/' && !plus && GUARD(target_slash))
                return fail(err, ST_INVALID, "an escaped slash");
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        p[w++] = c;
    }
    str s = {p, w};
    if (!utf8_valid(s, NULL) && GUARD(target_utf8))
        return fail(err, ST_INVALID, "broken UTF-8");
    for (size_t i = 0; i < s.n; i++)
        if (((u8)s.p[i] < 0x20 || s.p[i] == 0x7F) && GUARD(target_control))
            return fail(
                err, ST_INVALID,
                "an escaped control character"); /* libmicrohttpd would end the path at %00 */
    *ret = s;
    return ST_OK;
}

static bool stays(char c, const char *signs)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr(signs, c));
}

static str escape(str s, const char *signs, struct arena *a)
{
    struct out o = out_make(a, s.n + 16, 1 << 16);
    for (size_t i = 0; i < s.n; i++)
        if (stays(s.p[i], signs))
            out_byte(&o, s.p[i]);
        else
            out_fmt(&o, "%%%02X", (u8)s.p[i]);
    return out_view(&o);
}

str path_escape(str path, struct arena *a)
{
    return escape(path, "-._~!$&'()*+,;=:@/", a);
}

str query_escape(str value, struct arena *a)
{
    return escape(value, "-._~", a);
}

/* Without empty, '.' and '..' segments (a '..' past the top is dropped). */
static str without_dots(str path, struct arena *a)
{
    char *p = arena_bytes(a, path.n + 2);
    size_t w = 0;
    if (!p)
        return STR_NONE;
    bool slash = false;
    str part, rest = path;
    while (rest.p) {
        rest = str_cut(rest, '/', &part);
        slash = true;
        if (part.n == 0 || str_eq(part, STR(".")))
            continue;
        if (str_eq(part, STR(".."))) {
            while (w && p[--w] != '/')
                ;
            continue;
        }
        p[w++] = '/';
        memcpy(p + w, part.p, part.n);
        w += part.n;
        slash = rest.p != NULL;
    }
    if (w == 0 || slash)
        p[w++] = '/';
    return (str){p, w};
}

enum status target_read(str raw, struct arena *a, struct target *ret, struct err *err)
{
    struct target t;
    if (raw.n == 0 || raw.p[0] != '/') {
        if (GUARD(frame_absolute_target))
            return fail(err, ST_INVALID, "the target is not a path");
        raw = STR("/");
    }
    for (size_t i = 0; i < raw.n; i++)
        if ((u8)raw.p[i] <= 0x20 || raw.p[i] == 0x7F)
            return fail(err, ST_INVALID, "a blank or a control character in the target");
    str path, decoded;
    t.query = str_cut(raw, '?', &path);
    ptrdiff_t hash = str_find_byte(path, '#');
    if (hash >= 0)
        return fail(err, ST_INVALID, "a fragment in the target");
    enum status st = decode(path, false, a, &decoded, err);
    if (st)
        return st;
    t.path = without_dots(decoded, a);
    t.canonical = path_escape(t.path, a);
    t.redirect = !str_eq(t.canonical, path);
    if (a->oom)
        return ST_NOMEM;
    if (t.redirect && t.query.p)
        t.canonical = arena_join(a, (str[]){t.canonical, STR("?"), t.query}, 3);
    *ret = t;
    return ST_OK;
}

static bool declares(str declared, str name)
{
    for (str rest = declared, one; rest.p;) {
        rest = str_cut(rest, ',', &one);
        if (str_eq(one, name))
            return true;
    }
    return false;
}

enum status query_read(str raw, str declared, struct arena *a, struct request *r, struct err *err)
{
    r->nquery = 0;
    if (declared.n == 0)
        return ST_OK;
    for (str rest = raw, pair; rest.p;) {
        rest = str_cut(rest, '&', &pair);
        str name, value = str_cut(pair, '=', &name);
        if (!declares(declared, name))
            continue;
        enum status st = decode(value, true, a, &value, err);
        if (st)
            return st;
        size_t i = 0;
        while (i < r->nquery && !str_eq(r->query[i].name, name))
            i++;
        if (i == QUERY_MAX)
            continue;
        r->query[i].name = name;
        r->query[i].value = value;
        if (i == r->nquery)
            r->nquery++;
    }
    return ST_OK;
}
