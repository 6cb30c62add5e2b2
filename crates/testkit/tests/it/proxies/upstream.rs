//! An application that speaks no protocol: it says on a page what it was asked, with every header as it came.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread,
};

/// Starts one; its port.
pub(super) fn start(name: &'static str) -> std::io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            // A proxy that goes away in between is no matter.
            answer(&mut socket, name).ok();
        }
    });
    Ok(port)
}

fn answer(socket: &mut TcpStream, name: &str) -> std::io::Result<()> {
    let (mut head, mut chunk) = (Vec::new(), [0; 8192]);
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let read = socket.read(&mut chunk)?;
        if read == 0 {
            return Ok(());
        }
        head.extend_from_slice(&chunk[..read]);
    }
    let head = String::from_utf8_lossy(&head);
    let (head, _) = head.split_once("\r\n\r\n").unwrap_or_default();
    let mut lines = head.lines();
    let request =
        lines.next().unwrap_or_default().trim_end_matches(" HTTP/1.1").trim_end_matches(" HTTP/1.0");
    let mut page = format!("{request}\n");
    for line in lines {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        page.push_str(&format!("{}: {}\n", name.to_ascii_lowercase(), value.trim()));
    }
    let page = page.replace('&', "&amp;").replace('<', "&lt;");
    let body = format!("<!doctype html><title>{name}</title><pre id=\"upstream\">{page}</pre>");
    let length = body.len();
    write!(
        socket,
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}
