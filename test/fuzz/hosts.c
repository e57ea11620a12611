/*
 * Fuzzes the reader of the names of inner addresses: each line that it accepts
 * has a name of ours and an inner address, and is found by both.
 */
#include "libapi/nss/hosts.h"
#include "libapi/wire/inner_address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void demand_sound(const struct hosts_line *line)
{
    size_t n = strnlen(line->name, sizeof line->name);
    demand(n < sizeof line->name && n > strlen(HOSTS_DOMAIN));
    demand(hosts_is_ours(line->name) && is_inner_address(&line->addr));
}

/* Each name that a line may have is found again by its address, with the first name of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"bob.btns", "BOB.btns.", "barih-hokog-duvur.btns",
                                        ".btns",    "btns",      ""};
    struct hosts_line line, again;
    int fd = memfd_create("hosts", MFD_CLOEXEC);
    demand(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        demand(lseek(fd, 0, SEEK_SET) == 0);
        if (!hosts_find_name(fd, names[i], &line))
            continue;
        demand_sound(&line);
        demand(!strncasecmp(line.name, names[i], strlen(line.name)));
        demand(lseek(fd, 0, SEEK_SET) == 0 && hosts_find_addr(fd, &line.addr, &again));
        demand_sound(&again);
        demand(!memcmp(&line.addr, &again.addr, sizeof line.addr));
    }
    close(fd);
    return 0;
}
