build-san/obj/shim/run/environment.o: shim/run/environment.c \
 shim/run/environment.h shim/run/shim.h shim/run/../../btnsd/err.h
shim/run/environment.h:
shim/run/shim.h:
shim/run/../../btnsd/err.h:
