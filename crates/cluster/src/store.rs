//! Where tables lie.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use coldtrail_engine::{EngineError, Rows, Session};
use coldtrail_model::Table;
use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore};
use url::Url;

use crate::{ClusterError, object_stores};

/// A store must begin to answer within this time: somebody waits.
const PATIENCE: Duration = Duration::from_secs(15);

/// A folder or a bucket's prefix with Parquet files below `table=dns/`, `table=tls/` and so on, where
/// every node of a cluster can read them under the same URL.
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

    /// The files of each table, as they are now.
    ///
    /// # Errors
    ///
    /// When the store cannot be listed within fifteen seconds, or holds no tables.
    pub async fn files(&self) -> Result<Files, ClusterError> {
        let silent = |_elapsed| ClusterError::Silent {
            url: self.url.to_string(),
            seconds: PATIENCE.as_secs(),
        };
        let objects = tokio::time::timeout(PATIENCE, self.list()).await.map_err(silent)?;
        let mut objects =
            objects.map_err(|source| ClusterError::List { url: self.url.to_string(), source })?;
        objects.sort_by(|one, other| one.location.cmp(&other.location));
        let mut files: BTreeMap<Table, Vec<String>> = BTreeMap::new();
        for object in objects {
            if let Some(table) = table_of(object.location.as_ref()) {
                files.entry(table).or_default().push(self.url_of(&object));
            }
        }
        if files.is_empty() {
            Err(ClusterError::Empty(self.url.to_string()))
        } else {
            Ok(Files(files))
        }
    }

    async fn list(&self) -> Result<Vec<ObjectMeta>, object_store::Error> {
        let prefix = object_store::path::Path::from_url_path(self.url.path())?;
        self.objects.list(Some(&prefix)).try_collect().await
    }

    fn url_of(&self, object: &ObjectMeta) -> String {
        let mut url = self.url.clone();
        url.set_path(object.location.as_ref());
        url.into()
    }
}

/// The URLs of the Parquet files of each table, in order: what a hunt reads, whatever is added to the
/// store meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files(BTreeMap<Table, Vec<String>>);

impl Files {
    /// Registers every table with a session: all of its rows, as contacts and as what is linked to
    /// them.
    ///
    /// # Errors
    ///
    /// When the session already has one of the tables.
    pub fn register(&self, session: &Session) -> Result<(), EngineError> {
        for (table, files) in &self.0 {
            session.register_files(*table, Rows::Contacts, files)?;
            session.register_files(*table, Rows::Linked, files)?;
        }
        Ok(())
    }
}

/// The table that a Parquet file belongs to, by the folder `table=…` it lies in.
fn table_of(location: &str) -> Option<Table> {
    let (folders, file) = location.rsplit_once('/')?;
    let name = folders.split('/').rev().find_map(|folder| folder.strip_prefix("table="))?;
    file.ends_with(".parquet").then(|| Table::from_name(name)).flatten()
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

    use coldtrail_model::Table;

    use super::{folder_url, table_of};
    use crate::{ClusterError, Store};

    #[test]
    fn a_file_belongs_to_the_table_of_its_folder() {
        let dns = "bucket/logs/table=dns/date=2026-04-13/a.parquet";
        assert_eq!(table_of(dns), Some(Table::Dns));
        assert_eq!(table_of("table=tls/b.parquet"), Some(Table::Tls));
        assert_eq!(table_of("table=dns/a.parquet.tmp"), None);
        assert_eq!(table_of("table=nonsense/a.parquet"), None);
        assert_eq!(table_of("log/00000000000000000001.json"), None);
    }

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
        let error = store.files().await.expect_err("nothing there");
        assert!(matches!(error, ClusterError::Empty(_)), "{error}");
        assert!(error.to_string().contains(store.url().as_str()), "{error}");
    }
}
