//! The few requests of WebDriver (<https://www.w3.org/TR/webdriver2/>) that the tests need.

use std::cell::Cell;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A window takes this long to answer only when it hangs.
const LONGEST_ANSWER: Duration = Duration::from_secs(60);
/// Between two looks at the window.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Sends requests below one address.
#[derive(Debug, Clone)]
pub(super) struct Client {
    agent: ureq::Agent,
    address: String,
}

impl Client {
    pub(super) fn new(address: String) -> Self {
        // WebDriver reports errors with a status and a body that says more.
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(LONGEST_ANSWER))
            .build();
        Self { agent: config.into(), address }
    }

    pub(super) fn under(&self, path: &str) -> Self {
        Self { agent: self.agent.clone(), address: format!("{}{path}", self.address) }
    }

    pub(super) fn get(&self, path: &str) -> anyhow::Result<Value> {
        value(path, self.agent.get(format!("{}{path}", self.address)).call()?)
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        value(path, self.agent.post(format!("{}{path}", self.address)).send_json(body)?)
    }

    fn delete(&self) -> anyhow::Result<Value> {
        value("delete", self.agent.delete(&self.address).call()?)
    }
}

fn value(what: &str, mut response: ureq::http::Response<ureq::Body>) -> anyhow::Result<Value> {
    let status = response.status();
    let mut body: Value = response.body_mut().read_json().with_context(|| format!("{what}: no JSON"))?;
    anyhow::ensure!(status.is_success(), "{what}: {status}: {}", body["value"]["message"]);
    Ok(body["value"].take())
}

/// A part of the window, in the page's pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

impl Place {
    /// Halfway between the edges, on a whole pixel.
    #[must_use]
    pub fn middle(self) -> (f64, f64) {
        ((self.x + self.width / 2.0).round(), (self.y + self.height / 2.0).round())
    }

    fn of(node: &Value) -> anyhow::Result<Self> {
        let number = |key: &str| node[key].as_f64().with_context(|| format!("no {key} in {node}"));
        Ok(Self { x: number("x")?, y: number("y")?, width: number("width")?, height: number("height")? })
    }
}

/// Changes the colour of a pixel at the window's corner again and again.
const PAINT: &str = "
    const pixel = document.createElement('div');
    pixel.style.cssText = 'position:fixed;left:0;top:0;width:1px;height:1px;pointer-events:none';
    document.body.append(pixel);
    let step = 0;
    const timer = setInterval(() => { pixel.style.background = (step ^= 1) ? '#000' : '#001'; }, 30);
    window.jackfieldPaintNoMore = () => { clearInterval(timer); pixel.remove(); };
";

/// Ends [`PAINT`].
const PAINT_NO_MORE: &str = "window.jackfieldPaintNoMore?.()";

/// The Ctrl key, as WebDriver calls it.
const CTRL: char = '\u{e009}';

fn moved((x, y): (f64, f64), duration_millis: u32) -> Value {
    json!({ "type": "pointerMove", "duration": duration_millis, "x": x.round(), "y": y.round(), "origin": "viewport" })
}

fn pressed() -> Value {
    json!({ "type": "pointerDown", "button": 0 })
}

fn released() -> Value {
    json!({ "type": "pointerUp", "button": 0 })
}

fn pause(millis: u32) -> Value {
    json!({ "type": "pause", "duration": millis })
}

/// Jackfield's window. Dropping it closes the window.
#[derive(Debug)]
pub struct Window {
    client: Client,
}

impl Window {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Runs the body of a JavaScript function in the page, and returns what it returns.
    ///
    /// # Errors
    /// If it throws.
    pub fn run(&self, body: &str, args: &[Value]) -> anyhow::Result<Value> {
        self.client.post("/execute/sync", &json!({ "script": body, "args": args }))
    }

    /// Where something with this label, or showing this text, is; disabled things do not count.
    ///
    /// # Errors
    /// If the page cannot be asked.
    pub fn find(&self, label: &str) -> anyhow::Result<Option<Place>> {
        // Until the page is loaded the function is not there.
        let found = self.run("return window.jackfieldFind?.(arguments[0]) ?? '[]'", &[json!(label)])?;
        let nodes: Vec<Value> = serde_json::from_str(found.as_str().context("not a JSON text")?)?;
        let is_meant = |node: &&Value| {
            (node["label"] == label || node["value"] == label) && node["disabled"] == json!(false)
        };
        nodes.iter().find(is_meant).map(Place::of).transpose()
    }

