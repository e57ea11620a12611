/*
 * The private protocol between btnsd and its clients (shim, btns-run, btnsctl): all of its
 * messages. See PROTOCOL.md.
 */
#ifndef BTNS_LIBAPI_WIRE_WIRE_H
#define BTNS_LIBAPI_WIRE_WIRE_H

#include "libapi/wire/answers.h"
#include "libapi/wire/header.h"
#include "libapi/wire/known_peers.h"
#include "libapi/wire/latches.h"
#include "libapi/wire/policies.h"
#include "libapi/wire/questions.h"
#include "libapi/wire/shared_memory.h"
#include "libapi/wire/status.h"

#endif
