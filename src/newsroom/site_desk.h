/* newsroom/site_desk.h: an edition's name, sections, navigation and footer as publishers change
 * them at the desk.
 *
 * What is saved goes the same way as site.yaml and sections.yaml (newsroom/site.h): the same rows,
 * checks and keys; from then on those files don't change it any more unless they are published to
 * replace it. A section keeps its address for ever; it ends only while no story in it is live or
 * scheduled, so that no story's address moves.
 *
 * Ownership: strings in the arena of the view or tx. Errors: unless ST_OK, *ret is untouched;
 * ST_INVALID and ST_CONFLICT with a message's key in err. Threads: as the view's or the tx's. */
#ifndef NEWSROOM_SITE_DESK_H
#define NEWSROOM_SITE_DESK_H

#include "newsroom/permissions.h"
#include "newsroom/site.h"
#include "store/newsroom.h"

/* A section, or a link that stands between sections in the navigation. */
struct site_row {
    bool section;
    str words;              /* a section's name; what a link says */
    str slug, description;  /* a section's; slug "" for a new one: made from its name */
    bool fresh, shown, end; /* a section's: new; in the navigation; it ends with this save */
    str story, address;     /* a link's: one of them */
};
struct site_edit {
    str name, motto;
    str contact;           /* the same in all editions */
    struct site_row *rows; /* in the navigation's order; also what it doesn't show */
    size_t n;
    struct site_link *footer;
    size_t nfooter;
};
enum { SITE_ROWS = SITE_SECTIONS + SITE_LINKS };

/* What holds in this edition now. *base: by which a save knows that nothing has changed since. */
MUST_USE enum status site_edit_read(struct view *v, str edition, struct site_edit *ret, str *base);

/* What an error is about. */
enum site_list { SITE_IN_HEAD, SITE_IN_ROWS, SITE_IN_FOOTER };
struct site_bad {
    enum site_list list;
    size_t row; /* from 0 */
};
struct site_save {
    str edition, base;
    struct site_edit edit; /* every section that is there, and those to come */
};
/* ST_DENIED; ST_NOTFOUND for the edition; ST_CONFLICT when something else holds than what base
 * says; *changed: something differs. */
MUST_USE enum status site_edit_save(struct tx *tx, const struct actor *who,
                                    const struct locales_known *locales,
                                    const struct site_save *ask, bool *changed,
                                    struct site_bad *bad);

#endif
