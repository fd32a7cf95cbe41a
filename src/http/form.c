#include "http/form.h"

#include "base/guard.h"

enum { BOUNDARY_MAX = 70 };

struct reading {
    struct arena *a;
    struct form form;
    size_t cap;
    struct err *err;
};

const struct form_field *form_field(const struct form *f, str name)
{
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->fields[i].name, name))
            return &f->fields[i];
    return NULL;
}

str form_text(const struct form *f, const char *name)
{
    const struct form_field *field = form_field(f, str_c(name));
    return field && !field->file ? field->value : STR_NONE;
}

/* ---- text ---- */

static bool sound(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        u8 c = (u8)s.p[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
            return !GUARD(form_text);
    }
    return utf8_valid(s, NULL) || !GUARD(form_text);
}

/* CR LF and a lone CR are one line end. */
static enum status one_line_end(struct arena *a, str s, str *ret)
{
    if (str_find_byte(s, '\r') < 0) {
        *ret = s;
        return ST_OK;
    }
    char *p = arena_raw(a, s.n);
    size_t w = 0;
    if (!p)
        return ST_NOMEM;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\r') {
            i += i + 1 < s.n && s.p[i + 1] == '\n';
            c = '\n';
        }
        p[w++] = c;
    }
    *ret = (str){p, w};
    return ST_OK;
}

/* Takes a field in. A file's bytes stay as they are. */
static enum status add(struct reading *r, struct form_field f)
{
    if (r->form.n == FORM_FIELDS)
        return fail(r->err, ST_TOOLARGE, "more than %d fields", FORM_FIELDS);
    if (!sound(f.name) || !sound(f.file_name) || (!f.file && !sound(f.value)))
        return fail(r->err, ST_INVALID, "a field that isn't text");
    enum status st = f.file ? ST_OK : one_line_end(r->a, f.value, &f.value);
    if (st)
        return st;
    if (!arena_grow(r->a, r->form.fields, r->form.n, &r->cap))
        return ST_NOMEM;
    r->form.fields[r->form.n++] = f;
    return ST_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* ---- application/x-www-form-urlencoded ---- */

static enum status decode(struct reading *r, str raw, str *ret)
{
    if (str_find_byte(raw, '%') < 0 && str_find_byte(raw, '+') < 0) {
        *ret = raw;
        return ST_OK;
    }
    char *p = arena_raw(r->a, raw.n);
    size_t w = 0;
    if (!p)
        return ST_NOMEM;
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < raw.n ? hex_digit(raw.p[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(raw.p[i + 2]) : -1;
            if (low < 0)
                return fail(r->err, ST_INVALID, "a malformed escape in a form");
            c = (char)(high * 16 + low);
            i += 2;
        }
        p[w++] = c;
    }
    *ret = (str){p, w};
    return ST_OK;
}

static enum status read_urlencoded(struct reading *r, str body)
{
    for (str rest = body, pair; rest.p;) {
        rest = str_cut(rest, '&', &pair);
        struct form_field f = {0};
        str name, value = str_cut(pair, '=', &name);
        if (!pair.n)
            continue;
        enum status st = decode(r, name, &f.name);
        st = st ? st : decode(r, value, &f.value);
        if (!st && !f.value.p)
            f.value = STR("");
        st = st ? st : add(r, f);
        if (st)
            return st;
    }
    return ST_OK;
}

/* ---- parameters of a header: "; name=token" and "; name=\"quoted\"" ---- */

static str skip_blanks(str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = (str){s.p + 1, s.n - 1};
    return s;
}

/* The next one; false at the end, with rest->p NULL when the shape is sound. A quoted value ends at
 * its first quote: browsers write a quote inside as %22 and a backslash as it is. */
static bool parameter(str *rest, str *name, str *value)
{
    str s = skip_blanks(*rest);
    *rest = s;
    if (!s.n) {
        *rest = STR_NONE;
        return false;
    }
    if (s.p[0] != ';')
        return false;
    s = skip_blanks((str){s.p + 1, s.n - 1});
    ptrdiff_t eq = str_find_byte(s, '=');
    if (eq <= 0)
        return false;
    *name = str_head(s, (size_t)eq);
    s = (str){s.p + eq + 1, s.n - (size_t)eq - 1};
    bool quoted = s.n && s.p[0] == '"';
    if (quoted)
        s = (str){s.p + 1, s.n - 1};
    ptrdiff_t end = str_find_byte(s, quoted ? '"' : ';');
    if (end < 0 && quoted)
        return false;
    size_t n = end < 0 ? s.n : (size_t)end;
    *value = quoted ? str_head(s, n) : str_trim(str_head(s, n));
    *rest = (str){s.p + n + quoted, s.n - n - quoted};
    return quoted || value->n > 0;
}

/* A name or a file's name; line breaks in it stay escaped, so that it is one line. */
static enum status unescape_quotes(struct reading *r, str s, str *ret)
{
    if (str_find(s, STR("%22")) < 0) {
        *ret = s;
        return ST_OK;
    }
    char *p = arena_raw(r->a, s.n);
    size_t w = 0;
    if (!p)
        return ST_NOMEM;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (str_starts(str_from(s, i), STR("%22"))) {
            c = '"';
            i += 2;
        }
        p[w++] = c;
    }
    *ret = (str){p, w};
    return ST_OK;
}

