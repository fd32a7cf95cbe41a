#include "store/schema.h"

#include <stdio.h>
#include <unistd.h>

#include "store/schema_0001.h"

static const struct {
    int number;
    const char *const *sql;
} migrations[] = {
    {1, &schema_0001},
};

int schema_newest(void)
{
    return migrations[COUNT(migrations) - 1].number;
}

static enum status version_table(struct db *db, bool *ret, struct err *err)
{
    SQL(VERSION_TABLE, "",
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &VERSION_TABLE, err);
    enum status st = stmt_row(&q);
    if (st && st != ST_NOTFOUND)
        return st;
    *ret = st == ST_OK;
    return ST_OK;
}

static enum status version(struct db *db, i64 *ret, struct err *err)
{
    SQL(SCHEMA_VERSION, "", "SELECT MAX(number) FROM schema_version");
    bool there;
    enum status st = version_table(db, &there, err);
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
    SQL(BACKUP, "t", "VACUUM INTO $1");
    char to[4096];
    int n = snprintf(to, sizeof to, "%s.before-%d", path, number);
    if (n < 0 || (size_t)n >= sizeof to)
        return fail(err, ST_TOOLARGE, "the path %s is too long", path);
    unlink(to); /* of an earlier try that did not come to its end */
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &BACKUP, err);
    bind_str(&q, 1, str_c(to));
    return stmt_run(&q, NULL);
}

static enum status migrate(struct db *db, size_t i, struct err *err)
{
    SQL(SCHEMA_RECORD, "i", "INSERT INTO schema_version (number) VALUES ($1)");
    enum status st = db_script(db, "BEGIN IMMEDIATE", err);
    if (!st && i == 0)
        st = db_script(db, "CREATE TABLE schema_version (number I64 PRIMARY KEY) STRICT", err);
    st = st ? st : db_script(db, *migrations[i].sql, err);
    if (!st) {
        CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &SCHEMA_RECORD, err);
        bind_int(&q, 1, migrations[i].number);
        st = stmt_run(&q, NULL);
    }
    st = st ? st : db_script(db, "COMMIT", err);
    if (st && db_in_transaction(db)) {
        enum status undone = db_script(db, "ROLLBACK", NULL);
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

enum status schema_check(struct db *db, struct err *err)
{
    i64 have;
    enum status st = version(db, &have, err);
    if (st)
        return st;
    if (have > schema_newest())
        return newer(have, err);
    if (have < schema_newest())
        return fail(
            err, ST_CONFLICT,
            "the site has schema %lld and this Broadsheet needs %d: start it once to upgrade",
            (long long)have, schema_newest());
    return ST_OK;
}
