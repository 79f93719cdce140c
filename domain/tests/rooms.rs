//! Rooms: no room of a crate leads back to itself by way of others, no file of a room by way of its neighbours, no file is long
//! without saying why, and the map is true.

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use source::{Module, Sources, rust_files};

/// The crates that have rooms.
const CRATES: [&str; 6] = ["domain", "app", "server", "server/typefaces", "server/labels", "server/evidence"];

/// Lines of a file that needs no reason for its length.
const LIMIT: usize = 400;

/// How a file says why it is long, among its first lines.
const REASON: &str = "//! Long because ";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn no_room_leads_back_to_itself() {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut ways = Vec::new();
    let mut look = |place: String, edges: &BTreeMap<Module, BTreeSet<Module>>| {
        let tangled = tangled(edges);
        for (from, targets) in edges {
            let others = targets.iter().map(|to| to.join("::")).filter(|to| tangled.contains(to)).collect::<Vec<_>>();
            if tangled.contains(&from.join("::")) {
                ways.push(format!("    {place}: {} leads to {}", from.join("::"), others.join(", ")));
            }
        }
        found.insert(place, tangled);
    };
    for name in CRATES {
        let edges = Sources::read(&root().join(name).join("src")).edges();
        let mut rooms: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
        let mut inside: BTreeMap<String, BTreeMap<Module, BTreeSet<Module>>> = BTreeMap::new();
        for (from, targets) in &edges {
            let Some(room) = from.first() else { continue };
            let others = targets.iter().filter_map(|to| to.first()).filter(|other| *other != room);
            rooms.entry(vec![room.clone()]).or_default().extend(others.map(|other| vec![other.clone()]));
            let neighbours = targets.iter().filter(|to| to.first() == Some(room)).cloned().collect();
            inside.entry(room.clone()).or_default().insert(from.clone(), neighbours);
        }
        look(name.to_owned(), &rooms);
        for (room, files) in inside {
            look(format!("{name}::{room}"), &files);
        }
    }
    found.retain(|_, files| !files.is_empty());
    assert!(found.is_empty(), "these lead back to themselves:\n{}\nby these ways:\n{}", listed(&found), ways.join("\n"));
}

