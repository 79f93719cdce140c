//! Destruction: on which grounds returned clothes and shoes may be destroyed at all (N20).
//!
//! Regulation (EU) 2024/1781 art. 25(1) forbids, since 19 July 2026, to destroy unsold consumer products of its annex VII: apparel,
//! clothing accessories and footwear. What a consumer sent back by withdrawing is unsold (art. 2(37)); to destroy is to damage on
//! purpose or to discard as waste, recycling included, except to have it prepared for reuse (art. 2(34)). Commission Delegated
//! Regulation (EU) 2026/296 art. 2 lists ten derogations, (a) to (j). Of these (i) and (j) are for who was given goods or prepared
//! them for reuse and found nobody for them; a shop has neither, so they are left out.
//!
//! Read in: the act's page and recitals (<https://eur-lex.europa.eu/eli/reg_del/2026/296/oj/eng>, seen to recital 4; the wording of its
//! articles was not), and for the list and its order three accounts of it that agree: crate `dpp-domain`, `DiscardReason`;
//! <https://rmxrecommerce.com/regulatory-intelligence/espr-article-25-derogation-framework/>;
//! <https://www.traceweave.eu/en/resources/blog/excepciones-anexo-vii-reg-delegado-296-destruccion-stock-textil-grandes-empresas-tutorial>.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::ids::{Code, CountryCode};
use crate::law::is_in_the_union;

/// Why clothes or shoes may be destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScrapGround {
    /// (a): dangerous within the meaning of Regulation (EU) 2023/988.
    DangerousProduct,
    /// (b): against other law of the union or a member, which requires it or calls for it.
    NotCompliant,
    /// (c): infringes intellectual property, counterfeits included.
    InfringesRights,
    /// (d): a licence by which it was made has ended and forbids to pass it on.
    LicenceEnded,
    /// (e): labels, logos or designs that must come off cannot be taken off.
    MarksStay,
    /// (f): damaged, worn out or contaminated, and not to be repaired at a reasonable cost.
    BeyondRepair,
    /// (g): unfit by a fault of design or making that cannot be mended.
    Defective,
    /// (h): none of the above, offered as a gift as the act asks for it, and not accepted.
    DonationRefused,
    /// No derogation: the ban does not reach micro and small enterprises, nor before 19 July 2030 medium ones (art. 25 of Regulation (EU)
    /// 2024/1781). Members may go further.
    SmallEnterprise,
}

coded!(ScrapGround {
    DangerousProduct => "dangerous_product",
    NotCompliant => "not_compliant",
    InfringesRights => "infringes_rights",
    LicenceEnded => "licence_ended",
    MarksStay => "marks_stay",
    BeyondRepair => "beyond_repair",
    Defective => "defective",
    DonationRefused => "donation_refused",
    SmallEnterprise => "small_enterprise",
});

impl ScrapGround {
    /// Where it stands.
    pub fn article(self) -> &'static str {
        match self {
            Self::DangerousProduct => "2026/296 art. 2(a)",
            Self::NotCompliant => "2026/296 art. 2(b)",
            Self::InfringesRights => "2026/296 art. 2(c)",
            Self::LicenceEnded => "2026/296 art. 2(d)",
            Self::MarksStay => "2026/296 art. 2(e)",
            Self::BeyondRepair => "2026/296 art. 2(f)",
            Self::Defective => "2026/296 art. 2(g)",
            Self::DonationRefused => "2026/296 art. 2(h)",
            Self::SmallEnterprise => "2024/1781 art. 25",
        }
    }
}

/// The first day of the ban.
const SINCE: Date = jiff::civil::date(2026, 7, 19);

/// Kinds and categories that annex VII means.
const CLOTHES_AND_SHOES: [&str; 7] =
    ["apparel", "clothing", "clothes", "clothing_accessories", "clothing-accessories", "footwear", "shoes"];

/// Whether goods of these kinds and categories are destroyed only on a lawful ground, on that day, where they come from that country.
///
/// The ban is on what is on the union's market, wherever the shop is: the country is that of the customer who sends it back. Of an
/// address that nobody told it is taken to be there, as asking once too often costs a word, and not asking may break the law.
pub fn needs_ground<'k>(kinds: impl IntoIterator<Item = &'k Code>, country: Option<CountryCode>, on: Date) -> bool {
    on >= SINCE && country.is_none_or(is_in_the_union) && kinds.into_iter().any(|kind| CLOTHES_AND_SHOES.contains(&kind.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clothes_and_shoes_of_the_union_need_a_ground_since_the_ban() {
        for (kind, country, on, expected) in [
            ("apparel", "DE", "2026-11-26", true),
            ("footwear", "IE", "2026-07-19", true),
            ("apparel", "DE", "2026-07-18", false),
            ("apparel", "", "2026-11-26", true),
            ("apparel", "NO", "2026-11-26", false),
            ("apparel", "GB", "2026-11-26", false),
            ("apparel", "CN", "2026-11-26", false),
            ("electronics", "DE", "2026-11-26", false),
        ] {
            let kinds: [Code; 1] = [kind.parse().unwrap()];
            assert_eq!(needs_ground(&kinds, country.parse().ok(), on.parse().unwrap()), expected, "{kind} {country} {on}");
        }
        assert!(ScrapGround::ALL.iter().all(|ground| ground.code().parse() == Ok(*ground) && !ground.article().is_empty()));
    }
}
