#include "http/request.h"

str request_query(const struct request *r, str name)
{
    for (size_t i = 0; i < r->nquery; i++)
        if (str_eq(r->query[i].name, name))
            return r->query[i].value;
    return STR_NONE;
}

static str without_blanks(str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = (str){s.p + 1, s.n - 1};
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

str request_cookie(const struct request *r, str name)
{
    for (str rest = r->cookie, pair; rest.p;) {
        str have;
        rest = str_cut(rest, ';', &pair);
        str value = str_cut(pair, '=', &have);
        if (value.p && str_eq(without_blanks(have), name))
            return without_blanks(value);
    }
    return STR_NONE;
}
