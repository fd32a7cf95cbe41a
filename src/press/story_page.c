#include "press/story_page.h"

#include "press/body.h"
#include "store/name.h"
#include "text/json.h"
#include "text/wrap.h"

enum { URLS = 200, TEXT_MAX = 2 << 20, DATA_ADDRESSES = 512 };

struct result html_result(html h, int status)
{
    return (struct result){.status = status, .type = STR("text/html; charset=utf-8"), .body = h.s};
}

enum status story_content_of(struct sheet *s, const struct story *story, struct story_content *ret)
{
    struct revision r;
    enum status st = revision_read(s->v, story->id, story->revision, &r);
    return st ? st : story_from_canonical(r.bytes, s->a, ret, s->err);
}

/* One story on its way to its page. */
struct making {
    const struct press *p;
    struct sheet *s;
    struct story story;
    struct story_content content;
    struct revision *revisions;
    size_t nrevisions;
    struct name *topics, *authors;
    size_t ntopics, nauthors;
    struct story *family;
    size_t nfamily;
    const struct revision *told; /* the newest correction or clarification */
};

/* text: the page in plain text, which names no translations. */
static enum status load(struct making *m, bool text)
{
    struct sheet *s = m->s;
    struct name *names = NULL;
    size_t n = 0;
    enum status st = story_content_of(s, &m->story, &m->content);
    st = st ? st : revision_list(s->v, m->story.id, &m->revisions, &m->nrevisions);
    st = st ? st : names_of(s->v, m->story.id, &names, &n);
    m->topics = names;
    while (m->ntopics < n && names[m->ntopics].kind == NAME_TOPIC)
        m->ntopics++;
    m->authors = names + m->ntopics;
    m->nauthors = n - m->ntopics;
    if (!text)
        view_keyf(s->v, "translations/%lld", (long long)m->story.id);
    if (!st && !text && m->story.family)
        st = story_family(s->v, m->story.family, false, &m->family, &m->nfamily);
    for (size_t i = 0; !st && !m->told && i < m->nrevisions; i++)
        if (m->revisions[i].kind == REV_CORRECTION || m->revisions[i].kind == REV_CLARIFICATION)
            m->told = &m->revisions[i];
    return st;
}

/* ---- lines under the headline ---- */

/* By the names' own rows: two spellings of one name are one person, shown as first written. */
static html byline(struct making *m)
{
    struct sheet *s = m->s;
    html names[STORY_BYLINES], list = html_none();
    size_t n = m->nauthors < STORY_BYLINES ? m->nauthors : STORY_BYLINES;
    if (!n)
        return html_none();
    for (size_t i = 0; i < n; i++) {
        const struct name *p = &m->authors[i];
        struct html_out h = html_make(s->a, 128, 4096);
        html_lit(&h, "<a href=\"");
        html_text(&h, arena_fmt(s->a, "%.*s/by/%.*s", FMT(s->prefix), FMT(p->slug)));
        html_lit(&h, "\">");
        html_add(&h, sheet_name(s, p->name, p->lang));
        html_lit(&h, "</a>");
        names[i] = p->role.n ? MESSAGE_HTML(s, "byline-role", A_HTML("name", html_view(&h)),
                                            A_TEXT("role", p->role))
                             : html_view(&h);
    }
    enum status st = message_list(s->l, names, n, s->a, &list, s->err);
    if (st && !s->st)
        s->st = st;
    return MESSAGE_HTML(s, "byline", A_HTML("names", list));
}

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

static str change_line(struct making *m)
{
    struct sheet *s = m->s;
    i64 changes = m->nrevisions ? (i64)m->nrevisions - 1 : 0;
    if (m->told) {
        const char *key = m->told->kind == REV_CORRECTION ? "corrected" : "clarified";
        return MESSAGE(s, key, A_TEXT("time", sheet_moment(s, m->told->at)),
                       A_NUM("changes", changes));
    }
    if (!m->story.updated_ms)
        return STR_NONE;
    return MESSAGE(s, "updated", A_TEXT("time", sheet_moment(s, m->story.updated_ms)),
                   A_NUM("changes", changes));
}

