/* text/merge_parts.h: what the files behind text/merge.h share; nobody else includes it.
 *
 * diff.c: words, and how two runs of them differ. merge_match.c: which block of one document is
 * which of another. merge_order.c: where blocks stand. merge_words.c: three versions of a run of
 * words. merge.c: the whole, as a tree of parts. merge_show.c: the parts in reading order, for a
 * person. merge_build.c: the document that comes of them and of what was picked.
 *
 * Ownership: everything in the arena of struct words; texts are views of what came in.
 * Threads: one at a time. */
#ifndef TEXT_MERGE_PARTS_H
#define TEXT_MERGE_PARTS_H

#include <unicode/ubrk.h>

#include "text/merge.h"

/* ---- words (diff.c) ---- */

enum token_kind { TOKEN_WORD, TOKEN_SIGN, TOKEN_BLANK, TOKEN_BREAK, TOKEN_BLOCK };
enum { PARTS_WORDS = 0 }; /* the id of every blank, line break and beginning of a block */

struct token {
    const char *p;
    u32 n;
    u32 id; /* equal for equal texts; PARTS_WORDS for all that parts words, whatever it is: so that
               a paragraph split in two differs from itself in nothing but one such token */
    enum token_kind kind;
    const struct node *from; /* the text it is of, the line break, or the block that begins; NULL in
                                plain text */
};
struct tokens {
    const struct token *at;
    size_t n;
};
struct token_list {
    struct token *at;
    size_t n, cap;
};

/* A text that was seen, by its id. The rest is used, and left as 0, by whoever counts. */
struct word {
    str text;
    u64 hash;
    u32 count[2], at[2];
    u32 postings;
};
struct words {
    struct arena *a;
    UBreakIterator *breaks;
    UText *source;
    struct word *word;
    size_t nword, cap;
    u32 *slot; /* a hash table of ids */
    size_t nslot;
};
/* One for a merge; CLEANUP(words_close). */
MUST_USE enum status words_open(struct arena *a, struct words *ret);
void words_close(struct words *w);
/* Appends the tokens of text. */
MUST_USE enum status words_split(struct words *w, str text, const struct node *from,
                                 struct token_list *list);
/* Appends the tokens of what stands in n: a paragraph, crosshead, cell or code. */
MUST_USE enum status words_of_inline(struct words *w, const struct node *n,
                                     struct token_list *list);
struct tokens token_view(const struct token_list *list);
/* From i on, n of them. */
struct tokens token_cut(struct tokens t, size_t i, size_t n);
/* The same in a document: text, marks, address; for a block its kind and level. */
bool token_same(const struct token *a, const struct token *b);
bool tokens_same(struct tokens a, struct tokens b);
/* Their text in the arena: a line break and a new block are a newline. */
MUST_USE enum status tokens_text(struct arena *a, struct tokens t, str *ret);

/* to[i] is where a's token i stands in b, -1 when it doesn't; rising. Of a.n. Tokens of one id
 * stand for each other: whether marks differ is for the caller. */
MUST_USE enum status tokens_align(struct words *w, struct tokens a, struct tokens b, int32_t *to);
/* diff_words of tokens. */
MUST_USE enum status tokens_diff(struct words *w, struct tokens a, struct tokens b,
                                 struct diff_piece **ret, size_t *n);

/* ---- blocks (merge_match.c) ---- */

enum version { BASE, MINE, THEIRS, VERSIONS };

struct block {
    const struct node *node;
    u64 hash;
    size_t weight; /* bytes of text, for telling which of two was moved */
    struct group *group;
    struct block *next; /* of the same group and version */
    u32 *bag;           /* the ids of its words, sorted, once asked for */
    size_t nbag;
    bool bagged;
};
struct blocks {
    struct block *at;
    size_t n;
};
/* Blocks that are one, or were split or joined by somebody: of each version none, one or several.
 */
