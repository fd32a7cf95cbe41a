/* Words, and two runs of them compared (text/merge_parts.h).
 *
 * What is common at both ends is set aside; the rest is compared by Myers' greedy algorithm ("An
 * O(ND) Difference Algorithm and Its Variations", 1986) up to MOST_CHANGES. Beyond that, words that
 * stand once in each are anchors, as in patience diff, and what lies between them is compared by
 * itself. What has no anchors either is one change. */
#include <unicode/uchar.h>

#include "base/clean.h"
#include "base/hash.h"
#include "text/merge_parts.h"

enum { MOST_CHANGES = 512, DEEPEST = 6, STEPS_PER_TOKEN = 256, SLOTS = 1024 };

/* ---- words ---- */

enum status words_open(struct arena *a, struct words *ret)
{
    UErrorCode e = U_ZERO_ERROR;
    struct words w = {.a = a, .nslot = SLOTS};
    w.slot = arena_new(a, u32, w.nslot);
    if (!w.slot || !arena_grow(a, w.word, 0, &w.cap))
        return ST_NOMEM;
    w.nword = 1; /* PARTS_WORDS */
    w.breaks = ubrk_open(UBRK_WORD, "", NULL, 0, &e);
    if (U_FAILURE(e))
        return ST_NOMEM;
    *ret = w;
    return ST_OK;
}

void words_close(struct words *w)
{
    if (w->breaks)
        ubrk_close(w->breaks);
    if (w->source)
        utext_close(w->source);
    *w = (struct words){0};
}

static enum status more_slots(struct words *w)
{
    size_t n = w->nslot * 2;
    u32 *slot = arena_new(w->a, u32, n);
    if (!slot)
        return ST_NOMEM;
    for (size_t i = 1; i < w->nword; i++) {
        size_t at = w->word[i].hash & (n - 1);
        while (slot[at])
            at = (at + 1) & (n - 1);
        slot[at] = (u32)i;
    }
    w->slot = slot;
    w->nslot = n;
    return ST_OK;
}

static enum status word_id(struct words *w, str text, u32 *ret)
{
    u64 hash = siphash(text);
    size_t at = hash & (w->nslot - 1);
    for (; w->slot[at]; at = (at + 1) & (w->nslot - 1)) {
        const struct word *known = &w->word[w->slot[at]];
        if (known->hash == hash && str_eq(known->text, text)) {
            *ret = w->slot[at];
            return ST_OK;
        }
    }
    if (!arena_grow(w->a, w->word, w->nword, &w->cap))
        return ST_NOMEM;
    w->word[w->nword] = (struct word){.text = text, .hash = hash};
    *ret = w->slot[at] = (u32)w->nword++;
    return w->nword * 2 > w->nslot ? more_slots(w) : ST_OK;
}

static enum status push(struct words *w, struct token_list *list, struct token t)
{
    if (!arena_grow(w->a, list->at, list->n, &list->cap))
        return ST_NOMEM;
    list->at[list->n++] = t;
    return ST_OK;
}

static bool blank(str s)
{
    size_t i = 0;
    return u_isUWhiteSpace((UChar32)utf8_next(s, &i));
}

enum status words_split(struct words *w, str text, const struct node *from, struct token_list *list)
{
    UErrorCode e = U_ZERO_ERROR;
    enum status st = ST_OK;
    if (!text.n)
        return ST_OK;
    w->source = utext_openUTF8(w->source, text.p, (int64_t)text.n, &e);
    ubrk_setUText(w->breaks, w->source, &e);
    if (U_FAILURE(e))
        return ST_NOMEM;
    for (int32_t at = 0, to; !st && (to = ubrk_next(w->breaks)) != UBRK_DONE; at = to) {
        struct token t = {.p = text.p + at, .n = (u32)(to - at), .from = from};
        str s = {t.p, t.n};
        bool word = ubrk_getRuleStatus(w->breaks) >= UBRK_WORD_NUMBER;
        t.kind = word ? TOKEN_WORD : blank(s) ? TOKEN_BLANK : TOKEN_SIGN;
        if (t.kind != TOKEN_BLANK)
            st = word_id(w, s, &t.id);
        st = st ? st : push(w, list, t);
    }
    return st;
}

enum status words_of_inline(struct words *w, const struct node *n, struct token_list *list)
{
    enum status st = ST_OK;
    for (const struct node *k = n->first; !st && k; k = k->next)
        if (k->kind == NODE_TEXT)
            st = words_split(w, k->t.text, k, list);
        else
            st = push(w, list, (struct token){.p = "\n", .n = 1, .kind = TOKEN_BREAK, .from = k});
    return st;
}