static struct value_list *corrections(struct making *m)
{
    struct sheet *s = m->s;
    struct value_list *list = list_make(s->a);
    for (size_t i = 0; i < m->nrevisions; i++) {
        const struct revision *r = &m->revisions[i];
        struct value_map *c = map_make(s->a);
        if (r->kind != REV_CORRECTION && r->kind != REV_CLARIFICATION)
            continue;
        map_text(c, "heading",
                 MESSAGE(s, r->kind == REV_CORRECTION ? "correction-of" : "clarification-of",
                         A_TEXT("time", sheet_moment(s, r->at))));
        map_text(c, "words", r->note);
        map_text(c, "iso", time_rfc3339(r->at, s->a));
        list_add(list, value_map(c));
    }
    return list;
}

/* The background that the story shows now; a story of another kind that took its id is none. */
static bool find_background(struct making *m, struct story *b, struct story_content *content)
{
    struct sheet *s = m->s;
    if (!m->content.background.n)
        return false;
    enum status st = story_by_key(s->v, m->content.background, PART_PAGE, b);
    if (st == ST_NOTFOUND || (!st && (b->state != STORY_LIVE || b->kind != KIND_BACKGROUND)))
        return false;
    st = st ? st : story_content_of(s, b, content);
    if (st)
        s->st = s->st ? s->st : st;
    return !st;
}

static void set_background(struct making *m)
{
    struct sheet *s = m->s;
    struct story b;
    struct story_content content;
    if (!find_background(m, &b, &content))
        return;
    struct value_map *bg = map_make(s->a);
    i64 at = b.updated_ms ? b.updated_ms : b.published_ms;
    map_text(bg, "heading", content.headline);
    map_text(bg, "dated",
             MESSAGE(s, "background-of", A_TEXT("date", sheet_date(s, at, DATE_LONG))));
    map_set(bg, "blocks", value_list(body_blocks(s, &content, b.published_ms)));
    map_set(s->model, "background", value_map(bg));
}

static struct value_list *topics(struct making *m)
{
    struct sheet *s = m->s;
    struct value_list *list = list_make(s->a);
    for (size_t i = 0; i < m->ntopics; i++) {
        struct value_map *t = map_make(s->a);
        map_text(t, "name", m->topics[i].name);
        map_text(t, "href",
                 arena_fmt(s->a, "%.*s/topic/%.*s", FMT(s->prefix), FMT(m->topics[i].slug)));
        list_add(list, value_map(t));
    }
    return list;
}

static void set_translations(struct making *m)
{
    struct sheet *s = m->s;
    struct value_list *alternates = list_make(s->a), *links = list_make(s->a);
    str fallback = STR_NONE;
    for (size_t i = 0; i < m->nfamily; i++) {
        const struct edition *e = NULL;
        for (size_t k = 0; k < s->neditions; k++)
            if (s->editions[k].id == m->family[i].edition)
                e = &s->editions[k];
        const struct locale *l = e ? theme_locale(s->theme, e->locale) : NULL;
        if (!l || !m->family[i].path.n)
            continue;
        struct value_map *t = map_make(s->a);
        map_text(t, "lang", sheet_language(s, e));
        map_text(t, "dir", locale_rtl(l) ? STR("rtl") : STR("ltr"));
        map_text(t, "url", sheet_absolute(s, m->family[i].path));
        map_text(t, "href", m->family[i].path);
        str words = STR_NONE; /* in the language of the translation, for who reads that one */
        enum status st = message(l, "read-translation", NULL, 0, s->a, &words, s->err);
        s->st = s->st ? s->st : st;
        map_text(t, "words", words);
        list_add(alternates, value_map(t));
        if (m->family[i].id != m->story.id)
            list_add(links, value_map(t));
        if (!fallback.n) /* the family stands in the order of the editions */
            fallback = m->family[i].path;
    }
    if (list_count(links)) {
        map_text(s->model, "x_default", sheet_absolute(s, fallback));
        map_set(s->model, "alternates", value_list(alternates));
        map_set(s->model, "has_translations", value_bool(true));
        map_set(s->model, "translations", value_list(links));
    }
}

/* ---- JSON-LD ---- */

