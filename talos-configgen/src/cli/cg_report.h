/* Findings on standard error. */
#ifndef CG_REPORT_H
#define CG_REPORT_H

#include "base/cg_diag.h"

/* All of them, and how many there are. */
void cg_report(struct cg_diag *diag);

#endif
