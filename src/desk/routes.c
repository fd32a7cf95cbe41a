#include "base/guard.h"
#include "desk/parts.h"
#include "http/target.h"
#include "media/picture.h"

/* Who may ask: a forgotten one is nobody. */
enum asker {
    NOBODY_ASKS,
    ANYBODY,  /* before or without signing in */
    HALF_WAY, /* the password was right, and a second step is wanted */
    STAFF,    /* signed in, and permitted the route's act */
};

/* A story's form is text of 1 MiB, escaped at worst, or brings a picture; a front's has a few
 * lines of words for each place, three bytes for a byte at worst. */
enum {
    SMALL = 16 << 10,
    MANY_KEYS = 64 << 10,
    FRONT_BODY = 64 << 10,
    SITE_BODY = 1 << 20, /* as many sections and links as there may be */
    STORY_BODY = (4 << 20) + PICTURE_BYTES
};

static const struct route {
    enum method method;
    const char *pattern; /* ":key", ":number" and ":secret" stand for one segment */
    enum asker who;
    enum act act; /* asked here where it is about no story; the handler asks for a story's */
    desk_fn *answer;
    const char *query;
    size_t max_body;
    enum desk_lane lane;
} routes[] = {
    {GET, "/desk/sign-in", ANYBODY, ACT_DESK, sign_in_page, "return", 0, DESK_LANE},
    {POST, "/desk/sign-in", ANYBODY, ACT_DESK, sign_in_post, "return", SMALL, DESK_PASSWORD_LANE},
    {GET, "/desk/code", HALF_WAY, ACT_DESK, code_page, "return", 0, DESK_LANE},
    {POST, "/desk/code", HALF_WAY, ACT_DESK, code_post, "return", SMALL, DESK_LANE},
    {GET, "/desk/second-factor", HALF_WAY, ACT_DESK, set_up_page, "", 0, DESK_LANE},
    {POST, "/desk/second-factor", HALF_WAY, ACT_DESK, set_up_post, "", SMALL, DESK_LANE},
    {POST, "/desk/sign-out", HALF_WAY, ACT_DESK, sign_out_post, "", SMALL, DESK_LANE},
    {GET, "/desk/forgotten", ANYBODY, ACT_DESK, forgotten_page, "", 0, DESK_LANE},
    {POST, "/desk/forgotten", ANYBODY, ACT_DESK, forgotten_post, "", SMALL, DESK_LANE},
    {GET, "/desk/link/:secret", ANYBODY, ACT_DESK, link_page, "", 0, DESK_LANE},
    {POST, "/desk/link/:secret", ANYBODY, ACT_DESK, link_post, "", SMALL, DESK_PASSWORD_LANE},
    {GET, "/desk/preview/:secret", ANYBODY, ACT_DESK, shared_page, "", 0, DESK_LANE},
    {GET, "/desk/preview/:secret/picture/:number", ANYBODY, ACT_DESK, shared_picture, "", 0,
     DESK_LANE},

    {GET, "/desk/", STAFF, ACT_DESK, stories_page, "find,state,edition,section,who,before,page,due",
     0, DESK_LANE},
    {GET, "/desk/new", STAFF, ACT_BEGIN, begin_page, "", 0, DESK_LANE},
    {POST, "/desk/new", STAFF, ACT_BEGIN, begin_post, "", SMALL, DESK_LANE},
    {GET, "/desk/story/:key", STAFF, ACT_DESK, story_get, "done,from,pages,ms", 0, DESK_LANE},
    {POST, "/desk/story/:key", STAFF, ACT_DESK, story_post, "", STORY_BODY, DESK_LANE},
    {POST, "/desk/story/:key/turn", STAFF, ACT_DESK, turn_post, "", STORY_BODY, DESK_LANE},
    {GET, "/desk/story/:key/preview", STAFF, ACT_DESK, preview_page, "", 0, DESK_LANE},
    {GET, "/desk/story/:key/picture/:number", STAFF, ACT_DESK, picture_page, "", 0, DESK_LANE},
    {GET, "/desk/story/:key/find", STAFF, ACT_DESK, find_page, "find,kind", 0, DESK_LANE},
    {GET, "/desk/story/:key/here", STAFF, ACT_DESK, here_page, "", 0, DESK_LANE},
    {GET, "/desk/story/:key/saves", STAFF, ACT_DESK, saves_page, "before,done", 0, DESK_LANE},
    {POST, "/desk/story/:key/saves", STAFF, ACT_DESK, saves_post, "", SMALL, DESK_LANE},
    {GET, "/desk/story/:key/saves/:number", STAFF, ACT_DESK, save_page, "", 0, DESK_LANE},
    {POST, "/desk/story/:key/saves/:number", STAFF, ACT_DESK, save_post, "", SMALL, DESK_LANE},
    {GET, "/desk/story/:key/saves/:number/preview", STAFF, ACT_DESK, preview_save, "", 0,
     DESK_LANE},
    {GET, "/desk/story/:key/removal", STAFF, ACT_DESK, removal_page, "", 0, DESK_LANE},
    {POST, "/desk/story/:key/removal", STAFF, ACT_DESK, removal_post, "", SMALL, DESK_LANE},

    {GET, "/desk/fronts", STAFF, ACT_FRONTS, fronts_page, "", 0, DESK_LANE},
    {GET, "/desk/fronts/:key", STAFF, ACT_FRONTS, front_get, "done,from", 0, DESK_LANE},
    {POST, "/desk/fronts/:key", STAFF, ACT_FRONTS, front_post, "", FRONT_BODY, DESK_LANE},

    {GET, "/desk/site", STAFF, ACT_SITE, site_pages, "", 0, DESK_LANE},
    {GET, "/desk/site/:key", STAFF, ACT_SITE, site_get, "done", 0, DESK_LANE},
    {POST, "/desk/site/:key", STAFF, ACT_SITE, site_post, "", SITE_BODY, DESK_LANE},
    {POST, "/desk/site/:key/pages", STAFF, ACT_SITE, page_post, "", SMALL, DESK_LANE},

    {GET, "/desk/account", STAFF, ACT_DESK, account_page, "done", 0, DESK_LANE},
    {POST, "/desk/account", STAFF, ACT_DESK, account_post, "", SMALL, DESK_LANE},
    {POST, "/desk/account/password", STAFF, ACT_DESK, password_post, "", SMALL, DESK_PASSWORD_LANE},
    {GET, "/desk/people", STAFF, ACT_ACCOUNTS, people_page, "done", 0, DESK_LANE},
    {POST, "/desk/people", STAFF, ACT_ACCOUNTS, people_post, "", SMALL, DESK_LANE},
    {GET, "/desk/people/:number", STAFF, ACT_ACCOUNTS, person_page, "done", 0, DESK_LANE},
    {POST, "/desk/people/:number", STAFF, ACT_ACCOUNTS, person_post, "", SMALL, DESK_LANE},
    {GET, "/desk/people/:number/published", STAFF, ACT_ACCOUNTS, published_page, "since,before", 0,
     DESK_LANE},
    {POST, "/desk/people/:number/published", STAFF, ACT_ACCOUNTS, published_post, "", MANY_KEYS,
     DESK_LANE},
    {GET, "/desk/log", STAFF, ACT_AUDIT, audit_page, "before", 0, DESK_LANE},
#ifdef BROADSHEET_PROVE
    {.method = GET, .pattern = "/desk/nobody-may-ask-for-this", .answer = stories_page}, /* for the
                                                                                            tests */
#endif
};

