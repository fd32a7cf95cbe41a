/* The editor's page: one form for a story. What its buttons do is story_actions.c's. */
#include "base/guard.h"
#include "base/time.h"
#include "desk/parts.h"
#include "media/picture.h"

/* ---- the page ---- */

static str label_words(struct ask *x, const char *label)
{
    return desk_say(x, arena_cstr(x->a, arena_fmt(x->a, "label-%s", label)));
}

static enum status add_choices(struct ask *x, const struct draft *d)
{
    static const char *const labels[] = {"analysis", "opinion", "review", "sponsored", "reports"};
    struct value_list *sections = list_make(x->a), *list = list_make(x->a);
    const struct section *all = NULL;
    size_t n = 0;
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < x->s.neditions; i++)
        if (str_eq(x->s.editions[i].slug, d->content.edition))
            st = sections_read(&x->v, x->s.editions[i].id, &all, &n);
    str section = form_text(&x->form, "section"), label = form_text(&x->form, "label");
    for (size_t i = 0; i < n; i++)
        if (all[i].listed || str_eq(all[i].slug, section))
            desk_option(x, sections, all[i].slug, all[i].name, section);
    desk_option(x, list, STR_NONE, desk_say(x, "desk-no-label"), label);
    for (size_t i = 0; i < COUNT(labels); i++)
        desk_option(x, list, str_c(labels[i]), label_words(x, labels[i]), label);
    map_set(x->s.model, "section_options", value_list(sections));
    desk_add_language(x, d->content.edition);
    map_set(x->s.model, "has_sections", value_bool(d->content.kind == KIND_STORY));
    map_set(x->s.model, "label_options", value_list(list));
    return st;
}

/* Fields that are numbered: "by-0-name", "picture-1-alt". A list of maps, by their parts' names. */
static struct value_list *numbered(struct ask *x, const char *what, size_t *count)
{
    struct value_list *list = list_make(x->a);
    str begin = arena_fmt(x->a, "%s-", what), number, last = STR_NONE;
    struct value_map *m = NULL;
    *count = 0;
    for (size_t i = 0; i < x->form.n; i++) {
        const struct form_field *f = &x->form.fields[i];
        if (!str_starts(f->name, begin))
            continue;
        str part = str_cut(str_from(f->name, begin.n), '-', &number);
        if (!m || !str_eq(number, last)) {
            m = map_make(x->a);
            map_text(m, "number", number);
            map_text(m, "name", arena_fmt(x->a, "%.*s%.*s", FMT(begin), FMT(number)));
            list_add(list, value_map(m));
            last = number;
            ++*count;
        }
        map_set(m, arena_cstr(x->a, arena_fmt(x->a, "v_%.*s", FMT(part))), value_text(f->value));
        if (str_eq(part, STR("key")))
            map_set(m, "kept", value_bool(f->value.n > 0));
    }
    return list;
}

/* Every value as typed, under "f_NAME" in the model, and where an error is about a field. */
static void add_fields(struct ask *x)
{
    static const char *const plain[] = {
        "headline", "front",  "social",  "push",       "standfirst",     "slug",     "dateline",
        "topics",   "source", "licence", "background", "translation-of", "document", "embargo"};
    size_t n;
    for (size_t i = 0; i < COUNT(plain); i++)
        map_set(x->s.model, arena_cstr(x->a, arena_fmt(x->a, "f_%s", plain[i])),
                value_text(form_text(&x->form, plain[i])));
    map_text(x->s.model, "f_body", story_form_body(&x->form, x->a));
    map_set(x->s.model, "bylines", value_list(numbered(x, "by", &n)));
    struct value_list *pictures = numbered(x, "picture", &n), *kept = list_make(x->a);
    for (size_t i = 0; i < list_count(pictures); i++) {
        struct value v = list_at(pictures, i), key;
        if (map_get(v.map, STR("v_key"), &key) && key.kind == VALUE_TEXT && key.text.n) {
            map_set(v.map, "lead", value_bool(i == 0));
            list_add(kept, v);
        }
    }
    map_set(x->s.model, "pictures", value_list(kept));
    map_set(x->s.model, "has_pictures", value_bool(list_count(kept) > 0));
    map_text(x->s.model, "picture_bytes", arena_fmt(x->a, "%d", PICTURE_BYTES));
}

