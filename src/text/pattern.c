#include "text/pattern.h"

#include <unicode/ustring.h>
#include <unicode/uenum.h>

#include "base/guard.h"
#include "text/locale.h"

enum { DEPTH = 8, CASES = 16, PATTERN_ARGS = 16, MESSAGE_MAX = 1 << 20 };

enum part_kind {
    PART_TEXT,
    PART_ARG,
    PART_NUMBER,
    PART_HASH,
    PART_PLURAL,
    PART_ORDINAL,
    PART_SELECT
};

struct choice {
    str name; /* "one", "other", "=0", "yes" */
    struct pattern *message;
    struct choice *next;
};

struct part {
    enum part_kind kind;
    str text; /* the text, or the argument's name */
    struct choice *choices;
    struct part *next;
};

struct pattern {
    struct part *first;
};

struct reader {
    str src;
    size_t at;
    struct arena *a;
    const UPluralRules *plurals, *ordinals;
    struct err *err;
    int depth;
};

static enum status read_message(struct reader *r, bool in_plural, struct pattern **ret);

static enum status wrong(struct reader *r, const char *what)
{
    return fail(r->err, ST_INVALID, "%s at byte %zu of \"%.*s\"", what, r->at,
                FMT(str_head(r->src, 120)));
}

static void blanks(struct reader *r)
{
    while (r->at < r->src.n && strchr(" \t\r\n", r->src.p[r->at]))
        r->at++;
}

static str word(struct reader *r)
{
    blanks(r);
    size_t from = r->at;
    while (r->at < r->src.n && !strchr(" \t\r\n{},#'", r->src.p[r->at]))
        r->at++;
    str w = {r->src.p + from, r->at - from};
    blanks(r);
    return w;
}

static bool take(struct reader *r, char c)
{
    blanks(r);
    if (r->at >= r->src.n || r->src.p[r->at] != c)
        return false;
    r->at++;
    return true;
}

static enum status read_choices(struct reader *r, struct part *p)
{
    bool plural = p->kind != PART_SELECT, other = false;
    struct choice **end = &p->choices;
    while (!take(r, '}')) {
        struct choice *c = arena_new(r->a, struct choice, 1);
        if (!c)
            return ST_NOMEM;
        c->name = word(r);
        if (c->name.n == 0 || !take(r, '{'))
            return wrong(r, "a choice needs a name and { }");
        enum status st = read_message(r, plural, &c->message);
        if (st)
            return st;
        if (!take(r, '}'))
            return wrong(r, "a choice is not closed");
        other |= str_eq(c->name, STR("other"));
        *end = c;
        end = &c->next;
    }
    return other ? ST_OK : wrong(r, "there is no choice `other`");
}

static bool has_choice(const struct part *p, const char *name)
{
    for (const struct choice *c = p->choices; c; c = c->next)
        if (str_eq(c->name, str_c(name)))
            return true;
    return false;
}

/* All of the locale's categories: a number that falls through to `other` is a grammar mistake
 * somebody will see. */
static enum status check_categories(struct reader *r, const struct part *p)
{
    UErrorCode e = U_ZERO_ERROR;
    bool ordinal = p->kind == PART_ORDINAL;
    UEnumeration *list = uplrules_getKeywords(ordinal ? r->ordinals : r->plurals, &e);
    enum status st = U_FAILURE(e) ? ST_NOMEM : ST_OK;
    const char *name;
    while (!st && (name = uenum_next(list, NULL, &e)) != NULL && !U_FAILURE(e))
        if (!has_choice(p, name))
            st = fail(r->err, ST_INVALID, "the plural form `%s` is missing in \"%.*s\"", name,
                      FMT(str_head(r->src, 120)));
    uenum_close(list);
    return st;
}

static enum status read_argument(struct reader *r, struct part *p)
{
    p->kind = PART_ARG;
    p->text = word(r);
    if (p->text.n == 0)
        return wrong(r, "an argument has no name");
    if (take(r, '}'))
        return ST_OK;
    if (!take(r, ','))
        return wrong(r, "an argument is not closed");
    str type = word(r);
    if (str_eq(type, STR("number")) && take(r, '}')) {
        p->kind = PART_NUMBER;
        return ST_OK;
    }
    static const struct {
        const char *name;
        enum part_kind kind;
    } types[] = {{"plural", PART_PLURAL}, {"selectordinal", PART_ORDINAL}, {"select", PART_SELECT}};
    for (size_t i = 0; i < COUNT(types); i++) {
        if (!str_eq(type, str_c(types[i].name)) || !take(r, ','))
            continue;
        p->kind = types[i].kind;
        enum status st = read_choices(r, p);
        return st || p->kind == PART_SELECT ? st : check_categories(r, p);
    }
    return wrong(r, "only number, plural, selectordinal and select are known");
}

