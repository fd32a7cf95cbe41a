#include "press/body.h"

#include "base/guard.h"
#include "text/wrap.h"

enum { BODY_MAX = 2 << 20 };

/* Nothing is said of a story that waits for its time or its embargo, or was withdrawn. */
static bool readers_have(const struct story *target)
{
    return (target->state == STORY_LIVE || !GUARD(reference_live)) && target->path.n;
}

static bool live_path(struct sheet *s, str href, str *path)
{
    struct story target;
    enum status st = story_by_key(s->v, str_from(href, 6), PART_ADDRESS, &target);
    if (st && st != ST_NOTFOUND && !s->st)
        s->st = st;
    if (st || !readers_have(&target))
        return false;
    *path = target.path;
    return true;
}

/* ---- inline ---- */

static void open_marks(struct html_out *h, unsigned marks)
{
    if (marks & MARK_STRONG)
        html_lit(h, "<strong>");
    if (marks & MARK_EMPHASIS)
        html_lit(h, "<em>");
    if (marks & MARK_CODE)
        html_lit(h, "<code>");
    if (marks & MARK_INSERTION)
        html_lit(h, "<ins>");
}

static void close_marks(struct html_out *h, unsigned marks)
{
    if (marks & MARK_INSERTION)
        html_lit(h, "</ins>");
    if (marks & MARK_CODE)
        html_lit(h, "</code>");
    if (marks & MARK_EMPHASIS)
        html_lit(h, "</em>");
    if (marks & MARK_STRONG)
        html_lit(h, "</strong>");
}

/* A link to a story that isn't live is its words alone. */
static bool open_link(struct sheet *s, struct html_out *h, str href)
{
    str path;
    if (str_starts(href, STR("story:"))) {
        if (!live_path(s, href, &path))
            return false;
        html_lit(h, "<a href=\"");
        html_url(h, sheet_href(s, path));
    } else {
        html_lit(h, "<a href=\"");
        html_url(h, href);
    }
    html_lit(h, "\">");
    return true;
}

static void inline_to(struct sheet *s, struct html_out *h, const struct node *parent)
{
    str open = STR_NONE;
    bool in_link = false;
    for (const struct node *n = parent->first; n; n = n->next) {
        bool link = n->kind == NODE_TEXT && (n->t.marks & MARK_LINK);
        if (open.n && (!link || !str_eq(open, n->t.href))) {
            if (in_link)
                html_lit(h, "</a>");
            open = STR_NONE;
        }
        if (n->kind == NODE_BREAK) {
            html_lit(h, "<br>");
            continue;
        }
        if (link && !open.n) {
            in_link = open_link(s, h, n->t.href);
            open = n->t.href;
        }
        open_marks(h, n->t.marks);
        html_text(h, n->t.text);
        close_marks(h, n->t.marks);
    }
    if (open.n && in_link)
        html_lit(h, "</a>");
}

static html inline_html(struct sheet *s, const struct node *parent)
{
    struct html_out h = html_make(s->a, 512, BODY_MAX);
    inline_to(s, &h, parent);
    return html_view(&h);
}

/* ---- blocks that are plain HTML ---- */

static void list_to(struct sheet *s, struct html_out *h, const struct node *n);

static void item_to(struct sheet *s, struct html_out *h, const struct node *item)
{
    bool one = !item->first->next;
    html_lit(h, "<li>");
    for (const struct node *k = item->first; k; k = k->next) {
        if (k->kind != NODE_PARAGRAPH) {
            list_to(s, h, k);
            continue;
        }
        if (!one)
            html_lit(h, "<p>");
        inline_to(s, h, k);
        if (!one)
            html_lit(h, "</p>");
    }
    html_lit(h, "</li>");
}

static void list_to(struct sheet *s, struct html_out *h, const struct node *n)
{
    bool numbers = n->kind == NODE_NUMBERS;
    if (!numbers) {
        html_lit(h, "<ul>");
    } else if (n->numbers.start == 1) {
        html_lit(h, "<ol>");
    } else {
        html_lit(h, "<ol start=\"");
        html_text(h, arena_fmt(s->a, "%d", n->numbers.start));
        html_lit(h, "\">");
    }
    for (const struct node *k = n->first; k; k = k->next)
        item_to(s, h, k);
    if (numbers)
        html_lit(h, "</ol>");
    else
        html_lit(h, "</ul>");
}

