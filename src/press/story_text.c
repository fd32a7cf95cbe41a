/* A story as text for a terminal, in lines of 72 columns. */
#include "press/story_parts.h"

#include "text/wrap.h"

enum { URLS = 200 };

static str byline_text(struct making *m)
{
    struct sheet *s = m->s;
    str names[STORY_BYLINES], list = STR_NONE;
    size_t n = m->nauthors < STORY_BYLINES ? m->nauthors : STORY_BYLINES;
    if (!n)
        return STR_NONE;
    for (size_t i = 0; i < n; i++)
        names[i] = m->authors[i].name;
    enum status st = message_list_text(s->l, names, n, s->a, &list, s->err);
    if (st && !s->st)
        s->st = st;
    return MESSAGE(s, "text-byline", A_TEXT("names", list));
}

static void paragraph(struct making *m, struct out *o, str text)
{
    if (!text.n || m->s->st)
        return;
    m->s->st = text_wrap(o, text, TEXT_COLUMNS, STR_NONE, STR_NONE);
    out_byte(o, '\n');
}

static void headline_text(struct making *m, struct out *o, str words, char under)
{
    if (!m->s->st)
        m->s->st = text_wrap(o, words, TEXT_COLUMNS, STR_NONE, STR_NONE);
    for (size_t i = 0, w = text_width(words); i < w && i < TEXT_COLUMNS; i++)
        out_byte(o, under);
    out_byte(o, '\n');
}

static void head_text(struct making *m, struct out *o)
{
    struct sheet *s = m->s;
    str lines[] = {sheet_label(s, m->content.label), byline_text(m),
                   sheet_date(s, m->story.published_ms, DATE_TIME), story_change_line(m)};
    headline_text(m, o, m->content.headline, '=');
    out_byte(o, '\n');
    paragraph(m, o, m->content.standfirst);
    for (size_t i = 0; !s->st && i < COUNT(lines); i++)
        if (lines[i].n)
            s->st = text_wrap(o, lines[i], TEXT_COLUMNS, STR_NONE, STR_NONE);
    out_byte(o, '\n');
    if (m->content.picture && m->content.picture->caption.n)
        paragraph(m, o, MESSAGE(s, "text-picture", A_TEXT("caption", m->content.picture->caption)));
    paragraph(m, o, m->content.dateline);
}

static void background_text(struct making *m, struct out *o, str *urls, size_t *n)
{
    struct sheet *s = m->s;
    struct story b;
    struct story_content content;
    if (!story_background(m, &b, &content))
        return;
    i64 at = b.updated_ms ? b.updated_ms : b.published_ms;
    out_byte(o, '\n');
    headline_text(m, o, content.headline, '-');
    paragraph(m, o, MESSAGE(s, "background-of", A_TEXT("date", sheet_date(s, at, DATE_LONG))));
    enum status st = body_text(s, &content, o, urls, n, URLS);
    if (!s->st)
        s->st = st;
}

static void corrections_text(struct making *m, struct out *o)
{
    struct sheet *s = m->s;
    for (size_t i = 0; i < m->nrevisions; i++) {
        const struct revision *r = &m->revisions[i];
        if (r->kind != REV_CORRECTION && r->kind != REV_CLARIFICATION)
            continue;
        const char *key = r->kind == REV_CORRECTION ? "correction-of" : "clarification-of";
        out_byte(o, '\n');
        str heading = MESSAGE(s, key, A_TEXT("time", sheet_moment(s, r->at)));
        s->st = s->st ? s->st : text_wrap(o, heading, TEXT_COLUMNS, STR_NONE, STR_NONE);
        s->st = s->st ? s->st : text_wrap(o, r->note, TEXT_COLUMNS, STR_NONE, STR_NONE);
    }
}

enum status story_text(struct making *m, struct result *ret)
{
    struct sheet *s = m->s;
    struct out o = out_make(s->a, 16 << 10, STORY_TEXT_MAX);
    str *urls = arena_new(s->a, str, URLS);
    size_t n = 0;
    if (!urls)
        return ST_NOMEM;
    head_text(m, &o);
    enum status st = s->st ? s->st : body_text(s, &m->content, &o, urls, &n, URLS);
    if (st)
        return st;
    background_text(m, &o, urls, &n);
    corrections_text(m, &o);
    if (m->content.source.n) /* an address is of no use broken in two */
        out_fmt(&o, "\n%.*s\n", FMT(m->content.source));
    if (m->content.licence.n && !s->st) {
        out_byte(&o, '\n');
        s->st = text_wrap(&o, m->content.licence, TEXT_COLUMNS, STR_NONE, STR_NONE);
    }
    if (n)
        out_fmt(&o, "\n%.*s\n", FMT(sheet_message(s, "text-links", NULL, 0)));
    for (size_t i = 0; i < n; i++)
        out_fmt(&o, "[%zu] %.*s\n", i + 1, FMT(urls[i]));
    st = s->st ? s->st : out_status(&o);
    if (!st)
        *ret = (struct result){
            .status = 200, .type = STR("text/plain; charset=utf-8"), .body = out_view(&o)};
    return st;
}
