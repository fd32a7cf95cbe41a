#include "text/json.h"

enum { DEPTH_MAX = 128, MEMBERS_MAX = 2000 };

struct reader {
    const char *p, *end, *start;
    struct arena *a;
    struct err *err;
    int depth;
};

static enum status bad(struct reader *r, const char *what)
{
    int line = 1;
    for (const char *q = r->start; q < r->p; q++)
        line += *q == '\n';
    return fail(r->err, ST_INVALID, "line %d: %s", line, what);
}

static void blanks(struct reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
        r->p++;
}

static bool next_is(struct reader *r, char c)
{
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

/* ---- texts ---- */

static int hex4(struct reader *r)
{
    int v = 0;
    if (r->end - r->p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = *r->p++;
        int d = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
        if (d < 0)
            return -1;
        v = v * 16 + d;
    }
    return v;
}

/* After \u: one character, or two escapes that are one. */
static enum status escape_u(struct reader *r, u32 *cp)
{
    int high = hex4(r), low;
    *cp = (u32)high;
    if (high == 0)
        return bad(r, "U+0000 can't stand in a text");
    if (high < 0 || (high >= 0xDC00 && high < 0xE000))
        return bad(r, "a \\u escape that is no character");
    if (high < 0xD800 || high >= 0xDC00)
        return ST_OK;
    if (!next_is(r, '\\') || !next_is(r, 'u') || (low = hex4(r)) < 0xDC00 || low >= 0xE000)
        return bad(r, "half of a surrogate pair");
    *cp = 0x10000 + (((u32)high - 0xD800) << 10) + ((u32)low - 0xDC00);
    return ST_OK;
}

static enum status escaped(struct reader *r, char *to, size_t *n)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    char c = r->p < r->end ? *r->p++ : 0;
    const char *at = c ? strchr(from, c) : NULL;
    if (at) {
        to[(*n)++] = into[at - from];
        return ST_OK;
    }
    u32 cp;
    if (c != 'u')
        return bad(r, "an escape that JSON doesn't have");
    enum status st = escape_u(r, &cp);
    if (!st)
        *n += utf8_put(cp, to + *n);
    return st;
}

/* After the opening quote. Without escapes it is a view of the source. */
static enum status read_text(struct reader *r, str *ret)
{
    const char *from = r->p;
    while (r->p < r->end && *r->p != '"' && *r->p != '\\' && (u8)*r->p >= 0x20)
        r->p++;
    if (r->p < r->end && *r->p == '"') {
        *ret = (str){from, (size_t)(r->p++ - from)};
        return ST_OK;
    }
    const char *close = r->p; /* an escape is never shorter than what it stands for */
    while (close < r->end && *close != '"')
        close += *close == '\\' ? 2 : 1;
    if (close >= r->end)
        return bad(r, "a text that never ends");
    char *to = arena_bytes(r->a, (size_t)(close - from) + 4);
    size_t n = (size_t)(r->p - from);
    if (!to)
        return ST_NOMEM;
    memcpy(to, from, n);
    while (*r->p != '"') {
        if ((u8)*r->p < 0x20)
            return bad(r, "a control character in a text");
        if (*r->p != '\\') {
            to[n++] = *r->p++;
            continue;
        }
        r->p++;
        enum status st = escaped(r, to, &n);
        if (st)
            return st;
    }
    r->p++;
    *ret = (str){to, n};
    return ST_OK;
}

/* ---- values ---- */

static size_t digits(struct reader *r)
{
    const char *from = r->p;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
        r->p++;
    return (size_t)(r->p - from);
}

static enum status read_number(struct reader *r, struct json *j)
{
    const char *from = r->p;
    next_is(r, '-');
    const char *first = r->p;
    size_t n = digits(r);
    bool whole = true, ok = n && !(*first == '0' && n > 1);
    if (next_is(r, '.')) {
        whole = false;
        ok = ok && digits(r);
    }
    if (next_is(r, 'e') || next_is(r, 'E')) {
        whole = false;
        if (!next_is(r, '-'))
            next_is(r, '+');
        ok = ok && digits(r);
    }
    j->text = (str){from, (size_t)(r->p - from)};
    if (!ok || (whole && str_i64(j->text, &j->number)))
        return bad(r, "a number that JSON doesn't have, or that is too large");
    j->type = whole ? JSON_NUMBER : JSON_FRACTION;
    return ST_OK;
}

