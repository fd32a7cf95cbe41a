/* Saves and pictures that nobody saw are destroyed by the desk's own forms. */
#include "desk.h"

static const char site_yaml[] =
    "name: {en: The Sound}\neditions: [{slug: en, locale: en-GB, zone: Europe/London}]\n";
static const struct world_files files = {site_yaml, "en:\n  - {slug: town, name: Town}\n", NULL};

static const char *story(char buf[300], const char *key, const char *tail)
{
    snprintf(buf, 300, "/desk/story/%s%s", key, tail);
    return buf;
}

static void write_save(struct browser *b, const char *key, const char *parent, const char *body)
{
    char path[300];
    assert_int_equal(send_form(b, story(path, key, ""), "parent", parent, "base", "0", "headline",
                               "One", "section", "town", "body", body, "do", "save"),
                     303);
}

static void a_save_is_destroyed_at_the_desk(void **state)
{
    struct world *w = *state;
    struct browser ada, edda;
    char key[200], path[300];
    str found;
    staff(w, &ada, "a@example.org", "Ada", ROLE_REPORTER);
    staff(w, &edda, "e@example.org", "Edda", ROLE_EDITOR);
    assert_int_equal(send_form(&ada, "/desk/new", "place", "en/town"), 303);
    str_cut(str_from(ada.location, strlen("/desk/story/")), '?', &found);
    snprintf(key, sizeof key, "%.*s", FMT(found));
    write_save(&ada, key, "0", "A name that should not stand here.\n");
    write_save(&ada, key, "1", "No name.\n");
    fetch(&ada, story(path, key, "/saves/2"));
    assert_lacks(ada.body, "value=\"destroy\""); /* it stands at the desk */
    assert_int_equal(send_form(&ada, path, "do", "destroy"), 409);
    assert_has(ada.body, "This save is what stands at the desk");
    fetch(&edda, story(path, key, "/saves/1"));
    assert_has(edda.body, "should not stand here");
    assert_lacks(edda.body, "value=\"destroy\"");
    assert_int_equal(send_form(&edda, path, "do", "destroy"), 403);
    fetch(&ada, path);
    assert_has(ada.body, "value=\"destroy\"");
    assert_int_equal(send_form(&ada, path, "do", "destroy"), 303);
    assert_has(ada.location, "done=destroyed");
    assert_int_equal(fetch(&ada, arena_cstr(&w->a, ada.location)), 200);
    assert_has(ada.body, "The save is destroyed.");
    assert_has(ada.body, "by Ada");
    assert_int_equal(fetch(&ada, path), 404);
    assert_int_equal(fetch(&ada, story(path, key, "/saves/1/preview")), 404);
    assert_int_equal(fetch(&ada, story(path, key, "?from=1")), 404);
    assert_int_equal(fetch(&ada, story(path, key, "/saves/2")), 200); /* made from it */
    assert_has(ada.body, "No name.");
    assert_int_equal(send_form(&ada, story(path, key, "/saves"), "do", "destroy-picture", "picture",
                               "nobody-knows-this"),
                     404);
}

static const u8 png[] =
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde"
    "\0\0\0\x0cIDATx\x9c\x63\xf8\xcf\xc0\0\0\3\1\1\0\xc9\xfe\x92\xef\0\0\0\0IEND\xae\x42\x60\x82";

/* A form with a file, as a browser sends one. */
static int send_picture(struct browser *b, const char *path)
{
    static const char *const fields[] = {"parent",  "0",      "base",    "0",   "headline",
                                         "One",     "body",   "No.\n",   "do",  "save",
                                         "new-alt", "A wall", "section", "town"};
    struct out o = out_make(&b->w->a, 4096, 1 << 20);
    for (size_t i = 0; i < COUNT(fields); i += 2)
        out_fmt(&o, "--cut\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", fields[i],
                fields[i + 1]);
    out_fmt(&o, "--cut\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n%s\r\n", b->token);
    out_c(&o, "--cut\r\nContent-Disposition: form-data; name=\"new-picture\"; "
              "filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n");
    out_str(&o, (str){(const char *)png, sizeof png - 1});
    out_c(&o, "\r\n--cut--\r\n");
    struct request r = {.method = POST,
                        .path = str_c(path),
                        .cookie = str_c(b->cookie),
                        .client = STR("127.0.0.1"),
                        .secure = true,
                        .same_origin = true,
                        .content_type = STR("multipart/form-data; boundary=cut"),
                        .body = out_view(&o)};
    struct reply reply = app_handle(b->w->app, &r, &b->w->a);
    keep_answer(b, &reply);
    return b->status;
}

static void a_picture_is_destroyed_at_the_desk(void **state)
{
    struct world *w = *state;
    struct browser ada;
    char key[200], path[300], address[300];
    str found, picture;
    staff(w, &ada, "a@example.org", "Ada", ROLE_REPORTER);
    assert_int_equal(send_form(&ada, "/desk/new", "place", "en/town"), 303);
    str_cut(str_from(ada.location, strlen("/desk/story/")), '?', &found);
    snprintf(key, sizeof key, "%.*s", FMT(found));
    assert_int_equal(send_picture(&ada, story(path, key, "")), 303);
    assert_int_equal(fetch(&ada, story(path, key, "/saves")), 200);
    assert_lacks(ada.body, "destroy-picture"); /* the text shows it */
    write_save(&ada, key, "1", "No.\n");
    assert_int_equal(fetch(&ada, path), 200);
    assert_has(ada.body, "destroy-picture");
    ptrdiff_t at = str_find(ada.body, STR("name=\"picture\" value=\""));
    str_cut(str_from(ada.body, (size_t)at + strlen("name=\"picture\" value=\"")), '"', &picture);
    const char *name = arena_cstr(&w->a, picture);
    snprintf(address, sizeof address, "/desk/story/%s/picture/%s", key, name);
    assert_int_equal(fetch(&ada, address), 200);
    fetch(&ada, path);
    assert_int_equal(send_form(&ada, path, "do", "destroy-picture", "picture", name), 303);
    assert_int_equal(fetch(&ada, address), 404);
    assert_int_equal(fetch(&ada, path), 200);
    assert_lacks(ada.body, "destroy-picture");
    assert_int_equal(fetch(&ada, story(path, key, "/saves/1/preview")), 200); /* without it */
    assert_has(ada.body, "No.");
    assert_lacks(ada.body, name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_world(a_save_is_destroyed_at_the_desk, &files),
        with_world(a_picture_is_destroyed_at_the_desk, &files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
