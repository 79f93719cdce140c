//! Moves along a lot's axes. Total: every move has an answer in every state.

use super::inspection::Inspection;
use super::lot::{Authorization, Disposition, LotState, Reception};

/// What can be done to a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    Approve,
    SendToReview,
    Decline,
    Cancel,
    /// Change what belongs to the return and not to the lot: other items beside it, another way back, a new label, evidence. Moves
    /// nothing; possible while the goods are with the customer.
    Change,
    /// The carrier has it.
    Ship,
    Receive,
    /// The parcel came without it.
    ReceiveShort,
    ReceiveWrong,
    /// The carrier lost it.
    Lose,
    /// It never came, and is not waited for any more.
    Lapse,
    /// It is as said.
    Accept,
    /// It is less than said.
    Downgrade,
    /// It is not what was said.
    Reject,
    /// Decide what becomes of it.
    Dispose(Disposition),
    /// It left for the customer.
    SendBack,
}

impl Move {
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [
            Self::Approve,
            Self::SendToReview,
            Self::Decline,
            Self::Cancel,
            Self::Change,
            Self::Ship,
            Self::Receive,
            Self::ReceiveShort,
            Self::ReceiveWrong,
            Self::Lose,
            Self::Lapse,
            Self::Accept,
            Self::Downgrade,
            Self::Reject,
            Self::SendBack,
        ];
        plain.into_iter().chain(Disposition::ALL.iter().map(|to| Self::Dispose(*to)))
    }

    /// What is done to a lot by saying what was found; nothing, where nothing was.
    pub fn of_finding(found: Inspection) -> Option<Self> {
        match found {
            Inspection::Pending => None,
            Inspection::Accepted => Some(Self::Accept),
            Inspection::Downgraded => Some(Self::Downgrade),
            Inspection::Rejected => Some(Self::Reject),
        }
    }
}

/// The answer to a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The lot goes there.
    To(LotState),
    /// It has been done before; nothing happens.
    Already,
    /// The state does not allow it.
    Refused,
}

/// What stands beside a lot's axes and bears on its moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Standing {
    /// All its money is granted, or an item is owed or sent for it: what comes after cannot undo that.
    pub settled: bool,
    /// Some money is granted for it.
    pub granted: bool,
}

