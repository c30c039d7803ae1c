//! Text that is being typed into the inspector's fields, until it has become an edit.

use std::collections::BTreeMap;

use jackfield_protocol::{ComponentName, ComponentSettings, Edit, LinkTarget, WorkloadView};

use super::name;

/// What answers the calls of a function that gives nothing. An empty field is no answer.
pub const UNIT: &str = "()";

/// The two tables of a component's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// What it sees in its environment.
    Environment,
    /// What `wasi:config` tells it.
    Config,
}

impl Table {
    /// Its name, as labels have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Config => "config",
        }
    }

    /// Its rows.
    #[must_use]
    pub fn rows(self, settings: &ComponentSettings) -> &[(String, String)] {
        match self {
            Self::Environment => &settings.env,
            Self::Config => &settings.config,
        }
    }

    /// The edit that sets a row, or removes it.
    #[must_use]
    pub fn edit(self, component: ComponentName, key: String, value: Option<String>) -> (Edit, String) {
        let word = self.word();
        let label = match &value {
            Some(_) => format!("Set {word} {key} of {component}"),
            None => format!("Remove {word} {key} of {component}"),
        };
        let edit = match self {
            Self::Environment => Edit::SetEnv { component, key, value },
            Self::Config => Edit::SetConfig { component, key, value },
        };
        (edit, label)
    }
}

/// A text field of the inspector.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The workload's name.
    WorkloadName,
    /// A component's name.
    ComponentName(ComponentName),
    /// A component's memory limit.
    MemoryLimit(ComponentName),
    /// A component's time limit.
    TimeLimit(ComponentName),
    /// The value of a row.
    Value(Table, ComponentName, String),
    /// The key of a row that is to be added.
    NewKey(Table, ComponentName),
    /// The value of a row that is to be added.
    NewValue(Table, ComponentName),
    /// An origin that a component is to talk to.
    NewOrigin(ComponentName),
    /// What a stub answers: the component that imports, the import and the function.
    Answer(ComponentName, String, String),
}

/// What was typed into a field.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Draft {
    text: String,
    /// The label of the edit that it was sent as, while there is no answer.
    sent: Option<String>,
    /// The workbench did not take it, and it has not been changed since.
    is_refused: bool,
}

/// What was typed into the fields of one workload and is not in its file yet.
#[derive(Debug, Clone, Default)]
pub struct Drafts(BTreeMap<Field, Draft>);

impl Drafts {
    /// What a field shows: what was typed, or what the workload says.
    #[must_use]
    pub fn shown(&self, field: &Field, view: &WorkloadView) -> String {
        self.0.get(field).map_or_else(|| current(field, view), |draft| draft.text.clone())
    }

    /// Remembers what was typed.
    pub(super) fn set(&mut self, field: Field, text: String) {
        self.0.insert(field, Draft { text, sent: None, is_refused: false });
    }

    /// Forgets what was typed.
    pub(super) fn forget(&mut self, field: &Field) {
        self.0.remove(field);
    }

    /// Why what was typed cannot be, as far as the window can tell.
    #[must_use]
    pub fn problem(&self, field: &Field, view: &WorkloadView) -> Option<String> {
        let text = self.0.get(field)?.text.trim();
        match field {
            Field::WorkloadName => name::problem(text),
            Field::ComponentName(own) => name::component_problem(text).or_else(|| {
                let is_taken = *own != text && view.plan.nodes.iter().any(|node| node.name == text);
                is_taken.then(|| format!("there is a component called {text} already"))
            }),
            _ => None,
        }
    }

    /// The edit that puts what was typed into the file; none if there is nothing to do. What is sent
    /// stays until it is settled.
    pub(super) fn commit(&mut self, field: &Field, view: &WorkloadView) -> Option<(Edit, String)> {
        let draft = self.0.get(field)?;
        if draft.sent.is_some() || self.problem(field, view).is_some() {
            return None;
        }
        let is_new = matches!(field, Field::NewKey(..) | Field::NewValue(..) | Field::NewOrigin(_));
        if !is_new && draft.text == current(field, view) {
            self.0.remove(field);
            return None;
        }
        let (edit, label) = self.edit(field)?;
        for part in parts(field) {
            if let Some(draft) = self.0.get_mut(&part) {
                draft.sent = Some(label.clone());
            }
        }
        Some((edit, label))
    }

