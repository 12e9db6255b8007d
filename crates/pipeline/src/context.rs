//! What people know and no log tells, read from a folder: the context, and the thresholds that they set.

use std::path::Path;

use coldtrail_detect::{DETECTIONS, NotSet, Setting, Settings};
use coldtrail_model::Timestamp;
use coldtrail_triage::{Context, GivenSetting, Problem, ProblemKind, SETTINGS_FILE, nearest};

use crate::BuiltinPlatforms;

/// What a folder says, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// What people know.
    pub context: Context,
    /// The thresholds, those of the folder in place of the defaults.
    pub settings: Settings,
    /// What is wrong with the files, in order of file and place.
    pub problems: Vec<Problem>,
}

impl Known {
    /// Reads a folder. `now` tells which entries have expired.
    pub fn read(folder: &Path, now: Timestamp) -> Self {
        let (context, mut problems) = Context::read(folder, now, &BuiltinPlatforms);
        let mut settings = Settings::default();
        for given in context.settings() {
            problems.extend(set(&mut settings, given));
        }
        problems.sort();
        Self { context, settings, problems }
    }

    /// The thresholds that the folder sets, in words: `rare_share = 0.05 (0.02 by default; what ATT&CK
    /// calls AN1148.SuspiciousDomains)`, each with its line.
    pub fn settings_in_words(&self) -> Vec<(u64, String)> {
        let all = Settings::all();
        let taken = self.context.settings().iter().filter_map(|given| {
            let setting = all.iter().find(|setting| setting.name == given.name)?;
            let is_taken = Settings::default().set(&given.name, given.value).is_ok();
            is_taken.then(|| (given.line, in_words(setting, given.value)))
        });
        taken.collect()
    }
}

fn in_words(setting: &Setting, value: f64) -> String {
    let Setting { name, default, .. } = setting;
    let aliases = aliases(name);
    let called = match aliases.as_slice() {
        [] => String::new(),
        some => format!("; what ATT&CK calls {}", some.join(", ")),
    };
    format!("{name} = {value} ({default} by default{called})")
}

/// What ATT&CK's analytics call a setting.
fn aliases(name: &str) -> Vec<String> {
    let all = DETECTIONS.iter().flat_map(|detection| detection.analytics());
    let mut aliases: Vec<String> =
        all.filter(|one| one.setting == Some(name)).map(|one| one.name()).collect();
    aliases.sort();
    aliases.dedup();
    aliases
}

fn set(settings: &mut Settings, given: &GivenSetting) -> Option<Problem> {
    let error = settings.set(&given.name, given.value).err()?;
    let GivenSetting { name, value, line, column, value_column } = given;
    let all = Settings::all();
    let names = || all.iter().map(|setting| setting.name.as_str());
    let (kind, column, reason, help) = match error {
        NotSet::Unknown => {
            let help = match nearest(name, names()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("there are: {}", names().collect::<Vec<_>>().join(", ")),
            };
            let shown: String = name.chars().take(LONGEST_NAME).collect();
            (ProblemKind::UnknownSetting, column, format!("there is no setting `{shown}`"), help)
        }
        why => {
            let setting = all.iter().find(|setting| setting.name == *name);
            let default = setting.map_or(0.0, |setting| setting.default);
            let help = format!("write a number such as {default}, which is the default");
            (ProblemKind::InvalidValue, value_column, format!("{name} = {value}: {why}"), help)
        }
    };
    Some(Problem {
        file: SETTINGS_FILE.to_owned(),
        line: Some(*line),
        column: Some(*column),
        kind,
        is_used: false,
        reason,
        help,
    })
}

/// A name that nobody knows is quoted, and cut.
const LONGEST_NAME: usize = 60;

#[cfg(test)]
mod tests {
    use std::fs;

    use coldtrail_detect::Settings;
    use coldtrail_model::Timestamp;

    use super::Known;

    #[test]
    fn thresholds_are_set_by_name_and_wrong_ones_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let text = "rare_shares = 0.5\nupload_ratio = 7\nrhythm_minimum_polls = 8\n\
                    rare_share = 0.05\nnonsense = 1\nrare_minimum_active_hosts = 2.5\n";
        fs::write(folder.path().join("settings.toml"), text).unwrap();
        let known = Known::read(folder.path(), Timestamp(0));
        let expected =
            Settings { rhythm_minimum_polls: 8, rare_share: 0.05, ..Settings::default() };
        assert_eq!(known.settings, expected);
        let told: Vec<String> = known
            .problems
            .iter()
            .map(|one| {
                let (line, column) = (one.line.unwrap(), one.column.unwrap());
                format!("{line}:{column} {}; {}", one.reason, one.help)
            })
            .collect();
        assert_eq!(told.len(), 4, "{told:#?}");
        assert_eq!(told[0], "1:1 there is no setting `rare_shares`; did you mean `rare_share`?");
        assert_eq!(
            told[1],
            "2:16 upload_ratio = 7: it is 1 at most; write a number such as 0.8, which is the \
             default"
        );
        assert!(told[2].starts_with("5:1 there is no setting `nonsense`; there are: "));
        assert!(told[3].starts_with("6:29 rare_minimum_active_hosts = 2.5: it is a whole number"));
        let words = known.settings_in_words();
        assert_eq!(words[0].1, "rhythm_minimum_polls = 8 (5 by default)");
        assert!(words[1].1.starts_with("rare_share = 0.05 (0.02 by default; what ATT&CK calls AN"));
    }
}
