/* newsroom/removal.h: words removed from a story by order: of a court, of a law, of whoever may
 * demand it.
 *
 * They go from every revision and save, from what is scheduled, from what fronts say of the story,
 * from notes, the log's lines and addresses, and from all its translations; text/story_cut.h says
 * what stands there instead. No check of a text stops it. A revision keeps its hash and loses its
 * salt, and says when. An address that held them answers 410 from then on; the story has another
 * then. Who did it to which story and when is kept; the words are kept nowhere.
 *
 * The list. A backup from before has the words still. So each removal is an entry, a line of JSON,
 * in the file REMOVALS_FILE of the site's folder, synced before the transaction that does it ends;
 * whoever opens the site does what its database hasn't had (removals_replay): after a restored
 * backup, and after a crash between the two. An entry names stories by key and rows by number, and
 * of each text which bytes go; never the words, nor a hash of them, which could be found by
 * guessing. Rows of a site that was restored and went on another way have the same numbers: so an
 * entry has of each row a hash of what is left of it, and a row of which something else would be
 * left is another row, and stays as it is. What comes and goes (a change that waits, what is due, a
 * hold) stands in the entry also where it had none of the words: one that a backup has and the
 * entry doesn't was gone by then, nobody knows with which words, and loses them all; such a change
 * goes live no more. A save that was destroyed by then is destroyed again.
 *
 * Ownership: in the arena given. Units: ms since 1970 UTC. Errors: ST_NOTFOUND and ST_DENIED as of
 * newsroom/draft.h; ST_INVALID with a message key where the words are at fault. Threads:
 * removal_preview any, the others any but the writer's own. */
#ifndef NEWSROOM_REMOVAL_H
#define NEWSROOM_REMOVAL_H

#include "newsroom/permissions.h"
#include "store/story.h"
#include "text/story_cut.h"

#define REMOVALS_FILE "removals"
enum { REMOVAL_SHOWN = 200 /* places that a preview lists */ };

/* name: in the list, and its message key is "removal-row-NAME". From ROW_WAITING on they come and
 * go: a backup may have some that a removal didn't see. ROW_HOLD and ROW_GONE (a save that was
 * destroyed before) are never shown. */
#define REMOVAL_ROWS(X)                                                                            \
    X(ROW_REVISION, "revision")                                                                    \
    X(ROW_SAVE, "save")                                                                            \
    X(ROW_SCHEDULED, "scheduled")                                                                  \
    X(ROW_NOTE, "note")                                                                            \
    X(ROW_SLOT, "front")                                                                           \
    X(ROW_LOG, "log")                                                                              \
    X(ROW_WAITING, "waiting")                                                                      \
    X(ROW_DUE, "due")                                                                              \
    X(ROW_HOLD, "hold")                                                                            \
    X(ROW_GONE, "gone")
enum removal_row {
#define X(k, name) k,
    REMOVAL_ROWS(X)
#undef X
        REMOVAL_ROW_COUNT
};
const char *removal_row_name(enum removal_row r);

/* Where in one row the words stand: in one kind of place, n times; and the first of them. */
struct removal_found {
    str story; /* its key: this one or a translation */
    enum removal_row row;
    i64 number; /* of a revision or save; else 0 */
    enum words_place place;
    size_t n;
    str before, words, after;
};
struct removal_preview {
    struct removal_found *list; /* at most REMOVAL_SHOWN, the newest texts first */
    size_t n;
    size_t times; /* in all places, listed or not */
    bool in_key;  /* the story's key, or a translation's, has them: that can't be changed */
    bool more;    /* places that aren't listed */
};
MUST_USE enum status removal_preview(struct view *v, const struct actor *who, str key, str words,
                                     struct removal_preview *ret);

struct removal_site {
    struct writer *writer;
    int dir; /* the site's folder */
    struct log *log;
};
/* *times: how often they stood there. When it returns ST_OK no later request gets them, and no byte
 * of them stays in the database (store/writer.h, tx_erase) nor in the logs, where they are covered,
 * in rotated files too; compressed ones are left, and the log says so. Copies of the database that
 * upgrades have left in the folder go. db: the thread's own, without a transaction. */
MUST_USE enum status removal_do(const struct removal_site *s, struct db *db,
                                const struct actor *who, str key, str words, struct arena *a,
                                size_t *times, struct err *err);

/* Adds to the site's list what another list has and it hasn't: before a backup is opened. *n: how
 * many entries it has then. file: NULL for none. */
MUST_USE enum status removals_join(int dir, const char *file, size_t *n, struct err *err);
/* Does what the list has and the database hasn't had; *done: how many entries. A last line that
 * isn't whole was never acknowledged, and is left out. */
MUST_USE enum status removals_replay(const struct removal_site *s, size_t *done, struct err *err);

#endif
