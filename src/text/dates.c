/* Dates, numbers and lists of text/messages.h, by ICU.
 *
 * Opening a formatter costs a tenth of a millisecond and one may be used by one thread at a time:
 * so each thread keeps a few, found by locale, zone and style, and drops them all when they become
 * too many (a site has few; those of a locale that is gone go then). */
#include <pthread.h>
#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/ulistformatter.h>
#include <unicode/unum.h>

#include "base/guard.h"
#include "text/locale.h"
#include "text/unicode.h"

enum {
    KEPT = 64,
    NAME = 48,
    WORDS = 160,
    STYLE_NUMBER = 100,
    STYLE_LIST = 101,
    STYLE_CALENDAR = 102,
    NAMES_IN_LIST = 64
};

struct kept {
    char tag[NAME], zone[NAME];
    u64 locale; /* its number: another one of the same tag may have other patterns */
    int style;
    void *handle;
    struct day today; /* of a calendar: the day asked for last, nearly always the next one too */
    i64 last;         /* of a date: what was written last, and how */
    char words[WORDS];
    size_t nwords;
};

struct formatters {
    struct kept list[KEPT];
    size_t n;
};

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void kept_close(struct kept *k)
{
    if (k->style == STYLE_NUMBER)
        unum_close(k->handle);
    else if (k->style == STYLE_LIST)
        ulistfmt_close(k->handle);
    else if (k->style == STYLE_CALENDAR)
        ucal_close(k->handle);
    else
        udat_close(k->handle);
}

static void formatters_free(void *p)
{
    struct formatters *f = p;
    for (size_t i = 0; i < f->n; i++)
        kept_close(&f->list[i]);
    free(f);
}

static void start(void)
{
    pthread_key_create(&key, formatters_free);
}

static struct formatters *mine(void)
{
    pthread_once(&once, start);
    struct formatters *f = pthread_getspecific(key);
    if (!f) {
        f = calloc(1, sizeof *f);
        if (f && pthread_setspecific(key, f)) {
            free(f);
            f = NULL;
        }
    }
    return f;
}

static void *open_number(const char *tag)
{
    UErrorCode e = U_ZERO_ERROR;
    UNumberFormat *n = unum_open(UNUM_DECIMAL, NULL, 0, tag, NULL, &e);
    return U_FAILURE(e) ? NULL : n;
}

static void *open_list(const char *tag)
{
    UErrorCode e = U_ZERO_ERROR;
    UListFormatter *l = ulistfmt_open(tag, &e);
    return U_FAILURE(e) ? NULL : l;
}

static void *open_calendar(const UChar *zone, int32_t n)
{
    UErrorCode e = U_ZERO_ERROR;
    UCalendar *c = ucal_open(zone, n, "en", UCAL_GREGORIAN, &e);
    if (!U_FAILURE(e))
        ucal_setGregorianChange(c, -1e18,
                                &e); /* the Gregorian rules at all times, as time_civil has them */
    return U_FAILURE(e) ? NULL : c;
}

/* The Gregorian calendar whatever the locale's own is; a pattern from _meta.dates, else ICU's for
 * the skeleton. */
static void *open_date(const struct locale *l, const char *tag, const UChar *zone, int32_t nzone,
                       int style, struct arena *a)
{
    static const UChar *const skeletons[DATE_STYLES] = {
        u"EEEEdMMMMy", u"dMMMMy", u"dMMMMyHHmm", u"HHmm", u"EEEE", u"MMMMy", u"y", u"dMMMy"};
    UErrorCode e = U_ZERO_ERROR;
    char gregorian[NAME + 32];
    UChar pattern[160];
    int32_t n = 0;
    snprintf(gregorian, sizeof gregorian, "%s@calendar=gregorian", tag);
    if (l->dates[style].n) {
        struct ustr u;
        if (ustr_from(l->dates[style], a, &u) || u.n >= (int32_t)COUNT(pattern))
            return NULL;
        memcpy(pattern, u.p, (size_t)u.n * sizeof *pattern);
        n = u.n;
    } else {
        UDateTimePatternGenerator *g = udatpg_open(gregorian, &e);
        n = udatpg_getBestPattern(g, skeletons[style], -1, pattern, (int32_t)COUNT(pattern), &e);
        udatpg_close(g);
    }
    UDateFormat *f = udat_open(UDAT_PATTERN, UDAT_PATTERN, gregorian, zone, nzone, pattern, n, &e);
    return U_FAILURE(e) ? NULL : f;
}

