/* Chunks in a list; see cg_arena.h. */
#include "base/cg_arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE ((size_t)64 * 1024)

struct chunk {
    struct chunk *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

struct cg_arena {
    struct chunk *chunks; /* the first has room, the others are full */
};

_Noreturn void
cg_out_of_memory(void)
{
    (void)fputs("talos-configgen: out of memory\n", stderr);
    exit(70);
}

static struct chunk *
chunk_new(size_t size)
{
    struct chunk *chunk;

    if (size > SIZE_MAX / 2 ||
        (chunk = calloc(1, sizeof(*chunk) + size)) == NULL) {
        cg_out_of_memory();
    }
    chunk->size = size;
    return chunk;
}

struct cg_arena *
cg_arena_new(void)
{
    struct cg_arena *arena = calloc(1, sizeof(*arena));

    if (arena == NULL) {
        cg_out_of_memory();
    }
    arena->chunks = chunk_new(CHUNK_SIZE);
    return arena;
}

void
cg_arena_free(struct cg_arena *arena)
{
    if (arena == NULL) {
        return;
    }
    while (arena->chunks != NULL) {
        struct chunk *chunk = arena->chunks;

        arena->chunks = chunk->next;
        explicit_bzero(chunk->bytes, chunk->size);
        free(chunk);
    }
    free(arena);
}

void *
cg_arena_alloc(struct cg_arena *arena, size_t size)
{
    struct chunk *chunk = arena->chunks;
    void *place;

    if (size > SIZE_MAX / 4) {
        cg_out_of_memory();
    }
    size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (size > chunk->size - chunk->used) {
        struct chunk *fresh =
            chunk_new(size > CHUNK_SIZE / 4 ? size : CHUNK_SIZE);

        if (fresh->size == size && size != CHUNK_SIZE) {
            fresh->used = size; /* large: goes behind the one with room */
            fresh->next = chunk->next;
            chunk->next = fresh;
            return fresh->bytes;
        }
        fresh->next = chunk;
        arena->chunks = chunk = fresh;
    }
    place = chunk->bytes + chunk->used;
    chunk->used += size;
    return place;
}

void *
cg_arena_array(struct cg_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 4 / size) {
        cg_out_of_memory();
    }
    return cg_arena_alloc(arena, count * size);
}

char *
cg_arena_copy(struct cg_arena *arena, const char *bytes, size_t len)
{
    char *copy = cg_arena_alloc(arena, len + 1);

    if (len > 0) {
        memcpy(copy, bytes, len);
    }
    return copy;
}

char *
cg_arena_text(struct cg_arena *arena, const char *text)
{
    return cg_arena_copy(arena, text, strlen(text));
}

char *
cg_arena_vprintf(struct cg_arena *arena, const char *format, va_list args)
{
    va_list again;
    char *text;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0) {
        cg_out_of_memory();
    }
    text = cg_arena_alloc(arena, (size_t)len + 1);
    (void)vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

char *
cg_arena_printf(struct cg_arena *arena, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = cg_arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void *
cg_arena_grow(struct cg_arena *arena, void *items, size_t count, size_t *cap,
              size_t size)
{
    void *larger;

    if (count < *cap) {
        return items;
    }
    *cap = *cap == 0 ? 8 : *cap * 2;
    larger = cg_arena_array(arena, *cap, size);
    if (count > 0) {
        memcpy(larger, items, count * size);
    }
    return larger;
}