    /// What the page shows, as text: for the message of a test that fails.
    #[must_use]
    pub fn tree(&self) -> String {
        let tree = self.run("return window.jackfieldTree?.() ?? document.body.innerText", &[]);
        tree.map_or_else(|error| error.to_string(), |tree| tree.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until [`find`](Self::find) finds something.
    ///
    /// # Errors
    /// If that does not happen within `limit`.
    pub fn wait_for(&self, label: &str, limit: Duration) -> anyhow::Result<Place> {
        self.wait(label, limit, || self.find(label))
    }

    /// Clicks what has this label, once it is there and has stopped to move.
    ///
    /// # Errors
    /// If that does not happen within `limit`, or the driver cannot move the pointer.
    pub fn press(&self, label: &str, limit: Duration) -> anyhow::Result<()> {
        let before = Cell::new(None);
        let place = self.wait(label, limit, || {
            let place = self.find(label)?;
            let last = before.replace(place);
            Ok(place.filter(|place| last == Some(*place)))
        })?;
        self.click(place)
    }

    /// Waits until [`find`](Self::find) finds nothing any more.
    ///
    /// # Errors
    /// If it still does after `limit`.
    pub fn wait_until_gone(&self, label: &str, limit: Duration) -> anyhow::Result<()> {
        self.wait(label, limit, || Ok(self.find(label)?.is_none().then_some(())))
    }

    /// Waits until `part` is part of anything that is shown.
    ///
    /// # Errors
    /// If that does not happen within `limit`.
    pub fn wait_for_text(&self, part: &str, limit: Duration) -> anyhow::Result<()> {
        self.wait(part, limit, || Ok(self.tree().contains(part).then_some(())))
    }

    fn wait<T>(
        &self,
        what: &str,
        limit: Duration,
        look: impl Fn() -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(found) = look()? {
                return Ok(found);
            }
            if Instant::now() > deadline {
                bail!("no {what:?} within {limit:?}, but {}", self.tree());
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Presses the left button of the pointer in the middle of `place`.
    ///
    /// # Errors
    /// If the driver cannot move the pointer.
    pub fn click(&self, place: Place) -> anyhow::Result<()> {
        // A press and a release in one frame is what no hand can do.
        self.point(&json!([moved(place.middle(), 0), pressed(), pause(50), released()]))
    }

    /// Drags what is in the middle of `from` to a point, by way of one halfway.
    ///
    /// # Errors
    /// If the driver cannot move the pointer.
    pub fn drag(&self, from: Place, to: (f64, f64)) -> anyhow::Result<()> {
        let start = from.middle();
        let halfway = ((start.0 + to.0) / 2.0, (start.1 + to.1) / 2.0);
        let actions = json!([
            moved(start, 0),
            pressed(),
            pause(100),
            moved(halfway, 100),
            pause(100),
            moved(to, 100),
            pause(200),
            released(),
        ]);
        self.point(&actions)
    }

    /// Types text into whatever has the keyboard.
    ///
    /// # Errors
    /// If the driver cannot.
    pub fn type_text(&self, text: &str) -> anyhow::Result<()> {
        let keys = text.chars().flat_map(|key| [("keyDown", key), ("keyUp", key)]);
        let actions: Vec<Value> =
            keys.map(|(action, key)| json!({ "type": action, "value": key.to_string() })).collect();
        self.press_keys(&actions)
    }

    /// Presses a key while Ctrl is held.
    ///
    /// # Errors
    /// If the driver cannot.
    pub fn press_with_ctrl(&self, key: char) -> anyhow::Result<()> {
        let action = |action: &str, key: char| json!({ "type": action, "value": key.to_string() });
        self.press_keys(&[
            action("keyDown", CTRL),
            action("keyDown", key),
            action("keyUp", key),
            action("keyUp", CTRL),
        ])
    }

    fn press_keys(&self, actions: &[Value]) -> anyhow::Result<()> {
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.painting(|| self.client.post("/actions", &json!({ "actions": [keyboard] })))?;
        Ok(())
    }

    /// Lets the page paint while something is done. The driver waits until the next painting before it
    /// answers, and a window that is idle does not paint.
    fn painting<T>(&self, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        self.run(PAINT, &[])?;
        let done = work();
        // The window may be gone by now, and then so is what paints.
        let _ = self.run(PAINT_NO_MORE, &[]);
        done
    }

    fn point(&self, actions: &Value) -> anyhow::Result<()> {
        let pointer = json!({
            "type": "pointer",
            "id": "mouse",
            "parameters": { "pointerType": "mouse" },
            "actions": actions,
        });
        self.painting(|| self.client.post("/actions", &json!({ "actions": [pointer] })))?;
        Ok(())
    }

    /// What the window looks like, as a PNG.
    ///
    /// # Errors
    /// If there is no picture.
    pub fn screenshot(&self) -> anyhow::Result<Vec<u8>> {
        let picture = self.painting(|| self.client.get("/screenshot"))?;
        Ok(STANDARD.decode(picture.as_str().context("no picture")?)?)
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // An error means that the window is closed already.
        let _ = self.client.delete();
    }
}
