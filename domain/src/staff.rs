//! People at work: what each may do, and within which limits.

use serde::{Deserialize, Serialize};

use crate::ids::EmailAddress;
use crate::money::{Currency, Money};
use crate::returns::{CommandKind, Role};

/// What somebody at work is there for; an admin is there for everything that a person may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(Vec<Role>);

impl Roles {
    /// What a person can be.
    pub const ALL: [Role; 5] = [Role::Support, Role::Warehouse, Role::Workshop, Role::Finance, Role::Admin];

    /// Those of the list that a person can be, each once, in the order of the table.
    pub fn new(roles: impl IntoIterator<Item = Role>) -> Self {
        let named: Vec<Role> = roles.into_iter().collect();
        Self(Self::ALL.into_iter().filter(|role| named.contains(role)).collect())
    }

    /// As they are written down: `support,finance`; nothing where one of them is none that a person can be.
    pub fn parse(text: &str) -> Option<Self> {
        let role = |code: &str| Self::ALL.into_iter().find(|role| role.code() == code.trim());
        let roles: Option<Vec<Role>> = text.split(',').filter(|code| !code.trim().is_empty()).map(role).collect();
        roles.map(Self::new)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Role> {
        self.0.iter().copied()
    }

    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    pub fn is_admin(&self) -> bool {
        self.has(Role::Admin)
    }

    /// Those whose tasks they do: an admin does everybody's.
    pub fn of_tasks(&self) -> Vec<Role> {
        Self::ALL.into_iter().filter(|role| *role != Role::Admin && (self.is_admin() || self.has(*role))).collect()
    }

    /// In what capacity they give a command: nothing where they may not.
    pub fn giving(&self, command: CommandKind) -> Option<Role> {
        self.iter().find(|role| command.is_for(*role))
    }
}

/// Where something lies that people see to, whatever return it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Parcels that nobody knows (P22).
    Parcels,
    /// Goods that lie apart (C21, C22, C25).
    Stock,
    /// The workshop's orders (C23): read there, and by those who book in.
    Repairs,
    /// The workshop itself.
    Bench,
    /// What was paid, and what is on its way.
    Payments,
    /// Claims against suppliers and carriers (P27); what they paid is for who sees to payments.
    Claims,
    /// What customers are given on top because the shop or the carrier was at fault (C34).
    Compensations,
    /// What people and systems are told, and what did not arrive.
    Deliveries,
    /// How customers are told something: an admin's.
    Messages,
    /// What customers say of how their returns went (A13).
    Feedback,
    /// Doors that are called at, and where somebody goes round (B9, C48).
    Pickups,
    /// What is held of customers: handed out, and erased; an admin's.
    Privacy,
}

impl Room {
    /// Who sees to what is there; an admin does everywhere.
    pub const fn who(self) -> &'static [Role] {
        match self {
            Self::Parcels => &[Role::Warehouse, Role::Support],
            Self::Stock => &[Role::Warehouse],
            Self::Repairs => &[Role::Workshop, Role::Warehouse],
            Self::Bench => &[Role::Workshop],
            Self::Payments => &[Role::Finance],
            Self::Claims => &[Role::Warehouse, Role::Support, Role::Finance],
            Self::Compensations => &[Role::Support, Role::Finance],
            Self::Deliveries => &[Role::Support],
            Self::Messages | Self::Privacy => &[],
            Self::Pickups => &[Role::Warehouse, Role::Support],
            Self::Feedback => &[Role::Support, Role::Warehouse, Role::Finance],
        }
    }

    /// Whether somebody in one of these capacities does.
    pub fn is_for(self, roles: impl IntoIterator<Item = Role>) -> bool {
        roles.into_iter().any(|role| role == Role::Admin || self.who().contains(&role))
    }
}

impl std::fmt::Display for Roles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let codes: Vec<&str> = self.iter().map(Role::code).collect();
        f.write_str(&codes.join(","))
    }
}

/// How far somebody may go beyond what policy says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StaffLimits {
    /// The most that they may promise or pay at once, in minor units of each currency; of a currency that is not told, nothing. No list: there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_up_to: Option<Vec<(Currency, i64)>>,
    /// They may decide otherwise than policy does, with a reason.
    pub overrides: bool,
    /// Where they book in and look at goods; empty: everywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warehouses: Vec<String>,
}

impl StaffLimits {
    /// Whether an amount is within what they may promise or pay at once.
    pub fn allows(&self, amount: Money) -> bool {
        self.exceeded_by(amount).is_none()
    }

