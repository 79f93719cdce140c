//! Puts what browsers fetch into the binary: the built site where there is one (`make build` makes it), else the style sheet as
//! it is written, so that the server can be worked on without building for browsers. And the databases' migrations.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("..");
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    std::fs::write(out.join("migrations.rs"), migrations(&root.join("migrations"))).expect("the build folder is writable");
    let site = std::env::var_os("HOMEBOUND_SITE").map_or_else(|| root.join("target/site"), PathBuf::from);
    println!("cargo::rerun-if-env-changed=HOMEBOUND_SITE");
    println!("cargo::rerun-if-changed={}", site.display());
    println!("cargo::rerun-if-changed={}", root.join("style").display());
    println!("cargo::rerun-if-changed={}", root.join("public").display());

    let mut files: BTreeMap<String, PathBuf> = BTreeMap::new();
    collect(&root.join("public"), "", &mut files);
    files.retain(|path, _| !path.starts_with("/fonts/"));
    let manifest = std::fs::read_to_string(site.join("manifest")).unwrap_or_default();
    let entry = |name: &str| manifest.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned);
    let (style, script) = match entry("style") {
        Some(style) => {
            collect(&site.join("assets"), "/assets", &mut files);
            (style, entry("script"))
        }
        None => {
            let sheet = out.join("style.css");
            std::fs::write(&sheet, unbundled(&root.join("style"))).expect("the build folder is writable");
            files.insert("/assets/style.css".into(), sheet);
            ("/assets/style.css".into(), None)
        }
    };

    let mut code = format!("/// Address of the style sheet.\npub const STYLE: &str = {style:?};\n");
    let _ = writeln!(code, "/// Address of the islands' script, without its ending.\npub const SCRIPT: Option<&str> = {script:?};");
    let _ = writeln!(code, "/// Every file.\npub static FILES: &[File] = &[");
    for (address, path) in files.iter().filter(|(address, _)| !address.ends_with(".br") && !address.ends_with(".gz")) {
        let packed = |ending: &str| match files.get(&format!("{address}.{ending}")) {
            Some(path) => format!("Some(include_bytes!({:?}))", path.display().to_string()),
            None => "None".into(),
        };
        let (path, br, gz) = (path.display().to_string(), packed("br"), packed("gz"));
        let _ = writeln!(code, "    File {{ address: {address:?}, bytes: include_bytes!({path:?}), br: {br}, gz: {gz} }},");
    }
    code.push_str("];\n");
    std::fs::write(out.join("assets.rs"), code).expect("the build folder is writable");
}

/// What stands for what in a migration that is one text for both databases: in PostgreSQL, in SQLite.
const TOKENS: [(&str, [&str; 2]); 5] = [
    ("{bigint}", ["BIGINT", "INTEGER"]),
    ("{bytes}", ["BYTEA", "BLOB"]),
    ("{by bytes}", [" COLLATE \"C\"", ""]),
    ("{strict}", ["", " STRICT"]),
    ("{by key}", ["", " STRICT, WITHOUT ROWID"]),
];

/// Every `0001_what_it_does.sql`, in their order: up to 0014 a text for each database, from then on one for both.
fn migrations(folder: &Path) -> String {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut code = String::new();
    for (place, (name, kind)) in [("POSTGRES", "postgres"), ("SQLITE", "sqlite")].into_iter().enumerate() {
        let mut files = BTreeMap::new();
        collect(folder, "", &mut files);
        files.retain(|file, _| !file[1..].contains('/') && file.ends_with(".sql"));
        let both: Vec<String> = files.keys().cloned().collect();
        collect(&folder.join(kind), "", &mut files);
        let _ = writeln!(code, "const {name}: &[Written] = &[");
        for (file, path) in &files {
            let name = file.strip_prefix('/').and_then(|file| file.strip_suffix(".sql")).and_then(|name| name.split_once('_'));
            let Some((Ok(number), what)) = name.map(|(number, what)| (number.parse::<i64>(), what.replace('_', " "))) else {
                panic!("migrations: {file} is not named as 0001_what_it_does.sql is");
            };
            let mut text = std::fs::read_to_string(path).expect("a migration can be read");
            if both.contains(file) {
                text = TOKENS.iter().fold(text, |text, (token, texts)| text.replace(token, texts[place]));
                let unknown = text.split('{').skip(1).any(|rest| rest.starts_with(|first: char| first.is_alphabetic()));
                assert!(!unknown, "migrations{file}: what stands in {{}} is one of {:?}", TOKENS.map(|(token, _)| token));
            }
            let _ = writeln!(code, "    ({number}, {what:?}, {text:?}),");
        }
        code.push_str("];\n");
    }
    code
}

fn collect(folder: &Path, address: &str, files: &mut BTreeMap<String, PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let here = format!("{address}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &here, files);
        } else if let Ok(path) = entry.path().canonicalize() {
            files.insert(here, path);
        }
    }
}

/// The sheets that `main.css` imports, one after the other.
fn unbundled(style: &Path) -> String {
    let main = std::fs::read_to_string(style.join("main.css")).unwrap_or_default();
    let mut sheet = String::new();
    for line in main.lines() {
        match line.trim().strip_prefix("@import \"").and_then(|rest| rest.split('"').next()) {
            Some(name) => sheet.push_str(&std::fs::read_to_string(style.join(name)).unwrap_or_default()),
            None => sheet.push_str(line),
        }
        sheet.push('\n');
    }
    sheet
}
