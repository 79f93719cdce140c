//! Leave to do something to a thing of ours. Only who shows that they may gets one, and no command is carried out without.

use domain::entry::Account;
use domain::ids::OrderNumber;
use domain::order::Order;
use domain::returns::{Actor, CommandKind, Return, Role, TaskKind};
use domain::rma::RmaNumber;
use domain::staff::{Member, Room};
use jiff::Timestamp;
use jiff::civil::Date;

use super::Services;
use super::links::{LinkError, Purpose};
use crate::store::{self, ApiKey, AuditNote, Holder, Round, Scope, StoreError};

/// What can be changed, by its name.
pub trait Subject {
    /// What it is called.
    type Name;
}

impl Subject for Return {
    type Name = RmaNumber;
}

impl Subject for Order {
    type Name = OrderNumber;
}

/// Who may give money back on an order although nothing comes back.
pub const CONCEDING: [Role; 3] = [Role::Support, Role::Finance, Role::Admin];

/// Somebody's leave to change one thing.
#[derive(Clone, Debug)]
pub struct Access<S: Subject> {
    pub(super) subject: S::Name,
    pub(super) actor: Actor,
    pub(super) role: Role,
    /// Of people at work, and machines that speak for them: who answers for it.
    pub(super) by: Option<Accountable>,
}

/// Who answers for a command, as the audit trail has it.
#[derive(Clone, Debug)]
pub struct Accountable {
    /// A member of staff's name in the house's books, or `key:` and a key's name.
    pub actor: String,
    /// From where, as a seal.
    pub address: Option<String>,
}

impl Accountable {
    /// A member of staff; `address`: from where, as a seal.
    fn of_staff(member: &Member, address: String) -> Self {
        Self { actor: member.id.clone(), address: Some(address) }
    }

    /// A machine that speaks for people at work.
    fn of_machine(key: &ApiKey) -> Self {
        Self { actor: format!("key:{}", key.name), address: None }
    }

    /// That they did something to something, for the audit trail: how it stood before and after, and what stands apart, goes with it.
    pub(super) fn note(&self, at: Timestamp, what: impl Into<String>, subject: String) -> AuditNote {
        let (actor, address) = (self.actor.clone(), self.address.clone());
        AuditNote { at: at.as_millisecond(), actor, what: what.into(), subject, address, ..AuditNote::default() }
    }
}

impl Access<Return> {
    /// A shopper's, for a return they were recognised for, or that is of orders of their account.
    pub async fn of_shopper(
        services: &Services,
        rma: RmaNumber,
        recognised: &[RmaNumber],
        account: Option<&Account>,
    ) -> Result<Option<Self>, StoreError> {
        let theirs = recognised.contains(&rma)
            || match account {
                Some(account) => services.is_of_account(rma, account).await?,
                None => false,
            };
        Ok(theirs.then_some(Self { subject: rma, actor: Actor::Customer, role: Role::Customer, by: None }))
    }

    /// A machine's, for any return, where its key may write. It may what a shopper may.
    pub fn of_machine(key: &ApiKey, rma: RmaNumber) -> Option<Self> {
        Self::of_key(key, rma, key.scope.allows(Scope::Write).then_some(Role::Customer))
    }

    /// A machine's that speaks for people at work, for any return, where its key lets it give that command.
    pub fn of_people(key: &ApiKey, rma: RmaNumber, command: CommandKind) -> Option<Self> {
        let access = Self::of_key(key, rma, roles_of(key).iter().copied().find(|role| command.is_for(*role)))?;
        Some(Self { by: Some(Accountable::of_machine(key)), ..access })
    }

    fn of_key(key: &ApiKey, rma: RmaNumber, role: Option<Role>) -> Option<Self> {
        role.map(|role| Self { subject: rma, actor: Actor::Api { key: key.name.clone() }, role, by: None })
    }

    /// A member of staff's, for any return, where one of their roles may give that command; `address`: from where, as a seal.
    pub fn of_staff(member: &Member, rma: RmaNumber, command: CommandKind, address: String) -> Option<Self> {
        let role = member.roles.giving(command)?;
        let by = Some(Accountable::of_staff(member, address));
        Some(Self { subject: rma, actor: Actor::Staff { name: member.name.clone() }, role, by })
    }

    /// Ours, for what a job has to say of a return.
    pub(super) fn of_system(rma: RmaNumber) -> Self {
        Self { subject: rma, actor: Actor::System, role: Role::System, by: None }
    }

