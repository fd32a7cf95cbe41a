/* newsroom/draft.h: a story at the desk: its working draft, saves, workflow, and the way to
 * publication.
 *
 * Beside the live text stands at most one working draft, which the newest save holds; saves are
 * numbered apart from revisions and all kept. States: docs/desk.md draws them. Nothing is lost: a
 * save made from an older save than the newest never refuses, it is merged (text/merge.h); where
 * both changed the same words, nothing is written and the merge with its choices comes back, for
 * the person to pick and send the same again with the picks. Where the live text has changed under
 * a draft (a file was published), the next save is merged with that as well; the draft itself is
 * kept before choices between it and the live text are asked for.
 *
 * Every function asks newsroom/permissions.h first: ST_NOTFOUND where the actor may not see the
 * story, ST_DENIED where they may not do this. Publication goes through newsroom/publish.h, the one
 * door, and nothing else. What is published otherwise (files) keeps its row here by draft_follow,
 * in the same transaction.
 *
 * A story that was never live can be scheduled, and a change of a live one: one save of it waits
 * (store/waiting.h) and goes through the door at its time, joined with what was published in
 * between. Where both changed the same words, the story was withdrawn, or the door refuses, the
 * live text stays as it is, and the change stands on "Due", with why, until somebody acts. A save
 * beside a schedule leaves what is scheduled as it is.
 *
 * Ownership: in the arena of the view or tx; a tx's ends with its closure. Errors: ST_INVALID with
 * "line N: words", where N says which field (DRAFT_LINE); ST_CONFLICT where the state is another by
 * now. Units: ms since 1970 UTC. Threads: reads any; what takes a tx on the writer. */
#ifndef NEWSROOM_DRAFT_H
#define NEWSROOM_DRAFT_H

#include "newsroom/accounts.h"
#include "newsroom/publish.h"
#include "store/waiting.h"
#include "store/work.h"
#include "text/merge.h"

/* name: its message key is "state-NAME". The numbers are kept in rows. */
#define WORK_STATES(X)                                                                             \
    X(WORK_CLEAN, "clean") /* nothing beside the live text */                                      \
    X(WORK_DRAFT, "draft")                                                                         \
    X(WORK_REVIEW, "review")                                                                       \
    X(WORK_APPROVED, "approved")                                                                   \
    X(WORK_SCHEDULED, "scheduled") /* nothing beside what is scheduled */
enum work_state {
#define X(k, name) k,
    WORK_STATES(X)
#undef X
        WORK_STATE_COUNT
};
const char *work_state_name(i64 state);

/* What the transitions are called: one table in draft.c says from which states to which. A save
 * makes a draft of what was clean or scheduled, and puts what was approved back into review. */
enum draft_step { STEP_SEND, STEP_TAKE_BACK, STEP_APPROVE, STEP_SEND_BACK, STEP_UNSCHEDULE };

/* The number an error's line has for a head key; and for the body, whose lines count from there. */
#define DRAFT_LINE(KEY) (HEAD_##KEY + 1)
enum {
    DRAFT_LINE_BODY = 1000,
    DRAFT_NOTE = 4000,  /* bytes of a note */
    DRAFT_NOTES = 1000, /* of a story: its page shows them all */
};

struct draft {
    struct work work;
    struct standing standing;
    struct story_content content; /* of the draft or the schedule, else of the live text */
    i64 live;                     /* the live (or withdrawn) revision, 0 for none */
    i64 parent, base;             /* for struct draft_save, of a save made from this */
    struct waiting waiting;       /* a change of a live story; work 0 for none */
};
MUST_USE enum status draft_open(struct view *v, const struct actor *who, bool four_eyes, str key,
                                struct draft *ret);

/* Begins a story: an empty one with a key of its own ("20261128-k3x9"), no save yet. edition "":
 * the first; section "" for one that is chosen later. */
MUST_USE enum status draft_begin(struct tx *tx, const struct actor *who, str edition, str section,
                                 enum story_kind kind, str *key);

struct draft_save {
    str key;
    i64 parent; /* the save it was made from; 0: from the live text, the schedule, or nothing */
    i64 base;   /* with parent 0: the live revision it was made from */
    /* id, edition and kind are the row's; a line break in a field becomes a blank */
    const struct story_content *content;
    /* of an earlier answer with choices: what was picked, for fields and body in the order given */
    const enum merge_pick *picks;
    size_t npicks;
    /* that answer's save and live: with others by now the choices are asked anew. seen_live 0: not
     * compared */
    i64 seen, seen_live;
    str brought;     /* the key of a picture that came with it, in the same transaction */
    struct arena *a; /* where the answer lives: the tx's is gone when the writer has written */
};
enum draft_outcome { DRAFT_SAVED, DRAFT_UNCHANGED, DRAFT_MERGED, DRAFT_CHOICES };
/* The fields that merge as text beside the body. */
#define DRAFT_FIELDS(X)                                                                            \
    X(headline) X(front) X(social) X(push) X(standfirst) X(dateline) X(slug) X(label)
