/* Answers: pages of the desk, where to go on, and words that several handlers share. */
#include "base/guard.h"
#include "base/time.h"
#include "desk/parts.h"
#include "desk/refusal.h"
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

void desk_add_language(struct ask *x, str edition)
{
    for (size_t i = 0; i < x->s.neditions; i++) {
        const struct edition *e = &x->s.editions[i];
        const struct locale *l =
            str_eq(e->slug, edition) ? theme_locale(x->desk->theme, e->locale) : NULL;
        if (!l)
            continue;
        map_text(x->s.model, "story_lang", e->locale);
        map_text(x->s.model, "story_dir", locale_rtl(l) ? STR("rtl") : STR("ltr"));
    }
}

bool desk_sees_all(const struct ask *x)
{
    return (x->actor.roles & (ROLE_EDITOR | ROLE_PUBLISHER)) != 0;
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
    i64 tries[4] = {utc}; /* each with the offset of the moment before it */
    for (int i = 1; i < 4; i++) {
        enum status st = date_civil(x->s.edition->zone, tries[i - 1], &here, x->err);
        if (st)
            return st;
        tries[i] = tries[i - 1] + utc - time_from_civil(here);
    }
    /* a time that the clock skips is in neither offset: they go on by turns */
    *ret = tries[3] > tries[2] ? tries[3] : tries[2];
    return ST_OK;
}

/* ---- pages ---- */

void desk_error(struct ask *x, str words)
{
    map_text(x->s.model, "error", words);
}

/* A slot's text as an argument: a number where it is one, the name of a field. */
static struct arg argument(struct ask *x, const struct refusal_slot *slot)
{
    const char *name = arena_cstr(x->a, slot->name);
    i64 n;
    if (str_eq(slot->name, STR("field"))) {
        const char *key = refusal_field(slot->text);
        return A_TEXT(name, key[0] ? desk_say(x, key) : desk_say(x, "desk-error-of-form"));
    }
    return str_i64(slot->text, &n) == ST_OK && !str_eq(slot->name, STR("words"))
               ? A_NUM(name, n)
               : A_TEXT(name, slot->text);
}

str desk_refusal(struct ask *x, const char *field, str sentence)
{
    struct refusal r;
    struct arg args[REFUSAL_SLOTS];
    bool named = false;
    if (str_starts(sentence, STR("desk-error-")))
        return desk_say(x, arena_cstr(x->a, sentence));
    if (!GUARD(desk_refusals))
        return arena_str(x->a, sentence);
    bool known = refusal_read(sentence, &r);
    (void)known; /* what isn't is said of anything */
    for (size_t i = 0; i < r.n; i++) {
        args[i] = argument(x, &r.slots[i]);
        named |= str_eq(r.slots[i].name, STR("field"));
    }
    str words = sheet_message(&x->s, r.key, args, r.n);
    const char *label = refusal_field(str_c(field));
    return named || !label[0] ? words
                              : MESSAGE(&x->s, "desk-error-at", A_TEXT("field", desk_say(x, label)),
                                        A_TEXT("words", words));
}

str desk_error_text(struct ask *x)
{
    str words;
    const char *field = story_form_field(arena_str(x->a, str_c(x->err->text)), &words);
    return desk_refusal(x, field, words);
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

#define COOKIE_KIND "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age="

void desk_cookies(struct ask *x, const struct signed_in *in, struct reply *ret)
{
    add_header(ret, STR("Set-Cookie"),
               arena_fmt(x->a, DESK_COOKIE "=%.*s" COOKIE_KIND "%d", FMT(in->cookie),
                         SESSION_MOST_DAYS * 24 * 60 * 60));
    if (!in->browser.n)
        return;
    add_header(ret, STR("Set-Cookie"),
               arena_fmt(x->a, BROWSER_COOKIE "=%.*s" COOKIE_KIND "%d", FMT(in->browser),
                         BROWSER_DAYS * 24 * 60 * 60));
    known_note(x->desk->known, in->browser);
}

void desk_cookie_ends(struct reply *ret)
{
    add_header(ret, STR("Set-Cookie"), STR(DESK_COOKIE "=" COOKIE_KIND "0"));
}
