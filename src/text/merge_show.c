/* A merge in reading order, for a person (text/merge_parts.h): numbers the choices and lists the
 * pieces. */
#include "text/merge_parts.h"

struct showing {
    struct merge *m;
    struct arena *a;
    size_t npicks, pieces_cap;
    struct pick *first, **end; /* in reading order */
    bool begins;               /* the next piece begins a block */
    enum node_kind kind;
    enum merge_by moved; /* of the first that begins */
};

static void begin(struct showing *s, enum node_kind kind)
{
    s->begins = true;
    s->kind = kind;
}

static enum status piece(struct showing *s, enum merge_by by, bool gone, size_t choice, str text)
{
    struct merge *m = s->m;
    struct merge_piece p = {.by = by, .gone = gone, .choice = choice, .text = text};
    if (!text.n && !s->begins && by != BY_CHOICE)
        return ST_OK;
    if (!arena_grow(s->a, m->pieces, m->npieces, &s->pieces_cap))
        return ST_NOMEM;
    if (s->begins) {
        p.begins = true;
        p.kind = s->kind;
        p.moved = s->moved;
        s->moved = BY_NOBODY;
    }
    s->begins = false;
    m->pieces[m->npieces++] = p;
    return ST_OK;
}

/* ---- blocks as text ---- */

str quote_attribution(const struct node *n, struct arena *a)
{
    const str parts[] = {n->quote.speaker, n->quote.role, n->quote.venue, n->quote.date};
    struct out o = out_make(a, 512, DOCUMENT_BYTES);
    for (size_t i = 0; i < COUNT(parts); i++)
        if (parts[i].n) {
            out_c(&o, out_view(&o).n ? ", " : "— ");
            out_str(&o, parts[i]);
        }
    return out_view(&o);
}

static enum status markdown_of(struct arena *a, struct node doc, str *ret)
{
    struct out o = out_make(a, 512, 8 * DOCUMENT_BYTES);
    document_to_markdown(&doc, &o);
    enum status st = out_status(&o);
    if (!st)
        *ret = str_trim(out_view(&o));
    return st;
}

static enum status node_text(struct arena *a, const struct node *n, str *ret)
{
    if (node_holds(n->kind) == '-') {
        struct node copy = *n;
        copy.next = NULL;
        return markdown_of(a, (struct node){.kind = NODE_DOC, .first = &copy}, ret);
    }
    struct out o = out_make(a, 512, 4 * DOCUMENT_BYTES);
    document_plain(n, &o);
    enum status st = out_status(&o);
    if (!st)
        *ret = out_view(&o);
    return st;
}

static enum status show_node(struct showing *s, const struct node *n, enum merge_by by, bool gone)
{
    char holds = node_holds(n->kind);
    enum status st = ST_OK;
    str text = STR_NONE;
    if (holds == 'i' || holds == 't' || holds == '-') {
        begin(s, n->kind);
        st = node_text(s->a, n, &text);
        return st ? st : piece(s, by, gone, 0, text);
    }
    for (const struct node *k = n->first; !st && k; k = k->next)
        st = show_node(s, k, by, gone);
    if (st || n->kind != NODE_QUOTE || !(text = quote_attribution(n, s->a)).n)
        return st;
    begin(s, NODE_QUOTE);
    return piece(s, by, gone, 0, text);
}

/* ---- choices ---- */

static enum status pick_text(struct showing *s, const struct pick *p, str *ret)
{
    if (p->kind == PICKS_ATTR) {
        *ret = p->attr[MINE];
        return ST_OK;
    }
    if (p->kind == PICKS_WORDS) {
        struct tokens t;
        enum status st = pick_tokens(p, PICK_NONE, s->a, &t);
        return st ? st : tokens_text(s->a, t, ret);
    }
    struct out o = out_make(s->a, 512, 8 * DOCUMENT_BYTES);
    for (int v = MINE; v <= THEIRS; v++)
        for (size_t i = 0; i < p->blocks[v].n; i++) {
            str text = STR_NONE;
            enum status st = node_text(s->a, p->blocks[v].at[i], &text);
            if (st)
                return st;
            if (out_view(&o).n)
                out_byte(&o, '\n');
            out_str(&o, text);
            if (p->blocks[v].at[i]->kind == NODE_QUOTE) {
                out_byte(&o, '\n');
                out_str(&o, quote_attribution(p->blocks[v].at[i], s->a));
            }
        }
    *ret = out_view(&o);
    return out_status(&o);
}

