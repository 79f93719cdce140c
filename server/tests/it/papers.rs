//! Credit notes: one of each payment, numbered without a gap whoever pays at once, as PDF and as an electronic invoice (P26).

use domain::credit_note::CreditNoteNo;
use domain::order::AddressDocument;
use domain::returns::{Command, CommandKind, GrantCause, LotNo, PaidTo, PaymentNo, Refused, Return};
use domain::settlement::{ReceiptKind, ReceiptLine};
use domain::staff::Member;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::services::{Access, ChangeError};
use server::store::{self, Scope, StoreError};

use crate::app::{TestApp, days_ago, request};
use crate::databases::on_both;
use crate::printed::Printed;
use crate::review::Machine;
use crate::staff::{free, hire};
use crate::talk::shopper;

/// A shop in Germany that has a number for its taxes.
async fn german(database: crate::databases::Database) -> TestApp {
    TestApp::with(database, |config| {
        let text = |text: &str| Some(text.to_owned());
        config.shop.vat_id = text("DE123456789");
        config.shop.address = AddressDocument {
            name: text("Linden & Co."),
            country: text("DE"),
            region: None,
            city: text("Köln"),
            postal_code: text("50667"),
            line1: text("Am Ring 1"),
            line2: None,
        };
    })
    .await
}

struct Till<'a> {
    app: &'a TestApp,
    staff: Machine<'a>,
    member: Member,
}

impl Till<'_> {
    async fn give(&self, rma: &str, command: Command) -> Result<Return, ChangeError> {
        let access = Access::of_staff(&self.member, rma.parse().unwrap(), command.kind(), String::new()).unwrap();
        let carried = self.app.services.carry_out(access, None, move |_| Ok::<_, ChangeError>(command)).await?;
        Ok(carried.request)
    }

    /// A return of one tee of 119.00 whose money is promised; its grant's amount is 119.00.
    async fn promised(&self, number: &str) -> String {
        let bought = json!({
            "number": number, "placed_at": days_ago(6), "currency": "EUR",
            "customer": {"name": "Anna <Berg>", "email": format!("c{number}@example.com"), "locale": "en"},
            "ship_to": {"country": "DE", "city": "Berlin", "line1": "Invalidenstraße 116"},
            "lines": [{"id": "1", "sku": "TEE", "name": "Cotton tee & more", "category": "apparel", "quantity": 1, "unit_price": "119.00", "tax": "19.00"}],
            "deliveries": [{"delivered_at": days_ago(3)}],
        });
        self.app.put_order(&bought).await;
        let (_, opened) = self.app.post("/returns", &request(number, "1", 1)).await;
        let rma = opened["rma"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned();
        let (status, told) = self.staff.post(&format!("/returns/{rma}/receive"), &json!({})).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        let (status, told) =
            self.staff.post(&format!("/returns/{rma}/inspect"), &json!({"lines": [{"line": "1", "result": "accepted"}]})).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        let kind = ReceiptKind::Goods { line: "1".parse().unwrap(), units: 1 };
        let (order, currency) = (number.parse().unwrap(), "EUR".parse().unwrap());
        let lots: Vec<LotNo> = vec!["1.1".parse().unwrap()];
        let receipt = vec![ReceiptLine { kind, amount: 11_900 }];
        self.give(&rma, Command::Grant { order, lots, cause: GrantCause::Settled, currency, amount: 11_900, bonus: 0, receipt })
            .await
            .unwrap();
        rma
    }

    /// Begins to pay so much of it.
    async fn begun(&self, rma: &str, amount: i64) -> PaymentNo {
        let grant = "g1".parse().unwrap();
        let paid = self.give(rma, Command::Pay { grant, to: PaidTo::Manual, amount, reference: None }).await.unwrap();
        paid.payments.last().unwrap().id
    }

    async fn confirm(&self, rma: &str, payment: PaymentNo) -> Result<Return, ChangeError> {
        self.give(rma, Command::ConfirmPayment { payment, reference: Some("B-1".into()) }).await
    }

    async fn numbers(&self) -> Vec<i64> {
        let told = self.app.database.texts("SELECT CAST(number AS TEXT) FROM credit_notes").await;
        let mut numbers: Vec<i64> = told.iter().map(|number| number.parse().unwrap()).collect();
        numbers.sort_unstable();
        numbers
    }
}

async fn till<'a>(app: &'a TestApp) -> Till<'a> {
    let (member, ..) = hire(app, "Fina", "support,finance", free()).await;
    Till { app, staff: Machine::with(app, Scope::Staff).await, member }
}