    /// The return it is for.
    pub fn rma(&self) -> RmaNumber {
        self.subject
    }
}

impl Access<Order> {
    /// A machine's that speaks for people at work, to give money back on it.
    pub fn machine_to_concede(key: &ApiKey, order: OrderNumber) -> Option<Self> {
        let role = roles_of(key).iter().copied().find(|role| CONCEDING.contains(role))?;
        let by = Some(Accountable::of_machine(key));
        Some(Self { subject: order, actor: Actor::Api { key: key.name.clone() }, role, by })
    }

    /// A member of staff's, to give money back on it; `address`: from where, as a seal.
    pub fn staff_to_concede(member: &Member, order: OrderNumber, address: String) -> Option<Self> {
        let role = member.roles.iter().find(|role| CONCEDING.contains(role))?;
        let by = Some(Accountable::of_staff(member, address));
        Some(Self { subject: order, actor: Actor::Staff { name: member.name.clone() }, role, by })
    }

    /// A member of staff's, to open a case about goods of it that are on their way out; `address`: from where, as a seal.
    pub fn staff_to_open_outbound(member: &Member, order: OrderNumber, address: String) -> Option<Self> {
        let role = member.roles.giving(CommandKind::AnswerOutbound)?;
        let by = Some(Accountable::of_staff(member, address));
        Some(Self { subject: order, actor: Actor::Staff { name: member.name.clone() }, role, by })
    }

    /// A machine's that speaks for people at work, likewise.
    pub fn machine_to_open_outbound(key: &ApiKey, order: OrderNumber) -> Option<Self> {
        let role = roles_of(key).iter().copied().find(|role| CommandKind::AnswerOutbound.is_for(*role))?;
        let by = Some(Accountable::of_machine(key));
        Some(Self { subject: order, actor: Actor::Api { key: key.name.clone() }, role, by })
    }

    /// A shopper's, to say that they do not have what was sent to them; the desk knows that the order is theirs.
    pub(crate) fn shopper_to_report(order: OrderNumber) -> Self {
        Self { subject: order, actor: Actor::Customer, role: Role::Customer, by: None }
    }
}

/// A courier's leave to see to the doors of one round: whose link says so.
#[derive(Clone, Debug)]
pub struct AtRound {
    pub(super) round: Round,
}

impl AtRound {
    /// Who has the link of a round that is neither over nor withdrawn. Nothing: it never was one; an error: it was.
    pub async fn of_link(services: &Services, link: &str) -> Result<Result<Self, RoundOver>, StoreError> {
        let id = match services.open_link(Purpose::Round, link) {
            Ok(id) => id,
            Err(LinkError::Forged) => return Ok(Err(RoundOver::Unknown)),
            Err(LinkError::Expired(_)) => return Ok(Err(RoundOver::Over)),
        };
        let Some(round) = store::find_round(&mut services.store.read().await?.conn(), &id).await? else {
            return Ok(Err(RoundOver::Unknown));
        };
        let over = round.ended_at.is_some() || services.clock.millis() >= round.until;
        Ok(if over { Err(RoundOver::Over) } else { Ok(Self { round }) })
    }

    /// The area by its name in our books.
    pub fn area(&self) -> &str {
        &self.round.area
    }

    pub fn day(&self) -> Date {
        self.round.day
    }

    /// Works until then, milliseconds of Unix time.
    pub fn until(&self) -> i64 {
        self.round.until
    }

    pub(super) fn by(&self) -> Accountable {
        Accountable { actor: format!("round:{}", self.round.id), address: None }
    }

    /// Leave to say that a parcel was taken at its door.
    pub(super) fn to_scan(&self, rma: RmaNumber) -> Access<Return> {
        Access { subject: rma, actor: Actor::System, role: Role::System, by: Some(self.by()) }
    }
}

/// Why a link lets in to no round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundOver {
    Unknown,
    Over,
}

/// Leave to see to what is in a room of the house.
macro_rules! rooms {
    ($($(#[$doc:meta])* $name:ident $room:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            by: Accountable,
            roles: Vec<Role>,
        }

        impl $name {
            /// A member of staff's; `address`: from where, as a seal.
            pub fn of_staff(member: &Member, address: String) -> Option<Self> {
                Self::of_roles(member.roles.iter().collect(), Accountable::of_staff(member, address))
            }

            /// A machine's that speaks for people at work.
            pub fn of_machine(key: &ApiKey) -> Option<Self> {
                Self::of_roles(roles_of(key).to_vec(), Accountable::of_machine(key))
            }

            fn of_roles(roles: Vec<Role>, by: Accountable) -> Option<Self> {
                Room::$room.is_for(roles.iter().copied()).then_some(Self { by, roles })
            }

            /// Who they are, in the house's books.
            pub fn id(&self) -> &str {
                &self.by.actor
            }

            /// Whether they see to what is in another room, too.
            pub fn also(&self, room: Room) -> bool {
                room.is_for(self.roles.iter().copied())
            }

            pub(super) fn by(&self) -> &Accountable {
                &self.by
            }
        }
    )+};
}

