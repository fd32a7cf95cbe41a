/* WebP (RFC 9649): a RIFF of chunks; Exif and XMP are cut, and the flags of VP8X follow. */
#include "base/guard.h"
#include "media/formats.h"

enum { FLAG_EXIF = 0x08, FLAG_XMP = 0x04, FLAG_ANIMATION = 0x02 };

struct chunk {
    str name, body;
    size_t end;
};

static u32 little(str s, size_t at, int n)
{
    u32 v = 0;
    for (int i = n - 1; i >= 0; i--)
        v = v << 8 | (u8)s.p[at + (size_t)i];
    return v;
}

static enum status cut_short(struct err *err)
{
    return fail(err, ST_INVALID, "the WebP picture is cut short or contradicts itself");
}

static enum status next(str b, size_t at, struct chunk *ret, struct err *err)
{
    if (at + 8 > b.n || little(b, at + 4, 4) > b.n - at - 8)
        return cut_short(err);
    size_t n = little(b, at + 4, 4), end = at + 8 + n + (n & 1);
    *ret = (struct chunk){{b.p + at, 4}, {b.p + at + 8, n}, end > b.n ? b.n : end};
    return ST_OK;
}

static enum status size_of(const struct chunk *c, struct picture_facts *ret, struct err *err)
{
    str s = c->body;
    if (str_eq(c->name, STR("VP8X"))) {
        if (s.n < 10)
            return cut_short(err);
        ret->width = (int)little(s, 4, 3) + 1;
        ret->height = (int)little(s, 7, 3) + 1;
        ret->animated = ((u8)s.p[0] & FLAG_ANIMATION) != 0;
    } else if (str_eq(c->name, STR("VP8L")) && !ret->width) {
        if (s.n < 5 || (u8)s.p[0] != 0x2F)
            return cut_short(err);
        u32 v = little(s, 1, 4);
        ret->width = (int)(v & 0x3FFF) + 1;
        ret->height = (int)(v >> 14 & 0x3FFF) + 1;
    } else if (str_eq(c->name, STR("VP8 ")) && !ret->width) {
        if (s.n < 10 || !str_starts(str_from(s, 3), STR("\x9D\x01\x2A")))
            return cut_short(err);
        ret->width = (int)(little(s, 6, 2) & 0x3FFF);
        ret->height = (int)(little(s, 8, 2) & 0x3FFF);
    } else if (str_eq(c->name, STR("EXIF"))) {
        ret->orientation = exif_orientation(str_starts(s, STR("Exif\0\0")) ? str_from(s, 6) : s);
    }
    return ST_OK;
}

static str riff(str b)
{
    size_t n = little(b, 4, 4);
    return n <= b.n - 8 ? str_head(b, n + 8) : b;
}

static enum status read(str b, struct picture_facts *ret, struct err *err)
{
    struct chunk c;
    if (b.n < 20)
        return cut_short(err);
    b = riff(b);
    for (size_t at = 12; at < b.n; at = c.end) {
        enum status st = next(b, at, &c, err);
        st = st ? st : size_of(&c, ret, err);
        if (st)
            return st;
    }
    return ST_OK;
}

static void put(struct out *o, str name, str body)
{
    u32 n = (u32)body.n;
    const char length[] = {(char)n, (char)(n >> 8), (char)(n >> 16), (char)(n >> 24)};
    out_str(o, name);
    out_str(o, (str){length, 4});
    out_str(o, body);
    if (n & 1)
        out_byte(o, '\0');
}

static enum status strip(str b, int orientation, struct out *o, struct err *err)
{
    struct chunk c;
    bool extended = false;
    b = riff(b);
    out_str(o, str_head(b, 12));
    for (size_t at = 12; at < b.n; at = c.end) {
        enum status st = next(b, at, &c, err);
        if (st)
            return st;
        bool meta = str_eq(c.name, STR("EXIF")) || str_eq(c.name, STR("XMP "));
        static const char *const names[] = {"VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP"};
        bool known = false;
        for (size_t i = 0; i < COUNT(names); i++)
            known |= str_eq(c.name, str_c(names[i]));
        if ((meta || !known) && GUARD(picture_strip_webp))
            continue;
        size_t flags = o->n + 8;
        put(o, c.name, c.body);
        if (str_eq(c.name, STR("VP8X")) && out_status(o) == ST_OK) {
            extended = true;
            u8 f = (u8)o->p[flags] & (u8) ~(FLAG_XMP | FLAG_EXIF);
            o->p[flags] = (char)(orientation == 1 ? f : f | FLAG_EXIF);
        }
    }
    if (extended && orientation != 1) {
        struct out e = out_make(o->arena, 64, 64);
        exif_minimal(&e, orientation);
        put(o, STR("EXIF"), out_view(&e));
    }
    enum status st = out_status(o);
    if (st)
        return st;
    u32 n = (u32)o->n - 8;
    for (int i = 0; i < 4; i++)
        o->p[4 + i] = (char)(n >> (8 * i));
    return ST_OK;
}

const struct picture_format format_webp = {PICTURE_WEBP, read, strip};