static void ld_object(struct out *o, bool *in, const char *key, const char *type)
{
    json_put_key(o, in, key);
    out_fmt(o, "{\"@type\":\"%s\"", type);
}

static void ld_authors(struct making *m, struct out *o, bool *in)
{
    struct sheet *s = m->s;
    if (!m->nauthors)
        return;
    json_put_key(o, in, "author");
    out_byte(o, '[');
    for (size_t i = 0; i < m->nauthors; i++) {
        bool more = false;
        out_c(o, i ? ",{\"@type\":\"Person\"" : "{\"@type\":\"Person\"");
        json_put_text(o, &more, "name", m->authors[i].name);
        json_put_text(o, &more, "url",
                      sheet_absolute(s, arena_fmt(s->a, "%.*s/by/%.*s", FMT(s->prefix),
                                                  FMT(m->authors[i].slug))));
        out_byte(o, '}');
    }
    out_byte(o, ']');
}

static void ld_corrections(struct making *m, struct out *o, bool *in)
{
    bool any = false;
    for (size_t i = 0; i < m->nrevisions; i++) {
        const struct revision *r = &m->revisions[i];
        bool more = false;
        if (r->kind != REV_CORRECTION && r->kind != REV_CLARIFICATION)
            continue;
        if (!any)
            json_put_key(o, in, "correction");
        out_c(o, any ? ",{" : "[{");
        out_c(o, "\"@type\":\"CorrectionComment\"");
        json_put_text(o, &more, "datePublished", time_rfc3339(r->at, m->s->a));
        json_put_text(o, &more, "text", r->note);
        out_byte(o, '}');
        any = true;
    }
    if (any)
        out_byte(o, ']');
}

static str front_address(struct sheet *s)
{
    return sheet_absolute(s, s->prefix.n ? arena_fmt(s->a, "%.*s/", FMT(s->prefix)) : STR("/"));
}

/* schema.org BreadcrumbList: the front, the section, the story. */
static void ld_breadcrumbs(struct making *m, struct out *o)
{
    struct sheet *s = m->s;
    const struct {
        str name, url;
    } steps[] = {
        {s->edition->name, front_address(s)},
        {m->story.section_name, sheet_absolute(s, arena_fmt(s->a, "%.*s/%.*s/", FMT(s->prefix),
                                                            FMT(m->story.section_slug)))},
        {m->content.headline, sheet_absolute(s, m->story.path)}};
    out_c(o, ",{\"@type\":\"BreadcrumbList\",\"itemListElement\":[");
    for (size_t i = 0; i < COUNT(steps); i++) {
        bool more = false;
        out_c(o, i ? ",{" : "{");
        out_c(o, "\"@type\":\"ListItem\"");
        json_put_text(o, &more, "item", steps[i].url);
        json_put_text(o, &more, "name", steps[i].name);
        json_put_int(o, &more, "position", (i64)i + 1);
        out_byte(o, '}');
    }
    out_c(o, "]}");
}

static void set_json_ld(struct making *m)
{
    struct sheet *s = m->s;
    struct out o = out_make(s->a, 2048, 1 << 20);
    bool in = false, more = false;
    i64 updated = m->story.updated_ms ? m->story.updated_ms : m->story.published_ms;
    out_c(&o, "{\"@context\":\"https://schema.org\",\"@graph\":[{\"@type\":\"NewsArticle\"");
    ld_authors(m, &o, &in);
    json_put_text(&o, &in, "articleSection", m->story.section_name);
    ld_corrections(m, &o, &in);
    json_put_text(&o, &in, "dateModified", time_rfc3339(updated, s->a));
    json_put_text(&o, &in, "datePublished", time_rfc3339(m->story.published_ms, s->a));
    json_put_text(&o, &in, "description", m->content.standfirst);
    json_put_text(&o, &in, "headline", m->content.headline);
    if (m->story.picture_address.n) {
        json_put_key(&o, &in, "image");
        out_byte(&o, '[');
        json_put(&o, sheet_absolute(s, m->story.picture_address));
        out_byte(&o, ']');
    }
    json_put_text(&o, &in, "inLanguage", s->edition->locale);
    json_put_text(&o, &in, "isBasedOn", m->content.source);
    json_put_text(&o, &in, "mainEntityOfPage", sheet_absolute(s, m->story.path));
    ld_object(&o, &in, "publisher", "NewsMediaOrganization");
    json_put_text(&o, &more, "logo", sheet_absolute(s, theme_asset(s->theme, STR("icon.svg"))));
    json_put_text(&o, &more, "name", s->edition->name);
    json_put_text(&o, &more, "url", front_address(s));
    out_c(&o, "}}");
    ld_breadcrumbs(m, &o);
    out_c(&o, "]}");
    map_html(s->model, "json_ld", html_json(s->a, out_view(&o)));
}

