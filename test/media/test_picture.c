/* Pictures: their size, and the same picture without what its file says of its source. */
#include "test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/clean.h"
#include "base/out.h"
#include "media/blob.h"
#include "media/picture.h"

#define B(lit) ((str){"" lit, sizeof(lit) - 1})

static u32 crc(str s)
{
    u32 c = 0xFFFFFFFF;
    for (size_t i = 0; i < s.n; i++) {
        c ^= (u8)s.p[i];
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
    }
    return ~c;
}

static void u32_big(struct out *o, u32 v)
{
    for (int i = 3; i >= 0; i--)
        out_byte(o, (char)(v >> (8 * i)));
}

static void chunk(struct out *o, const char *name, str body)
{
    struct out c = out_make(o->arena, 64, 1 << 16);
    out_c(&c, name);
    out_str(&c, body);
    u32_big(o, (u32)body.n);
    out_str(o, out_view(&c));
    u32_big(o, crc(out_view(&c)));
}

#define SECRET "48.8584N-SECRET-PLACE"
static const char exif6[] =
    "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0" SECRET;

static str a_jpeg(struct arena *a)
{
    struct out o = out_make(a, 512, 1 << 16);
    out_str(&o, B("\xFF\xD8\xFF\xE0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"));
    out_str(&o, B("\xFF\xE1"));
    out_byte(&o, 0);
    out_byte(&o, (char)(2 + 6 + sizeof exif6 - 1));
    out_str(&o, B("Exif\0\0"));
    out_str(&o, (str){exif6, sizeof exif6 - 1});
    out_str(&o, B("\xFF\xED\0\x21Photoshop-" SECRET));
    out_str(&o, B("\xFF\xFE\0\x17" SECRET));
    out_str(&o, B("\xFF\xE2\0\x12ICC_PROFILE\0\1\1PP"));
    out_str(&o, B("\xFF\xEE\0\x0E"
                  "Adobe\0\x64\0\0\0\0\1"));
    out_str(&o, B("\xFF\xC0\0\x0B\x08\0\x14\0\x1E\x01\x01\x11\0"));
    out_str(&o, B("\xFF\xDA\0\x08\x01\x01\0\0\x3F\0scan\xFF\0data\xFF\xD0more\xFF\xD9"));
    out_str(&o, B("trailing-" SECRET));
    return out_view(&o);
}

static str a_png(struct arena *a)
{
    struct out o = out_make(a, 512, 1 << 16);
    out_str(&o, B("\x89PNG\r\n\x1A\n"));
    chunk(&o, "IHDR", B("\0\0\0\x1E\0\0\0\x14\x08\2\0\0\0"));
    chunk(&o, "tEXt", B("Comment\0" SECRET));
    chunk(&o, "eXIf", (str){exif6, sizeof exif6 - 1});
    chunk(&o, "IDAT", B("pixels"));
    chunk(&o, "IEND", STR_NONE);
    out_str(&o, B("trailing-" SECRET));
    return out_view(&o);
}

static str a_webp(struct arena *a)
{
    struct out o = out_make(a, 512, 1 << 16);
    out_str(&o, B("RIFF\0\0\0\0WEBP"));
    out_str(&o, B("VP8X\x0A\0\0\0\x0C\0\0\0\x1D\0\0\x13\0\0"));
    out_str(&o, B("VP8L\x06\0\0\0\x2F\x1D\xC0\x04\0x"));
    out_str(&o, B("EXIF"));
    u32 n = sizeof exif6 - 1;
    const char length[] = {(char)n, 0, 0, 0};
    out_str(&o, (str){length, 4});
    out_str(&o, (str){exif6, n});
    if (n & 1)
        out_byte(&o, 0);
    out_str(&o, B("XMP \x15\0\0\0" SECRET "\0"));
    u32 riff = (u32)o.n - 8;
    for (int i = 0; i < 4; i++)
        o.p[4 + i] = (char)(riff >> (8 * i));
    return out_view(&o);
}

static void sizes(void **state)
{
    struct arena *a = *state;
    const str pictures[] = {a_jpeg(a), a_png(a), a_webp(a)};
    for (size_t i = 0; i < COUNT(pictures); i++) {
        struct picture_facts f;
        struct err err = {0};
        assert_ok(picture_read(pictures[i], &f, &err), &err);
        assert_int_equal(f.type, i);
        assert_int_equal(f.orientation, 6);
        assert_int_equal(f.width, 20); /* turned */
        assert_int_equal(f.height, 30);
    }
}

static void stripped(struct arena *a, str picture)
{
    struct picture_facts f;
    struct err err = {0};
    str out;
    assert_ok(picture_strip(picture, a, &out, &err), &err);
    assert_true(str_find(picture, STR(SECRET)) >= 0);
    assert_true(str_find(out, STR("SECRET")) < 0);
    assert_ok(picture_read(out, &f, &err), &err);
    assert_int_equal(f.orientation, 6);
    assert_int_equal(f.width, 20);
}

static void jpeg_loses_its_source(void **state)
{
    stripped(*state, a_jpeg(*state));
}

/* JFIF may hold a small picture, of what was there before a crop; so may JFXX. */
static void jpeg_loses_its_thumbnail(void **state)
{
    struct arena *a = *state;
    struct err err = {0};
    str whole = a_jpeg(a), out;
    struct out o = out_make(a, 512, 1 << 16);
    out_str(&o, B("\xFF\xD8\xFF\xE0\0\x1CJFIF\0\1\1\0\0\1\0\1\2\2thumb-pixels"));
    out_str(&o, B("\xFF\xE0\0\x14JFXX\0\x13thumb-pixels"));
    out_str(&o, str_from(whole, 20));
    assert_ok(picture_strip(out_view(&o), a, &out, &err), &err);
    assert_true(str_find(out, STR("thumb-pixels")) < 0);
    assert_true(str_starts(out, B("\xFF\xD8\xFF\xE0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xFF")));
}

