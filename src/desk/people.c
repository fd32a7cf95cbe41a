/* One's own account; and, for publishers, everybody's, and the log. */
#include "base/time.h"
#include "desk/parts.h"

enum { AUDIT_LINES = 100 };

/* ---- one's own ---- */

static struct value_list *sessions(struct ask *x, const struct session *list, size_t n)
{
    struct value_list *out = list_make(x->a);
    for (size_t i = 0; i < n; i++) {
        struct value_map *m = map_make(x->a);
        map_text(m, "id", arena_fmt(x->a, "%lld", (long long)list[i].id));
        map_text(m, "agent", list[i].agent);
        map_text(m, "client", list[i].client);
        map_set(m, "seen", value_map(desk_moment(x, list[i].seen_ms)));
        map_set(m, "current", value_bool(list[i].id == x->session.id));
        list_add(out, value_map(m));
    }
    return out;
}

static void add_done(struct ask *x)
{
    static const char *const known[] = {"named", "password", "ended", "second-off", "roles"};
    desk_done(x, known, COUNT(known));
}

static enum status account_again(struct ask *x, int status, str error, struct reply *ret)
{
    struct session *list = NULL;
    size_t n = 0;
    struct value_list *editions = list_make(x->a);
    enum status st = session_list(&x->v, x->account.id, SIGN_IN_BROWSER, &list, &n);
    if (st)
        return st;
    for (size_t i = 0; i < x->s.neditions; i++) {
        const struct locale *l = theme_locale(x->desk->theme, x->s.editions[i].locale);
        struct value_map *m = map_make(x->a);
        if (!l)
            continue;
        map_text(m, "value", x->s.editions[i].slug);
        map_text(m, "words", locale_full_name(l));
        map_set(m, "chosen", value_bool(&x->s.editions[i] == x->s.edition));
        list_add(editions, value_map(m));
    }
    map_set(x->s.model, "languages", value_list(editions));
    map_set(x->s.model, "has_languages", value_bool(x->s.neditions > 1));
    map_set(x->s.model, "sessions", value_list(sessions(x, list, n)));
    map_text(x->s.model, "name", x->account.name);
    map_text(x->s.model, "email", x->account.email);
    map_set(x->s.model, "second", value_bool(x->account.totp.n > 0));
    map_text(x->s.model, "password_rule",
             MESSAGE(&x->s, "desk-password-rule", A_NUM("least", PASSWORD_LEAST)));
    add_done(x);
    if (error.n)
        desk_error(x, error);
    return desk_page(x, status, "desk-account", "desk-account", desk_say(x, "desk-account"), ret);
}

enum status account_page(struct ask *x, struct reply *ret)
{
    return account_again(x, 200, STR_NONE, ret);
}

struct naming {
    struct ask *x;
    str name, edition;
    i64 id;
    unsigned roles;
};

static enum status name_tx(struct tx *tx, void *arg)
{
    struct naming *n = arg;
    return account_set_name(tx, n->x->account.id, n->name, n->edition);
}

static enum status end_tx(struct tx *tx, void *arg)
{
    struct naming *n = arg;
    return session_end(tx, n->x->account.id, n->id, &n->x->actor);
}

static enum status refused(struct ask *x, struct reply *ret)
{
    str words = desk_error_text(x);
    enum status st = desk_read(x);
    return st ? st : account_again(x, 400, words, ret);
}

enum status account_post(struct ask *x, struct reply *ret)
{
    struct writer *w = x->desk->intake->writer;
    struct naming n = {.x = x,
                       .name = str_trim(form_text(&x->form, "name")),
                       .edition = form_text(&x->form, "language")};
    str what = form_text(&x->form, "do");
    const char *done = "named";
    enum status st = ST_INVALID;
    desk_done_reading(x);
    if (str_eq(what, STR("name"))) {
        st = writer_do(w, name_tx, &n, x->err);
    } else if (str_eq(what, STR("end")) && !str_i64(form_text(&x->form, "session"), &n.id) &&
               n.id > 0) {
        done = "ended";
        st = writer_do(w, end_tx, &n, x->err);
    } else if (str_eq(what, STR("second-off"))) {
        done = "second-off";
        st = second_factor_off(w, x->account.id, &x->actor, x->err);
    }
    if (st == ST_INVALID)
        return refused(x, ret);
    return st ? st : desk_go(x, arena_fmt(x->a, "/desk/account?done=%s", done), ret);
}

enum status password_post(struct ask *x, struct reply *ret)
{
    struct signed_in in;
    i64 wait = 0;
    str fresh = form_text(&x->form, "password");
    desk_done_reading(x);
    enum status st =
        str_eq(fresh, form_text(&x->form, "again"))
            ? account_set_password(x->desk->limits, x->db, x->desk->intake->writer, &x->session,
                                   form_text(&x->form, "old"), fresh, x->a, &in, &wait, x->err)
            : fail(x->err, ST_INVALID, "desk-error-password-differs");
    if (st == ST_INVALID)
        return refused(x, ret);
    if (st == ST_BUSY && wait) {
        st = desk_read(x);
        return st ? st : account_again(x, 429, desk_wait(x, wait), ret);
    }
    if (st)
        return st;
    desk_cookies(x, &in, ret);
    return desk_go(x, STR("/desk/account?done=password"), ret);
}

