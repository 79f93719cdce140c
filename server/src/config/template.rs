//! A settings file of a shop's own, from the commented defaults: one list of settings, and one text that describes them.

use super::{Config, ConfigError, DEFAULTS};

/// A setting that is to differ from its default: its table (`shop.address`; none at the top), its name, and its value.
pub type Chosen<'c> = (&'c str, &'c str, toml::Value);

/// The commented defaults with what was chosen in their places.
pub fn written(chosen: &[Chosen<'_>]) -> Result<String, ConfigError> {
    let mut lines: Vec<String> = DEFAULTS.lines().map(str::to_owned).collect();
    for (table, name, value) in chosen {
        let mut within = String::new();
        let shown = format!("#{name} = ");
        let place = lines.iter().position(|line| {
            if let Some(begins) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                within = begins.to_owned();
            }
            within == *table && line.starts_with(&shown)
        });
        let place = place.ok_or_else(|| ConfigError::setting(name, "has no line among the defaults"))?;
        lines[place] = format!("{name} = {value}");
    }
    let text = lines.join("\n") + "\n";
    Config::of_text(&text).map(|_| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_stands_where_its_default_did() {
        let text = |text: &str| toml::Value::String(text.to_owned());
        let name = toml::Table::from_iter([("zh-CN".to_owned(), text("店")), ("en".to_owned(), text("A \"shop\""))]);
        let chosen = [
            ("", "public_url", text("https://returns.shop.example")),
            ("shop", "name", toml::Value::Table(name)),
            ("shop", "phone", text("")),
            ("shop.address", "name", text("Returns")),
            ("shop.address", "country", text("DE")),
        ];
        let written = written(&chosen).unwrap();
        let config = Config::of_text(&written).unwrap();
        assert_eq!(config.public_url, "https://returns.shop.example");
        assert_eq!((config.shop.address.name.as_deref(), config.shop.address.city), (Some("Returns"), None));
        assert_eq!(config.shop.name.get(domain::words::Locale::En), Some("A \"shop\""));
        assert_eq!(config.shop.phone, None, "nothing is none");
        assert_eq!(written.lines().count(), DEFAULTS.lines().count(), "all else is there, commented");
        assert!(super::written(&[("shop", "nmae", text("x"))]).is_err());
        assert!(super::written(&[("shop", "zone", text("Europe/Berlln"))]).unwrap_err().to_string().contains("shop.zone"));
    }
}
