/* store/mail.h: rows of mail that waits to be sent, each with its job (store/job.h, JOB_MAIL).
 * Rules are newsroom/mail.h's.
 *
 * No page of a reader shows any of this: reads add no keys, writes touch none. Ownership: strings
 * in the arena of the view or tx. Units: ms since 1970 UTC. Errors: unless ST_OK, *ret is
 * untouched; ST_NOTFOUND where nothing is there. */
#ifndef STORE_MAIL_H
#define STORE_MAIL_H

#include "store/view.h"
#include "store/writer.h"

struct mail {
    i64 id, kind;     /* newsroom/mail.h's */
    i64 account;      /* 0: see newsroom/mail.h */
    i64 at, until_ms; /* when what it tells of happened; when it is given up */
    str name;         /* what it is called for ever: its copies are known by it */
    str email, person, edition;
    str path; /* of the link in it, or "": a secret */
    str words;
    str client;
};
#define MAIL_JOB STR("mail") /* payload: the row's id */

/* Adds the row and its job, due now. */
MUST_USE enum status mail_add(struct tx *tx, const struct mail *m);
MUST_USE enum status mail_read(struct view *v, i64 id, struct mail *ret);
/* Everything but id, kind, name and at. */
MUST_USE enum status mail_write(struct tx *tx, const struct mail *m);
/* With its job. */
MUST_USE enum status mail_remove(struct tx *tx, i64 id);
/* The oldest of a kind that are for no account yet; ids: room for limit of them. */
MUST_USE enum status mail_of_nobody(struct view *v, i64 kind, size_t limit, i64 *ids, size_t *n);
/* How many wait. */
MUST_USE enum status mail_count(struct view *v, i64 *ret);

#endif
