/* newsroom/draft_parts.h: what the files of newsroom/draft.h share; private to this room. */
#ifndef NEWSROOM_DRAFT_PARTS_H
#define NEWSROOM_DRAFT_PARTS_H

#include "newsroom/draft.h"

/* ---- draft.c: who stands where ---- */

/* A story as the actor finds it. */
struct desk {
    struct view *v;
    const struct actor *who;
    struct work work;
    struct standing standing;
    struct story story; /* its public row; id 0 when there is none (nothing live or scheduled) */
};
/* ST_NOTFOUND where there is none, or the actor may not see it. */
MUST_USE enum status desk_look(struct desk *d, struct view *v, const struct actor *who, str key);
/* The same for what no person asks: nobody's permission is wanted. */
MUST_USE enum status desk_at(struct desk *d, struct view *v, const struct actor *who, i64 work);
/* ST_DENIED unless the actor may do it. */
MUST_USE enum status desk_may(const struct desk *d, enum act act, bool four_eyes);
/* Both. */
MUST_USE enum status desk_open(struct desk *d, struct view *v, const struct actor *who, str key,
                               enum act act, bool four_eyes);
/* ST_CONFLICT while it is on legal hold, in words for the person; the door has its own. */
MUST_USE enum status desk_free(const struct desk *d);
/* Trims it. ST_INVALID unless it is one line of words, of at most PUBLISH_NOTE characters. */
MUST_USE enum status desk_reason(str *reason, struct err *err);
/* Writes the row, touched by the actor now. */
MUST_USE enum status desk_write(struct desk *d, struct tx *tx);
/* Whether a draft stands beside what is live or scheduled. */
bool draft_stands(i64 state);
/* Whether the draft was made from an older live text than there is. */
bool draft_stale(const struct desk *d);
/* Brings what is scheduled into the saves when it isn't there yet (it came as a file). */
MUST_USE enum status desk_keep_scheduled(struct desk *d, struct tx *tx);

/* ---- draft_text.c: what is written where ---- */

struct draft_text {
    str bytes; /* canonical */
    struct story_content content;
    str name; /* who saved it; "" for what is no save */
};
/* What a content is as bytes. */
MUST_USE enum status text_bytes(const struct story_content *c, struct arena *a, str *ret);
/* The text as readers have it, or had it before it was withdrawn. */
MUST_USE enum status text_live(const struct desk *d, struct draft_text *ret);
/* What stands at the desk now: the draft, the schedule, the live text, or an empty story. */
MUST_USE enum status text_now(const struct desk *d, struct draft_text *ret);
/* What a save was made from (struct draft_save's parent and base). */
MUST_USE enum status text_from(const struct desk *d, i64 parent, i64 base, struct draft_text *ret);
/* What the draft that stands was made from. */
MUST_USE enum status text_base(const struct desk *d, struct draft_text *ret);
/* What a person sends, as it may be kept. */
MUST_USE enum status text_sent(const struct desk *d, const struct story_content *sent,
                               struct draft_text *ret);

/* ---- draft_save.c ---- */

/* draft_save; lifts: the embargo may become sooner. */
MUST_USE enum status desk_save(struct tx *tx, const struct actor *who, const struct draft_save *s,
                               bool lifts, struct draft_saved *ret);

/* ---- draft_publish.c ---- */

/* A content as the story file that the door takes, with the kind of change and its words. */
MUST_USE enum status content_as_file(const struct desk *d, const struct draft_publish *p,
                                     const struct story_content *c, struct story_file *ret);
/* ST_CONFLICT where an embargo holds at live_at. One that is over is taken out of c. */
MUST_USE enum status under_embargo(const struct desk *d, i64 live_at, struct story_content *c);
/* In the log: what was published or scheduled. */
MUST_USE enum status audit_published(struct tx *tx, const struct desk *d,
                                     const struct published *p);

/* ---- draft_pictures.c ---- */

/* Whether each picture that the text names is one that may stand there: the story has it already,
 * readers see it, the actor brought it with this save, or sees another story that has it. What is
 * none of these is not there. */
MUST_USE enum status pictures_allowed(const struct desk *d, const struct story_content *c,
                                      const struct story_content *const *known, size_t nknown,
                                      str brought);
/* Remembers them with the story. */
MUST_USE enum status pictures_remember(struct tx *tx, const struct desk *d,
                                       const struct story_content *c);

/* ---- draft_wait.c ---- */

/* A draft of a live story, checked by the door, waits for p->at. */
MUST_USE enum status wait_begin(struct tx *tx, struct desk *d, const struct draft_publish *p,
                                const struct story_file *f, struct published *ret);
/* Takes it back; to: where what was scheduled stands then. As a draft it is approved no more. */
MUST_USE enum status wait_stop(struct tx *tx, struct desk *d, enum work_state to);
/* Its row and its job are gone; the work's row is the caller's. Nothing happens where none waits.
 */
MUST_USE enum status wait_end(struct tx *tx, const struct work *w);

/* ---- draft_merge.c ---- */

struct merging {
    const struct draft_text *base, *mine, *theirs;
    const enum merge_pick *picks;
    size_t npicks;
};
/* Fills body, fields, mine_stands and content of ret; *open: choices that are not picked. */
MUST_USE enum status contents_merge(const struct merging *m, struct arena *a,
                                    struct draft_saved *ret, size_t *choices, size_t *open);

#endif
