/* outside/mailbox.h: mail where no server is named: each message becomes a file.
 *
 * Files are their owner's alone (0600, in a folder 0700), whole once they have their name, and on
 * disk when mailbox_put returns. Threads: any. */
#ifndef OUTSIDE_MAILBOX_H
#define OUTSIDE_MAILBOX_H

#include "base/arena.h"

/* Writes message as FOLDER/NAME.eml, in place of one so called: what is put twice is there once.
 * name: no slash. ST_IO with words; a folder that others can look into is refused. */
MUST_USE enum status mailbox_put(const char *folder, str name, str message, struct arena *a,
                                 struct err *err);

#endif
