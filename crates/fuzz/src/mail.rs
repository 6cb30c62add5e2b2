//! What a mail server says before it is known who it is.

use std::io;

use sallyport_connect::mail::ask_for_tls;
use tokio::io::{AsyncReadExt as _, duplex};

/// What the server says, between `\n---\n`: a greeting, and a reply to each line it is told. Understood is what TLS begins
/// behind, and behind that nothing was said in the clear.
pub(crate) fn before_tls(bytes: &[u8]) -> bool {
    let replies = split(bytes);
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else { return false };
    let begins = runtime.block_on(begins(&replies));
    assert!(!begins || replies.iter().filter(|reply| !reply.is_empty()).count() >= 3);
    begins
}

fn split(bytes: &[u8]) -> Vec<&[u8]> {
    const BETWEEN: &[u8] = b"\n---\n";
    let mut rest = bytes;
    let mut parts = Vec::new();
    while let Some(at) = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
        let (part, behind) = rest.split_at(at);
        parts.push(part);
        rest = behind.get(BETWEEN.len()..).unwrap_or_default();
    }
    parts.push(rest);
    parts
}

/// Whether TLS would begin with a server that says one of these for each line it is told, the first without being told.
async fn begins(replies: &[&[u8]]) -> bool {
    let (mut ours, mut theirs) = duplex(64 * 1024);
    let server = async {
        let mut line = Vec::new();
        for (n, reply) in replies.iter().enumerate() {
            while n > 0 && line.iter().filter(|byte| **byte == b'\n').count() < n {
                if theirs.read_buf(&mut line).await? == 0 {
                    return Ok(());
                }
            }
            tokio::io::AsyncWriteExt::write_all(&mut theirs, reply).await?;
        }
        drop(theirs);
        io::Result::Ok(())
    };
    let (begins, _) = tokio::join!(
        async {
            let begins = ask_for_tls(&mut ours, "sallyport.example.com").await.is_ok();
            drop(ours);
            begins
        },
        server
    );
    begins
}
