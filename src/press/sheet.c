#include "press/sheet.h"

#include "newsroom/permissions.h"
#include "text/dates_iso.h"

enum { PAGE_MAX = 4 << 20 };

/* ---- opening ---- */

enum status sheet_open(struct sheet *s, struct view *v, struct theme *theme,
                       const struct page_key *k, str edition)
{
    *s = (struct sheet){.v = v,
                        .a = v->a,
                        .theme = theme,
                        .err = v->err,
                        .editions = k->editions,
                        .neditions = k->neditions};
    enum status st = s->editions ? ST_OK : editions_read(v, &s->editions, &s->neditions);
    for (size_t i = 0; !st && i < s->neditions; i++)
        if (str_eq(s->editions[i].slug, edition) || (edition.n == 0 && i == 0)) {
            s->edition = &s->editions[i];
            s->prefix = i ? arena_fmt(s->a, "/%.*s", FMT(s->editions[i].slug)) : STR_NONE;
        }
    if (st)
        return st;
    if (!s->edition)
        return ST_NOTFOUND;
    s->l = theme_locale(theme, s->edition->locale);
    if (!s->l)
        return fail(v->err, ST_BUG, "there are no messages for the locale %.*s",
                    FMT(s->edition->locale));
    s->model = map_make(s->a);
    return sections_read(v, s->edition->id, &s->sections, &s->nsections);
}

static void stick(struct sheet *s, enum status st)
{
    if (st && !s->st)
        s->st = st;
}

/* ---- words ---- */

str sheet_message(struct sheet *s, const char *key, const struct arg *args, size_t n)
{
    str words = STR_NONE;
    stick(s, message(s->l, key, args, n, s->a, &words, s->err));
    return words;
}

html sheet_message_html(struct sheet *s, const char *key, const struct arg *args, size_t n)
{
    html words = html_none();
    stick(s, message_html(s->l, key, args, n, s->a, &words, s->err));
    return words;
}

str sheet_date(struct sheet *s, i64 ms, enum date_style style)
{
    str words = STR_NONE;
    stick(s, date_format(s->l, s->edition->zone, ms, style, s->a, &words, s->err));
    return words;
}

static struct day today(struct sheet *s)
{
    struct day d = {0};
    stick(s, date_day(s->edition->zone, s->v->now, &d, s->err));
    return d;
}

void sheet_until_midnight(struct sheet *s)
{
    struct day d = today(s);
    if (d.to)
        view_until(s->v, d.to);
}

str sheet_moment(struct sheet *s, i64 ms)
{
    struct day d = today(s);
    if (ms < d.from || ms >= d.to)
        return sheet_date(s, ms, DATE_TIME);
    sheet_until_midnight(s);
    return sheet_date(s, ms, TIME_ONLY);
}

str sheet_iso_date(struct sheet *s, str iso)
{
    struct civil c;
    str words = STR_NONE;
    if (!iso_date_read(iso, &c))
        return STR_NONE;
    enum date_style style = c.day ? DATE_LONG : c.month ? DATE_MONTH : DATE_YEAR;
    c.month = c.month ? c.month : 1;
    c.day = c.day ? c.day : 1;
    c.hour = 12; /* a day of the calendar, in no zone */
    stick(s, date_format(s->l, STR("UTC"), time_from_civil(c), style, s->a, &words, s->err));
    return words;
}

str sheet_roles(struct sheet *s, unsigned roles)
{
    static const struct {
        unsigned bit;
        const char *key;
    } all[] = {
#define X(bit, name) {bit, "role-" name},
        ROLE_LIST(X)
#undef X
    };
    str names[COUNT(all)], words = STR_NONE;
    size_t n = 0;
    for (size_t i = 0; i < COUNT(all); i++)
        if (roles & all[i].bit)
            names[n++] = sheet_message(s, all[i].key, NULL, 0);
    stick(s, message_list_text(s->l, names, n, s->a, &words, s->err));
    return words;
}

