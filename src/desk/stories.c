/* The list of stories, what is due, and a new one. */
#include "base/time.h"
#include "desk/parts.h"
#include "http/target.h"
#include "newsroom/find.h"
#include "newsroom/fronts.h"
#include "text/slug.h"

enum { PAGE_STORIES = 40 };

/* ---- one line of the list ---- */

static const char *public_key(i64 public)
{
    return public == STORY_LIVE        ? "public-live"
           : public == STORY_WITHDRAWN ? "public-withdrawn"
                                       : "";
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

struct value_map *desk_line(struct ask *x, const struct work *w)
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
        state =
            desk_say(x, arena_cstr(x->a, arena_fmt(x->a, "state-%s", work_state_name(w->state))));
    map_text(m, "state", state);
    map_text(m, "state_class", arena_fmt(x->a, "state-%s", work_state_name(w->state)));
    map_text(m, "author", w->author_name);
    map_text(m, "assignee", w->assignee_name);
    map_set(m, "words",
            w->words ? value_text(MESSAGE(&x->s, "desk-words-count", A_NUM("n", w->words)))
                     : value_bool(false));
    map_set(m, "touched",
            w->touched_ms ? value_map(desk_moment(x, w->touched_ms)) : value_bool(false));
    map_set(m, "deadline",
            w->deadline_ms ? value_map(desk_moment(x, w->deadline_ms)) : value_bool(false));
    map_set(m, "late", value_bool(w->deadline_ms && w->deadline_ms < x->v.now));
    map_set(m, "due", w->due_ms ? value_map(desk_moment(x, w->due_ms)) : value_bool(false));
    map_set(m, "restricted", value_bool(w->restricted));
    map_set(m, "held", value_bool(w->held_ms != 0));
    map_set(m, "whys", value_bool(false));
    return m;
}

struct value desk_lines(struct ask *x, const struct work *list, size_t n)
{
    struct value_list *l = list_make(x->a);
    struct value_map *part = map_make(x->a);
    for (size_t i = 0; i < n; i++)
        list_add(l, value_map(desk_line(x, &list[i])));
    map_set(part, "rows", value_list(l));
    return value_map(part);
}

/* ---- filters, which stand in the address ---- */

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
    return str_eq(name, STR("live"))        ? STORY_LIVE + 1
           : str_eq(name, STR("withdrawn")) ? STORY_WITHDRAWN + 1
                                            : 0;
}

/* The filters as they are asked for; what none is called is empty. */
struct asked {
    str state, edition, section, who, find, before;
};

static struct asked read_asked(const struct ask *x)
{
    struct asked q = {.state = request_query(x->r, STR("state")),
                      .edition = request_query(x->r, STR("edition")),
                      .section = request_query(x->r, STR("section")),
                      .who = request_query(x->r, STR("who")),
                      .find = str_trim(request_query(x->r, STR("find"))),
                      .before = request_query(x->r, STR("before"))};
    if (!slug_valid(q.edition))
        q.edition = STR_NONE;
    if (!slug_valid(q.section))
        q.section = STR_NONE;
    if (q.section.n &&
        !q.edition.n) /* sections are an edition's: those offered are the desk's own */
        q.edition = x->s.edition->slug;
    if (!state_asked(q.state) && !public_asked(q.state))
        q.state = STR_NONE;
    if (!str_eq(q.who, STR("mine")) && !str_eq(q.who, STR("assigned")))
        q.who = STR_NONE;
    return q;
}

