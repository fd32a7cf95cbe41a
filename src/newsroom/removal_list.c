/* The list of removals: a file of the site's folder (newsroom/removal.h). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "newsroom/removal_parts.h"
#include "text/json.h"

enum { ENTRY_MAX = 32 << 20, LIST_MAX = 512 << 20 };

/* ---- an entry as a line ---- */

static void put_row(struct out *o, const struct row_cuts *r)
{
    bool first = true;
    out_byte(o, '{');
    json_put_key(o, &first, "cuts");
    out_byte(o, '[');
    for (size_t i = 0; i < r->n; i++)
        out_fmt(o, "%s%zu,%zu,%zu", i ? "," : "", r->cuts[i].text, r->cuts[i].cut.from,
                r->cuts[i].cut.n);
    out_byte(o, ']');
    json_put_text(o, &first, "left", r->left);
    json_put_int(o, &first, "number", r->number);
    json_put_int(o, &first, "position", r->position);
    json_put_text(o, &first, "row", str_c(removal_row_name(r->row)));
    out_byte(o, '}');
}

static void put_entry(struct out *o, const struct removal_entry *e)
{
    bool first = true;
    out_byte(o, '{');
    json_put_int(o, &first, "at", e->at);
    json_put_text(o, &first, "id", e->id);
    json_put_key(o, &first, "stories");
    out_byte(o, '[');
    for (size_t i = 0; i < e->n; i++) {
        bool in = true;
        out_c(o, i ? ",{" : "{");
        json_put_text(o, &in, "key", e->stories[i].key);
        json_put_key(o, &in, "rows");
        out_byte(o, '[');
        for (size_t j = 0; j < e->stories[i].n; j++) {
            if (j)
                out_byte(o, ',');
            put_row(o, &e->stories[i].rows[j]);
        }
        out_c(o, "]}");
    }
    out_c(o, "]}\n");
}

static i64 number_of(const struct json *map, str name)
{
    const struct json *j = json_member(map, name);
    return json_is(j, JSON_NUMBER) ? j->number : -1;
}

static size_t size_of(const struct json *j)
{
    return json_is(j, JSON_LIST) ? j->size : 0;
}

static enum status read_cuts(const struct json *list, struct arena *a, struct row_cuts *ret)
{
    size_t n = size_of(list);
    ret->cuts = arena_new(a, struct text_cut, n / 3 + 1);
    if (!ret->cuts || n % 3)
        return ret->cuts ? ST_INVALID : ST_NOMEM;
    for (const struct json *j = n ? list->first : NULL; j; j = j->next->next->next) {
        const struct json *from = j->next, *bytes = from->next;
        if (!json_is(j, JSON_NUMBER) || !json_is(from, JSON_NUMBER) ||
            !json_is(bytes, JSON_NUMBER) || j->number < 0 || from->number < 0 || bytes->number < 1)
            return ST_INVALID;
        ret->cuts[ret->n++] =
            (struct text_cut){(size_t)j->number, {(size_t)from->number, (size_t)bytes->number}};
    }
    return ST_OK;
}

static enum status read_row(const struct json *j, struct arena *a, struct row_cuts *ret)
{
    str name = json_text(json_member(j, STR("row")));
    *ret = (struct row_cuts){.row = REMOVAL_ROW_COUNT,
                             .number = number_of(j, STR("number")),
                             .position = number_of(j, STR("position")),
                             .left = json_text(json_member(j, STR("left")))};
    for (int i = 0; i < REMOVAL_ROW_COUNT; i++)
        if (str_eq(name, str_c(removal_row_name((enum removal_row)i))))
            ret->row = (enum removal_row)i;
    if (ret->row == REMOVAL_ROW_COUNT || ret->number < 0 || ret->position < 0)
        return ST_INVALID;
    return read_cuts(json_member(j, STR("cuts")), a, ret);
}

static enum status read_entry(str line, struct arena *a, struct removal_entry *ret)
{
    const struct json *root;
    struct err why = {0};
    enum status st = json_read(line, a, &root, &why);
    if (st)
        return st;
    const struct json *stories = json_member(root, STR("stories"));
    struct removal_entry e = {.id = json_text(json_member(root, STR("id"))),
                              .at = number_of(root, STR("at")),
                              .stories = arena_new(a, struct story_cuts, size_of(stories) + 1)};
    if (!e.stories)
        return ST_NOMEM;
    if (!e.id.n || e.at < 0 || !json_is(stories, JSON_LIST))
        return ST_INVALID;
    for (const struct json *j = stories->first; !st && j; j = j->next) {
        const struct json *rows = json_member(j, STR("rows"));
        struct story_cuts *s = &e.stories[e.n++];
        s->key = json_text(json_member(j, STR("key")));
        s->rows = arena_new(a, struct row_cuts, size_of(rows) + 1);
        if (!s->rows)
            return ST_NOMEM;
        for (const struct json *r = size_of(rows) ? rows->first : NULL; !st && r; r = r->next)
            st = read_row(r, a, &s->rows[s->n++]);
    }
    if (!st)
        *ret = e;
    return st;
}

