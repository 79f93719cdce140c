//! Builds what browsers fetch: bindings for the WebAssembly, the style sheet, names that change with their content, and packed
//! twins beside each file. Use: `front app.wasm style/main.css target/site`, with `wasm-opt` and `lightningcss` of this
//! folder's npm packages.

#![allow(clippy::print_stdout, reason = "a build tool says what it does")]

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [wasm, style, site] = arguments.as_slice() else { return Err("use: front app.wasm style/main.css target/site".into()) };
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/.bin");
    let assets = site.join("assets");
    let _ = fs::remove_dir_all(site);
    fs::create_dir_all(&assets)?;
    let work = site.join("work");
    fs::create_dir_all(&work)?;

    Bindgen::new().input_path(wasm).web(true)?.typescript(false).out_name("app").generate(&work)?;
    let bound = work.join("app_bg.wasm");
    let small = work.join("small.wasm");
    run(Command::new(tools.join("wasm-opt")).arg("-Oz").args(FEATURES).arg(&bound).arg("-o").arg(&small))?;
    let sheet = work.join("style.css");
    run(Command::new(tools.join("lightningcss")).args(["--minify", "--bundle"]).arg(style).arg("-o").arg(&sheet))?;

    // The script names its WebAssembly only through the page, so both can carry the same name.
    let (script, wasm, sheet) = (fs::read(work.join("app.js"))?, fs::read(small)?, fs::read(sheet)?);
    let name = format!("app.{}", name_of(&[&script, &wasm]));
    let style_name = format!("style.{}.css", name_of(&[&sheet]));
    put(&assets.join(format!("{name}.js")), &script)?;
    put(&assets.join(format!("{name}_bg.wasm")), &wasm)?;
    put(&assets.join(&style_name), &sheet)?;
    fs::remove_dir_all(&work)?;
    fs::write(site.join("manifest"), format!("style=/assets/{style_name}\nscript={name}\n"))?;
    Ok(())
}

/// What the compiler's WebAssembly uses and every browser of the last years has.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-multivalue",
];

fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let status = command.status().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed", command.get_program().display()).into()) }
}

/// Twelve letters that change with the content.
fn name_of(contents: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    contents.iter().for_each(|content| digest.update(content));
    digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a file and its packed twins.
fn put(path: &Path, content: &[u8]) -> Result<(), Box<dyn Error>> {
    fs::write(path, content)?;
    let mut br = Vec::new();
    brotli::CompressorWriter::new(&mut br, 1 << 16, 11, 22).write_all(content)?;
    fs::write(with_ending(path, "br"), &br)?;
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gz.write_all(content)?;
    fs::write(with_ending(path, "gz"), gz.finish()?)?;
    println!("  {} {} bytes, {} packed", path.file_name().unwrap_or_default().display(), content.len(), br.len());
    Ok(())
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{ending}"));
    PathBuf::from(name)
}
