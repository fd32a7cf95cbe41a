/* A story as data: JSON-LD within its page, and .json beside it. */
#include "press/story_parts.h"

#include "text/json.h"

enum { DATA_ADDRESSES = 512 };

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

/* The newsroom, with the page that says how it corrects, while that is live. */
static void ld_publisher(struct making *m, struct out *o, bool *in)
{
    struct sheet *s = m->s;
    struct story policy;
    bool more = false;
    ld_object(o, in, "publisher", "NewsMediaOrganization");
    if (s->edition->corrections.n) {
        enum status st = story_by_key(s->v, s->edition->corrections, PART_ADDRESS, &policy);
        if (!st && policy.state == STORY_LIVE && policy.kind == KIND_PAGE)
            json_put_text(o, &more, "correctionsPolicy", sheet_absolute(s, policy.path));
        else if (st && st != ST_NOTFOUND)
            s->st = s->st ? s->st : st;
    }
    json_put_text(o, &more, "logo", sheet_absolute(s, theme_asset(s->theme, STR("icon.svg"))));
    json_put_text(o, &more, "name", s->edition->name);
    json_put_text(o, &more, "url", front_address(s));
    out_byte(o, '}');
}

void story_linked_data(struct making *m)
{
    struct sheet *s = m->s;
    struct out o = out_make(s->a, 2048, 1 << 20);
    bool in = false;
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
    ld_publisher(m, &o, &in);
    out_byte(&o, '}');
    ld_breadcrumbs(m, &o);
    out_c(&o, "]}");
    map_html(s->model, "json_ld", html_json(s->a, out_view(&o)));
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

enum status story_data(struct making *m, struct result *ret)
{
    struct sheet *s = m->s;
    struct out o = out_make(s->a, 16 << 10, STORY_TEXT_MAX);
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
