#include "text/document.h"

#include "base/guard.h"
#include "text/dates_iso.h"
#include "text/html.h"
#include "text/slug.h"

static const struct {
    const char *name;
    char holds;
} nodes[] = {
#define X(k, n, h) [k] = {.name = n, .holds = h},
    NODE_LIST(X)
#undef X
};

const char *node_name(enum node_kind k)
{
    return nodes[k].name;
}

char node_holds(enum node_kind k)
{
    return nodes[k].holds;
}

/* ---- the check ---- */

struct check {
    size_t count;
    int depth;
    int line;                      /* the last one known */
    int place[DOCUMENT_DEPTH + 2]; /* the child numbers on the way down */
    enum node_kind kinds[DOCUMENT_DEPTH + 2];
    struct err *err;
};

static enum status wrong(struct check *c, const char *what)
{
    char path[400];
    size_t n = 0;
    for (int i = 1; i <= c->depth && n < sizeof path - 40; i++)
        n += (size_t)snprintf(path + n, sizeof path - n, ", %s %d",
                              i == 1 ? "block" : nodes[c->kinds[i]].name, c->place[i]);
    path[n] = '\0';
    if (c->line)
        return fail(c->err, ST_INVALID, "line %d: %s (body%s)", c->line, what, path);
    return fail(c->err, ST_INVALID, "body%s: %s", path, what);
}

static bool clean(str s, bool lines)
{
    return text_clean(s, lines ? "\n" : "", NULL);
}

static bool blank_edge(str s)
{
    return s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' ');
}

bool url_bare(str s)
{
    if (!str_starts(s, STR("http://")) && !str_starts(s, STR("https://")))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((u8)s.p[i] <= ' ' || strchr("<>\"`[]()\\", s.p[i]))
            return false;
    return url_allowed(s);
}

static bool story_url(str href)
{
    return str_starts(href, STR("story:"));
}

static enum status check_href(struct check *c, str href)
{
    if (story_url(href))
        return key_valid(str_from(href, 6)) ? ST_OK : wrong(c, "a story: link names no story's id");
    if (href.n > DOCUMENT_ADDRESS)
        return wrong(c, "an address is longer than 4,000 bytes");
    if (GUARD(document_urls) && !url_allowed(href))
        return wrong(c, "a link goes to http, https, mailto, tel or story: addresses only");
    for (size_t i = 0; i < href.n; i++)
        if (strchr("<>\n", href.p[i]))
            return wrong(c, "an address holds < or >");
    return clean(href, false) ? ST_OK
                              : wrong(c, "an address holds a control character or broken UTF-8");
}

static bool same_marks(const struct node *a, const struct node *b)
{
    return a->t.marks == b->t.marks && str_eq(a->t.href, b->t.href);
}

/* An insertion's run of text is "[...]", once or more, no bracket within. */
static bool insertion_ok(const struct node **at)
{
    const struct node *n = *at;
    bool open = false, closed = false;
    for (; n && n->kind == NODE_TEXT && (n->t.marks & MARK_INSERTION); n = n->next)
        for (size_t i = 0; i < n->t.text.n; i++) {
            char ch = n->t.text.p[i];
            if ((ch == '[' && open) || (ch != '[' && !open))
                return false;
            open = ch != ']';
            closed = ch == ']';
        }
    *at = n;
    return closed && !open;
}

static enum status check_text(struct check *c, const struct node *n, const struct node *before,
                              enum node_kind in)
{
    unsigned all = MARK_LINK | MARK_STRONG | MARK_EMPHASIS | MARK_CODE | MARK_INSERTION;
    if (n->t.text.n == 0)
        return wrong(c, "an empty text");
    if (!clean(n->t.text, false))
        return wrong(c, "a control character, a code point that is no character, or broken UTF-8");
    if (n->t.marks & ~all)
        return wrong(c, "an unknown mark");
    if ((n->t.marks & (MARK_STRONG | MARK_EMPHASIS | MARK_LINK)) && blank_edge(n->t.text)) {
        /* a blank may stand at the edge of a text, but not at the edge of its mark */
        unsigned edge = n->t.marks & (MARK_STRONG | MARK_EMPHASIS | MARK_LINK);
        unsigned prev = before && before->kind == NODE_TEXT ? before->t.marks : 0;
        unsigned next = n->next && n->next->kind == NODE_TEXT ? n->next->t.marks : 0;
        if (n->t.text.p[0] == ' ' && (edge & ~prev))
            return wrong(c, "a mark begins with a blank");
        if (n->t.text.p[n->t.text.n - 1] == ' ' && (edge & ~next))
            return wrong(c, "a mark ends with a blank");
    }
    if (before && before->kind == NODE_TEXT && same_marks(before, n))
        return wrong(c, "two texts with the same marks stand side by side");
    if ((n->t.marks & MARK_CODE) && in == NODE_CELL && str_find_byte(n->t.text, '|') >= 0)
        return wrong(c, "code in a table holds a |");
    if ((n->t.marks & MARK_LINK) == 0)
        return n->t.href.n ? wrong(c, "an address without a link") : ST_OK;
    return check_href(c, n->t.href);
}

