/* The editor: one form for a story, with a button for everything that can be done with it. */
#include "base/guard.h"
#include "base/time.h"
#include "desk/parts.h"
#include "media/picture.h"
#include "newsroom/embargo.h"
#include "newsroom/hold.h"
#include "newsroom/translations.h"
#include "text/slug.h"

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

static bool may(struct ask *x, enum act act, const struct draft *d)
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
        {"may_write", may(x, ACT_WRITE, d)},
        {"may_send", draft && may(x, ACT_SEND, d)},
        {"may_take_back", (state == WORK_REVIEW) && may(x, ACT_SEND, d)},
        {"may_approve", state == WORK_REVIEW && may(x, ACT_APPROVE, d)},
        {"may_send_back",
         (state == WORK_REVIEW || state == WORK_APPROVED) && may(x, ACT_APPROVE, d)},
        {"may_publish", !held && (changed || public == STORY_LIVE) && state != WORK_SCHEDULED &&
                            public != STORY_WITHDRAWN && may(x, ACT_PUBLISH, d)},
        {"may_schedule", !held && changed && state != WORK_SCHEDULED && public != STORY_WITHDRAWN &&
                             may(x, ACT_SCHEDULE, d)},
        {"may_unschedule", !held && d->work.due_ms && may(x, ACT_SCHEDULE, d)},
        {"may_withdraw", !held && public == STORY_LIVE && may(x, ACT_WITHDRAW, d)},
        {"may_reinstate", !held && public == STORY_WITHDRAWN && may(x, ACT_WITHDRAW, d)},
        {"may_note", may(x, ACT_NOTE, d)},
        {"may_assign", may(x, ACT_ASSIGN, d)},
        {"may_restrict", may(x, ACT_RESTRICT, d)},
        {"may_hold", may(x, ACT_HOLD, d)},
        {"may_destroy",
         !held && public == STORY_UNPUBLISHED && d->live == 0 && may(x, ACT_DESTROY, d)},
    };
    for (size_t i = 0; i < COUNT(all); i++)
        map_set(x->s.model, all[i].name, value_bool(all[i].on));
    map_text(x->s.model, "removal",
             may(x, ACT_REMOVE, d) ? desk_story_path(x, d->work.key, "/removal") : STR_NONE);
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

static enum status editor(struct ask *x, int status, const struct draft *d, struct reply *ret)
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

/* The fields of a content, as a browser would send them. */
static enum status fill_form(struct ask *x, const struct story_content *c, struct form *ret)
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
    st = st ? st : fill_form(x, &d.content, &x->form);
    return st ? st : editor(x, 200, &d, ret);
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

/* ---- what a button does ---- */

struct numbers {
    i64 parent, base, seen, seen_live, assignee,
        told_last; /* as struct draft_save and draft_plan have them */
};
struct doing {
    struct ask *x;
    struct draft *d;
    struct numbers numbers;
    struct story_content content; /* as typed */
    i64 save;                     /* the newest by now */
    struct draft_saved saved;
    i64 story, pressed_us;  /* its row; when the button was pressed */
    struct picture picture; /* kept on disk, with a row to come; key "" for none */
    enum draft_step step;
    struct draft_publish publish;
    enum change_kind change;
    const i64 *people;
    size_t npeople;
    bool on;
    bool kept; /* what was typed is saved */
};

/* Absent is 0; what is no number no form of ours has sent. */
static enum status number_in(struct ask *x, const char *name, i64 *ret)
{
    str text = form_text(&x->form, name);
    i64 n = 0;
    if (text.n && (str_i64(text, &n) || n < 0)) {
        if (GUARD(desk_numbers))
            return fail(x->err, ST_INVALID, "desk-error-field");
        n = 0;
    }
    *ret = n;
    return ST_OK;
}

static enum status numbers_in(struct ask *x, struct numbers *ret)
{
    enum status st = number_in(x, "parent", &ret->parent);
    st = st ? st : number_in(x, "base", &ret->base);
    st = st ? st : number_in(x, "seen", &ret->seen);
    st = st ? st : number_in(x, "seen-live", &ret->seen_live);
    st = st ? st : number_in(x, "told-last", &ret->told_last);
    return st ? st : number_in(x, "assignee", &ret->assignee);
}

