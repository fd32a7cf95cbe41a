/* The document that a merge and what was picked come to (text/merge_parts.h), in the form that
 * document_check asks for. What one alone changed is taken as it is; what is put together of two is
 * brought into form here: no blank at an edge, neighbours with the same marks one, and so on. */
#include <unicode/uchar.h>

#include "text/merge_parts.h"

struct building {
    const struct merge *m;
    struct arena *a;
    const enum merge_pick *picks;
    size_t npicks;
};
struct siblings {
    struct node *first, **end;
};

/* ---- what is picked ---- */

static enum merge_pick picked(const struct building *b, const struct pick *p)
{
    return p->number < b->npicks ? b->picks[p->number] : PICK_NONE;
}

/* Scripts that write no blanks between words. */
static bool unspaced(UChar32 c)
{
    int32_t lb = u_getIntPropertyValue(c, UCHAR_LINE_BREAK);
    return lb == U_LB_IDEOGRAPHIC || lb == U_LB_COMPLEX_CONTEXT || lb == U_LB_NONSTARTER ||
           lb == U_LB_CONDITIONAL_JAPANESE_STARTER;
}

static UChar32 first_of(const struct token *t)
{
    size_t i = 0;
    return (UChar32)utf8_next((str){t->p, t->n}, &i);
}

enum status pick_tokens(const struct pick *p, enum merge_pick how, struct arena *a,
                        struct tokens *ret)
{
    static const struct token gap = {.p = " ", .n = 1, .kind = TOKEN_BLANK};
    struct tokens m = p->words[MINE], t = p->words[THEIRS];
    if (how == PICK_MINE || how == PICK_THEIRS || !m.n || !t.n) {
        *ret = how == PICK_MINE || (how != PICK_THEIRS && !t.n) ? m : t;
        return ST_OK;
    }
    const struct token *last = &m.at[m.n - 1];
    bool blank = last->id == PARTS_WORDS, blank_too = t.at[0].id == PARTS_WORDS;
    size_t drop = blank && blank_too && t.at[0].kind == TOKEN_BLANK; /* not two blanks */
    bool part = !blank && !blank_too && !(unspaced(first_of(last)) && unspaced(first_of(t.at)));
    struct token *list = arena_new(a, struct token, m.n + t.n + 1);
    if (!list)
        return ST_NOMEM;
    memcpy(list, m.at, m.n * sizeof *list);
    if (part)
        list[m.n] = gap;
    memcpy(list + m.n + part, t.at + drop, (t.n - drop) * sizeof *list);
    *ret = (struct tokens){list, m.n + part + t.n - drop};
    return ST_OK;
}

/* ---- words to texts ---- */

static struct node *put(struct arena *a, struct siblings *to, struct node n)
{
    struct node *k = arena_new(a, struct node, 1);
    if (!k)
        return NULL;
    *k = n;
    k->next = NULL;
    *to->end = k;
    to->end = &k->next;
    return k;
}

enum { EDGES = MARK_LINK | MARK_STRONG | MARK_EMPHASIS };

static bool same_marks(const struct node *a, const struct node *b)
{
    return a->kind == NODE_TEXT && b->kind == NODE_TEXT && a->t.marks == b->t.marks &&
           str_eq(a->t.href, b->t.href);
}

static bool blanks(const struct node *n)
{
    for (size_t i = 0; i < n->t.text.n; i++)
        if (n->t.text.p[i] != ' ')
            return false;
    return true;
}

