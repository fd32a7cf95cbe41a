#include "newsroom/preview_link.h"

#include "base/guard.h"
#include "base/secret.h"
#include "base/time.h"
#include "newsroom/accounts.h"
#include "newsroom/draft_parts.h"
#include "newsroom/embargo.h"

static enum status open_save(struct tx *tx, const struct actor *who, str key, i64 save, i64 *work)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct save s;
    struct desk d;
    enum status st = desk_open(&d, &v, who, key, ACT_WRITE, false);
    st = st ? st : save_read(&v, d.work.id, save, &s);
    if (!st)
        *work = d.work.id;
    return st;
}

enum status preview_link_make(struct tx *tx, const struct actor *who, str key, i64 save,
                              str *ret_path)
{
    u8 secret[SECRET_BYTES];
    struct preview_link l = {
        .save = save, .account = who->account, .ends_ms = tx->now + PREVIEW_LINK_DAYS * MS_DAY};
    enum status st = open_save(tx, who, key, save, &l.work);
    if (st)
        return st;
    random_bytes(secret, sizeof secret);
    struct sha256 hash = sha256((str){(const char *)secret, sizeof secret});
    str path = arena_fmt(tx->a, "/desk/preview/%.*s", FMT(secret_text(secret, tx->a)));
    st = tx->a->oom ? ST_NOMEM : preview_link_add(tx, &hash, &l);
    st = st ? st : audit_add(tx, who->account, AUDIT_PREVIEW_LINK, key, STR_NONE, STR_NONE);
    if (!st)
        *ret_path = path;
    return st;
}

enum status preview_link_end(struct tx *tx, const struct actor *who, str key, i64 save)
{
    i64 work = 0;
    enum status st = open_save(tx, who, key, save, &work);
    st = st ? st : preview_link_remove(tx, work, save);
    return st ? st : audit_add(tx, who->account, AUDIT_PREVIEW_END, key, STR_NONE, STR_NONE);
}

/* Who may open the desk may see what is under embargo; a link alone is no reason to. */
static enum status check_embargo(struct view *v, const struct actor *who, str key)
{
    struct embargo e;
    if (permitted(who, ACT_DESK, NULL, false) || !GUARD(embargo_preview))
        return ST_OK;
    enum status st = embargo_of(v, key, &e);
    if (!st && e.until > v->now)
        st = fail(v->err, ST_DENIED, "\"%.*s\" is under embargo", FMT(e.whose));
    return st;
}

enum status preview_link_open(struct view *v, const struct actor *who, str secret,
                              struct story_content *ret)
{
    u8 bytes[SECRET_BYTES];
    struct preview_link l;
    struct save s;
    if (secret_read(secret, bytes))
        return ST_NOTFOUND;
    struct sha256 hash = sha256((str){(const char *)bytes, sizeof bytes});
    enum status st = preview_link_read(v, &hash, &l);
    if (!st && l.ends_ms <= v->now && GUARD(preview_link_ends))
        return ST_NOTFOUND;
    st = st ? st : save_read(v, l.work, l.save, &s);
    struct story_content c;
    st = st ? st : story_from_canonical(s.bytes, v->a, &c, v->err);
    st = st ? st : check_embargo(v, who, c.id);
    if (!st)
        *ret = c;
    return st;
}
