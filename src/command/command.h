/* command/command.h: the subcommands: one file each, one table in main.c.
 *
 * Exit status: 0 done, 1 what came in is wrong, 2 wrong usage, 3 the system said no; 3 outranks 1.
 * Commands speak to a person: results on standard output, everything else on standard error. */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include <argp.h>

#include "app/app.h"
#include "app/wire.h"

enum { EXIT_DONE = 0, EXIT_INPUT = 1, EXIT_USAGE = 2, EXIT_SYSTEM = 3 };

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *brief;
};

int command_init(int argc, char **argv);
int command_publish(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_check(int argc, char **argv);
int command_export(int argc, char **argv);
int command_withdraw(int argc, char **argv);
int command_reinstate(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_restore(int argc, char **argv);
int command_user(int argc, char **argv);

/* Prints a new link that works once, with when it ends; email "": for the first publisher. Gives
 * the exit status. */
int user_link(const char *folder, const char *email);

/* Prints "broadsheet: WORDS" and gives the exit status for st. */
int command_fail(enum status st, const struct err *err);
/* The same where nothing but a setting can be the caller's fault: all else is exit 3. */
int command_fail_system(enum status st, const struct err *err);
/* argp with our exit status for wrong usage. */
void command_parse(const struct argp *argp, int argc, char **argv, void *input);

/* A site to be written to: alone, holding the lock, or through the server that holds it. Tries both
 * for 30 s when the lock is held and nobody answers. */
struct hand {
    struct site site;
    struct app *app; /* alone */
    int fd;          /* through the server; -1 */
    struct arena arena;
};
MUST_USE enum status hand_open(const char *folder, struct hand *ret, struct err *err);
void hand_close(struct hand *h);
/* Hands one message in without waiting, at most WIRE_FLIGHT at a time, and takes the answers in the
 * same order. The arena holds message and answer, and is the message's own until its hand_end.
 * Threads: one may begin while another ends. */
struct handed {
    struct intake_flight *flight; /* alone; NULL through the server */
};
MUST_USE enum status hand_begin(struct hand *h, const struct intake_message *m, struct arena *a,
                                struct handed *ret, struct err *err);
MUST_USE enum status hand_end(struct hand *h, struct handed *x, struct arena *a,
                              struct intake_answer *ret, struct err *err);
/* Hands other work in and waits; n answers for n messages. */
MUST_USE enum status hand_do(struct hand *h, const struct wire_request *r,
                             struct intake_answer **ret, size_t *n, struct err *err);

#endif
