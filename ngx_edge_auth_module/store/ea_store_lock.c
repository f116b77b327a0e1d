/* Locks between processes: see ea_store_lock.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* F_OFD_SETLKW */
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ea_store_lock.h"

#define PATH_SIZE 4200

int
ea_store_lock_open(const char *folder, struct ea_error *err)
{
    char path[PATH_SIZE];
    int len = snprintf(path, sizeof(path), "%s/" EA_STORE_LOCK_FILE, folder);
    int fd = -1;

    if (len > 0 && (size_t)len < sizeof(path)) {
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    }
    if (fd < 0) {
        ea_fail(err, EA_E_UNAVAILABLE, "cannot open '%s': %s", path,
                strerror(errno));
    }
    return fd;
}

static bool
set(int fd, enum ea_store_lock lock, short type)
{
    struct flock range = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)lock, .l_len = 1
    };

    while (fd >= 0 && fcntl(fd, F_OFD_SETLKW, &range) != 0) {
        if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

bool
ea_store_lock_take(int fd, enum ea_store_lock lock)
{
    return set(fd, lock, F_WRLCK);
}

/* Cannot fail for a lock that is held. */
void
ea_store_lock_drop(int fd, enum ea_store_lock lock)
{
    (void)set(fd, lock, F_UNLCK);
}