impl LotState {
    /// What `to_do` does to a lot in this state.
    pub fn step(self, to_do: Move, standing: Standing) -> Step {
        use Authorization as Auth;
        use Step::{Already, Refused};
        let approved = self.authorization == Auth::Approved;
        let here = matches!(self.reception, Reception::Received | Reception::WrongItem);
        let looked_at = self.inspection != Inspection::Pending;
        let open = !standing.settled;
        match to_do {
            Move::Approve => match self.authorization {
                Auth::Requested | Auth::InReview => self.authorized(Auth::Approved),
                // A person may think again; the rules never do.
                Auth::Declined => self.authorized(Auth::Approved),
                Auth::Approved => Already,
                Auth::Cancelled | Auth::Lapsed => Refused,
            },
            Move::SendToReview => match self.authorization {
                Auth::Requested => self.authorized(Auth::InReview),
                Auth::InReview => Already,
                // What it was approved with is called off: a person looks, as long as nothing has come.
                Auth::Approved if self.reception == Reception::Awaiting && open => self.authorized(Auth::InReview),
                Auth::Approved | Auth::Declined | Auth::Cancelled | Auth::Lapsed => Refused,
            },
            Move::Decline => match self.authorization {
                Auth::Requested | Auth::InReview => self.authorized(Auth::Declined),
                Auth::Declined => Already,
                Auth::Approved | Auth::Cancelled | Auth::Lapsed => Refused,
            },
            Move::Cancel => match (self.authorization, self.reception) {
                (Auth::Cancelled, _) => Already,
                (Auth::Declined | Auth::Lapsed, _) => Refused,
                (_, Reception::Awaiting | Reception::InTransit) if open => self.authorized(Auth::Cancelled),
                _ => Refused,
            },
            Move::Change => match (self.authorization, self.reception) {
                (Auth::Requested | Auth::InReview | Auth::Approved, Reception::Awaiting) if open => Already,
                _ => Refused,
            },
            Move::Lapse => match (self.authorization, self.reception) {
                (Auth::Lapsed, _) => Already,
                (Auth::Declined | Auth::Cancelled, _) => Refused,
                // What was lost and is made good for has its end.
                (Auth::Approved, Reception::Lost) if !open => Refused,
                (Auth::Approved, Reception::InTransit | Reception::Short | Reception::Lost) | (_, Reception::Awaiting) => {
                    self.authorized(Auth::Lapsed)
                }
                _ => Refused,
            },
            Move::Ship => match self.reception {
                Reception::Awaiting if approved => self.at(Reception::InTransit),
                Reception::Awaiting => Refused,
                _ => Already,
            },
            // What was called off or given up may be on its way all the same: it is booked in as what it is.
            Move::Receive if !approved => Refused,
            Move::Receive => match self.reception {
                Reception::Received => Already,
                Reception::WrongItem if looked_at => Refused,
                // What was lost or missing may still turn up.
                _ => self.at(Reception::Received),
            },
            Move::ReceiveShort => self.missing(Reception::Short),
            Move::ReceiveWrong => match self.reception {
                Reception::Short if approved => self.at(Reception::WrongItem),
                _ => self.missing(Reception::WrongItem),
            },
            Move::Lose => match self.reception {
                Reception::InTransit | Reception::Short if approved => self.at(Reception::Lost),
                Reception::Lost => Already,
                _ => Refused,
            },
            Move::Accept | Move::Downgrade | Move::Reject => {
                let found = match to_do {
                    Move::Accept => Inspection::Accepted,
                    Move::Downgrade => Inspection::Downgraded,
                    _ => Inspection::Rejected,
                };
                let takes = here && approved && (self.reception == Reception::Received || found == Inspection::Rejected);
                // What was paid for before it came is looked at all the same; what was looked at and settled stays as it was found.
                let first = open || !looked_at;
                if self.inspection == found {
                    Already
                } else if takes && first && matches!(self.disposition, Disposition::None | Disposition::Quarantine) {
                    Step::To(Self { inspection: found, ..self })
                } else {
                    Refused
                }
            }
            Move::Dispose(to) => {
                let movable =
                    matches!(self.disposition, Disposition::None | Disposition::Quarantine | Disposition::Repair | Disposition::Refurbish);
                // What was not accepted is still the customer's: it goes back to them, or waits apart until somebody decides. What came
                // in place of a lot that is settled is nobody's who would take it back.
                let unpaid = open && !standing.granted;
                let rightful = match self.inspection {
                    Inspection::Rejected if unpaid => matches!(to, Disposition::SendBack | Disposition::Quarantine),
                    Inspection::Downgraded => to != Disposition::SendBack || unpaid,
                    _ => to != Disposition::SendBack,
                };
                if self.disposition == to {
                    Already
                } else if looked_at && movable && rightful && !matches!(to, Disposition::None | Disposition::SentBack) {
                    Step::To(Self { disposition: to, ..self })
                } else {
                    Refused
                }
            }
            Move::SendBack => match self.disposition {
                Disposition::SendBack => Step::To(Self { disposition: Disposition::SentBack, ..self }),
                Disposition::SentBack => Already,
                _ => Refused,
            },
        }
    }

    fn authorized(self, authorization: Authorization) -> Step {
        Step::To(Self { authorization, ..self })
    }

