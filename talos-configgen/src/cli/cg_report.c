/* Findings on standard error; see cg_report.h. */
#include "cli/cg_report.h"

#include <stdio.h>

void
cg_report(struct cg_diag *diag)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    unsigned errors = cg_diag_errors(diag), warnings = cg_diag_warnings(diag);

    cg_diag_format(diag, &text);
    if (errors + warnings > 0) {
        cg_strbuf_printf(&text, "talos-configgen: %u error%s, %u warning%s\n",
                         errors, errors == 1 ? "" : "s", warnings,
                         warnings == 1 ? "" : "s");
    }
    if (text.len > 0) {
        (void)fwrite(text.text, 1, text.len, stderr);
    }
}
