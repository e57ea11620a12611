/* Certificates of live latches outlive btnsd: each in a file of this boot, by its reqid. */
#ifndef BTNS_IKE_CREDENTIAL_FILE_H
#define BTNS_IKE_CREDENTIAL_FILE_H

#include "btnsd/ike/keys/credential.h"

/* dir is made if it is not there. 0 or -errno. */
int credential_write(const char *dir, uint32_t reqid, const struct credential *c);
/* NULL: there is none of this boot and this key, or it is malformed. */
struct credential *credential_read(const char *dir, uint32_t reqid, const struct btns_key *key);
/* Takes away those of reqids that nothing needs. */
void credential_sweep(const char *dir, bool (*needed)(void *arg, uint32_t reqid), void *arg);

#endif
