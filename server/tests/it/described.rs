//! The machine interface is as its document and the README say.

use std::collections::BTreeSet;

use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use server::http::api;
use server::http::api::readme::{self, ANSWERED, Call, Sent};

use crate::app::{TestApp, answer, days_ago, order, request};
use crate::databases::{on_both, sqlite};
use crate::evidence::photo;

const PROBLEM: &str = "application/problem+json";

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let operations =
        paths.flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |(method, told)| (format!("{method} {path}"), told)));
    operations.collect()
}

/// What a reference of the document leads to.
fn led<'d>(document: &'d Value, told: &'d Value) -> &'d Value {
    told["$ref"].as_str().map_or(told, |to| document.pointer(to.trim_start_matches('#')).unwrap_or_else(|| panic!("{to} leads nowhere")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_interface_describes_itself() {
    let app = TestApp::start(sqlite().await).await;
    let (status, document) = answer(app.client.get(format!("{}/api/openapi.json", app.base)).send().await.unwrap()).await;
    assert_eq!((status, &document), (StatusCode::OK, &api::openapi()));
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["servers"][0]["url"], "/api", "paths are told from here");
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Order"]["required"], json!(["number", "placed_at", "currency", "customer", "lines"]));
    // Every reference leads somewhere.
    for reference in document.to_string().split("\"$ref\":\"").skip(1) {
        led(&document, &json!({"$ref": reference.split('"').next().unwrap()}));
    }
    for (at, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap();
        for (status, told) in answers {
            let told = led(&document, told);
            assert!(told["description"].as_str().is_some_and(|words| !words.is_empty()), "{at} {status}: no description");
            let refused: u16 = status.parse().unwrap();
            assert_eq!(refused >= 400, told["content"][PROBLEM].is_object(), "{at} {status}: {told}");
        }
        let told: BTreeSet<&str> = answers.keys().map(String::as_str).collect();
        assert!(["401", "403", "429", "500", "503"].iter().all(|status| told.contains(status)), "{at}: {told:?}");
        assert_eq!(
            told.contains("422"),
            operation["requestBody"].is_object()
                || at.contains("label") && at.starts_with("post")
                || [
                    "get /v1/incoming",
                    "get /v1/stock/{warehouse}/{sku}/moves",
                    "get /v1/remedies",
                    "get /v1/returns",
                    "get /v1/customers/{id}/credit",
                    "get /v1/customers/{id}/points",
                    "get /v1/payments",
                    "get /v1/transfers",
                    "get /v1/differences",
                    "get /v1/claims",
                    "get /v1/claims.csv",
                    "get /v1/feedback",
                    "get /v1/feedback/report",
                    "get /v1/pickups/rounds",
                    "get /v1/repairs",
                    "get /v1/parcels",
                    "get /v1/stock",
                    "get /v1/stock-moves",
                    "get /v1/search",
                    "get /v1/tasks",
                    "get /v1/webhooks/{name}/deliveries",
                    "get /v1/withdrawals"
                ]
                .contains(&at.as_str()),
            "{at}"
        );
    }
}

/// Names in clients that others have generated: one that changes breaks their programs.
#[test]
fn generated_clients_keep_their_names() {
    let document = api::openapi();
    let names = operations(&document).into_iter().map(|(_, told)| told["operationId"].as_str().unwrap()).collect::<BTreeSet<_>>();
    let calls = "add_evidence add_inspection_evidence add_lines answer_offer answer_outbound_case appeal cancel_return \
                 change_parcel collect decide_compensation delete_pickup_area delete_webhook end_parcel erase_customer export_customer extend_return \
                 finish_repair get_claim get_claims_csv get_coupon get_credit get_credit_note get_credit_note_pdf \
                 get_credit_note_xml get_evidence get_feedback_report get_order get_order_books get_parcel get_points get_putaway_label \
                 get_repair get_return get_return_label get_return_timeline get_stock get_stock_batch get_transfers \
                 get_transfers_csv get_transfers_xml get_webhook get_withdrawal give_goodwill give_up_repair grant hold_grant \
                 identify_code import_orders inspect_return link_parcel list_all_stock_moves list_claims list_compensations \
                 list_credit_notes list_differences list_evidence list_feedback list_incoming list_parcels list_payments \
                 list_pickup_areas list_pickup_rounds list_remedies list_repairs list_returns list_stock_alerts list_stock_apart \
                 list_stock_moves list_tasks list_transfers_due list_webhook_deliveries list_webhooks list_withdrawals \
                 make_offer make_transfers move_clock move_remedy note_on_return open_claim open_outbound_case open_return \
                 open_return_elsewhere owe_replacement pay plan_stock_batch progress_repair put_bank_account put_customer put_feedback_tags put_order \
                 put_pickup_area put_stock put_stock_alert put_webhook quote_return rate_return receive_return reconcile \
                 redeem_coupon redeem_credit redeem_points reissue_label release_coupon release_credit release_points \
                 replay_webhook report_payment review_return rotate_webhook run_stock_batch \
                 scan_parcel search send_back settle_difference shelve_parcel simulate_event step_claim switch_method \
                 take_repair test_webhook transfer_failed transfers_left upload_evidence waive withdraw write_to_customer \
                 write_to_shop";
    assert_eq!(names.into_iter().collect::<Vec<_>>(), calls.split_whitespace().collect::<Vec<_>>());
    let schemas = document["components"]["schemas"].as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>();
    let known = "Address Amount Appeal Asker Basis Books Bought BoughtBy Cancellation Clock ClockMove Concession Credit CreditEntry CreditRedemption CreditRelease CreditCounts CreditNote CreditNoteTax Customer CustomerOutcome DeliveredLine Evidence EvidenceFile EvidenceForm EvidenceList EvidenceShows ExchangeChoice Extension \
                 FieldError Found FoundOrder FoundReturn Goodwill Grant GrantPayment ImportRefusal ImportReport Incoming IncomingDay ItemCondition ItemFit ItemPackaging LabelSize LineName LineRequest LinesAdded Lot MethodOffer MethodSwitch \
                 Money Offer OfferAnswer Order OrderDelivery OrderDiscount OrderFound OrderLine OrderOutcome OrderPayment OrderRefund Parcel \
                 PaymentBooks Pickup PickupBooked Problem Promises Proof ReceiptLine RefundedLine ResolutionOffer Return ReturnLine ReturnMethod ReturnPage \
                 ReturnRequest ReturnStatus Resolution Returnable Settlement Digital Stock StockCount Tender Told Timeline TimelineEntry TimelineEvent Why \
                 LineWithdrawn MessageOfCustomer MessageToCustomer Note Review ReviewDecision SimulatedEvent CarrierScan CarrierStatus CodeMeant ScannedCode Deduct Disposition FormAnswer Grade InspectedLine Inspecting InspectionResult ReceiptOutcome ReceivedLine Receiving ScrapGround RepairDone RepairDoneTo RepairGivenUp RepairGivenUpTo RepairList RepairOrder RepairOrderPage RepairPart RepairPartIn RepairProgress RepairStep RepairTaking RepairWork SendingBack StockMove OutboundCase OutboundLine OutboundAnswer OutboundKind OutboundResolution OutboundOutcome OutboundReporter Outbound StockAlert StockAlertIn StockApart StockApartPage StockBatch StockBatchFrom StockBatchIn StockBatchKind StockBatchUnits StockCondition StockMoveAnywhere ParcelCandidate ParcelClues ParcelEnd ParcelLink ParcelOutcome ParcelState UnidentifiedParcel UnidentifiedParcelIn UnidentifiedParcelPage Snoozed Task TaskKind TaskPage TaskRole TaskStatus Withdrawal WithdrawalPage WithdrawalReceived WithdrawalRequest WithdrawnLine OfferToMake GrantHeld GrantHold GrantToMake PaymentToMake PaymentOutcome RemedyStep ReplacementToOwe BankAccount Difference DifferenceEnd DifferencePage GrantName Reconciliation TransferBatch TransferDue TransferDuePage TransferFailure TransferLeftOut TransferMade TransfersOutcome TransfersToMake PaymentListed PaymentPage PayMethod PaymentFate RemedyState Collected CollectedFor CollectedMoney RemedyListed RemedyPage Waiver Webhook WebhookIn WebhookDelivery WebhookDeliveryPage WebhookReplay WebhookReplayed WebhookTried ParcelCameWith ReturnElsewhere Claim ClaimAgainst ClaimGround ClaimIn ClaimList ClaimPage ClaimStep ClaimStepIn ClaimStepTaken SupplierClaimGround Feedback FeedbackIn FeedbackPage FeedbackChange FeedbackGroup FeedbackReport FeedbackScore FeedbackSpan FeedbackTags FeedbackWeek PickupArea PickupAreaIn PickupRound PickupSlot PickupStop Compensation CompensationList CompensationDecision CouponHeld CouponUse CouponRedemption CouponRelease Points PointsEntry PointsRedemption PointsRelease Erasure";
    let mut known: Vec<&str> = known.split_whitespace().collect();
    known.sort_unstable();
    let mut schemas = schemas;
    schemas.sort_unstable();
    assert_eq!(schemas, known);
}

async fn made(app: &TestApp, call: &Call, rma: &str) -> (StatusCode, Value) {
    let path = call.path.replace(ANSWERED, rma);
    let mut asked = app.client.request(call.method.parse().unwrap(), format!("{}/api{path}", app.base));
    for (name, value) in &call.headers {
        asked = asked.header(name, value.replace("$KEY", &app.key));
    }
    let asked = match &call.sent {
        Sent::Nothing => asked,
        Sent::Json(body) => asked.body(body.to_string()),
        Sent::File(_) => asked.body([order("A-2").to_string(), order("A-3").to_string()].join("\n")),
        Sent::Form(fields) => asked.multipart(fields.iter().fold(Form::new(), |form, (name, value)| match value.strip_prefix('@') {
            Some(file) => form.part(name.clone(), Part::bytes(photo(1)).file_name(file.to_owned())),
            None => form.text(name.clone(), value.clone()),
        })),
    };
    answer(asked.send().await.unwrap()).await
}

on_both! {
    async fn what_the_readme_tells_to_send_is_taken(database: Database) {
        let app = TestApp::start(database).await;
        let calls = readme::calls(days_ago).unwrap();
        let told = std::fs::read_to_string("../README.md").unwrap();
        let part = told.split_once("\n## By machine\n").and_then(|(_, rest)| rest.split("\n## ").next()).unwrap();
        assert_eq!(calls.len(), part.matches("\ncurl ").count(), "every call is read");
        let mut rma = String::new();
        for call in &calls {
            let (status, body) = made(&app, call, &rma).await;
            assert!(status.is_success(), "{} {}: {status} {body}", call.method, call.path);
            if call.path == "/v1/returns" {
                rma = body["rma"].as_str().unwrap().to_owned();
            }
        }
        let (_, opened) = app.get(&format!("/returns/{rma}")).await;
        assert_eq!((opened["lines"].as_array().unwrap().len(), opened["method"].as_str()), (2, Some("drop_off")), "{opened}");
        assert_eq!((opened["lines"][0]["authorization"].as_str(), opened["lines"][1]["authorization"].as_str()), (Some("approved"), Some("cancelled")), "{opened}");
    }
}

#[test]
fn the_documents_examples_are_the_readmes_calls() {
    let document = api::openapi();
    let shown = operations(&document).into_iter().flat_map(|(at, told)| {
        let examples = told["requestBody"]["content"]["application/json"]["examples"].as_object().into_iter().flatten();
        examples.map(move |(_, example)| (at.clone(), example["value"].clone()))
    });
    let shown: Vec<(String, Value)> = shown.collect();
    let sent = readme::calls(|_| "then".into()).unwrap().into_iter().filter_map(|call| match call.sent {
        Sent::Json(body) => Some(body),
        _ => None,
    });
    let sent: Vec<Value> = sent.collect();
    assert_eq!(shown.len(), sent.len(), "{shown:?}");
    for body in &sent {
        let like = |(_, value): &&(String, Value)| {
            let mut value = value.clone();
            // Of the document's own day, so that it reads the same every day.
            if value["placed_at"].is_string() {
                (value["placed_at"], value["deliveries"][0]["delivered_at"]) = (json!("then"), json!("then"));
            }
            value == *body
        };
        assert!(shown.iter().any(|shown| like(&shown)), "{body} is no example");
    }
}

on_both! {
    async fn a_list_is_no_object_and_nothing_stands_behind_one(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("1")).await;
        let (_, opened) = app.post("/returns", &request("1", "1", 1)).await;
        let rma = opened["rma"].as_str().unwrap();
        let asked = request("1", "1", 1).to_string();
        let told = order("9").to_string();
        for (method, path, body) in [
            ("POST", format!("/returns/{rma}/cancel"), "[]".to_owned()),
            ("POST", format!("/returns/{rma}/cancel"), "{} {}".to_owned()),
            ("POST", format!("/returns/{rma}/offer"), "[]".to_owned()),
            ("POST", format!("/returns/{rma}/method"), r#"["drop_off"]"#.to_owned()),
            ("POST", "/returns/quote".to_owned(), asked.replacen('{', r#"{"customer":[],"#, 1)),
            ("POST", "/returns".to_owned(), format!("{asked}]")),
            ("PUT", "/stock/W/S".to_owned(), "[3]".to_owned()),
            ("PUT", "/customers/c".to_owned(), "[]".to_owned()),
            ("PUT", "/orders/9".to_owned(), told.replacen(r#""deliveries":[{"#, r#""deliveries":[[],{"#, 1)),
        ] {
            let (status, problem) = answer(app.api(method, &path).body(body.clone()).send().await.unwrap()).await;
            assert_eq!((status, problem["type"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("/problems/validation")), "{method} {path} {body}: {problem}");
        }
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1, opened, "nothing was done");
    }
}

/// Whatever refuses below `/api` says so as the document has it, wherever it stands: before the calls, in them, or where one broke.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_is_a_problem_document() {
    let app = TestApp::with(sqlite().await, |config| (config.limits.requests_per_second, config.limits.burst) = (1, 20)).await;
    let ask = |method: &str, path: &str| app.client.request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{}{path}", app.base));
    let mut seen = BTreeSet::new();
    for (method, path, keyed, expected) in [
        ("GET", "/api/v1/orders/%FF", true, 400),
        ("GET", "/api/v1/returns?limit=many", true, 400),
        ("GET", "/api/v1/returns/R-1/label.pdf?size=huge", true, 400),
        ("GET", "/api/v1/orders/none", true, 404),
        ("GET", "/api/v2", true, 404),
        ("DELETE", "/api/v1/returns", true, 405),
        ("TRACE", "/api/v1/returns", true, 405),
        ("BREW", "/api/v1/returns", true, 405),
        ("GET", "/api/v1/returns", false, 401),
    ] {
        let asked = ask(method, path);
        let response = if keyed { asked.bearer_auth(&app.key) } else { asked }.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let problem: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(
            (status.as_u16(), headers[header::CONTENT_TYPE].to_str().unwrap(), &problem["status"]),
            (expected, PROBLEM, &json!(expected)),
            "{method} {path}: {problem}"
        );
        assert_eq!(status == 405, headers.contains_key(header::ALLOW), "{method} {path}: which methods there are");
        assert!(!problem["detail"].as_str().unwrap().is_empty(), "{problem}");
        seen.insert(expected);
    }
    for _ in 0..60 {
        let response = ask("GET", "/api/v1/returns").send().await.unwrap();
        if response.status() != StatusCode::TOO_MANY_REQUESTS {
            continue;
        }
        assert_eq!(
            (response.headers()[header::CONTENT_TYPE].to_str().unwrap(), response.headers()[header::RETRY_AFTER].to_str().unwrap()),
            (PROBLEM, "60")
        );
        assert_eq!(answer(response).await.1["type"], "/problems/too-many");
        return;
    }
    panic!("nobody was ever too many; seen {seen:?}");
}
