//! What WebKitGTK needs to be told on some machines.

/// WebKitGTK draws through DMA-BUF, and with NVIDIA's own driver leaves the window blank or crashes
/// (<https://github.com/tauri-apps/tauri/issues/9304>). Where there is no graphics device at all, the way
/// through DMA-BUF costs three times the work of the plain one for each frame. Elsewhere it is the better
/// way, so that it is turned off only in these two cases, and never against what the user has set.
#[cfg(target_os = "linux")]
pub(crate) fn avoid_known_defects() {
    use std::os::unix::process::CommandExt as _;

    const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    let exists = |path: &str| std::path::Path::new(path).exists();
    let suits = exists("/dev/dri") && !exists("/proc/driver/nvidia/version");
    if suits || std::env::var_os(SWITCH).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    // The process starts again with the variable: to set it in a process that may have threads is not safe.
    let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(SWITCH, "1").exec();
    eprintln!("warning: cannot set {SWITCH}=1 ({error}); set it if the window stays blank");
}

/// Only WebKitGTK has them.
#[cfg(not(target_os = "linux"))]
pub(crate) fn avoid_known_defects() {}
