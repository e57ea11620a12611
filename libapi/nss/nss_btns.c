/*
 * The service "btns" of nsswitch.conf: names that end in .btns, and inner addresses.
 *
 * Other names and addresses give UNAVAIL; one of ours that is not known gives NOTFOUND. So the
 * administrator can write "btns [NOTFOUND=return] files dns", and no name server is ever asked
 * about a name of ours.
 */
#include "libapi/nss/hosts.h"
#include "libapi/wire/inner_address.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <nss.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define HOSTS_PATH "/run/btns/hosts"
#define EXPORTED   __attribute__((visibility("default")))

/* The results of every function of the service, besides its status. */
struct said {
    int *error, *h_error;
};

static enum nss_status nss_answer(const struct said *to, enum nss_status status, int error,
                                  int h_error)
{
    *to->error = error;
    *to->h_error = h_error;
    return status;
}

static enum nss_status nss_not_ours(const struct said *to)
{
    return nss_answer(to, NSS_STATUS_UNAVAIL, ENOENT, NO_RECOVERY);
}

static enum nss_status nss_not_known(const struct said *to)
{
    return nss_answer(to, NSS_STATUS_NOTFOUND, ENOENT, HOST_NOT_FOUND);
}

/* The caller tries again with a larger buffer. */
static enum nss_status nss_no_room(const struct said *to)
{
    return nss_answer(to, NSS_STATUS_TRYAGAIN, ERANGE, NETDB_INTERNAL);
}

static enum nss_status nss_found(const struct said *to)
{
    return nss_answer(to, NSS_STATUS_SUCCESS, 0, NETDB_SUCCESS);
}

