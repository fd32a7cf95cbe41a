/* Rendering of text/mustache.h; compiling is in mustache_compile.c.
 *
 * A template is a flat array of operations. A section's operation knows where its end is, so that
 * rendering never searches. Inheritance keeps a stack of the blocks that children have filled in.
 */
#include "text/mustache_ops.h"

#include "base/guard.h"

enum { STACK = 64 };

/* A child's block on the way to the parent that names it: where its operations are. */
struct filled {
    str name;
    const struct template *tpl;
    size_t from, to;
    str off; /* what its lines are indented by in the child */
};

struct rendering {
    const struct mustache *set;
    struct html_out *out;
    struct arena *a;
    struct err *err;
    struct value stack[STACK];
    size_t depth;
    struct filled filled[STACK];
    size_t nfilled;
    int nesting;
    str indent; /* of the partial being rendered, written at the start of each of its lines */
    bool line_start;
};

static enum status run(struct rendering *r, const struct template *t, size_t from, size_t to);

static bool lookup(const struct rendering *r, const struct path *path, struct value *ret)
{
    if (path->n == 0) { /* "." */
        *ret = r->stack[r->depth - 1];
        return true;
    }
    struct value v = {0};
    bool found = false;
    for (size_t i = r->depth; !found && i-- > 0;)
        found = r->stack[i].kind == VALUE_MAP && map_find(r->stack[i].map, &path->parts[0], &v);
    for (size_t k = 1; found && k < path->n; k++)
        found = v.kind == VALUE_MAP && map_find(v.map, &path->parts[k], &v);
    if (found)
        *ret = v;
    return found;
}

static bool truthy(const struct value *v)
{
    switch (v->kind) {
    case VALUE_NONE:
    case VALUE_FALSE:
        return false;
    case VALUE_LIST:
        return list_count(v->list) > 0;
    case VALUE_TEXT:
        return v->text.n > 0; /* an empty text is a missing one: pages have no empty elements */
    case VALUE_HTML:
        return v->html.s.n > 0;
    default:
        return true;
    }
}

static void put_indent(struct rendering *r)
{
    if (r->line_start && r->indent.n)
        html_add(r->out, (html){r->indent});
    r->line_start = false;
}

/* Literal text of a template is HTML by definition; a partial's lines are indented as its tag was.
 */
static void literal(struct rendering *r, str text)
{
    if (r->indent.n == 0) {
        html_add(r->out, (html){text});
        return;
    }
    for (str rest = text; rest.n;) {
        put_indent(r);
        ptrdiff_t nl = str_find_byte(rest, '\n');
        size_t n = nl < 0 ? rest.n : (size_t)nl + 1;
        html_add(r->out, (html){str_head(rest, n)});
        r->line_start = nl >= 0;
        rest = str_from(rest, n);
    }
}

static enum status variable(struct rendering *r, const struct template *t, const struct op *op)
{
    struct value v = {0};
    if (!lookup(r, &op->path, &v))
        return ST_OK;
    put_indent(r);
    if (v.kind == VALUE_HTML) {
        if (op->kind == '=')
            return fail(r->err, ST_BUG, "%.*s:%d: {{%.*s}} is html: write {{{%.*s}}}", FMT(t->name),
                        op->line, FMT(op->key), FMT(op->key));
        html_add(r->out, v.html);
        return ST_OK;
    }
    if (v.kind == VALUE_TEXT) {
        if (op->kind == '&' && GUARD(raw_needs_html))
            return fail(r->err, ST_BUG,
                        "%.*s:%d: {{{%.*s}}} is text, not html: it would stand there unescaped",
                        FMT(t->name), op->line, FMT(op->key));
        if (op->kind == '&')
            html_add(r->out, (html){v.text});
        else
            html_text(r->out, v.text);
    }
    return ST_OK;
}

static enum status push(struct rendering *r, struct value v)
{
    if (r->depth == STACK)
        return fail(r->err, ST_TOOLARGE, "sections are nested more than %d deep", STACK);
    r->stack[r->depth++] = v;
    return ST_OK;
}

static enum status section(struct rendering *r, const struct template *t, size_t i)
{
    const struct op *op = &t->ops[i];
    struct value v = {0};
    bool there = lookup(r, &op->path, &v) && truthy(&v);
    enum status st = ST_OK;
    if (op->kind == '^')
        return there ? ST_OK : run(r, t, i + 1, op->end);
    if (!there)
        return ST_OK;
    if (v.kind != VALUE_LIST) {
        st = push(r, v);
        st = st ? st : run(r, t, i + 1, op->end);
        r->depth--;
        return st;
    }
    for (size_t k = 0; !st && k < list_count(v.list); k++) {
        st = push(r, list_at(v.list, k));
        if (!st) {
            st = run(r, t, i + 1, op->end);
            r->depth--;
        }
    }
    return st;
}

static str joined_indent(struct rendering *r, str more)
{
    if (more.n == 0)
        return r->indent;
    return arena_join(r->a, (str[]){r->indent, more}, 2);
}

