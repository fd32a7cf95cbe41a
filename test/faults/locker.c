/* Holds the write lock of a database from outside, for a test: locker SITE.DB SECONDS */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    sqlite3 *db;
    if (argc != 3 || sqlite3_open(argv[1], &db) ||
        sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL))
        return 3;
    puts("locked");
    fflush(stdout);
    sleep((unsigned)strtoul(argv[2], NULL, 10));
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return sqlite3_close(db) != SQLITE_OK;
}
