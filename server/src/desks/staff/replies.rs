//! Saved replies: kept by whoever writes to customers, filled in where they write.

use app::forms::{Fields, noted};
use app::ports::{DeskError, Mistake, RepliesPage, ReplyView, StaffTold};
use app::staff::{Decide, Filling, ReplyForm};
use domain::returns::Role;
use domain::rma::RmaNumber;
use domain::staff::Member;
use domain::words::Words;

use super::shared::typed_again;
use super::{Kept, StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::{Shared, is_shared_name, new_shared};

const PAGE: &str = "/staff/replies";

impl StaffDesk {
    /// Whoever is in, where they write to customers.
    pub(super) fn writer(&self) -> Result<&Member, DeskError> {
        let member = self.member()?;
        let writes = member.roles.is_admin() || member.roles.has(Role::Support);
        if writes { Ok(member) } else { Err(DeskError::NotForYou { who: vec![Role::Support] }) }
    }

    pub(super) async fn replies(&self) -> Result<RepliesPage, DeskError> {
        self.writer()?;
        let kept = self.take_kept(PAGE).await?;
        let view = |reply: Shared<Words>| ReplyView { id: reply.id, name: reply.name, words: reply.of };
        let mut replies: Vec<ReplyView> = self.saved_replies().await?.into_iter().map(view).collect();
        let mut new = ReplyView { id: new_shared(), ..ReplyView::default() };
        typed_again(&kept, &mut replies, &mut new, |reply| &reply.id, |name, _, words| ReplyView { id: kept.open.clone(), name, words });
        Ok(RepliesPage { rail: self.rail(kept.told).await?, replies, new, open: kept.open, mistakes: kept.mistakes })
    }

    pub(super) async fn saved_replies(&self) -> Result<Vec<Shared<Words>>, DeskError> {
        self.services.shared::<Words>().await.map_err(|error| failed(&error))
    }

    pub(super) async fn reply_names(&self) -> Result<Vec<(String, String)>, DeskError> {
        Ok(self.saved_replies().await?.into_iter().map(|reply| (reply.id, reply.name)).collect())
    }

    /// "Save".
    pub async fn put_reply(&mut self, id: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.writer()?.clone();
        let form = ReplyForm::parse(fields, &self.services.own_languages);
        if !is_shared_name(id) {
            return Err(DeskError::NotFound);
        }
        let reply = Shared { id: id.to_owned(), role: Role::Support, name: form.name, made_by: by.id.clone(), of: form.words };
        self.save(PAGE, &by, reply, form.mistakes).await
    }

    /// "Delete".
    pub async fn drop_reply(&mut self, id: &str, _: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.writer()?.clone();
        self.services.share_no_more::<Words>(&by, id).await.map_err(|error| failed(&error))?;
        self.told(StaffTold::Deleted, PAGE).await
    }

    /// "Fill in": the reply stands behind what was typed, to be read and changed before it is sent.
    pub async fn fill(&mut self, rma: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let rma: RmaNumber = rma.parse().map_err(|_| DeskError::NotFound)?;
        let page = format!("/staff/returns/{rma}");
        let request = self.found(rma).await?.ok_or(DeskError::NotFound)?;
        let (Some(form), replies) = (Filling::parse(fields), self.saved_replies().await?) else {
            return self.mistaken(page, String::new(), vec![noted("", Mistake::Unanswered)]).await;
        };
        let chosen = replies.iter().find(|reply| reply.id == form.reply);
        let text = chosen.map(|reply| self.services.filled(&reply.of, &request)).unwrap_or_default();
        let typed = [Decide::typed(fields), text].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
        self.keep(Kept { at: page.clone(), open: form.words_field.to_owned(), typed, ..Kept::default() }).await?;
        Ok(StaffNext::to(format!("{page}#{}", app::ui::field_id(form.words_field))))
    }
}
