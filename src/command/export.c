#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/hash.h"
#include "command/command.h"
#include "store/schema.h"

struct asked {
    const char *folder, *key; /* key: with site, the folder to write to */
    bool site;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct asked *a = state->input;
    switch (key) {
    case 's':
        a->site = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state,
                       "a site and the id of one story are wanted, or a site, --site and one "
                       "folder");
        *(state->arg_num ? &a->key : &a->folder) = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->folder || (!a->key && !a->site))
            argp_error(state, "a site and the id of a story, or --site, are wanted");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static enum status write_out(str s, struct err *err)
{
    return fwrite(s.p, 1, s.n, stdout) == s.n && fflush(stdout) == 0
               ? ST_OK
               : fail(err, ST_IO, "cannot write");
}

/* Never over a file that is there: it may hold comments that the database doesn't. */
static enum status write_new(const char *folder, const char *name, str text, struct err *err)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path)
        return fail(err, ST_TOOLARGE, "the path %s is too long", folder);
    CLEANUP(fd_close) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0 && errno == EEXIST)
        return fail(err, ST_CONFLICT, "%s is there already", path);
    if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n || fsync(fd))
        return fail(err, ST_IO, "cannot write %s: %s", path, strerror(errno));
    printf("exported %s\n", path);
    return ST_OK;
}

/* Into a folder, or one after the other to standard output. */
static enum status export_site(struct view *v, const char *folder, struct err *err)
{
    struct site_file site;
    struct sections_file sections;
    struct out one = out_make(v->a, 4096, 1 << 20), two = out_make(v->a, 4096, 1 << 20);
    enum status st = site_as_files(v, &site, &sections);
    if (st)
        return st;
    site_file_write(&site, &one);
    sections_file_write(&sections, &two);
    st = out_status(&one);
    st = st ? st : out_status(&two);
    if (st)
        return st;
    if (folder) {
        st = write_new(folder, "site.yaml", out_view(&one), err);
        return st ? st : write_new(folder, "sections.yaml", out_view(&two), err);
    }
    st = write_out(STR("# site.yaml\n"), err);
    st = st ? st : write_out(out_view(&one), err);
    st = st ? st : write_out(STR("# sections.yaml\n"), err);
    return st ? st : write_out(out_view(&two), err);
}

static enum status export_story(struct view *v, str key, struct err *err)
{
    struct story s;
    struct revision r;
    struct story_content content;
    struct out o = out_make(v->a, 32 << 10, 4 << 20);
    struct scheduled later;
    enum status st = story_by_key(v, key, PART_PAGE, &s);
    if (!st && s.revision)
        st = revision_read(v, s.id, s.revision, &r);
    else if (!st)
        st = scheduled_read(v, s.id, &later);
    if (st == ST_NOTFOUND)
        return fail(err, ST_NOTFOUND, "there is no published or scheduled story \"%.*s\"",
                    FMT(key));
    st = st ? st : story_from_canonical(s.revision ? r.bytes : later.bytes, v->a, &content, err);
    if (st)
        return st;
    story_file_write(&content, s.revision, &o);
    st = out_status(&o);
    return st ? st : write_out(out_view(&o), err);
}

int command_export(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"site", 's', NULL, 0, "Write site.yaml and sections.yaml instead of a story", 0},
        {0},
    };
    static const struct argp argp = {options,
                                     option,
                                     "SITE ID\nSITE --site [FOLDER]",
                                     "Writes a story as a file, a scheduled or withdrawn one too; "
                                     "publishing a live one again changes "
                                     "nothing. With --site: site.yaml and sections.yaml, as files "
                                     "in FOLDER, or both to standard output.",
                                     NULL,
                                     NULL,
                                     NULL};
    struct asked a = {0};
    struct site site = {.dir = -1, .lock = -1};
    struct err err = {0};
    struct db *db = NULL;
    struct arena arena;
    struct view v = {0};
    bool root;
    command_parse(&argp, argc, argv, &a);
    if (arena_init(&arena, 256 << 20) || hash_start())
        return command_fail(ST_NOMEM, &err);
    enum status st = site_become_owner(a.folder, &root, &err);
    st = st ? st : site_open(a.folder, &site, &err);
    st = st ? st : db_open(site.db, DB_READ, &db, &err);
    st = st ? st : schema_check(db, site.db, &err);
    st = st ? st : view_begin(&v, db, &arena, &err);
    if (st)
        return command_fail_system(st, &err);
    st = a.site ? export_site(&v, a.key, &err) : export_story(&v, str_c(a.key), &err);
    view_end(&v);
    db_close(db);
    site_close(&site);
    arena_free(&arena);
    return st ? command_fail(st, &err) : EXIT_DONE;
}
