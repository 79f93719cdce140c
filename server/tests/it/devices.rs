//! Devices of the house that people share (N16, P13): how one becomes such, who comes in on it, and as what.

use domain::staff::StaffLimits;
use jiff::SignedDuration;

use crate::app::TestApp;
use crate::databases::on_both;
use crate::staff::{Browser, audit, free, hire};

const DOOR: &str = "/staff/sign-in";
const PASSWORD: &str = "vier Boote auf dem Kanal";

/// The code that an admin is shown.
async fn code(admin: &mut Browser<'_>, name: &str, warehouses: &str) -> String {
    assert_eq!(admin.post("/staff/devices", &[("name", name), ("warehouses", warehouses)]).await, "/staff/devices");
    let page = admin.get("/staff/devices").await.1;
    page.split_once("<b class=\"key\">").unwrap_or_else(|| panic!("{page}")).1.split_once("</b>").unwrap().0.to_owned()
}

fn is_in(browser: &Browser<'_>) -> bool {
    browser.cookies.iter().any(|(name, _)| name.ends_with("-staff"))
}

on_both! {
    async fn on_a_paired_device_the_warehouse_comes_in_by_password_alone(database: Database) {
        let app = TestApp::start(database).await;
        let (_, _, mut admin) = hire(&app, "Ravi", "admin", free()).await;
        let (jonas, phone, mut own) = hire(&app, "Jonas", "support,warehouse,admin", StaffLimits { overrides: true, warehouses: vec!["HZ1".into(), "HZ2".into()], ..StaffLimits::default() }).await;
        hire(&app, "Mei", "support,admin", free()).await;
        hire(&app, "Ana", "warehouse", StaffLimits { warehouses: vec!["SH1".into()], ..StaffLimits::default() }).await;
        own.post("/staff/sign-out", &[]).await;
        assert_eq!(admin.post("/staff/devices", &[("name", ""), ("warehouses", "HZ1")]).await, "/staff/devices");
        admin.says("/staff/devices", "Please enter a name").await;
        let typed = code(&mut admin, "Dock 2", "HZ1").await;
        assert!(!admin.get("/staff/devices").await.1.contains(&typed), "it is shown once");

        // Nobody comes in by the password alone on a device that is not paired.
        let mut dock = Browser::new(&app);
        assert_eq!(dock.sign_in("jonas@shop.example", PASSWORD, "").await, DOOR);
        dock.says(&format!("/staff/pair?code={typed}"), &format!("value=\"{typed}\"")).await;
        assert_eq!(dock.post("/staff/pair", &[("code", "WRONG-ONE")]).await, "/staff/pair");
        dock.says("/staff/pair", "This code does not work").await;
        assert_eq!(dock.post("/staff/pair", &[("code", &typed.to_lowercase().replace('-', " "))]).await, DOOR);
        dock.says(DOOR, "This device is paired (Dock 2)").await;
        assert_eq!(Browser::new(&app).post("/staff/pair", &[("code", &typed)]).await, "/staff/pair", "a code works once");

        for (what, email, password) in [
            ("another password", "jonas@shop.example", "drei Boote auf dem Kanal"),
            ("nobody", "nobody@shop.example", PASSWORD),
            ("not of the warehouse", "mei@shop.example", PASSWORD),
            ("of another warehouse", "ana@shop.example", PASSWORD),
        ] {
            assert_eq!(dock.sign_in(email, password, "").await, DOOR, "{what}");
            dock.says(DOOR, "do not fit together").await;
            assert!(!is_in(&dock), "{what}");
        }
        assert_eq!(dock.sign_in("jonas@shop.example", PASSWORD, "").await, "/staff");
        // There for the warehouse, and for nothing else.
        let session = dock.cookies.iter().find(|(name, _)| name.ends_with("-staff")).unwrap().1.clone();
        let who = app.services.staff_of(&session).await.unwrap().unwrap().member;
        assert_eq!((who.roles.to_string().as_str(), who.limits.warehouses, who.limits.overrides), ("warehouse", vec!["HZ1".to_owned()], false));
        for page in ["/staff/people", "/staff/devices"] {
            assert_eq!(dock.get(page).await.0, 403, "{page}");
        }
        let people = app.services.people().await.unwrap();
        dock.post("/staff/people", &[("name", "Eve"), ("email", "eve@shop.example"), ("role", "admin")]).await;
        dock.post(&format!("/staff/people/{}/end", jonas.id), &[]).await;
        assert_eq!(app.services.people().await.unwrap(), people);
        // With a code they are who they are, there too.
        let mut whole = Browser { app: &app, cookies: dock.cookies.clone() };
        whole.cookies.retain(|(name, _)| !name.ends_with("-staff"));
        app.database.meddle("UPDATE staff SET factor_step = 0").await;
        assert_eq!(whole.sign_in("jonas@shop.example", PASSWORD, &phone.code(0)).await, "/staff");
        assert_eq!(whole.get("/staff/people").await.0, 200);

        // An admin sees it, and ends it: whoever was in on it is out.
        let page = admin.get("/staff/devices").await.1;
        assert!(page.contains("Dock 2") && page.contains("HZ1"), "{page}");
        let id = app.services.devices().await.unwrap()[0].id.clone();
        assert_eq!(admin.post(&format!("/staff/devices/{id}/end"), &[]).await, "/staff/devices");
        admin.says("/staff/devices", "Dock 2 is no longer paired").await;
        assert_eq!(dock.get("/staff").await.0, 303);
        assert!(app.services.staff_of(&session).await.unwrap().is_none());
        assert_eq!(whole.get("/staff").await.0, 200, "who came in by a code is in");
        assert_eq!(dock.sign_in("jonas@shop.example", PASSWORD, "").await, DOOR);
        let trail = audit(&app).await;
        let count = |what: &str| trail.iter().filter(|(done, _)| done == what).count();
        assert_eq!(["make_pairing", "pair_device", "sign_in_on_device", "end_device"].map(count), [1, 1, 1, 1], "{trail:?}");
    }
}

on_both! {
    async fn codes_of_devices_run_out_and_are_not_guessed(database: Database) {
        let app = TestApp::start(database).await;
        let (_, _, mut admin) = hire(&app, "Ravi", "admin", free()).await;
        let (_, _, mut mei) = hire(&app, "Mei", "warehouse", free()).await;
        mei.post("/staff/devices", &[("name", "Mine")]).await;
        assert_eq!(app.database.texts("SELECT name FROM staff_pairings").await, Vec::<String>::new(), "devices are an admin's");
        let late = code(&mut admin, "Dock 1", "").await;
        app.services.clock.advance(SignedDuration::from_mins(11));
        let mut dock = Browser::new(&app);
        assert_eq!(dock.post("/staff/pair", &[("code", &late)]).await, "/staff/pair");
        // Roles that are taken away are gone there, too.
        let typed = code(&mut admin, "Dock 1", "").await;
        assert_eq!(dock.post("/staff/pair", &[("code", &typed)]).await, DOOR);
        assert_eq!(dock.sign_in("mei@shop.example", PASSWORD, "").await, "/staff");
        app.database.meddle("UPDATE staff SET roles = 'support' WHERE name = 'Mei'").await;
        assert_eq!(dock.get("/staff").await.0, 303);
        let typed = code(&mut admin, "Dock 3", "").await;
        for _ in 0..11 {
            dock.post("/staff/pair", &[("code", "AAAA-AAAA")]).await;
        }
        assert_eq!(dock.post("/staff/pair", &[("code", &typed)]).await, "/staff/pair");
        dock.says("/staff/pair", "a lot of tries").await;
    }
}
