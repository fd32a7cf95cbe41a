/* Signing in and out, the second step, and links that work once. */
#include "base/guard.h"
#include "base/time.h"
#include "desk/parts.h"
#include "newsroom/mail.h"

enum { RETURN_MOST = 500 };

/* Our own pages at the desk alone: never another site, however a browser may read it. */
static str return_to(const struct ask *x)
{
    str to = request_query(x->r, STR("return"));
    bool ours = to.n <= RETURN_MOST && desk_path(to) && str_find_byte(to, '\\') < 0 &&
                str_find(to, STR("//")) < 0 && str_find(to, STR("..")) < 0;
    for (size_t i = 0; ours && i < to.n; i++)
        ours = to.p[i] > ' ' && (u8)to.p[i] < 0x7f;
    return ours || !GUARD(desk_return_ours) ? to : STR_NONE;
}

/* Where the form goes, with what it will come back to. */
static void add_action(struct ask *x, const char *path)
{
    str to = return_to(x);
    map_text(x->s.model, "action",
             to.n ? arena_fmt(x->a, "%s?return=%.*s", path, FMT(to)) : str_c(path));
}

static enum status go_on(struct ask *x, const struct signed_in *in, struct reply *ret)
{
    str to = return_to(x);
    str back = to.n ? arena_fmt(x->a, "?return=%.*s", FMT(to)) : STR_NONE;
    desk_cookies(x, in, ret);
    switch (in->session.step) {
    case SIGN_IN_CODE:
        return desk_go(x, arena_fmt(x->a, "/desk/code%.*s", FMT(back)), ret);
    case SIGN_IN_SET_UP:
        return desk_go(x, STR("/desk/second-factor"), ret);
    default:
        return desk_go(x, to.n ? to : STR("/desk/"), ret);
    }
}

/* A cookie that browsers send over https alone can't come back over anything else. */
static enum status insecure(struct ask *x, struct reply *ret)
{
    return desk_words(x, 403, desk_say(x, "desk-insecure-title"),
                      desk_say(x, "desk-insecure-words"), ret);
}

/* ---- e-mail and password ---- */

static enum status sign_in_again(struct ask *x, int status, str email, str error, struct reply *ret)
{
    add_action(x, "/desk/sign-in");
    map_text(x->s.model, "email", email);
    if (error.n)
        desk_error(x, error);
    return desk_page(x, status, "desk-sign-in", "desk-sign-in", desk_say(x, "desk-sign-in"), ret);
}

enum status sign_in_page(struct ask *x, struct reply *ret)
{
    if (!x->r->secure)
        return insecure(x, ret);
    if (x->actor.account)
        return desk_go(x, return_to(x).n ? return_to(x) : STR("/desk/"), ret);
    return sign_in_again(x, 200, STR_NONE, STR_NONE, ret);
}

enum status sign_in_post(struct ask *x, struct reply *ret)
{
    struct sign_in_ask ask = {.email = form_text(&x->form, "email"),
                              .password = form_text(&x->form, "password"),
                              .client = x->r->client,
                              .agent = x->r->agent,
                              .browser = request_cookie(x->r, STR(BROWSER_COOKIE)),
                              .second_roles = x->desk->second_roles};
    struct signed_in in;
    i64 wait = 0;
    if (!x->r->secure)
        return insecure(x, ret);
    desk_done_reading(x);
    enum status st =
        sign_in(x->desk->limits, x->db, x->desk->intake->writer, &ask, x->a, &in, &wait, x->err);
    if (!st)
        return go_on(x, &in, ret);
    if (st != ST_DENIED && !(st == ST_BUSY && wait))
        return st;
    bool busy = st == ST_BUSY;
    x->signed_in = false; /* an older session is nothing to this page */
    st = desk_read(x);
    if (st)
        return st;
    return sign_in_again(x, busy ? 429 : 403, ask.email,
                         busy ? desk_wait(x, wait) : desk_say(x, "desk-sign-in-wrong"), ret);
}

enum status sign_out_post(struct ask *x, struct reply *ret)
{
    desk_done_reading(x);
    enum status st = sign_out(x->desk->intake->writer, &x->session, x->err);
    if (st && st != ST_NOTFOUND)
        return st;
    desk_cookie_ends(ret);
    return desk_go(x, STR("/desk/sign-in"), ret);
}

/* ---- the second step ---- */

enum status code_page(struct ask *x, struct reply *ret)
{
    if (x->session.step != SIGN_IN_CODE)
        return desk_go(x, STR("/desk/"), ret);
    add_action(x, "/desk/code");
    return desk_page(x, 200, "desk-code", "desk-sign-in", desk_say(x, "desk-code-title"), ret);
}

enum status code_post(struct ask *x, struct reply *ret)
{
    struct signed_in in;
    i64 wait = 0;
    if (x->session.step != SIGN_IN_CODE)
        return desk_go(x, STR("/desk/"), ret);
    desk_done_reading(x);
    enum status st = sign_in_code(x->desk->limits, x->desk->intake->writer, &x->session,
                                  form_text(&x->form, "code"), x->a, &in, &wait, x->err);
    if (!st)
        return go_on(x, &in, ret);
    if (st != ST_DENIED && !(st == ST_BUSY && wait))
        return st;
    bool busy = st == ST_BUSY;
    st = desk_read(x);
    if (st)
        return st;
    add_action(x, "/desk/code");
    desk_error(x, busy ? desk_wait(x, wait) : desk_say(x, "desk-code-wrong"));
    return desk_page(x, busy ? 429 : 403, "desk-code", "desk-sign-in",
                     desk_say(x, "desk-code-title"), ret);
}

/* ---- setting it up: the secret stands in the form until a code of it was typed ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool key_read(str text, u8 key[TOTP_BYTES])
{
    if (text.n != 2 * TOTP_BYTES)
        return false;
    for (size_t i = 0; i < TOTP_BYTES; i++) {
        int high = hex_digit(text.p[2 * i]), low = hex_digit(text.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        key[i] = (u8)(high << 4 | low);
    }
    return true;
}

/* For a query: all but ASCII letters and digits escaped (RFC 3986, 2.3). */
static str strictly(str text, struct arena *a)
{
    static const char digits[] = "0123456789ABCDEF";
    char *p = arena_bytes(a, 3 * text.n);
    size_t n = 0;
    for (size_t i = 0; p && i < text.n; i++) {
        u8 c = (u8)text.p[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
            p[n++] = (char)c;
            continue;
        }
        p[n++] = '%';
        p[n++] = digits[c >> 4];
        p[n++] = digits[c & 15];
    }
    return p ? (str){p, n} : STR_NONE;
}

/* In groups of four, as people copy it. */
static str grouped(str text, struct arena *a)
{
    str parts[16];
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < COUNT(parts); i += 4, n++)
        parts[n] = arena_fmt(a, "%s%.*s", i ? " " : "", FMT(str_head(str_from(text, i), 4)));
    return arena_join(a, parts, n);
}

static enum status set_up(struct ask *x, int status, const u8 key[TOTP_BYTES], str error,
                          struct reply *ret)
{
    str secret = base32(key, TOTP_BYTES, x->a);
    map_text(x->s.model, "key", hex(key, TOTP_BYTES, x->a));
    map_text(x->s.model, "grouped", grouped(secret, x->a));
    map_text(x->s.model, "uri",
             arena_fmt(x->a, "otpauth://totp/%.*s:%.*s?secret=%.*s&issuer=%.*s",
                       FMT(strictly(x->s.edition->name, x->a)),
                       FMT(strictly(x->account.email, x->a)), FMT(secret),
                       FMT(strictly(x->s.edition->name, x->a))));
    if (error.n)
        desk_error(x, error);
    return desk_page(x, status, "desk-second-factor", "desk-sign-in",
                     desk_say(x, "desk-second-title"), ret);
}

enum status set_up_page(struct ask *x, struct reply *ret)
{
    u8 key[TOTP_BYTES];
    if (x->session.step == SIGN_IN_CODE)
        return desk_go(x, STR("/desk/code"), ret);
    if (x->account.totp.n)
        return desk_go(x, STR("/desk/account"), ret);
    random_bytes(key, sizeof key);
    return set_up(x, 200, key, STR_NONE, ret);
}

enum status set_up_post(struct ask *x, struct reply *ret)
{
    u8 key[TOTP_BYTES];
    str codes[RECOVERY_CODES];
    struct signed_in in;
    if (x->session.step == SIGN_IN_CODE || x->account.totp.n)
        return ST_CONFLICT;
    if (!key_read(form_text(&x->form, "key"), key))
        return ST_INVALID;
    desk_done_reading(x);
    enum status st = second_factor_on(x->desk->intake->writer, &x->session, key,
                                      form_text(&x->form, "code"), x->a, codes, &in, x->err);
    if (st && st != ST_INVALID)
        return st;
    bool wrong = st == ST_INVALID;
    st = desk_read(x);
    if (st)
        return st;
    if (wrong) /* with the same key: it stands in an authenticator by now */
        return set_up(x, 400, key, desk_say(x, "desk-code-wrong"), ret);
    struct value_list *list = list_make(x->a);
    for (size_t i = 0; i < COUNT(codes); i++) {
        struct value_map *m = map_make(x->a);
        map_text(m, "code", codes[i]);
        list_add(list, value_map(m));
    }
    map_set(x->s.model, "codes", value_list(list));
    desk_cookies(x, &in, ret);
    return desk_page(x, 200, "desk-codes", "desk-sign-in", desk_say(x, "desk-codes-title"), ret);
}

/* ---- a forgotten password ---- */

static enum status forgotten_again(struct ask *x, int status, str error, struct reply *ret)
{
    map_text(x->s.model, "email", form_text(&x->form, "email"));
    if (error.n)
        desk_error(x, error);
    return desk_page(x, status, "desk-forgotten", "desk-sign-in", desk_say(x, "desk-reset-title"),
                     ret);
}

enum status forgotten_page(struct ask *x, struct reply *ret)
{
    return x->r->secure ? forgotten_again(x, 200, STR_NONE, ret) : insecure(x, ret);
}

/* The same answer whoever has an account: nobody has looked yet (newsroom/mail.h). */
enum status forgotten_post(struct ask *x, struct reply *ret)
{
    i64 wait = 0;
    if (!x->r->secure)
        return insecure(x, ret);
    desk_done_reading(x);
    enum status st = reset_ask(x->desk->limits, x->desk->intake->writer,
                               form_text(&x->form, "email"), x->r->client, x->a, &wait, x->err);
    bool busy = st == ST_BUSY && wait;
    if (st && st != ST_INVALID && !busy)
        return st;
    bool sent = st == ST_OK;
    st = desk_read(x);
    if (st)
        return st;
    if (!sent)
        return forgotten_again(x, busy ? 429 : 400, busy ? desk_wait(x, wait) : desk_error_text(x),
                               ret);
    return desk_words(x, 200, desk_say(x, "desk-reset-title"), desk_say(x, "desk-forgotten-sent"),
                      ret);
}

/* ---- links ---- */

static enum status link_form(struct ask *x, int status, const struct one_time *o, str error,
                             struct reply *ret)
{
    struct account who = {.email = o->email};
    enum status st = link_resets(o->kind) ? account_by_id(&x->v, o->account, &who) : ST_OK;
    if (st)
        return st;
    map_text(x->s.model, "action", arena_fmt(x->a, "/desk/link/%.*s", FMT(x->secret)));
    map_text(x->s.model, "email", who.email.n ? who.email : form_text(&x->form, "email"));
    map_set(x->s.model, "wants_email", value_bool(o->kind == LINK_FIRST && !o->email.n));
    map_set(x->s.model, "wants_name", value_bool(!link_resets(o->kind)));
    map_text(x->s.model, "name", form_text(&x->form, "name"));
    map_text(x->s.model, "password_rule",
             MESSAGE(&x->s, "desk-password-rule", A_NUM("least", PASSWORD_LEAST)));
    if (error.n)
        desk_error(x, error);
    return desk_page(x, status, "desk-link", "desk-sign-in",
                     desk_say(x, link_resets(o->kind) ? "desk-reset-title" : "desk-link-title"),
                     ret);
}

/* Mail scanners follow links: this shows a form, and its button does it. */
enum status link_page(struct ask *x, struct reply *ret)
{
    struct one_time o;
    if (!x->r->secure)
        return insecure(x, ret);
    enum status st = link_find(&x->v, x->secret, &o);
    if (st == ST_NOTFOUND)
        return desk_words(x, 404, desk_say(x, "desk-link-over-title"),
                          desk_say(x, "desk-link-over-words"), ret);
    return st ? st : link_form(x, 200, &o, STR_NONE, ret);
}

enum status link_post(struct ask *x, struct reply *ret)
{
    struct one_time o;
    struct signed_in in;
    struct link_use use = {.secret = x->secret,
                           .email = form_text(&x->form, "email"),
                           .name = str_trim(form_text(&x->form, "name")),
                           .password = form_text(&x->form, "password"),
                           .client = x->r->client,
                           .agent = x->r->agent,
                           .second_roles = x->desk->second_roles};
    if (!x->r->secure)
        return insecure(x, ret);
    enum status st = link_find(&x->v, x->secret, &o);
    if (st == ST_NOTFOUND)
        return link_page(x, ret);
    if (st)
        return st;
    bool same = str_eq(use.password, form_text(&x->form, "again"));
    if (same) {
        desk_done_reading(x);
        st = link_use(x->db, x->desk->intake->writer, &use, x->a, &in, x->err);
        if (!st)
            return go_on(x, &in, ret);
        if (st == ST_NOTFOUND) { /* somebody was quicker */
            st = desk_read(x);
            return st ? st : link_page(x, ret);
        }
    }
    if (st && st != ST_INVALID)
        return st;
    str error = STR_NONE;
    if (!same)
        error = desk_say(x, "desk-error-password-differs");
    st = same ? desk_read(x) : ST_OK;
    if (st)
        return st;
    return link_form(x, 400, &o, same ? desk_error_text(x) : error, ret);
}