static void row_to(struct sheet *s, struct html_out *h, const struct node *row, bool head)
{
    html_lit(h, "<tr>");
    for (const struct node *c = row->first; c; c = c->next) {
        if (head)
            html_lit(h, "<th scope=\"col\"");
        else
            html_lit(h, "<td");
        if (str_eq(c->cell.align, STR("right")))
            html_lit(h, " class=\"end\"");
        else if (str_eq(c->cell.align, STR("center")))
            html_lit(h, " class=\"middle\"");
        html_lit(h, ">");
        inline_to(s, h, c);
        if (head)
            html_lit(h, "</th>");
        else
            html_lit(h, "</td>");
    }
    html_lit(h, "</tr>");
}

static html table_html(struct sheet *s, const struct node *t)
{
    struct html_out h = html_make(s->a, 1024, BODY_MAX);
    html_lit(&h, "<table><thead>");
    row_to(s, &h, t->first, true);
    html_lit(&h, "</thead>");
    if (t->first->next)
        html_lit(&h, "<tbody>");
    for (const struct node *r = t->first->next; r; r = r->next)
        row_to(s, &h, r, false);
    if (t->first->next)
        html_lit(&h, "</tbody>");
    html_lit(&h, "</table>");
    return html_view(&h);
}

static html list_html(struct sheet *s, const struct node *n)
{
    struct html_out h = html_make(s->a, 512, BODY_MAX);
    list_to(s, &h, n);
    return html_view(&h);
}

static str code_text(const struct node *n)
{
    return n->first ? n->first->t.text : STR_NONE;
}

/* ---- blocks with parts of their own ---- */

str body_attribution(struct sheet *s, const struct node *q)
{
    const str parts[] = {q->quote.speaker, q->quote.role, q->quote.venue};
    static const char *const keys[] = {"speaker", "role", "venue"};
    char which[32] = "";
    size_t w = 0;
    for (size_t i = 0; i < COUNT(parts); i++)
        if (parts[i].n)
            w += (size_t)snprintf(which + w, sizeof which - w, "%s%s", w ? "-" : "", keys[i]);
    if (!w && !q->quote.date.n)
        return STR_NONE;
    return MESSAGE(s, "attribution", A_TEXT("which", w ? str_c(which) : STR("none")),
                   A_TEXT("speaker", parts[0]), A_TEXT("role", parts[1]), A_TEXT("venue", parts[2]),
                   A_TEXT("dated", q->quote.date.n ? STR("yes") : STR("no")),
                   A_TEXT("date", sheet_iso_date(s, q->quote.date)));
}

static struct value_map *quote_map(struct sheet *s, const struct node *n)
{
    struct value_map *m = map_make(s->a);
    struct value_list *list = list_make(s->a);
    for (const struct node *p = n->first; p; p = p->next)
        list_add(list, value_html(inline_html(s, p)));
    map_set(m, "paragraphs", value_list(list));
    map_text(m, "attribution", body_attribution(s, n));
    return m;
}

static struct value_map *related_map(struct sheet *s, const struct node *n)
{
    struct story target;
    struct value_map *m = map_make(s->a);
    enum status st = story_by_key(s->v, n->related.key, PART_RELATED, &target);
    if (st && st != ST_NOTFOUND && !s->st)
        s->st = st;
    if (st || !readers_have(&target)) {
        map_text(m, "words", n->related.text);
        return m;
    }
    m = sheet_related(s, &target);
    map_text(m, "label",
             target.label.n ? sheet_label(s, target.label) : sheet_message(s, "related", NULL, 0));
    map_set(m, "live", value_bool(true));
    return m;
}

static struct value_map *picture_map(struct sheet *s, const struct story_content *story,
                                     const struct node *n, i64 shown)
{
    for (size_t i = 0; i < story->npictures; i++) {
        struct picture p;
        if (!str_eq(story->pictures[i].key, n->picture.ref))
            continue;
        enum status st = picture_by_key(s->v, n->picture.ref, &p);
        if (st && !s->st)
            s->st = st;
        if (!st && s->pictures.n)
            p.address = arena_fmt(s->a, "%.*s%.*s", FMT(s->pictures), FMT(p.key));
        return st ? NULL
                  : sheet_picture(s, &story->pictures[i], p.address, p.width, p.height, shown);
    }
    return NULL;
}

static str host_and_path(struct sheet *s, str href)
{
    str rest = str_from(href, str_starts(href, STR("https://")) ? 8 : 7);
    ptrdiff_t q = str_find_byte(rest, '?');
    rest = q < 0 ? rest : str_head(rest, (size_t)q);
    (void)s;
    return str_ends(rest, STR("/")) ? str_head(rest, rest.n - 1) : rest;
}