static enum status save_tx(struct tx *tx, void *arg)
{
    struct doing *w = arg;
    enum merge_pick *picks = NULL;
    size_t npicks = 0;
    struct draft_saved saved;
    enum status st = merge_picked(w->x, &picks, &npicks);
    if (!st && w->picture.key.n) {
        struct picture row = w->picture;
        row.added_by = w->x->actor.account;
        st = picture_keep(tx, &row);
    }
    struct draft_save s = {.key = w->x->key,
                           .parent = w->numbers.parent,
                           .base = w->numbers.base,
                           .seen = w->numbers.seen,
                           .seen_live = w->numbers.seen_live,
                           .content = &w->content,
                           .picks = picks,
                           .npicks = npicks,
                           .brought = w->picture.key,
                           .a = w->x->a};
    st = st ? st : draft_save(tx, &w->x->actor, &s, &saved);
    if (!st)
        w->saved = saved;
    return st;
}

static enum status step_tx(struct tx *tx, void *arg)
{
    struct doing *w = arg;
    return draft_step(tx, &w->x->actor, w->x->desk->four_eyes, w->x->key, w->save, w->step);
}

static enum status publish_tx(struct tx *tx, void *arg)
{
    struct doing *w = arg;
    struct published out = {0};
    w->publish.save = w->save;
    enum status st = draft_publish(tx, &w->x->actor, w->x->desk->four_eyes, &w->publish, &out);
    if (!st)
        w->story = out.story;
    return st;
}

static enum status withdraw_tx(struct tx *tx, void *arg)
{
    struct doing *w = arg;
    struct published out = {0};
    return draft_withdraw(tx, &w->x->actor, w->x->key, str_trim(form_text(&w->x->form, "reason")),
                          &out);
}

static enum status reinstate_tx(struct tx *tx, void *arg)
{
    struct doing *w = arg;
    struct published out = {0};
    return draft_reinstate(tx, &w->x->actor, w->x->key, &out);
}

static enum status note_tx(struct tx *tx, void *arg)
{
    struct doing *w = arg;
    return draft_note(tx, &w->x->actor, w->x->key, str_trim(form_text(&w->x->form, "note")));
}

static enum status plan_tx(struct tx *tx, void *arg)
{
    struct doing *w = arg;
    struct draft_plan p = {.key = w->x->key,
                           .assignee = w->numbers.assignee,
                           .deadline_ms = w->publish.at,
                           .shared = w->people,
                           .nshared = w->npeople};
    return draft_plan(tx, &w->x->actor, &p);
}

static enum status restrict_tx(struct tx *tx, void *arg)
{
    struct doing *w = arg;
    return draft_restrict(tx, &w->x->actor, w->x->key, w->on, w->people, w->npeople);
}

static str reason_in(const struct doing *w, const char *name)
{
    return form_text(&w->x->form, name);
}

static enum status hold_tx(struct tx *tx, void *arg)
{
    struct doing *w = arg;
    return hold_put(tx, &w->x->actor, w->x->key, reason_in(w, "hold-reason"));
}

static enum status release_tx(struct tx *tx, void *arg)
{
    struct doing *w = arg;
    return hold_lift(tx, &w->x->actor, w->x->key, reason_in(w, "hold-reason"));
}

static enum status lift_tx(struct tx *tx, void *arg)
{
    struct doing *w = arg;
    struct embargo_lift l = {.key = w->x->key,
                             .save = w->save,
                             .until = w->publish.at,
                             .reason = reason_in(w, "lift-reason")};
    return embargo_lift(tx, &w->x->actor, &l);
}

static enum status nothing_tx(struct tx *tx, void *arg)
{
    struct doing *w = arg;
    return translations_need_nothing(tx, &w->x->actor, w->x->key, w->numbers.told_last);
}

static enum status destroy_tx(struct tx *tx, void *arg)
{
    struct doing *w = arg;
    return draft_destroy(tx, &w->x->actor, w->x->key);
}

/* ---- a picture that came with the form ---- */

/* Before the text's block of this number, from 0; one past the last stands for the end. */
static enum status show_picture(struct doing *w, str key, i64 before)
{
    struct node *n = arena_new(w->x->a, struct node, 1), **at = &w->content.body->first;
    if (!n)
        return ST_NOMEM;
    *n = (struct node){.kind = NODE_PICTURE, .picture = {.ref = key}};
    for (; *at && before > 0; before--)
        at = &(*at)->next;
    n->next = *at;
    *at = n;
    return ST_OK;
}

/* Where the picture is to stand, as the editor's script says it; INT64_MAX, the end, without. */
static enum status place_in(struct doing *w, bool *given, i64 *ret)
{
    str text = form_text(&w->x->form, "new-place");
    *given = text.n > 0;
    *ret = INT64_MAX;
    if (*given && (str_i64(text, ret) || *ret < 0) && GUARD(desk_picture_place))
        return fail(w->x->err, ST_INVALID, "desk-error-field");
    return ST_OK;
}

