#include "text/site_file.h"

#include "text/document.h"
#include "text/slug.h"
#include "text/yaml.h"

enum { SITE_FILE_BYTES = 256 << 10 };

struct reading {
    struct arena *a;
    struct err *err;
};

static enum status text(struct reading *r, const struct yaml *y, size_t most, str *ret)
{
    if (y->kind != YAML_TEXT)
        return fail(r->err, ST_INVALID, "line %d: `%.*s` is one text", y->line, FMT(y->key));
    str s = str_trim(y->text);
    if (s.n > most || str_find_byte(s, '\n') >= 0)
        return fail(r->err, ST_INVALID, "line %d: `%.*s` is one line of at most %zu bytes", y->line,
                    FMT(y->key), most);
    *ret = s;
    return ST_OK;
}

static enum status unknown(struct reading *r, const struct yaml *y, const char *const *known,
                           size_t n)
{
    str near = nearest_word(y->key, known, n);
    if (near.n)
        return fail(r->err, ST_INVALID, "line %d: the key `%.*s` isn't known; did you mean `%.*s`?",
                    y->line, FMT(y->key), FMT(near));
    return fail(r->err, ST_INVALID, "line %d: the key `%.*s` isn't known", y->line, FMT(y->key));
}

static enum status root(str bytes, struct reading *r, struct yaml *ret)
{
    size_t bad;
    if (bytes.n > SITE_FILE_BYTES)
        return fail(r->err, ST_TOOLARGE, "line 1: the file is larger than 256 KiB");
    if (str_starts(bytes, STR("\xEF\xBB\xBF")))
        bytes = str_from(bytes, 3);
    if (!utf8_valid(bytes, &bad) || str_find_byte(bytes, '\0') >= 0)
        return fail(r->err, ST_INVALID, "line 1: the file isn't UTF-8 text");
    enum status st = yaml_read(bytes, 1, r->a, ret, r->err);
    if (!st && ret->kind != YAML_MAP)
        st = fail(r->err, ST_INVALID, "line 1: the file is `key: value`, one a line");
    return st;
}

/* ---- sections.yaml ---- */

static enum status one_section(struct reading *r, const struct yaml *y, struct section_entry *s)
{
    static const char *const keys[] = {"slug", "name", "description", "picture", "navigation"};
    if (y->kind != YAML_MAP)
        return fail(r->err, ST_INVALID, "line %d: a section has a slug, a name and a description",
                    y->line);
    enum status st = ST_OK;
    s->navigation = true;
    s->line = y->line;
    for (const struct yaml *k = y->first; !st && k; k = k->next) {
        if (str_eq(k->key, STR("slug")))
            st = text(r, k, SLUG_MAX, &s->slug);
        else if (str_eq(k->key, STR("name")))
            st = text(r, k, SITE_NAME, &s->name);
        else if (str_eq(k->key, STR("description")))
            st = text(r, k, SITE_DESCRIPTION, &s->description);
        else if (str_eq(k->key, STR("picture")))
            st = text(r, k, 400, &s->picture);
        else if (str_eq(k->key, STR("navigation"))) {
            bool yes = str_eq(k->text, STR("true")), no = str_eq(k->text, STR("false"));
            if (k->kind != YAML_TEXT || !(yes || no))
                st = fail(r->err, ST_INVALID, "line %d: `navigation` is true or false", k->line);
            s->navigation = yes;
        } else
            st = unknown(r, k, keys, COUNT(keys));
    }
    if (!st && (s->slug.n == 0 || !text_has_word(s->name)))
        st = fail(r->err, ST_INVALID, "line %d: a section needs a `slug` and a `name`", y->line);
    return st;
}

enum status sections_file_read(str bytes, struct arena *a, struct sections_file *ret,
                               struct err *err)
{
    struct reading r = {a, err};
    struct yaml y;
    struct sections_file f = {.sections = arena_new(a, struct section_entry, SITE_SECTIONS)};
    if (!f.sections)
        return ST_NOMEM;
    enum status st = root(bytes, &r, &y);
    for (const struct yaml *e = st ? NULL : y.first; !st && e; e = e->next) {
        if (e->kind != YAML_LIST)
            return fail(err, ST_INVALID,
                        "line %d: below the edition `%.*s` stands a list of sections", e->line,
                        FMT(e->key));
        for (const struct yaml *k = e->first; !st && k; k = k->next) {
            if (f.n == SITE_SECTIONS)
                return fail(err, ST_TOOLARGE, "line %d: more than 200 sections", k->line);
            f.sections[f.n].edition = e->key;
            st = one_section(&r, k, &f.sections[f.n++]);
        }
    }
    if (!st && f.n == 0)
        st = fail(err, ST_INVALID,
                  "line 1: no section stands in the file: it would take all of them out of the "
                  "navigation");
    if (!st)
        *ret = f;
    return st;
}

