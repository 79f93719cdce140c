//! A credit note, or what takes one back, as the XML of a European electronic invoice: EN 16931-1 in the syntax of UBL 2.1 (CEN/TS 16931-3-2). The terms that each part is (BT, BG)
//! stand beside it.

use crate::credit_note::{CreditNote, Item, Party, TaxRate};
use crate::money::decimal_text;
use crate::xml::Xml;

/// What a document's elements are called, and its kind (UNTDID 1001).
struct Shape {
    root: &'static str,
    namespace: &'static str,
    type_code: (&'static str, &'static str),
    line: &'static str,
    quantity: &'static str,
}

/// A commercial credit note.
const CREDIT_NOTE: Shape = Shape {
    root: "CreditNote",
    namespace: "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
    type_code: ("cbc:CreditNoteTypeCode", "381"),
    line: "cac:CreditNoteLine",
    quantity: "cbc:CreditedQuantity",
};

/// A debit note, which takes a credit note back: to the standard it is an invoice.
const DEBIT_NOTE: Shape = Shape {
    root: "Invoice",
    namespace: "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    type_code: ("cbc:InvoiceTypeCode", "383"),
    line: "cac:InvoiceLine",
    quantity: "cbc:InvoicedQuantity",
};

/// A piece (UNECE Recommendation 20).
const PIECE: &str = "C62";
/// Amounts have two decimals at most (BR-DEC-*).
const MOST_DECIMALS: u32 = 2;

/// Why a credit note cannot be written so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoInvoice {
    /// Who charges tax is known by a number of theirs (BR-S-02, BR-Z-02).
    #[error("the order has tax in it, and the shop's number for value added tax is not set (`shop.vat_id`)")]
    NoTaxNumber,
    #[error("an electronic invoice has no more than two decimals")]
    Decimals,
    #[error("the shop's address names no country")]
    NoCountry,
}

/// What is said in words in it.
pub struct Words {
    /// Of each row, in their order.
    pub items: Vec<String>,
    /// That the money has left already.
    pub terms: String,
    /// What it is for.
    pub about: String,
    /// Whoever buys, where they have no name.
    pub somebody: String,
    /// The seller as others find them, such as the host of their pages: stands where no number for value added tax does (BR-CO-26).
    pub seller_id: String,
}

/// The category of a rate (UNTDID 5305).
fn category(note: &CreditNote, rate: TaxRate) -> &'static str {
    match (note.taxed, rate) {
        (false, _) => "O",
        (true, TaxRate::NONE) => "Z",
        (true, _) => "S",
    }
}

