/* Two people's changes joined where it is hard: documents of few words, in which much is like much,
 * and texts of all scripts. */
#include "merge_help.h"

#include "base/clean.h"

/* ---- documents of few words, where much is like much ---- */

static str few_words(struct arena *a, unsigned most)
{
    static const char *const some[] = {"wall", "boat",  "the", "the", "3",
                                       "a.",   "«так»", "海",  "[x"};
    struct out o = out_make(a, 512, 4096);
    for (unsigned i = 0, n = 1 + rnd(most); i < n; i++)
        out_fmt(&o, "%s%s", i ? " " : "", some[rnd((unsigned)COUNT(some))]);
    return out_view(&o);
}

static struct node *make(struct arena *a, enum node_kind kind)
{
    struct node *n = arena_new(a, struct node, 1);
    n->kind = kind;
    return n;
}

static struct node *few_texts(struct arena *a, struct node *n)
{
    struct node **end = &n->first;
    for (unsigned i = 0, many = 1 + rnd(4); i < many; i++) {
        struct node *t = make(a, NODE_TEXT);
        t->t.marks = rnd(2) ? 0 : rnd(16);
        t->t.text = few_words(a, 5);
        if (rnd(3) == 0)
            t->t.text = arena_fmt(a, rnd(2) ? "%.*s " : " %.*s", FMT(t->t.text));
        if (t->t.marks & MARK_LINK)
            t->t.href = rnd(2) ? STR("https://a.example/b") : STR("story:x");
        if (rnd(6) == 0)
            *t = (struct node){.kind = NODE_TEXT,
                               .t = {.text = STR("[an answer]"), .marks = MARK_INSERTION}};
        else if (rnd(8) == 0)
            *t = (struct node){.kind = NODE_BREAK};
        *end = t;
        end = &t->next;
    }
    return n;
}

static struct node *few_blocks(struct arena *a, struct node *in, int deep);

static struct node *few_block(struct arena *a, enum node_kind in, int deep)
{
    static const enum node_kind top[] = {NODE_PARAGRAPH, NODE_PARAGRAPH, NODE_PARAGRAPH,
                                         NODE_CROSSHEAD, NODE_QUOTE,     NODE_BULLETS,
                                         NODE_NUMBERS,   NODE_TABLE,     NODE_CODE,
                                         NODE_PICTURE,   NODE_RELATED,   NODE_LINKCARD};
    enum node_kind kind = in == NODE_DOC     ? top[rnd((unsigned)COUNT(top))]
                          : in == NODE_TABLE ? NODE_ROW
                          : in == NODE_ROW   ? NODE_CELL
                          : in == NODE_ITEM  ? (rnd(3) || deep > 4 ? NODE_PARAGRAPH : NODE_BULLETS)
                          : in == NODE_QUOTE ? NODE_PARAGRAPH
                                             : NODE_ITEM;
    struct node *n = make(a, kind);
    if (kind == NODE_CROSSHEAD)
        n->crosshead.level = 2 + (int)rnd(2);
    else if (kind == NODE_QUOTE && rnd(2))
        n->quote.speaker = str_trim(few_words(a, 2));
    else if (kind == NODE_NUMBERS)
        n->numbers.start = (int)rnd(3);
    else if (kind == NODE_PICTURE)
        n->picture.ref = few_words(a, 1);
    else if (kind == NODE_RELATED)
        n->related.key = STR("x"), n->related.text = few_words(a, 2);
    else if (kind == NODE_LINKCARD)
        n->linkcard.href = rnd(2) ? STR("https://a.example/b") : STR("https://a.example/c");
    char holds = node_holds(kind);
    if (kind == NODE_CODE) {
        n->first = make(a, NODE_TEXT);
        n->first->t.text = arena_fmt(a, "%.*s\n  %.*s", FMT(few_words(a, 3)), FMT(few_words(a, 3)));
    }
    return holds == 'i'                   ? few_texts(a, n)
           : holds == '-' || holds == 't' ? n
                                          : few_blocks(a, n, deep);
}

static struct node *few_blocks(struct arena *a, struct node *in, int deep)
{
    struct node **end = &in->first;
    unsigned n = in->kind == NODE_ROW ? 2 : 1 + rnd(in->kind == NODE_DOC ? 8 : 3);
    for (unsigned i = 0; i < n; i++) {
        struct node *k;
        do {
            struct node doc = {.kind = NODE_DOC};
            k = few_block(a, in->kind, deep + 1);
            doc.first = k;
            if (in->kind != NODE_DOC || document_check(&doc, NULL) == ST_OK)
                break;
        } while (true);
        *end = k;
        end = &k->next;
    }
    return in;
}

