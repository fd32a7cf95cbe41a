/* Accounts: what they are called, what they may, and what they sign in with. */
#include "newsroom/accounts.h"

#include "base/guard.h"
#include "newsroom/account_parts.h"
#include "newsroom/mail.h"
#include "text/slug.h"

enum { EMAIL_MOST = 254, NAME_MOST = 200 };

/* ---- what is wrong, in words ---- */

static const struct {
    const char *key, *words;
} errors[] = {
#define X(k, name, words) {"desk-error-" name, words},
    ACCOUNT_ERRORS(X)
#undef X
};

enum status account_fail(struct err *err, enum status st, enum account_error e)
{
    return fail(err, st, "%s", errors[e].key);
}

const char *account_error_words(const char *text)
{
    for (size_t i = 0; i < COUNT(errors); i++)
        if (strcmp(text, errors[i].key) == 0)
            return errors[i].words;
    return text;
}

/* ---- who may ---- */

struct actor actor_of_command(void)
{
    return (struct actor){.account = 0, .roles = ROLES_ALL};
}

bool may_accounts(const struct actor *by)
{
    bool command = by->account == 0 && by->roles == ROLES_ALL;
    return command || permitted(by, ACT_ACCOUNTS, NULL, false);
}

/* ---- what is typed ---- */

/* Blanks and marks that can't be seen: an address that differs by one looks like another's. */
static bool hidden(u32 c)
{
    static const u32 ranges[][2] = {
        {0, 0x20},        {0x7F, 0xA0},     {0xAD, 0xAD},       {0x61C, 0x61C},   {0x1680, 0x1680},
        {0x180E, 0x180E}, {0x2000, 0x200F}, {0x2028, 0x202F},   {0x205F, 0x206F}, {0x3000, 0x3000},
        {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xE0000, 0xE0FFF},
    };
    for (size_t i = 0; i < COUNT(ranges); i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

enum status email_read(str text, struct arena *a, str *ret, struct err *err)
{
    str s = str_trim(text), domain, local;
    domain = str_cut(s, '@', &local);
    bool ok = local.n && domain.n && s.n <= EMAIL_MOST && str_find_byte(domain, '@') < 0 &&
              text_clean(s, "", NULL);
    for (size_t i = 0; ok && i < s.n;)
        ok = !hidden(utf8_next(s, &i));
    if (!ok)
        return account_fail(err, ST_INVALID, ACCOUNT_ERROR_EMAIL);
    char *p = arena_bytes(a, s.n + 1);
    if (!p)
        return ST_NOMEM;
    for (size_t i = 0; i < s.n; i++) {
        bool capital = s.p[i] >= 'A' && s.p[i] <= 'Z';
        p[i] = (char)(capital ? s.p[i] - 'A' + 'a' : s.p[i]);
    }
    *ret = (str){p, s.n};
    return ST_OK;
}

/* Of those that leak most often, the ones that are long enough. */
static const char *const common[] = {
    "1234567890123",    "123456789012",     "12345678901234", "1234567890123456",
    "123123123123",     "123456123456",     "password1234",   "password12345",
    "passwordpassword", "password123456",   "qwertyuiop12",   "qwertyuiop123",
    "qwertyqwerty",     "qwerty123456",     "qwerty1234567",  "1q2w3e4r5t6y",
    "1qaz2wsx3edc",     "1qaz2wsx3edc4rfv", "qazwsxedcrfv",   "iloveyou1234",
    "letmein12345",     "administrator",    "changeme1234",   "welcome12345",
    "abcdefghijkl",     "abcdefghijklmnop", "abc123abc123",   "correcthorsebatterystaple",
    "unbelievable",     "basketball12",     "administrator1", "q1w2e3r4t5y6",
};

static bool one_letter(str s)
{
    size_t i = 1;
    while (i < s.n && s.p[i] == s.p[0])
        i++;
    return i >= s.n;
}

enum status password_fit(str password, str email, struct err *err)
{
    if (password.n < PASSWORD_LEAST)
        return account_fail(err, ST_INVALID, ACCOUNT_ERROR_PASSWORD_SHORT);
    if (password.n > PASSWORD_MOST)
        return account_fail(err, ST_INVALID, ACCOUNT_ERROR_PASSWORD_LONG);
    if (str_eq_fold(password, email))
        return account_fail(err, ST_INVALID, ACCOUNT_ERROR_PASSWORD_EMAIL);
    bool known = one_letter(password);
    for (size_t i = 0; !known && i < COUNT(common); i++)
        known = str_eq_fold(password, str_c(common[i]));
    return known ? account_fail(err, ST_INVALID, ACCOUNT_ERROR_PASSWORD_COMMON) : ST_OK;
}

static str composed(str typed, struct arena *a)
{
    str nfc;
    return typed.n <= PASSWORD_MOST && text_nfc(typed, a, &nfc) == ST_OK ? nfc : typed;
}

enum status password_make(str password, str email, struct arena *a, str *ret, struct err *err)
{
    password = composed(password, a);
    enum status st = a->oom ? ST_NOMEM : password_fit(password, email, err);
    return st ? st : password_hash(password, a, ret);
}

enum status password_typed(str typed, str hash, struct arena *a)
{
    typed = composed(typed, a);
    return a->oom ? ST_NOMEM : password_check(typed, hash);
}

bool name_fit(str name)
{
    return name.n <= NAME_MOST && text_clean(name, "", NULL) && text_has_word(name);
}

/* ---- accounts ---- */

static enum status read_account(struct tx *tx, i64 id, struct account *ret)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    return account_by_id(&v, id, ret);
}

enum status account_make(struct tx *tx, str email, str name, unsigned roles, str password_hash,
                         const struct actor *by, struct account *ret)
{
    struct account who = {.name = str_trim(name),
                          .roles = roles & ROLES_ALL,
                          .password = password_hash,
                          .created_ms = tx->now};
    if (!may_accounts(by))
        return ST_DENIED;
    enum status st = email_read(email, tx->a, &who.email, tx->err);
    if (!st && !name_fit(who.name))
        st = account_fail(tx->err, ST_INVALID, ACCOUNT_ERROR_NAME);
    st = st ? st : account_write(tx, &who);
    if (st == ST_CONFLICT)
        return account_fail(tx->err, st, ACCOUNT_ERROR_EMAIL_TAKEN);
    st = st ? st
            : audit_add(tx, by->account, AUDIT_ACCOUNT, who.email, roles_text(who.roles, tx->a),
                        STR_NONE);
    if (!st)
        *ret = who;
    return st;
}

static enum status is_last_publisher(struct tx *tx, bool *ret)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    i64 n = 0;
    enum status st = account_count(&v, ROLE_PUBLISHER, &n);
    *ret = n <= 1;
    return st;
}