/// The XML of a credit note.
pub fn ubl(note: &CreditNote, words: &Words) -> Result<String, NoInvoice> {
    if note.taxed && note.seller.vat_id.is_none() {
        return Err(NoInvoice::NoTaxNumber);
    }
    if note.currency.decimals() > MOST_DECIMALS {
        return Err(NoInvoice::Decimals);
    }
    let home = note.seller.address.country.ok_or(NoInvoice::NoCountry)?;
    let mut xml = Xml::default();
    let shape = if note.corrects.is_some() { DEBIT_NOTE } else { CREDIT_NOTE };
    let amount = |minor: i64| decimal_text(minor, note.currency);
    let currency = [("currencyID", note.currency.code())];
    xml.open(
        shape.root,
        &[
            ("xmlns", shape.namespace),
            ("xmlns:cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"),
            ("xmlns:cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"),
        ],
    );
    // BT-24, BT-1, BT-2, BT-3, BT-22, BT-5
    xml.text("cbc:CustomizationID", "urn:cen.eu:en16931:2017");
    xml.text("cbc:ID", &note.number.to_string());
    xml.text("cbc:IssueDate", &note.issued_on.to_string());
    xml.text(shape.type_code.0, shape.type_code.1);
    xml.text("cbc:Note", &words.about);
    xml.text("cbc:DocumentCurrencyCode", note.currency.code());
    // BT-13
    xml.within("cac:OrderReference", |xml| xml.text("cbc:ID", note.order.as_str()));
    // BG-3: the standard names what went before so, whatever it is (UBL-SR-07).
    if let Some(corrected) = note.corrects {
        xml.within("cac:BillingReference", |xml| {
            xml.within("cac:InvoiceDocumentReference", |xml| xml.text("cbc:ID", &corrected.to_string()));
        });
    }
    // BG-4: what is outside of taxes names no number for them (BR-O-02).
    let vat_id = note.seller.vat_id.as_deref().filter(|_| note.taxed);
    xml.within("cac:AccountingSupplierParty", |xml| {
        party(xml, &note.seller, &note.seller.name, home.as_str(), vat_id, Some(&words.seller_id))
    });
    // BG-7
    let buyer = Some(note.buyer.name.as_str()).filter(|name| !name.trim().is_empty()).unwrap_or(&words.somebody);
    let country = note.buyer.address.country.unwrap_or(home);
    xml.within("cac:AccountingCustomerParty", |xml| party(xml, &note.buyer, buyer, country.as_str(), None, None));
    // BT-20
    xml.within("cac:PaymentTerms", |xml| xml.text("cbc:Note", &words.terms));
    let rows = || note.items.iter().zip(&words.items);
    // BG-20, BG-21
    for (item, text) in rows().filter(|(item, _)| !note.is_line(item)) {
        xml.within("cac:AllowanceCharge", |xml| {
            xml.text("cbc:ChargeIndicator", if item.net < 0 { "false" } else { "true" });
            xml.text("cbc:AllowanceChargeReason", text);
            xml.valued("cbc:Amount", &currency, &amount(item.net.abs()));
            tax_category(xml, "cac:TaxCategory", note, item.rate, false);
        });
    }
    // BG-22, BG-23
    xml.within("cac:TaxTotal", |xml| {
        xml.valued("cbc:TaxAmount", &currency, &amount(note.tax()));
        for row in &note.taxes {
            xml.within("cac:TaxSubtotal", |xml| {
                xml.valued("cbc:TaxableAmount", &currency, &amount(row.net));
                xml.valued("cbc:TaxAmount", &currency, &amount(row.tax));
                tax_category(xml, "cac:TaxCategory", note, row.rate, true);
            });
        }
    });
    let sum = |which: &dyn Fn(&Item) -> bool| note.items.iter().filter(|item| which(item)).map(|item| item.net).sum::<i64>();
    let allowances = -sum(&|item| !note.is_line(item) && item.net < 0);
    let charges = sum(&|item| !note.is_line(item) && item.net >= 0);
    xml.within("cac:LegalMonetaryTotal", |xml| {
        xml.valued("cbc:LineExtensionAmount", &currency, &amount(sum(&|item| note.is_line(item))));
        xml.valued("cbc:TaxExclusiveAmount", &currency, &amount(note.net()));
        xml.valued("cbc:TaxInclusiveAmount", &currency, &amount(note.total));
        if note.items.iter().any(|item| !note.is_line(item) && item.net < 0) {
            xml.valued("cbc:AllowanceTotalAmount", &currency, &amount(allowances));
        }
        if note.items.iter().any(|item| !note.is_line(item) && item.net >= 0) {
            xml.valued("cbc:ChargeTotalAmount", &currency, &amount(charges));
        }
        xml.valued("cbc:PayableAmount", &currency, &amount(note.total));
    });
    // BG-25
    for (place, (item, text)) in rows().filter(|(item, _)| note.is_line(item)).enumerate() {
        xml.within(shape.line, |xml| {
            xml.text("cbc:ID", &(place + 1).to_string());
            xml.valued(shape.quantity, &[("unitCode", PIECE)], &item.units.to_string());
            xml.valued("cbc:LineExtensionAmount", &currency, &amount(item.net));
            xml.within("cac:Item", |xml| {
                xml.text("cbc:Name", item.name.as_ref().filter(|name| !name.trim().is_empty()).unwrap_or(text));
                if let Some(sku) = &item.sku {
                    xml.within("cac:SellersItemIdentification", |xml| xml.text("cbc:ID", sku.as_str()));
                }
                tax_category(xml, "cac:ClassifiedTaxCategory", note, item.rate, false);
            });
            // All units together: one of them may not come out to a minor unit.
            xml.within("cac:Price", |xml| {
                xml.valued("cbc:PriceAmount", &currency, &amount(item.net));
                xml.valued("cbc:BaseQuantity", &[("unitCode", PIECE)], &item.units.to_string());
            });
        });
    }
    xml.close(shape.root);
    Ok(xml.written())
}

