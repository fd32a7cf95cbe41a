/* app/parts.h: the inside of the running program, for this room alone. */
#ifndef APP_PARTS_H
#define APP_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "app/app.h"
#include "app/turns.h"
#include "desk/desk.h"
#include "http/server.h"
#include "press/pages.h"
#include "site/routes.h"

/* The statuses for which the edge needs a page before anybody can print one. */
#define EDGE_ERRORS(X) X(400) X(403) X(405) X(411) X(413) X(414) X(421) X(500) X(503)
enum {
#define X(status) EDGE_ERROR_##status,
    EDGE_ERRORS(X)
#undef X
        EDGE_ERROR_COUNT
};

enum { PAGE_ARENA = 64 << 20, ERRORS_HEARD = 1024 };

/* keys: by their keyed hash; one in 2^64 that is another's prints the page once too often. */
struct error_page {
    struct finished *page;
    u64 *keys;
    size_t nkeys;
    i64 until;
};

struct app {
    struct site *site;
    struct log *log;
    struct writer *writer;
    struct cache *cache;
    struct blobs *blobs;
    struct intake intake;
    struct sign_in_limits *limits;
    struct presence *presence; /* at the desk */
    struct known *known;       /* likewise */
    pthread_mutex_t theme_lock;
    struct theme *theme, *theme_before; /* pages of the one before still name its assets */
    pthread_mutex_t errors_lock, errors_print;
    struct error_page errors[EDGE_ERROR_COUNT];
    bool errors_printing; /* with errors_lock, like heard: keys of events since it began */
    u64 heard[ERRORS_HEARD];
    size_t nheard;
    atomic_bool errors_wanted, errors_old;
    _Atomic i64 errors_until; /* when the first of them ceases to be true */
    pthread_key_t reader_key;
};

struct theme *app_theme(struct app *a); /* a reference */
static inline void theme_cleanup(struct theme **t)
{
    theme_release(*t);
}
/* This thread's connection for reading, made when it is first needed. */
MUST_USE enum status app_reader(struct app *a, struct db **ret, struct err *err);
/* Answers r now, or later through w (then the reply has status 0): see cache_ask. */
struct reply app_ask(struct app *a, const struct request *r, struct arena *arena,
                     struct cache_waiter *w);
/* Who asks, as far as it can be told without waiting: a network, and a browser that was seen to be
 * known. Whether that still holds is asked of the database before it is of use. */
struct guest app_guest(const struct app *a, const struct request *r);
bool app_guest_holds(struct app *a, const struct request *r, struct arena *arena);
/* What staff get, at /desk/; nothing of it is shared. */
struct reply app_desk(struct app *a, const struct request *r, struct arena *arena);
struct finished *app_hit(struct app *a, const struct request *r);
/* Whether the theme has messages for every edition. */
MUST_USE enum status app_check_theme(struct app *a, struct err *err);
/* The page for an error, a reference; NULL when it isn't printed. Never waits for a database. */
struct finished *app_error(struct app *a, int status);
/* Prints the pages of errors, and from now on again whenever what they show changes. */
void app_errors_print(struct app *a);
/* Prints them again if they have to be: every second, and before the answer to a change of
 * what every page shows. */
void app_errors_renew(struct app *a);
void app_errors_hear(struct app *a, const struct event *e);
void error_page_free(struct error_page *p);

/* --- mail (app/mail.c) --- */
struct mailer;
/* By site.conf; not started yet. ST_INVALID, ST_IO: the password's file, with words. */
MUST_USE enum status app_mailer(struct app *a, struct mailer **ret, struct err *err);

/* --- lanes: a lane has its own threads and its own bounded queue --- */
struct lane;
MUST_USE enum status lane_start(struct app *a, int threads, size_t queue, struct lane **ret,
                                struct err *err);
/* One whose requests are the desk's and take turns (app/turns.h). */
MUST_USE enum status lane_start_fair(struct app *a, int threads, size_t strangers, size_t browsers,
                                     struct lane **ret, struct err *err);
/* arrived: the newest event applied when the request came. ST_BUSY when the queue is full. In a
 * fair lane another request may be answered so in its stead. */
MUST_USE enum status lane_take(struct lane *l, struct exchange *x, i64 arrived);
void lane_stop(struct lane *l); /* what is queued is answered first */

/* --- the control socket --- */
struct control;
MUST_USE enum status control_start(struct app *a, struct control **ret, struct err *err);
void control_stop(struct control *c);

#endif
