/* newsroom/change.h: one change to one story on its way through the door; private to this room.
 *
 * change_open reads what there is; publish.c decides; change_apply writes the row and everything
 * that follows from it: addresses, names, lists, pictures, families, and the touched keys. Every
 * strings' home is the tx's arena. */
#ifndef NEWSROOM_CHANGE_H
#define NEWSROOM_CHANGE_H

#include "newsroom/publish.h"

enum { CHANGE_PICTURES = STORY_PICTURES + 1 };

struct change {
    struct tx *tx;
    const struct story_file *file; /* from which it comes; NULL when it comes from none */
    struct view v;                 /* reads inside the transaction */
    const struct edition *editions;
    size_t neditions;
    const struct edition *edition;
    bool first_edition;
    struct section section; /* zero for background and page */

    bool existed;
    struct story before;      /* zero when it didn't exist */
    struct story_content old; /* of the live, else the scheduled change */
    bool has_old;

    struct story after;
    struct story_content content;  /* complete: what the file left out is filled in */
    i64 pictures[CHANGE_PICTURES]; /* row ids of what it shows */
    size_t npictures;
};

/* Reads the editions and, when there is one, the story with its newest content. */
MUST_USE enum status change_open(struct change *c, struct tx *tx, str key);
/* The edition by its slug; "" is the first. ST_INVALID names those that are there. line: for the
 * error, 0 for none. */
MUST_USE enum status change_edition(struct change *c, str slug, int line);

/* "line N: " for an error to begin with; "" without a line. */
const char *change_line(struct change *c, int line);

/* checks.c: what may be published. change_check: the file against what there is. */
MUST_USE enum status change_check(struct change *c, const struct story_file *f);
/* Whether it, and all that translate it, may be live at live_at; ST_CONFLICT names whose embargo
 * stands in the way. line: for the error, 0 for none. */
MUST_USE enum status change_check_embargo(struct change *c, i64 live_at, int line);
/* When the site names its id for a page and it is none. */
MUST_USE enum status change_warn_site(struct change *c, struct published *out);

/* uses.c: the pictures it shows. Files become keys, in the head and in the body; uses that the body
 * doesn't show are left out of the revision, with a warning when the file listed them. */
MUST_USE enum status change_pictures(struct change *c, const struct publication *p,
                                     struct published *out);
void change_warn_credits(const struct change *c, struct published *out);
/* Sets after.picture_use: what cards say of the lead picture, as JSON, the canonical form of a
 * story that has nothing else. */
MUST_USE enum status change_picture_use(struct change *c);

/* "" for the first edition, "/ar" for another. */
str edition_prefix(const struct change *c, struct arena *a);
/* The address of content with slug, of which first_ms says the day; "" for a background. */
MUST_USE enum status change_path(struct change *c, str slug, i64 first_ms, str *ret);
/* Finds and takes the address: a given slug that is taken is ST_CONFLICT naming the holder, a made
 * one gets -2, -3. Sets after.slug, after.path, content.slug. */
MUST_USE enum status change_take_address(struct change *c, bool given, int line, i64 first_ms);

/* Whether the story's path or liveness changed. */
bool change_moved(const struct change *c);

/* Makes c->after the story's row: live with revision number, or withdrawn; moves lists, pictures,
 * families and touches. r: the revision to freeze; its story, number, salt and hash are filled in
 * here. */
MUST_USE enum status change_apply(struct change *c, struct revision *r);
/* The row, its names, lists and touches for what the revision says that it has: of a text from
 * which words were removed. No revision is made. */
MUST_USE enum status change_rewrite(struct change *c);
/* Joins the stories that translate each other into one family and touches them; conflicts (two of
 * one edition) are ST_CONFLICT naming the other. */
MUST_USE enum status change_family(struct change *c);
/* Removes the row of c->before, which nothing names any more, and settles the family it leaves. */
MUST_USE enum status change_family_without(struct change *c);

#endif
