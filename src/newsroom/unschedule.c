#include "newsroom/unschedule.h"

#include "newsroom/change.h"
#include "newsroom/draft.h"
#include "newsroom/hold.h"
#include "store/job.h"

/* A page that names the story carries its id; when one of that name comes again it has another. */
static void touch(struct tx *tx, i64 id)
{
    tx->kind = "story";
    for (int part = PART_ADDRESS; part <= PART_PAGE; part++)
        story_touch(tx, id, (enum story_part)part);
    tx_touchf(tx, "translations/%lld", (long long)id);
}

enum status unschedule_story(struct tx *tx, str key, bool *done, struct published *ret)
{
    struct change *c = arena_new(tx->a, struct change, 1);
    struct scheduled s;
    *done = false;
    if (!c)
        return ST_NOMEM;
    *c = (struct change){.tx = tx, .v = view_plain(tx->db, tx->a, tx->now, tx->err)};
    enum status st = story_by_key(&c->v, key, PART_PAGE, &c->before);
    if (!st)
        st = c->before.revision ? ST_NOTFOUND : scheduled_read(&c->v, c->before.id, &s);
    if (st)
        return st == ST_NOTFOUND ? ST_OK : st;
    st = hold_check(&c->v, key, "");
    if (st)
        return st;
    i64 id = c->before.id;
    if (c->before.path.n)
        st = address_release(tx, c->before.path, id);
    st = st ? st : story_pictures_write(tx, id, NULL, 0);
    st = st ? st : scheduled_remove(tx, id);
    st = st ? st : job_remove(tx, PUBLISH_JOB, publish_job_payload(tx->a, id));
    st = st ? st : change_family_without(c);
    if (st)
        return st;
    touch(tx, id);
    struct published out = {.outcome = OUTCOME_UNSCHEDULED, .story = id, .key = c->before.key};
    st = draft_follow(tx, &c->before, &out, c->before.edition_slug, c->before.section_slug, NULL);
    if (st)
        return st;
    *done = true;
    *ret = out;
    return ST_OK;
}
