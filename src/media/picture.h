/* media/picture.h: what a picture's bytes say of themselves, and the same picture without its
 * metadata.
 *
 * This room holds picture bytes; it never decodes pixels and links no image library. It is not for
 * who may see a picture (newsroom) nor which pages show it (press). JPEG, PNG and WebP. All
 * metadata segments but colour profile (ICC) and orientation are cut out without decoding, so that
 * a source's position cannot leak (EXIF GPS, XMP, IPTC, comments, thumbnails, text chunks, trailing
 * bytes). Every length in the file is untrusted: a picture that contradicts itself is refused with
 * words. Limits: 50 MB, 100 megapixels. Ownership: results in the arena given. Threads: any. */
#ifndef MEDIA_PICTURE_H
#define MEDIA_PICTURE_H

#include "base/arena.h"

enum {
    PICTURE_BYTES = 50 * 1000 * 1000,
    PICTURE_PIXELS = 100 * 1000 * 1000,
    PICTURE_WARN_BYTES = 2 * 1000 * 1000
};
enum picture_type { PICTURE_JPEG, PICTURE_PNG, PICTURE_WEBP };

struct picture_facts {
    enum picture_type type;
    int width, height; /* as shown: after orientation */
    int orientation;   /* Exif's 1 to 8 */
    bool animated;
};
const char *picture_extension(enum picture_type t); /* "jpg", "png", "webp" */
const char *picture_mime(enum picture_type t);

/* Reads the head. ST_INVALID with words on what was expected (a GIF, SVG, HEIC, AVIF or text is
 * named as such). */
MUST_USE enum status picture_read(str bytes, struct picture_facts *ret, struct err *err);
/* The bytes readers get. The orientation stays as a minimal Exif (JPEG APP1, PNG eXIf, WebP EXIF)
 * when it isn't 1. */
MUST_USE enum status picture_strip(str bytes, struct arena *a, str *ret, struct err *err);

#endif
