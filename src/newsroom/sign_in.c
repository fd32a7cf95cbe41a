/* Signing in and out, and the sessions that come of it. */
#include "base/guard.h"
#include "base/time.h"
#include "newsroom/account_parts.h"
#include "text/slug.h"

enum { AGENT_MOST = 256 };

enum sign_in_step step_after_password(const struct account *who, unsigned second_roles)
{
    if (who->totp.n && GUARD(second_factor))
        return SIGN_IN_CODE;
    return (who->roles & second_roles) && who->signins > 0 ? SIGN_IN_SET_UP : SIGNED_IN;
}

/* ---- sessions ---- */

/* What a browser calls itself, as far as it is text that can be kept and shown. */
static str agent_text(str agent)
{
    size_t bad;
    agent = str_head(agent, AGENT_MOST);
    return text_clean(agent, "", &bad) ? agent : str_head(agent, bad);
}

enum status session_draw(struct arena *a, str client, str agent, struct new_session *ret)
{
    u8 secret[SECRET_BYTES], mark[SECRET_BYTES];
    char *form = arena_bytes(a, SECRET_BYTES);
    if (!form)
        return ST_NOMEM;
    random_bytes(secret, sizeof secret);
    random_bytes(mark, sizeof mark);
    random_bytes(form, SECRET_BYTES);
    struct new_session n = {
        .cookie = secret_text(secret, a),
        .mark = secret_text(mark, a),
        .browser = sha256((str){(const char *)mark, sizeof mark}),
        .session = {.hash = sha256((str){(const char *)secret, sizeof secret}),
                    .form = {form, SECRET_BYTES},
                    .client = arena_str(a, client),
                    .agent = arena_str(a, agent_text(agent))},
    };
    if (a->oom)
        return ST_NOMEM;
    *ret = n;
    return ST_OK;
}

static i64 end_of(i64 step, i64 created, i64 now)
{
    i64 idle = now + SESSION_IDLE_DAYS * MS_DAY, most = created + SESSION_MOST_DAYS * MS_DAY;
    if (step != SIGNED_IN)
        return created + SESSION_STEP_MINUTES * MS_MINUTE;
    return idle < most ? idle : most;
}

/* What it is called and where it came from is its session's to say. */
static enum status browser_put(struct tx *tx, const struct new_session *n)
{
    struct session mark = {.hash = n->browser,
                           .account = n->session.account,
                           .step = SIGN_IN_BROWSER,
                           .created_ms = tx->now,
                           .seen_ms = tx->now,
                           .ends_ms = tx->now + BROWSER_DAYS * MS_DAY,
                           .form = n->session.form};
    enum status st = session_add(tx, &mark);
    return st ? st : session_keep_newest(tx, mark.account, SIGN_IN_BROWSER, BROWSERS_MOST);
}

enum status session_put(struct tx *tx, i64 account, enum sign_in_step step, struct new_session *n)
{
    struct session *s = &n->session;
    s->account = account;
    s->step = (i64)step;
    s->created_ms = s->seen_ms = tx->now;
    s->ends_ms = end_of(s->step, tx->now, tx->now);
    enum status st = session_add(tx, s);
    return st || step != SIGNED_IN ? st : browser_put(tx, n);
}

struct signed_in session_told(const struct new_session *n)
{
    bool whole = n->session.step == SIGNED_IN;
    return (struct signed_in){n->cookie, n->session, whole ? n->mark : STR_NONE};
}

static bool has_ended(const struct session *s, i64 now)
{
    return s->ends_ms <= now && GUARD(session_ends);
}

enum status session_of(struct view *v, str cookie, struct session *s, struct account *who)
{
    u8 secret[SECRET_BYTES];
    struct session found;
    struct account owner;
    if (secret_read(cookie, secret))
        return ST_NOTFOUND;
    struct sha256 hash = sha256((str){(const char *)secret, sizeof secret});
    enum status st = session_by_hash(v, &hash, &found);
    if (!st &&
        (has_ended(&found, v->now) || (found.step == SIGN_IN_BROWSER && GUARD(browser_no_session))))
        st = ST_NOTFOUND;
    st = st ? st : account_by_id(v, found.account, &owner);
    if (st)
        return st;
    *s = found;
    *who = owner;
    return ST_OK;
}