bool story_may(struct ask *x, enum act act, const struct draft *d)
{
    return permitted(&x->actor, act, &d->standing, x->desk->four_eyes);
}

/* Which buttons lead somewhere: those whose step goes from this state, for this person. */
static void add_buttons(struct ask *x, const struct draft *d)
{
    i64 state = d->work.state, public = d->work.public;
    bool draft = state == WORK_DRAFT, changed = state != WORK_CLEAN, held = d->work.held_ms != 0;
    const struct {
        const char *name;
        bool on;
    } all[] = {
        {"may_write", story_may(x, ACT_WRITE, d)},
        {"may_send", draft && story_may(x, ACT_SEND, d)},
        {"may_take_back", (state == WORK_REVIEW) && story_may(x, ACT_SEND, d)},
        {"may_approve", state == WORK_REVIEW && story_may(x, ACT_APPROVE, d)},
        {"may_send_back",
         (state == WORK_REVIEW || state == WORK_APPROVED) && story_may(x, ACT_APPROVE, d)},
        {"may_publish", !held && (changed || public == STORY_LIVE) && state != WORK_SCHEDULED &&
                            public != STORY_WITHDRAWN && story_may(x, ACT_PUBLISH, d)},
        {"may_schedule", !held && changed && state != WORK_SCHEDULED && public != STORY_WITHDRAWN &&
                             story_may(x, ACT_SCHEDULE, d)},
        {"may_unschedule", !held && d->work.due_ms && story_may(x, ACT_SCHEDULE, d)},
        {"may_withdraw", !held && public == STORY_LIVE && story_may(x, ACT_WITHDRAW, d)},
        {"may_reinstate", !held && public == STORY_WITHDRAWN && story_may(x, ACT_WITHDRAW, d)},
        {"may_note", story_may(x, ACT_NOTE, d)},
        {"may_assign", story_may(x, ACT_ASSIGN, d)},
        {"may_restrict", story_may(x, ACT_RESTRICT, d)},
        {"may_hold", story_may(x, ACT_HOLD, d)},
        {"may_destroy",
         !held && public == STORY_UNPUBLISHED && d->live == 0 && story_may(x, ACT_DESTROY, d)},
    };
    for (size_t i = 0; i < COUNT(all); i++)
        map_set(x->s.model, all[i].name, value_bool(all[i].on));
    map_text(x->s.model, "removal",
             story_may(x, ACT_REMOVE, d) ? desk_story_path(x, d->work.key, "/removal") : STR_NONE);
    map_set(x->s.model, "corrects", value_bool(public == STORY_LIVE));
}

static enum status add_notes(struct ask *x, const struct draft *d)
{
    struct work_note *list = NULL;
    size_t n = 0;
    struct value_list *notes = list_make(x->a);
    enum status st = work_notes(&x->v, d->work.id, &list, &n);
    for (size_t i = 0; !st && i < n; i++) {
        struct value_map *m = map_make(x->a);
        map_text(m, "who", list[i].name);
        map_text(m, "words", list[i].words);
        map_set(m, "at", value_map(desk_moment(x, list[i].at)));
        list_add(notes, value_map(m));
    }
    map_set(x->s.model, "notes", value_list(notes));
    map_set(x->s.model, "has_notes", value_bool(list_count(notes) > 0));
    return st;
}

/* Staff to choose from: whom it is assigned to, whom it is shared with, whom it is restricted to.
 */
static enum status add_people(struct ask *x, const struct draft *d)
{
    struct account *all = NULL;
    size_t n = 0, nshared = 0, nnamed = 0;
    i64 *shared = NULL, *named = NULL;
    struct value_list *list = list_make(x->a);
    enum status st = account_list(&x->v, &all, &n);
    st = st ? st : work_people(&x->v, d->work.id, PERSON_SHARED, &shared, &nshared);
    st = st ? st : work_people(&x->v, d->work.id, PERSON_NAMED, &named, &nnamed);
    for (size_t i = 0; !st && i < n; i++) {
        struct value_map *m = map_make(x->a);
        bool with = false, to = false;
        if (!all[i].roles)
            continue;
        for (size_t k = 0; k < nshared; k++)
            with |= shared[k] == all[i].id;
        for (size_t k = 0; k < nnamed; k++)
            to |= named[k] == all[i].id;
        map_text(m, "id", arena_fmt(x->a, "%lld", (long long)all[i].id));
        map_text(m, "name", all[i].name);
        map_set(m, "assigned", value_bool(all[i].id == d->work.assignee));
        map_set(m, "shared", value_bool(with));
        map_set(m, "named", value_bool(to));
        list_add(list, value_map(m));
    }
    map_set(x->s.model, "people", value_list(list));
    return st;
}

