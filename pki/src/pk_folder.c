/* Folders that appear whole or not at all: see pk_folder.h. */
#include "pk_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "pk_error.h"
#include "pk_file.h"

bool
pk_path_join(const char *folder, const char *name,
             char ret_path[static PATH_MAX], struct ea_error *err)
{
    int len = snprintf(ret_path, PATH_MAX, "%s/%s", folder, name);

    /* Room is kept for the name of a folder aside. */
    if (len < 0 || len >= PATH_MAX - 32) {
        return ea_fail(err, EA_E_RANGE, "path below '%.200s' is too long",
                       folder);
    }
    return true;
}

bool
pk_path_is_taken(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0;
}

static bool
make_parents(const char *path, struct ea_error *err)
{
    char part[PATH_MAX];

    (void)snprintf(part, sizeof(part), "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST) {
            return pk_errno_fail(err, "cannot make folder", part);
        }
        *slash = '/';
    }
    return true;
}

bool
pk_folder_open(struct pk_folder *folder, const char *target,
               struct ea_error *err)
{
    const char *slash = strrchr(target, '/');
    int parent = slash == NULL ? 0 : (int)(slash - target + 1);
    struct pk_folder made = { .aside = "" };

    if (strlen(target) >= PATH_MAX - 32) {
        return ea_fail(err, EA_E_RANGE, "path '%.200s' is too long", target);
    }
    if (!make_parents(target, err)) {
        return false;
    }
    (void)snprintf(made.target, sizeof(made.target), "%s", target);
    (void)snprintf(made.aside, sizeof(made.aside), "%.*s.new.XXXXXX", parent,
                   target);
    if (mkdtemp(made.aside) == NULL) {
        return pk_errno_fail(err, "cannot make folder", made.aside);
    }
    *folder = made;
    return true;
}

bool
pk_folder_write(const struct pk_folder *folder, const char *name, BIO *bytes,
                mode_t mode, struct ea_error *err)
{
    char path[PATH_MAX];

    return pk_path_join(folder->aside, name, path, err) &&
           pk_file_create(path, bytes, mode, err);
}

/* Everything aside is on disk and readable by whoever may enter. */
static bool
seal(const struct pk_folder *folder, struct ea_error *err)
{
    if (chmod(folder->aside, 0755) != 0 ||
        !pk_file_flush_folder(folder->aside)) {
        return pk_errno_fail(err, "cannot flush folder", folder->aside);
    }
    return true;
}

bool
pk_folder_commit(struct pk_folder *folder, struct ea_error *err)
{
    if (!seal(folder, err)) {
        return false;
    }
    /* rename(2) replaces an empty folder only: one with a key stays. */
    if (rename(folder->aside, folder->target) != 0) {
        if (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR) {
            return ea_fail(err, EA_E_DUPLICATE,
                           "'%s' has appeared meanwhile and was left alone",
                           folder->target);
        }
        return pk_errno_fail(err, "cannot put in place", folder->target);
    }
    folder->aside[0] = '\0';
    return pk_file_flush_parent(folder->target, err);
}

bool
pk_folder_replace(struct pk_folder *folder, const char *archive,
                  struct ea_error *err)
{
    if (pk_path_is_taken(archive)) {
        return ea_fail(err, EA_E_DUPLICATE, "'%s' is there already", archive);
    }
    if (!make_parents(archive, err) || !seal(folder, err)) {
        return false;
    }
    if (renameat2(AT_FDCWD, folder->aside, AT_FDCWD, folder->target,
                  RENAME_EXCHANGE) != 0) {
        return pk_errno_fail(err, "cannot exchange", folder->target);
    }
    /* From here on `aside` is the old certificate: never to be removed. */
    if (rename(folder->aside, archive) != 0) {
        (void)pk_errno_fail(err,
                            "the new certificate is in place, but the old "
                            "one cannot be moved away from",
                            folder->aside);
        folder->aside[0] = '\0';
        return false;
    }
    folder->aside[0] = '\0';
    return pk_file_flush_parent(archive, err) &&
           pk_file_flush_parent(folder->target, err);
}

void
pk_folder_drop(struct pk_folder *folder)
{
    struct dirent *entry;
    DIR *dir;

    if (folder->aside[0] == '\0') {
        return;
    }
    dir = opendir(folder->aside);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    (void)rmdir(folder->aside);
    folder->aside[0] = '\0';
}
