/* Document to Markdown (text/document.h), so that reading it again gives the same document.
 *
 * Emphasis is always _, strong always **, so that neighbouring marks can't be taken for one
 * another. Where CommonMark would not see a mark for the letters around it, the letter next to it
 * is written as a character reference: what stands beside a mark is then punctuation, which lets it
 * open and close. */
#include "text/document.h"

struct writing {
    struct out *o;
    unsigned open; /* marks now open */
    str href;
    bool line_start;
    str prefix; /* what a new line within the block begins with: "> " in a quote */
};

static void indent(struct writing *w, int by)
{
    for (int i = 0; i < by; i++)
        out_byte(w->o, ' ');
}

static bool ascii_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static void reference(struct writing *w, u32 cp)
{
    out_fmt(w->o, "&#%u;", cp);
}

/* A digit run at a line's start that a '.' or ')' would make a list of. */
static bool list_number(str s, size_t i)
{
    size_t k = 0;
    while (k < i && s.p[k] >= '0' && s.p[k] <= '9')
        k++;
    return i > 0 && k == i && (s.p[i] == '.' || s.p[i] == ')');
}

/* Whether what was written last is an insertion's bracket, behind which '(' would make a link. */
static bool after_bracket(const struct writing *w)
{
    str have = out_view(w->o);
    return have.n && have.p[have.n - 1] == ']';
}

static void plain(struct writing *w, const struct node *n)
{
    str s = n->t.text;
    bool insertion = (n->t.marks & MARK_INSERTION) != 0;
    bool line = w->line_start;
    for (size_t i = 0; i < s.n;) {
        size_t at = i;
        u32 cp = utf8_next(s, &i);
        bool first = line && at == 0;
        if (first && cp == 0x2014) {
            reference(w, cp); /* at a line's start it would open an attribution */
            continue;
        }
        bool special = cp < 0x80 && strchr("\\`*_<>&#|~!", (char)cp) && cp;
        special |= (cp == '[' || cp == ']') && !insertion;
        special |= first && cp < 0x80 && cp && strchr("+-=:", (char)cp);
        special |= at == 0 && cp == ':'; /* after an insertion it would define a reference */
        special |= at == 0 && cp == '(' && after_bracket(w);
        special |= line && list_number(s, at);
        if (special)
            out_byte(w->o, '\\');
        out_str(w->o, (str){s.p + at, i - at});
    }
    w->line_start = false;
}

/* The shortest fence that is as long as no run of ticks within: md4c takes none of more than 32. */
static size_t fence_for(str s)
{
    u64 runs = 0; /* a bit for each length that stands there */
    size_t run = 0, fence = 1;
    for (size_t i = 0; i <= s.n; i++)
        if (i < s.n && s.p[i] == '`') {
            run++;
        } else {
            runs |= run < 64 ? (u64)1 << run : 0;
            run = 0;
        }
    while (fence < 32 && runs >> fence & 1)
        fence++;
    return fence;
}

/* Padded where the text begins or ends with a tick (or with blanks both). */
static void code(struct writing *w, str s)
{
    size_t fence = fence_for(s);
    bool only_blanks = str_trim(s).n == 0;
    bool pad = s.p[0] == '`' || s.p[s.n - 1] == '`' ||
               (s.p[0] == ' ' && s.p[s.n - 1] == ' ' && !only_blanks);
    for (size_t i = 0; i < fence; i++)
        out_byte(w->o, '`');
    if (pad)
        out_byte(w->o, ' ');
    out_str(w->o, s);
    if (pad)
        out_byte(w->o, ' ');
    for (size_t i = 0; i < fence; i++)
        out_byte(w->o, '`');
    w->line_start = false;
}

static void url(struct writing *w, str href)
{
    out_byte(w->o, '<');
    for (size_t i = 0; i < href.n; i++) {
        if (strchr("\\<>&|", href.p[i]))
            out_byte(w->o, '\\');
        out_byte(w->o, href.p[i]);
    }
    out_byte(w->o, '>');
}

static unsigned spans(const struct node *n)
{
    return n && n->kind == NODE_TEXT ? n->t.marks & (MARK_LINK | MARK_STRONG | MARK_EMPHASIS) : 0;
}

/* Of the marks open with a link to href, those that stay open before n. A link is outside of
 * strong, and strong of emphasis: what is inside of a mark that closes or opens closes with it, and
 * opens again. */
static unsigned stay(unsigned open, str href, const struct node *n)
{
    unsigned want = spans(n), close = open & ~want, begin = want & ~open;
    bool other = (open & want & MARK_LINK) && !str_eq(href, n->t.href);
    if (other || ((close | begin) & MARK_LINK))
        return 0;
    if ((close | begin) & MARK_STRONG)
        close |= MARK_EMPHASIS;
    return open & ~close;
}

