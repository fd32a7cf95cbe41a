/* http/origin.h: whether a request was made by one of our own pages.
 *
 * Sec-Fetch-Site (W3C Fetch Metadata) is the browser's own word and can't be set by a page: where
 * it is, it decides. Browsers without it, and all of them over plain http, send Origin with a POST
 * (RFC 6454): its host and port must be those of Host. Where there is neither, nobody knows. */
#ifndef HTTP_ORIGIN_H
#define HTTP_ORIGIN_H

#include "base/str.h"

/* site and origin: the headers' values, p == NULL when absent; several of one kind joined by commas
 * are never right. https: it is known that the page was asked over https, so a page over http is
 * another origin. */
bool same_origin(str site, str origin, str host, bool https);

#endif
