#include "app/conf.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>

#include "base/clean.h"
#include "newsroom/permissions.h"
#include "outside/message.h"

enum { LINE_MAX_BYTES = INI_MAX_LINE - 2 }; /* what inih's buffer holds beside its ends */

const char conf_default[] =
    "; How this site is run. Every setting stands here with its default, commented out.\n"
    "; A change is taken up by a restart; base_url and hosts by SIGHUP too.\n"
    "\n"
    "[site]\n"
    "; The address readers know, without a slash at its end. Absolute links, feeds and metadata "
    "are made from it.\n"
    ";base_url = http://localhost:8080\n"
    "; Further names this server answers to, separated by commas. Loopback names always work from "
    "this machine.\n"
    ";hosts =\n"
    "\n"
    "[server]\n"
    "; Where to listen: ADDRESS:PORT.\n"
    ";listen = 127.0.0.1:8080\n"
    "; Proxies in front, as addresses or networks (10.0.0.0/8), separated by commas. A long list "
    "goes on\n"
    "; in lines that begin with a space.\n"
    ";trusted_proxies =\n"
    "; The header in which they say who asks: none, forwarded, x-forwarded-for.\n"
    ";forwarding = none\n"
    "; Connections at the most, in all and for one client (a /64 counts as one in IPv6).\n"
    ";connections = 16384\n"
    ";connections_a_client = 256\n"
    "; Finished pages kept in memory, in megabytes.\n"
    ";cache_mb = 256\n"
    "\n"
    "[desk]\n"
    "; Roles that need a second step at sign-in, from the second time on, separated by commas: "
    "reporter, editor,\n"
    "; moderator, publisher. Empty for none.\n"
    ";second_step = publisher\n"
    "; Nobody approves, schedules or publishes what they have written themselves.\n"
    ";four_eyes = no\n"
    "\n"
    "[mail]\n"
    "; The mail server: smtps://HOST:465, or smtp://HOST:587, which has to take STARTTLS unless it "
    "is this machine.\n"
    "; Without one, messages become files in the site's folder mailbox.\n"
    ";smtp =\n"
    "; The address that messages come from; wanted with a server.\n"
    ";from =\n"
    "; What the server knows us by: a name, and a file with its password that nobody else can "
    "read.\n"
    ";user =\n"
    ";password_file =\n"
    "\n"
    "[log]\n"
    "; Files in the site folder, or - for standard error. SIGHUP opens them again.\n"
    ";access = access.log\n"
    ";error = error.log\n"
    "; Whole addresses of readers in the access log; else the last part is cut off.\n"
    ";full_address = no\n";

struct reading {
    FILE *file;
    int line; /* the one inih has now */
    struct arena *a;
    struct conf *c;
    struct err *err;
    enum status st; /* of the first setting that is wrong, in wrong_line; nothing is taken after */
    int wrong_line;
};

static bool wrong(struct reading *r, const char *name, const char *what)
{
    r->wrong_line = r->line;
    r->st = fail(r->err, ST_INVALID, "site.conf: line %d: `%s` %s", r->line, name, what);
    return false;
}

static bool number(struct reading *r, const char *name, str value, i64 least, i64 most, i64 *ret)
{
    char words[80];
    if (str_i64(value, ret) == ST_OK && *ret >= least && *ret <= most)
        return true;
    snprintf(words, sizeof words, "is a number from %lld to %lld", (long long)least,
             (long long)most);
    return wrong(r, name, words);
}

static bool networks(struct reading *r, const char *name, str value)
{
    for (str rest = value, one; rest.p && value.n;) {
        rest = str_cut(rest, ',', &one);
        if (!str_trim(one).n) /* a comma at the end of a line */
            continue;
        if (r->c->ntrusted == CONF_LIST ||
            network_read(str_trim(one), &r->c->trusted[r->c->ntrusted++]))
            return wrong(r, name, "has addresses or networks such as 10.0.0.0/8, at most 32");
    }
    return true;
}

static bool host_list(struct reading *r, const char *name, str value)
{
    for (str rest = value, one; rest.p && value.n;) {
        rest = str_cut(rest, ',', &one);
        if (!str_trim(one).n)
            continue;
        if (r->c->nhosts == CONF_LIST - 1)
            return wrong(r, name, "has at most 31 names");
        r->c->hosts[r->c->nhosts++] = arena_str(r->a, str_trim(one));
    }
    return true;
}

static bool forwarding(struct reading *r, const char *name, str value)
{
    static const str names[] = {{"none", 4}, {"forwarded", 9}, {"x-forwarded-for", 15}};
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq(value, names[i])) {
            r->c->forwarding = (enum forwarding)i;
            return true;
        }
    return wrong(r, name, "is none, forwarded or x-forwarded-for");
}

static bool yes_no(struct reading *r, const char *name, str value, bool *ret)
{
    *ret = str_eq(value, STR("yes"));
    return *ret || str_eq(value, STR("no")) ? true : wrong(r, name, "is yes or no");
}

