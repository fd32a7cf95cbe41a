/* jobs/mailer.h: sends what newsroom/mail.h has written down.
 *
 * A thread of its own, with a queue of its own among the jobs (JOB_MAIL), because a server that
 * hangs holds it for a minute at a time: what publishes at its minute never waits behind mail. It
 * sends one message at a time. Whoever kills the process between a server's yes and the row's going
 * makes that one message be sent once more, with the same Message-ID (without a server: written
 * over the same file).
 *
 * What can't be sent is tried again after half a minute, then twice as long each time, an hour at
 * most; where there is no server at all, nothing is tried for half a minute. What a server will
 * never take, or what is over (newsroom/mail.h), is given up with a line in the error log and one
 * in the audit log. Neither has an address, a link or a word of the message but the audit log's
 * e-mail of the account.
 *
 * Units: ms. Threads: mailer_round on one thread, that which mailer_start makes or a test's. */
#ifndef JOBS_MAILER_H
#define JOBS_MAILER_H

#include "base/log.h"
#include "outside/smtp.h"
#include "press/theme.h"
#include "store/writer.h"

struct mailer_conf {
    struct writer *writer;
    struct log *log;
    const char *db;                    /* opened for reading */
    struct theme *(*theme)(void *arg); /* the one in force, a reference */
    void *arg;
    str from;
    const struct smtp *smtp; /* NULL: messages become files in mailbox */
    const char *mailbox;
#ifdef BROADSHEET_PROVE
    void (*sent)(void *arg); /* for tests: after a server's yes, before the row goes */
#endif
};
struct mailer;
/* conf is copied, what it points to is not. */
MUST_USE enum status mailer_make(const struct mailer_conf *conf, struct mailer **ret,
                                 struct err *err);
void mailer_free(struct mailer *m); /* NULL is allowed; stops the thread first */
/* The thread: first gives back what a process that is gone had claimed. */
MUST_USE enum status mailer_start(struct mailer *m, struct err *err);
/* Sends what is due now. *next: when to look again. */
MUST_USE enum status mailer_round(struct mailer *m, i64 *next, struct err *err);

#endif
