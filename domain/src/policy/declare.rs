//! Macros that make a policy's types out of rows: one for facts, one for rule tables.

/// Of each row `name => Name: Kind, |known| value` a field of `ConditionDocument`, a variant of `FactKind` and one of `Wish`, with all
/// that is asked of them. What a row lacks does not compile.
macro_rules! facts {
    ($($(#[doc = $doc:literal])+ $name:ident => $Fact:ident: $Kind:ident, |$known:ident| $value:expr;)+) => {
        /// A condition as written. Every field given must hold; `any`, `all` and `not` combine conditions. An empty condition always holds.
        /// A fact that is not known makes its test fail.
        #[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct ConditionDocument {
            $($(#[doc = $doc])+ pub $name: Option<<$Kind as Kind>::Wanted>,)+
            /// At least one of these holds.
            pub any: Option<Vec<ConditionDocument>>,
            /// All of these hold.
            pub all: Option<Vec<ConditionDocument>>,
            /// This does not hold.
            pub not: Option<Box<ConditionDocument>>,
        }

        /// A fact a test reads, or how tests are combined.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum FactKind {
            $($(#[doc = $doc])+ $Fact,)+
            /// At least one condition holds.
            Any,
            /// All conditions hold.
            All,
            /// A condition does not hold.
            Not,
        }

        /// What a rule wants of one fact.
        #[derive(Clone, Debug, PartialEq)]
        pub(super) enum Wish {
            $($Fact(<$Kind as Kind>::Wanted),)+
        }

        impl FactKind {
            /// As written in a policy document.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$Fact => stringify!($name),)+
                    Self::Any => "any",
                    Self::All => "all",
                    Self::Not => "not",
                }
            }

            /// The fact of that name.
            pub(super) fn of(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self::$Fact),)+
                    _ => None,
                }
            }

            /// The fact of a line, for a trace; nothing where it is not known.
            pub(super) fn shown(self, known: &Known<'_>) -> Option<String> {
                match self {
                    $(Self::$Fact => {
                        let $known = known;
                        $Kind::shown($value)
                    })+
                    Self::Any | Self::All | Self::Not => None,
                }
            }
        }

        impl serde::Serialize for FactKind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl ConditionDocument {
            /// Takes out what it wants of facts, in the order of its fields.
            pub(super) fn take_wishes(&mut self) -> Vec<Wish> {
                [$(self.$name.take().map(Wish::$Fact)),+].into_iter().flatten().collect()
            }
        }

        impl Wish {
            pub(super) fn fact(&self) -> FactKind {
                match self {
                    $(Self::$Fact(_) => FactKind::$Fact,)+
                }
            }

            pub(super) fn holds(&self, known: &Known<'_>) -> bool {
                match self {
                    $(Self::$Fact(wanted) => {
                        let $known = known;
                        $Kind::holds(wanted, $value)
                    })+
                }
            }

            pub(super) fn wants(&self) -> Wants {
                match self {
                    $(Self::$Fact(wanted) => $Kind::wants(wanted),)+
                }
            }

            /// Whether it can be compared with an amount of that currency.
            pub(super) fn names(&self, currency: crate::money::Currency) -> bool {
                match self {
                    $(Self::$Fact(wanted) => $Kind::names(wanted, currency),)+
                }
            }

            /// The codes it compares the fact with.
            pub(super) fn codes(&self) -> &[Code] {
                match self {
                    $(Self::$Fact(wanted) => $Kind::codes(wanted),)+
                }
            }
        }
    };
}

