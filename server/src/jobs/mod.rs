//! Jobs: what the outbox holds, each done until it has worked, and what is done again and again. A file per kind, a file per schedule.

mod held;
mod job;
mod label_buy;
mod label_void;
mod mail;
mod mail_login_code;
mod mail_return_cancelled;
mod mail_return_changed;
mod mail_return_opened;
mod schedule;
pub mod schedules;
mod timekeeper;
mod worker;

use std::sync::Arc;

pub use job::{Job, JobError, LABEL, MAIL, Means, Queue, Terms};
pub use worker::{Pace, Worker};

/// Every kind of job that this server does. Rows of other kinds wait for a server that knows them.
pub fn all() -> Vec<Arc<dyn Job>> {
    vec![
        Arc::new(mail_login_code::MailLoginCode),
        Arc::new(mail_return_opened::MailReturnOpened),
        Arc::new(mail_return_changed::MailReturnChanged),
        Arc::new(mail_return_cancelled::MailReturnCancelled),
        Arc::new(label_buy::LabelBuy),
        Arc::new(label_void::LabelVoid),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::JobKind;
    use crate::store::queue_of;

    #[test]
    fn what_stories_ask_for_is_done_once_and_waits_in_its_queue() {
        let jobs = all();
        for kind in JobKind::ALL {
            let known = jobs.iter().filter(|job| job.terms().kind == kind.code()).count();
            assert_eq!(known, 1, "{}", kind.code());
        }
        for terms in jobs.iter().map(|job| job.terms()) {
            assert_eq!(queue_of(terms.kind), terms.queue.name, "{}", terms.kind);
        }
    }
}
