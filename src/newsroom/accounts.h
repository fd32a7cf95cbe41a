/* newsroom/accounts.h: accounts, signing in, sessions, second factors, links that work once, and
 * the audit log.
 *
 * Rules and their sources: docs/architecture.md, "People". Session ids and link secrets are 256
 * random bits, kept as SHA-256; a new session at sign-in and at every change of role, password or
 * second factor, which end all others. The same words and the same work whether or not an account
 * exists. Limits per account and per client slow down and never lock out for ever; they are asked
 * before Argon2 runs.
 *
 * Threads: what takes a tx runs on the writer; what takes a db and a writer runs Argon2 and belongs
 * to the password lane; the rest any. Ownership: what is given back lies in the arena passed, or in
 * the tx's or the view's. Units: ms since 1970 UTC.
 * Errors: where a person has to be told something, ST_INVALID or ST_CONFLICT with a message key of
 * ACCOUNT_ERRORS in err.text, so that the desk says it in the person's language; ST_DENIED where
 * the actor may not. */
#ifndef NEWSROOM_ACCOUNTS_H
#define NEWSROOM_ACCOUNTS_H

#include "base/secret.h"
#include "newsroom/permissions.h"
#include "store/account.h"

/* The message key is "desk-error-NAME"; words: for a terminal. */
#define ACCOUNT_ERRORS(X)                                                                          \
    X(EMAIL, "email", "this is no e-mail address")                                                 \
    X(EMAIL_TAKEN, "email-taken", "there is an account with this e-mail already")                  \
    X(NAME, "name", "a name is one line of at most 200 bytes with a letter in it")                 \
    X(PASSWORD_SHORT, "password-short", "a password has at least 12 bytes")                        \
    X(PASSWORD_LONG, "password-long", "a password has at most 1,024 bytes")                        \
    X(PASSWORD_EMAIL, "password-email", "the password is the e-mail address")                      \
    X(PASSWORD_COMMON, "password-common", "the password is one that many people use")              \
    X(PASSWORD_OLD, "password-old", "the old password is another one")                             \
    X(CODE, "code", "the code is wrong, or was used before")                                       \
    X(LAST_PUBLISHER, "last-publisher", "nobody else is a publisher: make another one first")      \
    X(PUBLISHER_THERE, "publisher-there", "there is a publisher already")
enum account_error {
#define X(k, name, words) ACCOUNT_ERROR_##k,
    ACCOUNT_ERRORS(X)
#undef X
};
/* The words for a terminal where text is one of those keys; else text itself. */
const char *account_error_words(const char *text);

/* Who works at the command line: account 0, and may everything about accounts. An actor that is all
 * zero is nobody, and may nothing. */
struct actor actor_of_command(void);

/* --- limits of trying, one for the process; threads: any --- */
struct sign_in_limits;
MUST_USE enum status sign_in_limits_make(struct sign_in_limits **ret);
void sign_in_limits_free(struct sign_in_limits *l); /* NULL is allowed */

/* --- signing in --- */
enum sign_in_step {
    SIGNED_IN,
    SIGN_IN_CODE, /* a second factor is wanted */
    SIGN_IN_SET_UP,
    SIGN_IN_BROWSER, /* kept like a session, but none: a known browser's mark */
};
enum {
    SESSION_IDLE_DAYS = 30,
    SESSION_MOST_DAYS = 90,
    SESSION_STEP_MINUTES = 10, /* of one that is not signed in yet */
    SESSION_SEEN_MS = 60 * 1000,
    BROWSER_DAYS = 400, /* what browsers keep at most */
    BROWSERS_MOST = 20, /* an account's, the newest */
};
struct sign_in_ask {
    str email, password;
    str client, agent; /* as the session list shows them; client: an address; agent is cut to 256
                          bytes of clean text */
    str browser;       /* the mark that came along, "" for none: see browser_of */
    unsigned second_roles; /* roles that need a second factor, from their second sign-in on */
};
struct signed_in {
    str cookie; /* the session's secret, for Set-Cookie */
    struct session session;
    str browser; /* its browser's mark from now on; "" while a second step is wanted */
};
/* Whose browser a mark is: one by which that account has signed in, until its password, roles or
 * second factor change. It lets nobody in. It is worth a seat that strangers can't take, and tries
 * that are counted apart from theirs, so that nobody keeps an account's owner out by trying. Kept
 * as a session of step SIGN_IN_BROWSER, which no session's cookie names and no list shows.
 * ST_NOTFOUND: nobody's. */
MUST_USE enum status browser_of(struct view *v, str mark, i64 *ret_account);
/* ST_DENIED: e-mail or password are wrong, said no closer. ST_BUSY: too many tries; *wait_ms says
 * how long; who comes again after that is heard, whatever others try meanwhile. Runs its own
 * transactions. */
