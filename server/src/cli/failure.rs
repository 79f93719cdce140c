//! Why a command failed.

use std::path::PathBuf;

use server::compose::StartError;

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{0}: {1}")]
    File(PathBuf, #[source] std::io::Error),
    #[error("cannot listen on {0}: {1}")]
    Listen(std::net::SocketAddr, #[source] std::io::Error),
    #[error("the socket that systemd hands over cannot be used: {0}")]
    Handed(#[source] std::io::Error),
    #[error("the database failed")]
    Store(#[from] server::store::StoreError),
    #[error(transparent)]
    Care(#[from] server::care::CareError),
    /// Said before; nothing to add.
    #[error("")]
    Said,
    /// What was looked for was found, and said: the exit status.
    #[error("")]
    Found(u8),
    #[error("{0}")]
    Other(String),
}