static int open_nss_hosts(void)
{
    return open(HOSTS_PATH, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

static bool find_nss_host_by_name(const char *name, struct hosts_line *found)
{
    const int error = errno, fd = open_nss_hosts();
    bool ok = fd >= 0 && hosts_find_name(fd, name, found);
    if (fd >= 0)
        close(fd);
    errno = error;
    return ok;
}

static bool find_nss_host_by_addr(const struct in6_addr *addr, struct hosts_line *found)
{
    const int error = errno, fd = open_nss_hosts();
    bool ok = fd >= 0 && hosts_find_addr(fd, addr, found);
    if (fd >= 0)
        close(fd);
    errno = error;
    return ok;
}

/* The contents of the caller's buffer for a struct hostent. */
struct entry {
    char *aliases[1], *addrs[2];
    struct in6_addr addr;
    char name[HOSTS_NAME_MAX];
};

/* The place for `size` octets in the caller's buffer; NULL: it is too small. */
static void *place_in_nss_buffer(char *buffer, size_t len, size_t size)
{
    const size_t align = _Alignof(struct entry);
    size_t skip = (align - (uintptr_t)buffer % align) % align;
    return len < skip || len - skip < size ? NULL : buffer + skip;
}

static bool fill_nss_hostent(const struct hosts_line *line, struct hostent *h, char *buffer,
                             size_t len)
{
    struct entry *e = place_in_nss_buffer(buffer, len, sizeof *e);
    if (!e)
        return false;
    *e = (struct entry){.addr = line->addr};
    memcpy(e->name, line->name, sizeof e->name);
    e->addrs[0] = (char *)&e->addr;
    *h = (struct hostent){.h_name = e->name,
                          .h_aliases = e->aliases,
                          .h_addrtype = AF_INET6,
                          .h_length = sizeof e->addr,
                          .h_addr_list = e->addrs};
    return true;
}

/* ---- the service's functions, as the C library declares and calls them ---- */

EXPORTED enum nss_status _nss_btns_gethostbyname4_r(const char *name, struct gaih_addrtuple **pat,
                                                    char *buffer, size_t len, int *errnop,
                                                    int *h_errnop, int32_t *ttlp);
EXPORTED enum nss_status _nss_btns_gethostbyname3_r(const char *name, int af, struct hostent *h,
                                                    char *buffer, size_t len, int *errnop,
                                                    int *h_errnop, int32_t *ttlp, char **canonp);
EXPORTED enum nss_status _nss_btns_gethostbyname2_r(const char *name, int af, struct hostent *h,
                                                    char *buffer, size_t len, int *errnop,
                                                    int *h_errnop);
EXPORTED enum nss_status _nss_btns_gethostbyname_r(const char *name, struct hostent *h,
                                                   char *buffer, size_t len, int *errnop,
                                                   int *h_errnop);
EXPORTED enum nss_status _nss_btns_gethostbyaddr2_r(const void *addr, socklen_t size, int af,
                                                    struct hostent *h, char *buffer, size_t len,
                                                    int *errnop, int *h_errnop, int32_t *ttlp);
EXPORTED enum nss_status _nss_btns_gethostbyaddr_r(const void *addr, socklen_t size, int af,
                                                   struct hostent *h, char *buffer, size_t len,
                                                   int *errnop, int *h_errnop);

/* For getaddrinfo() of any family. */
enum nss_status _nss_btns_gethostbyname4_r(const char *name, struct gaih_addrtuple **pat,
                                           char *buffer, size_t len, int *errnop, int *h_errnop,
                                           int32_t *ttlp)
{
    struct both {
        struct gaih_addrtuple tuple;
        char name[HOSTS_NAME_MAX];
    } * b;
    struct hosts_line line;
    const struct said to = {errnop, h_errnop};
    if (!hosts_is_ours(name))
        return nss_not_ours(&to);
    if (!find_nss_host_by_name(name, &line))
        return nss_not_known(&to);
    if (!(b = place_in_nss_buffer(buffer, len, sizeof *b)))
        return nss_no_room(&to);
    memcpy(b->name, line.name, sizeof b->name);
    /* The C library may have a tuple ready, to be filled. */
    struct gaih_addrtuple *tuple = *pat ? *pat : &b->tuple;
    *tuple = (struct gaih_addrtuple){.name = b->name, .family = AF_INET6};
    memcpy(tuple->addr, &line.addr, sizeof line.addr);
    *pat = tuple;
    if (ttlp)
        *ttlp = 0;
    return nss_found(&to);
}

enum nss_status _nss_btns_gethostbyname3_r(const char *name, int af, struct hostent *h,
                                           char *buffer, size_t len, int *errnop, int *h_errnop,
                                           int32_t *ttlp, char **canonp)
{
    struct hosts_line line;
    const struct said to = {errnop, h_errnop};
    if (!hosts_is_ours(name))
        return nss_not_ours(&to);
    if (!find_nss_host_by_name(name, &line))
        return nss_not_known(&to);
    if (af != AF_INET6 && af != AF_UNSPEC) /* a name of ours has no IPv4 address */
        return nss_answer(&to, NSS_STATUS_NOTFOUND, ENOENT, NO_DATA);
    if (!fill_nss_hostent(&line, h, buffer, len))
        return nss_no_room(&to);
    if (ttlp)
        *ttlp = 0;
    if (canonp)
        *canonp = h->h_name;
    return nss_found(&to);
}

enum nss_status _nss_btns_gethostbyname2_r(const char *name, int af, struct hostent *h,
                                           char *buffer, size_t len, int *errnop, int *h_errnop)
{
    return _nss_btns_gethostbyname3_r(name, af, h, buffer, len, errnop, h_errnop, NULL, NULL);
}

enum nss_status _nss_btns_gethostbyname_r(const char *name, struct hostent *h, char *buffer,
                                          size_t len, int *errnop, int *h_errnop)
{
    return _nss_btns_gethostbyname2_r(name, AF_INET, h, buffer, len, errnop, h_errnop);
}

enum nss_status _nss_btns_gethostbyaddr2_r(const void *addr, socklen_t size, int af,
                                           struct hostent *h, char *buffer, size_t len, int *errnop,
                                           int *h_errnop, int32_t *ttlp)
{
    struct in6_addr wanted;
    struct hosts_line line;
    const struct said to = {errnop, h_errnop};
    if (af != AF_INET6 || size != sizeof wanted)
        return nss_not_ours(&to);
    memcpy(&wanted, addr, sizeof wanted);
    if (!is_inner_address(&wanted))
        return nss_not_ours(&to);
    if (!find_nss_host_by_addr(&wanted, &line))
        return nss_not_known(&to);
    if (!fill_nss_hostent(&line, h, buffer, len))
        return nss_no_room(&to);
    if (ttlp)
        *ttlp = 0;
    return nss_found(&to);
}

enum nss_status _nss_btns_gethostbyaddr_r(const void *addr, socklen_t size, int af,
                                          struct hostent *h, char *buffer, size_t len, int *errnop,
                                          int *h_errnop)
{
    return _nss_btns_gethostbyaddr2_r(addr, size, af, h, buffer, len, errnop, h_errnop, NULL);
}
