//! A return line's five axes and the commands that move them. Total: every command has an answer in every state.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! axis {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every state.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

axis! {
    /// May it come back?
    Authorization {
        /// Asked for, not judged yet.
        Requested,
        /// A person decides.
        InReview,
        /// Yes.
        Approved,
        /// No.
        Declined,
        /// Called off.
        Cancelled,
    }
}

axis! {
    /// Where is it?
    Reception {
        /// With the customer.
        Awaiting,
        /// On its way.
        InTransit,
        /// Booked in.
        Received,
        /// The parcel came without it.
        Short,
        /// Something else came.
        WrongItem,
        /// The carrier lost it.
        Lost,
    }
}

axis! {
    /// Is it as it was said to be?
    Inspection {
        /// Not looked at.
        Pending,
        /// Yes.
        Accepted,
        /// Less than said; a reduced amount.
        Downgraded,
        /// No.
        Rejected,
    }
}

axis! {
    /// What becomes of it?
    Disposition {
        /// Not decided.
        None,
        /// Back to sellable stock.
        Restock,
        /// Made as new.
        Refurbish,
        /// To the workshop.
        Repair,
        /// Sold cheaper.
        Resell,
        /// Kept apart.
        Quarantine,
        /// Given away.
        Donate,
        /// Recycled.
        Recycle,
        /// Thrown away.
        Scrap,
        /// Back to the customer.
        SendBack,
    }
}

axis! {
    /// Has the customer their money?
    Reimbursement {
        /// Nothing promised.
        None,
        /// Promised.
        Granted,
        /// Paid.
        Paid,
        /// The payment failed; it will be tried again.
        Failed,
    }
}

/// Where one return line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LineState {
    /// May it come back?
    pub authorization: Authorization,
    /// Where is it?
    pub reception: Reception,
    /// Is it as said?
    pub inspection: Inspection,
    /// What becomes of it?
    pub disposition: Disposition,
    /// Has the customer their money?
    pub reimbursement: Reimbursement,
}

impl LineState {
    /// A line just asked for.
    pub const REQUESTED: Self = Self {
        authorization: Authorization::Requested,
        reception: Reception::Awaiting,
        inspection: Inspection::Pending,
        disposition: Disposition::None,
        reimbursement: Reimbursement::None,
    };

    /// Whether its units are taken: not declined and not cancelled (P10).
    pub fn is_live(self) -> bool {
        !matches!(self.authorization, Authorization::Declined | Authorization::Cancelled)
    }
}

/// What can be done to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Say yes.
    Approve,
    /// Ask a person.
    SendToReview,
    /// Say no.
    Decline,
    /// Call it off.
    Cancel,
    /// Change what belongs to the return and not to the line: other items beside it, another way back, a new label, evidence. Moves no
    /// line; possible while the goods are with the customer.
    Change,
    /// The carrier has it.
    Ship,
    /// Book it in.
    Receive,
    /// The parcel came without it.
    ReceiveShort,
    /// Something else came.
    ReceiveWrong,
    /// The carrier lost it.
    Lose,
    /// It is as said.
    Accept,
    /// It is less than said.
    Downgrade,
    /// It is not what was said.
    Reject,
    /// Decide what becomes of it.
    Dispose(Disposition),
    /// Promise the money.
    Grant,
    /// The money has left.
    Pay,
    /// The payment failed.
    FailPayment,
}

impl Command {
    /// Every command.
    pub fn all() -> impl Iterator<Item = Command> {
        use Command as C;
        let plain = [
            C::Approve,
            C::SendToReview,
            C::Decline,
            C::Cancel,
            C::Change,
            C::Ship,
            C::Receive,
            C::ReceiveShort,
            C::ReceiveWrong,
            C::Lose,
            C::Accept,
            C::Downgrade,
            C::Reject,
            C::Grant,
            C::Pay,
            C::FailPayment,
        ];
        let dispositions = Disposition::ALL.iter().filter(|to| **to != Disposition::None).map(|to| C::Dispose(*to));
        plain.into_iter().chain(dispositions)
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = serde_json::to_value(self).unwrap_or_default();
        match value {
            serde_json::Value::String(name) => f.write_str(&name),
            serde_json::Value::Object(map) => match map.into_iter().next() {
                Some((_, to)) => write!(f, "dispose:{}", to.as_str().unwrap_or_default()),
                None => f.write_str("dispose"),
            },
            _ => Ok(()),
        }
    }
}

/// The answer to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The line moves.
    To(LineState),
    /// It has been done before; nothing happens.
    Already,
    /// The state does not allow it.
    Refused,
}

