/* test/newsroom/people.h: a database with its writer, limits, and what tests do with accounts. */
#ifndef TEST_NEWSROOM_PEOPLE_H
#define TEST_NEWSROOM_PEOPLE_H

#include "../store/writer.h"

#include "newsroom/account_parts.h"

static const char password[] = "correct horse battery";
static struct arena kept;
static str hash; /* of that password */
static struct sign_in_limits *limits;

static inline int start(void **state)
{
    (void)state;
    return hash_start() || arena_init(&kept, 1 << 20) ||
           password_hash(STR("correct horse battery"), &kept, &hash);
}

static inline int end(void **state)
{
    (void)state;
    arena_free(&kept);
    return 0;
}

static inline int begin(void **state)
{
    assert_int_equal(sign_in_limits_make(&limits), ST_OK);
    return setup(state);
}

static inline int finish(void **state)
{
    sign_in_limits_free(limits);
    return teardown(state);
}

/* ---- what tests do with it ---- */

struct step {
    struct actor by;
    const char *email, *name, *edition;
    str hash;
    char text[128];
    unsigned roles;
    i64 id, session;
    enum one_time_kind kind;
};

static inline enum status make(struct tx *tx, void *arg)
{
    struct step *s = arg;
    struct account who;
    enum status st =
        account_make(tx, str_c(s->email), str_c(s->name), s->roles, s->hash, &s->by, &who);
    s->id = st ? 0 : who.id;
    return st;
}

static inline enum status set_roles(struct tx *tx, void *arg)
{
    struct step *s = arg;
    return account_set_roles(tx, s->id, s->roles, &s->by);
}

static inline enum status set_name(struct tx *tx, void *arg)
{
    struct step *s = arg;
    return account_set_name(tx, s->id, str_c(s->name), str_c(s->edition));
}

static inline enum status end_session(struct tx *tx, void *arg)
{
    struct step *s = arg;
    return session_end(tx, s->id, s->session, &s->by);
}

static inline enum status make_link(struct tx *tx, void *arg)
{
    struct step *s = arg;
    str path;
    enum status st = link_make(tx, s->kind, s->id, str_c(s->email), s->roles, &s->by, &path);
    if (!st)
        snprintf(s->text, sizeof s->text, "%.*s", FMT(path));
    return st;
}

static inline enum status run(struct world *w, tx_fn *fn, struct step *s, const char *words)
{
    struct err err = {0};
    enum status st = writer_do(w->w, fn, s, &err);
    if (words)
        assert_string_equal(err.text, words);
    return st;
}

static inline struct actor command(void)
{
    return actor_of_command();
}

static inline i64 add(struct world *w, const char *email, unsigned roles)
{
    struct step s = {.email = email, .name = "Anna", .roles = roles, .hash = hash, .by = command()};
    assert_int_equal(run(w, make, &s, ""), ST_OK);
    return s.id;
}

/* Takes "/desk/link/" off; dies with the test. */
static inline str new_link(struct world *w, enum one_time_kind kind, i64 account, const char *email,
                           unsigned roles)
{
    struct step s = {.kind = kind, .id = account, .email = email, .roles = roles, .by = command()};
    assert_int_equal(run(w, make_link, &s, ""), ST_OK);
    str path = arena_str(&w->a, str_c(s.text));
    assert_true(str_starts(path, STR("/desk/link/")));
    return str_from(path, 11);
}

static inline enum status try_from(struct world *w, const char *email, const char *typed,
                                   unsigned second, const char *client, struct signed_in *ret)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    i64 wait = 0;
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    const struct sign_in_ask ask = {.email = str_c(email),
                                    .password = str_c(typed),
                                    .client = str_c(client),
                                    .agent = STR("Firefox"),
                                    .second_roles = second};
    enum status st = sign_in(limits, db, w->w, &ask, &w->a, ret, &wait, &err);
    assert_true((st == ST_BUSY) == (wait > 0));
    return st;
}

static inline enum status try_as(struct world *w, const char *email, const char *typed,
                                 unsigned second, struct signed_in *ret)
{
    return try_from(w, email, typed, second, "192.0.2.1", ret);
}

static inline void enter_from(struct world *w, const char *email, const char *client)
{
    struct signed_in in;
    assert_int_equal(try_from(w, email, password, 0, client, &in), ST_OK);
}

static inline struct signed_in enter(struct world *w, const char *email)
{
    struct signed_in in;
    assert_int_equal(try_as(w, email, password, 0, &in), ST_OK);
    return in;
}

static inline enum status whose(struct world *w, str cookie, i64 now, struct session *s,
                                struct account *who)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, now, &err);
    return session_of(&v, cookie, s, who);
}

static inline bool known(struct world *w, struct signed_in in)
{
    struct session s;
    struct account who;
    return whose(w, in.cookie, time_now(), &s, &who) == ST_OK;
}

static inline struct account account(struct world *w, i64 id)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    struct account who;
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(account_by_id(&v, id, &who), &err);
    return who;
}

/* The newest lines, as "name about words; ..." */
static inline str written(struct world *w, size_t most)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct err err = {0};
    struct audit_line *list;
    size_t n;
    str text = STR_NONE;
    assert_ok(db_open(w->path, DB_READ, &db, &err), &err);
    struct view v = view_plain(db, &w->a, 0, &err);
    assert_ok(audit_list(&v, STR_NONE, 0, 0, most, &list, &n), &err);
    for (size_t i = 0; i < n; i++)
        text = arena_fmt(&w->a, "%.*s%s%s %.*s%s%.*s", FMT(text), i ? "; " : "",
                         audit_name((enum audit_kind)list[i].kind), FMT(list[i].about),
                         list[i].words.n ? " " : "", FMT(list[i].words));
    return text;
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, finish)

#endif