enum status account_set_roles(struct tx *tx, i64 account, unsigned roles, const struct actor *by)
{
    struct account who;
    bool last = false;
    if (!may_accounts(by))
        return ST_DENIED;
    enum status st = read_account(tx, account, &who);
    roles &= ROLES_ALL;
    if (st || who.roles == roles)
        return st;
    if ((who.roles & ROLE_PUBLISHER) && !(roles & ROLE_PUBLISHER))
        st = is_last_publisher(tx, &last);
    if (!st && last && GUARD(last_publisher))
        st = account_fail(tx->err, ST_INVALID, ACCOUNT_ERROR_LAST_PUBLISHER);
    who.roles = roles;
    st = st ? st : account_write(tx, &who);
    if (!st && GUARD(roles_end_sessions))
        st = session_remove_all(tx, account);
    st = st ? st : mail_notice(tx, MAIL_ROLES, &who, roles_text(roles, tx->a));
    return st ? st
              : audit_add(tx, by->account, AUDIT_ROLES, who.email, roles_text(roles, tx->a),
                          STR_NONE);
}

enum status account_set_name(struct tx *tx, i64 account, str name, str edition)
{
    struct account who;
    enum status st = read_account(tx, account, &who);
    if (!st && !name_fit(str_trim(name)))
        st = account_fail(tx->err, ST_INVALID, ACCOUNT_ERROR_NAME);
    if (st)
        return st;
    who.name = str_trim(name);
    who.edition = edition;
    return account_write(tx, &who);
}

/* ---- a new password ---- */

struct renewing {
    const struct session *session;
    str before, hash; /* what the old password was checked against; the new one's */
    struct new_session fresh;
};

static enum status renew(struct tx *tx, void *arg)
{
    struct renewing *r = arg;
    struct account who;
    enum status st = session_still(tx, r->session, &who);
    if (!st && !str_eq(who.password, r->before))
        st = ST_DENIED; /* it was changed while Argon2 ran */
    if (st)
        return st;
    who.password = r->hash;
    st = account_write(tx, &who);
    st = st ? st : session_remove_all(tx, who.id);
    st = st ? st : one_time_remove_all(tx, who.id);
    st = st ? st : session_put(tx, who.id, SIGNED_IN, &r->fresh);
    st = st ? st : mail_notice(tx, MAIL_PASSWORD, &who, STR_NONE);
    return st ? st : audit_add(tx, who.id, AUDIT_PASSWORD, who.email, STR_NONE, r->session->client);
}

static enum status account_now(struct db *db, i64 id, struct arena *a, struct account *ret,
                               struct err *err)
{
    CLEANUP(view_end) struct view v = {0};
    enum status st = view_begin(&v, db, a, err);
    return st ? st : account_by_id(&v, id, ret);
}

