#include "store/schema.h"

#include <stdio.h>

#include "store/schema_0001.h"
#include "store/schema_0002.h"
#include "store/schema_0003.h"
#include "store/schema_0004.h"
#include "store/schema_0005.h"
#include "store/schema_0006.h"
#include "store/schema_0007.h"
#include "store/schema_0008.h"
#include "store/schema_0009.h"
#include "store/schema_0010.h"
#include "store/schema_0011.h"
#include "store/schema_0012.h"
#include "store/schema_0013.h"

static const struct {
    int number;
    const char *const *sql;
} migrations[] = {
    {1, &schema_0001},  {2, &schema_0002},  {3, &schema_0003},  {4, &schema_0004},
    {5, &schema_0005},  {6, &schema_0006},  {7, &schema_0007},  {8, &schema_0008},
    {9, &schema_0009},  {10, &schema_0010}, {11, &schema_0011}, {12, &schema_0012},
    {13, &schema_0013},
};

int schema_newest(void)
{
    return migrations[COUNT(migrations) - 1].number;
}

static enum status version(struct db *db, i64 *ret, struct err *err)
{
    SQL(SCHEMA_VERSION, "", "SELECT MAX(number) FROM schema_version");
    bool there;
    enum status st = db_has_table(db, "schema_version", &there, err);
    if (st || !there) {
        if (!st)
            *ret = 0;
        return st;
    }
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &SCHEMA_VERSION, err);
    st = stmt_row(&q);
    if (!st)
        *ret = col_int(&q, 0);
    return st;
}

static enum status newer(i64 have, struct err *err)
{
    return fail(err, ST_CONFLICT,
                "the site was written by a newer Broadsheet (schema %lld, this one knows %d): use "
                "that program",
                (long long)have, schema_newest());
}

static enum status backup(struct db *db, const char *path, int number, struct err *err)
{
    char to[4096];
    int n = snprintf(to, sizeof to, "%s.before-%d", path, number);
    if (n < 0 || (size_t)n >= sizeof to)
        return fail(err, ST_TOOLARGE, "the path %s is too long", path);
    return db_copy(db, to, err); /* over that of an earlier try which did not come to its end */
}

static enum status migrate(struct db *db, size_t i, struct err *err)
{
    SQL(SCHEMA_RECORD, "i", "INSERT INTO schema_version (number) VALUES ($1)");
    enum status st = db_begin_write(db, err);
    if (!st && i == 0)
        st = db_script(db, "CREATE TABLE schema_version (number I64 PRIMARY KEY) STRICT", err);
    st = st ? st : db_script(db, *migrations[i].sql, err);
    if (!st) {
        CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &SCHEMA_RECORD, err);
        bind_int(&q, 1, migrations[i].number);
        st = stmt_run(&q, NULL);
    }
    st = st ? st : db_commit(db, err);
    if (st && db_in_transaction(db)) {
        enum status undone = db_rollback(db, NULL);
        (void)undone; /* closing the connection does the same */
    }
    return st;
}

enum status schema_open(struct db *db, const char *path, struct err *err)
{
    i64 have;
    enum status st = version(db, &have, err);
    if (!st && have > schema_newest())
        return newer(have, err);
    if (!st && have > 0 && have < schema_newest())
        st = backup(db, path, (int)have + 1, err);
    for (size_t i = 0; !st && i < COUNT(migrations); i++)
        if (migrations[i].number > have)
            st = migrate(db, i, err);
    return st;
}

static enum status empty(const char *path, struct err *err)
{
    return fail(err, ST_CORRUPT,
                "%s holds no site: restore a backup, or remove the file and make a site with "
                "broadsheet init",
                path);
}

enum status schema_upgrade(struct db *db, const char *path, struct err *err)
{
    i64 have;
    enum status st = version(db, &have, err);
    if (!st && have == 0)
        return empty(path, err);
    return st ? st : schema_open(db, path, err);
}

enum status schema_check(struct db *db, const char *path, struct err *err)
{
    i64 have;
    enum status st = version(db, &have, err);
    if (st)
        return st;
    if (have == 0)
        return empty(path, err);
    if (have > schema_newest())
        return newer(have, err);
    if (have < schema_newest())
        return fail(
            err, ST_CONFLICT,
            "the site has schema %lld and this Broadsheet needs %d: start it once to upgrade",
            (long long)have, schema_newest());
    return ST_OK;
}
