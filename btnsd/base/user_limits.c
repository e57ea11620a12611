/* The one table of what users may have; btnsd(8) shows the same. */
#include "btnsd/base/user_limits.h"

const struct limit limits[LIMITS] = {
    [LIMIT_CLIENTS] = {"clients", 2048, 7168, 1024, "connections to btnsd", "close some"},
    [LIMIT_LISTS] = {"lists", 16, 256, 64, "lists being sent", "read them to their end"},
    [LIMIT_WAITS] = {"waits", 1024, 4096, 512, "connect()s that wait for protection",
                     "connect to fewer places at once"},
    [LIMIT_GUARDS] = {"guards", 1024, 4096, 512, "guarded services",
                      "close connections, or wait for their end"},
    [LIMIT_EXCHANGES] = {"exchanges", 16, 64, 16, "IKE exchanges under way",
                         "connect to fewer new hosts at once"},
    [LIMIT_LATCHES] = {"latches", 16384, 131072, 16384, "latched sockets", "close some"},
    [LIMIT_LISTENERS] = {"listeners", 256, 2048, 256, "listening sockets under rules",
                         "close some"},
    [LIMIT_CLAIMS] = {"claims", 64, 1024, 128, "sockets that are about to listen",
                      "listen with some, or close them"},
    [LIMIT_WATCHERS] = {"watchers", 32, 512, 64, "connections that watch", "end some"},
    [LIMIT_POLICIES] = {"policies", 16, 4096, 256, "stored policies", "remove one"},
    [LIMIT_READINGS] = {"readings", 32, 256, 32, "policies being read", "wait for these"},
    [LIMIT_RINGS] = {"rings", 64, 1024, 128, "processes that share memory with btnsd",
                     "none is needed"},
    [LIMIT_WISHES] = {"wishes", 1024, 4096, 512, "sockets with a policy of their own",
                      "close some"},
};
