#include "media/picture.h"

#include "media/formats.h"

const char *picture_extension(enum picture_type t)
{
    static const char *const names[] = {"jpg", "png", "webp"};
    return names[t];
}

const char *picture_mime(enum picture_type t)
{
    static const char *const names[] = {"image/jpeg", "image/png", "image/webp"};
    return names[t];
}

static enum status refuse_others(str b, struct err *err)
{
    static const struct {
        size_t at;
        str mark;
        const char *name;
    } others[] = {
        {0, {"GIF8", 4}, "a GIF"},
        {4, {"ftypavif", 8}, "an AVIF picture"},
        {4, {"ftypavis", 8}, "an AVIF picture"},
        {4, {"ftyphei", 7}, "a HEIC picture"},
        {4, {"ftypmif1", 8}, "a HEIF picture"},
        {0, {"II*\0", 4}, "a TIFF"},
        {0, {"MM\0*", 4}, "a TIFF"},
        {0, {"BM", 2}, "a BMP"},
        {0, {"%PDF", 4}, "a PDF"},
        {0, {"<svg", 4}, "an SVG drawing"},
        {0, {"<?xml", 5}, "an XML file"},
        {0, {"---", 3}, "a text"},
    };
    for (size_t i = 0; i < COUNT(others); i++)
        if (str_starts(str_from(b, others[i].at), others[i].mark))
            return fail(err, ST_INVALID, "this is %s; a JPEG, PNG or WebP picture is wanted",
                        others[i].name);
    return fail(err, ST_INVALID, "this is no JPEG, PNG or WebP picture");
}

static const struct picture_format *format_of(str b)
{
    if (str_starts(b, STR("\xFF\xD8\xFF")))
        return &format_jpeg;
    if (str_starts(b, STR("\x89PNG\r\n\x1A\n")))
        return &format_png;
    if (str_starts(b, STR("RIFF")) && str_starts(str_from(b, 8), STR("WEBP")))
        return &format_webp;
    return NULL;
}

enum status picture_read(str bytes, struct picture_facts *ret, struct err *err)
{
    const struct picture_format *f = format_of(bytes);
    struct picture_facts facts = {.orientation = 1};
    if (bytes.n > PICTURE_BYTES)
        return fail(err, ST_TOOLARGE, "the picture is larger than 50 MB");
    if (!f)
        return refuse_others(bytes, err);
    enum status st = f->read(bytes, &facts, err);
    if (st)
        return st;
    if (facts.width < 1 || facts.height < 1)
        return fail(err, ST_INVALID, "the picture has no size");
    if ((i64)facts.width * facts.height > PICTURE_PIXELS)
        return fail(err, ST_TOOLARGE, "the picture has %d × %d pixels, more than 100 megapixels",
                    facts.width, facts.height);
    facts.type = f->type;
    if (facts.orientation >= 5) {
        int width = facts.width;
        facts.width = facts.height;
        facts.height = width;
    }
    *ret = facts;
    return ST_OK;
}

enum status picture_strip(str bytes, struct arena *a, str *ret, struct err *err)
{
    const struct picture_format *f = format_of(bytes);
    struct picture_facts facts;
    enum status st = picture_read(bytes, &facts, err);
    if (st)
        return st;
    struct out o = out_make(a, 0, bytes.n + 256);
    st = f->strip(bytes, facts.orientation, &o, err);
    st = st ? st : out_status(&o);
    if (!st)
        *ret = out_view(&o);
    return st;
}

/* ---- Exif: only its orientation is of interest ---- */

static u32 number(str s, size_t at, int n, bool little)
{
    u32 v = 0;
    for (int i = 0; i < n && at + (size_t)n <= s.n; i++)
        v = v << 8 | (u8)s.p[at + (size_t)(little ? n - 1 - i : i)];
    return v;
}

int exif_orientation(str tiff)
{
    bool little = str_starts(tiff, STR("II"));
    if (!little && !str_starts(tiff, STR("MM")))
        return 1;
    size_t ifd = number(tiff, 4, 4, little);
    if (ifd + 2 > tiff.n)
        return 1;
    u32 n = number(tiff, ifd, 2, little);
    for (u32 i = 0; i < n && i < 512;
         i++) { /* the first directory only: no offset is followed, so none can loop */
        size_t at = ifd + 2 + (size_t)i * 12;
        if (at + 12 > tiff.n)
            return 1;
        if (number(tiff, at, 2, little) != 0x0112 || number(tiff, at + 2, 2, little) != 3)
            continue;
        u32 v = number(tiff, at + 8, 2, little);
        return v >= 1 && v <= 8 ? (int)v : 1;
    }
    return 1;
}

void exif_minimal(struct out *o, int orientation)
{
    const char tiff[] = {'M', 'M',  0, '*', 0, 0, 0, 8, 0, 1,
                         1,   0x12, 0, 3,   0, 0, 0, 1, 0, (char)orientation,
                         0,   0,    0, 0,   0, 0};
    out_str(o, (str){tiff, sizeof tiff});
}
