//! Makes drawn letters of a text: each in a typeface that has it. What becomes of a text's letters:
//!
//! | script | on the label |
//! |---|---|
//! | Latin with all its extensions (Vietnamese, Pinyin), Greek (polytonic too), Cyrillic with its extensions | drawn, regular and bold |
//! | Chinese: the 7,333 characters of the shipped typeface, kana | drawn, regular and bold |
//! | rarer and traditional Chinese characters, Korean | drawn where the machine has Debian's `fonts-noto-cjk`; else in Latin letters |
//! | Arabic (Persian, Urdu too), Hebrew | drawn, from the right; bold is regular |
//! | Devanagari, Bengali, Gurmukhi, Gujarati, Odia, Tamil, Telugu, Kannada, Malayalam, Sinhala | drawn; bold is regular |
//! | Thai, Lao, Khmer, Burmese | drawn; bold is regular; lines break at spaces, and within a word only where it is longer than its line |
//! | Georgian, Armenian | drawn; bold is regular |
//! | Ethiopic, Tibetan, Thaana, Syriac, Mongolian, Cherokee, Tifinagh, N'Ko and all others; ligatures, mathematical letters | in Latin letters (`any_ascii`) |
//! | emoji, symbols | by their names (`:coffee:`), flags by their countries |
//! | an accent that the typeface of its letter does not have | left off its letter, which stays |
//! | letters without a meaning: for private use, not assigned yet, the replacement character | one word that says so, in the label's language |

use std::sync::Arc;

use any_ascii::any_ascii_char;
use unicode_bidi::{Direction, get_base_direction};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::shaping::{Letter, Stretch, placed};
use typefaces::{Face, Fonts, Weight};

/// Longer texts are cut: no label has room for them, and none shall be slow because of them.
const LONGEST: usize = 600;

/// Keeps together what is beside it.
const NO_BREAK: char = '\u{a0}';

/// A text as it is drawn.
pub(super) struct Drawn {
    /// Composed, with single spaces; letters that no typeface has are replaced.
    pub text: String,
    /// In the order they are read.
    pub letters: Vec<Letter>,
    /// Where it begins, by the first letter that has a direction (UAX 9, P2 and P3); nothing where no letter has one.
    pub from_right: Option<bool>,
}

/// A text while it is written down.
#[derive(Default)]
struct Script {
    text: String,
    letters: usize,
    stretches: Vec<Stretch>,
}

impl Script {
    fn face(&self) -> Option<&Arc<Face>> {
        self.stretches.last().map(|stretch| &stretch.face)
    }

    fn push(&mut self, letter: char, face: Arc<Face>) {
        let start = self.text.len();
        self.text.push(letter);
        self.letters += 1;
        match self.stretches.last_mut() {
            Some(last) if Arc::ptr_eq(&last.face, &face) => last.range.end = self.text.len(),
            _ => self.stretches.push(Stretch { face, range: start..self.text.len() }),
        }
    }
}

/// The text as it is drawn, and its letters. `unknown` stands for each run of letters that nobody can draw or spell; control characters
/// become spaces, formatting characters vanish.
pub(super) fn letters_of(fonts: &Fonts, raw: &str, weight: Weight, unknown: &str) -> Drawn {
    let Script { text, stretches, .. } = script_of(fonts, raw, weight, unknown);
    let from_right = match get_base_direction(text.as_str()) {
        Direction::Rtl => Some(true),
        Direction::Ltr => Some(false),
        Direction::Mixed => None,
    };
    let letters = placed(&stretches, &text);
    Drawn { text, letters, from_right }
}

fn script_of(fonts: &Fonts, raw: &str, weight: Weight, unknown: &str) -> Script {
    let mut script = Script::default();
    for letter in raw.nfc().filter(|letter| !is_formatting(*letter)) {
        if script.letters >= LONGEST {
            break;
        }
        if is_joiner(letter) && !script.face().is_some_and(|face| face.shaped) {
            continue;
        }
        let letter = if letter != NO_BREAK && (letter.is_whitespace() || letter.is_control()) { ' ' } else { letter };
        if letter == ' ' && (script.text.is_empty() || script.text.ends_with(' ')) {
            continue;
        }
        match if is_meaningless(letter) { None } else { fonts.pick(letter, weight, script.face()) } {
            Some(face) => script.push(letter, face),
            None => {
                for letter in spelled(letter, unknown, &script.text).chars() {
                    if let Some(face) = fonts.pick(letter, weight, script.face()) {
                        script.push(letter, face);
                    }
                }
            }
        }
    }
    script
}