static void set_open_graph(struct making *m)
{
    struct sheet *s = m->s;
    struct value_map *og = map_make(s->a);
    i64 updated = m->story.updated_ms ? m->story.updated_ms : m->story.published_ms;
    struct picture_use use;
    map_text(og, "published", time_rfc3339(m->story.published_ms, s->a));
    map_text(og, "modified", time_rfc3339(updated, s->a));
    map_text(og, "section", m->story.section_name);
    map_set(og, "tags", value_list(topics(m)));
    map_set(s->model, "article", value_map(og));
    map_text(s->model, "og_title", m->content.social.n ? m->content.social : m->content.headline);
    if (!sheet_row_picture(s, &m->story, &use))
        return;
    struct value_map *image = map_make(s->a);
    map_text(image, "url", sheet_absolute(s, m->story.picture_address));
    map_text(image, "width", arena_fmt(s->a, "%lld", (long long)m->story.picture_width));
    map_text(image, "height", arena_fmt(s->a, "%lld", (long long)m->story.picture_height));
    map_text(image, "alt", use.alt);
    map_set(s->model, "og_image", value_map(image));
}

/* ---- the page ---- */

static void set_breadcrumbs(struct making *m)
{
    struct sheet *s = m->s;
    struct value_map *section = map_make(s->a);
    if (!m->story.section)
        return;
    map_text(section, "name", m->story.section_name);
    map_text(section, "href",
             arena_fmt(s->a, "%.*s/%.*s/", FMT(s->prefix), FMT(m->story.section_slug)));
    map_set(s->model, "section", value_map(section));
}

static void set_kicker(struct making *m)
{
    struct sheet *s = m->s;
    struct value_map *k = map_make(s->a);
    map_text(s->model, "label", sheet_label(s, m->content.label));
    if (!m->ntopics)
        return;
    map_text(k, "name", m->topics[0].name);
    map_text(k, "href", arena_fmt(s->a, "%.*s/topic/%.*s", FMT(s->prefix), FMT(m->topics[0].slug)));
    map_set(s->model, "kicker", value_map(k));
}

static void set_source(struct making *m)
{
    struct sheet *s = m->s;
    str source = m->content.source, licence = m->content.licence;
    const char *which = source.n && licence.n ? "both"
                        : source.n            ? "source"
                        : licence.n           ? "licence"
                                              : NULL;
    if (!which)
        return;
    struct html_out h = html_make(s->a, 256, 8192);
    str rest = str_from(source, str_starts(source, STR("https://")) ? 8 : 7), host;
    str_cut(rest, '/', &host);
    html_lit(&h, "<a href=\"");
    html_url(&h, source);
    html_lit(&h, "\">");
    html_text(&h, host);
    html_lit(&h, "</a>");
    map_html(s->model, "source",
             MESSAGE_HTML(s, "source", A_TEXT("which", str_c(which)), A_HTML("link", html_view(&h)),
                          A_TEXT("licence", licence)));
}

