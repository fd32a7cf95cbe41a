#include "site/routes.h"

#include "base/guard.h"
#include "http/target.h"
#include "store/newsroom.h"

const struct route routes[] = {
    {GET, "/", ANYONE, PAGE_FRONT, "", false, LANE_PAGES},
    {GET, "/feed.xml", ANYONE, PAGE_FEED, "", false, LANE_PAGES},
    {GET, "/robots.txt", ANYONE, PAGE_ROBOTS, "", true, LANE_PAGES},
    {GET, "/sitemap/news.xml", ANYONE, PAGE_NEWS_MAP, "", true, LANE_PAGES},
    {GET, "/picture/:slug", ANYONE, PAGE_PICTURE, "", true, LANE_PAGES},
    {GET, "/topic/:slug", ANYONE, PAGE_TOPIC, "before", false, LANE_PAGES},
    {GET, "/by/:slug", ANYONE, PAGE_BYLINE, "before", false, LANE_PAGES},
    {GET, "/archive/:year/:month/:day", ANYONE, PAGE_DAY, "before", false, LANE_PAGES},
    {GET, "/page/:slug", ANYONE, PAGE_PAGE, "", false, LANE_PAGES},
    {GET, "/:section/", ANYONE, PAGE_SECTION, "before", false, LANE_PAGES},
    {GET, "/:section/feed.xml", ANYONE, PAGE_SECTION_FEED, "", false, LANE_PAGES},
    {GET, "/:section/:year/:month/:day/:slug", ANYONE, PAGE_STORY, "", false, LANE_PAGES},
#ifdef BROADSHEET_PROVE
    {.method = GET,
     .pattern = "/nobody/has/a/role/here/at-all",
     .kind = PAGE_FRONT,
     .query = ""}, /* for the tests */
#endif
};

size_t routes_count(void)
{
    return COUNT(routes);
}

struct match {
    const struct route *route;
    str section, slug, year, month, day;
};

static bool take(struct match *m, str name, str value)
{
    static const struct {
        const char *name;
        size_t at;
    } fields[] = {{":section", offsetof(struct match, section)},
                  {":slug", offsetof(struct match, slug)},
                  {":year", offsetof(struct match, year)},
                  {":month", offsetof(struct match, month)},
                  {":day", offsetof(struct match, day)}};
    for (size_t i = 0; i < COUNT(fields); i++)
        if (str_eq(name, str_c(fields[i].name))) {
            memcpy((char *)m + fields[i].at, &value, sizeof value);
            return value.n > 0;
        }
    return false;
}

static bool matches(const struct route *r, str path, struct match *ret)
{
    struct match m = {.route = r};
    str want = str_from(str_c(r->pattern), 1), have = str_from(path, 1), w, h;
    if (path.n == 0)
        return false;
    do {
        want = str_cut(want, '/', &w);
        have = str_cut(have, '/', &h);
        bool same = w.n && w.p[0] == ':' ? take(&m, w, h) : str_eq(w, h);
        if (!same || (want.p == NULL) != (have.p == NULL))
            return false;
    } while (want.p);
    *ret = m;
    return true;
}

static bool find(str path, bool below_edition, struct match *ret)
{
    for (size_t i = 0; i < COUNT(routes); i++)
        if (!(below_edition && routes[i].root) && matches(&routes[i], path, ret))
            return true;
    return false;
}

/* The path below its first segment: "/ar/town/" is "/town/" there. */
static str below(str path)
{
    str first, rest = str_cut(str_from(path, 1), '/', &first);
    return rest.p ? (str){rest.p - 1, rest.n + 1} : STR_NONE;
}

enum status site_route(enum method m, str path, struct verdict *ret)
{
    struct match here, there;
    bool a = find(path, false, &here), b = find(below(path), true, &there);
    *ret = (struct verdict){0};
    if (m != GET && m != HEAD) {
        ret->allow = "GET, HEAD, OPTIONS";
        return ST_METHOD;
    }
    if (GUARD(role_denies) &&
        ((a && here.route->role == NOBODY) || (b && there.route->role == NOBODY)))
        return ST_DENIED;
    if (a && here.route->query[0])
        ret->declared = str_c(here.route->query);
    else if (b && there.route->query[0])
        ret->declared = str_c(there.route->query);
    return a || b ? ST_OK : ST_NOTFOUND;
}

str site_cache_key(const struct request *r, char buf[SITE_KEY_MAX])
{
    str before = request_query(r, STR("before"));
    if (!before.n)
        return r->path;
    /* joined by what neither can hold: a '?' may stand in a decoded path */
    int n = snprintf(buf, SITE_KEY_MAX, "%.*s\n%.*s", FMT(r->path), FMT(before));
    return (str){buf, n > 0 && n < SITE_KEY_MAX ? (size_t)n : 0};
}

