#include "text/terms.h"

#include <libstemmer.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utext.h>

#include "base/clean.h"

/* NFKC_Casefold makes at most 18 units of one */
enum {
    WORD_UNITS = 64,
    FOLD_UNITS = WORD_UNITS * 18,
    WORD_BYTES = FOLD_UNITS * 3,
    TERM_BYTES = 128
};

/* letters: with marks, and yet letters of their own. elides: articles and the like stand before an
 * apostrophe. Turkic: I and i are two letters. */
static const struct language {
    const char *name, *stemmer, *letters;
    bool elides, turkic;
} languages[] = {
    {.name = "ar", .stemmer = "arabic"},
    {.name = "az", .letters = "çğıöşü", .turkic = true},
    {.name = "bg", .letters = "й"},
    {.name = "be", .letters = "йў"},
    {.name = "ca", .stemmer = "catalan", .elides = true},
    {.name = "da", .stemmer = "danish", .letters = "æøå"},
    {.name = "de", .stemmer = "german"},
    {.name = "el", .stemmer = "greek"},
    {.name = "en", .stemmer = "english"},
    {.name = "es", .stemmer = "spanish", .letters = "ñ"},
    {.name = "et", .letters = "äöõü"},
    {.name = "eu", .stemmer = "basque", .letters = "ñ"},
    {.name = "fi", .stemmer = "finnish", .letters = "äöå"},
    {.name = "fr", .stemmer = "french", .elides = true},
    {.name = "ga", .stemmer = "irish"},
    {.name = "hi", .stemmer = "hindi"},
    {.name = "hu", .stemmer = "hungarian", .letters = "öőüű"},
    {.name = "hy", .stemmer = "armenian"},
    {.name = "id", .stemmer = "indonesian"},
    {.name = "is", .letters = "æöðþ"},
    {.name = "it", .stemmer = "italian", .elides = true},
    {.name = "lt", .stemmer = "lithuanian"},
    {.name = "nb", .stemmer = "norwegian", .letters = "æøå"},
    {.name = "ne", .stemmer = "nepali"},
    {.name = "nl", .stemmer = "dutch"},
    {.name = "nn", .stemmer = "norwegian", .letters = "æøå"},
    {.name = "no", .stemmer = "norwegian", .letters = "æøå"},
    {.name = "pt", .stemmer = "portuguese"},
    {.name = "ro", .stemmer = "romanian"},
    {.name = "ru", .stemmer = "russian", .letters = "й"},
    {.name = "sr", .stemmer = "serbian"},
    {.name = "sv", .stemmer = "swedish", .letters = "åäö"},
    {.name = "ta", .stemmer = "tamil"},
    {.name = "tr", .stemmer = "turkish", .letters = "çğıöşü", .turkic = true},
    {.name = "uk", .letters = "йї"},
    {.name = "yi", .stemmer = "yiddish"},
};
static const struct language no_language = {.name = ""};

/* What has no decomposition, and yet is looked for as something simpler. */
static const struct {
    u32 from;
    const char *to;
} simpler[] = {
    {0x00E6, "ae"}, {0x00F0, "d"}, {0x00F8, "o"},  {0x00FE, "th"}, {0x0111, "d"}, {0x0127, "h"},
    {0x0131, "i"},  {0x0142, "l"}, {0x0153, "oe"}, {0x0167, "t"},  {0x0629, "ه"}, {0x0640, ""},
    {0x0649, "ي"},  {0x0671, "ا"}, {0x06A9, "ك"},  {0x06CC, "ي"},  {0x06C1, "ه"}, {0x06D5, "ه"},
};

struct splitter {
    struct arena *a;
    str text;
    const struct language *language;
    struct sb_stemmer *stemmer; /* NULL: none */
    const UNormalizer2 *fold, *parts;
    struct out *o; /* where the terms go, parted by blanks; NULL: to the list */
    struct term *list;
    size_t n, cap;
    enum status st;
};

/* ---- one form for one word ---- */

/* Case and width, by ICU; 0 when it fails. */
static size_t folded(struct splitter *g, str word, char *buf)
{
    UChar units[WORD_UNITS * 2], made[FOLD_UNITS];
    UErrorCode e = U_ZERO_ERROR;
    int32_t n = 0, bytes = 0;
    u_strFromUTF8(units, WORD_UNITS, &n, word.p, (int32_t)word.n, &e);
    if (g->language->turkic) { /* before a fold that makes i of both */
        UChar lower[WORD_UNITS * 2];
        n = u_strToLower(lower, WORD_UNITS * 2, units, n, "tr", &e);
        if (U_SUCCESS(e))
            memcpy(units, lower, (size_t)n * sizeof *lower);
    }
    if (n > WORD_UNITS)
        n = WORD_UNITS;
    n = unorm2_normalize(g->fold, units, n, made, FOLD_UNITS, &e);
    u_strToUTF8(buf, WORD_BYTES, &bytes, made, n, &e);
    return U_FAILURE(e) ? 0 : (size_t)bytes;
}