static void close_marks(struct writing *w, unsigned keep)
{
    unsigned close = w->open & ~keep;
    if (close & MARK_EMPHASIS)
        out_byte(w->o, '_');
    if (close & MARK_STRONG)
        out_c(w->o, "**");
    if (close & MARK_LINK) {
        out_c(w->o, "](");
        url(w, w->href);
        out_byte(w->o, ')');
    }
    w->open &= ~close;
}

static void open_marks(struct writing *w, const struct node *n, unsigned want)
{
    unsigned open = want & ~w->open;
    if (open & MARK_LINK) {
        out_byte(w->o, '[');
        w->href = n->t.href;
    }
    if (open & MARK_STRONG)
        out_c(w->o, "**");
    if (open & MARK_EMPHASIS)
        out_byte(w->o, '_');
    if (open)
        w->line_start = false;
    w->open |= open;
}

enum { OUTSIDE = 1, INSIDE = 2 }; /* of a mark that stands beside a text */

/* Outside of a mark a letter, inside of it a blank, keeps the mark from opening or closing. A blank
 * comes to stand there when a mark that goes on is closed and opened again. */
static bool needs_reference(u32 cp, unsigned beside)
{
    bool blank = cp == ' ' || cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) ||
                 cp == 0x202F || cp == 0x205F || cp == 0x3000;
    return ((beside & OUTSIDE) && (cp >= 0x80 || ascii_alnum((char)cp))) ||
           ((beside & INSIDE) && blank);
}

/* Writes n's text; its first and last letter as references where a mark beside them wants that. */
static void text(struct writing *w, const struct node *n, unsigned mark_before, unsigned mark_after)
{
    str s = n->t.text;
    if (n->t.marks & MARK_CODE) {
        code(w, s);
        return;
    }
    size_t head = 0, tail = s.n;
    if (mark_before) {
        u32 cp = utf8_next(s, &head);
        if (needs_reference(cp, mark_before))
            reference(w, cp);
        else
            head = 0;
    }
    u32 last = 0;
    if (mark_after && head < s.n) {
        do
            tail--;
        while (tail > head && ((u8)s.p[tail] & 0xC0) == 0x80);
        size_t i = tail;
        last = utf8_next(s, &i);
        if (!needs_reference(last, mark_after)) {
            tail = s.n;
            last = 0;
        }
    }
    struct node middle = *n;
    middle.t.text = (str){s.p + head, tail - head};
    if (head)
        w->line_start = false;
    plain(w, &middle);
    if (last)
        reference(w, last);
}

static void inline_nodes(struct writing *w, const struct node *parent, int by)
{
    unsigned previous = 0;
    w->open = 0;
    for (const struct node *n = parent->first; n; n = n->next) {
        if (n->kind == NODE_BREAK) {
            close_marks(w, 0);
            previous = 0;
            out_c(w->o, "\\\n");
            indent(w, by);
            out_str(w->o, w->prefix);
            w->line_start = true;
            continue;
        }
        bool more = n->next && n->next->kind == NODE_TEXT;
        bool same_link = !more || str_eq(n->next->t.href, n->t.href);
        unsigned want = spans(n), next = spans(n->next), keep = stay(w->open, w->href, n);
        unsigned going_on = more ? stay(want, n->t.href, n->next) : 0;
        if (!same_link)
            next &= MARK_LINK; /* every mark closes before another link opens */
        close_marks(w, keep);
        open_marks(w, n, want);
        unsigned before = (previous & ~want ? OUTSIDE : 0) | (want & ~keep ? INSIDE : 0);
        unsigned after = (next & ~want ? OUTSIDE : 0) | (want & ~going_on ? INSIDE : 0);
        text(w, n, before, after);
        previous = same_link ? want : want & MARK_LINK;
    }
    close_marks(w, 0);
}

static void attribution_part(struct writing *w, str s, bool last_looks_like_date)
{
    bool quote = str_find_byte(s, ',') >= 0 || (s.n && s.p[0] == '"') || last_looks_like_date;
    struct node n = {.kind = NODE_TEXT};
    n.t.text = s;
    if (!quote) {
        plain(w, &n);
        return;
    }
    out_byte(w->o, '"');
    for (str rest = s; rest.p;) {
        str part;
        rest = str_cut(rest, '"', &part);
        n.t.text = part;
        plain(w, &n);
        if (rest.p)
            out_c(w->o, "\"\"");
    }
    out_byte(w->o, '"');
}

static void attribution(struct writing *w, const struct node *q)
{
    str parts[] = {q->quote.speaker, q->quote.role, q->quote.venue, q->quote.date};
    size_t n = q->quote.date.n      ? 4
               : q->quote.venue.n   ? 3
               : q->quote.role.n    ? 2
               : q->quote.speaker.n ? 1
                                    : 0;
    if (!n)
        return;
    out_c(w->o, "\n> — ");
    w->line_start = false;
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        size_t named = q->quote.venue.n ? 3 : q->quote.role.n ? 2 : q->quote.speaker.n ? 1 : 0;
        if (n == 4 && i >= named && i < 3)
            continue; /* the date is known by its form: what lies between may be left out */
        if (any)
            out_c(w->o, ", ");
        any = true;
        bool date_like = i < 3 && parts[i].n && parts[i].p[0] >= '0' && parts[i].p[0] <= '9';
        attribution_part(w, parts[i], date_like);
    }
}

