/*
 * iPXE scripts: the ones we answer with, and the two lines that a claim puts
 * into Matchbox' script. Output is plain ASCII with LF.
 */
#ifndef EA_SCRIPT_H
#define EA_SCRIPT_H

#include "ea_reason.h"
#include "ea_token.h"

#define EA_SCRIPT_MAX 2048
#define EA_REF_LEN 8

/* The refusal: what to tell the operator, 10 s, then the local disk. `ref` is a
 * random reference of EA_REF_LEN Crockford characters that also stands in the
 * audit; reasons without console text of their own give the byte-equal uniform
 * script. The script itself tells UEFI (exit, back to the firmware's boot
 * order) from BIOS (sanboot --no-describe --drive 0x80) by ${platform}. Returns
 * the length, 0 if it does not fit or `ref` is out of form. */
size_t ea_script_refuse(enum ea_reason reason, const char *ref, char *ret_text,
                        size_t size);

/* A joined node: the local disk at once. */
size_t ea_script_local(char *ret_text, size_t size);

/* The "#!ipxe" line of Matchbox' script, followed by
 *   set edge_ticket <ticket>
 *   set edge_config <config URL>/c/<ticket>
 * and then the rest unchanged. Refuses a body that does not begin with
 * "#!ipxe\n" (or "\r\n"), that holds a NUL, or a config URL out of form.
 * `size` must hold body.len + EA_SCRIPT_INSERT_MAX. */
#define EA_SCRIPT_INSERT_MAX 512
EA_MUST_CHECK bool ea_script_insert(struct ea_bytes body,
                                    const struct ea_secret_text *ticket,
                                    struct ea_bytes config_url, char *ret_text,
                                    size_t size, size_t *ret_len,
                                    struct ea_error *err);

#endif
