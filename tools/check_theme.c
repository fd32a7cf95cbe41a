/* The theme's own test at build: every locale has every message with the same arguments and all
 * plural forms, every
 * {{t.KEY}} is a message without arguments, every partial is there, no template holds a word of
 * its own, and text stands out from its ground. Prints one line per finding; exit status 1 when
 * there is any. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "press/theme.h"

enum { LOCALES_MAX = 64, FAULTS_BYTES = 1 << 20 };

struct checking {
    struct arena a;
    struct mustache *templates;
    struct locale *english, *locales[LOCALES_MAX];
    size_t nlocales, faults;
    const char *template;
    bool in_tag; /* of the literal text of one template, across its pieces */
    char quote;
    str attribute;
};

PRINTF(3, 4) static void fault(struct checking *c, int line, const char *fmt, ...)
{
    va_list ap;
    printf("theme/templates/%s.mustache:%d: ", c->template, line);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
    c->faults++;
}

static void see_tag(void *arg, char kind, str key, int line)
{
    struct checking *c = arg;
    struct err err;
    if (theme_check_tag(c->templates, c->english, kind, key, &err))
        fault(c, line, "%s", err.text);
}

static bool letter(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (u8)ch >= 0x80;
}

/* Attributes whose value is read out to people. */
static bool spoken(str attribute)
{
    static const char *const names[] = {"alt", "title", "aria-label", "placeholder",
                                        "aria-description"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq(attribute, str_c(names[i])))
            return true;
    return false;
}

static str word_at(str text, size_t i)
{
    size_t n = 0;
    while (i + n < text.n && letter(text.p[i + n]))
        n++;
    return (str){text.p + i, n};
}

static void see_text(void *arg, str text, int line)
{
    struct checking *c = arg;
    for (size_t i = 0; i < text.n; i++) {
        char ch = text.p[i];
        line += ch == '\n';
        if (!c->in_tag) {
            c->in_tag = ch == '<';
            if (letter(ch)) {
                str word = word_at(text, i);
                fault(c, line, "a word stands in a template: %.*s", FMT(word));
                i += word.n - 1;
            }
        } else if (c->quote) {
            if (ch == c->quote)
                c->quote = '\0';
            else if (letter(ch) && spoken(c->attribute)) {
                str word = word_at(text, i);
                fault(c, line, "a word stands in an attribute that people hear: %.*s", FMT(word));
                i += word.n - 1;
            }
        } else if (ch == '"' || ch == '\'') {
            c->quote = ch;
        } else if (ch == '>') {
            c->in_tag = false;
        } else if (letter(ch)) {
            size_t n = 0;
            while (i + n < text.n &&
                   (letter(text.p[i + n]) || text.p[i + n] == '-' || text.p[i + n] == ':'))
                n++;
            c->attribute = (str){text.p + i, n};
            i += n - 1;
        }
    }
}

static void check_placeholders(struct checking *c, const struct locale *l)
{
    static const char *const signs[] = {"TODO", "FIXME", "XXX", "lorem", "Lorem", "???"};
    str keys[1000];
    size_t n = locale_keys(l, keys, COUNT(keys));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < COUNT(signs); k++)
            if (str_find(locale_source(l, keys[i]), str_c(signs[k])) >= 0) {
                printf("theme/locales/%.*s.json: %.*s holds a placeholder\n",
                       FMT(locale_language(l)), FMT(keys[i]));
                c->faults++;
            }
}

static void load(struct checking *c, const struct theme_file *f)
{
    str path = str_c(f->path), bytes = {f->start, (size_t)(f->end - f->start)}, name;
    struct err err = {0};
    enum status st = ST_OK;
    if (str_starts(path, STR("templates/"))) {
        str_cut(str_from(path, 10), '.', &name);
        st = mustache_add(c->templates, name, bytes, &err);
    } else if (str_starts(path, STR("locales/")) && c->nlocales < LOCALES_MAX) {
        str_cut(str_from(path, 8), '.', &name);
        st = locale_load(name, bytes, &c->locales[c->nlocales], &err);
        if (!st && str_eq(name, STR("en")))
            c->english = c->locales[c->nlocales];
        c->nlocales += !st;
    }
    if (st) {
        printf("theme/%s: %s\n", f->path, err.text);
        c->faults++;
    }
}

