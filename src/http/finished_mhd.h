/* http/finished_mhd.h: the libmicrohttpd side of a finished response; inside this room. */
#ifndef HTTP_FINISHED_MHD_H
#define HTTP_FINISHED_MHD_H

#include <stdio.h>

#include <microhttpd.h>

#include "http/finished.h"

/* NULL when that coding was left out. Shared: queue it, never change it. A file's has no bytes: it
 * answers HEAD and 304. */
struct MHD_Response *finished_response(const struct finished *f, enum coding c);
/* The file behind it, -1 for none. */
int finished_fd(const struct finished *f, i64 *size);
/* Waits for disks, so that http threads don't. */
struct file_lane;
MUST_USE enum status file_lane_start(struct file_lane **ret, struct err *err);
/* Finishes what is queued; from then on http threads read and write by themselves. */
void file_lane_quiet(struct file_lane *l);
void file_lane_free(struct file_lane *l); /* NULL is allowed */
i64 file_lane_fetches(const struct file_lane *l);
/* Suspends the connection, runs the job, resumes the connection: the job may be gone from then on.
 * false when the lane is stopping: nothing was done. */
struct file_job {
    void (*run)(struct file_job *j);
    struct MHD_Connection *connection;
    struct file_job *next;
};
MUST_USE bool file_lane_take(struct file_lane *l, struct file_job *j);
/* A response for one connection that reads n bytes of f's file from an offset; it holds a reference
 * to f. */
struct MHD_Response *file_response(struct finished *f, struct file_lane *l,
                                   struct MHD_Connection *c, i64 offset, i64 n);
/* All headers of f for a coding. */
void response_headers(struct MHD_Response *r, const struct finished *f, enum coding c, bool vary);

#endif
