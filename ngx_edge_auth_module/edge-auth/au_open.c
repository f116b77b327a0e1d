/* Store, pepper and clock: see au.h. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "au.h"

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

bool
au_become(uid_t owner, gid_t group, struct ea_error *err)
{
    const struct passwd *user;

    if (geteuid() != 0 || owner == 0) {
        return true;
    }
    user = getpwuid(owner);
    if ((user != NULL && initgroups(user->pw_name, group) != 0) ||
        (user == NULL && setgroups(0, NULL) != 0) || setegid(group) != 0 ||
        seteuid(owner) != 0) {
        return ea_fail(err, EA_E_UNAVAILABLE,
                       "cannot become user '%u', the store's owner: %s",
                       (unsigned)owner, strerror(errno));
    }
    return true;
}

void
au_step_up(const struct au *au)
{
    if (getuid() != 0 || au->owner == 0 || seteuid(0) != 0) {
        return; /* opening the file then says what is not allowed */
    }
}

bool
au_step_down(const struct au *au, struct ea_error *err)
{
    return au_become(au->owner, au->group, err);
}

bool
au_write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);

        if (n < 0) {
            return false;
        }
        text += n;
        len -= (size_t)n;
    }
    return true;
}

/* Who typed: behind sudo it is not root. */
static void
find_actor(char *actor, size_t size)
{
    const struct passwd *user = getpwuid(getuid());
    const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL;

    (void)snprintf(actor, size, "%s",
                   sudo   ? sudo
                   : user ? user->pw_name
                          : "unknown");
}

static bool
read_boot_id(char ret_boot_id[static EA_UUID_LEN + 1])
{
    FILE *file = fopen(BOOT_ID_FILE, "re");
    bool good = file != NULL && fgets(ret_boot_id, EA_UUID_LEN + 1, file);

    if (file != NULL) {
        (void)fclose(file);
    }
    return good && strlen(ret_boot_id) == EA_UUID_LEN;
}

bool
au_read_clock(struct ea_clock_reading *ret_reading,
              char ret_boot_id[static EA_UUID_LEN + 1], struct ea_error *err)
{
    struct timespec wall, boot;

    if (clock_gettime(CLOCK_REALTIME, &wall) != 0 ||
        clock_gettime(CLOCK_BOOTTIME, &boot) != 0 ||
        !read_boot_id(ret_boot_id)) {
        return ea_fail(err, EA_E_UNAVAILABLE,
                       "cannot read the clocks or " BOOT_ID_FILE ": %s",
                       strerror(errno));
    }
    ret_reading->wall = (uint64_t)wall.tv_sec;
    ret_reading->boot = (uint64_t)boot.tv_sec;
    ret_reading->boot_id = ret_boot_id;
    return true;
}

/* Somebody else wrote meta. Keeping the time was all that we wanted if there is
 * no action, and whoever was faster kept it. */
static bool
lost_meta(const char *action, struct ea_error *err)
{
    return action == NULL ||
           ea_fail(err, EA_E_UNAVAILABLE,
                   "the store changed meanwhile; nothing was changed, try "
                   "again");
}

bool
au_write_meta(struct au *au, const struct ea_meta *meta, const char *action,
              struct ea_error *err)
{
    struct ea_audit event = { .time = meta->clock,
                              .action = action,
                              .actor = au->actor,
                              .reply = EA_REPLY_DONE };
    uint8_t value[256], was[256];
    char text[EA_AUDIT_LINE_MAX];
    struct ea_buf buf = { value, 0, sizeof(value), false };
    struct ea_buf old = { was, 0, sizeof(was), false };
    bool same;
    struct ea_store_condition condition = { EA_TABLE_META, EA_BYTES("store"),
                                            0 };
    struct ea_store_write write = {
        EA_TABLE_META, EA_BYTES("store"), false, { NULL, 0 }
    };
    struct ea_bytes line = { text, 0 };
    struct ea_store_op op = { .conditions = &condition,
                              .conditions_count = 1,
                              .writes = &write,
                              .writes_count = 1 };
    struct ea_view *view = ea_store_view(au->store, err);
    struct ea_bytes found;
    enum ea_found present;
    enum ea_result result;

    if (view == NULL) {
        return false;
    }
    present =
        ea_view_get(view, EA_TABLE_META, condition.key, &found, &condition.rev);
    /* The revision is that of this look: what au->meta was made from must be
     * what is there, or an import in between would be undone. */
    same = present == EA_FOUND_ABSENT ||
           (present == EA_FOUND && ea_meta_encode(&au->meta, &old) &&
            ea_bytes_equal(found,
                           (struct ea_bytes){ (const char *)was, old.len }));
    ea_view_close(view);
    if (present == EA_FOUND_FAILED || !ea_meta_encode(meta, &buf)) {
        return ea_fail(err, EA_E_UNAVAILABLE, "cannot read the store's meta");
    }
    if (!same) {
        return lost_meta(action, err);
    }
    write.value = (struct ea_bytes){ (const char *)value, buf.len };
    if (action != NULL) {
        line.len = ea_audit_format(&event, text, sizeof(text));
        op.audit = &line;
        op.audit_count = 1;
    }
    result = ea_store_run(au->store, &op);
    if (result == EA_RESULT_LOST) {
        return lost_meta(action, err);
    }
    if (result != EA_RESULT_WON) {
        return ea_fail(err, EA_E_UNAVAILABLE,
                       "the store took no write: %s; is the disk full?",
                       ea_result_word(result));
    }
    au->meta = *meta;
    return true;
}