static void add_state(struct ask *x, const struct draft *d)
{
    struct value_map *m = x->s.model;
    const char *state = work_state_name(d->work.state);
    map_text(m, "action", desk_story_path(x, d->work.key, ""));
    map_text(m, "preview", desk_story_path(x, d->work.key, "/preview"));
    map_text(m, "find_others", desk_story_path(x, d->work.key, "/find"));
    map_text(m, "share",
             d->work.save ? arena_fmt(x->a, "/desk/story/%.*s/saves/%lld", FMT(d->work.key),
                                      (long long)d->work.save)
                          : STR_NONE);
    map_text(m, "saves", d->work.save ? desk_story_path(x, d->work.key, "/saves") : STR_NONE);
    map_text(m, "parent", arena_fmt(x->a, "%lld", (long long)d->parent));
    map_text(m, "base", arena_fmt(x->a, "%lld", (long long)d->base));
    map_text(m, "state", desk_say(x, arena_cstr(x->a, arena_fmt(x->a, "state-%s", state))));
    map_text(m, "state_class", arena_fmt(x->a, "state-%s", state));
    map_text(m, "public",
             d->work.public == STORY_LIVE        ? desk_say(x, "public-live")
             : d->work.public == STORY_WITHDRAWN ? desk_say(x, "public-withdrawn")
                                                 : STR_NONE);
    map_text(m, "saved",
             d->work.save && d->work.touched_ms
                 ? MESSAGE(&x->s, "desk-saved-by", A_TEXT("who", d->work.touched_name),
                           A_TEXT("time", sheet_moment(&x->s, d->work.touched_ms)))
                 : STR_NONE);
    map_text(m, "count",
             MESSAGE(&x->s, "desk-words-count", A_NUM("n", draft_words(&d->content, x->a))));
    map_set(m, "due",
            d->work.due_ms ? value_map(desk_moment(x, d->work.due_ms)) : value_bool(false));
    map_text(m, "deadline", desk_local(x, d->work.deadline_ms));
    map_set(m, "restricted", value_bool(d->work.restricted));
}

/* What couldn't go live at its minute, and why. */
static enum status add_refused(struct ask *x, const struct draft *d)
{
    struct due *list = NULL;
    size_t n = 0;
    enum status st = due_of(&x->v, d->work.id, DUE_REFUSED, x->actor.account, &list, &n);
    map_text(x->s.model, "failed", !st && n ? desk_refused_words(x, &list[0]) : STR_NONE);
    return st;
}

/* Where it is for readers, with what it took to get there. */
static enum status add_address(struct ask *x, const struct draft *d)
{
    struct story row;
    enum status st = story_by_key(&x->v, d->work.key, PART_ADDRESS, &row);
    if (st == ST_NOTFOUND)
        return ST_OK;
    if (!st && row.state == STORY_LIVE)
        map_text(x->s.model, "address", row.path);
    return st;
}

/* What the button that led here has done. */
static void add_done(struct ask *x)
{
    static const char *const known[] = {
        "saved",      "unchanged", "merged",      "sent",      "taken",      "approved", "back",
        "published",  "scheduled", "unscheduled", "withdrawn", "reinstated", "noted",    "planned",
        "restricted", "held",      "released",    "lifted",    "answered",   "removed"};
    str done = request_query(x->r, STR("done"));
    i64 pages, ms;
    if (str_eq(done, STR("published")) &&
        str_i64(request_query(x->r, STR("pages")), &pages) == ST_OK &&
        str_i64(request_query(x->r, STR("ms")), &ms) == ST_OK) {
        map_text(x->s.model, "done",
                 MESSAGE(&x->s, "desk-live-at", A_NUM("n", pages), A_NUM("ms", ms)));
        return;
    }
    desk_done(x, known, COUNT(known));
}

/* ---- who else is here ---- */

