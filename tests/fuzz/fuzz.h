/*
 * A fuzz target is one function that checks a property of a parser on any
 * input. Linked with libFuzzer it explores (`make fuzz`); linked with replay.c
 * it runs over the files of its corpus (`make check-corpus`). A failure that
 * was found and fixed leaves its input in the corpus.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What both sanitizers and libFuzzer notice. */
#define MUST(property)                                                         \
    do {                                                                       \
        if (!(property)) {                                                     \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__,   \
                    #property);                                                \
            abort();                                                           \
        }                                                                      \
    } while (0)

#endif