/// Of each row `name => Name: Effect, first | all` a table of `PolicyDocument` and one of `Policy`, and a variant of `Table`. In a table
/// of `first` the first rule that fires wins, in one of `all` all that fire apply.
macro_rules! tables {
    ($($(#[doc = $doc:literal])+ $name:ident => $Table:ident: $Effect:ident, $wins:ident;)+) => {
        /// A policy as a merchant writes it. In every table the first rule that fires wins, but for `exclusion` and `evidence`, where all
        /// that fire apply.
        #[derive(Clone, Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct PolicyDocument {
            /// Where the JSON Schema is; for editors.
            #[serde(default, rename = "$schema")]
            pub schema: Option<String>,
            /// Version of this format: 1.
            pub homebound_policy: u32,
            /// Shown to staff and on the policy page.
            #[serde(default)]
            pub name: Words,
            /// IANA time zone in which days are counted: `Asia/Shanghai`.
            pub time_zone: String,
            /// Days from sending (or ordering) to arrival where the feed names no delivery.
            #[serde(default)]
            pub assumed_transit_days: u32,
            /// Named periods of orders (C46).
            #[serde(default)]
            pub campaigns: Vec<Campaign>,
            /// What the law calls goods of a category or tag, where an order's lines do not say it themselves.
            #[serde(default)]
            pub kinds_of_goods: Vec<KindRule>,
            /// The shop's membership tiers, where rules are to be checked against them.
            #[serde(default)]
            pub tiers: Vec<Code>,
            /// Membership tiers from the lowest to the highest: which is better (C47).
            #[serde(default)]
            pub tier_ranking: Vec<Code>,
            /// Which tier counts where it is another now than at the order: `better` by that ranking, `at_order` or `at_return`.
            #[serde(default)]
            pub tier_counts: TierCounts,
            $($(#[doc = $doc])+ #[serde(default)] pub $name: Vec<RuleDocument<$Effect>>,)+
            /// What happens to gifts that came along (C45).
            #[serde(default)]
            pub gifts: GiftRule,
            /// Whether bundles may be split.
            #[serde(default)]
            pub bundles: BundleRule,
            /// How long each step takes at most.
            #[serde(default)]
            pub promises: Promises,
        }

        /// A table of the document.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Table {
            $($(#[doc = $doc])+ $Table,)+
        }

        /// A policy, checked and compiled: what [`judge`](super::judge()) applies.
        #[derive(Clone, Debug)]
        pub struct Policy {
            /// Shown to staff and on the policy page.
            pub name: Words,
            /// Days are counted here.
            pub time_zone: TimeZone,
            /// Days from sending to arrival where the feed names no delivery.
            pub assumed_transit_days: u32,
            /// Named periods of orders.
            pub campaigns: Vec<Campaign>,
            /// What the law calls goods of a category or tag.
            pub kinds_of_goods: Vec<KindRule>,
            /// The shop's membership tiers, where it lists them.
            pub tiers: Vec<Code>,
            /// Its tiers from the lowest to the highest, where it says so.
            pub tier_ranking: Vec<Code>,
            /// Which tier counts where it is another now than at the order.
            pub tier_counts: TierCounts,
            $($(#[doc = $doc])+ pub $name: Vec<Rule<$Effect>>,)+
            /// What happens to gifts that came along.
            pub gifts: GiftRule,
            /// Whether bundles may be split.
            pub bundles: BundleRule,
            /// How long each step takes at most.
            pub promises: Promises,
            pub(super) fees_read_resolution: bool,
        }

        impl Table {
            /// All tables, in the order in which a shopper reads them.
            pub const ALL: &'static [Self] = &[$(Self::$Table),+];

            /// As written in a policy document.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$Table => stringify!($name),)+
                }
            }

            /// Whether the first rule that fires wins; else all that fire apply.
            pub fn first_wins(self) -> bool {
                match self {
                    $(Self::$Table => stringify!($wins) == "first",)+
                }
            }
        }

        impl serde::Serialize for Table {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl Policy {
            /// Compiles a document whose content was checked by [`read`](super::read()).
            pub(super) fn compile(document: PolicyDocument, time_zone: TimeZone) -> Self {
                let mut policy = Self {
                    name: document.name,
                    time_zone,
                    assumed_transit_days: document.assumed_transit_days,
                    campaigns: document.campaigns,
                    kinds_of_goods: document.kinds_of_goods,
                    tiers: document.tiers,
                    tier_ranking: document.tier_ranking,
                    tier_counts: document.tier_counts,
                    $($name: document.$name.into_iter().map(Rule::from).collect(),)+
                    gifts: document.gifts,
                    bundles: document.bundles,
                    promises: document.promises,
                    fees_read_resolution: false,
                };
                policy.fees_read_resolution = policy.fee.iter().any(|rule| rule.when.reads(FactKind::Resolution));
                policy
            }

            /// The rules of a table, in order.
            pub fn heads(&self, table: Table) -> Vec<RuleHead<'_>> {
                match table {
                    $(Table::$Table => self.$name.iter().map(Rule::head).collect(),)+
                }
            }

            /// A rule by its place in its table.
            ///
            /// # Panics
            ///
            /// Where the table has no such place.
            pub(super) fn head(&self, table: Table, index: u16) -> RuleHead<'_> {
                match table {
                    $(Table::$Table => self.$name[usize::from(index)].head(),)+
                }
            }

            /// The effects of a table, in order.
            pub(super) fn effects(&self, table: Table) -> Vec<&dyn Effect> {
                match table {
                    $(Table::$Table => self.$name.iter().map(|rule| &rule.then as &dyn Effect).collect(),)+
                }
            }

            /// Whether the rule at a place of a table says what another policy's does, its id aside. `false` where there is no such place.
            pub fn same_rule(&self, table: Table, index: usize, other: &Self, there: usize) -> bool {
                match table {
                    $(Table::$Table => match (self.$name.get(index), other.$name.get(there)) {
                        (Some(rule), Some(like)) => rule.when == like.when && rule.then == like.then && rule.say == like.say,
                        _ => false,
                    },)+
                }
            }

            /// How many rules all tables hold.
            pub fn rules(&self) -> usize {
                0 $(+ self.$name.len())+
            }
        }
    };
}

pub(super) use {facts, tables};