/* As folded; one byte is one letter in most of what is read. */
static size_t lowered(struct splitter *g, str word, char *buf)
{
    for (size_t i = 0; i < word.n; i++) {
        u8 c = (u8)word.p[i];
        if (c >= 0x80 || (c == 'I' && g->language->turkic))
            return folded(g, word, buf);
        buf[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    return word.n;
}

static bool own_letter(const struct language *l, str letter)
{
    return l->letters && str_find(str_c(l->letters), letter) >= 0;
}

static bool droppable(u32 cp)
{
    return (cp >= 0x300 && cp < 0x370) || (cp >= 0x591 && cp <= 0x5C7) ||
           (cp >= 0x64B && cp <= 0x65F) || cp == 0x670 || (cp >= 0x6D6 && cp <= 0x6ED);
}

static bool marks_are_left_out(u32 cp)
{
    UErrorCode e = U_ZERO_ERROR;
    UScriptCode s = uscript_getScript((UChar32)cp, &e);
    return s == USCRIPT_LATIN || s == USCRIPT_GREEK || s == USCRIPT_CYRILLIC ||
           s == USCRIPT_ARABIC || s == USCRIPT_HEBREW;
}

/* A term on its way; what has no room is past TERM_BYTES anyway. */
struct letters {
    char p[WORD_BYTES];
    size_t n;
};

static void add(struct letters *o, str s)
{
    if (s.n <= sizeof o->p - o->n) {
        memcpy(o->p + o->n, s.p, s.n);
        o->n += s.n;
    }
}

/* What may stand inside of a word (UAX 29); folding makes others too: U+FDFA has blanks. */
static bool inside_word(u32 c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c && c < 0x80 && strchr("'.,:;_", (int)c));
}

static void put(struct letters *o, u32 cp)
{
    char buf[4];
    if (cp < 0x80) {
        buf[0] = (char)cp;
        add(o, (str){buf, inside_word(cp)});
        return;
    }
    for (size_t i = 0; i < COUNT(simpler); i++)
        if (simpler[i].from == cp) {
            add(o, str_c(simpler[i].to));
            return;
        }
    i64 kind = u_charType((UChar32)cp);
    if (kind == U_DECIMAL_DIGIT_NUMBER)
        cp = '0' + (u32)u_charDigitValue((UChar32)cp);
    if (!droppable(cp) && !u_isUWhiteSpace((UChar32)cp) && kind != U_FORMAT_CHAR &&
        kind != U_CONTROL_CHAR)
        add(o, (str){buf, utf8_put(cp, buf)});
}

static void put_without_marks(struct splitter *g, struct letters *o, u32 cp)
{
    UChar parts[16];
    char buf[COUNT(parts) * 3];
    UErrorCode e = U_ZERO_ERROR;
    int32_t bytes = 0;
    int32_t n = marks_are_left_out(cp)
                    ? unorm2_getDecomposition(g->parts, (UChar32)cp, parts, COUNT(parts), &e)
                    : -1;
    if (n > 0)
        u_strToUTF8(buf, sizeof buf, &bytes, parts, n, &e);
    if (n <= 0 || U_FAILURE(e)) {
        put(o, cp);
        return;
    }
    for (size_t i = 0; i < (size_t)bytes;)
        put(o, utf8_next((str){buf, (size_t)bytes}, &i));
}

static str stemmed(struct splitter *g, str s)
{
    if (!g->stemmer)
        return s;
    const sb_symbol *p = sb_stemmer_stem(g->stemmer, (const sb_symbol *)s.p, (int)s.n);
    if (!p) {
        g->st = ST_NOMEM;
        return s;
    }
    str stem = {(const char *)p, (size_t)sb_stemmer_length(g->stemmer)};
    return stem.n ? stem : s;
}

/* Of a text of at most TERM_BYTES whole code points. */
static str cut(str s)
{
    size_t n = s.n < TERM_BYTES ? s.n : TERM_BYTES;
    while (n && n < s.n && ((u8)s.p[n] & 0xC0) == 0x80)
        n--;
    return str_head(s, n);
}

static bool plain(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!inside_word((u8)s.p[i]))
            return false;
    return true;
}

