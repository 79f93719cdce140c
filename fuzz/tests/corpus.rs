//! Every target over its corpus, and over what becomes of it when it is cut, doubled, mixed and misspelt. What is tried is the same in each
//! run; with `HOMEBOUND_ROUNDS` it is so many others.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use fuzz::Target;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

/// What parsers stumble over.
const TOKENS: [&[u8]; 40] = [
    b"",
    b"\0",
    b"\n",
    b"\r\n",
    b"\n\n",
    b" ",
    b"\t",
    b"\"",
    b"'",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b"[[[[[[[[",
    b"{\"a\":",
    b",",
    b":",
    b"=",
    b"&",
    b"%",
    b"%00",
    b"%ff",
    b"%%",
    b"-",
    b"0",
    b"-1",
    b"0.5",
    b"1e400",
    b"-0",
    b"4294967296",
    b"9223372036854775807",
    b"9223372036854775808",
    b"99999999999999999999999999",
    b"null",
    b"true",
    b"\xff\xfe",
    b"\xf0\x9f\x98\x80",
    "é\u{301}\u{202e}".as_bytes(),
    b"9999-12-31T23:59:60Z",
];

/// One change.
#[derive(Clone, Debug)]
enum Edit {
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Token(Index, Index),
    Cut(Index, Index),
    Repeat(Index, Index, usize),
    Splice(Index, Index, Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(place, byte)| Edit::Flip(place, byte)),
        (at(), vec(any::<u8>(), 1..6)).prop_map(|(place, bytes)| Edit::Insert(place, bytes)),
        (at(), at()).prop_map(|(place, token)| Edit::Token(place, token)),
        (at(), at()).prop_map(|(from, to)| Edit::Cut(from, to)),
        (at(), at(), 1_usize..60).prop_map(|(from, to, times)| Edit::Repeat(from, to, times)),
        (at(), at(), at()).prop_map(|(place, other, from)| Edit::Splice(place, other, from)),
    ]
}

/// A place in so many bytes, the end included.
fn place(index: &Index, bytes: &[u8]) -> usize {
    index.index(bytes.len() + 1)
}

/// A short piece of them.
fn piece(from: &Index, to: &Index, bytes: &[u8]) -> std::ops::Range<usize> {
    let start = place(from, bytes);
    start..(start + to.index(40)).min(bytes.len())
}

fn edited(mut bytes: Vec<u8>, edits: &[Edit], seeds: &[Vec<u8>]) -> Vec<u8> {
    for edit in edits {
        match edit {
            Edit::Flip(at, byte) => {
                let at = place(at, &bytes);
                if let Some(found) = bytes.get_mut(at) {
                    *found ^= byte;
                }
            }
            Edit::Insert(at, inserted) => {
                let at = place(at, &bytes);
                bytes.splice(at..at, inserted.iter().copied());
            }
            Edit::Token(at, token) => {
                // In place of as many bytes, or before them: a number's digits, a name, a mark.
                let at = place(at, &bytes);
                let token = TOKENS[token.index(TOKENS.len())];
                let end = if token.len().is_multiple_of(2) { at } else { (at + token.len()).min(bytes.len()) };
                bytes.splice(at..end, token.iter().copied());
            }
            Edit::Cut(from, to) => drop(bytes.drain(piece(from, to, &bytes))),
            Edit::Repeat(from, to, times) => {
                let range = piece(from, to, &bytes);
                let repeated = bytes[range.clone()].repeat(*times);
                bytes.splice(range.end..range.end, repeated);
            }
            Edit::Splice(at, other, from) => {
                let other = other.get(seeds);
                bytes.truncate(place(at, &bytes));
                bytes.extend_from_slice(&other[place(from, other)..]);
            }
        }
    }
    bytes
}

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn withstands(target: &Target) {
    let corpus = corpus(target.name);
    for (path, bytes) in &corpus {
        println!("{}", path.display());
        (target.attack)(bytes);
    }
    let seeds: Vec<_> = corpus.into_iter().map(|(_, bytes)| bytes).collect();
    let rounds = std::env::var("HOMEBOUND_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let cases = if std::env::var_os("HOMEBOUND_TEST_SHORT").is_some() { target.cases.div_ceil(4) } else { target.cases };
    let config = Config { cases: rounds.unwrap_or(cases), failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let mut runner = match rounds {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    };
    let from = seeds.clone();
    let inputs = (any::<Index>(), vec(edit(), 1..8)).prop_map(move |(seed, edits)| edited(seed.get(&from).clone(), &edits, &from));
    let tried = runner.run(&inputs, |bytes| {
        (target.attack)(&bytes);
        Ok(())
    });
    if let Err(TestError::Fail(why, bytes)) = tried {
        let found = std::env::temp_dir().join(format!("homebound-{}-found", target.name));
        fs::write(&found, &bytes).unwrap();
        panic!("{}: {why}\n{}\nwritten to {}", target.name, String::from_utf8_lossy(&bytes), found.display());
    }
}

macro_rules! each_withstands {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                withstands(fuzz::target(stringify!($name)).unwrap());
            }
        )*

        #[test]
        fn every_target_is_tried() {
            let named: Vec<_> = fuzz::TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(named, [$(stringify!($name)),*]);
        }
    };
}

each_withstands! {
    calls evidence files forms import_csv import_json import_mapping import_shopify_csv import_shopify_json import_woocommerce labels order
    pages policy reasons ticket words
}

#[test]
fn every_path_is_attacked() {
    let names = |pattern: &str| pattern.split('/').map(str::to_owned).collect::<Vec<_>>();
    let mut asked = Vec::new();
    for folder in ["calls", "files", "forms", "pages"] {
        for (_, text) in corpus(folder) {
            let text = String::from_utf8_lossy(&text).into_owned();
            let requests = text.split("\n%%\n").filter_map(|request| request.split(['\n', '?']).next()?.split_once(' '));
            asked.extend(requests.map(|(_, path)| names(path)));
        }
    }
    let fits = |pattern: &[String], path: &[String]| {
        let rest = pattern.last().is_some_and(|part| part.starts_with("{*"));
        (pattern.len() == path.len() || rest && path.len() >= pattern.len())
            && pattern.iter().zip(path).all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
    };
    let missing: Vec<_> = fuzz::served().into_iter().filter(|path| !asked.iter().any(|given| fits(&names(path), given))).collect();
    assert!(missing.is_empty(), "no example in corpus/ asks for {missing:?}");
}

#[test]
fn nothing_is_too_deep() {
    const LEVELS: usize = 100_000;
    for target in fuzz::TARGETS {
        let request = match target.name {
            "calls" => "POST /api/v1/returns/quote\nauthorization: Bearer {key}\n\n",
            "forms" | "files" | "pages" | "labels" => continue,
            _ => "",
        };
        for begin in
            ["", "{\"lines\":", "{\"number\":", "{\"fee\":", "{\"fee\":[{\"when\":", "{\"aud\":", "[{\"meta_data\":", "reasons = ", "a = "]
        {
            for level in ["[", "{\"a\":", "{a=", "{\"not\":", "{\"all\":[", "{\"orders\":", "{\"order\":", "{\"data\":", "a."] {
                println!("{}: {begin}{level}…", target.name);
                (target.attack)(format!("{request}{begin}{}", level.repeat(LEVELS)).as_bytes());
            }
        }
    }
}
