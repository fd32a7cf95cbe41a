/* store/account.h: rows of accounts, sessions, links that work once, and the audit log. Rules are
 * newsroom/accounts.h's.
 *
 * No page of a reader shows any of this: reads add no keys, writes touch none.
 * Ownership: strings in the arena of the view or tx. Units: ms since 1970 UTC.
 * Errors: unless ST_OK, *ret is untouched; ST_NOTFOUND where nothing is there. */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include "base/hash.h"
#include "store/view.h"
#include "store/writer.h"

struct account {
    i64 id, signins, totp_step, created_ms;
    unsigned roles;
    str email; /* folded to lower case */
    str name, password;
    str totp;    /* 20 bytes, or empty */
    str edition; /* whose language the desk speaks */
};
/* id: to name it by at the desk; the database gives it again when the session is gone, so whoever
 * holds a session across transactions goes by its hash. */
struct session {
    struct sha256 hash; /* of the cookie's secret */
    i64 id, account, step, created_ms, seen_ms, ends_ms;
    str form; /* 32 bytes: base/secret.h's key for form tokens */
    str client, agent;
};
struct one_time {
    i64 kind, account, ends_ms;
    unsigned roles;
    str email;
};
struct audit_line {
    i64 id, at, account, kind;
    str name; /* the account's, "" for the command line */
    str about, words, client;
};

MUST_USE enum status account_by_id(struct view *v, i64 id, struct account *ret);
MUST_USE enum status account_by_email(struct view *v, str email, struct account *ret);
/* By name, then id. */
MUST_USE enum status account_list(struct view *v, struct account **ret, size_t *n);
/* How many have all of these roles; 0: how many there are. */
MUST_USE enum status account_count(struct view *v, unsigned roles, i64 *ret);
/* Inserts (id 0, which it sets) or updates by id; ST_CONFLICT when the e-mail is another's,
 * ST_NOTFOUND when the id is nobody's. created_ms is written once. */
MUST_USE enum status account_write(struct tx *tx, struct account *s);

/* Sets s->id. */
MUST_USE enum status session_add(struct tx *tx, struct session *s);
MUST_USE enum status session_by_hash(struct view *v, const struct sha256 *hash,
                                     struct session *ret);
/* Newest seen first; those that have ended at v->now are left out, and those of the step `but`. */
MUST_USE enum status session_list(struct view *v, i64 account, i64 but, struct session **ret,
                                  size_t *n);
/* Of an account's of one step the n that were made last stay. */
MUST_USE enum status session_keep_newest(struct tx *tx, i64 account, i64 step, i64 n);
/* One that is gone stays so. */
MUST_USE enum status session_move_seen(struct tx *tx, const struct sha256 *hash, i64 now,
                                       i64 ends_ms);
/* ST_NOTFOUND when the account has no such session. */
MUST_USE enum status session_remove(struct tx *tx, i64 account, i64 id);
MUST_USE enum status session_remove_all(struct tx *tx, i64 account);

MUST_USE enum status one_time_add(struct tx *tx, const struct sha256 *hash,
                                  const struct one_time *o);
MUST_USE enum status one_time_read(struct view *v, const struct sha256 *hash, struct one_time *ret);
/* ST_NOTFOUND when somebody has used it: of two that ask at the same moment one gets ST_OK. */
MUST_USE enum status one_time_remove(struct tx *tx, const struct sha256 *hash);
/* All of an account's. */
MUST_USE enum status one_time_remove_all(struct tx *tx, i64 account);
MUST_USE enum status one_time_remove_kind(struct tx *tx, i64 account, i64 kind);
/* Sessions and links that have ended: the jobs' thread calls it. */
MUST_USE enum status ended_remove(struct tx *tx, i64 now);

MUST_USE enum status recovery_write(struct tx *tx, i64 account, const struct sha256 *hashes,
                                    size_t n); /* replaces all */
/* Uses one up; ST_NOTFOUND when it isn't one. */
MUST_USE enum status recovery_take(struct tx *tx, i64 account, const struct sha256 *hash);

/* id and name are not written. */
MUST_USE enum status audit_write(struct tx *tx, const struct audit_line *l);
/* Lines of a kind that are older than `before`: the jobs' thread calls it. */
MUST_USE enum status audit_trim(struct tx *tx, i64 kind, i64 before);
/* How many lines of a kind an account has since then. */
MUST_USE enum status audit_count(struct view *v, i64 account, i64 kind, i64 since, i64 *ret);
/* Newest first, below `before` (0: from the top). about: an account's e-mail or a story's key, ""
 * for all. Lines about stories that are restricted and don't name `viewer` (0: nobody in
 * particular) are left out. */
MUST_USE enum status audit_list(struct view *v, str about, i64 before, i64 viewer, size_t limit,
                                struct audit_line **ret, size_t *n);

#endif
