//! The dialog in which a workload is exported.

use std::collections::BTreeMap;

use jackfield_protocol::{
    ComponentName, Error, ExportForm as Wanted, LinkTarget, Node, Plan, Request, WorkloadId, WorkloadView,
    WrittenExport,
};

const SCHEME: &str = "oci://";

/// What a workload can be exported as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ExportForm {
    /// One component.
    #[default]
    Wasm,
    /// A source for `wac`, and the components that it names.
    Wac,
    /// A manifest for wasmCloud's operator.
    Wasmcloud,
}

impl ExportForm {
    /// All of them, the most wanted first.
    pub const ALL: [Self; 3] = [Self::Wasm, Self::Wac, Self::Wasmcloud];

    /// What it is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Wasm => "One component (.wasm)",
            Self::Wac => "Source for wac (.wac)",
            Self::Wasmcloud => "wasmCloud manifest (.yaml)",
        }
    }

    /// What it is for.
    #[must_use]
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Wasm => {
                "Everything that the way in reaches, in one file: for wasmtime run and wasmtime serve."
            }
            Self::Wac => {
                "A text that says who is linked to whom, with the components beside it: to read, change and compose with \
                 wac."
            }
            Self::Wasmcloud => {
                "A WorkloadDeployment for wasmCloud's Kubernetes operator, which takes components from registries."
            }
        }
    }

    /// How its files end.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::Wac => "wac",
            Self::Wasmcloud => "yaml",
        }
    }

    /// Whether one component is its way in.
    #[must_use]
    pub fn has_entry(self) -> bool {
        self != Self::Wasmcloud
    }
}

/// Something that is done in the dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportEdit {
    /// Chooses a form.
    Form(ExportForm),
    /// Chooses the way in.
    Entry(ComponentName),
    /// Says where the cluster finds a component.
    Image(ComponentName, String),
    /// Says by which name HTTP requests find the workload.
    Host(String),
    /// Says which components take part in the export alone.
    StandIns(String),
    /// Says where to.
    Path(String),
    /// Asks for a file.
    Choose,
    /// A file was chosen; that it may be replaced was said with it.
    Chosen(String),
    /// Writes; whether what is there may be replaced.
    Write {
        /// It may.
        replace: bool,
    },
    /// Closes the dialog.
    Close,
}

/// What is asked for, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportDraft {
    /// The workload.
    pub workload: WorkloadId,
    /// As what.
    pub form: ExportForm,
    /// The component that is the way in; nothing if there is none.
    pub entry: Option<ComponentName>,
    /// Where the cluster finds components, as far as it was said.
    pub images: BTreeMap<ComponentName, String>,
    /// The name by which HTTP requests find the workload; empty for the usual one.
    pub host: String,
    /// Components that take part in the export alone, separated by commas.
    pub stand_ins: String,
    /// The file, as an absolute path.
    pub path: String,
    /// The file that was chosen in a dialog, which asked whether it may be replaced.
    pub(super) chosen: Option<String>,
    /// How far it is.
    pub state: ExportState,
}

/// How far an export is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportState {
    /// Nothing has been done yet.
    Asking,
    /// Something has to be said first.
    Lacking(String),
    /// It is under way.
    Writing,
    /// These files are there already.
    InTheWay(Vec<String>),
    /// It could not be done.
    Failed(Error),
    /// It was written.
    Done(WrittenExport),
}

impl ExportDraft {
    /// What is asked for at first.
    pub(super) fn new(view: &WorkloadView, file_name: &str) -> Self {
        let form = ExportForm::default();
        let folder = view.path.as_deref().and_then(|path| path.rsplit_once(['/', '\\']).map(|_| path));
        let path = folder.map_or_else(String::new, |path| sibling(path, &with_extension(file_name, form)));
        Self {
            workload: view.id,
            form,
            entry: usual_entry(&view.plan),
            images: BTreeMap::new(),
            host: String::new(),
            stand_ins: String::new(),
            path,
            chosen: None,
            state: ExportState::Asking,
        }
    }

    /// Takes over another form, and makes the file's name end like it.
    pub(super) fn set_form(&mut self, form: ExportForm) {
        let end = format!(".{}", self.form.extension());
        if let Some(stem) = self.path.strip_suffix(&end) {
            self.path = format!("{stem}.{}", form.extension());
        }
        self.form = form;
    }

