//! An S3-compatible server on loopback, over a folder.

use std::path::Path;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tokio::net::TcpListener;

/// Serves as long as the test's runtime lives. Folders at the top of its folder are buckets.
pub(crate) struct ObjectServer {
    pub(crate) endpoint: String,
}

impl ObjectServer {
    pub(crate) const ACCESS: &str = "hunter";
    pub(crate) const SECRET: &str = "only-for-this-test";

    pub(crate) async fn over(folder: &Path) -> Self {
        let mut service = S3ServiceBuilder::new(FileSystem::new(folder).expect("a folder"));
        service.set_auth(SimpleAuth::from_single(Self::ACCESS, Self::SECRET));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let http = Builder::new(TokioExecutor::new());
                    let _ended = http.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { endpoint }
    }

    /// The environment by which nodes reach a server.
    pub(crate) fn environment<'a>(
        endpoint: &'a str,
        secret: &'a str,
    ) -> [(&'static str, &'a str); 5] {
        [
            ("AWS_ENDPOINT", endpoint),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", Self::ACCESS),
            ("AWS_SECRET_ACCESS_KEY", secret),
        ]
    }
}
