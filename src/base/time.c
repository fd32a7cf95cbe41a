#include "base/time.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static _Atomic i64
    set_ms; /* a test's clock: the one global, because time is the one thing all share */

static i64 clock_ms(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (i64)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

i64 time_now(void)
{
    i64 set = atomic_load_explicit(&set_ms, memory_order_relaxed);
    return set ? set : clock_ms(CLOCK_REALTIME);
}

i64 time_monotonic(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

i64 time_micros(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (i64)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void time_set_for_test(i64 now_ms)
{
    atomic_store(&set_ms, now_ms);
}

/* Days since 1970-01-01, counted from 0000-03-01 in eras of 400 years, so that the leap day ends a
 * year. */
static i64 days_from(int year, int month, int day)
{
    i64 y = month <= 2 ? year - 1 : year;
    i64 era = (y >= 0 ? y : y - 399) / 400;
    i64 yoe = y - era * 400;
    i64 doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    i64 doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static i64 floor_div(i64 a, i64 b)
{
    return a / b - (a % b < 0);
}

struct civil time_civil(i64 ms)
{
    i64 days = floor_div(ms, MS_DAY);
    i64 rest = ms - days * MS_DAY;
    i64 z = days + 719468;
    i64 era = floor_div(z, 146097);
    i64 doe = z - era * 146097;
    i64 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    i64 doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    i64 mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    return (struct civil){
        .year = (int)(yoe + era * 400 + (month <= 2)),
        .month = month,
        .day = (int)(doy - (153 * mp + 2) / 5 + 1),
        .hour = (int)(rest / MS_HOUR),
        .minute = (int)(rest % MS_HOUR / MS_MINUTE),
        .second = (int)(rest % MS_MINUTE / 1000),
        .ms = (int)(rest % 1000),
    };
}

i64 time_from_civil(struct civil c)
{
    return days_from(c.year, c.month, c.day) * MS_DAY + c.hour * MS_HOUR + c.minute * MS_MINUTE +
           c.second * MS_SECOND + c.ms;
}

bool civil_date_valid(int year, int month, int day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= lengths[month - 1] + (leap && month == 2);
}

/* Reads exactly n digits at *i. */
static bool digits(str s, size_t *i, int n, int *ret)
{
    int v = 0;
    for (int k = 0; k < n; k++, (*i)++) {
        if (*i >= s.n || s.p[*i] < '0' || s.p[*i] > '9')
            return false;
        v = v * 10 + (s.p[*i] - '0');
    }
    *ret = v;
    return true;
}

static bool mark(str s, size_t *i, const char *any)
{
    return *i < s.n && strchr(any, s.p[*i]) && s.p[*i] != '\0' && ++*i;
}

/* The fraction's digits after the dot: three count, the rest are read over. */
static bool fraction(str s, size_t *i, int *ms)
{
    int weight = 100, v = 0;
    size_t start = *i;
    for (; *i < s.n && s.p[*i] >= '0' && s.p[*i] <= '9'; (*i)++, weight /= 10)
        v += (s.p[*i] - '0') * weight;
    *ms = v;
    return *i > start;
}

static bool offset(str s, size_t *i, i64 *ret)
{
    if (mark(s, i, "Zz")) {
        *ret = 0;
        return true;
    }
    int hour, minute;
    bool minus = *i < s.n && s.p[*i] == '-';
    if (!mark(s, i, "+-") || !digits(s, i, 2, &hour) || !mark(s, i, ":") ||
        !digits(s, i, 2, &minute))
        return false;
    if (hour > 23 || minute > 59)
        return false;
    *ret = (hour * MS_HOUR + minute * MS_MINUTE) * (minus ? -1 : 1);
    return true;
}

enum status time_parse(str s, i64 *ret)
{
    struct civil c = {0};
    size_t i = 0;
    i64 off;
    if (!digits(s, &i, 4, &c.year) || !mark(s, &i, "-") || !digits(s, &i, 2, &c.month) ||
        !mark(s, &i, "-") || !digits(s, &i, 2, &c.day) || !mark(s, &i, "Tt ") ||
        !digits(s, &i, 2, &c.hour) || !mark(s, &i, ":") || !digits(s, &i, 2, &c.minute) ||
        !mark(s, &i, ":") || !digits(s, &i, 2, &c.second))
        return ST_INVALID;
    if (mark(s, &i, ".") && !fraction(s, &i, &c.ms))
        return ST_INVALID;
    if (!offset(s, &i, &off) || i != s.n)
        return ST_INVALID;
    if (!civil_date_valid(c.year, c.month, c.day) || c.hour > 23 || c.minute > 59 || c.second > 59)
        return ST_INVALID;
    *ret = time_from_civil(c) - off;
    return ST_OK;
}

/* "2026-11-25T09:05:00Z" at p: every card has one, so it is written without printf. */
static void put_rfc3339(char *p, struct civil c)
{
    static const char shape[] = "0000-00-00T00:00:00Z";
    const struct {
        size_t end;
        i64 value;
    } parts[] = {{3, c.year},  {6, c.month},   {9, c.day},
                 {12, c.hour}, {15, c.minute}, {18, c.second}};
    memcpy(p, shape, sizeof shape);
    for (size_t i = 0; i < COUNT(parts); i++)
        for (i64 v = parts[i].value, at = (i64)parts[i].end; v > 0; v /= 10)
            p[at--] = (char)('0' + v % 10);
}

str time_rfc3339(i64 ms, struct arena *a)
{
    struct civil c = time_civil(ms);
    char *p = !c.ms && c.year >= 0 && c.year <= 9999 ? arena_raw(a, 21) : NULL;
    if (p) {
        put_rfc3339(p, c);
        return (str){p, 20};
    }
    if (c.ms)
        return arena_fmt(a, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day, c.hour,
                         c.minute, c.second, c.ms);
    return arena_fmt(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute,
                     c.second);
}

str time_http(i64 ms, char buf[32])
{
    static const char days[] = "ThuFriSatSunMonTueWed",
                      months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct civil c = time_civil(ms);
    i64 weekday = ((floor_div(ms, MS_DAY) % 7) + 7) % 7;
    int n = snprintf(buf, 32, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + weekday * 3, c.day,
                     months + (c.month - 1) * 3, c.year, c.hour, c.minute, c.second);
    return (str){buf, (size_t)n};
}
