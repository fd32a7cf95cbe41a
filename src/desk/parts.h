/* desk/parts.h: one request at the desk on its way to its answer; the inside of this room. */
#ifndef DESK_PARTS_H
#define DESK_PARTS_H

#include "base/secret.h"
#include "desk/desk.h"
#include "http/form.h"
#include "newsroom/draft.h"
#include "press/pages.h"
#include "press/sheet.h"
#include "store/due.h"

/* COOKIE: browsers send one so called only over https, or to this machine, and to no other host. */
#define DESK_COOKIE    "__Host-desk"
#define BROWSER_COOKIE "__Host-desk-browser" /* a known browser's mark: newsroom/accounts.h */

struct ask {
    const struct desk *desk;
    const struct request *r;
    struct arena *a;
    struct db *db;
    struct view v; /* for reading; desk_done_reading ends it */
    struct sheet s;
    bool signed_in; /* session and account are somebody's; step may be any */
    struct session session;
    struct account account;
    struct actor actor;
    struct form form;        /* of a POST */
    str key, number, secret; /* from the path */
    struct err *err;
};

/* A handler gives its answer, or a status, for which there is a page. */
typedef enum status desk_fn(struct ask *x, struct reply *ret);

/* --- answers --- */
/* Ends the read transaction: before anything is written, and before Argon2. */
void desk_done_reading(struct ask *x);
/* A new view and a new sheet, after a write, for a page. */
MUST_USE enum status desk_read(struct ask *x);
/* The page of template name, with status. title: of the page. kind: the body's class. */
MUST_USE enum status desk_page(struct ask *x, int status, const char *name, const char *kind,
                               str title, struct reply *ret);
/* 303: what was asked is done, and here is where to go on. */
MUST_USE enum status desk_go(struct ask *x, str path, struct reply *ret);
/* A page that says one thing. */
MUST_USE enum status desk_words(struct ask *x, int status, str heading, str words,
                                struct reply *ret);
/* Set-Cookie for a session that begins, and for its browser's mark, where it has one. */
void desk_cookies(struct ask *x, const struct signed_in *in, struct reply *ret);
/* Takes the session's back; the browser stays known. */
void desk_cookie_ends(struct reply *ret);
/* An error for the person, on top of the page: a message's key, or words that stand in err. */
void desk_error(struct ask *x, str words);
/* What a sentence of the door, or a message's key (newsroom/accounts.h), says in the person's
 * language; field: which it is about, "" for none. */
str desk_refusal(struct ask *x, const char *field, str sentence);
/* The same of what stands in err, with its line. */
str desk_error_text(struct ask *x);

/* Too many tries: when the next one may be. */
str desk_wait(struct ask *x, i64 wait_ms);
/* A message without arguments. */
str desk_say(struct ask *x, const char *key);
/* The story that the path names, for whoever may see it; ST_NOTFOUND for all others. */
MUST_USE enum status desk_story(struct ask *x, struct draft *ret);
/* One choice of a field, and whether it is the chosen one: {value, words, chosen}. */
void desk_option(struct ask *x, struct value_list *list, str value, str words, str chosen);
/* The language and direction of what is written in an edition, whatever the desk's are. */
void desk_add_language(struct ask *x, str edition);
/* Whether their lists have others' stories too. */
bool desk_sees_all(const struct ask *x);
/* What the button that led here has done, as ?done= says it, if it is one of these n: the message
 * "done-NAME". */
void desk_done(struct ask *x, const char *const *known, size_t n);

/* An address of this site as it may have been copied: without what comes before its path. */
str desk_path_of(struct ask *x, str text);
/* The key of the story that is named by its key, or while it is live by its address; what was typed
 * where it names none. */
MUST_USE enum status desk_story_named(struct ask *x, str text, str *ret);
/* Where row `row` (from 0) of a list with places from 1 to most wants to stand: rows are put in the
 * order of this. A number smaller than its place puts it before who stands there, a greater one
 * after; what is no number leaves it where it is. */
i64 desk_place(str typed, size_t row, size_t most);

/* A table's rows, under the name that the template of tables has for them. */
struct value desk_lines(struct ask *x, const struct work *list, size_t n);

