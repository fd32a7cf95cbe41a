#include "press/pages.h"

#include <unistd.h>

#include "media/picture.h"
#include "press/removed.h"
#include "press/story_page.h"
#include "store/picture.h"

const char *const page_kind_names[] = {
#define X(k, name) name,
    PAGE_KINDS(X)
#undef X
};

/* A picture is a page like any other: an entry of the cache whose value is a descriptor. */
static enum status picture_page(const struct press *p, struct view *v, const struct page_key *k,
                                struct result *ret)
{
    struct picture row;
    struct sha256 hash;
    enum status st = picture_public(v, k->path, &row);
    if (st)
        return st;
    if (row.served.n != sizeof hash.bytes)
        return fail(v->err, ST_CORRUPT, "the picture %.*s has no hash", FMT(row.key));
    memcpy(hash.bytes, row.served.p, sizeof hash.bytes);
    *ret = (struct result){.status = 200,
                           .type = str_c(picture_mime((enum picture_type)row.type)),
                           .fd_etag = sha256_hex(hash, v->a),
                           .cache_control = STR("public, max-age=31536000, immutable")};
    st = blob_open(p->blobs, BLOB_SERVED, hash, &ret->fd, &ret->fd_size, v->err);
    return st == ST_NOTFOUND /* a row without its bytes is no 404 */
               ? fail(v->err, ST_CORRUPT, "the file of the picture %.*s is missing: restore media/",
                      FMT(row.key))
               : st;
}

static enum status robots(const struct press *p, struct view *v, struct result *ret)
{
    *ret = (struct result){
        .status = 200,
        .type = STR("text/plain; charset=utf-8"),
        .body = arena_fmt(v->a, "User-agent: *\nAllow: /\n\nSitemap: %.*s/sitemap/news.xml\n",
                          FMT(theme_base_url(p->theme)))};
    return ST_OK;
}

static enum status by_kind(const struct press *p, struct sheet *s, const struct page_key *k,
                           struct result *ret)
{
    switch (k->kind) {
    case PAGE_FRONT:
        return front_page(p, s, ret);
    case PAGE_STORY:
    case PAGE_STORY_TEXT:
    case PAGE_STORY_JSON:
    case PAGE_PAGE:
        return story_page(p, s, k, ret);
    case PAGE_SECTION:
    case PAGE_TOPIC:
    case PAGE_BYLINE:
    case PAGE_DAY:
        return list_page(p, s, k, ret);
    case PAGE_FEED:
    case PAGE_SECTION_FEED:
        return feed_page(p, s, k, ret);
    case PAGE_NEWS_MAP:
        return news_map(p, s, ret);
    case PAGE_ERROR:
        return error_page(s, k->status, STR_NONE, ret);
    default:
        return ST_NOTFOUND;
    }
}

static enum status not_found(const struct press *p, struct view *v, const struct page_key *k,
                             struct result *ret)
{
    struct sheet s;
    view_keyf(v, "url%.*s", FMT(k->path)); /* it changes when the address begins to answer */
    enum status st = sheet_open(&s, v, p->theme, k, k->edition);
    if (st == ST_NOTFOUND)
        st = sheet_open(&s, v, p->theme, k, STR_NONE);
    st = st ? st : error_page(&s, 404, STR_NONE, ret);
    ret->rowless = true;
    return st;
}

static enum status make(const struct press *p, struct view *v, const struct page_key *k,
                        struct result *ret)
{
    struct sheet s;
    enum status st;
    view_key(v, STR("site"));
    if (k->kind == PAGE_PICTURE) {
        st = picture_page(p, v, k, ret);
    } else if (k->kind == PAGE_ROBOTS) {
        st = robots(p, v, ret);
    } else {
        st = sheet_open(&s, v, p->theme, k, k->edition);
        st = st ? st : by_kind(p, &s, k, ret);
        st = st ? st : removed_show(&s, ret->type, &ret->body);
    }
    return st == ST_NOTFOUND ? not_found(p, v, k, ret) : st;
}

static enum status finish(const struct result *r, struct finished **ret, struct err *err)
{
    struct finished_spec spec = {.status = r->status,
                                 .content_type = r->type,
                                 .body = r->body,
                                 .fd = r->fd,
                                 .fd_size = r->fd_size,
                                 .fd_etag = r->fd_etag,
                                 .cache_control = r->cache_control,
                                 .modified_ms = r->modified,
                                 .hidden = r->hidden};
    if (r->location.n)
        spec.headers[spec.nheaders++] = (struct header){STR("Location"), r->location};
    if (r->status == 503)
        spec.headers[spec.nheaders++] = (struct header){STR("Retry-After"), STR("2")};
    return finished_make(&spec, ret, err);
}

enum status press_page(const struct press *p, struct view *v, const struct page_key *k,
                       struct printed *ret, struct err *err)
{
    struct result r = {0};
    struct finished *page = NULL;
    enum status st = make(p, v, k, &r);
    if (!st && v->a->oom)
        st =
            fail(err, ST_NOMEM, "the page %.*s needs more memory than a request has", FMT(k->path));
    if (st && r.fd > 0)
        close(r.fd);
    st = st ? st : finish(&r, &page, err);
    if (st)
        return st;
    *ret = (struct printed){.page = page,
                            .snapshot = v->snapshot,
                            .until = v->until,
                            .keys = v->keys,
                            .nkeys = v->nkeys,
                            .theme = theme_number(p->theme),
                            .rowless = r.rowless};
    return ST_OK;
}
