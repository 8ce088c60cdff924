//! Objects in one S3 bucket.

use app::ports::{Objects, PortError};
use async_trait::async_trait;
use aws_sdk_s3::{Client, primitives::ByteStream};
use bytes::Bytes;

use crate::error::{port, unbuilt};

/// One bucket. Its encryption and its expiry by prefix are the bucket's own settings.
#[derive(Debug, Clone)]
pub struct S3Objects {
    client: Client,
    bucket: String,
}

impl S3Objects {
    /// Over a bucket.
    #[must_use]
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self { client, bucket: bucket.into() }
    }
}

#[async_trait]
impl Objects for S3Objects {
    async fn put(&self, key: &str, bytes: Bytes, content_type: &'static str) -> Result<(), PortError> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(|error| port("store an object", &error))?;
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Bytes, PortError> {
        const ATTEMPTED: &str = "read an object";
        let answer =
            self.client.get_object().bucket(&self.bucket).key(key).send().await.map_err(|error| {
                match error.as_service_error() {
                    Some(it) if it.is_no_such_key() => PortError::Missing { attempted: ATTEMPTED },
                    _ => port(ATTEMPTED, &error),
                }
            })?;
        Ok(answer.body.collect().await.map_err(|error| unbuilt(ATTEMPTED, error))?.into_bytes())
    }
}
