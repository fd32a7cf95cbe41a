/* What stands above a story at the desk: a legal hold, an embargo, what its translations say. */
#include "desk/parts.h"
#include "newsroom/embargo.h"
#include "store/hold.h"

static enum status add_hold(struct ask *x, const struct draft *d)
{
    struct value_map *m = map_make(x->a);
    struct hold h;
    enum status st = d->work.held_ms ? hold_read(&x->v, d->work.id, &h) : ST_NOTFOUND;
    map_set(x->s.model, "hold", value_bool(false));
    if (st)
        return st == ST_NOTFOUND ? ST_OK : st;
    map_text(m, "since",
             MESSAGE(&x->s, "desk-held-by", A_TEXT("who", h.name),
                     A_TEXT("time", sheet_moment(&x->s, h.at))));
    map_text(m, "reason", h.reason);
    map_set(x->s.model, "hold", value_map(m));
    return ST_OK;
}

/* Its own, or a translation's, which isn't named: it may be restricted. */
static enum status add_embargo(struct ask *x, const struct draft *d)
{
    struct embargo e;
    enum status st = embargo_of(&x->v, d->work.key, &e);
    if (st)
        return st;
    bool stands = e.until > x->v.now;
    map_text(x->s.model, "embargo",
             stands ? MESSAGE(&x->s, "embargo-until", A_TEXT("time", sheet_moment(&x->s, e.until)))
                    : STR_NONE);
    map_set(x->s.model, "may_lift",
            value_bool(d->content.embargo > x->v.now && !d->work.due_ms &&
                       permitted(&x->actor, ACT_EMBARGO, &d->standing, false)));
    return ST_OK;
}

/* The source by its headline, in its own language. */
static struct value_map *told(struct ask *x, const struct due *d)
{
    struct value_map *m = map_make(x->a);
    struct work source;
    enum status st = work_by_key(&x->v, d->source_key, &source);
    if (st && !x->s.st)
        x->s.st = st;
    if (!st)
        m = desk_line(x, &source);
    map_text(m, "words", desk_told_words(x, d));
    return m;
}

static enum status add_told(struct ask *x, const struct draft *d)
{
    struct value_list *list = list_make(x->a);
    struct due *rows = NULL;
    size_t n = 0;
    enum status st = due_of(&x->v, d->work.id, DUE_TRANSLATION, x->actor.account, &rows, &n);
    for (size_t i = 0; !st && i < n; i++)
        list_add(list, value_map(told(x, &rows[i])));
    map_set(x->s.model, "told", value_list(list));
    map_set(x->s.model, "has_told", value_bool(n > 0));
    map_text(x->s.model, "told_last",
             n ? arena_fmt(x->a, "%lld", (long long)rows[n - 1].id) : STR_NONE);
    map_set(x->s.model, "may_need_nothing",
            value_bool(permitted(&x->actor, ACT_PUBLISH, &d->standing, false)));
    return st;
}

enum status story_notices(struct ask *x, const struct draft *d)
{
    enum status st = add_hold(x, d);
    st = st ? st : add_embargo(x, d);
    return st ? st : add_told(x, d);
}