html sheet_name(struct sheet *s, str name, str lang)
{
    static const char *const rtl[] = {"ar", "fa", "he", "ur", "ps", "yi", "dv", "ckb", "sd", "ug"};
    struct html_out h = html_make(s->a, 64, 4096);
    str language;
    str_cut(lang, '-', &language);
    if (lang.n == 0 || str_eq(language, locale_language(s->l)))
        return html_escaped(s->a, name);
    bool right = false;
    for (size_t i = 0; i < COUNT(rtl); i++)
        right |= str_eq(language, str_c(rtl[i]));
    html_lit(&h, "<span lang=\"");
    html_text(&h, lang);
    if (right)
        html_lit(&h, "\" dir=\"rtl\">");
    else
        html_lit(&h, "\" dir=\"ltr\">");
    html_text(&h, name);
    html_lit(&h, "</span>");
    return html_view(&h);
}

str sheet_label(struct sheet *s, str label)
{
    if (!label.n)
        return STR_NONE;
    return sheet_message(s, arena_cstr(s->a, arena_fmt(s->a, "label-%.*s", FMT(label))), NULL, 0);
}

/* ---- what every page shows ---- */

static bool shares_language(const struct sheet *s, const struct edition *e)
{
    str language, other;
    size_t same = 0;
    str_cut(e->locale, '-', &language);
    for (size_t i = 0; i < s->neditions; i++) {
        str_cut(s->editions[i].locale, '-', &other);
        same += str_eq(language, other);
    }
    return same > 1;
}

static void set_editions(struct sheet *s)
{
    struct value_list *list = list_make(s->a);
    for (size_t i = 0; i < s->neditions && s->neditions > 1; i++) {
        const struct edition *e = &s->editions[i];
        const struct locale *l = theme_locale(s->theme, e->locale);
        struct value_map *m = map_make(s->a);
        if (!l)
            continue;
        map_text(m, "name", shares_language(s, e) ? locale_full_name(l) : locale_name(l));
        map_text(m, "lang", e->locale);
        map_text(m, "dir", locale_rtl(l) ? STR("rtl") : STR("ltr"));
        map_text(m, "href", i ? arena_fmt(s->a, "/%.*s/", FMT(e->slug)) : STR("/"));
        map_set(m, "current", value_bool(e == s->edition));
        list_add(list, value_map(m));
    }
    map_set(s->model, "has_editions", value_bool(list_count(list) > 0));
    map_set(s->model, "editions", value_list(list));
}

static void add_link(struct sheet *s, struct value_list *list, str name, str href, bool current)
{
    struct value_map *m = map_make(s->a);
    map_text(m, "name", name);
    if (href.n)
        map_text(m, "href", href);
    map_set(m, "current", value_bool(current));
    list_add(list, value_map(m));
}

/* Where readers get by it: "" while its page isn't live, or is none, and for words alone. */
static str link_href(const struct site_link *l)
{
    if (l->address.n)
        return l->address;
    return l->kind == KIND_PAGE ? l->path : STR_NONE;
}

/* Sections in their order, and links between them: each after as many sections, hidden ones too, as
 * it says. */
static void set_navigation(struct sheet *s, i64 current)
{
    struct value_list *list = list_make(s->a);
    struct site_link *links = NULL;
    size_t n = 0, next = 0;
    i64 before = 0;
    stick(s, navigation_read(s->v, s->edition->id, &links, &n));
    for (size_t i = 0; i <= s->nsections; i++) {
        const struct section *c = i < s->nsections ? &s->sections[i] : NULL;
        if (c && !c->listed)
            continue;
        for (; next < n && (!c || links[next].after <= before); next++) {
            str href = link_href(&links[next]);
            if (href.n)
                add_link(s, list, links[next].words, href, false);
        }
        before++;
        if (c && c->navigation)
            add_link(s, list, c->name, arena_fmt(s->a, "%.*s/%.*s/", FMT(s->prefix), FMT(c->slug)),
                     c->id == current);
    }
    map_set(s->model, "has_navigation", value_bool(list_count(list) > 0));
    map_set(s->model, "navigation", value_list(list));
}

static void set_footer(struct sheet *s)
{
    struct site_link *links = NULL;
    size_t n = 0;
    struct value_list *list = list_make(s->a);
    stick(s, footers_read(s->v, s->edition->id, &links, &n));
    for (size_t i = 0; i < n; i++) {
        str href = link_href(&links[i]);
        if (href.n || !links[i].story.n)
            add_link(s, list, links[i].words, href, false);
    }
    map_set(s->model, "has_footer", value_bool(list_count(list) > 0));
    map_set(s->model, "footer", value_list(list));
}

