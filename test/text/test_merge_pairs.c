/* Two people's changes to one story joined: random pairs of edits over real stories (those of the
 * demo newsroom, and those beside the checkout where they are there). */
#include "merge_help.h"

#include <dirent.h>
#include <unicode/ubrk.h>

#include "base/clean.h"

/* ---- random edits ---- */

enum { MOST_BLOCKS = 400, MOST_TEXTS = 600 };

/* A document under edit, by somebody whose new words have a name of their own. */
struct editing {
    struct arena *a;
    struct node *block[MOST_BLOCKS];
    size_t n;
    const char *who;
    bool parted; /* split or joined something */
};

static unsigned fresh; /* no new word stands twice */

static str new_words(struct editing *e, unsigned n)
{
    struct out o = out_make(e->a, 512, 4096);
    for (unsigned i = 0; i < n; i++)
        out_fmt(&o, "%s%s%u", i ? " " : "", e->who, fresh++);
    return out_view(&o);
}

static struct editing edit(struct arena *a, const struct node *doc, const char *who)
{
    struct editing e = {.a = a, .who = who};
    for (const struct node *k = doc->first; k && e.n < MOST_BLOCKS - 40; k = k->next)
        e.block[e.n++] = copy(a, k);
    return e;
}

static struct node *edited(const struct editing *e)
{
    struct node *doc = arena_new(e->a, struct node, 1), **end = &doc->first;
    for (size_t i = 0; i < e->n; i++) {
        *end = e->block[i];
        end = &e->block[i]->next;
    }
    *end = NULL;
    return doc;
}

static void collect(struct node *n, struct node **texts, size_t *count)
{
    if (n->kind == NODE_TEXT && !(n->t.marks & (MARK_CODE | MARK_INSERTION)) && *count < MOST_TEXTS)
        texts[(*count)++] = n;
    for (struct node *k = n->first; k && n->kind != NODE_CODE; k = k->next)
        collect(k, texts, count);
}

/* A text of block, and where one of its words begins and ends; false when it has too few. */
static bool some_word(struct node *block, struct node **text, size_t *from, size_t *to)
{
    struct node *texts[MOST_TEXTS];
    size_t n = 0, gaps = 0;
    collect(block, texts, &n);
    if (!n)
        return false;
    struct node *t = texts[rnd((unsigned)n)];
    for (size_t i = 0; i < t->t.text.n; i++)
        gaps += t->t.text.p[i] == ' ';
    if (gaps < 3)
        return false;
    size_t skip = 1 + rnd((unsigned)gaps - 1), i = 0;
    while (skip)
        skip -= t->t.text.p[i++] == ' ';
    *text = t;
    *from = *to = i;
    while (*to < t->t.text.n && t->t.text.p[*to] != ' ')
        ++*to;
    return *to > *from;
}

enum how { CHANGE, PUT_IN, TAKE_OUT, MARK, HOWS };

static void edit_word(struct editing *e, struct node *block, enum how how)
{
    struct node *t;
    size_t from, to;
    if (!some_word(block, &t, &from, &to))
        return;
    str s = t->t.text, head = str_head(s, from), tail = str_from(s, to);
    str word = {s.p + from, to - from};
    if (how == MARK) {
        struct node *mid = copy(e->a, t), *end = copy(e->a, t);
        if (!tail.n || t->t.marks)
            return;
        mid->t.text = word;
        mid->t.marks = MARK_STRONG;
        end->t.text = tail;
        end->next = t->next;
        mid->next = end;
        t->next = mid;
        t->t.text = head;
        return;
    }
    str put = how == CHANGE   ? new_words(e, 1 + rnd(2))
              : how == PUT_IN ? arena_fmt(e->a, "%.*s %.*s", FMT(new_words(e, 1)), FMT(word))
                              : STR_NONE;
    if (how == TAKE_OUT && !tail.n)
        return;
    const str parts[] = {head, put, how == TAKE_OUT ? str_from(tail, 1) : tail};
    t->t.text = arena_join(e->a, parts, COUNT(parts));
}

static struct node *new_paragraph(struct editing *e)
{
    struct node *p = arena_new(e->a, struct node, 1);
    p->kind = NODE_PARAGRAPH;
    p->first = arena_new(e->a, struct node, 1);
    p->first->kind = NODE_TEXT;
    p->first->t.text = new_words(e, 4 + rnd(12));
    return p;
}

static void insert(struct editing *e, size_t at, struct node *n)
{
    memmove(e->block + at + 1, e->block + at, (e->n - at) * sizeof *e->block);
    e->block[at] = n;
    e->n++;
}

