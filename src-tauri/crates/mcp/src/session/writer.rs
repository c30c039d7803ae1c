//! The thread that writes a session's file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::thread;

use crate::record::{Entry, FrameSink, Queue};

use super::format::{self, Header};
use super::live::Lock;

/// Writes the header, then whatever the queue brings until it is closed. The lock is held that long.
pub(super) fn start(
    mut file: File,
    header: &Header,
    queue: Arc<Queue>,
    sinks: Vec<Arc<dyn FrameSink>>,
    lock: Lock,
) -> io::Result<()> {
    file.write_all(&format::header_line(header)?)?;
    thread::Builder::new().name("session".to_owned()).spawn(move || {
        let _done = Done(Arc::clone(&queue), Some(lock));
        write_all(&mut BufWriter::new(file), &queue, &sinks);
    })?;
    Ok(())
}

/// Says that nothing will be written any more, also when a sink panics: nobody may wait for ever.
struct Done(Arc<Queue>, Option<Lock>);

impl Drop for Done {
    fn drop(&mut self) {
        drop(self.1.take());
        self.0.note_done();
    }
}

fn write_all(file: &mut BufWriter<File>, queue: &Queue, sinks: &[Arc<dyn FrameSink>]) {
    let mut failure = None;
    loop {
        let entries = queue.take_all();
        if entries.is_empty() {
            return;
        }
        // After a failure the file's end is unknown, and what came behind a hole would mislead.
        if failure.is_none() {
            failure = write(file, entries.iter()).err();
        }
        let problem = failure.as_ref().map(|error| format!("frames could not be written: {error}"));
        queue.note_written(entries.len(), problem);
        for entry in &entries {
            sinks.iter().for_each(|sink| sink.frame(&entry.frame));
        }
    }
}

fn write<'a>(file: &mut BufWriter<File>, entries: impl Iterator<Item = &'a Entry>) -> io::Result<()> {
    for entry in entries {
        format::write_frame(file, &entry.frame, &entry.bytes)?;
    }
    file.flush()
}
