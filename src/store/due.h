/* store/due.h: what waits for a person: the desk's "Due".
 *
 * Some of it the story's own row says (scheduled, late, in review); the rest are rows of their own.
 * Rules are newsroom/draft.h's and newsroom/translations.h's.
 *
 * No page of a reader shows any of this: reads add no keys, writes touch none. Ownership: strings
 * in the arena of the view. Units: ms since 1970 UTC. Errors: unless ST_OK, *ret is untouched. */
#ifndef STORE_DUE_H
#define STORE_DUE_H

#include "store/work.h"

/* The first three are kept in rows: append only. name: its message key is "due-NAME", but that of
 * DUE_TRANSLATION, which says what was done to the source. */
#define DUE_WHYS(X)                                                                                \
    X(DUE_REFUSED, "refused")         /* it couldn't go live at its minute */                      \
    X(DUE_TRANSLATION, "translation") /* what it translates was corrected or withdrawn */          \
    X(DUE_SENT_BACK, "sent-back")                                                                  \
    X(DUE_HELD, "held") /* scheduled, and on legal hold */                                         \
    X(DUE_SCHEDULED, "scheduled")                                                                  \
    X(DUE_LATE, "late")         /* its deadline has passed */                                      \
    X(DUE_DEADLINE, "deadline") /* or comes soon */                                                \
    X(DUE_REVIEW, "review")                                                                        \
    X(DUE_APPROVED, "approved")
enum due_why {
#define X(k, name) k,
    DUE_WHYS(X)
#undef X
        DUE_WHY_COUNT
};
const char *due_why_name(enum due_why why);

/* Why the door refused, of DUE_REFUSED; kept in rows. */
enum due_refusal {
    REFUSED_OTHERWISE,
    REFUSED_BY_HOLD,
    REFUSED_BY_EMBARGO,
    REFUSED_BY_OVERLAP, /* a change of what is live: the live text has other words there */
    REFUSED_BY_WITHDRAWAL
};

struct due {
    struct work work;
    enum due_why why;
    i64 at; /* when it happened, or will */
    /* of those that are rows */
    i64 id, account, owner, source, revision;
    i64 kind;  /* DUE_REFUSED: enum due_refusal; DUE_TRANSLATION: enum revision_kind */
    str words; /* DUE_REFUSED: the door's */
    str name;  /* of who sent it back */
    str source_key, source_headline;
};

/* What is due before `until` for q's viewer, the newsroom's rules of seeing and q's filters as
 * work_list has them; before_ms and before_id are not used. What is restricted to others isn't
 * there, nor what waits because of such a story. What was sent back is there for its author, its
 * assignee and who had sent it. First what can't go live (DUE_REFUSED, DUE_HELD), then soonest
 * first; a story stands there once for each why. */
MUST_USE enum status due_list(struct view *v, const struct work_query *q, i64 until,
                              struct due **ret, size_t *n);
/* A story's rows of one why, oldest first, without `work`; seen by viewer as above. */
MUST_USE enum status due_of(struct view *v, i64 work, enum due_why why, i64 viewer,
                            struct due **ret, size_t *n);

/* In place of what waits for the same reason. */
MUST_USE enum status due_set(struct tx *tx, i64 work, const struct due *d);
/* The translation of this key waits because of source: a row more, but for what is withdrawn. */
MUST_USE enum status due_translation(struct tx *tx, str key, str source, i64 revision, i64 kind);
MUST_USE enum status due_remove(struct tx *tx, i64 work, enum due_why why);
/* Of the story of this key. */
MUST_USE enum status due_remove_key(struct tx *tx, str key, enum due_why why);
MUST_USE enum status due_remove_id(struct tx *tx, i64 id);
/* What waits because source had a revision of this kind. */
MUST_USE enum status due_remove_source(struct tx *tx, i64 source, i64 kind);
/* A story that is removed waits for nobody, and nobody because of it. */
MUST_USE enum status due_forget(struct tx *tx, i64 work);

#endif
