/* The rows that words go from (newsroom/removal_parts.h). */
#include "base/guard.h"
#include "newsroom/removal_parts.h"

const char *removal_row_name(enum removal_row r)
{
    static const char *const names[] = {
#define X(k, name) name,
        REMOVAL_ROWS(X)
#undef X
    };
    return (size_t)r < COUNT(names) ? names[r] : "";
}

str member_key(const struct member *m)
{
    return m->work.id ? m->work.key : m->story.key;
}

/* ---- reading ---- */

/* A row's memory, with the keys that reading it has added: nothing rests on them here. */
static void forget(struct view *v, char *mark)
{
    arena_rewind(v->a, mark);
    v->keys = NULL;
    v->nkeys = v->cap = 0;
}

struct walk {
    struct view *v;
    const struct member *m;
    removal_row_fn *fn;
    void *arg;
};

static enum status revisions(struct walk *w)
{
    struct revision *list = NULL;
    size_t n = 0;
    enum status st = w->m->story.id ? revision_list(w->v, w->m->story.id, &list, &n) : ST_OK;
    for (size_t i = 0; !st && i < n; i++) {
        char *mark = arena_mark(w->v->a);
        struct removal_texts r = {.row = ROW_REVISION,
                                  .number = list[i].number,
                                  .texts = {&r.revision.note, &r.revision.author},
                                  .places = {PLACE_NOTE, PLACE_AUTHOR},
                                  .n = 2,
                                  .bytes = &r.revision.bytes};
        st = revision_read(w->v, w->m->story.id, list[i].number, &r.revision);
        st = st ? st : w->fn(w->arg, &r);
        forget(w->v, mark);
    }
    return st;
}

static enum status saves(struct walk *w)
{
    enum status st = ST_OK;
    for (i64 number = w->m->work.save; !st && number > 0; number--) {
        char *mark = arena_mark(w->v->a);
        struct removal_texts r = {.row = ROW_SAVE, .number = number, .bytes = &r.save.bytes};
        st = save_read(w->v, w->m->work.id, number, &r.save);
        if (st == ST_NOTFOUND)
            r = (struct removal_texts){.row = ROW_GONE, .number = number};
        if (!st || st == ST_NOTFOUND)
            st = w->fn(w->arg, &r);
        forget(w->v, mark);
    }
    return st;
}

static enum status schedule(struct walk *w)
{
    struct removal_texts r = {.row = ROW_SCHEDULED,
                              .texts = {&r.scheduled.author},
                              .places = {PLACE_AUTHOR},
                              .n = 1,
                              .bytes = &r.scheduled.bytes};
    if (!w->m->story.id)
        return ST_OK;
    char *mark = arena_mark(w->v->a);
    enum status st = scheduled_read(w->v, w->m->story.id, &r.scheduled);
    if (!st)
        st = w->fn(w->arg, &r);
    forget(w->v, mark);
    return st == ST_NOTFOUND ? ST_OK : st;
}

static enum status notes(struct walk *w)
{
    struct work_note *list = NULL;
    size_t n = 0;
    enum status st = w->m->work.id ? work_notes(w->v, w->m->work.id, &list, &n) : ST_OK;
    for (size_t i = n; !st && i > 0; i--) {
        struct removal_texts r = {.row = ROW_NOTE,
                                  .number = list[i - 1].id,
                                  .texts = {&r.note.words},
                                  .places = {PLACE_NOTE},
                                  .n = 1,
                                  .note = list[i - 1]};
        st = w->fn(w->arg, &r);
    }
    return st;
}

static enum status slots(struct walk *w)
{
    struct slot_words *list = NULL;
    size_t n = 0;
    enum status st = slot_list(w->v, member_key(w->m), &list, &n);
    for (size_t i = n; !st && i > 0; i--) {
        struct removal_texts r = {.row = ROW_SLOT,
                                  .number = list[i - 1].front,
                                  .position = list[i - 1].position,
                                  .texts = {&r.slot.headline, &r.slot.alt},
                                  .places = {PLACE_FRONT, PLACE_ALT},
                                  .n = 2,
                                  .slot = list[i - 1]};
        st = w->fn(w->arg, &r);
    }
    return st;
}

static enum status lines(struct walk *w)
{
    struct audit_words *list = NULL;
    size_t n = 0;
    enum status st = audit_words_list(w->v, member_key(w->m), &list, &n);
    for (size_t i = n; !st && i > 0; i--) {
        struct removal_texts r = {.row = ROW_LOG,
                                  .number = list[i - 1].id,
                                  .texts = {&r.line.words},
                                  .places = {PLACE_NOTE},
                                  .n = 1,
                                  .line = list[i - 1]};
        st = w->fn(w->arg, &r);
    }
    return st;
}

