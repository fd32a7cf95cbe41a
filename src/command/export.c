#include <stdio.h>
#include <unistd.h>

#include "base/hash.h"
#include "command/command.h"
#include "store/schema.h"

struct asked {
    const char *folder, *key;
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
            argp_error(state, "a site and the id of one story are wanted");
        *(state->arg_num ? &a->key : &a->folder) = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->folder || (!a->key) == !a->site)
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

static enum status export_site(struct view *v, struct err *err)
{
    struct site_file site;
    struct sections_file sections;
    struct out o = out_make(v->a, 4096, 1 << 20);
    enum status st = site_as_files(v, &site, &sections);
    if (st)
        return st;
    out_c(&o, "# site.yaml\n");
    site_file_write(&site, &o);
    out_c(&o, "# sections.yaml\n");
    sections_file_write(&sections, &o);
    st = out_status(&o);
    return st ? st : write_out(out_view(&o), err);
}

static enum status export_story(struct view *v, str key, struct err *err)
{
    struct story s;
    struct revision r;
    struct story_content content;
    struct out o = out_make(v->a, 32 << 10, 4 << 20);
    enum status st = story_by_key(v, key, PART_PAGE, &s);
    if (st == ST_NOTFOUND || (!st && s.revision == 0))
        return fail(err, ST_NOTFOUND, "there is no published story \"%.*s\"", FMT(key));
    st = st ? st : revision_read(v, s.id, s.revision, &r);
    st = st ? st : story_from_canonical(r.bytes, v->a, &content, err);
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
    static const struct argp argp = {
        options,
        option,
        "SITE ID\nSITE --site",
        "Writes a story as a file; publishing that again changes nothing.",
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
        return EXIT_SYSTEM;
    enum status st = site_become_owner(a.folder, &root, &err);
    st = st ? st : site_open(a.folder, &site, &err);
    st = st ? st : db_open(site.db, DB_READ, &db, &err);
    st = st ? st : schema_check(db, site.db, &err);
    st = st ? st : view_begin(&v, db, &arena, &err);
    if (st)
        return command_fail(st == ST_INVALID ? ST_INVALID : ST_IO, &err);
    st = a.site ? export_site(&v, &err) : export_story(&v, str_c(a.key), &err);
    view_end(&v);
    db_close(db);
    site_close(&site);
    arena_free(&arena);
    return st ? command_fail(st, &err) : EXIT_DONE;
}
