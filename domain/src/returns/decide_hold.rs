//! Guards of holding promised money and of letting it go.

use jiff::Timestamp;

use super::actor::Actor;
use super::command::CommandKind;
use super::event::Event;
use super::hold::{Hold, HoldGround};
use super::number::GrantNo;
use super::refused::{Refused, written};
use super::request::Return;

impl Return {
    /// What keeps a grant from being paid.
    pub fn held(&self, grant: GrantNo) -> Option<&Hold> {
        self.holds.iter().find(|hold| hold.grant == grant)
    }

    /// Whether a grant could be stopped: some of it has not left, and nothing holds it.
    pub(super) fn can_hold(&self, grant: GrantNo) -> bool {
        self.left_of(grant) > 0 && self.held(grant).is_none()
    }

    pub(super) fn hold(
        &self,
        grant: GrantNo,
        ground: HoldGround,
        note: Option<&String>,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refused> {
        self.grant_of(grant)?;
        if self.held(grant).is_some() {
            return Ok(Vec::new());
        }
        if !self.can_hold(grant) {
            return Err(self.refused(CommandKind::Hold).into());
        }
        let note = note.map(|note| written(note)).transpose()?;
        let not_by = (ground == HoldGround::SecondLook).then(|| by.clone());
        Ok(vec![Event::Held { hold: Hold { grant, at: now, ground, not_by, note } }])
    }

    pub(super) fn release(&self, grant: GrantNo, note: Option<&String>, by: &Actor) -> Result<Vec<Event>, Refused> {
        self.grant_of(grant)?;
        let Some(hold) = self.held(grant) else { return Ok(Vec::new()) };
        if hold.not_by.as_ref() == Some(by) {
            return Err(Refused::SamePerson);
        }
        Ok(vec![Event::Released { grant, note: note.map(|note| written(note)).transpose()? }])
    }
}