/// What stands for a letter that no typeface has, after `before`.
fn spelled<'a>(letter: char, unknown: &'a str, before: &str) -> &'a str {
    let latin = if is_meaningless(letter) { "" } else { any_ascii_char(letter) };
    let vanishes = is_combining_mark(letter) || is_joiner(letter) || before.ends_with(unknown);
    if !latin.is_empty() || vanishes { latin } else { unknown }
}

/// Says how to show other letters and shows nothing: directions, variation selectors, tags, soft hyphens, skin tones.
fn is_formatting(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Parts or joins the letters beside it, in scripts that give letters a shape by their neighbours.
fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}')
}

/// PDF/UA has no letters without a meaning.
fn is_meaningless(letter: char) -> bool {
    matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{fffd}'..='\u{ffff}' | '\u{f0000}'..)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// People, streets and towns in every script that is drawn.
    pub(in super::super) const NAMES: [&str; 58] = [
        "Łucja Dvořáková-Ångström, Þórsgata 7, ÞŠĦŒẞ",
        "Nguyễn Thị Hường, 12 Đường Trần Hưng Đạo, Quận Hoàn Kiếm",
        "Adébáyọ̀ Ọláolúwa, Ẹ̀bùté Mẹ́ta",
        "Müller Straße 5, Österreich €",
        "Юрій Ґалаґан, вул. Січових Стрільців, Київ",
        "Қуаныш Әбілқасымов, Өскемен, Ұлытау",
        "Γεώργιος Παπαδόπουλος, Οδός Ἀθηνᾶς 3, Ἅγιος Νικόλαος",
        "王小明，浙江省杭州市西湖区文三路 90 号",
        "さくら カフェ",
        "محمد عبد الله الأنصاري",
        "١٢ شارع طلعت حرب، القاهرة",
        "شارع الملك فهد بن عبد العزيز، حي العليا، الرياض ١٢٢١٤",
        "علی‌رضا پورمحمدی، خیابان ولی‌عصر، تهران",
        "ڈاکٹر ذوالفقار علی بھٹو، گلشن اقبال، کراچی",
        "مُحَمَّدٌ رَسُول",
        "ئۈرۈمچى شەھىرى، شىنجاڭ",
        "יוסף כהן, רחוב הרצל 12, תל אביב–יפו",
        "שָׁלוֹם עֲלֵיכֶם",
        "शारव प्रसाद त्रिपाठी",
        "फ्लैट नं. १२, शास्त्री मार्ग, क्षत्रिय नगर, नई दिल्ली ११०००१",
        "ज्ञानेश्वर श्रीकृष्ण कुलकर्णी, पुणे, महाराष्ट्र",
        "विद्युत्प्रवाह, लक्ष्मी, र्‍हस्व, ड़ ढ़ फ़ ज़",
        "अनिल शर्मा, काठमाडौँ, नेपाल",
        "রবীন্দ্রনাথ ঠাকুর, জোড়াসাঁকো, কলকাতা ৭০০০০৭",
        "মোঃ আব্দুল্লাহ আল মামুন, ধানমন্ডি, ঢাকা-১২০৫, বাংলাদেশ",
        "র‍্যাব, ক্ষ্ম, স্ত্রী।",
        "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ, ਲੁਧਿਆਣਾ, ਪੰਜਾਬ ੧੪੧੦੦੧",
        "નરેન્દ્રભાઈ પટેલ, આશ્રમ રોડ, અમદાવાદ ૩૮૦૦૦૯",
        "શ્રી કૃષ્ણ, જ્ઞાન, ક્ષત્રિય",
        "ଜଗନ୍ନାଥ ମିଶ୍ର, ଭୁବନେଶ୍ୱର, ଓଡ଼ିଶା ୭୫୧୦୦୧",
        "சுப்பிரமணியம் முருகேசன், அண்ணா சாலை, சென்னை",
        "ஸ்ரீ க்ஷேத்திரம், யாழ்ப்பாணம்",
        "వెంకటేశ్వర రావు, బంజారా హిల్స్, హైదరాబాద్",
        "శ్రీకృష్ణ, క్ష్మ, రాష్ట్రం",
        "ಕೃಷ್ಣಮೂರ್ತಿ ಸುಬ್ಬರಾವ್, ಮಹಾತ್ಮ ಗಾಂಧಿ ರಸ್ತೆ, ಬೆಂಗಳೂರು",
        "ಸ್ತ್ರೀ, ಕ್ಷೇತ್ರ, ರಾಷ್ಟ್ರಕೂಟ",
        "ശ്രീകുമാരൻ നായർ, തിരുവനന്തപുരം, കേരളം",
        "ക്ഷ്മ, സ്ത്രീ, ന്‍റെ, പെണ്‍കുട്ടി",
        "නිමල් පෙරේරා, ගාලු පාර, කොළඹ, ශ්‍රී ලංකාව",
        "สมชาย ใจดี, 99/9 หมู่บ้านลดาวัลย์ ถนนพหลโยธิน",
        "แขวงจตุจักร เขตจตุจักร กรุงเทพมหานคร ๑๐๙๐๐",
        "ที่อยู่ผู้ส่ง, น้ำผึ้ง, ฎีกา, ญาติ, ปู่ ป้า ฝั่ง",
        "ສົມສັກ ພົມມະຈັນ, ຖະໜົນລ້ານຊ້າງ, ວຽງຈັນ",
        "ຫຼວງພະບາງ, ນ້ຳ",
        "មហាវិថីព្រះនរោត្តម, ភ្នំពេញ, កម្ពុជា",
        "សុខ សុវណ្ណ, ស្ត្រី, ខ្ញុំ",
        "မောင်မောင်ဦး, ပန်းဆိုးတန်းလမ်း, ရန်ကုန်မြို့",
        "ဒေါ်အောင်ဆန်းစုကြည်, မန္တလေး, ကျွန်ုပ်",
        "გიორგი მაისურაძე, რუსთაველის გამზირი 12, თბილისი",
        "ᲗᲑᲘᲚᲘᲡᲘ",
        "Հովհաննես Թումանյան, Մաշտոցի պողոտա 7, Երևան",
        "ԵՐԵՎԱՆ, և, ﬓ",
        "Al-Nour مكتب Trading (النور) Co.",
        "דירה 5B, בניין Azrieli (מרכז)",
        "บริษัท ABC จำกัด (มหาชน)",
        "फ्लैट 4B, Prestige टावर",
        "₪ 120, ₹ 500, ฿ 90",
        "“Café” — l’été · №5",
    ];

    const UNKNOWN: &str = "[unprintable]";

    fn set(text: &str) -> Drawn {
        letters_of(&Fonts::default(), text, Weight::Regular, UNKNOWN)
    }

    fn drawn(text: &str) -> String {
        set(text).text
    }

    fn glyphs(text: &str) -> Vec<u32> {
        set(text).letters.iter().map(|letter| letter.glyph.glyph_id.to_u32()).collect()
    }

    #[test]
    fn names_of_every_script_are_drawn_as_they_are_written() {
        for weight in [Weight::Regular, Weight::Bold] {
            for name in NAMES {
                let Drawn { text, letters, .. } = letters_of(&Fonts::default(), name, weight, UNKNOWN);
                assert_eq!(text, name.nfc().collect::<String>());
                assert!(letters.iter().all(|letter| letter.glyph.glyph_id.to_u32() != 0), "{name} has an empty box");
                let mut said: Vec<_> = letters.iter().map(|letter| letter.glyph.text_range.clone()).collect();
                said.dedup();
                assert_eq!(said.iter().map(|range| &text[range.clone()]).collect::<String>(), text, "in the order it is read");
            }
        }
    }

    #[test]
    fn letters_nobody_can_draw_are_spelled_named_or_said_to_be_missing() {
        assert_eq!(drawn("አዲስ አበባ ᏣᎳᎩ 𝐀ﬁ"), "'adis 'abeba TsaLaGi Afi");
        assert_eq!(drawn("王😀👍🏽小明☕🇨🇳"), "王:grinning::thumbsup:小明:coffee:CN");
        assert_eq!(drawn("王\u{e000}\u{f8ff}\u{fffd}明\u{10ffff}"), "王[unprintable]明[unprintable]");
        assert_eq!(drawn("q\u{30c}\u{327}"), "q", "an accent that the typeface lacks");
        assert_eq!(drawn("a\u{200d}\u{202e}\u{fe0f}b\u{7}\t\n c\u{e000}"), "ab c[unprintable]");
        assert_eq!(drawn(" \u{0} \u{200c}"), "");
        assert_eq!(drawn(&"王".repeat(9_000)).chars().count(), LONGEST);
        assert!(drawn(&"🇨🇳".repeat(9_000)).chars().count() < LONGEST + 40);
    }

    #[test]
    fn no_letter_of_unicode_becomes_a_box_or_is_lost() {
        let fonts = Fonts::default();
        for letter in ('\u{21}'..='\u{2ffff}').filter(|letter| !is_formatting(*letter) && !is_joiner(*letter)) {
            let text = script_of(&fonts, &format!("a{letter}"), Weight::Regular, UNKNOWN).text;
            assert!(!text.contains('\u{fffd}'), "{letter}");
            let shown = text != "a" || is_combining_mark(letter) || letter.is_whitespace() || letter.is_control();
            assert!(shown, "{letter} U+{:04X} is lost", u32::from(letter));
        }
    }

    #[test]
    fn marks_join_their_letters() {
        assert_eq!(drawn("e\u{301}"), "é");
        assert_eq!(drawn("Mu\u{308}ller Nguye\u{302}\u{303}n"), "Müller Nguyễn");
        let letters = set("x\u{301}").letters;
        assert_eq!(letters.iter().filter(|letter| letter.glyph.x_advance > 0.0).count(), 1, "the mark has no width of its own");
    }

    #[test]
    fn arabic_letters_are_joined_unless_somebody_parts_them() {
        let apart: Vec<u32> = "محمد".chars().flat_map(|letter| glyphs(&letter.to_string())).collect();
        assert!(glyphs("محمد").iter().zip(&apart).take(3).all(|(joined, apart)| joined != apart));
        assert_ne!(glyphs("می‌خواهم"), glyphs("میخواهم"));
    }

    #[test]
    fn indic_letters_are_stacked_and_change_places() {
        let [ka, ssa] = ["क", "ष"].map(|letter| glyphs(letter)[0]);
        assert_eq!(glyphs("क्ष").len(), 1, "three signs are one");
        let ki = glyphs("कि");
        assert_eq!((ki.len(), ki[1]), (2, ka), "the vowel stands before its consonant");
        assert_ne!(glyphs("क्‌ष").last(), glyphs("क्ष").last());
        assert_eq!(glyphs("क्‌ष").last(), Some(&ssa), "parted on purpose");
    }

    #[test]
    fn a_thai_tone_stands_on_the_vowel_below_it_or_on_its_consonant() {
        let heights = |word: &str| set(word).letters.iter().map(|letter| letter.height).collect::<Vec<f32>>();
        let [high, low] = [heights("ที่"), heights("ท่")];
        assert!(high.is_sorted_by(|lower, higher| lower + 0.05 < *higher), "{high:?}");
        assert!(low.is_sorted_by(|lower, higher| lower + 0.05 < *higher) && low[1] + 0.05 < high[2], "{low:?} {high:?}");
    }

    #[test]
    fn brackets_face_each_other_from_the_right_too() {
        assert_eq!(glyphs("(א)")[0], glyphs(")")[0]);
        assert_eq!(set("(א)").from_right, Some(true));
        assert_eq!((set("12 (ab) א").from_right, set("+20 2-39").from_right), (Some(false), None));
    }

    #[test]
    fn letters_stand_as_close_as_their_shapes_allow() {
        let width = |text: &str| letters_of(&Fonts::default(), text, Weight::Bold, "").letters.iter().map(Letter::advance).sum::<f32>();
        assert!(width("AV") < width("A") + width("V"));
    }
}