struct match {
    const struct route *route;
    str key, number, secret;
};

static bool take(struct match *m, str name, str value)
{
    str *to = str_eq(name, STR(":key"))      ? &m->key
              : str_eq(name, STR(":number")) ? &m->number
                                             : &m->secret;
    *to = value;
    return value.n > 0;
}

static bool matches(const struct route *r, str path, struct match *ret)
{
    struct match m = {.route = r};
    str want = str_from(str_c(r->pattern), 1), have = str_from(path, 1), w, h;
    do {
        want = str_cut(want, '/', &w);
        have = str_cut(have, '/', &h);
        bool same = w.n && w.p[0] == ':' ? take(&m, w, h) : str_eq(w, h);
        if (!same || (want.p == NULL) != (have.p == NULL))
            return false;
    } while (want.p);
    *ret = m;
    return true;
}

/* HEAD is GET's. found: whether the address has any method. */
static bool find(enum method m, str path, struct match *ret, bool *get, bool *post)
{
    struct match here;
    bool found = false;
    *get = *post = false;
    for (size_t i = 0; i < COUNT(routes); i++) {
        if (!matches(&routes[i], path, &here))
            continue;
        *get |= routes[i].method == GET;
        *post |= routes[i].method == POST;
        if (routes[i].method == (m == HEAD ? GET : m)) {
            *ret = here;
            found = true;
        }
    }
    return found;
}

