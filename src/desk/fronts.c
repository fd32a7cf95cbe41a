/* The front of each edition: places, what stands in them, and every front there was. */
#include "desk/parts.h"
#include "newsroom/fronts.h"
#include "store/name.h"
#include "text/slug.h"

enum { STORIES_OFFERED = 40, TOPICS_OFFERED = 60, FRONTS_LISTED = 20 };

/* A front on its way through the form. A page is read anew after a write, and the edition with it.
 */
struct arranging {
    struct edition edition;
    i64 base; /* the front that was looked at */
    struct front_slot slots[FRONT_SLOTS];
    size_t row[FRONT_SLOTS]; /* in which row of the form each stood, from 0 */
    size_t n;
    size_t bad; /* which place an error is about, from 1; 0 for none */
    bool unsaved;
};

/* ---- the form, read ---- */

static str field(struct ask *x, const char *name, size_t row)
{
    const char *whole = arena_cstr(x->a, arena_fmt(x->a, "%s-%zu", name, row));
    return str_trim(form_text(&x->form, whole));
}

static enum status picture_named(struct ask *x, str text, str *ret)
{
    struct picture p;
    str path = desk_path_of(x, text);
    *ret = text;
    if (!str_starts(path, STR("/")))
        return ST_OK;
    enum status st = picture_public(&x->v, path, &p);
    if (!st)
        *ret = p.key;
    return st == ST_NOTFOUND ? ST_OK : st;
}

/* How the form calls a rule: "section/town". */
static const str rule_names[SLOT_RULES] = {[SLOT_STORY] = {"", 0},
                                           [SLOT_NEWEST] = {"newest", 6},
                                           [SLOT_PICTURED] = {"pictured", 8},
                                           [SLOT_SECTION] = {"section", 7},
                                           [SLOT_TOPIC] = {"topic", 5}};

static str rule_value(struct ask *x, enum slot_rule rule, str about)
{
    return about.n ? arena_fmt(x->a, "%.*s/%.*s", FMT(rule_names[rule]), FMT(about))
                   : rule_names[rule];
}

/* ST_INVALID for what the form offers nowhere; that there is such a section is not asked here. */
static enum status rule_named(str text, struct front_slot *s)
{
    str name, about = str_cut(text, '/', &name);
    for (size_t i = 0; i < COUNT(rule_names); i++)
        if (str_eq(name, rule_names[i]) &&
            (about.n > 0) == (i == SLOT_SECTION || i == SLOT_TOPIC)) {
            s->rule = (enum slot_rule)i;
            s->about = about;
            return ST_OK;
        }
    return ST_INVALID;
}

static enum status read_row(struct ask *x, size_t row, struct front_slot *ret)
{
    struct front_slot s = {0};
    enum status st = rule_named(field(x, "rule", row), &s);
    st = st ? st : desk_story_named(x, field(x, "story", row), &s.story);
    st = st ? st : picture_named(x, field(x, "picture", row), &s.picture);
    st = st ? st : text_nfc(field(x, "headline", row), x->a, &s.headline);
    st = st ? st : text_nfc(field(x, "alt", row), x->a, &s.alt);
    if (!st)
        *ret = s;
    return st;
}

static enum status read_slots(struct ask *x, struct arranging *g)
{
    i64 order[FRONT_SLOTS];
    for (size_t row = 0; row < FRONT_SLOTS; row++) {
        struct front_slot s;
        enum status st = read_row(x, row, &s);
        if (st)
            return st;
        if (s.rule == SLOT_STORY && !s.story.n && !s.headline.n && !s.picture.n && !s.alt.n)
            continue;
        size_t at = g->n++;
        i64 want = desk_place(field(x, "number", row), row, FRONT_SLOTS);
        for (; at > 0 && order[at - 1] > want; at--) {
            order[at] = order[at - 1];
            g->slots[at] = g->slots[at - 1];
            g->row[at] = g->row[at - 1];
        }
        order[at] = want;
        g->slots[at] = s;
        g->row[at] = row;
    }
    return ST_OK;
}

/* ---- the page ---- */

/* The rules that can be chosen for a place: {value, words}. */
struct rules {
    str value[SITE_SECTIONS + TOPICS_OFFERED + SLOT_RULES + FRONT_SLOTS],
        words[SITE_SECTIONS + TOPICS_OFFERED + SLOT_RULES + FRONT_SLOTS];
    size_t n;
};

/* Once, however often it is asked for. */
static void offer(struct rules *r, str value, str words)
{
    for (size_t i = 0; i < r->n; i++)
        if (str_eq(r->value[i], value))
            return;
    if (r->n < COUNT(r->value)) {
        r->value[r->n] = value;
        r->words[r->n++] = words;
    }
}

static void offer_topic(struct ask *x, struct rules *r, const struct name *topic)
{
    offer(r, rule_value(x, SLOT_TOPIC, topic->slug),
          MESSAGE(&x->s, "desk-front-newest-on", A_TEXT("topic", topic->name)));
}

/* The topics of the edition's newest stories. */
static enum status offer_topics(struct ask *x, i64 edition, struct rules *r)
{
    i64 *ids = NULL;
    size_t n = 0, most = r->n + TOPICS_OFFERED;
    enum status st = story_list_ids(&x->v, arena_fmt(x->a, "edition-list/%lld", (long long)edition),
                                    STORIES_OFFERED, &ids, &n);
    for (size_t i = 0; !st && i < n; i++) {
        struct name *names = NULL;
        size_t nnames = 0;
        st = names_of(&x->v, ids[i], &names, &nnames);
        for (size_t k = 0; !st && k < nnames && r->n < most; k++)
            if (names[k].kind == NAME_TOPIC)
                offer_topic(x, r, &names[k]);
    }
    return st;
}

/* What stands in a place is among them, whatever has become of it: a topic that isn't new, a
 * section that is gone. */
static enum status offer_chosen(struct ask *x, i64 edition, const struct front_slot *s,
                                struct rules *r)
{
    struct name topic;
    if (s->rule == SLOT_TOPIC) {
        enum status st = name_by_slug(&x->v, NAME_TOPIC, edition, s->about, &topic);
        if (!st)
            offer_topic(x, r, &topic);
        if (st != ST_NOTFOUND)
            return st;
    }
    if (s->rule == SLOT_SECTION)
        offer(r, rule_value(x, s->rule, s->about),
              MESSAGE(&x->s, "desk-front-newest-in", A_TEXT("section", s->about)));
    return ST_OK;
}

static enum status offer_rules(struct ask *x, const struct arranging *g, struct rules *r)
{
    const struct section *sections = NULL;
    size_t n = 0;
    offer(r, rule_names[SLOT_STORY], desk_say(x, "desk-front-named"));
    offer(r, rule_names[SLOT_NEWEST], desk_say(x, "desk-front-newest"));
    offer(r, rule_names[SLOT_PICTURED], desk_say(x, "desk-front-pictured"));
    enum status st = sections_read(&x->v, g->edition.id, &sections, &n);
    for (size_t i = 0; !st && i < n; i++)
        if (sections[i].listed)
            offer(r, rule_value(x, SLOT_SECTION, sections[i].slug),
                  MESSAGE(&x->s, "desk-front-newest-in", A_TEXT("section", sections[i].name)));
    st = st ? st : offer_topics(x, g->edition.id, r);
    for (size_t i = 0; !st && i < g->n; i++)
        st = offer_chosen(x, g->edition.id, &g->slots[i], r);
    return st;
}

static void add_rules(struct ask *x, const struct rules *r, str chosen, struct value_map *m)
{
    struct value_list *list = list_make(x->a);
    for (size_t i = 0; i < r->n; i++)
        desk_option(x, list, r->value[i], r->words[i], chosen);
    map_set(m, "rules", value_list(list));
}

static void add_slot(struct ask *x, struct value_list *list, size_t place)
{
    struct value_map *m = map_make(x->a);
    map_text(m, "row", arena_fmt(x->a, "%zu", place - 1));
    map_text(m, "place", arena_fmt(x->a, "%zu", place));
    map_text(m, "called",
             place == 1 ? desk_say(x, "desk-front-lead")
                        : MESSAGE(&x->s, "desk-front-place", A_NUM("n", (i64)place)));
    list_add(list, value_map(m));
}

/* What readers find in it; of what they don't find nothing is told. */
static enum status add_found(struct ask *x, const struct front_slot *s, const struct story *story,
                             struct value_map *m)
{
    struct picture p;
    if (!story->id) {
        map_text(m, "hidden",
                 desk_say(x, s->rule == SLOT_STORY ? "desk-front-hidden" : "desk-front-nothing"));
        return ST_OK;
    }
    map_text(m, "href", story->path);
    map_text(m, "found", story->front.n ? story->front : story->headline);
    map_text(m, "image", story->picture_address);
    enum status st = front_picture(&x->v, s, &p);
    if (!st)
        map_text(m, "image", p.address);
    return st == ST_NOTFOUND ? ST_OK : st;
}

/* Which field of a place the error is about: the end of its message's key. */
static void mark_bad(struct value_map *m, str error)
{
    static const struct {
        const char *end, *mark;
    } fields[] = {{"-headline", "bad_headline"},
                  {"-picture", "bad_picture"},
                  {"-alt", "bad_alt"},
                  {"-rule", "bad_rule"}};
    for (size_t i = 0; i < COUNT(fields); i++)
        if (str_ends(error, str_c(fields[i].end))) {
            map_set(m, fields[i].mark, value_bool(true));
            return;
        }
    map_set(m, "bad_story", value_bool(true));
}

static enum status add_slots(struct ask *x, const struct arranging *g, str error)
{
    struct value_list *list = list_make(x->a);
    struct rules *rules = arena_new(x->a, struct rules, 1);
    struct story found[FRONT_SLOTS] = {0};
    enum status st = rules ? offer_rules(x, g, rules) : ST_NOMEM;
    st = st ? st : front_fill(&x->v, g->edition.id, g->slots, g->n, found);
    for (size_t i = 0; !st && i < FRONT_SLOTS; i++) {
        str chosen = STR_NONE;
        if (i < g->n)
            chosen = rule_value(x, g->slots[i].rule, g->slots[i].about);
        add_slot(x, list, i + 1);
        add_rules(x, rules, chosen, list_at(list, i).map);
    }
    for (size_t i = 0; !st && i < g->n; i++) {
        struct value_map *m = list_at(list, i).map;
        map_set(m, "filled", value_bool(true));
        map_set(m, "first", value_bool(i == 0));
        map_set(m, "last", value_bool(i + 1 == g->n));
        map_text(m, "story", g->slots[i].story);
        map_text(m, "headline", g->slots[i].headline);
        map_text(m, "picture", g->slots[i].picture);
        map_text(m, "alt", g->slots[i].alt);
        if (g->bad == i + 1)
            mark_bad(m, error);
        st = add_found(x, &g->slots[i], &found[i], m);
    }
    map_set(x->s.model, "slots", value_list(list));
    return st;
}

/* The edition's newest, with their pictures, to choose from. */
static enum status add_offered(struct ask *x, const struct arranging *g)
{
    struct story *list = NULL;
    size_t n = 0;
    struct value_list *stories = list_make(x->a), *pictures = list_make(x->a);
    str name = arena_fmt(x->a, "edition-list/%lld", (long long)g->edition.id);
    enum status st = story_list(
        &x->v, &(struct story_list_query){.list = name, .limit = STORIES_OFFERED}, &list, &n);
    for (size_t i = 0; !st && i < n; i++) {
        struct value_map *m = map_make(x->a);
        map_text(m, "value", list[i].key);
        map_text(m, "words", list[i].headline);
        list_add(stories, value_map(m));
        if (!list[i].picture)
            continue;
        m = map_make(x->a);
        map_text(m, "value", list[i].picture_address);
        map_text(m, "words", list[i].headline);
        list_add(pictures, value_map(m));
    }
    map_set(x->s.model, "stories", value_list(stories));
    map_set(x->s.model, "pictures", value_list(pictures));
    return st;
}

static str front_path(struct ask *x, str edition)
{
    return arena_fmt(x->a, "/desk/fronts/%.*s", FMT(edition));
}

static struct value_map *line(struct ask *x, const struct front *f, const struct front *now)
{
    struct value_map *m = map_make(x->a);
    str id = arena_fmt(x->a, "%lld", (long long)f->id);
    map_text(m, "id", id);
    map_text(m, "look", arena_fmt(x->a, "%.*s?from=%.*s", FMT(front_path(x, x->key)), FMT(id)));
    map_text(m, "who", f->name);
    map_set(m, "at", value_map(desk_moment(x, f->due ? f->due : f->at)));
    map_set(m, "in_force", value_bool(f->id == now->id));
    return m;
}

static enum status add_others(struct ask *x, const struct arranging *g, const struct front *now)
{
    struct front *list = NULL, *soon = NULL;
    size_t n = 0, nsoon = 0;
    struct value_list *fronts = list_make(x->a), *waiting = list_make(x->a);
    enum status st = front_list(&x->v, g->edition.id, FRONTS_LISTED, &list, &n);
    st = st ? st : front_waiting(&x->v, g->edition.id, FRONTS_LISTED, &soon, &nsoon);
    for (size_t i = 0; !st && i < n; i++)
        list_add(fronts, value_map(line(x, &list[i], now)));
    for (size_t i = 0; !st && i < nsoon; i++)
        list_add(waiting, value_map(line(x, &soon[i], now)));
    map_set(x->s.model, "fronts", value_list(fronts));
    map_set(x->s.model, "has_fronts", value_bool(list_count(fronts) > 0));
    map_set(x->s.model, "waiting", value_list(waiting));
    map_set(x->s.model, "has_waiting", value_bool(list_count(waiting) > 0));
    map_text(x->s.model, "in_force", arena_fmt(x->a, "%lld", (long long)now->id));
    map_text(x->s.model, "saved",
             now->id ? MESSAGE(&x->s, "desk-saved-by", A_TEXT("who", now->name),
                               A_TEXT("time", sheet_moment(&x->s, now->at)))
                     : desk_say(x, "desk-front-none"));
    return st;
}

/* Words of the front are in its edition's language, whatever the desk's is. */
static void add_editions(struct ask *x, const struct arranging *g)
{
    struct value_list *list = list_make(x->a);
    for (size_t i = 0; i < x->s.neditions; i++) {
        const struct edition *e = &x->s.editions[i];
        const struct locale *l = theme_locale(x->desk->theme, e->locale);
        struct value_map *m = map_make(x->a);
        bool here = e->id == g->edition.id;
        if (!l)
            continue;
        map_text(m, "name", e->name);
        map_text(m, "lang", e->locale);
        map_text(m, "dir", locale_rtl(l) ? STR("rtl") : STR("ltr"));
        map_text(m, "href", front_path(x, e->slug));
        map_set(m, "current", value_bool(here));
        list_add(list, value_map(m));
        if (!here)
            continue;
        map_text(x->s.model, "story_lang", e->locale);
        map_text(x->s.model, "story_dir", locale_rtl(l) ? STR("rtl") : STR("ltr"));
        map_text(x->s.model, "page", i ? arena_fmt(x->a, "/%.*s/", FMT(e->slug)) : STR("/"));
    }
    map_set(x->s.model, "front_editions", value_list(list));
    map_set(x->s.model, "has_front_editions", value_bool(list_count(list) > 1));
}

static void add_done(struct ask *x)
{
    static const char *const known[] = {"front", "front-taken", "front-scheduled", "unscheduled"};
    desk_done(x, known, COUNT(known));
}

