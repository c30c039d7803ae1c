//! What the page can ask of the shell. `build.rs` and `capabilities/` name the same commands.
#![allow(clippy::needless_pass_by_value, reason = "Tauri hands a command its arguments by value")]

use jackfield_protocol::{Error, ErrorKind};
use jackfield_workbench::Workbench;
use tauri::ipc::Channel;
use tauri::{AppHandle, State, Window, Wry};
use tauri_plugin_dialog::{DialogExt as _, FileDialogBuilder, FilePath};
use tokio::sync::oneshot;

use crate::args::Args;
use crate::close::CloseGuard;
use crate::feed::Feed;
use crate::timing::Timing;

/// Asks something of the workbench. Request, answer and error are JSON as text, because the page's scripts
/// would round the numbers of JSON that they parse.
#[tauri::command]
pub(crate) async fn dispatch(workbench: State<'_, Workbench>, request: String) -> Result<String, String> {
    let answered = match serde_json::from_str(&request) {
        Ok(request) => workbench.dispatch(request).await,
        Err(error) => {
            Err(Error::new(ErrorKind::Request, format!("the window's request is not one: {error}"))
                .with_help("window and shell may be of different versions: build both again"))
        }
    };
    match answered {
        Ok(response) => serde_json::to_string(&response).map_err(|error| error.to_string()),
        Err(error) => Err(serde_json::to_string(&error).unwrap_or_else(|_| error.to_string())),
    }
}

/// Sends the workbench's events down `channel` from now on, and to no other.
#[tauri::command]
pub(crate) fn subscribe(workbench: State<'_, Workbench>, feed: State<'_, Feed>, channel: Channel<String>) {
    feed.follow(workbench.subscribe(), channel);
}

/// The workload files that the page should open first.
#[tauri::command]
pub(crate) fn startup(args: State<'_, Args>) -> Vec<String> {
    args.to_open()
}

/// Lets the user choose a workload file.
#[tauri::command]
pub(crate) async fn pick_workload(window: Window) -> Option<String> {
    let dialog = file_dialog(&window, "Open a workload").add_filter("Workload files", &["toml"]);
    let (answer, picked) = oneshot::channel();
    dialog.add_filter("All files", &["*"]).pick_file(answering(answer));
    path_of(picked).await
}

/// Lets the user choose a component file.
#[tauri::command]
pub(crate) async fn pick_component(window: Window) -> Option<String> {
    let dialog = file_dialog(&window, "Add a component to the library");
    let (answer, picked) = oneshot::channel();
    dialog.add_filter("Components", &["wasm"]).add_filter("All files", &["*"]).pick_file(answering(answer));
    path_of(picked).await
}

/// Lets the user choose where a workload is written to.
#[tauri::command]
pub(crate) async fn pick_save(window: Window, file_name: String) -> Option<String> {
    let dialog = file_dialog(&window, "Save the workload").set_file_name(file_name);
    let (answer, picked) = oneshot::channel();
    dialog.add_filter("Workload files", &["toml"]).save_file(answering(answer));
    path_of(picked).await
}

/// Lets the user choose a file of a kind: one to write if there is a name for it, else one to read.
#[tauri::command]
pub(crate) async fn pick_path(
    window: Window,
    title: String,
    file_name: Option<String>,
    kind: String,
    extensions: Vec<String>,
) -> Option<String> {
    let extensions: Vec<&str> = extensions.iter().map(String::as_str).collect();
    let dialog = file_dialog(&window, &title).add_filter(kind, &extensions);
    let dialog = dialog.add_filter("All files", &["*"]);
    let (answer, picked) = oneshot::channel();
    match file_name {
        Some(name) => dialog.set_file_name(name).save_file(answering(answer)),
        None => dialog.pick_file(answering(answer)),
    }
    path_of(picked).await
}

fn file_dialog(window: &Window, title: &str) -> FileDialogBuilder<Wry> {
    window.dialog().file().set_title(title).set_parent(window)
}

fn answering(answer: oneshot::Sender<Option<FilePath>>) -> impl FnOnce(Option<FilePath>) + Send + 'static {
    move |file| {
        // Nobody waits for it any more when the window is gone.
        let _ = answer.send(file);
    }
}

/// The path that a dialog gave. It can also end without an answer, together with the window.
async fn path_of(picked: oneshot::Receiver<Option<FilePath>>) -> Option<String> {
    let path = picked.await.ok()??.into_path().ok()?;
    Some(path.to_string_lossy().into_owned())
}

/// Whether something in the page is not saved, so that it wants to be asked before the window closes.
#[tauri::command]
pub(crate) fn hold_open(guard: State<'_, CloseGuard>, held: bool) {
    guard.hold(held);
}

/// Ends the program.
#[tauri::command]
pub(crate) fn quit(app: AppHandle) {
    app.exit(0);
}

/// The page has drawn its first frame.
#[tauri::command]
pub(crate) fn first_frame(timing: State<'_, Timing>) {
    timing.first_frame();
}
