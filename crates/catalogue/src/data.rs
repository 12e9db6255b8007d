//! The data files, as they were when this was built.

/// Names and texts of the files with platforms.
pub(crate) const PLATFORMS: &[(&str, &str)] = &[
    ("aws.toml", include_str!("../data/aws.toml")),
    ("google.toml", include_str!("../data/google.toml")),
    ("microsoft.toml", include_str!("../data/microsoft.toml")),
    ("cloudflare.toml", include_str!("../data/cloudflare.toml")),
    ("chinese-clouds.toml", include_str!("../data/chinese-clouds.toml")),
    ("other-clouds.toml", include_str!("../data/other-clouds.toml")),
    ("web-platforms.toml", include_str!("../data/web-platforms.toml")),
    ("app-platforms.toml", include_str!("../data/app-platforms.toml")),
    ("functions.toml", include_str!("../data/functions.toml")),
    ("low-code.toml", include_str!("../data/low-code.toml")),
    ("workflows.toml", include_str!("../data/workflows.toml")),
    ("request-bins.toml", include_str!("../data/request-bins.toml")),
    ("tunnels.toml", include_str!("../data/tunnels.toml")),
];

/// Text of the file with known services.
pub(crate) const KNOWN: &str = include_str!("../data/known.toml");