static void put(struct out *o, const char *before, const char *key, str value)
{
    if (value.n == 0)
        return;
    out_fmt(o, "%s%s: ", before, key);
    yaml_put(o, value);
    out_byte(o, '\n');
}

void sections_file_write(const struct sections_file *f, struct out *o)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct section_entry *s = &f->sections[i];
        if (i == 0 || !str_eq(f->sections[i - 1].edition, s->edition)) {
            out_fmt(o, "%.*s:\n", FMT(s->edition));
        }
        put(o, "  - ", "slug", s->slug);
        put(o, "    ", "name", s->name);
        put(o, "    ", "description", s->description);
        put(o, "    ", "picture", s->picture);
        if (!s->navigation)
            out_c(o, "    navigation: false\n");
    }
}

/* ---- site.yaml ---- */

static enum status per_edition(struct reading *r, const struct yaml *y, size_t most,
                               struct edition_text **list, size_t *n)
{
    if (y->kind != YAML_MAP)
        return fail(r->err, ST_INVALID, "line %d: `%.*s` has one text for each edition: {en: ...}",
                    y->line, FMT(y->key));
    *list = arena_new(r->a, struct edition_text, SITE_EDITIONS);
    enum status st = *list ? ST_OK : ST_NOMEM;
    for (const struct yaml *k = y->first; !st && k && *n < SITE_EDITIONS; k = k->next) {
        struct edition_text *t = &(*list)[(*n)++];
        *t = (struct edition_text){.edition = k->key, .line = k->line};
        st = text(r, k, most, &t->text);
    }
    return st;
}

static enum status one_edition(struct reading *r, const struct yaml *y, struct edition_entry *e)
{
    static const char *const keys[] = {"slug", "locale", "zone"};
    if (y->kind != YAML_MAP)
        return fail(r->err, ST_INVALID, "line %d: an edition has a slug, a locale and a zone",
                    y->line);
    enum status st = ST_OK;
    e->line = y->line;
    for (const struct yaml *k = y->first; !st && k; k = k->next)
        st = str_eq(k->key, STR("slug"))     ? text(r, k, SLUG_MAX, &e->slug)
             : str_eq(k->key, STR("locale")) ? text(r, k, 35, &e->locale)
             : str_eq(k->key, STR("zone"))   ? text(r, k, 40, &e->zone)
                                             : unknown(r, k, keys, COUNT(keys));
    if (!st && (!e->slug.n || !e->locale.n || !e->zone.n))
        st = fail(r->err, ST_INVALID, "line %d: an edition needs a `slug`, a `locale` and a `zone`",
                  y->line);
    return st;
}

static enum status editions(struct reading *r, const struct yaml *y, struct site_file *f)
{
    if (y->kind != YAML_LIST)
        return fail(r->err, ST_INVALID, "line %d: `editions` is a list", y->line);
    f->editions = arena_new(r->a, struct edition_entry, SITE_EDITIONS);
    enum status st = f->editions ? ST_OK : ST_NOMEM;
    for (const struct yaml *k = y->first; !st && k; k = k->next) {
        if (f->neditions == SITE_EDITIONS)
            return fail(r->err, ST_TOOLARGE, "line %d: more than 64 editions", k->line);
        st = one_edition(r, k, &f->editions[f->neditions++]);
    }
    return st;
}

static enum status after(struct reading *r, const struct yaml *y, i64 *ret)
{
    if (y->kind != YAML_TEXT || str_i64(y->text, ret) || *ret < 0 || *ret > SITE_SECTIONS)
        return fail(r->err, ST_INVALID, "line %d: `after` is how many sections stand before it",
                    y->line);
    return ST_OK;
}

static enum status link_entry(struct reading *r, const struct yaml *y, bool navigation,
                              struct link_entry *e)
{
    static const char *const keys[] = {"text", "story", "link", "after"};
    if (y->kind != YAML_MAP)
        return fail(r->err, ST_INVALID, "line %d: a link has a text, and a story or a link",
                    y->line);
    enum status st = ST_OK;
    e->line = y->line;
    e->after = SITE_SECTIONS;
    for (const struct yaml *k = y->first; !st && k; k = k->next)
        st = str_eq(k->key, STR("text"))                  ? text(r, k, SITE_NAME, &e->text)
             : str_eq(k->key, STR("story"))               ? text(r, k, KEY_MAX, &e->story)
             : str_eq(k->key, STR("link"))                ? text(r, k, SITE_ADDRESS, &e->link)
             : navigation && str_eq(k->key, STR("after")) ? after(r, k, &e->after)
                                                          : unknown(r, k, keys, navigation ? 4 : 3);
    if (st)
        return st;
    bool wrong = !text_has_word(e->text) || (e->story.n && !key_valid(e->story)) ||
                 (e->link.n && !url_bare(e->link)) || (e->story.n && e->link.n) ||
                 (navigation && !e->story.n && !e->link.n);
    if (wrong)
        return fail(r->err, ST_INVALID,
                    "line %d: a link needs a `text`, and a `story`, the id of a page, or a `link`, "
                    "an address that begins with http:// or https://%s",
                    y->line, navigation ? "" : ", or neither");
    return ST_OK;
}

