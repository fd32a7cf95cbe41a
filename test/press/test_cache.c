/* The page cache keeps the promise of docs/architecture.md, "Freshness": each rule has a test that
 * holds a render in mid-air and lets events pass meanwhile. */
#include "test.h"

#include <pthread.h>
#include <unistd.h>

#include "base/hash.h"
#include "press/cache.h"

struct world {
    struct cache *cache;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    int stage;        /* what the test has let happen */
    int rendering;    /* renders that are at their pause */
    i64 snapshot;     /* what the next render sees */
    const char *body; /* what it says */
    i64 until;
    int renders;
    bool hold;
};

static struct finished *page(const char *body)
{
    struct finished *f;
    struct err err;
    assert_int_equal(finished_make(&(struct finished_spec){.content_type = STR("text/plain"),
                                                           .body = str_c(body)},
                                   &f, &err),
                     ST_OK);
    return f;
}

/* A render that takes its snapshot, then waits until the test lets it go on. */
static enum status render(void *arg, str key, struct printed *ret, struct err *err)
{
    static const str keys[] = {{"story/1", 7}, {"site", 4}};
    struct world *w = arg;
    (void)key;
    (void)err;
    pthread_mutex_lock(&w->lock);
    i64 snapshot = w->snapshot;
    const char *body = w->body;
    w->renders++;
    bool hold = w->hold;
    w->hold = false;
    w->rendering += hold;
    pthread_cond_broadcast(&w->moved);
    int stage = w->stage;
    while (hold && w->stage == stage)
        pthread_cond_wait(&w->moved, &w->lock);
    pthread_mutex_unlock(&w->lock);
    *ret = (struct printed){.page = page(body),
                            .snapshot = snapshot,
                            .until = w->until ? w->until : MS_NEVER,
                            .keys = keys,
                            .nkeys = 2,
                            .theme = 1};
    return ST_OK;
}

static void let_go(struct world *w)
{
    pthread_mutex_lock(&w->lock);
    w->stage++;
    pthread_cond_broadcast(&w->moved);
    pthread_mutex_unlock(&w->lock);
}

