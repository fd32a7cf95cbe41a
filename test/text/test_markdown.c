/* Markdown and the document: what becomes what, and that writing and reading again changes nothing.
 */
#include "test.h"

#include "text/document.h"

static str json_of(struct arena *a, const struct node *doc)
{
    struct out o = out_make(a, 1024, 1 << 22);
    document_write(doc, &o);
    assert_int_equal(out_status(&o), ST_OK);
    return out_view(&o);
}

static str markdown_of(struct arena *a, const struct node *doc)
{
    struct out o = out_make(a, 1024, 1 << 22);
    document_to_markdown(doc, &o);
    assert_int_equal(out_status(&o), ST_OK);
    return out_view(&o);
}

static void becomes(void **state)
{
    struct arena *a = *state;
    static const struct {
        const char *name, *in, *want;
    } cases[] = {
        {"paragraph", "One\ntwo.",
         "{\"content\":[{\"content\":[{\"text\":\"One "
         "two.\",\"type\":\"text\"}],\"type\":\"paragraph\"}],\"type\":\"doc\"}"},
        {"crosshead", "# A",
         "{\"content\":[{\"attrs\":{\"level\":2},\"content\":[{\"text\":\"A\",\"type\":\"text\"}],"
         "\"type\":\"crosshead\"}],\"type\":\"doc\"}"},
        {"insertion", "They promised [an answer] soon.",
         "{\"content\":[{\"content\":[{\"text\":\"They promised \",\"type\":\"text\"},"
         "{\"marks\":[{\"type\":\"insertion\"}],\"text\":\"[an answer]\",\"type\":\"text\"},"
         "{\"text\":\" soon.\",\"type\":\"text\"}],\"type\":\"paragraph\"}],\"type\":\"doc\"}"},
        {"escaped brackets are text", "a \\[b\\] c",
         "{\"content\":[{\"content\":[{\"text\":\"a [b] "
         "c\",\"type\":\"text\"}],\"type\":\"paragraph\"}],\"type\":\"doc\"}"},
        {"related card", "[Lifeboat](story:lifeboat-2025)",
         "{\"content\":[{\"attrs\":{\"key\":\"lifeboat-2025\",\"text\":\"Lifeboat\"},\"type\":"
         "\"related\"}],\"type\":\"doc\"}"},
        {"link card", "https://example.org/a?b=c",
         "{\"content\":[{\"attrs\":{\"href\":\"https://example.org/"
         "a?b=c\"},\"type\":\"link_card\"}],\"type\":\"doc\"}"},
        {"quote", "> Words.\n> — Mara Voss, harbour engineer, town hall, 2026-11-20",
         "{\"content\":[{\"attrs\":{\"date\":\"2026-11-20\",\"role\":\"harbour "
         "engineer\",\"speaker\":\"Mara Voss\","
         "\"venue\":\"town "
         "hall\"},\"content\":[{\"content\":[{\"text\":\"Words.\",\"type\":\"text\"}],\"type\":"
         "\"paragraph\"}],\"type\":\"quote\"}],\"type\":\"doc\"}"},
        {"quote with a part left out", "> Words.\n>\n> — Mara Voss, , town hall",
         "{\"content\":[{\"attrs\":{\"speaker\":\"Mara Voss\",\"venue\":\"town "
         "hall\"},\"content\":[{\"content\":["
         "{\"text\":\"Words.\",\"type\":\"text\"}],\"type\":\"paragraph\"}],\"type\":\"quote\"}],"
         "\"type\":\"doc\"}"},
        {"quote with a comma", "> W.\n> — \"Voss, Mara\", engineer",
         "{\"content\":[{\"attrs\":{\"role\":\"engineer\",\"speaker\":\"Voss, "
         "Mara\"},\"content\":[{\"content\":["
         "{\"text\":\"W.\",\"type\":\"text\"}],\"type\":\"paragraph\"}],\"type\":\"quote\"}],"
         "\"type\":\"doc\"}"},
        {"references in an address", "x [y](https://a.org/?b=1&amp;c=2&d&#61;&copy2) z",
         "{\"content\":[{\"content\":[{\"text\":\"x \",\"type\":\"text\"},{\"marks\":[{\"attrs\":{"
         "\"href\":\"https://a.org/"
         "?b=1&c=2&d=&copy2\"},\"type\":\"link\"}],\"text\":\"y\",\"type\":\"text\"},{\"text\":\" "
         "z\",\"type\":\"text\"}],\"type\":\"paragraph\"}],\"type\":\"doc\"}"},
        {"list", "- a\n- b",
         "{\"content\":[{\"content\":[{\"content\":[{\"content\":[{\"text\":\"a\",\"type\":"
         "\"text\"}],\"type\":\"paragraph\"}],"
         "\"type\":\"list_item\"},{\"content\":[{\"content\":[{\"text\":\"b\",\"type\":\"text\"}],"
         "\"type\":\"paragraph\"}],"
         "\"type\":\"list_item\"}],\"type\":\"bullet_list\"}],\"type\":\"doc\"}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct node *doc;
        struct err err = {0};
        assert_ok(document_from_markdown(str_c(cases[i].in), 1, a, &doc, &err), &err);
        str have = json_of(a, doc);
        if (!str_eq(have, str_c(cases[i].want)))
            test_fail("%s:\nwant %s\nhave %.*s", cases[i].name, cases[i].want, FMT(have));
    }
}

static void refused(void **state)
{
    struct arena *a = *state;
    static const struct {
        const char *in, *want;
    } cases[] = {
        {"a\n\nb <b>c</b>", "line 12: HTML can't stand"},
        {"a\n\n<div>\nx\n</div>", "line 12: HTML can't stand"},
        {"a\n\n---\n\nb", "a rule (---) has no place"},
        {"a ![b](c.jpg) d", "a picture stands in a paragraph of its own"},
        {"[a](javascript:alert(1))", "a link goes to http, https"},
        {"[a](https://x.org \"title\")", "a link has no title"},
        {"a\x01"
         "b",
         "control character"},
        {"- - a", "a list item begins with a paragraph"},
        {"> a\n> — a, b, c, d, e", "an attribution is speaker"},
        {"> a\n> — a, b, c, d", "an attribution's last part is a date"},
        {"> > a", "this has no place here"},
        {"&#1;", "control character"},
        {"- a [![b](c)", "a picture stands in a paragraph of its own"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct node *doc;
        struct err err = {0};
        assert_int_equal(document_from_markdown(str_c(cases[i].in), 10, a, &doc, &err), ST_INVALID);
        if (str_find(str_c(err.text), str_c(cases[i].want)) < 0)
            test_fail("%s:\nwant %s\nhave %s", cases[i].in, cases[i].want, err.text);
    }
}

/* ---- random documents ---- */

static unsigned seed;
static unsigned rnd(unsigned n)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 12) % n;
}

