/* Translations of one another are one family, at most one story an edition (newsroom/change.h). */
#include "newsroom/change.h"

enum { FAMILY_MAX = 64 };

struct family {
    struct story list[FAMILY_MAX];
    size_t n;
};

/* The line that joins them; the story's own when the other file did. */
static const char *to_blame(struct change *c)
{
    if (!c->file)
        return "";
    int line = c->file->line[HEAD_TRANSLATION_OF];
    return change_line(c, line ? line : c->file->line[HEAD_ID]);
}

static enum status family_add(struct change *c, struct family *f, const struct story *s)
{
    for (size_t i = 0; i < f->n; i++) {
        if (f->list[i].id == s->id)
            return ST_OK;
        if (f->list[i].edition == s->edition)
            return fail(c->tx->err, ST_CONFLICT,
                        "%s\"%.*s\" and \"%.*s\" would both be the %.*s edition of one story",
                        to_blame(c), FMT(f->list[i].key), FMT(s->key), FMT(s->edition_slug));
    }
    if (f->n == FAMILY_MAX)
        return fail(c->tx->err, ST_TOOLARGE, "%sa story has at most %d translations", to_blame(c),
                    FAMILY_MAX);
    f->list[f->n++] = *s;
    return ST_OK;
}

/* Everything that a translation-of connects with the story at i, one step. */
static enum status neighbours(struct change *c, struct family *f, size_t i)
{
    struct story of = f->list[i], *list = NULL;
    size_t n = 0;
    enum status st = ST_OK;
    if (of.translation_of.n) {
        struct story target;
        st = story_by_key(&c->v, of.translation_of, PART_ADDRESS, &target);
        if (st == ST_OK)
            st = family_add(c, f, &target);
        else if (st == ST_NOTFOUND)
            st = ST_OK; /* it may come later and joins then */
    }
    st = st ? st : story_translations_of(&c->v, of.key, &list, &n);
    for (size_t k = 0; !st && k < n; k++)
        st = family_add(c, f, &list[k]);
    return st;
}

/* The connected stories, starting from one. */
static enum status connected(struct change *c, i64 from, struct family *f)
{
    struct story s;
    enum status st = story_by_id(&c->v, from, PART_ADDRESS, &s);
    st = st ? st : family_add(c, f, &s);
    for (size_t i = 0; !st && i < f->n; i++)
        st = neighbours(c, f, i);
    return st;
}

static void touch_family(struct change *c, const struct story *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        tx_touchf(c->tx, "translations/%lld", (long long)list[i].id);
}

/* Gives each connected story the same family: the smallest id among them, 0 for one alone. */
static enum status settle(struct change *c, i64 from, bool *changed)
{
    struct family *f = arena_new(c->tx->a, struct family, 1);
    if (!f)
        return ST_NOMEM;
    enum status st = connected(c, from, f);
    i64 least = INT64_MAX;
    for (size_t i = 0; i < f->n; i++)
        least = f->list[i].id < least ? f->list[i].id : least;
    i64 family = f->n > 1 ? least : 0;
    for (size_t i = 0; !st && i < f->n; i++) {
        if (f->list[i].family == family)
            continue;
        *changed = true;
        st = story_set_family(c->tx, f->list[i].id, family);
        tx_touchf(c->tx, "translations/%lld", (long long)f->list[i].id);
    }
    return st;
}

/* Whom the story was joined with before this change, itself included. */
static enum status family_before(struct change *c, struct story **ret, size_t *n)
{
    return c->before.family ? story_family(&c->v, c->before.family, true, ret, n) : ST_OK;
}

/* Settles those of them that the story may have left; changed: whether its own family did. */
static enum status settle_left(struct change *c, const struct story *old, size_t n, bool *changed)
{
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < n; i++)
        if (old[i].id != c->before.id)
            st = settle(c, old[i].id, changed);
    if (!st && *changed)
        touch_family(c, old, n);
    return st;
}

enum status change_family(struct change *c)
{
    struct story *old = NULL, now, *members = NULL;
    size_t nold = 0, n = 0;
    bool changed = false;
    enum status st = family_before(c, &old, &nold);
    st = st ? st : settle(c, c->after.id, &changed);
    st = st ? st : settle_left(c, old, nold, &changed);
    st = st ? st : story_by_id(&c->v, c->after.id, PART_ADDRESS, &now);
    if (st)
        return st;
    c->after.family = now.family;
    if (now.family && (changed || change_moved(c))) {
        st = story_family(&c->v, now.family, true, &members, &n);
        if (!st)
            touch_family(c, members, n);
    }
    return st;
}

enum status change_family_without(struct change *c)
{
    struct story *old = NULL;
    size_t nold = 0;
    bool changed = false;
    enum status st = family_before(c, &old, &nold);
    st = st ? st : story_remove(c->tx, c->before.id);
    return st ? st : settle_left(c, old, nold, &changed);
}
