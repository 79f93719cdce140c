//! Somebody asks what is held of them, and to be forgotten (GDPR, PIPL): values that nobody else has go through every channel there is, and are then
//! looked for in every column of every table and in every byte of every file. What was bought, returned and paid is as it was.
//! Long because values go through every channel there is.

use jiff::SignedDuration;
use reqwest::multipart::{Form, Part};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use server::compose;
use server::store::{self, Scope, StoreError};

use crate::app::{TestApp, answer, days_ago, order, request};
use crate::databases::{Database, on_both};
use crate::dock_rules::publish;
use crate::entry::mailed_code;
use crate::evidence::photo;
use crate::pages::Visitor;
use crate::review::Machine;
use crate::staff::{audit, free, hire};

const MAIL: &str = "zebedia.quill@example.com";
const OWNS: [&str; 13] = [
    "quillfeather",
    "zebedia",
    "90182077",
    "quittengasse",
    "hinterhausklingel",
    "quokkastadt",
    "qqcomment",
    "qqanswer",
    "qqshop",
    "qqnote",
    "qqfinding",
    "de89370400440532013000",
    "c-zebra",
];

/// What a customer writes, and what is written of them, marked so that it is found.
fn bought(number: &str, id: Option<&str>) -> Value {
    let mut bought = order(number);
    bought["customer"] = json!({"name": "Zebedia Quillfeather", "email": MAIL, "phone": "+49 30 90182077", "tier": "gold", "locale": "en"});
    if let Some(id) = id {
        bought["customer"]["id"] = json!(id);
    }
    bought["currency"] = json!("EUR");
    bought["ship_to"] = json!({"name": "Zebedia Quillfeather", "country": "DE", "region": "Berlin", "city": "Quokkastadt", "postal_code": "10117",
        "line1": "Quittengasse 77", "line2": "Hinterhausklingel"});
    bought["lines"] = json!([{"id": "1", "sku": "TEE", "name": "Tee", "category": "apparel", "quantity": 5, "unit_price": "100.00"}]);
    bought["shipping"] = json!("0.00");
    bought["payments"] = json!([{"id": format!("pi_{number}"), "method": "card", "card_ending": "7777", "amount": "500.00"}]);
    bought["deliveries"] = json!([{"id": "d1", "shipped_at": days_ago(5), "delivered_at": days_ago(3)}]);
    bought
}

/// Everything in every table, a line a row, with the table before it.
pub async fn rows_of(database: &Database) -> Vec<String> {
    let mut rows = Vec::new();
    let sqlite = database.store.kind() == "sqlite";
    let tables = if sqlite {
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    } else {
        "SELECT table_name::TEXT FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
    };
    let tables = database.texts(tables).await;
    assert!(tables.len() > 60, "{tables:?}");
    for table in tables {
        let text = if sqlite {
            let columns = database.texts(&format!("SELECT name FROM pragma_table_info('{table}')")).await;
            let columns = columns
                .iter()
                .map(|name| {
                    format!("CASE TYPEOF(\"{name}\") WHEN 'blob' THEN HEX(\"{name}\") ELSE COALESCE(CAST(\"{name}\" AS TEXT), '') END")
                })
                .collect::<Vec<_>>()
                .join(" || ' | ' || ");
            format!("SELECT {columns} FROM \"{table}\"")
        } else {
            format!("SELECT CAST(kept AS TEXT) FROM \"{table}\" AS kept")
        };
        rows.extend(database.texts(&text).await.into_iter().map(|row| format!("{table}: {row}")));
    }
    rows
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => files.extend(files_below(&path)),
            path => files.push(path),
        }
    }
    files
}

/// Where any of the customer's values is left.
async fn left(app: &TestApp, values: &[&str]) -> Vec<String> {
    left_in(&app.database, values).await
}

/// Where any of these values is left, in a table or in a file of the data folder.
pub async fn left_in(database: &Database, values: &[&str]) -> Vec<String> {
    let mut left: Vec<String> = Vec::new();
    for row in rows_of(database).await {
        let small = row.to_lowercase();
        for value in values.iter().filter(|value| small.contains(**value)) {
            left.push(format!("{value} in {}", row.chars().take(600).collect::<String>()));
        }
    }
    for file in files_below(database.folder.path()) {
        // By another process: one that closes a database's file gives up its locks on it, and with them what keeps SQLite's view of it whole.
        let read = std::process::Command::new("cat").arg(&file).output().unwrap();
        assert!(read.status.success(), "{}", file.display());
        let bytes = read.stdout.to_ascii_lowercase();
        for value in values.iter().filter(|value| bytes.windows(value.len()).any(|window| window == value.as_bytes())) {
            left.push(format!("{value} in {}", file.display()));
        }
    }
    left
}

/// What money and goods come to, whoever's they are.
async fn figures(app: &TestApp, orders: &[&str]) -> Vec<String> {
    let mut figures = Vec::new();
    for text in [
        "SELECT rma || currency || expected || ' ' || granted || ' ' || paid FROM money ORDER BY rma, currency",
        "SELECT rma || payment || ' ' || amount || currency || state || COALESCE(reference, '') FROM payments ORDER BY rma, payment",
        "SELECT id || amount || currency || kind || COALESCE(rma, '') || COALESCE(order_key, '') FROM credit_entries ORDER BY id",
        "SELECT currency || balance FROM credit_balances ORDER BY currency, balance",
        "SELECT id || amount || kind || COALESCE(rma, '') FROM points_entries ORDER BY id",
        "SELECT CAST(balance AS TEXT) FROM points_balances ORDER BY balance",
        "SELECT id || kind || value || currency || worth || state || COALESCE(code, '') FROM compensations ORDER BY id",
        "SELECT month || currency || amount FROM compensation_months ORDER BY month, currency",
        "SELECT id || order_key || amount FROM concessions ORDER BY id",
        "SELECT batch || ' ' || nth || ' ' || amount || currency FROM transfers ORDER BY batch, nth",
        "SELECT rma || stars FROM feedback ORDER BY rma",
        "SELECT rma || line || units || held || status || resolution || reason FROM return_lines ORDER BY rma, line",
        "SELECT id || warehouse || sku || kind || units FROM stock_moves ORDER BY id",
        "SELECT number || COALESCE(ground, '') || state || COALESCE(CAST(expected AS TEXT), '') FROM claims ORDER BY number",
        "SELECT id || CAST(received_at AS TEXT) FROM withdrawals ORDER BY id",
        "SELECT rma || status || CAST(opened_at AS TEXT) || CAST(version AS TEXT) FROM returns ORDER BY rma",
        "SELECT rma || CAST(seq AS TEXT) || CAST(at AS TEXT) || actor FROM return_events ORDER BY rma, seq",
    ] {
        figures.extend(app.database.texts(text).await);
    }
    for number in orders {
        let mut books = app.get(&format!("/orders/{number}/books")).await.1;
        // Words and what a card is known by are no figures.
        for given in books["concessions"].as_array_mut().into_iter().flatten() {
            given["reason"].take();
        }
        for payment in books["payments"].as_array_mut().into_iter().flatten() {
            payment["card_ending"].take();
        }
        figures.push(books.to_string());
    }
    figures
}

async fn done(step: &str, answered: (StatusCode, Value)) -> Value {
    assert!(answered.0.is_success(), "{step}: {} {}", answered.0, answered.1);
    answered.1
}

async fn signed_in<'a>(app: &'a TestApp) -> Visitor<'a> {
    let mut visitor = Visitor::new(app);
    visitor.post("/account/code", &[("email", MAIL)]).await;
    app.run_jobs().await;
    let code = mailed_code(app);
    visitor.post("/account/enter", &[("code", &code)]).await;
    visitor
}

/// Goes to its end: it came, was looked at, and its money has left.
async fn paid(desk: &Machine<'_>, rma: &str) {
    done("receive", desk.post(&format!("/returns/{rma}/receive"), &json!({"warehouse": "HZ1"})).await).await;
    let found = json!({"lines": [{"line": "1", "result": "accepted", "disposition": "restock", "findings": "qqfinding of Zebedia's"}]});
    done("inspect", desk.post(&format!("/returns/{rma}/inspect"), &found).await).await;
    done("grant", desk.post(&format!("/returns/{rma}/grant"), &json!({})).await).await;
    let account = json!({"holder": "Zebedia Quillfeather", "iban": "DE89370400440532013000"});
    let _ = desk.send("PUT", &format!("/returns/{rma}/bank-account"), None, &account).await;
    let (status, told) = desk.post(&format!("/returns/{rma}/pay"), &json!({"method": "manual", "reference": "SEPA 1"})).await;
    assert!(status.is_success() || status == StatusCode::CONFLICT, "{told}");
}

/// Puts what was done into the chain.
async fn seal(app: &TestApp) {
    let sealed = app.services.store.write(|mut conn| Box::pin(async move { store::seal_audit(&mut conn).await })).await;
    assert!(sealed.map_err(|error: StoreError| error).unwrap() > 0);
}

struct Told {
    open: String,
    photo: String,
}

