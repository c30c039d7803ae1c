//! `wasi:blobstore` over the first folder that the component is given: containers are folders in it, and
//! objects are files.
//!
//! A component that exports an interface goes before the host's plugin for it, so this takes the plugin's place
//! in every workload that it is put into.

mod names;
mod objects;
mod root;

/// Generated from `wit/wasi-blobstore`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: "../../../wit/wasi-blobstore",
        inline: "
            package samples:blobby;

            world component {
                export wasi:blobstore/types@0.2.0-draft;
                export wasi:blobstore/container@0.2.0-draft;
                export wasi:blobstore/blobstore@0.2.0-draft;
            }
        ",
        with: {
            "wasi:io/error@0.2.12": wasip2::io::error,
            "wasi:io/poll@0.2.12": wasip2::io::poll,
            "wasi:io/streams@0.2.12": wasip2::io::streams,
        },
    });
}

use std::cell::RefCell;

use bindings::exports::wasi::blobstore::{blobstore, container, types};
use objects::{Incoming, Outgoing};

struct Blobby;

/// A container that is there, or was when it was opened.
struct Container {
    name: String,
}

/// Names that were not read yet.
struct Names(RefCell<std::vec::IntoIter<String>>);

impl blobstore::Guest for Blobby {
    fn create_container(name: String) -> Result<container::Container, String> {
        root::create_container(&name)?;
        Ok(container::Container::new(Container { name }))
    }

    fn get_container(name: String) -> Result<container::Container, String> {
        if !root::has_container(&name)? {
            return Err(format!("there is no container `{name}`"));
        }
        Ok(container::Container::new(Container { name }))
    }

    fn delete_container(name: String) -> Result<(), String> {
        root::delete_container(&name)
    }

    fn container_exists(name: String) -> Result<bool, String> {
        root::has_container(&name)
    }

    fn copy_object(src: types::ObjectId, dest: types::ObjectId) -> Result<(), String> {
        objects::copy((&src.container, &src.object), (&dest.container, &dest.object))
    }

    fn move_object(src: types::ObjectId, dest: types::ObjectId) -> Result<(), String> {
        root::rename((&src.container, &src.object), (&dest.container, &dest.object))
    }
}

impl container::Guest for Blobby {
    type Container = Container;
    type StreamObjectNames = Names;
}

impl container::GuestContainer for Container {
    fn name(&self) -> Result<String, String> {
        Ok(self.name.clone())
    }

    fn info(&self) -> Result<container::ContainerMetadata, String> {
        let created_at = root::container_created_at(&self.name)?;
        Ok(container::ContainerMetadata { name: self.name.clone(), created_at })
    }

    fn get_data(&self, name: String, start: u64, end: u64) -> Result<types::IncomingValue, String> {
        Incoming::open(&self.name, &name, start, end).map(types::IncomingValue::new)
    }

    fn write_data(&self, name: String, data: types::OutgoingValueBorrow<'_>) -> Result<(), String> {
        data.get::<Outgoing>().aim(&self.name, &name)
    }

    fn list_objects(&self) -> Result<container::StreamObjectNames, String> {
        let names = root::list(&self.name)?;
        Ok(container::StreamObjectNames::new(Names(RefCell::new(names.into_iter()))))
    }

    fn delete_object(&self, name: String) -> Result<(), String> {
        root::delete_object(&self.name, &name)
    }

    fn delete_objects(&self, names: Vec<String>) -> Result<(), String> {
        names.iter().try_for_each(|name| root::delete_object(&self.name, name))
    }

    fn has_object(&self, name: String) -> Result<bool, String> {
        Ok(root::object(&self.name, &name)?.is_some())
    }

    fn object_info(&self, name: String) -> Result<container::ObjectMetadata, String> {
        let found = root::object(&self.name, &name)?;
        let (created_at, size) = found.ok_or_else(|| format!("there is no object `{name}`"))?;
        Ok(container::ObjectMetadata { name, container: self.name.clone(), created_at, size })
    }

    fn clear(&self) -> Result<(), String> {
        self.delete_objects(root::list(&self.name)?)
    }
}

impl container::GuestStreamObjectNames for Names {
    fn read_stream_object_names(&self, len: u64) -> Result<(Vec<String>, bool), String> {
        let mut names = self.0.borrow_mut();
        let read = names.by_ref().take(usize::try_from(len).unwrap_or(usize::MAX)).collect();
        Ok((read, names.len() == 0))
    }

    fn skip_stream_object_names(&self, num: u64) -> Result<(u64, bool), String> {
        let mut names = self.0.borrow_mut();
        let skipped = names.by_ref().take(usize::try_from(num).unwrap_or(usize::MAX)).count();
        Ok((skipped as u64, names.len() == 0))
    }
}

bindings::export!(Blobby with_types_in bindings);
