//! What `wasmtime serve` does: the handler of `wasmtime-wasi-http` behind hyper, over a pool of instances.

use std::{
    convert::Infallible,
    net::Ipv4Addr,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use http_body_util::BodyExt as _;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use tokio::net::{TcpListener, TcpStream};
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store, StoreContextMut,
    component::{Component, GuestTaskId, Linker, ResourceTable},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
    handler::{
        HandlerState, Instance, ProxyHandler, ProxyPre, ShouldAccept, WorkerExpiration, WorkerState,
        WorkerStatus,
    },
    io::TokioIo,
    p2::bindings,
};

/// How long an instance waits for another request, as in `wasmtime serve`.
const IDLE: Duration = Duration::from_secs(1);

/// What one instance has.
pub(crate) struct Guest {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    hooks: NoRequests,
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}

/// The guest asks nobody.
struct NoRequests;

/// What tells how the rest of an exchange went.
type Rest = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for NoRequests {
    fn send_request(
        &mut self,
        _: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Rest,
    ) -> Box<dyn Future<Output = Result<(http::Response<WasiBody>, Rest), Error>> + Send> {
        Box::new(async { Err(Error::HttpRequestDenied) })
    }
}

/// Makes instances.
struct State {
    engine: Engine,
    pre: bindings::ProxyPre<Guest>,
    requests_per_instance: usize,
}

impl HandlerState for State {
    type StoreData = Guest;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<Guest, Expiration, Worker>> {
        let guest = Guest {
            wasi: WasiCtx::builder().build(),
            http: WasiHttpCtx::new(),
            table: ResourceTable::new(),
            hooks: NoRequests,
        };
        let mut store = Store::new(&self.engine, guest);
        // Far beyond any measurement.
        store.set_epoch_deadline(1 << 32);
        let proxy = ProxyPre::P2(self.pre.clone()).instantiate_async(&mut store).await?;
        let state = Worker { requests_per_instance: self.requests_per_instance };
        let expiration = Expiration(Box::pin(tokio::time::sleep(IDLE)));
        Ok(Instance { store, proxy, view: Guest::http, expiration, state })
    }
}

/// An instance of WASI 0.2 takes one request at a time, and so many in all.
struct Worker {
    requests_per_instance: usize,
}

impl WorkerState for Worker {
    type StoreData = Guest;
    type RequestData = ();

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        match (total < self.requests_per_instance, concurrent) {
            (false, _) => ShouldAccept::Never,
            (true, 0) => ShouldAccept::Yes,
            (true, _) => ShouldAccept::No,
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, Guest>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + 'static + Send + Sync>> {
        Box::pin(std::future::pending())
    }

    // What fails is seen in the answers; and when the measurement is over, workers end that still wait.
    fn drop(&self, _: Store<Guest>, _: wasmtime::Result<()>) {}
}

/// Ends an instance that has been idle for long.
struct Expiration(Pin<Box<tokio::time::Sleep>>);

// Polled by one task at a time, through `&mut`.
impl WorkerExpiration for Expiration {
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>, state: WorkerStatus, start: Instant) -> Poll<()> {
        if state == WorkerStatus::Requests {
            return Poll::Pending;
        }
        self.0.as_mut().reset((start + IDLE).into());
        self.0.as_mut().poll(cx)
    }
}

/// Serves a component; gives the port.
pub(crate) async fn serve(binary: &[u8], requests_per_instance: usize) -> u16 {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(256).total_core_instances(1024).total_tables(1024).max_tables_per_module(4);
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config.wasm_component_model_async(true);
    let engine = Engine::new(&config).expect("an engine");
    let component = Component::new(&engine, binary).expect("compiled");
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("WASI");
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).expect("wasi:http");
    let pre =
        bindings::ProxyPre::new(linker.instantiate_pre(&component).expect("linked")).expect("a handler");
    let handler = ProxyHandler::new(State { engine, pre, requests_per_instance });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream, handler.clone()));
        }
    });
    port
}

async fn connection(stream: TcpStream, handler: ProxyHandler<State>) {
    let service = service_fn(|request: Request<Incoming>| {
        let handler = handler.clone();
        async move {
            let request = request.map(|body| body.map_err(Error::from).boxed_unsync());
            Ok::<_, Infallible>(handler.handle((), request).await.expect("an answer"))
        }
    });
    // A client that has gone is no error.
    let _ = http1::Builder::new().keep_alive(true).serve_connection(TokioIo::new(stream), service).await;
}
