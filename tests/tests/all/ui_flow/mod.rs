//! The UI over a real workbench, without a webview: what the user presses, and what comes of it.

mod fetching;
mod in_process;
mod loop_of_work;

use std::path::Path;
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use jackfield_tests::files;
use jackfield_ui::App;

use in_process::{Bell, InProcess};

/// A debug build compiles the sample's components the first time.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many frames a layout takes to come to rest.
const SETTLING_FRAMES: usize = 4;

/// The window, and what rings when something arrives for it.
struct Flow {
    harness: Harness<'static, App>,
    bell: Bell,
}

impl Flow {
    fn new() -> anyhow::Result<Self> {
        Self::with(|backend| backend)
    }

    /// A window in which the open dialog always has this answer.
    fn choosing(path: &Path) -> anyhow::Result<Self> {
        Self::with(|backend| backend.choosing(path))
    }

    fn with(change: impl FnOnce(InProcess) -> InProcess) -> anyhow::Result<Self> {
        let (backend, bell) = InProcess::start(files::root().join("samples"))?;
        let backend = change(backend);
        let app = App::new(Box::new(backend));
        let harness = Harness::builder()
            .with_size([1280.0, 860.0])
            .build_ui_state(|ui, app: &mut App| app.show(ui), app);
        Ok(Self { harness, bell })
    }

    /// Draws frames until `holds`, waiting in between for something to arrive.
    #[track_caller]
    fn until(&mut self, what: &str, holds: impl Fn(&Harness<'static, App>) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.harness.step();
            if holds(&self.harness) {
                return;
            }
            assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}\n{:#?}", self.harness.root());
            self.bell.wait();
        }
    }

    #[track_caller]
    fn until_labelled(&mut self, label: &str) {
        self.until(label, |harness| harness.query_all_by_label(label).next().is_some());
    }

    /// Waits until something has a label with this in it.
    #[track_caller]
    fn until_labelled_in_part(&mut self, part: &str) {
        self.until(part, |harness| harness.query_all_by_label_contains(part).next().is_some());
    }

    /// Waits until what has this label shows all of `parts`.
    #[track_caller]
    fn until_value(&mut self, label: &str, parts: &[&str]) {
        self.until(label, |harness| {
            harness.query_all_by_label(label).any(|node| {
                let value = node.accesskit_node().value().unwrap_or_default();
                parts.iter().all(|part| value.contains(part))
            })
        });
    }

    /// Presses the button with this label once it can be pressed.
    #[track_caller]
    fn press(&mut self, label: &str) {
        self.until(label, |harness| {
            let mut buttons = harness.query_all_by_label(label);
            buttons.next().is_some_and(|button| !button.accesskit_node().is_disabled())
        });
        let button = self.harness.query_all_by_label(label).next().expect("seen above");
        button.click();
        // What it changed may move what is pressed next.
        self.harness.run_steps(SETTLING_FRAMES);
    }

    /// Waits until nothing has this label any more.
    #[track_caller]
    fn until_gone(&mut self, label: &str) {
        self.until(label, |harness| harness.query_all_by_label(label).next().is_none());
    }

    fn press_keys(&mut self, modifiers: egui::Modifiers, key: egui::Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(SETTLING_FRAMES);
    }

    /// Drags what has this label onto the canvas, each to a place of its own.
    #[track_caller]
    fn drag_to_canvas(&mut self, label: &str, place: usize) {
        self.until_labelled(label);
        let middle = |label: &str| self.harness.get_by_label(label).rect().center();
        let column = f32::from(u8::try_from(place).unwrap_or_default()) - 1.0;
        let (from, to) = (middle(label), middle("canvas") + egui::vec2(180.0 * column, 60.0 * column));
        self.harness.hover_at(from);
        self.harness.step();
        self.harness.drag_at(from);
        self.harness.step();
        for part in [0.1, 0.5, 1.0] {
            self.harness.hover_at(from.lerp(to, part));
            self.harness.step();
        }
        self.harness.drop_at(to);
        self.harness.run_steps(SETTLING_FRAMES);
    }

    /// Puts text into the field with this label, in place of what is there.
    #[track_caller]
    fn type_into(&mut self, label: &str, text: &str) {
        self.press(label);
        self.harness.step();
        self.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        self.harness.step();
        self.harness.get_by_label(label).type_text(text);
        self.harness.step();
    }
}

#[test]
fn the_cron_sample_is_opened_started_and_stopped() -> anyhow::Result<()> {
    let mut flow = Flow::new()?;
    flow.press("Open sample cron");
    flow.until_labelled("component job");
    flow.until_labelled("component ticker");
    flow.until_labelled("link ticker jackfield:cron/job → job");
    flow.press("Start");
    flow.until_labelled("job stderr: hello from the cron component");
    flow.until_labelled("running");
    flow.press("Stop");
    flow.until_labelled("stopped");
    Ok(())
}
