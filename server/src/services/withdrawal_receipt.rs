//! The receipt of a withdrawal as a PDF, drawn when it is asked for: what was written down is all it needs.

use app::format::Format;
use app::say::Say;

use super::Services;
use super::label::NoLabel;
use crate::labels::{Receipt, receipt_pdf};
use crate::store::Withdrawal;

impl Services {
    /// The receipt, in the language of the statement.
    pub async fn withdrawal_pdf(&self, withdrawal: &Withdrawal) -> Result<Vec<u8>, NoLabel> {
        let statement = &withdrawal.statement;
        let say = Say::new(Format::new(statement.locale, self.shop_zone(), withdrawal.received_at));
        let received = say.received(withdrawal.received_at, &withdrawal.zone);
        let receipt = Receipt {
            shop: self.config.shop.name.get(say.m.locale).unwrap_or_default().to_owned(),
            title: say.m.withdraw_received_title().to_owned(),
            sentence: statement.sentence.clone(),
            facts: say.withdrawal_facts(statement, &withdrawal.id, &received),
            notes: vec![say.m.withdraw_received_what().to_owned()],
            say,
        };
        // Fonts and shapes take milliseconds: other requests go on meanwhile.
        let drawn = tokio::task::spawn_blocking(move || receipt_pdf(&receipt)).await;
        drawn.map_err(|_| NoLabel::Stopping)?.map_err(NoLabel::from)
    }

    /// That it was received, in words, as its mail says it: for whoever tells it to the customer elsewhere.
    pub fn acknowledgement(&self, withdrawal: &Withdrawal) -> String {
        let statement = &withdrawal.statement;
        let say = Say::new(Format::new(statement.locale, self.shop_zone(), withdrawal.received_at));
        let received = say.received(withdrawal.received_at, &withdrawal.zone);
        let facts = say.withdrawal_facts(statement, &withdrawal.id, &received);
        let facts = facts.iter().map(|(name, value)| format!("{name}: {value}"));
        let first = [say.m.withdraw_received_title().to_owned(), statement.sentence.clone()];
        first.into_iter().chain(facts).collect::<Vec<_>>().join("\n")
    }
}
