/* shutdown(): ends another thread's connect() on the socket while that waits for btnsd. */
#include "shim/calls.h"
#include "shim/sock.h"
#include "shim/wait.h"

#include <errno.h>

/* To the kernel the socket is not connecting yet, so its own shutdown() would have no effect. */
int shim_shutdown(int fd, int how)
{
    int saved = errno;
    bool valid = how == SHUT_RD || how == SHUT_WR || how == SHUT_RDWR;
    bool ended = valid && wait_any() && wait_give_up(sock_cookie(fd), ECONNRESET);
    errno = saved;
    return ended ? 0 : REAL(shutdown, fd, how);
}
