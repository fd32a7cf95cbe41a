/* Answers: pages of the desk, where to go on, and words that several handlers share. */
#include "base/guard.h"
#include "base/time.h"
#include "desk/parts.h"
#include "text/slug.h"

void desk_done_reading(struct ask *x)
{
    view_end(&x->v);
}

/* The edition whose language the desk speaks; the first when it is gone. */
static str language(const struct ask *x)
{
    return x->signed_in ? x->account.edition : STR_NONE;
}

enum status desk_read(struct ask *x)
{
    struct page_key k = {.kind = PAGE_ERROR};
    view_end(&x->v);
    x->v = (struct view){0};
    enum status st = view_begin(&x->v, x->db, x->a, x->err);
    st = st ? st : sheet_open(&x->s, &x->v, x->desk->theme, &k, language(x));
    if (st == ST_NOTFOUND)
        st = sheet_open(&x->s, &x->v, x->desk->theme, &k, STR_NONE);
    return st == ST_NOTFOUND ? fail(x->err, ST_CONFLICT, "the site has no edition yet") : st;
}

str desk_say(struct ask *x, const char *key)
{
    return sheet_message(&x->s, key, NULL, 0);
}

enum status desk_story(struct ask *x, struct draft *d)
{
    return key_valid(x->key) ? draft_open(&x->v, &x->actor, x->desk->four_eyes, x->key, d)
                             : ST_NOTFOUND;
}

void desk_option(struct ask *x, struct value_list *list, str value, str words, str chosen)
{
    struct value_map *m = map_make(x->a);
    map_set(m, "value", value_text(value));
    map_text(m, "words", words);
    map_set(m, "chosen", value_bool(str_eq(value, chosen)));
    list_add(list, value_map(m));
}

void desk_done(struct ask *x, const char *const *known, size_t n)
{
    str done = request_query(x->r, STR("done"));
    for (size_t i = 0; i < n; i++)
        if (str_eq(done, str_c(known[i])))
            map_text(x->s.model, "done",
                     desk_say(x, arena_cstr(x->a, arena_fmt(x->a, "done-%s", known[i]))));
}

str desk_story_path(struct ask *x, str key, const char *below)
{
    return arena_fmt(x->a, "/desk/story/%.*s%s", FMT(key), below);
}

struct value_map *desk_moment(struct ask *x, i64 ms)
{
    struct value_map *m = map_make(x->a);
    map_text(m, "words", sheet_moment(&x->s, ms));
    map_text(m, "iso", time_rfc3339(ms, x->a));
    return m;
}

str desk_wait(struct ask *x, i64 wait_ms)
{
    return MESSAGE(&x->s, "desk-wait", A_NUM("seconds", (wait_ms + MS_SECOND - 1) / MS_SECOND));
}

/* ---- what people name ---- */

str desk_path_of(struct ask *x, str text)
{
    str base = theme_base_url(x->desk->theme);
    return base.n && str_starts(text, base) ? str_from(text, base.n) : text;
}

enum status desk_story_named(struct ask *x, str text, str *ret)
{
    struct story story;
    str path = desk_path_of(x, text);
    *ret = text;
    if (!str_starts(path, STR("/")))
        return ST_OK;
    enum status st = story_by_path(&x->v, path, PART_ADDRESS, &story);
    if (!st && story.state == STORY_LIVE)
        *ret = story.key;
    return st == ST_NOTFOUND ? ST_OK : st;
}

i64 desk_place(str typed, size_t row, size_t most)
{
    i64 number, place = (i64)row + 1;
    if (str_i64(typed, &number) || number < 1 || number > (i64)most)
        number = place;
    return 4 * number + (number < place ? 0 : number == place ? 1 : 2);
}

/* ---- times as a browser's field has them ---- */