/* ---- the file ---- */

static enum status broken(struct err *err, const char *what)
{
    return fail(err, ST_IO, "cannot %s the list of removals: %s", what, strerror(errno));
}

/* Where its last whole line ends: what stands behind was never acknowledged. */
static enum status whole(int fd, i64 *ret, struct err *err)
{
    struct stat s;
    char c;
    if (fstat(fd, &s))
        return broken(err, "read");
    i64 n = s.st_size;
    for (; n > 0; n--) {
        if (pread(fd, &c, 1, n - 1) != 1)
            return broken(err, "read");
        if (c == '\n')
            break;
    }
    *ret = n;
    return ST_OK;
}

static enum status append(int dir, str lines, struct err *err)
{
    i64 end;
    CLEANUP(fd_close)
    int fd = openat(dir, REMOVALS_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return broken(err, "open");
    enum status st = whole(fd, &end, err);
    if (st)
        return st;
    if (ftruncate(fd, end) || pwrite(fd, lines.p, lines.n, end) != (ssize_t)lines.n)
        return broken(err, "write");
    if (fsync(fd) || fsync(dir))
        return broken(err, "sync");
    return ST_OK;
}

enum status removal_list_add(int dir, const struct removal_entry *e, struct arena *a,
                             struct err *err)
{
    struct out o = out_make(a, 4096, ENTRY_MAX);
    put_entry(&o, e);
    str line = out_view(&o);
    if (out_status(&o))
        return fail(err, out_status(&o), "the entry of a removal is too long");
    return append(dir, line, err);
}

/* Its whole lines. required: that it isn't there is an error. */
static enum status read_file(int dir, const char *name, bool required, struct arena *a, str *ret,
                             struct err *err)
{
    struct stat s;
    i64 end;
    *ret = STR_NONE;
    CLEANUP(fd_close) int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT && !required ? ST_OK : broken(err, "open");
    enum status st = whole(fd, &end, err);
    if (st)
        return st;
    if (fstat(fd, &s) || end > LIST_MAX)
        return fail(err, ST_TOOLARGE, "the list of removals is too long");
    char *bytes = arena_raw(a, (size_t)end + 1);
    if (!bytes)
        return ST_NOMEM;
    for (i64 n = 0; n < end;) {
        ssize_t got = pread(fd, bytes + n, (size_t)(end - n), n);
        if (got <= 0)
            return broken(err, "read");
        n += got;
    }
    *ret = (str){bytes, (size_t)end};
    return ST_OK;
}

/* Of several of one id the last counts. */
static void keep(struct removal_entry *list, size_t *n, const struct removal_entry *e)
{
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++)
        if (!str_eq(list[i].id, e->id))
            list[kept++] = list[i];
    if (e->n)
        list[kept++] = *e;
    *n = kept;
}

static enum status read_entries(str rest, struct arena *a, struct removal_entry **ret, size_t *n,
                                struct err *err)
{
    struct removal_entry *list = NULL, e;
    size_t count = 0, cap = 0, number = 0;
    enum status st = ST_OK;
    str line;
    while (!st && rest.n) {
        rest = str_cut(rest, '\n', &line);
        number++;
        if (!arena_grow(a, list, count, &cap))
            return ST_NOMEM;
        st = read_entry(line, a, &e);
        if (st)
            return st == ST_NOMEM ? st
                                  : fail(err, ST_CORRUPT,
                                         "line %zu of the list of removals can't be read", number);
        keep(list, &count, &e);
    }
    if (st)
        return st;
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status removal_list_read(int dir, struct arena *a, struct removal_entry **ret, size_t *n,
                              struct err *err)
{
    str text;
    enum status st = read_file(dir, REMOVALS_FILE, false, a, &text, err);
    return st ? st : read_entries(text, a, ret, n, err);
}

static bool has_line(str text, str line)
{
    str rest = text, one;
    while (rest.n) {
        rest = str_cut(rest, '\n', &one);
        if (str_eq(one, line))
            return true;
    }
    return false;
}

enum status removals_join(int dir, const char *file, size_t *n, struct err *err)
{
    CLEANUP(arena_free) struct arena a = {0};
    struct removal_entry *list = NULL;
    str ours, theirs = STR_NONE, line;
    enum status st = arena_init(&a, (size_t)4 * LIST_MAX);
    st = st ? st : read_file(dir, REMOVALS_FILE, false, &a, &ours, err);
    if (!st && file)
        st = read_file(AT_FDCWD, file, true, &a, &theirs, err);
    st = st ? st : read_entries(theirs, &a, &list, n, err);
    struct out more = out_make(&a, theirs.n + 1, theirs.n + 1);
    for (str rest = theirs; !st && rest.n;) {
        rest = str_cut(rest, '\n', &line);
        if (has_line(ours, line))
            continue;
        out_str(&more, line);
        out_byte(&more, '\n');
    }
    if (!st && more.n)
        st = append(dir, out_view(&more), err);
    return st ? st : removal_list_read(dir, &a, &list, n, err);
}
