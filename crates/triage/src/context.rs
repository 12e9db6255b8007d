//! The folder as a whole.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use coldtrail_diagnostics::{Problem, ProblemKind};
use coldtrail_model::{Actor, Conversation, Fault, Timestamp};

use crate::assets::{Asset, Assets};
use crate::changes::{self, Change};
use crate::contact::Contact;
use crate::intel::{Indicator, Indicators, Terms};
use crate::platforms::Platforms;
use crate::problems::{Place, Problems, nearest};
use crate::profile::Profile;
use crate::sanctioned::{self, Sanction, Sanctioned, Sanctions};
use crate::settings::{self, GivenSetting};

/// The file of a context that lists what somebody answers for.
pub const SANCTIONED_FILE: &str = "sanctioned.csv";
const ASSETS: &str = "assets.csv";
const CHANGES: &str = "changes.csv";
const INTEL: &str = "intel";

/// The file of a context that sets thresholds.
pub const SETTINGS_FILE: &str = "settings.toml";

/// All that a context may be made of.
const FILES: [&str; 5] = [SANCTIONED_FILE, ASSETS, CHANGES, INTEL, SETTINGS_FILE];

/// A larger file is no list that people keep.
const LARGEST_FILE: u64 = 64 << 20;

/// More files than this in `intel/` are not read.
const MOST_FILES: usize = 10_000;

/// What is known about a place. The default knows nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    sanctions: Option<Sanctions>,
    assets: Assets,
    changes: Option<Vec<Change>>,
    indicators: Indicators,
    settings: Vec<GivenSetting>,
}

impl Context {
    /// Reads a folder. Whatever is wrong with it is among the problems; the rest is in the context.
    /// `now` tells which entries have expired.
    pub fn read(
        folder: &Path,
        now: Timestamp,
        platforms: &dyn Platforms,
    ) -> (Context, Vec<Problem>) {
        let mut context = Context::default();
        let mut told = Vec::new();
        let names = match names(folder) {
            Ok(names) => names,
            Err(error) => {
                told.extend(unreadable("", &error));
                return (context, told);
            }
        };
        for name in &names {
            let path = folder.join(name);
            match name.as_str() {
                SANCTIONED_FILE | ASSETS | CHANGES | SETTINGS_FILE => {
                    told.extend(context.add_file(&path, name, now, platforms));
                }
                INTEL if path.is_dir() => told.extend(context.add_intel(&path, now, platforms)),
                hidden if hidden.starts_with('.') => {}
                other => told.push(unknown_file(other)),
            }
        }
        if !names.iter().any(|name| FILES.contains(&name.as_str())) {
            told.push(nothing_here());
        }
        told.sort();
        (context, told)
    }

    /// Adds the text of one file by its name in the folder, such as `sanctioned.csv` or
    /// `intel/feed.json`, and tells what is wrong with it.
    pub fn add(
        &mut self,
        name: &str,
        text: &str,
        now: Timestamp,
        platforms: &dyn Platforms,
    ) -> Vec<Problem> {
        let mut problems = Problems::of(name);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match name {
            SANCTIONED_FILE => {
                self.sanctions = Some(Sanctions::read(text, now, platforms, &mut problems));
            }
            ASSETS => self.assets = Assets::read(text, &mut problems),
            SETTINGS_FILE => self.settings = settings::read(text, &mut problems),
            CHANGES => self.changes = Some(changes::read(text, platforms, &mut problems)),
            _ => self.indicators.read(name, text, Terms { now, platforms }, &mut problems),
        }
        problems.into_list()
    }

    /// Whether there is a list of sanctioned uses.
    pub fn lists_sanctions(&self) -> bool {
        self.sanctions.is_some()
    }

    /// Whether there is a list of changes.
    pub fn lists_changes(&self) -> bool {
        self.changes.is_some()
    }

    /// Whether there are indicators.
    pub fn has_indicators(&self) -> bool {
        !self.indicators.is_empty()
    }

    /// The thresholds that somebody set, in order of place. Whether there are such is not known here.
    pub fn settings(&self) -> &[GivenSetting] {
        &self.settings
    }

