/* The SQLite driver of store/db.h. */
#include "store/db.h"
#include "store/db_scrub.h"
#include "store/db_terms.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/guard.h"
#include "base/time.h"

enum {
    STATEMENTS = 256,
    BUSY_MS = 10000,
    ERASE_WAIT_MS = 200,
    TEXT_MAX = 16 << 10,
    BUDGET_STEPS = 64,  /* of SQLite's machine, between two looks at the clock: some us */
    BUDGET_LEAST = 256, /* looks before it can be spent: a small matter is done, however busy the
                           machine is */
};

struct prepared {
    const struct sql *sql;
    sqlite3_stmt *handle;
    bool in_use;
};

struct db {
    sqlite3 *handle;
    struct prepared cache[STATEMENTS]; /* open addressing by the statement's address */
    size_t prepared;
    i64 scan_steps, statements; /* since db_cost was last asked */
    i64 log_pages;
    struct db_kept kept;
    i64 ends_us, looks; /* of the budget */
    bool spent;
};

/* What is taken already is for the caller to tell; a row that breaks any other rule is our fault.
 */
static enum status broken_rule(int rc)
{
    return rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
                   rc == SQLITE_CONSTRAINT_ROWID
               ? ST_CONFLICT
               : ST_BUG;
}

static enum status status_of(int rc)
{
    switch (rc & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ST_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ST_BUSY;
    case SQLITE_NOMEM:
        return ST_NOMEM;
    case SQLITE_CONSTRAINT:
        return broken_rule(rc);
    default:
        return ST_IO;
    }
}

/* sql: the statement, or NULL; it helps who mends the program, and nobody else. */
static enum status say(struct err *err, sqlite3 *h, int rc, const char *what, const char *sql)
{
    enum status st = status_of(rc);
    const char *why = h ? sqlite3_errmsg(h) : sqlite3_errstr(rc);
    if (st == ST_CORRUPT)
        return fail(err, st, "the database is damaged: %s; restore a backup", why);
    if (sql && (st == ST_BUG || (rc & 0xFF) == SQLITE_ERROR))
        return fail(err, st, "%s: %s: %.200s", what, why, sql);
    return fail(err, st, "%s: %s", what, why);
}

/* ---- the dialect: words the driver supplies, $1 to ?1 ---- */

static const struct {
    str word, sqlite;
} words[] = {
    {STR("ID"), STR("INTEGER PRIMARY KEY")},
    {STR("I64"), STR("INTEGER")},
    {STR("BYTES"), STR("BLOB")},
    {STR("LOCK"), STR("")},
};

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

static str translate_word(str w)
{
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_eq(w, words[i].word))
            return words[i].sqlite;
    return w;
}

/* SQLite takes $1 for a named parameter numbered by first appearance, silently: so it never sees
 * one. */
static bool translate(const char *sql, char *buf, size_t cap)
{
    size_t w = 0;
    bool quoted = false;
    for (size_t i = 0; sql[i];) {
        char c = sql[i];
        str piece = {sql + i, 1};
        quoted ^= c == '\'';
        if (!quoted && letter(c)) {
            while (letter(sql[i + piece.n]))
                piece.n++;
            i += piece.n;
            piece = translate_word(piece);
        } else {
            i++;
            if (!quoted && c == '$')
                piece = STR("?");
        }
        if (w + piece.n + 1 > cap)
            return false;
        if (piece.n)
            memcpy(buf + w, piece.p, piece.n);
        w += piece.n;
    }
    buf[w] = '\0';
    return true;
}

/* ---- opening ---- */

/* SQLite answers with the mode it stays in, and calls that no error. */
static enum status write_ahead(struct db *db, const char *path, struct err *err)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode = WAL", -1, &q, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(q);
    const char *mode =
        rc == SQLITE_ROW ? (const char *)sqlite3_column_text(q, 0) : NULL; /* goes with q */
    enum status st = ST_OK;
    if (!mode)
        st = say(err, db->handle, rc, path, NULL);
    else if (strcmp(mode, "wal") != 0)
        st = fail(err, ST_IO,
                  "%s can't have a write-ahead log (it stays in mode %s): a site has to lie on a "
                  "disk of this machine, with no other program at its database",
                  path, mode);
    sqlite3_finalize(q);
    return st;
}