static enum status add_use(struct doing *w, const struct picture_use *use)
{
    struct story_content *c = &w->content;
    struct picture_use *all = arena_new(w->x->a, struct picture_use, c->npictures + 1);
    if (!all)
        return ST_NOMEM;
    if (c->npictures == STORY_PICTURES)
        return fail(w->x->err, ST_INVALID, "desk-error-pictures-full");
    if (c->npictures)
        memcpy(all, c->pictures, c->npictures * sizeof *all);
    all[c->npictures] = *use;
    c->pictures = all;
    c->npictures++;
    return ST_OK;
}

/* Into the content: where it was dropped in the text; else as the lead where there is none yet,
 * else at the text's end, from where it can be moved. */
static enum status add_picture(struct doing *w)
{
    struct story_content *c = &w->content;
    struct picture_use use = {.key = w->picture.key,
                              .caption = str_trim(form_text(&w->x->form, "new-caption")),
                              .alt = str_trim(form_text(&w->x->form, "new-alt"))};
    bool placed;
    i64 before;
    enum status st = place_in(w, &placed, &before);
    if (st)
        return st;
    if (content_names(c, use.key))
        return placed ? fail(w->x->err, ST_INVALID, "desk-error-picture-there") : ST_OK;
    if (!c->picture && !placed) {
        c->picture = arena_new(w->x->a, struct picture_use, 1);
        if (!c->picture)
            return ST_NOMEM;
        *c->picture = use;
        return ST_OK;
    }
    st = add_use(w, &use);
    return st ? st : show_picture(w, use.key, before);
}

/* The bytes are on disk before the transaction that names them. */
static enum status take_picture(struct doing *w)
{
    const struct form_field *f = form_field(&w->x->form, STR("new-picture"));
    if (!f || !f->file || !f->value.n)
        return ST_OK;
    enum status st = intake_picture(w->x->desk->intake, f->value, w->x->a, &w->picture, w->x->err);
    return st ? st : add_picture(w);
}

/* Accounts ticked under this name. */
static enum status people_in(struct doing *w, const char *name)
{
    i64 *list = arena_new(w->x->a, i64, w->x->form.n + 1);
    size_t n = 0;
    if (!list)
        return ST_NOMEM;
    for (size_t i = 0; i < w->x->form.n; i++) {
        const struct form_field *f = &w->x->form.fields[i];
        if (!str_eq(f->name, str_c(name)))
            continue;
        if (str_i64(f->value, &list[n]) == ST_OK)
            n++;
        else if (GUARD(desk_numbers))
            return fail(w->x->err, ST_INVALID, "desk-error-field");
    }
    w->people = list;
    w->npeople = n;
    return ST_OK;
}

static enum status hand_in(struct doing *w, tx_fn *fn)
{
    return writer_do(w->x->desk->intake->writer, fn, w, w->x->err);
}

/* One button: whether what was typed is saved first, what it needs, what it does, and the word that
 * the page then says. */
enum needs { NOTHING, WORDS, TIME, SHARED, NAMED, NOBODY_NAMED, SOONER };
static const struct action {
    const char *name, *done;
    bool saves;
    tx_fn *fn;
    enum needs needs;
    enum draft_step step;
} actions[] = {
    {"save", "saved", true, NULL, NOTHING, 0},
    {"send", "sent", true, step_tx, NOTHING, STEP_SEND},
    {"take-back", "taken", true, step_tx, NOTHING, STEP_TAKE_BACK},
    {"approve", "approved", true, step_tx, NOTHING, STEP_APPROVE},
    {"send-back", "back", true, step_tx, NOTHING, STEP_SEND_BACK},
    {"publish", "published", true, publish_tx, WORDS, 0},
    {"schedule", "scheduled", true, publish_tx, TIME, 0},
    {"unschedule", "unscheduled", false, step_tx, NOTHING, STEP_UNSCHEDULE},
    {"withdraw", "withdrawn", false, withdraw_tx, NOTHING, 0},
    {"reinstate", "reinstated", false, reinstate_tx, NOTHING, 0},
    {"note", "noted", true, note_tx, NOTHING, 0},
    {"plan", "planned", true, plan_tx, SHARED, 0},
    {"restrict", "restricted", true, restrict_tx, NAMED, 0},
    {"open", "restricted", true, restrict_tx, NOBODY_NAMED, 0},
    {"hold", "held", true, hold_tx, NOTHING, 0},
    {"release", "released", true, release_tx, NOTHING, 0},
    {"lift", "lifted", true, lift_tx, SOONER, 0},
    {"needs-nothing", "answered", true, nothing_tx, NOTHING, 0},
    {"destroy", "", false, destroy_tx, NOTHING, 0},
};

