/* newsroom/embargo.h: before which moment nobody may see a story, and who may shorten that.
 *
 * Before an embargo's end neither the story nor a translation of it can go live: the door sees to
 * that. Whoever may save a story may set one or lengthen it; only ACT_EMBARGO shortens or lifts one
 * that hasn't passed (embargo_lift), with a reason. A file handed in may leave it out, as ever, and
 * that is logged. Units: ms since 1970 UTC, 0 for none. */
#ifndef NEWSROOM_EMBARGO_H
#define NEWSROOM_EMBARGO_H

#include "newsroom/draft.h"

struct embargo {
    i64 until;
    str whose; /* the key of the story that has it */
};
/* The latest embargo of a content and of all that translate it: those of the family it is in, and
 * of the families that it joins now, by what it names and by what names it. family: of its row, 0
 * for none. */
MUST_USE enum status embargo_latest(struct view *v, const struct story_content *c, i64 family,
                                    struct embargo *ret);
/* What holds for the story of this key as it stands at the desk and on the schedule, past ones too;
 * ST_NOTFOUND for none of that key. Asks nobody's permission. */
MUST_USE enum status embargo_of(struct view *v, str key, struct embargo *ret);

struct embargo_lift {
    str key;
    i64 save;  /* the one the person looked at */
    i64 until; /* sooner than it is; 0 lifts it */
    str reason;
};
/* As a save of its own. With ACT_EMBARGO. ST_CONFLICT: a newer save, nothing to lift, or it is
 * scheduled: it has to be taken from the schedule first. Threads: the writer. */
MUST_USE enum status embargo_lift(struct tx *tx, const struct actor *who,
                                  const struct embargo_lift *l);
/* A line in the audit log where a file shortens an embargo that hasn't passed. */
MUST_USE enum status embargo_note_file(struct tx *tx, str key, i64 was, i64 is);

#endif
