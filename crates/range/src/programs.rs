//! The programs that run in the simulated enterprise, as the sensors describe them: image, command
//! line, parent, publisher, and the TLS stack that a network sensor can tell apart.

/// A program as it is installed and started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// The whole path of the image. `%USERNAME%` stands for the account that runs it.
    pub image: &'static str,
    /// The command line, with the same placeholder.
    pub command_line: &'static str,
    /// Who started it; `None` for what was there since boot or logon.
    pub parent: Option<&'static Program>,
    /// Which account it runs under.
    pub account: Account,
    /// When it starts.
    pub start: Start,
    /// The company of its version resource.
    pub company: &'static str,
    /// The product of its version resource.
    pub product: &'static str,
    /// The description of its version resource.
    pub description: &'static str,
    /// The version of its version resource.
    pub version: &'static str,
    /// Its TLS stack.
    pub tls: &'static TlsClient,
    /// Its User-Agent in plain HTTP.
    pub user_agent: &'static str,
    /// Whether people browse with it. Endpoint sensors are commonly told to log less of browsers.
    pub browser: bool,
}

impl Program {
    /// The file name of the image.
    pub fn file_name(&self) -> &'static str {
        self.image.rsplit('\\').next().unwrap_or(self.image)
    }

    /// Whether it is no program but the kernel.
    pub fn is_kernel(&self) -> bool {
        self.image == "System"
    }

    /// The directory of the image, with the closing backslash.
    pub fn directory(&self) -> &'static str {
        self.image.strip_suffix(self.file_name()).unwrap_or_default()
    }
}

/// The account a program runs under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// `NT AUTHORITY\SYSTEM`.
    System,
    /// The user of the host.
    User,
}

/// When a program starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Before the logs begin, so that no sensor records it.
    BeforeTheLogs,
    /// Shortly before it is first needed.
    WhenNeeded,
}

/// What a handshake of a program looks like to a network sensor.
#[derive(Debug, PartialEq, Eq)]
pub struct TlsClient {
    /// The version in Zeek's spelling.
    pub version: &'static str,
    /// The cipher in IANA's spelling.
    pub cipher: &'static str,
    /// The key exchange's curve.
    pub curve: &'static str,
    /// The protocol agreed through ALPN.
    pub next_protocol: Option<&'static str>,
}

const BROWSER_TLS: TlsClient = TlsClient {
    version: "TLSv13",
    cipher: "TLS_AES_128_GCM_SHA256",
    curve: "x25519",
    next_protocol: Some("h2"),
};

const APPLICATION_TLS: TlsClient = TlsClient {
    version: "TLSv13",
    cipher: "TLS_AES_256_GCM_SHA384",
    curve: "x25519",
    next_protocol: Some("http/1.1"),
};

/// The operating system's own stack, which older frameworks keep at TLS 1.2.
const SYSTEM_TLS: TlsClient = TlsClient {
    version: "TLSv12",
    cipher: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    curve: "secp256r1",
    next_protocol: None,
};

const WINDOWS: Program = Program {
    image: "System",
    command_line: "",
    parent: None,
    account: Account::System,
    start: Start::BeforeTheLogs,
    company: "Microsoft Corporation",
    product: "Microsoft® Windows® Operating System",
    description: "",
    version: "10.0.22631.1",
    tls: &SYSTEM_TLS,
    user_agent: "Microsoft-CryptoAPI/10.0",
    browser: false,
};

/// The kernel, which owns SMB connections.
pub(crate) static SYSTEM: Program = WINDOWS;

/// The service manager.
pub(crate) static SERVICES: Program = Program {
    image: r"C:\Windows\System32\services.exe",
    command_line: r"C:\Windows\system32\services.exe",
    description: "Services and Controller app",
    ..WINDOWS
};

/// The desktop of the user.
pub(crate) static EXPLORER: Program = Program {
    image: r"C:\Windows\explorer.exe",
    command_line: r"C:\Windows\Explorer.EXE",
    account: Account::User,
    description: "Windows Explorer",
    ..WINDOWS
};

/// The security authority, which asks for Kerberos tickets.
pub(crate) static LSASS: Program = Program {
    image: r"C:\Windows\System32\lsass.exe",
    command_line: r"C:\Windows\system32\lsass.exe",
    description: "Local Security Authority Process",
    ..WINDOWS
};

/// The service host of updates and certificate checks.
pub(crate) static SVCHOST: Program = Program {
    image: r"C:\Windows\System32\svchost.exe",
    command_line: r"C:\Windows\system32\svchost.exe -k netsvcs -p -s wuauserv",
    parent: Some(&SERVICES),
    description: "Host Process for Windows Services",
    ..WINDOWS
};

/// Chrome.
pub(crate) static CHROME: Program = Program {
    image: r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    command_line: r#""C:\Program Files\Google\Chrome\Application\chrome.exe""#,
    parent: Some(&EXPLORER),
    account: Account::User,
    start: Start::WhenNeeded,
    company: "Google LLC",
    product: "Google Chrome",
    description: "Google Chrome",
    version: "146.0.7680.72",
    tls: &BROWSER_TLS,
    user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36",
    browser: true,
};

/// Edge.
pub(crate) static EDGE: Program = Program {
    image: r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    command_line: r#""C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe" --profile-directory=Default"#,
    company: "Microsoft Corporation",
    product: "Microsoft Edge",
    description: "Microsoft Edge",
    version: "146.0.3856.59",
    user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36 Edg/146.0.0.0",
    ..CHROME
};

