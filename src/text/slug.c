#include "text/slug.h"

#include <pthread.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/utrans.h>

#include "base/hash.h"
#include "base/out.h"
#include "text/unicode.h"

/* story-file.md, "Addresses": from the first day, so that no address has to move when its page
 * comes. */
static const char *const reserved[] = {
    "topic",  "by",        "archive",     "page",        "person",      "picture",    "pictures",
    "assets", "theme",     "search",      "feed",        "feeds",       "sitemap",    "api",
    "desk",   "awaited",   "corrections", "changes",     "live",        "account",    "discussion",
    "story",  "statement", "storyline",   "record",      "tile",        "checkpoint", "push",
    "oembed", "healthz",   "robots.txt",  "favicon.ico", ".well-known",
};

bool slug_reserved(str s)
{
    for (size_t i = 0; i < COUNT(reserved); i++)
        if (str_eq(s, str_c(reserved[i])))
            return true;
    return false;
}

static bool small(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool slug_valid(str s)
{
    if (s.n == 0 || s.n > SLUG_MAX || !small(s.p[0]) || !small(s.p[s.n - 1]))
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!small(s.p[i]) && (s.p[i] != '-' || s.p[i - 1] == '-'))
            return false;
    return true;
}

bool key_valid(str s)
{
    if (s.n == 0 || s.n > KEY_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool alnum = small(c) || (c >= 'A' && c <= 'Z');
        if (!alnum && (i == 0 || (c != '-' && c != '_' && c != '.')))
            return false;
    }
    return true;
}

/* A transliterator may be used by one thread at a time: each has its own, ended with it. */
static pthread_key_t trans_key;
static pthread_once_t trans_once = PTHREAD_ONCE_INIT;

static void trans_end(void *p)
{
    utrans_close(p);
}

static void trans_start(void)
{
    pthread_key_create(&trans_key, trans_end);
}

static UTransliterator *transliterator(void)
{
    pthread_once(&trans_once, trans_start);
    UTransliterator *t = pthread_getspecific(trans_key);
    if (t)
        return t;
    UErrorCode e = U_ZERO_ERROR;
    t = utrans_openU(u"Any-Latin; Latin-ASCII; Lower", -1, UTRANS_FORWARD, NULL, 0, NULL, &e);
    if (U_FAILURE(e))
        return NULL;
    pthread_setspecific(trans_key, t);
    return t;
}

/* What most headlines are in most newsrooms: ICU would give the same, for 20 µs and 5 MB. */
static bool lower_ascii(str text, struct arena *a, str *ret)
{
    char *p = arena_raw(a, text.n + 1);
    if (!p)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if ((u8)text.p[i] >= 0x80)
            return false;
        p[i] = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] + 'a' - 'A') : text.p[i];
    }
    *ret = (str){p, text.n};
    return true;
}

/* Lower-case ASCII of any script, in the arena. */
static enum status ascii(str text, struct arena *a, str *ret)
{
    struct ustr u;
    if (lower_ascii(text, a, ret))
        return ST_OK;
    enum status st = ustr_from(text, a, &u);
    UTransliterator *t = transliterator();
    if (st || !t)
        return st ? st : ST_NOMEM;
    int32_t cap = u.n * 8 + 64, n = u.n, limit = u.n;
    UChar *buf = arena_new(a, UChar, (size_t)cap);
    if (!buf)
        return ST_NOMEM;
    memcpy(buf, u.p, (size_t)u.n * sizeof *buf);
    UErrorCode e = U_ZERO_ERROR;
    utrans_transUChars(t, buf, &n, cap, 0, &limit, &e);
    if (U_FAILURE(e))
        return ST_TOOLARGE;
    return ustr_to((struct ustr){buf, n}, a, ret);
}

static enum status slug_from(str latin, struct arena *a, str *ret)
{
    char buf[SLUG_MAX + 1];
    size_t n = 0, word = 0; /* word: where the last whole word ended */
    bool gap = false;
    for (size_t i = 0; i < latin.n; i++) {
        char c = latin.p[i];
        if (!small(c)) {
            gap = gap || (c != '\'' && (u8)c < 0x80); /* an apostrophe joins: "don't" is dont */
            continue;
        }
        if (gap && n) {
            word = n;
            if (n == SLUG_MAX)
                break;
            buf[n++] = '-';
        }
        gap = false;
        if (n == SLUG_MAX) {
            n = word ? word : n;
            break;
        }
        buf[n++] = c;
    }
    while (n && buf[n - 1] == '-')
        n--;
    if (n == 0)
        return ST_INVALID;
    str s = arena_str(a, (str){buf, n});
    if (a->oom)
        return ST_NOMEM;
    *ret = s;
    return ST_OK;
}

enum status slug_make(str text, struct arena *a, str *ret)
{
    str latin;
    enum status st = ascii(str_head(text, 1024), a, &latin);
    return st ? st : slug_from(latin, a, ret);
}

/* Whether a letter was left that has no form in ASCII: without it two names could be one. */
static bool letters_left(str latin)
{
    for (size_t i = 0; i < latin.n;) {
        UChar32 cp = (UChar32)utf8_next(latin, &i);
        UErrorCode e = U_ZERO_ERROR;
        if (cp < 0x80 || !u_isalpha(cp))
            continue;
        UScriptCode script = uscript_getScript(cp, &e);
        if (script != USCRIPT_LATIN && script != USCRIPT_COMMON && script != USCRIPT_INHERITED)
            return true;
    }
    return false;
}

static enum status normalized(str s, const UNormalizer2 *form, struct arena *a, str *ret)
{
    struct ustr u;
    enum status st = ustr_from(s, a, &u);
    if (st)
        return st;
    UErrorCode e = U_ZERO_ERROR;
    int32_t cap = u.n * 4 + 32;
    UChar *buf = arena_new(a, UChar, (size_t)cap);
    if (!buf)
        return ST_NOMEM;
    int32_t n = unorm2_normalize(form, u.p, u.n, buf, cap, &e);
    return U_FAILURE(e) ? ST_INVALID : ustr_to((struct ustr){buf, n}, a, ret);
}

enum status text_nfc(str s, struct arena *a, str *ret)
{
    UErrorCode e = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&e);
    return U_FAILURE(e) ? ST_INVALID : normalized(s, nfc, a, ret);
}

/* A name in one form however it was written: composed, without case, without what joins or parts
 * its letters. */
static enum status name_signs(str name, struct arena *a, struct out *ret)
{
    str folded;
    UErrorCode e = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCCasefoldInstance(&e);
    if (U_FAILURE(e))
        return ST_INVALID;
    enum status st = normalized(name, nfkc, a, &folded);
    for (size_t i = 0; !st && i < folded.n;) {
        u32 cp = utf8_next(folded, &i);
        if (u_isalnum((UChar32)cp) || (U_GET_GC_MASK((UChar32)cp) & U_GC_M_MASK))
            out_cp(ret, cp);
    }
    return st ? st : out_status(ret);
}

enum status slug_of_name(str name, struct arena *a, str *ret)
{
    str latin;
    enum status st = ascii(str_head(name, 1024), a, &latin);
    if (st)
        return st;
    if (!letters_left(latin))
        return slug_from(latin, a, ret);
    struct out signs = out_make(a, name.n, 64 << 10), o = out_make(a, SLUG_MAX, SLUG_MAX);
    st = name_signs(name, a, &signs);
    if (st)
        return st;
    str text = out_view(&signs);
    for (size_t i = 0; i < text.n;)
        out_fmt(&o, "%s%x", o.n ? "-" : "u", (unsigned)utf8_next(text, &i));
    if (o.full)
        *ret = arena_fmt(a, "u-%.*s", FMT(str_head(sha256_hex(sha256(text), a), 32)));
    else
        *ret = out_view(&o);
    return a->oom ? ST_NOMEM : ST_OK;
}

bool text_clean(str s, const char *but, size_t *bad)
{
    size_t wrong = 0;
    bool ok = utf8_valid(s, &wrong);
    for (size_t i = 0; ok && i < s.n; i++) {
        u8 c = (u8)s.p[i];
        wrong = i;
        if (c < 0x20 || c == 0x7F) {
            ok = c && strchr(but, c);
        } else if (c >= 0xEF) {
            size_t at = i;
            u32 cp = utf8_next(s, &at);
            ok = (cp & 0xFFFE) != 0xFFFE && !(cp >= 0xFDD0 && cp <= 0xFDEF);
        }
    }
    if (!ok && bad)
        *bad = wrong;
    return ok;
}

bool text_has_word(str text)
{
    for (size_t i = 0; i < text.n;)
        if (u_isalnum((UChar32)utf8_next(text, &i)))
            return true;
    return false;
}
