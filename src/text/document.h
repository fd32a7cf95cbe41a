/* text/document.h: a story's body: JSON in ProseMirror's document form, checked against our schema.
 *
 * Everything readers see is rendered from this tree, never from stored markup. Every way in
 * (Markdown, JSON, later the desk) ends in document_check, which holds the schema and the limits:
 * an unknown node, mark or attribute is an error that names its place. Limits: 256 KiB as JSON or
 * Markdown, 5,000 nodes, 32 levels, 4,000 bytes an address. What has no form in a story file has
 * none here: text has no blank at a block's or a mark's edge, neighbours with the same marks are
 * one, a paragraph that holds only a story: link is a related card, only a bare URL a link card. An
 * insertion's text has its brackets: runs of "[...]" that hold no other bracket. Ownership: the
 * tree lives in the arena it was made in. */
#ifndef TEXT_DOCUMENT_H
#define TEXT_DOCUMENT_H

#include "base/out.h"

enum {
    DOCUMENT_BYTES = 256 << 10,
    DOCUMENT_NODES = 5000,
    DOCUMENT_LINES = 5000,
    DOCUMENT_DEPTH = 32,
    DOCUMENT_ADDRESS = 4000 /* of one link */
};

/* name in JSON; what it holds: b = blocks, i = inline, t = plain text only, r = rows, c = cells, l
 * = list items, - = nothing */
#define NODE_LIST(X)                                                                               \
    X(NODE_DOC, "doc", 'b')                                                                        \
    X(NODE_PARAGRAPH, "paragraph", 'i')                                                            \
    X(NODE_CROSSHEAD, "crosshead", 'i') /* attr level 2 or 3 */                                    \
    X(NODE_QUOTE, "quote", 'b')         /* paragraphs; attrs speaker, role, venue, date */         \
    X(NODE_PICTURE, "picture",                                                                     \
      '-') /* attr ref: a picture's key, or a file name before it is kept */                       \
    X(NODE_RELATED, "related", '-') /* attrs key (a story's), text (shown while it is not live) */ \
    X(NODE_BULLETS, "bullet_list", 'l')                                                            \
    X(NODE_NUMBERS, "ordered_list", 'l') /* attr start */                                          \
    X(NODE_ITEM, "list_item", 'b')                                                                 \
    X(NODE_TABLE, "table", 'r') /* first row is the head */                                        \
    X(NODE_ROW, "table_row", 'c')                                                                  \
    X(NODE_CELL, "table_cell", 'i')    /* attr align: "", left, center, right */                   \
    X(NODE_CODE, "code_block", 't')    /* attr language */                                         \
    X(NODE_LINKCARD, "link_card", '-') /* attr href */                                             \
    X(NODE_BREAK, "hard_break", '-')                                                               \
    X(NODE_TEXT, "text", '-')

enum node_kind {
#define X(k, name, holds) k,
    NODE_LIST(X)
#undef X
        NODE_KINDS
};

/* Marks of a text node, as bits; written in this order in JSON. */
enum mark { MARK_LINK = 1, MARK_STRONG = 2, MARK_EMPHASIS = 4, MARK_CODE = 8, MARK_INSERTION = 16 };

struct node {
    enum node_kind kind;
    struct node *first, *next; /* children in order; the next sibling */
    int line;                  /* in the story file, 0 when unknown; not part of the document */
    union {
        struct {
            str text;
            unsigned marks;
            str href; /* with MARK_LINK: http, https, mailto, tel or story:KEY */
        } t;
        struct {
            int level;
        } crosshead;
        struct {
            str speaker, role, venue, date; /* date: YYYY, YYYY-MM or YYYY-MM-DD */
        } quote;
        struct {
            str ref;
            str caption, credit; /* a story file's shorthand; not part of the document:
                                    text/story_file.h moves them */
        } picture;
        struct {
            str key, text;
        } related;
        struct {
            int start;
        } numbers;
        struct {
            str align;
        } cell;
        struct {
            str language;
        } code;
        struct {
            str href;
        } linkcard;
    };
};

const char *node_name(enum node_kind k);
char node_holds(enum node_kind k);
/* An address that alone in a paragraph is a link card: http or https, no blank, bracket, quotation
 * mark or backslash. */
bool url_bare(str s);

/* The one check: schema, limits, allowed URLs, text without control characters. Errors name the
 * place as a path such as "body, block 3, item 2" and the line where known. */
MUST_USE enum status document_check(const struct node *doc, struct err *err);

/* From and to JSON (canonical: keys sorted, no white space, RFC 8785). Reading runs
 * document_check; texts are views of the source where they can be. */
struct json;
MUST_USE enum status document_from_json(const struct json *json, struct arena *a, struct node **ret,
                                        struct err *err);
MUST_USE enum status document_read(str json, struct arena *a, struct node **ret, struct err *err);
void document_write(const struct node *doc, struct out *o);

/* From Markdown (text/markdown_read.c, by md4c) as docs/story-file.md says; first_line: of the body
 * in its file. Runs document_check. Errors: "line N: ...". Back to Markdown so that reading it
 * again gives the same document, byte for byte as JSON. */
MUST_USE enum status document_from_markdown(str body, int first_line, struct arena *a,
                                            struct node **ret, struct err *err);
void document_to_markdown(const struct node *doc, struct out *o);
/* What Markdown must be before md4c is asked: at most 256 KiB, and 5,000 lines without an empty one
 * (for a bracket or a tag that is never closed it looks through all lines of its paragraph). */
MUST_USE enum status markdown_limits(str body, int first_line, struct err *err);

/* The text of a node and what is below it, blocks parted by one newline. For checks and for .txt.
 */
void document_plain(const struct node *n, struct out *o);

/* Calls see for each node, parents first; stops when it returns false. */
typedef bool node_fn(void *arg, const struct node *n);
void document_walk(const struct node *doc, node_fn *see, void *arg);

#endif