enum status browser_of(struct view *v, str mark, i64 *ret_account)
{
    u8 secret[SECRET_BYTES];
    struct session found;
    if (secret_read(mark, secret))
        return ST_NOTFOUND;
    struct sha256 hash = sha256((str){(const char *)secret, sizeof secret});
    enum status st = session_by_hash(v, &hash, &found);
    if (!st && (found.step != SIGN_IN_BROWSER || found.ends_ms <= v->now))
        st = ST_NOTFOUND;
    if (!st)
        *ret_account = found.account;
    return st;
}

enum status session_still(struct tx *tx, const struct session *s, struct account *who)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct session now;
    enum status st = session_by_hash(&v, &s->hash, &now);
    if (!st && (now.step != s->step || has_ended(&now, tx->now)))
        st = ST_NOTFOUND;
    st = st ? st : account_by_id(&v, now.account, who);
    return st == ST_NOTFOUND ? ST_DENIED : st;
}

static enum status move_seen(struct tx *tx, void *arg)
{
    const struct session *s = arg;
    return session_move_seen(tx, &s->hash, tx->now, end_of(s->step, s->created_ms, tx->now));
}

enum status session_seen(struct writer *w, const struct session *s, struct err *err)
{
    struct session copy = *s;
    if (time_now() - s->seen_ms < SESSION_SEEN_MS)
        return ST_OK;
    return writer_do(w, move_seen, &copy, err);
}

enum status session_end(struct tx *tx, i64 account, i64 id, const struct actor *by)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct account who;
    if (by->account != account && !may_accounts(by))
        return ST_DENIED;
    enum status st = account_by_id(&v, account, &who);
    st = st ? st : id ? session_remove(tx, account, id) : session_remove_all(tx, account);
    return st ? st : audit_add(tx, by->account, AUDIT_SESSION_END, who.email, STR_NONE, STR_NONE);
}

static enum status leave(struct tx *tx, void *arg)
{
    const struct session *s = arg;
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct session now;
    struct account who;
    enum status st = session_by_hash(&v, &s->hash, &now);
    if (st == ST_NOTFOUND) /* it had ended by itself */
        return ST_OK;
    st = st ? st : session_remove(tx, now.account, now.id);
    st = st ? st : account_by_id(&v, now.account, &who);
    return st ? st : audit_add(tx, who.id, AUDIT_SIGN_OUT, who.email, STR_NONE, s->client);
}

enum status sign_out(struct writer *w, const struct session *s, struct err *err)
{
    struct session copy = *s;
    return writer_do(w, leave, &copy, err);
}

/* ---- with a password ---- */

struct trying {
    const struct sign_in_ask *ask;
    struct account who; /* as it was when its password was looked at; id 0: nobody's */
    bool right;
    struct new_session fresh;
};

static enum status note_failure(struct tx *tx, const struct account *who, str client)
{
    return audit_add(tx, who->id, AUDIT_SIGN_IN_FAILED, who->email, STR_NONE, client);
}

/* One transaction either way, so that time doesn't tell whether the account is there. */
static enum status finish(struct tx *tx, void *arg)
{
    struct trying *t = arg;
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct account who;
    if (!t->right)
        return note_failure(tx, &t->who, t->ask->client);
    enum status st = account_by_id(&v, t->who.id, &who);
    if (!st && !str_eq(who.password, t->who.password))
        st = ST_DENIED; /* it was changed while Argon2 ran */
    if (st)
        return st;
    enum sign_in_step step = step_after_password(&who, t->ask->second_roles);
    who.signins++;
    st = account_write(tx, &who);
    st = st ? st : session_put(tx, who.id, step, &t->fresh);
    if (!st && step == SIGNED_IN)
        st = audit_add(tx, who.id, AUDIT_SIGN_IN, who.email, STR_NONE, t->ask->client);
    return st;
}

/* The account of an e-mail; id 0 when it is nobody's, which is looked for all the same. own:
 * whether the mark is of one of its browsers. */
static enum status find(struct db *db, str email, str mark, struct arena *a, struct account *ret,
                        bool *own, struct err *err)
{
    CLEANUP(view_end) struct view v = {0};
    struct account found = {0};
    i64 marked = 0;
    enum status st = view_begin(&v, db, a, err);
    st = st ? st : account_by_email(&v, email, &found);
    if (st && st != ST_NOTFOUND)
        return st;
    st = browser_of(&v, mark, &marked);
    if (st && st != ST_NOTFOUND)
        return st;
    *ret = found;
    *own = marked && marked == found.id;
    return ST_OK;
}