/// The mail client.
pub(crate) static OUTLOOK: Program = Program {
    image: r"C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE",
    command_line: r#""C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE""#,
    company: "Microsoft Corporation",
    product: "Microsoft Outlook",
    description: "Microsoft Outlook",
    version: "16.0.19127.20302",
    tls: &SYSTEM_TLS,
    user_agent: "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.19127; Pro)",
    browser: false,
    ..CHROME
};

/// The word processor, with a document that came by mail.
pub(crate) static WORD: Program = Program {
    image: r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE",
    command_line: r#""C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE" /n "C:\Users\%USERNAME%\Downloads\Supplier questionnaire.docm" /o """#,
    parent: Some(&OUTLOOK),
    product: "Microsoft Office",
    description: "Microsoft Word",
    ..OUTLOOK
};

/// PowerShell as a macro starts it: no window, and a script from the temporary directory.
pub(crate) static POWERSHELL: Program = Program {
    image: r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
    command_line: r"powershell.exe -NoProfile -WindowStyle Hidden -ExecutionPolicy Bypass -File C:\Users\%USERNAME%\AppData\Local\Temp\cdn-sync.ps1",
    parent: Some(&WORD),
    account: Account::User,
    start: Start::WhenNeeded,
    description: "Windows PowerShell",
    user_agent: "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.22621.4391",
    ..WINDOWS
};

/// `rundll32` with a library from the user's profile.
pub(crate) static RUNDLL32: Program = Program {
    image: r"C:\Windows\System32\rundll32.exe",
    command_line: r#""C:\Windows\System32\rundll32.exe" C:\Users\%USERNAME%\AppData\Roaming\Licence\licence.dll,Refresh"#,
    parent: Some(&EXPLORER),
    account: Account::User,
    start: Start::WhenNeeded,
    description: "Windows host process (Rundll32)",
    ..WINDOWS
};

/// The desktop chat, which keeps its connections open.
pub(crate) static CHAT: Program = Program {
    image: r"C:\Users\%USERNAME%\AppData\Local\Programs\Chat\chat.exe",
    command_line: r#""C:\Users\%USERNAME%\AppData\Local\Programs\Chat\chat.exe" --background"#,
    company: "Example Chat",
    product: "Chat",
    description: "Chat",
    version: "5.12.0",
    user_agent: "Chat/5.12.0",
    browser: false,
    ..CHROME
};

/// The client of the file store.
pub(crate) static FILE_SYNC: Program = Program {
    image: r"C:\Program Files\File Sync\filesync.exe",
    command_line: r#""C:\Program Files\File Sync\filesync.exe" /background"#,
    company: "Example Files",
    product: "File Sync",
    description: "File Sync",
    version: "24.3.1",
    tls: &APPLICATION_TLS,
    user_agent: "FileSync/24.3.1",
    browser: false,
    ..CHROME
};

/// The management agent that IT installs on every workstation.
pub(crate) static ACME_AGENT: Program = Program {
    image: r"C:\Program Files\Acme\Agent\acme-agent.exe",
    command_line: r#""C:\Program Files\Acme\Agent\acme-agent.exe" --service"#,
    parent: Some(&SERVICES),
    company: "Acme",
    product: "Acme Agent",
    description: "Acme Management Agent",
    version: "7.4.2",
    tls: &APPLICATION_TLS,
    user_agent: "acme-agent/7.4.2",
    ..WINDOWS
};

/// The backup client of the server. Its service is set to start late, so its start is on record.
pub(crate) static BACKUP_AGENT: Program = Program {
    image: r"C:\Program Files\Backup\backup-agent.exe",
    command_line: r#""C:\Program Files\Backup\backup-agent.exe" --service"#,
    start: Start::WhenNeeded,
    company: "Example Backup",
    product: "Backup",
    description: "Backup Agent",
    version: "3.9.0",
    user_agent: "backup-agent/3.9.0",
    ..ACME_AGENT
};

/// The shell of the build.
pub(crate) static BUILD_SHELL: Program = Program {
    image: r"C:\Windows\System32\cmd.exe",
    command_line: r#"C:\Windows\system32\cmd.exe /d /s /c "npm run deploy""#,
    parent: Some(&SERVICES),
    account: Account::User,
    start: Start::WhenNeeded,
    description: "Windows Command Processor",
    ..WINDOWS
};

/// Node.js, deploying what was built.
pub(crate) static NODE: Program = Program {
    image: r"C:\Program Files\nodejs\node.exe",
    command_line: r#""C:\Program Files\nodejs\node.exe" C:\build\site\scripts\deploy.js"#,
    parent: Some(&BUILD_SHELL),
    company: "Node.js",
    product: "Node.js",
    description: "Node.js JavaScript Runtime",
    version: "24.4.0",
    tls: &APPLICATION_TLS,
    user_agent: "node",
    ..BUILD_SHELL
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_split_into_directory_and_file_name() {
        assert_eq!(RUNDLL32.file_name(), "rundll32.exe");
        assert_eq!(RUNDLL32.directory(), r"C:\Windows\System32\");
        assert_eq!((SYSTEM.directory(), SYSTEM.file_name()), ("", "System"));
    }
}