fn party(xml: &mut Xml, party: &Party, name: &str, country: &str, vat_id: Option<&str>, id: Option<&str>) {
    let address = &party.address;
    xml.within("cac:Party", |xml| {
        if let Some(id) = id {
            xml.within("cac:PartyIdentification", |xml| xml.text("cbc:ID", id));
        }
        xml.within("cac:PostalAddress", |xml| {
            let lines = [
                ("cbc:StreetName", &address.line1),
                ("cbc:AdditionalStreetName", &address.line2),
                ("cbc:CityName", &address.city),
                ("cbc:PostalZone", &address.postal_code),
                ("cbc:CountrySubentity", &address.region),
            ];
            for (name, text) in lines {
                if let Some(text) = text.as_ref().filter(|text| !text.trim().is_empty()) {
                    xml.text(name, text);
                }
            }
            xml.within("cac:Country", |xml| xml.text("cbc:IdentificationCode", country));
        });
        if let Some(vat_id) = vat_id {
            xml.within("cac:PartyTaxScheme", |xml| {
                xml.text("cbc:CompanyID", vat_id);
                xml.within("cac:TaxScheme", |xml| xml.text("cbc:ID", "VAT"));
            });
        }
        xml.within("cac:PartyLegalEntity", |xml| xml.text("cbc:RegistrationName", name));
    });
}

