/* Whatever strangers send is read in time that grows as it does: each parser is given an input made
 * to be hard, and the same at twice the size, the larger being the largest that is let in or near
 * it. CPU time may then grow threefold at most; a parser that compares all with all takes four
 * times as long. And tables are given thousands of names that collide under the hashes people
 * usually take, against as many that don't. */
#include "test.h"

#include <time.h>

#include "base/hash.h"
#include "base/out.h"
#include "http/client.h"
#include "http/framing.h"
#include "http/negotiate.h"
#include "http/target.h"
#include "press/cache.h"
#include "text/document.h"
#include "text/json.h"
#include "text/mustache.h"
#include "text/site_file.h"
#include "text/story_file.h"

/* What a pattern does not say is empty. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* AddressSanitizer's memmem looks over all it is handed before it searches: that is its time. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "intercept_memmem=0:intercept_strstr=0";
}

/* ---- inputs: before, then a pattern over and over until there are n bytes, then after ---- */

enum shape {
    AGAIN, /* the unit over and over */
    NUMBERED /* likewise, with a number that is never the same in place of each '@' */,
    GROWING, /* the unit's first byte once, twice, three times ..., the rest between */
    NESTED   /* the unit for the first half, then what stands behind its '|', as often */
};

struct pattern {
    const char *name;
    enum shape shape;
    const char *unit, *before, *after;
    size_t bytes; /* of the larger one; 0: what the parser's own limit is */
};

static void unit_numbered(struct out *o, str unit, size_t number)
{
    for (size_t i = 0; i < unit.n; i++)
        if (unit.p[i] == '@')
            out_fmt(o, "%06zu", number);
        else
            out_byte(o, unit.p[i]);
}

static str make(struct arena *a, const struct pattern *p, size_t bytes)
{
    struct out o = out_make(a, bytes + 4096, bytes + (8 << 20));
    str unit = str_c(p->unit), close = STR_NONE;
    if (p->shape == NESTED)
        close = str_cut(unit, '|', &unit);
    out_c(&o, p->before ? p->before : "");
    size_t n = 0;
    while (out_view(&o).n + n * close.n < bytes) {
        n++;
        if (p->shape == GROWING) {
            for (size_t k = 0; k < n; k++)
                out_byte(&o, unit.p[0]);
            out_str(&o, str_from(unit, 1));
        } else {
            unit_numbered(&o, unit, n);
        }
    }
    while (p->shape == NESTED && n-- > 0)
        out_str(&o, close);
    out_c(&o, p->after ? p->after : "");
    assert_int_equal(out_status(&o), ST_OK);
    return out_view(&o);
}

/* ---- CPU time ---- */

typedef void parser_fn(str in, struct arena *a);

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds that one reading takes: the least of some, each repeated until it can be measured. The
 * arena is rewound, not reset: what its pages cost to come and go is no parser's. */
