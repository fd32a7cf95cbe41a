/* newsroom/publish.h: the one door to publication.
 *
 * This room decides what may happen: what may be published, scheduled, corrected, withdrawn. It is
 * not for how pages look (press) nor for where rows lie (store).
 *
 * Each function runs inside one write transaction: it freezes the revision, moves the story's
 * state, its addresses, lists and pictures, adds or removes jobs, and touches exactly the keys of
 * the pages that now differ. It has no effect outside the database and the tx's arena, so a
 * transaction may run it again.
 *
 * The desk's row of the story follows in the same transaction (draft_follow in newsroom/draft.h).
 *
 * Keys it touches (store/story.h says who adds them):
 *   story/ID always; related/ID, card/ID and headline/ID when what related cards, lists and the
 *   news map show changed; address/ID when path or liveness changed; story-key/KEY when the
 *   story begins to be live; translations/ID of each family member when that family's live
 *   members or their addresses changed; url/PATH when an address begins or ceases to answer; the
 *   lists' keys.
 *
 * Errors: ST_INVALID with one line for the person ("line N: ..." where a line is to blame),
 * ST_CONFLICT when somebody was first, ST_NOTFOUND for a story that isn't there. Units: ms since
 * 1970 UTC. */
#ifndef NEWSROOM_PUBLISH_H
#define NEWSROOM_PUBLISH_H

#include "store/picture.h"
#include "store/story.h"
#include "store/newsroom.h"
#include "text/story_file.h"

/* A picture that came with the file: its bytes are on disk already, its row isn't written yet. */
struct kept_picture {
    str file;           /* as the story file names it */
    struct picture row; /* id unset */
};

struct publication {
    const struct story_file *file;
    const struct kept_picture *pictures;
    size_t npictures;
    str author; /* who publishes, for the record: "command", or a name at the desk */
    const struct findable *ahead; /* of the file's story (newsroom/find.h); or NULL */
    i64 live_at;                  /* publish_check: when it is to go live; 0: now */
    bool by_schedule;             /* nobody pressed anything: it answers no other story's change */
    i64 words; /* how many it has, for the desk's lists (newsroom/draft.h); 0: not counted */
};

enum outcome {
    OUTCOME_NEW,
    OUTCOME_REVISION,
    OUTCOME_UNCHANGED,
    OUTCOME_SCHEDULED,
    OUTCOME_WITHDRAWN,
    OUTCOME_REINSTATED,
    OUTCOME_UNSCHEDULED,
    OUTCOME_NOTHING /* of publish_due alone */
};
enum { PUBLISH_WARNINGS = 16, PUBLISH_NOTE = 1000 /* characters of a withdrawal's note */ };
struct published {
    enum outcome outcome;
    i64 story, revision, due;
    str key, path; /* path "" for a background */
    str warnings[PUBLISH_WARNINGS];
    size_t nwarnings;
};

/* A warning for the person, beside the result; more than PUBLISH_WARNINGS are dropped. */
void published_warn(struct published *p, str words);

MUST_USE enum status publish_story(struct tx *tx, const struct publication *p,
                                   struct published *ret);
/* Whether publish_story would take it now as a change of a live story; writes nothing. p has no
 * pictures of its own. ST_CONFLICT: it would change nothing. */
MUST_USE enum status publish_check(struct tx *tx, const struct publication *p);
/* The job "publish": makes a scheduled story live when its time has come; idempotent.
 * OUTCOME_NOTHING: nothing of that story is scheduled any more. ST_BUSY: not yet, and *retry says
 * when to ask again (a legal hold, or an embargo of the story or a translation, stands in the way,
 * and is noted on the desk's "Due"). Any other error
 * leaves the story scheduled. */
MUST_USE enum status publish_due(struct tx *tx, i64 story, i64 *retry, struct published *ret);
/* publish_due failed otherwise, and its transaction is undone: notes on the desk's "Due" why the
 * story didn't go live at its minute. */
MUST_USE enum status publish_failed(struct tx *tx, i64 story, str words);
/* note: what readers are told at the story's address; required, one line, at most PUBLISH_NOTE
 * characters. */
MUST_USE enum status withdraw_story(struct tx *tx, str key, str note, str author,
                                    struct published *ret);
MUST_USE enum status reinstate_story(struct tx *tx, str key, str author, struct published *ret);

/* The job's payload for a story. */
str publish_job_payload(struct arena *a, i64 story);
#define PUBLISH_JOB STR("publish")

#endif
