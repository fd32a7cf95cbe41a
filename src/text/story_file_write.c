/* A story as a file again, in the order of its documentation (text/story_file.h). */
#include "base/time.h"
#include "text/story_file.h"
#include "text/yaml.h"

static void line(struct out *o, const char *key, str value)
{
    if (value.n == 0)
        return;
    out_fmt(o, "%s: ", key);
    yaml_put(o, value);
    out_byte(o, '\n');
}

static void when(struct out *o, const char *key, i64 ms)
{
    if (ms) {
        str t = time_rfc3339(ms, o->arena);
        out_fmt(o, "%s: %.*s\n", key, FMT(t));
    }
}

static void person(struct out *o, const struct person_name *p)
{
    if (!p->lang.n && !p->role.n) {
        yaml_put(o, p->name);
        return;
    }
    out_c(o, "{name: ");
    yaml_put(o, p->name);
    if (p->lang.n) {
        out_c(o, ", lang: ");
        yaml_put(o, p->lang);
    }
    if (p->role.n) {
        out_c(o, ", role: ");
        yaml_put(o, p->role);
    }
    out_byte(o, '}');
}

static void credit(struct out *o, const struct credit *c, const char *indent)
{
    if (c->text.n) {
        out_fmt(o, "%scredit: ", indent);
        yaml_put(o, c->text);
        out_byte(o, '\n');
        return;
    }
    if (!c->agency.n && !c->by.name.n)
        return;
    out_fmt(o, "%scredit: {", indent);
    if (c->agency.n) {
        out_c(o, "agency: ");
        yaml_put(o, c->agency);
    }
    if (c->by.name.n) {
        out_c(o, c->agency.n ? ", by: " : "by: ");
        person(o, &c->by);
    }
    out_c(o, "}\n");
}

static void picture(struct out *o, const struct picture_use *p, const char *first,
                    const char *indent)
{
    const struct {
        const char *key;
        str value;
    } texts[] = {{"caption", p->caption},
                 {"licence", p->licence},
                 {"taken", p->taken},
                 {"received", p->received},
                 {"alt", p->alt}};
    out_fmt(o, "%skey: \"%.*s\"\n", first, FMT(p->key));
    credit(o, &p->credit, indent);
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (!texts[i].value.n)
            continue;
        out_c(o, indent);
        line(o, texts[i].key, texts[i].value);
    }
}

static void headlines(struct out *o, const struct story_content *s)
{
    if (!s->front.n && !s->social.n && !s->push.n)
        return;
    out_c(o, "headlines:\n");
    const struct {
        const char *key;
        str value;
    } list[] = {{"  front", s->front}, {"  social", s->social}, {"  push", s->push}};
    for (size_t i = 0; i < COUNT(list); i++)
        line(o, list[i].key, list[i].value);
}

static void lists(struct out *o, const struct story_content *s)
{
    if (s->nby) {
        out_c(o, "by: [");
        for (size_t i = 0; i < s->nby; i++) {
            out_c(o, i ? ", " : "");
            person(o, &s->by[i]);
        }
        out_c(o, "]\n");
    }
    if (s->ntopics) {
        out_c(o, "topics: [");
        for (size_t i = 0; i < s->ntopics; i++) {
            out_c(o, i ? ", " : "");
            yaml_put(o, s->topics[i]);
        }
        out_c(o, "]\n");
    }
}

/* The body names its pictures as picture:KEY, which the document holds as the bare key. */
static struct node *with_scheme(struct arena *a, const struct node *n)
{
    struct node *copy = arena_new(a, struct node, 1), **end;
    if (!copy)
        return NULL;
    *copy = *n;
    copy->first = NULL;
    end = &copy->first;
    if (n->kind == NODE_PICTURE)
        copy->picture.ref = arena_fmt(a, "picture:%.*s", FMT(n->picture.ref));
    for (const struct node *k = n->first; k; k = k->next) {
        *end = with_scheme(a, k);
        if (!*end)
            return NULL;
        end = &(*end)->next;
        *end = NULL;
    }
    return copy;
}

void story_file_write(const struct story_content *s, i64 revision, struct out *o)
{
    static const char *const kinds[] = {"story", "background", "page"};
    out_c(o, "---\n");
    line(o, "id", s->id);
    if (revision)
        out_fmt(o, "revision: %lld\n", (long long)revision);
    line(o, "edition", s->edition);
    line(o, "section", s->section);
    if (s->kind != KIND_STORY)
        line(o, "kind", str_c(kinds[s->kind]));
    line(o, "headline", s->headline);
    headlines(o, s);
    line(o, "label", s->label);
    line(o, "standfirst", s->standfirst);
    line(o, "slug", s->slug);
    line(o, "dateline", s->dateline);
    when(o, "published", s->published);
    when(o, "embargo", s->embargo);
    lists(o, s);
    line(o, "background", s->background);
    if (s->picture) {
        out_c(o, "picture:\n");
        picture(o, s->picture, "  ", "  ");
    }
    if (s->npictures)
        out_c(o, "pictures:\n");
    for (size_t i = 0; i < s->npictures; i++)
        picture(o, &s->pictures[i], "  - ", "    ");
    line(o, "source", s->source);
    line(o, "licence", s->licence);
    line(o, "translation-of", s->translation_of);
    out_c(o, "---\n");
    struct node *body = with_scheme(o->arena, s->body);
    if (body)
        document_to_markdown(body, o);
}