static double cost(parser_fn *f, str in, struct arena *a, size_t tries)
{
    enum { AT_LEAST_US = 2000 };
    char *mark = arena_mark(a);
    double best = 1e9;
    size_t rounds = 1;
    for (size_t i = 0; i < tries;) {
        double began = now();
        for (size_t k = 0; k < rounds; k++) {
            f(in, a);
            arena_rewind(a, mark);
            a->oom = false;
        }
        double took = now() - began;
        if (took < AT_LEAST_US / 1e6 && rounds < 1 << 16) {
            rounds *= 2;
            continue;
        }
        best = took / (double)rounds < best ? took / (double)rounds : best;
        i++;
    }
    return best;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* How much more the larger input costs: measured in pairs, because a busy machine is busy for both
 * of one. One pair acquits; what it would refuse, the median of nine has to refuse. */
static double growth(parser_fn *f, str small, str large, struct arena *a, double most)
{
    enum { PAIRS = 9, TOO_LONG_US = 400000 };
    double ratios[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        double one = cost(f, small, a, 2), two = cost(f, large, a, 2);
        ratios[i] = two / one;
        if (i == 0 && (ratios[0] <= most || two >= TOO_LONG_US / 1e6))
            return ratios[0];
    }
    qsort(ratios, PAIRS, sizeof *ratios, by_size);
    return ratios[PAIRS / 2];
}

static bool check(const struct pattern *p, size_t n, const char *what, parser_fn *f, size_t bytes)
{
    enum { MOST = 3 };
    bool ok = true;
    struct arena inputs, a;
    const char *only = getenv("ONLY"); /* one pattern's name, to look at it alone */
    assert_int_equal(arena_init(&inputs, 64 << 20) | arena_init(&a, 512 << 20), ST_OK);
    for (size_t i = 0; i < n; i++) {
        size_t most = p[i].bytes ? p[i].bytes : bytes;
        if (only && strcmp(only, p[i].name) != 0)
            continue;
        str small = make(&inputs, &p[i], most / 2), large = make(&inputs, &p[i], most);
        double times = growth(f, small, large, &a, MOST);
        if (times > MOST || getenv("VERBOSE")) {
            fprintf(stderr, "%s, %s: %.1f times as long for %zu bytes as for half (%.1f ms)\n",
                    what, p[i].name, times, large.n, 1e3 * cost(f, large, &a, 1));
            ok &= times <= MOST;
        }
        arena_reset(&inputs);
    }
    arena_free(&a);
    arena_free(&inputs);
    return ok;
}
#define check_all(list, what, f, bytes) check(list, COUNT(list), what, f, bytes)

/* ---- Markdown ---- */

static const struct pattern markdown[] = {
    {"insertions", AGAIN, "[x]"},
    {"open brackets", AGAIN, "["},
    {"open links", AGAIN, "[a]("},
    {"nested links", NESTED, "[|](b)"},
    {"nested pictures", NESTED, "![|](b)"},
    {"emphasis that opens", AGAIN, "*a "},
    {"emphasis that never opens", AGAIN, "a *"},
    {"strong that opens", AGAIN, "a **b "},
    {"both kinds", AGAIN, "*a_ "},
    {"emphasis in emphasis", NESTED, "*a **a |b** b*"},
    {"quotes in quotes", AGAIN, "> "},
    {"a line of quotes each", AGAIN, "> > > > > a\n"},
    {"lists in lists", AGAIN, "- "},
    {"items", AGAIN, "- a\n"},
    {"numbered items", AGAIN, "1. a\n\n   b\n"},
    {"less-than", AGAIN, "<"},
    {"open tags", AGAIN, "<a b=\""},
    {"open comments", AGAIN, "<!-- "},
    {"open CDATA", AGAIN, "<![CDATA["},
    {"instructions", AGAIN, "<?"},
    {"backticks that grow", GROWING, "` "},
    {"backticks", AGAIN, "`a"},
    {"fences", AGAIN, "```\n"},
    {"table cells", AGAIN, "|a", "|a|b|\n|-|-|\n"},
    {"table rows", AGAIN, "|a|b|\n", "|a|b|\n|-|-|\n"},
    {"table columns", AGAIN, "-|"},
    {"wide tables", AGAIN, "x\n", "|a|b|c|d|e|f|g|h|\n|-|-|-|-|-|-|-|-|\n"},
    {"entities", AGAIN, "&amp;"},
    {"entities without end", AGAIN, "&am"},
    {"definitions", NUMBERED, "[a@]: x\n"},
    {"definitions used", NUMBERED, "[a@]: x\n\n[a@] "},
    {"one definition over and over", AGAIN, "[a]: x\n"},
    {"a long definition used", AGAIN, "[a] ",
     "[a]: https://example.org/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n\n"},
    {"definitions without end", AGAIN, "[a]: <x\n"},
    {"backslashes", AGAIN, "\\*"},
    {"headings", AGAIN, "# a\n"},
    {"underlines", AGAIN, "a\n=\n"},
    {"addresses", AGAIN, "https://a.example/ "},
    {"addresses in brackets", AGAIN, "<https://a.example/>"},
    {"www without end", AGAIN, "www.a"},
    {"at signs", AGAIN, "a@"},
    {"breaks", AGAIN, "a  \n"},
    {"blank lines", AGAIN, "\n"},
    {"blanks", AGAIN, " ", "a"},
    {"related cards", NUMBERED, "[a](story:s@)\n\n"},
    {"pictures", NUMBERED, "![a](p@.jpg)\n\n"},
    {"strikes", AGAIN, "~a "},
    {"brackets that close", AGAIN, "]"},
    {"pictures that open", AGAIN, "!["},
    {"titles that open", AGAIN, "[a](b \""},
    {"titles in quotes", AGAIN, "[a](<b> 'c"},
};

static void read_markdown(str in, struct arena *a)
{
    struct node *doc;
    struct err err;
    if (document_from_markdown(in, 1, a, &doc, &err))
        return;
    struct out o = out_make(a, 4096, 32 << 20), plain = out_make(a, 4096, 32 << 20),
               back = out_make(a, 4096, 32 << 20);
    document_write(doc, &o);
    document_plain(doc, &plain);
    document_to_markdown(doc, &back);
}

static void markdown_in_twice_the_time(void **state)
{
    (void)state;
    assert_true(check_all(markdown, "Markdown", read_markdown, DOCUMENT_BYTES - 4096));
}

/* ---- story files, site.yaml and sections.yaml ---- */

#define HEAD "---\nid: a\nsection: b\nheadline: c\n"
static const struct pattern heads[] = {
    {"topics", NUMBERED, "  - t@\n", HEAD "topics:\n", "---\nWords.\n"},
    {"topics in a line", NUMBERED, "t@,", HEAD "topics: [", "x]\n---\nWords.\n"},
    {"the same topic", AGAIN, "  - t\n", HEAD "topics:\n", "---\nWords.\n"},
    {"bylines", NUMBERED, "  - {name: n@}\n", HEAD "by:\n", "---\nWords.\n"},
    {"pictures", NUMBERED, "  - {file: p@.jpg, alt: a}\n", HEAD "pictures:\n", "---\nWords.\n"},
    {"unknown keys", NUMBERED, "k@: x\n", HEAD, "---\nWords.\n"},
    {"keys below a key", NUMBERED, "  k@: x\n", HEAD "headlines:\n", "---\nWords.\n"},
    {"keys in a line", NUMBERED, "k@: x, ", HEAD "headlines: {", "}\n---\nWords.\n"},
    {"open lists", AGAIN, "[", HEAD "topics: ", "\n---\nWords.\n"},
    {"open maps", AGAIN, "{a: ", HEAD "topics: ", "\n---\nWords.\n"},
    {"maps in lists", AGAIN, "- ", HEAD "topics:\n  ", "a\n---\nWords.\n"},
    {"a long text", AGAIN, "x", HEAD "label: ", "\n---\nWords.\n"},
    {"a folded text", AGAIN, "  x\n", HEAD "standfirst: >\n", "---\nWords.\n"},
    {"a quoted text", AGAIN, "\\u0041", HEAD "standfirst: \"", "\"\n---\nWords.\n"},
    {"quotes without end", AGAIN, "\"a\n", HEAD "standfirst: ", "\n---\nWords.\n"},
    {"anchors", NUMBERED, "  - &a@ x\n", HEAD "topics:\n", "---\nWords.\n"},
    {"comments", AGAIN, "# x\n", HEAD, "---\nWords.\n"},
    {"colons", AGAIN, ": ", HEAD "a", "\n---\nWords.\n"},
    {"question marks", AGAIN, "? ", HEAD, "\n---\nWords.\n"},
    {"ends", AGAIN, "---\n", HEAD, "", 1 << 20},
    {"blank lines", AGAIN, "\n", HEAD, "---\nWords.\n"},
};

static void read_story(str in, struct arena *a)
{
    struct story_file f;
    struct err err;
    if (story_file_read(in, a, &f, &err))
        return;
    struct out o = out_make(a, 4096, 32 << 20), file = out_make(a, 4096, 32 << 20);
    struct story_content back;
    story_canonical(&f.story, &o);
    story_file_write(&f.story, 1, &file);
    if (!out_status(&o) && story_from_canonical(out_view(&o), a, &back, &err) != ST_OK)
        test_fail("what was written can't be read: %s", err.text);
}

static const struct pattern yaml[] = {
    {"sections", NUMBERED, "  - {slug: s@, name: n}\n", "en:\n"},
    {"editions", NUMBERED, "e@: [{slug: s, name: n}]\n"},
    {"names", NUMBERED, "e@: n, ", "name: {", "}\n"},
    {"unknown keys", NUMBERED, "k@: x\n"},
    {"footers", NUMBERED, "{text: t, story: s@}, ", "footer: {en: [", "]}\n"},
    {"the same key", AGAIN, "name: x\n"},
    {"open lists", AGAIN, "["},
};

static void read_yaml(str in, struct arena *a)
{
    struct site_file site;
    struct sections_file sections;
    struct err err;
    struct out o = out_make(a, 4096, 32 << 20);
    if (site_file_read(in, a, &site, &err) == ST_OK)
        site_file_write(&site, &o);
    if (sections_file_read(in, a, &sections, &err) == ST_OK)
        sections_file_write(&sections, &o);
}

static void yaml_in_twice_the_time(void **state)
{
    (void)state;
    bool ok = check_all(heads, "a story's head", read_story, STORY_HEAD_BYTES - 1024);
    assert_true(check_all(yaml, "YAML", read_yaml, 128 << 10) && ok);
}

/* ---- JSON and documents ---- */

#define DOC   "{\"content\":["
#define END   "],\"type\":\"doc\"}"
#define WORDS "{\"content\":[{\"text\":\"w\",\"type\":\"text\"}],\"type\":\"paragraph\"}"
static const struct pattern documents[] = {
    {"paragraphs", AGAIN, WORDS ",", DOC, WORDS END},
    {"texts", AGAIN, "{\"text\":\"w\",\"type\":\"text\"},", DOC "{\"content\":[",
     "{\"text\":\"w\",\"type\":\"text\"}],\"type\":\"paragraph\"}" END},
    {"texts with marks", AGAIN,
     "{\"marks\":[{\"type\":\"strong\"}],\"text\":\"w\",\"type\":\"text\"},{\"text\":\"w\","
     "\"type\":\"text\"},",
     DOC "{\"content\":[", "{\"text\":\"w\",\"type\":\"text\"}],\"type\":\"paragraph\"}" END},
    {"marks", AGAIN, "{\"type\":\"strong\"},", DOC "{\"content\":[{\"marks\":[",
     "{\"type\":\"strong\"}],\"text\":\"w\",\"type\":\"text\"}],\"type\":\"paragraph\"}" END},
    {"attributes", NUMBERED, "\"a@\":1,", DOC "{\"attrs\":{",
     "\"level\":2},\"type\":\"crosshead\"}" END},
    {"related cards", NUMBERED, "{\"attrs\":{\"key\":\"k@\",\"text\":\"w\"},\"type\":\"related\"},",
     DOC, WORDS END},
    {"brackets in a text", AGAIN, "[x] ", DOC "{\"content\":[{\"text\":\"a",
     "b\",\"type\":\"text\"}],\"type\":\"paragraph\"}" END},
    {"deep", NESTED, "{\"content\":[|],\"type\":\"quote\"}", DOC, END},
    {"one long text", AGAIN, "w ", DOC "{\"content\":[{\"text\":\"",
     "w\",\"type\":\"text\"}],\"type\":\"paragraph\"}" END},
    {"rows", AGAIN,
     "{\"content\":[{\"content\":[],\"type\":\"table_cell\"}],\"type\":\"table_row\"},",
     DOC "{\"content\":[", "{\"content\":[],\"type\":\"table_row\"}],\"type\":\"table\"}" END},
};
static const struct pattern json[] = {
    {"lists in lists", NESTED, "[|]"},
    {"open lists", AGAIN, "["},
    {"maps in maps", NESTED, "{\"a\":|}", NULL, NULL},
    {"numbers", AGAIN, "1,", "[", "1]"},
    {"one number", AGAIN, "1", "[", "]"},
    {"fractions", AGAIN, "1.5e3,", "[", "1]"},
    {"members", NUMBERED, "\"k@\":1,", "{", "\"a\":1}"},
    {"members of the same length and end", NUMBERED,
     "\"@kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\":1,", "{", "\"a\":1}"},
    {"maps", AGAIN, "{},", "[", "{}]"},
    {"an escaped text", AGAIN, "\\u00e9", "[\"", "\"]"},
    {"pairs", AGAIN, "\\ud83d\\ude00", "[\"", "\"]"},
    {"a text without end", AGAIN, "x", "[\""},
    {"blanks", AGAIN, " \n"},
};

static void read_json(str in, struct arena *a)
{
    const struct json *j;
    struct err err;
    if (json_read(in, a, &j, &err) == ST_OK)
        json_member(j, STR("a"));
}
static void read_document(str in, struct arena *a)
{
    struct node *doc;
    struct err err;
    if (document_read(in, a, &doc, &err))
        return;
    struct out o = out_make(a, 4096, 32 << 20), md = out_make(a, 4096, 32 << 20);
    document_write(doc, &o);
    document_to_markdown(doc, &md);
}

static void documents_in_twice_the_time(void **state)
{
    (void)state;
    assert_true(check_all(documents, "a document", read_document, DOCUMENT_BYTES - 1024));
}

static void json_in_twice_the_time(void **state)
{
    (void)state;
    assert_true(check_all(json, "JSON", read_json, 1 << 20));
}

/* ---- templates ---- */

static const struct pattern templates[] = {
    {"values", AGAIN, "{{a}}"},
    {"sections", AGAIN, "{{#a}}x{{/a}}"},
    {"different names", NUMBERED, "{{n@}}"},
    {"open sections", AGAIN, "{{#a}}"},
    {"open tags", AGAIN, "{{"},
    {"comments", AGAIN, "{{!x}}\n"},
    {"delimiters", AGAIN, "{{=<< >>=}}<<={{ }}=>>"},
    {"partials", AGAIN, "  {{>none}}\n"},
    {"blocks", NUMBERED, "{{$b@}}x{{/b@}}"},
    {"parents", AGAIN, "{{<none}}{{$b}}x{{/b}}{{/none}}"},
    {"blocks of a parent", NUMBERED, "{{$b@}}x{{/b@}}", "{{<none}}", "{{/none}}"},
    {"dots", AGAIN, "a.", "{{", "b}}"},
    {"lines", AGAIN, "\n"},
    {"text", AGAIN, "x { "},
};

static void read_template(str in, struct arena *a)
{
    struct mustache *m;
    struct err err;
    html out;
    if (mustache_make(&m))
        return;
    struct value_map *map = map_make(a);
    map_set(map, "a", value_text(STR("<")));
    if (mustache_add(m, STR("main"), in, &err) == ST_OK &&
        mustache_render(m, STR("main"), map, a, 8 << 20, &out, &err) == ST_OK)
        assert_true(out.s.n <= 8 << 20);
    mustache_free(m);
}

static void templates_in_twice_the_time(void **state)
{
    (void)state;
    assert_true(check_all(templates, "a template", read_template, 256 << 10));
}

/* ---- requests: eight times what a connection may send ---- */

enum { REQUEST_BYTES = 64 << 10 };

static const struct pattern targets[] = {
    {"segments", AGAIN, "/a"},
    {"slashes", AGAIN, "/"},
    {"dots", AGAIN, "/."},
    {"up and down", AGAIN, "/a/.."},
    {"down, then up", NESTED, "/a|/.."},
    {"escapes", AGAIN, "%61", "/"},
    {"UTF-8", AGAIN, "%c3%a9", "/"},
    {"escapes of escapes", AGAIN, "%25", "/"},
    {"parameters", NUMBERED, "p@=1&", "/?"},
    {"the same parameter", AGAIN, "before=%20&", "/?"},
    {"ampersands", AGAIN, "&", "/?"},
    {"equals signs", AGAIN, "=", "/?before="},
    {"one long value", AGAIN, "+%20", "/?q="},
    {"near names", NUMBERED, "befor@=1&", "/?"},
};

static void read_target(str in, struct arena *a)
{
    struct target t;
    struct request r = {0};
    struct err err;
    if (target_read(in, a, &t, &err) == ST_OK &&
        query_read(t.query, STR("before,q"), a, &r, &err) == ST_OK)
        request_query(&r, STR("q"));
}

static const struct pattern lines[] = {
    {"headers", NUMBERED, "X-@: y\n"},
    {"the same header", AGAIN, "X: y\n"},
    {"lengths", AGAIN, "Content-Length: 1\n"},
    {"hosts", AGAIN, "Host: a\n"},
    {"a long name", AGAIN, "x", NULL, ": y\n"},
    {"a long value", AGAIN, "y", "X: "},
    {"codings", NUMBERED, "x@;q=0.@, ", "Accept-Encoding: "},
    {"ETags", NUMBERED, "W/\"@\", ", "If-None-Match: "},
    {"quotes", AGAIN, "\"", "If-None-Match: "},
    {"ranges", NUMBERED, "@-@,", "Range: bytes="},
    {"hops", NUMBERED, "10.0.0.1, ", "X-Forwarded-For: "},
    {"forwarded", AGAIN, "for=10.0.0.1;by=\"x\", ", "Forwarded: "},
    {"forwarded quotes", AGAIN, "for=\"\\\"", "Forwarded: "},
    {"semicolons", AGAIN, ";", "Forwarded: for=1.2.3.4"},
};

static void read_lines(str in, struct arena *a)
{
    struct head h = {0};
    const char *why;
    struct network all;
    struct address peer = {{0}};
    i64 from, n;
    (void)a;
    if (network_read(STR("10.0.0.0/8"), &all) || address_read(STR("10.0.0.1"), &peer))
        test_fail("no network");
    for (str line, name; in.p;) {
        in = str_cut(in, '\n', &line);
        str value = str_trim(str_cut(line, ':', &name));
        head_add(&h, name, value);
        range_read(value, 1000, &from, &n);
        etag_matches(value, STR("\"none\""));
        client_of(peer, FORWARD_FORWARDED, value, &all, 1);
        client_of(peer, FORWARD_XFF, value, &all, 1);
    }
    head_verdict(&h, &why);
    host_known(h.host, NULL, 0, true);
}

static void requests_in_twice_the_time(void **state)
{
    (void)state;
    bool ok = check_all(targets, "a target", read_target, REQUEST_BYTES);
    assert_true(check_all(lines, "a head", read_lines, REQUEST_BYTES) && ok);
}

/* ---- names made to collide ---- */

enum { NAMES = 12000, PAIRS = 14 };

/* "Ez" and "FY" are one to every hash that multiplies by 33 and adds: so are all names made of them
 * alike. Others of the same length are drawn. */
static str name_of(struct arena *a, size_t i, bool collides)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    char *p = arena_bytes(a, 2 * PAIRS);
    assert_non_null(p);
    if (!collides)
        random_bytes(p, 2 * PAIRS);
    for (size_t k = 0; k < PAIRS; k++)
        if (collides)
            memcpy(p + 2 * k, i >> k & 1 ? "Ez" : "FY", 2);
        else
            for (size_t b = 2 * k; b < 2 * k + 2; b++)
                p[b] = letters[(u8)p[b] % 26];
    return (str){p, 2 * PAIRS};
}