struct tokens token_view(const struct token_list *list)
{
    return (struct tokens){list->at, list->n};
}

struct tokens token_cut(struct tokens t, size_t i, size_t n)
{
    return (struct tokens){n ? t.at + i : NULL, n};
}

static bool same_source(const struct token *a, const struct token *b)
{
    if (a->from == b->from || !a->from || !b->from)
        return a->from == b->from;
    if (a->kind == TOKEN_BLOCK)
        return a->from->kind == b->from->kind &&
               (a->from->kind != NODE_CROSSHEAD ||
                a->from->crosshead.level == b->from->crosshead.level);
    return a->kind == TOKEN_BREAK ||
           (a->from->t.marks == b->from->t.marks && str_eq(a->from->t.href, b->from->t.href));
}

bool token_same(const struct token *a, const struct token *b)
{
    return a->kind == b->kind && a->id == b->id && a->n == b->n && memcmp(a->p, b->p, a->n) == 0 &&
           same_source(a, b);
}

bool tokens_same(struct tokens a, struct tokens b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (!token_same(&a.at[i], &b.at[i]))
            return false;
    return true;
}

enum status tokens_text(struct arena *a, struct tokens t, str *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++)
        n += t.at[i].n;
    char *p = arena_raw(a, n + 1), *to = p;
    if (!p)
        return ST_NOMEM;
    for (size_t i = 0; i < t.n; to += t.at[i].n, i++)
        memcpy(to, t.at[i].p, t.at[i].n);
    *ret = (str){p, n};
    return ST_OK;
}

/* ---- comparing ---- */

/* Part of two runs: where they begin, how long they are. */
struct span {
    int32_t a, n, b, m;
};
struct comparing {
    struct words *w;
    struct tokens a, b;
    int32_t *to;
};

static bool alike(const struct comparing *c, int32_t i, int32_t k)
{
    return c->a.at[i].id == c->b.at[k].id;
}

/* Row d of the trace holds, for each diagonal x - y = 2j - d, how far along a one comes with d
 * changes. A new row comes from the one before it by a step down (a token of b) or right. */
static bool step_down(const int32_t *before, int32_t j, int32_t d)
{
    return j == 0 || (j != d && before[j - 1] < before[j]);
}

static void trace_back(const struct comparing *c, struct span s, int32_t *const *row, int32_t d)
{
    int32_t x = s.n, y = s.m;
    for (; d > 0; d--) {
        int32_t j = (x - y + d) / 2;
        bool down = step_down(row[d - 1], j, d);
        int32_t from = down ? row[d - 1][j] : row[d - 1][j - 1];
        int32_t from_y = from - (2 * (down ? j : j - 1) - (d - 1));
        for (int32_t stop = down ? from : from + 1; x > stop;)
            c->to[s.a + --x] = s.b + --y;
        x = from;
        y = from_y;
    }
    while (x > 0)
        c->to[s.a + --x] = s.b + --y;
}

/* *done: whether they were compared within the bound. */
static enum status greedy(const struct comparing *c, struct span s, bool *done)
{
    struct arena *a = c->w->a;
    i64 steps = (i64)STEPS_PER_TOKEN * (s.n + s.m) + 4096;
    int32_t *row[MOST_CHANGES + 1];
    *done = false;
    for (int32_t d = 0; d <= MOST_CHANGES && steps > 0; d++) {
        row[d] = (int32_t *)(void *)arena_raw(a, (size_t)(d + 1) * sizeof **row);
        if (!row[d])
            return ST_NOMEM;
        steps -= d + 1;
        for (int32_t j = 0; j <= d; j++) {
            int32_t x = d == 0                        ? 0
                        : step_down(row[d - 1], j, d) ? row[d - 1][j]
                                                      : row[d - 1][j - 1] + 1;
            int32_t began = x;
            for (int32_t y = x - (2 * j - d); x < s.n && y < s.m && alike(c, s.a + x, s.b + y); y++)
                x++;
            row[d][j] = x;
            steps -= x - began;
            if (x < s.n || x - (2 * j - d) < s.m)
                continue;
            if (x == s.n && x - (2 * j - d) == s.m) {
                trace_back(c, s, row, d);
                *done = true;
                return ST_OK;
            }
        }
    }
    return ST_OK;
}

static void count(const struct comparing *c, struct span s, int by)
{
    struct word *word = c->w->word;
    for (int32_t i = 0; i < s.n; i++) {
        struct word *one = &word[c->a.at[s.a + i].id];
        one->count[0] = by ? one->count[0] + 1 : 0;
        one->at[0] = (u32)(s.a + i);
    }
    for (int32_t i = 0; i < s.m; i++) {
        struct word *one = &word[c->b.at[s.b + i].id];
        one->count[1] = by ? one->count[1] + 1 : 0;
        one->at[1] = (u32)(s.b + i);
    }
}

