/* text/merge.h: two people's changes to one story, joined; and two texts compared by words.
 *
 * A merge has a base, which both began from, and two results of it. What one alone changed is
 * taken; what both changed alike is taken once; where both changed the same words differently a
 * choice stands, and a person makes it. Blocks (paragraphs, crossheads, quotes, pictures ...) are
 * told apart by what they say, so that one that was moved by one person and reworded by the other
 * ends where the first put it, in the words of the second; a block split or joined by one keeps the
 * other's changes where their words went. Every word that either added stands in the result or in a
 * choice, and none that both left alone is gone.
 *
 * Words are Unicode's (UAX 29, by ICU), with blanks and punctuation as words of their own; a word's
 * marks (strong, a link) belong to it: changing them is changing the word. A choice is as small as
 * the words that both changed, but three neighbouring words that one changed are a phrase, and go
 * together. What has no words and was changed by both is mine's: where a block that both moved
 * stands, a crosshead's level, a list's kind and first number, a column's alignment; of a blank, a
 * line break and a new paragraph in one place the later in this row stands.
 *
 * A block that one took out and the other only moved is gone; one that the other changed is a
 * choice. Half a block that both cut out and put into different blocks stands twice.
 *
 * Ownership: everything in the arena; documents and texts that came in must outlive it. It takes
 * about 5 MiB for ordinary changes of a long story, and MERGE_BYTES at most: for the longest body
 * that there may be, in words of one letter.
 * Errors: ST_NOMEM when the arena is full. ST_TOOLARGE only from merge_document, when both versions
 * together have more than 5,000 parts: other picks may fit. ST_BUG when the result is out of form.
 * Threads: any; one merge, one thread at a time.
 * Time: in proportion to the words times those that changed, with a bound: texts too different to
 * be compared in it (a story rewritten whole) are one change each. */
#ifndef TEXT_MERGE_H
#define TEXT_MERGE_H

#include "text/document.h"

enum { MERGE_BYTES = 160 << 20 };

/* --- comparing --- */
enum diff_kind { DIFF_SAME, DIFF_GONE, DIFF_NEW };
struct diff_piece {
    enum diff_kind kind;
    str text;
};
/* a and b by words, in reading order, neighbours of one kind joined. Joining SAME and GONE gives a,
 * SAME and NEW gives b. */
MUST_USE enum status diff_words(str a, str b, struct arena *ar, struct diff_piece **ret, size_t *n);

/* Two documents block by block. Of a block that both have, pieces say how its words differ; moved:
 * it stands elsewhere in the order. */
struct diff_block {
    enum diff_kind kind;
    bool moved;
    const struct node *block;  /* of b, or of a where it is gone */
    struct diff_piece *pieces; /* of its plain text; NULL where it has none */
    size_t npieces;
};
MUST_USE enum status diff_documents(const struct node *a, const struct node *b, struct arena *ar,
                                    struct diff_block **ret, size_t *n);

/* --- merging --- */
/* One place where both changed the same. Texts are Markdown for a body, plain for a field and for a
 * quote's attribution; "" where that version has nothing. */
struct merge_choice {
    size_t number; /* from 0, in reading order */
    str base, mine, theirs;
    bool block; /* whole blocks, not words within one */
};
enum merge_pick { PICK_NONE, PICK_MINE, PICK_THEIRS, PICK_BOTH /* mine, then theirs */ };

/* How the merge came about, for a person to look at: in reading order. */
enum merge_by { BY_NOBODY, BY_ME, BY_THEM, BY_BOTH, BY_CHOICE };
struct merge_piece {
    enum merge_by by;
    bool gone;           /* the words were taken out by whom */
    bool begins;         /* a new block begins here: */
    enum node_kind kind; /*   what it is */
    enum merge_by moved; /*   by whom it was moved; 0: by nobody */
    size_t choice;       /* with BY_CHOICE */
    str text;            /* plain; of a block without words its Markdown; of a choice what stands
                            without a pick */
};

struct merge; /* opaque */
/* Documents that have passed document_check. */
MUST_USE enum status merge_documents(const struct node *base, const struct node *mine,
                                     const struct node *theirs, struct arena *a,
                                     struct merge **ret);
/* Single-line or multi-line plain text. */
MUST_USE enum status merge_texts(str base, str mine, str theirs, struct arena *a,
                                 struct merge **ret);
size_t merge_choices(const struct merge *m, const struct merge_choice **ret);
size_t merge_pieces(const struct merge *m, const struct merge_piece **ret);
/* The result with a pick for each choice (npicks of them; PICK_NONE, or too few: mine, then theirs,
 * so that nothing is lost; of a quote's speaker, role, venue or date mine alone, since there is
 * one). The document passes document_check; it shares nodes' texts with what was merged. */
MUST_USE enum status merge_document(const struct merge *m, const enum merge_pick *picks,
                                    size_t npicks, struct arena *a, struct node **ret);
MUST_USE enum status merge_text(const struct merge *m, const enum merge_pick *picks, size_t npicks,
                                struct arena *a, str *ret);

#endif
