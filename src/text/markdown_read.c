/* Markdown to document, by md4c (text/document.h).
 *
 * md4c calls back with blocks, spans and text; here they become nodes. Three things of the source
 * must survive until a block is whole: a bracket that was written bare (an insertion, if it pairs),
 * a soft line end, and an em dash written bare at a line's start (a quote's attribution). They
 * stand in the text as control characters, which text can't otherwise hold, and are resolved when
 * the block ends. */
#include <md4c.h>

#include "base/guard.h"
#include "text/dates_iso.h"
#include "text/document.h"

enum {
    RAW_OPEN = '\x01',
    RAW_CLOSE = '\x02',
    RAW_DASH = '\x03',
    SOFT = '\x04',
    OPEN_MAX = DOCUMENT_DEPTH + 8
};

struct reading {
    struct arena *a;
    struct err *err;
    enum status st;
    const char *src, *counted; /* lines before counted are in line */
    size_t size;
    int line;
    size_t count;

    struct node *open[OPEN_MAX]; /* blocks being filled, from the document down */
    struct node **end[OPEN_MAX]; /* where each one's next child goes */
    int depth;

    unsigned marks;
    str href;
    struct out text; /* of the text node being gathered */
    unsigned text_marks;
    str text_href;
    bool in_image;
    struct node *image;
    struct out alt;
    int images; /* in this block */
    bool line_start;
};

static int bad(struct reading *r, const char *what)
{
    if (!r->st)
        r->st = fail(r->err, ST_INVALID, "line %d: %s", r->line, what);
    return 1;
}

static int full(struct reading *r)
{
    if (!r->st)
        r->st = fail(r->err, ST_TOOLARGE, "line %d: the story has too many parts or nests too deep",
                     r->line);
    return 1;
}

/* md4c tells no positions: the line is that of the last text that points into the source. */
static void count_lines(struct reading *r, const char *p)
{
    if (p < r->src || p >= r->src + r->size)
        return;
    for (; r->counted < p; r->counted++)
        r->line += *r->counted == '\n';
}

static struct node *add_node(struct reading *r, enum node_kind kind)
{
    if (++r->count > 2 * DOCUMENT_NODES) {
        full(r);
        return NULL;
    }
    struct node *n = arena_new(r->a, struct node, 1);
    if (!n) {
        r->st = ST_NOMEM;
        return NULL;
    }
    n->kind = kind;
    n->line = r->line;
    *r->end[r->depth] = n;
    r->end[r->depth] = &n->next;
    return n;
}

static int open_node(struct reading *r, enum node_kind kind, struct node **ret)
{
    struct node *n = add_node(r, kind);
    if (!n)
        return 1;
    if (r->depth + 1 >= OPEN_MAX)
        return full(r);
    r->depth++;
    r->open[r->depth] = n;
    r->end[r->depth] = &n->first;
    if (ret)
        *ret = n;
    return 0;
}

/* ---- inline text ---- */

static int flush_text(struct reading *r)
{
    if (r->text.n == 0)
        return 0;
    struct node *n = add_node(r, NODE_TEXT);
    if (!n)
        return 1;
    n->t.text = arena_str(r->a, out_view(&r->text));
    n->t.marks = r->text_marks;
    n->t.href = r->text_href;
    r->text.n = 0;
    return 0;
}

static int put_text(struct reading *r, str s)
{
    if (r->in_image) {
        out_str(&r->alt, s);
        return 0;
    }
    if (r->text_marks != r->marks || !str_eq(r->text_href, r->href)) {
        if (flush_text(r))
            return 1;
        r->text_marks = r->marks;
        r->text_href = r->href;
    }
    out_str(&r->text, s);
    r->line_start = false;
    return 0;
}

static bool escaped(const struct reading *r, const char *p)
{
    size_t slashes = 0;
    if (p <= r->src || p >= r->src + r->size)
        return false;
    while (p > r->src && *--p == '\\')
        slashes++;
    return slashes % 2 == 1;
}

/* Plain text: brackets that are not escaped, and an em dash at a line's start, are marked for
 * later. */