/* Each text in up to three: the blanks before, the words, the blanks behind. */
static struct node *part_blanks(struct arena *a, const struct node *n)
{
    struct siblings to = {.end = &to.first};
    for (; n; n = n->next) {
        struct node part = *n;
        str s = n->t.text;
        size_t lead = 0, tail = 0;
        while (n->kind == NODE_TEXT && lead < s.n && s.p[lead] == ' ')
            lead++;
        while (n->kind == NODE_TEXT && lead + tail < s.n && s.p[s.n - 1 - tail] == ' ')
            tail++;
        const str cut[] = {
            str_head(s, lead), {s.p + lead, s.n - lead - tail}, str_from(s, s.n - tail)};
        if (n->kind == NODE_BREAK && !put(a, &to, part))
            return NULL;
        for (size_t i = 0; n->kind == NODE_TEXT && i < COUNT(cut); i++) {
            part.t.text = cut[i];
            if (cut[i].n && !put(a, &to, part))
                return NULL;
        }
    }
    return to.first;
}

/* Blanks at an edge go; those within keep the marks that the words on both sides have. */
static void trim_blanks(struct node **first)
{
    struct node *word = NULL; /* the one before */
    for (struct node **at = first; *at;) {
        struct node *n = *at, *end = n;
        if (n->kind != NODE_TEXT || !blanks(n)) {
            word = n;
            at = &n->next;
            continue;
        }
        unsigned marks = EDGES;
        for (; end && end->kind == NODE_TEXT && blanks(end); end = end->next)
            marks &= end->t.marks;
        bool edge = !word || word->kind == NODE_BREAK || !end || end->kind == NODE_BREAK;
        if (edge) {
            *at = end;
            continue;
        }
        marks &= word->t.marks & end->t.marks;
        if (!str_eq(word->t.href, end->t.href))
            marks &= ~(unsigned)MARK_LINK;
        for (; n != end; n = n->next) {
            n->t.marks = (n->t.marks & ~(unsigned)EDGES) | marks;
            n->t.href = marks & MARK_LINK ? word->t.href : STR_NONE;
            at = &n->next;
        }
    }
}

/* Line breaks where there is nothing to break go; in what can't hold one they are blanks. */
static void trim_breaks(struct node **first, enum node_kind in)
{
    bool open = false;
    for (struct node **at = first; *at;) {
        struct node *n = *at;
        if (n->kind == NODE_BREAK && in != NODE_PARAGRAPH) {
            *n = (struct node){.kind = NODE_TEXT, .next = n->next};
            n->t.text = STR(" ");
        } else if (n->kind == NODE_BREAK && (!open || !n->next)) {
            *at = n->next;
            continue;
        }
        open = n->kind != NODE_BREAK;
        at = &n->next;
    }
}

/* A run of insertion that isn't "[...]" any more is text. */
static void mend_insertions(struct node *first)
{
    for (struct node *n = first, *end; n; n = end == n ? n->next : end) {
        bool open = false, ok = true;
        for (end = n; end && end->kind == NODE_TEXT && (end->t.marks & MARK_INSERTION);
             end = end->next)
            for (size_t i = 0; i < end->t.text.n; i++) {
                char c = end->t.text.p[i];
                ok &= c == '[' ? !open : open;
                open = c != ']';
            }
        for (struct node *k = n; k != end; k = k->next)
            if (!ok || open)
                k->t.marks &= ~(unsigned)MARK_INSERTION;
    }
}

static enum status join_texts(struct arena *a, struct node *first)
{
    for (struct node *n = first; n; n = n->next) {
        struct node *end = n->next;
        size_t total = n->t.text.n;
        if (n->kind != NODE_TEXT)
            continue;
        for (; end && same_marks(n, end); end = end->next)
            total += end->t.text.n;
        if (end == n->next)
            continue;
        char *p = arena_raw(a, total);
        size_t to = 0;
        if (!p)
            return ST_NOMEM;
        for (const struct node *k = n; k != end; to += k->t.text.n, k = k->next)
            memcpy(p + to, k->t.text.p, k->t.text.n);
        n->t.text = (str){p, total};
        n->next = end;
    }
    return ST_OK;
}

