/* store/front.h: the front of each edition as people have arranged it: every front that was saved,
 * with its slots. Rules are newsroom/fronts.h's.
 *
 * An edition's newest is the one in force, of those that don't wait for their time; a page that
 * shows it has the key front/EDITION, which the transaction that saves another touches. What stands
 * in a slot has the keys of a story (store/story.h). Ownership: strings in the arena of the view.
 * Units: ms since 1970 UTC. Errors: unless ST_OK, *ret is untouched. Threads: one view per thread.
 */
#ifndef STORE_FRONT_H
#define STORE_FRONT_H

#include "store/view.h"
#include "store/writer.h"

/* As many as a front has places above its sections: the lead and its second rank. */
enum { FRONT_SLOTS = 6 };

/* What fills a slot: a named story, or the newest that a rule finds. The numbers are kept. */
enum slot_rule {
    SLOT_STORY,
    SLOT_NEWEST,   /* of the edition */
    SLOT_PICTURED, /* of those with a picture */
    SLOT_SECTION,  /* about: the section's slug */
    SLOT_TOPIC,    /* about: the topic's slug */
    SLOT_RULES
};
struct front_slot {
    enum slot_rule rule;
    str about;    /* of a rule, see above; else "" */
    str story;    /* its key; "" with a rule, as all that follows */
    str headline; /* instead of the story's own; "" for its own */
    str picture;  /* a picture's key, likewise */
    str alt;      /* of that picture */
};
struct front {
    i64 id, edition, account, at; /* id 0: none was saved */
    i64 due;                      /* it waits until then; 0 for all others */
    str name;                     /* the account's; joined, not written */
    struct front_slot slots[FRONT_SLOTS];
    size_t n;
};

/* The one in force; one without slots, id 0, where none was ever saved. Adds front/EDITION. */
MUST_USE enum status front_in_force(struct view *v, i64 edition, struct front *ret);
/* One of this edition's; ST_NOTFOUND where it has none of that id. Adds no keys. */
MUST_USE enum status front_read(struct view *v, i64 edition, i64 id, struct front *ret);
/* Those that were in force, newest first, without slots. Adds no keys. */
MUST_USE enum status front_list(struct view *v, i64 edition, size_t limit, struct front **ret,
                                size_t *n);
/* Those that wait, soonest first; likewise. */
MUST_USE enum status front_waiting(struct view *v, i64 edition, size_t limit, struct front **ret,
                                   size_t *n);
/* One that waits, of any edition; ST_NOTFOUND when it doesn't any more. Adds no keys. */
MUST_USE enum status front_due_read(struct view *v, i64 id, struct front *ret);
/* Keeps another, which is in force with the commit unless it has a due; sets its id. */
MUST_USE enum status front_add(struct tx *tx, struct front *f);
/* Of one that waits; nothing is to be seen of it afterwards. */
MUST_USE enum status front_remove(struct tx *tx, i64 id);
/* With an edition that goes. */
MUST_USE enum status fronts_remove(struct tx *tx, i64 edition);

#endif
