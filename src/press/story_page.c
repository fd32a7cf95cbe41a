#include "press/story_parts.h"

#include "base/guard.h"
#include "press/removed.h"
#include "store/removal.h"
#include "text/json.h"
#include "text/slug.h"

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

str story_change_line(struct making *m)
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

bool story_background(struct making *m, struct story *b, struct story_content *content)
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

/* Whether there is one to show. */
static bool set_background(struct making *m)
{
    struct sheet *s = m->s;
    struct story b;
    struct story_content content;
    if (!story_background(m, &b, &content))
        return false;
    struct value_map *bg = map_make(s->a);
    i64 at = b.updated_ms ? b.updated_ms : b.published_ms;
    map_text(bg, "heading", content.headline);
    map_text(bg, "dated",
             MESSAGE(s, "background-of", A_TEXT("date", sheet_date(s, at, DATE_LONG))));
    map_set(bg, "blocks", value_list(body_blocks(s, &content, b.published_ms)));
    map_set(s->model, "background", value_map(bg));
    return true;
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

/* Whether there is another to link to. */
static bool set_translations(struct making *m)
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
    if (!list_count(links))
        return false;
    map_text(s->model, "x_default", sheet_absolute(s, fallback));
    map_set(s->model, "alternates", value_list(alternates));
    map_set(s->model, "has_translations", value_bool(true));
    map_set(s->model, "translations", value_list(links));
    return true;
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

/* Whether the story names its source or a licence. */
static bool set_source(struct making *m)
{
    struct sheet *s = m->s;
    str source = m->content.source, licence = m->content.licence;
    const char *which = source.n && licence.n ? "both"
                        : source.n            ? "source"
                        : licence.n           ? "licence"
                                              : NULL;
    if (!which)
        return false;
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
    return true;
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
        set_breadcrumbs(m);
    }
    if (!page && !m->preview) {
        story_linked_data(m);
        set_open_graph(m);
    }
    map_text(s->model, "changed", story_change_line(m));
    map_set(s->model, "has_corrections", value_bool(m->told != NULL));
    if (m->story.picture && m->content.picture)
        map_set(s->model, "lead_picture",
                value_map(sheet_picture(s, m->content.picture, m->story.picture_address,
                                        m->story.picture_width, m->story.picture_height,
                                        m->story.published_ms)));
    struct value_list *blocks = body_blocks(s, &m->content, m->story.published_ms);
    bool background = set_background(m);
    map_set(s->model, "has_body", value_bool(background || list_count(blocks) > 0));
    map_set(s->model, "blocks", value_list(blocks));
    bool after = m->told || (!page && m->ntopics);
    map_set(s->model, "has_topics", value_bool(!page && m->ntopics > 0));
    map_set(s->model, "topics", value_list(page ? list_make(s->a) : topics(m)));
    map_set(s->model, "corrections", value_list(corrections(m)));
    after |= set_source(m);
    after |= set_translations(m);
    map_set(s->model, "has_after", value_bool(after));
    str description = m->content.standfirst.n ? m->content.standfirst : m->content.headline;
    /* a preview has no address: nothing is told to other sites */
    sheet_common(s, m->preview ? STR_NONE : m->story.path, m->content.headline, description,
                 m->story.section);
    map_set(s->model, "noindex", value_bool(m->preview));
    map_text(s->model, "embargo",
             m->embargo ? MESSAGE(s, "embargo-until", A_TEXT("time", sheet_moment(s, m->embargo)))
                        : STR_NONE);
    if (!page && !m->preview)
        map_text(s->model, "og_title",
                 m->content.social.n ? m->content.social : m->content.headline);
    enum status st = sheet_print(s, "story", &out);
    if (!st)
        *ret = html_result(out, 200);
    return st;
}

