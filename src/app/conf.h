/* app/conf.h: site.conf: how this site is run. Every setting with its default stands in the file
 * that init writes and in docs/operate.md. Unknown settings are an error that names the line. */
#ifndef APP_CONF_H
#define APP_CONF_H

#include "http/client.h"

enum { CONF_LIST = 32 };

struct conf {
    str base_url;         /* https://news.example, without a slash at its end */
    str listen;           /* 127.0.0.1:8080 */
    str hosts[CONF_LIST]; /* base_url's own included */
    size_t nhosts;
    struct network trusted[CONF_LIST];
    size_t ntrusted;
    enum forwarding forwarding;
    str access_log, error_log; /* paths below the site folder, or "-" */
    bool log_full_address;
    i64 cache_mb, connections, connections_a_client;
    unsigned second_roles; /* roles that need a second step at sign-in (newsroom/permissions.h) */
    bool four_eyes;        /* nobody approves what they have written */
    str smtp;              /* smtps://host:465 or smtp://host:587; "": messages become files */
    bool smtp_open;        /* its host is this machine: without TLS */
    str mail_from;         /* an address; by default broadsheet@ and base_url's host */
    str mail_user, mail_password_file; /* "": the server asks for none */
};

/* Reads path; a missing file is all defaults. Strings live in the arena. */
MUST_USE enum status conf_read(const char *path, struct arena *a, struct conf *ret,
                               struct err *err);
/* The file that init writes: every setting, commented out, with its default. */
extern const char conf_default[];
/* "HOST:PORT" or "[::1]:PORT" taken apart. */
MUST_USE enum status conf_listen(str listen, struct arena *a, const char **address, int *port,
                                 struct err *err);

#endif
