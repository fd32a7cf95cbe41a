/* newsroom/fronts.h: what stands on an edition's front because people put it there.
 *
 * A slot names a story by its key, whether it is there yet or not. Readers see it while it is live,
 * of this edition and of kind story; else the slot is passed over and what comes after it moves up.
 * A slot may have a rule instead: the newest of a list that neither is named on this front nor was
 * found by a rule above. A rule that finds nothing is passed over as well.
 * What nobody arranged follows by the rules of press/front_page.c. Every front that was saved is
 * kept, and can be taken up again.
 *
 * Ownership: strings in the arena of the view or tx. Errors: unless ST_OK, *ret is untouched;
 * ST_INVALID and ST_CONFLICT with a message's key in err. Threads: as the view's or the tx's. */
#ifndef NEWSROOM_FRONTS_H
#define NEWSROOM_FRONTS_H

#include "newsroom/permissions.h"
#include "store/front.h"
#include "store/newsroom.h"
#include "store/story.h"

enum { FRONT_HEADLINE = 400, FRONT_ALT = 1000 /* bytes */ };

/* The story that readers find in this slot, read as a card; ST_NOTFOUND while they find none: also
 * where there is one that isn't live, of which nothing is told. Adds its keys either way. */
MUST_USE enum status front_story(struct view *v, i64 edition, const struct front_slot *s,
                                 struct story *ret);
/* The stories that readers find in each of these n slots (front_check has seen them), read as
 * cards: none twice, id 0 where they find none. Costs a fixed number of rows however long the lists
 * are. Adds the keys of the stories and of the lists that were asked. */
MUST_USE enum status front_fill(struct view *v, i64 edition, const struct front_slot *slots,
                                size_t n, struct story *ret);
/* The picture that stands there instead of the story's own; ST_NOTFOUND where there is none, or
 * readers can see it nowhere else: a front shows no picture before its time. */
MUST_USE enum status front_picture(struct view *v, const struct front_slot *s, struct picture *ret);

/* Whether these slots can be a front: ST_INVALID, and *bad is the first that can't, from 1. */
MUST_USE enum status front_check(struct view *v, i64 edition, const struct front_slot *slots,
                                 size_t n, size_t *bad);

struct front_save {
    str edition; /* its slug */
    i64 base;    /* the front that was looked at, 0 for none */
    i64 at;      /* when it is to be in force; 0: now */
    const struct front_slot *slots;
    size_t n;
};
/* Puts these in force; *id: what is then, which is base where nothing differs. ST_CONFLICT when
 * another front is in force than the one looked at; ST_DENIED; ST_NOTFOUND for the edition.
 * With at, they wait, *id is what does, and whatever is in force by then gives way: base isn't
 * asked. ST_INVALID for a time that has passed. */
MUST_USE enum status front_save(struct tx *tx, const struct actor *who,
                                const struct front_save *ask, i64 *id, size_t *bad);
/* The same with the slots of an earlier front of this edition, `from`: checked as any are. */
MUST_USE enum status front_take_up(struct tx *tx, const struct actor *who, str edition, i64 base,
                                   i64 from, i64 *id, size_t *bad);

/* Takes one that waits from the schedule; ST_NOTFOUND when none of this edition's does. */
MUST_USE enum status front_unschedule(struct tx *tx, const struct actor *who, str edition, i64 id);
/* The job's: puts one that has waited in force, and takes the job with it. One that waits no more
 * is nothing to do. */
MUST_USE enum status front_due(struct tx *tx, i64 id);

/* An edition by its slug. */
MUST_USE enum status front_edition(struct view *v, str slug, struct edition *ret);

#endif
