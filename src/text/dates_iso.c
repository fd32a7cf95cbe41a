#include "text/dates_iso.h"

static bool number(str s, int *ret)
{
    i64 v;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    if (s.n == 0 || str_i64(s, &v))
        return false;
    *ret = (int)v;
    return true;
}

bool iso_date_read(str s, struct civil *ret)
{
    struct civil c = {0};
    if (s.n != 4 && s.n != 7 && s.n != 10)
        return false;
    if (!number(str_head(s, 4), &c.year))
        return false;
    if (s.n >= 7 && (s.p[4] != '-' || !number((str){s.p + 5, 2}, &c.month)))
        return false;
    if (s.n == 10 && (s.p[7] != '-' || !number((str){s.p + 8, 2}, &c.day)))
        return false;
    if (!civil_date_valid(c.year, s.n >= 7 ? c.month : 1, s.n == 10 ? c.day : 1))
        return false;
    if (ret)
        *ret = c;
    return true;
}