str desk_local(struct ask *x, i64 ms)
{
    struct civil c;
    if (!ms || date_civil(x->s.edition->zone, ms, &c, x->err))
        return STR_NONE;
    return arena_fmt(x->a, "%04d-%02d-%02dT%02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
}

/* HTML, "local date and time": YYYY-MM-DDThh:mm, perhaps with seconds, in the edition's zone. A
 * time that the clock skips is taken as the one after. */
enum status desk_local_read(struct ask *x, str text, i64 *ret)
{
    struct civil here;
    i64 utc;
    text = str_trim(text);
    if (!text.n) {
        *ret = 0;
        return ST_OK;
    }
    str whole =
        text.n == 16 ? arena_fmt(x->a, "%.*s:00Z", FMT(text)) : arena_fmt(x->a, "%.*sZ", FMT(text));
    if (time_parse(whole, &utc))
        return ST_INVALID;
    i64 at = utc;
    for (int i = 0; i < 2; i++) { /* the second time with the offset of about that moment */
        enum status st = date_civil(x->s.edition->zone, at, &here, x->err);
        if (st)
            return st;
        at += utc - time_from_civil(here);
    }
    *ret = at;
    return ST_OK;
}

/* ---- pages ---- */

void desk_error(struct ask *x, str words)
{
    map_text(x->s.model, "error", words);
}

str desk_error_text(struct ask *x)
{
    if (str_starts(str_c(x->err->text), STR("desk-error-")) && locale_has(x->s.l, x->err->text))
        return desk_say(x, arena_cstr(x->a, str_c(x->err->text)));
    return arena_str(x->a, str_c(x->err->text));
}

static void add_person(struct ask *x)
{
    struct value_map *m = x->s.model;
    map_text(m, "desk_person", x->actor.name);
    map_set(m, "has_desk", value_bool(x->actor.account != 0));
    map_set(m, "may_fronts", value_bool(permitted(&x->actor, ACT_FRONTS, NULL, false)));
    map_set(m, "may_site", value_bool(permitted(&x->actor, ACT_SITE, NULL, false)));
    map_set(m, "may_people", value_bool(permitted(&x->actor, ACT_ACCOUNTS, NULL, false)));
    map_set(m, "may_log", value_bool(permitted(&x->actor, ACT_AUDIT, NULL, false)));
    if (x->signed_in)
        map_text(m, "token", form_token((const u8 *)x->session.form.p, x->a));
}

static void add_assets(struct ask *x)
{
    static const struct {
        const char *key;
        str file;
    } all[] = {{"desk_css", {"desk.css", sizeof "desk.css" - 1}},
               {"desk_js", {"desk.js", sizeof "desk.js" - 1}},
               {"desk_editor_css", {"desk-editor.css", sizeof "desk-editor.css" - 1}},
               {"desk_editor_js", {"desk-editor.js", sizeof "desk-editor.js" - 1}}};
    for (size_t i = 0; i < COUNT(all); i++)
        map_text(x->s.model, all[i].key, theme_asset(x->desk->theme, all[i].file));
}

enum status desk_page(struct ask *x, int status, const char *name, const char *kind, str title,
                      struct reply *ret)
{
    html page;
    sheet_common(&x->s, STR_NONE, title, STR_NONE, 0);
    map_text(x->s.model, "kind", str_c(kind));
    map_text(x->s.model, "heading", title);
    add_person(x);
    add_assets(x);
    enum status st = sheet_print(&x->s, name, &page);
    if (st)
        return st;
    ret->status = status;
    ret->content_type = STR("text/html; charset=utf-8");
    ret->body = page.s;
    return ST_OK;
}

enum status desk_words(struct ask *x, int status, str heading, str words, struct reply *ret)
{
    map_text(x->s.model, "words", words);
    return desk_page(x, status, "desk-words", "desk-words", heading, ret);
}

static void add_header(struct reply *ret, str name, str value)
{
    if (ret->nheaders < REPLY_HEADERS)
        ret->headers[ret->nheaders++] = (struct header){name, value};
}

enum status desk_go(struct ask *x, str path, struct reply *ret)
{
    ret->status = 303;
    ret->content_type = STR("text/plain; charset=utf-8");
    ret->body = STR("303 See Other\n");
    add_header(ret, STR("Location"), path);
    return x->a->oom ? ST_NOMEM : ST_OK;
}

void desk_cookie(struct ask *x, str value, struct reply *ret)
{
    add_header(ret, STR("Set-Cookie"),
               value.n ? arena_fmt(x->a,
                                   DESK_COOKIE
                                   "=%.*s; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=7776000",
                                   FMT(value))
                       : STR(DESK_COOKIE "=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"));
}
