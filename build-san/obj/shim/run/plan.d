build-san/obj/shim/run/plan.o: shim/run/plan.c shim/run/plan.h \
 shim/run/environment.h shim/run/program.h shim/run/refuse.h \
 shim/run/elf.h shim/run/../../btnsd/err.h shim/run/shim.h \
 shim/run/daemon.h shim/run/../../libapi/ctl/ask.h \
 shim/run/../../libapi/ctl/../../btnsd/err.h \
 shim/run/../../libapi/ctl/../wire.h shim/run/../../libapi/ctl/../addr.h \
 shim/run/exits.h
shim/run/plan.h:
shim/run/environment.h:
shim/run/program.h:
shim/run/refuse.h:
shim/run/elf.h:
shim/run/../../btnsd/err.h:
shim/run/shim.h:
shim/run/daemon.h:
shim/run/../../libapi/ctl/ask.h:
shim/run/../../libapi/ctl/../../btnsd/err.h:
shim/run/../../libapi/ctl/../wire.h:
shim/run/../../libapi/ctl/../addr.h:
shim/run/exits.h:
