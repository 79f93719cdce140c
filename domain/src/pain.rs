//! A file of transfers for a bank: a customer credit transfer initiation (ISO 20022, pain.001.001.09) as the rulebook for SEPA credit transfers has it
//! (EPC132-08, 2023 version 1.0).

use jiff::Timestamp;
use jiff::civil::Date;

use crate::bank::{Iban, LONGEST_HOLDER, latin};
use crate::money::{Currency, decimal_text};
use crate::xml::Xml;

/// Characters of an identifier (Max35Text).
pub const LONGEST_ID: usize = 35;
/// Characters of what is said with a transfer (AT-05).
const LONGEST_ABOUT: usize = 140;

/// Money from one account to several.
#[derive(Clone, Debug)]
pub struct Transfers {
    /// Our name for all of them: `T12`.
    pub id: String,
    /// When the file was written.
    pub at: Timestamp,
    /// On which day the bank is to do it.
    pub on: Date,
    /// Who pays, and from which account; where they bank (BIC), where that is known.
    pub debtor: String,
    pub from: Iban,
    pub bic: Option<String>,
    /// That of all of them: euros are all that SEPA moves.
    pub currency: Currency,
    pub transfers: Vec<Transfer>,
}

/// Money to one account.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// Our name for it, which goes with it to its end: `R-7KQ4-M2XD-p1`.
    pub id: String,
    /// Minor units; above 0.
    pub amount: i64,
    pub holder: String,
    pub to: Iban,
    /// What it is for, as the customer reads it.
    pub about: String,
}

/// A name in letters that banks take; no name of theirs is empty.
fn name_of(name: &str) -> String {
    Some(latin(name, LONGEST_HOLDER)).filter(|name| !name.is_empty()).unwrap_or_else(|| "NOTPROVIDED".to_owned())
}

/// The XML of such a file.
pub fn pain001(all: &Transfers) -> String {
    let amount = |minor: i64| decimal_text(minor, all.currency);
    let id = |text: &str| latin(text, LONGEST_ID);
    let sum = amount(all.transfers.iter().map(|transfer| transfer.amount).sum());
    let count = all.transfers.len().to_string();
    let name = name_of(&all.debtor);
    // Of ISO 8601 the schema takes seconds without parts.
    let written = all.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut xml = Xml::default();
    xml.open("Document", &[("xmlns", "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09")]);
    xml.within("CstmrCdtTrfInitn", |xml| {
        xml.within("GrpHdr", |xml| {
            xml.text("MsgId", &id(&format!("{}-{}", all.id, all.at.as_second())));
            xml.text("CreDtTm", &written);
            xml.text("NbOfTxs", &count);
            xml.text("CtrlSum", &sum);
            xml.within("InitgPty", |xml| xml.text("Nm", &name));
        });
        xml.within("PmtInf", |xml| {
            xml.text("PmtInfId", &id(&all.id));
            xml.text("PmtMtd", "TRF");
            xml.text("NbOfTxs", &count);
            xml.text("CtrlSum", &sum);
            xml.within("PmtTpInf", |xml| xml.within("SvcLvl", |xml| xml.text("Cd", "SEPA")));
            xml.within("ReqdExctnDt", |xml| xml.text("Dt", &all.on.to_string()));
            xml.within("Dbtr", |xml| xml.text("Nm", &name));
            xml.within("DbtrAcct", |xml| xml.within("Id", |xml| xml.text("IBAN", all.from.as_str())));
            xml.within("DbtrAgt", |xml| {
                xml.within("FinInstnId", |xml| match &all.bic {
                    Some(bic) => xml.text("BICFI", bic),
                    None => xml.within("Othr", |xml| xml.text("Id", "NOTPROVIDED")),
                });
            });
            xml.text("ChrgBr", "SLEV");
            for transfer in &all.transfers {
                xml.within("CdtTrfTxInf", |xml| {
                    xml.within("PmtId", |xml| xml.text("EndToEndId", &id(&transfer.id)));
                    let currency = [("Ccy", all.currency.code())];
                    xml.within("Amt", |xml| xml.valued("InstdAmt", &currency, &amount(transfer.amount)));
                    xml.within("Cdtr", |xml| xml.text("Nm", &name_of(&transfer.holder)));
                    xml.within("CdtrAcct", |xml| xml.within("Id", |xml| xml.text("IBAN", transfer.to.as_str())));
                    xml.within("RmtInf", |xml| xml.text("Ustrd", &latin(&transfer.about, LONGEST_ABOUT)));
                });
            }
        });
    });
    xml.close("Document");
    xml.written()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(transfers: Vec<Transfer>) -> Transfers {
        Transfers {
            id: "T12".into(),
            at: "2026-11-27T16:00:01.25Z".parse().unwrap(),
            on: "2026-11-30".parse().unwrap(),
            debtor: "Linden & Co. <GmbH>".into(),
            from: "DE89370400440532013000".parse().unwrap(),
            bic: Some("COBADEFFXXX".into()),
            currency: "EUR".parse().unwrap(),
            transfers,
        }
    }

    fn to(id: &str, amount: i64) -> Transfer {
        Transfer {
            id: id.into(),
            amount,
            holder: "Zoë <Ünal>".into(),
            to: "FR1420041010050500013M02606".parse().unwrap(),
            about: "Return R-7KQ4-M2XD & order 1".into(),
        }
    }

    /// What elements there are, one within the other.
    fn paths(xml: &str) -> Vec<String> {
        let (mut within, mut found) = (Vec::<String>::new(), Vec::new());
        for part in xml.split('<').skip(2) {
            let tag = part.split('>').next().unwrap();
            match tag.strip_prefix('/') {
                Some(name) => assert_eq!(within.pop().as_deref(), Some(name), "each element ends"),
                None => {
                    within.push(tag.split(' ').next().unwrap().to_owned());
                    found.push(within.join("/"));
                }
            }
        }
        assert!(within.is_empty());
        found
    }

    #[test]
    fn each_element_stands_where_the_schema_has_it() {
        let xml = pain001(&all(vec![to("R-7KQ4-M2XD-p1", 1_250)]));
        let root = "Document/CstmrCdtTrfInitn";
        let expected = "GrpHdr GrpHdr/MsgId GrpHdr/CreDtTm GrpHdr/NbOfTxs GrpHdr/CtrlSum GrpHdr/InitgPty GrpHdr/InitgPty/Nm \
            PmtInf PmtInf/PmtInfId PmtInf/PmtMtd PmtInf/NbOfTxs PmtInf/CtrlSum PmtInf/PmtTpInf PmtInf/PmtTpInf/SvcLvl PmtInf/PmtTpInf/SvcLvl/Cd \
            PmtInf/ReqdExctnDt PmtInf/ReqdExctnDt/Dt PmtInf/Dbtr PmtInf/Dbtr/Nm PmtInf/DbtrAcct PmtInf/DbtrAcct/Id PmtInf/DbtrAcct/Id/IBAN \
            PmtInf/DbtrAgt PmtInf/DbtrAgt/FinInstnId PmtInf/DbtrAgt/FinInstnId/BICFI PmtInf/ChrgBr PmtInf/CdtTrfTxInf PmtInf/CdtTrfTxInf/PmtId \
            PmtInf/CdtTrfTxInf/PmtId/EndToEndId PmtInf/CdtTrfTxInf/Amt PmtInf/CdtTrfTxInf/Amt/InstdAmt PmtInf/CdtTrfTxInf/Cdtr \
            PmtInf/CdtTrfTxInf/Cdtr/Nm PmtInf/CdtTrfTxInf/CdtrAcct PmtInf/CdtTrfTxInf/CdtrAcct/Id PmtInf/CdtTrfTxInf/CdtrAcct/Id/IBAN \
            PmtInf/CdtTrfTxInf/RmtInf PmtInf/CdtTrfTxInf/RmtInf/Ustrd";
        let expected: Vec<String> = ["Document".to_owned(), root.to_owned()]
            .into_iter()
            .chain(expected.split_whitespace().map(|path| format!("{root}/{path}")))
            .collect();
        assert_eq!(paths(&xml), expected);
        for part in [
            "<MsgId>T12-1795795201</MsgId>",
            "<CreDtTm>2026-11-27T16:00:01Z</CreDtTm>",
            "<EndToEndId>R-7KQ4-M2XD-p1</EndToEndId>",
            "<InstdAmt Ccy=\"EUR\">12.50</InstdAmt>",
            "<Nm>Linden + Co. .GmbH.</Nm>",
            "<Nm>Zoe .Uenal.</Nm>",
            "<Ustrd>Return R-7KQ4-M2XD + order 1</Ustrd>",
        ] {
            assert!(xml.contains(part), "{part}: {xml}");
        }
    }

    #[test]
    fn sums_and_counts_are_of_what_is_written() {
        let xml = pain001(&Transfers { bic: None, ..all(vec![to("a", 1), to("b", 999), to("c", 10_000)]) });
        assert_eq!(xml.matches("<NbOfTxs>3</NbOfTxs>").count(), 2);
        assert_eq!(xml.matches("<CtrlSum>110.00</CtrlSum>").count(), 2);
        assert_eq!(xml.matches("<CdtTrfTxInf>").count(), 3);
        let nobody = pain001(&all(vec![Transfer { holder: "//".into(), ..to("a", 1) }]));
        assert!(nobody.contains("<Cdtr><Nm>NOTPROVIDED</Nm>") || nobody.replace('\n', "").contains("<Cdtr><Nm>NOTPROVIDED</Nm>"));
        assert!(paths(&xml).contains(&"Document/CstmrCdtTrfInitn/PmtInf/DbtrAgt/FinInstnId/Othr/Id".to_owned()));
    }
}
