build-san/obj/shim/run/check.o: shim/run/check.c shim/run/check.h \
 shim/run/plan.h shim/run/environment.h shim/run/program.h \
 shim/run/refuse.h shim/run/elf.h shim/run/../../btnsd/err.h \
 shim/run/shim.h shim/run/../../libapi/ctl/explain.h \
 shim/run/../../libapi/ctl/ask.h \
 shim/run/../../libapi/ctl/../../btnsd/err.h \
 shim/run/../../libapi/ctl/../wire.h shim/run/../../libapi/ctl/../addr.h \
 shim/run/../../libapi/ctl/target.h shim/run/../../libapi/ctl/../addr.h \
 shim/run/../../libapi/ctl/text.h shim/run/exits.h
shim/run/check.h:
shim/run/plan.h:
shim/run/environment.h:
shim/run/program.h:
shim/run/refuse.h:
shim/run/elf.h:
shim/run/../../btnsd/err.h:
shim/run/shim.h:
shim/run/../../libapi/ctl/explain.h:
shim/run/../../libapi/ctl/ask.h:
shim/run/../../libapi/ctl/../../btnsd/err.h:
shim/run/../../libapi/ctl/../wire.h:
shim/run/../../libapi/ctl/../addr.h:
shim/run/../../libapi/ctl/target.h:
shim/run/../../libapi/ctl/../addr.h:
shim/run/../../libapi/ctl/text.h:
shim/run/exits.h:
