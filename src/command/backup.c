#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/time.h"
#include "command/command.h"
#include "newsroom/removal.h"
#include "store/db.h"

enum { DEPTH_MAX = 8 };

/* What a site is made of, beside its database. What is not there isn't in the backup either. */
static const char *const parts[] = {"site.conf", "site.yaml",   "sections.yaml",
                                    "theme",     REMOVALS_FILE, "media"};

struct backing {
    const char *folder, *file;
    struct archive *out;
    struct err *err;
    i64 said, bytes;
    size_t files;
};

static enum status refused(struct backing *b, const char *what)
{
    const char *why = archive_error_string(b->out);
    return fail(b->err, ST_IO, "cannot write %s: %s", what, why ? why : strerror(errno));
}

static void say_progress(struct backing *b, bool last)
{
    i64 now = time_monotonic();
    if (last ? b->said == 0 : now - b->said < MS_SECOND || !isatty(STDERR_FILENO))
        return;
    fprintf(stderr, last ? "\r\033[K" : "\r%zu files, %lld MB", b->files,
            (long long)(b->bytes >> 20));
    b->said = now;
}

static enum status add_file(struct backing *b, int fd, const struct stat *s, const char *name)
{
    char buf[64 << 10];
    struct archive_entry *e = archive_entry_new();
    if (!e)
        return fail(b->err, ST_NOMEM, "out of memory for a backup");
    archive_entry_set_pathname(e, name);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, s->st_mode & 0777);
    archive_entry_set_size(e, s->st_size);
    archive_entry_set_mtime(e, s->st_mtim.tv_sec, s->st_mtim.tv_nsec);
    int rc = archive_write_header(b->out, e);
    archive_entry_free(e);
    if (rc != ARCHIVE_OK)
        return refused(b, name);
    i64 left = s->st_size;
    for (ssize_t n; left > 0; left -= n) {
        n = read(fd, buf, left < (i64)sizeof buf ? (size_t)left : sizeof buf);
        if (n <= 0)
            return fail(b->err, ST_IO, "cannot read %s: %s", name,
                        n ? strerror(errno) : "it has become shorter");
        if (archive_write_data(b->out, buf, (size_t)n) != n)
            return refused(b, name);
    }
    b->files++;
    b->bytes += s->st_size;
    say_progress(b, false);
    return ST_OK;
}

static bool hidden(const char *name)
{
    return name[0] == '.'; /* and what is being written: pictures come into place by a rename */
}

static enum status add(struct backing *b, int at, const char *name, const char *path, int depth);

/* All that a folder holds: what can't be taken is said, for a backup without it is none. */
static enum status add_folder(struct backing *b, int fd, const char *path, int depth)
{
    if (depth == DEPTH_MAX)
        return fail(b->err, ST_IO, "cannot back up %s: it lies more than %d folders deep", path,
                    DEPTH_MAX);
    int again = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    CLEANUP(dir_close) DIR *dir = again < 0 ? NULL : fdopendir(again);
    if (!dir) {
        enum status st = fail(b->err, ST_IO, "cannot read %s: %s", path, strerror(errno));
        if (again >= 0)
            close(again);
        return st;
    }
    for (;;) {
        char below[4096];
        errno = 0;
        const struct dirent *e = readdir(dir);
        if (!e)
            return errno ? fail(b->err, ST_IO, "cannot read %s: %s", path, strerror(errno)) : ST_OK;
        if (hidden(e->d_name))
            continue;
        if ((size_t)snprintf(below, sizeof below, "%s/%s", path, e->d_name) >= sizeof below)
            return fail(b->err, ST_IO, "cannot back up %s in %.200s: its path is too long",
                        e->d_name, path);
        enum status st = add(b, fd, e->d_name, below, depth + 1);
        if (st)
            return st;
    }
}

static enum status add(struct backing *b, int at, const char *name, const char *path, int depth)
{
    struct stat s;
    /* without waiting: a pipe would wait for a writer */
    CLEANUP(fd_close) int fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return ST_OK;
    if (fd >= 0 && fstat(fd, &s))
        return fail(b->err, ST_IO, "cannot read %s: %s", path, strerror(errno));
    if (fd < 0 && errno != ELOOP && errno != ENXIO)
        return fail(b->err, ST_IO, "cannot open %s: %s", path, strerror(errno));
    if (fd >= 0 && S_ISREG(s.st_mode))
        return add_file(b, fd, &s, path);
    if (fd >= 0 && S_ISDIR(s.st_mode))
        return add_folder(b, fd, path, depth);
    return fail(b->err, ST_IO,
                "cannot back up %s: it is neither a file nor a folder; put the file itself in its "
                "place, or remove it",
                path);
}

/* The database first: every picture that its rows name is on disk already, and none goes within a
 * day (newsroom/sweep.h). */