static void wait_rendering(struct world *w, int n)
{
    pthread_mutex_lock(&w->lock);
    while (w->rendering < n)
        pthread_cond_wait(&w->moved, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

static void *ask(void *arg)
{
    struct world *w = arg;
    struct finished *f = NULL;
    struct err err;
    if (cache_print(w->cache, STR("/a"), render, w, &f, &err))
        return NULL;
    return f;
}

static bool says(struct finished *f, const char *want)
{
    bool same = f && str_eq(finished_body(f), str_c(want));
    finished_release(f);
    return same;
}

static void wait_waiting(struct world *w, i64 n)
{
    while (cache_stats(w->cache).waiting < n)
        usleep(1000);
}

static int setup(void **state)
{
    static struct world w;
    struct err err;
    w = (struct world){.lock = PTHREAD_MUTEX_INITIALIZER,
                       .moved = PTHREAD_COND_INITIALIZER,
                       .snapshot = 10,
                       .body = "old"};
    assert_int_equal(hash_start(), ST_OK);
    assert_int_equal(cache_make(&(struct cache_conf){.max_bytes = 1 << 20}, 10, &w.cache, &err),
                     ST_OK);
    cache_theme(w.cache, 1);
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    cache_free(((struct world *)*state)->cache);
    time_set_for_test(0);
    return 0;
}

static void apply(struct world *w, i64 id, const char *key)
{
    str k = str_c(key);
    cache_apply(w->cache, id, &k, 1);
}

static void a_page_is_kept(void **state)
{
    struct world *w = *state;
    assert_true(says(ask(w), "old"));
    assert_true(says(ask(w), "old"));
    assert_int_equal(w->renders, 1);
}

static void an_event_drops_what_shows_it(void **state)
{
    struct world *w = *state;
    assert_true(says(ask(w), "old"));
    w->snapshot = 11;
    w->body = "new";
    apply(w, 11, "story/1");
    assert_true(says(ask(w), "new"));
}

static void an_event_leaves_the_rest(void **state)
{
    struct world *w = *state;
    assert_true(says(ask(w), "old"));
    apply(w, 11, "story/2");
    assert_true(says(ask(w), "old"));
    assert_int_equal(w->renders, 1);
}

static void a_late_page_does_not_enter(void **state)
{
    struct world *w = *state;
    pthread_t t;
    void *answer;
    w->hold = true;
    pthread_create(&t, NULL, ask, w);
    wait_rendering(w, 1);
    apply(w, 11, "story/1"); /* while it is rendered from an older view */
    let_go(w);
    pthread_join(t, &answer);
    finished_release(answer);
    w->snapshot = 11;
    w->body = "new";
    assert_true(says(ask(w), "new"));
    assert_int_equal(cache_stats(w->cache).late_refused, 1);
}

static void a_waiter_never_gets_what_is_older_than_itself(void **state)
{
    struct world *w = *state;
    pthread_t first, second;
    void *a, *b;
    struct err err;
    cache_free(w->cache); /* one in which nothing fits: the answer can come from the render alone */
    assert_int_equal(cache_make(&(struct cache_conf){.max_bytes = 1}, 10, &w->cache, &err), ST_OK);
    cache_theme(w->cache, 1);
    w->hold = true;
    pthread_create(&first, NULL, ask, w);
    wait_rendering(w, 1);
    apply(w, 11, "story/1"); /* acknowledged; who comes now must see it */
    w->snapshot = 11;
    w->body = "new";
    pthread_create(&second, NULL, ask, w);
    wait_waiting(w, 1);
    let_go(w);
    pthread_join(first, &a);
    pthread_join(second, &b);
    assert_true(says(a, "old")); /* it asked before */
    assert_true(says(b, "new"));
}

static void waiters_share_one_render(void **state)
{
    struct world *w = *state;
    pthread_t t[8];
    void *answers[8];
    w->hold = true;
    for (int i = 0; i < 8; i++)
        pthread_create(&t[i], NULL, ask, w);
    wait_rendering(w, 1);
    wait_waiting(w, 7);
    let_go(w);
    for (int i = 0; i < 8; i++) {
        pthread_join(t[i], &answers[i]);
        assert_true(says(answers[i], "old"));
    }
    assert_int_equal(w->renders, 1);
}

static void a_page_ends_by_time_alone(void **state)
{
    struct world *w = *state;
    time_set_for_test(1000);
    w->until = 2000;
    assert_true(says(ask(w), "old"));
    w->body = "new";
    time_set_for_test(1999);
    assert_true(says(ask(w), "old"));
    time_set_for_test(2000);
    w->until = 3000;
    assert_true(says(ask(w), "new"));
}

static void an_ended_page_does_not_enter(void **state)
{
    struct world *w = *state;
    time_set_for_test(3000);
    w->until = 2000;
    assert_true(says(ask(w), "old"));
    assert_int_equal(cache_stats(w->cache).entries, 0);
}

static void an_ended_page_is_not_handed_on(void **state)
{
    struct world *w = *state;
    pthread_t first, second;
    void *a, *b;
    time_set_for_test(1000);
    w->until = 2000;
    w->hold = true;
    pthread_create(&first, NULL, ask, w);
    wait_rendering(w, 1);
    pthread_create(&second, NULL, ask, w);
    wait_waiting(w, 1);
    time_set_for_test(2000);
    w->body = "new";
    let_go(w);
    pthread_join(first, &a);
    finished_release(a);
    pthread_join(second, &b);
    assert_true(says(b, "new"));
}

static void a_page_of_an_older_theme_does_not_enter(void **state)
{
    struct world *w = *state;
    pthread_t t;
    void *a;
    w->hold = true;
    pthread_create(&t, NULL, ask, w);
    wait_rendering(w, 1);
    cache_theme(w->cache, 2);
    let_go(w);
    pthread_join(t, &a);
    finished_release(a);
    assert_int_equal(cache_stats(w->cache).entries, 0);
}

static void a_waiter_gets_no_older_theme(void **state)
{
    struct world *w = *state;
    pthread_t first, second;
    void *a, *b;
    struct err err;
    cache_free(w->cache); /* one in which nothing fits, as above */
    assert_int_equal(cache_make(&(struct cache_conf){.max_bytes = 1}, 10, &w->cache, &err), ST_OK);
    cache_theme(w->cache, 1);
    w->hold = true;
    pthread_create(&first, NULL, ask, w);
    wait_rendering(w, 1);
    cache_theme(w->cache, 2);
    w->body = "new";
    pthread_create(&second, NULL, ask, w);
    wait_waiting(w, 1);
    let_go(w);
    pthread_join(first, &a);
    finished_release(a);
    pthread_join(second, &b);
    assert_true(says(b, "new"));
}

static void a_gap_empties(void **state)
{
    struct world *w = *state;
    assert_true(says(ask(w), "old"));
    apply(w, 13, "story/9"); /* 11 and 12 were never heard of */
    w->snapshot = 13;
    w->body = "new";
    assert_true(says(ask(w), "new"));
}

static void a_key_of_every_page_is_settled_before_the_answer(void **state)
{
    struct world *w = *state;
    struct arena a;
    str keys[8];
    struct err err;
    assert_int_equal(arena_init(&a, 1 << 20), ST_OK);
    assert_true(says(ask(w), "old"));
    apply(w, 11, "site");
    w->snapshot = 11;
    w->body = "new";
    assert_true(
        says(ask(w), "old")); /* not acknowledged yet: the busiest moment finds a full cache */
    assert_int_equal(cache_stale(w->cache, &a, keys, COUNT(keys)), 1);
    assert_str(keys[0], "/a");
    cache_settle(w->cache);
    assert_true(says(ask(w), "new"));
    apply(w, 12, "site");
    w->snapshot = 12;
    w->body = "newer";
    assert_int_equal(cache_reprint(w->cache, STR("/a"), render, w, &err), ST_OK);
    cache_settle(w->cache);
    int renders = w->renders;
    assert_true(says(ask(w), "newer"));
    assert_int_equal(w->renders, renders); /* printed again, it stayed */
    arena_free(&a);
}

static void an_old_page_is_given_for_a_second_at_most(void **state)
{
    struct world *w = *state;
    assert_true(says(ask(w), "old"));
    apply(w, 11, "site");
    w->snapshot = 11;
    w->body = "new";
    usleep((CACHE_STALE_MS + 50) * 1000);
    assert_true(says(ask(w), "new"));
}

static enum status render_large(void *arg, str key, struct printed *ret, struct err *err)
{
    static const str keys[] = {{"site", 4}};
    struct world *w = arg;
    char body[4000];
    (void)key;
    (void)err;
    for (size_t i = 0; i < sizeof body - 1; i++)
        body[i] = (char)('a' + (i * 7919 + i * i) % 26);
    body[sizeof body - 1] = '\0';
    *ret = (struct printed){.page = page(body),
                            .snapshot = w->snapshot,
                            .until = MS_NEVER,
                            .keys = keys,
                            .nkeys = 1,
                            .theme = 1,
                            .rowless = w->stage == 1};
    return ST_OK;
}

static void memory_is_bounded_and_404s_have_their_own(void **state)
{
    struct world *w = *state;
    char key[32];
    struct finished *f;
    struct err err;
    for (int stage = 0; stage < 2; stage++) {
        w->stage = stage;
        for (int i = 0; i < 600; i++) {
            snprintf(key, sizeof key, "/%d/%d", stage, i);
            assert_int_equal(cache_print(w->cache, str_c(key), render_large, w, &f, &err), ST_OK);
            finished_release(f);
        }
    }
    struct cache_stats s = cache_stats(w->cache);
    assert_true(s.bytes <= 1 << 20);
    assert_true(s.evicted > 0);
    f = cache_get(w->cache,
                  STR("/0/599")); /* a flood of 404s has not pushed out what people read */
    assert_non_null(f);
    finished_release(f);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_page_is_kept),
        T(an_event_drops_what_shows_it),
        T(an_event_leaves_the_rest),
        T(a_late_page_does_not_enter),
        T(a_waiter_never_gets_what_is_older_than_itself),
        T(waiters_share_one_render),
        T(a_page_ends_by_time_alone),
        T(an_ended_page_does_not_enter),
        T(an_ended_page_is_not_handed_on),
        T(a_page_of_an_older_theme_does_not_enter),
        T(a_waiter_gets_no_older_theme),
        T(a_gap_empties),
        T(a_key_of_every_page_is_settled_before_the_answer),
        T(an_old_page_is_given_for_a_second_at_most),
        T(memory_is_bounded_and_404s_have_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
