#include "press/removed.h"

#include "base/guard.h"
#include "text/html.h"
#include "text/json.h"
#include "text/story_cut.h"

enum { SHOWN_MAX = 16 << 20 };

/* Elements whose inside is text and nothing else. */
static bool plain_inside(str tag)
{
    static const char *const names[] = {"title", "script", "option", "textarea"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_starts(str_from(tag, 1), str_c(names[i])))
            return true;
    return false;
}

/* Whether elements can stand where the page goes on. */
static bool in_text(str before)
{
    size_t n = before.n;
    while (n && before.p[n - 1] != '<' && before.p[n - 1] != '>')
        n--;
    if (!n || before.p[n - 1] == '<') /* within a tag */
        return false;
    while (n && before.p[n - 1] != '<')
        n--;
    return n && !plain_inside(str_from(before, n - 1));
}

/* As the inside of a JSON string; in a page's own data '<' and the like are escaped as well. */
static str as_json(struct arena *a, str words)
{
    struct out o = out_make(a, 64, 4096);
    json_put(&o, words);
    str s = html_json(a, out_view(&o)).s;
    return s.n > 2 ? str_head(str_from(s, 1), s.n - 2) : STR_NONE;
}

static bool in_data(str before)
{
    ptrdiff_t at = -1;
    for (size_t i = before.n; i > 0 && at < 0; i--)
        if (before.p[i - 1] == '<')
            at = (ptrdiff_t)i - 1;
    return at >= 0 && str_starts(str_from(before, (size_t)at), STR("<script"));
}

enum status removed_show(struct sheet *s, str type, str *body)
{
    str mark = STR(REMOVED_MARK), rest = *body;
    ptrdiff_t at = str_find(rest, mark);
    if (at < 0 || !GUARD(removal_shown))
        return ST_OK;
    str words = sheet_message(s, "removed-by-order", NULL, 0);
    str escaped = html_escaped(s->a, words).s, data = as_json(s->a, words);
    bool page = str_starts(type, STR("text/html"));
    bool markup = page || str_find(type, STR("xml")) >= 0, json = str_find(type, STR("json")) >= 0;
    struct out o = out_make(s->a, body->n + 4096, SHOWN_MAX);
    for (; at >= 0; at = str_find(rest, mark)) {
        str before = str_head(*body, (size_t)(rest.p - body->p) + (size_t)at);
        out_str(&o, str_head(rest, (size_t)at));
        if (json || (page && in_data(before)))
            out_str(&o, data);
        else if (page && in_text(before))
            out_fmt(&o, "<span class=\"removed\">%.*s</span>", FMT(escaped));
        else
            out_str(&o, markup ? escaped : words);
        rest = str_from(rest, (size_t)at + mark.n);
    }
    out_str(&o, rest);
    enum status st = s->st ? s->st : out_status(&o);
    if (!st)
        *body = out_view(&o);
    return st;
}