on_both! {
    async fn a_payment_has_its_credit_note_once_for_whoever_may_read_it(database: Database) {
        let app = german(database).await;
        let till = till(&app).await;
        let rma = till.promised("1").await;
        let shop = Machine::with(&app, Scope::Read).await;
        let list = format!("/returns/{rma}/credit-notes");
        assert_eq!(shop.get(&list).await, json!([]), "nothing was paid");
        let first = till.begun(&rma, 4_000).await;
        assert_eq!(shop.get(&list).await, json!([]), "it is only begun");
        for _ in 0..2 {
            till.confirm(&rma, first).await.unwrap();
        }
        let second = till.begun(&rma, 7_900).await;
        till.confirm(&rma, second).await.unwrap();
        let told = shop.get(&list).await;
        let of = |place: usize, name: &str| told[place][name].as_str().unwrap_or_default().to_owned();
        assert_eq!((told.as_array().map(Vec::len), of(0, "number"), of(1, "number")), (Some(2), "CN-000001".into(), "CN-000002".into()), "{told}");
        assert_eq!((of(0, "payment"), of(0, "order"), &told[0]["total"]["amount"]), (first.to_string(), "1".into(), &json!("40.00")), "{told}");
        let money = |amount: &str| json!({"amount": amount, "currency": "EUR"});
        assert_eq!(told[0]["taxes"], json!([{"rate": "19", "net": money("33.61"), "tax": money("6.39")}]), "{told}");
        assert_eq!(shop.get("/credit-notes/CN-2").await["payment"], json!(second.to_string()));

        let pdf = shop.file("/credit-notes/CN-000001/credit-note.pdf").await;
        assert_eq!((pdf.status(), pdf.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, "application/pdf"));
        let pdf = pdf.bytes().await.unwrap().to_vec();
        std::fs::write(format!("{}/credit-note.pdf", env!("CARGO_TARGET_TMPDIR")), &pdf).unwrap();
        let words = Printed::new(pdf).words();
        for part in ["Creditnote", "CN-000001", "Linden&Co.", "DE123456789", "Anna<Berg>", "Invalidenstraße116", "19%VAT", "40.00", "33.61", "6.39"] {
            assert!(words.contains(part), "{part}: {words}");
        }
        let xml = shop.file("/credit-notes/CN-000002/credit-note.xml").await;
        assert_eq!((xml.status(), xml.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, "application/xml"));
        let xml = xml.text().await.unwrap();
        assert!(xml.contains("<cbc:PayableAmount currencyID=\"EUR\">79.00</cbc:PayableAmount>") && xml.contains("Anna &lt;Berg&gt;"), "{xml}");
        for nobody in ["CN-000003", "CN-0", "1", "CN-x"] {
            assert_eq!(shop.file(&format!("/credit-notes/{nobody}")).await.status(), StatusCode::NOT_FOUND, "{nobody}");
        }

        // The customer has it on the page of the return, and nobody has another's.
        let other = till.promised("2").await;
        let payment = till.begun(&other, 11_900).await;
        till.confirm(&other, payment).await.unwrap();
        let whole = shop.file("/credit-notes/CN-000003/credit-note.xml").await.text().await.unwrap();
        assert!(whole.contains(&format!("<cbc:Note>Return {other} of order 2</cbc:Note>")), "{whole}");
        assert!(whole.contains("<cbc:Name>Cotton tee &amp; more</cbc:Name>"), "all of it is paid: its own rows: {whole}");
        let anna = shopper(&app, &rma, "1").await;
        let page = anna.text(&format!("/returns/{rma}")).await;
        let link = format!("/returns/{rma}/credit-notes/CN-000001/credit-note.pdf");
        assert!(page.contains(&link) && page.contains("Credit note CN-000002") && !page.contains("CN-000003"), "{page}");
        assert_eq!(anna.get(&link).await.headers()["content-type"], "application/pdf");
        for not_theirs in [format!("/returns/{rma}/credit-notes/CN-000003/credit-note.pdf"), format!("/returns/{other}/credit-notes/CN-000003/credit-note.pdf")] {
            assert_eq!(anna.get(&not_theirs).await.status(), StatusCode::SEE_OTHER, "{not_theirs}");
        }
        let (.., mut sue) = hire(&app, "Sue", "support", free()).await;
        let at = format!("/staff/returns/{rma}/credit-notes/CN-000001/credit-note.xml");
        assert!(sue.get(&format!("/staff/returns/{rma}")).await.1.contains(&at));
        let (status, paper) = sue.get(&at).await;
        assert!(status == 200 && paper.contains("CN-000001"), "{paper}");
        assert_eq!(sue.get(&format!("/staff/returns/{rma}/credit-notes/CN-000003/credit-note.pdf")).await.0, 303, "of another return");
    }
}

