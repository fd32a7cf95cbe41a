#include "outside/smtp.h"

#include <curl/curl.h>

#include "base/clean.h"
#include "base/guard.h"

enum { CONNECT_MS = 10 * 1000, MOST_MS = 60 * 1000 };

struct sending {
    const struct smtp *smtp;
    str left;
    bool given; /* all of the message was handed over */
};

static size_t give(char *to, size_t size, size_t n, void *arg)
{
    struct sending *s = arg;
    size_t take = size * n < s->left.n ? size * n : s->left.n;
    if (take)
        memcpy(to, s->left.p, take);
    s->left = str_from(s->left, take);
    s->given = s->left.n == 0;
    return take;
}

static int go_on(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct sending *s = arg;
    (void)a, (void)b, (void)c, (void)d;
    return s->smtp->stop && s->smtp->stop(s->smtp->arg);
}

static void curl_cleanup(CURL **c)
{
    curl_easy_cleanup(*c);
}

static void list_free(struct curl_slist **l)
{
    curl_slist_free_all(*l);
}

/* Whether all of these options were taken. */
static bool prepare(CURL *c, struct sending *s, const char *from, struct curl_slist *to,
                    char *words)
{
    const struct smtp *smtp = s->smtp;
    long most = smtp->most_ms ? (long)smtp->most_ms : MOST_MS;
    long tls = smtp->open || !GUARD(mail_tls) ? CURLUSESSL_NONE : CURLUSESSL_ALL;
    CURLcode bad = CURLE_OK;
#define SET(option, value) bad = bad ? bad : curl_easy_setopt(c, CURLOPT_##option, value)
    SET(URL, smtp->url);
    SET(PROTOCOLS_STR, "smtp,smtps");
    SET(PROXY, ""); /* nothing of the environment */
    SET(NOSIGNAL, 1L);
    SET(CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    SET(TIMEOUT_MS, most);
    SET(USE_SSL, tls);
    SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (smtp->user) {
        SET(USERNAME, smtp->user);
        SET(PASSWORD, smtp->password);
    }
    SET(MAIL_FROM, from);
    SET(MAIL_RCPT, to);
    SET(UPLOAD, 1L);
    SET(READFUNCTION, give);
    SET(READDATA, s);
    SET(NOPROGRESS, 0L);
    SET(XFERINFOFUNCTION, go_on);
    SET(XFERINFODATA, s);
    SET(ERRORBUFFER, words);
#undef SET
    return bad == CURLE_OK;
}

/* What the server said of this message, where it did: once it knew us, and only then. */
static enum status meant(CURLcode rc, long code, bool given)
{
    bool of_message = rc == CURLE_SEND_ERROR || (rc == CURLE_WEIRD_SERVER_REPLY && given);
    if (of_message && code >= 500 && code < 600 && GUARD(mail_refused))
        return ST_INVALID;
    return of_message && code >= 400 && code < 500 ? ST_BUSY : ST_IO;
}

enum status smtp_send(const struct smtp *smtp, str from, str to, str message, struct arena *a,
                      struct err *err)
{
    struct sending s = {.smtp = smtp, .left = message};
    char words[CURL_ERROR_SIZE] = "";
    long code = 0;
    const char *sender = arena_cstr(a, from), *address = arena_cstr(a, to);
    if (a->oom)
        return ST_NOMEM;
    CLEANUP(curl_cleanup) CURL *c = curl_easy_init();
    CLEANUP(list_free) struct curl_slist *list = curl_slist_append(NULL, address);
    if (!c || !list || !prepare(c, &s, sender, list, words))
        return fail(err, ST_NOMEM, "libcurl doesn't take a message");
    CURLcode rc = curl_easy_perform(c);
    if (rc == CURLE_OK)
        return ST_OK;
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
    return fail(err, meant(rc, code, s.given), "the mail server: %s (%ld)",
                words[0] ? words : curl_easy_strerror(rc), code);
}
