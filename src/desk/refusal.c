#include "desk/refusal.h"

#define ANYTHING "desk-error-other"
#define SHAPE    "desk-error-shape"

/* {field}, {words}, {n} and {most} stand for what changes from one to the next; {} for what nobody
 * is told. */
#define REFUSALS(X)                                                                                \
    /* fields of a head */                                                                         \
    X("`{field}` is one text", SHAPE)                                                              \
    X("`{field}` is longer than {n} bytes", "desk-error-long")                                     \
    X("`{field}` is one line", "desk-error-one-line")                                              \
    X("a name needs a letter or a digit", "desk-error-name")                                       \
    X("`{field}` has ASCII letters, digits, '-', '_' and '.', and begins with a letter or digit",  \
      "desk-error-id")                                                                             \
    X("`{}` is a moment such as 2026-11-20T06:45:00Z", "desk-error-time")                          \
    X("`{field}` is a day, month or year such as 2026-11-20, 2026-11 or 2026", "desk-error-date")  \
    X("`{}` is one of: {}", "desk-error-field")                                                    \
    X("this version of Broadsheet doesn't keep `{}`", SHAPE)                                       \
    X("the key `{}` isn't known; did you mean `{}`?", SHAPE)                                       \
    X("the key `{}` isn't known", SHAPE)                                                           \
    X("a person is a name, or {name, lang, role}", SHAPE)                                          \
    X("`lang` is a language such as ru or pt-BR", "desk-error-language")                           \
    X("a person needs a `name`", "desk-error-person")                                              \
    X("a credit is one text, or {agency, by}", "desk-error-credit")                                \
    X("the picture \"{}\" must lie at or below the story file's folder", SHAPE)                    \
    X("a picture has a `file` or a `key`, a `caption`, a `credit`, an `alt`", SHAPE)               \
    X("a picture has either a `file` or a `key`", SHAPE)                                           \
    X("`{field}` is a list: [one, two]", SHAPE)                                                    \
    X("`{field}` has more than {n} entries", "desk-error-entries")                                 \
    X("`headlines` has front, social and push", SHAPE)                                             \
    X("`revision` is a number, as export writes it", SHAPE)                                        \
    X("`slug` has small letters, digits and single hyphens, at most 80", "desk-error-slug")        \
    X("`source` is an http or https address", "desk-error-source")                                 \
    X("a story file needs an `id`", SHAPE)                                                         \
    X("a story file needs a `headline`", "desk-error-headline")                                    \
    X("a headline needs a letter or a digit", "desk-error-headline")                               \
    X("a page or a background has no section", "desk-error-no-section")                            \
    X("a background can't name a background", "desk-error-background-of-background")               \
    X("a story can't be its own background", "desk-error-itself")                                  \
    X("a story can't be its own translation", "desk-error-itself")                                 \
    X("a correction or clarification needs its words in `correction`", "desk-error-correction")    \
    X("`correction` goes with `change: correction` or `change: clarification`", SHAPE)             \
    X("`published` lies before the embargo", "desk-error-under-embargo")                           \
    X("the picture {} stands in the body twice, in line {} with another caption or credit: give "  \
      "both the same",                                                                             \
      "desk-error-picture-twice")                                                                  \
    X("a picture's caption has at most 2,000 bytes, its credit 300", "desk-error-caption")         \
    X("picture: names no kept picture", "desk-error-picture-unknown")                              \
    X("a story has at most 64 pictures", "desk-error-pictures-full")                               \
    X("the file is larger than 1 MiB", "desk-error-story-long")                                    \
    X("this isn't UTF-8", "desk-error-character")                                                  \
    X("U+0000 can't stand in a text", "desk-error-character")                                      \
    X("a control character, or a code point that is no character, can't stand in a text",          \
      "desk-error-character")                                                                      \
    X("a story file opens with a head between two lines of `---`", SHAPE)                          \
    X("the head is longer than 64 KiB", "desk-error-fields-long")                                  \
    X("the head has no end: a line of `---` closes it", SHAPE)                                     \
    X("the file is empty", SHAPE)                                                                  \
    X("the head is `key: value`, one a line", SHAPE)                                               \
    /* the head as YAML */                                                                         \
    X("this isn't YAML: {}", SHAPE)                                                                \
    X("YAML anchors and tags aren't taken here", SHAPE)                                            \
    X("more than 500 keys in one place", SHAPE)                                                    \
    X("a key is one word", SHAPE)                                                                  \
    X("the key \"{}\" stands there twice", SHAPE)                                                  \
    X("the YAML has more than 20,000 parts", SHAPE)                                                \
    X("YAML aliases aren't taken here: write the text again", SHAPE)                               \
    X("the YAML is nested more than 32 deep", SHAPE)                                               \
    X("a second YAML document begins", SHAPE)                                                      \
    /* the text */                                                                                 \
    X("a story: link names no story's id", "desk-error-story-link")                                \
    X("an address is longer than 4,000 bytes", "desk-error-address-long")                          \
    X("a link goes to http, https, mailto, tel or story: addresses only", "desk-error-link")       \
    X("an address holds < or >", "desk-error-address-signs")                                       \
    X("an address holds a control character or broken UTF-8", "desk-error-address-signs")          \
    X("an empty text", SHAPE)                                                                      \
    X("a control character, a code point that is no character, or broken UTF-8",                   \
      "desk-error-character")                                                                      \
    X("an unknown mark", SHAPE)                                                                    \
    X("a mark begins with a blank", SHAPE)                                                         \
    X("a mark ends with a blank", SHAPE)                                                           \
    X("two texts with the same marks stand side by side", SHAPE)                                   \
    X("code in a table holds a |", "desk-error-code-bar")                                          \
    X("an address without a link", SHAPE)                                                          \
    X("the story has more than 5,000 parts", "desk-error-parts")                                   \
    X("a line break stands where nothing is to break", "desk-error-break")                         \
    X("a block stands where text is wanted", SHAPE)                                                \
    X("text begins or ends with a blank", SHAPE)                                                   \
    X("an insertion stands in [square brackets] and holds no other bracket", SHAPE)                \
    X("an empty paragraph", SHAPE)                                                                 \
    X("a story link alone is a related card", SHAPE)                                               \
    X("an address alone is a link card", SHAPE)                                                    \
    X("a crosshead's level is 2 or 3", "desk-error-crosshead")                                     \
    X("an empty crosshead", "desk-error-crosshead-empty")                                          \
    X("a quote's attribution has a control character or a blank at its edge",                      \
      "desk-error-character")                                                                      \
    X("a quote's date is no date", "desk-error-quote-date")                                        \
    X("a picture without a key or file", "desk-error-picture-unknown")                             \
    X("a related card names no story's id", "desk-error-related-id")                               \
    X("a related card needs words, to be shown while its story isn't live",                        \
      "desk-error-related-words")                                                                  \
    X("a list's first number", "desk-error-list-number")                                           \
    X("the language of code is one plain word", "desk-error-code-language")                        \
    X("a link card needs an http or https address", "desk-error-link")                             \
    X("a table's column has one alignment: left, center or right", SHAPE)                          \
    X("a table's rows have the same number of cells, at least one", SHAPE)                         \
    X("an empty table", "desk-error-table-empty")                                                  \
    X("blocks are nested more than 32 deep", "desk-error-deep")                                    \
    X("this has no place here", SHAPE)                                                             \
    X("code is one plain text", SHAPE)                                                             \
    X("something stands where nothing can", SHAPE)                                                 \
    X("a list item begins with a paragraph", "desk-error-list-item")                               \
    X("an empty block", "desk-error-block-empty")                                                  \
    X("this isn't a document", SHAPE)                                                              \
    X("the body is longer than 256 KiB", "desk-error-text-long")                                   \
    X("more than 5,000 lines without an empty one", "desk-error-lines")                            \
    X("unknown {} \"{}\"", SHAPE)                                                                  \
    X("more than 5,000 parts, or nested more than 32 deep", "desk-error-parts")                    \
    X("larger than 256 KiB", "desk-error-text-long")                                               \
    X("not JSON: {}", SHAPE)                                                                       \
    /* the text as Markdown */                                                                     \
    X("the story has too many parts or nests too deep", "desk-error-parts")                        \
    X("a control character can't stand in a text", "desk-error-character")                         \
    X("this character reference isn't known: write the character itself", "desk-error-reference")  \
    X("a control character, or what is no character, can't stand in a text",                       \
      "desk-error-character")                                                                      \
    X("HTML can't stand in a story: write it as Markdown, or \\< for the sign", "desk-error-html") \
    X("a control character can't stand in an address or a title", "desk-error-address-signs")      \
    X("a link has no title: leave out what stands in quotation marks", "desk-error-link-title")    \
    X("a picture stands in a paragraph of its own, not within a quote or a list",                  \
      "desk-error-picture-alone")                                                                  \
    X("a picture stands in a paragraph of its own", "desk-error-picture-alone")                    \
    X("a picture and a link are tangled: give each its own brackets", "desk-error-tangled")        \
    X("an attribution is speaker, role, venue and date; one with a comma stands in double quotes", \
      "desk-error-attribution")                                                                    \
    X("an attribution's last part is a date such as 2026-11-20", "desk-error-quote-date")          \
    X("the line before an attribution ends with a line break", "desk-error-break")                 \
    X("a rule (---) has no place in a story: use a crosshead", "desk-error-rule")                  \
    X("this has no form in a story", "desk-error-form")                                            \
    /* pictures */                                                                                 \
    X("this is {}; a JPEG, PNG or WebP picture is wanted", "desk-error-picture-kind")              \
    X("this is no JPEG, PNG or WebP picture", "desk-error-picture-kind")                           \
    X("the picture is larger than 50 MB", "desk-error-picture-large")                              \
    X("the picture has no size", "desk-error-picture-damaged")                                     \
    X("the picture has {} × {} pixels, more than 100 megapixels", "desk-error-pixels")             \
    X("the JPEG is cut short or contradicts itself", "desk-error-picture-damaged")                 \
    X("the PNG is cut short or contradicts itself", "desk-error-picture-damaged")                  \
    X("the PNG has no header", "desk-error-picture-damaged")                                       \
    X("the PNG has no sensible size", "desk-error-picture-damaged")                                \
    X("the PNG has no picture data", "desk-error-picture-damaged")                                 \
    X("the PNG is cut short", "desk-error-picture-damaged")                                        \
    X("the PNG is damaged: a checksum in it is wrong", "desk-error-picture-damaged")               \
    X("the WebP picture is cut short or contradicts itself", "desk-error-picture-damaged")         \
    /* what the door finds when it looks beside the story */                                       \
    X("there is no edition \"{}\"; there are: {}", "desk-error-field")                             \
    X("there is no edition \"{}\"", "desk-error-field")                                            \
    X("the address {words} was removed by order", "desk-error-address-removed")                    \
    X("the address {words} belongs to the story \"{}\"", "desk-error-address-taken")               \
    X("a thousand stories hold the address {words}", "desk-error-address-taken")                   \
    X("the name \"{words}\" makes no address: it needs a letter or a digit",                       \
      "desk-error-name-address")                                                                   \
    X("too many pictures in one change", "desk-error-pictures-full")                               \
    X("a story needs a `section`; there are: {}", "desk-error-section-missing")                    \
    X("a story needs a section", "desk-error-section-missing")                                     \
    X("there is no section \"{words}\"; there are: {}", "desk-error-section")                      \
    X("there is no section \"{words}\"", "desk-error-section")                                     \
    X("the id \"{}\" differs only by case from \"{}\"", SHAPE)                                     \
    X("the story \"{}\" is withdrawn: reinstate it first", "desk-error-withdrawn")                 \
    X("the kind of a story can't change", SHAPE)                                                   \
    X("the story \"{}\" belongs to the edition {}", SHAPE)                                         \
    X("revision {} is live, and this file was made from revision {}", "desk-error-live-changed")   \
    X("\"{}\" is a page or a background: it has no section", "desk-error-no-section")              \
    X("\"{}\" is a background: it can't name a background", "desk-error-background-of-background") \
    X("\"{words}\" is not of kind background", "desk-error-background")                            \
    X("the story \"{}\" names \"{}\" as its background: it has to be of `kind: background`, or "   \
      "have another id",                                                                           \
      "desk-error-named-background")                                                               \
    X("\"{words}\" is of the same edition: a translation is of another",                           \
      "desk-error-same-edition")                                                                   \
    X("the file has no text below its head, and the story \"{}\" has one: it would be emptied",    \
      "desk-error-emptied")                                                                        \
    X("\"{words}\" is under embargo until {}: nobody can publish it before",                       \
      "desk-error-under-embargo")                                                                  \
    X("\"{}\" and \"{}\" would both be the {} edition of one story",                               \
      "desk-error-two-translations")                                                               \
    X("a story has at most {n} translations", "desk-error-translations")                           \
    X("the story is live: `published` can't lie in the future", SHAPE)                             \
    X("a typo can't change a digit, a name, words in quotation marks or the address ({words}): "   \
      "make it an update or a correction",                                                         \
      "desk-error-typo")                                                                           \
    X("the story was never live: there is nothing to correct", "desk-error-never-live")            \
    X("the body is too long: as it is kept it has more than 512 KiB", "desk-error-text-long")      \
    X("a withdrawal needs a note: it is what readers are told", "desk-error-withdrawal-reason")    \
    X("the note has to be one line of UTF-8 without control characters", "desk-error-reason-line") \
    X("the note has {n} characters; it may have {most}", "desk-error-reason-long")                 \
    X("the picture {} was not found", "desk-error-picture-unknown")                                \
    X("no picture is kept under the key {}", "desk-error-picture-unknown")                         \
    X("nothing says what the picture {} is: add it to `pictures`", "desk-error-picture-unknown")   \
    /* what the desk's own steps find */                                                           \
    X("the story \"{}\" is not scheduled", "desk-error-not-scheduled")                             \
    X("there is a newer save than {}: {}", "desk-error-newer")                                     \
    X("the story is {}: that step doesn't lead on from there", "desk-error-step")                  \
    X("there is no such account", "desk-error-field")                                              \
    X("a note is text without control characters", "desk-error-character")                         \
    X("a note has at most {n} bytes", "desk-error-note-long")                                      \
    X("a story has at most {n} notes", "desk-error-notes")                                         \
    X("the story \"{}\" was public: it can be withdrawn", "desk-error-was-public")                 \
    X("the time has passed", "desk-error-time-past")                                               \
    X("the live text has changed since this draft was begun: save it again, and both are merged",  \
      "desk-error-live-changed")                                                                   \
    X("nothing is saved yet", "desk-error-nothing-saved")                                          \
    X("there is nothing beside the live text to publish", "desk-error-nothing-new")                \
    X("the story \"{}\" is not live", "desk-error-not-live")                                       \
    X("the story \"{}\" is not withdrawn", "desk-error-not-withdrawn")                             \
    X("the story {} has no save {}", "desk-error-field")                                           \
    X("the story {} has no revision {}", "desk-error-field")                                       \
    X("a code point that is no character can't stand in a text", "desk-error-character")           \
    X("a picture is named by its key", "desk-error-field")                                         \
    X("the story has more than 1 MiB", "desk-error-story-long")                                    \
    X("the story is longer than 1 MiB", "desk-error-story-long")                                   \
    X("\"{}\" is on legal hold: nothing of it can be changed, withdrawn or destroyed",             \
      "desk-error-held")                                                                           \
    X("the live text has changed since this draft was begun: save it first",                       \
      "desk-error-live-changed")

