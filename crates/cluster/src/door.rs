//! What a node opens to others, and how it knocks.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ballista_core::extension::EndpointOverrideFn;
use log::warn;
use tonic::transport::{Endpoint, Server};
use tonic::{Request, Status};

use crate::{BuildIdentity, ClusterError, Key};

/// A node that did not answer for this long is asked whether it still lives.
const QUIET: Duration = Duration::from_secs(5);

/// A node that does not say so within this time is gone.
const ANSWER: Duration = Duration::from_secs(10);

/// A connection must stand within this time.
const CONNECT: Duration = Duration::from_secs(5);

/// How the nodes of a cluster know each other: by build, and by a key where there is one.
///
/// Each connection between nodes goes through here, at both ends: client to scheduler, executor to
/// scheduler, and whoever fetches rows from an executor.
#[derive(Clone, Debug)]
pub struct Door {
    build: BuildIdentity,
    key: Option<Key>,
}

impl Door {
    /// The door of a node of this build.
    pub fn new(key: Option<Key>) -> Self {
        Self { build: BuildIdentity::own(), key }
    }

    /// The build that comes in here.
    pub fn build(&self) -> &BuildIdentity {
        &self.build
    }

    /// Refuses to be open to a network without a key, unless that is wanted.
    ///
    /// # Errors
    ///
    /// When it would be.
    pub fn may_listen(&self, address: SocketAddr, anyway: bool) -> Result<(), ClusterError> {
        let is_safe = self.key.is_some() || address.ip().is_loopback();
        if is_safe || anyway { Ok(()) } else { Err(ClusterError::Unguarded(address)) }
    }

    /// A server that asks who holds the key, if there is one.
    pub(crate) fn server(&self) -> Result<Server, ClusterError> {
        let server = Server::builder()
            .http2_keepalive_interval(Some(QUIET))
            .http2_keepalive_timeout(Some(ANSWER));
        match &self.key {
            Some(key) => server.tls_config(key.server()).map_err(ClusterError::Tls),
            None => Ok(server),
        }
    }

    /// Lets in nodes of the same build, and names both builds to the others.
    ///
    /// tonic asks for the large error type.
    #[allow(clippy::result_large_err, reason = "an interceptor returns a tonic::Status")]
    pub(crate) fn admit(&self, request: Request<()>) -> Result<Request<()>, Status> {
        let agent = request.metadata().get("user-agent").and_then(|value| value.to_str().ok());
        let theirs = agent.and_then(BuildIdentity::from_user_agent);
        if theirs.as_ref() == Some(&self.build) {
            return Ok(request);
        }
        let theirs = theirs.map_or("of no known build".to_owned(), |it| format!("of build {it}"));
        let refusal = format!(
            "this node is of build {}, the one that calls is {theirs}; run the same binary on \
             every node",
            self.build
        );
        warn!("refused a call: {refusal}");
        Err(Status::failed_precondition(refusal))
    }

    /// How this node knocks at others.
    pub(crate) fn endpoint(
        &self,
        endpoint: &Endpoint,
    ) -> Result<Endpoint, tonic::transport::Error> {
        let uri = endpoint.uri().to_string();
        let uri = match (&self.key, uri.strip_prefix("http://")) {
            (Some(_), Some(rest)) => format!("https://{rest}"),
            _ => uri,
        };
        let endpoint = Endpoint::from_shared(uri)?
            .user_agent(self.build.user_agent())?
            .connect_timeout(CONNECT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(QUIET)
            .keep_alive_timeout(ANSWER)
            .keep_alive_while_idle(true);
        match &self.key {
            Some(key) => endpoint.tls_config(key.client()),
            None => Ok(endpoint),
        }
    }

    /// The same for connections that Ballista makes.
    pub(crate) fn endpoints(&self) -> EndpointOverrideFn {
        let door = self.clone();
        Arc::new(move |endpoint| {
            door.endpoint(&endpoint)
                .map_err(|error| Box::new(error) as Box<dyn Error + Send + Sync>)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test fails by panicking")]

    use tonic::Request;
    use tonic::metadata::MetadataValue;

    use super::Door;
    use crate::{BuildIdentity, ClusterError, Key};

    #[test]
    fn another_build_is_refused_by_name() {
        let door = Door::new(None);
        let mut request = Request::new(());
        let agent = MetadataValue::from_static("coldtrail-cluster/0.0.9-older tonic/0.14");
        request.metadata_mut().insert("user-agent", agent);
        let refusal = door.admit(request).expect_err("a refusal");
        assert!(refusal.message().contains("0.0.9-older"), "{refusal}");
        assert!(refusal.message().contains(&BuildIdentity::own().to_string()), "{refusal}");
        assert!(door.admit(Request::new(())).is_err(), "nobody in particular");
    }

    #[test]
    fn a_network_needs_a_key_or_a_word() {
        let network = "192.0.2.1:50050".parse().expect("an address");
        let loopback = "127.0.0.1:50050".parse().expect("an address");
        let open = Door::new(None);
        assert!(matches!(open.may_listen(network, false), Err(ClusterError::Unguarded(_))));
        assert!(open.may_listen(network, true).is_ok());
        assert!(open.may_listen(loopback, false).is_ok());
        let guarded = Door::new(Some(Key::make().expect("a key")));
        assert!(guarded.may_listen(network, false).is_ok());
    }
}