static enum status make_html(struct making *m, struct result *ret)
{
    struct sheet *s = m->s;
    html out;
    bool page = m->story.kind == KIND_PAGE; /* stands in no list: its topics lead nowhere */
    map_text(s->model, "kind", STR("story"));
    map_set(s->model, "is_page", value_bool(page));
    map_text(s->model, "headline", m->content.headline);
    map_text(s->model, "standfirst", m->content.standfirst);
    map_html(s->model, "byline", byline(m));
    if (!page) {
        map_text(s->model, "published", sheet_date(s, m->story.published_ms, DATE_TIME));
        map_text(s->model, "published_iso", time_rfc3339(m->story.published_ms, s->a));
        set_kicker(m);
        set_json_ld(m);
        set_open_graph(m);
        set_breadcrumbs(m);
    }
    map_text(s->model, "changed", change_line(m));
    map_set(s->model, "has_corrections", value_bool(m->told != NULL));
    if (m->story.picture && m->content.picture)
        map_set(s->model, "lead_picture",
                value_map(sheet_picture(s, m->content.picture, m->story.picture_address,
                                        m->story.picture_width, m->story.picture_height,
                                        m->story.published_ms)));
    map_set(s->model, "blocks", value_list(body_blocks(s, &m->content, m->story.published_ms)));
    set_background(m);
    map_set(s->model, "has_topics", value_bool(!page && m->ntopics > 0));
    map_set(s->model, "topics", value_list(page ? list_make(s->a) : topics(m)));
    map_set(s->model, "corrections", value_list(corrections(m)));
    set_source(m);
    set_translations(m);
    str description = m->content.standfirst.n ? m->content.standfirst : m->content.headline;
    sheet_common(s, m->story.path, m->content.headline, description, m->story.section);
    if (!page)
        map_text(s->model, "og_title",
                 m->content.social.n ? m->content.social : m->content.headline);
    enum status st = sheet_print(s, "story", &out);
    if (!st)
        *ret = html_result(out, 200);
    return st;
}

/* ---- text ---- */

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
    str lines[] = {byline_text(m), sheet_date(s, m->story.published_ms, DATE_TIME), change_line(m)};
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
    if (!find_background(m, &b, &content))
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

