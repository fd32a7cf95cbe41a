/* text/story.h: what one revision of a story says: the head's keys and the body. Bytes in, bytes
 * out.
 *
 * A struct story_content comes from a story file (text/story_file.h), from a revision's canonical
 * bytes, later from the desk; it knows nothing of states, numbers or who may do what (newsroom).
 * Empty strings and zero counts mean "not given". Times are ms since 1970 UTC, 0 when not given.
 * Ownership: strings in the arena it was made in. */
#ifndef TEXT_STORY_H
#define TEXT_STORY_H

#include "text/document.h"

enum story_kind { KIND_STORY, KIND_BACKGROUND, KIND_PAGE };
/* label: "", analysis, opinion, review, sponsored, reports */
enum change_kind { CHANGE_UPDATE, CHANGE_CLARIFICATION, CHANGE_CORRECTION, CHANGE_TYPO };

struct person_name {
    str name, lang, role; /* lang: BCP 47 or "" */
};

struct credit {
    str text; /* given as one string; then the rest is empty */
    str agency;
    struct person_name by;
};

/* A use of a picture: what this story says of it. ref: a kept picture's key; file: before it is
 * kept, relative to the story file. Exactly one of them is set. */
struct picture_use {
    str key, file;
    str caption, alt, licence;
    struct credit credit;
    str taken, received; /* YYYY, YYYY-MM or YYYY-MM-DD */
    int line;
};

enum { STORY_BYLINES = 16, STORY_TOPICS = 16, STORY_PICTURES = 64 };

struct story_content {
    str id, edition, section;
    enum story_kind kind;
    str headline, front, social, push;
    str label, standfirst, slug, dateline;
    i64 published, embargo;
    struct person_name *by;
    size_t nby;
    str *topics;
    size_t ntopics;
    str background;
    struct picture_use *picture; /* the lead, or NULL */
    struct picture_use *pictures;
    size_t npictures;
    str source, licence, translation_of;
    struct node *body;
};

/* The canonical bytes: JSON, keys sorted, no white space (RFC 8785); what is not given is left out.
 * Story files' order and spelling do not show. Pictures are written by key: every use has one by
 * then. */
void story_canonical(const struct story_content *s, struct out *o);
/* The same members within an object that the caller has begun (a story's .json): *first as in
 * text/json.h. */
void story_members(const struct story_content *s, struct out *o, bool *first);
/* Texts are views of json where they can be: it lives as long as they. */
MUST_USE enum status story_from_canonical(str json, struct arena *a, struct story_content *ret,
                                          struct err *err);
enum { STORY_FORMAT = 1 }; /* of the canonical bytes, kept with each revision */

/* For the typo rule: whether b changes a digit of any script, words in quotation marks, a name that
 * a records (bylines, credits, quote speakers) or its mention, a date, or the section or slug.
 * Whole fields count for digits: topics, alt texts, licences too. *what: which it was, for the
 * error. Takes time in proportion to the texts. */
bool story_typo_touches_fact(const struct story_content *a, const struct story_content *b,
                             struct arena *ar, str *what);

#endif