static void jpeg_keeps_its_picture(void **state)
{
    struct err err = {0};
    str out;
    assert_ok(picture_strip(a_jpeg(*state), *state, &out, &err), &err);
    assert_true(str_find(out, STR("ICC_PROFILE")) >= 0);
    assert_true(str_find(out, STR("Adobe")) >= 0);
    assert_true(str_find(out, B("scan\xFF\0data\xFF\xD0more\xFF\xD9")) >= 0);
}

static void png_loses_its_source(void **state)
{
    stripped(*state, a_png(*state));
}

static void webp_loses_its_source(void **state)
{
    stripped(*state, a_webp(*state));
}

static void bad_pictures_are_refused(void **state)
{
    struct arena *a = *state;
    static const struct {
        str bytes;
        const char *want;
    } cases[] = {
        {B("GIF89a......"), "a GIF"},
        {B("<svg xmlns="), "an SVG"},
        {B("\0\0\0\x1C"
           "ftypavif...."),
         "an AVIF"},
        {B("\0\0\0\x1C"
           "ftypheic...."),
         "a HEIC"},
        {B("hello"), "no JPEG, PNG or WebP"},
        {B(""), "no JPEG"},
        {B("\xFF\xD8\xFF\xE0\xFF\xFFx"), "cut short"},
        {B("\x89PNG\r\n\x1A\n\0\0"), "cut short"},
        {B("RIFF\x40\0\0\0WEBPVP8 \xFF\xFF\xFF\x7Fxxxxxxxx"), "cut short"},
        {B("\xFF\xD8\xFF\xC0\0\x0B\x08\xC3\x50\xC3\x50\x01\x01\x11\0\xFF\xDA\0\x08\x01\x01\0\0\x3F"
           "\0"),
         "more than 100 megapixels"},
    };
    struct picture_facts f;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {0};
        assert_int_not_equal(picture_read(cases[i].bytes, &f, &err), ST_OK);
        if (!strstr(err.text, cases[i].want))
            test_fail("want %s, have %s", cases[i].want, err.text);
    }
    const str whole[] = {a_jpeg(a), a_png(a), a_webp(a)};
    for (size_t i = 0; i < COUNT(whole); i++)
        for (size_t n = 0; n < whole[i].n;
             n++) { /* cut anywhere, it is refused or right, and reads nothing beyond */
            char *copy = malloc(n + 1);
            struct err err = {0};
            str out;
            memcpy(copy, whole[i].p, n);
            char *mark = arena_mark(a);
            enum status st = picture_strip((str){copy, n}, a, &out, &err);
            assert_true(st == ST_OK || err.text[0]);
            arena_rewind(a, mark);
            free(copy);
        }
}

static void real_photographs(void **state)
{
    struct arena *a = *state;
    CLEANUP(file_close)
    FILE *f = fopen("/usr/share/backgrounds/Bridge_by_Sander_Klootwijk.jpg", "r");
    if (!f)
        skip();
    char *bytes = arena_bytes(a, 4 << 20);
    size_t n = fread(bytes, 1, 4 << 20, f);
    struct picture_facts facts;
    struct err err = {0};
    str out;
    assert_ok(picture_strip((str){bytes, n}, a, &out, &err), &err);
    assert_ok(picture_read(out, &facts, &err), &err);
    assert_int_equal(facts.width, 4352);
    assert_true(str_find(out, B("Exif\0\0II")) < 0);
    assert_true(out.n > n / 2);
}

static void blobs_are_kept_and_verified(void **state)
{
    struct arena *a = *state;
    char folder[] = "/tmp/broadsheet-test-XXXXXX", command[64], path[256];
    struct blobs *b;
    struct err err = {0};
    struct sha256 h, again;
    i64 size;
    int fd;
    assert_int_equal(hash_start(), ST_OK);
    assert_non_null(mkdtemp(folder));
    assert_ok(blobs_open(folder, &b, &err), &err);
    assert_ok(blob_keep(b, BLOB_ORIGINAL, STR("bytes"), &h, &err), &err);
    assert_ok(blob_keep(b, BLOB_ORIGINAL, STR("bytes"), &again, &err), &err);
    assert_memory_equal(&h, &again, sizeof h);
    assert_ok(blob_open(b, BLOB_ORIGINAL, h, &fd, &size, &err), &err);
    assert_int_equal(size, 5);
    close(fd);
    assert_int_equal(blob_open(b, BLOB_SERVED, h, &fd, &size, &err), ST_NOTFOUND);
    str name = sha256_hex(h, a);
    snprintf(path, sizeof path, "%s/originals/%.2s/%.*s", folder, name.p, FMT(name));
    FILE *f = fopen(path, "w");
    fputs("other", f);
    fclose(f);
    assert_int_equal(blob_verify(b, BLOB_ORIGINAL, h, &err), ST_CORRUPT);
    assert_ok(blob_keep(b, BLOB_ORIGINAL, STR("bytes"), &h, &err),
              &err); /* the good bytes mend it */
    assert_ok(blob_verify(b, BLOB_ORIGINAL, h, &err), &err);
    blobs_close(b);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(sizes),
        with_arena(jpeg_loses_its_source),
        with_arena(jpeg_loses_its_thumbnail),
        with_arena(jpeg_keeps_its_picture),
        with_arena(png_loses_its_source),
        with_arena(webp_loses_its_source),
        with_arena(bad_pictures_are_refused),
        with_arena(real_photographs),
        with_arena(blobs_are_kept_and_verified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