    /// Like [`commit`](Self::commit), for a field that is left without saying that it is meant.
    pub(super) fn leave(&mut self, field: &Field, view: &WorkloadView) -> Option<(Edit, String)> {
        let is_refused = self.0.get(field)?.is_refused;
        if is_refused { None } else { self.commit(field, view) }
    }

    /// The same for every field.
    pub(super) fn leave_all(&mut self, view: &WorkloadView) -> Vec<(Edit, String)> {
        let fields: Vec<Field> = self.0.keys().cloned().collect();
        fields.iter().filter_map(|field| self.leave(field, view)).collect()
    }

    fn edit(&self, field: &Field) -> Option<(Edit, String)> {
        let typed = |field: &Field| self.0.get(field).map(|draft| draft.text.clone()).unwrap_or_default();
        let text = typed(field);
        let trimmed = text.trim().to_owned();
        let limit = (!trimmed.is_empty()).then(|| trimmed.clone());
        let limit_text = limit.as_deref().unwrap_or("the host's own");
        Some(match field {
            Field::WorkloadName => {
                (Edit::SetName(trimmed.clone()), format!("Rename the workload to {trimmed}"))
            }
            Field::ComponentName(from) => {
                let label = format!("Rename {from} to {trimmed}");
                (Edit::RenameComponent { from: from.clone(), to: trimmed.as_str().into() }, label)
            }
            Field::MemoryLimit(component) => {
                let label = format!("Set the memory limit of {component} to {limit_text}");
                (Edit::SetMemoryLimit { component: component.clone(), limit }, label)
            }
            Field::TimeLimit(component) => {
                let label = format!("Set the time limit of {component} to {limit_text}");
                (Edit::SetTimeLimit { component: component.clone(), limit }, label)
            }
            Field::Value(table, component, key) => table.edit(component.clone(), key.clone(), Some(text)),
            Field::Answer(component, import, function) => {
                let answer = (!trimmed.is_empty()).then_some(trimmed);
                answer_edit(component.clone(), import.clone(), function.clone(), answer)
            }
            Field::NewOrigin(component) => {
                return (!trimmed.is_empty()).then(|| network_edit(component.clone(), trimmed, true));
            }
            Field::NewKey(table, component) | Field::NewValue(table, component) => {
                let key = typed(&Field::NewKey(*table, component.clone())).trim().to_owned();
                let value = typed(&Field::NewValue(*table, component.clone()));
                return (!key.is_empty()).then(|| table.edit(component.clone(), key, Some(value)));
            }
        })
    }

    /// Forgets what was typed into fields that are no more.
    pub(in crate::model) fn forget_gone(&mut self, view: &WorkloadView) {
        let settings = |name: &ComponentName| view.plan.node(name).map(|node| &node.settings);
        self.0.retain(|field, _| match field {
            Field::WorkloadName => true,
            Field::ComponentName(name)
            | Field::MemoryLimit(name)
            | Field::TimeLimit(name)
            | Field::NewKey(_, name)
            | Field::NewValue(_, name)
            | Field::NewOrigin(name) => settings(name).is_some(),
            Field::Value(table, name, key) => settings(name)
                .is_some_and(|settings| table.rows(settings).iter().any(|(known, _)| known == key)),
            Field::Answer(name, import, _) => {
                view.plan.link(name, import).is_some_and(|link| link.target == LinkTarget::Stub)
            }
        });
    }

    /// The edit with this label was made, or refused; what was refused can be corrected.
    pub(super) fn settle(&mut self, label: &str, is_made: bool) {
        if is_made {
            self.0.retain(|_, draft| draft.sent.as_deref() != Some(label));
            return;
        }
        for draft in self.0.values_mut().filter(|draft| draft.sent.as_deref() == Some(label)) {
            draft.sent = None;
            draft.is_refused = true;
        }
    }
}

/// The edit that lets a component talk to an origin, or takes that from it.
#[must_use]
pub fn network_edit(component: ComponentName, origin: String, is_granted: bool) -> (Edit, String) {
    let label = match is_granted {
        true => format!("Allow {origin} to {component}"),
        false => format!("Take {origin} from {component}"),
    };
    (Edit::SetNetwork { component, origin, is_granted }, label)
}