/* Brings what stands in parent, a list of our own nodes, into form. */
static enum status bring_into_form(struct arena *a, struct node *parent)
{
    parent->first = part_blanks(a, parent->first);
    if (a->oom)
        return ST_NOMEM;
    trim_breaks(&parent->first, parent->kind);
    trim_blanks(&parent->first);
    trim_breaks(&parent->first, parent->kind);
    mend_insertions(parent->first);
    return join_texts(a, parent->first);
}

/* A paragraph that holds only a story's link or an address is a card. */
static enum status make_card(struct arena *a, struct node *n)
{
    const struct node *first = n->first;
    if (n->kind != NODE_PARAGRAPH || !first || first->kind != NODE_TEXT)
        return ST_OK;
    struct node card = {.kind = NODE_RELATED};
    const struct node *k = first;
    while (k && k->kind == NODE_TEXT && (k->t.marks & MARK_LINK) &&
           str_eq(k->t.href, first->t.href))
        k = k->next;
    if (!k && str_starts(first->t.href, STR("story:"))) {
        struct out o = out_make(a, 128, 4 * DOCUMENT_BYTES);
        document_plain(n, &o);
        card.related.key = str_from(first->t.href, 6);
        card.related.text = out_view(&o);
        *n = card;
        return out_status(&o);
    }
    if (!first->next && first->t.marks == 0 && url_bare(first->t.text)) {
        card.kind = NODE_LINKCARD;
        card.linkcard.href = first->t.text;
        *n = card;
    }
    return ST_OK;
}

/* ---- parts to nodes ---- */

static enum status put_nodes(struct arena *a, struct siblings *to, const struct nodes *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (!put(a, to, *list->at[i]))
            return ST_NOMEM;
    return ST_OK;
}

/* Where texts go: the end of a block's list, and the text that was put there last. */
struct texts {
    struct node **end, *last;
    const struct node *from;
};

static enum status put_text(struct arena *a, struct texts *to, const struct token *one)
{
    struct node *last = to->last;
    bool text = one->kind != TOKEN_BREAK;
    if (text && last && to->from == one->from && last->t.text.p + last->t.text.n == one->p) {
        last->t.text.n += one->n; /* goes on where the last one ended */
        return ST_OK;
    }
    struct node *n = arena_new(a, struct node, 1);
    if (!n)
        return ST_NOMEM;
    if (one->from && text)
        *n = *one->from;
    n->kind = text ? NODE_TEXT : NODE_BREAK;
    n->next = NULL;
    if (text)
        n->t.text = (str){one->p, one->n};
    *to->end = n;
    *to = (struct texts){&n->next, text ? n : NULL, one->from};
    return ST_OK;
}

/* Words into nodes, a new one of `to` where a block begins. */
static enum status put_words(struct arena *a, struct siblings *to, struct texts *texts,
                             struct tokens t)
{
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < t.n; i++) {
        if (t.at[i].kind != TOKEN_BLOCK) {
            st = put_text(a, texts, &t.at[i]);
            continue;
        }
        struct node head = *t.at[i].from;
        head.first = NULL;
        struct node *n = put(a, to, head);
        if (!n)
            return ST_NOMEM;
        *texts = (struct texts){.end = &n->first};
    }
    return st;
}

static enum status flow_tokens(const struct building *b, const struct seg *seg, struct tokens *ret)
{
    *ret = seg->words;
    if (seg->gone)
        ret->n = 0;
    return seg->pick ? pick_tokens(seg->pick, picked(b, seg->pick), b->a, ret) : ST_OK;
}

/* Code is one text. */
static enum status put_code(struct building *b, struct siblings *to, const struct part *p)
{
    struct out o = out_make(b->a, 1024, 4 * DOCUMENT_BYTES);
    struct node code = p->shell;
    enum status st = ST_OK;
    for (const struct seg *seg = p->segs; !st && seg; seg = seg->next) {
        struct tokens t;
        st = flow_tokens(b, seg, &t);
        for (size_t i = 0; !st && i < t.n; i++)
            out_str(&o, (str){t.at[i].p, t.at[i].n});
    }
    st = st ? st : out_status(&o);
    if (st)
        return st;
    if (out_view(&o).n) {
        code.first = arena_new(b->a, struct node, 1);
        if (!code.first)
            return ST_NOMEM;
        code.first->kind = NODE_TEXT;
        code.first->t.text = out_view(&o);
    }
    return put(b->a, to, code) ? ST_OK : ST_NOMEM;
}