    /// What is to be sent, or what has to be said first.
    pub(super) fn request(&self, plan: &Plan, replace: bool) -> Result<Request, String> {
        let path = self.path.trim();
        if path.is_empty() {
            return Err("Say where the file is to be.".to_owned());
        }
        if !is_absolute(path) {
            return Err(
                "Type the whole path of the file, from its first folder on, or choose the file.".to_owned()
            );
        }
        let form = match self.form {
            ExportForm::Wasm => Wanted::Wasm { entry: self.entry.clone() },
            ExportForm::Wac => Wanted::Wac { entry: self.entry.clone() },
            ExportForm::Wasmcloud => {
                let images = self.images_of(plan)?;
                let host = Some(self.host.trim().to_owned()).filter(|host| !host.is_empty());
                Wanted::Wasmcloud { images, host }
            }
        };
        let with = self.stand_ins.split(',').map(str::trim).filter(|source| !source.is_empty());
        let with = with.map(str::to_owned).collect();
        Ok(Request::WriteExport { workload: self.workload, form, with, path: path.to_owned(), replace })
    }

    fn images_of(&self, plan: &Plan) -> Result<Vec<(ComponentName, String)>, String> {
        let mut images = Vec::new();
        for node in out_of_reach(plan) {
            match self.images.get(&node.name).map(|image| image.trim()).filter(|image| !image.is_empty()) {
                Some(image) => images.push((node.name.clone(), image.to_owned())),
                None => return Err(format!("Say where the cluster finds {}.", node.name)),
            }
        }
        Ok(images)
    }
}

/// The components that can be the way in, in the order of the workload.
pub(crate) fn ways_in(plan: &Plan) -> impl Iterator<Item = &ComponentName> {
    let is_entry = |name: &ComponentName| plan.entries.iter().any(|entry| entry.component == *name);
    plan.nodes.iter().map(|node| &node.name).filter(move |name| is_entry(name))
}

/// The service, or else the first that no other component uses, or else the first.
fn usual_entry(plan: &Plan) -> Option<ComponentName> {
    let is_used = |wanted: &ComponentName| {
        let uses =
            |target: &LinkTarget| matches!(target, LinkTarget::Component { name, .. } if name == wanted);
        plan.links.iter().any(|link| uses(&link.target))
    };
    let service = plan.nodes.iter().find(|node| node.is_service).map(|node| &node.name);
    service.or_else(|| ways_in(plan).find(|name| !is_used(name))).or_else(|| ways_in(plan).next()).cloned()
}

/// The components that a cluster cannot fetch from where the workload file says.
pub(crate) fn out_of_reach(plan: &Plan) -> impl Iterator<Item = &Node> {
    plan.nodes.iter().filter(|node| !is_in_registry(&node.source))
}

/// Whether a source is on a host of the network: layouts on this machine have names without dots and ports.
fn is_in_registry(source: &str) -> bool {
    let host = source.strip_prefix(SCHEME).and_then(|reference| reference.split('/').next());
    host.is_some_and(|host| host.contains(['.', ':']))
}

/// A file in the same folder.
fn sibling(path: &str, name: &str) -> String {
    let at = path.rfind(['/', '\\']).map_or(0, |at| at + 1);
    format!("{}{name}", path.get(..at).unwrap_or_default())
}

/// `name.wasm` of `name.toml`.
pub(super) fn with_extension(name: &str, form: ExportForm) -> String {
    format!("{}.{}", name.strip_suffix(".toml").unwrap_or(name), form.extension())
}

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.get(1..3).is_some_and(|rest| rest == ":\\" || rest == ":/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_reaches_registries_of_the_network_only() {
        for (source, is_reached) in [
            ("oci://ghcr.io/acme/square:1", true),
            ("oci://localhost:5000/square:1", true),
            ("oci://samples/square:0.1.0", false),
            ("./square.wasm", false),
            ("square", false),
        ] {
            assert_eq!(is_in_registry(source), is_reached, "{source}");
        }
    }

    #[test]
    fn paths_of_every_system_are_taken_apart() {
        assert_eq!(sibling("/w/workload.toml", "a.wasm"), "/w/a.wasm");
        assert_eq!(sibling(r"C:\w\workload.toml", "a.wasm"), r"C:\w\a.wasm");
        assert_eq!(file_name(r"C:\w\a.wasm"), "a.wasm");
        for (path, is_whole) in
            [("/a", true), (r"C:\a", true), ("C:/a", true), ("a/b", false), ("./a", false)]
        {
            assert_eq!(is_absolute(path), is_whole, "{path}");
        }
    }
}
