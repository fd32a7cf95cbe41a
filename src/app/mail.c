/* Mail within the running program: what site.conf says of it, and the mailer that goes by that. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "app/parts.h"
#include "base/clean.h"
#include "base/guard.h"
#include "jobs/mailer.h"

enum { PASSWORD_BYTES = 1024 };

/* A file that others can read has told them already. */
static enum status read_password(str file, struct arena *a, const char **ret, struct err *err)
{
    char buf[PASSWORD_BYTES + 1];
    struct stat s;
    const char *path = arena_cstr(a, file);
    CLEANUP(fd_close) int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (fd < 0 || fstat(fd, &s))
        return fail(err, ST_IO, "cannot open mail.password_file %.*s: %s", FMT(file),
                    strerror(errno));
    if (!S_ISREG(s.st_mode))
        return fail(err, ST_INVALID, "mail.password_file %.*s is no file", FMT(file));
    if ((s.st_mode & 077) && GUARD(mail_password_private))
        return fail(err, ST_INVALID,
                    "mail.password_file %.*s can be read by others: give it to this account alone, "
                    "and make it 0600",
                    FMT(file));
    ssize_t n = read(fd, buf, sizeof buf);
    if (n < 0)
        return fail(err, ST_IO, "cannot read mail.password_file: %s", strerror(errno));
    str password = str_trim((str){buf, (size_t)n});
    bool ok = password.n && password.n <= PASSWORD_BYTES;
    for (size_t i = 0; ok && i < password.n; i++)
        ok = (u8)password.p[i] >= ' ';
    if (!ok)
        return fail(err, ST_INVALID, "mail.password_file has one line with a password");
    *ret = arena_cstr(a, password);
    return ST_OK;
}

static struct theme *theme_now(void *arg)
{
    return app_theme(arg);
}

const char *app_mailbox(const struct site *s)
{
    return s->conf.smtp.n ? NULL : s->mailbox;
}

enum status app_mailer(struct app *a, struct mailer **ret, struct err *err)
{
    struct site *site = a->site;
    const struct conf *c = &site->conf;
    struct smtp *smtp = arena_new(&site->arena, struct smtp, 1);
    if (!smtp)
        return ST_NOMEM;
    *smtp = (struct smtp){.url = arena_cstr(&site->arena, c->smtp), .open = c->smtp_open};
    enum status st = ST_OK;
    if (c->mail_user.n) {
        smtp->user = arena_cstr(&site->arena, c->mail_user);
        st = read_password(c->mail_password_file, &site->arena, &smtp->password, err);
    }
    if (st || site->arena.oom)
        return st ? st : ST_NOMEM;
    return mailer_make(&(struct mailer_conf){.writer = a->writer,
                                             .log = a->log,
                                             .db = site->db,
                                             .theme = theme_now,
                                             .arg = a,
                                             .from = c->mail_from,
                                             .smtp = c->smtp.n ? smtp : NULL,
                                             .mailbox = site->mailbox},
                       ret, err);
}
