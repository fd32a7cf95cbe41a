/* http/negotiate.h: which coding, which range, whether the reader has it already. RFC 9110. Pure
 * functions. */
#ifndef HTTP_NEGOTIATE_H
#define HTTP_NEGOTIATE_H

#include "http/finished.h"

/* The best coding of those f has; brotli, then gzip, then identity, by the header's q-values. */
enum coding coding_for(str accept_encoding, const struct finished *f);
/* Whether If-None-Match names etag (weak comparison), or is '*'. */
bool etag_matches(str if_none_match, str etag);

enum range_verdict { RANGE_WHOLE, RANGE_PART, RANGE_UNSATISFIABLE };
/* One range of bytes; several, another unit, or nonsense mean the whole. *from and *n are set for
 * RANGE_PART. */
enum range_verdict range_read(str header, i64 size, i64 *from, i64 *n);

#endif
