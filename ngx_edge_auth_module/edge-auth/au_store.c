/* edge-auth store: init, check, clock. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "au.h"
#include "ea_base32.h"

#define PATH_SIZE 1024

/* Whose the store will be: --owner, or whoever runs this. */
static bool
find_owner(const struct au_args *args, uid_t *ret_owner, gid_t *ret_group,
           struct ea_error *err)
{
    const struct passwd *user;

    if (args->owner == NULL) {
        if (geteuid() == 0 && !args->lab) {
            return ea_fail(err, EA_E_MISSING,
                           "as root, --owner must say which user nginx' "
                           "workers run as");
        }
        *ret_owner = geteuid();
        *ret_group = getegid();
        return true;
    }
    user = getpwnam(args->owner);
    if (user == NULL) {
        return ea_fail(err, EA_E_UNKNOWN,
                       "no user '%s'; `adduser --system --group %s` makes one",
                       args->owner, args->owner);
    }
    *ret_owner = user->pw_uid;
    *ret_group = user->pw_gid;
    return true;
}

static bool
has_store(const char *path)
{
    char file[PATH_SIZE];
    struct stat info;
    int len = snprintf(file, sizeof(file), "%s/data.mdb", path);

    return len > 0 && (size_t)len < sizeof(file) && stat(file, &info) == 0;
}

/* The folder that a compiled-in path stands in is not there on a new machine:
 * made, for one level. What is wrong with it is said by who uses it. */
static void
make_parent(const char *path)
{
    char parent[PATH_SIZE];
    const char *slash = strrchr(path, '/');
    int len = slash == NULL ? 0 : (int)(slash - path);

    if (len > 0 && len < PATH_SIZE) {
        (void)snprintf(parent, sizeof(parent), "%.*s", len, path);
        (void)mkdir(parent, 0755);
    }
}

/* A folder of its own for the store, which must not be there with anything in
 * it. */
static bool
make_folder(const char *path, uid_t owner, gid_t group, struct ea_error *err)
{
    struct stat info;

    /* Whatever else is there keeps its owner and mode. */
    if (rmdir(path) != 0 && (errno == ENOTEMPTY || errno == EEXIST)) {
        if (has_store(path)) {
            return ea_fail(err, EA_E_DUPLICATE,
                           "there is a store in '%s' already", path);
        }
        ea_fail(err, EA_E_REFUSED,
                "holds other files; name a new or an empty folder");
        ea_error_at(err, path, 0, 0);
        return false;
    }
    if (mkdir(path, 0750) != 0 && errno != EEXIST) {
        ea_fail(err, EA_E_UNAVAILABLE, "cannot make the folder: %s",
                strerror(errno));
    } else if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) {
        ea_fail(err, EA_E_REFUSED, "is there and not a folder");
    } else if ((info.st_uid != owner || info.st_gid != group) &&
               chown(path, owner, group) != 0) {
        ea_fail(err, EA_E_UNAVAILABLE, "cannot give it to its owner: %s",
                strerror(errno));
    } else if (chmod(path, 0750) != 0) {
        ea_fail(err, EA_E_UNAVAILABLE, "cannot set its mode: %s",
                strerror(errno));
    } else {
        return true;
    }
    ea_error_at(err, path, 0, 0);
    return false;
}

static bool
write_pepper(int fd, gid_t group, struct ea_error *err)
{
    uint8_t key[EA_KEY_LEN];
    char text[2 * EA_KEY_LEN + 8] = "1 ";
    size_t len;
    bool good;

    if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key)) {
        return ea_fail(err, EA_E_INTERNAL, "no randomness: %s",
                       strerror(errno));
    }
    ea_hex_encode(key, sizeof(key), text + 2);
    len = strlen(text);
    text[len++] = '\n';
    good = write(fd, text, len) == (ssize_t)len &&
           (geteuid() != 0 || fchown(fd, 0, group) == 0) &&
           fchmod(fd, geteuid() == 0 ? 0640 : 0600) == 0 && fsync(fd) == 0;
    ea_wipe(key, sizeof(key));
    ea_wipe(text, sizeof(text));
    return good ||
           ea_fail(err, EA_E_UNAVAILABLE, "cannot write: %s", strerror(errno));
}

/* Never replaces a pepper: every token would be void. */
static bool
make_pepper(const char *path, gid_t group, bool *ret_made, struct ea_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good;

    *ret_made = fd >= 0;
    if (fd < 0 && errno == EEXIST) {
        return true;
    }
    if (fd < 0) {
        ea_fail(err, EA_E_UNAVAILABLE, "cannot make the pepper: %s",
                strerror(errno));
        ea_error_at(err, path, 0, 0);
        return false;
    }
    good = write_pepper(fd, group, err);
    good = close(fd) == 0 && good;
    if (!good) {
        (void)unlink(path);
        ea_error_at(err, path, 0, 0);
    }
    return good;
}

static void
remove_file(const char *folder, const char *name)
{
    char path[PATH_SIZE];
    int len = snprintf(path, sizeof(path), "%s/%s", folder, name);

    if (len > 0 && (size_t)len < sizeof(path)) {
        (void)unlink(path);
    }
}