/* ---- contrast: WCAG 2.2, 1.4.3: 4.5 to 1 for text, in light and in dark ---- */

static const struct {
    const char *ink, *paper;
} pairs[] = {{"ink", "paper"}, {"soft", "paper"}, {"quiet", "paper"}, {"accent", "paper"},
             {"ink", "wash"},  {"soft", "wash"},  {"quiet", "wash"},  {"accent", "wash"},
             {"alert", "paper"}, {"alert", "wash"}};

static double linear(const char *hex)
{
    char two[3] = {hex[0], hex[1], '\0'};
    double v = (double)strtol(two, NULL, 16) / 255;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

/* The luminance of --NAME: #rrggbb; in a block of tokens, -1 when it has none. */
static double luminance(struct checking *c, str block, const char *name)
{
    str token = arena_fmt(&c->a, "--%s: #", name);
    ptrdiff_t at = str_find(block, token);
    str hex = at < 0 ? STR_NONE : str_head(str_from(block, (size_t)at + token.n), 6);
    if (hex.n < 6)
        return -1;
    return 0.2126 * linear(hex.p) + 0.7152 * linear(hex.p + 2) + 0.0722 * linear(hex.p + 4);
}

static void check_block(struct checking *c, str block)
{
    for (size_t i = 0; i < COUNT(pairs); i++) {
        double a = luminance(c, block, pairs[i].ink), b = luminance(c, block, pairs[i].paper);
        double light = a > b ? a : b, dark = a > b ? b : a;
        if (a >= 0 && b >= 0 && (light + 0.05) / (dark + 0.05) >= 4.5)
            continue;
        printf("theme/assets/style.css: --%s on --%s has a contrast of %.2f: text needs 4.5\n",
               pairs[i].ink, pairs[i].paper, a < 0 || b < 0 ? 0 : (light + 0.05) / (dark + 0.05));
        c->faults++;
    }
}

/* Every block that sets the paper sets all tokens: light, dark by the system, dark by the switch.
 */
static void check_contrast(struct checking *c, str css)
{
    size_t blocks = 0;
    for (ptrdiff_t at; (at = str_find(css, STR("--paper: #"))) >= 0; blocks++) {
        size_t from = (size_t)at, to = (size_t)at;
        while (from && css.p[from - 1] != '{')
            from--;
        while (to < css.n && css.p[to] != '}')
            to++;
        check_block(c, str_head(str_from(css, from), to - from));
        css = str_from(css, to);
    }
    if (blocks < 3) {
        printf("theme/assets/style.css: light and both forms of dark need their tokens\n");
        c->faults++;
    }
}

int main(void)
{
    struct checking c = {0};
    if (hash_start() || arena_init(&c.a, 16 << 20) || mustache_make(&c.templates))
        return 3;
    for (const struct theme_file *f = theme_files; f->path; f++)
        load(&c, f);
    struct out o = out_make(&c.a, 4096, FAULTS_BYTES);
    for (size_t i = 0; c.english && i < c.nlocales; i++) {
        c.faults += locale_compare(c.english, c.locales[i], &o);
        check_placeholders(&c, c.locales[i]);
    }
    for (const struct theme_file *f = theme_files; f->path; f++)
        if (str_eq(str_c(f->path), STR("assets/style.css")))
            check_contrast(&c, (str){f->start, (size_t)(f->end - f->start)});
    str found = out_view(&o);
    printf("%.*s", FMT(found));
    for (const struct theme_file *f = theme_files; c.english && f->path; f++) {
        str path = str_c(f->path), name;
        if (!str_starts(path, STR("templates/")))
            continue;
        str_cut(str_from(path, 10), '.', &name);
        c.template = arena_cstr(&c.a, name);
        c.in_tag = false;
        c.quote = '\0';
        mustache_tags(c.templates, name, see_tag, &c);
        mustache_literals(c.templates, name, see_text, &c);
    }
    for (size_t i = 0; i < c.nlocales; i++)
        locale_free(c.locales[i]);
    mustache_free(c.templates);
    arena_free(&c.a);
    return c.faults || !c.english ? 1 : 0;
}