static enum status waiting(struct walk *w)
{
    struct removal_texts r = {
        .row = ROW_WAITING, .texts = {&r.waiting.correction}, .places = {PLACE_NOTE}, .n = 1};
    enum status st = w->m->work.id ? waiting_read(w->v, w->m->work.id, &r.waiting) : ST_NOTFOUND;
    if (!st)
        st = w->fn(w->arg, &r);
    return st == ST_NOTFOUND ? ST_OK : st;
}

static enum status hold(struct walk *w)
{
    struct removal_texts r = {
        .row = ROW_HOLD, .texts = {&r.hold.reason}, .places = {PLACE_NOTE}, .n = 1};
    enum status st = w->m->work.id ? hold_read(w->v, w->m->work.id, &r.hold) : ST_NOTFOUND;
    if (!st)
        st = w->fn(w->arg, &r);
    return st == ST_NOTFOUND ? ST_OK : st;
}

static enum status dues(struct walk *w)
{
    struct audit_words *list = NULL;
    size_t n = 0;
    enum status st = w->m->work.id ? due_words_list(w->v, w->m->work.id, &list, &n) : ST_OK;
    for (size_t i = n; !st && i > 0; i--) {
        struct removal_texts r = {.row = ROW_DUE,
                                  .number = list[i - 1].id,
                                  .texts = {&r.due.words},
                                  .places = {PLACE_NOTE},
                                  .n = 1,
                                  .due = list[i - 1]};
        st = w->fn(w->arg, &r);
    }
    return st;
}

enum status removal_rows(struct view *v, const struct member *m, removal_row_fn *fn, void *arg)
{
    struct walk w = {v, m, fn, arg};
    char *mark = arena_mark(v->a);
    enum status st = revisions(&w);
    if (GUARD(removal_saves))
        st = st ? st : saves(&w);
    st = st ? st : schedule(&w);
    st = st ? st : notes(&w);
    if (GUARD(removal_fronts))
        st = st ? st : slots(&w);
    st = st ? st : lines(&w);
    st = st ? st : waiting(&w);
    st = st ? st : hold(&w);
    st = st ? st : dues(&w);
    forget(v, mark);
    return st;
}

/* ---- cutting and writing ---- */

enum status removal_row_cut(struct removal_texts *r, struct cutter *c, str *left, struct err *err)
{
    struct sha256_state h;
    struct story_content content;
    enum status st = ST_OK;
    sha256_init(&h);
    for (size_t i = 0; !st && i < r->n; i++) {
        st = cut_text(c, r->places[i], r->texts[i]);
        sha256_add(&h, *r->texts[i]);
        sha256_add(&h, (str){"", 1}); /* no text has a zero byte: what is whose stays clear */
    }
    size_t before = c->changed;
    if (!st && r->bytes)
        st = story_from_canonical(*r->bytes, c->a, &content, err);
    if (!st && r->bytes)
        st = story_cut(c, &content);
    if (!st && c->changed != before)
        st = text_bytes(&content, c->a, r->bytes);
    if (st)
        return st;
    if (r->bytes)
        sha256_add(&h, *r->bytes);
    *left = sha256_hex(sha256_end(&h), c->a);
    return c->a->oom ? ST_NOMEM : ST_OK;
}

enum status removal_row_write(struct tx *tx, struct removal_texts *r, i64 at)
{
    switch (r->row) {
    case ROW_REVISION:
        r->revision.removed_ms = at;
        return revision_cut(tx, &r->revision);
    case ROW_SAVE:
        return save_cut(tx, &r->save);
    case ROW_SCHEDULED:
        return scheduled_write(tx, &r->scheduled);
    case ROW_NOTE:
        return work_note_cut(tx, r->note.id, r->note.words);
    case ROW_SLOT:
        tx_touchf(tx, "front/%lld", (long long)r->slot.edition);
        return slot_cut(tx, &r->slot);
    case ROW_LOG:
        return audit_cut(tx, &r->line);
    case ROW_WAITING:
        return waiting_write(tx, &r->waiting);
    case ROW_DUE:
        return due_cut(tx, &r->due);
    case ROW_HOLD:
        return hold_cut(tx, &r->hold);
    default:
        return ST_BUG;
    }
}
