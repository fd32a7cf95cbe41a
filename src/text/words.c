#include "text/words.h"

#include <unicode/ubrk.h>

#include "base/clean.h"
#include "text/unicode.h"

static void brk_close(UBreakIterator **b)
{
    ubrk_close(*b);
}

static enum status count(struct ustr u, i64 *ret)
{
    UErrorCode e = U_ZERO_ERROR;
    CLEANUP(brk_close) UBreakIterator *b = ubrk_open(UBRK_WORD, "", u.p, u.n, &e);
    if (U_FAILURE(e))
        return e == U_MEMORY_ALLOCATION_ERROR ? ST_NOMEM : ST_BUG;
    i64 n = 0;
    while (ubrk_next(b) != UBRK_DONE)
        n += ubrk_getRuleStatus(b) >= UBRK_WORD_NONE_LIMIT;
    *ret = n;
    return ST_OK;
}

enum status words_count(str text, struct arena *a, i64 *ret)
{
    struct ustr u;
    char *mark = arena_mark(a);
    enum status st = ustr_from(text, a, &u);
    st = st ? st : count(u, ret);
    arena_rewind(a, mark);
    return st;
}