static const char *const bits[] = {
    "word",
    "a",
    "1.",
    "2)",
    "-",
    "+",
    "*",
    "**",
    "_",
    "__",
    "`",
    "``",
    "#",
    "##",
    ">",
    "<",
    "<b>",
    "&amp;",
    "&",
    "\\",
    "|",
    "~~~",
    "!",
    "!(",
    "(",
    ")",
    "\"",
    "'",
    "«",
    "»",
    "—",
    "é",
    "стена",
    "حائط",
    "漢字",
    "🙂",
    "e\xCC\x81",
    "=",
    "==",
    "http://x.org",
    "story:x",
    "\xC2\xA0",
    ".",
    ",",
    ":",
    "[",
    "]",
    "1911",
    "x_y",
    "2*3*4",
    "https://a.b/c_d_e",
};

static str words(struct arena *a, bool brackets)
{
    struct out o = out_make(a, 64, 4096);
    unsigned n = 1 + rnd(4);
    for (unsigned i = 0; i < n; i++) {
        const char *b = bits[rnd((unsigned)COUNT(bits))];
        if (!brackets && (b[0] == '[' || b[0] == ']'))
            b = "x";
        if (i && rnd(2))
            out_byte(&o, ' ');
        out_c(&o, b);
    }
    return out_view(&o);
}

static struct node *make(struct arena *a, enum node_kind kind)
{
    struct node *n = arena_new(a, struct node, 1);
    n->kind = kind;
    return n;
}

static struct node *inline_content(struct arena *a, bool breaks, bool links)
{
    struct node *first = NULL, **end = &first;
    unsigned n = 1 + rnd(5);
    for (unsigned i = 0; i < n; i++) {
        struct node *t = make(a, NODE_TEXT);
        t->t.marks = rnd(2) ? 0 : rnd(16) & (links ? 15u : 14u);
        t->t.text = words(a, true);
        if (rnd(4) == 0) /* between two texts of one mark a blank may stand at the edge of another */
            t->t.text = arena_fmt(a, rnd(2) ? "%.*s " : " %.*s", FMT(t->t.text));
        if (t->t.marks & MARK_LINK)
            t->t.href = rnd(2) ? STR("https://example.org/a_b(c)|d") : STR("story:some-key");
        if (rnd(8) == 0) {
            t->t.marks |= MARK_INSERTION;
            t->t.marks &= ~(unsigned)MARK_CODE;
            t->t.text = arena_fmt(a, "[%.*s]", FMT(words(a, false)));
        }
        *end = t;
        end = &t->next;
        if (breaks && rnd(10) == 0 && i + 1 < n) {
            struct node *b = make(a, NODE_BREAK);
            *end = b;
            end = &b->next;
        }
    }
    return first;
}

static struct node *paragraph(struct arena *a)
{
    struct node *p = make(a, NODE_PARAGRAPH);
    p->first = inline_content(a, true, true);
    return p;
}

