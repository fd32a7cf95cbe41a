#include "http/negotiate.h"

/* The q-value in thousandths; 1000 when there is none. */
static int quality(str params)
{
    for (str rest = params, one; rest.p;) {
        rest = str_cut(rest, ';', &one);
        one = str_trim(one);
        if (!str_starts(one, STR("q=")) && !str_starts(one, STR("Q=")))
            continue;
        str v = str_from(one, 2);
        int q = v.n && v.p[0] == '1' ? 1000 : 0, weight = 100;
        for (size_t i = 2; q == 0 && i < v.n && i < 5; i++, weight /= 10)
            if (v.p[i] >= '0' && v.p[i] <= '9')
                q += (v.p[i] - '0') * weight;
        return q;
    }
    return 1000;
}

enum coding coding_for(str header, const struct finished *f)
{
    static const str names[CODINGS] = {{"identity", 8}, {"gzip", 4}, {"br", 2}};
    int q[CODINGS] = {1, 0, 0}, star = -1;
    bool named[CODINGS] = {false};
    for (str rest = header, one; rest.p && header.n;) {
        rest = str_cut(rest, ',', &one);
        str name, params = str_cut(one, ';', &name);
        name = str_trim(name);
        for (int i = 0; i < CODINGS; i++)
            if (str_eq_fold(name, names[i]) ||
                (i == CODING_GZIP && str_eq_fold(name, STR("x-gzip")))) {
                q[i] = quality(params);
                named[i] = true;
            }
        if (str_eq(name, STR("*")))
            star = quality(params);
    }
    enum coding best = CODING_IDENTITY;
    for (int i = 0; i < CODINGS; i++) {
        if (!named[i] && star >= 0 && i != CODING_IDENTITY)
            q[i] = star;
        if (i != CODING_IDENTITY && finished_coded(f, (enum coding)i).n == 0)
            continue;
        if (q[i] > 0 && q[i] >= q[best])
            best = (enum coding)i;
    }
    return best;
}

bool etag_matches(str header, str etag)
{
    if (etag.n == 0)
        return false;
    for (str rest = header, one; rest.p && header.n;) {
        rest = str_cut(rest, ',', &one);
        one = str_trim(one);
        if (str_starts(one, STR("W/")))
            one = str_from(one, 2);
        if (str_eq(one, etag) || str_eq(one, STR("*")))
            return true;
    }
    return false;
}

enum range_verdict range_read(str header, i64 size, i64 *from, i64 *n)
{
    if (!str_starts(header, STR("bytes=")) || str_find_byte(header, ',') >= 0)
        return RANGE_WHOLE;
    str first, last = str_cut(str_from(header, 6), '-', &first);
    i64 a = -1, b = -1;
    if (!last.p || (first.n && (str_i64(first, &a) || a < 0)) ||
        (last.n && (str_i64(last, &b) || b < 0)) || (!first.n && !last.n))
        return RANGE_WHOLE;
    if (!first.n) { /* the last b bytes */
        if (b == 0)
            return RANGE_UNSATISFIABLE;
        a = b >= size ? 0 : size - b;
        b = size - 1;
    } else if (!last.n || b >= size) {
        b = size - 1;
    } else if (b < a) {
        return RANGE_WHOLE;
    }
    if (a >= size)
        return RANGE_UNSATISFIABLE;
    *from = a;
    *n = b - a + 1;
    return RANGE_PART;
}
