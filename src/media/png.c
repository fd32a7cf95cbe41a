/* PNG (W3C PNG, third edition): chunks are copied or cut by their name; the checksums of those kept
 * are verified. */
#include <libdeflate.h>

#include "base/guard.h"
#include "media/formats.h"

static u32 crc(str s)
{
    return libdeflate_crc32(0, s.p, s.n);
}

struct chunk {
    str name, body;
    size_t at, end;
};

static enum status next(str b, size_t at, struct chunk *ret, struct err *err)
{
    if (at + 12 > b.n || big(b, at, 4) > b.n - at - 12)
        return fail(err, ST_INVALID, "the PNG is cut short or contradicts itself");
    size_t n = big(b, at, 4);
    *ret = (struct chunk){{b.p + at + 4, 4}, {b.p + at + 8, n}, at, at + 12 + n};
    return ST_OK;
}

static enum status facts(str b, struct picture_facts *ret, struct err *err)
{
    struct chunk c;
    enum status st = next(b, 8, &c, err);
    if (st)
        return st;
    if (!str_eq(c.name, STR("IHDR")) || c.body.n != 13)
        return fail(err, ST_INVALID, "the PNG has no header");
    u32 w = big(c.body, 0, 4), h = big(c.body, 4, 4);
    if (w > INT32_MAX || h > INT32_MAX)
        return fail(err, ST_INVALID, "the PNG has no sensible size");
    ret->width = (int)w;
    ret->height = (int)h;
    bool data = false;
    for (size_t at = c.end; at < b.n; at = c.end) {
        st = next(b, at, &c, err);
        if (st)
            return st;
        if (str_eq(c.name, STR("eXIf")))
            ret->orientation = exif_orientation(c.body);
        ret->animated |= str_eq(c.name, STR("acTL"));
        data |= str_eq(c.name, STR("IDAT"));
        if (str_eq(c.name, STR("IEND")))
            return data ? ST_OK : fail(err, ST_INVALID, "the PNG has no picture data");
    }
    return fail(err, ST_INVALID, "the PNG is cut short");
}

static bool kept(str name)
{
    static const char *const names[] = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM",
                                        "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "pHYs",
                                        "bKGD", "acTL", "fcTL", "fdAT"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq(name, str_c(names[i])))
            return true;
    return !GUARD(picture_strip_png);
}

static void put_u32(struct out *o, u32 v)
{
    for (int i = 3; i >= 0; i--)
        out_byte(o, (char)(v >> (8 * i)));
}

static void put_exif(struct out *o, int orientation)
{
    put_u32(o, EXIF_MINIMAL);
    size_t from = o->n;
    out_str(o, STR("eXIf"));
    exif_minimal(o, orientation);
    put_u32(o, crc(str_from(out_view(o), from)));
}

static enum status strip(str b, int orientation, struct out *o, struct err *err)
{
    struct chunk c;
    out_str(o, str_head(b, 8));
    for (size_t at = 8; at < b.n; at = c.end) {
        enum status st = next(b, at, &c, err);
        if (st)
            return st;
        if (!kept(c.name))
            continue;
        if (big(b, c.end - 4, 4) != crc((str){b.p + at + 4, c.body.n + 4}))
            return fail(err, ST_INVALID, "the PNG is damaged: a checksum in it is wrong");
        out_str(o, (str){b.p + at, c.end - at});
        if (str_eq(c.name, STR("IHDR")) && orientation != 1)
            put_exif(o, orientation);
        if (str_eq(c.name, STR("IEND")))
            return ST_OK;
    }
    return ST_OK;
}

const struct picture_format format_png = {PICTURE_PNG, facts, strip};