/* "Edda and Otto are here too"; "" when nobody else is. Notes that this person is. */
static enum status others_here(struct ask *x, str *ret)
{
    i64 others[PRESENCE_PEOPLE], now = time_monotonic();
    str names[PRESENCE_PEOPLE], list = STR_NONE;
    struct account who;
    size_t n, known = 0;
    *ret = STR_NONE;
    presence_note(x->desk->presence, x->key, x->actor.account, now);
    n = presence_others(x->desk->presence, x->key, x->actor.account, now, others);
    for (size_t i = 0; i < n; i++) {
        enum status st = account_by_id(&x->v, others[i], &who);
        if (st && st != ST_NOTFOUND)
            return st;
        if (!st)
            names[known++] = who.name;
    }
    if (!known)
        return ST_OK;
    enum status st = message_list_text(x->s.l, names, known, x->a, &list, x->err);
    if (!st)
        *ret = MESSAGE(&x->s, "desk-here", A_TEXT("names", list), A_NUM("n", (i64)known));
    return st;
}

enum status story_editor(struct ask *x, int status, const struct draft *d, struct reply *ret)
{
    str here = STR_NONE;
    add_state(x, d);
    add_fields(x);
    add_buttons(x, d);
    add_done(x);
    enum status st = add_choices(x, d);
    st = st ? st : add_refused(x, d);
    st = st ? st : add_notes(x, d);
    st = st ? st : add_people(x, d);
    st = st ? st : add_address(x, d);
    st = st ? st : story_notices(x, d);
    st = st ? st : others_here(x, &here);
    if (st)
        return st;
    map_text(x->s.model, "here", here);
    str title = d->content.headline.n ? d->content.headline : desk_say(x, "desk-untitled");
    return desk_page(x, status, "desk-story", "desk-story", title, ret);
}

enum status story_fill_form(struct ask *x, const struct story_content *c, struct form *ret)
{
    struct form f;
    enum status st = story_form_write(c, x->a, &f);
    struct form_field *list = st ? NULL : arena_new(x->a, struct form_field, f.n + 1);
    if (!list)
        return st ? st : ST_NOMEM;
    memcpy(list, f.fields, f.n * sizeof *list);
    list[f.n] = (struct form_field){.name = STR("embargo"), .value = desk_local(x, c->embargo)};
    *ret = (struct form){.fields = list, .n = f.n + 1};
    return ST_OK;
}

enum status story_get(struct ask *x, struct reply *ret)
{
    struct draft d;
    enum status st = desk_story(x, &d);
    struct story_content content;
    i64 number = 0;
    struct save from;
    str asked = request_query(x->r, STR("from"));
    if (!st && asked.n && (str_i64(asked, &number) || number <= 0) && GUARD(desk_numbers))
        return ST_INVALID;
    if (!st && asked.n) { /* an older save, to be saved again */
        st = save_read(&x->v, d.work.id, number, &from);
        st = st ? st : story_from_canonical(from.bytes, x->a, &content, x->err);
        if (!st) {
            content.embargo = d.content.embargo; /* an older save lifts none */
            d.content = content;
        }
    }
    st = st ? st : story_fill_form(x, &d.content, &x->form);
    return st ? st : story_editor(x, 200, &d, ret);
}

/* For the script of the editor: the text that was typed, as Markdown where it came as a document
 * and the other way about. Nothing is kept. 400 with what is wrong, in words. */
enum status turn_post(struct ask *x, struct reply *ret)
{
    struct draft d;
    struct turned t;
    enum status st = desk_story(x, &d);
    st = st ? st : story_form_turn(&x->form, &d.content, x->a, &t, x->err);
    if (st && st != ST_INVALID)
        return st;
    str words = STR_NONE;
    if (st)
        words = desk_error_text(x);
    *ret = (struct reply){.status = st ? 400 : 200,
                          .content_type = !st && t.document ? STR("application/json")
                                                            : STR("text/plain; charset=utf-8"),
                          .body = st ? words : t.text};
    return ST_OK;
}

/* For the script of the editor, every half minute: one line of text, perhaps empty. */
enum status here_page(struct ask *x, struct reply *ret)
{
    struct draft d;
    str here = STR_NONE;
    enum status st = desk_story(x, &d);
    st = st ? st : others_here(x, &here);
    if (st)
        return st;
    *ret = (struct reply){.status = 200,
                          .content_type = STR("text/plain; charset=utf-8"),
                          .body = arena_fmt(x->a, "%.*s\n", FMT(here))};
    return ST_OK;
}