fn tax_category(xml: &mut Xml, name: &str, note: &CreditNote, rate: TaxRate, breakdown: bool) {
    let category = category(note, rate);
    xml.within(name, |xml| {
        xml.text("cbc:ID", category);
        if category != "O" {
            xml.text("cbc:Percent", &rate.percent());
        } else if breakdown {
            xml.text("cbc:TaxExemptionReason", "Not subject to VAT");
        }
        xml.within("cac:TaxScheme", |xml| xml.text("cbc:ID", "VAT"));
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::credit_note::CreditNoteNo;
    use crate::credit_note::tests::{bought, goods, note, receipts, row};
    use crate::settlement::ReceiptKind;

    fn words(note: &CreditNote) -> Words {
        let items = note.items.iter().map(|item| format!("{:?}", item.kind)).collect();
        let (terms, about, somebody) = ("Paid already".into(), "Return".into(), "Customer".into());
        Words { items, terms, about, somebody, seller_id: "returns.example".into() }
    }

    /// What stands in an element, the first of its name from `from` on.
    fn of<'x>(xml: &'x str, name: &str) -> Vec<&'x str> {
        let open = format!("<cbc:{name}");
        xml.split(&open).skip(1).map(|rest| rest.split_once('>').unwrap().1.split_once('<').unwrap().0).collect()
    }

    #[test]
    fn what_must_be_known_is_asked_for() {
        let order = bought(&[("119.00", 1, "0", "19.00")], true);
        let mut without = note(&order, vec![goods("1", 1, 11_900)], None);
        without.seller.vat_id = None;
        assert_eq!(ubl(&without, &words(&without)), Err(NoInvoice::NoTaxNumber));
        let mut nowhere = note(&order, vec![goods("1", 1, 11_900)], None);
        nowhere.seller.address.country = None;
        assert_eq!(ubl(&nowhere, &words(&nowhere)), Err(NoInvoice::NoCountry));
        let untaxed = bought(&[("119.00", 1, "0", "0")], true);
        let mut plain = note(&untaxed, vec![goods("1", 1, 11_900)], None);
        plain.seller.vat_id = None;
        let xml = ubl(&plain, &words(&plain)).unwrap();
        assert!(xml.contains("<cbc:ID>O</cbc:ID>") && !xml.contains("<cbc:Percent>") && xml.contains("Not subject to VAT"), "{xml}");
    }

    #[test]
    fn what_takes_it_back_is_a_debit_note_that_names_it() {
        let order = bought(&[("119.00", 1, "0", "19.00")], true);
        let note = note(&order, vec![goods("1", 1, 11_900)], None);
        let back = note.taken_back(CreditNoteNo(9), note.at, note.issued_on);
        let xml = ubl(&back, &words(&back)).unwrap();
        for part in [
            "<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\"",
            "<cbc:InvoiceTypeCode>383</cbc:InvoiceTypeCode>",
            "<cbc:ID>CN-000009</cbc:ID>",
            &format!("<cac:InvoiceDocumentReference>\n<cbc:ID>{}</cbc:ID>", note.number),
            "<cbc:InvoicedQuantity unitCode=\"C62\">1</cbc:InvoicedQuantity>",
            "</Invoice>",
        ] {
            assert!(xml.replace(">\n<", "><").contains(&part.replace(">\n<", "><")), "{part}: {xml}");
        }
        assert_eq!(of(&xml, "PayableAmount"), ["119.00"]);
        assert!(!xml.contains("CreditNoteTypeCode"));
        // As it is kept, it says so; what was kept before reads as what it was.
        let kept = serde_json::to_value(&back).unwrap();
        assert_eq!(
            (&kept["corrects"], serde_json::to_value(&note).unwrap().get("corrects")),
            (&serde_json::json!(note.number.to_string()), None)
        );
        assert_eq!(serde_json::from_value::<CreditNote>(kept).unwrap(), back);
    }

    #[test]
    fn texts_cannot_leave_their_element() {
        let order = bought(&[("119.00", 1, "0", "19.00")], true);
        let mut note = note(&order, vec![goods("1", 1, 11_900)], None);
        note.buyer.name = "<cbc:ID>&\u{0}\u{1f}\u{ffff}\"'".into();
        let xml = ubl(&note, &words(&note)).unwrap();
        assert!(xml.contains("<cbc:RegistrationName>&lt;cbc:ID&gt;&amp;\"'</cbc:RegistrationName>"), "{xml}");
    }

    #[test]
    fn amounts_stand_where_the_standard_has_them() {
        let order = bought(&[("119.00", 2, "0", "38.00")], true);
        let receipt = vec![goods("1", 2, 23_800), row(ReceiptKind::Shipping, 595), row(ReceiptKind::Freight, -1_190)];
        let note = note(&order, receipt, None);
        let xml = ubl(&note, &words(&note)).unwrap();
        for (name, told) in [
            ("LineExtensionAmount", vec!["200.00", "200.00"]),
            ("TaxExclusiveAmount", vec!["195.00"]),
            ("TaxInclusiveAmount", vec!["232.05"]),
            ("AllowanceTotalAmount", vec!["10.00"]),
            ("ChargeTotalAmount", vec!["5.00"]),
            ("PayableAmount", vec!["232.05"]),
            ("TaxAmount", vec!["37.05", "37.05"]),
            ("CreditedQuantity", vec!["2"]),
            ("PriceAmount", vec!["200.00"]),
        ] {
            assert_eq!(of(&xml, name), told, "{name}: {xml}");
        }
    }

    proptest! {
        #[test]
        fn sums_are_of_what_is_written((order, receipt) in receipts()) {
            let note = note(&order, receipt, None);
            let xml = ubl(&note, &words(&note)).unwrap();
            let minor = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
            let one = |name: &str| of(&xml, name).first().map_or(0, |text| minor(text));
            let lines = of(&xml, "LineExtensionAmount").iter().skip(1).map(|text| minor(text)).sum::<i64>();
            prop_assert_eq!(one("LineExtensionAmount"), lines, "BR-CO-10");
            let exclusive = lines - one("AllowanceTotalAmount") + one("ChargeTotalAmount");
            prop_assert_eq!(one("TaxExclusiveAmount"), exclusive, "BR-CO-13");
            prop_assert_eq!(one("TaxInclusiveAmount"), exclusive + one("TaxAmount"), "BR-CO-15");
            prop_assert_eq!(one("PayableAmount"), note.total, "BR-CO-16");
            let of_rates = of(&xml, "TaxAmount").iter().skip(1).map(|text| minor(text)).sum::<i64>();
            prop_assert_eq!(one("TaxAmount"), of_rates, "BR-CO-14");
        }
    }
}