static enum status check_inline(struct check *c, const struct node *parent)
{
    const struct node *before = NULL;
    for (const struct node *n = parent->first; n; before = n, n = n->next) {
        if (++c->count > DOCUMENT_NODES)
            return wrong(c, "the story has more than 5,000 parts");
        if (n->kind == NODE_BREAK) {
            bool edge = !before || !n->next || before->kind == NODE_BREAK;
            if (edge || parent->kind != NODE_PARAGRAPH)
                return wrong(c, "a line break stands where nothing is to break");
            continue;
        }
        if (n->kind != NODE_TEXT)
            return wrong(c, "a block stands where text is wanted");
        enum status st = check_text(c, n, before, parent->kind);
        if (st)
            return st;
        bool first = !before || before->kind == NODE_BREAK,
             last = !n->next || n->next->kind == NODE_BREAK;
        if ((first && n->t.text.p[0] == ' ') || (last && n->t.text.p[n->t.text.n - 1] == ' '))
            return wrong(c, "text begins or ends with a blank");
    }
    for (const struct node *n = parent->first; n;) {
        if (n->kind != NODE_TEXT || !(n->t.marks & MARK_INSERTION))
            n = n->next;
        else if (!insertion_ok(&n))
            return wrong(c, "an insertion stands in [square brackets] and holds no other bracket");
    }
    return ST_OK;
}

static enum status check_paragraph(struct check *c, const struct node *n, enum node_kind in)
{
    const struct node *only = n->first;
    if (!only)
        return wrong(c, "an empty paragraph");
    if (only->kind != NODE_TEXT || in != NODE_DOC)
        return ST_OK;
    const struct node *k = only;
    while (k && k->kind == NODE_TEXT && (k->t.marks & MARK_LINK) && str_eq(k->t.href, only->t.href))
        k = k->next;
    if (!k && story_url(only->t.href))
        return wrong(c, "a story link alone is a related card");
    if (only->next)
        return ST_OK;
    if (only->t.marks == 0 && url_bare(only->t.text))
        return wrong(c, "an address alone is a link card");
    return ST_OK;
}

static enum status check_attrs(struct check *c, const struct node *n)
{
    switch (n->kind) {
    case NODE_CROSSHEAD:
        if (n->crosshead.level != 2 && n->crosshead.level != 3)
            return wrong(c, "a crosshead's level is 2 or 3");
        return n->first ? ST_OK : wrong(c, "an empty crosshead");
    case NODE_QUOTE: {
        const str parts[] = {n->quote.speaker, n->quote.role, n->quote.venue};
        for (size_t i = 0; i < COUNT(parts); i++)
            if (!clean(parts[i], false) || blank_edge(parts[i]))
                return wrong(
                    c, "a quote's attribution has a control character or a blank at its edge");
        return n->quote.date.n == 0 || iso_date_valid(n->quote.date)
                   ? ST_OK
                   : wrong(c, "a quote's date is no date");
    }
    case NODE_PICTURE:
        if (n->picture.ref.n == 0 || n->picture.ref.n > 500 || !clean(n->picture.ref, false))
            return wrong(c, "a picture without a key or file");
        return ST_OK;
    case NODE_RELATED:
        if (!key_valid(n->related.key))
            return wrong(c, "a related card names no story's id");
        if (n->related.text.n == 0 || !clean(n->related.text, false) || blank_edge(n->related.text))
            return wrong(c, "a related card needs words, to be shown while its story isn't live");
        return ST_OK;
    case NODE_NUMBERS:
        return n->numbers.start >= 0 && n->numbers.start <= 999999999
                   ? ST_OK
                   : wrong(c, "a list's first number");
    case NODE_CODE:
        for (size_t i = 0; i < n->code.language.n; i++)
            if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+#.-",
                        n->code.language.p[i]))
                return wrong(c, "the language of code is one plain word");
        return ST_OK;
    case NODE_LINKCARD:
        return url_bare(n->linkcard.href) ? ST_OK
                                          : wrong(c, "a link card needs an http or https address");
    default:
        return ST_OK;
    }
}

static bool allowed(enum node_kind in, enum node_kind what)
{
    switch (nodes[in].holds) {
    case 'r':
        return what == NODE_ROW;
    case 'c':
        return what == NODE_CELL;
    case 'l':
        return what == NODE_ITEM;
    default:
        break;
    }
    if (in == NODE_QUOTE)
        return what == NODE_PARAGRAPH;
    if (in == NODE_ITEM)
        return what == NODE_PARAGRAPH || what == NODE_BULLETS || what == NODE_NUMBERS;
    return what != NODE_DOC && what != NODE_ITEM && what != NODE_ROW && what != NODE_CELL &&
           what != NODE_TEXT && what != NODE_BREAK;
}