static enum status finish_blocks(struct arena *a, struct node **first, enum node_kind in)
{
    enum status st = ST_OK;
    for (struct node **at = first; !st && *at;) {
        struct node *n = *at;
        st = bring_into_form(a, n);
        if (!st && in == NODE_DOC)
            st = make_card(a, n);
        bool empty = node_holds(n->kind) == 'i' && n->kind != NODE_CELL && !n->first;
        struct node *next = n->next;
        if (empty)
            *at = next;
        else
            at = &n->next;
    }
    return st;
}

static enum status put_flow(struct building *b, struct siblings *to, const struct part *p,
                            enum node_kind in)
{
    struct siblings blocks = {.end = &blocks.first};
    struct texts texts = {0};
    enum status st = ST_OK;
    if (p->shell.kind != NODE_DOC) {
        struct node *n = put(b->a, &blocks, p->shell);
        if (!n)
            return ST_NOMEM;
        texts.end = &n->first;
    }
    for (const struct seg *seg = p->segs; !st && seg; seg = seg->next) {
        struct tokens t;
        st = flow_tokens(b, seg, &t);
        st = st ? st : put_words(b->a, &blocks, &texts, t);
    }
    st = st ? st : finish_blocks(b->a, &blocks.first, in);
    for (const struct node *n = blocks.first; !st && n; n = n->next)
        st = put(b->a, to, *n) ? ST_OK : ST_NOMEM;
    return st;
}

static void apply_attrs(const struct building *b, struct node *n, const struct pick *p)
{
    for (; p; p = p->next)
        memcpy((char *)n + p->offset, &p->attr[picked(b, p) == PICK_THEIRS ? THEIRS : MINE],
               sizeof(str));
}

/* An item begins with a paragraph: what one that lost it holds of lists goes up a level. */
static void lift_items(struct node *list)
{
    for (struct node **at = &list->first; *at;) {
        struct node *item = *at, *inner = item->first;
        if (inner && inner->kind == NODE_PARAGRAPH) {
            at = &item->next;
            continue;
        }
        if (!inner) {
            *at = item->next;
            continue;
        }
        struct node *last = inner->first;
        while (last->next)
            last = last->next;
        struct node **end = &last->first;
        while (*end)
            end = &(*end)->next;
        *end = inner->next;
        last->next = item->next;
        *at = inner->first;
    }
}

/* A column has the alignment that its head has. */
static void align_columns(struct node *table)
{
    for (struct node *row = table->first; row; row = row->next) {
        const struct node *head = table->first->first;
        for (struct node *cell = row->first; cell && head; cell = cell->next, head = head->next)
            cell->cell.align = head->cell.align;
    }
}

static enum status put_parts(struct building *b, struct siblings *to, const struct part *p,
                             enum node_kind in);

static enum status put_box(struct building *b, struct siblings *to, const struct part *p)
{
    struct node box = p->shell;
    struct siblings children = {.end = &children.first};
    apply_attrs(b, &box, p->attrs);
    enum status st = put_parts(b, &children, p->first, box.kind);
    if (st)
        return st;
    box.first = children.first;
    if (box.kind == NODE_BULLETS || box.kind == NODE_NUMBERS)
        lift_items(&box);
    else if (box.kind == NODE_TABLE)
        align_columns(&box);
    if (!box.first && box.kind != NODE_ITEM)
        return ST_OK;
    return put(b->a, to, box) ? ST_OK : ST_NOMEM;
}