static enum status partial(struct rendering *r, const struct op *op)
{
    const struct template *t = template_find(r->set, op->key);
    if (op->dynamic) {
        struct value v = {0};
        if (!lookup(r, &op->path, &v) || v.kind != VALUE_TEXT)
            return ST_OK;
        t = template_find(r->set, v.text);
    }
    if (!t)
        return ST_OK; /* the specification: a missing partial is empty; tools/check-theme finds it
                         at build */
    if (++r->nesting > STACK)
        return fail(r->err, ST_TOOLARGE, "partials are nested more than %d deep", STACK);
    str was = r->indent;
    bool start = r->line_start;
    if (op->indent.n) {
        r->indent = joined_indent(r, op->indent);
        r->line_start = true;
    }
    size_t filled = r->nfilled;
    r->nfilled = 0; /* a partial is its own page: blocks above are not its own */
    struct filled saved[STACK];
    memcpy(saved, r->filled, filled * sizeof *saved);
    enum status st = run(r, t, 0, t->n);
    memcpy(r->filled, saved, filled * sizeof *saved);
    r->nfilled = filled;
    r->indent = was;
    r->line_start = op->indent.n ? false : start;
    r->nesting--;
    return st;
}

/* Blocks directly below {{<parent}} fill the parent's; those filled from further out win. */
static enum status parent(struct rendering *r, const struct template *t, size_t i)
{
    const struct op *op = &t->ops[i];
    str name = op->key;
    if (op->dynamic) {
        struct value v = {0};
        if (!lookup(r, &op->path, &v) || v.kind != VALUE_TEXT)
            return ST_OK;
        name = v.text;
    }
    const struct template *p = template_find(r->set, name);
    if (!p)
        return ST_OK;
    if (++r->nesting > STACK)
        return fail(r->err, ST_TOOLARGE, "parents are nested more than %d deep", STACK);
    size_t before = r->nfilled;
    enum status st = ST_OK;
    for (size_t k = i + 1; k < op->end; k++) {
        const struct op *b = &t->ops[k];
        if (b->kind != '$')
            continue;
        if (r->nfilled == STACK) {
            st = fail(r->err, ST_TOOLARGE, "more than %d blocks are filled", STACK);
            break;
        }
        r->filled[r->nfilled++] = (struct filled){b->key, t, k + 1, b->end, b->off};
        k = b->end;
    }
    str was = r->indent;
    if (op->indent.n) {
        r->indent = joined_indent(r, op->indent);
        r->line_start = true;
    }
    st = st ? st : run(r, p, 0, p->n);
    r->indent = was;
    r->nfilled = before;
    r->nesting--;
    return st;
}

static enum status block(struct rendering *r, const struct template *t, size_t i)
{
    const struct op *op = &t->ops[i];
    for (size_t k = 0; k < r->nfilled; k++) { /* the outermost child first */
        struct filled f = r->filled[k];
        if (!str_eq(f.name, op->key))
            continue;
        if (++r->nesting > STACK)
            return fail(r->err, ST_TOOLARGE, "blocks are nested more than %d deep", STACK);
        str was = r->indent;
        struct out *o = &r->out->out;
        if (op->indent.n || f.off.n) {
            /* the block's own indentation goes, the place's comes */
            size_t at = o->n;
            r->indent = STR_NONE;
            enum status st = run(r, f.tpl, f.from, f.to);
            r->indent = was;
            r->nesting--;
            return st ? st : mustache_reindent(r->a, o, at, f.off, op->indent, op->within_line);
        }
        enum status st = run(r, f.tpl, f.from, f.to);
        r->indent = was;
        r->nesting--;
        return st;
    }
    return run(r, t, i + 1, op->end);
}

static enum status run(struct rendering *r, const struct template *t, size_t from, size_t to)
{
    enum status st = ST_OK;
    for (size_t i = from; !st && i < to; i++) {
        const struct op *op = &t->ops[i];
        switch (op->kind) {
        case 'T':
            literal(r, op->key);
            break;
        case '=':
        case '&':
            st = variable(r, t, op);
            break;
        case '#':
        case '^':
            st = section(r, t, i);
            i = op->end;
            break;
        case '>':
            st = partial(r, op);
            break;
        case '<':
            st = parent(r, t, i);
            i = op->end;
            break;
        case '$':
            st = block(r, t, i);
            i = op->end;
            break;
        default:
            break;
        }
    }
    return st;
}

enum status mustache_render(const struct mustache *m, str name, const struct value_map *model,
                            struct arena *a, size_t max, html *ret, struct err *err)
{
    const struct template *t = template_find(m, name);
    if (!t)
        return fail(err, ST_BUG, "there is no template %.*s", FMT(name));
    struct rendering *r = arena_new(a, struct rendering, 1);
    if (!r)
        return ST_NOMEM;
    struct html_out out = html_make(a, 4096, max);
    r->set = m;
    r->out = &out;
    r->a = a;
    r->err = err;
    r->stack[r->depth++] = (struct value){.kind = VALUE_MAP, .map = (struct value_map *)model};
    enum status st = run(r, t, 0, t->n);
    st = st ? st : out_status(&out.out);
    if (!st)
        *ret = html_view(&out);
    return st;
}
