/* Words removed by order: where they stand, and the button. They come in a form's body and go with
 * it: no address has them, and nothing here is logged. */
#include "desk/parts.h"
#include "newsroom/removal.h"

/* ---- what is shown ---- */

static str row_words(struct ask *x, const struct removal_found *f)
{
    const char *name = removal_row_name(f->row);
    const char *key = arena_cstr(x->a, arena_fmt(x->a, "removal-row-%s", name));
    return f->number ? MESSAGE(&x->s, key, A_NUM("n", f->number)) : desk_say(x, key);
}

static struct value_map *line(struct ask *x, const struct removal_found *f)
{
    struct value_map *m = map_make(x->a);
    const char *place = words_place_name(f->place);
    map_text(m, "row", row_words(x, f));
    map_text(m, "place", desk_say(x, arena_cstr(x->a, arena_fmt(x->a, "removal-place-%s", place))));
    map_text(m, "times",
             f->n > 1 ? MESSAGE(&x->s, "removal-times", A_NUM("n", (i64)f->n)) : STR_NONE);
    map_set(m, "hidden", value_bool(!f->story.n));
    map_set(m, "before", value_text(f->before));
    map_set(m, "words", value_text(f->words));
    map_set(m, "after", value_text(f->after));
    map_text(m, "story", str_eq(f->story, x->key) ? STR_NONE : f->story);
    return m;
}

static void add_preview(struct ask *x, const struct removal_preview *p)
{
    struct value_map *m = x->s.model;
    struct value_list *list = list_make(x->a);
    for (size_t i = 0; i < p->n; i++)
        list_add(list, value_map(line(x, &p->list[i])));
    map_set(m, "places", value_list(list));
    map_set(m, "looked", value_bool(true));
    map_set(m, "found", value_bool(p->times > 0));
    map_set(m, "in_key", value_bool(p->in_key));
    map_set(m, "more", value_bool(p->more));
    map_text(m, "total", MESSAGE(&x->s, "desk-removal-found", A_NUM("n", (i64)p->times)));
}

static enum status form_again(struct ask *x, int status, const struct draft *d, str words,
                              str error, struct reply *ret)
{
    if (error.n)
        desk_error(x, error);
    map_text(x->s.model, "words", words);
    map_text(x->s.model, "action", desk_story_path(x, x->key, "/removal"));
    map_text(x->s.model, "back", desk_story_path(x, x->key, ""));
    map_text(x->s.model, "of",
             d->content.headline.n ? d->content.headline : desk_say(x, "desk-untitled"));
    return desk_page(x, status, "desk-removal", "desk-removal", desk_say(x, "desk-removal"), ret);
}

static enum status open_story(struct ask *x, struct draft *d)
{
    enum status st = desk_story(x, d);
    return st ? st : permitted(&x->actor, ACT_REMOVE, &d->standing, false) ? ST_OK : ST_DENIED;
}

enum status removal_page(struct ask *x, struct reply *ret)
{
    struct draft d;
    enum status st = open_story(x, &d);
    return st ? st : form_again(x, 200, &d, STR_NONE, STR_NONE, ret);
}

/* ---- what is done ---- */

static enum status look(struct ask *x, const struct draft *d, str words, struct reply *ret)
{
    struct removal_preview p = {0};
    enum status st = removal_preview(&x->v, &x->actor, x->key, words, &p);
    if (st == ST_INVALID)
        return form_again(x, 400, d, words, desk_error_text(x), ret);
    if (st)
        return st;
    add_preview(x, &p);
    return form_again(x, 200, d, words, STR_NONE, ret);
}

static enum status remove_words(struct ask *x, str words, struct reply *ret)
{
    struct draft d;
    size_t times;
    desk_done_reading(x);
    enum status st =
        removal_do(x->desk->removals, x->db, &x->actor, x->key, words, x->a, &times, x->err);
    if (!st)
        return desk_go(x, desk_story_path(x, x->key, "?done=removed"), ret);
    if (st != ST_INVALID)
        return st;
    str error = desk_error_text(x);
    st = desk_read(x);
    st = st ? st : open_story(x, &d);
    return st ? st : form_again(x, 400, &d, words, error, ret);
}

enum status removal_post(struct ask *x, struct reply *ret)
{
    struct draft d;
    str words = str_trim(form_text(&x->form, "words")), what = form_text(&x->form, "do");
    enum status st = open_story(x, &d);
    if (st)
        return st;
    if (str_eq(what, STR("look")))
        return look(x, &d, words, ret);
    return str_eq(what, STR("remove")) ? remove_words(x, words, ret) : ST_INVALID;
}
