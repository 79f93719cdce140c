//! Who listens hears at once that something happened to a return: within the process by a channel, between servers by
//! PostgreSQL's `LISTEN` and `NOTIFY`.

use domain::rma::RmaNumber;
use tokio::sync::broadcast;

/// How many announcements a slow listener may be behind before it looks for itself.
const BEHIND: usize = 1_024;

/// Announcements. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Live {
    channel: broadcast::Sender<RmaNumber>,
}

impl Default for Live {
    fn default() -> Self {
        Self { channel: broadcast::Sender::new(BEHIND) }
    }
}

impl Live {
    /// Something happened to that return.
    pub fn announce(&self, rma: RmaNumber) {
        // Nobody may be listening.
        let _ = self.channel.send(rma);
    }

    /// Hears what is announced from now on.
    pub fn listen(&self) -> Listener {
        Listener { channel: self.channel.subscribe() }
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.channel.receiver_count()
    }
}

/// Hears announcements.
pub struct Listener {
    channel: broadcast::Receiver<RmaNumber>,
}

impl Listener {
    /// Waits until that return is announced, or so much was announced that it may have been.
    pub async fn hears_of(&mut self, wanted: RmaNumber) {
        loop {
            match self.channel.recv().await {
                Ok(rma) if rma != wanted => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
                // The server is stopping; whoever waits is told by their own connection.
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
