#include <stdlib.h>

#include "text/mustache_ops.h"

enum { OPS_MAX = 20000, OPEN_MAX = 64, SOURCE_MAX = 1 << 20 };

struct compiler {
    struct template *t;
    str src;
    size_t at;
    int line;
    char open[16], close[16]; /* the delimiters in force */
    size_t nopen, nclose;
    size_t stack[OPEN_MAX];
    size_t depth;
    size_t cap;
    struct err *err;
};

enum status mustache_make(struct mustache **ret)
{
    struct mustache *m = calloc(1, sizeof *m);
    if (!m)
        return ST_NOMEM;
    *ret = m;
    return ST_OK;
}

static void template_clear(struct template *t)
{
    free((char *)t->name.p);
    free(t->source);
    free(t->ops);
}

void mustache_free(struct mustache *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n; i++)
        template_clear(&m->list[i]);
    free(m->list);
    free(m);
}

const struct template *template_find(const struct mustache *m, str name)
{
    for (size_t i = 0; i < m->n; i++)
        if (str_eq(m->list[i].name, name))
            return &m->list[i];
    return NULL;
}

bool mustache_has(const struct mustache *m, str name)
{
    return template_find(m, name) != NULL;
}

static enum status wrong(struct compiler *c, const char *what)
{
    return fail(c->err, ST_INVALID, "%.*s:%d: %s", FMT(c->t->name), c->line, what);
}

static enum status add(struct compiler *c, struct op op)
{
    struct template *t = c->t;
    if (t->n == OPS_MAX)
        return wrong(c, "the template is too long");
    if (t->n == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 64;
        struct op *ops = realloc(t->ops, cap * sizeof *ops);
        if (!ops)
            return ST_NOMEM;
        t->ops = ops;
        c->cap = cap;
    }
    t->ops[t->n++] = op;
    return ST_OK;
}

static enum status add_text(struct compiler *c, str text)
{
    return text.n ? add(c, (struct op){.kind = 'T', .key = text, .line = c->line}) : ST_OK;
}

static enum status split(struct compiler *c, str key, struct path *ret)
{
    struct path p = {.n = 0};
    if (!str_eq(key, STR("."))) {
        for (str rest = key, part; rest.p;) {
            if (p.n == PATH_PARTS)
                return wrong(c, "a name has too many dots");
            rest = str_cut(rest, '.', &part);
            if (part.n == 0)
                return wrong(c, "a name has an empty part");
            p.parts[p.n++] = map_key(part);
        }
    }
    *ret = p;
    return ST_OK;
}

struct tag {
    char kind; /* as in struct op, '!' comment, 'D' delimiters */
    str key;
    size_t from, to; /* in the source, delimiters included */
};

static enum status set_delimiters(struct compiler *c, str inside)
{
    inside = str_trim(inside);
    size_t i = 0;
    while (i < inside.n && inside.p[i] != ' ' && inside.p[i] != '\t' && inside.p[i] != '\n')
        i++;
    str open = str_head(inside, i), close = str_trim(str_from(inside, i));
    if (!open.n || !close.n || open.n >= sizeof c->open || close.n >= sizeof c->close ||
        str_find_byte(close, ' ') >= 0 || str_find_byte(inside, '=') >= 0)
        return wrong(c, "these delimiters can't be used");
    memcpy(c->open, open.p, c->nopen = open.n);
    memcpy(c->close, close.p, c->nclose = close.n);
    return ST_OK;
}

static enum status read_tag(struct compiler *c, size_t from, struct tag *ret)
{
    struct tag tag = {.kind = '=', .from = from};
    size_t at = from + c->nopen;
    char first = at < c->src.n ? c->src.p[at] : '\0';
    char closing[20];
    size_t nclosing = c->nclose;
    memcpy(closing, c->close, c->nclose);
    if (first == '{') { /* {{{x}}} */
        memcpy(closing + 1, c->close, c->nclose);
        closing[0] = '}';
        nclosing++;
    } else if (first == '=') {
        memcpy(closing + 1, c->close, c->nclose);
        closing[0] = '=';
        nclosing++;
    }
    if (first && strchr("{=!#^/&><$", first)) {
        tag.kind = first == '{' ? '&' : first == '=' ? 'D' : first;
        at++;
    }
    str rest = str_from(c->src, at);
    ptrdiff_t end = str_find(rest, (str){closing, nclosing});
    if (end < 0)
        return wrong(c, "a tag is not closed");
    tag.key = str_trim(str_head(rest, (size_t)end));
    tag.to = at + (size_t)end + nclosing;
    if (tag.kind != '!' && tag.kind != 'D' && tag.key.n == 0)
        return wrong(c, "a tag has no name");
    *ret = tag;
    return ST_OK;
}

