/* The desk within the running program: its lanes, its theme, its limits. */
#include "app/parts.h"
#include "base/guard.h"
#include "base/hash.h"

struct guest app_guest(const struct app *a, const struct request *r)
{
    struct address from = {{0}};
    if (address_read(r->client, &from) == ST_OK)
        from = address_network(from);
    return (struct guest){.network = siphash((str){(const char *)from.bytes, sizeof from.bytes}),
                          .browser = desk_browser(a->known, r->cookie)};
}

bool app_guest_holds(struct app *a, const struct request *r, struct arena *arena)
{
    struct err err = {0};
    struct db *db;
    enum status st = app_reader(a, &db, &err);
    st = st ? st : desk_browser_holds(db, r, arena, &err);
    if (st && st != ST_NOTFOUND)
        log_say(a->log, LOG_ERROR, "desk", "%s", err.text);
    return st == ST_OK || !GUARD(turns_browser_ended);
}

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
