//! The form of an intervention: what is typed, and what it comes to.

use jackfield_protocol::{Action, Intervention, InterventionId, ProbeSite};

/// The field of the form that has the keyboard when it opens.
pub(crate) fn condition_field() -> egui::Id {
    egui::Id::new("condition of intervention")
}

/// What is to be done to calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DraftKind {
    /// They are held.
    #[default]
    Hold,
    /// They are delayed.
    Delay,
    /// They fail.
    Fail,
}

impl DraftKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Hold, Self::Delay, Self::Fail];

    /// A word for it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Hold => "Breakpoint",
            Self::Delay => "Delay",
            Self::Fail => "Failure",
        }
    }

    /// Of which kind an action is.
    #[must_use]
    pub fn of(action: &Action) -> Self {
        match action {
            Action::Hold => Self::Hold,
            Action::Delay { .. } => Self::Delay,
            Action::Fail { .. } => Self::Fail,
        }
    }
}

/// The form of an intervention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The one that is changed; 0 for a new one.
    pub id: InterventionId,
    /// Over which link.
    pub site: ProbeSite,
    /// What is done.
    pub kind: DraftKind,
    /// Which function; all of them if nothing is chosen.
    pub function: Option<String>,
    /// Which calls.
    pub condition: String,
    /// At least so many milliseconds later.
    pub min_millis: String,
    /// At most so many; the same if empty.
    pub max_millis: String,
    /// What is given back.
    pub value: String,
    /// How many of a hundred calls fail.
    pub percent: String,
    /// What makes the choice the same each time.
    pub seed: String,
    /// Whether it counts.
    pub is_enabled: bool,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl Draft {
    /// A new one.
    #[must_use]
    pub fn new(site: ProbeSite, kind: DraftKind) -> Self {
        Self {
            id: InterventionId(0),
            site,
            kind,
            function: None,
            condition: String::new(),
            min_millis: "100".to_owned(),
            max_millis: String::new(),
            value: String::new(),
            percent: "100".to_owned(),
            seed: "1".to_owned(),
            is_enabled: true,
            error: None,
        }
    }

    /// One that is there, to be changed.
    #[must_use]
    pub fn of(intervention: &Intervention) -> Self {
        let mut draft = Self {
            id: intervention.id,
            function: intervention.function.clone(),
            condition: intervention.condition.clone().unwrap_or_default(),
            is_enabled: intervention.is_enabled,
            ..Self::new(intervention.site.clone(), DraftKind::of(&intervention.action))
        };
        match &intervention.action {
            Action::Hold => {}
            Action::Delay { min_millis, max_millis, seed } => {
                draft.min_millis = min_millis.to_string();
                draft.max_millis =
                    if min_millis == max_millis { String::new() } else { max_millis.to_string() };
                draft.seed = seed.to_string();
            }
            Action::Fail { value, parts_per_million, seed } => {
                draft.value = value.clone().unwrap_or_default();
                draft.percent = percent(*parts_per_million);
                draft.seed = seed.to_string();
            }
        }
        draft
    }

    /// What it comes to.
    ///
    /// # Errors
    /// What is to be typed instead, in words.
    pub fn intervention(&self) -> Result<Intervention, String> {
        let optional = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        let action = match self.kind {
            DraftKind::Hold => Action::Hold,
            DraftKind::Delay => self.delay()?,
            DraftKind::Fail => Action::Fail {
                value: optional(&self.value),
                parts_per_million: parts_per_million(&self.percent)?,
                seed: self.seed()?,
            },
        };
        Ok(Intervention {
            id: self.id,
            site: self.site.clone(),
            function: self.function.clone(),
            condition: optional(&self.condition),
            action,
            is_enabled: self.is_enabled,
        })
    }

    fn delay(&self) -> Result<Action, String> {
        let millis = |text: &str| {
            text.trim().parse::<u64>().map_err(|_| "Delay: type whole milliseconds, such as 100".to_owned())
        };
        let min_millis = millis(&self.min_millis)?;
        let max_millis =
            if self.max_millis.trim().is_empty() { min_millis } else { millis(&self.max_millis)? };
        if max_millis < min_millis {
            return Err("Delay: the longest must not be shorter than the shortest".to_owned());
        }
        Ok(Action::Delay { min_millis, max_millis, seed: self.seed()? })
    }

    fn seed(&self) -> Result<u64, String> {
        match self.seed.trim() {
            "" => Ok(0),
            text => text.parse().map_err(|_| "Seed: type a whole number, such as 1".to_owned()),
        }
    }
}

fn parts_per_million(percent: &str) -> Result<u32, String> {
    match percent.trim().trim_end_matches('%').trim_end().parse::<f64>() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok((percent * 10_000.0).round() as u32),
        _ => Err("Chance: type a number from 0 to 100".to_owned()),
    }
}

/// So many of a million as so many of a hundred: `100`, `12.5`.
fn percent(parts_per_million: u32) -> String {
    (f64::from(parts_per_million) / 10_000.0).to_string()
}

/// What an intervention does, in a few words: `hold if args.a > 3`.
#[must_use]
pub fn summary(intervention: &Intervention) -> String {
    let function = intervention.function.as_deref().unwrap_or("every function");
    let what = match &intervention.action {
        Action::Hold => format!("hold {function}"),
        Action::Delay { min_millis, max_millis, .. } if min_millis == max_millis => {
            format!("delay {function} by {min_millis} ms")
        }
        Action::Delay { min_millis, max_millis, .. } => {
            format!("delay {function} by {min_millis} to {max_millis} ms")
        }
        Action::Fail { value, parts_per_million, .. } => {
            let with = value.as_ref().map(|value| format!(" with {value}")).unwrap_or_default();
            match parts_per_million {
                1_000_000 => format!("fail {function}{with}"),
                parts => format!("fail {function}{with}, {} % of calls", percent(*parts)),
            }
        }
    };
    match &intervention.condition {
        Some(condition) => format!("{what} if {condition}"),
        None => what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_comes_to_an_intervention_and_back() {
        let site = ProbeSite::Link { consumer: "a".into(), import: "i".to_owned() };
        let mut draft = Draft::new(site, DraftKind::Fail);
        (draft.percent, draft.value, draft.seed) = ("12.5 %".into(), " err(\"x\") ".into(), "7".into());
        let made = draft.intervention().unwrap();
        let action = Action::Fail { value: Some("err(\"x\")".into()), parts_per_million: 125_000, seed: 7 };
        assert_eq!(made.action, action);
        assert_eq!(Draft::of(&made).percent, "12.5");
        assert_eq!(summary(&made), "fail every function with err(\"x\"), 12.5 % of calls");

        draft.kind = DraftKind::Delay;
        draft.max_millis = "50".into();
        assert!(draft.intervention().unwrap_err().contains("shorter"));
        draft.max_millis = String::new();
        assert_eq!(summary(&draft.intervention().unwrap()), "delay every function by 100 ms");
        draft.percent = "101".into();
        draft.kind = DraftKind::Fail;
        assert!(draft.intervention().unwrap_err().contains("0 to 100"));
    }
}
