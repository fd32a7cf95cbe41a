/* People: accounts, and links to sign in by. */
#include <stdio.h>

#include "base/hash.h"
#include "command/command.h"
#include "newsroom/accounts.h"
#include "store/schema.h"

enum { LINE_MOST = PASSWORD_MOST + 3, LIST_ARENA = 256 << 20 };

struct asked {
    const char *action, *folder, *email, *name;
    unsigned roles;
    bool password;
};

/* ---- what is printed ---- */

static void print_link(const struct hand *h, str path, const char *whose)
{
    printf("%s, once, within %d hours:\n  %.*s%.*s\n", whose, LINK_LIVES_HOURS,
           FMT(h->site.conf.base_url), FMT(path));
}

static enum status ask(const char *folder, const struct account_order *order, struct hand *h,
                       str *ret, struct err *err)
{
    struct intake_answer *answers;
    size_t n;
    bool root;
    enum status st = site_become_owner(folder, &root, err);
    st = st ? st : hand_open(folder, h, err);
    if (st)
        return st;
    st = hand_do(h, &(struct wire_request){.kind = WIRE_ACCOUNT, .order = *order}, &answers, &n,
                 err);
    if (!st && n != 1)
        st = fail(err, ST_INVALID, "an answer that can't be read");
    if (!st && answers[0].st)
        st = fail(err, answers[0].st, "%.*s", FMT(answers[0].line));
    if (st)
        hand_close(h);
    else
        *ret = answers[0].line;
    return st;
}

int user_link(const char *folder, const char *email)
{
    const struct account_order order = {.kind = ORDER_LINK, .email = str_c(email)};
    struct hand h;
    struct err err = {0};
    str path;
    enum status st = ask(folder, &order, &h, &path, &err);
    if (st)
        return command_fail(st, &err);
    print_link(&h, path,
               order.email.n ? "a new password is chosen by this link"
                             : "the first publisher signs in by this link");
    hand_close(&h);
    return EXIT_DONE;
}

/* ---- add ---- */

/* One line of standard input, without its end. */
static enum status read_password(char buf[LINE_MOST], str *ret, struct err *err)
{
    if (!fgets(buf, LINE_MOST, stdin))
        return fail(err, ST_INVALID, "there is no password on standard input");
    size_t n = strcspn(buf, "\r\n");
    if (n == LINE_MOST - 1)
        return fail(err, ST_INVALID, "a password has at most 1,024 bytes");
    *ret = (str){buf, n};
    return ST_OK;
}

static enum status hash_password(const struct asked *a, struct arena *arena, str *ret,
                                 struct err *err)
{
    char line[LINE_MOST];
    str password = STR_NONE, email;
    enum status st = email_read(str_c(a->email), arena, &email, err);
    st = st ? st : read_password(line, &password, err);
    st = st ? st : password_make(password, email, arena, ret, err);
    const char *words = account_error_words(err->text);
    if (st && words != err->text) /* a key: the words aren't in err, which they go into */
        st = fail(err, st, "%s", words);
    return st;
}

static enum status add(const struct asked *a, struct arena *arena, struct hand *h, str *path,
                       struct err *err)
{
    struct account_order order = {
        .kind = ORDER_ADD, .email = str_c(a->email), .name = str_c(a->name), .roles = a->roles};
    enum status st = a->password ? hash_password(a, arena, &order.password, err) : ST_OK;
    return st ? st : ask(a->folder, &order, h, path, err);
}

static int run_add(const struct asked *a)
{
    CLEANUP(arena_free) struct arena arena = {0};
    struct hand h;
    struct err err = {0};
    str path;
    enum status st = hash_start();
    st = st ? st : arena_init(&arena, 1 << 20);
    st = st ? st : add(a, &arena, &h, &path, &err);
    if (st)
        return command_fail(st, &err);
    str roles = roles_text(a->roles, &arena);
    printf("added %s (%.*s)\n", a->email, FMT(roles));
    if (path.n)
        print_link(&h, path, "a password is chosen by this link");
    hand_close(&h);
    return EXIT_DONE;
}

