/* The typo rule (text/story.h): what a correction that nobody is told of may not touch.
 *
 * All that can be a fact is written out of both texts and compared: numbers, what stands in
 * quotation marks, the names that the story records and where the text mentions them. Each is one
 * pass over the text. */
#include "text/story.h"

#include <stdlib.h>
#include <unicode/uchar.h>

/* All digits of a story with 5,000 parts, or all that it quotes, is less than this. */
enum { FACTS_MAX = 2 << 20 };

/* ---- everything that is said ---- */

static void line(struct out *o, str s)
{
    out_str(o, s);
    out_byte(o, '\n');
}

static bool quote_texts(void *arg, const struct node *n)
{
    if (n->kind == NODE_QUOTE) {
        line(arg, n->quote.role);
        line(arg, n->quote.venue);
    }
    return true;
}

static const struct picture_use *picture_at(const struct story_content *s, size_t i)
{
    return i < s->npictures ? &s->pictures[i] : s->picture; /* the lead is the last */
}

static str texts_of(const struct story_content *s, struct arena *a)
{
    const str texts[] = {s->headline,   s->front,    s->social,  s->push,
                         s->standfirst, s->dateline, s->licence, s->source};
    struct out o = out_make(a, 4096, FACTS_MAX);
    for (size_t i = 0; i < COUNT(texts); i++)
        line(&o, texts[i]);
    for (size_t i = 0; i < s->ntopics; i++)
        line(&o, s->topics[i]);
    for (size_t i = 0; i <= s->npictures; i++) {
        const struct picture_use *p = picture_at(s, i);
        line(&o, p ? p->caption : STR_NONE);
        line(&o, p ? p->alt : STR_NONE);
        line(&o, p ? p->licence : STR_NONE);
    }
    if (s->body) {
        document_walk(s->body, quote_texts, &o);
        document_plain(s->body, &o);
    }
    return out_view(&o);
}

/* ---- numbers ---- */

static bool number_sign(u32 cp)
{
    int8_t type = u_charType((UChar32)cp);
    return type == U_DECIMAL_DIGIT_NUMBER || type == U_LETTER_NUMBER || type == U_OTHER_NUMBER;
}

/* Every digit of any script, in its order: if two texts have the same, no number changed. */
static str digits(str s, struct arena *a)
{
    struct out o = out_make(a, 64, FACTS_MAX);
    bool was = false;
    for (size_t i = 0; i < s.n;) {
        u32 cp = utf8_next(s, &i);
        bool digit = number_sign(cp);
        if (digit)
            out_cp(&o, cp);
        else if (was)
            out_byte(&o, ' ');
        was = digit;
    }
    return out_view(&o);
}

/* ---- quotation marks ---- */

enum {
    TWO_LEFT = 1,   /* “ */
    TWO_RIGHT = 2,  /* ” */
    ONE_LEFT = 4,   /* ‘ */
    ONE_RIGHT = 8,  /* ’ that isn't an apostrophe */
    TWO_OUT = 16,   /* « */
    TWO_IN = 32,    /* » */
    ONE_OUT = 64,   /* ‹ */
    ONE_IN = 128,   /* › */
    STRAIGHT = 256, /* " */
    CORNER = 512,   /* 」 */
    CORNER_TWO = 1024,
    MARKS = 11
};

/* What a sign opens, as the signs that close it, and which of them it is itself. */
static const struct {
    u32 cp;
    unsigned closes_with, is;
} marks[] = {
    {0x201C, TWO_RIGHT, TWO_LEFT},
    {0x201D, TWO_RIGHT, TWO_RIGHT}, /* ”Swedish” */
    {0x201E, TWO_LEFT | TWO_RIGHT, 0},
    {0x2018, ONE_RIGHT, ONE_LEFT},
    {0x2019, 0, ONE_RIGHT},
    {0x201A, ONE_LEFT | ONE_RIGHT, 0},
    {0xAB, TWO_IN, TWO_OUT},
    {0xBB, TWO_OUT | TWO_IN, TWO_IN},
    {0x2039, ONE_IN, ONE_OUT},
    {0x203A, ONE_OUT | ONE_IN, ONE_IN},
    {'"', STRAIGHT, STRAIGHT},
    {0x300C, CORNER, 0},
    {0x300D, 0, CORNER},
    {0x300E, CORNER_TWO, 0},
    {0x300F, 0, CORNER_TWO},
};

