/*
 * IKE's UDP ports: btnsd holds them while no charon runs, and finds out which process has them
 * otherwise. In its own network namespace. TAP.
 */
#include "btnsd/ike/charon/ike_ports.h"
#include "test/unit/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int other_program(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (!bind(fd, (struct sockaddr *)&a, sizeof a))
        return fd;
    close(fd);
    return -1;
}

int main(void)
{
    struct ike_ports p;
    struct err err = {""};
    ike_ports_init(&p);
    check(!ike_ports_hold(&p, &err), "all are free: %s", err.text);
    check(other_program(500) < 0 && other_program(4500) < 0, "nobody else gets them");
    check(!ike_ports_hold(&p, &err), "holding them twice changes nothing");
    ike_ports_release(&p);
    int fd = other_program(4500);
    check(fd >= 0, "when charon is to have them, they are free");
    check(ike_ports_hold(&p, &err) == -EADDRINUSE && strstr(err.text, "UDP port 4500") &&
              strstr(err.text, "of user 0"),
          "who has one is named: %s", err.text);
    check(other_program(500) < 0, "the others are held meanwhile");
    check(ike_ports_belong(getpid(), &err) == 0, "the process that has a port has it");
    pid_t idle = fork();
    if (!idle) {
        close_range(3, ~0U, 0);
        pause();
        _exit(0);
    }
    while (!ike_ports_belong(idle, &err)) /* until the other process has closed them */
        usleep(1000);
    check(strstr(err.text, "is taken by another program, of user 0"), "another has not: %s",
          err.text);
    kill(idle, SIGKILL);
    waitpid(idle, NULL, 0);
    close(fd);
    check(!ike_ports_hold(&p, &err) && other_program(4500) < 0,
          "and that one as soon as it is free");
    ike_ports_release(&p);
    return check_end();
}
