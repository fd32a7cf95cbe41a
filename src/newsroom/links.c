/* Links that work once: the first publisher's, invitations, and new passwords. */
#include "base/guard.h"
#include "base/time.h"
#include "newsroom/account_parts.h"
#include "newsroom/mail.h"

bool link_resets(i64 kind)
{
    return kind == LINK_RESET || kind == LINK_FORGOTTEN;
}

static enum status publisher_there(struct tx *tx)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    i64 n = 0;
    enum status st = account_count(&v, ROLE_PUBLISHER, &n);
    if (!st && n)
        st = account_fail(tx->err, ST_CONFLICT, ACCOUNT_ERROR_PUBLISHER_THERE);
    return st;
}

/* Whom the link is for; about: how the audit log calls them. */
static enum status recipient(struct tx *tx, struct one_time *o, str email, str *about)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct account who;
    enum status st = ST_OK;
    switch (o->kind) {
    case LINK_FIRST:
        return publisher_there(tx);
    case LINK_INVITE:
        st = email_read(email, tx->a, &o->email, tx->err);
        st = st ? st : account_by_email(&v, o->email, &who);
        *about = o->email;
        return st == ST_NOTFOUND ? ST_OK
               : st              ? st
                                 : account_fail(tx->err, ST_CONFLICT, ACCOUNT_ERROR_EMAIL_TAKEN);
    default:
        st = account_by_id(&v, o->account, &who);
        if (!st)
            *about = who.email;
        return st;
    }
}

/* Draws its secret and keeps its hash. */
static enum status put(struct tx *tx, const struct one_time *o, str *ret_path)
{
    u8 secret[SECRET_BYTES];
    random_bytes(secret, sizeof secret);
    struct sha256 hash = sha256((str){(const char *)secret, sizeof secret});
    str path = arena_fmt(tx->a, "/desk/link/%.*s", FMT(secret_text(secret, tx->a)));
    enum status st = tx->a->oom ? ST_NOMEM : one_time_add(tx, &hash, o);
    if (!st)
        *ret_path = path;
    return st;
}

enum status link_make(struct tx *tx, enum one_time_kind kind, i64 account, str email,
                      unsigned roles, const struct actor *by, str *ret_path)
{
    str about = STR_NONE, path = STR_NONE;
    struct one_time o = {.kind = (i64)kind,
                         .account = kind == LINK_RESET ? account : 0,
                         .roles = kind == LINK_FIRST    ? ROLE_PUBLISHER
                                  : kind == LINK_INVITE ? roles & ROLES_ALL
                                                        : 0,
                         .ends_ms = tx->now + LINK_LIVES_HOURS * MS_HOUR};
    if (!may_accounts(by))
        return ST_DENIED;
    if (kind == LINK_FORGOTTEN)
        return fail(tx->err, ST_BUG, "a link for whoever forgot a password is made to be mailed");
    enum status st = recipient(tx, &o, email, &about);
    st = st ? st : put(tx, &o, &path);
    if (!st && kind == LINK_INVITE)
        st = mail_invite(tx, o.email, path, o.ends_ms, by);
    st = st ? st
            : audit_add(tx, by->account, AUDIT_LINK, about, roles_text(o.roles, tx->a), STR_NONE);
    if (!st)
        *ret_path = path;
    return st;
}

enum status link_forgotten(struct tx *tx, const struct account *who, str client, i64 ends_ms,
                           str *ret_path)
{
    const struct one_time o = {.kind = LINK_FORGOTTEN, .account = who->id, .ends_ms = ends_ms};
    enum status st = GUARD(link_newest) ? one_time_remove_kind(tx, who->id, LINK_FORGOTTEN) : ST_OK;
    st = st ? st : put(tx, &o, ret_path);
    return st ? st : audit_add(tx, who->id, AUDIT_RESET_ASKED, who->email, STR_NONE, client);
}

static enum status hash_of(str secret, struct sha256 *ret)
{
    u8 bytes[SECRET_BYTES];
    if (secret_read(secret, bytes))
        return ST_NOTFOUND;
    *ret = sha256((str){(const char *)bytes, sizeof bytes});
    return ST_OK;
}

