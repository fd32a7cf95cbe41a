#include "press/letter.h"

#include "press/sheet.h"

static enum status open(struct sheet *s, struct view *v, struct theme *theme, str edition)
{
    struct page_key k = {.kind = PAGE_ERROR};
    enum status st = sheet_open(s, v, theme, &k, edition);
    if (st == ST_NOTFOUND) /* the edition is gone */
        st = sheet_open(s, v, theme, &k, STR_NONE);
    return st == ST_NOTFOUND ? fail(v->err, ST_CONFLICT, "the site has no edition yet") : st;
}

static const char *key_of(struct sheet *s, const struct mail *m, const char *part)
{
    return arena_cstr(s->a, arena_fmt(s->a, "mail-%s-%s", mail_name(m->kind), part));
}

/* Roles are kept as the program's words; in a notice without any they are none. */
static str told(struct sheet *s, const struct mail *m)
{
    unsigned roles = 0;
    if (m->kind != MAIL_ROLES)
        return m->words;
    if (m->words.n && roles_read(m->words, &roles)) {
        s->st = s->st ? s->st : fail(s->err, ST_CORRUPT, "a message names no roles");
        return STR_NONE;
    }
    return roles ? sheet_roles(s, roles) : sheet_message(s, "mail-no-roles", NULL, 0);
}

static str address(struct sheet *s, const char *path)
{
    return arena_fmt(s->a, "%.*s%s", FMT(theme_base_url(s->theme)), path);
}

/* The lines by themselves: a link that stands in a sentence is cut by programs that read mail. */
static str text_of(struct sheet *s, const struct mail *m)
{
    str when = sheet_date(s, m->path.n ? m->until_ms : m->at, DATE_TIME);
    const struct arg args[] = {A_TEXT("site", s->edition->name), A_TEXT("email", m->email),
                               A_TEXT("words", told(s, m)), A_TEXT("when", when)};
    str what = sheet_message(s, key_of(s, m, "words"), args, COUNT(args));
    bool link = m->path.n > 0;
    str end = sheet_message(s, link ? "mail-end-link" : "mail-end-notice", NULL, 0);
    str to = link ? address(s, arena_cstr(s->a, m->path)) : address(s, "/desk/forgotten");
    return link ? arena_fmt(s->a, "%.*s\n\n%.*s\n\n%.*s\n", FMT(what), FMT(to), FMT(end))
                : arena_fmt(s->a, "%.*s\n\n%.*s\n\n%.*s\n", FMT(what), FMT(end), FMT(to));
}

enum status letter_write(struct view *v, struct theme *theme, const struct mail *m,
                         struct letter *ret)
{
    struct sheet s;
    enum status st = open(&s, v, theme, m->edition);
    if (st)
        return st;
    struct letter l = {.from_name = s.edition->name,
                       .subject =
                           MESSAGE(&s, key_of(&s, m, "subject"), A_TEXT("site", s.edition->name)),
                       .text = text_of(&s, m)};
    if (s.st || s.a->oom)
        return s.st ? s.st : ST_NOMEM;
    *ret = l;
    return ST_OK;
}
