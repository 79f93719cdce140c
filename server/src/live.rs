//! Who listens hears at once that something happened to a return: within the process by a channel, between servers by
//! PostgreSQL's `LISTEN` and `NOTIFY`.

use domain::rma::RmaNumber;
use tokio::sync::{broadcast, watch};

/// How many announcements a slow listener may be behind before it looks for itself.
const BEHIND: usize = 1_024;

/// Announcements. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Live {
    channel: broadcast::Sender<RmaNumber>,
    over: watch::Sender<bool>,
}

impl Default for Live {
    fn default() -> Self {
        Self { channel: broadcast::Sender::new(BEHIND), over: watch::Sender::new(false) }
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
        Listener { channel: self.channel.subscribe(), over: self.over.subscribe() }
    }

    /// Nothing more is announced here: whoever listens, or comes to, is sent away.
    pub fn end(&self) {
        self.over.send_replace(true);
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.channel.receiver_count()
    }
}

/// Hears announcements.
pub struct Listener {
    channel: broadcast::Receiver<RmaNumber>,
    over: watch::Receiver<bool>,
}

impl Listener {
    /// Waits until that return is announced, or so much was announced that it may have been, or nothing more will be.
    pub async fn hears_of(&mut self, wanted: RmaNumber) {
        let Self { channel, over } = self;
        let announced = async { while matches!(channel.recv().await, Ok(rma) if rma != wanted) {} };
        tokio::select! {
            () = announced => {}
            _ = over.wait_for(|over| *over) => {}
        }
    }

    /// Whether nothing more will be heard.
    pub fn is_over(&self) -> bool {
        *self.over.borrow()
    }
}
