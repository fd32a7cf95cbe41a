/* test/fuzz/fuzz.h: what a fuzz target needs: an arena, and one input at a time.
 *
 * With clang each target is a libFuzzer program (make fuzz); without, it reads the files named on its
 * command line, so that make test runs the corpora. */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"

/* What the target does with an input. Crashes and sanitizers are the verdict. */
static void one(str in, struct arena *a);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct arena a;
    if (!a.start && (arena_init(&a, 256 << 20) || hash_start()))
        abort();
    arena_reset(&a);
    char *copy = malloc(n + 1); /* its own block, so that a byte too far is seen */
    if (!copy)
        abort();
    if (n)
        memcpy(copy, p, n);
    one((str){copy, n}, &a);
    free(copy);
    return 0;
}

#ifndef FUZZER
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        static char buf[4 << 20];
        if (!f) {
            perror(argv[i]);
            return 1;
        }
        size_t n = fread(buf, 1, sizeof buf, f);
        fclose(f);
        LLVMFuzzerTestOneInput((const uint8_t *)buf, n);
    }
    return 0;
}
#endif
#endif
