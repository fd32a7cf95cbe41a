/* base/sha1.h: SHA-1 (RFC 3174) and its HMAC (RFC 2104), for TOTP alone.
 *
 * Authenticator programs know no other hash, and libsodium has none of this one. SHA-1 is broken
 * against whoever chooses both inputs; for a keyed code of six digits that does no harm (RFC 6238).
 * Nothing else may use it. Threads: any. */
#ifndef BASE_SHA1_H
#define BASE_SHA1_H

#include "base/str.h"

enum { SHA1_BYTES = 20, SHA1_BLOCK = 64 };

void sha1(str s, u8 ret[SHA1_BYTES]);
/* key: at most SHA1_BLOCK bytes; a longer one is a mistake of the caller and is cut. */
void sha1_hmac(str key, str s, u8 ret[SHA1_BYTES]);

#endif
