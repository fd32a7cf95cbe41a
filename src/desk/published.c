/* What an account published since a moment, and how that is undone: many stories at once, each in a
 * transaction of its own. */
#include "base/time.h"
#include "desk/parts.h"
#include "newsroom/undo.h"

enum { PAGE_DEEDS = 100 };

struct asked {
    struct account who;
    i64 since, before_ms, before_work;
};

/* ---- the page ---- */

static const struct locale *locale_of(struct ask *x, str edition)
{
    for (size_t i = 0; i < x->s.neditions; i++)
        if (str_eq(x->s.editions[i].slug, edition))
            return theme_locale(x->desk->theme, x->s.editions[i].locale);
    return NULL;
}

static str done_words(struct ask *x, const struct deed *d)
{
    static const char *const keys[DEED_KINDS] = {[DEED_PUBLISHED] = "audit-publish",
                                                 [DEED_SCHEDULED] = "audit-schedule",
                                                 [DEED_WITHDREW] = "audit-withdraw",
                                                 [DEED_REINSTATED] = "audit-reinstate"};
    str names[DEED_KINDS], words = STR_NONE;
    size_t n = 0;
    for (int i = 0; i < DEED_KINDS; i++)
        if (d->did[i])
            names[n++] = desk_say(x, keys[i]);
    enum status st = message_list_text(x->s.l, names, n, x->a, &words, x->err);
    if (st && !x->s.st)
        x->s.st = st;
    return words;
}

static struct value_map *line(struct ask *x, const struct deed *d)
{
    struct value_map *m = map_make(x->a);
    const struct locale *l = locale_of(x, d->edition);
    map_text(m, "value", d->key);
    map_text(m, "href", desk_story_path(x, d->key, ""));
    map_text(m, "headline", d->headline.n ? d->headline : desk_say(x, "desk-untitled"));
    map_text(m, "lang", l ? locale_tag(l) : STR_NONE);
    map_text(m, "dir", l && locale_rtl(l) ? STR("rtl") : STR("ltr"));
    map_set(m, "at", value_map(desk_moment(x, d->at)));
    map_text(m, "did", done_words(x, d));
    map_text(m, "public",
             d->public == STORY_LIVE        ? desk_say(x, "public-live")
             : d->public == STORY_WITHDRAWN ? desk_say(x, "public-withdrawn")
                                            : STR_NONE);
    return m;
}

static str path_of(struct ask *x, const struct asked *q)
{
    return arena_fmt(x->a, "/desk/people/%lld/published", (long long)q->who.id);
}

static enum status list_again(struct ask *x, int status, const struct asked *q, struct reply *ret)
{
    struct deed_query query = {.account = q->who.id,
                               .since = q->since,
                               .before_ms = q->before_ms,
                               .before_work = q->before_work,
                               .limit = PAGE_DEEDS + 1};
    struct deed *list = NULL;
    size_t n = 0;
    struct value_list *rows = list_make(x->a);
    enum status st = undo_list(&x->v, &x->actor, &query, &list, &n);
    if (st)
        return st;
    bool more = n > PAGE_DEEDS;
    n = more ? PAGE_DEEDS : n;
    for (size_t i = 0; i < n; i++)
        list_add(rows, value_map(line(x, &list[i])));
    str since = desk_local(x, q->since), name = q->who.name.n ? q->who.name : q->who.email;
    map_set(x->s.model, "rows", value_list(rows));
    map_set(x->s.model, "has_rows", value_bool(n > 0));
    map_text(x->s.model, "since", since);
    map_text(x->s.model, "reason", form_text(&x->form, "reason"));
    map_text(x->s.model, "action", path_of(x, q));
    map_text(x->s.model, "person", name);
    map_text(x->s.model, "person_href", arena_fmt(x->a, "/desk/people/%lld", (long long)q->who.id));
    map_text(x->s.model, "more",
             more ? arena_fmt(x->a, "%.*s?since=%.*s&before=%lld.%lld", FMT(path_of(x, q)),
                              FMT(since), (long long)list[n - 1].at, (long long)list[n - 1].work)
                  : STR_NONE);
    return desk_page(x, status, "desk-published", "desk-people", desk_say(x, "desk-published"),
                     ret);
}

