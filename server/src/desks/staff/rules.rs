//! Rules by which tasks are given out: an admin's.

use app::forms::Fields;
use app::ports::{DeskError, RuleView, RulesPage, StaffTold};
use app::staff::RuleForm;
use domain::desk::Rule;
use domain::returns::Role;

use super::shared::typed_again;
use super::{StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::{Shared, is_shared_name, new_shared};

const PAGE: &str = "/staff/rules";

impl StaffDesk {
    pub(super) async fn rules(&self) -> Result<RulesPage, DeskError> {
        self.admin()?;
        let kept = self.take_kept(PAGE).await?;
        let rules = self.services.rules().await.map_err(|error| failed(&error))?;
        let next = rules.last().map_or(1, |rule| rule.of.place + 1);
        let mut rules: Vec<RuleView> = rules.into_iter().map(|rule| RuleView { id: rule.id, name: rule.name, rule: rule.of }).collect();
        let mut new = RuleView { id: new_shared(), name: String::new(), rule: Rule { place: next, ..Rule::default() } };
        typed_again(&kept, &mut rules, &mut new, |rule| &rule.id, |name, _, rule| RuleView { id: kept.open.clone(), name, rule });
        let (_, people) = self.chosen_from().await?;
        Ok(RulesPage { rail: self.rail(kept.told).await?, rules, new, open: kept.open, people, mistakes: kept.mistakes })
    }

    /// "Save".
    pub async fn put_rule(&mut self, id: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.admin()?.clone();
        let form = RuleForm::parse(fields);
        if !is_shared_name(id) {
            return Err(DeskError::NotFound);
        }
        let rule = Shared { id: id.to_owned(), role: Role::Admin, name: form.name, made_by: by.id.clone(), of: form.rule };
        self.save(PAGE, &by, rule, form.mistakes).await
    }

    /// "Delete". What it gave out stays given.
    pub async fn drop_rule(&mut self, id: &str, _: &Fields) -> Result<StaffNext, DeskError> {
        let by = self.admin()?.clone();
        self.services.share_no_more::<Rule>(&by, id).await.map_err(|error| failed(&error))?;
        self.told(StaffTold::Deleted, PAGE).await
    }
}