static int put_plain(struct reading *r, str s)
{
    bool code = (r->marks & MARK_CODE) != 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], raw = 0;
        bool bracket = (c == '[' || c == ']') && !code && !r->in_image;
        if (c == '\t')
            raw = ' ';
        else if (bracket && (i > 0 || !escaped(r, s.p)))
            raw = c == '[' ? RAW_OPEN : RAW_CLOSE;
        else if (r->marks == 0 && r->line_start && str_starts(str_from(s, i), STR("—"))) {
            i += 2;
            raw = RAW_DASH;
        } else if ((u8)c < 0x20 || c == 0x7F)
            return bad(r, "a control character can't stand in a text");
        if (put_text(r, raw ? (str){&raw, 1} : (str){s.p + i, 1}))
            return 1;
    }
    return 0;
}

/* The code point that a character reference names; 0 when it isn't known. */
static u32 entity(str s)
{
    static const struct {
        const char *name;
        u32 cp;
    } names[] = {
        {"&amp;", '&'},      {"&lt;", '<'},        {"&gt;", '>'},        {"&quot;", '"'},
        {"&apos;", '\''},    {"&nbsp;", 0xA0},     {"&shy;", 0xAD},      {"&ndash;", 0x2013},
        {"&mdash;", 0x2014}, {"&hellip;", 0x2026}, {"&laquo;", 0xAB},    {"&raquo;", 0xBB},
        {"&lsquo;", 0x2018}, {"&rsquo;", 0x2019},  {"&ldquo;", 0x201C},  {"&rdquo;", 0x201D},
        {"&copy;", 0xA9},    {"&euro;", 0x20AC},   {"&thinsp;", 0x2009}, {"&times;", 0xD7}};
    u32 cp = 0;
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq(s, str_c(names[i].name)))
            return names[i].cp;
    if (!str_starts(s, STR("&#")))
        return 0;
    bool hex = s.n > 3 && (s.p[2] == 'x' || s.p[2] == 'X');
    for (size_t i = hex ? 3 : 2; i + 1 < s.n && cp < 0x110000; i++) {
        char c = s.p[i];
        u32 digit = (u32)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
        cp = cp * (hex ? 16 : 10) + digit;
    }
    return cp;
}

static bool character(u32 cp)
{
    return cp >= 0x20 && cp != 0x7F && cp <= 0x10FFFF && !(cp >= 0xD800 && cp < 0xE000) &&
           (cp & 0xFFFE) != 0xFFFE && !(cp >= 0xFDD0 && cp <= 0xFDEF);
}

static int put_entity(struct reading *r, str s)
{
    u32 cp = entity(s);
    if (!cp)
        return bad(r, "this character reference isn't known: write the character itself");
    if (!character(cp))
        return bad(r, "a control character, or what is no character, can't stand in a text");
    char buf[4];
    size_t n = utf8_put(cp, buf);
    return put_text(r, (str){buf, n});
}

/* md4c writes a tab at a line's start as blanks; so that code has one form, the others are written
 * so too. */
static int put_code(struct reading *r, str s)
{
    for (str rest = s, part; rest.p;) {
        rest = str_cut(rest, '\t', &part);
        if (put_text(r, part) || (rest.p && put_text(r, STR("    "))))
            return 1;
    }
    return 0;
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *p, MD_SIZE n, void *arg)
{
    struct reading *r = arg;
    char soft = SOFT;
    count_lines(r, p);
    switch (type) {
    case MD_TEXT_HTML:
        return GUARD(raw_html_refused)
                   ? bad(r,
                         "HTML can't stand in a story: write it as Markdown, or \\< for the sign")
                   : put_plain(r, (str){p, n});
    case MD_TEXT_ENTITY:
        return put_entity(r, (str){p, n});
    case MD_TEXT_BR:
        if (r->in_image)
            return 0;
        r->line_start = true;
        return flush_text(r) || !add_node(r, NODE_BREAK);
    case MD_TEXT_SOFTBR:
        if (r->in_image)
            return put_text(r, STR(" "));
        if (put_text(r, (str){&soft, 1}))
            return 1;
        r->line_start = true;
        return 0;
    case MD_TEXT_CODE:
        if (r->open[r->depth]->kind == NODE_CODE)
            return put_code(r, (str){p, n});
        return put_plain(r, (str){p, n});
    case MD_TEXT_NULLCHAR:
        return bad(r, "U+0000 can't stand in a text");
    default:
        return put_plain(r, (str){p, n});
    }
}

