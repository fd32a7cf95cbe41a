/* text/story_cut.h: words taken out of a story: out of every text that it has, with a mark in their
 * place.
 *
 * The mark is REMOVED_MARK, three signs of plain text: so it can stand wherever words can (a
 * headline, an alt text, a cell of a table), survives every check, Markdown and JSON as it is,
 * makes no term and no slug, and whoever edits the story sees it. Readers get the words of their
 * language for it (press/removed.h). A link loses its address, a name among bylines or topics goes
 * whole (a name without a letter has no address), and of a slug what is left.
 *
 * Ownership: in the arena given; the content is changed in place. Threads: any. */
#ifndef TEXT_STORY_CUT_H
#define TEXT_STORY_CUT_H

#include "text/passage.h"
#include "text/story.h"

#define REMOVED_MARK "⟦█⟧"

/* name: its message key is "removal-place-NAME". */
#define WORDS_PLACES(X)                                                                            \
    X(PLACE_HEADLINE, "headline")                                                                  \
    X(PLACE_FRONT, "front")                                                                        \
    X(PLACE_SOCIAL, "social")                                                                      \
    X(PLACE_PUSH, "push")                                                                          \
    X(PLACE_STANDFIRST, "standfirst")                                                              \
    X(PLACE_DATELINE, "dateline")                                                                  \
    X(PLACE_SLUG, "slug")                                                                          \
    X(PLACE_BYLINE, "byline")                                                                      \
    X(PLACE_TOPIC, "topic")                                                                        \
    X(PLACE_CAPTION, "caption")                                                                    \
    X(PLACE_ALT, "alt")                                                                            \
    X(PLACE_CREDIT, "credit")                                                                      \
    X(PLACE_TEXT, "text")                                                                          \
    X(PLACE_QUOTE, "quote")                                                                        \
    X(PLACE_LINK, "link")                                                                          \
    X(PLACE_SOURCE, "source")                                                                      \
    X(PLACE_NOTE, "note")     /* of a correction, a withdrawal, at the desk, in the log */         \
    X(PLACE_AUTHOR, "author") /* who published */
enum words_place {
#define X(k, name) k,
    WORDS_PLACES(X)
#undef X
        WORDS_PLACE_COUNT
};
const char *words_place_name(enum words_place p);

/* Called for every text, in an order that rests on the content alone, with its number in that
 * order: gives what is to be cut, in order and without overlaps. A paragraph is one text, whatever
 * marks its words have. */
typedef enum status cut_fn(void *arg, enum words_place place, size_t number, str text,
                           struct cut **ret, size_t *n);
struct cutter {
    cut_fn *ask;
    void *arg;
    struct arena *a;
    size_t number;  /* of the next text */
    size_t changed; /* texts that were */
};
/* One text that isn't within a content. */
MUST_USE enum status cut_text(struct cutter *c, enum words_place place, str *text);
MUST_USE enum status story_cut(struct cutter *c, struct story_content *s);

#endif
