//! The first words to a mail server, up to where TLS begins (RFC 3207), and the stream that the library goes on with.

use std::{
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use super::MailError;

/// What stands for a greeting where a server has greeted already.
pub(super) const GREETING: &[u8] = b"220 go on\r\n";

/// Longest reply that is read before TLS.
const LONGEST_REPLY: usize = 16 * 1024;

/// Says hello and asks for TLS. The server has said nothing beyond that: what somebody in between may have put behind its
/// last word in the clear would otherwise be taken for said under TLS.
///
/// # Errors
/// The server offers none, or breaks the protocol.
pub async fn ask_for_tls(
    socket: &mut (impl AsyncRead + AsyncWrite + Unpin),
    hello: &str,
) -> Result<(), MailError> {
    expect(reply(socket).await?, 220)?;
    say(socket, &format!("EHLO {hello}\r\n")).await?;
    let offers = expect(reply(socket).await?, 250)?;
    let is_offered =
        |line: &str| line.get(4..).is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS"));
    if !offers.lines().any(is_offered) {
        return Err(MailError::Misconfigured(
            "the mail server offers no STARTTLS, and nothing was sent".into(),
        ));
    }
    say(socket, "STARTTLS\r\n").await?;
    expect(reply(socket).await?, 220).map(|_| ())
}

async fn say(socket: &mut (impl AsyncWrite + Unpin), line: &str) -> Result<(), MailError> {
    socket.write_all(line.as_bytes()).await.map_err(broken)
}

/// One reply, all its lines, and not a byte more.
async fn reply(socket: &mut (impl AsyncRead + Unpin)) -> Result<String, MailError> {
    let mut heard = Vec::new();
    let mut chunk = [0; 1024];
    loop {
        let n = socket.read(&mut chunk).await.map_err(broken)?;
        heard.extend_from_slice(chunk.get(..n).unwrap_or_default());
        if n == 0 || heard.len() > LONGEST_REPLY {
            return Err(MailError::Unavailable("the mail server does not speak SMTP".into()));
        }
        if let Some(ends) = end_of_reply(&heard) {
            if ends != heard.len() {
                return Err(MailError::Unavailable("the mail server speaks before it is asked".into()));
            }
            return String::from_utf8(heard)
                .map_err(|_| MailError::Unavailable("the mail server breaks SMTP".into()));
        }
    }
}

/// Behind the line that has no `-` after its number.
fn end_of_reply(heard: &[u8]) -> Option<usize> {
    let mut begins = 0;
    loop {
        let line = heard.get(begins..)?;
        let length = line.iter().position(|byte| *byte == b'\n')? + 1;
        begins += length;
        if line.get(3) != Some(&b'-') || length < 4 {
            return Some(begins);
        }
    }
}

fn expect(reply: String, code: u16) -> Result<String, MailError> {
    if reply.get(..3) == Some(&code.to_string()) {
        return Ok(reply);
    }
    let said = sallyport_model::name::printable(reply.trim(), 200);
    Err(MailError::Unavailable(format!("the mail server said `{said}`")))
}

fn broken(error: std::io::Error) -> MailError {
    MailError::Unavailable(format!("the connection to the mail server broke: {error}"))
}

/// A stream with words put before what is read from it.
#[derive(Debug)]
pub(super) struct Greeted<S> {
    stream: S,
    first: &'static [u8],
}

impl<S> Greeted<S> {
    pub(super) const fn new(stream: S, first: &'static [u8]) -> Self {
        Self { stream, first }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Greeted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let taken = self.first.len().min(buf.remaining());
        if taken > 0 {
            let (now, later) = self.first.split_at(taken);
            buf.put_slice(now);
            self.first = later;
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Greeted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Greeted<TcpStream> {
    fn peer_addr(&self) -> std::io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncTokioStream for Greeted<TlsStream<TcpStream>> {
    fn peer_addr(&self) -> std::io::Result<SocketAddr> {
        self.stream.get_ref().0.peer_addr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_ends_with_its_last_line() {
        for (heard, ends) in [
            ("220 hello\r\n", Some(11)),
            ("250-one\r\n250 two\r\n", Some(18)),
            ("250-one\r\n", None),
            ("250-one\r\n250 tw", None),
            ("220 go\r\nevil", Some(8)),
            ("", None),
            ("x\n", Some(2)),
        ] {
            assert_eq!(end_of_reply(heard.as_bytes()), ends, "{heard:?}");
        }
    }
}
