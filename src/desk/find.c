/* Stories to point to, found by their words: a page to copy from, which the editor's script asks
 * too while somebody types (desk-ui/find.ts). */
#include "desk/parts.h"
#include "newsroom/find.h"

enum { FOUND_LOOKED_AT = 60, FOUND_SHOWN = 12 };

/* What can be written of a story, in the text or in its field. */
static struct value_map *line(struct ask *x, const struct work *w)
{
    struct value_map *m = map_make(x->a);
    map_text(m, "key", w->key);
    map_text(m, "headline", w->headline);
    map_text(m, "section", w->section);
    map_text(m, "markdown", arena_fmt(x->a, "[%.*s](story:%.*s)", FMT(w->headline), FMT(w->key)));
    map_set(m, "touched", value_map(desk_moment(x, w->touched_ms)));
    return m;
}

/* Live ones of the story's own edition, but for itself, among what whoever asks sees in lists. */
static enum status find_others(struct ask *x, const struct draft *d, str typed, bool background)
{
    struct work_query rules = {.viewer = x->actor.account,
                               .all = desk_sees_all(x),
                               .public = STORY_LIVE + 1,
                               .edition = d->work.edition,
                               .limit = FOUND_LOOKED_AT};
    struct value_list *list = list_make(x->a);
    struct found f = {0};
    enum status st = find_typed(&x->v, typed, &rules, NULL, &f);
    size_t n = 0;
    for (size_t i = 0; !st && i < f.n; i++) {
        const struct work *w = &f.list[i];
        bool fits = background ? w->kind == KIND_BACKGROUND : w->kind != KIND_PAGE;
        if (fits && w->id != d->work.id && n++ < FOUND_SHOWN)
            list_add(list, value_map(line(x, w)));
    }
    bool more = n > FOUND_SHOWN || f.partial || f.next.id;
    map_set(x->s.model, "found", value_list(list));
    map_set(x->s.model, "has_found", value_bool(n > 0));
    map_text(x->s.model, "said",
             n ? MESSAGE(&x->s, "desk-found", A_NUM("n", (i64)list_count(list))) : STR_NONE);
    map_text(x->s.model, "found_note",
             !typed.n ? STR_NONE
             : n == 0 ? desk_say(x, "desk-find-none")
             : more   ? desk_say(x, "desk-find-more")
                      : STR_NONE);
    return st;
}

enum status find_page(struct ask *x, struct reply *ret)
{
    struct draft d;
    str typed = str_trim(request_query(x->r, STR("find"))), kind = request_query(x->r, STR("kind"));
    bool background = str_eq(kind, STR("background"));
    if (kind.n && !background)
        return ST_INVALID;
    enum status st = desk_story(x, &d);
    st = st ? st : find_others(x, &d, typed, background);
    if (st)
        return st;
    desk_add_language(x, d.work.edition);
    map_text(x->s.model, "find", typed);
    map_text(x->s.model, "kind_asked", kind);
    map_text(x->s.model, "action", desk_story_path(x, x->key, "/find"));
    map_text(x->s.model, "back", desk_story_path(x, x->key, ""));
    return desk_page(x, 200, "desk-find", "desk-find",
                     desk_say(x, background ? "desk-find-background" : "desk-find-story"), ret);
}
