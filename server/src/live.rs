//! Who listens hears at once that something happened to a return: within the process by a channel, between servers by
//! PostgreSQL's `LISTEN` and `NOTIFY`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::rma::RmaNumber;
use tokio::sync::{broadcast, watch};

/// How many announcements a slow listener may be behind before it looks for itself.
const BEHIND: usize = 1_024;

/// Announcements. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Live {
    channel: broadcast::Sender<RmaNumber>,
    over: watch::Sender<bool>,
    /// Who of the people at work has which return open on this server.
    present: Arc<Mutex<Vec<(RmaNumber, Colleague)>>>,
}

/// Somebody at work who has a return open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    pub id: String,
    pub name: String,
}

/// Somebody is there until this is dropped.
pub struct Present {
    live: Live,
    rma: RmaNumber,
    who: Colleague,
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut present = self.live.lock_present();
        if let Some(place) = present.iter().position(|(rma, who)| *rma == self.rma && *who == self.who) {
            present.swap_remove(place);
        }
        drop(present);
        self.live.announce(self.rma);
    }
}

impl Default for Live {
    fn default() -> Self {
        Self { channel: broadcast::Sender::new(BEHIND), over: watch::Sender::new(false), present: Arc::default() }
    }
}

impl Live {
    /// Something happened to that return.
    pub fn announce(&self, rma: RmaNumber) {
        // Nobody may be listening.
        let _ = self.channel.send(rma);
    }

    /// Somebody at work has opened a return; others who have it open hear of that.
    pub fn arrive(&self, rma: RmaNumber, who: Colleague) -> Present {
        self.lock_present().push((rma, who.clone()));
        self.announce(rma);
        Present { live: self.clone(), rma, who }
    }

    /// The names of those who have a return open, beside one of them, each once.
    pub fn beside(&self, rma: RmaNumber, id: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (_, who) in self.lock_present().iter().filter(|(of, who)| *of == rma && who.id != id) {
            if !names.contains(&who.name) {
                names.push(who.name.clone());
            }
        }
        names
    }

    fn lock_present(&self) -> MutexGuard<'_, Vec<(RmaNumber, Colleague)>> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.hears_of_any(|rma| rma == wanted).await;
    }

    /// Likewise of any return that is meant.
    pub async fn hears_of_any(&mut self, meant: impl Fn(RmaNumber) -> bool) {
        let Self { channel, over } = self;
        let announced = async { while matches!(channel.recv().await, Ok(rma) if !meant(rma)) {} };
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
