//! Where uploads are read: in a process of their own each, so that none ends the server.

use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

use crate::evidence::{Cleaned, ENVIRONMENT, EvidenceLimits, Unreadable, handed_over};

/// The least a reader may hand over, in bytes, where files must be small.
const ANSWER: usize = 8 << 20;

/// How much longer than its processor time a reader may take: it comes after everybody else on a busy machine.
const PATIENCE: u32 = 3;

/// Why an upload was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is none we can show.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Nobody is there to read it: our fault.
    #[error("uploads cannot be read")]
    Reader(#[from] io::Error),
}

/// Somebody who reads uploads.
#[async_trait]
pub trait ReadingRoom: Send + Sync {
    /// What can be seen in an upload, written anew. Waits while too many are being read.
    async fn read(&self, upload: Bytes) -> Result<Cleaned, ReadError>;
}

/// Reads each upload in a process of its own, by `homebound read-upload`: confined by itself, ended by the clock.
pub struct OwnProcess {
    program: PathBuf,
    limits: EvidenceLimits,
    places: Semaphore,
}

impl OwnProcess {
    /// By this program, as it was started: another one may have taken its name since.
    ///
    /// # Errors
    /// If the system does not tell which program this is.
    pub fn of_this_program(limits: EvidenceLimits) -> io::Result<Self> {
        let program = if cfg!(target_os = "linux") { PathBuf::from("/proc/self/exe") } else { std::env::current_exe()? };
        Ok(Self::of(program, limits))
    }

    /// By a `homebound` that lies there.
    #[must_use]
    pub fn of(program: PathBuf, limits: EvidenceLimits) -> Self {
        Self { program, limits, places: Semaphore::new(limits.at_once) }
    }

    async fn answer(&self, child: &mut Child, upload: &[u8]) -> io::Result<(Vec<u8>, ExitStatus)> {
        let (Some(mut to), Some(from)) = (child.stdin.take(), child.stdout.take()) else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let most = self.limits.bytes.saturating_mul(3).max(ANSWER);
        let send = async move {
            // Who is ended takes no more of it.
            let _ = to.write_all(upload).await;
            let _ = to.shutdown().await;
        };
        let mut answer = Vec::new();
        // One byte more than there may be: whoever gives more than that is not listened to any longer.
        let mut from = from.take(most as u64 + 1);
        let ((), read) = tokio::join!(send, from.read_to_end(&mut answer));
        if read? > most {
            child.start_kill()?;
        }
        drop(from);
        Ok((answer, child.wait().await?))
    }
}

#[async_trait]
impl ReadingRoom for OwnProcess {
    async fn read(&self, upload: Bytes) -> Result<Cleaned, ReadError> {
        let _place = self.places.acquire().await.map_err(io::Error::other)?;
        let limits = serde_json::to_string(&self.limits).map_err(io::Error::other)?;
        let mut child = Command::new(&self.program)
            .args(["read-upload", &limits])
            .env_clear()
            .envs(ENVIRONMENT)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let time = Duration::from_secs(self.limits.seconds.max(1)) * PATIENCE;
        let answered = tokio::time::timeout(time, self.answer(&mut child, &upload)).await;
        let Ok(answered) = answered else {
            child.kill().await?;
            return Err(ended("by the clock").into());
        };
        let (answer, status) = answered?;
        match status.code() {
            Some(0) => {}
            Some(code) => return Err(io::Error::other(format!("the reader of uploads ended with code {code}")).into()),
            None => return Err(ended(&status.to_string()).into()),
        }
        let limits = self.limits;
        let cleaned = tokio::task::spawn_blocking(move || handed_over(&answer, &limits)).await.map_err(io::Error::other)?;
        Ok(cleaned?)
    }
}

/// A reader that asked for more than it may have says nothing any more.
fn ended(how: &str) -> Unreadable {
    metrics::counter!("evidence_readers_ended_total").increment(1);
    Unreadable::broken(format!("its reader was ended: {how}"))
}