/// Sends the customer's values through every channel there is. One of their returns is open then.
async fn tell_everything(app: &TestApp) -> Told {
    publish(app, &json!({"homebound_policy": 1, "time_zone": "Europe/Berlin", "window": [{"id": "all", "then": {"days": 3650}}],
        "compensation": [{"id": "ours", "when": {"fault": "merchant"}, "then": {"coupon_percent": 10, "points": 50, "credit": {"EUR": "5.00"}, "given": "approval"}}]}))
    .await;
    let admin = Machine::with(app, Scope::Admin).await;
    done("webhook", admin.send("PUT", "/webhooks/shop", None, &json!({"url": "https://shop.example/hooks", "events": ["*"]})).await).await;
    let customer = json!({"name": "Zebedia Quillfeather", "email": MAIL, "phone": "+49 30 90182077", "tier": "gold", "locale": "en"});
    done("customer", admin.send("PUT", "/customers/c-zebra", None, &customer).await).await;
    for (number, id) in [("q1", Some("c-zebra")), ("q2", Some("c-zebra")), ("q3", None), ("q4", Some("c-zebra"))] {
        app.put_order(&bought(number, id)).await;
    }
    // One with photos and words, by name, told anew while it is open.
    let file = |bytes: Vec<u8>| Form::new().part("file", Part::bytes(bytes).file_name("quillfeather-door.jpg"));
    let upload = async |path: &str, bytes| answer(app.api("POST", path).multipart(file(bytes)).send().await.unwrap()).await;
    let shown = done("photo", upload("/evidence?order=q1&line=1", photo(7)).await).await["id"].as_str().unwrap().to_owned();
    let mut asked = request("q1", "1", 1);
    asked["lines"][0]["comment"] = json!("qqcomment: too small for Zebedia");
    asked["lines"][0]["evidence"] = json!([shown]);
    let sent = app.api("POST", "/returns").header("idempotency-key", "zebra-1").json(&asked).send().await.unwrap();
    let first = done("open", answer(sent).await).await["rma"].as_str().unwrap().to_owned();
    done("more", upload(&format!("/returns/{first}/evidence?line=1"), photo(9)).await).await;
    let mut anew = bought("q1", Some("c-zebra"));
    anew["ship_to"]["line2"] = json!("Hinterhausklingel 2");
    app.put_order(&anew).await;
    done("answer", app.post(&format!("/returns/{first}/answers"), &json!({"text": "qqanswer from Zebedia Quillfeather"})).await).await;
    done("message", admin.post(&format!("/returns/{first}/messages"), &json!({"text": "Dear Zebedia, qqshop"})).await).await;
    done("note", admin.post(&format!("/returns/{first}/notes"), &json!({"text": "qqnote: rang at the Quittengasse"})).await).await;
    let extend = json!({"until": (jiff::Timestamp::now() + SignedDuration::from_hours(24 * 40)).to_string()[..10], "reason": "qqshop: Zebedia travels"});
    done("extend", admin.post(&format!("/returns/{first}/extend"), &extend).await).await;
    let given = admin
        .post("/orders/q2/goodwill", &json!({"amount": "5.00", "currency": "EUR", "reason": "qqshop: for Zebedia", "note": "qqnote"}))
        .await;
    done("goodwill", given).await;
    // A parcel on a shelf that turns out to be theirs, and a claim.
    let clues = json!({"sender": "Zebedia Quillfeather", "phone": "90182077"});
    let stray =
        done("stray", admin.post("/parcels", &json!({"warehouse": "HZ1", "shelf": "Q3", "clues": clues, "note": "qqnote"})).await).await;
    let stray = stray["id"].as_str().unwrap().to_owned();
    done("link", admin.post(&format!("/parcels/{stray}/link"), &json!({"rma": first})).await).await;
    let claim = json!({"against": "carrier", "ground": "damaged", "party": "DHL", "rma": first, "note": "qqnote of Zebedia"});
    done("claim", admin.post("/claims", &claim).await).await;
    let door = format!(
        "INSERT INTO pickup_bookings (rma, area, day, slot, state, at, note) VALUES ('{first}', 'north', 20000, '09-12', 'missed', 0, 'qqnote at the door')"
    );
    app.database.meddle(&door).await;
    paid(&admin, &first).await;
    done(
        "feedback",
        app.post(&format!("/returns/{first}/feedback"), &json!({"stars": 1, "words": "qqanswer: it took Zebedia weeks"})).await,
    )
    .await;
    // A fault of the shop's, as credit, with a coupon.
    let mut faulty = request("q2", "1", 1);
    faulty["lines"][0]["reason"] = json!("wrong_item");
    faulty["lines"][0]["comment"] = json!("qqcomment");
    let second = done("open", app.post("/returns", &faulty).await).await["rma"].as_str().unwrap().to_owned();
    let _ = admin.review(&second, json!({"decision": "approve", "note": "qqnote"})).await;
    paid(&admin, &second).await;
    // Declined, and appealed: called off by themselves, in words.
    let third = done("open", app.post("/returns", &request("q4", "1", 1)).await).await["rma"].as_str().unwrap().to_owned();
    done("cancel", app.post(&format!("/returns/{third}/cancel"), &json!({"reason": "qqcomment: Zebedia keeps it"})).await).await;
    // A statement of withdrawal that a person answers, and a visitor with drafts, choices and a session.
    let statement =
        json!({"name": "Zebedia Quillfeather", "order": "the quittengasse one", "email": MAIL, "locale": "en", "items": "qqcomment"});
    done("withdraw", app.post("/withdrawals", &statement).await).await;
    let mut visitor = signed_in(app).await;
    visitor.post("/account/reach", &[("by", "both"), ("language", "en")]).await;
    let items = visitor.post("/account/return", &[("order", "q4")]).await;
    let draft = items.strip_suffix("/items").unwrap().to_owned();
    visitor.post(&items, &[("units|q4|1", "1"), ("count|q4|1", "1")]).await;
    visitor
        .post(
            &format!("{draft}/why"),
            &[("reason|q4|1", "dislike"), ("condition|q4|1", "opened"), ("comment|q4|1", "qqcomment in a draft")],
        )
        .await;
    let mut stranger = Visitor::new(app);
    stranger.post("/", &[("number", "q9"), ("contact", MAIL)]).await;
    // And one that is open, by mail address alone.
    let mut last = request("q3", "1", 1);
    last["lines"][0]["comment"] = json!("qqcomment");
    let open = done("open", app.post("/returns", &last).await).await["rma"].as_str().unwrap().to_owned();
    app.run_jobs().await;
    Told { open, photo: shown }
}

on_both! {
    async fn nothing_is_left_of_who_is_erased(database: Database) {
        let app = TestApp::start(database).await;
        let Told { open, photo } = tell_everything(&app).await;
        // Somebody else, of whom all stays.
        app.put_order(&order("w1")).await;
        let others = done("other", app.post("/returns", &request("w1", "1", 1)).await).await["rma"].as_str().unwrap().to_owned();
        let people = Machine::named(&app, "people", Scope::Staff).await;
        done("note", people.post(&format!("/returns/{others}/notes"), &json!({"text": "ofsomebodyelse"})).await).await;
        let before = left(&app, &OWNS).await;
        for value in OWNS {
            assert!(before.iter().any(|found| found.starts_with(value)), "{value} went through nothing");
        }
        let tables = ["orders", "customers", "returns", "return_events", "sessions", "drafts", "withdrawals", "audit_private", "concessions",
            "stray_parcels", "claims", "feedback", "search_terms", "order_terms", "evidence", "bank_accounts", "pickup_bookings"];
        for table in tables {
            assert!(before.iter().any(|found| found.contains(&format!(" in {table}: "))), "nothing in {table}");
        }
        let admin = Machine::named(&app, "privacy", Scope::Admin).await;
        // What is held is handed out, whole.
        let file = admin.get("/customers/c-zebra/export").await;
        let text = file.to_string().to_lowercase();
        for value in OWNS {
            assert!(text.contains(value), "{value} is not in the file: {file}");
        }
        assert_eq!((file["orders"].as_array().unwrap().len(), file["returns"].as_array().unwrap().len()), (4, 4), "{file}");
        assert!(!text.contains("wang@example.com"), "of nobody else");
        assert_eq!(admin.get("/customers/c-nobody/export").await["status"], 404);
        let write = Machine::named(&app, "writes", Scope::Write).await;
        assert_eq!(write.post("/customers/c-zebra/erase", &json!({})).await.0, StatusCode::FORBIDDEN);

        let mut visitor = signed_in(&app).await;
        let own = visitor.get("/account/data/export").await;
        assert_eq!(own.headers()[header::CONTENT_TYPE], "application/json");
        let own = own.text().await.unwrap().to_lowercase();
        assert!(own.contains("qqcomment") && own.contains(&format!("/evidence/{photo}")) && !own.contains("qqnote: rang"), "{own}");
        // Not while a return is open.
        let (status, refused) = admin.post("/customers/c-zebra/erase", &json!({})).await;
        assert_eq!((status, refused["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/returns-open")), "{refused}");
        let page = visitor.text("/account/erase").await;
        assert!(page.contains(&format!("href=\"/returns/{open}\"")) && !page.contains("name=\"sure\""), "{page}");
        visitor.post("/account/erase", &[("sure", "yes")]).await;
        assert!(!left(&app, &["qqcomment"]).await.is_empty(), "nothing was erased");
        done("cancel", app.post(&format!("/returns/{open}/cancel"), &json!({})).await).await;
        // Nor while a withdrawal waits for a person.
        let (status, refused) = admin.post("/customers/c-zebra/erase", &json!({})).await;
        assert_eq!((status, refused["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/withdrawal-waits")), "{refused}");
        app.database.meddle("UPDATE withdrawal_standing SET settled_at = 1").await;
        app.run_jobs().await;

        seal(&app).await;
        let orders = ["q1", "q2", "q3", "q4", "w1"];
        let told = figures(&app, &orders).await;
        assert_eq!(visitor.post("/account/erase", &[]).await, "/account/erase", "they say that they are sure");
        let page = visitor.text("/account/erase").await;
        assert!(page.contains("name=\"sure\"") && page.contains("coupon"), "{page}");
        assert_eq!(visitor.post("/account/erase", &[("sure", "yes")]).await, "/account/erased");
        assert_eq!(visitor.cookie("__Host-homebound"), None);
        assert!(visitor.text("/account/erased").await.contains("Your data is erased"));
        // The server dies before files are gone: another goes on.
        let worker = compose::worker(&app.services).unwrap();
        while worker.once().await.unwrap() > 0 {}
        app.services.clock.advance(SignedDuration::from_hours(1));
        app.run_jobs().await;
        assert_eq!(left(&app, &OWNS).await, Vec::<String>::new());
        assert!(left(&app, &["wang@example.com"]).await.len() > 1, "somebody else is still known");
        let apart = app.database.texts("SELECT value FROM audit_private").await;
        assert!(apart.iter().any(|value| value.contains("ofsomebodyelse")), "what stands apart of others stays: {apart:?}");
        let after = figures(&app, &orders).await;
        assert_eq!(after, told);
        let files = files_below(app.database.folder.path());
        assert!(!files.iter().any(|file| file.to_string_lossy().contains("evidence/")), "{files:?}");

        // The trail is whole, and so is everything that is made of events.
        seal(&app).await;
        let found = store::verify_audit(&mut app.services.store.read().await.unwrap().conn()).await.unwrap();
        assert!(found.faults.is_empty() && found.erased > 0 && found.rows > 0, "{found:?}");
        // Asked again it is answered the same.
        let (status, again) = admin.post("/customers/c-zebra/erase", &json!({})).await;
        assert_eq!((status, &again["orders"], &again["returns"]), (StatusCode::OK, &json!(4), &json!(4)), "{again}");
        assert!(again["files_gone_at"].is_string(), "{again}");
        let by_mail = admin.post(&format!("/customers/{MAIL}/erase"), &json!({})).await.1;
        assert_eq!(by_mail["id"], again["id"]);
        assert_eq!(admin.get("/customers/c-zebra/export").await["status"], 404);
        // A request that was named is answered from what is there now.
        let mut asked = request("q1", "1", 1);
        asked["lines"][0]["comment"] = json!("qqcomment: too small for Zebedia");
        asked["lines"][0]["evidence"] = json!([photo]);
        let sent = app.api("POST", "/returns").header("idempotency-key", "zebra-1").json(&asked).send().await.unwrap();
        let (status, repeated) = answer(sent).await;
        assert!(status.is_success() && !repeated.to_string().contains("qqcomment"), "{repeated}");

        // The shop tells them again: nothing of them comes back. A new order is a new customer's.
        app.put_order(&bought("q1", Some("c-zebra"))).await;
        let customer = json!({"name": "Zebedia Quillfeather", "email": MAIL, "tier": "gold"});
        done("customer", admin.send("PUT", "/customers/c-zebra", None, &customer).await).await;
        let own: Vec<&str> = OWNS.into_iter().filter(|value| *value != "c-zebra").collect();
        assert_eq!(left(&app, &own).await, Vec::<String>::new());
        // An order told anew is settled anew, which is an event; money and ledgers stay.
        let of_ledgers = |all: Vec<String>| all.into_iter().filter(|row| !row.starts_with("R-")).collect::<Vec<_>>();
        assert_eq!(of_ledgers(figures(&app, &orders).await), of_ledgers(told));
        app.put_order(&bought("q8", Some("c-zebra"))).await;
        let file = admin.get("/customers/c-zebra/export").await;
        assert_eq!(file["orders"].as_array().map(Vec::len), Some(1), "{file}");
    }
}

