//! The same door on a loopback port, for compiled functions and outside tools.

use std::{convert::Infallible, sync::Arc};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinSet};

use super::router::Aws;

/// More than the largest request of any service here.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Answers AWS calls on `listener` until `shutdown` is done.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    aws: Arc<Aws>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, _) = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted?,
        };
        let aws = Arc::clone(&aws);
        connections.spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&aws), request));
            if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
                tracing::debug!(error = &error as &dyn std::error::Error, "a local AWS connection ended early");
            }
        });
    }
    connections.shutdown().await;
    Ok(())
}

async fn answer(aws: Arc<Aws>, request: Request<Incoming>) -> Result<Response<Full<bytes::Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(response);
    };
    Ok(aws.call(Request::from_parts(parts, body.to_bytes())).await.map(Full::new))
}