static enum status check_password(str password, const struct account *who, struct arena *a,
                                  bool *right, struct err *err)
{
    enum status st = ST_DENIED;
    if (who->id || GUARD(same_work))
        st = password_typed(password, who->password, a);
    if (st && st != ST_DENIED)
        return fail(err, st, "a password can't be checked: %s", err_words(&(struct err){0}, st));
    *right = st == ST_OK;
    return ST_OK;
}

enum status sign_in(struct sign_in_limits *l, struct db *db, struct writer *w,
                    const struct sign_in_ask *ask, struct arena *a, struct signed_in *ret,
                    i64 *wait_ms, struct err *err)
{
    struct trying t = {.ask = ask};
    str email;
    if (email_read(ask->email, a, &email, NULL)) /* is looked for all the same */
        email = STR("nobody");
    bool own = false;
    enum status st = find(db, email, ask->browser, a, &t.who, &own, err);
    if (st)
        return st;
    struct limit_key key = own && GUARD(browser_limits)
                               ? limit_key_of_browser(ask->browser)
                               : limit_key_of(STR("password"), email, ask->client);
    if (!limits_take(l, &key, time_monotonic(), wait_ms))
        return ST_BUSY;
    st = check_password(ask->password, &t.who, a, &t.right, err);
    st = st ? st : session_draw(a, ask->client, ask->agent, &t.fresh);
    st = st ? st : writer_do(w, finish, &t, err);
    if (st)
        return st == ST_NOTFOUND ? ST_DENIED : st;
    if (!t.right)
        return ST_DENIED;
    limits_right(l, &key, time_monotonic());
    *ret = session_told(&t.fresh);
    return ST_OK;
}

/* ---- with a code ---- */

struct coding {
    const struct session *session;
    str code;
    bool right;
    struct new_session fresh;
};

/* A code of the second factor, or one of those for when it is lost; either is used up. */
static enum status take_code(struct tx *tx, struct account *who, str code)
{
    i64 step;
    if (who->totp.n == TOTP_BYTES &&
        totp_matches((const u8 *)who->totp.p, code, tx->now, who->totp_step, &step)) {
        who->totp_step = step;
        return account_write(tx, who);
    }
    str canonical = recovery_canonical(code, tx->a);
    struct sha256 hash = sha256(canonical);
    return canonical.n ? recovery_take(tx, who->id, &hash) : ST_NOTFOUND;
}

static enum status finish_code(struct tx *tx, void *arg)
{
    struct coding *c = arg;
    struct account who;
    enum status st = session_still(tx, c->session, &who);
    if (st)
        return st;
    st = take_code(tx, &who, c->code);
    c->right = st == ST_OK;
    if (st == ST_NOTFOUND) /* said once that is written */
        return note_failure(tx, &who, c->session->client);
    st = st ? st : session_remove(tx, who.id, c->session->id);
    st = st ? st : session_put(tx, who.id, SIGNED_IN, &c->fresh);
    return st ? st : audit_add(tx, who.id, AUDIT_SIGN_IN, who.email, STR_NONE, c->session->client);
}

enum status sign_in_code(struct sign_in_limits *l, struct writer *w, const struct session *s,
                         str code, struct arena *a, struct signed_in *ret, i64 *wait_ms,
                         struct err *err)
{
    struct coding c = {.session = s, .code = code};
    if (s->step != SIGN_IN_CODE)
        return ST_DENIED;
    /* kinds of tries are counted apart: a right password doesn't forget wrong codes */
    struct limit_key key =
        limit_key_of(STR("code"), (str){(const char *)&s->account, sizeof s->account}, s->client);
    if (!limits_take(l, &key, time_monotonic(), wait_ms))
        return ST_BUSY;
    enum status st = session_draw(a, s->client, s->agent, &c.fresh);
    st = st ? st : writer_do(w, finish_code, &c, err);
    if (!st && !c.right)
        st = ST_DENIED;
    if (st)
        return st;
    limits_right(l, &key, time_monotonic());
    *ret = session_told(&c.fresh);
    return ST_OK;
}
