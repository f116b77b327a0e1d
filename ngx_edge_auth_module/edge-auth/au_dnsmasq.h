/*
 * The file of one node in a folder that dnsmasq reads by `dhcp-optsfile`: which
 * boot URL it hands to that node. Its name is the node's with ".conf", mode
 * 0640, the folder's group. A new one is written aside under a name with a dot
 * in front, which dnsmasq passes over, before anything is armed, and takes its
 * place afterwards.
 */
#ifndef AU_DNSMASQ_H
#define AU_DNSMASQ_H

#include "au.h"

struct au_dnsmasq {
    const char *folder; /* borrowed */
    int fd;             /* of the folder */
    char name[EA_NAME_MAX + sizeof(".conf")];
    char aside[EA_NAME_MAX + sizeof("..conf.new")];
};

/* Opens the folder and writes the file aside; `base` is ".../t/<token>". A
 * certificate that is required leaves out firmware, which shows none. On
 * failure nothing is left behind. */
EA_MUST_CHECK bool au_dnsmasq_write(const struct au *au, const char *folder,
                                    const struct ea_case *c, const char *base,
                                    struct au_dnsmasq *ret_file,
                                    struct ea_error *err);

/* Puts it in its place and releases the file; after a failure it is still
 * aside, and the message says what to do. */
EA_MUST_CHECK bool au_dnsmasq_replace(const struct au *au,
                                      struct au_dnsmasq *file,
                                      struct ea_error *err);

/* Takes it back: nothing was armed. */
void au_dnsmasq_drop(const struct au *au, struct au_dnsmasq *file);

/* Takes a node's file out of the folder; one that is not there is fine. */
EA_MUST_CHECK bool au_dnsmasq_remove(const struct au *au, const char *folder,
                                     const char *node, struct ea_error *err);

#endif
