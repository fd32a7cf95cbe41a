/* press/sheet.h: a page in the making: what every page shows, and the words and parts that several
 * kinds share.
 *
 * Ownership: everything in the view's arena. The model's keys and types: docs/theme.md.
 * Errors: the first one sticks (sheet->st) and surfaces at sheet_print, so that a model reads as a
 * list of lines. */
#ifndef PRESS_SHEET_H
#define PRESS_SHEET_H

#include "press/pages.h"
#include "store/newsroom.h"
#include "store/story.h"
#include "text/story.h"

struct sheet {
    struct view *v;
    struct arena *a;
    struct theme *theme;
    const struct locale *l;
    const struct edition *editions;
    size_t neditions;
    const struct edition *edition;
    str prefix; /* "" or "/ar" */
    const struct section *sections;
    size_t nsections;
    struct value_map *model;
    bool absolute; /* links and pictures by whole addresses: in a feed */
    str pictures;  /* of a preview: where the story's own pictures are for staff, before their keys;
                      else "" */
    enum status st;
    struct err *err;
};

/* Reads the newsroom's rows; edition: its slug, "" for the first. ST_NOTFOUND when there is none of
 * that name. */
MUST_USE enum status sheet_open(struct sheet *s, struct view *v, struct theme *theme,
                                const struct page_key *k, str edition);
/* Fills what the layout shows. path: the canonical one; title and description: for the head.
 * current: the section in the navigation, 0 for none. */
void sheet_common(struct sheet *s, str path, str title, str description, i64 current);
/* Renders template name to html. */
MUST_USE enum status sheet_print(struct sheet *s, const char *name, html *ret);

/* --- words --- */
str sheet_message(struct sheet *s, const char *key, const struct arg *args, size_t n);
html sheet_message_html(struct sheet *s, const char *key, const struct arg *args, size_t n);
#define MESSAGE(s, key, ...)                                                                       \
    sheet_message(s, key, (const struct arg[]){__VA_ARGS__},                                       \
                  sizeof((const struct arg[]){__VA_ARGS__}) / sizeof(struct arg))
#define MESSAGE_HTML(s, key, ...)                                                                  \
    sheet_message_html(s, key, (const struct arg[]){__VA_ARGS__},                                  \
                       sizeof((const struct arg[]){__VA_ARGS__}) / sizeof(struct arg))
str sheet_date(struct sheet *s, i64 ms, enum date_style style);
/* The time alone when ms is today in the edition's zone (true until midnight), else with its date.
 */
str sheet_moment(struct sheet *s, i64 ms);
/* A picture's or quote's date as written in files: day, month or year. */
str sheet_iso_date(struct sheet *s, str iso);
/* The page ceases to be true when the edition's day ends. */
void sheet_until_midnight(struct sheet *s);
/* "editor and publisher", of roles (newsroom/permissions.h). */
str sheet_roles(struct sheet *s, unsigned roles);
/* A name in its own language: <span lang dir> when it has one. */
html sheet_name(struct sheet *s, str name, str lang);

/* --- parts --- */
str sheet_absolute(struct sheet *s, str path);
/* path as this page's links have it: whole where the page is read elsewhere. */
str sheet_href(struct sheet *s, str path);
/* What an edition's language is called in hreflang: the language alone while it is the only edition
 * in it, else the whole tag. */
str sheet_language(struct sheet *s, const struct edition *e);
/* shown_ms: of the story that shows it; a picture taken over a year before is an archive picture.
 */
html sheet_credit(struct sheet *s, const struct credit *c, str licence, str taken, i64 shown_ms);
str sheet_label(struct sheet *s, str label);
/* A picture without what stands below it. */
struct value_map *sheet_image(struct sheet *s, str alt, str address, i64 width, i64 height);
struct value_map *sheet_picture(struct sheet *s, const struct picture_use *use, str address,
                                i64 width, i64 height, i64 shown_ms);
/* story: read as PART_CARD, or more. Its picture has no caption and no credit: card/ID doesn't
 * tell of them. */
struct value_map *sheet_card(struct sheet *s, const struct story *story);
/* story: read as PART_RELATED, or more. */
struct value_map *sheet_related(struct sheet *s, const struct story *story);
/* The lead picture's use that a story row carries; false when it has none. */
bool sheet_row_picture(struct sheet *s, const struct story *story, struct picture_use *ret);

#endif