impl LineState {
    /// What `command` does to a line in this state. `keeps_item`: the customer keeps the item (a keep-item refund), so that money
    /// is due without goods.
    pub fn step(self, command: Command, keeps_item: bool) -> Step {
        use Authorization as Auth;
        use Step::{Already, Refused};
        let approved = self.authorization == Auth::Approved;
        let here = matches!(self.reception, Reception::Received | Reception::WrongItem);
        let looked_at = self.inspection != Inspection::Pending;
        let unpaid = self.reimbursement == Reimbursement::None;
        match command {
            Command::Approve => match self.authorization {
                Auth::Requested | Auth::InReview => self.authorized(Auth::Approved),
                // A person may think again; the rules never do.
                Auth::Declined => self.authorized(Auth::Approved),
                Auth::Approved => Already,
                Auth::Cancelled => Refused,
            },
            Command::SendToReview => match self.authorization {
                Auth::Requested => self.authorized(Auth::InReview),
                Auth::InReview => Already,
                // What it was approved with is called off: a person looks, as long as nothing has come.
                Auth::Approved if self.reception == Reception::Awaiting && unpaid => self.authorized(Auth::InReview),
                Auth::Approved | Auth::Declined | Auth::Cancelled => Refused,
            },
            Command::Decline => match self.authorization {
                Auth::Requested | Auth::InReview => self.authorized(Auth::Declined),
                Auth::Declined => Already,
                Auth::Approved | Auth::Cancelled => Refused,
            },
            Command::Cancel => match (self.authorization, self.reception) {
                (Auth::Cancelled, _) => Already,
                (Auth::Declined, _) => Refused,
                (_, Reception::Awaiting | Reception::InTransit) if unpaid => self.authorized(Auth::Cancelled),
                _ => Refused,
            },
            Command::Change => match (self.authorization, self.reception) {
                (Auth::Requested | Auth::InReview | Auth::Approved, Reception::Awaiting) if unpaid => Already,
                _ => Refused,
            },
            Command::Ship => match self.reception {
                Reception::Awaiting if approved => self.at(Reception::InTransit),
                Reception::Awaiting => Refused,
                _ => Already,
            },
            Command::Receive if !approved => Refused,
            Command::Receive => match self.reception {
                Reception::Received => Already,
                Reception::WrongItem if looked_at => Refused,
                // What was lost or missing may still turn up.
                _ => self.at(Reception::Received),
            },
            Command::ReceiveShort => self.missing(Reception::Short),
            Command::ReceiveWrong => match self.reception {
                Reception::Short if approved => self.at(Reception::WrongItem),
                _ => self.missing(Reception::WrongItem),
            },
            Command::Lose => match self.reception {
                Reception::InTransit if approved => self.at(Reception::Lost),
                Reception::Lost => Already,
                _ => Refused,
            },
            Command::Accept | Command::Downgrade | Command::Reject => {
                let found = match command {
                    Command::Accept => Inspection::Accepted,
                    Command::Downgrade => Inspection::Downgraded,
                    _ => Inspection::Rejected,
                };
                let takes = here && approved && (self.reception == Reception::Received || found == Inspection::Rejected);
                if self.inspection == found {
                    Already
                } else if takes && unpaid && matches!(self.disposition, Disposition::None | Disposition::Quarantine) {
                    Step::To(Self { inspection: found, ..self })
                } else {
                    Refused
                }
            }
            Command::Dispose(to) => {
                let movable =
                    matches!(self.disposition, Disposition::None | Disposition::Quarantine | Disposition::Repair | Disposition::Refurbish);
                // What was not accepted is still the customer's: it goes back to them, or waits apart until somebody decides.
                let rightful = match self.inspection {
                    Inspection::Rejected => matches!(to, Disposition::SendBack | Disposition::Quarantine),
                    Inspection::Downgraded => to != Disposition::SendBack || unpaid,
                    _ => to != Disposition::SendBack,
                };
                if self.disposition == to {
                    Already
                } else if looked_at && movable && rightful && to != Disposition::None {
                    Step::To(Self { disposition: to, ..self })
                } else {
                    Refused
                }
            }
            Command::Grant => {
                let sound =
                    matches!(self.inspection, Inspection::Accepted | Inspection::Downgraded) && self.disposition != Disposition::SendBack;
                let due = approved && (sound || self.reception == Reception::Lost || keeps_item);
                match self.reimbursement {
                    Reimbursement::None if due => self.reimbursed(Reimbursement::Granted),
                    Reimbursement::None => Refused,
                    _ => Already,
                }
            }
            Command::Pay => match self.reimbursement {
                Reimbursement::Granted | Reimbursement::Failed => self.reimbursed(Reimbursement::Paid),
                Reimbursement::Paid => Already,
                Reimbursement::None => Refused,
            },
            Command::FailPayment => match self.reimbursement {
                Reimbursement::Granted => self.reimbursed(Reimbursement::Failed),
                Reimbursement::Failed => Already,
                Reimbursement::None | Reimbursement::Paid => Refused,
            },
        }
    }