bool desk_route_at(size_t i, enum method *m, str *pattern)
{
    if (i >= COUNT(routes))
        return false;
    *m = routes[i].method;
    *pattern = str_c(routes[i].pattern);
    return true;
}

bool desk_path(str path)
{
    return str_starts(path, STR("/desk/"));
}

/* How much of a path a log may show. A link that was mistyped, or came with another method, is a
 * link that works all the same. */
static size_t shown_of(str path)
{
    static const str secrets[] = {{"/desk/link/", 11}, {"/desk/preview/", 14}};
    for (size_t i = 0; i < COUNT(secrets); i++)
        if (str_starts(path, secrets[i]) && GUARD(desk_link_hidden))
            return secrets[i].n;
    return 0;
}

enum status desk_route(enum method m, str path, struct verdict *ret)
{
    struct match match = {0};
    bool get, post, found = find(m, path, &match, &get, &post);
    ret->shown = shown_of(path);
    if (found) {
        ret->declared = str_c(match.route->query);
        ret->max_body = match.route->max_body;
        return ST_OK;
    }
    if (!get && !post && (m == GET || m == HEAD))
        return ST_NOTFOUND;
    ret->allow = get && post ? "GET, HEAD, POST, OPTIONS"
                 : post      ? "POST, OPTIONS"
                             : "GET, HEAD, OPTIONS";
    return ST_METHOD;
}

enum desk_lane desk_lane(enum method m, str path)
{
    struct match match = {0};
    bool get, post;
    return find(m, path, &match, &get, &post) ? match.route->lane : DESK_LANE;
}

bool desk_knows(const struct known *k, str cookie)
{
    struct request r = {.cookie = cookie};
    return known_is(k, request_cookie(&r, STR(DESK_COOKIE))) || desk_browser(k, cookie);
}

u64 desk_browser(const struct known *k, str cookie)
{
    struct request r = {.cookie = cookie};
    str mark = request_cookie(&r, STR(BROWSER_COOKIE));
    return known_is(k, mark) ? siphash(mark) : 0;
}

enum status desk_browser_holds(struct db *db, const struct request *r, struct arena *a,
                               struct err *err)
{
    CLEANUP(view_end) struct view v = {0};
    i64 account;
    enum status st = view_begin(&v, db, a, err);
    return st ? st : browser_of(&v, request_cookie(r, STR(BROWSER_COOKIE)), &account);
}

/* ---- who asks ---- */

/* Of who isn't signed in, and may be about to. */
static enum status recognise_browser(struct ask *x)
{
    str mark = request_cookie(x->r, STR(BROWSER_COOKIE));
    i64 account;
    if (!mark.n || known_is(x->desk->known, mark))
        return ST_OK;
    enum status st = browser_of(&x->v, mark, &account);
    if (!st)
        known_note(x->desk->known, mark);
    return st == ST_NOTFOUND ? ST_OK : st;
}

static enum status recognise(struct ask *x)
{
    str cookie = request_cookie(x->r, STR(DESK_COOKIE));
    if (!cookie.n)
        return recognise_browser(x);
    enum status st = session_of(&x->v, cookie, &x->session, &x->account);
    if (st == ST_NOTFOUND)
        return recognise_browser(x);
    if (st)
        return st;
    x->signed_in = true;
    known_note(x->desk->known, cookie);
    if (x->session.step == SIGNED_IN)
        x->actor = (struct actor){
            .account = x->account.id, .roles = x->account.roles, .name = x->account.name};
    return ST_OK;
}

/* To the page where what is missing can be done; a GET comes back here then. */
static enum status send_to_sign_in(struct ask *x, struct reply *ret)
{
    bool again = x->r->method == GET || x->r->method == HEAD;
    str back = again && !str_eq(x->r->path, STR("/desk/"))
                   ? arena_fmt(x->a, "?return=%.*s", FMT(path_escape(x->r->path, x->a)))
                   : STR_NONE;
    const char *where = !x->signed_in                     ? "/desk/sign-in"
                        : x->session.step == SIGN_IN_CODE ? "/desk/code"
                                                          : "/desk/second-factor";
    return desk_go(x, arena_fmt(x->a, "%s%.*s", where, FMT(back)), ret);
}