static void take_out(struct editing *e, size_t at)
{
    e->n--;
    memmove(e->block + at, e->block + at + 1, (e->n - at) * sizeof *e->block);
}

static bool split(struct editing *e, size_t at)
{
    struct node *p = e->block[at], *t, *k = p->first;
    size_t from, to;
    if (p->kind != NODE_PARAGRAPH || !some_word(p, &t, &from, &to))
        return false;
    struct node *rest = copy(e->a, p), *half = copy(e->a, t);
    while (k && k != t)
        k = k->next;
    if (!k)
        return false;
    half->t.text = str_from(t->t.text, from);
    half->next = t->next;
    rest->first = half;
    t->t.text = str_head(t->t.text, from - 1);
    t->next = NULL;
    insert(e, at + 1, rest);
    e->parted = true;
    return true;
}

static void join(struct editing *e, size_t at)
{
    if (at + 1 >= e->n)
        return;
    struct node *p = e->block[at], *q = e->block[at + 1], *last = p->first, *first = q->first;
    if (p->kind != NODE_PARAGRAPH || q->kind != NODE_PARAGRAPH)
        return;
    while (last->next)
        last = last->next;
    if (last->t.marks || first->t.marks)
        return;
    last->t.text = arena_fmt(e->a, "%.*s %.*s", FMT(last->t.text), FMT(first->t.text));
    last->next = first->next;
    take_out(e, at + 1);
    e->parted = true;
}

static void edit_once(struct editing *e)
{
    size_t at = rnd((unsigned)e->n);
    unsigned what = rnd(16);
    if (!e->n)
        return;
    if (what < 9) {
        edit_word(e, e->block[at], (enum how)(what % HOWS));
    } else if (what < 11) {
        struct node *n = e->block[at];
        take_out(e, at);
        insert(e, rnd((unsigned)e->n + 1), n);
    } else if (what == 11) {
        take_out(e, at);
    } else if (what == 12) {
        insert(e, rnd((unsigned)e->n + 1), new_paragraph(e));
    } else if (what < 15) {
        split(e, at);
    } else {
        join(e, at);
    }
}

/* One to eight edits of doc that leave it in form. */
static struct node *edits(struct arena *a, const struct node *doc, const char *who, bool *parted)
{
    for (;;) {
        struct editing e = edit(a, doc, who);
        for (unsigned i = 0, n = 1 + rnd(8); i < n; i++)
            edit_once(&e);
        struct node *made = edited(&e);
        *parted = e.parted;
        if (document_check(made, NULL) == ST_OK)
            return made;
    }
}

/* ---- real stories ---- */

struct stories {
    struct arena a;
    struct node *doc[100];
    size_t n;
};

/* The demo's days are written "@{ago 6d}". */
static str with_days(struct arena *a, str s)
{
    struct out o = out_make(a, s.n, 2 << 20);
    for (ptrdiff_t at; (at = str_find(s, STR("@{"))) >= 0;) {
        out_str(&o, str_head(s, (size_t)at));
        out_c(&o, "2026-11-20");
        s = str_from(s, (size_t)at);
        s = str_from(s, (size_t)str_find_byte(s, '}') + 1);
    }
    out_str(&o, s);
    return out_view(&o);
}

/* The body of a story file: what stands below its head. */
static void read_story(struct stories *s, const char *path)
{
    CLEANUP(file_close) FILE *f = fopen(path, "rb");
    struct node *doc;
    struct err err = {0};
    char *bytes = arena_raw(&s->a, 1 << 20);
    if (!f || !bytes)
        test_fail("%s can't be read", path);
    str body = {bytes, fread(bytes, 1, 1 << 20, f)};
    ptrdiff_t head = str_find(body, STR("\n---\n"));
    if (head > 0)
        body = str_from(body, (size_t)head + 5);
    enum status st = document_from_markdown(with_days(&s->a, body), 1, &s->a, &doc, &err);
    if (st)
        test_fail("%s: %s", path, err.text);
    if (doc->first && s->n < COUNT(s->doc))
        s->doc[s->n++] = doc;
}

static void read_folder(struct stories *s, const char *folder)
{
    CLEANUP(dir_close) DIR *d = opendir(folder);
    const struct dirent *entry;
    char path[500];
    if (!d)
        printf("# skipped: %s isn't there\n", folder);
    while (d && (entry = readdir(d))) {
        if (!str_ends(str_c(entry->d_name), STR(".md")))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        read_story(s, path);
    }
}

static struct stories stories;

