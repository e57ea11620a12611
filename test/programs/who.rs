// libbtns from Rust, by dlopen: connects only to the peer it expects, and prints who is there.
//   who ADDRESS PORT PEER
use std::ffi::{c_char, c_int, c_void, CStr, CString};
use std::mem::transmute;
use std::net::Ipv4Addr;

extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn socket(family: c_int, kind: c_int, protocol: c_int) -> c_int;
}
const RTLD_NOW: c_int = 2;
const AF_INET: c_int = 2;
const SOCK_STREAM: c_int = 1;

struct Library(*mut c_void);

impl Library {
    fn function(&self, name: &str) -> *mut c_void {
        let name = CString::new(name).unwrap();
        let f = unsafe { dlsym(self.0, name.as_ptr()) };
        assert!(!f.is_null(), "libbtns has no {name:?}");
        f
    }
    fn reason(&self) -> String {
        type Reason = unsafe extern "C" fn(*mut c_char, usize) -> usize;
        let mut text = [0 as c_char; 512];
        unsafe {
            let reason: Reason = transmute(self.function("ipsec_get_reason"));
            reason(text.as_mut_ptr(), text.len());
            CStr::from_ptr(text.as_ptr()).to_string_lossy().into_owned()
        }
    }
    fn checked(&self, rc: c_int) {
        if rc != 0 {
            let error = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
            println!("errno {error}: {}", self.reason());
            std::process::exit(1);
        }
    }
}

fn main() {
    type Expect = unsafe extern "C" fn(c_int, *const c_char) -> c_int;
    type Connect = unsafe extern "C" fn(c_int, *const c_void, u32) -> c_int;
    type Who = unsafe extern "C" fn(c_int, *mut c_char, usize) -> c_int;
    let args: Vec<String> = std::env::args().collect();
    let address: Ipv4Addr = args[1].parse().expect("an IPv4 address");
    let port: u16 = args[2].parse().expect("a port");
    let peer = CString::new(args[3].as_str()).unwrap();
    let mut to = [0u8; 16]; // struct sockaddr_in
    to[..2].copy_from_slice(&(AF_INET as u16).to_ne_bytes());
    to[2..4].copy_from_slice(&port.to_be_bytes());
    to[4..8].copy_from_slice(&address.octets());
    let mut who = [0 as c_char; 256];
    let soname = CString::new("libbtns.so.1").unwrap();
    unsafe {
        let library = Library(dlopen(soname.as_ptr(), RTLD_NOW));
        assert!(!library.0.is_null(), "libbtns.so.1 is not there");
        let expect: Expect = transmute(library.function("ipsec_expect"));
        let connect: Connect = transmute(library.function("ipsec_connect"));
        let ask: Who = transmute(library.function("ipsec_who"));
        let fd = socket(AF_INET, SOCK_STREAM, 0);
        library.checked(expect(fd, peer.as_ptr()));
        library.checked(connect(fd, to.as_ptr().cast(), 16));
        library.checked(ask(fd, who.as_mut_ptr(), who.len()));
        println!("{}", CStr::from_ptr(who.as_ptr()).to_string_lossy());
    }
}
