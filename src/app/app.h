/* app/app.h: the running program: joins routes, cache, writer, jobs, lanes, the control socket.
 *
 * app_open makes everything but sockets, so that pages are tested without them (app_handle);
 * app_serve adds HTTP and the control socket and returns when it is told to stop. Threads:
 * app_handle from any thread, with an arena of its own. */
#ifndef APP_APP_H
#define APP_APP_H

#include "app/site.h"
#include "base/log.h"
#include "http/request.h"
#include "newsroom/intake.h"
#include "press/cache.h"

struct app;

struct app_options {
    struct site *site; /* locked */
    struct log *log;   /* may be NULL */
    /* Told now and then how many stories of an older site can be found by now; may be NULL. */
    void (*findable)(size_t n);
    bool record_names; /* cache_conf's, for tests */
    void (*pause)(void *arg, const char *point);
    void *arg;
};
MUST_USE enum status app_open(const struct app_options *o, struct app **ret, struct err *err);
void app_close(struct app *a);

/* What a reader gets: a page's reply; its finished response is a reference the caller releases. */
struct reply app_handle(struct app *a, const struct request *r, struct arena *arena);
/* Renders past the cache: for comparing (the oracle test). */
MUST_USE enum status app_print(struct app *a, str path, str before, struct arena *arena,
                               struct finished **ret, struct err *err);
const struct intake *app_intake(const struct app *a);
struct writer *app_writer(const struct app *a);
struct cache *app_cache(const struct app *a);
/* SIGHUP: loads and checks the theme whole, with conf's base_url; any error: one line, the old one
 * stays. Pages are printed again before it returns. */
MUST_USE enum status app_reload(struct app *a, const struct conf *conf, struct err *err);

/* Where messages of mail become files, NULL where a server is named that takes them. */
const char *app_mailbox(const struct site *s);

/* Keeps SIGTERM, SIGINT and SIGHUP from every thread made from here on, so that only app_serve
 * takes them, however fast they come; to be called before log_start and app_open. */
void app_hold_signals(void);
/* Serves until SIGTERM or SIGINT; SIGHUP reloads. fd: bound by server_bind. ready is called once it
 * listens. */
MUST_USE enum status app_serve(struct app *a, int fd, int port, void (*ready)(void *arg), void *arg,
                               struct err *err);

#endif
