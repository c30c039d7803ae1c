//! Objects in memory, for as long as the workload runs.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use bytes::{Bytes, BytesMut};

use super::store::{BlobError, ObjectId, ObjectInfo, Source, Store, Writer, length, seconds};

/// What an object takes beside its content and name: about what the maps need for it.
const OBJECT_IN_BYTES: u64 = 128;

#[derive(Clone)]
pub(super) struct MemoryBlobs(Arc<Shared>);

struct Shared {
    limit_in_bytes: u64,
    content: Mutex<Content>,
}

#[derive(Default)]
struct Content {
    containers: BTreeMap<String, Container>,
    /// By objects and by what is being written.
    used_in_bytes: u64,
}

struct Container {
    created_at: u64,
    objects: BTreeMap<String, Object>,
}

#[derive(Clone)]
struct Object {
    created_at: u64,
    bytes: Bytes,
}

impl MemoryBlobs {
    pub(super) fn new(limit_in_bytes: u64) -> Self {
        Self(Arc::new(Shared { limit_in_bytes, content: Mutex::default() }))
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reserve(&self, content: &mut Content, size_in_bytes: u64) -> Result<(), BlobError> {
        let limit_in_bytes = self.0.limit_in_bytes;
        let used = content.used_in_bytes.saturating_add(size_in_bytes);
        if used > limit_in_bytes {
            return Err(BlobError::Full { limit_in_bytes });
        }
        content.used_in_bytes = used;
        Ok(())
    }

    /// Puts an object in its place; what it takes was reserved before.
    fn put(content: &mut Content, id: &ObjectId, object: Object) -> Result<(), BlobError> {
        let container = content.container_mut(&id.container)?;
        if let Some(old) = container.objects.insert(id.object.clone(), object) {
            content.free(size(&id.object, &old));
        }
        Ok(())
    }
}

fn size(name: &str, object: &Object) -> u64 {
    OBJECT_IN_BYTES.saturating_add((name.len() + object.bytes.len()) as u64)
}

impl Content {
    fn free(&mut self, size_in_bytes: u64) {
        self.used_in_bytes = self.used_in_bytes.saturating_sub(size_in_bytes);
    }

    fn container(&self, name: &str) -> Result<&Container, BlobError> {
        self.containers.get(name).ok_or_else(|| BlobError::NoContainer(name.to_owned()))
    }

    fn container_mut(&mut self, name: &str) -> Result<&mut Container, BlobError> {
        self.containers.get_mut(name).ok_or_else(|| BlobError::NoContainer(name.to_owned()))
    }

    fn object(&self, id: &ObjectId) -> Result<&Object, BlobError> {
        let object = self.container(&id.container)?.objects.get(&id.object);
        object.ok_or_else(|| BlobError::NoObject(id.clone()))
    }
}

impl Store for MemoryBlobs {
    fn may_wait(&self) -> bool {
        false
    }

    fn create_container(&self, container: &str) -> Result<(), BlobError> {
        let mut content = self.content();
        if content.containers.contains_key(container) {
            return Err(BlobError::ContainerExists(container.to_owned()));
        }
        self.reserve(&mut content, OBJECT_IN_BYTES.saturating_add(container.len() as u64))?;
        let new = Container { created_at: seconds(SystemTime::now()), objects: BTreeMap::new() };
        content.containers.insert(container.to_owned(), new);
        Ok(())
    }

    fn container(&self, container: &str) -> Result<Option<u64>, BlobError> {
        Ok(self.content().containers.get(container).map(|container| container.created_at))
    }

    fn delete_container(&self, container: &str) -> Result<(), BlobError> {
        let mut content = self.content();
        let old = content.containers.remove(container);
        let old = old.ok_or_else(|| BlobError::NoContainer(container.to_owned()))?;
        let objects: u64 = old.objects.iter().map(|(name, object)| size(name, object)).sum();
        content.free(objects.saturating_add(OBJECT_IN_BYTES.saturating_add(container.len() as u64)));
        Ok(())
    }

    fn list(&self, container: &str) -> Result<Vec<String>, BlobError> {
        Ok(self.content().container(container)?.objects.keys().cloned().collect())
    }

    fn info(&self, id: &ObjectId) -> Result<Option<ObjectInfo>, BlobError> {
        let content = self.content();
        let object = content.container(&id.container)?.objects.get(&id.object);
        Ok(object.map(|object| ObjectInfo {
            created_at: object.created_at,
            size_in_bytes: object.bytes.len() as u64,
        }))
    }