static void block(struct writing *w, const struct node *n, int by, int alternate);

static void blocks(struct writing *w, const struct node *parent, int by)
{
    int alternate = 0;
    for (const struct node *n = parent->first; n; n = n->next) {
        block(w, n, by, alternate);
        if (!n->next)
            break;
        alternate =
            n->next->kind == n->kind ? !alternate : 0; /* two lists side by side have other signs */
        out_c(w->o, "\n\n");
        indent(w, by);
    }
}

static void list(struct writing *w, const struct node *n, int by, int alternate)
{
    int number = n->kind == NODE_NUMBERS ? n->numbers.start : 0;
    bool loose = false;
    for (const struct node *item = n->first; item; item = item->next)
        loose |= item->first && item->first->next;
    for (const struct node *item = n->first; item; item = item->next, number++) {
        char marker[24];
        int width = n->kind == NODE_NUMBERS
                        ? snprintf(marker, sizeof marker, "%d%c ", number, alternate ? ')' : '.')
                        : snprintf(marker, sizeof marker, "%c ", alternate ? '*' : '-');
        out_c(w->o, marker);
        blocks(w, item, by + width);
        if (item->next) {
            out_c(w->o, loose ? "\n\n" : "\n");
            indent(w, by);
        }
    }
}

static void row(struct writing *w, const struct node *r)
{
    out_byte(w->o, '|');
    for (const struct node *c = r->first; c; c = c->next) {
        out_byte(w->o, ' ');
        w->line_start = false;
        inline_nodes(w, c, 0);
        out_c(w->o, " |");
    }
}

static void table(struct writing *w, const struct node *t)
{
    row(w, t->first);
    out_c(w->o, "\n|");
    for (const struct node *c = t->first->first; c; c = c->next) {
        str a = c->cell.align;
        out_c(w->o, str_eq(a, STR("left"))     ? " :-- |"
                    : str_eq(a, STR("center")) ? " :-: |"
                    : str_eq(a, STR("right"))  ? " --: |"
                                               : " --- |");
    }
    for (const struct node *r = t->first->next; r; r = r->next) {
        out_byte(w->o, '\n');
        row(w, r);
    }
}

static void fenced(struct writing *w, const struct node *n)
{
    str s = n->first ? n->first->t.text : STR_NONE;
    size_t run = 0, longest = 2;
    for (size_t i = 0; i < s.n; i++) {
        run = s.p[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    for (size_t i = 0; i <= longest; i++)
        out_byte(w->o, '`');
    out_str(w->o, n->code.language);
    out_byte(w->o, '\n');
    out_str(w->o, s);
    if (n->first)
        out_byte(w->o, '\n');
    for (size_t i = 0; i <= longest; i++)
        out_byte(w->o, '`');
}

static void quote(struct writing *w, const struct node *n)
{
    w->prefix = STR("> ");
    for (const struct node *p = n->first; p; p = p->next) {
        out_c(w->o, "> ");
        w->line_start = true;
        inline_nodes(w, p, 0);
        if (p->next)
            out_c(w->o, "\n>\n");
    }
    w->prefix = STR_NONE;
    attribution(w, n);
}

static void block(struct writing *w, const struct node *n, int by, int alternate)
{
    w->line_start = true;
    w->open = 0;
    switch (n->kind) {
    case NODE_PARAGRAPH:
        inline_nodes(w, n, by);
        break;
    case NODE_CROSSHEAD:
        out_c(w->o, n->crosshead.level == 2 ? "## " : "### ");
        w->line_start = false;
        inline_nodes(w, n, by);
        break;
    case NODE_QUOTE:
        quote(w, n);
        break;
    case NODE_PICTURE:
        out_c(w->o, "![](");
        url(w, n->picture.ref);
        out_byte(w->o, ')');
        break;
    case NODE_RELATED: {
        struct node t = {.kind = NODE_TEXT};
        t.t.text = n->related.text;
        out_byte(w->o, '[');
        w->line_start = false;
        plain(w, &t);
        out_c(w->o, "](story:");
        out_str(w->o, n->related.key);
        out_byte(w->o, ')');
        break;
    }
    case NODE_BULLETS:
    case NODE_NUMBERS:
        list(w, n, by, alternate);
        break;
    case NODE_TABLE:
        table(w, n);
        break;
    case NODE_CODE:
        fenced(w, n);
        break;
    case NODE_LINKCARD:
        out_str(w->o, n->linkcard.href);
        break;
    default:
        break;
    }
}

void document_to_markdown(const struct node *doc, struct out *o)
{
    struct writing w = {.o = o};
    blocks(&w, doc, 0);
    if (doc->first)
        out_byte(o, '\n');
}
