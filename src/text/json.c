#include "text/json.h"

void json_put(struct out *o, str s)
{
    static const char short_forms[] = "\bb\tt\nn\ff\rr\"\"\\\\";
    out_byte(o, '"');
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        u8 c = (u8)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        out_str(o, (str){s.p + from, i - from});
        from = i + 1;
        const char *form = NULL;
        for (const char *f = short_forms; *f; f += 2)
            if ((u8)*f == c)
                form = f;
        if (form)
            out_fmt(o, "\\%c", form[1]);
        else
            out_fmt(o, "\\u%04x", c);
    }
    out_str(o, str_from(s, from));
    out_byte(o, '"');
}

void json_put_key(struct out *o, bool *first, const char *key)
{
    if (!*first)
        out_byte(o, ',');
    *first = false;
    json_put(o, str_c(key));
    out_byte(o, ':');
}

void json_put_text(struct out *o, bool *first, const char *key, str value)
{
    if (value.n == 0)
        return;
    json_put_key(o, first, key);
    json_put(o, value);
}

void json_put_int(struct out *o, bool *first, const char *key, i64 value)
{
    json_put_key(o, first, key);
    out_i64(o, value);
}
