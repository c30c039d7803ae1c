//! The interfaces of `wasi:blobstore`, over any store.

use std::sync::Arc;

use wasmtime::{
    StoreContextMut,
    component::{ComponentType, Lift, LinkerInstance, Lower, Resource},
};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream};

use super::{
    store::{BlobError, ObjectId, ObjectInfo, Store},
    values::{Incoming, Outgoing},
};
use crate::plugin::{
    State,
    guest::{Handle, function, method, off_thread, push, resource},
};

/// The store of a workload.
#[derive(Clone)]
pub(super) struct Blobs(Arc<dyn Store>);

/// A container in a guest's hands.
#[derive(Clone)]
struct Container {
    blobs: Blobs,
    name: Arc<str>,
}

/// Names of objects that a guest has not read yet.
struct Names(std::vec::IntoIter<String>);

#[derive(ComponentType, Lower)]
#[component(record)]
struct ContainerMetadata {
    name: String,
    #[component(name = "created-at")]
    created_at: u64,
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct ObjectMetadata {
    name: String,
    container: String,
    #[component(name = "created-at")]
    created_at: u64,
    size: u64,
}

#[derive(ComponentType, Lift)]
#[component(record)]
struct GuestObjectId {
    container: String,
    object: String,
}

impl From<GuestObjectId> for ObjectId {
    fn from(GuestObjectId { container, object }: GuestObjectId) -> Self {
        Self { container, object }
    }
}

impl Blobs {
    pub(super) fn new(store: impl Store + 'static) -> Self {
        Self(Arc::new(store))
    }

    pub(super) fn store(&self) -> &dyn Store {
        &*self.0
    }

    fn has_container(&self, name: &str) -> Result<bool, BlobError> {
        Ok(self.0.container(name)?.is_some())
    }

    fn open(&self, name: &str) -> Result<Container, BlobError> {
        if !self.has_container(name)? {
            return Err(BlobError::NoContainer(name.to_owned()));
        }
        Ok(Container { blobs: self.clone(), name: name.into() })
    }

    fn create(&self, name: &str) -> Result<Container, BlobError> {
        self.0.create_container(name)?;
        self.open(name)
    }
}

impl Container {
    fn store(&self) -> &dyn Store {
        self.blobs.store()
    }

    fn id(&self, object: String) -> ObjectId {
        ObjectId { container: self.name.as_ref().to_owned(), object }
    }

    fn created_at(&self) -> Result<u64, BlobError> {
        self.store()
            .container(&self.name)?
            .ok_or_else(|| BlobError::NoContainer(self.name.as_ref().to_owned()))
    }

    fn metadata(&self) -> Result<ContainerMetadata, BlobError> {
        Ok(ContainerMetadata { name: self.name.as_ref().to_owned(), created_at: self.created_at()? })
    }

    fn object(&self, name: String) -> Result<ObjectMetadata, BlobError> {
        let id = self.id(name);
        let ObjectInfo { created_at, size_in_bytes } =
            self.store().info(&id)?.ok_or_else(|| BlobError::NoObject(id.clone()))?;
        Ok(ObjectMetadata { name: id.object, container: id.container, created_at, size: size_in_bytes })
    }

    fn delete(&self, names: &[String]) -> Result<(), BlobError> {
        self.store().delete_objects(&self.name, names)
    }

    fn clear(&self) -> Result<(), BlobError> {
        self.delete(&self.store().list(&self.name)?)
    }
}

impl Handle for Blobs {
    type Error = BlobError;
    type GuestError = String;

    fn may_wait(&self) -> bool {
        self.0.may_wait()
    }
}

impl Handle for Container {
    type Error = BlobError;
    type GuestError = String;

