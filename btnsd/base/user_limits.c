/* The one table of each user's limits; btnsd(8) shows the same values. */
#include "btnsd/base/user_limits.h"

const struct limit limits[LIMITS] = {
    [LIMIT_CLIENTS] = {"clients", 2048, 7168, 1024, 0, "connections to btnsd", "close some"},
    [LIMIT_LISTS] = {"lists", 16, 256, 64, 0, "lists being sent", "read them to their end"},
    [LIMIT_WAITS] = {"waits", 1024, 4096, 512, 0, "connect()s that wait for protection",
                     "connect to fewer places at once"},
    [LIMIT_GUARDS] = {"guards", 1024, 4096, 512, 0, "guarded services",
                      "close connections, or wait for their end"},
    [LIMIT_EXCHANGES] = {"exchanges", 16, 64, 16, 32, "IKE exchanges under way",
                         "connect to fewer hosts at once"},
    [LIMIT_STRANGERS] = {"strangers", 12, 48, 12, 24, "IKE exchanges with unknown hosts",
                         "connect to fewer new hosts at once"},
    [LIMIT_TURNS] = {"turns", 1024, 4096, 512, 1024, "services that wait for IKE",
                     "connect to fewer new hosts at once"},
    [LIMIT_LATCHES] = {"latches", 16384, 131072, 16384, 0, "latched sockets", "close some"},
    [LIMIT_LISTENERS] = {"listeners", 256, 2048, 256, 0, "listening sockets under rules",
                         "close some"},
    [LIMIT_CLAIMS] = {"claims", 64, 1024, 128, 0, "sockets that are about to listen",
                      "listen with some, or close them"},
    [LIMIT_WATCHERS] = {"watchers", 32, 512, 64, 0, "connections that watch", "end some"},
    [LIMIT_POLICIES] = {"policies", 16, 4096, 256, 0, "stored policies", "remove one"},
    [LIMIT_READINGS] = {"readings", 32, 256, 32, 0, "policies being read", "wait for these"},
    [LIMIT_RINGS] = {"rings", 64, 1024, 128, 0, "processes sharing memory with btnsd",
                     "none is needed"},
    [LIMIT_WISHES] = {"wishes", 1024, 4096, 512, 0, "sockets with a policy of their own",
                      "close some"},
};
