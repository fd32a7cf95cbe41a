/* A form: its type is the input's first line, the rest its body. What is taken is text, within its
 * limits, and the same when it is written and read again. */
#include "fuzz.h"

#include "base/out.h"
#include "http/form.h"
#include "http/origin.h"
#include "http/request.h"

static void sound(str v)
{
    if (!utf8_valid(v, NULL))
        abort();
    for (size_t i = 0; i < v.n; i++)
        if (((u8)v.p[i] < 0x20 && v.p[i] != '\t' && v.p[i] != '\n' && v.p[i] != '\r') ||
            v.p[i] == 0x7F)
            abort();
}

static void escape(struct out *o, str v)
{
    for (size_t i = 0; i < v.n; i++)
        out_fmt(o, "%%%02X", (u8)v.p[i]);
}

static void one(str in, struct arena *a)
{
    str type, body = str_cut(in, '\n', &type);
    struct form f, again;
    struct err err = {0};
    struct request r = {.cookie = body};
    str cookie = request_cookie(&r, type);
    if (cookie.n && str_find_byte(cookie, ';') >= 0)
        abort();
    if (same_origin(STR_NONE, body, type, true) && body.n != type.n + 8)
        abort();
    if (form_read(type, body, a, &f, &err))
        return;
    struct out o = out_make(a, 4096, 16 << 20);
    bool files = false;
    for (size_t i = 0; i < f.n; i++) {
        const struct form_field *x = &f.fields[i];
        sound(x->name);
        sound(x->file_name);
        if (!x->file)
            sound(x->value);
        if (!x->file && str_find_byte(x->value, '\r') >= 0)
            abort();
        files |= x->file;
        escape(&o, x->name);
        out_byte(&o, '=');
        escape(&o, x->value);
        out_byte(&o, '&');
    }
    if (files || out_status(&o) || f.n > FORM_FIELDS)
        return;
    if (form_read(STR("application/x-www-form-urlencoded"), out_view(&o), a, &again, &err) ||
        again.n != f.n)
        abort();
    for (size_t i = 0; i < f.n; i++)
        if (!str_eq(again.fields[i].name, f.fields[i].name) ||
            !str_eq(again.fields[i].value, f.fields[i].value))
            abort();
}
