//! Programs that only an enterprise has: what implants run in, and what people have installed.

use crate::programs::{ACME_AGENT, BUILD_SHELL, CHAT, CHROME, EXPLORER, NODE, POWERSHELL, SVCHOST};
use crate::{Account, Program};

/// A script host with a script from a mail.
pub(super) static WSCRIPT: Program = Program {
    image: r"C:\Windows\System32\wscript.exe",
    command_line: r#""C:\Windows\System32\WScript.exe" "C:\Users\%USERNAME%\Downloads\invoice-0412.js""#,
    parent: Some(&EXPLORER),
    description: "Microsoft ® Windows Based Script Host",
    ..POWERSHELL
};

/// The host of HTML applications.
pub(super) static MSHTA: Program = Program {
    image: r"C:\Windows\System32\mshta.exe",
    command_line: r#"mshta.exe "C:\Users\%USERNAME%\AppData\Roaming\setup\start.hta""#,
    parent: Some(&EXPLORER),
    description: "Microsoft (R) HTML Application host",
    ..POWERSHELL
};

/// A program nobody signed, in the user's profile.
pub(super) static UPDATER: Program = Program {
    image: r"C:\Users\%USERNAME%\AppData\Roaming\Update\updater.exe",
    command_line: r"C:\Users\%USERNAME%\AppData\Roaming\Update\updater.exe",
    parent: Some(&EXPLORER),
    company: "",
    product: "",
    description: "",
    version: "",
    ..POWERSHELL
};

/// A signed program that loads a library which does not belong to it.
pub(super) static SIDELOADED: Program = Program {
    image: r"C:\ProgramData\PrintHelper\printhelper.exe",
    command_line: r"C:\ProgramData\PrintHelper\printhelper.exe",
    parent: Some(&EXPLORER),
    company: "Example Printers",
    product: "Print Helper",
    description: "Print Helper",
    version: "2.1.0",
    ..POWERSHELL
};

/// The service host, with something in it that is not its own.
pub(super) static HOLLOWED: Program = Program {
    command_line: r"C:\Windows\system32\svchost.exe -k netsvcs -p -s Schedule",
    ..SVCHOST
};

/// The same in the program of a browser.
pub(super) static BROWSER_HOST: Program = Program {
    command_line: r#""C:\Program Files\Google\Chrome\Application\chrome.exe" --type=utility --utility-sub-type=network.mojom.NetworkService"#,
    ..CHROME
};

/// Python, as a developer has it.
pub(super) static PYTHON: Program = Program {
    image: r"C:\Program Files\Python313\python.exe",
    command_line: r#""C:\Program Files\Python313\python.exe" C:\src\checks\check_preview.py"#,
    company: "Python Software Foundation",
    product: "Python",
    description: "Python",
    version: "3.13.2",
    user_agent: "python-requests/2.32.3",
    ..NODE
};

/// A developer's Node.js.
pub(super) static NODE_AT_WORK: Program = Program {
    command_line: r#""C:\Program Files\nodejs\node.exe" C:\src\site\watch.js"#,
    parent: Some(&EXPLORER),
    ..NODE
};

/// The task of an administrator.
pub(super) static ADMINISTRATION: Program = Program {
    command_line: r"powershell.exe -NoProfile -File C:\Automation\Send-Heartbeat.ps1",
    parent: Some(&SVCHOST),
    account: Account::System,
    ..POWERSHELL
};

/// The agent of a monitoring system.
pub(super) static MONITOR: Program = Program {
    image: r"C:\Program Files\Example Monitor\probe.exe",
    command_line: r#""C:\Program Files\Example Monitor\probe.exe" --service"#,
    company: "Example Monitor",
    product: "Example Monitor",
    description: "Monitoring Probe",
    version: "12.0.3",
    user_agent: "example-probe/12.0",
    ..ACME_AGENT
};

/// A vulnerability scanner.
pub(super) static SCANNER: Program = Program {
    image: r"C:\Program Files\Example Scanner\scanner.exe",
    command_line: r#""C:\Program Files\Example Scanner\scanner.exe" --daemon"#,
    company: "Example Scanner",
    product: "Example Scanner",
    description: "Vulnerability Scanner",
    version: "10.7.1",
    user_agent: "example-scanner/10.7",
    ..ACME_AGENT
};

/// A robot that works through forms.
pub(super) static ROBOT: Program = Program {
    image: r"C:\Program Files\Example Robot\robot.exe",
    command_line: r#""C:\Program Files\Example Robot\robot.exe" run invoices"#,
    company: "Example Robot",
    product: "Example Robot",
    description: "Robot Executor",
    version: "25.4.0",
    user_agent: "example-robot/25.4",
    ..ACME_AGENT
};

/// An application for one trade, on few computers.
pub(super) static TRADE_APPLICATION: Program = Program {
    image: r"C:\Program Files\Example Drawing\drawing.exe",
    command_line: r#""C:\Program Files\Example Drawing\drawing.exe""#,
    company: "Example Drawing",
    product: "Example Drawing",
    description: "Example Drawing",
    version: "8.2.0",
    user_agent: "drawing/8.2",
    ..CHAT
};

/// A tool that installs itself where the user may write, as many do.
pub(super) static NOTES: Program = Program {
    image: r"C:\Users\%USERNAME%\AppData\Local\Programs\notes\notes.exe",
    command_line: r#""C:\Users\%USERNAME%\AppData\Local\Programs\notes\notes.exe""#,
    company: "Example Notes",
    product: "Notes",
    description: "Notes",
    version: "1.9.4",
    user_agent: "notes/1.9.4",
    ..CHAT
};

/// What transfers files from a command line.
pub(super) static CURL: Program = Program {
    image: r"C:\Windows\System32\curl.exe",
    command_line: r"curl.exe -s -X POST -d @status.json --retry 3",
    parent: Some(&BUILD_SHELL),
    company: "curl, https://curl.se/",
    product: "The curl executable",
    description: "The curl executable",
    version: "8.14.1",
    user_agent: "curl/8.14.1",
    ..NODE
};