static enum status check_table(struct check *c, const struct node *table)
{
    size_t columns = 0;
    for (const struct node *row = table->first; row; row = row->next) {
        size_t n = 0;
        const struct node *head = table->first->first;
        for (const struct node *cell = row->first; cell; cell = cell->next, n++) {
            static const char *const aligns[] = {"", "left", "center", "right"};
            bool known = false;
            for (size_t i = 0; i < COUNT(aligns); i++)
                known |= str_eq(cell->cell.align, str_c(aligns[i]));
            if (!known || (head && !str_eq(cell->cell.align, head->cell.align)))
                return wrong(c, "a table's column has one alignment: left, center or right");
            head = head ? head->next : NULL;
        }
        if (row == table->first)
            columns = n;
        if (n == 0 || n != columns)
            return wrong(c, "a table's rows have the same number of cells, at least one");
    }
    return table->first ? ST_OK : wrong(c, "an empty table");
}

static enum status check_node(struct check *c, const struct node *n, enum node_kind in);

static enum status check_children(struct check *c, const struct node *n)
{
    enum status st = ST_OK;
    if (c->depth >= DOCUMENT_DEPTH)
        return wrong(c, "blocks are nested more than 32 deep");
    c->depth++;
    int i = 0;
    for (const struct node *k = n->first; !st && k; k = k->next) {
        c->place[c->depth] = ++i;
        c->kinds[c->depth] = k->kind;
        st = check_node(c, k, n->kind);
    }
    c->depth--;
    return st;
}

static enum status check_node(struct check *c, const struct node *n, enum node_kind in)
{
    if (n->line)
        c->line = n->line;
    if (++c->count > DOCUMENT_NODES)
        return wrong(c, "the story has more than 5,000 parts");
    if (n->kind >= NODE_KINDS || (GUARD(document_schema) && !allowed(in, n->kind)))
        return wrong(c, "this has no place here");
    enum status st = check_attrs(c, n);
    if (st)
        return st;
    switch (nodes[n->kind].holds) {
    case 'i':
        st = check_inline(c, n);
        return st || n->kind != NODE_PARAGRAPH ? st : check_paragraph(c, n, in);
    case 't':
        if (n->first && (n->first->next || n->first->kind != NODE_TEXT || n->first->t.marks ||
                         !clean(n->first->t.text, true) || n->first->t.text.n == 0))
            return wrong(c, "code is one plain text");
        return ST_OK;
    case '-':
        return n->first ? wrong(c, "something stands where nothing can") : ST_OK;
    case 'r':
        st = check_children(c, n);
        return st ? st : check_table(c, n);
    default:
        break;
    }
    if (n->kind == NODE_ITEM && (!n->first || n->first->kind != NODE_PARAGRAPH))
        return wrong(c, "a list item begins with a paragraph");
    if (!n->first)
        return wrong(c, "an empty block");
    return check_children(c, n);
}

enum status document_check(const struct node *doc, struct err *err)
{
    struct check c = {.err = err};
    if (doc->kind != NODE_DOC)
        return fail(err, ST_INVALID, "body: this isn't a document");
    return check_children(&c, doc);
}

/* ---- walking ---- */

static bool walk(const struct node *n, node_fn *see, void *arg)
{
    if (!see(arg, n))
        return false;
    for (const struct node *k = n->first; k; k = k->next)
        if (!walk(k, see, arg))
            return false;
    return true;
}

void document_walk(const struct node *doc, node_fn *see, void *arg)
{
    walk(doc, see, arg);
}

void document_plain(const struct node *n, struct out *o)
{
    if (n->kind == NODE_TEXT)
        out_str(o, n->t.text);
    else if (n->kind == NODE_BREAK)
        out_byte(o, '\n');
    else if (n->kind == NODE_RELATED)
        out_str(o, n->related.text);
    else if (n->kind == NODE_LINKCARD)
        out_str(o, n->linkcard.href);
    bool blocks = n->first && nodes[n->kind].holds != 'i' && nodes[n->kind].holds != 't';
    for (const struct node *k = n->first; k; k = k->next) {
        document_plain(k, o);
        if (blocks && k->next)
            out_byte(o, '\n');
    }
}

enum status markdown_limits(str body, int first_line, struct err *err)
{
    int line = first_line;
    size_t together = 0;
    if (body.n > DOCUMENT_BYTES)
        return fail(err, ST_TOOLARGE, "line %d: the body is longer than 256 KiB", first_line);
    for (str rest = body, one; rest.p; line++) {
        rest = str_cut(rest, '\n', &one);
        together = str_trim(one).n ? together + 1 : 0;
        if (together > DOCUMENT_LINES && GUARD(markdown_lines))
            return fail(err, ST_TOOLARGE, "line %d: more than 5,000 lines without an empty one",
                        line);
    }
    return ST_OK;
}