/* An attribute's text: md4c has resolved its escapes and says which pieces are character
 * references; one that isn't known is text, as in any address with a & in it. */
static str attribute(struct reading *r, const MD_ATTRIBUTE *at)
{
    struct out o = out_make(r->a, at->size, 2 * DOCUMENT_BYTES);
    for (size_t i = 0; at->size && at->substr_offsets[i] < at->size; i++) {
        size_t from = at->substr_offsets[i], end = at->substr_offsets[i + 1];
        str piece = {at->text + from, end - from};
        u32 cp = at->substr_types[i] == MD_TEXT_ENTITY ? entity(piece) : 0;
        if (cp && !character(cp))
            bad(r, "a control character can't stand in an address or a title");
        else if (cp)
            out_cp(&o, cp);
        else
            out_str(&o, piece);
    }
    return out_view(&o);
}

static int on_span_in(MD_SPANTYPE type, void *detail, void *arg)
{
    struct reading *r = arg;
    if (r->st)
        return 1;
    if (type == MD_SPAN_A) {
        const MD_SPAN_A_DETAIL *d = detail;
        if (d->title.size)
            return bad(r, "a link has no title: leave out what stands in quotation marks");
        if (r->in_image)
            return 0;
        r->marks |= MARK_LINK;
        r->href = attribute(r, &d->href);
        return r->st != ST_OK;
    }
    if (type == MD_SPAN_IMG) {
        const MD_SPAN_IMG_DETAIL *d = detail;
        count_lines(r, d->src.text);
        if (r->open[r->depth]->kind != NODE_PARAGRAPH || flush_text(r))
            return r->st ? 1 : bad(r, "a picture stands in a paragraph of its own");
        struct node *n = add_node(r, NODE_PICTURE);
        if (!n)
            return 1;
        n->picture.ref = attribute(r, &d->src);
        n->picture.credit = attribute(r, &d->title);
        r->in_image = true;
        r->image = n;
        r->images++;
        r->alt = out_make(r->a, 64, DOCUMENT_BYTES);
        return r->st != ST_OK;
    }
    r->marks |= type == MD_SPAN_EM       ? MARK_EMPHASIS
                : type == MD_SPAN_STRONG ? MARK_STRONG
                                         : MARK_CODE;
    return 0;
}

static int on_span_out(MD_SPANTYPE type, void *detail, void *arg)
{
    struct reading *r = arg;
    (void)detail;
    if (r->st) /* md4c goes on after what was refused within a link or a picture */
        return 1;
    if (type == MD_SPAN_IMG) {
        if (!r->in_image) /* md4c ends some that it never began, where links and pictures overlap */
            return bad(r, "a picture and a link are tangled: give each its own brackets");
        r->image->picture.caption = arena_str(r->a, str_trim(out_view(&r->alt)));
        r->in_image = false;
        return 0;
    }
    if (r->in_image)
        return 0;
    if (type == MD_SPAN_A) {
        r->marks &= ~(unsigned)MARK_LINK;
        r->href = STR_NONE;
        return 0;
    }
    r->marks &= ~(unsigned)(type == MD_SPAN_EM       ? MARK_EMPHASIS
                            : type == MD_SPAN_STRONG ? MARK_STRONG
                                                     : MARK_CODE);
    return 0;
}

/* ---- when a block is whole: insertions, soft line ends, merged neighbours ---- */

static struct node *split(struct reading *r, struct node *n, size_t at)
{
    struct node *rest = arena_new(r->a, struct node, 1);
    if (!rest)
        return NULL;
    *rest = *n;
    rest->t.text = str_from(n->t.text, at);
    n->t.text = str_head(n->t.text, at);
    n->next = rest;
    return rest;
}