bool
au_write_event(struct au *au, const char *action, const struct ea_node *node,
               const char *credential, struct ea_error *err)
{
    struct ea_audit event = { .time = au->now,
                              .action = action,
                              .actor = au->actor,
                              .node = node->name,
                              .site = node->site,
                              .reply = EA_REPLY_DONE,
                              .credential = credential };
    char text[EA_AUDIT_LINE_MAX];
    struct ea_bytes line = { text,
                             ea_audit_format(&event, text, sizeof(text)) };
    struct ea_store_op op = { .audit = &line, .audit_count = 1 };
    enum ea_result result = ea_store_run(au->store, &op);

    return result == EA_RESULT_WON ||
           ea_fail(err, EA_E_UNAVAILABLE,
                   "the store took no audit line: %s; is the disk full?",
                   ea_result_word(result));
}

/* The time that everything is decided by; kept in the store as it moves on. */
static bool
find_now(struct au *au, struct ea_error *err)
{
    char boot_id[EA_UUID_LEN + 1];
    struct ea_clock_reading reading;
    struct ea_meta meta = au->meta;
    bool persist = false;

    if (!au_read_clock(&reading, boot_id, err)) {
        return false;
    }
    if (!ea_clock_now(&au->meta, &reading, &au->now, &persist, err)) {
        ea_error_prefix(err, "clock");
        err->code = EA_E_UNAVAILABLE;
        return false;
    }
    if (!persist) {
        return true;
    }
    meta.clock = au->now;
    meta.boot_clock = reading.boot;
    memcpy(meta.boot_id, boot_id, sizeof(meta.boot_id));
    return au_write_meta(au, &meta, NULL, err);
}

static bool
become_owner(const char *path, struct au *au, struct ea_error *err)
{
    struct stat info;

    if (stat(path, &info) != 0) {
        ea_fail(err, EA_E_UNAVAILABLE,
                "no store there (%s); `edge-auth store init` makes one",
                strerror(errno));
        ea_error_at(err, path, 0, 0);
        return false;
    }
    au->owner = info.st_uid;
    au->group = info.st_gid;
    return au_become(au->owner, au->group, err);
}

bool
au_open(const struct au_args *args, struct au *ret_au, struct ea_error *err)
{
    struct ea_store_lmdb_options options = { .path = args->store };
    struct au au = { .args = args };
    struct ea_view *view;
    enum ea_gathered found;

    find_actor(au.actor, sizeof(au.actor));
    if (!become_owner(args->store, &au, err)) {
        return false;
    }
    if (!ea_store_lmdb_open(&options, &au.store, err)) {
        err->code = EA_E_UNAVAILABLE;
        return false;
    }
    view = ea_store_view(au.store, err);
    if (view == NULL) {
        ea_store_close(au.store);
        return false;
    }
    found = ea_gather_meta(view, &au.meta, &au.gate, err);
    ea_view_close(view);
    if (found != EA_GATHER_FOUND || (!args->accept && !find_now(&au, err))) {
        ea_store_close(au.store);
        return false;
    }
    *ret_au = au;
    return true;
}

void
au_close(struct au *au)
{
    ea_store_close(au->store);
    au->store = NULL;
}

bool
au_open_pepper(const struct au_args *args, struct ea_pepper *ret_pepper,
               struct ea_error *err)
{
    char text[EA_PEPPER_FILE_MAX + 1];
    struct stat info;
    ssize_t len = -1;
    bool good;
    int fd = open(args->pepper, O_RDONLY | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, &info) == 0) {
        len = read(fd, text, sizeof(text));
    }
    if (len < 0) {
        ea_fail(err, EA_E_UNAVAILABLE, "cannot read the pepper: %s",
                strerror(errno));
    } else if ((info.st_mode & 0137) != 0) {
        len = -1;
        ea_fail(err, EA_E_UNAVAILABLE,
                "mode '%04o' lets others read the pepper; chmod 0640 it",
                (unsigned)(info.st_mode & 07777));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    good = len >= 0 && ea_pepper_parse((struct ea_bytes){ text, (size_t)len },
                                       ret_pepper, err);
    ea_wipe(text, sizeof(text));
    if (!good) {
        err->code = EA_E_UNAVAILABLE;
        ea_error_at(err, args->pepper, err->line, err->line > 0 ? 1 : 0);
    }
    return good;
}
