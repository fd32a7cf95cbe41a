/* Lists, feeds and the news map. */
#include "press/body.h"
#include "press/story_page.h"
#include "store/name.h"

enum { LIST_PAGE = 30, FEED_ENTRIES = 20, NEWS_ENTRIES = 1000, NEWS_DAYS = 2 };

/* ---- lists ---- */

struct listed {
    str list, path, title, heading, description;
    html heading_html;
    i64 section;
    bool empty_answers; /* a section answers without stories; a topic doesn't */
};

static enum status list_named(struct sheet *s, const struct page_key *k, struct listed *l)
{
    struct name n;
    bool topic = k->kind == PAGE_TOPIC;
    l->path = k->path;
    view_keyf(s->v, "url%.*s", FMT(k->path));
    enum status st =
        name_by_slug(s->v, topic ? NAME_TOPIC : NAME_BYLINE, s->edition->id, k->slug, &n);
    if (st)
        return st;
    l->list = name_list_key(&n, s->a);
    l->title = n.name;
    l->heading_html = topic ? html_escaped(s->a, n.name) : sheet_name(s, n.name, n.lang);
    l->description = MESSAGE(s, topic ? "topic-description" : "byline-description",
                             A_TEXT("name", n.name), A_TEXT("site", s->edition->name));
    return ST_OK;
}

static enum status list_section(struct sheet *s, const struct page_key *k, struct listed *l)
{
    struct section c;
    enum status st = section_by_slug(s->v, s->edition->id, k->slug, &c);
    if (st)
        return st;
    l->list = arena_fmt(s->a, "section-list/%lld", (long long)c.id);
    l->path = arena_fmt(s->a, "%.*s/%.*s/", FMT(s->prefix), FMT(c.slug));
    l->title = c.name;
    l->heading_html = html_escaped(s->a, c.name);
    l->description = c.description;
    l->section = c.id;
    l->empty_answers = true;
    map_text(s->model, "feed", arena_fmt(s->a, "%.*sfeed.xml", FMT(l->path)));
    struct picture p;
    st = section_picture(s->v, &c, &p);
    if (!st)
        map_set(s->model, "section_picture",
                value_map(sheet_image(s, STR_NONE, p.address, p.width, p.height)));
    return st == ST_NOTFOUND ? ST_OK : st;
}

static enum status list_day(struct sheet *s, const struct page_key *k, struct listed *l)
{
    i64 start;
    if (!civil_date_valid(k->year, k->month, k->day))
        return ST_NOTFOUND;
    view_keyf(s->v, "url%.*s", FMT(k->path));
    enum status st = date_day_start(s->edition->zone, k->year, k->month, k->day, &start, s->err);
    if (st)
        return st;
    str date = sheet_date(s, start + 12 * MS_HOUR, DATE_FULL);
    l->list = arena_fmt(s->a, "day/%lld/%04d-%02d-%02d", (long long)s->edition->id, k->year,
                        k->month, k->day);
    l->path = k->path;
    l->title = MESSAGE(s, "day-title", A_TEXT("date", date));
    l->heading_html = html_escaped(s->a, date);
    l->description =
        MESSAGE(s, "day-description", A_TEXT("date", date), A_TEXT("site", s->edition->name));
    return ST_OK;
}

enum status list_page(const struct press *p, struct sheet *s, const struct page_key *k,
                      struct result *ret)
{
    struct listed l = {0};
    struct story *stories = NULL;
    size_t n = 0;
    struct value_list *cards = list_make(s->a);
    html out;
    (void)p;
    enum status st = k->kind == PAGE_SECTION ? list_section(s, k, &l)
                     : k->kind == PAGE_DAY   ? list_day(s, k, &l)
                                             : list_named(s, k, &l);
    struct story_list_query q = {.list = l.list, .limit = LIST_PAGE + 1};
    if (!st && k->before.n)
        st = list_place(s->v, l.list, k->before, &q.before_ms, &q.before_id);
    st = st ? st : story_list(s->v, &q, &stories, &n);
    if (st)
        return st;
    if (n == 0 && !l.empty_answers && !k->before.n)
        return ST_NOTFOUND;
    for (size_t i = 0; i < n && i < LIST_PAGE; i++)
        list_add(cards, value_map(sheet_card(s, &stories[i])));
    map_text(s->model, "kind", STR("listing"));
    map_html(s->model, "heading", l.heading_html);
    map_text(s->model, "list_description", l.description);
    map_set(s->model, "stories", value_list(cards));
    map_set(s->model, "empty", value_bool(n == 0));
    if (n > LIST_PAGE)
        map_text(s->model, "older",
                 arena_fmt(s->a, "%.*s?before=%.*s", FMT(l.path), FMT(stories[LIST_PAGE - 1].key)));
    if (k->before.n)
        map_text(s->model, "newest", l.path);
    map_set(s->model, "noindex", value_bool(k->before.n > 0));
    sheet_common(s, l.path, l.title, l.description.n ? l.description : l.title, l.section);
    st = sheet_print(s, "list", &out);
    if (!st)
        *ret = html_result(out, 200);
    return st;
}

/* ---- feeds and the news map ---- */

static enum status newest(struct sheet *s, str list, size_t limit, struct story **ret, size_t *n)
{
    return story_list(s->v, &(struct story_list_query){.list = list, .limit = limit}, ret, n);
}

