/* text/slug.h: addresses out of headlines and names. Slugs are [a-z0-9]+(-[a-z0-9]+)*, at most 80
 * bytes. */
#ifndef TEXT_SLUG_H
#define TEXT_SLUG_H

#include "base/arena.h"

enum { SLUG_MAX = 80, KEY_MAX = 100 };

/* Transliterated to ASCII by ICU (any script), lower case, cut at a word. ST_INVALID when nothing
 * is left: callers say what then ("story" for a headline; an error for a topic or byline). */
MUST_USE enum status slug_make(str text, struct arena *a, str *ret);
/* The address of a topic or a byline. Where letters of the name have none in ASCII (Khmer, Lao,
 * Tifinagh, Cherokee), their code points are the address: u1780-1781, or, when that is too long, u-
 * and a hash; the same name always makes the same one. ST_INVALID without letter or digit. */
MUST_USE enum status slug_of_name(str name, struct arena *a, str *ret);
bool slug_valid(str s);
/* A story's key: ASCII letters, digits, '-', '_', '.', first a letter or digit, at most 100 bytes.
 */
bool key_valid(str s);
/* Whether a section or an edition may not be called so (one const table, story-file "Addresses").
 */
bool slug_reserved(str s);
/* Whether s is text that every page and feed can hold: UTF-8 without control characters (but those
 * in `but`, such as "\n") and without code points that are no characters (U+FFFE and the like,
 * which no XML may hold: XML 1.0, production 2). *bad: the first wrong byte's index; may be NULL.
 */
bool text_clean(str s, const char *but, size_t *bad);
/* s in Unicode's form NFC, in which what looks the same is the same bytes. ST_INVALID for broken
 * UTF-8. */
MUST_USE enum status text_nfc(str s, struct arena *a, str *ret);
/* Whether the text has at least one letter or digit, in any script. */
bool text_has_word(str text);

#endif