static enum status pragmas(struct db *db, const char *path, enum db_mode mode, struct err *err)
{
    static const char *const common = "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA "
                                      "temp_store = MEMORY; PRAGMA trusted_schema = OFF;";
    const char *more =
        mode == DB_WRITE
            ? "PRAGMA secure_delete = ON; PRAGMA cache_size = -8192;"
            : "PRAGMA cache_size = -2048; PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0;";
    int rc = sqlite3_exec(db->handle, common, NULL, NULL, NULL);
    if (rc == SQLITE_OK && mode == DB_WRITE) {
        enum status st = write_ahead(db, path, err);
        if (st)
            return st;
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db->handle, more, NULL, NULL, NULL);
    /* SQLite before 3.51.3 has a race when a reader resets the WAL: only the writer checkpoints */
    if (rc == SQLITE_OK && mode == DB_READ)
        rc = sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    return rc == SQLITE_OK ? ST_OK : say(err, db->handle, rc, path, NULL);
}

/* Nobody asks SQLite how much memory it has taken: counting it costs a lock at every allocation. */
static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int on_log(void *arg, sqlite3 *handle, const char *name, int pages)
{
    struct db *db = arg;
    (void)handle;
    (void)name;
    db->log_pages = pages;
    return SQLITE_OK;
}

/* Whether a reader can't read for want of writing: it has to write beside the database, were it
 * only to tell the writer what it reads. */
static bool shut(const struct db *db)
{
    int rc = sqlite3_exec(db->handle, "PRAGMA schema_version", NULL, NULL, NULL);
    return (rc & 0xFF) == SQLITE_READONLY || (rc & 0xFF) == SQLITE_CANTOPEN;
}

/* A new file is made here: SQLite would let everybody read it, and its log as well. */
static enum status make_unless_there(const char *path, struct err *err)
{
    if (path[0] == ':') /* no file: ":memory:" is a name of SQLite's own */
        return ST_OK;
    CLEANUP(fd_close) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    return fd < 0 && errno != EEXIST
               ? fail(err, ST_IO, "cannot write %s: %s", path, strerror(errno))
               : ST_OK;
}

/* is_shut: may be NULL; when it is set, nothing is opened and ST_IO given. */
static enum status open_at(const char *name, enum db_mode mode, bool *is_shut, struct db **ret,
                           struct err *err)
{
    enum status st =
        mode == DB_WRITE && GUARD(database_private) ? make_unless_there(name, err) : ST_OK;
    if (st)
        return st;
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        return fail(err, ST_NOMEM, "out of memory for a database connection");
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (mode == DB_WRITE)
        flags |= SQLITE_OPEN_CREATE;
    else if (!is_shut)
        flags |= SQLITE_OPEN_URI;
    int rc = sqlite3_open_v2(name, &db->handle, flags, NULL);
    st = rc == SQLITE_OK ? ST_OK : say(err, db->handle, rc, name, NULL);
    if (!st)
        sqlite3_busy_timeout(db->handle, BUSY_MS);
    if (!st && mode == DB_WRITE && sqlite3_db_readonly(db->handle, "main") == 1)
        st = fail(err, ST_IO, "%s can't be written to", name);
    if (!st && mode == DB_READ && is_shut && shut(db)) {
        *is_shut = true;
        st = ST_IO;
    }
    st = st ? st : pragmas(db, name, mode, err);
    if (!st && (rc = db_terms(db->handle)) != SQLITE_OK)
        st = say(err, db->handle, rc, "SQLite's full-text search (FTS5)", NULL);
    if (st) {
        db_close(db);
        return st;
    }
    if (mode == DB_WRITE) /* in place of SQLite's own, which checkpoints before COMMIT returns */
        sqlite3_wal_hook(db->handle, on_log, db);
    *ret = db;
    return ST_OK;
}

/* A database in a folder that can't be written: it is read as a file that doesn't change. Where a
 * log lies beside it SQLite reads that too, without writing; if it could not, what the log holds
 * would be missed. */
static enum status open_unchanging(const char *path, struct db **ret, struct err *err)
{
    char name[4096 * 3 + 32];
    struct stat s;
    size_t n = (size_t)snprintf(name, sizeof name, "%s-wal", path);
    if (n < sizeof name && stat(name, &s) == 0 && s.st_size > 0)
        return fail(err, ST_IO,
                    "%s can't be read where it can't be written, for changes wait in %s, "
                    "which can't be read: run this command once where the site can be written",
                    path, name);
    n = (size_t)snprintf(name, sizeof name, "file:%s", path[0] == '/' ? "//" : "");
    for (const char *p = path; *p && n + 3 < sizeof name - 16; p++) {
        bool plain = letter(*p) || *p == '/' || *p == '.' || *p == '-';
        n += (size_t)snprintf(name + n, 4, plain ? "%c" : "%%%02X", (u8)*p);
    }
    snprintf(name + n, sizeof name - n, "?immutable=1");
    return open_at(name, DB_READ, NULL, ret, err);
}

enum status db_open(const char *path, enum db_mode mode, struct db **ret, struct err *err)
{
    bool is_shut = false;
    enum status st = open_at(path, mode, &is_shut, ret, err);
    return is_shut ? open_unchanging(path, ret, err) : st;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(db->cache[i].handle);
    sqlite3_close_v2(db->handle);
    if (db->kept.thing)
        db->kept.end(db->kept.thing);
    free(db);
}

struct db_kept *db_kept(struct db *db)
{
    return &db->kept;
}

/* ---- statements ---- */

static struct prepared *slot(struct db *db, const struct sql *sql)
{
    size_t i = ((uintptr_t)sql / sizeof(struct sql)) % STATEMENTS;
    while (db->cache[i].sql && db->cache[i].sql != sql)
        i = (i + 1) % STATEMENTS;
    return &db->cache[i];
}

struct stmt db_prepare(struct db *db, const struct sql *sql, struct err *err)
{
    struct stmt q = {.db = db, .sql = sql, .err = err, .st = ST_OK};
    struct prepared *p = slot(db, sql);
    if (p->handle) {
        if (p->in_use) {
            q.st = fail(err, ST_BUG, "a statement is used while it is in use: %.80s", sql->text);
            return q;
        }
        p->in_use = true;
        q.handle = p->handle;
        return q;
    }
    char text[TEXT_MAX];
    if (db->prepared + 1 >= STATEMENTS || !translate(sql->text, text, sizeof text)) {
        q.st = fail(err, ST_BUG, "too many or too long statements: %.80s", sql->text);
        return q;
    }
    int rc = sqlite3_prepare_v3(db->handle, text, -1, SQLITE_PREPARE_PERSISTENT, &p->handle, NULL);
    if (rc != SQLITE_OK) {
        q.st = say(err, db->handle, rc, "the database", text);
        p->handle = NULL;
        return q;
    }
    p->sql = sql;
    p->in_use = true;
    db->prepared++;
    q.handle = p->handle;
    return q;
}

void stmt_reset(struct stmt *q)
{
    if (!q->handle)
        return;
    q->db->scan_steps += sqlite3_stmt_status(q->handle, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
    q->db->statements++;
    sqlite3_reset(q->handle);
    sqlite3_clear_bindings(q->handle);
    slot(q->db, q->sql)->in_use = false;
    q->handle = NULL;
}

/* Whether parameter at is of the kind its statement declares. */
static bool declared(struct stmt *q, int at, char kind)
{
    if (q->st)
        return false;
    if (at < 1 || (size_t)at > strlen(q->sql->params) || q->sql->params[at - 1] != kind) {
        q->st = fail(q->err, ST_BUG, "parameter %d isn't declared as '%c': %.80s", at, kind,
                     q->sql->text);
        return false;
    }
    return true;
}

static void bound(struct stmt *q, int rc)
{
    if (rc != SQLITE_OK && !q->st)
        q->st = say(q->err, q->db->handle, rc, "cannot bind", q->sql->text);
}

void bind_int(struct stmt *q, int at, i64 v)
{
    if (declared(q, at, 'i'))
        bound(q, sqlite3_bind_int64(q->handle, at, v));
}

void bind_str(struct stmt *q, int at, str v)
{
    if (!declared(q, at, 't'))
        return;
    if (GUARD(no_nul_in_rows) && v.n && memchr(v.p, '\0', v.n)) {
        q->st = fail(q->err, ST_INVALID, "text can't hold U+0000");
        return;
    }
    bound(q,
          sqlite3_bind_text64(q->handle, at, v.n ? v.p : "", v.n, SQLITE_TRANSIENT, SQLITE_UTF8));
}

void bind_bytes(struct stmt *q, int at, str v)
{
    if (declared(q, at, 'b'))
        bound(q, sqlite3_bind_blob64(q->handle, at, v.n ? v.p : "", v.n, SQLITE_TRANSIENT));
}

enum status stmt_row(struct stmt *q)
{
    if (q->st)
        return q->st;
    int rc = sqlite3_step(q->handle);
    if (rc == SQLITE_ROW)
        return ST_OK;
    if (rc == SQLITE_DONE)
        return ST_NOTFOUND;
    q->st = say(q->err, q->db->handle, rc, "the database", q->sql->text);
    return q->st;
}

enum status stmt_run(struct stmt *q, i64 *changed)
{
    enum status st;
    while ((st = stmt_row(q)) == ST_OK)
        ;
    if (st != ST_NOTFOUND)
        return st;
    if (changed)
        *changed = sqlite3_changes64(q->db->handle);
    return ST_OK;
}

i64 col_int(const struct stmt *q, int at)
{
    return sqlite3_column_int64(q->handle, at);
}

str col_str(const struct stmt *q, int at, struct arena *a)
{
    const void *p = sqlite3_column_blob(q->handle, at);
    int n = sqlite3_column_bytes(q->handle, at);
    return p && n > 0 ? arena_str(a, (str){p, (size_t)n}) : STR_NONE;
}

bool col_null(const struct stmt *q, int at)
{
    return sqlite3_column_type(q->handle, at) == SQLITE_NULL;
}

enum status db_script(struct db *db, const char *sql, struct err *err)
{
    size_t cap = strlen(sql) * 2 + 1024;
    CLEANUP(mem_free) char *text = malloc(cap);
    if (!text || !translate(sql, text, cap))
        return fail(err, ST_NOMEM, "out of memory for a script");
    char *words_of = NULL;
    int rc = sqlite3_exec(db->handle, text, NULL, NULL, &words_of);
    if (rc == SQLITE_OK)
        return ST_OK;
    enum status st = say(err, db->handle, rc, "the database refuses", NULL);
    if (words_of && st != ST_CORRUPT)
        st = fail(err, st, "the database refuses: %s", words_of);
    sqlite3_free(words_of);
    return st;
}

/* ---- transactions ---- */

static enum status run(struct db *db, const struct sql *sql, struct err *err)
{
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, sql, err);
    return stmt_run(&q, NULL);
}

