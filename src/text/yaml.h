/* text/yaml.h: a small checked tree over libyaml, which only this room names.
 *
 * Refused, each with its line: aliases, anchors, tags, duplicate keys, several documents, more than
 * 32 levels, more than 20,000 nodes, more than 500 keys in one map (each is compared with all
 * before it), broken UTF-8, control characters. Scalars stay text (of null: the empty one): what
 * they mean is the reader's to say. Ownership: the tree in the arena. */
#ifndef TEXT_YAML_H
#define TEXT_YAML_H

#include "base/out.h"

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };
struct yaml {
    enum yaml_kind kind;
    int line;
    str key;  /* of a map's entry */
    str text; /* of a scalar */
    bool
        null; /* a scalar that says nothing: no text at all, or null or ~ without quotation marks */
    struct yaml *first, *next;
};

/* first_line: of bytes within its file. An empty document is an empty map. */
MUST_USE enum status yaml_read(str bytes, int first_line, struct arena *a, struct yaml *ret,
                               struct err *err);
const struct yaml *yaml_get(const struct yaml *map, const char *key);
/* A scalar as it has to be written to be read as this text again: bare where that is safe, else in
 * double quotes. */
void yaml_put(struct out *o, str text);
/* The known word nearest to what was written, for "did you mean"; "" when none is near. */
str nearest_word(str word, const char *const *known, size_t n);

#endif
