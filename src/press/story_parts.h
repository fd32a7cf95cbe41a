/* press/story_parts.h: one story on its way to its page, its text and its data: for story_page.c,
 * story_text.c and story_data.c alone.
 *
 * Ownership: everything in the view's arena. Errors: the first one sticks to the sheet. */
#ifndef PRESS_STORY_PARTS_H
#define PRESS_STORY_PARTS_H

#include "press/body.h"
#include "press/story_page.h"
#include "store/name.h"

enum { STORY_TEXT_MAX = 2 << 20 };

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
    bool preview;                /* of words that are not published */
    i64 embargo;                 /* of a preview: until when, 0 for none */
};

/* "Corrected 14:20, 2 changes", or when it was updated; "" when neither. */
str story_change_line(struct making *m);
/* The background that the story shows now; a story of another kind that took its id is none. */
bool story_background(struct making *m, struct story *b, struct story_content *content);

/* The page's JSON-LD, into the model. */
void story_linked_data(struct making *m);
MUST_USE enum status story_text(struct making *m, struct result *ret);
MUST_USE enum status story_data(struct making *m, struct result *ret);

#endif
