//! Why goods come back: a tree of reasons, each saying whose fault it is (C11, C12).

use serde::{Deserialize, Serialize};

use crate::ids::Code;
use crate::words::{Locale, Words};

/// Who answers for a reason: decides freight, evidence and compensation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The shop: fault of the goods, wrong or missing item.
    Merchant,
    /// Whoever carried the parcel.
    Carrier,
    /// The customer changed their mind or chose wrongly.
    Customer,
    /// Nobody, or not known yet.
    Nobody,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Merchant => "merchant",
            Self::Carrier => "carrier",
            Self::Customer => "customer",
            Self::Nobody => "nobody",
        })
    }
}

/// The reasons that every shop has, as a shop writes its own.
const DEFAULT: &str = include_str!("../reasons/default.json");

/// A reason or sub-reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    pub code: Code,
    pub fault: Fault,
    /// Text per locale; the built-in ones are named by the catalogue instead.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub name: Words,
    /// Offered only for these categories; empty: for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Code>,
    /// It never arrived: nothing has to come back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub never_arrived: bool,
    /// What policy is asked about where only the fault is known: what if something were wrong with it? Of several for one fault the last.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub typical: bool,
    /// Customers are asked how an item of these categories fits (C28).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks_fit: Vec<Code>,
    /// Finer reasons below this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_reasons: Vec<Reason>,
}

/// All reasons a shop offers, in the order they are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ReasonTree {
    reasons: Vec<Reason>,
}

/// A reason (and sub-reason) that was chosen, resolved against the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenReason {
    pub reason: Code,
    /// The finer one, where given.
    pub sub_reason: Option<Code>,
    /// Whose fault: the sub-reason's where there is one.
    pub fault: Fault,
    /// It never arrived: nothing has to come back.
    pub never_arrived: bool,
}

impl ChosenReason {
    /// Who withdraws need not say why; kept in place of a reason.
    pub const WITHDRAWAL: &str = "withdrawal";

    /// That no reason was given, and none is needed.
    pub fn withdrawal() -> Self {
        let reason = Self::WITHDRAWAL.parse().expect("a code");
        Self { reason, sub_reason: None, fault: Fault::Customer, never_arrived: false }
    }
}

/// Why a choice of reason, or a shop's own reason, was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReasonError {
    /// Not in the tree.
    #[error("there is no reason `{0}`{hint}", hint = hint(.1))]
    Unknown(String, Option<String>),
    /// Not below that reason.
    #[error("reason `{0}` has no sub-reason `{1}`{hint}", hint = hint(.2))]
    UnknownSub(Code, String, Option<String>),
    /// For other categories only.
    #[error("reason `{0}` is not offered for this category")]
    OtherCategory(Code),
    #[error("reason `{0}` is defined twice")]
    Twice(Code),
    /// A shop's own reason without a text.
    #[error("reason `{0}` needs a name in {1}")]
    Unnamed(Code, Locale),
    /// Deeper than two levels.
    #[error("sub-reason `{0}` cannot have sub-reasons of its own")]
    TooDeep(Code),
}

fn hint(meant: &Option<String>) -> String {
    meant.as_ref().map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default()
}

impl Default for ReasonTree {
    fn default() -> Self {
        // `the_built_in_reasons_are_those_of_the_interface` reads the same document.
        Self { reasons: serde_json::from_str(DEFAULT).expect("the built-in reasons") }
    }
}

