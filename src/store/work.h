/* store/work.h: rows of what the desk works on: one for every story, its saves, named people,
 * notes. Rules are newsroom/draft.h's.
 *
 * No reader's page shows any of this: reads add no keys, writes touch none.
 * Ownership: strings in the arena of the view or tx. Units: ms since 1970 UTC, 0 "none".
 * Errors: unless ST_OK, *ret is untouched; ST_NOTFOUND where nothing is there. */
#ifndef STORE_WORK_H
#define STORE_WORK_H

#include "store/view.h"
#include "store/writer.h"

struct work {
    i64 id;
    str key, edition, section, headline; /* edition, section: slugs; section "" for none */
    i64 kind, state, public, save, base, author, assignee, deadline_ms, due_ms, words;
    i64 touched_ms, touched_by, sent_by, approved, approved_by;
    i64 scheduled; /* the save that is scheduled, or was when it went live */
    bool restricted;
    str author_name, assignee_name, touched_name; /* joined; not written */
    i64 saved_by;                                 /* who made the newest save; likewise */
    i64 held_ms; /* since when it is on legal hold, 0 for not; likewise (store/hold.h) */
};
struct save {
    i64 work, number, parent, merged, account, at;
    i64 destroyed_ms;         /* 0: it is there */
    str bytes;                /* canonical (text/story.h); empty in lists */
    str name, destroyed_name; /* the accounts'; joined */
};
struct work_note {
    i64 id, account, at;
    str words, name;
};
enum work_person { PERSON_SHARED, PERSON_NAMED };

MUST_USE enum status work_by_key(struct view *v, str key, struct work *ret);
MUST_USE enum status work_by_id(struct view *v, i64 id, struct work *ret);
/* Inserts (id 0, which it sets) or updates by id. */
MUST_USE enum status work_write(struct tx *tx, struct work *w);
/* With saves, people, notes, and what waits. Their bytes are gone from the database with the
 * commit, and from its log with the writer's next checkpoint, which this asks for (tx_erase). */
MUST_USE enum status work_remove(struct tx *tx, i64 id);

/* What viewer may see: neither restricted, nor restricted without naming them; with all = false
 * only what is theirs (author, assignee, shared). Newest touched first. Zero fields don't filter;
 * state and public are one more than the value looked for; a section goes with its edition
 * (ST_INVALID alone). No matter how many stories there are, a page of them touches about as many
 * rows as it shows, and as were ever shared with the viewer. */
struct work_query {
    i64 viewer;
    bool all;
    i64 state, public, author, assignee;
    str edition, section;
    bool pages; /* only the newsroom's own, of an edition */
    i64 before_ms, before_id;
    size_t limit;
};
MUST_USE enum status work_list(struct view *v, const struct work_query *q, struct work **ret,
                               size_t *n);
MUST_USE enum status save_add(struct tx *tx, const struct save *s);
/* ST_NOTFOUND for one that was destroyed. */
MUST_USE enum status save_read(struct view *v, i64 work, i64 number, struct save *ret);
/* That one, or where it was destroyed the next older one. */
MUST_USE enum status save_near(struct view *v, i64 work, i64 number, struct save *ret);
/* Its bytes go as work_remove's do; its row stays. */
MUST_USE enum status save_destroy(struct tx *tx, i64 work, i64 number, i64 account);
/* Newest first, without bytes; those below the number before, or from the newest where it is 0. */
MUST_USE enum status save_list(struct view *v, i64 work, i64 before, size_t limit,
                               struct save **ret, size_t *n);

/* --- pictures that any save of a story has named --- */
MUST_USE enum status work_picture_add(struct tx *tx, i64 work, i64 picture);
MUST_USE enum status work_picture_remove(struct tx *tx, i64 work, i64 picture);
MUST_USE enum status work_picture_has(struct view *v, i64 work, i64 picture, bool *ret);
/* The ids of a story's pictures, newest first; of the stories that have a picture. */
MUST_USE enum status work_pictures(struct view *v, i64 work, size_t limit, i64 **ret, size_t *n);
MUST_USE enum status picture_works(struct view *v, i64 picture, size_t limit, i64 **ret, size_t *n);

MUST_USE enum status work_person_set(struct tx *tx, i64 work, enum work_person kind,
                                     const i64 *accounts, size_t n); /* replaces */
MUST_USE enum status work_people(struct view *v, i64 work, enum work_person kind, i64 **ret,
                                 size_t *n);
MUST_USE enum status work_note_add(struct tx *tx, i64 work, i64 account, str words);
MUST_USE enum status work_note_count(struct view *v, i64 work, i64 *ret);
/* Oldest first. */
MUST_USE enum status work_notes(struct view *v, i64 work, struct work_note **ret, size_t *n);

#endif
