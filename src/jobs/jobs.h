/* jobs/jobs.h: what happens by itself. Due times are rows; nothing due lives in memory.
 *
 * jobs_start runs a thread that claims due jobs, runs them through the writer, and sleeps until the
 * next due row, at most a second, on a timer that a change of the clock wakes. jobs_run is one
 * round, for tests and for the start. */
#ifndef JOBS_JOBS_H
#define JOBS_JOBS_H

#include "base/log.h"
#include "media/blob.h"
#include "store/writer.h"

struct jobs;
/* Besides, once a minute, sessions and links that have ended are removed (store/account.h). */
/* blobs: of which every few minutes one slice is swept (newsroom/sweep.h), all of them in a day. */
/* tick (may be NULL): called after every round, so once a second at least, on the jobs' thread. */
MUST_USE enum status jobs_start(struct writer *w, struct blobs *blobs, struct log *log,
                                void (*tick)(void *arg), void *arg, struct jobs **ret,
                                struct err *err);
void jobs_stop(struct jobs *j); /* NULL is allowed */
/* One round: claims and runs what is due now. *next: when to look again. */
MUST_USE enum status jobs_run(struct writer *w, struct log *log, i64 *next, struct err *err);

#endif
