/* store/newsroom.h: the newsroom's own rows: settings, editions, sections, links of the navigation
 * and the footer.
 *
 * Ownership: strings in the view's or the tx's arena; editions, sections and the contact that a
 * page reads (editions_read, sections_read, contact_read) stay with the connection until a later
 * view finds them changed. Errors: unless ST_OK, *ret is untouched. Every page carries the key
 * "site": what is read here in navigation is dropped by it; section/ID is the name and description
 * of one section, section-picture/ID what its own page alone shows. */
#ifndef STORE_NEWSROOM_H
#define STORE_NEWSROOM_H

#include "store/picture.h"

struct edition {
    i64 id, position;
    str slug, locale, zone, name, motto;
    str lead;        /* a story's key, or "" */
    str corrections; /* the key of the page that says how the newsroom corrects, or "" */
};
struct section {
    i64 id, edition, position;
    i64 picture; /* 0 for none; a page reads it by section_picture */
    str slug, name, description;
    bool navigation; /* shown in the navigation */
    bool listed;     /* still in sections.yaml; else it keeps its address only */
};
/* An entry of a footer or, beside the sections, of a navigation. */
struct site_link {
    str words;
    str story;   /* the key of a story of kind page; "" for none */
    str address; /* elsewhere: http or https; "" for none; words alone have neither */
    i64 after;   /* in a navigation: how many of the edition's listed sections stand before it */
    str path;    /* where the story is while it is live, else ""; read, not written */
    i64 kind;    /* of that story; read, not written */
};

MUST_USE enum status setting_read(struct view *v, str name, str *ret); /* "" when it isn't set */
MUST_USE enum status setting_write(struct tx *tx, str name, str value);

/* How readers reach the newsroom, which every page shows; "" when it isn't set. */
MUST_USE enum status contact_read(struct view *v, str *ret);

/* In their order; the first is the one at "/". */
MUST_USE enum status editions_read(struct view *v, const struct edition **ret, size_t *n);
/* Inserts (id 0) or updates by id. */
MUST_USE enum status edition_write(struct tx *tx, struct edition *e);
MUST_USE enum status edition_remove(struct tx *tx, i64 id);
MUST_USE enum status edition_has_stories(struct view *v, i64 id, bool *ret);

/* All of an edition's sections in their order, unlisted ones last. */
MUST_USE enum status sections_read(struct view *v, i64 edition, const struct section **ret,
                                   size_t *n);
MUST_USE enum status section_by_slug(struct view *v, i64 edition, str slug, struct section *ret);
/* The picture that its page shows: ST_NOTFOUND when it has none, or is no longer listed. Adds
 * section-picture/ID either way. */
MUST_USE enum status section_picture(struct view *v, const struct section *s, struct picture *ret);
MUST_USE enum status section_write(struct tx *tx, struct section *s);
MUST_USE enum status section_remove(struct tx *tx, i64 id);
MUST_USE enum status section_has_stories(struct view *v, i64 id, bool *ret);
/* Whether a story in it is live or scheduled. */
MUST_USE enum status section_in_use(struct view *v, i64 id, bool *ret);

/* Adds address/ID of the pages, or story-key/KEY of those that aren't live. */
MUST_USE enum status footers_read(struct view *v, i64 edition, struct site_link **ret, size_t *n);
MUST_USE enum status navigation_read(struct view *v, i64 edition, struct site_link **ret,
                                     size_t *n);
/* The words of a link that names this story, of any edition's footer or navigation; ST_NOTFOUND
 * when none does. */
MUST_USE enum status footer_naming(struct view *v, str story, str *words);
/* Replaces the edition's footer, or its navigation's links. */
MUST_USE enum status footers_write(struct tx *tx, i64 edition, const struct site_link *l, size_t n);
MUST_USE enum status navigation_write(struct tx *tx, i64 edition, const struct site_link *l,
                                      size_t n);

#endif
