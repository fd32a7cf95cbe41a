#include "app/site.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SITE_ARENA = 1 << 20 };

enum status site_become_owner(const char *folder, bool *still_root, struct err *err)
{
    struct stat s;
    *still_root = false;
    if (geteuid() != 0 || stat(folder, &s))
        return ST_OK; /* a missing folder is said by who opens it */
    if (s.st_uid == 0) {
        *still_root = true;
        return ST_OK;
    }
    /* the owner's own groups: the folder's is often still root's, after a chown without one */
    const struct passwd *p = getpwuid(s.st_uid);
    gid_t gid = p ? p->pw_gid : s.st_gid;
    int groups = p ? initgroups(p->pw_name, gid) : setgroups(0, NULL);
    if (groups || setresgid(gid, gid, gid) || setresuid(s.st_uid, s.st_uid, s.st_uid))
        return fail(err, ST_IO, "cannot become the owner of %s: %s", folder, strerror(errno));
    return ST_OK;
}

static const char *below(struct site *s, const char *name)
{
    return arena_cstr(&s->arena, arena_fmt(&s->arena, "%s/%s", s->folder, name));
}

enum status site_open(const char *folder, struct site *ret, struct err *err)
{
    struct site s = {.dir = -1, .lock = -1};
    enum status st = arena_init(&s.arena, SITE_ARENA);
    if (st)
        return st;
    s.folder = arena_cstr(&s.arena, str_c(folder));
    s.db = below(&s, "site.db");
    s.media = below(&s, "media");
    s.theme = below(&s, "theme");
    s.mailbox = below(&s, "mailbox");
    s.conf_path = below(&s, "site.conf");
    s.dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s.dir < 0)
        st = fail(err, ST_IO, "cannot open the site %s: %s", folder, strerror(errno));
    else if (faccessat(s.dir, "site.db", F_OK, 0))
        st = fail(err, ST_IO, "%s isn't a site: it has no site.db (broadsheet init makes one)",
                  folder);
    st = st ? st : conf_read(s.conf_path, &s.arena, &s.conf, err);
    if (st) {
        site_close(&s);
        return st;
    }
    *ret = s;
    return ST_OK;
}

void site_close(struct site *s)
{
    if (s->lock >= 0)
        close(s->lock);
    if (s->dir >= 0)
        close(s->dir);
    arena_free(&s->arena);
    *s = (struct site){.dir = -1, .lock = -1};
}

enum status site_lock(struct site *s, struct err *err)
{
    int fd = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0)
        return fail(err, ST_IO, "cannot write in the site %s: %s", s->folder, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        bool held = errno == EWOULDBLOCK;
        enum status st =
            held ? fail(err, ST_BUSY, "another Broadsheet writes in the site %s", s->folder)
                 : fail(err, ST_IO, "cannot lock the site %s: %s", s->folder, strerror(errno));
        close(fd);
        return st;
    }
    s->lock = fd;
    return ST_OK;
}
