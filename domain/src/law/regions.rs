//! Subdivisions of countries, as people write them.

/// Subdivisions with a law of their own, as people write them.
const SUBDIVISIONS: &[(&str, &[&str])] = &[
    ("CA-AB", &["alberta"]),
    ("CA-BC", &["british columbia"]),
    ("CA-ON", &["ontario"]),
    ("CA-QC", &["quebec", "québec"]),
    ("US-CA", &["california"]),
    ("US-CT", &["connecticut"]),
    ("US-FL", &["florida"]),
    ("US-HI", &["hawaii", "hawaiʻi"]),
    ("US-MA", &["massachusetts"]),
    ("US-NJ", &["new jersey"]),
    ("US-NY", &["new york"]),
    ("US-RI", &["rhode island"]),
    ("US-VA", &["virginia"]),
];

/// The German Länder, whose holidays differ, as people write them.
const LAENDER: &[(&str, &[&str])] = &[
    ("DE-BB", &["brandenburg"]),
    ("DE-BE", &["berlin"]),
    ("DE-BW", &["baden-württemberg", "baden-wuerttemberg", "baden-wurttemberg"]),
    ("DE-BY", &["bayern", "bavaria"]),
    ("DE-HB", &["bremen"]),
    ("DE-HE", &["hessen", "hesse"]),
    ("DE-HH", &["hamburg"]),
    ("DE-MV", &["mecklenburg-vorpommern", "mecklenburg-western pomerania"]),
    ("DE-NI", &["niedersachsen", "lower saxony"]),
    ("DE-NW", &["nordrhein-westfalen", "north rhine-westphalia", "nrw"]),
    ("DE-RP", &["rheinland-pfalz", "rhineland-palatinate"]),
    ("DE-SH", &["schleswig-holstein"]),
    ("DE-SL", &["saarland"]),
    ("DE-SN", &["sachsen", "saxony"]),
    ("DE-ST", &["sachsen-anhalt", "saxony-anhalt"]),
    ("DE-TH", &["thüringen", "thueringen", "thuringia"]),
];

/// The subdivision that is meant, where it has a law of its own.
pub(super) fn subdivision(country: &str, region: &str) -> Option<&'static str> {
    named(SUBDIVISIONS, country, region)
}

/// Whose holidays count for somebody who lives in `region` of a country where they differ; nothing where that is not known.
pub(super) fn land_of(country: &str, region: Option<&str>) -> Option<&'static str> {
    region.and_then(|region| named(LAENDER, country, region)).map(|code| &code[3..])
}

fn named(table: &'static [(&str, &[&str])], country: &str, region: &str) -> Option<&'static str> {
    let written = region.trim();
    let written = written.strip_prefix(country).and_then(|rest| rest.strip_prefix('-')).unwrap_or(written);
    table.iter().filter(|(code, _)| code.starts_with(country)).map(|(code, names)| (*code, *names)).find_map(|(code, names)| {
        let named = code[3..].eq_ignore_ascii_case(written) || names.iter().any(|name| written.to_lowercase() == **name);
        named.then_some(code)
    })
}