static enum status feed_entry(struct sheet *s, const struct story *story,
                              struct value_list *entries)
{
    struct story_content content;
    struct value_map *m = map_make(s->a);
    struct value_list *authors = list_make(s->a);
    view_keyf(s->v, "story/%lld", (long long)story->id);
    enum status st = story_content_of(s, story, &content);
    if (st)
        return st;
    i64 updated = story->updated_ms ? story->updated_ms : story->published_ms;
    map_text(m, "title", content.headline);
    map_text(m, "url", sheet_absolute(s, story->path));
    map_text(m, "id",
             arena_fmt(s->a, "%.*s/#%.*s", FMT(theme_base_url(s->theme)), FMT(story->key)));
    map_text(m, "published", time_rfc3339(story->published_ms, s->a));
    map_text(m, "updated", time_rfc3339(updated, s->a));
    str label = sheet_label(s, content.label);
    map_text(m, "label", label);
    map_text(m, "label_term", content.label);
    map_text(m, "summary",
             label.n && content.standfirst.n ? MESSAGE(s, "feed-summary", A_TEXT("label", label),
                                                       A_TEXT("standfirst", content.standfirst))
             : label.n                       ? label
                                             : content.standfirst);
    for (size_t i = 0; i < content.nby; i++)
        list_add(authors, value_text(content.by[i].name));
    map_set(m, "authors", value_list(authors));
    map_text(m, "content",
             body_html(s, &content, story->published_ms)
                 .s); /* html as text: in a feed it is escaped once more */
    list_add(entries, value_map(m));
    return ST_OK;
}

enum status feed_page(const struct press *p, struct sheet *s, const struct page_key *k,
                      struct result *ret)
{
    struct story *stories = NULL;
    size_t n = 0;
    struct section c = {0};
    struct value_list *entries = list_make(s->a);
    html out;
    (void)p;
    bool section = k->kind == PAGE_SECTION_FEED;
    enum status st = section ? section_by_slug(s->v, s->edition->id, k->slug, &c) : ST_OK;
    str list = section ? arena_fmt(s->a, "section-list/%lld", (long long)c.id)
                       : arena_fmt(s->a, "edition-list/%lld", (long long)s->edition->id);
    st = st ? st : newest(s, list, FEED_ENTRIES, &stories, &n);
    s->absolute = true;
    i64 updated = 0;
    for (size_t i = 0; !st && i < n; i++) {
        i64 at = stories[i].updated_ms ? stories[i].updated_ms : stories[i].published_ms;
        updated = at > updated ? at : updated;
        st = feed_entry(s, &stories[i], entries);
    }
    if (st)
        return st;
    str home = section       ? arena_fmt(s->a, "%.*s/%.*s/", FMT(s->prefix), FMT(c.slug))
               : s->prefix.n ? arena_fmt(s->a, "%.*s/", FMT(s->prefix))
                             : STR("/");
    map_text(s->model, "lang", locale_tag(s->l));
    map_text(s->model, "title",
             section ? MESSAGE(s, "feed-title", A_TEXT("section", c.name),
                               A_TEXT("site", s->edition->name))
                     : s->edition->name);
    map_text(s->model, "subtitle", section ? c.description : s->edition->motto);
    map_text(s->model, "author", s->edition->name);
    map_text(s->model, "home", sheet_absolute(s, home));
    map_text(s->model, "self", sheet_absolute(s, k->path));
    map_text(s->model, "updated", time_rfc3339(updated, s->a));
    map_set(s->model, "entries", value_list(entries));
    st = sheet_print(s, "feed", &out);
    if (!st)
        *ret = (struct result){
            .status = 200, .type = STR("application/atom+xml; charset=utf-8"), .body = out.s};
    return st;
}

/* Of all editions: stories of the last two days, each for as long as it is one. */
enum status news_map(const struct press *p, struct sheet *s, struct result *ret)
{
    struct value_list *entries = list_make(s->a);
    html out;
    enum status st = ST_OK;
    (void)p;
    for (size_t e = 0; !st && e < s->neditions && list_count(entries) < NEWS_ENTRIES; e++) {
        struct story *stories = NULL;
        size_t n = 0;
        str language;
        str_cut(s->editions[e].locale, '-', &language);
        st = story_headlines(s->v, s->editions[e].id, KIND_STORY, s->v->now - NEWS_DAYS * MS_DAY,
                             NEWS_ENTRIES - list_count(entries), &stories, &n);
        for (size_t i = 0; !st && i < n; i++) {
            struct value_map *m = map_make(s->a);
            view_until(s->v, stories[i].first_ms + NEWS_DAYS * MS_DAY);
            map_text(m, "url", sheet_absolute(s, stories[i].path));
            map_text(m, "name", s->editions[e].name);
            map_text(m, "language", language);
            map_text(m, "published", time_rfc3339(stories[i].published_ms, s->a));
            map_text(m, "title", stories[i].headline);
            list_add(entries, value_map(m));
        }
    }
    map_set(s->model, "entries", value_list(entries));
    st = st ? st : sheet_print(s, "news-map", &out);
    if (!st)
        *ret = (struct result){
            .status = 200, .type = STR("application/xml; charset=utf-8"), .body = out.s};
    return st;
}
