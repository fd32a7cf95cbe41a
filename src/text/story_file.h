/* text/story_file.h: the story file: CommonMark with a YAML head (docs/story-file.md), and back.
 *
 * Limits: file 1 MiB, head 64 KiB, body 256 KiB; YAML aliases, tags and duplicate keys are refused;
 * unknown keys are an error naming the line and the nearest known key. Errors read "line N: what
 * was expected"; the caller puts the file's name before it. */
#ifndef TEXT_STORY_FILE_H
#define TEXT_STORY_FILE_H

#include "text/story.h"

enum { STORY_FILE_BYTES = 1 << 20, STORY_HEAD_BYTES = 64 << 10 };

/* Which head keys a file carries: "what a file has no key for is kept from the live revision", and
 * a key with nothing in it (`label:`, `picture: null`, `topics: []`) takes back what was there,
 * where that can be left out. */
#define HEAD_LIST(X)                                                                               \
    X(ID, "id")                                                                                    \
    X(REVISION, "revision")                                                                        \
    X(EDITION, "edition")                                                                          \
    X(SECTION, "section")                                                                          \
    X(KIND, "kind")                                                                                \
    X(HEADLINE, "headline")                                                                        \
    X(HEADLINES, "headlines")                                                                      \
    X(LABEL, "label")                                                                              \
    X(STANDFIRST, "standfirst")                                                                    \
    X(SLUG, "slug") X(DATELINE, "dateline") X(PUBLISHED, "published") X(EMBARGO, "embargo")        \
        X(BY, "by") X(TOPICS, "topics") X(BACKGROUND, "background") X(PICTURE, "picture")          \
            X(PICTURES, "pictures") X(SOURCE, "source") X(LICENCE, "licence")                      \
                X(TRANSLATION_OF, "translation-of") X(CHANGE, "change")                            \
                    X(CORRECTION, "correction")
enum head_key {
#define X(k, name) HEAD_##k,
    HEAD_LIST(X)
#undef X
        HEAD_KEYS
};

struct story_file {
    struct story_content story;
    u64 has;             /* bit per head_key */
    int line[HEAD_KEYS]; /* where each key stands */
    int body_line;       /* where the body begins */
    i64 revision;        /* 0 when not given */
    enum change_kind change;
    str correction;
};
#define STORY_FILE_HAS(f, KEY) (((f)->has >> HEAD_##KEY) & 1)

MUST_USE enum status story_file_read(str bytes, struct arena *a, struct story_file *ret,
                                     struct err *err);
/* Writes s as a story file with pictures by key and `revision: N` (export). Reading it gives the
 * same content. */
void story_file_write(const struct story_content *s, i64 revision, struct out *o);

#endif
