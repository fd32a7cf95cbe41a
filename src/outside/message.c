#include "outside/message.h"

#include <curl/curl.h>
#define __G_ALLOCA_H__ /* GLib's header defines alloca anew, whose name base/banned.h forbids */
#include <gmime/gmime.h>

#include "base/guard.h"

enum { SUBJECT_MOST = 400, ADDRESS_MOST = 254 };

enum status outside_start(struct err *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return fail(err, ST_NOMEM, "libcurl can't be started");
    g_mime_init();
    return ST_OK;
}

/* ---- what may stand in a header ---- */

bool address_mailable(str address)
{
    size_t at = 0;
    for (size_t i = 0; i < address.n; i++) {
        u8 c = (u8)address.p[i];
        if (c <= ' ' || c == 0x7f || strchr("()<>[]:;,\\\"", c))
            return false;
        if (c == '@' && at)
            return false;
        if (c == '@')
            at = i;
    }
    return at && at + 1 < address.n && address.n <= ADDRESS_MOST;
}

/* Bytes of a character that may not be shown: of control, or one that turns the direction of what
 * stands around it (UAX 9); or of what begins an encoded word (RFC 2047), which would be taken for
 * words of ours. 0 for any other. */
static size_t unfit(const char *text, size_t n)
{
    const u8 *p = (const u8 *)text;
    if (p[0] < ' ' || p[0] == 0x7f)
        return 1;
    if (n >= 2 && p[0] == '=' && p[1] == '?')
        return 2;
    if (n >= 2 && ((p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xd8 && p[1] == 0x9c)))
        return 2; /* C1; U+061C */
    if (n < 3 || p[0] != 0xe2)
        return 0;
    bool marks = p[1] == 0x80 && (p[2] == 0x8e || p[2] == 0x8f);  /* U+200E, U+200F */
    bool breaks = p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae;   /* U+2028 to U+202E */
    bool isolates = p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9; /* U+2066 to U+2069 */
    return marks || breaks || isolates ? 3 : 0;
}

static const char *words(str text, struct arena *a)
{
    char *to = arena_bytes(a, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; to && i < text.n && n < SUBJECT_MOST;) {
        size_t bad = GUARD(mail_header) ? unfit(text.p + i, text.n - i) : 0;
        to[n++] = bad ? ' ' : text.p[i];
        i += bad ? bad : 1;
    }
    if (to && n == SUBJECT_MOST) { /* not within a character */
        while (n && ((u8)to[n - 1] & 0xc0) == 0x80)
            n--;
        n -= n && (u8)to[n - 1] >= 0xc0;
    }
    if (to)
        to[n] = '\0';
    return to;
}

/* ---- the message ---- */

static str domain_of(str address)
{
    str local;
    return str_cut(address, '@', &local);
}

static GMimeObject *text_part(str text)
{
    GMimeTextPart *part = g_mime_text_part_new_with_subtype("plain");
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text.p, text.n);
    GMimeDataWrapper *content =
        g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_part_set_content(GMIME_PART(part), content);
    g_object_unref(content);
    g_object_unref(stream);
    return GMIME_OBJECT(part);
}

static void put_date(GMimeMessage *msg, i64 at)
{
    GDateTime *date = g_date_time_new_from_unix_utc(at / 1000);
    g_mime_message_set_date(msg, date);
    g_date_time_unref(date);
}

static str written(GMimeMessage *msg, struct arena *a)
{
    GMimeFormatOptions *how = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(how, GMIME_NEWLINE_FORMAT_DOS);
    g_mime_object_encode(GMIME_OBJECT(msg), GMIME_ENCODING_CONSTRAINT_7BIT);
    char *bytes = g_mime_object_to_string(GMIME_OBJECT(msg), how);
    str out = bytes ? arena_str(a, str_c(bytes)) : STR_NONE;
    g_free(bytes);
    g_mime_format_options_free(how);
    return out;
}

enum status message_make(const struct message *m, struct arena *a, str *ret, struct err *err)
{
    bool fit = address_mailable(m->from) && address_mailable(m->to);
    if (!fit && GUARD(mail_address))
        return fail(err, ST_INVALID, "an address that mail can't be sent to");
    const char *from = arena_cstr(a, m->from), *to = arena_cstr(a, m->to);
    const char *from_name = words(m->from_name, a), *to_name = words(m->to_name, a);
    const char *subject = words(m->subject, a);
    const char *id = arena_cstr(a, arena_fmt(a, "%.*s@%.*s", FMT(m->id), FMT(domain_of(m->from))));
    if (a->oom)
        return ST_NOMEM;
    GMimeMessage *msg = g_mime_message_new(TRUE);
    GMimeObject *part = text_part(m->text);
    g_mime_message_add_mailbox(msg, GMIME_ADDRESS_TYPE_FROM, *from_name ? from_name : NULL, from);
    g_mime_message_add_mailbox(msg, GMIME_ADDRESS_TYPE_TO, *to_name ? to_name : NULL, to);
    g_mime_message_set_subject(msg, subject, "utf-8");
    put_date(msg, m->at);
    g_mime_message_set_message_id(msg, id);
    /* so that no holiday notice answers (RFC 3834) */
    g_mime_object_set_header(GMIME_OBJECT(msg), "Auto-Submitted", "auto-generated", NULL);
    g_mime_message_set_mime_part(msg, part);
    str out = written(msg, a);
    g_object_unref(part);
    g_object_unref(msg);
    if (!out.n)
        return ST_NOMEM;
    *ret = out;
    return ST_OK;
}
