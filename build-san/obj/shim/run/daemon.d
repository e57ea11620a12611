build-san/obj/shim/run/daemon.o: shim/run/daemon.c shim/run/daemon.h \
 shim/run/../../libapi/ctl/ask.h \
 shim/run/../../libapi/ctl/../../btnsd/err.h \
 shim/run/../../libapi/ctl/../wire.h shim/run/../../libapi/ctl/../addr.h
shim/run/daemon.h:
shim/run/../../libapi/ctl/ask.h:
shim/run/../../libapi/ctl/../../btnsd/err.h:
shim/run/../../libapi/ctl/../wire.h:
shim/run/../../libapi/ctl/../addr.h:
