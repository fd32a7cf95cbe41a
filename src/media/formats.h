/* media/formats.h: one reader and one cutter per format; inside this room. */
#ifndef MEDIA_FORMATS_H
#define MEDIA_FORMATS_H

#include "base/out.h"
#include "media/picture.h"

struct picture_format {
    enum picture_type type;
    enum status (*read)(str bytes, struct picture_facts *ret, struct err *err);
    enum status (*strip)(str bytes, int orientation, struct out *o, struct err *err);
};
extern const struct picture_format format_jpeg, format_png, format_webp;

int exif_orientation(str tiff);                    /* 1 to 8; 1 when it says nothing sensible */
void exif_minimal(struct out *o, int orientation); /* a TIFF of 26 bytes that holds nothing else */
enum { EXIF_MINIMAL = 26 };

static inline u32 big(str s, size_t at, int n)
{
    u32 v = 0;
    for (int i = 0; i < n; i++)
        v = v << 8 | (u8)s.p[at + (size_t)i];
    return v;
}

#endif
