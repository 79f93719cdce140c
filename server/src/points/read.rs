//! Reads lists of points (CSV or JSON) and of postal codes (as GeoNames has them).

use std::collections::HashSet;
use std::path::Path;

use domain::ids::CountryCode;
use domain::order::{Address, AddressDocument};
use domain::plain::{LONGEST_NAME, maybe_line};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Point, Points, Spot, plain};
use crate::config::Config;

/// The largest file that is read, in bytes: all the postal codes of Europe are 40 MB.
const LARGEST: u64 = 64 << 20;
/// The most points of one shop: more than any country has post offices.
const MOST: usize = 100_000;

/// The demo shop's, near its customers.
const DEMO: [&str; 2] = [include_str!("demo.csv"), include_str!("demo-codes.tsv")];

/// Why a list cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PointsError {
    /// The file.
    #[error("{0}")]
    File(#[from] std::io::Error),
    /// Too much of it.
    #[error("is larger than {LARGEST} bytes")]
    Large,
    /// A row of it.
    #[error("{0}")]
    Row(String),
}

/// A row as the shop writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    carrier: Option<String>,
    #[serde(default, deserialize_with = "text")]
    country: Option<String>,
    #[serde(default, deserialize_with = "text")]
    region: Option<String>,
    #[serde(default, deserialize_with = "text")]
    postal_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    city: Option<String>,
    #[serde(default, deserialize_with = "text")]
    line1: Option<String>,
    #[serde(default, deserialize_with = "text")]
    line2: Option<String>,
    #[serde(default, deserialize_with = "text")]
    hours: Option<String>,
    #[serde(default, deserialize_with = "text")]
    latitude: Option<String>,
    #[serde(default, deserialize_with = "text")]
    longitude: Option<String>,
}

/// A text or a number, without what stands around it; nothing where it is empty.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let told = match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Ok(told.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

impl Row {
    fn point(self) -> Result<Point, String> {
        let name = maybe_line(self.name.as_deref(), LONGEST_NAME).ok_or("name: is empty")?;
        let address = AddressDocument {
            name: None,
            country: Some(self.country.ok_or("country: is empty")?),
            region: self.region,
            city: self.city,
            postal_code: self.postal_code,
            line1: self.line1,
            line2: self.line2,
        };
        let address = Address::parse(&address).map_err(|problems| problems[0].to_string().trim_start_matches("address.").to_owned())?;
        let spot = match (&self.latitude, &self.longitude) {
            (None, None) => None,
            (latitude, longitude) => {
                let degrees = |told: &Option<String>| told.as_ref().and_then(|told| told.parse::<f64>().ok());
                let spot = degrees(latitude).zip(degrees(longitude)).and_then(|(latitude, longitude)| Spot::of(latitude, longitude));
                Some(spot.ok_or("latitude, longitude: are both degrees such as 52.53 and 13.38, or both empty")?)
            }
        };
        let line = |told: &Option<String>| maybe_line(told.as_deref(), LONGEST_NAME);
        Ok(Point { name, carrier: line(&self.carrier), address, hours: line(&self.hours), spot })
    }
}

impl Points {
    /// As the settings say; the demo shop has some of its own. The error names the setting.
    pub fn load(config: &Config) -> Result<Self, (&'static str, PointsError)> {
        let file = |path: &Path| -> Result<String, PointsError> {
            if std::fs::metadata(path)?.len() > LARGEST {
                return Err(PointsError::Large);
            }
            Ok(std::fs::read_to_string(path)?)
        };
        let setting = |name| move |error| (name, error);
        let codes = config.drop_off.postal_codes.as_deref().map(file).transpose().map_err(setting("drop_off.postal_codes"))?;
        let found = match &config.drop_off.points {
            Some(path) => {
                let json = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
                file(path).and_then(|text| Self::of(&text, json, codes.as_deref()))
            }
            None if config.demo => Self::of(DEMO[0], false, codes.as_deref().or(Some(DEMO[1]))),
            None => Ok(Self::default()),
        };
        found.map_err(setting("drop_off.points"))
    }

    /// From the text of a list, and of GeoNames' postal codes.
    pub(super) fn of(points: &str, json: bool, codes: Option<&str>) -> Result<Self, PointsError> {
        let all = if json { of_json(points)? } else { of_csv(points)? };
        if all.len() > MOST {
            return Err(PointsError::Row(format!("has more than {MOST} points")));
        }
        // Those of the points' countries are enough: nobody else is near one.
        let countries: HashSet<CountryCode> = all.iter().filter_map(|point| point.address.country).collect();
        let codes = codes.unwrap_or_default().lines().filter_map(code_of).filter(|((country, _), _)| countries.contains(country));
        Ok(Self { codes: codes.collect(), all })
    }
}

fn of_csv(text: &str) -> Result<Vec<Point>, PointsError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headers = reader.headers().map_err(|error| PointsError::Row(format!("line 1: {error}")))?.clone();
    let mut points = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| PointsError::Row(error.to_string()))?;
        let line = row.position().map_or(0, csv::Position::line);
        let fields = headers.iter().zip(&row).map(|(name, field)| (name.to_owned(), Value::from(field))).collect();
        let row: Row = serde_json::from_value(Value::Object(fields)).map_err(|error| PointsError::Row(format!("line 1: {error}")))?;
        points.push(row.point().map_err(|problem| PointsError::Row(format!("line {line}: {problem}")))?);
    }
    Ok(points)
}

fn of_json(text: &str) -> Result<Vec<Point>, PointsError> {
    let rows: Vec<Row> = serde_json::from_str(text).map_err(|error| PointsError::Row(error.to_string()))?;
    let numbered = rows.into_iter().zip(1..);
    numbered.map(|(row, place)| row.point().map_err(|problem| PointsError::Row(format!("point {place}: {problem}")))).collect()
}

/// A line of GeoNames' postal codes: country, code, place, three divisions with their codes, latitude, longitude. Lines without a place are passed over.
fn code_of(line: &str) -> Option<((CountryCode, String), Spot)> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [country, code, .., latitude, longitude] = fields.get(..11)? else { return None };
    let spot = Spot::of(latitude.parse().ok()?, longitude.parse().ok()?)?;
    Some(((country.parse().ok()?, plain(code)), spot))
}