/* A page that says one thing, with a note below it or without. */
static enum status words_page(struct sheet *s, int status, const char *title, const char *words,
                              str note, struct result *ret)
{
    html out;
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

/* ---- which of them, and where it is now ---- */

static str bare_path(const struct page_key *k)
{
    if (k->kind == PAGE_STORY_TEXT)
        return str_head(k->path, k->path.n - 4);
    if (k->kind == PAGE_STORY_JSON)
        return str_head(k->path, k->path.n - 5);
    return k->path;
}

/* note: what those are told who ask for the text or the data. */
static void gone_data(struct sheet *s, const struct page_key *k, str note, struct result *ret)
{
    *ret = (struct result){.status = 410,
                           .type = STR("text/plain; charset=utf-8"),
                           .body = arena_fmt(s->a, "%.*s\n", FMT(note))};
    if (k->kind == PAGE_STORY_JSON) {
        struct out o = out_make(s->a, 512, 1 << 16);
        bool first = true;
        out_byte(&o, '{');
        json_put_text(&o, &first, "note", note);
        json_put_int(&o, &first, "status", 410);
        out_c(&o, "}\n");
        ret->type = STR("application/json; charset=utf-8");
        ret->body = out_view(&o);
    }
}

static bool wants_page(const struct page_key *k)
{
    return k->kind == PAGE_STORY || k->kind == PAGE_PAGE;
}

static enum status gone(struct making *m, const struct page_key *k, struct result *ret)
{
    if (wants_page(k))
        return error_page(m->s, 410, m->story.note, ret);
    gone_data(m->s, k, m->story.note, ret);
    return ST_OK;
}

/* An address that held words which were removed by order: not where it leads to now, for that would
 * tell whom they are about. */
static enum status gone_by_order(struct sheet *s, const struct page_key *k, struct result *ret)
{
    enum status st = ST_OK;
    if (wants_page(k))
        st = words_page(s, 410, "removed-title", "removed-words", STR_NONE, ret);
    else
        gone_data(s, k, sheet_message(s, "removed-words", NULL, 0), ret);
    ret->hidden = true;
    return st ? st : s->st;
}

enum status story_page(const struct press *p, struct sheet *s, const struct page_key *k,
                       struct result *ret)
{
    struct making m = {.p = p, .s = s};
    str path = bare_path(k);
    enum status st = story_by_path(s->v, path, PART_PAGE, &m.story);
    if (st == ST_NOTFOUND) {
        bool removed;
        view_keyf(s->v, "url%.*s", FMT(k->path));
        st = gone_has(s->v, path, &removed);
        return st ? st : removed && GUARD(removal_gone) ? gone_by_order(s, k, ret) : ST_NOTFOUND;
    }
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
    st = k->kind == PAGE_STORY_TEXT   ? story_text(&m, ret)
         : k->kind == PAGE_STORY_JSON ? story_data(&m, ret)
                                      : make_html(&m, ret);
    ret->modified = m.story.updated_ms ? m.story.updated_ms : m.story.published_ms;
    return st;
}

/* ---- a preview: the same page, of words that are not published ---- */

/* Names that no row has yet are shown as they are written. */
static enum status preview_names(struct making *m)
{
    struct sheet *s = m->s;
    const struct story_content *c = &m->content;
    struct name *list = arena_new(s->a, struct name, c->ntopics + c->nby);
    if (!list)
        return ST_NOMEM;
    for (size_t i = 0; i < c->ntopics + c->nby; i++) {
        bool topic = i < c->ntopics;
        const struct person_name *by = topic ? NULL : &c->by[i - c->ntopics];
        struct name n = {.kind = topic ? NAME_TOPIC : NAME_BYLINE,
                         .name = topic ? c->topics[i] : by->name,
                         .lang = topic ? STR_NONE : by->lang};
        enum status st = slug_of_name(n.name, s->a, &n.slug);
        st = st ? st : name_by_slug(s->v, n.kind, s->edition->id, n.slug, &n);
        if (st && st != ST_NOTFOUND)
            return st;
        n.role = topic ? STR_NONE : by->role;
        list[i] = n;
    }
    m->topics = list;
    m->ntopics = c->ntopics;
    m->authors = list + c->ntopics;
    m->nauthors = c->nby;
    return ST_OK;
}

/* The row as publishing this would make it, as far as a page shows it. */
static enum status preview_row(struct making *m)
{
    struct sheet *s = m->s;
    struct section section;
    struct picture picture;
    struct story *row = &m->story;
    enum status st = story_by_key(s->v, m->content.id, PART_PAGE, row);
    if (st && st != ST_NOTFOUND)
        return st;
    row->kind = m->content.kind;
    row->published_ms = m->content.published ? m->content.published : s->v->now;
    row->section = row->picture = 0;
    if (m->content.section.n) {
        st = section_by_slug(s->v, s->edition->id, m->content.section, &section);
        if (st && st != ST_NOTFOUND)
            return st;
        if (!st) {
            row->section = section.id;
            row->section_name = section.name;
            row->section_slug = section.slug;
        }
    }
    if (m->content.picture) {
        st = picture_by_key(s->v, m->content.picture->key, &picture);
        if (st)
            return st;
        row->picture = picture.id;
        row->picture_address = arena_fmt(s->a, "%.*s%.*s", FMT(s->pictures), FMT(picture.key));
        row->picture_width = picture.width;
        row->picture_height = picture.height;
    }
    return ST_OK;
}

enum status press_preview(const struct press *p, struct view *v, const struct story_content *c,
                          str pictures, i64 embargo, str *ret, struct err *err)
{
    struct sheet s;
    struct result page;
    struct page_key k = {.kind = PAGE_STORY};
    struct making m = {.p = p, .s = &s, .content = *c, .preview = true, .embargo = embargo};
    enum status st = sheet_open(&s, v, p->theme, &k, c->edition);
    s.pictures = pictures;
    st = st ? st : preview_row(&m);
    st = st ? st : preview_names(&m);
    if (!st && m.story.revision)
        st = revision_list(v, m.story.id, &m.revisions, &m.nrevisions);
    for (size_t i = 0; !st && !m.told && i < m.nrevisions; i++)
        if (m.revisions[i].kind == REV_CORRECTION || m.revisions[i].kind == REV_CLARIFICATION)
            m.told = &m.revisions[i];
    if (!st && m.story.family)
        st = story_family(v, m.story.family, false, &m.family, &m.nfamily);
    st = st ? st : make_html(&m, &page);
    st = st ? st : removed_show(&s, page.type, &page.body);
    if (st)
        return v->a->oom ? fail(err, ST_NOMEM, "the preview needs more memory than a request has")
                         : st;
    *ret = page.body;
    return ST_OK;
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
    for (size_t i = 0; i < COUNT(known); i++)
        if (known[i].status == status) {
            title = known[i].title;
            words = known[i].words;
        }
    return words_page(s, status, title, words, note, ret);
}