/* n with, here and there below it, a child gone, twice, elsewhere, or another. */
static void shake(struct arena *a, struct node *n, int deep)
{
    for (struct node **at = &n->first; *at; at = &(*at)->next) {
        struct node *k = *at;
        unsigned what = rnd(24);
        if (node_holds(k->kind) != '-' && rnd(2))
            shake(a, k, deep + 1);
        if (what == 0 && k->next) {
            *at = k->next;
        } else if (what == 1) {
            struct node *again = copy(a, k);
            again->next = k->next;
            k->next = again;
        } else if (what == 2 && k->next) {
            struct node *other = k->next;
            k->next = other->next;
            other->next = k;
            *at = other;
        } else if (what < 5 && k->kind != NODE_TEXT && k->kind != NODE_BREAK) {
            struct node *new = few_block(a, n->kind, deep + 1);
            new->next = what == 3 ? k : k->next;
            *at = new;
        } else if (k->kind == NODE_TEXT && what < 9) {
            k->t.text = what == 5   ? few_words(a, 3)
                        : what == 6 ? arena_fmt(a, "%.*s%.*s", FMT(few_words(a, 1)), FMT(k->t.text))
                                    : k->t.text;
            k->t.marks ^= what == 7 ? MARK_STRONG : what == 8 ? MARK_EMPHASIS : 0;
        }
    }
}

static struct node *shaken(struct arena *a, const struct node *doc)
{
    for (int i = 0; i < 40; i++) {
        struct node *c = copy(a, doc);
        shake(a, c, 0);
        if (document_check(c, NULL) == ST_OK)
            return c;
    }
    return copy(a, doc);
}

static void documents_of_few_words_keep_their_form(void **state)
{
    struct arena *a = *state;
    size_t changed = 0, n = pairs(2500);
    seed = 11;
    for (size_t i = 0; i < n; i++) {
        arena_reset(a);
        struct pair p = {.a = a, .from = seed};
        struct node *doc;
        p.base = few_blocks(a, make(a, NODE_DOC), 0);
        p.mine = shaken(a, p.base);
        p.theirs = shaken(a, p.base);
        struct merge *m = merged(&p, p.base, p.mine, p.theirs, &doc);
        any_pick_will_do(&p, m);
        alone_is_exact(&p);
        if (i % 2)
            swapping_swaps(&p, m);
        changed += !str_eq(json_of(a, p.base), json_of(a, p.mine));
    }
    assert_true(changed > n / 2);
}

/* ---- comparing texts ---- */

static const char *const bits[] = {
    "a",
    "wall",
    " ",
    " ",
    " ",
    "  ",
    "\n",
    ".",
    ",",
    "—",
    "don't",
    "3.5",
    "стена",
    "مرحبا",
    "السلام",
    "é",
    "e\xcc\x81",
    "\xcc\x81",
    "👩‍👩‍👧",
    "🇩🇪",
    "新聞社",
    "の",
    "ข่าววันนี้",
    "한국어",
    "\xe2\x80\x8d",
    "[",
    "]",
    "_",
    "x1",
    "\xc2\xa0",
};

static str some_text(struct arena *a, unsigned n)
{
    struct out o = out_make(a, 512, 1 << 20);
    for (unsigned i = 0; i < n; i++)
        out_c(&o, bits[rnd((unsigned)COUNT(bits))]);
    return out_view(&o);
}

/* As s, some of its pieces changed. */
static str changed_text(struct arena *a, str s)
{
    struct out o = out_make(a, 512, 1 << 20);
    size_t bad;
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        utf8_next(s, &i);
        if (rnd(12) == 0)
            out_c(&o, bits[rnd((unsigned)COUNT(bits))]);
        if (rnd(12) != 0)
            out_str(&o, (str){s.p + from, i - from});
    }
    assert_true(utf8_valid(out_view(&o), &bad));
    return out_view(&o);
}

