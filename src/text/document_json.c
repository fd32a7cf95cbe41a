/* The document as JSON, both ways (text/document.h). */
#include "text/document.h"
#include "text/json.h"

static const struct {
    enum mark mark;
    const char *name;
} marks[] = {
    {MARK_LINK, "link"}, {MARK_STRONG, "strong"},       {MARK_EMPHASIS, "emphasis"},
    {MARK_CODE, "code"}, {MARK_INSERTION, "insertion"},
};

/* ---- writing: keys in order attrs, content, marks, text, type ---- */

static void write_attrs(const struct node *n, struct out *o, bool *first)
{
    bool in = true;
    switch (n->kind) {
    case NODE_CROSSHEAD:
        json_put_key(o, first, "attrs");
        out_byte(o, '{');
        json_put_int(o, &in, "level", n->crosshead.level);
        break;
    case NODE_QUOTE:
        if (!n->quote.speaker.n && !n->quote.role.n && !n->quote.venue.n && !n->quote.date.n)
            return;
        json_put_key(o, first, "attrs");
        out_byte(o, '{');
        json_put_text(o, &in, "date", n->quote.date);
        json_put_text(o, &in, "role", n->quote.role);
        json_put_text(o, &in, "speaker", n->quote.speaker);
        json_put_text(o, &in, "venue", n->quote.venue);
        break;
    case NODE_PICTURE:
        json_put_key(o, first, "attrs");
        out_byte(o, '{');
        json_put_text(o, &in, "ref", n->picture.ref);
        break;
    case NODE_RELATED:
        json_put_key(o, first, "attrs");
        out_byte(o, '{');
        json_put_text(o, &in, "key", n->related.key);
        json_put_text(o, &in, "text", n->related.text);
        break;
    case NODE_NUMBERS:
        json_put_key(o, first, "attrs");
        out_byte(o, '{');
        json_put_int(o, &in, "start", n->numbers.start);
        break;
    case NODE_CELL:
        if (!n->cell.align.n)
            return;
        json_put_key(o, first, "attrs");
        out_byte(o, '{');
        json_put_text(o, &in, "align", n->cell.align);
        break;
    case NODE_CODE:
        if (!n->code.language.n)
            return;
        json_put_key(o, first, "attrs");
        out_byte(o, '{');
        json_put_text(o, &in, "language", n->code.language);
        break;
    case NODE_LINKCARD:
        json_put_key(o, first, "attrs");
        out_byte(o, '{');
        json_put_text(o, &in, "href", n->linkcard.href);
        break;
    default:
        return;
    }
    out_byte(o, '}');
}

static void write_marks(const struct node *n, struct out *o, bool *first)
{
    if (!n->t.marks)
        return;
    json_put_key(o, first, "marks");
    bool one = true;
    out_byte(o, '[');
    for (size_t i = 0; i < COUNT(marks); i++) {
        if (!(n->t.marks & marks[i].mark))
            continue;
        if (!one)
            out_byte(o, ',');
        one = false;
        bool in = true;
        out_byte(o, '{');
        if (marks[i].mark == MARK_LINK) {
            bool attr = true;
            json_put_key(o, &in, "attrs");
            out_byte(o, '{');
            json_put_text(o, &attr, "href", n->t.href);
            out_byte(o, '}');
        }
        json_put_text(o, &in, "type", str_c(marks[i].name));
        out_byte(o, '}');
    }
    out_byte(o, ']');
}

void document_write(const struct node *n, struct out *o)
{
    bool first = true;
    out_byte(o, '{');
    write_attrs(n, o, &first);
    if (n->first) {
        json_put_key(o, &first, "content");
        out_byte(o, '[');
        for (const struct node *k = n->first; k; k = k->next) {
            document_write(k, o);
            if (k->next)
                out_byte(o, ',');
        }
        out_byte(o, ']');
    }
    if (n->kind == NODE_TEXT) {
        write_marks(n, o, &first);
        json_put_text(o, &first, "text", n->t.text);
    }
    json_put_text(o, &first, "type", str_c(node_name(n->kind)));
    out_byte(o, '}');
}

/* ---- reading ---- */

struct reading {
    struct arena *a;
    struct err *err;
    size_t count;
    int depth;
};

static enum status unknown(struct reading *r, const char *what, str name)
{
    return fail(r->err, ST_INVALID, "body: unknown %s \"%.*s\"", what, FMT(str_head(name, 80)));
}

