/* What a stranger hands in costs in proportion to its length: twice of it takes no more than three
 * times the memory and the time, and either becomes a story or is refused with a line. */
#include "test.h"

#include <time.h>

#include "text/story_file.h"

enum { QUICK = 30 }; /* ms: less says nothing of growth */

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

struct cost {
    double ms;
    size_t bytes;
    enum status st;
    struct err err;
};

/* Reads it, writes it both ways and looks for what a typo may not touch. */
static struct cost once(struct arena *a, str file)
{
    struct cost c = {0};
    struct story_file f;
    str what;
    char *mark = arena_mark(a);
    double began = now_ms();
    c.st = story_file_read(file, a, &f, &c.err);
    if (!c.st) {
        struct out json = out_make(a, 1024, 4 << 20), markdown = out_make(a, 1024, 4 << 20);
        story_canonical(&f.story, &json);
        document_to_markdown(f.story.body, &markdown);
        assert_false(story_typo_touches_fact(&f.story, &f.story, a, &what));
    }
    c.ms = now_ms() - began;
    c.bytes = (size_t)(arena_mark(a) - mark);
    assert_false(a->oom);
    arena_rewind(a, mark);
    return c;
}

static struct cost cost_of(struct arena *a, const char *head, const char *piece, size_t size)
{
    struct out o = out_make(a, size + 4096, 1 << 20);
    out_c(&o, "---\nid: a\nsection: t\nheadline: A\nby: [A, B]\n---\n");
    out_c(&o, head);
    for (size_t n = strlen(piece), have = 0; have + n <= size; have += n)
        out_c(&o, piece);
    out_c(&o, "x\n");
    struct cost best = once(a, out_view(&o));
    for (int i = 0; i < 2; i++) {
        struct cost c = once(a, out_view(&o));
        best.ms = c.ms < best.ms ? c.ms : best.ms;
    }
    return best;
}

static void double_the_size_is_not_four_times_the_work(void **state)
{
    static const struct {
        const char *name, *head, *piece;
    } cases[] = {
        {"insertions", "", "[x]"},
        {"insertions apart", "", "[x] "},
        {"brackets that open", "", "["},
        {"brackets that close", "", "]"},
        {"emphasis that opens", "", "*a "},
        {"strong that opens", "", "**a "},
        {"mixed delimiters", "", "a *b _c"},
        {"links that open", "", "[a]("},
        {"links", "", "[a](https://example.org/) "},
        {"pictures", "", "![a](b.jpg)"},
        {"quotes in quotes", "", "> "},
        {"quotes", "", "> a\n> — B, c\n\n"},
        {"lists in lists", "", "- "},
        {"list", "", "- a\n"},
        {"table of many rows", "|a|b|\n|---|---|\n", "|c|d|\n"},
        {"table of short rows", "|a|b|c|d|e|f|g|h|i|j|k|l|\n|-|-|-|-|-|-|-|-|-|-|-|-|\n", "|\n"},
        {"fence", "text\n\n```\n", "`` a\n"},
        {"table of one row", "", "|a"},
        {"references", "", "&amp;"},
        {"escapes", "", "\\\\"},
        {"escaped brackets", "", "\\["},
        {"code", "", "`a` "},
        {"ticks", "", "`"},
        {"ticks of all lengths", "", "`a``b```c````d"},
        {"line ends", "", "a\n"},
        {"line breaks", "", "a\\\n"},
        {"definitions", "", "[a]: /b\n"},
        {"dashes", "", "— "},
        {"quotation marks", "", "“a "},
        {"quotation marks that close", "", "“a” "},
        {"single marks", "", "‘a’b "},
        {"speakers", "> a\n> — B, c\n\n", "B "},
        {"marks in one link", "[", "*a* b "},
    };
    enum { SIZE = 100 << 10 };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cost one = cost_of(*state, cases[i].head, cases[i].piece, SIZE);
        struct cost two = cost_of(*state, cases[i].head, cases[i].piece, 2 * SIZE);
        /* what another process took of the caches is no work of ours: only what stays is */
        for (int again = 0; again < 5 && two.ms > QUICK && two.ms > 3 * one.ms; again++) {
            struct cost a = cost_of(*state, cases[i].head, cases[i].piece, SIZE);
            struct cost b = cost_of(*state, cases[i].head, cases[i].piece, 2 * SIZE);
            one.ms = a.ms > one.ms ? a.ms : one.ms;
            two.ms = b.ms < two.ms ? b.ms : two.ms;
        }
        if (two.st && !str_starts(str_c(two.err.text), STR("line ")))
            test_fail("%s: %s: %s", cases[i].name, status_name(two.st), two.err.text);
        if (!one.st && !two.st && two.bytes > 3 * one.bytes)
            test_fail("%s: %zu bytes, then %zu", cases[i].name, one.bytes, two.bytes);
        if (two.ms > QUICK && two.ms > 3 * one.ms)
            test_fail("%s: %.1f ms, then %.1f ms", cases[i].name, one.ms, two.ms);
    }
}

/* The address of a link is there once, whatever stands within the link. */
static void a_long_address_is_refused(void **state)
{
    struct out o = out_make(*state, 200 << 10, 1 << 20);
    struct story_file f;
    struct err err = {0};
    out_c(&o, "---\nid: a\nsection: t\nheadline: A\n---\n[");
    for (int i = 0; i < 1000; i++)
        out_c(&o, "*a* b ");
    out_c(&o, "c](https://example.org/");
    for (int i = 0; i < 100000; i++)
        out_byte(&o, 'x');
    out_c(&o, ")\n");
    assert_int_equal(story_file_read(out_view(&o), *state, &f, &err), ST_INVALID);
    assert_true(str_find(str_c(err.text), STR("line 6: an address is longer than")) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(double_the_size_is_not_four_times_the_work),
        with_arena(a_long_address_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
