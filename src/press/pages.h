/* press/pages.h: every kind of page, from rows to finished bytes.
 *
 * The one table page_kinds names them; tests walk it, so that a kind without its golden,
 * absent-field and validity tests can't be added. A render reads from one view and takes its time
 * from it. What isn't there is a finished 404, a withdrawn story a finished 410; errors are the
 * store's and the theme's. Threads: any. */
#ifndef PRESS_PAGES_H
#define PRESS_PAGES_H

#include "media/blob.h"
#include "press/cache.h"
#include "press/theme.h"
#include "store/front.h"
#include "text/story.h"

#define PAGE_KINDS(X)                                                                              \
    X(PAGE_FRONT, "front")                                                                         \
    X(PAGE_SECTION, "section")                                                                     \
    X(PAGE_STORY, "story")                                                                         \
    X(PAGE_STORY_TEXT, "story.txt")                                                                \
    X(PAGE_STORY_JSON, "story.json")                                                               \
    X(PAGE_TOPIC, "topic")                                                                         \
    X(PAGE_BYLINE, "byline")                                                                       \
    X(PAGE_DAY, "day")                                                                             \
    X(PAGE_PAGE, "page")                                                                           \
    X(PAGE_FEED, "feed")                                                                           \
    X(PAGE_SECTION_FEED, "section-feed") X(PAGE_NEWS_MAP, "news-map") X(PAGE_ROBOTS, "robots")     \
        X(PAGE_PICTURE, "picture") X(PAGE_ERROR, "error")
enum page_kind {
#define X(k, name) k,
    PAGE_KINDS(X)
#undef X
        PAGE_KIND_COUNT
};
extern const char *const page_kind_names[];

/* What a page is asked by: nothing else of a request reaches it, so it can't depend on a header or
 * a cookie. */
struct page_key {
    enum page_kind kind;
    str edition;                    /* its slug, "" for the first */
    const struct edition *editions; /* of this view, when whoever found the route has read them */
    size_t neditions;
    str path;   /* the whole path, decoded */
    str slug;   /* of a section, topic, byline */
    str before; /* a story's key, for lists */
    int year, month, day;
    int status; /* of an error page */
};

struct press {
    struct theme *theme; /* the one in force when the render began */
    struct blobs *blobs;
};

/* Renders. ret->page carries the status (200, 301, 404, 410); keys and until are the view's. */
MUST_USE enum status press_page(const struct press *p, struct view *v, const struct page_key *k,
                                struct printed *ret, struct err *err);

/* The very page that publishing c would make, but for what it tells other sites: for the desk,
 * never kept. In the language of c's edition. pictures: the address before the keys of its own
 * pictures, which readers may not have yet. embargo: until when the page says that it is under one,
 * 0 for none. */
MUST_USE enum status press_preview(const struct press *p, struct view *v,
                                   const struct story_content *c, str pictures, i64 embargo,
                                   str *ret, struct err *err);
/* The front that readers would find with these slots in force, but for what it tells other sites:
 * likewise. */
MUST_USE enum status press_preview_front(const struct press *p, struct view *v, str edition,
                                         const struct front_slot *slots, size_t n, str *ret,
                                         struct err *err);

#endif