enum {
#define X(field) DRAFT_FIELD_##field,
    DRAFT_FIELDS(X)
#undef X
        DRAFT_FIELD_COUNT
};
struct draft_saved {
    enum draft_outcome outcome;
    i64 save, live;               /* the newest by now */
    struct story_content content; /* as it is kept now; with DRAFT_CHOICES with picks of none */
    /* with DRAFT_MERGED and DRAFT_CHOICES: how it came about. fields: NULL where nothing differed,
     * in the order of DRAFT_FIELDS; lists (by, topics, pictures) merge item by item. */
    struct merge *body, *fields[DRAFT_FIELD_COUNT];
    u64 mine_stands; /* a bit per head key: single values and lists' items that both changed, each
                        in another way: mine stands */
    str theirs_name; /* who saved in between; "" for a file */
};
MUST_USE enum status draft_save(struct tx *tx, const struct actor *who, const struct draft_save *s,
                                struct draft_saved *ret);

/* save: the number the person looked at; ST_CONFLICT when there is a newer one. */
MUST_USE enum status draft_step(struct tx *tx, const struct actor *who, bool four_eyes, str key,
                                i64 save, enum draft_step step);

struct draft_publish {
    str key;
    i64 save;
    enum change_kind change;
    str correction; /* its words, with a correction or clarification */
    i64 at;         /* 0: now; else it is scheduled */
};
/* With nothing beside the live text only a correction or clarification can be published, for its
 * words. A draft whose live text has changed under it is ST_CONFLICT until it is saved again. */
MUST_USE enum status draft_publish(struct tx *tx, const struct actor *who, bool four_eyes,
                                   const struct draft_publish *p, struct published *ret);
/* The job "waiting", of a row of work: the change that waits goes live; idempotent.
 * OUTCOME_NOTHING: none waits, or it can't go live, which is written down. ST_BUSY: not yet, and
 * *retry says when to ask again (a hold or an embargo stands in the way, which is written down).
 * Any other error leaves it waiting: draft_refused is for what the door has said then, in words. */
MUST_USE enum status draft_due(struct tx *tx, i64 work, i64 *retry, struct published *ret);
MUST_USE enum status draft_refused(struct tx *tx, i64 work, str words);
#define WAITING_JOB STR("waiting")
/* Takes a waiting change back into the draft, as somebody's who must not have it go live by itself;
 * ST_NOTFOUND where none waits. */
MUST_USE enum status draft_wait_undo(struct tx *tx, const struct actor *who, str key);

MUST_USE enum status draft_withdraw(struct tx *tx, const struct actor *who, str key, str note,
                                    struct published *ret);
MUST_USE enum status draft_reinstate(struct tx *tx, const struct actor *who, str key,
                                     struct published *ret);

struct draft_plan {
    str key;
    i64 assignee, deadline_ms;
    const i64 *shared; /* accounts */
    size_t nshared;
};
MUST_USE enum status draft_plan(struct tx *tx, const struct actor *who, const struct draft_plan *p);
/* named: always with the one who restricts; off lifts it. */
MUST_USE enum status draft_restrict(struct tx *tx, const struct actor *who, str key, bool on,
                                    const i64 *named, size_t n);
/* ST_TOOLARGE: longer than DRAFT_NOTE, or one more than DRAFT_NOTES. */
MUST_USE enum status draft_note(struct tx *tx, const struct actor *who, str key, str words);
/* A story that was never public, with all its saves, its schedule, its notes: their bytes are gone
 * from database and log (store/writer.h, tx_erase). ST_CONFLICT once it was public. */
MUST_USE enum status draft_destroy(struct tx *tx, const struct actor *who, str key);
/* What the actor is to a save or picture of a story, which an account made, for ACT_DESTROY: its
 * maker began it, and whether the story is live says nothing. */
struct standing draft_of_maker(const struct standing *s, const struct actor *who, i64 maker);
/* One save, by who made it or a publisher: its bytes are gone likewise; that it was there, and who
 * destroyed it when, stays. ST_CONFLICT for the one that stands at the desk or is scheduled, and
 * for one that was published. */
MUST_USE enum status draft_destroy_save(struct tx *tx, const struct actor *who, str key,
                                        i64 number);
/* A picture that no reader ever saw, by who brought it or a publisher: its row is gone; *gone says
 * which files the caller removes once this is committed. ST_CONFLICT while the text that stands at
 * the desk, or another story, names it. picture: its key. */
MUST_USE enum status draft_destroy_picture(struct tx *tx, const struct actor *who, str key,
                                           str picture, struct picture *gone);

/* Called by the door whenever a story went live, was scheduled, unscheduled, withdrawn or
 * reinstated. text: what went live or was scheduled, and how many words it has (0: not counted);
 * NULL: as it was. */
struct draft_followed {
    const struct story_content *content;
    i64 words;
    const struct findable *ahead; /* newsroom/find.h; or NULL */
};
MUST_USE enum status draft_follow(struct tx *tx, const struct story *s, const struct published *p,
                                  str edition, str section, const struct draft_followed *text);

/* Whether a text names the picture with this key, as its lead or in its body. */
bool content_names(const struct story_content *c, str picture);
/* Words of headline, standfirst and body, as ICU breaks them. a: for a moment; when it is full its
 * oom is set, and the number means nothing. */
i64 draft_words(const struct story_content *c, struct arena *a);

#endif