/* Literal text up to the next brace or #, apostrophes resolved. */
static enum status read_text(struct reader *r, bool in_plural, str *ret)
{
    struct out o = out_make(r->a, 64, MESSAGE_MAX);
    while (r->at < r->src.n) {
        char c = r->src.p[r->at];
        if (c == '{' || c == '}' || (c == '#' && in_plural))
            break;
        r->at++;
        char next = r->at < r->src.n ? r->src.p[r->at] : '\0';
        if (c != '\'') {
            out_byte(&o, c);
        } else if (next == '\'') {
            out_byte(&o, '\'');
            r->at++;
        } else if (next == '{' || next == '}' || (next == '#' && in_plural)) {
            while (r->at < r->src.n && r->src.p[r->at] != '\'')
                out_byte(&o, r->src.p[r->at++]);
            r->at++;
        } else {
            out_byte(&o, '\'');
        }
    }
    *ret = out_view(&o);
    return out_status(&o);
}

static enum status read_message(struct reader *r, bool in_plural, struct pattern **ret)
{
    struct pattern *m = arena_new(r->a, struct pattern, 1);
    if (!m)
        return ST_NOMEM;
    if (++r->depth > DEPTH)
        return wrong(r, "choices are nested too deep");
    struct part **end = &m->first;
    enum status st = ST_OK;
    while (!st && r->at < r->src.n && r->src.p[r->at] != '}') {
        struct part *p = arena_new(r->a, struct part, 1);
        if (!p)
            return ST_NOMEM;
        char c = r->src.p[r->at];
        if (c == '{') {
            r->at++;
            st = read_argument(r, p);
        } else if (c == '#' && in_plural) {
            r->at++;
            p->kind = PART_HASH;
        } else {
            st = read_text(r, in_plural, &p->text);
        }
        *end = p;
        end = &p->next;
    }
    r->depth--;
    if (!st)
        *ret = m;
    return st;
}

enum status pattern_compile(str source, const UPluralRules *plurals, const UPluralRules *ordinals,
                            struct arena *a, struct pattern **ret, struct err *err)
{
    struct reader r = {.src = source, .a = a, .plurals = plurals, .ordinals = ordinals, .err = err};
    struct pattern *m;
    enum status st = read_message(&r, false, &m);
    if (!st && r.at < source.n)
        st = wrong(&r, "a } stands alone");
    if (!st)
        *ret = m;
    return st;
}

static size_t collect(const struct pattern *p, str *names, size_t n, size_t max)
{
    for (const struct part *q = p->first; q; q = q->next) {
        if (q->kind != PART_TEXT && q->kind != PART_HASH) {
            bool known = false;
            for (size_t i = 0; i < n && i < max; i++)
                known |= str_eq(names[i], q->text);
            if (!known && n < max)
                names[n] = q->text;
            n += !known;
        }
        for (const struct choice *c = q->choices; c; c = c->next)
            n = collect(c->message, names, n, max);
    }
    return n;
}

size_t pattern_args(const struct pattern *p, str *names, size_t max)
{
    return collect(p, names, 0, max);
}

/* ---- writing ---- */

struct writing {
    const struct locale *l;
    const struct arg *args;
    size_t nargs;
    struct arena *a;
    struct html_out *html; /* one of these two */
    struct out *text;
    struct err *err;
};

static const struct arg *argument(const struct writing *w, str name)
{
    for (size_t i = 0; i < w->nargs; i++)
        if (str_eq(name, str_c(w->args[i].name)))
            return &w->args[i];
    return NULL;
}

static void put(struct writing *w, str s)
{
    if (w->html)
        html_text(w->html, s);
    else
        out_str(w->text, s);
}

static enum status put_number(struct writing *w, i64 v)
{
    str s;
    enum status st = number_format(w->l, v, w->a, &s, w->err);
    if (!st)
        put(w, s);
    return st;
}

