/* Reads the signal handlers and the signal mask of the calling thread. */
#include "shim/interrupt.h"

#include <signal.h>
#include <stddef.h>

bool interrupt_ends_connect(bool limited)
{
    sigset_t blocked;
    if (limited || sigprocmask(SIG_SETMASK, NULL, &blocked) < 0)
        return true;
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) < 0 || sigismember(&blocked, number))
            continue;
        bool handled = action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
        if (handled && !(action.sa_flags & SA_RESTART))
            return true;
    }
    return false;
}