static enum status add_all(struct backing *b, const struct site *site)
{
    char copy[4096];
    struct stat s;
    if ((size_t)snprintf(copy, sizeof copy, "%s.db-part", b->file) >= sizeof copy)
        return fail(b->err, ST_TOOLARGE, "the path %s is too long", b->file);
    enum status st = db_backup(site->db, copy, b->err);
    CLEANUP(fd_close) int fd = st ? -1 : open(copy, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (!st && (fd < 0 || fstat(fd, &s)))
        st = fail(b->err, ST_IO, "cannot read %s: %s", copy, strerror(errno));
    unlink(copy);
    st = st ? st : add_file(b, fd, &s, "site.db");
    for (size_t i = 0; !st && i < COUNT(parts); i++)
        st = add(b, site->dir, parts[i], parts[i], 0);
    return st;
}

static enum status write_backup(struct backing *b, const struct site *site)
{
    char part[4096];
    if ((size_t)snprintf(part, sizeof part, "%s.part", b->file) >= sizeof part)
        return fail(b->err, ST_TOOLARGE, "the path %s is too long", b->file);
    CLEANUP(fd_close)
    int fd = file_fresh(part);
    if (fd < 0)
        return fail(b->err, ST_IO, "cannot write %s: %s", part, strerror(errno));
    b->out = archive_write_new();
    enum status st = b->out && archive_write_set_format_pax_restricted(b->out) == ARCHIVE_OK &&
                             archive_write_open_fd(b->out, fd) == ARCHIVE_OK
                         ? ST_OK
                         : fail(b->err, ST_NOMEM, "out of memory for a backup");
    st = st ? st : add_all(b, site);
    if (!st && archive_write_close(b->out) != ARCHIVE_OK)
        st = refused(b, part);
    archive_write_free(b->out);
    if (!st && (fsync(fd) || rename(part, b->file)))
        st = fail(b->err, ST_IO, "cannot write %s: %s", b->file, strerror(errno));
    if (st)
        unlink(part);
    if (!st && file_sync_folder_of(b->file))
        st = fail(b->err, ST_IO, "cannot write the folder of %s: %s", b->file, strerror(errno));
    return st;
}

struct two {
    const char *first, *second, *removals;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct two *t = state->input;
    switch (key) {
    case 'r':
        t->removals = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            return ARGP_ERR_UNKNOWN;
        *(state->arg_num ? &t->second : &t->first) = arg;
        return 0;
    case ARGP_KEY_END:
        if (!t->second)
            argp_error(state, "a site and a file are wanted");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int command_backup(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,
        option,
        "SITE FILE",
        "Writes all of a site, as it is at one moment, into one tar file; the server "
        "may run meanwhile.",
        NULL,
        NULL,
        NULL};
    struct two t = {0};
    struct err err = {0};
    struct site site = {.dir = -1, .lock = -1};
    bool root;
    command_parse(&argp, argc, argv, &t);
    enum status st = hash_start();
    st = st ? st : site_become_owner(t.first, &root, &err);
    st = st ? st : site_open(t.first, &site, &err);
    struct backing b = {.folder = t.first, .file = t.second, .err = &err};
    st = st ? st : write_backup(&b, &site);
    say_progress(&b, true);
    site_close(&site);
    if (st)
        return command_fail(ST_IO, &err);
    printf("backed up %zu files, %lld bytes, to %s\n", b.files, (long long)b.bytes, t.second);
    return EXIT_DONE;
}

/* ---- and back ---- */

static bool safe_name(const char *name)
{
    str rest = str_c(name), part;
    bool known = strcmp(name, "site.db") == 0;
    for (size_t i = 0; !known && i < COUNT(parts); i++) {
        str p = str_c(parts[i]);
        known = str_eq(rest, p) || (str_starts(rest, p) && name[p.n] == '/');
    }
    while (rest.p) {
        rest = str_cut(rest, '/', &part);
        if (!part.n || part.p[0] == '.')
            return false;
    }
    return known;
}

static enum status make_way(int dir, char *name, struct err *err)
{
    for (char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int rc = mkdirat(dir, name, 0750);
        *slash = '/';
        if (rc && errno != EEXIST)
            return fail(err, ST_IO, "cannot make a folder for %s: %s", name, strerror(errno));
    }
    return ST_OK;
}

static enum status take_one(struct archive *in, struct archive_entry *e, int dir, struct err *err)
{
    char name[4096], buf[64 << 10];
    const char *given = archive_entry_pathname(e);
    if (archive_entry_filetype(e) != AE_IFREG || !given || !safe_name(given) ||
        (size_t)snprintf(name, sizeof name, "%s", given) >= sizeof name)
        return fail(err, ST_INVALID, "the file holds %s, which no backup has", given ? given : "");
    enum status st = make_way(dir, name, err);
    CLEANUP(fd_close)
    int fd = st ? -1
                : openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                         (archive_entry_perm(e) & 0640) | 0600);
    if (!st && fd < 0)
        st = fail(err, ST_IO, "cannot write %s: %s", name, strerror(errno));
    la_ssize_t n = 0;
    while (!st && (n = archive_read_data(in, buf, sizeof buf)) > 0)
        if (write(fd, buf, (size_t)n) != n)
            st = fail(err, ST_IO, "cannot write %s: %s", name, strerror(errno));
    if (!st && n < 0)
        st = fail(err, ST_INVALID, "the backup is damaged at %s: %s", name,
                  archive_error_string(in));
    return st; /* synced with all the rest, by one syncfs */
}

static enum status take_all(const char *file, int dir, struct err *err)
{
    struct archive *in = archive_read_new();
    struct archive_entry *e;
    bool have_db = false;
    enum status st = in ? ST_OK : ST_NOMEM;
    if (!st && (archive_read_support_format_tar(in) != ARCHIVE_OK ||
                archive_read_open_filename(in, file, 64 << 10) != ARCHIVE_OK))
        st = fail(err, ST_INVALID, "cannot read %s: %s", file, archive_error_string(in));
    for (int rc = ARCHIVE_OK; !st && rc == ARCHIVE_OK;) {
        rc = archive_read_next_header(in, &e);
        if (rc == ARCHIVE_OK) {
            st = take_one(in, e, dir, err); /* which refuses what has no name */
            have_db |= !st && strcmp(archive_entry_pathname(e), "site.db") == 0;
        } else if (rc != ARCHIVE_EOF) {
            st = fail(err, ST_INVALID, "%s is no backup, or is damaged: %s", file,
                      archive_error_string(in));
        }
    }
    archive_read_free(in);
    return st        ? st
           : have_db ? ST_OK
                     : fail(err, ST_INVALID, "%s is no backup: it holds no site.db", file);
}

/* Words that were removed by order go again before the site has its name. */
static enum status remove_again(const char *folder, struct err *err)
{
    struct site site = {.dir = -1, .lock = -1};
    struct app *app = NULL;
    enum status st = site_open(folder, &site, err);
    st = st ? st : site_lock(&site, err);
    st = st ? st : app_open(&(struct app_options){.site = &site}, &app, err);
    app_close(app);
    if (site.arena.start)
        site_close(&site);
    return st;
}

/* Into a folder beside it, which takes the site's name when all is there and synced. */
static enum status restore(const char *file, const char *folder, const char *removals,
                           struct err *err)
{
    size_t entries = 0;
    char part[4096];
    if ((size_t)snprintf(part, sizeof part, "%s.part", folder) >= sizeof part)
        return fail(err, ST_TOOLARGE, "the path %s is too long", folder);
    if (mkdir(part, 0750))
        return fail(err, ST_IO, "cannot make the folder %s: %s", part, strerror(errno));
    CLEANUP(fd_close) int dir = open(part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return fail(err, ST_IO, "cannot open the folder %s: %s", part, strerror(errno));
    enum status st = take_all(file, dir, err);
    st = st ? st : removals_join(dir, removals, &entries, err);
    if (!st && entries)
        st = remove_again(part, err);
    if (st)
        return st;
    if (syncfs(dir) || rename(part, folder)) /* an empty folder of that name gives way */
        return fail(err,
                    errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR ? ST_CONFLICT : ST_IO,
                    "cannot put the site at %s: %s", folder, strerror(errno));
    return file_sync_folder_of(folder) == 0
               ? ST_OK
               : fail(err, ST_IO, "cannot write the folder of %s: %s", folder, strerror(errno));
}

int command_restore(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"removals", 'r', "LIST", 0,
         "the file `removals` of the site that the backup is of: what was removed by order since "
         "then is removed again",
         0},
        {0}};
    static const struct argp argp = {
        options,     option,
        "FILE SITE", "Makes a site from a backup; SITE must not be there, or be an empty folder.",
        NULL,        NULL,
        NULL};
    struct two t = {0};
    struct err err = {0};
    bool root;
    command_parse(&argp, argc, argv, &t);
    char *site = strdup(t.second); /* without slashes at its end: its name is made longer */
    if (!site)
        return command_fail(ST_NOMEM, &err);
    for (size_t n = strlen(site); n > 1 && site[n - 1] == '/'; n--)
        site[n - 1] = '\0';
    t.second = site;
    enum status st = hash_start();
    st = st ? st : site_become_owner(t.second, &root, &err);
    st = st ? st : restore(t.first, t.second, t.removals, &err);
    if (!st && !t.removals)
        fprintf(stderr, "broadsheet: what was removed by order since this backup was made stands "
                        "in it: --removals names the list of the site that it is of\n");
    int status = EXIT_SYSTEM;
    if (st) {
        fprintf(stderr, "broadsheet: what was taken so far is in %s.part\n", t.second);
        status = command_fail(st, &err);
    } else {
        char *check[] = {argv[0], site, NULL};
        status = command_check(2, check);
    }
    free(site);
    return status;
}
