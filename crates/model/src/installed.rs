/// Parts of paths, in lower case, that tell a folder in which only administrators install programs.
pub const INSTALLED: [&str; 7] = [
    r"\program files\",
    r"\program files (x86)\",
    r"\windowsapps\",
    "/applications/",
    "/usr/bin/",
    "/usr/lib/",
    "/opt/",
];

/// Whether a program's path lies where only administrators install.
pub fn is_installed(path: &str) -> bool {
    let path = path.to_lowercase();
    INSTALLED.iter().any(|part| path.contains(part))
}

#[cfg(test)]
mod tests {
    use super::is_installed;

    #[test]
    fn only_administrators_write_to_program_files() {
        assert!(is_installed(r"C:\Program Files\Acme\agent.exe"));
        assert!(!is_installed(r"C:\Users\kim\AppData\Local\Temp\agent.exe"));
    }
}
