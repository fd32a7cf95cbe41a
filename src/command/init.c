#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/file.h"
#include "base/hash.h"
#include "command/command.h"
#include "store/schema.h"

static const char site_yaml[] = "# The newsroom: its names, editions, contact and footer. "
                                "`broadsheet publish SITE site.yaml` makes a change count.\n"
                                "name: {en: \"My newsroom\"}\n"
                                "#motto: {en: \"A line below the name\"}\n"
                                "#contact: editor@example.org\n"
                                "#corrections-policy: {en: corrections} # the id of a page\n"
                                "editions: [{slug: en, locale: en-GB, zone: Europe/London}]\n";
static const char sections_yaml[] =
    "# The sections of each edition, in the order of the navigation.\n"
    "en:\n"
    "  - slug: news\n"
    "    name: News\n"
    "    description: \"Everything there is to tell.\"\n";

static error_t option(int key, char *arg, struct argp_state *state)
{
    const char **folder = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (state->arg_num)
            argp_error(state, "one folder is wanted");
        *folder = arg;
        return 0;
    case ARGP_KEY_END:
        if (!*folder)
            argp_error(state, "a folder for the site is wanted");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static enum status write_new(int dir, const char *name, const char *text, struct err *err)
{
    CLEANUP(fd_close) int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    size_t n = strlen(text);
    if (fd < 0 || write(fd, text, n) != (ssize_t)n || fsync(fd))
        return fail(err, ST_IO, "cannot write %s: %s", name, strerror(errno));
    return ST_OK;
}

/* The database last: a folder is a site once it has one. */
static enum status make_folder(const char *folder, struct err *err)
{
    CLEANUP(db_cleanup) struct db *db = NULL;
    char path[4096];
    if (mkdir(folder, 0750) && errno != EEXIST)
        return fail(err, ST_IO, "cannot make the folder %s: %s", folder, strerror(errno));
    CLEANUP(fd_close) int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return fail(err, ST_IO, "cannot open the folder %s: %s", folder, strerror(errno));
    if (faccessat(dir, "site.db", F_OK, 0) == 0)
        return fail(err, ST_CONFLICT, "%s is a site already", folder);
    const struct {
        const char *name, *text;
    } files[] = {
        {"site.conf", conf_default}, {"site.yaml", site_yaml}, {"sections.yaml", sections_yaml}};
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < COUNT(files); i++)
        if (faccessat(dir, files[i].name, F_OK, 0)) /* what a person has put there stays */
            st = write_new(dir, files[i].name, files[i].text, err);
    if (!st && (size_t)snprintf(path, sizeof path, "%s/site.db", folder) >= sizeof path)
        return fail(err, ST_TOOLARGE, "the path %s is too long", folder);
    st = st ? st : db_open(path, DB_WRITE, &db, err);
    st = st ? st : schema_open(db, path, err);
    if (!st && (fsync(dir) || file_sync_folder_of(folder)))
        st = fail(err, ST_IO, "cannot write the folder %s: %s", folder, strerror(errno));
    return st;
}

int command_init(int argc, char **argv)
{
    static const struct argp argp = {
        NULL, option, "SITE", "Makes a site: a folder with its settings, sections and database.",
        NULL, NULL,   NULL};
    const char *folder = NULL;
    struct err err = {0};
    char yaml[2][4096];
    bool root;
    command_parse(&argp, argc, argv, &folder);
    enum status st = hash_start();
    st = st ? st : site_become_owner(folder, &root, &err);
    st = st ? st : make_folder(folder, &err);
    if (st)
        return command_fail(st, &err);
    snprintf(yaml[0], sizeof yaml[0], "%s/site.yaml", folder);
    snprintf(yaml[1], sizeof yaml[1], "%s/sections.yaml", folder);
    char *publish[] = {argv[0], (char *)folder, yaml[0], yaml[1], NULL};
    int published = command_publish(4, publish);
    return published == EXIT_DONE ? user_link(folder, "") : published;
}
