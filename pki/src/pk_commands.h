/*
 * The subcommands. Each is a row of this table; main looks names up in it and
 * prints help from it.
 */
#ifndef PK_COMMANDS_H
#define PK_COMMANDS_H

#include "pk_args.h"

extern const struct pk_command pk_command_init;
extern const struct pk_command pk_command_server;
extern const struct pk_command pk_command_client;
extern const struct pk_command pk_command_list;
extern const struct pk_command pk_command_expiry;
extern const struct pk_command pk_command_renew;
extern const struct pk_command pk_command_revoke;
extern const struct pk_command pk_command_crl;
extern const struct pk_command pk_command_export;
extern const struct pk_command pk_command_rollover;
extern const struct pk_command pk_command_import;

#endif
