//! Backups as an operator makes and tries them; `torture::restored` makes them of a shop that is busy.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Output;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::Value;

use crate::app::{TestApp, answer, order, request};
use crate::command_line::{homebound, text};
use crate::databases::{Database, on_both, sqlite, vacant};
use crate::evidence::photo;

fn call(address: &str, folder: &Path, arguments: &[&str]) -> Output {
    homebound(folder, arguments).env("HOMEBOUND_DATABASE_URL", address).output().unwrap()
}

/// A shop with a return that has a photo, and a secret beside the database.
async fn shop(database: Database) -> (TestApp, String) {
    let app = TestApp::start(database).await;
    app.put_order(&order("1")).await;
    let form = Form::new().part("file", Part::bytes(photo(1)).file_name("crack.jpg"));
    let (status, shown) = answer(app.api("POST", "/evidence?order=1").multipart(form).send().await.unwrap()).await;
    assert_eq!(status, StatusCode::CREATED, "{shown}");
    let mut wanted = request("1", "1", 1);
    wanted["lines"][0]["evidence"] = Value::Array(vec![shown["id"].clone()]);
    let (status, opened) = app.post("/returns", &wanted).await;
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    (app, opened["rma"].as_str().unwrap().to_owned())
}

on_both! {
    async fn a_backup_is_tried_and_restored(database: Database) {
        let (app, rma) = shop(database).await;
        let kept = tempfile::tempdir().unwrap();
        let file = kept.path().join("backup.tar.gz");
        let (path, folder, address) = (file.to_str().unwrap(), app.database.folder.path(), app.database.address.as_str());
        let made = call(address, folder, &["backup", path]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions()) & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(kept.path()).unwrap().count(), 1, "nothing is left beside it");
        let again = call(address, folder, &["backup", path]);
        assert!(!again.status.success() && text(&again.stderr).contains("--overwrite"), "{}", text(&again.stderr));
        assert!(call(address, folder, &["backup", path, "--overwrite"]).status.success());
        let inside = call(address, folder, &["backup", folder.join("backup.tar.gz").to_str().unwrap()]);
        assert!(!inside.status.success() && text(&inside.stderr).contains("would be lost with it"), "{}", text(&inside.stderr));

        let elsewhere = vacant(&app.database).await;
        let tried = call(address, elsewhere.folder.path(), &["restore", path, "--verify"]);
        assert!(tried.status.success() && text(&tried.stdout).contains("can be restored"), "{}{}", text(&tried.stdout), text(&tried.stderr));
        assert_eq!(std::fs::read_dir(elsewhere.folder.path()).unwrap().count(), 0, "a trial leaves nothing");
        if app.database.store.kind() == "postgres" {
            let trials = app.database.texts("SELECT nspname::TEXT FROM pg_namespace WHERE nspname LIKE 'trial%'").await;
            assert_eq!(trials, [""; 0]);
        }
        // What is there is not lost by a slip.
        let (_, before) = app.get(&format!("/returns/{rma}")).await;
        let over = call(address, folder, &["restore", path]);
        assert!(!over.status.success() && text(&over.stderr).contains("nothing was changed"), "{}", text(&over.stderr));
        assert_eq!(app.get(&format!("/returns/{rma}")).await.1, before);

        let done = call(&elsewhere.address, elsewhere.folder.path(), &["restore", path]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        let secret = |folder: &std::path::Path| std::fs::read_to_string(folder.join("secret")).unwrap();
        assert_eq!(secret(elsewhere.folder.path()), secret(folder));
        let restored = TestApp::with_key(elsewhere.opened().await, "another").await;
        assert_eq!(restored.get(&format!("/returns/{rma}")).await.1, before);
        let id = before["lines"][0]["evidence"][0].as_str().unwrap();
        let picture = restored.api("GET", &format!("/evidence/{id}")).send().await.unwrap();
        assert_eq!(picture.status(), StatusCode::OK);
        assert!(picture.bytes().await.unwrap().starts_with(b"\xff\xd8"));
        // It goes on.
        restored.put_order(&order("2")).await;
        assert_eq!(restored.post("/returns", &request("2", "1", 1)).await.0, StatusCode::CREATED);

        // Told to, it takes the place of what has become of it since.
        let third = vacant(&app.database).await;
        assert!(call(&third.address, third.folder.path(), &["restore", path]).status.success());
        let third = third.opened().await;
        third.meddle("INSERT INTO credits (credit_note, position, order_key, line_id, quantity, amount) VALUES ('late', 1, '1', '1', 1, 1)").await;
        third.store.close().await;
        let over = call(&third.address, third.folder.path(), &["restore", path, "--overwrite"]);
        assert!(over.status.success(), "{}", text(&over.stderr));
        assert_eq!(third.texts("SELECT credit_note FROM credits").await, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_backup_is_told_and_changes_nothing() {
    let (app, _) = shop(sqlite().await).await;
    let kept = tempfile::tempdir().unwrap();
    let file = kept.path().join("backup.tar.gz");
    let path = file.to_str().unwrap();
    assert!(call(&app.database.address, app.database.folder.path(), &["backup", path]).status.success());
    let whole = std::fs::read(&file).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let refused = |bytes: &[u8], what: &str| {
        std::fs::write(&file, bytes).unwrap();
        for arguments in [&["restore", path, "--verify"][..], &["restore", path]] {
            let output = homebound(elsewhere.path(), arguments).output().unwrap();
            assert!(!output.status.success() && text(&output.stderr).contains("damaged"), "{what}: {}", text(&output.stderr));
        }
        assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0, "{what}");
    };
    let unpacked = |bytes: &[u8]| {
        let mut tar = Vec::new();
        GzDecoder::new(bytes).read_to_end(&mut tar).map(|_| tar).ok()
    };
    let tar = unpacked(&whole).unwrap();
    // Ten bytes of gzip's own come first: a date, which nobody reads. Some bits of what is packed say nothing either: from how far back in a run
    // of zeros another zero is taken. The next one does.
    for from in [10, whole.len() / 3, whole.len() / 2, whole.len() - 300, whole.len() - 6] {
        let wrongly = |place: usize| {
            let mut wrong = whole.clone();
            wrong[place] ^= 0x10;
            wrong
        };
        let place = (from..whole.len()).find(|&place| unpacked(&wrongly(place)).as_ref() != Some(&tar)).unwrap();
        refused(&wrongly(place), &format!("byte {place} of {}", whole.len()));
    }
    for length in [0, 5, whole.len() / 2, whole.len() - 1] {
        refused(&whole[..length], &format!("{length} of {} bytes", whole.len()));
    }
    // Packed anew, so that gzip has nothing to say against it.
    let mut tar = tar;
    let picture = tar.windows(3).position(|start| start == b"\xff\xd8\xff").unwrap();
    tar[picture + 100] ^= 0x10;
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&tar).unwrap();
    refused(&packed.finish().unwrap(), "a photo that is another");
    std::fs::write(&file, &whole).unwrap();
    assert!(homebound(elsewhere.path(), &["restore", path, "--verify"]).output().unwrap().status.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_lacks_something_is_told() {
    let (app, rma) = shop(sqlite().await).await;
    let kept = tempfile::tempdir().unwrap();
    let file = kept.path().join("backup.tar.gz");
    let (path, folder) = (file.to_str().unwrap(), app.database.folder.path());
    app.database.meddle(&format!("UPDATE returns SET status = 'closed' WHERE rma = '{rma}'")).await;
    let photos: Vec<_> = std::fs::read_dir(folder.join("objects/evidence")).unwrap().map(|photo| photo.unwrap().path()).collect();
    std::fs::remove_file(photos.iter().find(|photo| photo.extension().is_none()).unwrap()).unwrap();
    let made = call(&app.database.address, folder, &["backup", path]);
    assert!(made.status.success() && text(&made.stderr).contains("was deleted meanwhile, or is missing"), "{}", text(&made.stderr));
    let tried = call(&app.database.address, folder, &["restore", path, "--verify"]);
    assert!(!tried.status.success() && text(&tried.stderr).contains(&rma), "{}", text(&tried.stderr));
    app.database.meddle(&format!("UPDATE returns SET status = 'approved' WHERE rma = '{rma}'")).await;
}
