/* text/icu_memory.h: what ICU does without memory.
 *
 * ICU 72 doesn't survive a failed allocation everywhere: its cache of locales and its calendars
 * then write through null pointers, and a singleton that failed half made can be waited for without
 * end (seen with every allocation failing in turn). So it is never told of one: we ask the system
 * again for a second, and then end with the exit status and the words of a command whose memory is
 * short. For what is acknowledged that is the same as kill -9: nothing is lost.
 *
 * Threads: call icu_memory_start before the first use of ICU, once. */
#ifndef TEXT_ICU_MEMORY_H
#define TEXT_ICU_MEMORY_H

void icu_memory_start(void);

#endif
