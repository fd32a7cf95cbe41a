#include "base/fmt.h"

#include <stdio.h>

struct sink {
    char *buf;
    size_t cap, n;
};

static void put(struct sink *s, const char *p, size_t n)
{
    if (s->n < s->cap && n)
        memcpy(s->buf + s->n, p, n < s->cap - s->n ? n : s->cap - s->n);
    s->n += n;
}

static void put_number(struct sink *s, unsigned long long v, bool negative)
{
    char digits[24], *p = digits + sizeof digits;
    do
        *--p = (char)('0' + v % 10);
    while (v /= 10);
    if (negative)
        *--p = '-';
    put(s, p, (size_t)(digits + sizeof digits - p));
}

static void put_signed(struct sink *s, long long v)
{
    put_number(s, v < 0 ? 0ull - (unsigned long long)v : (unsigned long long)v, v < 0);
}

/* The conversions that are done here, and how long each is behind its percent sign. */
enum conversion { TEXT, VIEW, CHARACTER, INT, SIZE, LONG_SIGNED, LONG_UNSIGNED, PERCENT, OTHER };
static const size_t lengths[] = {[TEXT] = 1, [VIEW] = 3,        [CHARACTER] = 1,     [INT] = 1,
                                 [SIZE] = 2, [LONG_SIGNED] = 3, [LONG_UNSIGNED] = 3, [PERCENT] = 1};

static enum conversion conversion_at(const char *p)
{
    switch (*p) {
    case 's':
        return TEXT;
    case '.':
        return p[1] == '*' && p[2] == 's' ? VIEW : OTHER;
    case 'c':
        return CHARACTER;
    case 'd':
        return INT;
    case 'z':
        return p[1] == 'u' ? SIZE : OTHER;
    case 'l':
        return p[1] != 'l'   ? OTHER
               : p[2] == 'd' ? LONG_SIGNED
               : p[2] == 'u' ? LONG_UNSIGNED
                             : OTHER;
    case '%':
        return PERCENT;
    default:
        return OTHER;
    }
}

static bool known(const char *fmt)
{
    for (const char *p = strchr(fmt, '%'); p; p = strchr(p, '%')) {
        enum conversion c = conversion_at(p + 1);
        if (c == OTHER)
            return false;
        p += 1 + lengths[c];
    }
    return true;
}

static void convert(struct sink *s, enum conversion c, va_list *ap)
{
    const char *text;
    int n;
    char one;
    switch (c) {
    case TEXT:
        text = va_arg(*ap, const char *);
        put(s, text, strlen(text));
        break;
    case VIEW: /* a view need not end in NUL, but may contain one where printf would stop */
        n = va_arg(*ap, int);
        text = va_arg(*ap, const char *);
        put(s, text, n > 0 ? strnlen(text, (size_t)n) : 0);
        break;
    case CHARACTER:
        one = (char)va_arg(*ap, int);
        put(s, &one, 1);
        break;
    case INT:
        put_signed(s, va_arg(*ap, int));
        break;
    case SIZE:
        put_number(s, va_arg(*ap, size_t), false);
        break;
    case LONG_SIGNED:
        put_signed(s, va_arg(*ap, long long));
        break;
    case LONG_UNSIGNED:
        put_number(s, va_arg(*ap, unsigned long long), false);
        break;
    default:
        put(s, "%", 1);
    }
}

size_t fmt_put(char *buf, size_t cap, const char *fmt, va_list ap)
{
    va_list mine;
    va_copy(mine, ap);
    struct sink s = {buf, cap ? cap - 1 : 0, 0};
    if (!known(fmt)) {
        int n = vsnprintf(buf, cap, fmt, mine);
        va_end(mine);
        return n < 0 ? 0 : (size_t)n;
    }
    for (const char *p = fmt; *p;) {
        const char *next = strchr(p, '%');
        size_t n = next ? (size_t)(next - p) : strlen(p);
        put(&s, p, n);
        if (!next)
            break;
        enum conversion c = conversion_at(next + 1);
        convert(&s, c, &mine);
        p = next + 1 + lengths[c];
    }
    va_end(mine);
    if (cap)
        buf[s.n < cap ? s.n : cap - 1] = '\0';
    return s.n;
}
