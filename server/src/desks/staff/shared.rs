//! What the pages of shared things (replies, macros, rules) have in common: saving, and showing again what was typed.

use app::forms::noted;
use app::ports::{DeskError, Mistake, Noted, StaffTold};
use domain::staff::Member;

use super::{Kept, StaffDesk, StaffNext};
use crate::desks::failed;
use crate::services::{NotShared, Shared, SharedKind};

impl StaffDesk {
    /// "Save": it is kept, or its form is shown again as it was typed, with what was wrong.
    pub(super) async fn save<T: SharedKind>(
        &self,
        page: &str,
        by: &Member,
        thing: Shared<T>,
        mut mistakes: Vec<Noted>,
    ) -> Result<StaffNext, DeskError> {
        if mistakes.is_empty() {
            match self.services.share(by, &thing).await {
                Ok(()) => return self.told(StaffTold::Saved { name: thing.name }, page).await,
                Err(error) => mistakes.push(not_shared(error)?),
            }
        }
        let typed = serde_json::to_string(&(thing.role.code(), &thing.of)).map_err(|error| failed(&error))?;
        self.keep(Kept { at: page.to_owned(), open: thing.id, typed, name: thing.name, mistakes, ..Kept::default() }).await?;
        Ok(StaffNext::to(page))
    }
}

/// Puts what was typed in place of the one whose form is open, or of the new one; `view` makes it of its name, the code of its role and itself.
pub(super) fn typed_again<T: SharedKind + Default, V>(
    kept: &Kept,
    list: &mut [V],
    new: &mut V,
    id_of: impl Fn(&V) -> &str,
    view: impl FnOnce(String, &str, T) -> V,
) {
    if kept.open.is_empty() {
        return;
    }
    let (role, of) = serde_json::from_str::<(String, T)>(&kept.typed).unwrap_or_default();
    let typed = view(kept.name.clone(), &role, of);
    let place = list.iter().position(|known| id_of(known) == kept.open);
    *place.map_or(new, |place| &mut list[place]) = typed;
}

/// Why something was not kept, on its page.
pub(super) fn not_shared(error: NotShared) -> Result<Noted, DeskError> {
    match error {
        NotShared::TooMany { most } => Ok(noted("", Mistake::SharedTooMany { most: most as u32 })),
        NotShared::Store(error) => Err(failed(&error)),
    }
}
