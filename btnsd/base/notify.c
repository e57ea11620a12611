/*
 * Tells the service manager that started us when we are ready (sd_notify(3), without libsystemd).
 */
#include "btnsd/base/notify.h"

#include "btnsd/base/log.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un manager = {.sun_family = AF_UNIX};
static socklen_t manager_len; /* 0: none */

void notify_init(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    size_t len = path ? strlen(path) : 0;
    if (len > 1 && len < sizeof manager.sun_path && (*path == '/' || *path == '@')) {
        memcpy(manager.sun_path, path, len);
        if (*path == '@')
            manager.sun_path[0] = '\0'; /* an abstract name */
        manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    }
    unsetenv("NOTIFY_SOCKET");
}

void notify_ready(void)
{
    static const char text[] = "READY=1";
    if (!manager_len)
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || sendto(fd, text, sizeof text - 1, MSG_NOSIGNAL | MSG_DONTWAIT,
                         (struct sockaddr *)&manager, manager_len) < 0)
        log_note("the service manager could not be told that we are ready: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
}