static const struct choice *by_name(const struct part *p, str name)
{
    const struct choice *other = NULL;
    for (const struct choice *c = p->choices; c; c = c->next) {
        if (str_eq(c->name, name))
            return c;
        if (str_eq(c->name, STR("other")))
            other = c;
    }
    return other;
}

static enum status choose_plural(struct writing *w, const struct part *p, i64 v,
                                 const struct choice **ret)
{
    str exact = arena_fmt(w->a, "=%lld", (long long)v);
    for (const struct choice *c = p->choices; c; c = c->next)
        if (str_eq(c->name, exact)) {
            *ret = c;
            return ST_OK;
        }
    UErrorCode e = U_ZERO_ERROR;
    UChar u[32];
    char name[32];
    int32_t n = uplrules_select(p->kind == PART_ORDINAL ? w->l->ordinals : w->l->plurals, (double)v,
                                u, (int32_t)COUNT(u), &e);
    if (U_FAILURE(e) || n >= (int32_t)sizeof name)
        return fail(w->err, ST_BUG, "no plural form for %lld", (long long)v);
    u_UCharsToChars(u, name, n);
    *ret = by_name(p, (str){name, (size_t)n});
    return ST_OK;
}

static enum status write_parts(struct writing *w, const struct pattern *m, i64 hash);

static enum status write_arg(struct writing *w, const struct part *p, i64 hash)
{
    const struct arg *arg = argument(w, p->text);
    const struct choice *c = NULL;
    enum status st = ST_OK;
    if (!arg)
        return fail(w->err, ST_BUG, "the argument {%.*s} isn't given", FMT(p->text));
    bool number = p->kind == PART_NUMBER || p->kind == PART_PLURAL || p->kind == PART_ORDINAL;
    if (GUARD(argument_kind) &&
        ((number && arg->kind != ARG_NUMBER) || (p->kind == PART_SELECT && arg->kind != ARG_TEXT)))
        return fail(w->err, ST_BUG, "the argument {%.*s} has to be a %s", FMT(p->text),
                    number ? "number" : "text");
    switch (p->kind) {
    case PART_ARG:
        if (arg->kind == ARG_NUMBER)
            return put_number(w, arg->number);
        if (arg->kind == ARG_TEXT) {
            put(w, arg->text);
            return ST_OK;
        }
        if (!w->html)
            return fail(w->err, ST_BUG,
                        "the argument {%.*s} is html and the message is wanted as text",
                        FMT(p->text));
        html_add(w->html, arg->html);
        return ST_OK;
    case PART_NUMBER:
        return put_number(w, arg->number);
    case PART_SELECT:
        c = by_name(p, arg->text);
        return write_parts(w, c->message, hash);
    case PART_PLURAL:
    case PART_ORDINAL:
        st = choose_plural(w, p, arg->number, &c);
        return st ? st : write_parts(w, c->message, arg->number);
    default:
        return ST_BUG;
    }
}

static enum status write_parts(struct writing *w, const struct pattern *m, i64 hash)
{
    enum status st = ST_OK;
    for (const struct part *p = m->first; !st && p; p = p->next) {
        if (p->kind == PART_TEXT)
            put(w, p->text);
        else if (p->kind == PART_HASH)
            st = put_number(w, hash);
        else
            st = write_arg(w, p, hash);
    }
    return st;
}

enum status pattern_text(const struct pattern *p, const struct locale *l, const struct arg *args,
                         size_t nargs, struct arena *a, str *ret, struct err *err)
{
    struct out o = out_make(a, 64, MESSAGE_MAX);
    struct writing w = {.l = l, .args = args, .nargs = nargs, .a = a, .text = &o, .err = err};
    enum status st = write_parts(&w, p, 0);
    st = st ? st : out_status(&o);
    if (!st)
        *ret = out_view(&o);
    return st;
}

enum status pattern_html(const struct pattern *p, const struct locale *l, const struct arg *args,
                         size_t nargs, struct arena *a, html *ret, struct err *err)
{
    struct html_out o = html_make(a, 64, MESSAGE_MAX);
    struct writing w = {.l = l, .args = args, .nargs = nargs, .a = a, .html = &o, .err = err};
    enum status st = write_parts(&w, p, 0);
    st = st ? st : out_status(&o.out);
    if (!st)
        *ret = html_view(&o);
    return st;
}