enum status db_begin_read(struct db *db, struct err *err)
{
    SQL(BEGIN_READ, "", "BEGIN");
    return run(db, &BEGIN_READ, err);
}

enum status db_begin_write(struct db *db, struct err *err)
{
    SQL(BEGIN_WRITE, "", "BEGIN IMMEDIATE");
    return run(db, &BEGIN_WRITE, err);
}

enum status db_commit(struct db *db, struct err *err)
{
    SQL(COMMIT_ALL, "", "COMMIT");
    return run(db, &COMMIT_ALL, err);
}

enum status db_rollback(struct db *db, struct err *err)
{
    SQL(ROLLBACK_ALL, "", "ROLLBACK");
    return run(db, &ROLLBACK_ALL, err);
}

enum status db_savepoint(struct db *db, struct err *err)
{
    SQL(ONE_BEGIN, "", "SAVEPOINT one");
    return run(db, &ONE_BEGIN, err);
}

enum status db_savepoint_rollback(struct db *db, struct err *err)
{
    SQL(ONE_ROLLBACK, "", "ROLLBACK TO one");
    return run(db, &ONE_ROLLBACK, err);
}

enum status db_savepoint_release(struct db *db, struct err *err)
{
    SQL(ONE_END, "", "RELEASE one");
    return run(db, &ONE_END, err);
}

bool db_in_transaction(struct db *db)
{
    return sqlite3_get_autocommit(db->handle) == 0;
}

/* ---- the rest ---- */

enum status db_has_table(struct db *db, const char *name, bool *ret, struct err *err)
{
    SQL(HAS_TABLE, "t", "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1");
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &HAS_TABLE, err);
    bind_str(&q, 1, str_c(name));
    enum status st = stmt_row(&q);
    if (st && st != ST_NOTFOUND)
        return st;
    *ret = st == ST_OK;
    return ST_OK;
}

static int look_at_clock(void *arg)
{
    struct db *db = arg;
    db->spent = ++db->looks > BUDGET_LEAST && time_micros() >= db->ends_us;
    return db->spent;
}

void db_budget(struct db *db, i64 us)
{
    db->spent = false;
    db->looks = 0;
    db->ends_us = time_micros() + us;
    sqlite3_progress_handler(db->handle, us ? BUDGET_STEPS : 0, us ? look_at_clock : NULL, db);
}

bool db_spent(const struct db *db)
{
    return db->spent;
}

