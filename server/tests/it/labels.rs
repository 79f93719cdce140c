//! Labels as the shop's customers, carriers and warehouse have them: on paper.
//! Long because each size, and each script a name may be written in, has its case.

use app::format::Format;
use app::say::Say;
use domain::order::Address;
use domain::policy::Method;
use domain::returns::Pickup;
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use server::labels::{Content, Label, LabelError, LabelSize, label_pdf};

use crate::printed::{Printed, Scanned};

const SSCC: &str = "040123450000000016";

fn say(locale: Locale) -> Say {
    Say::new(Format::new(locale, TimeZone::get("Asia/Shanghai").unwrap(), "2026-11-21T12:00:00Z".parse().unwrap()))
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn hangzhou() -> Address {
    Address {
        name: text("椴木生活退货组"),
        country: "CN".parse().ok(),
        region: text("浙江省"),
        city: text("杭州市"),
        postal_code: text("310051"),
        line1: text("滨江区江南大道 100 号 3 号仓"),
        line2: None,
    }
}

fn berlin() -> Address {
    Address {
        name: text("Anna Łącka-Müller"),
        country: "DE".parse().ok(),
        city: text("Berlin"),
        postal_code: text("10115"),
        line1: text("Invalidenstraße 116, Hinterhaus"),
        ..Address::default()
    }
}

/// As it is read out where the radiotelephony alphabet is known.
fn spelled(rma: RmaNumber) -> String {
    say(Locale::En).spelled(rma).unwrap()
}

fn rma() -> RmaNumber {
    (0..).find_map(|bits| RmaNumber::from_random(0x0003_1415_9265 + bits)).unwrap()
}

fn label(locale: Locale, from: Address, to: Address) -> Label {
    let content = |name: &str, variant: Option<&str>, units| Content { name: name.into(), variant: variant.map(Into::into), units };
    let english = locale == Locale::En;
    Label {
        say: say(locale),
        shop: if english { "Linden & Co." } else { "椴木生活" }.into(),
        phone: text("400 000 0000"),
        to,
        to_latin: None,
        from: Some(from),
        rma: rma(),
        tracking_number: format!("HB{}01", rma().symbols()),
        sscc: false,
        method: Method::DropOff,
        pickup: None,
        expires_at: "2026-12-04T15:59:59Z".parse().unwrap(),
        contents: if english {
            vec![content("Linen shirt", Some("Sage, M"), 1), content("Oak stool", None, 2), content("Jasmine tea, 250 g", Some("Tin"), 1)]
        } else {
            vec![content("亚麻衬衫", Some("鼠尾草绿，M"), 1), content("橡木凳", None, 2), content("茉莉花茶 250 克", Some("罐装"), 1)]
        },
        address: format!("https://returns.linden.example/returns/{}", rma()),
    }
}

fn chinese() -> Label {
    let wang = Address {
        name: text("王小明"),
        country: "CN".parse().ok(),
        region: text("浙江省"),
        city: text("杭州市"),
        postal_code: text("310000"),
        line1: text("西湖区文三路 90 号东部软件园 1 号楼"),
        line2: None,
    };
    label(Locale::ZhCn, wang, hangzhou())
}

fn english() -> Label {
    label(Locale::En, berlin(), Address { name: text("Linden & Co. Returns / 椴木生活退货组"), ..hangzhou() })
}

/// Printed, and kept beside the test's build to be looked at.
fn print(label: &Label, size: LabelSize, name: &str) -> Printed {
    let bytes = label_pdf(label, size).unwrap();
    std::fs::write(format!("{}/{name}-{size:?}.pdf", env!("CARGO_TARGET_TMPDIR")), &bytes).unwrap();
    Printed::new(bytes)
}

#[test]
fn each_size_is_exactly_its_paper() {
    for (size, paper, pages) in
        [(LabelSize::A6, (105.0, 148.0), 1), (LabelSize::A4, (210.0, 297.0), 1), (LabelSize::Large, (210.0, 297.0), 2)]
    {
        for (label, name) in [(english(), "en"), (chinese(), "zh")] {
            let printed = print(&label, size, name);
            assert_eq!(printed.pages(), pages);
            for page in 0..pages {
                let (width, height) = printed.size(page);
                assert!((width - paper.0).abs() < 0.01 && (height - paper.1).abs() < 0.01, "{size:?}: {width} × {height}");
            }
        }
    }
}

#[test]
fn a_scanner_reads_the_parcel_and_a_phone_the_return() {
    for size in LabelSize::ALL {
        for label in [english(), chinese()] {
            let codes = Printed::new(label_pdf(&label, size).unwrap()).scan(300.0);
            let expected = [("Code 128", &label.tracking_number), ("QR", &label.address)];
            assert_eq!(codes, expected.map(|(format, text)| Scanned { format, text: text.clone() }), "{size:?}");
        }
    }
}

#[test]
fn with_a_company_prefix_the_bars_are_gs1_128() {
    for size in LabelSize::ALL {
        let printed = print(&Label { tracking_number: SSCC.into(), sscc: true, ..chinese() }, size, "gs1");
        // ]C1 is what scanners say for a leading FNC1; 00 is the application identifier.
        assert_eq!(printed.scan(300.0)[0].text, format!("]C100{SSCC}"), "{size:?}");
        assert!(printed.words().contains(&format!("(00){SSCC}")));
    }
}

#[test]
fn the_codes_survive_a_thermal_printers_dots() {
    let mut label = english();
    label.address = "https://returns.a-rather-long-name.linden.example/shop/returns/R-7KQ4-M2XD".into();
    for number in ["HB7KQ4M2XD01", "1Z999AA10123456784", "JD0099999999990123"] {
        label.tracking_number = number.into();
        let codes = print(&label, LabelSize::A6, "thermal").scan(203.2);
        assert_eq!(codes.iter().map(|code| code.text.as_str()).collect::<Vec<_>>(), [number, &label.address]);
    }
}

#[test]
fn the_labels_text_is_text() {
    for size in LabelSize::ALL {
        let words = print(&chinese(), size, "zh").words();
        for part in [
            "椴木生活",
            "310051浙江省杭州市",
            "滨江区江南大道100号3号仓",
            "椴木生活退货组",
            "王小明",
            "最晚寄出2026年12月4日（周五）",
            "自送网点",
        ] {
            assert!(words.contains(part), "{size:?} lacks {part}: {words}");
        }
        let words = print(&english(), size, "en").words();
        for part in [
            "Linden&Co.",
            "AnnaŁącka-MüllerInvalidenstraße116,Hinterhaus,10115Berlin,GERMANY",
            "杭州市",
            "Friday4December2026",
            "Dropitoff",
        ] {
            assert!(words.contains(part), "{size:?} lacks {part}: {words}");
        }
        for part in [rma().to_string(), spelled(rma()).replace(' ', ""), format!("HB{}01", rma().symbols())] {
            assert!(words.contains(&part), "{size:?} lacks {part}: {words}");
        }
    }
}

#[test]
fn from_abroad_the_address_is_latin_with_its_country_and_as_it_is_at_home() {
    let latin = Address {
        name: text("Linden & Co. Returns"),
        country: "CN".parse().ok(),
        region: text("Zhejiang"),
        city: text("Hangzhou"),
        postal_code: text("310051"),
        line1: text("100 Jiangnan Avenue, Warehouse 3"),
        line2: text("Binjiang District"),
    };
    for size in LabelSize::ALL {
        let printed = print(&Label { to_latin: Some(latin.clone()), ..english() }, size, "abroad");
        let words = printed.words();
        for part in [
            "100JiangnanAvenue,Warehouse3BinjiangDistrict310051HangzhouZhejiangCHINA",
            "310051浙江省杭州市滨江区江南大道100号3号仓",
            "Berlin,GERMANY",
        ] {
            assert!(words.contains(part), "{size:?} lacks {part}: {words}");
        }
        (0..printed.pages()).for_each(|page| is_tidy(&printed, page));
        let words = print(&Label { to_latin: Some(latin.clone()), ..chinese() }, size, "home").words();
        assert!(!words.contains("CHINA") && !words.contains("Jiangnan") && words.contains("滨江区"), "{size:?}: {words}");
    }
}

#[test]
fn the_longest_names_are_whole() {
    let who = "Dr. Maximiliane-Alexandra Gräfin von Hohenzollern-Sigmaringen zu Wiesenburg, c/o Schreinerei Unterberger & Söhne GmbH";
    let street = "Bischöflich-Geistlicher-Rat-Josef-Zinnbauer-Straße 116, Hinterhaus, Aufgang C, 4. Stock links";
    let shop = "Linden & Co., Haus für schöne Dinge des täglichen Gebrauchs und der Gemütlichkeit";
    let chair = "Extra breiter höhenverstellbarer Schreibtischstuhl „Sigmaringen“ mit Kopfstütze, Armlehnen, Fußkreuz aus gebürstetem Aluminium und Rollen für Hartböden, nachhaltig gefertigt im Schwarzwald";
    let variant = "Bezug: Wolle, graugrün meliert, schwer entflammbar; Größe XXL; Füße: Eiche geölt";
    let far = Address { name: text(who), line1: text(street), city: text("Hellschen-Heringsand-Unterschaar"), ..berlin() };
    for locale in Locale::ALL {
        for size in LabelSize::ALL {
            let mut label = label(locale, far.clone(), far.clone());
            label.shop = shop.into();
            label.contents = vec![Content { name: chair.into(), variant: text(variant), units: 1 }; 3];
            let printed = print(&label, size, "long");
            let words = printed.words();
            let listed = if size == LabelSize::A6 { &[][..] } else { &[chair, variant][..] };
            for (part, times) in [(who, 2), (street, 2), (shop, 1)].into_iter().chain(listed.iter().map(|part| (*part, 3))) {
                assert_eq!(words.matches(&part.replace(' ', "")).count(), times, "{locale}, {size:?} lacks {part}: {words}");
            }
            assert!(!words.contains('…'), "{locale}, {size:?}: {words}");
            (0..printed.pages()).for_each(|page| is_tidy(&printed, page));
        }
    }
}

#[test]
fn a_sheet_is_used() {
    for label in [english(), chinese()] {
        for (size, least) in [(LabelSize::A4, 225.0), (LabelSize::Large, 205.0)] {
            let printed = print(&label, size, "used");
            // Bars are higher than anything else that is drawn, and narrower than the rules.
            let drawn = printed.drawn(0);
            let bars: Vec<_> = drawn.paths.iter().filter(|path| path.height() > 72.0 && path.width() < 10.0).collect();
            let (left, right) = bars.iter().fold((f64::MAX, 0.0_f64), |(left, right), bar| (left.min(bar.x0), right.max(bar.x1)));
            assert!(right - left > 110.0 * 72.0 / 25.4, "{size:?}: the bars are {} pt wide", right - left);
            let lists = printed.drawn(printed.pages() - 1);
            let lowest = lists.letters.iter().map(|(_, at)| at.y).fold(0.0, f64::max);
            assert!(lowest > least * 72.0 / 25.4, "{size:?}: the lists end {lowest} pt from the top");
        }
    }
}

#[test]
fn names_of_other_scripts_are_text_in_the_order_they_are_read() {
    let names = ["יוסף כהן, רחוב הרצל 12", "Հովհաննես Թումանյան", "გიორგი მაისურაძე", "สมชาย ใจดี", "அண்ணா"];
    for size in LabelSize::ALL {
        for name in names {
            let words = print(&label(Locale::En, Address { name: text(name), ..berlin() }, hangzhou()), size, "scripts").words();
            let said = name.replace(' ', "");
            // What runs from the right may be drawn so: readers of the file turn it round.
            let turned: String = said
                .split(|letter: char| letter.is_ascii())
                .filter(|part| !part.is_empty())
                .map(|part| part.chars().rev().collect::<String>())
                .collect();
            let letters: String = words.chars().filter(|letter| !letter.is_ascii()).collect();
            assert!(words.contains(&said) || letters.contains(&turned), "{size:?} lacks {name}: {words}");
        }
        let words = print(&label(Locale::En, Address { name: text("አዲስ 😀 \u{e000}"), ..berlin() }, hangzhou()), size, "scripts").words();
        assert!(words.contains("'adis:grinning:[unprintable]") && !words.contains('\u{fffd}'), "{size:?}: {words}");
    }
}

#[test]
fn the_longest_words_of_a_return_number_are_spelled_to_the_end() {
    let length = |rma: &RmaNumber| spelled(*rma).len();
    let numbers = ["NNNN-NNN", "NNNN-FNN", "FWNN-NWF", "WWWW-QQQ"]
        .into_iter()
        .flat_map(|symbols| "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().filter_map(move |check| format!("R-{symbols}{check}").parse().ok()));
    let longest: RmaNumber = numbers.max_by_key(length).unwrap();
    assert!(length(&longest) > 75, "{longest}");
    for size in LabelSize::ALL {
        let words = print(&Label { rma: longest, ..english() }, size, "spelled").words();
        assert!(words.contains(&spelled(longest).replace(' ', "")), "{size:?}: {words}");
        let words = print(&Label { rma: longest, ..chinese() }, size, "spelled").words();
        assert!(
            words.contains(&longest.to_string()) && !words.contains("Quebec"),
            "{size:?}: in Chinese two groups of four are enough: {words}"
        );
    }
}

#[test]
fn the_sheet_says_what_to_do_and_what_to_pack() {
    let mut label = english();
    label.method = Method::Pickup;
    label.pickup = Some(Pickup { date: date(2026, 11, 24), slot: "09-12".into() });
    for size in [LabelSize::A4, LabelSize::Large] {
        let words = print(&label, size, "pickup").words();
        for part in ["1Packeverything", "onTuesday24November2026,9:00–12:00.", "1×Linenshirt", "Sage,M", "2×Oakstool"] {
            assert!(words.contains(part), "{size:?} lacks {part}: {words}");
        }
    }
    assert!(!print(&label, LabelSize::A6, "pickup").words().contains("Oakstool"));
}

#[test]
fn a_long_list_goes_on_over_the_page() {
    let mut label = chinese();
    label.contents = (1..=120).map(|n| Content { name: format!("第{n}号商品"), variant: text("均码"), units: n }).collect();
    for size in [LabelSize::A4, LabelSize::Large] {
        let printed = print(&label, size, "long");
        let words = printed.words();
        for n in 1..=120 {
            assert_eq!(words.matches(&format!("×第{n}号商品")).count(), 1, "{size:?}: {n}");
        }
        assert!(printed.pages() > 1);
    }
}

#[test]
fn screen_readers_are_told_language_title_and_order() {
    for (label, language) in [(english(), "(en)"), (chinese(), "(zh-CN)")] {
        for size in LabelSize::ALL {
            let bytes = label_pdf(&label, size).unwrap();
            let has = |part: &str| bytes.windows(part.len()).any(|window| window == part.as_bytes());
            let language = format!("/Lang{language}");
            for part in [&language, "/StructTreeRoot", "/Marked true", "/DisplayDocTitle true", "/S/H1", "/S/H2", "/S/Figure", "/Alt"] {
                assert!(has(part), "{size:?} lacks {part}");
            }
        }
    }
}

#[test]
fn a_label_is_a_small_file() {
    for (size, most) in [(LabelSize::A6, 60_000), (LabelSize::A4, 90_000), (LabelSize::Large, 90_000)] {
        for label in [english(), chinese()] {
            let length = label_pdf(&label, size).unwrap().len();
            assert!(length < most, "{size:?}: {length} bytes");
        }
    }
}

#[test]
fn numbers_and_addresses_no_scanner_could_read_are_refused() {
    let unreadable = Label { tracking_number: "9".repeat(200), ..english() };
    assert!(matches!(label_pdf(&unreadable, LabelSize::A6), Err(LabelError::TrackingNumber(_))));
    let unreadable = Label { tracking_number: "快递 1".into(), ..english() };
    assert!(matches!(label_pdf(&unreadable, LabelSize::A6), Err(LabelError::TrackingNumber(_))));
    let unreadable = Label { address: format!("https://{}.example", "x".repeat(400)), ..english() };
    assert!(matches!(label_pdf(&unreadable, LabelSize::A6), Err(LabelError::Address(_))));
}

#[test]
fn each_language_says_all_of_the_label() {
    for locale in Locale::ALL {
        let mut label = label(locale, berlin(), hangzhou());
        label.method = Method::Pickup;
        label.pickup = Some(Pickup { date: date(2026, 11, 24), slot: "09-12".into() });
        let (m, f) = (label.say.m, &label.say.f);
        let pickup = m.label_step_pickup(f.full_date(date(2026, 11, 24)), label.say.slot("09-12"));
        let all = [m.label_title(), m.label_return_number(), m.label_until(), m.method_pickup()].map(str::to_owned);
        let sheet = [m.label_step_pack(), m.label_step_stick(), m.label_contents(), pickup.as_str()].map(str::to_owned);
        for size in LabelSize::ALL {
            let printed = print(&label, size, locale.tag());
            let words = printed.words().to_lowercase();
            let wanted = if size == LabelSize::A6 { &all[..] } else { &[&all[..], &sheet[..]].concat() };
            for part in wanted {
                let said = part.replace([' ', '\u{a0}', '\u{202f}'], "").to_lowercase();
                assert!(words.contains(&said), "{locale}, {size:?} lacks {part}: {words}");
            }
            assert!(!words.contains(&m.label_unprintable().replace(' ', "").to_lowercase()), "{locale}, {size:?}: {words}");
            (0..printed.pages()).for_each(|page| is_tidy(&printed, page));
        }
    }
}

/// Everything drawn lies on the page, and no text lies on the codes.
fn is_tidy(printed: &Printed, page: usize) {
    let (width, height) = printed.size(page);
    let (right, bottom) = (f64::from(width) * 72.0 / 25.4, f64::from(height) * 72.0 / 25.4);
    let drawn = printed.drawn(page);
    let marks = drawn.marks.iter().map(|mark| ("a mark", mark.center()));
    for (letter, at) in drawn.letters.iter().map(|(letter, at)| (letter.as_str(), *at)).chain(marks) {
        assert!(at.x > 8.0 && at.x < right - 8.0 && at.y > 8.0 && at.y < bottom - 8.0, "{letter:?} at {at}");
        let on = drawn.paths.iter().find(|path| path.contains(at));
        assert!(on.is_none(), "{letter:?} at {at} lies on {on:?}");
    }
    for path in &drawn.paths {
        assert!(path.x0 >= 0.0 && path.x1 <= right && path.y0 >= 0.0 && path.y1 <= bottom, "{path:?}");
    }
}

#[test]
fn whatever_a_name_holds_the_label_stays_tidy() {
    let nasty = [
        "😀👨‍👩‍👧‍👦🇨🇳",
        "שלום עולם مرحبا بالعالم",
        "שָׁלוֹם עֲלֵיכֶם (מרכז) مُحَمَّدٌ رَسُول ﷺ ١٢",
        "ที่อยู่ผู้ส่ง น้ำผึ้ง ಸ್ತ್ರೀ ರಾಷ್ಟ್ರಕೂಟ क्क्क्क्क्क्क्षि र्‍ ကျွန်ုပ် ខ្ញុំ",
        "አዲስ አበባ 𞤀𞤣 ܫ ᏣᎳᎩ",
        "\u{0}\u{7}\t\r\n\u{7f}\u{202e}gnp.exe\u{feff}\u{fffe}\u{ffff}",
        "e\u{301}\u{301}\u{301}\u{301} a\u{30a}\u{323}",
        "\u{e000}\u{f8ff}\u{10ffff}",
        "䶮㛃𬭎𠮷가나다ひらカタ",
        "ﬁ ﬂ Ǆ İ ı ẞ",
    ];
    let long = ["王".repeat(400), "W".repeat(400), "Wort ".repeat(80), "。".repeat(400), " ".repeat(400), String::new()];
    for name in nasty.into_iter().map(str::to_owned).chain(long) {
        let everywhere = Address {
            name: text(&name),
            country: "DE".parse().ok(),
            region: text(&name),
            city: text(&name),
            postal_code: text(&name),
            line1: text(&name),
            line2: text(&name),
        };
        for locale in Locale::ALL {
            let mut label = label(locale, everywhere.clone(), everywhere.clone());
            label.shop.clone_from(&name);
            label.phone = text(&name);
            label.contents = vec![Content { name: name.clone(), variant: text(&name), units: u32::MAX }];
            for size in LabelSize::ALL {
                let printed = print(&label, size, "nasty");
                (0..printed.pages()).for_each(|page| is_tidy(&printed, page));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_makes_a_tidy_label(name: String, line1: String, product in "\\PC{0,80}", chinese: bool, country in "[A-Z]{2}", number in "[ -~]{1,24}") {
        let locale = if chinese { Locale::ZhCn } else { Locale::En };
        let address = Address { name: Some(name), line1: Some(line1), country: country.parse().ok(), ..Address::default() };
        let mut label = label(locale, address.clone(), address);
        label.tracking_number = number;
        label.contents = vec![Content { variant: Some(product.clone()), name: product, units: 1 }; 3];
        for size in LabelSize::ALL {
            let printed = Printed::new(label_pdf(&label, size).unwrap());
            (0..printed.pages()).for_each(|page| is_tidy(&printed, page));
        }
    }
}