/* error: a message's key, "" for none. */
static enum status arrange(struct ask *x, int status, struct arranging *g, str error,
                           struct reply *ret)
{
    struct front now = {0};
    enum status st = front_edition(&x->v, x->key, &g->edition);
    st = st ? st : front_in_force(&x->v, g->edition.id, &now);
    if (!st && status == 409) /* whoever presses again has been told */
        g->base = now.id;
    st = st ? st : add_slots(x, g, error);
    st = st ? st : add_offered(x, g);
    st = st ? st : add_others(x, g, &now);
    if (st)
        return st;
    add_editions(x, g);
    add_done(x);
    if (error.n)
        desk_error(x, desk_say(x, arena_cstr(x->a, error)));
    map_text(x->s.model, "desk_front_js", theme_asset(x->desk->theme, STR("desk-front.js")));
    map_text(x->s.model, "action", front_path(x, x->key));
    map_text(x->s.model, "base", arena_fmt(x->a, "%lld", (long long)g->base));
    map_text(x->s.model, "f_at", form_text(&x->form, "at"));
    map_set(x->s.model, "bad_at", value_bool(str_starts(error, STR("desk-error-time"))));
    map_text(x->s.model, "places", arena_fmt(x->a, "%d", FRONT_SLOTS));
    map_set(x->s.model, "unsaved", value_bool(g->unsaved));
    return desk_page(x, status, "desk-front", "desk-front",
                     MESSAGE(&x->s, "desk-front-of", A_TEXT("edition", g->edition.name)), ret);
}

enum status fronts_page(struct ask *x, struct reply *ret)
{
    return desk_go(x, front_path(x, x->s.edition->slug), ret);
}

static void put_in_form(struct arranging *g, const struct front *f)
{
    memcpy(g->slots, f->slots, sizeof g->slots);
    g->n = f->n;
}

/* The one in force, or an earlier one, to be looked at and perhaps saved again. */
enum status front_get(struct ask *x, struct reply *ret)
{
    struct arranging g = {0};
    struct front shown;
    i64 from;
    str asked = request_query(x->r, STR("from"));
    enum status st = front_edition(&x->v, x->key, &g.edition);
    st = st ? st : front_in_force(&x->v, g.edition.id, &shown);
    if (st)
        return st;
    g.base = shown.id;
    if (asked.n) {
        if (str_i64(asked, &from))
            return ST_INVALID;
        st = front_read(&x->v, g.edition.id, from, &shown);
        g.unsaved = shown.id != g.base;
    }
    if (st)
        return st;
    put_in_form(&g, &shown);
    return arrange(x, 200, &g, STR_NONE, ret);
}

/* ---- buttons ---- */

struct saving {
    struct ask *x;
    struct arranging *g;
    i64 from, at, id; /* from: an earlier front, 0 to save what stands in the form */
};

static enum status save_tx(struct tx *tx, void *arg)
{
    struct saving *s = arg;
    struct front_save ask = {
        .edition = s->x->key, .base = s->g->base, .at = s->at, .slots = s->g->slots, .n = s->g->n};
    return s->from
               ? front_take_up(tx, &s->x->actor, s->x->key, s->g->base, s->from, &s->id, &s->g->bad)
               : front_save(tx, &s->x->actor, &ask, &s->id, &s->g->bad);
}

static enum status drop_tx(struct tx *tx, void *arg)
{
    const struct saving *s = arg;
    return front_unschedule(tx, &s->x->actor, s->x->key, s->from);
}

/* from: as in saving: what couldn't be taken up stands in the form then. */
static enum status refused(struct ask *x, enum status why, struct arranging *g, i64 from,
                           struct reply *ret)
{
    struct front earlier;
    str error = arena_str(x->a, str_c(x->err->text));
    if ((why != ST_INVALID && why != ST_CONFLICT) || !str_starts(error, STR("desk-error-")))
        return why;
    g->unsaved = true;
    enum status st = desk_read(x);
    if (!st && from) {
        st = front_edition(&x->v, x->key, &g->edition);
        st = st ? st : front_read(&x->v, g->edition.id, from, &earlier);
        if (!st)
            put_in_form(g, &earlier);
    }
    return st ? st : arrange(x, why == ST_CONFLICT ? 409 : 400, g, error, ret);
}

