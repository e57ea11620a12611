build-san/obj/shim/run/script.o: shim/run/script.c shim/run/script.h
shim/run/script.h:
