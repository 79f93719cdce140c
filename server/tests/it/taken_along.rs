//! What a shopper takes along from the page of a return: what to pack, numbers to copy, where to hand it in, where to follow it.

use serde_json::json;

use crate::app::{TestApp, order, request};
use crate::databases::sqlite;
use crate::pages::Visitor;

const POINTS: &str = "name,carrier,country,postal_code,city,line1,hours,latitude,longitude\n\
    学院路驿站,顺丰,CN,310012,杭州市,学院路 77 号,每天 9–21,30.2830,120.1230\n\
    远郊驿站,顺丰,CN,311500,桐庐县,迎春路 1 号,,29.79,119.68\n\
    文三路驿站,,CN,310012,杭州市,文三路 138 号,,30.2790,120.1260\n";
const CODES: &str = "CN\t310012\t西湖区\t浙江省\t\t杭州市\t\t\t\t30.2780\t120.1250\t4\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_return_says_what_to_pack_where_to_hand_it_in_and_where_to_follow_it() {
    let lists = tempfile::tempdir().unwrap();
    let [points, codes] = ["points.csv", "codes.tsv"].map(|name| lists.path().join(name));
    std::fs::write(&points, POINTS).unwrap();
    std::fs::write(&codes, CODES).unwrap();
    let app = TestApp::with(sqlite().await, |config| {
        config.carrier.tracking.insert("own".into(), "https://track.example/?n={number}".into());
        config.drop_off.points = Some(points.clone());
        config.drop_off.postal_codes = Some(codes.clone());
    })
    .await;
    app.put_order(&order("1")).await;
    let wanted = |method: &str, line: &str, units| {
        let mut wanted = request("1", line, units);
        wanted["method"] = json!(method);
        wanted
    };
    let (status, opened) = app.post("/returns", &wanted("drop_off", "1", 2)).await;
    assert_eq!(status, 201, "{opened}");
    let (rma, number) = (opened["rma"].as_str().unwrap(), opened["parcels"][0]["tracking_number"].as_str().unwrap());
    let mut visitor = Visitor::new(&app);
    visitor.post("/find-return", &[("rma", rma), ("rma_contact", "wang@example.com")]).await;
    for page in [format!("/returns/{rma}"), format!("/returns/{rma}/done")] {
        let html = visitor.text(&page).await;
        let section =
            |id: &str| html.split(&format!("id=\"{id}\"")).nth(1).and_then(|rest| rest.split("</section>").next()).unwrap_or_default();
        let pack = section("pack");
        assert!(pack.contains("有机棉 T 恤") && pack.contains("× 2") && pack.contains(rma) && !pack.contains("黄铜台灯"), "{page}: {pack}");
        let places = section("points");
        let order: Vec<_> = ["文三路驿站", "学院路驿站"].map(|name| places.find(name).unwrap_or(usize::MAX)).into();
        assert!(order.is_sorted() && !places.contains("远郊") && places.contains("每天 9–21"), "{page}: {places}");
        assert!(places.contains("0.1 km") && places.contains("geo:30.279,120.126"), "{page}: {places}");
        assert!(html.contains(&format!("href=\"https://track.example/?n={number}\"")), "{page}");
        // Only a script that can copy lets them show; what they copy stands beside them.
        for copied in [rma, number] {
            assert!(html.contains(&format!("data-copy=\"{copied}\"")), "{page}: {copied}");
        }
        let copies = html.matches("data-copy=").count();
        assert_eq!(html.matches("class=\"copy\"").count(), copies, "{page}: hidden where no script shows them");
        assert!(html.contains("classList.add('can-copy')"), "{page}");
    }
    // Who does not bring it anywhere is told of no place.
    let (_, other) = app.post("/returns", &wanted("self_ship", "2", 1)).await;
    let rma = other["rma"].as_str().unwrap();
    visitor.post("/find-return", &[("rma", rma), ("rma_contact", "wang@example.com")]).await;
    let html = visitor.text(&format!("/returns/{rma}")).await;
    assert!(html.contains("id=\"pack\"") && !html.contains("id=\"points\""), "{html}");
    // Called off, nothing is packed.
    app.post(&format!("/returns/{rma}/cancel"), &json!({})).await;
    let html = visitor.text(&format!("/returns/{rma}")).await;
    assert!(!html.contains("id=\"pack\"") && !html.contains("data-copy="), "{html}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_cannot_be_read_is_named_when_the_server_starts() {
    let lists = tempfile::tempdir().unwrap();
    let path = lists.path().join("points.csv");
    std::fs::write(&path, "name,country\nKiosk,Germany\n").unwrap();
    let refused = |points: std::path::PathBuf| {
        let mut config = server::config::Config::default();
        config.drop_off.points = Some(points);
        server::points::Points::load(&config).unwrap_err()
    };
    let (setting, error) = refused(path);
    assert!(setting == "drop_off.points" && error.to_string().starts_with("line 2: country: "), "{error}");
    assert_eq!(refused("no/such/file.csv".into()).0, "drop_off.points");
}
