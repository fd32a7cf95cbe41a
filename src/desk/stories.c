/* The list of stories, what is due, and a new one. */
#include "base/time.h"
#include "desk/parts.h"
#include "text/slug.h"

enum { PAGE_STORIES = 40, DUE_STORIES = 12, DUE_AHEAD = 1 };

/* ---- one line of the list ---- */

static const char *public_key(i64 public)
{
    return public == STORY_LIVE ? "public-live" : public == STORY_WITHDRAWN ? "public-withdrawn" : "";
}

/* The section by its name; by its slug when it is gone. */
static str section_name(struct ask *x, i64 edition, str slug)
{
    const struct section *list = NULL;
    size_t n = 0;
    enum status st = sections_read(&x->v, edition, &list, &n);
    if (st && !x->s.st)
        x->s.st = st;
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].slug, slug))
            return list[i].name;
    return slug;
}

/* Words of the story are in its edition's language, whatever the desk's is. */
static void add_edition(struct ask *x, struct value_map *m, const struct work *w)
{
    for (size_t i = 0; i < x->s.neditions; i++) {
        const struct edition *e = &x->s.editions[i];
        const struct locale *l =
            str_eq(e->slug, w->edition) ? theme_locale(x->desk->theme, e->locale) : NULL;
        if (!l)
            continue;
        map_text(m, "edition", e->name);
        map_text(m, "lang", e->locale);
        map_text(m, "dir", locale_rtl(l) ? STR("rtl") : STR("ltr"));
        map_text(m, "section", section_name(x, e->id, w->section));
    }
}

static struct value_map *line(struct ask *x, const struct work *w)
{
    struct value_map *m = map_make(x->a);
    map_text(m, "section", w->section);
    add_edition(x, m, w);
    map_text(m, "href", desk_story_path(x, w->key, ""));
    map_text(m, "headline", w->headline.n ? w->headline : desk_say(x, "desk-untitled"));
    map_set(m, "untitled", value_bool(!w->headline.n));
    const char *shown = public_key(w->public);
    map_text(m, "public", shown[0] ? desk_say(x, shown) : STR_NONE);
    map_set(m, "live", value_bool(w->public == STORY_LIVE));
    str state = STR_NONE;
    if (w->state != WORK_CLEAN || w->public == STORY_UNPUBLISHED)
        state = desk_say(x, arena_cstr(x->a, arena_fmt(x->a, "state-%s",
                                                       work_state_name(w->state))));
    map_text(m, "state", state);
    map_text(m, "state_class",
             arena_fmt(x->a, "state-%s", work_state_name(w->state)));
    map_text(m, "author", w->author_name);
    map_text(m, "assignee", w->assignee_name);
    map_set(m, "words", w->words ? value_text(MESSAGE(&x->s, "desk-words-count",
                                                      A_NUM("n", w->words)))
                                 : value_bool(false));
    map_set(m, "touched", w->touched_ms ? value_map(desk_moment(x, w->touched_ms))
                                        : value_bool(false));
    map_set(m, "deadline", w->deadline_ms ? value_map(desk_moment(x, w->deadline_ms))
                                          : value_bool(false));
    map_set(m, "late", value_bool(w->deadline_ms && w->deadline_ms < x->v.now));
    map_set(m, "due", w->due_ms ? value_map(desk_moment(x, w->due_ms)) : value_bool(false));
    map_set(m, "restricted", value_bool(w->restricted));
    return m;
}

/* A table's rows, under the name that the template of tables has for them. */
static struct value lines(struct ask *x, const struct work *list, size_t n)
{
    struct value_list *l = list_make(x->a);
    struct value_map *part = map_make(x->a);
    for (size_t i = 0; i < n; i++)
        list_add(l, value_map(line(x, &list[i])));
    map_set(part, "rows", value_list(l));
    return value_map(part);
}

/* ---- filters, which stand in the address ---- */

static bool may_all(const struct ask *x)
{
    return (x->actor.roles & (ROLE_EDITOR | ROLE_PUBLISHER)) != 0;
}

