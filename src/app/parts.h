/* app/parts.h: the inside of the running program, for this room alone. */
#ifndef APP_PARTS_H
#define APP_PARTS_H

#include <pthread.h>

#include "app/app.h"
#include "http/server.h"
#include "press/pages.h"
#include "site/routes.h"

struct app {
    struct site *site;
    struct log *log;
    struct writer *writer;
    struct cache *cache;
    struct blobs *blobs;
    struct intake intake;
    pthread_mutex_t theme_lock;
    struct theme *theme;
    pthread_key_t reader_key;
};

struct theme *app_theme(struct app *a); /* a reference */
struct db *app_reader(struct app *a, struct err *err);
struct finished *app_hit(struct app *a, const struct request *r);

/* --- lanes: a lane has its own threads and its own bounded queue --- */
struct lane;
MUST_USE enum status lane_start(struct app *a, int threads, size_t queue, struct lane **ret,
                                struct err *err);
/* ST_BUSY when the queue is full. */
MUST_USE enum status lane_take(struct lane *l, struct exchange *x);
void lane_stop(struct lane *l); /* what is queued is answered first */

/* --- the control socket --- */
struct control;
MUST_USE enum status control_start(struct app *a, struct control **ret, struct err *err);
void control_stop(struct control *c);

#endif
