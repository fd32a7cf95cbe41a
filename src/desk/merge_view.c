/* Where two people changed the same words: what each wrote, and a choice to make. */
#include "desk/parts.h"

static const char *const field_names[] = {
#define X(name) #name,
    DRAFT_FIELDS(X)
#undef X
};

static const char *by_class(const struct merge_piece *p)
{
    static const char *const names[] = {"same", "mine", "theirs", "both", "choice"};
    return names[p->by];
}

static struct value_map *piece(struct ask *x, const struct merge_piece *p)
{
    struct value_map *m = map_make(x->a);
    map_set(m, "text", value_text(p->text));
    map_text(m, "by", str_c(by_class(p)));
    map_set(m, "plain", value_bool(p->by == BY_NOBODY));
    map_set(m, "gone", value_bool(p->gone && p->by != BY_NOBODY));
    map_set(m, "added", value_bool(!p->gone && p->by != BY_NOBODY));
    return m;
}

static struct value_map *choice(struct ask *x, const struct merge_choice *c, size_t number)
{
    struct value_map *m = map_make(x->a);
    map_text(m, "name", arena_fmt(x->a, "pick-%zu", number));
    map_text(m, "number", MESSAGE(&x->s, "desk-choice", A_NUM("number", (i64)number + 1)));
    map_text(m, "mine", c->mine.n ? c->mine : STR_NONE);
    map_text(m, "theirs", c->theirs.n ? c->theirs : STR_NONE);
    map_text(m, "was", c->base.n ? c->base : STR_NONE);
    return m;
}

/* One merge, as blocks of pieces; number: of its first choice. */
static void add_merge(struct ask *x, struct value_list *parts, const struct merge *merge,
                      str heading, size_t number)
{
    const struct merge_piece *pieces;
    const struct merge_choice *choices;
    size_t n = merge_pieces(merge, &pieces), nchoices = merge_choices(merge, &choices);
    struct value_map *part = map_make(x->a), *block = NULL;
    struct value_list *blocks = list_make(x->a), *runs = NULL, *picks = list_make(x->a);
    for (size_t i = 0; i < n; i++) {
        if (!block || pieces[i].begins) {
            block = map_make(x->a);
            runs = list_make(x->a);
            map_set(block, "pieces", value_list(runs));
            map_set(block, "moved", value_bool(pieces[i].moved));
            list_add(blocks, value_map(block));
        }
        list_add(runs, value_map(piece(x, &pieces[i])));
    }
    for (size_t i = 0; i < nchoices; i++)
        list_add(picks, value_map(choice(x, &choices[i], number + i)));
    map_text(part, "part", heading);
    map_set(part, "blocks", value_list(blocks));
    map_set(part, "choices", value_list(picks));
    map_set(part, "has_choices", value_bool(nchoices > 0));
    list_add(parts, value_map(part));
}

/* All that was typed travels with the choices, but what this answer itself adds. */
static struct value_list *typed(struct ask *x)
{
    struct value_list *list = list_make(x->a);
    for (size_t i = 0; i < x->form.n; i++) {
        const struct form_field *f = &x->form.fields[i];
        if (f->file || str_eq(f->name, STR("token")) || str_eq(f->name, STR("seen")) ||
            str_eq(f->name, STR("seen-live")) || str_starts(f->name, STR("pick-")))
            continue;
        struct value_map *m = map_make(x->a);
        map_text(m, "name", f->name);
        map_set(m, "value", value_text(f->value));
        list_add(list, value_map(m));
    }
    return list;
}

enum status merge_page(struct ask *x, const struct draft_saved *saved, struct reply *ret)
{
    struct value_list *parts = list_make(x->a);
    const struct merge_choice *ignored;
    size_t number = 0;
    for (size_t i = 0; i < COUNT(field_names); i++) {
        if (!saved->fields[i])
            continue;
        str heading =
            desk_say(x, arena_cstr(x->a, arena_fmt(x->a, "desk-field-%s", field_names[i])));
        add_merge(x, parts, saved->fields[i], heading, number);
        number += merge_choices(saved->fields[i], &ignored);
    }
    if (saved->body)
        add_merge(x, parts, saved->body, desk_say(x, "desk-field-body"), number);
    map_set(x->s.model, "parts", value_list(parts));
    map_set(x->s.model, "typed", value_list(typed(x)));
    map_text(x->s.model, "seen", arena_fmt(x->a, "%lld", (long long)saved->save));
    map_text(x->s.model, "seen_live", arena_fmt(x->a, "%lld", (long long)saved->live));
    map_text(x->s.model, "action", desk_story_path(x, x->key, ""));
    map_text(x->s.model, "words",
             saved->theirs_name.n
                 ? MESSAGE(&x->s, "desk-merge-words", A_TEXT("who", saved->theirs_name))
                 : desk_say(x, "desk-merge-file"));
    return desk_page(x, 409, "desk-merge", "desk-merge", desk_say(x, "desk-merge-title"), ret);
}

enum status merge_picked(struct ask *x, enum merge_pick **ret, size_t *n)
{
    static const char *const names[] = {"", "mine", "theirs", "both"};
    enum merge_pick *list = arena_new(x->a, enum merge_pick, x->form.n + 1);
    size_t most = 0;
    if (!list)
        return ST_NOMEM;
    for (size_t i = 0; i < x->form.n; i++) {
        i64 number;
        str name = x->form.fields[i].name;
        if (!str_starts(name, STR("pick-")) || str_i64(str_from(name, 5), &number) || number < 0 ||
            (size_t)number >= x->form.n)
            continue;
        for (size_t k = 1; k < COUNT(names); k++)
            if (str_eq(x->form.fields[i].value, str_c(names[k])))
                list[number] = (enum merge_pick)k;
        if ((size_t)number >= most)
            most = (size_t)number + 1;
    }
    *ret = list;
    *n = most;
    return ST_OK;
}
