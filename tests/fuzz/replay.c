/* Runs a fuzz target over every file of the folders that are named, each input
 * in memory of exactly its size. The first failure ends the program; an empty
 * folder is one. */
#include <dirent.h>
#include <limits.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX (1u << 20)

static void
replay(const char *path)
{
    uint8_t *input = malloc(INPUT_MAX), *exact;
    FILE *file = fopen(path, "rb");
    size_t len;

    MUST(input != NULL);
    if (file == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    len = fread(input, 1, INPUT_MAX, file);
    (void)fclose(file);
    exact = malloc(len > 0 ? len : 1);
    MUST(exact != NULL);
    memcpy(exact, input, len);
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    free(input);
}

static unsigned
replay_folder(const char *folder)
{
    char path[PATH_MAX];
    unsigned count = 0;
    struct dirent *entry;
    DIR *dir = opendir(folder);

    if (dir == NULL) {
        perror(folder);
        exit(EXIT_FAILURE);
    }
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            int len =
                snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);

            MUST(len > 0 && (size_t)len < sizeof(path));
            replay(path);
            count++;
        }
    }
    (void)closedir(dir);
    return count;
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        unsigned count = replay_folder(argv[i]);

        printf("%u passed, 0 failed\n", count);
        if (count == 0) {
            return EXIT_FAILURE;
        }
    }
    return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
