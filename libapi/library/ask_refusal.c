/*
 * Finds out why a supervisor (btns-run) refused connect() or listen() of a program without the
 * shim. The supervisor cannot tell the program why, but btnsd remembers the reason.
 */
#include "libapi/library/ask_btnsd.h"
#include "libapi/library/ask_call.h"
#include "libapi/library/thread.h"

#include <errno.h>
#include <unistd.h>

#define BRIEF 1000 /* ms: short, because the program did not ask this question */

static bool may_be_refused(int error)
{
    switch (error) {
    case EPERM:
    case EACCES:
    case EAGAIN:
    case ENOENT:
    case ENETDOWN:
    case ECONNRESET:
    case ECONNABORTED:
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:
        return true;
    default:
        return false;
    }
}

/*
 * Reads the reason that btnsd remembers for the socket; "" if none. Returns false if btnsd does not
 * answer.
 */
static bool read_refusal(const char *call, int fd, char text[REASON_MAX])
{
    struct answer a = {0};
    struct attr x;
    bool answered = false;
    int channel = ask_open(call);
    if (channel < 0)
        return false;
    if (!ask_send(call, channel, BTNS_API_INQUIRE, fd, NULL, 0)) {
        ask_receive(call, channel, BRIEF, &a);
        answered = a.list;
        if (!attrs_find(a.list, a.len, IPSEC_CHANNEL_REASON, &x) ||
            !attr_text(&x, text, REASON_MAX))
            text[0] = '\0';
    }
    ask_answer_free(&a);
    close(channel);
    return answered;
}

void ask_refusal(const char *call, int fd, unsigned long mark)
{
    char text[REASON_MAX] = "";
    int error = errno;
    /* with the shim, the shim has the reason */
    bool asks = may_be_refused(error) && !thread_has_shim() && ask_call_is_inet(fd);
    int cancel = ask_cancel_off();
    bool answered = !asks || read_refusal(call, fd, text);
    ask_cancel_back(cancel);
    if (text[0])
        thread_fail(error, "%s: %s", call, text);
    else if (answered ||
             error != ENETDOWN) /* otherwise the call has failed because btnsd does not answer */
        thread_reason_none(mark);
    errno = error;
}
