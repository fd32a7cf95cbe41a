#include "newsroom/hold.h"

#include "base/guard.h"
#include "newsroom/draft_parts.h"

enum status hold_put(struct tx *tx, const struct actor *who, str key, str reason)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct desk d;
    enum status st = desk_open(&d, &v, who, key, ACT_HOLD, false);
    st = st ? st : desk_reason(&reason, tx->err);
    st = st ? st : desk_free(&d);
    struct hold h = {.work = d.work.id, .account = who->account, .at = tx->now, .reason = reason};
    st = st ? st : hold_add(tx, &h);
    return st ? st : audit_add(tx, who->account, AUDIT_HOLD, key, reason, STR_NONE);
}

enum status hold_lift(struct tx *tx, const struct actor *who, str key, str reason)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct desk d;
    enum status st = desk_open(&d, &v, who, key, ACT_HOLD, false);
    st = st ? st : desk_reason(&reason, tx->err);
    if (!st && !d.work.held_ms)
        st = fail(tx->err, ST_CONFLICT, "desk-error-not-held");
    st = st ? st : hold_remove(tx, d.work.id);
    return st ? st : audit_add(tx, who->account, AUDIT_HOLD_LIFTED, key, reason, STR_NONE);
}

enum status hold_check(struct view *v, str key, const char *line)
{
    i64 since;
    enum status st = hold_since(v, key, &since);
    if (st == ST_NOTFOUND || (!st && !GUARD(hold_at_door)))
        return ST_OK;
    return st ? st
              : fail(v->err, ST_CONFLICT,
                     "%s\"%.*s\" is on legal hold: nothing of it can be changed, withdrawn or "
                     "destroyed",
                     line, FMT(key));
}
