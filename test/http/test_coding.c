/* What travels coded is what was printed, at any size, and each coding has its own ETag. */
#include "test.h"

#include <brotli/decode.h>
#include <pthread.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/hash.h"
#include "http/coding.h"
#include "http/finished.h"

enum { LARGEST = CODED_MAX };

/* Like text: few bytes, with repeats near and far. */
static char *text_of(size_t n)
{
    char *p = malloc(n + 1);
    u32 x = 12345;
    assert_non_null(p);
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        p[i] = (x >> 28) < 6 && i > 5000 ? p[i - 4999] : (char)('a' + (x >> 24) % 26);
    }
    p[n] = '\0';
    return p;
}

static void assert_gzip(str coded, str body)
{
    u8 *back = malloc(body.n + 1);
    z_stream z = {.next_in = (u8 *)coded.p,
                  .avail_in = (uInt)coded.n,
                  .next_out = back,
                  .avail_out = (uInt)body.n + 1};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.total_out, body.n);
    assert_memory_equal(back, body.p, body.n);
    inflateEnd(&z);
    free(back);
}

static void assert_brotli(str coded, str body)
{
    u8 *back = malloc(body.n + 1);
    size_t n = body.n + 1;
    assert_int_equal(BrotliDecoderDecompress(coded.n, (const u8 *)coded.p, &n, back),
                     BROTLI_DECODER_RESULT_SUCCESS);
    assert_int_equal(n, body.n);
    assert_memory_equal(back, body.p, body.n);
    free(back);
}

static void coded_bodies_come_back_whole(void **state)
{
    static const size_t sizes[] = {200, 9000, 65536, 65537, 300000, LARGEST};
    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char *p = text_of(sizes[i]);
        str body = {p, sizes[i]}, gz = coding_gzip(body), br = coding_brotli(body);
        assert_true(gz.n > 0 && gz.n < body.n);
        assert_true(br.n > 0 && br.n < body.n);
        assert_gzip(gz, body);
        assert_brotli(br, body);
        free((char *)gz.p);
        free((char *)br.p);
        free(p);
    }
}

static void what_would_grow_travels_as_it_is(void **state)
{
    u8 noise[4096];
    (void)state;
    random_bytes(noise, sizeof noise);
    assert_int_equal(coding_gzip((str){(char *)noise, sizeof noise}).n, 0);
    assert_int_equal(coding_brotli((str){(char *)noise, sizeof noise}).n, 0);
    assert_int_equal(coding_gzip(STR_NONE).n, 0);
}

static void *code_with_little(void *arg)
{
    char *p = text_of(9000);
    str *coded = arg;
    coded[0] = coding_gzip((str){p, 9000});
    coded[1] = coding_brotli((str){p, 9000}); /* its library would end the process */
    free(p);
    return NULL;
}

static void without_memory_it_travels_as_it_is(void **state)
{
    pthread_t thread; /* a thread has its own memory, as large as it could be when it began */
    str coded[2];
    (void)state;
    assert_int_equal(setenv("BROADSHEET_ARENA_MAX", "600000", 1), 0);
    assert_int_equal(pthread_create(&thread, NULL, code_with_little, coded), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(unsetenv("BROADSHEET_ARENA_MAX"), 0);
    assert_true(coded[0].n > 0);
    assert_int_equal(coded[1].n, 0);
    free((char *)coded[0].p);
}

static struct finished *page_of(char *p, size_t n)
{
    struct finished *f;
    struct err err = {0};
    assert_int_equal(
        finished_make(&(struct finished_spec){.content_type = STR("text/html"), .body = {p, n}}, &f,
                      &err),
        ST_OK);
    return f;
}

static void each_coding_and_each_version_has_its_etag(void **state)
{
    char *p = text_of(9000);
    (void)state;
    struct finished *one = page_of(p, 9000);
    p[8999] ^= 1;
    struct finished *two = page_of(p, 9000);
    for (int i = 0; i < CODINGS; i++) {
        assert_true(finished_etag(one, (enum coding)i).n > 2);
        for (int j = 0; j < CODINGS; j++) {
            assert_int_equal(
                str_eq(finished_etag(one, (enum coding)i), finished_etag(one, (enum coding)j)),
                i == j);
            assert_false(
                str_eq(finished_etag(one, (enum coding)i), finished_etag(two, (enum coding)j)));
        }
    }
    p[8999] ^= 1;
    struct finished *again = page_of(p, 9000);
    assert_true(str_eq(finished_etag(one, CODING_BROTLI), finished_etag(again, CODING_BROTLI)));
    finished_release(one);
    finished_release(two);
    finished_release(again);
    free(p);
}

int main(void)
{
    if (hash_start())
        return 3;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coded_bodies_come_back_whole),
        cmocka_unit_test(what_would_grow_travels_as_it_is),
        cmocka_unit_test(without_memory_it_travels_as_it_is),
        cmocka_unit_test(each_coding_and_each_version_has_its_etag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
