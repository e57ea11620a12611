/* Deletes the larval state that an acquire left in the SAD. */
#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/open.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* Temporary SPIs, below the range from which charon and the kernel's defaults allocate. */
#define SPI_LOW  0x1000
#define SPI_HIGH 0xffff

static xfrm_address_t larval_address(const struct btns_addr *a)
{
    xfrm_address_t x;
    memcpy(&x, a->ip, sizeof x);
    return x;
}

static int take_larval_state(const struct nlmsghdr *nlh, void *arg)
{
    return sad_decode(nlh, arg) ? 0 : -EBADMSG;
}

static struct nlmsghdr *larval_request(union nl_request *r, int type, const struct btns_addr *dst,
                                       uint32_t spi)
{
    struct nlmsghdr *nlh = nl_request(r, type, 0);
    struct xfrm_usersa_id id;

    memset(&id, 0, sizeof id); /* clears the padding too, as the kernel gets all of it */
    id.daddr = larval_address(dst);
    id.spi = htonl(spi);
    id.family = dst->family;
    id.proto = IPPROTO_ESP;
    memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof id), &id, sizeof id);
    return nlh;
}

static int delete_if_larval(struct xfrm *x, const struct btns_addr *dst, uint32_t spi)
{
    struct sad_entry e = {0};
    union nl_request r;
    int error =
        nl_talk(&x->requests, larval_request(&r, XFRM_MSG_GETSA, dst, spi), take_larval_state, &e);

    if (!error && !sad_is_real(&e))
        error = nl_talk(&x->requests, larval_request(&r, XFRM_MSG_DELSA, dst, spi), NULL, NULL);
    return error == -ESRCH ? 0 : error;
}

/*
 * When asked for an SPI, the kernel gives it to the larval state if there is one, else to a new
 * one.
 */
static int adopt_larval(struct xfrm *x, const struct larval *l, uint32_t *spi)
{
    struct sad_entry e = {0};
    union nl_request r;
    struct nlmsghdr *nlh = nl_request(&r, XFRM_MSG_ALLOCSPI, 0);
    struct xfrm_userspi_info want = {
        .info = {.saddr = larval_address(l->src),
                 .id = {.daddr = larval_address(l->dst), .proto = IPPROTO_ESP},
                 .family = l->dst->family,
                 .mode = l->mode,
                 .reqid = l->reqid},
        .min = SPI_LOW,
        .max = SPI_HIGH,
    };
    memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof want), &want, sizeof want);
    int error = nl_talk(&x->requests, nlh, take_larval_state, &e);
    *spi = e.spi;
    return error;
}

int sad_drop_larval(struct xfrm *x, const struct larval *l)
{
    uint32_t spi = l->spi;
    int error = spi ? delete_if_larval(x, l->dst, spi) : 0;

    if (!error)
        error = adopt_larval(x, l, &spi);
    return error ? error : delete_if_larval(x, l->dst, spi);
}
