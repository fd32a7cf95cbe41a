#include "store/account.h"

#include "base/guard.h"

static str bytes_of(const struct sha256 *h)
{
    return (str){(const char *)h->bytes, sizeof h->bytes};
}

/* What removed nothing has found nothing. */
static enum status run_one(struct stmt *q)
{
    i64 changed = 0;
    enum status st = stmt_run(q, &changed);
    return st ? st : changed ? ST_OK : ST_NOTFOUND;
}

/* ---- accounts ---- */

#define ACCOUNT_COLUMNS                                                                            \
    "id, email, name, roles, password, totp, totp_step, signins, edition, created_ms"

static struct account account_of(const struct stmt *q, struct arena *a)
{
    return (struct account){
        .id = col_int(q, 0),
        .email = col_str(q, 1, a),
        .name = col_str(q, 2, a),
        .roles = (unsigned)col_int(q, 3),
        .password = col_str(q, 4, a),
        .totp = col_str(q, 5, a),
        .totp_step = col_int(q, 6),
        .signins = col_int(q, 7),
        .edition = col_str(q, 8, a),
        .created_ms = col_int(q, 9),
    };
}

static enum status one_account(struct stmt *q, struct arena *a, struct account *ret)
{
    enum status st = stmt_row(q);
    if (st)
        return st;
    struct account found = account_of(q, a);
    if (a->oom)
        return ST_NOMEM;
    *ret = found;
    return ST_OK;
}