/* One more than the state's number, as the query wants it; 0 for none. */
static i64 state_asked(str name)
{
    for (i64 s = 0; s < WORK_STATE_COUNT; s++)
        if (str_eq(name, str_c(work_state_name(s))))
            return s + 1;
    return 0;
}

static i64 public_asked(str name)
{
    return str_eq(name, STR("live")) ? STORY_LIVE + 1
           : str_eq(name, STR("withdrawn")) ? STORY_WITHDRAWN + 1 : 0;
}

static void option(struct ask *x, struct value_list *list, str value, str words, str chosen)
{
    struct value_map *m = map_make(x->a);
    map_set(m, "value", value_text(value));
    map_text(m, "words", words);
    map_set(m, "chosen", value_bool(str_eq(value, chosen)));
    list_add(list, value_map(m));
}

static void add_filters(struct ask *x, str state, str edition, str section, str who)
{
    struct value_list *states = list_make(x->a), *sections = list_make(x->a),
                      *editions = list_make(x->a), *whose = list_make(x->a);
    option(x, states, STR_NONE, desk_say(x, "desk-any-state"), state);
    for (i64 s = WORK_DRAFT; s < WORK_STATE_COUNT; s++) {
        str name = str_c(work_state_name(s));
        option(x, states, name,
               desk_say(x, arena_cstr(x->a, arena_fmt(x->a, "state-%.*s", FMT(name)))), state);
    }
    option(x, states, STR("live"), desk_say(x, "public-live"), state);
    option(x, states, STR("withdrawn"), desk_say(x, "public-withdrawn"), state);
    option(x, editions, STR_NONE, desk_say(x, "desk-any-edition"), edition);
    for (size_t i = 0; i < x->s.neditions; i++)
        option(x, editions, x->s.editions[i].slug, x->s.editions[i].name, edition);
    option(x, sections, STR_NONE, desk_say(x, "desk-any-section"), section);
    for (size_t i = 0; i < x->s.nsections; i++)
        option(x, sections, x->s.sections[i].slug, x->s.sections[i].name, section);
    option(x, whose, STR_NONE, desk_say(x, "desk-everybody"), who);
    option(x, whose, STR("mine"), desk_say(x, "desk-mine"), who);
    option(x, whose, STR("assigned"), desk_say(x, "desk-assigned-to-me"), who);
    map_set(x->s.model, "states", value_list(states));
    map_set(x->s.model, "edition_options", value_list(editions));
    map_set(x->s.model, "has_edition_options", value_bool(x->s.neditions > 1));
    map_set(x->s.model, "section_options", value_list(sections));
    map_set(x->s.model, "whose", value_list(whose));
    map_set(x->s.model, "may_all", value_bool(may_all(x)));
}

/* "TIME.ID" of the last line, for the page that begins below it. */
static bool place(str text, i64 *ms, i64 *id)
{
    str first, rest = str_cut(text, '.', &first);
    return str_i64(first, ms) == ST_OK && str_i64(rest, id) == ST_OK && *ms >= 0 && *id > 0;
}

static str next_page(struct ask *x, const struct work *last, str state, str edition, str section,
                     str who)
{
    const struct {
        const char *name;
        str value;
    } all[] = {{"state", state}, {"edition", edition}, {"section", section}, {"who", who}};
    str address = arena_fmt(x->a, "/desk/?before=%lld.%lld", (long long)last->touched_ms,
                            (long long)last->id);
    for (size_t i = 0; i < COUNT(all); i++)
        if (all[i].value.n)
            address = arena_fmt(x->a, "%.*s&%s=%.*s", FMT(address), all[i].name, FMT(all[i].value));
    return address;
}

