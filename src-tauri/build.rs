//! Generates the window's permissions: the page may call these commands and no others.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&[
        "dispatch",
        "first_frame",
        "hold_open",
        "pick_component",
        "pick_path",
        "pick_save",
        "pick_workload",
        "quit",
        "startup",
        "subscribe",
    ]);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands)) {
        println!("cargo::error={error:#}");
    }
}
