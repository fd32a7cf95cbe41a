#include "text/html.h"

#include "base/guard.h"

struct html_out html_make(struct arena *a, size_t guess, size_t max)
{
    return (struct html_out){.out = out_make(a, guess, max)};
}

void html_lit_(struct html_out *h, const char *lit, size_t n)
{
    out_str(&h->out, (str){lit, n});
}

static const str entities[] = {{NULL, 0},   {"&amp;", 5},  {"&lt;", 4},
                               {"&gt;", 4}, {"&quot;", 6}, {"&#39;", 5}};
/* Of each byte its place in entities; 0 for those that stand for themselves. */
static const u8 entity_of[256] = {['&'] = 1, ['<'] = 2, ['>'] = 3, ['"'] = 4, ['\''] = 5};

void html_text(struct html_out *h, str text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.n; i++) {
        u8 which = entity_of[(u8)text.p[i]];
        if (!which || !GUARD(escape_text))
            continue;
        out_str(&h->out, (str){text.p + from, i - from});
        out_str(&h->out, entities[which]);
        from = i + 1;
    }
    out_str(&h->out, str_from(text, from));
}

void html_add(struct html_out *h, html more)
{
    out_str(&h->out, more.s);
}

static bool scheme(str url, str name)
{
    return url.n > name.n && url.p[name.n] == ':' && str_eq_fold(str_head(url, name.n), name);
}

static bool plain_bytes(str url)
{
    for (size_t i = 0; i < url.n; i++)
        if ((u8)url.p[i] <= 0x20 || url.p[i] == 0x7F || url.p[i] == '\\')
            return false;
    return url.n > 0;
}

bool url_allowed(str url)
{
    static const str names[] = {{"http", 4}, {"https", 5}, {"mailto", 6}, {"tel", 3}, {"story", 5}};
    if (!plain_bytes(url))
        return false;
    for (size_t i = 0; i < COUNT(names); i++)
        if (scheme(url, names[i]))
            return i > 1 ||
                   (url.n > names[i].n + 3 && str_starts(str_from(url, names[i].n), STR("://")));
    return false;
}

bool html_url(struct html_out *h, str url)
{
    bool path = url.n && url.p[0] == '/' && !str_starts(url, STR("//")) && plain_bytes(url);
    bool ok = path || (url_allowed(url) && !scheme(url, STR("story")));
    if (!ok && GUARD(url_allowlist)) {
        out_c(&h->out, "#");
        return false;
    }
    html_text(h, url);
    return true;
}

html html_view(const struct html_out *h)
{
    return (html){out_view(&h->out)};
}

html html_escaped(struct arena *a, str text)
{
    struct html_out h = html_make(a, text.n + 16, (size_t)1 << 30);
    html_text(&h, text);
    return html_view(&h);
}

html html_none(void)
{
    return (html){STR_NONE};
}

html html_json(struct arena *a, str json)
{
    struct out o = out_make(a, json.n + 64, (size_t)1 << 30);
    size_t from = 0;
    for (size_t i = 0; i < json.n; i++) {
        char c = json.p[i];
        if ((c != '<' && c != '>' && c != '&') || !GUARD(escape_json))
            continue;
        out_str(&o, (str){json.p + from, i - from});
        out_fmt(&o, "\\u%04x", c);
        from = i + 1;
    }
    out_str(&o, str_from(json, from));
    return (html){out_view(&o)};
}
