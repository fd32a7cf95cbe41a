#include "newsroom/mail.h"

#include "base/guard.h"
#include "base/hash.h"
#include "base/time.h"
#include "newsroom/account_parts.h"

enum { NAME_BYTES = 16 };

const char *mail_name(i64 kind)
{
    static const char *const names[] = {
#define X(k, name) name,
        MAIL_LIST(X)
#undef X
    };
    return kind >= 0 && kind < MAIL_KINDS ? names[kind] : "";
}

static enum status add(struct tx *tx, struct mail m)
{
    u8 any[NAME_BYTES];
    random_bytes(any, sizeof any);
    m.name = hex(any, sizeof any, tx->a);
    m.at = tx->now;
    m.until_ms = m.until_ms ? m.until_ms : tx->now + MAIL_DAYS * MS_DAY;
    return tx->a->oom ? ST_NOMEM : mail_add(tx, &m);
}

enum status mail_notice(struct tx *tx, enum mail_kind kind, const struct account *who, str words)
{
    if (!GUARD(mail_notices))
        return ST_OK;
    return add(tx, (struct mail){.kind = (i64)kind,
                                 .account = who->id,
                                 .email = who->email,
                                 .person = who->name,
                                 .edition = who->edition,
                                 .words = words});
}

enum status mail_invite(struct tx *tx, str email, str path, i64 ends_ms, const struct actor *by)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct account inviter = {0};
    enum status st = account_by_id(&v, by->account, &inviter);
    if (st && st != ST_NOTFOUND) /* the command line has no account */
        return st;
    return add(tx, (struct mail){.kind = MAIL_INVITE,
                                 .email = email,
                                 .edition = inviter.edition,
                                 .path = path,
                                 .words = inviter.name.n ? inviter.name : inviter.email,
                                 .until_ms = ends_ms});
}

/* ---- a forgotten password ---- */

struct asking {
    str email, client;
};

/* The same for every address: nobody is looked for here. */
static enum status ask(struct tx *tx, void *arg)
{
    const struct asking *x = arg;
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    i64 waiting = 0;
    enum status st = mail_count(&v, &waiting);
    if (!st && waiting >= MAIL_WAITING_MOST)
        return fail(tx->err, ST_BUSY, "%lld messages wait to be sent", (long long)waiting);
    return st ? st
              : add(tx, (struct mail){.kind = MAIL_RESET,
                                      .email = x->email,
                                      .client = x->client,
                                      .until_ms = tx->now + LINK_FORGOTTEN_HOURS * MS_HOUR});
}

enum status reset_ask(struct sign_in_limits *l, struct writer *w, str email, str client,
                      struct arena *a, i64 *wait_ms, struct err *err)
{
    struct asking x = {.client = client};
    enum status st = email_read(email, a, &x.email, err);
    if (st)
        return st;
    struct limit_key key = limit_key_of(STR("forgotten"), x.email, client);
    if (!limits_take(l, &key, time_monotonic(), wait_ms) && GUARD(reset_limit))
        return ST_BUSY;
    *wait_ms = 0;
    return writer_do(w, ask, &x, err);
}

bool mail_unprepared(const struct mail *m)
{
    return m->kind == MAIL_RESET && !m->account;
}

/* Whether there is somebody to write to, who has not been written to often enough. */
static enum status addressee(struct tx *tx, const struct mail *m, struct account *ret)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    i64 n = 0;
    enum status st = account_by_email(&v, m->email, ret);
    st = st ? st : audit_count(&v, ret->id, AUDIT_RESET_ASKED, tx->now - MS_HOUR, &n);
    return !st && n >= RESETS_AN_HOUR && GUARD(reset_few) ? ST_NOTFOUND : st;
}

static enum status prepare_one(struct tx *tx, i64 id)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct mail m;
    struct account who;
    enum status st = mail_read(&v, id, &m);
    if (st)
        return st;
    st = addressee(tx, &m, &who);
    if (st == ST_NOTFOUND)
        return mail_done(tx, id);
    m.until_ms = tx->now + LINK_FORGOTTEN_HOURS * MS_HOUR;
    st = st ? st : link_forgotten(tx, &who, m.client, m.until_ms, &m.path);
    m.account = who.id;
    m.person = who.name;
    m.edition = who.edition;
    return st ? st : mail_write(tx, &m);
}

enum status reset_prepare(struct tx *tx)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    i64 ids[RESETS_AT_ONCE];
    size_t n = 0;
    enum status st = mail_of_nobody(&v, MAIL_RESET, RESETS_AT_ONCE, ids, &n);
    for (size_t i = 0; !st && i < n; i++)
        st = prepare_one(tx, ids[i]);
    return st;
}

/* ---- what becomes of it ---- */

enum status mail_done(struct tx *tx, i64 id)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct mail m;
    enum status st = mail_read(&v, id, &m);
    if (st)
        return st == ST_NOTFOUND ? mail_remove(tx, id) : st; /* a job whose row is gone */
    if ((m.path.n || mail_unprepared(&m)) && GUARD(mail_erased))
        tx_erase(tx);
    return mail_remove(tx, id);
}

enum status mail_give_up(struct tx *tx, i64 id)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct mail m;
    enum status st = mail_read(&v, id, &m);
    /* an address that nobody has looked for yet may be nobody's: that stays out of the log */
    if (!st && !mail_unprepared(&m))
        st = audit_add(tx, 0, AUDIT_MAIL_GIVEN_UP, m.email, STR_NONE, STR_NONE);
    return st ? st : mail_done(tx, id);
}

enum status mail_holds(struct view *v, const struct mail *m, bool *ret)
{
    static const str before = {"/desk/link/", 11};
    struct one_time link;
    enum status st = ST_OK;
    if (m->path.n)
        st = link_find(v, str_from(m->path, before.n), &link);
    if (st && st != ST_NOTFOUND)
        return st;
    *ret = st == ST_OK || !GUARD(mail_holds);
    return ST_OK;
}