static const struct {
    const char *sentence, *key;
} refusals[] = {
#define X(sentence, key) {sentence, key},
    REFUSALS(X)
#undef X
};

static const struct {
    const char *name, *key;
} fields[] = {
    {"headline", "desk-field-headline"},
    {"headlines", "desk-field-headline"},
    {"front", "desk-field-front"},
    {"social", "desk-field-social"},
    {"push", "desk-field-push"},
    {"standfirst", "desk-field-standfirst"},
    {"slug", "desk-field-slug"},
    {"dateline", "desk-field-dateline"},
    {"label", "desk-field-label"},
    {"section", "desk-field-section"},
    {"licence", "desk-field-licence"},
    {"body", "desk-field-body"},
    {"topics", "desk-field-topics"},
    {"background", "desk-field-background"},
    {"translation-of", "desk-field-translation"},
    {"source", "desk-field-source"},
    {"by", "desk-byline"},
    {"by-0-name", "desk-byline"},
    {"name", "desk-name"},
    {"role", "desk-role"},
    {"lang", "desk-language"},
    {"picture", "desk-picture-lead"},
    {"picture-0-caption", "desk-picture-lead"},
    {"pictures", "desk-pictures"},
    {"picture-1-caption", "desk-pictures"},
    {"caption", "desk-caption"},
    {"alt", "desk-alt"},
    {"credit", "desk-credit"},
    {"agency", "desk-agency"},
    {"taken", "desk-taken"},
    {"received", "desk-received"},
    {"correction", "desk-correction"},
};

