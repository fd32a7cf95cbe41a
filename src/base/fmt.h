/* base/fmt.h: printf for what this program formats thousands of times a second.
 *
 * %s, %.*s, %c, %d, %zu, %lld, %llu and %% are put together here; a format with anything else goes
 * to vsnprintf whole. Pages are made of such pieces: with vsnprintf they were an eighth of a page's
 * cost. Threads: any. */
#ifndef BASE_FMT_H
#define BASE_FMT_H

#include <stdarg.h>

#include "base/str.h"

/* As vsnprintf: writes at most cap bytes, the last of them NUL; returns what there would have been
 * with room enough. */
size_t fmt_put(char *buf, size_t cap, const char *fmt, va_list ap);

#endif