struct group {
    struct block *first[VERSIONS], *last[VERSIONS];
    enum merge_by placed; /* whose order it stands in; BY_NOBODY: where it was */
    enum merge_by moved;
    bool moved_in[VERSIONS]; /* moved by that version */
    bool listed;
    struct group *after; /* in the merged order */
};
struct grouping {
    struct blocks side[VERSIONS];
    struct group *first; /* in the merged order, linked by after */
};

bool node_same(const struct node *a, const struct node *b);
bool node_same_attrs(const struct node *a, const struct node *b);
/* Of a group's blocks of one version, each behind a token that begins it. */
MUST_USE enum status words_of_blocks(struct words *w, const struct block *b, struct tokens *ret);

/* Groups and orders the children of up to three nodes; theirs NULL: two versions are compared. */
MUST_USE enum status blocks_group(struct words *w, const struct node *base, const struct node *mine,
                                  const struct node *theirs, struct grouping *ret);
/* merge_order.c: sets placed, moved, after and ret->first. all: every group. */
MUST_USE enum status groups_order(struct arena *a, struct group *all, size_t n, struct grouping *g);

/* ---- parts ---- */

struct nodes {
    const struct node **at;
    size_t n;
};

enum pick_kind { PICKS_WORDS, PICKS_BLOCKS, PICKS_ATTR };
/* One choice: what each version has at its place. */
struct pick {
    enum pick_kind kind;
    enum node_kind in; /* what kind of node holds it */
    size_t number;
    struct tokens words[VERSIONS];
    struct nodes blocks[VERSIONS];
    str attr[VERSIONS];
    size_t offset;          /* of the attribute, in struct node */
    struct pick *next;      /* of the same node's attributes */
    struct pick *following; /* in reading order */
};

/* A run of words: whose they are, or a choice. */
struct seg {
    enum merge_by by;
    bool gone;
    struct tokens words;
    struct pick *pick; /* NULL unless by is BY_CHOICE */
    struct seg *next;
};

enum part_kind {
    PART_WHOLE, /* nodes as they are */
    PART_FLOW,  /* words: paragraphs and crossheads, or what stands in a cell or in code */
    PART_BOX,   /* a node that holds parts */
    PART_PICK   /* whole blocks to choose from */
};
struct part {
    enum part_kind kind;
    enum merge_by by; /* of a box: who changed its attributes */
    enum merge_by moved;
    bool gone;
    struct nodes
        whole;         /* PART_WHOLE; in a flow or box that one alone changed: what it made of it */
    struct node shell; /* PART_BOX, and PART_FLOW of a cell or code (else its kind is NODE_DOC) */
    struct pick *attrs; /* of the shell, to be chosen */
    struct seg *segs;
    struct pick *pick;
    struct part *first, *next;
};

/* merge_words.c: three versions of a run of words. */
MUST_USE enum status words_merge(struct words *w, const struct tokens version[VERSIONS],
                                 enum node_kind in, struct seg **ret);
/* What of two versions only by changed. */
MUST_USE enum status words_compare(struct words *w, struct tokens old, struct tokens now,
                                   enum merge_by by, struct seg **ret);

struct merge {
    struct arena *a;
    bool plain; /* of texts: parts is one flow */
    struct part *parts;
    struct merge_choice *choices;
    size_t nchoices;
    struct merge_piece *pieces;
    size_t npieces;
};

/* merge_show.c: numbers the choices, fills choices and pieces. */
MUST_USE enum status merge_show(struct merge *m);
/* "— speaker, role, venue, date", what there is of it. */
str quote_attribution(const struct node *n, struct arena *a);

/* merge_build.c */
/* What stands for a choice: the tokens of a pick, mine and theirs with a blank between. */
MUST_USE enum status pick_tokens(const struct pick *p, enum merge_pick how, struct arena *a,
                                 struct tokens *ret);
/* One alternative as Markdown. */
MUST_USE enum status pick_markdown(const struct pick *p, enum version v, struct arena *a, str *ret);

#endif