/* ---- multipart/form-data ---- */

static bool boundary_sound(str b)
{
    for (size_t i = 0; i < b.n; i++) {
        char c = b.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  (c && strchr("'()+_,-./:=? ", c));
        if (!ok)
            return false;
    }
    return b.n > 0 && b.n <= BOUNDARY_MAX && b.p[b.n - 1] != ' ';
}

static enum status find_boundary(struct reading *r, str parameters, str *ret)
{
    str rest = parameters, name, value, found = STR_NONE;
    while (parameter(&rest, &name, &value)) {
        if (!str_eq_fold(name, STR("boundary")))
            continue;
        if (found.p)
            return fail(r->err, ST_INVALID, "two boundaries");
        found = value;
    }
    if (rest.p || !boundary_sound(found))
        return fail(r->err, ST_INVALID, "multipart/form-data without a sound boundary");
    *ret = found;
    return ST_OK;
}

/* Content-Disposition: form-data; name="..."; filename="...". A filename* is for mail (RFC 7578,
 * 4.2): it is passed over, like all that isn't asked for. */
static enum status disposition(struct reading *r, str value, struct form_field *f)
{
    ptrdiff_t end = str_find_byte(value, ';');
    str kind = end < 0 ? value : str_head(value, (size_t)end), name, text;
    str rest = end < 0 ? STR_NONE : str_from(value, (size_t)end);
    bool named = false;
    if (!str_eq_fold(str_trim(kind), STR("form-data")))
        return fail(r->err, ST_INVALID, "a part that isn't of a form");
    while (rest.p && parameter(&rest, &name, &text)) {
        bool is_name = str_eq_fold(name, STR("name")), is_file = str_eq_fold(name, STR("filename"));
        if ((is_name && named) || (is_file && f->file))
            return fail(r->err, ST_INVALID, "a part with two names");
        named |= is_name;
        f->file |= is_file;
        enum status st = is_name   ? unescape_quotes(r, text, &f->name)
                         : is_file ? unescape_quotes(r, text, &f->file_name)
                                   : ST_OK;
        if (st)
            return st;
    }
    if (rest.p || !named)
        return fail(r->err, ST_INVALID, "a part without a name");
    return ST_OK;
}

static enum status part_header(struct reading *r, str line, bool *disposed, struct form_field *f)
{
    str name, value = str_cut(line, ':', &name);
    if (!value.p || !name.n)
        return fail(r->err, ST_INVALID, "a part's header without a colon");
    value = str_trim(value);
    if (str_eq_fold(name, STR("content-disposition"))) {
        if (*disposed)
            return fail(r->err, ST_INVALID, "a part with two names");
        *disposed = true;
        return disposition(r, value, f);
    }
    if (str_eq_fold(name, STR("content-type")))
        f->type = value;
    if (str_eq_fold(name, STR("content-transfer-encoding")) && !str_eq_fold(value, STR("binary")) &&
        !str_eq_fold(value, STR("8bit")) && !str_eq_fold(value, STR("7bit")))
        return fail(r->err, ST_INVALID, "a part in a coding of mail");
    return ST_OK;
}

