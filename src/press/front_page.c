/* The front of an edition: what people have put there (newsroom/fronts.h), stories and rules, and
 * what follows by itself: the lead, the newest, and each section's newest, none of them twice. */
#include "newsroom/fronts.h"
#include "press/removed.h"
#include "press/story_page.h"

enum { SECOND_RANK = 5, SECTION_CARDS = 4 };

struct making {
    struct sheet *s;
    i64 shown[64]; /* no story stands there twice */
    size_t nshown;
};

static bool shown(const struct making *f, i64 id)
{
    for (size_t i = 0; i < f->nshown; i++)
        if (f->shown[i] == id)
            return true;
    return false;
}

static void show(struct making *f, i64 id)
{
    if (f->nshown < COUNT(f->shown))
        f->shown[f->nshown++] = id;
}

/* ---- what people have put there ---- */

static enum status slot_card(struct sheet *s, const struct front_slot *slot,
                             const struct story *story, struct value_map **ret)
{
    struct value_map *card = sheet_card(s, story);
    struct picture p;
    if (slot->headline.n)
        map_text(card, "headline", slot->headline);
    enum status st = front_picture(s->v, slot, &p);
    if (st && st != ST_NOTFOUND)
        return st;
    if (!st)
        map_set(card, "picture",
                value_map(sheet_image(s, slot->alt, p.address, p.width, p.height)));
    *ret = card;
    return ST_OK;
}

/* The first that readers find leads, whatever site.yaml says; the others begin the second rank. */
static enum status fill_slots(struct making *f, const struct front_slot *slots, size_t n,
                              struct value_list *second)
{
    struct sheet *s = f->s;
    struct story found[FRONT_SLOTS];
    struct value_map *card;
    enum status st = front_fill(s->v, s->edition->id, slots, n, found);
    for (size_t i = 0; !st && i < n; i++) {
        if (!found[i].id)
            continue;
        st = slot_card(s, &slots[i], &found[i], &card);
        if (st)
            return st;
        if (f->nshown == 0)
            map_set(s->model, "lead", value_map(card));
        else
            list_add(second, value_map(card));
        show(f, found[i].id);
    }
    return st;
}

/* ---- what follows by itself ---- */

static enum status newest(struct sheet *s, const char *list, struct story *ret)
{
    struct story *found = NULL;
    size_t n = 0;
    enum status st = story_list(
        s->v,
        &(struct story_list_query){
            .list = arena_fmt(s->a, "%s/%lld", list, (long long)s->edition->id), .limit = 1},
        &found, &n);
    if (!st && n)
        *ret = found[0];
    return st ? st : n ? ST_OK : ST_NOTFOUND;
}

/* The lead of site.yaml while it is live, else the newest with a picture, else the newest. */
static enum status find_lead(struct sheet *s, struct story *ret)
{
    enum status st = ST_NOTFOUND;
    if (s->edition->lead.n)
        st =
            front_story(s->v, s->edition->id, &(struct front_slot){.story = s->edition->lead}, ret);
    if (st == ST_NOTFOUND)
        st = newest(s, "pictured-list", ret);
    if (st == ST_NOTFOUND)
        st = newest(s, "edition-list", ret);
    return st;
}

static enum status fill_lead(struct making *f)
{
    struct story lead;
    enum status st = find_lead(f->s, &lead);
    if (st)
        return st == ST_NOTFOUND ? ST_OK : st;
    show(f, lead.id);
    map_set(f->s->model, "lead", value_map(sheet_card(f->s, &lead)));
    return ST_OK;
}

static enum status fill_cards(struct making *f, str list, size_t want, struct value_list *into)
{
    i64 *ids = NULL;
    size_t n = 0;
    struct story story;
    enum status st = story_list_ids(f->s->v, list, want + f->nshown, &ids, &n);
    for (size_t i = 0; !st && i < n && list_count(into) < want; i++) {
        if (shown(f, ids[i]))
            continue;
        show(f, ids[i]);
        st = story_by_id(f->s->v, ids[i], PART_CARD, &story);
        if (!st)
            list_add(into, value_map(sheet_card(f->s, &story)));
    }
    return st;
}

