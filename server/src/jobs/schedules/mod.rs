//! Schedules: what is done again and again. Each due run happens once, whichever of the servers on a database does it; one that was missed
//! (nobody was up) happens once when somebody is.

mod accounts;
mod answers;
mod bulk;
mod codes;
mod credit;
mod delays;
mod drafts;
mod evidence;
mod files;
mod goods;
mod outbox;
mod projections;
mod refunds;
mod rules;
mod sessions;
mod tickets;
mod tries;
mod uploads;
mod withdrawals;

use std::sync::Arc;

use super::schedule::{MOST, sweep};
pub use super::schedule::{Schedule, Times};
use crate::services::Services;

/// Every schedule that this server keeps.
pub fn all(services: &Services) -> Vec<Arc<dyn Schedule>> {
    vec![
        Arc::new(projections::Projections),
        Arc::new(rules::Rules::default()),
        Arc::new(refunds::Refunds),
        Arc::new(credit::Credit),
        Arc::new(goods::Goods),
        Arc::new(delays::Delays),
        Arc::new(sessions::Sessions),
        Arc::new(drafts::Drafts),
        Arc::new(accounts::Accounts),
        Arc::new(answers::Answers),
        Arc::new(bulk::Bulk),
        Arc::new(tickets::Tickets),
        Arc::new(codes::Codes),
        Arc::new(tries::Tries),
        Arc::new(uploads::Uploads),
        Arc::new(evidence::Evidence),
        Arc::new(outbox::Outbox),
        Arc::new(withdrawals::Withdrawals),
        Arc::new(files::Files::of(&services.objects)),
    ]
}