MUST_USE enum status sign_in(struct sign_in_limits *l, struct db *db, struct writer *w,
                             const struct sign_in_ask *ask, struct arena *a, struct signed_in *ret,
                             i64 *wait_ms, struct err *err);
/* With a TOTP or recovery code for a session of step SIGN_IN_CODE: a new session of step SIGNED_IN.
 * ST_DENIED: wrong, or used before, or the session has ended. */
MUST_USE enum status sign_in_code(struct sign_in_limits *l, struct writer *w,
                                  const struct session *s, str code, struct arena *a,
                                  struct signed_in *ret, i64 *wait_ms, struct err *err);
MUST_USE enum status sign_out(struct writer *w, const struct session *s, struct err *err);

/* Whose cookie is this? ST_NOTFOUND: nobody's, or it has ended. Any step: the caller lets nobody to
 * the desk whose step isn't SIGNED_IN. */
MUST_USE enum status session_of(struct view *v, str cookie, struct session *s, struct account *who);
/* Moves seen_ms and with it ends_ms; does nothing within SESSION_SEEN_MS of the last time. */
MUST_USE enum status session_seen(struct writer *w, const struct session *s, struct err *err);

/* --- links that work once --- */
/* Kept as a number: append only. */
enum one_time_kind { LINK_FIRST, LINK_INVITE, LINK_RESET, LINK_FORGOTTEN };
enum { LINK_LIVES_HOURS = 48, LINK_FORGOTTEN_HOURS = 1 };
/* Whether it is for the new password of an account that is there. */
bool link_resets(i64 kind);
/* The path of a new link, "/desk/link/SECRET". LINK_FIRST: makes the first publisher; only while no
 * account has that role. LINK_INVITE: email and roles; it is mailed as well. LINK_RESET: an
 * account's; one that has no password yet gets it so. LINK_FORGOTTEN is mailed alone, to whoever
 * asked (newsroom/mail.h): it isn't made here. */
MUST_USE enum status link_make(struct tx *tx, enum one_time_kind kind, i64 account, str email,
                               unsigned roles, const struct actor *by, str *ret_path);
/* ST_NOTFOUND: none, used, or ended. Opening a link uses nothing up (mail scanners follow links).
 */
MUST_USE enum status link_find(struct view *v, str secret, struct one_time *ret);
/* Uses it: sets name and password, gives the roles, signs in. A reset ends the account's sessions
 * and other links, and asks for the second factor like any sign-in. ST_NOTFOUND as link_find, and
 * for all but one of those who use it at the same moment. What is wrong with the fields leaves the
 * link unused. */
struct link_use {
    str secret;
    str email; /* for LINK_FIRST; the others know it */
    str name;  /* "": a reset keeps the one there is */
    str password, client, agent;
    unsigned second_roles;
};
MUST_USE enum status link_use(struct db *db, struct writer *w, const struct link_use *u,
                              struct arena *a, struct signed_in *ret, struct err *err);

/* --- accounts --- */
/* Whether text is an e-mail address as far as we care: one '@', something on both sides, no blanks,
 * control or invisible characters, at most 254 bytes; *ret with ASCII folded to lower case. */
MUST_USE enum status email_read(str text, struct arena *a, str *ret, struct err *err);
/* Passwords are taken as typed, in Unicode's form NFC (RFC 8265, 4.2): every function here that
 * takes one sees to that. Whether a new one is fit: PASSWORD_LEAST to PASSWORD_MOST bytes, not the
 * e-mail address, none of those that many people use. */
MUST_USE enum status password_fit(str password, str email, struct err *err);
/* The hash of a new one that is fit. Runs Argon2. */
MUST_USE enum status password_make(str password, str email, struct arena *a, str *ret,
                                   struct err *err);
/* password_hash "": none yet; a link gives it. by needs ACT_ACCOUNTS, here and below. */
MUST_USE enum status account_make(struct tx *tx, str email, str name, unsigned roles,
                                  str password_hash, const struct actor *by, struct account *ret);
/* Ends all sessions of the account, where roles differ from those it has. The last publisher stays
 * one. */
MUST_USE enum status account_set_roles(struct tx *tx, i64 account, unsigned roles,
                                       const struct actor *by);
/* The account's own name, and whose language the desk speaks to it. */
MUST_USE enum status account_set_name(struct tx *tx, i64 account, str name, str edition);
/* old: checked first; whoever has another's session can't find it out by trying (ST_BUSY with
 * *wait_ms, as sign_in). Ends all sessions and links of the account; a new one for this. */