static enum status asked_by(struct ask *x, const struct route *r, bool *may, struct reply *ret)
{
    *may = false;
    switch (r->who) {
    case ANYBODY:
        *may = true;
        return ST_OK;
    case HALF_WAY:
        if (!x->signed_in)
            return send_to_sign_in(x, ret);
        *may = true;
        return ST_OK;
    case STAFF:
        if (!x->signed_in || (x->session.step != SIGNED_IN && GUARD(desk_second_step)))
            return send_to_sign_in(x, ret);
        *may = permitted(&x->actor, ACT_DESK, NULL, x->desk->four_eyes) &&
               permitted(&x->actor, r->act, NULL, x->desk->four_eyes);
        return *may ? ST_OK : ST_DENIED;
    case NOBODY_ASKS:
        break;
    }
    *may = !GUARD(desk_forgotten_role);
    return *may ? ST_OK : ST_DENIED;
}

/* ---- forms ---- */

/* From one of our own pages, and this session's. */
static enum status check_post(struct ask *x, const struct route *r)
{
    if (!x->r->same_origin && GUARD(desk_same_origin))
        return fail(x->err, ST_DENIED, "a form from another site");
    enum status st = form_read(x->r->content_type, x->r->body, x->a, &x->form, x->err);
    if (st || (r->who == ANYBODY && !x->signed_in))
        return st;
    if (r->who == ANYBODY) /* signing in anew needs no token of the session before */
        return ST_OK;
    if (!form_token_matches((const u8 *)x->session.form.p, form_text(&x->form, "token")) &&
        GUARD(desk_token))
        return fail(x->err, ST_DENIED, "a form without the session's token");
    return ST_OK;
}

/* ---- answering ---- */

static enum status answer(struct ask *x, struct reply *ret)
{
    struct match m = {0};
    bool get, post, may;
    if (!find(x->r->method, x->r->path, &m, &get, &post))
        return ST_NOTFOUND;
    x->key = m.key;
    x->number = m.number;
    x->secret = m.secret;
    enum status st = asked_by(x, m.route, &may, ret);
    if (st || !may)
        return st;
    if (m.route->method == POST)
        st = check_post(x, m.route);
    return st ? st : m.route->answer(x, ret);
}

/* What a status says to a person; the edge has its own page for those of the server's. */
static enum status explain(struct ask *x, enum status why, struct reply *ret)
{
    int http = status_http(why);
    if (http >= 500 || http == 413)
        return why;
    enum status st = desk_read(x);
    if (st)
        return st;
    const char *title = why == ST_DENIED     ? "desk-denied-title"
                        : why == ST_CONFLICT ? "desk-conflict-title"
                        : why == ST_INVALID  ? "error-400-title"
                                             : "error-404-title",
               *words = why == ST_DENIED     ? "desk-denied-words"
                        : why == ST_CONFLICT ? "desk-conflict-words"
                        : why == ST_INVALID  ? "error-400-words"
                                             : "error-404-words";
    return desk_words(x, http, desk_say(x, title), desk_say(x, words), ret);
}

/* A session that can't be noted as used ends a little sooner: nothing that the answer waits for. */
static void note_seen(struct ask *x)
{
    struct err ignored = {0};
    enum status st = session_seen(x->desk->intake->writer, &x->session, &ignored);
    (void)st;
}

struct reply desk_handle(const struct desk *d, struct db *db, const struct request *r,
                         struct arena *a, struct err *err)
{
    struct ask x = {.desk = d, .r = r, .a = a, .db = db, .err = err};
    struct reply out = {0};
    enum status st = desk_read(&x);
    st = st ? st : recognise(&x);
    st = st ? st : desk_read(&x); /* in the language of whoever asks */
    st = st ? st : answer(&x, &out);
    if (st)
        st = explain(&x, st, &out);
    view_end(&x.v);
    if (x.actor.account)
        note_seen(&x);
    if ((!st && a->oom) || (st == ST_NOMEM && !err->text[0]))
        st =
            fail(err, ST_NOMEM, "the page %.*s needs more memory than a request has", FMT(r->path));
    return st ? (struct reply){.status = status_http(st) == 413 ? 413 : status_http(st)} : out;
}
