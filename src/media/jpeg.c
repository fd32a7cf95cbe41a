/* JPEG (ITU-T T.81): segments before the scans are copied or cut by their marker; scans are copied
 * as they are. */
#include "base/guard.h"
#include "media/formats.h"

enum { JFIF = 14 };

struct segment {
    u8 marker;
    str body;   /* without marker and length */
    size_t end; /* in the file */
};

static enum status cut_short(struct err *err)
{
    return fail(err, ST_INVALID, "the JPEG is cut short or contradicts itself");
}

/* The segment at *at, which is past SOI. */
static enum status next(str b, size_t at, struct segment *ret, struct err *err)
{
    while (at + 1 < b.n && (u8)b.p[at] == 0xFF && (u8)b.p[at + 1] == 0xFF)
        at++; /* fill bytes */
    if (at + 4 > b.n || (u8)b.p[at] != 0xFF)
        return cut_short(err);
    u8 marker = (u8)b.p[at + 1];
    size_t n = big(b, at + 2, 2);
    if (n < 2 || at + 2 + n > b.n)
        return cut_short(err);
    *ret = (struct segment){marker, {b.p + at + 4, n - 2}, at + 2 + n};
    return ST_OK;
}

static bool is_frame(u8 m)
{
    return m >= 0xC0 && m <= 0xCF && m != 0xC4 && m != 0xC8 && m != 0xCC;
}

static bool is_exif(const struct segment *s)
{
    return s->marker == 0xE1 && str_starts(s->body, STR("Exif\0\0"));
}

static enum status read(str b, struct picture_facts *ret, struct err *err)
{
    struct segment s;
    for (size_t at = 2;; at = s.end) {
        if (at + 1 < b.n && (u8)b.p[at] == 0xFF && (u8)b.p[at + 1] == 0xD9)
            return cut_short(err);
        enum status st = next(b, at, &s, err);
        if (st)
            return st;
        if (is_exif(&s))
            ret->orientation = exif_orientation(str_from(s.body, 6));
        if (is_frame(s.marker)) {
            if (s.body.n < 6)
                return cut_short(err);
            ret->height = (int)big(s.body, 1, 2);
            ret->width = (int)big(s.body, 3, 2);
        }
        if (s.marker == 0xDA)
            return ret->width ? ST_OK : cut_short(err);
    }
}

/* Kept: everything that decoding needs, JFIF, the colour profile (APP2 ICC), Adobe's colour
 * transform (APP14). */
static bool kept(const struct segment *s)
{
    if (!GUARD(picture_strip))
        return true;
    if (s->marker == 0xFE)
        return false;
    if (s->marker < 0xE0 || s->marker > 0xEF)
        return true;
    return (s->marker == 0xE0 && str_starts(s->body, STR("JFIF\0"))) ||
           (s->marker == 0xE2 && str_starts(s->body, STR("ICC_PROFILE\0"))) ||
           (s->marker == 0xEE && str_starts(s->body, STR("Adobe")));
}

/* JFIF's own 14 bytes; what follows them is a small picture of the whole, perhaps from before it
 * was cropped. */
static str without_thumbnail(const struct segment *s, char buf[JFIF])
{
    if (!GUARD(picture_thumbnail) || s->marker != 0xE0 || s->body.n < JFIF)
        return s->body;
    memcpy(buf, s->body.p, JFIF);
    buf[JFIF - 2] = buf[JFIF - 1] = 0; /* its width and height */
    return (str){buf, JFIF};
}

static void put(struct out *o, u8 marker, size_t body)
{
    out_byte(o, (char)0xFF);
    out_byte(o, (char)marker);
    out_byte(o, (char)((body + 2) >> 8));
    out_byte(o, (char)(body + 2));
}

/* From a scan's first byte on, to the marker that isn't part of it. */
static size_t scan_end(str b, size_t at)
{
    while (at + 1 < b.n) {
        const char *p = memchr(b.p + at, 0xFF, b.n - at - 1);
        if (!p)
            return b.n;
        at = (size_t)(p - b.p);
        u8 m = (u8)b.p[at + 1];
        if (m != 0 && m != 0xFF && !(m >= 0xD0 && m <= 0xD7))
            return at;
        at += m == 0xFF ? 1 : 2;
    }
    return b.n;
}

static enum status strip(str b, int orientation, struct out *o, struct err *err)
{
    out_str(o, str_head(b, 2));
    bool exif = orientation == 1;
    for (size_t at = 2; at + 1 < b.n;) {
        if ((u8)b.p[at] == 0xFF && (u8)b.p[at + 1] == 0xD9) {
            out_str(o, STR("\xFF\xD9"));
            return ST_OK; /* what follows the end (thumbnails, other pictures) is cut */
        }
        struct segment s;
        enum status st = next(b, at, &s, err);
        if (st)
            return st;
        if (!exif && s.marker != 0xE0) { /* after JFIF, before all else */
            put(o, 0xE1, 6 + EXIF_MINIMAL);
            out_str(o, STR("Exif\0\0"));
            exif_minimal(o, orientation);
            exif = true;
        }
        if (kept(&s)) {
            char jfif[JFIF];
            str body = without_thumbnail(&s, jfif);
            put(o, s.marker, body.n);
            out_str(o, body);
        }
        at = s.end;
        if (s.marker == 0xDA) {
            size_t end = scan_end(b, at);
            out_str(o, (str){b.p + at, end - at});
            at = end;
        }
    }
    out_str(o, STR("\xFF\xD9")); /* a file without its end decodes; with one it is whole */
    return ST_OK;
}

const struct picture_format format_jpeg = {PICTURE_JPEG, read, strip};