static bool
fill(const struct au_args *args, struct ea_error *err)
{
    struct ea_store_lmdb_options options = { .path = args->store,
                                             .create = true };
    struct au au = { .args = args, .actor = "init" };
    struct ea_meta meta = {
        .schema = EA_SCHEMA, .epoch = 1, .next_number = 1, .lab = args->lab
    };
    struct ea_clock_reading reading;
    bool good;

    if (!au_read_clock(&reading, meta.boot_id, err) ||
        !ea_store_lmdb_open(&options, &au.store, err)) {
        return false;
    }
    meta.clock = reading.wall;
    meta.boot_clock = reading.boot;
    good = au_write_meta(&au, &meta, "init", err);
    au_close(&au);
    if (!good) { /* ours since a moment ago; the next try needs the place */
        remove_file(args->store, "data.mdb");
        remove_file(args->store, "lock.mdb");
        remove_file(args->store, "write.lock");
    }
    return good;
}

enum au_exit
au_store_init(const struct au_args *args)
{
    struct ea_error err = { 0 };
    uid_t owner = 0;
    gid_t group = 0;
    bool made = false;

    if (!find_owner(args, &owner, &group, &err)) {
        return au_failed(&err);
    }
    make_parent(args->store);
    make_parent(args->pepper);
    if (!make_folder(args->store, owner, group, &err) ||
        !make_pepper(args->pepper, group, &made, &err) ||
        !au_become(owner, group, &err) || !fill(args, &err)) {
        return au_failed(&err);
    }
    if (args->json) {
        au_print_json(json_pack("{s:s, s:s, s:b, s:b}", "store", args->store,
                                "pepper", args->pepper, "pepper_made", made,
                                "lab", args->lab));
        return AU_OK;
    }
    printf("store:  %s%s\n", args->store, args->lab ? " (lab)" : "");
    printf("pepper: %s%s\n", args->pepper,
           made ? "" : " (was there and is kept)");
    return AU_OK;
}

/* ---- check ---- */

struct counts {
    size_t nodes, states[EA_STATE_RETIRED + 1], held;
};

static bool
count_node(void *context, const struct ea_node *node,
           const struct ea_record *record)
{
    struct counts *counts = context;

    (void)node;
    counts->nodes++;
    counts->states[record->state]++;
    counts->held += record->hold != EA_HOLD_NONE;
    return true;
}

enum au_exit
au_store_check(const struct au_args *args)
{
    struct ea_error err = { 0 };
    struct counts counts = { 0 };
    struct ea_pepper pepper = { 0 };
    char clock[32];
    struct au au;

    if (!au_open(args, &au, &err)) {
        return au_failed(&err);
    }
    if (!au_open_pepper(args, &pepper, &err) ||
        !ea_store_health(au.store, &err) ||
        !au_scan_nodes(&au, count_node, &counts, &err)) {
        ea_pepper_release(&pepper);
        au_close(&au);
        return au_failed(&err);
    }
    if (args->json) {
        json_t *states = json_object();

        for (unsigned i = 0; i <= EA_STATE_RETIRED; i++) {
            json_object_set_new(states, ea_state_word((enum ea_state)i),
                                json_integer((json_int_t)counts.states[i]));
        }
        au_print_json(json_pack(
            "{s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:b}", "store",
            args->store, "epoch", (json_int_t)au.meta.epoch, "clock",
            (json_int_t)au.now, "import", (json_int_t)au.meta.import_gen,
            "serial", (json_int_t)au.gate.serial, "nodes",
            (json_int_t)counts.nodes, "states", states, "held",
            (json_int_t)counts.held, "lab", au.meta.lab));
    } else {
        printf("store:  good%s, epoch %u, time %s\n",
               au.meta.lab ? " (lab)" : "", au.meta.epoch,
               au_time(au.now, clock));
        printf("pepper: good, %zu key%s\n", pepper.count,
               pepper.count == 1 ? "" : "s");
        printf("import: %u, serial %u, %zu nodes, %zu held\n",
               au.meta.import_gen, au.gate.serial, counts.nodes, counts.held);
    }
    ea_pepper_release(&pepper);
    au_close(&au);
    return AU_OK;
}

/* ---- clock ---- */

static bool
accept(struct au *au, struct ea_error *err)
{
    struct ea_clock_reading reading;
    struct ea_meta meta = au->meta;

    if (!au_read_clock(&reading, meta.boot_id, err)) {
        return false;
    }
    meta.clock = au->now = reading.wall;
    meta.boot_clock = reading.boot;
    return au_write_meta(au, &meta, "clock", err);
}

enum au_exit
au_store_clock(const struct au_args *args)
{
    struct ea_error err = { 0 };
    char now[32], was[32];
    uint64_t before;
    struct au au;
    bool good;

    if (!au_open(args, &au, &err)) {
        return au_failed(&err);
    }
    before = au.meta.clock;
    good = !args->accept || accept(&au, &err);
    au_close(&au);
    if (!good) {
        return au_failed(&err);
    }
    if (args->json) {
        au_print_json(json_pack("{s:I, s:I, s:b}", "now", (json_int_t)au.now,
                                "stored", (json_int_t)before, "accepted",
                                args->accept));
        return AU_OK;
    }
    printf("now:    %s\nstored: %s%s\n", au_time(au.now, now),
           au_time(before, was), args->accept ? ", replaced by now" : "");
    return AU_OK;
}