/* Of the words that stand once in each, the longest run that stands in one order; as pairs in
 * c->to. How many. */
static enum status anchor(const struct comparing *c, struct span s, size_t *found)
{
    struct arena *a = c->w->a;
    int32_t *pile = arena_new(a, int32_t, (size_t)s.n),
            *before = arena_new(a, int32_t, (size_t)s.n);
    int32_t *place = arena_new(a, int32_t, (size_t)s.n);
    size_t piles = 0;
    if (!pile || !before || !place)
        return ST_NOMEM;
    count(c, s, 1);
    for (int32_t i = 0; i < s.n; i++) {
        u32 id = c->a.at[s.a + i].id;
        const struct word *one = &c->w->word[id];
        if (id == PARTS_WORDS || one->count[0] != 1 || one->count[1] != 1)
            continue;
        place[i] = (int32_t)one->at[1];
        size_t low = 0, high = piles;
        while (low < high) {
            size_t mid = (low + high) / 2;
            if (place[pile[mid]] < place[i])
                low = mid + 1;
            else
                high = mid;
        }
        before[i] = low ? pile[low - 1] : -1;
        pile[low] = i;
        piles += low == piles;
    }
    count(c, s, 0);
    for (int32_t i = piles ? pile[piles - 1] : -1; i >= 0; i = before[i])
        c->to[s.a + i] = place[i];
    *found = piles;
    return ST_OK;
}

static enum status compare(const struct comparing *c, struct span s, int deep)
{
    while (s.n && s.m && alike(c, s.a, s.b)) {
        c->to[s.a] = s.b;
        s = (struct span){s.a + 1, s.n - 1, s.b + 1, s.m - 1};
    }
    while (s.n && s.m && alike(c, s.a + s.n - 1, s.b + s.m - 1)) {
        s.n--, s.m--;
        c->to[s.a + s.n] = s.b + s.m;
    }
    if (!s.n || !s.m)
        return ST_OK;
    bool done;
    size_t found;
    char *mark = arena_mark(c->w->a);
    enum status st = greedy(c, s, &done);
    arena_rewind(c->w->a, mark);
    if (st || done || deep == DEEPEST)
        return st;
    st = anchor(c, s, &found);
    arena_rewind(c->w->a, mark);
    if (st || !found)
        return st;
    struct span gap = {s.a, 0, s.b, 0};
    for (int32_t i = s.a; !st && i <= s.a + s.n; i++) {
        int32_t k = i == s.a + s.n ? s.b + s.m : c->to[i];
        if (k < 0)
            continue;
        gap.n = i - gap.a;
        gap.m = k - gap.b;
        st = compare(c, gap, deep + 1);
        gap = (struct span){i + 1, 0, k + 1, 0};
    }
    return st;
}

static size_t words_in(struct tokens t, int32_t from, int32_t to)
{
    size_t n = 0;
    for (int32_t i = from; i < to; i++)
        n += t.at[i].kind == TOKEN_WORD;
    return n;
}

/* Changes of neighbouring words, with nothing but blanks and signs in common between them, are one
 * change once it is a phrase: "a big storm came" against "the old wall fell" is not four changes.
 * A beginning of a block that both have stays. */
static void join_changes(const struct comparing *c)
{
    enum { PHRASE = 3 };
    int32_t n = (int32_t)c->a.n, from = 0, from_b = 0; /* behind the last words in common */
    for (int32_t i = 0; i <= n;) {
        int32_t end = i, at = i < n ? c->to[i] : (int32_t)c->b.n;
        int32_t begins = at;
        bool words = i == n || (i == 0 && at == 0);
        for (; at >= 0 && end < n && c->to[end] == at; end++, at++)
            words |= c->a.at[end].kind == TOKEN_WORD ||
                     (c->a.at[end].kind == TOKEN_BLOCK && c->b.at[at].kind == TOKEN_BLOCK);
        words |= end == n && at == (int32_t)c->b.n;
        if (words) {
            bool phrase =
                words_in(c->a, from, i) >= PHRASE || words_in(c->b, from_b, begins) >= PHRASE;
            for (int32_t x = from; phrase && x < i; x++)
                c->to[x] = -1;
            from = end;
            from_b = at;
        }
        i = end == i ? i + 1 : end;
    }
}

