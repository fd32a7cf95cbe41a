#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/time.h"
#include "command/command.h"
#include "media/picture.h"

enum {
    FILES_MAX = 1000000,
    DEPTH_MAX = 32,
    BAR = 30,
    SEATS = WIRE_FLIGHT,
    FLIGHT_BYTES = 256 << 20,
    SEAT_ARENA = 1 << 30
};

struct work {
    enum intake_kind kind;
    const char *path;
    bool named; /* by the person, not found in a folder */
};

/* A file that only root can read, opened before root was given up. */
struct kept_file {
    const char *path;
    int fd;
};

struct publishing {
    struct kept_file *kept;
    size_t nkept, kept_cap;
    const char *folder;
    char **args;
    int nargs;
    bool all_or_none, replace, left_out;
    struct arena names; /* paths, for the whole run */
    struct work *list;
    size_t n, cap;
    int exit;
    i64 began, shown;
    size_t done, acknowledged;
};

/* ---- which files ---- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum intake_kind kind_of(const char *path)
{
    str p = str_c(path);
    if (str_ends(p, STR("site.yaml")))
        return INTAKE_SITE;
    return str_ends(p, STR("sections.yaml")) ? INTAKE_SECTIONS : INTAKE_STORY;
}

static void add(struct publishing *p, const char *path, bool named)
{
    if (p->n < FILES_MAX && arena_grow(&p->names, p->list, p->n, &p->cap)) {
        p->list[p->n++] = (struct work){kind_of(path), path, named};
        return;
    }
    if (!p->left_out)
        fprintf(stderr, "broadsheet: more than %zu files: %s and what follows is left out\n", p->n,
                path);
    p->left_out = true;
    p->exit = EXIT_SYSTEM;
}

static void cannot(struct publishing *p, const char *what, const char *path, const char *why)
{
    fprintf(stderr, "broadsheet: cannot %s %s: %s\n", what, path, why);
    p->exit = EXIT_SYSTEM;
}

static bool wanted(const char *name)
{
    str s = str_c(name);
    return str_ends(s, STR(".md")) || str_eq(s, STR("sections.yaml")) ||
           str_eq(s, STR("site.yaml"));
}

static void add_folder(struct publishing *p, const char *folder, int depth)
{
    struct dirent **names = NULL;
    int n = depth < DEPTH_MAX ? scandir(folder, &names, NULL, by_name) : -1;
    if (n < 0)
        cannot(p, "read the folder", folder,
               depth < DEPTH_MAX ? strerror(errno) : "folders are nested more than 32 deep");
    for (int i = 0; i < n; i++) {
        struct stat s;
        const char *path =
            arena_cstr(&p->names, arena_fmt(&p->names, "%s/%s", folder, names[i]->d_name));
        bool dots = strcmp(names[i]->d_name, ".") == 0 || strcmp(names[i]->d_name, "..") == 0;
        if (dots || p->left_out)
            ;
        else if (p->names.oom)
            cannot(p, "look at", folder, "out of memory");
        else if (lstat(path, &s)) /* symbolic links are not followed */
            cannot(p, "look at", path, strerror(errno));
        else if (S_ISDIR(s.st_mode))
            add_folder(p, path, depth + 1);
        else if (S_ISREG(s.st_mode) && wanted(names[i]->d_name))
            add(p, path, false);
        free(names[i]);
    }
    free(names);
}

static int by_kind(const void *a, const void *b)
{
    return (int)((const struct work *)b)->kind - (int)((const struct work *)a)->kind;
}

/* site.yaml, then sections.yaml, then stories: a stable order, since mergesort keeps what is equal.
 */