/* The bracket that closes what opens at (n, i), if nothing opens in between. */
static bool closing(const struct node *n, size_t i, const struct node **end, size_t *at)
{
    for (i++; n && n->kind == NODE_TEXT; n = n->next, i = 0)
        for (; i < n->t.text.n; i++) {
            if (n->t.text.p[i] == RAW_OPEN || n->t.text.p[i] == '[')
                return false;
            if (n->t.text.p[i] == ']')
                return false;
            if (n->t.text.p[i] == RAW_CLOSE) {
                *end = n;
                *at = i;
                return true;
            }
        }
    return false;
}

static void insertion(struct reading *r, struct node *n, size_t i, const struct node *end,
                      size_t at)
{
    /* from the end backwards, so that the first split doesn't move the second's place */
    struct node *last = (struct node *)end;
    if (at + 1 < last->t.text.n && !split(r, last, at + 1)) {
        r->st = ST_NOMEM;
        return;
    }
    struct node *first = n;
    if (i > 0) {
        bool same = last == n;
        first = split(r, n, i);
        if (!first) {
            r->st = ST_NOMEM;
            return;
        }
        if (same)
            last = first;
    }
    for (struct node *k = first;; k = k->next) {
        k->t.marks |= MARK_INSERTION;
        if (k == last)
            break;
    }
}

static void find_insertions(struct reading *r, struct node *parent)
{
    for (struct node *n = parent->first; n; n = n->next) {
        if (n->kind != NODE_TEXT || (n->t.marks & (MARK_CODE | MARK_INSERTION)))
            continue;
        for (size_t i = 0; i < n->t.text.n; i++) {
            const struct node *end;
            size_t at;
            if (n->t.text.p[i] == RAW_OPEN && closing(n, i, &end, &at)) {
                insertion(r, n, i, end, at);
                break; /* n ends here now; what follows is the next node */
            }
        }
        if (r->st)
            return;
    }
}

static void plain_marks(struct node *n)
{
    char *p = (char *)n->t.text.p; /* our own copy, made by flush_text */
    size_t w = 0;
    for (size_t i = 0; i < n->t.text.n; i++) {
        char c = p[i];
        p[w++] = (char)(c == RAW_OPEN ? '[' : c == RAW_CLOSE ? ']' : c == SOFT ? ' ' : c);
    }
    n->t.text.n = w;
}

/* RAW_DASH is one byte for three: put back last, in a new text. */
static void put_dashes(struct reading *r, struct node *n)
{
    if (str_find_byte(n->t.text, RAW_DASH) < 0)
        return;
    struct out o = out_make(r->a, n->t.text.n + 8, 1 << 20);
    for (size_t i = 0; i < n->t.text.n; i++)
        if (n->t.text.p[i] == RAW_DASH)
            out_c(&o, "—");
        else
            out_byte(&o, n->t.text.p[i]);
    n->t.text = out_view(&o);
}

static bool same_marks(const struct node *a, const struct node *b)
{
    return b && a->kind == NODE_TEXT && b->kind == NODE_TEXT && a->t.marks == b->t.marks &&
           str_eq(a->t.href, b->t.href);
}

/* Neighbours with the same marks become one text: each run is copied once, however long it is. */
static void merge(struct reading *r, struct node *parent)
{
    for (struct node *n = parent->first; n; n = n->next) {
        if (!same_marks(n, n->next))
            continue;
        struct node *last = n;
        size_t total = n->t.text.n;
        for (; same_marks(n, last->next); last = last->next)
            total += last->next->t.text.n;
        struct out o = out_make(r->a, total, 2 * DOCUMENT_BYTES);
        for (const struct node *k = n; k != last->next; k = k->next)
            out_str(&o, k->t.text);
        n->t.text = out_view(&o);
        n->next = last->next;
    }
}

static void finish_inline(struct reading *r, struct node *parent)
{
    find_insertions(r, parent);
    for (struct node *n = parent->first; n; n = n->next)
        if (n->kind == NODE_TEXT) {
            plain_marks(n);
            put_dashes(r, n);
        }
    merge(r, parent);
}

