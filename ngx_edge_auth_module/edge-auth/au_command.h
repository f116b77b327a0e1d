/*
 * The command table: subcommands, their options and operands, and the help that
 * is made from them.
 */
#ifndef AU_COMMAND_H
#define AU_COMMAND_H

#include "au.h"

/* Parses the command line and runs the subcommand. Help and version go to
 * standard output; a mistake is an error with AU_USAGE. */
enum au_exit au_command_run(int argc, char **argv);

#endif
