/* edge-auth(8) */
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "au_command.h"

int
main(int argc, char **argv)
{
    struct rlimit none = { 0, 0 };
    enum au_exit status;

    /* Tokens and pepper pass through this memory: no core dumps. */
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
    status = au_command_run(argc, argv);
    if (fflush(stdout) != 0 && status == AU_OK) {
        status = au_error(AU_REFUSED, "cannot write to standard output");
    }
    return (int)status;
}