static bool wordy(u32 cp)
{
    return u_isalnum((UChar32)cp);
}

/* What the sign at *i may open and what it closes; *i moves past it. before: the code point before
 * it, which is then this one. A ’ within a word is an apostrophe, and so is a ‘. */
static unsigned mark_at(str s, size_t *i, u32 *before, unsigned *closes_with)
{
    u32 was = *before, cp = utf8_next(s, i);
    size_t ahead = *i;
    *before = cp;
    *closes_with = 0;
    for (size_t k = 0; (cp >= 0xAB || cp == '"') && k < COUNT(marks); k++) {
        if (cp != marks[k].cp)
            continue;
        bool followed = ahead < s.n && wordy(utf8_next(s, &ahead));
        *closes_with = cp == 0x2018 && wordy(was) ? 0 : marks[k].closes_with;
        return cp == 0x2019 && followed ? 0 : marks[k].is;
    }
    return 0;
}

/* What stands in quotation marks of any kind. A mark that nothing closes opens nothing: where each
 * kind stands last is looked up first, so that no search is made in vain. */
static str quoted(str s, struct arena *a)
{
    size_t last[MARKS] = {0}, from = 0;
    u32 before = 0;
    unsigned wanted, opens = 0;
    struct out o = out_make(a, 256, FACTS_MAX);
    for (size_t i = 0; i < s.n;) {
        unsigned is = mark_at(s, &i, &before, &wanted);
        if (is)
            last[__builtin_ctz(is)] = i;
    }
    before = 0;
    for (size_t i = 0; i < s.n;) {
        size_t at = i;
        unsigned is = mark_at(s, &i, &before, &wanted);
        if (opens && (is & opens)) {
            line(&o, (str){s.p + from, at - from});
            opens = 0;
        } else if (!opens && wanted) {
            for (int k = 0; k < MARKS; k++)
                if ((wanted >> k & 1) && last[k] > i)
                    opens |= 1u << k;
            from = i;
        }
    }
    return out_view(&o);
}

/* ---- names ---- */

struct names {
    struct out *facts;  /* all that is recorded, in its order */
    struct out *quotes; /* the words of pull quotes */
    struct arena *a;
    str *list;
    size_t n, cap;
};

static void add_name(struct names *names, str name)
{
    line(names->facts, name);
    if (name.n && arena_grow(names->a, names->list, names->n, &names->cap))
        names->list[names->n++] = name;
}

static bool quote_names(void *arg, const struct node *n)
{
    struct names *names = arg;
    if (n->kind == NODE_QUOTE) {
        add_name(names, n->quote.speaker);
        line(names->facts, n->quote.date);
        document_plain(n, names->quotes);
        out_byte(names->quotes, '\n');
    }
    return true;
}

static void names_of(const struct story_content *s, struct names *names)
{
    for (size_t i = 0; i < s->nby; i++)
        add_name(names, s->by[i].name);
    for (size_t i = 0; i <= s->npictures; i++) {
        const struct picture_use *p = picture_at(s, i);
        if (!p)
            continue;
        add_name(names, p->credit.text);
        add_name(names, p->credit.agency);
        add_name(names, p->credit.by.name);
        line(names->facts, p->taken);
        line(names->facts, p->received);
    }
    if (s->body)
        document_walk(s->body, quote_names, names);
}

static int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

/* Names in order, each once, and for each the longest other one that it begins with. */
struct index {
    str *list;
    size_t *shorter; /* 1 + its place, 0 for none */
    size_t n;
};