static bool role_list(struct reading *r, const char *name, str value)
{
    unsigned roles = 0;
    for (str rest = value, one; rest.p && value.n;) {
        rest = str_cut(rest, ',', &one);
        one = str_trim(one);
        if (one.n && !role_bit(one))
            return wrong(r, name, "has roles: reporter, editor, moderator, publisher");
        roles |= one.n ? role_bit(one) : 0;
    }
    r->c->second_roles = roles;
    return true;
}

static bool base_url(struct reading *r, const char *name, str value)
{
    bool ok = (str_starts(value, STR("http://")) && value.n > 7) ||
              (str_starts(value, STR("https://")) && value.n > 8);
    if (!ok || str_ends(value, STR("/")) || str_find_byte(str_from(value, 8), '/') >= 0)
        return wrong(r, name,
                     "is an address such as https://news.example, without a slash at its end");
    r->c->base_url = arena_str(r->a, value);
    return true;
}

static bool listening(struct reading *r, const char *name, str value)
{
    const char *address;
    struct err ignored;
    int port;
    if (conf_listen(value, r->a, &address, &port, &ignored))
        return wrong(r, name, "is no address to listen on; one looks like 127.0.0.1:8080");
    r->c->listen = arena_str(r->a, value);
    return true;
}

/* ---- mail ---- */

static str host_of(str url)
{
    ptrdiff_t at = str_find(url, STR("://"));
    str rest = str_from(url, at < 0 ? 0 : (size_t)at + 3), host;
    if (rest.n && rest.p[0] == '[') {
        ptrdiff_t end = str_find_byte(rest, ']');
        return end < 0 ? rest : str_head(rest, (size_t)end + 1);
    }
    str_cut(rest, ':', &host);
    return host;
}

static bool is_loopback(str host)
{
    struct address a;
    if (host.n > 1 && host.p[0] == '[')
        host = (str){host.p + 1, host.n - 2};
    return str_eq_fold(host, STR("localhost")) ||
           (address_read(host, &a) == ST_OK && address_loopback(a));
}

/* A name or an address and nothing else: what a server is asked for is not its address's to say. */
static bool mail_server(struct reading *r, const char *name, str value)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    bool tls = str_starts(value, STR("smtps://"));
    str rest = str_from(value, tls ? 8 : 7), host = host_of(value);
    str port = str_from(rest, host.n);
    bool six = host.n && host.p[0] == '[', ok = tls || str_starts(value, STR("smtp://"));
    struct address a;
    i64 number = 0;
    ok = ok && host.n && port.n > 1 && port.p[0] == ':' && !str_i64(str_from(port, 1), &number) &&
         number > 0 && number < 65536;
    if (ok && six)
        ok = host.n > 2 && address_read((str){host.p + 1, host.n - 2}, &a) == ST_OK;
    for (size_t i = 0; ok && !six && i < host.n; i++)
        ok = host.p[i] && strchr(plain, host.p[i]);
    if (value.n && !ok)
        return wrong(r, name,
                     "is an address such as smtps://mail.example:465 or "
                     "smtp://mail.example:587");
    r->c->smtp = arena_str(r->a, value);
    r->c->smtp_open = value.n && !tls && is_loopback(host);
    return true;
}

static bool mail_from(struct reading *r, const char *name, str value)
{
    if (value.n && !address_mailable(value))
        return wrong(r, name, "is an address of mail, without a name");
    r->c->mail_from = arena_str(r->a, value);
    return true;
}

static bool password_file(struct reading *r, const char *name, str value)
{
    if (value.n && value.p[0] != '/')
        return wrong(r, name, "is a file's whole path, from the root");
    r->c->mail_password_file = arena_str(r->a, value);
    return true;
}

/* A host as it stands behind an '@': [::1] can't, localhost can. */
static str in_mail(str host)
{
    return host.n && host.p[0] != '[' ? host : STR("localhost");
}

/* What only all of it together tells. */
static enum status mail_whole(struct conf *c, struct arena *a, struct err *err)
{
    if (c->smtp.n && !c->mail_from.n)
        return fail(err, ST_INVALID, "site.conf: `mail.from` is wanted with `mail.smtp`");
    if ((c->mail_user.n > 0) != (c->mail_password_file.n > 0))
        return fail(err, ST_INVALID,
                    "site.conf: `mail.user` and `mail.password_file` are wanted together");
    if (!c->mail_from.n)
        c->mail_from = arena_fmt(a, "broadsheet@%.*s", FMT(in_mail(host_of(c->base_url))));
    return ST_OK;
}

