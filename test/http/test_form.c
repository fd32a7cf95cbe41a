/* What browsers send: forms, cookies, and from where. */
#include "test.h"

#include "base/out.h"
#include "http/client.h"
#include "http/form.h"
#include "http/origin.h"

#define URLENCODED "application/x-www-form-urlencoded"
#define MULTIPART  "multipart/form-data; boundary=b"
#define PART(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"

/* Fields as lines: name=value, or name<file name|type>=bytes. */
static str shown(const struct form *f, struct arena *a)
{
    struct out o = out_make(a, 512, 1 << 20);
    for (size_t i = 0; i < f->n; i++) {
        const struct form_field *x = &f->fields[i];
        out_str(&o, x->name);
        if (x->file)
            out_fmt(&o, "<%.*s|%.*s>", FMT(x->file_name), FMT(x->type));
        out_byte(&o, '=');
        out_str(&o, x->value);
        out_byte(&o, ';');
    }
    return out_view(&o);
}

static const struct {
    const char *name, *type, *body, *want;
} forms[] = {
    {"nothing", URLENCODED, "", ""},
    {"fields", URLENCODED, "a=1&b=2&a=3", "a=1;b=2;a=3;"},
    {"a charset", "Application/X-WWW-form-urlencoded ; charset=UTF-8", "a=1", "a=1;"},
    {"blanks and escapes", URLENCODED, "a+b=c%20d%2Be%26", "a b=c d+e&;"},
    {"letters", URLENCODED, "%D0%B0=%D0%B1", "\xD0\xB0=\xD0\xB1;"},
    {"letters as they are", URLENCODED, "a=\xD0\xB1", "a=\xD0\xB1;"},
    {"no value", URLENCODED, "a&b=&&=c&", "a=;b=;=c;"},
    {"equals in a value", URLENCODED, "a=b=c", "a=b=c;"},
    {"line ends", URLENCODED, "a=1%0D%0A2%0D3%0A4%09", "a=1\n2\n3\n4\t;"},
    {"one part", MULTIPART, "--b\r\n" PART("a") "1\r\n--b--\r\n", "a=1;"},
    {"no part", MULTIPART, "--b--\r\n", ""},
    {"an empty part", MULTIPART, "--b\r\n" PART("a") "\r\n--b--", "a=;"},
    {"empty without its line end", MULTIPART, "--b\r\n" PART("a") "--b--", "a=;"},
    {"line ends in parts", MULTIPART, "--b\r\n" PART("a") "1\r\n\r\n2\r\r\n--b--", "a=1\n\n2\n;"},
    {"almost a boundary", MULTIPART, "--b\r\n" PART("a") "--b\r\n-b\n--b\r\n--b--", NULL},
    {"nearly one", MULTIPART, "--b\r\n" PART("a") "x--b\r\n-b\n--b\r\n--b--", "a=x--b\n-b\n--b;"},
    {"before and after", MULTIPART, "for mail\r\n--b\r\n" PART("a") "1\r\n--b--\r\nfor mail",
     "a=1;"},
    {"trailing blanks", MULTIPART, "--b \t\r\n" PART("a") "1\r\n--b-- \r\n", "a=1;"},
    {"a quoted boundary", "multipart/form-data; x=y; boundary=\"b c\"",
     "--b c\r\n" PART("a") "1\r\n--b c--", "a=1;"},
    {"a long boundary",
     "multipart/form-data; "
     "boundary=0123456789012345678901234567890123456789012345678901234567890123456789",
     "--0123456789012345678901234567890123456789012345678901234567890123456789\r\n" PART(
         "a") "1\r\n--0123456789012345678901234567890123456789012345678901234567890123456789--",
     "a=1;"},
    {"a file", MULTIPART,
     "--b\r\ncontent-type: image/png\r\nContent-Disposition: form-data; name=\"p\"; "
     "filename=\"a b.png\"\r\n\r\n\xFF\r\n\x01\r\n--b--",
     "p<a b.png|image/png>=\xFF\r\n\x01;"},
    {"no file chosen", MULTIPART,
     "--b\r\nContent-Disposition: form-data; name=\"p\"; filename=\"\"\r\nContent-Type: "
     "application/octet-stream\r\n\r\n\r\n--b--",
     "p<|application/octet-stream>=;"},
    {"quotes and backslashes in names", MULTIPART,
     "--b\r\nContent-Disposition: form-data; name=\"a%22b%0D\\\"; filename=\"c:\\%22.png\"\r\n\r\n"
     "\r\n--b--",
     "a\"b%0D\\<c:\\\".png|>=;"},
    {"filename*", MULTIPART,
     "--b\r\nContent-Disposition: form-data; name=a; filename*=UTF-8''x\r\n\r\n1\r\n--b--", "a=1;"},
    {"a semicolon in a name", MULTIPART,
     "--b\r\nContent-Disposition: form-data; name=\"a;b\"\r\n\r\n1\r\n--b--", "a;b=1;"},
    /* refused */
    {"no type", "", "a=1", NULL},
    {"another type", "application/json", "{}", NULL},
    {"text", "text/plain", "a=1", NULL},
    {"a broken escape", URLENCODED, "a=%4", NULL},
    {"a broken escape in a name", URLENCODED, "%zz=1", NULL},
    {"no boundary", "multipart/form-data", "--b--", NULL},
    {"two boundaries", "multipart/form-data; boundary=b; boundary=c", "--b--", NULL},
    {"an empty boundary", "multipart/form-data; boundary=\"\"", "----", NULL},
    {"a boundary of 71",
     "multipart/form-data; "
     "boundary=01234567890123456789012345678901234567890123456789012345678901234567890",
     "--01234567890123456789012345678901234567890123456789012345678901234567890--", NULL},
    {"a boundary that ends in a blank", "multipart/form-data; boundary=\"b \"", "--b --", NULL},
    {"a boundary of other characters", "multipart/form-data; boundary=\"b;\"", "--b;--", NULL},
    {"a boundary that isn't closed", "multipart/form-data; boundary=\"b", "--b--", NULL},
    {"the boundary nowhere", MULTIPART, "--c--", NULL},
    {"no end", MULTIPART, "--b\r\n" PART("a") "1", NULL},
    {"no end of the last", MULTIPART, "--b\r\n" PART("a") "1\r\n--b\r\n", NULL},
    {"no empty line", MULTIPART, "--b\r\nContent-Disposition: form-data; name=a\r\n--b--", NULL},
    {"a boundary in a value", MULTIPART, "--b\r\n" PART("a") "1\r\n--bc\r\n--b--", NULL},
    {"bare line feeds", MULTIPART, "--b\nContent-Disposition: form-data; name=a\n\n1\n--b--", NULL},
    {"no name", MULTIPART, "--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--", NULL},
    {"two names", MULTIPART,
     "--b\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n--b--", NULL},
    {"named twice", MULTIPART,
     "--b\r\nContent-Disposition: form-data; name=a\r\n" PART("b") "1\r\n--b--", NULL},
    {"an attachment", MULTIPART, "--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b--",
     NULL},
    {"a name that isn't closed", MULTIPART,
     "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--b--", NULL},
    {"more after a name", MULTIPART,
     "--b\r\nContent-Disposition: form-data; name=\"a\"b\r\n\r\n1\r\n--b--", NULL},
    {"no disposition", MULTIPART, "--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--", NULL},
    {"a header without a colon", MULTIPART, "--b\r\nabc\r\n" PART("a") "1\r\n--b--", NULL},
    {"base64", MULTIPART, "--b\r\nContent-Transfer-Encoding: base64\r\n" PART("a") "MQ==\r\n--b--",
     NULL},
};

