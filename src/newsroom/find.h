/* newsroom/find.h: finding stories of the desk by words of their headline and text.
 *
 * A story is found by what stands at the desk: the newest save, else what is scheduled or live; in
 * the language of its edition. Headlines (page, front, social, push) come before texts (standfirst,
 * body, captions); each newest first. Whoever looks finds what they see in lists (store/work.h),
 * nothing else.
 *
 * Ownership: in the arena of the view or tx. Threads: reads any; what takes a tx on the writer. */
#ifndef NEWSROOM_FIND_H
#define NEWSROOM_FIND_H

#include "newsroom/permissions.h"
#include "store/find.h"
#include "text/story.h"

enum { FIND_BUDGET_US = 20000, FIND_TYPED = 300 /* bytes that may be typed */ };

/* A text split ahead, for the writer has no time to spare. */
struct findable {
    str locale; /* "" for none: not split */
    str headline, words;
};
MUST_USE enum status findable_split(const struct story_content *c, str locale, struct arena *a,
                                    struct findable *ret);
/* What w (with its id) is found by from now on. ahead: of the same content, or NULL; it counts if
 * it was split in the language that w's edition has. */
MUST_USE enum status findable_text(struct tx *tx, const struct work *w,
                                   const struct story_content *c, const struct findable *ahead);

/* typed: words, all of which a story has to have, in any order; what stands in quotation marks (of
 * any kind) in that order. Nothing else in it has a meaning. Words are looked for as each edition's
 * language has them. rules: the filters; limit. from: where the page before it ended (found.next),
 * or NULL. Without a word nothing is found. ST_TOOLARGE for more than FIND_TYPED. */
MUST_USE enum status find_typed(struct view *v, str typed, const struct work_query *rules,
                                const struct find_place *from, struct found *ret);

/* Makes findable what isn't yet: a site that is older than the index, some thousand stories a
 * second, each chunk a transaction. The log, and tell (may be NULL), hear how far it is. A story
 * whose text can't be read is told to the log and left out. */
MUST_USE enum status findable_fill(struct writer *w, struct log *log, void (*tell)(size_t n),
                                   struct err *err);

#endif