static enum status read_word(struct reader *r, struct json *j)
{
    static const struct {
        str word;
        enum json_type type;
        i64 number;
    } words[] = {
        {{"true", 4}, JSON_BOOL, 1}, {{"false", 5}, JSON_BOOL, 0}, {{"null", 4}, JSON_NULL, 0}};
    str rest = {r->p, (size_t)(r->end - r->p)};
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_starts(rest, words[i].word)) {
            r->p += words[i].word.n;
            j->type = words[i].type;
            j->number = words[i].number;
            return ST_OK;
        }
    return bad(r, "something that is no JSON value");
}

static enum status read_value(struct reader *r, struct json *j);

/* After the opening bracket: a list's values or a map's members. */
static enum status read_many(struct reader *r, struct json *j, char close)
{
    struct json **end = &j->first;
    bool map = close == '}';
    enum status st = ST_OK;
    j->type = map ? JSON_MAP : JSON_LIST;
    if (++r->depth > DEPTH_MAX)
        return bad(r, "lists and maps nested more than 128 deep");
    blanks(r);
    for (bool more = !next_is(r, close); !st && more;) {
        struct json *one = arena_new(r->a, struct json, 1);
        if (!one)
            return ST_NOMEM;
        blanks(r);
        if (map) {
            st = next_is(r, '"') ? read_text(r, &one->name) : bad(r, "a member without a name");
            if (j->size == MEMBERS_MAX) /* each is compared with all before it */
                st = bad(r, "a map with more than 2,000 members");
            for (const struct json *m = j->first; !st && m; m = m->next)
                if (str_eq(m->name, one->name))
                    st = bad(r, "a member that stands twice");
            blanks(r);
            if (!st && !next_is(r, ':'))
                st = bad(r, "a member without a value");
        }
        st = st ? st : read_value(r, one);
        blanks(r);
        more = next_is(r, ',');
        if (!st && !more && !next_is(r, close))
            st = bad(r, map ? "a map that never ends" : "a list that never ends");
        *end = one;
        end = &one->next;
        j->size++;
    }
    r->depth--;
    return st;
}

static enum status read_value(struct reader *r, struct json *j)
{
    blanks(r);
    if (next_is(r, '"')) {
        j->type = JSON_TEXT;
        return read_text(r, &j->text);
    }
    if (next_is(r, '{'))
        return read_many(r, j, '}');
    if (next_is(r, '['))
        return read_many(r, j, ']');
    if (r->p < r->end && (*r->p == '-' || (*r->p >= '0' && *r->p <= '9')))
        return read_number(r, j);
    return read_word(r, j);
}

enum status json_read(str text, struct arena *a, const struct json **ret, struct err *err)
{
    struct reader r = {.p = text.p, .start = text.p, .end = text.p + text.n, .a = a, .err = err};
    struct json *j = arena_new(a, struct json, 1);
    if (!j)
        return ST_NOMEM;
    if (!text.n || !utf8_valid(text, NULL))
        return fail(err, ST_INVALID, text.n ? "not UTF-8" : "nothing is there");
    enum status st = read_value(&r, j);
    blanks(&r);
    if (!st && r.p != r.end)
        st = bad(&r, "more after the value's end");
    if (!st)
        *ret = j;
    return st;
}

const struct json *json_member(const struct json *map, str name)
{
    const struct json *m = map && map->type == JSON_MAP ? map->first : NULL;
    while (m && !str_eq(m->name, name))
        m = m->next;
    return m;
}

bool json_is(const struct json *j, enum json_type type)
{
    return j && j->type == type;
}

str json_text(const struct json *j)
{
    return json_is(j, JSON_TEXT) ? j->text : STR_NONE;
}
