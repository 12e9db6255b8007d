//! The operating system that a process ran on, as far as its path tells.

/// The operating system that a process ran on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// Windows.
    Windows,
    /// Linux.
    Linux,
    /// macOS.
    Macos,
    /// Linux or macOS: `/usr/bin/curl` is on both.
    Unix,
}

/// Where macOS alone has programs.
const MACOS: [&str; 6] =
    ["/Applications/", "/Library/", "/System/", "/Users/", "/Volumes/", "/private/"];

/// Where Linux alone has programs.
const LINUX: [&str; 6] = ["/home/", "/lib/", "/lib64/", "/proc/", "/root/", "/snap/"];

impl Platform {
    /// All of them.
    pub(super) const ALL: [Platform; 4] =
        [Platform::Windows, Platform::Linux, Platform::Macos, Platform::Unix];

    /// The platform that has such a path; `None` where that cannot be told.
    pub fn of(path: &str) -> Option<Self> {
        let begins = |folder: &&str| path.starts_with(folder);
        if path.starts_with('/') {
            return Some(if MACOS.iter().any(begins) {
                Platform::Macos
            } else if LINUX.iter().any(begins) {
                Platform::Linux
            } else {
                Platform::Unix
            });
        }
        let has_drive = path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
            && path.get(1..3) == Some(":\\");
        (has_drive || path.starts_with('\\')).then_some(Platform::Windows)
    }

    /// Whether records of it may be those of a product that is an operating system.
    pub(super) fn may_be(self, product: &str) -> bool {
        match self {
            Platform::Windows => product == "windows",
            Platform::Linux => product == "linux",
            Platform::Macos => product == "macos",
            Platform::Unix => product == "linux" || product == "macos",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Platform;

    #[test]
    fn paths_tell_the_platform() {
        for (path, platform) in [
            ("C:\\Windows\\System32\\curl.exe", Some(Platform::Windows)),
            ("\\Device\\HarddiskVolume3\\a.exe", Some(Platform::Windows)),
            ("/Applications/A.app/Contents/MacOS/A", Some(Platform::Macos)),
            ("/home/jane/a", Some(Platform::Linux)),
            ("/usr/bin/curl", Some(Platform::Unix)),
            ("curl.exe", None),
            ("", None),
            ("ü:\\", None),
        ] {
            assert_eq!(Platform::of(path), platform, "{path}");
        }
    }
}
