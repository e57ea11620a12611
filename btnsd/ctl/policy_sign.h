/* btnsctl policy sign: signs a package's policy. */
#ifndef BTNS_CTL_POLICY_SIGN_H
#define BTNS_CTL_POLICY_SIGN_H

#include "libapi/wire/err.h"

/*
 * Writes FILE.sig: the Ed25519 signature by the private key (PEM) in `key` over the file's octets;
 * prints the signer. The text is compiled first, as a package's. 0, or -errno with err.
 */
int policy_sign(const char *key, const char *file, struct err *err);

#endif
