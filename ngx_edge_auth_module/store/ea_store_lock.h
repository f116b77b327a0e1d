/*
 * Private to the LMDB back end: locks between processes.
 *
 * LMDB's own are robust mutexes in shared memory. Those lose a wake-up when a
 * process is killed between being woken and taking the mutex while a third one
 * has just taken it: the others sleep for ever, though nobody holds it. So
 * whoever wants a mutex of LMDB's takes a file lock first, which the kernel
 * grants and takes back, and LMDB's is never waited for.
 */
#ifndef EA_STORE_LOCK_H
#define EA_STORE_LOCK_H

#include "ea_types.h"

#define EA_STORE_LOCK_FILE "write.lock"

/* Bytes of the lock file. */
enum ea_store_lock {
    EA_STORE_LOCK_WRITER, /* for a write transaction */
    EA_STORE_LOCK_READERS /* for a slot in the table of readers */
};

/* Opens the lock file in the folder, making it 0600 if it is not there. -1, and
 * err says why. The locks are of the open file description: they hold off other
 * processes, not other threads that use the same descriptor. */
EA_MUST_CHECK int ea_store_lock_open(const char *folder, struct ea_error *err);

/* Waits for the lock. fd -1 locks nothing and succeeds. false: errno. */
EA_MUST_CHECK bool ea_store_lock_take(int fd, enum ea_store_lock lock);
void ea_store_lock_drop(int fd, enum ea_store_lock lock);

#endif