static void forms_of_browsers(void **state)
{
    struct arena *a = *state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct form f;
        struct err err = {0};
        enum status st = form_read(str_c(forms[i].type), str_c(forms[i].body), a, &f, &err);
        if (st != (forms[i].want ? ST_OK : ST_INVALID) || (st && !err.text[0]))
            test_fail("%s: %s %s", forms[i].name, status_name(st), err.text);
        if (!st && !str_eq(shown(&f, a), str_c(forms[i].want)))
            test_fail("%s: want %s\nhave %.*s", forms[i].name, forms[i].want, FMT(shown(&f, a)));
    }
}

static void text_is_text(void **state)
{
    static const str bodies[] = {
        {"a=%00", 5},          {"a=%01", 5},  {"a=%7f", 5},    {"a=%ff", 5},   {"a%00=1", 6},
        {"a=\xED\xA0\x80", 5}, {"a=b\0c", 5}, {"a=%C0%AF", 8}, {"%1b=esc", 7},
    };
    static const char *const parts[] = {
        "--b\r\n" PART("a") "\xFF\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"\x01\"\r\n\r\n\r\n--b--",
    };
    struct arena *a = *state;
    struct form f;
    struct err err;
    for (size_t i = 0; i < COUNT(bodies); i++)
        if (form_read(STR(URLENCODED), bodies[i], a, &f, &err) != ST_INVALID)
            test_fail("taken: %.*s", FMT(bodies[i]));
    for (size_t i = 0; i < COUNT(parts); i++)
        if (form_read(STR(MULTIPART), str_c(parts[i]), a, &f, &err) != ST_INVALID)
            test_fail("taken: %s", parts[i]);
}

