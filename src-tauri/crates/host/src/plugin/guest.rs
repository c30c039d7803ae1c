//! Functions over things that guests hold, which may have to wait for a disk.

use wasmtime::{
    StoreContextMut,
    component::{
        ComponentNamedList, ComponentType, Lift, LinkerInstance, Lower, Resource, ResourceTable, ResourceType,
    },
};

use super::State;

/// Something that a guest holds and works with. Clones are the same thing.
pub(super) trait Handle: Clone + Send + Sync + 'static {
    /// What can go wrong.
    type Error: Send;
    /// The same, as the guest hears it.
    type GuestError: From<Self::Error> + ComponentType + Lower + Send + 'static;

    /// Whether work with it may wait for a disk.
    fn may_wait(&self) -> bool;
}

/// Defines a resource that guests hold as an entry of the store's table.
pub(super) fn resource<T: Send + 'static>(
    linker: &mut LinkerInstance<'_, State>,
    name: &str,
) -> wasmtime::Result<()> {
    linker.resource(name, ResourceType::host::<T>(), |mut cx, rep| {
        cx.data_mut().table().delete(Resource::<T>::new_own(rep))?;
        Ok(())
    })
}

/// Defines a function on something that a guest holds: `split` gives that of the arguments, and what is to
/// be done with it.
pub(super) fn method<H, P, R, W>(
    linker: &mut LinkerInstance<'_, State>,
    name: &str,
    split: impl Fn(P) -> (Resource<H>, W) + Send + Sync + 'static,
) -> wasmtime::Result<()>
where
    H: Handle,
    P: ComponentNamedList + Lift + Send + 'static,
    R: ComponentType + Lower + Send + 'static,
    W: FnOnce(&H) -> Result<R, H::Error> + Send + 'static,
{
    linker.func_wrap_async(name, move |mut cx: StoreContextMut<'_, State>, params: P| {
        let (handle, work) = split(params);
        Box::new(async move {
            let handle = cx.data_mut().table().get(&handle)?.clone();
            Ok((off_thread(handle, work).await?,))
        })
    })
}

/// Defines a function on `handle`, which no guest holds.
pub(super) fn function<H, P, R, W>(
    linker: &mut LinkerInstance<'_, State>,
    name: &str,
    handle: &H,
    work: impl Fn(P) -> W + Send + Sync + 'static,
) -> wasmtime::Result<()>
where
    H: Handle,
    P: ComponentNamedList + Lift + Send + 'static,
    R: ComponentType + Lower + Send + 'static,
    W: FnOnce(&H) -> Result<R, H::Error> + Send + 'static,
{
    let handle = handle.clone();
    linker.func_wrap_async(name, move |_: StoreContextMut<'_, State>, params: P| {
        let (handle, work) = (handle.clone(), work(params));
        Box::new(async move { Ok((off_thread(handle, work).await?,)) })
    })
}

/// Does the work where it may wait, if it may have to.
pub(super) async fn off_thread<H: Handle, R: Send + 'static>(
    handle: H,
    work: impl FnOnce(&H) -> Result<R, H::Error> + Send + 'static,
) -> wasmtime::Result<Result<R, H::GuestError>> {
    let done = if handle.may_wait() {
        tokio::task::spawn_blocking(move || work(&handle).map_err(H::GuestError::from)).await?
    } else {
        work(&handle).map_err(H::GuestError::from)
    };
    Ok(done)
}

/// Gives the guest what was made, if it was.
pub(super) fn push<T: Send + 'static, E>(
    table: &mut ResourceTable,
    made: Result<T, E>,
) -> wasmtime::Result<Result<Resource<T>, E>> {
    Ok(match made {
        Ok(made) => Ok(table.push(made)?),
        Err(error) => Err(error),
    })
}
