// libbtns from Go, by cgo: connects only to the peer it expects, prints who is there, and goes on as a net.Conn.
//
//	who ADDRESS PORT PEER
//
// Go's own Dial() connects by a raw system call, which a socket with a policy refuses: ipsec_expect and ipsec_connect
// come first, then net.FileConn. The words for a failure are the thread's, so the goroutine stays on one.
package main

/*
#cgo LDFLAGS: -lbtns
#include <btns/ipsec.h>
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"
)

func fail(err error) {
	var words [512]C.char
	C.ipsec_get_reason(&words[0], 512)
	fmt.Printf("errno %d: %s\n", err.(syscall.Errno), C.GoString(&words[0]))
	os.Exit(1)
}

// expectAndDial: to PEER and nobody else.
func expectAndDial(address net.IP, port int, peer string) net.Conn {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		fail(err)
	}
	name := C.CString(peer)
	defer C.free(unsafe.Pointer(name))
	if rc, err := C.ipsec_expect(C.int(fd), name); rc != 0 {
		fail(err)
	}
	to := syscall.RawSockaddrInet4{Family: syscall.AF_INET}
	to.Port = uint16(port>>8) | uint16(port&0xff)<<8
	copy(to.Addr[:], address.To4())
	if rc, err := C.ipsec_connect(C.int(fd), (*C.struct_sockaddr)(unsafe.Pointer(&to)), C.socklen_t(unsafe.Sizeof(to))); rc != 0 {
		fail(err)
	}
	var who [256]C.char
	if rc, err := C.ipsec_who(C.int(fd), &who[0], 256); rc != 0 {
		fail(err)
	}
	fmt.Println(C.GoString(&who[0]))
	file := os.NewFile(uintptr(fd), "connection")
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	return conn
}

func main() {
	port, _ := strconv.Atoi(os.Args[2])
	conn := expectAndDial(net.ParseIP(os.Args[1]), port, os.Args[3])
	fmt.Println("connected to", conn.RemoteAddr())
	conn.Close()
}
