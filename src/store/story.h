/* store/story.h: stories, their revisions, scheduled changes and addresses.
 *
 * The story row is what lists and cards show. What a story's own page shows is in its live
 * revision's bytes (text/story.h reads them). A row says what is; newsroom/publish decides what may
 * be.
 *
 * Keys. A read says how much of the story the page will show, and that is the key it adds:
 *   address/ID   where it is and whether it is live   (a link in running text, a translation)
 *   headline/ID  its own headline, the date shown      (the news map, a reference in plain text)
 *   card/ID      the front's headline, standfirst, label, picture ...  (lists)
 *   related/ID   the same and its own headline, the picture's caption  (related cards)
 *   story/ID     everything                            (its own page, feeds)
 * A story that isn't there, or isn't live, also adds story-key/KEY: the page changes when it comes.
 *
 * Ownership: strings in the view's arena. Units: ms since 1970 UTC, 0 means "not yet".
 * Errors: unless ST_OK, *ret is untouched. Threads: one view per thread. */
#ifndef STORE_STORY_H
#define STORE_STORY_H

#include "store/view.h"
#include "store/writer.h"

enum story_state { STORY_UNPUBLISHED, STORY_LIVE, STORY_WITHDRAWN };
enum story_part { PART_ADDRESS, PART_HEADLINE, PART_CARD, PART_RELATED, PART_PAGE };

struct story {
    i64 id, edition, section, kind, revision;
    enum story_state state;
    str key, slug;
    str path;         /* "/town/2026/11/20/harbour-wall"; "" for a background */
    i64 first_ms;     /* when it first went live: order and address rest on it */
    i64 published_ms; /* the date shown */
    i64 updated_ms;   /* the last update shown; 0 when there was none */
    i64 embargo_ms;
    str headline, front, standfirst, label;
    i64 kicker; /* a topic's name id, 0: the section stands there */
    i64 picture;
    str picture_use; /* what the story says of its lead picture: JSON of text/story.h's picture_use
                      */
    str background, translation_of;
    i64 family; /* its group of translations, 0 for none */
    str note;   /* of a withdrawn story */
    /* joined, for cards; not written */
    str edition_slug, section_slug, section_name, kicker_slug, kicker_name;
    str picture_address;
    i64 picture_width, picture_height;
};

MUST_USE enum status story_by_key(struct view *v, str key, enum story_part part, struct story *ret);
/* Whose path is, or was, this? Adds url/PATH when nobody's. */
MUST_USE enum status story_by_path(struct view *v, str path, enum story_part part,
                                   struct story *ret);
MUST_USE enum status story_by_id(struct view *v, i64 id, enum story_part part, struct story *ret);
/* A key equal to this one but for case, held by another story: ST_OK and its key. */
MUST_USE enum status story_key_taken(struct view *v, str key, str *ret);
/* Inserts (id 0, which it sets) or updates by id. */
MUST_USE enum status story_write(struct tx *tx, struct story *s);
/* Touches the key of this part of it. */
void story_touch(struct tx *tx, i64 id, enum story_part part);
/* Removes the row of a story that was never live; ST_BUG while anything still names it. */
MUST_USE enum status story_remove(struct tx *tx, i64 id);
/* The live (and, with all, other) stories of a family, in the order of their editions. Adds
 * address/ID for each. */
MUST_USE enum status story_family(struct view *v, i64 family, bool all, struct story **ret,
                                  size_t *n);
/* Ids of all stories whose translation_of is key. */
MUST_USE enum status story_translations_of(struct view *v, str key, struct story **ret, size_t *n);
MUST_USE enum status story_set_family(struct tx *tx, i64 id, i64 family);
/* A story of any state that names key as its background: ST_OK and its key. */
MUST_USE enum status story_naming_background(struct view *v, str key, str *ret);
/* Every story's id in id order after `after`, at most limit: for check and export. */
MUST_USE enum status story_ids(struct view *v, i64 after, size_t limit, i64 **ret, size_t *n);

/* --- lists: newest first by first publication, then id --- */
/* A list's name is its page key: section-list/3, topic-list/7, byline-list/4, edition-list/1,
 * pictured-list/1, day/1/2026-11-24. A page that begins before a story has "NAME/tail" instead: a
 * story that enters at the top, as nearly all do, leaves those pages as they are. */
struct story_list_query {
    str list;
    i64 before_ms, before_id; /* 0, 0: from the top */
    size_t limit;
};
MUST_USE enum status story_list(struct view *v, const struct story_list_query *q,
                                struct story **ret, size_t *n);
/* An edition's newest stories of a kind that are live and were first published after since_ms,
 * at most limit; of each only what the news map shows: id, path, first_ms, published_ms, headline.
 * Keys: the edition's list, and headline/ID. */
MUST_USE enum status story_headlines(struct view *v, i64 edition, i64 kind, i64 since_ms,
                                     size_t limit, struct story **ret, size_t *n);
/* Which stories stand at a list's top, for whoever needs only some of them. */
MUST_USE enum status story_list_ids(struct view *v, str list, size_t limit, i64 **ret, size_t *n);
/* The place of a story that is or was in the list, for ?before=KEY. ST_NOTFOUND when it never was.
 */
MUST_USE enum status list_place(struct view *v, str list, str key, i64 *first_ms, i64 *id);
/* Enters (or stays), touching the list's keys; *began: it is the list's first. */
MUST_USE enum status list_enter(struct tx *tx, str list, i64 story, i64 first_ms, bool *began);
/* Leaves, touching; *ended: nothing is left in the list. Not being in it is fine (*ended false). */
MUST_USE enum status list_leave(struct tx *tx, str list, i64 story, bool *ended);
/* The lists in which a story is present. */
MUST_USE enum status lists_of(struct view *v, i64 story, str **ret, size_t *n);

/* --- revisions --- */
#define REVISION_KINDS(X)                                                                          \
    X(REV_FIRST, "first")                                                                          \
    X(REV_UPDATE, "update")                                                                        \
    X(REV_CLARIFICATION, "clarification")                                                          \
    X(REV_CORRECTION, "correction")                                                                \
    X(REV_TYPO, "typo") X(REV_WITHDRAWAL, "withdrawal") X(REV_REINSTATEMENT, "reinstatement")
enum revision_kind {
#define X(k, name) k,
    REVISION_KINDS(X)
#undef X
};
const char *revision_kind_name(enum revision_kind k);

struct revision {
    i64 story, number, at, format;
    i64 removed_ms; /* when words were removed by order, 0 for never */
    enum revision_kind kind;
    str note, author;
    str salt, hash; /* 32 bytes each; hash = SHA-256(salt ‖ bytes), as it was published: once words
                       were removed the salt is empty and the bytes are others */
    str bytes;      /* canonical JSON */
};
MUST_USE enum status revision_add(struct tx *tx, const struct revision *r);
MUST_USE enum status revision_read(struct view *v, i64 story, i64 number, struct revision *ret);
/* All of a story's, newest first, without bytes, salt and hash. */
MUST_USE enum status revision_list(struct view *v, i64 story, struct revision **ret, size_t *n);

/* --- scheduled changes: at most one a story --- */
struct scheduled {
    i64 story, due, base, at;
    str author, bytes;
};
MUST_USE enum status scheduled_write(struct tx *tx, const struct scheduled *s);
MUST_USE enum status scheduled_read(struct view *v, i64 story, struct scheduled *ret);
MUST_USE enum status scheduled_remove(struct tx *tx, i64 story);

/* --- addresses --- */
/* Whose path is this? Adds url/PATH when nobody's. */
MUST_USE enum status address_find(struct view *v, str path, i64 *story);
/* Gives path to story; ST_CONFLICT when another holds it. */
MUST_USE enum status address_take(struct tx *tx, str path, i64 story);
/* All that are or were a story's. */
MUST_USE enum status address_list(struct view *v, i64 story, str **ret, size_t *n);
/* Gives up what a scheduled story had kept and never used, or what words were removed from. */
MUST_USE enum status address_release(struct tx *tx, str path, i64 story);

#endif