/* Moves what was taken out (a's *i to end, nothing put in instead) as far back as it can stand. */
static void slide_gone(const struct comparing *c, int32_t *i, int32_t *due)
{
    int32_t n = (int32_t)c->a.n, end = *i;
    while (end < n && c->to[end] < 0)
        end++;
    int32_t at = end < n ? c->to[end] : (int32_t)c->b.n;
    while (at == *due && end < n && c->to[end] == at && token_same(&c->a.at[*i], &c->a.at[end])) {
        c->to[(*i)++] = at++;
        c->to[end++] = -1;
        *due = at;
    }
    *i = end;
    *due = at;
}

/* A change that could stand at several places ("very " before a word, " very" behind the one before
 * it) stands at the last, so that two who made it in one place are seen to have. */
static void slide(const struct comparing *c)
{
    int32_t n = (int32_t)c->a.n;
    for (int32_t i = 0, due = 0; i < n;) {
        int32_t at = c->to[i];
        if (at < 0) {
            slide_gone(c, &i, &due);
            continue;
        }
        while (at > due && i < n && c->to[i] == at && token_same(&c->b.at[due], &c->b.at[at])) {
            c->to[i++] = due++;
            at++;
        }
        due = at;
        if (i < n && c->to[i] == at) {
            i++;
            due++;
        }
    }
}

enum status tokens_align(struct words *w, struct tokens a, struct tokens b, int32_t *to)
{
    struct comparing c = {.w = w, .a = a, .b = b, .to = to};
    for (size_t i = 0; i < a.n; i++)
        to[i] = -1;
    enum status st = compare(&c, (struct span){0, (int32_t)a.n, 0, (int32_t)b.n}, 0);
    if (!st) {
        slide(&c);
        join_changes(&c);
    }
    return st;
}

/* ---- two texts ---- */

struct piecing {
    struct diff_piece *at;
    size_t n, cap;
    enum diff_kind kind; /* of what is open, not yet in the list */
    struct tokens open;
};

static enum status close_piece(struct arena *ar, struct piecing *list)
{
    struct diff_piece piece = {.kind = list->kind};
    if (!list->open.n)
        return ST_OK;
    if (!arena_grow(ar, list->at, list->n, &list->cap))
        return ST_NOMEM;
    enum status st = tokens_text(ar, list->open, &piece.text);
    list->at[list->n++] = piece;
    list->open.n = 0;
    return st;
}

static enum status add_piece(struct arena *ar, struct piecing *list, enum diff_kind kind,
                             struct tokens t)
{
    if (!t.n)
        return ST_OK;
    if (list->open.n && list->kind == kind && list->open.at + list->open.n == t.at) {
        list->open.n += t.n;
        return ST_OK;
    }
    enum status st = close_piece(ar, list);
    list->kind = kind;
    list->open = t;
    return st;
}

enum status tokens_diff(struct words *w, struct tokens a, struct tokens b, struct diff_piece **ret,
                        size_t *n)
{
    struct piecing list = {0};
    int32_t *to = arena_new(w->a, int32_t, a.n);
    enum status st = to ? tokens_align(w, a, b, to) : ST_NOMEM;
    for (size_t i = 0, k = 0; !st && (i < a.n || k < b.n);) {
        size_t same = 0, gone = 0;
        while (i + same < a.n && k + same < b.n && to[i + same] == (int32_t)(k + same) &&
               token_same(&a.at[i + same], &b.at[k + same]))
            same++;
        st = add_piece(w->a, &list, DIFF_SAME, token_cut(a, i, same));
        i += same, k += same;
        while (i + gone < a.n && to[i + gone] < 0)
            gone++;
        size_t until = i + gone < a.n ? (size_t)to[i + gone] : b.n, one = until == k && !gone;
        if (one && i == a.n)
            break;
        st = st ? st : add_piece(w->a, &list, DIFF_GONE, token_cut(a, i, gone + one));
        st = st ? st : add_piece(w->a, &list, DIFF_NEW, token_cut(b, k, until - k + one));
        i += gone + one, k = until + one;
    }
    st = st ? st : close_piece(w->a, &list);
    if (st)
        return st;
    *ret = list.at;
    *n = list.n;
    return ST_OK;
}

enum status diff_words(str a, str b, struct arena *ar, struct diff_piece **ret, size_t *n)
{
    CLEANUP(words_close) struct words w = {0};
    struct token_list ta = {0}, tb = {0};
    enum status st = words_open(ar, &w);
    st = st ? st : words_split(&w, a, NULL, &ta);
    st = st ? st : words_split(&w, b, NULL, &tb);
    return st ? st : tokens_diff(&w, token_view(&ta), token_view(&tb), ret, n);
}