static str pieces_of(struct arena *a, const struct diff_piece *p, size_t n, enum diff_kind without)
{
    struct out o = out_make(a, 512, 1 << 20);
    for (size_t i = 0; i < n; i++) {
        assert_true(p[i].text.n > 0);
        assert_true(i == 0 || p[i].kind != p[i - 1].kind);
        if (p[i].kind != without)
            out_str(&o, p[i].text);
    }
    return out_view(&o);
}

static void the_pieces_of_a_difference_are_both_texts(void **state)
{
    struct arena *a = *state;
    seed = 3;
    for (size_t i = 0, times_ = pairs(4000); i < times_; i++) {
        arena_reset(a);
        str x = some_text(a, rnd(60)), y = rnd(8) ? changed_text(a, x) : some_text(a, rnd(60));
        struct diff_piece *p;
        size_t n;
        assert_int_equal(diff_words(x, y, a, &p, &n), ST_OK);
        str old = pieces_of(a, p, n, DIFF_NEW), now = pieces_of(a, p, n, DIFF_GONE);
        if (!str_eq(old, x) || !str_eq(now, y))
            test_fail("\"%.*s\"\n\"%.*s\"\nbecame\n\"%.*s\"\n\"%.*s\"", FMT(x), FMT(y), FMT(old),
                      FMT(now));
    }
}

static void texts_of_any_script_merge(void **state)
{
    struct arena *a = *state;
    seed = 5;
    for (size_t i = 0, times_ = pairs(4000); i < times_; i++) {
        arena_reset(a);
        str base = some_text(a, rnd(40)), mine = changed_text(a, base);
        str theirs = changed_text(a, base), have;
        struct merge *m;
        const struct merge_choice *c;
        size_t bad;
        assert_int_equal(merge_texts(base, mine, theirs, a, &m), ST_OK);
        assert_int_equal(merge_text(m, NULL, 0, a, &have), ST_OK);
        assert_true(utf8_valid(have, &bad));
        enum merge_pick picks[100];
        for (size_t k = 0; k < COUNT(picks); k++)
            picks[k] = PICK_MINE;
        assert_int_equal(merge_text(m, picks, COUNT(picks), a, &have), ST_OK);
        assert_int_equal(merge_texts(base, mine, base, a, &m), ST_OK);
        assert_int_equal(merge_choices(m, &c), 0);
        assert_int_equal(merge_text(m, NULL, 0, a, &have), ST_OK);
        assert_true(str_eq(have, mine));
        assert_int_equal(merge_texts(base, base, mine, a, &m), ST_OK);
        assert_int_equal(merge_text(m, NULL, 0, a, &have), ST_OK);
        assert_true(str_eq(have, mine));
    }
}

/* The longest body, of words of one letter, with a change at every hundredth. */
static const char *short_words(struct arena *a, char change)
{
    enum { WORDS = (250 << 10) / 2 };
    struct out o = out_make(a, 2 * WORDS + 8, 2 * WORDS + 8);
    for (size_t i = 0; i < WORDS; i++) {
        out_byte(&o, rnd(100) ? (char)('a' + rnd(3)) : change);
        out_byte(&o, i % 200 == 199 ? '\n' : ' ');
    }
    return arena_cstr(a, out_view(&o));
}

static void the_longest_texts_merge_in_what_a_request_has(void **state)
{
    CLEANUP(arena_free) struct arena a;
    struct merge *m;
    struct node *sides[3], *doc;
    const char marks[] = "xyz";
    (void)state;
    assert_int_equal(arena_init(&a, 512 << 20), ST_OK);
    for (size_t i = 0; i < COUNT(sides); i++) {
        seed = 7; /* the same words but for the marks */
        sides[i] = read_markdown(&a, short_words(&a, marks[i]));
    }
    size_t before = (size_t)(a.beg - a.start);
    assert_int_equal(merge_documents(sides[0], sides[1], sides[2], &a, &m), ST_OK);
    assert_int_equal(merge_document(m, NULL, 0, &a, &doc), ST_OK);
    assert_in_range((size_t)(a.beg - a.start) - before, 64 << 20, MERGE_BYTES);
}

int main(void)
{
    if (hash_start())
        return 1;
    const struct CMUnitTest tests[] = {
        with_arena(documents_of_few_words_keep_their_form),
        with_arena(the_pieces_of_a_difference_are_both_texts),
        with_arena(texts_of_any_script_merge),
        cmocka_unit_test(the_longest_texts_merge_in_what_a_request_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
