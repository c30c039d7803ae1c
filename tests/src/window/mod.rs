//! The real window on a display in memory, driven as a user would.
//!
//! [`Display`] is the screen, [`Driver`] the browser driver that starts the window, and [`Window`]
//! the window itself. Each ends what it started when it is dropped, the window first.

mod display;
mod driver;
mod webdriver;

pub use display::Display;
pub use driver::{Driver, command};
pub use webdriver::{Place, Window};