static int run_link(const struct asked *a)
{
    return user_link(a->folder, a->email ? a->email : "");
}

/* ---- list ---- */

static enum status list(struct view *v)
{
    struct account *all;
    size_t n;
    enum status st = account_list(v, &all, &n);
    for (size_t i = 0; !st && i < n; i++) {
        str roles = roles_text(all[i].roles, v->a);
        printf("%.*s\t%.*s\t%.*s%s%s\n", FMT(all[i].email), FMT(roles.n ? roles : STR("reader")),
               FMT(all[i].name), all[i].totp.n ? "\tsecond factor" : "",
               all[i].password.n ? "" : "\tno password yet");
    }
    return st;
}

static int run_list(const struct asked *a)
{
    CLEANUP(arena_free) struct arena arena = {0};
    CLEANUP(db_cleanup) struct db *db = NULL;
    struct site site = {.dir = -1, .lock = -1};
    struct view v = {0};
    struct err err = {0};
    bool root;
    enum status st = hash_start();
    st = st ? st : arena_init(&arena, LIST_ARENA);
    st = st ? st : site_become_owner(a->folder, &root, &err);
    st = st ? st : site_open(a->folder, &site, &err);
    st = st ? st : db_open(site.db, DB_READ, &db, &err);
    st = st ? st : schema_check(db, site.db, &err);
    st = st ? st : view_begin(&v, db, &arena, &err);
    st = st ? st : list(&v);
    view_end(&v);
    if (site.arena.start)
        site_close(&site);
    return st ? command_fail_system(st, &err) : EXIT_DONE;
}

/* ---- the command ---- */

static const struct action {
    const char *name;
    int (*run)(const struct asked *a);
    bool email, add; /* takes --email; wants it, and takes what describes an account */
} actions[] = {
    {"add", run_add, true, true},
    {"list", run_list, false, false},
    {"link", run_link, true, false},
};

static const struct action *action_of(const char *name)
{
    for (size_t i = 0; i < COUNT(actions); i++)
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
    return NULL;
}

static void check_options(const struct asked *a, struct argp_state *state)
{
    const struct action *act = a->folder ? action_of(a->action) : NULL;
    if (!act)
        argp_error(state, "add, list or link is wanted, and a site");
    else if (act->add && (!a->email || !a->roles))
        argp_error(state, "an account has --email and --role");
    else if ((!act->email && a->email) || (!act->add && (a->name || a->roles || a->password)))
        argp_error(state, "%s doesn't take one of these options", act->name);
}

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct asked *a = state->input;
    unsigned roles;
    switch (key) {
    case 'e':
        a->email = arg;
        return 0;
    case 'n':
        a->name = arg;
        return 0;
    case 'r':
        if (roles_read(str_c(arg), &roles))
            argp_error(state, "roles are reporter, editor, moderator and publisher");
        else
            a->roles |= roles;
        return 0;
    case 'p':
        a->password = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "one site is wanted");
        *(state->arg_num ? &a->folder : &a->action) = arg;
        return 0;
    case ARGP_KEY_END:
        check_options(a, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int command_user(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"email", 'e', "ADDRESS", 0, "Whose account", 0},
        {"name", 'n', "NAME", 0, "What colleagues see; else what stands before the @", 0},
        {"role", 'r', "ROLE", 0,
         "reporter, editor, moderator or publisher; again, or with commas, for more", 0},
        {"password-stdin", 'p', NULL, 0, "Takes the password from one line of standard input", 0},
        {0},
    };
    static const struct argp argp = {
        options,
        option,
        "add SITE --email ADDRESS --role ROLE...\nlist SITE\nlink SITE [--email ADDRESS]",
        "Adds an account and prints a link by which its password is chosen, or takes the password; "
        "lists accounts; or prints a new link: for an account's new password, or without --email "
        "for the first publisher. A link works once.",
        NULL,
        NULL,
        NULL};
    struct asked a = {0};
    command_parse(&argp, argc, argv, &a);
    return action_of(a.action)->run(&a);
}