static void finish_all(struct reading *r, struct node *n)
{
    char holds = node_holds(n->kind);
    if (holds == 'i')
        finish_inline(r, n);
    else if (holds != 't')
        for (struct node *k = n->first; k; k = k->next)
            finish_all(r, k);
}

/* ---- blocks that are more than their Markdown ---- */

/* What a paragraph becomes when all that stands in it is one thing. */
static int special_paragraph(struct reading *r, struct node *n)
{
    struct node *only = n->first;
    if (r->images && (only->next || only->kind != NODE_PICTURE))
        return bad(r, "a picture stands in a paragraph of its own");
    bool top = r->depth == 0;
    if (r->images && !top)
        return bad(r, "a picture stands in a paragraph of its own, not within a quote or a list");
    if (!only || only->next || !top)
        return 0;
    struct node *next = n->next;
    int line = n->line;
    if (only->kind == NODE_PICTURE) {
        line = only->line;
        *n = *only;
    } else if (only->t.marks == MARK_LINK && str_starts(only->t.href, STR("story:"))) {
        struct node card = {.kind = NODE_RELATED};
        plain_marks(only);
        put_dashes(r, only);
        card.related.key = str_from(only->t.href, 6);
        card.related.text = only->t.text;
        *n = card;
    } else if (only->t.marks == 0 && url_bare(only->t.text)) {
        struct node card = {.kind = NODE_LINKCARD};
        card.linkcard.href = only->t.text;
        *n = card;
    }
    n->next = next;
    n->line = line;
    return 0;
}

/* A story link alone may hold emphasis: the card shows plain words. */
static void flatten_story_link(struct reading *r, struct node *n)
{
    str href = n->first ? n->first->t.href : STR_NONE;
    size_t count = 0;
    for (const struct node *k = n->first; k; k = k->next, count++)
        if (k->kind != NODE_TEXT || !(k->t.marks & MARK_LINK) || !str_eq(k->t.href, href))
            return;
    if (!str_starts(href, STR("story:")) || r->depth != 0)
        return;
    struct out o = out_make(r->a, 128, DOCUMENT_BYTES);
    for (const struct node *k = n->first; k; k = k->next)
        out_str(&o, k->t.text);
    n->first->t.text = out_view(&o);
    n->first->t.marks = MARK_LINK;
    n->first->next = NULL;
}

static str attribution_part(struct reading *r, str *rest, bool *quoted)
{
    str s = str_trim(*rest);
    *quoted = s.n && s.p[0] == '"';
    if (!*quoted) {
        str part;
        *rest = str_cut(s, ',', &part);
        return str_trim(part);
    }
    struct out o = out_make(r->a, 64, DOCUMENT_BYTES);
    size_t i = 1;
    for (; i < s.n; i++) {
        if (s.p[i] == '"' && (i + 1 >= s.n || s.p[i + 1] != '"'))
            break;
        i += s.p[i] == '"';
        out_byte(&o, s.p[i]);
    }
    str after = str_trim(str_from(s, i + 1)), none;
    *rest = str_cut(after, ',', &none);
    return out_view(&o);
}

static int attribution(struct reading *r, struct node *quote, str line)
{
    str parts[4] = {STR_NONE, STR_NONE, STR_NONE, STR_NONE};
    bool quoted[4] = {false};
    size_t n = 0;
    for (str rest = line; rest.p && n < 5; n++) {
        if (n == 4)
            return bad(r, "an attribution is speaker, role, venue and date; one with a comma "
                          "stands in double quotes");
        parts[n] = attribution_part(r, &rest, &quoted[n]);
    }
    if (n && !quoted[n - 1] && iso_date_valid(parts[n - 1]))
        quote->quote.date = parts[--n];
    if (n == 4)
        return bad(r, "an attribution's last part is a date such as 2026-11-20");
    quote->quote.speaker = n > 0 ? parts[0] : STR_NONE;
    quote->quote.role = n > 1 ? parts[1] : STR_NONE;
    quote->quote.venue = n > 2 ? parts[2] : STR_NONE;
    return 0;
}