/* "/desk/story/KEY", and below it. */
str desk_story_path(struct ask *x, str key, const char *below);
/* How a moment is shown in the model, with its machine-readable form: {words, iso}. */
struct value_map *desk_moment(struct ask *x, i64 ms);
/* A datetime-local value in the edition's zone, and back; 0 for "". ST_INVALID for what is none. */
str desk_local(struct ask *x, i64 ms);
MUST_USE enum status desk_local_read(struct ask *x, str text, i64 *ret);

/* --- handlers --- */
desk_fn sign_in_page, sign_in_post, code_page, code_post, sign_out_post, link_page, link_post;
desk_fn set_up_page, set_up_post, forgotten_page, forgotten_post;
desk_fn stories_page, begin_page, begin_post, find_page;
desk_fn story_get, story_post, turn_post, here_page, picture_page, preview_page, preview_save,
    saves_page, saves_post, save_page;
desk_fn save_post, shared_page, shared_picture;
desk_fn account_page, account_post, password_post;
desk_fn fronts_page, front_get, front_post;
desk_fn site_pages, site_get, site_post, page_post;
desk_fn people_page, people_post, person_page, person_post, audit_page;
desk_fn published_page, published_post;
desk_fn removal_page, removal_post;

/* --- story.c: the editor's page --- */
bool story_may(struct ask *x, enum act act, const struct draft *d);
/* The fields of a content, as a browser would send them: story_form_write's, and the embargo in the
 * edition's zone. */
MUST_USE enum status story_fill_form(struct ask *x, const struct story_content *c,
                                     struct form *ret);
/* The page with what stands in x->form. */
MUST_USE enum status story_editor(struct ask *x, int status, const struct draft *d,
                                  struct reply *ret);

/* --- story_form.c: a story's content as fields of a form, and back --- */
/* Every field with its value, as a browser would send them. */
MUST_USE enum status story_form_write(const struct story_content *c, struct arena *a,
                                      struct form *ret);
/* The text comes as "document" (ProseMirror's JSON, from the editor with script) or, where that is
 * empty, as "body" (Markdown). was: what the fields don't show is kept from it. ST_INVALID with
 * "line N: ..." where N is the field's (DRAFT_LINE, DRAFT_LINE_BODY). */
MUST_USE enum status story_form_read(const struct form *f, const struct story_content *was,
                                     struct arena *a, struct story_content *ret, struct err *err);
/* The text as Markdown, of whichever field holds it; as typed where the document can't be read. */
str story_form_body(const struct form *f, struct arena *a);
/* What was typed in one of the two ways, in the other: JSON for Markdown, Markdown for JSON. Errors
 * as of story_form_read. */
struct turned {
    str text;
    bool document; /* JSON */
};
MUST_USE enum status story_form_turn(const struct form *f, const struct story_content *was,
                                     struct arena *a, struct turned *ret, struct err *err);
/* The field that an error's line is about, "" for none; *words: what follows. */
const char *story_form_field(str error, str *words);

/* --- story_notices.c, due.c, stories.c --- */
/* What stands above a story's form, into the model. */
MUST_USE enum status story_notices(struct ask *x, const struct draft *d);
/* The lines of what is due to whoever asks, each with its reasons: the first few, or as many as a
 * page holds. *more: there is more than that. */
MUST_USE enum status desk_due(struct ask *x, bool all, struct value_list **ret, bool *more);
/* That what a story translates was corrected, clarified or withdrawn, and when. */
str desk_told_words(struct ask *x, const struct due *d);
/* Why it couldn't go live at its minute. */
str desk_refused_words(struct ask *x, const struct due *d);
/* A story as lists show it. */
struct value_map *desk_line(struct ask *x, const struct work *w);
/* Whether lists hold others' stories too. */
bool desk_sees_all(const struct ask *x);

/* --- merge_view.c --- */
/* The page on which a person picks: everything that was typed goes with it. */
MUST_USE enum status merge_page(struct ask *x, const struct draft_saved *saved, struct reply *ret);
/* What was picked on it, in the order of the choices. */
MUST_USE enum status merge_picked(struct ask *x, enum merge_pick **ret, size_t *n);

#endif
