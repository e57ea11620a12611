/* What libbtns-openssl.so uses beside <btns/ipsec.h>; programs must not use it. */
#include "libapi/library/object.h"

EXPORT int btns_private_set(ipsec_channel_info_t *ci, uint32_t type, uint32_t len,
                            const void *value);
EXPORT void btns_private_fail(int error, const char *words);

int btns_private_set(ipsec_channel_info_t *ci, uint32_t type, uint32_t len, const void *value)
{
    return thread_finish(list_set(&ci->list, type, value, len), "ipsec_openssl_to_channel_info");
}

void btns_private_fail(int error, const char *words)
{
    thread_fail(error, "%s", words);
}
