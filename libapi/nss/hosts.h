/*
 * Searches the file in which btnsd keeps the names of inner addresses, a line each: the address and
 * one name, which ends in ".btns". Lines about any other address or name are ignored.
 */
#ifndef BTNS_LIBAPI_NSS_HOSTS_H
#define BTNS_LIBAPI_NSS_HOSTS_H

#include <netinet/in.h>
#include <stdbool.h>

#define HOSTS_DOMAIN   ".btns"
#define HOSTS_NAME_MAX 70 /* a peer's name of 63 letters, the domain and NUL, with some room */

struct hosts_line {
    struct in6_addr addr;
    char name[HOSTS_NAME_MAX];
};

/* Does the name end in ".btns", or in ".btns." with something before it? */
bool hosts_is_ours(const char *name);
/*
 * Finds the first line with this name; upper and lower case are the same, and a dot at the end of
 * `name` is left out. False: there is none, or fd cannot be read. fd is read from where it is.
 */
bool hosts_find_name(int fd, const char *name, struct hosts_line *found);
/* Finds the first line with this address. */
bool hosts_find_addr(int fd, const struct in6_addr *addr, struct hosts_line *found);

#endif
