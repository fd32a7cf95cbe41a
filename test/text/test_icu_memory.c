/* A program whose dates get no memory ends in order, and says why. */
#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "text/messages.h"
#include "text/icu_memory.h"

static void it_ends_in_order(void **state)
{
    char words[512] = "";
    struct civil c;
    struct err err = {0};
    int ends[2], status = 0;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        setenv("BROADSHEET_ICU_SHORT", "1", 1);
        icu_memory_start();
        _exit(date_civil(STR("Europe/London"), 0, &c, &err) ? 10 : 11);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], words, sizeof words - 1);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(n > 0 && WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_non_null(strstr(words, "out of memory"));
}

static void with_memory_it_goes_on(void **state)
{
    struct civil c = {0};
    struct err err = {0};
    (void)state;
    icu_memory_start();
    assert_int_equal(date_civil(STR("Europe/London"), 0, &c, &err), ST_OK);
    assert_int_equal(c.year, 1970);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_ends_in_order),
        cmocka_unit_test(with_memory_it_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
