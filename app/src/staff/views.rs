//! Views of the list that are kept, and shared.

use domain::desk::SavedView;
use domain::returns::{Role, TaskKind};
use domain::staff::Roles;
use leptos::prelude::*;

use super::replies::name_of;
use crate::forms::Fields;
use crate::ports::{Noted, QueueSight, SavedMark};
use crate::say::Say;

/// A view to be kept, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewForm {
    pub name: String,
    pub role: Option<Role>,
    pub view: SavedView,
    pub mistakes: Vec<Noted>,
}

impl ViewForm {
    pub const NAME: &str = "name";
    const ROLE: &str = "role";
    const SIGHT: &str = "sight";
    pub(super) const KIND: &str = "kind";

    #[must_use]
    pub fn parse(fields: &Fields) -> Self {
        let mut mistakes = Vec::new();
        let name = name_of(fields, Self::NAME, &mut mistakes);
        let sight = QueueSight::ALL.into_iter().find(|sight| sight.code() == fields.get(Self::SIGHT)).unwrap_or_default();
        let role = Roles::ALL.into_iter().find(|role| role.code() == fields.get(Self::ROLE));
        Self { name, role, view: SavedView { kinds: kinds_of(fields), sight: sight.code().to_owned() }, mistakes }
    }
}

/// Kinds of tasks that are ticked, as they are kept.
pub(super) fn kinds_of(fields: &Fields) -> Vec<String> {
    let kinds = fields.all(ViewForm::KIND).filter_map(|code| code.parse::<TaskKind>().ok());
    kinds.map(|kind| kind.code().to_owned()).collect()
}

/// Kinds of tasks to tick.
#[component]
pub(super) fn KindTicks(roles: Vec<Role>, ticked: Vec<String>) -> impl IntoView {
    let say = expect_context::<Say>();
    let ticks: Vec<_> = TaskKind::ALL
        .iter()
        .filter(|kind| roles.contains(&kind.role()))
        .map(|kind| {
            let checked = ticked.iter().any(|code| code == kind.code());
            view! { <label class="tick"><input class="check" type="checkbox" name=ViewForm::KIND value=kind.code() checked=checked/> <span>{say.task(*kind)}</span></label> }
        })
        .collect();
    view! { <fieldset class="which ticks"><legend>{say.m.desk_view_kinds()}</legend><span class="hint">{say.m.desk_view_kinds_hint()}</span>{ticks}</fieldset> }
}

/// Keeps a view; takes the one that is shown away, where whoever reads this may.
#[component]
pub(super) fn Keep(
    roles: Vec<Role>,
    /// Names the form.
    key: String,
    shown: Option<SavedMark>,
) -> impl IntoView {
    let say = expect_context::<Say>();
    let m = say.m;
    let sights: Vec<_> =
        QueueSight::ALL.into_iter().map(|sight| view! { <option value=sight.code()>{say.sight(sight)}</option> }).collect();
    let choices: Vec<_> = roles.iter().map(|role| view! { <option value=role.code()>{say.role(*role)}</option> }).collect();
    let away = shown.filter(|shown| shown.may_delete).map(|shown| {
        view! { <form method="post" action=format!("/staff/views/{}/delete", shown.id)><p class="acts"><button class="btn second small" type="submit">{m.desk_view_delete(shown.name)}</button></p></form> }
    });
    view! {
        {away}
        <details class="card">
            <summary>{m.desk_view_keep()}</summary>
            <form class="form" method="post" action=format!("/staff/views/{key}")>
                <p class="field"><label for="f-name">{m.desk_name()}</label><input id="f-name" name=ViewForm::NAME maxlength="80" autocomplete="off"/></p>
                <p class="field"><label for="view-sight">{m.staff_views()}</label><select id="view-sight" name=ViewForm::SIGHT>{sights}</select></p>
                <KindTicks roles=roles ticked=Vec::new()/>
                <p class="field"><label for="view-role">{m.desk_view_role()}</label><select id="view-role" name=ViewForm::ROLE>{choices}</select></p>
                <p class="acts"><button class="btn second" type="submit">{m.staff_person_save()}</button></p>
            </form>
        </details>
    }
}