    fn read(&self, id: &ObjectId, start: u64, end: u64) -> Result<Source, BlobError> {
        let bytes = self.content().object(id)?.bytes.clone();
        let size = length(bytes.len() as u64, start, end);
        let range = |number| usize::try_from(number).unwrap_or(usize::MAX).min(bytes.len());
        let start = range(start);
        Ok(Source::Bytes(bytes.slice(start..range(start as u64 + size))))
    }

    fn writer(&self) -> Result<Box<dyn Writer>, BlobError> {
        Ok(Box::new(MemoryWriter { store: self.clone(), bytes: BytesMut::new(), reserved_in_bytes: 0 }))
    }

    fn delete_objects(&self, container: &str, objects: &[String]) -> Result<(), BlobError> {
        let mut content = self.content();
        for name in objects {
            if let Some(old) = content.container_mut(container)?.objects.remove(name) {
                content.free(size(name, &old));
            }
        }
        Ok(())
    }

    fn copy(&self, from: &ObjectId, to: &ObjectId) -> Result<(), BlobError> {
        let mut content = self.content();
        let object = Object { created_at: seconds(SystemTime::now()), ..content.object(from)?.clone() };
        content.container(&to.container)?;
        self.reserve(&mut content, size(&to.object, &object))?;
        Self::put(&mut content, to, object)
    }

    fn rename(&self, from: &ObjectId, to: &ObjectId) -> Result<(), BlobError> {
        let mut content = self.content();
        content.container(&to.container)?;
        let object = content.container_mut(&from.container)?.objects.remove(&from.object);
        let object = object.ok_or_else(|| BlobError::NoObject(from.clone()))?;
        content.free(size(&from.object, &object));
        // Only the name can have grown, so the limit has no say.
        content.used_in_bytes = content.used_in_bytes.saturating_add(size(&to.object, &object));
        Self::put(&mut content, to, object)
    }
}

struct MemoryWriter {
    store: MemoryBlobs,
    bytes: BytesMut,
    reserved_in_bytes: u64,
}

impl MemoryWriter {
    fn reserve(&mut self, size_in_bytes: u64) -> Result<(), BlobError> {
        self.store.reserve(&mut self.store.content(), size_in_bytes)?;
        self.reserved_in_bytes = self.reserved_in_bytes.saturating_add(size_in_bytes);
        Ok(())
    }
}

impl Writer for MemoryWriter {
    fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        self.reserve(bytes.len() as u64)?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(mut self: Box<Self>, id: &ObjectId) -> Result<(), BlobError> {
        self.reserve(OBJECT_IN_BYTES.saturating_add(id.object.len() as u64))?;
        let bytes = std::mem::take(&mut self.bytes).freeze();
        let object = Object { created_at: seconds(SystemTime::now()), bytes };
        MemoryBlobs::put(&mut self.store.content(), id, object)?;
        // It is the object's from here on.
        self.reserved_in_bytes = 0;
        Ok(())
    }
}

impl Drop for MemoryWriter {
    fn drop(&mut self) {
        self.store.content().free(self.reserved_in_bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_given_back_and_never_exceeded() {
        let store = MemoryBlobs::new(1400);
        let id = |object: &str| ObjectId { container: "c".to_owned(), object: object.to_owned() };
        let write = |object: &str, len: usize| {
            let mut writer = store.writer()?;
            writer.write(&vec![0; len])?;
            writer.finish(&id(object))
        };
        store.create_container("c").unwrap();
        // The old one stays until the new one is whole, so there must be room for both.
        for _ in 0..10 {
            write("a", 400).unwrap();
        }
        store.copy(&id("a"), &id("b")).unwrap();
        assert!(matches!(write("c", 400), Err(BlobError::Full { .. })));
        assert!(matches!(store.copy(&id("a"), &id("c")), Err(BlobError::Full { .. })));
        assert_eq!(store.list("c").unwrap(), ["a", "b"]);
        store.rename(&id("a"), &id("a")).unwrap();
        store.rename(&id("a"), &id("b")).unwrap();
        assert_eq!(store.list("c").unwrap(), ["b"]);
        store.delete_objects("c", &["b".to_owned(), "nobody".to_owned()]).unwrap();
        write("c", 400).unwrap();
        store.delete_container("c").unwrap();
        assert_eq!(store.content().used_in_bytes, 0);
    }
}
