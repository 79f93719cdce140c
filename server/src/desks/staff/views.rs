//! Views of the list that a role shares.

use app::forms::Fields;
use app::ports::{DeskError, SavedMark, StaffTold};
use app::staff::ViewForm;
use domain::desk::SavedView;

use super::shared::not_shared;
use super::{StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::{Shared, is_shared_name};

impl StaffDesk {
    /// Views that whoever is in shares with their roles.
    pub(super) async fn own_views(&self) -> Result<Vec<Shared<SavedView>>, DeskError> {
        let roles = self.member()?.roles.of_tasks();
        let all = self.services.shared::<SavedView>().await.map_err(|error| failed(&error))?;
        Ok(all.into_iter().filter(|view| roles.contains(&view.role)).collect())
    }

    /// They, with how much there is to see in each.
    pub(super) async fn saved_marks(&self) -> Result<Vec<SavedMark>, DeskError> {
        let member = self.member()?.clone();
        let mut marks = Vec::new();
        for saved in self.own_views().await? {
            let view = self.view_kept(&saved.of)?;
            let count = self.services.count_view(&view).await.map_err(|error| failed(&error))?;
            let may_delete = saved.made_by == member.id || member.roles.is_admin();
            marks.push(SavedMark { id: saved.id, name: saved.name, count: count.unsigned_abs(), may_delete });
        }
        Ok(marks)
    }

    /// "Save".
    pub async fn put_view(&mut self, id: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.member()?.clone();
        let form = ViewForm::parse(fields);
        let there = self.services.shared::<SavedView>().await.map_err(|error| failed(&error))?;
        if !is_shared_name(id) || there.iter().any(|view| view.id == id && view.made_by != by.id) {
            return Err(DeskError::NotFound);
        }
        let Some(role) = form.role.filter(|role| by.roles.of_tasks().contains(role)) else { return Err(DeskError::NotFound) };
        if !form.mistakes.is_empty() {
            return self.mistaken("/staff".to_owned(), String::new(), form.mistakes).await;
        }
        let view = Shared { id: id.to_owned(), role, name: form.name, made_by: by.id.clone(), of: form.view };
        match self.services.share(&by, &view).await {
            Ok(()) => self.told(StaffTold::Saved { name: view.name }, format!("/staff?saved={id}")).await,
            Err(error) => {
                let mistake = not_shared(error)?;
                self.mistaken("/staff".to_owned(), String::new(), vec![mistake]).await
            }
        }
    }

    /// "Delete": by who made it, or an admin.
    pub async fn drop_view(&mut self, id: &str, _: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.member()?.clone();
        let views = self.own_views().await?;
        let view = views.iter().find(|view| view.id == id && (view.made_by == by.id || by.roles.is_admin()));
        let Some(view) = view else { return Err(DeskError::NotFound) };
        self.services.share_no_more::<SavedView>(&by, &view.id).await.map_err(|error| failed(&error))?;
        self.told(StaffTold::Deleted, "/staff").await
    }
}
