//! Who asks: session, language, time zone and address of a page's visitor.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::words::Locale;
use jiff::tz::TimeZone;
use percent_encoding::{CONTROLS, utf8_percent_encode};

use super::address::ComesFrom;
use super::state::AppState;
use crate::config::Config;
use crate::desks::{Session, Visitor};

/// A year.
const LONG: u32 = 31_536_000;

/// Finds out who asks and hands them on. A `?lang=` in the address is remembered and taken out of it.
pub async fn recognise(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    if let Some(chosen) = request.uri().query().and_then(chosen_language) {
        return switch_language(&state.services.config, request.uri().path(), chosen);
    }
    let headers = request.headers();
    let token = cookie(headers, session_cookie(&state.services.config));
    let session = match token {
        Some(token) => match Session::find(&state.services, token).await {
            Ok(session) => session,
            Err(error) => {
                tracing::error!(%error, "a session could not be read");
                return (StatusCode::SERVICE_UNAVAILABLE, "Please try again in a minute. 请稍后再试。\n").into_response();
            }
        },
        None => Session::default(),
    };
    let visitor = Visitor {
        session,
        locale: locale(headers, &state.services.config.languages),
        zone: wish(headers, "tz").and_then(|name| TimeZone::get(name).ok()),
        // Whatever came in was located first.
        address: request.extensions().get::<ComesFrom>().map_or(IpAddr::from([0, 0, 0, 0]), |from| from.0),
        at_work: None,
    };
    request.extensions_mut().insert(visitor);
    next.run(request).await
}

fn chosen_language(query: &str) -> Option<Locale> {
    query.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(|tag| tag.parse().ok())
}

fn switch_language(config: &Config, path: &str, locale: Locale) -> Response {
    // Only a path of ours: `//elsewhere` would lead away, and browsers read `\\` as `/`.
    let path = format!("/{}", utf8_percent_encode(path.trim_start_matches(['/', '\\']), CONTROLS));
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let (Ok(path), Some(cookie)) = (HeaderValue::from_str(&path), set_language(config, locale)) {
        response.headers_mut().insert(header::LOCATION, path);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// With https such a cookie belongs to this host alone; the other name is that of http, and of versions before.
fn of_this_host(name: &'static str) -> [&'static str; 2] {
    match name {
        "lang" => ["__Host-lang", "lang"],
        _ => ["__Host-tz", "tz"],
    }
}

/// What a browser keeps of a visitor's wishes, by its plain name: `lang`, `tz`.
fn wish<'h>(headers: &'h HeaderMap, name: &'static str) -> Option<&'h str> {
    of_this_host(name).into_iter().find_map(|name| cookie(headers, name))
}

/// The language chosen before, whichever we speak; or the first of the browser's that the shop offers; or English, where it does.
pub fn locale(headers: &HeaderMap, offered: &[Locale]) -> Locale {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_offered = |locale: &Locale| offered.contains(locale);
    let by_browser = || accepted.split(',').find_map(|item| item.split(';').next().and_then(|tag| tag.parse().ok()).filter(is_offered));
    let by_shop = || Some(Locale::default()).filter(is_offered).or_else(|| offered.first().copied());
    wish(headers, "lang").and_then(|tag| tag.parse().ok()).or_else(by_browser).or_else(by_shop).unwrap_or_default()
}

/// The value of a cookie.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    cookies.filter_map(|pair| pair.trim().split_once('=')).find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The session cookie's name: with https it belongs to this host alone.
pub fn session_cookie(config: &Config) -> &'static str {
    if config.is_secure() { "__Host-homebound" } else { "homebound" }
}

/// The header that hands a session to the browser; without a token it takes the last one back.
pub fn set_session(config: &Config, token: Option<&str>) -> Option<HeaderValue> {
    let secure = if config.is_secure() { "; Secure" } else { "" };
    let end = if token.is_none() { "; Max-Age=0" } else { "" };
    let token = token.unwrap_or_default();
    HeaderValue::from_str(&format!("{}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{end}", session_cookie(config))).ok()
}

/// The header that lets the browser remember a language.
pub fn set_language(config: &Config, locale: Locale) -> Option<HeaderValue> {
    let [host, plain] = of_this_host("lang");
    let (name, secure) = if config.is_secure() { (host, "; Secure") } else { (plain, "") };
    HeaderValue::from_str(&format!("{name}={locale}; Path=/; Max-Age={LONG}; HttpOnly; SameSite=Lax{secure}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_language_is_the_chosen_one_or_the_first_we_speak() {
        let both = [Locale::ZhCn, Locale::En];
        let french = || with(header::ACCEPT_LANGUAGE, "fr-FR,fr;q=0.9,zh-CN;q=0.8,en;q=0.7");
        assert_eq!(locale(&french(), &both), Locale::ZhCn, "French is not offered");
        assert_eq!(locale(&french(), &Locale::ALL), Locale::Fr);
        assert_eq!(locale(&with(header::ACCEPT_LANGUAGE, "nl"), &both), Locale::En);
        assert_eq!(locale(&with(header::COOKIE, "a=b; lang=zh-CN"), &both), Locale::ZhCn);
        assert_eq!(locale(&with(header::COOKIE, "lang=de"), &both), Locale::De, "chosen, as a link from a mail does");
        assert_eq!(locale(&HeaderMap::new(), &both), Locale::En);
        assert_eq!(locale(&HeaderMap::new(), &[Locale::De, Locale::Fr]), Locale::De);
    }

    #[test]
    fn a_language_switch_never_leads_away() {
        let config = Config::default();
        let response = switch_language(&config, "//evil.example/x", Locale::En);
        assert_eq!(response.headers()[header::LOCATION], "/evil.example/x");
        assert_eq!(switch_language(&config, "/\\evil.example", Locale::En).headers()[header::LOCATION], "/evil.example");
    }
}
