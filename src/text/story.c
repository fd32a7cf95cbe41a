/* A story as canonical JSON, both ways (text/story.h). */
#include "text/story.h"

#include "base/time.h"
#include "text/json.h"
#include "text/slug.h"

static const char *const kinds[] = {"story", "background", "page"};

/* ---- writing: keys in the order of their code units ---- */

static void write_person(const struct person_name *p, struct out *o)
{
    bool first = true;
    if (!p->lang.n && !p->role.n) {
        json_put(o, p->name);
        return;
    }
    out_byte(o, '{');
    json_put_text(o, &first, "lang", p->lang);
    json_put_text(o, &first, "name", p->name);
    json_put_text(o, &first, "role", p->role);
    out_byte(o, '}');
}

static void write_credit(const struct credit *c, struct out *o, bool *first)
{
    bool in = true;
    if (c->text.n) {
        json_put_text(o, first, "credit", c->text);
        return;
    }
    if (!c->agency.n && !c->by.name.n)
        return;
    json_put_key(o, first, "credit");
    out_byte(o, '{');
    json_put_text(o, &in, "agency", c->agency);
    if (c->by.name.n) {
        json_put_key(o, &in, "by");
        write_person(&c->by, o);
    }
    out_byte(o, '}');
}

static void write_picture(const struct picture_use *p, struct out *o)
{
    bool first = true;
    out_byte(o, '{');
    json_put_text(o, &first, "alt", p->alt);
    json_put_text(o, &first, "caption", p->caption);
    write_credit(&p->credit, o, &first);
    json_put_text(o, &first, "key", p->key);
    json_put_text(o, &first, "licence", p->licence);
    json_put_text(o, &first, "received", p->received);
    json_put_text(o, &first, "taken", p->taken);
    out_byte(o, '}');
}

static void write_time(struct out *o, bool *first, const char *key, i64 ms)
{
    if (ms)
        json_put_text(o, first, key, time_rfc3339(ms, o->arena));
}

static void write_by_to_headlines(const struct story_content *s, struct out *o, bool *first)
{
    if (s->nby) {
        json_put_key(o, first, "by");
        out_byte(o, '[');
        for (size_t i = 0; i < s->nby; i++) {
            if (i)
                out_byte(o, ',');
            write_person(&s->by[i], o);
        }
        out_byte(o, ']');
    }
    json_put_text(o, first, "dateline", s->dateline);
    json_put_text(o, first, "edition", s->edition);
    write_time(o, first, "embargo", s->embargo);
    json_put_text(o, first, "headline", s->headline);
    if (s->front.n || s->social.n || s->push.n) {
        bool in = true;
        json_put_key(o, first, "headlines");
        out_byte(o, '{');
        json_put_text(o, &in, "front", s->front);
        json_put_text(o, &in, "push", s->push);
        json_put_text(o, &in, "social", s->social);
        out_byte(o, '}');
    }
}

static void write_pictures(const struct story_content *s, struct out *o, bool *first)
{
    if (s->picture) {
        json_put_key(o, first, "picture");
        write_picture(s->picture, o);
    }
    if (s->npictures) {
        json_put_key(o, first, "pictures");
        out_byte(o, '[');
        for (size_t i = 0; i < s->npictures; i++) {
            if (i)
                out_byte(o, ',');
            write_picture(&s->pictures[i], o);
        }
        out_byte(o, ']');
    }
}

void story_members(const struct story_content *s, struct out *o, bool *first)
{
    json_put_text(o, first, "background", s->background);
    if (s->body) {
        json_put_key(o, first, "body");
        document_write(s->body, o);
    }
    write_by_to_headlines(s, o, first);
    json_put_text(o, first, "id", s->id);
    json_put_text(o, first, "kind", str_c(kinds[s->kind]));
    json_put_text(o, first, "label", s->label);
    json_put_text(o, first, "licence", s->licence);
    write_pictures(s, o, first);
    write_time(o, first, "published", s->published);
    json_put_text(o, first, "section", s->section);
    json_put_text(o, first, "slug", s->slug);
    json_put_text(o, first, "source", s->source);
    json_put_text(o, first, "standfirst", s->standfirst);
    if (s->ntopics) {
        json_put_key(o, first, "topics");
        out_byte(o, '[');
        for (size_t i = 0; i < s->ntopics; i++) {
            if (i)
                out_byte(o, ',');
            json_put(o, s->topics[i]);
        }
        out_byte(o, ']');
    }
    json_put_text(o, first, "translation-of", s->translation_of);
}

