//! A held call, and what is typed to let it go on.

use jackfield_protocol::{HeldCall, Release};

/// In which way a held call is to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseKind {
    /// As it came.
    Continue,
    /// With other arguments.
    Change,
    /// Its caller gets an answer.
    Answer,
    /// It fails.
    Fail,
}

/// Something that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldEdit {
    /// The value of a parameter, by its place.
    Argument(usize, String),
    /// The answer.
    Answer(String),
    /// The message of a failure.
    Fail(String),
}

/// A held call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What is known of it.
    pub call: HeldCall,
    /// What is typed for each parameter.
    pub arguments: Vec<String>,
    /// What is typed as its answer.
    pub answer: String,
    /// What is typed as the message of its failure.
    pub failure: String,
    /// Why it could not go on in the way that was wished.
    pub error: Option<(ReleaseKind, String)>,
    /// Whether it was told to go on, and has not yet.
    pub is_released: bool,
}

impl Held {
    pub(super) fn new(call: HeldCall) -> Self {
        let arguments = call.params.iter().map(|param| param.value.clone()).collect();
        Self {
            call,
            arguments,
            answer: String::new(),
            failure: String::new(),
            error: None,
            is_released: false,
        }
    }

    pub(super) fn edit(&mut self, edit: HeldEdit) {
        self.error = None;
        match edit {
            HeldEdit::Argument(at, text) => {
                if let Some(argument) = self.arguments.get_mut(at) {
                    *argument = text;
                }
            }
            HeldEdit::Answer(text) => self.answer = text,
            HeldEdit::Fail(text) => self.failure = text,
        }
    }

    /// Whether an argument is another than the one that came.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.arguments.iter().zip(&self.call.params).any(|(typed, param)| *typed != param.value)
    }

    /// With those arguments that are typed otherwise than they came.
    #[must_use]
    pub fn change(&self) -> Release {
        let typed = self.arguments.iter().zip(&self.call.params);
        let changed = typed.filter(|(typed, param)| **typed != param.value);
        Release::Change(changed.map(|(typed, param)| (param.name.clone(), typed.clone())).collect())
    }

    /// With the answer that is typed.
    #[must_use]
    pub fn answer(&self) -> Release {
        Release::Answer(self.call.result_type.is_some().then(|| self.answer.trim().to_owned()))
    }

    /// With the message that is typed.
    #[must_use]
    pub fn fail(&self) -> Release {
        let message = match self.failure.trim() {
            "" => "failed by hand",
            message => message,
        };
        Release::Fail(message.to_owned())
    }

    /// What is called, in short: `ticker → job.invoke`.
    #[must_use]
    pub fn title(&self) -> String {
        let HeldCall { consumer, provider, function, .. } = &self.call;
        format!("{consumer} → {}.{function}", provider.as_str())
    }
}
