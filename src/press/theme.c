#include "press/theme.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/guard.h"
#include "base/hash.h"

enum {
    FILE_MAX_BYTES = 4 << 20,
    ASSETS = 128,
    LOCALES = 64,
    THEME_ARENA = 64 << 20,
    HASH_DIGITS = 16
};

struct asset {
    str name, address;
    struct finished *page;
};

struct theme {
    atomic_int refs;
    i64 number;
    str base_url;
    struct arena arena;
    const char *folder;
    struct mustache *templates;
    struct asset assets[ASSETS];
    size_t nassets;
    pthread_mutex_t lock; /* for locales, which are made when first asked for */
    struct locale *locales[LOCALES];
    size_t nlocales;
    struct locale *english; /* as built in: what every messages file is held against */
};

/* ---- files: the site's own first, else what is built in ---- */

static enum status read_file(const char *folder, const char *path, struct arena *a, str *ret,
                             struct err *err)
{
    char full[4096];
    struct stat s;
    int n = snprintf(full, sizeof full, "%s/%s", folder, path);
    if (n < 0 || (size_t)n >= sizeof full)
        return ST_NOTFOUND;
    CLEANUP(fd_close) int fd = open(full, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? ST_NOTFOUND
                   : fail(err, ST_IO, "cannot read %s: %s", full, strerror(errno));
    if (fstat(fd, &s) || !S_ISREG(s.st_mode) || s.st_size > FILE_MAX_BYTES)
        return fail(err, ST_INVALID, "%s isn't a file of at most 4 MB", full);
    char *buf = arena_bytes(a, (size_t)s.st_size + 1);
    size_t got = 0;
    if (!buf)
        return ST_NOMEM;
    for (ssize_t r;
         got < (size_t)s.st_size && (r = read(fd, buf + got, (size_t)s.st_size - got)) > 0;)
        got += (size_t)r;
    if (got < (size_t)s.st_size)
        return fail(err, ST_IO, "cannot read %s whole: is it being written?", full);
    *ret = (str){buf, got};
    return ST_OK;
}

static enum status theme_file_read(struct theme *t, const struct theme_file *f, str *ret,
                                   struct err *err)
{
    enum status st = t->folder ? read_file(t->folder, f->path, &t->arena, ret, err) : ST_NOTFOUND;
    if (st != ST_NOTFOUND)
        return st;
    *ret = (str){f->start, (size_t)(f->end - f->start)};
    return ST_OK;
}

/* ---- assets ---- */

static str type_of(str name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {{".css", "text/css; charset=utf-8"},
                 {".js", "text/javascript; charset=utf-8"},
                 {".svg", "image/svg+xml"},
                 {".woff2", "font/woff2"},
                 {".png", "image/png"},
                 {".ico", "image/x-icon"}};
    for (size_t i = 0; i < COUNT(types); i++)
        if (str_ends(name, str_c(types[i].ending)))
            return str_c(types[i].type);
    return STR("application/octet-stream");
}

/* asset:NAME in a stylesheet becomes the address; assets that stylesheets name are made before
 * them. */
static enum status rewrite(struct theme *t, str name, str *css, struct err *err)
{
    struct out o = out_make(&t->arena, css->n + 1024, FILE_MAX_BYTES);
    str rest = *css;
    for (ptrdiff_t at; (at = str_find(rest, STR("asset:"))) >= 0;) {
        out_str(&o, str_head(rest, (size_t)at));
        rest = str_from(rest, (size_t)at + 6);
        size_t n = 0;
        while (n < rest.n && !strchr(")\"' \n", rest.p[n]))
            n++;
        str address = theme_asset(t, str_head(rest, n));
        if (!address.n)
            return fail(err, ST_INVALID, "%.*s: there is no asset %.*s", FMT(name),
                        FMT(str_head(rest, n)));
        out_str(&o, address);
        rest = str_from(rest, n);
    }
    out_str(&o, rest);
    *css = out_view(&o);
    return out_status(&o);
}

static enum status add_asset(struct theme *t, str name, str bytes, struct err *err)
{
    if (t->nassets == ASSETS)
        return fail(err, ST_TOOLARGE, "the theme has more than %d assets", ASSETS);
    enum status st = str_ends(name, STR(".css")) ? rewrite(t, name, &bytes, err) : ST_OK;
    if (st)
        return st;
    str hash = str_head(sha256_hex(sha256(bytes), &t->arena), HASH_DIGITS);
    struct asset *a = &t->assets[t->nassets];
    a->name = arena_str(&t->arena, name);
    a->address = arena_fmt(&t->arena, "/assets/%.*s/%.*s", FMT(hash), FMT(name));
    if (t->arena.oom) /* or a stylesheet would be said to name what isn't there */
        return fail(err, ST_NOMEM, "the theme needs more memory than it may have");
    struct finished_spec spec = {.content_type = type_of(name),
                                 .body = bytes,
                                 .cache_control = STR("public, max-age=31536000, immutable")};
    st = finished_make(&spec, &a->page, err);
    if (!st)
        t->nassets++;
    return st;
}

str theme_asset(const struct theme *t, str name)
{
    for (size_t i = 0; i < t->nassets; i++)
        if (str_eq(t->assets[i].name, name))
            return t->assets[i].address;
    return STR_NONE;
}

struct finished *theme_asset_page(const struct theme *t, str path)
{
    for (size_t i = 0; i < t->nassets; i++)
        if (str_eq(t->assets[i].address, path))
            return finished_ref(t->assets[i].page);
    return NULL;
}

/* ---- loading ---- */

static enum status load_one(struct theme *t, const struct theme_file *f, bool css, struct err *err)
{
    str path = str_c(f->path), bytes, name;
    bool is_css = str_ends(path, STR(".css"));
    enum status st;
    if (str_starts(path, STR("assets/"))) {
        if (is_css != css)
            return ST_OK;
        st = theme_file_read(t, f, &bytes, err);
        return st ? st : add_asset(t, str_from(path, 7), bytes, err);
    }
    if (css || !str_starts(path, STR("templates/")))
        return ST_OK;
    st = theme_file_read(t, f, &bytes, err);
    str_cut(str_from(path, 10), '.', &name);
    return st ? st : mustache_add(t->templates, name, bytes, err);
}

struct checking {
    const struct theme *t;
    str name; /* of the template */
    struct err *err;
    enum status st;
};

enum status theme_check_tag(const struct mustache *templates, const struct locale *english,
                            char kind, str key, struct err *err)
{
    char message[128];
    str names[1];
    if ((kind == '>' || kind == '<') && !mustache_has(templates, key))
        return fail(err, ST_INVALID, "there is no template \"%.*s\"", FMT(key));
    if (!str_starts(key, STR("t.")))
        return ST_OK;
    snprintf(message, sizeof message, "%.*s", FMT(str_from(key, 2)));
    if (!locale_has(english, message))
        return fail(err, ST_INVALID, "there is no message \"%.*s\"", FMT(key));
    if (locale_args(english, message, names, 1))
        return fail(err, ST_INVALID,
                    "the message \"%.*s\" has arguments: it comes ready, under a name of its own",
                    FMT(key));
    return ST_OK;
}

static void see_tag(void *arg, char kind, str key, int line)
{
    struct checking *c = arg;
    struct err why;
    if (!c->st && theme_check_tag(c->t->templates, c->t->english, kind, key, &why))
        c->st =
            fail(c->err, ST_INVALID, "%.*s.mustache: line %d: %s", FMT(c->name), line, why.text);
}

static enum status check_templates(const struct theme *t, struct err *err)
{
    struct checking c = {.t = t, .err = err};
    for (const struct theme_file *f = theme_files; !c.st && f->path; f++)
        if (str_starts(str_c(f->path), STR("templates/"))) {
            str_cut(str_from(str_c(f->path), 10), '.', &c.name);
            mustache_tags(t->templates, c.name, see_tag, &c);
        }
    return c.st;
}

static str built_in(str path)
{
    for (const struct theme_file *f = theme_files; f->path; f++)
        if (str_eq(str_c(f->path), path))
            return (str){f->start, (size_t)(f->end - f->start)};
    return STR_NONE;
}

enum status theme_load(const char *folder, str base_url, i64 number, struct theme **ret,
                       struct err *err)
{
    struct theme *t = calloc(1, sizeof *t);
    if (!t)
        return fail(err, ST_NOMEM, "out of memory for the theme");
    atomic_init(&t->refs, 1);
    pthread_mutex_init(&t->lock, NULL);
    t->number = number;
    enum status st = arena_init(&t->arena, THEME_ARENA);
    st = st ? st : mustache_make(&t->templates);
    t->base_url = st ? STR_NONE : arena_str(&t->arena, base_url);
    t->folder = folder && !st ? arena_cstr(&t->arena, str_c(folder)) : NULL;
    for (int css = 0; css < 2; css++) /* what stylesheets name comes first */
        for (const struct theme_file *f = theme_files; !st && f->path; f++)
            st = load_one(t, f, css == 1, err);
    if (!st && t->arena.oom)
        st = fail(err, ST_NOMEM, "the theme needs more memory than it may have");
    st = st ? st : locale_load(STR("en"), built_in(STR("locales/en.json")), &t->english, err);
    if (!st && t->folder && GUARD(theme_parts_exist))
        st = check_templates(t, err);
    st = st ? st : theme_check_locale(t, STR("en"), err);
    if (st) {
        theme_release(t);
        return st;
    }
    *ret = t;
    return ST_OK;
}

struct theme *theme_ref(struct theme *t)
{
    atomic_fetch_add(&t->refs, 1);
    return t;
}

void theme_release(struct theme *t)
{
    if (!t || atomic_fetch_sub(&t->refs, 1) != 1)
        return;
    for (size_t i = 0; i < t->nassets; i++)
        finished_release(t->assets[i].page);
    for (size_t i = 0; i < t->nlocales; i++)
        locale_free(t->locales[i]);
    locale_free(t->english);
    mustache_free(t->templates);
    arena_free(&t->arena);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

str theme_base_url(const struct theme *t)
{
    return t->base_url;
}

i64 theme_number(const struct theme *t)
{
    return t->number;
}

const struct mustache *theme_templates(const struct theme *t)
{
    return t->templates;
}

/* ---- locales ---- */

/* A site's own file is held against the built-in English one, as the built-in ones are at build. */
static enum status complete(const struct theme *t, const struct locale *l, struct err *err)
{
    CLEANUP(arena_free) struct arena a = {0};
    if (arena_init(&a, 8 << 20))
        return fail(err, ST_NOMEM, "out of memory for a theme");
    struct out o = out_make(&a, 4096, 4 << 20);
    size_t found = locale_compare(t->english, l, &o);
    str first;
    str_cut(out_view(&o), '\n', &first);
    if (found == 1)
        return fail(err, ST_INVALID, "%.*s", FMT(first));
    return found ? fail(err, ST_INVALID, "%.*s (and %zu more)", FMT(first), found - 1) : ST_OK;
}

static enum status make_locale(struct theme *t, str tag, const struct locale **ret, struct err *err)
{
    str language, json = STR_NONE;
    struct locale *l = NULL;
    str_cut(tag, '-', &language);
    str path = arena_fmt(&t->arena, "locales/%.*s.json", FMT(language));
    enum status st = ST_NOTFOUND;
    if (t->folder)
        st = read_file(t->folder, arena_cstr(&t->arena, path), &t->arena, &json, err);
    bool own = st == ST_OK;
    if (st == ST_NOTFOUND) {
        json = built_in(path);
        st = json.n ? ST_OK : ST_NOTFOUND;
    }
    if (st == ST_NOTFOUND)
        return fail(err, ST_INVALID, "there are no messages for the locale %.*s", FMT(tag));
    if (!st && t->nlocales == LOCALES)
        st = fail(err, ST_TOOLARGE, "the theme has more than %d locales", LOCALES);
    st = st ? st : locale_load(tag, json, &l, err);
    if (!st && own && GUARD(theme_messages_complete) && (st = complete(t, l, err)))
        locale_free(l);
    if (!st)
        *ret = t->locales[t->nlocales++] = l;
    return st;
}

enum status theme_check_locale(struct theme *t, str tag, struct err *err)
{
    const struct locale *found = NULL;
    enum status st = ST_OK;
    if (tag.n == 0 || tag.n > 35 || str_find_byte(tag, '/') >= 0)
        return fail(err, ST_INVALID, "\"%.*s\" is no locale", FMT(tag));
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; !found && i < t->nlocales; i++)
        if (str_eq(locale_tag(t->locales[i]), tag))
            found = t->locales[i];
    if (!found)
        st = make_locale(t, tag, &found, err);
    pthread_mutex_unlock(&t->lock);
    return st;
}

const struct locale *theme_locale(struct theme *t, str tag)
{
    const struct locale *found = NULL;
    struct err ignored;
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; !found && i < t->nlocales; i++)
        if (str_eq(locale_tag(t->locales[i]), tag))
            found = t->locales[i];
    pthread_mutex_unlock(&t->lock);
    if (found || theme_check_locale(t, tag, &ignored))
        return found;
    return theme_locale(t, tag);
}
