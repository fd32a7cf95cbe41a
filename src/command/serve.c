#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/time.h"
#include "command/command.h"
#include "http/server.h"

struct serving {
    const char *folder, *listen;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct serving *s = state->input;
    switch (key) {
    case 'l':
        s->listen = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num)
            argp_error(state, "one site is wanted");
        s->folder = arg;
        return 0;
    case ARGP_KEY_END:
        if (!s->folder)
            argp_error(state, "a site is wanted");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

struct listening {
    const struct site *site;
    const char *address;
    int port;
};

/* Where it listens; and what readers call it, where that is something else. */
static void ready(void *arg)
{
    const struct listening *l = arg;
    char at[128], here[128];
    bool six = strchr(l->address, ':') != NULL;
    snprintf(at, sizeof at, "http://%s%s%s:%d", six ? "[" : "", l->address, six ? "]" : "",
             l->port);
    snprintf(here, sizeof here, "http://localhost:%d", l->port);
    str url = l->site->conf.base_url;
    bool same = str_eq(url, str_c(at)) ||
                (str_eq(url, str_c(here)) && strcmp(l->address, "127.0.0.1") == 0);
    if (same)
        fprintf(stderr, "broadsheet: serving %s at %.*s\n", l->site->folder, FMT(url));
    else
        fprintf(stderr, "broadsheet: serving %s at %s, for readers %.*s\n", l->site->folder, at,
                FMT(url));
    const char *mailbox = app_mailbox(l->site);
    if (mailbox)
        fprintf(
            stderr,
            "broadsheet: site.conf names no mail server: what would be mailed is written to %s\n",
            mailbox);
}

static const char *log_path(struct site *s, str name)
{
    if (str_eq(name, STR("-")) || (name.n && name.p[0] == '/'))
        return arena_cstr(&s->arena, name);
    return arena_cstr(&s->arena, arena_fmt(&s->arena, "%s/%.*s", s->folder, FMT(name)));
}

/* The lock is often held by a command for a moment: it is tried for 30 s. */
static enum status wait_for_lock(struct site *s, struct err *err)
{
    i64 until = time_monotonic() + 30 * MS_SECOND;
    for (bool said = false;; said = true) {
        enum status st = site_lock(s, err);
        if (st != ST_BUSY || time_monotonic() > until)
            return st;
        if (!said)
            fprintf(stderr, "broadsheet: %s; waiting for up to 30 seconds\n", err->text);
        usleep(200 * 1000);
    }
}

static enum status open_and_serve(struct site *site, int fd, const char *address, int port,
                                  struct err *err)
{
    struct listening listening = {site, address, port};
    struct log *log = NULL;
    struct app *app = NULL;
    enum status st = wait_for_lock(site, err); /* may still be interrupted */
    app_hold_signals();
    st = st ? st
            : log_start(log_path(site, site->conf.access_log), log_path(site, site->conf.error_log),
                        &log, err);
    st = st ? st : app_open(&(struct app_options){.site = site, .log = log}, &app, err);
    if (st)
        close(fd);
    else
        st = app_serve(app, fd, port, ready, &listening, err);
    app_close(app);
    log_stop(log);
    return st;
}

int command_serve(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"listen", 'l', "ADDRESS:PORT", 0, "Where to listen, instead of site.conf's server.listen",
         0},
        {0},
    };
    static const struct argp argp = {
        options, option, "SITE", "Serves a site to readers, and publishes for commands.",
        NULL,    NULL,   NULL};
    struct serving s = {0};
    struct site site = {.dir = -1, .lock = -1};
    struct err err = {0};
    struct server_conf conf = {0};
    struct arena a;
    struct conf settings;
    int fd = -1, port = 0;
    bool root;
    command_parse(&argp, argc, argv, &s);
    if (arena_init(&a, 1 << 20) || hash_start())
        return command_fail(ST_NOMEM, &err);
    /* the port may be one that only root can bind: so it is bound before root is given up */
    const char *path = arena_cstr(&a, arena_fmt(&a, "%s/site.conf", s.folder));
    enum status st = conf_read(path, &a, &settings, &err);
    st = st ? st
            : conf_listen(s.listen ? str_c(s.listen) : settings.listen, &a, &conf.address,
                          &conf.port, &err);
    if (!st && access(s.folder, F_OK))
        st = fail(&err, ST_IO, "cannot open the site %s: there is no such folder", s.folder);
    st = st ? st : server_bind(&conf, &fd, &port, &err);
    st = st ? st : site_become_owner(s.folder, &root, &err);
    st = st ? st : site_open(s.folder, &site, &err);
    if (st)
        return command_fail_system(st, &err);
    if (root)
        fputs("broadsheet: warning: the site is root's own, and so is this server: give the folder "
              "to a user\n",
              stderr);
    st = open_and_serve(&site, fd, conf.address, port, &err);
    site_close(&site);
    arena_free(&a);
    return st ? command_fail_system(st, &err) : EXIT_DONE;
}