const char *refusal_field(str name)
{
    for (size_t i = 0; i < COUNT(fields); i++)
        if (str_eq(name, str_c(fields[i].name)))
            return fields[i].key;
    return "";
}

bool refusal_at(size_t i, const char **sentence, const char **key)
{
    if (i >= COUNT(refusals))
        return false;
    *sentence = refusals[i].sentence;
    *key = refusals[i].key;
    return true;
}

/* "body/3: words" and "words (body/3)" as words: a person is shown the field. */
static str without_path(str s)
{
    ptrdiff_t at = str_find(s, STR(" (body"));
    if (at > 0 && s.p[s.n - 1] == ')')
        return str_head(s, (size_t)at);
    at = str_starts(s, STR("body")) ? str_find(s, STR(": ")) : -1;
    return at < 0 ? s : str_from(s, (size_t)at + 2);
}

/* A slot is {} with small letters between; other braces are text. */
static bool slot_at(str pattern, size_t at, str *name)
{
    size_t end = at + 1;
    while (end < pattern.n && pattern.p[end] >= 'a' && pattern.p[end] <= 'z')
        end++;
    *name = str_head(str_from(pattern, at + 1), end - at - 1);
    return pattern.p[at] == '{' && end < pattern.n && pattern.p[end] == '}';
}