    /// What they may promise or pay at once, where an amount is more than that.
    pub fn exceeded_by(&self, amount: Money) -> Option<&[(Currency, i64)]> {
        let limits = self.refund_up_to.as_deref()?;
        let within = amount.minor <= 0 || limits.iter().any(|(currency, most)| *currency == amount.currency && amount.minor <= *most);
        (!within).then_some(limits)
    }

    pub fn allows_warehouse(&self, warehouse: Option<&str>) -> bool {
        self.warehouses.is_empty() || warehouse.is_some_and(|warehouse| self.warehouses.iter().any(|known| known == warehouse))
    }
}

/// Somebody at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Their name in the house's books.
    pub id: String,
    /// As colleagues and timelines call them.
    pub name: String,
    pub email: EmailAddress,
    pub roles: Roles,
    pub limits: StaffLimits,
}

impl Member {
    /// What they are on a device that people share, which stands in those warehouses (none named: wherever they work): there for the warehouse, and for
    /// nothing else. Nobody, where they are not, or work elsewhere.
    pub fn on_shared_device(self, warehouses: &[String]) -> Option<Self> {
        let both = match (self.limits.warehouses.as_slice(), warehouses) {
            ([], only) | (only, []) => only.to_vec(),
            (own, there) => {
                Some(own.iter().filter(|name| there.contains(name)).cloned().collect::<Vec<_>>()).filter(|both| !both.is_empty())?
            }
        };
        let limits = StaffLimits { overrides: false, warehouses: both, ..self.limits.clone() };
        self.roles.has(Role::Warehouse).then(|| Self { roles: Roles::new([Role::Warehouse]), limits, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, "EUR".parse().unwrap())
    }

    #[test]
    fn roles_are_read_as_they_are_written() {
        for text in ["", "support", "support,finance", "warehouse,workshop,admin"] {
            assert_eq!(Roles::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Roles::parse(" finance , support,finance").unwrap().to_string(), "support,finance");
        for none in ["boss", "customer", "system", "support,boss"] {
            assert_eq!(Roles::parse(none), None, "{none}");
        }
    }

    #[test]
    fn a_command_is_given_in_a_capacity_that_its_row_names() {
        for row in CommandKind::TABLE {
            for role in Roles::ALL {
                assert_eq!(Roles::new([role]).giving(row.kind).is_some(), row.kind.is_for(role), "{} by {}", row.code, role.code());
            }
        }
        let both = Roles::new([Role::Finance, Role::Support]);
        assert_eq!(both.giving(CommandKind::Decline), Some(Role::Support));
        assert_eq!(both.giving(CommandKind::Pay), Some(Role::Finance));
        assert_eq!(both.giving(CommandKind::Receive), None);
    }

    #[test]
    fn on_a_shared_device_somebody_is_there_for_the_warehouse_alone() {
        let names = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let member = |roles: &str, warehouses: &str| Member {
            id: "s".into(),
            name: "Li".into(),
            email: "li@shop.example".parse().unwrap(),
            roles: Roles::parse(roles).unwrap(),
            limits: StaffLimits { overrides: true, warehouses: names(warehouses), ..StaffLimits::default() },
        };
        for (roles, own, there, then) in [
            ("warehouse,admin", "", "", Some("")),
            ("support,warehouse", "HZ1 HZ2", "", Some("HZ1 HZ2")),
            ("warehouse", "", "HZ1", Some("HZ1")),
            ("warehouse", "HZ1 HZ2", "HZ2 SH1", Some("HZ2")),
            // No warehouse would mean every warehouse.
            ("warehouse", "HZ1", "SH1", None),
            ("admin,support,workshop,finance", "", "", None),
        ] {
            let on = member(roles, own).on_shared_device(&names(there));
            assert_eq!(on.as_ref().map(|on| on.limits.warehouses.clone()), then.map(names), "{roles} of {own} at {there}");
            assert!(on.is_none_or(|on| on.roles.to_string() == "warehouse" && !on.limits.overrides));
        }
    }

    #[test]
    fn limits_hold_by_currency() {
        assert!(StaffLimits::default().allows(eur(i64::MAX)), "no limit was set");
        let limited = StaffLimits { refund_up_to: Some(vec![(eur(0).currency, 5_000)]), ..StaffLimits::default() };
        assert!(limited.allows(eur(5_000)) && !limited.allows(eur(5_001)));
        assert!(!limited.allows(Money::new(1, "CNY".parse().unwrap())), "nothing was said of yuan");
        assert!(limited.allows(Money::new(0, "CNY".parse().unwrap())));
    }
}
