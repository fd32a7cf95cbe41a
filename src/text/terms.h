/* text/terms.h: a text as the terms that it is found by, in any script.
 *
 * Words as ICU breaks them (UAX 29; by dictionary where a script has no blanks: Thai, Chinese,
 * Japanese ...), each in one form: case folded and of one width (NFKC_Casefold), stemmed as its
 * language is (Snowball; languages it hasn't are left as they are), without the marks that people
 * leave out when they look for something: accents of Latin, Greek and Cyrillic letters, vowel signs
 * of Arabic and Hebrew; not where a language has them as letters of their own (Swedish ä, Spanish
 * ñ, Russian й). Arabic's forms of alef, ya and ta marbuta are one; so are digits of any script.
 * French, Catalan and Italian words that are elided stand apart ("l'eau": "l", "eau"). Punctuation,
 * blanks and symbols are no terms.
 *
 * What is kept and what is looked for have to be split alike, in the same language: another version
 * of ICU or Snowball may split otherwise.
 *
 * Ownership: terms in the arena given. Units: at and n are bytes of the text given. Limits: of a
 * word the first 64 UTF-16 units count, of a term 128 bytes. Errors: ST_INVALID for broken UTF-8,
 * ST_NOMEM. Threads: any. */
#ifndef TEXT_TERMS_H
#define TEXT_TERMS_H

#include "base/out.h"

struct term {
    str text;
    size_t at, n; /* the word it stands for; two terms of an elided word share it */
};

/* locale: BCP 47, of the text's language; "" for none: then nothing is stemmed. */
MUST_USE enum status terms_split(str text, str locale, struct arena *a, struct term **ret,
                                 size_t *n);
/* Only the terms' texts, parted by one blank. No term holds a blank, a control character or
 * punctuation but an apostrophe, a point and what else stands between letters or digits. */
MUST_USE enum status terms_join(str text, str locale, struct out *o);

#endif