static int setting(void *arg, const char *section, const char *name, const char *text)
{
    struct reading *r = arg;
    struct conf *c = r->c;
    str value = str_trim(str_c(text));
    char full[80];
    snprintf(full, sizeof full, "%s.%s", section, name);
    if (r->st)
        return 1;
    if (strcmp(full, "site.base_url") == 0)
        base_url(r, full, value);
    else if (strcmp(full, "site.hosts") == 0)
        host_list(r, full, value);
    else if (strcmp(full, "server.listen") == 0)
        listening(r, full, value);
    else if (strcmp(full, "server.trusted_proxies") == 0)
        networks(r, full, value);
    else if (strcmp(full, "server.forwarding") == 0)
        forwarding(r, full, value);
    else if (strcmp(full, "server.connections") == 0)
        number(r, full, value, 16, 1000000, &c->connections);
    else if (strcmp(full, "server.connections_a_client") == 0)
        number(r, full, value, 1, 60000, &c->connections_a_client);
    else if (strcmp(full, "server.cache_mb") == 0)
        number(r, full, value, 1, 1 << 20, &c->cache_mb);
    else if (strcmp(full, "desk.second_step") == 0)
        role_list(r, full, value);
    else if (strcmp(full, "desk.four_eyes") == 0)
        yes_no(r, full, value, &c->four_eyes);
    else if (strcmp(full, "mail.smtp") == 0)
        mail_server(r, full, value);
    else if (strcmp(full, "mail.from") == 0)
        mail_from(r, full, value);
    else if (strcmp(full, "mail.user") == 0)
        c->mail_user = arena_str(r->a, value);
    else if (strcmp(full, "mail.password_file") == 0)
        password_file(r, full, value);
    else if (strcmp(full, "log.access") == 0)
        c->access_log = arena_str(r->a, value);
    else if (strcmp(full, "log.error") == 0)
        c->error_log = arena_str(r->a, value);
    else if (strcmp(full, "log.full_address") == 0)
        yes_no(r, full, value, &c->log_full_address);
    else
        wrong(r, full, "isn't a setting");
    return 1;
}

/* Hands inih its next line. Debian's inih doesn't tell a setting's line (INI_HANDLER_LINENO is off
 * in it), so lines are counted as it asks for them. What is beyond its buffer it would take for
 * another line. */
static char *next_line(char *line, int cap, void *arg)
{
    struct reading *r = arg;
    if (r->st || !fgets(line, cap, r->file))
        return NULL;
    r->line++;
    size_t n = strlen(line);
    if (n > LINE_MAX_BYTES && line[n - 1] != '\n') {
        r->wrong_line = r->line;
        r->st = fail(r->err, ST_INVALID,
                     "site.conf: line %d is longer than %d bytes: a list goes on in lines that "
                     "begin with a space",
                     r->line, LINE_MAX_BYTES);
        return NULL;
    }
    return line;
}

enum status conf_read(const char *path, struct arena *a, struct conf *ret, struct err *err)
{
    struct conf c = {.base_url = STR("http://localhost:8080"),
                     .listen = STR("127.0.0.1:8080"),
                     .access_log = STR("access.log"),
                     .error_log = STR("error.log"),
                     .cache_mb = 256,
                     .connections = 16384,
                     .connections_a_client = 256,
                     .second_roles = ROLE_PUBLISHER};
    CLEANUP(file_close) FILE *f = fopen(path, "re");
    if (!f && errno != ENOENT)
        return fail(err, ST_IO, "cannot read %s: %s", path, strerror(errno));
    struct reading r = {.file = f, .a = a, .c = &c, .err = err};
    int rc = f ? ini_parse_stream(next_line, &r, setting, &r) : 0;
    if (f && ferror(f))
        return fail(err, ST_IO, "cannot read %s: %s", path, strerror(errno));
    if (rc > 0 && (!r.st || rc < r.wrong_line))
        return fail(err, ST_INVALID, "site.conf: line %d: this isn't `name = value`", rc);
    if (r.st)
        return r.st;
    if (rc < 0)
        return fail(err, ST_NOMEM, "out of memory for %s", path);
    c.hosts[c.nhosts++] = host_of(c.base_url);
    enum status st = mail_whole(&c, a, err);
    if (st || a->oom)
        return st ? st : ST_NOMEM;
    *ret = c;
    return ST_OK;
}

enum status conf_listen(str listen, struct arena *a, const char **address, int *port,
                        struct err *err)
{
    size_t i = listen.n;
    i64 v;
    while (i && listen.p[i - 1] != ':')
        i--;
    str host = i ? str_head(listen, i - 1) : STR_NONE;
    if (host.n > 1 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = (str){host.p + 1, host.n - 2};
    if (!host.n || str_i64(str_from(listen, i), &v) || v < 0 || v > 65535)
        return fail(err, ST_INVALID,
                    "\"%.*s\" is no address to listen on; one looks like 127.0.0.1:8080",
                    FMT(listen));
    if (str_eq(host, STR("localhost")))
        host = STR("127.0.0.1");
    *address = arena_cstr(a, host);
    *port = (int)v;
    return ST_OK;
}