MUST_USE enum status account_set_password(struct sign_in_limits *l, struct db *db, struct writer *w,
                                          const struct session *s, str old, str fresh,
                                          struct arena *a, struct signed_in *ret, i64 *wait_ms,
                                          struct err *err);
/* The second factor: the secret is made and shown first, and on only once a code of it was typed;
 * then ten recovery codes are given, once. From a session that is SIGNED_IN, or has SIGN_IN_SET_UP
 * to do; ends all sessions of the account, a new one for this. */
enum { RECOVERY_CODES = 10 };
MUST_USE enum status second_factor_on(struct writer *w, const struct session *s,
                                      const u8 key[TOTP_BYTES], str code, struct arena *a,
                                      str codes[RECOVERY_CODES], struct signed_in *ret,
                                      struct err *err);
/* One's own, or with ACT_ACCOUNTS anybody's. Ends all sessions of the account: whoever found one
 * open still needs the password. */
MUST_USE enum status second_factor_off(struct writer *w, i64 account, const struct actor *by,
                                       struct err *err);
/* One of an account's sessions, or all with id 0; one's own, or with ACT_ACCOUNTS anybody's. */
MUST_USE enum status session_end(struct tx *tx, i64 account, i64 id, const struct actor *by);

/* --- the audit log --- */
/* The numbers are kept in rows: append only. name: its message key is "audit-NAME". about: of those
 * down to AUDIT_LINK, and of the three of mail, the e-mail of the account it was done to; of others
 * a story's key, or an edition. */
#define AUDIT_LIST(X)                                                                              \
    X(AUDIT_SIGN_IN, "sign-in")                                                                    \
    X(AUDIT_SIGN_IN_FAILED, "sign-in-failed")                                                      \
    X(AUDIT_SIGN_OUT, "sign-out")                                                                  \
    X(AUDIT_ACCOUNT, "account")                                                                    \
    X(AUDIT_ROLES, "roles")                                                                        \
    X(AUDIT_PASSWORD, "password")                                                                  \
    X(AUDIT_SECOND_ON, "second-on")                                                                \
    X(AUDIT_SECOND_OFF, "second-off")                                                              \
    X(AUDIT_SESSION_END, "session-end")                                                            \
    X(AUDIT_LINK, "link")                                                                          \
    X(AUDIT_PUBLISH, "publish")                                                                    \
    X(AUDIT_SCHEDULE, "schedule")                                                                  \
    X(AUDIT_UNSCHEDULE, "unschedule")                                                              \
    X(AUDIT_WITHDRAW, "withdraw")                                                                  \
    X(AUDIT_REINSTATE, "reinstate")                                                                \
    X(AUDIT_RESTRICT, "restrict")                                                                  \
    X(AUDIT_DESTROY, "destroy")                                                                    \
    X(AUDIT_FRONT, "front")                                                                        \
    X(AUDIT_PREVIEW_LINK, "preview-link")                                                          \
    X(AUDIT_PREVIEW_END, "preview-end")                                                            \
    X(AUDIT_SCHEDULE_FAILED, "schedule-failed")                                                    \
    X(AUDIT_DESTROY_SAVE, "destroy-save")                                                          \
    X(AUDIT_DESTROY_PICTURE, "destroy-picture")                                                    \
    X(AUDIT_HOLD, "hold")                                                                          \
    X(AUDIT_HOLD_LIFTED, "hold-lifted")                                                            \
    X(AUDIT_EMBARGO, "embargo")                                                                    \
    X(AUDIT_NEEDS_NOTHING, "needs-nothing")                                                        \
    X(AUDIT_REMOVE, "remove")                                                                      \
    X(AUDIT_SITE, "site")                                                                          \
    X(AUDIT_SECTION_BEGUN, "section-begun")                                                        \
    X(AUDIT_SECTION_ENDED, "section-ended")                                                        \
    X(AUDIT_RESET_ASKED, "reset-asked")                                                            \
    X(AUDIT_RESET_USED, "reset-used")                                                              \
    X(AUDIT_MAIL_GIVEN_UP, "mail-given-up")
enum audit_kind {
#define X(k, name) k,
    AUDIT_LIST(X)
#undef X
        AUDIT_KINDS
};
const char *audit_name(enum audit_kind k);
/* Anybody can add to the lines of sign-ins that failed and of new passwords that were asked for:
 * those go after this; all others stay. */
enum { AUDIT_FAILED_DAYS = 90 };
/* words: never a secret, never an address of mail that isn't an account's. */
MUST_USE enum status audit_add(struct tx *tx, i64 account, enum audit_kind k, str about, str words,
                               str client);

#endif