static void collect(struct publishing *p)
{
    for (int i = 0; i < p->nargs; i++) {
        struct stat s;
        if (stat(p->args[i], &s) || !S_ISDIR(s.st_mode)) {
            add(p, p->args[i], true);
            continue;
        }
        size_t before = p->n;
        int exit = p->exit;
        p->exit = EXIT_DONE;
        add_folder(p, p->args[i], 0);
        if (p->n == before && p->exit == EXIT_DONE) {
            fprintf(stderr,
                    "broadsheet: the folder %s holds no story files: no *.md, sections.yaml or "
                    "site.yaml\n",
                    p->args[i]);
            p->exit = EXIT_INPUT;
        }
        p->exit = p->exit > exit ? p->exit : exit;
    }
    for (size_t i = 1; i < p->n;
         i++) { /* few are not stories: an insertion keeps the order of the rest */
        struct work w = p->list[i];
        if (w.kind == INTAKE_STORY)
            continue;
        size_t k = i;
        for (; k && by_kind(&w, &p->list[k - 1]) < 0; k--)
            p->list[k] = p->list[k - 1];
        p->list[k] = w;
    }
}

/* ---- reading one ---- */

struct opening {
    const char *path;
    const char *folder;    /* a link that leads out of it is refused; NULL: any link is followed */
    const struct stat *as; /* whose rights it takes, NULL: one's own */
    bool no_link;
};

static bool where(int fd, char *buf, size_t size)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, buf, size);
    if (n <= 0 || (size_t)n >= size)
        return false;
    buf[n] = '\0';
    return true;
}

/* What was opened is looked at, not what its path said before. */
static bool lies_below(int fd, int folder)
{
    char file[PATH_MAX], above[PATH_MAX];
    if (!where(fd, file, sizeof file) || !where(folder, above, sizeof above))
        return false;
    size_t n = strlen(above);
    if (above[n - 1] == '/') /* the root */
        n--;
    return strncmp(file, above, n) == 0 && file[n] == '/';
}