/* s: folded, on its way to being one term. */
static void add_term(struct splitter *g, str s, size_t at, size_t n)
{
    struct letters o;
    o.n = 0;
    s = stemmed(g, s);
    if (plain(s)) {
        add(&o, s);
        s = STR_NONE;
    }
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        u32 cp = utf8_next(s, &i);
        str letter = {s.p + from, i - from};
        if (cp >= 0x80 && own_letter(g->language, letter))
            add(&o, letter);
        else
            put_without_marks(g, &o, cp);
    }
    str term = cut((str){o.p, o.n});
    if (g->o && term.n) {
        if (g->n++)
            out_byte(g->o, ' ');
        out_str(g->o, term);
    }
    if (g->o)
        return;
    term = arena_str(g->a, term);
    if (g->a->oom || !arena_grow(g->a, g->list, g->n, &g->cap))
        g->st = ST_NOMEM;
    else if (term.n)
        g->list[g->n++] = (struct term){term, at, n};
}

/* Every apostrophe is the one that stemmers know; returns the new length. */
static size_t straighten(char *p, size_t n)
{
    size_t w = 0;
    for (size_t i = 0; i < n;) {
        bool curly = n - i >= 3 && memcmp(p + i, "\xE2\x80\x99", 3) == 0;
        p[w++] = curly ? '\'' : p[i];
        i += curly ? 3 : 1;
    }
    return w;
}

static void add_word(struct splitter *g, size_t at, size_t n)
{
    char buf[WORD_BYTES];
    str word = {g->text.p + at, n}, head;
    size_t units = 0;
    for (size_t i = 0, from = 0; n > WORD_UNITS && i < word.n; from = i) {
        units += utf8_next(word, &i) > 0xFFFF ? 2 : 1;
        if (units > WORD_UNITS)
            word.n = from;
    }
    str rest = {buf, straighten(buf, lowered(g, word, buf))};
    while (g->language->elides && str_find_byte(rest, '\'') > 0) {
        rest = str_cut(rest, '\'', &head);
        add_term(g, head, at, n);
    }
    if (rest.n && !g->st)
        add_term(g, rest, at, n);
}

/* ---- all of a text ---- */

static const struct language *language_of(str locale)
{
    size_t n = 0;
    while (n < locale.n && locale.p[n] != '-' && locale.p[n] != '_')
        n++;
    for (size_t i = 0; i < COUNT(languages); i++)
        if (str_eq(str_head(locale, n), str_c(languages[i].name)))
            return &languages[i];
    return &no_language;
}

static void brk_close(UBreakIterator **b)
{
    ubrk_close(*b);
}

static void text_close(UText **t)
{
    utext_close(*t);
}

static void stemmer_delete(struct sb_stemmer **s)
{
    if (*s)
        sb_stemmer_delete(*s);
}

static enum status of_icu(UErrorCode e)
{
    return U_SUCCESS(e) ? ST_OK : e == U_MEMORY_ALLOCATION_ERROR ? ST_NOMEM : ST_BUG;
}

static enum status each_word(struct splitter *g)
{
    UErrorCode e = U_ZERO_ERROR;
    CLEANUP(text_close)
    UText *t = utext_openUTF8(NULL, g->text.n ? g->text.p : "", (int64_t)g->text.n, &e);
    CLEANUP(brk_close) UBreakIterator *b = ubrk_open(UBRK_WORD, "", NULL, 0, &e);
    g->fold = unorm2_getNFKCCasefoldInstance(&e);
    g->parts = unorm2_getNFDInstance(&e);
    if (U_SUCCESS(e))
        ubrk_setUText(b, t, &e);
    if (U_FAILURE(e))
        return of_icu(e);
    int32_t from = 0, to;
    for (; !g->st && (to = ubrk_next(b)) != UBRK_DONE; from = to)
        if (ubrk_getRuleStatus(b) >= UBRK_WORD_NONE_LIMIT)
            add_word(g, (size_t)from, (size_t)(to - from));
    return g->st;
}

static enum status split(struct splitter *g)
{
    size_t bad;
    if (!utf8_valid(g->text, &bad))
        return ST_INVALID;
    if (g->text.n > INT32_MAX)
        return ST_TOOLARGE;
    CLEANUP(stemmer_delete) struct sb_stemmer *stemmer = NULL;
    if (g->language->stemmer && !(stemmer = sb_stemmer_new(g->language->stemmer, "UTF_8")))
        return ST_NOMEM;
    g->stemmer = stemmer;
    return each_word(g);
}

enum status terms_split(str text, str locale, struct arena *a, struct term **ret, size_t *n)
{
    struct splitter g = {.a = a, .text = text, .language = language_of(locale)};
    enum status st = split(&g);
    if (st)
        return st;
    *ret = g.list;
    *n = g.n;
    return ST_OK;
}

enum status terms_join(str text, str locale, struct out *o)
{
    struct splitter g = {.text = text, .language = language_of(locale), .o = o};
    enum status st = split(&g);
    return st ? st : out_status(o);
}
