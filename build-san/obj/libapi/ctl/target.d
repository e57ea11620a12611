build-san/obj/libapi/ctl/target.o: libapi/ctl/target.c \
 libapi/ctl/target.h libapi/ctl/../../btnsd/err.h libapi/ctl/../addr.h
libapi/ctl/target.h:
libapi/ctl/../../btnsd/err.h:
libapi/ctl/../addr.h:
