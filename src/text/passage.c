#include "text/passage.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>

#include "base/guard.h"
#include "text/slug.h"
#include "text/unicode.h"

enum { PIECE = 64, FOLDS_TO = 18 /* units that NFKC_Casefold makes of one, at most */ };

/* A text folded, and which bytes of it each unit comes from. */
struct folded {
    UChar *units;
    struct cut *from;
    size_t n, cap;
    struct arena *a;
};

static bool put(struct folded *f, UChar unit, struct cut from)
{
    bool blank = unit == ' ' || u_isUWhiteSpace(unit);
    if (blank && f->n && f->units[f->n - 1] == ' ') { /* one blank for the run */
        f->from[f->n - 1].n = from.from + from.n - f->from[f->n - 1].from;
        return true;
    }
    size_t cap = f->cap;
    if (f->n == cap && !arena_grow(f->a, f->units, f->n, &cap))
        return false;
    if (f->n == f->cap && !arena_grow(f->a, f->from, f->n, &f->cap))
        return false;
    f->units[f->n] = blank ? ' ' : unit;
    f->from[f->n++] = from;
    return true;
}

/* What is folded together: characters that no boundary parts. */
static enum status put_piece(struct folded *f, const UNormalizer2 *nfkc, str text, struct cut at)
{
    char *mark = arena_mark(f->a);
    UChar few[PIECE * FOLDS_TO], *to = few;
    int32_t room = (int32_t)COUNT(few);
    struct ustr u;
    if (at.n == 1 && (u8)text.p[at.from] < 0x80) {
        char c = text.p[at.from];
        return put(f, (UChar)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c), at) ? ST_OK : ST_NOMEM;
    }
    enum status st = ustr_from(str_head(str_from(text, at.from), at.n), f->a, &u);
    if (!st && u.n > PIECE) { /* no text that people write */
        room = u.n * FOLDS_TO;
        to = arena_new(f->a, UChar, (size_t)room);
    }
    if (st || !to)
        return st ? st : ST_NOMEM;
    UErrorCode e = U_ZERO_ERROR;
    int32_t n = unorm2_normalize(nfkc, u.p, u.n, to, room, &e);
    if (U_FAILURE(e))
        return ST_INVALID;
    if (to == few)
        arena_rewind(f->a, mark);
    for (int32_t i = 0; i < n; i++)
        if (!put(f, to[i], at))
            return ST_NOMEM;
    return ST_OK;
}

static enum status fold(str text, struct arena *a, struct folded *ret)
{
    struct folded f = {.a = a, .cap = text.n + 16};
    UErrorCode e = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCCasefoldInstance(&e);
    f.units = arena_new(a, UChar, f.cap);
    f.from = arena_new(a, struct cut, f.cap);
    if (U_FAILURE(e) || !utf8_valid(text, NULL))
        return ST_INVALID;
    if (!f.units || !f.from)
        return ST_NOMEM;
    enum status st = ST_OK;
    for (size_t from = 0, i = 0; !st && from < text.n; from = i) {
        size_t next = i;
        utf8_next(text, &next);
        do
            i = next;
        while (i < text.n && (u8)text.p[i] >= 0x80 && /* before ASCII there is one */
               !unorm2_hasBoundaryBefore(nfkc, (UChar32)utf8_next(text, &next)));
        st = put_piece(&f, nfkc, text, (struct cut){from, i - from});
    }
    if (!st)
        *ret = f;
    return st;
}

enum status passage_make(str words, struct arena *a, struct passage *ret)
{
    struct folded f;
    struct passage p = {0};
    if (words.n > PASSAGE_BYTES)
        return ST_TOOLARGE;
    if (!text_clean(words, "\n\r\t", NULL) || !text_has_word(words))
        return ST_INVALID;
    enum status st = fold(str_trim(words), a, &f);
    if (st)
        return st;
    size_t first = f.n && f.units[0] == ' ' ? 1 : 0;
    if (f.n > first && f.units[f.n - 1] == ' ')
        f.n--;
    p.units = f.units + first;
    p.n = f.n - first;
    if (p.n < PASSAGE_LEAST)
        return ST_INVALID;
    st = slug_make(words, a, &p.slug);
    if (st == ST_INVALID) /* nothing of it can stand in an address */
        p.slug = STR_NONE;
    else if (st)
        return st;
    *ret = p;
    return ST_OK;
}

enum status passage_find(const struct passage *p, str text, struct arena *a, struct cut **ret,
                         size_t *n)
{
    struct folded f;
    struct cut *list = NULL;
    size_t count = 0, cap = 0;
    enum status st = text.n ? fold(text, a, &f) : ST_OK;
    if (st)
        return st;
    for (size_t i = 0; text.n && i + p->n <= f.n;) {
        if (f.units[i] != p->units[0] ||
            memcmp(f.units + i, p->units, p->n * sizeof *p->units) != 0) {
            i++;
            continue;
        }
        const struct cut *first = &f.from[i], *last = &f.from[i + p->n - 1];
        if (!arena_grow(a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = (struct cut){first->from, last->from + last->n - first->from};
        i += p->n;
        while (i < f.n && f.from[i].from < last->from + last->n) /* of the same character */
            i++;
    }
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status passage_find_slug(const struct passage *p, str slug, struct arena *a, struct cut **ret,
                              size_t *n)
{
    struct cut *list = NULL;
    size_t count = 0, cap = 0;
    for (size_t at = 0; p->slug.n && GUARD(removal_slugs);) {
        ptrdiff_t found = str_find(str_from(slug, at), p->slug);
        if (found < 0)
            break;
        if (!arena_grow(a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = (struct cut){at + (size_t)found, p->slug.n};
        at += (size_t)found + p->slug.n;
    }
    *ret = list;
    *n = count;
    return ST_OK;
}

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Without its percent signs; what isn't UTF-8 then stays as it was. */
static str decoded(str url, struct arena *a)
{
    char *to = arena_bytes(a, url.n + 1);
    size_t n = 0;
    for (size_t i = 0; to && i < url.n; i++) {
        int high = i + 2 < url.n && url.p[i] == '%' ? digit(url.p[i + 1]) : -1;
        int low = high < 0 ? -1 : digit(url.p[i + 2]);
        to[n++] = low < 0 ? url.p[i] : (char)(high * 16 + low);
        i += low < 0 ? 0 : 2;
    }
    str s = {to, to ? n : 0};
    return utf8_valid(s, NULL) ? s : url;
}

enum status passage_in_address(const struct passage *p, str url, struct arena *a, bool *ret)
{
    struct cut *list;
    size_t n = 0, slugs = 0;
    enum status st = passage_find(p, decoded(url, a), a, &list, &n);
    st = st ? st : passage_find_slug(p, url, a, &list, &slugs);
    if (!st)
        *ret = n + slugs > 0;
    return st;
}
