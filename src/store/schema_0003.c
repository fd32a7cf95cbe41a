/* The third schema: people who work here, and what they work on. */
#include "store/schema_0003.h"

const char *const schema_0003 =
    /* One e-mail, one account. email: folded, as store/account.h says. roles: bits of
       newsroom/permissions.h. password: libsodium's string for Argon2id, "" for none yet. totp: the
       secret of the second factor, empty for none; totp_step: the last step that was used, so that
       a code works once. signins: how often it has signed in with a password. edition: whose
       language the desk speaks to it, "" for the first's. */
    "CREATE TABLE account (id ID, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, roles I64 NOT "
    "NULL, password TEXT NOT NULL, totp BYTES NOT NULL, totp_step I64 NOT NULL, signins I64 NOT "
    "NULL, edition TEXT NOT NULL, created_ms I64 NOT NULL) STRICT;"
    "CREATE TABLE recovery (account I64 NOT NULL REFERENCES account (id), hash BYTES NOT NULL,"
    " PRIMARY KEY (account, hash)) STRICT;"
    /* id: to name it by, at the desk. hash: SHA-256 of the cookie's value. form: what its forms'
       tokens are made from. step: 0 signed in, 1 the second factor is still to come, 2 it has to be
       set up first. */
    "CREATE TABLE session (id ID, hash BYTES NOT NULL UNIQUE, account I64 NOT NULL REFERENCES "
    "account (id), form BYTES NOT NULL, step I64 NOT NULL, created_ms I64 NOT NULL, seen_ms I64 "
    "NOT NULL, ends_ms I64 NOT NULL, client TEXT NOT NULL, agent TEXT NOT NULL) STRICT;"
    "CREATE INDEX session_account ON session (account, id);"
    "CREATE INDEX session_ends ON session (ends_ms);"
    /* A link that works once. kind: newsroom/accounts.h. account: 0 for one that makes its account;
       then email and roles say which. */
    "CREATE TABLE one_time (hash BYTES PRIMARY KEY, kind I64 NOT NULL, account I64 NOT NULL, email "
    "TEXT NOT NULL, roles I64 NOT NULL, ends_ms I64 NOT NULL) STRICT;"
    "CREATE INDEX one_time_ends ON one_time (ends_ms);"
    /* Who did what. account: 0 for the command line, or somebody who couldn't sign in. about: an
       account's e-mail or a story's key, which never has an '@', by kind. */
    "CREATE TABLE audit (id ID, at I64 NOT NULL, account I64 NOT NULL, kind I64 NOT NULL, about "
    "TEXT NOT NULL, words TEXT NOT NULL, client TEXT NOT NULL) STRICT;"
    "CREATE INDEX audit_about ON audit (about, id);"

    /* What the desk works on: one row for every story, public or not. key: the story's. state: of
       newsroom/draft.h, for what stands beside the live text. public: 0 never live, 1 live, 2
       withdrawn. save: the number of the newest save, 0 for none; base: the revision it was made
       from, 0 for none; approved: the save that was approved, by whom; scheduled: the save that the
       schedule holds, or held when it went live. author: who began it, 0 for what came as a
       file. */
    "CREATE TABLE work (id ID, key TEXT NOT NULL UNIQUE, edition TEXT NOT NULL,"
    " section TEXT NOT NULL, headline TEXT NOT NULL, kind I64 NOT NULL, state I64 NOT NULL,"
    " public I64 NOT NULL, save I64 NOT NULL, base I64 NOT NULL, author I64 NOT NULL,"
    " assignee I64 NOT NULL, deadline_ms I64 NOT NULL, due_ms I64 NOT NULL, words I64 NOT NULL,"
    " touched_ms I64 NOT NULL, touched_by I64 NOT NULL, sent_by I64 NOT NULL,"
    " approved I64 NOT NULL, approved_by I64 NOT NULL, scheduled I64 NOT NULL,"
    " restricted I64 NOT NULL) STRICT;"
    "CREATE INDEX work_touched ON work (touched_ms, id);"
    "CREATE INDEX work_state ON work (state, touched_ms, id);"
    "CREATE INDEX work_public ON work (public, touched_ms, id);"
    "CREATE INDEX work_edition ON work (edition, touched_ms, id);"
    "CREATE INDEX work_section ON work (edition, section, touched_ms, id);"
    /* what comes as a file has none of these */
    "CREATE INDEX work_author ON work (author, touched_ms, id) WHERE author > 0;"
    "CREATE INDEX work_assignee ON work (assignee, touched_ms, id) WHERE assignee > 0;"
    "CREATE INDEX work_due ON work (due_ms, id) WHERE due_ms > 0;"
    "CREATE INDEX work_deadline ON work (deadline_ms, id) WHERE deadline_ms > 0;"
    /* Every save is kept. parent: the save it was made from; merged: the save that stood in between
       and was merged in, 0 for none. */
    "CREATE TABLE save (work I64 NOT NULL REFERENCES work (id), number I64 NOT NULL,"
    " parent I64 NOT NULL, merged I64 NOT NULL, account I64 NOT NULL, at I64 NOT NULL,"
    " bytes TEXT NOT NULL, PRIMARY KEY (work, number)) STRICT;"
    /* Named people. kind: 0 it is shared with them, 1 it is restricted to them. */
    "CREATE TABLE work_person (work I64 NOT NULL REFERENCES work (id), kind I64 NOT NULL, account "
    "I64 NOT NULL REFERENCES account (id), PRIMARY KEY (work, kind, account)) STRICT;"
    "CREATE INDEX work_person_account ON work_person (account, kind, work);"
    "CREATE TABLE work_note (id ID, work I64 NOT NULL REFERENCES work (id), account I64 NOT NULL, "
    "at I64 NOT NULL, words TEXT NOT NULL) STRICT;"
    "CREATE INDEX work_note_work ON work_note (work, id);"

    /* What was published before the desk was there. */
    "INSERT INTO work (key, edition, section, headline, kind, state, public, save, base, author, "
    "assignee, deadline_ms, due_ms, words, touched_ms, touched_by, sent_by, approved, approved_by, "
    "scheduled, restricted) SELECT s.key, e.slug, COALESCE(c.slug, ''), s.headline, s.kind, CASE "
    "WHEN d.story IS NULL THEN 0 ELSE 4 END, s.state, 0, s.revision, 0, 0, 0, COALESCE(d.due, 0), "
    "0, "
    "COALESCE((SELECT MAX(r.at) FROM revision r WHERE r.story = s.id), d.at, 0), 0, 0, 0, 0, 0, 0 "
    "FROM story s JOIN edition e ON e.id = s.edition LEFT JOIN section c ON c.id = s.section "
    "LEFT JOIN scheduled d ON d.story = s.id;";