    /// What could be done instead.
    pub fn possible(self, keeps_item: bool) -> Vec<Command> {
        Command::all().filter(|command| matches!(self.step(*command, keeps_item), Step::To(_))).collect()
    }

    fn authorized(self, authorization: Authorization) -> Step {
        Step::To(Self { authorization, ..self })
    }

    fn at(self, reception: Reception) -> Step {
        Step::To(Self { reception, ..self })
    }

    fn reimbursed(self, reimbursement: Reimbursement) -> Step {
        Step::To(Self { reimbursement, ..self })
    }

    fn missing(self, reception: Reception) -> Step {
        match self.reception {
            now if now == reception => Step::Already,
            Reception::Awaiting | Reception::InTransit | Reception::Lost if self.authorization == Authorization::Approved => {
                self.at(reception)
            }
            _ => Step::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Command as C;
    use Step::{Already, Refused, To};

    fn every_state() -> impl Iterator<Item = LineState> {
        Authorization::ALL.iter().flat_map(|&authorization| {
            Reception::ALL.iter().flat_map(move |&reception| {
                Inspection::ALL.iter().flat_map(move |&inspection| {
                    Disposition::ALL.iter().flat_map(move |&disposition| {
                        Reimbursement::ALL.iter().map(move |&reimbursement| LineState {
                            authorization,
                            reception,
                            inspection,
                            disposition,
                            reimbursement,
                        })
                    })
                })
            })
        })
    }

    /// States that can really be reached from a request.
    fn reachable(keeps_item: bool) -> Vec<LineState> {
        let mut seen = vec![LineState::REQUESTED];
        let mut next = 0;
        while next < seen.len() {
            for command in Command::all() {
                if let To(state) = seen[next].step(command, keeps_item)
                    && !seen.contains(&state)
                {
                    seen.push(state);
                }
            }
            next += 1;
        }
        seen
    }

    /// One row per axis state, one column per command of that axis: `→` the new state, `=` already, `x` refused.
    #[test]
    fn every_state_and_command_of_each_axis_answers_as_this_table_says() {
        let letter = |step: Step, name: &dyn Fn(LineState) -> String| match step {
            To(state) => name(state),
            Already => "=".into(),
            Refused => "x".into(),
        };
        let row = |from: LineState, commands: &[C], name: &dyn Fn(LineState) -> String| {
            commands.iter().map(|command| letter(from.step(*command, false), name)).collect::<Vec<_>>().join(" ")
        };
        let start = LineState::REQUESTED;

        let authorization = |state: LineState| format!("{:?}", state.authorization);
        let commands = [C::Approve, C::SendToReview, C::Decline, C::Cancel, C::Change];
        for (from, expected) in [
            (Authorization::Requested, "Approved InReview Declined Cancelled ="),
            (Authorization::InReview, "Approved = Declined Cancelled ="),
            (Authorization::Approved, "= InReview x Cancelled ="),
            (Authorization::Declined, "Approved x = x x"),
            (Authorization::Cancelled, "x x x = x"),
        ] {
            assert_eq!(row(LineState { authorization: from, ..start }, &commands, &authorization), expected, "{from:?}");
        }

        let approved = LineState { authorization: Authorization::Approved, ..start };
        let reception = |state: LineState| {
            if state.authorization == Authorization::Cancelled { "off".into() } else { format!("{:?}", state.reception) }
        };
        let commands = [C::Ship, C::Receive, C::ReceiveShort, C::ReceiveWrong, C::Lose, C::Cancel, C::Change];
        for (from, expected) in [
            (Reception::Awaiting, "InTransit Received Short WrongItem x off ="),
            (Reception::InTransit, "= Received Short WrongItem Lost off x"),
            (Reception::Received, "= = x x x x x"),
            (Reception::Short, "= Received = WrongItem x x x"),
            (Reception::WrongItem, "= Received x = x x x"),
            (Reception::Lost, "= Received Short WrongItem = x x"),
        ] {
            assert_eq!(row(LineState { reception: from, ..approved }, &commands, &reception), expected, "{from:?}");
        }

        let here = LineState { reception: Reception::Received, ..approved };
        let inspection = |state: LineState| format!("{:?}", state.inspection);
        let commands = [C::Accept, C::Downgrade, C::Reject];
        for (from, expected) in [
            (Inspection::Pending, "Accepted Downgraded Rejected"),
            (Inspection::Accepted, "= Downgraded Rejected"),
            (Inspection::Downgraded, "Accepted = Rejected"),
            (Inspection::Rejected, "Accepted Downgraded ="),
        ] {
            assert_eq!(row(LineState { inspection: from, ..here }, &commands, &inspection), expected, "{from:?}");
        }

        let accepted = LineState { inspection: Inspection::Accepted, ..here };
        let reimbursement = |state: LineState| format!("{:?}", state.reimbursement);
        let commands = [C::Grant, C::Pay, C::FailPayment];
        for (from, expected) in [
            (Reimbursement::None, "Granted x x"),
            (Reimbursement::Granted, "= Paid Failed"),
            (Reimbursement::Failed, "= Paid ="),
            (Reimbursement::Paid, "= = x"),
        ] {
            assert_eq!(row(LineState { reimbursement: from, ..accepted }, &commands, &reimbursement), expected, "{from:?}");
        }

        let disposition = |state: LineState| format!("{:?}", state.disposition);
        let all: Vec<C> = Disposition::ALL.iter().map(|to| C::Dispose(*to)).collect();
        let sorted = "x Restock Refurbish Repair Resell Quarantine Donate Recycle Scrap x";
        for (from, expected) in [
            (Disposition::None, sorted.replacen('x', "=", 1)),
            (Disposition::Quarantine, sorted.replace("Quarantine", "=")),
            (Disposition::Repair, sorted.replace("Repair", "=")),
            (Disposition::Refurbish, sorted.replace("Refurbish", "=")),
            (Disposition::Restock, "x = x x x x x x x x".into()),
            (Disposition::Resell, "x x x x = x x x x x".into()),
            (Disposition::Donate, "x x x x x x = x x x".into()),
            (Disposition::Recycle, "x x x x x x x = x x".into()),
            (Disposition::Scrap, "x x x x x x x x = x".into()),
            (Disposition::SendBack, "x x x x x x x x x =".into()),
        ] {
            assert_eq!(row(LineState { disposition: from, ..accepted }, &all, &disposition), expected, "{from:?}");
        }
    }

    #[test]
    fn guards_between_the_axes_hold_in_every_state() {
        for keeps_item in [false, true] {
            for state in every_state() {
                for command in Command::all() {
                    let To(next) = state.step(command, keeps_item) else { continue };
                    let context = format!("{state:?} {command:?}");
                    assert_ne!(next, state, "a step moves something: {context}");
                    if next.reimbursement == Reimbursement::Granted && state.reimbursement == Reimbursement::None {
                        assert_eq!(state.authorization, Authorization::Approved, "money only for what was approved: {context}");
                        let sound = matches!(state.inspection, Inspection::Accepted | Inspection::Downgraded);
                        assert!(
                            sound || state.reception == Reception::Lost || keeps_item,
                            "receipt alone never forces a refund (P11): {context}"
                        );
                    }
                    if next.reception != state.reception || next.inspection != state.inspection {
                        assert_eq!(state.authorization, Authorization::Approved, "only what was approved moves: {context}");
                    }
                    if next.authorization == Authorization::Cancelled && state.authorization != Authorization::Cancelled {
                        assert!(matches!(state.reception, Reception::Awaiting | Reception::InTransit), "{context}");
                        assert_eq!(state.reimbursement, Reimbursement::None, "{context}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_command_twice_does_nothing_the_second_time() {
        for state in every_state() {
            for command in Command::all() {
                if let To(next) = state.step(command, false) {
                    assert_eq!(next.step(command, false), Already, "{state:?} {command:?}");
                }
            }
        }
    }

    #[test]
    fn every_reachable_state_has_a_way_on_until_it_is_finished() {
        for keeps_item in [false, true] {
            for state in reachable(keeps_item) {
                let called_off = state.authorization == Authorization::Cancelled;
                let settled = state.reimbursement == Reimbursement::Paid && !matches!(state.disposition, Disposition::Quarantine);
                let sent_back = state.disposition == Disposition::SendBack;
                if !called_off && !settled && !sent_back {
                    assert!(!state.possible(keeps_item).is_empty(), "a dead end (P11): {state:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_paid_twice() {
        for state in reachable(false).into_iter().chain(reachable(true)) {
            if state.reimbursement == Reimbursement::Paid {
                for command in [C::Grant, C::Pay] {
                    assert_eq!(state.step(command, false), Already);
                }
                assert_eq!(state.step(C::FailPayment, false), Refused);
            }
        }
    }
}