/* Nothing asked for: the last day. */
static enum status read_asked(struct ask *x, str since, struct asked *ret)
{
    struct asked q = {0};
    i64 id;
    if (str_i64(x->number, &id))
        return ST_NOTFOUND;
    enum status st = account_by_id(&x->v, id, &q.who);
    if (!st && desk_local_read(x, since, &q.since))
        st = fail(x->err, ST_INVALID, "desk-error-time");
    if (st)
        return st;
    if (!q.since)
        q.since = x->v.now - MS_DAY;
    *ret = q;
    return ST_OK;
}

enum status published_page(struct ask *x, struct reply *ret)
{
    struct asked q;
    str first, rest, before = request_query(x->r, STR("before"));
    enum status st = read_asked(x, request_query(x->r, STR("since")), &q);
    rest = str_cut(before, '.', &first);
    if (!st && before.n && (str_i64(first, &q.before_ms) || str_i64(rest, &q.before_work)))
        return ST_INVALID;
    return st ? st : list_again(x, 200, &q, ret);
}

/* ---- undoing ---- */

struct undoing {
    struct ask *x;
    i64 account;
    str key, reason;
};

static enum status withdraw_tx(struct tx *tx, void *arg)
{
    const struct undoing *u = arg;
    struct published out;
    return undo_withdraw(tx, &u->x->actor, u->key, u->reason, &out);
}

static enum status put_back_tx(struct tx *tx, void *arg)
{
    const struct undoing *u = arg;
    struct published out;
    return undo_put_back(tx, &u->x->actor, u->account, u->key, u->reason, &out);
}

static const struct {
    const char *name;
    enum status (*run)(struct tx *tx, void *arg);
} buttons[] = {{"withdraw", withdraw_tx}, {"put-back", put_back_tx}};

static str why(struct ask *x, enum status st)
{
    if (st == ST_NOTFOUND) /* also what is restricted to others */
        return desk_say(x, "desk-error-not-there");
    return x->err->text[0] ? desk_error_text(x) : desk_say(x, "desk-error-not-done");
}

/* Every story that is ticked; what fails stands in the list with why, and stops no other. */
static i64 undo_all(struct ask *x, struct undoing *u, enum status (*run)(struct tx *, void *),
                    struct value_list *failed)
{
    i64 done = 0;
    for (size_t i = 0; i < x->form.n; i++) {
        if (!str_eq(x->form.fields[i].name, STR("story")))
            continue;
        *x->err = (struct err){0};
        u->key = x->form.fields[i].value;
        enum status st = writer_do(x->desk->intake->writer, run, u, x->err);
        done += !st;
        if (!st)
            continue;
        struct value_map *m = map_make(x->a);
        map_text(m, "key", u->key);
        map_text(m, "why", why(x, st));
        list_add(failed, value_map(m));
    }
    *x->err = (struct err){0};
    return done;
}

enum status published_post(struct ask *x, struct reply *ret)
{
    struct asked q;
    str what = form_text(&x->form, "do");
    struct value_list *failed = list_make(x->a);
    enum status (*run)(struct tx *, void *) = NULL;
    for (size_t i = 0; i < COUNT(buttons); i++)
        if (str_eq(what, str_c(buttons[i].name)))
            run = buttons[i].run;
    enum status st = read_asked(x, form_text(&x->form, "since"), &q);
    if (st || !run)
        return st ? st : ST_INVALID;
    struct undoing u = {
        .x = x, .account = q.who.id, .reason = str_trim(form_text(&x->form, "reason"))};
    desk_done_reading(x);
    i64 done = undo_all(x, &u, run, failed);
    bool some = list_count(failed) > 0;
    st = desk_read(x);
    if (st)
        return st;
    map_set(x->s.model, "failed", value_list(failed));
    map_set(x->s.model, "has_failed", value_bool(some));
    map_text(x->s.model, "done", MESSAGE(&x->s, "desk-undone", A_NUM("n", done)));
    return list_again(x, some ? 409 : 200, &q, ret);
}
