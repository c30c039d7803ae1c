//! The content of objects, on its way in and out.
//!
//! An object is written beside its place and moved there when it is finished, so nobody sees half of one.

use std::cell::RefCell;

use wasip2::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};
use wasip2::io::streams::{InputStream, OutputStream};
use wasip2::random::random::get_random_u64;

use crate::Blobby;
use crate::bindings::exports::wasi::blobstore::types;
use crate::root::{self, folder, path, text};

/// How much is copied at once.
const CHUNK_IN_BYTES: u64 = 64 * 1024;

/// An object that is read.
pub(crate) struct Incoming {
    file: Descriptor,
    start: u64,
    size: u64,
    reaches_the_end: bool,
}

/// An object that is written.
#[derive(Default)]
pub(crate) struct Outgoing(RefCell<Draft>);

#[derive(Default)]
struct Draft {
    /// Where its content is meanwhile.
    partial: Option<(String, Descriptor)>,
    target: Option<String>,
}

impl Incoming {
    pub(crate) fn open(container: &str, object: &str, start: u64, end: u64) -> Result<Self, String> {
        let found = root::object(container, object)?;
        let (_, len) = found.ok_or_else(|| format!("there is no object `{object}` in `{container}`"))?;
        let (flags, rights) = (OpenFlags::empty(), DescriptorFlags::READ);
        let file =
            folder()?.open_at(PathFlags::empty(), &path(container, object), flags, rights).map_err(text)?;
        let end = end.saturating_add(1).min(len);
        Ok(Self { file, start, size: end.saturating_sub(start), reaches_the_end: end == len })
    }

    fn read(&self) -> Result<Vec<u8>, String> {
        let mut content = Vec::new();
        while (content.len() as u64) < self.size {
            let left = self.size - content.len() as u64;
            let (bytes, is_end) = self.file.read(left, self.start + content.len() as u64).map_err(text)?;
            content.extend(bytes);
            if is_end {
                break;
            }
        }
        Ok(content)
    }

    fn stream(&self) -> Result<InputStream, String> {
        if !self.reaches_the_end {
            return Err(
                "a part of an object can only be read at once: `incoming-value-consume-sync`".to_owned()
            );
        }
        self.file.read_via_stream(self.start).map_err(text)
    }
}

impl Outgoing {
    /// Says where it is to be, once it is finished.
    pub(crate) fn aim(&self, container: &str, object: &str) -> Result<(), String> {
        let mut draft = self.0.borrow_mut();
        if draft.target.is_some() {
            return Err("the value has a name already, and can have only one".to_owned());
        }
        draft.target = Some(path(container, object));
        Ok(())
    }

    fn body(&self) -> Result<OutputStream, String> {
        let mut draft = self.0.borrow_mut();
        if draft.partial.is_some() {
            return Err("the body was taken already".to_owned());
        }
        let (name, file) = partial()?;
        let stream = file.write_via_stream(0).map_err(text)?;
        draft.partial = Some((name, file));
        Ok(stream)
    }

    fn finish(&self) -> Result<(), String> {
        let mut draft = self.0.borrow_mut();
        let Some(target) = draft.target.take() else { return Ok(()) };
        let (name, file) = draft.partial.take().map_or_else(partial, Ok)?;
        let folder = folder()?;
        let done = file.sync().and_then(|()| folder.rename_at(&name, &folder, &target)).map_err(text);
        if done.is_err() {
            // Why it failed is what counts.
            let _ = folder.unlink_file_at(&name);
        }
        done
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        if let (Some((name, _)), Ok(folder)) = (self.0.get_mut().partial.take(), folder()) {
            // What cannot be removed stays, under a name that is no object's.
            let _ = folder.unlink_file_at(&name);
        }
    }
}

/// A new file with a name that no container has.
fn partial() -> Result<(String, Descriptor), String> {
    let name = format!(".partial-{:016x}", get_random_u64());
    let flags = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
    let file = folder()?.open_at(PathFlags::empty(), &name, flags, DescriptorFlags::WRITE).map_err(text)?;
    Ok((name, file))
}

/// Writes an object again under another name.
pub(crate) fn copy(from: (&str, &str), to: (&str, &str)) -> Result<(), String> {
    let source = Incoming::open(from.0, from.1, 0, u64::MAX)?;
    let copy = Outgoing::default();
    copy.aim(to.0, to.1)?;
    let (name, file) = partial()?;
    copy.0.borrow_mut().partial = Some((name, file));
    let mut at = 0;
    while at < source.size {
        let (bytes, _) = source.file.read(CHUNK_IN_BYTES, at).map_err(text)?;
        if bytes.is_empty() {
            break;
        }
        let draft = copy.0.borrow();
        let Some((_, file)) = &draft.partial else { break };
        at += file.write(&bytes, at).map_err(text)?;
    }
    copy.finish()
}

impl types::Guest for Blobby {
    type OutgoingValue = Outgoing;
    type IncomingValue = Incoming;
}

impl types::GuestOutgoingValue for Outgoing {
    fn new_outgoing_value() -> types::OutgoingValue {
        types::OutgoingValue::new(Self::default())
    }

    fn outgoing_value_write_body(&self) -> Result<OutputStream, ()> {
        self.body().map_err(|reason| eprintln!("blobby: no body: {reason}"))
    }

    fn finish(this: types::OutgoingValue) -> Result<(), String> {
        this.get::<Self>().finish()
    }
}

impl types::GuestIncomingValue for Incoming {
    fn incoming_value_consume_sync(this: types::IncomingValue) -> Result<Vec<u8>, String> {
        this.get::<Self>().read()
    }

    fn incoming_value_consume_async(this: types::IncomingValue) -> Result<InputStream, String> {
        this.get::<Self>().stream()
    }

    fn size(&self) -> u64 {
        self.size
    }
}