static struct node *last_child(struct node *n)
{
    struct node *k = n->first;
    while (k && k->next)
        k = k->next;
    return k;
}

/* The last line of a quote is its attribution when it opens with an em dash. */
static int finish_quote(struct reading *r, struct node *quote)
{
    struct node *last = last_child(quote), *before = NULL;
    if (!last || last->kind != NODE_PARAGRAPH)
        return 0;
    struct node *from = NULL;
    size_t at = 0;
    for (struct node *n = last->first, *prev = NULL; n; prev = n, n = n->next)
        for (size_t i = 0; n->kind == NODE_TEXT && i < n->t.text.n; i++) {
            bool start = i ? n->t.text.p[i - 1] == SOFT : !prev || prev->kind == NODE_BREAK;
            if (i == 0 && prev && prev->kind == NODE_TEXT && prev->t.text.n)
                start = prev->t.text.p[prev->t.text.n - 1] == SOFT;
            if (start && n->t.text.p[i] == RAW_DASH) {
                from = n;
                at = i;
                before = prev;
            } else if (n->t.text.p[i] == SOFT && from && i > at) {
                from = NULL; /* a later line follows: this one is not the last */
            }
        }
    if (!from)
        return 0;
    struct out o = out_make(r->a, 128, DOCUMENT_BYTES);
    for (const struct node *n = from; n; n = n->next)
        for (size_t i = n == from ? at + 1 : 0; n->kind == NODE_TEXT && i < n->t.text.n; i++) {
            char c = n->t.text.p[i];
            out_byte(&o, (char)(c == RAW_OPEN ? '[' : c == RAW_CLOSE ? ']' : c));
        }
    from->t.text = str_head(from->t.text, at);
    from->next = NULL;
    if (from->t.text.n && from->t.text.p[from->t.text.n - 1] == SOFT)
        from->t.text.n--;
    if (from->t.text.n == 0) {
        if (before && before->kind == NODE_TEXT && before->t.text.n &&
            before->t.text.p[before->t.text.n - 1] == SOFT)
            before->t.text.n--;
        struct node **p = &last->first;
        while (*p != from)
            p = &(*p)->next;
        *p = NULL;
        if (before && before->kind == NODE_BREAK)
            return bad(r, "the line before an attribution ends with a line break");
    }
    if (!last->first) { /* the attribution had a paragraph of its own */
        struct node **p = &quote->first;
        while (*p != last)
            p = &(*p)->next;
        *p = NULL;
    }
    return attribution(r, quote, str_trim(out_view(&o)));
}

static str align_name(MD_ALIGN a)
{
    return a == MD_ALIGN_LEFT     ? STR("left")
           : a == MD_ALIGN_CENTER ? STR("center")
           : a == MD_ALIGN_RIGHT  ? STR("right")
                                  : STR_NONE;
}

static int on_block_in(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct reading *r = arg;
    struct node *n = NULL;
    if (flush_text(r)) /* of a list item whose text stands without a paragraph */
        return 1;
    r->line_start = true;
    r->images = 0;
    switch (type) {
    case MD_BLOCK_DOC:
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY:
        return 0;
    case MD_BLOCK_QUOTE:
        return open_node(r, NODE_QUOTE, NULL);
    case MD_BLOCK_UL:
        return open_node(r, NODE_BULLETS, NULL);
    case MD_BLOCK_OL:
        if (open_node(r, NODE_NUMBERS, &n))
            return 1;
        n->numbers.start = (int)((MD_BLOCK_OL_DETAIL *)detail)->start;
        return 0;
    case MD_BLOCK_LI:
        return open_node(r, NODE_ITEM, NULL);
    case MD_BLOCK_HR:
        return bad(r, "a rule (---) has no place in a story: use a crosshead");
    case MD_BLOCK_H:
        if (open_node(r, NODE_CROSSHEAD, &n))
            return 1;
        n->crosshead.level = ((MD_BLOCK_H_DETAIL *)detail)->level <= 2 ? 2 : 3;
        return 0;
    case MD_BLOCK_CODE:
        if (open_node(r, NODE_CODE, &n))
            return 1;
        n->code.language = attribute(r, &((MD_BLOCK_CODE_DETAIL *)detail)->lang);
        return r->st != ST_OK;
    case MD_BLOCK_HTML:
        return 0; /* its text says where it stands */
    case MD_BLOCK_P:
        return open_node(r, NODE_PARAGRAPH, NULL);
    case MD_BLOCK_TABLE:
        return open_node(r, NODE_TABLE, NULL);
    case MD_BLOCK_TR:
        return open_node(r, NODE_ROW, NULL);
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        if (open_node(r, NODE_CELL, &n))
            return 1;
        n->cell.align = align_name(((MD_BLOCK_TD_DETAIL *)detail)->align);
        return 0;
    default:
        return bad(r, "this has no form in a story");
    }
}

