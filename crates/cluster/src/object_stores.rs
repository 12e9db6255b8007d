//! Object stores by URL, made when they are first asked for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use datafusion::common::{DataFusionError, Result};
use datafusion::execution::object_store::ObjectStoreRegistry;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::local::LocalFileSystem;
use object_store::{BackoffConfig, ClientConfigKey, ObjectStore, RetryConfig};
use url::{Position, Url};

use crate::ClusterError;

/// One request may take this long, its body included.
const REQUEST_TIMEOUT: &str = "15 seconds";

/// A connection must stand within this time.
const CONNECT_TIMEOUT: &str = "5 seconds";

/// A request that failed at once is tried again, but not after this time.
const RETRY_TIMEOUT: Duration = Duration::from_secs(10);

/// How often it is tried again.
const RETRIES: usize = 3;

/// The object stores that URLs name: `s3`, `gs`, `az` (and its longer spellings), `file`.
///
/// Nothing is registered beforehand. Each node makes a client when a plan first names a bucket, with
/// credentials and endpoint of its own environment, so no secret travels in a plan.
#[derive(Default)]
pub(crate) struct ObjectStores {
    made: Mutex<BTreeMap<String, Arc<dyn ObjectStore>>>,
}

impl ObjectStores {
    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<dyn ObjectStore>>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ObjectStoreRegistry for ObjectStores {
    fn register_store(
        &self,
        url: &Url,
        store: Arc<dyn ObjectStore>,
    ) -> Option<Arc<dyn ObjectStore>> {
        self.known().insert(bucket(url), store)
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        let bucket = bucket(url);
        if let Some(store) = self.known().get(&bucket) {
            return Ok(Arc::clone(store));
        }
        let store = open(url).map_err(|error| DataFusionError::External(Box::new(error)))?;
        self.known().insert(bucket, Arc::clone(&store));
        Ok(store)
    }
}

impl fmt::Debug for ObjectStores {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.known().keys()).finish()
    }
}

/// A client for the store that holds a URL, set up by the environment: `AWS_ACCESS_KEY_ID`,
/// `AWS_ENDPOINT`, `AWS_ALLOW_HTTP` and so on, as the `object_store` crate documents them.
///
/// # Errors
///
/// When the scheme is unknown, or the environment's settings do not fit together.
pub(crate) fn open(url: &Url) -> Result<Arc<dyn ObjectStore>, ClusterError> {
    let retry = RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: RETRIES,
        retry_timeout: RETRY_TIMEOUT,
    };
    let failed = |source| ClusterError::ObjectStore { url: url.to_string(), source };
    let opened: Result<Arc<dyn ObjectStore>, object_store::Error> = match url.scheme() {
        "file" => Ok(Arc::new(LocalFileSystem::new())),
        "s3" => AmazonS3Builder::from_env()
            .with_url(url.as_str())
            .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), REQUEST_TIMEOUT)
            .with_config(
                AmazonS3ConfigKey::Client(ClientConfigKey::ConnectTimeout),
                CONNECT_TIMEOUT,
            )
            .with_retry(retry)
            .build()
            .map(|store| Arc::new(store) as Arc<dyn ObjectStore>),
        "gs" => GoogleCloudStorageBuilder::from_env()
            .with_url(url.as_str())
            .with_config(GoogleConfigKey::Client(ClientConfigKey::Timeout), REQUEST_TIMEOUT)
            .with_config(GoogleConfigKey::Client(ClientConfigKey::ConnectTimeout), CONNECT_TIMEOUT)
            .with_retry(retry)
            .build()
            .map(|store| Arc::new(store) as Arc<dyn ObjectStore>),
        "az" | "azure" | "abfs" | "abfss" | "adl" => MicrosoftAzureBuilder::from_env()
            .with_url(url.as_str())
            .with_config(AzureConfigKey::Client(ClientConfigKey::Timeout), REQUEST_TIMEOUT)
            .with_config(AzureConfigKey::Client(ClientConfigKey::ConnectTimeout), CONNECT_TIMEOUT)
            .with_retry(retry)
            .build()
            .map(|store| Arc::new(store) as Arc<dyn ObjectStore>),
        _ => return Err(ClusterError::Location(url.to_string())),
    };
    opened.map_err(failed)
}

/// What two URLs of one store have in common.
fn bucket(url: &Url) -> String {
    url[..Position::BeforePath].to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test fails by panicking")]

    use std::sync::Arc;

    use datafusion::execution::object_store::ObjectStoreRegistry;
    use url::Url;

    use super::ObjectStores;

    #[test]
    fn one_bucket_has_one_client() {
        let stores = ObjectStores::default();
        let get = |text: &str| stores.get_store(&Url::parse(text).expect("a URL"));
        let one = get("s3://bucket/a").expect("a client");
        let other = get("s3://bucket/b/c").expect("a client");
        assert!(Arc::ptr_eq(&one, &other));
        assert!(!Arc::ptr_eq(&one, &get("s3://another/a").expect("a client")));
        assert!(get("ftp://host/a").is_err());
    }
}