static void fields_are_counted_and_found(void **state)
{
    struct arena *a = *state;
    struct out o = out_make(a, 1 << 14, 1 << 16);
    struct form f;
    struct err err = {0};
    for (int i = 0; i < FORM_FIELDS; i++)
        out_fmt(&o, "%s=%d&", i % 2 ? "odd" : "even", i);
    assert_ok(form_read(STR(URLENCODED), out_view(&o), a, &f, &err), &err);
    assert_int_equal(f.n, FORM_FIELDS);
    assert_str(form_text(&f, "odd"), "1");
    assert_null(form_field(&f, STR("none")));
    assert_null(form_text(&f, "none").p);
    out_c(&o, "more");
    assert_int_equal(form_read(STR(URLENCODED), out_view(&o), a, &f, &err), ST_TOOLARGE);
    str file = STR("--b\r\nContent-Disposition: form-data; name=p; filename=x\r\n\r\n1\r\n--b--");
    assert_ok(form_read(STR(MULTIPART), file, a, &f, &err), &err);
    assert_non_null(form_field(&f, STR("p")));
    assert_null(form_text(&f, "p").p);
}

/* Many boundaries that are none cost no more than their bytes. */
static void near_boundaries_in_one_pass(void **state)
{
    enum { MOST = 4 << 20 };
    struct arena *a = *state;
    struct out o = out_make(a, MOST, MOST);
    struct form f;
    struct err err = {0};
    out_c(&o, "--b\r\n" PART("a"));
    while (o.n < MOST - 100)
        out_c(&o, "\r\n--\r\n-");
    out_c(&o, "\r\n--b--");
    assert_ok(form_read(STR(MULTIPART), out_view(&o), a, &f, &err), &err);
    assert_int_equal(f.n, 1);
}

static void cookies(void **state)
{
    (void)state;
    static const struct {
        const char *header, *name, *want; /* want NULL: absent */
    } cases[] = {
        {"a=1", "a", "1"},
        {"a=1; b=2", "b", "2"},
        {"a=1;b=2 ;\tc=3", "b", "2"},
        {"a=1; a=2", "a", "1"},
        {"aa=1; a=2", "a", "2"},
        {"A=1", "a", NULL},
        {"a=", "a", ""},
        {"a", "a", NULL},
        {"a; a=2", "a", "2"},
        {"a=b=c", "a", "b=c"},
        {"a=\"b\"", "a", "\"b\""},
        {" a = 1 ", "a", "1"},
        {"b=a=1", "a", NULL},
        {"__Host-desk=x; __Host-desk2=y", "__Host-desk", "x"},
        {";;;", "a", NULL},
        {"", "a", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request r = {.cookie = str_c(cases[i].header)};
        str have = request_cookie(&r, str_c(cases[i].name));
        if ((have.p != NULL) != (cases[i].want != NULL) || !str_eq(have, str_c(cases[i].want)))
            test_fail("%s: \"%.*s\"", cases[i].header, FMT(have));
    }
    assert_null(request_cookie(&(struct request){0}, STR("a")).p);
}

static const struct {
    const char *site, *origin, *host;
    bool https, want;
} origins[] = {
    {"same-origin", NULL, "news.example", true, true},
    {"same-origin", "null", "news.example", true, true},
    {"same-site", "https://news.example", "news.example", true, false},
    {"cross-site", "https://news.example", "news.example", true, false},
    {"none", NULL, "news.example", true, false},
    {"", "https://news.example", "news.example", true, false},
    {"same-origin,cross-site", NULL, "news.example", true, false},
    {"Same-Origin", NULL, "news.example", true, false},
    {NULL, NULL, "news.example", true, false},
    {NULL, "https://news.example", "news.example", true, true},
    {NULL, "https://news.example", "NEWS.example", true, true},
    {NULL, "HTTPS://News.Example", "news.example", true, true},
    {NULL, "http://news.example:8080", "news.example:8080", false, true},
    {NULL, "http://[::1]:8080", "[::1]:8080", false, true},
    {NULL, "https://news.example", "news.example", false, true},
    {NULL, "http://news.example", "news.example", true, false},
    {NULL, "ftp://news.example", "news.example", false, false},
    {NULL, "https://news.example:8443", "news.example", true, false},
    {NULL, "https://news.example", "news.example:8443", true, false},
    {NULL, "null", "news.example", false, false},
    {NULL, "null", "null", false, false},
    {NULL, "", "", false, false},
    {NULL, "https://", "", false, false},
    {NULL, "news.example", "news.example", false, false},
    {NULL, "//news.example", "news.example", false, false},
    {NULL, "https://news.example.evil.example", "news.example", true, false},
    {NULL, "https://evilnews.example", "news.example", true, false},
    {NULL, "https://evil.example/news.example", "news.example", true, false},
    {NULL, "https://evil.example#news.example", "news.example", true, false},
    {NULL, "https://news.example@evil.example", "news.example", true, false},
    {NULL, "https://evil@news.example", "news.example", true, false},
    {NULL, "https://news.example/", "news.example", true, false},
    {NULL, "https://news.example,https://news.example", "news.example", true, false},
    {NULL, " https://news.example", "news.example", true, false},
};

static void only_our_own_pages_are_of_our_origin(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(origins); i++)
        if (same_origin(str_c(origins[i].site), str_c(origins[i].origin), str_c(origins[i].host),
                        origins[i].https) != origins[i].want)
            test_fail("%s, %s, %s", origins[i].site, origins[i].origin, origins[i].host);
}