/* ---- everybody's ---- */

static struct value_list *role_boxes(struct ask *x, unsigned roles)
{
    static const struct {
        unsigned bit;
        const char *name;
    } all[] = {
#define X(bit, name) {bit, name},
        ROLE_LIST(X)
#undef X
    };
    struct value_list *list = list_make(x->a);
    for (size_t i = 0; i < COUNT(all); i++) {
        struct value_map *m = map_make(x->a);
        map_text(m, "value", str_c(all[i].name));
        map_text(m, "words",
                 desk_say(x, arena_cstr(x->a, arena_fmt(x->a, "role-%s", all[i].name))));
        map_set(m, "has", value_bool((roles & all[i].bit) != 0));
        list_add(list, value_map(m));
    }
    return list;
}

static unsigned roles_in(const struct form *f)
{
    unsigned roles = 0;
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->fields[i].name, STR("role")))
            roles |= role_bit(f->fields[i].value);
    return roles;
}

static enum status people_again(struct ask *x, int status, str link, str error, struct reply *ret)
{
    struct account *all = NULL;
    size_t n = 0;
    struct value_list *list = list_make(x->a);
    enum status st = account_list(&x->v, &all, &n);
    if (st)
        return st;
    for (size_t i = 0; i < n; i++) {
        struct value_map *m = map_make(x->a);
        map_text(m, "name", all[i].name);
        map_text(m, "email", all[i].email);
        map_text(m, "roles", sheet_roles(&x->s, all[i].roles));
        map_text(m, "href", arena_fmt(x->a, "/desk/people/%lld", (long long)all[i].id));
        map_set(m, "second", value_bool(all[i].totp.n > 0));
        list_add(list, value_map(m));
    }
    map_set(x->s.model, "people", value_list(list));
    map_set(x->s.model, "roles", value_list(role_boxes(x, roles_in(&x->form))));
    map_text(x->s.model, "email", form_text(&x->form, "email"));
    map_text(x->s.model, "link", link);
    if (error.n)
        desk_error(x, error);
    return desk_page(x, status, "desk-people", "desk-people", desk_say(x, "desk-people"), ret);
}

enum status people_page(struct ask *x, struct reply *ret)
{
    return people_again(x, 200, STR_NONE, STR_NONE, ret);
}

struct linking {
    struct ask *x;
    enum one_time_kind kind;
    i64 account;
    str email, path;
    unsigned roles;
};

static enum status link_tx(struct tx *tx, void *arg)
{
    struct linking *l = arg;
    str path;
    enum status st = link_make(tx, l->kind, l->account, l->email, l->roles, &l->x->actor, &path);
    if (!st)
        l->path = arena_str(l->x->a, path);
    return st;
}

static str whole(struct ask *x, str path)
{
    return arena_fmt(x->a, "%.*s%.*s", FMT(theme_base_url(x->desk->theme)), FMT(path));
}

/* An invitation: the link is shown once, for whoever asked to hand it on. */
enum status people_post(struct ask *x, struct reply *ret)
{
    struct linking l = {.x = x, .kind = LINK_INVITE, .roles = roles_in(&x->form)};
    enum status st = email_read(form_text(&x->form, "email"), x->a, &l.email, x->err);
    if (!st && !l.roles)
        st = fail(x->err, ST_INVALID, "desk-error-no-role");
    desk_done_reading(x);
    st = st ? st : writer_do(x->desk->intake->writer, link_tx, &l, x->err);
    if (st && st != ST_INVALID && st != ST_CONFLICT)
        return st;
    str error = st ? desk_error_text(x) : STR_NONE;
    int status = st ? 400 : 200;
    st = desk_read(x);
    return st ? st : people_again(x, status, l.path.n ? whole(x, l.path) : STR_NONE, error, ret);
}

static enum status person_again(struct ask *x, int status, const struct account *who, str link,
                                str error, struct reply *ret)
{
    struct session *list = NULL;
    size_t n = 0;
    enum status st = session_list(&x->v, who->id, SIGN_IN_BROWSER, &list, &n);
    if (st)
        return st;
    map_text(x->s.model, "email", who->email);
    map_text(x->s.model, "action", arena_fmt(x->a, "/desk/people/%lld", (long long)who->id));
    map_set(x->s.model, "roles", value_list(role_boxes(x, who->roles)));
    map_set(x->s.model, "sessions", value_list(sessions(x, list, n)));
    map_set(x->s.model, "has_sessions", value_bool(n > 0));
    map_set(x->s.model, "second", value_bool(who->totp.n > 0));
    map_text(x->s.model, "link", link);
    add_done(x);
    if (error.n)
        desk_error(x, error);
    return desk_page(x, status, "desk-person", "desk-people", who->name.n ? who->name : who->email,
                     ret);
}

