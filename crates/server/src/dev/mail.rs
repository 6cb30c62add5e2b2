//! `sallyport dev mail`: a post office on this machine. What it takes and shows is in `web`.

use std::{net::SocketAddr, process::ExitCode};

use anyhow::Context as _;
use clap::Args;
use sallyport_web::simulator::mail::{self, Office};
use tokio::net::TcpListener;

use super::stopped;
use crate::print;

#[derive(Args)]
pub(crate) struct Mail {
    /// Address and port to take mail at, by SMTP without TLS
    #[arg(long, default_value = "127.0.0.1:8525", value_name = "ADDRESS:PORT")]
    smtp: SocketAddr,
    /// Address and port of the page that shows it
    #[arg(long, default_value = "127.0.0.1:8467", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
}

impl Mail {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(self.serve())
    }

    async fn serve(self) -> anyhow::Result<ExitCode> {
        let (smtp, page) = (listen(self.smtp).await?, listen(self.listen).await?);
        let (at, shown) = (smtp.local_addr()?, page.local_addr()?);
        print(&format!("A simulated post office takes mail at {at} and shows it at http://{shown}"));
        print("A server that runs with `--outbound-internal` for that address uses it after:");
        print(&format!(
            "\n    sallyport mail update --host {} --port {} --security none --sender sallyport@example.com\n",
            at.ip(),
            at.port()
        ));
        mail::serve(smtp, page, Office::default(), stopped()).await?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn listen(at: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(at).await.with_context(|| format!("cannot listen on {at}; is something else there?"))
}