void story_canonical(const struct story_content *s, struct out *o)
{
    bool first = true;
    out_byte(o, '{');
    story_members(s, o, &first);
    out_byte(o, '}');
}

/* ---- reading ---- */

#define GET(map, name) json_text(json_member(map, STR(name)))

static struct person_name read_person(const struct json *j)
{
    if (json_is(j, JSON_TEXT))
        return (struct person_name){.name = j->text};
    return (struct person_name){
        .name = GET(j, "name"), .lang = GET(j, "lang"), .role = GET(j, "role")};
}

static struct picture_use read_picture(const struct json *j)
{
    const struct json *c = json_member(j, STR("credit"));
    struct picture_use p = {.alt = GET(j, "alt"),
                            .caption = GET(j, "caption"),
                            .key = GET(j, "key"),
                            .licence = GET(j, "licence"),
                            .received = GET(j, "received"),
                            .taken = GET(j, "taken")};
    if (json_is(c, JSON_TEXT)) {
        p.credit.text = c->text;
    } else if (c) {
        p.credit.agency = GET(c, "agency");
        p.credit.by = read_person(json_member(c, STR("by")));
    }
    return p;
}

static enum status read_time(str s, i64 *ret)
{
    *ret = 0;
    return s.n ? time_parse(s, ret) : ST_OK;
}

static size_t size_of(const struct json *j)
{
    return j ? j->size : 0;
}

static enum status read_lists(const struct json *j, struct arena *a, struct story_content *s)
{
    const struct json *by = json_member(j, STR("by")), *topics = json_member(j, STR("topics"));
    const struct json *pictures = json_member(j, STR("pictures"));
    const struct json *lead = json_member(j, STR("picture")), *one;
    s->by = arena_new(a, struct person_name, size_of(by) + 1);
    s->topics = arena_new(a, str, size_of(topics) + 1);
    s->pictures = arena_new(a, struct picture_use, size_of(pictures) + 1);
    s->picture = lead ? arena_new(a, struct picture_use, 1) : NULL;
    if (!s->by || !s->topics || !s->pictures || (lead && !s->picture))
        return ST_NOMEM;
    for (one = by ? by->first : NULL; one; one = one->next)
        s->by[s->nby++] = read_person(one);
    for (one = topics ? topics->first : NULL; one; one = one->next)
        s->topics[s->ntopics++] = json_text(one);
    for (one = pictures ? pictures->first : NULL; one; one = one->next)
        s->pictures[s->npictures++] = read_picture(one);
    if (s->picture)
        *s->picture = read_picture(lead);
    return ST_OK;
}

static enum status read_story(const struct json *j, struct arena *a, struct story_content *ret,
                              struct err *err)
{
    const struct json *h = json_member(j, STR("headlines")), *body = json_member(j, STR("body"));
    struct story_content s = {.background = GET(j, "background"),
                              .dateline = GET(j, "dateline"),
                              .edition = GET(j, "edition"),
                              .headline = GET(j, "headline"),
                              .id = GET(j, "id"),
                              .label = GET(j, "label"),
                              .licence = GET(j, "licence"),
                              .section = GET(j, "section"),
                              .slug = GET(j, "slug"),
                              .source = GET(j, "source"),
                              .standfirst = GET(j, "standfirst"),
                              .translation_of = GET(j, "translation-of"),
                              .front = GET(h, "front"),
                              .push = GET(h, "push"),
                              .social = GET(h, "social")};
    str kind = GET(j, "kind");
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (str_eq(kind, str_c(kinds[i])))
            s.kind = (enum story_kind)i;
    enum status st = read_time(GET(j, "published"), &s.published);
    st = st ? st : read_time(GET(j, "embargo"), &s.embargo);
    st = st ? st : read_lists(j, a, &s);
    if (!st && body)
        st = document_from_json(body, a, &s.body, err);
    if (!st && a->oom)
        st = ST_NOMEM;
    if (!st)
        *ret = s;
    return st;
}

enum status story_from_canonical(str json, struct arena *a, struct story_content *ret,
                                 struct err *err)
{
    const struct json *root;
    struct err why = {0};
    enum status st = json_read(json, a, &root, &why);
    if (st == ST_NOMEM)
        return st;
    if (st || root->type != JSON_MAP)
        return fail(err, ST_CORRUPT, "a kept story can't be read: %s", why.text);
    return read_story(root, a, ret, err);
}