static enum status done(struct ask *x, const char *what, struct reply *ret)
{
    return desk_go(x, arena_fmt(x->a, "%.*s?done=%s", FMT(front_path(x, x->key)), what), ret);
}

static enum status save(struct ask *x, struct arranging *g, i64 from, i64 at, struct reply *ret)
{
    struct saving s = {.x = x, .g = g, .from = from, .at = at};
    desk_done_reading(x);
    enum status st = writer_do(x->desk->intake->writer, save_tx, &s, x->err);
    if (st)
        return refused(x, st, g, from, ret);
    return done(x, from ? "front-taken" : at ? "front-scheduled" : "front", ret);
}

static enum status schedule(struct ask *x, struct arranging *g, struct reply *ret)
{
    i64 at;
    enum status st = desk_local_read(x, form_text(&x->form, "at"), &at);
    if (st == ST_INVALID || (!st && !at))
        return refused(x, fail(x->err, ST_INVALID, "desk-error-time"), g, 0, ret);
    return st ? st : save(x, g, 0, at, ret);
}

static enum status drop(struct ask *x, struct arranging *g, i64 waiting, struct reply *ret)
{
    struct saving s = {.x = x, .g = g, .from = waiting};
    desk_done_reading(x);
    enum status st = writer_do(x->desk->intake->writer, drop_tx, &s, x->err);
    return st ? st : done(x, "unscheduled", ret);
}

static enum status show(struct ask *x, struct arranging *g, struct reply *ret)
{
    struct press press = {.theme = x->desk->theme, .blobs = x->desk->intake->blobs};
    str page;
    enum status st = front_check(&x->v, g->edition.id, g->slots, g->n, &g->bad);
    if (st)
        return refused(x, st, g, 0, ret);
    st = press_preview_front(&press, &x->v, g->edition.slug, g->slots, g->n, &page, x->err);
    if (st)
        return st;
    *ret = (struct reply){
        .status = 200, .content_type = STR("text/html; charset=utf-8"), .body = page};
    return ST_OK;
}

static void swap(struct arranging *g, size_t i, size_t k)
{
    struct front_slot s = g->slots[i];
    g->slots[i] = g->slots[k];
    g->slots[k] = s;
}

/* The place that row `row` of the form has come to; one without anything in it has none. */
static enum status move(struct arranging *g, str how, size_t row)
{
    size_t i = 0;
    while (i < g->n && g->row[i] != row)
        i++;
    if (i == g->n)
        return ST_INVALID;
    if (str_eq(how, STR("up")) && i > 0)
        swap(g, i, i - 1);
    if (str_eq(how, STR("down")) && i + 1 < g->n)
        swap(g, i, i + 1);
    if (str_eq(how, STR("remove"))) {
        g->n--;
        for (; i < g->n; i++)
            g->slots[i] = g->slots[i + 1];
    }
    g->unsaved = true;
    return ST_OK;
}

enum status front_post(struct ask *x, struct reply *ret)
{
    struct arranging g = {0};
    i64 number = 0;
    str how, of = str_cut(form_text(&x->form, "do"), '-', &how);
    enum status st = front_edition(&x->v, x->key, &g.edition);
    if (st)
        return st;
    if (str_i64(form_text(&x->form, "base"), &g.base))
        return ST_INVALID;
    st = read_slots(x, &g);
    if (st)
        return st;
    if (str_eq(how, STR("save")))
        return save(x, &g, 0, 0, ret);
    if (str_eq(how, STR("schedule")))
        return schedule(x, &g, ret);
    if (str_eq(how, STR("preview")))
        return show(x, &g, ret);
    if (str_i64(of, &number) || number < 0)
        return ST_INVALID;
    if (str_eq(how, STR("take")) && number)
        return save(x, &g, number, 0, ret);
    if (str_eq(how, STR("drop")) && number)
        return drop(x, &g, number, ret);
    if (!str_eq(how, STR("up")) && !str_eq(how, STR("down")) && !str_eq(how, STR("remove")))
        return ST_INVALID;
    st = move(&g, how, (size_t)number);
    return st ? st : arrange(x, 200, &g, STR_NONE, ret);
}