    fn may_wait(&self) -> bool {
        self.store().may_wait()
    }
}

type Linking<'a> = LinkerInstance<'a, State>;
type Cx<'a> = StoreContextMut<'a, State>;

/// `types`.
pub(super) fn types(linker: &mut Linking<'_>, blobs: &Blobs) -> wasmtime::Result<()> {
    outgoing(linker, blobs)?;
    incoming(linker, blobs)
}

fn outgoing(linker: &mut Linking<'_>, blobs: &Blobs) -> wasmtime::Result<()> {
    resource::<Outgoing>(linker, "outgoing-value")?;
    linker.func_wrap("[static]outgoing-value.new-outgoing-value", |mut cx: Cx<'_>, ()| {
        Ok((cx.data_mut().table().push(Outgoing::default())?,))
    })?;
    let store = blobs.clone();
    linker.func_wrap(
        "[method]outgoing-value.outgoing-value-write-body",
        move |mut cx: Cx<'_>, (value,): (Resource<Outgoing>,)| {
            let body = cx.data_mut().table().get(&value)?.body(&store);
            // The draft has no room for a reason here.
            let Ok(Some(body)) = body else { return Ok((Err(()),)) };
            let body: DynOutputStream = Box::new(body);
            Ok((Ok(cx.data_mut().table().push_child(body, &value)?),))
        },
    )?;
    let store = blobs.clone();
    linker.func_wrap_async(
        "[static]outgoing-value.finish",
        move |mut cx: Cx<'_>, (value,): (Resource<Outgoing>,)| {
            let store = store.clone();
            Box::new(async move {
                let value = cx.data_mut().table().delete(value)?;
                Ok((off_thread(store, move |store: &Blobs| value.finish(store)).await?,))
            })
        },
    )
}

fn incoming(linker: &mut Linking<'_>, blobs: &Blobs) -> wasmtime::Result<()> {
    resource::<Incoming>(linker, "incoming-value")?;
    let store = blobs.clone();
    linker.func_wrap_async(
        "[static]incoming-value.incoming-value-consume-sync",
        move |mut cx: Cx<'_>, (value,): (Resource<Incoming>,)| {
            let store = store.clone();
            Box::new(async move {
                let value = cx.data_mut().table().delete(value)?;
                Ok((off_thread(store, move |_: &Blobs| value.into_list()).await?,))
            })
        },
    )?;
    linker.func_wrap(
        "[static]incoming-value.incoming-value-consume-async",
        |mut cx: Cx<'_>, (value,): (Resource<Incoming>,)| {
            let stream: DynInputStream = cx.data_mut().table().delete(value)?.into_stream();
            Ok((Ok::<_, String>(cx.data_mut().table().push(stream)?),))
        },
    )?;
    linker.func_wrap("[method]incoming-value.size", |mut cx: Cx<'_>, (value,): (Resource<Incoming>,)| {
        Ok((cx.data_mut().table().get(&value)?.0.size_in_bytes(),))
    })
}

/// `container`.
pub(super) fn container(linker: &mut Linking<'_>) -> wasmtime::Result<()> {
    resource::<Container>(linker, "container")?;
    method(linker, "[method]container.name", |(it,): (_,)| {
        (it, |it: &Container| Ok(it.name.as_ref().to_owned()))
    })?;
    method(linker, "[method]container.info", |(it,): (_,)| (it, Container::metadata))?;
    method(linker, "[method]container.delete-object", |(it, name): (_, String)| {
        (it, move |it: &Container| it.delete(&[name]))
    })?;
    method(linker, "[method]container.delete-objects", |(it, names): (_, Vec<String>)| {
        (it, move |it: &Container| it.delete(&names))
    })?;
    method(linker, "[method]container.has-object", |(it, name): (_, String)| {
        (it, move |it: &Container| Ok(it.store().info(&it.id(name))?.is_some()))
    })?;
    method(linker, "[method]container.object-info", |(it, name): (_, String)| {
        (it, move |it: &Container| it.object(name))
    })?;
    method(linker, "[method]container.clear", |(it,): (_,)| (it, Container::clear))?;
    data(linker)?;
    names(linker)
}

