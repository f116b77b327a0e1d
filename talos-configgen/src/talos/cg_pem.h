/*
 * Certificates and keys in PEM, as far as a config has to be judged: does the
 * text hold one that can be read?
 */
#ifndef CG_PEM_H
#define CG_PEM_H

#include <stdbool.h>

/* At least one certificate of the text can be parsed. */
bool cg_pem_has_certificate(const char *text);

/* The first block is a private key; Talos' own label ED25519 PRIVATE KEY is
 * known. */
bool cg_pem_has_key(const char *text);

#endif