static const struct action *action_of(struct ask *x)
{
    str name = form_text(&x->form, "do");
    for (size_t i = 0; i < COUNT(actions); i++)
        if (str_eq(name, str_c(actions[i].name)))
            return &actions[i];
    return NULL;
}

/* "" where the form doesn't ask: what isn't live has nothing to correct. */
static enum status change_in(struct doing *w)
{
    static const struct {
        const char *name;
        enum change_kind kind;
    } all[] = {{"", CHANGE_UPDATE},
               {"update", CHANGE_UPDATE},
               {"correction", CHANGE_CORRECTION},
               {"clarification", CHANGE_CLARIFICATION},
               {"typo", CHANGE_TYPO}};
    str name = form_text(&w->x->form, "change");
    for (size_t i = 0; i < COUNT(all); i++)
        if (str_eq(name, str_c(all[i].name))) {
            w->publish.change = all[i].kind;
            if (all[i].kind == CHANGE_CORRECTION || all[i].kind == CHANGE_CLARIFICATION)
                w->publish.correction = str_trim(form_text(&w->x->form, "correction"));
            return ST_OK;
        }
    return fail(w->x->err, ST_INVALID, "desk-error-field");
}

static enum status local_in(struct doing *w, const char *name, i64 *ret)
{
    if (desk_local_read(w->x, form_text(&w->x->form, name), ret))
        return fail(w->x->err, ST_INVALID, "desk-error-time");
    return ST_OK;
}

static enum status prepare(struct doing *w, const struct action *act)
{
    struct ask *x = w->x;
    w->step = act->step;
    w->publish = (struct draft_publish){.key = x->key};
    switch (act->needs) {
    case WORDS:
        return change_in(w);
    case TIME: {
        enum status st = change_in(w);
        st = st ? st : local_in(w, "at", &w->publish.at);
        if (!st && w->publish.at <= x->v.now)
            return fail(x->err, ST_INVALID, "desk-error-time-past");
        return st;
    }
    case SHARED: {
        enum status st = local_in(w, "deadline", &w->publish.at);
        return st ? st : people_in(w, "shared");
    }
    case SOONER:
        return local_in(w, "lift-until", &w->publish.at);
    case NAMED:
        w->on = true;
        return people_in(w, "named");
    default:
        return ST_OK;
    }
}

/* The page again with what was typed, and what was wrong with it. */
static enum status refused(struct doing *w, struct reply *ret)
{
    struct ask *x = w->x;
    str words;
    const char *field = story_form_field(arena_str(x->a, str_c(x->err->text)), &words);
    enum status st = desk_read(x);
    struct draft d;
    st = st ? st : desk_story(x, &d);
    if (st)
        return st;
    desk_error(x, desk_refusal(x, field, words));
    if (field[0]) {
        map_text(x->s.model, "error_field", str_c(field));
        map_set(x->s.model, arena_cstr(x->a, arena_fmt(x->a, "bad_%s", field)), value_bool(true));
    }
    if (w->kept) /* it was saved before its step was refused: what goes on is made from that */
        st = fill_form(x, &d.content, &x->form);
    if (st)
        return st;
    if (!w->kept) { /* what it was made from stays: a save in between is merged, not lost */
        d.parent = w->numbers.parent;
        d.base = w->numbers.base;
    }
    return editor(x, 400, &d, ret);
}

static bool is_wrong(enum status st)
{
    return st == ST_INVALID || st == ST_TOOLARGE || st == ST_CONFLICT;
}

/* What was typed, with the picture that came with it: its row is written, and its file need not
 * come again. */
static enum status type_again(struct doing *w)
{
    struct ask *x = w->x;
    struct form all;
    enum status st = fill_form(x, &w->content, &all);
    struct form_field *list = st ? NULL : arena_new(x->a, struct form_field, all.n + x->form.n);
    if (!list)
        return st ? st : ST_NOMEM;
    size_t n = all.n;
    memcpy(list, all.fields, n * sizeof *list);
    for (size_t i = 0; i < x->form.n; i++)
        if (!x->form.fields[i].file && !form_field(&all, x->form.fields[i].name))
            list[n++] = x->form.fields[i];
    x->form = (struct form){.fields = list, .n = n};
    return ST_OK;
}

/* The embargo as typed, in the zone that the field was shown in. A field that still says what it
 * said leaves the seconds that it can't show; a form without it leaves all. */