static const struct {
    const char *peer;
    enum forwarding kind;
    const char *via, *proto;
    bool want;
} protos[] = {
    {"10.0.0.1", FORWARD_XFF, "1.2.3.4", "https", true},
    {"10.0.0.1", FORWARD_XFF, "1.2.3.4", "HTTPS", true},
    {"10.0.0.1", FORWARD_XFF, "1.2.3.4", "http, https", true},
    {"10.0.0.1", FORWARD_XFF, "1.2.3.4", "https, http", false},
    {"10.0.0.1", FORWARD_XFF, "1.2.3.4", "", false},
    {"9.9.9.9", FORWARD_XFF, "1.2.3.4", "https", false},
    {"10.0.0.1", FORWARD_NONE, "1.2.3.4", "https", false},
    {"10.0.0.1", FORWARD_FORWARDED, "for=1.2.3.4;proto=https", "", true},
    {"10.0.0.1", FORWARD_FORWARDED, "for=1.2.3.4;Proto=\"https\"", "", true},
    {"10.0.0.1", FORWARD_FORWARDED, "for=1.2.3.4;proto=http", "https", false},
    {"10.0.0.1", FORWARD_FORWARDED, "for=1.2.3.4", "https", false},
    {"10.0.0.1", FORWARD_FORWARDED, "for=unknown;proto=https", "", true},
    {"10.0.0.1", FORWARD_FORWARDED, "for=1.2.3.4;proto=https, for=10.0.0.2;proto=http", "", true},
    {"10.0.0.1", FORWARD_FORWARDED, "for=9.9.9.9;proto=https, for=1.2.3.4;proto=http", "", false},
    {"9.9.9.9", FORWARD_FORWARDED, "for=1.2.3.4;proto=https", "", false},
};

static void https_is_what_a_trusted_proxy_says(void **state)
{
    (void)state;
    struct network trusted;
    assert_int_equal(network_read(STR("10.0.0.0/8"), &trusted), ST_OK);
    for (size_t i = 0; i < COUNT(protos); i++) {
        struct address peer;
        assert_int_equal(address_read(str_c(protos[i].peer), &peer), ST_OK);
        if (client_https(peer, protos[i].kind, str_c(protos[i].via), str_c(protos[i].proto),
                         &trusted, 1) != protos[i].want)
            test_fail("from %s: %s, %s", protos[i].peer, protos[i].via, protos[i].proto);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(forms_of_browsers),
        with_arena(text_is_text),
        with_arena(fields_are_counted_and_found),
        with_arena(near_boundaries_in_one_pass),
        cmocka_unit_test(cookies),
        cmocka_unit_test(only_our_own_pages_are_of_our_origin),
        cmocka_unit_test(https_is_what_a_trusted_proxy_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
