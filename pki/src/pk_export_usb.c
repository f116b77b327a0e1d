/*
 * `edge-pki export usb`: a disk image that firmware boots: one FAT partition
 * with iPXE, the script it runs, and the identity of a site. mtools write the
 * file system, so that no root is needed.
 */

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pk_cert.h"
#include "pk_child.h"
#include "pk_error.h"
#include "pk_export.h"
#include "pk_file.h"
#include "pk_folder.h"

#define SECTOR 512
#define MIB ((size_t)1024 * 1024)
/* Where the partition begins, as is usual. */
#define START MIB
/* FAT16 needs some 4 MiB at least; a small image is written quickly. */
#define PARTITION_MIN (15 * MIB)
#define IPXE_MAX (64 * MIB)
#define GATE_MAX 200
#define SCRIPT_MAX (256 * (size_t)1024)
/* x86-64 and arm64 in the machine field of a PE header. */
#define MACHINE_X64 0x8664U
#define MACHINE_ARM64 0xaa64U

struct work {
    const struct pk_args *args;
    struct pk_folder aside; /* private: what goes into the image */
    char image[PATH_MAX];
    char inside[PATH_MAX + 16]; /* "IMAGE@@OFFSET", for mtools */
    char epoch[64];             /* the same input makes the same image */
    const char *program;        /* BOOTX64.EFI */
    size_t partition;
};

static unsigned
get_le(const unsigned char *bytes, int count)
{
    unsigned value = 0;

    while (count-- > 0) {
        value = value << 8 | bytes[count];
    }
    return value;
}

/* snponly drives the card it was loaded over, and a stick is none. */
static bool
check_name(const char *path, struct ea_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;

    return strncmp(name, "snponly", 7) != 0 ||
           ea_fail(err, EA_E_REFUSED,
                   "--ipxe '%.200s' has no network drivers and finds no card "
                   "when it comes from a stick; take ipxe-amd64.efi",
                   path);
}

/* A URL that can stand in a script as it is: nothing of it is expanded. */
static bool
check_gate(const char *url, struct ea_error *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-._~:/[]";

    return url == NULL ||
           (strncmp(url, "https://", 8) == 0 && strlen(url) <= GATE_MAX &&
            url[strspn(url, allowed)] == '\0') ||
           ea_fail(err, EA_E_SYNTAX,
                   "--gate '%.200s' is not https:// and at most %d characters "
                   "of a-z A-Z 0-9 - . _ ~ : / [ ]",
                   url, GATE_MAX);
}

/* As edge.ipxe wants it: the URL and the name to show for it. */
static bool
append_gate(const struct work *work, BIO *out)
{
    const char *url = work->args->value[PK_GATE];

    if (url == NULL) {
        return true;
    }
    return BIO_printf(out, "set edge-gate-1 %s\nset edge-name-1 %.*s\n", url,
                      (int)strcspn(url + 8, "/"), url + 8) > 0;
}

/* The name under which firmware looks for a program of this machine. */
static bool
name_program(struct work *work, BIO *ipxe, struct ea_error *err)
{
    char *start = NULL;
    long len = BIO_get_mem_data(ipxe, &start);
    const unsigned char *bytes = (const unsigned char *)start;
    unsigned header = len > 0x40 ? get_le(bytes + 0x3c, 4) : 0;
    unsigned machine = 0;

    if (len > 0x40 && bytes[0] == 'M' && bytes[1] == 'Z' &&
        header < (unsigned)len - 6 &&
        memcmp(bytes + header, "PE\0\0", 4) == 0) {
        machine = get_le(bytes + header + 4, 2);
    }
    if (machine == MACHINE_X64) {
        work->program = "BOOTX64.EFI";
    } else if (machine == MACHINE_ARM64) {
        work->program = "BOOTAA64.EFI";
    } else {
        return ea_fail(err, EA_E_REFUSED,
                       "--ipxe '%.200s' is not a UEFI program for x86-64 or "
                       "arm64, such as ipxe-amd64.efi",
                       work->args->value[PK_IPXE]);
    }
    return true;
}

/* The script with the identity after its first line. */
static BIO *
make_script(const struct work *work, const struct pk_identity *identity,
            struct ea_error *err)
{
    static const char first[] = "#!ipxe";
    const char *path = work->args->value[PK_SCRIPT];
    BIO *script, *out;
    char *text = NULL;
    long len, line;