    /// The entry by which somebody answers for a contact.
    pub fn sanctioned(&self, contact: &Contact<'_>) -> Option<Sanctioned<'_>> {
        self.sanctions.as_ref()?.find(contact, &self.assets)
    }

    /// The sanctioned uses, in order of line.
    pub fn sanctions(&self) -> impl Iterator<Item = &Sanction> {
        self.sanctions.iter().flat_map(Sanctions::iter)
    }

    /// One entry, if it covers a contact.
    pub fn covers<'s>(
        &self,
        sanction: &'s Sanction,
        contact: &Contact<'_>,
    ) -> Option<Sanctioned<'s>> {
        sanctioned::covers(sanction, contact, &self.assets)
    }

    /// The same knowledge, but for the sanctioned uses: nobody answers for anything.
    #[must_use]
    pub fn without_sanctions(self) -> Self {
        Self { sanctions: None, ..self }
    }

    /// The entry by which somebody answered for such contacts until it expired.
    pub fn lapsed(&self, contact: &Contact<'_>) -> Option<&Sanction> {
        self.sanctions.as_ref()?.lapsed(contact, &self.assets)
    }

    /// The asset of a host name, in full or by its first label, or of an address.
    pub fn asset(&self, host: &str) -> Option<&Asset> {
        self.assets.find(host)
    }

    /// The asset that acted.
    pub fn asset_of(&self, actor: &Actor) -> Option<&Asset> {
        self.assets.of(actor)
    }

    /// The change in the course of which a conversation began.
    pub fn change(&self, conversation: &Conversation) -> Option<&Change> {
        let began = Contact { at: conversation.first_seen, ..Contact::of(conversation) };
        self.change_at(&began)
    }

    /// The change that a contact falls into.
    pub fn change_at(&self, contact: &Contact<'_>) -> Option<&Change> {
        changes::find(self.changes.as_ref()?, contact, &self.assets)
    }

    /// The indicator that fits a contact by name or URL. Addresses at a shared edge accuse nobody.
    pub fn indicator(&self, contact: &Contact<'_>) -> Option<&Indicator> {
        self.indicators.find(contact)
    }

    /// The indicator that fits a host, a URL or an address as a log writes it.
    pub fn indicator_of(&self, text: &str, at: Timestamp) -> Option<&Indicator> {
        self.indicators.of(text, at)
    }

    /// The profile by which points are forgiven to a contact: its asset has the role, its program and
    /// the kind of platform are in scope.
    pub fn profile(&self, contact: &Contact<'_>) -> Option<&'static Profile> {
        let role = self.asset_of(contact.actor)?.role?;
        Profile::find(role, contact.actor.process.as_deref()?, contact.endpoint.kind)
    }

    fn add_file(
        &mut self,
        path: &Path,
        name: &str,
        now: Timestamp,
        platforms: &dyn Platforms,
    ) -> Vec<Problem> {
        let bytes = match read(path) {
            Ok(bytes) => bytes,
            Err(error) => return unreadable(name, &error),
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut told = Vec::new();
        if matches!(text, std::borrow::Cow::Owned(_)) {
            let mut problems = Problems::of(name);
            let reason = "there are bytes that are no UTF-8".to_owned();
            let place = Place::of("\u{fffd}", &text);
            let help = "save it as UTF-8; the bad bytes are read as U+FFFD";
            problems.warning(place, ProblemKind::InvalidText, reason, help);
            told = problems.into_list();
        }
        told.extend(self.add(name, &text, now, platforms));
        told
    }

    fn add_intel(
        &mut self,
        folder: &Path,
        now: Timestamp,
        platforms: &dyn Platforms,
    ) -> Vec<Problem> {
        let names = match names(folder) {
            Ok(names) => names,
            Err(error) => return unreadable(INTEL, &error),
        };
        let visible = names.iter().filter(|name| !name.starts_with('.'));
        visible
            .flat_map(|name| {
                self.add_file(&folder.join(name), &format!("{INTEL}/{name}"), now, platforms)
            })
            .collect()
    }
}

/// Problems as faults of a report: of each sort in a file one, with how often it was met.
pub fn faults(folder: &str, problems: &[Problem]) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for problem in problems {
        let source = format!("{folder}/{}", problem.file);
        let code = format!("context-{}", problem.kind.code());
        if let Some(known) = faults.iter_mut().find(|one| one.source == source && one.code == code)
        {
            known.count += 1;
            continue;
        }
        let place = problem.line.map_or(String::new(), |line| format!("line {line}: "));
        let message = format!("{place}{}", problem.reason);
        let help = problem.help.clone();
        faults.push(Fault { source, code, offset: None, count: 1, message, help });
    }
    faults
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)?.take(MOST_FILES) {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_FILE {
        let reason = format!("it has more than {LARGEST_FILE} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    Ok(bytes)
}

fn unreadable(name: &str, error: &io::Error) -> Vec<Problem> {
    let kind = match error.kind() {
        io::ErrorKind::FileTooLarge => ProblemKind::TooLarge,
        _ => ProblemKind::Unreadable,
    };
    let mut problems = Problems::of(name);
    let help = "name a folder as docs/context.md describes it, with files that may be read";
    problems.error(Place::default(), kind, format!("it cannot be read: {error}"), help);
    problems.into_list()
}

fn unknown_file(name: &str) -> Problem {
    let help = match nearest(name, FILES) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!(
            "it is not read; {SANCTIONED_FILE}, {ASSETS}, {CHANGES}, {SETTINGS_FILE} and {INTEL}/ are"
        ),
    };
    Problem {
        file: name.to_owned(),
        line: None,
        column: None,
        kind: ProblemKind::UnknownFile,
        is_used: false,
        reason: "no such file belongs to a context".to_owned(),
        help,
    }
}

fn nothing_here() -> Problem {
    Problem {
        file: String::new(),
        line: None,
        column: None,
        kind: ProblemKind::UnknownFile,
        is_used: false,
        reason: "there is nothing of a context in this folder".to_owned(),
        help: format!(
            "put {SANCTIONED_FILE}, {ASSETS}, {CHANGES}, {SETTINGS_FILE} or {INTEL}/ into it"
        ),
    }
}
