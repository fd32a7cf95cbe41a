/* test/app/plain.h: what a page says, without the marks around it: for comparing with what was
 * written. All results are in the arena, with each run of white space as one blank. */
#ifndef TEST_APP_PLAIN_H
#define TEST_APP_PLAIN_H

#include "base/arena.h"
#include "text/json.h"

static inline str plain_blanks(struct arena *a, str s)
{
    char *p = arena_bytes(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool nbsp = s.n - i > 1 && memcmp(s.p + i, "\xC2\xA0", 2) == 0;
        i += nbsp;
        if (!nbsp && !strchr(" \t\r\n", s.p[i]))
            p[n++] = s.p[i];
        else if (n && p[n - 1] != ' ')
            p[n++] = ' ';
    }
    return str_trim((str){p, n});
}

/* The five entities and numbers in decimal or hexadecimal: what pages use. An '&' that begins none
 * is an error: *bad is set. */
static inline str plain_entities(struct arena *a, str s, bool *bad)
{
    static const struct {
        str name;
        char is;
    } names[] = {{{"amp", 3}, '&'},
                 {{"lt", 2}, '<'},
                 {{"gt", 2}, '>'},
                 {{"quot", 4}, '"'},
                 {{"apos", 4}, '\''}};
    char *p = arena_bytes(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        str name;
        if (s.p[i] != '&') {
            p[n++] = s.p[i];
            continue;
        }
        str rest = str_cut(str_from(s, i + 1), ';', &name);
        size_t was = n;
        for (size_t k = 0; k < COUNT(names); k++)
            if (rest.p && str_eq(name, names[k].name))
                p[n++] = names[k].is;
        if (n == was && rest.p && name.n > 1 && name.n < 9 && name.p[0] == '#') {
            bool hex = name.p[1] == 'x';
            n += utf8_put((u32)strtoul(name.p + (hex ? 2 : 1), NULL, hex ? 16 : 10), p + n);
        }
        if (n == was)
            *bad = true;
        i += name.n + 1;
    }
    return (str){p, n};
}

/* The end of the tag that begins at s: one past its '>', which may not stand in quotation marks. */
static inline size_t plain_tag(str s)
{
    char quote = 0;
    for (size_t i = 1; i < s.n; i++) {
        if (quote ? s.p[i] == quote : s.p[i] == '"' || s.p[i] == '\'')
            quote = quote ? '\0' : s.p[i];
        else if (!quote && s.p[i] == '>')
            return i + 1;
    }
    return s.n;
}

/* "p" for <p class="x">, "/p" for its end. */
static inline str plain_tag_name(str tag)
{
    size_t n = 1;
    while (n < tag.n && !strchr(" \t\r\n>", tag.p[n]))
        n++;
    return (str){tag.p + 1, n - 1};
}

static inline bool plain_within_a_line(str name)
{
    static const char *const inline_tags[] = {"a",   "abbr", "b", "bdi", "cite",   "code", "em",
                                              "ins", "i",    "q", "s",   "strong", "span", "time"};
    if (name.n && name.p[0] == '/')
        name = str_from(name, 1);
    for (size_t i = 0; i < COUNT(inline_tags); i++)
        if (str_eq(name, str_c(inline_tags[i])))
            return true;
    return false;
}

/* The text of a page as it stands: blocks parted by a newline, entities read, scripts left out. */
static inline str plain_html_lines(struct arena *a, str page, bool *bad)
{
    char *p = arena_bytes(a, page.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < page.n; i++) {
        if (page.p[i] != '<') {
            p[n++] = page.p[i];
            continue;
        }
        str tag = str_head(str_from(page, i), plain_tag(str_from(page, i)));
        str name = plain_tag_name(tag);
        if (!plain_within_a_line(name))
            p[n++] = '\n';
        i += tag.n - 1;
        ptrdiff_t end = 0;
        if (str_eq(name, STR("script")) || str_eq(name, STR("style")))
            end = str_find(str_from(page, i), STR("</"));
        i += end > 0 ? (size_t)end - 1 : 0;
    }
    return plain_entities(a, (str){p, n}, bad);
}

static inline str plain_html(struct arena *a, str page)
{
    bool bad = false;
    return plain_blanks(a, plain_html_lines(a, page, &bad));
}

static inline str plain_unspaced(struct arena *a, str s)
{
    s = plain_blanks(a, s);
    char *p = arena_bytes(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ')
            p[n++] = s.p[i];
    return (str){p, n};
}

/* .txt: lines joined again, without the marks of quotes and the numbers of links. Without blanks
 * too: a line may be broken where none stands, after a hyphen say. */
static inline str plain_txt(struct arena *a, str text)
{
    char *p = arena_bytes(a, text.n + 1);
    size_t n = 0;
    for (str rest = text, line; rest.p;) {
        rest = str_cut(rest, '\n', &line);
        if (str_starts(line, STR("> ")))
            line = str_from(line, 2);
        for (size_t i = 0; i < line.n; i++) {
            size_t digits = 0;
            if (line.p[i] == '[')
                digits = strspn(line.p + i + 1, "0123456789");
            if (digits && line.p[i + 1 + digits] == ']') {
                n -= n && (p[n - 1] == ' ' || p[n - 1] == '\n');
                i += digits + 1;
                continue;
            }
            p[n++] = line.p[i];
        }
        p[n++] = '\n';
    }
    return plain_unspaced(a, (str){p, n});
}

/* The texts of a document's JSON, in order; a block ends in a newline. */
static inline void plain_json_into(const struct json *j, struct out *o)
{
    str type = json_text(json_member(j, STR("type")));
    if (str_eq(type, STR("text")))
        out_str(o, json_text(json_member(j, STR("text"))));
    if (str_eq(type, STR("hard_break")))
        out_byte(o, '\n');
    const struct json *content = json_member(j, STR("content"));
    for (const struct json *c = content ? content->first : NULL; c; c = c->next)
        plain_json_into(c, o);
    if (content)
        out_byte(o, '\n');
}

static inline str plain_json(struct arena *a, const struct json *doc)
{
    struct out o = out_make(a, 4096, 1 << 20);
    plain_json_into(doc, &o);
    return plain_blanks(a, out_view(&o));
}

#endif