/* ---- which page ---- */

static int number(str s, size_t digits)
{
    i64 v;
    return s.n == digits && s.p[0] != '-' && str_i64(s, &v) == ST_OK ? (int)v : -1;
}

/* to: a decoded path. Written as an address, or a browser reads a backslash as a slash and
 * "/\\host" as another site. rowless: any path that strangers make up is redirected so. */
static enum status redirect(const struct press *p, struct view *v, str to, bool rowless,
                            struct printed *ret, struct err *err)
{
    struct finished *page;
    if (GUARD(redirect_escaped))
        to = path_escape(to, v->a);
    struct finished_spec spec = {.status = 301,
                                 .content_type = STR("text/plain; charset=utf-8"),
                                 .nheaders = 1,
                                 .headers = {{STR("Location"), to}}};
    enum status st = finished_make(&spec, &page, err);
    if (!st)
        *ret = (struct printed){.page = page,
                                .snapshot = v->snapshot,
                                .until = v->until,
                                .keys = v->keys,
                                .nkeys = v->nkeys,
                                .theme = theme_number(p->theme),
                                .rowless = rowless};
    return st;
}

/* A section or an edition asked for without its slash. */
static bool without_slash(struct view *v, const struct edition *e, str rest, enum status *st)
{
    struct section s;
    if (rest.n < 2 || str_find_byte(str_from(rest, 1), '/') >= 0)
        return false;
    *st = section_by_slug(v, e->id, str_from(rest, 1), &s);
    return *st == ST_OK;
}

struct asked {
    const struct edition *edition;
    bool first;
    str rest; /* the path below the edition */
};

static void which_edition(const struct edition *list, size_t n, str path, struct asked *ret)
{
    str segment;
    str_cut(str_from(path, 1), '/', &segment);
    *ret = (struct asked){.edition = n ? &list[0] : NULL, .first = true, .rest = path};
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].slug, segment))
            *ret = (struct asked){.edition = &list[i], .first = i == 0, .rest = below(path)};
}

static struct page_key key_of(const struct match *m, const struct asked *asked,
                              const struct edition *list, size_t n, str path, str before)
{
    struct page_key k = {.kind = m->route->kind,
                         .edition = asked->edition->slug,
                         .editions = list,
                         .neditions = n,
                         .path = path,
                         .before = before,
                         .slug = m->slug.n ? m->slug : m->section};
    if (m->route->kind == PAGE_SECTION || m->route->kind == PAGE_SECTION_FEED)
        k.slug = m->section;
    if (k.kind == PAGE_STORY && str_ends(path, STR(".txt")))
        k.kind = PAGE_STORY_TEXT;
    else if (k.kind == PAGE_STORY && str_ends(path, STR(".json")))
        k.kind = PAGE_STORY_JSON;
    k.year = number(m->year, 4);
    k.month = number(m->month, 2);
    k.day = number(m->day, 2);
    return k;
}

enum status site_page(const struct press *p, struct view *v, str path, str before,
                      struct printed *ret, struct err *err)
{
    const struct edition *list = NULL;
    size_t n = 0;
    struct asked asked;
    struct match m;
    enum status st = editions_read(v, &list, &n);
    if (st)
        return st;
    which_edition(list, n, path, &asked);
    bool prefixed = asked.rest.p != path.p;
    if (!asked.edition)
        return fail(err, ST_NOTFOUND, "the site has no edition");
    if (prefixed && asked.rest.n == 0) /* "/ar" */
        return redirect(p, v, asked.first ? STR("/") : arena_fmt(v->a, "%.*s/", FMT(path)), false,
                        ret, err);
    if (prefixed && asked.first) /* the first edition stands at the root */
        return redirect(p, v, asked.rest, true, ret, err);
    bool found = find(asked.rest, prefixed, &m);
    if (found && before.n && !m.route->query[0] && GUARD(query_declared)) /* "/ar/?before=x" */
        return redirect(p, v, path, true, ret, err);
    if (found) {
        struct page_key k = key_of(&m, &asked, list, n, path, before);
        return press_page(p, v, &k, ret, err);
    }
    if (without_slash(v, asked.edition, asked.rest, &st))
        return redirect(p, v, arena_fmt(v->a, "%.*s/", FMT(path)), false, ret, err);
    if (st && st != ST_NOTFOUND)
        return st;
    struct page_key k = {.kind = PAGE_KIND_COUNT,
                         .edition = asked.edition->slug,
                         .editions = list,
                         .neditions = n,
                         .path = path};
    return press_page(p, v, &k, ret, err);
}