static bool index_make(struct index *x, struct names *names)
{
    *x = (struct index){.list = names->list, .shorter = arena_new(names->a, size_t, names->n + 1)};
    if (!x->shorter || names->a->oom)
        return false;
    if (names->n)
        qsort(names->list, names->n, sizeof *names->list, by_bytes);
    for (size_t i = 0; i < names->n; i++) {
        if (x->n && str_eq(x->list[x->n - 1], names->list[i]))
            continue;
        size_t up = x->n;
        while (up && !str_starts(names->list[i], x->list[up - 1]))
            up = x->shorter[up - 1];
        x->shorter[x->n] = up;
        x->list[x->n++] = names->list[i];
    }
    return true;
}

/* The longest name with which the text begins, "" for none. */
static str name_here(const struct index *x, str text)
{
    size_t low = 0, high = x->n; /* those before low are not greater than the text */
    while (low < high) {
        size_t middle = (low + high) / 2;
        str head = str_head(text, x->list[middle].n);
        if (str_cmp(x->list[middle], head) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low && !str_starts(text, x->list[low - 1]))
        low = x->shorter[low - 1];
    return low ? x->list[low - 1] : STR_NONE;
}

/* The names that a text mentions, in its order: a spelling changed there shows. They are looked for
 * where a word begins, and anywhere in scripts that run words together. */
static str mentions(const struct index *x, str text, struct arena *a)
{
    struct out o = out_make(a, 256, FACTS_MAX);
    bool within = false;
    for (size_t i = 0; i < text.n;) {
        size_t at = i;
        u32 cp = utf8_next(text, &i);
        bool word = wordy(cp);
        if (!within || u_charType((UChar32)cp) == U_OTHER_LETTER) {
            str name = name_here(x, str_from(text, at));
            if (name.n) {
                line(&o, name);
                i = at + name.n;
                word = true;
            }
        }
        within = word;
    }
    return out_view(&o);
}

/* The first line in which two lists of lines differ. */
static str first_difference(str a, str b)
{
    str la = STR_NONE, lb = STR_NONE;
    while (a.p && str_eq(la, lb)) {
        a = str_cut(a, '\n', &la);
        b = str_cut(b, '\n', &lb);
    }
    return la.n ? la : lb;
}

bool story_typo_touches_fact(const struct story_content *a, const struct story_content *b,
                             struct arena *ar, str *what)
{
    str old = texts_of(a, ar), now = texts_of(b, ar);
    struct out fa = out_make(ar, 512, FACTS_MAX), fb = out_make(ar, 512, FACTS_MAX);
    struct out qa = out_make(ar, 512, FACTS_MAX), qb = out_make(ar, 512, FACTS_MAX);
    struct names na = {.facts = &fa, .quotes = &qa, .a = ar};
    struct names nb = {.facts = &fb, .quotes = &qb, .a = ar};
    struct index x;
    names_of(a, &na);
    names_of(b, &nb);
    if (!index_make(&x, &na)) {
        *what = STR("there is not enough memory to tell");
        return true;
    }
    str ma = mentions(&x, old, ar), mb = mentions(&x, now, ar);
    if (a->kind != b->kind || !str_eq(a->section, b->section) || !str_eq(a->slug, b->slug))
        *what = STR("the section or the slug");
    else if (!str_eq(digits(old, ar), digits(now, ar)))
        *what = STR("a number");
    else if (!str_eq(quoted(old, ar), quoted(now, ar)) || !str_eq(out_view(&qa), out_view(&qb)))
        *what = STR("words in quotation marks");
    else if (!str_eq(out_view(&fa), out_view(&fb)) || a->published != b->published)
        *what = STR("a name, a credit or a date");
    else if (!str_eq(ma, mb))
        *what = first_difference(ma, mb);
    else if (ar->oom)
        *what = STR("there is not enough memory to tell");
    else
        return false;
    return true;
}
