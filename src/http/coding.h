/* http/coding.h: a body compressed for its way to the reader: gzip (RFC 1952) and brotli (RFC
 * 7932).
 *
 * Brotli asks for a megabyte and gives it back a moment later. Taken from the heap that keeps the
 * finished pages, it leaves holes between them; so each thread has an arena of its own for it, and
 * a compressor for gzip, kept warm and freed when the thread ends.
 *
 * Ownership: what comes back is the caller's to free. Errors: an empty str when memory is short or
 * the coded body is no smaller: the page then travels without that coding. Threads: any. */
#ifndef HTTP_CODING_H
#define HTTP_CODING_H

#include "base/arena.h"

enum { CODED_MAX = 4 << 20 }; /* a larger body travels as it is; no page is larger */
MUST_USE str coding_gzip(str body);
MUST_USE str coding_brotli(str body);

#endif