static enum status small_page(void *arg, str key, struct printed *ret, struct err *err)
{
    struct finished_spec spec = {.status = 404, .content_type = STR("text/plain"), .body = key};
    struct finished *page;
    (void)arg;
    enum status st = finished_make(&spec, &page, err);
    if (!st)
        *ret = (struct printed){.page = page, .until = MS_NEVER};
    return st;
}

/* Each name on a line is an unknown address: printed, kept, and found again three times. */
static void keep_pages(str in, struct arena *a)
{
    struct cache *c;
    struct err err;
    struct cache_conf conf = {.max_bytes = 256 << 20};
    (void)a;
    assert_ok(cache_make(&conf, 0, &c, &err), &err);
    for (int turn = 0; turn < 4; turn++)
        for (str rest = in, name; rest.p;) {
            struct finished *page = NULL;
            rest = str_cut(rest, '\n', &name);
            if (turn)
                page = cache_get(c, name);
            else
                assert_ok(cache_print(c, name, small_page, NULL, &page, &err), &err);
            assert_non_null(page);
            finished_release(page);
        }
    cache_free(c);
}

/* The same names as headers and as a query's parameters. */
static void read_names(str in, struct arena *a)
{
    struct head h = {0};
    struct request r = {0};
    struct err err;
    struct out query = out_make(a, in.n * 2, 1 << 20);
    for (str rest = in, name; rest.p;) {
        rest = str_cut(rest, '\n', &name);
        head_add(&h, name, STR("x"));
        out_str(&query, name);
        out_c(&query, "=x&");
    }
    assert_ok(query_read(out_view(&query), STR("before"), a, &r, &err), &err);
}