static struct kept *kept(const struct locale *l, str zone, int style, struct arena *a)
{
    struct formatters *f = mine();
    char tag[NAME] = "", z[NAME] = "";
    UChar u[NAME];
    str t = l ? l->tag : STR_NONE;
    u64 number = l && GUARD(dates_of_one_locale) ? l->number : 0;
    if (!f || t.n >= NAME || zone.n >= NAME)
        return NULL;
    memcpy(tag, t.n ? t.p : "", t.n);
    memcpy(z, zone.n ? zone.p : "", zone.n);
    for (size_t i = 0; i < f->n; i++)
        if (f->list[i].style == style && f->list[i].locale == number &&
            strcmp(f->list[i].tag, tag) == 0 && strcmp(f->list[i].zone, z) == 0)
            return &f->list[i];
    for (size_t i = 0; i <= zone.n; i++)
        u[i] = (UChar)z[i]; /* zones' names are ASCII: zone_valid saw to that */
    void *handle = style == STYLE_NUMBER     ? open_number(tag)
                   : style == STYLE_LIST     ? open_list(tag)
                   : style == STYLE_CALENDAR ? open_calendar(u, (int32_t)zone.n)
                                             : open_date(l, tag, u, (int32_t)zone.n, style, a);
    if (!handle)
        return NULL;
    if (f->n == KEPT) {
        for (size_t i = 0; i < f->n; i++)
            kept_close(&f->list[i]);
        f->n = 0;
    }
    struct kept *k = &f->list[f->n++];
    *k = (struct kept){.style = style, .locale = number, .handle = handle};
    memcpy(k->tag, tag, NAME);
    memcpy(k->zone, z, NAME);
    return k;
}

static void *formatter(const struct locale *l, str zone, int style, struct arena *a)
{
    const struct kept *k = kept(l, zone, style, a);
    return k ? k->handle : NULL;
}

/* ---- zones and days ---- */

bool zone_valid(str zone)
{
    UChar u[NAME], canonical[NAME * 2];
    UErrorCode e = U_ZERO_ERROR;
    UBool system = 0;
    if (zone.n == 0 || zone.n >= NAME)
        return false;
    for (size_t i = 0; i < zone.n; i++) {
        if ((u8)zone.p[i] <= ' ' || (u8)zone.p[i] > '~')
            return false;
        u[i] = (UChar)zone.p[i];
    }
    ucal_getCanonicalTimeZoneID(u, (int32_t)zone.n, canonical, (int32_t)COUNT(canonical), &system,
                                &e);
    return !U_FAILURE(e) && system;
}

/* Zone and locale were found good when the site took them: what is missing is memory. */
static enum status no_formatter(struct err *err, str zone)
{
    return fail(err, ST_NOMEM, "out of memory for a formatter for the zone \"%.*s\"", FMT(zone));
}

enum status date_civil(str zone, i64 ms, struct civil *ret, struct err *err)
{
    UCalendar *c = formatter(NULL, zone, STYLE_CALENDAR, NULL);
    if (!c)
        return no_formatter(err, zone);
    UErrorCode e = U_ZERO_ERROR;
    ucal_setMillis(c, (double)ms, &e);
    struct civil d = {
        .year = ucal_get(c, UCAL_EXTENDED_YEAR, &e),
        .month = ucal_get(c, UCAL_MONTH, &e) + 1,
        .day = ucal_get(c, UCAL_DATE, &e),
        .hour = ucal_get(c, UCAL_HOUR_OF_DAY, &e),
        .minute = ucal_get(c, UCAL_MINUTE, &e),
        .second = ucal_get(c, UCAL_SECOND, &e),
        .ms = ucal_get(c, UCAL_MILLISECOND, &e),
    };
    if (U_FAILURE(e))
        return no_formatter(err, zone);
    *ret = d;
    return ST_OK;
}

static bool before_day(const struct civil *d, int year, int month, int day)
{
    return d->year != year ? d->year < year : d->month != month ? d->month < month : d->day < day;
}

/* By bisection on the civil date, which never goes back over a day's border for long: right in
 * zones that skip their midnight, or have it twice. */
enum status date_day_start(str zone, int year, int month, int day, i64 *ret, struct err *err)
{
    i64 utc = time_from_civil((struct civil){.year = year, .month = month, .day = day});
    i64 low = utc - 26 * MS_HOUR, high = utc + 26 * MS_HOUR;
    while (high - low > 1) {
        i64 mid = low + (high - low) / 2;
        struct civil d;
        enum status st = date_civil(zone, mid, &d, err);
        if (st)
            return st;
        if (before_day(&d, year, month, day))
            low = mid;
        else
            high = mid;
    }
    *ret = high;
    return ST_OK;
}

enum status date_day(str zone, i64 ms, struct day *ret, struct err *err)
{
    struct kept *k = kept(NULL, zone, STYLE_CALENDAR, NULL);
    struct civil d;
    if (!k)
        return no_formatter(err, zone);
    if (ms >= k->today.from && ms < k->today.to) {
        *ret = k->today;
        return ST_OK;
    }
    enum status st = date_civil(zone, ms, &d, err);
    struct civil next = time_civil(
        time_from_civil((struct civil){.year = d.year, .month = d.month, .day = d.day}) + MS_DAY);
    i64 from, to;
    st = st ? st : date_day_start(zone, d.year, d.month, d.day, &from, err);
    st = st ? st : date_day_start(zone, next.year, next.month, next.day, &to, err);
    if (!st)
        *ret = k->today = (struct day){from, to};
    return st;
}

