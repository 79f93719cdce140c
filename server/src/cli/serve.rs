//! `homebound serve` and `homebound worker`.

use std::time::Duration;

use server::compose;
use server::config::Config;
use server::http::{self, AppState, Door, figures, router};
use server::kept;
use server::watch::keep;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::failure::Failure;
use super::say::say;
use super::{files, systemd};

/// How long what is under way may still take once the server was told to stop.
const GRACE: Duration = Duration::from_secs(20);
/// How often figures are counted together, and those forgotten who have not asked for a while.
const UPKEEP: Duration = Duration::from_secs(5);

/// Serves on the socket that was `handed` over, or on the address of the settings.
pub async fn serve(mut config: Config, handed: Option<std::net::TcpListener>) -> Result<(), Failure> {
    if let Some(handed) = &handed {
        config.listen = handed.local_addr().map_err(Failure::Handed)?;
    }
    let (listen, metrics_listen, works) = (config.listen, config.metrics_listen, config.worker);
    let door = Door::of(&config, files::raise());
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let services = compose::services(config).await?;
    kept::tighten(&services.config);
    kept::adopt(&services.secret, &services.store).await?;
    if services.config.demo {
        server::demo::seed(&services).await.map_err(|error| Failure::Other(error.to_string()))?;
    }
    if let Some(path) = services.first_admin_link().await? {
        say(format_args!("Nobody works here yet. Set up the first admin, within two days: {}{path}", services.config.public_url))?;
    }
    let (stop, stopping) = watch::channel(false);
    let worker = if works { Some(tokio::spawn(run_worker(compose::worker(&services)?, stopping.clone()))) } else { None };
    let figures_kept = compose::metrics();
    let tested = match services.config.has_test_shop() {
        true => Some(compose::services(services.config.test_shop()).await?),
        false => None,
    };
    if let (Some(tested), true) = (&tested, works) {
        tokio::spawn(run_worker(compose::worker(tested)?, stopping.clone()));
    }
    let state = AppState::new(services.clone(), figures_kept.clone());
    let answers = match &tested {
        Some(tested) => http::beside(router(state.clone()), router(AppState::new(tested.clone(), figures_kept))),
        None => router(state.clone()),
    };
    let kept = state.clone();
    tokio::spawn(keep("figures", || false, move || keep_small(kept.clone())));

    if let Some(address) = metrics_listen {
        let listener = TcpListener::bind(address).await.map_err(|error| Failure::Listen(address, error))?;
        let state = state.clone();
        let app = axum::Router::new().route("/metrics", axum::routing::get(move || async move { figures(&state).await }));
        tokio::spawn(http::serve(listener, app, door, std::future::pending()));
    }
    let told_to_stop = signal();
    let listener = match handed {
        Some(handed) => TcpListener::from_std(handed),
        None => TcpListener::bind(listen).await,
    };
    let listener = listener.map_err(|error| Failure::Listen(listen, error))?;
    tracing::info!(address = %listener.local_addr().unwrap_or(listen), database = services.store.kind(), "homebound is ready");
    let mut told = stopping.clone();
    let running = tokio::spawn(http::serve(listener, answers, door, async move {
        let _ = told.changed().await;
    }));
    systemd::ready(services.pulse.clone());
    told_to_stop.await;
    systemd::stopping();
    tracing::info!("stopping: what is under way is finished first");
    // Who only listens has nothing to finish.
    services.live.end();
    let _ = stop.send(true);
    if tokio::time::timeout(GRACE, running).await.is_err() {
        tracing::warn!("some requests took too long and were cut off; their commands stand or fall whole");
    }
    if let Some(worker) = worker {
        let _ = tokio::time::timeout(GRACE, worker).await;
    }
    services.store.close().await;
    if let Some(tested) = tested {
        tested.store.close().await;
    }
    Ok(())
}

pub async fn work(config: Config) -> Result<(), Failure> {
    let services = compose::services(config).await?;
    kept::tighten(&services.config);
    // Servers that answer somebody go first. Not on SQLite, where both write by turns: whose turn it is would keep the other waiting.
    #[cfg(unix)]
    if services.store.kind() != "sqlite" {
        let _ = rustix::process::nice(10);
    }
    let told_to_stop = signal();
    let (stop, stopping) = watch::channel(false);
    let worker = tokio::spawn(run_worker(compose::worker(&services)?, stopping));
    tracing::info!(database = services.store.kind(), "the worker is ready");
    systemd::ready(services.pulse.clone());
    told_to_stop.await;
    systemd::stopping();
    let _ = stop.send(true);
    let _ = tokio::time::timeout(GRACE, worker).await;
    services.store.close().await;
    Ok(())
}

async fn run_worker(worker: server::jobs::Worker, stop: watch::Receiver<bool>) {
    worker.run(stop).await;
}

/// Times of requests are kept one by one until they are counted together, and addresses until they are forgotten; nobody may ever ask for the
/// figures, or ask too often.
async fn keep_small(state: AppState) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        state.metrics.run_upkeep();
        state.limiter.retain_recent();
    }
}

/// Waits for Ctrl-C or the service manager's word, which is heard from the call on: who begins to serve ends well from then on.
#[cfg(unix)]
fn signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    async fn heard(signal: std::io::Result<Signal>) {
        match signal {
            Ok(mut signal) => _ = signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    }
    let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    async {
        tokio::select! {
            () = heard(interrupt) => {}
            () = heard(terminate) => {}
        }
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