static int first_finding(void *arg, int n, char **values, char **names)
{
    char *buf = arg;
    (void)names;
    if (n > 0 && values[0] && strcmp(values[0], "ok") != 0 && buf[0] == '\0')
        snprintf(buf, 300, "%s%s%s", values[0],
                 n > 1 && values[2] ? " refers to a missing row of " : "",
                 n > 1 && values[2] ? values[2] : "");
    return 0;
}

enum status db_integrity(struct db *db, struct err *err)
{
    char found[300] = "";
    int rc = sqlite3_exec(db->handle, "PRAGMA integrity_check(1)", first_finding, found, NULL);
    if (rc == SQLITE_OK && !found[0])
        rc = sqlite3_exec(db->handle, "PRAGMA foreign_key_check", first_finding, found, NULL);
    if (rc != SQLITE_OK)
        return say(err, db->handle, rc, "cannot check the database", NULL);
    for (char *p = found; *p; p++)
        if (*p == '\n') /* "*** in database main ***" has a line of its own */
            *p = ' ';
    return found[0] ? fail(err, ST_CORRUPT, "the database is damaged: %s; restore a backup", found)
                    : ST_OK;
}

i64 db_log_pages(const struct db *db)
{
    return db->log_pages;
}

void db_checkpoint(struct db *db)
{
    int left = 0;
    sqlite3_wal_checkpoint_v2(db->handle, "main", SQLITE_CHECKPOINT_PASSIVE, &left, NULL);
    db->log_pages = 0;
}

void db_checkpoint_last(struct db *db)
{
    /* failing is no loss: what is in the log is as safe there */
    sqlite3_wal_checkpoint_v2(db->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    db->log_pages = 0;
}

bool db_checkpoint_erase(struct db *db)
{
    sqlite3_busy_timeout(db->handle, ERASE_WAIT_MS); /* nobody can write while it waits */
    int rc = sqlite3_wal_checkpoint_v2(db->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    db->log_pages = 0;
    return rc == SQLITE_OK && (!GUARD(destroyed_pages) || db_scrub(db->handle));
}

/* The file is made here: SQLite would let everybody read it. */
static enum status make_private(const char *path, struct err *err)
{
    CLEANUP(fd_close) int fd = file_fresh(path);
    return fd < 0 ? fail(err, ST_IO, "cannot write %s: %s", path, strerror(errno)) : ST_OK;
}

enum status db_backup(const char *from, const char *to, struct err *err)
{
    CLEANUP(db_cleanup) struct db *source = NULL;
    sqlite3 *copy = NULL;
    enum status st = db_open(from, DB_READ, &source, err);
    st = st ? st : make_private(to, err);
    if (st)
        return st;
    int rc = sqlite3_open_v2(to, &copy, SQLITE_OPEN_READWRITE, NULL);
    sqlite3_backup *b =
        rc == SQLITE_OK ? sqlite3_backup_init(copy, "main", source->handle, "main") : NULL;
    if (b) {
        /* in one step: one read transaction, which holds up no writer */
        int step = sqlite3_backup_step(b, -1);
        rc = sqlite3_backup_finish(b);
        if (rc == SQLITE_OK && step != SQLITE_DONE) /* busy and locked are no errors to finish */
            rc = step;
    } else if (rc == SQLITE_OK) {
        rc = sqlite3_errcode(copy);
    }
    st = rc == SQLITE_OK ? ST_OK : say(err, copy, rc, to, NULL);
    sqlite3_close(copy);
    return st;
}

enum status db_copy(struct db *db, const char *to, struct err *err)
{
    SQL(COPY_INTO, "t", "VACUUM INTO $1");
    enum status st = make_private(to, err); /* an empty file may be there */
    if (st)
        return st;
    CLEANUP(stmt_reset) struct stmt q = db_prepare(db, &COPY_INTO, err);
    bind_str(&q, 1, str_c(to));
    st = stmt_run(&q, NULL);
    if (!st && (file_sync(to) || file_sync_folder_of(to)))
        st = fail(err, ST_IO, "cannot write %s: %s", to, strerror(errno));
    return st;
}

struct db_cost db_cost(struct db *db)
{
    struct db_cost cost = {.scan_steps = db->scan_steps, .statements = db->statements};
    int now = 0, high = 0;
    db->scan_steps = db->statements = 0;
    if (sqlite3_db_status(db->handle, SQLITE_DBSTATUS_CACHE_HIT, &now, &high, 1) == SQLITE_OK)
        cost.pages += now;
    if (sqlite3_db_status(db->handle, SQLITE_DBSTATUS_CACHE_MISS, &now, &high, 1) == SQLITE_OK)
        cost.pages += now;
    return cost;
}
