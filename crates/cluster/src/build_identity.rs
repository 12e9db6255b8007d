use std::fmt;

/// Which build a node is: the version, and a hash of what decides how a plan is run (`build.rs`).
///
/// A plan names functions, and carries none. Two nodes of different builds could therefore run the
/// same plan to different rows without any error, so they refuse each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildIdentity(String);

impl BuildIdentity {
    /// The environment variable that takes the place of the build's own name. It is there for tests,
    /// which have only one build to play two with.
    pub const OVERRIDE: &str = "COLDTRAIL_BUILD_ID";

    /// What names a build among the products of a `User-Agent` (RFC 9110, section 10.1.5).
    const PRODUCT: &str = "coldtrail-cluster/";

    /// This binary's build.
    pub fn own() -> Self {
        let named = std::env::var(Self::OVERRIDE).ok().filter(|name| is_token(name));
        Self(named.unwrap_or_else(|| env!("COLDTRAIL_BUILD").to_owned()))
    }

    /// The `User-Agent` by which a node of this build makes itself known.
    pub(crate) fn user_agent(&self) -> String {
        format!("{}{}", Self::PRODUCT, self.0)
    }

    /// The build that a `User-Agent` names.
    pub(crate) fn from_user_agent(user_agent: &str) -> Option<Self> {
        let product = user_agent.split(' ').find_map(|part| part.strip_prefix(Self::PRODUCT))?;
        Some(Self(product.to_owned()))
    }
}

impl fmt::Display for BuildIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_token(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._+".contains(&byte);
    !text.is_empty() && text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::BuildIdentity;

    #[test]
    fn travels_as_a_user_agent() {
        let own = BuildIdentity::own();
        let sent = format!("{} tonic/0.14", own.user_agent());
        assert_eq!(BuildIdentity::from_user_agent(&sent), Some(own));
        assert_eq!(BuildIdentity::from_user_agent("tonic/0.14"), None);
    }
}
