/* http/finished_mhd.h: the libmicrohttpd side of a finished response; inside this room. */
#ifndef HTTP_FINISHED_MHD_H
#define HTTP_FINISHED_MHD_H

#include <stdio.h>

#include <microhttpd.h>

#include "http/finished.h"

/* NULL when that coding was left out. Shared: queue it, never change it. */
struct MHD_Response *finished_response(const struct finished *f, enum coding c);
/* The file behind it, -1 for none. */
int finished_fd(const struct finished *f, i64 *size);
/* A response that reads n bytes of f's file from an offset; it holds a reference to f, unless it is
 * f's own (n is all). */
struct MHD_Response *file_response(struct finished *f, i64 offset, i64 n);
/* All headers of f for a coding. */
void response_headers(struct MHD_Response *r, const struct finished *f, enum coding c, bool vary);

#endif
