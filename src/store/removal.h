/* store/removal.h: what removing words by order writes and nothing else does (newsroom/removal.h).
 *
 * Everything here takes the place of what stood there: with tx_erase no byte of it stays.
 * Ownership: strings in the arena of the view or tx. Units: ms since 1970 UTC. Errors: unless
 * ST_OK, *ret is untouched; ST_NOTFOUND where nothing is there. Reads add no keys, writes touch
 * none. */
#ifndef STORE_REMOVAL_H
#define STORE_REMOVAL_H

#include "store/name.h"
#include "store/story.h"
#include "store/work.h"

/* Whether this database has had the list's entry of this id. */
MUST_USE enum status removal_had(struct view *v, str id, bool *ret);
MUST_USE enum status removal_record(struct tx *tx, str id, i64 at);

/* note, author, bytes and removed_ms; the salt goes. */
MUST_USE enum status revision_cut(struct tx *tx, const struct revision *r);
MUST_USE enum status save_cut(struct tx *tx, const struct save *s);
MUST_USE enum status work_note_cut(struct tx *tx, i64 id, str words);

/* A front's place that a story has, of any front that is kept. */
struct slot_words {
    i64 front, position, edition;
    str headline, alt;
};
MUST_USE enum status slot_list(struct view *v, str story, struct slot_words **ret, size_t *n);
MUST_USE enum status slot_cut(struct tx *tx, const struct slot_words *s);

/* A line of the audit log about a story. */
struct audit_words {
    i64 id;
    str words;
};
MUST_USE enum status audit_words_list(struct view *v, str about, struct audit_words **ret,
                                      size_t *n);
MUST_USE enum status audit_cut(struct tx *tx, const struct audit_words *l);
/* Of store/due.h's rows of a story, in the same form. */
MUST_USE enum status due_words_list(struct view *v, i64 work, struct audit_words **ret, size_t *n);
MUST_USE enum status due_cut(struct tx *tx, const struct audit_words *l);

/* Stories of the desk that were never public, by id after `after`; also those that are restricted.
 * Of each id, key and save. */
MUST_USE enum status fresh_list(struct view *v, i64 after, size_t limit, struct work **ret,
                                size_t *n);

/* The name goes with its list unless a story has it. */
MUST_USE enum status name_forget(struct tx *tx, const struct name *n, str list);

/* The path answers 410 from now on, and isn't kept as it is. */
MUST_USE enum status gone_add(struct tx *tx, str path);
MUST_USE enum status gone_has(struct view *v, str path, bool *ret);

#endif
