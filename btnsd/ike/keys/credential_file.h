/*
 * Keeps the certificates of live latches over a restart of btnsd: one file for each, named by the
 * reqid.
 */
#ifndef BTNS_IKE_KEYS_CREDENTIAL_FILE_H
#define BTNS_IKE_KEYS_CREDENTIAL_FILE_H

#include "btnsd/ike/keys/credential.h"

/* Writes the certificate to a file in dir, which is made if needed. 0 or -errno. */
int credential_write(const char *dir, uint32_t reqid, const struct credential *c);
/* Reads it again. NULL: there is no file of this boot with this key, or it is malformed. */
struct credential *credential_read(const char *dir, uint32_t reqid, const struct btns_key *key);
/* Deletes the files of reqids that nothing needs. */
void credential_sweep(const char *dir, bool (*needed)(void *arg, uint32_t reqid), void *arg);

#endif