static enum status person_of(struct ask *x, struct account *ret)
{
    i64 id;
    return str_i64(x->number, &id) ? ST_NOTFOUND : account_by_id(&x->v, id, ret);
}

enum status person_page(struct ask *x, struct reply *ret)
{
    struct account who;
    enum status st = person_of(x, &who);
    return st ? st : person_again(x, 200, &who, STR_NONE, STR_NONE, ret);
}

static enum status roles_tx(struct tx *tx, void *arg)
{
    struct naming *n = arg;
    return account_set_roles(tx, n->id, n->roles, &n->x->actor);
}

static enum status end_all_tx(struct tx *tx, void *arg)
{
    struct naming *n = arg;
    return session_end(tx, n->id, 0, &n->x->actor);
}

enum status person_post(struct ask *x, struct reply *ret)
{
    struct account who;
    enum status st = person_of(x, &who);
    if (st)
        return st;
    struct writer *w = x->desk->intake->writer;
    struct naming n = {.x = x, .id = who.id, .roles = roles_in(&x->form)};
    struct linking l = {.x = x, .kind = LINK_RESET, .account = who.id};
    str what = form_text(&x->form, "do");
    const char *done = NULL;
    desk_done_reading(x);
    st = ST_INVALID;
    if (str_eq(what, STR("roles"))) {
        done = "roles";
        st = writer_do(w, roles_tx, &n, x->err);
    } else if (str_eq(what, STR("end"))) {
        done = "ended";
        st = writer_do(w, end_all_tx, &n, x->err);
    } else if (str_eq(what, STR("second-off"))) {
        done = "second-off";
        st = second_factor_off(w, who.id, &x->actor, x->err);
    } else if (str_eq(what, STR("reset"))) {
        st = writer_do(w, link_tx, &l, x->err);
    }
    if (!st && done)
        return desk_go(x, arena_fmt(x->a, "/desk/people/%lld?done=%s", (long long)who.id, done),
                       ret);
    if (st && st != ST_INVALID && st != ST_CONFLICT)
        return st;
    str error = st ? desk_error_text(x) : STR_NONE;
    int status = st ? 400 : 200;
    st = desk_read(x);
    return st ? st
              : person_again(x, status, &who, l.path.n ? whole(x, l.path) : STR_NONE, error, ret);
}

/* ---- the log ---- */

/* What it keeps as a word of the program's, in the person's language: roles, a revision's number,
 * whether a story is restricted. */
static str audit_words(struct ask *x, const struct audit_line *l)
{
    static const str revision = {"revision ", 9};
    unsigned roles;
    i64 number;
    if (str_starts(l->words, revision) && !str_i64(str_from(l->words, revision.n), &number))
        return MESSAGE(&x->s, "desk-revision", A_NUM("n", number));
    if (l->words.n && roles_read(l->words, &roles) == ST_OK)
        return sheet_roles(&x->s, roles);
    if (l->kind == AUDIT_RESTRICT && str_eq(l->words, STR("on")))
        return desk_say(x, "audit-restrict-on");
    if (l->kind == AUDIT_RESTRICT && str_eq(l->words, STR("off")))
        return desk_say(x, "audit-restrict-off");
    return l->words;
}

/* Mail that was given up nobody did. */
static str audit_who(struct ask *x, const struct audit_line *l)
{
    bool somebody = l->kind != AUDIT_MAIL_GIVEN_UP;
    return l->name.n || !somebody ? l->name : desk_say(x, "desk-command-line");
}

enum status audit_page(struct ask *x, struct reply *ret)
{
    struct audit_line *list = NULL;
    size_t n = 0;
    i64 before = 0;
    str asked = request_query(x->r, STR("before"));
    struct value_list *lines = list_make(x->a);
    if (asked.n && (str_i64(asked, &before) || before < 0))
        return ST_INVALID;
    enum status st =
        audit_list(&x->v, STR_NONE, before, x->actor.account, AUDIT_LINES + 1, &list, &n);
    if (st)
        return st;
    for (size_t i = 0; i < n && i < AUDIT_LINES; i++) {
        struct value_map *m = map_make(x->a);
        const char *kind = audit_name((enum audit_kind)list[i].kind);
        map_set(m, "at", value_map(desk_moment(x, list[i].at)));
        map_text(m, "who", audit_who(x, &list[i]));
        map_text(m, "what", desk_say(x, arena_cstr(x->a, arena_fmt(x->a, "audit-%s", kind))));
        map_text(m, "about", list[i].about);
        map_text(m, "words", audit_words(x, &list[i]));
        map_text(m, "client", list[i].client);
        list_add(lines, value_map(m));
    }
    map_set(x->s.model, "lines", value_list(lines));
    map_set(x->s.model, "has_lines", value_bool(n > 0));
    map_text(x->s.model, "more",
             n > AUDIT_LINES
                 ? arena_fmt(x->a, "/desk/log?before=%lld", (long long)list[AUDIT_LINES - 1].id)
                 : STR_NONE);
    return desk_page(x, 200, "desk-log", "desk-log", desk_say(x, "desk-log"), ret);
}
