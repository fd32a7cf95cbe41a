/* base/log.h: one JSON object a line, written by a thread of its own.
 *
 * Lines go into memory, 2 MiB a file; a slow disk never slows whoever logs. When that is full the
 * line is dropped, counted, and the count is logged once there is room. Control characters and
 * broken UTF-8 are escaped; no bodies, no secrets. Before log_start (commands, tests) nothing is
 * written: commands speak on standard error themselves. Ownership: the file descriptors' paths are
 * opened here and reopened by log_reopen (SIGHUP). "-" is standard error. Threads: any. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/arena.h"

struct log;

/* access_path and error_path: files that are appended to, or "-". *ret is released by log_stop. */
MUST_USE enum status log_start(const char *access_path, const char *error_path, struct log **ret,
                               struct err *err);
/* Writes what is in memory, then ends. NULL is allowed. */
void log_stop(struct log *log);
/* Opens the files again by their paths; the old ones stay when that fails. */
MUST_USE enum status log_reopen(struct log *log, struct err *err);

/* For whoever has words taken out of lines: the file of the access log (0) or the error log (1), ""
 * where it is standard error. From log_hold, which waits for what is being written, until
 * log_release lines stay in memory, and are dropped when that is full; mask is given each of them
 * then, and may change its bytes. One at a time holds. */
enum { LOG_FILES = 2 };
const char *log_file(const struct log *log, int which);
void log_hold(struct log *log);
typedef void log_mask_fn(void *arg, char *line, size_t n);
void log_release(struct log *log, log_mask_fn *mask, void *arg);

struct log_access {
    str method, target, host, client, agent, cache; /* client: already shortened as configured */
    int status;
    i64 bytes, micros;
};
void log_access(struct log *log, const struct log_access *line);

enum log_level { LOG_INFO, LOG_WARN, LOG_ERROR };
/* area: "http", "store", ...; a room's name. NULL log is silent. */
void log_say(struct log *log, enum log_level level, const char *area, const char *fmt, ...)
    PRINTF(4, 5);

/* s as the inside of a JSON string: quotes, backslashes, controls and broken UTF-8 escaped. Returns
 * bytes written, at most cap. A value that doesn't fit is cut at a character. */
size_t log_escape(str s, char *buf, size_t cap);

#endif
