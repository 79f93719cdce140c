//! A return that somebody at work opens for a customer who called, wrote or stands at the counter (C2).

use app::forms::{Fields, noted};
use app::ports::{DeskError, Mistake};
use app::staff::{CHANNELS, ElsewhereForm, OpenFor};
use domain::ids::Code;
use domain::policy::PROOFS;
use domain::returns::CommandKind;

use super::{StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::{Helper, may_not};

const PAGE: &str = "/staff/search";
const MOST_FIELDS: usize = 40;

impl StaffDesk {
    /// "Open a return", beside an order that was found: from there on the pages are those that the customer would fill in.
    pub async fn open_for(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let member = self.member()?.clone();
        let page = PAGE.to_owned();
        if member.roles.giving(CommandKind::AddLines).is_none() {
            return self.mistaken(page, String::new(), vec![noted("", may_not(CommandKind::AddLines))]).await;
        }
        let channel = fields.maybe(OpenFor::CHANNEL).filter(|channel| CHANNELS.contains(&channel.as_str()));
        let Some(channel) = channel.as_deref().and_then(Code::from_words) else {
            return self.mistaken(page, String::new(), vec![noted("", Mistake::Unanswered)]).await;
        };
        let proof = fields.maybe(OpenFor::PROOF).filter(|proof| PROOFS[1..].contains(&proof.as_str()));
        let by = Helper { id: member.id, name: member.name, channel, proof: proof.as_deref().and_then(Code::from_words) };
        let seal = self.services.seal_of(self.visitor.address);
        let id = self.services.start_for_customer(fields.get(OpenFor::ORDER), by, seal).await.map_err(|error| failed(&error))?;
        match id {
            Some(id) => Ok(StaffNext::to(format!("/return/{id}/items"))),
            None => self.mistaken(page, String::new(), vec![noted("", Mistake::NoMatch)]).await,
        }
    }

    /// "Bought elsewhere": it is written down as an order of a kind of its own, and goes on as any other that a customer asks about (P24).
    pub async fn open_elsewhere(&mut self, fields: &Fields) -> Result<StaffNext, DeskError> {
        let member = self.member()?.clone();
        let page = PAGE.to_owned();
        if member.roles.giving(CommandKind::AddLines).is_none() {
            return self.mistaken(page, String::new(), vec![noted("", may_not(CommandKind::AddLines))]).await;
        }
        let form = match ElsewhereForm::parse(fields, self.today()) {
            Ok(form) => form,
            Err(mistakes) => return self.form_again(page, String::new(), fields, MOST_FIELDS, mistakes).await,
        };
        let ElsewhereForm { channel, bought, key } = form;
        let by = Helper { id: member.id, name: member.name, channel, proof: Code::from_words("receipt") };
        let seal = self.services.seal_of(self.visitor.address);
        match self.services.start_elsewhere(&bought, &key, by, seal).await.map_err(|error| failed(&error))? {
            Some(id) => Ok(StaffNext::to(format!("/return/{id}/items"))),
            None => self.form_again(page, String::new(), fields, MOST_FIELDS, vec![noted("", Mistake::Changed)]).await,
        }
    }
}
