/* base/hasher.h: passwords hashed by processes of their own.
 *
 * Argon2id takes 64 MiB from the system and gives them back at each hash, and for that the kernel
 * holds up every thread of the process by which it is done: of a server that would be its readers'.
 * So a server hands passwords to a worker, this same program started anew (HASHER_COMMAND), over a
 * socket that keeps the bounds of messages.
 *
 * There are two, each started when it is first needed. The *gentle* one runs as SCHED_IDLE:
 * whatever the server has to do comes before it at once, and it gets what is left. On a machine
 * that is full that may be nothing; so what it hasn't done within a second the *firm* one does as
 * well, with its ordinary share (nice 5), and is asked first for as long as the gentle one is held
 * up. Two processes, because the way back from SCHED_IDLE needs a privilege.
 *
 * A worker that dies is started again, once for each password. It has nothing but its socket: no
 * other descriptor, no environment, no core dump; it ends when its socket does, or with the thread
 * that started it, and not by the signals that end a server. Passwords are wiped from messages on
 * both sides. Errors: ST_NOMEM when it can't be done, as without 64 MiB; why is logged. Threads:
 * any; they wait for each other. */
#ifndef BASE_HASHER_H
#define BASE_HASHER_H

#include "base/log.h"
#include "base/secret.h"

#define HASHER_COMMAND "hash-passwords"

struct hasher;
struct hasher_options {
    const char *program; /* NULL: the one that runs, whatever lies at its path by now */
    struct log *log;     /* may be NULL */
    i64 patience_ms;     /* for the gentle one; 0: a second */
    i64 most_ms;         /* for a password in all; 0: 30 seconds */
};
MUST_USE enum status hasher_make(const struct hasher_options *o, struct hasher **ret);
/* Ends its workers, at work or not. NULL is allowed. */
void hasher_free(struct hasher *h);

/* The same as password_hash and password_check of base/secret.h, which see to what is wrong with
 * their arguments. text: of an Argon2id string, ended by NUL. */
enum { HASHER_TEXT = 128 };
MUST_USE enum status hasher_hash(struct hasher *h, str password, char text[HASHER_TEXT]);
MUST_USE enum status hasher_check(struct hasher *h, str password, const char text[HASHER_TEXT]);

/* What HASHER_COMMAND does, with its arguments: the exit status. */
int hasher_main(int argc, char **argv);

#endif
