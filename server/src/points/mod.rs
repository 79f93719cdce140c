//! Where shoppers hand parcels in: a list of the shop's own, the nearest first, without asking anybody.

mod read;

use std::collections::HashMap;

use domain::ids::CountryCode;
use domain::order::Address;

pub use read::PointsError;

/// The mean radius of the earth in km (IUGG).
const EARTH: f64 = 6_371.0;

/// Nobody goes further than that to hand a parcel in, in km.
const FAR: f64 = 50.0;

/// A place on the earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    pub latitude: f64,
    pub longitude: f64,
}

/// Where parcels are handed in.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub name: String,
    /// Who takes parcels there, as people know them.
    pub carrier: Option<String>,
    pub address: Address,
    /// In the shop's own words.
    pub hours: Option<String>,
    pub spot: Option<Spot>,
}

/// All of them, and where postal codes are.
#[derive(Clone, Debug, Default)]
pub struct Points {
    all: Vec<Point>,
    codes: HashMap<(CountryCode, String), Spot>,
}

/// A point, and how far from the asker it is, in km, as the crow flies; nothing where that cannot be told.
pub type Near<'p> = (&'p Point, Option<f64>);

impl Points {
    /// The nearest of an address's country, at most `most`. By distance where both places are known; else those of the same postal code or of one
    /// that begins like it, then those of the same town. What shares nothing of this is not near.
    pub fn near(&self, address: &Address, most: usize) -> Vec<Near<'_>> {
        let Some(country) = address.country else { return Vec::new() };
        let code = address.postal_code.as_deref().map(plain);
        let here = code.as_ref().and_then(|code| self.codes.get(&(country, code.clone()))).copied();
        let within = self.all.iter().filter(|point| point.address.country == Some(country));
        let mut near: Vec<(Near<'_>, Likeness)> = within
            .filter_map(|point| {
                let far = here.zip(point.spot).map(|(here, there)| here.km_to(there));
                let like = Likeness::of(point, code.as_deref(), address.city.as_deref());
                far.map_or(like.is_near(), |far| far <= FAR).then_some(((point, far), like))
            })
            .collect();
        near.sort_by(|((a, far), like), ((b, other_far), other)| {
            let known = far.is_none().cmp(&other_far.is_none());
            let nearer = far.unwrap_or_default().total_cmp(&other_far.unwrap_or_default());
            known.then(nearer).then(other.cmp(like)).then_with(|| a.name.cmp(&b.name))
        });
        near.into_iter().map(|(near, _)| near).take(most).collect()
    }
}

/// How much of an address a point shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    /// Letters that both postal codes begin with.
    code: usize,
    same_town: bool,
}

impl Likeness {
    fn of(point: &Point, code: Option<&str>, city: Option<&str>) -> Self {
        let theirs = point.address.postal_code.as_deref().map(plain);
        let shared = |a: &str, b: &str| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
        let code = code.zip(theirs.as_deref()).map_or(0, |(a, b)| shared(a, b));
        let town = |name: &str| name.trim().to_lowercase();
        Self { code, same_town: city.map(town).is_some_and(|city| point.address.city.as_deref().map(town) == Some(city)) }
    }

    /// Two letters of a postal code are a part of a country nearly everywhere, three a part of that.
    fn is_near(self) -> bool {
        self.same_town || self.code >= 3
    }
}

impl Spot {
    fn of(latitude: f64, longitude: f64) -> Option<Self> {
        ((-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude)).then_some(Self { latitude, longitude })
    }

    /// Along a great circle, by the haversine formula.
    fn km_to(self, other: Self) -> f64 {
        let half = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
        let (from, to) = (self.latitude.to_radians(), other.latitude.to_radians());
        let along = half(self.latitude, other.latitude) + from.cos() * to.cos() * half(self.longitude, other.longitude);
        2.0 * EARTH * along.clamp(0.0, 1.0).sqrt().asin()
    }
}