static enum status make_text(struct making *m, struct result *ret)
{
    struct sheet *s = m->s;
    struct out o = out_make(s->a, 16 << 10, TEXT_MAX);
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

/* ---- data ---- */

/* A reference to a story that isn't live appears as its text alone, without its key. */
static void hide_references(struct sheet *s, struct node *parent)
{
    for (struct node *n = parent->first; n; n = n->next) {
        struct story target;
        bool related = n->kind == NODE_RELATED;
        bool link = n->kind == NODE_TEXT && (n->t.marks & MARK_LINK) &&
                    str_starts(n->t.href, STR("story:"));
        hide_references(s, n);
        if (!related && !link)
            continue;
        str key = related ? n->related.key : str_from(n->t.href, 6);
        enum status st = story_by_key(s->v, key, PART_ADDRESS, &target);
        if (!st && target.state == STORY_LIVE)
            continue;
        if (st && st != ST_NOTFOUND)
            s->st = s->st ? s->st : st;
        if (link) {
            n->t.marks &= ~(unsigned)MARK_LINK;
            n->t.href = STR_NONE;
            continue;
        }
        struct node *text = arena_new(s->a, struct node, 1);
        if (!text)
            return;
        text->kind = NODE_TEXT;
        text->t.text = n->related.text;
        n->kind = NODE_PARAGRAPH;
        n->first = text;
    }
}

static void data_lists(struct making *m, struct out *o, bool *first)
{
    struct sheet *s = m->s;
    bool any = false;
    for (size_t i = 0; i < m->nrevisions; i++) {
        const struct revision *r = &m->revisions[i];
        bool in = true;
        if (r->kind != REV_CORRECTION && r->kind != REV_CLARIFICATION)
            continue;
        if (!any)
            json_put_key(o, first, "corrections");
        out_c(o, any ? ",{" : "[{");
        any = true;
        json_put_text(o, &in, "at", time_rfc3339(r->at, s->a));
        json_put_text(o, &in, "kind", str_c(revision_kind_name(r->kind)));
        json_put_text(o, &in, "words", r->note);
        out_byte(o, '}');
    }
    if (any)
        out_byte(o, ']');
    any = false;
    for (size_t i = 0; i < m->nfamily; i++) {
        bool in = true;
        if (m->family[i].id == m->story.id)
            continue;
        if (!any)
            json_put_key(o, first, "translations");
        out_c(o, any ? ",{" : "[{");
        any = true;
        json_put_text(o, &in, "address", m->family[i].path);
        json_put_text(o, &in, "edition", m->family[i].edition_slug);
        json_put_text(o, &in, "id", m->family[i].key);
        out_byte(o, '}');
    }
    if (any)
        out_byte(o, ']');
}

struct addresses {
    struct making *m;
    struct out *o;
    bool first;
    str seen[DATA_ADDRESSES];
    size_t n;
};

static void put_address(struct addresses *a, str name, str path)
{
    for (size_t i = 0; i < a->n; i++)
        if (str_eq(a->seen[i], name))
            return;
    if (a->n == COUNT(a->seen) || !path.n)
        return;
    a->seen[a->n++] = name;
    json_put_key(a->o, &a->first, arena_cstr(a->m->s->a, name));
    json_put(a->o, path);
}

static void put_story_address(struct addresses *a, str key)
{
    struct story target;
    struct sheet *s = a->m->s;
    enum status st = story_by_key(s->v, key, PART_ADDRESS, &target);
    if (st)
        s->st = s->st || st == ST_NOTFOUND ? s->st : st;
    else
        put_address(a, arena_fmt(s->a, "story:%.*s", FMT(key)), target.path);
}

static void put_picture_address(struct addresses *a, str key)
{
    struct picture p;
    struct sheet *s = a->m->s;
    enum status st = picture_by_key(s->v, key, &p);
    if (st)
        s->st = s->st ? s->st : st;
    else
        put_address(a, arena_fmt(s->a, "picture:%.*s", FMT(key)), p.address);
}

static void body_addresses(struct addresses *a, const struct node *parent)
{
    for (const struct node *n = parent ? parent->first : NULL; n; n = n->next) {
        if (n->kind == NODE_RELATED)
            put_story_address(a, n->related.key);
        else if (n->kind == NODE_TEXT && (n->t.marks & MARK_LINK) &&
                 str_starts(n->t.href, STR("story:")))
            put_story_address(a, str_from(n->t.href, 6));
        body_addresses(a, n);
    }
}

/* Where everything lies that the story names by key: "story:KEY" and "picture:KEY" to a path. */
static void data_addresses(struct making *m, struct out *o, bool *first)
{
    struct addresses *a = arena_new(m->s->a, struct addresses, 1);
    if (!a)
        return;
    *a = (struct addresses){.m = m, .o = o, .first = true};
    json_put_key(o, first, "addresses");
    out_byte(o, '{');
    if (m->content.picture)
        put_picture_address(a, m->content.picture->key);
    for (size_t i = 0; i < m->content.npictures; i++)
        put_picture_address(a, m->content.pictures[i].key);
    body_addresses(a, m->content.body);
    if (m->content.translation_of.n)
        put_story_address(a, m->content.translation_of);
    out_byte(o, '}');
}

static enum status make_json(struct making *m, struct result *ret)
{
    struct sheet *s = m->s;
    struct out o = out_make(s->a, 16 << 10, TEXT_MAX);
    struct story target;
    bool first = true;
    hide_references(s, m->content.body);
    const str *keys[] = {&m->content.background, &m->content.translation_of};
    for (size_t i = 0; i < COUNT(keys); i++) {
        str key = *keys[i];
        if (!key.n)
            continue;
        enum status st = story_by_key(s->v, key, PART_ADDRESS, &target);
        if (st && st != ST_NOTFOUND)
            return st;
        if (st || target.state != STORY_LIVE)
            *(str *)keys[i] = STR_NONE;
    }
    out_byte(&o, '{');
    json_put_text(&o, &first, "format", STR("broadsheet-story/1"));
    json_put_text(&o, &first, "address", m->story.path);
    data_addresses(m, &o, &first);
    json_put_int(&o, &first, "revision", m->story.revision);
    i64 updated = m->story.updated_ms ? m->story.updated_ms : m->story.published_ms;
    json_put_text(&o, &first, "updated", time_rfc3339(updated, s->a));
    data_lists(m, &o, &first);
    story_members(&m->content, &o, &first);
    out_c(&o, "}\n");
    enum status st = s->st ? s->st : out_status(&o);
    if (!st)
        *ret = (struct result){
            .status = 200, .type = STR("application/json; charset=utf-8"), .body = out_view(&o)};
    return st;
}

/* ---- which of them, and where it is now ---- */

static str bare_path(const struct page_key *k)
{
    if (k->kind == PAGE_STORY_TEXT)
        return str_head(k->path, k->path.n - 4);
    if (k->kind == PAGE_STORY_JSON)
        return str_head(k->path, k->path.n - 5);
    return k->path;
}

static enum status gone(struct making *m, const struct page_key *k, struct result *ret)
{
    if (k->kind == PAGE_STORY || k->kind == PAGE_PAGE)
        return error_page(m->s, 410, m->story.note, ret);
    *ret = (struct result){.status = 410,
                           .type = STR("text/plain; charset=utf-8"),
                           .body = arena_fmt(m->s->a, "%.*s\n", FMT(m->story.note))};
    if (k->kind == PAGE_STORY_JSON) {
        struct out o = out_make(m->s->a, 512, 1 << 16);
        bool first = true;
        out_byte(&o, '{');
        json_put_text(&o, &first, "note", m->story.note);
        json_put_int(&o, &first, "status", 410);
        out_c(&o, "}\n");
        ret->type = STR("application/json; charset=utf-8");
        ret->body = out_view(&o);
    }
    return ST_OK;
}

enum status story_page(const struct press *p, struct sheet *s, const struct page_key *k,
                       struct result *ret)
{
    struct making m = {.p = p, .s = s};
    str path = bare_path(k);
    enum status st = story_by_path(s->v, path, PART_PAGE, &m.story);
    if (st == ST_NOTFOUND)
        view_keyf(s->v, "url%.*s", FMT(k->path));
    if (st)
        return st;
    if (m.story.state == STORY_UNPUBLISHED) {
        view_keyf(s->v, "url%.*s", FMT(path));
        return ST_NOTFOUND;
    }
    if (!str_eq(m.story.path, path)) {
        str ending = str_from(k->path, path.n);
        *ret = (struct result){.status = 301,
                               .type = STR("text/plain; charset=utf-8"),
                               .location =
                                   arena_fmt(s->a, "%.*s%.*s", FMT(m.story.path), FMT(ending))};
        return ST_OK;
    }
    if (m.story.state == STORY_WITHDRAWN)
        return gone(&m, k, ret);
    st = load(&m, k->kind == PAGE_STORY_TEXT);
    if (st)
        return st;
    st = k->kind == PAGE_STORY_TEXT   ? make_text(&m, ret)
         : k->kind == PAGE_STORY_JSON ? make_json(&m, ret)
                                      : make_html(&m, ret);
    ret->modified = m.story.updated_ms ? m.story.updated_ms : m.story.published_ms;
    return st;
}

enum status error_page(struct sheet *s, int status, str note, struct result *ret)
{
    static const struct {
        int status;
        const char *title, *words;
    } known[] = {{404, "error-404-title", "error-404-words"},
                 {405, "error-405-title", "error-405-words"},
                 {410, "error-410-title", "error-410-words"},
                 {421, "error-421-title", "error-421-words"},
                 {503, "error-503-title", "error-503-words"}};
    bool theirs = status >= 400 && status < 500;
    const char *title = theirs ? "error-400-title" : "error-500-title";
    const char *words = theirs ? "error-400-words" : "error-500-words";
    html out;
    for (size_t i = 0; i < COUNT(known); i++)
        if (known[i].status == status) {
            title = known[i].title;
            words = known[i].words;
        }
    str heading = sheet_message(s, title, NULL, 0);
    map_text(s->model, "kind", STR("error"));
    map_text(s->model, "heading", heading);
    map_text(s->model, "words", sheet_message(s, words, NULL, 0));
    map_text(s->model, "note", note);
    map_set(s->model, "noindex", value_bool(true));
    sheet_common(s, STR_NONE, heading, STR_NONE, 0);
    enum status st = sheet_print(s, "error", &out);
    if (!st)
        *ret = html_result(out, status);
    return st;
}
