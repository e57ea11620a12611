build-san/obj/shim/run/program.o: shim/run/program.c shim/run/program.h \
 shim/run/refuse.h shim/run/elf.h shim/run/../../btnsd/err.h \
 shim/run/../../libapi/ctl/find.h \
 shim/run/../../libapi/ctl/../../btnsd/err.h shim/run/exits.h \
 shim/run/script.h
shim/run/program.h:
shim/run/refuse.h:
shim/run/elf.h:
shim/run/../../btnsd/err.h:
shim/run/../../libapi/ctl/find.h:
shim/run/../../libapi/ctl/../../btnsd/err.h:
shim/run/exits.h:
shim/run/script.h:
