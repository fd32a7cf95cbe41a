/* test/app/desk.h: people at the desk, without sockets: a browser is a cookie and the last page. */
#ifndef TEST_APP_DESK_H
#define TEST_APP_DESK_H

#include "app/parts.h"
#include "base/out.h"
#include "newsroom/draft.h"
#include "site.h"

struct browser {
    struct world *w;
    char cookie[128], mark[128], token[256]; /* mark: the cookie of a known browser */
    char kept[64];                           /* Cache-Control of a finished answer */
    str body;                                /* of the last answer, in the world's arena */
    str location;
    int status;
    bool elsewhere, no_token; /* as another site's form would come */
};

static inline void put_encoded(struct out *o, str s)
{
    for (size_t i = 0; i < s.n; i++)
        out_fmt(o, "%%%02X", (u8)s.p[i]);
}

/* Names and values in turn, ended by NULL. */
static inline str encode(struct browser *b, const char *const *pairs)
{
    struct out o = out_make(&b->w->a, 4096, 4 << 20);
    bool token = false;
    for (size_t i = 0; pairs && pairs[i]; i += 2) {
        out_c(&o, i ? "&" : "");
        put_encoded(&o, str_c(pairs[i]));
        out_byte(&o, '=');
        put_encoded(&o, str_c(pairs[i + 1]));
        token |= strcmp(pairs[i], "token") == 0;
    }
    if (!token && !b->no_token) {
        out_c(&o, pairs && pairs[0] ? "&token=" : "token=");
        put_encoded(&o, str_c(b->token));
    }
    return out_view(&o);
}

static inline void keep_answer(struct browser *b, const struct reply *r)
{
    static const str mark = {"name=\"token\" value=\"", 20};
    b->status = r->status;
    b->body = r->body.n ? arena_str(&b->w->a, r->body) : STR_NONE;
    b->location = STR_NONE;
    for (size_t i = 0; i < r->nheaders; i++) {
        str value = r->headers[i].value, cookie;
        if (str_eq(r->headers[i].name, STR("Location")))
            b->location = arena_str(&b->w->a, value);
        if (!str_eq(r->headers[i].name, STR("Set-Cookie")))
            continue;
        str_cut(value, ';', &cookie);
        bool browser = str_starts(cookie, STR("__Host-desk-browser="));
        snprintf(browser ? b->mark : b->cookie, sizeof b->cookie, "%.*s", FMT(cookie));
    }
    ptrdiff_t at = str_find(b->body, mark);
    if (at >= 0) {
        str token, rest = str_from(b->body, (size_t)at + mark.n);
        str_cut(rest, '"', &token);
        snprintf(b->token, sizeof b->token, "%.*s", FMT(token));
    }
    str kept = r->finished ? finished_header(r->finished, STR("Cache-Control")) : STR_NONE;
    snprintf(b->kept, sizeof b->kept, "%.*s", FMT(kept));
    finished_release(r->finished);
}

static inline int ask(struct browser *b, enum method m, const char *target,
                      const char *const *pairs)
{
    str path, query = str_cut(str_c(target), '?', &path), one;
    struct request r = {.method = m,
                        .path = path,
                        .cookie = arena_fmt(&b->w->a, "%s; %s", b->cookie, b->mark),
                        .client = STR("127.0.0.1"),
                        .agent = STR("a test"),
                        .secure = true,
                        .same_origin = !b->elsewhere};
    for (; query.p && r.nquery < QUERY_MAX; r.nquery++) {
        query = str_cut(query, '&', &one);
        r.query[r.nquery].value = str_cut(one, '=', &r.query[r.nquery].name);
    }
    if (m == POST) {
        r.content_type = STR("application/x-www-form-urlencoded");
        r.body = encode(b, pairs);
    }
    struct reply reply = app_handle(b->w->app, &r, &b->w->a);
    keep_answer(b, &reply);
    return b->status;
}

#define FORM(...)               ((const char *const[]){__VA_ARGS__, NULL})
#define fetch(b, path)          ask((b), GET, (path), NULL)
#define send_form(b, path, ...) ask((b), POST, (path), FORM(__VA_ARGS__))

/* --- an account with these roles and a session, made as signing in would make it, without Argon2
 * ---
 */
struct making_staff {
    const char *email, *name;
    unsigned roles;
    i64 account;
    char cookie[64];
};

static inline enum status make_staff(struct tx *tx, void *arg)
{
    struct making_staff *m = arg;
    struct actor by = actor_of_command();
    u8 secret[SECRET_BYTES], form[SECRET_BYTES];
    struct account account;
    enum status st =
        account_make(tx, str_c(m->email), str_c(m->name), m->roles, STR_NONE, &by, &account);
    if (st)
        return st;
    random_bytes(secret, sizeof secret);
    random_bytes(form, sizeof form);
    str text = secret_text(secret, tx->a);
    struct session s = {.hash = sha256((str){(const char *)secret, sizeof secret}),
                        .account = account.id,
                        .step = SIGNED_IN,
                        .created_ms = tx->now,
                        .seen_ms = tx->now,
                        .ends_ms = tx->now + 86400000,
                        .form = {(const char *)form, sizeof form},
                        .client = STR("127.0.0.1"),
                        .agent = STR("a test")};
    st = session_add(tx, &s);
    snprintf(m->cookie, sizeof m->cookie, "%.*s", FMT(text));
    m->account = account.id;
    return st;
}

static inline i64 staff(struct world *w, struct browser *b, const char *email, const char *name,
                        unsigned roles)
{
    struct making_staff m = {.email = email, .name = name, .roles = roles};
    struct err err = {0};
    assert_ok(writer_do(app_writer(w->app), make_staff, &m, &err), &err);
    *b = (struct browser){.w = w};
    snprintf(b->cookie, sizeof b->cookie, "__Host-desk=%s", m.cookie);
    assert_int_equal(fetch(b, "/desk/account"), 200); /* for its token */
    return m.account;
}

#endif