    path = path != NULL ? path : PK_IPXE_SCRIPT;
    script = pk_file_read(path, SCRIPT_MAX, err);
    if (script == NULL) {
        ea_error_prefix(err, "--script");
        return NULL;
    }
    len = BIO_get_mem_data(script, &text);
    for (line = 0; line < len && text[line] != '\n'; line++) {
    }
    out = BIO_new(BIO_s_secmem());
    if (line == len || strncmp(text, first, sizeof(first) - 1) != 0) {
        (void)ea_fail(err, EA_E_REFUSED,
                      "--script '%.200s' is no iPXE script: it does not begin "
                      "with %s",
                      path, first);
        BIO_free(out);
        out = NULL;
    } else if (out == NULL || BIO_write(out, text, (int)line + 1) <= 0 ||
               !pk_identity_script(identity, out, err) ||
               !append_gate(work, out) ||
               (line + 1 < len &&
                BIO_write(out, text + line + 1, (int)(len - line - 1)) <= 0)) {
        BIO_free(out);
        out = NULL;
    }
    BIO_free(script);
    return out;
}

static void
put_le(unsigned char *at, size_t value)
{
    for (int i = 0; i < 4; i++) {
        at[i] = (unsigned char)(value >> (8 * i));
    }
}

/* A table with one partition of type 0xEF, EFI system partition (UEFI, 5.2.2).
 * Firmware that reads a disk without one is not to be relied on. */
static bool
write_table(const struct work *work, struct ea_error *err)
{
    unsigned char sector[SECTOR] = { 0 };
    unsigned char *entry = sector + 446;
    BIO *bytes = BIO_new(BIO_s_mem());
    bool ok;

    put_le(sector + 440, (size_t)0x45444745); /* disk signature: "EGDE" */
    entry[0] = 0x80;
    memset(entry + 1, 0xff, 3); /* no cylinders: the sector numbers count */
    entry[1] = 0xfe;
    entry[4] = 0xef;
    memset(entry + 5, 0xff, 3);
    entry[5] = 0xfe;
    put_le(entry + 8, START / SECTOR);
    put_le(entry + 12, work->partition / SECTOR);
    sector[510] = 0x55;
    sector[511] = 0xaa;
    ok = bytes != NULL && BIO_write(bytes, sector, SECTOR) == SECTOR &&
         pk_folder_write(&work->aside, "image", bytes, 0600, err);
    BIO_free(bytes);
    if (ok && truncate(work->image, (off_t)(START + work->partition)) != 0) {
        return pk_errno_fail(err, "cannot enlarge", work->image);
    }
    return ok;
}

/* argv ends at the first NULL. */
static bool
run_mtool(const struct work *work, const char *name, const char *const more[],
          struct ea_error *err)
{
    const char *argv[16] = { name, "-i", work->inside };
    const char *const env[] = { "LC_ALL=C",           "TZ=UTC",
                                "MTOOLSRC=/dev/null", "MTOOLS_SKIP_CHECK=1",
                                work->epoch,          NULL };
    size_t count = 3;

    while (*more != NULL && count < 15) {
        argv[count++] = *more++;
    }
    argv[count] = NULL;
    return pk_child_run(argv, env, "mtools", err);
}

static bool
copy(const struct work *work, const char *name, const char *target,
     struct ea_error *err)
{
    char source[PATH_MAX];

    if (!pk_path_join(work->aside.aside, name, source, err)) {
        return false;
    }
    return run_mtool(work, "mcopy",
                     (const char *const[]){ source, target, NULL }, err);
}

static bool
fill_image(const struct work *work, struct ea_error *err)
{
    char sectors[32], program[64];

    (void)snprintf(sectors, sizeof(sectors), "%zu", work->partition / SECTOR);
    (void)snprintf(program, sizeof(program), "::/EFI/BOOT/%s", work->program);
    return run_mtool(work, "mformat",
                     (const char *const[]){
                         "-T", sectors, "-h", "16", "-s", "63", "-H", "2048",
                         "-N", "45444745", "-v", "EDGE-BOOT", "::", NULL },
                     err) &&
           run_mtool(work, "mmd",
                     (const char *const[]){ "::/EFI", "::/EFI/BOOT", NULL },
                     err) &&
           copy(work, "program", program, err) &&
           copy(work, "autoexec", "::/autoexec.ipxe", err) &&
           copy(work, "cacerts", "::/edge-boot-roots.esl", err) &&
           copy(work, "readme", "::/README.TXT", err);
}