static void add_filters(struct ask *x, const struct asked *q)
{
    struct value_list *states = list_make(x->a), *sections = list_make(x->a),
                      *editions = list_make(x->a), *whose = list_make(x->a);
    desk_option(x, states, STR_NONE, desk_say(x, "desk-any-state"), q->state);
    for (i64 s = WORK_DRAFT; s < WORK_STATE_COUNT; s++) {
        str name = str_c(work_state_name(s));
        desk_option(x, states, name,
                    desk_say(x, arena_cstr(x->a, arena_fmt(x->a, "state-%.*s", FMT(name)))),
                    q->state);
    }
    desk_option(x, states, STR("live"), desk_say(x, "public-live"), q->state);
    desk_option(x, states, STR("withdrawn"), desk_say(x, "public-withdrawn"), q->state);
    desk_option(x, editions, STR_NONE, desk_say(x, "desk-any-edition"), q->edition);
    for (size_t i = 0; i < x->s.neditions; i++)
        desk_option(x, editions, x->s.editions[i].slug, x->s.editions[i].name, q->edition);
    desk_option(x, sections, STR_NONE, desk_say(x, "desk-any-section"), q->section);
    for (size_t i = 0; i < x->s.nsections; i++)
        desk_option(x, sections, x->s.sections[i].slug, x->s.sections[i].name, q->section);
    desk_option(x, whose, STR_NONE, desk_say(x, "desk-everybody"), q->who);
    desk_option(x, whose, STR("mine"), desk_say(x, "desk-mine"), q->who);
    desk_option(x, whose, STR("assigned"), desk_say(x, "desk-assigned-to-me"), q->who);
    map_text(x->s.model, "find", q->find);
    map_set(x->s.model, "states", value_list(states));
    map_set(x->s.model, "edition_options", value_list(editions));
    map_set(x->s.model, "has_edition_options", value_bool(x->s.neditions > 1));
    map_set(x->s.model, "section_options", value_list(sections));
    map_set(x->s.model, "whose", value_list(whose));
    map_set(x->s.model, "may_all", value_bool(desk_sees_all(x)));
}

/* "TIME.ID" of the last line, for the page that begins below it. */
static bool place(str text, i64 *ms, i64 *id)
{
    str first, rest = str_cut(text, '.', &first);
    return str_i64(first, ms) == ST_OK && str_i64(rest, id) == ST_OK && *ms >= 0 && *id > 0;
}

/* "texts.ID" or "headlines.ID": where a page of what was found goes on. */
static bool find_place(str text, struct find_place *ret)
{
    str first, rest = str_cut(text, '.', &first);
    struct find_place p = {.texts = str_eq(first, STR("texts"))};
    if ((!p.texts && !str_eq(first, STR("headlines"))) || str_i64(rest, &p.id) || p.id <= 0)
        return false;
    *ret = p;
    return true;
}

/* The list as it is asked for, from a place on. */
static str next_page(struct ask *x, str before, const struct asked *q)
{
    const struct {
        const char *name;
        str value;
    } all[] = {{"state", q->state},
               {"edition", q->edition},
               {"section", q->section},
               {"who", q->who},
               {"find", q->find}};
    str address = arena_fmt(x->a, "/desk/?before=%.*s", FMT(before));
    for (size_t i = 0; i < COUNT(all); i++)
        if (all[i].value.n)
            address = arena_fmt(x->a, "%.*s&%s=%.*s", FMT(address), all[i].name,
                                FMT(query_escape(all[i].value, x->a)));
    return address;
}

/* What has the words, in place of the pages of a list. */
static enum status list_found(struct ask *x, const struct asked *asked, struct work_query *q,
                              struct work **ret, size_t *n)
{
    struct found f;
    struct find_place from = {.id = 0};
    if (asked->before.n && !find_place(asked->before, &from))
        return ST_INVALID;
    q->limit = PAGE_STORIES;
    enum status st = find_typed(&x->v, asked->find, q, &from, &f);
    if (st)
        return st;
    str next =
        arena_fmt(x->a, "%s.%lld", f.next.texts ? "texts" : "headlines", (long long)f.next.id);
    map_text(x->s.model, "found_note", f.partial ? desk_say(x, "desk-find-partial") : STR_NONE);
    map_text(x->s.model, "more", f.next.id ? next_page(x, next, asked) : STR_NONE);
    *ret = f.list;
    *n = f.n;
    return ST_OK;
}

static enum status list_touched(struct ask *x, const struct asked *asked, struct work_query *q,
                                struct work **ret, size_t *n)
{
    if (asked->before.n && !place(asked->before, &q->before_ms, &q->before_id))
        return ST_INVALID;
    enum status st = work_list(&x->v, q, ret, n);
    if (st)
        return st;
    bool more = *n > PAGE_STORIES;
    *n = more ? PAGE_STORIES : *n;
    const struct work *last = more ? &(*ret)[*n - 1] : NULL;
    str next = last ? arena_fmt(x->a, "%lld.%lld", (long long)last->touched_ms, (long long)last->id)
                    : STR_NONE;
    map_text(x->s.model, "found_note", STR_NONE);
    map_text(x->s.model, "more", last ? next_page(x, next, asked) : STR_NONE);
    return ST_OK;
}