/* Which attributes a node may have, and where they go. */
static enum status read_attr(struct reading *r, struct node *n, const struct json *v)
{
    static const struct {
        enum node_kind kind;
        str key;
        size_t offset;
    } texts[] = {
        {NODE_QUOTE, {"speaker", sizeof "speaker" - 1}, offsetof(struct node, quote.speaker)},
        {NODE_QUOTE, {"role", sizeof "role" - 1}, offsetof(struct node, quote.role)},
        {NODE_QUOTE, {"venue", sizeof "venue" - 1}, offsetof(struct node, quote.venue)},
        {NODE_QUOTE, {"date", sizeof "date" - 1}, offsetof(struct node, quote.date)},
        {NODE_PICTURE, {"ref", sizeof "ref" - 1}, offsetof(struct node, picture.ref)},
        {NODE_RELATED, {"key", sizeof "key" - 1}, offsetof(struct node, related.key)},
        {NODE_RELATED, {"text", sizeof "text" - 1}, offsetof(struct node, related.text)},
        {NODE_CELL, {"align", sizeof "align" - 1}, offsetof(struct node, cell.align)},
        {NODE_CODE, {"language", sizeof "language" - 1}, offsetof(struct node, code.language)},
        {NODE_LINKCARD, {"href", sizeof "href" - 1}, offsetof(struct node, linkcard.href)},
    };
    if (n->kind == NODE_CROSSHEAD && str_eq(v->name, STR("level")) && v->type == JSON_NUMBER) {
        n->crosshead.level = v->number < 0 || v->number > 9 ? -1 : (int)v->number;
        return ST_OK;
    }
    if (n->kind == NODE_NUMBERS && str_eq(v->name, STR("start")) && v->type == JSON_NUMBER) {
        i64 start = v->number;
        n->numbers.start = start < 0 || start > 999999999 ? -1 : (int)start;
        return ST_OK;
    }
    for (size_t i = 0; i < COUNT(texts); i++)
        if (n->kind == texts[i].kind && str_eq(v->name, texts[i].key) && v->type == JSON_TEXT) {
            memcpy((char *)n + texts[i].offset, &v->text, sizeof v->text);
            return ST_OK;
        }
    return unknown(r, "attribute", v->name);
}

static enum status read_mark(struct reading *r, struct node *n, const struct json *m)
{
    str name = json_text(json_member(m, STR("type")));
    for (size_t i = 0; name.n && i < COUNT(marks); i++) {
        if (!str_eq(name, str_c(marks[i].name)))
            continue;
        bool link = marks[i].mark == MARK_LINK;
        if (m->size != (link ? 2u : 1u) || (n->t.marks & marks[i].mark))
            return unknown(r, "attribute of the mark", name);
        n->t.marks |= marks[i].mark;
        const struct json *attrs = json_member(m, STR("attrs"));
        const struct json *href = json_member(attrs, STR("href"));
        if (link && (!href || attrs->size != 1 || href->type != JSON_TEXT))
            return unknown(r, "attribute of the mark", name);
        if (link)
            n->t.href = href->text;
        return ST_OK;
    }
    return unknown(r, "mark", name);
}

static enum status read_node(struct reading *r, const struct json *j, struct node **ret);

static enum status read_children(struct reading *r, struct node *n, const struct json *content)
{
    struct node **end = &n->first;
    enum status st =
        content->type == JSON_LIST ? ST_OK : unknown(r, "content of", str_c(node_name(n->kind)));
    for (const struct json *j = content->first; !st && j; j = j->next) {
        st = read_node(r, j, end);
        if (!st)
            end = &(*end)->next;
    }
    return st;
}

static enum status read_member(struct reading *r, struct node *n, const struct json *v)
{
    enum status st = ST_OK;
    if (str_eq(v->name, STR("type")))
        return ST_OK;
    if (str_eq(v->name, STR("content")))
        return read_children(r, n, v);
    if (str_eq(v->name, STR("attrs")) && v->type == JSON_MAP) {
        for (const struct json *attr = v->first; !st && attr; attr = attr->next)
            st = read_attr(r, n, attr);
        return st;
    }
    if (n->kind == NODE_TEXT && str_eq(v->name, STR("text")) && v->type == JSON_TEXT) {
        n->t.text = v->text;
        return ST_OK;
    }
    if (n->kind == NODE_TEXT && str_eq(v->name, STR("marks")) && v->type == JSON_LIST) {
        for (const struct json *m = v->first; !st && m; m = m->next)
            st = read_mark(r, n, m);
        return st;
    }
    return unknown(r, "member", v->name);
}

static enum status read_node(struct reading *r, const struct json *j, struct node **ret)
{
    str type = json_text(json_member(j, STR("type")));
    size_t k = 0;
    while (type.n && k < NODE_KINDS && !str_eq(type, str_c(node_name((enum node_kind)k))))
        k++;
    if (!type.n || k == NODE_KINDS)
        return unknown(r, "node", type);
    if (++r->count > 2 * DOCUMENT_NODES || ++r->depth > DOCUMENT_DEPTH + 4)
        return fail(r->err, ST_TOOLARGE,
                    "body: more than 5,000 parts, or nested more than 32 deep");
    struct node *n = arena_new(r->a, struct node, 1);
    if (!n)
        return ST_NOMEM;
    n->kind = (enum node_kind)k;
    enum status st = ST_OK;
    for (const struct json *v = j->first; !st && v; v = v->next)
        st = read_member(r, n, v);
    r->depth--;
    if (!st)
        *ret = n;
    return st;
}

enum status document_from_json(const struct json *json, struct arena *a, struct node **ret,
                               struct err *err)
{
    struct reading r = {.a = a, .err = err};
    struct node *doc;
    enum status st = read_node(&r, json, &doc);
    if (!st && a->oom)
        st = ST_NOMEM;
    st = st ? st : document_check(doc, err);
    if (!st)
        *ret = doc;
    return st;
}

enum status document_read(str json, struct arena *a, struct node **ret, struct err *err)
{
    const struct json *root;
    struct err why = {0};
    if (json.n > 4 * DOCUMENT_BYTES)
        return fail(err, ST_TOOLARGE, "body: larger than 256 KiB");
    enum status st = json_read(json, a, &root, &why);
    if (st)
        return st == ST_INVALID ? fail(err, st, "body: not JSON: %s", why.text) : st;
    return document_from_json(root, a, ret, err);
}