static BIO *
make_readme(const struct work *work)
{
    BIO *out = BIO_new(BIO_s_mem());

    if (out != NULL) {
        (void)BIO_printf(
            out,
            "Boots a machine of site %s through the gate.\r\n\r\n"
            "autoexec.ipxe holds a private key: keep this medium as you keep "
            "a password, and\r\nrevoke the certificate when it is lost "
            "(edge-pki revoke).\r\n\r\n"
            "A stock iPXE takes no trust from a script. Let the firmware "
            "trust the roots in\r\nedge-boot-roots.esl: they are the EFI "
            "variable TlsCaCertificate of vendor\r\n"
            "fd2340d0-3dab-4349-a6c7-3b4f12b48eae, in most firmware a page "
            "called TLS\r\nAuthentication or HTTPS Boot; QEMU takes the file "
            "as\r\n-fw_cfg name=etc/edk2/https/cacerts,file=FILE. An iPXE "
            "built with TRUST= needs\r\nnone of this.\r\n",
            work->args->value[PK_SITE]);
    }
    return out;
}

static bool
write_parts(struct work *work, BIO *ipxe, BIO *script, struct ea_error *err)
{
    BIO *roots = pk_siglist(work->args, err);
    BIO *readme = make_readme(work);
    bool ok = roots != NULL && readme != NULL &&
              pk_folder_write(&work->aside, "program", ipxe, 0600, err) &&
              pk_folder_write(&work->aside, "autoexec", script, 0600, err) &&
              pk_folder_write(&work->aside, "cacerts", roots, 0600, err) &&
              pk_folder_write(&work->aside, "readme", readme, 0600, err);

    BIO_free(roots);
    BIO_free(readme);
    return ok;
}

static bool
build(struct work *work, BIO *ipxe, BIO *script, struct ea_error *err)
{
    const char *out = work->args->value[PK_OUT];
    BIO *image = NULL;
    bool ok;

    if (!pk_folder_open(&work->aside, out, err)) {
        return false;
    }
    ok = pk_path_join(work->aside.aside, "image", work->image, err);
    (void)snprintf(work->inside, sizeof(work->inside), "%s@@1M", work->image);
    ok = ok && write_parts(work, ipxe, script, err) && write_table(work, err) &&
         fill_image(work, err);
    if (ok) {
        image = pk_file_read(work->image, START + work->partition, err);
    }
    ok = image != NULL && pk_file_put(work->args, out, image, 0600, err);
    BIO_free(image);
    pk_folder_drop(&work->aside);
    return ok;
}

/* Files on the image are dated by the certificate. */
static bool
set_epoch(struct work *work, X509 *cert, struct ea_error *err)
{
    struct tm start;

    if (ASN1_TIME_to_tm(X509_get0_notBefore(cert), &start) != 1) {
        return pk_openssl_fail(err, "cannot read a time");
    }
    (void)snprintf(work->epoch, sizeof(work->epoch), "SOURCE_DATE_EPOCH=%lld",
                   (long long)timegm(&start));
    return true;
}

bool
pk_export_usb(const struct pk_args *args, struct ea_error *err)
{
    struct work work = { .args = args };
    struct pk_identity identity = { NULL, NULL };
    BIO *ipxe = NULL, *script = NULL;
    bool ok = check_name(args->value[PK_IPXE], err) &&
              check_gate(args->value[PK_GATE], err) &&
              pk_identity_read(args, &identity, err) &&
              set_epoch(&work, identity.cert, err);

    if (ok) {
        ipxe = pk_file_read(args->value[PK_IPXE], IPXE_MAX, err);
        ok = ipxe != NULL && name_program(&work, ipxe, err);
    }
    if (ok) {
        script = make_script(&work, &identity, err);
        work.partition = PARTITION_MIN;
        while (work.partition <
               (size_t)BIO_ctrl_pending(ipxe) + PARTITION_MIN / 2) {
            work.partition += MIB;
        }
    }
    if (ok && script != NULL && pk_args_is_dry(args)) {
        (void)fprintf(args->out, "would write %s (%zu MiB)\n",
                      args->value[PK_OUT], (START + work.partition) / MIB);
    } else {
        ok = ok && script != NULL && build(&work, ipxe, script, err);
    }
    BIO_free(ipxe);
    BIO_free(script);
    pk_identity_release(&identity);
    return ok;
}
