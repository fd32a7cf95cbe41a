#include "newsroom/translations.h"

#include "base/guard.h"
#include "newsroom/draft_parts.h"

static bool calls_for_more(enum revision_kind kind)
{
    return kind == REV_CORRECTION || kind == REV_CLARIFICATION || kind == REV_WITHDRAWAL;
}

static enum status put_back(struct change *c)
{
    struct work w;
    enum status st = work_by_key(&c->v, c->after.key, &w);
    return st ? st : due_remove_source(c->tx, w.id, REV_WITHDRAWAL);
}

enum status translations_tell(struct change *c, enum revision_kind kind)
{
    struct story *list = NULL;
    size_t n = 0;
    if (kind == REV_REINSTATEMENT)
        return put_back(c);
    if (!calls_for_more(kind) || !c->after.family || !GUARD(translations_told))
        return ST_OK;
    enum status st = story_family(&c->v, c->after.family, true, &list, &n);
    for (size_t i = 0; !st && i < n; i++)
        if (list[i].id != c->after.id)
            st = due_translation(c->tx, list[i].key, c->after.key, c->after.revision, (i64)kind);
    return st;
}

enum status translations_answered(struct change *c)
{
    return c->existed ? due_remove_key(c->tx, c->after.key, DUE_TRANSLATION) : ST_OK;
}

enum status translations_need_nothing(struct tx *tx, const struct actor *who, str key, i64 seen)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct due *list = NULL;
    size_t n = 0, done = 0;
    struct desk d;
    enum status st = desk_open(&d, &v, who, key, ACT_PUBLISH, false);
    st = st ? st : due_of(&v, d.work.id, DUE_TRANSLATION, who->account, &list, &n);
    for (size_t i = 0; !st && i < n && list[i].id <= seen; i++, done++) {
        /* not the source's key: it may be restricted to others than those who read the log */
        str words = arena_fmt(tx->a, "%s, revision %lld",
                              revision_kind_name((enum revision_kind)list[i].kind),
                              (long long)list[i].revision);
        st = due_remove_id(tx, list[i].id);
        st = st ? st : audit_add(tx, who->account, AUDIT_NEEDS_NOTHING, key, words, STR_NONE);
    }
    if (!st && !done)
        st = fail(tx->err, ST_CONFLICT, "desk-error-nothing-waits");
    return st;
}