/* A list item whose text needs no blank lines has no paragraph in md4c's telling. */
static int wrap_tight_item(struct reading *r, struct node *item)
{
    struct node **at = &item->first;
    while (*at) {
        if ((*at)->kind != NODE_TEXT && (*at)->kind != NODE_BREAK && (*at)->kind != NODE_PICTURE) {
            at = &(*at)->next;
            continue;
        }
        struct node *p = arena_new(r->a, struct node, 1);
        if (!p) {
            r->st = ST_NOMEM;
            return 1;
        }
        *p = (struct node){.kind = NODE_PARAGRAPH, .line = (*at)->line, .first = *at};
        struct node *last = *at;
        while (last->next && (last->next->kind == NODE_TEXT || last->next->kind == NODE_BREAK))
            last = last->next;
        p->next = last->next;
        last->next = NULL;
        *at = p;
        at = &p->next;
    }
    return 0;
}

static int on_block_out(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct reading *r = arg;
    (void)detail;
    if (type == MD_BLOCK_DOC || type == MD_BLOCK_THEAD || type == MD_BLOCK_TBODY ||
        type == MD_BLOCK_HTML)
        return 0;
    struct node *n = r->open[r->depth];
    if (n->kind == NODE_CODE && r->text.n && r->text.p[r->text.n - 1] == '\n')
        r->text.n--;
    if (flush_text(r))
        return 1;
    r->depth--;
    if (n->kind == NODE_PARAGRAPH) {
        flatten_story_link(r, n);
        return special_paragraph(r, n);
    }
    if (n->kind == NODE_ITEM)
        return wrap_tight_item(r, n);
    return n->kind == NODE_QUOTE ? finish_quote(r, n) : 0;
}

enum status document_from_markdown(str body, int first_line, struct arena *a, struct node **ret,
                                   struct err *err)
{
    struct node *doc = arena_new(a, struct node, 1);
    if (!doc)
        return ST_NOMEM;
    enum status st = markdown_limits(body, first_line, err);
    struct reading *r = st ? NULL : arena_new(a, struct reading, 1);
    if (!r)
        return st ? st : ST_NOMEM;
    *r = (struct reading){
        .a = a, .err = err, .src = body.p, .counted = body.p, .size = body.n, .line = first_line};
    r->open[0] = doc;
    r->end[0] = &doc->first;
    r->text = out_make(a, 0, 2 * DOCUMENT_BYTES);
    const MD_PARSER parser = {
        .flags = MD_FLAG_TABLES | MD_FLAG_NOINDENTEDCODEBLOCKS,
        .enter_block = on_block_in,
        .leave_block = on_block_out,
        .enter_span = on_span_in,
        .leave_span = on_span_out,
        .text = on_text,
    };
    int rc = md_parse(body.n ? body.p : "", (MD_SIZE)body.n, &parser, r);
    if (r->st)
        return r->st;
    if (rc || a->oom)
        return ST_NOMEM;
    finish_all(r, doc);
    st = r->st ? r->st : document_check(doc, err);
    if (!st)
        *ret = doc;
    return st;
}
