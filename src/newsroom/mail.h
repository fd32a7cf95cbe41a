/* newsroom/mail.h: what is mailed, to whom, and for how long it is tried.
 *
 * What makes a message necessary writes its row in the same transaction, so neither is ever without
 * the other; jobs/mailer.h sends it. The row says what the message will tell (kind, words, a link's
 * path); its text is made when it is sent, with the theme and base address of that moment. A link's
 * secret stands in the row, and nowhere else, until the message is sent or given up: then it is
 * erased (tx_erase). It is never logged.
 *
 * Somebody who has forgotten a password is not looked for when they ask: reset_ask writes one row,
 * the same for every address, and reset_prepare, which the mailer calls, finds out whether there is
 * anybody to write to. So nobody can tell by words, work or time. A row of either kind is erased
 * once, when it goes.
 *
 * Units: ms since 1970 UTC. Threads: what takes a tx runs on the writer; reset_ask any. */
#ifndef NEWSROOM_MAIL_H
#define NEWSROOM_MAIL_H

#include "newsroom/accounts.h"
#include "store/mail.h"

/* Kept as a number: append only. name: its messages are "mail-NAME-subject" and "mail-NAME-words".
 */
#define MAIL_LIST(X)                                                                               \
    X(MAIL_RESET, "reset")       /* a link for a new password, to whoever forgot theirs */         \
    X(MAIL_INVITE, "invite")     /* words: who invites */                                          \
    X(MAIL_PASSWORD, "password") /* notices, from here on: what was done to an account */          \
    X(MAIL_SECOND_ON, "second-on")                                                                 \
    X(MAIL_SECOND_OFF, "second-off")                                                               \
    X(MAIL_ROLES, "roles") /* words: the new ones */
enum mail_kind {
#define X(k, name) k,
    MAIL_LIST(X)
#undef X
        MAIL_KINDS
};
const char *mail_name(i64 kind); /* "" for none */

enum {
    MAIL_DAYS = 2,          /* then it is given up; with a link, when that ends */
    RESETS_AN_HOUR = 5,     /* to one account, whoever asks: beyond that nothing is sent */
    MAIL_WAITING_MOST = 500 /* while so many wait nobody can ask for a new password */
};

/* To an account, about what was just done to it. */
MUST_USE enum status mail_notice(struct tx *tx, enum mail_kind kind, const struct account *who,
                                 str words);
/* In the language of whoever invites; path: the link's, which ends at ends_ms. */
MUST_USE enum status mail_invite(struct tx *tx, str email, str path, i64 ends_ms,
                                 const struct actor *by);

/* Somebody asks for a new password. ST_INVALID: that is no address. ST_BUSY with *wait_ms: too many
 * tries, of this client or for this address; ST_BUSY without: too much waits. */
MUST_USE enum status reset_ask(struct sign_in_limits *l, struct writer *w, str email, str client,
                               struct arena *a, i64 *wait_ms, struct err *err);

/* Whether nobody has looked yet whom it is for. */
bool mail_unprepared(const struct mail *m);
/* Looks for those who asked, the oldest first, RESETS_AT_ONCE at most: makes their links, each of
 * which ends older ones, and writes them into the rows; a row that is for nobody goes. So strangers
 * who ask for nobody's cost one erasing together. */
enum { RESETS_AT_ONCE = 64 };
MUST_USE enum status reset_prepare(struct tx *tx);
/* It is sent, or nothing any more: the row goes, and what was secret in it is erased. */
MUST_USE enum status mail_done(struct tx *tx, i64 id);
/* It can't be sent: likewise, with a line in the audit log. */
MUST_USE enum status mail_give_up(struct tx *tx, i64 id);
/* Whether the link in it still leads somewhere; true without one. */
MUST_USE enum status mail_holds(struct view *v, const struct mail *m, bool *ret);

#endif