enum status account_set_password(struct sign_in_limits *l, struct db *db, struct writer *w,
                                 const struct session *s, str old, str fresh, struct arena *a,
                                 struct signed_in *ret, i64 *wait_ms, struct err *err)
{
    struct renewing r = {.session = s};
    struct account who;
    if (s->step != SIGNED_IN)
        return ST_DENIED;
    struct limit_key key = limit_key_of(
        STR("old password"), (str){(const char *)&s->account, sizeof s->account}, s->client);
    if (!limits_take(l, &key, time_monotonic(), wait_ms))
        return ST_BUSY;
    enum status st = account_now(db, s->account, a, &who, err);
    st = st ? st : password_typed(old, who.password, a);
    if (st == ST_DENIED)
        return account_fail(err, ST_INVALID, ACCOUNT_ERROR_PASSWORD_OLD);
    if (!st)
        limits_right(l, &key, time_monotonic());
    r.before = who.password;
    st = st ? st : password_make(fresh, who.email, a, &r.hash, err);
    st = st ? st : session_draw(a, s->client, s->agent, &r.fresh);
    st = st ? st : writer_do(w, renew, &r, err);
    if (!st)
        *ret = session_told(&r.fresh);
    return st == ST_NOTFOUND ? ST_DENIED : st;
}

/* ---- the second factor ---- */

struct turning_on {
    const struct session *session;
    const u8 *key;
    str code;
    struct sha256 hashes[RECOVERY_CODES];
    struct new_session fresh;
};

static enum status turn_on(struct tx *tx, void *arg)
{
    struct turning_on *t = arg;
    struct account who;
    enum status st = session_still(tx, t->session, &who);
    if (!st && who.totp.n && t->session->step != SIGNED_IN)
        st = ST_DENIED; /* somebody set it up meanwhile: that one is asked for */
    if (!st && !totp_matches(t->key, t->code, tx->now, 0, &who.totp_step))
        st = account_fail(tx->err, ST_INVALID, ACCOUNT_ERROR_CODE);
    if (st)
        return st;
    who.totp = (str){(const char *)t->key, TOTP_BYTES};
    st = account_write(tx, &who);
    st = st ? st : recovery_write(tx, who.id, t->hashes, RECOVERY_CODES);
    st = st ? st : session_remove_all(tx, who.id);
    st = st ? st : session_put(tx, who.id, SIGNED_IN, &t->fresh);
    st = st ? st : mail_notice(tx, MAIL_SECOND_ON, &who, STR_NONE);
    st = st ? st : audit_add(tx, who.id, AUDIT_SECOND_ON, who.email, STR_NONE, t->session->client);
    if (!st && t->session->step != SIGNED_IN)
        st = audit_add(tx, who.id, AUDIT_SIGN_IN, who.email, STR_NONE, t->session->client);
    return st;
}

enum status second_factor_on(struct writer *w, const struct session *s, const u8 key[TOTP_BYTES],
                             str code, struct arena *a, str codes[RECOVERY_CODES],
                             struct signed_in *ret, struct err *err)
{
    struct turning_on t = {.session = s, .key = key, .code = code};
    str shown[RECOVERY_CODES];
    if (s->step == SIGN_IN_CODE)
        return ST_DENIED;
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        shown[i] = recovery_code(a);
        t.hashes[i] = sha256(recovery_canonical(shown[i], a));
    }
    enum status st = a->oom ? ST_NOMEM : session_draw(a, s->client, s->agent, &t.fresh);
    st = st ? st : writer_do(w, turn_on, &t, err);
    if (st)
        return st;
    memcpy(codes, shown, sizeof shown);
    *ret = session_told(&t.fresh);
    return ST_OK;
}

struct turning_off {
    i64 account;
    const struct actor *by;
};

static enum status turn_off(struct tx *tx, void *arg)
{
    const struct turning_off *t = arg;
    struct account who;
    enum status st = read_account(tx, t->account, &who);
    if (st || !who.totp.n)
        return st;
    who.totp = STR_NONE;
    who.totp_step = 0;
    st = account_write(tx, &who);
    st = st ? st : recovery_write(tx, who.id, NULL, 0);
    st = st ? st : session_remove_all(tx, who.id);
    st = st ? st : mail_notice(tx, MAIL_SECOND_OFF, &who, STR_NONE);
    return st ? st : audit_add(tx, t->by->account, AUDIT_SECOND_OFF, who.email, STR_NONE, STR_NONE);
}

enum status second_factor_off(struct writer *w, i64 account, const struct actor *by,
                              struct err *err)
{
    struct turning_off t = {account, by};
    if (by->account != account && !may_accounts(by))
        return ST_DENIED;
    return writer_do(w, turn_off, &t, err);
}