static void names_that_collide_cost_no_more(void **state)
{
    enum { MOST = 2 };
    struct arena a, names;
    assert_int_equal(arena_init(&a, 64 << 20) | arena_init(&names, 64 << 20), ST_OK);
    (void)state;
    struct out same = out_make(&names, 512 << 10, 1 << 20),
               drawn = out_make(&names, 512 << 10, 1 << 20);
    for (size_t i = 0; i < NAMES; i++) {
        out_c(&same, i ? "\n" : "");
        out_c(&drawn, i ? "\n" : "");
        out_str(&same, name_of(&a, i, true));
        out_str(&drawn, name_of(&a, i, false));
    }
    assert_int_equal(out_status(&same) | out_status(&drawn), ST_OK);
    double pages = growth(keep_pages, out_view(&drawn), out_view(&same), &a, MOST);
    double requests = growth(read_names, out_view(&drawn), out_view(&same), &a, MOST);
    if (pages > MOST || requests > MOST)
        test_fail("%.1f times as long for pages, %.1f for heads and queries", pages, requests);
    arena_free(&a);
    arena_free(&names);
}

int main(void)
{
    if (hash_start())
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markdown_in_twice_the_time),
        cmocka_unit_test(yaml_in_twice_the_time),
        cmocka_unit_test(documents_in_twice_the_time),
        cmocka_unit_test(json_in_twice_the_time),
        cmocka_unit_test(templates_in_twice_the_time),
        cmocka_unit_test(requests_in_twice_the_time),
        cmocka_unit_test(names_that_collide_cost_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
