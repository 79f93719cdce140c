//! What systemd hands over and is told: a socket that outlives its servers (sd_listen_fds(3)), and how this one does (sd_notify(3)). Where
//! nobody of the kind is around, nothing happens.

use std::net::TcpListener;

#[cfg(unix)]
use listenfd::ListenFd;
#[cfg(unix)]
use sd_notify::NotifyState;
use server::watch::Pulse;
#[cfg(unix)]
use server::watch::SILENCE;

use super::failure::Failure;

/// The socket to serve on, if one was handed over to this very process. It takes the word of it out of the environment, for no other to read:
/// before there is any thread.
///
/// # Errors
/// If what was handed over is not one listening socket of TCP.
#[cfg(unix)]
pub fn socket() -> Result<Option<TcpListener>, Failure> {
    // Where nobody is named it is not for us either: sd_listen_fds(3).
    if std::env::var("LISTEN_PID").ok() != Some(std::process::id().to_string()) {
        return Ok(None);
    }
    let mut handed = ListenFd::from_env();
    if handed.len() > 1 {
        return Err(Failure::Other(format!("systemd hands over {} sockets; one ListenStream= is expected", handed.len())));
    }
    let listener = handed.take_tcp_listener(0).map_err(Failure::Handed)?;
    if let Some(listener) = &listener {
        listener.set_nonblocking(true).map_err(Failure::Handed)?;
    }
    Ok(listener)
}

/// It takes requests, or jobs. From now on, where a watchdog is set, systemd hears of it twice within the watchdog's time, unless a task of it
/// is silent.
#[cfg(unix)]
pub fn ready(pulse: Pulse) {
    tell(NotifyState::Ready);
    let Some(patience) = sd_notify::watchdog_enabled() else { return };
    tokio::spawn(async move {
        let mut again = tokio::time::interval(patience / 2);
        loop {
            again.tick().await;
            if pulse.silent(SILENCE).is_empty() {
                // Whoever does not take it holds nobody else up.
                let _ = tokio::task::spawn_blocking(|| tell(NotifyState::Watchdog)).await;
            }
        }
    });
}

/// It was told to stop, and finishes what is under way.
#[cfg(unix)]
pub fn stopping() {
    tell(NotifyState::Stopping);
}

#[cfg(unix)]
fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd could not be told how this server does");
    }
}

/// Other systems have none.
#[cfg(not(unix))]
pub fn socket() -> Result<Option<TcpListener>, Failure> {
    Ok(None)
}

#[cfg(not(unix))]
pub fn ready(_: Pulse) {}

#[cfg(not(unix))]
pub fn stopping() {}
