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

#endif