static int stories_read(void **state)
{
    char path[400];
    (void)state;
    if (arena_init(&stories.a, 256 << 20))
        return -1;
    read_folder(&stories, "demo/stories");
    if (stories.n < 10)
        return -1;
    snprintf(path, sizeof path, "%s/data/wikinews", test_shared());
    read_folder(&stories, path);
    return 0;
}

/* Some of a story's blocks, so that there are many pairs in a second. */
static struct node *some_story(struct arena *a)
{
    const struct node *doc = stories.doc[rnd((unsigned)stories.n)], *k = doc->first;
    struct node *part = arena_new(a, struct node, 1), **end = &part->first;
    unsigned n = 0, most = 2 + rnd(24);
    for (; k && n < most; k = k->next, n++) {
        *end = copy(a, k);
        (*end)->line = 0;
        end = &(*end)->next;
    }
    return part;
}

/* ---- words counted ---- */

struct counted {
    str *word; /* sorted */
    size_t n, cap;
};

static UBreakIterator *breaks;

static void count_words(struct arena *a, str text, struct counted *list)
{
    UErrorCode e = U_ZERO_ERROR;
    UText *u = utext_openUTF8(NULL, text.n ? text.p : "", (int64_t)text.n, &e);
    if (!breaks)
        breaks = ubrk_open(UBRK_WORD, "", NULL, 0, &e);
    ubrk_setUText(breaks, u, &e);
    assert_true(U_SUCCESS(e));
    for (int32_t at = 0, to; (to = ubrk_next(breaks)) != UBRK_DONE; at = to) {
        if (ubrk_getRuleStatus(breaks) < UBRK_WORD_NUMBER)
            continue;
        assert_true(arena_grow(a, list->word, list->n, &list->cap));
        list->word[list->n++] = (str){text.p + at, (size_t)(to - at)};
    }
    utext_close(u);
}

static void sort_words(struct counted *list)
{
    if (list->n)
        qsort(list->word, list->n, sizeof *list->word, by_bytes);
}

/* What is read of a document: its words, and what its pictures, cards and quotes name. */
static void write_text(const struct node *n, struct out *o)
{
    struct node one = *n, doc = {.kind = NODE_DOC, .first = &one};
    one.next = NULL;
    if (n->kind == NODE_TEXT)
        out_str(o, n->t.text);
    else if (n->kind != NODE_DOC && n->kind != NODE_BREAK && node_holds(n->kind) == '-')
        document_to_markdown(&doc, o);
    for (const struct node *k = n->first; k; k = k->next)
        write_text(k, o);
    if (n->kind != NODE_TEXT)
        out_byte(o, '\n');
    if (n->kind == NODE_QUOTE &&
        (n->quote.speaker.n || n->quote.role.n || n->quote.venue.n || n->quote.date.n)) {
        const str parts[] = {n->quote.speaker, n->quote.role, n->quote.venue, n->quote.date};
        bool first = true;
        for (size_t i = 0; i < COUNT(parts); i++)
            if (parts[i].n) {
                out_fmt(o, "%s%.*s", first ? "— " : ", ", FMT(parts[i]));
                first = false;
            }
        out_byte(o, '\n');
    }
}

static str text_of(struct arena *a, const struct node *doc)
{
    struct out o = out_make(a, 8192, 1 << 23);
    write_text(doc, &o);
    assert_int_equal(out_status(&o), ST_OK);
    return out_view(&o);
}

static struct counted words_of(struct arena *a, const struct node *doc)
{
    struct counted list = {0};
    count_words(a, text_of(a, doc), &list);
    sort_words(&list);
    return list;
}