impl ReasonTree {
    /// The built-in reasons with a shop's own added (C12), named in the shop's languages: a reason of a known code gets the further sub-reasons and categories of
    /// `asks_fit`, a new code is a new reason before `other`.
    pub fn with_own(own: Vec<Reason>, languages: &[Locale]) -> Result<Self, ReasonError> {
        let mut tree = Self::default();
        for reason in own {
            for sub in &reason.sub_reasons {
                if !sub.sub_reasons.is_empty() {
                    return Err(ReasonError::TooDeep(sub.code.clone()));
                }
                if let Some(lacks) = sub.name.lacks(languages) {
                    return Err(ReasonError::Unnamed(sub.code.clone(), lacks));
                }
            }
            if let Some(known) = tree.reasons.iter_mut().find(|known| known.code == reason.code) {
                known.asks_fit.extend(reason.asks_fit);
                for sub in reason.sub_reasons {
                    if known.sub_reasons.iter().any(|existing| existing.code == sub.code) {
                        return Err(ReasonError::Twice(sub.code));
                    }
                    known.sub_reasons.push(sub);
                }
            } else {
                if let Some(lacks) = reason.name.lacks(languages) {
                    return Err(ReasonError::Unnamed(reason.code, lacks));
                }
                let last = tree.reasons.len() - 1;
                tree.reasons.insert(last, reason);
            }
        }
        Ok(tree)
    }

    /// Every reason, for all categories.
    pub fn all(&self) -> &[Reason] {
        &self.reasons
    }

    /// The reasons offered for `category`, in order.
    pub fn offered(&self, category: Option<&Code>) -> impl Iterator<Item = &Reason> {
        self.reasons.iter().filter(move |reason| reason.suits(category))
    }

    /// What policy is asked about for an item of `category` where only the fault is known.
    pub fn typical(&self, fault: Fault, category: Option<&Code>) -> Option<ChosenReason> {
        let reason = self.offered(category).filter(|reason| reason.typical && reason.fault == fault).last()?;
        self.choose(reason.code.as_str(), None, category).ok()
    }

    /// Whether customers are asked how an item of `category` fits.
    pub fn asks_fit(&self, category: Option<&Code>) -> bool {
        category.is_some_and(|category| self.reasons.iter().any(|reason| reason.asks_fit.contains(category)))
    }

    /// The reason or sub-reason of that code.
    pub fn find(&self, code: &str) -> Option<&Reason> {
        self.reasons
            .iter()
            .flat_map(|reason| std::iter::once(reason).chain(&reason.sub_reasons))
            .find(|reason| reason.code.as_str() == code)
    }

    /// Resolves what somebody chose for an item of `category`.
    pub fn choose(&self, reason: &str, sub_reason: Option<&str>, category: Option<&Code>) -> Result<ChosenReason, ReasonError> {
        let unknown = || {
            let codes = self.reasons.iter().map(|known| known.code.as_str());
            ReasonError::Unknown(reason.to_owned(), crate::words::nearest(reason, codes))
        };
        let chosen = self.reasons.iter().find(|known| known.code.as_str() == reason).ok_or_else(unknown)?;
        if !chosen.suits(category) {
            return Err(ReasonError::OtherCategory(chosen.code.clone()));
        }
        let Some(wanted) = sub_reason else {
            return Ok(ChosenReason {
                reason: chosen.code.clone(),
                sub_reason: None,
                fault: chosen.fault,
                never_arrived: chosen.never_arrived,
            });
        };
        let sub = chosen.sub_reasons.iter().find(|sub| sub.code.as_str() == wanted && sub.suits(category)).ok_or_else(|| {
            let codes = chosen.sub_reasons.iter().map(|sub| sub.code.as_str());
            ReasonError::UnknownSub(chosen.code.clone(), wanted.to_owned(), crate::words::nearest(wanted, codes))
        })?;
        Ok(ChosenReason {
            reason: chosen.code.clone(),
            sub_reason: Some(sub.code.clone()),
            fault: sub.fault,
            never_arrived: chosen.never_arrived || sub.never_arrived,
        })
    }
}

