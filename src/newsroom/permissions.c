#include "newsroom/permissions.h"

#include "base/guard.h"
#include "base/out.h"

static const struct {
    unsigned bit;
    const char *name;
} roles[] = {
#define X(bit, name) {bit, name},
    ROLE_LIST(X)
#undef X
};

unsigned role_bit(str name)
{
    for (size_t i = 0; i < COUNT(roles); i++)
        if (str_eq(name, str_c(roles[i].name)))
            return roles[i].bit;
    return 0;
}

enum status roles_read(str list, unsigned *ret)
{
    unsigned found = 0;
    for (str rest = list, one; rest.p;) {
        rest = str_cut(rest, ',', &one);
        one = str_trim(one);
        if (one.n && !role_bit(one))
            return ST_INVALID;
        found |= role_bit(one);
    }
    if (!found)
        return ST_INVALID;
    *ret = found;
    return ST_OK;
}

str roles_text(unsigned set, struct arena *a)
{
    struct out o = out_make(a, 64, 256);
    for (size_t i = 0; i < COUNT(roles); i++)
        if (set & roles[i].bit)
            out_fmt(&o, "%s%s", o.n ? ", " : "", roles[i].name);
    return out_view(&o);
}

const char *act_name(enum act a)
{
    static const char *const names[] = {
#define X(a, name) name,
        ACT_LIST(X)
#undef X
    };
    return (size_t)a < COUNT(names) ? names[a] : "";
}

enum { STAFF = ROLES_ALL, DESK = ROLE_EDITOR | ROLE_PUBLISHER, WRITERS = DESK | ROLE_REPORTER };

/* Who may, by role: on any story (or on none, for acts that are about none), on one that is own or
 * shared, on one that they began. A zero denies. */
static const struct rule {
    unsigned any, theirs, begun;
    bool story;     /* is about a story */
    bool fresh;     /* only what was never public */
    bool changes;   /* a page of the newsroom is changed only by who may ACT_SITE as well */
    bool four_eyes; /* not on what one sent, where site.conf says so */
} rules[ACT_COUNT] = {
    [ACT_DESK] = {.any = STAFF},
    [ACT_BEGIN] = {.any = WRITERS},
    [ACT_SEE] = {.any = DESK, .theirs = WRITERS, .story = true},
    [ACT_WRITE] = {.any = DESK, .theirs = WRITERS, .story = true, .changes = true},
    [ACT_NOTE] = {.any = DESK, .theirs = WRITERS, .story = true},
    [ACT_SEND] = {.any = DESK, .theirs = WRITERS, .story = true, .changes = true},
    [ACT_ASSIGN] = {.any = DESK, .story = true, .changes = true},
    [ACT_APPROVE] = {.any = DESK, .story = true, .changes = true, .four_eyes = true},
    [ACT_SCHEDULE] = {.any = DESK, .story = true, .changes = true, .four_eyes = true},
    [ACT_PUBLISH] = {.any = DESK, .story = true, .changes = true, .four_eyes = true},
    [ACT_WITHDRAW] = {.any = DESK, .story = true, .changes = true},
    [ACT_RESTRICT] = {.any = ROLE_PUBLISHER, .story = true, .changes = true},
    [ACT_DESTROY] =
        {.any = ROLE_PUBLISHER, .begun = WRITERS, .story = true, .changes = true, .fresh = true},
    [ACT_FRONTS] = {.any = DESK},
    [ACT_ACCOUNTS] = {.any = ROLE_PUBLISHER},
    [ACT_AUDIT] = {.any = ROLE_PUBLISHER},
    [ACT_HOLD] = {.any = ROLE_PUBLISHER, .story = true},
    [ACT_EMBARGO] = {.any = ROLE_PUBLISHER, .story = true},
    [ACT_REMOVE] = {.any = ROLE_PUBLISHER, .story = true},
    [ACT_SITE] = {.any = ROLE_PUBLISHER},
};
static const struct rule none;

static unsigned who_may(const struct rule *r, const struct standing *s)
{
    unsigned may = r->any;
    if (s && (s->own || s->shared))
        may |= r->theirs;
    if (s && s->began)
        may |= r->begun;
    return may;
}

bool permitted(const struct actor *who, enum act act, const struct standing *s, bool four_eyes)
{
    const struct rule *r = (size_t)act < COUNT(rules) ? &rules[act] : &none;
    if (s && s->restricted && !s->named && GUARD(restricted_hidden))
        return false;
    if (four_eyes && r->four_eyes && s && s->sent && GUARD(four_eyes))
        return false;
    if (s && s->page && r->changes && !(who->roles & rules[ACT_SITE].any) && GUARD(page_permitted))
        return false;
    if (r->story && (!s || (r->fresh && s->live)))
        return false;
    return !GUARD(role_denied) || (who->account && (who->roles & who_may(r, s)));
}