on_both! {
    async fn numbers_have_no_gap_whoever_pays_at_once_and_whatever_is_undone(database: Database) {
        const MANY: usize = 12;
        let app = german(database).await;
        let till = till(&app).await;
        let mut due = Vec::new();
        for number in 1..=MANY {
            let rma = till.promised(&number.to_string()).await;
            let payment = till.begun(&rma, 11_900).await;
            due.push((rma, payment));
        }
        // Each twice at once, and between them some that take a number and are undone.
        let paying = due.iter().chain(&due).map(|(rma, payment)| till.confirm(rma, *payment));
        let undone = (0..MANY).map(|_| async {
            let undone: Result<(), StoreError> = app
                .services
                .store
                .write(|mut conn| {
                    Box::pin(async move {
                        let number = store::next_credit_note(&mut conn).await?;
                        assert!(number > CreditNoteNo(0));
                        Err(StoreError::Newer)
                    })
                })
                .await;
            assert!(undone.is_err());
        });
        let (paid, _) = futures::join!(futures::future::join_all(paying), futures::future::join_all(undone));
        for one in paid {
            one.unwrap();
        }
        assert_eq!(till.numbers().await, (1..=MANY as i64).collect::<Vec<_>>());
        let mut read = app.services.store.read().await.unwrap();
        let mut conn = read.conn();
        for number in 1..=MANY as u32 {
            let note = store::find_credit_note(&mut conn, CreditNoteNo(number)).await.unwrap().unwrap();
            let (_, payment) = due.iter().find(|(rma, _)| *rma == note.rma.to_string()).unwrap();
            assert_eq!((note.number, note.payment, note.total), (CreditNoteNo(number), *payment, 11_900));
        }
    }
}

on_both! {
    async fn a_shop_without_a_number_for_taxes_has_no_electronic_form(database: Database) {
        let app = TestApp::start(database).await;
        let till = till(&app).await;
        let rma = till.promised("1").await;
        let payment = till.begun(&rma, 11_900).await;
        // What has its paper is not taken back.
        let (kind, number) = (CommandKind::ConfirmPayment, rma.parse().unwrap());
        let access = |kind| Access::of_staff(&till.member, number, kind, String::new()).unwrap();
        let confirm = Command::ConfirmPayment { payment, reference: None };
        let paid = app.services.carry_out(access(kind), None, move |_| Ok::<_, ChangeError>(confirm)).await.unwrap();
        let undone = app.services.take_back(access(CommandKind::TakeBack), paid.command.unwrap()).await;
        assert!(matches!(undone, Err(ChangeError::Refused(Refused::TooLate))), "{undone:?}");
        let shop = Machine::with(&app, Scope::Read).await;
        let refused = shop.file("/credit-notes/CN-000001/credit-note.xml").await;
        assert_eq!(refused.status(), StatusCode::CONFLICT);
        let told: Value = refused.json().await.unwrap();
        assert_eq!(told["type"], "/problems/no-invoice", "{told}");
        assert_eq!(shop.file("/credit-notes/CN-000001/credit-note.pdf").await.status(), StatusCode::OK, "the paper is there all the same");
    }
}

on_both! {
    async fn money_that_came_back_takes_its_credit_note_back(database: Database) {
        let app = german(database).await;
        let till = till(&app).await;
        let rma = till.promised("1").await;
        let payment = till.begun(&rma, 11_900).await;
        till.confirm(&rma, payment).await.unwrap();
        till.give(&rma, Command::ReversePayment { payment, reason: Some("closed".into()) }).await.unwrap();
        let machine = Machine::with(&app, Scope::Read).await;
        let notes = machine.get(&format!("/returns/{rma}/credit-notes")).await;
        let all: Vec<(&str, Option<&str>)> =
            notes.as_array().unwrap().iter().map(|note| (note["number"].as_str().unwrap(), note["corrects"].as_str())).collect();
        assert_eq!(all, [("CN-000001", None), ("CN-000002", Some("CN-000001"))], "{notes}");
        assert_eq!(notes[0]["total"], notes[1]["total"]);
        let xml = machine.file("/credit-notes/CN-000002/credit-note.xml").await.text().await.unwrap();
        assert!(xml.contains("<Invoice ") && xml.contains("383") && xml.contains("CN-000001"), "{xml}");
        assert_eq!(machine.file("/credit-notes/CN-000002/credit-note.pdf").await.status(), StatusCode::OK);
        // Paid another way, it has another.
        let again = till.begun(&rma, 11_900).await;
        till.confirm(&rma, again).await.unwrap();
        assert_eq!(till.numbers().await, [1, 2, 3]);
        let customer = shopper(&app, &rma, "1").await.text(&format!("/returns/{rma}")).await;
        assert!(customer.contains("CN-000003") && customer.contains("CN-000002"), "{customer}");
    }
}