rooms! {
    /// Somebody's leave to see to parcels that nobody knows (P22).
    AtParcels Parcels;
    /// Somebody's leave to see to goods that lie apart (C21, C22, C25).
    AtStock Stock;
    /// Somebody's leave to read repair orders, and, at the bench, to work on them (C23).
    AtRepairs Repairs;
    /// Somebody's leave to see to what is paid, and to how it is told elsewhere.
    AtPayments Payments;
    /// Somebody's leave to see to claims against suppliers and carriers (P27).
    AtClaims Claims;
    /// Somebody's leave to see to what customers are given on top because the shop or the carrier was at fault (C34).
    AtCompensations Compensations;
    /// Somebody's leave to see to what did not arrive that people and systems were to be told.
    AtDeliveries Deliveries;
    /// Somebody's leave to word what customers are told.
    AtMessages Messages;
    /// Somebody's leave to read what customers say of how their returns went (A13).
    AtFeedback Feedback;
    /// Somebody's leave to see to doors that are called at (B9, C48).
    AtPickups Pickups;
    /// Somebody's leave to hand out what is held of a customer, and to erase them.
    AtPrivacy Privacy;
}

macro_rules! machines {
    ($($(#[$doc:meta])* $name:ident $scope:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            by: Accountable,
        }

        impl $name {
            /// A machine's whose key has the scope.
            pub fn of_machine(key: &ApiKey) -> Option<Self> {
                key.scope.allows(Scope::$scope).then(|| Self { by: Accountable::of_machine(key) })
            }

            pub(super) fn by(&self) -> &Accountable {
                &self.by
            }
        }
    )+};
}

machines! {
    /// Leave to spend customers' credit, points and coupons, and to give them back: the shop's checkout's.
    AtCredit Finance;
    /// Leave to say which of the shop's servers are told of what happens.
    AtWebhooks Admin;
}

/// Of which people a machine speaks.
fn roles_of(key: &ApiKey) -> &'static [Role] {
    match key.scope {
        Scope::Staff => &[Role::Support, Role::Warehouse, Role::Workshop],
        Scope::Finance => &[Role::Finance],
        Scope::Admin => &[Role::Admin],
        Scope::Metrics | Scope::Read | Scope::Write => &[],
    }
}

/// Somebody at work: may look at the queue, and say who does what. Only a desk makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtWork {
    id: String,
    roles: Vec<Role>,
}

impl AtWork {
    /// Of a member of staff, by the name of their account.
    pub fn of_staff(id: &str, roles: &[Role]) -> Self {
        Self { id: id.to_owned(), roles: roles.to_vec() }
    }

    /// Of a member of staff.
    pub fn of_member(member: &Member) -> Self {
        Self { id: member.id.clone(), roles: member.roles.iter().collect() }
    }

    /// A machine's that speaks for people at work.
    pub fn of_machine(key: &ApiKey) -> Self {
        Self { id: format!("key:{}", key.name), roles: roles_of(key).to_vec() }
    }

    /// What they are called.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether they do such tasks.
    pub fn does(&self, kind: TaskKind) -> bool {
        self.roles.iter().any(|role| *role == Role::Admin || *role == kind.role())
    }

    /// What they do.
    pub fn kinds(&self) -> Vec<TaskKind> {
        TaskKind::ALL.iter().copied().filter(|kind| self.does(*kind)).collect()
    }
}

/// Who keeps what is uploaded, with leave to give it to them.
#[derive(Clone, Debug)]
pub enum Keeper {
    Return(Access<Return>),
    /// A draft, by its name, which only its visitor knows.
    Draft(String),
    /// An API key, by its digest: a return may name it later.
    Key(String),
}

impl Keeper {
    /// As it is written down.
    pub fn holder(&self) -> Holder {
        match self {
            Self::Return(access) => Holder::Return(access.rma()),
            Self::Draft(id) => Holder::Draft(id.clone()),
            Self::Key(digest) => Holder::Key(digest.clone()),
        }
    }
}
