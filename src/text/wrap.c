#include "text/wrap.h"

#include <unicode/ubrk.h>
#include <unicode/uchar.h>

#include "base/clean.h"
#include "text/unicode.h"

static size_t width_of(UChar32 c)
{
    int8_t type = u_charType(c);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR ||
        c == 0xFE0F)
        return 0;
    int32_t ea = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
    bool wide =
        ea == U_EA_WIDE || ea == U_EA_FULLWIDTH || u_hasBinaryProperty(c, UCHAR_EMOJI_PRESENTATION);
    return wide ? 2 : 1;
}

/* What is drawn as one sign counts once: a family joined by U+200D, a hand with its tone, the two
 * letters of a flag. */
size_t text_width(str s)
{
    size_t w = 0;
    bool joined = false, half_flag = false;
    for (size_t i = 0; i < s.n;) {
        UChar32 c = (UChar32)utf8_next(s, &i);
        bool flag = c >= 0x1F1E6 && c <= 0x1F1FF, tone = c >= 0x1F3FB && c <= 0x1F3FF;
        if (!joined && !(flag && half_flag) && !(tone && w))
            w += width_of(c);
        joined = c == 0x200D && w;
        half_flag = flag && !half_flag;
    }
    return w;
}

static void brk_close(UBreakIterator **b)
{
    ubrk_close(*b);
}

struct wrapping {
    struct out *o;
    size_t columns, used;
    str prefix;
    bool empty;  /* nothing but the prefix stands in the line */
    str pending; /* blanks before the next word */
};

static void new_line(struct wrapping *w)
{
    out_byte(w->o, '\n');
    out_str(w->o, w->prefix);
    w->used = text_width(w->prefix);
    w->empty = true;
    w->pending = STR_NONE;
}

/* A word too wide for any line, cut between grapheme clusters. */
static enum status put_long(struct wrapping *w, str word)
{
    struct ustr u;
    UErrorCode e = U_ZERO_ERROR;
    enum status st = ustr_from(word, w->o->arena, &u);
    if (st)
        return st;
    CLEANUP(brk_close) UBreakIterator *b = ubrk_open(UBRK_CHARACTER, "en", u.p, u.n, &e);
    if (U_FAILURE(e))
        return ST_NOMEM;
    for (int32_t from = 0, to; (to = ubrk_next(b)) != UBRK_DONE; from = to) {
        str cluster;
        st = ustr_to((struct ustr){u.p + from, to - from}, w->o->arena, &cluster);
        if (st)
            return st;
        size_t width = text_width(cluster);
        if (!w->empty && w->used + width > w->columns)
            new_line(w);
        out_str(w->o, cluster);
        w->used += width;
        w->empty = false;
    }
    return ST_OK;
}

enum status text_cut(struct out *o, str line, size_t columns, str prefix)
{
    struct wrapping w = {
        .o = o, .columns = columns, .used = text_width(prefix), .prefix = prefix, .empty = true};
    out_str(o, prefix);
    enum status st = put_long(&w, line);
    out_byte(o, '\n');
    return st;
}

static enum status put_word(struct wrapping *w, str word)
{
    str text = word, blanks = STR_NONE;
    while (text.n && text.p[text.n - 1] == ' ')
        text.n--;
    blanks = str_from(word, text.n);
    size_t width = text_width(text), gap = text_width(w->pending);
    if (!w->empty && w->used + gap + width > w->columns)
        new_line(w);
    if (!w->empty) {
        out_str(w->o, w->pending);
        w->used += gap;
    }
    w->pending = blanks;
    if (w->used + width > w->columns)
        return put_long(w, text);
    out_str(w->o, text);
    w->used += width;
    w->empty = w->empty && text.n == 0;
    return ST_OK;
}

static enum status wrap_line(struct wrapping *w, str line)
{
    struct ustr u;
    UErrorCode e = U_ZERO_ERROR;
    enum status st = ustr_from(line, w->o->arena, &u);
    if (st)
        return st;
    CLEANUP(brk_close) UBreakIterator *b = ubrk_open(UBRK_LINE, "en", u.p, u.n, &e);
    if (U_FAILURE(e))
        return ST_NOMEM;
    for (int32_t from = 0, to; !st && (to = ubrk_next(b)) != UBRK_DONE; from = to) {
        str word;
        st = ustr_to((struct ustr){u.p + from, to - from}, w->o->arena, &word);
        st = st ? st : put_word(w, word);
    }
    return st;
}

enum status text_wrap(struct out *o, str text, size_t columns, str first, str prefix)
{
    struct wrapping w = {
        .o = o, .columns = columns, .used = text_width(first), .prefix = prefix, .empty = true};
    enum status st = ST_OK;
    out_str(o, first);
    for (str rest = text, line; !st && rest.p;) {
        rest = str_cut(rest, '\n', &line);
        st = wrap_line(&w, line);
        if (!st && rest.p)
            new_line(&w);
    }
    out_byte(o, '\n');
    return st;
}