/* ---- writing ---- */

enum status date_format(const struct locale *l, str zone, i64 ms, enum date_style style,
                        struct arena *a, str *ret, struct err *err)
{
    struct kept *k = kept(l, zone, (int)style, a);
    UChar buf[160];
    UErrorCode e = U_ZERO_ERROR;
    if (!k)
        return no_formatter(err, zone);
    if (k->nwords && k->last == ms) { /* "today" stands on every page */
        *ret = arena_str(a, (str){k->words, k->nwords});
        return a->oom ? ST_NOMEM : ST_OK;
    }
    int32_t n = udat_format(k->handle, (double)ms, buf, (int32_t)COUNT(buf), NULL, &e);
    if (U_FAILURE(e))
        return no_formatter(err, zone);
    enum status st = ustr_to((struct ustr){buf, n}, a, ret);
    if (!st && ret->n <= WORDS) {
        memcpy(k->words, ret->p, ret->n);
        k->nwords = ret->n;
        k->last = ms;
    }
    return st;
}

enum status number_format(const struct locale *l, i64 v, struct arena *a, str *ret, struct err *err)
{
    UNumberFormat *f = formatter(l, STR_NONE, STYLE_NUMBER, a);
    UChar buf[64];
    UErrorCode e = U_ZERO_ERROR;
    if (!f)
        return no_formatter(err, STR_NONE);
    int32_t n = unum_formatInt64(f, v, buf, (int32_t)COUNT(buf), NULL, &e);
    if (U_FAILURE(e))
        return fail(err, ST_BUG, "a number can't be written");
    return ustr_to((struct ustr){buf, n}, a, ret);
}

/* A list in the locale's way: text between, and items by their place. ICU joins marks from the
 * private use area, which then give way to the items: an item's own markup is never parsed. */
struct joint {
    str between;
    size_t item; /* comes after it; n at the end */
};

static enum status join_list(const struct locale *l, size_t n, struct arena *a,
                             struct joint joints[NAMES_IN_LIST + 1], size_t *count, struct err *err)
{
    UListFormatter *f = formatter(l, STR_NONE, STYLE_LIST, a);
    UChar marks[NAMES_IN_LIST], buf[2048];
    const UChar *strings[NAMES_IN_LIST];
    int32_t lengths[NAMES_IN_LIST];
    UErrorCode e = U_ZERO_ERROR;
    if (!f || n > NAMES_IN_LIST)
        return fail(err, ST_BUG, "a list of %zu names can't be written", n);
    for (size_t i = 0; i < n; i++) {
        marks[i] = (UChar)(0xE000 + i);
        strings[i] = &marks[i];
        lengths[i] = 1;
    }
    int32_t len = ulistfmt_format(f, strings, lengths, (int32_t)n, buf, (int32_t)COUNT(buf), &e);
    if (U_FAILURE(e))
        return fail(err, ST_BUG, "a list of %zu names can't be written", n);
    *count = 0;
    for (int32_t i = 0; i < len && *count <= n; i++) {
        int32_t from = i;
        while (i < len && (buf[i] < 0xE000 || buf[i] >= 0xE000 + n))
            i++;
        struct joint *j = &joints[(*count)++];
        j->item = i < len ? (size_t)(buf[i] - 0xE000) : n;
        enum status st = ustr_to((struct ustr){buf + from, i - from}, a, &j->between);
        if (st)
            return st;
    }
    return ST_OK;
}

enum status message_list(const struct locale *l, const html *items, size_t n, struct arena *a,
                         html *ret, struct err *err)
{
    struct joint joints[NAMES_IN_LIST + 1];
    size_t count = 0;
    enum status st = join_list(l, n, a, joints, &count, err);
    if (st)
        return st;
    struct html_out o = html_make(a, 256, 1 << 20);
    for (size_t i = 0; i < count; i++) {
        html_text(&o, joints[i].between);
        if (joints[i].item < n)
            html_add(&o, items[joints[i].item]);
    }
    st = out_status(&o.out);
    if (!st)
        *ret = html_view(&o);
    return st;
}

enum status message_list_text(const struct locale *l, const str *items, size_t n, struct arena *a,
                              str *ret, struct err *err)
{
    struct joint joints[NAMES_IN_LIST + 1];
    size_t count = 0;
    enum status st = join_list(l, n, a, joints, &count, err);
    if (st)
        return st;
    struct out o = out_make(a, 256, 1 << 20);
    for (size_t i = 0; i < count; i++) {
        out_str(&o, joints[i].between);
        if (joints[i].item < n)
            out_str(&o, items[joints[i].item]);
    }
    st = out_status(&o);
    if (!st)
        *ret = out_view(&o);
    return st;
}