/* Takes text up to the next slot, or all there is, off a pattern; and whether there is one. */
static bool literal(str *pattern, str *text, str *name)
{
    str whole = *pattern;
    for (size_t i = 0; i < whole.n; i++)
        if (slot_at(whole, i, name)) {
            *pattern = str_from(whole, i + name->n + 2);
            *text = str_head(whole, i);
            return true;
        }
    *pattern = STR_NONE;
    *text = whole;
    return false;
}

static bool matches(str pattern, str s, struct refusal *ret)
{
    str name, text;
    bool slot = literal(&pattern, &text, &name);
    ret->n = 0;
    if (!str_starts(s, text))
        return false;
    s = str_from(s, text.n);
    while (slot) {
        struct refusal_slot one = {.name = name};
        slot = literal(&pattern, &text, &name);
        ptrdiff_t at = text.n ? str_find(s, text) : (ptrdiff_t)s.n;
        if (at < 0)
            return false;
        one.text = str_head(s, (size_t)at);
        s = str_from(s, (size_t)at + text.n);
        if (one.name.n && ret->n < REFUSAL_SLOTS)
            ret->slots[ret->n++] = one;
    }
    return s.n == 0;
}

bool refusal_read(str sentence, struct refusal *ret)
{
    str s = without_path(str_trim(sentence));
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct refusal r = {.key = refusals[i].key};
        if (matches(str_c(refusals[i].sentence), s, &r)) {
            *ret = r;
            return true;
        }
    }
    *ret = (struct refusal){.key = ANYTHING};
    return false;
}