/* What is due stands above a list of all there is. */
static enum status add_due(struct ask *x, const struct asked *q)
{
    struct value_list *lines = list_make(x->a);
    struct value_map *part = map_make(x->a);
    bool all = str_eq(request_query(x->r, STR("due")), STR("all")), more = false;
    enum status st = ST_OK;
    if (!q->before.n && !q->state.n && !q->edition.n && !q->section.n && !q->who.n && !q->find.n)
        st = desk_due(x, all, &lines, &more);
    if (st)
        return st;
    map_set(part, "rows", value_list(lines));
    map_set(x->s.model, "due_part", value_map(part));
    map_text(x->s.model, "due_more", more && !all ? STR("/desk/?due=all") : STR_NONE);
    map_text(x->s.model, "due_note", more && all ? desk_say(x, "desk-due-rest") : STR_NONE);
    map_set(x->s.model, "has_due", value_bool(list_count(lines) > 0));
    return ST_OK;
}

enum status stories_page(struct ask *x, struct reply *ret)
{
    struct asked asked = read_asked(x);
    struct work_query q = {.viewer = x->actor.account,
                           .all = desk_sees_all(x),
                           .state = state_asked(asked.state),
                           .public = public_asked(asked.state),
                           .author = str_eq(asked.who, STR("mine")) ? x->actor.account : 0,
                           .assignee = str_eq(asked.who, STR("assigned")) ? x->actor.account : 0,
                           .edition = asked.edition,
                           .section = asked.section,
                           .limit = PAGE_STORIES + 1};
    struct work *list = NULL;
    size_t n = 0;
    enum status st = asked.find.n ? list_found(x, &asked, &q, &list, &n)
                                  : list_touched(x, &asked, &q, &list, &n);
    st = st ? st : add_due(x, &asked);
    if (st)
        return st;
    add_filters(x, &asked);
    map_set(x->s.model, "list_part", desk_lines(x, list, n));
    map_set(x->s.model, "has_stories", value_bool(n > 0));
    map_text(x->s.model, "none", desk_say(x, asked.find.n ? "desk-find-none" : "desk-none"));
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
            desk_option(x, list, arena_fmt(x->a, "%.*s/%.*s", FMT(e->slug), FMT(sections[k].slug)),
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
    return st ? st : desk_page(x, 200, "desk-new", "desk-new", desk_say(x, "desk-new-story"), ret);
}

struct beginning {
    const struct actor *who;
    enum story_kind kind;
    str edition, section, key;
    struct arena *a;
};

static enum status begin(struct tx *tx, void *arg)
{
    struct beginning *b = arg;
    str key;
    enum status st = draft_begin(tx, b->who, b->edition, b->section, b->kind, &key);
    if (st)
        return st;
    b->key = arena_str(b->a, key);
    return b->a->oom ? ST_NOMEM : ST_OK;
}

static enum status begin_now(struct ask *x, struct beginning *b, struct reply *ret)
{
    desk_done_reading(x);
    enum status st = writer_do(x->desk->intake->writer, begin, b, x->err);
    return st ? st : desk_go(x, desk_story_path(x, b->key, ""), ret);
}

enum status begin_post(struct ask *x, struct reply *ret)
{
    str section, edition, place_ = form_text(&x->form, "place");
    section = str_cut(place_, '/', &edition);
    struct beginning b = {.who = &x->actor, .edition = edition, .section = section, .a = x->a};
    return begin_now(x, &b, ret);
}

/* A page of the newsroom, of the edition that the path names. */
enum status page_post(struct ask *x, struct reply *ret)
{
    struct beginning b = {.who = &x->actor, .kind = KIND_PAGE, .edition = x->key, .a = x->a};
    struct edition here;
    enum status st = front_edition(&x->v, x->key, &here);
    return st ? st : begin_now(x, &b, ret);
}