    fn at(self, reception: Reception) -> Step {
        Step::To(Self { reception, ..self })
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
    use Move as M;
    use Step::{Already, Refused, To};

    const OPEN: Standing = Standing { settled: false, granted: false };
    const SETTLED: Standing = Standing { settled: true, granted: true };

    fn every_state() -> impl Iterator<Item = LotState> {
        Authorization::ALL.iter().flat_map(|&authorization| {
            Reception::ALL.iter().flat_map(move |&reception| {
                Inspection::ALL.iter().flat_map(move |&inspection| {
                    Disposition::ALL.iter().map(move |&disposition| LotState { authorization, reception, inspection, disposition })
                })
            })
        })
    }

    /// One row per axis state, one column per move along that axis: `→` the new state, `=` already, `x` refused.
    #[test]
    fn every_state_and_move_of_each_axis_answers_as_this_table_says() {
        let letter = |step: Step, name: &dyn Fn(LotState) -> String| match step {
            To(state) => name(state),
            Already => "=".into(),
            Refused => "x".into(),
        };
        let row = |from: LotState, moves: &[M], name: &dyn Fn(LotState) -> String| {
            moves.iter().map(|to_do| letter(from.step(*to_do, OPEN), name)).collect::<Vec<_>>().join(" ")
        };
        let start = LotState::REQUESTED;

        let authorization = |state: LotState| format!("{:?}", state.authorization);
        let moves = [M::Approve, M::SendToReview, M::Decline, M::Cancel, M::Change, M::Lapse];
        for (from, expected) in [
            (Authorization::Requested, "Approved InReview Declined Cancelled = Lapsed"),
            (Authorization::InReview, "Approved = Declined Cancelled = Lapsed"),
            (Authorization::Approved, "= InReview x Cancelled = Lapsed"),
            (Authorization::Declined, "Approved x = x x x"),
            (Authorization::Cancelled, "x x x = x x"),
            (Authorization::Lapsed, "x x x x x ="),
        ] {
            assert_eq!(row(LotState { authorization: from, ..start }, &moves, &authorization), expected, "{from:?}");
        }

        let approved = LotState { authorization: Authorization::Approved, ..start };
        let reception = |state: LotState| match state.authorization {
            Authorization::Cancelled => "off".into(),
            Authorization::Lapsed => "lapsed".into(),
            _ => format!("{:?}", state.reception),
        };
        let moves = [M::Ship, M::Receive, M::ReceiveShort, M::ReceiveWrong, M::Lose, M::Cancel, M::Change, M::Lapse];
        for (from, expected) in [
            (Reception::Awaiting, "InTransit Received Short WrongItem x off = lapsed"),
            (Reception::InTransit, "= Received Short WrongItem Lost off x lapsed"),
            (Reception::Received, "= = x x x x x x"),
            (Reception::Short, "= Received = WrongItem Lost x x lapsed"),
            (Reception::WrongItem, "= Received x = x x x x"),
            (Reception::Lost, "= Received Short WrongItem = x x lapsed"),
        ] {
            assert_eq!(row(LotState { reception: from, ..approved }, &moves, &reception), expected, "{from:?}");
        }

        let here = LotState { reception: Reception::Received, ..approved };
        let inspection = |state: LotState| format!("{:?}", state.inspection);
        let moves = [M::Accept, M::Downgrade, M::Reject];
        for (from, expected) in [
            (Inspection::Pending, "Accepted Downgraded Rejected"),
            (Inspection::Accepted, "= Downgraded Rejected"),
            (Inspection::Downgraded, "Accepted = Rejected"),
            (Inspection::Rejected, "Accepted Downgraded ="),
        ] {
            assert_eq!(row(LotState { inspection: from, ..here }, &moves, &inspection), expected, "{from:?}");
        }

        let accepted = LotState { inspection: Inspection::Accepted, ..here };
        let disposition = |state: LotState| format!("{:?}", state.disposition);
        let all: Vec<M> = Disposition::ALL.iter().map(|to| M::Dispose(*to)).collect();
        let sorted = "x Restock Refurbish Repair Resell Quarantine Donate Recycle Scrap ReturnToVendor x x";
        for (from, expected) in [
            (Disposition::None, sorted.replacen('x', "=", 1)),
            (Disposition::Quarantine, sorted.replace("Quarantine", "=")),
            (Disposition::Repair, sorted.replace("Repair", "=")),
            (Disposition::Refurbish, sorted.replace("Refurbish", "=")),
            (Disposition::Restock, "x = x x x x x x x x x x".into()),
            (Disposition::Resell, "x x x x = x x x x x x x".into()),
            (Disposition::Donate, "x x x x x x = x x x x x".into()),
            (Disposition::Recycle, "x x x x x x x = x x x x".into()),
            (Disposition::Scrap, "x x x x x x x x = x x x".into()),
            (Disposition::ReturnToVendor, "x x x x x x x x x = x x".into()),
            (Disposition::SendBack, "x x x x x x x x x x = x".into()),
            (Disposition::SentBack, "x x x x x x x x x x x =".into()),
        ] {
            assert_eq!(row(LotState { disposition: from, ..accepted }, &all, &disposition), expected, "{from:?}");
        }
    }

    #[test]
    fn guards_between_the_axes_hold_in_every_state() {
        for standing in [OPEN, SETTLED] {
            for state in every_state() {
                for to_do in M::all() {
                    let To(next) = state.step(to_do, standing) else { continue };
                    let context = format!("{state:?} {to_do:?} {standing:?}");
                    assert_ne!(next, state, "a step moves something: {context}");
                    if next.reception != state.reception || next.inspection != state.inspection {
                        assert_eq!(state.authorization, Authorization::Approved, "only what was approved moves: {context}");
                    }
                    if next.authorization == Authorization::Cancelled && state.authorization != Authorization::Cancelled {
                        assert!(matches!(state.reception, Reception::Awaiting | Reception::InTransit), "{context}");
                        assert!(!standing.settled, "{context}");
                    }
                    if next.disposition == Disposition::SendBack && state.disposition != Disposition::SendBack {
                        assert!(!standing.settled, "what is paid for is not sent back: {context}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_move_twice_does_nothing_the_second_time() {
        for state in every_state() {
            for to_do in M::all() {
                if let To(next) = state.step(to_do, OPEN) {
                    assert_eq!(next.step(to_do, OPEN), Already, "{state:?} {to_do:?}");
                }
            }
        }
    }
}
