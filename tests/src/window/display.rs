//! A screen in memory.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, ImageFormat, MOTION_NOTIFY_EVENT,
};
use x11rb::protocol::xtest::ConnectionExt as _;

use super::Place;
use crate::process::{Group, Lines};

const PATIENCE: Duration = Duration::from_secs(20);

/// The left button, as X numbers them.
const LEFT_BUTTON: u8 = 1;
/// A press and a release in one frame is what no hand can do.
const PRESSED: Duration = Duration::from_millis(50);

/// An X server of our own, on a display number that nobody else uses.
#[derive(Debug)]
pub struct Display {
    name: String,
    _server: Group,
}

impl Display {
    /// Starts Xvfb with one screen as large as the window.
    ///
    /// # Errors
    /// If Xvfb is not installed or does not start.
    pub fn start() -> anyhow::Result<Self> {
        let mut command = Command::new("Xvfb");
        command
            // It chooses a free number and prints it when it is ready.
            .args(["-displayfd", "1", "-screen", "0", "1280x860x24", "+extension", "GLX"])
            .args(["-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut server = Group::spawn(&mut command).context("run `cargo xtask setup`")?;
        let mut lines = Lines::of(server.child().stdout.take().context("no pipe from Xvfb")?);
        let number = lines.wait_for(|_| true, PATIENCE).context("Xvfb did not get ready")?;
        Ok(Self { name: format!(":{number}"), _server: server })
    }

    /// Presses the left button of the pointer in the middle of `place`, as a mouse would, where no
    /// browser driver does it. Without a window manager the window is in the screen's corner, so that its
    /// places are the screen's.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub fn click(&self, place: Place) -> anyhow::Result<()> {
        let (connection, screen) = x11rb::connect(Some(&self.name))?;
        let root = connection.setup().roots.get(screen).context("no screen")?.root;
        let (x, y) = place.middle();
        let fake = |kind, detail| {
            connection
                .xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, root, x as i16, y as i16, 0)?
                .check()
        };
        fake(MOTION_NOTIFY_EVENT, 0)?;
        fake(BUTTON_PRESS_EVENT, LEFT_BUTTON)?;
        thread::sleep(PRESSED);
        Ok(fake(BUTTON_RELEASE_EVENT, LEFT_BUTTON)?)
    }

    /// What is on the screen at `place`: red, green and blue, row by row. Unlike a picture of the driver's it has only
    /// what was shown.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub fn pixels(&self, place: Place) -> anyhow::Result<Vec<[u8; 3]>> {
        let (connection, screen) = x11rb::connect(Some(&self.name))?;
        let root = connection.setup().roots.get(screen).context("no screen")?.root;
        let (x, y, width, height) = (place.x as i16, place.y as i16, place.width as u16, place.height as u16);
        let image = connection.get_image(ImageFormat::Z_PIXMAP, root, x, y, width, height, u32::MAX)?;
        // With 24 bits of colour, four bytes a pixel.
        let pixels = image.reply()?.data;
        Ok(pixels.chunks_exact(4).map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect())
    }

    /// What `DISPLAY` has to be: `:99`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