static enum status choose(struct showing *s, struct pick *p)
{
    str text = STR_NONE;
    p->number = s->npicks++;
    *s->end = p;
    s->end = &p->following;
    enum status st = pick_text(s, p, &text);
    return st ? st : piece(s, BY_CHOICE, false, p->number, text);
}

static enum status list_choices(struct showing *s)
{
    struct merge *m = s->m;
    m->choices = arena_new(s->a, struct merge_choice, s->npicks);
    if (!m->choices)
        return ST_NOMEM;
    m->nchoices = s->npicks;
    for (const struct pick *p = s->first; p; p = p->following) {
        struct merge_choice *c = &m->choices[p->number];
        *c = (struct merge_choice){.number = p->number, .block = p->kind == PICKS_BLOCKS};
        enum status st = pick_markdown(p, BASE, s->a, &c->base);
        st = st ? st : pick_markdown(p, MINE, s->a, &c->mine);
        st = st ? st : pick_markdown(p, THEIRS, s->a, &c->theirs);
        if (st)
            return st;
    }
    return ST_OK;
}

/* ---- parts ---- */

static enum status show_words(struct showing *s, const struct seg *seg)
{
    struct tokens t = seg->words;
    enum status st = ST_OK;
    for (size_t i = 0, from = 0; !st && i <= t.n; i++) {
        bool block = i < t.n && t.at[i].kind == TOKEN_BLOCK && !seg->gone;
        if (i < t.n && !block)
            continue;
        str text = STR_NONE;
        st = tokens_text(s->a, token_cut(t, from, i - from), &text);
        if (!st && (text.n || (block && s->begins)))
            st = piece(s, seg->by, seg->gone, 0, text);
        if (block)
            begin(s, t.at[i].from->kind);
        from = i + 1;
    }
    return st;
}

static enum status show_flow(struct showing *s, const struct part *p)
{
    enum status st = ST_OK;
    if (p->shell.kind != NODE_DOC)
        begin(s, p->shell.kind);
    for (const struct seg *seg = p->segs; !st && seg; seg = seg->next)
        st = seg->pick ? choose(s, seg->pick) : show_words(s, seg);
    for (struct pick *pick = p->attrs; !st && pick; pick = pick->next)
        st = choose(s, pick);
    return st || !s->begins ? st : piece(s, BY_NOBODY, false, 0, STR_NONE);
}

static enum status show(struct showing *s, const struct part *p);

static enum status show_box(struct showing *s, const struct part *p)
{
    enum status st = show(s, p->first);
    if (!st && p->shell.kind == NODE_QUOTE) {
        str text = quote_attribution(&p->shell, s->a);
        if (text.n) {
            begin(s, NODE_QUOTE);
            st = piece(s, p->by, false, 0, text);
        }
    }
    for (struct pick *pick = p->attrs; !st && pick; pick = pick->next)
        st = choose(s, pick);
    return st;
}

static enum status show(struct showing *s, const struct part *p)
{
    enum status st = ST_OK;
    for (; !st && p; p = p->next) {
        if (p->moved != BY_NOBODY)
            s->moved = p->moved;
        switch (p->kind) {
        case PART_WHOLE:
            for (size_t i = 0; !st && i < p->whole.n; i++)
                st = show_node(s, p->whole.at[i], p->by, p->gone);
            break;
        case PART_FLOW:
            st = show_flow(s, p);
            break;
        case PART_BOX:
            st = show_box(s, p);
            break;
        case PART_PICK:
            begin(s, p->pick->blocks[p->pick->blocks[MINE].n ? MINE : THEIRS].at[0]->kind);
            st = choose(s, p->pick);
            break;
        }
    }
    return st;
}

enum status merge_show(struct merge *m)
{
    struct showing s = {.m = m, .a = m->a};
    s.end = &s.first;
    enum status st = show(&s, m->parts);
    return st ? st : list_choices(&s);
}