on_both! {
    async fn an_admin_finds_a_customer_hands_out_what_is_held_and_erases_them_once_it_can_be(database: Database) {
        let app = TestApp::start(database).await;
        for (number, id) in [("q1", Some("c-zebra")), ("q2", Some("c-zebra"))] {
            app.put_order(&bought(number, id)).await;
        }
        app.put_order(&order("w1")).await;
        let mut asked = request("q1", "1", 1);
        asked["lines"][0]["comment"] = json!("qqcomment");
        let rma = done("open", app.post("/returns", &asked).await).await["rma"].as_str().unwrap().to_owned();
        let (.., mut sofia) = hire(&app, "Sofia", "admin", free()).await;
        let (.., mut sue) = hire(&app, "Sue", "support", free()).await;
        let page = |name: &str| format!("/staff/privacy?customer={name}");
        // For nobody but an admin, and of nobody but who is asked for.
        assert_eq!(sue.get(&page("c-zebra")).await.0, 403);
        assert!(!sue.get("/staff").await.1.contains("/staff/privacy"));
        assert_eq!(sue.post("/staff/privacy/erase", &[("customer", "c-zebra"), ("typed", "c-zebra")]).await, "/staff/people", "as of all that is an admin's");
        assert!(sofia.get("/staff").await.1.contains("/staff/privacy"));
        sofia.says(&page("nobody@example.com"), "Nothing is held of nobody@example.com.").await;
        for name in ["c-zebra", "ZEBEDIA.quill%40example.com"] {
            let found = sofia.get(&page(name)).await.1;
            assert!(found.contains("2 orders") && found.contains("1 return<") && found.contains(&format!("href=\"/staff/returns/{rma}\"")), "{found}");
            assert!(!found.contains("name=\"typed\""), "a return is open: {found}");
        }
        let file = sofia.get("/staff/privacy/file?customer=c-zebra").await.1;
        assert!(file.contains("qqcomment") && file.contains("Quittengasse") && !file.contains("wang@example.com"), "{file}");
        // What stands against it is said there, and on the customer's own page.
        done("cancel", app.post(&format!("/returns/{rma}/cancel"), &json!({})).await).await;
        let question = "INSERT INTO differences (number, at, kind, about, order_key, said, state) VALUES (1, 0, 'unknown', 'x', 'q1', '{}', 'open')";
        app.database.meddle(question).await;
        sofia.says(&page("c-zebra"), "Money is still to be paid.").await;
        let mut visitor = signed_in(&app).await;
        let own = visitor.text("/account/erase").await;
        assert!(own.contains("Money is still to be paid, and we need to know to whom.") && !own.contains("name=\"sure\""), "{own}");
        visitor.post("/account/erase", &[("sure", "yes")]).await;
        let sure = [("customer", "c-zebra"), ("typed", "C-Zebra ")];
        assert_eq!(sofia.post("/staff/privacy/erase", &sure).await, page("c-zebra"));
        sofia.says(&page("c-zebra"), "Something stands against erasing them now").await;
        let (status, refused) = Machine::with(&app, Scope::Admin).await.post("/customers/c-zebra/erase", &json!({})).await;
        assert_eq!((status, refused["type"].as_str()), (StatusCode::CONFLICT, Some("/problems/money-owed")), "{refused}");
        assert!(!left(&app, &["qqcomment"]).await.is_empty(), "nothing was erased");
        app.database.meddle("UPDATE differences SET state = 'settled', ended_at = 1").await;
        // Whom they mean is typed once more.
        let found = sofia.get(&page("c-zebra")).await.1;
        assert!(found.contains("name=\"typed\"") && found.contains("Type the customer once more"), "{found}");
        for typed in ["", "c-zebr", "zebedia.quill@example.com"] {
            sofia.post("/staff/privacy/erase", &[("customer", "c-zebra"), ("typed", typed)]).await;
            sofia.says(&page("c-zebra"), "Type the same as is shown, so that nobody else is erased").await;
        }
        assert_eq!(sofia.post("/staff/privacy/erase", &sure).await, "/staff/privacy");
        sofia.says("/staff/privacy", "Erased. Photos and emails follow within minutes.").await;
        sofia.says(&page("c-zebra"), "Nothing is held of c-zebra.").await;
        assert_eq!(sofia.post("/staff/privacy/erase", &sure).await, "/staff/privacy", "sent twice, erased once");
        app.run_jobs().await;
        app.services.clock.advance(SignedDuration::from_hours(1));
        app.run_jobs().await;
        let own: Vec<&str> = OWNS.into_iter().filter(|value| *value != "c-zebra").collect();
        assert_eq!(left(&app, &own).await, Vec::<String>::new());
        assert_eq!(left(&app, &["c-zebra"]).await, Vec::<String>::new());
        // The trail says who did, and nothing that leads to whom.
        let trail = audit(&app).await;
        let by = |action: &str| trail.iter().filter(|(done, _)| done == action).count();
        assert_eq!((by("export_customer"), by("erase_customer")), (1, 1), "{trail:?}");
    }
}
