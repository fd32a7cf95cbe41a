/* text/dates_iso.h: dates as story files write them for pictures and quotes: a day, a month or a
 * year. */
#ifndef TEXT_DATES_ISO_H
#define TEXT_DATES_ISO_H

#include "base/time.h"

/* YYYY, YYYY-MM or YYYY-MM-DD, a real date of the calendar. *ret (may be NULL): month and day 0
 * when not given. */
bool iso_date_read(str s, struct civil *ret);
static inline bool iso_date_valid(str s)
{
    return iso_date_read(s, NULL);
}

#endif