static size_t times(const struct counted *list, str word)
{
    size_t low = 0, high = list->n, n = 0;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (str_cmp(list->word[mid], word) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    while (low + n < list->n && str_eq(list->word[low + n], word))
        n++;
    return n;
}

/* ---- what must hold for every pair ---- */

static void no_word_is_lost(const struct pair *p, const struct merge *m, const struct node *doc)
{
    struct counted base = words_of(p->a, p->base), mine = words_of(p->a, p->mine);
    struct counted theirs = words_of(p->a, p->theirs), have = words_of(p->a, doc), chosen = {0};
    const struct merge_choice *c;
    size_t n = merge_choices(m, &c);
    for (size_t i = 0; i < n; i++) {
        count_words(p->a, c[i].mine, &chosen);
        count_words(p->a, c[i].theirs, &chosen);
    }
    sort_words(&chosen);
    const struct counted *lists[] = {&base, &mine, &theirs, &have};
    for (size_t l = 0; l < COUNT(lists); l++)
        for (size_t i = 0; i < lists[l]->n; i++) {
            str w = lists[l]->word[i];
            size_t b = times(&base, w), x = times(&mine, w), y = times(&theirs, w);
            size_t r = times(&have, w), more = x > y ? x : y, all = x + y > b ? x + y - b : 0;
            size_t least = x > b && y > b ? more : all;
            if ((x > b || y > b) && r + times(&chosen, w) == 0)
                explain(p, m, "a word that was added is gone", w);
            if (x >= b && y >= b && r < b)
                explain(p, m, "a word that both left is gone", w);
            if (n == 0 && r < least)
                explain(p, m, "a word is gone without a choice", w);
            /* half a block that both cut out and put elsewhere, each in other company, is two */
            if (n == 0 && !(p->parted && p->parted_too) && r > (more > all ? more : all))
                explain(p, m, "a word is doubled without a choice", w);
        }
}

static str squeezed(struct arena *a, str s)
{
    char *p = arena_raw(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if ((u8)s.p[i] > ' ')
            p[n++] = s.p[i];
    return (str){p, n};
}

static void pieces_cover(const struct pair *p, const struct merge *m, const struct node *doc)
{
    const struct merge_piece *piece;
    size_t n = merge_pieces(m, &piece);
    struct out o = out_make(p->a, 8192, 1 << 23);
    for (size_t i = 0; i < n; i++)
        if (!piece[i].gone) {
            out_fmt(&o, "%s", piece[i].begins ? "\n" : "");
            out_str(&o, piece[i].text);
        }
    str have = squeezed(p->a, out_view(&o)), want = squeezed(p->a, text_of(p->a, doc));
    if (!str_eq(have, want))
        explain(p, m, "the pieces aren't the document", out_view(&o));
}

static void random_pairs_lose_no_word(void **state)
{
    struct arena *a = *state;
    size_t with_choices = 0, n = pairs(2500);
    seed = 20261128;
    for (size_t i = 0; i < n; i++) {
        arena_reset(a);
        struct pair p = {.a = a, .from = seed};
        const struct merge_choice *c;
        struct node *doc;
        p.base = some_story(a);
        p.mine = edits(a, p.base, "mine", &p.parted);
        p.theirs = edits(a, p.base, "theirs", &p.parted_too);
        struct merge *m = merged(&p, p.base, p.mine, p.theirs, &doc);
        with_choices += merge_choices(m, &c) > 0;
        no_word_is_lost(&p, m, doc);
        pieces_cover(&p, m, doc);
        any_pick_will_do(&p, m);
        if (i % 4 == 0)
            alone_is_exact(&p);
        if (i % 4 == 1)
            swapping_swaps(&p, m);
    }
    assert_true(with_choices > n / 50 && with_choices < n / 2);
}

/* Each block is changed by one of them at most, and mine moves some: what must come of it is known
 * to the byte. */
static void changes_apart_merge_exactly(void **state)
{
    struct arena *a = *state;
    seed = 7;
    for (size_t i = 0, n = pairs(1000); i < n; i++) {
        arena_reset(a);
        struct pair p = {.a = a, .from = seed};
        struct node *want, *doc;
        const struct merge_choice *c;
        p.base = some_story(a);
        struct editing mine = edit(a, p.base, "mine"), theirs = edit(a, p.base, "theirs");
        struct editing all = edit(a, p.base, "");
        for (size_t k = 0; k < all.n; k++) {
            struct editing *who = rnd(2) ? &mine : &theirs;
            if (rnd(3) == 0)
                continue;
            for (unsigned x = rnd(3); x <= 3; x++)
                edit_word(who, who->block[k], (enum how)rnd(HOWS));
            all.block[k] = copy(a, who->block[k]);
        }
        for (unsigned x = rnd(3); x > 0 && mine.n > 1; x--) {
            size_t from = rnd((unsigned)mine.n), to = rnd((unsigned)mine.n);
            struct node *one = mine.block[from], *two = all.block[from];
            take_out(&mine, from), take_out(&all, from);
            insert(&mine, to, one), insert(&all, to, two);
        }
        p.mine = edited(&mine), p.theirs = edited(&theirs), want = edited(&all);
        if (document_check(p.mine, NULL) || document_check(p.theirs, NULL))
            continue;
        struct merge *m = merged(&p, p.base, p.mine, p.theirs, &doc);
        if (merge_choices(m, &c) || !str_eq(json_of(a, doc), json_of(a, want)))
            explain(&p, m, "this isn't both changes", markdown_of(a, want));
    }
}

int main(void)
{
    if (hash_start())
        return 1;
    const struct CMUnitTest tests[] = {
        with_arena(random_pairs_lose_no_word),
        with_arena(changes_apart_merge_exactly),
    };
    return cmocka_run_group_tests(tests, stories_read, NULL);
}
