/* See au_dnsmasq.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "au_dnsmasq.h"

/* One option of DHCP has one byte for its length. */
#define OPTION_MAX 255
/* A BIOS ROM may take the URL from BOOTP's file field, which ends in NUL. */
#define BOOTP_FILE_MAX 127

#define TEXT_MAX (3 * (OPTION_MAX + EA_NAME_MAX + 64))

/* Who is handed which file below the token. */
static const struct row {
    const char *tag, *path;
    bool firmware; /* shows no certificate */
} rows[] = {
    { "edge-url", "boot.ipxe", false },
    { "edge-http64", "ipxe.efi", true },
    { "edge-httparm64", "ipxe-arm64.efi", true },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static bool fail_at(const char *folder, const char *name, struct ea_error *err,
                    const char *format, ...) EA_PRINTF(4, 5);

static bool
fail_at(const char *folder, const char *name, struct ea_error *err,
        const char *format, ...)
{
    char path[256], message[256];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    ea_fail(err, EA_E_REFUSED, "%s", message);
    (void)snprintf(path, sizeof(path), "%s%s%s", folder, name[0] ? "/" : "",
                   name);
    ea_error_at(err, path, 0, 0);
    return false;
}

static bool
format_lines(const struct ea_case *c, const char *base, char *text, size_t size,
             size_t *ret_len, struct ea_error *err)
{
    bool certificate = c->site.require == EA_REQUIRE_TOKEN_CERT;
    size_t len = 0;

    for (size_t i = 0; i < ROWS; i++) {
        size_t url = strlen(base) + 1 + strlen(rows[i].path);

        if (certificate && rows[i].firmware) {
            continue;
        }
        if (url > OPTION_MAX) {
            return ea_fail(err, EA_E_REFUSED,
                           "the URL of %s has %zu bytes, a DHCP option %d: "
                           "give the gate a shorter name",
                           rows[i].path, url, OPTION_MAX);
        }
        len += (size_t)snprintf(text + len, size - len,
                                "tag:%s,tag:node-%s,option:bootfile-name,"
                                "%s/%s\n",
                                rows[i].tag, c->node.name, base, rows[i].path);
    }
    *ret_len = len;
    return true;
}

static void
warn_of_length(const char *base)
{
    size_t url = strlen(base) + 1 + strlen(rows[0].path);

    if (url > BOOTP_FILE_MAX) {
        (void)au_error(AU_OK,
                       "warning: the boot URL has %zu bytes; a BIOS ROM that "
                       "reads the file field of BOOTP takes %d",
                       url, BOOTP_FILE_MAX);
    }
}

static bool
open_folder(const char *folder, int *ret_fd, struct ea_error *err)
{
    *ret_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret_fd < 0) {
        return fail_at(folder, "", err,
                       "cannot be opened: %s; make it, with dnsmasq's group, "
                       "or name the folder of dhcp-optsfile",
                       strerror(errno));
    }
    return true;
}

static void
set_names(const char *node, struct au_dnsmasq *file)
{
    (void)snprintf(file->name, sizeof(file->name), "%s.conf", node);
    (void)snprintf(file->aside, sizeof(file->aside), ".%s.conf.new", node);
}

/* dnsmasq reads as a user of its own, after it gave up root's rights. */
static bool
set_group(const struct au_dnsmasq *file, int fd)
{
    struct stat folder, own;

    return fstat(file->fd, &folder) == 0 && fstat(fd, &own) == 0 &&
           (folder.st_gid == own.st_gid ||
            fchown(fd, (uid_t)-1, folder.st_gid) == 0);
}

static bool
fill(const struct au_dnsmasq *file, const char *text, size_t len,
     struct ea_error *err)
{
    int fd;
    bool good;

    (void)unlinkat(file->fd, file->aside, 0);
    fd = openat(file->fd, file->aside,
                O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return fail_at(file->folder, file->aside, err, "cannot be made: %s",
                       strerror(errno));
    }
    if (!set_group(file, fd)) {
        (void)au_error(AU_OK,
                       "warning: %s/%s: cannot be given the folder's group; "
                       "can dnsmasq read it?",
                       file->folder, file->name);
    }
    good =
        au_write_all(fd, text, len) && fchmod(fd, 0640) == 0 && fsync(fd) == 0;
    good = close(fd) == 0 && good;
    if (!good) {
        fail_at(file->folder, file->aside, err, "cannot be written: %s",
                strerror(errno));
        (void)unlinkat(file->fd, file->aside, 0);
    }
    return good;
}

/* Closes the folder, if it is open, and acts as the store's owner again. */
static bool
end(const struct au *au, struct au_dnsmasq *file, bool good,
    struct ea_error *err)
{
    struct ea_error own = { 0 };

    if (!good && file->fd >= 0) {
        (void)close(file->fd);
        file->fd = -1;
    }
    if (!au_step_down(au, &own)) {
        if (good) {
            *err = own;
        }
        return false;
    }
    return good;
}

bool
au_dnsmasq_write(const struct au *au, const char *folder,
                 const struct ea_case *c, const char *base,
                 struct au_dnsmasq *ret_file, struct ea_error *err)
{
    struct au_dnsmasq file = { .folder = folder, .fd = -1 };
    char text[TEXT_MAX];
    size_t len = 0;
    bool good;

    if (!format_lines(c, base, text, sizeof(text), &len, err)) {
        ea_wipe(text, sizeof(text));
        return false;
    }
    set_names(c->node.name, &file);
    au_step_up(au);
    good = open_folder(folder, &file.fd, err) && fill(&file, text, len, err);
    ea_wipe(text, sizeof(text));
    if (!end(au, &file, good, err)) {
        return false;
    }
    warn_of_length(base);
    *ret_file = file;
    return true;
}

bool
au_dnsmasq_replace(const struct au *au, struct au_dnsmasq *file,
                   struct ea_error *err)
{
    bool good;

    au_step_up(au);
    good = renameat(file->fd, file->aside, file->fd, file->name) == 0;
    if (!good) {
        fail_at(file->folder, file->name, err,
                "cannot be replaced: %s; the node is armed and what this file "
                "holds is void: rename %s to it, or run the command again",
                strerror(errno), file->aside);
        err->code = EA_E_UNAVAILABLE;
    } else if (fsync(file->fd) != 0) {
        good = fail_at(file->folder, file->name, err,
                       "may be lost at a power cut: %s; run the command again",
                       strerror(errno));
        err->code = EA_E_UNAVAILABLE;
    }
    (void)close(file->fd);
    file->fd = -1;
    return end(au, file, good, err);
}

void
au_dnsmasq_drop(const struct au *au, struct au_dnsmasq *file)
{
    struct ea_error ignored = { 0 };

    au_step_up(au);
    (void)unlinkat(file->fd, file->aside, 0);
    (void)close(file->fd);
    file->fd = -1;
    (void)end(au, file, false, &ignored);
}

bool
au_dnsmasq_remove(const struct au *au, const char *folder, const char *node,
                  struct ea_error *err)
{
    struct au_dnsmasq file = { .folder = folder, .fd = -1 };
    bool good;

    set_names(node, &file);
    au_step_up(au);
    good = open_folder(folder, &file.fd, err);
    if (good) {
        (void)unlinkat(file.fd, file.aside, 0);
        good = unlinkat(file.fd, file.name, 0) == 0 || errno == ENOENT;
        if (!good) {
            fail_at(folder, file.name, err, "cannot be removed: %s",
                    strerror(errno));
        }
        good = good && fsync(file.fd) == 0;
        (void)close(file.fd);
        file.fd = -1;
    }
    return end(au, &file, good, err);
}
