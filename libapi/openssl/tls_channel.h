/*
 * What libbtns-openssl.so uses of libbtns.so beside <btns/ipsec.h>. Both must be of the same build.
 */
#ifndef BTNS_LIBAPI_OPENSSL_TLS_CHANNEL_H
#define BTNS_LIBAPI_OPENSSL_TLS_CHANNEL_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "libapi/btns/ipsec.h"

/* Sets a channel attribute that is read-only for programs. Returns 0, or -1 with errno. */
int btns_private_set(ipsec_channel_info_t *ci, uint32_t type, uint32_t len, const void *value);
/* Sets errno and the thread's reason. */
void btns_private_fail(int error, const char *words);
/* Did the handshake show that both ends see the same IPsec channel (ipsec_tls_offer())? */
bool tls_offer_bound(const SSL *ssl);

#endif
