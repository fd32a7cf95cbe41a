#include "newsroom/account_order.h"

#include "newsroom/accounts.h"

enum { PATH_MOST = 128 };

struct ordered {
    const struct account_order *order;
    char path[PATH_MOST]; /* outlives the transaction's arena */
    size_t n;
};

static enum status keep_path(struct ordered *x, str path, struct err *err)
{
    if (path.n > sizeof x->path)
        return fail(err, ST_BUG, "the path of a link is longer than it may be");
    memcpy(x->path, path.p, path.n);
    x->n = path.n;
    return ST_OK;
}

static enum status link_for(struct tx *tx, struct ordered *x, enum one_time_kind kind, i64 account)
{
    const struct actor command = actor_of_command();
    str path;
    enum status st = link_make(tx, kind, account, STR_NONE, 0, &command, &path);
    return st ? st : keep_path(x, path, tx->err);
}

static enum status add(struct tx *tx, struct ordered *x)
{
    const struct account_order *o = x->order;
    const struct actor command = actor_of_command();
    struct account who;
    str name = o->name;
    if (o->password.n && !str_starts(o->password, STR("$argon2id$")))
        return fail(tx->err, ST_INVALID, "this is no hash of a password");
    if (!name.n)
        str_cut(o->email, '@', &name);
    enum status st = account_make(tx, o->email, name, o->roles, o->password, &command, &who);
    return st || o->password.n ? st : link_for(tx, x, LINK_RESET, who.id);
}

static enum status link_again(struct tx *tx, struct ordered *x)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct account who;
    str email;
    if (!x->order->email.n)
        return link_for(tx, x, LINK_FIRST, 0);
    enum status st = email_read(x->order->email, tx->a, &email, tx->err);
    st = st ? st : account_by_email(&v, email, &who);
    if (st == ST_NOTFOUND)
        return fail(tx->err, st, "there is no account %.*s", FMT(email));
    return st ? st : link_for(tx, x, LINK_RESET, who.id);
}

static enum status run(struct tx *tx, void *arg)
{
    struct ordered *x = arg;
    x->n = 0;
    switch (x->order->kind) {
    case ORDER_ADD:
        return add(tx, x);
    case ORDER_LINK:
        return link_again(tx, x);
    default:
        return fail(tx->err, ST_INVALID, "nobody knows this order");
    }
}

void account_order(struct writer *w, const struct account_order *o, struct arena *a,
                   struct intake_answer *ret)
{
    struct ordered x = {.order = o};
    struct err err = {0};
    enum status st = writer_do(w, run, &x, &err);
    *ret = (struct intake_answer){
        .st = st,
        .line = arena_str(a, st ? str_c(account_error_words(err_words(&err, st)))
                                : (str){x.path, x.n})};
    if (a->oom)
        *ret = (struct intake_answer){.st = ST_NOMEM, .line = STR("out of memory")};
}