static int open_below(const struct opening *o)
{
    int flags = O_RDONLY | O_CLOEXEC | (o->no_link ? O_NOFOLLOW : 0);
    if (!o->folder)
        return open(o->path, flags);
    CLEANUP(fd_close) int folder = open(o->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -1;
    int fd = open(o->path, flags);
    if (fd < 0 || lies_below(fd, folder))
        return fd;
    fd_close(&fd);
    errno = EXDEV;
    return -1;
}

/* What a story names is opened with the rights of the story file's owner, where root reads the
 * file: a link in somebody's folder opens nothing that is closed to them. These rights are the
 * thread's own; root's other groups were given up at the start. */
static int open_as(const struct opening *o)
{
    if (!o->as || o->as->st_uid == 0 || geteuid() != 0)
        return open_below(o);
    gid_t group = (gid_t)setfsgid(o->as->st_gid);
    uid_t user = (uid_t)setfsuid(o->as->st_uid);
    bool is =
        (uid_t)setfsuid((uid_t)-1) == o->as->st_uid && (gid_t)setfsgid((gid_t)-1) == o->as->st_gid;
    int fd = is ? open_below(o) : -1;
    int why = is ? errno : EPERM;
    setfsuid(user);
    setfsgid(group);
    errno = why;
    return fd;
}

static int open_file(const struct publishing *p, const struct opening *o)
{
    for (size_t i = 0; i < p->nkept; i++)
        if (strcmp(p->kept[i].path, o->path) == 0) {
            int fd = dup(p->kept[i].fd);
            if (fd >= 0 && lseek(fd, 0, SEEK_SET) == 0)
                return fd;
            fd_close(&fd);
        }
    return open_as(o);
}

/* s: what was opened. err: the reason alone. */
static enum status read_file(const struct publishing *p, const struct opening *o, size_t most,
                             struct arena *a, struct stat *s, str *ret, struct err *err)
{
    CLEANUP(fd_close) int fd = open_file(p, o);
    if (fd < 0 && errno == EXDEV)
        return fail(err, ST_INVALID, "a link leads out of the file's folder");
    if (fd < 0 || fstat(fd, s))
        return fail(err, errno == ENOENT || o->as ? ST_INVALID : ST_IO, "%s", strerror(errno));
    if (!S_ISREG(s->st_mode))
        return fail(err, ST_INVALID, "this isn't a file");
    if ((size_t)s->st_size > most)
        return fail(err, ST_TOOLARGE, "it is larger than %zu bytes", most);
    char *buf = arena_bytes(a, (size_t)s->st_size + 1);
    size_t got = 0;
    if (!buf)
        return fail(err, ST_NOMEM, "not enough memory");
    for (ssize_t n;
         got < (size_t)s->st_size && (n = read(fd, buf + got, (size_t)s->st_size - got)) != 0;) {
        if (n < 0)
            return fail(err, ST_IO, "%s", strerror(errno));
        got += (size_t)n;
    }
    *ret = (str){buf, got};
    return ST_OK;
}

static bool inside(str path)
{
    for (str rest = path, part; rest.p;) {
        rest = str_cut(rest, '/', &part);
        if (part.n == 0 || str_eq(part, STR("..")))
            return false;
    }
    return path.n && path.p[0] != '/';
}

/* Pictures are named from the folder of the file that names them. */
static struct opening picture_opening(struct arena *a, const char *file, str name,
                                      const struct stat *as)
{
    str folder = str_c(file);
    while (folder.n && folder.p[folder.n - 1] != '/')
        folder.n--;
    return (struct opening){
        .path = arena_cstr(a, arena_fmt(a, "%.*s%.*s", FMT(folder), FMT(name))),
        .folder = folder.n ? arena_cstr(a, folder) : ".",
        .as = as,
    };
}

/* The bytes of the file itself and the names of its pictures, each once. */
static enum status read_text(const struct publishing *p, const struct work *w, struct arena *a,
                             struct intake_message *m, struct stat *s, struct err *err)
{
    str names[INTAKE_FILES + SITE_SECTIONS];
    struct err why = {0};
    *m = (struct intake_message){.kind = w->kind, .name = str_c(w->path), .replace = p->replace};
    struct opening o = {.path = w->path, .no_link = !w->named};
    enum status st = read_file(p, &o, STORY_FILE_BYTES, a, s, &m->bytes, &why);
    if (st)
        return fail(err, st, "%s: %s%s", w->path, st == ST_TOOLARGE ? "line 1: " : "",
                    err_words(&why, st));
    size_t n = intake_picture_names(w->kind, m->bytes, a, names, COUNT(names));
    m->files = arena_new(a, struct intake_file, n + 1);
    if (!m->files)
        return fail(err, ST_NOMEM, "%s: not enough memory", w->path);
    for (size_t i = 0; i < n; i++) {
        bool known = false;
        for (size_t k = 0; k < m->nfiles; k++)
            known |= str_eq(m->files[k].name, names[i]);
        if (!known)
            m->files[m->nfiles++].name = names[i];
    }
    return ST_OK;
}

static enum status read_message(const struct publishing *p, const struct work *w, struct arena *a,
                                struct intake_message *m, struct err *err)
{
    struct stat story, s;
    enum status st = read_text(p, w, a, m, &story, err);
    for (size_t i = 0; !st && i < m->nfiles; i++) {
        struct intake_file *f = &m->files[i];
        struct err why = {0};
        struct opening o = picture_opening(a, w->path, f->name, &story);
        if (inside(f->name))
            st = read_file(p, &o, PICTURE_BYTES, a, &s, &f->bytes, &why);
        else
            st = fail(&why, ST_INVALID, "it must lie at or below the file's folder");
        if (st)
            return fail(err, st, "%s: line %d: the picture %.*s: %s", w->path,
                        intake_picture_line(w->kind, m->bytes, a, f->name), FMT(f->name),
                        err_words(&why, st));
    }
    return st;
}

/* ---- as root: what the site's owner can't read is opened while root still can ---- */

enum { KEPT_MAX = 1000, GROUPS_MAX = 128 };

static bool owner_reads(const struct stat *owner, const char *path)
{
    gid_t groups[GROUPS_MAX];
    int n = getgroups(GROUPS_MAX, groups);
    bool ok = false;
    if (n < 0 || setgroups(0, NULL))
        return false;
    if (setegid(owner->st_gid) == 0 && seteuid(owner->st_uid) == 0)
        ok = faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0;
    if (seteuid(0) || setegid(0) || setgroups((size_t)n, groups))
        abort(); /* it was root a moment ago */
    return ok;
}

static void keep_unreadable(struct publishing *p, const struct stat *owner, const struct opening *o)
{
    if (p->nkept == KEPT_MAX || owner_reads(owner, o->path))
        return;
    int fd = open_as(o);
    if (fd >= 0 && arena_grow(&p->names, p->kept, p->nkept, &p->kept_cap))
        p->kept[p->nkept++] = (struct kept_file){o->path, fd};
}

static void keep_all_unreadable(struct publishing *p)
{
    struct stat owner;
    struct arena a;
    if (geteuid() != 0 || stat(p->folder, &owner) || owner.st_uid == 0 ||
        arena_init(&a, SEAT_ARENA))
        return;
    for (size_t i = 0; i < p->n; i++) {
        const struct work *w = &p->list[i];
        struct intake_message m;
        struct stat story;
        struct err err = {0};
        struct opening o = {.path = w->path, .no_link = !w->named};
        keep_unreadable(p, &owner, &o);
        arena_reset(&a);
        if (read_text(p, w, &a, &m, &story, &err))
            continue; /* said when it is published */
        for (size_t k = 0; k < m.nfiles; k++) {
            if (!inside(m.files[k].name))
                continue;
            o = picture_opening(&p->names, w->path, m.files[k].name, &story);
            keep_unreadable(p, &owner, &o);
        }
    }
    arena_free(&a);
}

/* ---- telling ---- */

static void clear_bar(const struct publishing *p)
{
    if (p->shown && isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

static void show_bar(struct publishing *p)
{
    i64 now = time_monotonic();
    if (now - p->began < MS_SECOND || now - p->shown < 100 || !isatty(STDERR_FILENO))
        return;
    p->shown = now;
    int full = p->n ? (int)(p->done * BAR / p->n) : BAR;
    fprintf(stderr, "\r[%.*s%*s] %zu of %zu", full, "##############################", BAR - full,
            "", p->done, p->n);
}

static void tell(struct publishing *p, const struct work *w, const struct intake_answer *a)
{
    clear_bar(p);
    for (size_t i = 0; i < a->nwarnings; i++)
        fprintf(stderr, "%s: warning: %.*s\n", w->path, FMT(a->warnings[i]));
    if (a->st == ST_OK) {
        printf("%.*s\n", FMT(a->line));
    } else {
        bool input = a->st == ST_INVALID || a->st == ST_CONFLICT || a->st == ST_NOTFOUND ||
                     a->st == ST_TOOLARGE;
        fprintf(stderr, "%.*s\n", FMT(a->line));
        if (!input)
            p->exit = EXIT_SYSTEM;
        else if (p->exit != EXIT_SYSTEM)
            p->exit = EXIT_INPUT;
    }
}

/* ---- one after the other, many on their way: one thread reads and hands in, one hears ---- */

struct seat {
    struct arena arena;
    struct handed handed;
    enum { SENT, UNREADABLE, LOST } what;
    enum status st;
    struct err err;
    size_t bytes;
};

struct pipe {
    struct publishing *p;
    struct hand *hand;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    struct seat *seats;
    size_t sent, heard, bytes; /* of messages; what lies between them is on its way */
    bool broken;
};

static bool wait_for_seat(struct pipe *x)
{
    pthread_mutex_lock(&x->lock);
    while (!x->broken && x->sent - x->heard > 0 &&
           (x->sent - x->heard == SEATS || x->bytes >= FLIGHT_BYTES))
        pthread_cond_wait(&x->moved, &x->lock);
    bool go = !x->broken;
    pthread_mutex_unlock(&x->lock);
    return go;
}

static void send_one(struct pipe *x, const struct work *w, struct seat *s)
{
    struct intake_message m;
    if (s->arena.start)
        arena_reset(&s->arena);
    s->err = (struct err){0};
    s->what = UNREADABLE;
    s->st = s->arena.start ? ST_OK : arena_init(&s->arena, SEAT_ARENA);
    s->st = s->st ? s->st : read_message(x->p, w, &s->arena, &m, &s->err);
    s->bytes = (size_t)(s->arena.beg - s->arena.start); /* before others have the arena */
    if (s->st)
        return;
    s->st = hand_begin(x->hand, &m, &s->arena, &s->handed, &s->err);
    bool ours = s->st == ST_TOOLARGE || s->st == ST_NOMEM; /* nothing of it was sent */
    s->what = !s->st ? SENT : ours ? UNREADABLE : LOST;
}

static void *send_all(void *arg)
{
    struct pipe *x = arg;
    for (size_t i = 0; i < x->p->n && wait_for_seat(x); i++) {
        struct seat *s = &x->seats[i % SEATS];
        send_one(x, &x->p->list[i], s);
        pthread_mutex_lock(&x->lock);
        x->sent++;
        x->bytes += s->bytes;
        x->broken = x->broken || s->what == LOST;
        pthread_cond_signal(&x->moved);
        pthread_mutex_unlock(&x->lock);
    }
    return NULL;
}

/* false when nothing more can be heard. */
static bool hear_one(struct pipe *x, size_t i)
{
    struct publishing *p = x->p;
    struct seat *s = &x->seats[i % SEATS];
    struct intake_answer answer = {0};
    pthread_mutex_lock(&x->lock);
    while (x->sent == i && !x->broken)
        pthread_cond_wait(&x->moved, &x->lock);
    bool there = x->sent > i;
    pthread_mutex_unlock(&x->lock);
    if (there && s->what == SENT) {
        s->st = hand_end(x->hand, &s->handed, &s->arena, &answer, &s->err);
        if (s->st)
            s->what = LOST;
        else
            p->acknowledged += answer.st == ST_OK;
    } else if (there) {
        answer = (struct intake_answer){.st = s->st, .line = str_c(err_words(&s->err, s->st))};
    }
    if (!there || s->what == LOST) {
        clear_bar(p);
        fprintf(stderr, "broadsheet: %s; %zu of %zu files were acknowledged\n", s->err.text,
                p->acknowledged, p->n);
        p->exit = EXIT_SYSTEM;
        return false;
    }
    tell(p, &p->list[i], &answer);
    p->done++;
    show_bar(p);
    return true;
}

static void publish_each(struct publishing *p, struct hand *h)
{
    struct pipe x = {.p = p,
                     .hand = h,
                     .lock = PTHREAD_MUTEX_INITIALIZER,
                     .moved = PTHREAD_COND_INITIALIZER,
                     .seats = calloc(SEATS, sizeof(struct seat))};
    pthread_t sender;
    bool more = x.seats && pthread_create(&sender, NULL, send_all, &x) == 0;
    if (!more) {
        fputs("broadsheet: out of memory\n", stderr);
        p->exit = EXIT_SYSTEM;
        free(x.seats);
        return;
    }
    for (size_t i = 0; more && i < p->n; i++) {
        size_t bytes;
        more = hear_one(&x, i);
        bytes = x.seats[i % SEATS].bytes;
        pthread_mutex_lock(&x.lock);
        x.heard++;
        x.bytes -= bytes;
        x.broken = x.broken || !more;
        pthread_cond_signal(&x.moved);
        pthread_mutex_unlock(&x.lock);
    }
    pthread_join(sender, NULL);
    for (size_t i = 0; i < SEATS; i++)
        arena_free(&x.seats[i].arena);
    free(x.seats);
}

static void publish_all(struct publishing *p, struct hand *h)
{
    struct err err = {0};
    struct intake_answer *answers;
    size_t n;
    struct intake_message *m = arena_new(&h->arena, struct intake_message, p->n + 1);
    enum status st = m ? ST_OK : ST_NOMEM;
    for (size_t i = 0; !st && i < p->n; i++)
        st = read_message(p, &p->list[i], &h->arena, &m[i], &err);
    struct wire_request r = {.kind = WIRE_BATCH, .messages = m, .n = p->n};
    st = st ? st : hand_do(h, &r, &answers, &n, &err);
    if (st) {
        p->exit = command_fail(st, &err);
        fputs("broadsheet: nothing was published\n", stderr);
        return;
    }
    bool none = false;
    for (size_t i = 0; i < n; i++)
        none |= answers[i].st != ST_OK;
    for (size_t i = 0; i < n; i++)
        if (!none || answers[i].line.n)
            tell(p, &p->list[i], &answers[i]);
    if (none)
        fputs("broadsheet: nothing was published\n", stderr);
    if (none && p->exit == EXIT_DONE)
        p->exit = EXIT_SYSTEM;
}

/* ---- the command line ---- */

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct publishing *p = state->input;
    switch (key) {
    case 'a':
        p->all_or_none = true;
        return 0;
    case 'r':
        p->replace = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num == 0) {
            p->folder = arg;
            return 0;
        }
        p->args = state->argv + state->next - 1;
        p->nargs = state->argc - state->next + 1;
        state->next = state->argc;
        return 0;
    case ARGP_KEY_END:
        if (!p->nargs)
            argp_error(state, "a site and at least one file are wanted");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int command_publish(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"all-or-none", 'a', NULL, 0, "Publish all files, at most 1,000, or change nothing", 0},
        {"replace", 'r', NULL, 0,
         "site.yaml and sections.yaml take the place of what the desk has changed", 0},
        {0},
    };
    static const struct argp argp = {
        options,
        option,
        "SITE FILE...",
        "Publishes story files, sections.yaml and site.yaml, and folders of them.",
        NULL,
        NULL,
        NULL};
    struct publishing p = {.began = time_monotonic()};
    struct err err = {0};
    struct hand h;
    bool root;
    command_parse(&argp, argc, argv, &p);
    setvbuf(stdout, NULL, _IOLBF, 0); /* what is acknowledged is said at once, into a pipe too */
    if (arena_init(&p.names, 1u << 30))
        return command_fail(ST_NOMEM, &err);
    if (geteuid() == 0) /* refused in some containers, where root is nobody much */
        (void)!setgroups(0, NULL);
    collect(&p);
    if (p.all_or_none && p.exit != EXIT_DONE) {
        fputs("broadsheet: nothing was published\n", stderr);
        return p.exit;
    }
    if (p.all_or_none && p.n > INTAKE_BATCH) {
        fprintf(stderr, "broadsheet: --all-or-none takes at most %d files, and these are %zu\n",
                INTAKE_BATCH, p.n);
        return EXIT_USAGE;
    }
    keep_all_unreadable(&p);
    enum status st = site_become_owner(p.folder, &root, &err);
    st = st ? st : hand_open(p.folder, &h, &err);
    if (st)
        return command_fail_system(st, &err);
    if (p.all_or_none)
        publish_all(&p, &h);
    else
        publish_each(&p, &h);
    clear_bar(&p);
    hand_close(&h);
    for (size_t i = 0; i < p.nkept; i++)
        close(p.kept[i].fd);
    arena_free(&p.names);
    return p.exit;
}