/* Whether the tag opens its line but for white space; *lead: where that begins. */
static bool opens_line(const struct compiler *c, const struct tag *tag, size_t *lead)
{
    size_t b = tag->from;
    while (b > 0 && (c->src.p[b - 1] == ' ' || c->src.p[b - 1] == '\t'))
        b--;
    *lead = b;
    return b == 0 || c->src.p[b - 1] == '\n';
}

/* Whether nothing but white space follows on its line; *after: past the line's end. */
static bool ends_line(const struct compiler *c, const struct tag *tag, size_t *after)
{
    size_t e = tag->to;
    while (e < c->src.n && (c->src.p[e] == ' ' || c->src.p[e] == '\t'))
        e++;
    if (e < c->src.n && c->src.p[e] == '\r' && e + 1 < c->src.n && c->src.p[e + 1] == '\n')
        e++;
    if (e < c->src.n && c->src.p[e] != '\n')
        return false;
    *after = e < c->src.n ? e + 1 : e;
    return true;
}

/* A tag alone on its line takes the line with it. *lead: where the line's white space begins;
 * *after: past its end. What lies within a parent is not printed, so for it the line is judged from
 * its opening to its closing tag. */
static bool standalone(const struct compiler *c, const struct tag *tag, size_t *lead, size_t *after)
{
    size_t b, e = tag->to;
    if (tag->kind == '=' || tag->kind == '&')
        return false;
    bool opens = opens_line(c, tag, &b), ends = ends_line(c, tag, &e);
    const struct op *open = c->depth ? &c->t->ops[c->stack[c->depth - 1]] : NULL;
    bool in_parent = open && open->kind == '<' && open->alone;
    if (tag->kind == '<')
        ends = true;
    else if (tag->kind == '/' && open && open->kind == '<')
        opens = open->alone;
    else if (tag->kind == '$' && in_parent && open->line == c->line)
        opens = true;
    if (!opens || !ends)
        return false;
    *lead = b;
    *after = e;
    return true;
}

static enum status close_section(struct compiler *c, const struct tag *tag)
{
    if (c->depth == 0)
        return wrong(c, "a section ends that has not begun");
    size_t open = c->stack[--c->depth];
    if (!str_eq(c->t->ops[open].key, tag->key))
        return fail(c->err, ST_INVALID, "%.*s:%d: {{/%.*s}} ends {{%c%.*s}} of line %d",
                    FMT(c->t->name), c->line, FMT(tag->key), c->t->ops[open].kind,
                    FMT(c->t->ops[open].key), c->t->ops[open].line);
    c->t->ops[open].end = c->t->n;
    return add(c, (struct op){.kind = '/', .key = tag->key, .line = c->line});
}

/* How a block's content is indented where it is written (off), and how whatever stands in its place
 * has to be. A block with content shows that by its first line, an empty one by its tag; in a block
 * that only opens its line, the first line's indentation is written by then. */
static void block_indents(const struct compiler *c, const struct tag *tag, bool alone, size_t after,
                          struct op *op)
{
    size_t i = after, lead;
    bool opens = opens_line(c, tag, &lead);
    op->indent = opens ? (str){c->src.p + lead, tag->from - lead} : STR_NONE;
    op->within_line = !alone;
    if (!alone)
        return;
    while (i < c->src.n && (c->src.p[i] == ' ' || c->src.p[i] == '\t'))
        i++;
    str rest = str_from(c->src, i);
    bool empty =
        str_starts(rest, (str){c->open, c->nopen}) && rest.n > c->nopen && rest.p[c->nopen] == '/';
    if (empty)
        return;
    op->indent = op->off = (str){c->src.p + after, i - after};
}

static enum status add_tag(struct compiler *c, const struct tag *tag, str indent, bool alone,
                           size_t after)
{
    struct op op = {
        .kind = tag->kind, .key = tag->key, .line = c->line, .indent = indent, .alone = alone};
    enum status st = ST_OK;
    if (tag->kind == '!')
        return ST_OK;
    if (tag->kind == 'D')
        return set_delimiters(c, tag->key);
    if (tag->kind == '/')
        return close_section(c, tag);
    if ((op.kind == '>' || op.kind == '<') && op.key.p[0] == '*') {
        op.dynamic = true;
        op.key = str_trim(str_from(op.key, 1));
    }
    if (op.kind == '$')
        block_indents(c, tag, alone, after, &op);
    if (!strchr("><$", op.kind) || op.dynamic)
        st = split(c, op.key, &op.path);
    if (st)
        return st;
    if (strchr("#^<$", op.kind)) {
        if (c->depth == OPEN_MAX)
            return wrong(c, "sections are nested too deep");
        c->stack[c->depth++] = c->t->n;
        if (op.dynamic)
            op.key = tag->key; /* its end repeats the star */
    }
    return add(c, op);
}