static enum status read_embargo(struct doing *w)
{
    struct ask *x = w->x;
    const struct form_field *f = form_field(&x->form, STR("embargo"));
    i64 was = w->d->content.embargo, is;
    w->content.embargo = was;
    if (!f || str_eq(str_trim(f->value), desk_local(x, was)))
        return ST_OK;
    if (desk_local_read(x, f->value, &is))
        return fail(x->err, ST_INVALID, "line %d: desk-error-time", DRAFT_LINE(EMBARGO));
    w->content.embargo = is;
    return ST_OK;
}

/* Saves what was typed. *done: an answer stands in ret: choices to make, or words to mend. */
static enum status save_first(struct doing *w, bool *done, struct reply *ret)
{
    struct ask *x = w->x;
    *done = false;
    enum status st = story_form_read(&x->form, &w->d->content, x->a, &w->content, x->err);
    st = st ? st : read_embargo(w);
    desk_done_reading(x);
    st = st ? st : take_picture(w);
    st = st ? st : hand_in(w, save_tx);
    if (is_wrong(st)) {
        *done = true;
        return refused(w, ret);
    }
    if (st)
        return st;
    w->save = w->saved.save;
    w->kept = w->saved.outcome != DRAFT_CHOICES;
    if (w->kept)
        return ST_OK;
    *done = true;
    st = w->picture.key.n ? type_again(w) : ST_OK;
    st = st ? st : desk_read(x);
    return st ? st : merge_page(x, &w->saved, ret);
}

/* How many public addresses show a story: its page, text and data, and of each list it stands in
 * the pages and feeds. */
static enum status addresses_of(struct ask *x, i64 story, i64 *ret)
{
    static const struct {
        str begin;
        i64 n;
    } kinds[] = {{{"section-list/", 13}, 2}, /* its page and its feed */
                 {{"edition-list/", 13}, 3}, /* front, feed, news map */
                 {{"topic-list/", 11}, 1},
                 {{"byline-list/", 12}, 1},
                 {{"day/", 4}, 1}};
    str *lists = NULL;
    size_t n = 0;
    enum status st = lists_of(&x->v, story, &lists, &n);
    i64 count = 3;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < COUNT(kinds); k++)
            if (str_starts(lists[i], kinds[k].begin))
                count += kinds[k].n;
    if (!st)
        *ret = count;
    return st;
}

/* Published: the cache was clean when the writer answered, and says after how long. */
static enum status go_back_live(struct doing *w, struct reply *ret)
{
    struct ask *x = w->x;
    i64 ms = (time_micros() - w->pressed_us + 999) / 1000, n = 0;
    enum status st = desk_read(x);
    st = st ? st : addresses_of(x, w->story, &n);
    return st ? st
              : desk_go(x,
                        arena_fmt(x->a, "/desk/story/%.*s?done=published&pages=%lld&ms=%lld",
                                  FMT(x->key), (long long)n, (long long)ms),
                        ret);
}

static enum status go_back(struct doing *w, const struct action *act, struct reply *ret)
{
    struct ask *x = w->x;
    if (!act->done[0])
        return desk_go(x, STR("/desk/"), ret);
    if (act->fn == publish_tx && !w->publish.at)
        return go_back_live(w, ret);
    const char *done = act->fn                               ? act->done
                       : w->saved.outcome == DRAFT_MERGED    ? "merged"
                       : w->saved.outcome == DRAFT_UNCHANGED ? "unchanged"
                                                             : act->done;
    return desk_go(x, arena_fmt(x->a, "/desk/story/%.*s?done=%s", FMT(x->key), done), ret);
}

enum status story_post(struct ask *x, struct reply *ret)
{
    struct draft d;
    struct doing w = {.x = x, .d = &d, .pressed_us = time_micros()};
    const struct action *act = action_of(x);
    bool answered = false;
    enum status st = act ? desk_story(x, &d) : ST_INVALID;
    st = st ? st : numbers_in(x, &w.numbers);
    if (st)
        return st;
    w.save = w.numbers.parent;
    st = prepare(&w, act);
    if (st == ST_INVALID) {
        desk_done_reading(x);
        return refused(&w, ret);
    }
    if (st)
        return st;
    if (act->saves && may(x, ACT_WRITE, &d)) {
        st = save_first(&w, &answered, ret);
        if (st || answered)
            return st;
    }
    desk_done_reading(x);
    st = act->fn ? hand_in(&w, act->fn) : ST_OK;
    if (is_wrong(st))
        return refused(&w, ret);
    return st ? st : go_back(&w, act, ret);
}