enum status stories_page(struct ask *x, struct reply *ret)
{
    str state = request_query(x->r, STR("state")), edition = request_query(x->r, STR("edition")),
        section = request_query(x->r, STR("section")), who = request_query(x->r, STR("who")),
        before = request_query(x->r, STR("before"));
    if (!slug_valid(edition))
        edition = STR_NONE;
    if (!slug_valid(section))
        section = STR_NONE;
    if (section.n && !edition.n) /* sections are an edition's: those offered are the desk's own */
        edition = x->s.edition->slug;
    if (!state_asked(state) && !public_asked(state))
        state = STR_NONE;
    if (!str_eq(who, STR("mine")) && !str_eq(who, STR("assigned")))
        who = STR_NONE;
    struct work_query q = {.viewer = x->actor.account,
                           .all = may_all(x),
                           .state = state_asked(state),
                           .public = public_asked(state),
                           .author = str_eq(who, STR("mine")) ? x->actor.account : 0,
                           .assignee = str_eq(who, STR("assigned")) ? x->actor.account : 0,
                           .edition = edition,
                           .section = section,
                           .limit = PAGE_STORIES + 1};
    struct work *list = NULL, *due = NULL;
    size_t n = 0, ndue = 0;
    if (before.n && !place(before, &q.before_ms, &q.before_id))
        return ST_INVALID;
    enum status st = work_list(&x->v, &q, &list, &n);
    bool top = !before.n && !state.n && !edition.n && !section.n && !who.n;
    struct work_query soon = {.viewer = q.viewer, .all = q.all, .limit = DUE_STORIES};
    if (!st && top)
        st = work_due(&x->v, &soon, x->v.now + DUE_AHEAD * MS_DAY, &due, &ndue);
    if (st)
        return st;
    add_filters(x, state, edition, section, who);
    size_t shown = n > PAGE_STORIES ? PAGE_STORIES : n;
    map_set(x->s.model, "due_part", lines(x, due, ndue));
    map_set(x->s.model, "has_due", value_bool(ndue > 0));
    map_set(x->s.model, "list_part", lines(x, list, shown));
    map_set(x->s.model, "has_stories", value_bool(shown > 0));
    map_text(x->s.model, "more",
             n > PAGE_STORIES ? next_page(x, &list[shown - 1], state, edition, section, who)
                              : STR_NONE);
    map_set(x->s.model, "may_begin",
            value_bool(permitted(&x->actor, ACT_BEGIN, NULL, x->desk->four_eyes)));
    return desk_page(x, 200, "desk-stories", "desk-stories", desk_say(x, "desk-stories"), ret);
}

/* ---- a new one ---- */

/* Every section of every edition, as "en/town": one field says both. */
static enum status add_places(struct ask *x, str chosen)
{
    struct value_list *list = list_make(x->a);
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < x->s.neditions; i++) {
        const struct edition *e = &x->s.editions[i];
        const struct section *sections = NULL;
        size_t n = 0;
        st = sections_read(&x->v, e->id, &sections, &n);
        for (size_t k = 0; !st && k < n; k++) {
            if (!sections[k].listed)
                continue;
            option(x, list, arena_fmt(x->a, "%.*s/%.*s", FMT(e->slug), FMT(sections[k].slug)),
                   x->s.neditions > 1
                       ? MESSAGE(&x->s, "desk-place", A_TEXT("edition", e->name),
                                 A_TEXT("section", sections[k].name))
                       : sections[k].name,
                   chosen);
        }
    }
    map_set(x->s.model, "places", value_list(list));
    return st;
}

enum status begin_page(struct ask *x, struct reply *ret)
{
    enum status st = add_places(x, STR_NONE);
    return st ? st
              : desk_page(x, 200, "desk-new", "desk-new", desk_say(x, "desk-new-story"), ret);
}

struct beginning {
    const struct actor *who;
    str edition, section, key;
    struct arena *a;
};

static enum status begin(struct tx *tx, void *arg)
{
    struct beginning *b = arg;
    str key;
    enum status st = draft_begin(tx, b->who, b->edition, b->section, KIND_STORY, &key);
    if (st)
        return st;
    b->key = arena_str(b->a, key);
    return b->a->oom ? ST_NOMEM : ST_OK;
}

enum status begin_post(struct ask *x, struct reply *ret)
{
    str section, edition, place_ = form_text(&x->form, "place");
    section = str_cut(place_, '/', &edition);
    struct beginning b = {
        .who = &x->actor, .edition = edition, .section = section, .a = x->a};
    desk_done_reading(x);
    enum status st = writer_do(x->desk->intake->writer, begin, &b, x->err);
    return st ? st : desk_go(x, desk_story_path(x, b.key, ""), ret);
}
