/* newsroom/account_parts.h: what the files behind accounts.h share, for them alone (and their
 * tests). */
#ifndef NEWSROOM_ACCOUNT_PARTS_H
#define NEWSROOM_ACCOUNT_PARTS_H

#include "newsroom/accounts.h"

/* Writes the message key and gives st. */
enum status account_fail(struct err *err, enum status st, enum account_error e);
bool may_accounts(const struct actor *by);
/* ST_OK or ST_DENIED, like password_check, of what somebody typed. */
MUST_USE enum status password_typed(str typed, str hash, struct arena *a);
/* One line with a letter in it. */
bool name_fit(str name);

/* The path of a link for whoever forgot the account's password (links.c): it ends older ones of its
 * kind. */
MUST_USE enum status link_forgotten(struct tx *tx, const struct account *who, str client,
                                    i64 ends_ms, str *ret_path);

/* --- limits (sign_in_limits.c) --- */
/* Names one kind of try of one account from one client. */
struct limit_key {
    u64 account, client, both;
};
struct limit_key limit_key_of(str what, str account, str client);
/* Those of a known browser, whose account and client are nobody else's. */
struct limit_key limit_key_of_browser(str mark);
/* Counts a try. False: one has to wait *wait_ms first, and nothing was counted. now_ms: of
 * time_monotonic. */
bool limits_take(struct sign_in_limits *l, const struct limit_key *k, i64 now_ms, i64 *wait_ms);
/* That try was right: the account's are forgotten, the client's is given back. */
void limits_right(struct sign_in_limits *l, const struct limit_key *k, i64 now_ms);

/* --- sessions (sign_in.c) --- */
/* A session that is to be: its secrets are drawn before the transaction, which may run twice. */
struct new_session {
    str cookie, mark; /* mark: of the browser, for a session that is SIGNED_IN */
    struct session session;
    struct sha256 browser;
};
MUST_USE enum status session_draw(struct arena *a, str client, str agent, struct new_session *ret);
/* Adds it, with its times, and its browser. */
MUST_USE enum status session_put(struct tx *tx, i64 account, enum sign_in_step step,
                                 struct new_session *n);
/* What is told of it once it is there. */
struct signed_in session_told(const struct new_session *n);
/* What a password alone comes to. */
enum sign_in_step step_after_password(const struct account *who, unsigned second_roles);
/* s and its account as they are now. ST_DENIED: it has ended. */
MUST_USE enum status session_still(struct tx *tx, const struct session *s, struct account *who);

#endif