enum status account_by_id(struct view *v, i64 id, struct account *ret)
{
    SQL(ACCOUNT_BY_ID, "i", "SELECT " ACCOUNT_COLUMNS " FROM account WHERE id = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &ACCOUNT_BY_ID, v->err);
    bind_int(&q, 1, id);
    return one_account(&q, v->a, ret);
}

enum status account_by_email(struct view *v, str email, struct account *ret)
{
    SQL(ACCOUNT_BY_EMAIL, "t", "SELECT " ACCOUNT_COLUMNS " FROM account WHERE email = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &ACCOUNT_BY_EMAIL, v->err);
    bind_str(&q, 1, email);
    return one_account(&q, v->a, ret);
}

enum status account_list(struct view *v, struct account **ret, size_t *n)
{
    SQL(ACCOUNT_LIST, "", "SELECT " ACCOUNT_COLUMNS " FROM account ORDER BY name, id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &ACCOUNT_LIST, v->err);
    struct account *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = account_of(&q, v->a);
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status account_count(struct view *v, unsigned roles, i64 *ret)
{
    SQL(ACCOUNT_COUNT, "ii", "SELECT COUNT(*) FROM account WHERE roles & $1 = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &ACCOUNT_COUNT, v->err);
    bind_int(&q, 1, roles);
    bind_int(&q, 2, roles);
    enum status st = stmt_row(&q);
    if (!st)
        *ret = col_int(&q, 0);
    return st;
}

/* $1 to $8, the same in both ways of writing. */
static void bind_account(struct stmt *q, const struct account *s)
{
    bind_str(q, 1, s->email);
    bind_str(q, 2, s->name);
    bind_int(q, 3, s->roles);
    bind_str(q, 4, s->password);
    bind_bytes(q, 5, s->totp);
    bind_int(q, 6, s->totp_step);
    bind_int(q, 7, s->signins);
    bind_str(q, 8, s->edition);
}

static enum status account_insert(struct tx *tx, struct account *s)
{
    SQL(ACCOUNT_INSERT, "ttitbiiti",
        "INSERT INTO account (email, name, roles, password, totp, totp_step, signins, edition, "
        "created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (email) DO NOTHING "
        "RETURNING id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &ACCOUNT_INSERT, tx->err);
    bind_account(&q, s);
    bind_int(&q, 9, s->created_ms);
    enum status st = stmt_row(&q);
    if (!st)
        s->id = col_int(&q, 0);
    return st == ST_NOTFOUND ? ST_CONFLICT : st;
}

static enum status account_update(struct tx *tx, const struct account *s)
{
    SQL(ACCOUNT_UPDATE, "ttitbiiti",
        "UPDATE account SET email = $1, name = $2, roles = $3, password = $4, totp = $5, "
        "totp_step = $6, signins = $7, edition = $8 WHERE id = $9");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &ACCOUNT_UPDATE, tx->err);
    bind_account(&q, s);
    bind_int(&q, 9, s->id);
    return run_one(&q);
}

enum status account_write(struct tx *tx, struct account *s)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct account holder;
    if (!s->id)
        return account_insert(tx, s);
    enum status st = account_by_email(&v, s->email, &holder);
    if (!st && holder.id != s->id)
        return ST_CONFLICT;
    return st && st != ST_NOTFOUND ? st : account_update(tx, s);
}

/* ---- sessions ---- */

#define SESSION_COLUMNS "id, account, form, step, created_ms, seen_ms, ends_ms, client, agent, hash"

static struct session session_row(const struct stmt *q, struct arena *a)
{
    struct session s = {
        .id = col_int(q, 0),
        .account = col_int(q, 1),
        .form = col_str(q, 2, a),
        .step = col_int(q, 3),
        .created_ms = col_int(q, 4),
        .seen_ms = col_int(q, 5),
        .ends_ms = col_int(q, 6),
        .client = col_str(q, 7, a),
        .agent = col_str(q, 8, a),
    };
    str hash = col_str(q, 9, a);
    if (hash.n == sizeof s.hash.bytes)
        memcpy(s.hash.bytes, hash.p, hash.n);
    return s;
}

static enum status one_session(struct stmt *q, struct arena *a, struct session *ret)
{
    enum status st = stmt_row(q);
    if (st)
        return st;
    struct session found = session_row(q, a);
    if (a->oom)
        return ST_NOMEM;
    *ret = found;
    return ST_OK;
}

enum status session_add(struct tx *tx, struct session *s)
{
    SQL(SESSION_ADD, "bibiiiitt",
        "INSERT INTO session (hash, account, form, step, created_ms, seen_ms, ends_ms, client, "
        "agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &SESSION_ADD, tx->err);
    bind_bytes(&q, 1, bytes_of(&s->hash));
    bind_int(&q, 2, s->account);
    bind_bytes(&q, 3, s->form);
    bind_int(&q, 4, s->step);
    bind_int(&q, 5, s->created_ms);
    bind_int(&q, 6, s->seen_ms);
    bind_int(&q, 7, s->ends_ms);
    bind_str(&q, 8, s->client);
    bind_str(&q, 9, s->agent);
    enum status st = stmt_row(&q);
    if (!st)
        s->id = col_int(&q, 0);
    return st;
}

enum status session_by_hash(struct view *v, const struct sha256 *hash, struct session *ret)
{
    SQL(SESSION_BY_HASH, "b", "SELECT " SESSION_COLUMNS " FROM session WHERE hash = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &SESSION_BY_HASH, v->err);
    bind_bytes(&q, 1, bytes_of(hash));
    return one_session(&q, v->a, ret);
}

enum status session_list(struct view *v, i64 account, i64 but, struct session **ret, size_t *n)
{
    SQL(SESSION_LIST, "iii",
        "SELECT " SESSION_COLUMNS " FROM session WHERE account = $1 AND ends_ms > $2 "
        "AND step <> $3 ORDER BY seen_ms DESC, id DESC");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &SESSION_LIST, v->err);
    bind_int(&q, 1, account);
    bind_int(&q, 2, v->now);
    bind_int(&q, 3, but);
    struct session *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(&q)) == ST_OK) {
        if (!arena_grow(v->a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = session_row(&q, v->a);
    }
    if (st != ST_NOTFOUND)
        return st;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status session_move_seen(struct tx *tx, const struct sha256 *hash, i64 now, i64 ends_ms)
{
    SQL(SESSION_MOVE_SEEN, "iib", "UPDATE session SET seen_ms = $1, ends_ms = $2 WHERE hash = $3");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &SESSION_MOVE_SEEN, tx->err);
    bind_int(&q, 1, now);
    bind_int(&q, 2, ends_ms);
    bind_bytes(&q, 3, bytes_of(hash));
    return stmt_run(&q, NULL);
}

enum status session_keep_newest(struct tx *tx, i64 account, i64 step, i64 n)
{
    SQL(SESSION_KEEP_NEWEST, "iii",
        "DELETE FROM session WHERE account = $1 AND step = $2 AND id NOT IN "
        "(SELECT id FROM session WHERE account = $1 AND step = $2 "
        "ORDER BY created_ms DESC, id DESC LIMIT $3)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &SESSION_KEEP_NEWEST, tx->err);
    bind_int(&q, 1, account);
    bind_int(&q, 2, step);
    bind_int(&q, 3, n);
    return stmt_run(&q, NULL);
}

enum status session_remove(struct tx *tx, i64 account, i64 id)
{
    SQL(SESSION_REMOVE, "ii", "DELETE FROM session WHERE id = $1 AND account = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &SESSION_REMOVE, tx->err);
    bind_int(&q, 1, id);
    bind_int(&q, 2, account);
    return run_one(&q);
}

enum status session_remove_all(struct tx *tx, i64 account)
{
    SQL(SESSION_REMOVE_ALL, "i", "DELETE FROM session WHERE account = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &SESSION_REMOVE_ALL, tx->err);
    bind_int(&q, 1, account);
    return stmt_run(&q, NULL);
}

/* ---- links that work once ---- */

enum status one_time_add(struct tx *tx, const struct sha256 *hash, const struct one_time *o)
{
    SQL(ONE_TIME_ADD, "biitii",
        "INSERT INTO one_time (hash, kind, account, email, roles, ends_ms) VALUES ($1, $2, $3, $4, "
        "$5, $6)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &ONE_TIME_ADD, tx->err);
    bind_bytes(&q, 1, bytes_of(hash));
    bind_int(&q, 2, o->kind);
    bind_int(&q, 3, o->account);
    bind_str(&q, 4, o->email);
    bind_int(&q, 5, o->roles);
    bind_int(&q, 6, o->ends_ms);
    return stmt_run(&q, NULL);
}

enum status one_time_read(struct view *v, const struct sha256 *hash, struct one_time *ret)
{
    SQL(ONE_TIME_READ, "b",
        "SELECT kind, account, email, roles, ends_ms FROM one_time WHERE hash = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &ONE_TIME_READ, v->err);
    bind_bytes(&q, 1, bytes_of(hash));
    enum status st = stmt_row(&q);
    if (st)
        return st;
    struct one_time o = {
        .kind = col_int(&q, 0),
        .account = col_int(&q, 1),
        .email = col_str(&q, 2, v->a),
        .roles = (unsigned)col_int(&q, 3),
        .ends_ms = col_int(&q, 4),
    };
    if (v->a->oom)
        return ST_NOMEM;
    *ret = o;
    return ST_OK;
}

enum status one_time_remove(struct tx *tx, const struct sha256 *hash)
{
    SQL(ONE_TIME_REMOVE, "b", "DELETE FROM one_time WHERE hash = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &ONE_TIME_REMOVE, tx->err);
    bind_bytes(&q, 1, bytes_of(hash));
    return run_one(&q);
}

enum status one_time_remove_all(struct tx *tx, i64 account)
{
    SQL(ONE_TIME_REMOVE_ALL, "i", "DELETE FROM one_time WHERE account = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &ONE_TIME_REMOVE_ALL, tx->err);
    bind_int(&q, 1, account);
    return stmt_run(&q, NULL);
}

enum status one_time_remove_kind(struct tx *tx, i64 account, i64 kind)
{
    SQL(ONE_TIME_REMOVE_KIND, "ii", "DELETE FROM one_time WHERE account = $1 AND kind = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &ONE_TIME_REMOVE_KIND, tx->err);
    bind_int(&q, 1, account);
    bind_int(&q, 2, kind);
    return stmt_run(&q, NULL);
}

enum status ended_remove(struct tx *tx, i64 now)
{
    SQL(SESSIONS_ENDED, "i", "DELETE FROM session WHERE ends_ms <= $1");
    SQL(ONE_TIMES_ENDED, "i", "DELETE FROM one_time WHERE ends_ms <= $1");
    CLEANUP(stmt_reset) struct stmt sessions = db_prepare(tx->db, &SESSIONS_ENDED, tx->err);
    CLEANUP(stmt_reset) struct stmt links = db_prepare(tx->db, &ONE_TIMES_ENDED, tx->err);
    bind_int(&sessions, 1, now);
    bind_int(&links, 1, now);
    enum status st = stmt_run(&sessions, NULL);
    return st ? st : stmt_run(&links, NULL);
}

/* ---- recovery codes ---- */

static enum status recovery_remove_all(struct tx *tx, i64 account)
{
    SQL(RECOVERY_REMOVE_ALL, "i", "DELETE FROM recovery WHERE account = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &RECOVERY_REMOVE_ALL, tx->err);
    bind_int(&q, 1, account);
    return stmt_run(&q, NULL);
}

static enum status recovery_add(struct tx *tx, i64 account, const struct sha256 *hash)
{
    SQL(RECOVERY_ADD, "ib", "INSERT INTO recovery (account, hash) VALUES ($1, $2)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &RECOVERY_ADD, tx->err);
    bind_int(&q, 1, account);
    bind_bytes(&q, 2, bytes_of(hash));
    return stmt_run(&q, NULL);
}

enum status recovery_write(struct tx *tx, i64 account, const struct sha256 *hashes, size_t n)
{
    enum status st = recovery_remove_all(tx, account);
    for (size_t i = 0; !st && i < n; i++)
        st = recovery_add(tx, account, &hashes[i]);
    return st;
}

enum status recovery_take(struct tx *tx, i64 account, const struct sha256 *hash)
{
    SQL(RECOVERY_TAKE, "ib", "DELETE FROM recovery WHERE account = $1 AND hash = $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &RECOVERY_TAKE, tx->err);
    bind_int(&q, 1, account);
    bind_bytes(&q, 2, bytes_of(hash));
    return run_one(&q);
}

/* ---- the audit log ---- */

enum status audit_write(struct tx *tx, const struct audit_line *l)
{
    SQL(AUDIT_WRITE, "iiittt",
        "INSERT INTO audit (at, account, kind, about, words, client) VALUES ($1, $2, $3, $4, $5, "
        "$6)");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &AUDIT_WRITE, tx->err);
    bind_int(&q, 1, l->at);
    bind_int(&q, 2, l->account);
    bind_int(&q, 3, l->kind);
    bind_str(&q, 4, l->about);
    bind_str(&q, 5, l->words);
    bind_str(&q, 6, l->client);
    return stmt_run(&q, NULL);
}

enum status audit_trim(struct tx *tx, i64 kind, i64 before)
{
    SQL(AUDIT_TRIM, "ii", "DELETE FROM audit WHERE kind = $1 AND at < $2");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(tx->db, &AUDIT_TRIM, tx->err);
    bind_int(&q, 1, kind);
    bind_int(&q, 2, before);
    return stmt_run(&q, NULL);
}

enum status audit_count(struct view *v, i64 account, i64 kind, i64 since, i64 *ret)
{
    SQL(AUDIT_COUNT, "iii",
        "SELECT COUNT(*) FROM audit WHERE account = $1 AND at > $2 AND kind = $3");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(v->db, &AUDIT_COUNT, v->err);
    bind_int(&q, 1, account);
    bind_int(&q, 2, since);
    bind_int(&q, 3, kind);
    enum status st = stmt_row(&q);
    if (!st)
        *ret = col_int(&q, 0);
    return st;
}

static enum status audit_rows(struct stmt *q, struct arena *a, struct audit_line **ret, size_t *n)
{
    struct audit_line *list = NULL;
    size_t count = 0, cap = 0;
    enum status st;
    while ((st = stmt_row(q)) == ST_OK) {
        if (!arena_grow(a, list, count, &cap))
            return ST_NOMEM;
        list[count++] = (struct audit_line){
            .id = col_int(q, 0),
            .at = col_int(q, 1),
            .account = col_int(q, 2),
            .kind = col_int(q, 3),
            .name = col_str(q, 4, a),
            .about = col_str(q, 5, a),
            .words = col_str(q, 6, a),
            .client = col_str(q, 7, a),
        };
    }
    if (st != ST_NOTFOUND)
        return st;
    if (a->oom)
        return ST_NOMEM;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status audit_list(struct view *v, str about, i64 before, i64 viewer, size_t limit,
                       struct audit_line **ret, size_t *n)
{
    SQL(AUDIT_ALL, "iiii",
        "SELECT l.id, l.at, l.account, l.kind, COALESCE(a.name, ''), l.about, l.words, l.client "
        "FROM audit l LEFT JOIN account a ON a.id = l.account WHERE l.id < $1 AND NOT EXISTS "
        "(SELECT 1 FROM work w WHERE w.key = l.about AND w.restricted = $2 AND NOT EXISTS "
        "(SELECT 1 FROM work_person p WHERE p.work = w.id AND p.kind = 1 AND p.account = $3)) "
        "ORDER BY l.id DESC LIMIT $4");
    SQL(AUDIT_ABOUT, "iiiit",
        "SELECT l.id, l.at, l.account, l.kind, COALESCE(a.name, ''), l.about, l.words, l.client "
        "FROM audit l LEFT JOIN account a ON a.id = l.account WHERE l.id < $1 AND NOT EXISTS "
        "(SELECT 1 FROM work w WHERE w.key = l.about AND w.restricted = $2 AND NOT EXISTS "
        "(SELECT 1 FROM work_person p WHERE p.work = w.id AND p.kind = 1 AND p.account = $3)) "
        "AND l.about = $5 ORDER BY l.id DESC LIMIT $4");
    CLEANUP(stmt_reset)
    struct stmt q = db_prepare(v->db, about.n ? &AUDIT_ABOUT : &AUDIT_ALL, v->err);
    bind_int(&q, 1, before ? before : INT64_MAX);
    bind_int(&q, 2, GUARD(audit_restricted) ? 1 : -1);
    bind_int(&q, 3, viewer);
    bind_int(&q, 4, (i64)limit);
    if (about.n)
        bind_str(&q, 5, about);
    return audit_rows(&q, v->a, ret, n);
}