static enum status section_row(struct making *f, const struct section *c, struct value_list *rows)
{
    struct sheet *s = f->s;
    struct value_list *cards = list_make(s->a), *rest = list_make(s->a);
    struct value_map *row = map_make(s->a);
    enum status st =
        fill_cards(f, arena_fmt(s->a, "section-list/%lld", (long long)c->id), SECTION_CARDS, cards);
    if (st || list_count(cards) == 0)
        return st;
    view_keyf(s->v, "section/%lld", (long long)c->id);
    map_text(row, "name", c->name);
    map_text(row, "description", c->description);
    map_text(row, "href", arena_fmt(s->a, "%.*s/%.*s/", FMT(s->prefix), FMT(c->slug)));
    map_set(row, "first", list_at(cards, 0));
    for (size_t i = 1; i < list_count(cards); i++)
        list_add(rest, list_at(cards, i));
    map_set(row, "has_rest", value_bool(list_count(rest) > 0));
    map_set(row, "rest", value_list(rest));
    list_add(rows, value_map(row));
    return ST_OK;
}

/* The fronts of the other editions are the same page in another language. */
static void set_alternates(struct sheet *s)
{
    struct value_list *list = list_make(s->a);
    if (s->neditions < 2)
        return;
    for (size_t i = 0; i < s->neditions; i++) {
        struct value_map *m = map_make(s->a);
        str path = i ? arena_fmt(s->a, "/%.*s/", FMT(s->editions[i].slug)) : STR("/");
        map_text(m, "lang", sheet_language(s, &s->editions[i]));
        map_text(m, "url", sheet_absolute(s, path));
        list_add(list, value_map(m));
    }
    map_set(s->model, "alternates", value_list(list));
    map_text(s->model, "x_default", sheet_absolute(s, STR("/")));
}

static enum status fill(struct sheet *s, const struct front_slot *slots, size_t n)
{
    struct making f = {.s = s};
    struct value_list *second = list_make(s->a), *rows = list_make(s->a);
    enum status st = fill_slots(&f, slots, n, second);
    if (!st && f.nshown == 0)
        st = fill_lead(&f);
    st = st ? st
            : fill_cards(&f, arena_fmt(s->a, "edition-list/%lld", (long long)s->edition->id),
                         SECOND_RANK, second);
    for (size_t i = 0; !st && i < s->nsections; i++)
        if (s->sections[i].listed && s->sections[i].navigation)
            st = section_row(&f, &s->sections[i], rows);
    map_set(s->model, "has_second", value_bool(list_count(second) > 0));
    map_set(s->model, "second", value_list(second));
    map_set(s->model, "rows", value_list(rows));
    map_set(s->model, "is_front", value_bool(true));
    map_text(s->model, "kind", STR("front"));
    return st;
}

enum status front_page(const struct press *p, struct sheet *s, struct result *ret)
{
    struct front now;
    html out;
    (void)p;
    enum status st = front_in_force(s->v, s->edition->id, &now);
    st = st ? st : fill(s, now.slots, now.n);
    if (st)
        return st;
    set_alternates(s);
    str home = s->prefix.n ? arena_fmt(s->a, "%.*s/", FMT(s->prefix)) : STR("/");
    map_text(s->model, "feed", arena_fmt(s->a, "%.*sfeed.xml", FMT(home)));
    sheet_common(s, home, s->edition->name, s->edition->motto, 0);
    st = sheet_print(s, "front", &out);
    if (!st)
        *ret = html_result(out, 200);
    return st;
}

/* It has no address: nothing is told to other sites. */
enum status press_preview_front(const struct press *p, struct view *v, str edition,
                                const struct front_slot *slots, size_t n, str *ret, struct err *err)
{
    struct sheet s;
    struct page_key k = {.kind = PAGE_FRONT};
    html out;
    enum status st = sheet_open(&s, v, p->theme, &k, edition);
    st = st ? st : fill(&s, slots, n);
    if (!st) {
        map_set(s.model, "noindex", value_bool(true));
        sheet_common(&s, STR_NONE, s.edition->name, s.edition->motto, 0);
        st = sheet_print(&s, "front", &out);
    }
    st = st ? st : removed_show(&s, STR("text/html"), &out.s);
    if (st)
        return v->a->oom ? fail(err, ST_NOMEM, "the preview needs more memory than a request has")
                         : st;
    *ret = out.s;
    return ST_OK;
}
