/* Runs every suite of one folder; suites.h is made from the file names. */
#include <stdlib.h>

#include <check.h>

#include "suites.h"

static Suite *(*const suites[])(void) = { SUITES };

int
main(void)
{
    SRunner *runner = srunner_create(NULL);
    int failed;

    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        srunner_add_suite(runner, suites[i]());
    }
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
