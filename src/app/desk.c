/* The desk within the running program: its lanes, its theme, its limits. */
#include "app/parts.h"

struct reply app_desk(struct app *a, const struct request *r, struct arena *arena)
{
    struct err err = {0};
    struct db *db;
    enum status st = app_reader(a, &db, &err);
    if (st) {
        log_say(a->log, LOG_ERROR, "desk", "%s", err.text);
        return (struct reply){.status = status_http(st) == 503 ? 503 : 500};
    }
    CLEANUP(theme_cleanup) struct theme *theme = app_theme(a);
    struct removal_site removals = {.writer = a->writer, .dir = a->site->dir, .log = a->log};
    struct desk desk = {.intake = &a->intake,
                        .removals = &removals,
                        .limits = a->limits,
                        .presence = a->presence,
                        .known = a->known,
                        .theme = theme,
                        .second_roles = a->site->conf.second_roles,
                        .four_eyes = a->site->conf.four_eyes};
    struct reply reply = desk_handle(&desk, db, r, arena, &err);
    if (reply.status >= 500 && !reply.body.n)
        log_say(a->log, LOG_ERROR, "desk", "%.*s: %s", FMT(r->path), err.text);
    return reply;
}
