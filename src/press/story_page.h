/* press/story_page.h: the pages of one story: the story itself, .txt, .json; pages of the newsroom;
 * errors. Inside. */
#ifndef PRESS_STORY_PAGE_H
#define PRESS_STORY_PAGE_H

#include "press/pages.h"
#include "press/sheet.h"

/* What a render hands back to press_page. */
struct result {
    int status;
    str type;
    str body;
    str location; /* with 301 */
    i64 modified;
    int fd; /* > 0: a picture's */
    i64 fd_size;
    str fd_etag, cache_control;
    bool rowless;
    bool hidden; /* no log may show the whole address */
};

MUST_USE enum status story_page(const struct press *p, struct sheet *s, const struct page_key *k,
                                struct result *ret);
MUST_USE enum status error_page(struct sheet *s, int status, str note, struct result *ret);
MUST_USE enum status front_page(const struct press *p, struct sheet *s, struct result *ret);
MUST_USE enum status list_page(const struct press *p, struct sheet *s, const struct page_key *k,
                               struct result *ret);
MUST_USE enum status feed_page(const struct press *p, struct sheet *s, const struct page_key *k,
                               struct result *ret);
MUST_USE enum status news_map(const struct press *p, struct sheet *s, struct result *ret);

/* The live revision's content. */
MUST_USE enum status story_content_of(struct sheet *s, const struct story *story,
                                      struct story_content *ret);
struct result html_result(html h, int status);

#endif
