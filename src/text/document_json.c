/* The document as JSON, both ways (text/document.h). */
#include <jansson.h>

#include "text/document.h"
#include "text/json.h"
#include "text/json_read.h"

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

static enum status unknown(struct reading *r, const char *what, const char *name)
{
    return fail(r->err, ST_INVALID, "body: unknown %s \"%.80s\"", what, name ? name : "");
}

/* Which attributes a node may have, and where they go. */
static enum status read_attr(struct reading *r, struct node *n, const char *key, const json_t *v)
{
    static const struct {
        enum node_kind kind;
        const char *key;
        size_t offset;
    } texts[] = {
        {NODE_QUOTE, "speaker", offsetof(struct node, quote.speaker)},
        {NODE_QUOTE, "role", offsetof(struct node, quote.role)},
        {NODE_QUOTE, "venue", offsetof(struct node, quote.venue)},
        {NODE_QUOTE, "date", offsetof(struct node, quote.date)},
        {NODE_PICTURE, "ref", offsetof(struct node, picture.ref)},
        {NODE_RELATED, "key", offsetof(struct node, related.key)},
        {NODE_RELATED, "text", offsetof(struct node, related.text)},
        {NODE_CELL, "align", offsetof(struct node, cell.align)},
        {NODE_CODE, "language", offsetof(struct node, code.language)},
        {NODE_LINKCARD, "href", offsetof(struct node, linkcard.href)},
    };
    if (n->kind == NODE_CROSSHEAD && strcmp(key, "level") == 0 && json_is_integer(v)) {
        n->crosshead.level = (int)json_integer_value(v);
        return ST_OK;
    }
    if (n->kind == NODE_NUMBERS && strcmp(key, "start") == 0 && json_is_integer(v)) {
        json_int_t start = json_integer_value(v);
        n->numbers.start = start < 0 || start > 999999999 ? -1 : (int)start;
        return ST_OK;
    }
    for (size_t i = 0; i < COUNT(texts); i++)
        if (n->kind == texts[i].kind && strcmp(key, texts[i].key) == 0 && json_is_string(v)) {
            str s = arena_str(r->a, json_str(v));
            memcpy((char *)n + texts[i].offset, &s, sizeof s);
            return ST_OK;
        }
    return unknown(r, "attribute", key);
}

static enum status read_mark(struct reading *r, struct node *n, const json_t *m)
{
    const char *name = json_string_value(json_object_get(m, "type"));
    for (size_t i = 0; name && i < COUNT(marks); i++) {
        if (strcmp(name, marks[i].name) != 0)
            continue;
        bool link = marks[i].mark == MARK_LINK;
        if (json_object_size(m) != (link ? 2u : 1u) || (n->t.marks & marks[i].mark))
            return unknown(r, "attribute of the mark", name);
        n->t.marks |= marks[i].mark;
        const json_t *attrs = json_object_get(m, "attrs"), *href = json_object_get(attrs, "href");
        if (link && (json_object_size(attrs) != 1 || !json_is_string(href)))
            return unknown(r, "attribute of the mark", name);
        if (link)
            n->t.href = arena_str(r->a, json_str(href));
        return ST_OK;
    }
    return unknown(r, "mark", name);
}

static enum status read_node(struct reading *r, const json_t *j, struct node **ret);

static enum status read_children(struct reading *r, struct node *n, const json_t *content)
{
    struct node **end = &n->first;
    enum status st = json_is_array(content) ? ST_OK : unknown(r, "content of", node_name(n->kind));
    for (size_t i = 0; !st && i < json_array_size(content); i++) {
        st = read_node(r, json_array_get(content, i), end);
        if (!st)
            end = &(*end)->next;
    }
    return st;
}

static enum status read_member(struct reading *r, struct node *n, const char *key, const json_t *v)
{
    enum status st = ST_OK;
    const char *name;
    json_t *attr;
    if (strcmp(key, "type") == 0)
        return ST_OK;
    if (strcmp(key, "content") == 0)
        return read_children(r, n, v);
    if (strcmp(key, "attrs") == 0 && json_is_object(v)) {
        json_object_foreach((json_t *)v, name, attr)
        {
            if (!st)
                st = read_attr(r, n, name, attr);
        }
        return st;
    }
    if (n->kind == NODE_TEXT && strcmp(key, "text") == 0 && json_is_string(v)) {
        n->t.text = arena_str(r->a, json_str(v));
        return ST_OK;
    }
    if (n->kind == NODE_TEXT && strcmp(key, "marks") == 0 && json_is_array(v)) {
        for (size_t i = 0; !st && i < json_array_size(v); i++)
            st = read_mark(r, n, json_array_get(v, i));
        return st;
    }
    return unknown(r, "member", key);
}

static enum status read_node(struct reading *r, const json_t *j, struct node **ret)
{
    const char *type = json_string_value(json_object_get(j, "type")), *key;
    json_t *v;
    size_t k = 0;
    while (type && k < NODE_KINDS && strcmp(type, node_name((enum node_kind)k)) != 0)
        k++;
    if (!type || k == NODE_KINDS)
        return unknown(r, "node", type);
    if (++r->count > 2 * DOCUMENT_NODES || ++r->depth > DOCUMENT_DEPTH + 4)
        return fail(r->err, ST_TOOLARGE,
                    "body: more than 5,000 parts, or nested more than 32 deep");
    struct node *n = arena_new(r->a, struct node, 1);
    if (!n)
        return ST_NOMEM;
    n->kind = (enum node_kind)k;
    enum status st = ST_OK;
    json_object_foreach((json_t *)j, key, v)
    {
        if (!st)
            st = read_member(r, n, key, v);
    }
    r->depth--;
    if (!st)
        *ret = n;
    return st;
}

enum status document_from_json(const void *json, struct arena *a, struct node **ret,
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
    json_error_t where;
    if (json.n > 4 * DOCUMENT_BYTES)
        return fail(err, ST_TOOLARGE, "body: larger than 256 KiB");
    json_t *root = json_loadb(json.n ? json.p : "", json.n, JSON_REJECT_DUPLICATES, &where);
    if (!root)
        return fail(err, ST_INVALID, "body: not JSON: %s", where.text);
    enum status st = document_from_json(root, a, ret, err);
    json_decref(root);
    return st;
}
