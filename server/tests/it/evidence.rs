//! What customers show: forms with files, uploads in pieces, the machine interface, who may see what, and what is forgotten.
//! Long because each way a file can come has its cases.

use std::path::{Path, PathBuf};

use image::{ImageFormat, Rgb, RgbImage};
use jiff::{SignedDuration, Timestamp};
use reqwest::multipart::{Form, Part};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};
use server::evidence::{EvidenceLimits, clean};
use server::store::{self, Holder, Scope, StoreError};

use crate::app::{TestApp, add_key, answer, order};
use crate::databases::{on_both, sqlite};
use crate::entry::mailed_code;
use crate::pages::Visitor;

/// A picture that can be told from others.
pub fn photo(number: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(64, 48, |x, y| Rgb([number, (x * 4) as u8, (y * 5) as u8]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// The same with what telephones write beside it: where it was taken.
fn with_place(jpeg: &[u8]) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\x0c\0\0\0\x1a\0\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(b"GPS 48.85 N\0");
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn file(name: &str, bytes: Vec<u8>) -> Part {
    Part::bytes(bytes).file_name(name.to_owned())
}

/// What a browser sends of a field in which nothing was chosen.
fn nothing() -> Form {
    Form::new().part(FIELD, file("", Vec::new()))
}

const FIELD: &str = "files|10248|2";

impl Visitor<'_> {
    async fn send(&self, path: &str, form: Form) -> Response {
        self.with_cookies(self.client.post(format!("{}{path}", self.app.base)).multipart(form)).send().await.unwrap()
    }

    /// Sends a form with files and answers where it leads.
    async fn files(&self, path: &str, form: Form) -> String {
        let response = self.send(path, form).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        response.headers()[header::LOCATION].to_str().unwrap().to_owned()
    }

    async fn call(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> (StatusCode, Value) {
        let request = self.client.request(method.parse().unwrap(), format!("{}{path}", self.app.base)).header("accept-language", "en");
        answer(self.with_cookies(request.body(body.unwrap_or_default())).send().await.unwrap()).await
    }

    async fn announce(&self, draft: &str, name: &str, size: usize) -> (StatusCode, Value) {
        self.announced(draft, &[("line", "10248|2"), ("name", name), ("size", &size.to_string())]).await
    }

    async fn announce_that(&self, draft: &str, shows: &str, size: usize) -> (StatusCode, Value) {
        self.announced(draft, &[("line", "10248|2"), ("name", "photo.jpg"), ("size", &size.to_string()), ("shows", shows)]).await
    }

    async fn announced(&self, draft: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
        let request = self.client.post(format!("{}{draft}/uploads", self.app.base)).header("accept-language", "en").form(form);
        answer(self.with_cookies(request).send().await.unwrap()).await
    }

    /// Before "show us", with the lamp broken on its way; answers the draft's address.
    async fn broken_lamp(&mut self) -> String {
        let items = self.post("/", &[("number", "10248"), ("contact", "wang@example.com")]).await;
        let draft = items.strip_suffix("/items").unwrap().to_owned();
        self.post(&items, &[("units|10248|2", "1")]).await;
        let why = [("reason|10248|2", "damaged_in_transit"), ("condition|10248|2", "opened")];
        assert_eq!(self.post(&format!("{draft}/why"), &why).await, format!("{draft}/show"));
        draft
    }

    /// The rest of the way; answers the return's number.
    async fn send_off(&mut self, draft: &str) -> String {
        assert_eq!(self.post(&format!("{draft}/wish"), &[("wish|10248|2", "refund")]).await, format!("{draft}/send"));
        assert_eq!(self.post(&format!("{draft}/send"), &[("method", "drop_off")]).await, format!("{draft}/check"));
        let done = self.post(&format!("{draft}/check"), &[]).await;
        done.trim_start_matches("/returns/").trim_end_matches("/done").to_owned()
    }
}

/// Names of evidence that a page shows.
pub fn shown(page: &str) -> Vec<String> {
    let mut ids: Vec<String> = page
        .split("/evidence/")
        .skip(1)
        .map(|rest| rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect())
        .collect();
    ids.dedup();
    ids
}

fn objects(app: &TestApp) -> usize {
    std::fs::read_dir(app.database.folder.path().join("objects/evidence")).map_or(0, Iterator::count)
}

on_both! {
    async fn photos_are_shown_with_a_plain_form(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let draft = visitor.broken_lamp().await;
        let show = format!("{draft}/show");
        let page = visitor.text(&show).await;
        assert!(page.contains("<legend>The damage<") && page.contains("<legend>The packaging<") && page.contains("multipart/form-data"), "{page}");

        // Nothing shown, and "continue": it is asked once more, with a way on.
        assert_eq!(visitor.files(&show, nothing()).await, show);
        let page = visitor.text(&show).await;
        for missing in ["the damage", "the packaging"] {
            assert_eq!(page.matches(&format!("黄铜台灯: please add a photo of {missing}, or")).count(), 2, "above, and in its place: {page}");
        }

        // One good, one not, one for a line that was not chosen: what is good is kept.
        let form = Form::new().part(FIELD, file("flaw.jpg", with_place(&photo(1)))).part(FIELD, file("notes.txt", b"hello".to_vec()))
            .part("files|10248|1", file("other.jpg", photo(9))).part(FIELD, file("", Vec::new()));
        assert_eq!(visitor.files(&show, form).await, show);
        let page = visitor.text(&show).await;
        assert!(page.contains("notes.txt: We cannot open this kind of file"), "{page}");
        let [id] = &shown(&page)[..] else { panic!("{page}") };
        let file_of = |id: &str| format!("/evidence/{id}");
        let response = visitor.get(&file_of(id)).await;
        for (name, value) in [("content-type", "image/jpeg"), ("x-content-type-options", "nosniff"), ("cache-control", "private, no-store")] {
            assert_eq!(response.headers()[name], value);
        }
        assert!(response.headers()["content-security-policy"].to_str().unwrap().starts_with("sandbox; default-src 'none'"));
        assert!(response.headers()["content-disposition"].to_str().unwrap().contains("filename=\"flaw.jpg\""));
        let kept = response.bytes().await.unwrap();
        assert!(kept.starts_with(b"\xff\xd8") && !contains(&kept, b"Exif") && !contains(&kept, b"GPS"), "nobody learns where it was taken");
        assert!(visitor.get(&format!("/evidence/{id}/preview")).await.bytes().await.unwrap().starts_with(b"\xff\xd8"));

        // Nobody else sees it: not by its name, not by machine.
        assert_eq!(Visitor::new(&app).get(&file_of(id)).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(app.get(&format!("/evidence/{id}")).await.0, StatusCode::NOT_FOUND);

        // Another, and removed again; then the second that was asked for.
        visitor.files(&show, Form::new().part(FIELD, file("oops.png", photo(2))).text("action", "upload")).await;
        let two = shown(&visitor.text(&show).await);
        let oops = two.iter().find(|other| *other != id).unwrap();
        let before = objects(&app);
        assert_eq!(visitor.files(&show, Form::new().text("remove", oops.clone())).await, show);
        assert_eq!(visitor.files(&show, Form::new().text("remove", oops.clone())).await, show, "removed twice, gone once");
        assert_eq!(objects(&app), before - 2, "file and preview");
        assert_eq!(visitor.files(&show, Form::new().part(FIELD, file("box.jpg", photo(3)))).await, format!("{draft}/wish"));
        let wish = visitor.text(&format!("{draft}/wish")).await;
        assert!(wish.contains(&format!("{show}\"")), "back leads to what was asked just before");

        let rma = visitor.send_off(&draft).await;
        let (_, opened) = app.get(&format!("/returns/{rma}")).await;
        assert_eq!(opened["status"], "approved", "{opened}");
        assert_eq!(opened["lines"][0]["evidence"].as_array().unwrap().len(), 2);
        assert_eq!(shown(&visitor.text(&format!("/returns/{rma}")).await).len(), 2);
        let response = app.api("GET", &format!("/evidence/{id}")).send().await.unwrap();
        assert_eq!((response.status(), response.bytes().await.unwrap()), (StatusCode::OK, kept));
        assert_eq!(visitor.get(&file_of(id)).await.status(), StatusCode::OK);

        // Who comes by their account sees their own.
        let mut owner = Visitor::new(&app);
        owner.post("/account/code", &[("email", "wang@example.com")]).await;
        app.run_jobs().await;
        owner.post("/account/enter", &[("code", &mailed_code(&app))]).await;
        assert_eq!(owner.get(&file_of(id)).await.status(), StatusCode::OK);

        // Once it belongs to a return it stays.
        let (status, _) = visitor.call("DELETE", &format!("{draft}/evidence/{id}"), None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(visitor.get(&file_of(id)).await.status(), StatusCode::OK);
    }
}

on_both! {
    async fn who_cannot_show_anything_goes_on_and_a_person_looks(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let draft = visitor.broken_lamp().await;
        assert_eq!(visitor.files(&format!("{draft}/show"), Form::new().text("without", "1")).await, format!("{draft}/wish"));
        let rma = visitor.send_off(&draft).await;
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1["status"], "in_review");

        // Where nothing is asked for there is no such page, in either direction.
        let items = visitor.post("/", &[("number", "10248"), ("contact", "wang@example.com")]).await;
        let draft = items.strip_suffix("/items").unwrap().to_owned();
        visitor.post(&items, &[("units|10248|1", "1")]).await;
        assert_eq!(visitor.post(&format!("{draft}/why"), &[("reason|10248|1", "dislike"), ("condition|10248|1", "opened")]).await, format!("{draft}/wish"));
        let response = visitor.get(&format!("{draft}/show")).await;
        assert_eq!(response.headers()[header::LOCATION], format!("{draft}/wish"));
        assert!(visitor.text(&format!("{draft}/wish")).await.contains(&format!("{draft}/why\"")));
    }
}

on_both! {
    async fn an_upload_goes_on_after_a_broken_connection(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let draft = visitor.broken_lamp().await;
        let bytes = with_place(&photo(7));
        let (first, rest) = bytes.split_at(bytes.len() / 3);
        let (status, begun) = visitor.announce(&draft, "../IMG_1.JPG", bytes.len()).await;
        assert_eq!((status, &begun["offset"]), (StatusCode::CREATED, &json!(0)), "{begun}");
        let at = format!("{draft}/uploads/{}", begun["id"].as_str().unwrap());
        let piece = |offset: usize, bytes: &[u8]| (format!("{at}?offset={offset}"), Some(bytes.to_vec()));

        let (path, body) = piece(0, first);
        let (status, told) = visitor.call("PUT", &path, body.clone()).await;
        assert_eq!((status, &told["offset"]), (StatusCode::OK, &json!(first.len())));
        // The answer was lost; the browser sends the piece again, and is told where to go on.
        let (status, told) = visitor.call("PUT", &path, body).await;
        assert_eq!((status, &told["offset"]), (StatusCode::CONFLICT, &json!(first.len())));
        let (path, body) = piece(first.len() + 5, rest);
        assert_eq!(visitor.call("PUT", &path, body).await.0, StatusCode::CONFLICT);
        let (path, body) = piece(first.len(), &[rest, b"too much"].concat());
        assert_eq!(visitor.call("PUT", &path, body).await.0, StatusCode::CONFLICT, "more than was announced");
        assert_eq!(visitor.call("GET", &at, None).await.1["offset"], json!(first.len()), "nothing of it was taken");

        // Nobody else can look at it, add to it or give it up.
        let stranger = Visitor::new(&app);
        for method in ["GET", "DELETE"] {
            assert_eq!(stranger.call(method, &at, None).await.0, StatusCode::NOT_FOUND);
        }
        let (path, body) = piece(first.len(), rest);
        assert_eq!(stranger.call("PUT", &path, body.clone()).await.0, StatusCode::NOT_FOUND);

        let (status, done) = visitor.call("PUT", &path, body.clone()).await;
        assert_eq!((status, &done["evidence"]["name"]), (StatusCode::OK, &json!("IMG_1.JPG")), "{done}");
        let (_, again) = visitor.call("PUT", &path, body).await;
        assert_eq!(again["evidence"], done["evidence"], "sent twice, kept once");
        assert_eq!(visitor.call("GET", &at, None).await.1["evidence"], done["evidence"]);
        let id = done["evidence"]["id"].as_str().unwrap();
        assert_eq!(shown(&visitor.text(&format!("{draft}/show")).await), [id]);
        assert!(!contains(&visitor.get(&format!("/evidence/{id}")).await.bytes().await.unwrap(), b"GPS"));
        for _ in 0..2 {
            assert_eq!(visitor.call("DELETE", &format!("{draft}/evidence/{id}"), None).await.0, StatusCode::NO_CONTENT);
        }
        assert!(shown(&visitor.text(&format!("{draft}/show")).await).is_empty());
        assert_eq!(objects(&app), 0);
    }
}

on_both! {
    async fn what_cannot_be_kept_is_told_in_the_readers_words(database: Database) {
        let app = TestApp::with(database, |config| {
            config.limits.evidence.bytes = 100_000;
            config.limits.evidence.per_line = 2;
            config.limits.evidence.bytes_per_hour = 120_000;
        }).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let draft = visitor.broken_lamp().await;
        let (status, told) = visitor.announce(&draft, "big.jpg", 100_001).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(told["refused"].as_str().unwrap().starts_with("This file is too large"), "{told}");
        assert_eq!(visitor.announce(&draft, "none.jpg", 0).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        // The same without JavaScript.
        let show = format!("{draft}/show");
        visitor.files(&show, Form::new().part(FIELD, file("big.jpg", vec![0xFF; 100_001]))).await;
        assert!(visitor.text(&show).await.contains("big.jpg: This file is too large"));

        let text = b"hello, I am no picture".to_vec();
        let (_, begun) = visitor.announce(&draft, "notes.jpg", text.len()).await;
        let at = format!("{draft}/uploads/{}", begun["id"].as_str().unwrap());
        for _ in 0..2 {
            let (status, told) = visitor.call("PUT", &format!("{at}?offset=0"), Some(text.clone())).await;
            assert_eq!(status, StatusCode::OK);
            assert!(told["refused"].as_str().unwrap().starts_with("We cannot open this kind of file"), "{told}");
        }
        // A line that is not in the draft, an upload that is not there.
        let form = [("line", "10248|1"), ("name", "x.jpg"), ("size", "10")];
        let request = visitor.with_cookies(visitor.client.post(format!("{}{draft}/uploads", app.base)).form(&form));
        assert_eq!(request.send().await.unwrap().status(), StatusCode::NOT_FOUND);
        assert_eq!(visitor.call("GET", &format!("{draft}/uploads/up_1"), None).await.0, StatusCode::NOT_FOUND);

        // Two of a line are enough.
        let two = Form::new().part(FIELD, file("1.jpg", photo(1))).part(FIELD, file("2.jpg", photo(2))).text("action", "upload");
        visitor.files(&show, two).await;
        assert_eq!(visitor.announce(&draft, "3.jpg", 1_000).await.0, StatusCode::CONFLICT);
        visitor.files(&show, Form::new().part(FIELD, file("3.jpg", photo(3)))).await;
        let page = visitor.text(&show).await;
        assert!(page.contains("3.jpg: These are as many files as we can take here."), "{page}");
        assert_eq!((shown(&page).len(), objects(&app)), (2, 4), "and nothing of it is left behind");

        // A lot within an hour.
        for _ in 0..2 {
            visitor.files(&show, Form::new().part(FIELD, file("noise.jpg", vec![0x55; 90_000]))).await;
        }
        assert!(visitor.text(&show).await.contains("noise.jpg: That was a lot in a short time."));
        app.services.clock.advance(SignedDuration::from_mins(61));
        visitor.files(&show, Form::new().part(FIELD, file("noise.jpg", vec![0x55; 90_000]))).await;
        assert!(visitor.text(&show).await.contains("noise.jpg: We cannot open this kind of file"));
    }
}

on_both! {
    async fn a_photo_is_added_to_a_return(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let draft = visitor.broken_lamp().await;
        visitor.files(&format!("{draft}/show"), Form::new().text("without", "1")).await;
        let rma = visitor.send_off(&draft).await;
        let photos = format!("/returns/{rma}/photos");
        assert!(visitor.text(&photos).await.contains("<legend>The damage<"));
        let both = Form::new().part(FIELD, file("1.jpg", photo(1))).part(FIELD, file("2.jpg", photo(2)));
        assert_eq!(visitor.files(&photos, both).await, format!("/returns/{rma}"));
        let bytes = photo(3);
        let (status, begun) = visitor.announce(&format!("/returns/{rma}"), "3.jpg", bytes.len()).await;
        assert_eq!(status, StatusCode::CREATED, "{begun}");
        let at = format!("/returns/{rma}/uploads/{}", begun["id"].as_str().unwrap());
        assert_eq!(visitor.call("PUT", &format!("{at}?offset=0"), Some(bytes)).await.1["evidence"]["name"], "3.jpg");

        let page = visitor.text(&format!("/returns/{rma}")).await;
        assert_eq!(shown(&page).len(), 3);
        assert!(page.contains("You added 3 photos or documents"), "in a row, one entry: {page}");
        let (_, story) = app.get(&format!("/returns/{rma}/timeline")).await;
        let kinds: Vec<_> = story["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["opened", "sent_to_review", "evidence_added", "evidence_added"]);

        // A bad file is told on the page; a stranger is asked who they are.
        assert_eq!(visitor.send(&photos, Form::new().part(FIELD, file("x.txt", b"x".to_vec()))).await.headers()[header::LOCATION], *photos);
        assert!(visitor.text(&photos).await.contains("x.txt: We cannot open this kind of file"));
        assert_eq!(Visitor::new(&app).send(&photos, nothing()).await.headers()[header::LOCATION], format!("/returns/{rma}"));

        visitor.post(&format!("/returns/{rma}/cancel"), &[]).await;
        assert_eq!(visitor.get(&photos).await.headers()[header::LOCATION], format!("/returns/{rma}"));
        assert!(matches!(visitor.announce(&format!("/returns/{rma}"), "4.jpg", 10).await.0, StatusCode::NOT_FOUND | StatusCode::CONFLICT));
    }
}

fn by_machine(bytes: Vec<u8>) -> Form {
    Form::new().part("file", file("f.jpg", bytes))
}

on_both! {
    async fn evidence_by_machine_changes_a_verdict(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        app.put_order(&order("10249")).await;
        let upload = async |path: &str, form: Form| answer(app.api("POST", path).multipart(form).send().await.unwrap()).await;
        let request = |evidence: &[&str]| json!({"orders": ["10248"], "method": "self_ship", "lines": [
            {"line": "2", "quantity": 1, "reason": "damaged_in_transit", "condition": "damaged", "resolution": "refund", "evidence": evidence}]});
        let (_, quote) = app.post("/returns/quote", &request(&[])).await;
        assert_eq!((quote["lines"][0]["verdict"].as_str(), quote["lines"][0]["evidence_wanted"].as_array().unwrap().len()), (Some("in_review"), 2));

        let (status, one) = upload("/evidence?order=10248", by_machine(with_place(&photo(1)))).await;
        assert_eq!((status, &one["media"], &one["width"], &one["height"]), (StatusCode::CREATED, &json!("image/jpeg"), &json!(64), &json!(48)), "{one}");
        let (_, two) = upload("/evidence?order=%2310248&line=2", by_machine(photo(2))).await;
        let (_, other) = upload("/evidence?order=10249", by_machine(photo(3))).await;
        let id = |evidence: &Value| evidence["id"].as_str().unwrap().to_owned();
        let (one, two, other) = (id(&one), id(&two), id(&other));
        let (_, quote) = app.post("/returns/quote", &request(&[&one, &two])).await;
        assert_eq!(quote["lines"][0]["verdict"], "approved", "{quote}");
        for strange in [&other, "ev_0", "x"] {
            let (status, problem) = app.post("/returns", &request(&[&one, strange])).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("lines[0].evidence")), "{problem}");
        }
        // Another caller's evidence is not there.
        let stranger = add_key(&app.services, "other", Scope::Write).await;
        let foreign = app.client.post(format!("{}/api/v1/returns/quote", app.base)).bearer_auth(&stranger).json(&request(&[&one]));
        assert_eq!(foreign.send().await.unwrap().status(), StatusCode::UNPROCESSABLE_ENTITY);
        let look = app.client.get(format!("{}/api/v1/evidence/{one}", app.base)).bearer_auth(&stranger);
        assert_eq!(look.send().await.unwrap().status(), StatusCode::NOT_FOUND);

        let (status, opened) = app.post("/returns", &request(&[&one, &two])).await;
        assert_eq!((status, opened["status"].as_str()), (StatusCode::CREATED, Some("approved")), "{opened}");
        assert_eq!(opened["lines"][0]["evidence"], json!([one, two]));
        let rma = opened["rma"].as_str().unwrap();
        // What has become part of a return cannot become part of another.
        let (status, _) = app.post("/returns/quote", &json!({"orders": ["10248"], "lines": [{"line": "1", "quantity": 1, "evidence": [one]}]})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);

        let path = format!("/returns/{rma}/evidence");
        let (status, more) = upload(&path, by_machine(photo(4)).text("order", "10248").text("line", "2")).await;
        assert_eq!(status, StatusCode::CREATED, "{more}");
        let (_, now) = app.get(&format!("/returns/{rma}")).await;
        assert_eq!((&now["lines"][0]["evidence"][2], &now["status"]), (&more["id"], &json!("approved")));
        let served = app.api("GET", &format!("/evidence/{}", id(&more))).send().await.unwrap();
        assert_eq!((served.headers()["content-type"].to_str().unwrap(), served.headers()["cache-control"].to_str().unwrap()), ("image/jpeg", "private, no-store"));
        // The answers of policy hold with what was shown when something else changes.
        let (status, changed) = app.post(&format!("/returns/{rma}/method"), &json!({"method": "drop_off"})).await;
        assert_eq!((status, changed["lines"][0]["verdict"].as_str()), (StatusCode::OK, Some("approved")), "{changed}");

        for (form, status, kind) in [
            (by_machine(b"hello".to_vec()), StatusCode::UNSUPPORTED_MEDIA_TYPE, "evidence-unknown"),
            (by_machine(b"\0\0\0\x18ftypheic\0\0\0\0".to_vec()), StatusCode::UNSUPPORTED_MEDIA_TYPE, "evidence-heic"),
            (by_machine(photo(1)[..200].to_vec()), StatusCode::UNPROCESSABLE_ENTITY, "evidence-broken"),
            (by_machine(vec![0xFF; (20 << 20) + 1]), StatusCode::PAYLOAD_TOO_LARGE, "evidence-too-large"),
            (by_machine(vec![0xFF; 22 << 20]), StatusCode::PAYLOAD_TOO_LARGE, "evidence-too-large"),
            (by_machine(photo(5)).text("line", "9"), StatusCode::UNPROCESSABLE_ENTITY, "validation"),
            (Form::new().text("order", "10248"), StatusCode::UNPROCESSABLE_ENTITY, "validation"),
        ] {
            let (code, problem) = upload(&path, form).await;
            assert_eq!((code, problem["type"].as_str()), (status, Some(&*format!("/problems/{kind}"))), "{problem}");
        }
        let (status, problem) = answer(app.api("POST", &path).json(&json!({})).send().await.unwrap()).await;
        assert_eq!((status, problem["type"].as_str()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, Some("/problems/not-multipart")));
        for path in ["/evidence", "/evidence?order=99", "/evidence?order=10248&line=9"] {
            assert_eq!(upload(path, by_machine(photo(1))).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        }
        assert_eq!(upload("/returns/R-0000-0000/evidence", by_machine(photo(1))).await.0, StatusCode::NOT_FOUND);
        app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
        assert_eq!(upload(&path, by_machine(photo(6))).await.0, StatusCode::CONFLICT);
        assert_eq!(objects(&app), 8, "two files for each of four");
    }
}

/// Of a page: the name of each place for files, and the evidence in it.
fn places(page: &str) -> Vec<(String, Vec<String>)> {
    let upto = |text: &str, end: &str| text.split(end).next().unwrap().to_owned();
    page.split("<fieldset")
        .skip(1)
        .filter_map(|place| Some((upto(place.split("<legend>").nth(1)?, "<"), shown(&upto(place, "</fieldset>")))))
        .collect()
}

on_both! {
    async fn each_photo_is_where_it_was_given_and_is_told_by_what_it_shows(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let draft = visitor.broken_lamp().await;
        let show = format!("{draft}/show");
        let place = |name: &str, held: &[&str]| (name.to_owned(), held.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        let names = ["The damage", "The packaging", "Anything else"];
        assert_eq!(places(&visitor.text(&show).await), names.map(|name| place(name, &[])));

        // Of the packaging, by form; a file that is none is told where it was given.
        let form = Form::new().part("files.packaging|10248|2", file("box.jpg", photo(1))).part("files.damage|10248|2", file("x.txt", b"x".to_vec()));
        visitor.files(&show, form).await;
        let page = visitor.text(&show).await;
        let [packaging] = &shown(&page)[..] else { panic!("{page}") };
        assert_eq!(places(&page), [place(names[0], &[]), place(names[1], &[packaging]), place(names[2], &[])]);
        assert!(page.contains("href=\"#f-files-damage-10248-2\">x.txt:"), "{page}");
        // What is still missing is asked for in its place, and nothing else is.
        assert_eq!(visitor.files(&show, nothing()).await, show);
        let page = visitor.text(&show).await;
        assert!(page.contains("please add a photo of the damage") && !page.contains("please add a photo of the packaging"), "{page}");
        // Of the damage, in pieces; and one of which nothing is said.
        let bytes = photo(2);
        let (_, begun) = visitor.announce_that(&draft, "damage", bytes.len()).await;
        let done = visitor.call("PUT", &format!("{draft}/uploads/{}?offset=0", begun["id"].as_str().unwrap()), Some(bytes)).await.1;
        let damage = done["evidence"]["id"].as_str().unwrap_or_else(|| panic!("{done}"));
        assert_eq!(visitor.files(&show, Form::new().part(FIELD, file("3.jpg", photo(3)))).await, format!("{draft}/wish"));
        let page = visitor.text(&show).await;
        let third = shown(&page).pop().unwrap();
        assert_eq!(places(&page), [place(names[0], &[damage]), place(names[1], &[packaging]), place(names[2], &[&third])]);

        let rma = visitor.send_off(&draft).await;
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1["status"], "approved");
        let page = visitor.text(&format!("/returns/{rma}")).await;
        for (id, name) in [(damage, names[0]), (packaging, names[1])] {
            let thumb = page.split("<li class=\"thumb\"").find(|thumb| thumb.contains(id)).unwrap();
            assert!(thumb.contains(&format!("<span class=\"meta shows\">{name}</span>")), "{thumb}");
        }
        assert_eq!(page.matches("meta shows").count(), 2, "nobody said what the third shows");

        // Machines say it, and are told.
        let path = format!("/returns/{rma}/evidence");
        let upload = async |path: &str, form: Form| answer(app.api("POST", path).multipart(form).send().await.unwrap()).await;
        let (status, added) = upload(&path, by_machine(photo(4)).text("line", "2").text("shows", "serial_number")).await;
        assert_eq!((status, &added["shows"]), (StatusCode::CREATED, &json!("serial_number")), "{added}");
        let (status, ahead) = upload("/evidence?order=10248&line=1", by_machine(photo(5)).text("shows", "fault")).await;
        assert_eq!((status, &ahead["shows"]), (StatusCode::CREATED, &json!("fault")), "{ahead}");
        for path in [path.as_str(), "/evidence?order=10248&line=1"] {
            let (status, problem) = upload(path, by_machine(photo(6)).text("shows", "grandmother")).await;
            assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("shows")), "{problem}");
        }
        let (_, told) = app.get(&path).await;
        let told: Vec<_> = told["evidence"].as_array().unwrap().iter().map(|one| (one["id"].as_str().unwrap(), one["shows"].as_str())).collect();
        let expected = [(packaging.as_str(), Some("packaging")), (damage, Some("damage")), (&third, None), (added["id"].as_str().unwrap(), Some("serial_number"))];
        assert_eq!(told, expected);
    }
}

on_both! {
    async fn what_was_given_before_there_were_places_fills_them_from_the_front(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let draft = visitor.broken_lamp().await;
        let show = format!("{draft}/show");
        let form = Form::new().part("files.packaging|10248|2", file("1.jpg", photo(1))).part("files.packaging|10248|2", file("2.jpg", photo(2)));
        assert_eq!(visitor.files(&show, form).await, format!("{draft}/wish"), "two of the packaging are two photos: no stricter than the policy");
        let counts = async |visitor: &mut Visitor<'_>| places(&visitor.text(&show).await).into_iter().map(|(_, held)| held.len()).collect::<Vec<_>>();
        assert_eq!(counts(&mut visitor).await, [0, 2, 0]);
        for (kept, expected) in [("NULL", [1, 1, 0]), ("'of a later version'", [1, 1, 0])] {
            app.database.meddle(&format!("UPDATE evidence SET shows = {kept}")).await;
            assert_eq!(counts(&mut visitor).await, expected, "{kept}");
        }
    }
}

on_both! {
    async fn a_report_that_joins_a_return_comes_along(database: Database) {
        let app = TestApp::start(database).await;
        let mut costly = order("10248");
        costly["lines"][1]["unit_price"] = json!("6000.00");
        app.put_order(&costly).await;
        let first = json!({"orders": ["10248"], "method": "self_ship", "lines": [{"line": "1", "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"}]});
        let rma = app.post("/returns", &first).await.1["rma"].as_str().unwrap().to_owned();
        let sent = app.api("POST", "/evidence?order=10248&line=2").multipart(Form::new().part("file", file("report.pdf", report()))).send().await.unwrap();
        let (status, pdf) = answer(sent).await;
        assert_eq!((status, &pdf["media"], &pdf["pages"]), (StatusCode::CREATED, &json!("application/pdf"), &json!(1)), "{pdf}");
        let line = json!({"line": "2", "quantity": 1, "reason": "quality", "sub_reason": "functional_fault", "condition": "used", "resolution": "refund", "evidence": [pdf["id"]]});
        let (status, changed) = app.post(&format!("/returns/{rma}/lines"), &json!({"lines": [line]})).await;
        assert_eq!(status, StatusCode::OK, "{changed}");
        assert_eq!(changed["lines"][1]["evidence"], json!([pdf["id"]]));
        let held = app.services.evidence_held(&Holder::Return(rma.parse().unwrap())).await.unwrap();
        assert_eq!(held.len(), 1, "it is the return's now");
        let served = app.api("GET", &format!("/evidence/{}", pdf["id"].as_str().unwrap())).send().await.unwrap();
        assert!(served.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\"report.pdf\""));
    }
}

/// A PDF of one page.
fn report() -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 4 0 R>>",
        "<</Length 25>>stream\n100 100 300 300 re f     \nendstream",
    ];
    let mut pdf = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        pdf += &format!("{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let start = pdf.len();
    pdf += "xref\n0 5\n0000000000 65535 f \n";
    places.iter().for_each(|place| pdf += &format!("{place:010} 00000 n \n"));
    pdf += &format!("trailer<</Size 5/Root 1 0 R>>\nstartxref\n{start}\n%%EOF");
    pdf.into_bytes()
}

on_both! {
    async fn what_nobody_will_ask_for_is_forgotten(database: Database) {
        let app = TestApp::start(database).await;
        app.put_order(&order("10248")).await;
        let mut visitor = Visitor::new(&app);
        let draft = visitor.broken_lamp().await;
        visitor.files(&format!("{draft}/show"), Form::new().part(FIELD, file("1.jpg", photo(1)))).await;
        let (_, begun) = visitor.announce(&draft, "2.jpg", 1_000).await;
        let at = format!("{draft}/uploads/{}", begun["id"].as_str().unwrap());
        visitor.call("PUT", &format!("{at}?offset=0"), Some(vec![0; 500])).await;
        let named = app.api("POST", "/evidence?order=10248").multipart(by_machine(photo(3))).send().await.unwrap();
        assert_eq!(named.status(), StatusCode::CREATED);
        // A file whose row was never written: a server that stopped in between.
        app.services.objects.put("evidence/ev_lost", b"lost".to_vec()).await.unwrap();
        assert_eq!(objects(&app), 5);

        let tomorrow = || Timestamp::now() + SignedDuration::from_hours(24);
        let forget = async |files_before| {
            app.services.forget_abandoned(100).await.unwrap();
            app.services.delete_stray_files(files_before).await.unwrap();
        };
        forget(Timestamp::now() - SignedDuration::from_hours(24)).await;
        assert_eq!(objects(&app), 5, "what was just received may get its row yet");
        forget(tomorrow()).await;
        assert_eq!(objects(&app), 4);
        assert_eq!(visitor.call("GET", &at, None).await.0, StatusCode::OK);

        app.services.clock.advance(SignedDuration::from_hours(24 * 8));
        let now = app.services.clock.millis();
        app.services.store.write(move |mut conn| Box::pin(async move { store::delete_old_drafts(&mut conn, now, 100).await?; store::delete_old_uploads(&mut conn, now, i64::MAX, 100).await })).await.map_err(|error: StoreError| error).unwrap();
        forget(Timestamp::now()).await;
        assert_eq!(objects(&app), 0, "of the forgotten draft, and what no return ever named");
        let mut read = app.services.store.read().await.unwrap();
        let holder = Holder::Draft(draft.trim_start_matches("/return/").to_owned());
        assert!(store::evidence_of(&mut read.conn(), &holder).await.unwrap().is_empty());
        assert_eq!(store::count_open_uploads(&mut read.conn(), &holder, i64::MAX).await.unwrap(), 0);
    }
}

/// The pictures of others, where they are at hand.
fn samples() -> Vec<PathBuf> {
    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let folder = std::env::var_os("HOMEBOUND_DATA").map_or_else(|| beside.into(), PathBuf::from).join("images");
    if !folder.is_dir() {
        eprintln!("skipped: {folder:?} is not at hand (HOMEBOUND_DATA names the folder above)");
        return Vec::new();
    }
    files(&folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_picture_of_others_comes_through_or_is_told_why_not() {
    let app = TestApp::start(sqlite().await).await;
    app.put_order(&order("10248")).await;
    let (mut kept, mut refused) = (0, 0);
    for path in samples() {
        let bytes = std::fs::read(&path).unwrap();
        let expected = clean(&bytes, &EvidenceLimits::default());
        let sent = app
            .api("POST", "/evidence?order=10248")
            .multipart(Form::new().part("file", file(path.file_name().unwrap().to_str().unwrap(), bytes)));
        let (status, body) = answer(sent.send().await.unwrap()).await;
        match expected {
            Ok(cleaned) => {
                assert_eq!(
                    (status, &body["width"], &body["height"]),
                    (StatusCode::CREATED, &json!(cleaned.width), &json!(cleaned.height)),
                    "{path:?}: {body}"
                );
                let served =
                    app.api("GET", &format!("/evidence/{}", body["id"].as_str().unwrap())).send().await.unwrap().bytes().await.unwrap();
                assert_eq!(served, cleaned.bytes, "{path:?}");
                kept += 1;
            }
            Err(unreadable) => {
                let kind = format!("/problems/evidence-{}", unreadable.code().replace('_', "-"));
                assert!(matches!(status.as_u16(), 413 | 415 | 422), "{path:?}: {status}");
                assert_eq!(body["type"], kind, "{path:?}");
                refused += 1;
            }
        }
    }
    println!("{kept} kept, {refused} refused");
}