static enum status links(struct reading *r, const struct yaml *y, bool navigation, size_t most,
                         struct link_entry **list, size_t *n)
{
    if (y->kind != YAML_MAP)
        return fail(r->err, ST_INVALID, "line %d: `%.*s` has a list for each edition", y->line,
                    FMT(y->key));
    *list = arena_new(r->a, struct link_entry, most);
    enum status st = *list ? ST_OK : ST_NOMEM;
    for (const struct yaml *e = y->first; !st && e; e = e->next)
        for (const struct yaml *k = e->first; !st && k; k = k->next) {
            if (*n == most)
                return fail(r->err, ST_TOOLARGE, "line %d: more than %zu links in `%.*s`", k->line,
                            most, FMT(y->key));
            (*list)[*n].edition = e->key;
            st = link_entry(r, k, navigation, &(*list)[(*n)++]);
        }
    return st;
}

static enum status footer(struct reading *r, const struct yaml *y, struct site_file *f)
{
    return links(r, y, false, SITE_FOOTER, &f->footer, &f->nfooter);
}

static enum status navigation(struct reading *r, const struct yaml *y, struct site_file *f)
{
    return links(r, y, true, SITE_LINKS, &f->navigation, &f->nnavigation);
}

enum status site_file_read(str bytes, struct arena *a, struct site_file *ret, struct err *err)
{
    static const char *const keys[] = {"name",       "motto",    "contact", "footer",
                                       "navigation", "editions", "lead",    "corrections-policy"};
    struct reading r = {a, err};
    struct yaml y;
    struct site_file f = {0};
    enum status st = root(bytes, &r, &y);
    for (const struct yaml *k = st ? NULL : y.first; !st && k; k = k->next)
        st = str_eq(k->key, STR("name"))    ? per_edition(&r, k, SITE_NAME, &f.names, &f.nnames)
             : str_eq(k->key, STR("motto")) ? per_edition(&r, k, SITE_MOTTO, &f.mottos, &f.nmottos)
             : str_eq(k->key, STR("lead"))  ? per_edition(&r, k, KEY_MAX, &f.leads, &f.nleads)
             : str_eq(k->key, STR("corrections-policy"))
                 ? per_edition(&r, k, KEY_MAX, &f.corrections, &f.ncorrections)
             : str_eq(k->key, STR("contact"))    ? text(&r, k, SITE_CONTACT, &f.contact)
             : str_eq(k->key, STR("footer"))     ? footer(&r, k, &f)
             : str_eq(k->key, STR("navigation")) ? navigation(&r, k, &f)
             : str_eq(k->key, STR("editions"))   ? editions(&r, k, &f)
                                                 : unknown(&r, k, keys, COUNT(keys));
    if (!st)
        *ret = f;
    return st;
}

static void put_editions(struct out *o, const char *key, const struct edition_text *list, size_t n)
{
    if (n)
        out_fmt(o, "%s:\n", key);
    for (size_t i = 0; i < n; i++) {
        out_fmt(o, "  %.*s: ", FMT(list[i].edition));
        yaml_put(o, list[i].text);
        out_byte(o, '\n');
    }
}

static void put_links(struct out *o, const char *key, const struct link_entry *list, size_t n)
{
    if (n)
        out_fmt(o, "%s:\n", key);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !str_eq(list[i - 1].edition, list[i].edition))
            out_fmt(o, "  %.*s:\n", FMT(list[i].edition));
        put(o, "    - ", "text", list[i].text);
        put(o, "      ", "story", list[i].story);
        put(o, "      ", "link", list[i].link);
        if (list[i].after < SITE_SECTIONS)
            out_fmt(o, "      after: %lld\n", (long long)list[i].after);
    }
}

void site_file_write(const struct site_file *f, struct out *o)
{
    put_editions(o, "name", f->names, f->nnames);
    put_editions(o, "motto", f->mottos, f->nmottos);
    put(o, "", "contact", f->contact);
    put_links(o, "footer", f->footer, f->nfooter);
    put_links(o, "navigation", f->navigation, f->nnavigation);
    out_c(o, "editions:\n");
    for (size_t i = 0; i < f->neditions; i++) {
        put(o, "  - ", "slug", f->editions[i].slug);
        put(o, "    ", "locale", f->editions[i].locale);
        put(o, "    ", "zone", f->editions[i].zone);
    }
    put_editions(o, "lead", f->leads, f->nleads);
    put_editions(o, "corrections-policy", f->corrections, f->ncorrections);
}