static enum status put_pick(struct building *b, struct siblings *to, const struct pick *p)
{
    enum merge_pick how = picked(b, p);
    enum status st = ST_OK;
    if (how != PICK_THEIRS)
        st = put_nodes(b->a, to, &p->blocks[MINE]);
    if (!st && how != PICK_MINE)
        st = put_nodes(b->a, to, &p->blocks[THEIRS]);
    return st;
}

static enum status put_parts(struct building *b, struct siblings *to, const struct part *p,
                             enum node_kind in)
{
    enum status st = ST_OK;
    for (; !st && p; p = p->next) {
        if (p->gone)
            continue;
        if (p->whole.n)
            st = put_nodes(b->a, to, &p->whole);
        else if (p->kind == PART_PICK)
            st = put_pick(b, to, p->pick);
        else if (p->kind == PART_BOX)
            st = put_box(b, to, p);
        else if (p->shell.kind == NODE_CODE)
            st = put_code(b, to, p);
        else if (p->kind == PART_FLOW)
            st = put_flow(b, to, p, in);
    }
    return st;
}

static bool count(void *n, const struct node *node)
{
    (void)node;
    return ++*(size_t *)n <= DOCUMENT_NODES + 1;
}

enum status merge_document(const struct merge *m, const enum merge_pick *picks, size_t npicks,
                           struct arena *a, struct node **ret)
{
    struct building b = {.m = m, .a = a, .picks = picks, .npicks = npicks};
    struct node *doc = arena_new(a, struct node, 1);
    if (!doc)
        return ST_NOMEM;
    struct siblings to = {.end = &doc->first};
    enum status st = put_parts(&b, &to, m->parts, NODE_DOC);
    size_t n = 0;
    if (st)
        return st;
    document_walk(doc, count, &n);
    if (n > DOCUMENT_NODES + 1)
        return ST_TOOLARGE;
    st = document_check(doc, NULL);
    if (st)
        return st == ST_NOMEM ? st : ST_BUG;
    *ret = doc;
    return ST_OK;
}

enum status merge_text(const struct merge *m, const enum merge_pick *picks, size_t npicks,
                       struct arena *a, str *ret)
{
    struct building b = {.m = m, .a = a, .picks = picks, .npicks = npicks};
    struct siblings to = {.end = &to.first};
    enum status st = put_code(&b, &to, m->parts);
    if (!st)
        *ret = to.first->first ? to.first->first->t.text : STR_NONE;
    return st;
}

/* ---- one alternative, to be read ---- */

enum status pick_markdown(const struct pick *p, enum version v, struct arena *a, str *ret)
{
    struct node doc = {.kind = NODE_DOC}, box = {.kind = NODE_DOC}, head = {.kind = NODE_PARAGRAPH};
    struct siblings to = {.end = &doc.first};
    enum status st = ST_OK;
    if (p->kind == PICKS_ATTR) {
        *ret = p->attr[v];
        return ST_OK;
    }
    if (p->in == NODE_CODE)
        return tokens_text(a, p->words[v], ret);
    if (p->kind == PICKS_WORDS) {
        struct node *n = put(a, &to, head);
        if (!n)
            return ST_NOMEM;
        struct texts texts = {.end = &n->first};
        st = put_words(a, &to, &texts, p->words[v]);
        st = st ? st : finish_blocks(a, &doc.first, NODE_PARAGRAPH);
    } else {
        bool boxed = p->in == NODE_TABLE || p->in == NODE_BULLETS || p->in == NODE_NUMBERS;
        box.kind = boxed ? p->in : NODE_DOC;
        st = put_nodes(a, &to, &p->blocks[v]);
        if (boxed && doc.first) {
            box.first = doc.first;
            doc.first = &box;
        }
    }
    struct out o = out_make(a, 512, 8 * DOCUMENT_BYTES);
    if (!st)
        document_to_markdown(&doc, &o);
    st = st ? st : out_status(&o);
    if (!st)
        *ret = str_trim(out_view(&o));
    return st;
}
