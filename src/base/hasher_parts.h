/* base/hasher_parts.h: what the two sides of base/hasher.h say to each other, for them alone (and
 * their tests). */
#ifndef BASE_HASHER_PARTS_H
#define BASE_HASHER_PARTS_H

#include <sys/types.h>

#include "base/hasher.h"

enum { GENTLE, FIRM, WORKERS };

/* Messages have one size each: a socket of SOCK_SEQPACKET gives them whole, and what has another
 * size is none. number: tells an answer from the one before. */
enum hasher_kind { HASHER_HASH = 1, HASHER_CHECK = 2 };
struct hasher_ask {
    u64 number;
    u32 kind, n;
    char password[PASSWORD_MOST]; /* n bytes of it */
    char text[HASHER_TEXT];       /* to check against */
};
struct hasher_answer {
    u64 number;
    u64 status;
    char text[HASHER_TEXT]; /* what was made */
};

/* libsodium's work, in this process (secret.c). */
MUST_USE enum status argon_hash(str password, char text[HASHER_TEXT]);
MUST_USE enum status argon_check(str password, const char text[HASHER_TEXT]);
void secret_wipe(void *p, size_t n);

#ifdef BROADSHEET_PROVE
/* For tests: a worker's process, 0 when there is none. */
pid_t hasher_pid_for_test(struct hasher *h, int which);
#endif

#endif
