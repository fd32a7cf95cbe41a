/* Prints what a query gives, for a test: rows SITE.DB SQL. Fields are parted by tabs, bytes are in
 * hexadecimal. Reads alone, and checkpoints nothing. */
#include <sqlite3.h>
#include <stdio.h>

static void field(sqlite3_stmt *q, int i)
{
    const unsigned char *p = sqlite3_column_blob(q, i);
    int n = sqlite3_column_bytes(q, i);
    if (sqlite3_column_type(q, i) != SQLITE_BLOB)
        fwrite(sqlite3_column_text(q, i), 1, (size_t)n, stdout);
    else
        for (int k = 0; k < n; k++)
            printf("%02x", p[k]);
}

int main(int argc, char **argv)
{
    sqlite3 *db;
    sqlite3_stmt *q = NULL;
    int rc = argc == 3 ? sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL) : SQLITE_MISUSE;
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    if (rc == SQLITE_OK)
        sqlite3_busy_timeout(db, 10000);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db, argv[2], -1, &q, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(q); i++) {
            if (i)
                putchar('\t');
            if (sqlite3_column_type(q, i) != SQLITE_NULL)
                field(q, i);
        }
        putchar('\n');
        rc = SQLITE_OK;
    }
    if (rc != SQLITE_DONE) {
        fprintf(stderr, "rows: %s\n", sqlite3_errstr(rc));
        return 3;
    }
    sqlite3_finalize(q);
    return sqlite3_close(db) != SQLITE_OK;
}