/* An address of mail, of the web, or words. */
static void set_contact(struct sheet *s)
{
    str contact = STR_NONE;
    stick(s, contact_read(s->v, &contact));
    bool mail = str_find_byte(contact, '@') > 0 && str_find_byte(contact, ' ') < 0;
    map_text(s->model, "contact", contact);
    map_text(s->model, "contact_href",
             mail                                   ? arena_fmt(s->a, "mailto:%.*s", FMT(contact))
             : str_starts(contact, STR("https://")) ? contact
                                                    : STR_NONE);
}

static void set_assets(struct sheet *s)
{
    static const struct {
        const char *key, *name;
    } assets[] = {{"style_css", "style.css"}, {"theme_js", "theme.js"}, {"icon_svg", "icon.svg"}};
    struct value_map *m = map_make(s->a);
    for (size_t i = 0; i < COUNT(assets); i++)
        map_text(m, assets[i].key, theme_asset(s->theme, str_c(assets[i].name)));
    str lang = locale_language(s->l);
    bool ar = str_eq(lang, STR("ar")) || str_eq(lang, STR("fa"));
    const char *serif = ar                        ? "naskh-arabic.woff2"
                        : str_eq(lang, STR("ru")) ? "serif-cyrillic.woff2"
                                                  : "serif-latin.woff2";
    map_text(m, "serif_font", theme_asset(s->theme, str_c(serif)));
    map_set(s->model, "asset", value_map(m));
}

str sheet_absolute(struct sheet *s, str path)
{
    return arena_fmt(s->a, "%.*s%.*s", FMT(theme_base_url(s->theme)), FMT(path));
}

str sheet_href(struct sheet *s, str path)
{
    return s->absolute ? sheet_absolute(s, path) : path;
}

str sheet_language(struct sheet *s, const struct edition *e)
{
    str language;
    str_cut(e->locale, '-', &language);
    return shares_language(s, e) ? e->locale : language;
}

/* "en_GB": Open Graph writes a locale with a low line. */
static str og_locale(struct sheet *s)
{
    char *p = arena_bytes(s->a, s->edition->locale.n + 1);
    for (size_t i = 0; p && i < s->edition->locale.n; i++)
        p[i] = s->edition->locale.p[i] == '-' ? '_' : s->edition->locale.p[i];
    return p ? (str){p, s->edition->locale.n} : STR_NONE;
}

void sheet_common(struct sheet *s, str path, str title, str description, i64 current)
{
    struct value_map *m = s->model;
    map_set(m, "t", value_map((struct value_map *)locale_static(s->l)));
    map_text(m, "lang", locale_tag(s->l));
    map_text(m, "dir", locale_rtl(s->l) ? STR("rtl") : STR("ltr"));
    map_text(m, "site_name", s->edition->name);
    map_text(m, "motto", s->edition->motto);
    map_text(m, "home", s->prefix.n ? arena_fmt(s->a, "%.*s/", FMT(s->prefix)) : STR("/"));
    map_text(m, "today", sheet_date(s, today(s).from, DATE_FULL));
    sheet_until_midnight(s);
    map_text(m, "title",
             str_eq(title, s->edition->name) ? title
                                             : MESSAGE(s, "page-title", A_TEXT("title", title),
                                                       A_TEXT("site", s->edition->name)));
    map_text(m, "description", description);
    if (path.n) {
        map_text(m, "canonical", sheet_absolute(s, path));
        map_text(m, "og_title", title);
    }
    map_text(m, "og_locale", og_locale(s));
    set_editions(s);
    set_navigation(s, current);
    set_footer(s);
    set_contact(s);
    set_assets(s);
}

enum status sheet_print(struct sheet *s, const char *name, html *ret)
{
    if (s->st)
        return s->st;
    if (s->a->oom)
        return ST_NOMEM;
    return mustache_render(theme_templates(s->theme), str_c(name), s->model, s->a, PAGE_MAX, ret,
                           s->err);
}

/* ---- pictures and cards ---- */

static bool archive(const struct sheet *s, str taken, i64 shown_ms)
{
    struct civil c;
    (void)s;
    if (!iso_date_read(taken, &c))
        return false;
    struct civil shown = time_civil(shown_ms);
    c.month = c.month ? c.month : 12;
    c.day = c.day ? c.day : 28;
    return time_from_civil(c) <
           time_from_civil((struct civil){.year = shown.year - 1,
                                          .month = shown.month,
                                          .day = shown.day > 28 ? 28 : shown.day});
}

