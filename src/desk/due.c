/* What is due, and why each line of it stands there, in the words of whoever looks. */
#include "desk/parts.h"

enum { DUE_FIRST = 12, DUE_MOST = 200, DUE_AHEAD = 1 };

str desk_told_words(struct ask *x, const struct due *d)
{
    const char *key = d->kind == REV_WITHDRAWAL      ? "due-withdrawn"
                      : d->kind == REV_CLARIFICATION ? "due-clarified"
                                                     : "due-corrected";
    return MESSAGE(&x->s, key, A_NUM("n", d->revision), A_TEXT("time", sheet_moment(&x->s, d->at)));
}

/* Whoever may approve is waited for; others see how far it is. */
static const char *review_key(struct ask *x, const struct work *w)
{
    i64 me = x->actor.account;
    struct standing s = {.sent = w->saved_by == me || w->sent_by == me}; /* seen: so not hidden */
    return permitted(&x->actor, ACT_APPROVE, &s, x->desk->four_eyes) ? "due-review"
                                                                     : "due-in-review";
}

str desk_refused_words(struct ask *x, const struct due *d)
{
    static const char *const keys[] = {[REFUSED_OTHERWISE] = "due-refused",
                                       [REFUSED_BY_HOLD] = "due-refused-hold",
                                       [REFUSED_BY_EMBARGO] = "due-refused-embargo",
                                       [REFUSED_BY_OVERLAP] = "due-refused-overlap",
                                       [REFUSED_BY_WITHDRAWAL] = "due-refused-withdrawn"};
    str words;
    const char *field = story_form_field(d->words, &words);
    const char *key = keys[d->kind > 0 && d->kind < (i64)COUNT(keys) ? d->kind : 0];
    return MESSAGE(&x->s, key, A_TEXT("time", sheet_moment(&x->s, d->at)),
                   A_TEXT("why", desk_refusal(x, field, words)));
}

static str why_words(struct ask *x, const struct due *d)
{
    str time = sheet_moment(&x->s, d->at);
    const char *key = arena_cstr(x->a, arena_fmt(x->a, "due-%s", due_why_name(d->why)));
    switch (d->why) {
    case DUE_REFUSED:
        return desk_refused_words(x, d);
    case DUE_TRANSLATION:
        return desk_told_words(x, d);
    case DUE_SENT_BACK:
        return MESSAGE(&x->s, key, A_TEXT("who", d->name), A_TEXT("time", time));
    case DUE_REVIEW:
        return MESSAGE(&x->s, review_key(x, &d->work),
                       A_TEXT("time", sheet_moment(&x->s, d->work.touched_ms)));
    case DUE_APPROVED:
        return MESSAGE(&x->s, key, A_TEXT("time", sheet_moment(&x->s, d->work.touched_ms)));
    default:
        return MESSAGE(&x->s, key, A_TEXT("time", time));
    }
}

/* What was refused is on the schedule, as everybody can see beside it. */
static bool says_more(const struct due *first, const struct due *d)
{
    bool scheduled = d->why == DUE_SCHEDULED || d->why == DUE_HELD;
    return d->work.id == first->work.id && !(first->why == DUE_REFUSED && scheduled);
}

/* A story stands there once, where its first reason would, with all of them; NULL: it stands there
 * already. */
static struct value_map *line_of(struct ask *x, const struct due *list, size_t i, size_t n)
{
    struct value_list *whys = list_make(x->a);
    for (size_t k = 0; k < i; k++)
        if (list[k].work.id == list[i].work.id)
            return NULL;
    struct value_map *m = desk_line(x, &list[i].work);
    for (size_t k = i; k < n; k++) {
        if (!says_more(&list[i], &list[k]))
            continue;
        struct value_map *why = map_make(x->a);
        bool grave =
            list[k].why == DUE_REFUSED || list[k].why == DUE_HELD || list[k].why == DUE_LATE;
        map_text(why, "words", why_words(x, &list[k]));
        map_set(why, "grave", value_bool(grave));
        list_add(whys, value_map(why));
    }
    map_set(m, "whys", value_list(whys));
    return m;
}

enum status desk_due(struct ask *x, bool all, struct value_list **ret, bool *more)
{
    size_t most = all ? DUE_MOST : DUE_FIRST, n = 0;
    struct work_query q = {.viewer = x->actor.account, .all = desk_sees_all(x), .limit = most + 1};
    struct due *list = NULL;
    struct value_list *lines = list_make(x->a);
    enum status st = due_list(&x->v, &q, x->v.now + DUE_AHEAD * MS_DAY, &list, &n);
    if (st)
        return st;
    *more = n > most;
    n = *more ? most : n;
    for (size_t i = 0; i < n; i++) {
        struct value_map *m = line_of(x, list, i, n);
        if (m)
            list_add(lines, value_map(m));
    }
    *ret = lines;
    return ST_OK;
}
