//! `granary run`.

use std::sync::Arc;

use clap::Args;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{CliError, Data, open};
use crate::{
    runner::{LocalBank, console},
    services,
};

/// Runs the bank until Ctrl-C.
#[derive(Args)]
pub struct Run {
    #[command(flatten)]
    data: Data,
    /// The port of the outside; the AWS APIs are on the next one. 0 takes any two.
    #[arg(long, default_value_t = 4000)]
    port: u16,
}

/// A bank that is being served.
pub struct Served {
    /// The bank.
    pub bank: Arc<LocalBank>,
    /// Where the outside is.
    pub url: String,
    /// Where the AWS APIs are.
    pub aws_url: String,
    stop: CancellationToken,
    tasks: JoinSet<Result<(), CliError>>,
}

impl Served {
    /// Opens a bank and serves it on loopback.
    pub async fn start(data: Option<std::path::PathBuf>, port: u16) -> Result<Self, CliError> {
        let outside = listen(port).await?;
        let aws = listen(if port == 0 { 0 } else { port.saturating_add(1) }).await?;
        let url = url_of(&outside)?;
        let aws_url = url_of(&aws)?;
        let bank = open(data, url.clone()).await?;
        let stop = CancellationToken::new();

        let mut tasks = JoinSet::new();
        let (router, stopped) = (bank.router(), stop.clone());
        tasks.spawn(async move {
            let served = axum::serve(outside, router).with_graceful_shutdown(stopped.cancelled_owned());
            served.await.map_err(|source| CliError::Io { attempted: "serve the outside".to_owned(), source })
        });
        let (services, stopped) = (Arc::clone(bank.aws()), stop.clone());
        tasks.spawn(async move {
            let served = services::serve(services, aws, stopped.cancelled_owned());
            served.await.map_err(|source| CliError::Io { attempted: "serve the AWS APIs".to_owned(), source })
        });
        let (worker, stopped) = (Arc::clone(&bank), stop.clone());
        tasks.spawn(async move { Ok(worker.run(&stopped).await?) });
        Ok(Self { bank, url, aws_url, stop, tasks })
    }

    /// Waits until any part of it ends, which only a failure brings about. A bank that answers and does not work is worse
    /// than none.
    pub async fn failed(&mut self) -> Result<(), CliError> {
        match self.tasks.join_next().await {
            Some(ended) => ended.map_err(|error| CliError::Unexpected(error.to_string()))?,
            None => Ok(()),
        }
    }

    /// Lets what is under way end, and stops.
    pub async fn stop(mut self) -> Result<(), CliError> {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.map_err(|error| CliError::Unexpected(error.to_string()))??;
        }
        Ok(())
    }
}

impl Run {
    pub async fn run(self) -> Result<(), CliError> {
        let kept = self.data.folder();
        let mut served = Served::start(kept.clone(), self.port).await?;
        let client_id = served.bank.plan().user_pools.first().and_then(|pool| pool.clients.first());
        let client_id = client_id.map(|client| client.id.clone()).unwrap_or_default();
        let (url, aws_url) = (&served.url, &served.aws_url);
        let kept = kept.map_or("nothing is kept".to_owned(), |folder| format!("data in {}", folder.display()));
        let built = if console::is_built() { "" } else { "   (not built: it needs Node 20, then `make console`)" };
        println!(
            "Granary is open on {url} ({kept})

  console                              {url}/console{built}
  GraphQL, and GraphiQL in a browser   {url}/graphql; for the back office {url}/backoffice/graphql
  identity pool, for any AWS SDK       {url}/cognito   client id {client_id}
  the providers' webhooks              {url}/webhooks/clearbank, /webhooks/onfido, /webhooks/fireblocks
  mails that were sent, with codes     {url}/dev/outbox
  mails to customers                   {url}/dev/mail
  identity checks, and their results   GET {url}/dev/onfido/runs, POST {url}/dev/onfido/runs/<id>
  people who work here                 POST {url}/dev/staff
  whom the screening provider lists    POST {url}/dev/screening/entities, GET {url}/dev/screening/calls
  a payment into the bank              POST {url}/dev/clearbank/payments
  a deposit at the custodian           POST {url}/dev/fireblocks/deposits
  the bank's clock                     GET {url}/dev/clock, POST {url}/dev/clock/advance
  the AWS APIs that it all runs on     {aws_url}

Try next: `make demo ARGS=\"--url {url}\"` in another terminal, or open {url}/graphql. Ctrl-C stops."
        );
        tokio::select! {
            failed = served.failed() => failed?,
            interrupted = interrupted() => interrupted?,
        }
        served.stop().await?;
        println!("Granary is closed.");
        Ok(())
    }
}

/// Ctrl-C, or what a process manager sends.
async fn interrupted() -> Result<(), CliError> {
    let waiting = |source| CliError::Io { attempted: "wait for a signal".to_owned(), source };
    let mut terminated = signal(SignalKind::terminate()).map_err(waiting)?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(waiting),
        _ = terminated.recv() => Ok(()),
    }
}

/// Loopback only: there is no authentication towards the simulators.
async fn listen(port: u16) -> Result<TcpListener, CliError> {
    let bound = TcpListener::bind(("127.0.0.1", port)).await;
    bound.map_err(|source| CliError::Io { attempted: format!("listen on 127.0.0.1:{port}"), source })
}

fn url_of(listener: &TcpListener) -> Result<String, CliError> {
    let address = listener.local_addr();
    let address = address.map_err(|source| CliError::Io { attempted: "ask for the port".to_owned(), source })?;
    Ok(format!("http://{address}"))
}