static struct value_map *block(struct sheet *s, const struct story_content *story,
                               const struct node *n, i64 shown)
{
    struct value_map *m = map_make(s->a), *in = map_make(s->a);
    switch (n->kind) {
    case NODE_PARAGRAPH:
        map_html(m, "paragraph", inline_html(s, n));
        break;
    case NODE_CROSSHEAD:
        map_html(m, n->crosshead.level == 2 ? "crosshead" : "subcrosshead", inline_html(s, n));
        break;
    case NODE_QUOTE:
        map_set(m, "quote", value_map(quote_map(s, n)));
        break;
    case NODE_PICTURE:
        map_set(m, "picture", value_map(picture_map(s, story, n, shown)));
        break;
    case NODE_RELATED:
        map_set(m, "related", value_map(related_map(s, n)));
        break;
    case NODE_BULLETS:
    case NODE_NUMBERS:
        map_html(m, "list", list_html(s, n));
        break;
    case NODE_TABLE:
        map_html(m, "table", table_html(s, n));
        break;
    case NODE_CODE:
        map_text(m, "code", code_text(n));
        break;
    case NODE_LINKCARD:
        map_text(in, "href", n->linkcard.href);
        map_text(in, "words", host_and_path(s, n->linkcard.href));
        map_set(m, "link_card", value_map(in));
        break;
    default:
        break;
    }
    return m;
}

struct value_list *body_blocks(struct sheet *s, const struct story_content *story, i64 shown)
{
    struct value_list *list = list_make(s->a);
    bool first = true;
    for (const struct node *n = story->body ? story->body->first : NULL; n; n = n->next) {
        struct value_map *m = block(s, story, n, shown);
        if (first && n->kind == NODE_PARAGRAPH)
            map_text(m, "dateline", story->dateline);
        first = false;
        list_add(list, value_map(m));
    }
    return list;
}

html body_html(struct sheet *s, const struct story_content *story, i64 shown)
{
    struct value_map *m = map_make(s->a);
    html words = html_none();
    map_set(m, "blocks", value_list(body_blocks(s, story, shown)));
    enum status st = mustache_render(theme_templates(s->theme), STR("blocks"), m, s->a, BODY_MAX,
                                     &words, s->err);
    if (st && !s->st)
        s->st = st;
    return words;
}

/* ---- text for a terminal ---- */

struct texting {
    struct sheet *s;
    const struct story_content *story;
    struct out *o;
    str *urls;
    size_t n, max;
    enum status st;
};

static void add_url(struct texting *t, struct out *line, str href)
{
    str path, url = href;
    if (str_starts(href, STR("story:"))) {
        if (!live_path(t->s, href, &path))
            return;
        url = sheet_absolute(t->s, path);
    }
    size_t i = 0;
    while (i < t->n && !str_eq(t->urls[i], url))
        i++;
    if (i == t->max)
        return;
    if (i == t->n)
        t->urls[t->n++] = arena_str(t->s->a, url);
    out_fmt(line, " [%zu]", i + 1);
}

static str inline_text(struct texting *t, const struct node *parent)
{
    struct out o = out_make(t->s->a, 512, BODY_MAX);
    for (const struct node *n = parent->first; n; n = n->next) {
        if (n->kind == NODE_BREAK) {
            out_byte(&o, '\n');
            continue;
        }
        out_str(&o, n->t.text);
        bool ends = !n->next || n->next->kind != NODE_TEXT || !str_eq(n->next->t.href, n->t.href);
        if ((n->t.marks & MARK_LINK) && ends)
            add_url(t, &o, n->t.href);
    }
    return out_view(&o);
}

static void wrap(struct texting *t, str text, str first, str prefix)
{
    enum status st = text_wrap(t->o, text, TEXT_COLUMNS, first, prefix);
    if (!t->st)
        t->st = st;
}

static void list_text(struct texting *t, const struct node *n, str prefix)
{
    int number = n->numbers.start;
    for (const struct node *item = n->first; item; item = item->next, number++) {
        str mark = n->kind == NODE_NUMBERS ? arena_fmt(t->s->a, "%.*s%d. ", FMT(prefix), number)
                                           : arena_fmt(t->s->a, "%.*s* ", FMT(prefix));
        str inner = arena_fmt(t->s->a, "%*s", (int)mark.n, "");
        for (const struct node *k = item->first; k; k = k->next) {
            if (k->kind == NODE_PARAGRAPH)
                wrap(t, inline_text(t, k), k == item->first ? mark : inner, inner);
            else
                list_text(t, k, inner);
        }
    }
}

/* A table in columns where it fits, else each row as lines of "head: cell". */
static void table_text(struct texting *t, const struct node *table)
{
    enum { COLUMNS = 16 };
    size_t widths[COLUMNS] = {0}, columns = 0, total = 0;
    for (const struct node *r = table->first; r; r = r->next) {
        size_t i = 0;
        for (const struct node *c = r->first; c && i < COLUMNS; c = c->next, i++) {
            size_t w = text_width(inline_text(t, c));
            widths[i] = w > widths[i] ? w : widths[i];
            columns = i + 1 > columns ? i + 1 : columns;
        }
    }
    for (size_t i = 0; i < columns; i++)
        total += widths[i] + 2;
    for (const struct node *r = table->first; r; r = r->next) {
        const struct node *head = table->first->first;
        size_t i = 0;
        for (const struct node *c = r->first; c;
             c = c->next, i++, head = head ? head->next : NULL) {
            str cell = inline_text(t, c);
            if (total > TEXT_COLUMNS + 2 || i >= COLUMNS) {
                if (r != table->first)
                    wrap(t, arena_fmt(t->s->a, "%.*s: %.*s", FMT(inline_text(t, head)), FMT(cell)),
                         STR_NONE, STR("  "));
                continue;
            }
            bool right = str_eq(c->cell.align, STR("right"));
            int gap = (int)(widths[i] - text_width(cell));
            out_fmt(t->o, "%*s%.*s%*s", right ? gap : 0, "", FMT(cell), right || !c->next ? 0 : gap,
                    "");
            if (c->next)
                out_c(t->o, "  ");
        }
        out_byte(t->o, '\n');
    }
}

static void picture_text(struct texting *t, const struct node *n)
{
    for (size_t i = 0; i < t->story->npictures; i++)
        if (str_eq(t->story->pictures[i].key, n->picture.ref) && t->story->pictures[i].caption.n)
            wrap(t, MESSAGE(t->s, "text-picture", A_TEXT("caption", t->story->pictures[i].caption)),
                 STR_NONE, STR_NONE);
}

static void related_text(struct texting *t, const struct node *n)
{
    struct story target;
    enum status st = story_by_key(t->s->v, n->related.key, PART_HEADLINE, &target);
    if (st && st != ST_NOTFOUND && !t->s->st)
        t->s->st = st;
    bool live = !st && readers_have(&target);
    struct out line = out_make(t->s->a, 256, 1 << 16);
    out_str(&line, live ? MESSAGE(t->s, "text-related", A_TEXT("headline", target.headline))
                        : n->related.text);
    if (live)
        add_url(t, &line, arena_fmt(t->s->a, "story:%.*s", FMT(n->related.key)));
    wrap(t, out_view(&line), STR_NONE, STR("  "));
}

static void block_text(struct texting *t, const struct node *n)
{
    str words;
    switch (n->kind) {
    case NODE_PARAGRAPH:
        wrap(t, inline_text(t, n), STR_NONE, STR_NONE);
        break;
    case NODE_CROSSHEAD:
        words = inline_text(t, n);
        wrap(t, words, STR_NONE, STR_NONE);
        for (size_t i = 0, w = text_width(words); i < w && i < TEXT_COLUMNS; i++)
            out_byte(t->o, '-');
        out_byte(t->o, '\n');
        break;
    case NODE_QUOTE:
        for (const struct node *p = n->first; p; p = p->next)
            wrap(t, inline_text(t, p), STR("> "), STR("> "));
        words = body_attribution(t->s, n);
        if (words.n)
            wrap(t, words, STR("> — "), STR(">   "));
        break;
    case NODE_PICTURE:
        picture_text(t, n);
        break;
    case NODE_RELATED:
        related_text(t, n);
        break;
    case NODE_BULLETS:
    case NODE_NUMBERS:
        list_text(t, n, STR_NONE);
        break;
    case NODE_TABLE:
        table_text(t, n);
        break;
    case NODE_CODE:
        for (str rest = code_text(n), line; rest.p;) {
            rest = str_cut(rest, '\n', &line);
            if (!t->st)
                t->st = text_cut(t->o, line, TEXT_COLUMNS, STR("    "));
        }
        break;
    case NODE_LINKCARD:
        out_fmt(t->o, "%.*s\n", FMT(n->linkcard.href));
        break;
    default:
        break;
    }
}

enum status body_text(struct sheet *s, const struct story_content *story, struct out *o, str *urls,
                      size_t *n, size_t max)
{
    struct texting t = {.s = s, .story = story, .o = o, .urls = urls, .n = *n, .max = max};
    for (const struct node *b = story->body ? story->body->first : NULL; b; b = b->next) {
        block_text(&t, b);
        if (b->next)
            out_byte(o, '\n');
    }
    *n = t.n;
    return t.st ? t.st : s->st;
}
