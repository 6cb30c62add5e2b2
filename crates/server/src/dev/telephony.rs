//! `sallyport dev telephony`: a telephone company on this machine. What it shows is in `web`; what it posts back goes out
//! from here.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Args;
use sallyport_connect::{
    http::{Call, Limits, Method},
    outbound::{Outbound, Url},
};
use sallyport_crypto::Secret;
use sallyport_web::simulator::{self, Post, Simulator};
use tokio::{net::TcpListener, sync::mpsc};

use super::stopped;
use crate::print;

const PATIENCE: Limits = Limits { time: Duration::from_secs(15), bytes: 64 * 1024 };

#[derive(Args)]
pub(crate) struct Telephony {
    /// Address and port to listen on, without TLS
    #[arg(long, default_value = "127.0.0.1:8466", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The account that may ask for texts and calls
    #[arg(long, default_value = "AC00000000000000000000000000000000")]
    account: String,
    /// Its token
    #[arg(long, env = "SALLYPORT_DEV_TELEPHONY_TOKEN", default_value = "simulated", hide_env_values = true)]
    token: String,
    /// File with the certificate authority of the server that is called back, PEM; without it those that browsers trust
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Telephony {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(self.serve())
    }

    async fn serve(self) -> anyhow::Result<ExitCode> {
        // Whoever runs this says whom it may call; it is told by the calls it takes.
        let everywhere = ["0.0.0.0/0", "::/0"].map(str::parse).into_iter().collect::<Result<Vec<_>, _>>()?;
        let outbound = match &self.ca {
            None => Outbound::new(everywhere),
            Some(file) => {
                let roots = std::fs::read_to_string(file);
                Outbound::new(everywhere)
                    .trusting(roots.with_context(|| format!("cannot read `{}`", file.display()))?)
            }
        };
        let listener = TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("cannot listen on {}; is something else there?", self.listen))?;
        let (simulator, posted) = Simulator::new(&self.account, Secret::from(self.token.as_str()));
        tokio::spawn(carry(posted, outbound));
        let address = listener.local_addr()?;
        print(&format!("A simulated telephone company is at http://{address}"));
        print("A server that runs with `--outbound-internal` for that address uses it after:");
        print(&format!(
            "\n    sallyport telephony update --twilio-account {} --twilio-url http://{address} \\\n        --secret-file FILE \
             --sender +15005550006 --country +1 --texts true --calls true\n",
            self.account
        ));
        simulator::serve(listener, simulator, stopped()).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Posts what the company has to tell, one after the other.
async fn carry(mut posted: mpsc::Receiver<Post>, outbound: Outbound) {
    while let Some(Post { url, signature, body, answer }) = posted.recv().await {
        let outcome = post(&outbound, &url, &signature, body).await.map_err(|error| error.to_string());
        // Whoever asked may have gone away.
        answer.send(outcome).ok();
    }
}

async fn post(outbound: &Outbound, url: &str, signature: &str, body: String) -> anyhow::Result<String> {
    let url: Url = url.parse()?;
    let headers = [(sallyport_web::simulator::SIGNATURE, signature)];
    let body = Some((sallyport_web::simulator::FORM, body.into_bytes()));
    let call = Call { method: Method::POST, path: url.path(), headers: &headers, body };
    let response = outbound.send(&url, call, PATIENCE).await?;
    anyhow::ensure!(response.is_success(), "it was answered with {}", response.status);
    Ok(String::from_utf8(response.body)?)
}