static struct node *list_of(struct arena *a, int depth)
{
    struct node *l = make(a, rnd(2) ? NODE_BULLETS : NODE_NUMBERS), **end = &l->first;
    if (l->kind == NODE_NUMBERS)
        l->numbers.start = (int)rnd(12);
    for (unsigned i = 0, n = 1 + rnd(3); i < n; i++) {
        struct node *item = make(a, NODE_ITEM);
        item->first = paragraph(a);
        if (depth < 3 && rnd(3) == 0)
            item->first->next = list_of(a, depth + 1);
        else if (rnd(4) == 0)
            item->first->next = paragraph(a);
        *end = item;
        end = &item->next;
    }
    return l;
}

static struct node *table_of(struct arena *a)
{
    static const char *const aligns[] = {"", "left", "center", "right"};
    struct node *t = make(a, NODE_TABLE), **end = &t->first;
    unsigned columns = 1 + rnd(3), align = rnd(4);
    for (unsigned i = 0, n = 1 + rnd(3); i < n; i++) {
        struct node *r = make(a, NODE_ROW), **cell = &r->first;
        for (unsigned k = 0; k < columns; k++) {
            *cell = make(a, NODE_CELL);
            (*cell)->cell.align = str_c(aligns[(align + k) % 4]);
            (*cell)->first = inline_content(a, false, true);
            cell = &(*cell)->next;
        }
        *end = r;
        end = &r->next;
    }
    return t;
}

static struct node *block(struct arena *a)
{
    struct node *n;
    switch (rnd(9)) {
    case 0:
        n = make(a, NODE_CROSSHEAD);
        n->crosshead.level = 2 + (int)rnd(2);
        n->first = inline_content(a, false, true);
        return n;
    case 1:
        n = make(a, NODE_QUOTE);
        n->first = paragraph(a);
        if (rnd(2))
            n->first->next = paragraph(a);
        if (rnd(2))
            n->quote.speaker = str_trim(words(a, true));
        if (rnd(2))
            n->quote.role = str_trim(words(a, true));
        if (rnd(3) == 0)
            n->quote.venue = str_trim(words(a, true));
        if (rnd(3) == 0)
            n->quote.date = STR("2026-11");
        return n;
    case 2:
        return list_of(a, 0);
    case 3:
        return table_of(a);
    case 4:
        n = make(a, NODE_CODE);
        n->code.language = rnd(2) ? STR("c++") : STR_NONE;
        n->first = make(a, NODE_TEXT);
        n->first->t.text = rnd(2) ? STR("a\n    b ``` c\n\n  d") : STR("````\n");
        return n;
    case 5:
        n = make(a, NODE_RELATED);
        n->related.key = STR("harbour.wall_2026");
        n->related.text = str_trim(words(a, true));
        return n;
    default:
        return paragraph(a);
    }
}

static void random_documents_come_back(void **state)
{
    struct arena *a = *state;
    size_t tried = 0, checked = 0;
    for (seed = 1; tried < 40000; tried++) {
        arena_reset(a);
        unsigned from = seed;
        struct node *doc = make(a, NODE_DOC), **end = &doc->first, *again;
        for (unsigned i = 0, n = 1 + rnd(3); i < n; i++) {
            *end = block(a);
            end = &(*end)->next;
        }
        struct err err = {0};
        if (document_check(doc, &err))
            continue; /* it has no form: then there is none to be kept */
        checked++;
        str want = json_of(a, doc), markdown = markdown_of(a, doc);
        enum status st = document_from_markdown(markdown, 1, a, &again, &err);
        str have = st ? STR_NONE : json_of(a, again);
        if (st || !str_eq(have, want))
            test_fail("seed %u: %s\nHAVE %.*s\nmarkdown:\n%.*s\nwant %.*s\nhave %.*s", from,
                      err.text, FMT(have), FMT(markdown), FMT(want), FMT(have));
        assert_int_equal(document_read(want, a, &again, &err), ST_OK);
        assert_true(str_eq(json_of(a, again), want));
    }
    assert_true(checked > 5000);
}

static void json_is_checked(void **state)
{
    struct arena *a = *state;
    static const char *const cases[] = {
        "{\"type\":\"doc\",\"content\":[{\"type\":\"script\"}]}",
        "{\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\",\"attrs\":{\"style\":\"x\"},"
        "\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}]}",
        "{\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\","
        "\"text\":\"a\",\"marks\":[{\"type\":\"blink\"}]}]}]}",
        "{\"type\":\"doc\",\"content\":[{\"type\":\"list_item\"}]}",
        "{\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\",\"content\":[{\"type\":"
        "\"paragraph\"}]}]}",
        "[1]",
        "{}",
        "nonsense",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct node *doc;
        struct err err = {0};
        if (document_read(str_c(cases[i]), a, &doc, &err) != ST_INVALID)
            test_fail("taken: %s", cases[i]);
        assert_true(strlen(err.text) > 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(becomes),
        with_arena(refused),
        with_arena(random_documents_come_back),
        with_arena(json_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
