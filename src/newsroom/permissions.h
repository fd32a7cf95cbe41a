/* newsroom/permissions.h: who may do what at the desk: one table, asked before anything is done.
 *
 * Roles are given by a publisher and add up; a reader has none. A story is an actor's own (began or
 * assigned), shared with the actor, or another's; it may be restricted to named people, and for
 * everybody else it is not there at all: permitted() says no to every act, ACT_SEE first, and the
 * caller answers 404, not 403. An act that the table forgets is denied. Threads: any. */
#ifndef NEWSROOM_PERMISSIONS_H
#define NEWSROOM_PERMISSIONS_H

#include "base/arena.h"

enum { ROLE_REPORTER = 1, ROLE_EDITOR = 2, ROLE_MODERATOR = 4, ROLE_PUBLISHER = 8, ROLES_ALL = 15 };
/* Name in site.conf, on the command line and in message keys. */
#define ROLE_LIST(X)                                                                               \
    X(ROLE_REPORTER, "reporter")                                                                   \
    X(ROLE_EDITOR, "editor") X(ROLE_MODERATOR, "moderator") X(ROLE_PUBLISHER, "publisher")
/* "editor" to its bit, 0 when there is none. */
unsigned role_bit(str name);
/* "reporter, editor" to its bits; blanks and empty items are forgiven. ST_INVALID for a name that
 * is no role's, and for none at all. */
MUST_USE enum status roles_read(str list, unsigned *ret);
/* "reporter, editor" for logs and terminals. */
str roles_text(unsigned roles, struct arena *a);

/* name: for docs/desk.md, which shows the table, and tests. */
#define ACT_LIST(X)                                                                                \
    X(ACT_DESK, "open the desk")                                                                   \
    X(ACT_BEGIN, "begin a story")                                                                  \
    X(ACT_SEE, "read a story at the desk")                                                         \
    X(ACT_WRITE, "save a draft, of live stories too")                                              \
    X(ACT_NOTE, "leave a note")                                                                    \
    X(ACT_SEND, "send to review, or take back")                                                    \
    X(ACT_ASSIGN, "assign, set a deadline, share")                                                 \
    X(ACT_APPROVE, "approve, or send back")                                                        \
    X(ACT_SCHEDULE, "schedule, or take from the schedule")                                         \
    X(ACT_PUBLISH, "publish, update, correct")                                                     \
    X(ACT_WITHDRAW, "withdraw, reinstate")                                                         \
    X(ACT_RESTRICT, "restrict a story to named people")                                            \
    X(ACT_DESTROY, "destroy what was never published")                                             \
    X(ACT_FRONTS, "curate a front")                                                                \
    X(ACT_ACCOUNTS, "accounts, roles, other people's sessions")                                    \
    X(ACT_AUDIT, "read the audit log")                                                             \
    X(ACT_HOLD, "put a story on hold, or lift it")                                                 \
    X(ACT_EMBARGO, "lift an embargo")                                                              \
    X(ACT_REMOVE, "remove words by order")                                                         \
    X(ACT_SITE, "sections, navigation, footer, pages")
enum act {
#define X(a, name) a,
    ACT_LIST(X)
#undef X
        ACT_COUNT
};
const char *act_name(enum act a);

struct actor {
    i64 account; /* 0: nobody signed in */
    unsigned roles;
    str name;
};
/* What the actor is to a story. */
struct standing {
    bool own, shared;       /* own: began it or is assigned to it */
    bool began;             /* its author: only they may destroy it, beside a publisher */
    bool restricted, named; /* restricted to named people; the actor is one */
    bool live;              /* it is, or was, public */
    bool page;              /* it is of kind page: changing it is part of ACT_SITE too */
    bool sent;              /* the actor wrote the newest save or sent it to review */
};
/* s: NULL for acts that are about no story; an act that is about one is denied without. four_eyes:
 * site.conf's: nobody approves, schedules or publishes what they sent. */
bool permitted(const struct actor *who, enum act act, const struct standing *s, bool four_eyes);

#endif