static void count_lines(struct compiler *c, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        c->line += c->src.p[i] == '\n';
}

static enum status compile(struct compiler *c)
{
    size_t text = 0; /* where literal text not yet added begins */
    for (size_t scanned = 0;;) {
        str rest = str_from(c->src, scanned);
        ptrdiff_t found = str_find(rest, (str){c->open, c->nopen});
        if (!rest.n || found < 0)
            break;
        struct tag tag = {0};
        size_t from = scanned + (size_t)found, lead = from, after;
        count_lines(c, c->at, from);
        c->at = from;
        enum status st = read_tag(c, from, &tag);
        if (st)
            return st;
        after = tag.to;
        bool alone = standalone(c, &tag, &lead, &after);
        if (lead < text)
            lead = text;
        st = add_text(c, (str){c->src.p + text, (alone ? lead : from) - text});
        st = st ? st
                : add_tag(c, &tag, alone ? (str){c->src.p + lead, from - lead} : STR_NONE, alone,
                          after);
        if (st)
            return st;
        count_lines(c, c->at, after);
        c->at = text = scanned = after;
    }
    enum status st = add_text(c, str_from(c->src, text));
    if (!st && c->depth)
        return fail(c->err, ST_INVALID, "%.*s:%d: {{%c%.*s}} is not closed", FMT(c->t->name),
                    c->t->ops[c->stack[c->depth - 1]].line, c->t->ops[c->stack[c->depth - 1]].kind,
                    FMT(c->t->ops[c->stack[c->depth - 1]].key));
    return st;
}

static char *copy(str s)
{
    char *p = malloc(s.n + 1);
    if (p) {
        if (s.n)
            memcpy(p, s.p, s.n);
        p[s.n] = '\0';
    }
    return p;
}

enum status mustache_add(struct mustache *m, str name, str source, struct err *err)
{
    if (source.n > SOURCE_MAX)
        return fail(err, ST_TOOLARGE, "%.*s: the template is too long", FMT(name));
    struct template t = {.name = {copy(name), name.n}, .source = copy(source)};
    struct compiler c = {.t = &t,
                         .src = {t.source, source.n},
                         .line = 1,
                         .open = "{{",
                         .close = "}}",
                         .nopen = 2,
                         .nclose = 2,
                         .err = err};
    enum status st = t.name.p && t.source ? compile(&c) : ST_NOMEM;
    struct template *old = (struct template *)template_find(m, name);
    if (!st && !old && m->n == m->cap) {
        size_t cap = m->cap ? m->cap * 2 : 32;
        struct template *list = realloc(m->list, cap * sizeof *list);
        if (list) {
            m->list = list;
            m->cap = cap;
        } else {
            st = ST_NOMEM;
        }
    }
    if (st) {
        template_clear(&t);
        return st;
    }
    if (old) {
        template_clear(old);
        *old = t;
    } else {
        m->list[m->n++] = t;
    }
    return ST_OK;
}

enum status mustache_reindent(struct arena *a, struct out *o, size_t at, str off, str on,
                              bool within_line)
{
    str was = arena_str(a, str_from(out_view(o), at));
    if (a->oom)
        return ST_NOMEM;
    o->n = at;
    bool first = true;
    for (str rest = was; rest.n; first = false) {
        ptrdiff_t nl = str_find_byte(rest, '\n');
        size_t n = nl < 0 ? rest.n : (size_t)nl + 1;
        str line = str_head(rest, n);
        rest = str_from(rest, n);
        if (off.n && str_starts(line, off))
            line = str_from(line, off.n);
        if (!first || !within_line)
            out_str(o, on);
        out_str(o, line);
    }
    return ST_OK;
}

void mustache_tags(const struct mustache *m, str name, mustache_tag_fn *see, void *arg)
{
    const struct template *t = template_find(m, name);
    for (size_t i = 0; t && i < t->n; i++)
        if (strchr("=#^&><$", t->ops[i].kind) && !t->ops[i].dynamic)
            see(arg, t->ops[i].kind, t->ops[i].key, t->ops[i].line);
}

void mustache_literals(const struct mustache *m, str name, mustache_text_fn *see, void *arg)
{
    const struct template *t = template_find(m, name);
    for (size_t i = 0; t && i < t->n; i++)
        if (t->ops[i].kind == 'T')
            see(arg, t->ops[i].key, t->ops[i].line);
}
