//! Every route that is served, as the router itself has it: what it prints for debugging names all of them.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use server::compose;
use server::http::{AppState, router};

use crate::app::TestApp;

/// Methods and paths, `HEAD` aside.
pub fn served(app: &TestApp) -> BTreeSet<(String, String)> {
    let printed = format!("{:?}", router(AppState::new(app.services.clone(), compose::metrics())));
    let printed = printed.split("fallback_router").next().unwrap();
    let group = |found: &regex::Captures, place| found.get(place).map_or("", |text| text.as_str()).to_owned();
    let paths = Regex::new(r#"RouteId\((\d+)\): "([^"]*)""#).unwrap();
    let paths: BTreeMap<String, String> = paths.captures_iter(printed).map(|found| (group(&found, 1), group(&found, 2))).collect();
    let methods = Regex::new(r#"RouteId\((\d+)\): MethodRouter.*?allow_header: Bytes\(b"([A-Z,]*)"\)"#).unwrap();
    let mut routes = BTreeSet::new();
    for found in methods.captures_iter(printed) {
        let path = &paths[&group(&found, 1)];
        routes.extend(group(&found, 2).split(',').filter(|method| *method != "HEAD").map(|method| (method.to_owned(), path.clone())));
    }
    assert_eq!(routes.iter().map(|(_, path)| path).collect::<BTreeSet<_>>().len(), paths.len(), "a path without a method: {printed}");
    routes
}
