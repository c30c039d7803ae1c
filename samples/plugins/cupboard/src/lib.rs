//! Calls everything that `wasi:blobstore` has, with texts for objects.

/// Generated from `wit/wasi-blobstore` and `samples/plugins/wit`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: ["../../../wit/wasi-blobstore", "../wit"],
        inline: "
            package samples:cupboard;

            world component {
                import wasi:blobstore/types@0.2.0-draft;
                import wasi:blobstore/container@0.2.0-draft;
                import wasi:blobstore/blobstore@0.2.0-draft;
                export samples:plugins/cupboard;
            }
        ",
        with: {
            "wasi:io/error@0.2.12": wasip2::io::error,
            "wasi:io/poll@0.2.12": wasip2::io::poll,
            "wasi:io/streams@0.2.12": wasip2::io::streams,
        },
        generate_all,
    });
}

use bindings::exports::samples::plugins::cupboard::{About, Guest};
use bindings::wasi::blobstore::blobstore;
use bindings::wasi::blobstore::types::{IncomingValue, ObjectId, OutgoingValue};
use wasip2::io::streams::StreamError;

/// What a stream takes in one call of `blocking-write-and-flush`.
const CHUNK_IN_BYTES: usize = 4096;

struct Cupboard;

impl Guest for Cupboard {
    fn create(container: String) -> Result<(), String> {
        blobstore::create_container(&container).map(drop)
    }

    fn info(container: String) -> Result<(String, u64), String> {
        let container = blobstore::get_container(&container)?;
        let info = container.info()?;
        if info.name != container.name()? {
            return Err(format!("it has two names: {} and {}", info.name, container.name()?));
        }
        Ok((info.name, info.created_at))
    }

    fn exists(container: String) -> Result<bool, String> {
        blobstore::container_exists(&container)
    }

    fn delete(container: String) -> Result<(), String> {
        blobstore::delete_container(&container)
    }

    fn put(container: String, name: String, content: String, finish: bool) -> Result<(), String> {
        let container = blobstore::get_container(&container)?;
        let value = OutgoingValue::new_outgoing_value();
        {
            let body = value.outgoing_value_write_body().map_err(|()| "there is no body to write")?;
            for chunk in content.as_bytes().chunks(CHUNK_IN_BYTES) {
                body.blocking_write_and_flush(chunk).map_err(|error| error.to_string())?;
            }
        }
        if value.outgoing_value_write_body().is_ok() {
            return Err("a value gave two bodies".to_owned());
        }
        container.write_data(&name, &value)?;
        if finish { OutgoingValue::finish(value) } else { Ok(()) }
    }

    fn get(container: String, name: String, first: u64, last: u64) -> Result<String, String> {
        let value = blobstore::get_container(&container)?.get_data(&name, first, last)?;
        let size = value.size();
        let content = IncomingValue::incoming_value_consume_sync(value)?;
        if content.len() as u64 != size {
            return Err(format!("it has {} bytes, and said {size}", content.len()));
        }
        String::from_utf8(content).map_err(|error| error.to_string())
    }

    fn stream(container: String, name: String, first: u64, last: u64) -> Result<String, String> {
        let value = blobstore::get_container(&container)?.get_data(&name, first, last)?;
        let stream = IncomingValue::incoming_value_consume_async(value)?;
        let mut content = Vec::new();
        loop {
            match stream.blocking_read(CHUNK_IN_BYTES as u64) {
                Ok(bytes) => content.extend(bytes),
                Err(StreamError::Closed) => break,
                Err(StreamError::LastOperationFailed(error)) => return Err(error.to_debug_string()),
            }
        }
        String::from_utf8(content).map_err(|error| error.to_string())
    }

    fn names(container: String, skip: u64, page: u64) -> Result<Vec<String>, String> {
        let stream = blobstore::get_container(&container)?.list_objects()?;
        let mut names = Vec::new();
        let (_, mut is_end) = stream.skip_stream_object_names(skip)?;
        while !is_end {
            let (more, end) = stream.read_stream_object_names(page)?;
            names.extend(more);
            is_end = end;
        }
        Ok(names)
    }

    fn inspect(container: String, name: String) -> Result<About, String> {
        let about = blobstore::get_container(&container)?.object_info(&name)?;
        Ok(About {
            name: about.name,
            container: about.container,
            created_at: about.created_at,
            size: about.size,
        })
    }

    fn has(container: String, name: String) -> Result<bool, String> {
        blobstore::get_container(&container)?.has_object(&name)
    }

    fn remove(container: String, names: Vec<String>, at_once: bool) -> Result<(), String> {
        let container = blobstore::get_container(&container)?;
        if at_once {
            return container.delete_objects(&names);
        }
        names.iter().try_for_each(|name| container.delete_object(name))
    }

    fn clear(container: String) -> Result<(), String> {
        blobstore::get_container(&container)?.clear()
    }

    fn copy(source: (String, String), target: (String, String), moving: bool) -> Result<(), String> {
        let id = |(container, object)| ObjectId { container, object };
        if moving {
            return blobstore::move_object(&id(source), &id(target));
        }
        blobstore::copy_object(&id(source), &id(target))
    }
}

bindings::export!(Cupboard with_types_in bindings);