static bool take_line(str *rest, str *line)
{
    ptrdiff_t end = str_find(*rest, STR("\r\n"));
    if (end < 0)
        return false;
    *line = str_head(*rest, (size_t)end);
    *rest = (str){rest->p + end + 2, rest->n - (size_t)end - 2};
    return true;
}

/* What follows a boundary on its line: "--" after the last, blanks (RFC 2046, 5.1.1), the line's
 * end. Anything else means that the boundary stands in a value, which it never does. */
static enum status after_boundary(struct reading *r, str *rest, bool *last)
{
    *last = str_starts(*rest, STR("--"));
    str s = skip_blanks(*last ? (str){rest->p + 2, rest->n - 2} : *rest);
    if (str_starts(s, STR("\r\n")))
        s = (str){s.p + 2, s.n - 2};
    else if (!*last || s.n)
        return fail(r->err, ST_INVALID, "a boundary that doesn't end its line");
    *rest = s;
    return ST_OK;
}

/* One part, from after its boundary's line to after the next boundary. line: "\r\n--BOUNDARY". */
static enum status read_part(struct reading *r, str delimiter, str *rest)
{
    struct form_field f = {.type = STR("")};
    bool disposed = false;
    str line;
    for (;;) {
        if (!take_line(rest, &line))
            return fail(r->err, ST_INVALID, "a part that doesn't end");
        if (!line.n)
            break;
        enum status st = part_header(r, line, &disposed, &f);
        if (st)
            return st;
    }
    /* the line end before a boundary is the boundary's: that of the empty line may be it already */
    str from = {rest->p - 2, rest->n + 2};
    ptrdiff_t end = str_find(from, delimiter);
    if (end < 0 || !disposed)
        return fail(r->err, ST_INVALID, "a part that doesn't end, or has no name");
    f.value = end < 2 ? STR("") : str_head(*rest, (size_t)end - 2);
    *rest = (str){from.p + end + delimiter.n, from.n - (size_t)end - delimiter.n};
    return add(r, f);
}

static enum status read_multipart(struct reading *r, str parameters, str body)
{
    str boundary, rest;
    bool last = false;
    enum status st = find_boundary(r, parameters, &boundary);
    if (st)
        return st;
    str delimiter = arena_join(r->a, (str[]){STR("\r\n--"), boundary}, 2);
    if (r->a->oom)
        return ST_NOMEM;
    str first = str_from(delimiter, 2);
    if (str_starts(body, first)) {
        rest = (str){body.p + first.n, body.n - first.n};
    } else { /* what stands before the first is for readers of mail */
        ptrdiff_t at = str_find(body, delimiter);
        if (at < 0)
            return fail(r->err, ST_INVALID, "a form without its boundary");
        rest = (str){body.p + at + delimiter.n, body.n - (size_t)at - delimiter.n};
    }
    st = after_boundary(r, &rest, &last);
    while (!st && !last) {
        st = read_part(r, delimiter, &rest);
        st = st ? st : after_boundary(r, &rest, &last);
    }
    return st;
}

enum status form_read(str content_type, str body, struct arena *a, struct form *ret,
                      struct err *err)
{
    struct reading r = {.a = a, .err = err};
    ptrdiff_t end = str_find_byte(content_type, ';');
    str kind = str_trim(end < 0 ? content_type : str_head(content_type, (size_t)end));
    str parameters = end < 0 ? STR("") : str_from(content_type, (size_t)end);
    enum status st;
    if (str_eq_fold(kind, STR("application/x-www-form-urlencoded")))
        st = read_urlencoded(&r, body);
    else if (str_eq_fold(kind, STR("multipart/form-data")))
        st = read_multipart(&r, parameters, body);
    else
        st = fail(err, ST_INVALID, "not a form: %.*s", FMT(str_head(kind, 100)));
    if (!st)
        *ret = r.form;
    return st;
}
