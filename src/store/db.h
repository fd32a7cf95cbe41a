/* store/db.h: one small interface to the database, with a driver per engine (db_sqlite.c).
 *
 * This room keeps everything that is kept, and holds the only SQL. It is not for deciding what may
 * happen (newsroom) nor for how things look (press). SQL is written in the dialect of
 * docs/architecture.md ("SQL for two engines") and tools/check-sql reads every statement.
 *
 * Ownership: a struct db is one connection; statements are prepared once a connection and belong to
 * it. Text and bytes read from a row are copied into the arena given. Errors: the first failure in
 * a statement sticks to it and surfaces at stmt_row/stmt_run; words are in err. Threads: one db per
 * thread; never share it. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/arena.h"
#include "base/clean.h"

struct db;

enum db_mode {
    DB_READ,  /* a reader: query_only, no checkpoints, none on close; also where nothing can be
                 written, as long as no change waits in the log */
    DB_WRITE, /* the writer: makes the file if need be, checkpoints */
};

/* path: the database file. ST_IO when it can't be opened, or not with a write-ahead log; ST_CORRUPT
 * when it isn't a database. No schema is made here: see store/schema.h. */
MUST_USE enum status db_open(const char *path, enum db_mode mode, struct db **ret, struct err *err);
void db_close(struct db *db); /* NULL is allowed */
static inline void db_cleanup(struct db **db)
{
    db_close(*db);
}

/* What one file of this room keeps with a connection from one transaction to the next; end(thing)
 * frees it when the connection closes. */
struct db_kept {
    void *thing; /* NULL at first */
    void (*end)(void *thing);
};
struct db_kept *db_kept(struct db *db);

/* A statement as it stands in the source: a static const beside the function that needs it. params
 * has one letter per parameter $1, $2, ...: i (i64), t (text), b (bytes). Words the driver
 * supplies: see tools/check-sql. */
struct sql {
    const char *text;
    const char *params;
};
#define SQL(name, params_, ...)                                                                    \
    static const struct sql name = {.text = __VA_ARGS__, .params = params_}

/* A prepared statement in use. Always CLEANUP(stmt_reset): an open statement holds a snapshot. */
struct stmt {
    struct db *db;
    void *handle;
    const struct sql *sql;
    enum status st;
    struct err *err;
};
struct stmt db_prepare(struct db *db, const struct sql *sql, struct err *err);
void stmt_reset(struct stmt *q);

/* Parameters count from 1. Text with U+0000 is refused with ST_INVALID. A str with p == NULL binds
 * "". */
void bind_int(struct stmt *q, int at, i64 v);
void bind_str(struct stmt *q, int at, str v);
void bind_bytes(struct stmt *q, int at, str v);

/* The next row: ST_OK when there is one, ST_NOTFOUND after the last, else what went wrong. */
MUST_USE enum status stmt_row(struct stmt *q);
/* Runs a statement to its end; rows are skipped. *changed (may be NULL): rows inserted, updated or
 * deleted. */
MUST_USE enum status stmt_run(struct stmt *q, i64 *changed);

/* Columns count from 0. NULL reads as 0 and "". */
i64 col_int(const struct stmt *q, int at);
str col_str(const struct stmt *q, int at, struct arena *a); /* also bytes */
bool col_null(const struct stmt *q, int at);

/* Runs a script of several statements, for schema/ only; each passes through the dialect's words.
 */
MUST_USE enum status db_script(struct db *db, const char *sql, struct err *err);

/* Transactions. A read one sees the moment of its first read; a write one holds off other writers
 * from the start (ST_BUSY after ten seconds of waiting). One savepoint may be open within: what
 * failed is undone alone by db_savepoint_rollback, and db_savepoint_release ends it either way. */
MUST_USE enum status db_begin_read(struct db *db, struct err *err);
MUST_USE enum status db_begin_write(struct db *db, struct err *err);
MUST_USE enum status db_commit(struct db *db, struct err *err);
MUST_USE enum status db_rollback(struct db *db, struct err *err);
MUST_USE enum status db_savepoint(struct db *db, struct err *err);
MUST_USE enum status db_savepoint_rollback(struct db *db, struct err *err);
MUST_USE enum status db_savepoint_release(struct db *db, struct err *err);
/* Whether a transaction is open: the engine may have ended one by itself (a full disk). */
bool db_in_transaction(struct db *db);

MUST_USE enum status db_has_table(struct db *db, const char *name, bool *ret, struct err *err);
/* From now on statements end after so many microseconds, with an error, and db_spent says that this
 * was why; rows that came before are good. What takes some ms of work is done whole, however long a
 * busy machine takes for it. 0: they take as long as they take, again. */
void db_budget(struct db *db, i64 us);
bool db_spent(const struct db *db);

/* Integrity of the file (PRAGMA integrity_check, foreign_key_check): ST_CORRUPT with the first
 * finding. */
MUST_USE enum status db_integrity(struct db *db, struct err *err);

/* The writer's part (docs/architecture.md, "The store"): how many pages the log holds since the
 * last checkpoint, and a checkpoint of what no reader needs any more; failing is no loss, the log
 * keeps all of it. */
i64 db_log_pages(const struct db *db);
void db_checkpoint(struct db *db);
/* All of it, and the log is cut to nothing; then what rows that were moved have left in unused
 * parts of pages is overwritten (what a transaction removes is so at once). So no byte of what was
 * removed stays. Between transactions; false when somebody reads, and it has to be tried again. */
bool db_checkpoint_erase(struct db *db);
/* All of it, at the end: the log is left empty unless somebody still reads. */
void db_checkpoint_last(struct db *db);

/* Copies the database at `from`, as it is at one moment and whoever writes meanwhile, to a new file
 * that its owner alone can read. What stood at `to` is removed. */
MUST_USE enum status db_backup(const char *from, const char *to, struct err *err);
/* The same of an open connection, and synced, file and folder, before it returns. */
MUST_USE enum status db_copy(struct db *db, const char *to, struct err *err);

/* For measuring: pages touched (hits + misses), full-scan steps and statements run since the last
 * call. */
struct db_cost {
    i64 pages, scan_steps, statements;
};
struct db_cost db_cost(struct db *db);

#endif