fn data(linker: &mut Linking<'_>) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        "[method]container.get-data",
        |mut cx: Cx<'_>, (it, name, start, end): (Resource<Container>, String, u64, u64)| {
            Box::new(async move {
                let container = cx.data_mut().table().get(&it)?.clone();
                let read = move |it: &Container| it.store().read(&it.id(name), start, end).map(Incoming);
                let value = off_thread(container, read).await?;
                Ok((push(cx.data_mut().table(), value)?,))
            })
        },
    )?;
    linker.func_wrap(
        "[method]container.write-data",
        |mut cx: Cx<'_>, (it, name, value): (Resource<Container>, String, Resource<Outgoing>)| {
            let table = cx.data_mut().table();
            let container = table.get(&it)?.clone();
            let aimed = table.get(&value)?.aim(container.id(name));
            Ok((aimed.map_err(String::from),))
        },
    )
}

fn names(linker: &mut Linking<'_>) -> wasmtime::Result<()> {
    resource::<Names>(linker, "stream-object-names")?;
    linker.func_wrap_async(
        "[method]container.list-objects",
        |mut cx: Cx<'_>, (it,): (Resource<Container>,)| {
            Box::new(async move {
                let container = cx.data_mut().table().get(&it)?.clone();
                let names = off_thread(container, |it: &Container| it.store().list(&it.name)).await?;
                let names = names.map(|names| Names(names.into_iter()));
                Ok((push(cx.data_mut().table(), names)?,))
            })
        },
    )?;
    linker.func_wrap(
        "[method]stream-object-names.read-stream-object-names",
        |mut cx: Cx<'_>, (it, len): (Resource<Names>, u64)| {
            let names = &mut cx.data_mut().table().get_mut(&it)?.0;
            let read: Vec<_> = names.by_ref().take(usize::try_from(len).unwrap_or(usize::MAX)).collect();
            Ok((Ok::<_, String>((read, names.len() == 0)),))
        },
    )?;
    linker.func_wrap(
        "[method]stream-object-names.skip-stream-object-names",
        |mut cx: Cx<'_>, (it, len): (Resource<Names>, u64)| {
            let names = &mut cx.data_mut().table().get_mut(&it)?.0;
            let skipped = names.by_ref().take(usize::try_from(len).unwrap_or(usize::MAX)).count();
            Ok((Ok::<_, String>((skipped as u64, names.len() == 0)),))
        },
    )
}

/// `blobstore`.
pub(super) fn blobstore(linker: &mut Linking<'_>, blobs: &Blobs) -> wasmtime::Result<()> {
    opening(linker, "create-container", blobs, Blobs::create)?;
    opening(linker, "get-container", blobs, Blobs::open)?;
    function(linker, "delete-container", blobs, |(name,): (String,)| {
        move |it: &Blobs| it.store().delete_container(&name)
    })?;
    function(linker, "container-exists", blobs, |(name,): (String,)| {
        move |it: &Blobs| it.has_container(&name)
    })?;
    function(linker, "copy-object", blobs, |(from, to): (GuestObjectId, GuestObjectId)| {
        move |it: &Blobs| it.store().copy(&from.into(), &to.into())
    })?;
    function(linker, "move-object", blobs, |(from, to): (GuestObjectId, GuestObjectId)| {
        move |it: &Blobs| it.store().rename(&from.into(), &to.into())
    })
}

/// Defines a function that gives the guest a container.
fn opening(
    linker: &mut Linking<'_>,
    name: &str,
    blobs: &Blobs,
    open: fn(&Blobs, &str) -> Result<Container, BlobError>,
) -> wasmtime::Result<()> {
    let blobs = blobs.clone();
    linker.func_wrap_async(name, move |mut cx: Cx<'_>, (name,): (String,)| {
        let blobs = blobs.clone();
        Box::new(async move {
            let container = off_thread(blobs, move |it: &Blobs| open(it, &name)).await?;
            Ok((push(cx.data_mut().table(), container)?,))
        })
    })
}