/// A postal code as it is compared: `SW1A 1AA` and `sw1a1aa` are one.
fn plain(code: &str) -> String {
    code.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: &str = "name,carrier,country,postal_code,city,line1,hours,latitude,longitude\n\
        Kiosk am Tor,DHL,DE,10117,Berlin,Dorotheenstraße 1,Mo–Sa 8–20,52.5180,13.3880\n\
        Späti Nord,DHL,DE,10115,Berlin,Invalidenstraße 30,,52.5310,13.3850\n\
        Presse Süd,,DE,12435,Berlin,Am Treptower Park 1,Mo–Fr 9–18,52.4930,13.4690\n\
        Isarpost,,DE,80331,München,Tal 1,,48.1360,11.5770\n\
        Tabac,,FR,69002,Lyon,1 rue Mercière,,45.7640,4.8340\n";
    const CODES: &str = "DE\t10115\tBerlin\tBerlin\tBE\t\t00\tBerlin\t11000\t52.5323\t13.3846\t4\nFR\t69002\tLyon\n";

    fn at(country: &str, code: &str, city: &str) -> Address {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Address { country: country.parse().ok(), postal_code: text(code), city: text(city), ..Address::default() }
    }

    fn names<'p>(near: &[Near<'p>]) -> Vec<&'p str> {
        near.iter().map(|(point, _)| point.name.as_str()).collect()
    }

    #[test]
    fn the_nearest_stand_first_with_how_far_they_are() {
        let points = Points::of(BERLIN, false, Some(CODES)).unwrap();
        let near = points.near(&at("DE", "10115", "Berlin"), 5);
        assert_eq!(names(&near), ["Späti Nord", "Kiosk am Tor", "Presse Süd"]);
        let km: Vec<_> = near.iter().map(|(_, far)| (far.unwrap() * 10.0).round() / 10.0).collect();
        assert_eq!(km, [0.1, 1.6, 7.2], "computed apart, by the law of cosines");
        assert_eq!(names(&points.near(&at("DE", "10115", "Berlin"), 1)), ["Späti Nord"]);
    }

    #[test]
    fn without_a_list_of_codes_those_of_the_same_code_stand_first_then_of_the_same_town() {
        let points = Points::of(BERLIN, false, None).unwrap();
        let near = points.near(&at("DE", "1 0117", "berlin"), 5);
        assert_eq!(names(&near), ["Kiosk am Tor", "Späti Nord", "Presse Süd"]);
        assert!(near.iter().all(|(_, far)| far.is_none()));
        assert_eq!(
            names(&points.near(&at("DE", "10119", "Mitte"), 5)),
            ["Kiosk am Tor", "Späti Nord"],
            "another town's name, a code beside"
        );
        assert!(points.near(&at("DE", "99084", "Erfurt"), 5).is_empty() && points.near(&at("AT", "10115", "Berlin"), 5).is_empty());
        assert!(points.near(&at("", "10115", "Berlin"), 5).is_empty());
    }

    #[test]
    fn what_is_wrong_with_a_list_is_said_with_its_place() {
        let wrong = |text: &str, json| Points::of(text, json, None).unwrap_err().to_string();
        assert!(
            wrong("name,country\nKiosk,Germany\n", false).starts_with("line 2: country: "),
            "{}",
            wrong("name,country\nKiosk,Germany\n", false)
        );
        assert!(wrong("name,country\n,DE\n", false).starts_with("line 2: name: "));
        assert!(wrong("name,country,latitude,longitude\nKiosk,DE,91,0\n", false).starts_with("line 2: latitude, longitude: "));
        assert!(wrong("name,country,latitude\nKiosk,DE,9\n", false).starts_with("line 2: latitude, longitude: "));
        assert!(wrong("name,land\nKiosk,DE\n", false).starts_with("line 1: "));
        assert!(wrong(r#"[{"name":"Kiosk"}]"#, true).starts_with("point 1: country: "));
        let json = r#"[{"name":" Kiosk ","country":"de","postal_code":10115,"latitude":52.5,"longitude":"13.4"}]"#;
        let point = &Points::of(json, true, None).unwrap().all[0];
        assert_eq!((point.name.as_str(), point.address.postal_code.as_deref()), ("Kiosk", Some("10115")));
        assert_eq!(point.spot, Spot::of(52.5, 13.4));
    }
}
