build-san/obj/libapi/addr.o: libapi/addr.c libapi/addr.h
libapi/addr.h:
