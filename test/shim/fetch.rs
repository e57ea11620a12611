// An HTTP client in Rust, by its standard library: fetch ADDRESS PORT
use std::io::{copy, stdout, Write};

fn main() -> std::io::Result<()> {
    let to: Vec<String> = std::env::args().skip(1).collect();
    let mut server = std::net::TcpStream::connect(to.join(":"))?;
    server.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
    copy(&mut server, &mut stdout())?;
    Ok(())
}
