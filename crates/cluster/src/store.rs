//! Where tables lie.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use coldtrail_pipeline::store::{MARKER, Snapshot, check_marker};
use futures::{StreamExt, TryStreamExt};
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use url::Url;

use crate::{ClusterError, object_stores};

/// A store must begin to answer within this time: somebody waits.
const PATIENCE: Duration = Duration::from_secs(15);

/// How many entries of a log are fetched at the same time.
const ENTRIES_AT_ONCE: usize = 16;

/// A store in a folder or below a bucket's prefix, where every node of a cluster can read it under
/// the same URL.
#[derive(Clone, Debug)]
pub struct Store {
    url: Url,
    objects: Arc<dyn ObjectStore>,
}

impl Store {
    /// The store at `s3://bucket/prefix`, `gs://…`, `az://…`, `file:///…` or the path of a folder.
    ///
    /// # Errors
    ///
    /// When the place cannot be one, or the environment's settings for it are not right.
    pub fn at(location: &str) -> Result<Self, ClusterError> {
        let url = folder_url(location)?;
        let objects = object_stores::open(&url)?;
        Ok(Self { url, objects })
    }

    /// The store's URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// What the store holds now, by its log.
    ///
    /// # Errors
    ///
    /// When the store cannot be read within fifteen seconds, is none, or is of a newer version.
    pub async fn snapshot(&self) -> Result<Snapshot, ClusterError> {
        let silent = |_elapsed| ClusterError::Silent {
            url: self.url.to_string(),
            seconds: PATIENCE.as_secs(),
        };
        let read = tokio::time::timeout(PATIENCE, self.read()).await.map_err(silent)?;
        let (marker, entries) =
            read.map_err(|source| ClusterError::List { url: self.url.to_string(), source })?;
        let Some(marker) = marker else { return Err(ClusterError::Empty(self.url.to_string())) };
        let damaged = |source| ClusterError::Store { url: self.url.to_string(), source };
        check_marker(Path::new(self.url.as_str()), &marker).map_err(damaged)?;
        Snapshot::fold(entries).map_err(damaged)
    }

    /// The URL before the paths of files.
    pub fn root(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// The marker of a store, if there is one, and the entries of its log.
    async fn read(&self) -> Result<(Option<Bytes>, Vec<(String, Bytes)>), object_store::Error> {
        let prefix = object_store::path::Path::from_url_path(self.url.path())?;
        let marker = match self.objects.get(&prefix.clone().join(MARKER)).await {
            Ok(found) => found.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Ok((None, Vec::new())),
            Err(error) => return Err(error),
        };
        let log = prefix.join("log");
        let objects: Vec<ObjectMeta> = self.objects.list(Some(&log)).try_collect().await?;
        let entries = objects.into_iter().map(async |object| {
            let bytes = self.objects.get(&object.location).await?.bytes().await?;
            Ok::<_, object_store::Error>((object.location.to_string(), bytes))
        });
        let entries = futures::stream::iter(entries).buffered(ENTRIES_AT_ONCE);
        Ok((Some(marker), entries.try_collect().await?))
    }
}

/// A folder on this machine becomes a URL, too: executors beside us see the same one.
fn folder_url(location: &str) -> Result<Url, ClusterError> {
    let refused = || ClusterError::Location(location.to_owned());
    if location.contains("://") {
        return Url::parse(location).map_err(|_| refused());
    }
    let path = std::path::absolute(Path::new(location)).map_err(|_| refused())?;
    Url::from_directory_path(path).map_err(|()| refused())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test fails by panicking")]

    use super::folder_url;
    use crate::{ClusterError, Store};

    #[test]
    fn a_location_is_a_url_or_a_folder() {
        let url = |location: &str| folder_url(location).map(String::from).ok();
        assert_eq!(url("s3://bucket/logs").as_deref(), Some("s3://bucket/logs"));
        assert_eq!(url("/srv/my logs").as_deref(), Some("file:///srv/my%20logs/"));
        assert!(url("logs").is_some_and(|url| url.starts_with("file:///")));
    }

    #[tokio::test]
    async fn an_empty_store_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::at(&folder.path().to_string_lossy()).expect("a store");
        let error = store.snapshot().await.expect_err("nothing there");
        assert!(matches!(error, ClusterError::Empty(_)), "{error}");
        assert!(error.to_string().contains(store.url().as_str()), "{error}");
    }
}