html sheet_credit(struct sheet *s, const struct credit *c, str licence, str taken, i64 shown_ms)
{
    const char *who = c->text.n                     ? "text"
                      : c->agency.n && c->by.name.n ? "both"
                      : c->agency.n                 ? "agency"
                      : c->by.name.n                ? "by"
                                                    : "none";
    bool old = archive(s, taken, shown_ms);
    const char *when = !taken.n ? "none" : old ? "archive" : "date";
    if (strcmp(who, "none") == 0 && !taken.n && !licence.n)
        return html_none();
    str date = sheet_iso_date(s, old ? str_head(taken, 4) : taken);
    return MESSAGE_HTML(
        s, "credit", A_TEXT("who", str_c(who)), A_TEXT("text", c->text),
        A_TEXT("agency", c->agency), A_HTML("by", sheet_name(s, c->by.name, c->by.lang)),
        A_TEXT("when", str_c(when)), A_TEXT("date", date),
        A_TEXT("licensed", licence.n ? STR("yes") : STR("no")), A_TEXT("licence", licence));
}

struct value_map *sheet_image(struct sheet *s, str alt, str address, i64 width, i64 height)
{
    struct value_map *m = map_make(s->a);
    map_text(m, "src", sheet_href(s, address));
    map_text(m, "width", arena_fmt(s->a, "%lld", (long long)width));
    map_text(m, "height", arena_fmt(s->a, "%lld", (long long)height));
    map_text(m, "alt", alt);
    map_text(m, "caption", STR_NONE);
    map_html(m, "credit", html_none());
    map_set(m, "captioned", value_bool(false));
    map_set(m, "upright", value_bool(height > width));
    return m;
}

struct value_map *sheet_picture(struct sheet *s, const struct picture_use *use, str address,
                                i64 width, i64 height, i64 shown_ms)
{
    struct value_map *m = sheet_image(s, use->alt, address, width, height);
    map_text(m, "caption", use->caption);
    map_html(m, "credit", sheet_credit(s, &use->credit, use->licence, use->taken, shown_ms));
    map_set(m, "captioned",
            value_bool(use->caption.n || use->credit.text.n || use->credit.agency.n ||
                       use->credit.by.name.n || use->taken.n || use->licence.n));
    return m;
}

bool sheet_row_picture(struct sheet *s, const struct story *story, struct picture_use *ret)
{
    struct story_content only;
    if (!story->picture || !story->picture_use.n)
        return false;
    enum status st = story_from_canonical(story->picture_use, s->a, &only, s->err);
    stick(s, st);
    if (st || !only.picture)
        return false;
    *ret = *only.picture;
    return true;
}

static struct value_map *card_picture(struct sheet *s, const struct story *story, bool captioned)
{
    struct picture_use use;
    if (!sheet_row_picture(s, story, &use))
        return NULL;
    return captioned ? sheet_picture(s, &use, story->picture_address, story->picture_width,
                                     story->picture_height, story->published_ms)
                     : sheet_image(s, use.alt, story->picture_address, story->picture_width,
                                   story->picture_height);
}

static struct value_map *card(struct sheet *s, const struct story *story, bool captioned)
{
    struct value_map *m = map_make(s->a), *picture = card_picture(s, story, captioned);
    map_text(m, "href", sheet_href(s, story->path));
    map_text(m, "headline", story->front.n ? story->front : story->headline);
    map_text(m, "standfirst", story->standfirst);
    map_text(m, "kicker",
             story->label.n         ? sheet_label(s, story->label)
             : story->kicker_name.n ? story->kicker_name
                                    : story->section_name);
    map_set(m, "labelled", value_bool(story->label.n > 0));
    map_text(m, "date", sheet_date(s, story->published_ms, DATE_LONG));
    map_text(m, "iso", time_rfc3339(story->published_ms, s->a));
    map_set(m, "picture", picture ? value_map(picture) : value_bool(false));
    return m;
}

struct value_map *sheet_card(struct sheet *s, const struct story *story)
{
    return card(s, story, false);
}

struct value_map *sheet_related(struct sheet *s, const struct story *story)
{
    struct value_map *m = card(s, story, true);
    map_text(m, "headline", story->headline);
    return m;
}
