/* text/mustache_ops.h: compiled templates; shared by mustache.c and mustache_compile.c alone. */
#ifndef TEXT_MUSTACHE_OPS_H
#define TEXT_MUSTACHE_OPS_H

#include "text/mustache.h"

enum { PATH_PARTS = 8 };

struct path {
    struct map_key parts[PATH_PARTS];
    size_t n; /* 0: "." */
};

/* kind: 'T' literal text (in key), '=' variable, '&' unescaped, '#', '^', '>', '<', '$', '/' a
 * section's end */
struct op {
    char kind;
    bool alone;   /* it stood alone on its line */
    bool dynamic; /* {{>*name}}: the name comes from the model */
    int line;
    str key;
    struct path path;
    str indent;       /* what each line in its place is indented by: of '>', '<', '$' */
    str off;          /* of '$': what its own content is indented by */
    bool within_line; /* of '$': its first line's indentation is literal text */
    size_t end;       /* of a section: its '/' */
};

struct template
{
    str name;
    char *source; /* what ops point into */
    struct op *ops;
    size_t n;
};

struct mustache {
    struct template *list;
    size_t n, cap;
};

const struct template *template_find(const struct mustache *m, str name);
/* Takes indentation off each line of o from byte `at` on and puts another there, but for a first
 * line within a line. */
enum status mustache_reindent(struct arena *a, struct out *o, size_t at, str off, str on,
                              bool within_line);

#endif
