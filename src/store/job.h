/* store/job.h: what must happen, as rows. Due times are rows, claimed by lease, idempotent, swept
 * at start and each tick: nothing due lives in memory (Ghost 8485, 10674: timers in memory were
 * missed).
 *
 * Units: ms. kind and payload are the job room's own words; (kind, payload) is unique: adding it
 * again moves its due. */
#ifndef STORE_JOB_H
#define STORE_JOB_H

#include "base/time.h"
#include "store/writer.h"

/* Who runs a job. Kept as a number: append only. */
enum job_queue {
    JOB_PROMPT, /* short transactions that are due at their minute: jobs/jobs.c */
    JOB_MAIL,   /* what waits for another machine: jobs/mailer.c */
};
struct job {
    i64 id, due, attempts;
    str kind, payload;
};

/* Of JOB_PROMPT. */
MUST_USE enum status job_add(struct tx *tx, str kind, str payload, i64 due);
MUST_USE enum status job_add_to(struct tx *tx, enum job_queue queue, str kind, str payload,
                                i64 due);
MUST_USE enum status job_remove(struct tx *tx, str kind, str payload);
/* Claims up to limit of the queue's jobs due at now, earliest first, leased until now + lease_ms;
 * attempts + 1. */
MUST_USE enum status job_claim(struct tx *tx, enum job_queue queue, i64 now, i64 lease_ms,
                               size_t limit, struct arena *a, struct job **ret, size_t *n);
MUST_USE enum status job_done(struct tx *tx, i64 id);
/* Gives back what a process that is gone had claimed: at the start, by the only one that runs
 * jobs of the queue. */
MUST_USE enum status jobs_release(struct tx *tx, enum job_queue queue);
/* Gives the lease back and moves the due time. */
MUST_USE enum status job_delay(struct tx *tx, i64 id, i64 due);
/* The next moment at which a job of the queue can be claimed, MS_NEVER when there is none. */
MUST_USE enum status job_next(struct db *db, enum job_queue queue, i64 *ret, struct err *err);

#endif
