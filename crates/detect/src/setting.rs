//! Thresholds by name: what there is to set, and setting it.

use schemars::schema_for;
use serde_json::{Number, Value};

use crate::Settings;

/// One threshold, as [`Settings`] declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// What it does, and in which unit.
    pub about: String,
    /// The value that is used when nobody says.
    pub default: f64,
    /// The least value, if there is one.
    pub least: Option<f64>,
    /// The greatest value, if there is one.
    pub most: Option<f64>,
    /// Whether it has no decimals.
    pub is_whole: bool,
}

/// Why a value was not taken.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NotSet {
    /// There is no such threshold.
    #[error("there is no such setting")]
    Unknown,
    /// It counts things.
    #[error("it is a whole number")]
    NotWhole,
    /// It is less than makes sense.
    #[error("it is {0} at least")]
    TooLittle(f64),
    /// It is more than makes sense.
    #[error("it is {0} at most")]
    TooMuch(f64),
    /// It is infinite, or no number at all.
    #[error("it is no number")]
    NotANumber,
}

impl Settings {
    /// All there is to set, in order of name.
    pub fn all() -> Vec<Setting> {
        let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
        let default = |name: &str| defaults.get(name).and_then(Value::as_f64).unwrap_or_default();
        let schema = schema_for!(Settings);
        let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let settings = fields.map(|(name, field)| {
            let about = field.get("description").and_then(Value::as_str).unwrap_or_default();
            let bound = |name| field.get(name).and_then(Value::as_f64);
            Setting {
                name: name.clone(),
                about: about.split_whitespace().collect::<Vec<_>>().join(" "),
                default: default(name),
                least: bound("minimum"),
                most: bound("maximum"),
                is_whole: field.get("type").and_then(Value::as_str) == Some("integer"),
            }
        });
        settings.collect()
    }

    /// Sets one threshold by its name.
    ///
    /// # Errors
    ///
    /// When there is none of this name, or when the value makes no sense; the settings are then as they
    /// were.
    pub fn set(&mut self, name: &str, value: f64) -> Result<(), NotSet> {
        let all = Settings::all();
        let setting = all.iter().find(|setting| setting.name == name).ok_or(NotSet::Unknown)?;
        let value = setting.checked(value)?;
        let mut values = serde_json::to_value(&*self).map_err(|_| NotSet::Unknown)?;
        if let Some(place) = values.get_mut(name) {
            *place = Value::Number(value);
        }
        *self = serde_json::from_value(values).map_err(|_| NotSet::NotANumber)?;
        Ok(())
    }
}

impl Setting {
    fn checked(&self, value: f64) -> Result<Number, NotSet> {
        if let Some(least) = self.least.filter(|least| value < *least) {
            return Err(NotSet::TooLittle(least));
        }
        if let Some(most) = self.most.filter(|most| value > *most) {
            return Err(NotSet::TooMuch(most));
        }
        match self.is_whole {
            true if value.fract() != 0.0 => Err(NotSet::NotWhole),
            true => Ok(Number::from(value as u64)),
            false => Number::from_f64(value).ok_or(NotSet::NotANumber),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NotSet, Settings};

    #[test]
    fn every_threshold_says_what_it_does_and_keeps_its_own_bounds() {
        let all = Settings::all();
        assert!(all.len() >= 10);
        for setting in all {
            assert!(!setting.about.is_empty(), "{} has no comment", setting.name);
            let mut settings = Settings::default();
            assert_eq!(settings.set(&setting.name, setting.default), Ok(()), "{}", setting.name);
            assert_eq!(settings, Settings::default());
        }
    }

    #[test]
    fn a_threshold_is_set_by_its_name() {
        let mut settings = Settings::default();
        assert_eq!(settings.set("rare_share", 0.5), Ok(()));
        assert_eq!(settings.set("rhythm_minimum_polls", 9.0), Ok(()));
        assert_eq!((settings.rare_share, settings.rhythm_minimum_polls), (0.5, 9));
    }

    #[test]
    fn what_makes_no_sense_changes_nothing() {
        let mut settings = Settings::default();
        assert_eq!(settings.set("rare_shore", 0.5), Err(NotSet::Unknown));
        assert_eq!(settings.set("rare_share", 2.0), Err(NotSet::TooMuch(1.0)));
        assert_eq!(settings.set("rhythm_minimum_polls", 5.5), Err(NotSet::NotWhole));
        assert_eq!(settings.set("new_after_hours", f64::NAN), Err(NotSet::NotANumber));
        assert_eq!(settings.set("upload_minimum_bytes", -1.0), Err(NotSet::TooLittle(0.0)));
        assert_eq!(settings, Settings::default());
    }
}