static enum status read_link(struct view *v, str secret, struct sha256 *hash, struct one_time *ret)
{
    struct one_time o;
    enum status st = hash_of(secret, hash);
    st = st ? st : one_time_read(v, hash, &o);
    if (!st && o.ends_ms <= v->now && GUARD(link_ends))
        st = ST_NOTFOUND;
    if (!st)
        *ret = o;
    return st;
}

enum status link_find(struct view *v, str secret, struct one_time *ret)
{
    struct sha256 hash;
    return read_link(v, secret, &hash, ret);
}

/* ---- using one ---- */

struct using
{
    const struct link_use *use;
    struct sha256 hash;
    struct one_time link;
    str email, password; /* the account's; its new password's hash */
    struct new_session fresh;
};

static enum status make_account(struct tx *tx, const struct using *u, struct account *who)
{
    const struct actor command = actor_of_command();
    enum status st = u->link.kind == LINK_FIRST ? publisher_there(tx) : ST_OK;
    return st ? st
              : account_make(tx, u->email, u->use->name, u->link.roles, u->password, &command, who);
}

static enum status reset_account(struct tx *tx, const struct using *u, struct account *who)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    enum status st = account_by_id(&v, u->link.account, who);
    if (st)
        return st;
    who->password = u->password;
    if (u->use->name.n)
        who->name = str_trim(u->use->name);
    st = account_write(tx, who);
    st = st ? st : session_remove_all(tx, who->id);
    st = st ? st : one_time_remove_all(tx, who->id);
    st = st ? st : mail_notice(tx, MAIL_PASSWORD, who, STR_NONE);
    return st ? st
              : audit_add(tx, who->id,
                          u->link.kind == LINK_FORGOTTEN ? AUDIT_RESET_USED : AUDIT_PASSWORD,
                          who->email, STR_NONE, u->use->client);
}

static enum status finish(struct tx *tx, void *arg)
{
    struct using *u = arg;
    struct account who;
    enum status st = one_time_remove(tx, &u->hash);
    if (st == ST_NOTFOUND && !GUARD(link_once))
        st = ST_OK;
    if (!st && link_resets(u->link.kind))
        st = reset_account(tx, u, &who);
    else if (!st)
        st = make_account(tx, u, &who);
    if (st)
        return st;
    enum sign_in_step step = step_after_password(&who, u->use->second_roles);
    who.signins++;
    st = account_write(tx, &who);
    st = st ? st : session_put(tx, who.id, step, &u->fresh);
    if (!st && step == SIGNED_IN)
        st = audit_add(tx, who.id, AUDIT_SIGN_IN, who.email, STR_NONE, u->use->client);
    return st;
}

/* All that can be wrong with what was typed, but for the password. */
static enum status look(struct view *v, struct using *u, struct err *err)
{
    struct account who;
    str name = str_trim(u->use->name);
    enum status st = read_link(v, u->use->secret, &u->hash, &u->link);
    if (st)
        return st;
    if (link_resets(u->link.kind)) {
        st = account_by_id(v, u->link.account, &who);
        u->email = st ? STR_NONE : who.email;
    } else {
        st = email_read(u->link.kind == LINK_FIRST ? u->use->email : u->link.email, v->a, &u->email,
                        err);
    }
    bool name_kept = link_resets(u->link.kind) && !name.n;
    if (!st && !name_kept && !name_fit(name))
        st = account_fail(err, ST_INVALID, ACCOUNT_ERROR_NAME);
    return st;
}

static enum status look_now(struct db *db, struct using *u, struct arena *a, struct err *err)
{
    CLEANUP(view_end) struct view v = {0};
    enum status st = view_begin(&v, db, a, err);
    return st ? st : look(&v, u, err);
}

enum status link_use(struct db *db, struct writer *w, const struct link_use *use, struct arena *a,
                     struct signed_in *ret, struct err *err)
{
    struct using u = {.use = use};
    enum status st = look_now(db, &u, a, err);
    st = st ? st : password_make(use->password, u.email, a, &u.password, err);
    st = st ? st : session_draw(a, use->client, use->agent, &u.fresh);
    st = st ? st : writer_do(w, finish, &u, err);
    if (!st)
        *ret = session_told(&u.fresh);
    return st;
}