/// The modules that can be reached from themselves.
fn tangled(edges: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<String> {
    let back = |start: &Module| {
        let mut seen: BTreeSet<&Module> = BTreeSet::new();
        let mut next: Vec<&Module> = edges[start].iter().collect();
        while let Some(module) = next.pop() {
            if module == start {
                return true;
            }
            if seen.insert(module) {
                next.extend(edges.get(module).into_iter().flatten());
            }
        }
        false
    };
    edges.keys().filter(|module| back(module)).map(|module| module.join("::")).collect()
}

fn listed(found: &BTreeMap<String, BTreeSet<String>>) -> String {
    let rows = found.iter().map(|(place, files)| {
        let files: Vec<String> = files.iter().map(|file| format!("{file:?}")).collect();
        format!("    ({place:?}, &[{}]),", files.join(", "))
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_long_file_says_why() {
    let mut found = BTreeSet::new();
    for name in ["domain", "app", "server", "fuzz", "tools"] {
        for path in rust_files(&root().join(name)) {
            let text = fs::read_to_string(&path).unwrap();
            let says = text.lines().take_while(|line| line.starts_with("//!")).any(|line| line.starts_with(REASON));
            if text.lines().count() > LIMIT && !says {
                found.insert(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    assert!(found.is_empty(), "split it, or say why, `{REASON}…`: {found:#?}");
}

#[test]
fn the_map_names_what_is_there() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let map = readme.split("## The map").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let mut missing = Vec::new();
    for row in map.lines().filter(|line| line.starts_with("| `")) {
        let cell = row.split('|').nth(1).unwrap();
        // What stands further in a row may be told from the folder of the first.
        let mut folder = PathBuf::new();
        for name in cell.split('`').skip(1).step_by(2).flat_map(spelled_out) {
            let places = [root().join(&name), root().join(&folder).join(&name)];
            let found = places.iter().any(|place| place.exists());
            if folder.as_os_str().is_empty() {
                folder = Path::new(&name).ancestors().find(|part| part.ends_with("src")).map(Path::to_owned).unwrap_or_default();
            }
            if !found {
                missing.push(name);
            }
        }
    }
    assert!(missing.is_empty(), "the map in README.md names what is not there: {missing:?}");
}

/// `a/{b,c}.rs` as `a/b.rs` and `a/c.rs`.
fn spelled_out(path: &str) -> Vec<String> {
    match (path.split_once('{'), path.split_once('}')) {
        (Some((before, _)), Some((_, after))) => {
            let inside = &path[before.len() + 1..path.len() - after.len() - 1];
            inside.split(',').map(|part| format!("{before}{part}{after}")).collect()
        }
        _ => vec![path.to_owned()],
    }
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let folder = std::env::temp_dir().join(format!("rooms-{}", std::process::id()));
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod a;\nmod b;\nmod c;");
    // Re-exports alone lead nowhere; what is passed on is at home in its own file.
    write("a/mod.rs", "mod one;\nmod two;\nmod three;\npub use one::{One, deep::Deep};\npub fn own() {}");
    write(
        "a/one.rs",
        "use super::two::{self, Two};\npub struct One;\nfn f<'l>(x: &'l str) -> char { '\"' }\n// use crate::c::Far;\nconst S: &str = r#\"crate::c::x\"#;",
    );
    write("a/two.rs", "pub struct Two;\nfn f() -> super::One { super::One }");
    write("a/three.rs", "use super::own;\n#[cfg(test)]\nmod tests { use crate::b::{self, Any}; }\n#[cfg(test)]\nmod more;");
    write("a/three/more.rs", "use crate::b::Any;");
    write("b.rs", "use {crate::{a::{One as First}, c}};\npub struct Any;\nfn f() { c::far() }");
    write("c.rs", "pub fn far() {}\nfn g(x: crate::b::Any) {}");
    let edges = Sources::read(&folder).edges();
    fs::remove_dir_all(&folder).unwrap();
    let shown: Vec<String> = (edges.iter())
        .flat_map(|(from, targets)| targets.iter().map(move |to| format!("{} > {}", from.join("::"), to.join("::"))))
        .collect();
    assert_eq!(shown, ["a::one > a::two", "a::three > a", "a::two > a::one", "b > a::one", "b > c", "c > b"]);
    assert_eq!(tangled(&edges), ["a::one", "a::two", "b", "c"].map(str::to_owned).into());
}

/// `[`name`](path#L12)`: the line that defines it. `BLESS=yes` before the test's command writes the lines anew.
#[test]
fn the_walk_leads_to_the_lines_it_names() {
    let page = root().join("ARCHITECTURE.md");
    let walk = fs::read_to_string(&page).unwrap();
    let (mut mended, mut wrong, mut links) = (walk.clone(), Vec::new(), 0);
    for link in walk.split("[`").skip(1) {
        let Some((name, path, line)) = link.split_once("`](").and_then(|(name, rest)| {
            let (path, rest) = rest.split_once("#L")?;
            Some((name, path, rest.split_once(')')?.0))
        }) else {
            continue;
        };
        links += 1;
        let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let short = name.rsplit("::").next().unwrap_or(name);
        let defines = |line: &&str| {
            ["fn", "struct", "const"].iter().any(|kind| {
                let end = line.split_once(&format!("{kind} {short}")).and_then(|(_, rest)| rest.chars().next());
                end.is_some_and(|next| !next.is_alphanumeric() && next != '_')
            })
        };
        let found: Vec<String> = text.lines().zip(1..).filter(|(line, _)| defines(line)).map(|(_, number)| number.to_string()).collect();
        if !found.iter().any(|number| number == line) {
            let first = found.first().unwrap_or_else(|| panic!("{path} has no {name}"));
            wrong.push(format!("{path}: `{name}` is in line {first}, not {line}"));
            mended = mended.replace(&format!("[`{name}`]({path}#L{line})"), &format!("[`{name}`]({path}#L{first})"));
        }
    }
    assert!(links > 20, "{links} links");
    if std::env::var_os("BLESS").is_some() {
        fs::write(page, mended).unwrap();
    } else {
        assert!(wrong.is_empty(), "run it once with BLESS=yes:\n{}", wrong.join("\n"));
    }
}

/// SECURITY.md: each chapter's row counts what its table says.
#[test]
fn the_summary_of_security_counts_its_rows() {
    const WORDS: [&str; 5] = ["met", "n/a", "run", "staff", "no"];
    let page = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let cells = |line: &'static str| line.split('|').map(str::trim).collect::<Vec<_>>();
    let lines: Vec<Vec<&str>> = page.leak().lines().filter(|line| line.starts_with("| ")).map(cells).collect();
    let mut counted: BTreeMap<String, [usize; 5]> = BTreeMap::new();
    let is_id = |text: &str| text.split('.').count() == 3 && text.split('.').all(|part| part.parse::<u8>().is_ok());
    for row in lines.iter().filter(|row| is_id(row[1])) {
        let word = WORDS.iter().position(|word| *word == row[3]).unwrap_or_else(|| panic!("{}: `{}` is none of {WORDS:?}", row[1], row[3]));
        for of in [row[1].split('.').next().unwrap_or_default(), "all"] {
            counted.entry(of.to_owned()).or_default()[word] += 1;
        }
    }
    let said = |row: &[&str]| [2, 3, 4, 5, 6].map(|place| row[place].trim_matches('*').parse::<usize>().unwrap_or_default());
    let mut chapters = 0;
    for row in lines.iter().filter(|row| row.len() == 8) {
        let chapter = row[1].strip_prefix("[V").and_then(|rest| rest.split(' ').next());
        let Some(of) = chapter.or((row[1] == "**253**").then_some("all")) else { continue };
        chapters += usize::from(chapter.is_some());
        assert_eq!(said(row), counted[of], "{of}");
    }
    assert_eq!((chapters, counted["all"].iter().sum::<usize>()), (17, 253));
}
