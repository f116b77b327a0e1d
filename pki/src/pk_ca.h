/*
 * Making a CA: key and certificate in a folder that appears whole.
 */
#ifndef PK_CA_H
#define PK_CA_H

#include "ea_types.h"
#include "pk_args.h"
#include "pk_tree.h"

struct pk_new_ca {
    const struct pk_ca *ca;
    const char *folder; /* below DIR, where it is to appear */
    const char *issuer; /* folder of the CA that signs, NULL: itself */
    const char *common; /* subject CN, NULL: the profile's */
    const char *domain; /* trust domain */
};

/* Makes it and reports "made". The folder must not exist. */
EA_MUST_CHECK bool pk_ca_make(const struct pk_args *args,
                              const struct pk_new_ca *wanted,
                              struct ea_error *err);

/* "VERB DIR/FOLDER (kind, key)" */
void pk_ca_report(const struct pk_args *args, const char *verb,
                  const struct pk_ca *ca, const char *folder);

#endif
