/* What the buttons of the editor's form do: what was typed is saved first, where the button saves.
 */
#include "base/guard.h"
#include "base/time.h"
#include "desk/parts.h"
#include "media/picture.h"
#include "newsroom/embargo.h"
#include "newsroom/hold.h"
#include "newsroom/translations.h"

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
        st = story_fill_form(x, &d.content, &x->form);
    if (st)
        return st;
    if (!w->kept) { /* what it was made from stays: a save in between is merged, not lost */
        d.parent = w->numbers.parent;
        d.base = w->numbers.base;
    }
    return story_editor(x, 400, &d, ret);
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
    enum status st = story_fill_form(x, &w->content, &all);
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
    if (act->saves && story_may(x, ACT_WRITE, &d)) {
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