impl Reason {
    /// Whether it is offered for items of `category`.
    pub fn suits(&self, category: Option<&Code>) -> bool {
        self.categories.is_empty() || category.is_some_and(|category| self.categories.contains(category))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> Vec<Reason> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_built_in_reasons_are_those_of_the_interface() {
        let tree = ReasonTree::default();
        let codes: Vec<_> = tree.all().iter().map(|reason| reason.code.as_str()).collect();
        assert_eq!(codes, ["quality", "size", "damaged_in_transit", "wrong_item", "missing_item", "late", "dislike", "other"]);
        let chosen = tree.choose("size", Some("not_as_specified"), None).unwrap();
        assert_eq!(chosen.fault, Fault::Merchant, "the sub-reason decides whose fault it is");
        assert_eq!(tree.choose("size", None, None).unwrap().fault, Fault::Customer);
    }

    #[test]
    fn a_slip_is_answered_with_what_was_meant() {
        let tree = ReasonTree::default();
        assert_eq!(tree.choose("qualty", None, None), Err(ReasonError::Unknown("qualty".into(), Some("quality".into()))));
        assert_eq!(
            tree.choose("size", Some("to_small"), None).unwrap_err().to_string(),
            "reason `size` has no sub-reason `to_small`; did you mean `too_small`?"
        );
        assert!(matches!(tree.choose("dislike", Some("too_small"), None), Err(ReasonError::UnknownSub(..))));
    }

    #[test]
    fn a_shop_adds_its_own_reasons() {
        let tree = ReasonTree::with_own(own(
            r#"[{"code":"quality","fault":"merchant","sub_reasons":[{"code":"pilling","fault":"merchant","name":{"zh-CN":"起球","en":"Pilling"},"categories":["apparel"]}]},
                {"code":"gift_unwanted","fault":"customer","name":{"zh-CN":"不想要的礼物","en":"Unwanted gift"},"categories":["toys"]}]"#,
        ), &Locale::ALL)
        .unwrap();
        let apparel: Code = "apparel".parse().unwrap();
        let toys: Code = "toys".parse().unwrap();
        assert!(tree.choose("quality", Some("pilling"), Some(&apparel)).is_ok());
        assert!(tree.choose("quality", Some("pilling"), Some(&toys)).is_err());
        assert!(tree.choose("gift_unwanted", None, Some(&toys)).is_ok());
        assert_eq!(tree.choose("gift_unwanted", None, None), Err(ReasonError::OtherCategory("gift_unwanted".parse().unwrap())));
        assert_eq!(tree.all().last().unwrap().code.as_str(), "other", "`other` stays last");
    }

    #[test]
    fn a_shop_s_own_reasons_ask_for_the_fit_and_stand_for_a_fault() {
        let gloves: Code = "gloves".parse().unwrap();
        let built_in = ReasonTree::default();
        assert!(built_in.asks_fit(Some(&"shoes".parse().unwrap())) && !built_in.asks_fit(Some(&gloves)) && !built_in.asks_fit(None));
        assert_eq!(built_in.typical(Fault::Merchant, None).unwrap().reason.as_str(), "quality");
        assert_eq!(built_in.typical(Fault::Customer, None).unwrap().reason.as_str(), "dislike");
        let tree = ReasonTree::with_own(
            own(r#"[{"code":"size","fault":"customer","asks_fit":["gloves"]},
                {"code":"seam","fault":"merchant","name":{"zh-CN":"开线","en":"Seam open"},"categories":["gloves"],"typical":true}]"#),
            &Locale::ALL,
        )
        .unwrap();
        assert!(tree.asks_fit(Some(&gloves)));
        assert_eq!(tree.typical(Fault::Merchant, Some(&gloves)).unwrap().reason.as_str(), "seam");
        assert_eq!(tree.typical(Fault::Merchant, None).unwrap().reason.as_str(), "quality", "for gloves only");
    }

    #[test]
    fn own_reasons_are_checked() {
        let unnamed = own(r#"[{"code":"smell","fault":"merchant","name":{"en":"Smells"}}]"#);
        assert_eq!(ReasonTree::with_own(unnamed.clone(), &Locale::ALL).unwrap_err().to_string(), "reason `smell` needs a name in zh-CN");
        assert!(ReasonTree::with_own(unnamed, &[Locale::En]).is_ok(), "a shop of one language");
        let twice = own(
            r#"[{"code":"size","fault":"customer","sub_reasons":[{"code":"too_small","fault":"customer","name":{"zh-CN":"小","en":"small"}}]}]"#,
        );
        assert_eq!(ReasonTree::with_own(twice, &Locale::ALL), Err(ReasonError::Twice("too_small".parse().unwrap())));
    }
}
