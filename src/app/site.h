/* app/site.h: a site folder opened: where its parts lie, and who may write to it.
 *
 * One process writes (SQLite): whoever holds flock(SITE/lock). Ownership: the struct's strings live
 * in its own arena; site_close gives everything back. */
#ifndef APP_SITE_H
#define APP_SITE_H

#include "app/conf.h"

struct site {
    struct arena arena;
    int dir;                                             /* the folder */
    int lock;                                            /* -1 while not held */
    const char *folder, *db, *media, *theme, *conf_path; /* SITE/theme may not be there */
    const char *mailbox;                                 /* likewise */
    struct conf conf;
};

/* ST_IO with clear words when the folder is missing, isn't a site or can't be entered; ST_INVALID
 * for site.conf. */
MUST_USE enum status site_open(const char *folder, struct site *ret, struct err *err);
void site_close(struct site *s);
/* Takes the lock; ST_BUSY when somebody holds it, ST_IO when the folder can't be written. */
MUST_USE enum status site_lock(struct site *s, struct err *err);
/* As root: becomes the folder's owner, with that account's groups (for an owner without an account:
 * the folder's group), unless that is root. Before anything in the site is opened. */
MUST_USE enum status site_become_owner(const char *folder, bool *still_root, struct err *err);

#endif