/// The edit that sets what a stub answers to the calls of a function, or takes it away.
#[must_use]
pub fn answer_edit(
    component: ComponentName,
    import: String,
    function: String,
    answer: Option<String>,
) -> (Edit, String) {
    let label = match answer {
        Some(_) => format!("Answer {function} of {import} to {component}"),
        None => format!("Take the answer of {function} of {import} from {component}"),
    };
    (Edit::SetAnswer { component, import, function, answer }, label)
}

/// The fields that make one edit together.
fn parts(field: &Field) -> Vec<Field> {
    match field {
        Field::NewKey(table, component) | Field::NewValue(table, component) => {
            vec![Field::NewKey(*table, component.clone()), Field::NewValue(*table, component.clone())]
        }
        field => vec![field.clone()],
    }
}

/// What the workload says about a field.
fn current(field: &Field, view: &WorkloadView) -> String {
    let settings = |component: &ComponentName| view.plan.node(component).map(|node| &node.settings);
    match field {
        Field::WorkloadName => view.name.clone(),
        Field::ComponentName(name) => name.to_string(),
        Field::MemoryLimit(name) => {
            settings(name).and_then(|it| it.memory_limit_in_bytes).map(memory).unwrap_or_default()
        }
        Field::TimeLimit(name) => {
            settings(name).and_then(|it| it.time_limit_in_millis).map(time).unwrap_or_default()
        }
        Field::Value(table, name, key) => settings(name)
            .and_then(|settings| table.rows(settings).iter().find(|(known, _)| known == key))
            .map(|(_, value)| value.clone())
            .unwrap_or_default(),
        Field::Answer(name, import, function) => view
            .plan
            .link(name, import)
            .and_then(|link| link.answers.iter().find(|answer| answer.function == *function))
            .map(|answer| if answer.value.is_empty() { UNIT.to_owned() } else { answer.value.clone() })
            .unwrap_or_default(),
        Field::NewKey(..) | Field::NewValue(..) | Field::NewOrigin(_) => String::new(),
    }
}

/// Bytes as a workload file has them, without losing any.
fn memory(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = units.into_iter().find(|(size, _)| bytes > 0 && bytes.is_multiple_of(*size));
    unit.map_or_else(|| format!("{bytes}B"), |(size, unit)| format!("{}{unit}", bytes / size))
}

/// Milliseconds as a workload file has them, without losing any.
fn time(millis: u64) -> String {
    let units = [(60_000, "m"), (1_000, "s")];
    let unit = units.into_iter().find(|(size, _)| millis > 0 && millis.is_multiple_of(*size));
    unit.map_or_else(|| format!("{millis}ms"), |(size, unit)| format!("{}{unit}", millis / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_read_as_a_file_has_them() {
        for (bytes, text) in
            [(64 << 20, "64MiB"), (1 << 30, "1GiB"), (1536, "1536B"), (2048, "2KiB"), (0, "0B")]
        {
            assert_eq!(memory(bytes), text);
        }
        for (millis, text) in [(10_000, "10s"), (60_000, "1m"), (1500, "1500ms"), (0, "0ms")] {
            assert_eq!(time(millis), text);
        }
    }

    #[test]
    fn what_was_typed_goes_with_its_component() {
        let mut view = crate::tests::cron();
        let mut drafts = Drafts::default();
        for name in ["ticker", "job"] {
            drafts.set(Field::TimeLimit(name.into()), "1s".to_owned());
        }
        view.plan.nodes.retain(|node| node.name != "job");
        drafts.forget_gone(&view);
        assert_eq!(drafts.0.keys().collect::<Vec<_>>(), [&Field::TimeLimit("ticker".into())]);
    }

    #[test]
    fn a_row_is_added_when_it_has_a_key() {
        let mut drafts = Drafts::default();
        let [key, value] =
            [Field::NewKey(Table::Config, "a".into()), Field::NewValue(Table::Config, "a".into())];
        let view = crate::tests::cron();
        drafts.set(value.clone(), " 6".to_owned());
        assert_eq!(drafts.commit(&value, &view), None);
        drafts.set(key.clone(), "precision ".to_owned());
        let (edit, label) = drafts.commit(&value, &view).expect("an edit");
        let row = (Some(" 6".to_owned()), "precision".to_owned());
        assert_eq!(edit, Edit::SetConfig { component: "a".into(), key: row.1, value: row.0 });
        assert_eq!(drafts.commit(&key, &view), None, "it is on its way");
        drafts.settle(&label, true);
        assert_eq!(drafts.shown(&key, &view), "");
    }
}
