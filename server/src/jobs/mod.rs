//! Jobs: what the outbox holds, each done until it has worked, and what is done again and again. A file per kind, a file per schedule.

mod bulk;
mod erase_files;
mod held;
mod job;
mod label_buy;
mod label_void;
mod mail;
mod mail_about_return;
mod mail_compensation;
mod mail_concession;
mod mail_credit;
mod mail_goods_coming;
mod mail_login_code;
mod mail_stock_alert;
mod mail_withdrawal;
mod offer_lapse;
mod refund_pay;
mod schedule;
pub mod schedules;
mod text_send;
mod timekeeper;
mod webhook_send;
mod withdrawal_open;
mod worker;

use std::sync::Arc;

use app::messages::Occasion;

pub use job::{Job, JobError, LABEL, MAIL, Means, Queue, REFUND, SMS, Terms, WEBHOOK, WITHDRAWAL};
use mail_compensation::MailCompensation;
use mail_concession::MailConcession;
use refund_pay::said;
pub use worker::{Pace, Worker};

/// Every kind of job that this server does. Rows of other kinds wait for a server that knows them.
pub fn all() -> Vec<Arc<dyn Job>> {
    let others = |occasion: &Occasion| {
        [Occasion::LoginCode, Occasion::CreditEnding].contains(occasion)
            || MailConcession::OCCASIONS.contains(occasion)
            || MailCompensation::OCCASIONS.contains(occasion)
    };
    let about_returns = Occasion::ALL.iter().filter(|occasion| !others(occasion));
    let mut jobs: Vec<Arc<dyn Job>> = vec![
        Arc::new(mail_login_code::MailLoginCode),
        Arc::new(mail_stock_alert::MailStockAlert),
        Arc::new(mail_goods_coming::MailGoodsComing),
        Arc::new(mail_credit::MailCreditEnding),
        Arc::new(bulk::BulkOne),
        Arc::new(erase_files::EraseFiles),
        Arc::new(offer_lapse::OfferLapse),
        Arc::new(webhook_send::WebhookSend::default()),
        Arc::new(text_send::TextSend),
        Arc::new(label_buy::LabelBuy),
        Arc::new(label_void::LabelVoid),
        Arc::new(refund_pay::RefundPay),
        Arc::new(withdrawal_open::WithdrawalOpen),
        Arc::new(mail_withdrawal::MailWithdrawalReceived),
        Arc::new(mail_withdrawal::MailWithdrawalTold),
    ];
    jobs.extend(MailCompensation::OCCASIONS.map(|occasion| Arc::new(MailCompensation(occasion)) as Arc<dyn Job>));
    jobs.extend(MailConcession::OCCASIONS.map(|occasion| Arc::new(MailConcession(occasion)) as Arc<dyn Job>));
    jobs.extend(about_returns.map(|occasion| Arc::new(mail_about_return::MailAboutReturn(*occasion)) as Arc<dyn Job>));
    jobs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::JobKind;
    use crate::store::queue_of;

    #[test]
    fn a_lease_outlives_every_try_and_no_wait_is_longer_than_the_longest() {
        for terms in all().iter().map(|job| job.terms()) {
            assert!(terms.patience < Pace::default().lease, "{}", terms.kind);
            assert!(terms.waits.iter().all(|wait| *wait <= job::LONGEST_WAIT), "{}", terms.kind);
        }
    }

    #[test]
    fn what_stories_ask_for_is_done_once_and_waits_in_its_queue() {
        let jobs = all();
        for kind in Occasion::ALL.iter().map(|occasion| occasion.mail_job()).chain(JobKind::ALL.iter().map(|kind| kind.code())) {
            let known = jobs.iter().filter(|job| job.terms().kind == kind).count();
            assert_eq!(known, 1, "{kind}");
        }
        for terms in jobs.iter().map(|job| job.terms()) {
            assert_eq!(queue_of(terms.kind), terms.queue.name, "{}", terms.kind);
        }
    }
}
