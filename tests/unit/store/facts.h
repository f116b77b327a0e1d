/*
 * A store in a temporary folder with a small imported inventory:
 *
 *   site   require      node    number  ids
 *   north  token        alpha   1       uuid A, mac 01
 *                       beta    2       serial B, mac 02
 *   south  cert         gamma   3       uuid C, mac 03
 *   both   token+cert   delta   4       serial D, mac 04
 *
 * Import generation 2 is in force, epoch 3. Of generation 1 the node `former`
 * (5, north, serial F) is left. Site north is at token generation 7.
 */
#ifndef FACTS_H
#define FACTS_H

#include "ea_gather.h"

#define FACTS_IMPORT 2u
#define FACTS_EPOCH 3u
#define FACTS_SITE_GEN 7u
#define FACTS_DOMAIN "edge.example.net"
#define FACTS_UUID_A "9ddf0214-b102-49a3-bec3-d1151498a44e"
#define FACTS_UUID_C "11223344-5566-7788-99aa-bbccddeeff00"
#define FACTS_MAC "52:54:00:00:02:0"

enum { ALPHA = 1, BETA, GAMMA, DELTA, FORMER };

/* Makes folder and store; a second call without facts_close is a mistake. */
struct ea_store *facts_open(void);
/* Closes the store and removes the folder. */
void facts_close(void);

/* Replaces the value under a key, whatever was there. */
void facts_put(enum ea_table table, const uint8_t *key, size_t key_len,
               const void *value, size_t len);

/* The record of a node as if armed in generation 1 of FACTS_EPOCH; the test
 * changes it and puts it. */
struct ea_record facts_record(uint32_t number);
void facts_put_record(const struct ea_record *record);

/* Puts the row of a token and returns its claims: the id is `id` repeated. */
struct ea_claims facts_token(char id, const struct ea_token_row *row);

#endif
